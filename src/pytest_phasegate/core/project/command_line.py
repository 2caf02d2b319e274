"""A configured command line as words, where no shell is needed to read it."""

from __future__ import annotations

import re
import shlex

_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\$`]|\\.)*\"|\\.")
_SHELL_ONLY = re.compile(r"[|&;<>()$`*?\[\]{}~#!\n]")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def words_of(line: str) -> list[str] | None:
    """Return a command line as the words to run, or ``None`` where only a shell understands it.

    Pipes, redirections, variables, globs, leading assignments and unbalanced quotes need a shell; quoted,
    they do not. Running words directly leaves no place for a surprise in how a shell reads them.
    """
    bare = _QUOTED.sub("", line)
    if _SHELL_ONLY.search(bare) or _ASSIGNMENT.match(line.lstrip()) or "'" in bare or '"' in bare:
        return None
    return shlex.split(line) or None
