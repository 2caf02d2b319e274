from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
_FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1`*$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_of_the_project_leads_somewhere(page: Path) -> None:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    links = [link for link in _LINK.findall(text) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_reference_index_names_every_page_of_the_reference() -> None:
    reference = ROOT / "docs" / "reference"
    index = (reference / "index.md").read_text(encoding="utf-8")
    pages = {str(page.relative_to(reference)) for page in reference.rglob("*.md")} - {"index.md"}

    assert {page for page in pages if f"({page})" not in index} == set()
