"""What is known of a phase's commits, and what is wrong with their messages: subject, phase, issue, branch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pytest_phasegate.core.commit import conventional
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.paths import Layout, Side
from pytest_phasegate.core.project.settings import CommitSettings
from pytest_phasegate.core.verdict.gate import Fact, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity


@dataclass(frozen=True, slots=True)
class Committed(Fact):
    """The messages to judge, oldest first; ``branch`` is ``None`` when HEAD is detached or no commit is at hand.

    ``unnamed`` is the last of the phase's commits, where none of them says whose it is.
    """

    need = Need.MESSAGE
    messages: tuple[Commit, ...] = ()
    branch: str | None = None
    unnamed: Commit | None = None


@dataclass(frozen=True, slots=True)
class ChangedPaths(Fact):
    """The paths that a change creates, modifies or deletes; ``what`` names the change in a sentence's middle.

    ``absent`` are the files the phase is to create that neither are there nor came with the change; ``None`` where
    nobody looked. ``left`` are those it is to delete that are there still, ``hidden`` its code and tests that git
    ignores.
    """

    need = Need.CHANGE
    what: str
    paths: tuple[str, ...]
    layout: Layout
    absent: tuple[str, ...] | None = None
    left: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    further: tuple[str, ...] = ()  # what the other commits of the phase touch
    declared: tuple[str, ...] = ()  # what any phase of any guide declares, and the guides; known where ``further`` is

    @property
    def production(self) -> tuple[str, ...]:
        """The touched paths of the production side."""
        return tuple(path for path in self.paths if self.layout.side(path) is Side.PRODUCTION)


PHASE_TRAILER = "Phase"


def message_findings(
    message: Commit,
    guides: Iterable[Guide],
    settings: CommitSettings,
    *,
    in_range: bool = False,
    may_be: Callable[[Guide, Phase], bool] = lambda _guide, _phase: True,
) -> Iterator[Finding]:
    """Yield what is wrong with one message.

    Args:
        message: A merge that really joins parents is not judged at all.
        guides: All guides of the project.
        settings: What the project asks of its commits.
        in_range: Whether the commit already stands: then the subjects that git writes are no longer exempt.
        may_be: Whether the commit may be the one of a phase whose subject it nearly has.
    """
    if message.is_merge or (not in_range and conventional.made_by_git(message.subject)):
        return
    yield from _subject_findings(message, settings)
    known = tuple(guides)
    yield from _phase_findings(message, known, may_be)
    yield from _other_issue(message, known)
    if settings.issue and not conventional.names_issue(message.subject, message.trailers):
        yield _error(
            "PG513", f"{_named(message)} names no issue", "add a trailer `Issue: #12`, or `(#12)` at the subject's end"
        )


def findings_of(
    message: Commit,
    branch: str | None,
    guides: Iterable[Guide],
    settings: CommitSettings,
    may_be: Callable[[Guide, Phase], bool] = lambda _guide, _phase: True,
) -> Iterator[Finding]:
    """Yield what is wrong with the message of a commit that is being made, and with the branch it is made on."""
    known = tuple(guides)
    yield from branch_findings(branch, settings)
    yield from message_findings(message, known, settings, may_be=may_be)
    yield from issue_findings(message, branch, settings)
    yield from guide_issue_findings(message, branch, known)


def branch_findings(branch: str | None, settings: CommitSettings) -> Iterator[Finding]:
    """Yield the finding that a branch's name does not match; a detached HEAD has none."""
    if branch and settings.branch and not re.search(settings.branch, branch):
        told = f"the branch {branch!r} does not match {settings.branch!r}"
        yield _error("PG514", told, "rename it: git branch -m NEW-NAME")


def issue_findings(message: Commit, branch: str | None, settings: CommitSettings) -> Iterator[Finding]:
    """Yield the finding that the branch is about another issue than the message, where the project asks for issues."""
    meant = conventional.issue_of_branch(branch or "") if settings.issue else ""
    named = conventional.named_issues(message.subject, message.trailers)
    if meant and named and meant not in named:
        told = f"the branch {branch!r} is about issue {meant}, and the message names {', '.join(named)}"
        yield _error("PG518", told, f"name the branch's issue, `Issue: #{meant}`, or commit on a branch of its own")


def guide_issue_findings(message: Commit, branch: str | None, guides: Iterable[Guide]) -> Iterator[Finding]:
    """Yield the finding that a phase is committed on a branch that is about another issue than its guide."""
    meant = conventional.issue_of_branch(branch or "")
    for guide, phase in phases_of(message, guides):
        if guide.issue and meant and meant != guide.issue:
            told = f"{_about(guide, phase)}, and the branch {branch!r} about {meant}"
            yield _error("PG518", told, "commit on a branch of its own")


def _other_issue(message: Commit, guides: Iterable[Guide]) -> Iterator[Finding]:
    """Yield the finding that a phase's commit names another issue than its guide."""
    named = conventional.named_issues("", message.trailers)
    for guide, phase in phases_of(message, guides) if named else ():
        if guide.issue and guide.issue not in named:
            told = f"{_about(guide, phase)}, and the message names {', '.join(named)}"
            yield _error("PG518", told, f"write `Issue: {'#' if guide.issue.isdecimal() else ''}{guide.issue}`")


def _about(guide: Guide, phase: Phase) -> str:
    return f"phase {phase.id} of {guide.path} is about issue {guide.issue}"


def phases_of(message: Commit, guides: Iterable[Guide]) -> tuple[tuple[Guide, Phase], ...]:
    """Return the phases that a message finishes: by its trailers, else by a declared subject that is the same."""
    known = tuple(guides)
    by_trailer = [found for value in message.values(PHASE_TRAILER) for found in [phase_named(value, known)] if found]
    return tuple(by_trailer) or tuple(pair for pair in _declaring(known) if _is_declared(message.subject, pair[1]))


def phase_named(value: str, guides: Iterable[Guide]) -> tuple[Guide, Phase] | None:
    """Return the phase that a trailer's value (``slug/N``; ``N`` where one guide alone has it) names, if any."""
    slug, slash, phase_id = value.strip().rpartition("/")
    named = ((guide, guide.phase(phase_id)) for guide in guides if not slash or guide.slug == slug)
    found = [(guide, phase) for guide, phase in named if phase]
    return found[0] if len(found) == 1 else None


def _subject_findings(message: Commit, settings: CommitSettings) -> Iterator[Finding]:
    if conventional.to_be_squashed(message.subject):
        yield _error("PG516", f"{_named(message)} waits to be squashed", "git rebase -i --autosquash BASE")
        return
    fault = conventional.fault(message.subject, settings.types) if settings.conventional else ""
    if fault:
        yield _error("PG511", f"{_named(message)} is not conventional: {fault}", "write `type(scope): description`")


def _phase_findings(
    message: Commit, guides: tuple[Guide, ...], may_be: Callable[[Guide, Phase], bool]
) -> Iterator[Finding]:
    named = message.values(PHASE_TRAILER)
    if len(set(named)) > 1:
        yield _error("PG515", f"{_named(message)} claims several phases: {', '.join(named)}", "one commit, one phase")
        return
    for value in named[:1]:
        pair = phase_named(value, guides)
        if pair is None:
            yield _unknown_phase(message, value, guides)
        elif pair[1].commit and not _is_declared(message.subject, pair[1]):
            yield _not_declared(message, *pair)
    if not named:
        yield from _near_misses(message, guides, may_be)


def _near_misses(
    message: Commit, guides: tuple[Guide, ...], may_be: Callable[[Guide, Phase], bool]
) -> Iterator[Finding]:
    declaring = list(_declaring(guides))
    if any(_is_declared(message.subject, phase) for _, phase in declaring):
        return
    subject = conventional.without_issue(message.subject)
    near = (pair for pair in declaring if conventional.resembles(subject, pair[1].commit or "") and may_be(*pair))
    yield from (_not_declared(message, *pair) for pair in islice(near, 1))


def _is_declared(subject: str, phase: Phase) -> bool:
    """Whether a subject is the one that a phase declares; an issue or pull request at its end makes no other."""
    return phase.commit is not None and phase.commit in {subject, conventional.without_issue(subject)}


def _declaring(guides: Iterable[Guide]) -> Iterator[tuple[Guide, Phase]]:
    return ((guide, phase) for guide in guides for phase in guide.phases if phase.commit)


def _not_declared(message: Commit, guide: Guide, phase: Phase) -> Finding:
    told = "; ".join(conventional.differences(conventional.without_issue(message.subject), phase.commit or ""))
    return Finding(
        "PG512",
        Severity.ERROR,
        f"{_named(message)} is not what phase {phase.id} declares: {told}",
        guide.path,
        phase.line,
        f"use the declared subject: {phase.commit}",
    )


def _unknown_phase(message: Commit, value: str, guides: tuple[Guide, ...]) -> Finding:
    known = [f"{guide.slug}/{phase.id}" for guide in guides for phase in guide.phases]
    told = f"{_named(message)} has the trailer Phase: {value}, which names no phase"
    return _error("PG517", told, f"the phases are: {', '.join(known[:12]) or 'none'}")


def _named(message: Commit) -> str:
    return f"commit {message.sha[:10]} {message.subject!r}" if message.sha else f"the subject {message.subject!r}"


def _error(code: str, text: str, fix: str) -> Finding:
    return Finding(code, Severity.ERROR, text, fix=fix)
