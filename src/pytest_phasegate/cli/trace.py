"""``phasegate map`` and ``trace``: which test belongs to which phase, and from requirement to verdict."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from pytest_phasegate.adapters.collected_tests import Collection
from pytest_phasegate.adapters.guide import documents_beside
from pytest_phasegate.app.guide.status import progress_of_all
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.core.guide.feature_documents import Role
from pytest_phasegate.core.guide.model import Guide, Source
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.core.guide.requirements import Requirement, family_of, key_of, named_in, stated_in
from pytest_phasegate.core.mapping.assignment import map_tests
from pytest_phasegate.core.mapping.mapping import Collected, Reason, TestMap, nearest
from pytest_phasegate.core.mapping.trace import Feature, Gap, GapKind, Trace, Traced, trace
from pytest_phasegate.core.verdict.verdict import counted, listed
from pytest_phasegate.reports.as_html import rendered
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.reports.as_terminal import colourful, grid, indented, said, shown
from pytest_phasegate.reports.escaping import escaped, json_text, say
from pytest_phasegate.reports.page import TONES
from pytest_phasegate.wiring import evidence, readers, records, status

GAP, INCONCLUSIVE = 1, 4


def configure_map(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--python", metavar="PYTHON", help="the interpreter that collects (default: the project's)")
    parser.add_argument("--guide", metavar="PATH", action="append", default=[], help="in place of the configured ones")


def run_map(options: argparse.Namespace) -> int:
    """Collect the suite, map it and print what came out; a file that could not be collected makes it inconclusive."""
    form, project = formatted(options, "text", "json"), opened(options)
    found, mapped = _mapped(project, _guides(project, options), options)
    record = _map_record(mapped, found.failed)
    if form == "json":
        print(json_text(record))
    else:
        told = shown(_things(record), colour=colourful(options.color))
        print(told, end="\n" if told else "")
    return INCONCLUSIVE if found.failed else 0


def _guides(project: Project, options: argparse.Namespace) -> tuple[Guide, ...]:
    """Return the guides that are meant: those named, else the project's."""
    if not options.guide:
        return project.guides
    return records.derived(project, readers.guides(project, options.guide))


def _mapped(project: Project, guides: tuple[Guide, ...], options: argparse.Namespace) -> tuple[Collection, TestMap]:
    """Return what pytest collects, and which test of it belongs to which phase."""
    found = evidence.collected(project, options.python)
    say(*(f"phasegate: {failed or 'the suite'} could not be collected" for failed in found.failed))
    texts = records.texts_of_tests(project)
    renamed = records.renamed_declarations(project.root, texts, guides)
    return found, map_tests(guides, found.tests, project.settings.map, texts.added(guides), renamed)


def _map_record(test_map: Any, failed: tuple[str, ...]) -> dict[str, Any]:
    names = [one.test for one in (*test_map.belongs, *test_map.unmapped)]
    return {
        "schema": "phasegate.map/1",
        "tests": [
            {
                "test": one.test,
                **by.phase._asdict(),
                "reason": by.reason.value,
                "source": (Source.DERIVED if by.reason is Reason.DERIVED else Source.DECLARED).value,
            }
            for one, by in test_map.belongs.items()
        ],
        "unmapped": [one.test for one in test_map.unmapped],
        "missing": [
            {"test": one.wanted, **one.phase._asdict(), "line": one.test.line, "nearest": nearest(one.test.name, names)}
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


_SIDES = {"any": (False, True), "forward": (False,), "backward": (True,)}


def configure_trace(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--guide", metavar="PATH", action="append", default=[], help="in place of the configured ones")
    parser.add_argument("--spec", metavar="FILE", action="append", default=[], help="a document of requirements")
    parser.add_argument(
        "--fail-on-gap",
        nargs="?",
        const="any",
        choices=tuple(_SIDES),
        metavar="SIDE",
        help="exit 1 if a requirement lacks a phase, a test or a pass (forward), or work a requirement (backward)",
    )
    parser.add_argument("--python", metavar="PYTHON", help="the interpreter that collects (default: the project's)")


def run_trace(options: argparse.Namespace) -> int:
    """Print the trace; with ``--fail-on-gap`` say whether it is whole."""
    form, project = formatted(options, *WRITERS), opened(options)
    root, guides = project.root, _guides(project, options)
    shared = [each for document in readers.documents(root, options.spec) for each in stated_in(document)]
    found, mapped = _mapped(project, guides, options)
    around = status.surroundings(project, guides)
    features = [
        _feature(root, one, shared, found.tests)._replace(passed=status.passed_tests(root, one, around))
        for one in progress_of_all(around)
    ]
    traced = trace(features, shared, mapped)
    print(WRITERS[form](traced), end="")
    return _verdict(traced, options.fail_on_gap, found.failed)


def _feature(root: Path, progress: GuideProgress, shared: Iterable[Requirement], tests: Iterable[Collected]) -> Feature:
    guide = progress.guide
    document = readers.guide_document(root, guide)
    specifications = documents_beside(root, guide).get(Role.SPECIFICATION, ())
    stated = [each for one in specifications for each in stated_in(one)]
    known = {key_of(name): name for test in tests for name in test.requirements}
    known |= {each.key: each.id for each in (*shared, *stated)}
    within = stated_in(document, guide.phases)
    known |= {each.key: each.id for each in within}
    named = {phase.id: named_in(document, phase, known) for phase in guide.phases}
    numbers = guide.dialect == "bmad" or any(_is_criterion(each.id) for some in named.values() for each in some)
    own = (each for each in within if numbers or not _is_criterion(each.id))
    return Feature(progress, (*stated, *own), named)


def _is_criterion(written: str) -> bool:
    """Whether an id is the number of an acceptance criterion, which a guide gives to every list of them."""
    return family_of(key_of(written)) == "ac"


def _verdict(traced: Trace, sides: str | None, failed: tuple[str, ...]) -> int:
    """Return the exit code; where nothing is traced, or tests are unknown, nobody can say that there is no gap."""
    if not sides:
        return 0
    gaps = [gap for gap in traced.gaps if gap.kind.backward in _SIDES[sides]]
    if any(gap.kind is not GapKind.NOT_JUDGED for gap in gaps):
        return GAP
    if gaps:
        say("phasegate: a verdict on this content lacks; run: phasegate check all")
    if not traced.requirements:
        say("phasegate: no requirement is stated or named, so there is nothing to trace")
    return INCONCLUSIVE if gaps or failed or not traced.requirements else 0


_HEAD = ("requirement", "verdict", "phase", "tests", "commit", "title")
_ENOUGH = 10
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - the wide ones are formulas, too


def as_text(traced: Trace) -> str:
    """Return the table, the gaps by what lacks, and what it comes to."""
    several = len({row.guide for row in traced.requirements}) > 1
    rows = [_row(row, f"{row.guide}:" if several and row.guide else "") for row in traced.requirements]
    table = [grid(rows, head=_HEAD)] if rows else []
    return shown([*table, *map(said, _gap_lines(traced)), said(_summary(traced))]) + "\n"


def as_json(traced: Trace) -> str:
    """Return the JSON, schema ``phasegate.trace/1``."""
    record = {
        "schema": "phasegate.trace/1",
        "requirements": [_record(row) for row in traced.requirements],
        "gaps": [
            {
                **picked(gap, "kind", "what", "message", "path", "line"),
                "side": ("forward", "backward")[gap.kind.backward],
            }
            for gap in traced.gaps
        ],
        "untraced": list(traced.untraced),
    }
    return json_text(record) + "\n"


def as_csv(traced: Trace) -> str:
    """Return a line for each requirement, phase and test; what a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "title", "guide", "phase", "test", "marked", "commit", "verdict", "path", "line"])
    for row in traced.requirements:
        writer.writerows([_harmless(cell) for cell in cells] for cells in _cells(row))
    return out.getvalue()


def as_page(traced: Trace) -> str:
    """Return the page."""
    return rendered("trace.html.jinja", trace=traced, summary=_summary(traced), tones=TONES)


WRITERS = {"text": as_text, "json": as_json, "csv": as_csv, "html": as_page}


def _record(row: Traced) -> dict[str, object]:
    return {
        **picked(row.requirement, "id", "title", "path", "line"),
        "guide": row.guide or None,
        "phases": [picked(phase, "guide", "id", "title", "commits", "verdict") for phase in row.phases],
        "tests": [picked(test, "test", "marked", "phases", "passed") for test in row.tests],
        "verdict": row.verdict,
    }


def _row(row: Traced, guide: str) -> list[str]:
    commits = [sha[:10] for phase in row.phases for sha in phase.commits[-1:]]
    return [
        f"{guide}{row.requirement.id}",
        row.verdict,
        ", ".join(phase.id for phase in row.phases) or "-",
        f"{len(row.tests)} marked" if any(test.marked for test in row.tests) else str(len(row.tests) or "-"),
        ", ".join(dict.fromkeys(commits)) or "-",
        row.requirement.title[:60],
    ]


def _gap_lines(traced: Trace) -> Iterator[str]:
    """Yield a line for each gap; one for all that lack the same."""
    alike: dict[tuple[str, str], list[Gap]] = {}
    for gap in traced.gaps:
        alike.setdefault((gap.kind, gap.message), []).append(gap)
    for (kind, message), gaps in alike.items():
        named = listed([gap.what for gap in gaps], _ENOUGH)
        yield f"{gaps[0].path}:{gaps[0].line}: {kind}: {named}: {message}"


def _summary(traced: Trace) -> str:
    passed = sum(row.verdict == "passed" for row in traced.requirements)
    known, gaps = counted(len(traced.requirements), "requirement"), counted(len(traced.gaps), "gap")
    told = f"{known}: {passed} passed on this content, {gaps}"
    return told + (f"; {counted(len(traced.untraced), 'test')} of no requirement" if traced.untraced else "")


def _cells(row: Traced) -> Iterator[list[str]]:
    """Yield the cells of each pair of a phase and a test that serves the requirement; one line where there is none."""
    one = row.requirement
    for phase in row.phases or (None,):
        tests = [test for test in row.tests if phase is None or phase.id in test.phases or not test.phases]
        for test in tests or (None,):
            yield [
                one.id,
                one.title,
                row.guide,
                phase.id if phase else "",
                test.test if test else "",
                ("yes" if test.marked else "no") if test else "",
                phase.commits[-1] if phase and phase.commits else "",
                phase.verdict if phase and test else row.verdict,
                one.path,
                str(one.line),
            ]


def _harmless(cell: str) -> str:
    shown = escaped(cell)
    return f"'{shown}" if cell.lstrip().startswith(_FORMULA) or cell[:1] in {"\t", "\r"} else shown
