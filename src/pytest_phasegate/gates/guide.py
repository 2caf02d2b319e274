"""The gates *guide*, *approval* and *order*: the guide can be gone by, was approved, and comes in its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_phasegate.core.commit.rules import ChangedPaths
from pytest_phasegate.core.guide.model import CoverageGoal, Diagnostic, Guide, Phase
from pytest_phasegate.core.guide.progress import Acceptance
from pytest_phasegate.core.guide.selection import Done, open_before, out_of_order
from pytest_phasegate.core.guide.soundness import errors_about, errors_elsewhere, errors_in
from pytest_phasegate.core.project.settings import Policy
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict, counted


class GuideGate(BaseGate):
    """Refuse a phase that the guide has errors about, and a finished phase whose section was edited afterwards."""

    name = "guide"
    needs = frozenset({Need.ACCEPTANCE, Need.BEGUN, Need.RULES})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the phase and what it depends on; an error about other phases is told of, and refuses those."""
        guide = evidence.guide
        errors = errors_about(guide, [phase.id])
        if errors:
            told = f"the guide has {counted(len(errors), 'error')} about this phase or what it depends on"
            return self.failed(phase, told, map(_finding, errors))
        elsewhere = errors_elsewhere(guide, [phase.id])
        others = (*(replace(_finding(each), severity=Severity.WARNING) for each in elsewhere), *paths_outside(guide))
        begun: Phase | None = evidence.facts.get(Need.BEGUN)
        severity = Severity.ERROR if evidence.settings.red_green.policy is Policy.STRICT else Severity.WARNING
        less = tuple(_asked_before(begun, phase, guide.path, severity) if begun else ())
        less += tuple(_ruled_otherwise(evidence.facts.get(Need.RULES, ())))
        if any(one.severity is Severity.ERROR for one in less):
            return self.failed(phase, "the guide or its rules ask less than where the phase began", (*less, *others))
        others = (*less, *others)
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


def _asked_before(then: Phase, now: Phase, path: str, severity: Severity) -> Iterator[Finding]:
    """Yield what a phase asked where it began and does not ask any more."""
    fix = "restore it, or change the plan before the phase begins"
    for told in (*_lower_figures(then.coverage, now.coverage), *_gone(then, now)):
        yield Finding("PG508", severity, f"the guide asks less than where the phase began: {told}", path, now.line, fix)


def _ruled_otherwise(keys: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what a phase changes of the configuration that judges it: it may only ask more."""
    fix = "commit the configuration by itself, before the phase"
    for key in keys:
        told = f"the configuration that judges the phase changes with it: {key}"
        yield Finding("PG508", Severity.ERROR, told, fix=fix)


def _lower_figures(then: CoverageGoal, now: CoverageGoal) -> Iterator[str]:
    kinds = {"line": "minimum", "branch": "branch", "function": "function"}
    for kind, figure in kinds.items():
        before, after = getattr(then, figure), getattr(now, figure)
        if before is not None and before > (after or 0):
            yield f"{kind} coverage {before:g} %, now {'no figure' if after is None else f'{after:g} %'}"


def _gone(then: Phase, now: Phase) -> Iterator[str]:
    tests, criteria = {test.name for test in now.tests}, {criterion.text for criterion in now.criteria}
    yield from (f"{test.name} is not named any more" for test in then.tests if test.name not in tests)
    for criterion in then.criteria:
        if criterion.text not in criteria and criterion.kind != "coverage":
            yield f'"{criterion.text}" is no criterion any more'
    if now.needs_no_red and not then.needs_no_red:
        yield f"as `{now.kind}` it needs no red test"


def _tampered(text: str, guide: Guide, line: int, commit: str) -> Finding:
    fix = f"restore it (git diff {commit} -- {guide.path}), and plan the change as a phase of its own"
    return Finding("PG504", Severity.ERROR, text, guide.path, line, fix)


def _finding(remark: Diagnostic) -> Finding:
    return Finding(remark.code, remark.severity, remark.message, remark.path, remark.line, remark.fix)


class OrderGate(BaseGate):
    """Compare what comes before a phase with what is accepted."""

    name = "order"
    needs = frozenset({Need.ORDER})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the order; a phase may be worked on early, and is accepted in its turn."""
        done = Done.of(evidence)
        if not phase.depends:
            return self.not_evaluated(phase, "nothing comes before the phase")
        if done is None:
            return self.inconclusive(phase, evidence.absent.get(Need.ORDER, "what is accepted is not known"))
        waiting = open_before(phase, done.accepted)
        if waiting:
            early = out_of_order(evidence.guide, phase, waiting, Severity.WARNING, "accepted")
            return self.not_evaluated(phase, f"{early.message}: `accept` will refuse", [early])
        return self.passed(phase, "every phase before it is accepted")


class ApprovalGate(BaseGate):
    """Ask for an approved guide wherever production code changes."""

    name = "approval"
    needs = frozenset({Need.CHANGE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the guide's approval; the guide says itself whether it is approved."""
        if not evidence.settings.approval.required:
            return self.not_evaluated(phase, "approval is not required")
        if evidence.guide.approved:
            return self.passed(phase, "the guide is approved")
        change = ChangedPaths.of(evidence)
        if change is None:
            return self.inconclusive(phase, evidence.absent.get(Need.CHANGE, "the change is not known"))
        if not change.production:
            told = f"the guide is not approved yet, and {change.what} holds no production code"
            return self.not_evaluated(phase, told)
        return self.failed(phase, "the guide is not approved", [unapproved(evidence.guide)])


def unapproved(guide: Guide) -> Finding:
    """Return the finding that a guide is not approved."""
    fix = f"after review write `**Status**: Approved` below the title, or run: phasegate approve {guide.path}"
    return Finding("PG503", Severity.ERROR, "the guide is not approved", guide.path, 1, fix)
