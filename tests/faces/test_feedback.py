"""``phasegate feedback``: comments of reviewers are imported, answered by commits, and block while they are not."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_phasegate import cli
from pytest_phasegate.hooks.commit_msg import judged_message
from pytest_phasegate.wiring import projects, status
from support.guides import CACHE, CACHE_GUIDE, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project, Run

SCHEMA = Path(__file__).parents[2] / "docs/reference/schemas/phasegate.feedback.1.json"
COMMENTS = [
    {"id": "K1", "path": "src/app/cache.py", "line": 2, "body": "P0: no lock", "author": "eve"},
    {"id": "K2", "body": "nit: \x1b[31m::error:: @all <b>", "author": "::warning::bob"},
]


@pytest.fixture
def reviewed(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).write("src/app/cache.py", CACHE)
    project.init_git().commit("docs: plan the cache")
    monkeypatch.chdir(project.root)
    project.write("review.json", json.dumps(COMMENTS))
    assert cli.main(["feedback", "import", "review.json"]) == 0
    return project


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert cli.main(words) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def states(capsys: pytest.CaptureFixture[str]) -> dict[int, str]:
    capsys.readouterr()
    assert cli.main(["feedback", "list", "--format", "json"]) == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return {one["number"]: one["state"] for one in record["comments"]}


def test_an_open_blocking_comment_is_shown_everywhere_and_refuses(
    reviewed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = said(capsys, "feedback", "list")

    assert "   1. P0 open   src/app/cache.py:2: P0: no lock  (eve)" in listed
    assert "\x1b" not in listed
    assert "\n::" not in f"\n{listed}"
    assert "2 review comments, open: 1 P0, 0 P1, 1 P2" in said(capsys, "status")
    assert "fix comment 1, and commit with the trailer `Feedback: 1`" in said(capsys, "next")
    assert "PG551 src/app/cache.py:2: comment 1 is open" in said(capsys, "status", "--require-complete", code=1)
    assert "2 read, 0 new; nothing changed" in said(capsys, "feedback", "import", "review.json")
    assert states(capsys) == {1: "open", 2: "open"}


def test_a_commit_answers_by_its_trailer_if_it_came_later_changes_something_and_stands(
    reviewed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed.commit("chore: what reviewers said")
    reviewed.git("commit", "-q", "--allow-empty", "-m", "fix: nothing\n\nFeedback: 1")
    empty = states(capsys)
    reviewed.write("src/app/cache.py", CACHE + "LOCK = 1\n").commit("fix: lock\n\nFeedback: 1")
    fixed = states(capsys)
    reviewed.git("commit", "-q", "--amend", "-m", "fix: lock them\n\nFeedback: 1, 2")
    assert "which touches other files" not in said(capsys, "feedback", "list")
    reviewed.git("revert", "--no-edit", "HEAD")
    reverted = states(capsys)
    reviewed.git("revert", "--no-edit", "HEAD")
    again = states(capsys)

    assert [one[1] for one in (empty, fixed, reverted, again)] == ["open", "fixed", "open", "fixed"]
    assert said(capsys, "status", "--require-complete", code=1).count("PG551") == 0


def test_a_commit_from_before_the_comment_answers_nothing_and_a_squashed_one_does(
    reviewed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed.write("src/app/a.py", "A = 1\n").commit("feat: a\n\nFeedback: 3")
    reviewed.write("late.json", '["src/app/a.py:1: P0 too short"]')
    said(capsys, "feedback", "import", "late.json")
    before = states(capsys)
    reviewed.write("src/app/a.py", "A = 2\n").commit(
        "feat: all (#4)\n\n* fix: a\n\nFeedback: #3, 2\n\n* docs: b\n\nMore."
    )

    assert before[3] == "open"
    assert states(capsys) == {1: "open", 2: "fixed", 3: "fixed"}


def test_another_message_alone_answers_nothing_and_a_fix_elsewhere_is_told_as_such(
    reviewed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed.git("commit", "-q", "--amend", "-m", "docs: plan the cache\n\nFeedback: 1")
    reworded = states(capsys)
    reviewed.write("README.md", "Locked.\n").commit("docs: say it\n\nFeedback: 1")

    assert (reworded[1], states(capsys)[1]) == ("open", "fixed")
    assert "which touches other files than src/app/cache.py" in said(capsys, "feedback", "list")


def test_a_file_that_went_by_mistake_answers_nothing(reviewed: Project, capsys: pytest.CaptureFixture[str]) -> None:
    reviewed.commit("chore: what reviewers said")
    reviewed.remove(".phasegate/feedback.jsonl")
    gone = states(capsys)
    reviewed.write(".phasegate/feedback.jsonl", "")

    assert gone == states(capsys) == {1: "open", 2: "open"}


def test_a_person_may_say_more_and_gives_a_reason(reviewed: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert "add --reason" in said(capsys, "feedback", "edit", "1", "--priority", "P1", code=2)
    assert "nothing to edit" in said(capsys, "feedback", "edit", "1", "--reason", "x", code=2)
    assert "no comment has the number 9" in said(capsys, "feedback", "edit", "9", "--close", "--reason", "x", code=2)
    assert "no number of a comment: 'x'" in said(capsys, "feedback", "list", "x", code=2)
    said(capsys, "feedback", "edit", "1", "--close", "--reason", "one thread", "--by", "Ada")
    closed = states(capsys)
    said(capsys, "feedback", "import", "review.json")

    assert (closed[1], states(capsys)[1]) == ("closed", "closed")
    assert "      Ada: one thread" in said(capsys, "feedback", "list", "1")
    said(capsys, "feedback", "edit", "1", "--reopen", "--reason", "two threads")
    assert states(capsys)[1] == "open"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "bad.json:1:2: no JSON"),
        (b"", "bad.json:1:1: no JSON"),
        (b"\xff", "bad.json: no JSON that can be read"),
        (b"[" * 200_000, "bad.json: no JSON that can be read"),
        (b"[" + b"9" * 5000 + b"]", "bad.json: no JSON that can be read"),
        (b'{"comments": 3}', "bad.json: comments: expected a list, got 3"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_error_and_changes_nothing(
    content: bytes, told: str, reviewed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = status.comments(projects.Project.around(reviewed.root))
    (reviewed.root / "bad.json").write_bytes(content)

    told_here = said(capsys, "feedback", "import", "bad.json", code=2)

    assert told in told_here
    assert told_here.count("phasegate: error:") == 1
    assert status.comments(projects.Project.around(reviewed.root)) == before
    assert "none.json cannot be read: No such file" in said(capsys, "feedback", "import", "none.json", code=2)
    assert "import wants the file" in said(capsys, "feedback", "import", code=2)


def test_what_a_shell_of_windows_redirects_and_what_comes_on_stdin_is_read(
    reviewed: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (reviewed.root / "wide.json").write_bytes('["a.py:1: übel"]'.encode("utf-16"))
    said(capsys, "feedback", "import", "wide.json")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'["b.py:1: P0 x"]')))
    said(capsys, "feedback", "import", "-")

    assert "3. P1 open   a.py:1: übel" in said(capsys, "feedback", "list")
    assert states(capsys)[4] == "open"


def test_a_damaged_file_of_comments_stops_what_would_pass_without_it(
    reviewed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed.write(".phasegate/feedback.jsonl", "<<<<<<< ours\n")

    assert ".phasegate/feedback.jsonl:1: no line of JSON" in said(capsys, "status", code=2)


def test_a_message_names_only_comments_that_are_there(reviewed: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here = projects.Project.around(reviewed.root)
    assert judged_message("fix: lock\n\nFeedback: 1", here) == 0
    assert judged_message("fix: lock\n\nWe liked the Feedback: all of it.\n", here) == 0
    assert judged_message("fix: lock\n\nFeedback: 1, 7", here) == 1
    assert "PG552 the trailer Feedback: 7 names no comment" in capsys.readouterr().err


def test_a_range_is_refused_for_the_comments_of_each_project_in_the_repository(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        project.write(f"{name}/pyproject.toml", PYPROJECT).write(f"{name}/{GUIDE_PATH}", CACHE_GUIDE)
    project.init_git().commit("docs: plan")
    monkeypatch.chdir(project.root / "two")
    project.write("two/review.json", json.dumps(COMMENTS))
    assert cli.main(["feedback", "import", "review.json"]) == 0
    project.write("README.md", "Words.\n").commit("docs: words")

    for place in (project.root, project.root / "one", project.root / "two"):
        monkeypatch.chdir(place)
        told = said(capsys, "verify", "HEAD~..HEAD", code=1)
        assert told.count("PG551") == 1, told


def test_a_range_is_refused_while_a_blocking_comment_is_open_where_it_ends(
    reviewed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    def pushed(tip: str) -> Run:
        refs = f"refs/heads/main {tip} refs/heads/main {before}\n"
        return reviewed.phasegate("hook", "pre-push", "origin", "nowhere", stdin=refs)

    before = reviewed.git("rev-parse", "HEAD").stdout.strip()
    reviewed.git("add", "-f", ".phasegate")
    words = reviewed.write("README.md", "Words.\n").commit("docs: words")

    told = said(capsys, "verify", f"{before}..HEAD", code=1)
    assert "failed: comment 1 (P0) is open: eve: P0: no lock" in told
    assert "commit with the trailer `Feedback: 1`, or say why not" in told
    assert "PG551" not in said(capsys, "verify", "HEAD")
    stopped = pushed(words)
    assert (stopped.exit_code, "  PG551 comment 1 (P0) is open" in stopped.stderr) == (1, True), stopped.text
    assert "    fix: fix comment 1, and commit with the trailer `Feedback: 1`" in stopped.stderr

    reviewed.git("rm", "-q", "-r", ".phasegate")
    reviewed.commit("docs: no more comments")
    assert "PG551" in said(capsys, "verify", f"{words}..HEAD", code=1)
    reviewed.git("reset", "-q", "--hard", words)
    fix = reviewed.write("src/app/cache.py", "# locked\n" + CACHE).commit("style: a lock\n\nFeedback: 1")
    assert "PG551" not in said(capsys, "verify", f"{before}..HEAD")
    reviewed.git("checkout", "-q", words)
    assert pushed(fix).exit_code == 0, "a fix counts on the branch that is pushed, whatever is checked out"
