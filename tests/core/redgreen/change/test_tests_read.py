# ruff: noqa: E501 - the rows of a table stay on one line each
from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.syntax import Unreadable
from pytest_phasegate.core.redgreen.change.changeset import FileVersions
from pytest_phasegate.core.redgreen.change.read_change import read_change
from pytest_phasegate.core.redgreen.change.test_module import TestModule, read_tests

if TYPE_CHECKING:
    from pytest_phasegate.core.redgreen.change.changeset import ChangeSet

LAYOUT = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))
PATH = "tests/test_a.py"


def read(source: str, path: str = PATH, layout: Layout = LAYOUT) -> TestModule:
    module = read_tests(path, dedent(source).encode(), layout)
    assert not isinstance(module, Unreadable)
    return module


def change(before: str, after: str, path: str = PATH, **others: tuple[str | None, str | None]) -> ChangeSet:
    files = {path: (before, after), **{f"tests/{name}.py": texts for name, texts in others.items()}}
    return read_change(
        [
            FileVersions(name, *(None if text is None else dedent(text).encode() for text in texts))
            for name, texts in files.items()
        ],
        LAYOUT,
    )


def statuses(given: ChangeSet) -> dict[str, str]:
    return {test.id.partition("::")[2]: test.status.value for test in given.tests}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def test_a(): ...", {"test_a": True}),
        ("async def test_a(): ...", {"test_a": True}),
        ("def helper(): ...\nx = 1", {}),
        ("class TestX:\n    def test_a(self): ...\n    def helper(self): ...", {"TestX::test_a": True}),
        ("class TestX:\n    class TestY:\n        def test_a(self): ...", {"TestX::TestY::test_a": True}),
        ("class Mixin:\n    def test_a(self): ...", {"Mixin::test_a": False}),
        ("class Case(unittest.TestCase):\n    def test_a(self): ...", {"Case::test_a": True}),
        ("class Case(AsyncTestCase):\n    def testA(self): ...", {"Case::testA": True}),
        ("class TestX:\n    __test__ = False\n    def test_a(self): ...", {"TestX::test_a": False}),
        ("if A:\n    def test_a(): ...\nelse:\n    def test_b(): ...", {"test_a": True, "test_b": True}),
        ("if False:\n    def test_a(): ...", {}),
        ("if True:\n    def test_a(): ...\nelse:\n    def test_b(): ...", {"test_a": True}),
        ("if 0:\n    x = 1\nelse:\n    def test_b(): ...", {"test_b": True}),
        (
            "try:\n    import a\nexcept ImportError:\n    def test_a(): ...\nelse:\n    def test_b(): ...\nfinally:\n    def test_c(): ...",
            {"test_a": True, "test_b": True, "test_c": True},
        ),
        ("with a:\n    def test_a(): ...", {"test_a": True}),
        ("for x in y:\n    def test_a(): ...", {"test_a": True}),
        ("def outer():\n    def test_a(): ...", {}),
        ("@pytest.fixture\ndef test_data(): ...", {}),
        ("@pytest.fixture()\ndef test_data(): ...", {}),
        ("@fixture\nasync def test_data(): ...", {}),
        ("def test_a(): ...\ntest_a = 1", {}),
        ("from app import test_a", {}),
    ],
)
def test_tests_are_found_by_the_text(source: str, found: dict[str, bool]) -> None:
    assert {test.id.partition("::")[2]: test.collected for test in read(source).tests.values()} == found


def test_a_module_that_pytest_does_not_collect_holds_tests_for_others() -> None:
    module = read("class Mixin:\n    def test_a(self): ...\ndef test_helper(): ...", "tests/base.py")

    assert [(test.id, test.collected) for test in module.tests.values()] == [
        ("tests/base.py::Mixin::test_a", False),
        ("tests/base.py::test_helper", False),
    ]


def test_the_names_of_tests_follow_pytests_options() -> None:
    layout = Layout(python_functions=("check",), python_classes=("Spec",))
    module = read("def check_a(): ...\ndef test_a(): ...\nclass SpecX:\n    def check_b(self): ...", layout=layout)

    assert [test.name for test in module.tests.values() if test.collected] == ["check_a", "check_b"]


SAME = [
    ("comments", "def test_a():\n    assert x", "def test_a():\n    # why\n    assert x  # really"),
    ("a docstring", "def test_a():\n    assert x", "def test_a():\n    '''Why.'''\n    assert x"),
    ("formatting", "def test_a():\n    assert f(1,2)", "def test_a():\n    assert f(\n        1,\n        2,\n    )"),
    ("position", "def test_a():\n    assert x", "\n\n\ndef test_a():\n    assert x"),
    ("order", "def test_a(): assert x\ndef test_b(): assert y", "def test_b(): assert y\ndef test_a(): assert x"),
    ("quotes and prefixes", "def test_a(): assert x == 'a'", 'def test_a(): assert x == u"a"'),
    ("a module's docstring", "def test_a(): assert x", "'Why.'\ndef test_a(): assert x"),
    (
        "a class's docstring",
        "class TestX:\n    def test_a(self): assert x",
        "class TestX:\n    'Why.'\n    def test_a(self): assert x",
    ),
    ("a pass", "def test_a():\n    pass", "def test_a(): ..."),
]


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_what_pytest_does_not_see_changes_no_test(before: str, after: str) -> None:
    given = change(before, after)

    assert (statuses(given), given.helpers) == ({}, ())


T = "def test_a():\n    assert f(1) == 1\n"
U = "def test_b():\n    assert g(2) == 2\n"
STATUS = [
    ("new", "", T, {"test_a": "new"}),
    ("deleted", T, "", {"test_a": "deleted"}),
    ("its name bound anew", T, f"{T}\ntest_a = None", {"test_a": "deleted"}),
    ("its name imported below it", T, f"{T}\nimport os as test_a", {"test_a": "deleted"}),
    ("changed", T, T.replace("== 1", "== 2"), {"test_a": "changed"}),
    ("made async", T, f"async {T}", {"test_a": "changed"}),
    ("a fixture asked for", T, T.replace("()", "(tmp_path)", 1), {"test_a": "changed"}),
    ("an annotation inside", "def test_a():\n    class A:\n        x: int", "def test_a():\n    class A:\n        x: str", {"test_a": "changed"}),
    ("annotated", "def test_a(x): assert x", "def test_a(x: int): assert x", {"test_a": "decorators_only"}),
    ("annotated by what it returns", T, T.replace("()", "() -> None", 1), {"test_a": "decorators_only"}),
    ("parametrized", T, f"@pytest.mark.parametrize('x', [1])\n{T}", {"test_a": "decorators_only"}),
    ("a case added", f"@pytest.mark.parametrize('x', [1])\n{T}", f"@pytest.mark.parametrize('x', [1, 2])\n{T}", {"test_a": "decorators_only"}),
    ("made conditional", T, f"if A:\n    {T.replace('    ', '        ')}", {"test_a": "decorators_only"}),
    ("renamed", T, T.replace("test_a", "test_c"), {"test_c": "renamed"}),
    ("moved into a class", T, "class TestX:\n    def test_a():\n        assert f(1) == 1\n", {"TestX::test_a": "renamed"}),
    ("class renamed", "class TestX:\n    def test_a(self): assert x", "class TestY:\n    def test_a(self): assert x", {"TestY::test_a": "renamed"}),
    ("renamed and edited", T, T.replace("test_a", "test_c").replace("== 1", "== 3"), {"test_c": "new"}),
    ("renamed and decorated", T, "@pytest.mark.slow\n" + T.replace("test_a", "test_c"), {"test_c": "new"}),
    ("another in its place", T, "def test_c():\n    server.start()\n    assert server.port\n", {"test_a": "deleted", "test_c": "new"}),
    ("swapped names", T + U, T.replace("test_a", "test_b") + U.replace("test_b", "test_a"), {"test_a": "changed", "test_b": "changed"}),
    ("an empty body is nobody's heir", "def test_a(): pass", "def test_c(): pass", {"test_a": "deleted", "test_c": "new"}),
    ("defined twice", T, T + T.replace("== 1", "== 2"), {"test_a": "changed"}),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "said"), [row[1:] for row in STATUS], ids=[row[0] for row in STATUS])
def test_what_became_of_a_test(before: str, after: str, said: dict[str, str]) -> None:
    assert statuses(change(before, after)) == said


def test_a_test_that_moves_to_another_file_is_moved_and_not_deleted() -> None:
    given = change(T + U, U, test_c=(None, T))

    assert [(test.id, test.status, test.before.id if test.before else "") for test in given.tests] == [
        ("tests/test_c.py::test_a", "moved", "tests/test_a.py::test_a")
    ]


def test_a_test_that_moves_and_is_edited_is_new_and_remembers_where_it_came_from() -> None:
    given = change(T, "", test_c=(None, "def test_a():\n    assert f(1) == 1\n    assert f(2) == 4\n"))

    assert [(test.id, test.status, test.before.id if test.before else "") for test in given.tests] == [
        ("tests/test_c.py::test_a", "new", "tests/test_a.py::test_a")
    ]


def test_targets_are_what_must_be_shown_red_and_green() -> None:
    given = change(T + U, T.replace("== 1", "== 2") + "def test_new(): assert True")

    assert [(test.id.partition("::")[2], test.line) for test in given.targets] == [("test_a", 1), ("test_new", 3)]
    assert [(test.id.partition("::")[2], test.line) for test in given.deleted] == [("test_b", None)]


def test_of_several_equal_texts_the_one_of_the_same_name_is_the_same_test() -> None:
    given = change(
        "def test_a(): assert x\ndef test_b(): assert x",
        "class TestX:\n    def test_b(): assert x\n    def test_a(): assert x",
    )

    assert {test.name: old.name for item in given.tests if (test := item.after) and (old := item.before)} == {
        "test_a": "test_a",
        "test_b": "test_b",
    }


HELPED = """
    import pytest
    LIMIT = 1
    @pytest.fixture
    def store(): return {}
    @pytest.fixture(autouse=True)
    def clean(): yield
    def build(): return LIMIT
    def check(x): assert x
    class Base:
        size = 3
        def setUp(self): self.x = 1
        def make(self): return self.size
    def test_plain(): assert 1 + f(2)
    def test_fixture(store): assert store
    def test_helper(): assert build()
    def test_string(request): request.getfixturevalue("store")
    @pytest.mark.usefixtures("store")
    def test_marked(): assert f(1)
    class TestX(Base):
        def test_method(self): assert self.make()
"""


@pytest.mark.parametrize(
    ("old", "new", "helper", "tests"),
    [
        ("LIMIT = 1", "LIMIT = 2", "LIMIT", {"test_helper"}),
        ("return {}", "return []", "store", {"test_fixture", "test_string", "test_marked"}),
        (
            "yield",
            "yield 1",
            "clean",
            {"test_plain", "test_fixture", "test_helper", "test_string", "test_marked", "TestX::test_method"},
        ),
        ("return self.size", "return 4", "Base::make", {"TestX::test_method"}),
        ("self.x = 1", "self.x = 2", "Base::setUp", {"TestX::test_method"}),
        ("size = 3", "size = 4", "Base::size", {"TestX::test_method"}),
        ("class TestX(Base):", "class TestX(Base, A):", "TestX", {"TestX::test_method"}),
        ("assert x", "assert x, 'why'", "check", set()),
    ],
)
def test_a_changed_helper_names_the_tests_that_reach_it(old: str, new: str, helper: str, tests: set[str]) -> None:
    given = change(HELPED, HELPED.replace(old, new))

    assert {item.id.partition("::")[2]: {test.partition("::")[2] for test in item.tests} for item in given.helpers} == {
        helper: tests
    }
    assert statuses(given) == {}


def test_an_import_is_a_definition_of_its_own_whatever_stands_beside_it() -> None:
    tests = "\n\ndef test_a():\n    assert one()\n"

    given = change(f"from app import one, two{tests}", f"from app import new, one\nimport os, sys{tests}")

    assert {helper.id.partition("::")[2] for helper in given.helpers} == {"two", "new", "os", "sys"}
    assert all(not helper.tests for helper in given.helpers)


@pytest.mark.parametrize(
    "loose",
    [
        "register(x)",
        "for x in y:\n    register(x)",
        "with a:\n    register(x)",
        "pytestmark = pytest.mark.slow",
        "x += 1",
        "x: int = 1",
        "del x",
    ],
)
def test_loose_statements_and_bindings_are_helpers(loose: str) -> None:
    assert len(change(T, f"{loose}\n{T}").helpers) == 1


@pytest.mark.parametrize(
    ("path", "before", "after", "shared"),
    [
        ("tests/conftest.py", "x = 1", "x = 2", True),
        ("tests/conftest.py", "x = 1", "x = 1  # why", False),
        ("tests/__init__.py", None, "", False),
        ("tests/base.py", "class M:\n    def test_a(self): ...", "class M:\n    def test_a(self): assert x", True),
        ("tests/base.py", None, "class M:\n    def test_a(self): ...", True),
        ("tests/making.py", None, "def make(): ...", False),
        ("tests/making.py", "def make(): ...", "def make(): return 1", True),
        ("tests/conftest.py", None, "x = 1", True),
        ("tests/sub/__init__.py", None, "x = 1", True),
        ("tests/data.json", None, "1", True),
        ("tests/data.json", "1", "2", True),
        ("tests/test_a.py", T, T.replace("== 1", "== 2"), False),
    ],
)
def test_what_may_concern_any_test_is_shared(path: str, before: str | None, after: str, shared: bool) -> None:
    given = read_change([FileVersions(path, None if before is None else before.encode(), after.encode())], LAYOUT)

    assert given.shared == ((path,) if shared else ())


def test_a_test_file_that_cannot_be_parsed_is_a_fact() -> None:
    given = change(T, "def test_a(:")

    assert [(fact.path, fact.reason) for fact in given.unreadable] == [(PATH, "line 1: invalid syntax")]
    assert statuses(given) == {"test_a": "deleted"}


def test_a_test_nested_too_deeply_to_be_read_is_a_fact() -> None:
    import sys

    limit = sys.getrecursionlimit()
    deep = "def test_a():\n" + "".join(f"{' ' * depth}if x:\n" for depth in range(1, 95)) + " " * 95 + "assert x\n"
    sys.setrecursionlimit(250)
    try:
        assert isinstance(read_tests(PATH, deep.encode(), LAYOUT), Unreadable)
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    ("source", "xfail", "skipped", "skips", "why"),
    [
        (T, "", False, 0, None),
        (f"@pytest.mark.xfail\n{T}", "loose", False, 0, None),
        (f"@pytest.mark.xfail(strict=True)\n{T}", "strict", False, 0, None),
        (f"@pytest.mark.xfail(reason='x', strict=False)\n{T}", "loose", False, 0, None),
        (f"@unittest.expectedFailure\n{T}", "strict", False, 0, None),
        (f"pytestmark = pytest.mark.xfail(strict=True)\n{T}", "strict", False, 0, None),
        (f"pytestmark: list = [pytest.mark.skip, pytest.mark.slow]\n{T}", "", True, 0, None),
        (f"if pypy:\n    pytestmark = pytest.mark.skip()\n{T}", "", False, 1, None),
        (f"if pypy:\n    pytestmark = [pytest.mark.slow, pytest.mark.skipif(A)]\n{T}", "", False, 1, None),
        (f"pytestmark: list\n{T}", "", False, 0, None),
        (f"@pytest.mark.skip('x')\n{T}", "", True, 0, None),
        (f"@pytest.mark.skipif(A, reason='x')\n{T}", "", False, 1, None),
        (f"@unittest.skipUnless(A, 'x')\n{T}", "", False, 1, None),
        (f"@skip_on_windows\n{T}", "", False, 1, None),
        (f"slow = pytest.mark.skipif(A)\n@slow\n{T}", "", False, 1, None),
        (f"@pytest.mark.characterization('legacy')\n{T}", "", False, 0, "legacy"),
        (f"@pytest.mark.characterization(reason='legacy')\n{T}", "", False, 0, "legacy"),
        (f"@pytest.mark.characterization()\n{T}", "", False, 0, ""),
        (f"@pytest.mark.characterization\n{T}", "", False, 0, None),
        ("@pytest.mark.skip\nclass TestX:\n    def test_a(self): assert x", "", True, 0, None),
        ("class TestX:\n    pytestmark = pytest.mark.skip\n    def test_a(self): assert x", "", True, 0, None),
    ],
)
def test_the_marks_of_a_test_are_its_own_and_those_around_it(
    source: str, xfail: str, skipped: bool, skips: int, why: str | None
) -> None:
    [test] = read(source).tests.values()

    assert (test.marks.xfail, test.marks.skipped, len(test.marks.skips), test.marks.characterization) == (
        xfail,
        skipped,
        skips,
        why,
    )


def test_an_xfail_is_strict_where_the_configuration_says_so() -> None:
    [test] = read(f"@pytest.mark.xfail\n{T}", layout=Layout(xfail_strict=True)).tests.values()

    assert test.marks.xfail == "strict"


@pytest.mark.parametrize(
    ("decorator", "count"),
    [
        ("@pytest.mark.parametrize('x', [1, 2])", 2),
        ("@pytest.mark.parametrize('x', (1, 2))", 2),
        ("@pytest.mark.parametrize(argnames='x', argvalues=[1])", 1),
        ("@pytest.mark.parametrize('x', [1])\n@pytest.mark.parametrize('y', [1, 2])", 3),
        ("@pytest.mark.parametrize('x', range(3))", None),
        ("@pytest.mark.parametrize('x', [*A, 1])", None),
        ("@pytest.mark.parametrize('x')", None),
        ("CASES = [1, 2, 3]\n@pytest.mark.parametrize('x', CASES)", 3),
        ("@pytest.mark.parametrize('x', ELSEWHERE)", None),
        ("@pytest.mark.parametrize", 0),
    ],
)
def test_literal_cases_are_counted(decorator: str, count: int | None) -> None:
    [test] = read(f"{decorator}\n{T}").tests.values()

    assert (None if test.marks.cases is None else len(test.marks.cases)) == count


@pytest.mark.parametrize(
    ("source", "idle"),
    [
        ("def test_a(): pass", True),
        ("def test_a():\n    'Says much.'\n    ...", True),
        ("def test_a(): assert True", True),
        ("def test_a():\n    x = [1]\n    assert len(x) == 1", True),
        ("@pytest.mark.slow\ndef test_a(): assert 1", True),
        ("class TestA:\n    def test_a(self): self.assertTrue(True)", True),
        ("async def test_a(): pass", True),
        ("@pytest.mark.parametrize('n, m', [(1, 2), (3, 4)])\ndef test_a(n, m): assert n < m", True),
        ("@pytest.mark.parametrize('n', [1, run()])\ndef test_a(n): assert n", False),
        ("@pytest.mark.parametrize('n', [1], indirect=True)\ndef test_a(n): assert n", False),
        ("@pytest.mark.parametrize('n', [1])\ndef test_a(n, made): assert n", False),
        ("def test_a(): return run() == 1", True),
        ("def test_a():\n    x = run()\n    return x == 1 and x", True),
        ("def test_a():\n    assert run() == 1\n    return run() == 2", False),
        ("def test_a():\n    check(run())\n    return run() == 2", False),
        ("def test_a(): return run()", False),
        ("@answering\ndef test_a(): return run() == 1", False),
        ("def test_a(): run()", False),
        ("def test_a(): import app", False),
        ("def test_a(made): pass", False),
        ("@pytest.mark.usefixtures('made')\ndef test_a(): pass", False),
        ("@scenario('a.feature', 'It works')\ndef test_a(): pass", False),
        ("class TestA:\n    def test_a(self): self.client.get('/')", False),
        ("def test_a(): assert LIMIT", False),
        ("class TestA:\n    def test_a(self): assert self.value == self.sum", False),
        ("from app import value\n\ndef test_a(): assert value() == 1", False),
        ("from app import format\n\ndef test_a(): assert format(1) == '1'", False),
        ("from app import *\n\ndef test_a(): assert format(1) == '1'", False),
        ("def sum(): return run()\n\ndef test_a(): assert sum()", False),
        ("from pytest import approx\n\ndef test_a(): assert approx(1) == 1", True),
    ],
)
def test_a_test_that_names_no_code_but_its_own_is_idle(source: str, idle: bool) -> None:
    (found,) = read(source).tests.values()

    assert found.claims.idle is idle
