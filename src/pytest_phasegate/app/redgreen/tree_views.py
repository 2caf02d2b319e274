"""The trees of a repository: their files, where production code and tests live in them, and what the files say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeGuard

from pytest_phasegate.app.ports.repository import FileChange, Repository, TreeEntry
from pytest_phasegate.core.project.layout import configuration_paths, find_layout
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.redgreen.change.merging import Links

_REMEMBERED = 4


class TreeView(NamedTuple):
    """One tree: every file of it, and where production code and tests live."""

    id: str
    entries: Mapping[str, TreeEntry]
    layout: Layout


@dataclass(slots=True)
class TreeReader:
    """Reads trees of one repository under one configuration; those seen last are remembered."""

    repository: Repository
    settings: Settings
    _views: dict[str, TreeView] = field(default_factory=dict, init=False)

    def view(self, tree: str) -> TreeView:
        """Return a tree's files and layout."""
        if tree in self._views:
            return self._views[tree]
        entries = self.repository.entries(tree)
        return self._view(tree, entries, self._blobs((), entries))

    def texts(self, entries: Mapping[str, TreeEntry], paths: tuple[str, ...]) -> dict[str, str]:
        """Return the texts of some files; one that is no file or no UTF-8 is left out."""
        wanted = {path: entries[path].oid for path in paths if path in entries and not entries[path].is_submodule}
        blobs = self.repository.blobs(wanted.values())
        return {path: text for path, oid in wanted.items() if (text := decoded(blobs[oid])) is not None}

    def _mentions(self, view: TreeView, words: Collection[str]) -> bool:
        """Whether any module, or the configuration of pytest, holds one of some words."""
        configuring = {path for path, _ in _configuration(view.entries)}
        named = (path for path in view.entries if path.endswith(".py") or path in configuring)
        wanted = {view.entries[path].oid for path in named if is_file(view.entries[path])}
        looked_for = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(word.encode()) for word in words))
        return any(map(looked_for.search, self.repository.blobs(wanted).values()))

    def _view(
        self, tree: str, entries: Mapping[str, TreeEntry], blobs: Mapping[str, bytes], like: TreeView | None = None
    ) -> TreeView:
        """Return a tree, its configuration files among the blobs; ``like`` is another that may be laid out the same."""
        if tree not in self._views:
            while len(self._views) >= _REMEMBERED:
                del self._views[next(iter(self._views))]
            same = like is not None and _decides(like.entries) == _decides(entries)
            layout = like.layout if like is not None and same else self._layout(entries, blobs)
            self._views[tree] = TreeView(tree, entries, layout)
        return self._views[tree]

    def _layout(self, entries: Mapping[str, TreeEntry], blobs: Mapping[str, bytes]) -> Layout:
        known = {path: decoded(blobs[entry.oid]) for path, entry in _configuration(entries)}
        texts = {path: text for path, text in known.items() if text is not None}
        links = self._links(entries)
        paths = [*entries, *links.shown()] if links.texts else entries
        layout = find_layout(paths, texts, source=self.settings.source, tests=self.settings.tests)
        return links.laid_out(layout) if links.texts else layout

    def _blobs(self, changes: Iterable[FileChange], *trees: Mapping[str, TreeEntry]) -> Mapping[str, bytes]:
        """Read what changes and what configures some trees, all in one question."""
        sides = [entry for change in changes for entry in (change.before, change.after)]
        configuration = [entry for entries in trees for _, entry in _configuration(entries)]
        return self.repository.blobs({entry.oid for entry in (*sides, *configuration) if is_file(entry)})

    def _links(self, entries: Mapping[str, TreeEntry]) -> Links:
        found = {path: entry.oid for path, entry in entries.items() if entry.is_link}
        blobs = self.repository.blobs(found.values()) if found else {}
        return Links({path: blobs[oid].decode("utf-8", "surrogateescape") for path, oid in found.items()}, entries)

    def _shown(self, view: TreeView, path: str) -> dict[str, bytes] | None:
        """Return the files that a path shows, each at the path that it has through it; of a lost link ``None``."""
        if path not in view.entries:
            return {}
        links = self._links(view.entries)
        target = links.target(path)
        if target is None:
            return None
        real = [target] if target in view.entries else list(links.below(target))
        oids = {f"{path}{one[len(target) :]}": view.entries[one].oid for one in real if is_file(view.entries[one])}
        blobs = self.repository.blobs(oids.values())
        return {one: blobs[oid] for one, oid in oids.items()}


def _configuration(entries: Mapping[str, TreeEntry]) -> list[tuple[str, TreeEntry]]:
    return [(path, entries[path]) for path in configuration_paths(entries) if is_file(entries[path])]


def _decides(entries: Mapping[str, TreeEntry]) -> tuple[object, ...]:
    """Return what the layout of a tree hangs on: its paths, the contents of its configuration files, its links."""
    links = [(path, entry.oid) for path, entry in entries.items() if entry.is_link]
    return entries.keys(), _configuration(entries), links


def is_file(entry: TreeEntry | None) -> TypeGuard[TreeEntry]:
    """Whether an entry is one with a text of its own."""
    return entry is not None and not entry.is_submodule


def decoded(content: bytes) -> str | None:
    """Return a content as text; of one that is no UTF-8 ``None``."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def followed(entries: Mapping[str, TreeEntry], changes: Iterable[FileChange]) -> dict[str, TreeEntry]:
    """Return the files of a tree after changes: what git would list, without asking it again."""
    found = dict(entries)
    for change in changes:
        if change.after is None:
            del found[change.path]
        else:
            found[change.path] = change.after
    return found
