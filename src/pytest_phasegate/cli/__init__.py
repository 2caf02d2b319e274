"""The command line: one module a command, imported only when it is called.

A command module has ``SUMMARY: str``, ``configure(parser) -> None`` and ``run(options) -> int``.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.errors import PhasegateError

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE, BUG, INTERRUPTED = 2, 3, 130

COMMANDS: dict[str, str] = {}
"""Each command's name and its one-line summary; the module is ``cli/NAME.py`` (``-`` becomes ``_``)."""


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Args:
        argv: The words after the program's name.

    Returns:
        0 passed, 1 a gate refuses, 2 usage or configuration, 3 a bug of ours, 4 inconclusive, 130 interrupted.
    """
    try:
        return _dispatch(list(argv))
    except PhasegateError as error:
        _complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # noqa: BLE001 - the boundary: a bug of ours is exit 3, with its traceback
        traceback.print_exc()
        print("phasegate: this is a bug in phasegate, not in your project", file=sys.stderr)
        return BUG


def console() -> None:
    """Run the command line of this process and leave with its exit code."""
    sys.exit(main(sys.argv[1:]))


def _dispatch(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="phasegate", description="Make implementation guides executable.")
    parser.add_argument("-v", "--version", action="version", version=f"phasegate {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    wanted = next((word for word in argv if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary)
        if name == wanted:
            _module(name).configure(subparser)
    try:
        options = parser.parse_args(argv)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    if options.command is None:
        parser.print_help(sys.stderr)
        return USAGE
    return int(_module(options.command).run(options))


def _module(name: str) -> Any:
    return importlib.import_module(f"pytest_phasegate.cli.{name.replace('-', '_')}")


def _complain(error: PhasegateError) -> None:
    print(f"phasegate: error: {error.problem}", file=sys.stderr)
    if error.hint:
        print(f"  hint: {error.hint}", file=sys.stderr)
