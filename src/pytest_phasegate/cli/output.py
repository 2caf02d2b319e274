"""Where the answer goes: stdout, or a file that appears only when the whole answer is there."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path

from pytest_phasegate.adapters.project.worktree import replace_file
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import PhasegateError, unusable_file
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
    if form == "json":
        print(json_text(record))
        return
    for line in lines:
        print(escaped(line))


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
            return "svg" if form == "badge" and file.endswith(".svg") else form, file
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
