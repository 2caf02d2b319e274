# ruff: noqa: E501 - the rows of a table stay on one line each
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.project.settings import PathPolicy, Policy, RedGreenSettings, RedKind, Waiver
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet
from pytest_phasegate.core.redgreen.import_graph import Reaching
from pytest_phasegate.core.redgreen.observed import FileFailure, LineEvidence, Replay, SeenTest
from support.observations import CODE, TESTS, codes, seen, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

Files = dict[str, tuple[str | None, str | None]]

F1, F2 = "def f(): return 1", "def f(): return 2"
ONE = "def test_a():\n    assert f() == 1\n"
TWO = "def test_a():\n    assert f() == 2\n"
B = "def test_b():\n    assert f() > 0\n"
WRITTEN = {CODE: (F1, F2), TESTS: (ONE, TWO)}
ADDED = {CODE: (F1, F2), TESTS: (ONE, ONE + B)}
CODE_ONLY = {CODE: (F1, F2)}
LATER = "import sys\nif sys.version_info[:2] >= (3, 14):\n    def f(): return 2\nelse:\n    def f(): return 1"
THERE = "import os, sys\nNEW = sys.version_info >= (3, 14)\ndef f():\n    if {}: return 2\n    return 1"
ELSEWHERE = [
    "NEW",
    "not sys.version_info[0] == 3",
    "f.late and NEW",
    "sys.platform == 'win32'",
    "sys.platform.startswith('win')",
    "os.name == 'nt'",
]
TESTS_ONLY = {TESTS: ("", ONE)}
TYPES = {CODE: ("def f(x): return x", "def f(x: int): return x")}
STRICT = {"policy": Policy.STRICT, "lines": LineEvidence()}


def lacking(name: str, word: str) -> SeenTest:
    told = "ModuleNotFoundError: No module named 'mock'"
    return seen(name, word, grade="broken")._replace(exception="ModuleNotFoundError", told=told)


def stuck(name: str, told: str, base: str = "missing") -> SeenTest:
    return seen(name, "error>error", base=base, grade="broken")._replace(exception="AttributeError", told=told)


def failing(name: str, why: str, base: str = "missing") -> SeenTest:
    return seen(name, "failed>failed", base=base)._replace(exception=why.partition(":")[0], told=why)


NO_NET = "ConnectError: Name or service not known"


def as_before(name: str) -> SeenTest:
    return seen(name, "failed>failed", base="failed")._replace(as_before=True)


TABLE = [
    # the change, what was seen, what was said -> verdict, codes
    ("a changed test turns green", WRITTEN, [seen("test_a", "failed>passed")], {}, "passed", []),
    ("a new test turns green", ADDED, [seen("test_b", "failed>passed")], {}, "passed", []),
    ("a guard beside a red one", ADDED | {TESTS: ("", TWO + B)}, [seen("test_a", "failed>passed"), seen("test_b", "passed>passed")], {}, "passed", []),
    ("a red that another one left behind", ADDED, [seen("test_b", "failed>passed"), seen("test_z", "passed>passed")], {"behind": (TestId(f"{TESTS}::test_z"),)}, "passed", []),
    ("all that was red another one left behind", ADDED, [seen("test_b", "passed>passed")], {"behind": (TestId(f"{TESTS}::test_b"),)}, "failed", ["PG202"]),
    ("nothing was red, and new code is for another Python", ADDED | {CODE: (F1, LATER)}, [seen("test_b", "passed>passed")], {"python": "3.12.1 on linux"}, "inconclusive", ["PG211"]),
    ("nothing was red, and new code is for an earlier Python", ADDED | {CODE: (F1, LATER.replace(">=", "<"))}, [seen("test_b", "passed>passed")], {"python": "3.14.0 on linux"}, "inconclusive", ["PG211"]),
    ("no test, and new code is for another Python", CODE_ONLY | {CODE: (F1, LATER)}, [seen("test_z", "passed>passed", base="passed")], {"python": "3.12.1 on linux"}, "inconclusive", ["PG211"]),
    ("nothing was red on the Python that runs the new code", ADDED | {CODE: (F1, LATER)}, [seen("test_b", "passed>passed")], {"python": "3.14.0 on linux"}, "failed", ["PG202"]),
    *((f"nothing was red, and new code stands below {gate}", ADDED | {CODE: (F1, THERE.format(gate))}, [seen("test_b", "passed>passed")], {"python": "3.12.1 on linux"}, "inconclusive", ["PG211"]) for gate in ELSEWHERE),
    ("nothing was red where new code runs by a constant", ADDED | {CODE: (F1, THERE.format("NEW"))}, [seen("test_b", "passed>passed")], {"python": "3.14.0 on linux"}, "failed", ["PG202"]),
    ("nothing was red where new code may run", ADDED | {CODE: (F1, THERE.format("NEW or f.late"))}, [seen("test_b", "passed>passed")], {"python": "3.12.1 on linux"}, "failed", ["PG202"]),
    ("code for another Python stood there before", ADDED | {CODE: (LATER, LATER.replace("return 1", "return 3"))}, [seen("test_b", "passed>passed")], {"python": "3.12.1 on linux"}, "failed", ["PG202"]),
    ("nothing was red", ADDED, [seen("test_b", "passed>passed")], {}, "failed", ["PG202"]),
    ("a changed test stays green", WRITTEN, [seen("test_a", "passed>passed")], {}, "failed", ["PG202"]),
    ("an unchanged test turns green beside a changed one", WRITTEN, [seen("test_a", "passed>passed"), seen("test_z", "failed>passed")], {}, "passed", []),
    ("skipped is never a proof", ADDED, [seen("test_b", "skipped>skipped")], {}, "inconclusive", ["PG211"]),
    ("skipped by a mark is a test that is not there", ADDED | {TESTS: (ONE, ONE + "@pytest.mark.skip\n" + B)}, [seen("test_b", "skipped>skipped")], {}, "failed", ["PG202"]),
    ("skipped here beside a proof", ADDED | {TESTS: ("", TWO + B)}, [seen("test_a", "failed>passed"), seen("test_b", "skipped>skipped")], {}, "passed", []),
    ("a refactoring with an edited test that is skipped here", WRITTEN, [seen("test_a", "skipped>skipped")], {"message": "refactor: x"}, "exempt", []),
    ("xfailed is no proof", ADDED, [seen("test_b", "failed>xfailed")], {}, "failed", ["PG202"]),
    ("xfailed here alone is no answer", ADDED | {TESTS: (ONE, ONE + "@pytest.mark.xfail(sys.version_info < (3, 99), reason='new')\n" + B)}, [seen("test_b", "xfailed>xfailed", grade="declared")], {}, "inconclusive", ["PG211"]),
    ("xfailed anywhere is no proof", ADDED | {TESTS: (ONE, ONE + "@pytest.mark.xfail(reason='new')\n" + B)}, [seen("test_b", "xfailed>xfailed", grade="declared")], {}, "failed", ["PG202"]),
    ("a declared red whose mark is still there", ADDED, [seen("test_b", "xfailed>xfailed", grade="declared")], {}, "failed", ["PG202"]),
    ("a new test fails", ADDED, [seen("test_b", "failed>failed")], {}, "failed", ["PG203", "PG202"]),
    ("a changed test fails", WRITTEN, [seen("test_a", "failed>failed")], {}, "failed", ["PG203", "PG202"]),
    ("a changed test fails as it did before", WRITTEN, [as_before("test_a")], {}, "failed", ["PG202"]),
    ("a changed test fails as it did before, beside a proof", WRITTEN | {TESTS: (ONE, TWO + B)}, [as_before("test_a"), seen("test_b", "failed>passed")], {}, "passed", []),
    ("a changed test fails as it did before, strictly", WRITTEN | {TESTS: (ONE, TWO + B)}, [as_before("test_a"), seen("test_b", "failed>passed")], STRICT, "failed", ["PG203", "PG210"]),
    ("a changed test fails otherwise than before", WRITTEN | {TESTS: (ONE, TWO + B)}, [seen("test_a", "failed>failed", base="failed"), seen("test_b", "failed>passed")], {}, "failed", ["PG203"]),
    ("one of two fails", ADDED | {TESTS: ("", TWO + B)}, [seen("test_a", "failed>passed"), seen("test_b", "failed>failed")], {}, "failed", ["PG203"]),
    ("a test breaks", ADDED, [seen("test_b", "failed>passed"), seen("test_z", "passed>failed")], {}, "failed", ["PG204"]),
    ("an unchanged failing test fails on", ADDED, [seen("test_b", "failed>passed"), seen("test_z", "failed>failed", base="failed")], {}, "passed", []),
    ("a new test that no text defines fails", ADDED, [seen("test_b", "failed>passed"), seen("test_z", "failed>failed", base="missing")], {}, "failed", ["PG203"]),
    ("a test fails, and nobody knows how it ended before", ADDED, [seen("test_b", "failed>passed"), seen("test_z", "missing>failed", base="missing")], {}, "passed", []),
    ("a broken red", ADDED, [seen("test_b", "error>passed", grade="broken")], {}, "failed", ["PG208", "PG202"]),
    ("what keeps untouched tests from being set up keeps a new one from it", ADDED, [stuck("test_b", "no x"), stuck("test_y", "no x", "error"), seen("test_z", "passed>passed")], {}, "inconclusive", ["PG217"]),
    ("set up no more than others, beside a proof", ADDED | {TESTS: ("", TWO + B)}, [seen("test_a", "failed>passed"), stuck("test_b", "no x"), stuck("test_y", "no x", "error")], {}, "inconclusive", ["PG217"]),
    ("untouched tests that are not set up beside a proof", ADDED, [seen("test_b", "failed>passed"), stuck("test_y", "no x", "error")], {}, "passed", []),
    ("a new test that is not set up for a reason of its own", ADDED, [stuck("test_b", "no y"), stuck("test_y", "no x", "error"), seen("test_z", "passed>passed")], {}, "failed", ["PG203", "PG208", "PG202"]),
    ("what fails untouched tests fails a new one", ADDED, [failing("test_b", NO_NET), failing("test_y", NO_NET, "failed"), seen("test_z", "passed>passed")], {}, "inconclusive", ["PG217"]),
    ("what failed a changed test before fails a new one", ADDED | {TESTS: (TWO, ONE + B)}, [failing("test_a", NO_NET, "failed")._replace(as_before=True), failing("test_b", NO_NET), seen("test_z", "passed>passed")], {}, "inconclusive", ["PG217"]),
    ("a new test that fails as untouched ones do, by what it asserts", ADDED, [failing("test_b", "AssertionError: assert 0"), failing("test_y", "AssertionError: assert 0", "failed")], {}, "failed", ["PG203", "PG202"]),
    ("a new test that fails for a reason of its own", ADDED, [failing("test_b", "KeyError: x"), failing("test_y", NO_NET, "failed"), seen("test_z", "passed>passed")], {}, "failed", ["PG203", "PG202"]),
    ("a test that passed fails as untouched ones do", WRITTEN, [failing("test_a", NO_NET, "passed"), failing("test_y", NO_NET, "failed")], {}, "failed", ["PG203", "PG202"]),
    ("not set up, as nothing that was there before", ADDED, [stuck("test_b", "no x"), stuck("test_y", "no x"), seen("test_z", "passed>passed")], {}, "failed", ["PG203", "PG203", "PG208", "PG202"]),
    ("a structural red", ADDED, [seen("test_b", "error>passed", grade="structural")], {}, "passed", []),
    ("a red that only an import of its file brought", ADDED | {TESTS: (ONE, "from app import g\n" + ONE)}, [seen("test_a", "error>passed", base="passed", grade="structural", uncollected=True)], {}, "failed", ["PG201"]),
    ("a red by an import that the test uses", ADDED | {TESTS: (ONE, "from app import f\n" + ONE)}, [seen("test_a", "error>passed", base="passed", grade="structural", uncollected=True)], {}, "passed", []),
    ("code that a red test can import now, and that does not do what it asks", CODE_ONLY, [seen("test_z", "error>failed", base="error", grade="structural", uncollected=True)._replace(exception="ImportError")], {}, "failed", ["PG201"]),
    ("a red by an import, of a test that could not be imported before", CODE_ONLY, [seen("test_z", "error>passed", base="error", grade="structural", uncollected=True)], {}, "passed", []),
    ("a structural red is too little", ADDED, [seen("test_b", "error>passed", grade="structural")], {"parts": RedGreenSettings(red=RedKind.BEHAVIOURAL)}, "failed", ["PG219", "PG202"]),
    ("a hang is red", ADDED, [seen("test_b", "missing>passed", grade="hang")], {}, "passed", []),
    ("flaky alone", ADDED, [seen("test_b", "failed>passed", flaky=True)], {}, "inconclusive", ["PG209"]),
    ("flaky beside a proof", ADDED | {TESTS: ("", TWO + B)}, [seen("test_a", "failed>passed"), seen("test_b", "failed>passed", flaky=True)], {}, "passed", []),
    ("a flaky break", ADDED, [seen("test_b", "failed>passed"), seen("test_z", "passed>failed", flaky=True)], {}, "passed", []),
    ("a refactoring with an edited test", WRITTEN, [seen("test_a", "passed>passed")], {"message": "refactor: x"}, "passed", []),
    ("a refactoring with a new test that was never red", ADDED, [seen("test_b", "passed>passed")], {"message": "refactor: x"}, "failed", ["PG202"]),
    ("code alone", CODE_ONLY, [seen("test_z", "passed>passed")], {}, "failed", ["PG201"]),
    ("code alone without a type", CODE_ONLY, [], {"message": "Make it faster"}, "failed", ["PG201"]),
    ("code alone after a red commit", CODE_ONLY, [seen("test_z", "failed>passed")], {}, "passed", []),
    ("code alone, broken before", CODE_ONLY, [seen("test_z", "error>passed", grade="broken")], {}, "failed", ["PG201"]),
    *((f"{kind} alone", CODE_ONLY, [seen("test_z", "passed>passed")], {"message": f"{kind}: x"}, "passed", []) for kind in ("refactor", "perf", "style", "build", "chore", "revert")),
    *((f"{kind} alone", CODE_ONLY, [seen("test_z", "passed>passed")], {"message": f"{kind}: x"}, "failed", ["PG201"]) for kind in ("feat", "fix", "docs", "test", "ci")),
    ("a refactoring that breaks a test", CODE_ONLY, [seen("test_z", "passed>failed")], {"message": "refactor: x"}, "failed", ["PG204"]),
    ("git's own revert", CODE_ONLY, [seen("test_z", "passed>passed")], {"message": 'Revert "feat: x"\n\nThis reverts commit 0123abc.'}, "passed", []),
    ("a merge with code of its own", CODE_ONLY, [seen("test_z", "passed>passed")], {"merge": True, "message": "Merge branch 'a'"}, "passed", []),
    ("a merge with nothing of its own", {}, [], {"merge": True, "message": "Merge branch 'a'"}, "exempt", []),
    ("documents", {"README.md": ("a", "b")}, [], {"ran": False}, "exempt", []),
    ("comments", {CODE: ("x = 1", "x = 1  # why")}, [], {"ran": False}, "exempt", []),
    ("annotations that nobody ran", TYPES, [], {"ran": False}, "inconclusive", ["PG217"]),
    ("annotations that could not be run", TYPES, [], {"trouble": ("pytest did not start",)}, "inconclusive", ["PG217"]),
    ("annotations, and all is as green as before", TYPES, [seen("test_z", "passed>passed"), seen("test_q", "failed>failed")], {}, "passed", []),
    ("annotations where most tests cannot be set up", TYPES, [seen("test_z", "passed>passed"), *(seen(name, "error>error", base="error") for name in ("test_q", "test_r"))], {}, "inconclusive", ["PG217"]),
    ("annotations where a test cannot be set up", TYPES, [seen("test_z", "passed>passed"), seen("test_q", "error>error", base="error")], {}, "passed", []),
    ("annotations that break a test where most cannot be set up", TYPES, [seen("test_z", "passed>failed"), *(seen(name, "error>error", base="error") for name in ("test_q", "test_r"))], {}, "failed", ["PG204", "PG217"]),
    ("a refactoring where most tests cannot be set up", CODE_ONLY, [seen("test_z", "passed>passed"), *(seen(name, "error>error", base="error") for name in ("test_q", "test_r"))], {"message": "refactor: x"}, "inconclusive", ["PG217"]),
    ("annotations, and there is no test", TYPES, [], {}, "exempt", []),
    ("annotations that break a test", TYPES, [seen("test_z", "passed>failed")], {}, "failed", ["PG204"]),
    ("annotations that break a test once", TYPES, [seen("test_z", "passed>failed", flaky=True)], {}, "exempt", []),
    ("annotations that break the import of a test", TYPES, [], {"broken": (TestId(f"{TESTS}::test_z"),)}, "failed", ["PG204"]),
    ("annotations by which a test is lost", TYPES, [], {"lost": (TestId(f"{TESTS}::test_z"),)}, "failed", ["PG218"]),
    ("annotations by which a test is skipped", TYPES, [seen("test_z", "passed>skipped", base="passed")], {}, "failed", ["PG207"]),
    ("annotations beside a test skipped all along", TYPES, [seen("test_z", "skipped>skipped", base="skipped")], {}, "exempt", []),
    ("annotations beside a red commit", TYPES | TESTS_ONLY, [seen("test_a", "failed>failed")], {}, "passed", []),
    ("annotations beside a red commit, that break another", TYPES | TESTS_ONLY, [seen("test_a", "failed>failed"), seen("test_z", "passed>failed")], {}, "failed", ["PG204"]),
    ("annotations beside a test that turns green", TYPES | TESTS_ONLY, [seen("test_a", "failed>passed")], {}, "passed", []),
    ("annotations beside a characterization", TYPES | TESTS_ONLY, [seen("test_a", "passed>passed")], {}, "passed", []),
    ("annotations and a deleted test", TYPES | {TESTS: (ONE, "")}, [seen("test_z", "passed>passed")], {"departed": {TestId(f"{TESTS}::test_a"): Outcome.PASSED}}, "passed", []),
    ("annotations and a deleted test that they break", TYPES | {TESTS: (ONE, "")}, [seen("test_z", "passed>passed")], {"departed": {TestId(f"{TESTS}::test_a"): Outcome.FAILED}}, "failed", ["PG205"]),
    ("behaviour beside annotations that break a test", WRITTEN | {"src/b.py": ("x = 1", "x: int = 1")}, [seen("test_a", "failed>passed"), seen("test_z", "passed>failed")], {}, "failed", ["PG204"]),
    ("an import for its effect goes", {CODE: ("import app.plugins", "")}, [seen("test_z", "passed>failed")], {}, "failed", ["PG204"]),
    ("imports sorted", {CODE: ("import b\nimport a", "import a\nimport b")}, [seen("test_z", "passed>passed")], {}, "passed", []),
    ("a release", {CODE: ("__version__ = '1'", "__version__ = '2'")}, [seen("test_z", "passed>passed")], {"message": "Release 2"}, "passed", []),
    ("a release that code reads", {CODE: ("__version__ = '1'", "__version__ = '2'")}, [seen("test_z", "passed>failed")], {"message": "Release 2"}, "failed", ["PG204"]),
    ("an item of a table", {CODE: ("S = {}\nS['a'] = True", "S = {}\nS['a'] = False")}, [seen("test_z", "passed>passed")], {}, "failed", ["PG201"]),
    ("a parameter that goes with its test", {CODE: ("def f(a, b=1): return a", "def f(a): return a"), TESTS: (ONE + "def test_b():\n    assert f(1, b=2) == 1\n", ONE)}, [seen("test_a", "passed>passed")], {"departed": {TestId(f"{TESTS}::test_b"): Outcome.FAILED}}, "passed", []),
    ("a parameter that goes, and another test breaks", {CODE: ("def f(a, b=1): return a", "def f(a): return a"), TESTS: (ONE + "def test_b():\n    assert f(1, b=2) == 1\n", ONE)}, [seen("test_a", "passed>failed")], {"departed": {TestId(f"{TESTS}::test_b"): Outcome.FAILED}}, "failed", ["PG204"]),
    ("an empty module", {CODE: (None, "")}, [], {"ran": False}, "exempt", []),
    ("a red commit", TESTS_ONLY, [seen("test_a", "failed>failed")], {}, "passed", []),
    ("a new test that lacks a module here", ADDED, [lacking("test_b", "error>error")], {}, "inconclusive", ["PG217"]),
    ("old code that lacks a module here", ADDED, [lacking("test_b", "failed>passed")], {}, "inconclusive", ["PG217"]),
    ("a new test alone that lacks a module here", TESTS_ONLY, [lacking("test_a", "error>error")], {}, "inconclusive", ["PG217"]),
    ("a new test that lacks a module here beside one that breaks", ADDED, [lacking("test_b", "error>error"), seen("test_z", "passed>failed")], {}, "failed", ["PG217", "PG204"]),
    ("a red commit for the wrong reason", TESTS_ONLY, [seen("test_a", "error>error", grade="broken")], {}, "failed", ["PG208"]),
    ("a declared red commit", TESTS_ONLY, [seen("test_a", "xfailed>xfailed", grade="declared")], {}, "passed", []),
    ("characterization", TESTS_ONLY, [seen("test_a", "passed>passed")], {}, "passed", []),
    ("undeclared characterization", TESTS_ONLY, [seen("test_a", "passed>passed")], STRICT, "failed", ["PG214"]),
    ("declared characterization", {TESTS: ("", f'@pytest.mark.characterization("why")\n{ONE}')}, [seen("test_a", "passed>passed")], STRICT, "passed", []),
    ("tests deleted alone", {TESTS: (ONE, "")}, [], {}, "passed", []),
    ("nobody ran anything", WRITTEN, [], {"ran": False}, "inconclusive", ["PG217"]),
    ("a run that cannot speak does not say that nothing was red", WRITTEN, [], {"trouble": ("pytest did not start",)}, "inconclusive", ["PG217"]),
    ("a run that cannot speak for a proof", WRITTEN, [seen("test_a", "failed>passed")], {"trouble": ("pytest did not start",)}, "inconclusive", ["PG217"]),
    ("a conftest alone, and a suite that came to no end", {"tests/conftest.py": ("x = 1", "x = 2")}, [], {"trouble": ("time limit reached",)}, "passed", []),
    ("a test beside a conftest, and a run that came to no end", {"tests/conftest.py": ("x = 1", "x = 2"), TESTS: ("", ONE)}, [], {"trouble": ("time limit reached",)}, "inconclusive", ["PG217"]),
    ("a test file that cannot be parsed", {TESTS: ("", "def test_a(:")}, [], {}, "inconclusive", ["PG216"]),
    ("a production file that cannot be parsed by us", {CODE: (F1, "def f(:"), TESTS: (ONE, TWO)}, [seen("test_a", "failed>passed")], {}, "passed", []),
    ("a production file that nobody can parse", {CODE: (F1, "def f(:"), TESTS: (ONE, TWO)}, [seen("test_a", "failed>error")], {}, "inconclusive", ["PG216"]),
    ("a production file alone that nobody can parse", {CODE: (F1, "def f(:")}, [], {}, "inconclusive", ["PG216"]),
    ("a production file that nobody can parse, and a test that it breaks", {CODE: (F1, "def f(:")}, [seen("test_z", "passed>error")], {}, "failed", ["PG216", "PG204"]),
    ("a template that is no Python on either side", {CODE: ("{{ x }} y", "{{ x }} z"), TESTS: (ONE, TWO)}, [seen("test_a", "failed>passed")], {}, "passed", []),
    ("a test file that cannot be parsed beside code", {CODE: (F1, F2), TESTS: ("", "def test_a(:")}, [], {}, "inconclusive", ["PG216"]),
    ("a deleted test", {CODE: (F1, F2), TESTS: (ONE + B, TWO)}, [seen("test_a", "failed>passed")], {}, "failed", ["PG205"]),
    ("a deleted test of what went", {CODE: ("def f(): return 1\ndef g(): return 3", F2), TESTS: (ONE + "def test_g():\n    assert g() == 3\n", TWO)}, [seen("test_a", "failed>passed")], {}, "passed", []),
    ("a deleted test of what went, strict", {CODE: ("def f(): return 1\ndef g(): return 3", F2), TESTS: (ONE + "def test_g():\n    assert g() == 3\n", TWO)}, [seen("test_a", "failed>passed")], STRICT, "failed", ["PG205"]),
    ("a weakened test", {CODE: (F1, F2), TESTS: (ONE, "def test_a():\n    assert f()\n" + B)}, [seen("test_b", "failed>passed")], {}, "failed", ["PG206"]),
    ("a weakened helper", {CODE: (F1, F2), TESTS: ("def check():\n    assert f() == 1\n", "def check():\n    assert f()\n" + B)}, [seen("test_b", "failed>passed")], {}, "failed", ["PG206"]),
    ("a weakened test alone", {TESTS: (ONE, "def test_a():\n    assert f()\n")}, [seen("test_a", "passed>passed")], {}, "passed", []),
    ("a test switched off", {CODE: (F1, F2), TESTS: (ONE, f"@pytest.mark.skip\n{ONE}" + B)}, [seen("test_b", "failed>passed"), seen("test_a", "skipped>skipped", base="passed")], {}, "failed", ["PG207", "PG207"]),
    ("a skip that does not apply here", {CODE: (F1, F2), TESTS: (ONE, f"@pytest.mark.skipif(X)\n{ONE}" + B)}, [seen("test_b", "failed>passed"), seen("test_a", "passed>passed", base="passed")], {}, "passed", []),
    ("a new test that is skipped here", ADDED | {TESTS: ("", TWO + B)}, [seen("test_a", "failed>passed"), seen("test_b", "skipped>skipped")], {}, "passed", []),
    ("an unchanged test that is skipped now", ADDED, [seen("test_b", "failed>passed"), seen("test_z", "skipped>skipped", base="passed")], {}, "passed", []),
    ("an unchanged test that a conftest skips", ADDED | {"tests/conftest.py": ("", "x = 1")}, [seen("test_b", "failed>passed"), seen("test_z", "skipped>skipped", base="passed")], {}, "failed", ["PG207"]),
    ("an unchanged test skipped all along", ADDED, [seen("test_b", "failed>passed"), seen("test_z", "skipped>skipped", base="skipped")], {}, "passed", []),
    ("a target nobody collects", ADDED, [], {}, "failed", ["PG202"]),
    ("a target in a file whose tests something else runs", {CODE: (F1, F2), "tests/app_tests.py": (ONE, ONE + B)}, [], {}, "inconclusive", ["PG211"]),
    ("a target in a new file that nobody collects", {CODE: (F1, F2), "tests/app_tests.py": (None, B)}, [], {}, "failed", ["PG202"]),
    ("a class that is not collected any more", {CODE: (F1, F2), TESTS: ("class TestX:\n    def test_x(self): assert f()\n", "class X:\n    def test_x(self): assert f()\n" + B)}, [seen("test_b", "failed>passed")], {}, "failed", ["PG218"]),
    ("the same, alone", {TESTS: ("class TestX:\n    def test_x(self): assert f()\n", "class X:\n    def test_x(self): assert f()\n")}, [], {}, "passed", []),
    ("a class that became a mixin", {CODE: (F1, F2), TESTS: ("class TestX:\n    def test_x(self): assert f()\n", "class X:\n    def test_x(self): assert f()\n" + B)}, [seen("test_b", "failed>passed"), seen("TestY::test_x", "passed>passed", of=f"{TESTS}::X::test_x")], {}, "passed", []),
    ("only removals", {CODE: ("x = 1\ny = 2", "x = 1")}, [seen("test_z", "passed>passed")], {}, "passed", []),
    ("only removals that break a test", {CODE: ("x = 1\ny = 2", "x = 1")}, [seen("test_z", "passed>failed")], {}, "failed", ["PG204"]),
    ("strict: all red", WRITTEN, [seen("test_a", "failed>passed")], STRICT, "passed", []),
    ("strict: a guard", ADDED | {TESTS: ("", TWO + B)}, [seen("test_a", "failed>passed"), seen("test_b", "passed>passed")], STRICT, "failed", ["PG210"]),
    ("strict: a declared guard", ADDED | {TESTS: ("", f"{TWO}@pytest.mark.characterization('why')\n{B}")}, [seen("test_a", "failed>passed"), seen("test_b", "passed>passed")], STRICT, "passed", []),
    ("strict: lines unknown", WRITTEN, [seen("test_a", "failed>passed")], {"policy": Policy.STRICT}, "inconclusive", ["PG213"]),
    ("strict: a line left", WRITTEN, [seen("test_a", "failed>passed")], {"policy": Policy.STRICT, "lines": LineEvidence({CODE: frozenset({1, 2})}, {CODE: frozenset({1})})}, "failed", ["PG213"]),
    ("strict: only removals", {CODE: ("x = 1\ny = 2", "x = 1")}, [seen("test_z", "passed>passed")], {"policy": Policy.STRICT}, "passed", []),
    ("only removals, and no test", {CODE: ("x = 1\ny = 2", "x = 1")}, [], {}, "exempt", []),
    ("strict: a refactoring", CODE_ONLY, [seen("test_z", "passed>passed")], STRICT | {"message": "refactor: x"}, "passed", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "tests", "more", "ruling", "found"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_table_of_rules(
    files: Files, tests: list[Any], more: dict[str, Any], ruling: str, found: list[str]
) -> None:
    given = verdict(files, *tests, **more)

    assert (given.verdict, codes(given)) == (ruling, found), given.reason
    assert "PG209" not in codes(given) or "PG209" not in codes(given, "warning")


def test_where_most_tests_cannot_be_set_up_the_way_to_see_them_pass_is_named() -> None:
    unable = [seen(name, "error>error", base="error") for name in ("test_q", "test_r")]

    (found,) = verdict(TYPES, seen("test_z", "passed>passed"), *unable).findings

    assert "tests/test_app.py::test_q shows why; where it passes, name the variables it needs" in found.fix


@pytest.mark.parametrize(
    ("started", "asked", "command"),
    [
        ({}, "tests/test_a.py::test_a", "pytest tests/test_a.py::test_a"),
        ({"": ("tests/test_a.py", "tests/test_b.py")}, "tests/test_a.py", "pytest tests/test_a.py tests/test_b.py"),
        ({"": ()}, "tests/test_a.py", "pytest"),
        ({"p/a": ("t/x.py",), "p/b": ()}, "p/a/t/x.py::test_x", "in p/a: pytest t/x.py::test_x"),
        ({"p/a": ("t/x.py", "t/y.py"), "p/b": ()}, "p/a/t/x.py", "in p/a: pytest t/x.py t/y.py"),
        ({"": (), "p/b": ()}, "p/b/t/x.py", "in p/b: pytest"),
    ],
)
def test_a_failure_is_shown_by_the_command_that_met_it(
    started: dict[str, tuple[str, ...]], asked: str, command: str
) -> None:
    assert Case(ChangeSet(ChangeKind.NEITHER), Replay(started=started)).command(asked) == command


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (CODE_ONLY, "1 test went from red to green, written in an earlier commit"),
        (CODE_ONLY | {"tests/data.json": ("1", "2")}, "1 test went from red to green"),
    ],
)
def test_a_test_that_turns_green_by_its_data_is_not_said_to_be_older(files: Files, said: str) -> None:
    assert verdict(files, seen("test_a", "failed>passed")).reason == said


def test_the_lists_hold_what_a_replay_showed() -> None:
    tests = [
        seen("test_a", "failed>passed"),
        seen("test_b", "passed>passed"),
        seen("test_y", "failed>passed", grade="structural"),
        seen("test_z", "passed>passed"),
        seen("test_q", "failed>failed"),
        seen("test_r", "passed>failed"),
        seen("test_s", "passed>failed", flaky=True),
    ]
    given = verdict({CODE: (F1, F2), TESTS: ("", TWO + B)}, *tests, sha="abc", message="feat: x\n\nbody")

    def names(ids: Iterable[str]) -> list[str]:
        return [test.rpartition("::")[2] for test in ids]

    assert names(given.fail_to_pass) == ["test_a"]
    assert names(given.fail_to_pass_unchanged) == ["test_y"]
    assert names(given.pass_to_pass) == ["test_b", "test_z"]
    assert names(given.never_red) == ["test_b"]
    assert names(given.fail_to_fail) == ["test_q"]
    assert names(given.pass_to_fail) == ["test_r"]
    assert names(given.flaky) == ["test_s"]
    assert [(red.grade, red.exception) for red in given.red[:2]] == [
        ("behavioural", "AssertionError"),
        ("structural", "AssertionError"),
    ]
    assert (given.kind, given.sha, given.subject) == ("test+code", "abc", "feat: x")


def test_a_test_inherited_from_a_mixin_is_known_by_its_definition() -> None:
    mixin = {CODE: (F1, F2), "tests/base.py": ("", f"class Mixin:\n    {ONE.replace(chr(10), chr(10) + '    ')}")}

    given = verdict(mixin, seen("TestX::test_a", "failed>passed", of="tests/base.py::Mixin::test_a"))

    assert (given.verdict, given.fail_to_pass) == ("passed", (f"{TESTS}::TestX::test_a",))


@pytest.mark.parametrize(
    ("word", "more", "left"),
    [
        ("failed>failed", {}, ["test_a"]),
        ("xfailed>xfailed", {"grade": "declared"}, ["test_a"]),
        ("failed>failed", {"flaky": True}, []),
        ("error>error", {"grade": "broken"}, []),
        ("passed>passed", {}, []),
    ],
)
def test_a_red_commit_leaves_its_tests_open(word: str, more: dict[str, Any], left: list[str]) -> None:
    given = verdict(TESTS_ONLY, seen("test_a", word, **more))

    assert [test.rpartition("::")[2] for test in given.open_red] == left


def test_a_failure_that_was_there_before_is_not_opened_again() -> None:
    given = verdict(
        {"tests/conftest.py": ("", "x = 1")},
        seen("test_z", "failed>failed", base="failed"),
        seen("test_y", "failed>failed", base="passed"),
    )

    assert given.open_red == (f"{TESTS}::test_y",)


def test_a_declared_red_stays_open_beside_production_code() -> None:
    given = verdict(
        {CODE: (F1, F2), TESTS: ("", TWO + B)},
        seen("test_a", "failed>passed"),
        seen("test_b", "xfailed>xfailed", grade="declared"),
    )

    assert (given.verdict, given.open_red) == ("passed", (f"{TESTS}::test_b",))


@pytest.mark.parametrize(
    ("base", "left"), [("failed", ()), ("missing", (f"{TESTS}::test_a",)), ("passed", (f"{TESTS}::test_a",))]
)
def test_what_a_commit_of_tests_leaves_red_was_not_red_before(base: str, left: tuple[str, ...]) -> None:
    given = verdict({TESTS: (ONE, TWO)}, seen("test_a", "failed>failed", base=base, grade="behavioural"))

    assert (given.verdict, given.open_red) == ("passed", left)


def test_a_file_that_cannot_be_collected_reds_the_tests_found_by_its_text() -> None:
    failed = {TESTS: FileFailure(Grade.STRUCTURAL, "ModuleNotFoundError")}

    red = verdict(TESTS_ONLY, failed_files=failed)
    broken = verdict(TESTS_ONLY, failed_files={TESTS: FileFailure(Grade.BROKEN, "SyntaxError")})
    with_code = verdict({CODE: (F1, F2), **TESTS_ONLY}, failed_files=failed)

    assert (red.verdict, red.open_red) == ("passed", (f"{TESTS}::test_a",))
    assert (broken.verdict, codes(broken)) == ("failed", ["PG208"])
    assert (with_code.verdict, codes(with_code)) == ("failed", ["PG203", "PG202"])


@pytest.mark.parametrize(("body", "ruling"), [("pass", "failed"), ("'later'", "failed"), ("f()", "passed")])
def test_a_test_without_a_body_is_not_red_by_the_import_of_its_file(body: str, ruling: str) -> None:
    test = seen("test_b", "error>passed", grade="structural", uncollected=True)

    given = verdict({CODE: (F1, F2), TESTS: (ONE, f"{ONE}def test_b():\n    {body}\n")}, test)

    assert given.verdict == ruling


@pytest.mark.parametrize(
    ("before", "ruling", "found"), [(True, "inconclusive", ["PG217"]), (False, "failed", ["PG203"])]
)
def test_a_file_that_could_not_be_collected_before_either_says_nothing(
    before: bool, ruling: str, found: list[str]
) -> None:
    failed = {TESTS: FileFailure(Grade.BROKEN, "AttributeError", before=before)}

    for now in (TWO + B, ONE + B):
        given = verdict({CODE: (F1, F2), TESTS: (ONE, now)}, failed_files=failed)

        assert (given.verdict, codes(given)[:1]) == (ruling, found)


@pytest.mark.parametrize(
    ("why", "ruling"),
    [
        (
            "ImproperlyConfigured: Requested setting DATABASES, but settings are not configured. You must",
            "inconclusive",
        ),
        ("AppRegistryNotReady: Apps aren't loaded yet.", "inconclusive"),
        ("ImproperlyConfigured: SITE_ID is 0", "failed"),
    ],
)
def test_a_new_test_for_which_django_was_never_set_up_says_nothing_and_is_told_how(why: str, ruling: str) -> None:
    test = stuck("test_b", why)._replace(exception=why.partition(":")[0])

    for grade in (Grade.BROKEN, Grade.STRUCTURAL):  # what tests import wants them, or the code that changes
        given = verdict({CODE: (F1, F2), TESTS: (ONE, ONE + B)}, test._replace(grade=grade))

        assert given.verdict == ruling
        assert ("export DJANGO_SETTINGS_MODULE=NAME.settings" in given.findings[0].fix) is (ruling == "inconclusive")


@pytest.mark.parametrize(("files", "ruling"), [(ADDED, "failed"), (TESTS_ONLY, "passed")])
def test_a_test_that_is_no_longer_collected_is_a_loss_beside_production_code(files: Files, ruling: str) -> None:
    given = verdict(files, seen("test_b", "failed>passed"), lost=(TestId(f"{TESTS}::test_z"),))

    assert given.verdict == ruling
    assert "PG218" in [finding.code for finding in given.findings]


GONE = {CODE: ("def f(x):\n    if x:\n        warn()\n    return 1", "def f(x):\n    return 1"), TESTS: (ONE, "")}


@pytest.mark.parametrize(
    ("departed", "ruling"), [(None, "inconclusive"), ({}, "inconclusive"), ("failed", "passed"), ("passed", "failed")]
)
def test_where_code_only_goes_a_deleted_test_may_go_if_it_fails_without_that_code(departed: Any, ruling: str) -> None:
    outcomes = {TestId(f"{TESTS}::test_a"): Outcome(departed)} if isinstance(departed, str) else departed

    assert verdict(GONE, departed=outcomes).verdict == ruling


def test_production_alone_waits_for_the_message_that_is_not_written_yet() -> None:
    waiting = verdict(CODE_ONLY, seen("test_z", "passed>passed"), message=None)
    broken = verdict(CODE_ONLY, seen("test_z", "passed>failed"), message=None)
    new = verdict(ADDED, seen("test_b", "passed>passed"), message=None)

    assert (waiting.verdict, waiting.awaits_message) == ("exempt", True)
    assert (broken.verdict, broken.awaits_message) == ("failed", False)
    assert (new.verdict, new.awaits_message) == ("failed", False)


def test_a_trailer_with_a_reason_waives_and_is_counted() -> None:
    given = verdict(CODE_ONLY, message="feat: x\n\nRed-Green: waived (spike, tests follow in #12)")

    assert (given.verdict, given.waiver, codes(given)) == ("waived", "spike, tests follow in #12", ["PG201"])


@pytest.mark.parametrize("trailer", ["waived", "waived ()", "off", "waved (typo)"])
def test_a_trailer_without_a_reason_waives_nothing(trailer: str) -> None:
    given = verdict(CODE_ONLY, message=f"feat: x\n\nRed-Green: {trailer}")

    assert (given.verdict, codes(given, "warning")) == ("failed", ["PG215"])


def test_a_waiver_changes_nothing_where_nothing_refuses() -> None:
    given = verdict(WRITTEN, seen("test_a", "failed>passed"), message="feat: x\n\nRed-Green: waived (just in case)")

    assert (given.verdict, given.waiver) == ("passed", "")


@pytest.mark.parametrize(
    ("match", "expires", "ruling"),
    [
        ("src/*.py", "2026-12-31", "waived"),
        ("src/*.py", "2026-11-21", "waived"),
        ("src/*.py", "", "waived"),
        ("src/*.py", "2026-11-20", "failed"),
        ("lib/*.py", "2026-12-31", "failed"),
        ("0123456", "2026-12-31", "waived"),
        ("0123456", "2026-11-20", "failed"),
        ("01234", "2026-12-31", "failed"),
        ("7654321", "2026-12-31", "failed"),
    ],
)
def test_a_waiver_of_the_configuration_names_a_commit_or_a_path_until_a_day(
    match: str, expires: str, ruling: str
) -> None:
    waivers = [Waiver(match, "legacy", expires)]
    given = verdict(CODE_ONLY, waivers=waivers, sha="0123456789abcdef", today="2026-11-21")

    assert given.verdict == ruling
    assert codes(given, "warning") == (["PG215"] if expires == "2026-11-20" else [])


def test_every_refusal_must_be_waived_by_itself() -> None:
    files = {
        CODE: (F1, F2),
        TESTS: (ONE + B, "def test_a():\n    assert f()\n" + B + "def test_c():\n    assert f() == 2\n"),
    }
    tests = [seen("test_c", "failed>passed"), seen("test_b", "passed>failed")]
    waivers = [Waiver(f"{TESTS}::test_a", "known", "2027-01-01")]

    one = verdict(files, *tests, waivers=waivers)
    both = verdict(files, *tests, waivers=[*waivers, Waiver(f"{TESTS}::test_b", "seen", "")])

    assert (one.verdict, both.verdict, both.waiver) == ("failed", "waived", "known; seen")


def test_the_reason_is_the_first_fault_and_counts_the_others() -> None:
    given = verdict(ADDED, seen("test_b", "failed>failed"))

    assert given.reason == f"{TESTS}::test_b is new and not green; and 1 more"


@pytest.mark.parametrize(
    ("files", "tests", "message", "reason"),
    [
        (WRITTEN, [seen("test_a", "failed>passed")], "feat: x", "1 test went from red to green"),
        (
            CODE_ONLY,
            [seen("test_z", "failed>passed")],
            "feat: x",
            "1 test went from red to green, written in an earlier commit",
        ),
        (
            CODE_ONLY,
            [seen("test_z", "passed>passed")],
            "perf: x",
            "perf: behaviour stays; 1 test of the whole suite stays green",
        ),
        (
            TESTS_ONLY,
            [seen("test_a", "failed>failed")],
            "test: x",
            "a red commit: 1 test red, for a later commit to turn green",
        ),
        (
            TESTS_ONLY,
            [seen("test_a", "passed>passed")],
            "test: x",
            "no production behaviour changes; 1 test green at once",
        ),
        (
            {CODE: ("x = 1\ny = 2", "x = 1")},
            [seen("test_z", "passed>passed")],
            "feat: x",
            "code only goes; 1 test of the whole suite stays green",
        ),
        (
            TYPES,
            [seen("test_z", "passed>passed")],
            "feat: x",
            "types or notation only; 1 test of the whole suite stays green",
        ),
        (
            {CODE: ("def f(x): return x", "import os\ndef f(x: int): return x")},
            [seen("test_z", "passed>passed")],
            "feat: x",
            "imports or types only; 1 test of the whole suite stays green",
        ),
        (TYPES | TESTS_ONLY, [seen("test_a", "failed>passed")], "feat: x", "1 test went from red to green"),
        (TYPES, [], "feat: x", "types or notation only; no test was green before that it could turn red"),
        ({"README.md": ("a", "b")}, [], "docs: x", "no production behaviour and no test changes"),
    ],
)
def test_a_verdict_says_why_in_one_sentence(files: Files, tests: list[Any], message: str, reason: str) -> None:
    assert verdict(files, *tests, message=message).reason == reason


def test_a_change_of_several_files_is_placed_at_the_first() -> None:
    given = verdict({CODE: (F1, F2), "src/other.py": (F1, F2)})

    assert given.findings[-1].message.endswith("(and 1 more file)")
    assert given.findings[-1].path == CODE


def test_what_asks_for_a_red_test_is_the_code_that_behaves_otherwise_not_what_only_goes_beside_it() -> None:
    files = {"src/a.py": ("def f(): return 1\nOLD = 1", "def f(): return 1"), "src/b.py": ("x = 1", "x = 2")}

    (given,) = verdict(files).findings

    assert (given.path, given.message) == ("src/b.py", "production code changed, and no test did")


def test_where_test_data_changed_beside_code_the_refusal_does_not_say_that_nothing_did() -> None:
    given = verdict({CODE: (F1, F2), "tests/data/a.json": ("1", "2")}, seen("test_a", "passed>passed", base="passed"))

    (found,) = [one for one in given.findings if one.code == "PG201"]
    assert found.message == "production code changed, and tests/data/a.json beside it turned no test red"


@pytest.mark.parametrize(
    ("ruling", "refuses"),
    [("passed", False), ("failed", True), ("inconclusive", True), ("exempt", False), ("waived", False)],
)
def test_exactly_what_fails_or_stays_open_refuses(ruling: str, refuses: bool) -> None:
    from pytest_phasegate.core.redgreen.verdict import CommitRuling

    assert CommitRuling(ruling).refuses is refuses


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        pytest.param([seen("test_a", "error>error", base="error", grade="broken")], "inconclusive", id="none-can-run"),
        pytest.param([seen("test_a", "failed>failed", base="failed")], "exempt", id="red-for-its-own-sake"),
        pytest.param(
            [
                seen("test_a", "error>error", base="error", grade="broken"),
                seen("test_b", "passed>passed", base="passed"),
            ],
            "passed",
            id="one-can",
        ),
        pytest.param([], "exempt", id="no-test-reaches-it"),
    ],
)
def test_what_asks_for_no_red_is_open_where_none_of_its_tests_can_run_here(
    tests: list[SeenTest], expected: str
) -> None:
    given = verdict(TYPES, *tests, message="refactor: x")

    assert given.verdict == expected, given.reason
    assert codes(given) == (["PG217"] if expected == "inconclusive" else [])


@pytest.mark.parametrize(
    ("mark", "trouble", "expected"),
    [
        pytest.param("@pytest.mark.skipif(OLD, reason='x')\n", ("pytest gave up",), "inconclusive", id="nothing-ran"),
        pytest.param("@pytest.mark.skipif(OLD, reason='x')\n", (), "failed", id="it-applies-here"),
        pytest.param("@pytest.mark.skip\n", ("pytest gave up",), "failed", id="for-certain"),
    ],
)
def test_a_skip_under_a_condition_refuses_only_where_a_run_shows_that_it_applies(
    mark: str, trouble: tuple[str, ...], expected: str
) -> None:
    files: Files = {CODE: (F1, F2), TESTS: (f"import pytest\n{ONE}{B}", f"import pytest\n{ONE}\n{mark}{B}")}
    tests = [] if trouble else [seen("test_a", "failed>passed"), seen("test_b", "skipped>skipped", base="passed")]

    given = verdict(files, *tests, trouble=trouble)

    assert (given.verdict, codes(given)[0]) == (expected, "PG207")


def unset(name: str, base: str = "error") -> SeenTest:
    return seen(name, "error>error", base=base)._replace(exception="ImproperlyConfigured")


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        pytest.param([unset("test_a"), unset("test_b", "missing")], "inconclusive", id="the-same-before-every-test"),
        pytest.param([unset("test_b", "missing")], "failed", id="only-the-new-test"),
        pytest.param([unset("test_a", "passed"), unset("test_b", "missing")], "failed", id="it-ran-before"),
        pytest.param(
            [seen("test_a", "failed>failed", base="failed"), seen("test_b", "failed>failed")], "failed", id="assertions"
        ),
        pytest.param(
            [unset("test_a"), seen("test_b", "failed>passed")], "passed", id="one-went-from-red-to-green-all-the-same"
        ),
    ],
)
def test_where_no_test_can_run_here_nothing_is_refused_for_certain(tests: list[SeenTest], expected: str) -> None:
    assert verdict(ADDED, *tests).verdict == expected


@pytest.mark.parametrize(
    ("change", "seen_tests", "told", "helps"),
    [
        (CODE_ONLY, [], "for a refactoring, write the subject as `refactor: …`", True),
        (WRITTEN, [seen("test_a", "passed>passed")], "for a refactoring, write the subject as `refactor: …`", True),
        (ADDED, [seen("test_b", "passed>passed")], "commit the new tests first, then the code as `refactor: …`", False),
    ],
)
def test_who_refactors_is_told_how_to_say_so(
    change: Files, seen_tests: list[SeenTest], told: str, *, helps: bool
) -> None:
    given = verdict(change, *seen_tests)
    with_type = verdict(change, *seen_tests, message="refactor: x")

    assert told in str(given.findings[0].fix)
    assert (with_type.verdict in {"passed", "exempt"}) is helps


@pytest.mark.parametrize(
    ("changed", "ruling"),
    [
        ("src/app/_fast.c", "inconclusive"),
        ("src/app/_fast.pyx", "inconclusive"),
        ("src/app/_fast.pyi", "passed"),
        ("src/app/_slow.c", "passed"),
        ("src/app/more/_fast.c", "passed"),
    ],
)
def test_a_source_that_no_replay_compiles_is_not_judged_by_what_was_compiled_of_it(changed: str, ruling: str) -> None:
    carried = ("src/app/_fast.cpython-313-x86_64-linux-gnu.so", "src/app/_slow.py")
    files: Files = {changed: ("1", "2"), TESTS: ("", ONE)}
    off = RedGreenSettings(paths=(PathPolicy(changed, Policy.OFF),))

    alone = verdict(files, seen("test_a", "passed>passed"), carried=carried)
    beside = verdict({**files, CODE: (F1, F2)}, seen("test_a", "passed>passed"), carried=carried)
    excused = verdict(files, seen("test_a", "passed>passed"), carried=carried, parts=off)

    assert alone.verdict == ruling
    assert len(verdict({changed: ("1", "2")}, carried=carried, reaching=Reaching(known=3)).findings) <= 1
    assert beside.verdict == ("inconclusive" if ruling == "inconclusive" else "failed")
    assert excused.verdict == ("waived" if ruling == "inconclusive" else "passed")


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("def test_b():\n    return f() == 2\n", "and no new or changed test asserts anything of it"),
        ("def test_b():\n    assert f() == 2\n", "and every new or changed test already passes on the old code"),
    ],
)
def test_of_tests_that_assert_nothing_nobody_says_that_they_passed_before(test: str, told: str) -> None:
    given = verdict({CODE: (F1, F2), TESTS: (ONE, ONE + test)}, seen("test_b", "passed>passed"))

    assert given.reason == f"production behaviour changed, {told}"


@pytest.mark.parametrize(("mark", "outcome"), [("skip", "skipped"), ("xfail", "xfailed")])
def test_of_tests_that_are_marked_away_nobody_says_that_they_pass(mark: str, outcome: str) -> None:
    marked = f"import pytest\n\n\n@pytest.mark.{mark}\ndef test_b():\n    assert f() == 2\n"
    given = verdict({CODE: (F1, F2), TESTS: (ONE, ONE + marked)}, seen("test_b", f"{outcome}>{outcome}"))

    assert given.reason == "production behaviour changed, and every new or changed test is skipped or expected to fail"
    assert "take the mark away, see it fail without the change, and commit them together" in [
        one.fix for one in given.findings
    ]


@pytest.mark.parametrize(
    ("files", "fix"), [(ADDED, "in addopts"), ({CODE: (F1, F2), "tests/case_a.py": ("", ONE)}, "to python_files")]
)
def test_of_tests_that_pytest_does_not_collect_nobody_says_that_they_pass(files: Files, fix: str) -> None:
    given = verdict(files, seen("test_z", "passed>passed"))

    assert given.reason == "production behaviour changed, and pytest collects none of the new or changed tests"
    assert fix in str(given.findings[-1].fix)


def test_the_module_that_is_missing_here_is_named() -> None:
    alone = verdict(ADDED, lacking("test_b", "failed>passed"))
    collected = FileFailure(
        Grade.BROKEN, "ModuleNotFoundError", "ModuleNotFoundError: No module named 'mock'", before=True
    )
    none = verdict(ADDED, failed_files={TESTS: collected})

    assert [given.reason.rpartition(": ")[2] for given in (alone, none)] == ["No module named 'mock'"] * 2
    assert alone.findings[-1].fix == f"install what pytest {TESTS}::test_b lacks, and verify again"


@pytest.mark.parametrize(("exception", "said"), [("ModuleNotFoundError", False), ("KeyError", True)])
def test_variables_that_a_replay_hides_are_named_where_they_may_be_what_a_test_lacks(
    exception: str, *, said: bool
) -> None:
    broken = FileFailure(Grade.STRUCTURAL, exception, exception)

    (given,) = [one for one in verdict(ADDED, failed_files={TESTS: broken}).findings if one.code == "PG203"]

    assert ("red_green.environment" in given.fix) is said


SKIPPED = seen("test_z", "skipped>skipped", base="skipped")


@pytest.mark.parametrize(
    ("reaching", "tests", "expected"),
    [
        (Reaching(known=1), [], "inconclusive"),
        (Reaching(known=1), [SKIPPED], "inconclusive"),
        (Reaching(alike=1), [], "inconclusive"),
        (Reaching(), [], "exempt"),
        (Reaching(known=1), [seen("test_z", "failed>failed", base="failed")], "exempt"),
        (Reaching(known=1), [SKIPPED, seen("test_y", "passed>passed", base="passed")], "passed"),
    ],
)
def test_where_there_are_tests_and_none_ran_nobody_knows_what_turns_red(
    reaching: Reaching, tests: list[SeenTest], expected: str
) -> None:
    given = verdict(TYPES, *tests, reaching=reaching)

    assert given.verdict.value == expected, given.reason
    assert codes(given) == (["PG217"] if expected == "inconclusive" else [])


def test_where_none_ran_what_kept_the_first_file_from_it_is_told() -> None:
    failed = {TESTS: FileFailure(Grade.BROKEN, "ImproperlyConfigured", "settings are not configured", before=True)}

    (finding,) = verdict(TYPES, reaching=Reaching(known=1), failed_files=failed).findings

    assert finding.message.endswith("before the change or after it: settings are not configured")
    assert finding.fix.startswith("export DJANGO_SETTINGS_MODULE=")
