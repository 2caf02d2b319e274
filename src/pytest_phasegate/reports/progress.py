"""Telling how far a long command is: live on a terminal, a line each elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from pytest_phasegate.reports.escaping import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def telling(what: str, *, quiet: bool, live: bool) -> Iterator[Callable[[str], None]]:
    """Give a function to call, from any thread, with the name of each part that is done; all of it on stderr."""
    if quiet:
        yield lambda _: None
    elif live:
        yield from _live(what)
    else:
        lock = Lock()

        def told(part: str) -> None:
            with lock:
                print(f"{escaped(what)}: {escaped(part)} done", file=sys.stderr, flush=True)

        yield told


@contextmanager
def ticking(line: Callable[[], str], *, every: float, first: float = 0.0) -> Iterator[None]:
    """Say a line on stderr each time so many seconds have passed, until the work inside is done.

    Args:
        line: What is said then.
        every: Seconds between two lines.
        first: Seconds before the first one, if that is another time.
    """
    done = Event()

    def tick() -> None:
        wait = first or every
        while not done.wait(wait):
            print(escaped(line()), file=sys.stderr, flush=True)
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


def _live(what: str) -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.text import Text

    done: list[str] = []
    lock = Lock()
    with Console(stderr=True).status(Text(escaped(what))) as status:

        def told(part: str) -> None:
            with lock:
                done.append(part)
                status.update(Text(escaped(f"{what}: {', '.join(done)} done")))

        yield told
