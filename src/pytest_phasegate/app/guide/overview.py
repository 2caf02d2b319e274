"""All that is kept of every phase, for those who look at a project: the last reports, and when its tests were red."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.criteria.feedback import Feedback
from pytest_phasegate.core.criteria.reviews import Review, answers
from pytest_phasegate.core.evidence.outcomes import Outcome, TestId
from pytest_phasegate.core.evidence.runs import Seen
from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase
from pytest_phasegate.core.guide.next_step import Step
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseFacts, PhaseProgress
from pytest_phasegate.core.mapping.mapping import means
from pytest_phasegate.core.project.paths import plain
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.regression.baseline import kept_for
from pytest_phasegate.core.verdict.judgement import PYTEST, Judgement
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.statistics import Statistics

_NEVER, _NO_FEEDBACK = Seen(), Feedback()


class KeptReport(NamedTuple):
    """What a command said of one phase, whole, and how the tests of the phase ended where it ran them itself.

    ``at``, ``tree`` and ``source`` are those of the judgement it belongs to.
    """

    at: int
    tree: str
    source: str
    report: RunReport
    tests: Mapping[TestId, Outcome]


@dataclass(frozen=True, slots=True)
class TestRecord:
    """One test of a phase: where the guide declares it (0: it does not), and what is known of it.

    ``name`` is the node id, or as much as the guide says of a test that is not there. ``seen`` is of the text it has.
    """

    __test__ = False

    name: str
    line: int = 0
    there: bool = True
    accepted: bool = False
    outcome: Outcome | None = None
    seen: Seen = _NEVER


class PhaseOverview(NamedTuple):
    """One phase and all that is kept of it.

    ``kept`` is the report behind the last verdict, or the newest there is, and ``older`` says of which other content
    it is; empty where it is of the one that stands. ``tests_older`` says the same of the outcomes. Of each answer of
    a person stands beside it whether it holds.
    """

    progress: PhaseProgress
    kept: KeptReport | None = None
    older: str = ""
    tests: tuple[TestRecord, ...] = ()
    tests_older: str = ""
    answers: tuple[tuple[Review, bool], ...] = ()
    ended: int = 0

    @property
    def fresh(self) -> bool:
        """Whether the report is of the content as it stands."""
        return self.kept is not None and not self.older


class GuideOverview(NamedTuple):
    """One guide, its phases, and what is to be done now."""

    progress: GuideProgress
    phases: tuple[PhaseOverview, ...]
    step: Step


class Overview(NamedTuple):
    """A project: its guides and what belongs to none; of each waiver stands beside it whether it holds."""

    guides: tuple[GuideOverview, ...]
    waivers: tuple[tuple[Waiver, bool], ...] = ()
    feedback: Feedback = _NO_FEEDBACK
    figures: Statistics | None = None


class Kept(NamedTuple):
    """Where what was kept is looked up.

    ``reports`` are those of a phase, by the guide's slug and its id; ``last_seen`` takes tests with their digests.
    """

    around: Surroundings
    reports: Callable[[str, str], Sequence[KeptReport]]
    texts: TestTexts
    last_seen: Callable[[Mapping[TestId, str]], Mapping[TestId, Seen]]
    reviews: Sequence[Review] = ()

    def overview(
        self, progress: Sequence[GuideProgress], step: Callable[[GuideProgress], Step]
    ) -> tuple[GuideOverview, ...]:
        """Return everything of every phase."""
        phases = [[self._phase(one.guide, phase) for phase in one.phases] for one in progress]
        there = (test for found in phases for phase in found for test in phase.tests if test.there)
        digests = self.texts.digests(TestId(test.name) for test in there)
        seen = self.last_seen({test: digest for test, digest in digests.items() if digest})
        return tuple(
            GuideOverview(one, tuple(_with_seen(phase, seen) for phase in found), step(one))
            for one, found in zip(progress, phases, strict=True)
        )

    def _phase(self, guide: Guide, one: PhaseProgress) -> PhaseOverview:
        phase, facts, content = one.phase, one.facts, self.around.content
        kept = self.reports(guide.slug, phase.id)
        report = _behind(facts.last, kept)
        ran = max((found for found in kept if found.source == PYTEST), key=lambda found: found.at, default=None)
        judged = [found.at for found in self.around.judgements if (found.guide, found.phase) == (guide.slug, phase.id)]
        commit = self.around.commits.get((guide.slug, phase.id))
        ended = commit.made if commit else max(judged, default=0)
        return PhaseOverview(
            one,
            report,
            _older(report, facts, content),
            tuple(self._tests(guide, one, ran)),
            _older(ran, facts, content),
            tuple(self._answers(guide, phase)),
            ended,
        )

    def _tests(self, guide: Guide, one: PhaseProgress, ran: KeptReport | None) -> Iterator[TestRecord]:
        """Yield the tests that the guide declares, in its order, then those that ran or were accepted beside them."""
        outcomes = ran.tests if ran else {}
        lines = kept_for(self.around.baseline, guide, one.phase.id, self.around.guides)
        accepted = {line.test for line in lines}
        known = dict.fromkeys((*outcomes, *sorted(accepted)))
        by_name: dict[str, list[TestId]] = {}
        for test in known:
            by_name.setdefault(test.rpartition("::")[2], []).append(test)
        told: set[TestId] = set()
        for declared in one.phase.tests:
            found = [test for test in by_name.get(declared.name, ()) if means(declared, test)]
            for test in found or self._written(one.phase, declared):
                told.add(test)
                yield TestRecord(test, declared.line, True, test in accepted, outcomes.get(test))
            if not told.intersection(found) and declared.name in one.facts.missing:
                name = "::".join(filter(None, (declared.file, declared.class_name, declared.name)))
                yield TestRecord(name, declared.line, there=False)
        for test in known.keys() - told:
            yield TestRecord(test, 0, True, test in accepted, outcomes.get(test))

    def _written(self, phase: Phase, declared: DeclaredTest) -> list[TestId]:
        """Return a declared test where the text of its file defines it: no run has collected it yet."""
        places = [declared.file] if declared.file else [file.path for file in phase.files]
        paths = [path for path in places if plain(path) and self.texts.layout.is_collected(path)]
        return [test for path in paths for test in self.texts.now(path) if means(declared, test)]

    def _answers(self, guide: Guide, phase: Phase) -> Iterator[tuple[Review, bool]]:
        own = [one for one in self.reviews if (one.guide, one.phase) == (guide.slug, phase.id)]
        people, content = self.around.people, self.around.content
        digest = people.own(phase, self.around.repository, content) if own and people else ""
        holding = answers(own, guide.slug, phase, content, digest).values()
        yield from ((one, one in holding) for one in own)


def _behind(last: Judgement | None, kept: Sequence[KeptReport]) -> KeptReport | None:
    """Return the report of a verdict, else the newest."""
    own = (one for one in kept if last and (one.tree, one.source) == (last.tree, last.source))
    return next(own, None) or max(kept, key=lambda one: one.at, default=None)


def _older(kept: KeptReport | None, facts: PhaseFacts, content: str) -> str:
    """Return of which other content a report is; nothing where it is of this one."""
    if kept is None or (content and kept.tree == content):
        return ""
    same = facts.since and facts.last and facts.last.tree == kept.tree
    return facts.since.told if facts.since and same else "on other content"


def _with_seen(one: PhaseOverview, seen: Mapping[TestId, Seen]) -> PhaseOverview:
    tests = tuple(replace(test, seen=seen.get(TestId(test.name), _NEVER)) for test in one.tests)
    return one._replace(tests=tests)
