from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate import cli
from pytest_phasegate.cli import take_apart
from pytest_phasegate.errors import RepositoryError
from pytest_phasegate.reports.as_terminal import colourful
from pytest_phasegate.reports.messages import catalogue
from support.guides import CACHE_GUIDE, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from support.project import Project

CODE = next(iter(catalogue()), "")


def test_the_command_says_its_version(project: Project) -> None:
    done = project.phasegate("--version")

    assert (done.exit_code, done.stdout) == (0, "phasegate 0.1.0\n")


def test_no_command_is_a_usage_error_with_the_help_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "usage: phasegate" in said.err


def test_a_command_that_was_loaded_takes_no_builtin_of_its_name_away(capsys: pytest.CaptureFixture[str]) -> None:
    for name in cli.COMMANDS:
        cli.parser_of(name)

    assert cli.main(["--help"]) == 0
    assert capsys.readouterr().err == ""


def test_help_is_an_answer_and_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0

    said = capsys.readouterr().out
    assert all(f"  {name}" in said and summary in said for name, summary in cli.COMMANDS.items())


def test_an_unknown_command_is_a_usage_error_that_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explian"]) == 2

    assert "unknown command 'explian'\n  hint: did you mean 'explain'?" in capsys.readouterr().err


def test_an_option_of_a_command_ahead_of_it_is_told_where_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--guide", "docs/plan.md", "status"]) == 2

    assert "--guide stands behind the command\n  hint: phasegate status --guide docs/plan.md" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["check", "1", "2"], "several phases are one word: 1,2; phasegate check --help"),
        (["status", "--requirecomplete"], "phasegate status --help"),
    ],
)
def test_a_word_that_a_command_does_not_take_is_named(
    words: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 2

    assert f"{words[0]} does not take {words[-1]!r}\n  hint: {hint}\n" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--phase", "1"], ["check", "--phase=1"]])
def test_the_option_of_pytest_is_no_option_here(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 2

    told = "phasegate: error: --phase is an option of pytest\n  hint: pytest --phase 1, or phasegate check 1\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_a_module_that_answers_to_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0

    assert f"usage: phasegate {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "apart"),
    [
        (["show", "2"], ("show", ["2"])),
        (["--config", "show", "status", "-q"], ("status", ["--config", "show", "-q"])),
        (["--format=json", "-v", "show"], ("show", ["--format=json", "-v"])),
        (["--config"], (None, ["--config"])),
    ],
)
def test_global_options_stand_before_or_after_the_command(
    words: list[str], apart: tuple[str | None, list[str]]
) -> None:
    assert take_apart(words) == apart


def test_the_format_given_before_the_command_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--format", "json", "explain"]) == 0

    assert json.loads(capsys.readouterr().out)["schema"] == "phasegate.messages/1"


def test_an_unknown_code_names_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "PG000x\x1b"]) == 2

    assert r"no such code: 'PG000x\x1b'" in capsys.readouterr().err


@pytest.mark.skipif(not CODE, reason="no code is registered yet")
def test_a_code_is_explained_whatever_its_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", CODE.lower()]) == 0

    said = capsys.readouterr().out
    assert said.startswith(f"{CODE}: {catalogue()[CODE].title}\n\n")
    assert "\n\nFix: " in said
    assert "\n\nWaive: " in said


def test_the_answer_goes_to_a_file_with_the_mode_any_file_would_have(tmp_path: Path) -> None:
    target = tmp_path / "codes.json"
    (tmp_path / "plain").write_text("")

    assert cli.main(["explain", "--format", "json", "--output-file", str(target)]) == 0

    assert json.loads(target.read_text())["messages"] is not None
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_an_answer_goes_into_a_pipe_or_a_device_and_does_not_take_its_place(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    assert cli.main(["explain", CODE, "--output-file", str(pipe)]) == 0

    said, still_there = os.read(reader, 60), stat.S_ISFIFO(pipe.stat().st_mode)
    os.close(reader)
    assert said.decode().startswith(f"{CODE}: ")
    assert still_there


def test_after_an_error_the_file_is_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "codes.json"
    target.write_text("before")

    assert cli.main(["explain", "nonsense", "--output-file", str(target)]) == 2

    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_the_file_of_an_answer_is_no_part_of_the_content_that_the_answer_speaks_of(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan")
    monkeypatch.chdir(project.root)

    assert cli.main(["status", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert cli.main(["status", "--format", "json", "--output-file", "status.json"]) == 0

    assert json.loads(project.read("status.json"))["content"] == said["content"]


@pytest.mark.parametrize("place", ["missing/dir/x", "."])
def test_a_file_that_cannot_be_written_is_one_message(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["explain", "--output-file", str(tmp_path / place)]) == 2

    assert "phasegate: error: cannot write" in capsys.readouterr().err


def test_a_reader_that_stops_reading_is_neither_a_traceback_nor_a_pass(project: Project) -> None:
    done = project.run("sh", "-c", "{ sleep 0.2; python -m pytest_phasegate completion bash; echo $? >&2; } | true")

    assert done.stderr == "141\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_knows_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", shell]) == 0

    said = capsys.readouterr().out
    assert [name for name in cli.COMMANDS if name not in said] == []
    assert "output-file" in said


def test_bash_completes_commands_and_options(project: Project) -> None:
    script = (
        'eval "$(python -m pytest_phasegate completion bash)"; '
        "complete=$(complete -p phasegate | sed 's/.* -F //; s/ .*//'); "
        'complete_it() { COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); $complete; echo "${COMPREPLY[@]}"; }; '
        "complete_it phasegate exp; complete_it phasegate -q explain --out"
    )

    assert project.run("bash", "-c", script).stdout == "explain\n--output-file\n"


class _Stream:
    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("asked", "environment", "terminal", "colour"),
    [
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
    ],
)
def test_colour_follows_the_option_then_the_environment_then_the_terminal(
    asked: str, environment: dict[str, str], terminal: bool, colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert colourful(asked, _Stream(terminal)) is colour  # type: ignore[arg-type]


def test_an_error_tells_its_code_before_its_problem(capsys: pytest.CaptureFixture[str]) -> None:
    cli._complain(RepositoryError("no such thing", hint="make it", code="PG901"))

    assert capsys.readouterr().err == "phasegate: error: PG901 no such thing\n  hint: make it\n"
