"""Runs of programs for a check: the project's quality commands, and its own pytest for its report."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Event
from typing import IO

from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.verdict.gate import RanCommand, Regenerated
from pytest_phasegate.errors import EvidenceError

TAIL_LINES, TAIL_BYTES = 40, 64 * 1024
_NOT_RUN = {126, 127}  # what the shell ends with where there is no such program, or none that it may run
GRACE = 3.0  # seconds between asking a process group to end and killing it


def run_commands(
    commands: Mapping[str, str], directory: Path, environment: Mapping[str, str], *, timeout: float, jobs: int = 0
) -> tuple[RanCommand, ...]:
    """Run command lines and return how each ended, in the order given.

    Args:
        commands: Names and command lines, as ``sh -c`` reads them.
        directory: Where they run.
        environment: All the variables they see.
        timeout: Seconds each may take; then its whole process group is ended.
        jobs: How many run at a time; 0 is one for each processor.
    """
    running: list[subprocess.Popen[bytes]] = []
    ending = Event()

    def ran(name: str, line: str) -> RanCommand:
        with TemporaryFile() as output:
            process = _started(line, directory, environment, output)
            running.append(process)
            code = None
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(0 if ending.is_set() else timeout)
            _end(process)
            tail = _tail(output)
            if code in _NOT_RUN:
                return RanCommand(name, line, None, problem=tail[-1] if tail else "it cannot be run")
            problem = f"took longer than {timeout:g} s and was ended" if code is None else ""
            return RanCommand(name, line, code, tail, problem)

    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        try:
            return tuple(pool.map(ran, commands.keys(), commands.values()))
        except BaseException:
            ending.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                if process.poll() is None:
                    _end(process)
            raise


def _started(line: str, directory: Path, environment: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["sh", "-c", line],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a process group: politely, then for good; children left behind go too."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM if process.poll() is None else signal.SIGKILL)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tail(output: IO[bytes]) -> tuple[str, ...]:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - TAIL_BYTES))
    lines = output.read().decode("utf-8", "replace").splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    return tuple(line.rstrip() for line in lines[-TAIL_LINES:])


def regenerate(
    repository: Repository,
    tree: str,
    place: str,
    commands: Mapping[str, str],
    environment: Mapping[str, str],
    *,
    source: Iterable[str],
    timeout: float,
) -> tuple[Regenerated, ...]:
    """Take the generated files out of a copy of a tree, run each command there, and compare what it makes.

    Args:
        repository: Where the tree is.
        tree: The content that is judged.
        place: The project's directory in the repository and a ``/``, or nothing.
        commands: Command lines by the pattern of the files that each makes.
        environment: The variables they see.
        source: Production roots of the project: what is imported comes from the copy.
        timeout: Seconds each may take.
    """
    patterns: dict[str, list[str]] = {}
    for pattern, line in commands.items():
        patterns.setdefault(line, []).append(pattern)
    with TemporaryDirectory(prefix="phasegate-generate-") as scratch:
        top = Path(scratch, "tree")
        top.mkdir()
        repository.materialize(repository.entries(tree), str(top))
        root = top / place
        paths = [str(root / one) for one in source] + [environment.get("PYTHONPATH", "")]
        seen = {**environment, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONDONTWRITEBYTECODE": "1"}

        def ignored(paths: Iterable[str]) -> set[str]:
            return {path.removeprefix(place) for path in repository.ignored(place + path for path in paths)}

        def run(line: str) -> RanCommand:
            return run_commands({line: line}, root, seen, timeout=timeout, jobs=1)[0]

        return tuple(_made(root, globs, partial(run, line), ignored) for line, globs in patterns.items())


def _made(
    root: Path, globs: Sequence[str], run: Callable[[], RanCommand], ignored: Callable[[Iterable[str]], set[str]]
) -> Regenerated:
    before = _contents(root, globs)
    for path in before:
        (root / path).unlink()
    ran = run()
    if ran.exit_code != 0:
        last = ran.tail[-1] if ran.tail else "it said nothing"
        return Regenerated(ran.line, problem=ran.problem or f"it ended with {ran.exit_code}: {last}")
    after = _contents(root, globs)
    differing = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    left = ignored(after.keys() - before.keys())
    return Regenerated(ran.line, tuple(sorted(differing - left)), len(before))


def _contents(root: Path, globs: Sequence[str]) -> dict[str, bytes]:
    """Return the files of some patterns; a link is what it leads to by name, not by content."""
    found = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = Path(directory, name)
            relative = path.relative_to(root).as_posix()
            if matches_any(relative, globs):
                found[relative] = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    return found


def run_for_report(
    python: Sequence[str],
    root: Path,
    selectors: Sequence[str],
    environment: Mapping[str, str],
    *,
    suite: bool = False,
    reaching: Sequence[str] | None = None,
    covered: dict[str, str] | None = None,
) -> str:
    """Run ``pytest --phase SELECTOR...``, and the accepted tests with it, and return the JSON report it wrote.

    Args:
        python: The project's interpreter.
        root: Where to run.
        selectors: The phases, one option each.
        environment: All the variables the run sees.
        suite: Whether every other test runs with them.
        reaching: Of those, the files that can matter; without it, all.
        covered: Has a key for each format of coverage that the run writes too, and is given the texts.

    Raises:
        EvidenceError: It wrote no report; the end of what it said is told.
    """
    with tempfile.TemporaryDirectory(prefix="phasegate-check-") as directory:
        place = Path(directory)
        target, more = place / "report.json", {form: place / form for form in covered or ()}
        argv = [*python, "-m", "pytest", *_words(selectors, {"json": target, **more})]
        if suite:
            argv += _words_of_suite(place / "reaching", reaching)
        try:
            done = run_and_listen(argv, root, environment)
        except OSError as error:
            raise EvidenceError(f"{python[0]} cannot be run: {error.strerror}", code="PG931") from None
        if covered is not None:
            covered |= {form: file.read_text(encoding="utf-8") for form, file in more.items() if file.is_file()}
        if target.is_file():
            return target.read_text(encoding="utf-8")
        raise _without_report(done.returncode, done.stdout)


def _words(selectors: Iterable[str], reports: Mapping[str, Path]) -> list[str]:
    phases = [word for selector in selectors for word in ("--phasegate-phase", selector)]
    written = [word for form, file in reports.items() for word in ("--phasegate-report", f"{form}:{file}")]
    return [*phases, "--phasegate=enforce", "--phasegate-regression", *written]


def _words_of_suite(file: Path, reaching: Sequence[str] | None) -> Iterator[str]:
    """Yield the words for a whole suite; a test that fails, or a file that cannot be collected, ends no run early."""
    yield from ("--phasegate-suite", "--maxfail=0", "--continue-on-collection-errors")
    if reaching is not None:
        file.write_text("\n".join(reaching), encoding="utf-8")
        yield f"--phasegate-reaching={file}"  # a word of its own would be a path to pytest's rootdir


def run_and_listen(
    argv: Sequence[str], directory: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program that asks nothing; what it says on both streams is its ``stdout``.

    Raises:
        OSError: It cannot be run.
    """
    return subprocess.run(
        argv,
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _without_report(exit_code: int, said: str) -> EvidenceError:
    if "unrecognized arguments" in said and "--phase" in said:
        return EvidenceError(
            "pytest of the project's environment does not know --phase",
            hint="install pytest-phasegate there, or take `-p no:phasegate` out of addopts and PYTEST_ADDOPTS",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = "; ".join(lines[-2:]) or "it said nothing"
    how = f"was ended by signal {-exit_code}" if exit_code < 0 else f"ended with {exit_code}"
    return EvidenceError(f"the test run {how} and gave no report: {told}")
