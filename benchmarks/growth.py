"""How the cost inside a run grows with tests, phases and files.

Run ``python benchmarks/growth.py``. For each size, what ``--phase all`` with branches costs beside pytest-cov on the
same suite; and how many times that cost grows where the size doubles (2 is linear, 4 is square).
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

from alternate import Command, alternate
from suite import ORDERED, PYTEST, WITHOUT, write_project

_SIZES = {
    "tests": [{"tests": number} for number in (500, 1_000, 2_000, 4_000)],
    "phases": [{"tests": 1_000, "phases": number} for number in (5, 10, 25, 50)],
    "files": [{"tests": 1_600, "modules": number} for number in (50, 100, 200, 400)],
}


def main() -> None:
    """Measure and print a curve each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=_SIZES)
    options = parser.parse_args()
    for name, sizes in _SIZES.items():
        if options.only in {None, name}:
            _curve(name, sizes, options.rounds)


def _curve(name: str, sizes: list[dict[str, int]], rounds: int) -> None:
    print(f"\n{name:>8} {'pytest-cov':>11} {'--phase all':>12} {'more':>8} {'ratio':>7} {'growth a doubling':>18}")
    before: tuple[int, float] | None = None
    for size in sizes:
        peer, ours = _measured(size, rounds)
        number = size["modules" if name == "files" else name]
        slope = "" if before is None else f"{_growth(before, (number, ours)):18.2f}"
        print(f"{number:8} {peer:11.3f} {ours:12.3f} {ours - peer:+8.3f} {ours / peer:7.2f} {slope}", flush=True)
        before = (number, ours)


def _measured(size: dict[str, int], rounds: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        root = write_project(Path(scratch, "project"), **size)  # type: ignore[arg-type]
        run = (*PYTEST, *ORDERED)
        commands = [
            Command("peer", [*run, *WITHOUT, "--cov", "--cov-report="], root),
            Command("ours", [*run, "--phase", "all"], root),
        ]
        found = alternate(commands, rounds)
        return found["peer"].median, found["ours"].median


def _growth(before: tuple[int, float], now: tuple[int, float]) -> float:
    """Return by how much the cost grows where the size doubles."""
    return 2 ** (math.log(now[1] / before[1]) / math.log(now[0] / before[0]))


if __name__ == "__main__":
    sys.exit(main())
