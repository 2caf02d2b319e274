from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_phasegate.cli import main

if TYPE_CHECKING:
    from support.project import Project

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
GUIDE = """
# Cache Guide
### Phase 1: Store
**Goal**: keep values
**Files to create**:
- `src/cache.py` - the store
**Tests to write** (in `tests/test_cache.py`):
```python
def test_store(): ...
```
**Success criteria**:
- [x] Coverage: 100% line, 90% branch
**Commit**: `feat(cache): store`
### Phase 2: Evict
**Commit**: evict it
"""


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(project.root)
    project.write("pyproject.toml", "[tool.phasegate]\n")
    return project


def answer(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> str:
    assert main(argv) == code, capsys.readouterr()
    return capsys.readouterr().out


def test_show_prints_the_configured_guide_as_json_by_its_schema(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("docs/plans/cache_implementation_guide.md", GUIDE)

    shown = json.loads(answer(capsys, "show", "--format", "json"))

    jsonschema.validate(shown, schema("phasegate.guide.1"))
    assert shown["guide"]["slug"] == "cache"
    assert shown["phases"][0]["coverage"] == {"minimum": 100.0, "branch": 90.0, "function": None}
    assert shown["phases"][0]["tests"] == [
        {
            "name": "test_store",
            "class": None,
            "file": "tests/test_cache.py",
            "line": 8,
            "expected_failure": None,
            "source": "declared",
        }
    ]
    assert [each["code"] for each in shown["diagnostics"]] == ["PG118"]


def test_show_prints_json_also_for_a_guide_with_errors(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("g.md", "### Phase 1: A\n**Files to create**:\n- `/etc/passwd`\n")

    shown = json.loads(answer(capsys, "show", "--guide", "g.md", "--format", "json"))

    assert [each["code"] for each in shown["diagnostics"]] == ["PG113"]


def test_show_markdown_prints_the_section_of_the_phase_and_nothing_else(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("g.md", GUIDE)

    shown = answer(capsys, "show", "2", "--guide", "g.md", "--format", "markdown")

    assert shown == "### Phase 2: Evict\n**Commit**: evict it\n"


def test_show_says_nothing_of_commits_before_there_are_any(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.init_git().write("docs/plans/cache_implementation_guide.md", GUIDE).commit("docs: plan")

    assert "derived" not in answer(capsys, "show", "1")


@pytest.mark.parametrize(("head", "said"), [("create", " (create)"), ("", "")])
def test_show_says_what_is_done_to_a_file_where_the_guide_does(
    here: Project, capsys: pytest.CaptureFixture[str], head: str, said: str
) -> None:
    here.write("g.md", f"### Phase 1: A\n**Files{' to ' if head else ''}{head}**:\n- `src/a.py`\n")

    assert f"  file      src/a.py{said}\n" in answer(capsys, "show", "--guide", "g.md")


def test_show_lets_no_control_character_through(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("g.md", "### Phase 1: A\x1b[31m\n**Goal**: \u202eb\n")

    for form in ("text", "markdown", "json"):
        shown = answer(capsys, "show", "--guide", "g.md", "--format", form)
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_show_of_a_guide_without_phases_is_a_usage_error_that_names_near_misses(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("g.md", "# Plan\n## Phase 1 Setup\n")

    assert main(["show", "--guide", "g.md"]) == 2
    assert "line 2: 'Phase 1 Setup'" in capsys.readouterr().err


def test_an_ambiguous_phase_is_a_usage_error_that_lists_the_choices(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("docs/plans/a_implementation_guide.md", GUIDE).write("docs/plans/b_implementation_guide.md", GUIDE)

    assert main(["show", "2"]) == 2
    assert "a:2, b:2" in capsys.readouterr().err
    assert "keep values" in answer(capsys, "show", "b:1")


def test_show_of_several_guides_asks_which(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("docs/plans/a_implementation_guide.md", GUIDE).write("docs/plans/b_implementation_guide.md", GUIDE)

    assert main(["show"]) == 2
    assert "docs/plans/b_implementation_guide.md" in capsys.readouterr().err


def test_files_beside_a_guide_are_no_guides_and_other_documents_are_passed_over(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("pyproject.toml", '[tool.phasegate]\nguides = [".plans/*.md"]\n')
    here.write(".plans/a.md", GUIDE).write(".plans/a_context.md", GUIDE).write(".plans/notes.md", "# Notes\n")

    assert json.loads(answer(capsys, "show", "--format", "json"))["guide"]["path"] == ".plans/a.md"


def test_a_configured_guide_behind_a_link_out_of_the_project_is_refused(
    here: Project, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text(GUIDE, encoding="utf-8")
    here.write("pyproject.toml", '[tool.phasegate]\nguides = ["guide.md"]\n')
    (here.root / "guide.md").symlink_to(outside)

    assert main(["show"]) == 2
    assert "outside of the project" in capsys.readouterr().err


def test_lint_names_place_code_and_message_and_refuses_errors(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("g.md", "### Phase 1: A\n**Files to create**:\n- `../x.py`\n### Phase 2: B\n**Commit**: nope\n")

    assert main(["lint", "g.md"]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].startswith("g.md:3:1: PG113 the path '../x.py' climbs out")
    assert printed.out.splitlines()[1].startswith("g.md:4:1: PG118 warning: ")
    assert printed.err.splitlines()[-1] == "1 guide: 1 error, 1 warning"


def test_lint_of_a_guide_with_warnings_only_passes(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("g.md", GUIDE)

    lint = json.loads(answer(capsys, "lint", "g.md", "--format", "json"))

    jsonschema.validate(lint, schema("phasegate.lint.1"))
    assert (lint["verdict"], [each["code"] for each in lint["diagnostics"]]) == ("passed", ["PG118"])


def test_lint_says_of_a_named_file_that_no_glob_matches_it(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("notes/cache.md", GUIDE).write("docs/plans/cache_implementation_guide.md", GUIDE)

    main(["lint", "notes/cache.md", "docs/plans/cache_implementation_guide.md"])

    told = capsys.readouterr().err
    assert "notes/cache.md: read because it was named; `guides` does not match it" in told
    assert told.count("does not match it") == 1


def test_lint_of_a_named_file_without_phases_is_an_error_and_of_a_missing_one_a_usage_error(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("g.md", "# Nothing\n")

    assert "PG101" in answer(capsys, "lint", "g.md", code=1)
    answer(capsys, "lint", "missing.md", code=2)


def test_lint_for_machines_escapes_what_the_guide_says(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("g.md", "### Phase 1: A\n**Commit**: 100% ::error::\x1b[31m\n")

    github = answer(capsys, "lint", "g.md", "--format", "github")
    sarif = json.loads(answer(capsys, "lint", "g.md", "--format", "sarif"))
    gitlab = json.loads(answer(capsys, "lint", "g.md", "--format", "gitlab"))

    assert github.startswith("::warning file=g.md,line=1,col=1,title=PG118::")
    assert "100%25" in github
    assert "\x1b" not in github
    assert sarif["runs"][0]["results"][0]["ruleId"] == "PG118"
    assert sarif["runs"][0]["tool"]["driver"]["rules"][0]["shortDescription"]["text"]
    assert gitlab[0]["location"] == {"path": "g.md", "lines": {"begin": 1}}
    assert len(gitlab[0]["fingerprint"]) == 64


def test_lint_reads_the_documents_beside_a_guide(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("docs/plans/cache_implementation_guide.md", GUIDE.replace("evict it", "`feat: evict`"))
    here.write(
        "docs/plans/cache_technical_spec.md", "# Spec\n## Goals\nsee [the guide](cache_implementation_guide.md#store)\n"
    )
    here.write("docs/plans/cache_context.md", "# Context\n[gone](nowhere.md)\nStorage: TBD\n")
    here.write("pyproject.toml", '[tool.phasegate]\ndocuments.sections = ["Goals"]\n')

    assert answer(capsys, "lint") == ""
    text = answer(capsys, "lint", "--documents", code=1)

    context_first = ["PG131", "PG133", "PG131"]
    assert [line.partition(" ")[2][:5] for line in text.splitlines()] == context_first
    assert "#store" in text


def test_lint_reads_a_specification_that_is_named(here: Project, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("specs/features/cache.spec.md", "# Cache\n## Functional requirements\n- keep\n")

    text = answer(capsys, "lint", "--documents", "specs/features/cache.spec.md", code=1)

    assert "PG101" not in text
    assert text.count("PG132") == 9
