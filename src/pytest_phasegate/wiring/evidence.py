"""The gates, and the evidence that a whole check gathers for them: runs, replays, commands."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pytest_phasegate.adapters.mapping import Collection, collect
from pytest_phasegate.adapters.redgreen.bench import Benches
from pytest_phasegate.adapters.verdict import commands as adapter
from pytest_phasegate.adapters.verdict.commands import regenerate
from pytest_phasegate.adapters.verdict.test_run import Counts, run_for_report
from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.guide.status import Surroundings
from pytest_phasegate.app.ports.repository import Commit, Repository
from pytest_phasegate.app.redgreen.change import ChangeReader
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.app.verdict.gather import Gathering
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.redgreen.import_graph import Reaching
from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.verdict.gate import RanCommand, Regenerated
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import EvidenceError, RepositoryError
from pytest_phasegate.reports.as_json import read_report
from pytest_phasegate.wiring import interpreters, projects, readers, records, redgreen


def collected(root: Path, settings: Settings, given: str | None = None) -> Collection:
    """Return what pytest collects, with the project's interpreter; with ours where the project has none of its own.

    Raises:
        EvidenceError: The suite cannot be collected, or the interpreter that was named does not run.
    """
    try:
        python = interpreters.interpreter(root, settings, given).argv
    except EvidenceError as error:
        if error.code != interpreters.NO_INTERPRETER:
            raise
        python = (sys.executable,)
    return collect(root, python)


def sources(
    root: Path,
    settings: Settings,
    around: Surroundings,
    *,
    python: str | None = None,
    config: str | None = None,
    counts: Counts | None = None,
    covered: dict[str, str] | None = None,
    all_tests: bool = True,
) -> Gathering:
    """Return where a check finds its evidence; nothing is run before it is asked for.

    Args:
        root: The project's root.
        settings: Its settings.
        around: What the states are derived from.
        python: The interpreter as the command line names it.
        config: The configuration file as the command line names it, for the test run.
        counts: Told how far that run is.
        covered: Has a key for each format of coverage that the run is to write, and is given the texts.
        all_tests: Whether every test runs for the suite, or those that can reach the change.
    """
    repository = around.repository
    runs = _Runs(root, settings, repository, python, config, counts, covered)
    return Gathering(
        around=around,
        layout=projects.layout(root, settings),
        run_tests=runs.tests,
        run_commands=partial(run_commands, root, settings, python=python),
        replay=runs.replay,
        read=readers.text_reader(root),
        approved=partial(readers.has_approval, root),
        settings=settings,
        run_before=runs.before,
        waived=partial(records.waived_tests, settings),
        regenerate=runs.regenerate,
        reach=partial(runs.reach, repository, around) if repository and settings.suite and not all_tests else None,
    )


def regenerated(
    root: Path, settings: Settings, repository: Repository, tree: str, *, python: str | None = None
) -> tuple[Regenerated, ...]:
    """Make the generated files of a content anew, in a copy, and compare."""
    return regenerate(
        repository,
        tree,
        projects.inside_of(root, repository),
        settings.generate,
        _with_programs(root, settings, python),
        source=projects.layout(root, settings).source,
        timeout=settings.command_timeout,
    )


def run_commands(
    root: Path, settings: Settings, commands: Mapping[str, str], python: str | None = None
) -> tuple[RanCommand, ...]:
    """Run command lines at the root of a project, the programs of its environment first on the path."""
    environment = _with_programs(root, settings, python) if commands else {}
    return adapter.run_commands(commands, root, environment, timeout=settings.command_timeout)


def _with_programs(root: Path, settings: Settings, python: str | None) -> dict[str, str]:
    """Return the environment of a command: the programs of the project's environment come first on the path."""
    environment = projects.project_environment(os.environ)
    programs = Path(interpreters.interpreter_of_programs(root, settings, python)[0]).parent
    environment["PATH"] = os.pathsep.join([str(programs), environment.get("PATH", os.defpath)])
    return environment


@dataclass(frozen=True, slots=True)
class _Runs:
    """The child processes of a check."""

    root: Path
    settings: Settings
    repository: Repository | None
    python: str | None
    config: str | None
    counts: Counts | None
    covered: dict[str, str] | None

    def reach(self, repository: Repository, around: Surroundings, base: str) -> Reaching:
        """Tell which test files can reach what changed since a tree, the guides aside."""
        prefix = projects.inside_of(self.root, repository)
        guides = {prefix + guide.path for guide in around.guides}
        return ChangeReader(repository, self.settings.seen_from_top(prefix)).reach_since(base, around.content, guides)

    def tests(self, guide: Guide, phases: Sequence[Phase], reaching: tuple[str, ...] | None) -> RunReport:
        """Run the project's own pytest on these phases, and of the other tests all, or those that reach the change."""
        environment = projects.project_environment(os.environ)
        if self.config:
            environment["PHASEGATE_CONFIG"] = str(Path(self.config).resolve())
        selectors = [f"{guide.slug}:{phase.id}" for phase in phases]
        python = interpreters.interpreter_of_tests(self.root, self.settings, self.python)
        text = run_for_report(
            python,
            self.root,
            selectors,
            environment,
            suite=self.settings.suite,
            reaching=reaching,
            counts=self.counts,
            covered=self.covered,
        )
        return read_report(text)

    def before(self, revision: str, files: tuple[str, ...]) -> ProbedRun:
        """Run test files, as far as they are there, on the tree of a revision, with the project's interpreter.

        They see what the suite saw: a test that lacks any of it is red there, whatever the code was.
        """
        if self.repository is None:
            return ProbedRun(trouble="there is no git repository here")
        settings = self.settings.seen_from_top(projects.inside_of(self.root, self.repository))
        with self._benches(self.repository, settings, as_the_suite=True) as places:
            change = ChangeReader(self.repository, settings).between(revision, revision)
            return places.replayer().standing(change, files)

    def regenerate(self, tree: str) -> tuple[Regenerated, ...]:
        """Make the generated files of a content anew, in a copy, and compare."""
        if self.repository is None:
            raise RepositoryError("there is no git repository here: generated files cannot be made anew in a copy")
        return regenerated(self.root, self.settings, self.repository, tree, python=self.python)

    def replay(self, commits: Sequence[Commit]) -> tuple[CommitVerdict, ...]:
        """Prove red before green for commits, oldest first, with the project's interpreter."""
        if self.repository is None:
            return ()
        settings = self.settings.seen_from_top(projects.inside_of(self.root, self.repository))
        with self._benches(self.repository, settings) as places:
            verifier = Verifier(self.repository, settings, places, projects.today())
            judged = verifier.verify(Span("the phase", None, tuple(commits)))
        return tuple(one.verdict for one in judged.commits)

    def _benches(self, repository: Repository, settings: Settings, *, as_the_suite: bool = False) -> Benches:
        python = shlex.join(interpreters.interpreter_of_programs(self.root, self.settings, self.python))
        return redgreen.benches(repository, settings, python=python, as_the_suite=as_the_suite)
