from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_phasegate.adapters.ledger import file
from pytest_phasegate.adapters.ledger.rows import Ranges, pack
from pytest_phasegate.adapters.ledger.store import SqliteLedger
from pytest_phasegate.core.evidence.outcomes import Grade, Moment, Outcome, Raised, TestId
from pytest_phasegate.core.evidence.runs import ModuleDigests, RecordedRun, Red, Seen, TestVersion, snapshot_digest
from pytest_phasegate.errors import LedgerError

OLD = {"src/app.py": "a" * 40, "src/other.py": "c" * 40}
NEW = OLD | {"src/app.py": "b" * 40}


def version(name: str, digest: str = "d1", helpers: str = "h1") -> TestVersion:
    return TestVersion(TestId(f"tests/test_a.py::{name}"), digest, helpers)


def red_run(*tests: TestVersion, at: int = 1, **more: object) -> RecordedRun:
    facts = Raised(("AttributeError", "Exception"), missing="LRU", path="tests/test_a.py", line=3)
    reds = tuple(Red(test, Outcome.FAILED, Grade.STRUCTURAL, Moment.CALL, facts) for test in tests)
    return RecordedRun(at, OLD, reds=reds, **more)  # type: ignore[arg-type]


def green_run(*tests: TestVersion, at: int = 2, production: dict[str, str] = NEW) -> RecordedRun:
    return RecordedRun(at, production, {"tests/conftest.py": "e" * 40}, {Outcome.PASSED: tests})


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "phasegate" / "ledger.sqlite3")


def test_a_ledger_that_was_never_written_is_empty_and_stays_away(ledger: SqliteLedger, tmp_path: Path) -> None:
    assert ledger.reds(["d1"]) == ()
    assert ledger.runs(snapshot_digest(NEW)) == ()
    assert not ledger.health().exists
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_can_be_kept_open_for_several_questions(ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.record(red_run(version("test_lru", "d7")))
    opened: list[str] = []
    connect = sqlite3.connect

    def counted(name: str, **options: Any) -> sqlite3.Connection:
        opened.append(name)
        return connect(name, **options)  # type: ignore[no-any-return]

    monkeypatch.setattr(sqlite3, "connect", counted)
    with ledger.kept_open():
        found = [len(ledger.reds([digest])) for digest in ("d7", "d8")]
    ledger.record(red_run(version("test_other", "d8")))

    assert (found, len(opened)) == ([1, 0], 2)
    assert len(ledger.reds(["d8"])) == 1


def test_a_ledger_without_a_file_is_empty_while_it_is_kept_open(ledger: SqliteLedger) -> None:
    with ledger.kept_open():
        assert ledger.reds(["d7"]) == ()


def test_a_red_is_found_by_the_digest_of_its_test_with_all_its_facts(ledger: SqliteLedger) -> None:
    wanted = version("test_lru", "d7")
    ledger.record(red_run(version("test_old"), wanted, partial=("-k", "-x"), incomplete="a worker died"))

    (sighting,) = ledger.reds(["d7"])

    assert sighting.red == red_run(wanted).reds[0]
    assert sighting.run.production == snapshot_digest(OLD)
    assert sighting.run.partial == ("-k", "-x")
    assert sighting.run.incomplete == "a worker died"


def test_reds_come_newest_first_and_no_more_than_asked(ledger: SqliteLedger) -> None:
    for at in range(5):
        ledger.record(red_run(version("test_lru"), at=at))

    assert [sighting.run.at for sighting in ledger.reds(["d1", "d1"], limit=3)] == [4, 3, 2]
    assert [sighting.run.at for sighting in ledger.recent_reds(2)] == [4, 3]


def test_a_green_is_found_beside_exactly_the_production_it_ran_with(ledger: SqliteLedger) -> None:
    seen, unseen, other = version("test_seen"), version("test_unseen"), version("test_seen", helpers="h2")
    ledger.record(red_run(seen))
    ledger.record(green_run(seen))

    (run,) = ledger.runs(snapshot_digest(NEW))

    assert run.at == 2
    assert ledger.outcomes(run, [seen, unseen, other]) == {seen: Outcome.PASSED}
    assert ledger.runs(snapshot_digest(NEW | {"src/more.py": "f" * 40})) == ()


def test_a_test_was_last_seen_red_and_green_at_the_text_that_it_has(ledger: SqliteLedger) -> None:
    both, broken, edited = version("test_both"), version("test_broken"), version("test_edited", "d0")
    ledger.record(red_run(both, edited, at=1))
    ledger.record(RecordedRun(2, OLD, reds=(Red(broken, Outcome.ERROR, Grade.BROKEN),)))
    ledger.record(red_run(both, at=3))
    ledger.record(green_run(both, broken, edited, at=4))
    now = {both.id: "d1", broken.id: "d1", edited.id: "d9", TestId("tests/test_a.py::test_new"): "d1"}

    seen = ledger.last_seen(now)

    assert seen == {both.id: Seen(3, Grade.STRUCTURAL, 4), broken.id: Seen(green=4)}
    assert ledger.last_seen({}) == {}


def test_a_run_tells_its_reds_and_greens_apart(ledger: SqliteLedger) -> None:
    red, skipped = version("test_red"), version("test_skipped")
    ledger.record(RecordedRun(1, NEW, plain={Outcome.SKIPPED: [skipped]}, reds=(Red(red, Outcome.ERROR),)))

    (run,) = ledger.runs(snapshot_digest(NEW))

    assert ledger.outcomes(run, [red, skipped]) == {red: Outcome.ERROR, skipped: Outcome.SKIPPED}
    assert [found.test for found in ledger.reds_of(run)] == [red]


def test_what_passed_in_one_run_and_not_in_another_has_fallen(ledger: SqliteLedger) -> None:
    kept, edited, skipped = version("kept"), version("edited"), version("skipped")
    ledger.record(green_run(kept, edited, skipped))
    ledger.record(
        RecordedRun(3, NEW, plain={Outcome.PASSED: [kept, version("edited", "d2")], Outcome.SKIPPED: [skipped]})
    )
    later, earlier = ledger.runs(snapshot_digest(NEW))

    assert ledger.fallen(earlier, later) == (edited, skipped)
    assert ledger.fallen(later, later) == ()


def test_a_snapshot_remembers_the_content_of_each_file(ledger: SqliteLedger) -> None:
    ledger.record(red_run(version("test_a")))
    ledger.record(green_run(version("test_a")))

    paths = ["src/app.py", "src/other.py", "src/none.py"]

    assert ledger.contents(snapshot_digest(OLD), paths) == OLD
    assert ledger.contents(snapshot_digest(NEW), paths) == NEW
    assert ledger.contents("unknown", paths) == {}


def test_a_second_run_of_the_same_suite_adds_no_tests_and_no_contents(ledger: SqliteLedger) -> None:
    tests = [version(f"test_{number}") for number in range(200)]
    ledger.record(green_run(*tests))
    before = ledger.health().rows

    ledger.record(green_run(*reversed(tests), production=NEW | {"src/app.py": "9" * 40}))

    after = ledger.health().rows
    assert {name: after[name] - count for name, count in before.items()} == {
        "tests": 0,
        "contents": 1,
        "snapshots": 1,
        "runs": 1,
        "reds": 0,
        "modules": 0,
    }


def test_names_that_are_no_utf_8_are_kept_as_escapes(ledger: SqliteLedger) -> None:
    odd = TestVersion(TestId("tests/test_\udcff é.py::test_a"), "d9", "")
    ledger.record(RecordedRun(1, {"src/\udcff.py": "a" * 40}, reds=(Red(odd, Outcome.FAILED),)))

    (sighting,) = ledger.reds(["d9"])

    assert sighting.red.test.id == "tests/test_\\udcff é.py::test_a"
    assert ledger.contents(sighting.run.production, ["src/\udcff.py"]) == {"src/\udcff.py": "a" * 40}
    assert ledger.health().problems == ()


def test_the_tests_of_a_file_are_known_again_by_its_key(ledger: SqliteLedger) -> None:
    tests = (version("test_a"), version("test_b"))
    module = ModuleDigests("tests/test_a.py", "key", tests)
    ledger.record(RecordedRun(1, OLD, plain={Outcome.PASSED: tests}, modules=(module,)))

    found = ledger.modules({"tests/test_a.py": "key", "tests/test_b.py": "key"})

    assert found == {"tests/test_a.py": tests}
    assert ledger.modules({"tests/test_a.py": "another key"}) == {}


def test_an_older_schema_is_refused_and_set_aside_by_recording(ledger: SqliteLedger) -> None:
    ledger.record(red_run(version("test_a")))
    _execute(ledger, f"PRAGMA user_version = {file.VERSION - 1}")

    with pytest.raises(LedgerError, match="is damaged"):
        ledger.reds(["d1"])

    assert "set aside" in ledger.record(green_run(version("test_a")))
    assert ledger.reds(["d1"]) == ()
    assert ledger.health().problems == ()


def test_an_empty_file_is_an_empty_ledger(ledger: SqliteLedger) -> None:
    Path(ledger.path).parent.mkdir()
    Path(ledger.path).touch()

    assert (ledger.reds(["d1"]), ledger.health().problems) == ((), ())
    assert ledger.record(green_run(version("test_a"))) == ""
    assert _version(ledger) == file.VERSION


def test_everything_can_be_exported_as_records(ledger: SqliteLedger) -> None:
    ledger.record(red_run(version("test_a")))
    ledger.record(green_run(version("test_a")))

    records = list(ledger.export())

    assert [(record["record"], record["run"]) for record in records] == [
        ("run", 1),
        ("observation", 1),
        ("run", 2),
        ("observation", 2),
    ]
    assert records[1]["grade"] == "structural"
    assert records[3] == {
        "record": "observation",
        "run": 2,
        "test": "tests/test_a.py::test_a",
        "digest": "d1",
        "helpers": "h1",
        "outcome": "passed",
    }


def test_the_file_says_what_it_is_and_keeps_a_rollback_journal(ledger: SqliteLedger) -> None:
    ledger.record(red_run(version("test_a")))

    with closing(sqlite3.connect(ledger.path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (file.APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (file.VERSION,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


EDITS = {
    "a row edited": "UPDATE reds SET outcome = 'passed' WHERE seq = 1",
    "a row deleted": "DELETE FROM tests WHERE seq = 2",
    "a row appended": "INSERT INTO snapshots SELECT 99, digest, contents, hash FROM snapshots WHERE seq = 1",
    "the last row cut off": "DELETE FROM runs WHERE seq = (SELECT max(seq) FROM runs)",
    "all rows cut off": "DELETE FROM reds",
    "the head edited": "UPDATE head SET rows = rows - 1 WHERE chain = 'tests'",
    "a hash edited": "UPDATE contents SET hash = zeroblob(16) WHERE seq = 1",
    "a type changed": "UPDATE runs SET passed = x'01' WHERE seq = 1",
}


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS)
def test_an_edit_is_found(ledger: SqliteLedger, statement: str) -> None:
    ledger.record(red_run(version("test_a"), version("test_b")))
    ledger.record(green_run(version("test_a"), version("test_b")))
    _execute(ledger, statement)

    assert ledger.health().problems != ()


def test_a_row_that_was_edited_is_not_believed_when_it_is_read(ledger: SqliteLedger) -> None:
    ledger.record(red_run(version("test_a")))
    _execute(ledger, "UPDATE reds SET grade = 'behavioural'")

    with pytest.raises(LedgerError, match="row 1 of reds is not what was written") as caught:
        ledger.reds(["d1"])

    assert "ledger verify --set-aside" in caught.value.hint


HOSTILE = {
    "trigger": "CREATE TRIGGER bad AFTER INSERT ON runs BEGIN DELETE FROM reds; END",
    "view": "CREATE VIEW bad AS SELECT * FROM runs",
    "table": "CREATE TABLE bad (x)",
}


@pytest.mark.parametrize(("kind", "statement"), HOSTILE.items(), ids=HOSTILE)
def test_a_file_that_holds_what_we_never_wrote_is_refused_and_left_alone(
    ledger: SqliteLedger, kind: str, statement: str
) -> None:
    ledger.record(red_run(version("test_a")))
    _execute(ledger, statement)

    with pytest.raises(LedgerError, match=f"holds the {kind} 'bad'"):
        ledger.reds(["d1"])
    with pytest.raises(LedgerError, match=f"holds the {kind} 'bad'"):
        ledger.record(green_run(version("test_a")))
    assert os.listdir(os.path.dirname(ledger.path)) == ["ledger.sqlite3"]  # noqa: PTH120, PTH208


def test_a_newer_schema_is_refused_with_a_hint(ledger: SqliteLedger) -> None:
    ledger.record(red_run(version("test_a")))
    _execute(ledger, f"PRAGMA user_version = {file.VERSION + 1}")

    with pytest.raises(LedgerError, match=f"schema version {file.VERSION + 1}") as caught:
        ledger.record(red_run(version("test_a")))

    assert "upgrade" in caught.value.hint


def test_a_damaged_file_is_set_aside_when_recording_and_said_so(ledger: SqliteLedger, tmp_path: Path) -> None:
    ledger.record(red_run(version("test_a")))
    damaged = b"this is no database" * 100
    (tmp_path / "phasegate" / "ledger.sqlite3").write_bytes(damaged)

    remark = ledger.record(green_run(version("test_a")))

    (aside,) = (tmp_path / "phasegate").glob("ledger.damaged-*.sqlite3")
    assert aside.read_bytes() == damaged
    assert str(aside) in remark
    assert ledger.health().problems == ()
    assert ledger.health().rows["runs"] == 1


def test_a_damaged_file_is_an_error_when_reading_and_stays_where_it_is(ledger: SqliteLedger, tmp_path: Path) -> None:
    ledger.record(red_run(version("test_a")))
    (tmp_path / "phasegate" / "ledger.sqlite3").write_bytes(b"this is no database" * 100)

    with pytest.raises(LedgerError, match="is damaged"):
        ledger.reds(["d1"])
    assert len(list((tmp_path / "phasegate").iterdir())) == 1


def _version(ledger: SqliteLedger) -> int:
    with closing(sqlite3.connect(ledger.path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _execute(ledger: SqliteLedger, statement: str) -> None:
    connection = sqlite3.connect(ledger.path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_neighbours_become_one_span() -> None:
    assert pack([3, 1, 2, 9, 2]) == "1-3 9"
    assert pack([]) == ""


@given(st.sets(st.integers(1, 500)))
def test_packing_keeps_the_set(numbers: set[int]) -> None:
    packed = Ranges(pack(numbers))

    assert set(packed) == numbers
    assert len(list(packed)) == len(numbers)
    assert all((number in packed) == (number in numbers) for number in range(502))


def test_foreign_text_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Ranges("1-x")
