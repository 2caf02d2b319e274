"""A project of several phases that share production code, and ways to measure it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from coverage import CoverageData

from support.project import without_foreign_plugins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.project import Project

PHASES = ("1", "2", "3")
PYTEST = ("-m", "pytest", "-q", *without_foreign_plugins("--cov", "-n"), "-p", "no:cacheprovider")
RUN = (*PYTEST, "--phasegate-cov")

CONFTEST = """
    import json
    import os
    import sys

    import pytest

    pytest_plugins = []


    @pytest.fixture(scope="session")
    def shelf():
        from app.shared import Shelf

        shelf = Shelf()
        yield shelf
        shelf.close()


    class Spy:
        '''Gives each test the phase its mark names, as the guide would, and tells what was measured.'''

        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(self, config, items):
            from pytest_phasegate.core.guide.selection import PhaseRef
            from pytest_phasegate.session.state import STATE

            marks = {item.nodeid: item.get_closest_marker("phase") for item in items}
            config.stash[STATE].phase_of = {
                node_id: PhaseRef("g.md", mark.args[0]) for node_id, mark in marks.items() if mark
            }

        def pytest_runtest_call(self):
            if "SPY_MONITORS" in os.environ:
                tools = [sys.monitoring.get_tool(place) for place in range(6)]
                assert "coverage.py" in tools and sys.gettrace() is None

        def pytest_unconfigure(self, config):
            from pytest_phasegate.session.coverage import Figures

            figures = next((p for p in config.pluginmanager.get_plugins() if isinstance(p, Figures)), None)
            if figures and not hasattr(config, "workerinput"):
                from pytest_phasegate.core.coverage.measurement import together
                from pytest_phasegate.core.project.plain_values import as_plain

                whole = together(figures.measured)
                told = {"measured": whole and as_plain(whole), "lost": figures.lost, "reason": figures.reason,
                        "troubles": figures.state.troubles}
                with open(os.environ["SPY"], "w") as file:
                    json.dump(told, file)


    def pytest_configure(config):
        if "SPY" in os.environ:
            config.pluginmanager.register(Spy())
    """

SHARED = """
    LOG = []

    def register(thing):
        LOG.append(thing)
        return thing

    def settings(name):
        if name == "shared":
            return {"name": name}
        return {}

    SETTINGS = settings("shared")

    class Shelf:
        size = 3

        def __init__(self):
            self.items = []

        def put(self, item):
            if len(self.items) < self.size:
                self.items.append(item)
                return True
            return False

        def take(self):
            for item in self.items:
                if item:
                    return item
            return None

        def close(self):
            self.items = []
    """

FIRST = """
    from app.shared import Shelf, register

    @register
    def one(value):
        if value:
            return Shelf().put(value)
        return None
    """

SECOND = """
    from app import shared

    BOX = shared.Shelf()
    MORE = shared.settings("second")

    def two(value):
        from app import lazy
        while value > 10:
            value -= 1
        return lazy.double(value)
    """

LAZY = """
    FACTOR = 2

    class Constants:
        ONE = 1

    def double(value):
        return value * FACTOR

    def unused(value):
        return value
    """

TEST_FIRST = """
    import pytest
    from app.first import one

    @pytest.mark.phase("1")
    def test_one():
        assert one(1)

    @pytest.mark.phase("2")
    def test_none():
        assert one(0) is None
    """

TEST_SECOND = """
    import pytest
    from app.second import two

    pytestmark = pytest.mark.phase("2")

    def test_two(shelf):
        assert two(3) == 6
        assert shelf.size == 3

    def test_big():
        assert two(12) == 20
    """

TEST_THIRD = """
    import pytest

    @pytest.mark.phase("3")
    class TestThird:
        def test_lazily(self):
            from app.lazy import Constants
            assert Constants.ONE == 1

        def test_shelf(self, shelf):
            assert shelf.take() is None

    @pytest.mark.phase("1")
    def test_again():
        from app.second import two
        assert two(1) == 2
    """


def write_project(project: Project, *, configuration: str = "") -> Project:
    """Write the project; its package is measured by name of its directory."""
    project.write(
        "pyproject.toml", f"[tool.pytest.ini_options]\npythonpath = ['src']\n[tool.phasegate]\n{configuration}"
    )
    project.write("src/app/__init__.py", "")
    for name, text in {"shared": SHARED, "first": FIRST, "second": SECOND, "lazy": LAZY}.items():
        project.write(f"src/app/{name}.py", text)
    project.write("src/app/never.py", "def never():\n    return 1\n")
    project.write("tests/conftest.py", CONFTEST)
    for name, text in {"first": TEST_FIRST, "second": TEST_SECOND, "third": TEST_THIRD}.items():
        project.write(f"tests/test_{name}.py", text)
    return project


def tests_of(phase: str) -> list[str]:
    """The tests of a phase, for a run of them alone."""
    return {
        "1": ["tests/test_first.py::test_one", "tests/test_third.py::test_again"],
        "2": ["tests/test_first.py::test_none", "tests/test_second.py"],
        "3": ["tests/test_third.py::TestThird"],
    }[phase]


def spied(project: Project, *argv: str, env: Mapping[str, str] | None = None, exit_code: int = 0) -> dict[str, Any]:
    """Run a command with the spy, and return what it tells of the measurement."""
    told = project.root / "spied.json"
    run = project.python(*argv, env={"SPY": str(told), **(env or {})})
    assert run.exit_code == exit_code, run.text
    found: dict[str, Any] = json.loads(told.read_text())
    told.unlink()
    assert found["troubles"] == [], found["troubles"]
    return found


def sets(told: dict[str, Any]) -> dict[str, dict[str, set[Any]]]:
    """Return by phase and production file what ran."""
    phases = told["measured"]["phases"]
    return {phase: _production(phases.get(f"g.md#{phase}", {})) for phase in PHASES}


def alone(project: Project, phase: str, *options: str) -> dict[str, set[Any]]:
    """Return by production file what runs under a ``coverage run`` of one phase's tests, without our plugin."""
    run = project.python(
        "-m", "coverage", "run", *options, "--source=src", *PYTEST,
        "-p", "no:phasegate", "-W", "ignore", *tests_of(phase),
    )  # fmt: skip
    assert run.exit_code == 0, run.text
    data = CoverageData(str(project.root / ".coverage"))
    data.read()
    found: dict[str, list[Any]] = {
        file.removeprefix(f"{project.root}/"): list((data.arcs(file) if data.has_arcs() else data.lines(file)) or [])
        for file in data.measured_files()
    }
    data.close()
    (project.root / ".coverage").unlink()
    return _production(found)


def _production(ran: Mapping[str, list[Any]]) -> dict[str, set[Any]]:
    return {
        path: {tuple(trace) if isinstance(trace, list) else trace for trace in traces}
        for path, traces in ran.items()
        if path.startswith("src/") and traces
    }
