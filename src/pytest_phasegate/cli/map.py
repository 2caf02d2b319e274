"""``phasegate map``: which test belongs to which phase and why, what belongs to none, what is not there."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType

from pytest_phasegate.cli.options import colourful
from pytest_phasegate.cli.project import formatted, opened
from pytest_phasegate.core.guide.model import Source
from pytest_phasegate.core.mapping.assignment import map_tests
from pytest_phasegate.core.mapping.mapping import Reason, nearest
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.as_terminal import grid, indented, said, shown
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.wiring import proofs, readers, records

INCONCLUSIVE = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--python", metavar="PYTHON", help="the interpreter that collects (default: the project's)")
    parser.add_argument("--guide", metavar="PATH", action="append", default=[], help="in place of the configured ones")


def run(options: argparse.Namespace) -> int:
    """Collect the suite, map it and print what came out; a file that could not be collected makes it inconclusive."""
    form, project = formatted(options, "text", "json"), opened(options)
    guides = project.guides
    if options.guide:
        named = readers.guides(project.root, project.settings, options.guide)
        guides = records.derived(project.root, project.settings, named)
    found = proofs.collected(project.root, project.settings, options.python)
    texts = records.test_texts(project.root, project.settings, "")
    renamed = records.renamed_declarations(project.root, texts, guides)
    mapped = map_tests(guides, found.tests, project.settings.map, texts.added(guides), renamed)
    record = _record(mapped, found.failed)
    if form == "json":
        print(json.dumps(record, indent=2))
    else:
        told = shown(_things(record), colour=colourful(options.color, sys.stdout))
        print(told, end="\n" if told else "")
    for failed in found.failed:
        print(escaped(f"phasegate: {failed or 'the suite'} could not be collected"), file=sys.stderr)
    return INCONCLUSIVE if found.failed else 0


def _record(test_map: Any, failed: tuple[str, ...]) -> dict[str, Any]:
    names = [one.test for one in (*test_map.belongs, *test_map.unmapped)]
    return {
        "schema": "phasegate.map/1",
        "tests": [
            {
                "test": one.test,
                "guide": by.phase.guide,
                "phase": by.phase.phase,
                "reason": by.reason.value,
                "source": (Source.DERIVED if by.reason is Reason.DERIVED else Source.DECLARED).value,
            }
            for one, by in test_map.belongs.items()
        ],
        "unmapped": [one.test for one in test_map.unmapped],
        "missing": [
            {
                "test": one.wanted,
                "guide": one.phase.guide,
                "phase": one.phase.phase,
                "line": one.test.line,
                "nearest": nearest(one.test.name, names),
            }
            for one in test_map.declarations
            if not one.found
        ],
        "ambiguities": [{"what": one.what, "places": list(one.places)} for one in test_map.ambiguities],
        "notes": list(test_map.strays),
        "uncollected": list(failed),
    }


def _things(record: dict[str, Any]) -> Iterator[RenderableType]:
    by_phase: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one in record["tests"]:
        by_phase.setdefault((one["guide"], one["phase"]), []).append((one["test"], f"({one['reason']})"))
    for (guide, phase), tests in by_phase.items():
        yield said(f"phase {phase} of {guide}: {counted(len(tests), 'test')}", "bold")
        yield indented(grid(tests, styles=["dim"] * len(tests)))
    if record["unmapped"]:
        yield said(f"no phase: {counted(len(record['unmapped']), 'test')}", "bold yellow")
        yield from (said(test, by=2) for test in record["unmapped"])
    if record["missing"]:
        yield said(f"declared and missing: {len(record['missing'])}", "bold red")
    for one in record["missing"]:
        near = f"; the nearest name is {one['nearest']}" if one["nearest"] else ""
        yield said(f"{one['guide']}:{one['line']} {one['test']} (phase {one['phase']}){near}", by=2)
    for one in record["ambiguities"]:
        yield said(f"ambiguous: {one['what']}: {' and '.join(one['places'])}", "yellow")
    yield from (said(f"note: {note}") for note in record["notes"])
