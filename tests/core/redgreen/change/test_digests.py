from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.syntax import dump, parse
from pytest_phasegate.core.redgreen.change.changeset import FileVersions
from pytest_phasegate.core.redgreen.change.digests import test_versions as versions_of
from pytest_phasegate.core.redgreen.change.read_change import read_change
from pytest_phasegate.core.redgreen.change.test_module import TestModule, read_tests

SOURCE = b"""
import pytest

LIMIT = 3

@pytest.fixture
def box(): return [LIMIT]

@pytest.mark.parametrize("size", [1, 2])
def test_size(box, size): assert size < box[0]

class TestBox:
    def test_it(self, box): assert box

    def helper(self): return 1
"""


def helpers_of(source: bytes) -> set[str]:
    return {version.helpers for version in versions_of("tests/test_a.py", source, Layout())}


def test_the_digests_are_those_of_the_full_reading() -> None:
    module = read_tests("tests/test_a.py", SOURCE, Layout())

    assert isinstance(module, TestModule)
    found = {version.id: version.digest for version in versions_of("tests/test_a.py", SOURCE, Layout())}
    assert found == {test.id: test.digest for test in module.tests.values()}
    assert len(found) == 2


def test_helpers_change_with_a_fixture_and_not_with_a_test_a_comment_or_the_order() -> None:
    assert len(helpers_of(SOURCE)) == 1
    assert helpers_of(SOURCE) == helpers_of(SOURCE.replace(b"assert box", b"assert not box") + b"# more\n")
    assert helpers_of(SOURCE) == helpers_of(SOURCE.replace(b"LIMIT = 3\n", b"") + b"\nLIMIT = 3\n")
    assert helpers_of(SOURCE) != helpers_of(SOURCE.replace(b"[LIMIT]", b"[LIMIT, 1]"))
    assert helpers_of(SOURCE) != helpers_of(SOURCE.replace(b"LIMIT = 3", b"LIMIT = 4"))


def test_a_file_that_cannot_be_read_has_no_tests() -> None:
    assert versions_of("tests/test_a.py", b"def test_a(:", Layout()) == ()


if TYPE_CHECKING:
    from collections.abc import Sequence

LAYOUT = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))

names = st.sampled_from(["x", "value", "cache", "result"])
literals = st.one_of(st.integers(), st.text(max_size=8), st.booleans(), st.none(), st.floats(allow_nan=False))
expressions = st.recursive(
    st.one_of(names, literals.map(repr)),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} + {two[1]})"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(names, inner).map(lambda two: f"{two[0]}.get({two[1]}, key={two[1]})"),
    ),
    max_leaves=6,
)
statements = st.one_of(
    st.tuples(names, expressions).map(lambda two: f"{two[0]} = {two[1]}"),
    expressions.map(lambda one: f"assert {one} == 1"),
    st.tuples(names, expressions).map(lambda two: f"for {two[0]} in {two[1]}: assert {two[0]}"),
)
bodies = st.lists(statements, min_size=1, max_size=5)
comments = st.lists(st.sampled_from(["", "# why", "'''Words.'''", "pass"]), min_size=6, max_size=6)


def function(body: Sequence[str], between: Sequence[str] = ()) -> bytes:
    lines = [
        line for number, statement in enumerate(body) for line in (*between[number : number + 1], statement) if line
    ]
    return "\n".join(["def test_a(x):", *(f"    {line}" for line in lines), ""]).encode("utf-8", "surrogatepass")


def digest(source: bytes) -> str:
    module = read_tests("tests/test_a.py", source, LAYOUT)
    assert isinstance(module, TestModule)
    [test] = module.tests.values()
    return test.digest


@given(bodies, comments)
def test_comments_docstrings_and_empty_statements_do_not_move_a_digest(body: list[str], between: list[str]) -> None:
    assert digest(function(body)) == digest(function(body, between))


@given(bodies)
def test_formatting_does_not_move_a_digest(body: list[str]) -> None:
    source = function(body)

    assert digest(source) == digest(ast.unparse(ast.parse(source)).encode("utf-8", "surrogatepass"))


@given(bodies, bodies)
def test_equal_digests_mean_equal_trees(one: list[str], other: list[str]) -> None:
    trees = [ast.dump(ast.parse(function(body))) for body in (one, other)]

    assert (digest(function(one)) == digest(function(other))) is (trees[0] == trees[1])


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_at_all_raise(before: bytes, after: bytes) -> None:
    for path in ("src/app.py", "tests/test_a.py", "tests/conftest.py"):
        read_change([FileVersions(path, before, after)], LAYOUT)


@given(bodies)
def test_a_change_of_nothing_is_no_change(body: list[str]) -> None:
    source = function(body)
    files = [FileVersions(path, source, source) for path in ("src/app.py", "tests/test_a.py")]
    change = read_change(files, LAYOUT)

    assert (change.tests, change.helpers, change.behaviour) == ((), (), ())


def test_a_dump_tells_apart_what_python_tells_apart() -> None:
    sources = ["f(*a)", "f(**a)", "f(a)", "[a]", "(a,)", "{a}", "{**a}", "{a: a}", "a[:]", "a[a]", "a[a:]", "a[:a]", "a", "-a", "~a", "b''", "''", "0", "0.0", "0j", "False", "None", "...", "lambda: a", "lambda a: a", "lambda *a: a"]  # fmt: skip # noqa: E501

    dumped = [dump(parse("x.py", f"x = {source}".encode())) for source in sources]  # type: ignore[arg-type]

    assert len(set(dumped)) == len(sources)
