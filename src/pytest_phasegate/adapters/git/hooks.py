"""What git is told here: its hooks, which of them lead to phasegate and how, and the name of its user."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

OUR_HOOKS = ("pre-commit", "pre-merge-commit", "commit-msg", "pre-push")
"""Git's hooks that ask something of a commit or a push."""


def user_name(root: Path) -> str:
    """Return git's name for the user, or the login name where git knows none."""
    return _asked(root, "config", "user.name") or getpass.getuser()


def _asked(root: Path, *words: str) -> str:
    asked = subprocess.run(["git", "-C", str(root), *words], capture_output=True, encoding="utf-8", check=False)
    return asked.stdout.strip()


def hook_directory(top: Path) -> Path:
    """Return where git looks for hooks; ``top`` is that of the repository."""
    return top / _asked(top, "rev-parse", "--git-path", "hooks")


def hooks_path(root: Path) -> str:
    """Return the directory of ``core.hooksPath`` where people put their hooks; empty where git has its own.

    pre-commit installs nothing then. Husky's ``_`` starts the hooks above it.
    """
    return _asked(root, "config", "core.hooksPath").removesuffix("/").removesuffix("/_")


def listed_hooks(top: Path) -> str:
    """Return the text of what hook frameworks read: ``.pre-commit-config.yaml`` and ``lefthook.yml``, if there."""
    files = [top / name for name in (".pre-commit-config.yaml", "lefthook.yml")]
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file())


_FRAMEWORKS = ("prek", "lefthook", "pre-commit")  # a hook of prek may be called pre-commit, never the other way round


def installed_hooks(top: Path) -> dict[str, str]:
    """Return, for each of git's hooks that leads to phasegate, how: directly, or through a framework that names us."""
    directory, listed = hook_directory(top), listed_hooks(top)
    found = ((name, _how(directory / name, name, listed)) for name in OUR_HOOKS)
    return {name: how for name, how in found if how}


def _how(hook: Path, name: str, framework_config: str) -> str:
    try:
        text = hook.read_text(encoding="utf-8", errors="replace")
        runs = hook.stat().st_mode & 0o111
    except OSError:
        return ""
    if not runs:
        return ""
    if hook.parent.name == "_" and (hook.parents[1] / name).exists():  # husky starts the script above its own
        text += (hook.parents[1] / name).read_text(encoding="utf-8", errors="replace")
    if "phasegate" in text:
        return f"{hook} runs phasegate"
    framework = next((one for one in _FRAMEWORKS if one in text), "")
    if framework and _names_us(framework_config, name):
        return f"through {framework}"
    return ""


def _names_us(config: str, name: str) -> bool:
    ours = {"pre-commit": "red-green", "pre-merge-commit": "red-green"}.get(name, name)
    return f"phasegate-{ours}" in config or f"phasegate hook {ours}" in config
