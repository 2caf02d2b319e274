"""Time whole commands in alternation and print ratios: only ratios of one run carry over to another machine.

Every round runs each command once, in turn, so that a drift of the machine's speed meets all of them alike. A
figure is the CPU time (user and system) of the finished child and its children; the median of the rounds is
compared with the median of the command named as the unit.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


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


def environment(command: Command) -> dict[str, str]:
    """Return a command's variables: with bytecode cached, as wherever the commands are used and not only measured."""
    inherited = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
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


def print_table(title: str, figures: Mapping[str, Figure], unit: str, targets: Mapping[str, float]) -> None:
    """Print one row a command: seconds, the ratio to the unit, and the target where there is one."""
    print(f"\n{title} (CPU seconds; unit: {unit})")
    print(f"{'':44} {'median':>9} {'min':>9} {'max':>9} {'ratio':>7} {'target':>7}")
    for figure in figures.values():
        target = targets.get(figure.name)
        times = ratio(figures, figure.name, unit)
        mark = "" if target is None else f"{target:7.2f} {'met' if times <= target else 'MISSED'}"
        print(f"{figure.name:44} {figure.median:9.3f} {figure.least:9.3f} {figure.most:9.3f} {times:7.2f} {mark}")
