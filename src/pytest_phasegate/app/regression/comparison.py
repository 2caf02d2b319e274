"""What became of the texts of accepted tests: whether they ask less than when they were accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.project.syntax import Unreadable
from pytest_phasegate.core.redgreen.change.test_module import read_versions
from pytest_phasegate.core.redgreen.change.weakening import mark_weakenings, weakenings
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.core.regression.comparison import Change, Rewritten, Texts
from pytest_phasegate.errors import RepositoryError

VERSIONS = 100  # commits of a file that are searched for an accepted text


def compared_texts(
    texts: TestTexts,
    baseline: Sequence[BaselineTest],
    collected: frozenset[TestId],
    renamed: Callable[[Sequence[BaselineTest]], Mapping[TestId, TestId]] | None = None,
) -> Texts:
    """Return the texts that a comparison with the baseline needs: new names too, where an accepted one is gone.

    Args:
        texts: What reads the project's tests.
        baseline: The accepted tests.
        collected: The tests that were collected.
        renamed: Tells what became of accepted tests that are gone.
    """
    known = {entry.test for entry in baseline}
    wanted = collected if known - collected else known & collected
    digests = texts.digests(sorted(wanted))
    changed = [one for one in baseline if one.digest and digests.get(one.test, one.digest) not in {one.digest, ""}]
    gone = [entry for entry in baseline if entry.test not in collected]
    names = renamed(gone) if renamed and gone else {}
    moved = [one for one in gone if one.test in names and digests.get(names[one.test], "") != one.digest]
    rewritten = {entry.test: _rewritten(texts, entry, names.get(entry.test)) for entry in (*changed, *moved)}
    return Texts(digests, rewritten, names)


def _rewritten(texts: TestTexts, entry: BaselineTest, became: TestId | None) -> Rewritten:
    """Compare the accepted text with the one that stands, under the name that the test has now."""
    path = file_of(entry.test)
    place, _, name = (became or entry.test).partition("::")
    accepted = _accepted(texts, entry, path)
    if not accepted:
        return Rewritten(Change.UNKNOWN)
    before, after = read_versions(path, accepted, texts.content_now(place), texts.layout)
    if isinstance(before, Unreadable) or isinstance(after, Unreadable):
        return Rewritten(Change.UNKNOWN)
    old, new = before.tests.get(entry.test), after.tests.get(TestId(f"{path}::{name}"))
    if old is None or new is None:
        return Rewritten(Change.UNKNOWN)
    losses = (
        *weakenings(old.claims, new.claims, helped=after.claims_reached(name, before)),
        *mark_weakenings(old.marks, new.marks, new.claims.words),
    )
    told = [loss.detail for loss in losses if not loss.conditional]
    return Rewritten(Change.WEAKER, "; ".join(told)) if told else Rewritten(Change.NOT_WEAKER)


def _accepted(texts: TestTexts, entry: BaselineTest, path: str) -> bytes:
    """Find the content of a file that held the accepted text, by its digest; nothing where history has none."""
    if texts.repository is None:
        return b""
    try:
        for sha in texts.repository.touching(texts.prefix + texts.ids + path)[:VERSIONS]:
            if texts.then(sha, path).get(entry.test) == entry.digest:
                return texts.content_then(sha, path)
    except RepositoryError:
        return b""
    return b""
