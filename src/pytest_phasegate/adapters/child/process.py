"""Watch over one process in a group of its own, for a limited time, and leave nothing of it behind.

A process is spawned, or forked by a warm one that has imported pytest.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import NamedTuple, Self

from pytest_phasegate.adapters.child.step import MARK
from pytest_phasegate.app.ports.evidence import RunOrder

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


class Ended(NamedTuple):
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
    process: Spawned | Forked, order: RunOrder, watched: Path, stop: Event, clock: Callable[[], float] = time.monotonic
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


WARM = "phasegate_warm"
_VERSION = 1
_READY = 60.0  # seconds for the import of pytest
_ANSWER = 30.0  # seconds for an answer to an order, and to a death


class WarmProcess:
    """One such process. It ends when it is closed or when we end, whatever ends us; a run that goes on ends with it.

    Args:
        process: What was started.
        orders: The descriptor that it reads from, our end.
        replies: The descriptor that it writes to, our end.
    """

    def __init__(self, process: Spawned, orders: int, replies: int) -> None:
        self._process = process
        self._orders = orders
        self._replies = replies
        self._unread = b""
        self.pid = process.pid
        self.gone = False

    @classmethod
    def started(
        cls, argv: Sequence[str], cwd: str, environment: Mapping[str, str], console: Path, stop: Event
    ) -> Self | None:
        """Start one; return nothing where there is none to be had: not on Linux, no pytest, no proper answer."""
        if sys.platform != "linux":
            return None
        their_orders, orders = os.pipe()
        replies, their_replies = os.pipe()
        words = [*argv, "-m", WARM, str(their_orders), str(their_replies)]
        try:
            process = Spawned(words, cwd, environment, console, descriptors=(their_orders, their_replies))
        except OSError:
            os.close(orders)
            os.close(replies)
            return None
        finally:
            os.close(their_orders)
            os.close(their_replies)
        warm = cls(process, orders, replies)
        if warm.reply(_READY, stop) == {"ready": _VERSION}:
            return warm
        warm.close()
        return None

    def forked(self, settings: Path, console: Path, searched: Sequence[str]) -> Forked | None:
        """Begin a run; return nothing where it must have a process of its own."""
        order = {"settings": str(settings), "console": str(console), "searched": list(searched)}
        with suppress(OSError):
            os.write(self._orders, (json.dumps(order) + "\n").encode("ascii"))
            reply = self.reply(_ANSWER)
            if "pid" in reply:
                return Forked(self, reply["pid"])
            if "refused" in reply:
                return None
        self.gone = True
        return None

    def reply(self, seconds: float, stop: Event | None = None) -> dict[str, int]:
        """Return its next reply, an empty one if none comes in time; where none can come any more, it is ``gone``."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._unread and not self.gone:
            left = deadline - time.monotonic()
            if left <= 0 or (stop is not None and stop.is_set()):
                return {}
            if select.select([self._replies], [], [], min(left, _TICK))[0]:
                data = os.read(self._replies, 65536)
                self.gone = not data
                self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        try:
            return dict(json.loads(line))
        except (ValueError, TypeError):
            self.gone = True
            return {}

    def close(self) -> None:
        """End it: it does so by itself when its orders end, and is killed if not."""
        os.close(self._orders)
        if not self._process.ended(_ANSWER):
            kill_group(self.pid)
        self._process.reaped()
        os.close(self._replies)


class Forked:
    """A run that the warm process forked."""

    def __init__(self, warm: WarmProcess, pid: int) -> None:
        self.pid = pid
        self._warm = warm
        self._exit_code: int | None = None

    def ended(self, seconds: float) -> bool:
        """Wait at most so long; return whether the run has ended, or nobody can tell any more."""
        if self._exit_code is None:
            self._exit_code = self._warm.reply(seconds).get("ended")
        return self._exit_code is not None or self._warm.gone

    def reaped(self) -> int:
        """Wait for the end of the run that was killed and return its exit code; the next order reaps it."""
        if not self.ended(_ANSWER):
            self._warm.gone = True
        return self._exit_code or 0
