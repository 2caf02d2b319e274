from __future__ import annotations

import time

import pytest

from pytest_phasegate.core.guide.markdown.document import read_document
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.guide.requirements import key_of, named_in, stated_in


def named(text: str, *known: str) -> list[str]:
    document = read_document(f"### Phase 1: A\n{text}\n".encode())
    phase = Phase("1", "A", 1, len(document.lines))
    return [each.id for each in named_in(document, phase, {key_of(one): one for one in known})]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("  - _Requirements: 1.1, 2.3_", ["1.1", "2.3"]),
        ("  - _Requirements: 1.1-1.3, 4_", ["1.1", "1.2", "1.3", "4"]),
        ("  - _Requirements: 1.1, NFR-2, and the rest_", ["1.1", "NFR-2"]),
        ("  - _需求：1.1、1.2_", ["1.1", "1.2"]),
        ("**Validates: Requirements 1.1, 1.2**", ["1.1", "1.2"]),
        ("**Requirements**: R-1, R-2", ["R-1", "R-2"]),
        ("**Satisfies**: 2.1", ["2.1"]),
        ("- [ ] T012 [P] [US1] Write src/a.py", ["US1"]),
        ("- [ ] T012 store it (FR-001 to the letter, FR-003)", ["FR-001", "FR-003"]),
        ("Requirements: FR-001 to FR-003", ["FR-001", "FR-002", "FR-003"]),
        ("- [ ] Task 1 (AC: 1, 3)", ["AC1", "AC3"]),
        ("- [ ] Task 1 (AC: #2)", ["AC2"]),
        ("REQ-AUTH-001 holds", ["REQ-AUTH-001"]),
    ],
)
def test_a_phase_names_requirements(text: str, ids: list[str]) -> None:
    assert named(text) == ids


@pytest.mark.parametrize(
    "text",
    [
        "**Requirements**: Python 3.11, pytest 8",
        "**Requirements**: a running server",
        "UTF-8, SHA-256, ISO-8601, T001, Q3, HTTP 404 and PG101",
        "- [ ] 1.1 Write src/fr-001.py",
        "see docs/FR-001.md",
        "```\nFR-001\n```",
        "US dollars; the AC adapter",
    ],
)
def test_what_only_looks_like_an_id_is_none(text: str) -> None:
    assert named(text) == []


def test_letters_of_the_projects_own_count_where_a_specification_has_them() -> None:
    assert named("does CACHE-7 and CACHE-8", "CACHE-007") == ["CACHE-7"]


def test_a_name_counts_where_it_stands_alone_or_quoted() -> None:
    text = '- [ ] 1.1 Expired token\n- covers "Valid login"\n- makes a locked account visible'

    assert named(text, "Expired token", "valid login", "Locked account") == ["Expired token", "valid login"]


def stated(text: str, *phases: Phase) -> list[tuple[str, str, str]]:
    document = read_document(text.encode())
    return [(one.id, one.title, one.parent) for one in stated_in(document, phases or None)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "### Requirement 1: Login\n**User Story:** As a user\n#### Acceptance Criteria\n1. WHEN a\n2. WHEN b\n",
            [("1", "Login", ""), ("1.1", "WHEN a", "1"), ("1.2", "WHEN b", "1")],
        ),
        (
            "### Requirement 2\n#### Acceptance Criteria\n2.1 WHEN a\n",
            [("2", "", ""), ("2.1", "WHEN a", "2")],
        ),
        (
            "### User Story 1 - Log in (Priority: P1)\n1. **Given** x\n- **FR-001**: System MUST\n- **SC-001**: 95%\n",
            [("US1", "Log in", ""), ("FR-001", "System MUST", ""), ("SC-001", "95%", "")],
        ),
        (
            "## ADDED Requirements\n### Requirement: Log in\nIt SHALL.\n#### Scenario: Wrong password\n- **WHEN** x\n",
            [("Log in", "", ""), ("Wrong password", "Log in", "log in")],
        ),
        ("| ID | Text |\n| --- | --- |\n| R-1 | keep |\n| R-2 | drop |\n", [("R-1", "keep", ""), ("R-2", "drop", "")]),
        ("#### REQ-7: Keep values\n", [("REQ-7", "Keep values", "")]),
    ],
)
def test_a_specification_states_requirements(text: str, found: list[tuple[str, str, str]]) -> None:
    assert stated(text) == found


def test_a_guide_states_them_outside_of_its_phases() -> None:
    text = "## Acceptance Criteria\n1. It keeps\n## Tasks\n### Phase 1: A\n- FR-1: none\n## Risks\n- R-9: late\n"

    assert stated(text, Phase("1", "A", 4, 5)) == [("AC1", "It keeps", "")]


def test_ids_compare_however_they_are_written() -> None:
    assert key_of("FR-001") == key_of("fr1") == key_of("FR_1")
    assert key_of("1.1") != key_of("1.10")


def test_reading_takes_linear_time() -> None:
    block = "### Requirement {0}: x\n- **FR-{0}**: y (AC: 1, 2)\n- _Requirements: 1.1-1.9_\n"
    document = read_document("".join(map(block.format, range(9_000))).encode())
    began = time.process_time()
    stated_in(document)
    named_in(document, Phase("1", "A", 1, len(document.lines)), {})

    assert time.process_time() - began < 3
