"""Where every phase stands: gather the facts of git, baseline, judgements and files, and derive the states."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from pytest_phasegate.app.criteria import People, Reviewed
from pytest_phasegate.app.guide.finished_phases import finishing_commits, marks
from pytest_phasegate.app.mapping import Declared, renamed_acceptances, renamed_declarations
from pytest_phasegate.app.ports.repository import Commit, Repository
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.criteria.feedback import Feedback
from pytest_phasegate.core.criteria.reviews import Report
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Guide, Phase, Source
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseFacts, State, progress_of
from pytest_phasegate.core.guide.selection import Done
from pytest_phasegate.core.project.layout import is_test_name
from pytest_phasegate.core.project.paths import is_ours, matches
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
from pytest_phasegate.errors import RepositoryError

_SHORTEST = 7  # digits of a commit's name that surely mean one


class Definitions(Protocol):
    """What the project's files define, as they stand."""

    def exists(self, pattern: str) -> bool:
        """Return whether a declared path or glob means anything that exists."""

    def declared(self, test: DeclaredTest, files: Iterable[str] = ()) -> bool:
        """Return whether a declared test exists."""

    def test(self, test_id: str) -> bool:
        """Return whether ``path::Class::test`` is still defined where it stood."""


@dataclass(frozen=True)
class Surroundings:
    """Everything the states are derived from; ``repository`` is ``None`` outside of git."""

    guides: tuple[Guide, ...]
    repository: Repository | None
    baseline: tuple[BaselineTest, ...]
    judgements: tuple[Judgement, ...]
    files: Definitions
    # slug, id and section of the accepted phases that have no tests
    finished: frozenset[tuple[str, str, str]] = frozenset()
    # asked only where a phase that the baseline keeps has no commit of its own
    baseline_of_head: Callable[[], Sequence[BaselineTest]] = tuple
    # return what people answered for criteria; nobody is asked where it is ``None``
    ask_people: Callable[[], People] | None = None
    # return what reads the tests by their text: asked only where one is not where it should be
    texts: Callable[[], TestTexts] | None = None
    ask_reviewers: Callable[[], Feedback] | None = None  # return the comments of reviewers
    ask_reports: Callable[[], tuple[Report, ...]] | None = None  # return the reports of reviewers
    prefix: str = ""  # the project's directory in the repository and a ``/``, or nothing
    tree: str = ""  # the content, where somebody looked at it already

    @cached_property
    def commits(self) -> Mapping[tuple[str, str], Commit]:
        """The commit that finished each phase, by slug and id."""
        if self.repository is None:
            return {}
        mentioning = self.repository.commits_mentioning(tuple(dict.fromkeys(marks(self.guides))))
        return finishing_commits(mentioning, self.guides)

    @cached_property
    def committed(self) -> frozenset[BaselineTest]:
        """The accepted tests that HEAD holds."""
        return frozenset(self.baseline_of_head())

    @cached_property
    def accepted(self) -> tuple[BaselineTest, ...]:
        """The accepted tests: where the file is gone, or empty, those that HEAD holds."""
        return self.baseline or tuple(self.baseline_of_head())

    def renamed(self, guides: Iterable[Guide]) -> Declared:
        """Return what became of the tests that guides declare, where they go by another name now."""
        return renamed_declarations(self.texts(), guides, self.baseline) if self.texts else {}

    @property
    def uncommitted(self) -> bool:
        """Whether the baseline holds a test that HEAD's does not: later phases, and CI, are held to HEAD's."""
        return self.repository is not None and bool(self.baseline) and not self.committed.issuperset(self.baseline)

    @cached_property
    def people(self) -> People | None:
        """What people answered for criteria."""
        return self.ask_people() if self.ask_people else None

    @cached_property
    def feedback(self) -> Feedback:
        """The comments of reviewers, and what became of each."""
        return self.ask_reviewers() if self.ask_reviewers else Feedback()

    @cached_property
    def reports(self) -> tuple[Report, ...]:
        """The reports of reviewers."""
        return self.ask_reports() if self.ask_reports else ()

    @cached_property
    def reviewed(self) -> str:
        """The content that reviewers look at: all but their reports, so that writing one changes nothing."""
        if self.repository is None or not self.reports:
            return self.content
        return self.repository.without(self.content, [self.prefix + one.path for one in self.reports])

    def speaks_of_this(self, report: Report) -> bool:
        """Whether a report was made of the content as it stands."""
        if self.repository is None:
            return False
        if report.content:
            return report.content in {self.reviewed, self.content}
        commit = self.repository.resolve(report.commit) if len(report.commit) >= _SHORTEST else None
        if commit is None:
            return False
        ours = {self.prefix + one.path for one in self.reports}
        return all(
            change.path in ours or is_ours(change.path) for change in self.repository.changes(commit, self.content)
        )

    def answered(
        self, guide: Guide, phase: Phase, *, open_by_run: Iterable[int] = (), accepted: bool = False
    ) -> Reviewed:
        """Return how the criteria of a phase stand: by what people answered, and by the reports made of this content.

        What people answered weighs more, and a no of a report more than the yes of another.
        """
        if self.people is None:
            return Reviewed()
        current = [one for one in self.reports if self.speaks_of_this(one)]
        own = self.people.own(phase, self.repository, self.reviewed) if current else ""
        said = [one for report in current for one in report.answers(guide, phase, self.reviewed, own)]
        return self.people.reviewed(
            guide,
            phase,
            self.repository,
            self.reviewed,
            open_by_run=open_by_run,
            accepted=accepted,
            further=sorted(said, key=lambda one: one.at),
        )

    @cached_property
    def content(self) -> str:
        """The content as it stands, or nothing outside of git."""
        return self.tree or (self.repository.content_tree() if self.repository else "")

    @cached_property
    def uncommitted_paths(self) -> frozenset[str]:
        """The files of the project that are not as HEAD holds them."""
        head = self.repository.opened_at if self.repository and self.content else None
        changed = _changed(self.repository, head, self.content) if self.repository and head else ()
        return frozenset(path.removeprefix(self.prefix) for path in changed if path.startswith(self.prefix))


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
        renamed=tuple(sorted(renamed.accepted.items())),
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
    code = [one.path for one in phase.declared_files if one.action is Action.MODIFY and not is_test_name(one.path)]
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
        whole[phase.id] = facts._replace(
            judged=facts.passes or bool(begun and checked),
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


@dataclass(frozen=True, slots=True)
class Renamed:
    """The accepted tests of a phase by what they are called now, and the names of declared ones that changed."""

    accepted: Mapping[TestId, TestId] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()


def _renamed(guide: Guide, phase: Phase, surroundings: Surroundings, lost: Sequence[BaselineTest]) -> Renamed:
    if surroundings.texts is None:
        return Renamed()
    found = surroundings.renamed([replace(guide, phases=(phase,))])
    return Renamed(renamed_acceptances(surroundings.texts(), lost), frozenset(test.name for _, test in found))


def _last_judgement(guide: Guide, phase: Phase, surroundings: Surroundings) -> Judgement | None:
    """Return the judgement that lets the phase be accepted, else the newest of this content, else of any."""
    judgements = standing(surroundings.judgements, guide.slug)
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


Changed = tuple[tuple[str, str], ...]


_MOST = 200  # of more files than these nobody wants the names kept with every verdict
_LOOKED_AT = 20  # so many commits behind a verdict are looked at for the one that brought the judged content


def standing_on(repository: Repository | None, content: str) -> tuple[str, Changed | None]:
    """Return HEAD, and what differs from it in a content: each path with its object there, or nothing."""
    head = repository.head() if repository and content else None
    if repository is None or head is None:
        return "", None
    changed = _changed(repository, head, content)
    return head, tuple(sorted(changed.items())) if len(changed) <= _MOST else None


def since(repository: Repository | None, judgement: Judgement, content: str) -> Since:
    """Return where a judgement stood and how many files are not as they were then."""
    if repository is None or not content or not judgement.head or judgement.changed is None:
        return Since()
    then = dict(judgement.changed)
    try:
        now = _changed(repository, judgement.head, content)
        commit = _commit_of(repository, judgement.head, then)
    except RepositoryError:
        return Since()
    return Since(commit, sum(then.get(path) != now.get(path) for path in then.keys() | now.keys()))


def _commit_of(repository: Repository, head: str, then: dict[str, str]) -> str:
    """Return the first commit that holds what was judged: the verdict came before it; else the one below it."""
    if not then:
        return head
    for commit in repository.commits(f"{head}..HEAD", first_parent=True)[:_LOOKED_AT]:
        if _changed(repository, head, commit.tree) == then:
            return commit.sha
    return head


def _changed(repository: Repository, before: str, after: str) -> dict[str, str]:
    return {
        change.path: f"{change.after.mode} {change.after.oid}" if change.after else ""
        for change in repository.changes(before, after)
        if not is_ours(change.path)
    }
