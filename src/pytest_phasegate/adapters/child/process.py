"""Watch over one process in a group of its own, for a limited time, and leave nothing of it behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.child.environment import MARK
from pytest_phasegate.app.ports.runner import RunOrder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_phasegate.adapters.child.warm_process import Forked


_PROCESSES = Path("/proc")


def kill_group(leader: int) -> None:
    """Kill a process and the group that it leads; it must not be reaped yet, so that the id is still its own."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(leader, signal.SIGKILL)


def kill_leftovers(mark: str, keep: int = 0) -> None:
    """Kill the processes that carry a mark, but one: daemons that left the group. Only Linux shows environments."""
    needle = f"{MARK}={mark}".encode()
    for entry in _PROCESSES.iterdir() if _PROCESSES.is_dir() else ():
        if entry.name.isdecimal() and int(entry.name) != keep and _carries(entry, needle):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(entry.name), signal.SIGKILL)


def _carries(process: Path, needle: bytes) -> bool:
    try:
        return needle in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


_TICK = 0.25


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit code (negative: the signal), or that its time was up.

    ``idle`` are the seconds without a sign of life before its time was up: a suite that is only long has few of them.
    """

    exit_code: int
    timed_out: bool
    seconds: float
    idle: float = 0.0


def run_limited(
    process: Spawned | Forked, order: RunOrder, *, mark: str, watched: Path, stop: Event, keep: int = 0
) -> Ended:
    """Wait until a process ends or its time is up; then kill its whole group and what left the group.

    Args:
        process: What runs; it leads a group, and until it is reaped, its id is nobody else's.
        order: It says how long to wait, and how long without that the watched file grows.
        mark: The value of ``_PHASEGATE_STEP`` in the environment of all that belongs to it.
        watched: File whose growth is the sign of life.
        stop: Set when the process shall end at once.
        keep: A process that carries the mark and goes on.
    """
    begun = time.monotonic()
    try:
        idle = waited(process, order, watched, stop)
    finally:
        kill_group(process.pid)
        exit_code = process.reaped()
        kill_leftovers(mark, keep)
    return Ended(exit_code, idle is not None, time.monotonic() - begun, idle or 0.0)


def waited(
    process: Spawned | Forked,
    order: RunOrder,
    watched: Path,
    stop: Event,
    clock: Callable[[], float] = time.monotonic,
) -> float | None:
    """Wait for the end; return ``None`` if it came in time, else for how long there was no sign of life."""
    now = clock()
    deadline, last, size, grew = now + order.timeout, now + order.longest, -1, now
    while not process.ended(_TICK):
        now = clock()
        current = _size(watched)
        size, grew = (current, now) if current != size else (size, grew)
        stalled = order.stall is not None and size > 0 and now - grew > order.stall
        if stop.is_set():
            return 0.0  # whoever ends it knows nothing of a test that hangs
        if stalled or now > max(deadline, last) or (now > deadline and now - grew >= order.hanging):
            return now - grew
        if now > deadline:
            deadline = min(deadline + order.timeout, last)
    return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class Spawned:
    """One process, waited for without polling where the system can.

    Args:
        argv: Program and arguments.
        cwd: Directory to start in.
        environment: Its whole environment.
        console: File that takes standard output and error; nothing reads outcomes from it.
        descriptors: Of ours that it inherits, besides its standard ones.
    """

    def __init__(
        self,
        argv: Sequence[str],
        cwd: str,
        environment: Mapping[str, str],
        console: Path,
        descriptors: Sequence[int] = (),
    ) -> None:
        with console.open("wb") as stream:
            self._process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=descriptors,
            )
        self.pid = self._process.pid
        self._descriptor = self._opened()

    def ended(self, seconds: float) -> bool:
        """Wait at most so long; return whether the process has ended (it is not reaped)."""
        if self._descriptor >= 0:
            return bool(select.select([self._descriptor], [], [], seconds)[0])
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.returncode is not None

    def reaped(self) -> int:
        """Wait for the end and return the exit code, of a process that was killed the signal, negative."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        return self._process.wait()

    def _opened(self) -> int:
        opener = getattr(os, "pidfd_open", None)
        with suppress(OSError):
            return opener(self.pid) if opener is not None else -1
        return -1
