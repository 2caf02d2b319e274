from __future__ import annotations

import pytest

from pytest_phasegate.reports.escaping import escaped


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Grüße, 世界 🙂", "Grüße, 世界 🙂"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\x9b31m\x7f", r"a\x9b31m\x7f"),
        ("one\ntwo\tthree\r", r"one\ntwo\tthree\r"),
        ("evil\u202egnp.exe", r"evil\u202egnp.exe"),
        ("\udcff", r"\udcff"),
        ("no\u00a0break", "no\u00a0break"),
    ],
)
def test_what_could_move_a_terminal_is_written_out_and_all_else_left_alone(raw: str, shown: str) -> None:
    assert escaped(raw) == shown
