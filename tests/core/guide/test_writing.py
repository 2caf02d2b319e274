from __future__ import annotations

import ast

import pytest

from pytest_phasegate.core.guide.model import Action, CoverageGoal, DeclaredFile, DeclaredTest, Phase, Source
from pytest_phasegate.core.guide.writing import Known, proposal, with_skeletons

A, B = DeclaredTest("test_a", 1), DeclaredTest("test_b", 2, "TestB")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ["test_a", "TestB.test_b"]),
        ("def test_a(): assert 1\n", ["test_a", "TestB.test_b"]),
        ('"""Say."""\nfrom __future__ import annotations\n\nX = 1\n', ["test_a", "TestB.test_b"]),
        (
            "import pytest\n\n\nclass TestB:\n    def test_c(self): ...\n\n\nY = 2\n",
            ["TestB.test_c", "TestB.test_b", "test_a"],
        ),
    ],
)
def test_what_a_file_lacks_is_written_and_all_that_is_there_stays(text: str, written: list[str]) -> None:
    after = with_skeletons(text, [A, B])

    tree = ast.parse(after)
    names = [
        f"{node.name}.{each.name}" if isinstance(node, ast.ClassDef) else node.name
        for node in tree.body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
        for each in (node.body if isinstance(node, ast.ClassDef) else [node])
        if isinstance(each, ast.FunctionDef)
    ]
    assert names == written
    assert all(line in after.splitlines() for line in text.splitlines())
    assert after.count("import pytest") == 1
    assert with_skeletons(after, [A, B]) == after


def test_each_skeleton_fails_with_what_is_to_be_written() -> None:
    there: dict[str, object] = {}
    exec(with_skeletons("", [A]), there)

    with pytest.raises(pytest.fail.Exception, match="not written: test_a"):
        there["test_a"]()  # type: ignore[operator]


def known(*, files: tuple[str, ...] = (), tests: tuple[str, ...] = (), minimum: float | None = None) -> Known:
    defined = {"parse": ["src/parser.py"]}
    return Known(
        files.__contains__, lambda path: path.startswith("tests/"), lambda name: defined.get(name, ()), tests, minimum
    )


PHASE = Phase("2", "Read dates", 1, 9)


@pytest.mark.parametrize(
    ("section", "files", "tests"),
    [
        ("Read dates", [], ["tests/test_read_dates.py::test_read_dates"]),
        ("in `src/dates.py`", [("src/dates.py", "create")], ["tests/test_dates.py::test_read_dates"]),
        ("let `parse()` do it", [("src/parser.py", "modify")], ["tests/test_parser.py::test_read_dates"]),
        ("see `tests/test_x.py`: test_old, test_new", [], ["tests/test_old.py::test_old", "tests/test_x.py::test_new"]),
    ],
)
def test_a_proposal_comes_from_the_text_and_from_what_the_project_defines(
    section: str, files: list[tuple[str, str]], tests: list[str]
) -> None:
    found = proposal(PHASE, section, known(files=("src/parser.py",), tests=("tests/test_old.py::test_old",)))

    assert [(file.path, str(file.action)) for file in found.files] == files
    assert [f"{test.file}::{test.name}" for test in found.tests] == tests
    assert found.commit == "feat: read dates"


def test_what_the_commits_brought_goes_before_any_guess() -> None:
    phase = Phase(
        "1",
        "One",
        1,
        9,
        files=(DeclaredFile("src/b.py", Action.CREATE, 1, source=Source.DERIVED),),
        tests=(DeclaredTest("test_b", 1, "TestB", "tests/test_b.py", source=Source.DERIVED),),
    )

    found = proposal(phase, "see test_other", known(files=("src/b.py",), minimum=80))

    assert found.lines == (
        *("", "**Files to create**:", "", "- `src/b.py`"),
        *("", "**Tests to write** (in `tests/test_b.py:TestB`):", "", "- `test_b`"),
        *("", "**Success criteria**:", "", "- [ ] Coverage: 80%"),
        *("", "**Commit**: `feat: one`"),
    )


def test_of_what_a_phase_says_nothing_is_proposed() -> None:
    phase = Phase(
        "1",
        "One",
        1,
        9,
        files=(DeclaredFile("a.py", Action.CREATE, 2),),
        tests=(A,),
        coverage=CoverageGoal(90),
        commit="feat: x",
    )

    assert not proposal(phase, "`src/b.py` test_c", known(minimum=80)).lines
