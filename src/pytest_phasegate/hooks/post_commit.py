"""The post-commit hook: say when a commit went past the red-green hook. It cannot refuse anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pytest_phasegate.adapters.git.hooks import take_note
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.wiring.projects import Project


def main(argv: Sequence[str], here: Callable[[], Project]) -> int:  # noqa: ARG001 - git gives no words to this hook
    """Name the bypasses and the command that proves the commit, unless the hook let it through; always 0."""
    if take_note():
        return 0
    project = here()
    if not project.settings.judges:
        return 0
    commit = project.repository.commit("HEAD")
    proof = "HEAD~1..HEAD" if commit.parents else "HEAD"
    say(
        f"phasegate: commit {commit.sha[:12]} went past the red-green hook"
        " (--no-verify, cherry-pick, revert, rebase or am do not run it)",
        f"  prove it: phasegate verify {proof}",
    )
    return 0
