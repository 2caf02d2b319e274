"""Questions of the program: numbered choices and a default, asked on a terminal, or answered as JSON for an agent."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pytest_phasegate.errors import Choice, QuestionError
from pytest_phasegate.reports.escaping import json_text, say

SCHEMA = "phasegate.question/1"


def writing() -> QuestionError:
    """Return the question whether to write what was shown; the default leaves everything as it is."""
    choices = (Choice("--yes", "write it"), Choice("--dry-run", "leave everything as it is"))
    hint = "stdin is not a terminal: add --yes; --dry-run only shows what would be written"
    return QuestionError("write this?", choices=choices, default=2, hint=hint)


def agreed() -> bool:
    """Ask whether to write what was shown.

    Raises:
        QuestionError: Nobody can answer: stdin is no terminal.
    """
    question = writing()
    if not sys.stdin.isatty():
        raise question
    return ask(question) == question.choices[0]


def ask(question: QuestionError) -> Choice | None:
    """Ask on the terminal, and again after an answer that is none; ``None`` where nobody answers."""
    say(*_lines(question))
    while True:
        try:
            said = input(f"choice [{question.default}]: ").strip()
        except EOFError:
            return None
        if not said:
            return question.choices[question.default - 1]
        if said.isdecimal() and len(said) < 4 and 0 < int(said) <= len(question.choices):  # noqa: PLR2004 - no list is as long
            return question.choices[int(said) - 1]
        say(f"a number from 1 to {len(question.choices)}, or nothing for {question.default}")


def words_of(argv: Sequence[str], question: QuestionError, choice: Choice) -> list[str]:
    """Return the command line that a choice means."""
    if question.asked and question.asked in argv:
        place = list(argv).index(question.asked)
        return [*argv[:place], choice.value, *argv[place + 1 :]]
    named = [question.option] if question.option else []
    return [*argv, *named, choice.value]


def as_record(question: QuestionError, argv: Sequence[str]) -> dict[str, object]:
    """Return a question as plain values of the schema ``phasegate.question/1``."""
    return {
        "schema": SCHEMA,
        "question": question.problem,
        "choices": [
            {
                "number": number,
                "value": one.value,
                "detail": one.detail,
                "command": shlex.join(["phasegate", *words_of(argv, question, one)]),
            }
            for number, one in enumerate(question.choices, 1)
        ],
        "default": question.default,
    }


def wants_json(argv: Sequence[str]) -> bool:
    """Whether a command line asks for JSON."""
    return "--format=json" in argv or ("--format", "json") in pairwise(argv)


def put(question: QuestionError, argv: Sequence[str]) -> list[str] | None:
    """Put a question: as JSON where that is asked for, on a terminal where there is one, else as an error.

    Returns:
        The command line that was chosen; ``None`` where nobody chose.
    """
    if wants_json(argv):
        print(json_text(as_record(question, argv)))
        return None
    if sys.stdin.isatty() and sys.stderr.isatty():
        chosen = ask(question)
        return words_of(argv, question, chosen) if chosen else None
    say(*_lines(question), *([f"  hint: {question.hint}"] if question.hint else []))
    return None


def _lines(question: QuestionError) -> Iterator[str]:
    yield f"phasegate: {question.problem}"
    for number, one in enumerate(question.choices, 1):
        default = " (default)" if number == question.default else ""
        yield f"  {number}. {one.value}{f': {one.detail}' if one.detail else ''}{default}"
