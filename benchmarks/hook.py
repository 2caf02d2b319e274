"""What a commit hook costs that settles a commit by evidence, against ``python -c pass`` and ``git status``.

Run ``python benchmarks/hook.py`` in an environment that holds the package. The project has 1,000 production files,
10,000 recorded tests and 20 staged files; a second ledger holds many more runs, since the cost must not grow with it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from alternate import Command, alternate, print_table

from pytest_phasegate.adapters.ledger.store import SqliteLedger
from pytest_phasegate.adapters.work_files import WorkFiles
from pytest_phasegate.app.recorded_run import begin, record
from pytest_phasegate.core.evidence.observations import Fault, Observed
from pytest_phasegate.core.evidence.outcomes import (
    CaseRun,
    Grade,
    Moment,
    NodeId,
    Outcome,
    Raised,
    TestRun,
    function_of,
)
from pytest_phasegate.core.evidence.runs import RecordedRun, Red, TestVersion
from pytest_phasegate.core.project.settings import Settings

STAGED = 20
HOOK = (sys.executable, "-m", "pytest_phasegate", "hook", "red-green")


def main() -> None:
    """Build the project, compare, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--tests", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=300, help="further runs in the larger ledger")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        root = _project(Path(scratch, "project"), options.files, options.tests)
        small, large = root / ".git/phasegate/ledger.sqlite3", Path(scratch, "large.sqlite3")
        shutil.copy(small, large)
        _grow(large, options.runs)
        commands = [
            Command("python -c pass", (sys.executable, "-c", "pass"), root),
            Command("git status", ("git", "status", "--short"), root),
            Command("hook by evidence", HOOK, root),
            Command(f"the same, {options.runs} more runs", HOOK, root, {"PHASEGATE_LEDGER": str(large)}),
        ]
        figures = alternate(commands, options.rounds)
        sizes = f"{small.stat().st_size >> 10} KiB and {large.stat().st_size >> 10} KiB"
        title = f"hook: {options.files} files, {options.tests} recorded tests, {STAGED} staged; ledgers of {sizes}"
        targets = {"hook by evidence": 5.0, f"the same, {options.runs} more runs": 5.0}
        print_table(title, figures, "python -c pass", targets)
        print_table(title, figures, "git status", {})


def _project(root: Path, files: int, tests: int) -> Path:
    (root / "src/pkg").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "src/pkg/__init__.py").touch()
    (root / "phasegate.toml").write_text('source = ["src"]\n')
    for number in range(files - 1):
        (root / f"src/pkg/m{number}.py").write_text(f"def f{number}(x):\n    return x + {number}\n")
    for module in range(tests // 100):
        lines = [f"def test_{module}_{number}():\n    assert {number} < 100\n" for number in range(100)]
        (root / f"tests/test_{module}.py").write_text("\n\n".join(lines))
    _git(root, "init", "--quiet")
    _git(root, "add", "--all")
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    _git(root, *identity, "commit", "--quiet", "--no-verify", "-m", "feat: base")
    _observe(root, [f"tests/test_{module}.py::test_{module}_{n}" for module in range(tests // 100) for n in range(100)])
    _stage(root)
    return root


def _stage(root: Path) -> None:
    """Write tests, observe them red; write the code, observe them green; stage both."""
    names = [f"tests/test_new{number}.py::test_g{number}" for number in range(STAGED // 2)]
    for number in range(STAGED // 2):
        text = f"import pkg.m{number}\n\n\ndef test_g{number}():\n    assert pkg.m{number}.g(2) == {2 * number}\n"
        (root / f"tests/test_new{number}.py").write_text(text)
    _observe(root, names, red=True)
    for number in range(STAGED // 2):
        with (root / f"src/pkg/m{number}.py").open("a") as file:
            file.write(f"\n\ndef g(x):\n    return x * {number}\n")
    _observe(root, names)
    _git(root, "add", "--all")


def _observe(root: Path, names: list[str], *, red: bool = False) -> None:
    """Record a run as the plugin would, without running it."""
    files = WorkFiles(root)
    outcome = Outcome.FAILED if red else Outcome.PASSED
    cases = tuple(CaseRun(NodeId(name), function_of(NodeId(name)), outcome) for name in names)
    fault = Fault(Moment.CALL, Raised(("AttributeError", "Exception"), missing="g"))
    faults = {case.node_id: fault for case in cases} if red else {}
    observed = Observed(int(time.time()), TestRun(cases), faults=faults)
    record(begin(files, Settings(), "alike"), files, SqliteLedger(root / ".git/phasegate/ledger.sqlite3"), observed)


def _grow(path: Path, runs: int) -> None:
    """Append runs of other content, reds among them."""
    ledger = SqliteLedger(path)
    tests = [TestVersion(function_of(NodeId(f"tests/test_x.py::test_{n}")), f"{n:064x}", "") for n in range(1000)]
    for number in range(runs):
        reds = tuple(Red(test, Outcome.FAILED, Grade.BEHAVIOURAL) for test in tests[:50])
        ledger.record(RecordedRun(number, {"src/x.py": f"{number:040x}"}, {}, {Outcome.PASSED: tests[50:]}, reds))


def _git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True)


if __name__ == "__main__":
    main()
