"""No command speaks a green word about content that nobody judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate import cli
from pytest_phasegate.app.guide.surroundings import standing_on
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.regression.baseline import BaselineTest, write_baseline
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.wiring import projects, records
from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project


def checked(project: Project, phase: str = "1", ruling: Ruling = Ruling.PASSED) -> None:
    repository = projects.repository(project.root)
    tree = repository.content_tree()
    head, changed = standing_on(repository, tree)
    rules = rules_of(projects.settings(project.root))
    judged = Judgement(1, "cache", phase, tree, ruling, "check", 2, 100.0, 0, head, changed, rules=rules)
    records.judgements(project.root).append([judged])


@pytest.fixture
def done(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose guide has one phase, which passed, was committed and accepted."""
    one = CACHE_GUIDE.partition("### Phase 2")[0]
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, one).init_git().commit("docs: plan the cache")
    project.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    checked(project)
    project.commit("feat(cache): add core cache")
    kept = [BaselineTest(TestId("tests/test_cache.py::test_get_returns_what_was_set"), "1", 1, "d")]
    project.write(".phasegate/baseline.jsonl", write_baseline(kept)).commit("chore: accept phase 1")
    monkeypatch.chdir(project.root)
    return project


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = cli.main(words)
    captured = capsys.readouterr()
    return code, captured.out + captured.err


COMMANDS = (("status", "--require-complete"), ("pr",), ("report",), ("report", "--format", "html"), ("next",))


@pytest.mark.parametrize("words", COMMANDS)
def test_what_was_judged_as_it_stands_is_done(
    done: Project, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    done.write(".phasegate/notes.md", "no content\n")
    code, text = said(capsys, *words)

    assert (code, "not judged" in text, "since" in text) == (0, False, False), text


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("committed", [False, True])
def test_a_verdict_of_other_content_is_told_as_such_and_completes_nothing(
    done: Project, words: tuple[str, ...], committed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    judged_at = done.git("log", "--format=%h", "--abbrev=7", "--grep=add core cache").stdout.strip()
    done.write("src/app/cache.py", CACHE + "\nX = 1\n").write("src/app/new.py", "Y = 2\n").write("README.md", "Hi.\n")
    if committed:
        done.commit("feat: more")

    code, text = said(capsys, *words)

    assert code == 4, text
    assert f"passed at {judged_at}, 3 files changed since" in text.replace("\\", "")
    assert "phasegate check all" in text
    assert "nothing: every phase is accepted" not in text


BYTES = {
    "production": ("src/app/cache.py", CACHE + "#\n"),
    "a test": ("tests/test_cache.py", CACHE_TESTS + "#\n"),
    "the guide": (GUIDE_PATH, CACHE_GUIDE.partition("### Phase 2")[0] + "x\n"),
    "conftest": ("conftest.py", "#\n"),
    "configuration": ("pyproject.toml", PYPROJECT + "#\n"),
}


@pytest.mark.parametrize("what", BYTES)
@pytest.mark.sampled(2)
def test_one_byte_after_the_pass_is_a_content_that_every_command_sends_to_the_check(
    done: Project, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    all_of_them = (*COMMANDS, ("handoff", "restore"), ("attest",))
    said(capsys, "handoff", "save")
    before = {words: said(capsys, *words)[0] for words in all_of_them}
    done.write(*BYTES[what]).commit("chore: one byte")

    after = {words: said(capsys, *words) for words in all_of_them}

    assert before == dict.fromkeys(all_of_them, 0)
    assert {words: code for words, (code, _) in after.items()} == dict.fromkeys(all_of_them, 4)
    assert [words for words, (_, told) in after.items() if "phasegate check" not in told] == []


def test_a_check_of_any_phase_on_this_content_speaks_for_the_accepted_ones(
    done: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    done.write("README.md", "Hi.\n")
    checked(done, ruling=Ruling.FAILED)
    refused, _ = said(capsys, "status", "--require-complete")
    checked(done)
    passed, _ = said(capsys, "status", "--require-complete")

    assert (refused, passed) == (1, 0)


def test_a_verdict_of_other_content_says_that_the_check_of_another_phase_holds_it(
    done: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    done.write("README.md", "Hi.\n")
    checked(done, phase="2")

    code, text = said(capsys, "status", "--require-complete")

    assert (code, ", 1 file changed since; held by a later check" in " ".join(text.split())) == (0, True), text


def test_content_that_comes_back_is_judged(done: Project, capsys: pytest.CaptureFixture[str]) -> None:
    done.write("src/app/cache.py", CACHE + "\nX = 1\n")
    assert said(capsys, "next")[0] == 4
    done.write("src/app/cache.py", CACHE)

    assert said(capsys, "next") == (0, "nothing: every phase is accepted\n  because the guide is done\n")
    done.write("notes/plan.md", done.read("docs/plans/cache_implementation_guide.md"))
    checked(done, phase="2")
    assert "notes/plan.md looks like a guide and is not matched by `guides`" in said(capsys, "next")[1]


def test_a_clone_without_verdicts_says_that_nothing_judged_it(
    done: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    records.judgements(done.root).path.unlink()

    code, text = said(capsys, "status", "--require-complete")

    assert code == 4
    assert "PG532" in text
    assert "(nothing judged it here)" in text


def test_the_json_says_what_is_stale_and_of_which_content(done: Project, capsys: pytest.CaptureFixture[str]) -> None:
    def record() -> Any:
        return json.loads(said(capsys, "status", "--format", "json")[1])

    before = record()
    done.write("src/app/cache.py", CACHE + "\nX = 1\n")
    after = record()
    fresh, stale = (one["guides"][0]["phases"][0] for one in (before, after))

    assert (before["complete"], fresh["judged"], fresh["stale"]) == (True, True, False)
    assert (after["complete"], stale["judged"], stale["stale"]) == (False, False, True)
    assert before["content"] == fresh["last"]["content"] == stale["last"]["content"] != after["content"]
    assert (fresh["last"]["changed"], stale["last"]["changed"]) == (0, 1)
    assert stale["last"]["commit"] == done.git("rev-parse", "HEAD~1").stdout.strip()


def test_the_text_of_a_pull_request_counts_no_green_test_that_nobody_saw(
    done: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    green = said(capsys, "pr")[1]
    done.write("src/app/cache.py", CACHE + "\nX = 1\n")
    stale = said(capsys, "pr")[1]

    assert ("✅" in green, "kept green" in green) == (True, True)
    assert ("✅" in stale, "kept green" in stale) == (False, False)
