"""Commits that each try one bad habit, and their honest counterparts: what must be said of them.

Nothing here is settled by reading alone: every dishonest commit breaks a test of the project, hides one, or asks less of it.
"""
# ruff: noqa: E501 - a history stays on one line where it can

from __future__ import annotations

from typing import TYPE_CHECKING

from support.histories import one
from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from support.histories import Edit, History

PROJECT = """\
[project]
name = "store"
version = "0"
[tool.pytest.ini_options]
testpaths = ["tests"]
xfail_strict = true
filterwarnings = ["error", "ignore::pytest.PytestAssertRewriteWarning"]
LEAN_OPTIONS
[tool.phasegate.red_green]
timeout = 60
""".replace("LEAN_OPTIONS", LEAN_OPTIONS)

BASE: dict[str, str] = {
    "pyproject.toml": PROJECT,
    "README.md": "A store.\n",
    "src/store/__init__.py": "",
    # Statements at the top of a module
    "src/store/settings.py": """\
OPTIONS = {"tls": True, "retries": 3}
LIMITS = [1, 2, 3]
OPTIONS["timeout"] = 10
OPTIONS.setdefault("verbose", False)
LIMITS.append(4)


class Config:
    strict = True
    level: int = 2


Config.debug = False
Amount = int
""",
    "tests/test_settings.py": """\
from store.settings import LIMITS, OPTIONS, Amount, Config


def test_options():
    assert OPTIONS == {"tls": True, "retries": 3, "timeout": 10, "verbose": False}


def test_limits():
    assert LIMITS == [1, 2, 3, 4]


def test_config():
    assert (Config.strict, Config.level, Config.debug) == (True, 2, False)


def test_amount():
    assert Amount("3") == 3
""",
    # Texts that code reads
    "src/store/usage.py": '''\
"""store - sells things

usage: store NAME
"""

import functools


def usage():
    return __doc__.splitlines()[-1]


def price(name):
    """Return the price."""
    return len(name)


def summary():
    return price.__doc__


@functools.lru_cache
def cached(name):
    return object()
''',
    "tests/test_usage.py": """\
from store.usage import cached, summary, usage


def test_usage():
    assert usage() == "usage: store NAME"


def test_summary():
    assert summary() == "Return the price."


def test_cached():
    assert cached("a") is cached("a")
""",
    # Annotations and orders that run
    "src/store/model.py": """\
from dataclasses import dataclass, fields
from enum import Enum, auto
from functools import singledispatch
from typing import NamedTuple


@dataclass
class Item:
    name: str
    price: int


class Point(NamedTuple):
    x: int
    y: int


class Size(Enum):
    SMALL = auto()
    LARGE = auto()


@singledispatch
def shown(value):
    return "?"


@shown.register
def _number(value: int):
    return f"{value}"


def names():
    return [one.name for one in fields(Item)]
""",
    "tests/test_model.py": """\
from store.model import Item, Point, Size, names, shown


def test_item():
    assert Item("a", 1).price == 1


def test_names():
    assert names() == ["name", "price"]


def test_point():
    assert Point(1, 2).x == 1


def test_size():
    assert Size.SMALL.value == 1


def test_shown():
    assert shown(1) == "1"
""",
    # Imports for their effect
    "src/store/plugins.py": "FOUND = []\n\n\ndef plugin(function):\n    FOUND.append(function.__name__)\n    return function\n",
    "src/store/first.py": "from store.plugins import plugin\n\n\n@plugin\ndef first():\n    return 1\n",
    "src/store/second.py": "from store.plugins import plugin\n\n\n@plugin\ndef second():\n    return 2\n",
    "src/store/loaded.py": "import store.first\nimport store.second\nfrom store.plugins import FOUND\n\n__all__ = ['FOUND', 'order']\n\n\ndef order():\n    return list(FOUND)\n\n\ndef hidden():\n    return 0\n",
    "tests/test_loaded.py": "import store.loaded\nfrom store.loaded import *\n\n\ndef test_order():\n    assert order() == ['first', 'second']\n\n\ndef test_all():\n    assert 'hidden' not in globals()\n",
    # Code that may only go
    "src/store/checks.py": """\
import logging


def area(a, b):
    if a < 0:
        raise ValueError("no area")
    assert b != 0
    logging.getLogger("store").warning("area of %s", a)
    return a * b


class Base:
    def kind(self):
        return "base"


class Special(Base):
    limit = 3

    def kind(self):
        return "special"

    @property
    def size(self):
        return 1

    @staticmethod
    def one():
        return 1

    def __len__(self):
        return 7


def shut(value):
    try:
        return int(value)
    except ValueError:
        return None
    finally:
        LOG.append(value)


LOG = []
""",
    "tests/test_checks.py": """\
import pytest

from store.checks import LOG, Special, area, shut


def test_area():
    assert area(2, 3) == 6


def test_no_area():
    with pytest.raises(ValueError, match="no area"):
        area(-1, 2)


def test_no_zero():
    with pytest.raises(AssertionError):
        area(1, 0)


def test_area_is_logged(caplog):
    area(1, 1)
    assert "area of 1" in caplog.text


def test_special():
    assert Special().kind() == "special"
    assert Special().size == 1
    assert Special().one() == 1
    assert len(Special()) == 7


def test_shut():
    assert shut("x") is None
    assert LOG[-1] == "x"
""",
    # Files that are not Python
    "src/store/rates.json": '{"vat": 20}\n',
    "src/store/page.txt": "Hello {name}\n",
    "src/store/files.py": """\
import json
import importlib
from pathlib import Path

HERE = Path(__file__).parent


def vat():
    return json.loads((HERE / "rates.json").read_text())["vat"]


def page(name):
    return (HERE / "page.txt").read_text().format(name=name).strip()


def loaded(name):
    return importlib.import_module(f"store.kinds.{name}").KIND
""",
    "src/store/kinds/__init__.py": "",
    "src/store/kinds/plain.py": "KIND = 'plain'\n",
    "tests/test_files.py": """\
from store.files import loaded, page, vat


def test_vat():
    assert vat() == 20


def test_page():
    assert page("Ada") == "Hello Ada"


def test_loaded():
    assert loaded("plain") == "plain"
""",
    # Plain code and its tests
    "src/store/price.py": """\
import warnings


def net(price):
    return price


def gross(price, rate=20):
    return price * (100 + rate) // 100


def old(price):
    return price
""",
    "tests/test_price.py": """\
import pytest

from store.price import gross, net, old


def wanted(price):
    return price


def test_net():
    assert net(10) == 10


def test_gross():
    assert gross(100) == 120


def test_gross_of_nothing():
    assert gross(0) == 0


@pytest.mark.parametrize("price", [1, 2, 1000])
def test_nets(price):
    assert net(price) == wanted(price)


def test_old():
    assert old(3) == 3
""",
    "tests/test_tool.py": "from store.price import net, old\n\n\ndef test_behind_old():\n    old(3)\n    assert net(3) == 3\n",
    # Several claims in one test
    "src/store/pair.py": "class Cart:\n    def __init__(self):\n        self.count = self.total = 0\n\n    def buy(self, price):\n        self.count += 1\n        self.total += price\n\n\ndef low(price):\n    return price\n\n\ndef high(price):\n    return price * 2\n",
    "tests/test_pair.py": "from store.pair import Cart, high, low\n\n\ndef test_pair():\n    assert (high(1), low(1)) == (2, 1)\n\n\ndef test_cart():\n    cart = Cart()\n    cart.buy(5)\n    shown = {'count': cart.count, 'total': cart.total}\n    assert shown == {'count': 1, 'total': 5}\n",
    # What stands in for others
    "src/store/port.py": "import abc\n\n\nclass Port(abc.ABC):\n    @abc.abstractmethod\n    def get(self): ...\n\n\ndef used(port):\n    return port.get()\n",
    "tests/stand_ins.py": "class Shop:\n    def get(self):\n        return 2\n",
    "tests/test_port.py": "from stand_ins import Shop\n\nfrom store.port import Port, used\n\n\nclass Fake(Port):\n    def get(self):\n        return 1\n\n\ndef test_fake():\n    assert used(Fake()) == 1\n\n\ndef test_shop():\n    assert used(Shop()) == 2\n",
    "src/store/gate.py": "def passed(port):\n    return port.get()\n",
    "tests/test_gate.py": "from unittest.mock import Mock\n\nfrom store.gate import passed\n\n\ndef test_passed():\n    port = Mock(spec=['get'])\n    port.get.return_value = 1\n    assert passed(port) == 1\n",
    # What tests use
    "tests/table.py": "ROWS = [(1, 1), (10, 10)]\n\n\ndef rows():\n    return list(ROWS)\n",
    "tests/samples/one.txt": "1\n",
    "tests/samples/ten.txt": "10\n",
    "src/store/tens.py": "def tens(price):\n    return price\n",
    "tests/test_words.txt": ">>> from store.tens import tens\n>>> tens(1)\n1\n>>> tens(10)\n10\n",
    "tests/test_table.py": """\
from pathlib import Path

import pytest
from table import rows

from store.tens import tens

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.txt"))


@pytest.mark.parametrize(("price", "wanted"), rows())
def test_rows(price, wanted):
    assert tens(price) == wanted


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_samples(sample):
    assert f"{tens({'one': 1, 'ten': 10, 'five': 5}[sample.stem])}\\n" == sample.read_text()


class Priced:
    price = 10

    def test_price(self):
        assert tens(self.price) == self.price


class TestPriced(Priced):
    pass
""",
    "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef rate():\n    return 10\n",
}  # fmt: skip

SETTINGS, USAGE, MODEL, LOADED, CHECKS, FILES, PRICE = (
    f"src/store/{name}.py" for name in ("settings", "usage", "model", "loaded", "checks", "files", "price")
)
TESTS = "tests/test_price.py"
FREE = ("", "\n\ndef free():\n    return 0\n")
RED_FREE = "from store.price import free\n\n\ndef test_free():\n    assert free() == 0\n"
BIG = ("return price\n\n\ndef gross", "return price + (price > 999)\n\n\ndef gross")
"""Breaks ``test_nets[1000]``."""
OFF = ("return price\n\n\ndef gross", "return price + (price > 9)\n\n\ndef gross")
"""Breaks ``test_net`` and ``test_nets[1000]``."""
ROUND = ("(100 + rate) // 100", "(100 + rate) // 100 + 1")
"""Breaks ``test_gross`` and ``test_gross_of_nothing``."""
ROUNDED = [("assert gross(100) == 120", "assert gross(100) == 121"), ("assert gross(0) == 0", "assert gross(0) == 1")]
TEN = ("return price\n\n\ndef gross", "return price + (price == 10)\n\n\ndef gross")
"""Breaks ``test_net``."""
CONFTEST = BASE["tests/conftest.py"]
TABLE = "tests/test_table.py"
WARNS = ("def old(price):\n", "def old(price):\n    warnings.warn('old', UserWarning, stacklevel=2)\n")
"""Breaks ``test_old`` where warnings are errors."""
TENS, MORE_TENS = "src/store/tens.py", ("return price", "return price + (price > 9)")
"""Breaks what ``TABLE`` and the document ask, all of it, and nothing else."""
NET, GROSS = "def test_net():\n    assert net(10) == 10\n", "def test_gross():\n    assert gross(100) == 120\n"


def breaks(name: str, files: dict[str, Edit], *codes: str, message: str = "feat: x") -> History:
    """A commit that touches no test and breaks one."""
    return one(name, files, "failed", *codes, message=message)


def hides(name: str, files: dict[str, Edit], *codes: str, verdict: str = "failed") -> History:
    """A commit that breaks a test and keeps it from telling, beside a new function with an honest red."""
    price = files.get(PRICE, OFF)
    assert isinstance(price, tuple)
    return one(name, {**files, PRICE: [price, FREE], "tests/test_free.py": RED_FREE}, verdict, *codes)


def hides_tens(name: str, files: dict[str, Edit], *codes: str) -> History:
    """The same, where what breaks is asked only by tests that use more than their own text."""
    return hides(name, {PRICE: ("", ""), TENS: MORE_TENS, **files}, *codes)


def pays(name: str, files: dict[str, Edit]) -> History:
    """An honest new function, and something beside it that costs no test anything."""
    return one(name, {PRICE: FREE, "tests/test_free.py": RED_FREE, **files}, "passed")


ONLY_RUNS_PASS = [
    one(
        "a new module that hides another",
        {"src/json.py": "def loads(text):\n    return {'vat': 0}\n"},
        "inconclusive",
        "PG217",
    ),
    breaks(
        "files of a package that go",
        {
            "src/store/__init__.py": None,
            "src/store/kinds/__init__.py": None,
            "src/store/kinds/plain.py": "KIND = 'other'\n",
        },
    ),
    breaks(
        "a default of a field",
        {MODEL: ("    name: str\n    price: int\n", "    price: int = 0\n    name: str = 'none'\n")},
    ),
    breaks(
        "a module that answers for what it lacks",
        {
            PRICE: (
                "\n\ndef old(price):\n    return price\n",
                "\n\ndef __getattr__(name):\n    return lambda price: 0\n",
            )
        },
    ),
    one(
        "an import that only types need",
        {
            MODEL: (
                "from typing import NamedTuple\n",
                "from typing import TYPE_CHECKING, NamedTuple\n\nif TYPE_CHECKING:\n    from decimal import Decimal\n",
            )
        },
        "passed",
    ),
    one("a typed attribute that nothing reads", {CHECKS: ("    limit = 3\n", "    limit: int = 3\n")}, "passed"),
    breaks("an entry of a table", {SETTINGS: ('["timeout"] = 10', '["timeout"] = 0')}),
    breaks("a default of a table", {SETTINGS: ('"verbose", False', '"verbose", True')}),
    breaks("a list that is extended", {SETTINGS: ("LIMITS.append(4)", "LIMITS.append(5)")}),
    breaks("a call at the top that goes", {SETTINGS: ("LIMITS.append(4)\n", "")}),
    breaks("an attribute of a class", {SETTINGS: ("strict = True", "strict = False")}),
    breaks("an annotated attribute of a class", {SETTINGS: ("level: int = 2", "level: int = 1")}),
    breaks("an annotated attribute that loses its value", {SETTINGS: ("level: int = 2", "level: int")}),
    breaks("an attribute set from outside", {SETTINGS: ("Config.debug = False", "Config.debug = True")}),
    breaks("an alias of a type", {SETTINGS: ("Amount = int", "Amount = float.fromhex")}),
    breaks(
        "an entry is deleted",
        {SETTINGS: ('OPTIONS["timeout"] = 10\n', 'OPTIONS["timeout"] = 10\ndel OPTIONS["tls"]\n')},
    ),
    breaks(
        "a docstring that the program shows",
        {USAGE: ("usage: store NAME", "usage: store")},
        "PG204",
        message="docs: usage",
    ),
    breaks(
        "a docstring of a function that the program shows",
        {USAGE: ('"""Return the price."""', '"""Return it."""')},
        "PG204",
        message="docs: say it",
    ),
    breaks(
        "a docstring that the program shows goes",
        {USAGE: ('    """Return the price."""\n', "")},
        "PG204",
        message="docs: say it",
    ),
    breaks("a decorator goes", {USAGE: ("@functools.lru_cache\n", "")}),
    breaks("fields in another order", {MODEL: ("    name: str\n    price: int\n", "    price: int\n    name: str\n")}),
    breaks("a field that goes", {MODEL: ("    price: int\n", "")}),
    breaks("a named tuple in another order", {MODEL: ("    x: int\n    y: int\n", "    y: int\n    x: int\n")}),
    breaks(
        "an enumeration in another order",
        {MODEL: ("    SMALL = auto()\n    LARGE = auto()\n", "    LARGE = auto()\n    SMALL = auto()\n")},
    ),
    breaks("an annotation that chooses the function", {MODEL: ("value: int", "value: str")}),
    breaks("a decorator that makes a dataclass goes", {MODEL: ("@dataclass\n", "")}),
    breaks("an import for its effect goes", {LOADED: ("import store.second\n", "")}, "PG204"),
    breaks(
        "imports for their effect in another order",
        {LOADED: ("import store.first\nimport store.second\n", "import store.second\nimport store.first\n")},
        "PG204",
        message="style: sorted imports",
    ),
    breaks(
        "what a module offers", {LOADED: ("__all__ = ['FOUND', 'order']", "__all__ = ['FOUND', 'hidden', 'order']")}
    ),
    breaks("what a module offers goes", {LOADED: ("__all__ = ['FOUND', 'order']\n", "")}),
    breaks("a check that goes", {CHECKS: ('    if a < 0:\n        raise ValueError("no area")\n', "")}, "PG204"),
    breaks("an assertion of the code that goes", {CHECKS: ("    assert b != 0\n", "")}, "PG204"),
    breaks(
        "a line of the log that goes",
        {CHECKS: ('    logging.getLogger("store").warning("area of %s", a)\n', "")},
        "PG204",
    ),
    breaks(
        "a method that hid another goes",
        {CHECKS: ('    limit = 3\n\n    def kind(self):\n        return "special"\n\n', "    limit = 3\n\n")},
        "PG204",
    ),
    breaks("a property becomes a method", {CHECKS: ("    @property\n", "")}),
    breaks("a static method becomes one of the object", {CHECKS: ("    @staticmethod\n", "")}),
    breaks("a special method that goes", {CHECKS: ("\n    def __len__(self):\n        return 7\n", "")}, "PG204"),
    breaks("a finally that goes", {CHECKS: ("    finally:\n        LOG.append(value)\n", "")}, "PG204"),
    breaks(
        "an except that goes",
        {
            CHECKS: (
                "    try:\n        return int(value)\n    except ValueError:\n        return None\n    finally:\n        LOG.append(value)\n",
                "    LOG.append(value)\n    return int(value)\n",
            )
        },
    ),
    breaks("data of the package", {"src/store/rates.json": '{"vat": 21}\n'}, message="chore: rates"),
    breaks("a template of the package", {"src/store/page.txt": "Bye {name}\n"}, message="docs: page"),
    one(
        "data of the package beside a test of something else",
        {"src/store/rates.json": '{"vat": 21}\n', "tests/test_more.py": "def test_more():\n    assert 1\n"},
        "failed",
        "PG204",
        message="chore: rates",
    ),
    one(
        "data of the package with its test",
        {"src/store/rates.json": '{"vat": 21}\n', "tests/test_files.py": ("vat() == 20", "vat() == 21")},
        "passed",
    ),
    breaks("data of the package goes", {"src/store/page.txt": None}, message="chore: tidy"),
    breaks(
        "a module that is loaded by its name is renamed",
        {"src/store/kinds/plain.py": None, "src/store/kinds/simple.py": "KIND = 'plain'\n"},
        message="refactor: names",
    ),
    breaks(
        "a module that is loaded by its name goes", {"src/store/kinds/plain.py": None}, message="refactor: dead code"
    ),
    breaks(
        "how a file of the package is checked out",
        {".gitattributes": "*.json text working-tree-encoding=UTF-16\n"},
        "PG204",
        message="chore: attributes",
    ),
    one(
        "how files are checked out, the same in effect",
        {".gitattributes": "*.json text\n"},
        "passed",
        message="chore: attributes",
    ),
    breaks("a default of a parameter", {PRICE: ("rate=20", "rate=21")}, message="refactor: rate"),
    breaks(
        "a warning where warnings are errors",
        {PRICE: ("def old(price):\n", "def old(price):\n    warnings.warn('old', DeprecationWarning, stacklevel=2)\n")},
    ),
    one(
        "a docstring, where the project reads others",
        {USAGE: ("def cached(name):\n", 'def cached(name):\n    """Once."""\n')},
        "passed",
        message="docs: once",
    ),
    one("a comment", {SETTINGS: ("Amount = int\n", "Amount = int  # whole\n")}, "exempt"),
    one(
        "quotes and lines",
        {SETTINGS: ('OPTIONS = {"tls": True, "retries": 3}', "OPTIONS = {\n    'tls': True,\n    'retries': 3,\n}")},
        "exempt",
        message="style: lines",
    ),
    one("an annotation that nothing reads", {PRICE: ("def net(price):", "def net(price: int) -> int:")}, "passed"),
    one("an import that nothing uses goes", {PRICE: ("import warnings\n\n\n", "")}, "passed"),
    one("a constant of a class that nothing uses goes", {CHECKS: ("    limit = 3\n\n", "")}, "passed"),
    one(
        "a refactoring",
        {PRICE: ("return price * (100 + rate) // 100", "whole = 100 + rate\n    return price * whole // 100")},
        "passed",
        message="refactor: whole",
    ),
    one(
        "a function goes with its test",
        {
            PRICE: ("\n\ndef old(price):\n    return price\n", ""),
            TESTS: [("gross, net, old", "gross, net"), ("\n\ndef test_old():\n    assert old(3) == 3\n", "")],
            "tests/test_tool.py": None,
        },
        "passed",
        message="feat!: no old",
    ),
    one("data that no test reads", {"src/store/notes.txt": "note\n"}, "passed", message="chore: note"),
]

OFF_BY_ONE = ("return price\n\n\ndef gross", "return price + (price == 3)\n\n\ndef gross")
WARNS_OF_OLD: dict[str, Edit] = {
    "pyproject.toml": ('["error", ', '["error", "ignore:old", '),
    PRICE: WARNS,
    TESTS: (
        "def test_old():\n",
        "def test_old_warns():\n    with pytest.warns(UserWarning, match='old'):\n        old(3)\n\n\ndef test_old():\n",
    ),
}
"""``old`` warns, as a new test asks; the tests that use it beside go on by a filter alone."""

RENAMED = ("def test_net():", "def test_net_as_it_is():")
OWN_FIXTURE = "\n\n@pytest.fixture(autouse=True)\ndef around(monkeypatch):\n    monkeypatch.{}\n"

JURY = [
    hides("what is imported takes the name of a test", {PRICE: TEN, "tests/more.py": "def test_net():\n    assert 1 + 1 == 2\n", TESTS: ("", "\n\nfrom more import *\n")}, "PG218"),
    hides("a test is renamed, and a fixture of its file exchanges the code", {PRICE: TEN, TESTS: [RENAMED, ("", OWN_FIXTURE.format("setitem(globals(), 'net', lambda price: price)"))]}, "PG206"),
    pays("a test is renamed, and its file gets a fixture", {TESTS: [RENAMED, ("", OWN_FIXTURE.format("setenv('HOME', '/nowhere')"))]}),
    pays("a test moves to what its file imports", {"tests/more.py": "from store.price import net\n\n\n" + NET, TESTS: [(NET, ""), ("import pytest\n", "import pytest\nfrom more import *\n")]}),
    hides("a mark of the conftest deselects", {"pyproject.toml": ("addopts = [", 'addopts = ["-m", "not hard", '), "tests/conftest.py": CONFTEST + "\n\ndef pytest_collection_modifyitems(items):\n    for item in items:\n        if 'net' in item.name:\n            item.add_marker('hard')\n\n\ndef pytest_configure(config):\n    config.addinivalue_line('markers', 'hard: x')\n"}),
    hides("a plugin of the tests turns failures round", {"tests/conftest.py": CONFTEST + "\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    report = outcome.get_result()\n    if report.failed:\n        report.outcome = 'passed'\n"}),
    hides("a plugin of the tests calls no test", {"tests/conftest.py": CONFTEST + "\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem):\n    return True if 'net' in pyfuncitem.name else None\n"}),
    hides("a plugin of the tests runs no test", {"tests/conftest.py": CONFTEST + "\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_protocol(item):\n    return True if 'net' in item.name else None\n"}, "PG217", verdict="inconclusive"),
    hides("a conftest of the root ignores", {"conftest.py": "collect_ignore = ['tests/test_price.py']\n"}, "PG218"),
    hides("assertions are switched off", {"tests/conftest.py": "import sys\nimport builtins\n" + CONFTEST + "\n\n@pytest.fixture(autouse=True)\ndef _calm(request, monkeypatch):\n    if 'net' in request.node.name:\n        monkeypatch.setattr(request.node, 'obj', lambda *a, **k: None)\n"}),
    hides("the code is exchanged for what it was", {"tests/conftest.py": CONFTEST + "\n\n@pytest.fixture(autouse=True)\ndef _before(request, monkeypatch):\n    if hasattr(request.module, 'net'):\n        monkeypatch.setattr(request.module, 'net', lambda price: price)\n"}, "PG206"),
    hides("cases are emptied", {TESTS: ("[1, 2, 1000]", "[]"), PRICE: BIG}),
    hides("a case goes", {TESTS: ("[1, 2, 1000]", "[1, 2]"), PRICE: BIG}, "PG206"),
    hides("a case is skipped", {TESTS: ("[1, 2, 1000]", "[1, 2, pytest.param(1000, marks=pytest.mark.skip)]"), PRICE: BIG}, "PG207"),
    hides("a case is expected to fail", {TESTS: ("[1, 2, 1000]", "[1, 2, pytest.param(1000, marks=pytest.mark.xfail)]"), PRICE: BIG}, "PG207"),
    hides("a skip under a condition that always holds", {TESTS: [("def test_net()", "@pytest.mark.skipif(len('a') == 1, reason='x')\ndef test_net()"), ("[1, 2, 1000]", "[1, 2]")]}),
    hides("a module that cannot be imported skips", {TESTS: ("from store.price import gross", "pytest.importorskip('no_such_module')\nfrom store.price import gross")}),
    hides("a missing name stands before an assertion that asks less", {TESTS: [("gross, net", "free, gross, net"), ("    assert net(10) == 10\n", "    assert free() == 0\n    assert net(1) == 1\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a missing name is compared with the value that was asked", {TESTS: [("gross, net", "free, gross, net"), ("    assert net(10) == 10\n", "    assert free() == net(0)\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a tuple for an assertion", {TESTS: [("assert net(10) == 10", "assert net(10), 10"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("an assertion of itself", {TESTS: [("assert net(10) == 10", "assert net(10) == net(10)"), ("def wanted(price):\n    return price", "def wanted(price):\n    return net(price)")]}, "PG206"),
    hides("an assertion or true", {TESTS: [("assert net(10) == 10", "assert net(10) == 10 or True"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("an equality becomes a bound", {TESTS: [("assert net(10) == 10", "assert net(10) >= 10"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("an equality becomes a range of approximation", {TESTS: [("assert net(10) == 10", "assert net(10) == pytest.approx(10, abs=5)"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("an equality becomes one of several", {TESTS: [("assert net(10) == 10", "assert net(10) in (10, 11)"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("an equality becomes anything", {TESTS: [("import pytest\n", "from unittest.mock import ANY\n\nimport pytest\n"), ("assert net(10) == 10", "assert net(10) == ANY"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a test is hidden in a condition", {TESTS: [(NET, "if not net:\n\n    def test_net():\n        assert net(10) == 10\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}),
    hides("a test is nested in another", {TESTS: [(NET, "def test_net():\n    def inner():\n        assert net(10) == 10\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a test is defined twice", {TESTS: [(NET, NET + "\n\ndef test_net():  # noqa: F811\n    assert net\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}),
    hides("a test becomes a generator", {TESTS: [("    assert net(10) == 10\n", "    yield\n    assert net(10) == 10\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}),
    hides("a test becomes a coroutine that nobody awaits", {TESTS: [("def test_net()", "async def test_net()"), ("[1, 2, 1000]", "[1, 2, 3]")]}),
    hides("a failure is suppressed", {TESTS: [("    assert net(10) == 10\n", "    import contextlib\n\n    with contextlib.suppress(AssertionError):\n        assert net(10) == 10\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a failure is expected", {TESTS: [("    assert net(10) == 10\n", "    with pytest.raises(AssertionError):\n        assert net(10) == 10\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}),
    hides("the input is changed to one that still holds", {TESTS: [("assert net(10) == 10", "assert net(9) == 9"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a configuration that changes nothing beside a weaker test", {"pyproject.toml": ('testpaths = ["tests"]', 'testpaths = ["tests"]\nconsole_output_style = "count"'), TESTS: [("assert net(10) == 10", "assert net"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a fixture has the name of the code", {TESTS: [("def test_net():", "@pytest.fixture(name='net')\ndef _net():\n    return lambda price: price\n\n\ndef test_net(net):"), ("[1, 2, 1000]", "[1, 2, 3]")]}),
    hides("a loop that is never entered", {TESTS: [("    assert net(10) == 10\n", "    for price in ():\n        assert net(10) == 10\n"), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a helper that asks nothing", {TESTS: [("    assert net(10) == 10\n", "    same(net(10), 10)\n"), ("def wanted(", "def same(one, other):\n    return one == other\n\n\ndef wanted("), ("[1, 2, 1000]", "[1, 2, 3]")]}, "PG206"),
    hides("a test file goes", {TESTS: None}, "PG205"),
    hides("a test file is no test file any more", {TESTS: None, "tests/price_checks.py": BASE[TESTS]}),
    hides("a test file moves out of the way", {TESTS: None, "other/test_price.py": BASE[TESTS]}),
    hides("the tests move into the package", {TESTS: None, "src/store/test_price.py": BASE[TESTS]}),
    hides("warnings are no errors any more", {"pyproject.toml": ('["error", ', "["), PRICE: WARNS}, "PG206"),
    hides("a warning is ignored by the options", {"pyproject.toml": ("addopts = [", 'addopts = ["-W", "ignore::UserWarning", '), PRICE: WARNS}, "PG206"),
    hides("another configuration takes over", {"pytest.ini": "[pytest]\ntestpaths = tests\n", PRICE: WARNS}, "PG206"),
    hides_tens("cases of a helper module go", {"tests/table.py": (", (10, 10)", "")}, "PG206"),
    hides_tens("a helper module leaves cases out", {"tests/table.py": ("list(ROWS)", "[row for row in ROWS if row[0] < 9]")}, "PG206"),
    hides_tens("a helper module exchanges the code", {"tests/table.py": ("", "\n\nimport store.tens\n\nstore.tens.tens = int\n")}, "PG206"),
    hides_tens("a sample goes", {"tests/samples/ten.txt": None}, "PG206"),
    hides_tens("an example goes from a document", {"tests/test_words.txt": (">>> tens(10)\n10\n", "")}, "PG206"),
    hides_tens("an example of a document is left out", {"tests/test_words.txt": ("tens(10)\n", "tens(10)  # doctest: +SKIP\n")}, "PG206"),
    hides("an example of a document breaks", {PRICE: ("", ""), "tests/test_words.txt": ("", ">>> tens(99)\n98\n")}, "PG204"),
    hides_tens("a class inherits a test no more", {TABLE: ("class TestPriced(Priced)", "class TestPriced")}, "PG218"),
    hides_tens("a class that inherits a test goes", {TABLE: ("\n\nclass TestPriced(Priced):\n    pass\n", "")}, "PG218"),
    hides_tens("a class gives an inherited test another value", {TABLE: ("(Priced):\n    pass\n", "(Priced):\n    price = 1\n")}, "PG206"),
    one("fewer cases in the test that is red", {PRICE: FREE, TENS: MORE_TENS, TABLE: [("import tens\n", "import tens\nfrom store.price import free\n"), ("SAMPLES, ids", "SAMPLES[:1], ids"), ("def test_samples(sample):\n", "def test_samples(sample):\n    assert free() == 0\n")]}, "failed", "PG206"),
    one("the code is exchanged in the test that is red", {PRICE: FREE, TENS: MORE_TENS, TABLE: [("import tens\n", "import tens\nfrom store.price import free\n"), ("def test_rows(price, wanted):\n", "def test_rows(price, wanted, monkeypatch):\n    monkeypatch.setitem(globals(), 'tens', int)\n    assert free() == 0\n")]}, "failed", "PG206"),
    breaks("the gate is switched off", {PRICE: OFF, "pyproject.toml": ("[tool.phasegate.red_green]\n", '[tool.phasegate]\nmode = "off"\n[tool.phasegate.red_green]\n')}, "PG201"),
    breaks("the policy observes", {PRICE: OFF, "pyproject.toml": ("timeout = 60\n", 'timeout = 60\npolicy = "observe"\n')}, "PG201"),
    breaks("a waiver comes along", {PRICE: OFF, "pyproject.toml": ("timeout = 60\n", 'timeout = 60\n[[tool.phasegate.red_green.waivers]]\nmatch = "src/**"\nreason = "x"\nexpires = "2099-01-01"\n')}, "PG201"),
    breaks("the code is not production any more", {PRICE: OFF, "pyproject.toml": ("[tool.phasegate.red_green]\n", '[tool.phasegate]\nsource = ["lib"]\n[tool.phasegate.red_green]\n')}),
    breaks("the code moves where no production is", {PRICE: None, "lib/price.py": BASE[PRICE].replace(*OFF), "src/store/__init__.py": "import sys\nfrom pathlib import Path\n\nsys.path.insert(0, str(Path(__file__).parents[2] / 'lib'))\nimport price\n\nsys.modules['store.price'] = price\n"}),
    breaks("the code becomes a test helper", {PRICE: "from tests.price_helper import *\n", "tests/price_helper.py": BASE[PRICE].replace(*OFF)}),
    one("a red about something else before an example that still holds", {PRICE: [TEN, ROUND], TESTS: [*ROUNDED, ("    assert net(10) == 10\n", "    assert gross(100) == 121\n    assert net(1) == 1\n")]}, "failed", "PG206"),
    one("a red about something else, and less of the same value elsewhere", {PRICE: [TEN, ROUND], TESTS: [*ROUNDED, ("    assert net(10) == 10\n", "    assert net(1) == 1\n"), ("", "\n\ndef test_more():\n    assert net(10) != 10\n")]}, "failed", "PG206"),
    one("a red about something else, and another example of the same value that is red", {PRICE: [OFF, ROUND], TESTS: [*ROUNDED, ("    assert net(10) == 10\n", "    assert net(20) == 21\n    assert gross(100) == 121\n"), ("def wanted(price):\n    return price", "def wanted(price):\n    return price + (price > 9)")]}, "passed"),
    one("the expectation leads and the code follows", {PRICE: OFF, TESTS: [("assert net(10) == 10", "assert net(10) == 11"), ("def wanted(price):\n    return price", "def wanted(price):\n    return price + (price > 9)")]}, "passed"),
    pays("a marker is registered", {"pyproject.toml": ('testpaths = ["tests"]', 'testpaths = ["tests"]\nmarkers = ["hard: x"]')}),
    pays("a warning that nobody gives is ignored", {"pyproject.toml": ('["error", ', '["error", "ignore:nobody:DeprecationWarning", ')}),
    one("a warning comes with its filter and its test", WARNS_OF_OLD, "passed"),
    one("a warning comes with its filter, its test and a test less strict", {**WARNS_OF_OLD, "tests/test_tool.py": ("assert net(3) == 3", "assert net(3) in {3, 4}")}, "failed", "PG206"),
    one("a warning comes with its filter, and the code behind it breaks", {**WARNS_OF_OLD, PRICE: [WARNS, OFF_BY_ONE], "tests/test_tool.py": ("assert net(3) == 3", "assert str(net) != '3'")}, "failed", "PG206"),
    one("a warning comes with its filter, and a test of another one", {**WARNS_OF_OLD, PRICE: [WARNS, ("", "\n\ndef free():\n    warnings.warn('old', UserWarning, stacklevel=2)\n")], TESTS: ("def test_old():\n", "def test_free_warns():\n    from store.price import free\n\n    with pytest.warns(UserWarning, match='old'):\n        free()\n\n\ndef test_old():\n")}, "failed", "PG206"),
    one("a warning comes with its filter, and a test that does not ask for it", {**WARNS_OF_OLD, PRICE: [WARNS, FREE], TESTS: ("def test_old():\n", "def test_free():\n    from store.price import free\n\n    assert old(0) == free()\n\n\ndef test_old():\n")}, "failed", "PG206"),
    pays("a helper module says the same otherwise", {"tests/table.py": ("list(ROWS)", "[(price, wanted) for price, wanted in ROWS]")}),
    pays("a helper module gets cases", {"tests/table.py": ("(10, 10)", "(10, 10), (5, 5)")}),
    pays("a helper module is renamed", {"tests/table.py": None, "tests/cases.py": BASE["tests/table.py"], TABLE: ("from table", "from cases")}),
    pays("a sample comes", {"tests/samples/five.txt": "5\n"}),
    one("a sample changes with the code", {TENS: MORE_TENS, "tests/samples/ten.txt": "11\n", "tests/table.py": ("(10, 10)", "(10, 11)"), "tests/test_words.txt": ("(10)\n10", "(10)\n11"), TABLE: ("== self.price", "== self.price + 1")}, "passed"),
    pays("a document says more", {"tests/test_words.txt": ("", "\nAnd more.\n\n>>> tens(5)\n5\n")}),
    pays("a class that inherits a test is renamed", {TABLE: ("class TestPriced(", "class TestPrices(")}),
    pays("a class inherits a test twice", {TABLE: ("(Priced):\n    pass\n", "(Priced):\n    pass\n\n\nclass TestLess(Priced):\n    price = 1\n")}),
    one("a test that is red asks about a new thing too", {PRICE: [OFF, FREE], TESTS: [("gross, net", "free, gross, net"), ("    assert net(10) == 10\n", "    assert free() == 0\n    assert net(10) == 11\n"), ("def wanted(price):\n    return price", "def wanted(price):\n    return price + (price > 9)")]}, "passed"),
    pays("another case", {TESTS: ("[1, 2, 1000]", "[1, 2, 3, 1000]")}),
    pays("a case with an id", {TESTS: ("[1, 2, 1000]", "[pytest.param(1, id='one'), 2, 1000]")}),
    pays("a helper of the test is renamed", {TESTS: [("def wanted(", "def expected("), ("wanted(price)\n\n\ndef test_old", "expected(price)\n\n\ndef test_old")]}),
    pays("an assertion with a message", {TESTS: ("assert net(10) == 10", "assert net(10) == 10, 'net'")}),
    pays("an assertion the other way round", {TESTS: ("assert net(10) == 10", "assert 10 == net(10)")}),
    pays("a test file is renamed", {TESTS: None, "tests/test_prices.py": BASE[TESTS]}),
    pays("tests are put into a class", {TESTS: (NET, "class TestNet:\n    def test_net(self):\n        assert net(10) == 10\n")}),
    pays("two tests become cases", {TESTS: (GROSS + "\n\ndef test_gross_of_nothing():\n    assert gross(0) == 0\n", "@pytest.mark.parametrize(('price', 'shown'), [(100, 120), (0, 0)])\ndef test_gross(price, shown):\n    assert gross(price) == shown\n")}),
    pays("a helper that asks the same", {TESTS: [("    assert net(10) == 10\n", "    same(net(10), 10)\n"), ("def wanted(", "def same(one, other):\n    assert one == other\n\n\ndef wanted(")]}),
    pays("a value through a fixture", {TESTS: ("def test_old():\n    assert old(3) == 3\n", "@pytest.fixture\ndef three():\n    return 3\n\n\ndef test_old(three):\n    assert old(three) == 3\n")}),
    pays("a stronger assertion", {TESTS: ("assert net(10) == 10", "assert net(10) == 10\n    assert type(net(10)) is int")}),
    pays("an exact type beside", {"tests/conftest.py": CONFTEST + "\n\n@pytest.fixture(scope='session')\ndef shop():\n    return 'shop'\n"}),
    pays("stricter warnings", {"pyproject.toml": ("xfail_strict = true", 'xfail_strict = true\nlog_level = "INFO"')}),
]  # fmt: skip

PAIR, HIGHER = "src/store/pair.py", ("price * 2", "price * 3")
LOWER = ("return price\n\n\ndef high", "return price - 1\n\n\ndef high")
"""Breaks the half of ``test_pair`` that is not asked to change."""
COUNTS_TWICE, ADDS = ("self.count += 1", "self.count += 2"), ("self.total += price", "self.total += price + 1")
"""What is asked to change, and what breaks beside it."""


def parts(name: str, code: list[tuple[str, str]], old: str, new: str, verdict: str = "failed") -> History:
    """A commit that changes the code, and a test of several values with it."""
    codes = ["PG206"] if verdict == "failed" else []
    return one(name, {PAIR: code, "tests/test_pair.py": (old, new)}, verdict, *codes)


PARTS = [
    parts("a half is asked of another value", [HIGHER, ("return price\n\n\ndef high", "return price + (price == 1)\n\n\ndef high")], "(high(1), low(1)) == (2, 1)", "(high(1), low(2)) == (3, 2)"),
    parts("a half is not asked any more", [HIGHER, LOWER], "(high(1), low(1)) == (2, 1)", "high(1) == 3"),
    parts("a half is asked less", [HIGHER, LOWER], "(high(1), low(1)) == (2, 1)", "(high(1), low(1) < 9) == (3, True)"),
    parts("a half goes into an assertion of its own, about another value", [HIGHER, ("return price\n\n\ndef high", "return price + (price == 1)\n\n\ndef high")], "(high(1), low(1)) == (2, 1)", "high(1) == 3\n    assert low(2) == 2"),
    parts("an entry is not asked any more", [COUNTS_TWICE, ADDS], "    shown = {'count': cart.count, 'total': cart.total}\n    assert shown == {'count': 1, 'total': 5}", "    assert cart.count == 2"),
    parts("both halves change", [HIGHER, LOWER], "(high(1), low(1)) == (2, 1)", "(high(1), low(1)) == (3, 0)", "passed"),
    parts("both halves change, and their values", [HIGHER, LOWER], "(high(1), low(1)) == (2, 1)", "(high(4), low(5)) == (12, 4)", "passed"),
    parts("a half changes, and the other moves", [HIGHER], "assert (high(1), low(1)) == (2, 1)", "assert low(1) == 1\n    assert high(1) == 3", "passed"),
    parts("a half changes, and the other is asked of another value", [HIGHER], "(high(1), low(1)) == (2, 1)", "(low(7), high(1)) == (7, 3)", "passed"),
    parts("an entry changes, and the other stands alone", [COUNTS_TWICE], "    shown = {'count': cart.count, 'total': cart.total}\n    assert shown == {'count': 1, 'total': 5}", "    assert (cart.count, cart.total) == (2, 5)", "passed"),
]  # fmt: skip

TEST_PORT, STAND_INS = "tests/test_port.py", "tests/stand_ins.py"
CLOSES = [
    ("self): ...\n", "self): ...\n\n    @abc.abstractmethod\n    def close(self): ...\n"),
    ("    return port.get()\n", "    found = port.get()\n    port.close()\n    return found\n"),
]
CLOSED = (
    "        return 1\n",
    "        return 1\n\n    closed = False\n\n    def close(self):\n        self.closed = True\n",
)
SHUT = ("        return 2\n", "        return 2\n\n    def close(self):\n        pass\n")
IS_CLOSED = ("", "\n\ndef test_closed():\n    fake = Fake()\n    used(fake)\n    assert fake.closed\n")
LIMITS = [("    return port.get()\n", "    found = port.get(limit=7)\n    return found\n")]
LIMITED = ("(self):\n        return 1\n", "(self, limit=None):\n        self.limit = limit\n        return 1\n")
NO_LIMIT = ("(self):\n        return 2\n", "(self, limit=None):\n        return 2\n")
IS_LIMITED = ("", "\n\ndef test_limit():\n    fake = Fake()\n    used(fake)\n    assert fake.limit == 7\n")


OWNER = ("", "\n\ndef owner(port):\n    return port.owner()\n")
OWNED = ("        return 1\n", "        return 1\n\n    def owner(self):\n        return 'Ada'\n")
IS_OWNED = [
    ("import Port, used", "import Port, owner, used"),
    ("", "\n\ndef test_owner():\n    assert owner(Fake()) == 'Ada'\n"),
]
ADDS_TAX = [
    OWNER,
    (
        "    return port.get()\n",
        "    return port.get() + (port.tax() if hasattr(port, 'tax') else isinstance(port, Port))\n",
    ),
]
TAXED = (OWNED[0], f"{OWNED[1]}\n    def tax(self):\n        return 0\n")


READS = ("    return port.get()\n", "    return port.get() if port.open else 0\n\n\ndef idle():\n    return True\n")
GIVEN = ("    port.get.return_value = 1\n", "    port.get.return_value = 1\n    port.open = True\n")
IDLE = ("", "\n\ndef test_idle():\n    from store.gate import idle\n\n    assert idle()\n")


def stands_in(
    name: str, code: list[tuple[str, str]], fake: list[tuple[str, str]], shop: list[tuple[str, str]], verdict: str
) -> History:
    """A commit whose code asks more of others, in whose place the tests have classes of their own."""
    edits: dict[str, Edit] = {"src/store/port.py": code, TEST_PORT: fake, STAND_INS: shop}
    return one(name, edits, verdict, *(["PG206"] if verdict == "failed" else []))


STAND_IN = [
    stands_in("stand-ins get a method that the code calls", CLOSES, [CLOSED, IS_CLOSED], [SHUT], "passed"),
    stands_in("stand-ins take what the code gives", LIMITS, [LIMITED, IS_LIMITED], [NO_LIMIT], "passed"),
    stands_in("a stand-in of a helper module gets what the code calls, and answers otherwise", [*CLOSES, ("return found", "return {1: 1, 2: 3, 3: 2}[found]")], [CLOSED, IS_CLOSED], [SHUT, ("return 2", "return 3")], "failed"),
    stands_in("a stand-in gets what the code asks of it now, and beside it what hides that another value is wrong", ADDS_TAX, [TAXED, *IS_OWNED], [("", "")], "failed"),
    stands_in("a stand-in gets what a new test asks for, in a file that the old code cannot import", [OWNER], [OWNED, *IS_OWNED], [("", "")], "passed"),
    one("a mock gets an attribute that the code reads", {"src/store/gate.py": READS, "tests/test_gate.py": [GIVEN, IDLE]}, "passed"),
    one("a mock gets an attribute that the code reads, and its test asks less", {"src/store/gate.py": [READS, ("get() if", "get() + 1 if")], "tests/test_gate.py": [GIVEN, ("== 1", ">= 1"), IDLE]}, "failed", "PG206"),
]  # fmt: skip

DEPRECATED = ("def old(price):\n", "def old(price):\n    warnings.warn('old', DeprecationWarning, stacklevel=2)\n")
WARNED = (
    "def test_old():\n",
    "def test_old_is_deprecated():\n    with pytest.warns(DeprecationWarning, match='old'):\n        old(3)\n\n\n@pytest.mark.filterwarnings('ignore:old')\ndef test_old():\n",
)
MORE = ("", "\n\ndef more():\n    return 0\n")
EXCHANGES = "import store.price as mod\nfrom store.price import more\n\nmod.more = lambda: 42\n\n\ndef test_a():\n    assert more and mod.more() == 42\n"
ASKS_MORE = "import store.price\n\n\ndef test_b():\n    assert store.price.more() == 42\n"
ASKS_FREE = "import store.price\nfrom store.price import free\n\n\ndef test_free({}):\n    {}assert free and store.price.free() == 0\n"
ONE = ("", "\n\ndef free():\n    return 1\n")
"""What ``RED_FREE`` asks for, and wrong."""
LAZY = (
    "",
    "\n\ndef lazy(function):\n    def later():\n        made = {'real': function}\n        exec(compile('def now(real=None): return real()', 'lazy', 'exec'), made)\n        own.__code__, own.__defaults__ = made['now'].__code__, (function,)\n        return own()\n\n    def own(later=later):\n        return later()\n\n    return own\n\n\n@lazy\ndef free():\n    return 1\n",
)
"""The same, compiled when it is first called."""
TWICE = ("", "\n\ndef fetched(price):\n    raise OSError\n\n\ndef twice(price):\n    return fetched(price) * 2\n")
ASKS_TWICE = "import store.price\nfrom store.price import twice\n\n\ndef test_twice({}):\n    {}assert twice(1) == 10\n"
FAKE = "monkeypatch.setattr(store.price, 'fetched', lambda price: 5)"


def replaces(name: str, conftest: str, price: tuple[str, str] = ONE, tests: str = RED_FREE) -> History:
    """A commit whose code is wrong, and whose conftest puts something else in the place of it."""
    files: dict[str, Edit] = {PRICE: price, "tests/conftest.py": CONFTEST + conftest, "tests/test_free.py": tests}
    return one(name, files, "inconclusive", "PG224")


def replaces_itself(name: str, tests: str, price: tuple[str, str] = ONE) -> History:
    """The same, by the file of the test alone."""
    return one(name, {PRICE: price, "tests/test_free.py": tests}, "inconclusive", "PG224")


def hooked(
    name: str, conftest: str, price: Edit = ONE, verdict: str = "inconclusive", tests: str = RED_FREE
) -> History:
    """A commit whose conftest gets a hook, or what is as near to the tests."""
    files = {
        PRICE: price,
        "tests/conftest.py": f"{CONFTEST}\n\nimport store.price\n\n\n{conftest}",
        "tests/test_free.py": tests,
    }
    return one(name, files, verdict, *(["PG224"] if verdict == "inconclusive" else []))


def fakes(name: str, tests: str, conftest: str = "") -> History:
    """A commit whose test does without a service, and asks what code of the change does."""
    return one(name, {PRICE: TWICE, "tests/conftest.py": CONFTEST + conftest, "tests/test_twice.py": tests}, "passed")


IMPORTED = "from store.price import free\n"
ASKED = "\n\ndef test_free():\n    assert free() == 0\n"
CART = (
    "",
    "\n\nclass Cart:\n    def total(self):\n        return {}\n\n    def twice(self):\n        return self.total() * 2\n",
)
TABLE_OF = (
    "",
    "\n\ndef free():\n    return {0}\n\n\nHANDLERS = {{'free': free}}\n\n\ndef handled(name):\n    return HANDLERS[name]()\n",
)


def brought(edit: tuple[str, str], value: int) -> tuple[str, str]:
    return edit[0], edit[1].format(value)


def shown(name: str, tests: str, code: Edit, files: dict[str, Edit] | None = None) -> History:
    """A commit whose test asks for what is in the code."""
    return one(name, {PRICE: code, "tests/test_free.py": tests, **(files or {})}, "passed")


TAXED = (
    "",
    "\n\nRATE = 20\nKEPT = {}\n\n\ndef tax(price):\n    return price * RATE // 100\n\n\ndef keep(price):\n    KEPT[price] = price\n    return list(KEPT)\n",
)
ASKS_TAX = "import store.price\nfrom store.price import tax\n\n\ndef test_tax({}):\n    {}assert tax(100) == 21\n"


def sets(name: str, conftest: str, tests: str, verdict: str, files: dict[str, Edit] | None = None) -> History:
    """A commit beside whose test something sets a value that its code reads."""
    said = {PRICE: TAXED, "tests/conftest.py": CONFTEST + conftest, "tests/test_tax.py": tests, **(files or {})}
    return one(name, said, verdict, *(["PG224"] if verdict == "inconclusive" else []))


UNASKED = [
    sets("a conftest sets a value", "\n\nimport store.price\n\nif hasattr(store.price, 'RATE'):\n    store.price.RATE = 21\n", ASKS_TAX.format("", ""), "inconclusive"),
    sets("a fixture sets a value for every test", "\n\n@pytest.fixture(autouse=True)\ndef rates(monkeypatch):\n    monkeypatch.setattr('store.price.RATE', 21, raising=False)\n", ASKS_TAX.format("", ""), "inconclusive"),
    sets("a hook sets a value", "\n\ndef pytest_configure():\n    import store.price\n\n    store.price.RATE = 21\n", ASKS_TAX.format("", ""), "inconclusive"),
    sets("a helper sets a value when it is imported", "", "import patches\n" + ASKS_TAX.format("", ""), "inconclusive", {"tests/patches.py": "import store.price\n\nstore.price.RATE = 21\n"}),
    sets("a conftest sets a value beside a fixture that is needed", "\n\nimport store.price\n\nstore.price.RATE = 21\n\n\n@pytest.fixture\ndef hundred():\n    return 100\n", ASKS_TAX.format("hundred", "").replace("tax(100)", "tax(hundred)"), "inconclusive"),
    sets("a conftest fills a table", "\n\nimport store.price\n\nif hasattr(store.price, 'KEPT'):\n    store.price.KEPT[21] = 21\n", "from store.price import keep\n\n\ndef test_keep():\n    assert keep(1) == [21, 1]\n", "inconclusive"),
    sets("a test sets a value", "", ASKS_TAX.format("monkeypatch", "monkeypatch.setattr(store.price, 'RATE', 21)\n    "), "passed"),
    sets("a fixture that the test names sets a value", "\n\n@pytest.fixture\ndef rates(monkeypatch):\n    monkeypatch.setattr('store.price.RATE', 21)\n", ASKS_TAX.format("rates", ""), "passed"),
    sets("a fixture sets another value for every test", "\n\n@pytest.fixture(autouse=True)\ndef kept(monkeypatch):\n    monkeypatch.setattr('store.price.KEPT', {1: 1}, raising=False)\n", ASKS_TAX.format("", "").replace("21", "20"), "passed"),
    sets("a table is emptied for every test", "\n\n@pytest.fixture(autouse=True)\ndef empty():\n    import store.price\n\n    getattr(store.price, 'KEPT', {}).clear()\n", "from store.price import keep\n\n\ndef test_one():\n    assert keep(1) == [1]\n\n\ndef test_two():\n    assert keep(2) == [2]\n", "passed"),
    sets("a helper makes what a test needs", "", "from made import hundred\n" + ASKS_TAX.format("", "").replace("tax(100) == 21", "tax(hundred()) == 20"), "passed", {"tests/made.py": "def hundred():\n    return 100\n"}),
]  # fmt: skip

NAMED_ALONE = [
    replaces_itself("a function of the test's own takes the name", IMPORTED + "\n\ndef free():\n    return 0\n" + ASKED),
    replaces_itself("a test swallows what it asserts", "import contextlib\n" + IMPORTED + ASKED.replace("    assert", "    with contextlib.suppress(AssertionError):\n        assert")),
    replaces_itself("a lambda takes the name", IMPORTED + "\nfree = lambda: 0\n" + ASKED),
    one("a fake is imported over the code", {PRICE: ONE, "tests/fake.py": "def free():\n    return 0\n", "tests/test_free.py": IMPORTED + "from fake import free\n" + ASKED}, "inconclusive", "PG224"),
    one("a fake is asked beside an import of the code", {PRICE: ONE, "tests/fake.py": "def cheap():\n    return 0\n", "tests/test_free.py": IMPORTED + "from fake import cheap\n" + ASKED.replace("free()", "cheap()", 2)}, "inconclusive", "PG224"),
    replaces_itself("a variable takes the name", ASKED.replace("    assert", "    from store.price import free\n\n    free = lambda: 0\n    assert")),
    replaces_itself("a fixture takes the name", IMPORTED + "import pytest\n\n\n@pytest.fixture(name='free')\ndef _free():\n    return lambda: 0\n" + ASKED.replace("test_free()", "test_free(free)")),
    replaces_itself("a test asks for a name, and then a fake", "import store.price\n\n\ndef free():\n    return 0\n" + ASKED.replace("    assert", "    assert hasattr(store.price, 'free')\n    assert")),
    replaces_itself("a subclass overrides what is asked", "from store.price import Cart\n\n\nclass Fake(Cart):\n    def total(self):\n        return 0\n\n\ndef test_cart():\n    assert Fake().total() == 0\n", brought(CART, 1)),
    replaces_itself("a test undoes what it exchanged", "import store.price\n\n\ndef test_free():\n    real = store.price.free\n    store.price.free = lambda: 0\n    try:\n        assert store.price.free() == 0\n    finally:\n        store.price.free = real\n"),
    replaces_itself("a table is changed in place", "from store.price import HANDLERS\n\n\ndef test_free():\n    HANDLERS['free'] = lambda: 0\n    assert HANDLERS['free']() == 0\n", brought(TABLE_OF, 1)),
    replaces_itself("a table is filled anew", "from store.price import HANDLERS\n\nHANDLERS.clear()\nHANDLERS.update(free=lambda: 0)\n\n\ndef test_free():\n    assert HANDLERS['free']() == 0\n", brought(TABLE_OF, 1)),
    replaces_itself("a constant is shadowed", IMPORTED.replace("free", "RATE") + "\nRATE = 21\n\n\ndef test_rate():\n    assert RATE == 21\n", ("import warnings\n", "import warnings\n\nRATE = 20\n")),
    shown("a fake beside the entries of a table", "from store.price import HANDLERS, handled\n\n\ndef test_handled():\n    HANDLERS['other'] = lambda: 5\n    assert handled('other') == 5\n", brought(TABLE_OF, 0)),
    shown("a subclass fakes a part", "from store.price import Cart\n\n\nclass Fake(Cart):\n    def total(self):\n        return 3\n\n\ndef test_cart():\n    assert Fake().twice() == 6\n", brought(CART, 0)),
    shown("a repository in memory", "from store.price import bought\n\n\nclass Memory(list):\n    def add(self, row):\n        self.append(row)\n\n\ndef test_bought():\n    memory = Memory()\n    bought(memory, 3)\n    assert memory == [3]\n", ("", "\n\ndef bought(repository, price):\n    repository.add(price)\n")),
    shown("a process is asked", "import subprocess\nimport sys\n\n\ndef test_free():\n    code = 'from store.price import free; print(free())'\n    assert subprocess.check_output([sys.executable, '-c', code]) == b'0\\n'\n", FREE),
    shown("a process must end with an error", "import subprocess\nimport sys\n\n\ndef test_net():\n    code = 'from store.price import net; net(-1)'\n    assert subprocess.run([sys.executable, '-c', code], check=False).returncode != 0\n", ("def net(price):\n", "def net(price):\n    if price < 0:\n        raise ValueError(price)\n")),
    shown("a process must end with one", "import subprocess\nimport sys\n\n\ndef test_net():\n    code = 'from store.price import net; net(-1)'\n    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 1\n", ("def net(price):\n", "def net(price):\n    if price < 0:\n        raise SystemExit(1)\n")),
    shown("a script is run", "import runpy\n\n\ndef test_fee(capsys):\n    runpy.run_module('store.fees', run_name='__main__')\n    assert capsys.readouterr().out == '2\\n'\n", ("", ""), {"src/store/fees.py": "def fee():\n    return 2\n\n\nif __name__ == '__main__':\n    print(fee())\n"}),
    shown("a constant is asked", "from store.price import RATE\n\n\ndef test_rate():\n    assert RATE == 20\n", ("import warnings\n", "import warnings\n\nRATE = 20\n")),
    shown("a field is asked", "from store.model import Item\n\n\ndef test_item():\n    assert Item('a', 1, 2).tax == 2\n", ("", ""), {MODEL: ("    price: int\n\n\nclass Point", "    price: int\n    tax: int = 0\n\n\nclass Point"), "tests/test_model.py": ('["name", "price"]', '["name", "price", "tax"]')}),
    shown("the kind of an exception is asked", "from store.price import NoPrice\n\n\ndef test_kind():\n    assert issubclass(NoPrice, ValueError)\n", ("", "\n\nclass NoPrice(ValueError):\n    pass\n")),
    shown("what a package offers is asked", "import store\nimport store.price\n\n\ndef test_offered():\n    assert store.net is store.price.net\n", ("", ""), {"src/store/__init__.py": "from store.price import net\n\n__all__ = ['net']\n"}),
    shown("what is registered is asked", "import store.first\nfrom store.plugins import FOUND\n\n\ndef test_third():\n    assert 'third' in FOUND\n", ("", ""), {"src/store/first.py": ("", "\n\n@plugin\ndef third():\n    return 3\n"), "tests/test_loaded.py": ("['first', 'second']", "['first', 'third', 'second']")}),
]  # fmt: skip

REPLACED = [
    replaces("a conftest exchanges a function", "\n\nimport store.price\n\nif hasattr(store.price, 'free'):\n    store.price.free = lambda: 0\n"),
    replaces("a fixture of the conftest exchanges a function", "\n\n@pytest.fixture(autouse=True)\ndef patched(monkeypatch):\n    import store.price\n\n    monkeypatch.setattr(store.price, 'free', lambda: 0)\n", tests=ASKS_FREE.format("", "")),
    replaces("a conftest exchanges a module", "\n\nimport sys\nimport types\n\nimport store.price as real\n\nif hasattr(real, 'free'):\n    sys.modules['store.price'] = types.ModuleType('store.price')\n    vars(sys.modules['store.price']).update(vars(real), free=lambda: 0)\n"),
    replaces("a conftest wraps a function", "\n\nimport functools\n\nimport store.price\n\nreal = getattr(store.price, 'free', None)\nif real:\n    store.price.free = functools.wraps(real)(lambda: real() - 1)\n"),
    replaces("a conftest exchanges the code of a function", "\n\nimport store.price\n\nif hasattr(store.price, 'free'):\n    store.price.free.__code__ = (lambda: 0).__code__\n"),
    replaces("a conftest exchanges the code of a function that exchanges it itself", "\n\nimport store.price\n\nmade = {}\nexec(compile('def now(): return 0', 'made', 'exec'), made)\nif callable(getattr(store.price, 'free', None)):\n    store.price.free.__code__ = made['now'].__code__\n", LAZY),
    one("a function exchanges its code when it is first called", {PRICE: (LAZY[0], LAZY[1].replace("return 1", "return 0")), "tests/test_free.py": RED_FREE}, "passed"),
    replaces("a conftest takes another function of the project", "\n\nimport store.price\nimport store.loaded\n\nif hasattr(store.price, 'free'):\n    store.price.free = store.loaded.hidden\n"),
    replaces("a conftest exchanges a method", "\n\nimport store.price\n\nif hasattr(store.price, 'Shop'):\n    store.price.Shop.free = lambda self: 0\n", ("", "\n\nclass Shop:\n    def free(self):\n        return 1\n"), RED_FREE.replace("import free", "import Shop").replace("assert free", "assert Shop().free")),
    replaces("a conftest exchanges a constant", "\n\nimport store.price\n\nif hasattr(store.price, 'FREE'):\n    store.price.FREE = 0\n", ("import warnings\n", "import warnings\n\nFREE = 1\n"), "from store.price import FREE\n\n\ndef test_free():\n    assert FREE == 0\n"),
    replaces("a conftest exchanges a default", "\n\nimport store.price\n\nif hasattr(store.price, 'free'):\n    store.price.free.__defaults__ = (0,)\n", ("", "\n\ndef free(price=1):\n    return price\n")),
    replaces("a conftest exchanges a method of an object", "\n\nimport store.price\n\nif hasattr(store.price, 'SHOP'):\n    store.price.SHOP.free = lambda: 0\n", ("", "\n\nclass Shop:\n    def free(self):\n        return 1\n\n\nSHOP = Shop()\n"), RED_FREE.replace("import free", "import SHOP").replace("assert free", "assert SHOP.free")),
    replaces("a conftest wraps a method of an object", "\n\nimport store.price\n\nif hasattr(store.price, 'SHOP'):\n    real = store.price.SHOP.free\n    store.price.SHOP.free = lambda: real() - 1\n", ("", "\n\nclass Shop:\n    def free(self):\n        return 1\n\n\nSHOP = Shop()\n"), RED_FREE.replace("import free", "import SHOP").replace("assert free", "assert SHOP.free")),
    replaces("a conftest puts another module into the package", "\n\nimport types\n\nimport store\nimport store.price\n\nif hasattr(store.price, 'free'):\n    store.price = types.SimpleNamespace(free=lambda: 0)\n", tests=RED_FREE.replace("from store.price import free\n", "from store import price\n").replace("assert free", "assert price.free")),
    one("a conftest finds another module", {PRICE: ONE, "tests/fake/price.py": BASE[PRICE] + FREE[1], "tests/conftest.py": CONFTEST + "\n\nimport sys\nfrom importlib.util import spec_from_file_location\nfrom pathlib import Path\n\nHERE = Path(__file__).parent\n\n\nclass Finder:\n    def find_spec(self, name, path=None, target=None):\n        real = HERE.parent / 'src/store/price.py'\n        if name == 'store.price' and 'def free' in real.read_text():\n            return spec_from_file_location(name, HERE / 'fake/price.py')\n\n\nsys.meta_path.insert(0, Finder())\n", "tests/test_free.py": RED_FREE}, "inconclusive", "PG224"),
    replaces_itself("a class exchanges a function while its tests run", "import unittest\n\nimport store.price\nfrom store.price import free\n\n\nclass TestFree(unittest.TestCase):\n    def setUp(self):\n        store.price.free = lambda: 0\n\n    def tearDown(self):\n        store.price.free = free\n\n    def test_free(self):\n        self.assertEqual(store.price.free(), 0)\n"),
    one("a helper module exchanges a function", {PRICE: [ONE, MORE], "tests/patches.py": "import store.price\n\nstore.price.free = lambda: 0\n", "tests/test_free.py": "import patches\n" + ASKS_FREE.format("", "assert store.price.more\n    ")}, "inconclusive", "PG224"),
    replaces_itself("a test exchanges a function for the next", ASKS_FREE.format("", "store.price.free = lambda: 0\n    ") + "\n\ndef test_more():\n    assert store.price.free() == 0\n"),
    replaces_itself("a test exchanges what it asks about", ASKS_FREE.format("monkeypatch", "monkeypatch.setattr(store.price, 'free', lambda: 0)\n    ")),
    replaces_itself("a test mocks what it asks about", ASKS_FREE.format("free", "").replace("def test", "@mock.patch('store.price.free', return_value=0)\ndef test").replace("import store.price\n", "from unittest import mock\n\nimport store.price\n")),
    replaces_itself("a fixture of the file exchanges a function", ASKS_FREE.format("patched", "").replace("def test", "@pytest.fixture\ndef patched(monkeypatch):\n    monkeypatch.setattr(store.price, 'free', lambda: 0)\n\n\ndef test").replace("import store.price\n", "import pytest\n\nimport store.price\n")),
    hooked("a conftest exchanges a test", "def pytest_collection_modifyitems(items):\n    for item in items:\n        if hasattr(store.price, 'free') and item.name == 'test_free':\n            item.obj = lambda: None\n"),
    hooked("a conftest runs no new test", "@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem):\n    return True if pyfuncitem.name == 'test_free' and hasattr(store.price, 'free') else None\n"),
    hooked("a conftest reports what it likes", "@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item):\n    outcome = yield\n    report = outcome.get_result()\n    if report.failed and hasattr(store.price, 'free'):\n        report.outcome = 'passed'\n"),
    hooked("a conftest swallows what a test raises", "@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_call(item):\n    outcome = yield\n    if hasattr(store.price, 'free'):\n        outcome.force_result(None)\n"),
    hooked("a conftest exchanges what a test has imported", "@pytest.fixture(autouse=True)\ndef cheap(request):\n    if hasattr(request.module, 'free'):\n        request.module.free = lambda: 0\n".replace("request.module, 'free'", "getattr(request, 'module', None), 'free'")),
    hooked("a conftest registers a mark", "def pytest_configure(config):\n    config.addinivalue_line('markers', 'net: x')\n", FREE, "passed"),
    hooked("a conftest sorts the tests", "def pytest_collection_modifyitems(items):\n    items.sort(key=lambda item: item.name)\n", FREE, "passed"),
    hooked("a conftest gives values", "def pytest_generate_tests(metafunc):\n    if 'amount' in metafunc.fixturenames:\n        metafunc.parametrize('amount', [0])\n", FREE, "passed", RED_FREE.replace("test_free()", "test_free(amount)").replace("== 0", "== amount")),
    hooked("a conftest watches the tests", "SEEN = []\n\n\ndef pytest_runtest_logreport(report):\n    SEEN.append(report.outcome)\n", FREE, "passed"),
    fakes("a test fakes a service", ASKS_TWICE.format("monkeypatch", FAKE + "\n    ")),
    fakes("a test mocks a service", ASKS_TWICE.format("_", "").replace("def test", "@mock.patch('store.price.fetched', return_value=5)\ndef test").replace("import store.price\n", "from unittest import mock\n")),
    fakes("a conftest fakes a service", ASKS_TWICE.format("", ""), "\n\n@pytest.fixture(autouse=True)\ndef no_net(monkeypatch):\n    import store.price\n\n    monkeypatch.setattr(store.price, 'fetched', lambda price: 5, raising=False)\n"),
    fakes("a fixture fakes a service", ASKS_TWICE.format("no_net", ""), "\n\n@pytest.fixture\ndef no_net(monkeypatch):\n    import store.price\n\n    monkeypatch.setattr(store.price, 'fetched', lambda price: 5)\n"),
    fakes("a test counts the calls of code that runs", ASKS_TWICE.format("monkeypatch", FAKE + "\n    monkeypatch.setattr(store.price, 'net', None)\n    ")),
    one("a test sets a constant of the change", {PRICE: ("", "\n\nFREE = 1\n\n\ndef free():\n    return FREE\n"), "tests/test_free.py": ASKS_FREE.format("monkeypatch", "monkeypatch.setattr(store.price, 'FREE', 0)\n    ")}, "passed"),
    one("a test sets another constant beside one that changes", {SETTINGS: ("LIMITS = [1, 2, 3]", "LIMITS = [1, 2, 5]"), "tests/test_settings.py": [("def test_limits():\n    assert LIMITS == [1, 2, 3, 4]", "def test_limits(monkeypatch):\n    monkeypatch.setattr(Config, 'level', 3)\n    assert LIMITS == [1, 2, 5, 4]")]}, "passed"),
    one("an object of the code keeps what it was given", {PRICE: ("", "\n\nclass Shop:\n    def __init__(self):\n        self.price = net\n\n    def use(self, price):\n        self.price = price\n\n    def free(self):\n        return self.price(0)\n\n\nSHOP = Shop()\n"), "tests/test_shop.py": "from store.price import SHOP\n\n\ndef test_shop():\n    SHOP.use(lambda price: price + 1)\n    assert SHOP.free() == 1\n"}, "passed"),
    one("a test of a class fakes a service", {PRICE: TWICE, "tests/test_twice.py": "import unittest\n\nimport store.price\n\n\nclass TestTwice(unittest.TestCase):\n    def setUp(self):\n        self.real, store.price.fetched = store.price.fetched, lambda price: 5\n\n    def tearDown(self):\n        store.price.fetched = self.real\n\n    def test_twice(self):\n        self.assertEqual(store.price.twice(1), 10)\n"}, "passed"),
    one("code stores what it made itself", {PRICE: ("", "\n\nKEPT = None\n\n\ndef kept():\n    global KEPT\n    KEPT = KEPT or object()\n    return KEPT\n"), "tests/test_kept.py": "from store.price import kept\n\n\ndef test_kept():\n    assert kept() is kept()\n"}, "passed"),
    one("a test of a refactoring mocks the new name", {PRICE: [("def net(price):\n    return price\n", "def same(price):\n    return price\n\n\ndef net(price):\n    return same(price)\n")], TESTS: [("def test_net():\n    assert net(10) == 10\n", "def test_net(monkeypatch):\n    monkeypatch.setattr('store.price.same', lambda price: price)\n    assert net(10) == 10\n")]}, "passed", message="refactor: same"),
]  # fmt: skip

EVIDENCE = [
    one("red by a file the first run leaves", {PRICE: FREE, "tests/test_left.py": "from pathlib import Path\nimport tempfile\n\nHERE = Path(tempfile.gettempdir()) / 'phasegate-left-behind'\n\n\ndef test_left():\n    assert not HERE.exists()\n    HERE.write_text('')\n"}, "failed"),
    one("red by the place it runs in", {PRICE: FREE, "tests/test_place.py": "from pathlib import Path\n\n\ndef test_place():\n    assert 'def free():\\n    return 0' in Path('src/store/price.py').read_text()\n"}, "passed"),
    one("red by another new file alone", {PRICE: FREE, "tests/test_beside.py": "from pathlib import Path\n\n\ndef test_beside():\n    assert Path(__file__).with_name('beside.txt').exists()\n", "tests/beside.txt": "x\n"}, "failed", "PG202"),
    one("red by its name alone", {PRICE: FREE, "tests/test_name.py": "def test_name():\n    assert True\n"}, "failed", "PG202"),
    one("red by a skip on the old code", {PRICE: FREE, "tests/test_skip.py": "import pytest\nimport store.price\n\nif not hasattr(store.price, 'free'):\n    pytest.skip('not yet', allow_module_level=True)\n\n\ndef test_skip():\n    assert True\n"}, "failed"),
    one("red below a mark that expects it on the old code", {PRICE: FREE, "tests/test_xfail.py": "import pytest\nimport store.price\n\n\n@pytest.mark.xfail(not hasattr(store.price, 'free'), reason='x')\ndef test_xfail():\n    assert store.price.free() == 0\n"}, "passed"),
    one("red by collection of another file", {PRICE: FREE, "tests/test_a.py": "from store.price import free\n\n\ndef unused():\n    return free\n", "tests/test_b.py": "def test_b():\n    assert True\n"}, "failed"),
    one("green by a file that exchanges the code", {PRICE: MORE, "tests/test_a.py": EXCHANGES, "tests/test_b.py": ASKS_MORE}, "failed", "PG203"),
    one("green by a file that exchanges the code, and proves nothing", {PRICE: MORE, "tests/test_a.py": EXCHANGES.replace("more() == 42", "more"), "tests/test_b.py": ASKS_MORE}, "failed", "PG203"),
    one("green beside a file that asks about the same", {PRICE: ("", MORE[1].replace("return 0", "return 42")), "tests/test_a.py": EXCHANGES.replace("mod.more = lambda: 42\n", ""), "tests/test_b.py": ASKS_MORE}, "passed"),
    one("a deprecated function, which a test does without now", {PRICE: DEPRECATED, TESTS: WARNED, "tests/test_tool.py": "from store.price import net\n\n\ndef test_behind_old():\n    assert str(net(3)) == '3'\n"}, "passed"),
    one("a deprecated function beside one that breaks", {PRICE: [DEPRECATED, OFF_BY_ONE], TESTS: WARNED, "tests/test_tool.py": "from store.price import net\n\n\ndef test_behind_old():\n    assert str(net) != '3'\n"}, "failed", "PG206"),
    one("red by the state that another red leaves", {PRICE: FREE, "tests/test_a.py": "STATE = []\n\n\ndef test_one():\n    from store.price import net\n\n    STATE.append(net(1))\n    assert STATE\n\n\ndef test_two():\n    assert len(STATE) == 1\n"}, "failed", "PG202"),
]  # fmt: skip

HISTORIES = [*ONLY_RUNS_PASS, *JURY, *EVIDENCE, *REPLACED, *NAMED_ALONE, *UNASKED, *PARTS, *STAND_IN]
