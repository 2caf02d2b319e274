"""A series of commits as a whole: what was left red, what was done to it, and whether the tests came first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet, TestChange
from pytest_phasegate.core.redgreen.verdict import OPEN, CommitRuling, CommitVerdict, Fault, error, is_expired, unknown
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, combine, counted, listed


class OpenRed(NamedTuple):
    """A test that a commit left red, and that commit."""

    test: TestId
    sha: str


class RangeVerdict(NamedTuple):
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
    closed: set[str] = {*verdict.turned, *verdict.pass_to_pass}
    closed |= {test.id for test in change.deleted}
    kept = [OpenRed(change.became.get(red.test, red.test), red.sha) for red in open_reds]
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
    findings = (*map(_open, left), *built_upon(commits))
    rulings = [commit.verdict.ruling for commit in commits] + [Ruling.FAILED] * bool(left)
    return RangeVerdict(combine(rulings), _reason(commits, left), tuple(commits), tuple(open_reds), findings)


def with_findings(whole: RangeVerdict, more: Sequence[Finding]) -> RangeVerdict:
    """Return the verdict with what only the range as a whole shows: an error refuses, anything else is said.

    What could not be run leaves it open, which refuses too.
    """
    errors = [finding for finding in more if finding.severity is Severity.ERROR]
    wrong = [finding.message for finding in errors]
    verdict = combine([whole.verdict, *(Ruling.INCONCLUSIVE if one.code == OPEN else Ruling.FAILED for one in errors)])
    also = [finding.message for finding in more if finding.severity is not Severity.ERROR]
    reason = "; ".join([*wrong[:1], whole.reason, *also])
    return whole._replace(verdict=verdict, reason=reason, findings=(*whole.findings, *more))


def touched_while_open(open_reds: Collection[TestId], change: ChangeSet) -> tuple[Finding, ...]:
    """Return a finding for each open red that a commit weakens: what was seen red is not what will be green."""
    return tuple(
        Finding(
            "PG206",
            Severity.ERROR,
            f"{test.id} is weakened while it is red: {loss.loss}: {loss.detail}",
            file_of(test.id),
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
    return Finding("PG212", Severity.ERROR, message, file_of(red.test), None, fix)


def built_upon(commits: Sequence[CommitVerdict]) -> Iterator[Finding]:
    """Yield how refused commits are mended on which others stand: what comes later takes nothing back."""
    refused = [one.sha[:12] for one in commits[:-1] if one.verdict is CommitRuling.FAILED]
    if refused:
        first, many = refused[0], len(refused) > 1
        told = "are refused for what they hold" if many else "is refused for what it holds"
        message = f"{listed(refused, _NAMED)} {told}, whatever comes after {'them' if many else 'it'}"
        joined = f"`git reset --soft {first} && git commit --amend`"
        rebase = f"`git rebase -i {first}~` and `fixup` what mends it (`--root`: {first} may be the first of all)"
        fix = f"{rebase}; or one commit: {joined}"
        yield Finding("PG225", Severity.ERROR, message, fix=fix)


_NAMED = 3


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


def broken_at_the_end(test: TestId, *, several: bool) -> Fault:
    """Return what is said of a test that no commit touches, that passed before, and fails where the range ends."""
    where = "where the range ends" if several else "after it"
    fix = f"pytest {test}" + ("; `git bisect` tells which commit broke it" if several else "")
    return error(
        "PG204", f"{test} passed before the {'range' if several else 'change'} and fails {where}", test=test, fix=fix
    )


def unknown_at_the_end(trouble: str) -> Fault:
    """Return what is said where the tests that a range can reach come to no end behind it."""
    message = f"whether all tests that the change can reach still pass is not known: {trouble}"
    return unknown("PG217", message, fix="mend that; `suite = false` leaves these tests to another job")


def let_go(fault: Fault, waiver: str) -> Finding:
    """Return what is said of a fault that is waived."""
    found = fault.finding
    return replace(found, severity=Severity.WARNING, message=f"waived ({waiver}): {found.message}", fix="")


CODE = "PG221"


def out_of_order(
    verdict: CommitVerdict, change: ChangeSet, open_reds: Collection[TestId], *, strict: bool
) -> Iterator[Fault]:
    """Yield what is wrong with a commit in its place: code that came with its test, or before it.

    A commit of which red before green asks no red test is asked for none here. One of several tests that came first is
    enough, as one red test is; the strict policy asks it of each.

    Args:
        verdict: What the commit came to by its content.
        change: What it changes.
        open_reds: The tests that earlier commits of the range left red.
        strict: Whether every test that it turns green must have come first.
    """
    code = next((one.path for one in change.production if one.effect is not Effect.COSMETIC), "")
    if verdict.open_red and code:
        message = f"{code} changes in the commit that brings the red test {verdict.open_red[0]}"
        yield error(CODE, message, path=code, fix="commit the tests alone, then the code")
    if verdict.verdict is not CommitRuling.PASSED or not change.changes_behaviour or not verdict.turned:
        return
    first = came_first(verdict, change, open_reds)
    late = [test for test in verdict.turned if test not in first]
    if first and not (strict and late):
        return
    yield error(CODE, _late(verdict, late, open_reds), test=late[0], fix="commit the red test before the code, alone")


def _late(verdict: CommitVerdict, late: list[TestId], open_reds: Collection[TestId]) -> str:
    rewritten = [test for test in late if test in open_reds]
    if rewritten:
        return f"{rewritten[0]} was changed by the commit that turns it green: what was seen red is another test"
    more = f" and {counted(len(late) - 1, 'test')} more" if len(late) > 1 else ""
    if late[0] in verdict.fail_to_pass:
        return f"{late[0]}{more} came with the code that turns it green, not in a commit before it"
    return f"no commit of the range shows {late[0]}{more} red before the code"


def came_first(verdict: CommitVerdict, change: ChangeSet, open_reds: Collection[TestId]) -> tuple[TestId, ...]:
    """Return the tests that a commit turns green, as an earlier commit of the range left them red.

    They may get another name, and lose the mark that declared them red.
    """
    by_id = {test.id: test for test in change.tests}
    known = {change.became.get(test, test) for test in open_reds}
    marked = [test for test in verdict.fail_to_pass if (found := by_id.get(test)) and _by_marks_alone(found)]
    return tuple(test for test in (*verdict.fail_to_pass_unchanged, *marked) if test in known)


def _by_marks_alone(test: TestChange) -> bool:
    return test.before is not None and test.after is not None and test.before.core == test.after.core


ORDER_UNKNOWN = Finding(
    CODE,
    Severity.WARNING,
    "one commit holds the test and the code: it was judged by its content, and their order cannot be known",
)
ORDER_UNSEEN = Finding(
    CODE, Severity.WARNING, "a shard does not see the order of its range: verify the range once without --shard"
)
