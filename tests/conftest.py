from __future__ import annotations

import compileall
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pytest_phasegate
from project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile once what hundreds of child processes load: they write no bytecode, so each would compile it anew.

    A shell starts what runs in its background with SIGINT ignored, which children inherit: those that are to be
    interrupted would not notice.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(session.config, "workerinput"):
        for place in _loaded_by_children():
            compileall.compile_dir(place, quiet=2)


def _loaded_by_children() -> Iterator[Path]:
    for module in (
        "_pytest",
        "pluggy",
        "iniconfig",
        "packaging",
        "pygments",
        "coverage",
        "rich",
        "jinja2",
        "xdist",
        "execnet",
        "pre_commit",
    ):
        found = find_spec(module)
        if found and found.submodule_search_locations:
            yield Path(found.submodule_search_locations[0])
    yield Path(pytest_phasegate.__file__).parent


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project directory with a home of its own."""
    root = tmp_path / "project"
    home = tmp_path / "home"
    root.mkdir()
    home.mkdir()
    return Project(root, home)
