from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.probe_records import Replaced
from pytest_phasegate.core.redgreen.exercised import (
    added_lines,
    changed,
    cleared,
    executed,
    in_doubt,
    statements,
    touched,
)
from pytest_phasegate.core.redgreen.observed import SeenTest

CODE = "app.py"
BEFORE = "RATE = 1\n\n\ndef net(price):\n    return price\n"
AFTER = (
    BEFORE
    + """

def fetched():
    raise OSError


class Shop:
    def free(self):
        return fetched()
"""
)
TURNED = SeenTest(TestId("t.py::test_a"), Outcome.FAILED, Outcome.MISSING, Outcome.PASSED, Grade.STRUCTURAL)

SHOWN = [
    ("a service", ["fetched"], {14}, True),
    ("an unchanged function", ["net"], {14}, True),
    ("what is asked", ["Shop.free"], {9}, True),
    ("what is asked, wrapped", ["Shop.free"], {14}, False),
    ("the class", ["Shop"], {14}, False),
    ("the module", [""], {9, 14}, False),
    ("all there is", ["Shop.free", "fetched"], {9, 14}, False),
    ("a service, and nothing runs", ["fetched"], {1, 4, 8, 13}, False),
]


@pytest.mark.parametrize(("names", "lines", "shows"), [case[1:] for case in SHOWN], ids=[case[0] for case in SHOWN])
def test_a_test_shows_something_if_code_of_the_change_ran_that_nobody_replaced(
    names: list[str], lines: set[int], shows: bool
) -> None:
    test = _with(names)

    (said,) = cleared([test], in_doubt([test]), {CODE: changed(BEFORE, AFTER)}, {CODE: frozenset(lines)})

    assert (said.replaced == ()) is shows


def test_where_nobody_could_watch_nothing_is_shown() -> None:
    test = _with(["fetched"])

    assert cleared([test], [test], {CODE: changed(BEFORE, AFTER)}, None) == (test,)


@pytest.mark.parametrize(("name", "shows"), [("RATE", False), ("net", True), ("", False)])
def test_where_no_function_changes_what_does_may_not_be_replaced(name: str, shows: bool) -> None:
    test = _with([name])

    (said,) = cleared([test], [test], {CODE: changed(BEFORE, BEFORE.replace("1", "2"))}, None)

    assert (said.replaced == ()) is shows


def test_a_test_that_proves_nothing_anyway_is_not_in_doubt() -> None:
    assert in_doubt([_with([]), SeenTest(TURNED.id, Outcome.PASSED, Outcome.PASSED, Outcome.PASSED)]) == ()


def _with(names: list[str]) -> SeenTest:
    places = tuple(Replaced(CODE, name, "tests/conftest.py") for name in names)
    return SeenTest(TURNED.id, TURNED.before, TURNED.base, TURNED.after, TURNED.grade, replaced=places)


SOURCE = dedent(
    '''\
    """Doc."""
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        import x
    A: int
    @mark
    def f(
        a,
    ):
        """Doc."""
        global B
        try:
            B = [
                a,
            ]
        except OSError:
            return 1
        else:
            C = 2
        if a:  # pragma: no cover
            D = 3
    class P:
        def m(self): ...
    '''
)


def test_only_what_can_run_counts() -> None:
    assert sorted(one.first for one in statements(SOURCE)) == [2, 6, 12, 13, 17, 19, 22, 23]


def test_a_statement_counts_once_however_many_lines_it_has() -> None:
    assert touched(SOURCE, frozenset({13, 14, 15})) == {13}
    assert touched(SOURCE, frozenset({1, 3, 4, 5, 10, 11, 20, 21})) == frozenset()


def test_a_head_whose_block_ran_has_run() -> None:
    assert executed(SOURCE, frozenset({14})) == {12, 13}


def test_a_function_that_is_only_defined_has_not_run() -> None:
    assert executed(SOURCE, frozenset({6, 7})) == {6}
    assert executed(SOURCE, frozenset({17})) == {12, 17}


def test_what_cannot_be_parsed_has_no_statements() -> None:
    assert statements("def (") == ()


def test_added_lines_are_those_of_the_second_text() -> None:
    assert added_lines("a\nb\nc\n", "a\nx\nc\nd\n") == {2, 4}
    assert added_lines("", "a\n") == {1}


def test_only_what_ends_a_line_in_python_does() -> None:
    """A form feed between sections does not, nor a separator in a text."""
    before = "import os\n\x0c\nA = '\x1c\u2028'\n"
    after = f"{before}def b():\n    return os  # pragma: no cover\n"

    assert added_lines(before, after) == {4, 5}
    assert touched(after, frozenset({4, 5})) == {4}
