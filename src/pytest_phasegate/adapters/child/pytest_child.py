"""Run test files of a scratch tree by pytest in the project's interpreter, and return what the probe saw."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import NamedTuple
from weakref import finalize

import pytest_phasegate
from pytest_phasegate.adapters.child.process import WARM, Ended, Spawned, WarmProcess, kill_leftovers, run_limited
from pytest_phasegate.adapters.child.step import PROBE, Outfit, Step, said_of_tests
from pytest_phasegate.adapters.project.interpreter import Interpreter
from pytest_phasegate.app.ports.evidence import COLLECT_ONLY, RunOrder
from pytest_phasegate.core.evidence.outcomes import Outcome
from pytest_phasegate.core.evidence.probe_records import ProbedRun, Uncollected, read_records, united

_PACKAGE = Path(pytest_phasegate.__file__).parent
_MOST_LINES = 3


class Attempt(NamedTuple):
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
            case._replace(outcome=Outcome.FAILED if self.hung else Outcome.ERROR, hung=self.hung, crashed=not self.hung)
            if case.node_id == self.run.running
            else case
            for case in self.run.cases
        )
        return self.run._replace(cases=cases)

    def explained(self, order: RunOrder) -> ProbedRun:
        """Add to the trouble how the process ended and, unless it only took too long, what it said last."""
        run, code = self.run, self.ended.exit_code
        if not run.trouble:
            return run
        if self.is_only_long:
            return run._replace(trouble=f"{run.trouble} ({too_short(order)})")
        how = "time limit reached" if self.ended.timed_out else f"signal {-code}" if code < 0 else f"exit code {code}"
        said = f": {self.words}" if self.words and run.aborted is None else ""
        return run._replace(trouble=f"{run.trouble} ({how}){said}")


def read_attempt(step: Step, ended: Ended, order: RunOrder) -> Attempt:
    """Read what the process of an order left in its step's directory."""
    run = read_records(step.records.read_text(encoding="ascii", errors="replace"))
    if run.finished and run.aborted is None and COLLECT_ONLY in order.options:
        run = run._replace(trouble="")
    hung = ended.timed_out and ended.idle >= order.hanging
    return Attempt(run._replace(seconds=ended.seconds), ended, _last_words(step.console), hung)


def too_short(order: RunOrder) -> str:
    """Say that the time limit was, and what helps: evidence of a run that has no limit, or a longer one."""
    helps = "raise red_green.timeout, or run the tests yourself on this content before you commit it"
    return f"{order.longest:g} seconds were not enough: {helps}"


def _last_words(console: Path) -> str:
    """Return the end of what the child printed: for people to read, never to judge by."""
    with console.open("rb") as stream:
        stream.seek(max(0, console.stat().st_size - 4096))
        text = stream.read().decode(sys.getdefaultencoding(), "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip(" ^~")]
    return " / ".join(lines[-_MOST_LINES:])


_STARTS = 25  # how often one order may start pytest anew before we give up on what is left


class PytestChild:
    """Runs tests in children of one interpreter. Everything it writes lies below one private directory.

    Args:
        interpreter: The project's interpreter, already inspected.
        scratch: An existing directory that nobody else can read.
        hidden: Work trees the tests must not import the project from.
        memory: Limit of a process's data in bytes, or 0 for none.
        stop: Set when what runs shall end and nothing new begin.
        variables: Names or globs of the environment's variables that the project's tests need.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        scratch: str,
        hidden: Sequence[str],
        memory: int = 0,
        stop: Event | None = None,
        *,
        variables: Sequence[str] = (),
    ) -> None:
        self.identity = f"{interpreter.identity} {said_of_tests(os.environ, variables)}".strip()
        self._argv = interpreter.argv
        self._scratch = Path(scratch)
        self._stop = stop or Event()
        modules = self._scratch / "probe"
        for directory in (modules, self._scratch / "compiled"):
            directory.mkdir(exist_ok=True)
        bytecode = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_PACKAGE / "probe", modules / PROBE, ignore=bytecode, dirs_exist_ok=True)
        shutil.copyfile(_PACKAGE / "warm.py", modules / f"{WARM}.py")
        self._outfit = Outfit(interpreter, modules, tuple(hidden), memory, tuple(variables))
        self._forks = Forks(interpreter.argv, self._scratch, self._outfit, self._stop)
        self._end = finalize(self, self._forks.close)

    def run(self, order: RunOrder) -> ProbedRun:
        """Write the tree, run the files of an order and return what was seen, also when tests hang or crash.

        After a process that did not end by itself, the case it died in is set aside and the rest is run again;
        where it died while collecting, the files are run one by one.
        """
        self._forks.warm_up(order)
        order.prepare()
        return self._run(order)

    def close(self) -> None:
        """End what waits for the next order; the end of this child does so, too."""
        self._end()

    def _run(self, order: RunOrder) -> ProbedRun:
        first = self._attempt(order)
        if not first.cut_short or first.is_only_long:
            return first.explained(order)
        if not first.run.collected:
            return self._file_by_file(order, first)
        return self._rest(order, first)

    def _file_by_file(self, order: RunOrder, first: Attempt) -> ProbedRun:
        """Run each file alone, because one of them hangs or kills its process when it is imported."""
        if len(order.files) == 1 and first.hung:
            return first.run._replace(uncollected=(Uncollected(order.files[0], hung=True),), trouble="")
        if len(order.files) <= 1:
            return first.explained(order)
        runs = [self._run(replace(order, files=(file,))) for file in order.files]
        trouble = next((run.trouble for run in runs if run.trouble), "")
        return united(runs)._replace(trouble=trouble)

    def _rest(self, order: RunOrder, first: Attempt) -> ProbedRun:
        attempts = [first]
        parts = [first.blamed()]
        while attempts[-1].cut_short and len(attempts) < _STARTS and not self._stop.is_set():
            left = united(parts).unreported
            if not left or attempts[-1].run.running is None or attempts[-1].is_only_long:
                break
            attempts.append(self._attempt(replace(order, only=tuple(case.node_id for case in left))))
            parts.append(attempts[-1].blamed())
        whole = united(parts)
        left = whole.unreported
        why = f": {too_short(order)}" if any(attempt.is_only_long for attempt in attempts) else ""
        return whole._replace(trouble=f"{len(left)} collected tests never ended{why}" if left else "")

    def _attempt(self, order: RunOrder) -> Attempt:
        return self._forks.attempt(order) or self._in_new_process(order)

    def _in_new_process(self, order: RunOrder) -> Attempt:
        with tempfile.TemporaryDirectory(prefix="s", dir=self._scratch, ignore_cleanup_errors=True) as directory:
            step = Step(Path(directory))
            step.make()
            self._outfit.write_settings(step, order)
            mark = uuid.uuid4().hex
            words = [*self._argv, "-m", "pytest", *self._outfit.arguments(order)]
            start = str(Path(order.tree, order.directory))
            process = Spawned(words, start, self._outfit.environment(step, order, mark), step.console)
            ended = run_limited(process, order, mark=mark, watched=step.records, stop=self._stop)
            return read_attempt(step, ended, order)


class Forks:
    """Keeps one warm process for all orders that are run in one tree.

    What Python and a ``.pth`` file read at their start, the environment and the directory, is the same byte for byte
    for each of these orders: all have their home and their temporary files in one place, which is emptied for each. An
    order with another environment, or for another directory than the top, is not run here.

    Args:
        argv: The interpreter.
        scratch: Directory for what is written.
        outfit: What all runs have in common.
        stop: Set when what runs shall end.
    """

    def __init__(self, argv: tuple[str, ...], scratch: Path, outfit: Outfit, stop: Event) -> None:
        self._argv = argv
        self._scratch = scratch
        self._outfit = outfit
        self._stop = stop
        self._step = Step(scratch / "step")
        self._mark = uuid.uuid4().hex
        self._environment: dict[str, str] = {}
        self._warm: WarmProcess | None = None

    def warm_up(self, order: RunOrder) -> None:
        """Start the warm process for the first order, before its tree is written: nothing of it can be imported."""
        if order.directory or self._environment or any(map(_holds_anything, self._outfit.searched(order))):
            return
        self._clear()
        self._environment = self._outfit.environment(self._step, order, self._mark)
        self._warm = WarmProcess.started(self._argv, order.tree, self._environment, self._scratch / "warm", self._stop)

    def attempt(self, order: RunOrder) -> Attempt | None:
        """Run an order in a fork; return nothing where it is to be run in a new process."""
        warm = None if order.directory else self._warm
        if warm is None or self._outfit.environment(self._step, order, self._mark) != self._environment:
            return None
        self._clear()
        self._outfit.write_settings(self._step, order)
        self._step.console.touch()
        run = warm.forked(self._step.settings, self._step.console, self._outfit.searched(order))
        try:
            if run is None:
                return None
            ended = run_limited(run, order, mark=self._mark, watched=self._step.records, stop=self._stop, keep=warm.pid)
            attempt = read_attempt(self._step, ended, order)
            return attempt if attempt.started and not warm.gone else None
        finally:
            if warm.gone:
                self.close()

    def close(self) -> None:
        """End the warm process, and what a run left that nobody could tell of."""
        if self._warm is not None:
            self._warm.close()
            kill_leftovers(self._mark)
            self._warm = None

    def _clear(self) -> None:
        """Give the step's directory a new content; the old one goes away whole, also what cannot be removed."""
        old = tempfile.mkdtemp(prefix="old", dir=self._scratch)
        if self._step.directory.exists():
            self._step.directory.rename(old)
        shutil.rmtree(old, ignore_errors=True)
        self._step.directory.mkdir(mode=0o700)
        self._step.make()


def _holds_anything(directory: str) -> bool:
    path = Path(directory)
    return path.exists() and any(path.iterdir())
