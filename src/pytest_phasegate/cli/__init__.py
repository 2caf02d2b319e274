"""The command line: one module a command, imported only when it is called.

A command module has ``configure(parser) -> None`` and ``run(options) -> int``; one of several commands has a pair of
them for each, ``configure_NAME`` and ``run_NAME``. Names and summaries stand in ``COMMANDS``.
``options`` carries the global options too: ``config``, ``format``, ``color``, ``quiet``,
``verbose``. Whatever a command prints on stdout goes to ``--output-file`` without its doing.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.errors import PhasegateError, QuestionError

if TYPE_CHECKING:
    import argparse


USAGE, BUG, INTERRUPTED = 2, 3, 130
UNREAD = 141  # the reader of our stdout went away: what a shell reports of any program then, and never a pass

COMMANDS: dict[str, str] = {
    "demo": "build a small real project and walk it through the gate",
    "lint": "check guides for errors",
    "show": "a guide as phasegate reads it, or the section of one phase",
    "status": "where every phase stands; --require-complete for CI",
    "next": "what to do next, and the command for it",
    "check": "judge a phase by all its gates",
    "commit": "commit a phase with its declared subject and trailers",
    "init": "find guides, roots and interpreter; write the configuration and the hook entries",
    "doctor": "what is enforced here and what is not",
    "map": "which test belongs to which phase, and why",
    "trace": "requirement, phase, test, commit and verdict, and the gaps between them",
    "plan": "write a guide, the skeletons of its tests, and what it does not say yet",
    "review": "answer the success criteria that no run can judge",
    "feedback": "the comments of reviewers: import them, see which are open, say what became of one",
    "accept": "add the tests of a passed phase to the baseline",
    "baseline": "show or update the list of accepted tests",
    "report": "a page of every phase of every guide, as Markdown or HTML",
    "pr": "the text of a pull request about the phases that have begun",
    "handoff": "save the state of the work for somebody else, or restore it",
    "deploy": "whether what HEAD holds may go to a stage, and what is missing",
    "stats": "figures of how the work went: seconds, tries, reds, estimates",
    "attest": "a signed statement that what HEAD holds passed, or whether one holds",
    "approve": "record that what a guide says now was approved",
    "explain": "what a code means, and how to fix or waive it",
    "verify": "prove red before green for every commit of a range",
    "combine": "judge the records of several shards as one run",
    "ledger": "check the recorded test runs for damage, or print them",
    "mcp": "serve coding agents over the Model Context Protocol",
    "hook": "what git and pre-commit call; see `phasegate hook --help`",
    "completion": "print the completion script of a shell",
}
"""Each command's name and its one-line summary; the module is ``cli/NAME.py`` unless it is shared."""

_SHARED = {
    "accept": "baseline", "approve": "review", "combine": "ledger", "commit": "baseline",
    "show": "lint", "explain": "lint", "map": "trace", "next": "status", "pr": "report", "stats": "report",
}  # fmt: skip
"""Commands that stand in the module of another one."""


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Args:
        argv: The words after the program's name.

    Returns:
        0 passed, 1 a gate refuses, 2 usage or configuration, 3 a bug of ours, 4 inconclusive, 130 interrupted.
    """
    try:
        code = _dispatch(list(argv))
        sys.stdout.flush()
    except QuestionError as error:
        from pytest_phasegate.cli.output import put_question

        chosen = put_question(error, list(argv))
        return main(chosen) if chosen else error.exit_code
    except PhasegateError as error:
        _complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except Exception:  # noqa: BLE001 - the boundary: a bug of ours is exit 3, with its traceback
        import traceback

        traceback.print_exc()
        print("phasegate: this is a bug in phasegate, not in your project", file=sys.stderr)
        return BUG
    return code


def console() -> None:
    """Run the command line of this process and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # what the terminal's encoding does not know
    for number in (signal.SIGTERM, signal.SIGHUP):  # unwinds like an interrupt: scratch goes, children are ended
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    sys.exit(main(sys.argv[1:]))


def parser_of(command: str) -> argparse.ArgumentParser:
    """Return the whole parser of one command, global options included."""
    import argparse

    parser = argparse.ArgumentParser(
        prog=f"phasegate {command}", description=COMMANDS[command], conflict_handler="resolve", allow_abbrev=False
    )
    _add_global_options(parser)
    _function(command, "configure")(parser)
    return parser


def _dispatch(argv: list[str]) -> int:
    if argv[:1] != ["hook"] and any(word.partition("=")[0] == "--phase" for word in argv):
        raise PhasegateError("--phase is an option of pytest", hint="pytest --phase 1, or phasegate check 1")
    command, rest = take_apart(argv)
    if command is None:
        return _without_a_command(rest)
    if command not in COMMANDS:
        raise _unknown(command, argv)
    if command == "hook" and not {"-h", "--help"} & set(rest[:1]):
        return int(_function(command, "dispatch")(rest))
    try:
        options, left = parser_of(command).parse_known_intermixed_args(rest)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    if left:
        several = "several phases are one word: 1,2; " if left[0].isdecimal() else ""
        raise PhasegateError(f"{command} does not take {left[0]!r}", hint=f"{several}phasegate {command} --help")
    if options.output_file is None:
        return int(_function(command, "run")(options))
    from pytest_phasegate.cli.output import answer_to

    with answer_to(options.output_file):
        return int(_function(command, "run")(options))


def _without_a_command(words: list[str]) -> int:
    if "--version" in words:
        print(f"phasegate {__version__}")
        return 0
    wanted = "-h" in words or "--help" in words
    print(_help(), file=sys.stdout if wanted else sys.stderr)
    return 0 if wanted else USAGE


def _help() -> str:
    width = max(len(name) for name in COMMANDS)
    listing = "\n".join(f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items())
    return (
        "usage: phasegate [OPTIONS] COMMAND ...\n\nMake implementation guides executable.\n\n"
        f"commands:\n{listing}\n\n"
        "options, before or after the command:\n"
        "  --config FILE       read this configuration instead of the project's\n"
        "  --format FORMAT     how to print the answer\n"
        "  --output-file FILE  write the answer to FILE instead of stdout\n"
        "  --color WHEN        auto, always or never\n"
        "  -q, -v              say less, say more\n"
        "  --version, --help   say only this, and stop\n\n"
        "phasegate COMMAND --help tells the rest."
    )


def _unknown(command: str, argv: Sequence[str]) -> PhasegateError:
    from difflib import get_close_matches

    at = argv.index(command)
    if at and argv[at + 1 : at + 2] and argv[at + 1] in COMMANDS:
        option = argv[at - 1]
        return PhasegateError(
            f"{option} stands behind the command", hint=f"phasegate {argv[at + 1]} {option} {command}"
        )
    near = get_close_matches(command, COMMANDS, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the commands are: {', '.join(COMMANDS)}"
    return PhasegateError(f"unknown command {command!r}", hint=hint)


def _function(command: str, what: str) -> Any:
    module = importlib.import_module(f"pytest_phasegate.cli.{_SHARED.get(command, command)}")
    return getattr(module, f"{what}_{command}", None) or getattr(module, what)


def _complain(error: PhasegateError) -> None:
    from pytest_phasegate.reports.escaping import say

    said = f"{error.code} {error.problem}" if error.code else error.problem
    hint = f"  hint: {error.hint}" if error.hint else ""
    say(*f"phasegate: error: {said}".split("\n"), *filter(None, hint.split("\n")))


_WITH_VALUE = frozenset({"--config", "--format", "--output-file", "--color"})


def take_apart(argv: Sequence[str]) -> tuple[str | None, list[str]]:
    """Find the command's name behind leading global options, and return it and all other words."""
    place = 0
    while place < len(argv) and argv[place].startswith("-"):
        place += 2 if argv[place] in _WITH_VALUE else 1
    if place >= len(argv):
        return None, list(argv)
    return argv[place], [*argv[:place], *argv[place + 1 :]]


def _add_global_options(parser: argparse.ArgumentParser) -> None:
    """Declare the global options; a command may declare its own ``--format`` over ours."""
    group = parser.add_argument_group("global options")
    group.add_argument(
        "--config", metavar="FILE", type=lambda file: Path(file) if file else None,
        help="read this configuration instead of the project's",
    )  # fmt: skip
    group.add_argument("--format", metavar="FORMAT", default="text", help="how to print the answer (default: text)")
    group.add_argument("--output-file", metavar="FILE", help="write the answer to FILE instead of stdout")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    group.add_argument("-q", "--quiet", action="count", default=0, help="say less on stderr")
    group.add_argument("-v", "--verbose", action="count", default=0, help="say more on stderr")
    group.add_argument("--version", action="version", version=f"phasegate {__version__}")
