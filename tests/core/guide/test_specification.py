"""What a technical specification says of the problem and of what was decided."""

from __future__ import annotations

import pytest

from pytest_phasegate.core.guide.feature_documents import decisions_of, problem_of
from pytest_phasegate.core.guide.markdown.document import read_document


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("# T\n\n## Problem Statement\nOne\ntwo.\n\nThree.\n\n## Next\nNo.", ("One two.", "Three.")),
        ("# T\n\n## Overview\nNo.\n\n## 2. Problem\nYes.\n### Detail\nNo.", ("Yes.",)),
        ("# T\n\n## Motivation\n```\ncode\n```\nWhy.", ("Why.",)),
        ("# T\n\n## Problem\n\n## Overview\nThis.", ("This.",)),
        ("# Problem\nOf the title.", ()),
        ("", ()),
    ],
)
def test_the_problem_is_the_prose_below_its_heading(text: str, paragraphs: tuple[str, ...]) -> None:
    assert problem_of([read_document(text.encode())]) == paragraphs


def test_a_document_of_headings_alone_is_read_in_time() -> None:
    document = read_document(b"## Problem\n### Decision 1: a\n" * 20_000)

    assert (problem_of([document]), len(decisions_of([document]))) == ((), 12)


@pytest.mark.parametrize(
    ("text", "decisions"),
    [
        (
            "# T\n## Decisions\n### Decision 1: LRU\n**Rationale**: bounded\nmemory\n**Rejected**: LFU",
            [("LRU", "bounded memory")],
        ),
        ("# T\n## Decision 1: A\nText.\n## Decision 2 - B\n**Reason:** b", [("A", ""), ("B", "b")]),
        (
            "# T\n## Decisions Made\n- Use JSONB\n  for all\n- PUT and PATCH",
            [("Use JSONB for all", ""), ("PUT and PATCH", "")],
        ),
        ("# T\n## Architecture Decisions\n### Use a queue\n**Why**: load", [("Use a queue", "load")]),
        ("# T\n## Design\n- not one", []),
    ],
)
def test_decisions_are_told_with_their_reasons(text: str, decisions: list[tuple[str, str]]) -> None:
    assert [(one.title, one.reason) for one in decisions_of([read_document(text.encode())])] == decisions
