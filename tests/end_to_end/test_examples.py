"""Examples in docstrings of code are tests where pytest runs them: they may not ask less of code that breaks them."""

# ruff: noqa: E501 - a history stays on one line

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.histories import History, Step, one, tree_after, verifying
from support.known_histories import stream
from support.project import LEAN, Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_phasegate.app.redgreen.verification import Verification

CODE, CART = "src/shop/price.py", "src/shop/cart.py"
BASE = {
    "pytest.ini": f"{LEAN} --doctest-modules\n",
    "src/shop/__init__.py": "",
    CODE: '''\
"""Prices.

>>> net(3)
3
>>> gross(50)
60
>>> net(9)
9
"""


def net(price):
    """Tell the price.

    >>> net(10)
    10
    >>> net(1)
    1
    """
    return price


def gross(price):
    """Tell the price with its tax.

    >>> gross(100)
    120
    """
    return price * 120 // 100
''',
    CART: '''\
from shop.price import net


class Cart:
    def total(self, price):
        """Tell the total.

        >>> Cart().total(10)
        10
        """
        return net(price)
''',
    "tests/test_price.py": "from shop.price import gross\n\n\ndef test_gross():\n    assert gross(200) == 240\n",
}
FREE = ("", "\n\ndef free():\n    return 0\n")
RED_FREE = "from shop.price import free\n\n\ndef test_free():\n    assert free() == 0\n"
OFF = ("    return price\n", "    return price + (price > 9)\n")
GROSS = BASE[CODE][BASE[CODE].index("\n\ndef gross") :]
TEN, CARTS_TEN = (">>> net(10)\n    10\n", ">>> Cart().total(10)\n        10\n")
LOOSE = (CARTS_TEN, CARTS_TEN.replace("(10)\n", "(10)  # doctest: +SKIP\n"))
ELEVEN = TEN.replace("\n    10", "\n    11")
OF_CART = ("Cart().total(10)\n        10\n", "Cart().total(10)\n        11\n")


def loosens(name: str, edit: tuple[str, str], cart: tuple[str, str] = LOOSE) -> History:
    """A commit that breaks examples and loosens them, beside a new function with an honest red."""
    return one(name, {CODE: [OFF, edit, FREE], CART: cart, "tests/test_free.py": RED_FREE}, "failed", "PG206")


def keeps(name: str, *edits: tuple[str, str], cart: tuple[str, str] = ("", "")) -> History:
    return one(name, {CODE: [*edits, FREE], CART: cart, "tests/test_free.py": RED_FREE}, "passed")


ASKS_ELEVEN = "from shop.price import net\n\n\ndef test_net():\n    assert net(10) == 11\n"
HISTORIES = [
    loosens("it may say anything", (TEN, ">>> net(10)  # doctest: +ELLIPSIS\n    1...\n")),
    loosens("it is left out", (TEN, ">>> net(10)  # doctest: +SKIP\n    10\n")),
    loosens("it goes", (f"    {TEN}", "")),
    loosens("all of them go", (f"    {TEN}    >>> net(1)\n    1\n", "")),
    loosens("another result is expected, and one goes", (f"{TEN}    >>> net(1)\n    1\n", ELEVEN), OF_CART),
    one("it goes behind one that goes with its function", {CODE: [(GROSS, ""), (">>> gross(50)\n60\n>>> net(9)\n9\n", ""), FREE, (OFF[0], OFF[1].replace("9", "8")), (TEN, ELEVEN)], CART: OF_CART, "tests/test_price.py": None, "tests/test_free.py": RED_FREE}, "failed", "PG206"),
    one("it is loosened in another file", {CODE: [OFF, (TEN, ELEVEN), FREE], CART: LOOSE, "tests/test_free.py": RED_FREE, "tests/test_net.py": ASKS_ELEVEN}, "failed", "PG206"),
    one("it is loosened in a refactoring", {CODE: [OFF, (TEN, ELEVEN)], CART: LOOSE}, "failed", "PG206", message="refactor: x"),
    one("another result that a red test asks for", {CODE: [OFF, (TEN, ELEVEN)], CART: OF_CART, "tests/test_net.py": ASKS_ELEVEN + "\n\ndef test_cart():\n    from shop.cart import Cart\n\n    assert Cart().total(10) == 11\n"}, "passed"),
    keeps("another result is expected, exactly", OFF, (TEN, ELEVEN), cart=OF_CART),
    keeps("it may say anything and holds", (TEN, ">>> net(10)  # doctest: +ELLIPSIS\n    1...\n")),
    keeps("there is one more", (TEN, f"{TEN}    >>> net(2)\n    2\n")),
    keeps("it stands in other words", ("Tell the price.", "Return the price."), (TEN, ">>> net(5 + 5)\n    10\n")),
    one("it goes with its function", {CODE: [(GROSS, ""), (">>> gross(50)\n60\n", ""), FREE], "tests/test_price.py": None, "tests/test_free.py": RED_FREE}, "passed"),
    keeps("its function is renamed", ("def gross", "def full"), (">>> gross", ">>> full"), ("", "\n\ngross = full\n")),
]  # fmt: skip


@pytest.fixture(scope="module")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Verification]]:
    project = Project(tmp_path_factory.mktemp("examples"), tmp_path_factory.mktemp("home")).init_git("base")
    lines = [*stream("base", "chore: begin", {}, BASE, 1, None)]
    for number, history in enumerate(HISTORIES):
        step = history.steps[0]
        lines += stream(f"history-{number}", step.message, BASE, tree_after(BASE, step.files), number + 2, 1)
    done = project.run("git", "fast-import", "--quiet", stdin="\n".join(lines))
    assert done.exit_code == 0, done.text
    with verifying(project) as judge:
        yield judge


@pytest.mark.sampled(3)
@pytest.mark.parametrize("number", range(len(HISTORIES)), ids=[one.name.replace(" ", "-") for one in HISTORIES])
def test_an_example_of_code_is_asked_as_it_stood(number: int, verify: Callable[[str], Verification]) -> None:
    step: Step = HISTORIES[number].steps[0]

    verdict = verify(f"base..history-{number}").commits[0].verdict

    found = {finding.code for finding in verdict.findings if finding.severity == "error"}
    assert verdict.verdict.value == step.verdict, verdict.reason
    assert step.codes <= found, verdict.reason
