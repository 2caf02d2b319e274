"""The pytest plugin: options and configuration, inert until asked.

Only the standard library and pytest are imported here; every feature is a class of ``session``,
registered only when it is on.
"""

from __future__ import annotations

import re
import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path
    from types import ModuleType


class AsCompiled:
    """Imports our modules before pytest can.

    Pytest rewrites all modules of an installed plugin for the sake of their assertions. Where no bytecode is kept, as
    in most containers, each run would compile two hundred of ours.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a module of this package, and no other."""
        return PathFinder.find_spec(name, path, target) if name.startswith("pytest_phasegate.") else None


sys.meta_path.insert(0, AsCompiled)

MARKERS = (
    'phase(id): the phase this test belongs to, as in phase("2") or phase("metric_caching:2"); the closest mark wins',
    "characterization(why): a test that pins down what is there, and so was never red",
    "requirement(id, ...): the requirements this test shows to be met; `phasegate trace` lists them",
)
_SWITCH: dict[str, Any] = {"action": "store_const", "const": True, "default": None}
_LIST: dict[str, Any] = {"action": "append", "default": []}
_OPTIONS: dict[str, dict[str, Any]] = {
    "--phasegate": {
        "dest": "phasegate_mode",
        "choices": ("enforce", "report", "off"),
        "metavar": "MODE",
        "help": "what a refusal does in this run: enforce fails it, report only says so, off judges nothing",
    },
    "--phasegate-guide": {
        **_LIST,
        "dest": "phasegate_guides",
        "metavar": "PATH",
        "help": "a guide for this run, in place of the configured ones (repeatable)",
    },
    "--phasegate-expect": {
        "choices": ("red", "green"),
        "metavar": "red|green",
        "help": "red: exit 0 only if every declared test of the selection is red with an acceptable grade",
    },
    "--phasegate-cov": {
        **_SWITCH,
        "help": "measure coverage where neither pytest-cov nor `coverage run` does (the default with --phase)",
    },
    "--no-phasegate-cov": {
        "dest": "phasegate_cov",
        "action": "store_const",
        "const": False,
        "help": "never start a coverage measurement of our own",
    },
    "--phasegate-fail-under": {
        **_LIST,
        "metavar": "[ID=]PCT",
        "help": "coverage minimum for this run, of one phase or of all (repeatable)",
    },
    "--phasegate-report": {
        **_LIST,
        "dest": "phasegate_reports",
        "metavar": "TYPE[:DEST]",
        "help": "a report of the verdicts, to a file where DEST is given: term, json, html, sarif, … (repeatable)",
    },
    "--phasegate-regression": {
        **_SWITCH,
        "help": "with --phase: also run the accepted tests of other phases, so that no regression goes unseen",
    },
    "--phasegate-suite": {
        **_SWITCH,
        "help": "with --phase: also run every other test, so that the whole suite is judged in one run",
    },
    "--phasegate-reaching": {
        "metavar": "FILE",
        "help": "with --phasegate-suite: of the other test files, run those that FILE lists, one a line",
    },
    "--phasegate-record": {"metavar": "PATH", "help": "write what this run observed to a shard record, for combine"},
    "--phasegate-shard": {"metavar": "I/N", "help": "this run is part I of N: it is recorded and not judged"},
    "--phasegate-strict": {**_SWITCH, "help": "tests of no phase and ambiguous mappings are errors"},
}
_SELECTORS = "2, 1,3, 1-3, ..2, 2.., all, current, guide:2"
_OWN_PHASE = re.compile(rb"""["']--phase["']""")  # how a conftest declares an option ``--phase`` of its own


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the options of the group *implementation-phase gates*.

    pytest refuses a name that two plugins declare, and ours is the guest: where a conftest of the project has an option
    ``--phase``, ours has its long name alone.
    """
    group = parser.getgroup("phasegate", "implementation-phase gates")
    config: pytest.Config = pluginmanager.getplugin("pytestconfig")
    taken = any(_OWN_PHASE.search(_content(path)) for path in _conftests(config))
    if taken:
        from pytest_phasegate.session.state import TAKEN

        config.stash[TAKEN] = True
    names = ("--phasegate-phase",) if taken else ("--phase", "--phasegate-phase")
    again = "; --phase is an option of this project" if taken else ""
    told = f"run only the tests of these phases and judge them: {_SELECTORS} (repeatable{again})"
    group.addoption(*names, dest="phasegate_phase", **_LIST, metavar="SELECTOR", help=told)
    for name, given in _OPTIONS.items():
        group.addoption(name, **given)


@pytest.hookimpl(specname="pytest_load_initial_conftests", wrapper=True, tryfirst=True)
def pytest_phasegate_measure(early_config: pytest.Config) -> Generator[None, object, object]:
    """Start to measure coverage, where it is asked for, before a plugin or a conftest imports what is to be measured.

    Where pytest-cov measures, it begins in this very hook: then we listen as soon as it has.
    """
    options = early_config.known_args_namespace
    if not getattr(options, "cov_source", None) or getattr(options, "no_cov", False):
        _measure(early_config)
    return (yield)


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Listen to pytest-cov, which measures by now, before a conftest imports what is to be measured."""
    _measure(early_config)


def _measure(config: pytest.Config) -> None:
    options = config.known_args_namespace
    if options.phasegate_phase or options.phasegate_cov:
        from pytest_phasegate.session.coverage import begin

        begin(config)


@pytest.hookimpl(specname="pytest_load_initial_conftests", wrapper=True, tryfirst=True)
def pytest_phasegate_guard(early_config: pytest.Config) -> Generator[None, object, object]:
    """With ``--phase``, see to it that nobody makes a success of a run that nothing passed in."""
    if not early_config.known_args_namespace.phasegate_phase:
        return (yield)
    from pytest_phasegate.session.exit_status import Leaving

    return (yield from Leaving(early_config).around_conftests())


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and wake up where the project or the command line asks for it."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    asked = _asked(config)
    if asked or _configured(config.rootpath):
        from pytest_phasegate.session.setup import install

        install(config, asked=asked)


def _asked(config: pytest.Config) -> bool:
    """Whether an option is given that wakes the plugin in a project that is not configured."""
    options = (given.get("dest", name) for name, given in _OPTIONS.items() if name != "--phasegate-reaching")
    return any(config.getoption(name) not in (None, []) for name in ("phasegate_phase", *options))


def _configured(rootpath: Path) -> bool:
    """Return whether configuration of ours may stand in the root or above it, up to the repository's top.

    A cheap look only: the configuration is read, and refused, by whoever is woken.
    """
    for directory in (rootpath, *rootpath.parents):
        if (directory / "phasegate.toml").is_file() or b"phasegate" in _content(directory / "pyproject.toml"):
            return True
        if (directory / ".git").exists():
            return False
    return False


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _conftests(config: pytest.Config) -> Iterator[Path]:
    """Yield the conftests that pytest loads before it reads the command line: those that may declare options."""
    here, root = config.invocation_params.dir, config.rootpath
    given = (str(word) for word in config.invocation_params.args if not str(word).startswith("-"))
    starts = [here, root, *(here / word.partition("::")[0] for word in given)]
    starts += [root / path for path in config.getini("testpaths")]
    for start in dict.fromkeys(starts):
        above = (parent for parent in start.parents if parent.is_relative_to(root))
        yield from (directory / "conftest.py" for directory in (start, *above))
        yield from start.glob("test*/conftest.py")
