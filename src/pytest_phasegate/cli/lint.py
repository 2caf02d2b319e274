"""``phasegate lint [FILE...]``: what is wrong with guides, and what they leave to be wished."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from json import dumps

from pytest_phasegate.cli.output import answer, declare_formats
from pytest_phasegate.cli.project import opened
from pytest_phasegate.core.guide.model import Diagnostic, Guide
from pytest_phasegate.core.project.paths import matches
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.reports.findings import of_guides
from pytest_phasegate.reports.guide_json import lint_json
from pytest_phasegate.reports.guide_text import diagnostic_line
from pytest_phasegate.wiring import readers


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="guides; without one: those of the configuration")
    parser.add_argument(
        "--documents", action="store_true", help="also the specification and the context beside each guide"
    )
    declare_formats(parser)


def run(options: argparse.Namespace) -> int:
    """Print the remarks; 1 when one of them is an error."""
    project = opened(options)
    root, settings = project.root, project.settings
    guides = readers.linted_guides(root, settings, options.files)
    found = [each for guide in guides for each in guide.diagnostics]
    if options.documents:
        found = list(
            dict.fromkeys(each for guide in guides for each in readers.documents_linted(root, guide, settings))
        )
    _tell(guides, found, options)
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


def _tell(guides: Sequence[Guide], found: Sequence[Diagnostic], options: argparse.Namespace) -> None:
    own = {
        "text": lambda: "\n".join(map(diagnostic_line, found)),
        "json": lambda: dumps(lint_json(found), indent=2),
    }
    answer(of_guides(guides, found), options, own)
