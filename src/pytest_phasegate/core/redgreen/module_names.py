"""By which names a file of Python may be imported."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator

from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.redgreen.file_reads import parts_of


def names_of(path: str, packages: set[str]) -> Iterator[str]:
    """Yield every name by which a file may be imported: from any directory above it.

    A module in a package that bears a name of the standard library is not imported by that name alone.
    """
    parts = parts_of(path)
    yield "/" + ".".join(parts)
    yield path.rpartition("/")[2]
    for start in range(len(parts)):
        inside = "/".join(parts[:start]) in packages
        if not (inside and parts[start] in sys.stdlib_module_names):
            yield ".".join(parts[start:])


def installed_names(path: str, roots: Collection[str]) -> list[str]:
    """Return the names by which a file may be imported from the top, and from those of some directories around it."""
    around = {"", *(root for root in roots if inside(path, root))}
    return [".".join(parts_of(path[len(root) :].strip("/"))) for root in around]


def packages_of(path: str) -> Iterator[str]:
    """Yield every name of a package that a file lies in, and its own."""
    parts = parts_of(path)
    for end in range(1, len(parts) + 1):
        yield "/" + ".".join(parts[:end])
        yield from (".".join(parts[start:end]) for start in range(end))


def top_names(paths: Iterable[str], packages: set[str]) -> frozenset[str]:
    """Return the names of packages and modules that lie in no package themselves."""
    found = set()
    for path in paths:
        parts = path.removesuffix(".py").split("/")
        for depth, part in enumerate(parts):
            if "/".join(parts[:depth]) not in packages:
                found.add(part)
    return frozenset(found)
