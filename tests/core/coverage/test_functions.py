from __future__ import annotations

from textwrap import dedent

from pytest_phasegate.core.coverage.lines import functions_of

SOURCE = dedent('''\
    import os

    @decorated
    def first(value=1):
        """Say."""
        if value:
            return 1
        return 2

    class Box:
        size = 1

        async def open(self):
            def inner():
                return 3
            def short(): return 4
            return inner()

    def line(): return 5

    def made():
        class Local:
            def method(self):
                return 6
        return Local
    ''')
EVERY_LINE = frozenset(range(1, 40))


def test_functions_are_named_as_they_are_qualified() -> None:
    names = [function.name for function in functions_of(SOURCE, EVERY_LINE)]

    assert names == ["first", "Box.open", "Box.open.inner", "Box.open.short", "line", "made", "made.Local.method"]


def test_a_body_holds_the_statements_of_the_function_alone() -> None:
    bodies = {function.name: sorted(function.body) for function in functions_of(SOURCE, EVERY_LINE)}

    assert bodies["first"] == [5, 6, 7, 8]
    assert bodies["Box.open"] == [14, 16, 17]
    assert bodies["Box.open.inner"] == [15]
    assert bodies["made"] == [22, 23, 25]


def test_lines_that_are_no_statements_are_in_no_body() -> None:
    (first,) = (f for f in functions_of(SOURCE, frozenset({6, 7})) if f.name == "first")

    assert first.body == {6, 7}


def test_a_function_on_one_line_has_no_body_to_reach() -> None:
    assert [f.body for f in functions_of(SOURCE, EVERY_LINE) if f.name in {"line", "Box.open.short"}] == [set(), set()]


def test_a_source_that_cannot_be_parsed_has_no_functions() -> None:
    assert functions_of("def broken(:", EVERY_LINE) == ()
    assert functions_of("x = '\0'", EVERY_LINE) == ()
