"""A plan that is a list of titles, from its first line to its end: how-to "plans that declare nothing"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.guides import PYPROJECT

if TYPE_CHECKING:
    from support.project import Project

PLAN = "docs/plans/cart_implementation_plan.md"


def gates(project: Project, phase: str) -> tuple[int, dict[str, str]]:
    """Check a phase, and return the exit code with the verdict of each gate that gave one."""
    checked = project.phasegate("check", phase, "--format", "json")
    (report,) = [one for one in checked.json["phases"] if one["id"] == phase]
    assert report["source"] == {"files": "derived", "tests": "derived"}
    verdicts = {gate["gate"]: gate["verdict"] for gate in report["gates"]}
    return checked.exit_code, {name: word for name, word in verdicts.items() if word != "not-evaluated"}


@pytest.mark.soak
def test_a_plan_of_titles_is_carried_out_with_all_that_its_commits_bring(project: Project) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}\n[tool.phasegate.coverage]\nminimum = 100\n")
    project.write("src/old.py", "def old(): return 1\n")
    project.write("tests/test_old.py", "from old import old\ndef test_old(): assert old() == 1\n")
    project.init_git().commit("chore: begin")
    project.write(PLAN, "# Cart\n\n## Phase 1: Prices\n\n## Phase 2: Totals\n").commit("docs: plan the cart")

    assert gates(project, "1")[0] == 4
    assert "commit it with the trailer `Phase: 1`" in project.phasegate("next").stdout

    project.write("tests/test_price.py", "from price import price\n\n\ndef test_price(): assert price(2) == 4\n")
    assert project.pytest("--phase", "1", "--phasegate-expect", "red").exit_code == 0
    project.commit("test: prices\n\nPhase: 1")
    assert "make the tests of phase 1 pass" in project.phasegate("next").stdout

    project.write("src/price.py", "def price(n):\n    if n < 0:\n        return 0\n    return 2 * n\n")
    code, verdicts = gates(project, "1")
    assert (code, verdicts["coverage"], verdicts["red-green"]) == (1, "failed", "passed")
    project.write("src/price.py", "def price(n):\n    return 2 * n\n")
    code, verdicts = gates(project, "1")
    assert (code, {verdicts[gate] for gate in ("tests", "coverage", "red-green", "scope")}) == (0, {"passed"})
    assert project.phasegate("commit", "1", "-m", "feat: prices").exit_code == 0
    assert project.phasegate("status", "--require-complete").exit_code == 1
    assert project.phasegate("accept", "1").exit_code == 0
    project.commit("chore: accept phase 1")

    project.write("src/total.py", "from price import price\n\n\ndef total(ns):\n    return sum(map(price, ns))\n")
    code, verdicts = gates(project, "2")
    assert (code, verdicts["tests"], verdicts["red-green"]) == (1, "inconclusive", "failed")
    project.write("tests/test_total.py", "from total import total\n\n\ndef test_total(): assert total([1, 2]) == 6\n")
    project.write("src/price.py", "def price(n):\n    return 3 * n\n")
    assert gates(project, "2")[1]["regression"] == "failed"
    project.write("src/price.py", "def price(n):\n    return 2 * n\n")
    assert gates(project, "2")[0] == 0
    assert project.phasegate("commit", "2", "-m", "feat: totals").exit_code == 0
    assert project.phasegate("accept", "2").exit_code == 0
    project.commit("chore: accept phase 2")

    done = project.phasegate("status", "--require-complete")
    assert done.exit_code == 0, done.text


def test_a_phase_of_which_the_guide_names_the_file_of_its_tests_alone_answers_for_the_code_that_came(
    project: Project,
) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}\n[tool.phasegate.coverage]\nminimum = 100\n")
    plan = "# Cart\n\n## Phase 1: Prices\n\n**Files**:\n- Create: `tests/test_price.py`\n"
    project.init_git().write(PLAN, plan).commit("docs: plan the cart")
    project.write("tests/test_price.py", "from price import price\n\n\ndef test_price(): assert price(2) == 4\n")
    project.commit("test: prices")
    project.write("src/price.py", "def price(n):\n    if n < 0:\n        return 0\n    return 2 * n\n")

    uncovered, verdicts = gates(project, "1")
    project.write("src/price.py", "def price(n):\n    return 2 * n\n")
    covered, _ = gates(project, "1")

    assert (uncovered, verdicts["coverage"], verdicts["scope"]) == (1, "failed", "passed")
    assert covered == 0


def titled(project: Project, title: str, below: str = "") -> None:
    """A committed plan of one phase, with a suite of one passing test."""
    project.write("pyproject.toml", PYPROJECT).write("src/price.py", "def price(n): return 2 * n\n")
    project.write("tests/test_price.py", "from price import price\n\n\ndef test_price(): assert price(2) == 4\n")
    project.init_git().commit("chore: begin")
    project.write(PLAN, f"# Cart\n\n## Phase 1: {title}\n\n{below}").commit("docs: plan the cart")


def test_a_checkpoint_is_accepted_by_the_suite_and_refused_while_a_test_fails(project: Project) -> None:
    titled(project, "Checkpoint - Ensure all tests pass")

    assert "phasegate check 1" in project.phasegate("next").stdout
    assert "it asks that the tests of others pass" in project.pytest("--phase", "1").stdout
    project.write("src/price.py", "def price(n): return 3 * n\n")
    assert gates(project, "1")[0] == 1
    project.write("src/price.py", "def price(n): return 2 * n\n")
    code, verdicts = gates(project, "1")
    assert (code, verdicts["suite"], verdicts["criteria"]) == (0, "passed", "passed")
    assert project.phasegate("accept", "1").exit_code == 0
    project.commit("chore: accept phase 1")
    assert project.phasegate("status", "--require-complete").exit_code == 0


def test_a_phase_of_a_title_does_not_pass_by_the_tests_that_were_there(project: Project) -> None:
    titled(project, "Log in", "**Success criteria**:\n- [ ] All tests pass\n")

    assert gates(project, "1")[0] == 4


def test_a_phase_that_calls_itself_a_checkpoint_and_asks_for_nothing_is_not_started(project: Project) -> None:
    titled(project, "Log in", "**Type**: checkpoint\n")

    assert gates(project, "1")[0] == 4


def test_a_phase_whose_kind_needs_no_test_passes_with_what_its_commits_bring(project: Project) -> None:
    titled(project, "Set up", "**Type**: chore\n")
    assert gates(project, "1")[0] == 4
    assert "do the work of phase 1, and commit it with the trailer `Phase: 1`" in project.phasegate("next").stdout

    project.write(".editorconfig", "root = true\n").commit("chore: set up\n\nPhase: 1")
    code, verdicts = gates(project, "1")
    assert (code, verdicts["suite"]) == (0, "passed")
    assert project.phasegate("accept", "1").exit_code == 0


def test_a_phase_whose_kind_needs_no_test_is_refused_with_code_of_a_feature(project: Project) -> None:
    titled(project, "Set up", "**Type**: chore\n")
    project.write("src/total.py", "def total(ns): return sum(ns)\n").commit("feat: totals\n\nPhase: 1")

    code, verdicts = gates(project, "1")
    assert (code, verdicts["red-green"]) == (1, "failed")


def test_that_a_phase_needs_no_test_can_be_said_when_the_gate_asks_for_one(project: Project) -> None:
    titled(project, "Set up")
    project.write(".editorconfig", "root = true\n").commit("chore: set up\n\nPhase: 1")

    begun = project.phasegate("next").stdout
    asked = project.phasegate("check", "1")
    project.write(PLAN, "# Cart\n\n## Phase 1: Set up\n\n**Type**: chore\n")
    said = project.phasegate("check", "1")

    assert "one that needs no test says `**Type**: chore` below its heading" in begun
    assert (asked.exit_code, "say under phase 1 that it needs none: `**Type**: chore`" in asked.stdout) == (1, True)
    assert (said.exit_code, "asks less than where the phase began: as `chore` it needs no red test" in said.stdout) == (
        0, True
    )  # fmt: skip


def test_a_finished_phase_that_needs_no_test_keeps_what_else_it_asked(project: Project) -> None:
    below = "**Type**: chore\n\n**Success criteria**:\n- [ ] The team agrees\n"
    titled(project, "Set up", below)
    project.write(".editorconfig", "root = true\n").commit("chore: set up\n\nPhase: 1")

    project.write(PLAN, "# Cart\n\n## Phase 1: Set up\n\n**Type**: chore\n")

    assert "PG504" in project.phasegate("check", "1").stdout
