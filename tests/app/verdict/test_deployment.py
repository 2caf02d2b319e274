"""What may go to a stage: only what the whole gate of every phase passed on this content, by the rules that hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_phasegate.app.verdict.deployment import Grounds, Head, Lack, Wanted, deployment, following, in_no_part
from pytest_phasegate.core.guide.model import Action, CoverageGoal, DeclaredFile, Guide, Phase
from pytest_phasegate.core.guide.progress import PhaseFacts, progress_of
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.project.settings import RedGreenSettings, Settings, Waiver
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling

STAGES = {"development": 60.0, "staging": 70.0, "production": 80.0}
SETTINGS = Settings(configured=True, stages=STAGES)
GATES = (("tests", "passed"), ("coverage", "passed"), ("approval", "not-evaluated"))
DAY = 86_400
HERE = "t1"
HEAD = Head("c1")


def phase(number: str, *paths: str) -> Phase:
    files = tuple(DeclaredFile(path, Action.CREATE, 1) for path in paths)
    return Phase(number, f"Phase {number}", 1, 2, files=files, coverage=CoverageGoal(minimum=50.0))


ONE, TWO = phase("1", "src/a/x.py"), phase("2", "src/b/*.py")
GUIDE = Guide("g.md", "g", "G", "canonical", "", (ONE, TWO))
PASSED = Judgement(0, "g", "1", HERE, Ruling.PASSED, "check", 2, 75.0, rules=rules_of(SETTINGS), gates=GATES)
BOTH = (PASSED, PASSED._replace(phase="2"))


def grounds(
    *judgements: Judgement,
    settings: Settings = SETTINGS,
    guides: tuple[Guide, ...] = (GUIDE,),
    now: float = 0,
    **facts: PhaseFacts,
) -> Grounds:
    known = {name.removeprefix("p"): one for name, one in facts.items()}
    return Grounds(
        tuple(progress_of(guide, known) for guide in guides), judgements, settings, HERE, now, PATHS, len(guides) > 1
    )


PATHS = ("src/a/x.py", "src/b/y.py", "src/c/z.py", "src/d/deep/z.py")


def asked(where: Grounds, stage: str = "staging", path: str | None = None, head: Head = HEAD) -> list[str]:
    """What is missing, with its ruling, the gravest of which is that of the whole."""
    found = deployment(where, head, (Wanted(path, stage),))
    lacks = [*found.lacks, *(one for part in found.parts for one in part.lacks)]
    lacks += [one for part in found.parts for standing in part.phases for one in standing.lacks]
    assert (found.ruling is Ruling.PASSED) is not bool(lacks)
    assert found.ruling is not Ruling.NOT_EVALUATED
    return [f"{one.code} {one.ruling}: {one.message}" for one in lacks]


UNJUDGED = "PG572 inconclusive: nothing judged it on this content"


@pytest.mark.parametrize(
    ("judgements", "missing"),
    [
        (BOTH, []),
        ((), [UNJUDGED, UNJUDGED]),
        ((PASSED,), [UNJUDGED]),
        ([one._replace(tree="t2") for one in BOTH], [UNJUDGED, UNJUDGED]),
        ((*BOTH, PASSED._replace(ruling=Ruling.FAILED, gate="tests")), ["PG571 failed: the gate tests refused"]),
        (
            (*BOTH, PASSED._replace(ruling=Ruling.FAILED, source="pytest", gate="tests")),
            ["PG571 failed: the gate tests refused"],
        ),
        (
            (PASSED, PASSED._replace(phase="2", source="pytest")),
            ["PG572 inconclusive: only tests and coverage were judged on this content"],
        ),
        (
            (PASSED, PASSED._replace(phase="2", ruling=Ruling.INCONCLUSIVE, gate="red-green")),
            ["PG572 inconclusive: the gate red-green was inconclusive"],
        ),
        (
            (PASSED, PASSED._replace(phase="2", rules="loose")),
            ["PG572 inconclusive: passed by other rules than those that hold here"],
        ),
    ],
)
def test_every_phase_passed_on_this_very_content(judgements: tuple[Judgement, ...], missing: list[str]) -> None:
    assert asked(grounds(*judgements)) == missing


@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("development", []),
        ("staging", []),
        ("production", ["PG573 failed: line coverage is 75.00 %, 80 % asked by production"] * 2),
    ],
)
def test_the_coverage_of_every_phase_reaches_the_stage(stage: str, missing: list[str]) -> None:
    assert asked(grounds(*BOTH), stage) == missing


@pytest.mark.parametrize(
    ("gate", "share", "minimum", "judged_at", "missing"),
    [
        ("not-evaluated", None, 50.0, "", []),  # a minimum was asked, and there is nothing to measure
        ("not-evaluated", None, None, "staging", []),  # the stage asked
        ("waived", 71.0, 50.0, "", []),
        ("waived", 69.0, 50.0, "", ["PG573 failed: line coverage is 69.00 %, 70 % asked by staging"]),
        (
            "not-evaluated",
            None,
            None,
            "",
            ["PG572 inconclusive: its coverage was not asked for, 70 % asked by staging"],
        ),
        (
            "not-evaluated",
            99.0,
            None,
            "",
            ["PG572 inconclusive: its coverage was not asked for, 70 % asked by staging"],
        ),
        ("passed", None, 50.0, "", ["PG572 inconclusive: its coverage was not asked for, 70 % asked by staging"]),
        ("", 99.0, 50.0, "", ["PG572 inconclusive: its coverage was not asked for, 70 % asked by staging"]),
    ],
)
def test_a_figure_counts_where_the_gate_was_asked_for_it(
    gate: str, share: float | None, minimum: float | None, judged_at: str, missing: list[str]
) -> None:
    one = ONE._replace(coverage=CoverageGoal(minimum=minimum))
    judged = PASSED._replace(coverage=share, stage=judged_at, gates=(("coverage", gate),) if gate else ())

    assert asked(grounds(judged, guides=(replace(GUIDE, phases=(one,)),))) == missing


@pytest.mark.parametrize(
    ("expires", "judged", "now", "holds"),
    [
        ("1970-01-03", 0, 1 * DAY, True),
        ("1970-01-03", 0, 5 * DAY, False),
        ("1970-01-03", 5 * DAY, 5 * DAY, True),  # judged without it
        ("1970-01-03", 5 * DAY, 9 * DAY, True),
    ],
)
def test_a_pass_does_not_outlive_a_waiver_that_it_may_rest_on(
    expires: str, judged: int, now: int, *, holds: bool
) -> None:
    settings = SETTINGS._replace(red_green=RedGreenSettings(waivers=(Waiver("src/*", "later", expires),)))
    passed = [one._replace(at=judged + DAY // 2, rules=rules_of(settings)) for one in BOTH]

    missing = asked(grounds(*passed, settings=settings, now=now + DAY // 2))

    gone = f"PG572 inconclusive: the waiver for src/* expired on {expires}, after it passed"
    assert missing == ([] if holds else [gone, gone])


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (PhaseFacts(), []),
        (PhaseFacts(open=(2,)), ["PG533 inconclusive: criterion 2 waits for a person"]),
        (PhaseFacts(blocked=(1,)), ["PG533 failed: criterion 1 was answered with no"]),
        (PhaseFacts(lost=("t.py::test_a",)), ["PG571 failed: accepted tests are gone: t.py::test_a"]),
    ],
)
def test_what_needs_a_person_is_answered_and_what_was_accepted_is_there(facts: PhaseFacts, missing: list[str]) -> None:
    assert asked(grounds(*BOTH, p2=facts)) == missing


def test_what_no_commit_has_is_no_content_to_deploy() -> None:
    lack = Lack("PG574", Ruling.INCONCLUSIVE, "not as the commit has it: x.py", "git status")

    (part,) = deployment(grounds(*BOTH), Head("c1", (lack,)), (Wanted(None, "staging"),)).parts

    assert part.ruling is Ruling.INCONCLUSIVE
    assert asked(grounds(*BOTH), head=Head("c1", (lack,))) == ["PG574 inconclusive: not as the commit has it: x.py"]


@pytest.mark.parametrize(
    ("path", "phases"),
    [
        ("src/a", ["1"]),
        ("src/b", ["2"]),
        ("src/b/y.py", ["2"]),
        ("src/d", ["3"]),
        ("src", ["1", "2", "3"]),
        ("", ["1", "2", "3"]),
    ],
)
def test_a_component_is_judged_by_the_phases_with_a_file_below_it(path: str, phases: list[str]) -> None:
    three = replace(GUIDE, phases=(ONE, TWO, phase("3", "./src/d/", "README.md")))
    (part,) = deployment(grounds(guides=(three,)), HEAD, (Wanted(path, "staging"),)).parts

    assert [one.id for one in part.phases] == phases


def test_a_component_of_no_phase_is_judged_by_nothing() -> None:
    missing = asked(grounds(*BOTH), path="src/c")

    assert missing == ["PG572 inconclusive: no phase has a file below src/c: nothing is judged"]
    assert asked(grounds(guides=())) == ["PG572 inconclusive: there is no phase: nothing is judged"]
    assert in_no_part(grounds(), ("src/a",)) == ("2",)


def test_promotion_names_what_the_next_stage_lacks() -> None:
    (part,) = deployment(grounds(*BOTH), HEAD, (Wanted(None, "staging"),)).parts

    assert part.ruling is Ruling.PASSED
    assert part.following is not None
    assert (part.following.stage.name, part.following.ruling) == ("production", Ruling.FAILED)
    assert part.following.following is None
    assert following({"b": 70, "c": 70, "a": 60}, "a") == "b"
    assert following({"b": 70, "c": 70, "a": 60}, "b") == "c"
    assert following({"b": 70, "c": 70, "a": 60}, "c") is None


@pytest.mark.parametrize(
    ("judgements", "guides", "fixes"),
    [
        ((PASSED,), (GUIDE,), {"PHASEGATE_STAGE=staging phasegate check 2"}),
        ((), (GUIDE,), {"PHASEGATE_STAGE=staging phasegate check all"}),
        (
            (PASSED,),
            (GUIDE, replace(GUIDE, path="b.md", slug="$(x) b", phases=(ONE,))),
            {"PHASEGATE_STAGE=staging phasegate check g:2", "PHASEGATE_STAGE=staging phasegate check '$(x) b:1'"},
        ),
    ],
)
def test_the_command_that_settles_it_is_safe_to_paste(
    judgements: tuple[Judgement, ...], guides: tuple[Guide, ...], fixes: set[str]
) -> None:
    (part,) = deployment(grounds(*judgements, guides=guides), HEAD, (Wanted(None, "staging"),)).parts

    assert {lack.fix for one in part.phases for lack in one.lacks} == fixes
