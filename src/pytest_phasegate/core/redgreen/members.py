"""Which projects of a repository can load which others: those that their configuration speaks of, and those in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pytest_phasegate.core.project.distribution import read_distribution
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.project.pytest_options import document


class Members:
    """The projects of a repository that have a name, by their directories, with the texts that configure each.

    What lies in none of them can load anything, and anything can load it. A name is looked for anywhere in a text: in
    dependencies, extras, groups and sources alike; so is that of a directory.
    """

    def __init__(self, configuration: Mapping[str, Collection[str]]) -> None:
        self._texts = {place: _spelled("\n".join(texts)) for place, texts in configuration.items()}
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
        called = {self._names[other], _spelled(other.rpartition("/")[2])} - {""}
        return inside(other, place) or any(name in self._texts[place] for name in called)


def _name_of(texts: Collection[str]) -> str:
    read = (read_distribution(document("pyproject.toml", text), {}) for text in texts)
    return next((_spelled(one.name) for one in read if one is not None), "")


def _spelled(text: str) -> str:
    """Return a text with the names of distributions in it as PEP 503 compares them."""
    return re.sub(r"[-_.]+", "-", text.lower())
