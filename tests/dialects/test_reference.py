from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dialects.reading import guide
from pytest_phasegate.core.guide.markdown.labels import KINDS, kind_of
from pytest_phasegate.dialects import BUILT_IN
from pytest_phasegate.reports.messages import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
FORMAT = (REFERENCE / "guide-format.md").read_text(encoding="utf-8")


def fields(schema: Any) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from fields(inner)
    yield from fields(schema["items"]) if "items" in schema else ()


def test_every_dialect_is_in_the_reference() -> None:
    assert [dialect.name for dialect in BUILT_IN if f"| `{dialect.name}` |" not in FORMAT] == []


def test_every_label_that_the_reference_names_is_known_as_what_it_says() -> None:
    table = FORMAT.partition("## Labels")[2].partition("## Dialects")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")][2:]
    kinds = {"files": {"create", "modify", "delete", "files"}}
    wrong = [
        (kind, label)
        for kind, labels in ((row[0].strip(), row[1]) for row in rows)
        for label in labels.partition(":")[0].replace("·", ",").split(",")
        if kind_of(label.strip()) not in kinds.get(kind, {kind})
    ]

    assert wrong == []
    assert {row[0].strip() for row in rows} == set(KINDS.values()) - {"aside", "create", "modify", "delete"}


def test_every_field_of_the_json_is_in_the_reference_of_its_command() -> None:
    for command, schema in (("show", "phasegate.guide.1"), ("lint", "phasegate.lint.1")):
        page = (REFERENCE / "commands" / f"{command}.md").read_text(encoding="utf-8")
        known = json.loads((REFERENCE / "schemas" / f"{schema}.json").read_text(encoding="utf-8"))
        assert [name for name in fields(known) if f"`{name}`" not in page] == []


def test_every_code_of_guides_is_in_the_reference() -> None:
    lint = (REFERENCE / "commands" / "lint.md").read_text(encoding="utf-8")

    assert [code for code in catalogue() if code[:3] == "PG1" and f"`{code}`" not in FORMAT + lint] == []


def examples() -> list[str]:
    return [dialect.name for dialect in BUILT_IN]


@pytest.mark.parametrize("name", examples())
def test_the_example_of_a_dialect_is_read_as_its_page_says(name: str) -> None:
    page = (REFERENCE / "dialects" / f"{name}.md").read_text(encoding="utf-8")
    path = page.split("`")[1]
    text = page.partition("````")[2].partition("\n")[2].partition("````")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")]
    read = guide(text, path)

    shown = [[p.id, p.title, quoted(f.path for f in p.files), quoted(t.name for t in p.tests)] for p in read.phases]
    said = rows[rows.index(["id", "title", "files", "tests"]) + 2 :]
    assert (read.dialect, shown) == (name, said)


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
