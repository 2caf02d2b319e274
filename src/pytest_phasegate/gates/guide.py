"""The gate *guide*: the guide can be read, and what it promised of finished phases still stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.finished_phases import Acceptance
from pytest_phasegate.core.guide.soundness import errors_about, errors_elsewhere, errors_in
from pytest_phasegate.core.verdict.gate import BaseGate, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_phasegate.core.guide.model import Diagnostic, Guide, Phase
    from pytest_phasegate.core.verdict.gate import Evidence
    from pytest_phasegate.core.verdict.verdict import Verdict


class GuideGate(BaseGate):
    """Refuse a phase that the guide has errors about, and a finished phase whose section was edited afterwards."""

    name = "guide"
    needs = frozenset({Need.ACCEPTANCE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the phase and what it depends on; an error about other phases is told of, and refuses those."""
        guide = evidence.guide
        errors = errors_about(guide, [phase.id])
        if errors:
            told = f"the guide has {counted(len(errors), 'error')} about this phase or what it depends on"
            return self.failed(phase, told, map(_finding, errors))
        elsewhere = errors_elsewhere(guide, [phase.id])
        others = (*(replace(_finding(each), severity=Severity.WARNING) for each in elsewhere), *paths_outside(guide))
        sound = f"the guide has no errors{' about this phase' if elsewhere else ''}"
        acceptance = Acceptance.of(evidence)
        if acceptance is None:
            reason = evidence.absent.get(Need.ACCEPTANCE)
            return self.inconclusive(phase, reason, others) if reason else self.passed(phase, sound, others)
        edited = tuple(edited_phases(guide, acceptance))
        if edited:
            told = f"{counted(len(edited), 'finished phase')} edited afterwards"
            return self.failed(phase, told, (*edited, *others))
        return self.passed(phase, f"{sound}, and its finished phases stand as they were", others)


def errors_of(guide: Guide) -> tuple[Finding, ...]:
    """Return what makes a guide unfit, as findings."""
    return tuple(map(_finding, errors_in(guide)))


def paths_outside(guide: Guide) -> tuple[Finding, ...]:
    """Return the absolute paths that declare no file here: a promise that nothing asks for is told of."""
    outside = (remark for remark in guide.diagnostics if remark.code == "PG113")
    return tuple(_finding(remark) for remark in outside if remark.severity is not Severity.ERROR)


def edited_phases(guide: Guide, acceptance: Acceptance) -> Iterator[Finding]:
    """Yield the finished phases whose section is gone or says something else now."""
    for phase_id, digest in acceptance.digests.items():
        phase = guide.phase(phase_id)
        commit = acceptance.commits.get(phase_id, "")[:10]
        if phase is None:
            yield _tampered(f"phase {phase_id} was finished in {commit} and is gone from the guide", guide, 1, commit)
        elif phase.digest != digest:
            told = f"phase {phase_id} was finished in {commit} and its section says something else now"
            yield _tampered(told, guide, phase.line, commit)


def _tampered(text: str, guide: Guide, line: int, commit: str) -> Finding:
    fix = f"restore it (git diff {commit} -- {guide.path}), and plan the change as a phase of its own"
    return Finding("PG504", Severity.ERROR, text, guide.path, line, fix)


def _finding(remark: Diagnostic) -> Finding:
    return Finding(remark.code, remark.severity, remark.message, remark.path, remark.line, remark.fix)
