"""Put down what a run observed: each test at its content, beside the production code the run stood on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pytest_phasegate.app.ports.evidence import Ledger
from pytest_phasegate.app.ports.repository import Stamp, WorkTree
from pytest_phasegate.core.evidence import runs
from pytest_phasegate.core.evidence.observations import Observed, fold
from pytest_phasegate.core.evidence.outcomes import Additions, TestId, file_of
from pytest_phasegate.core.project.layout import configuration_paths, find_layout
from pytest_phasegate.core.project.paths import Layout, Side
from pytest_phasegate.core.project.settings import Settings

_UNKNOWN = "-"  # stands for the content of a file that was touched during the run: no commit has a file of this id


class Footing(NamedTuple):
    """What a run stands on, as it was before the first test was collected.

    ``stamps`` tell later whether one of its files was touched; ``surroundings`` is a digest of all that is no file.
    """

    layout: Layout
    stamps: Mapping[str, Stamp]
    ground: runs.Ground
    surroundings: str = ""

    @property
    def packages(self) -> frozenset[str]:
        """The top-level import names of the production code."""
        names = (self.layout.module_of(path) or "" for path in self.ground.production)
        return frozenset(name.partition(".")[0] for name in names) - {""}


def begin(files: WorkTree, settings: Settings, surroundings: str = "") -> Footing:
    """Look at the project before anything of it is imported."""
    paths = files.paths()
    stamps = files.stamps(paths)
    present = [path for path in paths if path in stamps]
    texts = {path: _text(files.read(path)) for path in configuration_paths(present)}
    named = settings.seen_from_top(files.place)
    layout = find_layout(present, texts, source=named.source, tests=named.tests)
    return Footing(layout, stamps, runs.ground_of(present, layout), surroundings)


def record(footing: Footing, files: WorkTree, ledger: Ledger, observed: Observed) -> str:
    """Append a run to the ledger, unless what it stood on was touched while it ran: then it shows nothing.

    Returns:
        A sentence for the user where a damaged ledger was set aside; else nothing.

    Raises:
        LedgerError: The ledger cannot be used; nothing of the run is recorded.
    """
    ground = footing.ground
    stood_on = (*ground.production, *ground.rest)
    tested = sorted(_tested(observed) & ground.modules)
    touched = _touched(footing, files, stood_on)
    if not tested or any(_is_code(path, footing.layout) for path in touched.difference(ground.collected)):
        return ""
    blobs = {
        path: _UNKNOWN if path in touched else runs.blob_id(files.read(path), files.object_format) for path in stood_on
    }
    settled = {path: blobs[path] for path in tested if path not in touched}
    versions, fresh = _versions(footing.layout, files, ledger, settled)
    folded = fold(observed, versions, Additions(packages=footing.packages), settled)
    ignored = files.ignored()
    hidden = _hidden(ground.modules - touched, files, ignored) if folded.reds else {}
    around = f"{runs.snapshot_digest(dict.fromkeys(ignored, ''))}{footing.surroundings}" if footing.surroundings else ""
    return ledger.record(
        runs.RecordedRun(
            at=observed.at,
            production={path: blobs[path] for path in ground.production},
            support={path: blobs[path] for path in ground.rest} | hidden | {runs.SURROUNDINGS: around},
            plain=folded.plain,
            reds=folded.reds,
            partial=observed.run.partial,
            incomplete=observed.run.incomplete or folded.unheld,
            modules=fresh,
        )
    )


def _hidden(modules: frozenset[str], files: WorkTree, ignored: Sequence[str]) -> dict[str, str]:
    """Return the ignored files that modules of the tests name: a red may hang on what no commit holds."""
    named = {path: path.rpartition("/")[2].removesuffix(".py") for path in ignored if not path.endswith("/")}
    said = "\n".join(_text(files.read(path)) for path in modules) if named else ""
    asked = [path for path, name in named.items() if name in said and _stands_alone(name, said)]
    return {path: runs.blob_id(files.read(path), files.object_format) for path in asked}


def _stands_alone(name: str, text: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def _is_code(path: str, layout: Layout) -> bool:
    """Whether a file is of one of the two sides, of which a run must not see two states."""
    return layout.side(path) is not Side.NEITHER or path in configuration_paths([path])


def _tested(observed: Observed) -> set[str]:
    """Return the test files this run tells something about, from the repository's top."""
    files = {file_of(case.test) for case in observed.run.cases}
    return {f"{observed.prefix}{path}" for path in (*files, *observed.uncollected)}


def _touched(footing: Footing, files: WorkTree, paths: Sequence[str]) -> frozenset[str]:
    now = files.stamps(paths)
    return frozenset(path for path in paths if now.get(path) != footing.stamps.get(path))


def _versions(
    layout: Layout, files: WorkTree, ledger: Ledger, blobs: Mapping[str, str]
) -> tuple[dict[TestId, runs.TestVersion], tuple[runs.ModuleDigests, ...]]:
    """Return each test of these files at its content, and what had to be read because the ledger did not know it."""
    keys = {path: runs.digest_key(blob, layout) for path, blob in blobs.items()}
    known = ledger.modules(keys)
    unknown = ((path, key) for path, key in keys.items() if path not in known)
    fresh = tuple(runs.ModuleDigests(path, key, _digested(path, files, layout)) for path, key in unknown)
    found = [*known.values(), *(module.tests for module in fresh)]
    return {test.id: test for tests in found for test in tests}, fresh


def _digested(path: str, files: WorkTree, layout: Layout) -> tuple[runs.TestVersion, ...]:
    from pytest_phasegate.core.redgreen.change.digests import test_versions

    return test_versions(path, files.read(path), layout)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
