"""One process that ran tests: what its probe saw, how it ended, and who is to blame where it did not end by itself."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_phasegate.core.evidence.outcomes import Outcome
from pytest_phasegate.core.evidence.probe_records import ProbedRun, read_records

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_phasegate.adapters.child.process import Ended
    from pytest_phasegate.adapters.child.step import Step
    from pytest_phasegate.app.ports.runner import RunOrder

_MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a probe saw, how its process ended, and the last words on its console."""

    run: ProbedRun
    ended: Ended
    words: str
    hung: bool = False

    @property
    def started(self) -> bool:
        """Whether pytest came as far as to load the probe."""
        return self.run.pytest_version != ""

    @property
    def cut_short(self) -> bool:
        """Whether the process ended before pytest did: killed, crashed, or left by ``os._exit``."""
        return self.started and not self.run.finished and self.run.aborted is None

    @property
    def is_only_long(self) -> bool:
        """Whether the run was ended for its length, with tests still coming to their ends: nobody is to blame."""
        return self.ended.timed_out and not self.hung

    def blamed(self) -> ProbedRun:
        """Return the run with the case it died in marked: hung if time limit reached, crashed otherwise."""
        if not self.cut_short or self.is_only_long:
            return self.run
        cases = tuple(
            replace(case, outcome=Outcome.FAILED if self.hung else Outcome.ERROR, hung=self.hung, crashed=not self.hung)
            if case.node_id == self.run.running
            else case
            for case in self.run.cases
        )
        return replace(self.run, cases=cases)

    def explained(self, order: RunOrder) -> ProbedRun:
        """Add to the trouble how the process ended and, unless it only took too long, what it said last."""
        run, code = self.run, self.ended.exit_code
        if not run.trouble:
            return run
        if self.is_only_long:
            return replace(run, trouble=f"{run.trouble} ({too_short(order)})")
        how = "time limit reached" if self.ended.timed_out else f"signal {-code}" if code < 0 else f"exit code {code}"
        said = f": {self.words}" if self.words and run.aborted is None else ""
        return replace(run, trouble=f"{run.trouble} ({how}){said}")


def read_attempt(step: Step, ended: Ended, order: RunOrder) -> Attempt:
    """Read what the process of an order left in its step's directory."""
    run = read_records(step.records.read_text(encoding="ascii", errors="replace"))
    hung = ended.timed_out and ended.idle >= order.hanging
    return Attempt(replace(run, seconds=ended.seconds), ended, _last_words(step.console), hung)


def too_short(order: RunOrder) -> str:
    """Say that the time limit was, and what helps: evidence of a run that has no limit, or a longer one."""
    helps = "raise red_green.timeout, or run the tests yourself on this content before you commit it"
    return f"{order.longest:g} seconds were not enough: {helps}"


def _last_words(console: Path) -> str:
    """Return the end of what the child printed: for people to read, never to judge by."""
    with console.open("rb") as stream:
        stream.seek(max(0, console.stat().st_size - 4096))
        text = stream.read().decode(sys.getdefaultencoding(), "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-_MOST_LINES:])
