"""Judge one change by running its tests: what the plan asks for, and the whole suite where that proves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.app.replay import Replayed
from pytest_phasegate.core.footing import ground_of
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.judging import judge
from pytest_phasegate.core.redgreen.plan import Extent, plan, widened
from pytest_phasegate.core.redgreen.verdict import CommitRuling
from pytest_phasegate.core.replay import own_packages

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pytest_phasegate.app.changes import ReadChange
    from pytest_phasegate.app.replay import Replayer
    from pytest_phasegate.app.verify import Benches
    from pytest_phasegate.core.redgreen.intent import Intent
    from pytest_phasegate.core.redgreen.plan import ReplayPlan
    from pytest_phasegate.core.redgreen.verdict import CommitVerdict
    from pytest_phasegate.core.settings import RedGreenSettings


@dataclass(frozen=True, slots=True)
class ByReplay:
    """Replays a change and judges what it showed.

    Args:
        benches: Opens the place where tests run; it is left behind empty.
        settings: The project's rules.
        today: The date, ISO, against which waivers expire.
    """

    benches: Callable[[], AbstractContextManager[Benches]]
    settings: RedGreenSettings
    today: str

    def judge(self, change: ReadChange, intent: Intent) -> CommitVerdict:
        """Run the tests a change concerns and judge it.

        Raises:
            EvidenceError: There is no interpreter to run tests with, or a tree cannot be written.
        """
        with self.benches() as benches:
            replayer = benches.replayer(_packages(change))
            first = plan(change.changes, self.settings.policy)
            verdict = self._verdict(change, intent, first, replayer)
            unproved = verdict.verdict is CommitRuling.FAILED and not verdict.fail_to_pass_unchanged
            wider = widened(first, proved=not unproved or bool(verdict.fail_to_pass))
            return self._verdict(change, intent, wider, replayer) if wider else verdict

    def _verdict(self, change: ReadChange, intent: Intent, wanted: ReplayPlan, replayer: Replayer) -> CommitVerdict:
        runs = wanted.extent is not Extent.NOTHING
        replayed = replayer.carry_out(change, wanted) if runs or wanted.departed else Replayed()
        case = Case(
            change=change.changes,
            replay=replayed.replay if runs else None,
            lost=replayed.lost,
            failed_files=replayed.failed_files,
            intent=intent,
            policy=self.settings.policy,
            red=self.settings.red,
            departed=replayed.departed,
        )
        return judge(case, waivers=self.settings.waivers, today=self.today)


def _packages(change: ReadChange) -> frozenset[str]:
    view = change.after
    return own_packages(view.layout.module_of(path) for path in ground_of(view.entries, view.layout).production)
