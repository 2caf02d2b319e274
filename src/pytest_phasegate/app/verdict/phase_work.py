"""The work of a phase: what its commits and its files in no commit yet change, and which of them are to be proved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import dropwhile
from typing import NamedTuple

from pytest_phasegate.app.commit.phase_commits import commits_about, near_misses, phase_commits
from pytest_phasegate.app.commit.staged import as_changed_paths, changes_between, changes_of
from pytest_phasegate.app.coverage.ownership import History
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.regression.accept import holds_accepted
from pytest_phasegate.app.regression.suite import base_of
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import ChangedPaths, Committed
from pytest_phasegate.core.guide.declared_files import declared_by_all, declared_paths
from pytest_phasegate.core.guide.model import Action, Derivation, Guide, Phase, Source
from pytest_phasegate.core.project.configuration import FILES, otherwise
from pytest_phasegate.core.project.paths import Inside, Layout, Side, is_ours, matches_any
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.redgreen.file_reads import Loadable, Wants, read_imports


class PhaseWork(NamedTuple):
    """What git tells of one phase; every question raises ``RepositoryError`` where git cannot answer.

    ``ask_history`` returns the history of the guide, or why nobody knows it; it is asked only where it is needed.
    """

    git: Repository
    around: Surroundings
    layout: Layout
    guide: Guide
    phase: Phase
    ask_history: Callable[[], History | str]

    @property
    def inside(self) -> Inside:
        """How paths of the repository are called in the project."""
        return Inside(self.around.prefix)

    @property
    def base(self) -> str:
        """Where the phase began."""
        return base_of(self.git, self.ask_history(), self.phase)

    @property
    def finished(self) -> Commit | None:
        """The commit that finished the phase; none where work goes on after the last that names it."""
        goes_on = self.phase.derived and self.phase.derived.uncommitted
        return None if goes_on else self.around.commits.get((self.guide.slug, self.phase.id))

    @property
    def before(self) -> str:
        """What the change of the phase stands on: the parent of its commit, else the last commit."""
        return self._before(self.finished or self.uncommitted)

    @property
    def uncommitted(self) -> Commit:
        """The work as it stands, as if it were committed."""
        head, subject = self.git.opened_at, self.phase.commit or ""
        return Commit(subject, tree=self.around.content, parents=(head,) if head else (), message=subject)

    def _before(self, commit: Commit) -> str:
        return next(iter(commit.parents), None) or self.git.empty_tree()

    def _commits_of(self, derived: Derivation) -> tuple[Commit, ...]:
        """Return the commits of a phase that declares nothing, and its work in no commit yet."""
        commits = tuple(self.git.commit(sha) for sha in derived.commits)
        return (*commits, self.uncommitted) if derived.uncommitted else commits

    def change(self) -> ChangedPaths:
        """Return the paths that the commit of the phase changes, or its work; of what is derived, all of its commits'.

        With it the files of the phase that nothing brought, and what its other commits touch.
        """
        finished = self.finished
        if self.phase.derived:
            changed = (changes_of(self.git, commit, self.inside) for commit in self._commits_of(self.phase.derived))
            paths = {change.path for changes in changed for change in changes if not is_ours(change.path)}
            return ChangedPaths("the work of the phase", tuple(sorted(paths)), self.layout)
        commits = phase_commits(self.around, self.ask_history(), self.guide, self.phase)
        further = {path for one, paths in commits if not finished or one.sha != finished.sha for path in paths}
        if finished:
            changes, what = changes_of(self.git, finished, self.inside), f"commit {finished.sha[:10]}"
        else:
            between = changes_between(self.git, self.before, self.around.content, self.inside)
            changes, what = tuple(one for one in between if not is_ours(one.path)), "the uncommitted change"
        return self._whole(as_changed_paths(changes, self.layout, what), tuple(sorted(further)))

    def _whole(self, change: ChangedPaths, further: tuple[str, ...]) -> ChangedPaths:
        files, exists = self.phase.files, self.around.files.exists
        to_create = (file.path for file in files if file.action is Action.CREATE)
        absent = (path for path in to_create if not any(matches_any(touched, (path,)) for touched in change.paths))
        return replace(
            change,
            absent=tuple(path for path in absent if not exists(path)),
            left=tuple(file.path for file in files if file.action is Action.DELETE and exists(file.path)),
            hidden=self._hidden(),
            further=further,
            declared=declared_by_all(self.around.guides),
        )

    def _hidden(self) -> tuple[str, ...]:
        """Return the code and tests of the phase that git ignores; of one without code what its tests import."""
        files = (file.path for file in self.phase.files if file.action is not Action.DELETE)
        sides = {path: side for path in files if (side := self.layout.side(path)) is not Side.NEITHER}
        ignored = self.git.ignored(self.inside.prefix + path for path in sides)
        has_code = Side.PRODUCTION in sides.values() or self.phase.files_source is Source.DECLARED
        imported = () if has_code else self._ignored_imports()
        return (*(path for path in sides if self.inside.prefix + path in ignored), *imported)

    def _ignored_imports(self) -> tuple[str, ...]:
        """Return the code that git ignores, and that no build writes, of which tests of the phase import something."""
        wants, git = Wants(), self.git
        files = {self.inside.prefix + test.file for test in self.phase.tests if test.file}
        found = {path: entry.oid for path, entry in git.entries(self.around.content).items() if path in files}
        texts = git.blobs(found.values())
        for path, oid in found.items():
            read_imports(path, texts[oid], wants, Loadable((), {}))
        code = (path for path in git.all_ignored() if self.layout.module_of(path) in wants.names)
        return tuple(filter(None, map(self.inside.relative, {*code}.difference(self.layout.version_files))))

    def messages(self, begun: Callable[[], Phase | None]) -> Committed:
        """Return the commits whose message is judged: the phase's, or what was meant to be it, or may be.

        Args:
            begun: Returns the phase as its guide said it where it began.
        """
        finished = self.finished
        commits = (finished,) if finished else near_misses(self.around, self.guide, self.phase)
        unnamed = () if commits else self._about(begun())[-1:]
        return Committed(commits, None if finished else self.git.branch(), *unnamed)

    def _about(self, begun: Phase | None) -> tuple[Commit, ...]:
        return commits_about(self.around, self.ask_history(), self.guide, self.phase, self.layout, begun=begun)

    def altered_rules(self, rules_at: Callable[[str], Settings], rules: Settings) -> tuple[str, ...]:
        """Return the keys of the configuration that the phase alters: its work, or a commit of it that does more.

        Args:
            rules_at: Returns the rules of a revision.
            rules: As they stand.
        """
        commits = phase_commits(self.around, self.ask_history(), self.guide, self.phase)
        steps = [one for one, paths in commits if not {*FILES}.isdisjoint(paths) and {*paths} - {*FILES}]
        steps += [self.finished or self.uncommitted]
        sides = ((rules_at(self._before(one)), rules_at(one.sha) if one.sha else rules) for one in steps)
        return tuple(dict.fromkeys(key for before, now in sides for key in otherwise(before, now)))

    def to_prove(
        self, begun: Callable[[], Phase | None], asked_at: Callable[[str], bool]
    ) -> Iterator[tuple[Commit, ...]]:
        """Yield the commits of the phase, whatever they are called, and its work in none yet, as they are replayed.

        Args:
            begun: Returns the phase as its guide said it where it began.
            asked_at: Tells whether the configuration of a revision asks for red before green.
        """
        if self.phase.derived:
            yield from [self._commits_of(self.phase.derived)] if self.phase.derived.begun else []
            return
        finished = self.finished
        commits = [*dropwhile(lambda one: self._came_before_us(one, asked_at), self._about(begun()))]
        if finished and finished.sha not in {one.sha for one in commits}:
            commits.append(finished)
        head = self.git.opened_at or self.git.empty_tree()
        paths = [change.path for change in changes_between(self.git, head, self.uncommitted.tree, self.inside)]
        own = tuple(declared_paths(self.phase))
        goes_on = any(matches_any(path, own) for path in paths) if finished else bool(paths)
        if goes_on and not (finished and holds_accepted(self.around, self.ask_history(), self.guide, self.phase)):
            commits.append(self.uncommitted)
        # a range begins with the commit before its first one, and the first of all has none
        parts = ([one for one in commits if not one.parents], [one for one in commits if one.parents])
        yield from (tuple(part) for part in parts if part)

    def _came_before_us(self, commit: Commit, asked_at: Callable[[str], bool]) -> bool:
        """Whether nothing asked for red before green yet where a commit was made, though something does by now.

        With the first commit of all, rules that it holds ask for it of the code that the phase is to create.
        """
        to_create = (one.path for one in self.phase.files if one.action is Action.CREATE)
        code = (self.inside.prefix + path for path in to_create if self.layout.side(path) is Side.PRODUCTION)
        if not commit.parents and self.git.entries(commit.tree).keys().isdisjoint(code):
            return True
        before, now = map(asked_at, (next(iter((*commit.parents, commit.sha))), self.git.opened_at or ""))
        return now and not before
