"""A hook that is ended while it replays: nothing of it goes on, nothing of it stays, the repository is as it was."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.git_states import base, must
from support.git_watcher import snapshot
from support.hook_changes import HONEST
from support.project import clean_environment
from support.sending import ends, heeding

if TYPE_CHECKING:
    from support.project import Project

WAITING = """

def test_waiting():
    import os, time
    from pathlib import Path

    Path({sign!r}).write_text(f"{{os.getpid()}} {{os.getcwd()}}")
    time.sleep(60)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.sampled(3)
def test_a_hook_that_is_ended_leaves_no_process_no_file_and_no_trace(
    project: Project, sent: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    base(project.init_git())
    HONEST.apply(project)
    sign, scratch = project.home / "sign", project.home / "tmp"
    scratch.mkdir()
    with (project.root / "tests/test_calc.py").open("a", encoding="utf-8") as tests:
        tests.write(WAITING.format(sign=str(sign)))
    must(project, "add", "--all")
    monkeypatch.chdir(project.root)
    before = others(snapshot())

    words = [sys.executable, "-m", "pytest_phasegate", "hook", "red-green"]
    environment = {**clean_environment(project.home), "TMPDIR": str(scratch)}
    with heeding(sent, words, cwd=project.root, env=environment) as hook:
        while not (sign.exists() and sign.read_text()):
            assert hook.poll() is None
            time.sleep(0.02)
        test, tree = sign.read_text().split(maxsplit=1)
        assert Path(tree).is_relative_to(scratch)
        os.killpg(hook.pid, sent)
        code = hook.wait(60)

    assert code not in {0, 3}
    assert ends(int(test))
    assert list(scratch.iterdir()) == []
    assert others(snapshot()) == before


def others(seen: dict[str, str]) -> dict[str, str]:
    """Everything but what we keep for ourselves in the git directory."""
    return {path: state for path, state in seen.items() if "/.git/phasegate" not in path}
