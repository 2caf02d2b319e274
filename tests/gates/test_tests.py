from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_phasegate.core.evidence.outcomes import CaseRun, NodeId, Outcome, TestId, TestRun, function_of
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Derivation, Guide, Phase, Source
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.assignment import map_tests
from pytest_phasegate.core.mapping.mapping import Collected
from pytest_phasegate.core.mapping.phase_run import PhaseRun
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.verdict.gate import Evidence, Need
from pytest_phasegate.core.verdict.report import TestCounts
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict
from pytest_phasegate.gates.tests import TestsGate

PATH = "docs/plans/cache_implementation_guide.md"
REF = PhaseRef(PATH, "1")


def phase(*names: str, file: str = "t.py") -> Phase:
    tests = tuple(DeclaredTest(name, line, None, file) for line, name in enumerate(names, 10))
    return Phase("1", "Core", 1, 20, tests=tests, files=(DeclaredFile("t.py", Action.CREATE, 2),))


def observed(one: Phase, outcomes: dict[str, Outcome], *, flaky: str = "", incomplete: str = "") -> PhaseRun:
    cases = tuple(
        CaseRun(NodeId(node), function_of(NodeId(node)), outcome, flaky=node == flaky)
        for node, outcome in outcomes.items()
    )
    collected = [Collected(test, test.partition("::")[0]) for test in dict.fromkeys(case.test for case in cases)]
    guide = Guide(PATH, "cache", "", "canonical", "", (one,))
    ids = frozenset(item.test for item in collected)
    return PhaseRun(TestRun(cases, (), incomplete, ids), map_tests([guide], collected, {}, {}))


def judged(one: Phase, run: PhaseRun | None, absent: str = "") -> Verdict:
    guide = Guide(PATH, "cache", "", "canonical", "", (one,))
    facts = {} if run is None else {Need.RUN: run}
    return TestsGate().check(one, Evidence(Settings(), guide, facts, {Need.RUN: absent} if absent else {}))


def told(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity.value, finding.message) for finding in verdict.findings]


def test_declared_collected_run_and_passed_is_a_pass() -> None:
    one = phase("test_a")

    nodes = ("t.py::test_a", "t.py::test_more")
    verdict = judged(one, observed(one, dict.fromkeys(nodes, Outcome.PASSED)))
    several = judged(one, observed(one, dict.fromkeys((nodes[0], f"{nodes[1]}[1]", f"{nodes[1]}[2]"), Outcome.PASSED)))

    assert (verdict.ruling, verdict.reason) == (Ruling.PASSED, "2 tests passed, among them every declared one (1)")
    assert several.reason == "2 tests (3 cases) passed, among them every declared one (1)"
    assert verdict.findings == ()


def test_a_declared_test_that_is_missing_fails_with_the_guides_line_and_the_nearest_name() -> None:
    one = phase("test_a", "test_evicts_oldest")

    verdict = judged(one, observed(one, {"t.py::test_a": Outcome.PASSED, "t.py::test_evict_oldest": Outcome.PASSED}))

    assert (verdict.ruling, verdict.reason) == (Ruling.FAILED, "1 of 2 declared tests was not collected")
    (finding,) = verdict.findings
    assert (finding.code, finding.path, finding.line) == ("PG411", PATH, 11)
    assert finding.message.endswith("the nearest name is t.py::test_evict_oldest")
    assert finding.fix == "write it in t.py, or correct its name in the guide"


def test_a_file_that_pytest_does_not_take_for_tests_by_its_name_is_said_to_be_one() -> None:
    one = phase("test_something_else_entirely", file="tests/store_tests.py")

    (finding,) = judged(one, observed(one, {"t.py::test_a": Outcome.PASSED})).findings

    assert "pytest collects no file of that name, unless python_files says so" in finding.message


def test_a_declared_test_that_nobody_wrote_is_to_be_written_where_the_guide_says() -> None:
    one = phase("test_something_else_entirely", file="test_t.py")

    (finding,) = judged(one, observed(one, {"t.py::test_a": Outcome.PASSED})).findings

    assert finding.fix == "write it in test_t.py"


def test_a_declared_test_that_may_be_there_under_a_name_nobody_foresaw_is_not_said_to_be_unwritten() -> None:
    one = phase("test_something_else_entirely")
    nodes = [f"t.py::{name}" for name in ("test_a", "TestB::test_c")]

    (finding,) = judged(one, observed(one, dict.fromkeys(nodes, Outcome.PASSED))).findings

    assert finding.message.endswith("was not collected; t.py has TestB::test_c, test_a, which the guide does not name")
    assert finding.fix == "write it in t.py; or, if it is one of these, say that name in the guide"


def uncollected(one: Phase, outcomes: dict[str, Outcome], path: str, cause: str = "ImportError: no") -> PhaseRun:
    """A run in which a file could not be imported."""
    run = observed(one, outcomes, incomplete=f"{path} could not be collected")
    return replace(run, run=replace(run.run, uncollected={path: cause}, shown_by="pytest --phase 1"))


@pytest.mark.parametrize("place", ["t.py", "."])
def test_of_a_file_that_could_not_be_imported_the_cause_is_told_and_no_name_is_guessed(place: str) -> None:
    one = phase("test_a")

    verdict = judged(one, uncollected(one, {"other.py::test_b": Outcome.PASSED}, place))

    assert verdict.ruling is Ruling.FAILED
    assert verdict.reason == f"{place} could not be imported; 1 of 1 declared tests was not collected"
    file, test = verdict.findings
    assert (file.code, file.path, file.message) == ("PG420", place, "could not be imported: ImportError: no")
    assert file.fix == "see why: pytest --phase 1"
    assert test.message == f"t.py::test_a is declared and was not collected: {place} could not be imported"
    assert test.fix == ""


def test_where_django_lacks_its_settings_the_next_step_is_to_name_them() -> None:
    one = phase("test_a")

    verdict = judged(
        one, uncollected(one, {}, "t.py", "ImproperlyConfigured: Requested setting A, but settings are not configured.")
    )

    assert verdict.findings[0].fix.startswith('DJANGO_SETTINGS_MODULE = "NAME.settings"')


def test_a_declared_test_that_was_skipped_in_part_is_told_with_its_share_and_the_next_step() -> None:
    one = phase("test_a")

    (finding,) = judged(
        one, observed(one, {"t.py::test_a[1]": Outcome.PASSED, "t.py::test_a[2]": Outcome.SKIPPED})
    ).findings

    assert finding.message == "t.py::test_a is declared and was skipped in 1 of 2 cases"
    assert (
        finding.fix
        == "let it run and pass here; pytest -rsx t.py::test_a tells which mark or condition keeps it from that"
    )


def test_the_first_test_that_fails_is_told_with_the_command_that_shows_why() -> None:
    one = phase("test_a", "test_b")

    verdict = judged(one, observed(one, {"t.py::test_a": Outcome.FAILED, "t.py::test_b": Outcome.FAILED}))

    assert [finding.fix for finding in verdict.findings] == ["see why: pytest t.py::test_a", ""]


def test_a_file_of_the_phase_that_could_not_be_imported_fails_it_though_all_declared_tests_pass() -> None:
    one = phase("test_a")._replace(files=(DeclaredFile("more.py", Action.CREATE, 2),))

    verdict = judged(one, uncollected(one, {"t.py::test_a": Outcome.PASSED}, "more.py"))

    assert (verdict.ruling, verdict.reason) == (Ruling.FAILED, "more.py could not be imported")


def test_a_file_of_others_that_could_not_be_imported_leaves_the_run_incomplete() -> None:
    one = phase("test_a")

    verdict = judged(one, uncollected(one, {"t.py::test_a": Outcome.PASSED}, "other.py"))

    assert (verdict.ruling, verdict.reason) == (Ruling.INCONCLUSIVE, "other.py could not be collected")


@pytest.mark.parametrize(
    ("code", "lacks", "named"),
    [
        ("src/app/web.py", "No module named 'app'", 'pythonpath = ["src"]'),
        ("packages/web/app/web.py", "No module named 'app.web'", 'pythonpath = ["packages/web"]'),
        ("app/web.py", "No module named 'app'", 'pythonpath = ["."]'),
        ("web.py", "No module named 'web'", 'pythonpath = ["."]'),
        ("src/app/web.py", "No module named 'apples'", ""),
        ("src/app/sub/web.py", "No module named 'src'", 'pythonpath = ["."]'),
    ],
)
def test_where_the_phase_s_own_package_is_not_found_the_next_step_is_to_let_pytest_find_it(
    code: str, lacks: str, named: str
) -> None:
    one = phase("test_a")._replace(files=(DeclaredFile(code, Action.CREATE, 2),))

    fix = judged(one, uncollected(one, {}, "t.py", f"ModuleNotFoundError: {lacks}")).findings[0].fix

    assert ("pythonpath" in fix) is bool(named)
    assert named in fix


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERROR])
@pytest.mark.parametrize("name", ["test_a", "test_unforeseen"])
def test_whatever_of_the_phase_fails_fails_it(outcome: Outcome, name: str) -> None:
    one = phase("test_a")

    verdict = judged(one, observed(one, {"t.py::test_a": Outcome.PASSED, f"t.py::{name}": outcome}))

    assert verdict.ruling is Ruling.FAILED
    assert "PG412" in {finding.code for finding in verdict.findings}


def test_one_failed_case_fails_its_function() -> None:
    one = phase("test_a")

    verdict = judged(one, observed(one, {"t.py::test_a[1]": Outcome.PASSED, "t.py::test_a[2]": Outcome.FAILED}))

    assert verdict.reason == "1 of 1 tests failed"
    assert told(verdict) == [("PG412", "error", "t.py::test_a failed in 1 of 2 cases")]


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.XFAILED])
def test_a_declared_test_that_proved_nothing_fails_the_phase(outcome: Outcome) -> None:
    one = phase("test_a")

    assert judged(one, observed(one, {"t.py::test_a": outcome})).ruling is Ruling.FAILED


def test_a_declared_test_with_a_skipped_case_is_not_proved() -> None:
    one = phase("test_a")

    verdict = judged(one, observed(one, {"t.py::test_a[1]": Outcome.PASSED, "t.py::test_a[2]": Outcome.SKIPPED}))

    assert (verdict.ruling, verdict.reason) == (Ruling.FAILED, "1 declared test did not prove anything")


def test_a_known_limitation_among_cases_that_pass_is_no_failure() -> None:
    one = phase("test_a")

    verdict = judged(one, observed(one, {"t.py::test_a[1]": Outcome.PASSED, "t.py::test_a[2]": Outcome.XFAILED}))

    assert verdict.ruling is Ruling.PASSED


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.XFAILED])
def test_an_undeclared_test_that_proved_nothing_is_noted(outcome: Outcome) -> None:
    one = phase("test_a")

    verdict = judged(one, observed(one, {"t.py::test_a": Outcome.PASSED, "t.py::test_b": outcome}))

    assert verdict.ruling is Ruling.PASSED
    assert [(code, severity) for code, severity, _ in told(verdict)] == [("PG413", "note")]


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.XFAILED])
def test_a_phase_that_declares_no_test_and_of_which_none_passed_is_no_pass(outcome: Outcome) -> None:
    one = phase()

    verdict = judged(one, observed(one, {"t.py::test_b": outcome}))

    assert (verdict.ruling, verdict.reason) == (Ruling.INCONCLUSIVE, "none of its tests ran and passed")


def test_an_expected_failure_that_passes_is_a_pass_with_a_warning() -> None:
    one = phase("test_a")

    verdict = judged(one, observed(one, {"t.py::test_a": Outcome.XPASSED}))

    assert verdict.ruling is Ruling.PASSED
    assert [(code, severity) for code, severity, _ in told(verdict)] == [("PG416", "warning")]


@pytest.mark.parametrize("case", ["<app.Cache object at 0x7f2b3c4d5e60>", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"])
def test_ids_that_change_from_run_to_run_are_named(case: str) -> None:
    one = phase("test_a")

    verdict = judged(one, observed(one, {f"t.py::test_a[{case}]": Outcome.PASSED, "t.py::test_a[1]": Outcome.PASSED}))

    assert verdict.ruling is Ruling.PASSED
    assert [(code, severity) for code, severity, _ in told(verdict)] == [("PG419", "note")]
    assert verdict.findings[0].message == f"the id of a case of t.py::test_a changes from run to run: [{case}]"


def test_green_only_after_a_rerun_is_inconclusive() -> None:
    one = phase("test_a")

    verdict = judged(one, observed(one, {"t.py::test_a": Outcome.PASSED}, flaky="t.py::test_a"))

    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert [code for code, _, _ in told(verdict)] == ["PG414"]


def test_an_incomplete_run_is_inconclusive_and_a_failure_in_it_still_a_failure() -> None:
    one = phase("test_a")
    silent = {"t.py::test_a": Outcome.PASSED, "t.py::test_b": Outcome.MISSING}

    verdict = judged(one, observed(one, silent, incomplete="1 collected test was never reported"))
    failed = judged(one, observed(one, {**silent, "t.py::test_c": Outcome.FAILED}, incomplete="x"))

    assert (verdict.ruling, verdict.reason) == (Ruling.INCONCLUSIVE, "1 collected test was never reported")
    assert failed.ruling is Ruling.FAILED


def test_a_run_nobody_observed_is_inconclusive() -> None:
    assert judged(phase("test_a"), None).ruling is Ruling.INCONCLUSIVE
    assert judged(phase("test_a"), None, "no worker came back").reason == "no worker came back"


def test_a_phase_of_no_tests_is_not_evaluated() -> None:
    one = Phase("1", "Docs", 1, 2)

    assert judged(one, observed(one, {})).ruling is Ruling.NOT_EVALUATED


def test_a_namesake_elsewhere_is_the_nearest_name_of_a_missing_test() -> None:
    one = Phase("1", "Core", 1, 2, tests=(DeclaredTest("test_a", 7, None, "tests/t.py"),))

    verdict = judged(one, observed(one, {"other.py::test_a": Outcome.PASSED}))

    assert (verdict.ruling, verdict.reason) == (Ruling.FAILED, "1 of 1 declared tests was not collected")
    (finding,) = verdict.findings
    assert (
        finding.message == "tests/t.py::test_a is declared and was not collected; the nearest name is other.py::test_a"
    )
    assert finding.fix == "write it in tests/t.py, or correct its place in the guide"


def test_a_name_that_several_tests_bear_fails_until_the_guide_says_which() -> None:
    one = Phase("1", "Core", 1, 2, tests=(DeclaredTest("test_a", 7),))

    verdict = judged(one, observed(one, {"a.py::test_a": Outcome.PASSED, "b.py::test_a": Outcome.PASSED}))

    assert (verdict.ruling, verdict.reason) == (Ruling.FAILED, "1 declared test could be any of several")
    assert told(verdict) == [("PG417", "error", "test_a could be any of a.py::test_a, b.py::test_a")]
    assert verdict.findings[0].fix == "say which in the guide: a.py::test_a"


def test_a_declared_test_with_a_new_name_passes_with_a_warning() -> None:
    wanted = DeclaredTest("test_a", 7, None, "t.py")
    one = Phase("1", "Core", 1, 2, tests=(wanted,))
    there = Collected(TestId("t.py::test_b"), "t.py")
    cases = (CaseRun(NodeId("t.py::test_b"), there.test, Outcome.PASSED),)
    guide = Guide(PATH, "cache", "", "canonical", "", (one,))
    test_map = map_tests([guide], [there], {}, {}, {(REF, wanted): there.test})

    verdict = judged(one, PhaseRun(TestRun(cases, collected=frozenset({there.test})), test_map))

    assert verdict.ruling is Ruling.PASSED
    assert told(verdict) == [("PG415", "warning", "t.py::test_a is called t.py::test_b now")]


def test_a_declared_test_that_somebody_deselected_is_missing() -> None:
    one = phase("test_a", "test_b")
    run = observed(one, {"t.py::test_a": Outcome.PASSED, "t.py::test_b": Outcome.PASSED})
    without = PhaseRun(TestRun(run.run.cases[:1], collected=run.run.collected), run.test_map)

    verdict = judged(one, without)

    assert verdict.ruling is Ruling.FAILED
    assert told(verdict)[0][2] == "t.py::test_b is declared and did not run: t.py::test_b was deselected"


def test_functions_are_counted_and_not_cases() -> None:
    one = phase("test_a", "test_gone")
    run = observed(
        one,
        {
            "t.py::test_a[1]": Outcome.PASSED,
            "t.py::test_a[2]": Outcome.PASSED,
            "t.py::test_b": Outcome.FAILED,
            "t.py::test_c": Outcome.SKIPPED,
        },
    )

    assert run.counts(REF) == TestCounts(2, 3, 1, 1, 1, ("t.py::test_gone",))


@pytest.mark.parametrize(
    ("commits", "outcomes", "ruling", "reason"),
    [
        (("c",), {"t.py::test_a": Outcome.PASSED}, Ruling.PASSED, "1 test passed"),
        (("c",), {"t.py::test_a": Outcome.PASSED, "t.py::test_b": Outcome.SKIPPED}, Ruling.PASSED, "1 test passed"),
        (("c",), {"t.py::test_a": Outcome.FAILED}, Ruling.FAILED, "1 of 1 tests failed"),
        (
            ("c",),
            {"t.py::test_a": Outcome.SKIPPED},
            Ruling.INCONCLUSIVE,
            "no test that 1 commit brought ran and passed",
        ),
        (("c", "d"), {}, Ruling.INCONCLUSIVE, "no test that 2 commits brought ran and passed"),
        ((), {}, Ruling.NOT_EVALUATED, "not started: no commit names it, and no work is its own"),
    ],
)
def test_a_phase_that_declares_nothing_has_the_tests_that_its_commits_brought(
    commits: tuple[str, ...], outcomes: dict[str, Outcome], ruling: Ruling, reason: str
) -> None:
    tests = tuple(DeclaredTest(node[6:], 1, None, "t.py", source=Source.DERIVED) for node in outcomes)
    one = Phase("1", "Core", 1, 20, tests=tests, derivation=Derivation(commits, files=True, tests=True))

    verdict = judged(one, observed(one, outcomes))

    assert (verdict.ruling, verdict.reason) == (ruling, reason)
