from __future__ import annotations

import pytest

from dialects.reading import codes, guide, ids, phase

CANONICAL = """
# Metric Caching Implementation Guide
## Phase Breakdown
### Phase 1: Core Cache Data Structures
**Goal**: Implement LRU cache with TTL support
**Duration**: 1.5 hours
**Files to create**:
- `src/dqx/cache.py` - Cache implementation
**Files to modify**:
- `src/dqx/provider.py` - Lines 163-186
**Tests to write** (in `tests/test_cache.py:TestCache`):
```python
def test_lru_cache_creation(): ...
```
**Success criteria**:
- [ ] All tests passing
- [ ] Coverage: 100%
- [ ] Pre-commit: passing
**Commit**: `feat(cache): add core cache data structures`
## Phase Dependencies
"""


def test_the_canonical_form_is_read_whole() -> None:
    read = guide(CANONICAL)
    (one,) = read.phases

    assert (read.slug, read.title, read.dialect) == ("cache", "Metric Caching Implementation Guide", "canonical")
    assert (one.id, one.title, one.line, one.end_line) == ("1", "Core Cache Data Structures", 3, 18)
    assert (one.goal, one.duration) == ("Implement LRU cache with TTL support", "1.5 hours")
    assert [(f.path, str(f.action), f.lines, f.line) for f in one.files] == [
        ("src/dqx/cache.py", "create", None, 7),
        ("src/dqx/provider.py", "modify", "Lines 163-186", 9),
    ]
    assert [(t.name, t.class_name, t.file, t.line) for t in one.tests] == [
        ("test_lru_cache_creation", "TestCache", "tests/test_cache.py", 12)
    ]
    assert [(c.text, c.kind, c.checked) for c in one.criteria] == [
        ("All tests passing", "tests", False),
        ("Coverage: 100%", "coverage", False),
        ("Pre-commit: passing", "commands", False),
    ]
    assert one.coverage.minimum == 100.0
    assert one.commit == "feat(cache): add core cache data structures"
    assert read.diagnostics == ()


def test_a_phase_hidden_by_nested_fences_is_found_with_its_commit() -> None:
    text = (
        "### Phase 1: Readme\n```markdown\n# Usage\n```python\nrun()\n```\nThe end\n```\n**Commit**: docs: one\n"
        "### Phase 2: Code\n**Commit**: feat: two\n**Tests to write**:\n```python\ndef test_two(): ...\n```\n"
    )

    assert [(each.id, each.commit) for each in guide(text).phases] == [("1", "docs: one"), ("2", "feat: two")]
    assert codes(text) == ["PG104"]


def test_a_phase_below_a_fence_that_never_closes_is_an_error() -> None:
    text = "### Phase 1: A\n```python\ncode\n### Phase 2: B\n"

    assert ids(text) == ["1"]
    assert sorted(codes(text)) == ["PG105", "PG106"]


def test_headings_without_a_separator_are_no_phases() -> None:
    assert ids("## Phase 1: A\n## Phase 2: B\n## Phase 1 Test Details\n## Phase 2 remaining work\n") == ["1", "2"]


def test_a_path_that_leaves_the_repository_is_an_error_and_no_file() -> None:
    text = """
    **Files to create**:
    - `../../etc/passwd`
    - `/etc/passwd`
    - `C:\\temp\\x.py`
    - `~/x.py`
    - `src/a.py`
    """

    assert [file.path for file in phase(text).files] == ["src/a.py"]
    assert codes("## Phase 1: A\n**Files to create**:\n- `../../etc/passwd`\n") == ["PG113"]


@pytest.mark.parametrize("path", ["..", "/", "~", "\\\\server\\share\\a.py", "C:\\\\a.py", "//host/a.py"])
def test_what_leads_out_of_the_repository_is_an_error_however_it_is_written(path: str) -> None:
    assert codes(f"## Phase 1: A\n**Files to create**:\n- `{path}`\n") == ["PG113"]


TABLE = """
| # | Test | File |
| --- | :--- | --- |
| 1 | `test_stores` | `tests/test_cache.py` |
| 2 | test_finds() | `tests/test_cache.py` |
| 3 | see `test_unrelated.py` | |
"""


def test_a_tables_test_column_declares_tests_without_any_label() -> None:
    read = phase(f"What proves it:\n{TABLE}\n| Step | By |\n| --- | --- |\n| `test_no` | Ada |\n")

    assert [(test.file, test.name) for test in read.tests] == [
        ("tests/test_cache.py", "test_stores"),
        ("tests/test_cache.py", "test_finds"),
    ]


@pytest.mark.parametrize("label", ["Tests to remove", "Tests to keep", "Existing tests"])
def test_a_table_of_tests_that_are_there_or_go_declares_none(label: str) -> None:
    assert phase(f"**{label}**:\n{TABLE}\n").tests == ()


def test_a_table_under_a_label_of_tests_is_read_once() -> None:
    read = phase(
        "**Tests to write** (in `tests/test_other.py`):\n\n| Test | Claim |\n| --- | --- |\n| `test_a` | it is |\n"
    )

    assert [(test.file, test.name) for test in read.tests] == [("tests/test_other.py", "test_a")]


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("**Tests to write** (in `tests/my unit/test_a.py`):\n- `test_a`\n", "tests/my unit/test_a.py"),
        ("**Tests to write** in `tests/my unit/test_a.py:TestA`:\n- `test_a`\n", "tests/my unit/test_a.py"),
        ("**Tests to write**:\n- `tests/my unit/test_a.py::test_a`\n", "tests/my unit/test_a.py"),
        ("**Tests to write** (run `pytest tests/test_a.py`):\n- `test_a`\n", "tests/test_a.py"),
        ("**Tests to write** (in `tests/test_a.py` and `tests/test_b.py`):\n- `test_a`\n", "tests/test_a.py"),
    ],
)
def test_a_blank_in_a_path_is_no_end_of_it_where_nothing_but_a_path_can_stand(written: str, file: str) -> None:
    assert [(test.file, test.name) for test in phase(written).tests] == [(file, "test_a")]


def test_a_phase_that_waits_for_itself_is_an_error() -> None:
    assert codes("## Phase 1: A\n## Phase 2: B\n**Depends on**: Phase 2\n") == ["PG112"]
    assert codes("## Phase 1: A\n## Phase 2: B\n**Depends on**: Phase 1 before Phase 2\n") == []


def test_none_under_files_declares_nothing() -> None:
    assert phase("**Files to create**:\n- None (adding to existing files)\n").files == ()


def test_a_document_without_phases_names_what_comes_near() -> None:
    read = guide("# Plan\n## Phase 1 Setup\n")

    assert read.phases == ()
    assert [each.code for each in read.diagnostics] == ["PG101"]
    assert "line 2: 'Phase 1 Setup'" in read.diagnostics[0].message


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("- [ ] All tests pass\n- [ ] Coverage: 90%\n", (90.0, None, None)),
        ("Some words.\n\n* Test coverage ≥ 85 %\n", (85.0, None, None)),
        ("1. Reach a coverage of 80% line, 70% branch\n", (80.0, 70.0, None)),
        ("**Coverage**: 95%\n", (95.0, None, None)),
        ("**Target line coverage**: 95%\n", (95.0, None, None)),
        ("- [ ] Coverage: 95% (`pytest --cov=app`)\n", (95.0, None, None)),
        ("- Raise coverage from 60% to 75%\n", (75.0, None, None)),
        (
            "**Success criteria**:\n- [ ] Coverage: 90%\n\n**Notes**:\n- coverage of 99% would be nice\n",
            (90.0, None, None),
        ),
        ("**Success criteria**:\n- [ ] Coverage: 90%\n\n**Notes**:\n- branch coverage 80%\n", (90.0, 80.0, None)),
        ("- Coverage ≥95%; function coverage 100%\n", (95.0, None, 100.0)),
        ("- Coverage: at least 90 %, branches 80 %\n", (90.0, 80.0, None)),
        ("- Coverage: 95% (branch: 85%)\n", (95.0, 85.0, None)),
        ("- Coverage: 95% and branch coverage of at least 85%\n", (95.0, 85.0, None)),
        ("- Line and branch coverage ≥ 90%\n", (90.0, 90.0, None)),
        ("- 100% line and branch coverage\n", (100.0, 100.0, None)),
        ("- Coverage: line 90% / branch 80%\n", (90.0, 80.0, None)),
        ("- 90% statement/85% branch coverage\n", (90.0, 85.0, None)),
        ("- 100% coverage of the branch module\n", (100.0, None, None)),
        ("- Coverage: 100% for every new function\n", (100.0, None, None)),
        ("- Function coverage: 100%\n", (None, None, 100.0)),
        ("The coverage should come near 87%.\n", (None, None, None)),
        ("- current coverage is 87%\n", (None, None, None)),
        ("- We are currently at 87% coverage\n", (None, None, None)),
        ("- Coverage was 87% when this was written\n", (None, None, None)),
        ("**Current coverage**: 87%\n", (None, None, None)),
        ("Prüfe 91% Coverage:\n- alles\n", (91.0, None, None)),
        ("- [ ] 生成测试覆盖率报告,确保 ≥92%\n", (92.0, None, None)),
        ("- **Current State**: `a.py` does it with low coverage (0% and 53%)\n", (None, None, None)),
        ("**Status**: done, coverage 97%\n", (None, None, None)),
        ("- the cache answers 90% of requests\n", (None, None, None)),
        ("```\n- [ ] Coverage: 90%\n```\n", (None, None, None)),
        ("<!-- - [ ] Coverage: 90% -->\n", (None, None, None)),
    ],
)
def test_a_coverage_figure_counts_in_any_item_or_field_of_the_phase(
    text: str, goal: tuple[float | None, float | None, float | None]
) -> None:
    read = phase(text).coverage

    assert (read.minimum, read.branch, read.function) == goal
