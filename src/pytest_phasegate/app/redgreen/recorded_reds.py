"""The reds that the ledger holds of a change's tests: which of them count, and which stand for the code before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.lookup import Recalled
from pytest_phasegate.core.evidence.grading import Additions, Moment, counts_as_red, grade, needs_confirming
from pytest_phasegate.core.evidence.outcomes import Grade, TestId
from pytest_phasegate.core.evidence.runs import Red, Sighting, TestVersion
from pytest_phasegate.core.project.settings import RedGreenSettings


@dataclass
class SeenReds:
    """The reds of one change; the ledger is asked only by ``remember``, and about a snapshot once."""

    recalled: Recalled
    settings: RedGreenSettings
    _known: dict[tuple[TestId, str], list[Sighting]] = field(default_factory=dict)

    @property
    def change(self) -> ReadChange:
        """What is asked about."""
        return self.recalled.change

    def remember(self, versions: Iterable[TestVersion]) -> None:
        """Take in every red of these tests at these digests."""
        for sighting in self.recalled.ledger.reds(version.digest for version in versions):
            test = sighting.red.test
            self._known.setdefault((test.id, test.digest), []).append(sighting)

    def of(self, version: TestVersion, *, here: bool = False) -> list[Sighting]:
        """Return the reds of a test at its digest: on the staged content, or those that count on any other code."""
        found = self._known.get((version.id, version.digest), ())
        if here:
            return [one for one in found if self._is_here(one) and self._stood_alike(one, version)]
        counted = (one for one in found if counts_as_red(self.grade_of(one.red), self.settings.red))
        return [one for one in counted if not self._is_here(one)]

    def proving(self, version: TestVersion) -> list[Sighting]:
        """Return the reds that stand for the code before; a single one that may be chance is none."""
        found = [
            one
            for one in self.of(version)
            if self._stood_alike(one, version) and self._shows_before(one) and not self._was_dragged_along(one)
        ]
        doubtful = all(needs_confirming(one.red.raised, self.grade_of(one.red)) for one in found)
        return [] if doubtful and len(found) == 1 else found

    def grade_of(self, red: Red) -> Grade:
        """Grade a red again, now that the change is known."""
        if red.raised is None or red.moment is None:
            return red.grade
        return grade(red.raised, red.moment, self._additions)

    def _is_here(self, sighting: Sighting) -> bool:
        return sighting.run.production == self.recalled.production

    def _stood_alike(self, sighting: Sighting, version: TestVersion) -> bool:
        """Whether a red was seen beside the helpers, the data and the configuration that are staged."""
        return sighting.red.test.helpers == version.helpers and self.recalled.has_tests_after(sighting.run)

    def _shows_before(self, sighting: Sighting) -> bool:
        """Whether a red was seen on the code before, and it is the staged code alone that turned the test green."""
        run = sighting.run
        return self.recalled.stood_on_before(run) and self.recalled.is_explained(run, sighting.red.test)

    def _was_dragged_along(self, sighting: Sighting) -> bool:
        """Whether a test that does not change was red only since its file, which does, could not be imported."""
        test = sighting.red.test.id
        path = test.partition("::")[0]
        stays = self.change.before.entries.get(path) == self.change.after.entries.get(path)
        own = stays or bool(self.change.changes.shared) or test in self.change.changes.concerned
        return sighting.red.moment is Moment.COLLECT and not own

    @cached_property
    def _additions(self) -> Additions:
        """What the change adds; where it leaves production alone, the code to come may add anything."""
        changes, layout = self.change.changes, self.change.layout
        sides = (self.recalled.ground(self.change.before), self.recalled.ground(self.change.after))
        added = changes.added
        return Additions(
            packages=layout.packages_of(path for ground in sides for path in ground.production),
            names=added.names | added.parameters | added.callables if changes.changes_behaviour else None,
            paths=frozenset(change.path for change in changes.production),
        )
