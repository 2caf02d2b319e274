"""``phasegate accept PHASE``: put the tests of a phase that passed into the baseline."""

from __future__ import annotations

import argparse
import sys

from pytest_phasegate.adapters import regression
from pytest_phasegate.app.regression.accept import accept
from pytest_phasegate.cli.project import formatted, opened
from pytest_phasegate.cli.review import answered
from pytest_phasegate.core.criteria.reviews import ACCEPTED_PATH
from pytest_phasegate.core.guide.next_step import committing
from pytest_phasegate.core.regression.baseline import PATH
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.wiring import records


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", default="current", metavar="PHASE", help="2, slug:2 or current")


def run(options: argparse.Namespace) -> int:
    """Accept the phase, if its gates passed on exactly this content."""
    formatted(options, "text")
    project = opened(options)
    guide, phase = project.one_phase(options.phase)
    project.refuse_early(guide, phase, committing=False)
    found = accept(records.known(project.root, project.settings, project.guides), guide, phase)
    reviews = answered(project, guide, phase)
    if found.kept:
        paths = [PATH]
        regression.write(project.root, found.tests)
        moved = f" and {len(found.renamed)} renamed" if found.renamed else ""
        told = f"{len(found.added)} new{moved} in {PATH}, {len(found.tests)} in all"
    else:
        paths = [records.finish_phase(project.root, guide, phase)]
        told = f"it has no tests to keep, and stands in {paths[0]}"
    if reviews:
        records.review_log(project.root).commit(reviews)
        paths.append(ACCEPTED_PATH)
    print(escaped(f"accepted phase {phase.id} of {guide.path}: {told}"), flush=True)
    left = [path for path in paths if not records.as_committed(project.root, path)]
    if left:
        print(f"next: commit {' and '.join(left)}, which later phases are held to", file=sys.stderr)
        print(f"  $ {committing(left, f'chore: accept phase {escaped(phase.id)}')}", file=sys.stderr)
    return 0
