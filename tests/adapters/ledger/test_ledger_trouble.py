"""A ledger in bad hands: flipped bits, cut files, killed and competing writers, full and forbidden disks."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pytest_phasegate.adapters.ledger import file
from pytest_phasegate.adapters.ledger.store import SqliteLedger
from pytest_phasegate.core.evidence.outcomes import Outcome, TestId
from pytest_phasegate.core.evidence.runs import ModuleDigests, RecordedRun, Red, TestVersion, snapshot_digest
from pytest_phasegate.errors import LedgerError

CODE = {f"src/module_{number}.py": f"{number:040x}" for number in range(20)}
TESTS = [TestVersion(TestId(f"tests/test_a.py::test_{number}"), f"digest-{number}", "h") for number in range(40)]

WRITER = """
    import sys
    from pathlib import Path
    from pytest_phasegate.adapters.ledger.store import SqliteLedger
    from pytest_phasegate.core.evidence.outcomes import Outcome
    from pytest_phasegate.core.evidence.runs import RecordedRun, TestVersion

    ledger = SqliteLedger(Path(sys.argv[1]))
"""


def run(at: int) -> RecordedRun:
    reds = tuple(Red(test, Outcome.FAILED) for test in TESTS[:3])
    return RecordedRun(at, CODE, {"tests/data.json": "f" * 40}, {Outcome.PASSED: TESTS[3:]}, reds)


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3")
    ledger.record(run(1))
    ledger.record(run(2))
    return ledger


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", dedent(WRITER) + dedent(code), *arguments]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def everything(ledger: SqliteLedger) -> list[object]:
    return list(ledger.export())


@pytest.mark.sampled(4)
@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_is_found_or_changes_nothing_that_was_written(ledger: SqliteLedger, bit: int) -> None:
    whole = everything(ledger)
    content = Path(ledger.path).read_bytes()
    found = 0
    for position in range(bit * 13, len(content), 211):
        flipped = bytearray(content)
        flipped[position] ^= 1 << bit
        Path(ledger.path).write_bytes(flipped)
        sound = not ledger.health().problems
        found += not sound
        assert not sound or everything(ledger) == whole, f"bit {bit} of byte {position}"
    assert found > 20


@pytest.mark.parametrize("position", range(100, 30_000, 1009))
def test_a_flipped_bit_never_makes_a_red_where_there_was_none(ledger: SqliteLedger, position: int) -> None:
    asked = [test.digest for test in TESTS]
    believed = set(ledger.reds(asked))
    content = bytearray(Path(ledger.path).read_bytes())
    content[position % len(content)] ^= 1 << position % 8
    Path(ledger.path).write_bytes(content)

    try:
        seen = set(ledger.reds(asked))
    except LedgerError:
        return
    assert seen <= believed


def answers(ledger: SqliteLedger) -> tuple[Any, ...]:
    """What a commit asks: which runs stood on this code, and how each test ended in them."""
    runs = ledger.runs(snapshot_digest(CODE))
    reds = [{red.test: red.outcome for red in ledger.reds_of(run)} for run in runs]
    known = ledger.modules({"tests/test_a.py": "key"})
    return [run.number for run in runs], reds, [dict(ledger.outcomes(run, TESTS[:3])) for run in runs], known


@pytest.mark.sampled(4)
@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_hides_no_run_and_no_red(ledger: SqliteLedger, bit: int) -> None:
    ledger.record(RecordedRun(3, CODE, modules=(ModuleDigests("tests/test_a.py", "key", tuple(TESTS)),)))
    whole = answers(ledger)
    content = Path(ledger.path).read_bytes()
    found = 0
    for position in range(bit * 13, len(content), 211):
        flipped = bytearray(content)
        flipped[position] ^= 1 << bit
        Path(ledger.path).write_bytes(flipped)
        try:
            now = answers(ledger)
        except LedgerError:
            found += 1
            continue
        runs, reds, _, known = now
        assert (runs, reds, known) == (whole[0], whole[1], whole[3]), f"bit {bit} of byte {position}"
        assert all({*outcomes.items()} <= {*was.items()} for outcomes, was in zip(now[2], whole[2], strict=True))
    assert found > 20


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.6, 0.99])
def test_a_file_cut_short_is_set_aside_or_was_empty(ledger: SqliteLedger, share: float) -> None:
    size = Path(ledger.path).stat().st_size
    os.truncate(ledger.path, int(size * share))

    remark = ledger.record(run(3))

    assert bool(remark) == (share > 0)
    assert ledger.health().problems == ()
    assert ledger.health().rows["runs"] == 1


def test_two_writers_at_once_both_get_their_rows_in(ledger: SqliteLedger) -> None:
    code = """
        for number in range(15):
            test = TestVersion(f"tests/{sys.argv[2]}.py::test_{number}", "d", "h")
            ledger.record(RecordedRun(number, {"src/a.py": sys.argv[2]}, plain={Outcome.PASSED: [test]}))
    """
    writers = [child(code, ledger.path, name) for name in ("one", "two")]
    outputs = [writer.communicate(timeout=60)[0] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0], outputs
    assert ledger.health().problems == ()
    assert ledger.health().rows["runs"] == 32
    assert len(ledger.runs(snapshot_digest({"src/a.py": "two"}))) == 15


def test_a_writer_killed_in_the_middle_leaves_what_was_there_before(ledger: SqliteLedger) -> None:
    before = everything(ledger)
    code = """
        import os, signal
        from pytest_phasegate.adapters.ledger import file
        from pytest_phasegate.adapters.ledger.rows import Rows
        from pytest_phasegate.adapters.ledger.run_rows import append_run

        with file.for_writing(Path(sys.argv[1])) as connection:
            connection.execute("PRAGMA cache_size = 1")
            tests = [TestVersion(f"tests/test_b.py::test_{number}", "d" * 64, "h" * 64) for number in range(3000)]
            rows = Rows(connection, Path(sys.argv[1]))
            append_run(rows, RecordedRun(3, {"src/a.py": "b"}, plain={Outcome.PASSED: tests}))
            rows.flush()
            print(Path(sys.argv[1] + "-journal").exists(), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = child(code, ledger.path)
    output, _ = killed.communicate(timeout=60)

    assert killed.returncode == -signal.SIGKILL, output
    assert output.strip() == "True"
    assert everything(ledger) == before
    assert ledger.record(run(3)) == ""
    assert ledger.health().problems == ()


def test_a_full_disk_is_an_error_that_leaves_the_ledger_as_it_was(ledger: SqliteLedger) -> None:
    before = everything(ledger)
    code = """
        import resource
        from pytest_phasegate.errors import LedgerError

        limit = Path(sys.argv[1]).stat().st_size + 4096
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        tests = [TestVersion(f"tests/test_b.py::test_{number}", "d" * 64, "h" * 64) for number in range(3000)]
        try:
            ledger.record(RecordedRun(3, {"src/a.py": "b"}, plain={Outcome.PASSED: tests}))
        except LedgerError as error:
            print(error.problem)
    """
    full = child(code, ledger.path)
    output, _ = full.communicate(timeout=60)

    assert "cannot be used" in output
    assert everything(ledger) == before
    assert ledger.health().problems == ()


def test_a_ledger_that_another_process_holds_is_busy_and_not_damaged(
    ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(ledger.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(LedgerError, match="locked") as caught:
        ledger.record(run(3))
    holder.close()

    assert "another process" in caught.value.hint
    assert ledger.record(run(3)) == ""


def test_a_place_where_nothing_can_be_written_is_an_error_with_a_way_out() -> None:
    with pytest.raises(LedgerError, match="cannot be used") as caught:
        SqliteLedger(Path("/proc/phasegate/ledger.sqlite3")).record(run(1))

    assert "PHASEGATE_LEDGER" in caught.value.hint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_directory_can_still_be_read(ledger: SqliteLedger, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        assert len(ledger.reds([TESTS[0].digest])) == 2
        with pytest.raises(LedgerError, match=r"readonly|unable to open"):
            ledger.record(run(3))
    finally:
        tmp_path.chmod(0o755)


def test_a_directory_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite3").mkdir()

    with pytest.raises(LedgerError, match="unable to open"):
        SqliteLedger(tmp_path / "ledger.sqlite3").reds(["d"])


@pytest.mark.parametrize("name", ["odd ?#%41 name", "ünï", "with'quote"])
def test_the_name_of_the_directory_does_not_matter(tmp_path: Path, name: str) -> None:
    ledger = SqliteLedger(tmp_path / name / "ledger.sqlite3")
    ledger.record(run(1))

    assert (tmp_path / name / "ledger.sqlite3").is_file()
    assert len(ledger.reds([TESTS[0].digest])) == 1
