"""The hooks guide, scope and protected on real repositories with something staged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate import cli
from pytest_phasegate.core.guide.soundness import PATH, Approval, approval_digest
from pytest_phasegate.core.project.plain_values import as_line
from pytest_phasegate.wiring import projects, readers
from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project


@pytest.fixture
def cache(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE)
    project.init_git().commit("docs: plan the cache")
    monkeypatch.chdir(project.root)
    return project


def configure(project: Project, text: str) -> None:
    project.write("pyproject.toml", PYPROJECT + text).commit("chore: configure")


def refused(project: Project, hook: str, capsys: pytest.CaptureFixture[str], *paths: str) -> str:
    """Stage, run the hook, and return what it says when it refuses."""
    capsys.readouterr()
    project.git("add", "--", *(paths or (".",)))
    code = cli.main(["hook", hook])
    said = capsys.readouterr()
    assert said.out == ""
    assert (code, bool(said.err)) in {(0, False), (1, True)}, said.err
    assert len(said.err.splitlines()) <= 20
    return said.err


def test_a_generated_file_alone_is_refused_and_with_its_source_it_is_not(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(cache, '[tool.phasegate.protected]\n"src/gen/**" = ["specs/**"]\n')
    cache.write("src/gen/api.py", "x = 1\n").write("specs/api.yml", "x: 1\n")

    alone = refused(cache, "protected", capsys, "src/gen/api.py")

    assert alone == (
        "phasegate: protected refuses this commit\n"
        "  PG502 src/gen/api.py: generated from specs/**, which did not change\n"
        "    fix: change the source and generate again\n"
        "  meaning, remedy and waiver: phasegate explain PG502\n"
    )
    assert refused(cache, "protected", capsys) == ""


def test_a_generated_file_that_its_command_makes_so_is_let_through_without_its_source(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = '[tool.phasegate.protected]\n"src/gen/**" = "specs/**"\n'
    cache.write("gen.sh", "echo 'x = 1' > src/gen/api.py\n").write("src/gen/api.py", "x = 0\n")
    configure(cache, tables + '[tool.phasegate.generate]\n"src/gen/**" = "sh gen.sh"\n')

    by_hand = refused(cache.write("src/gen/api.py", "x = 2\n"), "protected", capsys)
    made = refused(cache.write("src/gen/api.py", "x = 1\n"), "protected", capsys)

    assert "PG509 src/gen/api.py: it is not what `sh gen.sh` makes of the content" in by_hand
    assert made == ""


def test_a_guide_with_errors_is_refused_as_it_is_staged(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    bad = CACHE_GUIDE + "\n### Phase 3: Stray\n\n**Files to create**:\n- `../../etc/passwd`\n"
    cache.write(GUIDE_PATH, bad).git("add", ".")
    cache.write(GUIDE_PATH, CACHE_GUIDE)

    said = refused(cache, "guide", capsys, "pyproject.toml")

    assert said.startswith("phasegate: guide refuses this commit\n  PG1")
    assert GUIDE_PATH in said
    assert refused(cache, "guide", capsys) == ""


def test_an_error_that_the_guide_had_before_is_told_and_does_not_stop_the_commit(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = CACHE_GUIDE + "\n### Phase 3: Stray\n\n**Files to create**:\n- `../../etc/passwd`\n"
    cache.write(GUIDE_PATH, bad).commit("docs: one more phase")
    cache.write(GUIDE_PATH, bad.replace("Keep values", "Keep all values")).git("add", ".")
    capsys.readouterr()
    assert cli.main(["hook", "guide"]) == 0
    told = capsys.readouterr().err
    cache.write(GUIDE_PATH, f"{bad}- `../../etc/shadow`\n").git("add", ".")
    refusal = refused(cache, "guide", capsys)

    assert told.startswith("phasegate: guide has remarks (nothing is refused)\n  PG1")
    assert refusal.startswith("phasegate: guide refuses this commit\n  PG1")
    assert "shadow" in refusal


def test_a_document_that_only_looks_like_a_guide_is_none(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("docs/plans/other_implementation_guide.md", "# Nothing to do\n")

    assert refused(cache, "guide", capsys) == ""


def test_the_section_of_a_finished_phase_stands_unless_the_new_text_is_approved(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("src/app/cache.py", CACHE).commit("feat(cache): add core cache")
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("- [ ] All", "- [x] All"))
    ticked = refused(cache, "guide", capsys)
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("Coverage: 100%", "Coverage: 50%"))
    edited = refused(cache, "guide", capsys)
    cache.git("mv", GUIDE_PATH, f"docs/plans/new_{GUIDE_PATH.rpartition('/')[2]}")
    moved = refused(cache, "guide", capsys)
    cache.git("mv", f"docs/plans/new_{GUIDE_PATH.rpartition('/')[2]}", GUIDE_PATH)
    (guide,) = readers.guides(projects.Project.around(cache.root))
    cache.write(PATH, as_line(Approval(GUIDE_PATH, approval_digest(guide), "Ada", "2026-01-01")))
    approved = refused(cache, "guide", capsys)

    assert ticked == ""
    assert f"PG504 {GUIDE_PATH}:5: phase 1 was finished in" in edited
    assert "PG504 docs/plans/new_cache_implementation_guide.md:5: phase 1 was finished in" in moved
    assert approved == ""


TESTS = (
    "def test_get_returns_what_was_set(): assert 1 + 1 == 2\ndef test_an_unknown_key_gives_nothing(): assert not 0\n"
)
RENAMED = {
    "a test that was renamed": ("get_returns_what_was_set", "get_answers", "tests/test_cache.py", True),
    "a file that was renamed": ("tests/test_cache.py", "tests/test_store.py", "tests/test_store.py", True),
    "a test that was not": ("test_an_unknown", "test_no_known", "tests/test_other.py", False),
}


@pytest.mark.parametrize(("old", "new", "path", "stands"), RENAMED.values(), ids=RENAMED.keys())
def test_the_section_of_a_finished_phase_may_call_a_test_by_its_new_name(
    old: str, new: str, path: str, stands: bool, cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("src/app/cache.py", CACHE).write("tests/test_cache.py", TESTS).commit("feat(cache): add core cache")
    if stands:
        cache.remove("tests/test_cache.py").write(path, TESTS.replace(old, new))
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace(old, new))
    renamed = refused(cache, "guide", capsys)
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace(old, new).replace("Coverage: 100%", "Coverage: 50%"))
    edited = refused(cache, "guide", capsys)

    assert ("PG504" not in renamed) is stands
    assert "PG504" in edited


@pytest.mark.parametrize("trailer", ["", "\n\nPhase: cache/1"])
def test_the_section_of_a_finished_phase_cannot_be_taken_out(
    cache: Project, capsys: pytest.CaptureFixture[str], trailer: str
) -> None:
    cache.write("src/app/cache.py", CACHE).commit(f"feat(cache): add core cache{trailer}")
    head, _, rest = CACHE_GUIDE.partition("### Phase 1")
    cache.write(GUIDE_PATH, head + rest[rest.index("### Phase 2") :])
    one = refused(cache, "guide", capsys)
    cache.write(GUIDE_PATH, "# Nothing to do any more\n")
    every = refused(cache, "guide", capsys)
    cache.git("rm", "-q", "-f", GUIDE_PATH)

    assert f"PG504 {GUIDE_PATH}:1: phase 1 was finished in" in one
    assert "is gone from the guide" in one
    assert f"PG504 {GUIDE_PATH}:1: phase 1 was finished in" in every
    assert refused(cache, "guide", capsys) == ""


def test_a_phase_that_is_not_finished_may_be_taken_out(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("src/app/cache.py", CACHE).commit("feat(cache): add core cache")
    cache.write(GUIDE_PATH, CACHE_GUIDE.partition("### Phase 2")[0])

    assert refused(cache, "guide", capsys) == ""


def test_creep_is_listed_and_refused_only_where_the_project_wants_it(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("src/app/cache.py", CACHE).write("src/app/other.py", "").write("tests/test_cache.py", CACHE_TESTS)
    cache.git("add", ".")

    assert cli.main(["hook", "scope"]) == 0
    assert "PG501 src/app/other.py: phase 1 does not declare this file" in capsys.readouterr().err
    configured = PYPROJECT + '[tool.phasegate.scope]\nseverity = "error"\nallow = ["pyproject.toml"]\n'
    cache.write("pyproject.toml", configured)
    assert "phasegate: scope refuses this commit\n  PG501 src/app/other.py" in refused(cache, "scope", capsys)


def test_a_commit_about_no_phase_has_no_scope(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("README.md", "Hello\n").write("src/app/unrelated.py", "x = 1\n")

    assert refused(cache, "scope", capsys) == ""


def test_a_file_outside_every_phase_is_told_of_also_where_it_is_committed_alone(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("src/app/cache.py", CACHE).write("tests/test_cache.py", CACHE_TESTS)
    cache.commit("feat(cache): add core cache")
    cache.write("src/app/unrelated.py", "x = 1\n").git("add", ".")
    assert cli.main(["hook", "scope"]) == 0
    told = capsys.readouterr().err
    configure(cache, '[tool.phasegate.scope]\nseverity = "error"\n')
    cache.write("src/app/another.py", "x = 1\n")
    another = refused(cache, "scope", capsys)
    cache.remove("src/app/another.py").git("add", "--all")
    cache.write("tests/test_more.py", "").write(GUIDE_PATH, CACHE_GUIDE + "\nMore.\n").write(PATH, "")

    assert "PG501 src/app/unrelated.py: no phase declares this file" in told
    assert "PG501 src/app/another.py: no phase declares this file" in another
    assert refused(cache, "scope", capsys) == ""


def test_production_code_of_an_unapproved_guide_waits_for_the_approval(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(cache, "[tool.phasegate.approval]\nrequired = true\n")
    cache.write("tests/test_cache.py", CACHE_TESTS)
    tests_only = refused(cache, "scope", capsys)
    cache.write("src/app/cache.py", CACHE)
    unapproved = refused(cache, "scope", capsys)
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("## Phase Breakdown", "**Status**: Approved\n\n## Phase Breakdown"))
    approved = refused(cache, "scope", capsys)

    assert tests_only == ""
    assert f"PG503 {GUIDE_PATH}:1: the guide is not approved" in unapproved
    assert approved == ""


def test_an_approval_counts_as_it_is_staged(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    configure(cache, "[tool.phasegate.approval]\nrequired = true\n")
    cache.write("src/app/cache.py", CACHE)
    approved = CACHE_GUIDE.replace("## Phase Breakdown", "**Status**: Approved\n\n## Phase Breakdown")

    cache.write(GUIDE_PATH, approved)
    only_edited = refused(cache, "scope", capsys, "src")
    cache.write(GUIDE_PATH, CACHE_GUIDE)
    (guide,) = readers.guides(projects.Project.around(cache.root))
    cache.write(PATH, as_line(Approval(GUIDE_PATH, approval_digest(guide), "Ada", "2026-01-01")))
    only_written = refused(cache, "scope", capsys, "src")
    staged = refused(cache, "scope", capsys, "src", PATH)

    assert "PG503" in only_edited
    assert "PG503" in only_written
    assert staged == ""


def test_the_code_of_a_later_phase_waits_for_the_approval_too(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    later = CACHE_GUIDE.replace(
        "**Files to modify**:\n- `src/app/cache.py`", "**Files to create**:\n- `src/app/old.py`"
    )
    cache.write(GUIDE_PATH, later)
    configure(cache, "[tool.phasegate.approval]\nrequired = true\n")
    cache.write("src/app/old.py", "x = 1\n")

    assert "PG503" in refused(cache, "scope", capsys)


@pytest.mark.parametrize("hook", ["guide", "scope", "protected"])
def test_in_report_mode_nothing_is_refused_and_unconfigured_nothing_is_said(
    hook: str, cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    table = '[tool.phasegate.protected]\n"*.py" = "specs/**"\n[tool.phasegate.approval]\nrequired = true\n'
    bad = CACHE_GUIDE + "\n### Phase 3: Stray\n\n**Files to create**:\n- `/etc/passwd`\n"
    cache.write("pyproject.toml", PYPROJECT + 'mode = "report"\n' + table)
    cache.write("src/app/cache.py", CACHE).write(GUIDE_PATH, bad).git("add", ".")

    assert cli.main(["hook", hook]) == 0
    assert "nothing is refused" in capsys.readouterr().err
    cache.write("pyproject.toml", "[project]\nname = 'x'\n")
    assert refused(cache, hook, capsys) == ""


def test_a_project_in_a_subdirectory_knows_its_files_by_their_path_from_there(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project.init_git().write("README.md", "").commit("docs: begin")
    project.write("part/pyproject.toml", PYPROJECT + '[tool.phasegate.protected]\n"src/gen/**" = "specs/**"\n')
    project.write("part/src/gen/api.py", "").write("src/gen/api.py", "")
    monkeypatch.chdir(project.root / "part")

    assert "PG502 src/gen/api.py" in refused(project, "protected", capsys)


def test_a_long_list_of_findings_is_cut_to_twenty_lines(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    configure(cache, '[tool.phasegate.protected]\n"src/**" = "specs/**"\n')
    for number in range(30):
        cache.write(f"src/gen_{number:02}.py", "")

    assert "  ... and 22 more\n" in refused(cache, "protected", capsys)
