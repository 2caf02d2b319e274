"""``phasegate accept PHASE`` and ``baseline diff|update``: the tests of passed phases that must stay green."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from pytest_phasegate.adapters import regression
from pytest_phasegate.app.regression.accept import Update, accept, unnamed, update
from pytest_phasegate.cli.output import answer_in
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.cli.review import answered
from pytest_phasegate.core.criteria.reviews import ACCEPTED_PATH
from pytest_phasegate.core.guide.next_step import committing
from pytest_phasegate.core.regression.baseline import PATH, BaselineTest
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.escaping import escaped, say
from pytest_phasegate.wiring import records, reviews


def configure_accept(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", default="current", metavar="PHASE", help="2, slug:2 or current")


def run_accept(options: argparse.Namespace) -> int:
    """Accept the phase, if its gates passed on exactly this content."""
    formatted(options, "text")
    project = opened(options)
    guide, phase = project.one_phase(options.phase)
    project.refuse_early(guide, phase, committing=False)
    found = accept(project.surroundings(), records.passings(project.root).find, guide, phase)
    answers = answered(project, guide, phase)
    if found.kept:
        paths = [PATH]
        regression.write(project.root, found.tests)
        moved = f" and {len(found.renamed)} renamed" if found.renamed else ""
        told = f"{len(found.added)} new{moved} in {PATH}, {len(found.tests)} in all"
    else:
        paths = [records.finish_phase(project.root, guide, phase)]
        told = f"it has no tests to keep, and stands in {paths[0]}"
    if answers:
        reviews.review_log(project.root).commit(answers)
        paths.append(ACCEPTED_PATH)
    print(escaped(f"accepted phase {phase.id} of {guide.path}: {told}"), flush=True)
    _say_to_commit(project, paths, f"chore: accept phase {phase.id}")
    return 0


REFUSED = 1


def configure_baseline(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("diff", "update"), help="say what would change, or change it")
    parser.add_argument(
        "--remove", metavar="ID", action="append", default=[], help="a test that may go (repeatable); no other one does"
    )


def run_baseline(options: argparse.Namespace) -> int:
    """Show the difference; ``update`` writes it if every removal was named."""
    form, project = formatted(options, "text", "json"), opened(options)
    found = update(project.surroundings(), records.passings(project.root).find, options.remove)
    answer_in(form, _record(found), _lines(found))
    if options.action == "diff":
        return 0
    missing = unnamed(found, options.remove)
    if missing:
        named = " ".join(f"--remove {escaped(test)!r}" for test in missing)
        say(f"phasegate: refused: {counted(len(missing), 'test')} would go without being named: {named}")
        return REFUSED
    regression.write(project.root, found.tests)
    say(f"{PATH} is up to date: {counted(len(found.tests), 'test')}")
    _say_to_commit(project, [PATH], "chore: update the baseline")
    return 0


def _say_to_commit(project: Project, paths: Sequence[str], subject: str) -> None:
    left = [path for path in paths if not records.as_committed(project.root, path)]
    if left:
        say(f"next: commit {' and '.join(left)}, which later phases are held to")
        say(f"  $ {committing(left, subject)}")


def _lines(found: Update) -> Iterator[str]:
    yield from (f"+ {entry.test} (phase {entry.phase})" for entry in found.added)
    for old, new in found.changed:
        yield f"~ {new.test} ({', '.join(_differences(old, new))})"
    yield from (f"> {old.test} is called {new.test} now (phase {old.phase})" for old, new in found.renamed)
    yield from (f"- {entry.test} (phase {entry.phase})" for entry in found.removed)


def _differences(old: BaselineTest, new: BaselineTest) -> Iterator[str]:
    if old.phase != new.phase:
        yield f"phase {old.phase} to {new.phase}"
    if old.cases != new.cases:
        yield f"{old.cases} to {new.cases} cases"
    if old.digest != new.digest:
        yield "its text changed"


def _record(found: Update) -> dict[str, object]:
    return {
        "schema": "phasegate.baseline/1",
        "added": [_entry(one) for one in found.added],
        "changed": [{"before": _entry(old), "after": _entry(new)} for old, new in found.changed],
        "renamed": [{"before": _entry(old), "after": _entry(new)} for old, new in found.renamed],
        "removed": [_entry(one) for one in found.removed],
    }


def _entry(entry: BaselineTest) -> dict[str, object]:
    return {"test": entry.test, "phase": entry.phase, "cases": entry.cases, "digest": entry.digest}
