"""Changes that choose who judges them: what may be collected, skipped or ignored is what was before the change."""
# ruff: noqa: E501 - a history stays on one line where it can

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.histories import BASE, CENTS, CODE, FREE, RED_FREE, TESTS, one, tree_after, verifying
from support.known_histories import stream
from support.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_phasegate.app.redgreen.verification import Verification
    from support.histories import Edit, History

BROKEN = ("return price * (100 + rate) // 100", "return price * (100 + rate) // 100 - (price > 999)")
BIG = "from shop.price import gross\n\n\ndef test_big():\n    assert gross(1000) == 1200\n\n\nclass TestMore:\n    def test_bigger(self):\n        assert gross(2000) == 2400\n"
START = BASE | {"tests/test_big.py": BIG, "tests/slow/test_big_too.py": BIG}
"""Two modules hold tests that ``BROKEN`` breaks."""
PROVED: dict[str, Edit] = {CODE: [BROKEN, FREE], "tests/test_free.py": RED_FREE}
"""They break beside a new function that has its red test."""
SOUND: dict[str, Edit] = {CODE: FREE, "tests/test_free.py": RED_FREE}
CONFTEST = BASE["tests/conftest.py"]
HOOK = "\n\ndef pytest_collection_modifyitems(config, items):\n"


def options(line: str) -> tuple[str, str]:
    return ('testpaths = ["tests"]\n', f'testpaths = ["tests"]\n{line}\n')


def hidden(name: str, path: str, edit: Edit, *codes: str) -> History:
    return one(name, PROVED | {path: edit}, "failed", *(codes or ("PG218",)))


DISHONEST = [
    hidden(
        "testpaths are narrowed",
        "pyproject.toml",
        ('testpaths = ["tests"]', 'testpaths = ["tests/test_free.py", "tests/test_price.py"]'),
    ),
    hidden("files have other names", "pyproject.toml", options('python_files = ["test_free.py", "test_price.py"]')),
    hidden(
        "classes and functions have other names",
        "pyproject.toml",
        options('python_functions = ["test_free", "test_n*"]\npython_classes = ["Check"]'),
    ),
    hidden("directories are not entered", "pyproject.toml", options('norecursedirs = ["slow"]')),
    hidden("-k in addopts", "pyproject.toml", ("addopts = [", 'addopts = ["-k", "not big", ')),
    hidden(
        "--deselect in addopts",
        "pyproject.toml",
        ("addopts = [", 'addopts = ["--deselect=tests/test_big.py", "--deselect=tests/slow/test_big_too.py", '),
    ),
    hidden(
        "--ignore in addopts",
        "pyproject.toml",
        ("addopts = [", 'addopts = ["--ignore=tests/test_big.py", "--ignore-glob=*/slow/*", '),
    ),
    hidden(
        "another configuration that comes first",
        "pytest.ini",
        "[pytest]\npythonpath = src\ntestpaths = tests/test_free.py\n",
    ),
    hidden("collect_ignore", "tests/conftest.py", 'collect_ignore = ["test_big.py", "slow"]\n' + CONFTEST),
    hidden(
        "collect_ignore is extended",
        "tests/conftest.py",
        CONFTEST + 'collect_ignore = []\ncollect_ignore += ["test_big.py", "slow"]\n',
    ),
    hidden("collect_ignore_glob in a conftest below", "tests/slow/conftest.py", 'collect_ignore_glob = ["*"]\n'),
    hidden(
        "a hook ignores files",
        "tests/conftest.py",
        CONFTEST
        + '\n\ndef pytest_ignore_collect(collection_path):\n    return True if "big" in collection_path.name else None\n',
    ),
    hidden(
        "a hook deselects",
        "tests/conftest.py",
        CONFTEST + HOOK + '    items[:] = [item for item in items if "big" not in item.name]\n',
    ),
    hidden(
        "a hook skips",
        "tests/conftest.py",
        CONFTEST
        + HOOK
        + '    for item in items:\n        if "big" in item.name:\n            item.add_marker(pytest.mark.skip)\n',
        "PG207",
    ),
    hidden(
        "a hook expects failures",
        "tests/conftest.py",
        CONFTEST
        + HOOK
        + '    for item in items:\n        if "big" in item.name:\n            item.add_marker(pytest.mark.xfail)\n',
        "PG207",
    ),
    hidden(
        "a fixture skips",
        "tests/conftest.py",
        CONFTEST
        + '\n\n@pytest.fixture(autouse=True)\ndef _only(request):\n    if "big" in request.node.name:\n        pytest.skip()\n',
        "PG207",
    ),
    one(
        "a module that takes its test away",
        {
            CODE: [BROKEN, FREE],
            "tests/test_free.py": RED_FREE,
            "tests/test_big.py": BIG + "\n\ndel test_big, TestMore\n",
            "tests/slow/test_big_too.py": None,
        },
        "failed",
        "PG218",
    ),
    one(
        "production named like a test",
        {
            CODE: BROKEN,
            "pyproject.toml": (
                'testpaths = ["tests"]',
                'testpaths = ["tests", "src"]\npython_files = ["test_*.py", "pri*.py"]',
            ),
        },
        "failed",
        "PG204",
    ),
]
NET = "def test_net():\n    assert net(10) == 10\n"
LABELS = 'def test_label():\n    assert label(1) == "1 EUR"\n    assert label(2) == "2 EUR"\n'
SHIFTED = ("return price\n", "return price + (price > 9)\n")
DISHONEST += [
    one(
        "an assertion gives way to an idle one",
        {
            CODE: [SHIFTED, FREE],
            "tests/test_free.py": RED_FREE,
            TESTS: ("assert net(10) == 10", "assert callable(net)"),
        },
        "failed",
        "PG206",
    ),
    one(
        "an assertion gives way to another example",
        {CODE: [SHIFTED, FREE], "tests/test_free.py": RED_FREE, TESTS: ("assert net(10) == 10", "assert net(3) == 3")},
        "failed",
        "PG206",
    ),
    one(
        "an assertion gives way to one about something else that is red",
        {
            CODE: [SHIFTED, FREE],
            TESTS: [("assert net(10) == 10", "assert free() == 0"), ("import gross,", "import free, gross,")],
        },
        "failed",
        "PG206",
    ),
    one(
        "the code is patched for the test",
        {
            CODE: [SHIFTED, FREE],
            "tests/test_free.py": RED_FREE,
            TESTS: ("def test_net():\n", "def test_net(monkeypatch):\n    net = lambda price: price\n"),
        },
        "failed",
        "PG206",
    ),
    one(
        "a test that would fail is deleted",
        {CODE: [SHIFTED, FREE], "tests/test_free.py": RED_FREE, TESTS: (NET + "\n\n", "")},
        "failed",
        "PG205",
    ),
    one(
        "a test that cannot pass any more goes, and a new one that asks less is red",
        {
            CODE: CENTS,
            TESTS: [
                (
                    LABELS,
                    'def test_cents_are_shown():\n    for price in range(3):\n        assert label(price).endswith(".00 EUR")\n',
                ),
                ('f"{number} EUR"', 'f"{number}.00 EUR"'),
                ('"7 EUR"', '"7.00 EUR"'),
            ],
        },
        "failed",
        "PG205",
    ),
]
DISHONEST += [
    hidden(
        "a conftest patches the code",
        "tests/conftest.py",
        CONFTEST
        + "\n\n@pytest.fixture(autouse=True)\ndef _as_before(request, monkeypatch):\n    if hasattr(request.module, 'gross'):\n        monkeypatch.setattr(request.module, 'gross', lambda price, rate=20: price * (100 + rate) // 100)\n",
        "PG206",
    ),
    one(
        "a fixture of the module skips",
        {
            CODE: [BROKEN, FREE],
            "tests/test_free.py": RED_FREE,
            "tests/slow/test_big_too.py": "import pytest\n"
            + BIG
            + "\n\n@pytest.fixture(autouse=True)\ndef _later():\n    pytest.skip()\n",
            "tests/test_big.py": "import pytest\n"
            + BIG
            + "\n\n@pytest.fixture(autouse=True)\ndef _later():\n    pytest.skip()\n",
        },
        "failed",
        "PG207",
    ),
    one(
        "a constant beside the test hides what broke",
        {
            CODE: [("return price * (100 + rate) // 100", "return price * (100 + rate) // 100 + 1"), FREE],
            "tests/test_free.py": RED_FREE,
            TESTS: [
                ("WANTED = 120", "WANTED = (120, 121)"),
                ("assert gross(100) == WANTED", "assert gross(100) in WANTED"),
                ("== 110", "> 109"),
            ],
            "tests/test_big.py": "",
            "tests/slow/test_big_too.py": "",
        },
        "failed",
        "PG206",
    ),
]
HONEST = [
    one(
        "a conftest that patches nothing of what changed",
        SOUND
        | {
            "tests/conftest.py": CONFTEST
            + "\n\n@pytest.fixture(autouse=True)\ndef _home(monkeypatch):\n    monkeypatch.setenv('HOME', '/nowhere')\n"
        },
        "passed",
    ),
    one(
        "a behaviour turned round, and its test renamed",
        {
            CODE: (
                '    if price is None:\n        raise ValueError("no price")\n',
                "    if price is None:\n        return 'free'\n",
            ),
            TESTS: (
                'def test_no_label():\n    with pytest.raises(ValueError, match="no price"):\n        label(None)\n',
                'def test_what_costs_nothing_is_free():\n    assert label(None) == "free"\n',
            ),
        },
        "passed",
    ),
    one(
        "a test that cannot pass any more goes, and a new one is red",
        {
            CODE: CENTS,
            TESTS: [
                (
                    LABELS,
                    'def test_cents_are_shown():\n    for price in range(3):\n        assert label(price) == f"{price}.00 EUR"\n',
                ),
                ('f"{number} EUR"', 'f"{number}.00 EUR"'),
                ('"7 EUR"', '"7.00 EUR"'),
            ],
        },
        "passed",
    ),
    one(
        "another input where the code is as it was",
        SOUND | {TESTS: ("assert net(10) == 10", "assert net(3) == 3")},
        "passed",
    ),
    one(
        "three assertions become cases",
        SOUND
        | {
            TESTS: (
                LABELS,
                '@pytest.mark.parametrize(("price", "shown"), [(1, "1 EUR"), (2, "2 EUR"), (3, "3 EUR")])\ndef test_label(price, shown):\n    assert label(price) == shown\n',
            )
        },
        "passed",
    ),
    one(
        "a new place for tests",
        SOUND
        | {
            "pyproject.toml": ('testpaths = ["tests"]', 'testpaths = ["tests", "checks"]'),
            "checks/test_zero.py": RED_FREE,
        },
        "passed",
    ),
    one("a marker is registered", SOUND | {"pyproject.toml": options('markers = ["slow: takes its time"]')}, "passed"),
    one(
        "more files are tests",
        SOUND
        | {"pyproject.toml": options('python_files = ["test_*.py", "check_*.py"]'), "tests/check_free.py": RED_FREE},
        "passed",
    ),
    one(
        "a fixture for the new test",
        SOUND | {"tests/conftest.py": CONFTEST + "\n\n@pytest.fixture\ndef nothing():\n    return 0\n"},
        "passed",
    ),
    one(
        "a conftest that ignores what is new",
        SOUND | {"tests/conftest.py": 'collect_ignore = ["sample.py"]\n' + CONFTEST, "tests/sample.py": "x = 1\n"},
        "passed",
    ),
    one(
        "a module whose imports change beside the code",
        {CODE: FREE, "tests/test_free.py": RED_FREE, "tests/test_big.py": "import os\n" + BIG},
        "passed",
    ),
    one(
        "tests hidden without code",
        {"pyproject.toml": ('testpaths = ["tests"]', 'testpaths = ["tests/test_price.py"]')},
        "passed",
    ),
]
HISTORIES = [*DISHONEST, *HONEST]


def fast_import() -> str:
    lines = [*stream("base", "chore: begin", {}, START, 1, None)]
    for number, history in enumerate(HISTORIES):
        step = history.steps[0]
        edits = {path: edit for path, edit in step.files.items() if edit is not None or path in START}
        lines += stream(f"history-{number}", step.message, START, tree_after(START, edits), number + 2, 1)
    return "\n".join(lines)


@pytest.fixture(scope="module")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Verification]]:
    project = Project(tmp_path_factory.mktemp("jury"), tmp_path_factory.mktemp("home")).init_git("base")
    done = project.run("git", "fast-import", "--quiet", stdin=fast_import())
    assert done.exit_code == 0, done.text
    with verifying(project) as judge:
        yield judge


@pytest.mark.sampled(12)
@pytest.mark.parametrize("number", range(len(HISTORIES)), ids=[history.name for history in HISTORIES])
def test_the_jury_is_that_of_before(number: int, verify: Callable[[str], Verification]) -> None:
    history = HISTORIES[number]

    verdict = verify(f"base..history-{number}").commits[0].verdict

    codes = {finding.code for finding in verdict.findings if finding.severity == "error"}
    assert verdict.verdict.value == history.steps[0].verdict, verdict.reason
    assert history.steps[0].codes <= codes, verdict.reason
