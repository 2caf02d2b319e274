"""Readers of Markdown guides: one dialect a file, all giving the same Guide."""

from __future__ import annotations

from pytest_phasegate.core.guide.markdown.document import Dialect


def built_in() -> tuple[Dialect, ...]:
    """Return the built-in dialects; of dialects equally sure of a document, the first one reads it."""
    from pytest_phasegate.dialects.canonical import BY_WORD, CANONICAL
    from pytest_phasegate.dialects.late import LATE

    return (CANONICAL, *BY_WORD, *LATE)
