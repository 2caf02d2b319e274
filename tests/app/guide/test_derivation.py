from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.wiring import projects, readers, records

if TYPE_CHECKING:
    from pytest_phasegate.core.guide.model import Phase
    from support.project import Project

PLAN = "docs/plans/cart_implementation_plan.md"
TITLES = "# Cart plan\n\n## Phase 1: Prices\n\n## Phase 2: Totals\n\n## Phase 3: Vouchers\n"
SETTINGS = Settings(configured=True, source=("src",), tests=("tests",))


@pytest.fixture
def shop(project: Project) -> Project:
    """A repository with code and a test of its own, and a plan that is a list of titles."""
    project.init_git().write("src/old.py", "def old(): return 1\n")
    project.write("tests/test_old.py", "from old import old\ndef test_old(): assert old()\n").commit("feat: old")
    project.write(PLAN, TITLES).commit("docs: plan")
    return project


def worked(project: Project, name: str, *, code: bool = True) -> Project:
    project.write(f"tests/test_{name}.py", f"from {name} import go\n\ndef test_{name}(): assert go() == 1\n")
    return project.write(f"src/{name}.py", "def go(): return 1\n") if code else project


def phases(project: Project, settings: Settings = SETTINGS) -> dict[str, Phase]:
    meant = projects.Project(project.root, settings)
    (guide,) = records.derived(meant, readers.guides(meant))
    return {phase.id: phase for phase in guide.phases}


def brought(project: Project) -> dict[str, list[str]]:
    return {
        phase.id: sorted({*(file.path for file in phase.files), *(test.name for test in phase.tests)})
        for phase in phases(project).values()
    }


def test_a_phase_has_what_the_commits_brought_that_name_it(shop: Project) -> None:
    worked(shop, "price", code=False).commit("test: prices\n\nPhase: 1")
    worked(shop, "price").commit("feat: prices\n\nPhase: cart/1")
    worked(shop, "total").commit("feat: totals\n\nPhase: 2")

    assert brought(shop) == {"1": ["src/price.py", "test_price"], "2": ["src/total.py", "test_total"], "3": []}
    assert len(getattr(phases(shop)["1"].derivation, "commits", ())) == 2


def test_uncommitted_work_counts_to_the_phase_that_is_worked_on(shop: Project) -> None:
    worked(shop, "price").commit("feat: prices\n\nPhase: 1")
    shop.write(
        ".phasegate/baseline.jsonl",
        '{"test": "tests/test_price.py::test_price", "phase": "1", "cases": 1, "digest": ""}\n',
    )
    shop.commit("chore: accept")
    worked(shop, "total")

    assert brought(shop) == {"1": ["src/price.py", "test_price"], "2": ["src/total.py", "test_total"], "3": []}
    assert getattr(phases(shop)["2"].derivation, "uncommitted", False)
    assert not getattr(phases(shop)["3"].derivation, "begun", True)


def test_a_red_commit_that_names_the_phase_leaves_it_open_for_the_code(shop: Project) -> None:
    worked(shop, "price", code=False).commit("test: prices\n\nPhase: 1")
    worked(shop, "price")

    assert brought(shop)["1"] == ["src/price.py", "test_price"]


def test_a_changed_test_counts_and_one_that_only_moved_does_not(shop: Project) -> None:
    shop.write("tests/test_old.py", "from old import old\ndef test_old(): assert old() == 1\n")
    shop.commit("test: old\n\nPhase: 1")
    shop.remove("tests/test_old.py")
    shop.write("tests/test_new.py", "from old import old\ndef test_old(): assert old() == 1\n")
    shop.commit("test: move\n\nPhase: 2")

    assert brought(shop) == {"1": [], "2": [], "3": []}
    shop.git("reset", "--quiet", "--hard", "HEAD~1")
    assert brought(shop)["1"] == ["test_old"]


def test_without_any_name_the_range_up_to_the_acceptance_counts(shop: Project) -> None:
    worked(shop, "price").commit("feat: prices")
    shop.write(
        ".phasegate/baseline.jsonl",
        '{"test": "tests/test_price.py::test_price", "phase": "1", "cases": 1, "digest": ""}\n',
    )
    shop.commit("chore: accept")
    worked(shop, "total").commit("feat: totals")

    assert brought(shop) == {"1": ["src/price.py", "test_price"], "2": ["src/total.py", "test_total"], "3": []}


def test_what_merging_another_branch_brought_is_nobodys(shop: Project) -> None:
    shop.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    worked(shop, "side").commit("feat: something else")
    shop.git("checkout", "--quiet", "main")
    worked(shop, "price", code=False).commit("test: prices\n\nPhase: 1")
    shop.git("merge", "--quiet", "--no-edit", "side")
    worked(shop, "price").commit("feat: prices\n\nPhase: 1")

    assert brought(shop)["1"] == ["src/price.py", "test_price"]


def test_a_plan_that_is_in_no_commit_begins_where_head_is(shop: Project) -> None:
    shop.git("reset", "--quiet", "--soft", "HEAD~1")
    shop.git("reset", "--quiet")
    worked(shop, "price")

    assert brought(shop) == {"1": ["src/price.py", "test_price"], "2": [], "3": []}


def test_a_new_plan_takes_nothing_of_an_older_ones_commits(shop: Project) -> None:
    worked(shop, "price").commit("feat: prices\n\nPhase: 1")
    shop.write(PLAN.replace("cart", "other"), TITLES)

    project = projects.Project(shop.root, SETTINGS)
    cart, other = records.derived(project, readers.guides(project))

    assert [file.path for file in cart.phases[0].files] == ["src/price.py"]
    assert not any(phase.files or phase.tests for phase in other.phases)


def test_what_came_with_the_plan_is_no_work_of_a_phase(project: Project) -> None:
    project.init_git().write("docs/notes.md", "Notes\n").commit("docs: begin")
    worked(project, "price").write(PLAN, TITLES).commit("feat: prices, and a plan of what is to come")

    assert brought(project) == {"1": [], "2": [], "3": []}


def test_of_a_phase_that_declares_files_only_what_touches_them_counts_unless_it_is_named(shop: Project) -> None:
    shop.write(PLAN, TITLES.replace("Prices\n", "Prices\n\n**Files to create**:\n- `src/price.py`\n")).commit(
        "docs: say"
    )
    worked(shop, "hotfix").commit("fix: something else")
    worked(shop, "price").commit("feat: prices")

    assert brought(shop)["1"] == ["src/price.py", "test_price"]


def test_red_commits_right_before_what_touches_the_declared_files_count_to_the_phase(shop: Project) -> None:
    shop.write(PLAN, TITLES.replace("Prices\n", "Prices\n\n**Files to create**:\n- `src/price.py`\n")).commit(
        "docs: say"
    )
    worked(shop, "hotfix", code=False).commit("test: something else")
    worked(shop, "hotfix").commit("fix: something else")
    worked(shop, "price", code=False).commit("test: prices")

    begun = brought(shop)["1"]
    worked(shop, "price")
    uncommitted = brought(shop)["1"]
    shop.commit("feat: prices")

    assert begun == uncommitted == brought(shop)["1"] == ["src/price.py", "test_price"]


def test_a_commit_that_names_two_phases_is_told_and_counts_to_the_first(shop: Project) -> None:
    worked(shop, "price").commit("feat: both\n\nPhase: 1\nPhase: 2")

    found = phases(shop)

    assert [file.path for file in found["1"].files] == ["src/price.py"]
    assert not found["2"].files
    assert "names the phases 1, 2" in getattr(found["2"].derivation, "remarks", ("",))[0]


def test_a_file_that_another_phase_declares_is_not_derived(shop: Project) -> None:
    shop.write(PLAN, TITLES + "\n**Files to create**:\n- `src/total.py`\n").commit("docs: say more")
    worked(shop, "price")
    worked(shop, "total").commit("feat: too much\n\nPhase: 1")

    assert "src/total.py" not in brought(shop)["1"]


def test_derive_false_derives_nothing(shop: Project) -> None:
    worked(shop, "price").commit("feat: prices\n\nPhase: 1")

    found = phases(shop, Settings(configured=True, source=("src",), tests=("tests",), derive=False))

    assert not any(phase.files or phase.tests or phase.derivation for phase in found.values())
