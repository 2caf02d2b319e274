"""What a revert brings back asks for no red test but is run; the rest of it is judged like any commit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.project import LEAN

if TYPE_CHECKING:
    from support.project import Project

ONE, TWO, THREE = ("def size():\n    return 1\n", "def size():\n    return 2\n", "def size():\n    return 3\n")
ANY = "from shop import size\n\n\ndef test_any():\n    assert size() > 0\n"
NEW = ANY + "\n\ndef test_two():\n    assert size() == 2\n"


@pytest.fixture
def history(project: Project) -> Project:
    project.init_git().write("pytest.ini", LEAN).write("src/shop.py", ONE).write("tests/test_shop.py", ANY).commit(
        "chore: begin"
    )
    project.write("src/shop.py", TWO).write("tests/test_shop.py", NEW).commit("fix: two")
    return project


def last(project: Project) -> Any:
    found = project.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD~..HEAD").json
    return found["commits"][0]


def test_a_whole_revert_asks_for_no_red_test_though_a_test_goes(history: Project) -> None:
    done = history.git("revert", "--no-edit", "HEAD")
    assert done.exit_code == 0, done.text

    said = last(history)

    assert (said["kind"], said["verdict"]) == ("test+code", "passed")
    assert said["reason"].startswith("it brings earlier content back; 1 test")


def test_a_revert_that_takes_a_module_away_with_all_its_tests_leaves_none_to_run(history: Project) -> None:
    history.write("src/name.py", "def name():\n    return 'shop'\n")
    history.write("tests/test_name.py", "from name import name\n\n\ndef test_name():\n    assert name()\n").commit(
        "feat: name"
    )
    history.git("revert", "--no-edit", "HEAD")

    said = last(history)

    assert said["verdict"] in {"passed", "exempt"}, said


def test_a_revert_that_leaves_the_test_of_its_fix_red_is_refused(history: Project) -> None:
    history.git("checkout", "HEAD~1", "--", "src")
    sha = history.git("rev-parse", "HEAD").stdout.strip()
    history.commit(f'Revert "fix: two"\n\nThis reverts commit {sha}.')

    said = last(history)

    assert (said["verdict"], [finding["code"] for finding in said["findings"]]) == ("failed", ["PG204"])


def test_a_revert_of_an_older_commit_keeps_what_came_since(history: Project) -> None:
    sha = history.git("rev-parse", "HEAD").stdout.strip()
    more, seen = (
        "\n\ndef name():\n    return 'shop'\n",
        "from shop import name\n\n\ndef test_name():\n    assert name()\n",
    )
    history.write("src/shop.py", TWO + more).write("tests/test_name.py", seen).commit("feat: name")
    history.write("src/shop.py", ONE + more).write("tests/test_shop.py", ANY)
    history.commit(f'Revert "fix: two"\n\nThis reverts commit {sha}.')

    assert last(history)["verdict"] == "passed"


def test_what_rides_along_with_a_revert_is_judged_like_any_commit(history: Project) -> None:
    sha = history.git("rev-parse", "HEAD").stdout.strip()
    history.git("revert", "--no-edit", "HEAD")
    history.write("src/other.py", "LIMIT = 3\n").git("add", "--all")
    history.git("commit", "--quiet", "--no-verify", "--amend", "-m", f'Revert "fix: two"\n\nThis reverts commit {sha}.')

    said = last(history)

    assert (said["verdict"], said["findings"][-1]["code"]) == ("failed", "PG201")


def test_what_a_revert_does_beside_is_judged(history: Project) -> None:
    history.git("revert", "--no-edit", "HEAD")
    history.write("src/other.py", THREE).git("add", "--all")
    history.git("commit", "--quiet", "--no-verify", "--amend", "--no-edit")
    beside = last(history)
    history.git("reset", "--quiet", "--hard", "HEAD~1")
    history.git("revert", "--no-edit", "HEAD")
    history.write("src/shop.py", THREE).git("add", "--all")
    history.git("commit", "--quiet", "--no-verify", "--amend", "--no-edit")

    instead = last(history)

    for said in (beside, instead):
        assert (said["verdict"], said["findings"][0]["code"]) == ("failed", "PG205")


@pytest.mark.parametrize(
    ("beside", "codes"),
    [
        (ANY.replace("size() > 0", "size()"), ["PG206"]),
        (ANY.replace("test_any", "any"), ["PG205"]),
        (f"# one\n{ANY}", []),
        (ANY.replace("size() > 0", "size() == 1"), []),
    ],
)
def test_a_revert_weakens_no_test_beside(history: Project, beside: str, codes: list[str]) -> None:
    history.write("tests/test_size.py", ANY).commit("test: any")
    history.git("revert", "--no-edit", "HEAD~1")
    history.write("tests/test_size.py", beside).git("add", "--all")
    history.git("commit", "--quiet", "--no-verify", "--amend", "--no-edit")

    said = last(history)

    assert [one["code"] for one in said["findings"] if one["severity"] == "error"] == codes, said
    assert said["verdict"] == ("failed" if codes else "passed")


@pytest.mark.parametrize(("left", "missed"), [(f"# one\n{ANY}", []), ("# one\n", ["tests/test_shop.py::test_any"])])
def test_the_tests_that_a_reverted_commit_brought_go_with_it_from_a_file_that_is_edited(
    history: Project, left: str, missed: list[str]
) -> None:
    history.git("revert", "--no-edit", "HEAD")
    history.write("tests/test_shop.py", left).git("add", "--all")
    history.git("commit", "--quiet", "--no-verify", "--amend", "--no-edit")

    said = last(history)

    wrong = [one["message"] for one in said["findings"] if one["severity"] == "error"]
    assert [one.partition(" was ")[0] for one in wrong] == missed, said


def test_a_commit_that_only_says_it_reverts_is_judged(history: Project) -> None:
    sha = history.git("rev-parse", "HEAD").stdout.strip()
    history.write("src/shop.py", THREE).write("tests/test_shop.py", ANY)
    history.commit(f'Revert "fix: two"\n\nThis reverts commit {sha}.')
    weaker = last(history)
    history.write("src/shop.py", TWO).write("tests/test_shop.py", "x = 1\n")
    history.commit(f'Revert "fix: two"\n\nThis reverts commit {"0" * 40}.')

    for said in (weaker, last(history)):
        assert (said["verdict"], said["findings"][0]["code"]) == ("failed", "PG205")
