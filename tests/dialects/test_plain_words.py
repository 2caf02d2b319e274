"""What the sections of a plan declare, in the words and shapes that people use, each with a sibling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialects.reading import codes, guide, phase
from pytest_phasegate.adapters.guide import find
from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.core.project.settings import DEFAULT_GUIDES
from pytest_phasegate.dialects import BUILT_IN

if TYPE_CHECKING:
    from pathlib import Path

SPEC_KIT = "specs/x/tasks.md"


def files(text: str, path: str = "docs/plans/x_implementation_guide.md") -> list[tuple[str, str]]:
    return [(each.path, str(each.action)) for one in guide(text, path).phases for each in one.files]


def promised(text: str, path: str = "docs/plans/x_implementation_guide.md") -> list[tuple[str, str | None]]:
    return [(each.name, each.file) for one in guide(text, path).phases for each in one.tests]


FOUR = "### Phase 1: a\n### Phase 2: b\n### Phase 3: c\n### Phase 4: d\n"


@pytest.mark.parametrize(
    ("text", "phase_id", "expected"),
    [
        ("## Dependencies\nPhase 3: Depends on Phase 1 only, can run in parallel with Phase 2\n", "3", ("1",)),
        ("## Dependencies\n- Phase 4 needs Phase 2 (unlike Phase 3, which is independent of Phase 1)\n", "4", ("2",)),
        ("**Depends on**: Phase 1 only; parallel to Phase 2\n", "4", ("1",)),
        ("## Dependencies\n- Phase 4: Depends on all prior phases\n", "4", ("1", "2", "3")),
        ("## Abhängigkeiten\nPhase 4: hängt nur von Phase 2 ab, parallel zu Phase 3\n", "4", ("2",)),
        ("## Dépendances\n- Phase 4 nécessite la Phase 1\n", "4", ("1",)),
        ("## Dependencias\n- Phase 4 depende de Phase 1 y de Phase 2\n", "4", ("1", "2")),
        ("## Зависимости\n- Phase 4 после Phase 1\n", "4", ("1",)),
        ("## Strategy\n**Technical dependencies:**\n- Phase 4 depends on Phase 1\n", "4", ("1",)),
        ("Depends on all prior phases\n", "4", ("1", "2", "3")),
        ("Depends on all tests passing\n", "4", ("3",)),
        ("**Depends on**: everything above\n", "4", ("1", "2", "3")),
        ("**Dépendances** : toutes les phases précédentes\n", "4", ("1", "2", "3")),
        ("**Depende de**: todas las fases anteriores\n", "4", ("1", "2", "3")),
        ("**Abhängigkeiten**: alle vorherigen Phasen\n", "4", ("1", "2", "3")),
        ("**Зависимости**: все предыдущие этапы\n", "4", ("1", "2", "3")),
        ("**依存関係**：これまでの全フェーズ\n", "4", ("1", "2", "3")),
        ("**의존성**: 이전 모든 단계\n", "4", ("1", "2", "3")),
        ("**Depends on**: everything in the parser\n", "4", ("3",)),
        ("## Dependencies\n- Phase 4: requires only Phase 2 and may run alongside Phase 3\n", "4", ("2",)),
        ("**Depends on**: all previous phases\n", "4", ("1", "2", "3")),
        ("**Depends on**: All phases\n", "4", ("1", "2", "3")),
        ("## Dependencies\nPhase 3: T003 → T004 (sequential, after Phase 2)\n", "3", ("2",)),
        ("## Dependencies\nPhase 3: T003 → T004 → T005\n", "3", ("2",)),
        ("## Dependencies\nPhase 1 → Phase 3\n", "3", ("1",)),
        ("## Dependencies\nPhase 1 (Core) ──> Phase 3 (API)\n", "3", ("1",)),
        ("## Dependencies\n```\nPhase 1 ──> Phase 2\n        ──> Phase 3\n           └──> Phase 4\n```\n", "3", ("1",)),
        ("## Dependencies\n```\nPhase 1 ──> Phase 2\n   ├──> Phase 3\n   └──> Phase 4\n```\n", "4", ("1",)),
        ("## Dependencies\n```\nPhase 1 ─→ Phase 2\n     │      └─→ Phase 4\n     └─→ Phase 3\n```\n", "4", ("2",)),
        ("## Dependencies\n```\nPhase 4\n└── Phase 1\n└── Phase 2\n```\n", "4", ("3",)),
        ("## Dependencies\n- Phase 3 requires Phase 1 (Phase 2 may run at the same time)\n", "3", ("1",)),
        ("## Dependencies\n- Phase 3: can start after Phase 1, concurrently with Phase 2\n", "3", ("1",)),
        ("## Dependencies\n```mermaid\ngraph TD\n A[Phase 1] --> B[Phase 2]\n A --> C(Phase 3)\n```\n", "3", ("1",)),
        (
            (
                '## Dependency graph\n```mermaid\nflowchart LR\n p1["Phase 1: a"] --> p2["Phase 2: b (c)"]\n'
                ' p1 -->|api| p3{{"Phase 3: c"}}\n p2 & p3 --> p4["Phase 4: d"]\n```\n'
            ),
            "4",
            ("2", "3"),
        ),
        ("## Dependencies\n```mermaid\ngraph TD\n T001 --> T002\n T002[x] --> T003[Phase 3]\n```\n", "3", ("2",)),
        (
            "## Overview\n| Phase | Days | Depends on |\n|--|--|--|\n| Phase 4 | 2 | Phase 1, Phase 2 |\n",
            "4",
            ("1", "2"),
        ),
        ("## Overview\n| # | Dependencies |\n|--|--|\n| 3 | - |\n| 4 | 1 |\n", "4", ("1",)),
        ("## Overview\n| # | Dependencies |\n|--|--|\n| 3 | - |\n", "3", ()),
        ("## Parts\n| Part | Dependencies |\n|--|--|\n| store | Phase 1 |\n", "3", ("2",)),
        ("## Dependencies\n- Phase 4: 依赖所有前面的 Phase\n", "4", ("1", "2", "3")),
        ("## Dependencies\n- **Phase 3**: None\n", "3", ()),
        ("## Dependencies\n- **Phase 3 (API)**: No dependencies - may start at once\n", "3", ()),
        ("## Dependencies\nPhase 3 has no dependencies\n", "3", ()),
        ("## Dependencies\nPhase 3 depends on nothing\n", "3", ()),
        ("## Dependencies\nPhase 3 depends on all of the above\n", "3", ("1", "2")),
        ("## Dependencies\nPhase 3: nonelectric parts\n", "3", ("2",)),
        ("## Dependencies\nPhase 1 must complete before Phase 3 (need its schema)\n", "3", ("1",)),
        ("## Dependencies\nPhase 3 can start once Phase 1 is done\n", "3", ("1",)),
        ("## Sequencing\nPhases 2 and 3 can run in parallel once Phase 1 is done.\n", "3", ("1",)),
        ("## Execution order\n1. Phase 1\n2. Phase 2 and 3\n", "3", ("2",)),
        ("## Dependencies\n- Phase 3 (independent, at any time)\n", "3", ()),
        ("## Abhängigkeiten\n- Phase 3 (API) (unabhängig)\n", "3", ()),
        ("## Dependencies\n- Phase 3 (independent of Phase 2)\n", "3", ("2",)),
    ],
)
def test_dependencies_are_those_that_the_words_name(text: str, phase_id: str, expected: tuple[str, ...]) -> None:
    read = guide(FOUR + text)

    assert {each.id: each.depends for each in read.phases}[phase_id] == expected
    assert "PG112" not in {each.code for each in read.diagnostics}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "**Files**:\n- Create: `pkg/app/tests/test_a.py`\n**Steps**:\n- [ ] Create `tests/test_a.py`:\n",
            [("pkg/app/tests/test_a.py", "create")],
        ),
        ("**Files**:\n- Create: `src/a.py`\n- Explicitly unchanged: `b.py`\n", [("src/a.py", "create")]),
        ("**Files**:\n- `a.py`\n- Not touched: `b.py`\n- Untouched: `c.py`\n", [("a.py", "unspecified")]),
        ("**Files**:\n- `a.py`\n- `b.py` (unchanged)\n- `c.py` — for reference only\n", [("a.py", "unspecified")]),
        ("**Files**:\n- `a.py`\n- `b.py` — stays as is\n- Left alone: `c.py`\n", [("a.py", "unspecified")]),
        ("#### Task 1.1: Add `!.env` to `.gitignore`\n- Update `!.keep`\n", [(".gitignore", "unspecified")]),
        ("- [ ] Create `src/a.py`\n- [ ] Modify `src/b.py`\n", [("src/a.py", "create"), ("src/b.py", "modify")]),
        ("- Add `.env` to `.gitignore`\n", [(".gitignore", "unspecified")]),
        ("- Add `src/a.py` to the `include` list\n", [("src/a.py", "unspecified")]),
        ("- [ ] Look at `src/a.py` first\n- [ ] the `src/b.py` file is big\n", []),
        ("- [ ] **Files to create**:\n  - `src/a.py`\n", [("src/a.py", "create")]),
        ("1. Write tests: `test_x`\n2. Create `src/a.py`\n", [("src/a.py", "create")]),
        ("1. **Files:** `a.py`\n- `b.py`\n", [("a.py", "unspecified"), ("b.py", "unspecified")]),
        ("- [x] **Files to modify:** `src/a.py`\n", [("src/a.py", "modify")]),
        ("- Create: `build.zig`\n- Create: `app.spec`\n", [("build.zig", "create"), ("app.spec", "create")]),
        ("**Files**:\n- Create: `app.spec`\n- Create: `Makefile`\n", [("app.spec", "create"), ("Makefile", "create")]),
        (
            "**Files**:\n- Create: `Containerfile`\n- Add: `.env.example`\n",
            [("Containerfile", "create"), (".env.example", "create")],
        ),
        (
            "**Files**:\n- `update_config.py`\n- `test_a.py`\n- create_db.sql\n- _Create_: `b.py`\n- __Edit__ `c.py`\n",
            [
                ("update_config.py", "unspecified"),
                ("test_a.py", "unspecified"),
                ("create_db.sql", "unspecified"),
                ("b.py", "create"),
                ("c.py", "modify"),
            ],
        ),
        (
            "**Files**: a.py, .gitignore, LICENSE\n",
            [("a.py", "unspecified"), (".gitignore", "unspecified"), ("LICENSE", "unspecified")],
        ),
        ("**Files**:\n- `a.py:append-at-end-of-TestA`\n", [("a.py", "unspecified")]),
        ("**変更ファイル**:\n- 新規: `a.py`\n- `b.py`\n", [("a.py", "create"), ("b.py", "modify")]),
        (
            "**Files**:\n- `a.py` — do NOT create this; `b/` is no package\n- `c.py`, unchanged\n- `d.py`\n",
            [("d.py", "unspecified")],
        ),
        ("- [ ] Commit:\n  `feat: a`\n- [ ] Create `src/a.py`\n", [("src/a.py", "create")]),
        ("**Files**:\n- Create `Parser` in `a.py`\n- uses `numpy.array`\n", [("a.py", "create")]),
        (
            "**Files:**\n- [a.py:3-9](src/app/a.py#L3-L9) — b\n- [src/b.py](../../src/b.py)\n- [the store](src/c.py)\n",
            [("src/app/a.py", "unspecified"), ("src/b.py", "unspecified"), ("src/c.py", "unspecified")],
        ),
        (
            "**Files**:\n- `file:src/a.py`\n- `src/b.py:Store.run()`\n",
            [("src/a.py", "unspecified"), ("src/b.py", "unspecified")],
        ),
        (
            "Files to add:\n```text\nsrc/a.py\nsrc/b/__init__.py\n```\nTests:\n```\ntests/test_a.py\n```\n",
            [("src/a.py", "create"), ("src/b/__init__.py", "create"), ("tests/test_a.py", "test")],
        ),
        ("**Files**:\n```text\nsrc/\n  a.py\n  b.py\n```\n", []),
        ("**Files**:\n```\nsrc/\n└── a.py\n```\n", []),
        (
            "**Files to create**:\n```\nsrc/x/\n├── a.py  # all of it\n├── y/\n│   └── b.py\n└── ...\nc.md\n```\n",
            [("src/x/a.py", "create"), ("src/x/y/b.py", "create"), ("c.md", "create")],
        ),
        ("**Livrables Phase 1**:\n- `a.py`\n", [("a.py", "unspecified")]),
        ("#### Phase 1 Files to create\n- `a.py`\n", [("a.py", "create")]),
        ("**変更ファイル**:\n- `a.py`\n", [("a.py", "modify")]),
        ("**New files in `src/`**: `a.py`, `b/c.py`\n", [("src/a.py", "create"), ("b/c.py", "create")]),
        ("**New module**: `a.py`\nNew module: `b.py`\n", [("a.py", "create"), ("b.py", "create")]),
        ("- Files in `src/x/`:\n  - `a.py`\n", [("src/x/a.py", "unspecified")]),
        ("#### Files to modify in `src/x`\n- `a.py`\n", [("src/x/a.py", "modify")]),
        ("**Neue Dateien:**\n- `a.py`\n", [("a.py", "create")]),
        ("**新規ファイル**：\n- `a.py`\n", [("a.py", "create")]),
        ("**Fichiers** :\n- `a.py`\n", [("a.py", "unspecified")]),
        ("**Archivos**:\n- `a.py`\n", [("a.py", "unspecified")]),
        ("**Arquivos**:\n- `a.py`\n", [("a.py", "unspecified")]),
        ("**Файлы**:\n- `a.py`\n", [("a.py", "unspecified")]),
        ("**파일**:\n- `a.py`\n", [("a.py", "unspecified")]),
        ("#### 创建文件\n- `a.py`\n", [("a.py", "create")]),
        ("- [ ] 1.1 Reject `.` and `..`\n", []),
        ("**Tests to Create:**\n- `tests/unit/test_pipeline.py`\n", [("tests/unit/test_pipeline.py", "test")]),
        ("#### Test files\n- `tests/test_a.py`: all of it\n", [("tests/test_a.py", "test")]),
        ("| Path | What |\n|--|--|\n| `src/a.py` | new module |\n", [("src/a.py", "create")]),
        ("**Tests:**\n- tests/unit/test_pipeline.py\n", [("tests/unit/test_pipeline.py", "test")]),
        ("**测试文件**:\n- `tests/test_a.py`\n", [("tests/test_a.py", "test")]),
        (
            "- **[NEW]** `src/a.py`\n- **[MODIFY]** `src/b.py` (one more)\n",
            [("src/a.py", "create"), ("src/b.py", "modify")],
        ),
        ("- **[NOTE]** `src/a.py`\n", []),
        (
            "**Files**:\n- `src/a.py`\n\n- [ ] Create `src/b.py`\n- [ ] Run it in `web/`\n",
            [("src/a.py", "unspecified"), ("src/b.py", "create")],
        ),
        ("**File**: `go.mod`\n- Add it: `code.gitea.io/sdk/gitea`\n", [("go.mod", "unspecified")]),
        (
            "- [ ] Delete the old loop in `src/a.py`\n- [ ] Delete `src/b.py`\n",
            [("src/a.py", "modify"), ("src/b.py", "delete")],
        ),
        (
            "**New job:** `src/jobs/a.py`\n- **New schema**: `b/c.json`\n- **New rule:** `x` wins\n",
            [("src/jobs/a.py", "create"), ("b/c.json", "create")],
        ),
        ("- [ ] Write the parser (src/a.py), then end\n", [("src/a.py", "unspecified")]),
        ("- [ ] Write the cache (`src/a.py`) so that it keeps\n", [("src/a.py", "unspecified")]),
        ("- [ ] Review the cache (`src/a.py`) so that it keeps\n", []),
        ("**File**: `src/a.py`\n\nIt loads all `open/reviewing` ones.\n", [("src/a.py", "unspecified")]),
        ("- [ ] Extend: `plugin:vue/recommended`\n", []),
        (
            "**Do:**\n- Create `src/a.py`\n- Run `x`\n**Verify:**\n- Change `src/b.py`\n",
            [("src/a.py", "create")],
        ),
        *(
            (f"- [ ] {line}\n", [("src/a.py", "create"), ("src/b.md", "create")])
            for line in (
                "Crear `src/a.py` y `src/b.md`",
                "Criar `src/a.py` e `src/b.md`",
                "Créer `src/a.py` et `src/b.md`",
                "Erstelle `src/a.py` und `src/b.md`",
                "Создать `src/a.py` и `src/b.md`",
                "创建 `src/a.py` 和 `src/b.md`",
            )
        ),
        (
            "So:\n```python\n# In src/a.py\n\ndef run(): ...\n```\n```python\n# In all of the tests\n```\n",
            [("src/a.py", "unspecified")],
        ),
    ],
)
def test_files_are_those_that_the_words_declare(text: str, expected: list[tuple[str, str]]) -> None:
    assert files("### Phase 1: A\n" + text + "### Phase 2: B\n") == expected


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("T001 Implement the walk: skip `.venv` and `.git`, and all `.pyc` files", []),
        ("T001 Update `.gitignore`", [(".gitignore", "modify")]),
        ("T001 Handle `.ovf` files by reading their text", []),
        ("T001 Handle `.ova`, `.zip`, and `.tar` files", []),
        ("T001 Create the `.env` file", [(".env", "create")]),
        ("T001 Study `src/seed.py`", []),
        ("T001 Understand `src/seed.py` and src/b.py", []),
        ("T001 Analyze `src/seed.py`", []),
        ("T001 分析 `src/seed.py` 的结构", []),
        ("T001 調査する: `src/seed.py`", []),
        ("T001 Fix `src/seed.py`", [("src/seed.py", "modify")]),
        (
            "T001 创建src/app.py并注册到conf/settings.py",
            [("src/app.py", "create"), ("conf/settings.py", "unspecified")],
        ),
        ("T001 更新README.md文档", [("README.md", "modify")]),
        ("T001 src/app.pyを作成する", [("src/app.py", "unspecified")]),
        ("T001 Создать src/модель.py для данных", [("src/модель.py", "create")]),
    ],
)
def test_the_files_of_a_task_are_those_it_changes(task: str, expected: list[tuple[str, str]]) -> None:
    assert files(f"## Phase 1: A\n- [ ] {task}\n- [ ] T002 Say so\n", SPEC_KIT) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        (
            "## Phase 1: A\n- [ ] T001 Write test_range() in tests/test_a.py\n- [ ] T002 b\n",
            SPEC_KIT,
            [("test_range", "tests/test_a.py")],
        ),
        (
            "## Phase 1: A\n- [ ] T001 Add test_a and `test_b` to `tests/test_a.py`\n- [ ] T002 b\n",
            SPEC_KIT,
            [("test_a", "tests/test_a.py"), ("test_b", "tests/test_a.py")],
        ),
        ("## Phase 1: A\n- [ ] T001 Move tests/test_range.py\n- [ ] T002 Run test_x\n", SPEC_KIT, []),
        ("### Phase 1: A\n- [ ] Write test: `test_x`\n", "a.md", [("test_x", None)]),
        (
            "### Phase 1: A\n- [ ] Add `test_x` to `tests/test_a.py`\n- [ ] Run `test_y`\n",
            "a.md",
            [("test_x", "tests/test_a.py")],
        ),
        ("### Phase 1: A\nPrüfe es:\n- `test_x`: so\n- `test_y`\n", "a.md", [("test_x", None), ("test_y", None)]),
        ("### Phase 1: A\n- `test_x`: the table of runs\n", "a.md", []),
        ("### Phase 1: A\n1. Write tests: `test_x`\n2. Keep `test_y` green\n", "a.md", [("test_x", None)]),
        ("### Phase 1: A\n**测试**:\n- `test_x`\n", "a.md", [("test_x", None)]),
        (
            "### Phase 1: A\n**Tests**:\n- `tests/test_a.py`: write test_x and test_y\n- tests/test_b.py: add test_z\n",
            "a.md",
            [("test_x", "tests/test_a.py"), ("test_y", "tests/test_a.py"), ("test_z", "tests/test_b.py")],
        ),
        ("### Phase 1: A\n- [ ] tests/test_a.py: write test_x\n", "a.md", [("test_x", "tests/test_a.py")]),
        ("### Phase 1: A\n- [ ] tests/test_a.py: run test_x\n- tests/test_b.py: write it\n", "a.md", []),
        (
            "## Phase 1: A\n- [ ] T001 tests/test_a.py: write test_x\n- [ ] T002 b\n",
            SPEC_KIT,
            [("test_x", "tests/test_a.py")],
        ),
        (
            (
                "# P\n### Task 1: A\n**Step 1: Write the failing test**\n```bash\ncat > tests/test_a.py << 'EOF'\n"
                "def test_x(): ...\nEOF\ngit commit -m 'feat: a'\n```\n### Task 2: B\n"
            ),
            "docs/superpowers/plans/a.md",
            [("test_x", "tests/test_a.py")],
        ),
        (
            "### Phase 1: A\nWrite `tests/test_a.py::TestA::test_x` and `tests/test_a.py::test_y` first.\n",
            "a.md",
            [("test_x", "tests/test_a.py"), ("test_y", "tests/test_a.py")],
        ),
        ("### Phase 1: A\n**Тесты**:\n- `test_x`\n", "a.md", [("test_x", None)]),
        (
            "# P\nFor Claude: go\n### Task 1: A\nStep 1: Write the failing test\n```python\ndef test_x(): ...\n```\n",
            "a.md",
            [("test_x", None)],
        ),
        (
            (
                "# P\n### Task 2: B\n### Task 1: A\n#### Step 1: Write the failing test\n```python\ndef test_x(): ...\n"
                "```\n#### Step 2: Run\n"
            ),
            "a.md",
            [("test_x", None)],
        ),
        (
            (
                "# P\n### Task 1: A\nStep 1: Write the failing test\n```python\ndef test_x(): ...\n```\n"
                "Step 2: Implement\n```python\ndef test_data(): ...\n```\n"
            ),
            "a.md",
            [("test_x", None)],
        ),
    ],
)
def test_tests_are_those_that_the_words_promise(text: str, path: str, expected: list[tuple[str, str | None]]) -> None:
    assert sorted(promised(text, path)) == expected


@pytest.mark.parametrize(
    "line",
    [
        '- [ ] Commit: `git add . && git commit -m "feat: x"`',
        "- [ ] **Commit:** `feat: x`",
        "- [x] Commit `feat: x`",
        "- Commit: `feat: x`",
        '1. [ ] Commit: git commit -m "feat: x"',
    ],
)
def test_a_commit_may_be_a_box(line: str) -> None:
    assert phase(line).commit == "feat: x"


@pytest.mark.parametrize(
    "line", ["- [ ] Commit: `feat: x`", "- [x] **Commit**: feat: x", '- [ ] Commit: `git commit -m "feat: x"`']
)
def test_a_box_of_the_criteria_may_be_the_commit(line: str) -> None:
    read = phase(f"**Success criteria**:\n- [ ] All tests pass\n{line}\n- [ ] Coverage: 90%\n")
    assert (read.commit, [each.kind for each in read.criteria]) == ("feat: x", ["tests", "coverage"])


@pytest.mark.parametrize(
    "line", ["- [ ] Commit: passing", "- [ ] Commits are signed", "- [ ] Pre-commit: `ruff check`"]
)
def test_a_criterion_about_commits_stays_a_criterion(line: str) -> None:
    read = phase(f"**Success criteria**:\n- [ ] All tests pass\n{line}\n")
    assert (read.commit, len(read.criteria)) == (None, 2)


def test_a_box_that_speaks_of_committing_declares_no_subject() -> None:
    assert phase("- [ ] Commit and push\n- [ ] Commit the files\n").commit is None


@pytest.mark.parametrize("mark", ["🔄", "❌", "~", "-", " ", "/", "!", ">"])
def test_a_box_with_any_mark_but_a_tick_is_open(mark: str) -> None:
    (one,) = guide(f"## Phase 1: A\n- [{mark}] T033 Create `src/a.py`\n- [x] T034 b\n", SPEC_KIT).phases

    assert ([each.path for each in one.files], one.claim) == (["src/a.py"], "in progress")


@pytest.mark.parametrize("mark", ["x", "X", "✅", "✓", "✔"])
def test_a_box_with_a_tick_is_done(mark: str) -> None:
    (one,) = guide(f"## Phase 1: A\n- [{mark}] T033 Create `src/a.py`\n- [x] T034 b\n", SPEC_KIT).phases

    assert one.claim == "done"


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("**覆盖率**: 90%\n", 90),
        ("**カバレッジ**: 85%以上\n", 85),
        ("- [ ] Testabdeckung ≥ 80 %\n", 80),
        ("**Покрытие**: 80%\n", 80),
        ("**Cobertura**: 75%\n", 75),
        ("Done when all tests pass and coverage is 95%.\n", 95),
    ],
)
def test_coverage_is_read_in_a_sentence_and_in_other_languages(text: str, goal: float) -> None:
    assert phase(text).coverage.minimum == goal


def test_dependencies_are_read_in_other_languages() -> None:
    read = guide("### Phase 1: a\n### Phase 2: b\n### Phase 3: c\n**Abhängigkeiten**: Phase 1\n")

    assert read.phases[2].depends == ("1",)


def test_an_absolute_path_of_the_author_is_a_warning_and_declares_nothing() -> None:
    read = guide(
        "### Phase 1: A\n**Files**:\n- Create: `/home/me/proj/src/a.py`\n- Create: `C:\\proj\\b.py`\n"
        "- Create: `src/c.py`\n"
    )

    assert [each.path for each in read.phases[0].files] == ["src/c.py"]
    assert [(each.code, str(each.severity)) for each in read.diagnostics] == [
        ("PG113", "warning"),
        ("PG113", "warning"),
    ]


def test_a_path_that_climbs_out_stays_an_error() -> None:
    assert [each.code for each in guide("### Phase 1: A\n**Files**:\n- `../x.py`\n").diagnostics] == ["PG113"]


def test_dots_in_prose_are_no_paths() -> None:
    text = "## 1. A\n- [ ] 1.1 Reject `.` and `..`\n- [ ] 1.2 Also `/` and `~`\n"

    assert codes(text) == []


@pytest.mark.parametrize(
    ("line", "there", "expected"),
    [
        ("| `src/a.py` | add `parse()` |", {"src/a.py"}, [("src/a.py", "modify")]),
        ("| `src/a.py` | Add the `Parser` class |", {"src/a.py"}, [("src/a.py", "modify")]),
        ("| `src/a.py` | add `parse()` |", set(), [("src/a.py", "create")]),
        ("| `src/a.py` | Create |", {"src/a.py"}, [("src/a.py", "create")]),
        ("- Add `parse()` to `src/a.py`", {"src/a.py"}, [("src/a.py", "modify")]),
        ("- Add `src/a.py` with `parse()`", {"src/a.py"}, [("src/a.py", "create")]),
        ("- Create: `/home/me/proj/src/a.py`", {"src/a.py"}, [("src/a.py", "create")]),
        ("- Create: `/home/me/proj/src/a.py`", {"a.py"}, []),
        (
            "- **File**: `/src/a.py` lines 1-9\n- **File**: `/tests/test_b.py` (new file)",
            {"src/a.py"},
            [("src/a.py", "unspecified"), ("tests/test_b.py", "create")],
        ),
        ("- Modify: `~/proj/src/a.py`", {"src/a.py"}, [("src/a.py", "modify")]),
        ("- Modify: `/etc/../src/a.py`", {"../src/a.py", "src/a.py"}, [("src/a.py", "modify")]),
    ],
)
def test_what_is_there_decides_what_a_line_means(line: str, there: set[str], expected: list[tuple[str, str]]) -> None:
    head = "| File | Change |\n| --- | --- |\n" if line.startswith("|") else ""
    text = f"### Phase 1: A\n**Files**:\n{head}{line}\n"
    (one,) = read_guide(text.encode(), "a.md", BUILT_IN, there.__contains__).phases

    assert [(each.path, str(each.action)) for each in one.files] == expected


@pytest.mark.parametrize("name", ["IMPLEMENTATION_GUIDE.md", "implementation_plan.md", "PLAN.md"])
def test_a_plan_at_the_root_is_found_by_default(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("### Phase 1: A\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("### Step 1: Clone\n", encoding="utf-8")

    assert find(tmp_path, DEFAULT_GUIDES) == (name,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#### 1.1 API Tests (`tests/test_api.py`)\n```python\ndef test_a()\n```\n", [("test_a", "tests/test_api.py")]),
        ("#### API\n```python\n# Test cases for src/api.py\ndef test_a()\n```\n", [("test_a", None)]),
        ("It is:\n```python\n# tests/test_a.py\ndef test_a(): ...\n```\n", [("test_a", "tests/test_a.py")]),
        ("**Reference**:\n```python\n# tests/test_a.py\ndef test_a(): ...\n```\n", []),
        ("**Existing tests**:\n```python\n# Tests of old\ndef test_a(): ...\n```\n", []),
        ("It is:\n```python\ndef test_a(): ...\n```\n", []),
        ("It is:\n```python\n# testing is hard\ndef test_a(): ...\n```\n", []),
        ("#### API (`src/api.py`)\n```python\ndef test_a(): ...\n```\n", []),
        (
            "#### Payload checks\nThese tests:\n```python\nclass TestA:\n    def test_a(self): ...\n```\n",
            [("test_a", None)],
        ),
        ("- [ ] **Update test_a**:\n  ```python\n  def test_a(): ...\n  ```\n", [("test_a", None)]),
        (
            "So:\n```python\n# 测试文件: tests/test_a.py\ndef test_a(): ...\n```\n",
            [("test_a", "tests/test_a.py")],
        ),
        (
            "So:\n```python\n# New file: tests/test_a.py\ndef test_a(): ...\n```\n",
            [("test_a", "tests/test_a.py")],
        ),
        ("The tests today:\n```python\ndef test_a(): ...\n```\n", []),
        ("These tests call it:\n```python\ndef run(): ...\ndef test_a(): ...\n```\n", []),
    ],
)
def test_code_that_says_it_is_tests_declares_them(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert promised(f"### Phase 1: A\n{text}### Phase 2: B\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#### 2.3 Shared types (`src/types.py`)\nx\n", [("src/types.py", "unspecified")]),
        ("#### API Tests (`tests/api.test.ts`)\nx\n", [("tests/api.test.ts", "test")]),
        ("**Plan**:\n1. Create `src/a.py`\n", [("src/a.py", "create")]),
        ("**Test plan**:\n1. Create `src/a.py`\n", []),
        ("**Rollback plan**:\n1. Delete `src/a.py`\n", []),
        ("#### Why it is slow (`src/a.py`)\nx\n", []),
        ("#### Review (`src/a.py`)\nx\n", []),
        ("#### The loop (see `src/a.py`)\nx\n", []),
    ],
)
def test_a_heading_with_a_file_in_parentheses_declares_it(text: str, expected: list[tuple[str, str]]) -> None:
    assert files(f"### Phase 1: A\n{text}### Phase 2: B\n") == expected


@pytest.mark.parametrize(
    ("heading", "below"),
    [
        ("Checkpoint - Ensure all tests pass", "- Ensure all tests pass, ask the user if questions arise."),
        ("Final checkpoint - Make sure all tests are passing", ""),
        ("Checkpoint", "Verify all tests pass.\n"),
        ("Final Checkpoint", "- [ ] Ensure all tests pass, ask the user if questions arise."),
        ("Verify that the whole test suite passes", ""),
        ("Run all tests", "- [ ] Run `pytest`\n"),
    ],
)
def test_a_unit_that_asks_for_passing_tests_alone_is_a_checkpoint(heading: str, below: str) -> None:
    read = guide(f"# Plan\n## Phase 1: Prices\n## Phase 2: {heading}\n{below}")

    assert [(each.kind, [one.kind for one in each.criteria]) for each in read.phases] == [
        ("", []), ("checkpoint", ["tests"])
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "below"),
    [
        ("Login", "**Success criteria**:\n- [ ] All tests pass\n"),
        ("Run tests in parallel", ""),
        ("Checkpoint files are written", "- Ensure all tests pass\n"),
        ("Checkpoint", "- Review with the user\n"),
        ("Checkpoint - Ensure all tests pass", "- Create `src/a.py`\n"),
        ("Checkpoint", "- Ensure all tests pass\n- Add a cache to the client\n"),
        ("Make the failing tests pass", ""),
        ("Write tests that pass", ""),
    ],
)
def test_a_unit_that_asks_for_more_than_passing_tests_is_no_checkpoint(heading: str, below: str) -> None:
    assert guide(f"# Plan\n## Phase 1: {heading}\n{below}").phases[0].kind == ""
