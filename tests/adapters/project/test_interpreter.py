from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pytest_phasegate.adapters.project.interpreter import find_interpreter, inspect_interpreter
from pytest_phasegate.adapters.project.interpreter_places import Search
from pytest_phasegate.errors import EvidenceError


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


def test_what_is_installed_is_known_by_name_and_version_however_it_was_installed(tmp_path: Path) -> None:
    for file in ("One_Two-1.0.dist-info/METADATA", "three-2.0-py3.8.egg-info", "four.egg-info/PKG-INFO"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("Metadata-Version: 2.1\nName: as the file is called\nVersion: 3.0+here\n\nwords")
    (tmp_path / "left-4.0.dist-info").mkdir()

    found = inspect_interpreter((sys.executable,), "test", tmp_path)

    said = {name: found.distributions.get(name) for name in ("one-two", "three", "four", "left")}
    assert said == {"one-two": "1.0", "three": "2.0", "four": "3.0+here", "left": None}
    assert found.distributions["pytest"] == pytest.__version__


def test_an_interpreter_is_asked_once(tmp_path: Path) -> None:
    program = python_in(tmp_path / "env")
    program.write_text(program.read_text().replace("exec", 'echo asked >> "${0%/*}/../asked"\nexec'))

    for _ in range(2):
        inspect_interpreter((str(program),), "test", tmp_path)

    assert (tmp_path / "env/asked").read_text().split() == ["asked"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("no-such-python", "no such file or directory"),
        ("no-such-tool run", "no such file or directory"),
        ("/", "permission denied"),
        (f"/{'x' * 300}", "file name too long"),
        ("echo", "no Python"),
        ("ls /no-such-place", "no Python (ls: "),
    ],
)
def test_an_interpreter_that_does_not_answer_is_told_in_words(tmp_path: Path, given: str, told: str) -> None:
    with pytest.raises(EvidenceError) as raised:
        find_interpreter(search(tmp_path, given=given))

    assert raised.value.problem.startswith(f"the interpreter {given} (--python) does not answer: {told}")


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


def tool_environment(directory: Path, version: str, *packages: str) -> str:
    """An environment that tox or nox made, with some packages in it."""
    python_in(directory)
    for package in packages:
        (directory / "lib" / f"python{version}" / "site-packages" / package).mkdir(parents=True)
    return str(directory)


@pytest.mark.parametrize("tool", [".tox", ".nox"])
def test_the_newest_environment_of_tox_or_nox_that_can_run_tests_is_found(tmp_path: Path, tool: str) -> None:
    (tmp_path / "uv.lock").touch()
    tool_environment(tmp_path / tool / "lint", "3.14", "ruff")
    tool_environment(tmp_path / tool / "mypy", "3.13", "mypy", "pytest")
    tool_environment(tmp_path / tool / "py39", "3.9", "pytest")
    newest = tool_environment(tmp_path / tool / "py313", "3.13", "pytest")

    found = find_interpreter(search(tmp_path))

    assert found.source == newest
    python_in(tmp_path / ".venv")
    assert find_interpreter(search(tmp_path)).source == str(tmp_path / ".venv")


def test_a_linked_worktree_uses_the_main_worktrees_environment(tmp_path: Path) -> None:
    main, linked = tmp_path / "main", tmp_path / "linked"
    python_in(main / ".venv")
    linked.mkdir()

    assert find_interpreter(search(linked, main_root=main)).source == str(main / ".venv")


def test_a_file_may_stand_in_the_place_of_the_environment_and_name_it(tmp_path: Path) -> None:
    """PEP 832: current versions of tox and virtualenv write it."""
    python_in(tmp_path / "envs" / "py")
    (tmp_path / "envs" / "py" / "pyvenv.cfg").touch()
    (tmp_path / ".venv").write_text("envs/py\n")

    assert find_interpreter(search(tmp_path)).source == str(tmp_path / ".venv")


def active_in(directory: Path) -> dict[str, str]:
    """The variables of a shell in which an environment is active."""
    python_in(directory)
    return {"VIRTUAL_ENV": str(directory)}


@pytest.fixture
def projects(tmp_path: Path) -> tuple[Path, Path]:
    """Two projects, the first with an environment of its own."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    python_in(ours / ".venv")
    theirs.mkdir()
    for project in (ours, theirs):
        (project / "pyproject.toml").touch()
    return ours, theirs


def test_the_active_environment_of_another_project_does_not_go_before_our_own(projects: tuple[Path, Path]) -> None:
    ours, theirs = projects

    found = find_interpreter(search(ours, environ=active_in(theirs / ".venv")))

    assert found.source == str(ours / ".venv")


def test_an_active_environment_in_this_project_goes_before_one_beside_it(projects: tuple[Path, Path]) -> None:
    ours, linked = projects
    active = active_in(ours / ".tox" / "py312")

    found = {find_interpreter(search(root, main_root=ours, environ=active)).source for root in (ours, linked)}

    assert found == {"VIRTUAL_ENV, which is of this project"}


def test_an_active_environment_serves_a_project_without_one(projects: tuple[Path, Path]) -> None:
    ours, theirs = projects

    found = find_interpreter(search(theirs, environ=active_in(ours.parent / "envs" / "a")))

    assert found.source == "VIRTUAL_ENV, as the project has no .venv"


def test_the_active_environment_of_another_project_serves_where_nothing_else_does(
    projects: tuple[Path, Path],
) -> None:
    theirs, ours = projects
    active = {"VIRTUAL_ENV": str(theirs / ".venv")}

    alone = find_interpreter(search(ours, environ=active)).source
    python_in(ours / ".tox" / "py312")
    (ours / ".tox" / "py312" / "lib" / "python3.12" / "site-packages" / "pytest").mkdir(parents=True)
    beside = find_interpreter(search(ours, environ=active)).source

    assert alone == f"VIRTUAL_ENV, which lies in {theirs}"
    assert beside == str(ours / ".tox" / "py312")


def test_our_own_environment_is_the_active_one_of_a_project_that_is_installed_in_it(tmp_path: Path) -> None:
    here = Path(__file__).parents[3]

    found = find_interpreter(search(here, environ={"VIRTUAL_ENV": sys.prefix}))

    assert found.source == "VIRTUAL_ENV, which is of this project"


def test_words_that_run_a_program_mean_the_python_they_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = tmp_path / "runner"
    runner.write_text('#!/bin/sh\nshift\nexec "$@"\n')
    runner.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(python_in(tmp_path / "found").parent), os.defpath]))

    short = find_interpreter(search(tmp_path, given=f"{runner} run"))
    whole = find_interpreter(search(tmp_path, configured=(str(runner), "run", sys.executable)))

    assert (short.executable, short.source) == (sys.executable, "--python")
    assert (whole.executable, whole.source) == (sys.executable, "configuration")


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
