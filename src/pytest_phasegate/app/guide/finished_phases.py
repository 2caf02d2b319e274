"""Which commit finished which phase, as history tells it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import PHASE_TRAILER, phases_of
from pytest_phasegate.core.guide.declared_files import declared_paths, declared_patterns
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.paths import is_of_tests, matches_any

_REVERTED = re.compile(r"^This reverts commit ([0-9a-f]{7,64})", re.MULTILINE)


def marks(guides: Iterable[Guide]) -> Iterator[str]:
    """Yield the texts of which a message that finishes a phase, or takes one back, holds at least one."""
    yield f"{PHASE_TRAILER}: "
    yield from (phase.commit for guide in guides for phase in guide.phases if phase.commit)


def finishing_commits(commits: Iterable[Commit], guides: Sequence[Guide]) -> Mapping[tuple[str, str], Commit]:
    """Return the commit that finished each phase, by the guide's slug and the phase's id.

    Args:
        commits: Those that hold a mark, oldest first. A later one replaces an earlier one; a revert takes back
            what it names, and reverting that brings it back.
        guides: All guides of the project.
    """
    found: dict[tuple[str, str], Commit] = {}
    taken_back: dict[str, dict[tuple[str, str], Commit]] = {}
    for commit in commits:
        reverted = _REVERTED.search(commit.message)
        if reverted:
            _take_back(found, taken_back, commit, reverted.group(1))
        elif not commit.is_merge:
            found |= {(guide.slug, phase.id): commit for guide, phase in phases_of(commit, guides)}
    return found


def _take_back(
    found: dict[tuple[str, str], Commit],
    taken_back: dict[str, dict[tuple[str, str], Commit]],
    revert: Commit,
    named: str,
) -> None:
    again = next((entries for sha, entries in taken_back.items() if sha.startswith(named)), None)
    if again is not None:
        found |= again
        return
    gone = {key: commit for key, commit in found.items() if commit.sha.startswith(named)}
    taken_back[revert.sha] = gone
    for key in gone:
        del found[key]


def may_finish(
    touched: Callable[[], Collection[str]], finished: Callable[[], Mapping[tuple[str, str], Commit]], sha: str = ""
) -> Callable[[Guide, Phase], bool]:
    """Return what says whether a commit with nearly a phase's subject may be that phase's.

    It is not where the phase has its commit already, nor where it declares files and the commit touches none of them:
    the files of its tests alone are their red commit, where it declares others.

    Args:
        touched: The paths of the commit, from the project's root; asked only where the answer hangs on them.
        finished: The commit that finished each phase, by slug and id; the same.
        sha: The commit, where it stands already.
    """

    def may_be(guide: Guide, phase: Phase) -> bool:
        tests = {test.file for test in phase.tests}
        code = [path for path in declared_patterns(phase) if path not in tests and not is_of_tests(path)]
        own = code or tuple(declared_paths(phase))
        if own and not any(matches_any(path, own) for path in touched()):
            return False
        known = finished().get((guide.slug, phase.id))
        return known is None or known.sha == sha

    return may_be
