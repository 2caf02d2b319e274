"""The tests gate: every declared test was collected, ran and passed, and nothing of the phase failed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Container, Iterable, Iterator

from pytest_phasegate.core.evidence.outcomes import RED, Outcome, TestId, file_of, is_unstable
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import Declaration, absence, means
from pytest_phasegate.core.mapping.phase_run import RAN_GREEN, PhaseRun
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.project.pytest_options import in_pytests_options, lacks_settings
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import (
    NOT_IMPORTED,
    Finding,
    Severity,
    Verdict,
    counted,
)

_NOT_PROVED = {Outcome.SKIPPED: "was skipped", Outcome.XFAILED: "is an expected failure"}


class TestsGate(BaseGate):
    """Declared, collected, run and passed: all four, or no pass."""

    __test__ = False

    name = "tests"
    needs = frozenset({Need.RUN})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the tests of one phase in a run that was not narrowed."""
        observed = PhaseRun.of(evidence)
        if observed is None:
            return self.inconclusive(phase, evidence.absent.get(Need.RUN, "no test run is recorded"))
        look = _Look(PhaseRef(evidence.guide.path, phase.id), observed, frozenset(file.path for file in phase.files))
        findings = (
            *look.broken(),
            *look.missing(),
            *look.undecided(),
            *look.failed(),
            *look.unproved(),
            *look.left_out(),
            *look.flaky(),
            *look.remarks(),
        )
        if look.lost:
            return self.failed(phase, look.lost, findings)
        if observed.run.incomplete:
            return self.inconclusive(phase, observed.run.incomplete, findings)
        if any(finding.severity is Severity.ERROR for finding in findings):
            return self.inconclusive(phase, "some tests failed and passed in one run", findings)
        if look.proved:
            return self.passed(phase, look.summary, findings)
        return self._unproved(phase, look, findings)

    def _unproved(self, phase: Phase, look: _Look, findings: tuple[Finding, ...]) -> Verdict:
        """Answer for a phase where no test ran and passed; one that declares nothing has such a test, or no proof."""
        derived = phase.derived
        if look.tests and derived is None:
            return self.inconclusive(phase, "none of its tests ran and passed", findings)
        if derived is None:
            return self.not_evaluated(phase, "the phase declares no tests, and none belongs to it")
        why = "".join(f"; {remark}" for remark in derived.remarks)
        if not derived.begun and phase.is_checkpoint:
            return self.not_evaluated(phase, "it asks that the tests of others pass: see suite", findings)
        if not derived.begun:
            return self.not_evaluated(phase, f"not started: no commit names it, and no work is its own{why}", findings)
        if phase.needs_no_red and not look.tests:
            told = f"{derived.told} brought no test, and a phase of type {phase.kind} needs none"
            return self.not_evaluated(phase, told, findings)
        return self.inconclusive(phase, f"no test that {derived.told} brought ran and passed{why}", findings)


class _Look:
    """One phase of one run, and the findings in it."""

    def __init__(self, phase: PhaseRef, observed: PhaseRun, files: frozenset[str]) -> None:
        self.phase = phase
        self.files = files
        self.uncollected = observed.uncollected(phase, files)
        self.observed = observed
        self.tests = observed.tests(phase)
        self.declarations = observed.test_map.declared(phase)
        self.declared = frozenset(test for declaration in self.declarations for test in declaration.found)

    @property
    def lost(self) -> str:
        """What fails the phase, in one sentence; empty when nothing does."""
        kinds = (self.missing(), self.undecided(), self.failed(), self.unproved(), self.left_out())
        missing, undecided, failed, unproved, left_out = (sum(1 for _ in part) for part in kinds)
        parts = (
            f"{', '.join(self.uncollected)} could not be imported" if self.uncollected else "",
            f"{missing} of {len(self.declarations)} declared tests {_were(missing)} not collected" if missing else "",
            f"{counted(undecided, 'declared test')} could be any of several" if undecided else "",
            f"{failed} of {len(self.tests)} tests failed" if failed else "",
            f"{counted(unproved, 'declared test')} did not prove anything" if unproved else "",
            f"{counted(left_out, 'test')} of the phase {_were(left_out)} left out by filters that are not committed"
            if left_out
            else "",
        )
        return "; ".join(part for part in parts if part)

    @property
    def proved(self) -> bool:
        """Whether any test of the phase ran and passed."""
        return any(self.observed.outcomes[test] in RAN_GREEN for test in self.tests)

    @property
    def summary(self) -> str:
        """Say what passed; pytest counts cases."""
        green = [test for test in self.tests if self.observed.outcomes[test] in RAN_GREEN]
        cases = sum(len(self.observed.cases[test]) for test in green)
        several = f" ({cases:,} cases)" if cases > len(green) else ""
        declared = f", among them every declared one ({len(self.declarations)})" if self.declarations else ""
        return f"{counted(len(green), 'test')}{several} passed{declared}"

    def broken(self) -> Iterator[Finding]:
        """Yield the files that could not be imported, and what shows it: one may fail only beside the others."""
        for path, why in self.uncollected.items():
            message = f"could not be imported: {why or 'pytest says why'}"
            shown = _to_be_found(why, self.files) or f"see why: {self.observed.run.shown_by}"
            fix = in_pytests_options() if lacks_settings(why) else shown
            yield Finding(NOT_IMPORTED, Severity.ERROR, message, path, fix=fix)

    def missing(self) -> Iterator[Finding]:
        """Yield the declared tests that no collected one answers to."""
        for declaration in self.observed.missing(self.phase):
            why, fix = self._why(declaration)
            yield _finding("PG411", f"{declaration.wanted} is declared and {why}", self.phase, declaration, fix=fix)

    def undecided(self) -> Iterator[Finding]:
        """Yield the declared tests of which the guide leaves open which one they are."""
        for declaration in self.declarations:
            if declaration.ambiguous:
                message = f"{declaration.wanted} could be any of {', '.join(declaration.found)}"
                fix = f"say which in the guide: {declaration.found[0]}"
                yield _finding("PG417", message, self.phase, declaration, fix=fix)

    def failed(self) -> Iterator[Finding]:
        """Yield the tests of the phase that failed; how to see why is said of the first."""
        red = [test for test in self.tests if self.observed.outcomes[test] in RED]
        for test in red:
            fix = f"see why: {shlex.join(['pytest', test])}" if test is red[0] else ""
            yield Finding("PG412", Severity.ERROR, f"{test} {self._failure(test)}", file_of(test), fix=fix)

    def unproved(self) -> Iterator[Finding]:
        """Yield the declared tests that ran to no pass: skipped, or expected to fail."""
        for test in self.tests:
            outcome = self.observed.outcomes[test]
            if test in self.declared and outcome in _NOT_PROVED:
                message = f"{test} is declared and {_NOT_PROVED[outcome]}{self._share(test, {outcome})}"
                shown = shlex.join(["pytest", "-rsx", test])
                fix = f"let it run and pass here; {shown} tells which mark or condition keeps it from that"
                yield Finding("PG413", Severity.ERROR, message, file_of(test), fix=fix)

    def left_out(self) -> Iterator[Finding]:
        """Yield the undeclared tests of the phase that filters in the work tree deselected."""
        filters = " ".join(self.observed.new_filters)
        for test in self.observed.left_out(self.phase):
            if test not in self.declared:
                message = f"{test} was deselected by addopts: {filters}"
                fix = "take the filter out, or commit it before the phase"
                yield Finding("PG413", Severity.ERROR, message, file_of(test), fix=fix)

    def flaky(self) -> Iterator[Finding]:
        """Yield the tests that failed and passed: tried again, or reported as passed whatever they raised."""
        for test in self.tests:
            if test in self.observed.flaky and self.observed.outcomes[test] in RAN_GREEN:
                message = f"{test} failed, and passed when it was run again or was reported as passed all the same"
                yield Finding("PG414", Severity.ERROR, message, file_of(test))

    def remarks(self) -> Iterator[Finding]:
        """Yield what decides nothing: tests with a new name, undeclared ones not run, marks and ids to mend."""
        for declaration in self.declarations:
            if declaration.renamed:
                message = f"{declaration.wanted} is called {', '.join(declaration.found)} now"
                fix = "nothing must be done; the guide may say the new name"
                yield _finding("PG415", message, self.phase, declaration, Severity.WARNING, fix=fix)
        for test in self.tests:
            outcome = self.observed.outcomes[test]
            if outcome in _NOT_PROVED and test not in self.declared:
                yield Finding("PG413", Severity.NOTE, f"{test} {_NOT_PROVED[outcome]}", file_of(test))
            if outcome is Outcome.XPASSED:
                message = f"{test} passes and is marked as an expected failure"
                yield Finding("PG416", Severity.WARNING, message, file_of(test), fix="remove the xfail mark")
            yield from self._unstable(test)

    def _why(self, declaration: Declaration) -> tuple[str, str]:
        """Return why a declared test is missing, and the command that tells more, if any does."""
        if declaration.found:
            told = f"did not run: {', '.join(declaration.found)} was deselected"
            return told, "run it with the others: see the filters in addopts (-k, -m, --deselect), and its marks"
        file = file_of(declaration.wanted)
        for path in self.uncollected:
            if declaration.test.file is None or path == "." or inside(file, path):
                return f"was not collected: {path} could not be imported", ""
        for test in self.observed.test_map.imported:
            if means(declaration.test, test):
                return f"was not collected: {file_of(test)} only imports it", f"write it in {file_of(test)}"
        told, fix = absence(declaration, self.observed.run.collected, {*self.tests} - self.declared)
        return "; ".join(filter(None, ("was not collected", told))), fix

    def _unstable(self, test: TestId) -> Iterator[Finding]:
        """Yield a function of which a case will not be known by its id another time."""
        for case in self.observed.cases[test]:
            if is_unstable(case.node_id):
                name = case.node_id.removeprefix(test)
                message = f"the id of a case of {test} changes from run to run: {name}"
                yield Finding("PG419", Severity.NOTE, message, file_of(test), fix="give the cases ids of your own")
                return

    def _failure(self, test: TestId) -> str:
        word = "ended in an error" if self.observed.outcomes[test] is Outcome.ERROR else "failed"
        return f"{word}{self._share(test, RED)}"

    def _share(self, test: TestId, outcomes: Container[Outcome]) -> str:
        """Say in how many of several cases a test ended so."""
        cases = self.observed.cases[test]
        ended = sum(case.outcome in outcomes for case in cases)
        return "" if len(cases) == 1 else f" in {ended} of {len(cases)} cases"


def _finding(
    code: str,
    message: str,
    phase: PhaseRef,
    declaration: Declaration,
    severity: Severity = Severity.ERROR,
    *,
    fix: str = "",
) -> Finding:
    return Finding(code, severity, message, phase.guide, declaration.test.line, fix)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _to_be_found(why: str, files: Iterable[str]) -> str:
    """Return what lets the tests import a module of the phase that is not found; nothing where it is none of these."""
    named = re.search(r"No module named '(\w+)", why)
    for path in sorted(files) if named else ():
        parts = path.removesuffix(".py").split("/")
        if named and named[1] in parts and path.endswith(".py"):
            root = "/".join(parts[: parts.index(named[1])]) or "."
            return (
                f"write {path}; if it is there, pytest does not find it: pip install -e ., or"
                f' pythonpath = ["{root}"] under [tool.pytest.ini_options]'
            )
    return ""
