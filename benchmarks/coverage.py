"""What coverage by phase costs, against coverage.py and pytest-cov on the same suite of real tests.

Run ``python benchmarks/coverage.py`` in an environment that holds the package and its test dependencies; on Python
3.12 or later the table of ``sys.monitoring`` is measured too. CPU time in alternation; only the ratios carry over.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from alternate import Command, alternate, print_table
from suite import write_suite

_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
_COVERAGE = (sys.executable, "-m", "coverage", "run", "--branch", "--source=src")
_ORDERED = ("-p", "no:randomly")
_SHUFFLED = ("-p", "randomly", "-p", "no:xdist", "--randomly-seed=1")
_WITHOUT = ("-p", "no:phasegate")
_PHASES = 10
_CONFIGURATION = 'guides = ["bench_implementation_guide.md"]\nmode = "report"\n'


def main() -> None:
    """Measure and print a table for each target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tests", type=int, default=1_000)
    parser.add_argument("--only", choices=("grouped", "interleaved", "separate", "monitoring"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        grouped = _project(Path(scratch, "grouped"), options.tests, interleaved=False)
        interleaved = _project(Path(scratch, "interleaved"), options.tests, interleaved=True)
        tables = {
            "grouped": (_grouped(grouped), "coverage run --branch", {"--phase all, branches": 1.05}),
            "interleaved": (_interleaved(interleaved), "pytest-cov, a context a test", {"--phase all, branches": 0.8}),
            "separate": (_separate(grouped), f"{_PHASES} runs, whole suite", {"--phase all, branches": 1.25 / _PHASES}),
            "monitoring": (_monitoring(grouped), "plain", {"--phase all, lines, sysmon": 1.2}),
        }
        for name, (commands, unit, targets) in tables.items():
            if options.only in (None, name) and commands:
                print_table(name, alternate(commands, options.rounds), unit, targets)


def _project(root: Path, tests: int, *, interleaved: bool) -> Path:
    root.mkdir()
    write_suite(root, tests=tests, modules=50, phases=_PHASES, interleaved=interleaved)
    (root / "phasegate.toml").write_text(_CONFIGURATION)
    (root / ".coveragerc").write_text("[run]\nbranch = true\nsource = src\n")
    (root / "lines.ini").write_text("[run]\nsource = src\n")
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*_IDENTITY, "commit", "-qm", "docs: plan"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


_IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def _grouped(root: Path) -> list[Command]:
    everything = (*_ORDERED, "--phase", "all")
    return [
        Command("plain", [*_PYTEST, *_ORDERED, *_WITHOUT], root),
        Command("coverage run --branch", [*_COVERAGE, *_PYTEST[1:], *_ORDERED, *_WITHOUT], root),
        Command("pytest-cov, branches", [*_PYTEST, *_ORDERED, *_WITHOUT, "--cov", "--cov-report="], root),
        Command("--phase all, branches", [*_PYTEST, *everything], root),
        Command("coverage run + --phase all", [*_COVERAGE, *_PYTEST[1:], *everything], root),
        Command("pytest-cov + --phase all", [*_PYTEST, *everything, "--cov", "--cov-report="], root),
        Command("--phase all, not measured", [*_PYTEST, *everything, "--no-phasegate-cov"], root),
    ]


def _interleaved(root: Path) -> list[Command]:
    peer = [*_PYTEST, *_SHUFFLED, *_WITHOUT, "--cov", "--cov-report=", "--cov-context=test"]
    return [
        Command("plain", [*_PYTEST, *_SHUFFLED, *_WITHOUT], root),
        Command("pytest-cov, a context a test", peer, root),
        Command("--phase all, branches", [*_PYTEST, *_SHUFFLED, "--phase", "all"], root),
    ]


def _separate(root: Path) -> list[Command]:
    peer = [*_PYTEST, *_ORDERED, *_WITHOUT, "--cov", "--cov-report=term"]
    files = [sorted(map(str, (root / "tests").glob("test_module*.py")))[phase::_PHASES] for phase in range(_PHASES)]
    own = " && ".join(f"{shlex.join([*peer, *part])} > /dev/null" for part in files)
    whole = " && ".join(f"{shlex.join(peer)} > /dev/null" for _ in range(_PHASES))
    return [
        Command(f"{_PHASES} runs, whole suite", ["sh", "-c", whole], root),
        Command(f"{_PHASES} runs, a phase's tests each", ["sh", "-c", own], root),
        Command("--phase all, branches", [*_PYTEST, *_ORDERED, "--phase", "all"], root),
    ]


def _monitoring(root: Path) -> list[Command]:
    if sys.version_info < (3, 12):
        return []
    lines = {"COVERAGE_RCFILE": str(root / "lines.ini")}
    monitored = {**lines, "COVERAGE_CORE": "sysmon"}
    everything = [*_PYTEST, *_ORDERED, "--phase", "all"]
    return [
        Command("plain", [*_PYTEST, *_ORDERED, *_WITHOUT], root),
        Command("coverage run, lines, sysmon", [*_MONITORED, *_PYTEST[1:], *_ORDERED, *_WITHOUT], root, monitored),
        Command("--phase all, lines, C tracer", everything, root, lines),
        Command("--phase all, lines, sysmon", everything, root, monitored),
        Command("--phase all, not measured", [*everything, "--no-phasegate-cov"], root),
    ]


_MONITORED = (sys.executable, "-m", "coverage", "run", "--source=src")

if __name__ == "__main__":
    main()
