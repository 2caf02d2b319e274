from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.app.verdict.check import Meanwhile, changed_meanwhile
from pytest_phasegate.core.guide.model import Action, DeclaredFile, Guide, Phase
from pytest_phasegate.core.project.paths import Inside, Layout
from pytest_phasegate.wiring import projects

if TYPE_CHECKING:
    from support.project import Project

PHASE = Phase("1", "One", 1, 2, files=(DeclaredFile("docs/manual.md", Action.CREATE, 2),))
GUIDE = Guide("docs/plan.md", "plan", "Plan", "canonical", "", (PHASE,))
LAYOUT = Layout(source=("src",), test_roots=("tests",))


@pytest.mark.parametrize(
    ("path", "disturbs"),
    [
        ("report.xml", False),
        ("reports/junit/one.xml", False),
        ("pytest.log", False),
        ("CHANGELOG.md", True),
        ("src/app/new.py", True),
        ("tools/build.py", True),
        ("setup.cfg", True),
        ("tests/data/one.json", True),
        ("src/app/data.json", True),
        ("docs/manual.md", True),
        ("docs/plan.md", True),
    ],
)
def test_only_what_nothing_rests_on_was_left_behind(project: Project, path: str, disturbs: bool) -> None:
    project.write("src/app/core.py", "").write("CHANGELOG.md", "").init_git().commit("chore: begin")
    repository = projects.repository(project.root)
    before = repository.content_tree()
    project.write(path, "written meanwhile\n")
    trees = before, repository.content_tree()

    found = changed_meanwhile(repository, trees, Inside(""), LAYOUT, [GUIDE])

    assert found == (Meanwhile(disturbing=(path,)) if disturbs else Meanwhile(left=(path,)))
