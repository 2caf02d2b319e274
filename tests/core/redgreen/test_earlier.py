"""What the text of a test before a change says on the code after it: the table of ``docs/explanation``."""
# ruff: noqa: E501 - the rows of a table stay on one line each

from __future__ import annotations

from typing import Any

import pytest

from pytest_phasegate.core.evidence.outcomes import Outcome, TestId
from pytest_phasegate.core.project.settings import Policy
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.change.test_module import TestModule, read_tests
from pytest_phasegate.core.redgreen.earlier import lent_to, open_claims, payers, to_be_run, told_about
from pytest_phasegate.core.redgreen.observed import LineEvidence, Replay, SeenTest
from support.observations import CODE, LAYOUT, TESTS, codes, read, seen, verdict

CHANGED = {
    CODE: ("def f(x): return x\ndef g(x): return x", "def f(x): return -x\ndef g(x): return x\ndef h(x): return 1")
}
REMOVED = {CODE: ("def f(x):\n    warn()\n    return x", "def f(x):\n    return x")}
PROOF = "def test_new():\n    assert h(1) == 1\n"
"""A test of something else, which was red."""
OLD = "def test_a():\n    assert f(1) == 1\n"
IDLE = "def test_a():\n    assert callable(f)\n"
STAYED, TURNED = seen("test_a", "passed>passed", base="passed"), seen("test_a", "failed>passed", base="passed")
LACKED = seen("test_a", "error>passed", base="passed", grade="structural")
PROVED = seen("test_new", "failed>passed")


def stopped(*lines: int) -> SeenTest:
    """It was red on these lines."""
    return seen("test_a", "failed>passed", base="passed", stopped=lines)


HEIR = "def test_new():\n    assert f(2) == -2\n"
RAISING = "def test_a():\n    with raises(E):\n        x = f(1)\n"
FLAG = (
    "def test_a():\n    told = ''\n    try:\n        {}\n    except E as e:\n        told = str(e)\n    assert told\n"
)
BODY = "def test_a():\n    assert f(1) == LIMIT\n"
BY_HELPER = "def test_a():\n    same(f(1), LIMIT)\n"
GUARD = "def test_more():\n    assert g(1) == 1\n"
A, GONE = f"{TESTS}::test_a", f"{TESTS}::test_gone"
STRICT: dict[str, Any] = {"policy": Policy.STRICT, "lines": LineEvidence()}


def ran(outcome: str, test: str = A, *, refuted: bool | None = None) -> dict[str, Any]:
    """The text before ended so on the code after; a failure contradicts it unless said otherwise."""
    contradicted = outcome == "failed" if refuted is None else refuted
    return {"departed": {TestId(test): Outcome(outcome)}, "refuted": frozenset({TestId(test)} if contradicted else ())}


def edited(old: str, new: str, proof: str = PROOF, code: Any = CHANGED) -> Any:
    return code | {TESTS: (old, new + proof)}


STUB = "def test_a(monkeypatch):\n    monkeypatch.setattr(app, 'g', lambda {}: [x])\n    assert f(1) == 1\n"
SIGNED = {CODE: ("def g(x): return x", "def g(x, sign=None): return x\ndef f(x): return g(x, sign=1)")}
GROUP = "def test_gone():\n    assert f(1) == 1\n    assert f(2) == 2\n    assert f(3) == 3\n"
TURNED_ROUND = "def test_other_way():\n    assert f(9) == -9\n"
ROUND = seen("test_other_way", "failed>passed")
CASES = "@pytest.mark.parametrize('x', {})\ndef test_a(x):\n    assert f(x) == x\n"

TABLE: list[tuple[str, Any, list[Any], dict[str, Any], str, list[str]]] = [
    # the change, what was seen, how the text before ends -> verdict, codes of errors
    ("an idle assertion, and the old one fails", edited(OLD, IDLE), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("an idle assertion, and the old one holds", edited(OLD, IDLE), [STAYED, PROVED], ran("passed"), "passed", []),
    ("an idle assertion, strictly, and the old one holds", edited(OLD, IDLE), [TURNED, PROVED], STRICT | ran("passed"), "failed", ["PG206"]),
    ("an idle assertion, and nothing was run", edited(OLD, IDLE), [STAYED, PROVED], {}, "inconclusive", ["PG206"]),
    ("an idle assertion, and what the old one used is not there", edited(OLD, IDLE), [STAYED, PROVED], ran("failed", refuted=False), "passed", []),
    ("an idle assertion beside a red one about the same", edited(OLD, IDLE, HEIR), [STAYED, PROVED], ran("failed"), "passed", []),
    ("a red about something else in the same test", edited(OLD, "def test_a():\n    assert h(1) == 1\n", ""), [TURNED], ran("failed"), "failed", ["PG206"]),
    ("another example that was never red", edited(OLD, "def test_a():\n    assert f(0) == 0\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another example, and the old one holds", edited(OLD, "def test_a():\n    assert f(0) == 0\n"), [STAYED, PROVED], ran("passed"), "passed", []),
    ("another example beside a red one about the same", edited(OLD, "def test_a():\n    assert f(0) == 0\n", HEIR), [STAYED, PROVED], ran("failed"), "passed", []),
    ("another value that was red", edited(OLD, "def test_a():\n    assert f(1) == -1\n", ""), [TURNED], ran("failed"), "passed", []),
    ("another value that was red, the examples too", edited(OLD, "def test_a():\n    assert f(7) == -7\n", ""), [TURNED], ran("failed"), "passed", []),
    ("another input by a variable, never red", edited("def test_a():\n    x = f(1)\n    assert x == 1\n", "def test_a():\n    x = f(0) + 1\n    assert x == 1\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another input by a variable, and the old one holds", edited("def test_a():\n    x = f(1)\n    assert x == 1\n", "def test_a():\n    x = f(0) + 1\n    assert x == 1\n"), [STAYED, PROVED], ran("passed"), "passed", []),
    ("another input, in a test that is red about something new", edited("def test_a():\n    x = f(1)\n    assert x == 1\n", "def test_a():\n    assert h() == 0\n    x = f(0) + 1\n    assert x == 1\n", ""), [TURNED], ran("failed"), "failed", ["PG206"]),
    ("fewer cases, in a test that is red about something new", edited(CASES.format("range(9)"), CASES.format("range(1)") + "    assert h() == 0\n", ""), [TURNED], ran("failed"), "failed", ["PG206"]),
    ("another input, in a test that is red about something new, and the old one holds", edited("def test_a():\n    x = f(1)\n    assert x == 1\n", "def test_a():\n    assert h() == 0\n    x = f(0) + 1\n    assert x == 1\n", ""), [TURNED], ran("passed"), "passed", []),
    ("another value that was red, beside something new", edited(OLD, "def test_a():\n    assert h() == 0\n    assert f(1) == -1\n", ""), [TURNED], ran("failed"), "passed", []),
    ("another value that is red for something new before it", edited(OLD, "def test_a():\n    assert h() == 0\n    assert f(0) == 0\n", ""), [stopped(2)], ran("failed"), "failed", ["PG206"]),
    ("another value that is red for something new behind it", edited(OLD, "def test_a():\n    assert f(0) == 0\n    assert h() == 0\n", ""), [stopped(3)], ran("failed"), "failed", ["PG206"]),
    ("another value that is red for something new that raises", edited(OLD, "def test_a():\n    x = h()\n    assert x == 0\n    assert f(0) == 0\n", ""), [stopped(2)], ran("failed"), "failed", ["PG206"]),
    ("another value that is red itself beside something new", edited(OLD, "def test_a():\n    assert h() == 0\n    assert f(2) == -2\n", ""), [stopped(3)], ran("failed"), "passed", []),
    ("another value that raised", edited(OLD, "def test_a():\n    x = f(2)\n    assert x == -2\n", ""), [stopped(2)], ran("failed"), "passed", []),
    ("another value that did not raise", edited(OLD, "def test_a():\n    with raises(E):\n        f(2)\n", ""), [stopped(2)], ran("failed"), "passed", []),
    ("another value, less exactly", edited(OLD, IDLE, "def test_new():\n    assert f(2) in (1, -2)\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another value, by what it is not", edited(OLD, IDLE, "def test_new():\n    assert f(2) != 2\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another value, by its length", edited(OLD, IDLE, "def test_new():\n    assert len(f(2)) == 1\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another value, by its type", edited(OLD, IDLE, "def test_new():\n    self.assertEqual(type(f(2)), int)\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another value, or whatever", edited(OLD, IDLE, "def test_new():\n    assert f(2) == -2 or h() == 1\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another value, as one of a list that is never empty", edited(OLD, IDLE, "def test_new():\n    assert h() == 1\n    assert [f(2)]\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another value, compared with itself", edited(OLD, IDLE, "def test_new():\n    assert h() == 1\n    assert f(2) == f(2)\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("another length, as exactly", edited("def test_a():\n    assert len(f(1)) == 1\n", IDLE, "def test_new():\n    assert len(f(2)) == 2\n"), [STAYED, PROVED], ran("failed"), "passed", []),
    ("another relation, as exactly", edited("def test_a():\n    assert f(1) > 0\n", IDLE, "def test_new():\n    assert f(2) < 0\n"), [STAYED, PROVED], ran("failed"), "passed", []),
    ("a relation, by an exact value", edited("def test_a():\n    assert f(1) > 0\n", IDLE, HEIR), [STAYED, PROVED], ran("failed"), "passed", []),
    ("another value, of a table of them", edited(OLD, IDLE, "def test_new():\n    assert f(2) == WANTED[2]\n"), [STAYED, PROVED], ran("failed"), "passed", []),
    ("something new in a test that cannot run as it stood", edited(OLD, OLD + "    assert h() == 0\n", ""), [TURNED], ran("failed", refuted=False), "passed", []),
    ("a missing name, and an example that still holds", edited(OLD, "def test_a():\n    assert h() == 0\n    assert f(0) == 0\n", ""), [LACKED], ran("failed"), "failed", ["PG206"]),
    ("a missing name, compared with the same value", edited(OLD, "def test_a():\n    assert h() == f(0)\n", ""), [LACKED], ran("failed"), "failed", ["PG206"]),
    ("a missing name, and the old example holds", edited(OLD, "def test_a():\n    assert h() == f(0)\n", ""), [LACKED], ran("passed"), "passed", []),
    ("a missing name, and what holds now of the same expression", edited(OLD, "def test_a():\n    assert h() == 0\n    assert f(1) == -1\n", ""), [LACKED], ran("failed"), "passed", []),
    ("a missing name, and less of the same expression", edited(OLD, "def test_a():\n    assert h() == 0\n    assert f(1) < 1\n", ""), [LACKED], ran("failed"), "failed", ["PG206", "PG206"]),
    ("a missing name, and the value of what raised before", edited(RAISING, "def test_a():\n    x = f(1)\n    assert x == h()\n", ""), [LACKED], ran("failed"), "passed", []),
    ("a missing name, and the value of what raised before, without a variable", edited(RAISING, "def test_a():\n    assert f(1) == h()\n", ""), [LACKED], ran("failed"), "passed", []),
    ("a missing name, and the value of something else than what raised before", edited(RAISING, "def test_a():\n    x = f(2)\n    assert x == h()\n", ""), [LACKED], ran("failed"), "failed", ["PG206"]),
    ("a missing name, and less of what raised before", edited(RAISING, "def test_a():\n    x = f(1)\n    assert x != h()\n", ""), [LACKED], ran("failed"), "failed", ["PG206"]),
    ("a missing name, and what raised before is done without a word", edited(RAISING, "def test_a():\n    x = f(1)\n    assert h() == 1\n", ""), [LACKED], ran("failed"), "failed", ["PG206"]),
    ("a missing name, and what raised before is set anew", edited(RAISING, "def test_a():\n    x = f(1)\n    x = h()\n    assert x == 1\n", ""), [LACKED], ran("failed"), "failed", ["PG206"]),
    ("what raised before, and said so by a variable, gives a value", edited(FLAG.format("f(1)"), HEIR, ""), [PROVED], ran("failed"), "passed", []),
    ("what raised before, and said so by a variable, does not any more", edited(FLAG.format("f(1)"), "def test_a():\n    f(1)\n", HEIR), [stopped(2), PROVED], ran("failed"), "passed", []),
    ("something else than what raised before, and said so by a variable", edited(FLAG.format("g(1)"), HEIR, ""), [PROVED], ran("failed"), "failed", ["PG205"]),
    ("a new parameter of the same function", edited(OLD, "def test_a():\n    assert f(1, sign=-1) == -1\n", "", {CODE: ("def f(x): return x", "def f(x, sign=-1): return sign * x")}), [LACKED], ran("failed"), "passed", []),
    ("a missing name in a new test, of the value that a deleted one asked", edited(GROUP + GUARD, GUARD, "def test_other_way():\n    assert h() == f(0)\n"), [seen("test_other_way", "error>passed", grade="structural")], ran("failed", GONE), "failed", ["PG205"]),
    ("something else that is looked up in the same module", edited("import app\ndef test_a():\n    assert app.f(1) == 1\n", "import app\ndef test_a():\n    assert app.h(1) == 1\n", ""), [TURNED], ran("failed"), "failed", ["PG206"]),
    ("what nobody can read gives way to something red", edited("def test_a():\n    assert globals()['f'](1) == 1\n", "def test_a():\n    assert g(1) == 2\n", ""), [TURNED], ran("failed"), "failed", ["PG206"]),
    ("what nobody can read follows the code", edited("def test_a():\n    assert globals()['f'](1) == 1\n", "def test_a():\n    assert globals()['f'](1) == -1\n", ""), [TURNED], ran("failed"), "passed", []),
    ("a value of a fixture follows the code", edited("def test_a(made):\n    assert made == 1\n", "def test_a(made):\n    assert made == -1\n", ""), [TURNED], ran("failed"), "passed", []),
    ("a stand-in takes what the code gives now", edited(STUB.format("x"), STUB.format("x, sign=None"), PROOF, SIGNED), [STAYED, PROVED], ran("failed"), "passed", []),
    ("a stand-in that took nothing", edited(STUB.format("").replace("[x]", "[1]"), STUB.format("sign=None").replace("[x]", "[1]"), PROOF, SIGNED), [STAYED, PROVED], ran("failed"), "passed", []),
    ("a stand-in takes what the code gives, in other cases", edited(f"@mark.parametrize('y', [1])\n{STUB.format('x')}", f"@mark.parametrize('y', [2])\n{STUB.format('x, sign=1')}", PROOF, SIGNED), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("a stand-in takes what the code does not give", edited(STUB.format("x"), STUB.format("x, y=None"), PROOF, SIGNED), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("a stand-in that takes more gives something else", edited(STUB.format("x"), STUB.format("x, sign=None").replace("[x]", "x"), PROOF, SIGNED), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("a stand-in takes what it gives", edited(STUB.format("x").replace("[x]", "sign"), STUB.format("x, sign=None").replace("[x]", "sign"), PROOF, SIGNED), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("a stand-in takes less", edited(STUB.format("x, y"), STUB.format("x, sign"), PROOF, SIGNED), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("the input is patched", edited(OLD, "def test_a(monkeypatch):\n    monkeypatch.setattr(app, 'f', lambda x: x)\n    assert f(1) == 1\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("other cases that were never red", edited(CASES.format("[1, 2]"), CASES.format("[0, 0.0]")), [STAYED, PROVED], ran("failed"), "failed", ["PG206"]),
    ("other cases, and the old ones hold", edited(CASES.format("[1, 2]"), CASES.format("[3, 4]")), [STAYED, PROVED], ran("passed"), "passed", []),
    ("cases that cannot pass any more go, and others are red", edited(CASES.format("[0, 1, 2]"), CASES.format("[0, -0]")), [TURNED], ran("failed"), "passed", []),
    ("cases that still pass go", edited(CASES.format("[0, 1, 2]"), CASES.format("[0]"), HEIR), [STAYED, PROVED], ran("passed"), "failed", ["PG206"]),
    ("an exact comparison becomes a vague one", edited(OLD, "def test_a():\n    assert f(1)\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206", "PG206"]),
    ("an exact comparison becomes a membership", edited(OLD, "def test_a():\n    assert f(1) in (1, -1)\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206", "PG206"]),
    ("an assertion under False", edited(OLD, "def test_a():\n    if False:\n        assert f(1) == 1\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206", "PG206"]),
    ("an assertion after a return", edited(OLD, "def test_a():\n    return\n    assert f(1) == 1\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206", "PG206"]),
    ("an exception broadened", edited("def test_a():\n    with raises(ValueError):\n        f(1)\n", "def test_a():\n    with raises(Exception):\n        f(1)\n"), [STAYED, PROVED], ran("failed"), "failed", ["PG206", "PG206"]),
    ("three assertions become one that is red", edited("def test_a():\n    assert f(1) == 1\n    assert f(2) == 2\n    assert f(3) == 3\n", "def test_a():\n    with raises(E):\n        f(1)\n", ""), [TURNED], ran("failed"), "passed", []),
    ("three assertions become one that is red, and the old hold", edited("def test_a():\n    assert f(1) == 1\n    assert g(2) == 2\n    assert g(3) == 3\n", "def test_a():\n    assert h(1) == 1\n", ""), [TURNED], ran("passed"), "failed", ["PG206"]),
    ("an assertion removed, though it holds", edited(OLD + "    assert g(1) == 1\n", OLD), [STAYED, PROVED], ran("passed"), "failed", ["PG206"]),
    ("a test is renamed and edited, and the old text fails", edited(OLD, "def test_b():\n    assert f(0) == 0\n    assert f\n"), [seen("test_b", "passed>passed"), PROVED], ran("failed"), "failed", ["PG205"]),
    ("deleted, and it holds", edited(GROUP + GUARD, GUARD), [PROVED], ran("passed", GONE), "failed", ["PG205"]),
    ("deleted, and it was skipped by its own mark", edited("@pytest.mark.skip('todo')\n" + GROUP + GUARD, GUARD), [PROVED], ran("skipped", GONE), "passed", []),
    ("deleted, and it is skipped here", edited("@pytest.mark.skipif(HERE, reason='x')\n" + GROUP + GUARD, GUARD), [PROVED], ran("skipped", GONE), "failed", ["PG205"]),
    ("deleted, and it holds whatever its mark is called", edited("@own.skip\n" + GROUP + GUARD, GUARD), [PROVED], ran("passed", GONE), "failed", ["PG205"]),
    ("deleted, it fails, and nothing is asked in its place", edited(GROUP + GUARD, GUARD), [PROVED], ran("failed", GONE), "failed", ["PG205"]),
    ("deleted, it fails, and a new red one asks about the same", edited(GROUP + GUARD, GUARD, TURNED_ROUND), [ROUND], ran("failed", GONE), "passed", []),
    ("deleted, it cannot run, and a new red one asks about the same", edited(GROUP + GUARD, GUARD, TURNED_ROUND), [ROUND], ran("missing", GONE), "passed", []),
    ("deleted, it holds, and a new red one asks about the same", edited(GROUP + GUARD, GUARD, TURNED_ROUND), [ROUND], ran("passed", GONE), "failed", ["PG205"]),
    ("deleted, strictly, and a new red one asks about the same", edited(GROUP + GUARD, GUARD, TURNED_ROUND), [ROUND], STRICT | ran("failed", GONE), "failed", ["PG205"]),
    ("deleted, it fails, and a new test about the same was never red", edited(GROUP + GUARD, GUARD, "def test_other_way():\n    assert f(0) == 0\n" + PROOF), [seen("test_other_way", "passed>passed"), PROVED], ran("failed", GONE), "failed", ["PG205"]),
    ("deleted, it fails, and an old test was changed", edited(GROUP + OLD, "def test_a():\n    assert f(1) == -1\n", ""), [TURNED], ran("failed", GONE), "failed", ["PG205"]),
    ("another test says its words, it fails, and nothing was red", edited(GROUP + GUARD, GUARD, "def test_words():\n    assert f and [1, 2, 3]\n" + PROOF), [seen("test_words", "passed>passed"), PROVED], ran("failed", GONE), "failed", ["PG206"]),
    ("folded into cases, and it holds", edited(GROUP + GUARD, GUARD, "@pytest.mark.parametrize('x', [1, 2, 3])\ndef test_cases(x):\n    assert f(x) == x\n" + PROOF), [seen("test_cases", "passed>passed"), PROVED], ran("passed", GONE), "passed", []),
    ("split in two, and it holds", edited(GROUP + GUARD, GUARD, "def test_one():\n    assert f(1) == 1\n    assert f(2) == 2\ndef test_two():\n    found = f(3)\n    assert found == 3\n" + PROOF), [seen("test_one", "passed>passed"), seen("test_two", "passed>passed"), PROVED], ran("passed", GONE), "passed", []),
    ("half of it goes on, and it holds", edited(GROUP + GUARD, GUARD, "def test_one():\n    assert f(1) == 1\n" + PROOF), [seen("test_one", "passed>passed"), PROVED], ran("passed", GONE), "failed", ["PG205"]),
    ("a warning that is not given any more", edited("def test_a():\n    with warns(W):\n        assert f(1) == 1\n", OLD, "", REMOVED), [STAYED], ran("failed"), "passed", []),
    ("nothing of the code changed", {TESTS: (OLD, IDLE)}, [STAYED], {}, "passed", []),
    ("only its name changed", edited(OLD, OLD.replace("test_a", "test_b")), [seen("test_b", "passed>passed"), PROVED], {}, "passed", []),
    ("it says the same otherwise", edited(OLD, "def test_a():\n    found = f(1)\n    assert found == 1\n"), [STAYED, PROVED], ran("passed"), "passed", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "tests", "said", "expected", "found"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_demand_changes_with_the_code_or_is_dropped(
    files: Any, tests: list[Any], said: dict[str, Any], expected: str, found: list[str]
) -> None:
    given = verdict(files, *tests, **said)

    assert given.verdict.value == expected, given.reason
    assert codes(given) == found, [finding.message for finding in given.findings]


PAIR = "def test_a():\n    assert (f(1), g(1)) == (1, 1)\n"
ONE_LESS, TURNED_PAIR = "def test_a():\n    assert f(1) == -1\n", "def test_a():\n    assert (f(1), g(1)) == (-1, 1)\n"
OTHER_G = "def test_a():\n    assert (f(1), g(2)) == (-1, 2)\n"


@pytest.mark.parametrize(
    ("new", "left"),
    [
        (TURNED_PAIR, []),
        ("def test_a():\n    assert f(1) == -1\n    assert g(1) == 1\n", []),
        ("def test_a():\n    assert (g(1), f(1)) == (1, -1)\n", []),
        ("def test_a():\n    assert (f(1), g(1)) == (-1, 2)\n", []),
        (ONE_LESS, ["g"]),
        (OTHER_G, ["g"]),
        ("def test_a():\n    assert (f(1), g(1)) != (-1, 1)\n", ["f", "g"]),
    ],
)
def test_a_claim_of_several_stays_open_that_the_text_does_not_answer(new: str, left: list[str]) -> None:
    case = Case(read(edited(PAIR, new, "")), Replay((TURNED,), **ran("failed")))

    found = open_claims(case)

    assert [name for claims in found.values() for claim in claims for name in claim.about] == left
    assert (A in to_be_run(case)) is False  # it was run already
    assert (A in to_be_run(Case(case.change, Replay((TURNED,))))) is bool(left)


@pytest.mark.parametrize(
    ("new", "proof", "tests", "paid"),
    [
        (ONE_LESS, "", [TURNED], []),
        (OTHER_G, "", [TURNED], [A]),
        (ONE_LESS, "def test_new():\n    assert g(2) == 5\n", [TURNED, PROVED], [f"{TESTS}::test_new"]),
        (ONE_LESS, "def test_new():\n    assert g(2) == 5\n", [TURNED, seen("test_new", "passed>passed")], []),
        (ONE_LESS, "def test_new():\n    assert g(2)\n", [TURNED, PROVED], []),
    ],
)
def test_what_was_red_and_asks_as_much_of_a_part_may_take_its_place(
    new: str, proof: str, tests: list[Any], paid: list[str]
) -> None:
    case = Case(read(edited(PAIR, new, proof)), Replay(tuple(tests), **ran("failed")))
    ((test, claims),) = open_claims(case).items()

    (found,) = payers(case, test, claims).values()

    assert [payer for payer, _ in found] == paid
    assert told_about(claims) == "`g`"


SAID = "def test_a():\n    with raises(E) as e:\n        f(1)\n    assert e.value.args[0] == 'no'\n"


@pytest.mark.parametrize(
    ("new", "unpaid"),
    [
        ("def test_a():\n    assert f(1) is None\n", []),
        ("def test_a():\n    x = f(1)\n    assert x == 1\n", []),
        ("def test_a():\n    assert f(1) != 1\n", ["`f`", "`args`, `f`"]),
        ("def test_a():\n    assert f(2) == -2\n", ["`args`, `f`"]),
        ("def test_a():\n    with raises(W):\n        f(1)\n", ["`args`, `f`"]),
        ("def test_a():\n    with raises(W) as e:\n        g(1)\n    assert e.value.text == 'no'\n", ["`f`", "`args`, `f`"]),
        (SAID.replace("'no'", "'no, no'"), []),
    ],
)  # fmt: skip
def test_what_an_exception_says_is_answered_by_what_is_there_in_its_place(new: str, unpaid: list[str]) -> None:
    case = Case(read(edited(SAID, new, "")), Replay((TURNED,), **ran("failed")))

    found = {test: (claims, payers(case, test, claims)) for test, claims in open_claims(case).items()}

    left = [claim for claims, paid in found.values() for claim in claims if not paid[claim.text]]
    assert [told_about([claim]) for claim in left] == unpaid


def test_a_part_that_nothing_answers_refuses_once() -> None:
    given = verdict(edited(PAIR, OTHER_G, ""), TURNED, **ran("failed"), unpaid={TestId(A): "`g`"})
    twice = verdict(edited(PAIR, IDLE, ""), STAYED, PROVED, **ran("failed"), unpaid={TestId(A): "`g`"})

    assert codes(given) == ["PG206"]
    assert "what it asked of `g` fails on this code, and nothing that was red asks as much of it" in given.reason
    assert codes(twice).count("PG206") == 1


def test_the_advice_never_tells_to_keep_what_must_fail() -> None:
    dropped = verdict(edited(GROUP + GUARD, GUARD), PROVED, **ran("failed", GONE))
    changed = verdict(edited(OLD, IDLE), STAYED, PROVED, **ran("failed"))

    fixes = [finding.fix for given in (dropped, changed) for finding in given.findings if finding.severity == "error"]
    assert len(fixes) == 2
    assert all(fix and "keep it" not in fix and "mend the code" in fix for fix in fixes)


def test_what_gave_way_is_listed_though_it_holds() -> None:
    given = verdict(edited(OLD, IDLE), STAYED, PROVED, **ran("passed"))

    assert codes(given, "warning") == ["PG206"]


@pytest.mark.parametrize(
    ("files", "tests", "wanted"),
    [
        (edited(OLD, IDLE), [STAYED, PROVED], ["test_a"]),
        (edited(OLD, "def test_a():\n    assert f(0) == 0\n"), [STAYED, PROVED], ["test_a"]),
        (edited(OLD, "def test_a():\n    assert f(1) == -1\n", ""), [TURNED], []),
        (edited(GROUP + GUARD, GUARD), [PROVED], ["test_gone"]),
        ({TESTS: (OLD, IDLE)}, [STAYED], []),
        (CHANGED | {TESTS: (OLD, OLD + PROOF)}, [PROVED], []),
        (edited("LIMIT = 1\ndef test_a():\n    assert f(1) == LIMIT\n", "LIMIT = 2\ndef test_a():\n    assert f(1) == LIMIT\n"), [STAYED, PROVED], ["test_a"]),
    ],
)  # fmt: skip
def test_the_text_before_is_run_where_it_decides(files: Any, tests: list[Any], wanted: list[str]) -> None:
    found = to_be_run(Case(read(files), Replay(tuple(tests))))

    assert [test.rpartition("::")[2] for test in found] == wanted


@pytest.mark.parametrize(
    ("body", "proof", "more", "expected"),
    [
        (BODY, PROOF, {}, "failed"),
        (BODY, HEIR, {}, "passed"),
        (BODY, HEIR, STRICT, "failed"),
        (BY_HELPER, PROOF, {}, "failed"),
        (BY_HELPER, HEIR, {}, "passed"),
        (BY_HELPER, HEIR.replace("assert f(2) == -2", "same(f(2), -2)"), {}, "passed"),
    ],
)
def test_a_test_that_passes_by_what_changed_beside_it_is_told_like_one_that_was_altered(
    body: str, proof: str, more: dict[str, Any], expected: str
) -> None:
    before = f"LIMIT = 1\n{body}"
    files = edited(before, f"LIMIT = 2\n{body}", proof)
    module = read_tests(TESTS, before.encode(), LAYOUT)
    assert isinstance(module, TestModule)

    given = verdict(files, STAYED, PROVED, **(more | {"unaltered": module.tests} | ran("failed")))

    assert given.verdict.value == expected, given.reason
    told = [finding.message for finding in given.findings if finding.code == "PG206"]
    assert f"{A} passes only because `LIMIT` changed beside the code" in told


FAKE = "class Fake:\n    def get(self): return 1\n    {}\n{}\ndef test_a():\n    assert used(Fake()) == {}\n"


@pytest.mark.parametrize(
    ("after", "lent"),
    [
        (FAKE.format("def close(self): pass", "", 1), {"Fake", "close"}),
        (FAKE.format("", "LIMIT = 3\n", 1), set()),
        (FAKE.format("def close(self): pass", "", 1).replace("return 1", "return 2"), set()),
        (FAKE.format("def close(self): pass", "", 2), set()),
    ],
    ids=["a member came", "no stand-in", "it answers otherwise", "the test asks otherwise"],
)
def test_what_a_stand_in_got_is_lent_to_a_test_beside_which_nothing_else_changed(after: str, lent: set[str]) -> None:
    assert lent_to(read({TESTS: (FAKE.format("", "", 1), after)}), TestId(A)) == lent
