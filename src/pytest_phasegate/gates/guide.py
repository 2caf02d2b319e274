"""The gate *guide*: the guide can be read, and what it promised of finished phases still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.finished_phases import Acceptance
from pytest_phasegate.core.verdict.gate import BaseGate, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_phasegate.core.guide.model import Diagnostic, Guide, Phase
    from pytest_phasegate.core.verdict.gate import Evidence
    from pytest_phasegate.core.verdict.verdict import Verdict


class GuideGate(BaseGate):
    """Refuse a guide with errors, and a finished phase whose section was edited afterwards."""

    name = "guide"
    needs = frozenset({Need.ACCEPTANCE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the whole guide: a phase stands on the phases before it."""
        guide = evidence.guide
        errors = errors_of(guide)
        if errors:
            return self.failed(phase, f"the guide has {len(errors)} errors", errors)
        acceptance = Acceptance.of(evidence)
        if acceptance is None:
            reason = evidence.absent.get(Need.ACCEPTANCE)
            return self.inconclusive(phase, reason) if reason else self.passed(phase, "the guide has no errors")
        edited = tuple(edited_phases(guide, acceptance))
        if edited:
            return self.failed(phase, f"{len(edited)} finished phases were edited afterwards", edited)
        return self.passed(phase, "the guide has no errors, and its finished phases stand as they were")


def errors_of(guide: Guide) -> tuple[Finding, ...]:
    """Return what makes a guide unfit, as findings."""
    return tuple(_finding(remark) for remark in guide.diagnostics if remark.severity is Severity.ERROR)


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
