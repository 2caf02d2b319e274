"""Case ids that the next run will not have: told apart from those by which a case is known again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_phasegate.core.evidence.outcomes import NodeId

_PASSING = re.compile(r"0x[0-9a-fA-F]{6,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_unstable(node_id: NodeId) -> bool:
    """Return whether a parametrization's id holds an address or a UUID."""
    return _PASSING.search(node_id.partition("::")[2].partition("[")[2]) is not None
