from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters import toml_cache
from pytest_phasegate.adapters.toml_cache import TomlCache

if TYPE_CHECKING:
    from pathlib import Path

TEXT = '[tool.x]\na = ["ä", 1, 1.5, true]\nb = { c = "" }\n'


class Reader:
    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, text: str) -> dict[str, object]:
        self.read.append(text)
        return tomllib.loads(text)


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_a_text_is_read_once(tmp_path: Path, reader: Reader) -> None:
    answers = [TomlCache(str(tmp_path)).document(TEXT, reader) for _ in range(3)]

    assert answers == [tomllib.loads(TEXT)] * 3
    assert reader.read == [TEXT]


def test_another_text_is_read(tmp_path: Path, reader: Reader) -> None:
    cache = TomlCache(str(tmp_path))

    assert [cache.document(text, reader) for text in (TEXT, "a = 1", TEXT)] == [
        tomllib.loads(TEXT),
        {"a": 1},
        tomllib.loads(TEXT),
    ]


@pytest.mark.parametrize("at", [0, 31, 32, 40, -1])
def test_a_damaged_entry_is_read_anew(tmp_path: Path, reader: Reader, at: int) -> None:
    cache = TomlCache(str(tmp_path))
    cache.document(TEXT, reader)
    (entry,) = (tmp_path / "phasegate/cache/toml").iterdir()
    content = bytearray(entry.read_bytes())
    content[at] ^= 1
    entry.write_bytes(content)

    assert cache.document(TEXT, reader) == tomllib.loads(TEXT)
    assert len(reader.read) == 2


def test_an_entry_in_the_place_of_another_is_none(tmp_path: Path, reader: Reader) -> None:
    cache = TomlCache(str(tmp_path))
    cache.document(TEXT, reader)
    (entry,) = (tmp_path / "phasegate/cache/toml").iterdir()
    cache.document("a = 1", reader)
    (other,) = {*entry.parent.iterdir()} - {entry}
    other.write_bytes(entry.read_bytes())

    assert cache.document("a = 1", reader) == {"a": 1}


def test_another_version_of_ours_reads_anew(tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    TomlCache(str(tmp_path)).document(TEXT, reader)
    monkeypatch.setattr(toml_cache, "__version__", "0.0.0")
    TomlCache(str(tmp_path)).document(TEXT, reader)

    assert len(reader.read) == 2


def test_dates_are_not_kept(tmp_path: Path, reader: Reader) -> None:
    text = "day = 2024-02-29\n"

    assert [TomlCache(str(tmp_path)).document(text, reader) for _ in range(2)] == [tomllib.loads(text)] * 2
    assert len(reader.read) == 2


def test_what_is_no_toml_is_an_error_each_time(tmp_path: Path, reader: Reader) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="Invalid value"):
            TomlCache(str(tmp_path)).document("a = ", reader)


def test_a_git_directory_that_is_gone_does_not_come_back(tmp_path: Path, reader: Reader) -> None:
    assert TomlCache(str(tmp_path / "gone")).document(TEXT, reader)
    assert list(tmp_path.iterdir()) == []


def test_only_some_texts_are_kept(tmp_path: Path, reader: Reader) -> None:
    cache = TomlCache(str(tmp_path))
    for number in range(200):
        cache.document(f"a = {number}", reader)

    assert 0 < len(list((tmp_path / "phasegate/cache/toml").iterdir())) <= 64
