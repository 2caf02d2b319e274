from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.child.process import kill_group, kill_leftovers
from pytest_phasegate.adapters.child.step import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="only Linux shows environments")  # noqa: PTH112 - asked once, when the file is read


@pytest.fixture
def sleepers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes to be killed, or not: each is ended at the end."""
    begun: list[subprocess.Popen[bytes]] = []
    yield begun
    for process in begun:
        with process:
            process.kill()


def sleeping(sleepers: list[subprocess.Popen[bytes]], mark: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]
    process = subprocess.Popen(words, env={**os.environ, MARK: mark}, stdout=subprocess.PIPE, start_new_session=True)
    sleepers.append(process)
    assert process.stdout is not None
    process.stdout.readline()
    return process


@needs_proc
def test_what_carries_a_mark_is_killed_but_for_the_one_that_is_kept(sleepers: list[subprocess.Popen[bytes]]) -> None:
    one, kept, other = (sleeping(sleepers, mark) for mark in ("mine", "mine", "another"))

    kill_leftovers("mine", keep=kept.pid)

    assert one.wait(60) < 0
    time.sleep(0.1)
    assert (kept.poll(), other.poll()) == (None, None)


def test_a_process_that_leads_no_group_yet_is_killed_all_the_same() -> None:
    """A fork that was asked for a session of its own may not have come so far."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

    kill_group(process.pid)

    assert process.wait(60) < 0
