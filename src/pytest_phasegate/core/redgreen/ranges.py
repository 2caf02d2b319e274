"""A series of commits as a whole: what was left red, and what was done to it on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict
from pytest_phasegate.core.redgreen.waivers import is_expired
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, combine, counted


@dataclass(frozen=True, slots=True)
class OpenRed:
    """A test that a commit left red, and that commit."""

    test: TestId
    sha: str


@dataclass(frozen=True, slots=True)
class RangeVerdict:
    """The verdict on a range: the gravest of its commits', and of what they leave behind."""

    verdict: Ruling
    reason: str
    commits: tuple[CommitVerdict, ...]
    open_red: tuple[OpenRed, ...] = ()
    findings: tuple[Finding, ...] = ()


def still_open(open_reds: Iterable[OpenRed], verdict: CommitVerdict, change: ChangeSet) -> tuple[OpenRed, ...]:
    """Return the tests that are red after one more commit.

    A test is closed when a commit turns it green, when it is seen green for any reason, or when it is deleted; a
    renamed one goes on under its new name.
    """
    closed: set[str] = {*verdict.fail_to_pass, *verdict.fail_to_pass_unchanged, *verdict.pass_to_pass}
    closed |= {test.id for test in change.deleted}
    names = {test.before.id: test.id for test in change.tests if test.before and test.before.id != test.id}
    kept = [OpenRed(names.get(red.test, red.test), red.sha) for red in open_reds]
    left = {red.test: red for red in kept if red.test not in closed - set(verdict.open_red)}
    fresh = {test: OpenRed(test, verdict.sha) for test in verdict.open_red if test not in left}
    return tuple({**left, **fresh}.values())


def judge_range(
    commits: Sequence[CommitVerdict],
    open_reds: Sequence[OpenRed],
    *,
    waivers: Sequence[Waiver] = (),
    today: str = "",
) -> RangeVerdict:
    """Judge a range by its commits, oldest first, and by what the last of them leaves red."""
    left = [red for red in open_reds if not _is_waived(red, waivers, today)]
    findings = tuple(_open(red) for red in left)
    rulings = [commit.verdict.ruling for commit in commits] + [Ruling.FAILED] * bool(left)
    return RangeVerdict(combine(rulings), _reason(commits, left), tuple(commits), tuple(open_reds), findings)


def with_findings(whole: RangeVerdict, more: Sequence[Finding]) -> RangeVerdict:
    """Return the verdict with what only the range as a whole shows: an error refuses, anything else is said."""
    wrong = [finding.message for finding in more if finding.severity is Severity.ERROR]
    verdict = combine([whole.verdict, Ruling.FAILED]) if wrong else whole.verdict
    also = [finding.message for finding in more if finding.severity is not Severity.ERROR]
    reason = "; ".join([*wrong[:1], whole.reason, *also])
    return replace(whole, verdict=verdict, reason=reason, findings=(*whole.findings, *more))


def touched_while_open(open_reds: Collection[TestId], change: ChangeSet) -> tuple[Finding, ...]:
    """Return a finding for each open red that a commit weakens: what was seen red is not what will be green."""
    return tuple(
        Finding(
            "PG206",
            Severity.ERROR,
            f"{test.id} is weakened while it is red: {loss.loss}: {loss.detail}",
            test.id.partition("::")[0],
            test.line,
        )
        for test in change.tests
        if test.before is not None and test.before.id in open_reds
        for loss in test.weakenings
    )


def _is_waived(red: OpenRed, waivers: Iterable[Waiver], today: str) -> bool:
    return any(matches_any(red.test, [waiver.match]) for waiver in waivers if not is_expired(waiver, today))


def _open(red: OpenRed) -> Finding:
    message = f"{red.test} was left red by {red.sha[:12]} and is not green at the end of the range"
    fix = "write the code that turns it green"
    return Finding("PG212", Severity.ERROR, message, red.test.partition("::")[0], None, fix)


def _reason(commits: Sequence[CommitVerdict], left: Sequence[OpenRed]) -> str:
    """Say how many commits came to what, the gravest first."""
    if not commits:
        return "no commits in this range"
    count = Counter(commit.verdict for commit in commits)
    failed, unknown = count[CommitRuling.FAILED], count[CommitRuling.INCONCLUSIVE]
    if not failed and not unknown and not left and count[CommitRuling.EXEMPT] == len(commits):
        return f"nothing to prove: {counted(len(commits), 'commit')} exempt"
    told = [
        f"{failed} of {len(commits)} failed" if failed else "",
        f"{unknown} inconclusive" if failed and unknown else "",
        f"{unknown} of {len(commits)} inconclusive, 0 failed" if unknown and not failed else "",
        f"{counted(len(left), 'test')} left red at the end" if left else "",
    ]
    well = [(count[ruling], ruling) for ruling in (CommitRuling.PASSED, CommitRuling.WAIVED, CommitRuling.EXEMPT)]
    good = [f"{number} {ruling}" for number, ruling in well if number]
    if good and not any(told):
        good[0] = good[0].replace(" ", f" of {counted(len(commits), 'commit')} ", 1)
    return ", ".join([*filter(None, told), *good])
