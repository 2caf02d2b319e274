"""From options and configuration to the features of this run, each registered only when it is on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from pytest_phasegate.adapters.evidence import WorkFiles
from pytest_phasegate.app.ports.repository import WorkTree
from pytest_phasegate.core.coverage.figures import Override, read_override
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.selection import PhaseRef, select
from pytest_phasegate.core.guide.soundness import errors_about, errors_elsewhere
from pytest_phasegate.core.mapping.shards import read_shard
from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.core.verdict.gate import Need
from pytest_phasegate.errors import GuideError, PhasegateError, RepositoryError, SelectionError, UnknownPhaseError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.counting import Counting
from pytest_phasegate.session.counting import asked as asked_for_counts
from pytest_phasegate.session.grading import Faults
from pytest_phasegate.session.outcomes import Watching
from pytest_phasegate.session.state import GUIDES, STATE, TEXTS, SessionState, guarded
from pytest_phasegate.wiring import projects, proofs, readers, records

OFFERED = frozenset({Need.RUN, Need.COVERAGE, Need.BASELINE})
"""The evidence a pytest run can give; gates that ask for more judge in `phasegate check`."""


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
    root = projects.root(config.rootpath)
    settings = projects.settings(root)
    mode = Mode(config.getoption("phasegate_mode") or settings.mode)
    state = SessionState(
        config,
        root,
        settings,
        mode,
        strict=bool(config.getoption("phasegate_strict") or settings.strict),
        given=config.stash.get(TEXTS, None),
    )
    if config.getoption("phasegate_shard"):
        state.shard = read_shard(config.getoption("phasegate_shard"))
    overrides = tuple(read_override(minimum) for minimum in config.getoption("phasegate_fail_under"))
    selectors = config.getoption("phasegate_phase")
    if config.getoption("phasegate_expect") and not selectors:
        raise SelectionError("--phasegate-expect is about phases", hint="say which: --phase 2 --phasegate-expect red")
    for option in ("phasegate_shard", "phasegate_record"):
        if config.getoption(option) and not selectors:
            word = f"--{option.replace('_', '-')}"
            raise SelectionError(f"{word} is about phases", hint=f"say which: --phase all {word} ...")
    if not selectors and _maps(state):
        state.guides = _guides(state)
        _add_history(state)
        _follow_renames(state)
    if selectors:
        state.guides = _guides(state)
        records.baseline(root)
        state.guarded_tests = _guarded_tests(state)
        state.whole_suite = bool(config.getoption("phasegate_suite"))
        _add_history(state)
        state.selection = select(selectors, state.guides, partial(_current, state))
        _follow_renames(state)
        _refuse_unknown(overrides, state.guides)
        _refuse_errors(state, state.selection)
        state.gates = tuple(gate for gate in proofs.gates(root, settings) if gate.needs <= OFFERED)
    return state


def _maps(state: SessionState) -> bool:
    """Return whether a run without ``--phase`` needs to know the phases of its tests."""
    asked = state.config.getoption("phasegate_strict") or state.config.getoption("phasegate_guides")
    return bool(asked) or (state.settings.configured and bool(state.config.getoption("xmlpath", None)))


def _refuse_unknown(overrides: Sequence[Override], guides: Sequence[Guide]) -> None:
    """Refuse a minimum for a phase that no guide defines: it would hold for nothing."""
    known = dict.fromkeys(phase.id for guide in guides for phase in guide.phases)
    for override in overrides:
        if override.phase is not None and override.phase not in known:
            raise UnknownPhaseError(override.phase, tuple(known))


def _guarded_tests(state: SessionState) -> frozenset[TestId]:
    """Return the accepted tests that are to run whatever is selected; none where the baseline cannot be had.

    Then the regression gate says why.
    """
    if not state.config.getoption("phasegate_regression"):
        return frozenset()
    try:
        return frozenset(entry.test for entry in records.accepted_tests(state.root, state.texts().repository))
    except RepositoryError:
        return frozenset()


def _add_history(state: SessionState) -> None:
    state.added = state.texts().added(state.guides)


def _follow_renames(state: SessionState) -> None:
    """Learn what became of declared tests that go by another name now."""
    state.renamed = records.renamed_declarations(state.root, state.texts(), state.guides, state.selection)


def _current(state: SessionState, guide: Guide) -> Phase | None:
    return records.current_phase(state.root, state.settings, guide, state.guides)


def _guides(state: SessionState) -> tuple[Guide, ...]:
    """Read the guides of this run, those of the command line in place of the configured ones.

    Raises:
        GuideError: There is none, and this is the top of several projects.
    """
    if GUIDES in state.config.stash:
        found = state.config.stash[GUIDES]
    else:
        base = state.config.invocation_params.dir
        named = [str(base / name) for name in state.config.getoption("phasegate_guides")]
        found = records.derived(state.root, state.settings, readers.guides(state.root, state.settings, named))
    top = None if found else projects.unconfigured_top()
    below = projects.configured_below(top) if top else ()
    if below:
        hint = f"pytest is run in the directory of each: cd {below[0]}"
        raise GuideError(f"no guide was found here; projects lie in {', '.join(below)}", hint=hint)
    return found


def _refuse_errors(state: SessionState, selection: Sequence[PhaseRef]) -> None:
    """Refuse phases of which a guide cannot be taken at its word; an error about other phases is a remark."""
    for guide in state.guides:
        chosen = [ref.phase for ref in selection if ref.guide == guide.path]
        if not chosen:
            continue
        errors = errors_about(guide, chosen)
        if errors:
            first = errors[0]
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise GuideError(
                f"{first.path}:{first.line}: {first.code} {first.message}{more}",
                hint=f"see them all with: phasegate lint {first.path}",
            )
        others = errors_elsewhere(guide, chosen)
        if others:
            told = f"{others[0].path}:{others[0].line}: {others[0].code} {others[0].message}"
            more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
            state.remarks.append(f"{told}{more}; of no phase of this run: phasegate lint {guide.path}")


def _features(state: SessionState) -> Iterator[object]:
    """Yield the features of this run, in the order their hooks should be called."""
    from pytest_phasegate.session.summary import Header

    yield Header(state)
    counts = asked_for_counts()
    if counts and not state.is_worker:
        yield Counting(counts)
    asked = state.config.getoption("phasegate_phase") or state.config.getoption("phasegate_cov")
    if asked and not state.config.getoption("collectonly"):
        from pytest_phasegate.session.coverage import Measuring

        yield Measuring(state)
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
    from pytest_phasegate.session.grading import Faults
    from pytest_phasegate.session.outcomes import Watching

    files = WorkFiles(state.root)
    watching = Watching(state)
    faults = Faults(state, files.top, watching)
    yield from (faults, watching)
    if state.judges and state.config.getoption("phasegate_expect"):
        from pytest_phasegate.session.expectation import Expecting

        yield Expecting(state, files, watching, faults)
    elif state.judges:
        from pytest_phasegate.session.summary import Reporting
        from pytest_phasegate.session.verdict import Judging

        yield from (Judging(state, watching), Reporting(state))
    if state.writes_record:
        from pytest_phasegate.session.shards import Sharding

        yield Sharding(state, watching)
    if not state.config.getoption("collectonly"):
        yield from _keeping_features(state, files, watching, faults)


def _keeping_features(state: SessionState, files: WorkTree, watching: Watching, faults: Faults) -> Iterator[object]:
    """Yield what compares tests that ran with what is kept, and keeps them: of those only collected nothing is."""
    if state.judges and not state.config.getoption("phasegate_expect"):
        from pytest_phasegate.session.pass_records import Remembering
        from pytest_phasegate.session.regression import Comparing

        yield from (Comparing(state), Remembering(state))
    if state.records and not state.is_worker:
        from pytest_phasegate.session.ledger import Recording

        yield Recording(state, files, watching, faults)


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
