"""The seam for third parties: a hook is a documented signature without a body (pluggy).

Built-in gates, dialects and reports register here like anybody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_phasegate.core.guide.markdown.document import Dialect
    from pytest_phasegate.core.verdict.gate import Gate

NAMESPACE = "phasegate"
hookspec = pluggy.HookspecMarker(NAMESPACE)
hookimpl = pluggy.HookimplMarker(NAMESPACE)


@hookspec
def phasegate_register_gates() -> Iterable[Gate]:  # type: ignore[empty-body]
    """Return the gates this plugin adds; they judge after those registered before them."""


@hookspec
def phasegate_register_dialects() -> Iterable[Dialect]:  # type: ignore[empty-body]
    """Return the dialects this plugin adds; the one most sure of a document reads it, of equals the built-in one."""
