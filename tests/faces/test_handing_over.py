"""``pr``, ``report``, ``handoff`` and the agent's hook on a real project."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_phasegate import cli
from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project


SCHEMAS = Path(__file__).parents[2] / "docs/reference/schemas"
SPECIFICATION = """
# Cache Technical Specification

## Problem Statement
Values are computed twice, says @everyone.
<script>alert(1)</script> | `x`

::error::no command

## Architecture Decisions

### Decision 1: LRU with TTL
**Rationale**: memory is bounded, and
stale values go.
**Alternatives considered**:
- LFU
"""


@pytest.fixture
def cache(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE)
    project.init_git().commit("docs: plan the cache")
    monkeypatch.chdir(project.root)
    return project


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert cli.main(words) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_the_text_of_a_pull_request_tells_what_is_proved(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write(
        GUIDE_PATH, CACHE_GUIDE.replace("Core cache", "Core <b>cache</b> | @you").replace("- [ ] All", "- [x] All")
    )
    cache.write("src/app/cache.py", CACHE)

    refused, text = said(capsys, "pr", code=4), said(capsys, "pr", "--draft")

    assert "PG561 docs/plans/cache_implementation_guide.md: phase 1 is active: its gates did not pass" in refused
    assert "| phase" not in refused
    assert "> **Draft: not all of this is proved" in text
    assert "| phase | state | tests | coverage | commit |" in text
    assert "🟡 active" in text
    assert "0 of 2 phases accepted, 0 tests kept green, regressions: 0" in text
    assert "<b>" not in text
    assert "### Claims without evidence" in text
    assert "no guide is called 'x'" in said(capsys, "pr", "x", code=2)


def test_the_text_tells_what_the_documents_say_and_what_the_commits_change(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("docs/plans/cache_technical_spec.md", SPECIFICATION).write("docs/plans/cache_context.md", "# C\n\nx\n")
    cache.git("switch", "-q", "-c", "feat/issue-7-cache")
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    cache.commit("feat(cache): add core cache\n\nCloses: #7\nIssue: #8\nPhase: cache/1")

    text = said(capsys, "pr", "--draft", "--base", "main")
    record = json.loads(said(capsys, "pr", "--draft", "--format", "json"))

    assert "## Problem\n\nValues are computed twice, says &#64;everyone. &lt;script&gt;" in text
    assert "\n\\::error::no command" in text
    assert "- **LRU with TTL**: memory is bounded, and stale values go.\n" in text
    assert "1 commit, 4 files changed, " in text
    assert (
        "- specification: [docs/plans/cache\\_technical\\_spec.md](docs/plans/cache_technical_spec.md), 15 lines"
        in text
    )
    assert "- context: [docs/plans/cache\\_context.md](docs/plans/cache_context.md), 3 lines" in text
    assert "\nCloses #7\nRefs #8" in text
    assert (record["schema"], record["title"], record["closes"]) == ("phasegate.pr/1", "feat(cache): cache", ["#7"])
    assert (record["draft"], record["body"].startswith("> **Draft")) == (True, True)
    jsonschema.validate(record, json.loads((SCHEMAS / "phasegate.pr.1.json").read_text(encoding="utf-8")))
    assert said(capsys, "pr", "--draft", "--title") == "feat(cache): cache\n"
    assert "no revision is called 'none'" in said(capsys, "pr", "--base", "none", code=2)


def test_the_dashboard_is_one_page_that_loads_nothing(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("Core cache", "Core <script>alert(1)</script>"))

    page = said(capsys, "report", "--format", "html")

    assert page.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in page
    assert "<script>alert" not in page
    assert "Core &lt;script&gt;" in page
    assert said(capsys, "report").startswith("## ")


def test_a_hand_over_says_what_was_saved_and_whether_it_still_is_so(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--from", "The architect", "--to", "../eve", "--decision", "LRU\x1b[2J", "--constraint", "::error::50 ms"]
    saved = said(capsys, "handoff", "save", "--note", "mind the clock\x1b", *words, "--pending", "phase 1")
    same = said(capsys, "handoff", "restore")
    cache.write("src/app/cache.py", CACHE)
    moved = said(capsys, "handoff", "restore", code=1)

    assert "saved .phasegate/handoff/001-the-architect-to-eve.json\nfrom The architect to ../eve\n" in saved
    assert cache.git("status", "--porcelain", "--", ".phasegate").stdout == ""
    assert "note: mind the clock\\x1b\ndecided: LRU\\x1b[2J\nto be kept: ::error::50 ms\npending: phase 1\n" in same
    assert "next: write the tests of phase 1" in same
    assert "since then: the content was " in moved
    assert "the states of phases have changed: phasegate status" in moved


def test_hand_overs_are_numbered_and_what_is_stale_is_said(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("src/app/cache.py", CACHE)
    first = json.loads(said(capsys, "handoff", "save", "--format", "json"))
    second = json.loads(said(capsys, "handoff", "save", "--format", "json"))
    cache.write("src/app/cache.py", CACHE + "\n")
    told = said(capsys, "handoff", "restore", "1", code=1)
    record = json.loads(said(capsys, "handoff", "restore", "--format", "json", code=1))

    for one in (first, second):
        jsonschema.validate(one, json.loads((SCHEMAS / "phasegate.handoff.1.json").read_text(encoding="utf-8")))
    workflow = first["workflow_id"]
    assert re.fullmatch(r"cache-\d{8}", workflow)
    assert [(one["number"], one["workflow_id"]) for one in (first, second)] == [(1, workflow), (2, workflow)]
    assert "src/app/cache.py" in [one["path"] for one in first["files_modified"]]
    assert f"hand-over 1 of {workflow}, saved " in told
    assert ", 1 changed since\n  stale: src/app/cache.py\n" in told
    assert (record["number"], record["stale"]["files"]) == (2, ["src/app/cache.py"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema": "phasegate.handoff/2"}, "schema: expected phasegate.handoff/1, got a text"),
        ({"status": []}, "status: expected an object, got a list"),
        ({"head": 3}, "head: expected a text, got 3"),
        ({"decisions": [1]}, "decisions[0]: expected a text, got 1"),
        ({"gates": [3]}, "gates[0]: expected an object, got 3"),
        ({"gates": {}}, "gates: expected a list, got an object"),
        ({"test_results": {"total": "1"}}, "test_results.total: expected a whole number, got a text"),
        ({"test_results": {"coverage": {"line": []}}}, "test_results.coverage.line: expected a number, got a list"),
        ({"files_modified": [{"path": []}]}, "files_modified[0].path: expected a text, got a list"),
        ({"gaps": [{"path": "a", "missing": ["x"]}]}, "gaps[0].missing[0]: expected a whole number, got a text"),
        ({"number": "1"}, "number: expected a whole number, got a text"),
    ],
)
def test_a_document_that_is_no_hand_over_is_one_message_with_its_place(
    change: dict[str, Any], told: str, cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads(said(capsys, "handoff", "save", "--format", "json"))
    cache.write("other.json", json.dumps({**record, **change})).write("empty.json", "")

    assert f"other.json is no hand-over: other.json: {told}" in said(capsys, "handoff", "restore", "other.json", code=2)
    assert "empty.json:1:1: no JSON" in said(capsys, "handoff", "restore", "empty.json", code=2)
    assert "none.json cannot be read: No such file" in said(capsys, "handoff", "restore", "none.json", code=2)


def test_a_hand_over_that_says_little_is_read(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    old = {"schema": "phasegate.handoff/1", "at": "then", "branch": "main", "head": "", "content": "", "note": "hello"}
    assert "nothing was handed over here\n  hint: phasegate handoff save" in said(capsys, "handoff", "restore", code=2)
    cache.write(".phasegate/handoff/001.json", json.dumps({**old, "next": {}, "status": {}}))

    assert "note: hello\n" in said(capsys, "handoff", "restore", code=1)


def asked(request: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, Any]:
    monkeypatch.setattr("sys.stdin", io.StringIO(request if isinstance(request, str) else json.dumps(request)))
    capsys.readouterr()
    code = cli.main(["hook", "agent"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else None


def edit(path: str) -> dict[str, object]:
    return {"tool_name": "Edit", "tool_input": {"file_path": path}}


def test_an_agent_may_write_tests_before_code_and_not_the_other_way_round(
    cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code_first = asked(edit(f"{cache.root}/src/app/cache.py"), capsys, monkeypatch)
    tests_first = asked(edit("tests/test_cache.py"), capsys, monkeypatch)
    cache.write("tests/test_cache.py", CACHE_TESTS)
    then_code = asked(edit("src/app/cache.py"), capsys, monkeypatch)

    assert (code_first[0], code_first[1]["decision"]) == (2, "block")
    assert "write its tests first (test_get_returns_what_was_set" in code_first[1]["reason"]
    assert (tests_first[0], tests_first[1]["decision"]) == (0, "allow")
    assert "no test of phase 1 was seen red" in then_code[1]["reason"]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"tool_name": "Bash", "tool_input": {"command": "ls"}}, "no file is edited"),
        (edit("/etc/hosts"), "the file is outside of the project"),
        (edit("src/app/other.py"), "src/app/other.py belongs to no current phase"),
        ({"path": "docs/notes.md"}, "docs/notes.md is no production code"),
    ],
)
def test_what_no_rule_speaks_of_is_allowed(
    request_: object, reason: str, cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, answer = asked(request_, capsys, monkeypatch)

    assert cache.root.is_dir()
    assert (code, answer["decision"], answer["reason"]) == (0, "allow", reason)


def test_generated_files_and_unapproved_guides_block(
    cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = '[tool.phasegate.protected]\n"src/gen/**" = "specs/**"\n[tool.phasegate.approval]\nrequired = true\n'
    cache.write("pyproject.toml", PYPROJECT + tables)

    assert (
        "PG502: src/gen/a.py is generated from specs/**"
        in asked(edit("src/gen/a.py"), capsys, monkeypatch)[1]["reason"]
    )
    assert "PG503" in asked(edit("src/app/cache.py"), capsys, monkeypatch)[1]["reason"]


@pytest.mark.parametrize("request_", ["", "[]", "nonsense"])
def test_a_request_that_is_none_is_one_message(
    request_: str, cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache.root.is_dir()
    assert asked(request_, capsys, monkeypatch) == (2, None)


def test_a_report_tells_what_is_still_to_do_and_a_pull_request_does_not(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    report, request, status = said(capsys, "report"), said(capsys, "pr", GUIDE_PATH, "--draft"), said(capsys, "status")

    assert "### Still to do" in report
    assert "tests to write: test\\_get" in report
    assert "Still to do" not in request
    assert " 0/2 " in status
    assert "| 0/2 |" in request


def test_code_waits_for_a_declared_test_that_was_seen_red(
    cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PHASEGATE_LEDGER", raising=False)
    cache.write("tests/test_cache.py", CACHE_TESTS)
    unseen = asked(edit("src/app/cache.py"), capsys, monkeypatch)
    cache.pytest("--phase", "1", "--phasegate-expect", "red")
    seen = asked(edit("src/app/cache.py"), capsys, monkeypatch)
    cache.write("tests/test_cache.py", CACHE_TESTS.replace("assert", "assert not"))
    rewritten = asked(edit("src/app/cache.py"), capsys, monkeypatch)

    assert (unseen[0], unseen[1]["decision"]) == (2, "block")
    assert "no test of phase 1 was seen red as it stands: run pytest --phase" in unseen[1]["reason"]
    assert (seen[0], seen[1]["decision"]) == (0, "allow")
    assert (rewritten[0], rewritten[1]["decision"]) == (2, "block")


def test_an_agent_is_answered_in_its_own_words(
    cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache.root.is_dir()
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(edit("src/app/cache.py"))))
    capsys.readouterr()
    code = cli.main(["hook", "agent", "--for", "cursor"])
    answer = json.loads(capsys.readouterr().out)
    monkeypatch.setattr("sys.stdin", io.StringIO("nonsense"))
    unreadable = cli.main(["hook", "agent", "--for", "claude-code"])

    assert (code, answer["permission"]) == (0, "deny")
    assert "write its tests first" in answer["agent_message"]
    assert (unreadable, "phasegate cannot tell" in capsys.readouterr().err) == (2, True)
    assert cli.main(["hook", "agent", "--for", "nobody"]) == 2


def ended(
    name: str, request: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(request)))
    capsys.readouterr()
    code = cli.main(["check", "--changed", "--for", name, "--python", sys.executable])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_an_agent_that_would_end_is_told_what_is_missing_once_for_each_state(
    cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = ended("claude-code", {}, capsys, monkeypatch)
    cache.write("src/app/cache.py", CACHE)
    first = ended("claude-code", {"cwd": str(cache.root)}, capsys, monkeypatch)
    same = ended("claude-code", {}, capsys, monkeypatch)
    cache.write("src/app/other.py", "x = 1\n")
    kept = ended("claude-code", {"stop_hook_active": True}, capsys, monkeypatch)
    cache.remove("src/app/other.py").write("tests/test_cache.py", CACHE_TESTS)
    done = ended("claude-code", {}, capsys, monkeypatch)
    plain = said(capsys, "check", "--changed", "--python", sys.executable)

    assert nothing == (0, "")
    assert first[0] == 2
    assert "production code changed, and no test did" in first[1]
    assert "phase 1 is not done: test_get_returns_what_was_set" in first[1]
    assert len(first[1].splitlines()) <= 20
    assert (same[0], kept[0]) == (1, 1)
    assert "not done, and let go" in same[1]
    assert done == (0, "")
    assert "went from red to green" in plain
