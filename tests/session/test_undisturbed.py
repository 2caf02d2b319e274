from __future__ import annotations

import gc
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.session.undisturbed import undisturbed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from project import Project

CONFTEST = """
import gc

from pytest_phasegate.session import collecting

mapped = collecting.map_tests


def told(*arguments):
    print("while mapping:", gc.isenabled())
    return mapped(*arguments)


def pytest_collection_finish():
    print("afterwards:", gc.isenabled())


collecting.map_tests = told
"""
GUIDE = "# Cache Implementation Guide\n\n## Phase 1: Core\n**Tests to write**:\n- `test_a`\n- `test_b`\n"


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_left_as_it_was_found(was_on: bool) -> None:
    (gc.enable if was_on else gc.disable)()

    with suppress(KeyError), undisturbed():
        assert not gc.isenabled()
        raise KeyError

    assert gc.isenabled() is was_on


def test_tests_are_mapped_undisturbed_and_the_collector_works_again(project: Project) -> None:
    project.write("cache_implementation_guide.md", GUIDE).write("conftest.py", CONFTEST)
    project.write("test_it.py", "def test_a(): pass\ndef test_b(): pass\n")

    run = project.pytest("--phase", "all", "--phasegate-guide=cache_implementation_guide.md", "-s")

    assert run.stdout.count("while mapping: False") == 1, run.text
    assert run.stdout.count("afterwards: True") == 1


NOTED = """
import gc

from pytest_phasegate.session import recording

put_down = recording.record


def told(*arguments):
    print("while recording:", gc.isenabled())
    return put_down(*arguments)


def pytest_unconfigure():
    print("afterwards:", gc.isenabled())


recording.record = told
"""


def test_a_run_is_put_down_undisturbed_and_the_collector_works_again(project: Project) -> None:
    project.write("phasegate.toml", 'source = ["src"]\n').write("conftest.py", NOTED)
    project.write("test_it.py", "def test_a(): pass\n")

    run = project.pytest("-s")

    assert run.stdout.count("while recording: False") == 1, run.text
    assert run.stdout.count("afterwards: True") == 1
