"""Find which lines came in during a phase, from git alone.

A phase's *acceptance* is the last commit that says it finishes the phase: by a ``Phase: slug/N`` trailer, or by the
subject the guide declares; else the commit that first recorded the phase in the baseline. Its *base* is the last
acceptance of another phase before that; for the first phase, where its branch left the default branch, or the
commit that brought the guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.guide.finished_phases import marks
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import phases_of
from pytest_phasegate.core.coverage.phase_coverage import UNTOLD, OwnedFile, owned_lines
from pytest_phasegate.core.guide.declared_files import declared_in
from pytest_phasegate.core.guide.model import Action, Guide
from pytest_phasegate.core.project.paths import matches
from pytest_phasegate.core.project.plain_values import lines_of
from pytest_phasegate.core.project.settings import Scope
from pytest_phasegate.core.regression.baseline import PATH, BaselineTest, kept_for
from pytest_phasegate.errors import RepositoryError

NO_GIT = "there is no git repository"


class WorkSpan(NamedTuple):
    """The commits between which a phase was worked on; ``acceptance`` is ``None`` while it is not finished."""

    base: str
    acceptance: str | None = None


class History(NamedTuple):
    """The commits that may hold a guide's phases, oldest first, and where the first phase begins."""

    commits: tuple[Commit, ...]
    start: str
    accepted: Mapping[str, tuple[int, ...]]  # by phase id, the places in ``commits`` that finish the phase
    brought: str = ""  # the commit that brought the guide; nothing where none did
    open: frozenset[str] = frozenset()  # the phases that go on after the last commit that names them
    recorded: Mapping[str, int] = MappingProxyType({})  # by phase id, the place in ``commits`` of its baseline's record

    def span(self, phase: str) -> WorkSpan:
        """Return between which commits a phase was worked on."""
        own = self.accepted.get(phase, ())
        end = own[0] if own else len(self.commits)
        others = [at for other, places in self.accepted.items() if other != phase for at in places if at < end]
        base = self.commits[max(others)].sha if others else self.start
        return WorkSpan(base, self.commits[own[-1]].sha if own and phase not in self.open else None)

    def began(self, phase: str) -> str:
        """Return after which commit a phase was begun; what names another one that is recorded ends nothing."""
        own = self.accepted.get(phase, (len(self.commits),))
        others = (at for one, places in self.accepted.items() for at in places if at <= self.recorded.get(one, at))
        before = [at for at in others if at < own[0] and at not in own]
        return self.commits[max(before)].sha if before else self.start

    def end(self, phase: str) -> str | None:
        """Return the commit up to which a phase may go on, though one finished it: its record, or another phase's."""
        finished = self.accepted.get(phase, ())
        others = (at for other, places in self.accepted.items() if other != phase for at in places)
        later = [at for at in others if finished and at > max(finished)]
        ends = [self.recorded[phase]] if phase in self.recorded else later
        return self.commits[min(ends)].sha if ends else None


def owned_files(
    repository: Repository | None,
    guide: Guide,
    files: Mapping[str, Sequence[str]],
    scope: Scope,
    *,
    prefix: str = "",
    tree: str = "",
) -> dict[str, tuple[OwnedFile, ...]]:
    """Return by phase id which lines of its files each phase answers for.

    Args:
        repository: The repository, or ``None`` where there is none: then every line of each file counts.
        guide: The guide; its path is relative to the project's root.
        files: By phase id, the production files the phase declares, relative to the root.
        scope: ``files`` always takes whole files.
        prefix: The root's path in the repository, empty or ending in ``/``.
        tree: The content under test, if it is known already.
    """
    if scope is Scope.FILES:
        owned = owned_files(repository, guide, files, Scope.OWNED, prefix=prefix, tree=tree)
        return {phase: tuple(_all_of(one) for one in mine) for phase, mine in owned.items()}
    if repository is None:
        return _whole(files, NO_GIT)
    try:
        found = history(repository, guide, prefix)
        if isinstance(found, str):
            return _whole(files, found)
        return _since(repository, found, guide, files, prefix, now=tree or repository.content_tree())
    except RepositoryError as error:
        return _whole(files, f"{UNTOLD}: {error.problem}")


def history(repository: Repository, guide: Guide, prefix: str) -> History | str:
    """Return the commits of a guide's phases, or why they cannot be told.

    Args:
        repository: The repository.
        guide: The guide.
        prefix: The root's path in the repository, empty or ending in ``/``.

    Raises:
        RepositoryError: Git cannot answer, or history is cut.
    """
    head = repository.opened_at
    if head is None:
        return "there is no commit yet"
    fork = _fork(repository, head)
    brought = repository.touching(*repository.names(prefix + guide.path))
    if not brought and fork is None and declared_in(guide):
        return "no base was found: commit the guide before its phases, or work on a branch"
    if brought:
        base, revisions = _begin(repository, brought[-1], head, prefix, guide)
    else:
        base = fork or _before_the_first(repository, guide, head)
        revisions = f"{base}..{head}" if repository.resolve(base) else head
    commits = repository.commits(revisions)
    recorded = _recorded(repository, guide, commits, prefix)
    accepted = _accepted(guide, commits, recorded)
    going_on = frozenset(phase.id for phase in guide.phases if phase.derivation and phase.derivation.open)
    start, came = _start(base, fork, commits, accepted), brought[-1] if brought else ""
    return History(commits, start, accepted, came, going_on, recorded)


def _fork(repository: Repository, head: str) -> str | None:
    """Return where the branch left the default branch, if HEAD is not on that."""
    default = repository.default_branch()
    if default is None:
        return None
    fork = repository.merge_base(default, head)
    name = default.removeprefix("refs/heads/").removeprefix("refs/remotes/origin/")
    return fork if fork != head or repository.branch() not in {None, name} else None


def _before_the_first(repository: Repository, guide: Guide, head: str) -> str:
    """Return what stood before the first commit that names a phase of a guide which is in no commit; else HEAD."""
    mentioning = repository.commits_mentioning(tuple(marks([guide])))
    first = next((commit for commit in mentioning if _names_a_phase(commit, guide)), None)
    return head if first is None else next(iter(first.parents), repository.empty_tree())


def _names_a_phase(commit: Commit, guide: Guide) -> bool:
    return bool(phases_of(commit, [guide]))


def _begin(repository: Repository, brought: str, head: str, prefix: str, guide: Guide) -> tuple[str, str]:
    """Return the tree before the first phase, and the commits after it.

    That is the commit that brought the guide; or the one before it, if modules that it declares came with it. A first
    commit brings all there is: its code was there before the phases if they create none of it, and none of the tests
    that they declare was.
    """
    commit = repository.commit(brought)
    parents = commit.parents
    before = parents[0] if parents else repository.empty_tree()
    declared = [prefix + path for path in declared_in(guide)]
    modules = (change.path for change in repository.changes(before, brought) if change.path.endswith(".py"))
    brings = [path for path in modules if any(matches(pattern, path) for pattern in declared)]
    files = (file for phase in guide.phases for file in phase.declared_files)
    created = {prefix + file.path for file in files if file.action is Action.CREATE}
    before_them = not parents and created.isdisjoint(brings) and _lacks_the_tests(repository, brought, prefix, guide)
    if (before_them or not brings) and not _names_a_phase(commit, guide):
        return brought, f"{brought}..{head}"
    return before, f"{before}..{head}" if parents else head


def _lacks_the_tests(repository: Repository, revision: str, prefix: str, guide: Guide) -> bool:
    """Whether a guide declares tests of certain files, and by these files' texts a revision has none of them."""
    wanted = [(test.file, test.name.encode()) for phase in guide.phases for test in phase.declared_tests if test.file]
    texts = {file: repository.content_at(revision, prefix + file) or b"" for file, _ in wanted}
    return bool(wanted) and not any(name in texts[file] for file, name in wanted)


def _start(base: str, fork: str | None, commits: Sequence[Commit], accepted: Mapping[str, Sequence[int]]) -> str:
    """Return where the first phase begins: at the fork, unless a phase was finished before that."""
    places = {commit.sha: at for at, commit in enumerate(commits)}
    finished = min((at for found in accepted.values() for at in found), default=len(commits))
    return base if fork is None or places.get(fork, -1) >= finished else fork


def _accepted(guide: Guide, commits: Sequence[Commit], recorded: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for at, commit in enumerate(commits):
        for _, phase in phases_of(commit, [guide]):
            found.setdefault(phase.id, []).append(at)
    derived = {phase.id for phase in guide.phases if not phase.names_code}
    for phase_id, at in recorded.items():
        places = found.setdefault(phase_id, [at])
        if phase_id in derived and at > places[-1]:
            places.append(at)
    return {phase_id: tuple(places) for phase_id, places in found.items()}


def _recorded(repository: Repository, guide: Guide, commits: Sequence[Commit], prefix: str) -> dict[str, int]:
    """Return by phase id where the baseline first names the phase."""
    places = {commit.sha: at for at, commit in enumerate(commits)}
    found: dict[str, int] = {}
    for sha in repository.touching(prefix + PATH) if places else ():
        content = repository.content_at(sha, prefix + PATH) if sha in places else None
        if content is not None:
            lines = lines_of(BaselineTest, content.decode("utf-8", "replace"))
            found.update((phase.id, places[sha]) for phase in guide.phases if kept_for(lines, guide, phase.id, [guide]))
    return found


def _since(
    repository: Repository, found: History, guide: Guide, files: Mapping[str, Sequence[str]], prefix: str, *, now: str
) -> dict[str, tuple[OwnedFile, ...]]:
    present = {path.removeprefix(prefix) for path in repository.entries(now) if path.startswith(prefix)}
    spans = {phase: found.span(phase) for phase in files}
    names = {phase: [prefix + path for path in paths if path in present] for phase, paths in files.items()}
    added = _added(repository, spans, names, now)
    owned = {phase: tuple(_lines_in(spans[phase], added, names[phase], prefix)) for phase in files}
    for phase, mine in owned.items():
        created = _created(guide, phase, prefix).intersection(names[phase])
        if not any(one.lines for one in mine) and _came_later(repository, spans[phase], created):
            owned[phase] = tuple(_lines_in(WorkSpan(spans[phase].base), added, names[phase], prefix))
    for phase, paths in files.items():
        ignored = (path for path in paths if path not in present)
        owned[phase] += tuple(OwnedFile(path, None, "git ignores the file") for path in ignored)
    return owned


def _created(guide: Guide, phase_id: str, prefix: str) -> frozenset[str]:
    phase = guide.phase(phase_id)
    return frozenset(prefix + file.path for file in (phase.files if phase else ()) if file.action is Action.CREATE)


def _came_later(repository: Repository, span: WorkSpan, created: frozenset[str]) -> bool:
    """Return whether none of the files a phase is to create was there when a commit said that it finishes the phase.

    That commit was made before the work, and the phase would answer for nothing.
    """
    return bool(span.acceptance and created) and created.isdisjoint(repository.entries(str(span.acceptance)))


def _added(
    repository: Repository, spans: Mapping[str, WorkSpan], names: Mapping[str, Sequence[str]], now: str
) -> dict[str, Mapping[str, frozenset[int]]]:
    """Return by commit the lines that came in since then: each is asked for once, for all the phases it bounds."""
    wanted: dict[str, dict[str, None]] = {}
    for phase, span in spans.items():
        for commit in filter(None, (span.base, span.acceptance)):
            wanted.setdefault(commit, {}).update(dict.fromkeys(names[phase]))
    return {commit: repository.added_lines(commit, now, tuple(paths)) for commit, paths in wanted.items()}


def _lines_in(
    span: WorkSpan, added: Mapping[str, Mapping[str, frozenset[int]]], names: Sequence[str], prefix: str
) -> Iterator[OwnedFile]:
    for name in names:
        later = added[span.acceptance][name] if span.acceptance else frozenset[int]()
        lines = owned_lines(added[span.base][name], later)
        yield OwnedFile(name.removeprefix(prefix), lines, f"since {span.base[:12]}", span.base)


def _all_of(file: OwnedFile) -> OwnedFile:
    """Return a file with all its lines; what the phase began with is kept, and what came in since."""
    return OwnedFile(file.path, None, "", file.base, file.lines or frozenset())


def _whole(files: Mapping[str, Sequence[str]], reason: str) -> dict[str, tuple[OwnedFile, ...]]:
    return {phase: tuple(OwnedFile(path, None, reason) for path in paths) for phase, paths in files.items()}
