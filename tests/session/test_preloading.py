from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from project import Project

READERS = """
import atexit, sys
atexit.register(lambda: print("readers:", sorted(
    name for name in sys.modules if name.startswith("pytest_phasegate.dialects.")
)))
"""
COMPILED = """
import dataclasses, sys

from pytest_phasegate.session import measuring, preloading

preloading.preload()
ours = [module for name, module in sys.modules.items() if name.startswith("pytest_phasegate.")]
classes = {value for module in ours for value in vars(module).values() if isinstance(value, type)}
print([one for one in classes if isinstance(vars(one).get("__dataclass_fields__"), dict)])
"""
GUIDE = """# Cache Implementation Guide

## Phase 1: Core
**Files to create**:
- `src/cache.py`
**Tests to write**:
- `test_it`
**Success criteria**:
- [ ] Coverage: 50%
"""
CONFTEST = """
import atexit, sys
before = set(sys.modules)
atexit.register(lambda: print("late:", sorted(
    name for name in set(sys.modules) - before if name.startswith("pytest_phasegate.")
)))
"""


def test_what_a_judging_run_needs_of_ours_is_loaded_before_measuring_begins(project: Project) -> None:
    project.write("cache_implementation_guide.md", GUIDE).write(
        "phasegate.toml", 'guides = ["cache_implementation_guide.md"]\nsource = ["src"]\n'
    )
    project.write("src/cache.py", "SIZE = 1\n").write("conftest.py", CONFTEST).write("pytest.ini", "[pytest]\n")
    project.write("tests/test_it.py", "def test_it(): assert 1\n").init_git().commit("docs: plan")

    run = project.pytest("--phase", "all", "--phasegate=report")

    assert "coverage" in run.stdout
    assert "late: []" in run.stdout


def test_no_reader_of_guides_is_loaded_for_a_guide_that_is_known(project: Project) -> None:
    project.write("cache_implementation_guide.md", GUIDE).write(
        "phasegate.toml", 'guides = ["cache_implementation_guide.md"]\nsource = ["src"]\n'
    )
    project.write("src/cache.py", "SIZE = 1\n").write("conftest.py", READERS).write("pytest.ini", "[pytest]\n")
    project.write("tests/test_it.py", "def test_it(): assert 1\n").init_git().commit("docs: plan")

    first, second = (project.pytest("--phase", "all", "--phasegate=report") for _ in range(2))

    assert "canonical" in first.stdout
    assert "readers: []" in second.stdout, second.text


def test_no_class_that_a_judging_run_loads_compiles_its_methods_at_once(project: Project) -> None:
    run = project.run(sys.executable, "-c", COMPILED)

    assert run.stdout == "[]\n", run.text
