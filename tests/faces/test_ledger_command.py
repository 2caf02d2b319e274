from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.ledger.store import SqliteLedger
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.runs import RecordedRun, Red, TestVersion

if TYPE_CHECKING:
    from support.project import Project


@pytest.fixture
def recorded(project: Project) -> Project:
    test = TestVersion(TestId("tests/test_a.py::test_a"), "d1", "h1")
    red = RecordedRun(1, {"src/a.py": "a" * 40}, reds=(Red(test, Outcome.FAILED, Grade.BEHAVIOURAL),))
    SqliteLedger(project.init_git().root / ".git/phasegate/ledger.sqlite3").record(red)
    return project


def damage(project: Project) -> None:
    connection = sqlite3.connect(project.root / ".git/phasegate/ledger.sqlite3")
    connection.execute("UPDATE reds SET outcome = 'passed'")
    connection.commit()
    connection.close()


def test_where_nothing_was_recorded_there_is_nothing_to_complain_of(project: Project) -> None:
    done = project.phasegate("ledger", "verify")

    assert done.exit_code == 0, done.text
    assert "nothing recorded yet" in done.stdout
    assert project.phasegate("ledger", "export").stdout == ""


def test_a_sound_ledger_is_said_to_be_sound_and_exported_line_by_line(recorded: Project) -> None:
    done = recorded.phasegate("ledger", "verify")

    assert done.exit_code == 0, done.text
    assert "sound" in done.stdout
    assert "1 reds" in done.stdout
    exported = [json.loads(line) for line in recorded.phasegate("ledger", "export").stdout.splitlines()]
    assert [record["record"] for record in exported] == ["run", "observation"]
    assert exported[1]["grade"] == "behavioural"


def test_damage_is_named_and_refused(recorded: Project) -> None:
    damage(recorded)

    done = recorded.phasegate("ledger", "verify", "--format", "json")

    assert done.exit_code == 1, done.text
    assert done.json["sound"] is False
    assert done.json["problems"] == ["row 1 of reds is not what was written"]
    assert recorded.phasegate("ledger", "export").exit_code == 4


def test_a_damaged_ledger_is_set_aside_only_when_asked(recorded: Project) -> None:
    damage(recorded)

    done = recorded.phasegate("ledger", "verify", "--set-aside")

    assert done.exit_code == 1, done.text
    assert "set aside as" in done.stdout
    (aside,) = (recorded.root / ".git/phasegate").iterdir()
    assert aside.name.startswith("ledger.damaged-")
    assert recorded.phasegate("ledger", "verify").exit_code == 0
