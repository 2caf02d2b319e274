from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Guide, Phase
from pytest_phasegate.core.regression.baseline import (
    BaselineTest,
    kept_for,
    let_go,
    phase_key,
    read_baseline,
    write_baseline,
)
from pytest_phasegate.errors import BaselineError

A = BaselineTest(TestId("tests/test_a.py::test_é"), "1", 2, "d1")
B = BaselineTest(TestId("tests/test_b.py::TestB::test_b"), "cache:2", 0, "")
CACHE = Guide("c.md", "cache", "C", "canonical", "", (Phase("1", "", 1, 2, tests=(DeclaredTest("test_é", 1),)),))
LINE = '{"test": "t.py::test_a", "phase": "1", "cases": 1, "digest": "d"}'
OTHER = Guide("o.md", "other", "O", "canonical", "", (Phase("1", "", 1, 2), Phase("2", "", 3, 4)))


def test_what_is_written_is_read_again_sorted_and_one_line_a_test() -> None:
    text = write_baseline([B, A])

    assert text.splitlines()[0] == '{"test": "tests/test_a.py::test_é", "phase": "1", "cases": 2, "digest": "d1"}'
    assert read_baseline(text) == (A, B)
    assert read_baseline("") == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "it is not JSON"),
        ("[]", "its keys are not cases, digest, phase, test"),
        ('{"test": "t", "phase": "1", "cases": 1}', "its keys are not"),
        ('{"test": "", "phase": "1", "cases": 1, "digest": ""}', "wrong kind"),
        ('{"test": "t", "phase": 1, "cases": 1, "digest": ""}', "wrong kind"),
        ('{"test": "t", "phase": "1", "cases": true, "digest": ""}', "wrong kind"),
        ('{"test": "t", "phase": "1", "cases": -1, "digest": ""}', "wrong kind"),
        ('{"test": "t", "phase": "1", "cases": 1, "digest": null}', "wrong kind"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_never_skipped(line: str, why: str) -> None:
    with pytest.raises(BaselineError, match=r"baseline\.jsonl:2: ") as caught:
        read_baseline(f"{write_baseline([A])}{line}\n")

    assert why in caught.value.problem


def test_a_phase_is_named_by_its_id_unless_another_guide_has_one_like_it() -> None:
    assert phase_key(CACHE, "1", [CACHE]) == "1"
    assert phase_key(CACHE, "1", [CACHE, OTHER]) == "cache:1"
    assert phase_key(OTHER, "2", [CACHE, OTHER]) == "2"


def test_the_tests_of_a_phase_are_found_by_either_name() -> None:
    assert kept_for([A, B], CACHE, "1", [CACHE]) == (A,)
    assert kept_for([A, B], CACHE, "2", [CACHE]) == (B,)
    assert kept_for([A, B], CACHE, "1", [CACHE, OTHER]) == (A,)
    assert kept_for([A, B], OTHER, "1", [CACHE, OTHER]) == ()
    assert kept_for([A], CACHE, "9", [CACHE, OTHER]) == ()


def kept(line: BaselineTest, *guides: Guide) -> list[str]:
    """Return the guides whose first phase has the line."""
    return [guide.slug for guide in guides if kept_for([line], guide, "1", guides)]


def guide(slug: str, *tests: DeclaredTest, files: tuple[str, ...] = ()) -> Guide:
    declared = tuple(DeclaredFile(path, Action.CREATE, 1) for path in files)
    return Guide(f"{slug}.md", slug, "", "canonical", "", (Phase("1", "", 1, 2, tests=tests, files=declared),))


LATER = BaselineTest(TestId("tests/test_old.py::test_init"), "1", 1, "")


@pytest.mark.parametrize(
    "new",
    [
        guide("new", DeclaredTest("test_fresh", 1)),
        guide("new", DeclaredTest("test_init", 1, file="tests/test_new.py"), DeclaredTest("test_fresh", 1)),
        guide("new", files=("src/new.py", "tests/test_new.py")),
    ],
    ids=["other names", "the name in another file", "another file of tests"],
)
def test_what_an_earlier_guide_left_does_not_make_a_phase_of_the_next_one_accepted(new: Guide) -> None:
    assert kept(LATER, new) == []


@pytest.mark.parametrize(
    "own",
    [
        guide("old", DeclaredTest("test_init", 1)),
        guide("old", DeclaredTest("test_init", 1, file="tests/test_old.py")),
        guide("old", DeclaredTest("test_init", 1, file="test_elsewhere.py")),
        guide("old", DeclaredTest("test_other", 1), files=("tests/test_old.py",)),
        guide("old", files=("tests/*.py",)),
        guide("old", files=("src/old.py",)),
    ],
    ids=["name", "name and file", "found elsewhere", "file beside others", "glob", "by a mark or the table"],
)
def test_the_tests_accepted_for_a_phase_stay_its_own(own: Guide) -> None:
    assert kept(LATER, own) == ["old"]


def test_of_guides_that_have_the_phase_the_one_that_says_most_of_a_test_has_it() -> None:
    old, new = (
        guide("old", files=("tests/test_old.py",)),
        guide("new", DeclaredTest("test_init", 1, file="test_new.py")),
    )

    assert kept(LATER, old, new) == ["old"]
    assert kept(LATER, guide("old", DeclaredTest("test_init", 1)), new) == ["old"]


def test_a_test_that_stands_there_twice_is_refused() -> None:
    one = BaselineTest(TestId("t.py::test_a"), "1", 1, "d")

    with pytest.raises(BaselineError, match=r"'t\.py::test_a' stands there twice"):
        read_baseline(write_baseline([one, one]))


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "||||||| 1a2b3c4", "=======", ">>>>>>> theirs"])
def test_the_marks_of_a_merge_conflict_are_called_so_and_the_way_out_is_told(mark: str) -> None:
    with pytest.raises(BaselineError, match=r"baseline\.jsonl:2: a merge conflict is not resolved") as caught:
        read_baseline(f"{LINE}\n{mark}\n")

    assert caught.value.hint == (
        "keep the lines of both sides, in any order, and delete the marks;"
        " then: pytest --phase all, phasegate baseline diff"
    )


def test_lines_may_stand_in_any_order() -> None:
    other = LINE.replace("test_a", "test_b")

    assert [one.test for one in read_baseline(f"{other}\n{LINE}\n")] == ["t.py::test_b", "t.py::test_a"]


def test_what_cannot_be_read_is_taken_from_the_last_commit() -> None:
    with pytest.raises(BaselineError) as caught:
        read_baseline("{\n")

    assert caught.value.hint == "take it from the last commit: git checkout HEAD -- .phasegate/baseline.jsonl"


def test_of_a_test_that_stands_there_twice_either_line_may_go() -> None:
    with pytest.raises(BaselineError) as caught:
        read_baseline(f"{LINE}\n{LINE}\n")

    assert caught.value.hint == "delete either line; then: pytest --phase all, phasegate baseline update"


@pytest.mark.parametrize(
    ("after", "gone"),
    [
        ([("tests/test_a.py::test_a", "sha256:a")], []),
        ([("tests/test_a.py::test_a", "sha256:b")], []),
        ([("tests/test_b.py::test_renamed", "sha256:a")], []),
        ([("tests/test_b.py::test_b", "sha256:b")], ["tests/test_a.py::test_a"]),
        ([], ["tests/test_a.py::test_a"]),
    ],
)
def test_an_accepted_test_is_let_go_where_no_line_speaks_of_it(after: list[tuple[str, str]], gone: list[str]) -> None:
    before = BaselineTest(TestId("tests/test_a.py::test_a"), "1", 1, "sha256:a")

    kept = [BaselineTest(TestId(test), "1", 1, digest) for test, digest in after]

    assert list(let_go([before], kept)) == gone
