"""The entries by which git and coding agents call phasegate: what ``init`` writes, and what installs them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from shutil import which
from typing import NamedTuple

from pytest_phasegate.adapters.git.hooks import OUR_HOOKS, hooks_path
from pytest_phasegate.adapters.project.worktree import text_if_any
from pytest_phasegate.core.project import init_files
from pytest_phasegate.core.project.agents import Agent, with_hooks
from pytest_phasegate.errors import PhasegateError

HOOK_FILE = ".pre-commit-config.yaml"


class Change(NamedTuple):
    """A file to be written: its path, the part that is new, and its whole text afterwards."""

    path: Path
    new: str
    text: str


def text_of(path: Path) -> str | None:
    """Return the text of a file; nothing where there is none."""
    return text_if_any(path, path.name)


def install(root: Path) -> str:
    """Return the command that installs the hooks: by the framework that is here, else after installing one."""
    if place := hooks_path(root):
        write = f"""echo "phasegate hook $hook "'"$@"' >> {quote(place)}/$hook && chmod +x {quote(place)}/$hook"""
        return f"for hook in {' '.join(OUR_HOOKS)}; do {write}; done"
    framework = next((name for name in ("pre-commit", "prek") if which(name)), "pip install pre-commit && pre-commit")
    return f"{framework} install {' '.join(f'-t {name}' for name in OUR_HOOKS)}"


def _place(root: Path) -> str:
    """Return where git finds phasegate: an environment inside the project is not on everybody's ``PATH``."""
    found = Path(sys.prefix).resolve() / "bin"
    inside = found.is_relative_to(root.resolve()) and (found / "phasegate").is_file()
    place = found.relative_to(root.resolve()).as_posix() if inside else ""
    return place if re.fullmatch(r"[\w./+-]*", place) else ""


def git_hooks(top: Path) -> tuple[list[Change], bool]:
    """Return the hook entries to write at the repository's top, and whether the user has to add them by hand."""
    path = top / HOOK_FILE
    text = text_of(path)
    if "phasegate hook " in (text or ""):
        print("hooks: already there")
        return [], False
    place = _place(top)
    whole = init_files.with_hooks(text, place)
    if whole is None:
        print(f"hooks: {HOOK_FILE} has no list of repositories to add to; add this to its `repos` yourself:\n")
        print(init_files.hook_entries("  ", place))
        return [], True
    return [Change(path, whole if text is None else init_files.hook_entries("  ", place), whole)], False


def agent_hooks(top: Path, agent: Agent) -> Iterator[Change]:
    """Yield the file in which an agent keeps its hooks, with ours.

    Raises:
        PhasegateError: It is of a shape that nothing can be added to.
    """
    path = top / agent.file
    text = text_of(path)
    program = f"{place}/phasegate" if (place := _place(top)) else "phasegate"
    if agent.name == "claude-code" and program != "phasegate":
        program = f'"$CLAUDE_PROJECT_DIR"/{program}'
    try:
        whole = with_hooks(agent, text, program)
    except ValueError as error:
        entries = with_hooks(agent, None, program)
        hint = f"add these entries by hand:\n{entries}"
        raise PhasegateError(f"{agent.file} cannot be added to: {error}", hint=hint) from None
    if whole == text:
        print(f"{agent.name}: already there")
        return
    yield Change(path, with_hooks(agent, None, program), whole)
