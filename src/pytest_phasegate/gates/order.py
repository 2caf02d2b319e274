"""The gate *order*: the phases before this one are accepted; `check` only tells, `accept` and `commit` refuse."""

from __future__ import annotations

from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.guide.selection import Done, open_before, out_of_order, phases_before
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import Severity, Verdict


class OrderGate(BaseGate):
    """Compare what comes before a phase with what is accepted."""

    name = "order"
    needs = frozenset({Need.ORDER})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the order; a phase may be worked on early, and is accepted in its turn."""
        done = Done.of(evidence)
        if not phases_before(evidence.guide, phase):
            return self.not_evaluated(phase, "nothing comes before the phase")
        if done is None:
            return self.inconclusive(phase, evidence.absent.get(Need.ORDER, "what is accepted is not known"))
        waiting = open_before(evidence.guide, phase, done.accepted)
        if waiting:
            early = out_of_order(evidence.guide, phase, waiting, Severity.WARNING, "accepted")
            return self.not_evaluated(phase, f"{early.message}: `accept` will refuse", [early])
        return self.passed(phase, "every phase before it is accepted")
