from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.plan import CORE, planned

if TYPE_CHECKING:
    from support.project import Project

PLAIN = ("-q", "-p", "no:cacheprovider", "--no-phasegate-cov", "--phasegate-report", "json:r.json")
QUIET = (*PLAIN, "--phase", "all")


def report(project: Project) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(project.read("r.json"))
    return told


def accepted(project: Project) -> Project:
    """A project whose first two phases passed once and stand in the baseline."""
    planned(project, core=CORE.replace("def test_unforeseen(): pass", "def test_unforeseen():\n    assert 1 + 1 == 2"))
    project.write(".gitignore", "__pycache__\n").init_git().commit("feat: all of it")
    assert project.pytest(*QUIET).exit_code == 0
    project.run("mkdir", ".phasegate")
    lines = [
        line
        for file in sorted((project.root / ".git/phasegate/passed").glob("*/*.json"))
        for line in json.loads(file.read_text(encoding="utf-8"))["tests"].splitlines()
    ]
    project.write(".phasegate/baseline.jsonl", "\n".join(sorted(lines)) + "\n")
    project.commit("chore: accept")
    return project


def kinds(project: Project) -> list[tuple[str, str, str]]:
    return [(one["test"], one["phase"], one["kind"]) for one in report(project)["regressions"]]


def test_every_kind_of_loss_is_found_in_one_run_and_fails_it(project: Project) -> None:
    accepted(project)
    project.write(
        "tests/test_core.py",
        """
        import pytest

        class TestCache:
            def test_store(self): assert False
            @pytest.mark.xfail
            def test_find(self): assert False

        def test_unforeseen():
            assert True
        """,
    )
    project.write("tests/test_expiry.py", "def test_expires(): pass\n")

    done = project.pytest(*QUIET)

    assert done.exit_code == 1
    assert kinds(project) == [
        ("tests/test_core.py::TestCache::test_find", "1", "skipped"),
        ("tests/test_core.py::TestCache::test_store", "1", "broke"),
        ("tests/test_core.py::test_unforeseen", "1", "weakened"),
        ("tests/test_expiry.py::test_expires", "2", "weakened"),
    ]


def test_a_removed_test_is_found_and_a_renamed_one_is_told(project: Project) -> None:
    accepted(project)
    project.write("tests/test_core.py", CORE.replace("def test_unforeseen(): pass", ""))
    project.write("tests/test_expiry.py", project.read("tests/test_expiry.py").replace("expires", "is_forgotten"))

    project.pytest(*QUIET)

    assert kinds(project) == [("tests/test_core.py::test_unforeseen", "1", "removed")]
    assert json.loads(project.read("r.json"))["renamed"] == [
        {
            "test": "tests/test_expiry.py::test_expires",
            "phase": "2",
            "detail": "now tests/test_expiry.py::test_is_forgotten",
        }
    ]


def test_a_narrowed_run_never_says_removed_and_writes_no_baseline(project: Project) -> None:
    accepted(project)
    before = project.read(".phasegate/baseline.jsonl")
    project.write("tests/test_core.py", CORE.replace("def test_unforeseen(): pass", ""))

    project.pytest(*QUIET, "-k", "store")

    assert kinds(project) == []
    assert report(project)["verdict"] == "not-evaluated"
    assert project.read(".phasegate/baseline.jsonl") == before


EACH = "def pytest_collection_modifyitems(items):\n for i in list(items):\n  if 'unforeseen' in i.name"
LOSING = {
    "-k in addopts": ("pytest.ini", "[pytest]\naddopts = -k 'not unforeseen'\n", "removed"),
    "-m in addopts": ("pytest.ini", "[pytest]\naddopts = -m 'not odd'\nmarkers = odd\n", "removed"),
    "--deselect in addopts": (
        "pytest.ini",
        "[pytest]\naddopts = --deselect tests/test_core.py::test_unforeseen\n",
        "removed",
    ),
    "skipped by a conftest": ("conftest.py", f"import pytest\n{EACH}: i.add_marker(pytest.mark.skip)\n", "skipped"),
    "another pattern for functions": ("pytest.ini", "[pytest]\npython_functions = test_[!u]*\n", "removed"),
}


@pytest.mark.parametrize("how", LOSING)
@pytest.mark.parametrize("options", [("--phase", "all"), ("--phase", "2", "--phasegate-regression")])
@pytest.mark.sampled(3)
def test_an_accepted_test_that_the_projects_configuration_leaves_out_is_lost(
    how: str, options: tuple[str, ...], project: Project
) -> None:
    accepted(project)
    name, text, kind = LOSING[how]
    core = project.read("tests/test_core.py").replace("def test_unf", "import pytest\n@pytest.mark.odd\ndef test_unf")
    project.write("tests/test_core.py", core).write(name, text)

    done = project.pytest(*PLAIN, *options, "-W", "ignore")

    assert done.exit_code == 1, done.text
    assert kinds(project) == [("tests/test_core.py::test_unforeseen", "1", kind)]


@pytest.mark.parametrize("early", ["import pytest\n@pytest.hookimpl(tryfirst=True)\n", ""])
@pytest.mark.sampled(2)
def test_one_that_a_conftest_drops_leaves_the_run_without_a_verdict(early: str, project: Project) -> None:
    accepted(project).write("conftest.py", f"{early}{EACH}: items.remove(i)\n")

    project.pytest(*QUIET)

    assert report(project)["verdict"] == "not-evaluated"


def test_what_a_phase_does_not_run_is_not_said_to_be_as_accepted(project: Project) -> None:
    accepted(project)

    done = project.pytest(*PLAIN, "--phase", "2")

    assert done.exit_code == 0, done.text
    told = {gate["gate"]: gate for gate in report(project)["phases"][0]["gates"]}
    assert told["regression"]["verdict"] == "not-evaluated"
    assert told["regression"]["reason"].startswith("1 of 4 accepted tests judged")


@pytest.mark.parametrize("gone", ["removed", "emptied"])
@pytest.mark.sampled(2)
def test_a_baseline_that_is_gone_from_the_work_tree_is_that_of_the_last_commit(gone: str, project: Project) -> None:
    accepted(project).write("tests/test_core.py", CORE.replace("def test_unforeseen(): pass", ""))
    if gone == "removed":
        project.remove(".phasegate")
    else:
        project.write(".phasegate/baseline.jsonl", "")

    assert project.pytest(*QUIET).exit_code == 1
    assert kinds(project) == [("tests/test_core.py::test_unforeseen", "1", "removed")]
    project.commit("chore: forget what was accepted")
    assert project.pytest(*QUIET).exit_code == 0


def test_a_changed_test_that_asks_no_less_is_no_loss(project: Project) -> None:
    accepted(project)
    core = project.read("tests/test_core.py")
    project.write("tests/test_core.py", core.replace("assert 1 + 1 == 2", "assert 1 + 1 == 2\n    assert 2 + 2 == 4"))

    done = project.pytest(*QUIET)

    assert (done.exit_code, kinds(project)) == (0, []), done.text


def test_in_ci_the_baseline_is_that_of_the_base_revision(project: Project) -> None:
    accepted(project)
    project.git("checkout", "-q", "-b", "work")
    project.write("tests/test_core.py", CORE.replace("def test_unforeseen(): pass", ""))
    kept = [line for line in project.read(".phasegate/baseline.jsonl").splitlines() if "unforeseen" not in line]
    project.write(".phasegate/baseline.jsonl", "\n".join(kept) + "\n")
    project.commit("feat: quietly")

    assert project.pytest(*QUIET).exit_code == 0
    assert project.pytest(*QUIET, env={"CI": "true"}).exit_code == 1
    assert kinds(project) == [("tests/test_core.py::test_unforeseen", "1", "removed")]


@pytest.mark.parametrize("something", [True, False])
def test_a_shallow_clone_is_in_doubt_only_where_something_was_accepted(something: bool, project: Project) -> None:
    planned(project).write(".gitignore", "__pycache__\n").init_git().commit("feat: all of it")
    if something:
        line = '{"test": "tests/test_core.py::test_unforeseen", "phase": "1", "cases": 1, "digest": ""}\n'
        project.write(".phasegate/baseline.jsonl", line)
    head = project.commit("chore: go on")
    project.write(".git/shallow", f"{head}\n").git("remote", "add", "origin", "nowhere")

    done = project.pytest(*QUIET, env={"CI": "true"})

    assert done.exit_code == (1 if something else 0), done.text
    assert ("fetch-depth: 0" in done.stdout or "the clone is shallow" in done.stdout) is something


def test_a_waiver_takes_a_loss_on_with_its_reason(project: Project) -> None:
    accepted(project)
    project.write("tests/test_core.py", CORE.replace("def test_unforeseen(): pass", ""))
    project.write(
        "phasegate.toml",
        """
        [[red_green.waivers]]
        match = "tests/test_core.py::test_unforeseen"
        reason = "said twice"
        expires = "2999-12-31"
        """,
    )

    done = project.pytest(*QUIET)

    assert done.exit_code == 0, done.text
    assert "said twice" in done.stdout


@pytest.mark.parametrize("mend", [True, False])
def test_what_was_judged_is_noted_with_the_content_only_if_that_held_still(mend: bool, project: Project) -> None:
    planned(project).write(".gitignore", "__pycache__\n").init_git().commit("feat: all of it")
    if not mend:
        project.write("tests/test_expiry.py", "def test_expires():\n    open('docs/plans/new.md', 'w').close()\n")

    done = project.pytest(*QUIET, "--phasegate-report", "html:docs/report.html")

    assert done.exit_code == 0
    assert (project.root / ".git/phasegate/judgements.jsonl").exists() is mend
    assert (project.root / ".git/phasegate/reports").exists() is mend
    assert "<code>tests/test_expiry.py::test_expires</code></td><td>collected</td>" in project.read("docs/report.html")
    assert ("files changed while the tests ran" in done.stdout) is not mend
