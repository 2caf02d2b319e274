from __future__ import annotations

import ast

import pytest

from pytest_phasegate.core.evidence.outcomes import Moment, NodeId, Outcome, Raised
from pytest_phasegate.core.evidence.probe_records import ProbedCase, Replaced
from pytest_phasegate.core.redgreen.hollow import falls, swaps_a_value, without_unasked

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
