from __future__ import annotations

import pytest

from pytest_phasegate.core.commit.conventional import trailers

CASES = {
    "no paragraph of their own": ("feat: a\nPhase: 1", ()),
    "a subject is never a trailer": ("Phase: 1", ()),
    "the last paragraph": ("feat: a\n\nBody.\n\nPhase: cache/1\nIssue: #4\n", (("Phase", "cache/1"), ("Issue", "#4"))),
    "order and spelling are kept": ("s\n\nb: 2\nA: 1\nb: 3", (("b", "2"), ("A", "1"), ("b", "3"))),
    "a continued value": ("s\n\nRed-Green: waived (a\n  long reason)", (("Red-Green", "waived (a long reason)"),)),
    "prose with a colon is prose": ("s\n\nWe note: this\nis prose", ()),
    "prose beside what git writes": (
        "s\n\nnote\nPhase: 1\nSigned-off-by: A <a@b>",
        (("Phase", "1"), ("Signed-off-by", "A <a@b>")),
    ),
    "too much prose beside it": ("s\n\na\nb\nc\nd\nSigned-off-by: A <a@b>", ()),
    "carriage returns": ("s\r\n\r\nPhase: 1\r\n", (("Phase", "1"),)),
    "a blank line of spaces parts paragraphs": ("s\n \nPhase: 1", (("Phase", "1"),)),
    "an empty message": ("", ()),
}


@pytest.mark.parametrize(("message", "expected"), CASES.values(), ids=CASES)
def test_trailers_are_read_as_git_reads_them(message: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert trailers(message) == expected
