"""The workflow of a feature, each of its steps gone wrong once: refused, and the message alone is enough to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project, Run

OLD = "from app.old import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
UNFORESEEN = (
    "\n\ndef test_it_holds_two_values():\n    cache = Cache()\n    cache.set('b', 2)\n    assert cache.get('b') == 2\n"
)


@pytest.fixture
def planned(project: Project) -> Project:
    """An older test that no baseline knows, and a guide whose first phase is written and not committed."""
    project.write("pyproject.toml", PYPROJECT).write(".gitignore", "__pycache__/\n.pytest_cache/\n.coverage*\n")
    project.write("src/app/__init__.py", "").write("src/app/old.py", "def double(number):\n    return number * 2\n")
    project.write("tests/test_old.py", OLD).write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan the cache")
    return project.write("tests/test_cache.py", CACHE_TESTS + UNFORESEEN).write("src/app/cache.py", CACHE)


def gate(done: Run, name: str) -> Any:
    return next(one for one in done.json["phases"][0]["gates"] if one["gate"] == name)


def test_each_step_that_goes_wrong_is_refused_with_what_mends_it(planned: Project) -> None:
    early = planned.phasegate("commit", "2")
    assert (early.exit_code, "PG507 phase 1 comes before phase 2 and is not committed" in early.stderr) == (1, True)
    assert "hint: finish phase 1 first: phasegate check 1" in early.stderr

    planned.write("src/app/old.py", "def double(number):\n    return 5\n")
    broken = planned.phasegate("check", "--format", "json")
    assert broken.exit_code == 1, broken.text
    (lost,) = gate(broken, "suite")["findings"]
    assert lost["fix"] == "mend the code until it is green again: pytest tests/test_old.py::test_double"
    planned.write("src/app/old.py", "def double(number):\n    return number * 2\n")

    unjudged = planned.phasegate("commit")
    assert (unjudged.exit_code, "phase 1 has not passed as it stands" in unjudged.stderr) == (1, True)
    assert "hint: phasegate check 1, or" in unjudged.stderr
    passed = planned.phasegate("check", "--format", "json")
    assert passed.exit_code == 0, passed.text
    assert passed.json["phases"][0]["tests"]["collected"] == 3, "two were declared, and a third came in with them"
    assert gate(passed, "suite")["reason"] == "1 other test of the suite passes"

    planned.git("add", "src")
    apart = planned.phasegate("commit")
    assert (apart.exit_code, "  tests/test_cache.py: not staged" in apart.stderr.splitlines()) == (1, True)
    assert "hint: git add --all stages what was judged" in apart.stderr
    planned.git("add", "--all")
    planned.write("notes.md", "changed after the pass\n")
    after = planned.phasegate("commit")
    assert (after.exit_code, "files changed since its last pass" in after.stderr) == (1, True)
    planned.remove("notes.md")
    assert planned.phasegate("commit").exit_code == 0

    accepted = planned.phasegate("accept")
    assert accepted.exit_code == 0, accepted.text
    assert "accepted phase 1 of" in accepted.stdout
    assert "3 new in .phasegate/baseline.jsonl" in accepted.stdout
    assert planned.phasegate("accept", "2").exit_code == 1


def test_a_file_that_slips_in_beside_the_phase_is_told_of_in_its_check(planned: Project) -> None:
    planned.git("add", "tests")
    planned.git("commit", "-q", "--no-verify", "-m", "test(cache): expect a cache")
    planned.git("stash", "-q", "-u")
    planned.write("src/app/slipped.py", "SLIPPED = 1\n").commit("feat: something else")
    planned.git("stash", "pop", "-q")
    planned.commit("feat(cache): add core cache")

    done = planned.phasegate("check", "1", "--format", "json")

    assert done.exit_code == 0, done.text
    told = [(one["code"], one["severity"], one["path"]) for one in gate(done, "scope")["findings"]]
    assert told == [("PG501", "warning", "src/app/slipped.py")]
