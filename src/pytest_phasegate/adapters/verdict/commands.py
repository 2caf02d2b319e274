"""Run the project's quality commands: in parallel, each in a process group of its own, with a time limit."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import IO

from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.verdict.gate import RanCommand, Regenerated

TAIL_LINES, TAIL_BYTES = 40, 64 * 1024
PAUSE = 0.02
GRACE = 3.0  # seconds between asking a process group to end and killing it


@dataclass(slots=True)
class _Running:
    name: str
    line: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    since: float


def run_commands(
    commands: Mapping[str, str], directory: Path, environment: Mapping[str, str], *, timeout: float, jobs: int = 0
) -> tuple[RanCommand, ...]:
    """Run command lines and return how each ended, in the order given.

    Args:
        commands: Names and command lines; one that needs a shell is given to ``sh -c``, any other is run directly.
        directory: Where they run.
        environment: All the variables they see; programs are sought on its ``PATH``.
        timeout: Seconds each may take; then its whole process group is ended.
        jobs: How many run at a time; 0 is one for each processor.
    """
    waiting = list(commands.items())
    running: list[_Running] = []
    done: dict[str, RanCommand] = {}
    try:
        while waiting or running:
            ended = [_finished(command, timeout) for command in running if _over(command, timeout)]
            running = [command for command in running if command.name not in {one.name for one in ended}]
            for name, line in waiting[: (jobs or os.cpu_count() or 1) - len(running)]:
                started = _start(name, line, directory, environment)
                waiting = waiting[1:]
                (running if isinstance(started, _Running) else ended).append(started)  # type: ignore[arg-type]
            done |= {command.name: command for command in ended}
            time.sleep(PAUSE)
    finally:
        for left in running:
            _end(left.process)
    return tuple(done[name] for name in commands)


def _start(name: str, line: str, directory: Path, environment: Mapping[str, str]) -> _Running | RanCommand:
    words = words_of(line) or ["sh", "-c", line]
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the command has ended
    try:
        process = subprocess.Popen(
            [_found(words[0], directory, environment), *words[1:]],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        output.close()
        return RanCommand(name, line, None, problem=f"{words[0]!r} cannot be run: {error.strerror}")
    return _Running(name, line, process, output, time.monotonic())


def _found(program: str, directory: Path, environment: Mapping[str, str]) -> str:
    """Return the program's path on the PATH that the command will see, which is not our own."""
    if "/" in program:
        return str(directory / program)
    return which(program, path=environment.get("PATH", os.defpath)) or program


def _over(command: _Running, timeout: float) -> bool:
    return command.process.poll() is not None or time.monotonic() - command.since > timeout


def _finished(command: _Running, timeout: float) -> RanCommand:
    code = command.process.poll()
    _end(command.process)
    seconds = time.monotonic() - command.since
    with command.output as output:
        tail = _tail(output)
    if code is None:
        problem = f"took longer than {timeout:g} s and was ended"
        return RanCommand(command.name, command.line, None, tail, problem, seconds)
    return RanCommand(command.name, command.line, code, tail, seconds=seconds)


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


_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\$`]|\\.)*\"|\\.")
_SHELL_ONLY = re.compile(r"[|&;<>()$`*?\[\]{}~#!\n]")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def words_of(line: str) -> list[str] | None:
    """Return a command line as the words to run, or ``None`` where only a shell understands it.

    Pipes, redirections, variables, globs, leading assignments and unbalanced quotes need a shell; quoted,
    they do not. Running words directly leaves no place for a surprise in how a shell reads them.
    """
    bare = _QUOTED.sub("", line)
    if _SHELL_ONLY.search(bare) or _ASSIGNMENT.match(line.lstrip()) or "'" in bare or '"' in bare:
        return None
    return shlex.split(line) or None


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

        def made(line: str, globs: Sequence[str]) -> Regenerated:
            return _made(
                root, globs, lambda: run_commands({line: line}, root, seen, timeout=timeout, jobs=1)[0], ignored
            )

        return tuple(made(line, globs) for line, globs in patterns.items())


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
