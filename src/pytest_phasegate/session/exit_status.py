"""How a run ends: whoever ends it, or turns its exit status, makes no success of a run without a verdict that passes.

Tests, conftests and plugins run in the process that judges them, so this is no wall against forgery. It catches what is
done without thinking of the verdict: ``sys.exit(0)``, ``os._exit(0)``, ``os.execv``, ``session.exitstatus = 0``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.state import STATE
from pytest_phasegate.wiring import projects

SHOWING = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow", "collectonly")
"""Options, by the names pytest keeps them under, with which no test is run, and nothing judged."""
_SEEN_BY_PARENT = 0xFF  # the bits of an exit code that a parent process is told: 256 is a success to a shell


class Leaving:
    """Turn a success of this process into a failure, unless the verdict is there and passes.

    Children that a test forks end as they like: they are told apart by their process id. Where pytest is the program,
    what ends the process after the run is seen too; a program that calls ``pytest.main()`` gets back what was there.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.owner = os.getpid()
        self.is_program = _is_program() and "PYTEST_CURRENT_TEST" not in os.environ
        self.replaced = {name: getattr(os, name) for name in ("_exit", "execv", "execve")}

    def around_conftests(self) -> Generator[None, object, object]:
        """Stand in the way while the first conftests are loaded, and from then on: the outermost around the run."""
        self._stand(self.leave, self.become, self.become)
        try:
            result = yield
        except BaseException as raised:
            self._step_aside()
            raise self._failed(raised) from raised
        self.config.pluginmanager.register(self, "phasegate-leaving")
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self) -> Generator[None, object, object]:
        """Hold the exit status, as everybody left it, against the verdict."""
        try:
            status = yield
        except SystemExit as left:
            raise self._failed(left) from left
        finally:
            self._step_aside()
        return self._status("exit status 0 was given", status)

    def leave(self, status: int) -> None:
        """End the process as asked, and say so; but not with a success that would be taken for a verdict."""
        problem = self._problem(f"os._exit({status}) was called") if os.getpid() == self.owner else ""
        if problem:
            self._say(problem)
            status = pytest.ExitCode.TESTS_FAILED if _succeeds(status) else status
        self.replaced["_exit"](status)

    def become(self, program: Any, words: Sequence[Any], *environment: Any) -> None:
        """Run another program in the place of this run; but before the verdict, only this run once more."""
        if os.getpid() == self.owner and not self._is_this_run(words):
            problem = self._problem(f"{escaped(os.fsdecode(program))} took the place of pytest")
            if problem:
                self._say(problem)
                self.replaced["_exit"](pytest.ExitCode.TESTS_FAILED)
        self.replaced["execve" if environment else "execv"](program, words, *environment)

    def _is_this_run(self, words: Sequence[Any]) -> bool:
        """Return whether a program starts pytest with what this run was started with: as to set a hash seed."""
        given = [os.fsdecode(word) for word in words]
        return set(self.config.invocation_params.args) <= set(given) and any("pytest" in word for word in given)

    def _failed(self, raised: BaseException) -> BaseException:
        if isinstance(raised, SystemExit):
            status = self._status(f"sys.exit({raised.code or ''}) was called", raised.code)
            return raised if status is raised.code else SystemExit(status)
        return raised

    def _status(self, what: str, status: Any) -> Any:
        """Return an exit status as it may stand; one that is turned is told."""
        problem = self._problem(what) if _succeeds(status) else ""
        if not problem:
            return status
        self._say(problem)
        return pytest.ExitCode.TESTS_FAILED

    def _problem(self, what: str) -> str:
        """Return why this process may not end with success, or nothing."""
        if not self._answers():
            return ""
        state = self.config.stash.get(STATE, None)
        passes = state.passes if state else None
        end = "ended unjudged" if passes is None else "was refused"
        place = os.environ.get("PYTEST_CURRENT_TEST")
        where = f" in {escaped(place)}" if place else ""
        return "" if passes else f"phasegate: {what}{where}: the run {end}, and does not pass"

    def _answers(self) -> bool:
        """Return whether this process answers for phases with its exit status."""
        if any(self.config.known_args_namespace.__dict__.get(name) for name in SHOWING):
            return False
        state = self.config.stash.get(STATE, None)
        if state is not None:
            return state.judges and state.mode is Mode.ENFORCE
        return _mode(self.config) is Mode.ENFORCE

    def _say(self, problem: str) -> None:
        """Say it past the capture of output, whose tail nobody will read."""
        capturing = self.config.pluginmanager.getplugin("capturemanager")
        with capturing.global_and_fixture_disabled() if capturing else nullcontext():
            print(f"\n{problem}", flush=True)

    def _stand(self, *stand_ins: Callable[..., None]) -> None:
        for name, stand_in in zip(self.replaced, stand_ins, strict=True):
            setattr(os, name, stand_in)

    def _step_aside(self) -> None:
        if not self.is_program:
            self._stand(*self.replaced.values())


def _succeeds(status: object) -> bool:
    return status is None or (isinstance(status, int) and not status & _SEEN_BY_PARENT)


def _mode(config: pytest.Config) -> Mode:
    """Return the mode where it is asked for before the options and the configuration are read for good."""
    options = config.known_args_namespace
    if options.phasegate_shard:
        return Mode.OFF
    try:
        return Mode(options.phasegate_mode or projects.settings(projects.root(config.rootpath)).mode)
    except PhasegateError:
        return Mode.ENFORCE


def _is_program() -> bool:
    """Return whether this process was started to be pytest, as a module or as a script."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return (spec.name.partition(".")[0] if spec else Path(sys.argv[0]).stem) in {"pytest", "py.test"}
