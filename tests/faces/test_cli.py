from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from project import Project


def test_the_command_says_its_version(project: Project) -> None:
    done = project.phasegate("--version")

    assert (done.exit_code, done.stdout) == (0, "phasegate 0.1.0\n")


def test_no_command_is_a_usage_error_with_the_help_on_stderr(project: Project) -> None:
    done = project.phasegate()

    assert done.exit_code == 2
    assert done.stdout == ""
    assert "usage: phasegate" in done.stderr


def test_an_unknown_command_is_a_usage_error(project: Project) -> None:
    assert project.phasegate("frobnicate").exit_code == 2
