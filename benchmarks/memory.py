"""How much memory a run holds at its peak: with recording, and with coverage by phase against pytest-cov.

Run ``python benchmarks/memory.py``: the peak of the largest process, the median of the rounds. The targets are so many
MiB above the peer, not ratios.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from alternate import Command, cpu_seconds, peak_mebibytes
from suite import ORDERED, PYTEST, WITHOUT, write_project

if TYPE_CHECKING:
    from collections.abc import Sequence


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tests", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        root = write_project(Path(scratch, "project"), options.tests)
        run = (*PYTEST, *ORDERED)
        plain = Command("plain", [*run, *WITHOUT], root)
        peer = Command("pytest-cov, branches", [*run, *WITHOUT, "--cov", "--cov-report="], root)
        ours = ("--phase", "all")
        _compare(plain, [Command("recording", run, root)], 5, options.rounds)
        _compare(
            plain, [Command("--phase all, not measured", [*run, *ours, "--no-phasegate-cov"], root)], 5, options.rounds
        )
        both = [*run, *ours, "--cov", "--cov-report="]
        _compare(
            peer,
            [Command("--phase all, branches", [*run, *ours], root), Command("pytest-cov + --phase all", both, root)],
            3,
            options.rounds,
        )


def _compare(unit: Command, others: Sequence[Command], allowed: float, rounds: int) -> None:
    commands = [unit, *others]
    for command in commands:
        cpu_seconds(command)  # writes the bytecode
    peaks: dict[str, list[float]] = {command.name: [] for command in commands}
    for _ in range(rounds):
        for command in commands:
            peaks[command.name].append(peak_mebibytes(command))
    medians = {name: statistics.median(found) for name, found in peaks.items()}
    print(f"\n{'MiB at the peak':44} {'median':>9} {'more':>7} {'target':>7}")
    for name, median in medians.items():
        more = median - medians[unit.name]
        mark = "" if name == unit.name else f"{allowed:+7.1f} {'met' if more <= allowed else 'MISSED'}"
        print(f"{name:44} {median:9.1f} {more:+7.1f} {mark}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
