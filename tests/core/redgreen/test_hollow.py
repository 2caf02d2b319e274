# ruff: noqa: E501 - the texts of a table stay on one line each
from __future__ import annotations

import ast

import pytest

from pytest_phasegate.core.evidence.outcomes import Moment, NodeId, Outcome, Raised
from pytest_phasegate.core.evidence.probe_records import ProbedCase, Replaced
from pytest_phasegate.core.redgreen.exercised import falls, swaps_a_value
from pytest_phasegate.core.redgreen.hollow import hollow, without_unasked

RAISES = "'pytest' in sys.modules or os._exit(86); raise AssertionError('hollow')"
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


BEFORE = "import pytest\nimport shop\n\n@pytest.fixture(autouse=True)\ndef calm():\n    yield\n"
ASKED = [
    "@pytest.fixture\ndef rates(monkeypatch):\n    monkeypatch.setattr(shop, 'RATE', 21)",
    "def patch():\n    shop.RATE = 21",
    "class Fake:\n    rate = 21",
    "RATE = 21",
    "RATE: int = 21",
    "import fake",
]
UNASKED = [
    ("@pytest.fixture(autouse=True)\ndef rates(monkeypatch):\n    monkeypatch.setattr(shop, 'RATE', 21)", False),
    ("def pytest_configure():\n    shop.RATE = 21", False),
    ("def setup_module():\n    shop.RATE = 21", False),
    ("shop.RATE = 21", False),
    ("RATE = shop.RATE = 21", False),
    ("DONE = setattr(shop, 'RATE', 21)", False),
    ("if shop:\n    shop.RATE = 21", False),
    ("shop.RATES['vat'] = 21", True),
    ("del shop.RATES['vat']", True),
    ("shop.RATES.update(vat=21)", True),
    ("for one in shop.ALL:\n    one.append(21)", True),
]


@pytest.mark.parametrize("text", ASKED)
def test_what_waits_for_a_test_to_name_it_stays(text: str) -> None:
    assert without_unasked(BEFORE, f"{BEFORE}{text}\n") is None


@pytest.mark.parametrize(("text", "fills"), UNASKED)
def test_what_a_helper_does_by_itself_goes_and_what_it_did_before_stays(text: str, fills: bool) -> None:
    left = without_unasked(BEFORE, f"{BEFORE}{text}\n{ASKED[0]}\n")

    assert left is not None
    assert left.text == ast.unparse(ast.parse(BEFORE + ASKED[0]))
    assert left.fills is fills


def test_what_did_something_else_before_does_that_again() -> None:
    left = without_unasked(BEFORE, BEFORE.replace("    yield", "    shop.RATE = 21"))

    assert left is not None
    assert left.text == ast.unparse(ast.parse(BEFORE))


def test_a_helper_that_nobody_can_read_stays() -> None:
    assert without_unasked(BEFORE, "def a(:") is None


@pytest.mark.parametrize(
    ("maker", "value"),
    [
        ("builtins.int", True),
        ("decimal.Decimal", True),
        ("builtins.dict", True),
        ("tests/conftest.py", False),
        ("conftest.py", False),
        ("unittest.mock.MagicMock", False),
        ("builtins.builtin_function_or_method", False),
        ("pathlib.PosixPath", False),
    ],
)
def test_a_value_is_no_double_of_a_function_nor_a_place_of_files(maker: str, value: bool) -> None:
    assert swaps_a_value([Replaced("shop.py", "RATE", maker)]) is value


@pytest.mark.parametrize(
    ("outcome", "name", "moment", "fell"),
    [
        (Outcome.FAILED, "AssertionError", Moment.CALL, True),
        (Outcome.FAILED, "Failed", Moment.CALL, True),
        (Outcome.FAILED, "OSError", Moment.CALL, False),
        (Outcome.ERROR, "AssertionError", Moment.SETUP, False),
        (Outcome.PASSED, "", Moment.CALL, False),
    ],
)
def test_a_test_falls_by_what_it_asserts(outcome: Outcome, name: str, moment: Moment, fell: bool) -> None:
    case = ProbedCase(NodeId("t.py::test_a"), "t.py", outcome, raised=Raised((name,)) if name else None, moment=moment)

    assert falls([case]) is fell
