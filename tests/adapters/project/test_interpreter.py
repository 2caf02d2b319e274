from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.project.interpreter import Search, find_interpreter, inspect_interpreter
from pytest_phasegate.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path


def python_in(directory: Path) -> Path:
    """A Python that can be told apart by its path."""
    program = directory / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    return program


def search(root: Path, **more: object) -> Search:
    return Search(**{"root": root, "main_root": root, "environ": {}, **more})  # type: ignore[arg-type]


def test_an_inspected_interpreter_says_what_is_installed(tmp_path: Path) -> None:
    found = inspect_interpreter((sys.executable,), "test", tmp_path)

    assert found.has("pytest")
    assert found.has("Pytest_PhaseGate")
    assert not found.has("no-such-thing")
    assert found.identity == inspect_interpreter((sys.executable,), "test", tmp_path).identity


def test_what_was_said_goes_before_what_is_found(tmp_path: Path) -> None:
    python_in(tmp_path / ".venv")

    said = find_interpreter(search(tmp_path, given=sys.executable))
    from_environment = find_interpreter(search(tmp_path, environ={"PHASEGATE_PYTHON": sys.executable}))
    configured = find_interpreter(search(tmp_path, configured=(sys.executable,)))

    assert [said.source, from_environment.source, configured.source] == [
        "--python",
        "PHASEGATE_PYTHON",
        "configuration",
    ]


def test_a_configured_relative_path_is_the_projects(tmp_path: Path) -> None:
    python_in(tmp_path / "env")

    assert find_interpreter(search(tmp_path, configured=("env/bin/python",))).source == "configuration"


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_an_environment_beside_the_project_is_found(tmp_path: Path, name: str) -> None:
    python_in(tmp_path / name)

    assert find_interpreter(search(tmp_path)).source == str(tmp_path / name)


def test_a_linked_worktree_uses_the_main_worktrees_environment(tmp_path: Path) -> None:
    main, linked = tmp_path / "main", tmp_path / "linked"
    python_in(main / ".venv")
    linked.mkdir()

    assert find_interpreter(search(linked, main_root=main)).source == str(main / ".venv")


def test_an_active_environment_goes_before_one_beside_the_project(tmp_path: Path) -> None:
    python_in(tmp_path / "active")
    python_in(tmp_path / ".venv")

    assert find_interpreter(search(tmp_path, environ={"VIRTUAL_ENV": str(tmp_path / "active")})).source == "VIRTUAL_ENV"


def test_our_own_environment_is_not_the_projects_because_it_is_active(tmp_path: Path) -> None:
    python_in(tmp_path / ".venv")

    found = find_interpreter(search(tmp_path, environ={"VIRTUAL_ENV": sys.prefix}))

    assert found.source == str(tmp_path / ".venv")


def test_our_own_environment_serves_when_the_project_is_installed_in_it(tmp_path: Path) -> None:
    found = find_interpreter(search(tmp_path, distribution="pytest-phasegate"))

    assert found.source == "the interpreter that runs phasegate"


def test_our_own_environment_serves_as_the_last_resort(tmp_path: Path) -> None:
    found = find_interpreter(search(tmp_path, distribution="not-installed-anywhere"))

    assert found.source == "the interpreter that runs phasegate, for want of another"


@pytest.mark.parametrize("mark", [".install_state_v2", ".prek-hook.json", "pipx_metadata.json", "uv-receipt.toml"])
def test_an_environment_that_a_tool_keeps_for_us_is_not_the_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    kept, root = tmp_path / "kept", tmp_path / "project"
    kept.mkdir()
    root.mkdir()
    (kept / mark).touch()
    monkeypatch.setattr(sys, "prefix", str(kept))

    with pytest.raises(EvidenceError, match="a tool keeps it for phasegate alone"):
        find_interpreter(search(root))


def test_an_active_environment_is_found_behind_the_one_that_a_hook_runner_put_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, active, plain = python_in(tmp_path / "kept"), python_in(tmp_path / "active"), python_in(tmp_path / "plain")
    (tmp_path / "kept" / ".install_state_v2").touch()
    for environment in ("kept", "active"):
        (tmp_path / environment / "pyvenv.cfg").touch()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "kept"))
    path = os.pathsep.join(str(program.parent) for program in (kept, plain, active))

    found = find_interpreter(search(tmp_path / "elsewhere", environ={"VIRTUAL_ENV": sys.prefix, "PATH": path}))

    assert (found.source, found.argv) == ("the environment active on PATH", (sys.executable,))


def test_an_environment_on_path_does_not_go_before_our_own_where_no_tool_keeps_ours(tmp_path: Path) -> None:
    program = python_in(tmp_path / "somewhere")
    (tmp_path / "somewhere" / "pyvenv.cfg").touch()

    found = find_interpreter(search(tmp_path, environ={"PATH": str(program.parent)}))

    assert found.source == "the interpreter that runs phasegate, for want of another"


def test_a_lock_file_speaks_of_another_environment_than_ours(tmp_path: Path) -> None:
    (tmp_path / "pdm.lock").touch()

    with pytest.raises(EvidenceError, match="the project is not installed there"):
        find_interpreter(search(tmp_path, distribution="not-installed-anywhere"))


def test_without_any_every_place_tried_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uv.lock").touch()
    monkeypatch.setenv("PATH", os.devnull)

    with pytest.raises(EvidenceError) as refusal:
        find_interpreter(search(tmp_path, environ={"VIRTUAL_ENV": sys.prefix}))

    problem = refusal.value.problem
    for place in ("VIRTUAL_ENV", ".venv", "venv", "CONDA_PREFIX", "uv (uv.lock is there", "poetry", "pdm", "hatch"):
        assert place in problem
    assert (refusal.value.code, refusal.value.exit_code) == ("PG930", 4)


def test_an_interpreter_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as refusal:
        find_interpreter(search(tmp_path, given="/nowhere/python"))

    assert refusal.value.code == "PG931"


def test_a_project_of_uv_that_was_never_synced_is_not_given_an_empty_environment(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.8"\n')

    with pytest.raises(EvidenceError, match=r"uv \(uv.lock is there"):
        find_interpreter(Search(tmp_path, tmp_path, {"PATH": os.environ["PATH"]}))

    assert not (tmp_path / ".venv").exists()
