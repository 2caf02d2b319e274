"""Programs that tests send a signal to: they heed it wherever the tests were started, and none outlives its test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_HEEDING = """
import os, signal, sys
signal.signal(int(sys.argv[1]), signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [int(sys.argv[1])])
os.execvp(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def heeding(
    sent: signal.Signals, words: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program that heeds a signal, at the head of a group of its own, and end what is left of the group.

    The program may be gone before what it started: that is given time to clean up.

    What ``nohup`` or a shell's ``&`` starts ignores some signals, and so would all that it starts in turn.
    """
    starter = () if sent is signal.SIGKILL else (sys.executable, "-ISc", _HEEDING, str(int(sent)))
    with subprocess.Popen([*starter, *words], cwd=cwd, env=env, start_new_session=True) as process:
        try:
            yield process
            _wait_for_group(process.pid)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for_group(group: int) -> None:
    """Wait until nobody of a group is left, for ten seconds at most."""
    for _ in range(1000):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)


def is_running(process: int) -> bool:
    """Whether a process of this id goes on; a dead one that nobody has reaped does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def ends(process: int) -> bool:
    """Whether a process ends; what was killed needs a moment to be gone."""
    deadline = time.monotonic() + 30
    while is_running(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(process)
