from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate.adapters.git.command import Answer, Git
from pytest_phasegate.app.coverage.ownership import NO_GIT, owned_files
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Guide, Phase
from pytest_phasegate.core.project.settings import Scope
from pytest_phasegate.wiring import projects

if TYPE_CHECKING:
    from support.project import Project

GUIDE_PATH = "docs/plans/cache_implementation_guide.md"
APP = "src/app.py"
ONE, TWO, THREE = "feat: one", "feat: two", "feat: three"
GUIDE = Guide(
    GUIDE_PATH,
    "cache",
    "Cache",
    "canonical",
    "sha256:0",
    tuple(
        Phase(number, number, 1, 2, files=(DeclaredFile(APP, Action.MODIFY, 2),), commit=subject)
        for number, subject in (("1", ONE), ("2", TWO), ("3", THREE))
    ),
)


@pytest.fixture
def history(project: Project) -> Project:
    """A repository with one old line and a guide, on the default branch."""
    project.init_git().write(APP, "old = 0\n").commit("chore: begin")
    project.write(GUIDE_PATH, "# Cache\n").commit("docs: plan")
    return project


def owned(project: Project, guide: Guide = GUIDE, scope: Scope = Scope.OWNED) -> dict[str, list[str]]:
    """Return by phase the text of the lines it owns of the file as it stands."""
    files = {phase.id: [APP] for phase in guide.phases}
    text = project.read(APP).splitlines()
    found = owned_files(projects.repository(project.root), guide, files, scope)
    return {
        phase: [line for number, line in enumerate(text, 1) if file.owns(number)] for phase, (file,) in found.items()
    }


def append(project: Project, *lines: str) -> Project:
    return project.write(APP, project.read(APP) + "".join(f"{line}\n" for line in lines))


def test_each_phase_owns_what_came_between_the_acceptance_before_and_its_own(history: Project) -> None:
    append(history, "one = 1").commit(ONE)
    append(history, "two = 2").commit(TWO)
    append(history, "three = 3")

    assert owned(history) == {"1": ["one = 1"], "2": ["two = 2"], "3": ["three = 3"]}


def test_lines_move_with_the_text_when_a_later_phase_writes_above_them(history: Project) -> None:
    append(history, "one = 1", "also = 1").commit(ONE)
    history.write(APP, "two = 2\n" + history.read(APP)).commit(TWO)
    history.write(APP, "three = 3\n" + history.read(APP))

    assert owned(history) == {"1": ["one = 1", "also = 1"], "2": ["two = 2"], "3": ["three = 3"]}


def test_a_line_that_a_later_phase_rewrites_is_the_later_ones(history: Project) -> None:
    append(history, "one = 1", "kept = 1").commit(ONE)
    history.write(APP, "old = 0\none = 2\nkept = 1\n").commit(TWO)

    assert owned(history) == {"1": ["kept = 1"], "2": ["one = 2"], "3": []}


def test_red_commits_and_others_before_the_acceptance_count_for_the_phase(history: Project) -> None:
    append(history, "stub = None").commit("test: red")
    append(history, "one = 1").commit(ONE)

    assert owned(history)["1"] == ["stub = None", "one = 1"]


def test_a_trailer_tells_the_phase_whatever_the_subject(history: Project) -> None:
    append(history, "one = 1").commit("feat: quite another\n\nPhase: cache/1")
    append(history, "two = 2")

    assert owned(history)["1"] == ["one = 1"]
    assert owned(history)["2"] == ["two = 2"]


def test_the_baseline_tells_a_phase_whose_commit_says_nothing(history: Project) -> None:
    append(history, "one = 1").commit("wip")
    kept = '{"test": "t.py::t", "phase": "1", "cases": 1, "digest": ""}'
    history.write(".phasegate/baseline.jsonl", f"{kept}\nbroken\n[1]\n")
    history.commit("chore: accept")
    append(history, "two = 2")

    assert owned(history)["1"] == ["one = 1"]
    assert owned(history)["2"] == ["two = 2"]


def test_the_baseline_of_a_guide_that_is_gone_tells_nothing_of_this_one(history: Project) -> None:
    tests = (DeclaredTest("test_one", 4),)
    guide = replace(GUIDE, phases=(GUIDE.phases[0]._replace(tests=tests), *GUIDE.phases[1:]))
    history.write(".phasegate/baseline.jsonl", '{"test": "t.py::test_old", "phase": "1", "cases": 1, "digest": ""}\n')
    history.commit("chore: update what an earlier guide left")
    append(history, "one = 1").commit("wip")

    assert owned(history, guide)["1"] == ["one = 1"]


def test_a_commit_without_the_files_that_a_phase_is_to_create_does_not_finish_it(history: Project) -> None:
    new = DeclaredFile("src/new.py", Action.CREATE, 3)
    test = DeclaredFile("tests/test_new.py", Action.CREATE, 4)
    guide = replace(GUIDE, phases=(GUIDE.phases[0]._replace(files=(new, test)), *GUIDE.phases[1:]))
    history.write("tests/test_new.py", "").commit(ONE)
    history.write("src/new.py", "one = 1\n").commit("fix: what was forgotten")

    found = owned_files(projects.repository(history.root), guide, {"1": ["src/new.py"], "2": [APP]}, Scope.OWNED)

    assert found["1"][0].lines == frozenset({1})


def test_a_phase_whose_lines_were_all_rewritten_owns_nothing(history: Project) -> None:
    new = DeclaredFile("src/new.py", Action.CREATE, 3)
    guide = replace(GUIDE, phases=(GUIDE.phases[0]._replace(files=(new,)), *GUIDE.phases[1:]))
    history.write("src/new.py", "one = 1\n").commit(ONE)
    history.write("src/new.py", "two = 2\n").commit(TWO)

    found = owned_files(projects.repository(history.root), guide, {"1": ["src/new.py"], "2": [APP]}, Scope.OWNED)

    assert found["1"][0].lines == frozenset()


def test_phases_carried_out_of_order_own_what_came_with_them(history: Project) -> None:
    append(history, "one = 1").commit(ONE)
    append(history, "three = 3").commit(THREE)
    append(history, "two = 2").commit(TWO)

    assert owned(history) == {"1": ["one = 1"], "2": ["two = 2"], "3": ["three = 3"]}


def test_a_phase_finished_in_two_commits_is_accepted_by_the_second(history: Project) -> None:
    append(history, "one = 1").commit(ONE)
    append(history, "more = 1").commit("fix: more\n\nPhase: cache/1")

    assert owned(history)["1"] == ["one = 1", "more = 1"]


def test_uncommitted_edits_count_as_the_file_stands(history: Project) -> None:
    append(history, "one = 1").commit(ONE)
    history.write(APP, "new = 9\n" + history.read(APP))

    assert owned(history)["2"] == ["new = 9"]


def test_a_file_not_yet_added_to_git_is_all_the_phases(history: Project) -> None:
    history.write("src/new.py", "a = 1\n")

    (file,) = owned_files(projects.repository(history.root), GUIDE, {"1": ["src/new.py"]}, Scope.OWNED)["1"]

    assert file.lines == frozenset({1})


def test_on_a_branch_the_first_phase_begins_at_the_fork(history: Project) -> None:
    append(history, "unrelated = 1").commit("feat: unrelated")
    history.git("checkout", "-q", "-b", "feat/cache")
    append(history, "one = 1").commit("wip")

    assert owned(history)["1"] == ["one = 1"]


def test_a_phase_merged_before_the_fork_keeps_its_lines(history: Project) -> None:
    append(history, "one = 1").commit(ONE)
    history.git("checkout", "-q", "-b", "feat/two")
    append(history, "two = 2").commit(TWO)

    assert owned(history) == {"1": ["one = 1"], "2": ["two = 2"], "3": []}


def test_a_guide_that_came_together_with_code_does_not_hide_the_code(project: Project) -> None:
    project.init_git().write(APP, "one = 1\n").write(GUIDE_PATH, "# Cache\n").commit("feat: all at once")

    assert owned(project)["1"] == ["one = 1"]


@pytest.mark.parametrize(
    ("there", "action", "mine"),
    [
        ("def test_old(): ...\n", Action.MODIFY, ["one = 1"]),
        ("def test_one(): ...\n", Action.MODIFY, ["old = 0", "one = 1"]),
        ("def test_old(): ...\n", Action.CREATE, ["old = 0", "one = 1"]),
    ],
)
def test_what_a_first_commit_holds_was_there_before_a_phase_that_creates_none_of_it_and_whose_tests_are_yet_to_come(
    project: Project, there: str, action: Action, mine: list[str]
) -> None:
    project.init_git().write(APP, "old = 0\n").write("tests/test_app.py", there).write(GUIDE_PATH, "# Cache\n")
    project.commit("begin")
    append(project, "one = 1")
    tests, files = (DeclaredTest("test_one", 3, None, "tests/test_app.py"),), (DeclaredFile(APP, action, 2),)
    begun = GUIDE.phases[0]._replace(tests=tests, files=files)

    assert owned(project, replace(GUIDE, phases=(begun,)))["1"] == mine


def test_a_guide_never_committed_on_the_default_branch_means_whole_files(project: Project) -> None:
    project.init_git().write(APP, "old = 0\n").commit("chore: begin")

    (file,) = owned_files(projects.repository(project.root), GUIDE, {"1": [APP]}, Scope.OWNED)["1"]

    assert file.lines is None
    assert "commit the guide before its phases" in file.reason


@pytest.mark.parametrize("branch", ["feat/cache", "main"])
def test_a_branch_without_a_commit_of_its_own_begins_where_it_stands(project: Project, branch: str) -> None:
    project.init_git().write(APP, "old = 0\n").commit("chore: begin")
    project.git("branch", "-m", "main")
    project.git("checkout", "-q", "-B", branch)
    append(project, "one = 1")

    (file,) = owned_files(projects.repository(project.root), GUIDE, {"1": [APP]}, Scope.OWNED)["1"]

    assert file.lines == (None if branch == "main" else {2})


def test_without_a_commit_or_a_repository_whole_files_count_and_that_is_said(project: Project) -> None:
    project.write(APP, "old = 0\n")
    (bare,) = owned_files(None, GUIDE, {"1": [APP]}, Scope.OWNED)["1"]
    project.init_git()
    (fresh,) = owned_files(projects.repository(project.root), GUIDE, {"1": [APP]}, Scope.OWNED)["1"]

    assert (bare.lines, bare.reason) == (None, NO_GIT)
    assert (fresh.lines, fresh.reason) == (None, "there is no commit yet")


def test_where_history_is_cut_whole_files_count_and_the_depth_is_named(history: Project) -> None:
    append(history, "one = 1").commit(ONE)
    history.git("clone", "-q", "--depth", "1", f"file://{history.root}", "cut")

    (file,) = owned_files(projects.repository(history.root / "cut"), GUIDE, {"1": [APP]}, Scope.OWNED)["1"]

    assert file.lines is None
    assert "git cannot tell" in file.reason


def test_scope_files_takes_whole_files(history: Project) -> None:
    append(history, "one = 1")

    assert owned(history, scope=Scope.FILES)["1"] == ["old = 0", "one = 1"]


def test_a_project_below_the_repositorys_top_is_found_there(project: Project) -> None:
    project.init_git().write(f"sub/{APP}", "old = 0\n").commit("chore: begin")
    project.write(f"sub/{GUIDE_PATH}", "# Cache\n").commit("docs: plan")
    project.write(f"sub/{APP}", "old = 0\none = 1\n")

    found = owned_files(projects.repository(project.root), GUIDE, {"1": [APP]}, Scope.OWNED, prefix="sub/")

    assert [(file.path, file.lines) for file in found["1"]] == [(APP, frozenset({2}))]


def test_a_file_git_ignores_counts_whole(history: Project) -> None:
    history.write(".gitignore", "gen.py\n").write("gen.py", "a = 1\n")

    (file,) = owned_files(projects.repository(history.root), GUIDE, {"1": ["gen.py"]}, Scope.OWNED)["1"]

    assert (file.lines, file.reason) == (None, "git ignores the file")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the git commands that are run."""
    commands: list[str] = []
    ask = Git.ask

    def noted(git: Git, *arguments: str, **options: Any) -> Answer:
        commands.append(arguments[0])
        return ask(git, *arguments, **options)

    monkeypatch.setattr(Git, "ask", noted)
    return commands


def test_a_commit_is_compared_once_for_all_the_phases_that_it_bounds(history: Project, asked: list[str]) -> None:
    append(history, "one = 1").commit(ONE)
    append(history, "two = 2").commit(TWO)
    append(history, "three = 3")

    owned(history)

    # the base of each is the acceptance of the one before; two ask how the guide came
    assert asked.count("diff-tree") - 2 == 3


def test_phases_with_one_base_take_as_many_questions_as_one_phase(history: Project, asked: list[str]) -> None:
    append(history, "three = 3")
    owned(history)
    of_three = list(asked)
    asked.clear()

    owned(history, Guide(GUIDE_PATH, "cache", "Cache", "canonical", "sha256:0", GUIDE.phases[:1]))

    assert of_three == asked
    assert asked.count("diff-tree") - 2 == 1


def test_a_commit_that_git_named_is_not_asked_for_again(history: Project, asked: list[str]) -> None:
    append(history, "three = 3")

    owned(history)

    assert asked.count("rev-parse") == 0  # HEAD and the default branch came with their commits
    assert asked.count("merge-base") == 0  # they are the same
