"""The hook *pre-push*: every commit that a push brings to its remote was red before it was green."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from pytest_phasegate.app.commit.revision_range import PushedRange, Span, pushed_ranges, span_of
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.change import ChangeReader
from pytest_phasegate.app.redgreen.verification import Verification, never_observed
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.core.commit.revision_range import RefUpdate, framework_update, ref_updates
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.settings import OnMissing, Settings
from pytest_phasegate.core.redgreen.ranges import with_findings
from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.regression.comparison import Compared
from pytest_phasegate.core.regression.suite import SuiteFacts
from pytest_phasegate.core.verdict.verdict import exit_code, shortened
from pytest_phasegate.reports.as_terminal import commit_lines
from pytest_phasegate.reports.command_progress import Course, ticking
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.wiring import projects, redgreen, revision_range, status
from pytest_phasegate.wiring.projects import Project

_LINES = 16


def main(argv: Sequence[str], here: Callable[[], Project]) -> int:
    """Prove the commits of all refs of the push.

    Args:
        argv: The remote's name and address, as git gives them; pre-commit and prek give nothing.
        here: Tells the project that the push is made in.

    Returns:
        0 passed, 1 refused, 4 inconclusive, which refuses too; of several refs the first refusal.
    """
    project = here()
    updates = _updates()
    remote = argv[0] if argv else os.environ.get("PRE_COMMIT_REMOTE_NAME", "")
    ranges = pushed_ranges(project.repository, updates, remote)
    codes = [_proved(project.repository, pushed, project.settings) for pushed in ranges]
    return next((code for code in codes if code), 0)


def _updates() -> tuple[RefUpdate, ...]:
    """Read what git says of the push, or the little that a framework passes on, and say when that is little."""
    told = "" if sys.stdin.isatty() else sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if told.strip() or "PRE_COMMIT" not in os.environ:
        return ref_updates(told)
    update = framework_update(os.environ)
    if update is None:
        say("phasegate: no range was given to pre-push, so nothing was judged")
        return ()
    say(
        f"phasegate: pre-commit tells a hook of one ref of a push: only {update.remote_ref} is judged"
        " (hooks/pre-push judges all)"
    )
    return (update,)


def _proved(repository: Repository, pushed: PushedRange, settings: Settings) -> int:
    if pushed.revision_range is None:
        if not settings.judges:
            return 0
        say(f"phasegate: {pushed.ref} {pushed.reason}")
        return 0
    span = _span(repository, pushed.revision_range)
    rules = projects.settings_at(repository, span.base)
    rules = rules if rules.configured else settings
    if not rules.judges:
        return 0
    word = "would refuse" if rules.observes_reds else "refuses"
    codes = []
    for code, what, lines in _objections(*_verified(repository, span, rules)):
        told = f"pre-push {word} {pushed.ref}: {what}" if code else f"{pushed.ref} {what}"
        say(f"phasegate: {told}", *lines)
        codes.append(code)
    return 0 if rules.observes_reds else next(filter(None, codes), 0)


def _objections(
    found: Verification, unseen: tuple[CommitVerdict, ...], compared: Compared | None, suite: SuiteFacts | None
) -> Iterator[tuple[int, str, Iterable[str]]]:
    """Yield what is to be said of a range: the exit code it asks for (0 refuses nothing), a headline and more lines."""
    code = exit_code(found.verdict.verdict)
    if code:
        yield code, found.verdict.reason, _explained(found)
    elif unseen:
        yield 1, "red was never observed", _unobserved(unseen)
    elif found.verdict.findings:
        findings = (f"  {one.code} {one.message}" for one in found.verdict.findings)
        yield 0, "goes through; of the whole range:", findings
    if compared is not None and (compared.broken or compared.incomplete):
        yield 1 if compared.broken else 4, _kept(compared), _regressed(compared)
    elif compared is not None and compared.regressions:
        yield 0, "goes through, but not every accepted test is steady", _regressed(compared)
    if suite is not None and (lost := [test for test in suite.lost if test not in suite.waived]):
        yield 1, f"{len(lost)} of the suite's tests passed at {suite.base} and fail now (PG421)", _broken(lost)
    elif suite is not None and suite.run.incomplete:
        why = f"whether the suite still passes is not known: {suite.run.incomplete}"
        yield 4, why, ["  raise red_green.timeout where it only takes long; `suite = false` runs it no more"]


def _broken(lost: Sequence[TestId]) -> Iterator[str]:
    """Yield the tests that the push breaks, and the next command."""
    yield from shortened([f"  {test}" for test in lost], _LINES)
    yield f"  see it: pytest {' '.join(lost[:3])}"


def _kept(compared: Compared) -> str:
    """Say what became of the accepted tests."""
    lost = len(compared.broken)
    doubt = f"whether the accepted tests still pass is not known: {compared.incomplete}"
    return f"{lost} of {compared.total} accepted tests lost" if lost else doubt


def _regressed(compared: Compared) -> Iterator[str]:
    """Yield the accepted tests that are not as they were, and the next command."""
    found = compared.regressions
    lines = [f"  {one.test} of phase {one.phase} {one.kind}: {one.detail}" for one in found]
    yield from shortened(lines, _LINES)
    if compared.broken:
        yield "  see it: pytest --phase all; if it is meant so: phasegate baseline update, and commit the baseline"


def _span(repository: Repository, revision_range: str) -> Span:
    if ".." in revision_range:
        return span_of(repository, revision_range)
    return Span(revision_range, None, repository.commits(revision_range))


def _verified(
    repository: Repository, span: Span, rules: Settings
) -> tuple[Verification, tuple[CommitVerdict, ...], Compared | None, SuiteFacts | None]:
    """Judge a range by the rules of its base; one that first brings the rules is judged by those it brings.

    Returns:
        The verdicts, where red has to be observed the commits that passed without, and how the accepted tests and
        the whole suite stand at the end; the suite is run only where nothing else refuses.
    """
    course = Course(span.asked, 0.0)
    course.start(len(span.commits), 0)
    stages = [course.line]
    with redgreen.benches(repository, rules) as benches, ticking(lambda: _stage(stages), every=10.0, first=5.0):
        verifier = Verifier(
            repository, rules, benches, today=projects.today(), suite_follows=True,
            on_start=course.start, on_begin=course.begin, on_commit=course.add,
        )  # fmt: skip
        found = verifier.verify(span)
        if found.ended_by:
            raise KeyboardInterrupt(found.ended_by)
        stages.append(lambda: f"running the suite on {span.commits[-1].sha[:10] if span.commits else 'the end'}")
        root = projects.root(Path.cwd())
        waiting = status.unanswered_at_end(root, repository, span)
        let_go = revision_range.accepted_no_more(root, repository, span)
        found = found._replace(verdict=with_findings(found.verdict, (*waiting, *let_go)))
        refused = found.verdict.verdict.refuses
        compared, suite = revision_range.pushed_at_end(root, repository, rules, span, benches, refused=refused)
    if rules.red_green.on_missing is not OnMissing.BLOCK:
        return found, (), compared, suite

    ledger = projects.ledger(Path(repository.root))
    reader = ChangeReader(repository, rules)
    return found, tuple(never_observed(found, span.commits, reader, ledger, rules.red_green)), compared, suite


def _stage(stages: Sequence[Callable[[], str]]) -> str:
    return f"phasegate: pre-push: {stages[-1]()}; Ctrl-C to stop"


def _unobserved(unseen: Sequence[CommitVerdict]) -> Iterator[str]:
    """Yield the commits that no run has shown red before, and what to do about them."""
    tests = [one.turned[0] for one in unseen]
    pairs = zip(unseen, tests, strict=True)
    lines = [f"  {one.sha[:10]} {one.subject}: PG202 no run has shown {test} red" for one, test in pairs]
    yield from shortened(lines, _LINES, "  and {} commits more")
    yield '  a replay proves them, and red_green.on_missing = "block" asks that red was seen: run pytest on the tests'
    yield "  with the code before them (git stash, or a worktree of the commit's parent), then push again"
    yield "  waive a commit with the trailer `Red-Green: waived (why)`"


def _explained(found: Verification) -> Iterator[str]:
    """Yield what refuses, in the few lines that a terminal shows at once, and the command that tells all."""
    refusing = [one.verdict for one in found.commits if one.verdict.verdict.refuses]
    lines = [f"  {line}" for line in commit_lines(refusing)]
    for finding in found.verdict.findings:
        fix = [f"    fix: {finding.fix}"] if finding.fix else []
        lines += [f"  {finding.code} {finding.message}", *fix]
    yield from shortened(lines, _LINES, "  and {} lines more")
    yield f"  all of it: phasegate verify {found.asked}"
    yield "  waive a commit with the trailer `Red-Green: waived (why)`"
