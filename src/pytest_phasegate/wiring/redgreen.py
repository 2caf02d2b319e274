"""Where tests are replayed, and with which interpreter."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.project.config import common_directory
from pytest_phasegate.app.ports.evidence import Ledger
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.bystanders import unseen
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.commit_check import CommitCheck, out_of_time, patient
from pytest_phasegate.app.redgreen.lookup import Recalled
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.redgreen.plan import ReplayPlan, told
from pytest_phasegate.core.redgreen.verdict import CommitVerdict, Intent
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.wiring import projects
from pytest_phasegate.wiring.projects import Project

if TYPE_CHECKING:
    from pytest_phasegate.adapters.redgreen.bench import Benches


def benches(
    repository: Repository,
    settings: Settings,
    *,
    python: str | None = None,
    cached: bool = True,
    as_the_suite: bool = False,
) -> Benches:
    """Return the places where tests are replayed; nothing is made before the first test must run.

    Args:
        repository: Where the trees come from.
        settings: The interpreter and the time limit.
        python: The interpreter as the command line names it, over everything else.
        cached: Whether results are kept in the common git directory and found there.
        as_the_suite: Whether the tests see all that an ordinary run sees: its variables, home and ignored files.
    """
    from pytest_phasegate.adapters.child.step import seen_by_the_suite  # a hook that evidence answers does without
    from pytest_phasegate.adapters.git.command import without_local
    from pytest_phasegate.adapters.redgreen.bench import Benches

    root = Path(repository.root, projects.place_here(repository))
    found = search(Project(root, settings), python)
    timeout, seen = settings.red_green.timeout, settings.red_green.environment
    if as_the_suite:
        seen = seen_by_the_suite(without_local(os.environ))
    return Benches(repository, found, timeout=timeout, variables=seen, cached=cached, beside=as_the_suite)


def commit_check(repository: Repository, ledger: Ledger, settings: Settings) -> CommitCheck:
    """Return what judges the commit that is about to be made."""
    today = projects.today()
    settings = settings.seen_from_top(projects.place_here(repository))
    reader = ChangeReader(repository, settings)

    def replay(change: ReadChange, intent: Intent, left_red: tuple[TestId, ...]) -> CommitVerdict:
        from pytest_phasegate.app.redgreen.proof import Prover  # a hook that evidence answers does without

        limit = patient(settings.red_green.timeout, os.getloadavg()[0], os.cpu_count() or 1)
        plans: list[ReplayPlan] = []
        with benches(repository, settings) as places, _telling(plans, limit), _ended_after(limit, places):
            prover = Prover(
                reader, places.replayer, settings.red_green, today, inert=False, on_run=plans.append,
                unseen=lambda change, wanted: unseen(Recalled(change, ledger), wanted),
            )  # fmt: skip
            verdict = prover.prove(change, intent, open_reds=left_red).verdict
            return out_of_time(verdict, plans, limit) if places.stopped else verdict

    def quickly(change: ReadChange, intent: Intent) -> CommitVerdict | None:
        from pytest_phasegate.app.redgreen.proof import Prover

        with benches(repository, settings) as places, _ended_after(settings.red_green.hook_timeout, places):
            try:
                verdict = Prover(reader, places.replayer, settings.red_green, today).prove(change, intent).verdict
            except EvidenceError:
                return None
            return None if places.stopped else verdict

    return CommitCheck(reader, ledger, settings.red_green, today, replay, quickly)


@contextmanager
def _ended_after(seconds: float, places: Benches) -> Iterator[None]:
    """End the runs on these benches when their time is over."""
    clock = Timer(seconds, places.stop)
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


@contextmanager
def _telling(plans: Sequence[ReplayPlan], limit: float) -> Iterator[None]:
    """Say on stderr what a replay runs, once it takes longer than a moment, for how long, and that it may be stopped.

    Args:
        plans: What is run, as far as it is known by then.
        limit: Seconds after which it is ended.
    """
    from pytest_phasegate.reports.command_progress import lasted, ticking

    begun = time.monotonic()

    def line() -> str:
        what = told(plans[-1]) if plans else "running tests"
        spent, most = lasted(time.monotonic() - begun), lasted(limit)
        return f"phasegate: {what}, on the code before and after ({spent} of at most {most}); Ctrl-C stops it"

    with ticking(line, every=10.0, first=2.0):
        yield


if TYPE_CHECKING:
    from pytest_phasegate.adapters.project.interpreter import Interpreter
    from pytest_phasegate.adapters.project.interpreter_places import Search


NO_INTERPRETER = "PG930"  # the project has no interpreter of its own


def interpreter(project: Project, python: str | None = None) -> Interpreter:
    """Return the project's interpreter.

    Raises:
        EvidenceError: There is none, or the one that was said does not answer.
    """
    from pytest_phasegate.adapters.project.interpreter import find_interpreter

    return find_interpreter(search(project, python))


def search(project: Project, python: str | None = None) -> Search:
    """Return where the interpreter of a project is looked for: the same places, whoever asks."""
    from pytest_phasegate.adapters.project.interpreter import project_name
    from pytest_phasegate.adapters.project.interpreter_places import Search

    root = project.root
    common = common_directory(root)
    main_root = common.resolve().parent if common else root
    return Search(root, main_root, os.environ, python, project.settings.python, project_name(root))


def interpreter_of_tests(project: Project, python: str | None) -> tuple[str, ...]:
    """Return the interpreter of the project's own test run: the project's, which needs this plugin for that.

    Ours, which has it for certain, where the project has none.

    Raises:
        EvidenceError: The one that was said does not answer, or the one that was found does not hold the plugin.
    """
    found = _found_or_said(project, python)
    if found is None:
        return (sys.executable,)
    if _is_said(project, python) or found.has("pytest-phasegate"):
        return found.argv
    raise EvidenceError(
        f"{found.executable} ({found.source}) has no pytest-phasegate",
        hint=f"{found.installs} pytest-phasegate; or name another interpreter with --python",
        code="PG932",
    )


def interpreter_of_programs(project: Project, python: str | None) -> tuple[str, ...]:
    """Return the project's interpreter for what needs no plugin: commands and replays; ours where it has none.

    Raises:
        EvidenceError: The one that was said does not answer.
    """
    found = _found_or_said(project, python)
    return found.argv if found else (sys.executable,)


def _found_or_said(project: Project, python: str | None) -> Interpreter | None:
    try:
        return interpreter(project, python)
    except EvidenceError:
        if _is_said(project, python):
            raise
        return None


def _is_said(project: Project, python: str | None) -> bool:
    return bool(python or project.settings.python or os.environ.get("PHASEGATE_PYTHON"))
