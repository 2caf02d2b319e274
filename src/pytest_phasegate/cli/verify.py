"""``phasegate verify RANGE``: red before green of every commit of a range, proved by replay."""

from __future__ import annotations

import argparse
import os
import signal
from contextlib import suppress
from pathlib import Path

from pytest_phasegate.adapters.redgreen.bench import Benches
from pytest_phasegate.adapters.redgreen.run_cache import kept_values
from pytest_phasegate.app.commit.phase_commits import judged_messages
from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.verification import Verification, not_judged
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.cli.output import answer, declare_formats
from pytest_phasegate.core.mapping.shards import WHOLE, read_shard
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.redgreen.ranges import with_findings
from pytest_phasegate.core.verdict.verdict import exit_code
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.as_json import messages_json, verification_json
from pytest_phasegate.reports.as_terminal import colourful, messages, verified
from pytest_phasegate.reports.command_progress import Course, shown
from pytest_phasegate.reports.escaping import json_text, say
from pytest_phasegate.reports.findings import of_messages, of_verification
from pytest_phasegate.wiring import projects, readers, redgreen, revision_range, status
from pytest_phasegate.wiring.projects import Project
from pytest_phasegate.wiring.revision_range import meant

_PACE = "pace-of-verify"
"""The key by which the seconds that a replayed commit took are kept for the next first line."""
_LAST = "range-of-verify"
"""The key by which the base of the last range is kept for ``--since-last``."""
_INTERRUPT, _INTERRUPTED = "Ctrl-C", 130


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "range", metavar="RANGE", nargs="*",
        help="A..B, A...B (since their merge base), or one commit alone; without it, what is under review",
    )  # fmt: skip
    parser.add_argument("--base", metavar="REV", help="judge the commits that REV lacks")
    parser.add_argument("--since-last", action="store_true", help="go on from where the last verify here began")
    parser.add_argument("--staged", action="store_true", help="judge what is staged, as the commit it would be")
    parser.add_argument("--worktree", action="store_true", help="judge all that lies in the work tree, likewise")
    parser.add_argument("--only-if-label", metavar="LABEL", help="judge nothing where the pull request lacks the label")
    parser.add_argument("--observe", action="store_true", help="say what would be refused, and exit 0")
    parser.add_argument("--messages", action="store_true", help="judge the messages of the commits, and run nothing")
    parser.add_argument("--jobs", "-j", type=_jobs, default=1, metavar="N", help="commits replayed at once, or auto")
    parser.add_argument("--shard", type=read_shard, default=WHOLE, metavar="I/N", help="judge a part of the range")
    parser.add_argument("--cases", action="store_true", help="list the cases of each test too (json)")
    parser.add_argument("--python", metavar="PYTHON", help="the project's interpreter")
    parser.add_argument("--max-seconds", type=_seconds, metavar="N", help="stop then, and say what was judged")
    parser.add_argument("--no-cache", action="store_true", help="run everything anew")
    declare_formats(parser)


def run(options: argparse.Namespace) -> int:
    """Judge the range and print the verdicts; 1 where one refuses, 4 where one could not be reached."""
    _end_in_order()
    _refuse_two_ranges(options)
    if options.only_if_label and _lacks_label(options.only_if_label):
        told = f"the pull request does not have the label {options.only_if_label}, so it is not judged"
        _tell(not_judged(told), options, observing=False)
        say(f"phasegate: {told}")
        return 0
    repository = projects.repository(Path.cwd())
    base = _base_of_last(repository) if options.since_last else options.base or ""
    place = "staged" if options.staged else "worktree" if options.worktree else ""
    asked = "".join(options.range)
    span = meant(repository, asked, base=base, place=place)
    if span.base and not place:
        kept_values(repository).put(_LAST, {"base": repository.resolve(span.base)})
    if not options.quiet:
        _say_what_is_meant(repository, asked, span)
    settings = projects.settings_at(repository, span.base, options.config)
    if options.messages:
        return _messages(repository, span, settings, options)
    found = verification(repository, settings, span, options)
    observing = options.observe or settings.observes_reds
    _tell(found, options, observing=observing)
    if found.ended_by == _INTERRUPT:
        return _INTERRUPTED
    return _code(found, observing=observing)


def verification(repository: Repository, settings: Settings, span: Span, options: argparse.Namespace) -> Verification:
    """Return the answer for a range.

    Of several commits it is asked, too, whether a reviewer waits for an answer; one alone may be that answer.
    """
    with redgreen.benches(repository, settings, python=options.python, cached=not options.no_cache) as benches:
        found = _verified(repository, settings, span, options, benches)
    root = projects.root(Path.cwd())
    waiting = status.unanswered_at_end(root, repository, span) if ".." in span.asked else ()
    let_go = revision_range.accepted_no_more(root, repository, span)
    return found._replace(verdict=with_findings(found.verdict, (*waiting, *let_go)))


def _tell(found: Verification, options: argparse.Namespace, *, observing: bool) -> None:
    """Print the answer, and write it to each file that was asked for."""
    judged = of_verification(found)
    own = {
        "text": lambda: verified(judged, colour=colourful(options.color)),
        "json": lambda: json_text(verification_json(found, cases=options.cases)),
    }
    answer(judged, options, own, observing=observing)


def _base_of_last(repository: Repository) -> str:
    """Return where the range of the last verify began: what was judged of it is found again, and not run again.

    Raises:
        PhasegateError: None is known here.
    """
    base = kept_values(repository).get(_LAST, lambda value: str(value["base"])[:12])
    if base and repository.resolve(base):
        return base
    raise PhasegateError("no earlier verify is known here", hint="phasegate verify A..B, or without a range")


def _end_in_order() -> None:
    """Let a request to end, and the end of the time that was given, come as an interrupt that says what it is."""

    def end(number: int, _: object) -> None:
        raise KeyboardInterrupt("--max-seconds" if number == signal.SIGALRM else "SIGTERM")

    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, end)


def _messages(repository: Repository, span: Span, settings: Settings, options: argparse.Namespace) -> int:
    """Judge the messages of the range by the rules of its base and the guides as they stand."""
    here = Project.around(Path.cwd())
    around = status.surroundings(here, readers.guides(here))
    judged = judged_messages(repository, span, around, here.inside, settings.commit)
    told, observing = of_messages(span.asked, judged), options.observe or settings.observes
    own = {
        "text": lambda: messages(told, colour=colourful(options.color)),
        "json": lambda: json_text(messages_json(span.asked, judged)),
    }
    answer(told, options, own, observing=observing)
    return 0 if observing else exit_code(told.ruling)


def _refuse_two_ranges(options: argparse.Namespace) -> None:
    """See that the words name commits in one way.

    Raises:
        PhasegateError: They say two things, or two revisions are given, as other programs take them.
    """
    given = ("a range", options.range), ("--base", options.base), ("--staged", options.staged)
    more = ("--worktree", options.worktree), ("--since-last", options.since_last)
    said = [name for name, value in (*given, *more) if value]
    if len(said) > 1:
        raise PhasegateError(f"{' and '.join(said)} name different commits", hint="give one of them")
    if options.messages and (options.staged or options.worktree):
        raise PhasegateError(f"{said[0]} has no message yet", hint="--messages judges those of commits")
    if len(options.range) > 1:
        one, two = options.range[:2]
        hint = f"phasegate verify {one}..{two} judges the commits after {one} up to {two}"
        raise PhasegateError(f"verify takes one range, and {len(options.range)} words are given", hint=hint)


def _lacks_label(label: str) -> bool:
    """Whether the pull request is known to be without a label; where nothing tells of labels, it is judged."""
    found = revision_range.review()
    if found is None or found.labels is None:
        say(f"phasegate: nothing here tells of labels, so {label} is taken as given")
        return False
    return label not in found.labels


def _say_what_is_meant(repository: Repository, asked: str, span: Span) -> None:
    """Say what was chosen, or may be meant otherwise: a revision that is one commit."""
    if span.why:
        say(f"phasegate: judging {span.asked}: {span.why}")
    elif ".." not in asked and span.commits and span.commits[-1].sha != repository.head():
        say(f"phasegate: {asked} alone is one commit; the commits after it are {asked}..HEAD")


def _verified(
    repository: Repository, settings: Settings, span: Span, options: argparse.Namespace, benches: Benches
) -> Verification:
    pace = kept_values(repository)
    course = Course(span.asked, pace.get(_PACE, lambda value: float(value["seconds"])) or 0.0, options.jobs)

    def start(commits: int, replays: int) -> None:
        course.start(commits, replays)
        if replays and not options.quiet:
            found = benches.interpreter
            python = f"{found.executable} (Python {found.version}; {found.source})"
            say(f"phasegate: {course.first_line()}, with {python}")

    verifier = Verifier(
        repository, settings, benches, today=projects.today(), jobs=options.jobs,
        on_read=course.read, on_start=start, on_begin=course.begin, on_commit=course.add, to_the_end=settings.suite,
    )  # fmt: skip
    with shown(lambda: f"phasegate: {course.line()}", options.color, quiet=bool(options.quiet)):
        signal.setitimer(signal.ITIMER_REAL, options.max_seconds or 0.0)
        found = verifier.verify(span, (options.shard.index, options.shard.count))
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    if course.pace:
        pace.put(_PACE, {"seconds": course.pace})
    return found


def _code(found: Verification, *, observing: bool) -> int:
    """Return the exit code; who only observes is told what would have been refused."""
    code = exit_code(found.verdict.verdict)
    if code and observing:
        say("phasegate: observing only: this would have been refused")
        return 0
    return code


def _jobs(text: str) -> int:
    if text == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of jobs")
    return number


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
