from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.verdict.commands import regenerate, run_commands
from support.git_repo import opened, repo
from support.patience import patiently
from support.sending import ends

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_phasegate.core.verdict.gate import RanCommand
    from support.project import Project


def run(directory: Path, timeout: float = 30.0, **commands: str) -> dict[str, RanCommand]:
    return {one.name: one for one in run_commands(commands, directory, os.environ, timeout=timeout)}


def test_exit_codes_and_the_end_of_the_output_are_kept(tmp_path: Path) -> None:
    ran = run(tmp_path, good="true", bad="seq 1 100; echo oops >&2; exit 3", silent="false")

    assert {name: one.exit_code for name, one in ran.items()} == {"good": 0, "bad": 3, "silent": 1}
    assert ran["bad"].tail[-2:] == ("100", "oops")
    assert len(ran["bad"].tail) == 40
    assert ran["silent"].tail == ()


def test_commands_run_where_they_are_told_to_and_at_the_same_time(tmp_path: Path) -> None:
    meet = "mkdir -p {0}; for i in $(seq 200); do test -d {1} && exit 0; sleep 0.05; done; exit 1"

    ran = run_commands(
        {"one": meet.format("a", "b"), "two": meet.format("b", "a")}, tmp_path, os.environ, timeout=30, jobs=2
    )

    assert [one.exit_code for one in ran] == [0, 0]
    assert {entry.name for entry in tmp_path.iterdir()} == {"a", "b"}


def test_one_job_means_one_at_a_time(tmp_path: Path) -> None:
    alone = "mkdir lock && sleep 0.1 && rmdir lock"

    ran = run_commands({"one": alone, "two": alone}, tmp_path, os.environ, timeout=30, jobs=1)

    assert [one.exit_code for one in ran] == [0, 0]


def test_a_command_over_its_time_is_ended_with_all_its_children(tmp_path: Path) -> None:
    def ended(limit: float) -> tuple[object, ...]:
        ran = run(tmp_path, limit, slow="sh -c 'echo begun; sleep 300; touch survived' & echo $! > child; wait")["slow"]
        return ran.exit_code, ran.problem.replace(f"{limit:g}", "N"), ran.tail

    wanted = (None, "took longer than N s and was ended", ("begun",))
    assert patiently(ended, wanted) == wanted
    assert ends(int((tmp_path / "child").read_text()))


def test_what_a_command_leaves_behind_is_ended_with_it(tmp_path: Path) -> None:
    assert run(tmp_path, 20, forks="sleep 300 & echo $! > child; exit 0")["forks"].exit_code == 0

    assert ends(int((tmp_path / "child").read_text()))


def test_a_program_that_is_not_there_is_no_exit_code(tmp_path: Path) -> None:
    ran = run(tmp_path, missing="no-such-program --x")["missing"]

    assert ran.exit_code is None
    assert "no-such-program" in ran.problem
    assert "not found" in ran.problem


def test_programs_are_sought_on_the_path_that_is_given(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "mytool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho mine; cat\n")
    tool.chmod(0o755)

    (ran,) = run_commands({"tool": "mytool"}, tmp_path, {"PATH": f"{tool.parent}:/usr/bin:/bin"}, timeout=30)

    assert (ran.exit_code, ran.tail) == (0, ("mine",))


__all__ = ["repo"]

MAKE = "mkdir -p app/gen && tr a-z A-Z < app/spec.txt > app/gen/a.txt && echo x > app/gen/a.log"


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({}, ()),
        ({"app/gen/a.txt": "ADA!\n"}, ("gen/a.txt",)),
        ({"app/gen/by_hand.txt": "x\n"}, ("gen/by_hand.txt",)),
        ({"app/spec.txt": "bob\n"}, ("gen/a.txt",)),
        ({"app/spec.txt": "bob\n", "app/gen/a.txt": "BOB\n"}, ()),
    ],
)
def test_what_a_command_makes_otherwise_is_named_and_the_work_tree_stays(
    change: dict[str, str], differing: tuple[str, ...], repo: Project
) -> None:
    for path, text in ({"app/spec.txt": "ada\n", "app/gen/a.txt": "ADA\n", ".gitignore": "*.log\n"} | change).items():
        repo.write(path, text)
    repository = opened(repo)
    before = repo.git("status", "--porcelain").stdout
    commands = {"gen/**": f"cd .. && {MAKE}", "none/**": "false"}

    made, failed = regenerate(
        repository, repository.content_tree(), "app/", commands, os.environ, source=(), timeout=30
    )

    assert made.differing == differing
    assert (failed.problem, failed.differing) == ("it ended with 1: it said nothing", ())
    assert repo.git("status", "--porcelain").stdout == before
    assert not (repo.root / "app/gen/a.log").exists()
