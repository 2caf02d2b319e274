from __future__ import annotations

from pathlib import Path

import pytest

from pytest_phasegate.core.project.configuration.reading import KEYS, variable

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"


@pytest.mark.parametrize("path", KEYS)
def test_every_key_and_its_variable_stand_in_the_reference(path: str) -> None:
    page = REFERENCE.read_text(encoding="utf-8")

    assert f"### `{path}`" in page
    assert KEYS[path].kind.from_text is None or f"`{variable(path)}`" in page
