"""A project to measure on: production modules with branches, a suite over them, a guide that declares every test."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
ORDERED = ("-p", "no:randomly")
WITHOUT = ("-p", "no:phasegate")
PHASES = 10
_CONFIGURATION = 'guides = ["bench_implementation_guide.md"]\nmode = "report"\n'
_IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
_PRODUCTION = '''
def grade{number}(value):
    """Classify a number the long way round, so that there are branches to follow."""
    words = []
    for divisor in range(2, 12):
        if value % divisor == 0:
            words.append(str(divisor))
        elif value > divisor * 10:
            words.append("far")
        else:
            words.append("near")
    return " ".join(words)
'''

_TEST = """
def test_grade_{module}_{number}():
    words = [grade{function}(value) for value in range({number}, {number} + {calls})]
    assert len(words) == {calls}
"""


def write_project(
    root: Path,
    tests: int,
    *,
    modules: int = 50,
    phases: int = PHASES,
    interleaved: bool = False,
    calls: int = 20,
) -> Path:
    """Write the suite and commit it, configured for us and for coverage.py; return the directory, which is made."""
    root.mkdir()
    write_suite(root, tests=tests, modules=modules, phases=phases, interleaved=interleaved, calls=calls)
    (root / "phasegate.toml").write_text(_CONFIGURATION)
    (root / ".coveragerc").write_text("[run]\nbranch = true\nsource = src\n")
    (root / "lines.ini").write_text("[run]\nsource = src\n")
    (root / ".gitignore").write_text("__pycache__/\n.coverage*\n")
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*_IDENTITY, "commit", "-qm", "docs: plan"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


def write_suite(
    root: Path, *, tests: int, modules: int, phases: int, interleaved: bool = False, calls: int = 20
) -> Path:
    """Write the project below ``root`` and return the guide's path.

    Args:
        root: An existing, empty directory.
        tests: How many test functions there are in all.
        modules: Over how many production and test modules they are spread evenly.
        phases: How many phases the guide has; each module belongs to one.
        interleaved: Whether consecutive tests of a file belong to different phases, so that a context is
            switched at every test.
        calls: How often each test calls production code: with 20 it takes a third of a millisecond, most of which is
            pytest's own.
    """
    package = root / "src" / "bench"
    package.mkdir(parents=True)
    (root / "tests").mkdir()
    (package / "__init__.py").write_text("")
    per_module = tests // modules
    declared: list[list[str]] = [[] for _ in range(phases)]
    for module in range(modules):
        functions = [_PRODUCTION.format(number=number) for number in range(5)]
        (package / f"module{module}.py").write_text("\n".join(functions))
        imports = ", ".join(f"grade{number}" for number in range(5))
        lines = [f"from bench.module{module} import {imports}\n"]
        for number in range(per_module):
            lines.append(_TEST.format(module=module, number=number, function=number % 5, calls=calls))
            phase = number % phases if interleaved else module * phases // modules
            declared[phase].append(f"test_grade_{module}_{number}")
        (root / "tests" / f"test_module{module}.py").write_text("\n".join(lines))
    (root / "pytest.ini").write_text("[pytest]\ntestpaths = tests\npythonpath = src\n")
    guide = root / "bench_implementation_guide.md"
    guide.write_text(_guide(declared, modules, phases))
    return guide


def _guide(declared: list[list[str]], modules: int, phases: int) -> str:
    sections = ["# Bench Implementation Guide\n"]
    for phase, names in enumerate(declared):
        files = [f"- `src/bench/module{number}.py`" for number in range(modules) if number * phases // modules == phase]
        tests = "\n".join(f"def {name}(): ..." for name in names)
        sections.append(
            f"## Phase {phase + 1}: Part {phase + 1}\n\n**Files to modify**:\n"
            + "\n".join(files)
            + f"\n\n**Tests to write**:\n```python\n{tests}\n```\n\n**Success criteria**:\n- [ ] Coverage: 10%\n"
        )
    return "\n".join(sections)
