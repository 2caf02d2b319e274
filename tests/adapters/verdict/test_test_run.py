"""What is told of a test run that ended without a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.verdict.test_run import run_for_report
from pytest_phasegate.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path

CRASH = """echo 'Fatal Python error: Aborted
Current thread 0x1 (most recent call first):
  File "tests/test_a.py", line 7 in test_a
  File "<frozen runpy>", line 88 in _run_code'
"""

GAVE_UP = """echo "ImportError while loading conftest '/p/tests/conftest.py'.
tests/conftest.py:3: in <module>
    import there
src/there.py:1: in <module>
    import nothere
E   ModuleNotFoundError: No module named 'nothere'"
"""
MARKED = GAVE_UP.replace("E   ", "    ^^^^^^\nE   ")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (f"{GAVE_UP} exit 4", "ended with 4 and gave no report: src/there.py:1: ModuleNotFoundError: No module named"),
        (
            f"{MARKED} exit 3",
            "ended with 3 and gave no report: src/there.py:1: ModuleNotFoundError: No module named",
        ),
        (
            f"{CRASH} kill -ABRT $$",
            'by signal 6 and gave no report: Fatal Python error: Aborted; File "tests/test_a.py"',
        ),
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
