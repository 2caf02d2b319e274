"""A feature from its issue to its stage: issue, approval, red, review, commit, pull request, comments, hand-over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.guides import CACHE, CACHE_TESTS, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project

SETTINGS = """
[tool.phasegate.commit]
issue = true
[tool.phasegate.approval]
required = true
label = "approved"
[tool.phasegate.generate]
"src/app/names.py" = "sh tools/names.sh"
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


def test_a_feature_goes_from_its_issue_to_its_stage(project: Project) -> None:
    started(project)
    begun = project.phasegate("plan", "new", "--from-issue", "-", stdin=json.dumps(ISSUE))
    assert "approved: issue #2, label `approved`" in begun.stderr
    project.write(GUIDE, project.read(GUIDE).replace("**Success criteria**", FILES + "**Success criteria**"))
    project.commit("docs: plan\n\nIssue: #2")

    project.write("tests/test_cache.py", CACHE_TESTS)
    red = project.pytest("--phase", "1", "--phasegate-expect", "red")
    assert red.exit_code == 0, red.text
    project.write("src/app/cache.py", CACHE)
    flaw = {"severity": "critical", "message": "opens a socket", "path": "src/app/cache.py", "line": 3}
    reviewed(project, findings=[flaw])
    blocked = project.phasegate("accept", "1")
    assert (blocked.exit_code, "a critical finding of architecture" in project.phasegate("status").stdout) == (1, True)
    reviewed(project, passed=["Layers are kept"])
    handed = project.phasegate("handoff", "save", "--from", "architect", "--to", "eve", "--decision", "one dict")
    checked = project.phasegate("check", "1")
    assert checked.exit_code == 0, checked.text
    assert "1 generated file made anew and the same" in checked.stdout

    other = project.phasegate("commit", "1", "--issue", "#3", "--dry-run")
    assert (other.exit_code, "PG518" in other.stderr) == (1, True)
    assert project.phasegate("commit", "1").exit_code == 0
    assert "Issue: #2" in project.git("log", "-1", "--format=%B").stdout
    accepted = project.phasegate("accept", "1")
    assert accepted.exit_code == 0, accepted.text
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
    again = project.phasegate("check", "1")
    assert again.exit_code == 0, again.text
    done = project.phasegate("pr", "--base", "main")
    assert (done.exit_code, "- [x] 1 review comment, none is open" in done.stdout) == (0, True), done.text

    assert handed.exit_code == 0
    restored = project.phasegate("handoff", "restore")
    assert (restored.exit_code, "decided: one dict" in restored.stdout) == (1, True)
    assert "  stale: src/app/cache.py" in restored.stdout
    deployed = project.phasegate("deploy", "--stage", "staging")
    assert deployed.exit_code == 0, deployed.text
