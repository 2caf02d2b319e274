from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.project import Project


def test_the_demo_walks_to_its_end_and_leaves_a_project_to_play_with(project: Project) -> None:
    surroundings = {"PYTEST_ADDOPTS": "-k nothing", "GIT_DIR": "/nowhere", "PYTHONDONTWRITEBYTECODE": ""}
    done = project.phasegate("demo", "play", env=surroundings)

    assert done.exit_code == 0, done.text
    assert not list((project.root / "play/src").rglob("*.pyc")), "bytecode of a file rewritten within its second"
    for chapter in ("1. A guide", "2. Red", "3. Green", "4. Commit and accept", "5. A regression", "6. Code without"):
        assert chapter in done.stdout
    assert "4 tests went from red to green" in done.stdout
    assert "red-green refuses this commit" in done.stdout
    assert "wrote .git/hooks/pre-commit, .git/hooks/commit-msg" in done.stdout
    assert "importlib" not in done.stdout
    assert "accepted tests: 3 broke" in done.stdout
    log = project.run("git", "log", "--format=%s", cwd="play").stdout.splitlines()
    assert log == [
        "feat(cache): add cache backend protocol",
        "chore: accept phase 1",
        "feat(cache): add core cache data structures",
        "docs: plan metric caching",
    ]


def test_a_command_of_the_demo_must_end_and_speak_as_foreseen(project: Project) -> None:
    from pytest_phasegate.cli.demo import _Walk

    walk = _Walk(project.root, colour=False)

    assert walk.run("sh", "-c", "echo PG201; exit 1", code=1, says="PG201")
    assert not walk.run("sh", "-c", "echo PG201; exit 3", code=1, says="PG201")
    assert not walk.run("sh", "-c", "echo Traceback; exit 1", code=1, says="PG201")


@pytest.mark.parametrize(("terminal", "given"), [("80", "78"), ("200", "110"), ("20", "60")])
def test_what_the_demo_runs_is_as_wide_as_the_terminal(
    project: Project, monkeypatch: pytest.MonkeyPatch, terminal: str, given: str
) -> None:
    monkeypatch.setenv("COLUMNS", terminal)
    from pytest_phasegate.cli.demo import _Walk

    assert _Walk(project.root, colour=False).run("sh", "-c", "echo as wide as $COLUMNS", says=f"as wide as {given}\n")


def test_the_demo_touches_nothing_that_is_there(project: Project) -> None:
    project.write("mine/file", "x").write("file", "x")

    full, file = project.phasegate("demo", "mine"), project.phasegate("demo", "file")

    assert (full.exit_code, file.exit_code) == (2, 2)
    assert "mine is already there" in full.stderr
    assert project.read("mine/file") == "x"
