"""What ran: the outcome of every collected case, and what makes a run incomplete or narrower than its phases."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from pytest_phasegate.adapters.project.worktree import seen_from
from pytest_phasegate.core.evidence import outcomes
from pytest_phasegate.core.verdict.verdict import AMONG_OTHERS, listed
from pytest_phasegate.probe import cases
from pytest_phasegate.session.state import SessionState, guarded

_case_id: Callable[[pytest.Item], str] = cases.case_id
_CRASHED = "???"  # the phase of the report that xdist makes up for a test that took its worker down
_NOT_RUN = "[NOTRUN]"
"""What pytest puts before the reason of an expected failure that it is told not to run: nobody saw that fail."""
_SHOWN = 3


class Cases:
    """Learn of which function each item is a case."""

    def __init__(self, state: SessionState) -> None:
        self.state = state

    @guarded
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Keep the case that goes by another id."""
        case = _case_id(item)
        if case != item.nodeid:
            self.state.cases[item.nodeid] = outcomes.NodeId(case)


class Watching:
    """Keep, for every case, the worst of all its reports; and everything that makes a run incomplete.

    A run is complete when every case that was to run has been reported: a passed set-up is no report of a test, so
    that one during which the process or the session ended counts as never reported. ``cut`` are the functions of which
    cases were deselected; ``None`` where nobody tells, as under xdist.
    """

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.expected: Sequence[str] = ()
        self.outcomes: dict[str, outcomes.Outcome] = {}
        self.expected_failures: set[str] = set()
        self.rerun: set[str] = set()
        self.raised: Collection[str] = ()
        """The cases that raised, whatever was then reported of them; kept by whoever sees the exceptions."""
        self.faults: dict[str, None] = {}
        self.uncollected: dict[str, str] = {}
        self.session: pytest.Session | None = None
        self.cut: set[outcomes.TestId] | None = set()

    @guarded
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember the session, which knows at the end whether it was stopped."""
        self.session = session

    @guarded
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notice a file or directory that could not be collected."""
        if report.failed:
            self.uncollected[report.nodeid or "."] = _cause(str(report.longrepr), self.state.root)

    @guarded
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which cases are to run."""
        self.expected = [item.nodeid for item in session.items]

    @guarded
    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Remember the functions that do not run with all their cases."""
        if self.cut is not None:
            self.cut.update(outcomes.function_of(self.state.case(item.nodeid)) for item in items)

    @pytest.hookimpl(optionalhook=True)
    @guarded
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Remember which cases are to run: every worker names the same, and none names what it left out."""
        self.expected = ids
        self.cut = None

    @guarded
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one report into account; those of passed set-ups, tear-downs and subtests say nothing of the test."""
        if report.outcome == "passed" and (report.when != "call" or hasattr(report, "context")):
            return
        if str(report.outcome) == "rerun":
            self.rerun.add(report.nodeid)
            self.outcomes.pop(report.nodeid, None)
            return
        if str(report.when) == _CRASHED:
            self.faults[f"a worker crashed in {report.nodeid}"] = None
        outcome = _outcome(report)
        if outcome is outcomes.Outcome.XFAILED:
            self.expected_failures.add(report.nodeid)
        before = self.outcomes.get(report.nodeid)
        self.outcomes[report.nodeid] = outcome if before is None else outcomes.worst(frozenset({before, outcome}))

    @pytest.hookimpl(optionalhook=True)
    @guarded
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Notice a worker that did not end as it should."""
        if error:
            self.faults[f"worker {node.gateway.id} crashed"] = None

    @guarded
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Notice that somebody, or a test through ``pytest.exit``, ended the session."""
        self.faults[f"the run was ended by {excinfo.typename}"] = None

    @guarded
    def pytest_internalerror(self) -> None:
        """Notice that pytest itself broke down."""
        self.faults["pytest met an internal error"] = None

    def completed(self) -> outcomes.TestRun:
        """Return the run as it stands: asked once, when all tests are done."""
        suffixed = self.state.config.getoption("dist", None) == "loadgroup"
        cases = tuple(self._case(node_id, suffixed) for node_id in dict.fromkeys((*self.expected, *self.outcomes)))
        phases = () if self.state.whole_suite else self.state.config.getoption("phasegate_phase")
        return outcomes.TestRun(
            cases,
            tuple(_narrowed(self.state, self.session)),
            self._incomplete(cases),
            self.state.collected,
            self.state.filtered,
            self.state.confined,
            self.uncollected,
            shlex.join(["pytest", *(word for phase in phases for word in ("--phase", phase)), "--collect-only"]),
        )

    def _case(self, reported: str, suffixed: bool) -> outcomes.CaseRun:
        node_id = self.state.case(_without_group(reported) if suffixed else reported)
        outcome = self.outcomes.get(reported, outcomes.Outcome.MISSING)
        flaky = (reported in self.rerun or node_id in self.raised) and outcome.green
        return outcomes.CaseRun(node_id, outcomes.function_of(node_id), outcome, flaky=flaky)

    def _incomplete(self, cases: Iterable[outcomes.CaseRun]) -> str:
        silent = [case.node_id for case in cases if case.outcome is outcomes.Outcome.MISSING]
        shown = listed(silent, _SHOWN, AMONG_OTHERS)
        lost = [f"{len(silent)} collected {'test was' if len(silent) == 1 else 'tests were'} never reported: {shown}"]
        uncollected = [outcomes.told_uncollected(self.uncollected)] if self.uncollected else []
        return "; ".join([*uncollected, *self.faults, *(lost if silent else [])])


def _narrowed(state: SessionState, session: pytest.Session | None) -> Iterator[str]:
    named = {str(argument) for argument in state.config.args} if state.complete else set()
    yield from (word for word in narrowing(state.config, state.root) if word not in named)
    if session is not None and (session.shouldfail or session.shouldstop):
        yield str(session.shouldfail or session.shouldstop)
    if state.left_out:
        yield f"{state.left_out} of the selected tests were left out"


def _cause(told: str, root: Path) -> str:
    """Return the exception that a report of pytest's ends with, and the place that a syntax error names."""
    said = [line.removeprefix("E").strip() for line in told.splitlines() if line.startswith("E ")] or told.splitlines()
    places = [found for line in said if (found := _PLACE.match(line))]
    where = f"{os.path.relpath(places[-1][1], root)}:{places[-1][2]}: " if places else ""
    return f"{where}{said[-1].strip()}" if said else ""


_PLACE = re.compile(r'File "([^"]+)", line (\d+)')


def _outcome(report: pytest.TestReport) -> outcomes.Outcome:
    if _NOT_RUN in str(getattr(report, "wasxfail", "")):
        return outcomes.Outcome.SKIPPED
    when = "call" if str(report.when) == _CRASHED else str(report.when)
    return outcomes.ended(report.outcome, when, xfail=hasattr(report, "wasxfail"))


def _without_group(node_id: str) -> str:
    """Return a node id without the ``@group`` that xdist's loadgroup puts at its end."""
    return node_id.rpartition("@")[0] if node_id.rfind("@") > node_id.rfind("]") else node_id


_SWITCHES = {
    "lf": "--lf",
    "last_failed": "--lf",
    "stepwise": "--sw",
    "stepwise_skip": "--sw-skip",
    "collectonly": "--co",
    "splits": "--splits",
    "group": "--group",
    "testmon": "--testmon",
    "picked": "--picked",
    "setuponly": "--setup-only",
    "setupplan": "--setup-plan",
}
"""Options (by the name pytest keeps them under, ours or a plugin's) that leave tests out."""
_FILTERS = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
}

_COLLECTING = frozenset({
    "addopts", "collect_imported_tests", "norecursedirs", "python_classes", "python_files", "python_functions",
    "testpaths",
})  # fmt: skip
"""Settings of the project that ``-o`` changes for one run, and that say which tests there are."""


def narrowing(config: pytest.Config, root: Path) -> tuple[str, ...]:
    """Return what of this run leaves tests out, as the user knows it.

    A filter that stands in the project's own ``addopts`` is part of what its suite is, and narrows nothing. ``root`` is
    the project's root: where nothing configures pytest, its own may be any directory below.
    """
    top = (config.rootpath if config.inipath else root).resolve()
    switches = (word for name, word in _SWITCHES.items() if config.getoption(name, None))
    given = config.getoption("override_ini") or ()
    settings = (f"-o {setting}" for setting in given if setting.partition("=")[0] in _COLLECTING)
    told = dict.fromkeys((*switches, *_filters(config), *settings, *_paths(config, top)))
    exported = {word for word in os.environ.get("PYTEST_ADDOPTS", "").split() if word.startswith("-")}
    return tuple(f"{one} (in PYTEST_ADDOPTS)" if one.partition(" ")[0] in exported else one for one in told)


def _filters(config: pytest.Config) -> Iterator[str]:
    standing = standing_filters(config)
    for name, word in _FILTERS.items():
        given = config.getoption(name, None)
        for value in given if isinstance(given, list) else [given] if given else []:
            if (word, str(value)) not in standing:
                yield f"{word} {value}"


def standing_filters(config: pytest.Config) -> frozenset[tuple[str, str]]:
    """Return the filters that the project's configuration gives every run, as option and value."""
    return filters_among([str(word) for word in config.getini("addopts")])


def filters_among(words: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Return the filters among the words of a command line, as option and value."""
    found = set()
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        name, equals, value = word.partition("=")
        if name in _FILTERS.values() and (equals or following):
            found.add((name, value if equals else following))
        elif word[:2] in {"-k", "-m"} and len(word) > len("-k"):
            found.add((word[:2], word[2:]))
    return frozenset(found)


def _paths(config: pytest.Config, top: Path) -> Iterator[str]:
    """Yield the places that are collected, unless they are all of what a run without arguments at the top collects.

    From a directory below the top, pytest collects that directory alone.
    """
    source = config.args_source
    if source is pytest.Config.ArgsSource.TESTPATHS:
        return
    given = {(config.invocation_params.dir / argument).resolve(): argument for argument in config.args}
    whole = {(top / path).resolve() for path in config.getini("testpaths")} or {top}
    if top not in given and not whole <= given.keys():
        typed = source is pytest.Config.ArgsSource.ARGS
        for place, argument in given.items():
            yield str(argument) if typed else (seen_from(top, place) or place.as_posix())
