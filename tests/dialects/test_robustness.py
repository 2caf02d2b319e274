from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialects.reading import guide
from pytest_phasegate.app.guide.reader import read_guide, unreadable
from pytest_phasegate.core.guide.lint import linted
from pytest_phasegate.core.guide.markdown.document import read_document
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.dialects import BUILT_IN
from pytest_phasegate.reports.guide_report import guide_json, guide_text

if TYPE_CHECKING:
    from types import FrameType

PIECES = st.sampled_from([
    "### Phase 1: A", "### Phase 2: B", "## Phase 1", "# Step 3 — C", "## 1. One", "### Task N: {X}", "```",
    "```python", "~~~", "**Files**:", "- `src/a.py`", "- `../x`", "**Tests to write** (in `t.py:TestA`):",
    "def test_a(): ...", "    def test_b(self): ...", "class TestA:", '"""', "**Commit**: `feat: x`",
    'git commit -m "a', "- [ ] 1.1 x", "- [x] T001 [P] do `x.py`", "**Depends on**: Phase 1-9",
    "Phase 1 -> Phase 2 -> Phase 1", "| `a.py` | Create |", "---", "<!--", "-->", "Coverage: 101%", "**", "__",
    "****:", "- **", "()", "[", "`", "\t", " ", "\u3000", "Task 1: x", "CREATE a.py", "Run: `pytest a.py::test_a`",
    'Expected: FAIL with "', "_Requirements: 1_", "> **Goal**: x", "## Dependencies", "\x00", "\x1b[0m",
    "### T-01: A", "### T-02 B", "## M1 — C", "## Change 1: D", "### Task 1: E", "## Backend", "- `test_c` — d",
    "**Tests** — `t.py`:", "#### New: `src/b.py`", "## Tasks / Subtasks", "<task>", "<name>Task 1: x</name>", "</task>",
    "| Phase | Focus |", "|--|--|", "| 1 | Create `a.py` |", "- [pending] x", "PHASE 1: x",
    "Create `a.py` with:", "- **M1**: a", "A[Phase 1] --> B", "B[Phase 2: x] --> A", "| Phase | Depends on |",
    "| 2 | 1 |", "US1 → US2", "## Phase 2: User Story 1", "**GREEN: do**", "  - x `b.py`",
])  # fmt: skip
DOCUMENTS = st.lists(PIECES | st.text(max_size=30), max_size=40).map("\n".join)


@settings(max_examples=300)
@given(DOCUMENTS, st.sampled_from(["a.md", ".kiro/specs/x/tasks.md", "openspec/changes/x/tasks.md"]))
def test_no_text_makes_a_reader_fail(text: str, path: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    read = linted(read_guide(data, path, BUILT_IN), Settings(), text.count("\n") + 1)

    assert guide_json(read, read.phases)["guide"]["path"] == path
    assert "\x1b" not in guide_text(read, read.phases)
    assert all(1 <= phase.line <= phase.end_line <= text.count("\n") + text.count("\r") + 1 for phase in read.phases)
    assert len({phase.id for phase in read.phases}) == len(read.phases)


@settings(max_examples=100)
@given(DOCUMENTS.filter(lambda text: "\r" not in text))
def test_line_ends_and_a_byte_order_mark_change_no_phase(text: str) -> None:
    data = text.encode("utf-8", "replace").removeprefix(b"\xef\xbb\xbf")
    windows = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")

    assert read_guide(data, "a.md", BUILT_IN).phases == read_guide(windows, "a.md", BUILT_IN).phases


def work(text: str) -> int:
    """How many Python functions are entered while a guide is read and linted: the work, without a clock."""
    data, calls = text.encode(), 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    dialects = BUILT_IN
    sys.setprofile(count)
    try:
        linted(read_guide(data, "a.md", dialects), Settings(), 0)
    finally:
        sys.setprofile(None)
    return calls


PHASE = "### Phase {i}: A\n**Files to create**:\n- `src/a{i}.py`\n**Tests**:\n```python\ndef test_{i}(): ...\n```\n"
SHAPES = {
    "phases": PHASE,
    "fences": "```markdown\n```python\nx\n```\ny\n```\n",
    "unclosed": "```python{i}\n### Phase {i}: x\n",
    "hidden": "### Phase {i}: x\n```markdown\n```python\n```\n### Phase 7{i}: y\n```\n",
    "lists": "- a\n  - b\n    1. c\n",
    "boxes": "- [ ] {i}. Major\n  - [x] {i}.1 Write `src/a.py`\n",
    "dependencies": "### Phase {i}: A\n**Depends on**: Phase 1\n",
    "dependency sections": "## Phase {i}: A\n# Dependencies {i}\n",
    "files of one phase": "- `src/a{i}.py`\n",
    "tests of one phase": "- `test_{i}`\n",
    "prose": "Phase words and more words, `code` and **bold**: nothing here.\n",
    "comments": "<!-- a\n--> b <!-- c -->\n",
    "task lines": "Task {i}: a\nCREATE src/a.py\n",
    "tagged tasks": "<task>\n<name>Task {i}: a</name>\n<files>a{i}.py</files>\n<done>test_{i} passes</done>\n</task>\n",
    "listed tasks": "- [ ] Task {i}: Create `a{i}.py` (AC: {i})\n  - [ ] Add b to `c{i}.py`\n",
    "sections with lists": "## Tasks\n- [ ] only one\n### Milestones\n1. **a**\n",
    "rows of subtasks": "| {i}.1 | Create `a{i}.py` | Done |\n",
    "bold lines": "**Phase {i}: a**\n- Create `a{i}.py`\n",
    "steps": "### Phase {i}: A\n- Update the thing in `a{i}.py` and `b{i}.py`\n- Uses c\n",
    "unknown dependencies": "### Phase {i}: A\n**Depends on**: G{i}.1, {i}.7\n",
    "roots of the author": "### Phase {i}: A\n**Files**: `/home/me/x/src/a{i}.py`\n",
    "rows of phases": "| Phase | Focus |\n|--|--|\n| {i} | Create `a{i}.py` |\n",
    "plain lines": "Phase {i}: Create `a{i}.py`\nCreate the rest:\n- `b{i}.py`\n",
    "deeper phases": "## Phase {i}: A\n### Phase {i}.1: b\n#### Phase {i}: c\n",
    "branches": "  └──> Phase {i}: A\n  ├" + "─" * 40 + "\n",
    "words of dependency": " Depends on US{i} - after US{i}",
    "grouped lines": "### Phase {i}: A\n**Task 900.{i}: b**\nFiles: `a{i}.py`\n",
    "same ids": "### Phase 1: A\n**Commit**: feat: {i}\n",
}
HEADS = {
    "words of dependency": "## Phase 1: User Story 1\n## Phase 2: User Story 2\n## Dependencies\n",
    "branches": "## Phase 1: A\n## Phase 2: B\n## Dependencies\n",
    "files of one phase": "## Phase 1: A\n**Files**:\n",
    "tests of one phase": "## Phase 1: A\n**Tests**:\n",
    "listed tasks": "# Story 1: A\n## Acceptance Criteria\n1. a\n## Tasks / Subtasks\n",
    "rows of subtasks": "## Subtasks\n| ID | Description | Status |\n|--|--|--|\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_is_linear_in_the_size_of_the_document(shape: str) -> None:
    def document(count: int) -> str:
        return HEADS.get(shape, "# G\n") + "".join(SHAPES[shape].replace("{i}", str(i)) for i in range(1, count + 1))

    small, large = work(document(100)), work(document(400))

    assert large < 5 * small


def test_a_title_of_many_parentheses_is_read() -> None:
    title = "(a) " * 3_000

    assert [each.title for each in guide(f"### Phase 1 {title}: Title\n### Phase 2 {title}\n").phases] == ["Title", "a"]


def test_a_line_with_an_embedded_picture_is_not_read_and_said_so() -> None:
    picture = f"![x](data:image/png;base64,{'A' * 200_000})"
    read = guide(f"### Phase 1: A\n{picture}\n**Commit**: `feat: a`\n")

    assert [each.commit for each in read.phases] == ["feat: a"]
    assert [(each.code, str(each.severity), each.line) for each in read.diagnostics] == [("PG116", "warning", 2)]


def test_a_document_without_phases_may_hold_a_picture() -> None:
    assert not unreadable(guide(f"# Notes\n![x](data:{'A' * 200_000})\n"))


def test_of_too_many_phases_so_many_are_read_and_the_rest_is_refused() -> None:
    read = guide("".join(f"### Phase {i}: A\n" for i in range(1, 3_001)))

    assert (len(read.phases), [(each.code, each.line) for each in read.diagnostics]) == (2_000, [("PG116", 2_001)])


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a <!-- b --> c", "a  c"),
        ("a `<!-- b -->` c", "a `<!-- b -->` c"),
        ("a ` <!-- b --> `` c", "a `  `` c"),
        ("a ``x ` <!-- b --> y`` c", "a ``x ` <!-- b --> y`` c"),
        ("a --> b <!-- c", "a --> b <!-- c"),
    ],
)
def test_comments_are_dropped_where_no_code_holds_them(line: str, shown: str) -> None:
    assert read_document(line.encode()).lines == (shown,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Depends on**: 1-2", ("1", "2")),
        ("**Depends on**: Phases 1, 2", ("1", "2")),
        ("## Dependencies\nPhase 2   -->   Phase 3", ("2",)),
        ("## Dependencies\nPhase 3 <-- Phase 1", ("1",)),
    ],
)
def test_dependencies_are_read_whatever_stands_around_them(text: str, expected: tuple[str, ...]) -> None:
    *_, third = guide(f"### Phase 1: A\n### Phase 2: B\n### Phase 3: C\n{text}\n").phases

    assert third.depends == expected


def test_a_phase_that_does_not_exist_is_told_with_the_first_of_those_that_do() -> None:
    read = guide("".join(f"### Phase {i}: A\n" for i in range(1, 101)) + "**Depends on**: Phase 300\n")
    (fault,) = [each for each in read.diagnostics if each.code == "PG111"]

    assert fault.fix == f"the guide defines: {', '.join(map(str, range(1, 31)))}, …"


@pytest.mark.parametrize(
    "text",
    [
        "## Phase 1: a\n### Task {n}: a\n### Task 2: b\n## Phase 2: b\n### Task 3: d\n## Rest\n### Task 4: d\n",
        "## P{n} — a\n## P1 — b\n## P2 — c\n",
        "## A\n### 1. x\n### {n}. y\n## B\n### 3. z\n",
    ],
)
def test_a_number_that_python_refuses_to_read_counts_nothing(text: str) -> None:
    guide("# Plan\n" + text.replace("{n}", "9" * 5_000))
