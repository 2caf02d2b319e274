"""``phasegate verify RANGE``: red before green of every commit of a range, proved by replay."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate import wiring
from pytest_phasegate.core.settings import Mode, Policy
from pytest_phasegate.core.verdict import exit_code
from pytest_phasegate.reports.escaping import escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_phasegate.app.verify import Verification
    from pytest_phasegate.core.redgreen.verdict import CommitVerdict
    from pytest_phasegate.core.settings import Settings

FORMATS = ("text", "json", "github", "markdown", "sarif")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("range", metavar="RANGE", help="A..B, A...B (since their merge base), or one commit")
    parser.add_argument("--observe", action="store_true", help="say what would be refused, and exit 0")
    parser.add_argument("--jobs", "-j", type=_jobs, default=1, metavar="N", help="commits replayed at once, or auto")
    parser.add_argument("--shard", type=_shard, default=(1, 1), metavar="I/N", help="judge only this part of the range")
    parser.add_argument("--cases", action="store_true", help="list the cases of each test too (json)")
    parser.add_argument("--python", metavar="PYTHON", help="the project's interpreter")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="for one run of tests")
    parser.add_argument("--no-cache", action="store_true", help="run everything anew")
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")


def run(options: argparse.Namespace) -> int:
    """Judge the range and print the verdicts; 1 where one refuses, 4 where one could not be reached."""
    from datetime import UTC, datetime

    from pytest_phasegate.app.verify import Verifier, span_of
    from pytest_phasegate.reports.verify_formats import FORMATS as WRITERS

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    repository = wiring.repository(Path.cwd())
    span = span_of(repository, options.range)
    config = Path(options.config) if options.config else None
    settings = wiring.settings_at(repository, span.base, config, {"red_green.timeout": options.timeout})
    with wiring.benches(repository, settings, python=options.python, cached=not options.no_cache) as benches:
        verifier = Verifier(
            repository,
            settings,
            benches,
            today=datetime.now(UTC).date().isoformat(),
            jobs=options.jobs,
            on_commit=_progress(len(span.commits[options.shard[0] - 1 :: options.shard[1]]), options.quiet),
        )
        found = verifier.verify(span, options.shard)
    print(WRITERS[options.format](found, cases=options.cases))
    return _code(found, settings, observe=options.observe)


def _code(found: Verification, settings: Settings, *, observe: bool) -> int:
    """Return the exit code; who only observes is told what would have been refused."""
    code = exit_code(found.verdict.verdict)
    watching = observe or settings.mode is not Mode.ENFORCE or settings.red_green.policy is Policy.OBSERVE
    if code and watching:
        print("phasegate: only observing: this would have been refused", file=sys.stderr)
        return 0
    return code


def _progress(total: int, quiet: int) -> Callable[[CommitVerdict], None]:
    """Return what is called after each commit: on a terminal, a line that the next one replaces."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None
    done = 0

    def tell(verdict: CommitVerdict) -> None:
        nonlocal done
        done += 1
        end = "\n" if done == total else ""
        line = f"{done}/{total} {verdict.verdict} {verdict.sha[:12]} {escaped(verdict.subject)}"
        print(f"\r\x1b[K{line[:100]}", end=end, file=sys.stderr, flush=True)

    return tell


def _jobs(text: str) -> int:
    if text == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of jobs")
    return number


def _shard(text: str) -> tuple[int, int]:
    number, slash, total = text.partition("/")
    if slash and number.isdecimal() and total.isdecimal() and 1 <= int(number) <= int(total):
        return int(number), int(total)
    raise argparse.ArgumentTypeError(f"{text!r} is no shard: write 1/4, …, 4/4")
