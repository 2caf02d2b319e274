"""What coverage by phase costs, against coverage.py and pytest-cov on the same suite of real tests.

Run ``python benchmarks/coverage.py`` in an environment that holds the package and its test dependencies; on Python
3.12 or later the table of ``sys.monitoring`` is measured too. CPU time in alternation; only the ratios carry over.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

from alternate import Command, alternate, million_instructions, once, print_table
from suite import ORDERED, PHASES, PYTEST, WITHOUT, write_project

_COVERAGE = (sys.executable, "-m", "coverage", "run", "--branch", "--source=src")
_SHUFFLED = ("-p", "randomly", "-p", "no:xdist", "--randomly-seed=1")


def main() -> None:
    """Measure and print a table for each target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tests", type=int, default=1_000)
    parser.add_argument("--only", choices=("grouped", "interleaved", "separate", "monitoring", "heavy"))
    parser.add_argument("--instructions", action="store_true", help="count with valgrind, once each, children included")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        grouped = write_project(Path(scratch, "grouped"), options.tests)
        interleaved = write_project(Path(scratch, "interleaved"), options.tests, interleaved=True)
        heavy = write_project(Path(scratch, "heavy"), options.tests, calls=200)
        monitored = {"--phase all, lines, sysmon": 1.2}
        tables = {
            "grouped": (_grouped(grouped), "coverage run --branch", {"--phase all, branches": 1.05}),
            "interleaved": (_interleaved(interleaved), "pytest-cov, a context a test", {"--phase all, branches": 0.8}),
            "separate": (_separate(grouped), f"{PHASES} runs, whole suite", {"--phase all, branches": 1.25 / PHASES}),
            "monitoring": (_monitoring(grouped), "plain", monitored),
            "heavy": (_monitoring(heavy), "plain", monitored),
        }
        for name, (commands, unit, targets) in tables.items():
            if options.only in {None, name} and commands:
                if options.instructions:
                    print_table(name, once(commands, million_instructions), unit, targets, "million instructions")
                else:
                    print_table(name, alternate(commands, options.rounds), unit, targets)


def _grouped(root: Path) -> list[Command]:
    everything = (*ORDERED, "--phase", "all")
    return [
        Command("plain", [*PYTEST, *ORDERED, *WITHOUT], root),
        Command("coverage run --branch", [*_COVERAGE, *PYTEST[1:], *ORDERED, *WITHOUT], root),
        Command("pytest-cov, branches", [*PYTEST, *ORDERED, *WITHOUT, "--cov", "--cov-report="], root),
        Command("--phase all, branches", [*PYTEST, *everything], root),
        Command("coverage run + --phase all", [*_COVERAGE, *PYTEST[1:], *everything], root),
        Command("pytest-cov + --phase all", [*PYTEST, *everything, "--cov", "--cov-report="], root),
        Command("--phase all, not measured", [*PYTEST, *everything, "--no-phasegate-cov"], root),
    ]


def _interleaved(root: Path) -> list[Command]:
    peer = [*PYTEST, *_SHUFFLED, *WITHOUT, "--cov", "--cov-report=", "--cov-context=test"]
    return [
        Command("plain", [*PYTEST, *_SHUFFLED, *WITHOUT], root),
        Command("pytest-cov, a context a test", peer, root),
        Command("--phase all, branches", [*PYTEST, *_SHUFFLED, "--phase", "all"], root),
    ]


def _separate(root: Path) -> list[Command]:
    peer = [*PYTEST, *ORDERED, *WITHOUT, "--cov", "--cov-report=term"]
    files = [sorted(map(str, (root / "tests").glob("test_module*.py")))[phase::PHASES] for phase in range(PHASES)]
    own = " && ".join(f"{shlex.join([*peer, *part])} > /dev/null" for part in files)
    whole = " && ".join(f"{shlex.join(peer)} > /dev/null" for _ in range(PHASES))
    return [
        Command(f"{PHASES} runs, whole suite", ["sh", "-c", whole], root),
        Command(f"{PHASES} runs, a phase's tests each", ["sh", "-c", own], root),
        Command("--phase all, branches", [*PYTEST, *ORDERED, "--phase", "all"], root),
    ]


def _monitoring(root: Path) -> list[Command]:
    if sys.version_info < (3, 12):
        return []
    lines = {"COVERAGE_RCFILE": str(root / "lines.ini")}
    monitored = {**lines, "COVERAGE_CORE": "sysmon"}
    everything = [*PYTEST, *ORDERED, "--phase", "all"]
    return [
        Command("plain", [*PYTEST, *ORDERED, *WITHOUT], root),
        Command("coverage run, lines, sysmon", [*_MONITORED, *PYTEST[1:], *ORDERED, *WITHOUT], root, monitored),
        Command("--phase all, lines, C tracer", everything, root, lines),
        Command("--phase all, lines, sysmon", everything, root, monitored),
        Command("--phase all, not measured", [*everything, "--no-phasegate-cov"], root),
    ]


_MONITORED = (sys.executable, "-m", "coverage", "run", "--source=src")

if __name__ == "__main__":
    main()
