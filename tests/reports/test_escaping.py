from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_phasegate.reports.escaping import escaped, json_island, markdown, workflow_safe

XML_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


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


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_escaped_text_is_one_line_that_any_encoder_and_xml_accept(text: str) -> None:
    shown = escaped(text)

    assert len(shown.splitlines()) <= 1
    assert XML_TEXT.fullmatch(shown)
    assert shown.encode("utf-8").decode("utf-8") == shown


@given(st.text())
def test_no_line_starts_a_workflow_command(text: str) -> None:
    assert not workflow_safe(text).lstrip().startswith(("::", "##"))


def test_a_workflow_command_is_shown_and_not_given() -> None:
    assert workflow_safe("  ::error::x") == r"  \::error::x"
    assert workflow_safe("tests/a.py::test") == "tests/a.py::test"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("@ada", "&#64;ada"),
        ("https://x", "https:&#47;/x"),
        ("[a](b)", r"\[a\]\(b\)"),
    ],
)
def test_markdown_shows_the_text_as_it_is(text: str, shown: str) -> None:
    assert markdown(text) == shown


def test_a_json_island_cannot_close_its_script_and_stays_the_same_json() -> None:
    value = {"id": "</script><!--", "line": "\u2028"}
    island = json_island(json.dumps(value, ensure_ascii=False))

    assert "<" not in island
    assert json.loads(island) == value
