"""Derive what phases do not declare from their commits, and from the work that is in no commit yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from pytest_phasegate.app.commit.phase_commits import own_line
from pytest_phasegate.app.commit.staged import changes_between, touched
from pytest_phasegate.app.coverage.ownership import History, history
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import phases_of
from pytest_phasegate.core.evidence.outcomes import file_of
from pytest_phasegate.core.guide.declared_files import (
    Brought,
    Seen,
    declared_by_others,
    declared_paths,
    needs_deriving,
    own_commits,
    shared,
    with_brought,
)
from pytest_phasegate.core.guide.model import Derivation, Guide, Phase
from pytest_phasegate.core.project.paths import Inside, Side, matches_any
from pytest_phasegate.core.regression.baseline import BaselineTest, kept_for
from pytest_phasegate.errors import RepositoryError

Run = tuple[str, str]
"""Two trees, before and after commits that follow one another."""


@dataclass(frozen=True)
class Deriving:
    """Where to look: ``texts`` names tests by their path from the project's root, ``baseline`` is what is accepted.

    ``finished`` are slug, id and section of the accepted phases that have no tests; ``all`` asks also of phases that
    declare everything what their commits brought beside.
    """

    repository: Repository
    place: Inside
    texts: TestTexts
    baseline: Sequence[BaselineTest]
    finished: frozenset[tuple[str, str, str]] = frozenset()
    all: bool = False

    @cached_property
    def content(self) -> str:
        """The files as they stand."""
        return self.repository.content_tree()

    def with_derived(self, guides: Sequence[Guide]) -> tuple[Guide, ...]:
        """Return the guides with what their phases do not declare; of one whose history is not known, with why."""
        if not any(self.all or needs_deriving(phase) for guide in guides for phase in guide.phases):
            return tuple(guides)
        known = {guide.path: self._history(guide, guides) for guide in guides}
        told = {path: found for path, found in known.items() if not isinstance(found, str)}
        open_phases = self._open_phases(guides, told)
        return tuple(self._derived(guide, guides, known[guide.path], open_phases) for guide in guides)

    def _derived(
        self, guide: Guide, guides: Sequence[Guide], found: History | str, open_phases: Mapping[str, str]
    ) -> Guide:
        if isinstance(found, str):
            return _unknown(guide, found)
        try:
            return _OfGuide(self, guides, guide, found, open_phases.get(guide.path, "")).derived()
        except RepositoryError as error:
            return _unknown(guide, f"git cannot tell: {error.problem}")

    def _history(self, guide: Guide, guides: Sequence[Guide]) -> History | str:
        try:
            found = history(self.repository, guide, self.place.prefix)
            return found if isinstance(found, str) or found.brought else self._of_new(guide, guides, found)
        except RepositoryError as error:
            return f"git cannot tell: {error.problem}"

    def _of_new(self, guide: Guide, guides: Sequence[Guide], found: History) -> History:
        """Return the history of a guide that is in no commit, without commits that may mean an older one."""
        surely = {
            phase: kept
            for phase, places in found.accepted.items()
            if (kept := tuple(at for at in places if _names(found.commits[at], guide, phase, guides)))
        }
        if surely or not found.accepted:
            return found._replace(accepted=surely)
        return found._replace(commits=(), start=self.repository.head() or found.start, accepted={})

    def _open_phases(self, guides: Sequence[Guide], known: Mapping[str, History]) -> Mapping[str, str]:
        """Return by guide the phase that has what no commit names: the last that one names, or the current one.

        Of several guides under way that is one of the guide that was worked on last.
        """
        found = {
            guide.path: one for guide in guides if guide.path in known and (one := self._open(guide, guides, known))
        }
        if len(found) > 1:
            newest = {path: max(_named(known[path]), default=-1) for path in found}
            last = max(newest.values())
            begun = {path: one for path, one in found.items() if newest[path] == last}
            return found if last < 0 else begun
        return found

    def _open(self, guide: Guide, guides: Sequence[Guide], known: Mapping[str, History]) -> str:
        accepted = known[guide.path].accepted
        done = {phase.id for phase in guide.phases if self._done(guide, phase, guides, accepted)}
        last = max(((places[-1], phase) for phase, places in accepted.items()), default=(0, ""))[1]
        if last and last not in done:
            return last
        waiting = (phase for phase in guide.phases if phase.id not in done and done.issuperset(phase.depends))
        return next((phase.id for phase in waiting), "")

    def _done(self, guide: Guide, phase: Phase, guides: Sequence[Guide], accepted: Mapping[str, Sequence[int]]) -> bool:
        if (guide.slug, phase.id, phase.digest) in self.finished:
            return True
        by_commit = phase.names_code and not phase.declared_tests and phase.id in accepted
        return bool(by_commit or kept_for(self.baseline, guide, phase.id, guides))


def _names(commit: Commit, guide: Guide, phase: str, guides: Sequence[Guide]) -> bool:
    """Whether a commit names a phase of this guide, and could not mean another guide's."""
    named = phases_of(commit, guides)
    return any(one.path == guide.path and each.id == phase for one, each in named)


def _unknown(guide: Guide, why: str) -> Guide:
    """Return a guide of whose phases nobody knows what their commits did: nothing of what is derived may pass."""
    nothing = Derivation(remarks=(why,))
    return replace(
        guide,
        phases=tuple(
            with_brought(phase, nothing, Brought(), ()) if needs_deriving(phase) else phase for phase in guide.phases
        ),
    )


def _named(found: History) -> Iterator[int]:
    """Yield when the commits were made that name a phase of the guide."""
    return (found.commits[at].made for places in found.accepted.values() for at in places)


class _OfGuide(NamedTuple):
    """One guide, its history, and the phase that has what no commit names."""

    look: Deriving
    guides: Sequence[Guide]
    guide: Guide
    history: History
    open: str

    def derived(self) -> Guide:
        seen = tuple(self._seen())
        phases = tuple(
            self._phase(phase, seen) if self.look.all or needs_deriving(phase) else phase for phase in self.guide.phases
        )
        return replace(self.guide, phases=phases)

    def _seen(self) -> Iterator[Seen]:
        plain = {commit.sha for commit in own_line(self.history.commits)} - {self.history.brought}
        order = {phase.id: at for at, phase in enumerate(self.guide.phases)}
        for commit in self.history.commits:
            mine = [self.guide] if self.history.brought else self.guides
            named = phases_of(commit, mine) or phases_of(commit, self.guides)
            own = sorted({phase.id for guide, phase in named if guide.path == self.guide.path}, key=order.__getitem__)
            yield Seen(commit.sha, tuple(own), commit.sha in plain and not named)

    def _phase(self, phase: Phase, seen: Sequence[Seen]) -> Phase:
        at = {commit.sha: place for place, commit in enumerate(self.history.commits)}
        span, is_open = self.history.span(phase.id), phase.id == self.open
        stop = len(seen) if is_open else at.get(span.acceptance or "", -1) + 1
        places = range(at.get(span.base, -1) + 1, stop)
        own = own_commits(seen, phase.id, places, self._brings_tests_alone)
        if phase.declared_files or phase.declared_tests:
            own = tuple(self._about(phase, seen, own, is_open=is_open))
        runs = list(_runs([self.history.commits[place] for place in own], self.look.repository.empty_tree()))
        work = self._work() if is_open else ()
        uncommitted = self._brought(work)
        pending = bool(uncommitted.files or uncommitted.tests)
        brought = self._brought([*runs, *work]) if pending else self._brought(runs)
        commits = tuple(seen[place].sha for place in own)
        remarks = shared(seen, (place for place in places if phase.id in seen[place].phases))
        found = Derivation(commits, is_open, pending, remarks=(*remarks, *self._at_once(phase, own)))
        return with_brought(phase, found, brought, declared_by_others(self.guides, self.guide, phase))

    def _work(self) -> tuple[Run, ...]:
        """Return what is in no commit yet."""
        head = self.look.repository.head() or self.look.repository.empty_tree()
        return ((head, self.look.content),)

    def _at_once(self, phase: Phase, own: Sequence[int]) -> Iterator[str]:
        """Say that one commit alone holds several phases that it does not name, as a squashed one does."""
        place = self.history.accepted.get(phase.id, ())[-1:]
        with_it = [one for one, places in self.history.accepted.items() if places[-1:] == place]
        if place and place[0] in own and len(with_it) > 1:
            sha = self.history.commits[place[0]].sha[:10]
            yield f"commit {sha} holds the phases {', '.join(with_it)}: whose its files are is not known apart"

    def _brings_tests_alone(self, place: int) -> bool:
        paths = touched(self.look.repository, self.history.commits[place], self.look.place)
        sides = set(map(self.look.texts.layout.side, paths))
        return Side.TEST in sides and Side.PRODUCTION not in sides

    def _about(self, phase: Phase, seen: Sequence[Seen], places: Sequence[int], *, is_open: bool) -> list[int]:
        """Return those of some commits that are about a phase which declares something: others may be about anything.

        They name it, or touch what it declares, or bring tests alone right before one that does, or before the work.
        """
        found, leads = list[int](), is_open
        for place in reversed(places):
            about = bool(seen[place].phases) or self._touches_declared(place, phase)
            leads = about or (leads and self._brings_tests_alone(place))
            found += [place] if leads else []
        return found[::-1]

    def _touches_declared(self, place: int, phase: Phase) -> bool:
        own = tuple(declared_paths(phase))
        paths = touched(self.look.repository, self.history.commits[place], self.look.place)
        return any(matches_any(path, own) for path in paths)

    def _brought(self, runs: Iterable[Run]) -> Brought:
        files: dict[str, None] = {}
        new: set[str] = set()
        tests: dict[str, None] = {}
        for before, after in runs:
            changes = changes_between(self.look.repository, before, after, self.look.place)
            code = [change for change in changes if self.look.texts.layout.side(change.path) is Side.PRODUCTION]
            files |= dict.fromkeys(change.path for change in code if change.after)
            new |= {change.path for change in code if not change.before}
            modules = [change.path for change in changes if self.look.texts.layout.is_collected(change.path)]
            tests |= dict.fromkeys(self._tests(before, after, modules))
        texts = self.look.texts
        known = {test for path in dict.fromkeys(map(file_of, tests)) for test in texts.now(path)}
        return Brought(
            tuple(sorted(path for path in files if texts.read(path) is not None)),
            frozenset(new),
            tuple(sorted(test for test in tests if test in known)),
        )

    def _tests(self, before: str, after: str, modules: Sequence[str]) -> Iterator[str]:
        """Yield the tests of some files that came in between two trees, or changed; moved ones did neither."""
        if not modules:
            return
        old = {test: text for one in self.look.texts.stood(before, modules).values() for test, text in one.items()}
        now = {test: text for one in self.look.texts.stood(after, modules).values() for test, text in one.items()}
        moved = {text for test, text in old.items() if test not in now}
        for test, text in now.items():
            if (test in old and old[test] != text) or (test not in old and text not in moved):
                yield test


def _runs(commits: Sequence[Commit], empty: str) -> Iterator[Run]:
    """Yield the trees around each series of commits that follow one another, so that git is asked once for all."""
    begun = ""
    for at, commit in enumerate(commits):
        begun = begun or next(iter(commit.parents), empty)
        follows = at + 1 < len(commits) and commits[at + 1].parents[:1] == (commit.sha,)
        if not follows:
            yield begun, commit.sha
            begun = ""
