from __future__ import annotations

from textwrap import dedent

from pytest_phasegate.core.redgreen.exercised import added_lines, executed, statements, touched

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
