"""The baseline held against a run: which accepted tests are not as they were accepted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import RED, Outcome, TestId, file_of
from pytest_phasegate.core.mapping.phase_run import PhaseRun
from pytest_phasegate.core.project.paths import matches
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.core.verdict.gate import Fact, Need
from pytest_phasegate.core.verdict.report import Kind, Regression


@dataclass(frozen=True, slots=True)
class Compared(Fact):
    """What the comparison came to.

    ``judged`` counts the accepted tests it could say anything of, ``doubtful`` those of which it cannot tell whether
    they were weakened. ``waived`` are regressions that somebody took on, with the reason.
    """

    need = Need.BASELINE
    total: int
    judged: int
    regressions: tuple[Regression, ...] = ()
    renamed: tuple[Regression, ...] = ()
    waived: tuple[tuple[Regression, str], ...] = ()
    doubtful: tuple[TestId, ...] = ()
    incomplete: str = ""

    @property
    def broken(self) -> tuple[Regression, ...]:
        """The regressions for certain: what passed when it was run again is flaky, of which nobody can tell."""
        return tuple(one for one in self.regressions if one.kind is not Kind.FLAKY)


class Texts(NamedTuple):
    """The texts of the tests as they stand: their digests by test, and what those that changed ask less.

    That is empty where they ask no less, and ``None`` where the accepted text is nowhere to be found. ``renamed`` are
    the accepted tests that history shows to go by another name.
    """

    digests: Mapping[TestId, str] = MappingProxyType({})
    less: Mapping[TestId, str | None] = MappingProxyType({})
    renamed: Mapping[TestId, TestId] = MappingProxyType({})


def compare(
    baseline: Sequence[BaselineTest], observed: PhaseRun, texts: Texts, waivers: Mapping[TestId, str]
) -> Compared:
    """Hold every accepted test against the run.

    A test that was collected and left out by the selection of phases is not judged. One that was not collected at all,
    or that the project's own configuration deselects, is *removed* only after a run that was neither narrowed nor
    incomplete, and only if no new test has its text.

    Args:
        baseline: The accepted tests.
        observed: The run.
        texts: The texts of the tests as they stand.
        waivers: Tests somebody took on, with the reason.
    """
    look = _Look(baseline, observed, texts)
    found = [regression for entry in baseline if (regression := look.judge(entry))]
    lost = [regression for regression in found if regression.kind is not Kind.RENAMED]
    return Compared(
        total=len(baseline),
        judged=len(look.judged),
        regressions=tuple(one for one in lost if one.test not in waivers),
        renamed=tuple(one for one in found if one.kind is Kind.RENAMED),
        waived=tuple((one, waivers[one.test]) for one in lost if one.test in waivers),
        doubtful=tuple(look.doubtful),
        incomplete=observed.run.incomplete,
    )


def waived_tests(waivers: Iterable[Waiver], tests: Iterable[TestId], today: str) -> dict[TestId, str]:
    """Return the tests that a waiver names (by a glob of the id or of the file) which is still valid, with its reason.

    Args:
        waivers: The configured waivers.
        tests: The accepted tests.
        today: The date, as ``2030-12-31``; a waiver holds up to and including its own.
    """
    valid = [waiver for waiver in waivers if waiver.expires >= today]
    return {
        test: waiver.reason
        for test in tests
        for waiver in valid
        if matches(waiver.match, test) or matches(waiver.match, file_of(test))
    }


class _Look:
    def __init__(self, baseline: Sequence[BaselineTest], observed: PhaseRun, texts: Texts) -> None:
        self.observed = observed
        self.texts = texts
        self.judged: set[TestId] = set()
        self.doubtful: list[TestId] = []
        known = {entry.test for entry in baseline}
        self.newcomers: dict[str, list[TestId]] = defaultdict(list)
        for test in sorted(texts.digests.keys() - known):
            self.newcomers[texts.digests[test]].append(test)

    def judge(self, entry: BaselineTest) -> Regression | None:
        """Return what is wrong with one accepted test, or ``None``."""
        if entry.test in self.observed.outcomes:
            self.judged.add(entry.test)
            return self._ended(entry, entry.test) or self._text(entry)
        if entry.test in self.observed.run.filtered:
            return self._removed(entry, "deselected by the project's addopts")
        if entry.test in self.observed.run.collected or self._is_unread(entry):
            return None
        return self._gone(entry)

    def _is_unread(self, entry: BaselineTest) -> bool:
        """Whether the file of an accepted test was not collected, since the run was about other phases."""
        confined = self.observed.run.confined
        return confined is not None and file_of(entry.test) not in confined

    def _gone(self, entry: BaselineTest) -> Regression | None:
        name = self._name_now(entry)
        if name is None:
            return self._removed(entry, "no longer collected")
        self.judged.add(entry.test)
        rewritten = None if self.texts.digests.get(name) == entry.digest else self._text(entry, name)
        return self._ended(entry, name) or rewritten or Regression(entry.test, entry.phase, Kind.RENAMED, f"now {name}")

    def _name_now(self, entry: BaselineTest) -> TestId | None:
        """Return what a test is called now; a new test answers for one lost test, not for two of the same text."""
        known = self.texts.renamed.get(entry.test)
        same = self.newcomers[entry.digest] if entry.digest else []
        if known is not None:
            others = self.newcomers[self.texts.digests.get(known, "")]
            for names in (same, others):
                if known in names:
                    names.remove(known)
                    return known
        found = next((one for one in same if not self._is_declared_by_another(one, entry)), None)
        if found is not None:
            same.remove(found)
        return found

    def _is_declared_by_another(self, test: TestId, entry: BaselineTest) -> bool:
        declaring = (one for one in self.observed.test_map.declarations if test in one.found and not one.renamed)
        return any(one.phase.phase != entry.phase.rpartition(":")[2] for one in declaring)

    def _removed(self, entry: BaselineTest, why: str) -> Regression | None:
        if not self.observed.run.whole:
            return None
        self.judged.add(entry.test)
        return Regression(entry.test, entry.phase, Kind.REMOVED, why)

    def _ended(self, entry: BaselineTest, test: TestId) -> Regression | None:
        outcome = self.observed.outcomes.get(test, Outcome.PASSED)
        under = "" if test == entry.test else f" as {test}"
        if outcome in RED:
            word = "ended in an error" if outcome is Outcome.ERROR else "failed"
            return Regression(entry.test, entry.phase, Kind.BROKE, f"{word}{under}")
        if outcome in {Outcome.SKIPPED, Outcome.XFAILED}:
            word = "was skipped" if outcome is Outcome.SKIPPED else "is an expected failure now"
            return Regression(entry.test, entry.phase, Kind.SKIPPED, f"{word}{under}")
        if test in self.observed.flaky:
            return Regression(entry.test, entry.phase, Kind.FLAKY, f"failed, and passed when it was run again{under}")
        cases = len(self.observed.cases.get(test, ()))
        if 0 < cases < entry.cases:
            return Regression(entry.test, entry.phase, Kind.WEAKENED, f"{cases} of {entry.cases} cases are left{under}")
        return None

    def _text(self, entry: BaselineTest, name: TestId | None = None) -> Regression | None:
        if not entry.digest or self.texts.digests.get(name or entry.test, entry.digest) == entry.digest:
            return None
        less = self.texts.less.get(entry.test)
        if less is None:
            self.doubtful.append(entry.test)
        return Regression(entry.test, entry.phase, Kind.WEAKENED, less) if less else None
