"""The pictures of the README show what the program prints."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from support import warm

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


@pytest.mark.slow
def test_the_pictures_show_what_the_program_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", f"{warm.programs()}/python")
    script = runpy.run_path(str(PICTURES / "make.py"))

    for name, text in script["pictures"]().items():
        drawn = script["as_svg"](text, name.removesuffix(".svg").replace("-", " "))
        assert (PICTURES / name).read_text(encoding="utf-8") == drawn, f"run: python {PICTURES / 'make.py'}"


def test_the_readme_and_the_documentation_name_one_address_of_the_repository() -> None:
    top = PICTURES.parents[1]
    pages = [*top.glob("*.md"), *(top / "docs").rglob("*.md")]
    named = {
        line.partition("repo:")[2].strip()
        for page in pages
        for line in page.read_text().splitlines()
        if "- repo:" in line
    }

    assert named - {"local"} == {"URL-OF-THIS-REPOSITORY"}
