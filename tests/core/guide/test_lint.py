from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.core.guide.lint import is_production, linted
from pytest_phasegate.core.project.settings import CommitSettings, Settings
from pytest_phasegate.dialects import built_in


def codes(text: str, settings: Settings | None = None) -> list[str]:
    data = dedent(text).lstrip("\n").encode()
    guide = linted(read_guide(data, "g.md", built_in()), settings or Settings(), data.count(b"\n"))
    return [each.code for each in guide.diagnostics]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("**Files to create**: `src/a.py`", ["PG115"]),
        ("**Files to create**: `src/a.py`\n**Tests**: `test_a`", []),
        ("**Files to create**: `src/a.py`, `tests/test_a.py`", []),
        ("**Files to create**: `docs/conf.py`", []),
        ("**Files to modify**: `src/a.py`\n**Commit**: `docs: a`", []),
        ("**Files to modify**: `src/a.py`\n**Kind**: refactor", []),
        ("**Commit**: Add a", ["PG118"]),
        ("**Commit**: `feat(a): add`", []),
        ("**Success criteria**:\n- [ ] High coverage", ["PG119"]),
        ("**Success criteria**:\n- [ ] Coverage: 120%", ["PG119"]),
        ("**Success criteria**:\n- [ ] Coverage: 80%+", []),
        ("**Success criteria**:\n- [ ] Coverage report is uploaded", []),
        ("**Success criteria**:\n- [ ] It works well", ["PG120"]),
        ("**Success criteria**:\n- [ ] Fast enough", ["PG120"]),
        ("**Success criteria**:\n- [ ] `make bench` is fast enough", []),
        ("**Success criteria**:\n- [ ] works as expected in 20 ms", []),
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


def test_required_sections_are_found_by_any_name_of_their_kind() -> None:
    settings = Settings(required_sections=("Goal", "Success criteria", "Rollback"))

    assert codes("## Phase 1: A\n**Objective**: x\n**Acceptance criteria**:\n- y\n", settings) == ["PG121"]
    assert codes("## Phase 1: A\n**Goal**: x\n**Success criteria**:\n- y\n#### Rollback\nz\n", settings) == []


def test_a_guide_over_its_budget_is_reported() -> None:
    assert codes("## Phase 1: A\n" + "x\n" * 9, Settings(guide_budget=9)) == ["PG123"]
    assert codes("## Phase 1: A\n" + "x\n" * 8, Settings(guide_budget=9)) == []


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
        ("a.md", False),
    ],
)
def test_production_is_told_by_name(path: str, production: bool) -> None:
    assert is_production(path) is production
