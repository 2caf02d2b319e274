"""Values that were kept come back as they were, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.json_pack import JsonPack

if TYPE_CHECKING:
    from pathlib import Path


def kept(path: Path, values: dict[str, object]) -> None:
    pack = JsonPack(path)
    for key, value in values.items():
        pack.put(key, value)
    pack.save()


def found(path: Path | None, *keys: str) -> list[object]:
    pack = JsonPack(path)
    return [pack.get(key, lambda value: value) for key in keys]


def test_values_are_there_for_the_next_one_who_asks(tmp_path: Path) -> None:
    kept(tmp_path / "made/pack.json", {"a": [1, "ü"], "b": {"x": None}})

    assert found(tmp_path / "made/pack.json", "a", "b", "c") == [[1, "ü"], {"x": None}, None]


def test_a_value_is_there_before_it_is_saved(tmp_path: Path) -> None:
    pack = JsonPack(tmp_path / "pack.json")
    pack.put("a", 1)

    assert pack.get("a", str) == "1"
    assert not (tmp_path / "pack.json").exists()


def test_without_a_place_nothing_is_kept() -> None:
    pack = JsonPack(None)
    pack.put("a", 1)
    pack.save()

    assert found(None, "a") == [None]


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "no object"])
def test_a_damaged_file_holds_nothing(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "pack.json"
    kept(path, {"a": 12345})
    whole = path.read_bytes()
    path.write_bytes({
        "flipped": whole.replace(b"12345", b"12346"), "cut": whole[:-1], "empty": b"", "no object": b"\n[1]",
    }[damage])  # fmt: skip

    assert found(path, "a") == [None]


def test_a_value_of_another_shape_is_as_good_as_none(tmp_path: Path) -> None:
    kept(tmp_path / "pack.json", {"a": {"lines": 3}})

    assert JsonPack(tmp_path / "pack.json").get("a", lambda value: list(value["branches"])) is None
    assert JsonPack(tmp_path / "pack.json").get("a", lambda value: list(value["lines"])) is None


def test_what_nobody_asks_for_any_more_goes_when_room_is_short(tmp_path: Path) -> None:
    path = tmp_path / "pack.json"
    kept(path, {f"old{number}": number for number in range(510)})
    pack = JsonPack(path)
    pack.get("old0", int)
    for number in range(3):
        pack.put(f"new{number}", number)
    pack.save()

    assert found(path, "old0", "old1", "old2", "old509", "new2") == [0, None, 2, 509, 2]


def test_a_directory_that_cannot_be_made_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    kept(tmp_path / "taken/pack.json", {"a": 1})

    assert (tmp_path / "taken").read_text() == ""
