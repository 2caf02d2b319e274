"""The evidence that a whole check gathers for its gates: runs, replays, commands."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from threading import Event

from pytest_phasegate.adapters.collected_tests import Collection, collect
from pytest_phasegate.adapters.git.command import without_local
from pytest_phasegate.adapters.redgreen.bench import Benches
from pytest_phasegate.adapters.verdict import commands as adapter
from pytest_phasegate.adapters.verdict.commands import regenerate, run_for_report
from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.redgreen.bystanders import unseen
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.lookup import Recalled
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.app.verdict.gather import Gathering
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.redgreen.import_graph import Reaching
from pytest_phasegate.core.redgreen.plan import ReplayPlan
from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.verdict.gate import RanCommand, Regenerated
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.reports.as_json import read_report
from pytest_phasegate.wiring import projects, readers, records, redgreen
from pytest_phasegate.wiring.projects import Project


def collected(project: Project, given: str | None = None) -> Collection:
    """Return what pytest collects, with the project's interpreter; with ours where the project has none of its own.

    Raises:
        EvidenceError: The suite cannot be collected, or the interpreter that was named does not run.
    """
    try:
        python = redgreen.interpreter(project, given).argv
    except EvidenceError as error:
        if error.code != redgreen.NO_INTERPRETER:
            raise
        python = (sys.executable,)
    return collect(project.root, python)


def regenerated(project: Project, tree: str, python: str | None = None) -> tuple[Regenerated, ...]:
    """Make the generated files of a content anew, in a copy, and compare."""
    return regenerate(
        project.repository,
        tree,
        project.inside.prefix,
        project.settings.generate,
        _with_programs(project, python),
        source=project.layout.source,
        timeout=project.settings.command_timeout,
    )


def run_commands(project: Project, commands: Mapping[str, str], python: str | None = None) -> tuple[RanCommand, ...]:
    """Run command lines at the root of a project, the programs of its environment first on the path."""
    environment = _with_programs(project, python) if commands else {}
    return adapter.run_commands(commands, project.root, environment, timeout=project.settings.command_timeout)


def _with_programs(project: Project, python: str | None) -> dict[str, str]:
    """Return the environment of a command: the programs of the project's environment come first on the path."""
    environment = without_local(os.environ)
    programs = Path(redgreen.interpreter_of_programs(project, python)[0]).parent
    environment["PATH"] = os.pathsep.join([str(programs), environment.get("PATH", os.defpath)])
    return environment


@dataclass(frozen=True)
class Runs:
    """The child processes of a check; none is started before its evidence is asked for.

    ``python`` and ``config`` are the interpreter and the configuration file as the command line names them.
    ``covered`` has a key for each format of coverage that it is to write, and is given
    the texts. ``all_tests`` says whether every test runs for the suite, or those that can reach the change.
    """

    project: Project
    around: Surroundings
    python: str | None
    config: Path | None
    covered: dict[str, str]
    all_tests: bool
    ended: Event = field(default_factory=Event, compare=False)  # set when the test run has

    def sources(self) -> Gathering:
        """Return where a check finds its evidence."""
        project, settings, there = self.project, self.project.settings, self.around.repository is not None
        return Gathering(
            around=self.around,
            layout=project.layout,
            run_tests=self.tests,
            run_commands=partial(run_commands, project, python=self.python),
            replay=self.replay,
            read=readers.text_reader(project.root),
            approved=partial(readers.has_approval, project.root),
            settings=settings,
            run_before=self.before,
            waived=partial(records.waived_tests, settings),
            regenerate=partial(regenerated, project, python=self.python),
            rules_at=self.rules_at,
            reach=self.reach if there and settings.suite and not self.all_tests else None,
            ended=self.ended,
        )

    @cached_property
    def from_top(self) -> Settings:
        """The settings, as paths are told in the repository."""
        return self.project.settings.seen_from_top(self.around.prefix)

    def reach(self, base: str) -> Reaching:
        """Tell which test files can reach what changed since a tree, the guides aside."""
        guides = {self.around.prefix + guide.path for guide in self.around.guides}
        return ChangeReader(self.around.git, self.from_top).reach_since(base, self.around.content, guides)

    def tests(self, guide: Guide, phases: Sequence[Phase], reaching: tuple[str, ...] | None) -> RunReport:
        """Run the project's own pytest on these phases, and of the other tests all, or those that reach the change."""
        environment = without_local(os.environ)
        if self.config:
            environment["PHASEGATE_CONFIG"] = str(self.config.resolve())
        selectors = [f"{guide.slug}:{phase.id}" for phase in phases]
        python = redgreen.interpreter_of_tests(self.project, self.python)
        root, suite = self.project.root, self.project.settings.suite
        run = partial(run_for_report, python, root, selectors, environment, suite=suite)
        return read_report(run(reaching=reaching, covered=self.covered))

    def before(self, revision: str, files: tuple[str, ...] | None, attempt: int) -> ProbedRun:
        """Run test files, as far as they are there, on the tree of a revision, with the project's interpreter.

        They see what the suite saw: a test that lacks any of it is red there, whatever the code was.
        """
        with self._benches(as_the_suite=True) as places:
            change = ChangeReader(self.around.git, self.from_top).between(revision, revision)
            return places.replayer().once(change, files, attempt)

    def rules_at(self, revision: str, proposed: Settings) -> Settings:
        """Return the rules of a revision; those proposed where it has none, or the command line names a file."""
        return proposed if self.config else projects.settings_before(self.around.git, revision, proposed)

    def replay(self, commits: Sequence[Commit]) -> tuple[CommitVerdict, ...]:
        """Prove red before green for commits, oldest first, by the rules before them and the waivers of HEAD."""
        before, head = next(iter(commits[0].parents), None) if commits else None, self.around.git.opened_at
        rules = self.rules_at(before, self.project.settings) if before else self.project.settings
        waivers = self.rules_at(head, rules).red_green.waivers if head else rules.red_green.waivers
        with self._benches() as places:
            judging = rules._replace(red_green=rules.red_green._replace(waivers=waivers))
            settings = judging.seen_from_top(self.around.prefix)
            verifier = Verifier(
                self.around.git, settings, places, projects.today(), suite_follows=True, unseen=self._unseen
            )
            judged = verifier.verify(Span("the phase", before if _in_a_row(commits) else None, tuple(commits)))
        verdicts = tuple(one.verdict for one in judged.commits)
        return (*verdicts[:-1], verdicts[-1].refused_for(judged.at_end)) if judged.at_end else verdicts

    def _unseen(self, change: ReadChange, wanted: ReplayPlan) -> frozenset[str] | None:
        """Ask the ledger once the test run of this check has ended: it is there to be asked."""
        self.ended.wait()
        ledger = projects.ledger(self.project.root)
        with ledger.kept_open():
            return unseen(Recalled(change, ledger), wanted)

    def _benches(self, *, as_the_suite: bool = False) -> Benches:
        python = shlex.join(redgreen.interpreter_of_programs(self.project, self.python))
        return redgreen.benches(self.around.git, self.from_top, python=python, as_the_suite=as_the_suite)


def _in_a_row(commits: Sequence[Commit]) -> bool:
    """Whether each commit stands on the one before it alone."""
    return all(after.parents == (before.sha,) for before, after in pairwise(commits))
