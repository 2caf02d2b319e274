"""What was judged, when, and of which content: the record that ``accept`` and ``status`` go by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.verdict.report import Kind, PhaseReport, RunReport
from pytest_phasegate.core.verdict.verdict import Ruling

_OF_PYTEST = frozenset({"", "tests", "coverage", "regression"})
"""The gates that a run of pytest asks, too; nothing stands where that was not recorded."""
CHECK = "check"  # the command that asks every gate, and runs every accepted test beside those of the phase
PYTEST = "pytest"  # a run of tests that was judged by itself: it knows how each test ended
WHOLE = "whole"  # stands among the parts of a judgement for all of it


class Judgement(NamedTuple):
    """The ruling on one phase at one content.

    ``at`` is in seconds since the epoch, ``guide`` the guide's slug, ``tree`` what ``Repository.content_tree``
    answered (empty without git: such a judgement holds for no tree), ``source`` the command that judged
    (``check``, ``pytest``). ``tests`` counts the phase's collected test functions, ``failed`` those of them that are
    red, and ``coverage`` is its line coverage in percent. ``head`` is the commit below that content, ``changed`` what
    differed from it (each path with what it was, ``None`` where nobody kept it), and ``open`` the numbers of the
    criteria that no run of the check could judge. ``gate`` is the
    first gate that refused, ``fix`` what it says to do. ``rules`` is ``rules_of`` what held, ``stage`` the
    stage that was configured; ``gates`` has each gate's ruling, ``seconds`` how long each part of the whole took.
    """

    at: int
    guide: str
    phase: str
    tree: str
    ruling: Ruling
    source: str
    tests: int = 0
    coverage: float | None = None
    failed: int = 0
    head: str = ""
    changed: tuple[tuple[str, str], ...] | None = None
    open: tuple[int, ...] = ()
    gate: str = ""
    fix: str = ""
    rules: str = ""
    stage: str = ""
    gates: tuple[tuple[str, str], ...] = ()
    seconds: tuple[tuple[str, float], ...] = ()

    @property
    def red(self) -> bool:
        """Whether every test of the phase was seen to fail, or where red was expected (no gate was asked), any."""
        return 0 < self.tests == self.failed or (self.failed > 0 and self.ruling is Ruling.NOT_EVALUATED)


def last_of(judgements: Iterable[Judgement], guide: str, phase: str) -> Judgement | None:
    """Return the newest judgement of a phase, whatever the content; later ones stand later."""
    found = [one for one in judgements if (one.guide, one.phase) == (guide, phase)]
    return found[-1] if found else None


def standing(judgements: Sequence[Judgement], guide: str) -> tuple[Judgement, ...]:
    """Return the judgements of a guide's phases that nothing took back, oldest first.

    A refusal that none of the phase's tests was counted for comes from the run of another phase, which found the
    accepted ones lost, or from one that could not begin. A later check that passes takes it back, of whatever phase:
    it runs all that was accepted. So it does where reviewers alone refused, who speak of the whole change.
    """
    own = [one for one in judgements if one.guide == guide]
    passed = [number for number, one in enumerate(own) if one.source == CHECK and one.ruling is Ruling.PASSED]
    last = passed[-1] if passed else -1
    return tuple(
        one
        for number, one in enumerate(own)
        if number > last or (one.tests and not _by_reviewers(one)) or not one.ruling.refuses
    )


def _by_reviewers(judgement: Judgement) -> bool:
    """Whether no gate refused but the one that asks reviewers."""
    return [gate for gate, ruling in judgement.gates if Ruling(ruling).refuses] == ["feedback"]


def passed_on(judgements: Iterable[Judgement], guide: str, phase: str, tree: str) -> Judgement | None:
    """Return the judgement that lets a phase be accepted: the whole gate passed on exactly this content.

    A run of pytest asks the gates of a test run alone: its pass is none, and its refusal takes an earlier one back.
    One that did not evaluate the phase takes nothing back, unless it saw red.
    """
    whole: Judgement | None = None
    for one in judgements:
        if not tree or (one.guide, one.phase, one.tree) != (guide, phase, tree):
            continue
        if one.ruling is Ruling.PASSED:
            whole = one if one.source == CHECK else whole
        elif one.ruling is not Ruling.NOT_EVALUATED or one.red:
            whole = None
    return whole


class Word(NamedTuple):
    """What may be said of a phase on one content: passed, failed or inconclusive, and why it is no pass."""

    ruling: Ruling
    why: str = ""
    judgement: Judgement | None = None


def word_on(judgements: Iterable[Judgement], guide: str, phase: str, tree: str, *, rules: str) -> Word:
    """Return what may be said of a phase on one content: only what its whole gate passed by these very rules is a pass.

    Args:
        judgements: Those that stand (``standing``), oldest first.
        guide: The guide's slug.
        phase: The phase's id.
        tree: The content.
        rules: The rules as they are (``rules_of`` them): by looser ones a pass says nothing, a refusal by any does.
    """
    known = [one for one in judgements if tree and (one.guide, one.phase, one.tree) == (guide, phase, tree)]
    whole = passed_on((one for one in known if one.rules == rules or one.ruling.refuses or one.red), guide, phase, tree)
    if whole:
        return Word(Ruling.PASSED, "", whole)
    if not known:
        return Word(Ruling.INCONCLUSIVE, "nothing judged it on this content")
    return _no_pass(known[-1])


def _no_pass(last: Judgement) -> Word:
    if last.ruling is Ruling.INCONCLUSIVE:
        return Word(Ruling.INCONCLUSIVE, f"the gate {last.gate} was inconclusive", last)
    if last.ruling.refuses:
        return Word(Ruling.FAILED, f"the gate {last.gate} refused" if last.gate else "accepted tests were lost", last)
    if last.red:
        return Word(Ruling.FAILED, "its tests are red", last)
    if last.ruling is not Ruling.PASSED:
        told = f"{last.source}: {last.ruling}"
    elif last.source == CHECK:
        rules = "other rules than those that hold here" if last.rules else "rules that nobody kept: by an older version"
        told = f"passed by {rules}"
    else:
        told = "only tests and coverage were judged on this content"
    return Word(Ruling.INCONCLUSIVE, told, last)


def lately_expired(waivers: Iterable[Waiver], *, judged: str, today: str) -> tuple[Waiver, ...]:
    """Return the waivers that held on the day of a judgement and do not now; it may rest on any of them."""
    return tuple(one for one in waivers if judged <= one.expires < today)


def by_rules(judgements: Sequence[Judgement], rules: str) -> tuple[Judgement, ...]:
    """Leave out the passes by other rules than those that hold, and the reds and refusals that they took back."""
    kept: list[Judgement] = []
    passes: set[tuple[str, str, str, str | None]] = set()  # guide, phase, source, rules: a check is one of any phase
    for one in reversed(judgements):
        if one.ruling is not Ruling.PASSED:
            by = one.rules if one.ruling.refuses else None
            over = {(one.guide, one.phase, CHECK, by), (one.guide, one.phase, one.source, by)}
            anywhere = not one.tests or _by_reviewers(one)
            if passes.isdisjoint({*over, (one.guide, "", CHECK, by)} if anywhere else over):
                kept.append(one)
        elif one.rules == rules:
            kept.append(one)
        else:
            phases = {one.phase, "" if one.source == CHECK else one.phase}
            passes.update((one.guide, phase, one.source, by) for phase in phases for by in (one.rules, None))
    return tuple(reversed(kept))


def checked_on(judgements: Iterable[Judgement], guide: str, tree: str) -> bool:
    """Return whether the whole gate of any phase passed on this content: it runs all that was accepted."""
    known = tuple(one for one in judgements if tree and (one.guide, one.tree) == (guide, tree))
    return any(passed_on(known, guide, phase, tree) for phase in {one.phase for one in known})


def unanswered(judgements: Iterable[Judgement], guide: str, phase: str) -> Judgement | None:
    """Return the refusal of a gate that pytest does not ask, if no later check has passed the phase."""
    found: Judgement | None = None
    for one in judgements:
        if (one.guide, one.phase) == (guide, phase) and one.source == CHECK:
            refused = one.ruling.refuses and one.gate not in _OF_PYTEST
            found = one if refused else None if one.ruling is Ruling.PASSED else found
    return found


def judgements_of(report: RunReport, *, tree: str, at: int, source: str, whole: bool = True) -> tuple[Judgement, ...]:
    """Return what a report says of each phase it judged, and of each it found regressed.

    A narrowed run judges nothing. A regression speaks against the phase the test belongs to, whatever phase was run.
    Where not the whole suite was run, a refusal holds for the content, and a pass for none.
    """
    if report.narrowed:
        return ()
    slugs = {guide.path: guide.slug for guide in report.guides}
    judged = tuple(
        _of_phase(phase, slugs.get(phase.guide, ""), tree if whole or phase.ruling.refuses else "", at, source)
        for phase in report.phases
    )
    regressed = {one.phase for one in report.regressions if one.kind is not Kind.RENAMED}
    lost = {(slug, phase) for slug in slugs.values() for phase in regressed}
    lost -= {(one.guide, one.phase) for one in judged}
    return judged + tuple(Judgement(at, slug, phase, tree, Ruling.FAILED, source) for slug, phase in sorted(lost))


def seen_red(guide: str, phase: str, tests: int, *, failed: int, tree: str, at: int) -> Judgement:
    """Return the judgement that so many declared tests of a phase were seen red, as expected; no gate was asked."""
    return Judgement(at, guide, phase, tree, Ruling.NOT_EVALUATED, PYTEST, tests, None, failed)


def _of_phase(phase: PhaseReport, slug: str, tree: str, at: int, source: str) -> Judgement:
    gate, fix = _refused_by(phase)
    line = phase.coverage.line if phase.coverage else None
    return Judgement(
        at,
        slug,
        phase.id,
        tree,
        phase.ruling,
        source,
        phase.tests.collected,
        line.percent if line else None,
        phase.tests.failed,
        gate=gate,
        fix=fix,
        open=tuple(one.number for one in phase.criteria if one.open),
        gates=tuple((verdict.gate, str(verdict.ruling)) for verdict in phase.gates),
    )


def _refused_by(phase: PhaseReport) -> tuple[str, str]:
    """Return the gate that refused, one that failed before one that is inconclusive, and what it says to do."""
    refusing = phase.refusing
    if not refusing or not phase.ruling.refuses:
        return "", ""
    first = next((verdict for verdict in refusing if verdict.ruling is phase.ruling), refusing[0])
    return first.gate, first.fix or first.reason


class Since(NamedTuple):
    """The commit a verdict stood on, and how many files differ now; empty and ``None`` where nobody can tell."""

    commit: str = ""
    files: int | None = None

    @property
    def told(self) -> str:
        """The words behind a verdict: ``passed at 1a2b3c4, 3 files changed since``."""
        if not self.commit or self.files is None:
            return "on other content"
        changed = "1 file" if self.files == 1 else f"{self.files} files"
        return f"at {self.commit[:7]}, {changed} changed since"
