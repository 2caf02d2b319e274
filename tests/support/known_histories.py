"""The histories with a known answer: one table, judged by replay and by what the author's own runs have shown."""
# ruff: noqa: E501 - a history stays on one line where it can

from __future__ import annotations

from typing import TYPE_CHECKING

from support.histories import (
    BASE,
    BETTER,
    CENTS,
    CODE,
    FREE,
    GREEN,
    OTHER_ERROR,
    RED_BETTER,
    RED_FREE,
    ROUNDED,
    SAME_THING,
    TESTS,
    commit,
    new_test,
    one,
    several,
    tree_after,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASSES = """\
import unittest

from shop.price import net


class NetCase(unittest.TestCase):
    def test_floor(self):
        for price in (-1, -2):
            with self.subTest(price=price):
                self.assertEqual(net(price), 0)
"""
MIXIN = "class Floor:\n    def test_floor(self):\n        assert self.net(-1) == 0\n"
MIXED = "from base import Floor\nfrom shop.price import net\n\n\nclass TestNet(Floor):\n    net = staticmethod(net)\n"
MODEL = "from dataclasses import dataclass\n\n\n@dataclass\nclass Item:\n    name: str\n"
KNOWN_BUG = new_test("# why\n    from uuid import uuid4\n\n    assert (net(1), uuid4()) == 5", "test_bug")
NEW_FIELD = ("name: str\n", "name: str\n    price: int = 0\n")
ITEM = "from shop.item import Item\n\n\ndef test_item():\n    assert Item('a', 3).price == 3\n"
BY_CHANCE = """\
beside = Path(__file__).resolve().parents[2] / "runs"
    beside.write_text((beside.read_text() if beside.exists() else "") + "x")
    if len(beside.read_text()) % 2 == 0:
        raise OSError("busy")
    assert net(-1) is not None"""
"""Fails whenever it is run for an even time, wherever its project lies."""
RECORDS = """\
import warnings

from shop.price import net


def test_old(rate):
    with warnings.catch_warnings(record=True) as given:
        warnings.warn(f"{net(rate)} is old", DeprecationWarning)
    assert len(given) == 1
"""
RUN = "import warnings\n\n\ndef clear(price):\n    return price\n\n\ndef plain(price):\n    return clear(price)\n"
RUNS = """\
import pytest

from shop.run import clear, plain


def caught(command):
    try:
        return command(), None
    except Exception as error:
        return None, error


def test_run():
    def command():
        return plain(3)

    shown, error = caught(command)
    assert not error
    assert shown == 3
"""
OLD_PLAIN = ("def plain(price):\n", "def plain(price):\n    warnings.warn('old', DeprecationWarning, stacklevel=2)\n")
PLAIN_IS_OLD = [
    ("return plain(3)", "return clear(3)"),
    ("", "\n\ndef test_plain():\n    with pytest.warns(DeprecationWarning):\n        plain(2)\n"),
]
BELOW = ("def net(price):\n    return price", "def net(price, floor=0):\n    return max(price, floor)")

HONEST = [
    one("a new function with its test", {CODE: FREE, "tests/test_free.py": RED_FREE}, "passed"),
    one("a new module with its test", {"src/shop/tax.py": "def tax():\n    return 1\n", "tests/test_tax.py": "from shop.tax import tax\n\n\ndef test_tax():\n    assert tax() == 1\n"}, "passed"),
    one("a fix with a new test", {CODE: BETTER, TESTS: RED_BETTER}, "passed"),
    one("a fix with a changed test", {CODE: CENTS, TESTS: [('"1 EUR"', '"1.00 EUR"'), ('"2 EUR"', '"2.00 EUR"'), ('f"{number} EUR"', 'f"{number}.00 EUR"'), ('"7 EUR"', '"7.00 EUR"')]}, "passed"),
    one("a guard beside a red test", {CODE: BETTER, TESTS: [RED_BETTER, new_test("assert net(5) == 5", "test_guard")]}, "passed"),
    one("a red and a green commit, squashed", {CODE: BETTER, TESTS: RED_BETTER}, "passed", message="Floor (#3)\n\n* test: floor\n* feat: floor\n"),
    one("a signature that did not fit", {CODE: BELOW, TESTS: new_test("assert net(-5, floor=-1) == -1")}, "passed"),
    one("did not raise", {CODE: OTHER_ERROR, TESTS: ('ValueError, match="no price"', 'TypeError, match="no price"')}, "passed"),
    one("cases added to a test", {CODE: ("return int(text)", "return int(text or 0)"), TESTS: ('def test_old_currency():\n    assert parse("EUR 5") == 5\n', '@pytest.mark.parametrize(("text", "amount"), [("EUR 5", 5), ("", 0)])\ndef test_old_currency(text, amount):\n    assert parse(text) == amount\n')}, "passed"),
    one("a unittest with subtests", {CODE: BETTER, "tests/test_case.py": CLASSES}, "passed"),
    one("a test inherited from a mixin", {CODE: BETTER, "tests/base.py": MIXIN, "tests/test_mixed.py": MIXED}, "passed"),
    one("a fixture alone", {CODE: BETTER, TESTS: [("return 7", "return net(-7) + 7")]}, "passed"),
    one("a constant alone", {CODE: ROUNDED, TESTS: [("WANTED = 120", "WANTED = gross(1) * 100")]}, "passed"),
    one("a conftest alone", {CODE: ROUNDED, "tests/conftest.py": [("import pytest\n", "import pytest\n\nfrom shop.price import gross\n"), ("return 10", "return 9.5 + gross(1, 50) - 1")]}, "passed"),
    one("test data alone", {CODE: ("return int(text)", 'return int(text.replace(",", ""))'), "tests/data.json": '{"5": 5, "1,000": 1000}\n'}, "passed"),
    one("data of the package with its code", {CODE: ('["vat"]', '["vat"]["full"]'), "src/shop/rates.json": '{"vat": {"full": 21}}\n', TESTS: ("", "\n\ndef test_vat():\n    from shop.price import vat\n\n    assert vat() == 21\n")}, "passed"),
    one("a field of a dataclass", {"src/shop/item.py": MODEL.replace(*NEW_FIELD), "tests/test_item.py": ITEM}, "passed"),
    one("two features in one commit", {CODE: [BETTER, FREE], TESTS: RED_BETTER, "tests/test_free.py": RED_FREE}, "passed"),
    one("a test renamed on the way", {CODE: BETTER, TESTS: [("def test_net()", "def test_net_is_the_price()"), RED_BETTER]}, "passed"),
    one("a test moved on the way", {CODE: BETTER, TESTS: [("def test_net():\n    assert net(10) == 10\n\n\n", ""), RED_BETTER], "tests/test_net.py": "from shop.price import net\n\n\ndef test_net():\n    assert net(10) == 10\n"}, "passed"),
    one("a test split on the way", {CODE: BETTER, TESTS: [('    assert label(2) == "2 EUR"\n', '\n\ndef test_second_label():\n    assert label(2) == "2 EUR"\n'), RED_BETTER]}, "passed"),
    one("tests made cases on the way", {CODE: BETTER, TESTS: [('def test_label():\n    assert label(1) == "1 EUR"\n    assert label(2) == "2 EUR"\n', '@pytest.mark.parametrize(("number", "shown"), [(1, "1 EUR"), (2, "2 EUR")])\ndef test_label(number, shown):\n    assert label(number) == shown\n'), RED_BETTER]}, "passed"),
    one("a condition that does not apply here", {CODE: BETTER, TESTS: [("def test_net()", '@pytest.mark.skipif(__import__("sys").platform == "plan9", reason="x")\ndef test_net()'), RED_BETTER]}, "passed"),
    one("a function goes with its test", {CODE: ('\n\ndef parse(text):\n    if text.startswith("EUR "):\n        text = text.removeprefix("EUR ")\n    return int(text)\n', ""), TESTS: [(", parse", ""), ('def test_old_currency():\n    assert parse("EUR 5") == 5\n\n\n', ""), ('def test_data():\n    for text, wanted in json.loads((Path(__file__).parent / "data.json").read_text()).items():\n        assert parse(text) == wanted\n\n\n', "")]}, "passed"),
    one("a branch goes with its test", {CODE: ('    if text.startswith("EUR "):\n        text = text.removeprefix("EUR ")\n', ""), TESTS: ('def test_old_currency():\n    assert parse("EUR 5") == 5\n\n\n', "")}, "passed"),
    one("a refactoring", {CODE: SAME_THING}, "passed", message="refactor: name the full rate"),
    one("a refactoring that moves a function", {CODE: ("def net(price):\n    return price\n", "from shop.plain import net\n"), "src/shop/plain.py": "def net(price):\n    return price\n"}, "passed", message="refactor(price): net stands apart"),
    one("a refactoring with an edited test", {CODE: SAME_THING, TESTS: ("assert net(10) == 10", "assert 10 == net(10)")}, "passed", message="refactor: tidy"),
    one("a faster way", {CODE: SAME_THING}, "passed", message="perf: one multiplication"),
    one("a chore", {CODE: SAME_THING}, "passed", message="chore: tidy"),
    one("documents", {"README.md": "A good shop.\n"}, "exempt", message="docs: good"),
    one("comments and docstrings", {CODE: [('"""Prices."""', '"""Prices, net and gross."""'), ("def net(price):\n", "def net(price):\n    # as it is\n")]}, "exempt"),
    one("formatting", {CODE: ('    return f"{price} EUR"\n', "    return (\n        f'{price} EUR'\n    )\n")}, "exempt"),
    one("annotations", {CODE: ("def net(price):", "def net(price: int) -> int:")}, "passed"),
    one("imports for annotations", {CODE: ("import json\n", "import json\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from decimal import Decimal\n")}, "passed"),
    one("a version", {"src/shop/__init__.py": '__version__ = "1.1"\n'}, "passed", message="Release 1.1"),
    one("configuration", {"pyproject.toml": ('version = "0"', 'version = "1"')}, "exempt", message="build: 1"),
    one("a name that tests reach by their imports alone", {CODE: ("def net(price)", "def plain(price)"), TESTS: ("label, net, parse\n", "label, parse\nfrom shop.price import plain as net\n")}, "passed"),
    one("a module that becomes a package", {"src/shop/stale.py": None, "src/shop/stale/__init__.py": BASE["src/shop/stale.py"]}, "exempt", message="fix: ship types"),
    one("metadata offered by the package", {"src/shop/about.py": '__version__ = "1.0"\n__author_email__ = "ada@example.org"\n', "src/shop/__init__.py": "from .about import __author_email__, __version__\n"}, "passed"),
    one("characterization", {TESTS: GREEN}, "passed", message="test: pin net"),
    one("a test deleted alone", {TESTS: ("def test_net():\n    assert net(10) == 10\n\n\n", "")}, "passed", message="test: drop"),
    one("waived by a trailer", {CODE: BETTER}, "waived", "PG201", message="feat: x\n\nRed-Green: waived (seen by hand)"),
    one("waived by the configuration", {"src/shop/legacy.py": ("return 1", "return 2")}, "waived", "PG201"),
    several("red first, then green", "passed", commit("test: floor", {TESTS: RED_BETTER}), commit("feat: floor", {CODE: BETTER})),
    several("red by a missing module first, then green", "passed", commit("test: free", {"tests/test_free.py": RED_FREE}), commit("feat: free", {CODE: FREE})),
    several("declared red first, then green without the mark", "passed", commit("test: floor", {TESTS: new_test("assert net(-1) == 0", before="@pytest.mark.xfail(strict=True)\n")}), commit("feat: floor", {CODE: BETTER, TESTS: ("@pytest.mark.xfail(strict=True)\n", "")})),
    several("a batch of red tests, then green one by one", "passed", commit("test: both", {TESTS: RED_BETTER, "tests/test_free.py": RED_FREE}), commit("feat: floor", {CODE: BETTER}), commit("feat: free", {CODE: FREE})),
    several("a file that stands on what another one imports", "passed", commit("test: pin", {"tests/test_shop.py": "import shop\n\n\ndef test_shop():\n    assert shop.price.net(3) == 3\n", TESTS: GREEN}), commit("feat: floor", {CODE: BETTER, TESTS: RED_BETTER, "tests/test_shop.py": ("shop.price.net(3) == 3", "shop.price.net(-3) == 0")})),
    several("a deprecated function that tests run where its warning is caught", "passed", commit("feat: run", {"pyproject.toml": ('testpaths = ["tests"]\n', 'testpaths = ["tests"]\nfilterwarnings = ["error"]\n'), "src/shop/run.py": RUN, "tests/test_run.py": RUNS}), commit("feat: plain is old", {"src/shop/run.py": OLD_PLAIN, "tests/test_run.py": PLAIN_IS_OLD})),
    several("a conftest beside a test that records what is deprecated", "passed", commit("test: old", {"tests/test_old.py": RECORDS}), commit("feat: round", {CODE: ROUNDED, "tests/conftest.py": [("import pytest\n", "import pytest\n\nfrom shop.price import gross\n"), ("return 10", "return 9.5 + gross(1, 50) - 1")]})),
    several("characterization, then a refactoring", "passed", commit("test: pin", {TESTS: GREEN}), commit("refactor: say it otherwise", {CODE: SAME_THING})),
    several("a fixup of red and green", "passed", commit("feat: floor", {CODE: BETTER, TESTS: RED_BETTER}), commit("fixup! feat: floor", {"README.md": "A shop with a floor.\n"}, "exempt")),
]  # fmt: skip

DISHONEST = [
    one("code alone", {CODE: BETTER}, "failed", "PG201"),
    one("code alone without a type", {CODE: BETTER}, "failed", "PG201", message="Do better"),
    one("code alone as documents", {CODE: BETTER}, "failed", "PG201", message="docs: x"),
    one("a new module alone", {"src/shop/tax.py": "def tax():\n    return 1\n"}, "failed", "PG201"),
    one("a test that was never red", {CODE: BETTER, TESTS: GREEN}, "failed", "PG202"),
    one("a test that fails by chance", {CODE: BETTER, TESTS: new_test(BY_CHANCE)}, "inconclusive", "PG209"),
    one("a test of nothing", {CODE: BETTER, TESTS: new_test("assert True")}, "failed", "PG202"),
    one("a comment in a test", {CODE: BETTER, TESTS: ("def test_net():\n", "def test_net():\n    # better\n")}, "failed", "PG201"),
    one("an import in a test", {CODE: BETTER, TESTS: ("import json\n", "import json\nimport re\n")}, "failed", "PG201"),
    one("a feature as a refactoring with a green test", {CODE: FREE, TESTS: GREEN}, "failed", "PG202", message="refactor: x"),
    one("a refactoring that breaks a test", {CODE: CENTS}, "failed", "PG204", message="refactor: x"),
    one("a feature that breaks another test", {CODE: [BETTER, CENTS], TESTS: RED_BETTER}, "failed", "PG204"),
    one("a new test that fails", {CODE: BETTER, TESTS: [RED_BETTER, new_test("assert net(1) == 2", "test_wrong")]}, "failed", "PG203"),
    several("a test that fails on as it did, edited beside a proof", "failed", commit("test: a known bug", {TESTS: KNOWN_BUG}), commit("feat: x", {CODE: BETTER, TESTS: [("# why", "print('why')"), RED_BETTER]})),
    several("a test that fails otherwise than it did, edited beside a proof", "failed", commit("test: a known bug", {TESTS: KNOWN_BUG}), commit("feat: x", {CODE: BETTER, TESTS: [("uuid4()) == 5", "uuid4()) == 6"), RED_BETTER]}, "failed", "PG203")),
    one("a red that stays red", {CODE: FREE, TESTS: RED_BETTER}, "failed", "PG203", "PG202"),
    one("an import of a new name that no test uses", {CODE: [BETTER, FREE], TESTS: ("import gross,", "import free, gross,")}, "failed", "PG201"),
    one("a revert among what was squashed", {CODE: BETTER}, "failed", "PG201", message='Floor (#3)\n\n* Floor\n\n* Revert "actions"\n\nThis reverts commit 716c2c7ae3bbb13ff9c972cef769ca957319a1e0.\n'),
    one("a third-party module that is missing", {CODE: BETTER, "tests/test_new.py": "import no_such_package\n\n\ndef test_new():\n    assert no_such_package\n"}, "inconclusive", "PG217"),
    one("a library that wants of another what that has not", {CODE: BETTER, "tests/test_new.py": "import pkgutil\n\n\ndef test_new():\n    assert pkgutil.resolve_name('json:no_such_name')\n"}, "inconclusive", "PG217"),
    one("a syntax error in a test", {CODE: BETTER, "tests/test_new.py": "def test_new(:\n    pass\n"}, "inconclusive", "PG216"),
    one("an assertion weakened", {CODE: CENTS, TESTS: [('assert label(1) == "1 EUR"', "assert label(1)"), ('"2 EUR"', '"2.00 EUR"'), ('f"{number} EUR"', 'f"{number}.00 EUR"'), ('"7 EUR"', '"7.00 EUR"')]}, "failed", "PG206"),
    one("an assertion removed", {CODE: BETTER, TESTS: [('    assert label(2) == "2 EUR"\n', ""), RED_BETTER]}, "failed", "PG206"),
    one("an exception broadened", {CODE: [BETTER, OTHER_ERROR], TESTS: [('ValueError, match="no price"', 'Exception, match="no price"'), RED_BETTER]}, "failed", "PG206"),
    one("a match dropped", {CODE: [BETTER, ('"no price"', '"nothing"')], TESTS: [('ValueError, match="no price"', "ValueError"), RED_BETTER]}, "failed", "PG206"),
    one("cases dropped", {CODE: BETTER, TESTS: [("[1, 2, 3]", "[1]"), RED_BETTER]}, "failed", "PG206"),
    one("a helper weakened", {CODE: [BETTER, CENTS], TESTS: [("assert shown == wanted", "assert shown"), ('"1 EUR"', '"1.00 EUR"'), ('"2 EUR"', '"2.00 EUR"'), ('"7 EUR"', '"7.00 EUR"')]}, "failed", "PG206"),
    one("a body emptied", {CODE: BETTER, TESTS: [("    assert net(10) == 10\n", "    pass\n"), RED_BETTER]}, "failed", "PG206"),
    one("a failure caught", {CODE: BETTER, TESTS: [("    assert net(10) == 10\n", "    try:\n        assert net(10) == 10\n    except AssertionError:\n        pass\n"), RED_BETTER]}, "failed", "PG206"),
    one("an early return", {CODE: BETTER, TESTS: [("    assert net(10) == 10\n", "    return\n    assert net(10) == 10\n"), RED_BETTER]}, "failed", "PG206"),
    one("a skip added", {CODE: BETTER, TESTS: [("def test_net()", '@pytest.mark.skip("later")\ndef test_net()'), RED_BETTER]}, "failed", "PG207"),
    one("an xfail added", {CODE: [BETTER, CENTS], TESTS: [("def test_label()", "@pytest.mark.xfail\ndef test_label()"), ('f"{number} EUR"', 'f"{number}.00 EUR"'), ('"7 EUR"', '"7.00 EUR"'), RED_BETTER]}, "failed", "PG207"),
    one("a skip called", {CODE: BETTER, TESTS: [("    assert net(10) == 10\n", '    pytest.skip("later")\n    assert net(10) == 10\n'), RED_BETTER]}, "failed", "PG207"),
    one("a module marked as skipped", {CODE: BETTER, TESTS: ("WANTED = 120\n", 'WANTED = 120\npytestmark = pytest.mark.skip("later")\n'), "tests/test_floor.py": "from shop.price import net\n\n\ndef test_floor():\n    assert net(-1) == 0\n"}, "failed", "PG207"),
    one("a conftest that skips", {CODE: [BETTER, CENTS], "tests/conftest.py": ("import pytest\n", 'import pytest\n\n\ndef pytest_collection_modifyitems(items):\n    for item in items:\n        if "label" in item.name or "fixture" in item.name:\n            item.add_marker(pytest.mark.skip)\n'), TESTS: RED_BETTER}, "failed", "PG207"),
    one("a test deleted", {CODE: BETTER, TESTS: [("def test_net():\n    assert net(10) == 10\n\n\n", ""), RED_BETTER]}, "failed", "PG205"),
    one("a test deleted by its name", {CODE: [BETTER, CENTS], TESTS: [("def test_label()", "def _test_label()"), ('f"{number} EUR"', 'f"{number}.00 EUR"'), ('"7 EUR"', '"7.00 EUR"'), RED_BETTER]}, "failed", "PG205"),
    one("a test of what stays goes with what goes", {CODE: ('    if text.startswith("EUR "):\n        text = text.removeprefix("EUR ")\n', ""), TESTS: [('def test_old_currency():\n    assert parse("EUR 5") == 5\n\n\n', ""), ("def test_net():\n    assert net(10) == 10\n\n\n", "")]}, "failed", "PG205"),
    one("code goes and a test that stays breaks", {CODE: ('    if text.startswith("EUR "):\n        text = text.removeprefix("EUR ")\n', "")}, "failed", "PG204"),
    one("a class that is no longer collected", {CODE: [BETTER, ROUNDED], TESTS: [("class TestPrices:", "class Prices:"), RED_BETTER]}, "failed", "PG218"),
    one("a class switched off", {CODE: BETTER, TESTS: [("class TestPrices:\n", "class TestPrices:\n    __test__ = False\n\n"), RED_BETTER]}, "failed", "PG218"),
    one("collection narrowed by configuration", {CODE: [BETTER, CENTS], "pyproject.toml": ('testpaths = ["tests"]', 'testpaths = ["tests"]\npython_functions = ["test_new"]'), TESTS: RED_BETTER}, "failed"),
    one("source roots loosened in the same commit", {CODE: BETTER, "pyproject.toml": ("[tool.phasegate.red_green]", '[tool.phasegate]\nsource = ["elsewhere"]\n[tool.phasegate.red_green]')}, "failed", "PG201"),
    one("waived in the same commit", {CODE: BETTER, "pyproject.toml": ("src/shop/legacy.py", "src/**")}, "failed", "PG201"),
    one("a waiver without a reason", {CODE: BETTER}, "failed", "PG201", message="feat: x\n\nRed-Green: waived"),
    one("a waiver that has expired", {"src/shop/stale.py": ("return 1", "return 2")}, "failed", "PG201"),
    one("a new test that is only skipped", {CODE: BETTER, TESTS: new_test("assert net(-1) == 0", before='@pytest.mark.skip("later")\n')}, "failed", "PG202"),
    one("a new test that is expected to fail", {CODE: FREE, TESTS: new_test("assert net(-1) == 0", before="@pytest.mark.xfail(strict=True)\n")}, "failed", "PG202"),
    one("a process that leaves with 0", {CODE: BETTER, "tests/test_exit.py": "import os\n\n\ndef test_exit():\n    os._exit(0)\n"}, "failed"),
    one("a subtest that fails", {CODE: FREE, "tests/test_case.py": CLASSES}, "failed", "PG203"),
    one("production called a test", {CODE: BETTER, "tests/test_floor.py": "from shop.price import net\n\n\ndef test_floor():\n    assert net(1) == 1\n"}, "failed", "PG202"),
    one("data of the package alone, as a feature with a green test", {CODE: BETTER, "src/shop/rates.json": '{"vat": 21}\n', TESTS: GREEN}, "failed", "PG202"),
    several("code first, then its test", "failed", commit("feat: floor", {CODE: BETTER}, "failed", "PG201"), commit("test: floor", {TESTS: RED_BETTER})),
    several("red that is left open", "failed", commit("test: floor", {TESTS: RED_BETTER})),
    several("declared red that is left open", "failed", commit("test: floor", {TESTS: new_test("assert net(-1) == 0", before="@pytest.mark.xfail(strict=True)\n")})),
    several("a declared red whose mark stays", "failed", commit("test: floor", {TESTS: new_test("assert net(-1) == 0", before="@pytest.mark.xfail(strict=True)\n")}), commit("feat: floor", {CODE: BETTER}, "failed")),
    several("weakened between red and green", "failed", commit("test: floor", {TESTS: RED_BETTER}), commit("test: floor", {TESTS: ("assert net(-1) == 0", "assert net(-1)")}, "failed", "PG206"), commit("feat: floor", {CODE: BETTER}, "failed")),
    several("production that an earlier commit calls a test", "failed", commit("chore: what is a test", {"pyproject.toml": ('testpaths = ["tests"]', 'testpaths = ["tests", "src"]\npython_files = ["test_*.py", "pri*.py"]')}), commit("feat: floor", {CODE: BETTER}, "failed", "PG201")),
    several("a red for the wrong reason first", "inconclusive", commit("test: floor", {"tests/test_new.py": "import no_such_package\n\n\ndef test_new():\n    assert no_such_package\n"}, "inconclusive", "PG217")),
]  # fmt: skip

HISTORIES = [*HONEST, *DISHONEST]

UNSETTLED: dict[tuple[str, int], str] = {
    ("did not raise", 0): "a ValueError that was seen once may be chance",
    ("cases added to a test", 0): "a ValueError that was seen once may be chance",
    ("a test that fails on as it did, edited beside a proof", 1): "whether it fails by the same has to be run",
    ("a test that fails otherwise than it did, edited beside a proof", 1): "whether it fails by the same has to be run",
    (
        "a conftest beside a test that records what is deprecated",
        1,
    ): "what the conftest may let pass, a run of the tests with the one before says",
    ("a test that fails by chance", 0): "an OSError that was seen once may be chance",
    ("test data alone", 0): "a ValueError that was seen once may be chance",
    ("a test inherited from a mixin", 0): "what a class inherits from another file is not recorded",
    ("a branch goes with its test", 0): "the deleted test has to be run on the code that stays",
    ("waived by the configuration", 0): "that one fault is waived does not say that there is no other",
    ("data of the package with its code", 0): "the red was seen beside the data of before",
    ("a batch of red tests, then green one by one", 1): "a run with a file that cannot be collected shows no greens",
    ("a test moved on the way", 0): "a test that moved has to be run with what stood beside it before",
    ("a test split on the way", 0): "a test that was altered and never red has to be run as it stood before",
    ("tests made cases on the way", 0): "a test that was altered and never red has to be run as it stood before",
    (
        "a condition that does not apply here",
        0,
    ): "a test that was altered and never red has to be run as it stood before",
    ("a refactoring with an edited test", 0): "a test that was altered and never red has to be run as it stood before",
    ("an assertion removed", 0): "whether what it asked still holds, a run of the text before says",
    ("cases dropped", 0): "whether what they asked still holds, a run of the text before says",
    ("a test deleted", 0): "whether it could still pass, a run of it says",
    ("a test deleted by its name", 0): "whether it could still pass, a run of it says",
    ("a conftest alone", 0): "what the conftest may let pass, a run of the tests with the one before says",
    ("a conftest that skips", 0): "a test that passed before is skipped: whether that is meant, a replay says",
    ("a test of what stays goes with what goes", 0): "the deleted test has to be run on the code that stays",
    ("a class that is no longer collected", 0): "a test that passed before did not run",
    ("a class switched off", 0): "a test that passed before did not run",
    ("collection narrowed by configuration", 0): "a test that passed before did not run",
    ("an import of a new name that no test uses", 0): "a red by its file's import is nothing of the test's own",
    ("a declared red whose mark stays", 1): "under an xfail the test shows neither red nor green",
    ("a new test that is expected to fail", 0): "under an xfail the test shows neither red nor green",
    (
        "a deprecated function that tests run where its warning is caught",
        0,
    ): "pytest's configuration changes with the code: which tests ran before, a run of the suite says",
    (
        "a deprecated function that tests run where its warning is caught",
        1,
    ): "a test that was altered has to be run as it stood before",
    ("a red for the wrong reason first", 0): "whether another machine has the module, a run here cannot tell",
}
"""Commits that the author's runs do not settle, and why: the hook replays them, and gives the answer of the table."""

TOLD_BY_A_RANGE: dict[tuple[str, int], str] = {
    (
        "production that an earlier commit calls a test",
        1,
    ): "what was production where the range begins, the range tells",
    ("weakened between red and green", 1): "that a test is red when it is weakened, the order of commits tells",
}
"""Commits that the hook lets through, and why: `verify` and the push refuse them."""


def fast_import() -> str:
    """Every history as a branch of its own from one base, in the language of ``git fast-import``."""
    lines = [*stream("base", "chore: begin", {}, BASE, 1, None)]
    mark = 1
    for number, history in enumerate(HISTORIES):
        parent, files = 1, BASE
        for step in history.steps:
            mark += 1
            after = tree_after(files, step.files)
            lines += stream(f"history-{number}", step.message, files, after, mark, parent)
            parent, files = mark, after
    return "\n".join(lines)


def stream(
    branch: str, message: str, before: dict[str, str], after: dict[str, str], mark: int, parent: int | None
) -> Iterator[str]:
    yield f"commit refs/heads/{branch}"
    yield f"mark :{mark}"
    yield "committer Ada <ada@example.org> 1700000000 +0000"
    yield from data(message)
    if parent is not None:
        yield f"from :{parent}"
    yield from (f"D {path}" for path in before.keys() - after.keys())
    for path, text in after.items():
        if before.get(path) != text:
            yield f"M 100644 inline {path}"
            yield from data(text)
    yield ""


def data(text: str) -> tuple[str, str]:
    return f"data {len(text.encode())}", text
