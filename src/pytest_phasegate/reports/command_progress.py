"""How far a long command is: live on a terminal, a line each elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from textwrap import shorten
from threading import Event, Thread

from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.escaping import escaped, say

_SECONDS = 10.0
"""Between two lines of progress, where no terminal shows it."""
_TESTS = "tests"
_PARTS = {
    "red-green": "proving red before green",
    "suite": "running what fails now on the code before the phase",
    "commands": "running the configured commands",
    "criteria": "running the commands of the criteria",
}
"""What a check does for a need, where it takes a while."""
_SUBJECT = 40
"""Columns that a line of progress has for the subject of a commit."""
_AT_ONCE = 0.5
"""Seconds below which a commit took no run of tests, or one that was found."""


@dataclass(slots=True)
class Course:
    """What is said while a range is verified.

    Args:
        asked: The range.
        expected: Seconds that a replayed commit took last time; 0 where that is not known.
        jobs: How many are replayed at once.
    """

    asked: str
    expected: float
    jobs: int = 1
    commits: int = 0
    replays: int = 0
    rulings: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    reading: str = "reading the commits"
    begun: float = 0.0
    since: float = 0.0
    """When the last commit was judged."""
    running: dict[str, str] = field(default_factory=dict)
    """The commits that are being judged: their ids and what is said of each."""

    def read(self, number: int, commits: int) -> None:
        """Note that so many of all commits were read for what they change."""
        self.reading = f"reading the commits: {number:,} of {commits:,}"

    def start(self, commits: int, replays: int) -> None:
        """Begin with so many commits to judge, and so many of them to replay."""
        self.commits, self.replays, self.begun = commits, replays, time.monotonic()
        self.since = self.begun

    def begin(self, sha: str, subject: str) -> None:
        """Note that a commit is being judged now, or, without an id, what else goes on."""
        self.running[sha] = f"{sha[:12]} {shorten(subject, _SUBJECT, placeholder=' …')}" if sha else subject

    def add(self, verdict: CommitVerdict) -> None:
        """Take in one judged commit."""
        self.running.pop(verdict.sha, None)
        self.rulings.append(str(verdict.verdict))
        self.since = time.monotonic()
        if verdict.seconds >= _AT_ONCE:
            self.took.append(verdict.seconds)

    @property
    def pace(self) -> float:
        """The seconds that a replayed commit took on the average; 0 before the first."""
        return sum(self.took) / len(self.took) if self.took else 0.0

    def first_line(self) -> str:
        """Return what is about to be done, and how long it took last time."""
        time_left = f"about {lasted(self._left())} by the last run here" if self.expected else "duration not known yet"
        return f"verify {self.asked}: {counted(self.commits, 'commit')}, {self.replays} to replay, {time_left}"

    def line(self) -> str:
        """Return how far it is."""
        if not self.begun:
            return self.reading
        refused = f"{self.rulings.count('failed')} failed, {self.rulings.count('inconclusive')} inconclusive"
        now = time.monotonic()
        left = self._left() - (now - self.since)
        said = f"{lasted(now - self.begun)}, about {lasted(left)} left" if left > 0 else lasted(now - self.begun)
        judging = next((f"; now {commit}" for commit in tuple(self.running.values())), "")
        return f"{len(self.rulings)} of {counted(self.commits, 'commit')} judged, {refused}; {said}{judging}"

    def _left(self) -> float:
        """Return the seconds to come when a commit was judged last, as if the replays were spread evenly."""
        share = 1 - len(self.rulings) / self.commits if self.commits else 0.0
        return (self.pace or self.expected) * self.replays * share / max(1, self.jobs)


@dataclass(slots=True)
class CheckCourse:
    """What is said while a phase is checked; ``suite``: whether the test run is the whole suite."""

    suite: bool
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each part took that is done."""
    _begun: dict[str, float] = field(default_factory=dict)

    def begin(self, part: str) -> None:
        """Note that something goes on now."""
        self._begun[part] = time.monotonic()

    def end(self, part: str) -> None:
        """Note that it is done."""
        self.seconds[part] = time.monotonic() - self._begun.pop(part)

    @property
    def run(self) -> str:
        """What takes the time."""
        return f"running the {'suite' if self.suite else 'tests of the phase'}"

    def line(self) -> str:
        """Return what goes on."""
        now = time.monotonic()
        running = tuple(self._begun.items())
        names = {_TESTS: self.run, **_PARTS}
        told = (f"{names[part]}: {lasted(now - begun)}" for part, begun in running if part in names)
        return "; ".join(told) or "reading the history and the guide"


def shown(line: Callable[[], str], color: str, *, quiet: bool, first: str = "") -> AbstractContextManager[object]:
    """Show how far a command is until the work inside is done: on a terminal as it goes on, elsewhere in lines.

    Args:
        line: What is shown then.
        color: As ``--color`` says.
        quiet: Whether nothing is shown.
        first: What is said at once where no terminal shows the line.
    """
    from pytest_phasegate.reports.as_terminal import colourful  # a hook does without rich

    if quiet:
        return nullcontext()
    if colourful(color, sys.stderr) and sys.stderr.isatty():
        return _live(line)
    if first:
        say(first)
    return ticking(line, every=_SECONDS)


def _live(line: Callable[[], str]) -> AbstractContextManager[object]:
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    spinner = Spinner("line")

    def now() -> Spinner:
        spinner.text = Text(escaped(line()))
        return spinner

    return Live(get_renderable=now, console=Console(stderr=True), transient=True)


@contextmanager
def ticking(line: Callable[[], str], *, every: float, first: float = 0.0) -> Iterator[None]:
    """Say a line each time so many seconds have passed, until the work inside is done.

    Args:
        line: What is said then.
        every: Seconds between two lines.
        first: Seconds before the first one, if that is another time.
    """
    done = Event()

    def tick() -> None:
        wait = first or every
        while not done.wait(wait):
            say(line())
            wait = every

    clock = Thread(target=tick, daemon=True)
    clock.start()
    try:
        yield
    finally:
        done.set()
        clock.join()


def lasted(seconds: float) -> str:
    """Return a time as people say it: "8 s", "2 min 5 s", "1 h 3 min"."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes >= 60:  # noqa: PLR2004 - minutes of an hour
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min{f' {rest} s' * bool(rest)}" if minutes else f"{rest} s"
