"""``phasegate review``: what people answer for criteria that no run can judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from support.project import Project, Run

GUIDE_PATH = "docs/plans/box_implementation_guide.md"
GUIDE = """
# Box Implementation Guide

### Phase 1: Put
**Files to create**:
- `src/app/box.py`
**Tests to write** (in `tests/test_box.py`):
```python
def test_put(): ...
```
**Success criteria**:
- [ ] All tests passing
- [ ] The words of errors read well
- [ ] Ada can explain the box

**Commit**: `feat(box): put`
"""
BOX = "def put(value):\n    return value\n"
TEST = "from app.box import put\n\ndef test_put():\n    assert put(1) == 1\n"
NO = ("--fail", "2", "--expected", "a sentence", "--actual", "a code", "--fix", "write the sentence", "--by", "Ada")


@pytest.fixture
def box(project: Project) -> Project:
    settings = f'[tool.phasegate]\n[tool.pytest.ini_options]\npythonpath = ["src"]\n{LEAN_OPTIONS}\n'
    project.write("pyproject.toml", settings)
    project.write(".gitignore", "__pycache__\n.pytest_cache\n").write(GUIDE_PATH, GUIDE).init_git().commit("docs: plan")
    return project.write("src/app/__init__.py", "").write("src/app/box.py", BOX).write("tests/test_box.py", TEST)


SCHEMA = Path(__file__).parents[2] / "docs/reference/schemas/phasegate.review.1.json"


def test_the_record_keeps_to_its_schema_before_and_after_an_answer(box: Project) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))

    asked = box.phasegate("review", "1", "--format", "json").json
    said_no = box.phasegate("review", "1", *NO, "--format", "json").json

    jsonschema.validate(asked, schema)
    jsonschema.validate(said_no, schema)
    assert [one["verdict"] for one in asked["criteria"]] == ["not-judged", "open", "open"]
    assert [one["verdict"] for one in said_no["criteria"]] == ["not-judged", "failed", "open"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**asked, "content": 1}, schema)


def criteria(run: Run) -> dict[int, str]:
    found = run.json.get("criteria") or run.json["phases"][0]["criteria"]
    return {one["number"]: one["verdict"] for one in found}


def test_a_phase_is_accepted_when_people_have_answered_what_no_run_can(box: Project) -> None:
    checked = box.phasegate("check", "1", "--format", "json")
    asked = box.phasegate("next")
    early = box.phasegate("accept", "1")
    answered = box.phasegate("review", "1", "--pass", "2", "--pass", "3", "--by", "Ada", "--format", "json")
    again = box.phasegate("check", "1", "--format", "json")
    assert box.phasegate("commit", "1").exit_code == 0
    done = box.phasegate("accept", "1")
    left = box.phasegate("next")
    box.commit("chore: accept phase 1")

    assert (checked.exit_code, criteria(checked)) == (0, {1: "passed", 2: "open", 3: "open"}), checked.text
    assert "$ phasegate review 1\n  because criteria 2, 3 wait for a person" in asked.stdout
    assert early.exit_code == 4
    assert "2. The words of errors read well\n" in early.stderr
    assert "phasegate review 1" in early.stderr
    assert (answered.exit_code, criteria(answered)) == (0, {1: "passed", 2: "passed", 3: "passed"})
    assert (answered.json["schema"], answered.json["criteria"][1]["by"]) == ("phasegate.review/1", "Ada")
    assert (again.json["verdict"], set(criteria(again).values())) == ("passed", {"passed"})
    assert done.exit_code == 0, done.text
    keeping = "  $ git add -f .phasegate/baseline.jsonl .phasegate/reviews.jsonl && git commit "
    assert keeping in done.stderr
    assert keeping in left.stdout
    complete = box.phasegate("status", "--require-complete")
    assert complete.exit_code == 0, complete.text
    page = box.phasegate("report", "--format", "html").stdout
    gates = [one["gate"] for one in again.json["phases"][0]["gates"]]
    assert len(gates) >= 10
    assert [gate for gate in gates if f"<th>{gate}</th>" not in page] == []
    assert "</span> complete</p>" in page
    assert "<code>tests/test_box.py::test_put</code></td><td>guide, line 8, collected, accepted</td>" in page
    assert ">yes</span> to criterion 2 by Ada" in page


def test_a_no_blocks_the_phase_with_what_was_expected_found_and_would_mend_it(box: Project) -> None:
    box.phasegate("check", "1")
    listed = box.phasegate("review", "1", *NO)
    committed = box.phasegate("commit", "1")
    checked, refused = box.phasegate("check", "1"), box.phasegate("accept", "1")

    assert listed.exit_code == 0
    assert "  2. BLOCKED    The words of errors read well  (Ada)\n     expected: a sentence" in listed.stdout
    assert checked.exit_code == 1
    assert "PG541 BLOCKED: criterion 2, 'The words of errors read well' is not met (Ada says no)" in checked.stdout
    assert "| expected: a sentence\n      | actual: a code\n      fix: write the sentence" in checked.stdout
    assert (committed.exit_code, refused.exit_code) == (1, 1)
    assert "BLOCKED: criterion 2" in committed.stderr

    box.phasegate("review", "1", "--pass", "2", "--pass", "3")
    assert box.phasegate("check", "1").exit_code == 0


def test_an_answer_ends_with_the_content_and_with_the_words_it_was_given_for(box: Project) -> None:
    box.phasegate("review", "1", "--pass", "2", "--pass", "3")
    whole = criteria(box.phasegate("review", "1", "--format", "json"))
    box.write("src/app/box.py", BOX + "\n\nPUT = put\n")
    changed = criteria(box.phasegate("review", "1", "--format", "json"))
    box.write("src/app/box.py", BOX)
    back = criteria(box.phasegate("review", "1", "--format", "json"))
    box.write(GUIDE_PATH, GUIDE.replace("read well", "read very well"))
    edited = criteria(box.phasegate("review", "1", "--format", "json"))

    assert whole == back == {1: "not-judged", 2: "passed", 3: "passed"}
    assert (changed[2], changed[3]) == ("open", "open")
    assert edited[2] == "open"


def test_the_answers_of_an_accepted_phase_hold_while_its_own_files_stand(box: Project) -> None:
    box.phasegate("review", "1", "--pass", "2", "--pass", "3")
    box.phasegate("check", "1")
    box.phasegate("commit", "1")
    assert box.phasegate("accept", "1").exit_code == 0
    box.commit("chore: accept phase 1")

    box.write("README.md", "Put it in.\n").commit("docs: readme")
    box.phasegate("check", "1")
    beside = box.phasegate("status", "--require-complete")
    box.write("src/app/box.py", BOX + "\n\nPUT = put\n").write("tests/test_box.py", TEST.replace("1", "2"))
    box.phasegate("check", "1")
    within = box.phasegate("status", "--require-complete")

    assert beside.exit_code == 0, beside.text
    assert within.exit_code == 4
    assert "PG533" in within.stderr
    assert "criterion 2: waits for a person" in within.stderr


def test_an_answer_in_one_worktree_holds_for_the_same_content_in_another(box: Project) -> None:
    box.commit("feat(box): put")
    box.git("worktree", "add", "-q", "../other")
    answered = box.run("python", "-m", "pytest_phasegate", "review", "1", "--pass", "2", cwd="../other")
    here = criteria(box.phasegate("review", "1", "--format", "json"))
    box.git("worktree", "remove", "--force", "../other")

    assert answered.exit_code == 0, answered.text
    assert (here[2], here[3]) == ("passed", "open")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pass", "9"), "phase 1 has no criterion 9"),
        (("--pass", "1"), "criterion 1 is judged by a run, not by a person"),
        (("--fail", "2"), "--fail needs --expected, --actual and --fix"),
        (("--pass", "2", *NO), "criterion 2 cannot pass and fail"),
        (("--pass", "2", "--fix", "x"), "go with --fail"),
    ],
)
def test_an_answer_that_means_nothing_is_one_message(box: Project, words: tuple[str, ...], said: str) -> None:
    run = box.phasegate("review", "1", *words)

    assert run.exit_code == 2
    assert said in run.stderr


def report(box: Project, name: str, **said: object) -> None:
    record = {"schema": "phasegate.reviewer/1", "reviewer": name, "phase": "1", **said}
    box.write(f"reviews/{name}.json", json.dumps(record))


def test_reports_of_reviewers_answer_criteria_for_the_content_they_looked_at_and_block_by_what_is_critical(
    box: Project,
) -> None:
    box.write("reviews/stars.json", '{"reviewer": "a customer", "stars": 5}\n{"reviewer": "another", "stars": 4}')
    content = box.phasegate("review", "1", "--format", "json").json["content"]
    report(box, "words", content=content, passed=[2])
    report(box, "people", content=content, passed=["ada can explain the box"])
    both = criteria(box.phasegate("review", "1", "--format", "json"))
    flaw = {"severity": "critical", "message": "no lock\x1b[1m", "path": "src/app/box.py", "line": 1, "fix": "add one"}
    report(box, "people", content=content, passed=[3], findings=[flaw])
    checked, asked = box.phasegate("check", "1"), box.phasegate("next")
    status = box.phasegate("status", "--require-complete")
    refused = [box.phasegate(word, "1") for word in ("commit", "accept")]
    report(box, "people", content=content, passed=[3])
    box.write("src/app/box.py", BOX + "\n\nPUT = put\n")
    asked_again = box.phasegate("review", "1", "--format", "json")
    stale = criteria(asked_again)
    jsonschema.validate(asked_again.json, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert "reviews/words.json (words): made of other content" in box.phasegate("review", "1").stdout
    box.write("src/app/box.py", BOX)
    done = box.phasegate("check", "1", "--format", "json")

    assert both == {1: "not-judged", 2: "passed", 3: "passed"}
    assert checked.exit_code == 1
    assert r"src/app/box.py:1 PG553 BLOCKED: people calls this critical: no lock\x1b[1m" in checked.stdout
    assert "have it reviewed again" in asked.stdout
    assert "PG553 src/app/box.py:1: a critical finding of people is open: no lock" in status.stderr
    assert [one.exit_code for one in refused] == [1, 1]
    assert stale == {1: "not-judged", 2: "open", 3: "open"}
    assert (done.json["verdict"], set(criteria(done).values())) == ("passed", {"passed"}), done.text
    assert box.phasegate("commit", "1").exit_code == 0
    by_commit = box.git("rev-parse", "--short", "HEAD").stdout.strip()
    assert box.phasegate("accept", "1").exit_code == 0
    report(box, "words", commit=by_commit, passed=[2])
    report(box, "people", commit=by_commit, passed=[3])
    assert set(criteria(box.phasegate("review", "1", "--format", "json")).values()) == {"passed", "not-judged"}
    assert (
        "reviews/bad.json:1:2: no JSON"
        in box.write("reviews/bad.json", "{'phasegate.reviewer/1'").phasegate("status").stderr
    )
