"""The benches replays are done on: one scratch directory a worker, one interpreter for all, found when first needed."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import Any, Self

from pytest_phasegate.adapters.child.pytest_child import PytestChild
from pytest_phasegate.adapters.project.config import pyproject
from pytest_phasegate.adapters.project.interpreter import Interpreter, find_interpreter
from pytest_phasegate.adapters.project.interpreter_places import Search
from pytest_phasegate.adapters.redgreen.run_cache import CachedRunner
from pytest_phasegate.adapters.redgreen.workspace import BuiltFiles, ScratchWorkspace
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.core.project.pytest_options import table_in
from pytest_phasegate.core.project.source_roots import normalized
from pytest_phasegate.errors import EvidenceError

_MOST_MEMORY = 4 << 30
_SHARE_OF_MACHINE = 2


class Benches:
    """Makes replayers, each with a scratch directory of its own; leaving the context removes them all.

    Args:
        repository: Where trees come from.
        search: How the interpreter is found.
        timeout: Seconds for one run.
        variables: Names or globs of the environment's variables that the tests need.
        cached: Whether results are kept in the common git directory.
        beside: Whether what git ignores lies in the trees, too, as where the suite runs; no result of that is kept.
    """

    def __init__(
        self,
        repository: Repository,
        search: Search,
        *,
        timeout: float,
        variables: Sequence[str] = (),
        cached: bool = True,
        beside: bool = False,
    ) -> None:
        self._repository = repository
        self._search = search
        self._timeout = timeout
        self._variables = variables
        self._cached = cached and not beside
        self._beside = beside
        self._scratch: Path | None = None
        self._interpreter: Interpreter | None = None
        self._lock = Lock()
        self._stop = Event()
        self._children: list[PytestChild] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for child in self._children:
            child.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def stop(self) -> None:
        """End the children that run now, and those that would be started."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether the children were ended before their time."""
        return self._stop.is_set()

    @property
    def interpreter(self) -> Interpreter:
        """The project's interpreter.

        Raises:
            EvidenceError: There is none.
        """
        with self._lock:
            if self._interpreter is None:
                self._interpreter = find_interpreter(self._search)
            return self._interpreter

    def replayer(self, packages: frozenset[str] = frozenset()) -> Replayer:
        """Return a replayer on a bench of its own.

        Raises:
            EvidenceError: There is no interpreter to run tests with, or it has no pytest.
        """
        interpreter = self.interpreter
        if not interpreter.has("pytest") and normalized(self._search.distribution) != "pytest":
            raise self._unfit("has no pytest", "PG933")
        scratch = Path(tempfile.mkdtemp(prefix="b", dir=self._directory()))
        root = self._repository.root
        hidden = {root, str(Path(self._repository.common_dir).parent)}
        child = PytestChild(
            interpreter, str(scratch), sorted(hidden), memory=_memory(), stop=self._stop, variables=self._variables
        )
        self._children.append(child)
        cache = Path(self._repository.common_dir, "phasegate", "cache")
        runner = CachedRunner(child, cache) if self._cached else child
        built = BuiltFiles(self._repository, root, interpreter)
        beside = self._repository.all_ignored() if self._beside else ()
        workspace = ScratchWorkspace(self._repository, scratch, interpreter, built, beside)
        return Replayer(workspace, runner, self._timeout, packages)

    def unfit(self, lacks: str) -> EvidenceError:
        """Return the error which says that the interpreter lacks what the tests import."""
        return self._unfit(f"lacks what the tests import: {lacks}", "PG934")

    def _unfit(self, what: str, code: str) -> EvidenceError:
        found = self.interpreter
        lacks, older = ("pytest", "") if code == "PG933" else ("", ", and by its name what only older commits import")
        install = install_command(self._search.root, found.installs, lacks) + older
        return EvidenceError(
            f"{found.executable} ({found.source}) {what}",
            hint=f"{install}; or name another interpreter with --python",
            code=code,
        )

    def _directory(self) -> Path:
        with self._lock:
            if self._scratch is None:
                self._scratch = Path(tempfile.mkdtemp(prefix="pg-"))
            return self._scratch


def _memory() -> int:
    """Return the memory one run may take: half of the machine's, four gigabytes at most; 0 where nobody knows."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0
    return min(_MOST_MEMORY, whole // _SHARE_OF_MACHINE)


_SYNCHRONIZED_BY = {"uv.lock": "uv sync", "poetry.lock": "poetry install", "pdm.lock": "pdm install"}
_ASKING_FOR_TESTS = ("test", "dev")
"""What the name of an extra or a group holds that brings what tests need, the likeliest first."""


def install_command(root: Path, installs: str, lacks: str = "") -> str:
    """Return the command: the lock file's, else what installs packages, with the extra, the group or the file of tests.

    A project that declares none of them is installed beside what is known to be lacking.
    """
    locked = next((command for file, command in _SYNCHRONIZED_BY.items() if (root / file).exists()), "")
    return locked or f"{installs} {_words_for_pip(root, lacks)}"


def _words_for_pip(root: Path, lacks: str) -> str:
    declared = pyproject(root)
    extra = _for_tests(table_in(declared, "project", "optional-dependencies"))
    if extra:
        return f"-e '.[{extra}]'"
    whole = "-e . " if "project" in declared or (root / "setup.py").exists() else ""
    group = _for_tests(table_in(declared, "dependency-groups"))
    if group:
        return f"{whole}--group {shlex.quote(group)}"
    files = {path.relative_to(root).as_posix(): 0 for path in sorted(root.glob("*requirements*.txt"))}
    files |= {path.relative_to(root).as_posix(): 0 for path in sorted(root.glob("requirements/*.txt"))}
    file = _for_tests(files) or next((name for name in files if name == "requirements.txt"), "")
    return f"{whole}-r {shlex.quote(file)}" if file else f"{whole}{lacks}".strip() or "what it names"


def _for_tests(named: Mapping[str, Any]) -> str:
    return next((name for part in _ASKING_FOR_TESTS for name in named if part in name), "")
