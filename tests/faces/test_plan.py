"""``phasegate plan``: what it writes, and that it overwrites nothing."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate import cli

if TYPE_CHECKING:
    from support.project import Project

PLAN = "docs/plans/cart_implementation_plan.md"
TITLES = "# Cart plan\n\n## Phase 1: Prices\n\nUse `parse` for `src/price.py`.\n\n## Phase 2: Totals\n"

PARTS = {"1 (Prices)": ("files", "tests", "coverage", "commit"), "2 (Totals)": ("tests", "coverage", "commit")}


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write("pyproject.toml", '[tool.phasegate]\nsource = ["src"]\n').write("src/parser.py", "def parse(): ...\n")
    monkeypatch.chdir(project.root)
    return project.write(PLAN, TITLES)


def test_a_plan_of_titles_is_completed_and_its_tests_are_written(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["plan", "complete", PLAN]) == 0
    assert shop.read(PLAN) == TITLES
    assert "+**Files to create**:" in capsys.readouterr().out

    assert cli.main(["plan", "complete", PLAN, "--yes", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["written"], said["left_out"], [phase["id"] for phase in said["phases"]]) == (True, [], ["1", "2"])
    assert [file["path"] for file in said["phases"][0]["files"]] == ["src/price.py", "src/parser.py"]
    assert cli.main(["plan", "complete", PLAN, "--yes"]) == 0
    assert "nothing to propose" in capsys.readouterr().out

    assert cli.main(["plan", "tests", "1", "--dry-run"]) == 0
    assert not (shop.root / "tests").exists()
    assert cli.main(["plan", "tests", "1"]) == 0
    written = shop.read("tests/test_price.py")
    assert written == 'import pytest\n\n\ndef test_prices():\n    pytest.fail("not written: test_prices")\n'
    assert cli.main(["plan", "tests", "1"]) == 0
    assert shop.read("tests/test_price.py") == written


def test_a_new_guide_never_takes_the_place_of_a_file(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "new", PLAN]) == 2
    assert shop.read(PLAN) == TITLES
    assert "is there already" in capsys.readouterr().err
    assert cli.main(["plan", "new", "--from", "kiro", ".kiro/specs/x/tasks.md"]) == 0
    assert shop.read(".kiro/specs/x/tasks.md").startswith("# Implementation Plan\n")
    assert "an example: write your phases in its place, then: phasegate lint .kiro/" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("guide", "told"),
    [
        (TITLES, "phase 1 declares no tests"),
        (TITLES.replace("Use", "**Tests to write**:\n- `test_price`\n\nUse"), "in which file test_price is to be"),
    ],
)
def test_skeletons_need_a_test_and_its_place(
    guide: str, told: str, shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write(PLAN, guide)

    assert cli.main(["plan", "tests", "1"]) == 2
    assert told in capsys.readouterr().err


ISSUE = {
    "number": 2,
    "title": "Keep prices",
    "state": "OPEN",
    "body": "Keep.\n\n## Acceptance criteria\n- Prices are kept\n- Tests pass",
    "labels": [{"name": "approved"}, {"name": "needs-review"}],
}


@pytest.mark.parametrize(
    ("keys", "labels", "approved"),
    [
        ("", ["approved"], False),
        ('label = "approved"', ["approved"], True),
        ('label = "approved"', ["x"], False),
        ('unless = "needs-review"', ["x"], True),
        ('unless = "needs-review"', ["needs-review"], False),
    ],
)
def test_a_guide_begins_with_an_issue_and_is_approved_by_its_labels(
    keys: str, labels: list[str], approved: bool, shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write("pyproject.toml", f'[tool.phasegate]\nsource = ["src"]\n[tool.phasegate.approval]\n{keys}\n')
    shop.write("issue.json", json.dumps({**ISSUE, "labels": labels}))

    assert cli.main(["plan", "new", "--from-issue", "issue.json"]) == 0
    told = capsys.readouterr()
    assert "written: docs/plans/keep_prices_implementation_guide.md" in told.out
    assert ("approved: issue #2" in told.err) is approved
    assert "next: git switch -c feat/issue-2-keep-prices" in told.err
    assert ("**Status**: Approved" in shop.read("docs/plans/keep_prices_implementation_guide.md")) is approved
    assert cli.main(["plan", "new", "--from-issue", "issue.json"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_closed_issue_approves_nothing_and_one_that_cannot_be_read_writes_nothing(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write("pyproject.toml", '[tool.phasegate]\n[tool.phasegate.approval]\nlabel = "approved"\n')
    shop.write("issue.json", json.dumps({**ISSUE, "state": "CLOSED"})).write("bad.json", '{"number": true}')

    assert cli.main(["plan", "new", "x.md", "--from-issue", "issue.json", "--dry-run"]) == 0
    assert "**Status**: Draft" in capsys.readouterr().out
    assert cli.main(["plan", "new", "x.md", "--from-issue", "bad.json"]) == 2
    assert "bad.json: number: expected a whole number from 1, got true or false" in capsys.readouterr().err
    assert cli.main(["plan", "new"]) == 2
    assert "plan new wants a file" in capsys.readouterr().err
    assert not (shop.root / "x.md").exists()


def test_a_walk_asks_of_each_part_until_all_are_answered(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["plan", "complete", PLAN, "--walk", "--format", "json"]
    asked: list[str] = []
    while cli.main(argv) == 2 and "phasegate.question/1" in (said := capsys.readouterr().out):
        question = json.loads(said)
        asked.append(question["question"])
        argv = shlex.split(question["choices"][len(asked) % 2]["command"])[1:]

    assert [each.partition(": ")[0] for each in asked] == [
        f"phase {phase}, {part}" for phase, parts in PARTS.items() for part in parts
    ]
    assert argv[6:10] == ["--leave=1:files", "--take=1:tests", "--leave=1:coverage", "--take=1:commit"]


@pytest.mark.parametrize(
    ("answers", "proposed"),
    [
        ([], {"files", "tests", "coverage", "commit"}),
        (["--leave", "1:tests"], {"files", "coverage", "commit"}),
        (["--leave", ":commit", "--leave=:coverage"], {"files", "tests"}),
        (["--leave", "2", "--take", "1"], {"files", "tests", "coverage", "commit"}),
        (["--leave", "1"], set()),
    ],
)
def test_what_is_left_out_is_not_proposed(
    shop: Project, capsys: pytest.CaptureFixture[str], answers: list[str], proposed: set[str]
) -> None:
    assert cli.main(["plan", "complete", PLAN, "--yes", "--format", "json", *answers]) == 0
    said = {phase["id"]: phase for phase in json.loads(capsys.readouterr().out)["phases"]}

    assert {part for part in ("files", "tests", "coverage", "commit") if said.get("1", {}).get(part)} == proposed


@pytest.mark.parametrize("answer", ["9:tests", "1:colour", ":", "tests"])
def test_an_answer_that_names_nothing_is_an_error(
    shop: Project, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    assert cli.main(["plan", "complete", PLAN, "--leave", answer]) == 2
    assert "names no part of a phase" in capsys.readouterr().err
