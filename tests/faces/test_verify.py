from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from support.patience import patiently
from support.project import LEAN

if TYPE_CHECKING:
    from support.project import Project, Run

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "phasegate.verify.1.json"
ONE, TWO = "def size(): return 1\n", "def size(): return 2\n"
TEST_TWO = "import app.cache\ndef test_size(): assert app.cache.size() == 2\n"


def verify(project: Project, *arguments: str) -> Run:
    return project.phasegate("verify", "--python", sys.executable, *arguments)


def answer(project: Project, *arguments: str) -> Any:
    found = verify(project, "--format", "json", *arguments).json
    jsonschema.validate(found, json.loads(SCHEMA.read_text()))
    return found


def verdicts(found: Any) -> list[tuple[str, str, str]]:
    return [(commit["subject"], commit["kind"], commit["verdict"]) for commit in found["commits"]]


@pytest.fixture
def history(project: Project) -> Project:
    project.init_git().write("pytest.ini", LEAN).write("src/app/__init__.py", "").write("src/app/cache.py", ONE)
    project.write("tests/test_old.py", "def test_old(): pass\n").commit("chore: begin")
    return project


def test_what_was_judged_last_is_gone_on_with_as_one_range(history: Project) -> None:
    unknown = verify(history, "--since-last")
    history.write("src/app/cache.py", TWO).commit("feat: two")
    verify(history, "HEAD~1..HEAD")
    history.write("README.md", "hello").commit("docs: hello")
    found = answer(history, "--since-last")

    assert (unknown.exit_code, "no earlier verify is known here" in unknown.stderr) == (2, True)
    assert (found["verdict"], [one["verdict"] for one in found["commits"]]) == ("failed", ["failed", "exempt"])
    assert found["range"].startswith(history.git("rev-parse", "HEAD~2").stdout[:12] + "..")
    assert "a range and --since-last name different" in verify(history, "HEAD", "--since-last").stderr


def test_a_range_is_judged_commit_by_commit(history: Project) -> None:
    history.write("README.md", "hello").commit("docs: hello")
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", TEST_TWO).commit("feat: two")
    history.write("src/app/cache.py", "def size(): return 3 - 1\n").commit("refactor: say it otherwise")
    history.write("src/app/other.py", "def other(): return 1\n").commit("feat: no test")

    run = verify(history, "HEAD~4..HEAD")
    found = answer(history, "HEAD~4..HEAD", "--jobs", "2")

    assert run.exit_code == 1
    assert verdicts(found) == [
        ("docs: hello", "neither", "exempt"),
        ("feat: two", "test+code", "passed"),
        ("refactor: say it otherwise", "code-only", "passed"),
        ("feat: no test", "code-only", "failed"),
    ]
    two = found["commits"][1]
    assert two["fail_to_pass"] == ["tests/test_cache.py::test_size"]
    assert two["red"] == [
        {"test": "tests/test_cache.py::test_size", "grade": "behavioural", "exception": "AssertionError"}
    ]
    assert found["commits"][3]["findings"][0]["code"] == "PG201"
    assert "PG201" in run.stdout


def test_observing_says_the_verdict_and_exits_0(history: Project) -> None:
    history.write("src/app/cache.py", TWO).commit("feat: no test")

    run = verify(history, "HEAD", "--observe")

    assert run.exit_code == 0
    assert "failed" in run.stdout
    assert "observing only" in run.stderr
    assert verify(history, "HEAD", "--observe", "--format", "github").stdout.startswith(
        "::warning file=src/app/cache.py"
    )


def test_a_red_commit_is_fine_when_a_later_one_turns_it_green(history: Project) -> None:
    history.write("tests/test_cache.py", TEST_TWO).commit("test: two")
    open_end = answer(history, "HEAD~1..HEAD")
    history.write("src/app/cache.py", TWO).commit("feat: two")

    found = answer(history, "HEAD~2..HEAD")

    assert (open_end["verdict"], open_end["open_red"]) == ("failed", ["tests/test_cache.py::test_size"])
    assert (found["verdict"], found["open_red"]) == ("passed", [])
    assert [commit["verdict"] for commit in found["commits"]] == ["passed", "passed"]
    assert found["commits"][1]["fail_to_pass_unchanged"] == ["tests/test_cache.py::test_size"]


def test_a_red_commit_of_a_package_still_to_come_is_structural(project: Project) -> None:
    project.init_git().write("README.md", "hello").commit("chore: begin")
    test = "from app.cache import LRU\ndef test_lru(): assert LRU.size == 2\n"
    project.write("tests/test_cache.py", test).commit("test: lru")
    project.write("src/app/__init__.py", "").write("src/app/cache.py", "class LRU: size = 2\n").commit("feat: lru")

    found = answer(project, "HEAD~2..HEAD")

    assert [commit["verdict"] for commit in found["commits"]] == ["passed", "passed"]
    assert found["commits"][0]["open_red"] == ["tests/test_cache.py::test_lru"]


def test_the_first_commit_can_be_judged(history: Project) -> None:
    found = answer(history, history.git("rev-parse", "HEAD").stdout.strip())

    assert len(found["commits"]) == 1


def test_the_rules_are_those_of_the_base_revision(history: Project) -> None:
    """A commit cannot waive itself by configuration."""
    waiver = '[[tool.phasegate.red_green.waivers]]\nmatch = "src/**"\nreason = "trust me"\nexpires = "2099-01-01"\n'
    history.write("pyproject.toml", f"[tool.phasegate]\n{waiver}")
    history.write("src/app/cache.py", TWO).commit("feat: no test")
    in_the_range = answer(history, "HEAD~1..HEAD")
    history.write("src/app/cache.py", ONE).commit("feat: no test again")

    with_the_base = answer(history, "HEAD~1..HEAD")

    assert in_the_range["verdict"] == "failed"
    assert (with_the_base["verdict"], with_the_base["commits"][0]["waiver"]) == ("waived", "trust me")


def test_a_waiver_in_the_message_carries_its_reason(history: Project) -> None:
    history.write("src/app/cache.py", TWO).commit("feat: two\n\nRed-Green: waived (a generated table)")

    found = answer(history, "HEAD")

    assert (found["commits"][0]["verdict"], found["commits"][0]["waiver"]) == ("waived", "a generated table")


def test_a_merge_is_judged_by_what_it_adds_itself(history: Project) -> None:
    history.git("checkout", "-q", "-b", "side")
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", TEST_TWO).commit("feat: two")
    history.git("checkout", "-q", "main")
    history.write("README.md", "hello").commit("docs: hello")
    history.git("merge", "-q", "--no-ff", "--no-edit", "side")
    clean = answer(history, "HEAD~2..HEAD")
    history.git("checkout", "-q", "-b", "other", "HEAD~1")
    history.write("src/app/late.py", "def late(): return 1\n").commit("refactor: late")
    history.git("merge", "-q", "--no-ff", "--no-commit", "side")
    history.write("src/app/cache.py", "def size(): return 5\n").commit("Merge branch 'side' into other")

    evil = answer(history, "HEAD")

    assert [(commit["kind"], commit["verdict"]) for commit in clean["commits"]][-1] == ("merge", "passed")
    assert (evil["commits"][0]["kind"], evil["commits"][0]["verdict"]) == ("code-only", "failed")


def test_a_merge_of_two_sides_of_one_file_brings_nothing_of_its_own(history: Project) -> None:
    many = "\n\n".join(f"def f{number}(): return {number}\n" for number in range(9))
    tests = "".join(f"def test_{number}(): assert f{number}() == {number}\n" for number in range(9))
    history.write("src/app/many.py", many).write("tests/test_many.py", f"from app.many import *\n{tests}")
    history.commit("feat: many")
    history.git("checkout", "-q", "-b", "side")
    history.write("src/app/many.py", many.replace("return 0", "return 10"))
    history.write("tests/test_many.py", f"from app.many import *\n{tests.replace('f0() == 0', 'f0() == 10')}")
    history.commit("fix: first")
    history.git("checkout", "-q", "main")
    history.write("src/app/many.py", many.replace("return 8", "return 18"))
    history.write("tests/test_many.py", f"from app.many import *\n{tests.replace('f8() == 8', 'f8() == 18')}")
    history.commit("fix: last")
    history.git("merge", "-q", "--no-ff", "--no-edit", "side")

    found = answer(history, "HEAD")

    assert [(commit["kind"], commit["verdict"]) for commit in found["commits"]] == [("merge", "passed")]


def test_a_shallow_clone_is_inconclusive(history: Project) -> None:
    for number in range(3):
        history.write("README.md", str(number)).commit("docs: number")
    clone = history.root.parent / "clone"
    history.git("clone", "-q", "--depth", "1", f"file://{history.root}", str(clone))

    run = history.run(sys.executable, "-m", "pytest_phasegate", "verify", "HEAD", cwd=str(clone))

    assert run.exit_code == 4
    assert "fetch-depth: 0" in run.stderr


def test_without_an_interpreter_the_places_tried_are_named(history: Project) -> None:
    history.write("poetry.lock", "").write("src/app/cache.py", TWO).write("tests/test_cache.py", TEST_TWO)
    history.commit("feat: two")

    run = history.phasegate("verify", "HEAD")

    assert run.exit_code == 4
    assert "PG930" in run.stderr
    assert ".venv" in run.stderr


def test_an_interpreter_without_pytest_is_found_out_before_anything_is_replayed(history: Project) -> None:
    (history.home / "bare").mkdir()
    history.run(sys.executable, "-m", "venv", "--without-pip", str(history.home / "bare"))
    python = str(history.home / "bare" / "bin" / "python")
    history.write("uv.lock", "").write("src/app/cache.py", TWO).write("tests/test_cache.py", TEST_TWO)
    history.commit("feat: two")

    run = history.phasegate("verify", "HEAD", "--python", python)

    assert (run.exit_code, run.stdout) == (4, "")
    assert f"PG933 {python} (--python) has no pytest" in run.stderr
    assert "hint: uv sync; or name another interpreter with --python" in run.stderr


@pytest.mark.parametrize("place", ["tests/test_old.py", "tests/conftest.py"])
def test_an_interpreter_without_the_dependencies_is_found_out_before_anything_is_replayed(
    history: Project, place: str
) -> None:
    history.write("pyproject.toml", '[project]\nname = "app"\noptional-dependencies.tests = ["no-such-thing"]\n')
    history.write(place, "import no_such_thing\ndef test_old(): pass\n").commit("chore: a dependency")
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", f"import no_such_thing\n{TEST_TWO}")
    history.commit("feat: two")

    run = verify(history, "HEAD")

    assert (run.exit_code, run.stdout) == (4, "")
    assert (
        f"PG934 {sys.executable} (--python) lacks what the tests import: No module named 'no_such_thing'" in run.stderr
    )
    install = f"hint: {sys.executable} -m pip install -e '.[tests]', and by its name what only older commits import; "
    assert f"{install}or name another" in run.stderr


WARNS = "import warnings\nwarnings.warn('the old name: use another', DeprecationWarning)\n"


@pytest.mark.parametrize(
    ("before", "code", "expected"),
    [
        pytest.param({"tests/conftest.py": WARNS}, TWO, "passed", id="of-this-environment"),
        pytest.param({"src/app/cache.py": WARNS + ONE}, WARNS + TWO, "passed", id="of-the-code-on-both-sides"),
        pytest.param({}, WARNS + TWO, "failed", id="of-the-change"),
    ],
)
@pytest.mark.sampled(3)
def test_a_warning_that_is_an_error_before_the_change_too_says_nothing_of_it(
    history: Project, before: dict[str, str], code: str, expected: str
) -> None:
    history.write("pytest.ini", f"{LEAN}filterwarnings = error\n")
    history.write("tests/test_old.py", "import app.cache\ndef test_old(): pass\n")
    for path, text in before.items():
        history.write(path, text)
    history.commit("chore: warnings are errors")
    history.write("src/app/cache.py", code).write("tests/test_cache.py", TEST_TWO).commit("feat: two")

    found = answer(history, "HEAD")["commits"][0]

    assert found["verdict"] == expected, found
    told = ["-Wignore:the old name:DeprecationWarning"]
    assert found["neutralised"] == (told if expected == "passed" else [])


HOOKED = "def pytest_benchmark_started(): pass\n"


@pytest.mark.parametrize(("earlier", "expected"), [(True, "passed"), (False, "inconclusive")])
def test_a_conftest_with_hooks_of_a_plugin_that_was_not_there_before_either_keeps_no_others_from_being_judged(
    history: Project, earlier: bool, expected: str
) -> None:
    if earlier:
        history.write("benchmarks/conftest.py", HOOKED)
    read = "from json import loads\nfrom pathlib import Path\nimport app.cache\n"
    claim = "def test_size(): assert app.cache.size() == loads(Path('tests/size.json').read_text())\n"
    history.write("tests/size.json", "1").write("tests/test_size.py", read + claim).commit("test: a size")
    history.write("tests/size.json", "2").write("src/app/cache.py", TWO)
    history.write("benchmarks/conftest.py", HOOKED).commit("feat: two")

    found = answer(history, "HEAD")["commits"][0]

    assert found["verdict"] == expected, found
    assert found["neutralised"] == (["--ignore=benchmarks"] if earlier else [])


def test_what_only_an_earlier_commit_wants_does_not_keep_the_later_ones_from_being_judged(history: Project) -> None:
    history.write("tests/test_old.py", "import no_such_thing\ndef test_old(): pass\n").commit("chore: a dependency")
    old = "def test_old(): pass\n"
    history.write("src/app/cache.py", TWO).write("tests/test_old.py", f"import no_such_thing\n{old}{TEST_TWO}")
    history.commit("feat: two")
    history.write("tests/test_old.py", old + TEST_TWO).commit("test: without the dependency")
    history.write("src/app/cache.py", "def size(): return 3\n")
    history.write("tests/test_old.py", old + TEST_TWO.replace("2", "3")).commit("feat: three")

    found = answer(history, "HEAD~3..HEAD")

    assert [commit["verdict"] for commit in found["commits"]] == ["inconclusive", "passed", "passed"]


def test_a_test_file_that_wants_what_is_not_installed_here_does_not_keep_the_others_from_being_judged(
    history: Project,
) -> None:
    history.write("tests/test_odd.py", "import no_such_thing\ndef test_odd(): pass\n")
    history.write("tests/test_own.py", "import app.later\ndef test_own(): pass\n").commit("chore: an odd one")
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", TEST_TWO).commit("feat: two")

    assert answer(history, "HEAD")["verdict"] == "passed"


def test_a_range_that_runs_no_test_needs_no_interpreter(history: Project) -> None:
    history.write("README.md", "hello").commit("docs: hello")

    assert history.phasegate("verify", "HEAD").exit_code == 0


def test_shards_together_judge_every_commit_once(history: Project) -> None:
    for number in range(3):
        history.write("README.md", str(number)).commit(f"docs: {number}")

    parts = [answer(history, "HEAD~3..HEAD", "--shard", f"{part}/2") for part in (1, 2)]

    assert sorted(subject for part in parts for subject, _, _ in verdicts(part)) == ["docs: 0", "docs: 1", "docs: 2"]
    assert [part["shard"] for part in parts] == ["1/2", "2/2"]


def test_cases_are_counted_and_listed_on_demand(history: Project) -> None:
    test = (
        "import app.cache, pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n): assert app.cache.size() == 2\n"
    )
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", test).commit("feat: two")

    plain, listed = answer(history, "HEAD"), answer(history, "HEAD", "--cases")

    assert plain["commits"][0]["counts"]["fail_to_pass"] == 2
    assert "cases" not in plain["commits"][0]
    assert listed["commits"][0]["cases"]["fail_to_pass"] == [
        "tests/test_cache.py::test_n[1]",
        "tests/test_cache.py::test_n[2]",
    ]


def test_every_format_says_the_refusal_and_lets_no_text_escape(history: Project) -> None:
    history.write("src/app/cache.py", TWO).commit("feat: \x1b[31m::error::x | y")

    text, github, markdown = (
        verify(history, "HEAD", "--format", form).stdout for form in ("text", "github", "markdown")
    )
    sarif = json.loads(verify(history, "HEAD", "--format", "sarif").stdout)

    assert "\x1b" not in text + github + markdown
    assert github.splitlines()[0].startswith("::error file=src/app/cache.py,title=PG201::")
    assert all(line.startswith("::error") for line in github.splitlines())
    assert "Red before green: failed" in markdown
    assert sarif["runs"][0]["results"][0]["ruleId"] == "PG201"


@pytest.mark.parametrize("words", [("--shard", "3/2"), ("--jobs", "0"), ("--format", "xml")])
def test_wrong_words_are_a_usage_error(history: Project, words: tuple[str, str]) -> None:
    assert verify(history, "HEAD", *words).exit_code == 2


def test_two_revisions_are_no_range_and_the_range_is_named(history: Project) -> None:
    run = verify(history, "HEAD~1", "HEAD")

    assert run.exit_code == 2
    assert "phasegate verify HEAD~1..HEAD judges the commits after HEAD~1 up to HEAD" in run.stderr


def test_a_revision_alone_is_said_to_be_one_commit(history: Project) -> None:
    history.write("README.md", "hello").commit("docs: hello")

    assert "HEAD~1 alone is one commit; the commits after it are HEAD~1..HEAD" in verify(history, "HEAD~1").stderr
    assert "alone" not in verify(history, "HEAD").stderr


def test_without_a_terminal_the_first_line_says_what_will_be_done(history: Project) -> None:
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", TEST_TWO).commit("feat: two")
    history.write("README.md", "hello").commit("docs: hello")

    first = verify(history, "HEAD~2..HEAD").stderr.splitlines()[0]

    assert first.startswith("phasegate: verify HEAD~2..HEAD: 2 commits, 1 to replay, ")
    assert sys.executable in first
    assert verify(history, "--quiet", "--no-cache", "HEAD~2..HEAD").stderr == ""


def test_an_unknown_range_is_named(history: Project) -> None:
    run = verify(history, "nowhere..HEAD")

    assert run.exit_code == 4
    assert "nowhere" in run.stderr


def test_the_repository_is_as_it_was(history: Project) -> None:
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", TEST_TWO).commit("feat: two")
    history.write("src/app/cache.py", "unfinished(\n")
    state = ("status", "--porcelain"), ("for-each-ref",), ("worktree", "list"), ("stash", "list"), ("config", "--list")
    before = [history.git(*words).stdout for words in state]

    assert verify(history, "HEAD").exit_code == 0
    assert [history.git(*words).stdout for words in state] == before


STRICT = '[tool.phasegate.red_green]\npolicy = "strict"\n'


def test_under_a_strict_policy_every_changed_line_runs_under_a_proving_test(history: Project) -> None:
    history.write("pyproject.toml", STRICT).commit("chore: strict")
    grown = "def size(): return 2\ndef late(flag):\n    if flag:\n        return 1\n    return 0\n"
    history.write("src/app/cache.py", grown).write("tests/test_cache.py", TEST_TWO).commit("feat: two")
    history.write("src/app/cache.py", grown.replace("return 0", "return 5"))
    late = "import app.cache\ndef test_late(): assert app.cache.late(0) == 5\n"
    history.write("tests/test_late.py", late).commit("feat: five")

    found = answer(history, "HEAD~2..HEAD")

    assert [commit["verdict"] for commit in found["commits"]] == ["failed", "passed"]
    (finding,) = found["commits"][0]["findings"]
    assert (finding["code"], finding["path"], finding["line"]) == ("PG213", "src/app/cache.py", 3)


def test_a_test_that_stops_the_watch_leaves_the_lines_unknown(history: Project) -> None:
    history.write("pyproject.toml", STRICT).commit("chore: strict")
    stopping = "import app.cache, sys\ndef test_size():\n    sys.settrace(None)\n    assert app.cache.size() == 2\n"
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", stopping).commit("feat: two")

    found = answer(history, "HEAD")

    assert found["verdict"] == "inconclusive"
    assert found["commits"][0]["findings"][0]["code"] == "PG213"


def test_a_helper_that_no_test_uses_may_go(history: Project) -> None:
    history.write("tests/test_old.py", "def helper(): pass\ndef test_old(): pass\n").commit("test: helper")
    history.write("tests/test_old.py", "def test_old(): pass\n").commit("test: no helper")

    assert answer(history, "HEAD")["commits"][0]["verdict"] == "passed"


def test_a_whole_suite_that_comes_to_no_end_leaves_open_what_the_changed_tests_did_not_show(history: Project) -> None:
    history.write("tests/test_gone.py", "import os\nimport app.cache\nos._exit(3)\n").commit("test: leave")
    guard = "import app.cache\ndef test_size(): assert app.cache.size() > 0\n"
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", guard).commit("feat: two")

    found = answer(history, "HEAD")["commits"][0]

    assert (found["verdict"], found["never_red"]) == ("inconclusive", ["tests/test_cache.py::test_size"])
    assert [finding["code"] for finding in found["findings"]] == ["PG217", "PG210"]


def test_the_log_of_a_workflow_that_has_nothing_to_annotate_says_the_verdict(history: Project) -> None:
    history.write("README.md", "hello").commit("docs: hello")

    done = verify(history, "HEAD", "--format", "github")

    assert (done.stdout.strip(), done.stderr) == ("", "not-evaluated: nothing to prove: 1 commit exempt\n")
    assert verify(history, "HEAD", "--format", "github", "-q").stderr == ""


def test_the_messages_of_a_range_are_judged_without_running_anything(history: Project) -> None:
    history.write("phasegate.toml", "").write("docs/plans/cache_implementation_guide.md", GUIDE).commit("docs: plan")
    base = history.git("rev-parse", "HEAD").stdout.strip()
    history.write("src/app/cache.py", TWO).commit("feat(cache): add two (#7)")
    history.write("src/app/cache.py", "def size(): return 3\n").commit("feat(cache): add two of it")
    history.write("README.md", "x").commit("Add words").strip()
    history.write("README.md", "y").commit("docs: words")
    schema = SCHEMA.with_name("phasegate.messages.1.json")

    text = history.phasegate("verify", "--messages", f"{base}..HEAD")
    found = history.phasegate("verify", "--messages", f"{base}..HEAD", "--format", "json").json
    good = history.phasegate("verify", "--messages", "HEAD")

    jsonschema.validate(found, json.loads(schema.read_text()))
    assert (text.exit_code, good.exit_code) == (1, 0), text.text + good.text
    assert [[one["code"] for one in commit["findings"]] for commit in found["commits"]] == [[], [], ["PG511"], []]
    assert "    fix: write `type(scope): description`" in text.stdout.splitlines()
    assert text.stdout.splitlines()[-1] == "failed: 1 of 4 messages refused"
    assert good.stdout == "passed: 1 message judged\n"


GUIDE = """
# Cache Implementation Guide
### Phase 1: Two
**Files to modify**:
- `src/app/cache.py`
**Commit**: `feat(cache): add two`
"""


def test_a_suite_that_takes_longer_than_the_time_limit_is_measured_first_and_then_given_its_time(
    history: Project,
) -> None:
    begun = history.git("rev-parse", "HEAD").stdout.strip()

    def judged(limit: float) -> str:
        many = f"range({int(3 * limit)})"
        slow = f"import pytest, time\n@pytest.mark.parametrize('n', {many})\ndef test_slow(n): time.sleep(0.5)\n"
        history.git("reset", "-q", "--hard", begun)
        history.write("src/app/cache.py", TWO).write("tests/test_cache.py", f"{slow}{TEST_TWO}").commit("feat: two")
        history.environment["PHASEGATE_RED_GREEN_TIMEOUT"] = f"{limit:g}"
        return str(answer(history, "HEAD")["verdict"])

    assert patiently(judged, "passed") == "passed"


def of_github(project: Project, name: str, event: object, **more: str) -> dict[str, str]:
    project.write("../event.json", json.dumps(event))
    path = str(project.root.parent / "event.json")
    return {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": path, **more}


def test_without_a_range_the_pull_request_is_judged_and_its_label_may_decide(history: Project) -> None:
    base = history.git("rev-parse", "HEAD").stdout.strip()
    history.git("checkout", "-q", "-b", "topic")
    head = history.write("src/app/other.py", "def other(): return 1\n").commit("feat: no test")
    history.git("checkout", "-q", "--detach", "main")
    history.git("merge", "-q", "--no-ff", "-m", "Merge topic into main", "topic")
    pull = {"number": 7, "base": {"ref": "main", "sha": base}, "head": {"sha": head}, "labels": [{"name": "tdd"}]}
    history.environment = of_github(history, "pull_request", {"pull_request": pull})

    run = verify(history)
    labelled, other = (verify(history, "--only-if-label", label) for label in ("tdd", "gate"))
    history.environment = {"CI": "true"}
    untold = verify(history, "--base", base, "--only-if-label", "gate")

    assert (run.exit_code, labelled.exit_code, other.exit_code, untold.exit_code) == (1, 1, 0, 1)
    assert f"judging {base[:12]}..{head[:12]}: pull request 7 (GitHub)" in run.stderr
    assert "not-evaluated: the pull request does not have the label gate" in other.stdout
    assert "nothing here tells of labels" in untold.stderr


def test_in_ci_a_range_without_commits_is_no_pass(history: Project) -> None:
    history.environment = {"CI": "true"}

    run = verify(history, "HEAD..HEAD")

    assert run.exit_code == 4
    assert "no commits" in run.stderr
    assert "phasegate verify --base" in run.stderr


@pytest.mark.parametrize(
    ("files", "place", "expected"),
    [
        pytest.param({"src/app/cache.py": TWO, "tests/test_cache.py": TEST_TWO}, "--staged", 0, id="red-and-green"),
        pytest.param({"src/app/cache.py": TWO, "tests/test_cache.py": TEST_TWO}, "--worktree", 0, id="work-tree"),
        pytest.param({"src/app/cache.py": TWO}, "--staged", 4, id="only-the-type-of-the-commit-could-tell"),
        pytest.param(
            {"src/app/cache.py": TWO, "tests/test_cache.py": "def test_size(): assert True\n"},
            "--staged",
            1,
            id="never-red",
        ),
    ],
)
@pytest.mark.sampled(2)
def test_what_is_not_committed_is_judged_as_the_commit_it_would_be(
    history: Project, files: dict[str, str], place: str, expected: int
) -> None:
    for path, text in files.items():
        history.write(path, text)
    if place == "--staged":
        history.git("add", "--all")

    run = verify(history, place)

    assert run.exit_code == expected, run.text


def test_what_is_staged_is_judged_anew_once_a_part_of_it_is_committed(history: Project) -> None:
    more = f"{TWO}\n\ndef more(): return 1\n"
    history.write("src/app/cache.py", more).write("tests/test_cache.py", TEST_TWO).git("add", "--all")
    whole = verify(history, "--staged").exit_code
    history.write("src/app/cache.py", TWO).commit("feat: two")
    history.write("src/app/cache.py", more).git("add", "--all")

    assert (whole, verify(history, "--staged").exit_code) == (0, 4)


@pytest.mark.parametrize("words", [("HEAD", "--base", "HEAD"), ("--staged", "--worktree"), ("--staged", "--messages")])
def test_words_that_name_different_commits_are_a_usage_error(history: Project, words: tuple[str, ...]) -> None:
    assert verify(history, *words).exit_code == 2


def test_variables_that_the_project_names_reach_the_tests(history: Project) -> None:
    reads = "import os, pytest, app.cache\n@pytest.fixture\ndef url(): return os.environ['CACHE_URL']\n"
    history.write("src/app/cache.py", TWO)
    history.write("tests/test_cache.py", f"{reads}def test_size(url): assert app.cache.size() == len(url)\n")
    history.commit("feat: two")

    history.environment = {"CACHE_URL": "ab"}
    hidden = verify(history, "HEAD")
    history.environment |= {"PHASEGATE_RED_GREEN_ENVIRONMENT": "CACHE_*"}
    seen = verify(history, "HEAD").exit_code
    history.environment |= {"CACHE_URL": "abc"}
    answers = [seen, verify(history, "HEAD").exit_code]

    assert "name the variables it needs in `red_green.environment`" in hidden.stdout
    assert "no new or changed test is green" in hidden.stdout
    assert (hidden.exit_code, answers) == (1, [0, 1])


def test_the_settings_of_django_reach_the_tests_and_what_was_kept_without_them_does_not_count(history: Project) -> None:
    reads = (
        "import os, app.cache\ndef test_size():\n    assert os.environ['DJANGO_SETTINGS_MODULE'] == 'app.settings'\n"
    )
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", f"{reads}    assert app.cache.size() == 2\n")
    history.commit("feat: two")

    without = verify(history, "HEAD").exit_code
    history.environment = {"DJANGO_SETTINGS_MODULE": "app.settings"}

    assert (without, verify(history, "HEAD").exit_code) == (1, 0)


@pytest.mark.parametrize(
    ("place", "script", "told"),
    [
        (
            "runtests.py",
            "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'app.settings'\n",
            "=app.settings   # as in runtests.py; ",
        ),
        (
            "runtests.py",
            "settings.configure(DEBUG=True)\n",
            "=MODULE   # one with what runtests.py gives to settings.configure; ",
        ),
        ("runtests.py", "", "=NAME.settings   # "),
        ("tox.ini", "[testenv]\ncommands = django test --settings=app.ci\n", "=app.ci   # as in tox.ini; "),
        ("tox.ini", "[testenv]\nsetenv =\n  DJANGO_SETTINGS_MODULE = app.ci\n", "=app.ci   # as in tox.ini; "),
    ],
)
def test_where_only_a_script_knows_the_settings_of_django_the_line_that_names_them_is_told(
    history: Project, place: str, script: str, told: str
) -> None:
    unset = "import os\nclass ImproperlyConfigured(Exception): pass\nif 'DJANGO_SETTINGS_MODULE' not in os.environ:\n"
    unset += "    raise ImproperlyConfigured('Requested setting A, but settings are not configured.' + ' You' * 99)\n"
    history.write(place, script).write("tests/test_old.py", "def test_old(): pass\n").commit("chore: old")
    history.write("src/app/cache.py", TWO).write("tests/test_new.py", unset + TEST_TWO).commit("feat: two")

    without = verify(history, "HEAD")
    history.environment = {"DJANGO_SETTINGS_MODULE": "app.settings"}

    assert (without.exit_code, verify(history, "HEAD").exit_code) == (4, 0)
    assert f"fix: export DJANGO_SETTINGS_MODULE{told}pytest-django reads it" in without.stdout
    assert " You You …\n" in without.stdout
