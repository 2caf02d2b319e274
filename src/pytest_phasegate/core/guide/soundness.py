"""Which errors of a guide make what it says of a phase unsound, and which are about other phases only."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pytest_phasegate.core.guide.model import Diagnostic, Guide
from pytest_phasegate.core.verdict.verdict import Severity

_OF_THE_WHOLE = frozenset({"PG101", "PG102", "PG105", "PG106", "PG109", "PG116"})
"""Nobody can say which phase these are about: text that is hidden or not read, and ids that mean two phases."""


def errors_about(guide: Guide, phases: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return the errors that concern these phases: their own, those of what they depend on, and the document's."""
    needed = _with_what_they_need(guide, phases)
    return tuple(error for error in errors_in(guide) if _concerns(error, guide, needed))


def errors_elsewhere(guide: Guide, phases: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return the errors that concern none of these phases."""
    concerning = errors_about(guide, phases)
    return tuple(error for error in errors_in(guide) if error not in concerning)


def errors_in(guide: Guide) -> tuple[Diagnostic, ...]:
    """Return every error of a guide."""
    return tuple(each for each in guide.diagnostics if each.severity is Severity.ERROR)


def _with_what_they_need(guide: Guide, phases: Iterable[str]) -> frozenset[str]:
    depends = {phase.id: phase.depends for phase in guide.phases}
    found: set[str] = set()
    pending = list(phases)
    while pending:
        phase = pending.pop()
        if phase not in found:
            found.add(phase)
            pending += depends.get(phase, ())
    return frozenset(found)


def _concerns(error: Diagnostic, guide: Guide, needed: Collection[str]) -> bool:
    if error.code in _OF_THE_WHOLE:
        return True
    phases = error.phases if error.phases is not None else _at(error.line, guide)
    return phases is None or any(phase in needed for phase in phases)


def _at(line: int, guide: Guide) -> tuple[str, ...] | None:
    """Return the phase whose lines hold this one; ``None`` outside of all, where it may be about any."""
    holding = (phase.id for phase in guide.phases if phase.line <= line <= phase.end_line)
    found = next(holding, None)
    return None if found is None else (found,)
