"""The gate *commit*: the phase's commit is conventional and is the one its guide declares."""

from __future__ import annotations

from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import Committed, branch_findings, guide_issue_findings, message_findings
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import Verdict


class CommitGate(BaseGate):
    """Judge the message being used, or the messages of the phase's commits."""

    name = "commit"
    needs = frozenset({Need.MESSAGE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge what there is; a phase that is not committed yet has nothing to judge."""
        committed = Committed.of(evidence)
        if committed is None:
            return self.inconclusive(phase, evidence.absent.get(Need.MESSAGE, "git could not say"))
        settings = evidence.settings.commit
        findings = [
            *branch_findings(committed.branch, settings),
            *(
                finding
                for message in committed.messages
                for finding in (
                    *message_findings(message, [evidence.guide], settings, in_range=bool(message.sha)),
                    *guide_issue_findings(message, committed.branch, [evidence.guide]),
                )
            ),
        ]
        if findings:
            return self.failed(phase, findings[0].message, findings)
        if not committed.messages:
            return self.not_evaluated(phase, _missing(phase, committed.unnamed))
        return self.passed(phase, f"the commit is as declared: {committed.messages[-1].subject}")


def _missing(phase: Phase, unnamed: Commit | None) -> str:
    if unnamed is None:
        return "the phase is not committed yet"
    lacks = f"not as declared: {phase.commit}" if phase.commit else f"without a trailer `Phase: {phase.id}`"
    return f"committed as {unnamed.sha[:10]} ({unnamed.subject}), {lacks}"
