"""What was observed: tests, how they ended, and why one is red, from facts that pytest's hooks tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, NewType

from pytest_phasegate.core.project.settings import RedKind
from pytest_phasegate.core.verdict.verdict import listed

NodeId = NewType("NodeId", str)  # pytest's ``path::Class::test[param]``: one case
TestId = NewType("TestId", str)  # ``path::Class::test``: a test function, all its cases together


class Outcome(StrEnum):
    """How one test ended, in pytest's words."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    MISSING = "missing"  # not collected, or collected and never reported

    @property
    def green(self) -> bool:
        """Whether SWE-bench's grading counts this as a pass."""
        return self in {Outcome.PASSED, Outcome.XFAILED}


RED = frozenset({Outcome.FAILED, Outcome.ERROR})
"""The test did not do what it says."""
BAD = RED | {Outcome.XPASSED}
"""Or it did, and its mark says that it does not."""


def ended(outcome: str, when: str, *, xfail: bool) -> Outcome:
    """Return the outcome that one report of pytest's tells: in its own word, of which part, under a mark of xfail."""
    if xfail:
        return Outcome.XFAILED if outcome == "skipped" else Outcome.XPASSED
    if outcome == "failed":
        return Outcome.FAILED if when == "call" else Outcome.ERROR
    return Outcome.SKIPPED if outcome == "skipped" else Outcome.PASSED


class Grade(StrEnum):
    """Why a test is red."""

    BEHAVIOURAL = "behavioural"
    STRUCTURAL = "structural"
    DECLARED = "declared"  # a strict xfail that fails: red by the author's own word
    HANG = "hang"
    BROKEN = "broken"
    NONE = "none"


BY_WEIGHT = (Grade.BEHAVIOURAL, Grade.DECLARED, Grade.HANG, Grade.STRUCTURAL, Grade.BROKEN, Grade.NONE)
"""Grades, the best first: of several reds of a test the one that says most about the code speaks for it."""


class CaseRun(NamedTuple):
    """How one case ended: the worst of all its reports, over all attempts.

    ``test`` is the function's id, ``flaky`` says that attempts of the same run differed.
    """

    node_id: NodeId
    test: TestId
    outcome: Outcome
    flaky: bool = False


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of pytest.

    ``partial`` names what narrowed the run beyond the phase selection (``-k``, a path, ``-x`` that stopped);
    ``incomplete`` says why collected and reported tests do not agree, and is empty when they do.
    ``collected`` holds every function that was found, also those the phase selection then left out; ``filtered`` those
    of the selection that the project's own configuration deselected, whole or in part. ``confined`` are the files of
    tests that the collection kept to; ``None`` where it kept to none. ``uncollected`` says by path why a file or
    directory could not be collected, and ``shown_by`` is the command that shows it.
    """

    __test__ = False

    cases: tuple[CaseRun, ...]
    partial: tuple[str, ...] = ()
    incomplete: str = ""
    collected: frozenset[TestId] = frozenset()
    filtered: frozenset[TestId] = frozenset()
    confined: frozenset[str] | None = None
    uncollected: Mapping[str, str] = field(default_factory=dict)
    shown_by: str = "pytest --collect-only"

    @property
    def whole(self) -> bool:
        """Whether the run may speak for everything it was asked to run."""
        return not self.partial and not self.incomplete


def told_uncollected(uncollected: Mapping[str, str]) -> str:
    """Say which files could not be collected, and why: all of them, or else the first."""
    first, why = next(iter(uncollected.items()))
    alike = len({cause.partition(":")[0] for cause in uncollected.values()}) == 1
    because = f"{'' if alike else f'; {first}'}: {why}" if why else ""
    return f"{listed(list(uncollected), _NAMED)} could not be collected{because}"


_NAMED = 3


def file_of(node: str) -> str:
    """Return the file that the id of a test or a case begins with."""
    return node.partition("::")[0]


def files_of(nodes: Iterable[str]) -> tuple[str, ...]:
    """Return the files of some tests or cases, each once."""
    return tuple(sorted(set(map(file_of, nodes))))


def function_of(node_id: NodeId) -> TestId:
    """Return the function's id: the node id without its parametrization.

    A ``[`` in the path is no parametrization, and a ``::`` in a parameter is no class.
    """
    path, colons, name = node_id.partition("::")
    return TestId(f"{path}{colons}{name.partition('[')[0]}")


_WORST_FIRST = (
    Outcome.ERROR,
    Outcome.FAILED,
    Outcome.XPASSED,
    Outcome.MISSING,
    Outcome.SKIPPED,
    Outcome.XFAILED,
    Outcome.PASSED,
)


def worst(outcomes: frozenset[Outcome]) -> Outcome:
    """Return the gravest outcome; of nothing at all, ``MISSING``."""
    return next((outcome for outcome in _WORST_FIRST if outcome in outcomes), Outcome.MISSING)


_PASSING = re.compile(r"0x[0-9a-fA-F]{6,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_unstable(node_id: NodeId) -> bool:
    """Return whether a parametrization's id holds an address or a UUID."""
    return _PASSING.search(node_id.partition("::")[2].partition("[")[2]) is not None


class Moment(StrEnum):
    """When an exception was raised: while importing a test file, around a test, or in it."""

    COLLECT = "collect"
    SETUP = "setup"
    CALL = "call"
    TEARDOWN = "teardown"


class Raised(NamedTuple):
    """Facts about one exception.

    ``types`` are the class names from the exception's own to its farthest base. ``missing`` is the name, attribute,
    module, parameter or fixture that was not there; ``module`` the module it was asked from; ``function`` the callable
    whose signature did not fit; each empty where the exception says nothing of the kind. ``path`` is the file of the
    deepest frame inside the project, ``line`` its line, and ``outside`` whether still deeper frames were elsewhere.
    ``message`` has no address and no UUID, which are others in every run.
    """

    types: tuple[str, ...]
    missing: str = ""
    module: str = ""
    function: str = ""
    path: str = ""
    line: int = 0
    outside: bool = False
    message: str = ""

    @property
    def name(self) -> str:
        """The exception's own class name."""
        return self.types[0] if self.types else ""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Raised:
        """Build from a probe's exception record (``docs/reference/probe.md``); unknown keys are ignored."""
        known = {name: facts[name] for name in cls._fields if facts.get(name)}
        message = _PASSING.sub("…", known.get("message", ""))
        return cls(**{**known, "types": tuple(known.get("types", ())), "message": message})


class Additions(NamedTuple):
    """What a change adds, as far as a missing thing can be its cause.

    ``packages`` are the top-level import names of the project's production code, before and after: what is missing
    *inside* them can only be the project's own. ``names`` are functions, classes, attributes, parameters, fixtures and
    constants that the change adds or whose signature it alters; ``None`` where the production code is not written yet.
    ``paths`` are the production files the change touches; ``closed`` those that no name comes into unless they say it.
    """

    packages: frozenset[str] = frozenset()
    names: frozenset[str] | None = None
    paths: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def adds(self, name: str) -> bool:
        """Whether this name can be one the change brings."""
        return bool(name) and (self.names is None or name.rpartition(".")[2] in self.names)

    def owns(self, module: str) -> bool:
        """Whether a dotted module name lies in the project's own packages."""
        return module.partition(".")[0] in self.packages


_MISSING_NAME = frozenset({"NameError", "AttributeError", "ImportError", "TypeError", "FixtureLookupError"})
_SAID_BY_THE_TEST = frozenset({"AssertionError", "Failed", "NotImplementedError"})
_TELLS_LITTLE = frozenset({Grade.BROKEN, Grade.NONE})


def grade(raised: Raised, moment: Moment, additions: Additions) -> Grade:
    """Return why a test that raised this on the red tree is red.

    A missing thing is structural when the change brings it. In the call phase anything else is behavioural,
    unless the environment is to blame: a third-party module that is not installed. Around the call and at collection
    anything else is broken, except what the production code that the change touches raised itself.
    """
    unsaid = "NameError" in raised.types and raised.path in additions.closed
    if unsaid or _by_pytest(raised, moment) or _environment(raised, additions):
        return Grade.BROKEN
    if moment is Moment.CALL and not _SAID_BY_THE_TEST.isdisjoint(raised.types):
        return Grade.BEHAVIOURAL
    if is_brought(raised, additions):
        return Grade.STRUCTURAL
    if moment is Moment.CALL:
        return Grade.BEHAVIOURAL
    return Grade.STRUCTURAL if raised.path in additions.paths else Grade.BROKEN


def counts_as_red(given: Grade, weakest: RedKind) -> bool:
    """Whether a grade is red enough: under ``red = "behavioural"`` a missing name alone is not."""
    if given is Grade.STRUCTURAL:
        return weakest is RedKind.STRUCTURAL
    return given not in _TELLS_LITTLE


def needs_confirming(raised: Raised | None, given: Grade) -> bool:
    """Whether a red must be seen twice: it is neither an assertion nor a missing name, so it may be chance."""
    if given in {Grade.STRUCTURAL, Grade.DECLARED}:
        return False
    return raised is None or _SAID_BY_THE_TEST.isdisjoint(raised.types)


def _by_pytest(raised: Raised, moment: Moment) -> bool:
    """Whether pytest failed the test before any line of the project ran: a coroutine, and no plugin to run it."""
    return moment is Moment.CALL and raised.name == "Failed" and not raised.path


def _environment(raised: Raised, additions: Additions) -> bool:
    """Whether a module is missing that is not the project's own: no change to the project brings it."""
    missing_module = "ModuleNotFoundError" in raised.types
    return missing_module and not additions.owns(raised.missing) and raised.missing not in (additions.names or ())


def at_odds(raised: Raised, additions: Additions) -> bool:
    """Whether what is installed does not fit together: one library wants of another what it has not."""
    return raised.outside and bool(raised.module) and not additions.owns(raised.module)


def is_brought(raised: Raised, additions: Additions) -> bool:
    """Whether what was missing is a name or a signature that the change brings."""
    if _MISSING_NAME.isdisjoint(raised.types):
        return False
    if "ImportError" in raised.types:
        return additions.owns(raised.module or raised.missing) or additions.adds(raised.missing)
    return additions.adds(raised.missing) or additions.adds(raised.function)
