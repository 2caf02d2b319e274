from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.coverage.own_measurement import read_module
from pytest_phasegate.core.coverage.credit import Kind, Owner, Recorded, Suite, credit, ran_alone

if TYPE_CHECKING:
    from pytest_phasegate.core.coverage.measurement import Ran

A = "src/a.py"
B = "src/b.py"
A_TEXT = dedent("""\
    import b
    X = 1
    def f():
        import c
        return X
    """)
TEXTS = {
    A: read_module(A_TEXT, "a"),
    B: read_module("Y = 2\ndef g():\n    return Y\n", "b"),
    "src/c.py": read_module("Z = 3\n", "c"),
    "tests/test_1.py": read_module("import a\ndef test_1():\n    a.f()\n", "test_1"),
    "tests/test_2.py": read_module("def test_2():\n    import a\ndef test_3(): pass\n", "test_2"),
    "tests/sub/conftest.py": read_module("import b\n", "conftest"),
}
PATHS = {"a": A, "b": B, "c": "src/c.py", "test_1": "tests/test_1.py", "test_2": "tests/test_2.py"}
STARTUP = Owner(Kind.STARTUP)
ONE, TWO = Owner(Kind.TESTS, "1"), Owner(Kind.TESTS, "2")


def collecting(path: str) -> Owner:
    return Owner(Kind.COLLECTION, path)


def lines(*numbers: int) -> frozenset[int | tuple[int, int]]:
    return frozenset(numbers)


def ran(by_owner: dict[Owner, Ran], first: Ran, *, branches: bool = False, **suite: object) -> dict[str, Ran]:
    tests = {"1": frozenset({("tests/test_1.py", "test_1")}), "2": frozenset({("tests/test_2.py", "test_2")})}
    known = Suite(**{"tests": tests, "paths": PATHS, "texts": TEXTS, **suite})  # type: ignore[arg-type]
    return dict(credit(Recorded(branches, by_owner, first), known).phases)


IMPORTED_BY_1: dict[Owner, Ran] = {collecting("tests/test_1.py"): {A: lines(1, 2, 3), B: lines(1, 2)}}
FIRST: Ran = {A: lines(1, 2, 3), B: lines(1, 2)}


def test_what_ran_in_a_phases_tests_counts_for_it_alone() -> None:
    found = ran({ONE: {A: lines(4, 5)}, TWO: {B: lines(3)}}, {})

    assert found == {"1": {A: {4, 5}}, "2": {B: {3}}}


def test_import_lines_count_for_every_phase_whose_tests_import_the_module() -> None:
    found = ran(IMPORTED_BY_1, FIRST)

    assert found["1"] == FIRST
    assert found["2"] == FIRST


def test_they_do_not_count_for_a_phase_whose_tests_import_nothing() -> None:
    tests = {"1": frozenset({("tests/test_1.py", "test_1")}), "2": frozenset({("tests/test_2.py", "test_3")})}

    assert ran(IMPORTED_BY_1, FIRST, tests=tests)["2"] == {}


def test_a_module_loaded_by_one_phases_test_counts_for_another_that_runs_in_it() -> None:
    found = ran({ONE: {B: lines(1, 2, 3)}, TWO: {B: lines(3)}}, {B: lines(1, 2, 3)})

    assert found["2"][B] == {1, 2, 3}


def test_a_lazy_import_counts_where_its_line_ran() -> None:
    first: Ran = {**FIRST, "src/c.py": lines(1)}
    by_owner: dict[Owner, Ran] = {**IMPORTED_BY_1, ONE: {A: lines(4, 5), "src/c.py": lines(1)}, TWO: {A: lines(4, 5)}}
    without = {**by_owner, TWO: {A: lines(5)}}

    assert ran(by_owner, first)["2"]["src/c.py"] == {1}
    assert "src/c.py" not in ran(without, first)["2"]


def test_what_a_function_did_while_a_module_was_imported_counts_for_that_modules_phases_only() -> None:
    by_owner: dict[Owner, Ran] = {collecting("tests/test_1.py"): {B: lines(1, 2, 3)}}

    found = ran(by_owner, {B: lines(1, 2, 3)}, texts={**TEXTS, "tests/test_2.py": read_module("import b", "test_2")})

    assert found["1"][B] == {1, 2, 3}
    assert found["2"][B] == {1, 2}


def test_arcs_follow_the_line_they_leave_or_enter() -> None:
    arcs = frozenset({(-1, 1), (1, 2), (2, -1), (-2, 3), (3, -2)})

    found = ran({ONE: {B: arcs}, TWO: {B: frozenset({(-2, 3)})}}, {B: arcs}, branches=True)

    assert found["2"][B] == {(-1, 1), (1, 2), (2, -1), (-2, 3)}


def test_what_ran_before_collection_counts_for_everybody() -> None:
    found = ran({STARTUP: {B: lines(1, 2, 3)}}, {B: lines(1, 2, 3)}, preloaded=frozenset({B}))

    assert found["1"][B] == found["2"][B] == {1, 2, 3}


def test_a_conftest_counts_for_the_tests_below_it() -> None:
    tests = {"1": frozenset({("tests/sub/test_x.py", "test_x")}), "2": frozenset({("tests/test_2.py", "test_3")})}
    by_owner: dict[Owner, Ran] = {collecting("tests/sub/conftest.py"): {B: lines(1, 2, 3)}}

    found = ran(by_owner, {B: lines(1, 2, 3)}, tests=tests)

    assert found["1"][B] == {1, 2, 3}
    assert found["2"] == {}


def test_a_shared_fixture_counts_for_each_phase_that_uses_it() -> None:
    by_owner: dict[Owner, Ran] = {Owner(Kind.FIXTURE, "db"): {B: lines(3)}}

    found = ran(by_owner, {B: lines(1)}, fixtures={"db": frozenset({"2"})})

    assert found["1"] == {B: {1}}
    assert found["2"] == {B: {1, 3}}


def test_tests_of_no_phase_count_to_everything_only() -> None:
    suite = Suite(tests={"1": frozenset()})
    measured = credit(Recorded(False, {Owner(Kind.TESTS): {A: lines(5)}}, {}), suite)

    assert measured.phases["1"] == {}
    assert measured.everything == {A: {5}}


def importing(path: str) -> Owner:
    return Owner(Kind.IMPORT, path)


def test_what_an_import_ran_in_other_files_counts_for_whoever_imports_the_module() -> None:
    by_owner: dict[Owner, Ran] = {importing(A): {A: lines(1, 2, 3), B: lines(3)}, importing(B): {B: lines(1, 2)}}

    found = ran(by_owner, FIRST)

    assert found["1"] == found["2"] == {A: {1, 2, 3}, B: {1, 2, 3}}


def test_it_does_not_count_for_one_that_imports_only_the_other_file() -> None:
    by_owner: dict[Owner, Ran] = {importing(A): {A: lines(1, 2, 3), B: lines(3)}, importing(B): {B: lines(1, 2)}}

    found = ran(by_owner, FIRST, texts={**TEXTS, "tests/test_2.py": read_module("import b", "test_2")})

    assert found["2"] == {B: {1, 2}}


def test_a_module_loaded_by_name_at_run_time_counts_where_it_was_asked_for() -> None:
    by_owner: dict[Owner, Ran] = {importing("src/c.py"): {"src/c.py": lines(1)}}
    suite = Suite(tests={"1": frozenset(), "2": frozenset()}, paths=PATHS, texts=TEXTS)
    recorded = Recorded(False, by_owner, {"src/c.py": lines(1)}, {TWO: frozenset({"src/c.py"})})

    assert credit(recorded, suite).phases == {"1": {}, "2": {"src/c.py": {1}}}


CASES_OF_1 = frozenset({("tests/test_1.py", "test_1")})
ALL_OF_1: dict[Owner, Ran] = {
    STARTUP: {B: lines(1)},
    collecting("tests/conftest.py"): {B: lines(2)},
    collecting("tests/test_1.py"): {A: lines(1, 2, 3)},
    importing("src/c.py"): {"src/c.py": lines(1)},
    ONE: {A: lines(4, 5)},
}


def test_a_phase_that_was_alone_in_the_run_has_all_that_ran_and_no_text_is_read() -> None:
    found = ran(ALL_OF_1, {}, tests={"1": CASES_OF_1}, texts={})

    assert found == {"1": {A: {1, 2, 3, 4, 5}, B: {1, 2}, "src/c.py": {1}}}


@pytest.mark.parametrize(
    ("beside", "tests"),
    [
        pytest.param({}, {"": frozenset({("tests/test_2.py", "test_2")})}, id="a test of no phase"),
        pytest.param({}, {"2": frozenset({("tests/test_2.py", "test_2")})}, id="a test of another phase"),
        pytest.param({Owner(Kind.TESTS): {B: lines(3)}}, {}, id="what nobody's test ran"),
        pytest.param({collecting("tests/test_2.py"): {B: lines(3)}}, {}, id="a module of no selected test"),
        pytest.param({collecting("tests/sub/conftest.py"): {B: lines(3)}}, {}, id="a conftest of other modules"),
    ],
)
def test_a_phase_with_others_beside_it_has_only_what_its_own_tests_reach(
    beside: dict[Owner, Ran], tests: dict[str, frozenset[tuple[str, str]]]
) -> None:
    recorded = Recorded(False, ALL_OF_1 | beside, {})

    assert not ran_alone(recorded, {"1": CASES_OF_1} | tests)
