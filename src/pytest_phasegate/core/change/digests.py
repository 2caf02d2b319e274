"""The tests of one file with their digests alone: what a run records, in a third of the time of a full reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.change.reading import digest_of, is_test
from pytest_phasegate.core.change.scope import entries_of, shell
from pytest_phasegate.core.change.syntax import Unreadable, digest, dump, parse
from pytest_phasegate.core.evidence import TestId
from pytest_phasegate.core.recorded import TestVersion

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from pytest_phasegate.core.change.scope import Entry
    from pytest_phasegate.core.paths import Layout


def test_versions(path: str, source: bytes, layout: Layout) -> tuple[TestVersion, ...]:
    """Return every test function of a file at its content, in the order of the text; of an unreadable file, none.

    The digests are those of ``read_tests``; ``helpers`` is one digest of everything else in the file.
    """
    tree = parse(path, source)
    if isinstance(tree, Unreadable):
        return ()
    try:
        return _versions(path, tree, layout)
    except RecursionError:
        return ()


def _versions(path: str, tree: ast.Module, layout: Layout) -> tuple[TestVersion, ...]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries_of(tree):
        groups.setdefault(entry.name, []).append(entry)
    tests = {name: group for name, group in groups.items() if is_test(group[-1], layout)}
    helpers = _helpers(group for name, group in groups.items() if name not in tests)
    return tuple(TestVersion(TestId(f"{path}::{name}"), digest_of(group), helpers) for name, group in tests.items())


def _helpers(groups: Iterable[list[Entry]]) -> str:
    """Digest definitions by name, so that their order and that of the imports does not count."""
    written = (
        f"{entry.name} {dump(shell(entry.node))} {' '.join(entry.conditions)}" for group in groups for entry in group
    )
    return digest(*sorted(written))


test_versions.__test__ = False  # type: ignore[attr-defined]
