from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.mapping.mapping import Step, successor

HERE, THERE = "t/test_a.py", "t/test_b.py"


def texts(path: str, **digests: str) -> dict[TestId, str]:
    return {TestId(f"{path}::{name.replace('__', '::')}"): text for name, text in digests.items()}


def left(*names: str) -> frozenset[TestId]:
    return frozenset(TestId(f"{HERE}::{name}") for name in names)


STOOD = texts(HERE, test_one="1", test_two="2", T__test_three="3")

FOLLOWED = {
    "a function": (Step(STOOD, left("test_two"), texts(HERE, test_uno="1")), "test_a.py::test_uno"),
    "a function, in another file": (Step(STOOD, left("test_two"), texts(THERE, test_uno="1")), "test_b.py::test_uno"),
    "its file": (Step(STOOD, left(), texts(THERE, test_one="1", test_two="2")), "test_b.py::test_one"),
    "its file, beside a copy of the text": (
        Step(STOOD, left(), texts(THERE, test_one="1", test_copy="1")),
        "test_b.py::test_one",
    ),
    "its file, with another text": (
        Step(STOOD, left(), texts(THERE, test_one="x", test_two="2")),
        "test_b.py::test_one",
    ),
    "its file, most lines of which are the same": (
        Step(STOOD, left(), texts(THERE, test_one="x", test_two="y"), frozenset({THERE})),
        "test_b.py::test_one",
    ),
}
NOT_FOLLOWED = {
    "nothing came": Step(STOOD, left("test_two"), {}),
    "two of the same text under other names": Step(STOOD, left(), texts(THERE, test_x="1", test_y="1")),
    "a namesake in a file that is another": Step(STOOD, left(), texts(THERE, test_one="x")),
    "a namesake elsewhere while its own file stands": Step(STOOD, left("test_two"), texts(THERE, test_one="x")),
    "another name in the file that goes on": Step(STOOD, left(), texts(THERE, test_uno="x", test_two="2")),
}


@pytest.mark.parametrize(("step", "became"), FOLLOWED.values(), ids=FOLLOWED.keys())
def test_a_test_is_followed(step: Step, became: str) -> None:
    assert successor(TestId(f"{HERE}::test_one"), "1", step) == f"t/{became}"


@pytest.mark.parametrize("step", NOT_FOLLOWED.values(), ids=NOT_FOLLOWED.keys())
def test_nothing_else_stands_in_for_a_test(step: Step) -> None:
    assert successor(TestId(f"{HERE}::test_one"), "1", step) is None


def test_a_class_is_followed_with_a_test_that_changed() -> None:
    stood = texts(HERE, T__test_a="1", T__test_b="2")
    step = Step(stood, frozenset(), texts(HERE, U__test_a="1", U__test_b="x", V__test_b="y"))

    assert successor(TestId(f"{HERE}::T::test_b"), "2", step) == f"{HERE}::U::test_b"
