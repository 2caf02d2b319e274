"""``phasegate check`` on real projects: child runs, replays and commands are real."""

from __future__ import annotations

import shutil
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from support.git_states import must
from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project

EXAMPLES = Path(__file__).parents[2] / "examples"


def gates(record: Any) -> dict[str, str]:
    return {gate["gate"]: gate["verdict"] for gate in record["phases"][0]["gates"]}


@pytest.fixture
def cache(project: Project) -> Project:
    """A guide and its red tests are committed; the code of phase 1 is there and is not."""
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE)
    project.init_git().commit("docs: plan the cache")
    project.write("tests/test_cache.py", CACHE_TESTS).commit("test(cache): expect a cache")
    return project.write("src/app/cache.py", CACHE)


def test_a_phase_that_keeps_every_rule_passes_and_may_be_committed(cache: Project, tmp_path: Path) -> None:
    lcov, cobertura, junit = (tmp_path / name for name in ("cov.info", "cov.xml", "junit.xml"))
    reports = ("--report", f"lcov:{lcov}", "--report", f"cobertura:{cobertura}", "--report", f"junit:{junit}")
    done = cache.phasegate("check", "1", "--format", "json", *reports)

    assert done.exit_code == 0, done.text
    assert done.json["schema"] == "phasegate.report/1"
    assert done.json["verdict"] == "passed"
    passed = {gate for gate, verdict in gates(done.json).items() if verdict == "passed"}
    assert passed == {"guide", "tests", "coverage", "red-green", "criteria", "scope"}
    lines = done.json["phases"][0]["coverage"]["line"]
    assert f"LF:{lines['total']}\nLH:{lines['covered']}\n" in lcov.read_text()
    assert ET.parse(cobertura).getroot().get("lines-covered") == str(lines["covered"])
    assert len(ET.parse(junit).findall("testcase")) == len(gates(done.json))
    assert done.stderr.splitlines()[0] == "check: running the suite"
    assert " done" not in done.stderr
    assert cache.phasegate("commit", "1").exit_code == 0
    assert "accept phase 1" in cache.phasegate("next").stdout


def test_what_was_checked_as_head_holds_it_may_be_deployed_and_attested(cache: Project) -> None:
    stages = f"{PYPROJECT}\n[tool.phasegate.stages]\nstaging = 70\n"
    cache.write("pyproject.toml", stages).write(GUIDE_PATH, CACHE_GUIDE.partition("### Phase 2")[0])
    cache.commit("feat(cache): add core cache")
    loose = cache.phasegate("check", "1", env={"PHASEGATE_RED_GREEN_POLICY": "off"})
    under_loose_rules, accepted = cache.phasegate("deploy", "--stage", "staging"), cache.phasegate("accept", "1")
    assert cache.phasegate("check", "1").exit_code == 0
    deployed, attested = cache.phasegate("deploy", "--stage", "staging"), cache.phasegate("attest")

    assert (loose.exit_code, under_loose_rules.exit_code, accepted.exit_code) == (0, 4, 1)
    assert "PG572 passed by other rules" in under_loose_rules.stdout
    assert deployed.exit_code == attested.exit_code == 0, deployed.text
    assert "cache:1/red-green" in attested.json["predicate"]["passedTests"]
    assert cache.phasegate("stats", "--format", "json").json["seconds"]["gates"]["tests"]["count"] == 2


def test_every_gate_that_refuses_says_why_and_what_to_do(cache: Project) -> None:
    cache.write(
        "pyproject.toml",
        PYPROJECT
        + """
        [tool.phasegate.commands]
        lint = "sh -c 'echo src/app/cache.py:1: ugly; exit 1'"
        [tool.phasegate.scope]
        severity = "error"
        [tool.phasegate.protected]
        "src/app/generated.py" = "specs/**"
        [tool.phasegate.commit]
        branch = "^feat/"
        [tool.phasegate.approval]
        required = true
        """.replace("\n        ", "\n"),
    ).git("commit", "-qm", "chore: configure", "pyproject.toml")
    cache.write("src/app/cache.py", CACHE + "\n\ndef unused():\n    return 1\n")
    cache.write("src/app/generated.py", "x = 1\n").write("tests/test_cache.py", CACHE_TESTS.replace("== 1", "== 2"))

    done = cache.phasegate("check", "1")

    assert done.exit_code == 1, done.text
    refused = [line.split()[0] for line in done.stdout.splitlines() if line.split()[1:2] == ["failed"]]
    assert refused == [
        "approval",
        "tests",
        "coverage",
        "red-green",
        "commands",
        "criteria",
        "scope",
        "protected",
        "commit",
    ]
    for said in ("PG521 lint ended with 1", "src/app/generated.py PG501", "PG502", "PG514", "PG503", "PG301"):
        assert said in done.stdout, said
    assert "next: approval of phase 1" in done.stderr


ELSEWHERE = {
    "tests/kept.py": "class Kept:\n def test_inherited(self): pass\n def test_value(self): assert self.value == 4\n",
    "tests/conftest.py": "import pytest\nclass Shared:\n    def test_shared(self): pass\n"
    "@pytest.fixture\ndef two(): return 2\n",
    "README.md": "made\n",
}
MADE = """import app.made, kept, helper
from contextlib import suppress
from conftest import Shared
from pathlib import Path
from unittest.mock import Mock
class TestMade(kept.Kept, Shared):
    value = app.made.made(3)
class TestFresh(helper.Fresh):
    value = app.made.made(3)
class Base:
    def test_own(self): raise NotImplementedError
    def test_base(self): assert 1
class TestOwn(Base):
    def test_own(self): assert app.made.made(5) == 6
def test_made(): assert app.made.made(1) == 2
test_taken, test_lent = helper.taken, helper.test_lent
def test_asked(): helper.asks(app.made.made)
test_asks = lambda: helper.asks(app.made.made)
def made(): return 2
def test_alike(): assert made() == 2
def test_given(two): assert two == 2
def test_later():
    async def asks(): assert app.made.made(1) == 3
    asks()
def test_hushed():
    with suppress(AssertionError): assert app.made.made(1) == 3
def quiet(test):
    def run():
        try: test()
        except Exception: pass
    return run
@quiet
def test_quiet(): assert app.made.made(1) == 3
@helper.hush
def test_lulled(): assert app.made.made(1) == 3
def test_called(): app.made.made(1)
def test_there(): assert hasattr(app.made, "made")
def test_kind(): assert isinstance(app.made.Made, type)
def test_derived(): assert issubclass(app.made.Made, ValueError)
def test_told(): assert Path("README.md").exists()
def test_bare(): assert app.made.Made and app.made.made
def test_double():
    double = Mock(spec=app.made.Made)
    double.get.return_value = 3
    assert double.get() == 3
def test_limit(): assert app.made.LIMIT
def test_lent_out(): assert app.made.got(Mock(spec=app.made.Made, **{"get.return_value": 3})) == 3
"""
MADE_CODE = """LIMIT = 3
class Made(ValueError):
    def get(self): return LIMIT
def made(x): return x + 1
def got(one): return one.get()
"""
HELPER = """class Fresh:
    want = 3
    def test_fresh(self): assert self.want == 3
    def test_worth(self): assert self.value == 4
def taken(): assert True
def test_lent(): pass
def asks(made): assert made(2) == 3
def hush(test):
    def run():
        try: test()
        except Exception: pass
    return run

"""
DECLARED = (
    *("inherited", "value", "shared", "made", "taken", "lent", "asked", "asks", "own", "base"),
    *("alike", "given", "later", "hushed", "quiet", "lulled", "called", "there", "kind", "derived", "told"),
    *("bare", "double", "limit", "lent_out", "fresh", "worth"),
)


def test_a_declared_test_asks_nothing_wherever_its_text_stands(project: Project) -> None:
    declared = "".join(
        ["**Tests to write** (in `tests/test_made.py`):\n", *(f"- `test_{name}`\n" for name in DECLARED)]
    )
    declared += "**Tests to write** (in `tests/test_files.py`):\n- `test_file`\n"
    phase = f"# A\n### Phase 1: M\n**Files to create**:\n- `src/app/made.py`\n{declared}"
    for path, text in ELSEWHERE.items():
        project.write(path, text)
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, f"{phase}**Commit**: `feat: made`\n")
    project.init_git().commit("docs: plan")
    project.write("src/app/made.py", MADE_CODE)
    project.write("tests/helper.py", HELPER).write("tests/test_made.py", MADE)
    project.write("tests/test_files.py", "import os\ndef test_file(): assert os.path.exists('src/app/made.py')\n")

    done = project.phasegate("check", "1", "--format", "json")

    told = [one["message"] for gate in done.json["phases"][0]["gates"] for one in gate["findings"]]
    asking_nothing = ["inherited", "shared", "taken", "lent", "base", "alike", "given", "later", "hushed", "quiet"]
    asking_nothing += ["lulled", "there", "kind", "bare", "double", "fresh"]
    assert [one.partition(" is ")[0].rpartition("::test_")[2] for one in told] == asking_nothing


@pytest.mark.parametrize(
    ("ignored", "scope", "files"),
    [
        ("", "passed", ""),
        ("src/app/*.py\n", "failed", ""),
        ("src/app/*.py\n", "failed", "**Files to create**:\n- `tests/test_made.py`\n"),
        ("kept.py\n", "passed", ""),
    ],
)
def test_code_that_git_ignores_is_no_work_of_a_phase_that_declares_tests_alone(
    project: Project, ignored: str, scope: str, files: str
) -> None:
    """A generated module may be ignored, beside code of the phase that uses it."""
    tests = f"{files}**Tests to write** (in `tests/test_made.py`):\n- `test_made`\n**Commit**: `feat: made`\n"
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, f"# A\n### Phase 1: M\n{tests}")
    project.init_git().commit("docs: plan")
    project.write(".gitignore", ignored).write("src/app/kept.py", "ONE = 1\n")
    project.write("src/app/made.py", "TWO = 2\n")
    project.write("tests/test_made.py", "import app.kept, app.made\ndef test_made(): assert app.made.TWO == 2\n")

    done = project.phasegate("check", "1", "--format", "json")

    assert gates(done.json)["scope"] == scope, done.text
    assert ("git ignores src/app/made.py" in done.stdout) is (scope == "failed")


OTHER = "import app.cache, pytest\ndef test_other(): open({runs!r}, 'a').write('x'); {asks}\n"
ASKS = "assert app.cache.OLD == 1"
SKIPS = "app.cache.OLD == 1 or pytest.skip()"


@pytest.mark.parametrize(
    ("asks", "old", "committed", "refactoring", "said", "ran"),
    [
        (ASKS, 1, False, False, ("passed", "passed"), 1),
        (ASKS, 1, True, False, ("passed", "passed"), 1),
        (ASKS, 1, True, True, ("passed", "passed"), None),
        (ASKS, 2, False, False, ("failed", "failed"), None),
        (SKIPS, 2, False, False, ("passed", "passed"), 3),
    ],
)
def test_code_behind_its_red_commit_is_proved_by_the_run_of_the_suite_that_the_check_makes_anyway(
    project: Project, asks: str, old: int, committed: bool, refactoring: bool, said: tuple[str, str], ran: int | None
) -> None:
    runs = project.root.parent / "runs"
    project.write("src/app/cache.py", "OLD = 1\n").write("tests/test_other.py", OTHER.format(runs=str(runs), asks=asks))
    project.init_git().commit("chore: begin")
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).commit("docs: plan the cache")
    project.write("tests/test_cache.py", CACHE_TESTS).commit("test(cache): expect a cache")
    project.write("src/app/cache.py", f"OLD = {old}\n{CACHE}")
    if committed:
        project.commit("refactor(cache): keep" if refactoring else "feat(cache): begin")

    found = gates(project.phasegate("check", "1", "--format", "json").json)

    assert (found["red-green"], found["suite"]) == said
    assert ran is None or len(runs.read_text()) == ran


INHERITED = {
    "tests/asks.py": "import app.cache\nclass Asks:\n"
    f"    def test_old(self): open({{runs!r}}, 'a').write('x'); {ASKS}\n",
    "tests/test_other.py": "from asks import Asks\nclass TestOther(Asks):\n    pass\n",
}


BESIDE = {"tests/test_other.py": "from asks import Asks\nclass TestOther(Asks):\n    def test_own(self): pass\n"}
SKIPPED_IN_HASTE = """import os, pytest
def pytest_runtest_setup(item):
    if 'HASTE' in os.environ and item.name == 'test_old': pytest.skip()
"""


@pytest.mark.parametrize(
    ("old", "others", "exit_code", "ran"),
    [
        (1, {}, 0, 1),
        (2, {}, 1, None),
        (1, INHERITED, 0, 1),
        (2, INHERITED, 1, None),
        (2, INHERITED | {"tests/conftest.py": SKIPPED_IN_HASTE}, 1, None),
        (2, INHERITED | BESIDE | {"tests/conftest.py": SKIPPED_IN_HASTE}, 1, None),
    ],
)
def test_a_commit_of_code_behind_its_red_commit_waits_for_no_second_run_of_the_suite(
    project: Project, old: int, others: dict[str, str], exit_code: int, ran: int | None
) -> None:
    runs = project.root.parent / "runs"
    project.write("src/app/cache.py", "OLD = 1\n").write("tests/test_other.py", OTHER.format(runs=str(runs), asks=ASKS))
    for path, text in others.items():
        project.write(path, text.format(runs=str(runs)))
    project.init_git().commit("chore: begin")
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).commit("docs: plan the cache")
    project.write("tests/test_cache.py", CACHE_TESTS).commit("test(cache): expect a cache")
    project.write("src/app/cache.py", f"OLD = {old}\n{CACHE}")
    project.pytest(env={"HASTE": "1"})
    project.git("add", "-A")

    project.write(".git/COMMIT_EDITMSG", "feat(cache): keep values\n")
    hook = project.phasegate("hook", "commit-msg", ".git/COMMIT_EDITMSG")

    assert hook.exit_code == exit_code, hook.text
    assert ran is None or len(runs.read_text()) == ran


MORE = "import app.cache\n\n\ndef test_more(): assert app.cache\n"


SECOND_TESTS = "from app.second import second\n\n\ndef test_second(): assert second() == 2\n"


@pytest.mark.parametrize(
    ("protocol", "several", "said"),
    [
        ("any", False, ("passed", "failed")),
        ("test-first", False, ("failed", "failed")),
        ("test-first", True, ("failed", "failed")),
    ],
)
def test_under_test_first_red_before_green_asks_what_the_suite_asks_at_the_end(
    project: Project, protocol: str, several: bool, said: tuple[str, str]
) -> None:
    project.write("src/app/cache.py", "OLD = 1\n").write(
        "tests/test_other.py", f"import app.cache\ndef test_other(): {ASKS}\n"
    )
    project.write("pyproject.toml", f'{PYPROJECT}[tool.phasegate.red_green]\nprotocol = "{protocol}"\n')
    project.write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan the cache")
    project.write("tests/test_cache.py", CACHE_TESTS).write("tests/test_second.py", SECOND_TESTS)
    project.commit("test(cache): expect a cache")
    project.write("src/app/second.py", "def second(): return 2\n").write("tests/test_two.py", MORE)
    if several:
        project.commit("feat(cache): second\n\nPhase: cache/1")
    project.write("src/app/cache.py", f"OLD = 2\n{CACHE}").write("tests/test_more.py", MORE)

    found = gates(project.phasegate("check", "1", "--format", "json").json)

    assert (found["red-green"], found["suite"]) == said


TESTS_ALONE, CODE_ALONE = ("tests/test_cache.py", CACHE_TESTS), ("src/app/cache.py", CACHE)
PLAN = (GUIDE_PATH, CACHE_GUIDE.replace("modify**:\n- `src/app/cache.py`", "create**:\n- `src/app/oldest.py`"))
PLAN_OF_ONE_FILE, PHASE_2 = (GUIDE_PATH, CACHE_GUIDE), "Phase: cache/2"
PLAN_OF_ANOTHER_FILE = (GUIDE_PATH, PLAN[1].replace("src/app/cache.py", "src/app/other.py"))
NO_CODE = CACHE_GUIDE.replace("**Files to create**:\n- `src/app/cache.py` - the cache\n", "")
PLAN_OF_TESTS = (GUIDE_PATH, NO_CODE.replace("modify**:\n- `src/app/cache.py`", "create**:\n- `src/app/oldest.py`"))
NOTE, ALTERED = ("docs/note.md", "Soon.\n"), ("src/app/cache.py", CACHE.replace("get(key)", "get(key or 1)"))
EVICTION = ("src/app/oldest.py", "OLDEST = 1\n")
OTHER_PHASE = ("tests/test_eviction.py", "def test_the_oldest_value_is_forgotten():\n    assert True\n")


HIDDEN = ("tests/conftest.py", "collect_ignore = ['test_other.py']\n")
EMPTIED = ("tests/test_other.py", "def test_other(): pass\n")
BROKEN = ("src/app/cache.py", f"OLD = 2\n{CACHE}")


@pytest.mark.parametrize(
    ("commits", "work", "said"),
    [
        (((EMPTIED,), (("tests/test_cache.py", CACHE_TESTS),)), (BROKEN,), "failed"),
        (((HIDDEN,), (("tests/test_cache.py", CACHE_TESTS),), (BROKEN,)), (), "failed"),
        (((("tests/test_cache.py", CACHE_TESTS), BROKEN), (EMPTIED,)), (), "failed"),
        (((EMPTIED,), (("tests/test_cache.py", CACHE_TESTS),)), (CODE_ALONE,), "passed"),
    ],
)
def test_a_test_that_one_commit_of_a_phase_breaks_and_another_lets_off_is_judged_as_in_one(
    project: Project, commits: Sequence[Sequence[tuple[str, str]]], work: Sequence[tuple[str, str]], said: str
) -> None:
    project.write("src/app/cache.py", "OLD = 1\n").init_git()
    project.write(
        "tests/test_other.py", "import app.cache\ndef test_other(): assert getattr(app.cache, 'OLD', 1) == 1\n"
    )
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).commit("docs: plan the cache")
    for number, files in enumerate((*commits, work)):
        for path, text in files:
            project.write(path, text)
        if number < len(commits):
            kind = "feat" if any(path.startswith("src") for path, _ in files) else "test"
            project.git("add", "-A")
            must(project, "commit", "-qm", f"{kind}(cache): step {number}\n\nPhase: cache/1")

    found = gates(project.phasegate("check", "1", "--format", "json").json)

    assert found["red-green"] == said


@pytest.mark.parametrize(
    ("steps", "red_green"),
    [
        ([(CODE_ALONE, "wip"), (TESTS_ALONE, "feat(cache): add core cache")], "failed"),
        ([(CODE_ALONE, "wip"), (TESTS_ALONE, "more")], "failed"),
        ([(CODE_ALONE, "wip"), (TESTS_ALONE, "")], "failed"),
        ([(CODE_ALONE, "wip"), (OTHER_PHASE, "feat(cache): evict the oldest"), (TESTS_ALONE, "")], "failed"),
        ([(CODE_ALONE, "wip"), (PLAN, "docs: plan the cache"), (TESTS_ALONE, "")], "failed"),
        ([(CODE_ALONE, "wip"), (TESTS_ALONE, "feat(cache): add core cache"), (PLAN, "")], "failed"),
        ([(CODE_ALONE, "wip"), (PLAN_OF_ONE_FILE, "docs: plan the cache"), (TESTS_ALONE, "")], "failed"),
        ([(CODE_ALONE, f"feat: begin\n\n{PHASE_2}"), (TESTS_ALONE, "feat(cache): add core cache")], "failed"),
        ([(CODE_ALONE, "wip"), (PLAN_OF_ANOTHER_FILE, ""), (TESTS_ALONE, "feat(cache): add core cache")], "failed"),
        ([(NOTE, "feat(cache): add core cache"), (CODE_ALONE, "wip"), (TESTS_ALONE, "more")], "failed"),
        ([(TESTS_ALONE, "red"), (CODE_ALONE, "feat(cache): add core cache"), (ALTERED, "oops")], "failed"),
        ([(TESTS_ALONE, "red"), (CODE_ALONE, "feat(cache): add core cache"), (ALTERED, "")], "failed"),
        ([(TESTS_ALONE, "red"), (CODE_ALONE, "feat(cache): add core cache"), (NOTE, "")], "passed"),
        ([(TESTS_ALONE, "red"), (CODE_ALONE, "green")], "passed"),
        ([(PLAN_OF_TESTS, "docs: plan"), (CODE_ALONE, "wip"), (TESTS_ALONE, "feat(cache): add core cache")], "failed"),
        ([(PLAN_OF_TESTS, "docs: plan"), (CODE_ALONE, "wip"), (TESTS_ALONE, "")], "failed"),
        ([(CODE_ALONE, "chore: old"), (PLAN_OF_TESTS, "docs: plan"), (TESTS_ALONE, "")], "passed"),
        ([(PLAN_OF_TESTS, "docs: plan"), (TESTS_ALONE, "red"), (CODE_ALONE, "green")], "passed"),
        ([(PLAN_OF_TESTS, "docs: plan"), (EVICTION, PHASE_2), (TESTS_ALONE, "red"), (CODE_ALONE, "")], "passed"),
        ([(TESTS_ALONE, "red"), (CODE_ALONE, "")], "passed"),
    ],
)
def test_every_commit_of_a_phase_keeps_red_before_green_whatever_it_is_called(
    project: Project, steps: list[tuple[tuple[str, str], str]], red_green: str
) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}suite = false\n").init_git().commit("chore: begin")
    planned = (
        []
        if any(step[1].startswith("docs: plan") or step[0] == PLAN for step in steps)
        else [(PLAN, "docs: plan the cache")]
    )
    for (path, text), message in (*planned, *steps):
        project.write(path, text)
        project.git("add", path)
        if message:
            project.git("commit", "-qm", message)

    done = project.phasegate("check", "1", "--format", "json")

    assert gates(done.json)["red-green"] == red_green, done.text
    assert done.exit_code == (0 if red_green == "passed" else 1)


@pytest.mark.parametrize(("begun", "red_green"), [([CODE_ALONE], "failed"), ([CODE_ALONE, TESTS_ALONE], "passed")])
def test_a_repository_that_begins_with_the_code_of_a_phase_begins_with_its_tests(
    project: Project, begun: list[tuple[str, str]], red_green: str
) -> None:
    for path, text in (("pyproject.toml", f"{PYPROJECT}suite = false\n"), PLAN, *begun):
        project.write(path, text)
    project.init_git().commit("feat: begin")
    project.write(*TESTS_ALONE)

    done = project.phasegate("check", "1", "--format", "json")

    assert {gate["gate"]: gate["verdict"] for gate in done.json["phases"][0]["gates"]}["red-green"] == red_green


def test_what_a_merge_brings_is_no_work_of_a_phase_that_declares_tests_alone(project: Project) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}suite = false\n").write("src/app/__init__.py", "").init_git()
    project.write(*PLAN_OF_TESTS).commit("docs: plan")
    project.git("checkout", "-qb", "side")
    project.write(*EVICTION).commit("wip")
    project.git("checkout", "-q", "-")
    project.write(*TESTS_ALONE).commit("red")
    project.git("merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side")
    project.write(*CODE_ALONE)

    done = project.phasegate("check", "1", "--format", "json")

    assert gates(done.json)["red-green"] == "passed", done.text


@pytest.mark.parametrize(
    ("merged", "later", "red_green"), [(CODE_ALONE, TESTS_ALONE, "failed"), (TESTS_ALONE, CODE_ALONE, "passed")]
)
def test_a_merge_of_a_phase_answers_for_the_code_that_it_adds_itself(
    project: Project, merged: tuple[str, str], later: tuple[str, str], red_green: str
) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}suite = false\n").init_git().commit("chore: begin")
    project.write(GUIDE_PATH, CACHE_GUIDE).commit("docs: plan the cache")
    project.git("checkout", "-qb", "side")
    project.write("README.md", "A side.\n").commit("docs: side")
    project.git("checkout", "-q", "-")
    project.write("docs/main.md", "Main.\n").commit("docs: main")
    project.git("merge", "-q", "--no-ff", "--no-commit", "side")
    project.write(*merged).commit("Merge branch 'side'")
    project.write(*later).commit("feat(cache): add core cache")

    done = project.phasegate("check", "1", "--format", "json")

    assert gates(done.json)["red-green"] == red_green, done.text


@pytest.mark.parametrize("committed", [False, True])
def test_a_line_written_into_the_baseline_keeps_no_work_from_being_judged(project: Project, committed: bool) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}suite = false\n").write(GUIDE_PATH, CACHE_GUIDE).init_git()
    project.commit("docs: plan the cache")
    line = '{"cases": 1, "digest": "", "phase": "1", "test": "tests/test_cache.py::test_get_returns_what_was_set"}\n'
    project.write(".phasegate/baseline.jsonl", line)
    if committed:
        project.commit("feat(cache): add core cache")
    project.write("src/app/cache.py", CACHE).write("tests/test_cache.py", "def test_get_returns_what_was_set(): pass\n")

    done = project.phasegate("check", "1", "--format", "json")

    assert gates(done.json)["red-green"] == "failed", done.text


def test_a_guide_that_is_moved_begins_where_it_came_by_its_first_name(project: Project) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}suite = false\n").init_git().commit("chore: begin")
    project.write(GUIDE_PATH, CACHE_GUIDE).write("src/app/cache.py", "").commit("docs: plan the cache")
    project.write(GUIDE_PATH, CACHE_GUIDE.replace("to create", "to modify")).commit("docs: it is there")
    project.write("src/app/cache.py", CACHE).commit("wip")
    project.git("mv", GUIDE_PATH, "docs/plans/store_implementation_guide.md")
    project.commit("docs: call it a store")
    project.write("tests/test_cache.py", CACHE_TESTS)

    done = project.phasegate("check", "1", "--format", "json")

    assert (done.exit_code, gates(done.json)["red-green"]) == (1, "failed"), done.text


@pytest.mark.parametrize("committed", [True, False])
def test_the_section_of_a_finished_phase_stands_in_a_guide_that_is_moved_as_well(
    project: Project, committed: bool
) -> None:
    project.write("pyproject.toml", f"{PYPROJECT}suite = false\n").write(GUIDE_PATH, CACHE_GUIDE).init_git()
    project.commit("docs: plan the cache")
    project.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    project.commit("feat(cache): add core cache")
    project.git("mv", GUIDE_PATH, "docs/plans/store_implementation_guide.md")
    project.write("docs/plans/store_implementation_guide.md", CACHE_GUIDE.replace("Coverage: 100%", "Coverage: 50%"))
    if committed:
        project.commit("docs: call it a store")

    done = project.phasegate("check", "1", "--format", "json")

    told = [one["code"] for one in done.json["phases"][0]["gates"][0]["findings"]]
    assert told == ["PG504", "PG508"], done.text


def test_a_commit_of_a_phase_that_stands_without_a_test_is_named_and_a_later_commit_of_its_own_may_waive_it(
    project: Project,
) -> None:
    rules = f"{PYPROJECT}suite = false\n"
    project.write("pyproject.toml", rules).write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan the cache")
    sha = project.write("src/app/cache.py", CACHE).commit("wip")
    last = project.write("tests/test_cache.py", CACHE_TESTS).commit("add tests")
    refused = project.phasegate("check", "1")
    waiver = f'[[tool.phasegate.red_green.waivers]]\nmatch = "{sha}"\nreason = "pushed"\nexpires = "2099-01-01"\n'
    project.write("pyproject.toml", f"{rules}\n{waiver}")
    unseen = project.phasegate("check", "1", "--format", "json")
    project.commit("chore: waive what was pushed")
    waived = project.phasegate("check", "1")

    committed = f"committed as {last[:10]} (add tests), not as declared: feat(cache): add core cache"
    assert f"commit     not-evaluated {committed}" in refused.stdout
    assert (
        f"red-green  failed        commit {sha[:10]} (wip): production code changed, and no test did" in refused.stdout
    )
    assert f"`git rebase -i {sha[:12]}~` and `fixup` what mends it" in refused.stderr
    assert gates(unseen.json)["red-green"] == "failed", unseen.text
    assert (waived.exit_code, "1 of 2 commits waived" in waived.stdout) == (0, True), waived.text


LENIENT = f'{PYPROJECT}\n[tool.phasegate.coverage]\ncredit = "all"\n'


def test_a_phase_does_not_choose_the_rules_of_its_own_gate_in_the_work_or_in_any_commit(cache: Project) -> None:
    cache.write("pyproject.toml", LENIENT)
    at_work = cache.phasegate("check", "1")
    cache.write("src/app/cache.py", "class Cache:\n    pass\n").commit("feat(cache): begin")
    cache.write("src/app/cache.py", CACHE).commit("feat(cache): add core cache")
    beside_code = cache.phasegate("check", "1")
    cache.git("reset", "-q", "HEAD~2")
    cache.git("commit", "-qm", "chore: all tests count", "pyproject.toml")
    by_itself = cache.phasegate("check", "1")

    told = "PG508 the configuration that judges the phase changes with it: coverage.credit"
    assert (at_work.exit_code, beside_code.exit_code, by_itself.exit_code) == (1, 1, 0), beside_code.text
    assert told in at_work.stdout
    assert told in beside_code.stdout
    assert "PG508" not in by_itself.text


def test_a_phase_that_breaks_an_accepted_one_does_not_pass(cache: Project) -> None:
    cache.commit("feat(cache): add core cache")
    assert cache.phasegate("check", "1").exit_code == 0
    assert cache.phasegate("accept", "1").exit_code == 0
    cache.commit("chore: accept phase 1")
    cache.write(
        "tests/test_eviction.py",
        """
        from app.cache import Cache

        def test_the_oldest_value_is_forgotten():
            cache = Cache()
            cache.set("a", 1)
            assert cache.get("a") is None
        """,
    ).write("src/app/cache.py", CACHE.replace("self.values[key] = value", "self.values.clear()"))

    done = cache.phasegate("check", "2", "--format", "json")

    assert done.exit_code == 1, done.text
    assert [(one["test"], one["kind"]) for one in done.json["regressions"]] == [
        ("tests/test_cache.py::test_get_returns_what_was_set", "broke")
    ]
    assert done.json["phases"][0]["tests"]["collected"] == 1


def test_code_that_names_an_accepted_phase_is_of_the_phase_that_goes_on(cache: Project) -> None:
    cache.commit("feat(cache): add core cache")
    assert cache.phasegate("check", "1").exit_code == 0
    assert cache.phasegate("accept", "1").exit_code == 0
    cache.commit("chore: accept phase 1")
    code = f"{CACHE}\n\ndef oldest():\n    return 1\n"
    sha = cache.write("src/app/cache.py", code).commit("feat: more\n\nPhase: cache/1")
    tests = "from app.cache import oldest\n\n\ndef test_the_oldest_value_is_forgotten():\n    assert oldest() == 1\n"
    cache.write("tests/test_eviction.py", tests).commit("feat(cache): evict the oldest")

    done = cache.phasegate("check", "2")

    assert done.exit_code == 1, done.text
    assert f"red-green  failed        commit {sha[:10]}" in done.stdout


def test_a_report_that_a_run_leaves_behind_is_named_and_the_phase_can_be_committed_and_accepted(cache: Project) -> None:
    cache.write("pyproject.toml", PYPROJECT.replace("addopts = [", 'addopts = ["--junitxml=report.xml", '))

    first, second = cache.phasegate("check", "1"), cache.phasegate("check", "1")

    assert (first.exit_code, second.exit_code) == (0, 0), first.text + second.text
    assert "the run left report.xml behind" in second.stderr
    assert "\nnext: commit phase 1\n  $ phasegate commit 1\n" in second.stderr
    assert cache.phasegate("commit").exit_code == 0
    accepted = cache.phasegate("accept", "1")
    assert accepted.exit_code == 0, accepted.text


def test_a_command_that_writes_code_is_named_with_the_file_and_nothing_passes(cache: Project) -> None:
    lint = """\n[tool.phasegate.commands]\nlint = "sh -c 'date +%N > src/app/stamp.py'"\n"""
    cache.write("pyproject.toml", PYPROJECT + lint)

    done = cache.phasegate("check", "1")

    assert done.exit_code == 4, done.text
    assert "files changed while the check ran, so nothing was judged as it stands: src/app/stamp.py" in done.stderr
    assert cache.phasegate("accept", "1").exit_code == 1


OLDER = """
import os
from pathlib import Path

from app.old import double
from local_numbers import FOUR


def test_double():
    assert double(int(os.environ["TWO"])) == int(Path("~/four").expanduser().read_text())
    assert Path(".env").read_text() == "local"
    assert double(2) == FOUR


def test_it_never_worked():
    assert double("a") == 2
"""


@pytest.fixture
def apart(project: Project) -> None:
    """A test that imports nothing of the project's, committed before everything else."""
    project.write("pyproject.toml", PYPROJECT).write(".gitignore", ".env\nlocal_numbers.py\n").init_git()
    project.write("tests/test_apart.py", "import os\n\n\ndef test_apart():\n    assert os.sep\n").commit("begin")


@pytest.mark.usefixtures("apart")
def test_an_older_test_that_no_baseline_knows_must_stay_green(cache: Project) -> None:
    cache.environment["TWO"] = "2"
    (cache.home / "four").write_text("4", encoding="ascii")
    cache.write(".env", "local").write("tests/local_numbers.py", "FOUR = 4\n")
    cache.remove("src/app/cache.py").write("tests/test_old.py", OLDER)
    cache.write("src/app/old.py", "def double(number):\n    return number + number\n").commit("feat: double")
    cache.write("src/app/cache.py", CACHE)
    honest = cache.phasegate("check", "1", "--no-all-tests", "--format", "json")
    untaken = cache.phasegate("accept", "1")
    cache.write("src/app/old.py", "def double(number):\n    return 3\n")
    broken = cache.phasegate("check", "1", "--format", "json")
    cache.write("pyproject.toml", PYPROJECT + "suite = false\n")
    unasked = cache.phasegate("check", "1", "--format", "json")
    cache.write("pyproject.toml", PYPROJECT).write("src/app/old.py", "def double(number):\n    return 3\n")
    cache.write("src/app/table.json", "{}")
    with_data = cache.phasegate("check", "1", "--no-all-tests", "--format", "json")

    assert [gates(done.json)["suite"] for done in (honest, broken, unasked)] == ["passed", "failed", "not-evaluated"]
    assert (honest.exit_code, broken.exit_code, untaken.exit_code) == (0, 1, 1), honest.text + broken.text
    suite, whole = (
        next(gate for gate in done.json["phases"][0]["gates"] if gate["gate"] == "suite")
        for done in (honest, with_data)
    )
    assert suite["reason"] == (
        "1 of 2 other tests of the suite fails, and was not green at the phase's base"
        "; 4 of 5 tests can reach this change, the others were not run"
    )
    assert with_data.json["suite"]["tests"] == 3, "who reads a file that is no module, nobody knows"
    assert whole["verdict"] == "failed"
    found = next(gate for gate in broken.json["phases"][0]["gates"] if gate["gate"] == "suite")["findings"]
    assert [(one["code"], one["severity"], one["message"].split(" ")[0]) for one in found] == [
        ("PG421", "error", "tests/test_old.py::test_double"),
        ("PG422", "note", "tests/test_old.py::test_it_never_worked"),
    ]
    assert found[0]["fix"] == "mend the code until it is green again: pytest tests/test_old.py::test_double"


@pytest.mark.parametrize(
    ("disturbs", "verdict", "told"),
    [
        ("tests/test_aside.py", "passed", ("PG422", "tests/test_unset.py::test_unset fails, and was red at")),
        ("tests/test_cache.py", "failed", ("PG421", "tests/test_unset.py::test_unset was green at")),
    ],
)
def test_what_only_other_tests_turn_red_is_asked_of_the_whole_suite_before(
    project: Project, disturbs: str, verdict: str, told: tuple[str, str]
) -> None:
    texts = {"tests/test_aside.py": "", "tests/test_cache.py": CACHE_TESTS}
    texts[disturbs] += "\n\ndef test_sets():\n    import os\n\n    os.environ['DISTURBED'] = '1'\n"
    project.write("pyproject.toml", PYPROJECT).write("tests/test_aside.py", texts["tests/test_aside.py"])
    project.write("tests/test_unset.py", "import os\n\n\ndef test_unset():\n    assert 'DISTURBED' not in os.environ\n")
    project.write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan the cache")
    project.write("tests/test_cache.py", texts["tests/test_cache.py"]).commit("test(cache): expect a cache")
    project.write("src/app/cache.py", CACHE)

    done = project.phasegate("check", "1", "--format", "json")

    suite = next(gate for gate in done.json["phases"][0]["gates"] if gate["gate"] == "suite")
    assert suite["verdict"] == verdict, done.text
    assert [(one["code"], one["message"][: len(told[1])]) for one in suite["findings"]] == [told]
    assert ("it passes alone" in suite["findings"][0]["fix"]) is (verdict == "failed")


def test_an_older_test_may_move_to_another_file_with_the_work(cache: Project) -> None:
    test = "import app\n\n\ndef test_app():\n    assert app.__name__ == 'app'\n"
    cache.write("src/app/__init__.py", "").write("tests/test_app.py", test).commit("chore: a package")
    cache.remove("tests/test_app.py").write("tests/test_package.py", test)

    done = cache.phasegate("check", "1", "--format", "json")

    assert gates(done.json)["red-green"] == "passed", done.text


def test_a_narrowed_test_run_is_no_evidence_and_is_told_where_nothing_can_be_kept(cache: Project) -> None:
    (cache.root / ".git/phasegate").mkdir(exist_ok=True)
    (cache.root / ".git/phasegate/judgements.jsonl").symlink_to("/nowhere/judgements.jsonl")
    done = cache.phasegate("check", "1", "--format", "json", env={"PYTEST_ADDOPTS": "-k known"})

    assert done.exit_code == 4, done.text
    assert gates(done.json)["tests"] == "inconclusive"
    assert "the test run was narrowed by -k known (in PYTEST_ADDOPTS)" in done.stdout
    assert "the judgement cannot be kept" in done.stderr


def test_a_phase_of_no_guide_and_a_missing_interpreter_are_one_message_each(cache: Project) -> None:
    unknown = cache.phasegate("check", "9")
    missing = cache.phasegate("check", "1", "--python", "/nowhere/python")

    assert (unknown.exit_code, "unknown phase '9'" in unknown.stderr) == (2, True)
    assert missing.exit_code == 4
    assert "the interpreter /nowhere/python (--python) does not answer" in missing.stdout


def test_the_example_of_an_own_gate_judges_after_the_built_in_ones(project: Project) -> None:
    shutil.copytree(EXAMPLES / "own_gate", project.root, dirs_exist_ok=True)
    project.init_git().commit("feat(price): add tax to a price")

    first = project.phasegate("check", "1", "--format", "json")
    second = project.phasegate("check", "2")

    assert first.exit_code == 0, first.text
    assert list(gates(first.json).items())[-1] == ("duration", "passed")
    assert second.exit_code == 1
    assert "SHOP1 40 hours is too long" in second.stdout


def test_an_environment_of_the_project_without_the_plugin_is_named_and_no_test_is_said_to_fail(cache: Project) -> None:
    venv.create(cache.root / ".venv", with_pip=False)
    cache.write(".gitignore", ".venv\n").commit("chore: ignore it")

    done = cache.phasegate("check", "1", "--format", "json")

    assert done.exit_code == 4, done.text
    assert gates(done.json)["tests"] == "inconclusive"
    told = next(gate["reason"] for gate in done.json["phases"][0]["gates"] if gate["gate"] == "tests")
    assert told.startswith(f"{cache.root}/.venv/bin/python")
    assert f"has no pytest-phasegate; uv pip install --python {cache.root}/.venv/bin/python pytest-phasegate" in told
