"""``phasegate check [PHASE]``: the whole gate of a phase."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_phasegate.cli.options import colourful
from pytest_phasegate.cli.project import formatted, opened, prefix
from pytest_phasegate.core.settings import Mode
from pytest_phasegate.core.verdict import Ruling, exit_code
from pytest_phasegate.errors import EvidenceError, SelectionError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.reports.progress import telling
from pytest_phasegate.wiring import proving, records

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pytest_phasegate.cli.project import Project
    from pytest_phasegate.core.guide import Guide, Phase
    from pytest_phasegate.core.report import RunReport


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", default="current", metavar="PHASE", help="2, slug:2, 1-3, all, current")
    parser.add_argument("--python", metavar="PATH", help="the project's interpreter, for the test run and the replay")


def run(options: argparse.Namespace) -> int:
    """Judge, print the verdicts, and keep the judgement."""
    from pytest_phasegate.app.check import Question, check

    form = formatted(options, "text", "json", "markdown")
    project = opened(options)
    guides = project.guides
    guide, phases = _chosen(project, options.phase, guides)
    gates = proving.gates(project.root, project.settings)
    around = records.surroundings(project.root, project.settings, guides)
    before = around.content
    sources = proving.sources(project.root, project.settings, around, python=options.python, config=options.config)
    live = colourful(options.color, sys.stderr) and sys.stderr.isatty()
    with telling("check", quiet=bool(options.quiet), live=live) as told:
        report = check(Question(guide, phases, gates, project.settings), sources, told)
    after = records.surroundings(project.root, project.settings, guides).content
    steady = before == after
    _keep(project, report, after if steady else "")
    _print(report, form, colour=colourful(options.color, sys.stdout))
    if not steady:
        raise EvidenceError("files changed while the check ran, perhaps by one of the commands", hint="check again")
    if form == "text" and not options.quiet:
        print(_advice(report, prefix(guide, guides)), file=sys.stderr)
    if project.settings.mode is not Mode.ENFORCE:
        return 0
    return exit_code(report.ruling)


def _chosen(project: Project, selector: str, guides: Sequence[Guide]) -> tuple[Guide, tuple[Phase, ...]]:
    from pytest_phasegate.core.selection import select

    chosen = select(
        [selector], guides, lambda guide: records.current_phase(project.root, project.settings, guide, guides)
    )
    paths = {ref.guide for ref in chosen}
    if len(paths) != 1:
        slugs = ", ".join(f"{guide.slug}:{selector}" for guide in guides)
        raise SelectionError(f"{selector!r} means phases of several guides", hint=f"choose one of: {slugs}")
    guide = next(guide for guide in guides if guide.path in paths)
    wanted = {ref.phase for ref in chosen}
    return guide, tuple(phase for phase in guide.phases if phase.id in wanted)


def _keep(project: Project, report: RunReport, tree: str) -> None:
    from time import time

    from pytest_phasegate.core.judgement import judgements_of

    judged = judgements_of(report, tree=tree, at=int(time()), source="check")
    records.judgements(project.root).append(judged)


def _print(report: RunReport, form: str, *, colour: bool) -> None:
    if form == "json":
        from pytest_phasegate.reports.as_json import text as as_json

        print(as_json(report), end="")
    elif form == "markdown":
        from pytest_phasegate.reports.as_markdown import text as as_markdown

        print(as_markdown(report), end="")
    elif colour:
        from pytest_phasegate.reports.as_table import print_table

        print_table(report)
    else:
        from pytest_phasegate.reports.as_terminal import text

        print(text(report), end="", flush=True)


def _advice(report: RunReport, name: str) -> str:
    """Return the next step after a verdict."""
    refused = [phase for phase in report.phases if phase.ruling.refuses]
    if refused:
        first = next(verdict for verdict in refused[0].gates if verdict.ruling.refuses)
        fix = next((finding.fix for finding in first.findings if finding.fix), "")
        step = f"next: mend {first.gate} of phase {refused[0].id}: {fix or first.reason}"
        return f"{escaped(step)}\n  then: phasegate check {escaped(name + refused[0].id)}"
    passed = [phase.id for phase in report.phases if phase.ruling is Ruling.PASSED]
    if passed:
        return "next: phasegate next"
    phase = escaped(report.phases[0].id) if report.phases else "ID"
    return f"nothing was judged; a commit with the trailer `Phase: SLUG/{phase}` says that it finishes the phase"
