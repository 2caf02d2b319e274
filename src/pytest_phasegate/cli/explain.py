"""``phasegate explain CODE``: what a code means, how to mend it, how to waive it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from difflib import get_close_matches

from pytest_phasegate.cli.project import formatted
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.messages import Message, catalogue, explain


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("code", nargs="*", metavar="CODE", help="such as PG201; without one: every code and its title")


def run(options: argparse.Namespace) -> int:
    """Print the explanations asked for, or the list of all codes."""
    form = formatted(options, "text", "json")
    found = {code.upper(): _message(code) for code in options.code}
    if form == "json":
        print(_as_json(found or catalogue()))
    elif found:
        print("\n\n".join(_paragraphs(code, message) for code, message in found.items()))
    else:
        print("\n".join(f"{code}  {message.title}" for code, message in catalogue().items()))
    return 0


def _message(code: str) -> Message:
    message = explain(code)
    if message:
        return message
    near = ", ".join(get_close_matches(code.upper(), catalogue(), 3))
    hint = f"the nearest ones are {near}" if near else "`phasegate explain` lists every code"
    raise PhasegateError(f"no such code: {code!r}", hint=hint)


def _paragraphs(code: str, message: Message) -> str:
    waive = message.waive or "This cannot be waived."
    return f"{code}: {message.title}\n\n{message.meaning}\n\nFix: {message.mend}\n\nWaive: {waive}"


def _as_json(messages: Mapping[str, Message]) -> str:
    codes = [{"code": code, **message._asdict()} for code, message in messages.items()]
    return json.dumps({"schema": "phasegate.messages/1", "messages": codes}, indent=2)
