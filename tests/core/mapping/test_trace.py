from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Action, DeclaredFile, Guide, Phase
from pytest_phasegate.core.guide.progress import PhaseFacts, progress_of
from pytest_phasegate.core.guide.requirements import Named, Requirement
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import Belonging, Collected, Reason, TestMap
from pytest_phasegate.core.mapping.trace import Feature, Trace, trace, verdict_of
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling

if TYPE_CHECKING:
    from collections.abc import Mapping

GUIDE, SPEC = "plans/x_plan.md", "plans/x_spec.md"


def judged(ruling: Ruling = Ruling.PASSED, source: str = "check") -> Judgement:
    return Judgement(1, "x", "1", "t", ruling, source, tests=1)


PASSED = PhaseFacts(commit="abc", last=judged(), fresh=True, judged=True)


def traced(
    named: dict[str, list[str]],
    tests: Mapping[str, tuple[str, tuple[str, ...]]],
    stated: tuple[str, ...] = (),
    facts: dict[str, PhaseFacts] | None = None,
    phases: str = "12",
) -> Trace:
    """Trace a guide of a few phases; ``tests`` gives the phase and the marks of each."""
    made = tuple(
        Phase(each, each, int(each), int(each), files=(DeclaredFile(f"{each}.py", Action.CREATE, 1),))
        for each in phases
    )
    guide = Guide(GUIDE, "x", "X", "canonical", "", made)
    progress = progress_of(guide, facts if facts is not None else dict.fromkeys(phases, PASSED))
    requirements = tuple(Requirement(each, "", SPEC, at, each.rpartition(".")[0]) for at, each in enumerate(stated, 1))
    names = {phase: tuple(Named(each, 3) for each in ids) for phase, ids in named.items()}
    passed = frozenset(TestId(name) for name in tests if not name.endswith("skipped"))
    every = {Collected(TestId(name), name, (), marks): phase for name, (phase, marks) in tests.items()}
    belongs = {one: Belonging(PhaseRef(GUIDE, phase), Reason.FILE) for one, phase in every.items() if phase}
    unmapped = tuple(one for one, phase in every.items() if not phase)
    feature = Feature(progress, requirements, names, dict.fromkeys(phases, passed))
    return trace([feature], (), TestMap(belongs, unmapped))


def gaps(found: Trace) -> list[tuple[str, str]]:
    return [(gap.kind.value, gap.what) for gap in found.gaps]


WHOLE = {"t.py::a": ("1", ()), "t.py::b": ("2", ())}


def test_what_is_asked_for_is_followed_to_phase_test_commit_and_verdict() -> None:
    row, other = traced({"1": ["R-1"], "2": ["R-2"]}, WHOLE, ("R-1", "R-2")).requirements

    assert [(phase.id, phase.commits, phase.verdict) for phase in row.phases] == [("1", ("abc",), "passed")]
    assert [(test.test, test.marked) for test in row.tests] == [("t.py::a", False)]
    assert (row.guide, row.verdict, other.verdict) == ("x", "passed", "passed")


@pytest.mark.parametrize(
    ("named", "tests", "stated", "found"),
    [
        ({"1": ["R-1"], "2": ["R-2"]}, WHOLE, ("R-1", "R-2"), []),
        ({"1": ["r1"], "2": ["R-002"]}, WHOLE, ("R-1", "R-2"), []),
        ({"1": ["R-1"], "2": ["R-2"]}, WHOLE, (), []),
        ({"1": ["1"], "2": ["2.1"]}, WHOLE, ("1", "1.1", "1.2", "2", "2.1"), []),
        ({"1": ["1.7"], "2": ["1"]}, WHOLE, ("1",), []),
        ({"1": ["R-1"], "2": ["R-1"]}, WHOLE, ("R-1", "R-2"), [("no-phase", "R-2")]),
        ({"1": ["1.1"], "2": ["1.1"]}, WHOLE, ("1", "1.1", "1.2"), [("no-phase", "1.2")]),
        ({"1": ["R-1"], "2": ["R-2"]}, {"t.py::a": ("1", ())}, ("R-1", "R-2"), [("no-test", "R-2")]),
        ({"1": ["R-1", "R-9"], "2": ["R-1"]}, WHOLE, ("R-1",), [("unknown-requirement", "R-9")]),
        ({"1": ["R-1", "FR-9"], "2": ["R-1"]}, WHOLE, ("R-1",), []),
        ({"1": ["R-1"]}, WHOLE, ("R-1",), [("no-requirement", "2")]),
        ({"1": ["R-1"]}, {"t.py::a": ("1", ()), "t.py::b": ("2", ("R-1",))}, ("R-1",), []),
        ({}, {"t.py::a": ("", ("R-1",))}, ("R-1",), [("not-judged", "R-1")]),
    ],
)
def test_gaps_are_found_in_both_directions(
    named: dict[str, list[str]],
    tests: Mapping[str, tuple[str, tuple[str, ...]]],
    stated: tuple[str, ...],
    found: list[tuple[str, str]],
) -> None:
    assert [gap for gap in gaps(traced(named, tests, stated)) if tests is WHOLE or gap[0] != "no-requirement"] == found


def test_a_marked_test_stands_for_its_requirement_in_the_place_of_those_of_the_phase() -> None:
    tests = {"t.py::a": ("1", ()), "t.py::b": ("1", ("R-1",)), "t.py::c": ("", ())}

    found = traced({"1": ["R-1"]}, tests, ("R-1",), phases="1")

    assert [test.test for test in found.requirements[0].tests] == ["t.py::b"]
    assert found.untraced == ("t.py::c",)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (PASSED, "passed"),
        (PhaseFacts(commit="abc", judged=True), "passed"),
        (PhaseFacts(last=judged(Ruling.FAILED), fresh=True), "failed"),
        (PhaseFacts(last=judged(Ruling.WAIVED), fresh=True), "waived"),
        (PhaseFacts(last=judged()), "stale"),
        (PhaseFacts(last=judged(Ruling.FAILED)), "stale"),
        (PhaseFacts(), "not-evaluated"),
        (PhaseFacts(last=judged(), fresh=True, judged=True, open=(2,)), "inconclusive"),
        (PhaseFacts(last=judged(), fresh=True, judged=True, blocked=(2,)), "failed"),
    ],
)
def test_a_verdict_is_of_the_content_as_it_stands(facts: PhaseFacts, verdict: str) -> None:
    guide = Guide(GUIDE, "x", "X", "canonical", "", (Phase("1", "A", 1, 2),))

    assert verdict_of(progress_of(guide, {"1": facts}).phases[0]) == verdict


@pytest.mark.parametrize(
    ("second", "verdict", "kind"),
    [
        (PhaseFacts(last=judged(Ruling.FAILED), fresh=True), "failed", "not-passed"),
        (PhaseFacts(last=judged()), "stale", "not-judged"),
        (PhaseFacts(), "not-evaluated", "not-judged"),
    ],
)
def test_a_requirement_has_the_gravest_verdict_of_its_phases(second: PhaseFacts, verdict: str, kind: str) -> None:
    found = traced({"1": ["R-1"], "2": ["R-1"]}, WHOLE, ("R-1",), {"1": PASSED, "2": second})

    assert found.requirements[0].verdict == verdict
    assert gaps(found) == [(kind, "R-1")]


@pytest.mark.parametrize(
    ("tests", "verdict"),
    [
        ({"t.py::a": ("1", ("R-1",))}, "passed"),
        ({"t.py::skipped": ("1", ("R-1",))}, "not-evaluated"),
        ({"t.py::a": ("1", ("R-1",)), "t.py::skipped": ("1", ("R-1",))}, "not-evaluated"),
        ({"t.py::a": ("1", ("R-1",)), "t.py::skipped": ("1", ())}, "passed"),
        ({"t.py::a": ("1", ()), "t.py::skipped": ("1", ())}, "passed"),
        ({"t.py::skipped": ("1", ())}, "not-evaluated"),
    ],
)
def test_only_a_test_that_passed_shows_a_requirement(
    tests: dict[str, tuple[str, tuple[str, ...]]], verdict: str
) -> None:
    found = traced({"1": ["R-1"]}, tests, ("R-1",), phases="1")

    assert found.requirements[0].verdict == verdict
    assert gaps(found) == ([] if verdict == "passed" else [("not-judged", "R-1")])
