"""The short name of a guide."""

from __future__ import annotations

import re

_SUFFIX = re.compile(r"[_-]?(?:implementation[_-]?)?(?:guide|plan)(?=(?:[_-]v?\d+)?\Z)", re.IGNORECASE)
_GENERIC = {"tasks", "plan", "guide", "implementation", "implementation_plan", "readme", "index", "todo", "prp"}


def slug_of(path: str) -> str:
    """Return the short name of a guide: its file name, or its directory's where the name says nothing."""
    parts = [part for part in path.replace("\\", "/").split("/") if part]
    name = parts[-1] if parts else ""
    stem = name[: name.rindex(".")] if "." in name[1:] else name
    if stem.lower() in _GENERIC and len(parts) > 1:
        return parts[-2]
    return _SUFFIX.sub("", stem) or stem
