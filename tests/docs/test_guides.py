"""The guides that the documentation shows are guides: they can be read, and nothing is wrong with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.wiring.readers import dialects

TOP = Path(__file__).parents[2]
SHOWN = {
    f"{page}:{number}": text
    for page in ("README.md", "docs/tutorial/first-phase.md", "docs/how-to/write-a-guide.md")
    for number, text in enumerate(re.findall(r"(?ms)^````markdown\n(.*?)^````$", (TOP / page).read_text("utf-8")))
}


@pytest.mark.parametrize("shown", SHOWN)
def test_a_guide_that_is_shown_can_be_followed(shown: str) -> None:
    guide = read_guide(SHOWN[shown].encode(), "docs/plans/shown_implementation_guide.md", dialects())

    assert [remark.message for remark in guide.diagnostics] == []
    assert [phase.id for phase in guide.phases if not (phase.files and phase.tests and phase.commit)] == []


def test_every_page_shows_one() -> None:
    assert len(SHOWN) == 3
