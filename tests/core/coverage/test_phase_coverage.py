from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_phasegate.core.coverage.measurement import Figure, Minimum, Override, minima
from pytest_phasegate.core.coverage.phase_coverage import CoverageFacts, OwnedFile, Reached, Source, coverage_share
from pytest_phasegate.core.guide.model import CoverageGoal, Guide, Phase
from pytest_phasegate.core.project.settings import CoverageSettings, Credit, Settings
from pytest_phasegate.core.verdict.gate import Evidence, Need
from pytest_phasegate.core.verdict.report import FileShare

SHARED = "src/shared.py"


def facts(*selected: str) -> CoverageFacts:
    """Two phases declare the file, a third only runs through it."""
    return CoverageFacts(
        selected=selected,
        owned={"1": (OwnedFile(SHARED, None),), "2": (OwnedFile(SHARED, frozenset({3, 4})),)},
        sources={SHARED: Source(SHARED, frozenset({1, 2, 3, 4}))},
        reached={
            phase: {SHARED: Reached(frozenset(lines))}
            for phase, lines in {"1": {1, 2}, "2": {3}, "3": {4}}.items()
            if phase in selected
        },
        everything={SHARED: Reached(frozenset({1, 2, 3, 4}))},
    )


def test_alone_a_phase_gets_the_credit_of_its_own_tests() -> None:
    assert facts("1").of_phase("1", Credit.PHASE).files[0].missing == (3, 4)


def test_among_several_the_tests_of_each_phase_that_declares_the_file_count() -> None:
    assert facts("1", "2", "3").of_phase("1", Credit.PHASE).files[0].missing == (4,)


def test_under_credit_all_every_test_counts() -> None:
    assert facts("1", "2", "3").of_phase("1", Credit.ALL).files[0].missing == ()


def test_the_figure_by_all_tests_stands_beside_the_phases_own() -> None:
    found = facts("1", "2", "3").of_phase("2", Credit.PHASE)

    assert found.figures.line == Figure(1, 2)
    assert found.all_tests.line == Figure(2, 2)


def test_a_phase_without_files_has_empty_figures() -> None:
    assert facts("1").of_phase("9", Credit.PHASE).figures.line == Figure(0, 0)


GUIDE, STAGE, CONFIGURED = CoverageGoal(minimum=90.0), 70.0, 60.0


@pytest.mark.parametrize(
    ("overrides", "goal", "stage", "configured", "expected"),
    [
        ((Override("1", 10.0),), GUIDE, STAGE, CONFIGURED, Minimum(10.0, "--phasegate-fail-under")),
        ((Override("2", 10.0),), GUIDE, STAGE, CONFIGURED, Minimum(90.0, "guide")),
        ((), CoverageGoal(), STAGE, CONFIGURED, Minimum(70.0, "stage staging")),
        ((), CoverageGoal(), None, CONFIGURED, Minimum(60.0, "configuration")),
        ((), CoverageGoal(), None, None, None),
    ],
)
def test_the_nearest_word_on_the_minimum_holds(
    overrides: tuple[Override, ...],
    goal: CoverageGoal,
    stage: float | None,
    configured: float | None,
    expected: Minimum | None,
) -> None:
    phase = Phase("1", "One", 1, 9, coverage=goal)
    stages = {} if stage is None else {"staging": stage}
    settings = Settings(
        stage="staging" if stages else None, stages=stages, coverage=CoverageSettings(minimum=configured)
    )

    assert minima(phase, settings, overrides).line == expected


def test_branch_and_function_have_minima_of_their_own() -> None:
    settings = Settings(coverage=CoverageSettings(branch=50.0, function=40.0))

    asked = minima(Phase("1", "One", 1, 9, coverage=CoverageGoal(branch=85.0)), settings)

    assert asked.line is None
    assert asked.branch == Minimum(85.0, "guide")
    assert asked.function == Minimum(40.0, "configuration")
    assert asked.asked


def evidence(given: CoverageFacts | None) -> Evidence:
    guide = Guide("g.md", "g", "G", "canonical", "sha256:0", ())
    return Evidence(Settings(coverage=CoverageSettings(minimum=50.0)), guide, {Need.COVERAGE: given} if given else {})


def test_a_report_tells_both_figures_and_who_asks() -> None:
    share = coverage_share(Phase("2", "Two", 1, 9), evidence(facts("1", "2", "3")))

    assert share is not None
    assert (share.minimum, share.minimum_from) == (50.0, "configuration")
    assert (share.line, share.all_line) == (Figure(1, 2), Figure(2, 2))
    assert (share.branch, share.all_branch) == (None, None)
    assert share.files == (FileShare(SHARED, 50.0, (4,)),)


@pytest.mark.parametrize(
    "given",
    [
        None,
        replace(facts("1"), owned={}),
        replace(facts("1", "2"), unreliable={"2": "lost"}),
        replace(facts("1", "2"), unmeasured={SHARED: "left out"}),
    ],
)
def test_a_report_tells_no_figure_that_cannot_be_trusted(given: CoverageFacts | None) -> None:
    assert coverage_share(Phase("2", "Two", 1, 9), evidence(given)) is None
