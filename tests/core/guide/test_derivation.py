from __future__ import annotations

import pytest

from pytest_phasegate.core.guide.declared_files import (
    Brought,
    Seen,
    declared_by_others,
    needs_deriving,
    own_commits,
    shared,
    with_brought,
)
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Derivation, Guide, Phase, Source

TITLE = Phase("2", "Two", 10, 19)
FILES = Phase("2", "Two", 10, 19, files=(DeclaredFile("src/a.py", Action.CREATE, 12),))
TESTS = Phase("2", "Two", 10, 19, tests=(DeclaredTest("test_a", 14),))
BROUGHT = Brought(
    ("src/a.py", "src/b.py"), frozenset({"src/b.py"}), ("tests/test_a.py::TestA::test_a", "tests/test_a.py::test_b")
)


def series(text: str) -> tuple[Seen, ...]:
    """Read commits: ``1`` names phase 1, ``12`` both, ``.`` none, ``t`` none and tests alone, ``x`` another guide's."""
    return tuple(
        Seen(str(at), tuple(word) if word.isdigit() else (), free=word in {".", "t"})
        for at, word in enumerate(text.split())
    )


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("2 2", [0, 1]),
        (". . .", [0, 1, 2]),
        ("t 2", [0, 1]),
        (". t t 2 .", [1, 2, 3, 4]),
        (". 2 . 2", [1, 2, 3]),
        ("2 1 . 2", [0, 2, 3]),
        ("t x 2", [2]),
        ("x . x", [1]),
        ("1 1", []),
        ("12", []),
        ("23 3", [0]),
        ("", []),
    ],
)
def test_the_commits_of_a_phase_are_those_that_name_it_else_what_nobody_names(text: str, own: list[int]) -> None:
    seen = series(text)

    found = own_commits(seen, "2", range(len(seen)), lambda at: text.split()[at] == "t")

    assert list(found) == own


def test_what_lies_outside_of_the_phases_span_is_not_looked_at() -> None:
    assert own_commits(series("t 2 . ."), "2", range(1, 3), lambda _: True) == (1, 2)


def test_a_commit_that_names_several_phases_is_told_once() -> None:
    assert shared(series("2 23 3"), range(3)) == ("commit 1 names the phases 2, 3: it counts to phase 2",)


@pytest.mark.parametrize(
    ("phase", "files", "tests", "beside"),
    [
        (TITLE, ["src/a.py", "src/b.py"], ["test_a", "test_b"], ()),
        (FILES, ["src/a.py"], ["test_a", "test_b"], ("src/b.py",)),
        (TESTS, ["src/a.py", "src/b.py"], ["test_a"], ("tests/test_a.py::test_b",)),
    ],
)
def test_only_what_the_guide_does_not_declare_is_derived(
    phase: Phase, files: list[str], tests: list[str], beside: tuple[str, ...]
) -> None:
    found = with_brought(phase, Derivation(("c",)), BROUGHT, ())

    assert [file.path for file in found.files] == files
    assert [test.name for test in found.tests] == tests
    assert found.derivation
    assert found.derivation.beside == beside
    assert {file.source for file in found.files} == {found.files_source}
    assert {test.source for test in found.tests} == {found.tests_source}


@pytest.mark.parametrize(
    "path", ["tests/test_a.py", "tests/data/a.json", "src/app/tests/conftest.py", "checks/test_a.py"]
)
def test_a_guide_that_names_files_of_tests_alone_names_no_code(path: str) -> None:
    named = DeclaredFile(path, Action.CREATE, 12)

    found = with_brought(TESTS._replace(files=(named,)), Derivation(), BROUGHT, ())

    assert needs_deriving(TESTS._replace(files=(named,)))
    assert [file.path for file in found.files] == [path, "src/a.py", "src/b.py"]
    assert found.files_source is Source.DERIVED


def test_a_derived_test_is_known_by_its_place_and_a_file_by_what_was_done_to_it() -> None:
    found = with_brought(TITLE, Derivation(), BROUGHT, ())

    assert found.tests[0] == DeclaredTest("test_a", 10, "TestA", "tests/test_a.py", source=Source.DERIVED)
    assert [file.action for file in found.files] == [Action.MODIFY, Action.CREATE]
    assert (found.declared_files, found.declared_tests) == ((), ())


@pytest.mark.parametrize("pattern", ["src/b.py", "src/b*", "tests/test_a.py"])
def test_what_another_phase_declares_is_never_derived(pattern: str) -> None:
    other = Phase("1", "One", 1, 9, files=(DeclaredFile(pattern, Action.CREATE, 3),))
    guide = Guide("g.md", "g", "G", "canonical", "", (other, TITLE))

    others = declared_by_others([guide], guide, TITLE)
    found = with_brought(TITLE, Derivation(), BROUGHT, others)

    assert others == (pattern,)
    assert not {"src/b.py", "tests/test_a.py"} <= {*(each.path for each in found.files), *(t.file for t in found.tests)}
