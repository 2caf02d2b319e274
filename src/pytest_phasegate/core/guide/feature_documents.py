"""The documents of a feature: which file beside a guide is its specification, and which its context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from pytest_phasegate.core.guide.model import Guide


class Role(StrEnum):
    """What a document is to its feature."""

    SPECIFICATION = "specification"
    GUIDE = "guide"
    CONTEXT = "context"


_SPECIFICATION = re.compile(
    r"(?:(?:technical|tech|feature|functional|product)[-_. ]?)?(?:spec|specification|requirements|prd)"
)
_CONTEXT = re.compile(
    r"(?:implementation[-_. ]?)?(?:context|design|research|proposal|background)(?:[-_. ]?doc(?:ument)?)?"
)
_BESIDE_TASKS = re.compile(r"plan")  # beside a ``tasks.md`` the plan is the context


def places_of(guide: Guide) -> Iterator[tuple[str, int | None]]:
    """Yield the directories where documents of a guide's feature may lie, and how deep."""
    home = guide.path.rpartition("/")[0]
    yield home, 1
    if _is_of_its_directory(guide):
        yield f"{home}/specs", None
    else:
        yield from (("specs", None), ("docs/specs", None))


def role_of(path: str, guide: Guide) -> Role | None:
    """Return what a document is to a guide's feature; ``None`` for one of no part in it."""
    directory, _, name = path.rpartition("/")
    home, _, own = guide.path.rpartition("/")
    stem = name.lower().removesuffix(".md")
    if path == guide.path or not name.lower().endswith(".md"):
        return None
    if _is_of_its_directory(guide):
        below = directory.startswith(f"{home}/specs/".removeprefix("/"))
        if directory != home and not below:
            return None
        if not below and _BESIDE_TASKS.fullmatch(stem) and own.lower() == "tasks.md":
            return Role.CONTEXT
    else:
        slug = guide.slug.lower()
        if not stem.startswith(slug) or stem[len(slug) : len(slug) + 1] not in {"", "_", "-", "."}:
            return None
        stem = stem[len(slug) :].strip("_-. ") or ("spec" if directory != home else "")
    if _SPECIFICATION.fullmatch(stem):
        return Role.SPECIFICATION
    return Role.CONTEXT if _CONTEXT.fullmatch(stem) else None


def role_alone(path: str) -> Role | None:
    """Return what a document without a guide is by its name."""
    stem = path.rpartition("/")[2].lower().removesuffix(".md")
    ends = {stem, *(stem[at + 1 :] for at, char in enumerate(stem) if char in "_-.")}
    if any(_SPECIFICATION.fullmatch(end) for end in ends):
        return Role.SPECIFICATION
    return Role.CONTEXT if any(_CONTEXT.fullmatch(end) for end in ends) else None


def documents_of(guide: Guide, paths: Iterable[str]) -> dict[str, Role]:
    """Return the documents of a guide's feature among these paths, each once, with what it is."""
    found = ((path, role_of(path, guide)) for path in paths)
    return {path: role for path, role in found if role}


def _is_of_its_directory(guide: Guide) -> bool:
    """Whether the guide's directory is the feature's, as where each feature has a ``tasks.md``."""
    directory, _, name = guide.path.rpartition("/")
    return bool(directory) and directory.rpartition("/")[2] == guide.slug and not name.startswith(guide.slug)
