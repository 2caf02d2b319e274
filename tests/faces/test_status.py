"""``phasegate status`` and ``phasegate next`` on real repositories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_phasegate import cli
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.regression.baseline import BaselineTest, write_baseline
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.wiring import projects, records
from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project


SCHEMAS = Path(__file__).parents[2] / "docs/reference/schemas"


@pytest.fixture
def cache(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a guide of two phases, in git."""
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE)
    project.init_git().commit("docs: plan the cache")
    monkeypatch.chdir(project.root)
    return project


def judged(
    project: Project, phase: str, ruling: Ruling, *, tests: int = 2, failed: int = 0, source: str = "check"
) -> None:
    tree = projects.repository(project.root).content_tree()
    rules = rules_of(projects.settings(project.root))
    one = Judgement(1, "cache", phase, tree, ruling, source, tests, 100.0, failed, rules=rules)
    records.judgements(project.root).append([one])


def accept(project: Project, phase: str, *names: str) -> None:
    path = {"1": "tests/test_cache.py", "2": "tests/test_eviction.py"}[phase]
    kept = list(records.baseline(project.root)) + [BaselineTest(TestId(f"{path}::{n}"), phase, 1, "d") for n in names]
    project.write(".phasegate/baseline.jsonl", write_baseline(kept))


def ask(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert cli.main(words) == code
    said = capsys.readouterr()
    return said.out if code == 0 else said.out + said.err


def states(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    record: Any = json.loads(ask(capsys, "status", "--format", "json"))
    return {phase["id"]: phase["state"] for guide in record["guides"] for phase in guide["phases"]}


def test_a_phase_goes_from_pending_to_accepted(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    def now() -> tuple[str, str]:
        return states(capsys)["1"], ask(capsys, "next").splitlines()[1].removeprefix("  $ ")

    seen = [now()]
    cache.write("tests/test_cache.py", CACHE_TESTS)
    judged(cache, "1", Ruling.FAILED, failed=2)
    seen.append(now())
    cache.write("src/app/cache.py", CACHE)
    seen.append(now())
    judged(cache, "1", Ruling.PASSED)
    seen.append(now())
    cache.commit("feat(cache): add core cache")
    seen.append(now())
    accept(cache, "1", "test_get_returns_what_was_set", "test_an_unknown_key_gives_nothing")
    seen.append(now())
    cache.commit("chore: accept phase 1")
    seen.append(now())

    committing = 'git add -f .phasegate/baseline.jsonl && git commit -m "chore: accept" -- .phasegate/baseline.jsonl'
    assert seen == [
        ("pending", "pytest --phase 1 --phasegate-expect red"),
        ("red", "pytest --phase 1"),
        ("active", "phasegate check 1"),
        ("passed", "phasegate commit 1"),
        ("passed", "phasegate accept 1"),
        ("accepted", committing),
        ("accepted", "pytest --phase 2 --phasegate-expect red"),
    ]


def test_a_pass_is_gone_as_soon_as_anything_changes(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    judged(cache, "1", Ruling.PASSED)
    cache.write("src/app/other.py", "x = 1\n")

    assert states(capsys)["1"] == "active"
    assert "passed on other content" in ask(capsys, "status")


def test_content_that_passed_once_has_passed_when_it_comes_back(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    judged(cache, "1", Ruling.PASSED)
    cache.write("src/app/cache.py", "x = 1\n")
    judged(cache, "1", Ruling.FAILED)
    assert states(capsys)["1"] == "active"
    cache.write("src/app/cache.py", CACHE)
    assert states(capsys)["1"] == "passed"
    judged(cache, "1", Ruling.PASSED)
    accept(cache, "1", "test_get_returns_what_was_set")
    cache.write("README.md", "Hi.\n").commit("feat(cache): add core cache")
    judged(cache, "2", Ruling.PASSED)
    cache.write("src/app/cache.py", "x = 1\n")
    judged(cache, "1", Ruling.FAILED)
    assert states(capsys)["1"] == "regressed"
    cache.write("src/app/cache.py", CACHE)

    assert states(capsys)["1"] == "accepted"


def test_what_is_not_accepted_is_named_without_control_characters(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("docs/plans/\x1b[31m_implementation_guide.md", cache.read(GUIDE_PATH))

    assert "\x1b" not in ask(capsys, "status", "--require-complete", code=1)


def test_status_is_complete_only_when_every_phase_is_accepted(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    accept(cache, "1", "test_get_returns_what_was_set")
    cache.commit("feat(cache): add core cache")
    half = ask(capsys, "status", "--require-complete", code=1)
    cache.write("tests/test_eviction.py", "def test_the_oldest_value_is_forgotten(): ...\n")
    accept(cache, "2", "test_the_oldest_value_is_forgotten")
    cache.commit("feat(cache): evict differently\n\nPhase: cache/2")

    assert f"PG531 {GUIDE_PATH}: phase 2 is pending, not accepted" in half
    judged(cache, "2", Ruling.PASSED)
    whole = ask(capsys, "status", "--require-complete")
    assert "2 of 2 phases accepted, 2 tests kept, regressions 0\n  next: nothing: every phase is accepted" in whole
    cache.write("tests/test_cache.py", CACHE_TESTS.replace("def test_an_unknown", "def check_an_unknown"))
    judged(cache, "2", Ruling.PASSED)
    short = ask(capsys, "status", "--require-complete", code=4)
    assert "not judged on the content as it stands: phase 1" in short  # a declared test is neither there nor kept


def test_an_accepted_test_that_is_gone_is_a_regression(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS.replace("def test_an_unknown", "def check_an_unknown"))
    accept(cache, "1", "test_get_returns_what_was_set", "test_an_unknown_key_gives_nothing")
    cache.commit("feat(cache): add core cache")

    assert states(capsys)["1"] == "regressed"
    assert "test_an_unknown_key_gives_nothing is gone" in ask(capsys, "next")


def test_a_reverted_phase_is_not_committed(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS)
    accept(cache, "1", "test_get_returns_what_was_set")
    cache.commit("feat(cache): add core cache")
    assert states(capsys)["1"] == "accepted"
    cache.git("revert", "--no-edit", "HEAD")

    assert states(capsys)["1"] == "pending"


def test_a_phase_that_was_squashed_stays_accepted_by_the_committed_baseline(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    accept(cache, "1", "test_get_returns_what_was_set", "test_an_unknown_key_gives_nothing")
    before = states(capsys)["1"]
    cache.commit("feat: a cache (#12)")

    assert (before, states(capsys)["1"]) == ("active", "accepted")
    assert "pytest --phase 2 --phasegate-expect red" in ask(capsys, "next")


def test_a_pass_of_pytest_alone_is_checked_where_accepted_tests_must_stay_green(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    accept(cache, "1", "test_get_returns_what_was_set", "test_an_unknown_key_gives_nothing")
    cache.commit("feat(cache): add core cache")
    cache.write("tests/test_eviction.py", "def test_the_oldest_value_is_forgotten(): ...\n")

    judged(cache, "2", Ruling.PASSED, source="pytest")
    alone = ask(capsys, "next").splitlines()
    judged(cache, "2", Ruling.PASSED)

    assert alone == [
        "finish phase 2",
        "  $ phasegate check 2",
        "  because pytest judged its tests and coverage alone, and passed them on exactly this content",
    ]
    assert "$ phasegate commit 2" in ask(capsys, "next")


@pytest.mark.parametrize("label", ["Files to modify", "Files"])
def test_the_tests_of_a_phase_that_changes_code_are_to_be_seen_red_until_it_is_changed(
    label: str, cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    models = CACHE_GUIDE.replace("- `src/app/cache.py`\n\n", "- `src/app/cache.py`\n- `tests/models.py`\n\n")
    models = models.replace("Files to modify", label)
    cache.write(GUIDE_PATH, models).write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    accept(cache, "1", "test_get_returns_what_was_set", "test_an_unknown_key_gives_nothing")
    cache.commit("feat(cache): add core cache")
    cache.write("tests/test_eviction.py", "def test_the_oldest_value_is_forgotten(): ...\n")
    cache.write("tests/models.py", "x = 1\n")
    untouched = ask(capsys, "next")
    cache.write("src/app/cache.py", CACHE + "x = 1\n")

    assert "$ pytest --phase 2 --phasegate-expect red\n" in untouched
    assert "$ phasegate check 2\n" in ask(capsys, "next")


@pytest.mark.parametrize(
    ("source", "tests", "state"),
    [
        ("check", 0, "accepted"),
        ("pytest", 0, "regressed"),  # it leaves out the accepted tests of other phases
        ("check", 2, "regressed"),  # the phase's own gate refused: only its own pass takes that back
    ],
)
def test_a_regression_that_another_phase_found_is_over_when_a_check_passes(
    cache: Project, capsys: pytest.CaptureFixture[str], source: str, tests: int, state: str
) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    accept(cache, "1", "test_get_returns_what_was_set", "test_an_unknown_key_gives_nothing")
    cache.commit("feat(cache): add core cache")
    cache.write("src/app/broken.py", "")
    judged(cache, "2", Ruling.FAILED)
    judged(cache, "1", Ruling.FAILED, tests=tests)
    before = states(capsys)["1"]
    cache.write("src/app/broken.py", "mended = True\n")
    judged(cache, "2", Ruling.PASSED, source=source)

    assert (before, states(capsys)["1"]) == ("regressed", state)


def test_the_record_keeps_to_its_schema_in_every_state(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads((SCHEMAS / "phasegate.status.1.json").read_text(encoding="utf-8"))

    def kept() -> str:
        record = json.loads(ask(capsys, "status", "--format", "json"))
        jsonschema.validate(record, schema)
        return str(record["guides"][0]["phases"][0]["state"])

    seen = [kept()]
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    judged(cache, "1", Ruling.PASSED)
    seen.append(kept())
    accept(cache, "1", "test_get_returns_what_was_set")
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("- [ ] All tests", "- [x] All tests", 1))
    cache.commit("feat(cache): add core cache")
    seen.append(kept())

    assert seen == ["pending", "passed", "accepted"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "phasegate.status/1", "complete": True, "guides": []}, schema)


def test_next_says_of_what_content_a_refusal_was(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    judged(cache, "1", Ruling.FAILED)
    active = ask(capsys, "next").splitlines()[-1]
    accept(cache, "1", "test_get_returns_what_was_set")
    cache.commit("feat(cache): add core cache")
    now = ask(capsys, "next").splitlines()[-1]
    cache.write("src/app/other.py", "")

    assert active == "  because on exactly this content the last check said: failed"
    assert now == "  because it was accepted, and on exactly this content the last check said: failed"
    assert ask(capsys, "next").splitlines()[-1] == (
        "  because it was accepted, the last check of earlier content said: failed, and nothing has passed it since"
    )


def test_below_the_root_of_the_project_it_is_said_where_the_named_command_is_to_be_run(
    cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write("tests/test_a.py", "")
    monkeypatch.chdir(cache.root / "tests")

    assert cli.main(["next"]) == 0
    assert capsys.readouterr().err == "phasegate: in .., where its commands are to be run\n"


def test_in_a_shallow_clone_what_is_missing_may_only_be_out_of_sight(
    cache: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.commit("fix: later")
    cache.git("clone", "-q", "--depth", "1", f"file://{cache.root}", "../shallow")
    monkeypatch.chdir(cache.root.parent / "shallow")

    assert "fetch-depth: 0" in ask(capsys, "status", "--require-complete", code=4)


def test_a_ticked_box_is_a_claim(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("- [ ] All tests", "- [x] All tests", 1))

    assert "phase 1 is pending, and the guide claims: [x] All tests passing" in ask(capsys, "status")


def test_of_several_open_guides_the_one_under_way_is_meant_else_the_choices_are_listed(
    cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write("docs/plans/search_implementation_guide.md", CACHE_GUIDE.replace("cache", "search"))

    asked = ask(capsys, "next", code=2)
    assert "several guides are open" in asked
    assert "of cache, search" in asked
    assert "pytest --phase search:1" in ask(capsys, "next", "search")
    assert "no guide is called 'x'" in ask(capsys, "next", "x", code=2)
    cache.write("src/app/cache.py", CACHE)
    assert "--phase cache:1" in ask(capsys, "next")


def test_next_answers_machines_too(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(ask(capsys, "next", "--format", "json"))

    assert record["schema"] == "phasegate.next/1"
    assert (record["guide"], record["phase"]) == ("cache", "1")
    assert record["command"] == "pytest --phase 1 --phasegate-expect red"


@pytest.mark.parametrize(
    ("path", "text", "words", "said"),
    [
        (
            GUIDE_PATH,
            "# Nothing here\n",
            ["status"],
            f"{GUIDE_PATH}:1: PG101 no phase found",
        ),
        (GUIDE_PATH, "", ["next"], f"{GUIDE_PATH}:1: PG101 no phase found"),
        ("pyproject.toml", "[tool.phasegate]\nmod = 1\n", ["next"], "mod: unknown key; did you mean 'mode'?"),
        (".phasegate/baseline.jsonl", "{\n", ["status"], "baseline.jsonl:1: this line of the baseline cannot be read"),
        ("x", "", ["status", "--format", "yaml"], "no such format here: 'yaml'"),
    ],
)
def test_bad_input_is_one_message(
    path: str, text: str, words: list[str], said: str, cache: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write(path, text)

    assert said in ask(capsys, *words, code=2)


def test_without_git_the_states_are_those_of_the_files(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).write("src/app/cache.py", CACHE)
    monkeypatch.chdir(project.root)

    assert states(capsys) == {"1": "active", "2": "pending"}
    assert "$ pytest --phase 1 --phasegate-expect red" in ask(capsys, "next")
    project.write("tests/test_cache.py", CACHE_TESTS)
    assert "$ git init" in ask(capsys, "next")
    assert "$ git init" in ask(capsys, "check", "1", code=4)
    project.init_git()
    assert "$ phasegate check 1" in ask(capsys, "next")


def test_a_repository_without_a_commit_has_states(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).init_git()
    monkeypatch.chdir(project.root)

    assert states(capsys) == {"1": "pending", "2": "pending"}


def test_status_loads_nothing_heavy_but_what_draws_its_table(cache: Project) -> None:
    done = cache.run(
        "python", "-c", "import sys; from pytest_phasegate import cli; cli.main(['status']); print(sorted(sys.modules))"
    )

    modules, heavy = done.stdout.splitlines()[-1], ("pytest", "jinja2", "coverage", "pluggy", "sqlite3")
    assert [name for name in heavy if f"'{name}'" in modules] == []


def test_an_approval_is_recorded_for_this_very_text(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("pyproject.toml", PYPROJECT + "[tool.phasegate.approval]\nrequired = true\n")
    waiting = ask(capsys, "next")
    first = ask(capsys, "approve", "cache", "--by", "Ada")
    again = ask(capsys, "approve", GUIDE_PATH)
    approved = ask(capsys, "next")
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("- [ ] All", "- [x] All"))
    ticked = ask(capsys, "next")
    cache.write(GUIDE_PATH, CACHE_GUIDE.replace("100%", "90%"))

    assert waiting.startswith(f"have the guide approved\n  $ phasegate approve {GUIDE_PATH}\n")
    assert first == f"{GUIDE_PATH}: approved by Ada; commit .phasegate/approvals.jsonl\n"
    assert again == f"{GUIDE_PATH}: this text is already approved\n"
    assert "--phasegate-expect red" in approved
    assert "--phasegate-expect red" in ticked
    assert ask(capsys, "next") == waiting
    assert "no guide is called 'x'" in ask(capsys, "approve", "x", code=2)


def test_a_phase_none_of_whose_tests_ran_shows_no_coverage(cache: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("tests/test_cache.py", CACHE_TESTS)
    tree = projects.repository(cache.root).content_tree()
    records.judgements(cache.root).append(
        [
            Judgement(1, "cache", phase, tree, Ruling.FAILED, "pytest", tests, 0.0)
            for phase, tests in (("1", 2), ("2", 0))
        ]
    )

    first, second = [line.split() for line in ask(capsys, "status").splitlines()[2:4]]
    record: Any = json.loads(ask(capsys, "status", "--format", "json"))

    assert first[:5] == ["1", "active", "2", "0", "%"]
    assert second[:4] == ["2", "pending", "0/1", "-"]
    assert [phase["coverage"] for phase in record["guides"][0]["phases"]] == [0.0, None]
