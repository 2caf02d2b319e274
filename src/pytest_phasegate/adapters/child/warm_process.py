"""The warm process, seen from here: it has imported pytest, and forks for each run."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Self

from pytest_phasegate.adapters.child.process import Spawned, kill_group

WARM = "phasegate_warm"
_VERSION = 1
_READY = 60.0  # seconds for the import of pytest
_ANSWER = 30.0  # seconds for an answer to an order, and to a death
_TICK = 0.25


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
