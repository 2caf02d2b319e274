"""What ``init`` proposes to write: the configuration, and the hook entries, as texts to append."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

HOOKS = (
    ("guide", "guides parse, and finished phases are not edited", "pre-commit, pre-merge-commit"),
    ("protected", "generated files change with their source", "pre-commit, pre-merge-commit"),
    ("scope", "only what the phase declares", "pre-commit, pre-merge-commit"),
    ("red-green", "red before green", "pre-commit, pre-merge-commit"),
    ("commit-msg", "commit message and intent", "commit-msg"),
    ("pre-push", "red before green in every pushed commit", "pre-push"),
)
"""Hook names, what they are called in the list, and the stages they run at."""


class Found(NamedTuple):
    """What was found in a project: guides and production roots, and the quality commands it seems to use.

    ``unfit`` says of commands by name why they do not pass here as it is; they are proposed as comments, because they
    would refuse every phase. ``conventional`` says that the history's commits are.
    """

    guides: tuple[str, ...]
    source: tuple[str, ...]
    commands: Mapping[str, str]
    unfit: Mapping[str, str] = MappingProxyType({})
    conventional: bool = True


def configuration(found: Found, *, table: str) -> str:
    """Return the configuration as TOML; ``table`` is ``tool.phasegate`` or empty for a file of its own."""
    lines = [f"[{table}]"] if table else []
    lines += [f"guides = {_list(found.guides)}"] if found.guides else []
    lines += [f"source = {_list(found.source)}"] if found.source else []
    if not found.conventional:
        lines += ["", f"[{table}.commit]" if table else "[commit]", "conventional = false"]
    if found.commands:
        lines += ["", f"[{table}.commands]" if table else "[commands]"]
        lines += [_command(name, line, found.unfit.get(name, "")) for name, line in found.commands.items()]
    return "\n".join(lines) + "\n"


def _command(name: str, line: str, unfit: str) -> str:
    entry = f"{name} = {_quoted(line)}"
    return f"# {entry}  # {unfit}" if unfit else entry


def commands_of(document: Mapping[str, object]) -> dict[str, str]:
    """Return the quality commands that a parsed ``pyproject.toml`` shows a project to use."""
    tool = document.get("tool")
    tools = tool if isinstance(tool, dict) else {}
    commands: dict[str, str] = {}
    if "ruff" in tools:
        commands |= {"lint": "ruff check", "format": "ruff format --check"}
    if "black" in tools:
        commands["format"] = "black --check ."
    if "mypy" in tools:
        commands["types"] = "mypy" if _names_files(tools["mypy"]) else "mypy ."
    return commands


def hook_entries(indent: str = "", place: str = "") -> str:
    """Return our entry for the list ``repos`` of a ``.pre-commit-config.yaml``.

    Args:
        indent: What every line begins with.
        place: Where phasegate is looked for before the ``PATH``, which a commit from an editor may lack and another
            work tree or developer may not need: the directory, relative to the top of the work tree.
    """
    first = f"""sh -c 'PATH="{place}:$PATH" exec phasegate hook {{}} "$@"' --""" if place else "phasegate hook {}"
    lines = ["- repo: local", "  hooks:"]
    for name, title, stages in HOOKS:
        filenames = "true" if name == "commit-msg" else "false"
        lines += [
            f"    - id: phasegate-{name}",
            f"      name: {title}",
            f"      entry: {first.format(name)}",
            "      language: system",
            "      always_run: true",
            f"      pass_filenames: {filenames}",
            "      require_serial: true",
            f"      stages: [{stages}]",
        ]
    return "".join(f"{indent}{line}\n" for line in lines)


def with_hooks(text: str | None, place: str = "") -> str | None:
    """Return a ``.pre-commit-config.yaml`` with our entry last in ``repos``, or ``None`` where it has no such list.

    Args:
        text: The file as it stands, or ``None`` where there is none.
        place: As for ``hook_entries``.
    """
    if text is None:
        return f"repos:\n{hook_entries('  ', place)}"
    repos = re.search(r"^repos:[ \t]*(?:#.*)?(?:\n(?:[ \t#-].*)?)*", text, re.MULTILINE)
    lines = repos[0].split("\n") if repos else []
    while lines and re.fullmatch(r"\s*|#.*", lines[-1]):  # a comment there speaks of what follows
        lines.pop()
    indents = {entry[1] for line in lines if (entry := re.match(r"( *)- +repo:", line))}
    if not repos or len(indents) != 1:
        return None
    end = repos.start() + len("\n".join(lines))
    return f"{text[:end]}\n{hook_entries(indents.pop(), place)}{text[end + 1 :]}"


def _names_files(table: object) -> bool:
    return isinstance(table, dict) and bool({"files", "packages", "modules"} & set(table))


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, words))}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


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
    while not lines[end - 1].strip():
        end -= 1
    return end
