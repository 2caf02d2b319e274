"""Which headings of a plan are its phases: the kinds of plan that people write, each with a sibling."""

from __future__ import annotations

import pytest

from dialects.reading import codes, guide

SPEC_KIT, OPENSPEC = "specs/x/tasks.md", "openspec/changes/x/tasks.md"


def units(text: str, path: str = "docs/plans/x_implementation_guide.md") -> list[tuple[str, str]]:
    return [(each.id, each.title) for each in guide(text, path).phases]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "### API\n#### Task Group 1: Timeouts\n#### Task Group 2: Retries\n## Summary\n"
                "### Task Group 1 (api.py):\n### Task Group 2 (cli.py):\n"
            ),
            [("1", "Timeouts"), ("2", "Retries")],
        ),
        (
            (
                "## Work\n### Phase 1: Parse\n### Phase 2: Write\n## Files by phase\n"
                "### Phase 1 (parse.py):\n### Phase 2 (write.py):\n"
            ),
            [("1", "Parse"), ("2", "Write")],
        ),
        (
            "### Phase 3 - Pricing\n### Phase 4 - History\n## Phase 1 — Discovery\n## Phase 2 — Adapters\n",
            [("3", "Pricing"), ("4", "History"), ("1", "Discovery"), ("2", "Adapters")],
        ),
        (
            "## Phase 1: A\n## Phase 2: B\n## Later\n### Phase 3: C\n### Phase 4: D\n",
            [("1", "A"), ("2", "B"), ("3", "C"), ("4", "D")],
        ),
        (
            (
                "## Phase 1: two at once\n### PR-A: a\n**Files**: `a.py`\n### PR-B: b\n**Files**: `b.py`\n"
                "## Phase 2: one\n### PR-C: c\n**Files**: `c.py`\n"
            ),
            [("A", "a"), ("B", "b"), ("C", "c")],
        ),
        (
            (
                "## Priority 1: Tests\n- [ ] Fix `src/a.py`\n## Priority 2: Edges\n"
                "### Day 2: Errors\n- [ ] Fix `src/b.py`\n"
                "### Day 3: Limits\n- [ ] Fix `src/c.py`\n## Priority 3: Docs\n- [ ] Write `docs/d.md`\n"
            ),
            [("1", "Tests"), ("2", "Edges"), ("3", "Docs")],
        ),
        (
            (
                "## Category 1: Core\n### Feature 4.1: Store\n**Files**: `a.py`\n"
                "### Feature 4.2: Evict\n**Files**: `b.py`\n"
                "## Category 2: API\n### Feature 4.3: Routes\n**Files**: `c.py`\n"
            ),
            [("4.1", "Store"), ("4.2", "Evict"), ("4.3", "Routes")],
        ),
        (
            (
                "## Phase 1: Core\n### EMB-1 Types\n- [ ] a\n### EMB-2 API\n- [ ] b\n"
                "## Phase 2: Docs\n### EMB-3 Guide\n- [ ] c\n"
            ),
            [("EMB-1", "Types"), ("EMB-2", "API"), ("EMB-3", "Guide")],
        ),
        ("## Sprint 1 (Weeks 1-2) 🏃\u200d♂️\n## Sprint 2 (API) 🚀\n", [("1", "Weeks 1-2"), ("2", "API")]),
        ("### Task 1: a\n### Task 2-4: b, c, d\n", [("1", "a"), ("2-4", "b, c, d")]),
        ("## Phase 1: a\n## Phases 2–3: b\n## Phase 4: c\n", [("1", "a"), ("2-3", "b"), ("4", "c")]),
        (
            "## Iteration 1: Core\n### Step 1: Model\n### Step 2: Store\n## Iteration 2: API\n### Step 1: Routes\n",
            [("1", "Core"), ("2", "API")],
        ),
        (
            "## Sprint 1: Core\n### Task 1: Model\n### Task 2: Store\n## Sprint 2: API\n",
            [("1", "Core"), ("2", "API")],
        ),
        (
            "## Week 1: Core\n### Task 1: Model\n### Task 2: Store\n## Week 2: API\n### Task 3: x\n",
            [("1", "Core"), ("2", "API")],
        ),
        (
            "## Milestone 1\n### Task 1: a\n### Task 2: b\n## Milestone 2\n### Task 1: c\n",
            [("1", ""), ("2", "")],
        ),
        (
            "## Current\n### Task 3: c\n## Planned\n### Task 3: c\n### Task 4: d\n",
            [("3", "c"), ("4", "d")],
        ),
        (
            "## Done\n### Phase 1: a\n### Phase 2: b\n## Open\n### Phase 2: b\n### Phase 3: c\n",
            [("1", "a"), ("2", "b"), ("3", "c")],
        ),
        ("### [ ] Phase 1: Parser\n### [x] Phase 2: Writer\n", [("1", "Parser"), ("2", "Writer")]),
        ("## [~] Task 1: Parser\n## - [x] Task 2: Writer\n", [("1", "Parser"), ("2", "Writer")]),
        (
            (
                "## Implementation Plan\n### Phase 1: a\n### Phase 2: b\n## Rollout Plan\n"
                "### Phase 0: x\n### Phase 1: y\n### Phase 2: z\n"
            ),
            [("1", "a"), ("2", "b")],
        ),
        (
            (
                "## Plan\n### Phase 1: a\n### Phase 2: b\n## Risks\n### Phase 1: lock-in\n"
                "### Phase 2: delays\n### Phase 3: none\n"
            ),
            [("1", "a"), ("2", "b")],
        ),
        (
            (
                "## Rollout\n### Phase 1: x\n5 % of users\n### Phase 2: y\n## Implementation Plan\n"
                "### Phase 1: a\n- [ ] Create `src/a.py`\n### Phase 2: b\n- [ ] Create `src/b.py`\n"
            ),
            [("1", "a"), ("2", "b")],
        ),
        ("### Phase 1 — __init__.py\n### Phase 2 — __main__.py\n", [("1", "__init__.py"), ("2", "__main__.py")]),
        (
            "### Phase 1: __all__ and __slots__\n### Phase 2: **Bold**\n",
            [("1", "__all__ and __slots__"), ("2", "Bold")],
        ),
        ("### Phase 1: _private_\n### Phase 2: __Strong__\n", [("1", "_private_"), ("2", "Strong")]),
        (
            "### **PHASE 1: Core** (Weeks 1-2)\n### **Phase 2: API** 🔗\n### **Phase 3**: **End** now\n",
            [("1", "Core (Weeks 1-2)"), ("2", "API 🔗"), ("3", "**End** now")],
        ),
        (
            "## Stage 0 — Core ✅ DONE (recap)\n## Stage 1 — DONE is a word\n",
            [("0", "Core (recap)"), ("1", "DONE is a word")],
        ),
        ("### Day 1-3: a\n### Days 4 to 5 - b\n### Day 6: c\n", [("1-3", "a"), ("4-5", "b"), ("6", "c")]),
        ("Week 1–2: a\n\nWeek 2–3 - b\n\n**Week 4**: c\n", [("1-2", "a"), ("2-3", "b"), ("4", "c")]),
        ("## Order\n1. Phase 1: a\n   - x\n2. Phase 2: b\n", [("1", "a"), ("2", "b")]),
        ("Days 1-2: a\n\nStep 3 - 2 things\n\nDay 3: b\n", [("1-2", "a"), ("3", "b")]),
        ("- [ ] 1. Phase 1: a\n  - [ ] 1.1 x\n- [ ] 2. Phase 3: b\n  - [ ] 2.1 y\n", [("1", "a"), ("2", "Phase 3: b")]),
        ("### Task 1: Step 1 — a\n### Task 2: Week 2: b\n", [("1", "Step 1 — a"), ("2", "Week 2: b")]),
        ("### Phase 1/3: a\n### Phase 2 of 3: b\n### Phase 3/3 — c\n", [("1", "a"), ("2", "b"), ("3", "c")]),
        ("### **Phase 1** a\n### `Phase 2` b\n### Phase 3 is over\n", [("1", "a"), ("2", "b")]),
        ("### Phase 1（MVP）✅ 完了\n### Phase 2 ✅ 完了（変更）— b\n### Phase 3 を見る\n", [("1", "MVP"), ("2", "b")]),
        ("### 5.1. Фаза 0: a\n### 5.2. Фаза 1.1: b\n### 6.1. Новое видение\n", [("0", "a"), ("1.1", "b")]),
        ("**第 1–2 天：a**\n\n**第 3-5 天：b**\n\n**3 天：c**\n", [("1-2", "a"), ("3-5", "b")]),
        (
            "## Phase 1: A\n### Task 1: a\n### Task 2: b\n## Phase 2: B\n### Task 3: c\n## Summary\n### Task 1: d\n",
            [("1", "A"), ("2", "B")],
        ),
        (
            (
                "## MVP: Store\n- [ ] Create `a.py`\n## Phase 1: Keys\n- [ ] x\n## Phase 2: API\n"
                "## Notes: a\n- [ ] Create `b.py`\n"
            ),
            [("MVP", "Store"), ("1", "Keys"), ("2", "API")],
        ),
        ("## Goal: a store\n- [ ] keep it\n## Phase 1: a\n## Phase 2: b\n", [("1", "a"), ("2", "b")]),
        (
            "## 问题\n### 步骤1：甲\n- x\n### 步骤2：乙\n## 实施步骤\n### 步骤1：丙\n### 步骤2：丁\n",
            [("1", "丙"), ("2", "丁")],
        ),
        (
            "## How it works\n### Step 1: a\n### Step 2: b\n## Plan\n### Step 1: c\n### Step 2: d\n",
            [("1", "c"), ("2", "d")],
        ),
        ("## Phase 0: a\n### Gaps\n## Plan\n### Phase 1: b\n### Phase 2: c\n", [("0", "a"), ("1", "b"), ("2", "c")]),
        (
            "### Sprint 1（W1） Core\n### Sprint 2 (W2) API\n### Sprint 3 (W3)\n",
            [("1", "Core"), ("2", "API"), ("3", "W3")],
        ),
    ],
)
def test_the_phases_are_those_its_author_meant(text: str, expected: list[tuple[str, str]]) -> None:
    assert units(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("### Task 1: a\n### Task 2-4: b, c, d\n", "PG125"),
        ("## Current\n### Task 3: c\n## Planned\n### Task 3: c\n### Task 4: d\n", "PG108"),
        (
            (
                "## Implementation Plan\n### Phase 1: a\n### Phase 2: b\n## Rollout Plan\n"
                "### Phase 0: x\n### Phase 1: y\n### Phase 2: z\n"
            ),
            "PG108",
        ),
        ("## Work\n### Phase 1: a\n### Phase 2: b\n## Notes\n### Phase 1 (a.py):\n", "PG108"),
        ("### Phase 3 - Pricing\n### Phase 4 - History\n## Phase 1 — Discovery\n## Phase 2 — Adapters\n", "PG110"),
    ],
)
def test_what_is_read_otherwise_than_it_stands_is_told(text: str, code: str) -> None:
    assert code in codes(text)


def test_headings_without_a_title_that_declare_what_the_titled_ones_do_not_are_the_phases() -> None:
    head, files = "## Timeline\n### Phase 1: Core\n### Phase 2: API\n## Details\n", "**Files**: `a.py`\n"
    read = guide(f"{head}### Phase 1 (Week 1)\n{files}### Phase 2 (Week 2)\n{files}")

    assert [(each.title, each.line, len(each.files)) for each in read.phases] == [("Core", 5, 1), ("API", 7, 1)]
    assert read.diagnostics == ()


def test_of_phases_that_stand_twice_those_that_say_what_to_do_are_read() -> None:
    read = guide(
        "## Overview\n### Task 1: a\n### Task 2: b\n## Details\n"
        "### Task 1: a\n- [ ] Create `src/a.py`\n### Task 2: b\n- [ ] Create `src/b.py`\n"
    )

    assert [each.path for one in read.phases for each in one.files] == ["src/a.py", "src/b.py"]


def test_days_and_weeks_from_one_to_another_are_one_phase_without_a_word() -> None:
    assert codes("### Day 1-3: a\n### Day 4-5: b\n### Week 2–3: c\n") == []


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        (
            (
                "## Phase 1: Helpers\n1. [ ] Add x\n2. [x] Add y\n## Phase 2: Use\n1. [ ] Use x\n"
                "## Validation checklist\n- [ ] Tests pass\n"
            ),
            OPENSPEC,
            [("1", "Helpers"), ("2", "Use")],
        ),
        ("## 1. Helpers\n1. [ ] Add x\n## 2. Use\n* [ ] Use x\n", OPENSPEC, [("1", "Helpers"), ("2", "Use")]),
        ("## Tasks\n- [ ] Add x\n## Validation\n- [ ] y\n", OPENSPEC, [("1", "Tasks"), ("2", "Validation")]),
    ],
)
def test_the_units_of_a_change_are_those_it_numbers(text: str, path: str, expected: list[tuple[str, str]]) -> None:
    assert units(text, path) == expected


def test_tasks_below_phases_are_the_units_of_a_superpowers_plan() -> None:
    read = guide("""
    # Plan
    > **For agentic workers:** go
    ## Phase 1: Core
    ### Task 1: a
    **Files:**
    - Create: `src/a.py`
    **Step 1: Write the failing test**
    ```bash
    git commit -m "feat: a"
    ```
    ### Task 2: b
    ```bash
    git commit -m "feat: b"
    ```
    ## Phase 2: API
    ### Task 3: c
    ```bash
    git commit -m "feat: c"
    ```
    """)

    assert [(each.id, each.title, each.commit) for each in read.phases] == [
        ("1", "a", "feat: a"),
        ("2", "b", "feat: b"),
        ("3", "c", "feat: c"),
    ]


def test_a_superpowers_task_without_a_list_of_files_is_read_by_its_steps() -> None:
    head = "# P\nFor Claude: go\n"
    plain, listed = "### Task 1: A\n- Update `src/a.py` now.\n- Test: it runs\n", "**Files:**\n- Modify: `src/b.py`\n"
    read = guide(f"{head}{plain}### Task 2: B\n{listed}\n#### Notes\n- Update `src/c.py` now.\n")

    assert [[file.path for file in each.files] for each in read.phases] == [["src/a.py"], ["src/b.py"]]


def test_the_steps_below_a_list_of_files_are_none_of_its_items() -> None:
    files, steps = "**Files:**\n- Modify: `src/b.py`\n", "- [ ] **Step 1: Run `make` in `web/`.**\n- [ ] Move `c.py`\n"
    head, boxes = "# P\nFor Claude: go\n", "**Files:**\n\n- [ ] `src/d.py`\n\n- [ ] `src/e.py`\n"
    beside = f"**Files:** Modify `src/b.py`\n\n{steps}"
    read = guide(f"{head}### Task 1: A\n{files}\n{steps}### Task 2: B\n{boxes}### Task 3: C\n{beside}")

    assert [[file.path for file in each.files] for each in read.phases] == [
        ["src/b.py"],
        ["src/d.py", "src/e.py"],
        ["src/b.py"],
    ]


def test_numbered_boxes_below_numbered_headings_may_name_their_commit() -> None:
    text = "### 1: A\n- [ ] 1.1 a\n  - **Files**: `src/a.py`\n  - **Commit**: `fix: a`\n### 2: B\n- [ ] 2.1 b\n"
    read = guide(f"# T\n{text}  - _Requirements: 1_\n", "specs/x/tasks.md")

    assert [(each.id, each.title, each.commit) for each in read.phases] == [("1", "A", "fix: a"), ("2", "B", None)]


def test_chunks_hold_the_tasks_of_a_superpowers_plan() -> None:
    one, two = (f"### Task {at}: t\n- [ ] **Step 1: Write**\n" for at in (1, 2))
    read = guide(f"# P\n## Chunk 1: Core\n{one}## Chunk 2: API\n{two}")

    assert (read.dialect, [each.id for each in read.phases]) == ("superpowers", ["1", "2"])


@pytest.mark.parametrize("head", ["Part {}: {}", "Bloc {} : {}", "Work package {}: {}", "Arbeitspaket {}: {}"])
def test_parts_with_something_to_do_are_units(head: str) -> None:
    headings = [f"## {head.format(at, 'x')}" for at in (1, 2)]

    assert units(plan(*headings, said="- [ ] do {}\n")) == [("1", "x"), ("2", "x")]
    assert "Part" not in head or units(plan(*headings, said="- as we saw\n")) == []


def test_phases_of_a_superpowers_plan_without_tasks_are_its_units() -> None:
    read = guide("# Plan\nFor Claude: go\n## Phase 1: Core\n**Step 1: x**\n## Phase 2: API\n")

    assert [each.id for each in read.phases] == ["1", "2"]


def test_the_phases_of_an_openspec_change_wait_for_what_it_draws() -> None:
    phases = "".join(f"## Phase {n}: t\n- [ ] {n}.1 x\n" for n in (1, 2, 3))

    assert guide(f"{phases}## Dependency Order\nPhase 1 → Phase 3\n", OPENSPEC).phases[2].depends == ("1",)


@pytest.mark.parametrize(
    "text",
    [
        "```yaml\nTask 1: CREATE src/a.py\n  - x\nTask 2: MODIFY src/b.py\n```\n",
        "## Implementation Blueprint\nTask 1 - Setup:\nCREATE src/a.py:\nTask 2 - Rest:\nMODIFY src/b.py\n",
    ],
)
def test_the_deeds_of_a_task_may_stand_in_its_line_or_below(text: str) -> None:
    assert [[file.path for file in one.files] for one in guide(f"# PRP\n{text}", "PRPs/x.md").phases] == [
        ["src/a.py"],
        ["src/b.py"],
    ]


@pytest.mark.parametrize("line", ["Task 1 - Setup:", "Task 1: Setup", "**Task 1** — Setup", "- Task 1 - Setup"])
def test_a_task_line_of_a_prp_may_have_any_separator(line: str) -> None:
    text = f"# PRP\n```yaml\n{line}\nCREATE src/a.py\nTask 2 - Rest:\nMODIFY src/b.py\n```\n"

    assert units(text)[0] == ("1", "Setup")


@pytest.mark.parametrize(
    ("text", "needs", "found"),
    [
        ("### Task 1: a\n### Task 2-4: b\n### Task 5: c\n**Depends on**: Task 3\n", ("2-4",), []),
        ("### Task 1: a\n### Task 2-4: b\n### Task 5: c\n**Depends on**: Task 2-4\n", ("2-4",), []),
        ("### Task 1: a\n### Task 2-4: b\n### Task 5: c\n**Depends on**: Tasks 1, 4\n", ("1", "2-4"), []),
        ("### Task 1: a\n### Task 2-4: b\n### Task 5: c\n## Dependencies\nTask 5 depends on Task 2\n", ("2-4",), []),
        ("### Task 1: a\n### Task 2-4: b\n### Task 6: c\n**Depends on**: Task 5\n", (), ["PG111"]),
        ("### Task 1: a\n### Task 2-4: b\n### Task 5: c\n**Depends on**: Task 1\n", ("1",), []),
    ],
)
def test_a_dependency_on_a_task_of_a_range_is_one_on_the_unit_that_holds_it(
    text: str, needs: tuple[str, ...], found: list[str]
) -> None:
    read = guide(text)

    assert read.phases[-1].depends == needs
    assert [each.code for each in read.diagnostics if each.code in {"PG111", "PG112"}] == found


def test_a_part_of_a_range_does_not_wait_for_the_unit_it_is_in() -> None:
    read = guide(
        "### Task 1: a\n### Task 2-4: b\n## Dependencies\nTask 3 depends on Task 2\nTask 3 depends on Task 1\n"
    )

    assert read.phases[1].depends == ("1",)
    assert "PG112" not in {each.code for each in read.diagnostics}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ("- Create: `pkg/app/tests/test_a.py`\n", "pkg/app/tests/test_a.py"),
        ("- Create: `tests/test_a.py`\n- Create: `pkg/app/tests/test_a.py`\n", "tests/test_a.py"),
        ("- Create: `a/tests/test_a.py`\n- Create: `b/tests/test_a.py`\n", "tests/test_a.py"),
        ("- Create: `pkg/app/mytests/test_a.py`\n", "tests/test_a.py"),
    ],
)
def test_a_test_file_that_a_step_names_by_its_end_is_the_declared_file_that_ends_so(files: str, expected: str) -> None:
    read = guide(
        f"# Plan\nFor Claude: go\n### Task 1: A\n**Files:**\n{files}\n**Step 1: Write the failing test**\n\n"
        "Create `tests/test_a.py`:\n\n```python\ndef test_x():\n    assert False\n```\n"
    )

    assert [(test.name, test.file) for test in read.phases[0].tests] == [("test_x", expected)]


FILES = "**Files**:\n- `src/{0}.py`\n"


def plan(*headings: str, said: str = FILES) -> str:
    """A plan of these headings, with what each section says."""
    return "\n".join(f"{heading}\n{said.format(at)}" for at, heading in enumerate(headings))


DAYS = plan("### [W1-D1] a", "### [W1-D2] b")
STEPS, SECTIONS = plan("### [Step 1] a", "### [Step 2] b"), plan("### 1. a", "### 2. b", "### 3. c")


@pytest.mark.parametrize(
    ("headings", "ids"),
    [
        (["## M1: Core", "## M2: API"], ["M1", "M2"]),
        (["### F1 — Core", "### F2 — API", "### F3 - End"], ["F1", "F2", "F3"]),
        (["### 阶段零：Core", "### 阶段一：API"], ["0", "1"]),
        (["### T-01: Core", "### T-02: API", "### T-03"], ["T-01", "T-02", "T-03"]),
        (["### T-01 Core", "### [T-02] API"], ["T-01", "T-02"]),
        (["### AUTH-101: Core", "### AUTH-102: API"], ["AUTH-101", "AUTH-102"]),
        (["## Change 1: Core", "## Change 2: API"], ["1", "2"]),
        (["## Session 1: Core", "## Session 2: API"], ["1", "2"]),
        (["### Módulo 1: Core", "### Módulo 2: API"], ["1", "2"]),
        (["### MÓDULO 1: Core", "### MÓDULO 2: API"], ["1", "2"]),
        (["### HORA 1: Core", "### HORA 2: API"], ["1", "2"]),
        (["### PR-A — Core", "### PR-B — API"], ["A", "B"]),
        (["### Task AUTH-1: Core", "### Task AUTH-2: API"], ["AUTH-1", "AUTH-2"]),
        (["### Phase 2A: Core", "### Phase 2B.1: API", "### Phase 2B.2: End"], ["2A", "2B.1", "2B.2"]),
        (["### Phase P0-A — Core", "### Phase P0-B — API"], ["P0-A", "P0-B"]),
        (["### Phase 1 > Core", "### Phase 2 » API"], ["1", "2"]),
        (["## Phase 1: Core", "### T-01: a", "### T-02: b", "## Phase 2: API", "### T-03: c"], ["1", "2"]),
        (["## 1. Core", "## 2. API"], ["1", "2"]),
        (["## I. Core", "## II. API", "## III) End"], ["I", "II", "III"]),
        (["#### A.1 Core", "#### A.2 API", "#### B.1 End"], ["A.1", "A.2", "B.1"]),
        (["## T-017-0 — Core", "## T-017-1 — API"], ["T-017-0", "T-017-1"]),
        (["### TASK-012-001: Core", "### TASK-012-002: API"], ["012-001", "012-002"]),
        (["### BE-1: Core", "### BE-2: API", "### FE-1: a", "### FE-2: b"], ["BE-1", "BE-2", "FE-1", "FE-2"]),
        (["### S4A — Core", "### S4B.1 — API", "### S4C: End"], ["S4A", "S4B.1", "S4C"]),
        (["## Fix 1: Core", "## Fix 2: API", "## ~~Fix 3: Gone~~ — DEFERRED"], ["1", "2"]),
        (["## #11 Core", "## #12: API", "## #L4 `end` of all"], ["11", "12", "L4"]),
        (["## Option 1: A", "### Task 1: a", "### Task 2: b", "## Option 2: B", "### Task 3: c"], ["1", "2", "3"]),
    ],
)
def test_a_code_or_a_word_of_the_plans_own_heads_units_that_declare_work(headings: list[str], ids: list[str]) -> None:
    assert [unit for unit, _ in units(plan(*headings))] == ids


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## 1. Why\n## 2. Milestones\n### M0 — Core ✅ *core done*\n### M1 — API\n- b\n## 3. Risks\n### R0 — x\n",
            [("M0", "Core"), ("M1", "API")],
        ),
        ("## Development Phases\n### 1. Core\n- a\n### 2. API\n- b\n", [("1", "Core"), ("2", "API")]),
        ("## Refactoring Sequence\n### 1. Core\n- a\n### 2. API\n- b\n", [("1", "Core"), ("2", "API")]),
        (
            "## Changes\n### Layer 0: Types\n#### [MODIFY] `a.py`\n### Layer 1: Views\n#### [NEW] `b.py`\n",
            [("0", "Types"), ("1", "Views")],
        ),
        (
            "# F-1 — Plano\n## 📋 FASES DE EXECUÇÃO (F1-F2)\n### F1 — Core\n- a\n### F2 — API\n- b\n",
            [("F1", "Core"), ("F2", "API")],
        ),
        ("## Étapes de mise en œuvre\n### 1. Core\n- a\n### 2. API\n- b\n", [("1", "Core"), ("2", "API")]),
        ("## Deliverables\n### 1. Core\n- a\n### 2. API\n", [("1", "Core"), ("2", "API")]),
        ("## Deliverables\n### D1: Core\n- a\n### D2: API\n", [("D1", "Core"), ("D2", "API")]),
        ("### Deliverable 1: Core\n- a\n### Deliverable 2: API\n", [("1", "Core"), ("2", "API")]),
        (
            "## Open tasks\n### D1 Core\n- a\n### **D5** API **COMPLETED**\n## Completed Tasks\n### D5 API\n- b\n",
            [("D1", "Core"), ("D5", "API")],
        ),
        (
            "## 主骨任务（T01–T02）\n### T01 — Core {#t01}\n### T02 — API\n## 缺口任务\n### G1 — a\n### G2 — b\n",
            [("T01", "Core"), ("T02", "API"), ("G1", "a"), ("G2", "b")],
        ),
        ("## 推荐实现\n### P0：Core\n- a\n### P1：API\n", [("P0", "Core"), ("P1", "API")]),
        ("## Implementation Plan\n### Option A\n#### A.1 Core\n#### A.2 API\n", [("A.1", "Core"), ("A.2", "API")]),
        ("## Implementation\n### 1. Core\n- a\n### 2. API\n", [("1", "Core"), ("2", "API")]),
        ("## Implementation notes\n### 1. Core\n- a\n### 2. API\n", []),
        ("## Findings\n### X1 — slow\n### X2 — fast\n", []),
        ("## Why phases matter\n### 1. Core\n### 2. API\n", []),
        ("## Next Steps\n### 1. Core\n### 2. API\n", []),
    ],
)
def test_headings_below_one_that_names_units_are_units(text: str, expected: list[tuple[str, str]]) -> None:
    assert units(text) == expected


@pytest.mark.parametrize(
    "said", ["", "**Mitigation**: cache\n", "**Status**: open\n", "**Goal**: keep\n", "see `src/a.py`\n"]
)
def test_headings_with_a_code_that_declare_no_work_are_none(said: str) -> None:
    assert units(plan("### X1: slow", "### X2: fast", said=said)) == []


@pytest.mark.parametrize("letters", ["FR-00", "R", "AC", "ADR-", "Q"])
def test_what_is_asked_feared_or_decided_is_no_unit(letters: str) -> None:
    assert units(plan(f"### {letters}1: keep", f"### {letters}2: drop")) == []


TASKS = plan("### TASK-7-1: a", "### TASK-7-2: b")
CODES = plan("### P1.1 - a", "### P1.2 - b")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (f"{STEPS}## Rollout\n### Phase 1: x\n- x\n### Phase 2: y\n- y\n", ["1", "2"]),
        (f"## Order\n### Sprint 1: x\n1. do\n### Sprint 2: y\n2. do\n## Work\n{SECTIONS}", ["1", "2", "3"]),
        ("### Phase 1: x\n- x\n### Phase 2: y\n- y\n", ["1", "2"]),
        (f"{plan('## 1. Why', '## 2. How')}### Phase 1: x\n### Phase 2: y\n### Phase 3: z\n", ["1", "2", "3"]),
        (f"#### PHASE 1: A\n{STEPS}#### PHASE 2: B\n{plan('### [Step 3] c')}", ["1", "2", "3"]),
        (f"## Week 1\n{DAYS}## Week 2\n{plan('### [W2-D3] c')}", ["W1-D1", "W1-D2", "W2-D3"]),
        (f"## Week 1: Core\n{DAYS}## Week 2: API\n{plan('### [W2-D3] c')}", ["1", "2"]),
        (f"## Phase 1: A\n{TASKS}## Phase 2: B\n{plan('### TASK-7-3: c')}", ["7-1", "7-2", "7-3"]),
        (f"## Phase 5: A\n{plan('### Task 1: a')}## Phase 6: B\n{plan('### Task 2: b')}", ["1", "2"]),
        (
            (
                f"### Phase 1: A\n### Phase 2: B\n## Details\n### Phase 1: A\n{CODES.replace('###', '####')}"
                f"### Phase 2: B\n{plan('#### P2.1 - c')}"
            ),
            ["P1.1", "P1.2", "P2.1"],
        ),
        (f"## Phase 1: A\n{CODES}## Phase 2: B\n{plan('### P2.1 - c')}", ["P1.1", "P1.2", "P2.1"]),
        (f"## Phase 1: A\n- [ ] x\n{CODES}## Phase 2: B\n{plan('### P2.1 - c')}", ["1", "2"]),
        (f"## Phase 1: A\n- [ ] x\n{TASKS}## Phase 2: B\n{plan('### TASK-7-3: c')}", ["1", "2"]),
        (f"## Phase 1: A\n{TASKS}## Phase 2: B\n{plan('### TASK-7-1: c')}", ["1", "2"]),
        (f"## P1 - A\n{CODES}## P2 - B\n{plan('### P2.1 - c')}", ["P1.1", "P1.2", "P2.1"]),
        (f"## P1 - A\n- [ ] x\n{CODES}## P2 - B\n- [ ] y\n{plan('### P2.1 - c')}", ["P1", "P2"]),
        (f"## M1: A\n**Depends on**: none\n{CODES}## M2: B\n**Depends on**: M1\n", ["M1", "M2"]),
        ("## Etapa 1: A\n## Etapa 2: B\n## Later\n### Fase 2: X\n### Fase 3: Y\n", ["1", "2"]),
        ("## Phase 4: A\n## Phase 5: B\n## Notes\n### Step 1: X\n### Step 2: Y\n", ["4", "5"]),
    ],
)
def test_sections_that_say_nothing_of_work_give_way_to_those_that_do(text: str, ids: list[str]) -> None:
    assert [unit for unit, _ in units(text)] == ids


@pytest.mark.parametrize("head", ["### Task {0}: {1}", "### {0}. {1}"])
def test_numbers_that_begin_anew_under_another_parent_are_more_of_the_plan(head: str) -> None:
    numbers = [(1, "a"), (2, "b")], [(1, "c"), (2, "d")]
    backend, frontend = (plan(*(head.format(*each) for each in some)) for some in numbers)

    found = guide(f"## Backend\n{backend}\n## Frontend\n{frontend}")

    assert [(each.id, each.title) for each in found.phases] == [("1", "a"), ("2", "b"), ("1#2", "c"), ("2#2", "d")]
    assert {(each.code, each.severity.value) for each in found.diagnostics} == {("PG109", "warning")}


def test_a_summary_that_begins_anew_is_none() -> None:
    work = plan("### Task 1: a", "### Task 2: b")

    assert codes(f"## Work\n{work}\n## Summary\n### Task 1: x\n- done\n### Task 2: y\n- done\n") == ["PG108"]


def test_headings_that_group_the_numbered_tasks_of_a_story_are_no_units() -> None:
    text = (
        "## Tasks / Subtasks\n### Phase 1: A\n- [x] **Task 1: a** (AC: 1)\n  - [x] Create `a.py`\n- [ ] **Task 2: b**\n"
        "### Phase 2: B\n- [ ] **Task 3: c**\n  - [ ] Create `c.py`\n## Notes\n- [ ] x\n"
    )
    read = guide(text, "docs/stories/1.1.story.md")

    assert [(p.id, p.title, [f.path for f in p.files]) for p in read.phases] == [
        ("1", "a", ["a.py"]),
        ("2", "b", []),
        ("3", "c", ["c.py"]),
    ]


def test_the_headings_of_a_story_are_its_tasks() -> None:
    text = "## Tasks / Subtasks\n### Task 1: a (AC: 1)\n- [ ] 1.1 x\n- [ ] 1.2 y\n### Task 2: b\n- [ ] 2.1 z\n"

    assert units(text, "docs/stories/1.1.story.md") == [("1", "a"), ("2", "b")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "## Core\n### Task 1: a\n- [ ] Create `a.py`\n### Task 2: b\n- [ ] Update `b.py`\n"
                "## Web\n### Task 1: c\n- [ ] Create `c.py`\n### Task 2: d\n- [ ] Create `d.py`\n"
            ),
            ["1", "2", "1#2", "2#2"],
        ),
        (
            (
                "## Core\n### Task 1: a\n- [ ] Create `a.py`\n### Task 2: b\n- [ ] Update `b.py`\n"
                "## Rollout\n### Task 1: c\n- [ ] 5% of users\n### Task 2: d\n- [ ] All `users`\n"
            ),
            ["1", "2"],
        ),
        (
            (
                "## Phase 1: A\n### S1A: a\n- [ ] Create `a.py`\n### S1B: b\n- [ ] Create `b.py`\n"
                "## Phase 2: B\n### S2A: c\n- [ ] Create `c.py`\n"
            ),
            ["S1A", "S1B", "S2A"],
        ),
    ],
)
def test_a_box_that_orders_a_file_says_what_a_label_of_files_says(text: str, expected: list[str]) -> None:
    assert [one.id for one in guide(text).phases] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("### 1. `a.py` — **New file**\n### 2. `src/b.py` — **Modify**\n", {"1": "a.py", "2": "src/b.py"}),
        ("## Changes\n### 1. `src/a.py` — NEW\n### 2. `src/b.py` [MODIFY]\n", {"1": "src/a.py", "2": "src/b.py"}),
        ("## 1.1 `src/a.py` [修改]\n## 1.2 `src/b.py` (new)\n", {"1.1": "src/a.py", "1.2": "src/b.py"}),
        (
            "### Part A: One\n#### A1. `src/a.py` [NEW]\n### Part B: Two\n#### B1. `src/b.py` [MODIFY]\n",
            {"A": "src/a.py", "B": "src/b.py"},
        ),
        (
            "## 详细实施步骤\n### 1. One\n#### [新增] `src/a/`\n### 2. Two\n- [ ] Update `src/b.py`\n",
            {"1": "src/a/", "2": "src/b.py"},
        ),
        ("## Overview\n### 1. `src/a.py`\n### 2. `src/b.py`\n", {}),
        ("## Overview\n### 1. `src/a.py` — models\n### 2. `src/b.py` — newest\n", {}),
    ],
)
def test_sections_that_are_files_to_be_changed_are_units(text: str, expected: dict[str, str]) -> None:
    assert {one.id: one.files[0].path for one in guide(text).phases} == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("# Phase 2: Store\n## 1. Why\n### 1.1 Cache (`src/a.py`)\n## 2. How\nx\n", "docs/store.md", ["2"]),
        ("# Phase 2: Store\n## 1. A\n**Files**: `a.py`\n## 2. B\n**Files**: `b.py`\n", "docs/store.md", ["1", "2"]),
        ("## WS1 — A\n### Acceptance\n- a\n## WS2 — B\n**Acceptance:** b\n", "docs/store_plan.md", ["WS1", "WS2"]),
        ("## WS1 — A\n### Acceptance\n- a\n## WS2 — B\n**Acceptance:** b\n", "docs/wishes.md", []),
        ("## FR-1 — A\n**Acceptance:** a\n## FR-2 — B\n**Acceptance:** b\n", "docs/store_plan.md", []),
        ("## 1. A\n**Acceptance:** a\n## Notes\n## 2. B\n", "docs/store_plan.md", ["1", "2"]),
        ("## WS1 — A\n## WS2 — B\n### 2.1 C\n## WS3 — D\n", "docs/store_plan.md", ["WS1", "WS2", "WS3"]),
        ("## WS1 — A\n## WS2 — B\n### 2.1 C\n## WS4 — D\n", "docs/store_plan.md", []),
        ("# Plan\n## Later\n### X1 — A\n### X2 — B\n### X3 — D\n", "docs/store_plan.md", []),
        ("# Plan\n## D0 — A\n## D1 — B\n## D2 — C\n", "docs/store_plan.md", ["D0", "D1", "D2"]),
        ("# Plan\n## Q1 — A\n## Q2 — B\n## Q3 — C\n", "docs/store_plan.md", []),
        ("## 零、Why\n## 一、P0：A\n## 二、P1：B\n## 三、P2：C\n", "docs/plan.md", ["P0", "P1", "P2"]),
        ("## v0.7 — A (shipped)\n## v1.0 — B\n## Later\n", "docs/roadmap.md", ["v0.7", "v1.0"]),
        ("## 1.14.0：A\n## 1.15.x：B\n## 2.1 C\n", "docs/roadmap.md", ["1.14.0", "1.15.x"]),
        ("## Version 1: A\n## Version 1.5: B\n", "docs/roadmap.md", ["1", "1.5"]),
        ("## v0.7 — A\n## v1.0 — B\n", "docs/changes.md", []),
        ("## Phase 1: C\n- x\n## Phase 2: D\n## v0.7 — A\n## v1.0 — B\n", "docs/plan.md", ["1", "2"]),
        (plan("### 改进 1: a", "### 改进 2: b"), "docs/计划.md", ["1", "2"]),
        (plan("### Issue 1: a", "### Issue 2: b"), "docs/plans/x.md", ["1", "2"]),
        (
            "# Sprint 94: Agents\n" + plan("## Feature 94.1: a (8 SP)", "## Feature 94.2: b"),
            "docs/SPRINT_94_PLAN.md",
            ["94.1", "94.2"],
        ),
        (plan("## Feature 94.1: a (8 SP)", "## Feature 94.2: b"), "docs/SPRINT_94_TESTS.md", []),
        ("# What was done\n" + plan("### Part 1: a", "### Part 2: b"), "docs/TDD_CACHE.md", []),
        ("# What broke\n" + plan("### Issue 1: a", "### Issue 2: b"), "docs/issues.md", []),
        (plan("### 改进 1: a", "### 改进 2: b", said="见上\n"), "docs/x.md", []),
    ],
)
def test_chapters_of_a_phase_are_none_and_a_plan_s_codes_need_only_criteria(
    text: str, path: str, expected: list[str]
) -> None:
    assert [one.id for one in guide(text, path).phases] == expected


CHECKS = "### Step 1: Run it\n- look\n### Step 2: Read the log\n- look\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# Fix\n## Change\nIn a.py.\n## Verification\n{CHECKS}", []),
        (f"# Fix\n## 3. How to verify it\n{CHECKS}", []),
        (f"# Fix\n## 🧪 Test plan (by hand)\n{CHECKS}", []),
        (f"# Spec\n## User Scenarios & Testing *(mandatory)*\n{CHECKS.replace('Step', 'User Story')}", []),
        ("# Fix\n## Change\n## Testing strategy\n### 1. Unit tests\n**Goal**: x\n### 2. End to end\n", []),
        ("# Fix\n## Verification\n**Step 1: Run it**\n- look\n\n**Step 2: Read it**\n", []),
        (f"# Fix\n## 验证方案\n{CHECKS}", []),
        (f"# Fix\n## 7. 검증 전략\n{CHECKS}", []),
        (f"# Fix\n## Prüfung\n{CHECKS}", []),
        (f"# Fix\n## 测试用例生成器的实现步骤\n{CHECKS}", ["1", "2"]),
        ("# Fix\n## Verification\n| Step | Action |\n|--|--|\n| 1 | Run it |\n| 2 | Read it |\n", []),
        (f"# Fix\n{plan('## Task 1: A', '## Task 2: B')}\n## Verification\n{CHECKS}", ["1", "2"]),
        ("# Fix\n## Step 1: A\n## Step 2: Verification\n", ["1", "2"]),
        (f"# Fix\n## Work\n{CHECKS}## Verification\n- look\n", ["1", "2"]),
        (f"# Test plan\n{CHECKS}", ["1", "2"]),
        (f"# Fix\n## Verification\n{STEPS}", ["1", "2"]),
        (f"# Fix\n## Test the parser first, then write it\n{CHECKS}", ["1", "2"]),
        (f"# Fix\n## Latest steps\n{CHECKS}", ["1", "2"]),
    ],
)
def test_steps_of_a_chapter_that_checks_are_no_phases(text: str, expected: list[str]) -> None:
    assert [one.id for one in guide(text, "docs/fix.md").phases] == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("# Plan\n## 1. Add the store\nIt keeps.\n## 2. Extract the parser\nx\n", "docs/store.md", ["1", "2"]),
        ("# Store\n## 1. Store\n- Add a class.\n## 2. Parser\n1. Write it.\n## 3. End\n", "plan.md", ["1", "2", "3"]),
        ("# Roadmap\n## 0. Store\n- [ ] keep\n## 1. Parser\n- [ ] read\n", "docs/x.md", ["0", "1"]),
        ("# Plan\n## 1. A\n**Goal**: keep\n## 2. B\n**Goal**: read\n", "docs/x.md", ["1", "2"]),
        ("# Plan\n## 1. Overview\nIt keeps.\n## 2. Risks\n- Slow\n", "docs/plan.md", []),
        ("# Plan\n## 1. Overview\nx\n## 2. Changes\n- Add a class.\n## 3. Risks\n- Slow\n", "docs/plan.md", []),
        ("# Plan\n## 1. Why\nx\n## 2. Add a store\n## 3. Add a parser\n## 4. Write it\n", "docs/plan.md", []),
        ("# Claude-Plan skill\n## New\n### 1. Files\n- Add a\n### 2. End\n- x\n", "docs/x.md", []),
        ("# Done\n## Deliverables\n### 1. Store\n- `a.py`\n### 2. Log\n- `b.py`\n", "PHASE5_COMPLETE.md", []),
        (
            "# Store: cache - Implementation Complete\n## Steps\n### 1. Store\n- `a.py`\n### 2. Log\n- b\n",
            "docs/x.md",
            [],
        ),
        (
            "# Cache: guardar - Implementação Completa\n## Passos\n### 1. A\n**Arquivo**: `a.py`\n### 2. B\n- b\n",
            "docs/x.md",
            [],
        ),
        ("# Store — Complete 🎉\n## Deliverables\n### 1. Store\n- a\n### 2. Log\n- b\n", "docs/x.md", []),
        ("# Test Report - E2E-002\n## 1. A\n- Create `a.py`\n## 2. B\n- Create `b.py`\n", "docs/x.md", []),
        ("# Plan: weekly report\n## 1. Add a class\n- x\n## 2. Write it\n- y\n", "docs/x.md", ["1", "2"]),
        ("# Report\n## 1. Add a class\n- x\n## 2. Write it\n- y\n", "docs/report_plan.md", []),
        ("# Correções Implementadas\n## 1. A\n- Create `a.py`\n## 2. B\n- Create `b.py`\n", "docs/x.md", []),
        ("# 缓存实施报告\n## 1. A\n- Create `a.py`\n## 2. B\n- Create `b.py`\n", "docs/x.md", []),
        ("# Plan: summary\n## 1. Files\n- Add a\n## 2. Tests\n- Add b\n", "docs/x.md", []),
        ("# Plan\n## Changes\n### 1. Store\n- Add a\n### 2. Reader\nx\n### 3. End\n", "docs/x.md", ["1", "2", "3"]),
        ("# Plan\n## 1. Add a store\n## 2. Risks\n## 3. Costs\n", "docs/plan.md", []),
        ("# Design\n## 1. Add a store\n- Add x\n## 2. Add a parser\n- [ ] read\n", "docs/design.md", []),
        ("# Design\n## 1. Why\n## 2. Goals\n**Goal**: x\n## 3. How\n- Create `src/a.py`\n", "docs/design.md", []),
        ("# Store\n## 1. Create `a.py`\nx\n## 2. Update `b.py`\nx\n", "docs/store.md", ["1", "2"]),
        ("# Fix plan\n## High\n### 1. Wording\nx\n### 2. Names\n## Low\n### 1. Rest\n", "docs/x.md", []),
        ("# Wiki\n## Proposed Changes\n### 1. Storage\n- a\n### 2. Bot\n- b\n", "docs/x.md", ["1", "2"]),
        ("# Wiki\n## To come\n### 1. Cloud\n- `[ ]` Make a\n### 2. Key\n- `[ ]` b\n", "docs/tasks.md", ["1", "2"]),
        (
            "# 修复前视偏误\n## 核心改動\n### 1. `Action` 加入欄位\n說明\n### 2. 策略回測引擎\n說明\n",
            "docs/x.md",
            ["1", "2"],
        ),
        ("# 修复前视偏误\n## 核心問題\n### 1. `Action` 太慢\n說明\n### 2. 策略回測引擎\n說明\n", "docs/x.md", []),
        ("# Client migration\n## Delivery sequence\n### 1. Adapter\nx\n### 2. Cache\nx\n", "docs/x.md", ["1", "2"]),
        ("# Marks\n## Boxes\n### 1. Open\n- `[ ]` open\n### 2. Ticked\n- `[x]` done\n", "docs/marks.md", []),
        ("# Setup guide\n## 1. Create a key\n- Add it\n## 2. Install it\n- Add it\n", "docs/setup-guide.md", []),
        ("# Test plan\n## 1. Store\n- [ ] keeps\n## 2. Parser\n- [ ] reads\n", "docs/test-plan.md", []),
        (
            "# Store plan\n## Design\n### 1. Buffer\nAdd to `Store`:\n- size\n### 2. Reader\nx\n",
            "docs/x.md",
            ["1", "2"],
        ),
        ("# Task 010: Store\n## Plan\n### Subtask 10.1: A\n### Subtask 10.2: B\n", "docs/x.md", ["10.1", "10.2"]),
        (
            "# Plan\n- [x] Phase 1: A (done)\n- [ ] **Phase 2: B** — b\n- [ ] **Phase 3: C**\n",
            "docs/plan.md",
            ["1", "2", "3"],
        ),
        (
            "# Report\n### 1. A\n#### File: a.py\n### 2. B\n#### File: b.py\n## Fix\n### Phase 0: A\n### Phase 1: B\n",
            "docs/x.md",
            ["0", "1"],
        ),
    ],
)
def test_numbered_chapters_are_phases_where_most_order_work(text: str, path: str, expected: list[str]) -> None:
    assert [one.id for one in guide(text, path).phases] == expected
