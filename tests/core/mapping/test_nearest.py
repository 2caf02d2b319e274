from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.core.mapping.mapping import means, nearest


@pytest.mark.parametrize(
    ("file", "class_name", "found", "same"),
    [
        (None, None, "tests/a.py::test_x", True),
        (None, None, "tests/a.py::TestA::test_x", True),
        (None, "TestA", "tests/a.py::TestA::test_x", True),
        (None, "TestA", "tests/a.py::TestOuter::TestA::test_x", True),
        (None, "TestOuter::TestA", "tests/a.py::TestOuter::TestA::test_x", True),
        (None, "TestOuter", "tests/a.py::TestOuter::TestA::test_x", False),
        (None, "TestA", "tests/a.py::test_x", False),
        ("a.py", None, "tests/a.py::test_x", True),
        ("a.py", None, "tests/ba.py::test_x", False),
        (None, None, "tests/a.py::test_xy", False),
    ],
)
def test_a_declared_test_is_meant_by_as_much_as_the_guide_says(
    file: str | None, class_name: str | None, found: str, same: bool
) -> None:
    assert means(DeclaredTest("test_x", 1, class_name, file), TestId(found)) is same


def test_a_misspelt_name_is_found() -> None:
    assert (
        nearest("test_lru_evicts", ["a.py::test_other", "a.py::T::test_lru_evict", "b.py::test_ttl"])
        == "a.py::T::test_lru_evict"
    )


def test_nothing_alike_is_nothing() -> None:
    assert nearest("test_lru_evicts", ["a.py::zzz"]) is None
    assert nearest("test_lru_evicts", []) is None
    assert nearest("test_collapses", ["a.py::test_compat"]) is None  # every test begins with the same word


def test_the_name_is_found_among_many_that_share_no_word() -> None:
    many = [f"a.py::check_{at}" for at in range(1000)]

    assert nearest("test_lru", [*many, "z.py::test_lru_"]) == "z.py::test_lru_"
