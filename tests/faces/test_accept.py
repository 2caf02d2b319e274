from __future__ import annotations

import json
import shutil

import pytest

from support.git_states import must
from support.plan import CORE, planned
from support.project import LEAN, Project

QUIET = ("-q", "-p", "no:cacheprovider", "--no-phasegate-cov")
MEASURING = ("-q", "-p", "no:cacheprovider")
WHOLE = ("check", "all", "-q")


def started(project: Project) -> Project:
    planned(project).write("pytest.ini", LEAN).write(".gitignore", "__pycache__\n").init_git().commit("feat: all of it")
    return project


@pytest.fixture(scope="module")
def judged_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    place = tmp_path_factory.mktemp("judged")
    project = Project(place / "project", place)
    project.root.mkdir()
    started(project).phasegate(*WHOLE)
    return project


@pytest.fixture
def judged(project: Project, judged_once: Project) -> Project:
    """The project of three phases, all judged by their whole gates."""
    shutil.copytree(judged_once.root, project.root, symlinks=True, dirs_exist_ok=True)
    return project


def accepted(project: Project) -> list[str]:
    return [json.loads(line)["test"] for line in project.read(".phasegate/baseline.jsonl").splitlines()]


def test_phases_that_passed_in_one_run_are_accepted_one_after_the_other(judged: Project) -> None:
    first, second = judged.phasegate("accept", "1"), judged.phasegate("accept", "cache:2")

    assert (first.exit_code, second.exit_code) == (0, 0), first.text + second.text
    assert "accepted phase 1 of docs/plans/cache_implementation_guide.md: 3 new" in first.stdout
    assert len(accepted(judged)) == 4
    assert judged.pytest("--phase", "current", *QUIET).stdout.count("phase 3: Words") == 1


def test_a_phase_is_accepted_on_the_content_it_passed_on_whatever_was_tried_meanwhile(judged: Project) -> None:
    judged.write("docs/manual.md", "Another try.\n").phasegate(*WHOLE)
    judged.remove("docs/manual.md")

    done = judged.phasegate("accept", "1")

    assert done.exit_code == 0, done.text


def test_a_check_in_another_worktree_takes_no_pass_away(judged: Project) -> None:
    judged.git("worktree", "add", "--quiet", "-b", "side", str(judged.home / "linked"))
    linked = type(judged)(judged.home / "linked", judged.home)
    linked.write("docs/manual.md", "Another try.\n").phasegate(*WHOLE)

    assert [there.phasegate("accept", "1").exit_code for there in (judged, linked)] == [0, 0]


def test_accepting_keeps_what_was_committed_where_the_file_is_gone(judged: Project) -> None:
    judged.phasegate("accept", "1")
    judged.commit("chore: accept")
    judged.remove(".phasegate").phasegate(*WHOLE)

    assert judged.phasegate("accept", "2").exit_code == 0
    assert len(accepted(judged)) == 4


def test_a_phase_of_words_alone_passes_when_they_are_written_and_is_accepted(judged: Project) -> None:
    assert [judged.phasegate("accept", phase).exit_code for phase in "12"] == [0, 0]
    unwritten = judged.phasegate("check", "3", "--format", "json")
    judged.write("docs/manual.md", "Store and find.\n")
    checked = judged.phasegate("check", "3", "--format", "json")
    judged.phasegate(*WHOLE)
    done = judged.phasegate("accept", "3")

    assert (unwritten.exit_code, unwritten.json["verdict"]) == (1, "failed")
    assert "phase 3 is to create docs/manual.md" in unwritten.stdout
    assert (checked.exit_code, checked.json["verdict"]) == (0, "passed")
    assert done.exit_code == 0, done.text
    assert judged.phasegate("status", "--require-complete").exit_code == 0


def test_what_was_not_judged_or_did_not_pass_is_not_accepted_and_nothing_is_written(project: Project) -> None:
    started(project)
    unjudged = project.phasegate("accept", "1")
    project.pytest("--phase", "1", *QUIET)
    alone = project.phasegate("accept", "1")
    project.write("tests/test_core.py", CORE.replace("def test_find(self): pass", "def test_find(self): assert 0"))
    project.pytest("--phase", "1", *QUIET)
    failed = project.phasegate("accept", "1")
    project.phasegate("check", "1")
    refused = project.phasegate("accept", "1")

    assert (unjudged.exit_code, alone.exit_code, failed.exit_code) == (1, 1, 1)
    assert "phase 1 was not judged on this content" in unjudged.stderr
    assert "run: phasegate check 1" in unjudged.stderr
    assert "only tests and coverage were judged on this content" in alone.stderr
    assert "run: phasegate check 1" in alone.stderr
    assert "phase 1 did not pass on this content: failed by pytest" in failed.stderr
    assert "mend it and run: phasegate check 1" in failed.stderr
    assert "failed by check\n  hint: mend it and run: phasegate check 1" in refused.stderr
    assert not (project.root / ".phasegate").exists()


def test_content_that_changed_since_it_passed_is_not_accepted(judged: Project) -> None:
    judged.write("src/new.py", "x = 1\n")

    assert judged.phasegate("accept", "1").exit_code == 1


def test_a_run_that_a_test_ended_can_never_be_accepted(project: Project) -> None:
    started(project)
    project.write("tests/test_expiry.py", "import os\ndef test_expires(): os._exit(0)\n")

    assert project.pytest("--phase", "1..2", *QUIET).exit_code == 1
    assert [project.phasegate("accept", phase).exit_code for phase in "12"] == [1, 1]


MEASURED = """
# Box Implementation Guide
### Phase 1: Put
**Files to create**:
- `app/box.py`
**Tests to write** (in `tests/test_box.py`):
```python
def test_put(): ...
```
**Success criteria**:
- [ ] Coverage: 90%
### Phase 2: Nothing
"""
BOX = "from app.box import put\n\ndef test_put(): assert put(1)\n"
HALF = "def put(one):\n    return one\n\ndef take():\n    return 0\n"


@pytest.fixture
def half(project: Project) -> Project:
    """A phase that reaches three lines of four, where its guide asks for nine of ten."""
    project.write("docs/plans/box_implementation_guide.md", MEASURED).write("tests/test_box.py", BOX)
    project.write("app/__init__.py", "").write("app/box.py", HALF).write("conftest.py", "")
    project.write("pytest.ini", LEAN).write(".gitignore", "__pycache__\n").init_git().commit("feat: all of it")
    return project


def test_a_run_that_asked_for_less_than_the_guide_is_not_accepted(half: Project) -> None:
    lowered = half.pytest("--phase", "1", "--phasegate-fail-under", "50", *MEASURING)

    assert (lowered.exit_code, half.phasegate("accept", "1").exit_code) == (0, 1)
    assert "this run cannot be accepted: --phasegate-fail-under asks for 50 %, the guide for 90 %" in lowered.stdout


def test_a_run_that_asked_for_more_counts_and_names_the_whole_gate(half: Project) -> None:
    half.write("app/box.py", HALF.partition("def take")[0])

    run = half.pytest("--phase", "1", "--phasegate-fail-under", "100", *MEASURING)

    assert run.exit_code == 0, run.text
    assert "this run cannot be accepted" not in run.stdout
    assert "tests and coverage passed; the whole gate: phasegate check 1" in run.stdout.splitlines()

    half.write("docs/plans/other_implementation_guide.md", "# Other\n### Phase 1: Nothing\n")
    beside = half.pytest("--phase", "box:1", *MEASURING)

    assert "tests and coverage passed; the whole gate: phasegate check box:1" in beside.stdout.splitlines()


def test_a_phase_that_is_accepted_before_its_commit_is_committed_with_what_was_accepted(half: Project) -> None:
    half.write("app/box.py", HALF.partition("def take")[0])
    checked = half.phasegate("check", "1")

    done = half.phasegate("accept", "1")

    assert (checked.exit_code, done.exit_code) == (0, 0), checked.text + done.text
    command = "phasegate commit 1 -m 'feat: put'"
    assert done.stderr == f"next: commit phase 1, with what was accepted\n  $ {command}\n"
    assert f"commit phase 1\n  $ {command}\n" in half.phasegate("next").stdout
    must(half, "add", "app")
    assert half.phasegate("commit", "1", "-m", "feat: put").exit_code == 0
    assert must(half, "show", "--name-only", "--format=", "HEAD").split() == [".phasegate/baseline.jsonl", "app/box.py"]


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("tests/test_box.py", BOX.replace("(1)", "(1) == 1"), "and tests/test_box.py::test_put is not as it passed"),
        ("tests/test_next.py", BOX.replace("test_put", "test_next"), "next: commit .phasegate/baseline.jsonl"),
    ],
    ids=["its own", "those of what comes next"],
)
def test_a_phase_that_is_committed_without_its_tests_is_not_accepted(
    half: Project, path: str, text: str, told: str
) -> None:
    half.write("app/box.py", HALF.partition("def take")[0]).write(path, text)
    checked = half.phasegate("check", "1")
    half.git("commit", "--quiet", "-m", "feat: put", "-m", "Phase: box/1", "--", "app")

    done = half.phasegate("accept", "1")

    assert checked.exit_code == 0, checked.text
    assert told in done.stderr, done.text
    assert done.exit_code == (0 if told.startswith("next") else 1)


def test_a_run_by_another_guide_of_the_same_name_is_not_accepted(half: Project) -> None:
    half.write("other/box_implementation_guide.md", MEASURED.replace("90%", "10%"))

    other = half.pytest("--phase", "1", "--phasegate-guide", "other/box_implementation_guide.md", *MEASURING)

    assert (other.exit_code, half.phasegate("accept", "1").exit_code) == (0, 1)
    assert "other/box_implementation_guide.md is none of the project's guides" in other.stdout


def test_what_passed_by_one_guide_is_not_accepted_for_its_namesake(half: Project) -> None:
    half.write("docs/plans/box_implementation_plan.md", OTHER).write("tests/test_other.py", "def test_other(): pass\n")

    run = half.phasegate("check", "docs/plans/box_implementation_guide.md:1")
    assert half.phasegate("check", "docs/plans/box_implementation_plan.md:1").exit_code == 0
    one = half.phasegate("accept", "docs/plans/box_implementation_guide.md:1")
    other = half.phasegate("accept", "docs/plans/box_implementation_plan.md:1")

    assert (run.exit_code, one.exit_code, other.exit_code) == (1, 1, 0), one.text + other.text
    assert accepted(half) == ["tests/test_other.py::test_other"]


OTHER = """
# Other Implementation Plan
### Phase 1: Other
**Files to create**:
- `tests/test_other.py`
### Phase 2: Nothing
"""


def test_a_run_by_one_of_the_projects_guides_by_name_counts(half: Project) -> None:
    half.write("app/box.py", HALF.partition("def take")[0])
    run = half.pytest("--phase", "1", "--phasegate-guide", "docs/plans/box_implementation_guide.md", *MEASURING)

    assert "this run cannot be accepted" not in run.stdout
    assert half.phasegate("check", "1").exit_code == 0
    assert half.phasegate("accept", "1").exit_code == 0


def test_a_narrowed_run_can_never_be_accepted(project: Project) -> None:
    started(project).pytest("--phase", "1", "-k", "test", *QUIET)

    assert project.phasegate("accept", "1").exit_code == 1


def test_an_update_names_what_goes_before_it_lets_it_go(judged: Project) -> None:
    assert [judged.phasegate("accept", phase).exit_code for phase in "12"] == [0, 0]
    judged.write("tests/test_core.py", CORE.replace("def test_unforeseen(): pass", "def test_new(): assert 1"))
    judged.phasegate(*WHOLE)

    difference = judged.phasegate("baseline", "diff")
    refused = judged.phasegate("baseline", "update")
    assert difference.stdout.splitlines() == [
        "+ tests/test_core.py::test_new (phase 1)",
        "- tests/test_core.py::test_unforeseen (phase 1)",
    ]
    assert (difference.exit_code, refused.exit_code) == (0, 1)
    assert "--remove 'tests/test_core.py::test_unforeseen'" in refused.stderr

    named = judged.phasegate(
        "baseline", "update", "--remove", "tests/test_core.py::test_unforeseen", "--format", "json"
    )
    assert named.exit_code == 0, named.text
    assert [one["test"] for one in named.json["removed"]] == ["tests/test_core.py::test_unforeseen"]
    assert "$ git add -f .phasegate/baseline.jsonl && git commit" in named.stderr
    assert "tests/test_core.py::test_new" in accepted(judged)
    assert "tests/test_core.py::test_unforeseen" not in accepted(judged)


def test_an_update_without_a_run_of_this_content_is_inconclusive(judged: Project) -> None:
    judged.phasegate("accept", "1")
    judged.write("tests/test_core.py", CORE + "\ndef test_more(): pass\n")

    done = judged.phasegate("baseline", "update")

    assert done.exit_code == 4
    assert "run: pytest --phase all; a test that is gone for good is named: --remove ID" in done.stderr


def test_a_stranger_cannot_be_removed(project: Project) -> None:
    done = started(project).phasegate("baseline", "update", "--remove", "t.py::test_x")

    assert done.exit_code == 2
    assert "is not in the baseline" in done.stderr


def test_the_map_tells_tests_with_their_reasons_and_what_is_missing(project: Project) -> None:
    planned(project, expiry="import pytest\ndef test_expire(): pass\n@pytest.mark.phase(3)\ndef test_marked(): pass\n")

    text = project.phasegate("map")
    told = project.phasegate("map", "--format", "json").json

    assert text.exit_code == 0, text.text
    assert "  tests/test_expiry.py::test_marked  (the phase marker)" in text.stdout.splitlines()
    assert {one["test"]: one["reason"] for one in told["tests"]}["tests/test_core.py::TestCache::test_find"] == (
        "declared by node id"
    )
    assert {one["source"] for one in told["tests"]} == {"declared"}
    assert told["unmapped"] == ["tests/test_loose.py::test_loose"]
    assert [(one["test"], one["line"], one["nearest"]) for one in told["missing"]] == [
        ("tests/test_expiry.py::test_expires", 21, "tests/test_expiry.py::test_expire")
    ]


def test_a_file_that_cannot_be_collected_makes_the_map_inconclusive(project: Project) -> None:
    planned(project, expiry="import nowhere\n")

    done = project.phasegate("map")

    assert done.exit_code == 4
    assert "tests/test_expiry.py could not be collected" in done.stderr
    assert "tests/test_core.py::test_unforeseen" in done.stdout


RENAMES = {
    "function": ("tests/test_expiry.py", "test_expires", "test_is_forgotten"),
    "class": ("tests/test_core.py", "TestCache", "TestStore"),
    "file": ("tests/test_expiry.py", "", "tests/unit/test_forgetting.py"),
}


@pytest.mark.parametrize(("path", "old", "new"), RENAMES.values(), ids=RENAMES.keys())
@pytest.mark.sampled(3)
def test_an_accepted_test_may_be_renamed(path: str, old: str, new: str, judged: Project) -> None:
    judged.phasegate("accept", "1")
    judged.phasegate("accept", "cache:2")
    judged.commit("chore: accept")
    text = judged.read(path)
    judged.remove(path).write(new if not old else path, text.replace(old, new) if old else text)

    checked, status = judged.phasegate(*WHOLE), judged.phasegate("status")
    updated, again = judged.phasegate("baseline", "update"), judged.phasegate("status")

    assert checked.text.count("tests      passed") == 2, checked.text
    assert "regression failed" not in checked.text
    assert "PG406" in checked.text
    assert updated.exit_code == 0, updated.text
    assert "regressed" not in status.text + again.text
    assert len(accepted(judged)) == 4
    assert any(new in test for test in accepted(judged))
