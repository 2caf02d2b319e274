from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_phasegate.core.guide.model import (
    Action,
    Criterion,
    DeclaredFile,
    DeclaredTest,
    Derivation,
    Diagnostic,
    Guide,
    Phase,
    Source,
)
from pytest_phasegate.core.guide.next_step import next_step
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseFacts, State, progress_of, state_of
from pytest_phasegate.core.verdict.judgement import Judgement, seen_red
from pytest_phasegate.core.verdict.verdict import Ruling, Severity

TESTS = (DeclaredTest("test_a", 5), DeclaredTest("test_b", 6))
ONE = Phase("1", "One", 3, 9, tests=TESTS, commit="feat: one")
TWO = Phase("2", "Two", 10, 19, tests=TESTS, commit="feat: two", depends=("1",))
GUIDE = Guide("docs/plans/cache.md", "cache", "Cache", "canonical", "sha256:0", (ONE, TWO))
PASS = Judgement(1, "cache", "1", "t", Ruling.PASSED, "check")
FAIL = PASS._replace(ruling=Ruling.FAILED)
RED = FAIL._replace(tests=2, failed=2)
GREEN = PASS._replace(source="pytest", tests=2)
ACCEPTED = PhaseFacts(judged=True, commit="c" * 40, accepted_tests=2, tests=("test_a", "test_b"))
WRITTEN = PhaseFacts(tests=("test_a", "test_b"))
PENDING = PhaseFacts(missing=("test_a", "test_b"))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (PENDING, State.PENDING),
        (PhaseFacts(tests=("test_a",), missing=("test_b",), last=RED, fresh=True), State.ACTIVE),
        (PhaseFacts(files=("src/a.py",), missing=("test_a", "test_b")), State.ACTIVE),
        (WRITTEN._replace(last=RED, fresh=True), State.RED),
        (WRITTEN._replace(last=RED), State.ACTIVE),
        (WRITTEN, State.ACTIVE),
        (WRITTEN._replace(last=PASS, fresh=True), State.PASSED),
        (WRITTEN._replace(last=PASS), State.ACTIVE),
        (WRITTEN._replace(last=FAIL, fresh=True), State.ACTIVE),
        (WRITTEN._replace(commit="c"), State.ACTIVE),
        (WRITTEN._replace(accepted_tests=2), State.ACTIVE),
        (ACCEPTED, State.ACCEPTED),
        (ACCEPTED._replace(last=PASS), State.ACCEPTED),
        (ACCEPTED._replace(last=FAIL), State.REGRESSED),
        (ACCEPTED._replace(last=FAIL._replace(gate="tests")), State.REGRESSED),
        (ACCEPTED._replace(last=FAIL._replace(gate="regression")), State.REGRESSED),
        (ACCEPTED._replace(last=FAIL._replace(gate="red-green")), State.FAILED),
        (ACCEPTED._replace(last=FAIL._replace(gate="red-green", ruling=Ruling.INCONCLUSIVE)), State.ACTIVE),
        (ACCEPTED._replace(last=FAIL._replace(gate="red-green"), lost=("test_a",)), State.REGRESSED),
        (ACCEPTED._replace(last=RED._replace(ruling=Ruling.NOT_EVALUATED)), State.REGRESSED),
        (WRITTEN._replace(last=RED._replace(ruling=Ruling.NOT_EVALUATED), fresh=True), State.RED),
        (WRITTEN._replace(last=seen_red("cache", "1", 2, failed=1, tree="t", at=1), fresh=True), State.RED),
        (WRITTEN._replace(last=seen_red("cache", "1", 2, failed=0, tree="t", at=1), fresh=True), State.ACTIVE),
        (WRITTEN._replace(last=RED._replace(failed=1), fresh=True), State.ACTIVE),
        (ACCEPTED._replace(lost=("test_a",)), State.REGRESSED),
    ],
)
def test_the_state_is_what_the_facts_support(facts: PhaseFacts, state: State) -> None:
    assert state_of(ONE, facts) is state


TITLE = Phase("1", "One", 3, 9, derivation=Derivation(files=True, tests=True))
BROUGHT = TITLE._replace(
    tests=(DeclaredTest("test_a", 3, file="tests/test_a.py", source=Source.DERIVED),),
    derivation=Derivation(("c" * 40,), files=True, tests=True),
)


@pytest.mark.parametrize(
    ("phase", "facts", "state"),
    [
        (ONE._replace(tests=()), PhaseFacts(commit="c"), State.ACCEPTED),
        (ONE._replace(commit=None), WRITTEN._replace(accepted_tests=2), State.ACCEPTED),
        (ONE._replace(commit=None, tests=()), PhaseFacts(), State.PENDING),
        (ONE._replace(commit=None, tests=BROUGHT.tests), PhaseFacts(commit="c", tests=("test_a",)), State.ACTIVE),
    ],
)
def test_a_phase_without_tests_or_without_a_declared_commit_is_accepted_by_the_other(
    phase: Phase, facts: PhaseFacts, state: State
) -> None:
    assert state_of(phase, facts) is state


def test_the_current_phase_is_the_first_open_one_whose_dependencies_are_accepted() -> None:
    def current(**facts: PhaseFacts) -> str | None:
        found = progress_of(GUIDE, {name[1:]: value for name, value in facts.items()}).current
        return found.phase.id if found else None

    assert current() == "1"
    assert current(p1=ACCEPTED) == "2"
    assert current(p1=ACCEPTED, p2=ACCEPTED) is None
    assert current(p2=ACCEPTED) == "1"


def test_a_guide_is_complete_when_every_phase_is_accepted_and_there_is_one() -> None:
    assert progress_of(GUIDE, {"1": ACCEPTED, "2": ACCEPTED}).complete
    assert not progress_of(GUIDE, {"1": ACCEPTED}).complete
    assert not progress_of(replace(GUIDE, phases=()), {}).complete
    assert not progress_of(GUIDE, {}).begun


def test_a_ticked_box_without_evidence_is_a_finding_and_one_with_evidence_is_not() -> None:
    boxes = (Criterion("All tests passing", True, "tests", 8), Criterion("Fast", False, "other", 9))
    claimed = replace(GUIDE, phases=(ONE._replace(criteria=boxes, claim="done"), TWO))

    open_claims = progress_of(claimed, {}).findings

    assert [(f.code, f.line) for f in open_claims] == [("PG505", 3), ("PG505", 8)]
    assert open_claims[1].message == "phase 1 is pending, and the guide claims: [x] All tests passing"
    assert progress_of(claimed, {"1": ACCEPTED}).findings == ()


def step(guide: Guide = GUIDE, *, required: bool = False, **facts: Any) -> tuple[str, str]:
    progress = progress_of(guide, {name[1:]: value for name, value in facts.items()})
    found = next_step(progress, approval_required=required)
    return found.do, found.command


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (PENDING, "pytest --phase 1 --phasegate-expect red"),
        (PhaseFacts(tests=("test_a",), missing=("test_b",)), "pytest --phase 1 --phasegate-expect red"),
        (WRITTEN._replace(last=RED, fresh=True), "pytest --phase 1"),
        (WRITTEN, "phasegate check 1"),
        (WRITTEN._replace(last=FAIL, fresh=True), "phasegate check 1"),
        (WRITTEN._replace(last=PASS, fresh=True), "phasegate commit 1"),
        (WRITTEN._replace(last=PASS, fresh=True, commit="c"), "phasegate accept 1"),
        (WRITTEN._replace(commit="c"), "phasegate check 1"),
        (ACCEPTED._replace(last=FAIL), "pytest --phase 1"),
        (ACCEPTED._replace(last=FAIL._replace(gate="regression")), "phasegate check 1"),
    ],
)
def test_the_next_step_follows_the_state(facts: PhaseFacts, command: str) -> None:
    assert step(p1=facts)[1] == command


UNPROVED = FAIL._replace(source="check", gate="red-green", fix="write a test that fails on the old code")
UNKNOWN = UNPROVED._replace(ruling=Ruling.INCONCLUSIVE, fix="install attrs, and check again")


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [
        (PENDING, "pytest --phase 1 --phasegate-expect red", WRITTEN._replace(last=RED, fresh=True)),
        (WRITTEN._replace(last=RED, fresh=True), "pytest --phase 1", WRITTEN._replace(last=GREEN, fresh=True)),
        (WRITTEN._replace(last=GREEN, fresh=True), "phasegate check 1", WRITTEN._replace(last=PASS, fresh=True)),
        (WRITTEN._replace(last=UNPROVED, fresh=True), "phasegate check 1", WRITTEN._replace(last=PASS, fresh=True)),
        (WRITTEN._replace(last=UNKNOWN, fresh=True), "phasegate check 1", WRITTEN._replace(last=PASS, fresh=True)),
        (WRITTEN._replace(last=UNPROVED), "phasegate check 1", WRITTEN._replace(last=PASS, fresh=True)),
        (WRITTEN._replace(last=PASS, fresh=True), "phasegate commit 1", WRITTEN._replace(commit="c")),
        (WRITTEN._replace(last=PASS, fresh=True, commit="c"), "phasegate accept 1", ACCEPTED),
        (ACCEPTED._replace(last=FAIL), "pytest --phase 1", ACCEPTED._replace(last=PASS, fresh=True)),
        (ACCEPTED._replace(last=UNPROVED), "phasegate check 1", ACCEPTED._replace(last=PASS, fresh=True)),
        (ACCEPTED._replace(last=UNKNOWN), "phasegate check 1", ACCEPTED._replace(last=PASS, fresh=True)),
    ],
)
def test_in_every_state_the_command_leads_to_another_step(before: PhaseFacts, command: str, after: PhaseFacts) -> None:
    assert step(p1=before)[1] == command
    assert step(p1=after) != step(p1=before)


@pytest.mark.parametrize("last", [UNPROVED, UNKNOWN])
@pytest.mark.parametrize("facts", [WRITTEN, ACCEPTED])
def test_the_step_after_a_refusal_is_what_the_gate_says_to_do(facts: PhaseFacts, last: Judgement) -> None:
    assert step(p1=facts._replace(last=last, fresh=True))[0] == f"red-green: {last.fix}"


def test_what_a_gate_said_before_the_last_change_may_be_done_and_is_told_as_the_reason() -> None:
    progress = progress_of(GUIDE, {"1": WRITTEN._replace(last=UNPROVED)})

    found = next_step(progress, approval_required=False)

    assert found.do == "judge phase 1 as it stands now"
    assert found.why == f"the red-green gate failed in the last check, before the last change: {UNPROVED.fix}"


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (seen_red("cache", "1", 2, failed=2, tree="t", at=1), "they fail, as they should"),
        (RED._replace(source="pytest", gate="tests", fix="see why: pytest t.py"), "they fail: see why: pytest t.py"),
    ],
)
def test_that_tests_fail_as_they_should_is_said_where_that_was_asked(last: Judgement, why: str) -> None:
    progress = progress_of(GUIDE, {"1": WRITTEN._replace(last=last, fresh=True)})

    assert next_step(progress, approval_required=False).why == why


@pytest.mark.parametrize(
    ("last", "do", "command"),
    [
        (
            FAIL._replace(gate="tests", fix="see why: pytest t.py", source="pytest"),
            "make the tests of phase 1 pass",
            "pytest --phase 1",
        ),
        (FAIL._replace(gate="tests", fix="x", source="pytest", tests=2, failed=1), "tests: x", "pytest --phase 1"),
        (FAIL._replace(gate="coverage", fix="x", source="pytest", tests=2), "coverage: x", "pytest --phase 1"),
        (FAIL._replace(gate="tests", fix="x", tests=2, failed=1), "tests: x", "phasegate check 1"),
        (FAIL._replace(gate="scope", fix="x", tests=2), "scope: x", "phasegate check 1"),
    ],
)
def test_a_refusal_by_pytest_is_answered_with_pytest(last: Judgement, do: str, command: str) -> None:
    assert step(p1=WRITTEN._replace(last=last, fresh=True)) == (do, command)


def test_a_baseline_that_is_not_committed_is_committed_before_the_next_phase() -> None:
    progress = progress_of(GUIDE, {"1": ACCEPTED})

    found = next_step(progress, approval_required=False, uncommitted=(".phasegate/baseline.jsonl",))

    assert found.do == "commit the baseline"
    assert found.command.startswith("git add -f .phasegate/baseline.jsonl && git commit ")


@pytest.mark.parametrize(("clean", "do"), [(False, "commit phase 1"), (True, "commit the baseline")])
def test_a_phase_that_was_accepted_before_its_commit_is_committed_with_the_baseline(clean: bool, do: str) -> None:
    guide = replace(GUIDE, phases=(ONE._replace(commit=None), TWO))
    progress = progress_of(guide, {"1": ACCEPTED._replace(commit="", fresh=True)})
    uncommitted = (".phasegate/baseline.jsonl",)

    assert next_step(progress, approval_required=False, uncommitted=uncommitted, clean=clean).do == do


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (WRITTEN, "pytest --phase 1 --phasegate-expect red"),
        (WRITTEN._replace(files=("src/one.py",)), "phasegate check 1"),
        (WRITTEN._replace(last=FAIL, fresh=True), "phasegate check 1"),
        (WRITTEN._replace(commit="c"), "phasegate check 1"),
    ],
)
def test_tests_that_stand_there_without_their_code_are_to_be_seen_red(facts: PhaseFacts, command: str) -> None:
    creates = ONE._replace(files=(DeclaredFile("src/one.py", Action.CREATE, 4),))

    assert step(replace(GUIDE, phases=(creates,)), p1=facts)[1] == command


MISSED = FAIL._replace(gate="tests", fix="write it in t.py", source="pytest")  # none of them was there to be run


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (WRITTEN._replace(code_untouched=True), "pytest --phase 1 --phasegate-expect red"),
        (WRITTEN, "phasegate check 1"),
        (WRITTEN._replace(code_untouched=True, missing=("test_b",)), "pytest --phase 1 --phasegate-expect red"),
        (WRITTEN._replace(code_untouched=True, commit="c"), "phasegate check 1"),
        (WRITTEN._replace(code_untouched=True, last=GREEN), "phasegate check 1"),
        (WRITTEN._replace(code_untouched=True, last=MISSED), "pytest --phase 1 --phasegate-expect red"),
        (WRITTEN._replace(code_untouched=True, last=MISSED, fresh=True), "pytest --phase 1"),
    ],
)
def test_tests_beside_code_that_nobody_touched_yet_are_to_be_seen_red(facts: PhaseFacts, command: str) -> None:
    assert step(p1=facts)[1] == command


def test_where_the_guide_declares_no_subject_the_command_gives_one() -> None:
    silent = ONE._replace(commit=None)
    passed = PhaseFacts(tests=("test_a", "test_b"), last=PASS, fresh=True)

    assert step(replace(GUIDE, phases=(silent,)), p1=passed)[1] == "phasegate commit 1 -m 'feat: one'"


def test_many_missing_tests_are_told_in_one_line() -> None:
    names = tuple(f"test_{number}" for number in range(9))
    many = ONE._replace(tests=tuple(DeclaredTest(name, 1) for name in names))

    told, _ = step(replace(GUIDE, phases=(many,)), p1=PhaseFacts(missing=names))

    assert told.endswith("test_4, test_5 and 3 more")


def test_a_phase_without_tests_is_finished_by_its_check() -> None:
    assert step(replace(GUIDE, phases=(ONE._replace(tests=()),)), p1=PhaseFacts())[1] == "phasegate check 1"


def test_a_guide_is_mended_and_approved_before_anything_else() -> None:
    wrong = Diagnostic("PG101", Severity.ERROR, "x", GUIDE.path, 1)

    assert step(replace(GUIDE, diagnostics=(wrong,)))[1] == "phasegate lint docs/plans/cache.md"
    assert step(required=True)[1] == "phasegate approve docs/plans/cache.md"


def test_when_all_is_done_there_is_nothing_to_do() -> None:
    assert step(p1=ACCEPTED, p2=ACCEPTED) == ("nothing: every phase is accepted", "")


def test_phases_that_wait_for_each_other_are_the_guides_fault() -> None:
    circle = replace(GUIDE, phases=(ONE._replace(depends=("2",)), TWO))

    assert step(circle)[0] == "fix the guide: no phase can begin"


def test_lost_tests_are_named() -> None:
    progress: GuideProgress = progress_of(GUIDE, {"1": ACCEPTED._replace(lost=("t.py::test_a",))})

    assert next_step(progress, approval_required=False, name="cache:").command == "pytest --phase cache:1"
    assert "t.py::test_a is gone" in next_step(progress, approval_required=False).why


@pytest.mark.parametrize(
    ("facts", "coverage"),
    [
        (PENDING, None),
        (PENDING._replace(last=FAIL._replace(coverage=0.0)), None),
        (PENDING._replace(last=FAIL._replace(coverage=0.0, tests=3)), None),
        (WRITTEN._replace(last=FAIL._replace(coverage=0.0)), None),
        (WRITTEN._replace(last=FAIL._replace(coverage=0.0, tests=2)), 0.0),
        (WRITTEN._replace(last=PASS._replace(coverage=97.5, tests=2)), 97.5),
        (WRITTEN._replace(last=PASS._replace(tests=2)), None),
    ],
)
def test_coverage_is_told_only_of_a_phase_whose_tests_ran(facts: PhaseFacts, coverage: float | None) -> None:
    assert progress_of(GUIDE, {"1": facts}).phases[0].coverage == coverage


def test_accepted_phases_that_nothing_judged_as_they_stand_are_to_be_judged() -> None:
    unjudged = ACCEPTED._replace(judged=False)

    assert not progress_of(GUIDE, {"1": ACCEPTED, "2": unjudged}).complete
    assert step(p1=ACCEPTED, p2=unjudged) == ("judge what stands now", "phasegate check all")


def test_a_pass_that_a_person_said_no_to_is_none() -> None:
    passed = PhaseFacts(tests=("test_a", "test_b"), last=_passed(), fresh=True, judged=True)

    assert state_of(GUIDE.phases[0], passed) is State.PASSED
    assert state_of(GUIDE.phases[0], passed._replace(blocked=(3,))) is State.ACTIVE
    assert step(p1=passed._replace(blocked=(3,))) == ("mend criterion 3 of phase 1", "phasegate check 1")


def _passed() -> Judgement:
    return Judgement(1, "cache", "1", "t", Ruling.PASSED, "check", 2)


@pytest.mark.parametrize(
    ("kept", "clean", "uncommitted", "command"),
    [
        (0, False, (), "phasegate commit 1"),
        (0, True, (), "phasegate accept 1"),  # its commit has another subject: there is nothing to commit
        (2, True, ("b",), 'git add -f b && git commit -m "chore: accept" -- b'),
        (2, False, ("b",), "phasegate commit 1"),  # what was accepted is not in HEAD itself
    ],
)
def test_a_passed_phase_is_committed_before_its_baseline_and_accepted_where_head_holds_it(
    kept: int, clean: bool, uncommitted: tuple[str, ...], command: str
) -> None:
    passed = PhaseFacts(tests=("test_a", "test_b"), last=_passed(), fresh=True, judged=True, accepted_tests=kept)
    progress = progress_of(GUIDE, {"1": passed})

    found = next_step(progress, approval_required=False, uncommitted=uncommitted, clean=clean)

    assert found.command == command


def test_a_criterion_that_waits_for_a_person_keeps_a_guide_from_being_complete() -> None:
    waiting, blocked = ACCEPTED._replace(open=(3,)), ACCEPTED._replace(blocked=(3,))

    assert not progress_of(GUIDE, {"1": ACCEPTED, "2": waiting}).complete
    assert step(p1=ACCEPTED, p2=waiting) == ("review phase 2", "phasegate review 2")
    assert step(p1=ACCEPTED, p2=blocked) == ("mend criterion 3 of phase 2", "phasegate check 2")


@pytest.mark.parametrize(
    ("phase", "facts", "state"),
    [
        (TITLE, PhaseFacts(), State.PENDING),
        (TITLE, PhaseFacts(commit="c"), State.ACTIVE),
        (BROUGHT, PhaseFacts(commit="c", tests=("test_a",)), State.ACTIVE),
        (BROUGHT, PhaseFacts(tests=("test_a",), last=RED, fresh=True), State.RED),
        (BROUGHT, PhaseFacts(tests=("test_a",), accepted_tests=1), State.ACCEPTED),
        (BROUGHT, PhaseFacts(tests=("test_a",), recorded=True), State.ACCEPTED),
    ],
)
def test_a_commit_that_names_a_phase_of_a_title_alone_does_not_make_it_accepted(
    phase: Phase, facts: PhaseFacts, state: State
) -> None:
    assert state_of(phase, facts) is state


def test_where_the_guide_declares_the_subject_a_red_commit_does_not_take_its_trailer() -> None:
    silent = TITLE._replace(commit=None)

    assert "`Phase: 1`" in step(replace(GUIDE, phases=(silent,)), p1=PhaseFacts())[0]
    assert "trailer" not in step(replace(GUIDE, phases=(TITLE._replace(commit="feat: one"),)), p1=PhaseFacts())[0]


@pytest.mark.parametrize(
    ("path", "do", "command"),
    [
        ("src/a.py", "write the first failing test of phase 1,", "pytest --phase 1 --phasegate-expect red"),
        ("docs/a.md", "finish phase 1", "phasegate check 1"),
    ],
)
def test_a_phase_that_names_code_and_no_test_begins_with_a_red_one(path: str, do: str, command: str) -> None:
    named = DeclaredFile(path, Action.MODIFY, 3)
    phase = TITLE._replace(files=(named,), derivation=Derivation(tests=True))

    told, shown = step(replace(GUIDE, phases=(phase,)), p1=PhaseFacts())

    assert (told.startswith(do), shown) == (True, command)


def test_a_phase_that_names_the_file_of_its_tests_alone_begins_with_a_red_one_there() -> None:
    named = DeclaredFile("tests/test_a.py", Action.TEST, 3)
    phase = TITLE._replace(files=(named,), derivation=Derivation(tests=True))

    do, command = step(replace(GUIDE, phases=(phase,)), p1=PhaseFacts())

    assert do.startswith("write the first failing test of phase 1 in tests/test_a.py")
    assert command == "pytest --phase 1 --phasegate-expect red"


@pytest.mark.parametrize(
    ("phase", "facts", "command"),
    [
        (TITLE, PhaseFacts(), "pytest --phase 1 --phasegate-expect red"),
        (TITLE, PhaseFacts(last=FAIL), "pytest --phase 1 --phasegate-expect red"),
        (BROUGHT, PhaseFacts(tests=("test_a",), last=FAIL), "pytest --phase 1"),
        (
            BROUGHT._replace(files=(DeclaredFile("a.py", Action.CREATE, 3, source=Source.DERIVED),)),
            PhaseFacts(tests=("test_a",), files=("a.py",), last=FAIL),
            "phasegate check 1",
        ),
        (BROUGHT, PhaseFacts(tests=("test_a",), last=PASS, fresh=True), "phasegate accept 1"),
        (
            BROUGHT._replace(derivation=Derivation(uncommitted=True, files=True, tests=True)),
            PhaseFacts(tests=("test_a",), last=PASS, fresh=True),
            "phasegate commit 1 -m 'feat: one'",
        ),
    ],
)
def test_the_next_step_of_a_phase_of_a_title_alone_goes_by_what_its_commits_did(
    phase: Phase, facts: PhaseFacts, command: str
) -> None:
    assert step(replace(GUIDE, phases=(phase,)), p1=facts)[1] == command
