from __future__ import annotations

import json

import pytest

from dialects.reading import guide

GSD = """
---
phase: 01-store
plan: 01
files_modified: [src/store.py]
---
<objective>
Keep things.
</objective>
<context>
@.planning/PROJECT.md
</context>
<tasks>
<task type="auto" tdd="true">
  <name>Task 1: Store and config</name>
  <files>
    src/store.py,
    tests/test_store.py
  </files>
  <read_first>
    - tests/test_old.py (so that `test_old` is known)
  </read_first>
  <behavior>
    - **test_put** -- put("a", 1) is found by get
    - get("b") is none
  </behavior>
  <action>
Create `src/store.py`, see `test_elsewhere`.

1. `test_link(settings: Settings) -> bool`: asks the store
- `test_full(store, clock)`: Assert that it is full

  def test_keep(self):
      assert self.store

**tests/test_store.py**:
```python
@pytest.fixture
def test_settings():
    return {}

class TestGet:
    def test_get(self, test_settings): ...
```
  </action>
  <verify>
    <automated>pytest tests/test_store.py -x -q</automated>
  </verify>
  <done>
    - test_twice passes
    - Coverage: 90%
  </done>
</task>

<task type="checkpoint:human-verify" gate="blocking">
  <what-built>The store</what-built>
</task>

<feature>
  <name>Evict the oldest (LRU)</name>
  <files>src/evict.py (NEW), `src/store.py`, Dockerfile</files>
  <done>An item goes when the store is full.</done>
</feature>
</tasks>
"""


def test_gsd_tasks_in_tags_are_the_phases() -> None:
    read = guide(GSD, ".planning/phases/01-store/01-01-PLAN.md")

    assert (read.dialect, read.slug) == ("gsd", "01-01")
    assert [(p.id, p.title, p.depends) for p in read.phases] == [
        ("1", "Store and config", ()),
        ("2", "Evict the oldest (LRU)", ("1",)),
    ]
    assert [[(f.path, str(f.action)) for f in p.files] for p in read.phases] == [
        [("src/store.py", "unspecified"), ("tests/test_store.py", "test")],
        [("src/evict.py", "create"), ("src/store.py", "unspecified"), ("Dockerfile", "unspecified")],
    ]


def test_gsd_tests_are_what_behaviour_code_and_end_name_first() -> None:
    one, two = guide(GSD, ".planning/phases/01-store/01-01-PLAN.md").phases

    assert {(t.name, t.class_name, t.file) for t in one.tests} == {
        ("test_put", None, "tests/test_store.py"),
        ("test_full", None, "tests/test_store.py"),
        ("test_keep", None, "tests/test_store.py"),
        ("test_get", "TestGet", "tests/test_store.py"),
        ("test_twice", None, "tests/test_store.py"),
    }
    assert [(c.text, c.kind) for c in one.criteria] == [
        ("`pytest tests/test_store.py -x -q`", "tests"),
        ("test_twice passes", "other"),
        ("Coverage: 90%", "coverage"),
    ]
    assert (one.coverage.minimum, two.tests) == (90, ())


@pytest.mark.parametrize(
    "text",
    [
        "<task type='auto'>\n<name>A</name>\n",
        "<name>A</name>\n<files>a.py</files>\n",
        "```xml\n<task>\n<name>A</name>\n</task>\n```\n",
    ],
)
def test_tags_that_make_no_task_are_no_plan(text: str) -> None:
    assert guide(text).phases == ()


TASKS: list[dict[str, object]] = [
    {
        "id": 1,
        "title": "Set up",
        "description": "Begin",
        "status": "done",
        "dependencies": [],
        "details": "1. Create src/app.py with main\n2. Read docs/notes.md\n",
        "testStrategy": "Coverage of at least 85% and `test_main` passes",
        "subtasks": [{"id": 1, "title": "Lay out", "files": ["pyproject.toml", "tests/test_app.py"], "details": ""}],
    },
    {"id": 2, "title": "Store", "status": "pending", "dependencies": [1], "details": "", "testStrategy": ""},
    {"id": "4", "title": "Serve", "status": "in-progress", "dependencies": ["1", "2", "2.1"], "details": ""},
]


@pytest.mark.parametrize("indent", [2, None])
@pytest.mark.parametrize("content", [{"tasks": TASKS}, {"master": {"tasks": TASKS, "metadata": {}}}])
def test_taskmaster_tasks_are_the_phases(content: object, indent: int | None) -> None:
    read = guide(json.dumps(content, indent=indent), ".taskmaster/tasks/tasks.json")
    one, two, three = read.phases

    assert (read.dialect, [p.id for p in read.phases]) == ("taskmaster", ["1", "2", "4"])
    assert [(p.title, p.claim, p.depends) for p in (one, two, three)] == [
        ("Set up", "done", ()),
        ("Store", "", ("1",)),
        ("Serve", "in progress", ("1", "2")),
    ]
    assert [(f.path, str(f.action)) for f in one.files] == [
        ("src/app.py", "create"),
        ("pyproject.toml", "unspecified"),
        ("tests/test_app.py", "test"),
    ]
    assert (one.goal, one.coverage.minimum, [t.name for t in one.tests]) == ("Begin", 85, ["test_main"])


def test_a_taskmaster_status_is_no_part_of_the_digest() -> None:
    changed = [{**TASKS[0], "status": "pending"}, *TASKS[1:]]
    before, after = (
        guide(json.dumps({"tasks": each}, indent=2), ".taskmaster/tasks/tasks.json").phases for each in (TASKS, changed)
    )

    assert [p.digest for p in before] == [p.digest for p in after]


def test_of_several_tags_the_first_is_read_and_the_others_are_told() -> None:
    content = {"master": {"tasks": TASKS}, "feature-x": {"tasks": TASKS[:2]}}
    read = guide(json.dumps(content, indent=1), "tasks/tasks.json")

    assert len(read.phases) == 3
    assert [(each.code, "feature-x" in each.message) for each in read.diagnostics if each.code == "PG108"] == [
        ("PG108", True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"tasks": 1}',
        '{"tasks": [1, {}]}',
        '{"version": "2.0.0", "tasks": [{"label": "build"}]}',
        '{"tasks": [{"id": 1, "title": 3}]}',
    ],
)
def test_json_of_another_kind_is_no_plan(text: str) -> None:
    assert guide(text, "tasks.json").phases == ()
