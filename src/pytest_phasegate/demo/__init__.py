"""The project that ``phasegate demo`` builds: a guide of four phases, their tests and their code, as plain files.

``content/guide.md`` is the guide; ``tests_N.txt`` and ``code_N.txt`` hold the files of phase N as they stand when it
is finished, each file after a line ``=== path``.
"""

from __future__ import annotations

from importlib.resources import files

GUIDE_PATH = "docs/plans/metric_caching_implementation_guide.md"


def text(name: str) -> str:
    """Return one of the texts."""
    return (files(__name__) / "content" / name).read_text(encoding="utf-8")


def project_files(name: str) -> dict[str, str]:
    """Return the files that a text holds, by path."""
    parts = text(name).split("=== ")[1:]
    named = (part.partition("\n") for part in parts)
    return {path.strip(): f"{body.strip()}\n" for path, _, body in named}
