"""``phasegate check [PHASE]``: the whole gate of a phase; ``--changed``: what is missing of all that is not merged."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic, time
from typing import Any

from pytest_phasegate.adapters.redgreen.run_cache import kept_values
from pytest_phasegate.app.commit.revision_range import Span, unmerged
from pytest_phasegate.app.guide.status import progress_of_all, states_of_all
from pytest_phasegate.app.guide.surroundings import Surroundings, standing_on
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.verification import Verification
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.app.verdict.check import Meanwhile, Question, changed_meanwhile, check
from pytest_phasegate.cli.output import OF_COVERAGE, answer_of_phases, declare_formats
from pytest_phasegate.cli.project import WITHOUT_GIT, Project, opened
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.agents import AGENTS, directories, goes_on_already, reply_done
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.redgreen.ranges import CODE
from pytest_phasegate.core.verdict.judgement import CHECK, WHOLE, judgements_of
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.verdict import Ruling, Severity, combine, exit_code, listed
from pytest_phasegate.errors import EvidenceError, PhasegateError
from pytest_phasegate.reports.as_terminal import commit_lines
from pytest_phasegate.reports.command_progress import CheckCourse, shown
from pytest_phasegate.reports.escaping import escaped, say
from pytest_phasegate.reports.guide_report import step_lines
from pytest_phasegate.reports.messages import tell
from pytest_phasegate.wiring import evidence, projects, readers, records, redgreen, status

_AT_ONCE = 0.01
"""Seconds below which a part of a check is not worth a figure."""
_SHOWN = 6
"""How many paths are named in one line."""
_LINES = 20
_WIDTH = 160
_REFUSED = "what-an-agent-was-refused"
"""The key by which the content is kept of which an agent was told what is missing."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", default="current", metavar="PHASE", help="2, slug:2, 1-3, all, current")
    parser.add_argument("--changed", action="store_true", help="what is missing of what is not merged yet, shortly")
    parser.add_argument("--for", dest="agent", choices=tuple(AGENTS), help="with --changed: answer this coding agent")
    parser.add_argument(
        "--all-tests",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="run the whole suite; with --no-all-tests what can import the change, which counts for no acceptance",
    )
    parser.add_argument("--python", metavar="PATH", help="the project's interpreter, for the test run and the replay")
    declare_formats(parser, "html", *OF_COVERAGE)


def run(options: argparse.Namespace) -> int:
    """Judge, print the verdicts, and keep the judgement."""
    if options.changed or options.agent:
        return changed(options)
    project = opened(options)
    guide, phases = project.phases(options.phase)
    around = project.surroundings()
    before = around.content  # as it is when nothing ran yet
    asked = {options.format, *(form for form, _ in options.report)}
    covered = dict.fromkeys((form for form in OF_COVERAGE if form in asked), "")
    runs = evidence.Runs(project, around, options.python, options.config, covered, options.all_tests)
    gates = readers.gates(project)
    report, seconds = _judged(Question(guide, phases, gates, project.settings), runs, options)
    after = around.repository.content_tree() if around.repository else ""
    meanwhile = _meanwhile(project, around, after)
    unkept = None
    try:
        _keep(project, report, around, "" if meanwhile.disturbing else after, seconds, whole=options.all_tests)
        if meanwhile.left and not meanwhile.disturbing:
            _carry(project, guide, phases, before, after)
    except EvidenceError as error:  # what was judged is shown all the same
        unkept = error
    observing = project.settings.observes
    answer_of_phases(report, options, project, partial(_covered, covered), observing=observing)
    if unkept or meanwhile.disturbing:
        raise unkept or _disturbed(meanwhile.disturbing)
    if meanwhile.left:
        told = listed(meanwhile.left, _SHOWN)
        say(f"note: the run left {told} behind, which git does not ignore; add it to .gitignore")
    if options.format == "text" and not options.quiet:
        say(*_advice(report, project, guide, replace(around, tree=after), whole=options.all_tests))
    return 0 if observing else exit_code(report.ruling)


def _judged(
    question: Question, runs: evidence.Runs, options: argparse.Namespace
) -> tuple[RunReport, Mapping[str, float]]:
    """Judge, and show how far it is; return the verdicts, and the seconds that the parts and the whole took."""
    course, begun = CheckCourse(suite=question.settings.suite), monotonic()
    first = f"check: {course.run}"
    with shown(lambda: f"check: {course.line()}", options.color, quiet=bool(options.quiet), first=first):
        report = check(question, runs.sources(), course.end, course.begin)
    return report, {**course.seconds, WHOLE: monotonic() - begun}


def _meanwhile(project: Project, around: Surroundings, after: str) -> Meanwhile:
    """Tell what changed while the check ran; outside of git nobody can."""
    if around.repository is None or around.content == after:
        return Meanwhile()
    contents = around.content, after
    return changed_meanwhile(around.repository, contents, project.inside, project.layout, project.guides)


def _carry(project: Project, guide: Guide, phases: Sequence[Phase], before: str, after: str) -> None:
    """Let the tests that ran count for the content as it is when everything is done, a report of theirs included."""
    there = records.passings(project.root)
    for phase in phases:
        kept = there.find(guide.slug, phase.id, before)
        if kept and before != after:
            there.keep(kept._replace(tree=after))


def _disturbed(paths: Sequence[str]) -> EvidenceError:
    return EvidenceError(
        f"files changed while the check ran, so nothing was judged as it stands: {escaped(listed(paths, _SHOWN))}",
        hint="check again; what a run or a command writes each time belongs into .gitignore",
    )


def _keep(
    project: Project, report: RunReport, around: Surroundings, tree: str, seconds: Mapping[str, float], *, whole: bool
) -> None:
    head, changed = standing_on(around.repository, tree)
    at = int(time())
    judged = judgements_of(report, tree=tree, at=at, source=CHECK, whole=whole)
    went_by, stage = rules_of(project.settings), project.settings.stage or ""
    took = tuple((part, round(spent, 2)) for part, spent in seconds.items() if spent >= _AT_ONCE)
    told = (one._replace(head=head, changed=changed, rules=went_by, stage=stage, seconds=took) for one in judged)
    records.judgements(project.root).append(told)
    records.keep_reports(project.root, report, tree=tree if whole else "", at=at, source=CHECK, tests={})


def _covered(found: Mapping[str, str], form: str) -> str:
    if not found[form]:
        raise EvidenceError(f"the test run wrote no {form}: it measured no coverage of these phases")
    return found[form]


def _next(project: Project, guide: Guide, before: Surroundings) -> tuple[str, ...]:
    """Return what `phasegate next` says of the guide now: what was kept meanwhile are judgements."""
    around = replace(before, judgements=records.judged(project))
    progress = next(one for one in progress_of_all(around) if one.guide.path == guide.path)
    do, *command = step_lines(project.step_of(around, progress))
    return f"next: {do}", *command


def _advice(report: RunReport, project: Project, guide: Guide, around: Surroundings, *, whole: bool) -> tuple[str, ...]:
    """Return the next step after a verdict, and on a line of its own the command for it."""
    name = project.prefix(guide)
    refused = report.refused
    if refused and around.repository is None:
        return f"next: {WITHOUT_GIT.do}", f"  $ {WITHOUT_GIT.command}"
    if refused:
        first = refused[0].refusing[0]
        step = f"next: {first.gate} of phase {refused[0].id}: {first.reason}{first.fix and f'; {first.fix}'}"
        return step, f"  then: phasegate check {name}{refused[0].id}"
    passed = [phase.id for phase in report.phases if phase.ruling is Ruling.PASSED]
    if passed and not whole:
        return "next: the whole suite", f"  $ phasegate check {name}{passed[0]}"
    if passed:
        return _next(project, guide, around)
    phase = report.phases[0].id if report.phases else "ID"
    if report.waiting:
        return f"next: {report.waiting}", f"  $ phasegate review {name}{phase}"
    return (f"nothing was judged; a commit with the trailer `Phase: SLUG/{phase}` says that it finishes the phase",)


def changed(options: argparse.Namespace) -> int:
    """Say what is missing, in twenty lines at most; an agent is answered as it reads it.

    A test that is red yet is named, and refuses nothing: the work goes on.
    """
    if not options.agent:
        text, code = _judged_changes(options)
        print(text)
        return code
    agent = AGENTS[options.agent]
    request = _request()
    os.chdir(next((place for place in directories(request) if Path(place).is_dir()), "."))
    try:
        text, code = _judged_changes(options)
    except PhasegateError as error:
        hint = f" ({error.hint})" if error.hint else ""
        text, code = f"phasegate cannot tell: {error.problem}{hint}", error.exit_code
    missing = text if code else ""
    return tell(reply_done(agent, missing, again=bool(missing) and _again(request, text)))


def _request() -> Mapping[str, Any]:
    """Return what the agent says on stdin; what is no JSON object says nothing."""
    try:
        found = json.loads(sys.stdin.read())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _again(request: Mapping[str, Any], text: str) -> bool:
    """Whether the agent was told before, and goes on for our sake, or has changed nothing since."""
    try:
        repository = projects.repository(Path.cwd())
    except PhasegateError:
        return goes_on_already(request)
    kept, now = kept_values(repository), f"{repository.content_tree()} {text}"
    before = kept.get(_REFUSED, lambda value: str(value["content"]))
    kept.put(_REFUSED, {"content": now})
    return goes_on_already(request) or before == now


def _judged_changes(options: argparse.Namespace) -> tuple[str, int]:
    """Return what is to be said, and the exit code."""
    repository = projects.repository(Path.cwd())
    span = unmerged(repository)
    if span is None:
        return "nothing has changed: no work is uncommitted, and the default branch lacks no commit", 0
    settings = projects.settings_at(repository, span.base, options.config)
    with redgreen.benches(repository, settings, python=options.python) as benches:
        found = Verifier(repository, settings, benches, today=projects.today()).verify(span)
    wrong = [one for one in found.verdict.findings if one.code == CODE and one.severity is Severity.ERROR]
    rulings = [one.verdict.verdict.ruling for one in found.commits]
    code = exit_code(combine([*rulings, *([found.verdict.verdict] if wrong else [])]))
    lines = [*_lines(found), *_of_the_guide(repository, span)]
    if code:
        lines.append("mend it, or commit it with its reason; what a code means: phasegate explain CODE")
    shown = [line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…" for line in lines]
    if len(shown) > _LINES:
        shown = [*shown[: _LINES - 2], f"and {len(shown) - _LINES + 2} lines more: phasegate verify", shown[-1]]
    return "\n".join(shown), 0 if settings.observes_reds else code


def _lines(found: Verification) -> Iterator[str]:
    """Yield what refuses, what is red yet, or that nothing is wrong."""
    refused = [one.verdict for one in found.commits if one.verdict.verdict.refuses]
    yield from commit_lines(refused)
    yield from (f"{one.code} {escaped(one.message)}" for one in found.verdict.findings if one.code == CODE)
    if not refused:
        yield f"red before green: {escaped('; '.join(dict.fromkeys(one.verdict.reason for one in found.commits)))}"
    for red in found.verdict.open_red:
        yield f"still red: {escaped(red.test)}"


def _of_the_guide(repository: Repository, span: Span) -> Iterator[str]:
    """Yield which declared tests of a phase that was worked at are not written yet."""
    project = projects.Project.around(Path.cwd())
    guides = records.derived(project, readers.guides(project)) if project.settings.configured else ()
    if not guides:
        return
    place = project.inside.prefix
    base = span.base or repository.empty_tree()
    paths = [one.path.removeprefix(place) for one in repository.changes(base, span.commits[-1].tree)]
    for progress in states_of_all(status.surroundings(project, guides)):
        current = progress.current
        declared = [file.path for file in current.phase.files] if current else []
        if current and current.facts.missing and any(matches_any(path, declared) for path in paths):
            missing = escaped(", ".join(current.facts.missing[:5]))
            yield f"phase {escaped(current.phase.id)} is not done: {missing} not written yet"
