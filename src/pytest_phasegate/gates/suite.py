"""The gate *suite*: what was green where the phase began is green, whether a baseline knows it or not."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.regression.suite import SuiteFacts
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict, counted


class SuiteGate(BaseGate):
    """Hold what is red in the whole suite against the phase's base."""

    name = "suite"
    needs = frozenset({Need.SUITE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge every test that neither the phase nor the baseline answers for."""
        if not evidence.settings.suite:
            return self.not_evaluated(phase, "switched off: suite = false")
        facts = SuiteFacts.of(evidence)
        if facts is None:
            return self.inconclusive(phase, evidence.absent.get(Need.SUITE, "the suite was not run"))
        return self._judged(phase, facts)

    def _judged(self, phase: Phase, facts: SuiteFacts) -> Verdict:
        lost = tuple(test for test in facts.lost if test not in facts.waived)
        findings = tuple(_findings(facts))
        if lost:
            was, now = ("test was", "fails") if len(lost) == 1 else ("tests were", "fail")
            return self.failed(phase, f"{len(lost)} {was} green at the phase's base and {now} now", findings)
        if facts.run.incomplete:
            return self.inconclusive(phase, facts.run.incomplete, findings)
        if facts.lost:
            return self.waived(phase, f"{len(facts.lost)} waived", findings)
        if not facts.run.tests and not facts.run.left:
            return self.not_evaluated(phase, "there are no tests beside those of the phase and of the baseline")
        return self.passed(phase, _kept(facts), findings)


def _kept(facts: SuiteFacts) -> str:
    others = f"{counted(facts.run.tests, 'other test')} of the suite"
    reach = _reach(facts)
    if not facts.red:
        if not facts.run.tests:
            return f"no other test of the suite is concerned{reach}"
        passes = "passes" if facts.run.tests == 1 else "pass"
        return f"{others} {passes}{reach}"
    ended = "fails, and was not" if len(facts.red) == 1 else "fail, and none was"
    return f"{len(facts.red)} of {others} {ended} green at the phase's base{reach}"


def _reach(facts: SuiteFacts) -> str:
    """Say what was not run; all of the suite goes without saying."""
    if not facts.run.left:
        return ""
    known = facts.run.ran + facts.run.left
    return f"; {facts.run.ran:,} of {known:,} tests can reach this change, the others were not run"


def _findings(facts: SuiteFacts) -> Iterator[Finding]:
    lost, new = set(facts.lost), set(facts.new)
    for test in facts.red:
        if test in facts.waived:
            yield _finding("PG421", Severity.WARNING, f"{test} fails now (waived: {facts.waived[test]})", test)
        elif test in lost:
            told = f"{test} was green at {facts.base} and fails now"
            yield _finding("PG421", Severity.ERROR, told, test, f"mend the code until it is green again: pytest {test}")
    for test in facts.red:
        if test in lost or test in facts.waived:
            continue
        told = f"was not there at {facts.base}" if test in new else f"was red at {facts.base} already"
        yield _finding("PG422", Severity.NOTE, f"{test} fails, and {told}", test)


def _finding(code: str, severity: Severity, message: str, test: TestId, fix: str = "") -> Finding:
    return Finding(code, severity, message, test.partition("::")[0], fix=fix)
