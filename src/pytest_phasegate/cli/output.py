"""What a command says: its answer, on stdout or in a file that appears whole, and its questions, numbered."""

from __future__ import annotations

import argparse
import io
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import partial
from itertools import pairwise
from pathlib import Path

from pytest_phasegate.adapters.project.worktree import replace_file
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import Choice, PhasegateError, QuestionError, unusable_file
from pytest_phasegate.reports.as_terminal import colourful, text
from pytest_phasegate.reports.escaping import escaped, json_text, say
from pytest_phasegate.reports.findings import Judged, of_report
from pytest_phasegate.reports.formats import FORMATS, github, of_phases, summarise
from pytest_phasegate.wiring import pages
from pytest_phasegate.wiring.projects import Project


@contextmanager
def answer_to(file: str) -> Iterator[None]:
    """Send stdout to a file, which appears whole at the end; after an error it is as it was.

    Until then nothing is written beside it: a file in the project would be part of the content that is judged.

    Raises:
        PhasegateError: When the file cannot be written.
    """
    target = Path(file)
    if target.is_dir():
        raise PhasegateError(f"cannot write {str(target)!r}: it is a directory")
    if not target.parent.is_dir():
        raise PhasegateError(f"cannot write {str(target)!r}: there is no directory {str(target.parent)!r}")
    said = io.BytesIO()
    with io.TextIOWrapper(said, encoding="utf-8", errors="backslashreplace", write_through=True) as stream:
        with redirect_stdout(stream):
            yield
        with unusable_file(f"cannot write {str(target)!r}"):
            replace_file(target, said.getvalue().decode("utf-8"))


def write(path: Path, text: str, called: object = None) -> None:
    """Write a file that somebody asked for, and the directories that it lies in.

    Raises:
        PhasegateError: It cannot be written.
    """
    with unusable_file(f"{called or path} cannot be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def answer_in(form: str, record: object, lines: Iterable[str]) -> None:
    """Print an answer on stdout: as JSON, or in lines, each of them escaped."""
    for line in [json_text(record)] if form == "json" else map(escaped, lines):
        print(line)


OF_COVERAGE = ("lcov", "cobertura")
"""The formats that coverage.py writes."""


def declare_formats(parser: argparse.ArgumentParser, *own: str) -> None:
    """Declare ``--format`` and ``--report`` of a command that judges.

    Args:
        parser: Of the command.
        own: The formats that are not the same for every one of them.
    """
    forms = ("text", "json", *own, *FORMATS)

    def report(text: str) -> tuple[str, str]:
        form, _, file = text.partition(":")
        if form in forms and file:
            return form, file
        raise argparse.ArgumentTypeError(f"{text!r} is no FORMAT:FILE; the formats are {', '.join(forms)}")

    parser.add_argument("--format", choices=forms, default="text", help="default: text")
    parser.add_argument(
        "--report", type=report, action="append", default=[], metavar="FORMAT:FILE", help="write it so, too"
    )


def answer_of_phases(
    report: RunReport, options: argparse.Namespace, project: Project, coverage: Callable[[str], str], *, observing: bool
) -> None:
    """Print a report of phases in the format asked for, and write it to each file of ``--report``.

    Args:
        report: What was judged.
        options: Of the command.
        project: Where it was judged.
        coverage: What writes a format of coverage.py.
        observing: Whether nothing is refused.
    """
    own: dict[str, Callable[[], str]] = {
        "text": lambda: text(report, colour=colourful(options.color)),
        **{form: partial(of_phases, report, form, partial(pages.place, project, report)) for form in ("json", "html")},
        **{form: partial(coverage, form) for form in OF_COVERAGE},
    }
    answer(of_report(report), options, own, observing=observing)


def answer(
    judged: Judged, options: argparse.Namespace, own: Mapping[str, Callable[[], str]], *, observing: bool = False
) -> None:
    """Print what was judged in the format asked for, and write it to each file of ``--report``.

    Args:
        judged: What every format tells.
        options: Of the command.
        own: What writes the formats that are the command's own.
        observing: Whether nothing is refused.

    Raises:
        PhasegateError: A file cannot be written.
    """

    def told(form: str) -> str:
        if form == "github":
            return github(judged, observing=observing)
        return (own[form]() if form in own else FORMATS[form](judged)).removesuffix("\n")

    for form, file in options.report:
        content = told(form)
        with unusable_file(f"{file} cannot be written"):
            Path(file).write_text(f"{content}\n", encoding="utf-8", errors="backslashreplace")
    text = told(options.format)
    print(text, end="\n" if text else "", flush=True)
    if options.format == "github":  # annotations alone leave the log of a pass empty
        trouble = summarise(judged)
        say(*filter(None, ["" if options.quiet else f"{judged.ruling}: {judged.reason}", trouble]))


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
    return [*argv, *filter(None, [question.option]), choice.value]


def question_record(question: QuestionError, argv: Sequence[str]) -> dict[str, object]:
    """Return a question as plain values of the schema ``phasegate.question/1``."""
    return {
        "schema": "phasegate.question/1",
        "question": question.problem,
        "choices": [
            {"number": number, **one._asdict(), "command": shlex.join(["phasegate", *words_of(argv, question, one)])}
            for number, one in enumerate(question.choices, 1)
        ],
        "default": question.default,
    }


def wants_json(argv: Sequence[str]) -> bool:
    """Whether a command line asks for JSON."""
    return "--format=json" in argv or ("--format", "json") in pairwise(argv)


def put_question(question: QuestionError, argv: Sequence[str]) -> list[str] | None:
    """Put a question: as JSON where that is asked for, on a terminal where there is one, else as an error.

    Returns:
        The command line that was chosen; ``None`` where nobody chose.
    """
    if wants_json(argv):
        print(json_text(question_record(question, argv)))
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
