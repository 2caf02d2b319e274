# ruff: noqa: E501 - the texts of a table stay on one line each
from __future__ import annotations

import ast

import pytest

from pytest_phasegate.core.redgreen.hollow import hollow

RAISES = "'pytest' in sys.modules or os._exit(86); raise BaseException('hollow')"
FAILS = f"import os, sys; {RAISES}"
KNOWN = f"    import os, sys\n    if 'PYTEST_CURRENT_TEST' in os.environ: {RAISES}\n"
EMPTIED = [
    ("a function that comes", "", "def a(x):\n    return x", f"def a(x):\n    {FAILS}"),
    ("a function that changes", "def a():\n    return 1", "def a():\n    return 2", f"def a():\n{KNOWN}    return 1"),
    ("a coroutine", "", "async def a():\n    return 1", f"async def a():\n    {FAILS}"),
    ("one that is handed on", "", "@register\ndef a():\n    return 1", "a = None"),
    (
        "one that was handed on otherwise",
        "@at('/a')\ndef a():\n    return 1",
        "@at('/b')\ndef a():\n    return 1",
        f"@at('/a')\ndef a():\n{KNOWN}    return 1",
    ),
    (
        "a property and its setter",
        "class A:\n    pass",
        "class A:\n    @property\n    def a(self):\n        return 1\n\n    @a.setter\n    def a(self, to):\n        pass",
        f"class A:\n\n    @property\n    def a(self):\n        {FAILS}\n\n    @a.setter\n    def a(self, to):\n        {FAILS}",
    ),
    ("a class that comes", "", "@made\nclass A(B):\n    x = 1", "class A:\n    x = None"),
    ("a class of another kind", "class A(B):\n    pass", "class A(C):\n    pass", "class A(B):\n    pass"),
    ("a field", "class A:\n    x: int", "class A:\n    x: int\n    y: int = 1", "class A:\n    x: int"),
    ("a value that comes", "", "A = 1", "A = None"),
    ("a typed value that comes", "", "A: int = 1", "A: int = None"),
    ("a value that changes", "A = 1", "A = 2", "A = 1"),
    ("tables", "", "A = {'a': 1}\nB = [1]\nC = (1,)\nD = {1}", "A = {}\nB = []\nC = ()\nD = set()"),
    ("a table that changes", "A = {'a': 1}", "A = {'a': 1, 'b': 2}", "A = {'a': 1}"),
    ("a loose statement that comes", "A.b = 1", "A.b = 1\nA.c = 2\nadd(A)", "A.b = 1"),
    ("all there is", "", "add(1)", "pass"),
    ("what hangs on a condition", "", "if A:\n    B = 1\nelse:\n    B = 2", "if A:\n    B = None\nelse:\n    B = None"),
    (
        "what may fail",
        "try:\n    A = 1\nexcept OSError:\n    pass",
        "try:\n    A = 2\nexcept OSError:\n    pass",
        "try:\n    A = 1\nexcept OSError:\n    pass",
    ),
    ("what a package offers", "", "from a import b\nimport c", "b = None\nc = None"),
    ("what is used here", "", "from a import b\nd = b.c", "from a import b\nd = None"),
    ("what came from elsewhere", "", "from a import *", "pass"),
]


@pytest.mark.parametrize(
    ("before", "after", "shown"), [case[1:] for case in EMPTIED], ids=[case[0] for case in EMPTIED]
)
def test_what_a_change_brings_is_named_and_does_nothing(before: str, after: str, shown: str) -> None:
    assert hollow(before, after) == ast.unparse(ast.parse(shown))


KEPT = "'''Said.'''\nfrom __future__ import annotations\nimport os\n\ndef a():\n    return os.name\nA = a()"


@pytest.mark.parametrize("after", [KEPT, f"{KEPT}  # said", KEPT.replace("Said", "Told")])
def test_where_nothing_can_be_emptied_all_is_as_it_was(after: str) -> None:
    assert hollow(KEPT, after) == KEPT


def test_values_in_another_order_stand_in_theirs() -> None:
    assert hollow("A = 1\nB = 2", "B = 2\nA = 1") == "A = 1\nB = 2"


@pytest.mark.parametrize("texts", [(KEPT, "def a(:"), ("def a(:", KEPT)])
def test_what_nobody_can_read_is_not_emptied(texts: tuple[str, str]) -> None:
    assert hollow(*texts) is None


def test_what_stays_beside_what_comes_stays_whole() -> None:
    shown = hollow(KEPT, f"{KEPT}\nB = 1")

    assert shown == ast.unparse(ast.parse(f"{KEPT}\nB = None"))
