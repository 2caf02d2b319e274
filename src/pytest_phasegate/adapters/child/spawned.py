"""A process started anew, in a session of its own."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


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
            import select

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
