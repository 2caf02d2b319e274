"""The reference of the command line is whole: every command has a page, and every option stands on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_phasegate import cli
from pytest_phasegate.cli.hook import HOOKS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
GLOBAL = {"--help", "--config", "--format", "--output-file", "--color", "--quiet", "--verbose", "--version"}


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_a_page_with_all_its_options(command: str) -> None:
    page = (REFERENCE / "commands" / f"{command}.md").read_text(encoding="utf-8")
    actions = cli.parser_of(command)._actions
    options = {option for action in actions for option in action.option_strings if option.startswith("--")}

    assert sorted(option for option in options - GLOBAL if option not in page) == []


@pytest.mark.parametrize("option", sorted(GLOBAL - {"--help"}))
def test_every_global_option_stands_on_the_page_of_the_command_line(option: str) -> None:
    assert option in (REFERENCE / "command-line.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_described(hook: str) -> None:
    pages = [*REFERENCE.glob("*hook*.md"), REFERENCE / "red-green.md"]

    assert any(f"`{hook}`" in page.read_text(encoding="utf-8") or f"hook {hook}" in page.read_text() for page in pages)


def test_every_gate_is_described() -> None:
    from pytest_phasegate.gates.registration import phasegate_register_gates

    page = (REFERENCE / "gates.md").read_text(encoding="utf-8")

    assert [gate.name for gate in phasegate_register_gates() if f"| [`{gate.name}`](#{gate.name}) |" not in page] == []
