"""Changes and observations for the rules, in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.commit.conventional import trailers
from pytest_phasegate.core.evidence.outcomes import Grade, NodeId, Outcome, TestId
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.change.changeset import FileVersions
from pytest_phasegate.core.redgreen.change.read_change import read_change
from pytest_phasegate.core.redgreen.import_graph import everything
from pytest_phasegate.core.redgreen.judge import judge
from pytest_phasegate.core.redgreen.observed import Replay, SeenCase, SeenTest
from pytest_phasegate.core.redgreen.verdict import intent_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_phasegate.core.redgreen.change.changeset import ChangeSet
    from pytest_phasegate.core.redgreen.verdict import CommitVerdict

LAYOUT = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))
CODE = "src/app.py"
TESTS = "tests/test_app.py"


def seen(
    name: str,
    word: str,
    *,
    base: str = "missing",
    grade: str = "",
    flaky: bool = False,
    of: str = "",
    uncollected: bool = False,
    stopped: tuple[int, ...] = (),
) -> SeenTest:
    """``word`` is ``before>after`` in outcomes, ``red>passed`` meaning a behavioural failure before."""
    before, _, after = word.partition(">")
    red = before in {"failed", "error"} or grade
    test, ended = TestId(f"{TESTS}::{name}"), (Outcome(before), Outcome(base), Outcome(after))
    return SeenTest(
        test,
        *ended,
        Grade(grade or "behavioural") if red else Grade.NONE,
        "AssertionError" if red else "",
        flaky,
        uncollected,
        definitions=frozenset({TestId(of)} if of else ()),
        cases=(SeenCase(NodeId(test), *ended),),
        stopped=stopped,
    )


def read(files: Mapping[str, tuple[str | None, str | None]], *, merge: bool = False) -> ChangeSet:
    versions = [FileVersions(path, _bytes(one), _bytes(other)) for path, (one, other) in files.items()]
    return read_change(versions, LAYOUT, merge=merge)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def verdict(
    files: Mapping[str, tuple[str | None, str | None]],
    *tests: SeenTest,
    message: str | None = "feat: x",
    merge: bool = False,
    trouble: tuple[str, ...] = (),
    behind: tuple[TestId, ...] = (),
    ran: bool = True,
    **more: object,
) -> CommitVerdict:
    seen = {name: more.pop(name) for name in Replay._fields if name in more}
    replay = Replay(tests, trouble, behind, **{"reaching": everything(()), **seen}) if ran else None  # type: ignore[arg-type]
    case = Case(read(files, merge=merge), replay)
    if message is not None:
        more = {"intent": intent_of(message, trailers(message), merge=merge), **more}
    judged = {name: more.pop(name) for name in ("waivers", "sha", "today") if name in more}
    return judge(case._replace(**more), **judged)  # type: ignore[arg-type]


def codes(given: CommitVerdict, severity: str = "error") -> list[str]:
    return [finding.code for finding in given.findings if finding.severity == severity]
