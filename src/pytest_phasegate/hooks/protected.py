"""The hook *protected*: a generated file changes only together with what it is made from."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_phasegate.hooks.staged import answer, staged_project


def main(argv: Sequence[str]) -> int:  # noqa: ARG001 - git gives this hook nothing that it needs
    """Refuse a commit that edits a generated file by hand; where a command is known that makes it, ask that."""
    project = staged_project()
    if project is None or not project.settings.protected:
        return 0
    from pytest_phasegate.gates.scope import differing, made_so, orphans

    settings, paths = project.settings, project.paths
    found = tuple(orphans(paths, settings.protected))
    if found and settings.generate:
        from pytest_phasegate.wiring.evidence import regenerated

        anew = regenerated(project, project.repository.index_tree())
        made = made_so(paths, anew, settings.generate)
        found = (*orphans(paths, settings.protected, made), *differing(anew))
    return answer("protected", found, settings.mode)
