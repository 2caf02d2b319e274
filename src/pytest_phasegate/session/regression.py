"""The baseline held against this run."""

from __future__ import annotations

from functools import partial

from pytest_phasegate.app.mapping import renamed_acceptances
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.regression.comparison import Compared, Texts, compare
from pytest_phasegate.core.verdict.gate import Need
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.session.state import SessionState
from pytest_phasegate.wiring import records


class Comparing:
    """Answer what became of the accepted tests; the same for every guide, and compared once."""

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.compared: Compared | None = None
        state.providers[Need.BASELINE] = self.facts

    def facts(self, _guide: Guide) -> Compared:
        """Return the comparison.

        Raises:
            BaselineError: The baseline cannot be read.
            EvidenceError: There is no run to compare with.
        """
        if self.compared is None:
            self.compared = self._compare()
        return self.compared

    def _compare(self) -> Compared:
        state = self.state
        if state.observed is None:
            raise EvidenceError("no test run is recorded")
        reader = state.texts()
        baseline = records.accepted_tests(state.root, reader.repository)
        renamed = partial(renamed_acceptances, reader)
        texts = reader.compared(baseline, state.collected, renamed) if baseline else Texts()
        waivers = records.waived_tests(state.settings, (entry.test for entry in baseline))
        return compare(baseline, state.observed, texts, waivers)
