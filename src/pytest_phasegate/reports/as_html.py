"""The pages: of one run, and of a whole project with every phase of every guide."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.app.guide.overview import GuideOverview, Overview, PhaseOverview
from pytest_phasegate.core.criteria.feedback import Comment, Feedback
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseProgress, State
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.verdict import combine, counted
from pytest_phasegate.reports import as_json, page
from pytest_phasegate.reports.escaping import escaped, json_island
from pytest_phasegate.reports.guide_report import as_record, doubts, tests_there, verdict_words
from pytest_phasegate.reports.statistics_report import as_span, checks, trend

if TYPE_CHECKING:
    import jinja2


Took = Mapping[tuple[str, str], float | None]

_STATES = {
    State.PENDING: page.IDLE,
    State.RED: page.BUSY,
    State.ACTIVE: page.BUSY,
    State.PASSED: page.GOOD,
    State.ACCEPTED: page.GOOD,
    State.REGRESSED: page.BAD,
    State.FAILED: page.BAD,
}


def of_project(overview: Overview, place: page.Place) -> page.PageView:
    """Return the page of a whole project: every phase of every guide."""
    overviews, feedback = overview.guides, overview.feedback
    guides = [one.progress for one in overviews]
    tone, word, sentence = headline(guides, feedback)
    took = {(one.guide, one.id): one.actual for one in overview.figures.phases} if overview.figures else {}
    chosen = next((one for one in overviews if not one.progress.complete), None) or next(iter(overviews), None)
    kept = [phase.kept for one in overviews for phase in one.phases if phase.kept and phase.fresh]
    anchors = page.Anchors()
    moved = dict.fromkeys(one for found in kept for one in (*found.report.regressions, *found.report.renamed))
    view = page.PageView(
        title=f"{place.project or 'Project'}: {word}",
        word=word,
        tone=tone,
        sentence=sentence,
        place=place,
        guides=tuple(_of_guide(one, place, anchors, took, several=len(guides) > 1) for one in overviews),
        regressions=tuple(one for one in moved if one.kind != "renamed"),
        renamed=tuple(one for one in moved if one.kind == "renamed"),
        waivers=overview.waivers,
        comments=tuple(_comments(feedback)),
        checks=checks(overview.figures) if overview.figures else None,
    )
    return view._replace(step=chosen.step.do, command=chosen.step.command, why=chosen.step.why) if chosen else view


def _comments(feedback: Feedback) -> Iterator[tuple[Comment, str]]:
    """Yield the comments with what became of them, the open ones first; what a report calls critical is open."""
    stated = [(one, feedback.state(one)) for one in feedback.comments]
    yield from ((one, "open") for one in feedback.critical)
    yield from sorted(stated, key=lambda pair: (pair[1] != "open", pair[0].priority, pair[0].number))


def headline(guides: Sequence[GuideProgress], feedback: Feedback) -> tuple[str, str, str]:
    """Return the colour, the word and the sentence on the content as it stands: green only where all is proved."""
    phases = [one for guide in guides for one in guide.phases]
    refused = [one for one in phases if _tone(one) == page.BAD]
    if refused:
        fresh = combine(one.facts.last.ruling for one in refused if one.facts.last and one.facts.fresh)
        blocked = any(one.facts.blocked for one in refused)
        word = str(fresh) if fresh.refuses else "blocked" if blocked else str(refused[0].state)
        return page.BAD, word, "; ".join(f"phase {one.phase.id}: {_refusal(one)}" for one in refused[:5])
    if feedback.blocking:
        return page.BAD, "blocked", f"not answered: {', '.join(one.name for one in feedback.blocking[:5])}"
    if phases and all(guide.complete for guide in guides):
        return page.GOOD, "complete", "every phase is accepted, and what was accepted holds on this content"
    done = sum(one.state is State.ACCEPTED for one in phases)
    doubtful = "; ".join(line for guide in guides for line in doubts(guide))
    told = f"{done} of {counted(len(phases), 'phase')} accepted"
    if not any(one.facts.judged or one.facts.fresh for one in phases):
        return page.IDLE, "not judged", f"nothing has judged this content; {told}"
    return (page.WARN if doubtful else page.BUSY), "in progress", "; ".join(filter(None, (told, doubtful)))


def _refusal(one: PhaseProgress) -> str:
    last = one.facts.last
    if one.facts.blocked:
        return f"a review says no to criterion {', '.join(map(str, one.facts.blocked))}"
    if one.facts.lost:
        return f"{counted(len(one.facts.lost), 'accepted test')} gone"
    gate = f"{last.gate} gate " if last and last.gate else ""
    return f"{gate}{verdict_words(one)}"


def _tone(one: PhaseProgress) -> str:
    """Return the colour of a phase: what nothing judged on this content is neither green nor red."""
    facts = one.facts
    if facts.blocked or (facts.fresh and facts.last and facts.last.ruling.refuses):
        return page.BAD
    if one.stale:
        return page.IDLE
    if facts.open and _STATES[one.state] == page.GOOD:
        return page.WARN
    return _STATES[one.state]


def _of_guide(
    one: GuideOverview, place: page.Place, anchors: page.Anchors, took: Took, *, several: bool
) -> page.GuideView:
    guide = one.progress.guide
    prefix = f"{guide.slug}:" if several else ""

    def shown(phase: PhaseOverview) -> page.PhaseView:
        found = phase.progress.phase.id
        view, seconds = _of_phase(phase, prefix, anchors(guide.path, found), place), took.get((guide.slug, found))
        return view._replace(took=as_span(seconds)) if seconds else view

    phases, doubtful = tuple(map(shown, one.phases)), tuple(doubts(one.progress))
    title = guide.title or guide.slug
    return page.GuideView(title, guide.path, phases, doubtful, one.progress.findings, trend(one.phases))


def _of_phase(one: PhaseOverview, prefix: str, anchor: str, place: page.Place) -> page.PhaseView:
    progress, kept = one.progress, one.kept
    phase, facts = progress.phase, progress.facts
    coverage = kept.report.phases[0].coverage if kept else None
    return page.PhaseView(
        anchor=f"phase-{anchor}",
        name=prefix + phase.id,
        title=phase.title,
        state=_state(progress),
        tone=_tone(progress),
        told=_verdict(one),
        tests_told=tests_there(progress),
        coverage_told=f"{progress.coverage:g} %" if progress.coverage is not None else "-",
        report=kept.report.phases[0] if kept else None,
        judged=f"{kept.source}, {page.when(kept.at)}" if kept else "",
        older=one.older,
        goal=phase.goal,
        commit=facts.commit,
        estimate=phase.duration,
        missing=facts.missing,
        tests=one.tests,
        tests_older=one.tests_older,
        files=page.files(coverage, place.lines if one.fresh else lambda _: ()),
        answers=one.answers,
    )


def _state(one: PhaseProgress) -> str:
    """Return the state of a phase, and what keeps it from being all that the word promises."""
    if one.stale:
        return "accepted, not judged on this content"
    if one.facts.blocked:
        return f"{one.state}, a review says no"
    if one.facts.open and _STATES[one.state] == page.GOOD:
        return f"{one.state}, waits for a person"
    return str(one.state)


def _verdict(one: PhaseOverview) -> str:
    """Return the last verdict of a phase, with the gates that refused where its report is at hand."""
    if one.progress.facts.last is None:
        return "no verdict yet"
    gates = one.kept.report.phases[0].refusing if one.kept and one.fresh else ()
    refusing = ", ".join(verdict.gate for verdict in gates)
    words = verdict_words(one.progress)
    return f"{words}: {refusing}" if refusing and one.progress.facts.fresh else words


_TEMPLATES = Path(__file__).with_name("templates")


def text(report: RunReport, place: page.Place | None = None) -> str:
    """Return the page of one run; the JSON of the report stands in it as data.

    Args:
        report: What the run came to.
        place: Where and when it ran, and where lines of source are to be had.
    """
    return _page(page.of_run(report, place or page.Place()), as_json.document(report))


def dashboard(overview: Overview, place: page.Place) -> str:
    """Return the page of a project; the JSON of its states stands in it as data."""
    return _page(of_project(overview, place), as_record(one.progress for one in overview.guides))


def _page(shown: page.PageView, record: Mapping[str, object]) -> str:
    island = json_island(json.dumps(record, ensure_ascii=True))
    return rendered("page.html.jinja", page=shown, island=island, anchor=page.Anchors())


def rendered(template: str, **shown: object) -> str:
    """Return a page of ours: what it shows is escaped, and nothing but our own style and script works in it."""
    parts = {name: (_TEMPLATES / f"page.{name}").read_text(encoding="utf-8") for name in ("css", "js")}
    # by what the page's policy knows its parts: nothing else in the page has a style or runs
    digests = {name: base64.b64encode(hashlib.sha256(part.encode()).digest()) for name, part in parts.items()}
    hashes = {name: f"sha256-{digest.decode('ascii')}" for name, digest in digests.items()}
    return _environment().get_template(template).render(parts=parts, hashes=hashes, **shown) + "\n"


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    words = (page.when, page.moment, page.spans, page.known_by, page.coverage_words)
    signs = {"tone": page.TONES.__getitem__, "mark": page.MARKS.__getitem__}
    environment.filters |= {**signs, **{word.__name__: word for word in words}}
    return environment


def _shown(value: object) -> object:
    """Write out what is no plain text in anything the template shows; markup of its own stays as it is."""
    return escaped(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
