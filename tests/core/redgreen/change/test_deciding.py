"""What may decide which tests run and how they end: then the text of the tests alone says too little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.project.layout import find_layout
from pytest_phasegate.core.redgreen.change.reader import FileVersions, read_change

if TYPE_CHECKING:
    from collections.abc import Collection

LAYOUT = find_layout(["src/app/__init__.py", "tests/test_app.py", "tests/conftest.py"], {}, source=["src"])
BEFORE = "import pytest\n\n\n@pytest.fixture\ndef rate():\n    return 10\n"
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


def test_a_fixture_whose_name_a_test_had_may_stand_in_for_another() -> None:
    assert deciding(BEFORE + FIXTURE, known={"shop"})
