"""The hook *protected*: a generated file changes only together with what it is made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pytest_phasegate.hooks import answer
from pytest_phasegate.wiring.projects import Project


def main(argv: Sequence[str], here: Callable[[], Project]) -> int:  # noqa: ARG001 - git gives this hook nothing that it needs
    """Refuse a commit that edits a generated file by hand; where a command is known that makes it, ask that."""
    project = here()
    settings = project.settings
    if not (settings.judges and settings.protected):
        return 0
    from pytest_phasegate.gates.scope import differing, made_so, orphans

    paths = tuple(change.path for change in project.staged)
    found = tuple(orphans(paths, settings.protected))
    if found and settings.generate:
        from pytest_phasegate.wiring.evidence import regenerated

        anew = regenerated(project, project.repository.index_tree())
        made = made_so(paths, anew, settings.generate)
        found = (*orphans(paths, settings.protected, made), *differing(anew))
    return answer("protected", found, settings.mode)
