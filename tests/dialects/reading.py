"""Reading a guide from text, as the tests of dialects do."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.dialects import BUILT_IN

if TYPE_CHECKING:
    from pytest_phasegate.core.guide.model import Guide, Phase


def guide(text: str | bytes, path: str = "docs/plans/cache_implementation_guide.md") -> Guide:
    data = text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode()
    return read_guide(data, path, BUILT_IN)


def phase(text: str) -> Phase:
    """The only phase of a guide whose first phase holds this text."""
    found = guide("### Phase 1: One\n" + dedent(text).lstrip("\n"))
    assert len(found.phases) == 1
    return found.phases[0]


def ids(text: str) -> list[str]:
    return [each.id for each in guide(text).phases]


def codes(text: str | bytes) -> list[str]:
    return [each.code for each in guide(text).diagnostics]
