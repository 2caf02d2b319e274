"""Symbolic links of a tree, followed to the code they show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from posixpath import dirname, normpath
from typing import NamedTuple

from pytest_phasegate.core.project.paths import Layout, Side, inside

_MOST_STEPS = 40  # as many links as Linux follows before it takes them for a circle


class Links(NamedTuple):
    """The links of a tree, each with what it says, and the tree's files."""

    texts: Mapping[str, str]
    files: Collection[str]

    def target(self, path: str) -> str | None:
        """Return the file or directory of the tree that a path leads to, or ``None`` where it leads nowhere in it."""
        for _ in range(_MOST_STEPS):
            link = next((part for part in _upwards(path) if part in self.texts), None)
            if link is None:
                return path if path in self.files or next(self.below(path), None) is not None else None
            followed = normpath(f"{dirname(link)}/{self.texts[link]}{path[len(link) :]}".lstrip("/"))
            if self.texts[link].startswith("/") or followed.split("/")[0] in {"..", "."}:
                return None
            path = followed
        return None

    def below(self, directory: str) -> Iterator[str]:
        """Yield the files below a directory, no links among them."""
        return (path for path in self.files if path.startswith(f"{directory}/") and path not in self.texts)

    def shown(self) -> Iterator[str]:
        """Yield the paths that links to directories add to those of the tree."""
        for link in self.texts:
            target = self.target(link)
            if target is not None and target not in self.files:
                yield from (f"{link}{path[len(target) :]}" for path in self.below(target))

    def laid_out(self, layout: Layout) -> Layout:
        """Return a layout in which what links of production code and of tests show is on their side, too."""
        known = {link: target for link in self.texts if (target := self.target(link)) is not None}
        code = tuple(target for link, target in known.items() if side_of_link(link, layout) is Side.PRODUCTION)
        tests = tuple(target for link, target in known.items() if side_of_link(link, layout) is Side.TEST)
        fresh = tuple(target for target in code if not any(inside(target, root) for root in layout.source))
        return replace(layout, source=(*layout.source, *fresh), test_roots=(*layout.test_roots, *tests))


def side_of_link(link: str, layout: Layout) -> Side:
    """Return the side of what a link shows: of a module or, where it bears no such name, of a directory."""
    if link.endswith(".py"):
        return layout.side(link)
    return layout.side(f"{link}/module.py")


def _upwards(path: str) -> Iterator[str]:
    """Yield the directories that a path lies in, the top first, and itself last."""
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
