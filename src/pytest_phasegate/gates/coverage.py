"""The coverage gate: the lines a phase answers for are reached by its tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pytest_phasegate.core.coverage.measurement import Figure, Minima, Minimum, minima
from pytest_phasegate.core.coverage.phase_coverage import UNTOLD, CoverageFacts, FileCoverage, PhaseCoverage
from pytest_phasegate.core.evidence.outcomes import Outcome
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.phase_run import PhaseRun
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict, counted


class CoverageGate(BaseGate):
    """Line, branch and function coverage, each held against its own minimum."""

    name = "coverage"
    needs = frozenset({Need.COVERAGE, Need.RUN})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the figures; what was not measured, or not well, is inconclusive."""
        facts = CoverageFacts.of(evidence)
        asked = minima(phase, evidence.settings, facts.overrides if facts else ())
        if not asked.asked:
            return self.not_evaluated(phase, "no coverage minimum is set")
        if facts is None:
            return self.inconclusive(phase, evidence.absent.get(Need.COVERAGE, "coverage was not measured"))
        if not facts.owned.get(phase.id):
            return self._without_files(phase, facts)
        return self._measured(phase, evidence, facts, asked)

    def _without_files(self, phase: Phase, facts: CoverageFacts) -> Verdict:
        """Answer for a phase none of whose files is there: fine if it declares none."""
        gone = facts.absent.get(phase.id, ())
        if gone:
            return self.inconclusive(phase, "no declared production file is there", _not_there(gone))
        return self.not_evaluated(phase, "the phase has no production files")

    def _measured(self, phase: Phase, evidence: Evidence, facts: CoverageFacts, asked: Minima) -> Verdict:
        if trouble := facts.unreliable.get(phase.id):
            return self.inconclusive(phase, trouble, [Finding("PG305", Severity.ERROR, trouble)])
        if left_out := list(_left_out(phase, facts)):
            return self.inconclusive(phase, f"not measured: {', '.join(str(one.path) for one in left_out)}", left_out)
        if asked.branch and not facts.branches:
            hint = "run with --cov-branch, or set branch = true in [tool.coverage.run]"
            return self.inconclusive(phase, f"branches were not measured: {hint}")
        found = facts.of_phase(phase.id, evidence.settings.coverage.credit)
        at_best = facts.of_phase(phase.id, evidence.settings.coverage.credit, at_best=True)
        if found != at_best and not all(goal.met for goal in _goals(found, asked)):
            if all(goal.met for goal in _goals(at_best, asked)):
                return self._unknown(phase, facts, found)
            found = at_best
        if not found.figures.line.total:
            return self._empty(phase, facts)
        return self._judged(phase, evidence, facts, found, asked)

    def _empty(self, phase: Phase, facts: CoverageFacts) -> Verdict:
        """Answer where no line counts: since there is none, or since all are excluded."""
        if _all_shut(phase, facts) and not facts.waived:
            reason = "every line that came in during the phase is excluded from coverage"
            return self.inconclusive(phase, reason, list(_shut(phase, facts)))
        return self.not_evaluated(phase, "no executable line of its files came in during the phase")

    def _unknown(self, phase: Phase, facts: CoverageFacts, found: PhaseCoverage) -> Verdict:
        """Answer where it hangs on lines of which nobody knows whether they ran."""
        missing = [(file, facts.unknown.get(file.path, frozenset()).intersection(file.missing)) for file in found.files]
        findings = [_early(file.path, min(lines)) for file, lines in missing if lines]
        count = sum(len(lines) for _, lines in missing)
        told = f"{counted(count, 'line')} may have run before measuring began: not known"
        return self.inconclusive(phase, told, findings)

    def _judged(
        self, phase: Phase, evidence: Evidence, facts: CoverageFacts, found: PhaseCoverage, asked: Minima
    ) -> Verdict:
        goals = tuple(_goals(found, asked))
        shortfalls = [_shortfall(goal) for goal in goals if not goal.met]
        notes = [*_not_there(facts.absent.get(phase.id, ())), *_whole_files(phase, facts)]
        findings = [*_open(found, goals), *_shut(phase, facts), *notes]
        refused = [finding for finding in findings if finding.code == "PG308" and finding.severity is Severity.ERROR]
        if refused:
            shortfalls = [*shortfalls, f"{_excluded(phase, facts)} excluded from coverage by the phase itself"]
        if not refused and (lost := _never_ended(phase, evidence)):
            return self.inconclusive(phase, lost)
        if shortfalls and not refused and (lost := _not_collected(phase, evidence)):
            return self.inconclusive(phase, f"tests were not collected: {lost}")
        if shortfalls and not refused and (doubt := facts.beside or _untold(phase, facts)):
            return self.inconclusive(phase, f"{'; '.join(shortfalls)}; {doubt}", findings)
        if shortfalls:
            return self.failed(phase, "; ".join(shortfalls), findings)
        if facts.excluded.get(phase.id):
            return self.waived(phase, f"{_excluded(phase, facts)} excluded from coverage: waived", findings)
        return self.passed(phase, ", ".join(f"{_spoken(goal.figure)} {goal.plural}" for goal in goals), findings)


class _Goal(NamedTuple):
    """One figure that somebody asks for, and how to list what of it is missing in a file."""

    name: str
    plural: str
    figure: Figure
    minimum: Minimum
    missing: Callable[[FileCoverage, Severity], Iterator[Finding]]

    @property
    def met(self) -> bool:
        return self.figure.meets(self.minimum.percent)


def _goals(found: PhaseCoverage, asked: Minima) -> Iterator[_Goal]:
    figures = found.figures
    if asked.line:
        yield _Goal("line", "lines", figures.line, asked.line, _open_lines)
    if asked.branch:
        yield _Goal("branch", "branches", figures.branch, asked.branch, _open_branches)
    if asked.function:
        yield _Goal("function", "functions", figures.function, asked.function, _open_functions)


def _shortfall(goal: _Goal) -> str:
    asked = f"{goal.minimum.percent:g} % asked by {goal.minimum.source}"
    return f"{goal.name} coverage is {_spoken(goal.figure)}, {asked}"


def _spoken(figure: Figure) -> str:
    return "none" if figure.percent is None else f"{figure.percent:.2f} % of {figure.total}"


def _open(found: PhaseCoverage, goals: Iterable[_Goal]) -> Iterator[Finding]:
    """Yield what was not reached, file by file: an error where the figure falls short, else a note."""
    for file in found.files:
        for goal in goals:
            yield from goal.missing(file, Severity.NOTE if goal.met else Severity.ERROR)


def _open_lines(file: FileCoverage, severity: Severity) -> Iterator[Finding]:
    for first, last in file.gaps:
        where = f"line {first} is" if first == last else f"lines {first}-{last} are"
        lines = f"{first}" if first == last else f"{first}-{last}"
        fix = f"write a test of this phase that runs {file.path}:{lines}"
        yield Finding("PG301", severity, f"{where} not reached by the phase's tests", file.path, first, fix)


def _open_branches(file: FileCoverage, severity: Severity) -> Iterator[Finding]:
    for source, target in file.missing_branches:
        never = "true" if (source, target) in file.never_true else "false"
        message = f"the condition in line {source} is never {never}"
        yield Finding("PG302", severity, message, file.path, source, "test the condition's other outcome")


def _open_functions(file: FileCoverage, severity: Severity) -> Iterator[Finding]:
    for function in file.missing_functions:
        message = f"{function.name} is never called by the phase's tests"
        yield Finding("PG303", severity, message, file.path, function.line, "call it in a test, or remove it")


def _never_ended(phase: Phase, evidence: Evidence) -> str:
    """Say why tests of the phase that were collected have no end, if so: what they would reach is not known."""
    run = PhaseRun.of(evidence)
    tests = run.tests(PhaseRef(evidence.guide.path, phase.id)) if run else ()
    return run.run.incomplete if run and any(run.outcomes[test] is Outcome.MISSING for test in tests) else ""


def _not_collected(phase: Phase, evidence: Evidence) -> str:
    """Return the test files of which nobody knows what they would have reached."""
    run = PhaseRun.of(evidence)
    ref = PhaseRef(evidence.guide.path, phase.id)
    return ", ".join(run.uncollected(ref, frozenset(file.path for file in phase.files))) if run else ""


def _excluded(phase: Phase, facts: CoverageFacts) -> str:
    count = sum(len(lines) for lines in facts.excluded[phase.id].values())
    return f"{counted(count, 'line')} {'is' if count == 1 else 'are'}"


def _shut(phase: Phase, facts: CoverageFacts) -> Iterator[Finding]:
    """Yield the files of which the phase's own exclusions take lines out of the figures."""
    for path, lines in facts.excluded.get(phase.id, {}).items():
        listed = ", ".join(map(str, sorted(lines)))
        message = f"excluded from coverage by the phase itself: line{'s' if len(lines) > 1 else ''} {listed}"
        reason = facts.waived.get(path)
        severity = Severity.WARNING if reason else Severity.ERROR
        fix = "test them and take the exclusion out, or waive it: [[tool.phasegate.red_green.waivers]]"
        yield Finding("PG308", severity, f"{message}{f' (waived: {reason})' if reason else ''}", path, min(lines), fix)


def _all_shut(phase: Phase, facts: CoverageFacts) -> bool:
    """Whether there would be lines to reach if none were excluded."""
    owned = [(file, facts.sources[file.path]) for file in facts.owned[phase.id]]
    return any(file.owns(line) for file, source in owned for line in source.excluded)


def _early(path: str, line: int) -> Finding:
    message = "it was imported before measuring began: whether the lines of its import ran is not known"
    fix = "measure from the start: coverage run -m pytest --phase ..."
    return Finding("PG304", Severity.ERROR, message, path, line, fix)


def _left_out(phase: Phase, facts: CoverageFacts) -> Iterator[Finding]:
    for file in facts.owned[phase.id]:
        if reason := facts.unmeasured.get(file.path):
            fix = (
                "let the tests import this very file (editable install, in tox `package = editable`; pythonpath), and"
                " coverage measure it (source)"
            )
            yield Finding("PG304", Severity.ERROR, reason, file.path, fix=fix)


def _not_there(paths: Iterable[str]) -> Iterator[Finding]:
    for path in paths:
        fix = "create it, or correct the path in the guide"
        yield Finding("PG306", Severity.WARNING, "the declared file is not there", path, fix=fix)


def _untold(phase: Phase, facts: CoverageFacts) -> str:
    """Return why nobody knows which lines came in during the phase, where the history would tell."""
    reasons = (file.reason for file in facts.owned[phase.id] if file.lines is None)
    untold = next((reason for reason in reasons if reason.startswith(UNTOLD)), "")
    return f"every line counted, since {untold}; in a shallow clone: git fetch --unshallow" if untold else ""


def _whole_files(phase: Phase, facts: CoverageFacts) -> Iterator[Finding]:
    for file in facts.owned[phase.id]:
        if file.lines is None and file.reason:
            yield Finding("PG307", Severity.NOTE, f"every line counts: {file.reason}", file.path)
