"""End what a run started: its process group, and by its mark what left the group."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from pytest_phasegate.adapters.child.environment import MARK

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
