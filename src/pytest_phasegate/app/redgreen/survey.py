"""What is read of the commits of a range before the first is judged: only the others tell it of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.paths import ChangeKind, Side
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.verdict import intent_of

_MOST_KEPT = 50  # commits of a range that are not read twice: each holds the names of all files


@dataclass(slots=True)
class Survey:
    """Reads the commits of a range.

    ``last_merge`` is the one that is run for what met in it, though it brings nothing of its own; ``asking`` are the
    commits that take a replay, ``left_red`` says by commit which tests earlier ones may have left red, and ``packages``
    are the import names of the project's code where the range ends.
    """

    reader: ChangeReader
    last_merge: str = ""
    end: str = ""
    packages: frozenset[str] = frozenset()
    asking: set[str] = field(default_factory=set)
    kinds: dict[str, ChangeKind] = field(default_factory=dict)
    left_red: dict[str, tuple[TestId, ...]] = field(default_factory=dict)
    _trees: dict[str, str] = field(default_factory=dict)
    _known: dict[str, ReadChange] = field(default_factory=dict)

    def read(self, commits: Sequence[Commit], on_read: Callable[[int, int], None]) -> None:
        """Read them in their order; what was read until somebody ends it is known."""
        self._trees = {commit.sha: commit.tree for commit in commits}
        self.last_merge = next((commit.sha for commit in reversed(commits) if commit.is_merge), "")
        self.asking.update(filter(None, [self.last_merge]))
        waiting: dict[TestId, None] = {}
        for number, commit in enumerate(commits, 1):
            on_read(number, len(commits))
            self.left_red[commit.sha] = tuple(waiting)
            self.kinds[commit.sha] = ChangeKind.MERGE
            if not commit.is_merge:
                read = self.reader.between(self.before(commit), commit.tree)
                self._known |= {commit.sha: read} if len(commits) <= _MOST_KEPT else {}
                self.kinds[commit.sha] = read.changes.kind
                self.asking.update([commit.sha] if Case(read.changes).asks else ())
                if not read.changes.changes_behaviour:
                    waiting.update(dict.fromkeys(test.id for test in read.changes.targets))
        if commits:
            self.end = commits[-1].tree
            view = self.reader.view(self.end)
            code = (path for path in view.entries if path.endswith(".py"))
            self.packages = view.layout.names_of(path for path in code if view.layout.side(path) is Side.PRODUCTION)

    def before(self, commit: Commit) -> str:
        """Return the tree that a commit starts from; by its id where it is known, so that no tree is read twice."""
        parent = commit.parents[0] if commit.parents else self.reader.repository.empty_tree()
        return self._trees.get(parent, parent)

    def change(self, commit: Commit, reader: ChangeReader) -> ReadChange:
        """Return what a commit changes; a worker's own reader reads what is not known."""
        if commit.is_merge:
            merged = reader.merged(commit.parents, commit.tree)
            return merged.as_last_merge if commit.sha == self.last_merge else merged
        known, reverted = self._known.get(commit.sha), intent_of(commit.message).reverts
        return known if known and not reverted else reader.between(self.before(commit), commit.tree, reverted=reverted)

    def whole(self, start: str, last: Commit, reader: ChangeReader) -> ReadChange:
        """Return the range as one change; one commit that is all of it is known."""
        known = self._known.get(last.sha) if self.before(last) == start else None  # of a merge there is none
        return known or reader.between(start, last.tree)
