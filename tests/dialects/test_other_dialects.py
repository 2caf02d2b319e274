from __future__ import annotations

import pytest

from dialects.reading import guide
from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.dialects import BUILT_IN


def test_superpowers_tasks_keep_the_failure_they_expect() -> None:
    read = guide("""
    # Cache Plan
    > **For agentic workers:** use the plan
    ### Task 1: Store
    **Files:**
    - Create: `src/cache.py`
    - Modify: `src/app.py:12-20`
    - Test: `tests/test_cache.py`
    - [ ] **Step 1: Write the failing test**
    ```python
    def test_store():
        assert Cache().get(1) is None
    def test_second(): ...
    ```
    - [ ] **Step 2: Run it**
    Run: `pytest tests/test_cache.py::test_store -v`
    Expected: FAIL with "cannot import name 'Cache'"
    - [ ] **Step 3: Implement**
    ```python
    class Cache: ...
    ```
    - [ ] **Step 4: Run it again**
    Run: `pytest tests/test_cache.py -v`
    Expected: PASS
    - [ ] **Step 5: Commit**
    ```bash
    git add -A
    git commit -m "feat(cache): store"
    ```
    """)
    (one,) = read.phases

    assert read.dialect == "superpowers"
    assert [(f.path, str(f.action), f.lines) for f in one.files] == [
        ("src/cache.py", "create", None),
        ("src/app.py", "modify", "12-20"),
        ("tests/test_cache.py", "test", None),
    ]
    assert [(t.name, t.file, t.expected_failure) for t in one.tests] == [
        ("test_store", "tests/test_cache.py", "cannot import name 'Cache'"),
        ("test_second", "tests/test_cache.py", None),
    ]
    assert one.commit == "feat(cache): store"


def test_a_superpowers_test_that_only_the_red_run_names_is_declared() -> None:
    text = """
    # Cache Implementation Plan

    > Use superpowers:executing-plans

    ### Task 1: Clamp

    **Files:**
    - Create: `src/clamp.py`
    - Test: `tests/test_clamp.py`

    **Step 1: Write the failing test**

    A value below the range gives its lower end.

    **Step 2: Run test to verify it fails**

    Run: `pytest tests/test_clamp.py::TestClamp::test_below -v`
    Expected: FAIL with "No module named 'clamp'"
    """

    (one,) = guide(text).phases

    assert [(t.name, t.class_name, t.file) for t in one.tests] == [("test_below", "TestClamp", "tests/test_clamp.py")]


def test_superpowers_fences_that_run_pytest_expect_the_failure_of_the_whole_file() -> None:
    (one,) = guide("""
    # Plan
    For Claude: follow it
    ### Task 1: Store
    **Step 1: Write the failing test**
    Append to `tests/test_a.py`:
    ```python
    def test_a(): ...
    ```
    **Step 2: Run**
    ```bash
    pytest tests/test_a.py -v
    ```
    Expected: FAIL — ModuleNotFoundError: no module named a.
    """).phases

    assert [(t.name, t.file, t.expected_failure) for t in one.tests] == [
        ("test_a", "tests/test_a.py", "ModuleNotFoundError: no module named a")
    ]


def test_a_spec_kit_task_to_test_something_in_a_file_that_is_not_there_declares_it() -> None:
    one, two = guide("""
    # Tasks: Slugs
    ## Phase 1: User Story 1
    - [ ] T001 [US1] Test that clean slugifies in tests/unit/test_slug.py
    - [ ] T002 [US1] Implement SlugWidget in src/slug.py
    ## Phase 2: Polish
    - [ ] T003 Test src/slug.py against docs/slugs.md
    """).phases

    assert [(f.path, str(f.action)) for f in one.files] == [
        ("tests/unit/test_slug.py", "test"), ("src/slug.py", "unspecified")
    ]  # fmt: skip
    assert two.files == ()


def test_spec_kit_phases_declare_the_files_and_tests_that_their_tasks_name() -> None:
    read = guide("""
    # Tasks: Cache
    ## Phase 1: Setup (Shared Infrastructure)
    **Purpose**: Project initialization
    - [x] T001 Create project structure per plan
    - [x] T1002 [P] Create `pyproject.toml`
    ## Phase 2: User Story 1 - Store (Priority: P1)
    **Goal**: store
    **Independent Test**: put and get
    - [x] T010 [P] [US1] Write failing test in tests/unit/test_store.py
    - [ ] T011 [US1] Implement Store in src/store.py (depends on T010)
    - [ ] T012 [US1] Implement GET /api/{user_id}/tasks endpoint in src/api.py
    **Checkpoint**: Story 1 works
    ## Dependencies & Execution Order
    - **Setup (Phase 1)**: No dependencies
    - **Phase 2**: Depends on Phase 1
    """)

    assert (read.dialect, [p.id for p in read.phases]) == ("spec-kit", ["1", "2"])
    assert [p.claim for p in read.phases] == ["done", "in progress"]
    assert [p.goal for p in read.phases] == ["Project initialization", "store"]
    assert [(f.path, str(f.action)) for p in read.phases for f in p.files] == [
        ("pyproject.toml", "create"),
        ("tests/unit/test_store.py", "test"),
        ("src/store.py", "unspecified"),
        ("src/api.py", "unspecified"),
    ]
    assert read.phases[1].depends == ("1",)
    assert read.phases[1].title == "User Story 1 - Store (Priority: P1)"


def test_phases_of_a_spec_kit_plan_wait_for_what_its_words_name() -> None:
    titles = "Setup", "Foundational", "User Story 1 - Put", "User Story 2 - Get", "Extras", "Polish & Checks"
    phases = "".join(f"## Phase {n}: {title}\n- [ ] T00{n} x\n" for n, title in enumerate(titles, 1))
    read = guide(
        f"""{phases}## Dependencies
- **Setup (Phase 1)**: No dependencies
- **Foundational (Phase 2)**: Depends on Setup completion - BLOCKS all user stories
- **User Stories (Phase 3-4)**: All depend on Foundational phase completion
  - They can then proceed in parallel
- **Polish (Phase 6)**: Depends on all desired user stories being complete
"""
    )

    assert [each.depends for each in read.phases] == [(), ("1",), ("2",), ("2",), ("4",), ("3", "4")]


STORIES = ("Setup", "Foundational", "User Story 1 - Put", "User Story 2 - Get", "User Story 3 - List", "Polish")


@pytest.mark.parametrize(
    ("heading", "said", "expected"),
    [
        ("Dependencies", "- **User Story 3 (P2)**: Depends on US1 and US2\n- US2 depends on US1 (ids)\n", "1 2 3 34 5"),
        (
            "Dependencies",
            "- **User Story 3 (P2)**: Can start after Phase 2 - May integrate with US1/US2\n",
            "1 2 3 2 5",
        ),
        ("Dependencies", "- **User Story 3**: After Phase 2 - Works with what US2 brings; but alone\n", "1 2 3 2 5"),
        ("Dependencies", "- **User Story 3**: After Phase 2 - depends on US1\n", "1 2 3 23 5"),
        ("Dependencies", "- **US3**: After Phase 2 - Builds on US1 but independently testable\n", "1 2 3 2 5"),
        ("Dependencies", "- **US3** is independent, can run in parallel with US2\n", "1 2 3 4 5"),
        (
            "依赖关系",
            "- **Phase 3-5**: 全部依赖 Foundational 完成\n- **Phase 6**: 依赖所有期望的用户故事完成\n",
            "1 2 2 2 345",
        ),
        ("Dependencies", "US1 → US3\n", "1 2 3 3 5"),
        ("Dependencies", "- **Polish (Phase 6)**: Depends on both user stories being complete\n", "1 2 3 4 345"),
        (
            "Dependencies",
            "```mermaid\ngraph TD\n A[US1: 依赖] --> B[US2: x]\n A --> C[US3: y]\n C --> P[Phase 6: End]\n```\n",
            "1 2 3 3 5",
        ),
        ("依赖关系", "- **Setup (Phase 1)**: 无依赖\n- **US3**: Foundational 后可开始 - 依赖 US1 (读)\n", "1 2 3 3 5"),
    ],
)
def test_phases_wait_for_the_stories_that_a_section_names(heading: str, said: str, expected: str) -> None:
    phases = "".join(f"## Phase {n}: {title}\n- [ ] T00{n} x\n" for n, title in enumerate(STORIES, 1))
    read = guide(f"{phases}## {heading}\n{said}")

    assert [each.depends for each in read.phases[1:]] == [tuple(ids) for ids in expected.split()]


def test_a_phase_waits_for_what_is_called_by_its_title_in_a_script_without_blanks() -> None:
    titles = "初始化", "基础设施 (阻塞)", "用户故事 1", "用户故事 2"
    phases = "".join(f"## 阶段 {n}: {title}\n- [ ] T00{n} x\n" for n, title in enumerate(titles, 1))
    read = guide(f"{phases}## 依赖关系\n- **用户故事 (阶段 3-4)**: 都依赖基础设施阶段完成\n")

    assert [each.depends for each in read.phases] == [(), ("1",), ("2",), ("2",)]


def test_kiro_subtasks_belong_to_their_major_by_id_and_optional_ones_declare_nothing() -> None:
    read = guide(
        """
        # Implementation Plan
        - [x] 1. Core store
        - [x] 1.1 Write `src/store.py`
          - _Requirements: 1.1_
        - [ ]* 1.2 Write property tests in `tests/test_properties.py`
        - [ ] 2. Eviction
          - [ ] 2.1 Extend `src/store.py` and cover `test_evict_oldest`
            - _Requirements: 2.1_
        """,
        ".kiro/specs/cache/tasks.md",
    )

    assert (read.dialect, read.slug) == ("kiro", "cache")
    assert [(p.id, p.title, p.claim) for p in read.phases] == [("1", "Core store", "done"), ("2", "Eviction", "")]
    assert [[f.path for f in p.files] for p in read.phases] == [["src/store.py"], ["src/store.py"]]
    assert [t.name for t in read.phases[1].tests] == ["test_evict_oldest"]


def test_sub_tasks_of_kiro_below_headings_are_parts_of_those() -> None:
    text = (
        "### Task 1: Store\n**Files to create**:\n- `a.py`\n- [ ] 1.1 a\n### Task 2: API\n- [ ] 2.1 Create `src/b.py`\n"
    )
    read = guide(f"# Tasks\n- [ ] All is there\n{text}", ".kiro/specs/x/tasks.md")

    assert [(p.id, p.title, [file.path for file in p.files]) for p in read.phases] == [
        ("1", "Store", ["a.py"]),
        ("2", "API", ["src/b.py"]),
    ]


def test_a_major_of_kiro_may_be_bold_and_its_requirements_stand_in_the_same_document() -> None:
    asked = "".join(f"### Requirement {at}: x\n#### Acceptance Criteria\n1. y\n" for at in (1, 2))
    majors = "- [x] **1. Core store** ✅\n  - _要件: 1.1_\n- [ ] **2. Evict 5 items** (60 %)\n- [ ] **2 notes**\n"

    assert [(p.id, p.title) for p in guide(f"# Plan\n{asked}## Tasks\n{majors}").phases] == [
        ("1", "Core store"),
        ("2", "Evict 5 items (60 %)"),
    ]


def test_openspec_groups_are_numbered_headings_and_their_boxes_need_no_numbers() -> None:
    read = guide(
        """
        ## 1. Store
        - [x] 1.1 Add `src/store.py`
        - [x] Document it
        ## 2. Evict
        - [ ] 2.1 Extend `src/store.py`
        """,
        "openspec/changes/add-cache/tasks.md",
    )

    assert (read.dialect, read.slug) == ("openspec", "add-cache")
    assert [(p.id, p.title, p.claim) for p in read.phases] == [("1", "Store", "done"), ("2", "Evict", "")]


def test_an_openspec_list_without_headings_is_one_phase() -> None:
    read = guide("- [x] **Update** `src/a.py`\n- [ ] Verify\n", "openspec/changes/x/tasks.md")

    assert [(p.id, p.claim, [f.path for f in p.files]) for p in read.phases] == [("1", "in progress", ["src/a.py"])]


def test_the_boxes_of_an_openspec_list_that_hold_others_are_its_phases() -> None:
    one = "# Tidy\n- [x] **Load**\n  - [x] Update `src/a.py`\n"
    read = guide(
        f"{one}- [ ] **Drop the rest** <!-- id: 3 -->\n  - [ ] Fix `src/b.py`\n", "openspec/changes/x/tasks.md"
    )

    assert [(p.id, p.title, p.claim, [f.path for f in p.files]) for p in read.phases] == [
        ("1", "Load", "done", ["src/a.py"]),
        ("2", "Drop the rest", "", ["src/b.py"]),
    ]


def test_stages_carry_their_tests_and_status() -> None:
    read = guide("""
    ## Stage 1: Store
    **Goal**: keep values
    **Success Criteria**: 90% coverage
    **Tests**: `test_store`, `test_get`
    **Status**: Complete
    ## Stage 2: Evict
    **Status**: Not Started
    """)

    assert read.dialect == "stages"
    assert [t.name for t in read.phases[0].tests] == ["test_store", "test_get"]
    assert read.phases[0].coverage.minimum == 90.0
    assert [p.claim for p in read.phases] == ["done", ""]


def test_cycles_are_units_whose_red_names_the_tests() -> None:
    read = guide("""
    ## Cycle 1a — Store
    ### RED
    - `test_store` in `tests/test_store.py`
    ### GREEN
    - `src/store.py`
    ## Cycle 1b — Evict
    **RED**: `test_evict`
    """)

    assert (read.dialect, [p.id for p in read.phases]) == ("tdd-cycles", ["1a", "1b"])
    assert [[t.name for t in p.tests] for p in read.phases] == [["test_store"], ["test_evict"]]


def test_prp_tasks_stand_in_one_fence() -> None:
    read = guide("""
    ## Goal
    ### List of tasks
    ```yaml
    Task 1: Settings
    CREATE src/settings.py:
      - PATTERN: pydantic
    Task 2: Tool
    MODIFY src/tool.py:
    ```
    ### Per task pseudocode
    ```python
    # Task 1
    Task 1: again
    ```
    """)

    assert (read.dialect, [(p.id, p.title) for p in read.phases]) == ("prp", [("1", "Settings"), ("2", "Tool")])
    assert [(f.path, str(f.action)) for p in read.phases for f in p.files] == [
        ("src/settings.py", "create"),
        ("src/tool.py", "modify"),
    ]


def test_one_file_may_hold_one_phase() -> None:
    assert [(p.id, p.title) for p in guide("# Step 3 — Wire it\n**Commit**: feat: wire\n").phases] == [("3", "Wire it")]


def test_a_table_under_where_names_the_files_of_a_step() -> None:
    (one,) = guide("# Step 1 — Constant\n## WHERE\n| File | Change |\n| --- | --- |\n| `src/a.py` | add |\n").phases

    assert [file.path for file in one.files] == ["src/a.py"]


CHANGES = """
# Cache the answers

## Proposed Changes

### [Backend]

#### [NEW] [cache.py](file://{root}/src/cache.py)
- An LRU cache

#### [MODIFY] [app.py](file://{root}/src/app.py)

### Tests

#### [NEW] `tests/test_cache.py`
- `test_put` stores
#### [DELETE] [old.py](src/old.py)

## Verification Plan
### Automated Tests
- `pytest`
"""


@pytest.mark.parametrize("root", ["/home/me/proj", "/c:/me/proj"])
def test_the_components_of_proposed_changes_are_the_phases(root: str) -> None:
    there = {"src/app.py", "src/old.py"}
    read = read_guide(CHANGES.format(root=root).encode(), "implementation_plan.md", BUILT_IN, there.__contains__)

    assert read.dialect == "proposed-changes"
    assert [(p.id, p.title) for p in read.phases] == [("1", "Backend"), ("2", "Tests")]
    assert [[(f.path, str(f.action)) for f in p.files] for p in read.phases] == [
        [("src/cache.py", "create"), ("src/app.py", "modify")],
        [("tests/test_cache.py", "create"), ("src/old.py", "delete")],
    ]
    assert [d.code for d in read.diagnostics] == ["PG113"], "the paths are told once to be the author's"


def test_changes_without_components_are_one_phase() -> None:
    text = "# Cache the answers\n## Proposed Changes\n### [MODIFY] `src/a.py`\n- x\n### [NEW] `src/b.py`\n"

    assert [(p.id, p.title, len(p.files)) for p in guide(text).phases] == [("1", "Cache the answers", 2)]


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("[수정] [a.py](src/a.py)", [("src/a.py", "modify")]),
        ("[REFACTOR] `src/a.py`", [("src/a.py", "modify")]),
        ("[Perhaps] `src/a.py`", [("src/a.py", "unspecified")]),
        ("[Backend] the API", []),
        ("[Backend] `Cache`", []),
    ],
)
def test_a_heading_that_is_a_file_says_what_is_done_to_it(heading: str, expected: list[tuple[str, str]]) -> None:
    (one,) = guide(f"### Phase 1: A\n#### {heading}\n- x\n").phases

    assert [(f.path, str(f.action)) for f in one.files] == expected


def test_changes_of_phases_belong_to_them() -> None:
    text = "## Phase 1: A\n### [NEW] `src/a.py`\n## Phase 2: B\n### [MODIFY] `src/a.py`\n"

    assert [[str(f.action) for f in p.files] for p in guide(text).phases] == [["create"], ["modify"]]
