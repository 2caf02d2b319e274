"""``phasegate mcp``: a server of the Model Context Protocol, on stdin and stdout, for coding agents.

What it offers reads and judges. Nothing of it waives, accepts, approves or writes: each tool is a command of ours in a
process of its own, with the words that stand here.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from pytest_phasegate.errors import PhasegateError

INSTRUCTIONS = (
    "Red before green, proved by running. Ask next what to do; write the tests of a phase and see them fail before its "
    "code; ask check with changed=true before you say that work is done. Exit code 1 refuses, 4 is inconclusive."
)
_MOST = 20_000  # signs of an answer that a model is given


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--python", metavar="PATH", help="the project's interpreter, for check and verify")


def run(options: argparse.Namespace) -> int:
    """Serve until the client goes."""
    server(Path.cwd(), options.python or "").run()
    return 0


def server(root: Path, python: str = "") -> Any:
    """Return the server for the project around a directory.

    Raises:
        PhasegateError: The package ``mcp`` is not installed.
    """
    made = _kind()("phasegate", instructions=INSTRUCTIONS)
    ask = _Asking(root, ("--python", python) if python else ())
    for tool in (ask.next, ask.show_phase, ask.check, ask.verify, ask.explain):
        made.tool()(tool)
    made.resource("phasegate://guide", mime_type="application/json")(ask.guide)
    made.resource("phasegate://status", mime_type="application/json")(ask.status)
    return made


def _kind() -> Any:
    for module, name in (("mcp.server.mcpserver", "MCPServer"), ("mcp.server.fastmcp", "FastMCP")):
        try:
            return getattr(importlib.import_module(module), name)
        except ModuleNotFoundError:
            continue
    raise PhasegateError("the package mcp is not installed here", hint="pip install 'pytest-phasegate[mcp]'")


class _Asking:
    """The tools and resources; what a docstring says, a model reads."""

    def __init__(self, root: Path, python: tuple[str, ...]) -> None:
        self._root = root
        self._python = python

    def next(self) -> str:
        """Return the one thing to do next, and the command for it."""
        return self._said("next")

    def show_phase(self, phase: str = "") -> str:
        """Return the section of one phase of the guide: what to write, its tests and its criteria."""
        return self._said("show", *_words(phase))

    def check(self, phase: str = "", *, changed: bool = False) -> str:
        """Judge a phase by all its gates, or, with changed, all work that is not merged yet; it runs tests."""
        return self._said("check", *self._python, *(("--changed",) if changed else _words(phase)))

    def verify(self, revisions: str = "", base: str = "") -> str:
        """Prove red before green of a range of commits (A..B), of those a base lacks, or of what is under review."""
        since = (f"--base={base}",) if base else ()
        return self._said("verify", *since, *self._python, *_words(revisions))

    def explain(self, code: str) -> str:
        """Return what a code such as PG202 means, and how to mend it."""
        return self._said("explain", *_words(code))

    def guide(self) -> str:
        """The guide as phasegate reads it."""
        return self._said("show", "--format", "json", with_code=False)

    def status(self) -> str:
        """Where every phase stands."""
        return self._said("status", "--format", "json", with_code=False)

    def _said(self, *words: str, with_code: bool = True) -> str:
        """Run one of our commands, and return what it says and its exit code."""
        argv = [sys.executable, "-P", "-m", "pytest_phasegate", *words]
        done = subprocess.run(
            argv, cwd=self._root, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
            check=False,
        )  # fmt: skip
        text = done.stdout if done.stdout.strip() and not with_code else done.stdout + done.stderr
        shown = text if len(text) <= _MOST else f"{text[:_MOST]}\n… cut here\n"
        return f"{shown}exit code {done.returncode}\n" if with_code else shown


def _words(given: str) -> tuple[str, ...]:
    """Return what a model gave as the last word of a command, which no option can be."""
    return ("--", given) if given else ()
