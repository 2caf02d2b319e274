"""Run one process in a group of its own, for a limited time, and leave nothing of it behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.child.environment import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event
    from typing import Self

_TICK = 0.25
_PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit code (negative: the signal), or that its time was up.

    ``idle`` are the seconds without a sign of life before its time was up: a suite that is only long has few of them.
    """

    exit_code: int
    timed_out: bool
    seconds: float
    idle: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for the whole process, and seconds in which the watched file must grow, once it has begun."""

    whole: float
    stall: float | None = None


def run_limited(
    argv: Sequence[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    console: Path,
    watched: Path,
    limits: Limits,
    stop: Event,
) -> Ended:
    """Run a process until it ends or its time is up; then kill its whole group and what left the group.

    Args:
        argv: Program and arguments.
        cwd: Directory to start in.
        environment: The whole environment; ``_PHASEGATE_STEP`` in it marks the processes that belong to this run.
        console: File that takes standard output and error; nothing reads outcomes from it.
        watched: File whose growth is the sign of life.
        limits: How long to wait.
        stop: Set when the process shall end at once.
    """
    begun = time.monotonic()
    with console.open("wb") as stream:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            idle = _wait(process, watched, limits, stop)
        finally:
            _kill_group(process.pid)
            process.wait()
            _kill_leftovers(environment[MARK])
    return Ended(process.returncode, idle is not None, time.monotonic() - begun, idle or 0.0)


def _wait(process: subprocess.Popen[bytes], watched: Path, limits: Limits, stop: Event) -> float | None:
    """Wait for the end; return ``None`` if it came in time, else for how long there was no sign of life."""
    now = time.monotonic()
    deadline, size, grew = now + limits.whole, -1, now
    with _Sentinel(process) as sentinel:
        while not sentinel.ended(_TICK):
            now = time.monotonic()
            current = _size(watched)
            size, grew = (current, now) if current != size else (size, grew)
            stalled = limits.stall is not None and size > 0 and now - grew > limits.stall
            if stop.is_set() or now > deadline or stalled:
                return now - grew
    return None


class _Sentinel:
    """Waits for a process without polling where the system can, else by polling."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._descriptor = -1

    def __enter__(self) -> Self:
        opener = getattr(os, "pidfd_open", None)
        if opener is not None:
            with suppress(OSError):
                self._descriptor = opener(self._process.pid)
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def ended(self, seconds: float) -> bool:
        """Wait at most so long; return whether the process has ended (it is not reaped)."""
        if self._descriptor >= 0:
            import select

            return bool(select.select([self._descriptor], [], [], seconds)[0])
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.returncode is not None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _kill_leftovers(mark: str) -> None:
    """Kill the processes that carry our mark: daemons that left the group. Only Linux shows environments."""
    needle = f"{MARK}={mark}".encode()
    for entry in _PROCESSES.iterdir() if _PROCESSES.is_dir() else ():
        if entry.name.isdecimal() and _carries(entry, needle):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(entry.name), signal.SIGKILL)


def _carries(process: Path, needle: bytes) -> bool:
    try:
        return needle in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
