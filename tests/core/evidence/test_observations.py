from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.observations import PHASE_FILES, Fault, Folded, Observed, fold
from pytest_phasegate.core.evidence.outcomes import (
    Additions,
    CaseRun,
    Grade,
    Moment,
    NodeId,
    Outcome,
    Raised,
    TestRun,
    function_of,
)
from pytest_phasegate.core.evidence.runs import TestVersion

CODE = Additions(packages=frozenset({"app"}))
ASSERTION = Fault(Moment.CALL, Raised(("AssertionError",)))
MISSING = Fault(Moment.CALL, Raised(("AttributeError",), missing="new"))
NO_MODULE = Fault(Moment.COLLECT, Raised(("ModuleNotFoundError", "ImportError"), missing="app.new"))


def case(name: str, outcome: Outcome = Outcome.PASSED, *, flaky: bool = False) -> CaseRun:
    node_id = NodeId(f"test_a.py::{name}")
    return CaseRun(node_id, function_of(node_id), outcome, flaky=flaky)


def folded(*cases: CaseRun, partial: tuple[str, ...] = (), **more: object) -> Folded:
    observed = Observed(1, TestRun(cases, partial), prefix="tests/", **more)  # type: ignore[arg-type]
    ids = {f"tests/{one.test}" for one in cases} | {"tests/test_b.py::test_b"}
    return fold(observed, {test: TestVersion(test, "d") for test in ids}, CODE)  # type: ignore[arg-type,misc]


def plain(result: Folded) -> dict[str, str]:
    return {test.id: outcome.value for outcome, tests in result.plain.items() for test in tests}


def test_a_test_is_green_only_if_every_case_of_it_is() -> None:
    result = folded(case("test_x[1]"), case("test_x[2]", Outcome.FAILED), case("test_y[1]"), case("test_y[2]"))

    assert plain(result) == {"tests/test_a.py::test_y": "passed"}
    assert [(red.test.id, red.outcome) for red in result.reds] == [("tests/test_a.py::test_x", Outcome.FAILED)]


@pytest.mark.parametrize(
    "partial",
    [
        "-k x",
        "--lf",
        "--sw",
        "files of the selected phases",
        "test_a.py::test_x[1]",
        "3 of the selected tests were left out",
    ],
)
def test_a_run_that_may_have_left_out_cases_shows_no_parametrized_test_green(partial: str) -> None:
    result = folded(case("test_x[1]"), case("test_y"), partial=(partial,))

    assert plain(result) == {"tests/test_a.py::test_y": "passed"}


@pytest.mark.parametrize("partial", ["tests/test_a.py", "tests/test_a.py::test_x", "tests/unit", "a b.py"])
def test_a_run_of_whole_files_and_functions_leaves_out_no_case(partial: str) -> None:
    assert plain(folded(case("test_x[1]"), partial=(partial,))) == {"tests/test_a.py::test_x": "passed"}


@pytest.mark.parametrize("word", ["-k 1", "--lf", PHASE_FILES])
def test_of_what_was_deselected_only_the_functions_that_lost_cases_stay_unsaid(word: str) -> None:
    cut = frozenset({case("test_x").test})

    assert plain(folded(case("test_x[1]"), case("test_y[1]"), partial=(word, "tests"), cut=cut)) == {
        "tests/test_a.py::test_y": "passed"
    }


def test_a_case_that_was_never_reported_leaves_its_test_without_a_word() -> None:
    result = folded(case("test_x[1]"), case("test_x[2]", Outcome.MISSING))

    assert plain(result) == {}
    assert result.reds == ()


def test_a_test_that_passed_only_when_tried_again_is_flaky_and_red() -> None:
    (red,) = folded(case("test_x", flaky=True)).reds

    assert (red.outcome, red.flaky, red.grade) == (Outcome.FAILED, True, Grade.NONE)


def test_an_expected_failure_is_declared_red_only_under_a_strict_mark() -> None:
    names = frozenset({NodeId("test_a.py::test_strict")})
    result = folded(case("test_strict", Outcome.XFAILED), case("test_loose", Outcome.XFAILED), strict=names)

    assert plain(result) == {"tests/test_a.py::test_loose": "xfailed"}
    assert [(red.outcome, red.grade) for red in result.reds] == [(Outcome.XFAILED, Grade.DECLARED)]


def test_of_several_red_cases_the_most_telling_speaks() -> None:
    faults = {NodeId("test_a.py::test_x[1]"): MISSING, NodeId("test_a.py::test_x[2]"): ASSERTION}
    cases = [case(f"test_x[{number}]", Outcome.FAILED) for number in (1, 2, 3)]

    (red,) = folded(*cases, faults=faults).reds

    assert (red.grade, red.raised) == (Grade.BEHAVIOURAL, ASSERTION.raised)


def test_a_red_without_facts_has_no_grade() -> None:
    (red,) = folded(case("test_x", Outcome.FAILED)).reds

    assert (red.grade, red.raised) == (Grade.NONE, None)


def test_a_file_that_could_not_be_collected_reds_its_tests() -> None:
    result = folded(case("test_x"), uncollected={"test_b.py": NO_MODULE})

    assert plain(result) == {"tests/test_a.py::test_x": "passed"}
    (red,) = result.reds
    assert (red.test.id, red.outcome, red.grade) == ("tests/test_b.py::test_b", Outcome.ERROR, Grade.STRUCTURAL)


def test_a_test_without_text_of_its_own_is_kept_unless_it_fails() -> None:
    observed = Observed(1, TestRun((case("Inherited::test_x"), case("test_y", Outcome.FAILED))))

    found = fold(observed, {}, CODE, ["test_a.py"])

    assert found.plain[Outcome.PASSED] == [TestVersion(case("Inherited::test_x").test, "")]
    assert fold(observed, {}, CODE).plain[Outcome.PASSED] == []
    assert found.reds == ()
    assert found.unheld == "test_a.py::test_y failed, and has no text of its own"
    assert not fold(Observed(1, TestRun((case("Inherited::test_x"),))), {}, CODE).unheld
