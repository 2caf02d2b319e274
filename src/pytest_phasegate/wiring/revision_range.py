"""Which commits are meant: by name, by the CI service, or by git; and what the tests say of the end of a range."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pytest_phasegate.adapters.baseline_file import at_revision
from pytest_phasegate.adapters.redgreen.bench import Benches
from pytest_phasegate.app.commit.revision_range import Span, explicit, proposed, since, uncommitted
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.regression.suite import against, compared_at_end, suite_run
from pytest_phasegate.core.commit.revision_range import Review, default_branches, in_ci, review_of
from pytest_phasegate.core.evidence.outcomes import function_of
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.project.paths import ChangeKind, inside
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.regression.baseline import PATH, let_go
from pytest_phasegate.core.regression.comparison import Compared
from pytest_phasegate.core.regression.suite import SuiteFacts
from pytest_phasegate.core.verdict.verdict import AMONG_OTHERS, Finding, Severity, counted, listed
from pytest_phasegate.wiring import projects, records


def meant(repository: Repository, revisions: str = "", *, base: str = "", place: str = "") -> Span:
    """Return the commits to judge; without a word of them, what is under review.

    Args:
        repository: The history.
        revisions: A range, or one commit.
        base: The revision whose lack is meant.
        place: ``staged`` or ``worktree``: what lies there, as the commit it would be.

    Raises:
        RepositoryError: They cannot be known, are not in this clone, or in CI there are none.
    """
    if place:
        return uncommitted(repository, place)
    ci = in_ci(os.environ)
    if revisions:
        return explicit(repository, revisions, ci=ci)
    if base:
        return since(repository, base)
    event = _event()
    return proposed(repository, review_of(os.environ, event), defaults=default_branches(os.environ, event), ci=ci)


def review() -> Review | None:
    """Return what the CI service around this process has under review, if there is one and it says so."""
    return review_of(os.environ, _event())


def _event() -> dict[str, Any] | None:
    """Return what the service says of its event; where that cannot be read, nothing."""
    try:
        found = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def pushed_at_end(
    root: Path, repository: Repository, rules: Settings, span: Span, places: Benches, *, refused: bool
) -> tuple[Compared | None, SuiteFacts | None]:
    """Hold the accepted tests against the last commit of a range, and its whole suite against its beginning.

    One run answers for both. ``None`` where nothing is accepted there, and where nobody asks for the suite, or
    something refuses already.

    Raises:
        BaselineError: The baseline of that commit cannot be read.
        RepositoryError: A tree cannot be written.
    """
    if not span.commits:
        return None, None
    base, tip, reader = span.base or repository.empty_tree(), span.commits[-1], ChangeReader(repository, rules)
    prefix = projects.inside_of(root, repository)
    accepted = at_revision(repository, tip.sha, prefix)
    change = reader.between(base, tip.tree)
    wanted = rules.suite and span.base is not None and not refused and _may_lose_a_test(change)
    if not accepted and not wanted:
        return None, None
    replayer = places.replayer()
    suite = replayer.standing(change, None) if wanted else None
    compared = None
    if accepted:
        waivers = records.waived_tests(rules, (entry.test for entry in accepted))
        whole = suite if suite and not suite.trouble and suite.aborted is None else None
        compared = compared_at_end(change, prefix, accepted, replayer, waivers, suite=whole)
        refused = bool(compared.broken or compared.incomplete)
    if suite is None or refused:
        return compared, None
    run = suite_run(suite, prefix, {entry.test for entry in accepted})
    waived = records.waived_tests(rules, (function_of(case) for case in run.red))

    def before(revision: str, files: tuple[str, ...] | None, attempt: int) -> ProbedRun:
        return replayer.once(reader.between(revision, revision), files, attempt)

    return compared, against(run, (base,), prefix, before, waived=waived)


def accepted_no_more(root: Path, repository: Repository, span: Span) -> tuple[Finding, ...]:
    """Return a word about the accepted tests whose lines a range takes out of the baseline: it refuses nothing.

    Raises:
        BaselineError: The baseline of an end cannot be read.
    """
    prefix, ends = projects.inside_of(root, repository), (span.base, span.commits[-1].tree if span.commits else "")
    before, after = (at_revision(repository, end, prefix) if end else () for end in ends)
    gone = let_go(before, after) if span.commits else ()
    if not gone:
        return ()
    message = f"{counted(len(gone), 'accepted test')} left the baseline: {listed(gone, _SOME, AMONG_OTHERS)}"
    return (Finding("PG402", Severity.WARNING, message, PATH),)


_SOME = 3


def _may_lose_a_test(change: ReadChange) -> bool:
    """Whether a range touches code (what lies beside it included), tests, or what configures them."""
    changes, roots = change.changes, [root for root in change.layout.source if root]
    beside = (path for path in changes.others for root in roots if inside(path, root))
    return changes.kind is not ChangeKind.NEITHER or bool(changes.configuration) or any(beside)
