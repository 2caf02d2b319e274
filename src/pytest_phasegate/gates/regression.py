"""The gates *regression* and *suite*: what was accepted is as it was, and what was green at the base is green."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from pytest_phasegate.core.evidence.outcomes import TestId, file_of, function_of
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.regression.comparison import Compared
from pytest_phasegate.core.regression.suite import SuiteFacts
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.report import Kind, Regression
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict, counted

KINDS = {
    Kind.BROKE: ("PG401", "mend the code until it is green again"),
    Kind.REMOVED: ("PG402", "bring it back, or let it go: phasegate baseline update --remove ID, and commit that"),
    Kind.SKIPPED: ("PG403", "take the mark or its reason away"),
    Kind.WEAKENED: ("PG404", "restore what it asked, or say that it is right: phasegate baseline update"),
    Kind.FLAKY: ("PG405", "find what it depends on"),
    Kind.RENAMED: ("PG406", "nothing must be done; phasegate baseline update, or accept, writes the new name"),
}
"""The code of what became of an accepted test, and what to do."""


class RegressionGate(BaseGate):
    """Nothing that was accepted is lost."""

    name = "regression"
    needs = frozenset({Need.BASELINE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the accepted tests of every phase, as far as this run says anything of them."""
        compared = Compared.of(evidence)
        if compared is None:
            return self.inconclusive(phase, evidence.absent.get(Need.BASELINE, "the baseline was not compared"))
        if not compared.total:
            return self.not_evaluated(phase, "no accepted test is kept yet")
        findings = tuple(_findings(compared))
        if compared.regressions:
            return self.failed(phase, _told(compared.regressions), findings)
        if doubt := _doubt(compared):
            return self.inconclusive(phase, doubt, findings)
        return self._kept(phase, compared, findings)

    def _kept(self, phase: Phase, compared: Compared, findings: tuple[Finding, ...]) -> Verdict:
        if not compared.judged:
            accepted = counted(compared.total, "accepted test")
            told = f"none of the {accepted} was in this run (--phasegate-regression runs them)"
            return self.not_evaluated(phase, told)
        if compared.waived:
            return self.waived(phase, f"{len(compared.waived)} waived", findings)
        told = f"{compared.judged} of {compared.total} accepted tests judged"
        if compared.judged < compared.total:
            others = "and as accepted; the others were not in this run (--phasegate-regression runs them)"
            return self.not_evaluated(phase, f"{told}, {others}", findings)
        return self.passed(phase, told, findings)


def _doubt(compared: Compared) -> str:
    if compared.incomplete or not compared.doubtful:
        return compared.incomplete
    return f"the accepted text of {counted(len(compared.doubtful), 'changed test')} is nowhere to be found"


def _told(regressions: tuple[Regression, ...]) -> str:
    kinds = [regression.kind for regression in regressions]
    lost = ", ".join(f"{kinds.count(kind)} {kind}" for kind in Kind if kind in kinds)
    return f"accepted tests: {lost}"


def _findings(compared: Compared) -> Iterator[Finding]:
    for one in compared.regressions:
        yield _finding(one, Severity.ERROR)
    for test in compared.doubtful:
        message = f"{test} has changed since it was accepted, and the accepted text is not in the history"
        code, fix = KINDS[Kind.WEAKENED]
        yield _of_test(code, Severity.ERROR, message, test, fix)
    for one, reason in compared.waived:
        yield _finding(one, Severity.WARNING, waived=reason)
    for one in compared.renamed:
        yield _finding(one, Severity.NOTE)


def _finding(one: Regression, severity: Severity, waived: str = "") -> Finding:
    code, fix = KINDS[one.kind]
    message = f"{one.test} of phase {one.phase} {one.kind}: {one.detail}{f' (waived: {waived})' if waived else ''}"
    fix = fix.replace("ID", shlex.quote(one.test))
    return _of_test(code, severity, message, one.test, "" if waived else fix)


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
        findings = tuple(_red(facts))
        if lost:
            was, now = ("test was", "fails") if len(lost) == 1 else ("tests were", "fail")
            return self.failed(phase, f"{len(lost)} {was} green at the phase's base and {now} now", findings)
        if facts.run.incomplete:
            return self.inconclusive(phase, facts.run.incomplete, findings)
        if 2 * len(facts.unable) > facts.run.tests:
            unable = f"{len(facts.unable):,} of {counted(facts.run.tests, 'other test')}"
            return self.inconclusive(phase, f"{unable} cannot be set up here, then or now", findings)
        if facts.lost:
            return self.waived(phase, f"{len(facts.lost)} waived", findings)
        if not facts.run.tests and not facts.run.left:
            return self.not_evaluated(phase, "there are no tests beside those of the phase and of the baseline")
        return self.passed(phase, _kept(facts), findings)


def _kept(facts: SuiteFacts) -> str:
    cases = f" ({facts.run.cases:,} cases)" if facts.run.cases > facts.run.tests else ""
    others = f"{counted(facts.run.tests, 'other test')} of the suite{cases}"
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


def _red(facts: SuiteFacts) -> Iterator[Finding]:
    lost, new, disturbed = set(facts.lost), set(facts.new), set(map(function_of, facts.disturbed))
    for test in facts.red:
        if test in facts.waived:
            yield _of_test("PG421", Severity.WARNING, f"{test} fails now (waived: {facts.waived[test]})", test)
        elif test in lost:
            told = f"{test} was green at {facts.base} and fails now"
            fix = f"mend the code until it is green again: pytest {test}"
            if test in disturbed:
                fix = "it passes alone: find what disturbs it, a test of the phase or what that left behind"
            yield _of_test("PG421", Severity.ERROR, told, test, fix)
    for test in facts.red:
        if test in lost or test in facts.waived:
            continue
        red_before = f"was red at {facts.base.replace(' or ', ' and ')} already"
        told = f"was not there at {facts.base}" if test in new else red_before
        yield _of_test("PG422", Severity.NOTE, f"{test} fails, and {told}", test)


def _of_test(code: str, severity: Severity, message: str, test: TestId, fix: str = "") -> Finding:
    return Finding(code, severity, message, file_of(test), fix=fix)
