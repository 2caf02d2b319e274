from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.baseline_file import Passings
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.regression.baseline import BaselineTest, Passing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def passings(tmp_path: Path) -> Passings:
    return Passings(tmp_path / "passed")


def passing(tree: str, phase: str = "1") -> Passing:
    return Passing("cache", phase, tree, (BaselineTest(TestId(f"tests/test_a.py::test_{tree}"), phase, 1, ""),))


def test_what_passed_on_one_content_stays_when_another_one_passes(passings: Passings) -> None:
    passings.keep(passing("a"))
    passings.keep(passing("b"))
    passings.keep(passing("c", phase="2"))

    assert [passings.find("cache", "1", tree) for tree in "abc"] == [passing("a"), passing("b"), None]
    assert passings.find("cache", "2", "c") == passing("c", phase="2")


def test_of_many_contents_the_newest_are_remembered(passings: Passings) -> None:
    for number in range(103):
        passings.keep(passing(f"{number}"))

    known = [number for number in range(103) if passings.find("cache", "1", f"{number}")]
    assert len(known) == 100
    assert known[-1] == 102


@pytest.mark.parametrize("content", ["", "{}", '{"guide": "other", "phase": "1", "tree": "a", "tests": ""}', "[1]"])
def test_what_cannot_be_read_or_is_of_something_else_was_never_written(passings: Passings, content: str) -> None:
    passings.keep(passing("a"))
    (file,) = passings.directory.rglob("*.json")
    file.write_text(content)

    assert passings.find("cache", "1", "a") is None
