"""What coverage.py says of a file is read off its own report, and leaves nothing behind."""

from __future__ import annotations

import gc
import sqlite3
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage, CoverageData

from pytest_phasegate.adapters.coverage.analysis import analyse
from pytest_phasegate.app.coverage.phase_coverage import Analysis

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_phasegate.core.coverage.measurement import Ran

TEXT = """
def grade(value):
    if value:
        return (
            "good"
        )
    return "bad"  # pragma: no cover

def never(): pass
"""
LINES: Ran = {"cache.py": frozenset({2, 3, 5, 9})}
ARCS: Ran = {"cache.py": frozenset({(-1, 2), (2, 9), (9, -1), (-2, 3), (3, 5), (5, 4), (4, -2)})}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "cache.py").write_text(TEXT)
    return tmp_path


def settings(*excluded: str) -> Coverage:
    found = Coverage(data_file=None, config_file=False, messages=False)
    found.set_option("report:exclude_lines", ["pragma: no cover", *excluded])
    return found


def analysed(root: Path, ran: Ran = LINES, *, branches: bool = False, exclusions: Coverage | None = None) -> Analysis:
    return analyse(exclusions or settings(), root, ["cache.py"], ran, branches=branches)


def open_databases() -> int:
    def answers(database: sqlite3.Connection) -> bool:
        try:
            database.execute("SELECT 1")
        except sqlite3.ProgrammingError:
            return False
        return True

    return sum(answers(one) for one in gc.get_objects() if isinstance(one, sqlite3.Connection))


@pytest.mark.skipif(not hasattr(CoverageData, "close"), reason="this coverage.py cannot close a database in memory")
def test_an_analysis_leaves_no_database_open(root: Path) -> None:
    gc.collect()
    before = open_databases()

    analysed(root)

    assert open_databases() == before


def test_what_ran_counts_as_reached(root: Path) -> None:
    found = analysed(root)

    assert found.sources["cache.py"].statements == {2, 3, 4, 9}
    assert found.reached["cache.py"].lines == {2, 3, 4, 9}


def test_branches_are_read_where_arcs_were_measured(root: Path) -> None:
    assert not analysed(root, {}).sources["cache.py"].branches
    assert analysed(root, ARCS, branches=True).sources["cache.py"].branches


def test_the_exclusions_of_the_settings_hold(root: Path) -> None:
    assert 9 not in analysed(root, exclusions=settings("def never")).sources["cache.py"].statements


def test_a_file_that_cannot_be_read_is_in_no_answer(root: Path) -> None:
    (root / "cache.py").write_text("def (")
    assert analysed(root) == Analysis({}, {})
    (root / "cache.py").unlink()
    assert analysed(root) == Analysis({}, {})
