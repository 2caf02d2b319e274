from __future__ import annotations

import pytest

from dialects.reading import guide

STORY = """
# Story 1.2: Cache

## Status
Approved

## Story
As a user I want a cache.

## Acceptance Criteria
1. A stored item is found
2. [x] **AC2:** Coverage of the cache is at least 90%
3. It is documented

## Tasks / Subtasks
- [x] **Task 1: Build the store** (AC: 1, 2)
  - [x] Create `src/store.py` with the class
  - [x] Write `test_put` in `tests/test_store.py`
- [ ] Task 2: Document it (AC: #3)
  - [ ] Update README.md with the options of `put`
  - [ ] Follow the pattern of `src/other.py`

## Dev Notes
- Location: `src/elsewhere.py`

## Change Log
- [ ] Task 9: no
"""


def test_the_tasks_of_a_bmad_story_are_the_phases_and_answer_their_criteria() -> None:
    read = guide(STORY, "docs/stories/1.2.story.md")
    one, two = read.phases

    assert (read.dialect, read.title) == ("bmad", "Story 1.2: Cache")
    assert [(p.id, p.title, p.claim) for p in (one, two)] == [
        ("1", "Build the store", "done"),
        ("2", "Document it", ""),
    ]
    assert [f.path for f in one.files] == ["src/store.py", "tests/test_store.py"]
    assert [f.path for f in two.files] == ["README.md"]
    assert [(t.name, t.file) for t in one.tests] == [("test_put", "tests/test_store.py")]
    assert [[c.text for c in p.criteria] for p in (one, two)] == [
        ["A stored item is found", "**AC2:** Coverage of the cache is at least 90%"],
        ["It is documented"],
    ]
    assert (one.coverage.minimum, two.coverage.minimum) == (90, 90), "a story's criteria stand outside of its tasks"


MEMORY = """
# [TASK009] - Terminal models

**Status:** In Progress

## Implementation Plan
1. **Define constants**
   - Create definitions
2. **Update the protocol**

## Progress Tracking

**Overall Status:** In Progress - 50%

### Subtasks
| ID | Description | Status | Updated | Notes |
|----|-------------|--------|---------|-------|
| 9.1 | Define constants in `src/terms.py` | Complete | 2025-10-13 | |
| 9.2 | Add `tests/test_terms.py` | Not Started | 2025-10-13 | |

## Progress Log
### 2025-10-13
- Task 9.1 done
"""


def test_the_subtasks_of_a_memory_bank_are_the_phases() -> None:
    read = guide(MEMORY, "memory-bank/tasks/TASK009-terminal-models.md")

    assert read.dialect == "memory-bank"
    assert [(p.id, p.title, p.claim) for p in read.phases] == [
        ("9.1", "Define constants in `src/terms.py`", "done"),
        ("9.2", "Add `tests/test_terms.py`", ""),
    ]


def test_the_index_of_a_memory_bank_lists_its_tasks() -> None:
    read = guide(
        """
        # Tasks Index
        ## Pending
        - [TASK003] Serve it - over HTTP
        ## Completed
        - [TASK001] Store things (2025-01-01)
        """,
        "memory-bank/tasks/_index.md",
    )

    assert [(p.id, p.title) for p in read.phases] == [
        ("TASK003", "Serve it - over HTTP"),
        ("TASK001", "Store things (2025-01-01)"),
    ]


@pytest.mark.parametrize(
    "word", ["Tarefas / Subtarefas", "Tareas y Subtareas", "Tasks/Subtasks", "Aufgaben / Unteraufgaben"]
)
def test_the_tasks_of_a_story_are_found_in_any_language(word: str) -> None:
    read = guide(f"# História 1.2: A\n### {word}:\n- [x] a\n- [ ] b\n### Notas\n- [ ] c\n", "docs/stories/1.2.story.md")

    assert (read.dialect, [p.title for p in read.phases]) == ("bmad", ["a", "b"])


def test_a_task_that_names_related_ones_is_no_index_of_them() -> None:
    text = "# TASK022: Fix it\n## Related Tasks\n- [TASK015] Serve it\n- [TASK010] Store it\n"

    assert [p.id for p in guide(text, "memory-bank/tasks/TASK022-fix.md").phases] == ["022"]


EXEC = """
# Cache plan

This ExecPlan is a living document.

## Purpose / Big Picture
Faster.

## Progress
- [x] (2025-10-19 07:53Z) Wrote the plan.
- [ ] Create `src/cache.py`, see `src/other.py`.

## Decision Log
- Decision: none
"""


@pytest.mark.parametrize("wrap", ["{}", "```md\n{}\n```\n", "```markdown\n{}\n````\n"])
def test_the_progress_of_an_execplan_is_its_phases_also_in_one_fence(wrap: str) -> None:
    read = guide(wrap.format(EXEC.strip()), ".agent/plans/cache.md")

    assert (read.dialect, read.title) == ("execplan", "Cache plan")
    assert [(p.id, p.title, p.claim) for p in read.phases] == [
        ("1", "Wrote the plan.", "done"),
        ("2", "Create `src/cache.py`, see `src/other.py`.", ""),
    ]
    assert [f.path for f in read.phases[1].files] == ["src/cache.py"]


def test_the_milestones_of_an_execplan_go_before_its_progress() -> None:
    read = guide(
        EXEC.replace(
            "## Decision",
            "## Milestones\n- [x] M0 — Pin it\n  - Files: `src/pin.py`, `src/lock.py`\n  - Commit: `Pin the lock`.\n"
            "- [ ] M1 — Test it\n  - Commit: included with M0.\n  - Owner: me\n## Decision",
        )
    )

    assert [(p.id, p.title, p.claim, p.commit) for p in read.phases] == [
        ("M0", "Pin it", "done", "Pin the lock"),
        ("M1", "Test it", "", None),
    ]
    assert [f.path for f in read.phases[0].files] == ["src/pin.py", "src/lock.py"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Tasks\n- [ ] Parse it\n- [x] Print it\n", [("1", "Parse it"), ("2", "Print it")]),
        ("## Tasks\n1. **Parse** — read\n2. **Print** — write\n", [("1", "Parse — read"), ("2", "Print — write")]),
        ("## Implementation Steps\n- [ ] Step 2: B\n- [ ] Step 3: C\n", [("2", "B"), ("3", "C")]),
        ("## 4. Implementation Plan\n### [ ] x\n- [ ] a\n  - [ ] b\n- [ ] c\n", [("1", "a"), ("2", "c")]),
        (
            "## Approach\n1. **Sweep (Step 5)**\n   - a\n2. **Audit (Step 7)**\n",
            [("1", "Sweep (Step 5)"), ("2", "Audit (Step 7)")],
        ),
        ("## Milestones\n- [ ] F1 — One\n- [ ] Two\n", [("1", "F1 — One"), ("2", "Two")]),
        ("## Tasks\n- [ ] Step 1 — a\n- [ ] Step 2 — b\n- [ ] Tidy\n", [("1", "a"), ("2", "b"), ("3", "Tidy")]),
        ("## Steps\n- [completed] a\n- [in_progress] b\n- [pending] c\n", [("1", "a"), ("2", "b"), ("3", "c")]),
        ("## Tasks\n- [ x ] a\n- [ ] b\n", [("1", "a"), ("2", "b")]),
        ("## 14) Milestones\n- **M1**: a, b\n- **M2**: c\n", [("M1", "a, b"), ("M2", "c")]),
        ("## Implementation Plan\n- **Step 1**: a\n- **Step 2**: b\n", [("1", "a"), ("2", "b")]),
        (
            "## Milestones\n| Phase | Milestone | Status |\n|--|--|--|\n| 0 | a | done |\n| 1 | b | |\n",
            [("0", "a"), ("1", "b")],
        ),
        (
            "## Overview\n| Phase | Focus | Files |\n|--|--|--|\n| 1 | a | [x](x.md) |\n| 2 | b | |\n",
            [("1", "a"), ("2", "b")],
        ),
        ("| № | Этап |\n|--|--|\n| 1 | Данные |\n| 2 | Тесты |\n", [("1", "Данные"), ("2", "Тесты")]),
        ("| # | Phase | Weeks |\n|--|--|--|\n| 1 | Setup | 2 |\n| 2 | Build | 3 |\n", [("1", "Setup"), ("2", "Build")]),
        ("| STEP | RED |\n|--|--|\n| **1 models** | x |\n| **2 store** | y |\n", [("1", "models"), ("2", "store")]),
        ("| № | Риск | Description |\n|--|--|--|\n| 1 | a | c |\n| 2 | b | d |\n", []),
        ("| Step | Weeks |\n|--|--|\n| 1 | 2 |\n| 2 | 3 |\n", []),
        ("| Risk | Description |\n|--|--|\n| 1 | a |\n| 2 | b |\n", []),
        ("## Notes\n- **A1**: a\n- **A2**: b\n", []),
        ("## Tasks\n- **Bold** a\n- **Bolder** b\n", []),
        (
            "### Phase 1: A\n### Phase 2: B\n| Phase | Focus |\n|--|--|\n| 3 | a |\n| 4 | b |\n",
            [("1", "A"), ("2", "B")],
        ),
        ("## Deliverables\n- [ ] Parser\n- [ ] Printer\n", [("1", "Parser"), ("2", "Printer")]),
        ("## Deliverables\n1. **Parser** — x\n2. **Printer**\n", [("1", "Parser — x"), ("2", "Printer")]),
        ("## Deliverables\n| # | Deliverable |\n|--|--|\n| D1 | a |\n| D2 | b |\n", [("D1", "a"), ("D2", "b")]),
        (
            "## Milestones\n### Phase 1: X\n- [ ] **M1: a** — so\n### Phase 2: Y\n- [ ] **M2: b** — so\n",
            [("1", "X"), ("2", "Y")],
        ),
        ("## Deliverables\n- [ ] c\n- [ ] d\n## Tasks\n- [ ] a\n- [ ] b\n", [("1", "a"), ("2", "b")]),
        ("## Implementierungsschritte (später)\n1. Lesen\n2. Schreiben\n", [("1", "Lesen"), ("2", "Schreiben")]),
        ("## Deliverables\n- a parser\n- a printer\n", []),
        ("## Notes\n| # | Deliverable |\n|--|--|\n| D1 | a |\n| D2 | b |\n", []),
        ("## Tasks\n- [ ] only one\n", []),
        ("## Notes\n- [ ] a\n- [ ] b\n", []),
        ("## Tasks\n1. a plain list\n2. of words\n", []),
        ("## Steps\n1. clone it\n2. run it\n", []),
        ("## Implementation Steps\n1. Parse it\n2. Print it\n", [("1", "Parse it"), ("2", "Print it")]),
        ("## Current Recommended Order\nGo:\n1. Parse it\n2. Print it\n", [("1", "Parse it"), ("2", "Print it")]),
        ("## Recommended steps\n1. Parse it\n2. Print it\n", []),
        (
            "## 7. Recommended Implementation Order\n\n1. Domain: events (`a.py`)\n   - x\n   1. y\n2. API\n\n3. CLI\n",
            [("1", "Domain: events (`a.py`)"), ("2", "API"), ("3", "CLI")],
        ),
        ("## Phases\n1. Setup\n2. Build\n", [("1", "Setup"), ("2", "Build")]),
        (
            "## Rollout\n1. **Phase 0:** off\n2. **Phase 1:** on\n## Implementation Steps\n1. **A**\n2. **B**\n",
            [("1", "A"), ("2", "B")],
        ),
        ("## Implementation checkpoints (review)\n1. Setup\n2. Build\n", [("1", "Setup"), ("2", "Build")]),
        ("## Approach\n1. Read it\n2. **Merge** it\n3. **Stop** then\n", []),
        ("## 6. Milestones\n1. Setup\n2. Build\n", [("1", "Setup"), ("2", "Build")]),
        ("## Backend execution steps\n1. Setup\n2. Build\n", [("1", "Setup"), ("2", "Build")]),
        ("## Migration Plan\n1. Setup\n2. Build\n## Delivery order\n1. Ship\n2. Tell\n", []),
        ("## Refactoring Steps\n1. Setup\n2. Build\n", [("1", "Setup"), ("2", "Build")]),
        ("## 6. Build order (ship each)\n1. Setup\n2. Serve\n## 7. Gates\n", [("1", "Setup"), ("2", "Serve")]),
        ("## Installation Steps\n1. Clone\n2. Run\n", []),
        ("## Sequence\n1. Setup\n2. Build\n", [("1", "Setup"), ("2", "Build")]),
        ("## Step-By-Step Plan\n1. Setup\n2. Build\n", [("1", "Setup"), ("2", "Build")]),
        ("## Implementation Plan\nFirst:\n1. a\n2. b\n\nThen:\n1. c\n2. d\n", []),
        ("## Implementation Plan\n1. a\n3. b\n", []),
        ("## Implementation Plan\n### Backend\n1. a\n2. b\n### Frontend\n1. c\n2. d\n", []),
        ("## Implementation Plan\nIt takes:\n- a\n- b\n", []),
        (
            "| Phase | Scope |\n|--|--|\n| **A — Core** *(done)* | `a.py` |\n| **B — API** | `b.py` |\n",
            [("A", "Core"), ("B", "API")],
        ),
        ("| Step | Scope |\n|--|--|\n| M0 (now) | a |\n| M1 (then) | b |\n", [("M0", "a"), ("M1", "b")]),
        ("| Phase | Scope |\n|--|--|\n| 1 | [a](x.md) |\n| 2 | b |\n", [("1", "a"), ("2", "b")]),
        (
            "## Implementation Steps\n1. ✅ Say it\n2. [ ] Do it\n   - [ ] x\n3. [x] End it\n",
            [("1", "Say it"), ("2", "Do it"), ("3", "End it")],
        ),
        ("## Implementation Steps\n1. Do it:\n- [ ] a\n- [ ] b\n", [("1", "a"), ("2", "b")]),
        ("| Phase | Scope |\n|--|--|\n| A core | `a.py` |\n| A store | `b.py` |\n", []),
        (
            "## Order\n| Step | Component | Effort |\n|--|--|--|\n| 1 | Add `a.py` | 5 |\n| 2 | Add `b.py` | 5 |\n",
            [("1", "Add `a.py`"), ("2", "Add `b.py`")],
        ),
        (
            "## Order\n| Phase | Scope |\n|--|--|\n| Phase 1: Setup | `a.py` |\n| Phase 2: Build | `b.py` |\n",
            [("1", "Setup"), ("2", "Build")],
        ),
        ("## Success Criteria\n- [ ] a\n- [ ] b\n", []),
        ("## Tasks\n```\n- [ ] a\n- [ ] b\n```\n", []),
        (
            (
                "## Parts\n### 1. Dialog\n**File**: `a.py`\n### 2. Page\n**File**: `b.py`\n"
                "## Implementation Order\n| Phase | Task | Files |\n|--|--|--|\n"
                "| 1 | Ask | `a.py` |\n| 2 | Show | `b.py` |\n"
            ),
            [("1", "Ask"), ("2", "Show")],
        ),
        (
            (
                "## Steps\n### 1. Dialog\n**File**: `a.py`\n### 2. Page\n**File**: `b.py`\n"
                "## Implementation Order\n| Phase | Task |\n|--|--|\n| 1 | First |\n| 2 | Then |\n"
            ),
            [("1", "Dialog"), ("2", "Page")],
        ),
        ("### Phase 1: A\n- [ ] a\n### Phase 2: B\n## Tasks\n- [ ] a\n- [ ] b\n", [("1", "A"), ("2", "B")]),
    ],
)
def test_a_list_under_a_heading_that_says_so_is_the_plan_where_no_heading_is_a_phase(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert [(p.id, p.title) for p in guide(f"# Plan\n{text}").phases] == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("TODO.md", "- [x] a\n- [ ] b\n", ["a", "b"]),
        ("docs/task.md", "# Task: Fix it\n\n- [x] a\n- [ ] b\n", ["a", "b"]),
        ("docs/a.md", "## How\n| Stage | Scope |\n|--|--|\n| 1 | a |\n| 2 | b |\n", []),
        ("docs/a.md", "## Milestones\n| Stage | Scope |\n|--|--|\n| 1 | a |\n| 2 | b |\n", ["a", "b"]),
        (
            "docs/plan.md",
            "## By phase\n| Phase | Key Deliverable |\n|--|--|\n| Phase 1 | a |\n| Phase 2 | b |\n",
            ["a", "b"],
        ),
        ("docs/a.md", "## Cycle\n1. **Phase 1: a**\n2. **Phase 2: b**\n", []),
        ("docs/a.md", "## 7. 实施路线图\n1. **Phase 1: a**\n2. **Phase 2: b**\n", ["a", "b"]),
        ("docs/task.md", "# Pipeline\n- [x] a\n- [ ] b\n# Alerts\n- [ ] c\n", []),
        ("docs/tasked.md", "# Task: Fix it\n\n- [x] a\n- [ ] b\n", []),
        ("docs/tasks.md", "# Tasks\n\n- [ ] a\n  - [ ] c\n- [ ] b\n", ["a", "b"]),
        ("fix_plan.md", "# Fix\n- [x] **M0 — a.** So.\n- [ ] **M1 — b.**\n## Log\n- [x] M0 done\n", ["a", "b"]),
        ("docs/roadmap.md", "## Soon\n1. **P1 a（完成）**——x\n2. **P2 b**——y\n## Red lines\n- **c**\n", ["a", "b"]),
        ("docs/roadmap.md", "## Fears\n1. **R1 a**\n2. **R2 b**\n", []),
        ("docs/roadmap.md", "## Choices\n- [ ] **A1 a**\n- [ ] **C7 b**\n", []),
        ("docs/notes.md", "## Soon\n1. **P1 a**\n2. **P2 b**\n", []),
        ("docs/Coverage Plan.md", "Goal\n- more\n\nPlan\n1) a\n   - x\n\n2) b\n", ["a", "b"]),
        ("docs/plan.md", "Why\n1) a\n2) b\n\nHow\n1) c\n2) d\n", []),
        ("docs/plan.md", "## Laws\n- **WIS1 — a**\n- **WIS2 — b**\n", []),
        ("docs/a.md", "# Story 1.2: X\n## Tasks\n1. [ ] a\n2. [x] b\n", ["a", "b"]),
        ("docs/a.md", "Status: x\n\nTasks / Subtasks\n- [x] a\n  - [x] c\n- [ ] b\n\nDev Notes\n- [ ] d\n", ["a", "b"]),
        ("docs/a.md", "# Log\n**Tasks / Subtasks**:\n- [x] a\n- [ ] b\n", ["a", "b"]),
        ("docs/a.md", "# Log\nTasks / Subtasks\nThey are done.\n- [x] a\n- [ ] b\n", []),
        ("docs/a.md", "# Story 1.2: X\n## Done when\n- [ ] a\n- [ ] b\n", ["X"]),
        ("TODO.md", "- a\n- b\n", []),
        ("TODO.md", "## Later\n- [ ] a\n- [ ] b\n", []),
        (
            "docs/roadmap.md",
            "## Store\n- [x] a\n## Keys\n- [ ] b\n## End\n- [ ] c\n## Notes\n",
            ["Store", "Keys", "End"],
        ),
        ("docs/roadmap.md", "## Store\n- [x] a\n## Keys\n- [ ] b\n## Verification\n- [ ] c\n", []),
        ("docs/roadmap.md", "## Store\n- [x] a\n## Keys\n- [ ] b\n## Success criteria\n- [ ] c\n", []),
        ("docs/notes.md", "## Store\n- [x] a\n## Keys\n- [ ] b\n## End\n- [ ] c\n", []),
        ("release.md", "- [ ] a\n- [ ] b\n", []),
    ],
)
def test_a_list_of_boxes_alone_is_a_plan_where_its_name_says_so(path: str, text: str, expected: list[str]) -> None:
    assert [each.title for each in guide(text, path).phases] == expected


@pytest.mark.parametrize(
    ("cell", "files"), [("New `a.py`", ["a.py"]), ("[the store](docs/a.md)", []), ("see the store", [])]
)
def test_what_stands_beside_a_unit_in_a_row_says_what_it_does(cell: str, files: list[str]) -> None:
    row = "| M{at} — Core | {cell} |\n"
    text = "| Milestone | Deliverable |\n|--|--|\n" + row.format(at=0, cell=cell) + row.format(at=1, cell="b")

    one, _ = guide(f"# Plan\n{text}").phases

    assert ((one.id, one.title), [file.path for file in one.files]) == (("M0", "Core"), files)


def test_a_row_of_a_plan_declares_what_its_column_of_files_lists() -> None:
    head = "| id | role | files | acceptance |\n|--|--|--|--|\n"
    rows = "| ✅ T01 | dev | src/a.py,tests/test_a.py | R1: it reads |\n| T02 | dev | - | R2: it writes |\n"

    one, two = guide(f"# Tasks\n{head}{rows}").phases

    assert [(p.id, p.title, p.claim) for p in (one, two)] == [
        ("T01", "R1: it reads", "done"),
        ("T02", "R2: it writes", ""),
    ]
    assert [[(f.path, f.action.value) for f in p.files] for p in (one, two)] == [
        [("src/a.py", "unspecified"), ("tests/test_a.py", "test")],
        [],
    ]
