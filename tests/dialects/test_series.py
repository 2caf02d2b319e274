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
        ("### Phase 1 — __init__.py\n### Phase 2 — __main__.py\n", [("1", "__init__.py"), ("2", "__main__.py")]),
        (
            "### Phase 1: __all__ and __slots__\n### Phase 2: **Bold**\n",
            [("1", "__all__ and __slots__"), ("2", "Bold")],
        ),
        ("### Phase 1: _private_\n### Phase 2: __Strong__\n", [("1", "_private_"), ("2", "Strong")]),
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


def test_phases_of_a_superpowers_plan_without_tasks_are_its_units() -> None:
    read = guide("# Plan\nFor Claude: go\n## Phase 1: Core\n**Step 1: x**\n## Phase 2: API\n")

    assert [each.id for each in read.phases] == ["1", "2"]


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
