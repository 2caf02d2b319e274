"""Whether a commit may be the one that finishes a phase: by what it touches, and by what history holds already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.declared_files import declared_paths
from pytest_phasegate.core.project.sides import matches_any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from pytest_phasegate.app.ports.trees import Commit
    from pytest_phasegate.core.guide.model import Guide, Phase


def may_finish(
    touched: Callable[[], Collection[str]], finished: Callable[[], Mapping[tuple[str, str], Commit]], sha: str = ""
) -> Callable[[Guide, Phase], bool]:
    """Return what says whether a commit with nearly a phase's subject may be that phase's.

    It is not where the phase has its commit already, nor where it declares files and the commit touches none of them.

    Args:
        touched: The paths of the commit, from the project's root; asked only where the answer hangs on them.
        finished: The commit that finished each phase, by slug and id; the same.
        sha: The commit, where it stands already.
    """

    def may_be(guide: Guide, phase: Phase) -> bool:
        own = tuple(declared_paths(phase))
        if own and not any(matches_any(path, own) for path in touched()):
            return False
        known = finished().get((guide.slug, phase.id))
        return known is None or known.sha == sha

    return may_be
