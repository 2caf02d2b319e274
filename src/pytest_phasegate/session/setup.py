"""From options and configuration to the features of this run, each registered only when it is on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pytest_phasegate.adapters.work_files import WorkFiles
from pytest_phasegate.app.ports.repository import WorkTree
from pytest_phasegate.core.coverage.measurement import read_override
from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.errors import PhasegateError, SelectionError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.ledger import Faults, Recording
from pytest_phasegate.session.outcomes import Cases, Watching
from pytest_phasegate.session.state import READ_EARLY, STATE, TAKEN, SessionState, guarded
from pytest_phasegate.wiring.projects import Project


def install(config: pytest.Config, *, asked: bool) -> None:
    """Read what is asked, keep it in the stash, and register the features that are on.

    Args:
        config: pytest's configuration.
        asked: Whether an option of ours was given; without one, only a configured project has features.

    Raises:
        pytest.UsageError: The configuration, an option, a guide or a selection cannot be used; pytest exits with 4.
    """
    try:
        state = _begin(config)
        features = tuple(_features(state)) if asked or state.settings.configured else ()
    except PhasegateError as error:
        hint = f"\n  hint: {escaped(error.hint)}" if error.hint else ""
        problem = "\n".join(escaped(line) for line in error.problem.split("\n"))
        raise pytest.UsageError(f"phasegate: {problem}{hint}") from error
    config.stash[STATE] = state
    for feature in features:
        config.pluginmanager.register(feature, f"phasegate-{type(feature).__name__.lower()}")


def _begin(config: pytest.Config) -> SessionState:
    early = config.stash.get(READ_EARLY, None)
    project = early.project if early else Project.around(config.rootpath)
    state = SessionState(
        config,
        project,
        Mode(config.getoption("phasegate_mode") or project.settings.mode),
        strict=bool(config.getoption("phasegate_strict") or project.settings.strict),
        given=early and early.texts,
    )
    overrides = tuple(map(read_override, config.getoption("phasegate_fail_under")))
    selectors = config.getoption("phasegate_phase")
    if config.getoption("phasegate_expect") and not selectors:
        raise SelectionError("--phasegate-expect is about phases", hint="say which: --phase 2 --phasegate-expect red")
    for option in ("phasegate_shard", "phasegate_record"):
        if config.getoption(option) and not selectors:
            word = f"--{option.replace('_', '-')}"
            raise SelectionError(f"{word} is about phases", hint=f"say which: --phase all {word} ...")
    if selectors or _maps(state):
        from pytest_phasegate.session import phases  # half of the program, and of no use to a run only recorded

        phases.choose(state, selectors, overrides)
    return state


def _maps(state: SessionState) -> bool:
    """Return whether a run without ``--phase`` needs to know the phases of its tests."""
    asked = state.config.getoption("phasegate_strict") or state.config.getoption("phasegate_guides")
    return bool(asked) or (state.settings.configured and bool(state.config.getoption("xmlpath", None)))


def _features(state: SessionState) -> Iterator[object]:
    """Yield the features of this run, in the order their hooks should be called."""
    yield Header(state)
    yield Cases(state)
    asked = state.config.getoption("phasegate_phase") or state.config.getoption("phasegate_cov")
    if asked and not state.config.getoption("collectonly"):
        from pytest_phasegate.session import coverage

        yield from coverage.features(state)
    if state.judges:
        yield SuiteThreshold(state)
    if state.selection is not None and state.mode is not Mode.OFF:
        from pytest_phasegate.session.test_files import Confining

        yield Confining(state)
    if state.guides:
        from pytest_phasegate.session.collection import Collecting

        yield Collecting(state)
    if state.selection is not None or state.records:
        yield from _watching_features(state)


def _watching_features(state: SessionState) -> Iterator[object]:
    """Yield what needs to know how the tests end: to judge them, and to keep what they showed."""
    files = WorkFiles(state.root)
    watching = Watching(state)
    faults = Faults(state, files.top, watching)
    yield from (faults, watching)
    if state.judges and state.config.getoption("phasegate_expect"):
        from pytest_phasegate.session.expectation import Expecting

        yield Expecting(state, files, watching, faults)
    elif state.judges:
        from pytest_phasegate.session.report_files import Reporting
        from pytest_phasegate.session.verdict import Judging

        yield from (Judging(state, watching.completed), Reporting(state))
    if state.writes_record:
        from pytest_phasegate.session.report_files import Sharding

        yield Sharding(state, watching)
    if not state.config.getoption("collectonly"):
        yield from _keeping_features(state, files, watching, faults)


def _keeping_features(state: SessionState, files: WorkTree, watching: Watching, faults: Faults) -> Iterator[object]:
    """Yield what compares tests that ran with what is kept, and keeps them: of those only collected nothing is."""
    if state.judges and not state.config.getoption("phasegate_expect"):
        from pytest_phasegate.session.verdict import Remembering

        yield Remembering(state)
    if state.records and not state.is_worker:
        yield Recording(state, files, watching, faults)


class Header:
    """Say the mode and, with ``--phase``, the selected phases of each guide."""

    def __init__(self, state: SessionState) -> None:
        self.state = state

    @guarded
    def pytest_report_header(self) -> str:
        """Return the line ``phasegate: phases 1, 2 of docs/plans/x.md (enforce)``."""
        chosen = [self._chosen(guide.path) for guide in self.state.guides]
        words = "; ".join(filter(None, chosen)) or self._nothing()
        return escaped(f"phasegate: {words} ({self.state.mode})")

    def _nothing(self) -> str:
        """Say that no phase is selected, and how one would be where ``--phase`` is an option of the project's own."""
        taken = "; --phase is an option of this project, ours is --phasegate-phase"
        return f"no phase selected{taken if self.state.config.stash.get(TAKEN, False) else ''}"

    def _chosen(self, guide: str) -> str:
        ids = [ref.phase for ref in self.state.selection or () if ref.guide == guide]
        return f"phase{'s' if len(ids) > 1 else ''} {', '.join(ids)} of {guide}" if ids else ""


OPTION = "--cov-fail-under"


class SuiteThreshold:
    """Set aside what the project's own settings ask of the suite's total: a phase alone need not reach it.

    One that is typed for this very run stays.
    """

    def __init__(self, state: SessionState) -> None:
        self.state = state

    @guarded
    def pytest_collection_finish(self) -> None:
        """Tell pytest-cov, which by now has read its threshold from ``addopts`` or coverage's settings, to ask none."""
        config = self.state.config
        plugin: Any = config.pluginmanager.getplugin("_cov")
        asked = getattr(getattr(plugin, "options", None), "cov_fail_under", None)
        typed = any(str(word).startswith(OPTION) for word in config.invocation_params.args)
        if not asked or typed or self.state.whole_suite:
            return
        plugin.options.cov_fail_under = None
        self.state.remarks.append(
            f"the suite's threshold ({OPTION} {asked:g}) was set aside: this run is a part of the suite; "
            "run pytest without --phase to ask for it"
        )
