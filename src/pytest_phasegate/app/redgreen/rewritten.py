"""Files of a change as no commit holds them, for runs that ask what its tests are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from posixpath import basename
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.ports.repository import TreeEntry
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.project.layout import configuration_paths
from pytest_phasegate.core.project.paths import Side
from pytest_phasegate.core.redgreen.change.apart import Wanted, apart
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.examples import examples_of, with_examples_of
from pytest_phasegate.core.redgreen.change.test_module import TestFunction
from pytest_phasegate.core.redgreen.exercised import Changed, added_lines, changed
from pytest_phasegate.core.redgreen.hollow import absent, hollow, without_unasked


class ClaimsApart(NamedTuple):
    """Files of tests that make one claim each, and by their ids whose claim which of them makes."""

    contents: Mapping[str, TreeEntry]
    claims: Mapping[TestId, tuple[TestId, str]]


class Exchanged(NamedTuple):
    """Modules of code with the examples of the other version, as far as their docstrings hold others."""

    of_before: Mapping[str, TreeEntry]  # code of after
    of_after: Mapping[str, TreeEntry]


class Unasked(NamedTuple):
    """Helpers without what they do to tests that do not name it, and whether that alters something in place."""

    contents: Mapping[str, TreeEntry] = MappingProxyType({})
    fills: bool = False


class Rewritten(NamedTuple):
    """Makes files of one change as no commit holds them.

    Args:
        reader: Reads the repository that the change is of.
        change: The change, read.
    """

    reader: ChangeReader
    change: ReadChange

    def tests(self, paths: tuple[str, ...]) -> dict[TestId, TestFunction]:
        """Return the tests of some files as they stood before a change."""
        return self.reader.tests(self.change.before, paths, self.change.layout)

    def idle(self, paths: Iterable[str]) -> dict[TestId, bool]:
        """Return of each function of some files whether it names no code but its own, as they stand after a change."""
        read = self.reader.modules(self.change.after, tuple(sorted(paths)), self.change.layout)
        tests = {test.id: test.claims.idle for module in read for test in module.tests.values()}
        helpers = ((module.path, one) for module in read for one in module.helpers.values() if one.claims)
        return tests | {TestId(f"{path}::{one.name}"): one.claims.idle for path, one in helpers if one.claims}

    def gone_from(self, tests: Iterable[TestId]) -> dict[TestId, str]:
        """Return the lines of the texts of some tests that do not stand after a change; where all do, the whole."""
        gone = dict[TestId, str]()
        for test, (old, new) in self.told(tests).items():
            kept = set(new.splitlines())
            gone[test] = "\n".join(line for line in old.splitlines() if line not in kept) or old
        return gone

    def told(self, tests: Iterable[TestId]) -> dict[TestId, tuple[str, str]]:
        """Return the texts of some tests that are no functions, before and after: a docstring, or a whole file."""
        listed = tuple(tests)
        paths = tuple(dict.fromkeys(map(file_of, listed)))
        before, after = self._texts(paths)
        sides = ((test, before.get(file_of(test), ""), after.get(file_of(test), "")) for test in listed)
        both = {test: (_told(test, old, self.change), _told(test, new, self.change)) for test, old, new in sides}
        return {test: texts for test, texts in both.items() if texts[0]}

    def exchanged(self) -> Exchanged:
        """Return the modules with other examples, those of each side in the code of the other."""
        before, after = self._texts(self.change.changes.examples)
        both = {path: (before[path], after[path]) for path in before.keys() & after.keys()}
        mixed = {path: (with_examples_of(old, new), with_examples_of(new, old)) for path, (old, new) in both.items()}
        kept = [(path, one, other) for path, (one, other) in sorted(mixed.items()) if one and other]
        return Exchanged(
            {path: self._stored(one) for path, one, _ in kept}, {path: self._stored(other) for path, _, other in kept}
        )

    def altered(self) -> dict[str, tuple[str, frozenset[int]]]:
        """Return the texts of the production files that behave otherwise, with the lines that came in, from 1."""
        before, after = self._texts(self.change.behaviour)
        return {path: (text, added_lines(before.get(path, ""), text)) for path, text in after.items()}

    def changed(self) -> dict[str, Changed]:
        """Return the definitions that differ in the production files that behave otherwise."""
        paths = tuple(one.path for one in self.change.changes.behaviour)
        before, after = self._texts(paths)
        return {path: changed(before.get(path, ""), text) for path, text in after.items()}

    def hollow(self, code: int) -> dict[str, TreeEntry | None]:
        """Return the production files of a change with nothing in what it brings, and data as it was before.

        A process that comes to it ends with this exit code, unless it is one of pytest.
        Nothing where a file that behaves otherwise cannot be read: then nobody can tell.
        """
        before, after = self.change.before.entries, self.change.after.entries
        data = [one.path for one in self.change.changes.production if one.effect is Effect.DATA]
        found: dict[str, TreeEntry | None] = {path: before.get(path) for path in data}
        texts = self.reader.texts(before, self.change.behaviour)
        for path, text in self.reader.texts(after, self.change.behaviour).items():
            emptied = hollow(texts.get(path, ""), text, code) if not after[path].is_link else None
            if emptied is None:
                return {}
            found[path] = TreeEntry(after[path].mode, self.reader.repository.stored(emptied.encode()))
        return found if self.change.behaviour else {}

    @property
    def helpers(self) -> frozenset[str]:
        """The modules of the tests, no tests and no conftest, that the change brings or alters."""
        return frozenset(path for path in self._beside_tests if not path.endswith("conftest.py"))

    @property
    def _beside_tests(self) -> tuple[str, ...]:
        before, after, layout = self.change.before.entries, self.change.after.entries, self.change.layout
        touched = (path for path, entry in after.items() if path.endswith(".py") and before.get(path) != entry)
        return tuple(path for path in touched if layout.is_test(path) and not layout.is_collected(path))

    def absent(self, *, asked: bool, helpers: bool) -> dict[str, TreeEntry | None]:
        """Return all but the tests and what configures pytest: of code modules that hold names alone, else no files.

        Helpers of the tests that the change brings or alters are code, too: they may be all that it is about.

        Args:
            asked: Whether what is asked fails; else it does nothing.
            helpers: Whether these stay all the same.
        """
        after, layout = self.change.after.entries, self.change.layout
        touched = frozenset() if helpers else self.helpers
        code = self.reader.texts(after, tuple(one.path for one in self.change.changes.production))
        module = self._stored(absent(code.values(), asked=asked))
        configuration = set(configuration_paths(after))

        def asks(path: str) -> bool:
            return path in configuration or (path.endswith(".py") and layout.is_test(path) and path not in touched)

        others = [path for path, entry in after.items() if not (entry.is_link or asks(path))]
        return {
            path: module if path.endswith(".py") and layout.side(path) is not Side.NEITHER else None for path in others
        }

    def configuring(self, paths: tuple[str, ...]) -> frozenset[str]:
        """Return those of some files whose text names what configures pytest, the build or the project."""
        after = self.change.after.entries
        names = {basename(path) for path in configuration_paths(after)}
        texts = self.reader.texts(after, paths)
        return frozenset(path for path, text in texts.items() if any(name in text for name in names))

    def apart(self, wanted: Wanted, *, before: bool) -> ClaimsApart:
        """Return some tests as they stand on a side of a change, once for each of some of their claims."""
        side = self.change.before if before else self.change.after
        paths = tuple(dict.fromkeys(file_of(test) for test in wanted))
        parted = {
            path: apart(path, text, wanted, self.change.layout)
            for path, text in self.reader.texts(side.entries, paths).items()
        }
        kept = {path: one for path, one in parted.items() if one.claims and not side.entries[path].is_link}
        return ClaimsApart(
            {path: self._stored(one.text) for path, one in kept.items()},
            {test: claim for one in kept.values() for test, claim in one.claims.items()},
        )

    def unasked(self) -> Unasked:
        """Return the helpers of tests that a change brings or alters, without what they do unasked."""
        after, (old, new) = self.change.after.entries, self._texts(self._beside_tests)
        contents, fills = dict[str, TreeEntry](), False
        for path, text in new.items():
            left = without_unasked(old.get(path, ""), text) if not after[path].is_link else None
            if left is not None:
                contents[path] = TreeEntry(after[path].mode, self.reader.repository.stored(left.text.encode()))
                fills = fills or left.fills
        return Unasked(contents, fills)

    def _texts(self, paths: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the texts of some files before and after."""
        before, after = self.change.before.entries, self.change.after.entries
        return self.reader.texts(before, paths), self.reader.texts(after, paths)

    def _stored(self, text: str) -> TreeEntry:
        return TreeEntry("100644", self.reader.repository.stored(text.encode()))


def _told(test: TestId, text: str, change: ReadChange) -> str:
    path, _, item = test.partition("::")
    module = change.layout.module_of(path) if path in change.changes.examples else None
    return text if module is None else examples_of(text, item, module) or ""
