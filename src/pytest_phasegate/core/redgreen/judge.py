"""From the faults of a commit to its verdict, waivers included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pytest_phasegate.core.evidence.outcomes import Grade, TestId, file_of
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.project.pytest_options import exported
from pytest_phasegate.core.project.settings import Policy, Waiver
from pytest_phasegate.core.redgreen.case import Case, Sorted
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.losses import WITHOUT_DJANGO
from pytest_phasegate.core.redgreen.rules import faults_of
from pytest_phasegate.core.redgreen.verdict import (
    LISTS,
    CommitRuling,
    CommitVerdict,
    Fault,
    RedDetail,
    waiver_for,
    without_force,
)
from pytest_phasegate.core.verdict.verdict import counted


def judge(case: Case, *, waivers: Sequence[Waiver] = (), sha: str = "", today: str = "") -> CommitVerdict:
    """Judge one commit by the table of rules.

    Args:
        case: The change and what was observed of it.
        waivers: Those of the configuration (in a range: of its base revision).
        sha: The commit's id, empty while there is none.
        today: The date, ISO, against which waivers expire.
    """
    if case.policy is Policy.OFF:
        reason = f'policy = "off" for {_touched(case)}'
        return CommitVerdict(case.change.kind, CommitRuling.EXEMPT, reason, sha=sha, subject=case.intent.subject)
    tests = Sorted.of(case)
    faults = faults_of(case)
    ruling, reason = _ruling(case, tests, faults)
    awaits = ruling is CommitRuling.FAILED and all(fault.on_type for fault in faults if fault.refuses)
    waiver = waiver_for(faults, case.intent, waivers, sha=sha, today=today) if ruling.refuses else ""
    waiver = waiver or (_excused(case, faults) if ruling.refuses else "")
    if waiver:
        ruling, reason = CommitRuling.WAIVED, f"waived ({waiver}): {reason}"
    elif awaits:
        ruling, reason = CommitRuling.EXEMPT, "no test changes: the type in the commit message decides"
    said = [*faults, *without_force(faults, case.intent, waivers, sha=sha, today=today)]
    return CommitVerdict(
        kind=case.change.kind,
        verdict=ruling,
        reason=reason,
        sha=sha,
        subject=case.intent.subject,
        findings=tuple(fault.finding for fault in said),
        **{name: getattr(tests, name) for name in (*LISTS, "open_red")},
        red=tuple(
            RedDetail(test.id, test.grade, test.exception) for test in tests.tests if test.grade is not Grade.NONE
        ),
        written=_written(case),
        waiver=waiver,
        awaits_message=awaits and not waiver,
    )


def _written(case: Case) -> dict[TestId, bool]:
    """Return of each new or changed test whether it names no code but its own; one of a mixin is told where it runs."""
    ran = {test.id for test in case.seen.tests}
    own = ((test.id, test.after) for test in case.change.targets if test.after)
    return {test: one.claims.idle for test, one in own if one.collected or test in ran} | {**case.seen.idle}


def told_how(verdict: CommitVerdict, scripts: Mapping[str, str]) -> CommitVerdict:
    """Return a verdict whose findings name Django's settings as these scripts of the project do."""
    fix = exported(scripts)
    found = (replace(one, fix=fix) if one.fix == WITHOUT_DJANGO else one for one in verdict.findings)
    return verdict._replace(findings=tuple(found))


def _touched(case: Case) -> str:
    change = case.change
    paths = [one.path for one in change.production] or [file_of(test.id) for test in change.tests]
    return ", ".join(dict.fromkeys(paths)) or "all of it"


def _excused(case: Case, faults: Sequence[Fault]) -> str:
    """Return why all that refuses stands where nothing is refused; empty where something does not."""
    if not case.parts.paths:
        return ""
    reasons = []
    for fault in (fault for fault in faults if fault.refuses):
        path = fault.finding.path or ""
        policy, part = case.policy_of(path), case.parts.part_of(path)
        if policy not in {Policy.OBSERVE, Policy.OFF}:
            return ""
        reasons.append(f'policy = "{policy}" for {part.glob if part else "what the change touches"}')
    return "; ".join(dict.fromkeys(reasons))


def _ruling(case: Case, tests: Sorted, faults: Sequence[Fault]) -> tuple[CommitRuling, str]:
    """Return the ruling and its reason; what is wrong for certain outweighs what is not known."""
    wrong = [fault for fault in faults if fault.refuses and not fault.unknown]
    open_questions = [fault for fault in faults if fault.refuses and fault.unknown]
    if wrong:
        return CommitRuling.FAILED, _first(wrong)
    if open_questions:
        return CommitRuling.INCONCLUSIVE, _first(open_questions)
    return _no_fault(case, tests)


def _first(faults: Sequence[Fault]) -> str:
    more = len(faults) - 1
    return faults[0].finding.message + (f"; and {more} more" if more else "")


def _no_fault(case: Case, tests: Sorted) -> tuple[CommitRuling, str]:
    change = case.change
    turned = len(tests.fail_to_pass) + len(tests.fail_to_pass_unchanged)
    if not change.changes_behaviour and not (turned and case.touches_code):
        return _no_behaviour(case, tests)
    if turned:
        same = tests.fail_to_pass or change.shared or change.helpers
        first = "" if same else ", written in an earlier commit"
        return CommitRuling.PASSED, f"{counted(turned, 'test')} went from red to green{first}"
    if change.removes_only:
        return _stays_green(case, tests, "code only goes")
    said = "a merge" if case.intent.merge else case.intent.type
    if case.seen.reaching is not None:
        return _stays_green(case, tests, f"{said}: behaviour stays")
    return CommitRuling.PASSED, f"{said}: behaviour stays, and the tests still pass"


def _no_behaviour(case: Case, tests: Sorted) -> tuple[CommitRuling, str]:
    if tests.open_red:
        return (
            CommitRuling.PASSED,
            f"a red commit: {counted(len(tests.open_red), 'test')} red, for a later commit to turn green",
        )
    if case.change.kind is ChangeKind.MERGE and not case.asks:
        return CommitRuling.EXEMPT, _NO_MORE
    if case.touches_code and case.seen.reaching is not None:
        return _stays_green(case, tests, _looks_like(case))
    if not case.asks and not case.change.tests:
        return CommitRuling.EXEMPT, "no production behaviour and no test changes"
    listed = "; what looks inert is for verify to run" if case.touches_code else ""
    listed += f"; {counted(len(tests.never_red), 'test')} green at once" if tests.never_red else ""
    return CommitRuling.PASSED, f"no production behaviour changes{listed}"


_NO_MORE = "the merge adds nothing itself"
_LOOKS = {
    Effect.RESTORED: "it brings earlier content back",
    Effect.DATA: "data of the package only",
    Effect.IMPORTS: "imports or types only",
    Effect.METADATA: "metadata only",
    Effect.ANNOTATIONS: "types or notation only",
    Effect.DOCSTRINGS: "docstrings only",
}


def _looks_like(case: Case) -> str:
    effects = {one.effect for one in case.change.inert}
    otherwise = _NO_MORE if case.change.met else _LOOKS[Effect.RESTORED]
    return next((said for effect, said in _LOOKS.items() if effect in effects), otherwise)


def _stays_green(case: Case, tests: Sorted, looks: str) -> tuple[CommitRuling, str]:
    """Say what was run of a change that asks for no red test; where nothing ran, nothing was green before."""
    green, reaching = len(tests.pass_to_pass), case.seen.reaching
    if not green and case.seen.departed:
        return CommitRuling.PASSED, f"{looks}, and its tests with it"
    if not green:
        return CommitRuling.EXEMPT, f"{looks}; no test was green before that it could turn red"
    stay = "stays" if green == 1 else "stay"
    if reaching is None or reaching.whole or not reaching.files:
        return CommitRuling.PASSED, f"{looks}; {counted(green, 'test')} of the whole suite {stay} green"
    some = f"{len(reaching.files)} of {counted(reaching.known, 'test file')}"
    return CommitRuling.PASSED, f"{looks}; {counted(green, 'test')} in {some} that can reach it {stay} green"
