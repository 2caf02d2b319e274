"""What people wait for, in one run: a phase of three tests in a large suite, the hook, ``status``, a check's questions.

Run ``python benchmarks/waiting.py`` in an environment that holds the package. CPU seconds are in alternation; git
processes are counted by a program of that name ahead on the path, once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from alternate import Command, alternate, environment, print_table
from suite import PYTEST, WITHOUT, write_suite

PHASEGATE = (sys.executable, "-m", "pytest_phasegate")
PASS = "python -c pass"
LIMITS = {"phasegate check 1": 60, "phasegate check all": 80}
"""How many git processes a check may start: of one phase, and of three."""
_GUIDE = "# Greeting Implementation Guide\n" + "".join(
    f"""
## Phase {number}: Part {number}

**Files to create**:
- `src/bench/part{number}.py`

**Tests to write** (in `tests/test_part{number}.py`):
```python
def test_says_{number}(): ...
def test_says_it_loudly_{number}(): ...
def test_says_it_twice_{number}(): ...
```

**Success criteria**:
- [ ] All tests passing
- [ ] Coverage: 100%
"""
    for number in (1, 2, 3)
)
_TESTS = """from bench.part1 import say


def test_says_1():
    assert say("a") == "a"


def test_says_it_loudly_1():
    assert say("a", loud=True) == "A"


def test_says_it_twice_1():
    assert say("a", times=2) == "aa"
"""
_CODE = "def say(text, loud=False, times=1):\n    return (text.upper() if loud else text) * times\n"
PEERS = {
    "pytest-cov, no report": ("--cov=src", "--cov-report="),
    "pytest-cov, missing lines": ("--cov=src", "--cov-report=term-missing"),
}
"""What coverage.py alone costs on that file: a phase is measured, too."""
_NO_REPLAY = {"PHASEGATE_PYTHON": "/nowhere/python"}
"""With no interpreter to replay in, the hook passes by what was recorded, or stops the benchmark."""
_SHIM = '#!/bin/sh\necho >> "{log}"\nexec "{git}" "$@"\n'


def main() -> None:
    """Build a project with an open phase that was red and is green, and print one table a question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tests", type=int, default=1_500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        bare = _written(Path(scratch, "bare"), options.tests, configured=False)
        _compare("installed, not configured", bare, (*PYTEST, "tests/test_part1.py"), 1.005, options.rounds)
        root = _written(Path(scratch, "project"), options.tests, configured=True)
        _compare("configured: recorded", root, (*PYTEST, "tests/test_part1.py"), None, options.rounds)
        title = f"a phase of 3 in {options.tests} tests"
        _compare(title, root, (*PYTEST, "--phase", "1"), 1.5, options.rounds, peers=PEERS)
        commands = [Command(PASS, (sys.executable, "-c", "pass"), root)]
        commands += [
            Command(name, (*PHASEGATE, *name.split()), root, _NO_REPLAY) for name in ("hook red-green", "status")
        ]
        targets = {"hook red-green": 10.0, "status": 10.0}
        print_table("short commands", alternate(commands, options.rounds), PASS, targets)
        _count(root, Path(scratch, "shim"))


def _written(root: Path, tests: int, *, configured: bool) -> Path:
    root.mkdir()
    write_suite(root, tests=tests, modules=50, phases=50).unlink()
    (root / "greeting_implementation_guide.md").write_text(_GUIDE)
    (root / ".gitignore").write_text("__pycache__/\n")
    if configured:
        (root / "phasegate.toml").write_text('guides = ["*_implementation_guide.md"]\nsource = ["src"]\n')
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*identity, "commit", "-qm", "docs: plan"]):
            _run(root, "git", *words)
    (root / "tests/test_part1.py").write_text(_TESTS)
    if configured:
        _run(root, *PYTEST, "--phase", "1", "--phasegate-expect", "red")
    (root / "src/bench/part1.py").write_text(_CODE)
    if configured:
        _run(root, *PYTEST, "--phase", "1")
        _run(root, "git", "add", "-A")
    return root


def _run(root: Path, *words: str) -> None:
    """Run a step with the variables of the measured commands: a red and a green explain each other only in the same."""
    subprocess.run(words, cwd=root, env=environment(Command("", ())), check=True, stdout=subprocess.DEVNULL)


def _compare(
    title: str,
    root: Path,
    words: tuple[str, ...],
    target: float | None,
    rounds: int,
    *,
    peers: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> None:
    plain = (*PYTEST, *WITHOUT, "tests/test_part1.py")
    others = [Command(name, (*plain, *options), root) for name, options in peers.items()]
    figures = alternate([Command("plain", plain, root), Command("with phasegate", words, root), *others], rounds)
    print_table(title, figures, "plain", {"with phasegate": target} if target else {})


def _count(root: Path, shim: Path) -> None:
    """Print how many git processes a check of one phase, and of all three, starts."""
    shim.mkdir()
    log = shim / "log"
    (shim / "git").write_text(_SHIM.format(log=log, git=shutil.which("git")))
    (shim / "git").chmod(0o755)
    variables = {**os.environ, "PATH": f"{shim}{os.pathsep}{os.environ['PATH']}"}
    print("\ngit processes")
    for name, limit in LIMITS.items():
        log.write_text("")
        words = (*PHASEGATE, *name.split()[1:])
        subprocess.run(words, cwd=root, env=variables, check=False, capture_output=True)
        asked = len(log.read_text().splitlines())
        print(f"{name:44} {asked:9} {limit:9} {'met' if asked <= limit else 'MISSED'}", flush=True)


if __name__ == "__main__":
    main()
