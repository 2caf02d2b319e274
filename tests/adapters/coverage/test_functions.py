from __future__ import annotations

from textwrap import dedent

from pytest_phasegate.adapters.coverage.own_measurement import functions_of

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


def test_functions_are_named_as_they_are_qualified() -> None:
    names = [function.name for function in functions_of(SOURCE)]

    assert names == ["first", "Box.open", "Box.open.inner", "Box.open.short", "line", "made", "made.Local.method"]


def test_a_body_holds_the_statements_of_the_function_alone() -> None:
    bodies = {function.name: sorted(function.body) for function in functions_of(SOURCE)}

    assert bodies["first"] == [5, 6, 7, 8]
    assert bodies["Box.open"] == [14, 17]
    assert bodies["Box.open.inner"] == [15]
    assert bodies["made"] == [22, 23, 25]


def test_a_function_on_one_line_has_no_body_to_reach() -> None:
    assert [f.body for f in functions_of(SOURCE) if f.name in {"line", "Box.open.short"}] == [set(), set()]


def test_a_source_that_cannot_be_parsed_has_no_functions() -> None:
    assert functions_of("def broken(:") == ()
    assert functions_of("x = '\0'") == ()
