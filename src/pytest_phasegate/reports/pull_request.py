"""The text of a pull request: what was planned, what was done, how it was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.progress import State
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.escaping import markdown
from pytest_phasegate.reports.status_text import doubts, tests_there, verdict_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_phasegate.core.guide.progress import GuideProgress, PhaseProgress

_MARKS = {
    State.ACCEPTED: "✅",
    State.PASSED: "🔵",
    State.ACTIVE: "🟡",
    State.RED: "🔴",
    State.PENDING: "⚪",
    State.REGRESSED: "❌",
    State.FAILED: "❌",
}


def as_text(progress: Sequence[GuideProgress]) -> str:
    """Return the Markdown text for these guides."""
    return "\n".join(line for one in progress for line in _guide(one))


def as_report(progress: Sequence[GuideProgress]) -> str:
    """Return the same of every guide, begun or not, with what is still to be done."""
    return "\n".join(line for one in progress for line in (*_guide(one), *_still_to_do(one)))


def _still_to_do(progress: GuideProgress) -> Iterator[str]:
    """Yield the phases that are not accepted, with the declared tests that are not written."""
    waiting = [one for one in progress.phases if one.state is not State.ACCEPTED]
    if not waiting:
        return
    yield "### Still to do\n"
    for one in waiting:
        missing = f"; tests to write: {', '.join(one.facts.missing)}" if one.facts.missing else ""
        title = f" {one.phase.title}" if one.phase.title else ""
        yield f"- {markdown(f'phase {one.phase.id}{title}: {one.state}{missing}')}"
    yield ""


def _guide(progress: GuideProgress) -> Iterator[str]:
    guide = progress.guide
    accepted = sum(one.state is State.ACCEPTED for one in progress.phases)
    regressed = sum(one.state is State.REGRESSED for one in progress.phases)
    kept = sum(one.facts.accepted_tests for one in progress.phases)
    yield f"## {markdown(guide.title or guide.slug)}"
    yield f"\nGuide: {markdown(guide.path)}\n"
    yield "| phase | state | tests | coverage | commit |"
    yield "| --- | --- | ---: | ---: | --- |"
    yield from (_row(one) for one in progress.phases)
    done = f"{accepted} of {counted(len(progress.phases), 'phase')} accepted"
    if progress.unproved:
        yield f"\n{done}, {counted(kept, 'test')} kept; whether they are green is not known on this content\n"
    else:
        yield f"\n{done}, {counted(kept, 'test')} kept green, regressions: {regressed}\n"
    if doubtful := list(doubts(progress)):
        yield "### Not proved on this content\n"
        yield from (f"- {markdown(line)}" for line in doubtful)
        yield ""
    goals = [one for one in progress.phases if one.phase.goal]
    if goals:
        yield "### What it does\n"
        yield from (f"- {markdown(one.phase.goal)}" for one in goals)
        yield ""
    if progress.findings:
        yield "### Claims without evidence\n"
        yield from (f"- {markdown(finding.message)}" for finding in progress.findings)
        yield ""


def _row(one: PhaseProgress) -> str:
    facts, last = one.facts, one.facts.last
    title = markdown(f"{one.phase.id}: {one.phase.title}" if one.phase.title else one.phase.id)
    since = f" ({facts.since.told})" if facts.since else ""
    coverage = f"{last.coverage:g} %{since}" if last and last.coverage is not None else "-"
    return f"| {title} | {_state(one)} | {tests_there(one)} | {coverage} | {facts.commit[:10] or '-'} |"


def _state(one: PhaseProgress) -> str:
    """Return the state with its mark; one that nothing judged on this content is no green one."""
    if one.state is State.ACCEPTED and not one.facts.judged:
        said = f"; {verdict_words(one)}" if one.facts.last else ""
        return f"{_MARKS[State.ACTIVE]} {markdown(f'accepted, not judged on this content{said}')}"
    waiting = " (a criterion waits for a person)" if one.facts.open else ""
    blocked = " (BLOCKED by a review)" if one.facts.blocked else ""
    mark = _MARKS[State.REGRESSED if blocked else one.state]
    return f"{mark} {one.state}{blocked or waiting}"
