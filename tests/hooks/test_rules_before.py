"""A commit is judged by the rules that hold before it: it cannot loosen them for itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.doubling import CODE, NEW, OLD, TESTS, TRIPLE, commit, configured, doubling
from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from support.project import Project

RULES = configured(sys.executable, LEAN_OPTIONS)
SOURCE = 'source = ["src"]'
LOOSER = {
    "switched off": RULES.replace(SOURCE, f'{SOURCE}\n    mode = "off"'),
    "only reported": RULES.replace(SOURCE, f'{SOURCE}\n    mode = "report"'),
    "only observed": RULES.replace(SOURCE, f'{SOURCE}\n    red_green.policy = "observe"'),
    "code elsewhere": RULES.replace(SOURCE, 'source = ["lib"]'),
    "code as tests": RULES.replace(SOURCE, f'{SOURCE}\n    tests = ["src/app/*"]'),
    "not configured": RULES.replace("[tool.phasegate]", "[tool.other]"),
    "cannot be read": RULES.replace(SOURCE, f'{SOURCE}\n    mode = "enforced"'),
}


@pytest.fixture
def app(project: Project) -> Project:
    return doubling(project, RULES)


@pytest.mark.parametrize("name", LOOSER)
@pytest.mark.sampled(2)
def test_code_without_a_test_is_refused_beside_looser_rules(app: Project, name: str) -> None:
    app.write("pyproject.toml", LOOSER[name]).write(CODE, OLD.replace("* 2", "* 2 + (x > 99)"))

    done = commit(app)

    assert done.exit_code != 0, done.text
    assert "PG201" in done.stderr or name == "cannot be read"


@pytest.mark.parametrize("name", ["switched off", "code elsewhere", "not configured"])
def test_looser_rules_alone_may_be_committed(app: Project, name: str) -> None:
    done = commit(app.write("pyproject.toml", LOOSER[name]), "chore: rules")

    assert done.exit_code == 0, done.text


def test_rules_that_nobody_could_read_may_be_mended(app: Project) -> None:
    app.write("pyproject.toml", LOOSER["cannot be read"]).commit("chore: rules")

    done = commit(app.write("pyproject.toml", RULES), "chore: mend the rules")

    assert done.exit_code == 0, done.text


def test_the_first_rules_hold_for_the_commit_that_brings_them(project: Project) -> None:
    app = doubling(project, LOOSER["not configured"])

    refused = commit(app.write("pyproject.toml", RULES).write(CODE, NEW))
    proved = commit(app.write(TESTS, TRIPLE))

    assert (refused.exit_code, proved.exit_code) == (1, 0), refused.text + proved.text


def test_a_push_that_switches_the_rules_off_is_judged_by_those_before_it(app: Project) -> None:
    app.write("pyproject.toml", LOOSER["switched off"]).write(CODE, OLD.replace("* 2", "* 2 + (x > 99)"))
    app.commit("feat: surcharge")
    before, after = (app.git("rev-parse", name).stdout.strip() for name in ("HEAD~1", "HEAD"))

    done = app.phasegate(
        "hook", "pre-push", "origin", "url", stdin=f"refs/heads/main {after} refs/heads/main {before}\n"
    )

    assert done.exit_code == 1, done.text
    assert "PG201" in done.stderr
