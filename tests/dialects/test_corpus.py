"""Every guide of the corpus, read and linted, is what the JSON beside it says.

After a change that is meant to change them: ``python tests/dialects/test_corpus.py`` writes them anew; read the diff.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.core.guide.lint import linted
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.dialects import BUILT_IN
from pytest_phasegate.reports.guide_report import guide_json

CORPUS = Path(__file__).parent / "corpus"
GUIDES = sorted(CORPUS.glob("*.md"))


def understood(path: Path) -> dict[str, Any]:
    guide = linted(read_guide(path.read_bytes(), path.name, BUILT_IN), Settings(), 0)
    found = guide_json(guide, guide.phases)
    for phase in found["phases"]:
        del phase["derivation"]
        for each in (*phase["files"], *phase["tests"]):
            assert each.pop("source") == "declared"
    return found


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_a_guide_of_the_corpus_is_understood_as_its_author_meant_it(path: Path) -> None:
    assert understood(path) == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def test_the_corpus_has_a_dozen_shapes() -> None:
    assert len(GUIDES) >= 12


if __name__ == "__main__":
    for guide in GUIDES:
        text = json.dumps(understood(guide), indent=1, ensure_ascii=False) + "\n"
        guide.with_suffix(".json").write_text(text, encoding="utf-8")
