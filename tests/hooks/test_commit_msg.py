"""The commit-msg hook on what the message says, as git will clean it, apart from red before green."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate import cli
from support.guides import CACHE_GUIDE, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project


@pytest.fixture
def cache(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE)
    project.init_git().commit("docs: plan the cache")
    monkeypatch.chdir(project.root)
    return project.write("notes.md", "Notes\n")


def judged(project: Project, message: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    project.git("add", ".")
    project.write(".git/COMMIT_EDITMSG", message)
    code = cli.main(["hook", "commit-msg", ".git/COMMIT_EDITMSG"])
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    "message",
    [
        "docs: a",
        "feat(cache): add core cache\n\nPhase: cache/1\n",
        "fixup! docs: x",
        "Merge branch 'x'",
        "docs: a\n#\n",
    ],
)
def test_an_honest_message_passes(message: str, cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(cache, message, capsys) == (0, "")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Add notes", "PG511 the subject 'Add notes' is not conventional: it does not begin with a type, a colon"),
        ("docs: x\n\nPhase: cache/7\n", "PG517"),
        ("docs: x\n\nPhase: cache/1\nPhase: cache/2\n", "PG515"),
    ],
)
def test_another_is_refused_with_what_to_write_instead(
    message: str, said: str, cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = judged(cache, message, capsys)

    assert code == 1
    assert said in told
    assert "fix: " in told


def test_issue_and_branch_are_asked_for_where_the_project_wants_them(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("pyproject.toml", PYPROJECT + '[tool.phasegate.commit]\nissue = true\nbranch = "^feat/"\n')

    told = judged(cache, "docs: notes", capsys)[1]
    cache.git("checkout", "-q", "-b", "feat/notes")

    assert "PG513" in told
    assert "PG514" in told
    assert judged(cache, "docs: notes\n\nIssue: #4\n", capsys) == (0, "")


def test_a_near_miss_is_one_of_the_phase_whose_files_it_touches_and_that_is_not_done(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    near = "feat(cache): add the core cache"
    words = judged(cache, near, capsys)
    cache.write("src/app/cache.py", "class Cache: ...\n")
    code, told = judged(cache, near, capsys)
    cache.commit("feat(cache): add core cache (#12)")
    cache.write("src/app/cache.py", 'class Cache:\n    """A cache."""\n')
    after = judged(cache, near, capsys)

    assert (words, code) == ((0, ""), 1)
    assert "PG512" in told
    assert "PG512" not in after[1]


TITLES = "# Cart plan\n\n## Phase 1: Prices\n\n## Phase 2: Totals\n"


@pytest.mark.parametrize(
    ("message", "touched", "proposed"),
    [
        ("test: prices", "tests/test_price.py", "--trailer 'Phase: 1'"),
        ("feat: prices", "src/price.py", "--trailer 'Phase: 1'"),
        ("feat: prices\n\nPhase: 1\n", "src/price.py", ""),
        ("docs: prices", "notes.md", ""),
        ("fixup! feat: prices", "src/price.py", ""),
    ],
)
def test_the_trailer_of_the_phase_that_is_worked_on_is_proposed_where_only_commits_tell(
    message: str,
    touched: str,
    proposed: str,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project.write("pyproject.toml", PYPROJECT).write("docs/plans/cart_implementation_plan.md", TITLES)
    project.write("src/old.py", "OLD = 1\n").init_git().commit("docs: plan the cart")
    monkeypatch.chdir(project.root)
    project.write(touched, "def test_price(): assert False\n" if "test" in touched else "# To come: prices\n")

    code, told = judged(project, message, capsys)

    assert code == 0
    assert (proposed in told) if proposed else told == ""


TRAILED = "docs: say it\n\nPhase: cache/1\nRed-Green: waived (words)\n"


@pytest.mark.parametrize(
    ("setting", "comment"),
    [
        (("core.commentChar", ";"), "; On branch main\n;\tnotes.md\n"),
        (("core.commentString", "//"), "// On branch main\n"),
        (None, "# On branch main\n"),
    ],
)
def test_comments_go_by_the_sign_of_the_repository(
    setting: tuple[str, str] | None, comment: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan")
    if setting:
        project.git("config", *setting)
    seen: list[str] = []

    def refused(text: str, _project: object) -> int:
        seen.append(text)
        return 1

    monkeypatch.setattr("pytest_phasegate.hooks.commit_msg.judged_message", refused)
    monkeypatch.chdir(project.root)
    project.write(".git/COMMIT_EDITMSG", f"{TRAILED}\n{comment}")

    assert cli.main(["hook", "commit-msg", ".git/COMMIT_EDITMSG"]) == 1
    assert seen == [TRAILED.strip()]


def test_with_another_sign_a_subject_may_begin_with_a_number_sign(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan")
    project.git("config", "core.commentChar", ";")
    monkeypatch.chdir(project.root)
    project.write(".git/COMMIT_EDITMSG", "#12 say it\n; On branch main\n")

    assert cli.main(["hook", "commit-msg", ".git/COMMIT_EDITMSG"]) == 1
    assert "the subject '#12 say it' is not conventional" in capsys.readouterr().err
