"""Pull requests under ``protocol = "test-first"``: honest ones, and the known ways to fake the order or the red."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.project import LEAN_OPTIONS, Project

if TYPE_CHECKING:
    from pathlib import Path

CODE, TESTS = "src/shop/price.py", "tests/test_price.py"
NET, FLOOR = "def net(price):\n    return price\n", "def net(price):\n    return max(price, 0)\n"
OLD = "from shop.price import net\n\n\ndef test_net():\n    assert net(3) == 3\n"
RED = f"{OLD}\n\ndef test_floor():\n    assert net(-1) == 0\n"
GREEN = f"{OLD}\n\ndef test_floor():\n    assert net(0) == 0\n"
VAT = {"src/shop/vat.py": "def vat():\n    return 20\n"}
VAT_TEST = {"tests/test_vat.py": "from shop.vat import vat\n\n\ndef test_vat():\n    assert vat() == 20\n"}
HELPER = "def net(price):\n    return max(price, 0)\n"
CONFIGURED = f"""\
[tool.pytest.ini_options]
testpaths = ["tests"]
{LEAN_OPTIONS}
[tool.phasegate.red_green]
protocol = "test-first"
"""
WAIVED = "feat: vat\n\nRed-Green: waived (hotfix, both at once)"

Commits = list[tuple[str, dict[str, str]]]
TEST_COMMIT = ("test: the floor", {TESTS: RED})
FIX_COMMIT = ("fix: the floor", {CODE: FLOOR})
DOCS = ("docs: say it", {"README.md": "A shop.\n"})

CASES: dict[str, tuple[Commits, int, str]] = {
    "honest": (
        [TEST_COMMIT, FIX_COMMIT, DOCS, ("test: vat", VAT_TEST), ("feat: vat", VAT)],
        0,
        "passed: 4 of 5 commits passed",
    ),
    "the-test-passes-without-the-fix": ([("test: the floor", {TESTS: GREEN}), FIX_COMMIT], 1, "PG201"),
    "the-fix-is-in-the-test-commit": ([("test: the floor", {TESTS: RED, CODE: FLOOR}), DOCS], 1, "PG221"),
    "no-test-commit": ([FIX_COMMIT, DOCS], 1, "PG201"),
    "an-exit-code-that-is-no-red": (
        [("test: the floor", {TESTS: f"import no_such_thing\n{RED}"}), ("fix: the floor", {CODE: FLOOR, TESTS: RED})],
        4,
        "PG217",
    ),
    "nothing-that-is-tested-was-ever-absent": (
        [
            ("test: the floor", {"tests/shop_copy.py": HELPER, TESTS: RED.replace("shop.price", "shop_copy")}),
            FIX_COMMIT,
        ],
        1,
        "PG201",
    ),
    "what-was-seen-red-is-another-text": (
        [TEST_COMMIT, ("fix: the floor", {CODE: FLOOR, TESTS: RED.replace("net(-1)", "net(-2)")})],
        1,
        "was changed by the commit that turns it green",
    ),
    "red-again-at-the-end": ([TEST_COMMIT, FIX_COMMIT, ("refactor: net", {CODE: NET})], 1, "PG204"),
    "never-green": ([TEST_COMMIT, DOCS], 1, "PG212"),
    "squashed": ([("fix: the floor", {TESTS: RED, CODE: FLOOR})], 0, "their order cannot be known"),
    "waived": ([(WAIVED, {**VAT, **VAT_TEST}), DOCS], 0, "waived (hotfix, both at once)"),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One repository with a branch for each of the cases."""
    root: Path = tmp_path_factory.mktemp("shop")
    project = Project(root, tmp_path_factory.mktemp("home")).init_git()
    project.write("pyproject.toml", CONFIGURED).write("src/shop/__init__.py", "").write(CODE, NET).write(TESTS, OLD)
    project.commit("chore: begin")
    for name, (commits, _, _) in CASES.items():
        project.git("checkout", "-q", "-b", name, "main")
        for message, files in commits:
            for path, text in files.items():
                project.write(path, text)
            project.commit(message)
    return project


def test_a_shard_says_that_it_does_not_see_the_order(shop: Project) -> None:
    shop.git("checkout", "-q", "honest")

    assert "a shard does not see the order" in shop.phasegate("verify", "--shard", "3/5").stdout


@pytest.mark.parametrize("name", CASES)
@pytest.mark.sampled(3)
def test_a_pull_request_holds_its_red_tests_before_its_code(shop: Project, name: str) -> None:
    _, expected, said = CASES[name]
    shop.git("checkout", "-q", name)

    run = shop.phasegate("verify", "--python", sys.executable)

    assert run.exit_code == expected, run.text
    assert said in run.stdout
    assert "what main lacks" in run.stderr
