"""What may decide which tests run and how they end: then the text of the tests alone says too little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.project.layout import find_layout
from pytest_phasegate.core.redgreen.change.changeset import FileVersions
from pytest_phasegate.core.redgreen.change.read_change import read_change

if TYPE_CHECKING:
    from collections.abc import Collection

LAYOUT = find_layout(["src/app/__init__.py", "tests/test_app.py", "tests/conftest.py"], {}, source=["src"])
BEFORE = "import pytest\n\n\n@pytest.fixture\ndef rate():\n    return 10\n"
HOOK = "\n\ndef pytest_itemcollected(item):\n    rate()\n"
FIXTURE = "\n\n@pytest.fixture\ndef shop():\n    return 1\n"


def deciding(after: str, *, known: Collection[str] = ()) -> tuple[str, ...]:
    file = FileVersions("tests/conftest.py", BEFORE.encode(), after.encode())
    return read_change([file], LAYOUT, mentions=lambda words: not set(words).isdisjoint(known)).deciding


@pytest.mark.parametrize(
    "after",
    [
        BEFORE + FIXTURE,
        BEFORE + FIXTURE.replace("fixture", "fixture(scope='session', params=[1, 2])"),
        "import json\n" + BEFORE + FIXTURE.replace("return 1", "return json.loads('1')"),
        BEFORE + "\n\ndef helper():\n    return 1\n",
        "# words\n" + BEFORE,
    ],
    ids=["fixture", "fixture with a scope", "fixture and import", "function", "comment"],
)
def test_a_conftest_that_gets_what_waits_to_be_named_decides_nothing(after: str) -> None:
    assert not deciding(after)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("10", "11"),
        BEFORE.partition("@")[0],
        BEFORE + FIXTURE.replace("fixture", "fixture(autouse=True)"),
        BEFORE + FIXTURE.replace("fixture", "fixture(name='other')"),
        BEFORE + FIXTURE.replace("fixture", "fixture(**options)"),
        BEFORE + FIXTURE.replace("@pytest.fixture", "@register"),
        BEFORE + "\n\ndef pytest_runtest_setup(item):\n    pass\n",
        BEFORE + "\n\nclass Plugin:\n    pass\n",
        "import helpers\n" + BEFORE,
        BEFORE + "\n\ncollect_ignore = ['test_app.py']\n",
        BEFORE + "\n\nprint()\n",
        BEFORE + "\n\nif True:\n    patch()\n",
    ],
)
def test_a_conftest_that_says_anything_else_may_decide_all(after: str) -> None:
    assert deciding(after) == ("tests/conftest.py",)


@pytest.mark.parametrize(
    ("before", "after", "below"),
    [
        (BEFORE, BEFORE.replace("10", "11"), True),
        (BEFORE, BEFORE.partition("@")[0], True),
        (BEFORE, BEFORE + FIXTURE.replace("fixture", "fixture(autouse=True)"), True),
        (BEFORE, "import helpers\n" + BEFORE, True),
        (None, BEFORE + FIXTURE.replace("fixture", "fixture(autouse=True)"), True),
        (BEFORE, "import pytest_asyncio\n" + BEFORE.replace("10", "11"), True),
        (BEFORE, BEFORE + "\n\ndef pytest_runtest_setup(item):\n    pass\n", False),
        (BEFORE + HOOK, BEFORE.replace("10", "11") + HOOK, False),
        (BEFORE, "from hooks import pytest_configure\n" + BEFORE, False),
        (BEFORE, "from hooks import *\n" + BEFORE, False),
        (BEFORE, BEFORE + "\n\npytest_plugins = ['other']\n", False),
        (BEFORE, BEFORE + "\n\ncollect_ignore = ['test_app.py']\n", False),
        (BEFORE, BEFORE + "\n\nprint()\n", False),
        (BEFORE, BEFORE + "\n\nif HERE:\n    from hooks import *\n", False),
        (BEFORE, "def (", False),
    ],
)
def test_a_conftest_of_fixtures_and_functions_decides_about_the_tests_below_it(
    before: str | None, after: str, below: bool
) -> None:
    file = FileVersions("tests/conftest.py", None if before is None else before.encode(), after.encode())
    found = read_change([file], LAYOUT)

    assert found.deciding == ("tests/conftest.py",)
    assert (found.below == found.deciding) is below


def test_a_fixture_whose_name_a_test_had_may_stand_in_for_another() -> None:
    assert deciding(BEFORE + FIXTURE, known={"shop"})


EXAMPLE = '"""Words.\n\n>>> ten(1)\n1\n"""\n'
LOOSE = EXAMPLE.replace("ten(1)", "ten(1)  # doctest: +ELLIPSIS")
DOCTEST, GLOB = "doctest", "doctest-glob"


@pytest.mark.parametrize(
    ("path", "after", "known", "asked"),
    [
        ("tests/test_app.py", LOOSE, DOCTEST, True),
        ("tests/test_app.py", "def test_a():\n    pass\n", DOCTEST, True),
        ("docs/use.md", LOOSE, GLOB, True),
        ("tests/test_app.py", LOOSE, "", False),  # nobody runs them
        ("tests/test_app.py", EXAMPLE + "\n\ndef test_a():\n    pass\n", DOCTEST, False),
        ("tests/test_app.py", f"# said better\n{EXAMPLE}", DOCTEST, False),
        ("docs/use.md", LOOSE, DOCTEST, False),
    ],
)
def test_examples_that_run_and_are_others_are_asked_as_they_stood_before(
    path: str, after: str, known: str, asked: bool
) -> None:
    """Beside code, of which they may ask less; another test of the module leaves them as they are."""
    files = [
        FileVersions(path, EXAMPLE.encode(), after.encode()),
        FileVersions("src/app/__init__.py", b"x = 1\n", b"x = 2\n"),
    ]

    found = read_change(files, LAYOUT, mentions=lambda words: known in words)

    assert found.standing == ((path,) if asked else ())


@pytest.mark.parametrize(
    ("beside", "asked"), [("src/app/b.py", True), ("src/app/rates.json", True), ("README.md", False), (None, False)]
)
def test_examples_of_code_are_asked_as_they_stood_before_where_anything_may_do_otherwise(
    beside: str | None, asked: bool
) -> None:
    files = [FileVersions("src/app/a.py", EXAMPLE.encode(), LOOSE.encode())]
    files += [FileVersions(beside, b"x = 1\n", b"x = 2\n")] if beside else []

    found = read_change(files, LAYOUT, mentions=lambda words: DOCTEST in words)

    assert found.examples == (("src/app/a.py",) if asked else ())
