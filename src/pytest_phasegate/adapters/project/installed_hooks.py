"""Which of git's hooks lead to phasegate, by looking at the hook files; nothing is run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_FRAMEWORKS = ("prek", "lefthook", "pre-commit")  # a hook of prek may be called pre-commit, never the other way round


def hooks_that_lead_here(directory: Path, names: Iterable[str], framework_config: str) -> dict[str, str]:
    """Return, for each hook that leads here, how: directly, or through a framework whose file names us.

    Args:
        directory: Git's directory of hooks.
        names: The hooks to look at.
        framework_config: The text of ``.pre-commit-config.yaml``, or nothing.
    """
    found = ((name, _how(directory / name, name, framework_config)) for name in names)
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
