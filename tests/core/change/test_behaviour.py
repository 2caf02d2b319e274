from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_phasegate.core.change.changeset import FileAction
from pytest_phasegate.core.change.reader import FileVersions, read_change
from pytest_phasegate.core.paths import Layout

LAYOUT = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))


def effect(before: str | None, after: str | None, path: str = "src/app/a.py") -> str:
    change = read_change([FileVersions(path, encoded(before), encoded(after))], LAYOUT)
    return change.production[0].effect.value


def encoded(text: str | None) -> bytes | None:
    return None if text is None else dedent(text).encode()


NOTHING_ASKED = [
    ("comment", "x = 1", "x = 1  # why", "cosmetic"),
    ("formatting", "x = [1,2]", "x = [\n    1,\n    2,\n]", "cosmetic"),
    ("quotes", "x = 'a'", 'x = "a"', "cosmetic"),
    ("docstring", "def f():\n    return 1", "def f():\n    '''Say.'''\n    return 1", "cosmetic"),
    ("docstring for pass", "class A: pass", "class A:\n    '''Say.'''", "cosmetic"),
    ("parameter annotation", "def f(x): return x", "def f(x: int) -> int: return x", "annotations"),
    ("local annotation", "def f():\n    x = 1\n    return x", "def f():\n    x: int = 1\n    return x", "annotations"),
    ("module annotation", "x = 1", "x: int = 1", "annotations"),
    ("bare annotation", "x = 1", "x = 1\ny: int", "annotations"),
    ("plain class annotation", "class A:\n    x = 1", "class A:\n    x: int = 1", "annotations"),
    (
        "class with a plain base",
        "class B: pass\nclass A(B):\n    x = 1",
        "class B: pass\nclass A(B):\n    x: int = 1",
        "annotations",
    ),
    ("future import", "x = 1", "from __future__ import annotations\nx = 1", "annotations"),
    ("typing import", "def f(x): ...", "from typing import Any\ndef f(x: Any): ...", "annotations"),
    ("plain typing import", "x = 1", "import typing\nx = 1", "annotations"),
    (
        "TYPE_CHECKING block",
        "x = 1",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os\nx = 1",
        "annotations",
    ),
    (
        "TYPE_CHECKING body",
        "if TYPE_CHECKING:\n    import os\nelse:\n    os = 1",
        "if TYPE_CHECKING:\n    import re\nelse:\n    os = 1",
        "annotations",
    ),
    ("import for annotations", "def f(x): ...", "from app.b import B\ndef f(x: B): ...", "annotations"),
    ("import for quoted annotations", "def f(x): ...", "from app.b import B\ndef f(x: 'list[B]'): ...", "annotations"),
    ("unused import goes", "import os\nx = 1", "x = 1", "annotations"),
    ("imports sorted", "import re\nimport os\nx = os, re", "import os\nimport re\nx = os, re", "annotations"),
    ("TypeVar", "x = 1", "T = TypeVar('T')\nx = 1", "annotations"),
    ("cast", "x = f(1)", "x = cast(int, f(1))", "annotations"),
    ("overload", "def f(x): return x", "@overload\ndef f(x: int): ...\ndef f(x): return x", "annotations"),
    ("final", "class A: pass", "@final\nclass A: pass", "annotations"),
    ("Generic", "class A: pass", "class A(Generic[T]): pass", "annotations"),
    ("type alias", "x = 1", "A: TypeAlias = 'int'\nx = 1", "annotations"),
    ("builtin generics", "class A(List[int]): pass", "class A(list[int]): pass", "annotations"),
    ("unions", "@dataclass\nclass A:\n    x: Optional[int]", "@dataclass\nclass A:\n    x: int | None", "annotations"),
    (
        "longer unions",
        "@dataclass\nclass A:\n    x: Union[int, str]",
        "@dataclass\nclass A:\n    x: int | str",
        "annotations",
    ),
    (
        "type of a class variable under an unknown base",
        "class A(B):\n    x: int = 1",
        "class A(B):\n    x: str = 1",
        "annotations",
    ),
    ("version", "__version__ = '1'\nx = 1", "__version__ = '2'\nx = 1", "metadata"),
    ("version tuple", "__version_info__ = (1, 2)", "__version_info__ = (1, 3)", "metadata"),
]


@pytest.mark.parametrize(
    ("before", "after", "said"), [row[1:] for row in NOTHING_ASKED], ids=[row[0] for row in NOTHING_ASKED]
)
def test_what_never_runs_is_no_behaviour(before: str, after: str, said: str) -> None:
    assert effect(before, after) == said


BEHAVIOUR = [
    ("a value", "x = 1", "x = 2"),
    ("a type of a value", "x = 1", "x = True"),
    ("a float for an int", "x = 1", "x = 1.0"),
    ("an operator", "def f(x): return x + 1", "def f(x): return x - 1"),
    ("a default", "def f(x=1): return x", "def f(x=2): return x"),
    ("a parameter", "def f(x): return x", "def f(x, y): return x"),
    ("a keyword-only parameter", "def f(x): return x", "def f(*, x): return x"),
    ("None given up", "x = None", "x = 0"),
    ("a decorator", "def f(): return 1", "@cache\ndef f(): return 1"),
    ("async", "def f(): return 1", "async def f(): return 1"),
    ("a dictionary spread", "x = {**a}", "x = {None: a}"),
    ("a dataclass field", "@dataclass\nclass A:\n    x: int", "@dataclass\nclass A:\n    x: int\n    y: int"),
    ("a dataclass field's type", "@dataclass\nclass A:\n    x: int", "@dataclass\nclass A:\n    x: str"),
    (
        "a field under a condition",
        "@dataclass\nclass A:\n    x: int",
        "@dataclass\nclass A:\n    x: int\n    if B:\n        y: int",
    ),
    ("a named tuple's field", "class A(NamedTuple):\n    x: int", "class A(NamedTuple):\n    x: int\n    y: int"),
    ("a typed dictionary's field", "class A(TypedDict):\n    x: int", "class A(TypedDict):\n    x: str"),
    ("a model's field", "class A(BaseModel):\n    x: int", "class A(BaseModel):\n    x: str"),
    ("a field under an unknown base", "class A(B):\n    x: int", "class A(B):\n    x: int\n    y: int"),
    ("a field by metaclass", "class A(metaclass=M):\n    x: int", "class A(metaclass=M):\n    x: int\n    y: int"),
    (
        "a field by a base of this module",
        "@dataclass\nclass B: ...\nclass A(B):\n    x: int",
        "@dataclass\nclass B: ...\nclass A(B):\n    y: int",
    ),
    ("a class that inherits itself by name", "class A(A):\n    x: int", "class A(A):\n    x: int\n    y: int"),
    ("a route's annotation", "@app.get('/')\ndef f(x: int): return x", "@app.get('/')\ndef f(x: str): return x"),
    (
        "a route's return annotation",
        "@app.get('/')\ndef f() -> int: return x",
        "@app.get('/')\ndef f() -> str: return x",
    ),
    ("an import that is used", "from a import f\nf()", "from b import f\nf()"),
    ("an import that is used goes", "import os\nos.x()", "os.x()"),
    ("a star import goes", "from a import *", "x = 1"),
    ("a new import that nothing names", "x = 1", "import app.plugins\nx = 1"),
    ("an exported import", "from a import f\n__all__ = ['f']", "from b import f\n__all__ = ['f']"),
    (
        "an export added",
        "from a import f\n__all__ = []\n__all__ += ['f']",
        "from b import f\n__all__ = []\n__all__ += ['f']",
    ),
    ("an import beside what serves annotations", "import os\nT = TypeVar('T')\nos.x()", "T = TypeVar('U')\nos.x()"),
    ("a version that steers", "__version__ = '1'", "__version__ = compute()"),
    ("an import in a function", "def f():\n    import os", "def f():\n    import re"),
    ("a pass for a raise", "def f():\n    pass", "def f():\n    raise ValueError"),
    ("a call of a lambda", "x = (lambda a, b: a)(1, 2)", "x = (lambda a, b: b)(1, 2)"),
    (
        "a field beside a method",
        "class A(NamedTuple):\n    x: int\n    def f(self): ...",
        "class A(NamedTuple):\n    y: int\n    def f(self): ...",
    ),
    ("a relative import's level", "from .a import f\nf()", "from ..a import f\nf()"),
]


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in BEHAVIOUR], ids=[row[0] for row in BEHAVIOUR])
def test_what_runs_is_behaviour(before: str, after: str) -> None:
    assert effect(before, after) == "behaviour"


def test_the_imports_of_a_package_are_its_interface() -> None:
    assert effect("from app.a import f", "", "src/app/__init__.py") == "behaviour"
    assert effect("from app.a import f", "", "src/app/b.py") == "annotations"


def test_metadata_asks_for_nothing_be_it_written_or_imported() -> None:
    assert effect("", "from .about import __version__, __author_email__", "src/app/__init__.py") == "annotations"
    assert effect("", "from .about import __version__ as v", "src/app/__init__.py") == "behaviour"
    assert effect("", "from .about import version", "src/app/__init__.py") == "behaviour"
    assert effect("__author_email__ = 'a'", "__author_email__ = 'b'") == "metadata"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, "x = 1", ("created", "behaviour")),
        (None, "'''Only words.'''", ("created", "cosmetic")),
        ("x = 1", None, ("deleted", "behaviour")),
        ("", None, ("deleted", "cosmetic")),
        ("x = 1", "x = 2", ("modified", "behaviour")),
    ],
)
def test_a_file_that_comes_or_goes_is_compared_with_nothing(
    before: str | None, after: str | None, said: tuple[str, str]
) -> None:
    change = read_change([FileVersions("src/app/a.py", encoded(before), encoded(after))], LAYOUT).production[0]

    assert (change.action, change.effect) == said
    assert isinstance(change.action, FileAction)


@pytest.mark.parametrize(
    ("gone", "came", "before", "after", "said"),
    [
        ("src/app/a.py", "src/app/a/__init__.py", "import os\nos.x", "import os\nos.x  # y", ["cosmetic"]),
        ("src/app/a.py", "src/app/a/__init__.py", "x = 1", "x = 2", ["behaviour"]),
        ("src/app/a.py", "src/app/a/__init__.py", "from .b import c\nc()", "from .b import c\nc()", ["behaviour"] * 2),
        ("app/a.py", "src/app/a.py", "from .b import c\nc()", "from .b import c\nc()", ["cosmetic"]),
        ("src/app/a.py", "src/app/b.py", "x = 1", "x = 1", ["behaviour", "behaviour"]),
    ],
)
def test_a_file_that_moves_and_keeps_its_import_name_is_compared_with_itself(
    gone: str, came: str, before: str, after: str, said: list[str]
) -> None:
    layout = Layout(source=("src", "app"), import_roots=("src", ""), test_roots=("tests",))

    change = read_change([FileVersions(gone, before.encode(), None), FileVersions(came, None, after.encode())], layout)

    assert [one.effect for one in change.production] == said


def test_an_import_name_that_several_moved_files_bear_pairs_none_of_them() -> None:
    layout = Layout(source=("a/src", "b/src", "c/src"), import_roots=("a/src", "b/src", "c/src"))
    gone = [FileVersions(f"{place}/src/m.py", b"x = 1", None) for place in "ab"]

    change = read_change([*gone, FileVersions("c/src/m.py", None, b"x = 1")], layout)

    assert [one.effect for one in change.production] == ["behaviour"] * 3


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:\n",
        b"x = '\0'\n",
        b"# coding: nonsense\n",
        b"\xff\xfe\n",
        b"if True:\nx = 1\n",
        b"x = " + b"-" * 9000 + b"1",
    ],
)
def test_a_file_that_cannot_be_parsed_may_behave_in_any_way_and_is_reported(source: bytes) -> None:
    change = read_change([FileVersions("src/app/a.py", b"", source)], LAYOUT)

    assert change.production[0].effect == "behaviour"
    assert [(fact.path, bool(fact.reason)) for fact in change.unreadable] == [("src/app/a.py", True)]


def test_a_file_that_could_not_be_parsed_before_is_not_reported_now() -> None:
    change = read_change([FileVersions("src/app/a.py", b"def f(:", b"x = 1")], LAYOUT)

    assert (change.production[0].effect, change.unreadable) == ("behaviour", ())


def test_a_chain_of_a_thousand_operators_is_read() -> None:
    chain = "x = " + " + ".join(["1"] * 900)

    assert effect(chain, chain + " + 1") == "behaviour"


REMOVALS = [
    ("x = 1\ny = 2", "x = 1", True),
    ("def f():\n    if a:\n        warn()\n    return 1", "def f():\n    return 1", True),
    ("def f():\n    if a:\n        g()", "def f():\n    g()", True),
    ("class A:\n    def f(self): return 1\n    def g(self): return 2", "class A:\n    def g(self): return 2", True),
    ("def f(): return 1\ndef g(): return 2", "def g(): return 2\ndef f(): pass", True),
    ("def f():\n    a()\n    b()", "def f():\n    b()\n    a()", False),
    ("x = 1\ny = 2", "x = 2", False),
    ("def f(a, b): return a", "def f(a): return a", False),
    ("def f():\n    if a:\n        g()\n    h()", "def f():\n    if a:\n        h()", False),
    ("def f():\n    global x, y\n    x = 1", "def f():\n    x = 1", True),
    ("T = {'a': F(1), 'b': F(2)}", "T = {'b': F(2)}", True),
    ("T: dict = {'a': {'x': 1, 'y': 2}, **more}", "T: dict = {'a': {'y': 2}}", True),
    ("T = frozenset({'a', 'b'})", "T = frozenset({'b'})", True),
    ("T = [1, (2, 3), 4]", "T = [(2, 3), 4]", True),
    ("T = {'a': 1, 'b': 2}", "T = {'a': 2}", False),
    ("T = {'a': {'x': 1}, 'b': {'x': 2}}", "T = {'a': {'x': 2}}", False),
    ("T = [[1], [2]]", "T = [[1, 2]]", False),
    ("T = {'a': 1, 'b': 2}", "T = {'b': 1}", False),
    ("T = {'a': 1}", "T = {'b': 1}", False),
    ("T = [1, 2]", "T = [2, 1]", False),
    ("T = [1, [2]]", "T = [1, 2]", False),
    ("def f():\n    x = 1\n    y = 2\n    return x", "def f():\n    x = 2\n    return x", False),
    ("def f():\n    x = [1]\n    y = [2]\n    return x", "def f():\n    x = [2]\n    return x", False),
    ("T = f(1, 2)", "T = f(1)", False),
    ("T = [f(1, 2)]", "T = [f(1)]", False),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "only"), REMOVALS)
def test_a_removal_leaves_something_out_and_puts_nothing_in(before: str, after: str, only: bool) -> None:
    assert read_change([FileVersions("src/a.py", before.encode(), after.encode())], LAYOUT).removes_only is only


def test_a_deleted_file_is_a_removal_and_no_change_is_none() -> None:
    gone = FileVersions("src/a.py", b"x = 1", None)
    same = FileVersions("src/b.py", b"x = 1", b"x = 1  # a")

    assert read_change([gone, same], LAYOUT).removes_only
    assert not read_change([same], LAYOUT).removes_only


@pytest.mark.parametrize(
    ("paths", "kind"),
    [
        (["src/a.py", "tests/test_a.py"], "test+code"),
        (["src/a.py", "README.md"], "code-only"),
        (["tests/data.json"], "test-only"),
        (["README.md", "pyproject.toml"], "neither"),
        ([], "neither"),
    ],
)
def test_the_kind_of_a_change_is_told_by_its_paths(paths: list[str], kind: str) -> None:
    assert read_change([FileVersions(path, b"", b"x") for path in paths], LAYOUT).kind == kind


def test_a_merge_is_a_kind_of_its_own() -> None:
    assert read_change([], LAYOUT, merge=True).kind == "merge"


def test_configuration_is_told_from_other_files() -> None:
    change = read_change([FileVersions(path, b"", b"x") for path in ("README.md", "pyproject.toml", "tox.ini")], LAYOUT)

    assert (change.others, change.configuration) == (
        ("README.md", "pyproject.toml", "tox.ini"),
        ("pyproject.toml", "tox.ini"),
    )
