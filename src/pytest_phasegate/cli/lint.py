"""``phasegate lint [FILE...]``: what is wrong with guides, and what they leave to be wished."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.core.project.globs import matches
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.wiring import projects, readers

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from pytest_phasegate.core.guide.model import Diagnostic, Guide

FORMATS = ("text", "json", "github", "gitlab", "sarif")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="guides; without one: those of the configuration")
    parser.add_argument(
        "--documents", action="store_true", help="also the specification and the context beside each guide"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")


def run(options: argparse.Namespace) -> int:
    """Print the remarks; 1 when one of them is an error."""
    root = projects.root(Path.cwd())
    settings = projects.settings(root, Path(options.config) if options.config else None)
    guides = readers.linted_guides(root, settings, options.files)
    found = [each for guide in guides for each in guide.diagnostics]
    if options.documents:
        found = list(
            dict.fromkeys(each for guide in guides for each in readers.documents_linted(root, guide, settings))
        )
    _print(found, options.format)
    errors = sum(str(each.severity) == "error" for each in found)
    if not options.quiet:
        _say_unmatched(guides if options.files else (), settings.guides)
        warnings = sum(str(each.severity) == "warning" for each in found)
        print(
            f"{counted(len(guides), 'guide')}: {counted(errors, 'error')}, {counted(warnings, 'warning')}",
            file=sys.stderr,
        )
    return 1 if errors else 0


def _say_unmatched(named: Iterable[Guide], globs: Iterable[str]) -> None:
    """Say of files that were named that `guides` does not name them too: no other command reads those."""
    patterns = tuple(globs)
    for guide in named:
        if guide.phases and not any(matches(glob, guide.path) for glob in patterns):
            print(escaped(f"{guide.path}: read because it was named; `guides` does not match it"), file=sys.stderr)


def _print(found: list[Diagnostic], form: str) -> None:
    if form == "text":
        from pytest_phasegate.reports.guide_text import diagnostic_line

        for each in found:
            print(diagnostic_line(each))
        return
    from pytest_phasegate.reports.lint_formats import FORMATS as WRITERS

    text = WRITERS[form](found)
    if text:
        print(text)
