"""A whole feature, from an approved guide to its last accepted phase, as a user would do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate import demo
from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from support.project import Project


def state(project: Project) -> Any:
    return project.phasegate("status", "--format", "json").json["guides"][0]


def write(project: Project, name: str) -> None:
    for path, text in demo.project_files(name).items():
        project.write(path, text)


@pytest.mark.soak  # the demo walks the same way
def test_four_phases_from_an_approved_guide_to_a_complete_status(project: Project) -> None:
    write(project, "start.txt")
    settings = project.read("pyproject.toml").replace("ini_options]\n", f"ini_options]\n{LEAN_OPTIONS}\n")
    settings += "\n[tool.phasegate.approval]\nrequired = true\n"
    project.write("pyproject.toml", settings).write(demo.GUIDE_PATH, demo.text("guide.md")).init_git()
    project.commit("docs: plan metric caching")
    assert "have the guide approved" in project.phasegate("next").stdout
    assert project.phasegate("approve", "metric_caching", "--by", "Ada").exit_code == 0
    project.commit("docs: approve metric caching")

    for phase in ("1", "2", "3", "4"):
        write(project, f"tests_{phase}.txt")
        red = project.pytest("--phase", phase, "--phasegate-expect", "red", "-q")
        assert red.exit_code == 0, red.text
        assert state(project)["phases"][int(phase) - 1]["state"] == "red"
        write(project, f"code_{phase}.txt")
        checked = project.phasegate("check", phase)
        assert checked.exit_code == 0, checked.text
        assert f"phasegate commit {phase}" in project.phasegate("next").stdout
        assert project.phasegate("commit", phase).exit_code == 0
        accepted = project.phasegate("accept", phase)
        assert accepted.exit_code == 0, accepted.text
        project.commit(f"chore: accept phase {phase}")

    done = project.phasegate("status", "--require-complete")
    assert done.exit_code == 0, done.text
    assert "4 of 4 phases accepted, 9 tests kept, regressions 0" in done.stdout
    phases = state(project)["phases"]
    assert [phase["tests"]["accepted"] for phase in phases] == [4, 2, 2, 1]
    assert [phase["coverage"] for phase in phases] == [100.0] * 4
    subjects = [project.git("log", "-1", "--format=%s", phase["commit"]).stdout.strip() for phase in phases]
    assert subjects == [
        "feat(cache): add core cache data structures",
        "feat(cache): add cache backend protocol",
        "feat(provider): cache metric computations",
        "feat(provider): report cache hits",
    ]
    assert "nothing: every phase is accepted" in project.phasegate("next").stdout
    assert "4 of 4 phases accepted, 9 tests kept green, regressions: 0" in project.phasegate("pr").stdout
