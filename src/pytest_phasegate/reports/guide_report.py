"""A guide and what is wrong with it, and where its phases stand: in plain lines and tables, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType

from pytest_phasegate.core.criteria.feedback import Feedback, Priority, title_of
from pytest_phasegate.core.guide.lint import has_errors
from pytest_phasegate.core.guide.model import Action, CoverageGoal, DeclaredFile, DeclaredTest, Diagnostic, Guide, Phase
from pytest_phasegate.core.guide.next_step import Step
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseFacts, PhaseProgress, State
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.as_json import finding_record, picked
from pytest_phasegate.reports.as_terminal import grid, indented, said, shown
from pytest_phasegate.reports.escaping import escaped


def guide_text(guide: Guide, phases: Iterable[Phase], *, colour: bool = False) -> str:
    """Return the guide with these of its phases."""
    head = f"{guide.title or guide.slug}  ({guide.path}, {guide.dialect}{', approved' if guide.approved else ''})"
    remarks = ["", *map(diagnostic_line, guide.diagnostics)] if guide.diagnostics else []
    things = [said(head, "bold"), *(thing for phase in phases for thing in _phase_lines(phase)), *map(said, remarks)]
    return shown(things, colour=colour)


def guide_line(guide: Guide) -> str:
    """Return what reading a guide gives, in a line: dialect, phases, what they declare."""
    tests, files = (sum(map(len, each)) for each in ([p.tests for p in guide.phases], [p.files for p in guide.phases]))
    empty = sum(not (phase.tests or phase.files or phase.commit) for phase in guide.phases)
    rest = f"; {empty} declare{'s' * (empty == 1)} nothing: what their commits bring is judged" if empty else ""
    counts = ", ".join((counted(len(guide.phases), "phase"), counted(tests, "test"), counted(files, "file")))
    return f"{guide.path}: {guide.dialect}, {counts}{rest}"


def _phase_lines(phase: Phase) -> Iterator[RenderableType]:
    yield ""
    claim = f"  [claims: {phase.claim}]" if phase.claim else ""
    yield said(f"{phase.id}: {phase.title}  (lines {phase.line}-{phase.end_line}){claim}", "bold")
    yield indented(grid(list(_rows(phase)), widths=(9,), gap=1))


def _rows(phase: Phase) -> Iterator[tuple[str, str]]:
    named = (("line", phase.coverage.minimum), ("branch", phase.coverage.branch), ("function", phase.coverage.function))
    single = {
        "goal": phase.goal,
        "duration": phase.duration,
        "kind": phase.kind,
        "depends": ", ".join(phase.depends),
        "coverage": ", ".join(f"{percent:g}% {kind}" for kind, percent in named if percent is not None),
        "commit": phase.commit or "",
    }
    yield from ((name, value) for name, value in single.items() if value)
    for each in phase.files:
        action = "" if each.action is Action.UNSPECIFIED else f" ({each.action})"
        yield "file", f"{each.path}{action}" + (f" {each.lines}" if each.lines else "") + _derived(each)
    for test in phase.tests:
        yield "test", "::".join(filter(None, (test.file, test.class_name, test.name))) + _derived(test)
    if phase.derivation:
        yield from (("beside", f"{path} (not declared)") for path in phase.derivation.beside)
        origin = (f"from {phase.derivation.told}",) if phase.derivation.begun else ()
        yield from (("derived", told) for told in (*origin, *phase.derivation.remarks))
    for criterion in phase.criteria:
        yield "criterion", f"[{'x' if criterion.checked else ' '}] {criterion.text}"


def _derived(each: DeclaredFile | DeclaredTest) -> str:
    return "  derived" if str(each.source) == "derived" else ""


def diagnostic_line(diagnostic: Diagnostic) -> str:
    """Return a remark as ``path:line:column: PG101 message``, with its severity when it is no error."""
    severity = "" if str(diagnostic.severity) == "error" else f"{diagnostic.severity}: "
    place = f"{diagnostic.path}:{diagnostic.line}:{diagnostic.column}"
    return escaped(f"{place}: {diagnostic.code} {severity}{diagnostic.message}")


def guide_json(guide: Guide, phases: Iterable[Phase]) -> dict[str, Any]:
    """Return the guide with these of its phases."""
    return {
        "schema": "phasegate.guide/1",
        "guide": picked(guide, "path", "slug", "title", "dialect", "digest", "approved"),
        "phases": [phase_json(phase) for phase in phases],
        "diagnostics": [diagnostic_json(each) for each in guide.diagnostics],
    }


def phase_json(phase: Phase) -> dict[str, Any]:
    """Return one phase."""
    return {
        **picked(phase, "id", "title", "goal", "duration", "line", "end_line", "depends"),
        "files": [picked(file, "path", "action", "note", "lines", "line", "source") for file in phase.files],
        "tests": [
            {"name": test.name, "class": test.class_name, **picked(test, "file", "line", "expected_failure", "source")}
            for test in phase.tests
        ],
        "criteria": [picked(one, "text", "checked", "kind", "line") for one in phase.criteria],
        "coverage": _goal(phase.coverage),
        **picked(phase, "commit", "claim", "kind", "digest"),
        "derivation": phase.derivation and picked(phase.derivation, "commits", "uncommitted", "beside", "remarks"),
    }


def _goal(goal: CoverageGoal) -> dict[str, Any]:
    figures = picked(goal, "minimum", "branch", "function")
    stages = [{"name": name, "minimum": percent} for name, percent in goal.stages]
    return {**figures, "stages": stages} if stages else figures


def lint_json(found: Sequence[Diagnostic]) -> dict[str, Any]:
    """Return the remarks about guides and what lies beside them."""
    verdict = "failed" if has_errors(found) else "passed"
    return {"schema": "phasegate.lint/1", "verdict": verdict, "diagnostics": list(map(diagnostic_json, found))}


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return one remark."""
    return picked(diagnostic, "code", "severity", "message", "path", "line", "column", "fix")


_HEAD = ("phase", "state", "tests", "coverage", "last verdict", "commit", "title")
_COLOURS = {
    State.RED: "red",
    State.ACTIVE: "yellow",
    State.PASSED: "blue",
    State.ACCEPTED: "green",
    State.REGRESSED: "red",
    State.FAILED: "red",
}


def as_text(progress: GuideProgress, step: Step, *, colour: bool) -> str:
    """Return a guide's table, the claims nothing supports, and the next step."""
    done, regressed = how_far(progress)
    rows = [tuple(_row(one)) for one in progress.phases]
    styles = [_COLOURS.get(one.state, "dim") for one in progress.phases]
    known = regressed or not progress.unproved
    do, *command = step_lines(step)
    lines = [
        *(f"{one.code} {one.path or ''}:{one.line}: {one.message}" for one in progress.findings),
        f"{done}, regressions {regressed if known else 'not known here'}",
        *doubts(progress),
        f"next: {do}",
    ]
    things = [
        said(f"{progress.guide.title or progress.guide.slug} ({progress.guide.path})", "bold"),
        indented(grid(rows, styles=styles, head=_HEAD)),
        *(said(line, by=2) for line in lines),
        *(said(line.lstrip(), by=4) for line in command),
    ]
    return shown(things, colour=colour)


def how_far(progress: GuideProgress) -> tuple[str, int]:
    """Return how many phases of a guide are accepted and how many tests are kept, and the number of regressions."""
    states = [one.state for one in progress.phases]
    kept = counted(sum(one.facts.accepted_tests for one in progress.phases), "test")
    done = f"{states.count(State.ACCEPTED)} of {counted(len(states), 'phase')} accepted, {kept} kept"
    return done, states.count(State.REGRESSED)


def doubts(progress: GuideProgress) -> Iterator[str]:
    """Yield what keeps accepted phases from counting as done: content that nothing judged, criteria nobody answered."""
    if progress.unproved:
        named = ", ".join(one.phase.id for one in progress.unproved)
        many = "s" if len(progress.unproved) > 1 else ""
        yield f"not judged on the content as it stands: phase{many} {named}"
    for one in progress.waiting:
        for words, numbers in (("waits for a person", one.facts.open), ("was answered with no", one.facts.blocked)):
            yield from (f"phase {one.phase.id}: criterion {number} {words}" for number in numbers)


def verdict_words(one: PhaseProgress) -> str:
    """Return the last verdict of a phase, and where it stood if it is of other content; another check may hold it."""
    last, since = one.facts.last, one.facts.since
    if last is None:
        return "-"
    if one.facts.fresh:
        return str(last.ruling)
    held = "; held by a later check" if one.state is State.ACCEPTED and one.facts.judged else ""
    return f"{last.ruling} {since.told if since else 'on other content'}{held}"


def step_lines(step: Step) -> tuple[str, ...]:
    """Return what to do, and on a line of its own, to be pasted, the command for it."""
    return (step.do, *([f"  $ {step.command}"] if step.command else []))


def feedback_lines(feedback: Feedback) -> Iterator[str]:
    """Yield how the comments of reviewers stand, and the blocking ones; nothing where none was imported."""
    if not (feedback.comments or feedback.critical):
        return
    yield escaped(feedback.told)
    for one in feedback.blocking:
        place = f"{one.place}: " if one.place else ""
        yield escaped(f"  BLOCKED by {one.name}: {place}{title_of(one.text)}")
    yield ""


def feedback_record(feedback: Feedback) -> dict[str, object]:
    """Return how many comments there are, how many of each priority are open, and the numbers of the blocking ones."""
    counts = {str(each): sum(one.priority is each for one in feedback.open) for each in Priority}
    numbers = [one.number for one in feedback.blocking if one.number]
    critical = [{**picked(one, "author", "path", "line"), "message": one.text} for one in feedback.critical]
    return {"comments": len(feedback.comments), "open": counts, "blocking": numbers, "critical": critical}


def as_record(progress: Iterable[GuideProgress]) -> dict[str, object]:
    """Return the states as plain values of the schema ``phasegate.status/1``."""
    guides = tuple(progress)
    return {
        "schema": "phasegate.status/1",
        "complete": bool(guides) and all(one.complete for one in guides),
        "guides": [_guide_record(one) for one in guides],
    }


def whole_record(progress: Iterable[GuideProgress], content: str, feedback: Feedback) -> dict[str, object]:
    """Return the states, the content they are of, and how comments stand, as plain values of that schema."""
    return {**as_record(progress), "content": content or None, "feedback": feedback_record(feedback)}


def step_record(progress: GuideProgress, step: Step) -> dict[str, object]:
    """Return the next step as plain values of the schema ``phasegate.next/1``."""
    return {
        "schema": "phasegate.next/1",
        "guide": progress.guide.slug,
        "phase": step.phase or None,
        "do": step.do,
        "command": step.command or None,
        "why": step.why,
    }


def _row(one: PhaseProgress) -> Iterator[str]:
    facts = one.facts
    yield one.phase.id
    yield one.state
    yield tests_there(one)
    yield f"{one.coverage:g} %" if one.coverage is not None else "-"
    yield verdict_words(one)
    yield facts.commit[:10] or "-"
    yield one.phase.title


def tests_there(one: PhaseProgress) -> str:
    """Return how many tests a phase has; where declared ones are missing, how many of them are there: 0/2."""
    facts, declared = one.facts, len(one.phase.tests)
    if facts.missing:
        return f"{declared - len(facts.missing)}/{declared}"
    return str(facts.accepted_tests or (facts.last.tests if facts.last else 0) or len(facts.tests))


def _guide_record(progress: GuideProgress) -> dict[str, object]:
    guide = progress.guide
    return {
        **picked(guide, "path", "slug", "title"),
        "complete": progress.complete,
        "current": progress.current.phase.id if progress.current else None,
        "phases": [_phase_record(one) for one in progress.phases],
        "findings": list(map(finding_record, progress.findings)),
    }


def _phase_record(one: PhaseProgress) -> dict[str, object]:
    facts, last = one.facts, one.facts.last
    return {
        **picked(one, "phase.id", "phase.title", "state", "phase.claim"),
        "commit": facts.commit or None,
        "tests": {
            "declared": len(one.phase.declared_tests),
            **picked(facts, "missing"),
            "accepted": facts.accepted_tests,
            **picked(facts, "lost"),
        },
        **picked(one, "coverage", "facts.judged", "stale"),
        "criteria": picked(facts, "open", "blocked"),
        "last": _last_record(facts, last) if last else None,
    }


def _last_record(facts: PhaseFacts, last: Judgement) -> dict[str, object]:
    since = facts.since
    return {
        "verdict": last.ruling,
        **picked(facts, "last.source", "last.at", "fresh"),
        "stale": not facts.fresh,
        "content": last.tree or None,
        "commit": (since.commit if since else last.head) or None,
        "changed": 0 if facts.fresh else since.files if since else None,
    }
