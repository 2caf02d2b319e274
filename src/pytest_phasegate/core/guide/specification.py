"""What a technical specification says for a reviewer: the problem, and the decisions with their reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_phasegate.core.guide.markdown.document import Document, Heading

_PROBLEMS = tuple(
    re.compile(rf"\W*(?:\d[\d.]*\W+)?(?:{words})\b.*", re.IGNORECASE)
    for words in ("problem", "motivation", "overview|purpose|summary", "background|context|introduction")
)
_DECISION = re.compile(r"\W*decision\s*#?\d*\s*[:.–—-]\s*(\S.*)", re.IGNORECASE)
_DECISIONS = re.compile(r"\W*(?:\d[\d.]*\W+)?(?:\w+ )?decisions?\b(?:\s+made)?\W*", re.IGNORECASE)
_REASON = re.compile(r"\W*(?:rationale|reason|why|because)\W*[:–—-]\W*(\S.*)", re.IGNORECASE)
_LABEL = re.compile(r"\s*\*\*[^*]{1,60}\*\*\s*:?|\s*\*\*[^*]{1,60}:\*\*")
_ITEM = re.compile(r"\s{0,3}[-*+]\s+(\S.*)")
_LOOKED_AT = 1000  # of headings of a document
_MOST = 12  # of paragraphs and decisions: the rest stands in the document


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and why, if that is said."""

    title: str
    reason: str = ""


def problem_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """Return the paragraphs of the section that says what the work is for; the plainest word for it counts first."""
    headings = [(document, heading) for document, heading in _headings(documents) if heading.level > 1]
    for words in _PROBLEMS:
        for document, heading in headings:
            found = tuple(_paragraphs(document, heading)) if words.fullmatch(heading.text) else ()
            if found:
                return found[:_MOST]
    return ()


def decisions_of(documents: Sequence[Document]) -> tuple[Decision, ...]:
    """Return the decisions: headings that are one, or else the items below a heading that announces them."""
    headings = _headings(documents)
    named = [(document, one, found[1]) for document, one in headings if (found := _DECISION.fullmatch(one.text))]
    if named:
        return tuple(Decision(title, _reason(document, one)) for document, one, title in named[:_MOST])
    below = [(document, one) for document, one in headings if _DECISIONS.fullmatch(one.text)]
    return tuple(found for document, one in below for found in _listed(document, one))[:_MOST]


def _headings(documents: Sequence[Document]) -> list[tuple[Document, Heading]]:
    return [(document, heading) for document in documents for heading in document.headings[:_LOOKED_AT]]


def _paragraphs(document: Document, heading: Heading) -> Iterator[str]:
    """Yield the prose below a heading, down to the next one."""
    lines: list[str] = []
    end = next((one.line for one in document.headings if one.line > heading.line), len(document.lines) + 1)
    for line in range(heading.line + 1, end + 1):
        text = document.lines[line - 1].strip() if line < end and document.is_text(line) else ""
        if text:
            lines.append(text)
        elif lines:
            yield " ".join(lines)
            lines = []


def _reason(document: Document, heading: Heading) -> str:
    for paragraph in _labelled(document, heading):
        found = _REASON.fullmatch(paragraph)
        if found:
            return found[1]
    return ""


def _labelled(document: Document, heading: Heading) -> Iterator[str]:
    """Yield the texts of a section, each from its label to the next or to a blank line."""
    part = ""
    for line in range(heading.line + 1, document.section_end(heading.line, heading.level)):
        text = document.lines[line - 1].strip() if document.is_text(line) else ""
        if part and (not text or _LABEL.match(text) or _ITEM.match(text)):
            yield part
            part = ""
        part = f"{part} {text}".strip()
    if part:
        yield part


def _listed(document: Document, heading: Heading) -> Iterator[Decision]:
    end = document.section_end(heading.line, heading.level)
    inner = [one for one in document.headings if heading.line < one.line < end and one.level == heading.level + 1]
    if inner:
        yield from (Decision(one.text, _reason(document, one)) for one in inner)
        return
    yield from (Decision(found[1]) for part in _labelled(document, heading) if (found := _ITEM.fullmatch(part)))
