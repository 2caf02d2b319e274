"""A file is analysed once for what ran of it; what may lead to another answer leads to another analysis."""

from __future__ import annotations

import gc
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage, CoverageData

from pytest_phasegate.adapters.coverage.analysis import Analysis, analyse
from pytest_phasegate.adapters.coverage.kept import KeptAnalyses
from pytest_phasegate.adapters.json_pack import JsonPack

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


def kept(root: Path, ran: Ran = LINES, *, branches: bool = False, exclusions: Coverage | None = None) -> Analysis:
    """The answer of a run that found what earlier ones kept."""
    pack = JsonPack(root / "kept.json")
    found = KeptAnalyses(exclusions or settings(), root, pack)(["cache.py"], ran, branches=branches)
    pack.save()
    return found


def forged(root: Path) -> None:
    """Let everything that was kept say that line 77 ran, so that an answer from there can be told."""
    path = root / "kept.json"
    pack, old = JsonPack(path), JsonPack(path)
    for key in json.loads(path.read_text().partition("\n")[2]):
        value = old.get(key, dict)
        pack.put(key, {**(value or {}), "lines": [77]})
    pack.save()


def is_recalled(found: Analysis) -> bool:
    return found.reached["cache.py"].lines == {77}


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

    kept(root)

    assert open_databases() == before


@pytest.mark.parametrize(("ran", "branches"), [(LINES, False), (ARCS, True), ({}, False), ({}, True)])
def test_what_was_kept_is_what_coverage_says(root: Path, ran: Ran, branches: bool) -> None:
    said = analyse(settings(), root, ["cache.py"], ran, branches=branches)

    assert kept(root, ran, branches=branches) == said
    assert kept(root, ran, branches=branches) == said


def test_the_same_is_not_analysed_again(root: Path) -> None:
    kept(root)
    forged(root)

    assert is_recalled(kept(root))


def test_a_changed_file_is_analysed(root: Path) -> None:
    kept(root)
    forged(root)
    (root / "cache.py").write_text(TEXT + "\nMORE = 1\n")

    assert not is_recalled(kept(root))


def test_other_lines_that_ran_are_analysed(root: Path) -> None:
    kept(root)
    forged(root)

    assert kept(root, {"cache.py": frozenset({2})}).reached["cache.py"].lines == {2}


def test_branches_are_analysed_where_only_lines_were(root: Path) -> None:
    kept(root, {})
    forged(root)

    assert kept(root, {}, branches=True).sources["cache.py"].branches


def test_other_exclusions_are_other_rules(root: Path) -> None:
    kept(root)
    forged(root)

    assert 9 not in kept(root, exclusions=settings("def never")).sources["cache.py"].statements


def test_a_file_that_cannot_be_read_is_in_no_answer_and_not_kept(root: Path) -> None:
    (root / "cache.py").write_text("def (")
    assert kept(root) == Analysis({}, {})
    (root / "cache.py").unlink()
    assert kept(root) == Analysis({}, {})

    assert not (root / "kept.json").exists()
