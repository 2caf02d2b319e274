"""Where every phase stands: the states, derived from the facts of git, baseline, judgements and files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.guide.surroundings import Definitions, Surroundings, since
from pytest_phasegate.app.renamed_tests import renamed_acceptances
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Action, DeclaredFile, Guide, Phase, Source
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseFacts, State, progress_of
from pytest_phasegate.core.guide.selection import Done
from pytest_phasegate.core.project.paths import is_of_tests, matches
from pytest_phasegate.core.regression.baseline import BaselineTest, kept_for
from pytest_phasegate.core.verdict.judgement import (
    CHECK,
    Judgement,
    Since,
    checked_on,
    last_of,
    passed_on,
    standing,
    unanswered,
)
from pytest_phasegate.core.verdict.verdict import Ruling


def progress_of_all(surroundings: Surroundings) -> tuple[GuideProgress, ...]:
    """Return where every phase of every guide stands.

    Raises:
        RepositoryError: Git cannot answer.
    """
    looked: dict[str, Since] = {}
    return tuple(_whole_progress(guide, surroundings, looked) for guide in surroundings.guides)


def states_of_all(surroundings: Surroundings) -> tuple[GuideProgress, ...]:
    """Return the same without what changed since a verdict and who has yet to answer: a hook asks for neither."""
    return tuple(_of_guide(guide, surroundings) for guide in surroundings.guides)


def current_phase(surroundings: Surroundings, guide: Guide) -> Phase | None:
    """Return the first phase of a guide that is not accepted and whose dependencies are."""
    current = _of_guide(guide, surroundings).current
    return current.phase if current else None


def done_phases(surroundings: Surroundings, guide: Guide) -> Done:
    """Return which phases of a guide are accepted, and which have their commit.

    A phase that regressed or failed was accepted; what the baseline of HEAD keeps is accepted, though its file is gone.

    Raises:
        RepositoryError: Git cannot answer.
    """
    phases = _of_guide(guide, surroundings).phases
    over = {one.phase.id for one in phases if one.state in {State.ACCEPTED, State.REGRESSED, State.FAILED}}
    kept = {one.phase.id for one in phases if one.facts.accepted_tests or one.facts.recorded}
    there = {one.id for one in guide.phases if kept_for(_of_head(surroundings), guide, one.id, surroundings.guides)}
    commits = {one.phase.id for one in phases if one.facts.commit}
    return Done(frozenset(over | kept | there), frozenset(over | kept | there | commits))


def _of_head(surroundings: Surroundings) -> tuple[BaselineTest, ...]:
    return () if surroundings.baseline else tuple(surroundings.committed)


def _of_guide(guide: Guide, surroundings: Surroundings) -> GuideProgress:
    return progress_of(guide, {phase.id: _facts(guide, phase, surroundings) for phase in guide.phases})


def _facts(guide: Guide, phase: Phase, surroundings: Surroundings) -> PhaseFacts:
    files, last = surroundings.files, _last_judgement(guide, phase, surroundings)
    commit = surroundings.commits.get((guide.slug, phase.id))
    if phase.derived and phase.derived.uncommitted:
        commit = None  # the phase goes on after the last commit that names it
    kept = kept_for(surroundings.baseline, guide, phase.id, surroundings.guides)
    lost = tuple(entry for entry in kept if not files.test(entry.test))
    there, missing = _declared_tests(phase, files)
    begun = commit or kept or there
    renamed = _renamed(guide, phase, surroundings, lost) if lost or (missing and begun) else Renamed()
    return PhaseFacts(
        commit=commit.sha if commit else "",
        committed=commit is None and bool(kept) and surroundings.committed.issuperset(kept),
        accepted_tests=len(kept),
        recorded=(guide.slug, phase.id, phase.digest) in surroundings.finished,
        lost=tuple(entry.test for entry in lost if entry.test not in renamed.accepted),
        files=tuple(file.path for file in phase.files if _is_made(file) and files.exists(file.path)),
        tests=(*there, *(test for test in missing if test in renamed.declared)),
        missing=tuple(test for test in missing if test not in renamed.declared),
        code_untouched=bool(there)
        and not (commit or (last and last.tests))
        and _is_untouched(phase, surroundings.uncommitted_paths),
        last=last,
        fresh=last is not None and bool(last.tree) and last.tree == surroundings.content,
    )


def _is_made(file: DeclaredFile) -> bool:
    """Whether that a file is there shows that the phase is begun."""
    return file.action is Action.CREATE or file.source is Source.DERIVED


def _is_untouched(phase: Phase, uncommitted: Collection[str]) -> bool:
    """Whether there is uncommitted work beside the code that the phase is to change, and none in it."""
    changed = (one.path for one in phase.declared_files if one.action in {Action.MODIFY, Action.UNSPECIFIED})
    code = [path for path in changed if not is_of_tests(path)]
    return bool(code and uncommitted) and not any(matches(glob, path) for glob in code for path in uncommitted)


def _whole_progress(guide: Guide, surroundings: Surroundings, looked: dict[str, Since]) -> GuideProgress:
    """Return where the phases stand, and what is known of this content: whether anything judged it, who must answer.

    Args:
        guide: The guide.
        surroundings: What the states are derived from.
        looked: What has changed since a content, by that content: many verdicts are of one.
    """
    checked = checked_on(standing(surroundings.judgements, guide.slug), guide.slug, surroundings.content)
    whole: dict[str, PhaseFacts] = {}
    for phase in guide.phases:
        facts = _facts(guide, phase, surroundings)
        if facts.last and not facts.fresh and facts.last.tree not in looked:
            looked[facts.last.tree] = since(surroundings.repository, facts.last, surroundings.content)
        begun = facts.fresh or facts.commit or facts.accepted_tests or facts.recorded
        open_by_run = facts.last.open if facts.last and facts.fresh else ()
        accepted = bool(facts.commit or facts.accepted_tests or facts.recorded)
        reviewed = surroundings.answered(guide, phase, open_by_run=open_by_run, accepted=accepted) if begun else None
        # another phase's gate runs all that the baseline keeps: a declared test that is not there and not kept is not
        short = bool(facts.missing) and facts.accepted_tests < len(phase.declared_tests)
        whole[phase.id] = facts._replace(
            judged=facts.passes or bool(begun and checked and not short),
            since=looked[facts.last.tree] if facts.last and not facts.fresh else None,
            open=reviewed.open if reviewed else (),
            blocked=tuple(one.number for one in reviewed.blocked) if reviewed else (),
        )
    return progress_of(guide, whole)


def was_accepted(guide: Guide, phase: Phase, surroundings: Surroundings) -> bool:
    """Return whether a phase was ever finished: by a commit, by accepted tests, or by its record."""
    return bool(
        (guide.slug, phase.id) in surroundings.commits
        or kept_for(surroundings.baseline, guide, phase.id, surroundings.guides)
        or (guide.slug, phase.id, phase.digest) in surroundings.finished
    )


class Renamed(NamedTuple):
    """The accepted tests of a phase by what they are called now, and the names of declared ones that changed."""

    accepted: Mapping[TestId, TestId] = MappingProxyType({})
    declared: frozenset[str] = frozenset()


def _renamed(guide: Guide, phase: Phase, surroundings: Surroundings, lost: Sequence[BaselineTest]) -> Renamed:
    if surroundings.texts is None:
        return Renamed()
    found = surroundings.renamed([replace(guide, phases=(phase,))])
    accepted = renamed_acceptances(surroundings.texts(), surroundings.guides, lost)
    return Renamed(accepted, frozenset(test.name for _, test in found))


def _last_judgement(guide: Guide, phase: Phase, surroundings: Surroundings) -> Judgement | None:
    """Return the judgement that lets the phase be accepted, else the newest of this content, else of any.

    Of content that a check passed, and that comes back, nothing counts that was tried in between.
    """
    judgements = standing(surroundings.judgements, guide.slug)
    if checked_on(judgements, guide.slug, surroundings.content):
        judgements = judgements[: 1 + max(n for n, one in enumerate(judgements) if one.tree == surroundings.content)]
    passed = judgements and passed_on(judgements, guide.slug, phase.id, surroundings.content)
    if passed:
        return passed
    newest = last_of(judgements, guide.slug, phase.id)
    if newest and newest.source != CHECK and newest.ruling is Ruling.PASSED:
        return unanswered(judgements, guide.slug, phase.id) or newest
    if newest is None or newest.tree == surroundings.content:
        return newest
    of_this = (one for one in judgements if one.tree == surroundings.content)
    return last_of(of_this, guide.slug, phase.id) or newest


def _declared_tests(phase: Phase, files: Definitions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    beside = tuple(file.path for file in phase.declared_files)
    there: list[str] = []
    missing: list[str] = []
    for test in phase.declared_tests:
        (there if files.declared(test, beside) else missing).append(test.name)
    derived = (test.name for test in phase.tests if test.source is Source.DERIVED)
    return (*there, *derived), tuple(missing)


def choose(progress: Sequence[GuideProgress]) -> tuple[GuideProgress, ...]:
    """Return the guides that something is to be done about: the open ones, or of these the ones already begun."""
    open_ones = tuple(one for one in progress if not one.accepted)
    return (
        tuple(one for one in open_ones if one.begun) or open_ones or tuple(one for one in progress if not one.complete)
    )
