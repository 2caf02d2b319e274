from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_phasegate.core.coverage.measurement import Override
from pytest_phasegate.core.coverage.phase_coverage import CoverageFacts, Function, OwnedFile, Reached, Source
from pytest_phasegate.core.evidence.outcomes import CaseRun, NodeId, Outcome, TestId, TestRun, function_of
from pytest_phasegate.core.guide.model import Action, CoverageGoal, DeclaredFile, DeclaredTest, Guide, Phase
from pytest_phasegate.core.mapping.assignment import map_tests
from pytest_phasegate.core.mapping.mapping import Collected, TestMap
from pytest_phasegate.core.mapping.phase_run import PhaseRun
from pytest_phasegate.core.project.settings import CoverageSettings, Credit, Settings
from pytest_phasegate.core.verdict.gate import Evidence, Need
from pytest_phasegate.core.verdict.verdict import Ruling, Severity, Verdict
from pytest_phasegate.gates.coverage import CoverageGate

PATH = "src/a.py"
PHASE = Phase("2", "Two", 1, 9, coverage=CoverageGoal(minimum=100.0))
GUIDE = Guide("g.md", "g", "G", "canonical", "sha256:0", (PHASE,))
FACTS = CoverageFacts(
    selected=("2",),
    owned={"2": (OwnedFile(PATH, frozenset({2, 3, 4, 6})),)},
    sources={
        PATH: Source(
            PATH, frozenset({1, 2, 3, 4, 6}), frozenset({(2, 3), (2, 6)}), (Function("f", 2, frozenset({3, 4})),)
        )
    },
    reached={"2": {PATH: Reached(frozenset({1, 2, 3, 4, 6}), frozenset({(2, 3), (2, 6)}))}},
    everything={PATH: Reached(frozenset({1, 2, 3, 4, 6}))},
    branches=True,
)


def reached(*lines: int, branches: frozenset[tuple[int, int]] = frozenset()) -> CoverageFacts:
    return replace(FACTS, reached={"2": {PATH: Reached(frozenset(lines), branches)}})


def check(facts: CoverageFacts | None, phase: Phase = PHASE, settings: Settings | None = None) -> Verdict:
    given = {} if facts is None else {Need.COVERAGE: facts}
    return CoverageGate().check(phase, Evidence(settings or Settings(), GUIDE, given, {}))


def test_a_phase_whose_lines_all_ran_passes_with_its_figure() -> None:
    verdict = check(FACTS)

    assert verdict.ruling is Ruling.PASSED
    assert verdict.reason == "100.00 % of 4 lines"
    assert verdict.findings == ()


def test_a_missing_line_fails_and_is_named_with_its_place_and_the_next_step() -> None:
    verdict = check(reached(1, 2, 3, 4))

    assert verdict.ruling is Ruling.FAILED
    assert verdict.reason == "line coverage is 75.00 % of 4, 100 % asked by guide"
    (finding,) = verdict.findings
    assert (finding.code, finding.severity, finding.path, finding.line) == ("PG301", Severity.ERROR, PATH, 6)
    assert finding.fix


def test_a_run_of_missing_lines_is_one_finding() -> None:
    (finding,) = check(reached(1)).findings

    assert finding.message == "lines 2-6 are not reached by the phase's tests"


def test_missing_lines_below_a_kept_minimum_are_notes() -> None:
    verdict = check(reached(1, 2, 3, 4), PHASE._replace(coverage=CoverageGoal(minimum=75.0)))

    assert verdict.ruling is Ruling.PASSED
    assert [finding.severity for finding in verdict.findings] == [Severity.NOTE]


def test_branches_and_functions_are_judged_each_on_its_own() -> None:
    phase = PHASE._replace(coverage=CoverageGoal(minimum=25.0, branch=100.0, function=100.0))

    verdict = check(reached(2, 6, branches=frozenset({(2, 6)})), phase)

    assert verdict.ruling is Ruling.FAILED
    assert verdict.reason == (
        "branch coverage is 50.00 % of 2, 100 % asked by guide; function coverage is 0.00 % of 1, 100 % asked by guide"
    )
    assert {(f.code, f.severity, f.line) for f in verdict.findings} == {
        ("PG301", Severity.NOTE, 3),
        ("PG302", Severity.ERROR, 2),
        ("PG303", Severity.ERROR, 2),
    }


@pytest.mark.parametrize(
    ("exits", "taken", "never"),
    [
        ({(2, 3), (2, -1)}, {(2, 3)}, "false"),  # a condition that ends its function
        ({(2, 3), (2, -1)}, {(2, -1)}, "true"),
        ({(2, 3), (2, 6)}, {(2, 3)}, "false"),  # the line after it, or its else
        ({(2, 3), (2, 6)}, {(2, 6)}, "true"),
        ({(2, 3), (2, 1)}, {(2, 3)}, "false"),  # the last one in a loop
    ],
)
def test_a_branch_not_taken_is_a_condition_that_is_never_true_or_never_false(
    exits: set[tuple[int, int]], taken: set[tuple[int, int]], never: str
) -> None:
    facts = reached(2, branches=frozenset(taken))
    facts = replace(facts, sources={PATH: facts.sources[PATH]._replace(branches=frozenset(exits))})

    verdict = check(facts, PHASE._replace(coverage=CoverageGoal(branch=1.0)))

    (message,) = [finding.message for finding in verdict.findings if finding.code == "PG302"]
    assert message == f"the condition in line 2 is never {never}"


@pytest.mark.parametrize("goal", [CoverageGoal(), CoverageGoal(minimum=None)])
def test_where_nobody_asks_nothing_is_judged(goal: CoverageGoal) -> None:
    assert check(None, PHASE._replace(coverage=goal)).ruling is Ruling.NOT_EVALUATED


def test_no_coverage_at_all_is_inconclusive_with_the_reason() -> None:
    evidence = Evidence(Settings(), GUIDE, {}, {Need.COVERAGE: "the data file is cut short"})

    verdict = CoverageGate().check(PHASE, evidence)

    assert (verdict.ruling, verdict.reason) == (Ruling.INCONCLUSIVE, "the data file is cut short")
    assert check(None).ruling is Ruling.INCONCLUSIVE


def test_a_phase_without_production_files_is_not_evaluated_even_if_nothing_was_measured() -> None:
    facts = replace(FACTS, owned={}, unreliable={"2": "not measured"})

    assert check(facts).ruling is Ruling.NOT_EVALUATED


def test_a_phase_none_of_whose_files_is_there_is_inconclusive() -> None:
    verdict = check(replace(FACTS, owned={}, absent={"2": (PATH,)}))

    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert [(f.code, f.path) for f in verdict.findings] == [("PG306", PATH)]


def test_one_file_that_is_not_there_beside_others_is_a_warning() -> None:
    verdict = check(replace(FACTS, absent={"2": ("src/gone.py",)}))

    assert verdict.ruling is Ruling.PASSED
    assert [(f.code, f.severity) for f in verdict.findings] == [("PG306", Severity.WARNING)]


def test_figures_that_cannot_be_trusted_are_inconclusive_even_at_100_percent() -> None:
    verdict = check(replace(FACTS, unreliable={"2": "a test removed the trace function"}))

    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert [f.code for f in verdict.findings] == ["PG305"]


def test_a_file_that_was_not_measured_is_inconclusive_not_zero() -> None:
    verdict = check(replace(FACTS, sources={}, unmeasured={PATH: "left out"}))

    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert [(f.code, f.path) for f in verdict.findings] == [("PG304", PATH)]


def test_a_file_that_was_measured_and_never_ran_is_zero() -> None:
    assert "0.00 %" in check(reached()).reason


EARLY = replace(reached(3, 4), unknown={PATH: frozenset({1, 2, 6})})


@pytest.mark.parametrize(
    ("minimum", "facts", "ruling"),
    [
        (100.0, EARLY, Ruling.INCONCLUSIVE),
        (50.0, EARLY, Ruling.PASSED),
        (100.0, replace(EARLY, reached={"2": {PATH: Reached(frozenset({3}))}}), Ruling.FAILED),
        (100.0, replace(FACTS, unknown={PATH: frozenset({1, 2, 6})}), Ruling.PASSED),
        (100.0, replace(reached(2, 3, 4), unknown={PATH: frozenset({1})}), Ruling.FAILED),
    ],
)
def test_lines_that_ran_before_measuring_began_are_neither_reached_nor_missed(
    minimum: float, facts: CoverageFacts, ruling: Ruling
) -> None:
    verdict = check(facts, PHASE._replace(coverage=CoverageGoal(minimum=minimum)))

    assert verdict.ruling is ruling, verdict.reason


def test_where_lines_may_have_run_early_the_reason_counts_them() -> None:
    verdict = check(EARLY)

    assert verdict.reason == "2 lines may have run before measuring began: not known"
    assert [(finding.code, finding.path, finding.line) for finding in verdict.findings] == [("PG304", PATH, 2)]


@pytest.mark.parametrize(
    ("facts", "path", "ruling"),
    [
        (reached(2, 3), "t.py", Ruling.INCONCLUSIVE),
        (reached(2, 3), "other.py", Ruling.FAILED),
        (FACTS, "t.py", Ruling.PASSED),
    ],
)
def test_a_figure_is_not_too_low_while_tests_of_the_phase_were_not_collected(
    facts: CoverageFacts, path: str, ruling: Ruling
) -> None:
    phase = PHASE._replace(files=(DeclaredFile("t.py", Action.CREATE, 2),))
    run = PhaseRun(TestRun((), uncollected={path: "ImportError: no"}), TestMap())
    there = {Need.COVERAGE: facts, Need.RUN: run}

    verdict = CoverageGate().check(phase, Evidence(Settings(), GUIDE, there, {}))

    assert verdict.ruling is ruling
    assert ruling is not Ruling.INCONCLUSIVE or verdict.reason == "tests were not collected: t.py"


@pytest.mark.parametrize(
    ("test", "ruling"), [("test_own", Ruling.INCONCLUSIVE), ("test_of_others", Ruling.FAILED), ("", Ruling.FAILED)]
)
def test_a_figure_says_nothing_while_tests_of_the_phase_never_came_to_their_end(test: str, ruling: Ruling) -> None:
    phase = PHASE._replace(tests=(DeclaredTest("test_own", 3, None, "t.py"),))
    guide = replace(GUIDE, phases=(phase,))
    collected = [Collected(TestId(f"t.py::{name}"), "t.py") for name in ("test_own", "test_of_others")]
    silent = NodeId(f"t.py::{test}[5f]")
    run = PhaseRun(
        TestRun((CaseRun(silent, function_of(silent), Outcome.MISSING),) if test else (), incomplete="1 was lost"),
        map_tests([guide], collected, {}, {}),
    )

    verdict = CoverageGate().check(
        phase, Evidence(Settings(), guide, {Need.COVERAGE: reached(2, 3), Need.RUN: run}, {})
    )

    assert verdict.ruling is ruling
    assert ruling is not Ruling.INCONCLUSIVE or verdict.reason == "1 was lost"


@pytest.mark.parametrize(("facts", "ruling"), [(reached(2, 3), Ruling.INCONCLUSIVE), (FACTS, Ruling.PASSED)])
def test_a_figure_is_not_too_low_while_child_processes_are_to_be_followed(facts: CoverageFacts, ruling: Ruling) -> None:
    assert check(replace(facts, beside="tests ran other processes")).ruling is ruling


def test_a_branch_minimum_without_branch_data_is_inconclusive() -> None:
    verdict = check(replace(FACTS, branches=False), PHASE._replace(coverage=CoverageGoal(branch=1.0)))

    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert "--cov-branch" in verdict.reason


def test_a_phase_that_brought_no_executable_line_is_not_evaluated() -> None:
    assert check(replace(FACTS, owned={"2": (OwnedFile(PATH, frozenset({5})),)})).ruling is Ruling.NOT_EVALUATED


def test_a_whole_file_counted_is_said() -> None:
    verdict = check(replace(FACTS, owned={"2": (OwnedFile(PATH, None, "there is no git repository"),)}))

    assert [(f.code, f.message) for f in verdict.findings] == [
        ("PG307", "every line counts: there is no git repository")
    ]


@pytest.mark.parametrize(
    ("reason", "ruling"),
    [("git cannot tell: this clone is shallow", Ruling.INCONCLUSIVE), ("there is no commit yet", Ruling.FAILED)],
)
def test_whole_files_fall_short_of_nothing_where_git_lacks_what_tells_whose_lines_they_are(
    reason: str, ruling: Ruling
) -> None:
    facts = replace(reached(2), owned={"2": (OwnedFile(PATH, None, reason),)})

    verdict = check(facts)

    assert verdict.ruling is ruling
    assert reason in f"{verdict.reason} {verdict.findings[-1].message}"
    assert check(replace(FACTS, owned=facts.owned)).ruling is Ruling.PASSED


def test_the_option_beats_the_guide() -> None:
    assert check(replace(reached(2), overrides=(Override("2", 25.0),))).ruling is Ruling.PASSED


def test_under_credit_all_the_tests_of_others_count() -> None:
    settings = Settings(coverage=CoverageSettings(credit=Credit.ALL))

    assert check(reached(), settings=settings).ruling is Ruling.PASSED
