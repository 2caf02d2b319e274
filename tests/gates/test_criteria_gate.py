"""The gates *criteria* and *feedback*: no criterion passes that nobody judged, and no phase with a blocking comment."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_phasegate.core.criteria.feedback import Comment, Feedback, Priority
from pytest_phasegate.core.criteria.reviews import Review, answers, digest_of_text
from pytest_phasegate.core.criteria.verdicts import CriteriaFacts, criteria_verdicts, for_people, held, lines_to_run
from pytest_phasegate.core.guide.model import CoverageGoal, Criterion, Guide, Phase
from pytest_phasegate.core.project.settings import CoverageSettings, CriteriaSettings, Settings
from pytest_phasegate.core.verdict.gate import Evidence, Need, RanCommand
from pytest_phasegate.core.verdict.verdict import NOT_IMPORTED, Finding, Ruling, Severity, Verdict
from pytest_phasegate.gates.criteria import CriteriaGate, FeedbackGate

PASSED, FAILED, NONE, UNSURE = Ruling.PASSED, Ruling.FAILED, Ruling.NOT_EVALUATED, Ruling.INCONCLUSIVE
GREEN = {"tests": PASSED, "regression": PASSED, "coverage": PASSED}


def phase_with(*texts: str, minimum: float | None = 90.0) -> Phase:
    criteria = tuple(Criterion(text, False, "other", 10 + place) for place, text in enumerate(texts))
    steps = (("", 60.0), ("", 70.0), ("", 95.0)) if any("/" in text and "%" in text for text in texts) else ()
    return Phase("1", "One", 1, 20, criteria=criteria, coverage=CoverageGoal(minimum, None, None, steps))


def judged(*texts: str, minimum: float | None = 90.0, **given: Any) -> Verdict:
    phase = phase_with(*texts, minimum=minimum)
    return CriteriaGate().check(phase, evidence(phase, **given))


def evidence(
    phase: Phase,
    gates: dict[str, Ruling] | None = None,
    ran: tuple[RanCommand, ...] = (),
    facts: CriteriaFacts | None = None,
    **settings: Any,
) -> Evidence:
    mend = {name: (Finding("PG301", Severity.ERROR, "x", fix=f"mend {name}"),) for name in (*GREEN, "suite")}
    said = tuple(
        Verdict(name, "1", ruling, f"{name} said so", mend[name] if ruling.refuses else ())
        for name, ruling in (GREEN if gates is None else gates).items()
    )
    there = {Need.VERDICTS: said, Need.COMMANDS: ran, Need.CRITERIA: facts or CriteriaFacts()}
    return Evidence(Settings(**settings), Guide("g.md", "g", "G", "canonical", "", (phase,)), there)


def test_a_phase_without_criteria_is_not_evaluated() -> None:
    assert judged().ruling is NONE


def test_criteria_that_runs_prove_pass() -> None:
    ran = (RanCommand("lint", "ruff check", 0), RanCommand("hooks", "pre-commit run --all-files", 0))
    commands = {one.name: one.line for one in ran}

    verdict = judged(
        "All tests passing", "Coverage: 90%", "Pre-commit: passing", "`ruff check` is clean", ran=ran, commands=commands
    )

    assert (verdict.ruling, verdict.reason, verdict.findings) == (PASSED, "of 4 criteria: 4 met", ())


@pytest.mark.parametrize(
    ("text", "counts", "ruling"),
    [
        ("All 3 tests pass", (3, 40), PASSED),
        ("All 3 tests pass", (5, 40), PASSED),
        ("All 40 tests pass", (3, 40), PASSED),  # those of the whole suite
        ("All 5 tests pass", (3, 40), NONE),
        ("12 new tests pass", (3, 40), NONE),
        ("12 new tests pass", (), NONE),
    ],
)
def test_a_criterion_that_counts_tests_is_not_met_by_fewer(text: str, counts: tuple[int, ...], ruling: Ruling) -> None:
    assert judged(text, facts=CriteriaFacts(counts=counts)).ruling is ruling


@pytest.mark.parametrize(
    ("text", "gates", "ruling", "told"),
    [
        ("All tests passing", {**GREEN, "tests": FAILED}, FAILED, "see tests"),
        ("All tests passing", {**GREEN, "regression": FAILED}, FAILED, "see regression"),
        ("All tests passing", {**GREEN, "suite": FAILED}, FAILED, "see suite"),
        ("All tests passing", {**GREEN, "tests": UNSURE}, UNSURE, "see tests"),
        ("All tests passing", {"suite": PASSED, "tests": NONE}, PASSED, ""),
        ("All tests passing", {"tests": NONE, "regression": PASSED}, NONE, "let a person answer"),
        ("Coverage: 90%", {**GREEN, "coverage": FAILED}, FAILED, "see coverage"),
        ("Coverage: 90%", {**GREEN, "coverage": UNSURE}, UNSURE, "see coverage"),
        ("Coverage: 90%", {**GREEN, "coverage": NONE}, NONE, ""),
    ],
)
def test_a_criterion_of_tests_or_coverage_is_judged_by_the_gate_that_knows(
    text: str, gates: dict[str, Ruling], ruling: Ruling, told: str
) -> None:
    """What the gate found, and what mends it, is told there and not once more."""
    verdict = judged(text, gates=gates)

    assert verdict.ruling is ruling
    assert [told in (one.fix or one.message) for one in verdict.findings] == [True] * len(verdict.findings)
    assert not any(one.fix for one in verdict.findings if ruling.refuses)


@pytest.mark.parametrize(
    ("text", "minimum", "settings", "ruling"),
    [
        ("Coverage: 90%", 90.0, {}, PASSED),
        ("Coverage: 80%", 90.0, {}, PASSED),
        ("Coverage: 95%", 90.0, {}, NONE),
        ("Coverage ≥ 60%/70%/95%", 90.0, {}, NONE),
        ("Coverage ≥ 60%/70%/95%", 70.0, {}, PASSED),
        ("Coverage meets the threshold", 90.0, {}, PASSED),
        ("Coverage meets the threshold", None, {}, NONE),
        ("Coverage meets the threshold", None, {"coverage": CoverageSettings(minimum=80)}, PASSED),
    ],
)
def test_a_figure_that_the_coverage_gate_does_not_hold_waits_for_a_person(
    text: str, minimum: float | None, settings: dict[str, Any], ruling: Ruling
) -> None:
    assert judged(text, minimum=minimum, **settings).ruling is ruling


def test_all_tests_is_not_said_by_a_suite_in_which_old_ones_fail() -> None:
    phase = phase_with("All tests pass")
    given = evidence(phase, {**GREEN, "suite": PASSED})
    old = Finding("PG422", Severity.NOTE, "tests/test_old.py::test_a fails, and was red at 1a2b3c4 already")
    said = tuple(one._replace(findings=(old,) if one.gate == "suite" else ()) for one in given.facts[Need.VERDICTS])
    beside = given._replace(facts={**given.facts, Need.VERDICTS: said})

    assert [(one.open, one.ruling) for one in criteria_verdicts(phase, beside)] == [(True, NONE)]


def test_a_criterion_of_tests_that_were_not_collected_is_inconclusive_and_not_blocked() -> None:
    phase = phase_with("All tests passing")
    given = evidence(phase, {**GREEN, "tests": FAILED})
    lost = Finding(NOT_IMPORTED, Severity.ERROR, "could not be imported: ImportError", "t.py", fix="see why: pytest")
    said = tuple(one._replace(findings=(lost,)) if one.gate == "tests" else one for one in given.facts[Need.VERDICTS])

    verdict = CriteriaGate().check(phase, given._replace(facts={**given.facts, Need.VERDICTS: said}))

    assert verdict.ruling is UNSURE
    assert [(one.code, one.fix) for one in verdict.findings] == [("PG542", "see why: pytest")]


def test_a_quality_word_that_nothing_is_configured_for_is_inconclusive_with_the_line() -> None:
    verdict = judged("All tests passing", "Pre-commit: passing")

    assert verdict.ruling is UNSURE
    assert [(one.code, one.line) for one in verdict.findings] == [("PG542", 11)]
    assert '`[tool.phasegate.commands]`: pre-commit = "pre-commit run --all-files"' in verdict.findings[0].fix


def test_a_command_that_failed_says_what_was_expected_and_what_was_found() -> None:
    ran = (RanCommand("lint", "ruff check", 1, ("src/a.py:1 F401", "Found 1 error.")),)
    verdict = judged("No linting errors", ran=ran, commands={"lint": "ruff check"})

    assert verdict.ruling is FAILED
    assert "expected: ruff check ends with 0\nactual: it ended with 1: Found 1 error." in verdict.findings[0].message
    assert verdict.findings[0].fix == "run it yourself: ruff check"


def test_a_command_of_the_guide_that_was_not_let_run_waits_for_a_person() -> None:
    verdict = judged("`rm -rf build` succeeds", "All tests pass")

    assert verdict.ruling is NONE
    assert verdict.reason == "of 2 criteria: 1 met, 1 open; answer: phasegate review 1"
    assert "run = ['rm -rf build']" in verdict.findings[0].fix


@pytest.mark.parametrize(("code", "ruling"), [(0, PASSED), (2, FAILED), (None, UNSURE)])
def test_a_listed_command_is_judged_by_how_it_ended(code: int | None, ruling: Ruling) -> None:
    ran = {"make test": RanCommand("make test", "make test", code, problem="" if code is not None else "took too long")}

    assert judged("`make test` passes", facts=CriteriaFacts(ran=ran)).ruling is ruling


@pytest.mark.parametrize(("there", "ruling"), [({"docs/a.md"}, PASSED), (set(), FAILED)])
def test_a_path_must_be_there(there: set[str], ruling: Ruling) -> None:
    assert judged("`docs/a.md` exists", facts=CriteriaFacts(there=frozenset(there))).ruling is ruling


def test_of_a_path_that_no_commit_holds_a_person_says_whether_it_will_do() -> None:
    path = frozenset({"docs/a.md"})
    asked = ("docs/a.md", "docs/sub", "docs/*.md", ".phasegate/x", "docs", "no.md", "doc")

    assert held(asked, ["docs/sub/b.md", "docs/c.md", None]) == {"docs/sub", "docs/*.md", ".phasegate/x", "docs"}

    found = judged("`docs/a.md` exists", facts=CriteriaFacts(there=path, loose=path))

    assert found.ruling is not PASSED
    assert "no commit holds it" in str(found)


def answer(number: int, text: str, *, passed: bool = True, tree: str = "t1", own: str = "o1", at: int = 1) -> Review:
    told = ("", "", "") if passed else ("the page loads", "it is blank", "render it")
    return Review(at, "g", "1", number, digest_of_text(text), tree, own, passed, "Ada", *told)


def test_what_a_person_answered_settles_a_criterion() -> None:
    facts = CriteriaFacts(answers={2: answer(2, "Docs read well")})

    assert judged("All tests pass", "Docs read well", facts=facts).ruling is PASSED
    assert judged("All tests pass", "Docs read well").ruling is NONE


def test_a_no_is_blocked_with_expected_actual_and_fix() -> None:
    facts = CriteriaFacts(answers={2: answer(2, "Docs read well", passed=False)})

    verdict = judged("All tests pass", "Docs read well", facts=facts)

    assert verdict.ruling is FAILED
    (found,) = verdict.findings
    assert found.message.startswith("BLOCKED: criterion 2, 'Docs read well' is not met (Ada says no)")
    assert found.message.endswith("expected: the page loads\nactual: it is blank")
    assert (found.fix, found.line) == ("render it", 11)


def test_a_yes_does_not_stand_in_for_a_run_that_failed() -> None:
    facts = CriteriaFacts(answers={1: answer(1, "All tests pass")})

    assert judged("All tests pass", gates={**GREEN, "tests": FAILED}, facts=facts).ruling is FAILED
    assert judged("Pre-commit: passing", facts=facts).ruling is UNSURE


def test_a_criterion_that_is_understood_in_part_is_judged_so_far_and_asks_a_person() -> None:
    text = "All tests pass and the docs are updated"
    phase = phase_with(text)

    assert [one.open for one in criteria_verdicts(phase, evidence(phase))] == [True]
    assert judged(text, gates={**GREEN, "tests": FAILED}).ruling is FAILED
    assert judged(text, facts=CriteriaFacts(answers={1: answer(1, text)})).ruling is PASSED


def test_criteria_that_cannot_be_gathered_are_inconclusive() -> None:
    phase = phase_with("Docs read well")
    given = Evidence(Settings(), Guide("g.md", "g", "G", "canonical", "", ()), {}, {Need.CRITERIA: "no interpreter"})

    assert CriteriaGate().check(phase, given).reason == "no interpreter"


@pytest.mark.parametrize(
    ("review", "holds"),
    [
        (answer(1, "Docs read well"), True),
        (answer(1, "Docs  read\twell"), True),
        (answer(1, "Docs read well", tree="t0"), False),
        (answer(1, "Docs read very well"), False),
        (answer(2, "Docs read well"), False),
    ],
)
def test_an_answer_holds_for_its_content_its_words_and_its_place(review: Review, holds: bool) -> None:
    phase = phase_with("Docs read well", "All tests pass")

    assert bool(answers([review], "g", phase, "t1")) is holds
    assert not answers([review], "other", phase, "t1")


def test_the_answer_of_an_accepted_phase_holds_while_its_own_files_stand() -> None:
    phase, review = phase_with("Docs read well"), answer(1, "Docs read well")

    assert answers([review], "g", phase, "t2", own="o1")
    assert not answers([review], "g", phase, "t2", own="o2")
    assert not answers([answer(1, "Docs read well", own="")], "g", phase, "t2", own="")


def test_the_newest_answer_counts() -> None:
    phase = phase_with("Docs read well")
    both = [answer(1, "Docs read well", passed=False, at=1), answer(1, "Docs read well", at=2)]

    assert answers(both, "g", phase, "t1")[1].passed
    assert not answers(both[::-1], "g", phase, "t1")[1].passed


def test_a_guide_runs_only_what_is_listed_or_approved() -> None:
    phase = phase_with("`make test` passes", "`rm -rf /` succeeds", "`ruff check` passes", "Docs read well")
    settings = Settings(commands={"lint": "uv run ruff check"}, criteria=CriteriaSettings(run=("make test",)))

    assert lines_to_run(phase, settings) == ("make test", "rm -rf /")
    unlisted = "[tool.phasegate.criteria] run does not list `rm -rf /`"
    words = "no gate understands these words"
    assert for_people(phase, settings, approved=False) == {2: unlisted, 4: words}
    assert for_people(phase, settings, approved=True) == {4: words}


PHASE = Phase("1", "One", 1, 2)
OPEN = Comment(1, "k", "no\nlock", Priority.P0, "", path="a.py", line=3)


@pytest.mark.parametrize(
    ("feedback", "ruling"),
    [
        (Feedback(), "not-evaluated"),
        (Feedback((OPEN,)), "failed"),
        (Feedback((OPEN,), {1: ("abc",)}), "passed"),
        (Feedback((Comment(1, "k", "x", Priority.P1, ""),)), "passed"),
        (None, "inconclusive"),
    ],
)
def test_an_open_blocking_comment_refuses(feedback: Feedback | None, ruling: str) -> None:
    guide = Guide("g.md", "g", "G", "canonical", "d", (PHASE,))
    facts = {Need.FEEDBACK: feedback} if feedback else {}
    verdict = FeedbackGate().check(PHASE, Evidence(Settings(), guide, facts))

    assert verdict.ruling == ruling
    assert [(one.code, one.path, one.line) for one in verdict.findings] == (
        [("PG551", "a.py", 3)] if ruling == "failed" else []
    )


def test_what_a_report_calls_critical_refuses_and_names_who_said_so() -> None:
    critical = Comment(0, "", "opens a socket", Priority.P0, "critical", "architecture", "a.py", 3)
    guide = Guide("g.md", "g", "G", "canonical", "d", (PHASE,))
    facts = {Need.FEEDBACK: Feedback(critical=(critical,))}
    verdict = FeedbackGate().check(PHASE, Evidence(Settings(), guide, facts))

    (finding,) = verdict.findings
    assert (verdict.ruling, finding.code, finding.path, finding.line) == ("failed", "PG553", "a.py", 3)
    assert finding.message == "BLOCKED: architecture calls this critical: opens a socket"
    assert "have it reviewed again" in finding.fix
    assert Feedback(critical=(critical,)).told == "1 critical finding in reviews/"
