"""From requirements to phases, tests, commits and verdicts, and the gaps in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseProgress
from pytest_phasegate.core.guide.requirements import Named, Requirement, family_of, key_of
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import Collected, TestMap

PASSED, STALE, UNJUDGED = "passed", "stale", "not-evaluated"
_GRAVEST = ("failed", "error", "inconclusive", STALE, UNJUDGED, "waived", PASSED)


class GapKind(StrEnum):
    """What is missing between a requirement and a passed test of it."""

    NO_PHASE = "no-phase"
    NO_TEST = "no-test"
    NOT_PASSED = "not-passed"
    NOT_JUDGED = "not-judged"
    NO_REQUIREMENT = "no-requirement"
    UNKNOWN = "unknown-requirement"  # a phase or a mark names what no specification states

    @property
    def backward(self) -> bool:
        """Whether the way from the work back to what was asked for is what lacks."""
        return self in {GapKind.NO_REQUIREMENT, GapKind.UNKNOWN}


class Gap(NamedTuple):
    """One gap, about a requirement, a phase or a test, and where that stands."""

    kind: GapKind
    what: str
    message: str
    path: str
    line: int


class Feature(NamedTuple):
    """A guide with where its phases stand, what its documents state, and what each of its phases names.

    ``passed`` gives by phase the tests that passed on the content as it stands: a phase may pass with one that did not.
    """

    progress: GuideProgress
    stated: tuple[Requirement, ...] = ()
    named: Mapping[str, tuple[Named, ...]] = MappingProxyType({})
    passed: Mapping[str, AbstractSet[TestId]] = MappingProxyType({})


class TracedPhase(NamedTuple):
    """A phase that serves a requirement; its verdict is of the content as it stands."""

    guide: str
    id: str
    title: str
    commits: tuple[str, ...]
    verdict: str


class TracedTest(NamedTuple):
    """A test of a requirement: one that is marked with it, else one of a phase that names it."""

    test: str
    marked: bool
    phases: tuple[str, ...] = ()
    passed: bool = False


class Traced(NamedTuple):
    """A requirement with all that serves it; ``guide`` is the slug of its guide, empty for one of no guide."""

    requirement: Requirement
    guide: str
    phases: tuple[TracedPhase, ...] = ()
    tests: tuple[TracedTest, ...] = ()

    @property
    def verdict(self) -> str:
        """The gravest of its phases' verdicts; without a test, or with one of no phase, never better than none."""
        verdict = min((phase.verdict for phase in self.phases), key=_GRAVEST.index, default=UNJUDGED)
        return UNJUDGED if verdict in {PASSED, "waived"} and not self.shown else verdict

    @property
    def shown(self) -> bool:
        """Whether a test that passed on this content shows it: each that is marked with it, else one of them."""
        marked = any(test.marked for test in self.tests)
        return bool(self.tests) and (all if marked else any)(test.passed for test in self.tests)


class Trace(NamedTuple):
    """Every requirement in order, the gaps, and the tests that neither a phase nor a mark leads back to one."""

    requirements: tuple[Traced, ...]
    gaps: tuple[Gap, ...] = ()
    untraced: tuple[str, ...] = ()


def verdict_of(one: PhaseProgress) -> str:
    """Return the verdict on a phase as its content stands: ``stale`` where the last one is of other content."""
    facts = one.facts
    if facts.blocked:
        return "failed"
    if facts.last and facts.fresh:
        waits = facts.open and facts.last.ruling.value == PASSED
        return "inconclusive" if waits else facts.last.ruling.value
    if facts.judged:
        return "inconclusive" if facts.open else PASSED
    return STALE if facts.last else UNJUDGED


def trace(features: Sequence[Feature], shared: Iterable[Requirement], test_map: TestMap) -> Trace:
    """Trace every requirement.

    Args:
        features: The guides; what the documents of one state, its phases alone are asked for.
        shared: What documents of no guide state; any phase may serve it.
        test_map: The collected tests with their phases and marks.
    """
    tracing = _Tracing(features, tuple(shared), test_map)
    rows = tracing.rows()
    return Trace(rows, tuple(tracing.gaps(rows)), tracing.untraced())


_Key = tuple[str, str]  # the path of a guide, empty for what belongs to none, and the key of a requirement


class _Tracing:
    def __init__(self, features: Sequence[Feature], shared: tuple[Requirement, ...], test_map: TestMap) -> None:
        self.features = {one.progress.guide.path: one for one in features}
        self.slugs = {one.progress.guide.slug: path for path, one in self.features.items()}
        self.stated = {("", one.key): one for one in shared}
        self.stated |= {(path, each.key): each for path, one in self.features.items() for each in one.stated}
        self.parts: dict[_Key, list[_Key]] = {}
        for (path, key), one in self.stated.items():
            if one.parent:
                self.parts.setdefault((path, one.parent), []).append((path, key))
        self.families = {(path, family_of(key)) for path, key in self.stated}
        self.all = dict(self.stated)
        self.phases: dict[_Key, dict[PhaseRef, None]] = {}
        self.marked: dict[_Key, dict[Collected, None]] = {}
        self.by_phase: dict[PhaseRef, list[Collected]] = {}
        self.claims = {test: belonging.claimants for test, belonging in test_map.belongs.items()}
        self.tests = (*test_map.belongs, *test_map.unmapped)
        self.unknown: list[Gap] = []
        for test, claimants in self.claims.items():
            for ref in claimants:
                self.by_phase.setdefault(ref, []).append(test)
        self._read_phases()
        self._read_marks()

    def _read_phases(self) -> None:
        for path, feature in self.features.items():
            for phase, names in feature.named.items():
                for name in names:
                    for key in self._meant(path, name.id, name.line, f"phase {phase}"):
                        self.phases.setdefault(key, {})[PhaseRef(path, phase)] = None

    def _read_marks(self) -> None:
        for test in self.tests:
            claimants = self.claims.get(test, ())
            for written in test.requirements:
                for path, name in self._places(written, [ref.guide for ref in claimants]):
                    for key in self._meant(path, name, 0, test.test):
                        self.marked.setdefault(key, {})[test] = None
                        self.phases.setdefault(key, {}).update(dict.fromkeys(claimants))

    def _places(self, written: str, guides: list[str]) -> list[tuple[str, str]]:
        """Return the guides that a mark may mean: the one it names, else those of its phases, else all that know it."""
        slug, colon, name = written.partition(":")
        if colon and slug in self.slugs:
            return [(self.slugs[slug], name)]
        key = key_of(written)
        known = [path for path, other in self.all if other == key]
        own = [path for path in guides if path in known]
        return [(path, written) for path in dict.fromkeys(own or known or guides[:1] or [""])]

    def _meant(self, path: str, written: str, line: int, who: str) -> list[_Key]:
        """Return the requirements that an id means: its parts where it has some, and what it is a part of."""
        key = key_of(written)
        whole = [(path, key), ("", key)]
        upper = key.rpartition(".")[0]
        while upper:
            whole += [(path, upper)] if (path, upper) not in self.parts else []
            upper = upper.rpartition(".")[0]
        known = next((each for each in whole if each in self.stated), None)
        if known:
            return self.parts.get(known) or [known]
        if (path, family_of(key)) in self.families:
            message = f"{who} names {written}, and no specification states it"
            self.unknown.append(Gap(GapKind.UNKNOWN, written, message, path or who.partition("::")[0], line or 1))
        self.all.setdefault((path, key), Requirement(written, "", path, line or 1))
        return [(path, key)]

    def rows(self) -> tuple[Traced, ...]:
        """Return the requirements in the order of guides and documents; one with parts is its parts."""
        return tuple(self._row(key, one) for key, one in self.all.items() if key not in self.parts)

    def _row(self, key: _Key, one: Requirement) -> Traced:
        refs = tuple(self.phases.get(key, ()))
        marked = tuple(self.marked.get(key, ()))
        own = {test for ref in refs for test in self.by_phase.get(ref, ())}
        tests = sorted(marked or own, key=lambda one: one.test)
        return Traced(
            one if one.path else one._replace(path=key[0]),
            self.features[key[0]].progress.guide.slug if key[0] else "",
            tuple(self._phase(ref) for ref in refs),
            tuple(self._test(test, marked=bool(marked)) for test in tests),
        )

    def _test(self, test: Collected, *, marked: bool) -> TracedTest:
        refs = self.claims.get(test, ())
        passed = any(test.test in self.features[ref.guide].passed.get(ref.phase, ()) for ref in refs)
        return TracedTest(test.test, marked, tuple(ref.phase for ref in refs), passed)

    def _phase(self, ref: PhaseRef) -> TracedPhase:
        progress = self.features[ref.guide].progress
        one = next(each for each in progress.phases if each.phase.id == ref.phase)
        derived = one.phase.derivation.commits if one.phase.derivation else ()
        commits = (one.facts.commit,) if one.facts.commit else derived
        return TracedPhase(progress.guide.slug, ref.phase, one.phase.title, commits, verdict_of(one))

    def gaps(self, rows: Iterable[Traced]) -> Iterator[Gap]:
        """Yield the gaps of requirements, then those of phases and marks."""
        for row in rows:
            yield from _gaps_of(row)
        yield from self.unknown
        if not self.phases:
            return
        serving = {ref for refs in self.phases.values() for ref in refs}
        for path, feature in self.features.items():
            for one in feature.progress.phases:
                ref = PhaseRef(path, one.phase.id)
                if ref not in serving and (one.phase.files or one.phase.tests or self.by_phase.get(ref)):
                    message = f"phase {one.phase.id} ({one.phase.title}) serves no requirement"
                    yield Gap(GapKind.NO_REQUIREMENT, one.phase.id, message, path, one.phase.line)

    def untraced(self) -> tuple[str, ...]:
        """Return the tests that lead back to no requirement, by a mark or by their phase."""
        serving = {ref for refs in self.phases.values() for ref in refs}
        return tuple(
            test.test for test in self.tests if not test.requirements and serving.isdisjoint(self.claims.get(test, ()))
        )


def _gaps_of(row: Traced) -> Iterator[Gap]:
    one = row.requirement
    if not row.phases and not row.tests:
        yield Gap(GapKind.NO_PHASE, one.id, "no phase and no test names it", one.path, one.line)
    elif not row.tests:
        phases = ", ".join(phase.id for phase in row.phases)
        yield Gap(GapKind.NO_TEST, one.id, f"no test of phase {phases} is there", one.path, one.line)
    elif row.verdict in {STALE, UNJUDGED}:
        yield Gap(GapKind.NOT_JUDGED, one.id, _unjudged(row), one.path, one.line)
    elif row.verdict not in {PASSED, "waived"}:
        failing = next(phase for phase in row.phases if phase.verdict == row.verdict)
        yield Gap(GapKind.NOT_PASSED, one.id, f"phase {failing.id}: {failing.verdict}", one.path, one.line)


def _unjudged(row: Traced) -> str:
    waiting = ", ".join(phase.id for phase in row.phases if phase.verdict in {STALE, UNJUDGED})
    lacking = next((test for test in row.tests if not (test.passed or (waiting and test.phases))), None)
    if lacking and not lacking.phases:
        return f"no phase has {lacking.test}, so no gate judges it"
    if lacking and not waiting:
        return f"{lacking.test} was not seen to pass on this content"
    return f"phase {waiting} was not judged on this content"
