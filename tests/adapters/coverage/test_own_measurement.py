from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.coverage.own_measurement import configured, started

if TYPE_CHECKING:
    from pathlib import Path

LEFT_ALONE = {
    "branches": "[run]\nbranch = true\n",
    "a core of the user's": "[run]\ncore = ctrace\n",
    "a plugin of coverage.py": "[run]\nplugins = covdefaults\n",
    "a debugger's pace": "[run]\ntimid = true\n",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COVERAGE_CORE", raising=False)
    return tmp_path


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with Python 3.12")
def test_lines_alone_are_measured_by_the_core_that_costs_next_to_nothing(here: Path) -> None:
    assert configured([str(here)]).get_option("run:core") == "sysmon"


@pytest.mark.parametrize("settings", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_the_core_stays_where_the_settings_ask_for_more_than_lines(here: Path, settings: str) -> None:
    (here / ".coveragerc").write_text(settings, encoding="utf-8")

    assert configured([str(here)]).get_option("run:core") != "sysmon"


def test_the_core_stays_where_a_guide_asks_for_branches(here: Path) -> None:
    assert configured([str(here)], branches=lambda: True).get_option("run:core") != "sysmon"


def test_settings_that_coverage_py_grumbles_about_are_none_of_this_runs_concern(here: Path) -> None:
    (here / ".coveragerc").write_text("[run]\nsource = .\ninclude = app/*\n", encoding="utf-8")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        started([], branches=bool).stop()
