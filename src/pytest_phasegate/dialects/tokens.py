"""One word read as the path of a file, and what makes of it no path that may be used."""

from __future__ import annotations

import re
from typing import NamedTuple

_ANCHORS = tuple(map(re.compile, (r"[\w-]*\dL?#", r"[\w.:-]*[A-Za-z_]::?", r"(?:\)\()?[\d,:–-]*\d:")))
"""What may be hung on a path (``#L10``, ``::TestA``, ``:10-20``), read from its end so that it is read once."""
EXTENSION = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,7})\Z")
_ATTRIBUTE = re.compile(r"/\w+\.[A-Z][a-z]\w*[A-Z]\w*\Z")
"""The end of what is no file, but a thing in one: ``core/clip.ClipResult``."""
_DOTFILE = re.compile(r"\.[A-Za-z][\w.-]+\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NO_PATH = re.compile(r"[()<>|;\"'= ]")
_OUT = frozenset({"..", "/", "~"})
_ROUTE = re.compile(r"/[\w-]+")
"""A command or a route: ``/plan``."""
_URL = re.compile(r"[A-Za-z][\w+.-]+://|(?:[\w-]+\.)+(?:com|org|net|io|dev)/|[A-Za-z][\w-]+:[\w-]+/")
_DRIVE = re.compile(r"[A-Za-z]:")
_KNOWN = frozenset({
    "py", "pyi", "pyx", "pxd", "md", "rst", "txt", "toml", "yaml", "yml", "json", "jsonl", "cfg", "ini", "in", "lock",
    "sh", "bash", "sql", "html", "htm", "css", "scss", "js", "mjs", "ts", "tsx", "jsx", "csv", "tsv", "xml", "ipynb",
    "j2", "jinja", "env", "typed", "go", "rs", "c", "h", "cc", "cpp", "java", "rb", "mk", "ps1", "bat", "svg", "png",
    "proto", "parquet", "db", "graphql", "tf", "pot", "po", "scala", "swift", "dart", "vue", "php", "sol", "kt",
    "example", "mod", "sum",
})  # fmt: skip
_NAMES = frozenset({
    "Makefile", "Dockerfile", "LICENSE", "Justfile", "Procfile", "CODEOWNERS", "Jenkinsfile", "NOTICE", "justfile",
    "makefile",
})  # fmt: skip


class Path(NamedTuple):
    """A path as a guide names it, without what was hung on it; ``fault`` says why it may not be used."""

    path: str
    lines: str | None
    fault: str = ""


def read_path(token: str, *, spaced: bool = False) -> Path | None:
    """Read a word as a path; ``None`` when it is something else (a call, a name, a URL).

    With a blank in it, it is a command, unless where it stands only a path can (``spaced``).
    """
    bare = token.strip()
    if bare[:1] in {'"', "'"} and "\\" in bare:
        return None
    bare = bare.strip("\"'").replace("\\", "/").removeprefix("file:")
    bare = bare.removesuffix("()") if ":" in bare else bare
    backwards = bare[::-1]
    at = len(bare) - max(found.end() if (found := each.match(backwards)) else 0 for each in _ANCHORS)
    lines = None
    if 1 < at < len(bare):
        bare, lines = bare[:at], bare[at:].lstrip(":#")
    if (
        _URL.match(bare)
        or bare.startswith(("@", "--", "$", "%", "!"))
        or not (bare in _OUT or _looks_like_path(bare.replace(" ", "_") if spaced else bare))
    ):
        return None
    fault = path_fault(bare)
    return Path(bare.removeprefix("./"), lines, fault)


OF_AUTHOR = frozenset({"is absolute", "starts at a home directory"})
"""Faults of a path that is right on its author's machine."""


def path_fault(path: str) -> str:
    """Say why a path could leave the repository; nothing when it cannot."""
    if _CONTROL.search(path):
        return "holds a control character"
    if path.startswith("/") or _DRIVE.match(path):
        return "is absolute"
    if path.startswith("~"):
        return "starts at a home directory"
    return "climbs out with .." if ".." in path.split("/") else ""


def _looks_like_path(bare: str) -> bool:
    if not bare or len(bare) > 1000 or _NO_PATH.search(bare) or bare == ".":  # noqa: PLR2004
        return False
    if "/" in bare:
        return _ROUTE.fullmatch(bare) is None and _ATTRIBUTE.search(bare) is None
    found = EXTENSION.search(bare)
    return (
        bare in _NAMES
        or (bare.endswith(".*") and bare.count(".") == 1)
        or (found is not None and found[1].lower() in _KNOWN)
        or _DOTFILE.match(bare) is not None
    )
