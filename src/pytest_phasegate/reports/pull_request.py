"""The text of a pull request: what was planned, what was done, how it was judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from pytest_phasegate.app.guide.pull_request import Part, PullRequest
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseProgress, State
from pytest_phasegate.core.verdict.verdict import Ruling, counted
from pytest_phasegate.reports.escaping import markdown, workflow_safe
from pytest_phasegate.reports.guide_report import doubts, how_far, tests_there, verdict_words
from pytest_phasegate.reports.page import when

_MOST = 30  # commits that are listed
_HASH = r"\#"  # what keeps a number from being a link where nobody asked for one
_ASKED = (
    ("tests", "every declared test passes"),
    ("red-green", "every test was red before it was green"),
    ("coverage", "coverage reaches what the guide asks"),
    ("regression", "no accepted test is lost"),
    ("suite", "the whole suite is as green as before"),
    ("commands", "the configured commands end with 0"),
    ("criteria", "the success criteria are met"),
)
_MARKS = {
    State.ACCEPTED: "✅",
    State.PASSED: "🔵",
    State.ACTIVE: "🟡",
    State.RED: "🔴",
    State.PENDING: "⚪",
    State.REGRESSED: "❌",
    State.FAILED: "❌",
}


def as_text(found: PullRequest) -> str:
    """Return the Markdown text of a pull request."""
    parts = (line for part in found.parts for line in (*_told(part), *_guide(part.progress), *_ran(part, found)))
    whole = (*_draft(found), *parts, *_changes(found), *_documents(found), *_checklist(found), *_issues(found))
    return "\n".join(whole).rstrip()


def _section(head: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a part of the text with its lines, and nothing where there are none."""
    told = list(lines)
    yield from [head, *told, ""] if told else []


def _draft(found: PullRequest) -> Iterator[str]:
    head = "> **Draft: not all of this is proved on the content it holds.**"
    return _section(head, (f"> - {markdown(lack)}" for lack in found.lacks))


def _told(part: Part) -> Iterator[str]:
    problem = "\n\n".join(workflow_safe(markdown(one)) for one in part.told.problem)
    yield from _section("## Problem\n", filter(None, [problem]))
    reasons = ((markdown(one.title), f": {markdown(one.reason)}" if one.reason else "") for one in part.told.decisions)
    yield from _section("## Decisions\n", (f"- **{title}**{reason}" for title, reason in reasons))


def _ran(part: Part, found: PullRequest) -> Iterator[str]:
    """Yield what the gates said of each phase on exactly this content."""
    if not part.ran:
        return
    yield f"### What was run on this content ({found.content[:10]})\n"
    for one in part.ran:
        yield f"- phase {markdown(one.phase)}: {one.report.ruling}, `phasegate check` of {when(one.at)}"
        for verdict in one.report.gates:
            if verdict.ruling is not Ruling.NOT_EVALUATED:
                yield f"  - {markdown(verdict.gate)}: {verdict.ruling}: {markdown(verdict.reason)}"
        quiet = ", ".join(verdict.gate for verdict in one.report.gates if verdict.ruling is Ruling.NOT_EVALUATED)
        yield from ([f"  - nothing to judge: {markdown(quiet)}"] if quiet else [])
    yield ""


def _changes(found: PullRequest) -> Iterator[str]:
    changes = found.difference
    if not changes.commits:
        return
    yield "## Changes\n"
    told = f"{counted(len(changes.commits), 'commit')}, {counted(changes.files, 'file')} changed"
    yield f"{told}, {counted(changes.insertions, 'insertion')}, {counted(changes.deletions, 'deletion')}\n"
    yield from (f"- `{one.sha[:10]}` {markdown(one.subject)}" for one in changes.commits[-_MOST:])
    yield from ([f"- and {len(changes.commits) - _MOST} earlier"] if len(changes.commits) > _MOST else [])
    yield ""


def _documents(found: PullRequest) -> Iterator[str]:
    documents = [one for part in found.parts for one in part.told.documents]
    if not documents:
        return
    yield "## Documents\n"
    for one in documents:
        yield f"- {one.role}: [{markdown(one.path)}]({one.address or quote(one.path)}), {counted(one.lines, 'line')}"
    yield f"\n{counted(sum(one.lines for one in documents), 'line')} in {counted(len(documents), 'document')}\n"


def _checklist(found: PullRequest) -> Iterator[str]:
    phases = [one for part in found.parts for one in part.progress.phases if one.state is not State.PENDING]
    ran = [verdict for part in found.parts for one in part.ran for verdict in one.report.gates]
    yield "## Checklist\n"
    done = phases and all(one.state in {State.ACCEPTED, State.PASSED} for one in phases)
    yield _box(bool(done), f"{counted(len(phases), 'phase')} begun, each with its gates passed")
    yield _box(not found.lacks, "all of it judged on the content that the last commit holds")
    for gate, words in _ASKED:
        said = [verdict.ruling for verdict in ran if verdict.gate == gate]
        asked = [ruling for ruling in said if ruling is not Ruling.NOT_EVALUATED]
        if asked:
            yield _box(not any(ruling is not Ruling.PASSED for ruling in asked), words)
    if found.feedback.comments or found.feedback.critical:
        yield _box(not found.feedback.blocking, markdown(found.feedback.told))
    yield ""


def _box(ticked: bool, words: str) -> str:
    return f"- [{'x' if ticked else ' '}] {words}"


def _issues(found: PullRequest) -> Iterator[str]:
    yield from (f"Closes {markdown(one).replace(_HASH, '#')}" for one in found.closes)
    yield from (f"Refs {markdown(one).replace(_HASH, '#')}" for one in found.refers)


def as_report(progress: Sequence[GuideProgress]) -> str:
    """Return the same of every guide, begun or not, with what is still to be done."""
    return "\n".join(line for one in progress for line in (*_guide(one), *_still_to_do(one)))


def _still_to_do(progress: GuideProgress) -> Iterator[str]:
    """Yield the phases that are not accepted, with the declared tests that are not written."""
    waiting = (one for one in progress.phases if one.state is not State.ACCEPTED)
    return _section("### Still to do\n", map(_waits, waiting))


def _waits(one: PhaseProgress) -> str:
    missing = f"; tests to write: {', '.join(one.facts.missing)}" if one.facts.missing else ""
    title = f" {one.phase.title}" if one.phase.title else ""
    return f"- {markdown(f'phase {one.phase.id}{title}: {one.state}{missing}')}"


def _guide(progress: GuideProgress) -> Iterator[str]:
    guide = progress.guide
    done, regressed = how_far(progress)
    yield f"## {markdown(guide.title or guide.slug)}"
    yield f"\nGuide: {markdown(guide.path)}\n"
    yield "| phase | state | tests | coverage | commit |"
    yield "| --- | --- | ---: | ---: | --- |"
    yield from (_row(one) for one in progress.phases)
    if progress.unproved:
        yield f"\n{done}; whether they are green is not known on this content\n"
    else:
        yield f"\n{done} green, regressions: {regressed}\n"
    told = (
        ("### Not proved on this content\n", doubts(progress)),
        ("### What it does\n", (one.phase.goal for one in progress.phases if one.phase.goal)),
        ("### Claims without evidence\n", (finding.message for finding in progress.findings)),
    )
    for head, lines in told:
        yield from _section(head, (f"- {markdown(line)}" for line in lines))


def _row(one: PhaseProgress) -> str:
    facts, last = one.facts, one.facts.last
    title = markdown(f"{one.phase.id}: {one.phase.title}" if one.phase.title else one.phase.id)
    since = f" ({facts.since.told})" if facts.since else ""
    coverage = f"{last.coverage:g} %{since}" if last and last.coverage is not None else "-"
    return f"| {title} | {_state(one)} | {tests_there(one)} | {coverage} | {facts.commit[:10] or '-'} |"


def _state(one: PhaseProgress) -> str:
    """Return the state with its mark; one that nothing judged on this content is no green one."""
    if one.stale:
        said = f"; {verdict_words(one)}" if one.facts.last else ""
        return f"{_MARKS[State.ACTIVE]} {markdown(f'accepted, not judged on this content{said}')}"
    waiting = " (a criterion waits for a person)" if one.facts.open else ""
    blocked = " (BLOCKED by a review)" if one.facts.blocked else ""
    mark = _MARKS[State.REGRESSED if blocked else one.state]
    return f"{mark} {one.state}{blocked or waiting}"
