"""The regression gate: every test of the baseline that the run could judge is as it was accepted."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.regression.comparison import Compared
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.report import Kind, Regression
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict, counted

CODES = {
    Kind.BROKE: "PG401",
    Kind.REMOVED: "PG402",
    Kind.SKIPPED: "PG403",
    Kind.WEAKENED: "PG404",
    Kind.FLAKY: "PG405",
    Kind.RENAMED: "PG406",
}
FIXES = {
    Kind.BROKE: "mend the code until it is green again",
    Kind.REMOVED: "bring it back, or name it: phasegate baseline update --remove ID",
    Kind.SKIPPED: "take the mark or its reason away",
    Kind.WEAKENED: "restore what it asked, or say that it is right: phasegate baseline update",
    Kind.FLAKY: "find what it depends on",
    Kind.RENAMED: "nothing must be done; phasegate baseline update, or accept, writes the new name",
}


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
            return self.not_evaluated(phase, "no phase is accepted yet")
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
    return f"accepted tests are lost: {lost}"


def _findings(compared: Compared) -> Iterator[Finding]:
    for one in compared.regressions:
        yield _finding(one, Severity.ERROR, FIXES[one.kind])
    for test in compared.doubtful:
        message = f"{test} has changed since it was accepted, and the accepted text is not in the history"
        yield Finding("PG404", Severity.ERROR, message, _path(test), fix=FIXES[Kind.WEAKENED])
    for one, reason in compared.waived:
        yield _finding(one, Severity.WARNING, waived=reason)
    for one in compared.renamed:
        yield _finding(one, Severity.NOTE, FIXES[Kind.RENAMED])


def _finding(one: Regression, severity: Severity, fix: str = "", waived: str = "") -> Finding:
    message = f"{one.test} of phase {one.phase} {one.kind}: {one.detail}{f' (waived: {waived})' if waived else ''}"
    return Finding(CODES[one.kind], severity, message, _path(one.test), fix=fix)


def _path(test: str) -> str:
    return test.partition("::")[0]
