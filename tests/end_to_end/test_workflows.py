"""The five workflows of ``docs/explanation/workflows.md``, first line to last, each step wrong before it is right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project, Run

IGNORED = "__pycache__/\n.pytest_cache/\n.cov*\n"
OLD = "from app.old import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
DOUBLE = "def double(number):\n    return number * 2\n"
UNFORESEEN = (
    "\n\ndef test_it_holds_two_values():\n    cache = Cache()\n    cache.set('b', 2)\n    assert cache.get('b') == 2\n"
)
ONE_PHASE = CACHE_GUIDE.partition("### Phase 2")[0]
SPECIFICATION = """
# Cache

## Problem Statement
Values are computed twice.

## Architecture Decisions

### Decision 1: one dict
**Rationale**: it is enough.

## API Design
`Cache.get`, `Cache.set`.

## Integration Points
TBD
"""


def refuses(done: Run, *told: str, code: int = 1) -> None:
    assert done.exit_code == code, done.text
    assert [one for one in told if one not in done.text] == [], done.text


def passes(done: Run, *told: str) -> None:
    refuses(done, *told, code=0)


def gate(done: Run, name: str) -> Any:
    return next(one for one in done.json["phases"][0]["gates"] if one["gate"] == name)


def asking(*criteria: str) -> str:
    last = "- [ ] Coverage: 100%\n"
    return ONE_PHASE.replace(last, last + "".join(f"- [ ] {one}\n" for one in criteria))


def planned(project: Project, guide: str, more: str = "") -> Project:
    project.write("pyproject.toml", PYPROJECT + more).write(".gitignore", IGNORED).write("src/app/__init__.py", "")
    project.write("src/app/old.py", DOUBLE).write("tests/test_old.py", OLD)
    project.init_git().commit("chore: begin")
    project.git("switch", "-q", "-c", "feat/cache")
    return project.write(GUIDE_PATH, guide)


def accepted(project: Project) -> None:
    passes(project.phasegate("accept", "1"), "accepted phase 1 of")
    project.git("add", "-f", ".phasegate")
    project.git("commit", "-q", "-m", "chore: accept phase 1")


def test_from_a_design_to_a_merge(project: Project) -> None:
    approval = "[tool.phasegate.approval]\nrequired = true\n[tool.phasegate.scope]\nseverity = 'error'\n"
    planned(project, CACHE_GUIDE, approval).write("docs/plans/cache_technical_spec.md", SPECIFICATION)
    project.write("docs/plans/cache_context.md", "# Context\nOne class a module.\n")
    refuses(project.phasegate("lint", "--documents"), "cache_technical_spec.md:15:1: PG133 TBD: something is left open")
    project.write("docs/plans/cache_technical_spec.md", SPECIFICATION.replace("TBD", "`app.old`"))
    passes(project.phasegate("lint", "--documents"))
    project.commit("docs: plan the cache")

    passes(project.phasegate("next"), "have the guide approved", "phasegate approve " + GUIDE_PATH)
    project.write("src/app/cache.py", CACHE).git("add", "src")
    refuses(project.phasegate("hook", "scope"), "PG503", "phasegate approve " + GUIDE_PATH)
    project.git("rm", "-q", "-f", "src/app/cache.py")
    passes(project.phasegate("approve", "cache", "--by", "Ada"))
    project.git("add", "-f", ".phasegate")
    project.commit("docs: approve the cache")

    project.write("tests/test_cache.py", CACHE_TESTS + UNFORESEEN)
    passes(project.pytest("--phase", "1", "--phasegate-expect", "red"), "expected red: 2 of 2 declared tests are red")
    project.write("src/app/cache.py", CACHE)
    refuses(project.pytest("--phase", "1", "--phasegate-expect", "red"), "it passes already")
    early = project.phasegate("commit", "2")
    refuses(early, "PG507 phase 1 comes before phase 2", "hint: finish phase 1 first: phasegate check 1")
    project.write("src/app/cache.py", CACHE + "\n    def never(self):\n        return 1\n")
    broken = project.write("src/app/old.py", "def double(number):\n    return 5\n").phasegate(
        "check", "--format", "json"
    )
    assert [gate(broken, name)["verdict"] for name in ("coverage", "criteria", "suite", "scope")] == ["failed"] * 4
    (lost,) = gate(broken, "suite")["findings"]
    assert lost["fix"] == "mend the code until it is green again: pytest tests/test_old.py::test_double"
    project.write("src/app/cache.py", CACHE).write("src/app/old.py", DOUBLE)
    refuses(project.phasegate("commit"), "phase 1 has not passed as it stands", "hint: phasegate check 1")

    passed = project.phasegate("check", "--format", "json", "--report", "html:../run.html")
    assert passed.exit_code == 0, passed.text
    assert passed.json["phases"][0]["tests"]["collected"] == 3, "two were declared, and a third came in with them"
    assert "3 tests, 3 seen red" in (project.root / "../run.html").read_text()
    project.git("add", "src")
    refuses(
        project.phasegate("commit"), "  tests/test_cache.py: not staged", "hint: git add --all stages what was judged"
    )
    project.git("add", "--all")
    project.write("notes.md", "changed after the pass\n")
    refuses(project.phasegate("commit"), "files changed since its last pass", "phasegate check 1")
    project.remove("notes.md")
    passes(project.phasegate("commit"))
    accepted(project)
    assert "next: commit" not in project.phasegate("accept", "1").text, "what it holds is committed already"
    refuses(project.phasegate("accept", "2"), "phase 2 was not judged on this content", "phasegate check 2")
    refuses(project.phasegate("status", "--require-complete"), "PG531", "phase 2 is pending, not accepted")
    passes(project.phasegate("pr"), "- **one dict**: it is enough.", "- [x] every test was red before it was green")
    passes(project.phasegate("verify", "main..HEAD"), "3 tests went from red to green")


@pytest.mark.soak
def test_handed_from_one_to_the_next(project: Project) -> None:
    stages = "[tool.phasegate.stages]\nstaging = 90\nproduction = 100\n"
    planned(project, asking("The API is agreed on"), stages).commit("docs: plan the cache")
    words = ("--from", "architect", "--to", "eve", "--decision", "one dict", "--pending", "write the tests")
    passes(project.phasegate("handoff", "save", *words))
    passes(project.phasegate("handoff", "restore"), "decided: one dict", "pending: write the tests")
    project.write("tests/test_cache.py", CACHE_TESTS)
    passes(project.pytest("--phase", "1", "--phasegate-expect", "red"))
    project.write("src/app/cache.py", CACHE)
    refuses(project.phasegate("handoff", "restore"), "since then: the content was", "$ phasegate check 1")

    passes(project.phasegate("check", "1"), "1 criterion waits for a person")
    refuses(project.phasegate("deploy", "--stage", "staging"), "PG533 criterion 3 waits", "phasegate review 1", code=4)
    no = ("--expected", "three endpoints", "--actual", "two", "--fix", "add PATCH")
    project.phasegate("review", "1", "--fail", "3", *no)
    refuses(project.phasegate("accept", "1"), "expected: three endpoints", "hint: add PATCH")
    refuses(project.phasegate("deploy", "--stage", "staging"), "PG533 criterion 3 was answered with no")
    passes(project.phasegate("review", "1", "--pass", "3"))
    project.git("add", "--all")
    passes(project.phasegate("commit", "1"))
    accepted(project)

    passes(project.phasegate("handoff", "save", "--from", "eve", "--to", "ops"), "coverage: line 100 %")
    passes(project.phasegate("handoff", "restore"))
    passes(project.phasegate("deploy", "--stage", "staging"), "may go to staging")
    passes(project.phasegate("attest", "--output-file", "statement.json"))
    passes(project.phasegate("attest", "--verify", "statement.json"))
    project.remove("statement.json").write("src/app/cache.py", CACHE + "#\n").commit("style: a sign")
    refuses(project.phasegate("handoff", "restore"), "stale: src/app/cache.py", "run: phasegate check all", code=4)
    refuses(project.phasegate("deploy", "--stage", "staging"), "PG572 nothing judged it on this content", code=4)
    refuses(project.phasegate("attest"), "nothing is attested", "hint: phasegate check 1", code=4)
    refuses(project.phasegate("handoff", "restore", "--verify"), "1 criterion waits", "run: phasegate review 1", code=4)


SETTINGS = """
[tool.phasegate.commit]
issue = true
[tool.phasegate.approval]
required = true
label = "approved"
[tool.phasegate.generate]
"src/app/names.py" = "sh tools/names.sh"
[tool.phasegate.protected]
"src/app/names.py" = "tools/names.sh"
[tool.phasegate.coverage]
minimum = 70
[tool.phasegate.stages]
staging = 70
"""
ISSUE = {
    "number": 2,
    "title": "Keep values",
    "state": "OPEN",
    "labels": [{"name": "approved"}],
    "body": "Values are computed twice.\n\n## Acceptance criteria\n- [ ] All tests pass\n- [ ] Layers are kept\n",
}
FILES = """**Files to create**:
- `src/app/cache.py`

**Tests to write** (in `tests/test_cache.py`):
```python
def test_get_returns_what_was_set(): ...
def test_an_unknown_key_gives_nothing(): ...
```

"""
GUIDE = "docs/plans/keep_values_implementation_guide.md"
FIX_TEST = "\n\ndef test_none_is_a_value():\n    cache = Cache()\n    cache.set('n', None)\n    assert 'n' in cache\n"
FIX = "\n    def __contains__(self, key):\n        return key in self.values\n"


def reviewed(project: Project, **said: object) -> None:
    content = project.phasegate("review", "1", "--format", "json").json["content"]
    head = {"schema": "phasegate.reviewer/1", "reviewer": "architecture", "phase": "1", "content": content}
    project.write("reviews/architecture.json", json.dumps({**head, **said}))


def started(project: Project) -> None:
    project.write("pyproject.toml", PYPROJECT + SETTINGS).write(".gitignore", "__pycache__/\n.pytest_cache/\n.cov*\n")
    project.write("tools/names.sh", "echo \"NAMES = ['a']\" > src/app/names.py\n").write("src/app/__init__.py", "")
    project.write("src/app/names.py", "NAMES = ['a']\n").write(
        "tests/test_old.py", "def test_old():\n    assert True\n"
    )
    project.init_git().commit("chore: begin\n\nIssue: #1")
    project.git("switch", "-q", "-c", "feat/issue-2-keep-values")


def begun_by(project: Project, issue: dict[str, Any], *words: str) -> str:
    done = project.phasegate("plan", "new", "--from-issue", "-", *words, stdin=json.dumps(issue))
    assert done.exit_code == 0, done.text
    return done.text


def edited_by_hand(project: Project) -> None:
    project.write("src/app/names.py", "NAMES = ['b']\n").git("add", "src")
    refuses(
        project.phasegate("hook", "protected"), "PG502 src/app/names.py", "PG509", "look at the difference: sh tools"
    )
    project.git("checkout", "-q", "HEAD", "src/app/names.py")


@pytest.mark.soak
def test_from_an_issue(project: Project) -> None:
    started(project)
    assert "**Status**: Draft" in begun_by(project, {**ISSUE, "labels": []}, "--dry-run")
    assert "approved: issue #2, label `approved`" in begun_by(project, ISSUE)
    project.write(GUIDE, project.read(GUIDE).replace("**Success criteria**", FILES + "**Success criteria**"))
    project.commit("docs: plan\n\nIssue: #2")
    edited_by_hand(project)

    project.write("tests/test_cache.py", CACHE_TESTS)
    passes(project.pytest("--phase", "1", "--phasegate-expect", "red"))
    project.write("src/app/cache.py", CACHE)
    flaw = {"severity": "critical", "message": "opens a socket", "path": "src/app/cache.py", "line": 3}
    reviewed(project, findings=[flaw])
    blocked = project.phasegate("accept", "1")
    assert (blocked.exit_code, "a critical finding of architecture" in project.phasegate("status").stdout) == (1, True)
    reviewed(project, passed=["Layers are kept"])
    handed = project.phasegate("handoff", "save", "--from", "architect", "--to", "eve", "--decision", "one dict")
    passes(project.phasegate("check", "1"), "1 generated file made anew and the same")

    other = project.phasegate("commit", "1", "--issue", "#3", "--dry-run")
    assert (other.exit_code, "PG518" in other.stderr) == (1, True)
    assert project.phasegate("commit", "1").exit_code == 0
    assert "Issue: #2" in project.git("log", "-1", "--format=%B").stdout
    passes(project.phasegate("accept", "1"))
    project.git("add", "-f", ".phasegate")
    project.git("commit", "-q", "-m", "chore: accept phase 1\n\nIssue: #2")
    text = project.phasegate("pr", "--base", "main")
    assert text.exit_code == 0, text.text
    assert "- [x] every test was red before it was green" in text.stdout
    assert text.stdout.endswith("Closes #2\n")

    comments = [{"id": "K1", "path": "src/app/cache.py", "line": 3, "body": "P0: None is lost", "author": "bob"}]
    project.phasegate("feedback", "import", "-", stdin=json.dumps(comments))
    refused = project.phasegate("pr", "--base", "main")
    assert (refused.exit_code, "comment 1 is open: P0: None is lost" in refused.stderr) == (1, True)
    project.write("tests/test_cache.py", CACHE_TESTS + FIX_TEST).write("src/app/cache.py", CACHE + FIX)
    project.git("add", "--all")
    project.git("add", "-f", ".phasegate/feedback.jsonl")
    project.git("commit", "-q", "-m", "fix(cache): a value of nothing is one\n\nFeedback: 1\nIssue: #2")
    reviewed(project, passed=["Layers are kept"])
    project.commit("chore: reviewed\n\nIssue: #2")
    passes(project.phasegate("check", "1"))
    done = project.phasegate("pr", "--base", "main")
    assert (done.exit_code, "- [x] 1 review comment, none is open" in done.stdout) == (0, True), done.text

    assert handed.exit_code == 0
    restored = project.phasegate("handoff", "restore")
    assert (restored.exit_code, "decided: one dict" in restored.stdout) == (1, True)
    assert "  stale: src/app/cache.py" in restored.stdout
    deployed = project.phasegate("deploy", "--stage", "staging")
    assert deployed.exit_code == 0, deployed.text


STEPS = """
# Cache Implementation Guide

## Step 1: Core cache

**Goal**: Keep values
**Files to create**:
- `src/app/cache.py`
- `docs/api.md`

**Tests to write** (in `tests/test_cache.py`):
- `test_get_returns_what_was_set`
- `test_an_unknown_key_gives_nothing`

**Validation Criteria**:
- [ ] All tests pass
- [ ] Coverage meets threshold (≥60%/70%/80%)
- [ ] No linting errors
- [ ] API documentation updated
- [ ] `docs/api.md` exists

**Commit**: `feat(cache): add core cache`
"""
STAGED = """
stage = "staging"
[tool.phasegate.stages]
development = 60
staging = 70
production = 80
[[tool.phasegate.components]]
path = "src/app"
stage = "staging"
[tool.phasegate.commands]
lint = "python -m compileall -q src"
"""
TEN = (
    "Purpose,Functional requirements,Non-functional requirements,UX,Design,API,Testing,Acceptance criteria,Dependencies"
)


def test_from_a_specification_to_a_stage(project: Project) -> None:
    planned(project, STEPS, STAGED)
    whole = "# Cache\n" + "".join(f"## {name}\nwords\n" for name in (*TEN.split(","), "Technical design"))
    project.write("specs/cache.spec.md", whole)
    refuses(project.phasegate("lint", "--documents"), "PG132 the specification has no section 'Rollout plan'")
    project.write("specs/cache.spec.md", whole + "## Rollout plan\nAt once.\n").commit("docs: plan the cache")
    passes(project.phasegate("lint", "--documents"))

    project.write("tests/test_cache.py", CACHE_TESTS)
    beside = "".join(f"\n    def more{number}(self):\n        return {number}\n" for number in range(3))
    project.write("src/app/cache.py", CACHE + beside)
    refuses(project.phasegate("check", "1"), "PG541 BLOCKED: criterion 5", "fix: create docs/api.md")
    project.write("docs/api.md", "# API\n")
    passes(project.phasegate("check", "1"), "76.92 % of 13 lines", "1 criterion waits for a person")
    refuses(project.phasegate("accept", "1"), "4. API documentation updated", "phasegate review 1", code=4)
    passes(project.phasegate("review", "1", "--pass", "4"))
    project.write("message", "Add a cache\n")
    refuses(project.phasegate("hook", "commit-msg", "message"), "PG511", "write `type(scope): description`")
    project.remove("message").git("add", "--all")
    passes(project.phasegate("commit", "1"))
    accepted(project)

    passes(project.phasegate("status", "--require-complete"))
    passes(project.phasegate("deploy"), "may go: src/app to staging", "76.92 %, 80 % asked by production")
    for words in (("--stage", "production"), ("--promote",)):
        refuses(project.phasegate("deploy", *words), "PG573 line coverage is 76.92 %", "phasegate check 1")
    refuses(project.phasegate("deploy", "--stage", "moon"), "the stages are: development, staging, production", code=2)


@pytest.mark.soak
def test_reviewed_by_several(project: Project) -> None:
    planned(project, asking("`make test`", "Layers are kept")).commit("docs: plan the cache")
    other = "docs/plans/nps_implementation_guide.md"
    project.write(other, ONE_PHASE.replace("Cache", "Scores"))
    refuses(
        project.phasegate("check", "1"),
        "phase '1' is ambiguous",
        "1. cache:1: Core cache, Cache Implementation Guide (default)",
        code=2,
    )
    asked = project.phasegate("next", "--format", "json")
    assert (asked.exit_code, [one["value"] for one in asked.json["choices"]]) == (2, ["cache", "nps"])
    project.remove(other).write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    reviewed(project, findings=[{"severity": "critical", "message": "opens a socket", "path": "src/app/cache.py"}])

    refuses(project.phasegate("check", "1"), "PG553 BLOCKED: architecture calls this critical: opens a socket")
    refuses(project.phasegate("pr"), "PG561 a critical finding of architecture is open: opens a socket")
    passes(project.phasegate("pr", "--draft"), "> **Draft: not all", "- [ ] 1 critical finding in reviews/")
    reviewed(project, passed=["Layers are kept"])
    passes(project.phasegate("check", "1"), "1 criterion waits for a person")
    no = ("--expected", "it ends with 0", "--actual", "there is no Makefile", "--fix", "write one")
    project.phasegate("review", "1", "--fail", "3", *no)
    refuses(project.phasegate("accept", "1"), "actual: there is no Makefile", "hint: write one")
    passes(project.phasegate("review", "1", "--pass", "3"))
    project.git("add", "--all")
    passes(project.phasegate("commit", "1"))
    accepted(project)
    passes(project.phasegate("pr"), "- [x] 1 phase begun, each with its gates passed")
    passes(project.phasegate("report", "--format", "html"), "complete")


def test_a_file_that_slips_in_beside_the_phase_is_told_of_in_its_check(project: Project) -> None:
    planned(project, CACHE_GUIDE).commit("docs: plan the cache")
    project.write("tests/test_cache.py", CACHE_TESTS).commit("test(cache): expect a cache")
    project.write("src/app/slipped.py", "SLIPPED = 1\n").commit("feat: something else")
    project.write("src/app/cache.py", CACHE).commit("feat(cache): add core cache")

    done = project.phasegate("check", "1", "--format", "json")

    assert done.exit_code == 0, done.text
    told = [(one["code"], one["severity"], one["path"]) for one in gate(done, "scope")["findings"]]
    assert told == [("PG501", "warning", "src/app/slipped.py")]
