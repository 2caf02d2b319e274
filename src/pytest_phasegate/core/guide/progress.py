"""How far each phase has come: derived from what git, the baseline, the ledger and the files show, never typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.verdict.gate import Fact, Need
from pytest_phasegate.core.verdict.judgement import CHECK, Judgement, Since
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity

_OF_TESTS = frozenset({"", "tests", "regression"})
"""The gates whose refusal says that tests are lost; a record of earlier names none."""


class State(StrEnum):
    """The state of a phase."""

    PENDING = "pending"  # nothing of it exists
    RED = "red"  # its tests are there and fail as they should
    ACTIVE = "active"
    PASSED = "passed"  # its gate passed on exactly this content
    ACCEPTED = "accepted"  # in the baseline, with a commit
    REGRESSED = "regressed"  # it was accepted, and tests of it are lost
    FAILED = "failed"  # it was accepted, and another gate than those of its tests has failed since


class PhaseFacts(NamedTuple):
    """What is known of one phase.

    ``commit`` is the commit that finished it, ``committed`` whether the baseline of HEAD keeps its tests all the same,
    as after a squash merge, which leaves no commit of its own to a phase; ``accepted_tests`` how many tests the
    baseline keeps for it, ``lost`` those of them that no longer exist; ``recorded`` says that a phase without tests was
    accepted as its section stands. ``files`` and ``tests`` are the declared ones that exist, ``missing`` the declared
    tests that do not; ``code_untouched`` says that there is uncommitted work, and in none of the files to modify.
    ``last`` is the newest judgement, ``fresh`` whether it is of the content as it stands, ``since`` where it stood if
    not. ``judged`` says that the content as it stands passed: the phase's own gate on it, or that of another phase of
    the guide, which runs all that was accepted. ``open`` are the numbers of the criteria that wait for a person,
    ``blocked`` those that somebody answered with no.
    """

    commit: str = ""
    committed: bool = False
    accepted_tests: int = 0
    recorded: bool = False
    lost: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    code_untouched: bool = False
    last: Judgement | None = None
    fresh: bool = False
    since: Since | None = None
    judged: bool = False
    open: tuple[int, ...] = ()
    blocked: tuple[int, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether the whole gate passed on the content as it stands, and nobody said no to it since.

        Tests and coverage alone are not all of it.
        """
        passed = self.last is not None and self.last.ruling is Ruling.PASSED and self.last.source == CHECK
        return self.fresh and passed and not self.blocked


class PhaseProgress(NamedTuple):
    """One phase and where it stands."""

    phase: Phase
    state: State
    facts: PhaseFacts

    @property
    def stale(self) -> bool:
        """Whether it is accepted, and nothing judged it on the content as it stands."""
        return self.state is State.ACCEPTED and not self.facts.judged

    @property
    def coverage(self) -> float | None:
        """The line coverage last judged, in percent; ``None`` where none of its tests ran, which 0 would hide."""
        last = self.facts.last
        return last.coverage if last and last.tests and self.state is not State.PENDING else None


class GuideProgress(NamedTuple):
    """Where every phase of a guide stands, and the claims that nothing supports."""

    guide: Guide
    phases: tuple[PhaseProgress, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def current(self) -> PhaseProgress | None:
        """The first phase that is not accepted and whose dependencies are."""
        done = {one.phase.id for one in self.phases if one.state is State.ACCEPTED}
        waiting = (one for one in self.phases if one.phase.id not in done)
        return next((one for one in waiting if done.issuperset(one.phase.depends)), None)

    @property
    def accepted(self) -> bool:
        """Whether every phase is accepted, and there is one."""
        return bool(self.phases) and all(one.state is State.ACCEPTED for one in self.phases)

    @property
    def unproved(self) -> tuple[PhaseProgress, ...]:
        """The accepted phases that nothing judged on the content as it stands."""
        return tuple(one for one in self.phases if one.stale)

    @property
    def waiting(self) -> tuple[PhaseProgress, ...]:
        """The passed and accepted phases with a criterion that a person has not said yes to."""
        done = {State.ACCEPTED, State.PASSED}
        return tuple(one for one in self.phases if one.state in done and (one.facts.open or one.facts.blocked))

    @property
    def complete(self) -> bool:
        """Whether every phase is accepted, and all of it is judged on the content as it stands."""
        return self.accepted and not self.unproved and not self.waiting

    @property
    def begun(self) -> bool:
        """Whether anything of the guide is under way or done."""
        return any(one.state is not State.PENDING for one in self.phases)


def progress_of(guide: Guide, facts: Mapping[str, PhaseFacts]) -> GuideProgress:
    """Return where every phase stands; a phase without facts is one of which nothing exists."""
    known = ((phase, facts.get(phase.id, PhaseFacts())) for phase in guide.phases)
    phases = tuple(PhaseProgress(phase, state_of(phase, of_it), of_it) for phase, of_it in known)
    return GuideProgress(guide, phases, tuple(_unsupported(guide, phases)))


def state_of(phase: Phase, facts: PhaseFacts) -> State:
    """Return the state of a phase: the gravest word that the facts support.

    A phase is accepted when the baseline keeps its tests, and its declared commit is there or HEAD holds that baseline;
    one without tests of its own, or without a declared commit, when the other is. Once accepted, a refusal stands until
    it is judged again, whatever has changed since: a regression where its tests are red or lost. One of which the guide
    declares nothing is accepted by the baseline or the record alone: that a commit names it shows nothing.
    """
    if _accepted(phase, facts):
        return _since_accepted(facts)
    if facts.passes:
        return State.PASSED
    if not (facts.files or facts.tests or facts.commit):
        return State.PENDING
    return State.RED if _red(phase, facts) else State.ACTIVE


def _since_accepted(facts: PhaseFacts) -> State:
    last = facts.last
    if facts.lost or (last is not None and last.red):
        return State.REGRESSED
    if last is None or not last.ruling.refuses:
        return State.ACCEPTED
    if last.gate in _OF_TESTS:
        return State.REGRESSED
    return State.FAILED if last.ruling is Ruling.FAILED else State.ACTIVE


def _accepted(phase: Phase, facts: PhaseFacts) -> bool:
    if phase.derived:
        return bool(facts.accepted_tests) or facts.recorded
    if facts.recorded and not phase.declared_tests:
        return True
    if not (facts.commit or facts.accepted_tests):
        return False
    has_commit = bool(facts.commit) or facts.committed or not phase.commit
    has_tests = bool(facts.accepted_tests) or not phase.tests
    return has_commit and has_tests


def _red(phase: Phase, facts: PhaseFacts) -> bool:
    return bool(phase.tests) and not facts.missing and facts.fresh and facts.last is not None and facts.last.red


def _unsupported(guide: Guide, phases: tuple[PhaseProgress, ...]) -> Iterator[Finding]:
    for one in phases:
        if one.state in {State.ACCEPTED, State.PASSED}:
            continue
        fix = f"finish it (phasegate check {one.phase.id}), or take the claim out"
        for line, claim in _claims(one.phase):
            told = f"phase {one.phase.id} is {one.state}, and the guide claims: {claim}"
            yield Finding("PG505", Severity.WARNING, told, guide.path, line, fix)


def _claims(phase: Phase) -> Iterator[tuple[int, str]]:
    if phase.claim == "done":
        yield phase.line, "done"
    for criterion in phase.criteria:
        if criterion.checked:
            yield criterion.line, f"[x] {criterion.text}"


PATH = ".phasegate/accepted.jsonl"  # where the records stand, from the project's root: committed, as the baseline is


class Finished(NamedTuple):
    """An accepted phase that has no tests to keep, and its section then."""

    guide: str
    phase: str
    digest: str


@dataclass(frozen=True, slots=True)
class Acceptance(Fact):
    """For each finished phase of the guide, by id: the section's digest then, and the commit that finished it."""

    need = Need.ACCEPTANCE
    digests: Mapping[str, str]
    commits: Mapping[str, str]
