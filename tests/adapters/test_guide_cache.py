"""A guide that did not change is not read again, and nothing but exactly that guide is ever answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guides import CACHE_GUIDE
from pytest_phasegate.adapters import guide_cache
from pytest_phasegate.adapters.guide_cache import GuideCache
from pytest_phasegate.app.read_guide import read_guide
from pytest_phasegate.core.guide_record import guide_of_record, guide_record
from pytest_phasegate.dialects import built_in

if TYPE_CHECKING:
    from pytest_phasegate.core.guide import Guide

CORPUS = sorted((Path(__file__).parents[1] / "dialects/corpus").rglob("*.md"))
GUIDE = CACHE_GUIDE.encode()


class Reading:
    """Reads guides through a cache and counts how often a document was really read."""

    def __init__(self, directory: Path | None) -> None:
        self.cache = GuideCache(directory)
        self.count = 0

    def guide(self, data: bytes = GUIDE, path: str = "docs/plans/cache.md") -> Guide:
        def read() -> Guide:
            self.count += 1
            return read_guide(data, path, built_in())

        return self.cache.guide(data, path, read)


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name)
def test_a_guide_written_down_comes_back_as_it_was(file: Path) -> None:
    guide = read_guide(file.read_bytes(), file.name, built_in())

    assert guide_of_record(json.loads(json.dumps(guide_record(guide)))) == guide


def test_an_unchanged_guide_is_read_once(tmp_path: Path) -> None:
    reading = Reading(tmp_path / "guides")

    assert reading.guide() == reading.guide() == read_guide(GUIDE, "docs/plans/cache.md", built_in())
    assert reading.count == 1


def test_other_bytes_or_another_path_are_another_guide(tmp_path: Path) -> None:
    reading = Reading(tmp_path)
    one, changed, moved = reading.guide(), reading.guide(GUIDE + b" "), reading.guide(path="docs/plans/other.md")

    assert reading.count == 3
    assert (one.digest != changed.digest, moved.slug) == (True, "other")


def test_a_changed_reader_reads_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(tmp_path)
    reading.guide()
    monkeypatch.setattr(guide_cache, "_PACKAGE", str(tmp_path))
    for folder in guide_cache._READER:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    reading.guide()
    (tmp_path / "dialects/canonical.py").write_text("changed")
    reading.guide()

    assert reading.count == 3


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": 1}', None])
def test_a_damaged_entry_is_as_good_as_none(tmp_path: Path, damage: bytes | None) -> None:
    reading = Reading(tmp_path)
    whole = reading.guide()
    (entry,) = tmp_path.rglob("*.json")
    text = entry.read_bytes()
    entry.write_bytes(text.replace(b"100.0", b"10.0") if damage is None else damage)

    assert reading.guide() == whole
    assert reading.count == 2
    assert entry.read_bytes() == text


def test_a_directory_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    reading = Reading(tmp_path / "file/guides")

    assert reading.guide() == reading.guide()
    assert reading.count == 2


def test_without_a_directory_nothing_is_kept() -> None:
    reading = Reading(None)

    assert reading.guide() == reading.guide()
    assert reading.count == 2


def test_old_guides_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guide_cache, "_KEPT", 3)
    reading = Reading(tmp_path)
    for number in range(5):
        reading.guide(GUIDE + b"\n" * number)

    assert len(list(tmp_path.rglob("*.json"))) <= 3
