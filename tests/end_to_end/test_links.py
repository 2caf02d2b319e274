"""A link of the tree is followed to the code it shows, or said not to be judged."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.project import LEAN

if TYPE_CHECKING:
    from support.project import Project

CALC = "def area(a, b):\n    return a * b\n"
WIDER = "def area(a, b):\n    return abs(a * b)\n"
SEEN = "from app.calc import area\n\n\ndef test_area():\n    assert area(2, 3) == 6\n"
RED = SEEN + "\n\ndef test_sign():\n    assert area(-2, 3) == 6\n"


@pytest.mark.parametrize(
    ("files", "links", "ruling", "code"),
    [
        ({"lib/app/calc.py": WIDER}, {}, "failed", "PG201"),
        ({"lib/app/calc.py": WIDER, "checks/test_calc.py": RED}, {}, "passed", ""),
        ({"lib/app/calc.py": WIDER, "checks/test_calc.py": ""}, {}, "failed", "PG205"),
        ({"lib/app/calc.py": CALC + "# more\n"}, {}, "exempt", ""),
        ({"lib/app/calc.py": CALC.replace("(a, b)", "(a: int, b: int)")}, {}, "passed", ""),
        ({"shared/one.py": "ONE = 2\n"}, {}, "failed", "PG201"),
        ({}, {"src/one.py": "../shared/two.py"}, "failed", "PG201"),
        ({"checks/three.py": "ONE = 2\n"}, {}, "failed", "PG201"),
        ({}, {"src/app": "../lib/new"}, "failed", "PG204"),
        ({}, {"src/other.py": "../../elsewhere.py"}, "inconclusive", "PG216"),
        ({}, {"src/app": "/elsewhere/app"}, "inconclusive", "PG216"),
        ({}, {"docs/app": "/elsewhere/app"}, "exempt", ""),
    ],
    ids=[
        "code",
        "code and a test",
        "a test goes",
        "a comment",
        "types",
        "a module",
        "another module",
        "a module among the tests",
        "another package",
        "out of the tree",
        "a package out of the tree",
        "documents",
    ],
)
@pytest.mark.sampled(4)
def test_a_link_is_judged_by_what_it_shows(
    project: Project, files: dict[str, str], links: dict[str, str], ruling: str, code: str
) -> None:
    project.init_git().write("pytest.ini", LEAN).write("lib/app/__init__.py", "").write("lib/app/calc.py", CALC)
    project.write("lib/new/__init__.py", "").write("lib/new/calc.py", CALC.replace("*", "+"))
    project.write("shared/one.py", "ONE = 1\n").write("shared/two.py", "ONE = 2\n").write("checks/test_calc.py", SEEN)
    shown = {"src/app": "../lib/app", "src/one.py": "../shared/one.py", "src/three.py": "../checks/three.py"}
    link(project.write("checks/three.py", "ONE = 1\n"), {**shown, "tests": "checks"})
    project.commit("chore: begin")
    for path, text in files.items():
        project.write(path, text)
    link(project, links)
    project.commit("feat: change")

    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD~1..HEAD").json

    said = found["commits"][0]
    assert said["verdict"] == ruling, said
    assert not code or code in {one["code"] for one in said["findings"] if one["severity"] == "error"}


def link(project: Project, links: dict[str, str]) -> None:
    for path, target in links.items():
        place = project.root / path
        place.parent.mkdir(exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(target)
