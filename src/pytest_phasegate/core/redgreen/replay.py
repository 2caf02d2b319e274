"""The same tests on the before side and on the after side of a change, compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import (
    BAD,
    BY_WEIGHT,
    Additions,
    Grade,
    Moment,
    NodeId,
    Outcome,
    Raised,
    TestId,
    at_odds,
    grade,
    is_brought,
    needs_confirming,
    worst,
)
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun, Uncollected
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.redgreen.observed import FileFailure, Replay, SeenCase, SeenTest

_HANG, _CRASH = "hang", "crash"
_LONGEST = 200
_NOT_CAUSED = frozenset({"ModuleNotFoundError", "unknown", _CRASH})
"""What may well be the environment's, though only the red tree shows it."""


def compare(after: ProbedRun, red: ProbedRun, base: ProbedRun | None, additions: Additions) -> Replay:
    """Compare runs of one selection of tests.

    Args:
        after: The run on the after tree.
        red: The run on the red tree: before's production code with after's tests.
        base: The run of before's own tests on before's code; ``None`` where it was not needed.
        additions: What the change adds, to grade a red by.
    """
    sides = _Sides(_Side.of(after), _Side.of(red), _Side.of(base or ProbedRun()))
    grouped: dict[TestId, list[ProbedCase]] = {}
    for case in after.cases:
        grouped.setdefault(case.test, []).append(case)
    tests = [_compare(test, cases, sides, additions) for test, cases in grouped.items()]
    return Replay(tests=tuple(sorted(tests, key=lambda test: test.id)))


class _Side(NamedTuple):
    """One run, by case and by file."""

    cases: Mapping[NodeId, ProbedCase]
    files: Mapping[str, Uncollected]
    aborted: Raised | None

    @classmethod
    def of(cls, run: ProbedRun) -> _Side:
        return cls(
            {case.node_id: case for case in run.cases},
            {item.path: item for item in run.uncollected},
            run.aborted,
        )

    def outcome(self, case: ProbedCase) -> Outcome:
        """Return how a case ended here; of a file that could not be collected, every case is in error."""
        if self.is_uncollected(case):
            return Outcome.ERROR
        found = self.cases.get(case.node_id)
        return found.outcome if found else Outcome.MISSING

    def stopped(self, case: ProbedCase) -> int:
        """Return the line of its function on which a case failed here; 0 where none did."""
        found = self.cases.get(case.node_id)
        return found.stopped if found and not found.outcome.green else 0

    def is_uncollected(self, case: ProbedCase) -> bool:
        """Whether the run never came to a case, because its file or a conftest could not be imported."""
        return self.aborted is not None or self.uncollected(case) is not None

    def uncollected(self, case: ProbedCase) -> Uncollected | None:
        """Return why the file of a case, or a directory above it, could not be collected, or the part with the case."""
        if case.node_id in self.cases:
            return None
        return next((item for path, item in self.files.items() if inside(case.path, path)), None)


class _Sides(NamedTuple):
    after: _Side
    red: _Side
    base: _Side


class _Red(NamedTuple):
    """Why one case is red on the red tree."""

    grade: Grade
    exception: str = ""
    confirm: bool = False
    told: str = ""
    at_odds: bool = False


def _compare(test: TestId, cases: list[ProbedCase], sides: _Sides, additions: Additions) -> SeenTest:
    both = tuple(
        SeenCase(case.node_id, sides.red.outcome(case), sides.base.outcome(case), case.outcome) for case in cases
    )
    reds = [red for case in cases if (red := _red(case, sides.red, additions)) is not None]
    best = min(reds, key=lambda red: (BY_WEIGHT.index(red.grade), red.confirm), default=_Red(Grade.NONE))
    seen = [found for case in cases for side in (sides.after, sides.red) if (found := side.cases.get(case.node_id))]
    return SeenTest(
        id=test,
        definitions=frozenset(case.defined_as for case in cases),
        cases=both,
        before=worst(frozenset(case.before for case in both) - {Outcome.MISSING}),
        base=worst(_base(test, both, sides.base)),
        after=worst(frozenset(case.after for case in both)),
        **best._asdict(),
        uncollected=any(sides.red.is_uncollected(case) for case in cases),
        flaky=any(case.flaky for case in seen),
        stopped=tuple(sorted({line for case in cases if (line := sides.red.stopped(case))})),
        replaced=tuple(dict.fromkeys(one for case in cases for one in case.replaced)),
        as_before=_fails_as_before(cases, sides.base),
    )


def _base(test: TestId, cases: Iterable[SeenCase], base: _Side) -> frozenset[Outcome]:
    """Return how cases ended in base; of a test that has none to run any more, all that it had there."""
    known = frozenset(case.base for case in cases) - {Outcome.MISSING}
    emptied = not known and all(case.after is Outcome.SKIPPED for case in cases)
    return frozenset(case.outcome for case in base.cases.values() if case.test == test) if emptied else known


def _fails_as_before(cases: list[ProbedCase], base: _Side) -> bool:
    bad = [(case.raised, base.cases.get(case.node_id)) for case in cases if case.outcome in BAD]
    same = (raised and was and was.raised and _what(raised) == _what(was.raised) for raised, was in bad)
    return bool(bad) and all(same)


def _what(raised: Raised) -> tuple[object, ...]:
    """Return what was raised, wherever in its file that was."""
    return raised.types, raised.message, raised.path


def _red(case: ProbedCase, side: _Side, additions: Additions) -> _Red | None:
    """Return why a case is red on a side, or ``None`` where it is green, skipped or absent."""
    if side.aborted is not None:
        return _graded(side.aborted, Moment.COLLECT, additions)
    uncollected = side.uncollected(case)
    if uncollected is not None:
        return _caused(_red_file(uncollected, additions))
    found = side.cases.get(case.node_id)
    red = _red_case(found, additions) if found else None
    return _caused(red) if found and red and found.moment is not Moment.CALL and case.outcome.green else red


def _red_file(found: Uncollected, additions: Additions) -> _Red:
    return _Red(Grade.HANG, _HANG, confirm=True) if found.hung else _graded(found.raised, Moment.COLLECT, additions)


def _red_case(found: ProbedCase, additions: Additions) -> _Red | None:
    if found.hung:
        return _Red(Grade.HANG, _HANG, confirm=True)
    if found.crashed:
        return _Red(Grade.BROKEN, _CRASH)
    if found.outcome is Outcome.XFAILED and found.strict:
        return _Red(Grade.DECLARED, found.raised.name if found.raised else "xfail")
    if found.outcome not in BAD:
        return None
    if found.raised is None and found.moment is Moment.CALL:
        return _Red(Grade.BEHAVIOURAL, found.outcome.value)
    return _graded(found.raised, found.moment, additions)


def _caused(red: _Red) -> _Red:
    """Grade what broke an import or a fixture that after's production leaves whole: production is all that differs.

    What only looks like it is the environment's: a module that before's code wants and nobody installed.
    """
    if red.grade is not Grade.BROKEN or red.exception in _NOT_CAUSED:
        return red
    return red._replace(grade=Grade.STRUCTURAL, confirm=True)


def _graded(raised: Raised | None, moment: Moment, additions: Additions) -> _Red:
    if raised is None:
        return _Red(Grade.BROKEN, "unknown")
    given = grade(raised, moment, additions)
    by_place = given is Grade.STRUCTURAL and not is_brought(raised, additions)
    told = f"{raised.name}: {raised.message}".partition("\n")[0].removesuffix(": ")
    told = told if len(told) <= _LONGEST else f"{told[:_LONGEST].rstrip()} …"
    confirm = by_place or needs_confirming(raised, given)
    return _Red(given, raised.name, confirm, told, at_odds(raised, additions))


def agreed(runs: Iterable[ProbedRun]) -> ProbedRun:
    """Unite runs of several trees: a case is green where every tree that knows it has it green."""
    listed = list(runs)
    cases: dict[NodeId, ProbedCase] = {}
    for case in (case for run in listed for case in run.cases):
        if case.node_id not in cases or not case.outcome.green:
            cases[case.node_id] = case
    files = dict.fromkeys(item for run in listed for item in run.uncollected)
    return listed[0]._replace(cases=tuple(cases.values()), uncollected=tuple(files))


def beside(known: ProbedRun, run: ProbedRun) -> ProbedRun:
    """Return a run with the cases of another in the place of all of that one's tests, and of all its files."""
    if run is known:
        return run
    tests, files = {case.test for case in known.cases}, {case.path for case in known.cases}
    fresh = tuple(case for case in run.cases if case.test not in tests)
    lost = tuple(item for item in run.uncollected if item.path not in files)
    return run._replace(cases=(*known.cases, *fresh), uncollected=(*known.uncollected, *lost))


def shared_cases(runs: Iterable[ProbedRun]) -> ProbedRun:
    """Return what runs of several trees agree on, of the tests that every one of them knows."""
    listed = list(runs)
    known = frozenset.intersection(*(frozenset(case.test for case in run.cases) for run in listed))
    whole = agreed(listed)
    return whole._replace(cases=tuple(case for case in whole.cases if case.test in known))


def failing_alike(run: ProbedRun, other: ProbedRun) -> tuple[str, ...]:
    """Return the failing files of a run of which each failing test has a case that another failed in the same way."""
    ended = {case._replace(seconds=0.0) for case in other.cases}
    alike = {case.test for case in run.failing if case.raised is not None and case._replace(seconds=0.0) in ended}
    unlike = {case.path for case in run.failing if case.test not in alike}
    unlike.update(item.path for item in run.uncollected if item.raised is None or item not in other.uncollected)
    return tuple(path for path in run.failing_files if path not in unlike)


def settled(first: ProbedRun, again: ProbedRun) -> ProbedRun:
    """Return a run in which what failed, and passed when its file was run again, is flaky and no failure."""
    now = {case.node_id: case for case in again.cases if case.outcome.green}
    lost = first.lost_files - again.lost_files if again.finished and again.aborted is None else frozenset()
    passed = {case.node_id for case in first.failing}.intersection(now)
    kept = [now[case.node_id]._replace(flaky=True) if case.node_id in passed else case for case in first.cases]
    found = [case._replace(flaky=True) for case in again.cases if case.path in lost]
    uncollected = tuple(item for item in first.uncollected if item.path not in lost)
    return first._replace(cases=(*kept, *found), uncollected=uncollected)


def failures_by_file(run: ProbedRun, additions: Additions) -> dict[str, FileFailure]:
    """Return why each file that could not be collected was not."""
    graded = {item.path: _red_file(item, additions) for item in run.uncollected}
    return {path: FileFailure(red.grade, red.exception, red.told) for path, red in graded.items()}


def outcomes_by_test(run: ProbedRun, definitions: Iterable[TestId]) -> dict[TestId, Outcome]:
    """Return the worst outcome of each function's cases; one that was not collected is missing."""
    return {
        wanted: worst(frozenset(case.outcome for case in run.cases if wanted in case.functions))
        for wanted in definitions
    }


def lacks_of_mocks(run: ProbedRun, test: TestId, names: frozenset[str]) -> bool:
    """Whether a test fails for nothing but want of some attributes of mocks, which say that of themselves."""
    said = {case.raised.message if case.raised else "" for case in run.failing if test in case.functions}
    return bool(said) and said <= {f"Mock object has no attribute {name!r}" for name in names}


def contradicted(run: ProbedRun, definitions: Iterable[TestId], additions: Additions) -> frozenset[TestId]:
    """Return the functions of which a case fails by what the code does, not for want of a name that it lacks.

    Args:
        run: A run of before's tests on the code after a change.
        definitions: The functions asked about.
        additions: What a failure may be for want of: here, what the change removes.
    """
    failing = {
        test
        for case in run.failing
        if case.moment is Moment.CALL and not case.flaky
        for test in case.functions
        if (red := _red_case(case, additions)) is not None and red.grade in {Grade.BEHAVIOURAL, Grade.HANG}
    }
    return frozenset(failing.intersection(definitions))
