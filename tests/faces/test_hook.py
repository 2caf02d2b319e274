from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate import cli
from pytest_phasegate.cli.hook import _SHARED, GIT_HOOKS, HOOKS, dispatch
from pytest_phasegate.errors import PhasegateError
from support.sending import heeding

if TYPE_CHECKING:
    from support.project import Project

TOP = Path(__file__).parents[2]
SHIMS = sorted(path.name for path in (TOP / "hooks").iterdir())


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_function_that_is_called(name: str) -> None:
    module = importlib.import_module(f"pytest_phasegate.hooks.{_SHARED.get(name, name).replace('-', '_')}")
    assert callable(getattr(module, name if name in _SHARED else "main"))


def test_help_lists_every_hook(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["hook", "--help"]) == 0

    said = capsys.readouterr().out
    assert [name for name in (*HOOKS, *GIT_HOOKS) if name not in said] == []


@pytest.mark.parametrize("words", [["hook"], ["hook", "nonsense"], ["hook", "--format", "json", "post-commit"]])
def test_a_hook_that_does_not_exist_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 2

    assert "phasegate: error: " in capsys.readouterr().err


def test_a_git_hook_runs_all_of_ours_and_the_first_refusal_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.py").write_text("def main(argv, here):\n    print('one', *argv)\n    return 4\n")
    (tmp_path / "two.py").write_text("def main(argv, here):\n    print('two', *argv)\n    return 1\n")
    monkeypatch.setattr("pytest_phasegate.hooks.__path__", [str(tmp_path)])
    monkeypatch.setattr("pytest_phasegate.cli.hook.HOOKS", {"one": "", "two": ""})
    monkeypatch.setattr("pytest_phasegate.cli.hook.GIT_HOOKS", {"pre-commit": ("one", "two")})

    assert dispatch(["pre-commit", "word"]) == 4
    assert capsys.readouterr().out == "one word\ntwo word\n"


def test_a_configuration_given_before_the_name_reaches_the_hook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PHASEGATE_CONFIG", "")

    with pytest.raises(PhasegateError, match="unknown hook"):
        dispatch(["--config", "other.toml", "nonsense"])

    assert os.environ["PHASEGATE_CONFIG"] == "other.toml"


@pytest.mark.parametrize("name", SHIMS)
def test_a_shim_hands_words_and_stdin_on_to_phasegate(project: Project, name: str, tmp_path: Path) -> None:
    stand_in = tmp_path / "bin" / "phasegate"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\nprintf "%s|" "$@"\ncat\nexit 7\n')
    stand_in.chmod(0o755)
    path = os.pathsep.join([str(stand_in.parent), os.environ["PATH"]])

    done = project.run(str(TOP / "hooks" / name), "a b", "$c", stdin="from git\n", env={"PATH": path})

    assert (done.exit_code, done.stdout) == (7, f"hook|{name}|a b|$c|from git\n")


@pytest.mark.parametrize("name", SHIMS)
def test_a_shim_without_phasegate_refuses_and_says_why(project: Project, name: str, tmp_path: Path) -> None:
    (tmp_path / "sh").symlink_to(shutil.which("sh") or "")

    done = project.run(str(TOP / "hooks" / name), env={"PATH": str(tmp_path)})

    assert done.exit_code == 1
    assert f"{name}: phasegate is not on PATH" in done.stderr


@pytest.mark.parametrize(
    ("path", "setting", "code"),
    [("README.md", "false", 0), ("app.py", "false", 1), ("app.py", "true", 0)],
)
def test_a_shim_without_phasegate_lets_a_commit_pass_that_touches_no_python(
    project: Project, tmp_path: Path, path: str, setting: str, code: int
) -> None:
    for program in ("sh", "git"):
        (tmp_path / program).symlink_to(shutil.which(program) or "")
    project.init_git().write(path, "x = 1\n").git("add", "--all")
    project.git("config", "phasegate.optional", setting)

    done = project.run(str(TOP / "hooks" / "pre-commit"), env={"PATH": str(tmp_path)})

    assert done.exit_code == code
    assert done.stderr.count("\n") == 1


def test_a_hook_starts_without_argparse_and_subprocess(project: Project) -> None:
    script = (
        "import sys; from pytest_phasegate import cli; cli.main(['hook', 'nonsense']); "
        "print(sorted({'argparse', 'subprocess', 'tempfile', 'pytest', 'rich'} & set(sys.modules)))"
    )

    assert project.run(sys.executable, "-c", script).stdout == "[]\n"


SLOW = """
import tempfile, time
from pathlib import Path

def main(argv, here):
    with tempfile.TemporaryDirectory(dir=argv[0]) as scratch:
        Path(argv[0], "ready").touch()
        time.sleep(30)
"""
STARTER = """
import sys
import time
from pytest_phasegate import cli, hooks
from pytest_phasegate.cli import hook
hooks.__path__.append(sys.argv[1])
hook.HOOKS["slow"] = ""
sys.argv[1:] = ["hook", "slow", sys.argv[1]]
cli.console()
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_hook_that_is_told_to_end_cleans_up_and_refuses(sent: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    words = [sys.executable, "-B", "-c", STARTER, str(tmp_path)]
    with heeding(sent, words, cwd=tmp_path) as child:
        while not (tmp_path / "ready").exists():
            assert child.poll() is None
            time.sleep(0.01)

        child.send_signal(sent)

        assert child.wait(60) == 128 + sent
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ready", "slow.py"]
