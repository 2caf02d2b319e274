"""Whether what HEAD holds may go to a stage: the whole gate of every phase on this content, coverage, answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from shlex import quote
from typing import NamedTuple

from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.core.coverage.measurement import minima
from pytest_phasegate.core.guide.declared_files import declared_paths
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseProgress
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.project.paths import inside, is_ours, matches_any
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.verdict.judgement import Judgement, Word, lately_expired, standing, word_on
from pytest_phasegate.core.verdict.verdict import Ruling, combine, listed

REFUSED, UNJUDGED, BELOW, UNCOMMITTED, UNANSWERED = "PG571", "PG572", "PG573", "PG574", "PG533"
BLOCKED = "PG551"
_NAMED = 6  # paths or tests in one message
_REACHED = {Ruling.PASSED, Ruling.WAIVED}


class Stage(NamedTuple):
    """A maturity stage, and the coverage of lines that it asks of every phase, in percent."""

    name: str
    minimum: float


class Lack(NamedTuple):
    """One thing that is missing; ``fix`` is the command that settles it, or that tells more."""

    code: str
    ruling: Ruling
    message: str
    fix: str


class PhaseStanding(NamedTuple):
    """One phase on this content; ``judgement`` is the one that speaks for it, ``name`` what commands call it."""

    guide: str
    id: str
    name: str
    title: str
    judgement: Judgement | None
    lacks: tuple[Lack, ...]

    @property
    def ruling(self) -> Ruling:
        """Passed where nothing is missing."""
        return combine([one.ruling for one in self.lacks] or [Ruling.PASSED])


class Part(NamedTuple):
    """The project, or one of its components, before a stage; ``following`` is the same before the next stage."""

    path: str | None
    stage: Stage
    phases: tuple[PhaseStanding, ...]
    lacks: tuple[Lack, ...] = ()
    following: Part | None = None
    common: tuple[Lack, ...] = ()  # what is missing to all parts

    @property
    def ruling(self) -> Ruling:
        """The gravest of what is missing; that there is no phase is no pass."""
        return combine([one.ruling for some in (self.common, self.lacks, self.phases) for one in some])


class Deployment(NamedTuple):
    """What may go where; ``lacks`` is what is missing to all parts, ``guides`` are those that alone were asked."""

    content: str
    commit: str
    lacks: tuple[Lack, ...]
    parts: tuple[Part, ...]
    guides: tuple[str, ...] = ()

    @property
    def ruling(self) -> Ruling:
        """The gravest of all."""
        return combine(one.ruling for one in self.parts)


class Grounds(NamedTuple):
    """What standings are derived from.

    ``now`` is in seconds since the epoch, ``paths`` are the project's files, and ``several`` says that the project has
    more guides than one, whichever of them are asked.
    """

    progress: Sequence[GuideProgress]
    judgements: Sequence[Judgement]
    settings: Settings
    content: str
    now: float
    paths: Sequence[str] = ()
    several: bool = False

    def word(self, guide: str, phase: str) -> Word:
        """Return what may be said of a phase on this content, by the rules that hold, on this day."""
        known = standing(self.judgements, guide)
        word = word_on(known, guide, phase, self.content, rules=rules_of(self.settings))
        if word.ruling is not Ruling.PASSED or word.judgement is None:
            return word
        waivers = self.settings.red_green.waivers
        days = zip(_days(word.judgement.at), _days(self.now), strict=True)
        gone = [one for judged, today in days for one in lately_expired(waivers, judged=judged, today=today)]
        if not gone:
            return word
        why = f"the waiver for {gone[0].match} expired on {gone[0].expires}, after it passed"
        return word._replace(ruling=Ruling.INCONCLUSIVE, why=why)

    def checking(self, name: str, stage: Stage | None) -> str:
        """Return the command that judges phases before a stage."""
        other = f"PHASEGATE_STAGE={quote(stage.name)} " if stage and stage.name != self.settings.stage else ""
        return f"{other}phasegate check {quote(name)}"

    def name(self, guide: str, phase: str) -> str:
        """Return what commands call a phase."""
        return f"{guide}:{phase}" if self.several else phase


def _days(at: float) -> tuple[str, str]:
    """Return the day of a moment as replays count it (UTC), and as the baseline does (here)."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.date().isoformat(), moment.astimezone().date().isoformat()


class Wanted(NamedTuple):
    """What is to go to a stage: all below ``path`` (``None``: the whole project) and not in ``apart``."""

    path: str | None
    stage: str
    apart: tuple[str, ...] = ()


def deployment(grounds: Grounds, head: Head, wanted: Sequence[Wanted]) -> Deployment:
    """Return what is missing to parts of the project before their stages."""
    parts = tuple(_part(grounds, head, one, one.stage) for one in wanted)
    return Deployment(grounds.content, head.commit, head.lacks, parts)


def in_no_part(grounds: Grounds, apart: Sequence[str]) -> tuple[str, ...]:
    """Return the phases (as commands call them) of which no file lies below any of these paths."""
    return tuple(grounds.name(guide.guide.slug, one.phase.id) for guide, one in _chosen(grounds, None, apart))


def following(stages: Mapping[str, float], name: str) -> str | None:
    """Return the stage after one: that with the next higher minimum, of equal ones the next in the table."""
    ordered = sorted(stages, key=lambda stage: stages[stage])
    return next(iter(ordered[ordered.index(name) + 1 :]), None)


class Head(NamedTuple):
    """The commit of HEAD, and what keeps the content as it stands from being its content."""

    commit: str = ""
    lacks: tuple[Lack, ...] = ()


def head_of(around: Surroundings) -> Head:
    """Return the commit whose content stands here.

    Raises:
        RepositoryError: Git cannot answer.
    """
    if around.repository is None:
        return Head("", (Lack(UNJUDGED, Ruling.INCONCLUSIVE, "there is no git repository", "git init"),))
    head = around.repository.head()
    if head is None:
        return Head("", (Lack(UNCOMMITTED, Ruling.INCONCLUSIVE, "there is no commit yet", "git commit"),))
    command = "phasegate feedback list --open"
    blocking = [Lack(BLOCKED, Ruling.FAILED, one.told, command) for one in around.feedback.blocking]
    changed = [change.path for change in around.repository.changes(head, around.content)]
    open_paths = [path for path in changed if not is_ours(path)]
    lacks = [f"not as the commit has it: {listed(open_paths, _NAMED)}"] if open_paths else []
    lacks += ["accepted tests are not committed: .phasegate/baseline.jsonl"] if around.uncommitted else []
    return Head(head, (*blocking, *(Lack(UNCOMMITTED, Ruling.INCONCLUSIVE, lack, "git status") for lack in lacks)))


def _part(grounds: Grounds, head: Head, wanted: Wanted, name: str, *, last: bool = False) -> Part:
    stage = Stage(name, grounds.settings.stages[name])
    phases = standings(grounds, stage, wanted.path, wanted.apart)
    after = None if last else following(grounds.settings.stages, name)
    where = f"no phase has a file below {wanted.path or '.'}" if wanted.path is not None else "there is no phase"
    lacks = () if phases else (Lack(UNJUDGED, Ruling.INCONCLUSIVE, f"{where}: nothing is judged", "phasegate status"),)
    then = _part(grounds, head, wanted, after, last=True) if after else None
    return Part(wanted.path, stage, phases, lacks, then, head.lacks)


def standings(
    grounds: Grounds, stage: Stage | None = None, path: str | None = None, apart: Sequence[str] = ()
) -> tuple[PhaseStanding, ...]:
    """Return the phases below a path before a stage; without one, no coverage is asked beside the gate's."""
    found = [_standing(grounds, guide, one, stage) for guide, one in _chosen(grounds, path, apart)]
    return tuple(_together(grounds, stage, found))


def _chosen(grounds: Grounds, path: str | None, apart: Sequence[str]) -> Iterator[tuple[GuideProgress, PhaseProgress]]:
    for guide in grounds.progress:
        for one in guide.phases:
            there = path is None or _is_of(one.phase, path, grounds.paths)
            if there and not any(_is_of(one.phase, other, grounds.paths) for other in apart):
                yield guide, one


def _is_of(phase: Phase, path: str, paths: Sequence[str]) -> bool:
    """Whether a phase has a file below a path: it names one, or a pattern of its means one that is there."""
    named = tuple(one.removeprefix("./") for one in declared_paths(phase))
    below = any(inside(one, path) for one in named)
    return below or any(inside(one, path) and matches_any(one, named) for one in paths)


def _together(grounds: Grounds, stage: Stage | None, found: Sequence[PhaseStanding]) -> Iterator[PhaseStanding]:
    """Name one check where several phases of a guide want one."""
    alone = {one: grounds.checking(one.name, stage) for one in found}
    wanting = Counter(one.guide for one in found if any(lack.fix == alone[one] for lack in one.lacks))
    for one in found:
        every = grounds.checking(grounds.name(one.guide, "all"), stage)
        fix = every if wanting[one.guide] > 1 else alone[one]
        lacks = tuple(lack._replace(fix=fix) if lack.fix == alone[one] else lack for lack in one.lacks)
        yield one._replace(lacks=lacks)


def _standing(grounds: Grounds, guide: GuideProgress, one: PhaseProgress, stage: Stage | None) -> PhaseStanding:
    slug, phase = guide.guide.slug, one.phase
    name = grounds.name(slug, phase.id)
    word = grounds.word(slug, phase.id)
    check = grounds.checking(name, stage)
    lacks = [*_unproved(word, check)]
    if not lacks and stage and word.judgement:
        lacks += _below(phase, word.judgement, grounds.settings, stage, check)
    if one.facts.lost:
        lacks.append(Lack(REFUSED, Ruling.FAILED, f"accepted tests are gone: {listed(one.facts.lost, _NAMED)}", check))
    review = f"phasegate review {quote(name)}"
    waits, no = "waits for a person", "was answered with no"
    lacks += [Lack(UNANSWERED, Ruling.INCONCLUSIVE, f"criterion {n} {waits}", review) for n in one.facts.open]
    lacks += [Lack(UNANSWERED, Ruling.FAILED, f"criterion {n} {no}", review) for n in one.facts.blocked]
    return PhaseStanding(slug, phase.id, name, phase.title, word.judgement, tuple(lacks))


def _unproved(word: Word, check: str) -> Iterator[Lack]:
    if word.ruling is Ruling.FAILED:
        yield Lack(REFUSED, Ruling.FAILED, word.why, check)
    elif word.ruling is not Ruling.PASSED:
        yield Lack(UNJUDGED, Ruling.INCONCLUSIVE, word.why, check)


def _below(phase: Phase, judged: Judgement, settings: Settings, stage: Stage, check: str) -> Iterator[Lack]:
    """Yield what is missing to a phase's coverage; a figure counts where a gate was asked whether it can be trusted."""
    ruling = dict(judged.gates).get("coverage", "")
    asked = minima(phase, settings._replace(stage=judged.stage or None)).asked
    if ruling in _REACHED and judged.coverage is not None:
        if judged.coverage < stage.minimum:
            told = f"line coverage is {judged.coverage:.2f} %, {stage.minimum:g} % asked by {stage.name}"
            yield Lack(BELOW, Ruling.FAILED, told, check)
    elif ruling != Ruling.NOT_EVALUATED or not asked:
        told = f"its coverage was not asked for, {stage.minimum:g} % asked by {stage.name}"
        yield Lack(UNJUDGED, Ruling.INCONCLUSIVE, told, check)
