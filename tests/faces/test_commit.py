from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guides import CACHE, CACHE_GUIDE, GUIDE_PATH, PYPROJECT
from pytest_phasegate import cli
from pytest_phasegate.core.judgement import Judgement
from pytest_phasegate.core.verdict import Ruling
from pytest_phasegate.wiring import projects, records

if TYPE_CHECKING:
    from project import Project


@pytest.fixture
def cache(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE)
    project.init_git().commit("docs: plan the cache")
    monkeypatch.chdir(project.root)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
    return project.write("src/app/cache.py", CACHE)


def passed(project: Project) -> None:
    tree = projects.repository(project.root).content_tree()
    records.judgements(project.root).append([Judgement(1, "cache", "1", tree, Ruling.PASSED, "check")])


def said(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capfd.readouterr()
    assert cli.main(["commit", *words]) == code
    captured = capfd.readouterr()
    return captured.out + captured.err


def test_a_phase_that_passed_is_committed_with_its_subject_and_trailer(
    cache: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    passed(cache)

    said(capfd, "1", "--issue", "#12")

    message = cache.git("log", "-1", "--format=%B").stdout
    assert message.strip() == "feat(cache): add core cache\n\nPhase: cache/1\nIssue: #12"
    assert cache.git("status", "--porcelain").stdout == ""


def test_what_is_staged_is_what_is_committed(cache: Project, capfd: pytest.CaptureFixture[str]) -> None:
    cache.write("notes.txt", "")
    passed(cache)
    cache.git("add", "src")

    said(capfd, "1")

    assert cache.git("status", "--porcelain").stdout == "?? notes.txt\n"


def test_a_phase_that_has_not_passed_as_it_stands_is_not_committed(
    cache: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    passed(cache)
    cache.write("src/app/cache.py", CACHE + "\n# changed\n")

    refusal = said(capfd, "1", code=1)
    assert "phase 1 has not passed as it stands" in refusal
    assert "phasegate check 1, or" in refusal
    assert cache.git("log", "--oneline").stdout.count("\n") == 1
    said(capfd, "1", "--unchecked")
    assert cache.git("log", "--oneline").stdout.count("\n") == 2


def test_a_dry_run_prints_the_message(cache: Project, capfd: pytest.CaptureFixture[str]) -> None:
    assert said(capfd, "--dry-run") == "feat(cache): add core cache\n\nPhase: cache/1\n"


def test_a_message_that_would_be_refused_is_not_used(cache: Project, capfd: pytest.CaptureFixture[str]) -> None:
    cache.write("pyproject.toml", PYPROJECT + '[tool.phasegate.commit]\nissue = true\nbranch = "^feat/"\n')

    told = said(capfd, "1", code=1)

    assert "PG513" in told
    assert "PG514 the branch 'main' does not match '^feat/'" in told
    assert "PG513" not in said(capfd, "1", "--issue", "#1", code=1)


def test_where_the_guide_declares_no_subject_one_must_be_given(
    cache: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("**Commit**: `feat(cache): add core cache`", ""))

    assert "phase 1 declares no commit" in said(capfd, "1", code=2)
    assert said(capfd, "1", "--dry-run", "-m", "feat: go").startswith("feat: go\n\nPhase: cache/1")
    assert "is not conventional" in said(capfd, "1", "--dry-run", "-m", "go", code=1)
    assert "declares its subject" in said(capfd, "2", "-m", "feat: other", code=2)
    assert "unknown phase '9'" in said(capfd, "9", code=2)
