"""What ``init --remove`` takes out: the text of a file without our part of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_ITEM = re.compile(r"^( *)- ")


def without_tables(text: str) -> str:
    """Return a ``pyproject.toml`` without ``[tool.phasegate]`` and the tables below it."""
    kept: list[str] = []
    ours = False
    for line in text.splitlines(keepends=True):
        table = _TABLE.match(line)
        if table:
            name = table[1].replace('"', "").replace(" ", "")
            ours = name == "tool.phasegate" or name.startswith("tool.phasegate.")
        if not ours:
            kept.append(line)
    found = "".join(kept)
    return text if found == text else f"{found.rstrip()}\n" if found.strip() else ""


def without_hooks(text: str) -> str:
    """Return a ``.pre-commit-config.yaml`` without the hooks whose id is ours; empty where no hook is left."""
    items = _without(text.splitlines(keepends=True), lambda item: bool(re.match(r" *- id: *phasegate-", item[0])))
    repos = _without(items, _is_empty_repo)
    found = "".join(repos)
    if found == text:
        return text
    return found if re.search(r"^ *- ", found, re.MULTILINE) else ""


def _is_empty_repo(item: list[str]) -> bool:
    """Whether a repository of the list has an empty list of hooks."""
    return bool(re.match(r" *- repo:", item[0])) and item[-1].strip() == "hooks:"


def _without(lines: list[str], unwanted: Callable[[list[str]], bool]) -> list[str]:
    """Return lines without the items of lists that are not wanted."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        end = _end(lines, at)
        if end and unwanted(lines[at:end]):
            at = end
        else:
            kept.append(lines[at])
            at += 1
    return kept


def _end(lines: list[str], at: int) -> int:
    """Return where the list item that begins in a line ends; 0 where none begins."""
    item = _ITEM.match(lines[at])
    if item is None:
        return 0
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip(" ")) > len(item[1])):
        end += 1
    return end
