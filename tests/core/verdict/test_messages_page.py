from __future__ import annotations

from pathlib import Path

from pytest_phasegate.core.verdict.messages import catalogue
from pytest_phasegate.core.verdict.messages.message import Message
from pytest_phasegate.reports.messages_page import as_page

PAGE = Path(__file__).parents[3] / "docs" / "messages.md"


def test_the_page_of_messages_is_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_page(catalogue()), (
        "run: phasegate explain --format markdown --output-file docs/messages.md"
    )


def test_a_message_without_a_waiver_says_so() -> None:
    page = as_page({"PG999": Message("Title", "Meaning.", "Mend it.")})

    assert page.endswith("\n## PG999: Title\n\nMeaning.\n\n**Fix**: Mend it.\n\n**Waive**: This cannot be waived.\n")
