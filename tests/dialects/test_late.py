from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_phasegate.core.guide.markdown.document import read_document
from pytest_phasegate.dialects.canonical import SPEC_KIT
from pytest_phasegate.dialects.gsd import GSD
from pytest_phasegate.dialects.late import LATE
from pytest_phasegate.dialects.listed import BMAD, EXECPLAN, MEMORY_BANK, TASK_LIST
from pytest_phasegate.dialects.numbered import KIRO, OPENSPEC, PROPOSED_CHANGES, PRP
from pytest_phasegate.dialects.superpowers import SUPERPOWERS
from pytest_phasegate.dialects.taskmaster import TASKMASTER

if TYPE_CHECKING:
    from pytest_phasegate.dialects.late import LateDialect

LISTED = (BMAD, MEMORY_BANK, EXECPLAN, TASK_LIST)
KNOWN = (GSD, TASKMASTER, SUPERPOWERS, SPEC_KIT, KIRO, OPENSPEC, PRP, PROPOSED_CHANGES, *LISTED)
DIALECTS = {each.name: each for each in KNOWN}
PATHS = ["a.md", ".kiro/specs/x/tasks.md", "openspec/changes/x/tasks.md", "tasks.json"]
LINES = st.sampled_from([
    "### Task 1: A", "### Phase 2: B", "**Step 1: test**", "- [ ] **Step 2: x**", "For Claude: do", "- [ ] T001 a",
    "- [x] **T0012** b", "* [ ] 1. a", "- [ ]* 1.1 a", "- [x] **2.1** c", "- [ ]  3. spaced", "- [ ]\t4. tab",
    "## 1. Group", "_Requirements: 1_", "Task 1: a", "  Task 2 — b", "- **Task 3**: c", "- [-] 5 d", "Task  4: e",
    "## Tasks / Subtasks", "## Sub-Tasks", "## Tasks", "1. **a**", "2. **b** c", "- [TASK1] a", "* [TASK-2] b",
    "## Progress", "## Phases", "## Delivery Order", "1. a", "2. b", "### Backend",
    "#### [NEW] a.py", "  ## **[修正]** [a](b.py)",
    "## Decision Log", "## Milestones", "| ID | Description |", "|--|--|", "| 1 | a |", "| 2 | b |",
    "<task>", "  <name>Task 1: a</name>", "</task>",
    '{"tasks": [{"id": 1, "title": "a", "status": "done"}]}',
])  # fmt: skip


@pytest.mark.parametrize("late", LATE, ids=lambda late: late.name)
@settings(max_examples=100)
@given(lines=st.lists(LINES, max_size=8), path=st.sampled_from(PATHS))
def test_a_dialect_that_is_not_imported_would_not_have_answered(late: LateDialect, lines: list[str], path: str) -> None:
    document = read_document("\n".join(lines).encode(), path)

    assert late.strength(document) == DIALECTS[late.name].strength(document)
