from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate import cli
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.wiring import projects, records
from support.guides import CACHE, CACHE_GUIDE, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project


@pytest.fixture
def cache(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE)
    project.init_git().commit("docs: plan the cache")
    monkeypatch.chdir(project.root)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
    return project.write("src/app/cache.py", CACHE)


def passed(project: Project, phase: str = "1") -> None:
    tree = projects.repository(project.root).content_tree()
    rules = rules_of(projects.settings(project.root))
    records.judgements(project.root).append([Judgement(1, "cache", phase, tree, Ruling.PASSED, "check", rules=rules)])


def said(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capfd.readouterr()
    assert cli.main(["commit", *words]) == code
    captured = capfd.readouterr()
    return captured.out + captured.err


def test_a_phase_that_passed_is_committed_with_its_subject_and_trailer(
    cache: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    cache.write("env/pyvenv.cfg", "home = /usr/bin\n").write("env/lib/six.py", "six = 6\n")
    cache.write(".venv/pyvenv.cfg", "home = /usr/bin\n").write(".venv/.gitignore", "*\n")
    passed(cache)
    cache.write("env/lib/seven.py", "seven = 7\n")

    said(capfd, "1", "--issue", "#12")

    message = cache.git("log", "-1", "--format=%B").stdout
    assert message.strip() == "feat(cache): add core cache\n\nPhase: cache/1\nIssue: #12"
    assert cache.git("status", "--porcelain").stdout == "?? env/\n"  # a virtual environment is no part of the content


def test_a_phase_that_is_committed_is_not_committed_again(cache: Project, capfd: pytest.CaptureFixture[str]) -> None:
    passed(cache)
    said(capfd, "1")
    passed(cache)

    told = said(capfd, "1", code=1)

    assert told == "phasegate: nothing to commit: the work tree is as HEAD is\n  hint: phasegate next\n"


def test_only_what_was_judged_is_committed(cache: Project, capfd: pytest.CaptureFixture[str]) -> None:
    cache.write("notes.txt", "")
    cache.git("add", "src")
    cache.write("src/app/cache.py", CACHE + "\n# as judged\n")
    passed(cache)

    refusal = said(capfd, "1", code=1)

    assert refusal.splitlines()[:3] == [
        "phasegate: what is staged is not what was judged",
        "  notes.txt: not staged",
        "  src/app/cache.py: staged otherwise",
    ]
    assert "git add --all stages what was judged" in refusal
    assert cache.git("log", "--oneline").stdout.count("\n") == 1
    cache.write(".phasegate/baseline.jsonl", "").git("add", "--all")
    cache.git("reset", "-q", ".phasegate")
    said(capfd, "1")
    assert cache.git("status", "--porcelain").stdout == "", "what was accepted goes with it, staged or not"


def test_a_phase_is_not_committed_before_those_it_follows(cache: Project, capfd: pytest.CaptureFixture[str]) -> None:
    refusal = said(capfd, "2", code=1)

    assert "PG507 phase 1 comes before phase 2 and is not committed" in refusal
    assert "finish phase 1 first: phasegate check 1" in refusal
    cache.commit("feat(cache): add core cache")
    cache.write("src/app/cache.py", CACHE + "\n# eviction\n")
    passed(cache, "2")
    assert "feat(cache): evict the oldest" in said(capfd, "2")


def test_a_phase_that_waits_for_none_is_committed_before_the_others(
    cache: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    head, two, rest = CACHE_GUIDE.partition("### Phase 2: Eviction\n")
    cache.write(GUIDE_PATH, f"{head}{two}**Depends on**: none\n{rest}").git("add", "docs")
    cache.git("commit", "-q", "-m", "docs: eviction stands alone")
    passed(cache, "2")

    assert "feat(cache): evict the oldest" in said(capfd, "2")


def test_a_phase_that_has_not_passed_as_it_stands_is_not_committed(
    cache: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    passed(cache)
    cache.write("src/app/cache.py", CACHE + "\n# changed\n")

    refusal = said(capfd, "1", code=1)
    assert "phase 1 has not passed as it stands: files changed since its last pass" in refusal
    assert "hint: phasegate check 1\n" in refusal
    assert cache.git("log", "--oneline").stdout.count("\n") == 1


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
