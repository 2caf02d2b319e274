"""The built-in dialects, registered through the same hook as anybody else's."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_phasegate.core.guide.markdown.document import Dialect
from pytest_phasegate.dialects import BUILT_IN
from pytest_phasegate.hookspecs import hookimpl


@hookimpl
def phasegate_register_dialects() -> Iterable[Dialect]:
    """Return the built-in dialects."""
    return BUILT_IN
