"""What is told of a test run that ended without a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.verdict.commands import run_for_report
from pytest_phasegate.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("kill -KILL $$", "was ended by signal 9 and gave no report: it said nothing"),
        ("echo one; echo two; echo three; exit 3", "ended with 3 and gave no report: two; three"),
        ('echo "$4"; exit 3', "gave no report: --phasegate=enforce"),  # whatever the mode says of other runs
        ("echo error: unrecognized arguments: --phase; exit 4", "does not know --phase"),
    ],
)
def test_how_a_run_without_a_report_ended_is_told_with_the_place(script: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as raised:
        run_for_report(["sh", "-c", script], tmp_path, ["1"], {"PATH": "/usr/bin:/bin"})

    assert told in raised.value.problem
