from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.redgreen.change.changeset import FileAction, FileVersions
from pytest_phasegate.core.redgreen.change.read_change import read_change

LAYOUT = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))


def effect(before: str | None, after: str | None, path: str = "src/app/a.py") -> str:
    change = read_change([FileVersions(path, encoded(before), encoded(after))], LAYOUT)
    return change.production[0].effect.value


def encoded(text: str | None) -> bytes | None:
    return None if text is None else dedent(text).encode()


STUB = "import typing as t\n@t.final\nclass A(t.Protocol[T]):\n    def f(self, x, /): ..."
INERT = [
    ("comment", "x = 1", "x = 1  # why", "cosmetic"),
    ("formatting", "x = [1,2]", "x = [\n    1,\n    2,\n]", "cosmetic"),
    ("quotes", "x = 'a'", 'x = "a"', "cosmetic"),
    ("docstring", "def f():\n    return 1", "def f():\n    '''Say.'''\n    return 1", "cosmetic"),
    ("docstring for pass", "class A: pass", "class A:\n    '''Say.'''", "cosmetic"),
    ("a docstring that a decorator gets", "@c\ndef f():\n    '''A.'''", "@c\ndef f():\n    '''B.'''", "docstrings"),
    ("a docstring that a base gets", "class A(B):\n    '''A.'''", "class A(B):\n    '''B.'''", "docstrings"),
    ("parameter annotation", "def f(x): return x", "def f(x: int) -> int: return x", "annotations"),
    ("local annotation", "def f():\n    x = 1\n    return x", "def f():\n    x: int = 1\n    return x", "annotations"),
    ("module annotation", "x = 1", "x: int = 1", "annotations"),
    ("bare annotation", "x = 1", "x = 1\ny: int", "annotations"),
    ("words that are split", "import os\n__all__ = 'a b'.split()", "__all__ = ['a', 'b']", "imports"),
    ("plain class annotation", "class A:\n    x = 1", "class A:\n    x: int = 1", "annotations"),
    (
        "an exception's annotation",
        "class A(ValueError):\n    x = 1",
        "class A(ValueError):\n    x: int = 1",
        "annotations",
    ),
    (
        "a base of the standard library",
        "import abc\nclass A(abc.ABC):\n    x = 1",
        "import abc\nclass A(abc.ABC):\n    x: int = 1",
        "annotations",
    ),
    (
        "class with a plain base",
        "class B: pass\nclass A(B):\n    x = 1",
        "class B: pass\nclass A(B):\n    x: int = 1",
        "annotations",
    ),
    ("future import", "x = 1", "from __future__ import annotations\nx = 1", "imports"),
    ("typing import", "def f(x): ...", "from typing import Any\ndef f(x: Any): ...", "annotations"),
    ("plain typing import", "x = 1", "import typing\nx = 1", "imports"),
    (
        "TYPE_CHECKING block",
        "x = 1",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os\nx = 1",
        "annotations",
    ),
    (
        "TYPE_CHECKING body",
        "import typing as t\nif t.TYPE_CHECKING:\n    import os\nelse:\n    os = 1",
        "import typing as t\nif t.TYPE_CHECKING:\n    import re\nelse:\n    os = 1",
        "annotations",
    ),
    (
        "TYPE_CHECKING of the module's own",
        "TYPE_CHECKING = False\nx = 1",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import os\nx = 1",
        "annotations",
    ),
    ("import for annotations", "def f(x): ...", "from app.b import B\ndef f(x: B): ...", "imports"),
    (
        "an import moved for checkers alone",
        "import os\nx = 1",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os\nx = 1",
        "imports",
    ),
    (
        "an import for annotations under a condition, and what the condition asks",
        "def f(x: str): ...",
        "import d\nif d.V >= (6, 0):\n    from d.csp import T\nelse:\n    T = None\ndef f(x: T | str): ...",
        "imports",
    ),
    (
        "an import for annotations from elsewhere",
        "from a import T\ndef f(x: T): ...",
        "import d\nif d.V >= (3, 11):\n    from a import T\nelse:\n    from b import T\ndef f(x: T): ...",
        "imports",
    ),
    (
        "a choice for annotations that goes with code",
        "if d.V:\n    from a import T\nelse:\n    T = None\ndef f(x: T): ...\ndef g(x): ...",
        "from a import T\ndef f(x: T): ...",
        "removal",
    ),
    (
        "an import for annotations that may fail",
        "def f(x): ...",
        "try:\n    from a import T\nexcept ImportError:\n    T = None\ndef f(x: T): ...",
        "annotations",
    ),
    ("an alias that annotations use", "x = []", "import typing\nA = typing.List[str]\nx: A = []", "annotations"),
    (
        "an alias of an alias",
        "A = dict[str, int]\ndef f(x: A): ...",
        "A = dict[str, int]\nB = A | None\ndef f(x: B): ...",
        "annotations",
    ),
    ("a protocol for annotations", "x = 1", f"{STUB}\n    '''Say.'''\n    y: int\nx = 1", "annotations"),
    ("unused import goes", "import os\nx = 1", "x = 1", "imports"),
    ("used import goes", "import os\nos.x()", "os.x()", "imports"),
    ("an import that registers comes", "x = 1", "import app.plugins\nx = 1", "imports"),
    ("another module of one package", "import app.a\nx = 1", "import app.b\nx = 1", "imports"),
    ("another type of that name", "from a import T\ndef f(x: T): ...", "from b import T\ndef f(x: T): ...", "imports"),
    ("imports sorted", "import re\nimport os\nx = os, re", "import os\nimport re\nx = os, re", "imports"),
    (
        "an import that the standard library offers now",
        "from collections import Mapping\nx = Mapping",
        "from collections.abc import Mapping\nx = Mapping",
        "imports",
    ),
    (
        "a class of typing",
        "from typing import Deque as D, OrderedDict\nx = OrderedDict()",
        "from collections import OrderedDict\nx = OrderedDict()",
        "imports",
    ),
    ("a text with one value", "x = 'a {} '.format(b(c))", "x = f'a {b(c)} '", "annotations"),
    (
        "a text with several values",
        "x = '{0}{1!r:>3} {z:x}'.format(b, c, z=d[1])",
        "x = f'{b}{c!r:>3} {d[1]:x}'",
        "annotations",
    ),
    ("a text with a value twice", "x = '{0}{0}{1}'.format(b, c)", "x = f'{b}{b}{c}'", "annotations"),
    ("a text with a percent sign", "x = '50%% %s, {%r}' % (a, b)", "x = f'50% {a}, {{{b!r}}}'", "annotations"),
    (
        "a base's type parameters",
        "from typing import TypeVar\nclass A(B): x = 1",
        "from typing import TypeVar\nK = TypeVar('K')\nV = TypeVar('V')\nclass A(B[K, V]): x = 1",
        "annotations",
    ),
    (
        "another type parameter of a base, below a condition",
        "try:\n    from typing import TypeVar\n    T = TypeVar('T')\n    class A(B[T]): x = 1\nexcept E: pass",
        "try:\n    from typing import TypeVar\n    U = TypeVar('U')\n    class A(B[U]): x = 1\nexcept E: pass",
        "annotations",
    ),
    ("a class of object", "class A(object): x = 1", "class A: x = 1", "annotations"),
    (
        "super without its arguments",
        "class A(B):\n    def f(self): return super(A, self).f()",
        "class A(B):\n    def f(self): return super().f()",
        "annotations",
    ),
    ("a set of a list", "def f(y): return set([1, y])", "def f(y): return {1, y}", "annotations"),
    (
        "a set of what is listed",
        "def f(y): return set([a for a in y])",
        "def f(y): return {a for a in y}",
        "annotations",
    ),
    ("a set of what comes", "def f(y): return set(a for a in y)", "def f(y): return {a for a in y}", "annotations"),
    (
        "a dict of pairs",
        "def f(y): return dict((a, 1) for a in y)",
        "def f(y): return {a: 1 for a in y}",
        "annotations",
    ),
    (
        "an old name of a builtin",
        "try:\n    f()\nexcept IOError: g()",
        "try:\n    f()\nexcept OSError: g()",
        "annotations",
    ),
    ("a stand-in for the standard library goes", "import mock\nmock.x", "from unittest import mock\nmock.x", "imports"),
    (
        "an import without its condition",
        "try:\n    import json\nexcept ImportError:\n    import simplejson as json\njson.x",
        "import json\njson.x",
        "removal",
    ),
    ("TypeVar", "x = 1", "from typing import TypeVar\nT = TypeVar('T')\nx = 1", "annotations"),
    ("cast", "x = f(1)", "from typing import cast\nx = cast(int, f(1))", "annotations"),
    ("cast by another name", "x = f(1)", "import typing as t\nx = t.cast(int, f(1))", "annotations"),
    (
        "overload",
        "def f(x): return x",
        "from typing import overload\n@overload\ndef f(x: int): ...\ndef f(x): return x",
        "annotations",
    ),
    ("final", "class A: pass", "from typing_extensions import final\n@final\nclass A: pass", "annotations"),
    ("Generic", "class A: pass", "from typing import Generic\nclass A(Generic[T]): pass", "annotations"),
    ("a signature in a protocol", STUB, STUB.replace("x, /", "x"), "annotations"),
    ("a method of a protocol", STUB, f"{STUB}\n    async def g(self):\n        'Do.'\n        ...", "annotations"),
    ("type alias", "x = 1", "from typing import TypeAlias\nA: TypeAlias = 'int'\nx = 1", "annotations"),
    (
        "builtin generics",
        "from typing import List\nclass A(List[int]): pass",
        "class A(list[int]): pass",
        "annotations",
    ),
    (
        "unions",
        "from typing import Optional\nx = Optional[int]",
        "x = int | None",
        "annotations",
    ),
    (
        "longer unions",
        "from typing import Union\nx = Union[int, str]",
        "x = int | str",
        "annotations",
    ),
    ("a field's type", "@dataclass\nclass A:\n    x: int", "@dataclass\nclass A:\n    x: str", "annotations"),
    ("a model's field's type", "class A(BaseModel):\n    x: int", "class A(BaseModel):\n    x: str", "annotations"),
    (
        "a route's annotation",
        "@app.get('/')\ndef f(x: int): return x",
        "@app.get('/')\ndef f(x: str): return x",
        "annotations",
    ),
    ("version", "__version__ = '1'\nx = 1", "__version__ = '2'\nx = 1", "metadata"),
    ("version tuple", "VERSION = (1, 2)", "VERSION = (1, 3)", "metadata"),
    ("author", "__author_email__ = 'a'", "__author_email__ = 'b'", "metadata"),
    ("a build's number", "__build__ = 0x01\nx = 1", "__build__ = 0x02\nx = 1", "metadata"),
    ("what a later Python loads late", "__lazy_modules__ = {'a'}", "__lazy_modules__ = {'a', 'b'}", "metadata"),
    ("exports in another order", "__all__ = ['b', 'a']\nx = 1", "__all__ = ['a', 'b']\nx = 1", "annotations"),
    ("a default that is said", "x = zip(a, b)", "x = zip(a, b, strict=False)", "annotations"),
    ("a mode that is said", "x = open(a, 'r', errors=b)", "x = open(a, errors=b)", "annotations"),
    (
        "a name that only type checkers import",
        "import typing as t\nd = f()",
        "import typing as t\nif t.TYPE_CHECKING:\n    import d\nelse:\n    d = f()",
        "annotations",
    ),
    (
        "another name of a local variable",
        "def f(a):\n    'A.'\n    b = g(a)\n    return b, [lambda: b]",
        "def f(a):\n    'B.'\n    c = g(a)\n    return c, [lambda: c]",
        "annotations",
    ),
    (
        "another name of an exception that is caught in a method",
        "class A:\n    async def f(self):\n        try: await self.g\n        except E as e: h(e)",
        "class A:\n    async def f(self):\n        try: await self.g\n        except E as x: h(x)",
        "annotations",
    ),
]


@pytest.mark.parametrize(("before", "after", "said"), [row[1:] for row in INERT], ids=[row[0] for row in INERT])
def test_what_looks_inert_asks_for_no_red_test(before: str, after: str, said: str) -> None:
    assert effect(before, after) == said


def test_a_docstring_that_the_project_may_read_is_not_the_same() -> None:
    file = FileVersions("src/app/a.py", b"'''A.'''", b"'''B.'''")

    read = read_change([file], LAYOUT, mentions=lambda _: True)
    unread = read_change([file], LAYOUT, mentions=lambda _: False)

    assert [change.production[0].effect for change in (read, unread)] == ["docstrings", "cosmetic"]


def test_what_a_revert_brings_back_is_inert_by_its_looks() -> None:
    change = read_change([FileVersions("src/app/a.py", b"x = 1", b"x = 2")], LAYOUT, restored=["src/app/a.py"])

    assert [one.effect for one in change.inert] == ["restored"]
    assert not change.changes_behaviour


BEHAVIOUR = [
    ("a value", "x = 1", "x = 2"),
    ("a type of a value", "x = 1", "x = True"),
    ("a float for an int", "x = 1", "x = 1.0"),
    ("an operator", "def f(x): return x + 1", "def f(x): return x - 1"),
    ("a default", "def f(x=1): return x", "def f(x=2): return x"),
    ("the type of a base", "class A(B[int]): x = 1", "class A(B[str]): x = 1"),
    ("a value with a percent sign", "x = '%s' % a", "x = f'{a}'"),
    ("a number with a percent sign", "x = '%d' % (a,)", "x = f'{a}'"),
    ("several values, one of which does something", "x = '%s%s' % (a(), b)", "x = f'{a()}{b}'"),
    ("a base that is called object", "object = b\nclass A(object): x = 1", "object = b\nclass A: x = 1"),
    ("a set that is called otherwise", "from a import set\nx = set([1])", "from a import set\nx = {1}"),
    ("a builtin of another name", "try:\n    f()\nexcept IOError: g()", "try:\n    f()\nexcept ValueError: g()"),
    (
        "super of another class",
        "class A(B):\n    def f(self): return super(B, self).f()",
        "class A(B):\n    def f(self): return super().f()",
    ),
    (
        "super of another object",
        "class A(B):\n    def f(self, x): return super(A, x).f()",
        "class A(B):\n    def f(self, x): return super().f()",
    ),
    (
        "super in a function of its own",
        "class A(B):\n    def f(self):\n        def g(x): return super(A, self).f()\n        return g",
        "class A(B):\n    def f(self):\n        def g(x): return super().f()\n        return g",
    ),
    ("a parameter", "def f(x): return x", "def f(x, y): return x"),
    ("a keyword-only parameter", "def f(x): return x", "def f(*, x): return x"),
    ("None given up", "x = None", "x = 0"),
    ("a decorator", "def f(): return 1", "@cache\ndef f(): return 1"),
    ("async", "def f(): return 1", "async def f(): return 1"),
    ("a dictionary spread", "x = {**a}", "x = {None: a}"),
    ("a dataclass field", "@dataclass\nclass A:\n    x: int", "@dataclass\nclass A:\n    x: int\n    y: int"),
    (
        "a field under a condition",
        "@dataclass\nclass A:\n    x: int",
        "@dataclass\nclass A:\n    x: int\n    if B:\n        y: int",
    ),
    ("a named tuple's field", "class A(NamedTuple):\n    x: int", "class A(NamedTuple):\n    x: int\n    y: int"),
    ("a typed dictionary's field", "class A(TypedDict):\n    x: int", "class A(TypedDict):\n    x: int\n    y: str"),
    ("a field under an unknown base", "class A(B):\n    x: int", "class A(B):\n    x: int\n    y: int"),
    ("a field by metaclass", "class A(metaclass=M):\n    x: int", "class A(metaclass=M):\n    x: int\n    y: int"),
    (
        "a field by a base of this module",
        "@dataclass\nclass B: ...\nclass A(B):\n    x: int",
        "@dataclass\nclass B: ...\nclass A(B):\n    y: int",
    ),
    ("a class that inherits itself by name", "class A(A):\n    x: int", "class A(A):\n    x: int\n    y: int"),
    ("an import that is used", "from a import f\nf()", "from b import f\nf()"),
    ("a star import goes", "from a import *", "x = 1"),
    ("an import in the place of a function", "x = 1\ndef f(): return 1", "from app.b import f\nx = 1"),
    ("an import in the place of a value", "f = 1\nx = 1", "from app.b import g as f\nx = 1"),
    ("what is handed on comes from elsewhere", "from app.a import f\nx = 1", "from app.b import f\nx = 1"),
    ("an exported import", "from a import f\n__all__ = ['f']", "from b import f\n__all__ = ['f']"),
    (
        "an export added",
        "from a import f\n__all__ = []\n__all__ += ['f']",
        "from b import f\n__all__ = []\n__all__ += ['f']",
    ),
    ("a cast of the project's own", "from app.b import cast\nx = f(1)", "from app.b import cast\nx = cast(int, f(1))"),
    ("a cast defined here", "def cast(a, b): ...\nx = f(1)", "def cast(a, b): ...\nx = cast(int, f(1))"),
    (
        "a cast that shadows",
        "from typing import cast\ncast = g\nx = 1",
        "from typing import cast\ncast = g\nx = cast(int, 1)",
    ),
    ("a relative module named typing", "from .typing import cast\nx = 1", "from .typing import cast\nx = cast(int, 1)"),
    ("a List of the project's own", "from app.b import List\nx = List[int]", "from app.b import List\nx = list[int]"),
    ("a decorator named final", "class A: pass", "from app.b import final\n@final\nclass A: pass"),
    ("a base named Generic", "class A: pass", "from app.b import Generic\nclass A(Generic[T]): pass"),
    ("an overload of the project's own", "def f(x): ...", "from app.b import overload\n@overload\ndef f(x): return x"),
    ("what a protocol does", STUB, STUB.replace("...", "return 1")),
    ("a protocol that runs", f"@checkable\n{STUB}", f"@checkable\n{STUB}\n    def g(self): ..."),
    ("a protocol that holds a value", "x = 1", f"{STUB}\n    y = 2\nx = 1"),
    ("a protocol of another class", "x = 1", f"{STUB.replace('t.P', 'B, t.P')}\nx = 1"),
    ("a protocol that runs comes", "x = 1", f"{STUB.replace('@t.final', '@checkable')}\nx = 1"),
    ("a method that is marked", STUB, f"{STUB}\n    @mark\n    def g(self): ..."),
    (
        "a Protocol of the project's own",
        STUB.replace("typing", "app"),
        STUB.replace("typing", "app").replace(", /", ""),
    ),
    ("a TYPE_CHECKING that is read", "x = 1", "from app.b import TYPE_CHECKING\nif TYPE_CHECKING:\n    x = 2\nx = 1"),
    (
        "a TYPE_CHECKING that is true",
        "TYPE_CHECKING = True\nx = 1",
        "TYPE_CHECKING = True\nif TYPE_CHECKING:\n    x = 2",
    ),
    (
        "a base of this module named like a builtin",
        "from b import ValueError\nclass A(ValueError):\n    x = 1",
        "from b import ValueError\nclass A(ValueError):\n    x: int = 1",
    ),
    (
        "an import under a condition that is used",
        "def f(x): return x",
        "import d\nif d.V:\n    from a import T\nelse:\n    T = None\ndef f(x: T): return T",
    ),
    (
        "an import under a condition that is exported",
        "def f(x): ...",
        "import d\n__all__ = ['T']\nif d.V:\n    from a import T\ndef f(x: T): ...",
    ),
    (
        "an import under a condition from elsewhere",
        "try:\n    import a\nexcept ImportError:\n    a = None",
        "try:\n    import b as a\nexcept ImportError:\n    a = None",
    ),
    ("an import under a condition that others may use", "x = 1", "if d.V:\n    from a import T\nx = 1"),
    (
        "an import that something may take the place of",
        "import json\njson.x",
        "try:\n    import orjson as json\nexcept ImportError:\n    import json\njson.x",
    ),
    ("an import under a condition that calls", "x = 1", "import d\nif d.set_up():\n    from a import T\nx: T = 1"),
    ("a value beside an import", "x: T = 1", "import d\nif d.V:\n    from a import T\n    y = 2\nx: T = 1"),
    ("an attribute set beside an import", "x: T = 1", "if d.V:\n    from a import T\n    d.y = 2\nx: T = 1"),
    ("a condition that calls, and what goes", "x = 1\ny = 2", "if d.set_up():\n    from a import T\nx = 1"),
    ("a value that is computed", "x: T = 1", "import d\nif d.V:\n    from a import T\nelse:\n    T = d()\nx: T = 1"),
    ("an alias that code uses", "A = list[int]\nx: A = A()", "A = list[str]\nx: A = A()"),
    ("an alias that is exported", "__all__ = ['A']\nx: A = 1", "__all__ = ['A']\nA = list[str]\nx: A = 1"),
    ("an alias that nothing uses", "A = list[int]", "A = list[str]"),
    ("an alias that is computed", "A = list[int]\nx: A = 1", "A = list[f()]\nx: A = 1"),
    ("another name of a class", "A = B\nx: A = 1", "A = C\nx: A = 1"),
    ("a value under a condition", "x = 1", "import d\nif d.V:\n    T = None\nx: T = 1"),
    ("an item of a table", "S = {}\nS['a'] = True", "S = {}\nS['a'] = False"),
    ("an attribute", "import app\napp.debug = True", "import app\napp.debug = False"),
    ("an attribute named version", "import app\napp.version = '1'", "import app\napp.version = '2'"),
    ("a version that is a number", "VERSION = 1", "VERSION = 2"),
    ("what is exported", "__all__ = ('a',)", "__all__ = ('a', 'b')"),
    ("another name of a parameter", "def f(a): return a", "def f(b): return b"),
    (
        "a name that is handed on",
        "def f():\n    a = g()\n    return locals()",
        "def f():\n    b = g()\n    return locals()",
    ),
    (
        "a name that is asked for",
        "def f():\n    a = g()\n    return eval(h)",
        "def f():\n    b = g()\n    return eval(h)",
    ),
    ("another local variable", "def f():\n    a = b = g()\n    return a", "def f():\n    a = b = g()\n    return h"),
    ("a name of the module for a local one", "def f():\n    a = 1\n    return a", "def f():\n    b = 1\n    return a"),
    ("another parameter within", "def f():\n    return lambda a: a", "def f():\n    return lambda b: b"),
    ("another function within", "def f():\n    def g(): ...\n    return g", "def f():\n    def h(): ...\n    return h"),
    ("a mode of another function", "x = io.open(a, 'r')", "x = io.open(a)"),
    ("another mode", "x = open(a, 'rb')", "x = open(a)"),
    ("a default of another function", "zip = f\nx = zip(a, b)", "zip = f\nx = zip(a, b, strict=False)"),
    ("an entry that somebody else sorts", "__all__ = [b, a]", "__all__ = [a, b]"),
    ("other words that are split", "__all__ = 'a b'.split()", "__all__ = ['a', 'c']"),
    ("words that are split otherwise", "__all__ = 'a,b'.split(',')", "__all__ = ['a,b']"),
    ("words that somebody else splits", "__all__ = words.split()", "__all__ = ['words']"),
    ("a text that is formatted otherwise", "x = '{}'.format(b)", "x = f'{b!r}'"),
    ("a text with another width", "x = '{:>2}'.format(b)", "x = f'{b:>3}'"),
    ("a text with values in another order", "x = '{}{}'.format(b, c)", "x = f'{c}{b}'"),
    ("a text whose values are made one after the other", "x = '{}{}'.format(b, c())", "x = f'{b}{c()}'"),
    ("a text with a value that is made twice", "x = '{0}{0}'.format(b())", "x = f'{b()}{b()}'"),
    ("a text with a value that is not shown", "x = '{0}'.format(b, c)", "x = f'{b}'"),
    ("a text with values by a list", "x = '{}'.format(*b)", "x = f'{b}'"),
    ("a text with an item of a value", "x = '{0[c]}'.format(b)", "x = f'{b[c]}'"),
    ("a text that somebody else formats", "x = text.format(b)", "x = f'{b}'"),
    ("a text with a value for its width", "x = '{:{}}'.format(b, c)", "x = f'{b:{c}}'"),
    ("a text by a percent sign", "x = '%s' % b", "x = f'{b}'"),
    ("an import of another name", "from math import floor as f\nf()", "from math import ceil as f\nf()"),
    ("an import that was missing", "os.x()", "import os\nos.x()"),
    ("a star import comes", "x = 1", "from app.b import *\nx = 1"),
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
    assert effect("", "from app.a import f", "src/app/__init__.py") == "behaviour"
    assert effect("x = []", "A = list[str]\nx: A = []", "src/app/__init__.py") == "annotations"
    assert effect("", "if X:\n    from app.a import f", "src/app/__init__.py") == "behaviour"
    assert effect("from app.a import f", "", "src/app/__init__.py") == "removal"
    assert effect("from app.a import f", "", "src/app/b.py") == "imports"


def test_metadata_of_a_package_may_be_imported() -> None:
    assert effect("", "from .about import __version__, __author_email__", "src/app/__init__.py") == "imports"
    assert effect('__version__ = "1"', "from .about import __version__", "src/app/__init__.py") == "metadata"
    assert effect("", "from .about import __version__ as v", "src/app/__init__.py") == "behaviour"
    assert effect("", "from .about import version", "src/app/__init__.py") == "behaviour"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("from app.a import _T\ndef f(x: _T): ...", "imports"),
        ("from app.a import T\ndef f(x: T): ...", "behaviour"),
        ("from app.a import _T\ndef f(x): ...", "behaviour"),
        ("from app.a import _T\ndef f(x: _T): ...\nf(_T)", "behaviour"),
    ],
)
def test_a_package_does_not_offer_a_private_name_that_its_annotations_use(after: str, expected: str) -> None:
    rest = after.partition("\n")[2].replace(": _T", "").replace(": T", "")

    assert effect(rest, after, "src/app/__init__.py") == expected


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("a.pyi", "def f(x): ...  # noqa", "def f(x): ...", "cosmetic"),
        ("a.pyi", "def f(x): ...", "def f(x: int): ...", "data"),
        ("a.pyi", None, "def f(x): ...", "data"),
        ("a.pyi", "def f(", "def f(x", "data"),
        ("a.pyx", "x = 1  # why", "x = 1", "data"),
        ("a.toml", "x = 1  # why", "x = 1", "data"),
    ],
)
def test_a_stub_of_which_only_comments_differ_is_the_same(name: str, before: str | None, after: str, said: str) -> None:
    change = read_change([FileVersions(f"src/app/{name}", encoded(before), encoded(after))], LAYOUT)

    assert [one.effect for one in change.production] == [said]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, "x = 1", ("created", "behaviour")),
        (None, "'''Only words.'''", ("created", "cosmetic")),
        ("x = 1", None, ("deleted", "removal")),
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
        (
            "src/app/a.py",
            "src/app/a/__init__.py",
            "from .b import c\nc()",
            "from .b import c\nc()",
            ["removal", "behaviour"],
        ),
        ("app/a.py", "src/app/a.py", "from .b import c\nc()", "from .b import c\nc()", ["cosmetic"]),
        ("src/app/a.py", "src/app/b.py", "x = 1", "x = 1", ["removal", "behaviour"]),
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

    assert [one.effect for one in change.production] == ["removal", "removal", "behaviour"]


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
    ("def f():\n    if v < 4 or (v < 5 and s):\n        g()", "def f():\n    if v < 5 and s:\n        g()", True),
    ("def f():\n    if a and b and c:\n        g()", "def f():\n    if a and c:\n        g()", True),
    ("def f():\n    if a or b:\n        g()", "def f():\n    if a and b:\n        g()", False),
    ("def f():\n    if a or b:\n        g()", "def f():\n    if b or a:\n        g()", False),
    ("def f():\n    if a and b:\n        g()", "def f():\n    if a and c:\n        g()", False),
    ("def f():\n    if (a and b) or c:\n        g()", "def f():\n    if a and c:\n        g()", False),
    ("def f():\n    if a:\n        while b or c:\n            g()", "def f():\n    if b:\n        g()", False),
    ("class A:\n    def f(self): return 1\n    def g(self): return 2", "class A:\n    def g(self): return 2", True),
    ("def f(): return 1\ndef g(): return 2", "def g(): return 2\ndef f(): pass", True),
    ("def f():\n    a()\n    b()", "def f():\n    b()\n    a()", False),
    ("x = 1\ny = 2", "x = 2", False),
    ("def f(a, b=None): return a", "def f(a): return a", True),
    ("def f(a, b=1, *, c=2, **d):\n    if b: warn()\n    return a", "def f(a, *, c=2):\n    return a", True),
    ("def f(a, b=1): return a\ndef g(): return f(2, b=3)", "def f(a): return a\ndef g(): return f(2)", True),
    ("class A:\n    def f(self, a, b=1): return a", "class A:\n    def f(self, a): return a", True),
    ("def f(a, b=1): return a", "def f(a, c=1): return a", False),
    ("def f(a, b=1, c=2): return a", "def f(a, c=3): return a", False),
    ("def f(a, b=1): return a\ndef g(): return f(2, c=3)", "def f(a): return a\ndef g(): return f(2)", False),
    ("def f(a, b=1): return a", "def f(b=1): return b", False),
    ("import sys\nif sys.v > 3:\n    def f(): return 1\nelse:\n    def f(): return 2", "def f(): return 1", True),
    ("def f():\n    if old:\n        return 1\n    else:\n        return 2", "def f():\n    return 2", True),
    ("def f():\n    if old:\n        return 1\n    else:\n        return 2", "def f() -> int:\n    return 2", True),
    ("def f(x):\n    check(x)\n    return x", "def f(x: int):\n    return x", True),
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
    ("try:\n    f()\nexcept K: pass", "try:\n    f()\nexcept L: pass", False),
    ("try:\n    x = f()\nexcept K:\n    x = 1", "try:\n    x = f()\nexcept L:\n    x = 1", False),
    ("f()\ng()", "try:\n    f()\nexcept K: pass\ng()", False),
    ("f()\ng()", "try:\n    f()\nfinally:\n    g()", False),
    ("try:\n    f()\nexcept K: pass\nelse:\n    g()", "try:\n    f()\n    g()\nexcept K: pass", False),
    ("class A:\n    x = f()", "class A:\n    try:\n        x = f()\n    except K: pass", False),
    ("try:\n    f()\nexcept K: pass\nexcept L: pass", "try:\n    f()\nexcept L: pass", True),
    ("try:\n    f()\nexcept K:\n    g()\nelse:\n    h()", "f()\nh()", True),
    ("try:\n    f()\nfinally:\n    g()", "f()\ng()", True),
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


@pytest.mark.parametrize(("cookie", "expected"), [("latin-1", "behaviour"), ("utf-8", "cosmetic")])
def test_the_same_bytes_in_another_encoding_are_another_text(cookie: str, expected: str) -> None:
    text = "NAME = 'caf\u00e9'\n\n\ndef name():\n    return NAME\n"

    assert effect(text, f"# coding: {cookie}\n{text}") == expected
