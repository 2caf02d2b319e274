"""A verification that is ended before its end tells what it proved until then, and what it did not judge."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from support.project import LEAN, clean_environment
from support.sending import heeding

if TYPE_CHECKING:
    from support.project import Project

TEST = "import app.cache\ndef test_size(): assert app.cache.size() == 2\n"
WAITING = (
    "import time\nfrom pathlib import Path\n\ndef test_waiting():\n    Path({sign!r}).touch()\n    time.sleep(99)\n"
)


@pytest.fixture
def history(project: Project) -> Project:
    """Three commits: one that passes at once, one whose test waits, and one more."""
    project.init_git().write("pytest.ini", LEAN).write("src/app/__init__.py", "")
    project.write("src/app/cache.py", "def size(): return 1\n").commit("chore: begin")
    project.write("src/app/cache.py", "def size(): return 2\n").write("tests/test_cache.py", TEST).commit("feat: two")
    project.write("src/app/cache.py", "def size(): return int(2)\n")
    project.write("tests/test_waiting.py", WAITING.format(sign=str(project.home / "sign"))).commit("feat: wait")
    project.write("src/app/more.py", "def more(): return 1\n").commit("feat: more")
    return project


def words(*more: str) -> list[str]:
    start = [sys.executable, "-m", "pytest_phasegate", "verify", "HEAD~3..HEAD", "--python", sys.executable]
    return [*start, "--format", "json", *more]


@pytest.mark.parametrize(("sent", "code", "why"), [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 4, "SIGTERM")])
@pytest.mark.sampled(2)
def test_who_ends_it_is_told_what_was_proved(history: Project, sent: signal.Signals, code: int, why: str) -> None:
    answer = history.home / "answer"
    environment = clean_environment(history.home)
    with heeding(sent, words("--output-file", str(answer)), cwd=history.root, env=environment) as process:
        while not (history.home / "sign").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, sent)
        ended = process.wait(60)

    found = json.loads(answer.read_text())
    assert ended == code
    assert found["reason"] == f"ended by {why} when 1 of 3 commits was judged: 1 of 1 commit passed"
    assert found["verdict"] == "inconclusive"
    assert [commit["verdict"] for commit in found["commits"]] == ["passed", "inconclusive", "inconclusive"]
    assert [commit["reason"] for commit in found["commits"][1:]] == [
        f"not judged: ended by {why}, while running 1 test file, for 1 test that the change concerns",
        f"not judged: ended by {why}",
    ]


def test_a_limit_for_all_of_it_ends_it_alike(history: Project) -> None:
    done = subprocess.run(
        words("--max-seconds", "1.5", "--jobs", "2"),
        cwd=history.root,
        env=clean_environment(history.home),
        capture_output=True,
        check=False,
    )

    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"]) == (4, "inconclusive")
    assert found["reason"].startswith("ended by --max-seconds when ")


GOING = """import time
from pathlib import Path
import app.cache

def test_going():
    while not Path({go!r}).exists():
        Path({sign!r}).touch()
        time.sleep(0.05)
"""


def test_what_was_ended_where_the_range_ends_is_judged_another_time(history: Project) -> None:
    sign, go = history.home / "sign", history.home / "go"
    history.write("tests/test_waiting.py", GOING.format(sign=str(sign), go=str(go))).commit("test: going")
    history.write("src/app/cache.py", "def size(): return 3\n")
    history.write("tests/test_cache.py", TEST.replace("2", "3")).commit("feat: three")
    asked = [word.replace("HEAD~3", "HEAD~1") for word in words()]
    environment = clean_environment(history.home)
    answer = history.home / "answer"
    once = [*asked, "--output-file", str(answer)]
    with heeding(signal.SIGTERM, once, cwd=history.root, env=environment) as process:
        while not sign.exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 4
    assert json.loads(answer.read_text())["reason"] == (
        "ended by SIGTERM when 1 of 1 commit was judged, but not what the range breaks where it ends: "
        "1 of 1 commit passed"
    )

    go.touch()
    done = subprocess.run(asked, cwd=history.root, env=environment, capture_output=True, check=False)

    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "passed")
