"""The hook *protected*: a generated file changes only together with what it is made from."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_phasegate.hooks.staged import answer, staged_project


def main(argv: Sequence[str]) -> int:  # noqa: ARG001 - git gives this hook nothing that it needs
    """Refuse a commit that edits a generated file by hand."""
    project = staged_project()
    if project is None or not project.settings.protected:
        return 0
    from pytest_phasegate.gates.protected import orphans

    return answer("protected", orphans(project.paths, project.settings.protected), project.settings.mode)
