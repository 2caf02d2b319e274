"""Ways to write one thing: each is a line that a plan has in the place of the canonical one."""

from __future__ import annotations

import pytest

from dialects.reading import guide, ids, phase


def first(text: str) -> object:
    one, *_ = guide(f"### Phase 1: A\n{text}\n### Phase 2: B\n").phases
    return one


@pytest.mark.parametrize(
    "heading",
    [
        "### [DONE] Phase {}: P", "### (done) Phase {}: P", "### [Phase {}] P", "### [Phase {}]: P",
        "### 1. Phase {}: P", "### 2.1 Phase {}: P", "### <a name='x'></a>Phase {}: P", "### `Phase {}`: P",
        "### Phase-{}: P", "### Phase {} | P", "### Phase {} · P", "### Phase {} → P", "### Phase {}) P",
        "### Phase {} -- P", "### ✅ Phase {}: P", "### Phase {} \uff5c P",
    ],
)  # fmt: skip
def test_a_heading_names_its_phase_in_any_dress(heading: str) -> None:
    read = guide(heading.format(1) + "\n" + heading.format(2) + "\n")

    assert [(p.id, p.title) for p in read.phases] == [("1", "P"), ("2", "P")]


@pytest.mark.parametrize(
    "heading",
    [
        "### Phase 1 remaining work",
        "### Phase 1 > 2",
        "### [Phase planning] P",
        "### 1. Phases: P",
        "### Phase-out: P",
        "### Phase 1 --draft P",
    ],
)
def test_a_heading_that_only_begins_like_a_phase_is_none(heading: str) -> None:
    assert ids(f"{heading}\n### Phase 3: x\n### Phase 4: y\n") == ["3", "4"]


@pytest.mark.parametrize(
    "numbers", ["2-4", "2–4", "2 to 4", "2 through 4", "2..4", "2, 3, 4", "2, 3 & 4", "2, 3 and 4"]
)
def test_a_heading_for_several_tasks_is_one_unit_under_both_ends(numbers: str) -> None:
    assert ids(f"### Task 1: a\n### Tasks {numbers}: b\n### Task 5: c\n") == ["1", "2-4", "5"]


def test_a_heading_may_be_for_several_parts() -> None:
    assert ids("### Task 3.0: a\n### Task 3.1–3.8: b\n### Task 3.9: c\n") == ["3.0", "3.1-3.8", "3.9"]


def test_the_same_word_on_a_deeper_level_is_part_of_the_phase_around_it() -> None:
    assert ids("## Phase 1: A\n### Phase 1.1: a\n### Phase 7: odd\n## Phase 2: B\n### Phase 3: C\n") == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("None (Phase 3 may run in parallel)", ()),
        ("Phase 1 and Phase 2, not Phase 3", ("1", "2")),
        ("#1, #2", ("1", "2")),
        ("all prior phases", ("1", "2", "3")),
        ("\n- Requires Phase 1 (the store)\n- T4 must come before T5", ("1",)),
        ("\n- Phase 1\n- Phase 2", ("1", "2")),
        ("\n- None", ()),
        ("(none)", ()),
        ("—", ()),
        ("- the store of Phase 2", ("2",)),
        ("[1, 3] - Need the 2 stores", ("1", "3")),
        ("1, 2 — both stores", ("1", "2")),
        ("Phase 1 (store), Phase 3 (api)", ("1", "3")),
        ("Phases 1-3", ("1", "2", "3")),
    ],
)
def test_a_phase_waits_for_what_the_words_name(text: str, expected: tuple[str, ...]) -> None:
    *_, last = guide("".join(f"### Phase {n}: t\n" for n in range(1, 5)) + f"**Depends on**: {text}\n").phases

    assert last.depends == expected


@pytest.mark.parametrize(
    ("heads", "text", "expected"),
    [
        ("TASK-7-{}", "TASK-7-1, TASK-7-3", ("7-1", "7-3")),
        ("TASK-7-{}", "TASK-7-1 ~ 3", ("7-1", "7-2", "7-3")),
        ("TASK-7-{}", "the store (TASK-7-2) for tests", ("7-2",)),
        ("TASK-7-{}", "无", ()),
        ("WS-{}", "WS-1 and WS-2", ("WS-1", "WS-2")),
        ("M{}", "what M1 brings", ("M1",)),
        ("TASK-00{}", "TASK-001 and TASK-003", ("001", "003")),
        ("TASK-7-{}", "\n## 任务依赖图\n```mermaid\n A[TASK-7-1<br/>x] --> B[TASK-7-4]\n```\n", ("7-1",)),
    ],
)
def test_a_unit_waits_for_the_codes_that_a_label_names(heads: str, text: str, expected: tuple[str, ...]) -> None:
    units = "".join(f"### {heads.format(n)}: t\n**Files**: `src/a{n}.py`\n" for n in range(1, 5))

    assert guide(f"{units}**Dependencies**: {text}\n").phases[-1].depends == expected


def test_a_phase_may_be_called_by_the_id_that_a_label_gives_it() -> None:
    stories = "".join(f"### Story {n}: t\n**Epic ID**: E-7\n**Story ID:** E-7-S{n}\n" for n in range(1, 5))

    assert guide(f"{stories}**Dependencies**: E-7-S1, E-7-S3 (E-7)\n").phases[-1].depends == ("1", "3")


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("depends on Phase 1", ("1",)),
        ("Depends on Phases 1 and 2", ("1", "2")),
        ("no dependencies", ()),
        ("Week 2", ("3",)),
        ("depends on TASK-002", ("3",)),
    ],
)
def test_a_phase_waits_for_what_its_heading_names(note: str, expected: tuple[str, ...]) -> None:
    *_, last = guide("".join(f"### Phase {n}: t\n" for n in (1, 2, 3)) + f"### Phase 4: Last ({note})\n").phases

    assert (last.depends, last.title) == (expected, f"Last ({note})")


def test_criteria_under_the_bold_name_of_a_phase_are_that_phase_s() -> None:
    read = guide(
        "### Phase 1: A\n### Phase 2: B\n## Success Criteria\n**Phase 2**:\n- Coverage: 95%\n"
        "**Phase 1**:\n- Coverage: 50%\n"
    )

    assert [p.coverage.minimum for p in read.phases] == [50, 95]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Coverage must not drop by more than 2%", None),
        ("Coverage improved by 5%", None),
        ("Coverage up 5%", None),
        ("Coverage of 85 percent", 85),
        ("Coverage: 80-90%", 80),
        ("Coverage: 80–90%", 80),
        ("Unit test coverage at 95+%", 95),
        ("Coverage above 80%", 80),
        ("Test coverage: `96%` (exceeds `80%` requirement)", 80),
        ("Achieve 85% code coverage exceeding the 80% requirement", 80),
        ("Increase data coverage to 50%+", None),
        ('It refuses with "Coverage 40% is below 90%"', None),
        ("Output is `coverage 40% is below 90%`", None),
        ("Coverage: `90%`", 90),
        ('"90% coverage" is reached', 90),
    ],
)
def test_a_figure_of_coverage_is_what_is_asked_for(text: str, expected: float | None) -> None:
    assert guide(f"### Phase 1: A\n**Success criteria**:\n- {text}\n").phases[0].coverage.minimum == expected


@pytest.mark.parametrize("words", ["Do not touch", "Don't touch", "Leave", "Context", "Not changed", "Out of scope"])
def test_a_file_that_is_left_alone_is_not_declared(words: str) -> None:
    one, _ = guide(f"### Phase 1: A\n**Files:**\n- {words}: `b.py`\n- Create: `a.py`\n### Phase 2: B\n").phases

    assert [f.path for f in one.files] == ["a.py"]


@pytest.mark.parametrize(
    "lead",
    [
        "1. Write the failing test\n", "#### 1. Write the failing test", "- [ ] Write failing test\n",
        "**1. Write the test first**", "#### TDD - Test First", "#### Tests first", "Step 2. Write failing tests:",
        "#### Schritt 1: Fehlschlagenden Test schreiben", "步骤 1：编写测试",
    ],
)  # fmt: skip
def test_code_below_the_step_that_writes_the_test_declares_it(lead: str) -> None:
    one, _ = guide(f"### Phase 1: A\n{lead}\n```python\ndef test_x(): ...\n```\n### Phase 2: B\n").phases

    assert [t.name for t in one.tests] == ["test_x"]


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] Commit with message `feat: x`", '- [ ] `git commit -m "feat: x"`', "**Git commit message**: `feat: x`",
        "**Commit subject**: `feat: x`", "- [ ] Commit as `feat: x`", "- [ ] Commit changes: `feat: x`",
        "5. **Commit** - `feat: x`", '- [ ] Commit "feat: x"', "- [ ] Commit 'feat: x'",
        "**Commit message suggestion:** `feat: x`", "**Checkpoint commit**: `feat: x`", "Final commit: feat: x",
        'git commit -m "feat: x"', 'Run `git add . && git commit -m "feat: x"`', "**Commit** → `feat: x`",
        "```\ngit -c user.name='a b' -C src commit --no-verify -m \"feat: x\"\n```", "- Commit as `feat: x`",
        "- [ ] Run the tests, then commit with `feat: x`",
        "- [x] pytest and ruff green (src); commit `feat: x`.", '- [ ] Commit with message: "feat: x"',
        '- Commit ("feat: x")', "3. Commit `feat: x`",
        "- [ ] Run tests, then commit: `feat: x`", "- [ ] Lint, test and commit (`feat: x`)",
        "**Commit after this phase:** `feat: x`", "- [x] Commit — `feat: x`", "**Git 提交**：`feat: x`",
        "**提交说明**：feat: x",
        "- [ ] **Step 7: Commit** `feat: x`",
    ],
)  # fmt: skip
def test_a_commit_may_be_said_in_many_ways(line: str) -> None:
    one, _ = guide(f"### Phase 1: A\n{line}\n### Phase 2: B\n").phases

    assert one.commit == "feat: x"


@pytest.mark.parametrize(
    "line",
    [
        "**Base commit**: `97b038d`",
        "- Commit `97b038d` is there",
        "- As it was; commit `97b038d`",
        "- [x] Commit `src/a.py` and `src/b.py`",
        "- The commit `feat: x` broke it",
        "**Pre-commit**: passes",
        "**Last commit:** feat: x",
        "**Commit**: `97b038d`",
        "- [x] Commit: 97b038d1c2",
        "**Commit:** [`97b038d`](https://example.org/c/97b038d)",
    ],
)
def test_a_commit_that_is_there_is_none_to_make(line: str) -> None:
    one, _ = guide(f"### Phase 1: A\n{line}\n### Phase 2: B\n").phases

    assert one.commit is None


@pytest.mark.parametrize("mark", ["o", "WIP", "done", "DONE", "todo"])
def test_a_box_may_hold_a_word(mark: str) -> None:
    read = guide(f"## Phase 1: A\n- [{mark}] T033 Create src/a.py\n- [ ] T034 b\n")

    assert [f.path for f in read.phases[0].files] == ["src/a.py"]


def test_a_path_of_dots_alone_in_a_task_is_prose() -> None:
    read = guide("# T\n- [ ] 1. A\n- [ ] 1.1 Strip `../` and `./`\n- [ ] 2. B\n", ".kiro/specs/x/tasks.md")

    assert [each.code for each in read.diagnostics] == []


@pytest.mark.parametrize(
    "text",
    [
        "1. `tests/unit/test_p.py`",
        "| File | What |\n|--|--|\n| `tests/unit/test_p.py` | x |",
        "- `tests/unit/test_p.py`",
        "- [ ] `tests/unit/test_p.py` (edge cases)",
        "- [x] tests/unit/test_p.py",
    ],
)
def test_a_test_file_may_be_an_entry_of_any_list(text: str) -> None:
    one, _ = guide(f"### Phase 1: A\n**Tests:**\n{text}\n### Phase 2: B\n").phases

    assert [(f.path, str(f.action)) for f in one.files] == [("tests/unit/test_p.py", "test")]


def test_a_phase_of_the_cycle_in_bold_ends_the_one_before_it() -> None:
    one, _ = guide(
        "### Phase 1: A\n**🔴 RED: Write Failing Tests First**\n* [ ] **Test 1.1**: x\n  * File: `app/tests.py`\n"
        "**🟢 GREEN: Implement to Make Tests Pass**\n* [ ] **Task 1.2**: Add a `test_mode` to it.\n"
        "  * File: `app/models.py`\n### Phase 2: B\n"
    ).phases

    assert ([each.path for each in one.files], one.tests) == (["app/tests.py", "app/models.py"], ())


@pytest.mark.parametrize(
    "line", ["- Test that `Run` has a `test_type` field", "- [ ] **Test 1**: `create` accepts `test_type`."]
)
def test_a_thing_that_is_called_like_a_test_is_none(line: str) -> None:
    one, _ = guide(f"### Phase 1: A\n**Tests**:\n{line}\n- `test_kept`\n### Phase 2: B\n").phases

    assert [each.name for each in one.tests] == ["test_kept"]


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] Erweitere `src/a.py`",
        "- [ ] Lege `src/a.py` an",
        "- [ ] Füge `run()` zu `src/a.py` hinzu",
        "- [ ] Añade `src/a.py`",
        "- [ ] Ajoutez `run()` dans `src/a.py`",
        "- [ ] Prüfe `src/b.py` und dann\n- [ ] Erstelle `src/a.py`",
        "- [ ] 更新`src/a.py`文档",
        "**Dateien**:\n- Ändern: `src/a.py`\n- Nicht ändern: `src/b.py`",
        "**Fichiers** :\n- `src/a.py`\n- Ne pas modifier : `src/b.py`",
        "**Archivos**:\n- `src/a.py`\n- No tocar: `src/b.py`",
        "**Файлы**:\n- `src/a.py`\n- Не трогать: `src/b.py`",  # noqa: RUF001 - Cyrillic
        "**文件**：\n- `src/a.py`\n- 不要修改：`src/b.py`",
    ],
)
def test_an_order_may_be_given_in_any_language(line: str) -> None:
    one, _ = guide(f"### Phase 1: A\n{line}\n### Phase 2: B\n").phases

    assert [each.path for each in one.files] == ["src/a.py"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Écrire le test : `test_x` (tests/test_a.py)", "test_x"),
        ("Escribir test_x en tests/test_a.py", "test_x"),
        ("Add tests/test_a.py::test_x", "test_x"),
        ("Write `tests/test_a.py::TestA::test_x`", "test_x"),
    ],
)
def test_a_task_may_name_its_test_by_node_id(line: str, name: str) -> None:
    read = guide(f"## Phase 1: A\n- [ ] T001 {line}\n- [ ] T002 b\n")

    assert [(t.name, t.file) for t in read.phases[0].tests] == [(name, "tests/test_a.py")]


BOLD = """
# Cache plan
## Roadmap
{}
**Files to create**: `src/a.py`
- [ ] Write `test_a`
{}
- Create `src/b.py`

**Note:** keep it small
"""


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("**Phase 1: A** (week 1)", "**Phase 2: B** (week 2)"),
        ("1. **Step 1 — A**", "2. **Step 2 — B**"),
        ("- **Milestone 1: A**", "- **Milestone 2: B**"),
        ("**Sprint 1**: A", "**Sprint 2**: B"),
        ("**✅ [TASK-1]** A", "**[TASK-2]** B"),
        ("  PHASE 1: A (week 1) ✅ COMPLETED", "  PHASE 2: B (week 2)"),
        ("Фаза 1: A", "Фаза 2: B"),
    ],
)
def test_bold_lines_are_the_units_where_no_heading_is(one: str, two: str) -> None:
    read = guide(BOLD.format(one, two))

    assert [(p.id, p.title.partition(" ")[0]) for p in read.phases] == [("1", "A"), ("2", "B")]
    assert [[f.path for f in p.files] for p in read.phases] == [["src/a.py"], ["src/b.py"]]
    assert [t.name for t in read.phases[0].tests] == ["test_a"]


GROUPED = """
# Plan
## Stories
### Phase 1: Foundation
{}
Depends on: (none)
- Files affected: `src/a.py`
{}
- Depends on: {} 4.1
### Phase 2: Integration
{}
- Dependencies: [4.1, 4.2] - both
"""


@pytest.mark.parametrize(
    ("line", "word"),
    [("**Task {}: {}**", "Task"), ("1. **Story {}: {}**", "Story"), ("- [ ] **Story {} — {}**", "Story")],
)
def test_bold_lines_below_phases_that_only_group_them_are_the_units(line: str, word: str) -> None:
    one, two, three = (line.format(*each) for each in (("4.1", "A"), ("4.2", "B"), ("4.3", "C")))
    read = guide(GROUPED.format(one, two, word, three))

    assert [(p.id, p.title, p.depends) for p in read.phases] == [
        ("4.1", "A", ()),
        ("4.2", "B", ("4.1",)),
        ("4.3", "C", ("4.1", "4.2")),
    ]
    assert [f.path for f in read.phases[0].files] == ["src/a.py"]


@pytest.mark.parametrize(
    "text",
    [
        "### Phase 1: A\n**Files**: `src/a.py`\n**Task 1: x**\n- [ ] y\n### Phase 2: B\n**Task 2: z**\n- [ ] y\n",
        "### Phase 1: A\n**Task 1: x**\n- [ ] y\n**Task 2: z**\n- [ ] y\n### Phase 2: B\n**Task 1: u**\n- [ ] y\n",
        "### Phase 1: A\n**Task 1: x**\n- [ ] y\n**Task 2: z**\n- [ ] y\n### Phase 2: B\n- [ ] y\n",
        "### Phase 1: A\n**Step 1: x**\n- [ ] y\n**Step 2: z**\n### Phase 2: B\n**Step 3: u**\n- [ ] y\n",
        "### Phase 1: A\n**Task 1.1: x**\nFile: `a`\n**Task 1.2: z**\n### Phase 2: B\n**Task 2.1: u**\nFile: `b.py`\n",
    ],
)
def test_bold_lines_below_phases_that_say_more_are_their_parts(text: str) -> None:
    assert ids(f"# Plan\n## Work\n{text}") == ["1", "2"]


def test_a_story_that_names_the_next_ones_is_one_phase() -> None:
    assert ids("# Story 1.4: A\n**Story 1.5**: b\n**Story 1.6**: c\n") == ["1.4"]


@pytest.mark.parametrize("line", ["- [ ] Create `test_sets` table", "- [ ] Add column `test_id`"])
def test_a_name_that_only_begins_like_a_test_is_none(line: str) -> None:
    assert guide(f"### Phase 1: A\n{line}\n### Phase 2: B\n").phases[0].tests == ()


@pytest.mark.parametrize(
    "text",
    [
        "**Phase 1: A**\nonly one\n",
        "**Note 1: a**\n**Note 2: b**\n",
        "We do **Phase 1: A** and then **Phase 2: B**.\n",
        "```\n**Phase 1: A**\n**Phase 2: B**\n```\n",
        "**Phase planning**: a\n**Phase review**: b\n",
        "Phase 1 → Phase 2\nPhase 2 → Phase 3\n",
        "```\nPhase 1: A\nPhase 2: B\n```\n",
        "In Phase 1: A\nIn Phase 2: B\n",
        "Note 1: a\nNote 2: b\n",
    ],
)
def test_bold_words_that_number_nothing_are_no_units(text: str) -> None:
    assert guide(f"# Notes\n{text}").phases == ()


def test_plain_lines_below_plain_phases_are_their_parts() -> None:
    assert ids("# P\nPhase 1: A\nPhase 1.1: a\nPhase 1.2: b\nPhase 2: B\nPhase 2.1: c\n") == ["1", "2"]


@pytest.mark.parametrize(
    "claim",
    ["✅ TERMINÉE", "-- COMPLETE (2026-02-22)", "✅ abgeschlossen", "🔜 PROCHAINE ÉTAPE", "(en cours)", "✅ 完了"],
)
def test_a_claim_behind_the_title_is_no_part_of_it_in_any_language(claim: str) -> None:
    assert guide(f"### Phase 1: Lire API {claim}\n### Phase 2: Écrire\n").phases[0].title == "Lire API"


@pytest.mark.parametrize("title", ["Lire API", "✅ API", "Fix ✅ marks"])
def test_a_title_that_shouts_keeps_its_words(title: str) -> None:
    read = guide(f"### Phase 1: {title}\n### Phase 2: B\n").phases[0].title

    assert read.split()[-1] == title.split()[-1]


def test_a_claim_ahead_of_the_title_is_no_part_of_it() -> None:
    (phase, _) = guide("### **Phase 1: ✅ COMPLETED - Fix it**\n### Phase 2: Done right\n").phases

    assert (phase.title, phase.claim) == ("Fix it", "done")


@pytest.mark.parametrize(
    "text",
    [
        "**Tests**:\n- `test_coverage_all` — 100% coverage\n- test_b: coverage 90%\n",
        "- [ ] Create a test coverage analysis against the 96.7% baseline\n",
    ],
)
def test_a_figure_of_another_thing_is_no_coverage_to_reach(text: str) -> None:
    assert guide(f"### Phase 1: A\n{text}### Phase 2: B\n").phases[0].coverage.minimum is None


def test_what_no_phase_is_called_like_is_an_error_only_where_it_could_be_one() -> None:
    text = "### Phase 1: A\n### Phase 2: B\n**Prerequisites**: {}\n"

    assert [str(each.severity) for each in guide(text.format("G1.1.1")).diagnostics] == ["warning"]
    assert [str(each.severity) for each in guide(text.format("Phase 7")).diagnostics] == ["error"]


def test_a_plan_of_one_unit_may_wait_for_those_that_other_files_hold() -> None:
    read = guide("# Task 003: Store\n## Dependencies: Task 001, Task 002\n- [ ] Create `src/a.py`\n", "tasks/003.md")

    assert [(each.code, str(each.severity)) for each in read.diagnostics] == [("PG111", "warning")] * 2


def test_a_number_that_counts_things_makes_no_unit() -> None:
    read = guide("# P\n## Tasks\n- [ ] 200 OK is told\n- [ ] 10 parts are sent\n- [ ] 404 is told\n")

    assert [p.id for p in read.phases] == ["1", "2", "3"]


def test_phases_that_hold_numbered_boxes_are_the_units() -> None:
    text = "## Phase 1: A\n- [ ] 1. Create `src/a.py`\n- [ ] 2. b\n## Phase 2: B\n- [ ] 3. c\n"

    assert [(p.id, p.title) for p in guide(text).phases] == [("1", "A"), ("2", "B")]


@pytest.mark.parametrize("subject", ["<type>: <subject>", "feat: ...", "{message}", "test", "message"])
def test_a_command_that_shows_how_commits_are_written_declares_none(subject: str) -> None:
    assert guide(f'### Phase 1: A\nUse `git commit -m "{subject}"`.\n### Phase 2: B\n').phases[0].commit is None


@pytest.mark.parametrize(
    "line", ["Suggested commit message: <what was done>", "**Commit**: `{message}`", "Commit: […]"]
)
def test_a_blank_in_the_place_of_a_subject_is_none(line: str) -> None:
    assert (
        guide(f"### Phase 1: A\n{line}\n```\nIt is done.\n```\nIt is `done` then.\n### Phase 2: B\n").phases[0].commit
        is None
    )


@pytest.mark.parametrize("between", ["\n\n", " "], ids=["in a paragraph of its own", "behind a sentence"])
@pytest.mark.parametrize(
    "label",
    [
        "Tests in `tests/test_a.py`:",
        "Tests to write in `tests/test_a.py`:",
        "Unit tests (`tests/test_a.py`):",
        "Tests go into `tests/test_a.py`:",
        "The tests belong in `tests/test_a.py`:",
    ],
)
def test_a_plain_label_of_tests_may_name_their_file(label: str, between: str) -> None:
    one = phase(f"Add `src/a.py`.{between}{label}\n\n- `test_x`\n- `TestA.test_y`\n")

    assert [(test.name, test.class_name, test.file) for test in one.tests] == [
        ("test_x", None, "tests/test_a.py"),
        ("test_y", "TestA", "tests/test_a.py"),
    ]
    assert [each.path for each in one.files if each.path != "tests/test_a.py"] == ["src/a.py"]


def test_a_sentence_that_only_looks_at_tests_is_no_label() -> None:
    one = phase("Add `src/a.py`. See the tests in `tests/test_old.py`:\n\n- `test_x`\n")

    assert [(test.name, test.file) for test in one.tests] == []
