"""What the states of phases are derived from: git, the baseline, judgements and where they stood, files, people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from pytest_phasegate.app.criteria import People, Reviewed
from pytest_phasegate.app.guide.finished_phases import finishing_commits, marks
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.app.renamed_tests import Declared, renamed_declarations
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.criteria.feedback import Feedback
from pytest_phasegate.core.criteria.reviews import Report
from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase
from pytest_phasegate.core.project.paths import is_ours
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.core.verdict.judgement import Judgement, Since
from pytest_phasegate.errors import RepositoryError

Changed = tuple[tuple[str, str], ...]


_MOST = 200  # of more files than these nobody wants the names kept with every verdict
_LOOKED_AT = 20  # so many commits behind a verdict are looked at for the one that brought the judged content


def standing_on(repository: Repository | None, content: str) -> tuple[str, Changed | None]:
    """Return HEAD, and what differs from it in a content: each path with its object there, or nothing."""
    head = repository.head() if repository and content else None
    if repository is None or head is None:
        return "", None
    changed = changed_between(repository, head, content)
    return head, tuple(sorted(changed.items())) if len(changed) <= _MOST else None


def since(repository: Repository | None, judgement: Judgement, content: str) -> Since:
    """Return where a judgement stood and how many files are not as they were then."""
    if repository is None or not content or not judgement.head or judgement.changed is None:
        return Since()
    then = dict(judgement.changed)
    try:
        now = changed_between(repository, judgement.head, content)
        commit = _commit_of(repository, judgement.head, then)
    except RepositoryError:
        return Since()
    return Since(commit, sum(then.get(path) != now.get(path) for path in then.keys() | now.keys()))


def _commit_of(repository: Repository, head: str, then: dict[str, str]) -> str:
    """Return the first commit that holds what was judged: the verdict came before it; else the one below it."""
    if not then:
        return head
    for commit in repository.commits(f"{head}..HEAD", first_parent=True)[:_LOOKED_AT]:
        if changed_between(repository, head, commit.tree) == then:
            return commit.sha
    return head


def changed_between(repository: Repository, before: str, after: str) -> dict[str, str]:
    """Return the paths that differ between two contents, ours aside, each with its object in the later one."""
    return {
        change.path: f"{change.after.mode} {change.after.oid}" if change.after else ""
        for change in repository.changes(before, after)
        if not is_ours(change.path)
    }


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

    @property
    def git(self) -> Repository:
        """The repository.

        Raises:
            RepositoryError: There is none.
        """
        if self.repository is None:
            raise RepositoryError("there is no git repository here", hint="git init, and commit what is there")
        return self.repository

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
        changed = changed_between(self.repository, head, self.content) if self.repository and head else ()
        return frozenset(path.removeprefix(self.prefix) for path in changed if path.startswith(self.prefix))
