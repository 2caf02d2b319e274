"""The last reports of each phase are kept for those who look: what cannot be read is as good as none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.evidence.outcomes import Outcome, TestId
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.wiring import pages, projects, records
from support import pages as samples

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_phasegate.core.verdict.report import RunReport

ENDED = {TestId("t.py::test_a"): Outcome.FAILED}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunReport:
    monkeypatch.setenv("PHASEGATE_LEDGER", str(tmp_path / "ledger.sqlite3"))
    found = samples.refused(2).kept
    assert found is not None
    tests = {PhaseRef(samples.GUIDE, "2"): ENDED}
    records.keep_reports(tmp_path, found.report, tree="t1", at=5, source="pytest", tests=tests)
    return found.report


def test_each_command_has_its_last_word_on_a_phase(kept: RunReport, tmp_path: Path) -> None:
    records.keep_reports(tmp_path, kept, tree="t2", at=6, source="check", tests={})
    records.keep_reports(tmp_path, kept, tree="t3", at=7, source="check", tests={})

    check, run = pages.kept_reports(tmp_path, "cache", "2")

    assert (check.tree, run.tree) == ("t3", "t1")
    assert (run.report, run.tests) == (kept, ENDED)
    assert pages.kept_reports(tmp_path, "cache", "1") == ()


def test_what_judges_nothing_is_not_kept(kept: RunReport, tmp_path: Path) -> None:
    narrowed = kept._replace(narrowed=("-k one",))
    records.keep_reports(tmp_path, narrowed, tree="t2", at=6, source="check", tests={})
    records.keep_reports(tmp_path, kept, tree="", at=6, source="check", tests={})

    assert [one.source for one in pages.kept_reports(tmp_path, "cache", "2")] == ["pytest"]


def test_lines_are_numbered_as_python_numbers_them(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"a = 1\x0c\r\nb = '\xe2\x80\xa8'\nc = '\xff'\n")

    assert pages.place(projects.Project.around(tmp_path)).lines("a.py")[:3] == [
        "a = 1\x0c",
        "b = '\u2028'",
        "c = '\ufffd'",
    ]


def test_lines_are_those_of_files_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("password\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "link.py").symlink_to(tmp_path / "secret.py")
    lines = pages.place(projects.Project.around(tmp_path / "inner")).lines

    outside = ("../secret.py", str(tmp_path / "secret.py"), "link.py", ".", "none.py", "\0.py")
    assert [list(lines(path)) for path in outside] == [[]] * len(outside)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"key": 1}'])
def test_a_file_that_is_no_report_is_as_good_as_none(text: str, kept: RunReport, tmp_path: Path) -> None:
    for file in (tmp_path / "reports").rglob("*.json"):
        file.write_text(text)

    assert kept.phases
    assert pages.kept_reports(tmp_path, "cache", "2") == ()


def test_a_report_in_words_of_another_version_is_as_good_as_none(kept: RunReport, tmp_path: Path) -> None:
    store = records.report_store(tmp_path)
    (file,) = (tmp_path / "reports").rglob("*.json")
    value = json.loads(file.read_text())["value"]
    value["report"]["phases"][0]["gates"][0]["ruling"] = "outstanding"
    store.put(file.stem, value)

    assert kept.phases
    assert pages.kept_reports(tmp_path, "cache", "2") == ()
