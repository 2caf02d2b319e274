"""The baseline: the committed list of tests that must stay green; and the passes that a phase is accepted by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.phase_run import RAN_GREEN, PhaseRun
from pytest_phasegate.core.project.paths import ends_with, matches
from pytest_phasegate.errors import BaselineError

PATH = ".phasegate/baseline.jsonl"  # where the baseline stands, from the project's root
_KEYS = {"test", "phase", "cases", "digest"}
_BY_NAME, _BY_FILE = 2, 3
_CONFLICT = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
"""What git begins the lines with that divide the sides of a conflict."""


class BaselineTest(NamedTuple):
    """One accepted test: the phase it belongs to, how many cases it had, and the digest of its function.

    ``phase`` is the phase's id, or ``slug:id`` where another guide had a phase of that id when it was accepted.
    """

    test: TestId
    phase: str
    cases: int
    digest: str


def read_baseline(text: str, name: str = PATH) -> tuple[BaselineTest, ...]:
    """Read a baseline.

    Raises:
        BaselineError: A line is not what ``write_baseline`` makes; ``name`` and the line's number are told.
    """
    lines = enumerate(text.split("\n"), 1)  # no other line end: ids may hold U+2028
    tests = tuple(_read_line(line, f"{name}:{number}") for number, line in lines if line.strip())
    twice = [test for test, count in Counter(test.test for test in tests).items() if count > 1]
    if twice:
        hint = "delete either line; then: pytest --phase all, phasegate baseline update"
        raise BaselineError(f"{name}: {twice[0]!r} stands there twice", hint=hint)
    return tests


def write_baseline(tests: Iterable[BaselineTest]) -> str:
    """Return the text of a baseline, sorted, so that a change shows as the lines that came and went."""
    return "".join(f"{json.dumps(test._asdict(), ensure_ascii=False)}\n" for test in sorted(tests))


def let_go(before: Iterable[BaselineTest], after: Iterable[BaselineTest]) -> tuple[TestId, ...]:
    """Return the accepted tests that are accepted no more, under no other name either."""
    kept = {name for entry in after for name in (entry.test, entry.digest) if name}
    return tuple(entry.test for entry in before if kept.isdisjoint({entry.test, entry.digest}))


def phase_key(guide: Guide, phase_id: str, guides: Sequence[Guide]) -> str:
    """Return how the baseline names a phase: by its id alone unless another guide has one of that id."""
    others = (other for other in guides if other.slug != guide.slug)
    return f"{guide.slug}:{phase_id}" if any(other.phase(phase_id) for other in others) else phase_id


def kept_for(
    baseline: Iterable[BaselineTest], guide: Guide, phase_id: str, guides: Sequence[Guide]
) -> tuple[BaselineTest, ...]:
    """Return the accepted tests of one phase.

    A line that names the id alone belongs to the guide that says most of such a test. It may be the line of a guide
    that is there no longer, so the only guide that has such a phase by now must say something of it too.
    """
    lines = tuple(baseline)
    names = {_name(line) for line in lines if line.phase == phase_id}
    phases = [_Promises(phase) for other in guides if (phase := other.phase(phase_id))]
    own = next(map(_Promises, filter(None, [guide.phase(phase_id)])), None)

    def is_own(line: BaselineTest) -> bool:
        strength = _strength(own, line, names) if own else 0
        return strength > 0 and strength == max(_strength(each, line, names) for each in phases)

    prefixed = f"{guide.slug}:{phase_id}"
    return tuple(line for line in lines if line.phase == prefixed or (line.phase == phase_id and is_own(line)))


class _Promises:
    """What the guide says of the tests of a phase, by their names."""

    def __init__(self, phase: Phase) -> None:
        self.files = phase.declared_files
        self.tests: dict[str, list[DeclaredTest]] = {}
        for test in phase.declared_tests:
            self.tests.setdefault(test.name, []).append(test)
        self.silent = not self.tests and not any("test" in file.path for file in self.files)


def _strength(phase: _Promises, line: BaselineTest, names: AbstractSet[str]) -> int:
    """Return how surely an accepted test is one of a phase, by what its section says of tests; 0 for not at all.

    A declared test may have been accepted from another file than the guide says: that counts where all are there by
    name. A section that says nothing of tests was given them by a mark or the table.
    """
    path = file_of(line.test)
    declared = phase.tests.get(_name(line), ())
    if any(matches(file.path, path) for file in phase.files):
        return _BY_FILE
    if any(not test.file or ends_with(path, test.file) for test in declared):
        return _BY_NAME
    return int(phase.silent or (bool(declared) and names >= phase.tests.keys()))


def _name(line: BaselineTest) -> str:
    return line.test.rpartition("::")[2]


def _read_line(line: str, place: str) -> BaselineTest:
    if line.startswith(_CONFLICT):
        hint = (
            "keep the lines of both sides, in any order, and delete the marks;"
            " then: pytest --phase all, phasegate baseline diff"
        )
        raise BaselineError(f"{place}: a merge conflict is not resolved", hint=hint)
    try:
        record = json.loads(line)
    except ValueError:
        raise _unreadable(place, "it is not JSON") from None
    if not isinstance(record, dict) or set(record) != _KEYS:
        raise _unreadable(place, f"its keys are not {', '.join(sorted(_KEYS))}")
    words = all(isinstance(record[key], str) and record[key] for key in ("test", "phase"))
    count = record["cases"]
    if not words or not isinstance(record["digest"], str) or type(count) is not int or count < 0:
        raise _unreadable(place, "a value is of the wrong kind")
    return BaselineTest(TestId(record["test"]), record["phase"], count, record["digest"])


def _unreadable(place: str, why: str) -> BaselineError:
    hint = f"take it from the last commit: git checkout HEAD -- {PATH}"
    return BaselineError(f"{place}: this line of the baseline cannot be read: {why}", hint=hint)


class Passing(NamedTuple):
    """What a phase had when its tests last passed; ``tree`` is what ``Repository.content_tree`` answered then."""

    guide: str
    phase: str
    tree: str
    tests: tuple[BaselineTest, ...]


def accepted_with(
    ref: PhaseRef, guide: Guide, guides: Sequence[Guide], observed: PhaseRun, digests: Mapping[TestId, str]
) -> Iterator[BaselineTest]:
    """Yield the tests of a phase that ran and passed, and were not flaky: these can be lost."""
    key = phase_key(guide, ref.phase, guides)
    own = observed.test_map.own_tests(ref)
    for test in observed.tests(ref):
        if test in own and observed.outcomes[test] in RAN_GREEN and test not in observed.flaky:
            yield BaselineTest(test, key, len(observed.cases[test]), digests.get(test, ""))
