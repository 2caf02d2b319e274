from __future__ import annotations

import re
from pathlib import Path

from pytest_phasegate.reports.messages import catalogue, explain, page

PAGE = Path(__file__).parents[2] / "docs" / "messages.md"


def test_the_page_of_messages_is_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: cp src/pytest_phasegate/reports/messages.md docs/messages.md"
    )


def test_every_section_of_the_catalogue_is_read_whole_and_in_order() -> None:
    codes = re.findall(r"^## (.*?):", page(), re.MULTILINE)
    assert list(catalogue()) == sorted(set(codes)) == codes


def test_a_message_without_a_waiver_says_so() -> None:
    plain = {code for code, message in catalogue().items() if not message.waive}

    assert plain
    assert all("This cannot be waived." in page().partition(f"## {code}: ")[2].partition("\n## ")[0] for code in plain)


def test_an_unknown_code_has_no_explanation() -> None:
    assert explain("PG000") is None
    assert explain("nonsense") is None


def test_a_code_is_found_whatever_its_case() -> None:
    assert all(explain(code.lower()) is message for code, message in catalogue().items())
