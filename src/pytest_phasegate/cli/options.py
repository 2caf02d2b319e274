"""The options that every command takes, before or after its name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from pytest_phasegate.__about__ import __version__

if TYPE_CHECKING:
    import argparse


WITH_VALUE = frozenset({"--config", "--format", "--output-file", "--color"})


def take_apart(argv: Sequence[str]) -> tuple[str | None, list[str]]:
    """Find the command's name behind leading global options, and return it and all other words."""
    place = 0
    while place < len(argv) and argv[place].startswith("-"):
        place += 2 if argv[place] in WITH_VALUE else 1
    if place >= len(argv):
        return None, list(argv)
    return argv[place], [*argv[:place], *argv[place + 1 :]]


def add_to(parser: argparse.ArgumentParser) -> None:
    """Declare the global options; a command may declare its own ``--format`` over ours."""
    group = parser.add_argument_group("global options")
    group.add_argument("--config", metavar="FILE", help="read this configuration instead of the project's")
    group.add_argument("--format", metavar="FORMAT", default="text", help="how to print the answer (default: text)")
    group.add_argument("--output-file", metavar="FILE", help="write the answer to FILE instead of stdout")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    group.add_argument("-q", "--quiet", action="count", default=0, help="say less on stderr")
    group.add_argument("-v", "--verbose", action="count", default=0, help="say more on stderr")
    group.add_argument("--version", action="version", version=f"phasegate {__version__}")


def colourful(color: str, stream: TextIO) -> bool:
    """Return whether to colour a stream: as ``--color`` says, else a terminal unless ``NO_COLOR`` or a dumb one."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()
