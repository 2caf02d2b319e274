"""A run's cases folded into what the ledger keeps of each test: one outcome, and of a red one why it is red."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import (
    BAD,
    BY_WEIGHT,
    Additions,
    CaseRun,
    Grade,
    Moment,
    NodeId,
    Outcome,
    Raised,
    TestId,
    TestRun,
    file_of,
    grade,
    worst,
)
from pytest_phasegate.core.evidence.runs import Red, TestVersion

_PLAIN = (Outcome.PASSED, Outcome.SKIPPED, Outcome.XFAILED)


class Fault(NamedTuple):
    """An exception that a case, or the import of a test file, ended with, and when it was raised."""

    moment: Moment
    raised: Raised


PHASE_FILES = "files of the selected phases"  # stands in a run's ``partial`` where only these were collected
_DESELECTING = ("-k ", "-m ", "--deselect ", "--lf", PHASE_FILES)  # what tells pytest of every case it leaves out


class Observed(NamedTuple):
    """What pytest's hooks told of one run.

    ``prefix`` stands before pytest's paths to count them from the repository's top. ``faults`` are those of single
    cases, ``uncollected`` those of files (paths as pytest says them); ``strict`` holds the cases under a strict xfail.
    ``cut`` are the functions of which cases were deselected, ``None`` where that is not known.
    """

    at: int
    run: TestRun
    prefix: str = ""
    faults: Mapping[NodeId, Fault] = MappingProxyType({})
    uncollected: Mapping[str, Fault] = MappingProxyType({})
    strict: frozenset[NodeId] = frozenset()
    cut: frozenset[TestId] | None = None


class Folded(NamedTuple):
    """What is to be recorded: the tests of which the outcome says everything, and the red ones.

    ``unheld`` says why the run is no whole one all the same: something failed in it that cannot be recorded.
    """

    plain: Mapping[Outcome, Sequence[TestVersion]]
    reds: tuple[Red, ...]
    unheld: str = ""


def fold(
    observed: Observed, versions: Mapping[TestId, TestVersion], additions: Additions, read: Collection[str] = ()
) -> Folded:
    """Fold the cases of a run, and the files it could not collect, into one word for each test.

    A test without a version (a doctest, an inherited method) has no text of its own, and is kept by its id alone if its
    file was ``read``; one that did not come to its end with all its cases is left out. A grade given here knows nothing
    of the change to come.
    """
    # functions run with all their cases where whole files or functions were named, or where what is left out is known
    deselecting = observed.cut is not None
    together = all(_is_whole(word) or (deselecting and word.startswith(_DESELECTING)) for word in observed.run.partial)
    cut = frozenset(TestId(f"{observed.prefix}{test}") for test in observed.cut or ())
    plain: dict[Outcome, list[TestVersion]] = {outcome: [] for outcome in _PLAIN}
    reds: list[Red] = []
    told = {file_of(test) for test in versions}
    unknown = (path for path in observed.uncollected if f"{observed.prefix}{path}" not in told)
    unheld = next((f"{path} could not be imported" for path in unknown), "")
    for test, cases in _by_test(observed).items():
        version = versions.get(test)
        ending = _ending(cases, observed.strict, together=together and test not in cut)
        if version is None and ending in BAD:
            unheld = f"{test} failed, and has no text of its own"
        elif version is not None and ending in BAD:
            reds.append(_red(version, cases, observed.faults, additions))
        elif ending is not Outcome.MISSING and (version is not None or file_of(test) in read):
            plain[ending].append(version or TestVersion(test, ""))
    return Folded(plain, (*reds, *_uncollected(observed, versions, additions)), unheld)


def _by_test(observed: Observed) -> dict[TestId, list[CaseRun]]:
    grouped: dict[TestId, list[CaseRun]] = {}
    for case in observed.run.cases:
        grouped.setdefault(TestId(f"{observed.prefix}{case.test}"), []).append(case)
    return grouped


def _ending(cases: Sequence[CaseRun], strict: frozenset[NodeId], *, together: bool) -> Outcome:
    if any(case.flaky for case in cases):
        return Outcome.FAILED
    ending = worst(frozenset([case.outcome for case in cases]))
    if not together and ending not in BAD and any(str(case.node_id) != case.test for case in cases):
        return Outcome.MISSING
    if ending is Outcome.XFAILED and not strict.isdisjoint(case.node_id for case in cases):
        return Outcome.FAILED
    return ending


def _is_whole(word: str) -> bool:
    """Whether a word names a file, a directory or a function; what is no path is an option, or a sentence."""
    return "[" not in word and not word.startswith("-") and ("::" in word or word.endswith(".py") or " " not in word)


def _red(version: TestVersion, cases: Sequence[CaseRun], faults: Mapping[NodeId, Fault], additions: Additions) -> Red:
    if any(case.flaky for case in cases):
        return Red(version, Outcome.FAILED, flaky=True)
    outcome = worst(frozenset(case.outcome for case in cases))
    if outcome is Outcome.XFAILED:
        return Red(version, outcome, Grade.DECLARED)
    found = [faults[case.node_id] for case in cases if case.node_id in faults]
    graded = [(grade(fault.raised, fault.moment, additions), fault) for fault in found]
    if not graded:
        return Red(version, outcome)
    given, fault = min(graded, key=lambda pair: BY_WEIGHT.index(pair[0]))
    return Red(version, outcome, given, fault.moment, fault.raised)


def _uncollected(observed: Observed, versions: Mapping[TestId, TestVersion], additions: Additions) -> Iterator[Red]:
    """Yield the tests of the files that could not be collected: each of them is as red as its file."""
    faults = {f"{observed.prefix}{path}": fault for path, fault in observed.uncollected.items()}
    for test, version in versions.items():
        fault = faults.get(file_of(test))
        if fault:
            given = grade(fault.raised, fault.moment, additions)
            yield Red(version, Outcome.ERROR, given, fault.moment, fault.raised)
