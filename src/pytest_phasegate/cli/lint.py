"""``lint [FILE...]``, ``show [PHASE]``, ``explain CODE``: what is wrong with guides, what is read, what codes mean."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from pytest_phasegate.adapters.guide import GuideFile
from pytest_phasegate.cli.output import answer, declare_formats
from pytest_phasegate.cli.project import formatted, guide_places, opened, unmatched
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.selection import select
from pytest_phasegate.core.project.paths import matches
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.errors import Choice, PhasegateError, QuestionError, SelectionError
from pytest_phasegate.reports.as_terminal import colourful
from pytest_phasegate.reports.escaping import escaped, json_text, say
from pytest_phasegate.reports.findings import of_guides
from pytest_phasegate.reports.guide_report import diagnostic_line, guide_json, guide_text, lint_json
from pytest_phasegate.reports.messages import Message, catalogue, explain
from pytest_phasegate.wiring import readers, records
from pytest_phasegate.wiring.projects import Project


def configure_lint(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="guides; without one: those of the configuration")
    parser.add_argument(
        "--documents", action="store_true", help="also the specification and the context beside each guide"
    )
    declare_formats(parser)


def run_lint(options: argparse.Namespace) -> int:
    """Print the remarks; 1 when one of them is an error."""
    project = Project.around(Path.cwd(), options.config) if options.files else opened(options)
    guides = readers.linted_guides(project, options.files)
    found = [each for guide in guides for each in guide.diagnostics]
    if options.documents:
        found = list(dict.fromkeys(each for guide in guides for each in readers.documents_linted(project, guide)))
    own = {"text": lambda: "\n".join(map(diagnostic_line, found)), "json": lambda: json_text(lint_json(found))}
    answer(of_guides(guides, found), options, own)
    errors = sum(str(each.severity) == "error" for each in found)
    if not options.quiet:
        _say_unmatched(guides if options.files else (), project.settings.guides)
        say(*map(unmatched, () if guides or options.files else readers.guides_elsewhere(project)[:1]))
        warnings = sum(str(each.severity) == "warning" for each in found)
        say(f"{counted(len(guides), 'guide')}: {counted(errors, 'error')}, {counted(warnings, 'warning')}")
    return 1 if errors else 0


def _say_unmatched(named: Iterable[Guide], globs: Iterable[str]) -> None:
    """Say of files that were named that `guides` does not name them too: no other command reads those."""
    patterns = tuple(globs)
    for guide in named:
        if guide.phases and not any(matches(glob, guide.path) for glob in patterns):
            say(f"{guide.path}: read because it was named; `guides` does not match it")


def configure_show(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", metavar="PHASE", help="an id such as 2, or metric_caching:2; default: all")
    parser.add_argument("--guide", action="append", default=[], metavar="FILE", help="over the configured guides")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")


def run_show(options: argparse.Namespace) -> int:
    """Print the guide, or some of its phases."""
    project = opened(options)
    read = readers.linted_guides(project, options.guide, with_phases=True)
    guides = records.derived(project, read, everything=True)
    if not guides:
        told = f"no guide was found at {guide_places(project.settings)}"
        raise SelectionError(told, hint="name one with --guide FILE")
    guide, phases = _chosen(guides, options.phase)
    print(_as(options, project.root, guide, phases))
    return 0


def _chosen(guides: Sequence[Guide], wanted: str | None) -> tuple[Guide, list[Phase]]:
    if wanted is None:
        if len(guides) > 1:
            choices = tuple(Choice(guide.path, guide.title) for guide in guides)
            hint = "name one with --guide"
            raise QuestionError("there are several guides", choices=choices, option="--guide", hint=hint)
        return guides[0], list(guides[0].phases)
    chosen = select([wanted], guides, lambda _: None)
    guide = next(guide for guide in guides if guide.path == chosen[0].guide)
    ids = {each.phase for each in chosen if each.guide == guide.path}
    return guide, [phase for phase in guide.phases if phase.id in ids]


def _as(options: argparse.Namespace, root: Path, guide: Guide, phases: list[Phase]) -> str:
    if options.format == "json":
        return json_text(guide_json(guide, phases))
    if options.format == "markdown":
        text = GuideFile(root, guide.path, anywhere=True).lines()
        lines = ["\t".join(map(escaped, line.split("\t"))) for line in text]
        return "\n\n".join("\n".join(lines[phase.line - 1 : phase.end_line]) for phase in phases)
    return guide_text(guide, phases, colour=colourful(options.color))


def configure_explain(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("code", nargs="*", metavar="CODE", help="such as PG201; without one: every code and its title")


def run_explain(options: argparse.Namespace) -> int:
    """Print the explanations asked for, or the list of all codes."""
    form = formatted(options, "text", "json")
    found = {code.upper(): _message(code) for code in options.code}
    if form == "json":
        print(json_text(_record(found or catalogue())))
    elif found:
        print("\n\n".join(_paragraphs(code, message) for code, message in found.items()))
    else:
        print("\n".join(f"{code}  {message.title}" for code, message in catalogue().items()))
    return 0


def _message(code: str) -> Message:
    message = explain(code)
    if message:
        return message
    near = ", ".join(get_close_matches(code.upper(), catalogue(), 3))
    hint = f"the nearest ones are {near}" if near else "`phasegate explain` lists every code"
    raise PhasegateError(f"no such code: {code!r}", hint=hint)


def _paragraphs(code: str, message: Message) -> str:
    waive = message.waive or "This cannot be waived."
    return f"{code}: {message.title}\n\n{message.meaning}\n\nFix: {message.mend}\n\nWaive: {waive}"


def _record(messages: Mapping[str, Message]) -> dict[str, object]:
    codes = [{"code": code, **message._asdict()} for code, message in messages.items()]
    return {"schema": "phasegate.messages/1", "messages": codes}
