from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_phasegate.app.guide.reader import read_guide, with_overlooked
from pytest_phasegate.core.guide.feature_documents import other_document
from pytest_phasegate.core.guide.lint import is_production, linted
from pytest_phasegate.core.project.settings import CommitSettings, LintSettings, Settings
from pytest_phasegate.dialects import BUILT_IN


def codes(text: str, settings: Settings | None = None, path: str = "g.md") -> list[str]:
    data = dedent(text).lstrip("\n").encode()
    guide = linted(read_guide(data, path, BUILT_IN), settings or Settings(), data.count(b"\n"))
    return [each.code for each in guide.diagnostics]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("**Files to create**: `src/a.py`", ["PG115"]),
        ("**Files to create**: `src/a.py`\n**Tests**: `test_a`", []),
        ("**Files to create**: `src/a.py`, `tests/test_a.py`", []),
        ("**Files to create**: `docs/conf.py`", []),
        ("**Files to create**: `src/a/__init__.py`", []),
        ("**Files to create**: `src/a.py`\n**Success criteria**:\n- [ ] `pytest tests/test_a.py` passes", []),
        ("**Files to modify**: `src/a.py`\n**Commit**: `docs: a`", []),
        ("**Files to modify**: `src/a.py`\n**Kind**: refactor", []),
        ("**Commit**: Add a", ["PG118"]),
        ("**Commit**: `feat(a): add`", []),
        ("**Success criteria**:\n- [ ] High coverage", ["PG126", "PG119"]),
        ("**Success criteria**:\n- [ ] Coverage: 120%", ["PG126", "PG119"]),
        ("**Success criteria**:\n- [ ] Coverage: 80%+", []),
        ("**Success criteria**:\n- [ ] Coverage report is uploaded", ["PG126"]),
        ("**Success criteria**:\n- [ ] It works well", ["PG126", "PG120"]),
        ("**Success criteria**:\n- [ ] Fast enough", ["PG126", "PG120"]),
        ("**Success criteria**:\n- [ ] `make bench` is fast enough", []),
        ("**Success criteria**:\n- [ ] works as expected in 20 ms", ["PG126"]),
    ],
)
def test_one_phase_is_linted(body: str, found: list[str]) -> None:
    assert codes(f"## Phase 1: A\n{body}\n") == found


def test_spec_kit_leaves_tests_to_the_author() -> None:
    assert codes("## Phase 1: A\n- [ ] T001 Create `src/a.py`\n- [ ] T002 Extend `src/a.py`\n") == []


def test_a_test_of_two_phases_is_reported_unless_file_or_class_tell_them_apart() -> None:
    same = "## Phase 1: A\n**Tests**: `test_a`\n## Phase 2: B\n**Tests** (in `tests/test_b.py`): `test_a`\n"
    apart = same.replace("1: A\n**Tests**:", "1: A\n**Tests** (in `tests/test_a.py`):")

    assert (codes(same), codes(apart)) == (["PG117"], [])


def test_editing_the_test_file_of_an_earlier_phase_is_reported() -> None:
    text = """
    ## Phase 1: A
    **Tests** (in `tests/test_a.py`): `test_a`
    ## Phase 2: B
    **Files to modify**:
    - `tests/test_a.py`
    - `tests/conftest.py`
    """

    assert codes(text) == ["PG122"]
    assert codes(text + "\n    **Tests**: `test_b`\n") == []
    assert codes(text.replace("Files to modify", "Files to delete")) == ["PG122"]


def test_a_plan_that_names_no_test_is_told_so_once() -> None:
    text = "".join(f"## Phase {number}: A\n**Files**: `src/a{number}.py`\n" for number in range(1, 5))

    assert codes(text) == ["PG115"]
    assert codes(text + "## Phase 5: B\n**Tests**: `test_b`\n") == ["PG115"] * 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## Phase 1: A\nprose\n## Phase 2: B\nprose\n## Phase 3: C\n", "of this plan but what its commits bring"),
        ("## Phase 1: A\n**Tests**: `test_a`\n## Phase 2: B\nprose\n", "of phase 2 but what its"),
        ("## Phase 1: A\n**Commit**: `feat: a`\n## Phase 2: B\n## Phase 3: C\n", "of phases 2, 3 but what their"),
        ("## Phase 1: A\n- [ ] Coverage: 95%\n", ""),
        ("## Phase 1: A\n**Success criteria**:\n- [ ] All tests pass\n", ""),
        ("## Phase 1: A\n**Success criteria**:\n- [ ] `src/a.py` exists\n", ""),
        ("## Phase 1: A\n**Files to create**: `docs/a.md`\n", ""),
    ],
)
def test_phases_that_nothing_can_be_asked_of_get_one_line_with_the_next_command(text: str, found: str) -> None:
    guide = linted(read_guide(text.encode(), "docs/g.md", BUILT_IN), Settings(), 9)
    told = [each.message for each in guide.diagnostics if each.code == "PG126"]

    assert len(told) == bool(found)
    assert all(found in each and each.endswith("phasegate plan complete docs/g.md") for each in told)


@pytest.mark.parametrize(
    ("columns", "board"),
    [
        ("Backlog|🚧 In Progress (2)|Done", True),
        ("To Do|Doing|Blocked|Notes", True),
        ("Backlog|Done", False),
        ("Setup|In progress|Done", False),
    ],
)
def test_a_board_is_named_and_is_no_plan(columns: str, board: bool) -> None:
    text = "".join(f"## {column}\n- [ ] a\n" for column in columns.split("|"))
    found = read_guide(f"# Tasks\n{text}".encode(), "KANBAN.md", BUILT_IN).diagnostics[0]

    assert found.message.startswith("no phase found; this is a board: its columns say how far") is board
    assert found.fix == "head each phase as '### Phase 1: Title'"


@pytest.mark.parametrize(
    ("path", "title", "told"),
    [
        ("README.md", "Tool", "this is a README"),
        ("skills/plan/SKILL.md", "Plan", "this is a skill"),
        ("specs/001-a/spec.md", "Feature Specification: A", "this is spec-kit's spec.md: specs/001-a/tasks.md has the"),
        ("spec.md", "Feature Specification: A", "this is spec-kit's spec.md: tasks.md has the phases"),
        (".kiro/specs/a/design.md", "Design", "this is Kiro's design.md: .kiro/specs/a/tasks.md has the phases"),
        ("openspec/changes/a/proposal.md", "Change", "this is OpenSpec's proposal.md: openspec/changes/a/tasks.md has"),
        ("agent-os/specs/a/spec.md", "Specification: A", "this is Agent OS's spec.md: the tasks.md of the spec has"),
        ("agent-os/specs/a/plan.md", "A", ""),
        ("agent-os/specs/a/tasks.md", "Tasks", ""),
        (".planning/phases/01-a/01-RESEARCH.md", "Findings", "this is GSD's 01-RESEARCH.md: a *-PLAN.md has the"),
        (".planning/phases/01-a/01-01-PLAN.md", "A", ""),
        ("conductor/tracks/a/spec.md", "Spec", "this is Conductor's spec.md: conductor/tracks/a/plan.md has"),
        ("conductor/tracks/a/plan.md", "Plan", ""),
        ("memory-bank/progress.md", "Progress", "this is the memory bank's progress.md: a task file has"),
        ("memory-bank/tasks/TASK001-a.md", "A", ""),
        (".taskmaster/docs/prd.md", "PRD", "this is Taskmaster's prd.md: its tasks.json has"),
        (".agent/PLANS.md", "Codex Execution Plans (ExecPlans)", "this tells how ExecPlans are written"),
        ("PLANS.md", "Our plans", ""),
        ("specs/001-a/tasks.md", "Tasks: A", ""),
        (".kiro/specs/a/tasks.md", "Plan", ""),
        ("docs/plans/readme_generator_guide.md", "README generator", ""),
        ("PLAN.md", "Implementation Plan", ""),
        ("docs/plan.md", "Design", ""),
        ("docs/plans/count-gpt.md", "Review: count plan (vs design)", "this is a review"),
        ("docs/plans/review.md", "Reviewing comments: the plan", ""),
    ],
)
def test_a_document_of_a_known_kind_that_is_no_plan_is_named(path: str, title: str, told: str) -> None:
    found = other_document(path, title)
    without = read_guide(f"# {title}\n".encode(), path, BUILT_IN).diagnostics[0]
    with_phases = codes(f"# {title}\n## Phase 1: A\n**Tests**: `test_a`\n", path=path)

    assert found.startswith(told)
    assert bool(found) == bool(told) == ("PG128" in with_phases)
    assert (without.code, found in without.message) == ("PG101", True)


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("### Phase 1 Test Details", 1),
        ("## Phase 2 remaining work", 1),
        ("#### Phase 2.1: a part", 0),
        ("#### Phase 2a: a part", 0),
        ("### Phases", 0),
        ("### Step 1 by hand", 0),
        ("### Notes on phase 2", 0),
    ],
)
def test_what_looks_like_a_phase_and_is_none_is_counted(heading: str, found: int) -> None:
    text = f"## Phase 1: A\n## Phase 2: B\n{heading}\n".encode()

    notes = with_overlooked(read_guide(text, "g.md", BUILT_IN), text).diagnostics

    assert [(each.code, str(each.severity), each.line) for each in notes] == [("PG127", "note", 3)] * found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("- [ ] exported in the docs\n- [ ] works offline\n", ["PG129"]),
        ("- [ ] Add it to the docs\n- [ ] Verify it offline\n- [ ] `docs/b.md` — the store\n", []),
        ("**Success criteria**:\n- [ ] works offline\n", []),
        ("- works offline\n", []),
    ],
)
def test_boxes_that_ask_for_nothing_beside_files_or_tests_are_told_of_once(said: str, found: list[str]) -> None:
    text = f"## Phase 1: A\n**Tests**: `test_a`\n\n{said}## Phase 2: B\n**Tests**: `test_b`\n\n{said}"

    assert codes(text) == found
    assert codes(f"## Phase 1: A\n{said}**Coverage**: 90%\n") == []


def test_required_sections_are_found_by_any_name_of_their_kind() -> None:
    settings = Settings(lint=LintSettings(("Goal", "Success criteria", "Rollback")))

    assert codes("## Phase 1: A\n**Objective**: x\n**Acceptance criteria**:\n- `y`\n", settings) == ["PG121"]
    assert codes("## Phase 1: A\n**Goal**: x\n**Success criteria**:\n- `y`\n#### Rollback\nz\n", settings) == []


def test_a_guide_over_its_budget_is_reported() -> None:
    assert codes("## Phase 1: A\n**Tests**: `test_a`\n" + "x\n" * 8, Settings(lint=LintSettings(budget=9))) == ["PG123"]
    assert codes("## Phase 1: A\n**Tests**: `test_a`\n" + "x\n" * 7, Settings(lint=LintSettings(budget=9))) == []


def test_a_project_without_conventional_commits_is_not_told_about_them() -> None:
    assert codes("## Phase 1: A\n**Commit**: Add a\n", Settings(commit=CommitSettings(conventional=False))) == []


@pytest.mark.parametrize(
    ("path", "production"),
    [
        ("src/a.py", True),
        ("a.py", True),
        ("src/tests/a.py", False),
        ("a_test.py", False),
        ("setup.py", False),
        ("manage.py", False),
        ("samples/a.py", False),
        ("src/app/tools/a.py", True),
        ("docs.py", True),
        ("a.md", False),
    ],
)
def test_production_is_told_by_name(path: str, production: bool) -> None:
    assert is_production(path) is production


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("# P\nFor Claude: go\n## Phase 1: A\n### Task 1: a\n### Task 2: b\n## Phase 2: B\n### Task 3: c\n", []),
        ("## Phase 1: A\n## Phase 2: B\n## Cost\n### Phase 1: x\n### Phase 2: y\n", ["PG108"]),
    ],
)
def test_headings_that_hold_the_phases_or_repeat_them_are_not_told_of_once_more(text: str, codes: list[str]) -> None:
    read = with_overlooked(read_guide(text.encode(), "g.md", BUILT_IN), text.encode())

    assert [each.code for each in read.diagnostics] == codes


def test_phases_of_a_rollout_are_counted_where_the_work_has_another_word() -> None:
    work = "### Step 1: a\n**Files**: `a.py`\n### Step 2: b\n**Files**: `b.py`\n"
    text = f"# Phase 9: X\n## Work\n{work}## Rollout\n### Phase 1: x\n- x\n### Phase 2: y\n- y\n".encode()

    read = with_overlooked(read_guide(text, "g.md", BUILT_IN), text)

    assert [phase.title for phase in read.phases] == ["a", "b"]
    assert [(each.code, each.line) for each in read.diagnostics if "2 headings" in each.message] == [("PG127", 8)]
