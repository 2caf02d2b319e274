"""Which percentages of a line are figures of coverage: those of other words ask for nothing."""

from __future__ import annotations

from time import process_time

import pytest

from dialects import reading
from pytest_phasegate.core.coverage.measurement import minima
from pytest_phasegate.core.guide.model import CoverageGoal, Phase
from pytest_phasegate.core.project.settings import CoverageSettings, Settings
from pytest_phasegate.dialects.criteria import goal_of

STAGES = {"development": 60.0, "staging": 70.0, "production": 80.0}


@pytest.mark.parametrize(
    ("text", "minimum"),
    [
        ("Coverage: 100%", 100),
        ("Test coverage ≥ 85 %", 85),
        ("Line coverage ≥85\u202f%, branches ≥70\u00a0%", 85),
        ("Tests with 80%+ coverage", 80),
        ("≥ 95 % coverage of helpers", 95),
        ("100% test coverage", 100),
        ("Coverage: 95% maintained", 95),
        ("Coverage (95% enforced by CI)", 95),
        ("Coverage of at least 80%", 80),
        ("Coverage must be 90 % or higher", 90),
        ("Coverage for `src/app/cache.py` is 98.5%", 98.5),
        ("Code is 95% covered", 95),
        ("At least 90% of the lines are covered", 90),
        ("All code paths covered: 100%", 100),
        ("Coverage ≥ 80%, pass rate 100%", 80),
        ("Coverage: 80% (100% for the core)", 100),
        ("测试覆盖率 ≥ 90%", 90),
        ("カバレッジ: 85%", 85),
        ("Testabdeckung 75 %", 75),
        ("Fail if coverage drops below 75%", 75),
        ("Test Coverage: 82.93% ✅ (Target: ≥80%)", 80),
        ("Coverage ≥ 60% (currently 75%)", 60),
        ("Docstring coverage 95%, test coverage 80%", 80),
        ("Feature module coverage: 85%", 85),
        ("Coverage: 90% of new lines", 90),
        ("Test coverage: 95% of the parser", 95),
        ("At least 80% when measured with coverage", 80),
        ("Coverage ~50% (current: 32%, from 14%)", 50),
    ],
)
def test_a_figure_of_coverage_is_the_minimum(text: str, minimum: float) -> None:
    assert goal_of([text]).minimum == minimum


@pytest.mark.parametrize(
    "text",
    [
        "Edge cases covered (0%, 100% win rates)",
        "Edge cases covered: 0%, 50%, 100%",
        "Test coverage (0.3% gap)",
        "Coverage gap below 0.3%",
        "A coverage drop of 2% is fine",
        "Coverage difference (0.5% tolerated)",
        "100% of the acceptance criteria covered by tests",
        "Coverage report reviewed, cache answers 90% of requests",
        "95% of tests pass, coverage reported",
        "Coverage unchanged (2% slower is fine)",
        "Coverage raised from 60%",
        "Upload coverage, fail if it regresses >5 % from baseline",
        "Coverage does not drop more than 5%",
        "Address 3 modules with 0% coverage",
        "Impact: +20-25% coverage",
        "Coverage gain: +5%",
        "Docstring coverage ≥ 90%",
        "Type coverage: 100%",
        "100% type hint coverage",
        "Requirements coverage 100%",
        "Mutation coverage of 70%",
        "100% JSDoc coverage",
        "Expand scenario coverage to ≥80% of workflows",
        "Coverage: 95% of operations instrumented",
        "CPU stays under 80% while coverage runs",
        "Error rate under 2% and coverage of edge cases documented",
        "Memory below 70% when coverage is measured",
        "Coverage of the 10% sample is uploaded",
        "Test coverage for the 50% discount",
    ],
)
def test_a_figure_that_belongs_to_other_words_is_none(text: str) -> None:
    assert goal_of([text]) == CoverageGoal()


def _minimum(goal: CoverageGoal, stage: str | None, stages: dict[str, float] = STAGES) -> float | None:
    settings = Settings(stage=stage, stages=stages if stage else {}, coverage=CoverageSettings(minimum=50))
    asked = minima(Phase("1", "One", 1, 2, coverage=goal), settings).line
    return asked.percent if asked else None


@pytest.mark.parametrize(
    "text",
    [
        "Test coverage ≥ threshold (60%/70%/80%)",
        "Coverage ≥ 60 %/70 %/80 %",
        "Coverage ≥ 60/70/80 %",
        "Coverage: development 60%, staging 70%, production 80%",
    ],
)
@pytest.mark.parametrize(("stage", "minimum"), [("development", 60), ("staging", 70), ("production", 80), (None, 80)])
def test_of_several_figures_the_one_of_the_configured_stage_counts_else_the_highest(
    text: str, stage: str | None, minimum: float
) -> None:
    assert _minimum(goal_of([text]), stage) == minimum


def test_a_stage_that_is_configured_otherwise_has_the_figure_at_its_place() -> None:
    assert _minimum(goal_of(["Coverage ≥ 60 %/70 %/80 %"]), "staging", {**STAGES, "staging": 75.0}) == 70


def test_lines_that_name_a_stage_each_are_read_as_one() -> None:
    goal = goal_of(["coverage Development: ≥60%", "coverage Staging: ≥70%", "coverage Production: ≥80%"])

    assert [_minimum(goal, stage) for stage in (*STAGES, None)] == [60, 70, 80, 80]


def test_one_figure_is_the_guide_s_whatever_the_stage() -> None:
    assert _minimum(goal_of(["Coverage: 65%"]), "production") == 65


@pytest.mark.parametrize(
    ("line", "minimum"),
    [
        ("Coverage at least 95 %.", 95),
        ("Coverage must be at least 95% for this phase.", 95),
        ("Test coverage ≥ 95 %", 95),
        ("Coverage must be 95 %.", 95),
        ("The coverage of the new lines should reach 95 %.", 95),
        ("It is a small module. Coverage must be 95 %.", 95),
        ("Its coverage should be at least 95 %, as everywhere.", 95),
        ("We need 95 % coverage here.", 95),
        ("It is done when the tests pass; 95% line coverage is required.", 95),
        ("The module requires 95% test coverage.", 95),
        ("We do not need 95 % coverage here.", None),
        ("The old module never needed 95 % coverage.", None),
        ("Coverage of 95 % was reached.", None),
        ("Coverage should improve from 95 %.", None),
        ("Coverage was at least 95 % before.", None),
        ("Coverage is 95 %.", None),
        ("We measured: coverage at least 95 % everywhere.", None),
    ],
)
def test_a_sentence_that_says_how_much_coverage_must_be_asks_for_it(line: str, minimum: float | None) -> None:
    assert reading.phase(f"Add `src/a.py`.\n\n{line}\n").coverage.minimum == minimum


PHASES = """
# Guide

### Phase 1: One
**Success criteria**:
- [ ] All tests pass

### Phase 2: Two
**Success criteria**:
- [ ] All tests pass

## Quality Gates
"""


@pytest.mark.parametrize(
    "section",
    [
        "## Success Criteria\n### Phase 2: Two ✅\n- [ ] Coverage: 95%\n",
        "### Phase 2 Completion Criteria\n- [ ] Coverage: 95%\n",
        "**Phase 2 completion criteria**:\n- Coverage: 95%\n",
        "**After Phase 2**:\n- Coverage: 95%\n",
        "### At the end of phase 2\n- [ ] Coverage: 95%\n",
        "### Gate for Phase 2\n- [ ] Coverage: 95%\n",
        "### Success criteria\n| Phase | Asks |\n|--|--|\n| Phase 1 | runs |\n| **Phase 2: Two** | coverage ≥ 95% |\n",
        "### Success criteria\n- **Phase 1**: it runs\n- **Phase 2**: coverage ≥ 95%\n",
        "### Success criteria\n- [ ] Phase 2: coverage ≥ 95%\n- [ ] Other tasks: done\n",
        "### Success criteria\n| Phase | Asks |\n|--|--|\n| 1 | it runs |\n| 2 | coverage ≥ 95% |\n",
    ],
)
def test_the_criteria_of_one_phase_below_the_phases_are_that_phase_s(section: str) -> None:
    guide = reading.guide(PHASES + section)

    assert [phase.coverage.minimum for phase in guide.phases] == [None, 95.0]


def test_headings_below_that_of_one_phase_are_that_phase_s_and_those_beside_it_are_not() -> None:
    below = "### Phase 2 Completion Criteria\n\n#### Figures\n- [ ] Coverage: 95%\n\n### Overall\n- Coverage: 80%\n"
    guide = reading.guide(PHASES + below)

    assert [phase.coverage.minimum for phase in guide.phases] == [80.0, 95.0]


def test_the_criteria_of_the_document_are_those_of_every_phase() -> None:
    guide = reading.guide(PHASES + "- Coverage: 90%\n\n### Phase 2 Completion Criteria\n- [ ] Coverage: 95%\n")

    assert [phase.coverage.minimum for phase in guide.phases] == [90.0, 95.0]


@pytest.mark.parametrize(
    "head", ["## User stories\n### Story 1: One", "## Story 2: Two", "## Rollout\n### Phase 1: Canary"]
)
def test_the_criteria_of_what_is_no_phase_are_its_own(head: str) -> None:
    guide = reading.guide(f"{head}\n**Acceptance criteria**:\n- [ ] Coverage: 80%\n{PHASES}- Tests pass\n")

    assert [phase.coverage.minimum for phase in guide.phases] == [None, None]


@pytest.mark.parametrize(
    "text", ["coverage " + "9" * 20_000 + "%", "coverage " + "9%/" * 7_000, "coverage 9% " * 2_000]
)
def test_figures_are_found_in_linear_time(text: str) -> None:
    begun = process_time()
    goal_of([text])

    assert process_time() - begun < 2


def test_the_criteria_of_one_phase_below_the_phases_are_judged_with_it() -> None:
    guide = reading.guide(PHASES + "### Phase 2 Completion Criteria\n- [x] Docs read well\n- [ ] Coverage: 95%\n")

    assert [criterion.text for criterion in guide.phases[0].criteria] == ["All tests pass"]
    assert [(one.text, one.checked, one.kind) for one in guide.phases[1].criteria] == [
        ("All tests pass", False, "tests"),
        ("Docs read well", True, "other"),
        ("Coverage: 95%", False, "coverage"),
    ]


@pytest.mark.parametrize("label", ["**Validation Criteria:**", "#### Verification criteria", "**Success criteria**:"])
def test_criteria_go_by_several_names(label: str) -> None:
    assert [one.text for one in reading.phase(f"{label}\n- [ ] Docs read well\n").criteria] == ["Docs read well"]
