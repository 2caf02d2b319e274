# ruff: noqa: E501 - each file of the small project stays on one line
"""A merge answers for what it adds, and the last one of a range for what meets in it; not for what its sides did."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.project import LEAN

if TYPE_CHECKING:
    from support.project import Project

BASE = {
    "src/app/__init__.py": "",
    "src/app/area.py": "def area(a, b):\n    return a * b\n\n\ndef half(a):\n    return a / 2\n",
    "src/app/text.py": "def text(value):\n    return str(value)\n",
    "tests/test_area.py": "from app.area import area, half\n\n\ndef test_area():\n    assert area(2, 3) == 6\n\n\ndef test_half():\n    assert half(4) == 2\n",
    "tests/test_text.py": "from app.text import text\n\n\ndef test_text():\n    assert text(1) == '1'\n",
}  # fmt: skip
USES = {
    "src/app/room.py": "from app.area import area\n\n\ndef room():\n    return area(4, 5)\n",
    "tests/test_room.py": "from app.room import room\n\n\ndef test_room():\n    assert room() == 20\n",
}
RENAMED = {path: BASE[path].replace("area(", "surface(").replace("import area", "import surface") for path in ("src/app/area.py", "tests/test_area.py")}  # fmt: skip
WITHOUT_HALF = {
    "src/app/area.py": "def area(a, b):\n    return a * b\n",
    "tests/test_area.py": "from app.area import area\n\n\ndef test_area():\n    assert area(2, 3) == 6\n",
}
SKIPPED = {"tests/test_area.py": BASE["tests/test_area.py"].replace("def test_half", "@pytest.mark.skip\ndef test_half").replace("from app", "import pytest\nfrom app", 1)}  # fmt: skip
LONGER = {
    "src/app/text.py": "def text(value):\n    return f'{value}!'\n",
    "tests/test_text.py": BASE["tests/test_text.py"].replace("'1'", "'1!'"),
}
OTHER = {
    "src/app/other.py": "X = 1\n",
    "tests/test_other.py": "from app.other import X\n\n\ndef test_x():\n    assert X\n",
}
README, OTHER_README = {"README.md": "A side.\n"}, {"README.md": "The other side.\n"}
TEXTS = BASE["tests/test_text.py"]
MORE = TEXTS + "\n\ndef test_more():\n    assert text(2) == '2'\n"
FULL = TEXTS.replace("== '1'", "== '1'\n    assert text(None) == 'None'")


@pytest.mark.parametrize(
    ("side", "main", "merged", "ruling", "code"),
    [
        (USES, RENAMED, {}, "failed", "PG204"),
        (RENAMED, USES, {}, "failed", "PG204"),
        (USES, LONGER, {}, "passed", ""),
        (WITHOUT_HALF, LONGER, {}, "passed", ""),
        (LONGER, WITHOUT_HALF, {}, "passed", ""),
        (SKIPPED, LONGER, {}, "passed", ""),
        (USES, {"README.md": "A project.\n"}, {}, "passed", ""),
        ({"tests/test_text.py": MORE}, {"tests/test_text.py": FULL}, {"tests/test_text.py": FULL + MORE[len(TEXTS) :]}, "passed", ""),
        (README, OTHER_README, OTHER, "passed", ""),
        (README, OTHER_README, OTHER | {"tests/test_other.py": "def test_x():\n    assert 1\n"}, "failed", "PG202"),
        (README, OTHER_README, {"README.md": "Both sides.\n"}, "exempt", ""),
        (README, OTHER_README, {"src/app/other.py": "X = 1\n"}, "failed", "PG201"),
        (LONGER, USES, {"src/app/other.py": "X = 1\n"}, "failed", "PG201"),
        (LONGER, USES, OTHER, "passed", ""),
        (USES, RENAMED, OTHER, "failed", "PG204"),
        (USES, RENAMED, OTHER | {"src/app/room.py": USES["src/app/room.py"] + "\n\nX = 1\n", "src/app/area.py": RENAMED["src/app/area.py"] + "\n\nX = 1\n"}, "failed", "PG204"),
        (USES, RENAMED, {"src/app/room.py": USES["src/app/room.py"].replace("area(", "surface(").replace("import area", "import surface")}, "passed", ""),
    ],
    ids=["renamed", "renamed elsewhere", "both sides", "a test went on one side", "a test went on the other", "skipped on one side", "documents", "a test on both sides", "code of its own", "code of its own without a red test", "a conflict alone", "code of its own without a test", "code of its own where nothing conflicts", "code with its test where nothing conflicts", "code with its test beside sides that break each other", "the same in their own files", "what a rename on the other side needs"],
)  # fmt: skip
@pytest.mark.sampled(4)
def test_a_merge_answers_for_what_meets_in_it(
    project: Project, side: dict[str, str], main: dict[str, str], merged: dict[str, str], ruling: str, code: str
) -> None:
    def commit(files: dict[str, str], message: str) -> None:
        for path, text in files.items():
            project.write(path, text)
        project.commit(message)

    project.init_git()
    commit(BASE | {"pytest.ini": LEAN}, "chore: begin")
    project.git("checkout", "--quiet", "-b", "side")
    commit(side, "refactor: side")
    project.git("checkout", "--quiet", "-")
    commit(main, "refactor: main")
    project.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    for path, text in merged.items():
        project.write(path, text)
    project.git("add", "--all")
    project.git("commit", "--quiet", "--no-verify", "--no-edit")

    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD~1..HEAD").json

    said = found["commits"][-1]
    assert said["verdict"] == ruling, said
    assert {one["code"] for one in said["findings"] if one["severity"] == "error"} == ({code} if code else set())


def test_a_merge_that_holds_one_side_alone_is_not_run(project: Project) -> None:
    project.init_git()
    for path, text in (BASE | {"pytest.ini": LEAN}).items():
        project.write(path, text)
    project.commit("chore: begin")
    project.git("checkout", "--quiet", "-b", "side")
    for path, text in OTHER.items():
        project.write(path, text)
    project.commit("feat: other")
    project.git("checkout", "--quiet", "-")
    project.git("merge", "--quiet", "--no-ff", "--no-edit", "side")

    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD~1..HEAD").json

    said = found["commits"][-1]
    assert (said["verdict"], said["reason"]) == ("exempt", "the merge adds nothing itself")
