from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from support.project import Project

GUIDE_PATH = "docs/plans/box_implementation_guide.md"
GUIDE = """
    # Box Implementation Guide
    ## Phases
    ### Phase 1: Put
    **Files to create**:
    - `src/app/box.py`
    **Tests to write**:
    ```python
    def test_put(): ...
    def test_none(): ...
    ```
    **Success criteria**:
    - [ ] Coverage: 100%
    ### Phase 2: Nothing
    **Goal**: nothing yet
    """
BOX = """
    class Box:
        def __init__(self):
            self.items = []

        def put(self, item):
            if item is None:
                return False
            self.items.append(item)
            return True
    """
TESTS = {
    "put": "from app.box import Box\n\ndef test_put(): assert Box().put(1)\n",
    "none": "from app.box import Box\n\ndef test_none(): assert not Box().put(None)\n",
}


@pytest.fixture
def boxed(project: Project) -> Project:
    """A phase whose two tests only together reach every line; each is in a file of its own."""
    project.init_git().write("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['src']\n[tool.phasegate]\n")
    project.write(GUIDE_PATH, GUIDE)
    project.commit("docs: plan")
    project.write("src/app/__init__.py", "").write("src/app/box.py", BOX)
    for name, text in TESTS.items():
        project.write(f"tests/test_{name}.py", text)
    project.write(".gitignore", "*.json\n").commit("feat: box")
    return project


def shard(project: Project, index: int, *arguments: str) -> Path:
    """Run one part, and return its record."""
    name = f"record-{index}.json"
    run = project.pytest(
        "-q", "--phase", "1", "--phasegate-shard", f"{index}/2", "--phasegate-record", name, *arguments
    )
    assert run.exit_code == 0, run.text
    assert f"recorded in {name}, and not judged" in run.stdout
    return project.root / name


def test_shards_are_judged_together_and_only_together(boxed: Project) -> None:
    one, two = shard(boxed, 1, "tests/test_put.py"), shard(boxed, 2, "tests/test_none.py")

    whole = boxed.phasegate("--format", "json", "combine", str(one), str(two))
    half = boxed.phasegate("combine", str(one))
    twice = boxed.phasegate("combine", str(one), str(one))

    assert whole.exit_code == 0, whole.text
    (phase,) = whole.json["phases"]
    assert phase["tests"]["passed"] == 2
    assert phase["coverage"]["line"] == {"covered": 8, "total": 8, "percent": 100.0}
    assert (half.exit_code, twice.exit_code) == (4, 4)
    assert "missing 2" in half.stderr
    assert "twice 1" in twice.stderr


def test_what_the_projects_own_filter_leaves_out_is_missing_in_no_shard(boxed: Project) -> None:
    boxed.write("pytest.ini", "[pytest]\npythonpath = src\naddopts = -m 'not slow'\nmarkers = slow\n")
    boxed.write(
        "tests/test_put.py", TESTS["put"] + "\nimport pytest\n@pytest.mark.slow\ndef test_slow(): assert False\n"
    )
    boxed.write(GUIDE_PATH, GUIDE.replace("- `src/app/box.py`", "- `src/app/box.py`\n    - `tests/test_put.py`"))
    boxed.commit("test: slow")
    one, two = shard(boxed, 1, "tests/test_put.py"), shard(boxed, 2, "tests/test_none.py")

    whole = boxed.phasegate("combine", str(one), str(two))

    assert whole.exit_code == 0, whole.text


def test_records_of_other_content_or_another_guide_are_refused(boxed: Project) -> None:
    records = [str(shard(boxed, 1, "tests/test_put.py")), str(shard(boxed, 2, "tests/test_none.py"))]
    boxed.write("src/app/box.py", boxed.read("src/app/box.py") + "\n# more\n")

    edited = boxed.phasegate("combine", *records)

    assert edited.exit_code == 4
    assert "not those the shards ran on" in edited.stderr


def test_what_is_no_record_is_refused_by_name(boxed: Project) -> None:
    boxed.write("cut.json", '{"schema": "phasegate.record/2", "tree"')

    run = boxed.phasegate("combine", "cut.json")
    gone = boxed.phasegate("combine", "gone.json")

    deep = boxed.write("deep.json", "[" * 100_000).phasegate("combine", "deep.json")

    assert (run.exit_code, gone.exit_code, deep.exit_code) == (4, 4, 4)
    assert "cut.json" in run.stderr
    assert "gone.json" in gone.stderr


def test_a_shard_that_is_none_is_a_usage_error(boxed: Project) -> None:
    run = boxed.pytest("--phase", "1", "--phasegate-shard", "3/2")

    assert run.exit_code == 4
    assert "no part of a whole" in run.stderr
