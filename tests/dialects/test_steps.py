"""What the items of a phase promise that stand under no label, and what only looks like a promise."""

from __future__ import annotations

import pytest

from dialects.reading import guide, ids
from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.dialects import BUILT_IN

CREATED = (
    *(f"{verb} `src/a.py`" for verb in ("Créer", "Crear", "Criar", "Erstelle", "Создать", "创建")),
    *(f"`src/a.py` {said}" for said in ("created", "créé", "erstellen", "を作成する", "생성")),
)
WRITTEN = [
    ("Create `src/a.py` for the store.", {"src/a.py": "create"}),
    ("In `src/a.py` add a loop.\n\nIn `src/b.py`, replace it.", {"src/a.py": "modify", "src/b.py": "modify"}),
    ("It is slow. Create `src/a.py`. See `src/b.py` for the rest.", {"src/a.py": "create"}),
    ("Change `src/a.py`. Add `g()` to `src/b.py` then.", {"src/a.py": "modify", "src/b.py": "unspecified"}),
    ("1. In `src/a.py`, add a loop", {"src/a.py": "modify"}),
    ("Add `f(a, b)` to `src/a.py`, which checks\nboth.", {"src/a.py": "unspecified"}),
    ("Update `src/a.py` to return nothing.", {"src/a.py": "modify"}),
    ("Modify `src/a.py` so that `f(x, most=10)` cuts the rest.", {"src/a.py": "modify"}),
    ("Write both in `src/a.py` and `a.md`.", {"src/a.py": "unspecified", "a.md": "unspecified"}),
    ("- [ ] Task: Update `src/a.py` with the schema.", {"src/a.py": "modify"}),
    ("- [ ] 1.0 Add new functions to `src/a.py`", {"src/a.py": "unspecified"}),
    ("- [ ] 1.2 Update `Store.put()` in `src/a.py`", {"src/a.py": "modify"}),
    ("- [ ] Update output variables in `src/a.py` and `src/b.py`.", {"src/a.py": "modify", "src/b.py": "modify"}),
    ("- [ ] Update the root `.gitignore`.", {".gitignore": "modify"}),
    ("- [ ] Update Settings class in src/shared/config.py to allow more", {"src/shared/config.py": "modify"}),
    ("- [ ] **Task 2: Create pyproject.toml configuration**", {"pyproject.toml": "create"}),
    ("- [ ] Write 6 focused tests in `tests/test_a.py` covering it", {"tests/test_a.py": "test"}),
    ("- [ ] Setup pytest in pyproject.toml", {"pyproject.toml": "unspecified"}),
    ("- [ ] Set up the connection in `src/a.py`", {"src/a.py": "unspecified"}),
    ("- [ ] ToDo: Update `src/a.py` with it", {"src/a.py": "modify"}),
    ("**Notes**:\n- [ ] Create the project\n  - Create `src/a.py`\n- Create `src/b.py`", {"src/a.py": "create"}),
    (
        "- [ ] Create the store\n  - **Acceptance:** it keeps\n- [ ] Create the log\n  - Create `src/a.py`",
        {"src/a.py": "create"},
    ),
    ("- [ ] Record the evidence in `docs/a.md`", {"docs/a.md": "unspecified"}),
    ("- [ ] Handle `/api/users` in `src/a.py`", {"src/a.py": "unspecified"}),
    ("- Create `src/a.py`", {"src/a.py": "create"}),
    ("- Create `a.py`", {"a.py": "unspecified"}),
    ("- [ ] Create models.py with the models", {"models.py": "unspecified"}),
    ("- Add `pyproject.toml` and build metadata.", {"pyproject.toml": "unspecified"}),
    ("1. Rewrite `src/a.py`", {"src/a.py": "modify"}),
    ("**1.1** [DONE] Write `src/a.py` with the models", {"src/a.py": "unspecified"}),
    ("**Goal**: go on\n- [ ] Create `src/a.py`", {"src/a.py": "create"}),
    ("**Depends on**: none\n\n- [ ] Create `src/a.py`", {"src/a.py": "create"}),
    ("**Tasks**:\n- Create `src/a.py`", {"src/a.py": "create"}),
    ("- [ ] Create main.py entry point\n- [ ] Create `src/main.py`", {"src/main.py": "create"}),
    ("- [ ] **Task: Parser**\n  - [ ] Sub-task: Create `src/a.py` with `f()`", {"src/a.py": "create"}),
    ("- [ ] Add a script to package.json (`db:push`)", {"package.json": "unspecified"}),
    ("Create `src/a.py` with:\n- `f()`\n- `g()`", {"src/a.py": "create"}),
    ("| # | Task | Gate |\n|---|---|---|\n| 1 | Create `src/a.py` - models | imports |", {"src/a.py": "create"}),
    *((f"- [ ] {each}", {"src/a.py": "create"}) for each in CREATED),
    ("- [ ] Update the root .gitignore and `a.toml`", {".gitignore": "modify", "a.toml": "modify"}),
    ("- [ ] Create final report: `docs/a.md`", {"docs/a.md": "create"}),
    ("- 更新所有引用：`src/a.py`", {"src/a.py": "modify"}),
    ("- 新方案稳定后\uff0c删除旧的模块 `src/a.py`。", {"src/a.py": "delete"}),
    ("**Updates Required**:\n1. **README.md**: say it", {"README.md": "unspecified"}),
    ("#### 1.1 작업 내용\n- `src/a.py` 생성 (인터페이스)", {"src/a.py": "create"}),
    ("- [ ] src/a.py umschreiben zu Importen", {"src/a.py": "modify"}),
    ("- `src/a.py` 리팩토링 (Factory 사용)", {"src/a.py": "modify"}),
    ("- [ ] 重构 `src/a.py`", {"src/a.py": "modify"}),
    ("- [ ] Write backend tests `tests/test_a.py`", {"tests/test_a.py": "test"}),
    ("Create the stubs:\n- `src/a.py` - empty\n- `src/b.py` - do NOT create this", {"src/a.py": "create"}),
    (
        "**Implementation to make them pass:**\n\n- `src/a.py` — a\n- `src/b.py`, `src/c.py`\n- `f()` in `src/d.py`\n",
        {"src/a.py": "unspecified", "src/b.py": "unspecified", "src/c.py": "unspecified"},
    ),
    ("- [ ] 修改`src/a.py`", {"src/a.py": "modify"}),
    ("- [ ] Добавить `src/a.py`", {"src/a.py": "unspecified"}),
    ("1. **Expand the models** (src/a.py)\n   - User", {"src/a.py": "modify"}),
    ("- [ ] Create Store (`src/a.py`) for all", {"src/a.py": "create"}),
    ("Edit `src/a.py` and create `src/b.py`.", {"src/a.py": "modify", "src/b.py": "create"}),
    ("- [ ] Add diagnostics (`src/a.py`) with summaries and a table", {"src/a.py": "unspecified"}),
    ("1. **The models** (`src/a.py`)", {"src/a.py": "unspecified"}),
    ("- [ ] The app (`src/a.py`) — with its lifespan", {"src/a.py": "unspecified"}),
    ("- [ ] `src/a.py` 업데이트 (키 추가)", {"src/a.py": "modify"}),
    ("- `src/a.py`: more of it\n- src/b.py — the store", {"src/a.py": "unspecified", "src/b.py": "unspecified"}),
    ("- [ ] a.py + src/b.py erstellen mit `f()`", {"a.py": "unspecified", "src/b.py": "create"}),
    ("Create `docs/a.md` only after the release.", {"docs/a.md": "create"}),
    ("- [ ] Step 3 — Create `src/a.py`", {"src/a.py": "create"}),
    (
        "- [ ] Mode manager (src/modes.py, `src/events.py`)",
        {"src/modes.py": "unspecified", "src/events.py": "unspecified"},
    ),
    ("| Task | State | Details |\n|---|---|---|\n| Modes | DONE | Safe (src/a.py) |", {"src/a.py": "unspecified"}),
    ("- [ ] Add/adjust tests in `tests/test_a.py`.", {"tests/test_a.py": "test"}),
    ("1. Add `src/prompts/*` with the texts.", {"src/prompts/*": "unspecified"}),
    ("**4c. Write and check a.yaml:**\n1. Write to `docs/a.yaml`", {"docs/a.yaml": "unspecified"}),
    ("Write `src/a.py`.\n\nIt has cases.", {"src/a.py": "unspecified"}),
    ("| 步骤 | 内容 |\n|---|---|\n| 1.1 | 编写 `src/a.js` |", {"src/a.js": "unspecified"}),
    ("- [ ] `docs/a.md` に手順を追記:", {"docs/a.md": "modify"}),
    ("- [ ] `src/a.py` 作成（SSE）", {"src/a.py": "create"}),
    ("- [ ] `src/a.py` 作成後（SSE）", {}),
    ("- `a.py` 新增 `--probe`", {"a.py": "modify"}),
    ("**Files:**\n- Modify: `config.json.example`", {"config.json.example": "modify"}),
    ("- [ ] 在 `src/a.go` 中添加结构体", {"src/a.go": "modify"}),
    ("#### 2.1 Script `src/a.py`\nIt cleans.", {"src/a.py": "unspecified"}),
    ("#### Update `src/a.py`\nIt cleans.", {"src/a.py": "modify"}),
    (
        "Tasks:\n- [x] `src/a.py` — the models\n- [ ] `src/b.py` -- its store",
        {"src/a.py": "unspecified", "src/b.py": "unspecified"},
    ),
    ("- [x] **GREEN**: Add `NAMES` to `src/a.py`", {"src/a.py": "unspecified"}),
    ("- [ ] **Second pass:** Update `src/a.py`", {"src/a.py": "modify"}),
    ("- Extend [`tests/test_a.py`](tests/test_a.py): a budget", {"tests/test_a.py": "modify"}),
    ("1. **Tidy**:\n   - Modify [a.py](src/a.py) to forget", {"src/a.py": "modify"}),
    ("In [`src/a.py`](src/a.py):\n- say more", {"src/a.py": "modify"}),
    ("- [ ] Document the need in `docs/a.md`", {"docs/a.md": "unspecified"}),
    ("- [ ] Update the `change` handlers for new lists in `src/a.py`.", {"src/a.py": "modify"}),
    ("- [ ] Port `lib/a.py` from the reference to `src/a.py`", {"src/a.py": "unspecified"}),
    ("- [ ] Move `Store` from `src/old.py` to `src/a.py`", {"src/a.py": "unspecified"}),
    ("- [ ] Add a short `docs/a.md` with the state", {"docs/a.md": "unspecified"}),
    ("- [ ] Create `a_b.py` in `src/` with the store", {"src/a_b.py": "create"}),
    ("- [ ] **M0.1** `src/a.py`: the store", {"src/a.py": "unspecified"}),
    ("1. **Engine**:\n   - In `src/a.py` (or a new one), add a loop", {"src/a.py": "modify"}),
    ("**Create the base**\n```python\n# src/a.py\nclass A: ...\n```", {"src/a.py": "unspecified"}),
    ("**Files**:\n- Rename: `src/a.py` → `src/b.py`", {"src/a.py": "delete", "src/b.py": "create"}),
    ("**Files**:\n- `src/a.py` / `src/b.py`", {"src/a.py": "unspecified", "src/b.py": "unspecified"}),
    ("**Files**:\n- `src/a.py` and/or `src/b.py`", {"src/a.py": "unspecified", "src/b.py": "unspecified"}),
    ("**Files**:\n- `src/a_b.py`\n\n**Files**:\n- `a_b.py`", {"src/a_b.py": "unspecified"}),
    ("**Files:** Create `src/a.py`; Test `tests/test_a.py`", {"src/a.py": "create", "tests/test_a.py": "test"}),
    ("**Enhance:** `src/a.py`", {"src/a.py": "modify"}),
    ("- [x] **1.1:** Create `Store` in `src/a.py`. It keeps", {"src/a.py": "create"}),
    ("1. **Review and Update `a.md`:**", {"a.md": "modify"}),
    ("**Deliverables**:\n1. **Update a.md** (2 hours)", {"a.md": "modify"}),
    ("- Move what is ready out of `src/a.py`.", {"src/a.py": "unspecified"}),
    ("- Remove the old words from `src/a.py`.", {"src/a.py": "unspecified"}),
    ("- Split `src/a.py` into modules", {"src/a.py": "unspecified"}),
    ("- Добавить в `src/a.py`:", {"src/a.py": "unspecified"}),
    ("**Tests**:\n- Add `tests/test_a.py`.", {"tests/test_a.py": "create"}),
    ("#### 2.1 Endpoints (src/a.py)\nThey answer.", {"src/a.py": "unspecified"}),
    ("| Task | Notes |\n|---|---|\n| `src/a.py` | its store |", {"src/a.py": "unspecified"}),
    ("| Task | File |\n|---|---|\n| Benchmarks | `src/a.py` |", {"src/a.py": "unspecified"}),
    (
        "| ID | 任务 |\n|---|---|\n| T1 | 编写 a.md |\n| T2 | 扩展 a.py,添加 |",
        {"a.md": "unspecified", "a.py": "modify"},
    ),
    ("- In `src/a.py`, and `src/b.py`, import `f`", {"src/a.py": "modify", "src/b.py": "modify"}),
    (
        "**Files**: `docker-compose.yml`, `src/docker-compose.yml`",
        {"docker-compose.yml": "unspecified", "src/docker-compose.yml": "unspecified"},
    ),
    (
        "**Files**: Create `src/__main__.py`\n\n**Steps**:\n- [ ] Create `__main__.py` last",
        {"src/__main__.py": "create"},
    ),
    ("#### A1. `src/a.py` [NEW]\n#### 2. `src/b.py` — MODIFY", {"src/a.py": "create", "src/b.py": "modify"}),
    ("1. ✅ Create `src/a.py` - models\n2. ⏳ Criar `b.py`", {"src/a.py": "create", "b.py": "unspecified"}),
    ("**Tasks**:\n1. ✅ `src/a.py` - the store\n2. ✅ Tests of it", {"src/a.py": "unspecified"}),
    (
        "**Scope**:\n- **`src/a.py`**: its store\n- **`src/b.py`**: its views",
        dict.fromkeys(["src/a.py", "src/b.py"], "unspecified"),
    ),
    ("#### 1.4 Update app.tsx for the map\nIt draws.", {"app.tsx": "modify"}),
    ("#### Task 1.4: Update app.tsx for the map\nIt draws.", {"app.tsx": "modify"}),
    ("#### Task 1.4: Why app.tsx draws\nIt does.", {}),
    ("#### Register it in src/a.py\nIt draws.", {"src/a.py": "unspecified"}),
    (
        "- [x] `Store.sol` — the store\n- [ ] `Store.vue` — its view",
        dict.fromkeys(["Store.sol", "Store.vue"], "unspecified"),
    ),
    (
        "| Item | Content |\n|---|---|\n| Goal | `c.py` is fast |\n| Files | `src/a.py`, `src/b.py` or others |",
        {"src/a.py": "unspecified", "src/b.py": "unspecified"},
    ),
    ("**Updates to `src/a.py`:**\n```python\nx = 1\n```", {"src/a.py": "modify"}),
    ("**Changes in `src/a.py`**:\n- more", {"src/a.py": "modify"}),
    ("**Register in `src/a.py`:**\n```python\nx = 1\n```", {"src/a.py": "unspecified"}),
    ("#### Files to Fix:\n- `src/a.py`", {"src/a.py": "modify"}),
    ("It is:\n```python\n# src/a.py - the whole store\nx = 1\n```", {"src/a.py": "unspecified"}),
    ("So:\n```python\n# New file: src/a.py\nx = 1\n```", {"src/a.py": "create"}),
    ("So:\n```python\n# 新文件: src/a.py\nx = 1\n```", {"src/a.py": "create"}),
    ("So:\n```python\n# File: src/a.py\nx = 1\n```", {"src/a.py": "unspecified"}),
]
NOT_WRITTEN = [
    "- [ ] Write tests to verify `config.toml` overrides it",
    "In `src/a.py`, what we add is lost.",
    "Look in `src/b.py` for the store.",
    "Support for this is in `src/a.py`.",
    "We add it up. Add what stands in `src/a.py` as well.",
    "- In `src/a.py` added rows are lost",
    "Use `src/a.py` for the store.",
    "Read `src/a.py` to learn how it works.",
    "Compare `src/a.py` to `src/b.py`.",
    "- [ ] Create `Store` following `src/other.py`",
    "- [ ] Add a method like the one in `src/other.py`",
    "- [ ] Update the docs (see `docs/a.md`)",
    "- [ ] Add logging",
    "- [ ] Add `parse()` to the store",
    "- [ ] Run `pytest tests/test_a.py`",
    "- [ ] Verify that `src/a.py` is written",
    "- [ ] Create `src/` directory",
    "- [ ] Create a Node.js server",
    "- [ ] Add timeout. It is set in `src/other.py`",
    "- Uses the store in `src/other.py`",
    "**Rollback**:\n- Delete `src/a.py`",
    "**Risks**:\n- Update `src/a.py` in vain",
    "#### Notes\n- Create `src/a.py` later",
    "Create `src/a.py` some day",
    "- [ ] `src/a.py` exists",
    "**Background**:\n- `src/a.py` — reads",
    "**Context**:\n- `src/a.py` — reads",
    "- The parts:\n  - `src/a.py` — reads",
    "- [ ] Node.js — install it",
    "- [ ] Create a report. Note: `src/a.py` is slow",
    "Verify that these are there:\n- `src/a.py`",
    "- [ ] `src/a.py` is created by the build",
    "| # | Risk | Way out |\n|---|---|---|\n| 1 | Create `src/a.py` | wait |",
    "1. **Run the script** (src/a.py)",
    "1. **Look at the models** (`src/a.py`)",
    "- [ ] The feed (`example.com/en/all.xml`)",
    "**Read first**:\n1. **The models** (`src/a.py`)",
    "- **Models** (`src/a.py`) are slow",
    "- [ ] Verify it (src/a.py)",
    "- The store keeps it (src/a.py)",
    "- [ ] Say why (see src/a.py)",
    "- [ ] `src/a.py` 削除後、確認する",
    "- [ ] 在 `src/a.py` 中查看结构体",
    "- [ ] 验证行数：wc -l `src/a.py`",
    "- [ ] Audit `src/a.py`",
    "#### Review `src/a.py`\nIt is slow.",
    "#### Why not `src/a.py`\nIt is slow.",
    "We may\ncreate `src/a.py` some day",
    "- [ ] **Verify**: Update `src/a.py` twice",
    "- In `src/a.py` the loop is slow",
    "**Verification**:\n- [ ] `src/a.py` — works",
    "- [ ] `src/a.py` works — twice",
    "**Acceptance**:\n- [ ] `pytest src/a.py` — passes",
    "As in `src/a.py`:\n- say more",
    "- [ ] **Analysis**: Review the logic\n  - [ ] File: `src/a.py` - today\n  - [ ] **NEW**: `src/b.py` - patterns",
    "- [ ] **NEW**: Use `docs/a.md` as a scenario",
    "- See [the store](src/a.py): it is slow",
    "#### 2. `src/a.py` — why it is slow",
    "- [ ] Port the tests from `src/a.py`",
    "- [ ] Add what is missing from `src/a.py`",
    "- [ ] Remove `src/a.py`",
    "1. **Review `a.md`:**",
    "**Files**:\n- `src/a.py` — без изменений (seed)",
    "**Files**:\n- `src/a.py` — без изменений структуры",
    "**Files**:\n- `src/a.py`（変更不要）",
    "#### 2.1 Endpoints (1.5 days)\nThey answer.",
    "- [ ] Add file names: `{run}_{time}.json`",
    "- [ ] Delete the five `cache.limits.*` settings",
    "- [ ] Implement `core/clip.ClipBridge`",
    "**Files**: none; see `src/a.py`",
    "- [ ] Add retries with the helper in `src/a.py`",
    "- [ ] Add a method as in `src/a.py`",
    "- [ ] Rename `src/a.py`",
    "**Now**:\n```bash\n# src/a.py\nls\n```",
    "**Risks**:\n1. ✅ `src/a.py` - slow",
    "#### Install Node.js\nIt runs.",
    "- [ ] Update app/list/[id].tsx for it",
    "#### What is slow in src/a.py\nIt waits.",
    "| Item | Content |\n|---|---|\n| Problem | `src/a.py` is slow |\n| Files | 12 |",
    "**Now**:\n```python\n# see src/a.py\nload()\n```",
    "**Now**:\n```python\n# src/a.py - current code\nload()\n```",
    "**Now**:\n```python\n# Existing file: src/a.py\nload()\n```",
    "**Now**:\n```python\n# Before: src/a.py\nload()\n```",
    "**Problems in `src/a.py`:**\n- slow",
    "**Run `src/a.py`:**\n- twice",
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_an_item_declares_the_file_that_it_is_sure_to_write(text: str, expected: dict[str, str]) -> None:
    one, _ = guide(f"### Phase 1: One\n{text}\n### Phase 2: Two\n").phases

    assert {file.path: str(file.action) for file in one.files} == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("store.py", "src/app/store.py"),
        ("app/store.py", "src/app/store.py"),
        ("other.py", "other.py"),
        ("here.py", "here.py"),
        ("twice.py", "twice.py"),
        ("ore.py", "ore.py"),
    ],
)
def test_a_file_named_with_fewer_directories_is_the_one_another_phase_declares(named: str, expected: str) -> None:
    files = "src/app/store.py src/app/here.py src/a/twice.py src/b/twice.py".replace(" ", "`\n- `")
    text = f"### Phase 1: A\n**Files**:\n- `{files}`\n### Phase 2: B\n**Files to modify**:\n- `{named}`\n"
    read = read_guide(text.encode(), "g.md", BUILT_IN, lambda path: path == "here.py")

    assert [file.path for file in read.phases[1].files] == [expected]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Create `src/a.py`", {"src/a.py": "create"}),
        ("Add messages to `src/a.py`", {"src/a.py": "unspecified"}),
        ("Register in `src/a.py` (2 lines)", {"src/a.py": "unspecified"}),
        ("Update `src/a.py` factory", {"src/a.py": "modify"}),
        ("Review `src/a.py`", {}),
        ("Why `src/a.py` is slow", {}),
        ("`src/a.py`", {"src/a.py": "unspecified"}),
        ("`src/a.py` & `src/b.py`", {"src/a.py": "unspecified", "src/b.py": "unspecified"}),
        ("Wrapper `src/a.sh` ✅", {"src/a.sh": "unspecified"}),
        ("Storage (`src/a.py`)", {"src/a.py": "unspecified"}),
        ("Storage (`f()`)", {}),
        ("Add `client/parts`", {}),
        ("Node.js", {}),
    ],
)
def test_a_title_declares_the_file_that_it_is_sure_to_write(title: str, expected: dict[str, str]) -> None:
    one, _ = guide(f"### Phase 1: {title}\n### Phase 2: Two\n").phases

    assert {file.path: str(file.action) for file in one.files} == expected


@pytest.mark.parametrize("text", NOT_WRITTEN)
def test_an_item_that_names_a_file_for_another_reason_declares_none(text: str) -> None:
    one, _ = guide(f"### Phase 1: One\n{text}\n### Phase 2: Two\n").phases

    assert [file.path for file in one.files] == []


def test_the_root_of_the_author_is_learnt_from_a_path_that_is_here() -> None:
    text = (
        "### Phase 1: A\n**Files to create**: `/home/me/proj/src/new.py`\n- [ ] x\n"
        "### Phase 2: B\n**Files to modify**: `/home/me/proj/src/old.py`, `/home/me/other/a.py`\n"
    )
    one, two = read_guide(text.encode(), "docs/plans/x.md", BUILT_IN, {"src/old.py"}.__contains__).phases

    assert [[file.path for file in phase.files] for phase in (one, two)] == [["src/new.py"], ["src/old.py"]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("`feat: a`", "feat: a"),
        ("feat: a", "feat: a"),
        ("Add the store", "Add the store"),
        ("`Add the store`.", "Add the store"),
        ("N/A (no change)", None),
        ("none", None),
        ("included with M0.", None),
        ("corrective delta only if required.", None),
    ],
)
def test_a_remark_about_a_commit_is_none(value: str, expected: str | None) -> None:
    one, _ = guide(f"### Phase 1: A\n**Commit**: {value}\n### Phase 2: B\n").phases

    assert one.commit == expected


WAITS = "**Dependencies:** None\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Group 0: Setup [DONE]\n## Group 1: Core [DONE]\n", ["0", "1"]),
        (
            f"## Phase 1: A\n### Task Group 1\n{WAITS}### Task Group 2\n{WAITS}## Phase 2: B\n### Task Group 3\n",
            ["1", "2", "3"],
        ),
        ("## Phase 1: A\n## Phase 2: B\n### Task Group 1: x\n## Task Group 2: out\n", ["1", "2"]),
        ("## Phase 1: A\n### Group 1: x\n### Group 2: y\n## Phase 2: B\n", ["1", "2"]),
    ],
)
def test_groups_number_phases(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


def test_what_waits_for_a_task_of_a_phase_waits_for_the_phase() -> None:
    read = guide(
        "### Phase 1: A\n- [ ] 1.1 a\n### Phase 2: B\n- [ ] 2.1 b\n  - 依存: 1.1\n- [ ] c\n  - **Depends on**: 2.1\n"
    )

    assert [phase.depends for phase in read.phases] == [(), ("1",)]
    assert [each.code for each in read.diagnostics] == []


def test_paths_of_the_author_that_are_found_here_are_told_once() -> None:
    text = "### Phase 1: A\n**Files**: `/home/me/p/src/a.py`\n### Phase 2: B\n**Files**: `/home/me/p/src/b.py`\n"
    read = read_guide(text.encode(), "docs/plans/x.md", BUILT_IN, {"src/a.py", "src/b.py"}.__contains__)

    assert [(each.code, str(each.severity), each.line) for each in read.diagnostics] == [("PG113", "warning", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "**Files**: `tests/test_a.py`\n**Actions**:\n1. Test it:\n   - `test_keeps` — values\n   - `test_drops`\n",
        "**Files**: `tests/test_a.py`\n- `test_keeps`: values\n- `test_drops()` → none\n",
        "**Tests** — `tests/test_a.py`:\n- `test_keeps`\n- `test_drops`\n",
        "**Tests requeridos:**\n1. **test_keeps**\n2. **test_drops**\n",
        "#### Tests\n##### New: `tests/test_a.py`\n- `test_keeps` — values\n- `test_drops` — none\n",
        "**测试用例**:\n\n| 场景 | 输入 |\n|---|---|\n| test_keeps | 1 |\n| test_drops | 2 |\n",
        "- [ ] Unit tests for `Store`:\n  - `test_keeps()` - values\n  - `test_drops()` - none\n",
        "- [ ] Create `tests/test_a.py`:\n  ```python\n  def test_keeps(): ...\n  def test_drops(): ...\n  ```\n",
        "**Ubicación:** `tests/test_a.py`\n**Tareas:**\n- [ ] Clase A\n  - test_it_keeps (all)\n  - test_it_drops\n",
        "- `tests/test_a.py` — `test_keeps` (NEW), `test_drops` (NEW)\n- `tests/test_b.py` — `test_old` still passes\n",
        "#### Store tests\n- **test_it_keeps**: Existing keys stay\n- **test_it_drops**: Unchanged keys go\n",
        "**Test impact**: `tests/test_a.py` — `test_keeps` (NEW), `test_drops`\n",
        "- Unit test test_keeps in `tests/test_a.py`\n- Regression test `test_drops` in `tests/test_a.py`\n",
        "**Datei**: `tests/test_a.py`\n**Testklasse `TestA`**:\n- `test_keeps()`: `.py` → 1\n- `test_drops()`: 0\n",
        "#### Error tests (30 min)\n- test_it_keeps()\n- test_it_drops()\n",
        "- [ ] Write test_keeps and\n  test_drops in `tests/test_a.py`, beside\n  the existing `test_old`\n",
    ],
)
def test_items_that_a_test_begins_declare_it_beside_a_test_file(text: str) -> None:
    (phase,) = guide(f"### Phase 1: A\n{text}").phases

    assert [test.name.replace("_it", "") for test in phase.tests] == ["test_keeps", "test_drops"]
    assert {test.file for test in phase.tests} <= {"tests/test_a.py", None}


@pytest.mark.parametrize(("path", "action"), [("tests/test_here.py", "modify"), ("tests/test_new.py", "test")])
@pytest.mark.parametrize(
    ("told", "cls"), [("in a class `TestA`", "TestA"), ("in `TestA` and `TestB`", None), ("one for each bound", None)]
)
def test_prose_says_which_file_and_class_the_items_below_it_go_to(
    path: str, action: str, told: str, cls: str | None
) -> None:
    text = f"### Phase 1: A\nWrite the tests in `{path}`, {told}:\n\n- `test_keeps`: all\n- `test_drops`: none\n"
    (phase,) = read_guide(text.encode(), "docs/x.md", BUILT_IN, "tests/test_here.py".__eq__).phases

    assert [(test.file, test.class_name, test.name) for test in phase.tests] == [
        (path, cls, "test_keeps"),
        (path, cls, "test_drops"),
    ]
    assert [(each.path, each.action.value) for each in phase.files] == [(path, action)]


@pytest.mark.parametrize(
    "text",
    [
        "**Files**: `src/a.py`\n**Actions**:\n- `test_keeps` — values\n",
        "**Files**: `tests/test_a.py`\n**Actions**:\n- `test_keeps` — must still pass\n",
        "**Files**: `tests/test_a.py`\n**Actions**:\n- run `test_keeps` again\n- `test_keeps` fails today\n",
        "**Files**: `tests/test_a.py`\n**Existing tests**:\n- `test_keeps` — old\n",
        "**Files**: `tests/test_a.py`\n**Actions**:\n- test_data: what is read\n",
        "- [ ] Existing unit tests:\n  - `test_keeps()` - values\n",
        "Today, `tests/test_a.py` keeps:\n\n```python\ndef test_keeps(): ...\n```\n",
        "**Tests**: all pass\n  (`tests/test_a.py`, `test_a` /\n  `test_a`)\n",
        "- [ ] Choose between `test_url` and `live_url` in `src/a.py`\n",
        "- [ ] Add a field\n  like those of `test_data`\n",
    ],
)
def test_items_that_name_a_test_for_another_reason_declare_none(text: str) -> None:
    assert guide(f"### Phase 1: A\n{text}").phases[0].tests == ()


@pytest.mark.parametrize(
    ("item", "action"),
    [
        ("Add a test to `tests/test_here.py`", "modify"),
        ("Add tests of the store to the `tests/test_here.py`", "modify"),
        ("Add a test to `tests/test_new.py`", "test"),
        ("Write a test in `tests/test_here.py`", "test"),
    ],
)
@pytest.mark.parametrize("path", ["docs/x.md", "specs/x/tasks.md"])
def test_a_test_file_to_which_a_test_is_added_is_changed_where_it_is_there(path: str, item: str, action: str) -> None:
    text = f"## Phase 1: A\n- [ ] T001 {item}\n- [ ] T002 Run it\n"
    (phase,) = read_guide(text.encode(), path, BUILT_IN, "tests/test_here.py".__eq__).phases

    assert [each.action.value for each in phase.files] == [action]


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ("- `it_adds`\n- `test_x`\n- `TestLogin`\n", "`it_adds`, `TestLogin`: no such name is that of a test"),
        ("- [ ] `should_keep()`\n", "`should_keep`: no such name is that of a test"),
        ("- `TestLogin`\n  - `test_keeps`\n", ""),
        ("- it_adds: adds two\n- should_keep - keeps\n", "`it_adds`, `should_keep`: no such name is that of a test"),
        ("```python\ndef it_adds(): ...\n```\n", "`it_adds`: no such name is that of a test"),
        ("```python\ndef make_store(): ...\ndef test_a(): ...\n```\n", ""),
        ("- `test_a`\n- edge_cases: none\n- empty input: kept\n", ""),
        ("- `parse`\n- `read_line` keeps blanks\n", ""),
    ],
)
def test_names_in_a_list_of_tests_that_pytest_does_not_collect_are_told(items: str, told: str) -> None:
    found = guide(f"### Phase 1: A\n**Tests to write** (in `tests/test_a.py`):\n{items}").diagnostics

    assert [each.message for each in found if each.code == "PG114"] == [told] * bool(told)


@pytest.mark.parametrize(
    ("task", "files"),
    [
        ("Update README.md with the contract", {"README.md"}),
        ("Create mkdocs.yml and docs/index.md", {"mkdocs.yml", "docs/index.md"}),
        ("Read README.md first", set()),
        ("Say it as README.md does", set()),
        ("更新 a.toml 导出到 conf/a.toml", {"conf/a.toml"}),
        ("实现 src/a.py：从 `.env` 加载配置", {"src/a.py"}),
        ("Create the store in src/a.py with spans per contracts/README.md", {"src/a.py"}),
        ("Create 001_schema.py in alembic/versions/ with tables", {"alembic/versions/001_schema.py"}),
        ("Remove the old store: delete src/a.py", {"src/a.py"}),
        ("验证行数：wc -l src/a.py", set()),
        ("实现 src/c.py：调用 src/a.py + src/b.py", {"src/c.py"}),
        ("运行 pytest tests/test_a.py", set()),
        ("Write the tests of the store in\n  `tests/test_a.py` (beside `tests/test_b.py`)", {"tests/test_a.py"}),
        ("Implement `keep(key, value)` in\n  src/a.py, next to src/b.py", {"src/a.py"}),
        ("Write tests in `tests/test_a.py`, mirroring\n  `tests/test_b.py`: all of it", {"tests/test_a.py"}),
        ("Write the store.\n  It is kept in `src/a.py`", set()),
        ("Write the store\n  Files: see `src/a.py`", set()),
        ("Write the store\n\n  in `src/a.py`", set()),
    ],
)
def test_a_task_names_a_file_at_the_root_as_its_object(task: str, files: set[str]) -> None:
    text = f"## Phase 1: A\n- [ ] T001 {task}\n- [ ] T002 Run it\n"

    assert {each.path for each in guide(text, "specs/x/tasks.md").phases[0].files} == files


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("**Deliverables**:\n- `src/a.py` (new)\n- a working store\n", {"src/a.py": "create"}),
        ("**결과물**:\n- `src/a.py` (약 100 LOC)\n", {"src/a.py": "unspecified"}),
        ("**Crear archivo:** `pytest.ini`\n", {"pytest.ini": "create"}),
        ("**Artefato:**\n- `docs/a.md`\n", {"docs/a.md": "unspecified"}),
        ("#### New: `src/a.py`\n#### Modified: `src/b.py`\n", {"src/a.py": "create", "src/b.py": "modify"}),
        ("**Updated:** 2026-01-30\n**New:** a faster store\n", {}),
        ("**Goal** — keep `src/a.py` as it is\n", {}),
        ("Archivos esperados:\n- `src/a.py`\n", {"src/a.py": "unspecified"}),
        ("**Files likely touched**:\n- `src/a.py`\n", {"src/a.py": "unspecified"}),
        ("**Files to create or change**: `src/a.py`\n", {"src/a.py": "unspecified"}),
        ("**文件变更**:\n- 🆕 `src/a.py`\n- 📝 `src/b.py`\n", {"src/a.py": "create", "src/b.py": "modify"}),
        ("**Files and tests**:\n- `src/a.py`\n", {"src/a.py": "unspecified"}),
        ("**Files**:\n- `conf.*`\n- `src/*`\n", {"conf.*": "unspecified", "src/*": "unspecified"}),
        ("Deliverable: docs/a.html + docs/a.js\n", {"docs/a.html": "unspecified", "docs/a.js": "unspecified"}),
        ("**File: `src/a.py`**\n- keep `f()`\n", {"src/a.py": "unspecified"}),
        ("**Files**:\n- `src/a.py`\n**Step 1** look at `src/b.py`\nand `src/c.py`\n", {"src/a.py": "unspecified"}),
        (
            "**Files:** `src/a.py` (create), `src/b.py`, `src/c.py` (modify), tests (modify)\n",
            {"src/a.py": "create", "src/b.py": "modify", "src/c.py": "modify"},
        ),
        ("**Files:** All 10 `src/*.py` files\n", {"src/*.py": "unspecified"}),
        ("**Dateien**:\n- `src/a.py` (NEU)\n- `src/b.py` (修改)\n", {"src/a.py": "create", "src/b.py": "modify"}),
        ("**Erstelle**: `docs/a.md`\n", {"docs/a.md": "create"}),
        ("**Location:** `src/a.py`\n", {"src/a.py": "unspecified"}),
        ("**Details**:\n1. Erstelle `docs/a.md` mit:\n   - x\n", {"docs/a.md": "create"}),
        ('**Formato**:\n- `"23.5\\n"`\n**Files**: `"1.5\\n"`\n', {}),
        ("**Files:** all of the above\n", {}),
        ("**Files**: `/brainstorm`\n", {}),
        (
            "**Goal.** Fast.\n**Touch.** `src/a.py` (of `f()`, in `g`), `src/b.py` (`h(x)` of `i`) + `src/c.py`.\n",
            {"src/a.py": "unspecified", "src/b.py": "unspecified", "src/c.py": "unspecified"},
        ),
        ("- **实现文件**: `src/a.py`\n- **新文件**: `src/b.py`\n", {"src/a.py": "unspecified", "src/b.py": "create"}),
        ("**文件**: `src/a.py`、`src/b.py`\n", {"src/a.py": "unspecified", "src/b.py": "unspecified"}),
        ("**文件**: `src/a.py`\uff0c`src/b.py`\n", {"src/a.py": "unspecified", "src/b.py": "unspecified"}),
        ("**文件**: `src/a.py`。见 `src/b.py`\n", {"src/a.py": "unspecified"}),
        ("**Files:**\n- Preserve untracked: `docs/a.md`\n- Create outside: `%TEMP%/a-$x/b.md`\n", {}),
        ("**Files:** `a.py`, new store `b.py`, see `c.py`\n", {"a.py": "unspecified", "b.py": "unspecified"}),
        ("**File**: `src/a.ini`\n```\n.env\nsrc/b.py\n```\n", {"src/a.ini": "unspecified"}),
        (
            "| File | Change |\n|--|--|\n| `src/a.py` | more x |\n| src/b.py | y |\n",
            dict.fromkeys(["src/a.py", "src/b.py"], "unspecified"),
        ),
        ("| # | File | Action |\n|--|--|--|\n| 1 | `src/a.py` | Modify |\n", {"src/a.py": "modify"}),
        ("| Action | File |\n|--|--|\n| Create | `src/a.py` |\n", {"src/a.py": "create"}),
        ("**Problem**:\n| File | Change |\n|--|--|\n| `src/a.py` | none |\n", {}),
        ("| File | Lines |\n|--|--|\n| `src/a.py` | 20 |\n", {}),
        ("**Files**\n| File | Action |\n|--|--|\n| src/b.py | Create |\n", {"src/b.py": "create"}),
        (
            "**Module:** `src/a.py`\n**Target files:** `src/b.py`\n",
            dict.fromkeys(["src/a.py", "src/b.py"], "unspecified"),
        ),
        ("**Target:** 80 % of the users\n", {}),
        ("**Arquivo alvo:** `src/a.py`\n", {"src/a.py": "unspecified"}),
        ("Tests:\n1. new file: [tests/test_a.py](../tests/test_a.py)\n", {"tests/test_a.py": "create"}),
        ("**Files** are these. `src/a.py`\n", {}),
        ("**Files.** `src/a.py`\n**Look.** `docs/b.md`\n", {"src/a.py": "unspecified"}),
        ("**Tests:**\n- Extend [`tests/test_a.py`](tests/test_a.py): more\n", {"tests/test_a.py": "modify"}),
        ("**Tests:**\n- Run [`tests/test_a.py`](tests/test_a.py)\n", {}),
        ("**Existing files**:\n- `src/a.py`\n", {}),
        ("**Files to run**:\n- `src/a.py`\n", {}),
        ("**File structure**:\n- `src/a.py`\n", {}),
        ("**Test plan**:\n- `src/a.py`\n", {}),
        ("**Tests to write** (in `tests/test_a.py`):\n- it keeps order\n", {"tests/test_a.py": "test"}),
        ("#### Tests\n##### API — `tests/test_a.py` (new)\n\nIt keeps order.\n", {"tests/test_a.py": "test"}),
        ("**Tests** (pattern from `tests/test_a.py`): it keeps order\n", {}),
    ],
)
def test_a_label_says_which_files_a_phase_brings(text: str, files: dict[str, str]) -> None:
    (phase,) = guide(f"### Phase 1: A\n{text}").phases

    assert {each.path: each.action.value for each in phase.files} == files


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("## 1) Store — done", ("Store", "done")),
        ("## 1) Store - Completed", ("Store", "done")),
        ("## Phase 1: Store – in progress", ("Store", "in progress")),
        ("## Phase 1: Store — pending", ("Store", "")),
        ("## Phase 1: What is done", ("What is done", "")),
        ("## Phase 1: Store — done right", ("Store — done right", "")),
        ("## Phase 1: Well-done", ("Well-done", "")),
        ("## Phase 1: Say done — and go", ("Say done — and go", "")),
    ],
)
def test_a_word_behind_a_dash_at_the_end_of_a_title_may_be_a_claim(heading: str, expected: tuple[str, str]) -> None:
    files = "**Files**: `src/a.py`\n"
    one = guide(f"# Plan\n{heading}\n{files}{heading.replace('1', '2')}\n{files}").phases[0]

    assert (one.title, one.claim) == expected


@pytest.mark.parametrize(
    ("row", "action"),
    [
        ("| `src/here.py` | Add retry to the client |", "modify"),
        ("| src/here.py | Add x |", "modify"),
        ("| src/new.py | Add x |", "create"),
        ("| src/here.py | New file |", "create"),
        ("| src/here.py | Add |", "create"),
        ("| `src/here.py` | Add `src/here.py` |", "create"),
    ],
)
def test_what_a_row_adds_goes_into_a_file_that_is_there(row: str, action: str) -> None:
    text = f"### Phase 1: A\n| File | Change |\n|--|--|\n{row}\n### Phase 2: B\n"
    one, _ = read_guide(text.encode(), "docs/x.md", BUILT_IN, "src/here.py".__eq__).phases

    assert [each.action.value for each in one.files] == [action]
