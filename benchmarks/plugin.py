"""What the plugin costs: installed but unconfigured, recording every test, and mapping tests to phases.

Run ``python benchmarks/plugin.py`` in an environment that holds the package and its test dependencies.
``--instructions`` counts instructions with valgrind instead of CPU seconds, once each, children included: slow, and
exact enough for margins under five per cent.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from alternate import Command, alternate, million_instructions, once, peak_mebibytes, print_table
from suite import write_suite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
_CONFIGURATION = 'guides = ["bench_implementation_guide.md"]\nmode = "report"\n'


def main() -> None:
    """Measure all three and print a table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--bare", type=int, default=1_000, help="tests of the suite that is not configured")
    parser.add_argument("--tests", type=int, default=10_000, help="tests of the suite that is recorded")
    parser.add_argument("--mapped", type=int, default=100_000, help="tests of the suite that is mapped")
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--only", choices=("bare", "recorded", "mapped"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        if options.only in {None, "bare"}:
            bare = _project(Path(scratch, "bare"), tests=options.bare, configured=False)
            _compare("installed, not configured", _unconfigured(bare), {"with the plugin": 1.005}, options)
        if options.only in {None, "recorded"}:
            recorded = _project(Path(scratch, "recorded"), tests=options.tests, configured=True)
            _compare(f"recording {options.tests} tests", _recording(recorded), {"recording": 1.03}, options)
        if options.only in {None, "mapped"}:
            mapped = _project(Path(scratch, "mapped"), tests=options.mapped, configured=True)
            commands = _mapping(mapped)
            _compare(f"mapping {options.mapped} tests to 50 phases", commands, {"mapped": 1.05}, options)
            print_table("the same", once(commands, peak_mebibytes), "plain", {"mapped": 1.1}, "MiB at the peak")


def _project(root: Path, *, tests: int, configured: bool) -> Path:
    root.mkdir()
    write_suite(root, tests=tests, modules=50, phases=50)
    if configured:
        (root / "phasegate.toml").write_text(_CONFIGURATION)
        subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


def _unconfigured(root: Path) -> list[Command]:
    return [
        Command("plain", [*_PYTEST, "-p", "no:phasegate"], root),
        Command("with the plugin", _PYTEST, root),
    ]


def _recording(root: Path) -> list[Command]:
    return [
        Command("plain", [*_PYTEST, "-p", "no:phasegate"], root),
        Command("recording", _PYTEST, root),
        Command("junitxml (a peer)", [*_PYTEST, "-p", "no:phasegate", "--junitxml", "junit.xml"], root),
    ]


def _mapping(root: Path) -> list[Command]:
    collect = [*_PYTEST, "--collect-only", "-qq"]
    return [
        Command("plain", [*collect, "-p", "no:phasegate"], root),
        Command("mapped", [*collect, "--phase", "all", "--no-phasegate-cov"], root),
    ]


def _compare(
    title: str, commands: Sequence[Command], targets: Mapping[str, float], options: argparse.Namespace
) -> None:
    if options.instructions:
        print_table(title, once(commands, million_instructions), "plain", targets, "million instructions")
        return
    figures = alternate(commands, options.rounds)
    print_table(title, figures, "plain", targets)
    if "recording" in figures:
        more = figures["recording"].median - figures["plain"].median
        print(f"{'':44} {more / options.tests * 1e6:.1f} microseconds a test, the fixed part included (target: 10)")


if __name__ == "__main__":
    main()
