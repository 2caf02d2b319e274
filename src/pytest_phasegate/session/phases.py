"""The phases of a run: the guides, what history says of their tests, the selection and the gates that judge it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pytest_phasegate.core.coverage.measurement import Override
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Diagnostic, Guide, Phase
from pytest_phasegate.core.guide.selection import PhaseRef, select
from pytest_phasegate.core.guide.soundness import errors_about, errors_elsewhere
from pytest_phasegate.core.mapping.shards import read_shard
from pytest_phasegate.core.verdict.gate import Need
from pytest_phasegate.errors import GuideError, RepositoryError, UnknownPhaseError
from pytest_phasegate.session.state import READ_EARLY, SessionState
from pytest_phasegate.wiring import projects, readers, records

OFFERED = frozenset({Need.RUN, Need.COVERAGE, Need.BASELINE})
"""The evidence a pytest run can give; gates that ask for more judge in `phasegate check`."""


def choose(state: SessionState, selectors: Sequence[str], overrides: Sequence[Override]) -> None:
    """Read the guides into the state of a run and, where phases are asked for, select them and their gates.

    Raises:
        PhasegateError: A guide, the baseline, or the selection cannot be used.
    """
    state.guides = _guides(state)
    if selectors:
        shard = state.config.getoption("phasegate_shard")
        state.shard = read_shard(shard) if shard else None
        records.baseline(state.root)
        state.guarded_tests = _guarded_tests(state)
        state.whole_suite = bool(state.config.getoption("phasegate_suite"))
    state.added = state.texts().added(state.guides)
    if selectors:
        state.selection = select(selectors, state.guides, partial(_current, state))
    # what became of declared tests that go by another name now
    state.renamed = records.renamed_declarations(state.root, state.texts(), state.guides, state.selection)
    if state.selection is not None:
        known = dict.fromkeys(phase.id for guide in state.guides for phase in guide.phases)
        for override in overrides:
            if override.phase is not None and override.phase not in known:
                raise UnknownPhaseError(override.phase, tuple(known))
        _refuse_errors(state, state.selection)
        state.gates = tuple(gate for gate in readers.gates(state.project) if gate.needs <= OFFERED)


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


def _current(state: SessionState, guide: Guide) -> Phase | None:
    from pytest_phasegate.app.guide.status import current_phase  # of use only to ``--phase current``
    from pytest_phasegate.wiring import status

    return current_phase(status.surroundings(state.project, state.guides), guide)


def _guides(state: SessionState) -> tuple[Guide, ...]:
    """Read the guides of this run, those of the command line in place of the configured ones.

    Raises:
        GuideError: There is none, and this is the top of several projects.
    """
    early = state.config.stash.get(READ_EARLY, None)
    if early:
        found = early.guides
    else:
        base = state.config.invocation_params.dir
        named = [str(base / name) for name in state.config.getoption("phasegate_guides")]
        found = records.derived(state.project, readers.guides(state.project, named))
    below = () if found else projects.below_here()
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
            raise GuideError(_first(errors), hint=f"see them all with: phasegate lint {errors[0].path}")
        others = errors_elsewhere(guide, chosen)
        if others:
            state.remarks.append(f"{_first(others)}; of no phase of this run: phasegate lint {guide.path}")


def _first(errors: Sequence[Diagnostic]) -> str:
    first, left = errors[0], len(errors) - 1
    return f"{first.path}:{first.line}: {first.code} {first.message}{f' (and {left} more)' if left else ''}"
