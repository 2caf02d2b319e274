from __future__ import annotations

import tomllib

import pytest
import yaml  # type: ignore[import-untyped]

from pytest_phasegate.core.project.init_files import (
    Found,
    commands_of,
    configuration,
    hook_entries,
    with_hooks,
    without_hooks,
    without_tables,
)


def test_the_configuration_is_toml_that_says_what_was_found() -> None:
    found = Found(('docs/a "b".md',), ("src",), {"lint": "ruff check"})

    table = tomllib.loads(configuration(found, table="tool.phasegate"))["tool"]["phasegate"]

    assert table == {"guides": ['docs/a "b".md'], "source": ["src"], "commands": {"lint": "ruff check"}}
    assert tomllib.loads(configuration(found, table="")) == table
    assert configuration(Found((), (), {}), table="tool.phasegate") == "[tool.phasegate]\n"


def test_conventional_commits_are_not_asked_for_where_the_history_has_none() -> None:
    table = tomllib.loads(configuration(Found((), (), {}, conventional=False), table="tool.phasegate"))

    assert table["tool"]["phasegate"] == {"commit": {"conventional": False}}


@pytest.mark.parametrize(
    "text",
    [
        None,
        "repos:\n  - repo: local\n    hooks:\n      - id: other\n        entry: x\n",
        "repos:\n-   repo: local\n    hooks:\n    -   id: other\n        entry: x\n",
        "repos:\n- repo: local\n  hooks: [{id: other}]\n\n# of others\nci:\n  skip: [other]\n",
        "repos:  # ours\n  - repo: local\n    hooks: [{id: other}]\nexclude: ^old\n",
    ],
)
def test_hooks_that_were_put_in_are_taken_out_to_the_last_character(text: str | None) -> None:
    assert without_hooks(with_hooks(text) or "") == (text or "")
    assert without_hooks(text or "") == (text or "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[tool.phasegate]\nsource = ['src']\n", ""),
        ("[a]\nx = 1\n\n[tool.phasegate]\ny = 1\n[tool.phasegate.commit]\nz = 1\n", "[a]\nx = 1\n"),
        ("[tool.phasegate]\n[[tool.phasegate.red_green.waivers]]\nz = 1\n[b]\n", "[b]\n"),
        ("[tool.phasegates]\nx = 1\n", "[tool.phasegates]\nx = 1\n"),
    ],
)
def test_the_configuration_is_taken_out_and_nothing_else(before: str, after: str) -> None:
    assert without_tables(before) == after
    assert without_tables(after) == after


@pytest.mark.parametrize(
    "why", ["mypy is not installed here", "fails on what is here: exit 1", "took longer than 60 s"]
)
def test_a_command_that_would_refuse_every_phase_is_proposed_as_a_comment(why: str) -> None:
    commands = {"lint": "ruff check", "types": "mypy ."}

    text = configuration(Found((), (), commands, unfit={"types": why}), table="tool.phasegate")

    assert tomllib.loads(text)["tool"]["phasegate"] == {"commands": {"lint": "ruff check"}}
    assert f'# types = "mypy ."  # {why}\n' in text


@pytest.mark.parametrize(
    ("tools", "commands"),
    [
        ({"ruff": {}}, {"lint": "ruff check", "format": "ruff format --check"}),
        ({"mypy": {"files": ["src"]}}, {"types": "mypy"}),
        ({"black": {}, "mypy": {}}, {"format": "black --check .", "types": "mypy ."}),
        ({}, {}),
    ],
)  # fmt: skip
def test_the_tools_of_a_project_are_its_quality_commands(tools: dict[str, object], commands: dict[str, str]) -> None:
    assert commands_of({"tool": tools}) == commands
    assert commands_of({"tool": 3}) == {}


def test_hook_entries_go_to_the_end_of_the_list_in_its_own_indentation() -> None:
    made = with_hooks(None)
    appended = with_hooks("# mine\nrepos:\n- repo: x\n  rev: v\n  hooks: [{id: y}]\n\n\n")

    assert made is not None
    assert made.startswith("repos:\n  - repo: local\n    hooks:\n      - id: phasegate-guide\n")
    assert appended is not None
    assert appended.startswith("# mine\nrepos:\n- repo: x\n  rev: v\n  hooks: [{id: y}]\n- repo: local\n  hooks:\n")
    assert "entry: phasegate hook commit-msg\n" in hook_entries()
    entry = """entry: sh -c 'PATH=".venv/bin:$PATH" exec phasegate hook scope "$@"' --\n"""
    assert entry in (with_hooks(None, ".venv/bin") or "")


def test_hook_entries_stand_before_what_is_no_repository() -> None:
    appended = with_hooks("repos:\n- repo: x\n  rev: v\n  hooks: [{id: y}]\n\n# skips\nci:\n  skip: [y]\n")

    assert yaml.safe_load(appended or "")["ci"] == {"skip": ["y"]}
    assert [one["repo"] for one in yaml.safe_load(appended or "")["repos"]] == ["x", "local"]
    assert (appended or "").endswith("stages: [pre-push]\n\n# skips\nci:\n  skip: [y]\n")


@pytest.mark.parametrize(
    "text",
    ["repos: []\n", "repos: [{repo: a}]\nci: {}\n", "", "repos:\n  - repo: a\n    - repo: b\n"],
)
def test_a_file_of_another_shape_is_left_alone(text: str) -> None:
    assert with_hooks(text) is None
