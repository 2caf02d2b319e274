from __future__ import annotations

import compileall
import os
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import hypothesis
import pytest
from _pytest.assertion.rewrite import PYC_TAIL

import pytest_phasegate
from support.project import PLAIN_GIT, Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_phasegate.adapters.project.interpreter import Interpreter

pytest_plugins = ["pytester"]

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("anywhere", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("anywhere")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin as on a machine that has nothing of its own.

    A shell starts what runs in its background with SIGINT ignored, which children inherit: those that are to be
    interrupted would not notice.
    """
    _forget_the_machine()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if session.config.getoption("dist", "no") != "no" and not hasattr(session.config, "workerinput"):
        _compile_for_children()  # xdist's controller collects nothing


def pytest_collection_finish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput") and any(item.get_closest_marker("slow") for item in session.items):
        _compile_for_children()


def _compile_for_children() -> None:
    """Compile once what hundreds of child processes load: they write no bytecode, so each would compile it anew.

    A run that starts no child does without: in a replay every tree would be compiled as a whole.
    """
    for place in _loaded_by_children():
        compileall.compile_dir(place, quiet=2)
    _compile_what_pytest_rewrites()


_IMPORT_ALL = """
import contextlib, importlib, pkgutil, pytest_phasegate
for module in pkgutil.walk_packages(pytest_phasegate.__path__, "pytest_phasegate."):
    if not module.name.endswith("__main__"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module.name)
"""


def _compile_what_pytest_rewrites() -> None:
    """Compile plugins in pytest's own way too, ours among them: each child would take a second or two for it."""
    package = Path(pytest_phasegate.__file__).parent
    if all(map(_is_compiled, (path for path in package.rglob("*.py") if path.name != "__main__.py"))):
        return
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as empty:
        Path(empty, "conftest.py").write_text(_IMPORT_ALL, encoding="utf-8")
        words = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "--rootdir", empty, empty]
        subprocess.run(words, env=environment, cwd=empty, capture_output=True, check=False)


def _is_compiled(module: Path) -> bool:
    compiled = module.parent / "__pycache__" / f"{module.stem}{PYC_TAIL}"
    return compiled.exists() and compiled.stat().st_mtime >= module.stat().st_mtime


_SLOW_ROOMS = frozenset({"adapters", "end_to_end", "faces", "hooks", "session"})
_SLOW_FIXTURES = frozenset({"project", "pytester"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what starts processes by the dozen, and leave the long tables to those who ask for them.

    ``-m "not slow"`` leaves what is done while one waits, ``-m soak`` is the long tables.
    """
    _leave_out_of_tables(items)
    for item in items:
        room = item.path.relative_to(Path(__file__).parent).parts[0]
        if room in _SLOW_ROOMS or _SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    if "soak" not in config.getoption("markexpr"):
        long = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]


def _leave_out_of_tables(items: Iterable[pytest.Item]) -> None:
    """Leave all but every ``n``-th case of a test marked ``sampled(n)`` to ``-m soak``; one asked for alone runs."""
    tables: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled"):
            tables.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for name, cases in tables.items():
        mark = cases[0].get_closest_marker("sampled")
        every = mark.args[0] if mark and len(cases) > 1 else 1
        for number, case in enumerate(sorted(cases, key=lambda one: one.nodeid), crc32(name.encode())):
            if number % every:
                case.add_marker("soak")


_OF_SERVICES = ("GIT_", "CI_", "GITHUB_", "GITLAB_", "BITBUCKET_", "BUILD_", "SYSTEM_", "CHANGE_", "PRE_COMMIT_", "LC_")
_OF_TERMINALS = (
    "CI",
    "TF_BUILD",
    "JENKINS_URL",
    "LANGUAGE",
    "TERM",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "PY_COLORS",
)


def _forget_the_machine() -> None:
    """Take out what would change the answers of git, pytest and us: a CI service, a terminal, who commits and how."""
    for name in list(os.environ):
        if name.startswith(_OF_SERVICES) or name in _OF_TERMINALS:
            del os.environ[name]
    os.environ.update(PLAIN_GIT, LANG="C.UTF-8")
    os.umask(0o022)


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


@pytest.fixture(autouse=True)
def _no_ledger_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what tests record in their own repositories, also where PHASEGATE_LEDGER names one for this session."""
    monkeypatch.delenv("PHASEGATE_LEDGER", raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project directory with a home of its own."""
    root = tmp_path / "project"
    home = tmp_path / "home"
    root.mkdir()
    home.mkdir()
    return Project(root, home).forking()


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    """Return the Python that runs these tests, as replays know it."""
    from pytest_phasegate.adapters.project.interpreter import inspect_interpreter

    return inspect_interpreter((sys.executable,), "this test", tmp_path_factory.mktemp("inspect"))
