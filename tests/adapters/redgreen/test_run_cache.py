from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.redgreen.run_cache import CachedRunner
from pytest_phasegate.app.ports.evidence import RunOrder
from pytest_phasegate.core.evidence.outcomes import Moment, NodeId, Outcome, Raised, TestId
from pytest_phasegate.core.evidence.probe_records import Definition, ProbedCase, ProbedRun, Replaced, Uncollected

if TYPE_CHECKING:
    from pathlib import Path

RUN = ProbedRun(
    cases=(
        ProbedCase(
            NodeId("tests/test_a.py::test_b[1]"),
            "tests/test_a.py",
            Outcome.FAILED,
            definition=Definition("tests/mixin.py", "Mixin.test_b"),
            raised=Raised(("KeyError", "LookupError"), path="app.py", line=4),
            moment=Moment.SETUP,
            flaky=True,
            replaced=(Replaced("app.py", "free", "tests/conftest.py"),),
        ),
    ),
    uncollected=(Uncollected("tests/test_c.py", Raised(("ImportError",), missing="x", module="app")),),
    modules={"app": "/tmp/x/app.py"},
    neutralised=("-x",),
    root="/tmp/x",
    finished=True,
    collected=True,
)
ORDER = RunOrder(tree="/tmp/x", tree_digest="abc", files=("tests/test_a.py",))


class Counting:
    """A runner that gives one answer and counts how often it is asked."""

    identity = "python"

    def __init__(self, answer: ProbedRun) -> None:
        self.answer = answer
        self.asked = 0

    def run(self, order: RunOrder) -> ProbedRun:
        del order
        self.asked += 1
        return self.answer


def test_a_second_run_of_the_same_content_comes_from_the_disk(tmp_path: Path) -> None:
    runner = Counting(RUN)

    first = CachedRunner(runner, tmp_path / "cache").run(ORDER)
    second = CachedRunner(runner, tmp_path / "cache").run(replace(ORDER, tree="/tmp/elsewhere"))

    assert runner.asked == 1
    assert (first, second) == (RUN, RUN)


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, tree_digest="abd"),
        replace(ORDER, files=()),
        replace(ORDER, only=(NodeId("a::b"),)),
        replace(ORDER, attempt=1),
        replace(ORDER, replaced=(TestId("a::b"),)),
        replace(ORDER, unhooked=("tests/conftest.py",)),
        replace(ORDER, packages=frozenset({"app"})),
    ],
)
def test_what_differs_is_run_again(tmp_path: Path, other: RunOrder) -> None:
    runner = Counting(RUN)
    cached = CachedRunner(runner, tmp_path)
    cached.run(ORDER)

    cached.run(other)

    assert runner.asked == 2


def test_another_interpreter_is_another_result(tmp_path: Path) -> None:
    runner = Counting(RUN)
    CachedRunner(runner, tmp_path).run(ORDER)
    runner.identity = "other"

    CachedRunner(runner, tmp_path).run(ORDER)

    assert runner.asked == 2


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": 1}', "flip"])
def test_a_damaged_entry_is_run_again_and_mended(tmp_path: Path, damage: bytes | str) -> None:
    runner = Counting(RUN)
    CachedRunner(runner, tmp_path).run(ORDER)
    (entry,) = tmp_path.rglob("*.json")
    entry.write_bytes(entry.read_bytes().replace(b'"failed"', b'"passed"') if isinstance(damage, str) else damage)

    again = CachedRunner(runner, tmp_path).run(ORDER)
    third = CachedRunner(runner, tmp_path).run(ORDER)

    assert (runner.asked, again, third) == (2, RUN, RUN)


def test_a_run_that_could_not_speak_is_not_kept(tmp_path: Path) -> None:
    runner = Counting(RUN._replace(trouble="pytest did not start"))
    for _ in range(2):
        CachedRunner(runner, tmp_path).run(ORDER)

    assert runner.asked == 2


def test_a_directory_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert CachedRunner(Counting(RUN), tmp_path / "file" / "cache").run(ORDER) == RUN
