"""What the plugin costs: installed but unconfigured, recording every test, and mapping tests to phases.

Run ``python benchmarks/plugin.py`` in an environment that holds the package and its test dependencies.
``--instructions`` counts instructions with valgrind instead of CPU seconds, once each: slow, and exact enough
for margins under five per cent.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from alternate import Command, Figure, alternate, cpu_seconds, environment, print_table
from suite import write_suite

if TYPE_CHECKING:
    from collections.abc import Sequence

_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
_CONFIGURATION = 'guides = ["bench_implementation_guide.md"]\nmode = "report"\n'


def main() -> None:
    """Measure all three and print a table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tests", type=int, default=10_000, help="tests of the suite that is recorded")
    parser.add_argument("--mapped", type=int, default=100_000, help="tests of the suite that is mapped")
    parser.add_argument("--instructions", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        bare = _project(Path(scratch, "bare"), tests=1_000, configured=False)
        recorded = _project(Path(scratch, "recorded"), tests=options.tests, configured=True)
        mapped = _project(Path(scratch, "mapped"), tests=options.mapped, configured=True)
        _compare("installed, not configured", _unconfigured(bare), {"with the plugin": 1.005}, options)
        _compare(f"recording {options.tests} tests", _recording(recorded), {"recording": 1.03}, options)
        _compare(f"mapping {options.mapped} tests to 50 phases", _mapping(mapped), {"mapped": 1.05}, options)


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


def _compare(title: str, commands: Sequence[Command], targets: dict[str, float], options: argparse.Namespace) -> None:
    if options.instructions:
        figures = {command.name: _instructions(command) for command in commands}
        title = f"{title}: million instructions"
    else:
        figures = alternate(commands, options.rounds)
    print_table(title, figures, "plain", targets)


def _instructions(command: Command) -> Figure:
    valgrind = shutil.which("valgrind") or sys.exit("--instructions needs valgrind")
    cpu_seconds(command)  # writes the bytecode
    with tempfile.TemporaryDirectory() as scratch:
        argv = [valgrind, "--tool=callgrind", f"--callgrind-out-file={scratch}/out", *command.argv]
        done = subprocess.run(
            argv, cwd=command.cwd, env=environment(command), capture_output=True, text=True, check=False
        )
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if counted is None:
        sys.exit(f"{command.name}: valgrind counted nothing:\n{done.stderr[-2000:]}")
    millions = int(counted[1]) / 1e6
    return Figure(command.name, millions, millions, millions)


if __name__ == "__main__":
    main()
