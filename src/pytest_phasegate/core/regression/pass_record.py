"""A phase that passed: the tests that would be accepted with it, and the content they passed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.phase_run import RAN_GREEN, PhaseRun
from pytest_phasegate.core.regression.baseline import BaselineTest, phase_key


@dataclass(frozen=True, slots=True)
class Passing:
    """What a phase had when its tests last passed; ``tree`` is what ``Repository.content_tree`` answered then."""

    guide: str
    phase: str
    tree: str
    tests: tuple[BaselineTest, ...]


def accepted_with(
    ref: PhaseRef, guide: Guide, guides: Sequence[Guide], observed: PhaseRun, digests: Mapping[TestId, str]
) -> Iterator[BaselineTest]:
    """Yield the tests of a phase that ran and passed, and were not flaky: these can be lost."""
    key = phase_key(guide, ref.phase, guides)
    own = observed.test_map.own_tests(ref)
    for test in observed.tests(ref):
        if test in own and observed.outcomes[test] in RAN_GREEN and test not in observed.flaky:
            yield BaselineTest(test, key, len(observed.cases[test]), digests.get(test, ""))
