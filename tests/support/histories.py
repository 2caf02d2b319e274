"""Histories with a known answer: what a commit did, and what must be said of it.

Every history starts from the same small project. A file is given whole, as ``(old, new)`` pieces to put in the place
of each other, or as ``None`` when it goes.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from pytest_phasegate.app.commit.revision_range import span_of
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.wiring import projects, redgreen
from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_phasegate.app.redgreen.verification import Verification
    from support.project import Project

Edit = str | None | tuple[str, str] | list[tuple[str, str]]
CODE, TESTS = "src/shop/price.py", "tests/test_price.py"

BASE: dict[str, str] = {
    "pyproject.toml": """\
[project]
name = "shop"
version = "0"
[tool.pytest.ini_options]
testpaths = ["tests"]
LEAN_OPTIONS
[tool.phasegate.red_green]
timeout = 60
[[tool.phasegate.red_green.waivers]]
match = "src/shop/legacy.py"
reason = "is on its way out"
expires = "2099-01-01"
[[tool.phasegate.red_green.waivers]]
match = "src/shop/stale.py"
reason = "was on its way out"
expires = "2001-01-01"
""".replace("LEAN_OPTIONS", LEAN_OPTIONS),
    "README.md": "A shop.\n",
    "src/shop/__init__.py": '__version__ = "1.0"\n',
    "src/shop/legacy.py": "def old():\n    return 1\n",
    "src/shop/stale.py": "def old():\n    return 1\n",
    "src/shop/rates.json": '{"vat": 20}\n',
    CODE: '''\
"""Prices."""

import json
from pathlib import Path


def net(price):
    return price


def gross(price, rate=20):
    return price * (100 + rate) // 100


def label(price):
    if price is None:
        raise ValueError("no price")
    return f"{price} EUR"


def parse(text):
    if text.startswith("EUR "):
        text = text.removeprefix("EUR ")
    return int(text)


def vat():
    return json.loads((Path(__file__).parent / "rates.json").read_text())["vat"]
''',
    TESTS: """\
import json
from pathlib import Path

import pytest

from shop.price import gross, label, net, parse

WANTED = 120


@pytest.fixture
def price():
    return 7


def check(shown, wanted):
    assert shown == wanted


def test_net():
    assert net(10) == 10


def test_gross():
    assert gross(100) == WANTED


def test_label():
    assert label(1) == "1 EUR"
    assert label(2) == "2 EUR"


def test_no_label():
    with pytest.raises(ValueError, match="no price"):
        label(None)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_labels(number):
    check(label(number), f"{number} EUR")


def test_fixture(price):
    assert label(price) == "7 EUR"


def test_old_currency():
    assert parse("EUR 5") == 5


def test_data():
    for text, wanted in json.loads((Path(__file__).parent / "data.json").read_text()).items():
        assert parse(text) == wanted


class TestPrices:
    def test_shared(self, rate):
        assert gross(100, rate) == 110
""",
    "tests/data.json": '{"5": 5}\n',
    "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef rate():\n    return 10\n",
}


@dataclass(frozen=True)
class Step:
    """One commit of a history: ``verdict`` is what must be said of it, ``codes`` the errors named."""

    message: str
    files: Mapping[str, Edit]
    verdict: str
    codes: frozenset[str] = frozenset()
    revert: bool = False


@dataclass(frozen=True)
class History:
    """Commits after the base, and what must be said of all of them."""

    name: str
    steps: tuple[Step, ...]
    verdict: str


@contextmanager
def verifying(project: Project) -> Iterator[Callable[[str], Verification]]:
    """Give ``verify`` as a use case, by the rules of ``base``: what one range was replayed in serves the next."""
    history = projects.repository(project.root)
    settings = projects.settings_at(history, "base")
    with redgreen.benches(history, settings, python=sys.executable, cached=True) as benches:
        once = cache(lambda _, packages: replayer(packages))
        replayer, benches.replayer = benches.replayer, lambda packages=frozenset(): once(next(numbers), packages)  # type: ignore[method-assign]
        numbers = count()

        def judge(span: str) -> Verification:
            nonlocal numbers
            numbers = count()
            return Verifier(history, settings, benches, today="2026-11-21").verify(span_of(history, span))

        yield judge


def commit(message: str, files: Mapping[str, Edit], verdict: str = "passed", *codes: str) -> Step:
    return Step(message, files, verdict, frozenset(codes))


def one(name: str, files: Mapping[str, Edit], verdict: str, *codes: str, message: str = "feat: x") -> History:
    """A history of one commit; an exempt or waived one leaves the range standing."""
    whole = {"exempt": "not-evaluated"}.get(verdict, verdict)
    return History(name, (commit(message, files, verdict, *codes),), whole)


def several(name: str, verdict: str, *steps: Step) -> History:
    return History(name, steps, verdict)


def tree_after(files: Mapping[str, str], edits: Mapping[str, Edit]) -> dict[str, str]:
    """Return the files of the next commit."""
    after = dict(files)
    for path, edit in edits.items():
        if edit is None:
            del after[path]
        elif isinstance(edit, str):
            after[path] = edit
        else:
            for old, new in [edit] if isinstance(edit, tuple) else edit:
                assert not old or old in after[path], (path, old)
                after[path] = after[path].replace(old, new, 1) if old else after[path] + new
    return after


def new_test(body: str, name: str = "test_new", before: str = "") -> tuple[str, str]:
    """A test at the end of the test file."""
    return ("", f"\n\n{before}def {name}():\n    {body}\n")


# What production code can do.
BETTER = ("return price\n", "return max(price, 0)\n")
ROUNDED = ("* (100 + rate) // 100", "* (100 + rate) / 100")
SAME_THING = ("return price * (100 + rate) // 100", "full = 100 + rate\n    return price * full // 100")
CENTS = ('return f"{price} EUR"', 'return f"{price}.00 EUR"')
FREE = ("", "\n\ndef free():\n    return 0\n")
OTHER_ERROR = ('raise ValueError("no price")', 'raise TypeError("no price")')

RED_BETTER = new_test("assert net(-1) == 0")
RED_FREE = "from shop.price import free\n\n\ndef test_free():\n    assert free() == 0\n"
GREEN = new_test("assert net(3) == 3")
