"""What coverage.py would count by the settings of another commit: which exclusions came since is told by that."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.coverage.analysis import analyse
from pytest_phasegate.adapters.coverage.own import from_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coverage import Coverage

    from pytest_phasegate.core.coverage.lines import Source

SETTINGS = {
    ".coveragerc": "",
    ".coveragerc.toml": "",
    "setup.cfg": "[coverage:",
    "tox.ini": "[coverage:",
    "pyproject.toml": "tool.coverage",
}
"""Where coverage.py looks for its settings, in its order, and what a file that others share must hold to be theirs."""


def counted(
    root: Path, settings: Mapping[str, bytes], lines: Mapping[str, frozenset[int]], *, branches: bool
) -> Mapping[str, Source]:
    """Return what of files other settings count, whatever the comments on some lines say.

    Args:
        root: The project's root.
        settings: The files of settings by name, as they were; what is not there was not there.
        lines: By path, the lines whose comments exclude nothing.
        branches: Whether to count branches too.

    Raises:
        ConfigurationError: Those settings cannot be used.
    """
    with TemporaryDirectory() as scratch:
        place = Path(scratch).resolve()
        rules = _rules(place, settings)
        for path, own in lines.items():
            (place / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (place / "tree" / path).write_bytes(_without_comments((root / path).read_bytes(), own))
        return analyse(rules, place / "tree", lines, {}, branches=branches).sources


def _rules(place: Path, settings: Mapping[str, bytes]) -> Coverage:
    for name, sign in SETTINGS.items():
        if name in settings and sign.encode() in settings[name]:
            (place / name).write_bytes(settings[name])
            return from_file(str(place / name))
    return from_file("")


def _without_comments(content: bytes, lines: frozenset[int]) -> bytes:
    """Return a module without the comments on some lines; as it is where it cannot be read."""
    text = content.splitlines(keepends=True)
    try:
        for row, column, length in _comments(content):
            if row in lines:
                before = text[row - 1].decode("utf-8")
                text[row - 1] = (before[:column] + before[column + length :]).encode()
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return content
    return b"".join(text)


def _comments(content: bytes) -> Iterator[tuple[int, int, int]]:
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        if token.type == tokenize.COMMENT:
            yield *token.start, len(token.string)
