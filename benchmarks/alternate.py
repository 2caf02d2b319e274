"""Time whole commands in alternation and print ratios: only ratios of one run carry over to another machine.

Every round runs each command once, in turn, so that a drift of the machine's speed meets all of them alike. A
figure is the CPU time (user and system) of the finished child and its children; the median of the rounds is
compared with the median of the command named as the unit. Where the margin is under five per cent, instructions are
counted with valgrind instead, those of all children included; and memory is the peak of the largest process.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Command:
    """One competitor: what to run, where, and with which variables added."""

    name: str
    argv: Sequence[str]
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    expected: frozenset[int] = frozenset({0})
    """Exit codes of a sound run; any other stops the benchmark, since a failing command measures nothing."""


@dataclass(frozen=True)
class Figure:
    """What one command took: CPU seconds, as median, minimum and maximum of its rounds."""

    name: str
    median: float
    least: float
    most: float


_NOT_OF_USERS = {"PYTHONDONTWRITEBYTECODE", "PHASEGATE_LEDGER"}


def environment(command: Command) -> dict[str, str]:
    """Return a command's variables: with bytecode cached, as wherever the commands are used, and nothing set for us."""
    inherited = {name: text for name, text in os.environ.items() if name not in _NOT_OF_USERS}
    return {**inherited, **command.env}


def cpu_seconds(command: Command) -> float:
    """Run a command once and return the CPU seconds that it and its children used.

    Raises:
        SystemExit: The command left with a code that it should not.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command.argv,
        cwd=command.cwd,
        env=environment(command),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in command.expected:
        sys.exit(f"{command.name} left with {done.returncode}:\n{done.stdout.decode(errors='replace')[-2000:]}")
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def peak_mebibytes(command: Command) -> float:
    """Run a command once and return the most memory that it, or any of its children, held at a time, in MiB."""
    child = subprocess.Popen(
        command.argv, cwd=command.cwd, env=environment(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in command.expected:
        sys.exit(f"{command.name} left with {child.returncode}")
    return used.ru_maxrss / 1024


def million_instructions(command: Command) -> float:
    """Run a command once under valgrind and return the instructions that it and its children executed."""
    valgrind = shutil.which("valgrind") or sys.exit("counting instructions needs valgrind")
    with tempfile.TemporaryDirectory() as scratch:
        options = ("--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={scratch}/%p.out")
        argv = [valgrind, *options, f"--log-file={scratch}/%p.log", *command.argv]
        # Hashes decide the order of sets, and so how much is done: the same ones for all.
        env = {**environment(command), "PYTHONHASHSEED": "0"}
        done = subprocess.run(argv, cwd=command.cwd, env=env, capture_output=True, check=False)
        if done.returncode not in command.expected:
            sys.exit(f"{command.name} left with {done.returncode} under valgrind")
        logs = [log.read_text() for log in Path(scratch).glob("*.log")]
    counted = [int(found[1]) for log in logs if (found := re.search(r"Collected : (\d+)", log))]
    if not counted:
        sys.exit(f"{command.name}: valgrind counted nothing")
    return sum(counted) / 1e6


def once(commands: Sequence[Command], measure: Callable[[Command], float]) -> dict[str, Figure]:
    """Measure each command once, after a run that writes the bytecode and whatever else is kept."""
    figures = {}
    for command in commands:
        cpu_seconds(command)
        cpu_seconds(command)
        figure = measure(command)
        figures[command.name] = Figure(command.name, figure, figure, figure)
    return figures


def alternate(commands: Sequence[Command], rounds: int, *, warm_up: int = 1) -> dict[str, Figure]:
    """Run the commands in turn, ``warm_up`` rounds uncounted and ``rounds`` counted."""
    for _ in range(warm_up):
        for command in commands:
            cpu_seconds(command)
    times: dict[str, list[float]] = {command.name: [] for command in commands}
    for _ in range(rounds):
        for command in commands:
            times[command.name].append(cpu_seconds(command))
    return {name: Figure(name, statistics.median(taken), min(taken), max(taken)) for name, taken in times.items()}


def ratio(figures: Mapping[str, Figure], name: str, unit: str) -> float:
    """Return how many times the unit's median a command's median is."""
    return figures[name].median / figures[unit].median


def print_table(
    title: str, figures: Mapping[str, Figure], unit: str, targets: Mapping[str, float], measure: str = "CPU seconds"
) -> None:
    """Print one row a command: its figure, the ratio to the unit, and the target where there is one."""
    print(f"\n{title} ({measure}; unit: {unit})")
    print(f"{'':44} {'median':>9} {'min':>9} {'max':>9} {'ratio':>7} {'target':>7}", flush=True)
    for figure in figures.values():
        target = targets.get(figure.name)
        times = ratio(figures, figure.name, unit)
        mark = "" if target is None else f"{target:7.3f} {'met' if times <= target else 'MISSED'}"
        print(
            f"{figure.name:44} {figure.median:9.3f} {figure.least:9.3f} {figure.most:9.3f} {times:7.3f} {mark}",
            flush=True,
        )
