"""By which names a file of Python may be imported, and which projects of a repository can load which others."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping

from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.project.pytest_options import document
from pytest_phasegate.core.project.source_roots import normalized, read_distribution
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


class Members:
    """The projects of a repository that have a name, by their directories, with the texts that configure each.

    What lies in none of them can load anything, and anything can load it. A name is looked for anywhere in a text: in
    dependencies, extras, groups and sources alike; so is that of a directory.
    """

    def __init__(self, configuration: Mapping[str, Collection[str]]) -> None:
        self._texts = {place: normalized("\n".join(texts)) for place, texts in configuration.items()}
        self._names = {place: name for place, texts in configuration.items() if (name := _name_of(texts))}
        self._loadable = {place: frozenset(self._reached(place)) for place in self._names}

    def home(self, path: str) -> str | None:
        """Return the directory of the project that a file belongs to."""
        return max((place for place in self._names if inside(path, place)), key=len, default=None)

    def sees(self, place: str | None, other: str | None) -> bool:
        """Whether one project can load another, or one that can."""
        return place is None or other is None or other in self._loadable[place]

    def _reached(self, place: str) -> Iterator[str]:
        known, waiting = {place}, [place]
        while waiting:
            one = waiting.pop()
            yield one
            new = {other for other in self._names if other not in known and self._speaks_of(one, other)}
            known |= new
            waiting.extend(new)

    def _speaks_of(self, place: str, other: str) -> bool:
        called = {self._names[other], normalized(other.rpartition("/")[2])} - {""}
        return inside(other, place) or any(name in self._texts[place] for name in called)


def _name_of(texts: Collection[str]) -> str:
    read = (read_distribution(document("pyproject.toml", text), {}) for text in texts)
    return next((normalized(one.name) for one in read if one is not None), "")
