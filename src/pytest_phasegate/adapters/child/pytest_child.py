"""Run test files of a scratch tree by pytest in the project's interpreter, and return what the probe saw."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import uuid
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.child.environment import GIT_IDENTITY, child_environment
from pytest_phasegate.adapters.child.process import Ended, Limits, run_limited
from pytest_phasegate.core.evidence import Outcome
from pytest_phasegate.core.probing import ProbedRun, Uncollected, read_records, united

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_phasegate.adapters.interpreter import Interpreter
    from pytest_phasegate.app.running_port import RunOrder

PROBE = "phasegate_probe"
_MOST_LINES = 3
_HANGING = 0.5
"""The share of a run's time that one test may take before it is said to hang."""
_STARTS = 25
"""How often one order may start pytest anew before we give up on what is left."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One process: what its probe saw, how it ended, and the last words on its console."""

    run: ProbedRun
    ended: Ended
    words: str
    hung: bool = False


class PytestChild:
    """Runs tests in children of one interpreter. Everything it writes lies below one private directory.

    Args:
        interpreter: The project's interpreter, already inspected.
        scratch: An existing directory that nobody else can read.
        hidden: Work trees the tests must not import the project from.
        memory: Limit of a process's data in bytes, or 0 for none.
        stop: Set when what runs shall end and nothing new begin.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        scratch: str,
        hidden: Sequence[str],
        memory: int = 0,
        stop: Event | None = None,
    ) -> None:
        self._interpreter = interpreter
        self.identity = interpreter.identity
        self._scratch = Path(scratch)
        self._hidden = tuple(hidden)
        self._memory = memory
        self._stop = stop or Event()
        self._probe = self._scratch / "probe"
        self._probe.mkdir(exist_ok=True)
        source = find_spec("pytest_phasegate.probe")
        shutil.copyfile(str(source.origin if source else ""), self._probe / f"{PROBE}.py")

    def run(self, order: RunOrder) -> ProbedRun:
        """Write the tree, run the files of an order and return what was seen, also when tests hang or crash.

        After a process that did not end by itself, the case it died in is set aside and the rest is run again;
        where it died while collecting, the files are run one by one.
        """
        order.prepare()
        return self._run(order)

    def _run(self, order: RunOrder) -> ProbedRun:
        first = self._attempt(order)
        if not _cut_short(first) or _is_only_long(first):
            return _explained(first, order)
        if not first.run.collected:
            return self._file_by_file(order, first)
        return self._rest(order, first)

    def _file_by_file(self, order: RunOrder, first: _Attempt) -> ProbedRun:
        """Run each file alone, because one of them hangs or kills its process when it is imported."""
        if len(order.files) == 1 and first.hung:
            return replace(first.run, uncollected=(Uncollected(order.files[0], hung=True),), trouble="")
        if len(order.files) <= 1:
            return _explained(first, order)
        runs = [self._run(replace(order, files=(file,))) for file in order.files]
        trouble = next((run.trouble for run in runs if run.trouble), "")
        return replace(united(runs), trouble=trouble)

    def _rest(self, order: RunOrder, first: _Attempt) -> ProbedRun:
        attempts = [first]
        parts = [_blamed(first)]
        while _cut_short(attempts[-1]) and len(attempts) < _STARTS and not self._stop.is_set():
            left = united(parts).unreported
            if not left or attempts[-1].run.running is None or _is_only_long(attempts[-1]):
                break
            attempts.append(self._attempt(replace(order, only=tuple(case.node_id for case in left))))
            parts.append(_blamed(attempts[-1]))
        whole = united(parts)
        left = whole.unreported
        long = any(map(_is_only_long, attempts))
        why = f": {_too_short(order)}" if long else ""
        return replace(whole, trouble=f"{len(left)} collected tests never ended{why}" if left else "")

    def _attempt(self, order: RunOrder) -> _Attempt:
        step = Path(tempfile.mkdtemp(prefix="s", dir=self._scratch))
        try:
            return self._run_in(step, order)
        finally:
            shutil.rmtree(step, ignore_errors=True)

    def _run_in(self, step: Path, order: RunOrder) -> _Attempt:
        for name in ("home", "tmp", "bytecode"):
            (step / name).mkdir(mode=0o700)
        (step / "home" / ".gitconfig").write_text(GIT_IDENTITY, encoding="ascii")
        records, console = step / "records.jsonl", step / "console"
        records.touch()
        ended = run_limited(
            [*self._interpreter.argv, "-m", "pytest", *self._arguments(order)],
            cwd=order.tree,
            environment=self._environment(step, order, self._settings(step, records, order)),
            console=console,
            watched=records,
            limits=Limits(order.timeout, order.stall),
            stop=self._stop,
        )
        run = read_records(records.read_text(encoding="ascii", errors="replace"))
        hung = ended.timed_out and ended.idle >= min(order.stall or order.timeout, order.timeout * _HANGING)
        return _Attempt(replace(run, seconds=ended.seconds), ended, _last_words(console), hung)

    @staticmethod
    def _arguments(order: RunOrder) -> list[str]:
        """Return the words for pytest: the order of tests is the files' own, and nothing is written into the tree."""
        off = [word for plugin in ("cacheprovider", "phasegate", "randomly") for word in ("-p", f"no:{plugin}")]
        return ["-p", PROBE, *off, "--continue-on-collection-errors", *order.options, "--", *order.files]

    def _settings(self, step: Path, records: Path, order: RunOrder) -> Path:
        """Write the probe's settings to a file, because they may be longer than an environment."""
        path = step / "probe.json"
        roots = _absolute(order)
        path.write_text(
            json.dumps(
                {
                    "out": str(records),
                    "bytecode": str(step / "bytecode"),
                    "root": order.tree,
                    "roots": roots,
                    "packages": sorted(order.packages),
                    "hidden": list(self._hidden),
                    "argv": self._arguments(order),
                    "only": list(order.only),
                    "traced": list(order.traced),
                    "memory": self._memory,
                }
            ),
            encoding="ascii",
        )
        return path

    def _environment(self, step: Path, order: RunOrder, settings: Path) -> dict[str, str]:
        beside = str(Path(self._interpreter.executable).parent)
        environment = child_environment(
            os.environ, step=str(step), mark=uuid.uuid4().hex, first_on_path=(*order.programs, beside)
        )
        path = os.pathsep.join([*_absolute(order), *order.extra_path, str(self._probe)])
        user = {"PYTHONUSERBASE": self._interpreter.user_base} if self._interpreter.user_base else {}
        return {**environment, **user, "PYTHONPATH": path, "PHASEGATE_PROBE": str(settings)}


def _absolute(order: RunOrder) -> list[str]:
    return [str(Path(order.tree, root)) for root in order.import_roots]


def _cut_short(attempt: _Attempt) -> bool:
    """Whether the process ended before pytest did: killed, crashed, or left by ``os._exit``."""
    return not attempt.run.finished and attempt.run.aborted is None and attempt.run.pytest_version != ""


def _is_only_long(attempt: _Attempt) -> bool:
    """Whether a run was ended for its length, with tests still coming to their ends: nobody is to blame for it."""
    return attempt.ended.timed_out and not attempt.hung


def _blamed(attempt: _Attempt) -> ProbedRun:
    """Return the run with the case it died in marked: hung if its time was up, crashed otherwise."""
    if not _cut_short(attempt) or _is_only_long(attempt):
        return attempt.run
    hung = attempt.hung
    cases = tuple(
        replace(case, outcome=Outcome.FAILED if hung else Outcome.ERROR, hung=hung, crashed=not hung)
        if case.node_id == attempt.run.running
        else case
        for case in attempt.run.cases
    )
    return replace(attempt.run, cases=cases)


def _too_short(order: RunOrder) -> str:
    """Say that the time limit was, and what helps: evidence of a run that has no limit, or a longer one."""
    helps = "raise red_green.timeout, or run the tests yourself on this content before you commit it"
    return f"{order.timeout:g} seconds were not enough: {helps}"


def _explained(attempt: _Attempt, order: RunOrder) -> ProbedRun:
    """Add to a run's trouble how the process ended and, unless it only took too long, what it said last."""
    run = attempt.run
    if not run.trouble:
        return run
    code = attempt.ended.exit_code
    if _is_only_long(attempt):
        return replace(run, trouble=f"{run.trouble} ({_too_short(order)})")
    how = "its time was up" if attempt.ended.timed_out else f"signal {-code}" if code < 0 else f"exit code {code}"
    said = f": {attempt.words}" if attempt.words and run.aborted is None else ""
    return replace(run, trouble=f"{run.trouble} ({how}){said}")


def _last_words(console: Path) -> str:
    """Return the end of what the child printed: for people to read, never to judge by."""
    with console.open("rb") as stream:
        stream.seek(max(0, console.stat().st_size - 4096))
        text = stream.read().decode(sys.getdefaultencoding(), "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-_MOST_LINES:])
