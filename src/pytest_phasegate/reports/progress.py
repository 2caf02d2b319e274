"""Telling how far a long command is: live on a terminal, a line each elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from pytest_phasegate.reports.escaping import escaped

if TYPE_CHECKING:
    from rich.progress import TaskID

    from pytest_phasegate.reports.course import CheckCourse

Told = Callable[[str], None]

_SECOND = 1.0


def say(line: str) -> None:
    """Print a line on stderr at once."""
    print(escaped(line), file=sys.stderr, flush=True)


@contextmanager
def live(line: Callable[[], str]) -> Iterator[None]:
    """Show a line on the terminal, as it is each second, until the work inside is done."""
    from rich.console import Console
    from rich.text import Text

    with (
        Console(stderr=True).status(Text(escaped(line())), spinner="line") as status,
        ticking(line, every=_SECOND, told=lambda now: status.update(Text(escaped(now)))),
    ):
        yield


@contextmanager
def live_parts(course: CheckCourse) -> Iterator[tuple[Told, Told]]:
    """Show on the terminal what goes on and for how long; give what is called when a part begins, and when it ends."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn("line"), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def begin(part: str) -> None:
            course.begin(part)
            tasks[part] = progress.add_task(escaped(part), total=None)

        def end(part: str) -> None:
            course.end(part)
            progress.update(tasks[part], completed=1, total=1)

        def count(_: str) -> None:
            done, total = course.counts()
            if total and not course.took:
                progress.update(tasks["tests"], description=f"tests: {done:,} of {total:,}")

        with ticking(str, every=_SECOND, told=count):
            yield begin, end


@contextmanager
def ticking(
    line: Callable[[], str], *, every: float, first: float = 0.0, told: Callable[[str], None] = say
) -> Iterator[None]:
    """Say a line each time so many seconds have passed, until the work inside is done.

    Args:
        line: What is said then.
        every: Seconds between two lines.
        first: Seconds before the first one, if that is another time.
        told: Says it; without it, on stderr.
    """
    done = Event()

    def tick() -> None:
        wait = first or every
        while not done.wait(wait):
            told(line())
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
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
