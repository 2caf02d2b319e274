"""The gate *red-green*: the phase's tests were red before its code, as foreseen, and are green with it."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_phasegate.core.guide.model import DeclaredTest, Phase
from pytest_phasegate.core.mapping.mapping import means
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.project.settings import Policy
from pytest_phasegate.core.redgreen.ranges import built_upon
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict, RedDetail, intent_of
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, Verdict, combine, counted

_EXCEPTION = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception|Warning))(?!\w)")


def foreseen(text: str) -> tuple[str, ...]:
    """Return the exceptions that a foreseen failure names; one in words alone (``not defined``) names none."""
    return tuple(dict.fromkeys(_EXCEPTION.findall(text)))


def is_as_foreseen(text: str, seen: str) -> bool:
    """Return whether a test failed as foreseen, as far as the text says which exception that is.

    A subclass counts: ``ModuleNotFoundError`` where an ``ImportError`` was foreseen.
    """
    names = foreseen(text)
    return not names or not seen or seen in names or any(_is_kind_of(seen, name) for name in names)


def _is_kind_of(seen: str, name: str) -> bool:
    one, other = getattr(builtins, seen, None), getattr(builtins, name, None)
    return isinstance(one, type) and isinstance(other, type) and issubclass(one, other)


def otherwise(tests: Iterable[DeclaredTest], reds: Iterable[RedDetail]) -> Iterator[tuple[DeclaredTest, RedDetail]]:
    """Yield the declared tests that were red for another reason than the guide foresees, each once."""
    expecting = [test for test in tests if test.expected_failure]
    told: set[DeclaredTest] = set()
    for red in reds:
        for test in expecting:
            unlike = means(test, red.test) and not is_as_foreseen(test.expected_failure or "", red.exception)
            if unlike and test not in told:
                told.add(test)
                yield test, red


class RedGreenGate(BaseGate):
    """Turn what a replay showed of the phase's commits, or of its uncommitted work, into a verdict."""

    name = "red-green"
    needs = frozenset({Need.RED_GREEN})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the commits together: the gravest ruling holds."""
        judged: tuple[CommitVerdict, ...] | None = evidence.facts.get(Need.RED_GREEN)
        if judged is None:
            return self.inconclusive(phase, evidence.absent.get(Need.RED_GREEN, "nothing was replayed"))
        missed = self._missed(phase, evidence, judged)
        if missed or not judged:
            return missed or self.not_evaluated(phase, "no change of the phase came after the project was configured")
        ruling = combine(one.verdict.ruling for one in judged)
        if ruling.refuses and evidence.settings.red_green.observes:
            reason = f"observed only; {_reason(judged, ruling)}"
            return self.not_evaluated(phase, reason, _softened(judged))
        faults = _faults(phase, evidence, judged) if ruling is Ruling.PASSED else ()
        if faults:
            return self.failed(phase, *faults)
        surprises = tuple(_surprises(phase, evidence, judged))
        return self._answer(phase, ruling, _reason(judged, ruling), (*_findings(judged), *surprises))

    def _missed(self, phase: Phase, evidence: Evidence, judged: tuple[CommitVerdict, ...]) -> Verdict | None:
        """Refuse a phase of which the guide declares nothing and no test was red: else nothing tells what it is."""
        if phase.derived is None:
            return None
        if not phase.derived.begun and phase.is_checkpoint:
            return self.not_evaluated(phase, "the phase asks that the tests pass, and brings nothing")
        if not phase.derived.begun:
            why = "".join(f"; {remark}" for remark in phase.derived.remarks)
            return self.inconclusive(phase, f"not started: nothing of the phase was done{why}")
        if phase.needs_no_red or any(one.turned for one in judged):
            return None
        ruling = combine(one.verdict.ruling for one in judged)
        answer = self.inconclusive if ruling is Ruling.INCONCLUSIVE else self.failed
        findings = (*_findings(judged), _never(phase, evidence))
        return answer(phase, "no test of the phase went from red to green", findings)


def _reason(judged: tuple[CommitVerdict, ...], ruling: Ruling) -> str:
    if ruling is Ruling.PASSED:
        turned = {test for one in judged for test in one.turned}
        waived = sum(one.verdict is CommitRuling.WAIVED for one in judged)
        told = f"; {waived} of {len(judged)} commits waived" if waived else ""
        return (f"{counted(len(turned), 'test')} went from red to green" if turned else judged[-1].reason) + told
    found = next(one for one in judged if one.verdict.ruling is ruling)
    return f"commit {found.sha[:10]} ({found.subject}): {found.reason}" if judged[1:] and found.sha else found.reason


def _never(phase: Phase, evidence: Evidence) -> Finding:
    """Say what is missed in a phase of which the guide declares nothing: a red test is all that tells what it is."""
    told = f"phase {phase.id} declares no file and no test, and nothing that was red is green by its commits"
    fix = (
        f"write a test that fails without the phase's code; or say under phase {phase.id} that it needs none:"
        " `**Type**: chore`"
    )
    return Finding("PG222", Severity.ERROR, told, evidence.guide.path, phase.line, fix)


def _faults(
    phase: Phase, evidence: Evidence, judged: tuple[CommitVerdict, ...]
) -> tuple[()] | tuple[str, tuple[Finding, ...]]:
    """Return why commits that each keep the rules are not enough for the phase, and the findings that say so."""
    idle = tuple(_idle(phase, evidence, judged))
    if idle:
        return f"{counted(len(idle), 'declared test')} without a word about code", idle
    late = _late(phase, evidence, judged)
    if late:
        return "no test of the phase went from red to green", (late,)
    surprises = tuple(_surprises(phase, evidence, judged))
    if any(one.severity is Severity.ERROR for one in surprises):
        return "tests failed otherwise than the guide foresees", surprises
    return ()


def _late(phase: Phase, evidence: Evidence, judged: tuple[CommitVerdict, ...]) -> Finding | None:
    """Say that the code of a feature came under a type that asks for no red test, and its tests after it."""
    green = [test for one in judged for test in one.never_red if any(means(declared, test) for declared in phase.tests)]
    passed = (one for one in judged if one.verdict is CommitRuling.PASSED and one.kind is not ChangeKind.NEITHER)
    excused = [one for one in passed if intent_of(one.subject).keeps_behaviour]
    changes = intent_of(phase.commit or "").type in {"feat", "fix"}
    if not (changes and green and excused) or any(one.turned for one in judged):
        return None
    told = f"{green[0]} was green at once: what it asks about came before it, as `{excused[0].subject}`"
    fix = "commit the code with its tests, or after them (git rebase -i)"
    return Finding("PG222", Severity.ERROR, told, evidence.guide.path, phase.line, fix)


def _idle(phase: Phase, evidence: Evidence, judged: tuple[CommitVerdict, ...]) -> Iterator[Finding]:
    """Yield the declared tests that were written, and would end as they do without any code."""
    written = {test: idle for one in judged for test, idle in one.written.items()}
    for declared in phase.tests:
        for test in (test for test, idle in written.items() if idle and means(declared, test)):
            told = f"{test} is declared and asks nothing: it asserts nothing of other code"
            fix = "call what the phase makes and assert what it does, or take the test out of the guide"
            yield Finding("PG223", Severity.ERROR, told, evidence.guide.path, declared.line, fix)


def _surprises(phase: Phase, evidence: Evidence, judged: tuple[CommitVerdict, ...]) -> Iterator[Finding]:
    """Yield the declared tests whose red was not the one that the guide foresees; an error under a strict policy."""
    strict = evidence.settings.red_green.policy is Policy.STRICT
    severity = Severity.ERROR if strict else Severity.WARNING
    for test, red in otherwise(phase.tests, (red for one in judged for red in one.red)):
        told = f"{red.test} failed with {red.exception}, and the guide foresees: {test.expected_failure}"
        fix = "see that it fails for the reason it was written for, or correct the guide"
        yield Finding("PG220", severity, told, evidence.guide.path, test.line, fix)


def _findings(judged: tuple[CommitVerdict, ...]) -> Iterator[Finding]:
    yield from built_upon(judged)
    yield from (finding for one in judged for finding in one.findings)


def _softened(judged: tuple[CommitVerdict, ...]) -> Iterator[Finding]:
    for finding in _findings(judged):
        yield replace(finding, severity=Severity.WARNING)
