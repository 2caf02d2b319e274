"""Change the baseline: accept a phase that passed, or bring the accepted tests up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from pytest_phasegate.app.coverage.ownership import History
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.renamed_tests import renamed_lines
from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.plain_values import lines_of
from pytest_phasegate.core.regression.baseline import PATH, BaselineTest, Passing, kept_for, phase_key
from pytest_phasegate.core.verdict.judgement import last_of, passed_on
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.errors import BaselineError, EvidenceError, RefusedError

Move = tuple["BaselineTest", "BaselineTest"]  # an accepted test, and the line that it has under its new name


Passed = Callable[[str, str, str], Passing | None]  # what a phase of a guide (by its slug) had on one content


class Update(NamedTuple):
    """A new baseline, and how it differs from the one that stands."""

    tests: tuple[BaselineTest, ...]
    added: tuple[BaselineTest, ...] = ()
    changed: tuple[tuple[BaselineTest, BaselineTest], ...] = ()
    removed: tuple[BaselineTest, ...] = ()
    renamed: tuple[Move, ...] = ()
    kept: int = 0  # how many tests the accepted phase has


def accept(around: Surroundings, passed: Passed, guide: Guide, phase: Phase) -> Update:
    """Return the baseline with a phase accepted; nothing that stands there goes, but by another name.

    Raises:
        RefusedError: The phase's gates did not pass on exactly this content.
    """
    if not passed_on(around.judgements, guide.slug, phase.id, around.content):
        raise _refusal(around, guide, phase)
    passing = passed(guide.slug, phase.id, around.content)
    if passing is None:
        raise _not_run(guide, phase, around)
    _refuse_uncommitted(around, passing.tests, guide, phase)
    return _update(around, passing.tests, ())._replace(kept=len(passing.tests))


def _refuse_uncommitted(around: Surroundings, tests: Iterable[BaselineTest], guide: Guide, phase: Phase) -> None:
    """Refuse a phase that is committed without a test that passed for it: nobody else would have that."""
    lying = {file_of(one.test) for one in tests} & around.uncommitted_paths
    if not lying or around.texts is None or (guide.slug, phase.id) not in around.commits:
        return
    held = around.texts().stood("HEAD", lying)
    for one in (one for one in tests if file_of(one.test) in lying):
        there = held.get(file_of(one.test))
        if there is None or (one.digest and there.get(one.test) != one.digest):
            raise RefusedError(
                f"phase {phase.id} is committed, and {one.test} is not as it passed",
                hint=f"git add {file_of(one.test)}, and git commit --amend where nothing was pushed",
            )


def holds_accepted(around: Surroundings, found: History | str, guide: Guide, phase: Phase) -> bool:
    """Whether a commit holds the tests that it records as accepted: a line alone may be written by anybody."""
    if isinstance(found, str) or phase.id not in found.recorded:
        return False
    sha, texts = found.commits[found.recorded[phase.id]].sha, around.texts() if around.texts else None
    content = around.git.content_at(sha, around.prefix + PATH) or b""
    known = lines_of(BaselineTest, content.decode("utf-8", "replace"))
    return texts is None or all(
        texts.content_then(sha, file_of(line.test))
        and line.digest == texts.then(sha, file_of(line.test)).get(line.test, "")
        for line in kept_for(known, guide, phase.id, around.guides)
    )


def update(around: Surroundings, passed: Passed, remove: Iterable[TestId] = ()) -> Update:
    """Return the baseline brought up to date for every phase that stands in it.

    ``removed`` lists what goes, named or not: who writes it must have named all of it (``unnamed``).

    Raises:
        EvidenceError: An accepted phase was not run on exactly this content.
        BaselineError: A test is to be removed that does not stand there.
    """
    there = {entry.test for entry in around.accepted}
    strangers = sorted(set(remove) - there)
    if strangers:
        told = f"{strangers[0]!r} is not in the baseline"
        raise BaselineError(told, hint="name it as `phasegate baseline diff` does")
    found: list[BaselineTest] = []
    gone = set(remove)
    for guide in around.guides:
        for phase in guide.phases:
            kept = kept_for(around.accepted, guide, phase.id, around.guides)
            if kept:
                now = _tests_now(around, passed, guide, phase, dropped=gone.issuperset(entry.test for entry in kept))
                found += now
                gone |= {entry.test for entry in kept} - {entry.test for entry in now}
    return _update(around, found, gone - {entry.test for entry in found})


def unnamed(found: Update, named: Iterable[TestId]) -> tuple[TestId, ...]:
    """Return the tests that would go without having been named."""
    allowed = frozenset(named)
    return tuple(entry.test for entry in found.removed if entry.test not in allowed)


def _tests_now(
    around: Surroundings, passed: Passed, guide: Guide, phase: Phase, *, dropped: bool
) -> tuple[BaselineTest, ...]:
    passing = passed(guide.slug, phase.id, around.content) if around.content else None
    if passing is not None:
        return passing.tests
    if dropped:
        return ()
    raise _not_run(guide, phase, around, "; a test that is gone for good is named: --remove ID")


def _update(around: Surroundings, found: Iterable[BaselineTest], gone: Iterable[TestId]) -> Update:
    old = {entry.test: entry for entry in around.accepted}
    new = {entry.test: entry for entry in found}
    moves = {before.test: (before, new.get(after.test, after)) for before, after in _moves(around, old, new)}
    lost = frozenset(gone)
    fresh = {after.test: after for _, after in moves.values()}
    tests = {test: entry for test, entry in (old | new | fresh).items() if test not in lost and test not in moves}
    return Update(
        tests=tuple(sorted(tests.values())),
        added=tuple(sorted(entry for test, entry in new.items() if test not in old and test not in fresh)),
        changed=tuple((old[test], entry) for test, entry in sorted(new.items()) if test in old and old[test] != entry),
        removed=tuple(sorted(entry for test, entry in old.items() if test in lost and test not in moves)),
        renamed=tuple(moves[test] for test in sorted(moves)),
    )


def _moves(
    around: Surroundings, old: Mapping[TestId, BaselineTest], new: Mapping[TestId, BaselineTest]
) -> Iterator[Move]:
    """Return the accepted tests that were renamed to what is no accepted test yet."""
    lost = [entry for test, entry in old.items() if test not in new]
    renamed = renamed_lines(around.texts(), around.guides, lost) if around.texts else ()
    return ((before, after) for before, after in renamed if after.test not in old)


def _refusal(around: Surroundings, guide: Guide, phase: Phase) -> RefusedError:
    name = phase_key(guide, phase.id, around.guides)
    if not around.content:
        return RefusedError("there is no git repository: nothing says which content passed", hint="run: git init")
    last = last_of((one for one in around.judgements if one.tree == around.content), guide.slug, phase.id)
    check = f"phasegate check {name}"
    if last is None:
        return RefusedError(f"phase {name} was not judged on this content", hint=f"run: {check}")
    if last.ruling is Ruling.PASSED:
        return RefusedError(f"phase {name}: only tests and coverage were judged on this content", hint=f"run: {check}")
    told = f"phase {name} did not pass on this content: {last.ruling} by {last.source}"
    return RefusedError(told, hint=f"mend it and run: {check}")


def _not_run(guide: Guide, phase: Phase, around: Surroundings, more: str = "") -> EvidenceError:
    name = phase_key(guide, phase.id, around.guides)
    told = f"the tests of phase {name} did not all run and pass on this content"
    return EvidenceError(told, hint=f"run: pytest --phase all{more}")
