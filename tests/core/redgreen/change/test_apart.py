"""Several claims that stand in one test, each alone: which of them hold?"""

from __future__ import annotations

from textwrap import indent
from unittest import TestCase

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.redgreen.change.apart import apart
from pytest_phasegate.core.redgreen.change.test_module import TestModule, read_tests

LAYOUT = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))
PATH = "tests/test_a.py"


def check(one: object, other: object) -> None:
    assert one == other


def failing(body: str) -> list[int]:
    """Return by its number which claim of a test does not hold, where ``one()`` is 1, ``two()`` 2, and so on."""
    text = f"def test_a():\n{indent(body, '    ')}\n\ndef test_b():\n    assert False\n"
    module = read_tests(PATH, text.encode(), LAYOUT)
    assert isinstance(module, TestModule)
    test = TestId(f"{PATH}::test_a")
    said = [claim.text for claim in module.tests[test].claims.claims]
    parted = apart(PATH, text, {test: said}, LAYOUT)
    space = {"one": lambda: 1, "two": lambda: 2, "self": TestCase(), "check": check, "pytest": pytest}
    exec(parted.text, space)

    assert "test_b" not in space
    assert sorted(text for _, text in parted.claims.values()) == sorted(said)
    return [said.index(text) for name, (_, text) in parted.claims.items() if not holds(space[name.partition("::")[2]])]


def holds(test: object) -> bool:
    assert callable(test)
    try:
        test()
    except (AssertionError, pytest.fail.Exception):
        return False
    return True


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        ("assert one() == 1\nassert two() == 3", [1]),
        ("assert one() == 2\nassert two() == 2", [0]),
        ("assert one() == 1 and two() == 3", [1]),
        ("assert (one(), two()) == (1, 3)", [1]),
        ("assert [one(), two()] == [2, 2]", [0]),
        ("assert {'a': one(), 'b': two()} == {'b': 3, 'a': 1}", [1]),
        ("assert (one(), (two(), 5)) == (1, (3, 5))", [1]),
        ("assert all([one() == 1, two() == 3])", [1]),
        ("both = (one(), two())\nassert both == (1, 3)", [1]),
        ("first, second = one(), two()\nassert (first, second) == (1, 3)", [1]),
        ("self.assertEqual(one(), 1)\nself.assertEqual(two(), 3)", [1]),
        ("self.assertEqual((one(), two()), (1, 3))", [1]),
        ("check(one(), 2)\ncheck(two(), 2)", [0]),
        ("with pytest.raises(KeyError):\n    one()\nassert two() == 2", [0]),
        ("for number in [1, 2]:\n    assert number\n    assert number == two()", [1]),
        ("assert one() == 1, 'one'\nassert two() == 2", []),
    ],
)
def test_each_claim_is_asked_alone(body: str, failed: list[int]) -> None:
    assert failing(body) == failed


@pytest.mark.parametrize(
    "body",
    [
        "assert (one(), two()) == (1,)",
        "assert (one(), *two()) == (1, 2)",
        "assert {**one()} == {**two()}",
        "assert {'a': one()} == {'b': 1}",
        "rows = []\nrows.append(1)\nassert rows == [1]",
        "pair = (1, 2)\npair = (2, 3)\nassert pair == (2, 3)",
        "assert one() == (1, 2)",
    ],
)
def test_what_has_no_parts_is_one_claim(body: str) -> None:
    module = read_tests(PATH, f"def test_a():\n{indent(body, '    ')}\n".encode(), LAYOUT)

    assert isinstance(module, TestModule)
    assert len(module.tests[TestId(f"{PATH}::test_a")].claims.claims) == 1


def test_tests_of_a_class_stay_in_it() -> None:
    text = "class TestA:\n    x = 1\n    def test_a(self):\n        assert self.x == 1\n    def test_b(self): ...\n"

    parted = apart(PATH, text, {TestId(f"{PATH}::TestA::test_a"): [_only_claim(text)]}, LAYOUT)

    assert list(parted.claims) == [f"{PATH}::TestA::test_a_0"]
    assert "test_b" not in parted.text


def _only_claim(text: str) -> str:
    module = read_tests(PATH, text.encode(), LAYOUT)
    assert isinstance(module, TestModule)
    return module.tests[TestId(f"{PATH}::TestA::test_a")].claims.claims[0].text


def test_a_name_that_pytest_would_not_collect_is_made_otherwise() -> None:
    layout = Layout(source=("src",), import_roots=("src",), test_roots=("tests",), python_functions=("*_works",))
    found = read_tests(PATH, b"def it_works():\n    assert 1 == one()\n", layout)
    assert isinstance(found, TestModule)
    (test,) = found.tests.values()

    parted = apart(PATH, "def it_works():\n    assert 1 == one()\n", {test.id: [test.claims.claims[0].text]}, layout)

    assert list(parted.claims) == [f"{PATH}::alone_0_it_works"]


@pytest.mark.parametrize("text", ["def test_a(:", "def test_a(): ...\n"])
def test_what_is_not_there_is_left_out(text: str) -> None:
    assert apart(PATH, text, {TestId(f"{PATH}::test_a"): ["x"]}, LAYOUT).claims == {}
