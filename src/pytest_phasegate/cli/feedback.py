"""``phasegate feedback import|list|edit``: what reviewers said, and what became of each comment."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from pytest_phasegate.adapters.git.hooks import user_name
from pytest_phasegate.adapters.project.worktree import read_json
from pytest_phasegate.cli.output import answer_in
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.core.criteria.feedback import PATH, Comment, Feedback, Priority, fixing, merged, title_of
from pytest_phasegate.core.criteria.feedback_import import remarks
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.wiring import status

_HINT = "make one: gh pr view NUMBER --json comments,reviews > review.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "action",
        choices=("import", "list", "edit"),
        help="take in the comments of a file; show them; say more of one than it says itself",
    )
    parser.add_argument("target", nargs="?", metavar="FILE|N", help="import: the JSON, - for stdin; else a number")
    parser.add_argument("--open", action="store_true", help="list: only those that nothing answers")
    parser.add_argument("--priority", choices=tuple(Priority), help="edit: how much it matters")
    parser.add_argument("--close", action="store_true", help="edit: it needs no fix")
    parser.add_argument("--reopen", action="store_true", help="edit: it needs one after all")
    parser.add_argument("--reason", default="", metavar="TEXT", help="edit: why; stands in the file")
    parser.add_argument("--by", default="", metavar="NAME", help="edit: who says so; default: git's user.name")


def run(options: argparse.Namespace) -> int:
    """Do what is asked, and say what is open."""
    form, project = formatted(options, "text", "json"), opened(options)
    if options.action == "import":
        _import(project, options)
    elif options.action == "edit":
        _edit(project, options)
    number = _number(options) if options.action != "import" and options.target else None
    feedback = status.feedback(project)
    if number is not None:
        _one(feedback, number)
    shown = [one for one in (feedback.open if options.open else feedback.comments) if number in {None, one.number}]
    record = {"schema": "phasegate.feedback/1", "comments": [_record(one, feedback) for one in shown]}
    answer_in(form, record, (line for one in shown for line in _lines(one, feedback, whole=number is not None)))
    if form == "json":
        return 0
    say(feedback.told)
    if feedback.blocking:
        say(f"next: {fixing(feedback.blocking[0])}")
    return 0


def _import(project: Project, options: argparse.Namespace) -> None:
    if not options.target:
        raise PhasegateError("import wants the file of the comments", hint=_HINT)
    found = remarks(read_json(Path(options.target), options.target, hint=_HINT))
    repository = project.repository_if_any
    kept = status.comments(project)
    since = (repository.head() if repository else None) or ""
    after = merged(kept, found, since)
    if after != kept:
        status.write_comments(project.root, after)
    new = len(after) - len(kept)
    told = f"{len(found)} read, {new} new" + (f"; commit {PATH}" if after != kept else "; nothing changed")
    say(f"{'stdin' if options.target == '-' else options.target}: {told}")


def _edit(project: Project, options: argparse.Namespace) -> None:
    number, comments = _number(options), status.comments(project)
    one = _one(status.feedback(project), number)
    if not (options.priority or options.close or options.reopen) or (options.close and options.reopen):
        raise PhasegateError("nothing to edit", hint="give --priority P0|P1|P2, --close or --reopen")
    if not options.reason.strip():
        raise PhasegateError("an edit needs its reason", hint="add --reason TEXT: it stands beside the comment")
    by = options.by.strip() or user_name(project.root)
    edited = one._replace(by=by)
    if options.priority:
        edited = edited._replace(priority=Priority(options.priority), why=options.reason)
    if options.close or options.reopen:
        edited = edited._replace(closed=f"{by}: {options.reason}" if options.close else "")
    status.write_comments(project.root, [edited if each.number == number else each for each in comments])


def _number(options: argparse.Namespace) -> int:
    if not (options.target or "").isdecimal():
        raise PhasegateError(f"no number of a comment: {options.target!r}", hint="phasegate feedback list shows them")
    return int(options.target)


def _one(feedback: Feedback, number: int) -> Comment:
    found = next((one for one in feedback.comments if one.number == number), None)
    if found is None:
        raise PhasegateError(f"no comment has the number {number}", hint="phasegate feedback list shows them")
    return found


def _record(one: Comment, feedback: Feedback) -> dict[str, object]:
    state, commits = feedback.state(one), list(feedback.fixes.get(one.number, ()))
    return {**one._asdict(), "title": title_of(one.text), "state": state, "commits": commits}


def _lines(one: Comment, feedback: Feedback, *, whole: bool) -> Iterator[str]:
    place = f"{one.place}: " if one.place else ""
    said = f"{place}{title_of(one.text)}" + (f"  ({one.author})" if one.author else "")
    yield f"{one.number:>4}. {one.priority} {feedback.state(one):<6} {said}"
    fixes = feedback.fixes.get(one.number, ())
    if one.closed:
        yield f"      {one.closed}"
    elif fixes:
        not_there = f", which touches other files than {one.path}" if one.number in feedback.elsewhere else ""
        yield f"      fixed by {', '.join(sha[:10] for sha in fixes)}{not_there}"
    if whole:
        yield f"      {one.by}: {one.why}" if one.by else f"      {one.priority} since it says: {one.why}"
        yield from (f"      | {line}" for line in one.text.split("\n"))
        yield from ([f"      {one.url}"] if one.url else [])
