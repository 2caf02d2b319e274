"""``phasegate accept PHASE``: put the tests of a phase that passed into the baseline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_phasegate import wiring
from pytest_phasegate.cli.project import formatted, one_phase, opened
from pytest_phasegate.core.baseline import PATH
from pytest_phasegate.reports.escaping import escaped

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", metavar="PHASE", help="an id, guide:id, or current")


def run(options: argparse.Namespace) -> int:
    """Accept the phase, if its gates passed on exactly this content."""
    from pytest_phasegate.app.accept import accept

    formatted(options, "text")
    project = opened(options)
    guides = project.guides
    guide, phase = one_phase(project, options.phase, guides)
    found = accept(wiring.known(project.root, guides), guide, phase)
    wiring.write_baseline(project.root, found.tests)
    count = len(found.added)
    print(escaped(f"accepted phase {phase.id} of {guide.path}: {count} new in {PATH}, {len(found.tests)} in all"))
    print(f"commit {PATH} with the phase", file=sys.stderr)
    return 0
