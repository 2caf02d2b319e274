"""The gate *approval*: no production code of a guide that nobody approved."""

from __future__ import annotations

from pytest_phasegate.core.commit.rules import Changeset
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict


class ApprovalGate(BaseGate):
    """Ask for an approved guide wherever production code changes."""

    name = "approval"
    needs = frozenset({Need.CHANGE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the guide's approval; the guide says itself whether it is approved."""
        if not evidence.settings.approval_required:
            return self.not_evaluated(phase, "approval is not required")
        if evidence.guide.approved:
            return self.passed(phase, "the guide is approved")
        change = Changeset.of(evidence)
        if change is None:
            return self.inconclusive(phase, evidence.absent.get(Need.CHANGE, "the change is not known"))
        if not change.production:
            return self.not_evaluated(
                phase, f"the guide is not approved yet, and {change.what} holds no production code"
            )
        return self.failed(phase, "the guide is not approved", [unapproved(evidence.guide)])


def unapproved(guide: Guide) -> Finding:
    """Return the finding that a guide is not approved."""
    fix = f"after review write `**Status**: Approved` below the title, or run: phasegate approve {guide.path}"
    return Finding("PG503", Severity.ERROR, "the guide is not approved", guide.path, 1, fix)
