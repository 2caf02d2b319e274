"""The commits of a phase: from the first that is about it to the one that finished it, or to the last there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.commit.staged import touched
from pytest_phasegate.app.coverage.ownership import History
from pytest_phasegate.app.guide.finished_phases import may_finish
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.commit.conventional import Commit, resembles
from pytest_phasegate.core.commit.rules import message_findings, phases_of
from pytest_phasegate.core.guide.declared_files import declared_by_all, declared_paths
from pytest_phasegate.core.guide.model import Action, Guide, Phase
from pytest_phasegate.core.project.paths import Inside, Layout, Side, matches_any
from pytest_phasegate.core.project.settings import CommitSettings
from pytest_phasegate.core.regression.baseline import kept_for
from pytest_phasegate.core.verdict.verdict import Finding


def phase_commits(
    around: Surroundings, found: History | str, guide: Guide, phase: Phase
) -> tuple[tuple[Commit, tuple[str, ...]], ...]:
    """Return the commits of a phase, oldest first, each with the paths it touches.

    A commit is about the phase that says so, or that touches a file it declares. What lies between two such commits
    was committed while the phase was worked on.

    Raises:
        RepositoryError: Git cannot answer.
    """
    if isinstance(found, str):
        return ()
    repository, place, own = around.git, Inside(around.prefix), tuple(declared_paths(phase))
    span = found.span(phase.id)
    commits = [(one, touched(repository, one, place)) for one in _since(repository, span.base, span.acceptance)]
    mine = (_names(one, guide, phase, [guide]) or _any(paths, own) for one, paths in commits)
    about = [at for at, is_mine in enumerate(mine) if is_mine]
    return tuple(commits[about[0] : about[-1] + 1]) if about else ()


def commits_about(
    around: Surroundings, found: History | str, guide: Guide, phase: Phase, layout: Layout, *, begun: Phase | None
) -> tuple[Commit, ...]:
    """Return the commits that are about a phase alone, oldest first.

    Those are, until it is accepted, such as name it, and such as touch a file it declares, or declared where it began,
    unless they name an open phase that declares the file; of one that declares no code also such as touch code that
    nobody declares, and name nothing. Of what it alone is to create also what came before: the guide may have come
    after the code, or another phase may have been finished in between.

    Raises:
        RepositoryError: Git cannot answer.
    """
    repository, others = around.git, _created(around.guides, guide, phase)
    alone = (one.path for one in phase.files if one.action is Action.CREATE and not matches_any(one.path, others))
    touching = reversed(repository.touching(*(around.prefix + path for path in alone)))
    early, since = [repository.commit(sha) for sha in touching], list[Commit]()
    if not isinstance(found, str):
        base = found.began(phase.id)
        since, later = _since(repository, base, found.end(phase.id)), set(_since(repository, base, None))
        early = [one for one in early if one not in later]
    own = (*declared_paths(phase), *(declared_paths(begun) if begun else ()))
    claims_code = any(layout.side(path) is Side.PRODUCTION for path in own)
    claimed = declared_by_all(around.guides)
    free = {one.sha for one in own_line(since) if not claims_code and _is_free(one, around, layout, claimed)}
    return tuple(one for one in (*early, *since) if one.sha in free or _is_about(one, around, guide, phase, own))


def own_line(commits: Sequence[Commit]) -> Iterator[Commit]:
    """Yield the commits that were made where the newest was, not what a merge brought from elsewhere, nor merges."""
    known, sha = {one.sha: one for one in commits}, commits[-1].sha if commits else ""
    while one := known.get(sha):
        sha = next(iter(one.parents), "")
        if not one.is_merge:
            yield one


def _is_free(commit: Commit, around: Surroundings, layout: Layout, claimed: tuple[str, ...]) -> bool:
    """Whether a commit names no phase and touches production code that none declares."""
    paths = touched(around.git, commit, Inside(around.prefix)) if not phases_of(commit, around.guides) else ()
    return any(layout.side(path) is Side.PRODUCTION and not matches_any(path, claimed) for path in paths)


def _created(guides: Iterable[Guide], guide: Guide, phase: Phase) -> tuple[str, ...]:
    """Return what any other phase is to create."""
    others = ((one, each) for one in guides for each in one.phases if one.path != guide.path or each.id != phase.id)
    return tuple(file.path for _, each in others for file in each.files if file.action is Action.CREATE)


def _is_about(commit: Commit, around: Surroundings, guide: Guide, phase: Phase, own: tuple[str, ...]) -> bool:
    if not commit.is_merge and _names(commit, guide, phase, around.guides):
        return True
    named = (each for other, each in phases_of(commit, around.guides) if not _is_accepted(around, other, each))
    elsewhere = tuple(path for each in named for path in declared_paths(each))
    paths = touched(around.git, commit, Inside(around.prefix))
    return any(matches_any(path, own) and not matches_any(path, elsewhere) for path in paths)


def _is_accepted(around: Surroundings, guide: Guide, phase: Phase) -> bool:
    recorded = (guide.slug, phase.id, phase.digest) in around.finished
    return recorded or bool(kept_for(around.baseline, guide, phase.id, around.guides))


def _since(repository: Repository, base: str, end: str | None) -> list[Commit]:
    """Return the commits after one, which is no commit where a phase began before the first."""
    last = end or repository.opened_at or "HEAD"
    return [*repository.commits(f"{base}..{last}" if repository.resolve(base) else last)]


def _names(commit: Commit, guide: Guide, phase: Phase, guides: Sequence[Guide]) -> bool:
    return any(one.path == guide.path and each.id == phase.id for one, each in phases_of(commit, guides))


def _any(paths: Iterable[str], own: tuple[str, ...]) -> bool:
    return any(matches_any(path, own) for path in paths)


def near_misses(around: Surroundings, guide: Guide, phase: Phase) -> tuple[Commit, ...]:
    """Return the newest commit of this branch that was surely meant to be the declared one, if there is one.

    Raises:
        RepositoryError: Git cannot answer.
    """
    repository, place = around.git, Inside(around.prefix)
    head, default = repository.opened_at, repository.default_branch()
    if not phase.commit or head is None or default is None:
        return ()
    base = repository.merge_base(default, head)
    recent = repository.commits(f"{base}..{head}") if base else ()
    finished = {commit.sha for commit in around.commits.values()}
    near = (one for one in recent if one.sha not in finished and resembles(one.subject, phase.commit))
    return tuple(one for one in near if _may_finish(repository, one, around, place)(guide, phase))[-1:]


class JudgedMessage(NamedTuple):
    """One commit of the range, and what is wrong with its message."""

    commit: Commit
    findings: tuple[Finding, ...]


def judged_messages(
    repository: Repository, span: Span, around: Surroundings, place: Inside, settings: CommitSettings
) -> tuple[JudgedMessage, ...]:
    """Judge the message of every commit, oldest first; one that joins parents is not judged.

    Raises:
        RepositoryError: Git cannot answer.
    """
    told = ((one, _findings(repository, one, around, place, settings)) for one in span.commits)
    return tuple(JudgedMessage(commit, tuple(findings)) for commit, findings in told)


def _findings(
    repository: Repository, commit: Commit, around: Surroundings, place: Inside, settings: CommitSettings
) -> Iterator[Finding]:
    may_be = _may_finish(repository, commit, around, place)
    yield from message_findings(commit, around.guides, settings, in_range=True, may_be=may_be)


def _may_finish(
    repository: Repository, commit: Commit, around: Surroundings, place: Inside
) -> Callable[[Guide, Phase], bool]:
    return may_finish(partial(touched, repository, commit, place), lambda: around.commits, commit.sha)
