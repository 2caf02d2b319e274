"""Read a change: contents of files before and after in, a ``ChangeSet`` out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_phasegate.core.project.paths import ChangeKind, Layout, Side
from pytest_phasegate.core.project.pytest_options import CONFIGURATION_FILES, decides_what_runs
from pytest_phasegate.core.project.syntax import FUNCTIONS, Unreadable, dump, parse
from pytest_phasegate.core.redgreen.change.behaviour import Effect, effect_of
from pytest_phasegate.core.redgreen.change.changeset import (
    ChangeSet,
    FileVersions,
    HelperChange,
    ProductionChange,
)
from pytest_phasegate.core.redgreen.change.definitions import speaks_below, waits_to_be_named
from pytest_phasegate.core.redgreen.change.examples import PROMPT, examples
from pytest_phasegate.core.redgreen.change.merging import by_module
from pytest_phasegate.core.redgreen.change.names import (
    Names,
    added,
    interface_of,
    may_replace,
    parameters_gained,
    removed,
    united,
)
from pytest_phasegate.core.redgreen.change.pythons import new_branches
from pytest_phasegate.core.redgreen.change.test_changes import changed_tests
from pytest_phasegate.core.redgreen.change.test_module import Helper, TestModule, read_versions
from pytest_phasegate.core.redgreen.change.weakening import Weakening, weakenings

Mentions = Callable[[Collection[str]], bool]
"""Tells whether any module before a change, or its configuration, holds one of some words."""


def read_change(
    files: Iterable[FileVersions],
    layout: Layout,
    *,
    merge: bool = False,
    restored: Collection[str] = (),
    mentions: Mentions = lambda _: False,
) -> ChangeSet:
    """Read the files that differ between two trees.

    Args:
        files: Every path that differs, with both contents; symbolic links and submodules as they are stored.
        layout: The layout that knows both trees (``Layout.united``).
        merge: Whether the change is what a merge differs from every parent in.
        restored: Paths that a revert brings back to earlier content: of their tests nothing is asked, and their
            production code is inert by its looks.
        mentions: Whether any module before the change, or its configuration, holds one of some words.
    """
    files = tuple(files)
    sides: dict[Side, list[FileVersions]] = {side: [] for side in Side}
    for file in files:
        sides[layout.side(file.path)].append(file)
    files_of_code = by_module(sides[Side.PRODUCTION], layout)
    production = [_Production.of(file, layout, restored, mentions) for file in files_of_code]
    tests = [_Tests.of(file, layout, mentions) for file in sides[Side.TEST] if file.path not in restored]
    data = [ProductionChange(file.path, file.action, _of_data(file)) for file in files if layout.is_data(file.path)]
    removed, brought = united(part.removed for part in production), united(part.added for part in production)
    facts = [*(part.unreadable for part in production), *(part.unreadable for part in tests)]
    read = ChangeSet(
        kind=ChangeKind.MERGE if merge else _kind(sides),
        tests=changed_tests([(part.before, part.after) for part in tests], removed.all),
        helpers=tuple(change for part in tests for change in part.helpers()),
        production=(*(part.change for part in production), *data),
        added=brought,
        removed=removed,
        unreadable=tuple(filter(None, facts)),
        restored=tuple(sorted(restored)),
        unexampled=tuple(file.path for file in files if file.after is not None and PROMPT.encode() not in file.after),
    )
    return _deciding(_showing(read, sides, tests, layout, mentions), files, tests, layout, mentions)


def _showing(
    read: ChangeSet,
    sides: Mapping[Side, Sequence[FileVersions]],
    tests: Sequence[_Tests],
    layout: Layout,
    mentions: Mentions,
) -> ChangeSet:
    """Return a change with what its tests may hang on beside their text: shared files, examples, what is replaced."""
    beside = sides[Side.NEITHER] if sides[Side.PRODUCTION] else ()
    shown = [file.path for file in beside if _shows_others(file, mentions)]
    runs = any(one.effect not in _SAID_ALONE for one in read.production)
    code = (file for file in sides[Side.PRODUCTION] if runs and layout.is_looked_into(file.path))
    stood = (file.path for file in sides[Side.TEST] if b"def test" in (file.before or b""))
    return read._replace(
        others=tuple(file.path for file in sides[Side.NEITHER]),
        modules=tuple(part.path for part in tests if part.is_module),
        run_otherwise=tuple(path for path in stood if not layout.is_collected(path)),
        replacing=tuple(file.path for file in sides[Side.TEST] if may_replace(file.after or b"", read.added)),
        shared=(*(part.path for part in tests if part.is_shared), *shown),
        standing=(*(part.path for part in tests if part.is_shared and not part.is_new_data), *shown),
        examples=tuple(file.path for file in code if file.after is not None and _shows_others(file, mentions)),
    )


def _deciding(
    read: ChangeSet, files: Sequence[FileVersions], tests: Sequence[_Tests], layout: Layout, mentions: Mentions
) -> ChangeSet:
    """Return a change with the files that decide which tests run, and of which of them their place tells for which."""
    configuring = (file.path for file in files if decides_what_runs(file.path, file.before, file.after))
    deciding = sorted({*(part.path for part in tests if part.decides(mentions)), *configuring})
    conftests = [path for path in deciding if path.rpartition("/")[2] == _CONFTEST]
    below = tuple(file.path for file in files if file.path in conftests and _speaks_below(file))
    return read._replace(
        configuration=tuple(path for path in read.others if path.rpartition("/")[2] in _BUILD),
        deciding=tuple(deciding),
        below=below,
        started_with=tuple(path for path in conftests if len(layout.run_roots) > 1 and path not in below),
    )


def _speaks_below(file: FileVersions) -> bool:
    before, after = (parse(file.path, text or b"") for text in (file.before, file.after))
    if isinstance(before, Unreadable) or isinstance(after, Unreadable):
        return False
    return speaks_below(before, after)


def _shows_others(file: FileVersions, mentions: Mentions) -> bool:
    """Whether a text whose examples may be tests had some before, and has others."""
    old, new = (examples(file.path, text or b"") for text in (file.before, file.after))
    return bool(old) and old != new and mentions(_IN_MODULES if file.path.endswith(".py") else _IN_DOCUMENTS)


def _of_data(file: FileVersions) -> Effect:
    """Tell a stub of which only comments or formatting differ from what code may read as it runs."""
    if not file.path.endswith(".pyi") or file.before is None or file.after is None:
        return Effect.DATA
    before, after = (parse(file.path, text) for text in (file.before, file.after))
    if isinstance(before, Unreadable) or isinstance(after, Unreadable) or dump(before) != dump(after):
        return Effect.DATA
    return Effect.COSMETIC


_SAID_ALONE = {Effect.DOCSTRINGS, Effect.COSMETIC}
_READERS = ("__doc__", "getdoc", "doctest")
_IN_MODULES, _IN_DOCUMENTS = ("doctest", "doctestmodules"), ("doctest-glob", "doctestglob")
_PACKAGE, _CONFTEST = "__init__.py", "conftest.py"


def _kind(sides: Mapping[Side, Sequence[FileVersions]]) -> ChangeKind:
    if sides[Side.PRODUCTION]:
        return ChangeKind.TEST_AND_CODE if sides[Side.TEST] else ChangeKind.CODE_ONLY
    return ChangeKind.TEST_ONLY if sides[Side.TEST] else ChangeKind.NEITHER


_BUILD = frozenset({"setup.py", _CONFTEST, *CONFIGURATION_FILES})


class _Production(NamedTuple):
    """A production file that differs, read."""

    change: ProductionChange
    added: Names
    removed: Names
    unreadable: Unreadable | None

    @classmethod
    def of(cls, file: FileVersions, layout: Layout, restored: Collection[str], mentions: Mentions) -> _Production:
        """Read both versions; what cannot be read may behave in any way."""
        if file.path in restored:
            return cls(ProductionChange(file.path, file.action, Effect.RESTORED), Names(), Names(), None)
        before, after = (parse(file.path, source or b"") for source in (file.before, file.after))
        module = frozenset({layout.module_of(file.path) or ""} - {""})
        if isinstance(before, Unreadable) or isinstance(after, Unreadable):
            fact = after if isinstance(after, Unreadable) else None
            return cls(ProductionChange(file.path, file.action, Effect.BEHAVIOUR), Names(), Names(), fact)
        one, other = interface_of(before), interface_of(after)
        versions = (before, file.before or b""), (after, file.after or b"")
        package = file.path.endswith(_PACKAGE)
        effect = effect_of(*versions, is_package=package, reads_docstrings=lambda: mentions(_READERS))
        return cls(
            change=ProductionChange(file.path, file.action, effect, new_branches(before, after)),
            added=added(one, other)._replace(modules=module if file.before is None else frozenset()),
            removed=removed(one, other)._replace(modules=module if file.after is None else frozenset()),
            unreadable=None,
        )


class _Tests(NamedTuple):
    """A file of the test side that differs, read as far as it is Python."""

    path: str
    before: TestModule
    after: TestModule
    unreadable: Unreadable | None
    is_shared: bool
    is_module: bool = False
    is_new_data: bool = False

    @classmethod
    def of(cls, file: FileVersions, layout: Layout, mentions: Mentions) -> _Tests:
        """Read both versions; one that is absent, unreadable or no Python holds nothing."""
        nothing = TestModule(file.path, {}, {})
        if not file.path.endswith(".py"):
            return cls(file.path, nothing, nothing, None, is_shared=True, is_new_data=file.before is None)
        before, after = read_versions(file.path, file.before or b"", file.after or b"", layout)
        if (isinstance(before, Unreadable) or isinstance(after, Unreadable)) and _is_sample(file.path, layout):
            return cls(file.path, nothing, nothing, None, is_shared=True)
        old = nothing if isinstance(before, Unreadable) else before
        new = nothing if isinstance(after, Unreadable) else after
        shared = not layout.is_collected(file.path) and _digests(old) != _digests(new)
        shared = shared or _shows_others(file, mentions)
        fact = after if isinstance(after, Unreadable) else None
        stays = layout.is_collected(file.path) and file.before is not None and file.after is not None
        return cls(
            file.path, old, new, fact, shared and not _waits_to_be_asked_for(file, new),
            is_module=stays and _digests(old) != _digests(new),
        )  # fmt: skip

    def decides(self, mentions: Mentions) -> bool:
        """Whether the file may decide which tests run and how they end: a conftest, or one with hooks of pytest.

        A conftest that only gets fixtures which no test before it names decides nothing.
        """
        hooks = (name for module in (self.before, self.after) for name in module.helpers if name.startswith("pytest_"))
        if not self.is_shared or self.path.rpartition("/")[2] != _CONFTEST:
            return self.is_shared and any(hooks)
        fresh = self._fresh()
        return fresh is None or (bool(fresh) and mentions(fresh))

    def _fresh(self) -> tuple[str, ...] | None:
        """Return the names of what came in, if only fixtures to be asked for, functions and harmless imports did."""
        differing = self._differing()
        nodes = {entry.name: entry.node for entry in self.after.entries if entry.name in differing}
        fresh = self.before.helpers.keys().isdisjoint(differing)
        if self.after.tests or not fresh or not all(map(waits_to_be_named, nodes.values())):
            return None
        return tuple(name for name, node in nodes.items() if isinstance(node, FUNCTIONS))

    def helpers(self) -> Iterator[HelperChange]:
        """Yield the helpers that differ, with the tests that reach them."""
        names = self._differing()
        support = self.after.support() if names else {}
        for name in names:
            tests = tuple(test for test, reached in support.items() if name in reached)
            losses = self._weakened(self.before.helpers.get(name), self.after.helpers.get(name))
            yield HelperChange(f"{self.path}::{name}", tests, losses, self._gains(name))

    def _gains(self, name: str) -> frozenset[str] | None:
        if name not in self.before.helpers:
            return frozenset(name.split("::") if "::" in name else ())
        sides = ([one.node for one in side.entries if one.name == name] for side in (self.before, self.after))
        old, new = ([*nodes, None][0] for nodes in sides)
        return parameters_gained(old, new) if isinstance(old, FUNCTIONS) and isinstance(new, FUNCTIONS) else None

    def _differing(self) -> list[str]:
        """Return the names of the helpers that differ."""
        sides = self.before.helpers, self.after.helpers
        old, new = ({name: helper.digest for name, helper in side.items()} for side in sides)
        return [name for name in {**old, **new} if old.get(name) != new.get(name)]

    def _weakened(self, before: Helper | None, after: Helper | None) -> tuple[Weakening, ...]:
        if before is None or after is None or before.claims is None or after.claims is None:
            return ()
        return weakenings(before.claims, after.claims, helped=self.after.claims_reached(after.name, self.before))


def _is_sample(path: str, layout: Layout) -> bool:
    """Whether a file of the test side is none that pytest imports: what no parser reads there is data."""
    return not layout.is_collected(path) and path.rpartition("/")[2] != _CONFTEST


def _waits_to_be_asked_for(file: FileVersions, module: TestModule) -> bool:
    """Whether a helper module is new, so that a test has to change to use it; some are asked for by themselves."""
    by_itself = file.path.rpartition("/")[2] in {_CONFTEST, _PACKAGE}
    return file.before is None and not by_itself and not module.tests


def _digests(module: TestModule) -> list[str]:
    return [*(test.digest for test in module.tests.values()), *(helper.digest for helper in module.helpers.values())]
