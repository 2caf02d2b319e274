from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from support.project import LEAN, clean_environment
from support.sending import heeding

if TYPE_CHECKING:
    from support.project import Project, Run

NOTHING = "0" * 40


def pushed(project: Project, test: str) -> Run:
    """What the pre-push hook says of a push after which this accepted test stands; the push brings words alone."""
    project.init_git().write("pytest.ini", LEAN).write("pyproject.toml", "[tool.phasegate]\n")
    line = '{"test": "tests/test_a.py::test_a", "phase": "1", "cases": 1, "digest": ""}\n'
    project.write("tests/test_a.py", test).write(".phasegate/baseline.jsonl", line)
    project.commit("chore: begin")
    tip = project.write("README.md", "hello").commit("docs: hello")
    before = project.git("rev-parse", "HEAD~1").stdout.strip()
    refs = f"refs/heads/main {tip} refs/heads/main {before}\n"
    return project.phasegate("hook", "pre-push", "origin", "nowhere", stdin=refs)


def test_an_accepted_test_that_is_only_flaky_is_told_and_stops_no_push(project: Project) -> None:
    seen = project.home / "seen"
    chance = f"import pathlib\nseen = pathlib.Path({str(seen)!r})\n"
    chance += "def test_a():\n    first = not seen.exists()\n    seen.touch()\n    assert not first\n"

    run = pushed(project, chance)

    assert run.exit_code == 0, run.text
    assert "tests/test_a.py::test_a of phase 1 flaky: failed, and passed when it was run again" in run.stderr


def test_an_accepted_test_that_fails_twice_stops_the_push(project: Project) -> None:
    run = pushed(project, "def test_a(): assert False\n")

    assert run.exit_code == 1
    assert "1 of 1 accepted tests lost" in run.stderr


def test_a_push_that_breaks_a_test_which_nobody_accepted_is_stopped(project: Project) -> None:
    project.init_git().write("pytest.ini", LEAN).write("pyproject.toml", "[tool.phasegate]\n")
    project.write("src/app/__init__.py", "").write("tests/test_old.py", READING)
    begin = project.write("tests/test_red.py", "def test_red(): assert False\n").commit("chore: begin")
    fine = project.write("pytest.ini", LEAN + "# more\n").commit("chore: more options")
    broken = project.write("pytest.ini", LEAN + "# other\n").commit("chore: other options")

    passed = ended(project, begin, fine)
    stopped = ended(project, fine, broken)

    assert passed.exit_code == 0, passed.text
    assert stopped.exit_code == 1, stopped.text
    assert f"1 of the suite's tests passed at {fine[:10]} and fail now (PG421)" in stopped.stderr
    assert "  see it: pytest tests/test_old.py::test_size" in stopped.stderr.splitlines()


READING = """
from pathlib import Path

def test_size():
    assert "# other" not in Path(__file__).parents[1].joinpath("pytest.ini").read_text()
"""


def ended(project: Project, before: str, tip: str) -> Run:
    refs = f"refs/heads/main {tip} refs/heads/main {before}\n"
    return project.phasegate("hook", "pre-push", "origin", "nowhere", stdin=refs)


def counting(project: Project, **more: str) -> Run:
    """What the hook says of a push of options, and after it `runs` has a line for each time the accepted test ran."""
    project.init_git().write("pytest.ini", LEAN).write("pyproject.toml", "[tool.phasegate]\n")
    runs = f"def test_a():\n    with open({str(project.home / 'runs')!r}, 'a') as runs: print(file=runs)\n"
    line = '{"test": "%s::test_a", "phase": "1", "cases": 1, "digest": ""}\n'
    accepted = more.pop("accepted", "tests/test_a.py")
    project.write(accepted, runs).write(".phasegate/baseline.jsonl", line % accepted)
    project.write("src/app/__init__.py", "").write("tests/test_old.py", READING)
    for path, text in more.items():
        project.write(path, text)
    begin = project.commit("chore: begin")
    tip = project.write("pytest.ini", project.read("pytest.ini") + "# more\n").commit("chore: more options")
    return ended(project, begin, tip)


def test_one_run_answers_for_the_accepted_tests_and_for_the_suite(project: Project) -> None:
    done = counting(project)

    assert done.exit_code == 0, done.text
    assert (project.home / "runs").read_text() == "\n"


def test_an_accepted_test_that_the_suite_leaves_out_is_run_all_the_same(project: Project) -> None:
    done = counting(project, accepted="checks/test_a.py", **{"pytest.ini": LEAN + "testpaths = tests\n"})

    assert done.exit_code == 0, done.text
    assert (project.home / "runs").read_text() == "\n"


def test_one_run_tells_lost_accepted_tests_from_lost_others(project: Project) -> None:
    old = "from pathlib import Path\n\ndef test_old():\n    assert '# more' not in Path('pytest.ini').read_text()\n"
    by_accepted = counting(project, accepted="tests/test_first.py", **{"tests/test_zero.py": old})

    assert by_accepted.exit_code == 1, by_accepted.text
    assert "1 of the suite's tests passed at" in by_accepted.stderr
    assert "accepted tests lost" not in by_accepted.stderr


def test_ctrl_c_ends_a_push_at_once_and_nothing_more_is_run(project: Project) -> None:
    project.init_git().write("pytest.ini", LEAN).write("pyproject.toml", "[tool.phasegate]\n")
    line = '{"test": "tests/test_old.py::test_old", "phase": "1", "cases": 1, "digest": ""}\n'
    old = f"from pathlib import Path\ndef test_old(): Path({str(project.home / 'accepted')!r}).touch()\n"
    project.write("tests/test_old.py", old).write(".phasegate/baseline.jsonl", line).write("src/app/__init__.py", "")
    begin = project.commit("chore: begin")
    sign = project.home / "sign"
    waiting = (
        f"import time, app.new\nfrom pathlib import Path\ndef test_new(): Path({str(sign)!r}).touch(), time.sleep(99)\n"
    )
    tip = project.write("src/app/new.py", "one = 1\n").write("tests/test_new.py", waiting).commit("feat: new")
    refs = project.home / "refs"
    refs.write_text(f"refs/heads/main {tip} refs/heads/main {begin}\n")
    words = [
        "sh",
        "-c",
        f'exec "$0" -m pytest_phasegate hook pre-push origin nowhere < {refs} 2> {refs}.told',
        sys.executable,
    ]

    with heeding(signal.SIGINT, words, cwd=project.root, env=clean_environment(project.home)) as process:
        while not sign.exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        code = process.wait(60)

    assert code == 130
    assert not (project.home / "accepted").exists()
    assert "refuses" not in (project.home / "refs.told").read_text()
