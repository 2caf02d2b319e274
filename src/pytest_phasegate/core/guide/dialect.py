"""The dialect protocol: one way of writing phases into Markdown, and how sure it is of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pytest_phasegate.core.guide.markdown.document import Document
    from pytest_phasegate.core.guide.model import Guide


@runtime_checkable
class Dialect(Protocol):
    """Reads documents of one form. Both methods are pure, take time linear in the document and raise nothing."""

    name: str

    def strength(self, document: Document) -> float:
        """Return how surely the document is of this dialect: 0 not at all, 1 beyond doubt."""
        ...

    def read(self, document: Document, path: str) -> Guide:
        """Return the guide; what is wrong with it stands in its diagnostics. The digest is filled in by the caller."""
        ...
