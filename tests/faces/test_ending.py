from __future__ import annotations

import subprocess
import sys

import pytest

ENDING = """
import atexit, sys
from pytest_phasegate import cli

class Kept:
    def __del__(self, say=print):
        say("taken apart")

kept = Kept()
print("begun")
exec(sys.argv.pop(1))
cli.console()
"""


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ("", []),
        ("atexit.register(print, 'called')", ["called", "taken apart"]),
        ("import threading; threading.Timer(0.2, print, ['waited for']).start()", ["waited for", "taken apart"]),
    ],
)
def test_a_command_takes_itself_apart_only_where_something_waits_for_its_end(waits: str, said: list[str]) -> None:
    argv = [sys.executable, "-c", ENDING, waits, "explain", "PG1"]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stdout.splitlines() == ["begun", *said]


def test_a_command_can_still_be_profiled() -> None:
    argv = [sys.executable, "-m", "cProfile", "-m", "pytest_phasegate", "--version"]

    assert "function calls" in subprocess.run(argv, capture_output=True, text=True, check=False).stdout
