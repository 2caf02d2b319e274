"""Whether any installed distribution is a plugin of ours, found without importing anything heavy.

Importing pluggy and the metadata machinery takes longer than reading a guide; so the installed distributions
are asked first, by a look at their ``entry_points.txt``, whether there is a plugin at all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

_SECTION = b"[phasegate]"


def any_plugin() -> bool:
    """Return whether a distribution on ``sys.path`` has an entry point of the group ``phasegate``."""
    return any(_SECTION in text for directory in dict.fromkeys(sys.path) for text in _entry_points(directory or "."))


def _entry_points(directory: str) -> Iterator[bytes]:
    try:
        names = [name for name in os.listdir(directory) if name.endswith((".dist-info", ".egg-info"))]  # noqa: PTH208 - on a hot path
    except OSError:
        return
    for name in names:
        try:
            with open(f"{directory}/{name}/entry_points.txt", "rb") as stream:  # noqa: PTH123 - on a hot path
                yield stream.read()
        except OSError:
            continue
