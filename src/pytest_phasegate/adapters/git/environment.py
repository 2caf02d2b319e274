"""What a child git may inherit: nothing that could point it elsewhere or change its answers."""

from __future__ import annotations

import os
from collections.abc import Mapping

LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""What ``git rev-parse --local-env-vars`` prints: the variables that tie a process to one repository."""

_HARMLESS = frozenset(
    {
        # where the user's and the machine's configuration lies: safe.directory and filters stand there
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        # how far up a repository is looked for
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        # where git itself lies, and how a partial clone fetches what it lacks
        "GIT_EXEC_PATH",
        "GIT_ASKPASS",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSH_VARIANT",
        "GIT_ALLOW_PROTOCOL",
    }
)

_LEADING = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"})
"""What decides where the repository is, and whether it is trusted (``safe.directory``)."""

_FIXED = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}
"""Objects as their ids say, no lock that is not needed, no question, messages that can be told apart."""


def without_git(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with every ``GIT_*`` variable gone that could change what a child git answers.

    The list is of what may stay, because new variables come with new versions of git; settings of git's
    extensions (``GIT_LFS_*``) stay too.
    """
    return {name: value for name, value in environ.items() if _may_stay(name)}


def for_child(environ: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of one child git that works on an explicitly named repository."""
    return {**without_git(environ), **_FIXED, **extra}


def for_discovery(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which the repository is found: the inherited one, so that we find what git found.

    Paths that git reads relative to its own directory are made absolute, because the child starts elsewhere.
    """
    kept = {name: value for name, value in environ.items() if _may_stay(name) or _leads(name)}
    absolute = {name: os.path.abspath(kept[name]) for name in ("GIT_DIR", "GIT_WORK_TREE") if kept.get(name)}
    return {**kept, **absolute, **_FIXED}


def _leads(name: str) -> bool:
    return name in _LEADING or name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))


def _may_stay(name: str) -> bool:
    return not name.startswith("GIT_") or name in _HARMLESS or name.startswith("GIT_LFS_")
