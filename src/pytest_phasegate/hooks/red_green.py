"""The hook *red-green*: production code is committed with a test that was red before it and is green with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from pytest_phasegate.adapters.git.hooks import amends, commit_words, installed_hooks, message_of
from pytest_phasegate.app.ports.repository import INDEX, Repository
from pytest_phasegate.core.commit.conventional import trailers
from pytest_phasegate.core.project.paths import Side
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.redgreen.verdict import UNWRITTEN, CommitVerdict, Intent, intent_of
from pytest_phasegate.core.verdict.verdict import Severity, exit_code, listed
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.wiring import projects, redgreen
from pytest_phasegate.wiring.projects import Project

WAIVE = 'waive it with a reason: git commit --trailer "Red-Green: waived (why)"'
_WITHOUT_A_TEST = ("PG201", "PG202")  # what is said where a test is missed
_SHOWN = 3
_DEAF = (
    "  only `git commit -m` tells the type: phasegate's commit-msg hook is not installed (phasegate doctor says how)"
)


def main(argv: Sequence[str], here: Callable[[], Project]) -> int:  # noqa: ARG001 - git gives this hook nothing
    """Judge what is staged, before its message is written."""
    return judged("", here())


def judged(message: str, project: Project) -> int:
    """Judge what is staged and say so on stderr; an empty message is not written yet.

    Returns:
        0 passed, 1 refused, 4 inconclusive, which refuses too.
    """
    root, repository = project.root, project.repository
    words = commit_words()
    parents = _parents(repository, words)
    settings = projects.settings_before(repository, next(iter(parents), None), project.settings)
    if not settings.judges:
        return 0
    reverted = "".join(f"revert:\n\nThis reverts commit {oid}." for oid in _noted(repository, "REVERT_HEAD"))
    intent = _intent(message, message_of(words) or reverted, merge=len(parents) > 1)
    check = redgreen.commit_check(repository, projects.ledger(root), settings)
    verdict = check.check(parents, intent)
    deaf = not message and verdict.awaits_message and _nobody_reads_the_message(Path(repository.root))
    if deaf:
        verdict = check.check(parents, _intent(message_of(words) or "a subject without a type", "", merge=False))
    place = projects.place_here(repository)
    verdict = verdict._replace(never_red=tuple(test for test in verdict.never_red if test.startswith(place)))
    first = not message or verdict.awaits_message
    code = _answer(verdict, settings, first=first, forgotten=partial(_forgotten, project, settings))
    if code and deaf:
        say(_DEAF)
    return code


def _nobody_reads_the_message(top: Path) -> bool:
    """Whether git runs this hook, and will run none of ours that is given the message."""
    return "GIT_INDEX_FILE" in os.environ and "commit-msg" not in installed_hooks(top)


def _parents(repository: Repository, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the commit will have for parents: those of HEAD where it takes the place of HEAD."""
    head = repository.opened_at
    if head is None:
        return ()
    return repository.commit(head).parents if amends(words) else (head, *_merged(repository))


def _merged(repository: Repository) -> tuple[str, ...]:
    """Return what is being merged: git notes it in a file, but runs pre-merge-commit before it does.

    To that hook it tells the merged commits by variables named ``GITHEAD_<id>``.
    """
    told = (name.removeprefix("GITHEAD_") for name in os.environ if name.startswith("GITHEAD_"))
    return _noted(repository, "MERGE_HEAD") or tuple(sorted(oid for name in told if (oid := repository.resolve(name))))


def _noted(repository: Repository, name: str) -> tuple[str, ...]:
    """Return the commits that git notes in a file while it waits for a commit, or none."""
    try:
        with open(os.path.join(repository.git_dir, name), encoding="ascii") as file:
            return tuple(file.read().split())
    except FileNotFoundError:
        return ()


def _intent(message: str, said: str, *, merge: bool) -> Intent:
    """Read the message; before it is written, of what is said of it only that it waives or reverts counts."""
    if message:
        return intent_of(message, trailers(message), merge=merge)
    if not said:
        return Intent(merge=True) if merge else UNWRITTEN
    foreseen = intent_of(said, trailers(f"subject\n\n{said}"), merge=merge)
    return foreseen if foreseen.waiver or foreseen.reverts or merge else UNWRITTEN


def _forgotten(project: Project, settings: Settings) -> str:
    """Return a line that names the test files which stand there otherwise than they are staged; empty without any."""
    repository, layout = project.repository, Project(project.root, settings).layout
    changes = repository.changes(repository.content_tree(), INDEX)
    there = (project.inside.relative(change.path) for change in changes)
    tests = [path for path in there if path and layout.side(path) is Side.TEST]
    return f"not staged: {_some(tests)} (git add?)\n" if tests else ""


def _answer(verdict: CommitVerdict, settings: Settings, *, first: bool, forgotten: Callable[[], str]) -> int:
    """Say a refusal; what is only worth a line is said by the first of the two hooks that can tell."""
    code = exit_code(verdict.verdict.ruling)
    if not code:
        say(*(_remarks(verdict) if first else ()))
        return 0
    from pytest_phasegate.reports.messages import refusal

    observing = settings.observes_reds
    word = "red-green would refuse this commit" if observing else "red-green refuses this commit"
    errors = [finding for finding in verdict.findings if finding.severity is Severity.ERROR]
    headline = word if errors else f"{word}: {verdict.reason}"
    left_out = forgotten() if any(finding.code in _WITHOUT_A_TEST for finding in errors) else ""
    say(*refusal(headline, errors, closing=left_out + WAIVE))
    return 0 if observing else code


def _remarks(verdict: CommitVerdict) -> Iterator[str]:
    """Yield what is worth a line although nothing refuses."""
    if verdict.waiver:
        yield f"phasegate: red before green is waived: {verdict.waiver}"
    if verdict.left_to:
        yield f"phasegate: {verdict.reason}; {verdict.left_to} will tell"
    if verdict.open_red:
        yield f"phasegate: left red for a later commit to turn green: {_some(verdict.open_red)}"
    if verdict.never_red and not verdict.waiver:
        yield f"phasegate: never seen red: {_some(verdict.never_red)}"


def _some(tests: Iterable[str]) -> str:
    return listed(list(tests), _SHOWN)
