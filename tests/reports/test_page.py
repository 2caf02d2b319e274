"""The page of a run and that of a project: harmless whatever the texts, and green only for what is proved."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from pytest_phasegate.app.guide.overview import GuideOverview, Overview, PhaseOverview
from pytest_phasegate.core.criteria.feedback import Comment, Feedback, Priority
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.runs import Seen
from pytest_phasegate.core.guide.progress import State
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.verdict.judgement import CHECK, Judgement
from pytest_phasegate.core.verdict.report import CriterionVerdict, FileShare, RunReport
from pytest_phasegate.core.verdict.statistics import Course, statistics_of
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict
from pytest_phasegate.reports import as_html, as_json, page, statistics_report
from pytest_phasegate.reports.guide_report import as_record
from support import pages

HOSTILE = "</script></style><img src=x onerror=1>\x1b[2J\ud800\u202e\"'`&{{ 1 }}"
PLACE = page.Place("metrics", "feat/cache", "1a2b3c4d5e6f", pages.AT, lambda _: pages.SOURCE)
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Page(HTMLParser):
    """What a browser would make of a page: elements with their attributes, and the text of style and script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.coloured: set[str] = set()
        self._around: list[tuple[str, bool]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        classes = set((self.elements[-1][1].get("class") or "").split())
        stale = "stale" in classes or any(stale for _, stale in self._around)
        self.coloured |= set() if stale else classes
        self._around.append((tag, stale))

    def handle_endtag(self, tag: str) -> None:
        while self._around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] in {"style", "script"} and data.strip():
            self.texts.append((str(self.elements[-1][1].get("type") or self.elements[-1][0]), data))

    def all(self, name: str) -> list[str]:
        return [found for _, attributes in self.elements if (found := attributes.get(name)) is not None]


def mixed() -> tuple[GuideOverview, ...]:
    phases = (pages.accepted(1), pages.refused(2), pages.pending(3), pages.accepted(4, judged=False))
    return (pages.overview(*phases),)


def dashboard(*phases: PhaseOverview) -> str:
    return as_html.dashboard(Overview((pages.overview(*phases),)), PLACE)


def comment(number: int, priority: Priority, text: str = "why?", **more: str) -> Comment:
    return Comment(number, str(number), text, priority, "", **more)  # type: ignore[arg-type]


FEEDBACK = Feedback((comment(1, Priority.P0, HOSTILE, author=HOSTILE, path=HOSTILE, closed=HOSTILE, by=HOSTILE),))


def attacked() -> tuple[GuideOverview, ...]:
    """A guide of which every text is an attack."""

    def phase(one: PhaseOverview) -> PhaseOverview:
        assert one.kept is not None
        report = one.kept.report.phases[0]
        gates = tuple(
            gate._replace(gate=HOSTILE, reason=HOSTILE, findings=tuple(_hostile(each) for each in gate.findings))
            for gate in report.gates
        )
        assert report.coverage is not None
        share = report.coverage._replace(files=(FileShare(HOSTILE, 1.0, (41,)),), minimum_from=HOSTILE)
        criteria = (CriterionVerdict(1, HOSTILE, 1, Ruling.FAILED, HOSTILE, HOSTILE, fix=HOSTILE),)
        whole = report._replace(gates=gates, coverage=share, criteria=criteria, title=HOSTILE)
        facts = one.progress.facts._replace(missing=(HOSTILE,))
        named = one.progress.phase._replace(id=HOSTILE, title=HOSTILE, goal=HOSTILE, duration=HOSTILE)
        test = replace(one.tests[0], name=HOSTILE)
        answer = pages.accepted(1).answers[0][0]._replace(by=HOSTILE, fix=HOSTILE, actual=HOSTILE, expected=HOSTILE)
        return one._replace(
            progress=one.progress._replace(phase=named, facts=facts),
            kept=one.kept._replace(report=one.kept.report._replace(phases=(whole,))),
            tests=(test,),
            answers=((answer, True),),
        )

    return (pages.overview(phase(pages.refused(2)), phase(pages.accepted(1)), path=HOSTILE, title=HOSTILE),)


def _hostile(finding: Any) -> Any:
    return replace(finding, message=f"{HOSTILE}\n{HOSTILE}", path=HOSTILE, fix=HOSTILE)


def texts(report: RunReport, hostile: RunReport) -> dict[str, str]:
    place = PLACE._replace(project=HOSTILE, branch=HOSTILE, lines=lambda _: [HOSTILE] * 50)
    waivers = ((Waiver(HOSTILE, HOSTILE, HOSTILE), True),)
    return {
        "run": as_html.text(report, PLACE),
        "project": as_html.dashboard(Overview(mixed()), PLACE),
        "hostile run": as_html.text(hostile, place),
        "hostile project": as_html.dashboard(Overview(attacked(), waivers, FEEDBACK), place),
        "nothing": as_html.dashboard(Overview(()), page.Place()),
    }


@pytest.fixture(params=["run", "project", "hostile run", "hostile project", "nothing"])
def text(request: pytest.FixtureRequest, report: RunReport, hostile: RunReport) -> str:
    return texts(report, hostile)[request.param]


def test_only_the_style_and_the_script_that_the_policy_knows_by_hash_are_there(text: str) -> None:
    shown = Page(text)
    policy = next(one["content"] or "" for _, one in shown.elements if one.get("http-equiv"))
    parts = {name: data for name, data in shown.texts if name != "application/json"}

    for kind, part in parts.items():
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert set(parts) == {"style", "script"}
    assert ("default-src 'none'" in policy, "unsafe" in policy) == (True, False)


def test_nothing_is_loaded_and_no_text_becomes_markup(text: str) -> None:
    shown = Page(text)
    tags = [tag for tag, _ in shown.elements]

    assert not {"img", "iframe", "link", "object", "embed", "form", "base"}.intersection(tags)
    assert not [name for _, one in shown.elements for name in one if name.startswith("on") or name in {"style", "src"}]
    assert (tags.count("script"), tags.count("style")) == (2, 1)
    assert not UNSEEN.search(text)
    assert text.encode()


def test_every_link_leads_to_its_place_on_the_page(text: str) -> None:
    shown = Page(text)
    places = shown.all("id")

    assert len(places) == len(set(places))
    assert {link.removeprefix("#") for link in shown.all("href")} <= set(places)


def test_what_a_machine_reads_stands_in_the_page_as_data(report: RunReport) -> None:
    def data(text: str) -> Any:
        return json.loads(next(data for name, data in Page(text).texts if name == "application/json"))

    assert data(as_html.text(report)) == as_json.document(report)
    assert data(as_html.dashboard(Overview(mixed()), PLACE)) == as_record(one.progress for one in mixed())


def test_a_permalink_is_the_same_when_other_findings_come_and_go(report: RunReport) -> None:
    alone = report._replace(phases=report.phases[1:])

    links = {link for link in Page(as_html.text(alone)).all("href") if link.startswith("#at-")}

    assert links
    assert links <= set(Page(as_html.text(report)).all("href"))


def test_each_code_is_explained_on_the_page(report: RunReport) -> None:
    shown = Page(as_html.text(report))

    assert "PG411" in shown.all("id")
    assert "#PG411" in shown.all("href")


def lost(one: PhaseOverview) -> PhaseOverview:
    facts = one.progress.facts._replace(lost=("tests/test_a.py::test_a",), fresh=False, judged=False)
    return one._replace(progress=one.progress._replace(facts=facts, state=State.REGRESSED))


def waits(one: PhaseOverview, **said: tuple[int, ...]) -> PhaseOverview:
    return one._replace(progress=one.progress._replace(facts=one.progress.facts._replace(**said)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("phases", "tone", "word", "sentence"),
    [
        (
            [pages.accepted(1), pages.accepted(2)],
            "good",
            "complete",
            "every phase is accepted, and what was accepted",
        ),
        ([pages.accepted(1, judged=False)], "idle", "not judged", "nothing has judged this content; 1 of 1 phase"),
        ([pages.pending(1)], "idle", "not judged", "0 of 1 phase accepted"),
        ([], "idle", "not judged", "0 of 0 phases accepted"),
        ([pages.accepted(1), pages.pending(2)], "busy", "in progress", "1 of 2 phases accepted"),
        ([pages.accepted(1), pages.accepted(2, judged=False)], "warn", "in progress", "as it stands: phase 2"),
        ([pages.accepted(1), pages.refused(2)], "bad", "failed", "phase 2: coverage gate failed"),
        ([pages.accepted(1), lost(pages.accepted(2))], "bad", "regressed", "phase 2: 1 accepted test gone"),
        ([waits(pages.accepted(1), open=(2,))], "warn", "in progress", "criterion 2 waits for a person"),
        ([waits(pages.accepted(1), blocked=(2,))], "bad", "blocked", "phase 1: a review says no to criterion 2"),
    ],
)
def test_the_head_says_what_is_proved_of_this_content(
    phases: list[PhaseOverview], tone: str, word: str, sentence: str
) -> None:
    shown = as_html.of_project(Overview((pages.overview(*phases),)), PLACE)

    assert (shown.tone, shown.word) == (tone, word)
    assert sentence in shown.sentence


@pytest.mark.parametrize(
    ("feedback", "tone", "word"),
    [
        (Feedback((comment(1, Priority.P0),)), "bad", "blocked"),
        (Feedback(critical=(comment(0, Priority.P0, author="a-bot"),)), "bad", "blocked"),
        (Feedback((comment(1, Priority.P0),), {1: ("1a2b3c4",)}), "good", "complete"),
        (Feedback((comment(1, Priority.P1),)), "good", "complete"),
    ],
    ids=["open", "critical", "fixed", "minor"],
)
def test_nothing_is_complete_while_a_reviewer_waits_for_an_answer(feedback: Feedback, tone: str, word: str) -> None:
    shown = as_html.of_project(Overview((pages.overview(pages.accepted(1)),), feedback=feedback), PLACE)

    assert (shown.tone, shown.word) == (tone, word)


def test_the_comments_that_wait_come_first() -> None:
    given = (comment(1, Priority.P2), comment(2, Priority.P0, closed="no"), comment(3, Priority.P1))
    shown = as_html.of_project(Overview((), feedback=Feedback(given, critical=(comment(0, Priority.P0),))), PLACE)

    states = [(one.number, state) for one, state in shown.comments]
    assert states == [(0, "open"), (3, "open"), (1, "open"), (2, "closed")]


def test_the_time_a_phase_took_stands_beside_its_estimate() -> None:
    judged = [Judgement(pages.AT - 3 * 86_400, "cache", "1", "tree", Ruling.FAILED, CHECK)]
    figures = statistics_of(judged, (), {("cache", "1"): Course("1.5 hours", pages.AT)})
    shown = as_html.of_project(Overview((pages.overview(pages.accepted(1)),), figures=figures), PLACE)

    (phase,) = shown.guides[0].phases
    assert (phase.took, phase.estimate) == ("3.0 days", "1.5 hours")


def test_the_page_of_a_run_lists_its_tests_with_how_they_ended_and_when_they_were_red(report: RunReport) -> None:
    ended = {TestId("t.py::test_good"): Outcome.PASSED, TestId("t.py::test_bad"): Outcome.FAILED}
    seen = {TestId("t.py::test_bad"): Seen(pages.AT, Grade.BEHAVIOURAL)}
    text = as_html.text(report, PLACE._replace(tests={PhaseRef("g.md", "2"): ended}, seen=seen))

    assert f'<td class="when">behavioural, {page.moment(pages.AT)}</td>' in text
    assert "<summary>2 tests, 1 seen red</summary>" in text
    assert '<code>t.py::test_bad</code></td><td>collected</td><td class="bad">failed</td>' in text
    assert "<p>phase 2: tests failed</p>" in text


@pytest.mark.parametrize(
    ("gate", "ruling", "told"),
    [
        ("tests", Ruling.PASSED, "phasegate check 1"),
        ("tests", Ruling.FAILED, "pytest --phase 1"),
        ("red-green", Ruling.PASSED, "phasegate next"),
        ("red-green", Ruling.FAILED, "phasegate check 1"),
    ],
)
def test_a_page_of_every_gate_does_not_ask_for_them_again(
    report: RunReport, gate: str, ruling: Ruling, told: str
) -> None:
    phase = report.phases[0]._replace(gates=(Verdict(gate, "1", ruling, "why"),))

    assert page.of_run(report._replace(phases=(phase,)), PLACE).command == told


def test_the_checks_of_each_week_are_bars_of_what_they_came_to() -> None:
    day, week = 86_400, 7 * 86_400
    ruled = [(0, Ruling.PASSED), (day, Ruling.FAILED), (week, Ruling.INCONCLUSIVE)]
    judged = [Judgement(pages.AT + at, "cache", "1", "tree", ruling, CHECK) for at, ruling in ruled]
    shown = as_html.dashboard(Overview((pages.overview(),), figures=statistics_of(judged, (), {})), PLACE)

    bars = re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="58.0" height="50.0"/>', shown)
    assert bars == [("good", "1.0", "50.0"), ("bad", "1.0", "0.0"), ("warn", "61.0", "50.0")]
    assert "0 passed, 0 failed, 1 inconclusive.</figcaption>" in shown
    assert statistics_report.checks(statistics_of((), (), {})) is None


def test_nothing_is_green_that_was_judged_on_other_content() -> None:
    stale = dashboard(pages.accepted(1, judged=False), pages.accepted(2, judged=False))
    body = stale.partition("<body>")[2]

    assert "judged at 1a2b3c4, 3 files changed since" in body
    assert 'data-tone="good"' not in body
    assert "good" in Page(as_html.dashboard(Overview(mixed()), PLACE)).coloured
    assert "good" not in Page(stale).coloured


def test_missed_lines_stand_in_their_source_only_where_it_is_the_source_that_was_measured() -> None:
    share = FileShare("a.py", 50.0, (2, 3, 8))
    shown = page.excerpt(share, pages.SOURCE[:8])

    assert [(row.number, row.missed) for row in shown.rows] == [
        *[(1, False), (2, True), (3, True), (4, False)],
        *[(0, False), (7, False), (8, True)],
    ]
    assert page.excerpt(share, ()).rows == ()
    assert page.excerpt(share, ["if x:", "\treturn 1", "b", "c"]).rows[1].text == "    return 1"
    older = pages.refused(2)._replace(older="on other content")
    assert 'class="source missed"' in dashboard(pages.refused(2))
    assert 'class="source missed"' not in dashboard(older)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"line": 3}, "guide, line 3, collected"),
        ({"line": 0}, "collected"),
        ({"line": 3, "outcome": None, "there": False}, "guide, line 3, not there"),
        ({"line": 0, "outcome": None, "accepted": True}, "accepted"),
    ],
)
def test_a_test_is_shown_with_how_it_is_known(change: dict[str, Any], told: str) -> None:
    one = replace(pages.refused(2).tests[0], **{"outcome": Outcome.PASSED, "seen": Seen(1, Grade.HANG, 2), **change})

    assert page.known_by(one) == told


@pytest.mark.parametrize(
    ("at", "told"), [(0, ""), (pages.AT, "2026-11-18 11:06 UTC"), (10**30, ""), (-(10**30), ""), (10**13, "")]
)
def test_a_moment_is_told_in_utc_and_one_that_is_none_not_at_all(at: int, told: str) -> None:
    assert page.when(at) == told


def test_the_lines_that_are_missing_are_written_as_spans() -> None:
    assert page.spans((3, 4, 5, 9, 11, 12)) == "3-5, 9, 11-12"
    assert page.spans(()) == ""


def test_the_chart_has_a_point_for_each_accepted_phase_in_the_order_of_their_commits() -> None:
    phases = [pages.accepted(2, 6), pages.accepted(1, 4), pages.refused(3)]
    shown = dashboard(*phases)

    assert statistics_report.trend(phases) == (("1", 4, 99.0), ("2", 10, 98.0))
    assert '<polygon class="area" points="0,160 0.0,96.0 720.0,0.0 720,160"/>' in shown
    assert '<circle cx="720.0" cy="3.2" r="3"><title>phase 2: 10 tests kept, coverage 98 %</title>' in shown
    assert statistics_report.trend(phases[:1]) == ()
