"""Each step of the workflows stands beside a command that there is, and a code that is explained."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pytest_phasegate import cli
from pytest_phasegate.cli.hook import HOOKS
from pytest_phasegate.reports.messages import catalogue

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "workflows.md"
OPTIONS = (PAGE.parents[1] / "reference" / "pytest-options.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "`" in line
]


@pytest.mark.parametrize(("step", "command", "codes"), ROWS, ids=[row[0][:40] for row in ROWS])
def test_every_step_has_a_command_that_there_is(step: str, command: str, codes: str) -> None:
    program, *words = shlex.split(command.strip("`"))
    options = [word.partition("=")[0] for word in words if word.startswith("--")]

    assert step
    if program == "pytest":
        assert all(f"`{option}" in OPTIONS for option in options)
    elif words[0] == "hook":
        assert words[1] in HOOKS
    else:
        known = {name for action in cli.parser_of(words[0])._actions for name in action.option_strings}
        assert set(options) <= known
    assert set(re.findall(r"PG\d+", codes)) <= catalogue().keys()


def test_the_five_workflows_are_there() -> None:
    assert PAGE.read_text(encoding="utf-8").count("| step | command |") == 5
    assert len(ROWS) >= 40
