"""Which modules are loaded, and what their texts say of imports."""

from __future__ import annotations

import sys
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.coverage.own_measurement import loaded_modules, read_module, read_modules
from pytest_phasegate.core.coverage.credit import ModuleText

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "import json\nfrom . import near\n\ndef load():\n    from app import lazy\n    return lazy\n"


def read(root: Path, name: str = "app.first", path: str = "app/first.py") -> ModuleText:
    return read_modules(root, {name: path})[path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/first.py").write_text(TEXT)
    return tmp_path


def test_a_text_says_what_it_says_under_its_name(root: Path) -> None:
    assert read(root) == read_module(TEXT, "app.first")
    assert read(root, "other.first") == read_module(TEXT, "other.first")


@pytest.mark.parametrize("content", [b"def (", b"\xff", b"# coding: nonsense\n", b"x = '\0'\n"])
def test_what_cannot_be_read_says_nothing(root: Path, content: bytes) -> None:
    (root / "app/first.py").write_bytes(content)

    assert read(root) == ModuleText()


def test_bodies_are_the_lines_that_run_only_when_called() -> None:
    text = dedent("""\
        x = 1
        @decorated
        def f(
            y=2,
        ):
            return y
        class C:
            z = 3
            def m(self): return 4
            async def n(self):
                return 5
        """)

    assert read_module(text, "m").bodies == {6, 11}


def test_a_text_is_decoded_as_python_would(root: Path) -> None:
    (root / "app/first.py").write_bytes(b"# coding: latin-1\nname = '\xe9'\r\nimport json\r\n")

    assert [(site.first, sorted(site.names)) for site in read(root).sites] == [(3, ["json"])]


def test_a_file_that_is_gone_says_nothing(root: Path) -> None:
    assert read(root, path="app/gone.py") == ModuleText()


def test_modules_are_those_whose_real_file_lies_below_the_root(
    root: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path_factory.mktemp("away")
    (away / "linked").symlink_to(root / "app")
    (away / "link.py").symlink_to(root / "app/first.py")
    (root / "app/out.py").symlink_to(away / "there.py")
    for name, file in {
        "phases_a": root / "app/first.py",
        "phases_b": away / "linked/first.py",
        "phases_c": away / "link.py",
        "phases_d": root / "app/out.py",
        "phases_e": root / "site-packages/foreign.py",
    }.items():
        module = ModuleType(name)
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, module)

    found = loaded_modules(root)

    assert {name: path for name, path in found.items() if name.startswith("phases_")} == dict.fromkeys(
        ("phases_a", "phases_b", "phases_c"), "app/first.py"
    )
