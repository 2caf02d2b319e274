"""The evidence of a check: what git says of a phase, and what the runs say that wiring provides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import dropwhile
from threading import Event, Lock
from typing import Any

from pytest_phasegate.app.commit.phase_commits import commits_about, near_misses, phase_commits
from pytest_phasegate.app.commit.staged import as_changed_paths, changes_between, changes_of
from pytest_phasegate.app.coverage.ownership import History, history
from pytest_phasegate.app.guide.status import done_phases, was_accepted
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.guide.tampering import acceptance_of, said_at
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.regression.accept import holds_accepted
from pytest_phasegate.app.regression.suite import Before, against, base_of
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import ChangedPaths, Committed
from pytest_phasegate.core.criteria.reviews import Review
from pytest_phasegate.core.criteria.verdicts import CriteriaFacts, held, lines_to_run, may_run, paths_asked
from pytest_phasegate.core.evidence.outcomes import TestId, function_of
from pytest_phasegate.core.guide.declared_files import declared_by_all, declared_paths
from pytest_phasegate.core.guide.model import Action, Derivation, Guide, Phase, Source
from pytest_phasegate.core.guide.progress import Acceptance
from pytest_phasegate.core.project.configuration import FILES, otherwise
from pytest_phasegate.core.project.paths import Inside, Layout, Side, is_ours, matches_any
from pytest_phasegate.core.project.settings import Credit, Settings
from pytest_phasegate.core.redgreen.file_reads import Loadable, Wants, read_imports
from pytest_phasegate.core.redgreen.import_graph import Reaching
from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.regression.suite import SuiteFacts
from pytest_phasegate.core.verdict.gate import Need, RanCommand, Regenerated
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import EvidenceError

_TELLING = Lock()


@dataclass(frozen=True)
class Gathering:
    """Where a check finds its evidence; see ``app.check.Sources``.

    ``run_tests``, ``run_commands`` and ``replay`` start child processes; ``replay`` is given commits, oldest first, and
    judges them. ``approved`` says whether there is a record that exactly the present text of a guide was approved.
    ``run_before`` runs test files, or the suite, on the tree of a revision, and ``waived`` says which tests may be red.
    ``regenerate`` makes the generated files of a content anew, in a copy. ``reach`` tells which test files can reach
    what changed since a tree; without it, every test runs. ``ended`` is set when the test run has ended, however.
    """

    around: Surroundings
    layout: Layout
    run_tests: Callable[[Guide, Sequence[Phase], tuple[str, ...] | None], RunReport]
    run_commands: Callable[[Mapping[str, str]], tuple[RanCommand, ...]]
    replay: Callable[[Sequence[Commit]], tuple[CommitVerdict, ...]]
    read: Callable[[bytes, str], Guide]
    approved: Callable[[Guide], bool]
    settings: Settings
    run_before: Before
    waived: Callable[[Iterable[TestId]], Mapping[TestId, str]]
    regenerate: Callable[[str], tuple[Regenerated, ...]]
    rules_at: Callable[[str, Settings], Settings]
    reach: Callable[[str], Reaching] | None = None
    ended: Event = field(default_factory=Event, compare=False)
    # by the path of each guide: several needs, in threads of their own, ask for it
    histories: dict[str, History | str] = field(default_factory=dict, compare=False)

    @property
    def inside(self) -> Inside:
        """How paths of the repository are called in the project."""
        return Inside(self.around.prefix)

    def tests(self, guide: Guide, phases: Sequence[Phase]) -> RunReport:
        """Run the tests of these phases; a run that something narrowed is no evidence."""
        try:
            report = self.run_tests(guide, phases, self._reaching(guide, phases))
        finally:
            self.ended.set()
        if report.narrowed:
            raise EvidenceError(f"the test run was narrowed by {', '.join(report.narrowed)}")
        return report

    def suite(self, report: RunReport, guide: Guide, phase: Phase) -> SuiteFacts:
        """Hold what a run says of the whole suite against the phase's base; only what is red is run there."""
        if report.suite is None:
            raise EvidenceError("the test run did not run the whole suite")
        if not report.suite.red:
            return SuiteFacts(report.suite)
        repository, prefix = self.around.git, self.inside.prefix
        waived = self.waived(function_of(case) for case in report.suite.red)
        began, before = self._bases(repository, guide, phase)
        texts = {prefix + one.path for one in self.around.guides}
        same = all(change.path in texts for change in repository.changes(began, before))
        bases = (began,) if same else (began, before)
        return against(report.suite, bases, prefix, self.run_before, waived=waived, now=self.around.content)

    def _reaching(self, guide: Guide, phases: Sequence[Phase]) -> tuple[str, ...] | None:
        """Return the test files that can end otherwise than where a phase began, or ``None`` where any may.

        Every test is wanted too where all of them count for the coverage.
        """
        if self.reach is None or self.around.repository is None or self.settings.coverage.credit is not Credit.PHASE:
            return None
        bases = {base for phase in phases for base in self._bases(self.around.repository, guide, phase)}
        found = [self.reach(base) for base in sorted(bases)]
        if any(one.whole for one in found):
            return None
        place = self.inside
        return tuple(sorted({path for one in found for file in one.files if (path := place.relative(file))}))

    def _bases(self, repository: Repository, guide: Guide, phase: Phase) -> tuple[str, str]:
        """Return where a phase began, and what its change stands on: what was green in either was green."""
        return base_of(repository, self._history(repository, guide), phase), self._before(repository, guide, phase)

    def _history(self, repository: Repository, guide: Guide) -> History | str:
        with _TELLING:
            if guide.path not in self.histories:
                self.histories[guide.path] = history(repository, guide, self.inside.prefix)
            return self.histories[guide.path]

    def _before(self, repository: Repository, guide: Guide, phase: Phase) -> str:
        """Return what the change of a phase stands on: the parent of its commit, else the last commit."""
        finished = self._finished(guide, phase)
        before = next(iter(finished.parents), None) if finished else repository.opened_at
        return before or repository.empty_tree()

    def of_need(self, need: Need, guide: Guide, phase: Phase) -> Any:
        """Return one fact about a phase."""
        if need is Need.COMMANDS:
            return self.run_commands(self.settings.commands)
        if need is Need.ORDER:
            return done_phases(self.around, guide)
        if need is Need.GENERATED:
            return self.regenerate(self.around.content) if self.settings.generate else ()
        if need is Need.FEEDBACK:
            return self.around.feedback
        if need is Need.CRITERIA:
            return self._criteria(guide, phase)
        answers: dict[Need, Callable[[Repository, Guide, Phase], Any]] = {
            Need.CHANGE: self._change,
            Need.MESSAGE: self._messages,
            Need.ACCEPTANCE: self._acceptance,
            Need.BEGUN: self._begun,
            Need.RULES: self._rules,
            Need.RED_GREEN: self._red_green,
        }
        return answers[need](self.around.git, guide, phase)

    def _criteria(self, guide: Guide, phase: Phase) -> CriteriaFacts:
        approved = self.approved(guide)
        lines = (line for line in lines_to_run(phase, self.settings) if may_run(line, self.settings, approved=approved))
        there = frozenset(path for path in paths_asked(phase, self.settings) if self.around.files.exists(path))
        return CriteriaFacts(
            ran={one.line: one for one in self.run_commands({line: line for line in lines})},
            there=there,
            loose=there - self._held(there),
            answers=self._answers(guide, phase),
        )

    def _held(self, paths: frozenset[str]) -> frozenset[str]:
        if not paths or self.around.repository is None:
            return paths
        return held(paths, map(self.inside.relative, self.around.repository.entries(self.around.content)))

    def _answers(self, guide: Guide, phase: Phase) -> Mapping[int, Review]:
        accepted = was_accepted(guide, phase, self.around)
        return self.around.answered(guide, phase, accepted=accepted).answers or {}

    def _finished(self, guide: Guide, phase: Phase) -> Commit | None:
        """Return the commit that finished a phase; none where work goes on after the last that names it."""
        if phase.derived and phase.derived.uncommitted:
            return None
        return self.around.commits.get((guide.slug, phase.id))

    def _change(self, repository: Repository, guide: Guide, phase: Phase) -> ChangedPaths:
        if phase.derived:
            return self._of_derived(repository, phase, phase.derived)
        finished = self._finished(guide, phase)
        others = self._further(repository, guide, phase)
        if finished:
            changes = changes_of(repository, finished, self.inside)
            return self._whole(as_changed_paths(changes, self.layout, f"commit {finished.sha[:10]}"), phase, others)
        before = repository.opened_at or repository.empty_tree()
        changes = changes_between(repository, before, self.around.content, self.inside)
        ours = tuple(change for change in changes if not is_ours(change.path))
        return self._whole(as_changed_paths(ours, self.layout, "the uncommitted change"), phase, others)

    def _of_derived(self, repository: Repository, phase: Phase, derived: Derivation) -> ChangedPaths:
        """Return what all commits of a phase touch that declares nothing, and its work in no commit yet."""
        paths = {
            change.path
            for commit in self._commits_of(repository, phase, derived)
            for change in changes_of(repository, commit, self.inside)
            if not is_ours(change.path)
        }
        return ChangedPaths("the work of the phase", tuple(sorted(paths)), self.layout)

    def _commits_of(self, repository: Repository, phase: Phase, derived: Derivation) -> tuple[Commit, ...]:
        commits = tuple(repository.commit(sha) for sha in derived.commits)
        return (*commits, self._work(repository, phase)) if derived.uncommitted else commits

    def _work(self, repository: Repository, phase: Phase) -> Commit:
        """Return the work as it stands, as if it were committed."""
        head, subject = repository.opened_at, phase.commit or ""
        return Commit(subject, tree=self.around.content, parents=(head,) if head else (), message=subject)

    def _further(self, repository: Repository, guide: Guide, phase: Phase) -> tuple[str, ...]:
        """Return what the commits of a phase touch, the one that finished it aside."""
        finished = self._finished(guide, phase)
        sha = finished.sha if finished else ""
        commits = phase_commits(self.around, self._history(repository, guide), guide, phase)
        return tuple(sorted({path for one, paths in commits if one.sha != sha for path in paths}))

    def _about(self, repository: Repository, guide: Guide, phase: Phase) -> tuple[Commit, ...]:
        begun = self._begun(repository, guide, phase)
        return commits_about(self.around, self._history(repository, guide), guide, phase, self.layout, begun=begun)

    def _whole(self, change: ChangedPaths, phase: Phase, further: tuple[str, ...]) -> ChangedPaths:
        """Return the change, and with it the files of the phase that nothing brought, and what its commits touch."""
        to_create = (file.path for file in phase.files if file.action is Action.CREATE)
        absent = (path for path in to_create if not any(matches_any(touched, (path,)) for touched in change.paths))
        to_delete = (file.path for file in phase.files if file.action is Action.DELETE)
        exists = self.around.files.exists
        return replace(
            change,
            absent=tuple(path for path in absent if not exists(path)),
            left=tuple(filter(exists, to_delete)),
            hidden=self._hidden(phase),
            further=further,
            declared=declared_by_all(self.around.guides),
        )

    def _hidden(self, phase: Phase) -> tuple[str, ...]:
        """Return the code and tests of a phase that git ignores; of one without code what its tests import."""
        files = (file.path for file in phase.files if file.action is not Action.DELETE)
        sides = {path: side for path in files if (side := self.layout.side(path)) is not Side.NEITHER}
        ignored = self.around.git.ignored(self.inside.prefix + path for path in sides)
        has_code = Side.PRODUCTION in sides.values() or phase.files_source is Source.DECLARED
        imported = () if has_code else self._ignored_imports(phase)
        return (*(path for path in sides if self.inside.prefix + path in ignored), *imported)

    def _ignored_imports(self, phase: Phase) -> tuple[str, ...]:
        """Return the code that git ignores, and that no build writes, of which tests of a phase import something."""
        wants, git = Wants(), self.around.git
        files = {self.inside.prefix + test.file for test in phase.tests if test.file}
        found = {path: entry.oid for path, entry in git.entries(self.around.content).items() if path in files}
        texts = git.blobs(found.values())
        for path, oid in found.items():
            read_imports(path, texts[oid], wants, Loadable((), {}))
        code = (path for path in git.all_ignored() if self.layout.module_of(path) in wants.names)
        return tuple(filter(None, map(self.inside.relative, {*code}.difference(self.layout.version_files))))

    def _messages(self, repository: Repository, guide: Guide, phase: Phase) -> Committed:
        finished = self._finished(guide, phase)
        commits = (finished,) if finished else near_misses(self.around, guide, phase)
        unnamed = () if commits else self._about(repository, guide, phase)[-1:]
        return Committed(commits, None if finished else repository.branch(), *unnamed)

    def _acceptance(self, repository: Repository, guide: Guide, phase: Phase) -> Acceptance:  # noqa: ARG002 - the whole guide's
        if self.approved(guide):
            return Acceptance({}, {})
        path = self.inside.prefix + guide.path
        around = self.around
        tree = around.content
        return acceptance_of(
            repository, guide, path, self.read, guides=around.guides, renamed=around.renamed, tree=tree
        )

    def _begun(self, repository: Repository, guide: Guide, phase: Phase) -> Phase | None:
        """Return the phase as the guide said it where the phase began; of an approved guide, nothing is asked."""
        if self.approved(guide):
            return None
        base = base_of(repository, self._history(repository, guide), phase)
        then = said_at(repository, base, self.inside.prefix + guide.path, self.read, self.around.content)
        return then.phase(phase.id) if then else None

    def _rules(self, repository: Repository, guide: Guide, phase: Phase) -> tuple[str, ...]:
        """Return the keys of the configuration that a phase alters: its work, or a commit of it that does more."""
        commits = phase_commits(self.around, self._history(repository, guide), guide, phase)
        steps = [one for one, paths in commits if not {*FILES}.isdisjoint(paths) and {*paths} - {*FILES}]
        finished = self._finished(guide, phase)
        steps += [finished or self._work(repository, phase)]
        return tuple(dict.fromkeys(key for step in steps for key in self._altered(repository, step)))

    def _altered(self, repository: Repository, step: Commit) -> tuple[str, ...]:
        before = next(iter(step.parents), None) or repository.empty_tree()
        now = self.rules_at(step.sha, self.settings) if step.sha else self.settings
        return otherwise(self.rules_at(before, now), now)

    def _red_green(self, repository: Repository, guide: Guide, phase: Phase) -> tuple[CommitVerdict, ...]:
        """Replay the commits of a phase, whatever they are called, and its work that is in none yet."""
        if phase.derived:
            return self.replay(self._commits_of(repository, phase, phase.derived)) if phase.derived.begun else ()
        finished = self._finished(guide, phase)
        commits = [*dropwhile(partial(self._came_before_us, phase), self._about(repository, guide, phase))]
        if finished and finished.sha not in {one.sha for one in commits}:
            commits.append(finished)
        work, head = self._work(repository, phase), repository.opened_at or repository.empty_tree()
        paths = [change.path for change in changes_between(repository, head, work.tree, self.inside)]
        own = tuple(declared_paths(phase))
        goes_on = any(matches_any(path, own) for path in paths) if finished else bool(paths)
        if goes_on and not (finished and holds_accepted(self.around, self._history(repository, guide), guide, phase)):
            commits.append(work)
        # a range begins with the commit before its first one, and the first of all has none
        parts = ([one for one in commits if not one.parents], [one for one in commits if one.parents])
        return tuple(verdict for part in parts if part for verdict in self.replay(part))

    def _came_before_us(self, phase: Phase, commit: Commit) -> bool:
        """Whether nothing asked for red before green yet where a commit was made, though something does by now.

        With the first commit of all, rules that it holds ask for it of the code that the phase is to create.
        """
        to_create = (one.path for one in phase.files if one.action is Action.CREATE)
        code = (self.inside.prefix + path for path in to_create if self.layout.side(path) is Side.PRODUCTION)
        if not commit.parents and self.around.git.entries(commit.tree).keys().isdisjoint(code):
            return True
        unasked, head = self.settings._replace(configured=False), self.around.git.opened_at or ""
        ends = next(iter((*commit.parents, commit.sha))), head
        before, now = (self.rules_at(revision, unasked).configured for revision in ends)
        return now and not before
