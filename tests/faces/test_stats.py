"""``phasegate stats`` on a real repository and a real ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_phasegate import cli
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.runs import RecordedRun, Red, TestVersion
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.wiring import projects, records
from support.guides import CACHE_GUIDE, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project

SCHEMA = Path(__file__).parents[2] / "docs/reference/schemas/phasegate.stats.1.json"
HOSTILE = "Core \x1b]0;x\x07::error:: \u202e"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    return cli.main(words), capsys.readouterr().out


def test_what_was_recorded_is_told_in_figures(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    schema: Any = json.loads(SCHEMA.read_text(encoding="utf-8"))
    project.write("part/pyproject.toml", PYPROJECT)
    project.write(f"part/{GUIDE_PATH}", CACHE_GUIDE.replace("Core cache", HOSTILE, 1))
    project.init_git().commit("docs: plan the cache")
    monkeypatch.chdir(project.root / "part")
    root = project.root / "part"
    nothing, empty = said(capsys, "stats"), json.loads(said(capsys, "stats", "--format", "json")[1])
    judged = Judgement(1_795_831_200, "cache", "1", "t", Ruling.PASSED, "check", seconds=(("whole", 2.5),))
    gone = Judgement(1_795_831_300, "old\x1b", "7", "t", Ruling.INCONCLUSIVE, "check")
    records.judgements(root).append([judged, gone])
    names = ("part/tests/test_cache.py::test_get_returns_what_was_set", "part/tests/test_x.py::test_of_nobody")
    reds = tuple(Red(TestVersion(TestId(name), "d"), Outcome.FAILED, Grade.STRUCTURAL) for name in names)
    projects.ledger(root).record(RecordedRun(1_795_831_200, {"src/app/cache.py": "b"}, reds=reds))
    code, text = said(capsys, "stats")
    found = json.loads(said(capsys, "stats", "--format", "json")[1])

    assert nothing == (0, "nothing is recorded yet: run `phasegate check`, or `pytest --phase N`, and ask again\n")
    for answer in (empty, found):
        jsonschema.validate(answer, schema)
    assert code == 0
    assert not {"\x1b", "\x07", "\u202e"}.intersection(text)
    assert "2026-11-23  2       1       0       1             2.5      2" in text
    assert found["reds"] == {"grades": {"structural": 2}, "flaky": 0}
    assert [(one["guide"], one["id"], one["title"], one["reds"]) for one in found["phases"]] == [
        ("cache", "1", HOSTILE, {"structural": 1}),
        ("old\x1b", "7", None, {}),
    ]
    assert [one["from"] for one in found["over_time"]] == ["2026-11-23"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "first_pass_rate": 3}, schema)


def test_a_damaged_ledger_has_no_figures(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan")
    monkeypatch.chdir(project.root)
    path = Path(projects.ledger(project.root).path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5_000)

    assert said(capsys, "stats") == (4, "")
