from __future__ import annotations

import py_compile
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.child.pytest_child import PytestChild
from pytest_phasegate.adapters.git.repository import open_repository
from pytest_phasegate.adapters.project.interpreter import Interpreter, inspect_interpreter
from pytest_phasegate.adapters.redgreen.workspace import BuiltFiles, ScratchWorkspace
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, TestId
from pytest_phasegate.core.project.settings import Policy, Settings
from pytest_phasegate.core.redgreen.plan import Extent, plan
from pytest_phasegate.errors import RepositoryError
from support.project import LEAN, LEAN_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_phasegate.app.ports.evidence import RunOrder
    from pytest_phasegate.core.evidence.probe_records import ProbedRun
    from pytest_phasegate.core.redgreen.observed import Replay
    from support.project import Project


class Noting:
    """A runner that notes for each run whether it is a whole one, one of some cases, or collects only."""

    def __init__(self, runner: PytestChild) -> None:
        self.runner = runner
        self.identity = runner.identity
        self.runs: list[str] = []
        self.files: list[tuple[str, ...]] = []
        self.again: set[NodeId] = set()

    def run(self, order: RunOrder) -> ProbedRun:
        """Note a run, and carry it out."""
        self.runs.append("collects" if "--collect-only" in order.options else "some" if order.only else "whole")
        self.files.append(order.files)
        self.again.update(order.only)
        return self.runner.run(order)


class History:
    """A project whose commits are replayed."""

    runs: list[str]
    files: list[tuple[str, ...]]
    again: set[NodeId]
    read: ReadChange
    replayer: Replayer
    quick = 1.0

    def __init__(self, project: Project, scratch: Path, interpreter: Interpreter) -> None:
        self.project = project
        self.scratch = scratch
        self.interpreter = interpreter
        project.init_git().write("pytest.ini", LEAN).write("src/app/__init__.py", "").write(
            "tests/test_old.py", "def test_old(): pass\n"
        )
        project.write(".gitignore", "_version.py\n__pycache__\n")

    def change(self, **files: str) -> None:
        """Write files (``__`` is ``/``, ``_py`` the suffix) and commit."""
        for name, text in files.items():
            self.project.write(name.replace("__", "/").removesuffix("_py") + ".py", text)
        self.project.commit("change")

    def replay(
        self, *, suite: bool = False, policy: Policy = Policy.STANDARD, open_reds: Iterable[TestId] = ()
    ) -> Replay:
        root = str(self.project.root)
        repository = open_repository(root)
        built = BuiltFiles(repository, root, self.interpreter)
        workspace = ScratchWorkspace(repository, self.scratch, self.interpreter, built)
        child = Noting(PytestChild(self.interpreter, str(self.scratch), [root]))
        self.runs, self.files, self.again = child.runs, child.files, child.again
        change = ChangeReader(repository, Settings()).between("HEAD~1", "HEAD")
        wanted = plan(change.changes, policy, open_reds=open_reds)
        if suite:
            wanted = wanted._replace(extent=Extent.SUITE, files=())
        self.read, self.replayer = change, Replayer(workspace, child, timeout=60, quick=self.quick)
        return self.replayer.carry_out(change, wanted)

    def words(self) -> dict[str, str]:
        """Each test with how it stands and its grade."""
        names = ("fail_to_pass", "pass_to_pass", "fail_to_fail", "pass_to_fail")
        return {
            test.id.partition("::")[2]: " ".join([*(name for name in names if getattr(test, name)), test.grade.value])
            for test in self.replay().tests
        }


@pytest.fixture
def history(project: Project, tmp_path: Path, interpreter: Interpreter) -> History:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return History(project, scratch, interpreter)


@pytest.mark.parametrize(
    ("path", "another"),
    [
        (".phasegate/reviews.jsonl", False),
        ("lib/.phasegate/baseline.jsonl", False),
        (".phasegate/tool.py", True),
        ("reviews.jsonl", True),
    ],
)
def test_what_phasegate_records_makes_no_other_tree_of_a_replay(path: str, another: bool, history: History) -> None:
    history.change(src__app__cache_py="A = 1\n")
    root = str(history.project.root)
    repository = open_repository(root)
    built = BuiltFiles(repository, root, history.interpreter)
    workspace = ScratchWorkspace(repository, history.scratch, history.interpreter, built)
    after = ChangeReader(repository, Settings()).view("HEAD")

    plain, recorded = (
        workspace.tree(entries, after.layout, {}).digest
        for entries in (after.entries, {**after.entries, path: after.entries["src/app/cache.py"]})
    )

    assert (plain != recorded) is another


def test_a_change_turns_its_tests_from_red_to_green(history: History) -> None:
    history.change(src__app__cache_py="def size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\ndef ttl(): return 3\n",
        tests__test_cache_py="""
        import app.cache
        def test_size(): assert app.cache.size() == 2
        def test_ttl(): assert app.cache.ttl() == 3
        def test_guard(): assert app.cache.size() > 0
        def test_wrong(): assert app.cache.size() == 5
        """,
    )

    assert history.words() == {
        "test_size": "fail_to_pass behavioural",
        "test_ttl": "fail_to_pass structural",
        "test_guard": "pass_to_pass none",
        "test_wrong": "fail_to_fail behavioural",
    }


SLOW = """
    import time
    import app.cache
    def test_slow(): time.sleep(0.02)
    def test_any(): assert app.cache.size() > 0
    class TestKept(app.cache.Kept):
        pass
    """
SIZED = SLOW.replace("    class", "    def test_size(): assert app.cache.size() == 2\n    class")
KEPT = "class Kept:\n    def test_kept(self): pass\n"
SKIPPED = SIZED.replace("import time", "import pytest, time").replace("    class", "    @pytest.mark.skip\n    class")
EMPTIED = SIZED.replace("import time", "import pytest, time").replace(
    "def test_any(", "@pytest.mark.parametrize('x', [])\n    def test_any(x"
)
BASES = {
    "where all stays green, what was before is only collected": (SIZED, KEPT, ["whole", "whole", "collects"]),
    "a test that nobody collects any more was green": (
        SIZED,
        "class Kept: pass",
        ["whole", "whole", "collects", "whole"],
    ),
    "a test that is skipped now was green": (SKIPPED, KEPT, ["whole", "whole", "whole"]),
    "a test without a case now was green": (EMPTIED, KEPT, ["whole", "whole", "whole"]),
    "a class that only new tests are in decides about none before": (
        f"{SIZED}class TestMore:\n        def test_more(self): assert app.cache.size() == 2\n",
        KEPT,
        ["whole", "whole", "collects"],
    ),
    "a fixture that is used by itself decides about those before, too": (
        f"{SIZED}import pytest\n    @pytest.fixture(autouse=True)\n    def beside(): pass\n",
        KEPT,
        ["whole", "whole", "whole"],
    ),
}


@pytest.mark.parametrize(("tests", "kept", "runs"), BASES.values(), ids=BASES)
def test_what_was_there_before_is_run_only_where_its_end_matters(
    history: History, tests: str, kept: str, runs: list[str]
) -> None:
    history.change(src__app__cache_py=f"def size(): return 1\n{KEPT}", tests__test_cache_py=SLOW)
    history.change(src__app__cache_py=f"def size(): return 2\n{kept}", tests__test_cache_py=tests)

    history.quick = 0.01
    replay = history.replay()

    assert [run for run in history.runs if run != "some"] == runs
    turned = [test.id.rpartition("::")[2] for test in replay.tests if test.fail_to_pass]
    assert turned == ["test_more", "test_size"][" test_more" not in tests :]
    assert replay.lost == (("tests/test_cache.py::TestKept::test_kept",) if kept != KEPT else ())
    skipped = [test.base for test in replay.tests if test.after is Outcome.SKIPPED]
    assert skipped == ([Outcome.PASSED] if tests in {SKIPPED, EMPTIED} else [])


@pytest.mark.parametrize(
    ("beside", "runs"),
    [("pass", ["whole", "collects"]), ("assert False", ["whole", "collects", "whole"])],
    ids=["all stays green", "a test is red"],
)
def test_what_looks_inert_is_run_before_only_where_it_is_not_green_after(
    history: History, beside: str, runs: list[str]
) -> None:
    code = f"def size(): return 1\n{KEPT}"
    history.change(src__app__cache_py=code, tests__test_cache_py=SLOW)
    history.change(tests__test_beside_py=f"import app.cache, time\ndef test_beside(): time.sleep(0.02); {beside}\n")
    history.change(src__app__cache_py=code.replace("()", "() -> int"))

    history.quick = 0.01
    replay = history.replay()

    assert [run for run in history.runs if run != "some"] == runs
    assert (replay.lost, replay.broken, replay.trouble) == ((), (), ())


def test_what_is_green_behind_a_test_of_its_own_file_alone_only_differs(history: History) -> None:
    history.change(src__app__cache_py=ONE)
    history.change(
        src__app__cache_py=f"{ONE}MORE = 1\n",
        tests__test_behind_py="""
        import app.cache
        SEEN = {}
        def test_first(): SEEN['cache'] = app.cache
        def test_behind(): assert hasattr(SEEN['cache'], 'MORE')
        """,
        tests__test_more_py="def test_more(): pass\n",
    )

    found = {test.id.rpartition("::")[2]: test for test in history.replay().tests}

    assert (found["test_behind"].flaky, found["test_behind"].after) == (True, Outcome.PASSED)


def test_of_a_test_with_many_cases_only_those_are_run_again_that_were_red(history: History) -> None:
    table = (
        "import app.cache, pytest\n@pytest.mark.parametrize('n', {})\ndef test_size(n): assert app.cache.size() >= n\n"
    )
    history.change(src__app__cache_py="def size(): return 1\n", tests__test_cache_py=table.format([0, 1]))
    history.change(src__app__cache_py="def size(): return 2\n", tests__test_cache_py=table.format([0, 1, 2]))

    replay = history.replay()

    assert [len(test.cases) for test in replay.tests if test.fail_to_pass] == [3]
    assert history.again == {NodeId("tests/test_cache.py::test_size[2]")}


@pytest.mark.parametrize(("stood", "last"), [(False, "collects"), (True, "whole")], ids=["is new", "stood before"])
def test_data_decides_about_the_tests_before_it_only_where_it(history: History, stood: bool, last: str) -> None:
    if stood:
        history.project.write("tests/sizes/one.txt", "1")
    history.change(src__app__cache_py=f"def size(): return 1\n{KEPT}", tests__test_cache_py=SLOW)
    history.project.write("tests/sizes/one.txt", "2")
    history.change(src__app__cache_py=f"def size(): return 2\n{KEPT}", tests__test_cache_py=SIZED)

    history.quick = 0.01
    replay = history.replay()

    assert [test.id.rpartition("::")[2] for test in replay.tests if test.fail_to_pass] == ["test_size"]
    assert [run for run in history.runs if run != "some"] == ["whole", "whole", last]


def test_where_the_code_before_cannot_import_a_file_that_one_is_run_as_it_stood_and_the_others_are_collected(
    history: History,
) -> None:
    one, two = "def size(): return 1\n", "def ttl(): return 3\n"
    stood = "import app.cache\ndef test_size(): assert app.cache.size() == 1\n"
    steady = "import time, app.cache\ndef test_steady(): time.sleep(0.02); assert app.cache.size() > 0\n"
    history.change(src__app__cache_py=one, tests__test_cache_py=stood, tests__test_steady_py=steady)
    fresh = f"from app.cache import ttl\n{stood}def test_ttl(): assert ttl() == 3\n"
    history.change(src__app__cache_py=one + two, tests__test_cache_py=fresh)

    history.quick = 0.01
    replay = history.replay(suite=True)

    turned = {test.id.rpartition("::")[2]: test.base for test in replay.tests if test.fail_to_pass}
    assert turned == {"test_size": Outcome.PASSED, "test_ttl": Outcome.MISSING}
    assert history.runs[:4] == ["whole", "whole", "collects", "whole"]
    assert history.files[3] == ("tests/test_cache.py",)


def test_a_change_that_only_looks_inert_is_run_on_two_trees(history: History) -> None:
    history.project.write("README.md", "one")
    history.change(src__app__cache_py="def size(): return 1\n", tests__test_cache_py=SLOW)
    history.project.write("README.md", "two")
    history.change(src__app__cache_py="import os\ndef size(): return 1\n")

    history.quick = 0.01
    assert [test.id.partition("::")[2] for test in history.replay().tests if test.pass_to_pass] != []
    assert history.runs == ["whole", "whole"]


TAUTOLOGY = "def test_any(): pass\n"
ONE, TWO = "def size(): return 1\n", "def size(): return 2\n"


STEADY = """
    import time, pytest
    from app import types
    def test_steady(): time.sleep(0.02); assert types.twice(2) == 4
    """
BYSTANDERS = {
    "all of them pass": ({}, "", ["whole", "whole", "collects"], {"test_size": "fail_to_pass"}),
    "one of them is broken": (
        {"tests__test_odd_py": "from app import types\ndef test_odd(): assert types.twice.__annotations__ == {}\n"},
        "",
        ["whole", "whole", "collects", "whole", *["some"] * 4],
        {"test_size": "fail_to_pass", "test_odd": "pass_to_fail"},
    ),
    "one of them fails all along": (
        {"tests__test_odd_py": "from app import types\ndef test_odd(): assert types.twice(2) == 5\n"},
        "",
        ["whole", "whole", "collects", "whole"],
        {"test_size": "fail_to_pass"},
    ),
    "one of them is not collected any more": (
        {"tests__test_odd_py": "from app.types import twice\nif not twice.__annotations__:\n def test_odd(): pass\n"},
        "test_odd",
        ["whole", "whole", "collects", "whole"],
        {"test_size": "fail_to_pass"},
    ),
}


@pytest.mark.parametrize(("others", "lost", "runs", "told"), BYSTANDERS.values(), ids=BYSTANDERS)
def test_what_must_only_stay_green_beside_a_proof_is_run_once(
    history: History, others: dict[str, str], lost: str, runs: list[str], told: dict[str, str]
) -> None:
    types, size = "def twice(x): return x * 2\n", "import app.cache\ndef test_size(): assert app.cache.size() == {}\n"
    code = {"src__app__types_py": types, "src__app__cache_py": "def size(): return 1\n"}
    history.change(**code, tests__test_steady_py=STEADY, tests__test_size_py=size.format(1), **others)
    history.change(
        src__app__types_py=types.replace("x)", "x: int) -> int"),
        src__app__cache_py="def size(): return 2\n",
        tests__test_size_py=size.format(2),
    )
    history.quick = 0.01

    replay = history.replay()

    proof = ("some", "some")
    names = ("fail_to_pass", "pass_to_fail")
    said = {test.id.partition("::")[2]: name for test in replay.tests for name in names if getattr(test, name)}
    assert said == told
    assert [test.partition("::")[2] for test in replay.lost] == [lost] * bool(lost)
    assert history.runs == [*runs, *proof]


FIXTURES = {
    "that only a new test asks for": ("    @pytest.fixture\n    def two(): return 2\n", ["whole", "whole", "collects"]),
    "that is used by itself": ("    @pytest.fixture(autouse=True)\n    def two(): return 2\n", ["whole"] * 3),
}


@pytest.mark.parametrize(("fixture", "runs"), FIXTURES.values(), ids=FIXTURES)
def test_what_a_conftest_decides_about_is_run_on_the_code_before_too(
    history: History, fixture: str, runs: list[str]
) -> None:
    code = {"src__app__types_py": "def twice(x): return x * 2\n", "src__app__cache_py": "def size(): return 1\n"}
    history.change(**code, tests__test_steady_py=STEADY, tests__conftest_py="import pytest\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__conftest_py=f"    import pytest\n{fixture}",
        tests__test_size_py="import app.cache\ndef test_size(two): assert app.cache.size() == two\n",
    )

    history.quick = 0.01
    replay = history.replay()

    assert [test.id.partition("::")[2] for test in replay.tests if test.fail_to_pass] == ["test_size"]
    assert [run for run in history.runs if run != "some"] == runs


LEFT_RED = {
    "it turns green": (2, "", ["whole", "collects", "whole"], {"test_size": "fail_to_pass"}),
    "it stays red, and another may have turned green": (
        3,
        "",
        ["whole", "whole"],
        {"test_steady": "fail_to_pass"},
    ),
    "a test breaks beside it": (
        2,
        "import app.cache\ndef test_odd(): assert app.cache.size() % 2\n",
        ["whole", "whole"],
        {"test_size": "fail_to_pass", "test_odd": "pass_to_fail"},
    ),
}


@pytest.mark.parametrize(("now", "other", "runs", "told"), LEFT_RED.values(), ids=LEFT_RED)
def test_where_an_earlier_commit_left_a_test_red_it_alone_is_run_on_the_code_before(
    history: History, now: int, other: str, runs: list[str], told: dict[str, str]
) -> None:
    steady = STEADY.replace(
        "types.twice(2) == 4", "types.cache.size() in (1, 2)" if now == 2 else "types.cache.size() == 3"
    )
    size = "import app.cache\ndef test_size(): assert app.cache.size() == 2\n"
    code = {"src__app__types_py": "from app import cache\n", "src__app__cache_py": "def size(): return 1\n"}
    history.change(**code, tests__test_steady_py=steady, tests__test_size_py=size, tests__test_odd_py=other)
    history.change(src__app__cache_py=f"def size(): return {now}\n")
    history.quick = 0.01

    replay = history.replay(suite=True, open_reds=[TestId("tests/test_size.py::test_size")])

    names = ("fail_to_pass", "pass_to_fail")
    said = {test.id.partition("::")[2]: name for test in replay.tests for name in names if getattr(test, name)}
    assert said == told
    assert [run for run in history.runs if run != "some"] == runs


@pytest.fixture
def packages(history: History) -> History:
    """Two packages that cannot share a process: each has a package of tests of the same name."""
    history.project.remove("pytest.ini").remove("tests").remove("src")
    for name in ("one", "two"):
        history.project.write(f"packages/{name}/pyproject.toml", f"[tool.pytest.ini_options]\n{LEAN_OPTIONS}\n")
        for file in ("__init__", "conftest", "helper"):
            history.change(**{f"packages__{name}__tests__{file}_py": f"NAME = {name!r}\n"})
        history.change(**{f"packages__{name}__{name}_code_py": ONE})
    return history


def size_test(name: str, size: int) -> str:
    return f"""
    import os
    from tests.helper import NAME
    from {name}_code import size
    def test_size(): assert (size(), NAME, os.path.isfile("{name}_code.py")) == ({size}, {name!r}, True)
    """


@pytest.mark.parametrize("suite", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_each_package_of_a_repository_is_run_where_its_own_tests_start(packages: History, *, suite: bool) -> None:
    packages.change(
        packages__one__one_code_py=TWO, packages__one__tests__test_size_py=size_test("one", 2),
        packages__two__two_code_py=TWO, packages__two__tests__test_size_py=size_test("two", 2),
    )  # fmt: skip

    replay = packages.replay(suite=suite)

    assert replay.trouble == ()
    assert {test.id: (test.fail_to_pass, test.grade.value) for test in replay.tests} == {
        f"packages/{name}/tests/test_size.py::test_size": (True, "behavioural") for name in ("one", "two")
    }


def test_a_package_that_cannot_be_run_leaves_what_was_seen_of_the_other(packages: History) -> None:
    packages.change(
        packages__one__one_code_py=TWO, packages__one__tests__test_size_py=size_test("one", 2),
        packages__two__two_code_py=TWO, packages__two__tests__test_size_py=size_test("two", 2),
        packages__two__tests__conftest_py="import nobody_installed_this\n",
    )  # fmt: skip

    replay = packages.replay()

    assert [test.id for test in replay.tests] == ["packages/one/tests/test_size.py::test_size"]
    assert ["nobody_installed_this" in why for why in replay.trouble] == [True]


def test_a_test_that_moves_to_another_package_is_not_lost(packages: History) -> None:
    packages.change(packages__one__tests__test_sum_py="def test_sum():\n    assert sum([1, 1]) == 2\n")
    packages.project.remove("packages/one/tests/test_sum.py")
    packages.change(
        packages__two__tests__test_sum_py="def test_sum():\n    assert sum([1, 1]) == 2\n",
        packages__one__one_code_py=TWO,
    )

    assert packages.replay(suite=True).lost == ()


def test_a_file_that_cannot_be_imported_on_the_red_tree_reds_its_tests(history: History) -> None:
    history.change()
    history.change(
        src__app__cache_py="class LRU: pass\n",
        tests__test_cache_py="from app.cache import LRU\ndef test_lru(): LRU()\n",
    )

    assert history.words() == {"test_lru": "fail_to_pass structural"}


def test_a_conftest_that_needs_the_new_code_reds_the_new_tests(history: History) -> None:
    history.change()
    history.change(
        src__app__cache_py="class LRU: pass\n",
        tests__conftest_py="import pytest\nfrom app.cache import LRU\n@pytest.fixture\ndef lru(): return LRU()\n",
        tests__test_cache_py="def test_lru(lru): assert lru\n",
    )

    replay = history.replay()

    assert replay.trouble == ()
    fresh = [test for test in replay.tests if any(case.base is Outcome.MISSING for case in test.cases)]
    assert {test.id: test.grade.value for test in fresh} == {"tests/test_cache.py::test_lru": "structural"}


def test_a_fixture_that_only_the_new_code_lets_pass_is_red(history: History) -> None:
    """Production is all that differs, so what a fixture raises on the red tree alone is its doing."""
    history.change(src__app__cache_py="def sizes(): return {}\n")
    history.change(
        src__app__cache_py="def sizes(): return {'ttl': 3}\n",
        tests__test_cache_py="""
import app.cache, pytest
@pytest.fixture
def ttl(): return app.cache.sizes()['ttl']
@pytest.fixture
def late():
    yield 3
    app.cache.sizes()['ttl']
def test_ttl(ttl): assert ttl == 3
def test_late(late): assert late == 3
def test_absent(nowhere): pass
""",
    )

    assert history.words() == {
        "test_ttl": "fail_to_pass structural",
        "test_late": "fail_to_pass structural",
        "test_absent": "fail_to_fail broken",
    }


def test_a_missing_third_party_module_is_the_environments_and_no_red(history: History) -> None:
    history.change(src__app__cache_py="import no_such_dependency\ndef size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )

    assert history.words() == {"test_size": "broken"}


def test_before_that_cannot_run_in_this_environment_is_trouble(history: History) -> None:
    broken = "import no_such_dependency\ndef size(): return 1\n"
    history.change(src__app__cache_py=broken, tests__test_cache_py="import app.cache\ndef test_a(): pass\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_a(): pass\ndef test_b(): assert app.cache.size() == 2\n",
    )

    assert any("no_such_dependency" in reason for reason in history.replay().trouble)


def test_a_test_that_is_flaky_is_told(history: History) -> None:
    history.change(src__app__cache_py="def size(): return 1\n")
    flaky = history.scratch.parent / "flaky"
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py=f"""
        import app.cache, pathlib
        def test_sometimes():
            seen = pathlib.Path({str(flaky)!r})
            if app.cache.size() == 1 and not seen.exists():
                seen.touch()
                raise OSError("network")
        """,
    )

    (test,) = history.replay().tests

    assert (test.fail_to_pass, test.flaky) == (True, True)


def test_a_new_test_that_fails_by_chance_is_flaky(history: History) -> None:
    history.change(src__app__cache_py="def size(): return 1\n")
    slow = history.scratch.parent / "slow"
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py=f"""
        import app.cache, pathlib
        def test_deadline():
            seen = pathlib.Path({str(slow)!r})
            late, _ = not seen.exists(), seen.touch()
            assert app.cache.size() == 2 and not late
        """,
    )

    (test,) = history.replay().tests

    assert (test.fail_to_fail, test.flaky) == (True, True)


CHANCE = {
    # what each test asks of the code that it has seen until then; which of those that fail are flaky, and all they saw
    "where one passes or fails by chance, the others are asked more often": {
        "before": ("seen in {'21', '211'}", True, "21121"),
        "later": ("seen in {'21', '211', '21121', '211212'}", True, "211212"),
        "base": ("seen == '21'", True, "21121"),
        "broken": ("seen[-1] < '2'", False, "211" + "21" * 5),
        "altered": ("data.read_text() == '1'", False, "211" + "21" * 5),
    },
    "one that is late twice in a row, on a machine that is busy for a while, is": {
        "twice": ("eval('int(seen) not in {2, 2112}')", True, "211212"),
    },
    "what the code breaks is asked twice more on both sides": {
        "broken": ("seen[-1] < '2'", False, "2112121"),
    },
    "one that fails with other words each time is": {
        "late": ("seen[-1] == '1' or len(seen) > 5, seen", True, "211212")
    },
}


@pytest.mark.parametrize("tests", CHANCE.values(), ids=CHANCE)
def test_a_test_that_fails_on_either_side_of_a_busy_machine_is_no_regression(
    history: History, tests: dict[str, tuple[str, bool, str]]
) -> None:
    for name, (asks, _, _) in tests.items():
        test = f"""
        import app.cache, pathlib
        data = pathlib.Path(__file__).with_name("data.txt")
        def test_{name}():
            runs = pathlib.Path({str(history.scratch.parent / name)!r})
            runs.write_text(seen := (runs.read_text() if runs.exists() else "") + str(app.cache.size()))
            assert {asks}
        """
        history.project.write(f"tests/test_{name}.py", test)
    history.project.write("tests/data.txt", "1")
    history.change(src__app__cache_py="def size(): return 1\n")
    history.project.write("tests/data.txt", "2")
    history.change(src__app__cache_py="def size(): return 2\n")

    failing = {test.id.partition("::test_")[2]: test for test in history.replay(suite=True).tests}

    assert {name: (failing[name].flaky, (history.scratch.parent / name).read_text()) for name in tests} == {
        name: (flaky, seen) for name, (_, flaky, seen) in tests.items()
    }


def test_a_warning_of_this_environment_is_found_once_for_all_runs_of_a_change(history: History) -> None:
    history.project.write("pytest.ini", f"{LEAN}filterwarnings = error\n")
    history.project.write("tests/conftest.py", "import warnings\nwarnings.warn('the old name', DeprecationWarning)\n")
    test = "import app.cache\ndef test_size(): assert app.cache.size() == {}\n"
    history.change(src__app__cache_py="def size(): return 1\n", tests__test_cache_py=test.format(1))
    history.change(src__app__cache_py="def size(): return 2\n", tests__test_cache_py=test.format(2))
    history.replay()
    known = len(history.runs)
    case = NodeId("tests/test_cache.py::test_size")

    lines = history.replayer.lines_of(history.read, (case,), ("src/app/cache.py",))
    before = history.replayer.earlier(history.read, (TestId(case),), {}).outcomes

    assert lines
    assert 1 in lines["src/app/cache.py"]
    assert list(before.values()) == [Outcome.FAILED]
    assert history.runs[known:] == ["some", "whole", "some"]


def test_a_test_nobody_touched_must_be_red_twice_to_be_a_proof(history: History) -> None:
    """Even by an assertion: a deadline that was missed once, on the old code of all runs, would prove anything."""
    runs = history.scratch.parent / "runs"
    untouched = f"""
        import app.cache, pathlib
        def test_deadline():
            path = pathlib.Path({str(runs)!r})
            path.write_text(path.read_text() + "." if path.exists() else ".")
            assert len(path.read_text()) != 3, "after and base were in time, the red tree was late"
        """
    history.change(src__app__cache_py="def size(): return 1\n", tests__test_cache_py=untouched)
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py=untouched + "\n        def test_new(): assert app.cache\n",
    )

    deadline, new = history.replay().tests

    assert (deadline.fail_to_pass, deadline.flaky) == (True, True)
    assert new.pass_to_pass


def test_an_assertion_that_failed_once_on_the_old_code_is_flaky(history: History) -> None:
    runs = history.scratch.parent / "runs"
    history.change(src__app__cache_py="def size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py=f"""
        import app.cache, pathlib
        def test_deadline():
            path = pathlib.Path({str(runs)!r})
            path.write_text(path.read_text() + "." if path.exists() else ".")
            assert len(path.read_text()) != 2, "after was in time, the red tree was late"
        """,
    )

    (test,) = history.replay().tests

    assert (test.fail_to_pass, test.flaky) == (True, True)


@pytest.mark.parametrize("company", ["", "def test_guard(): assert app.cache\n"], ids=["alone", "in company"])
def test_an_assertion_that_fails_every_second_time_is_flaky(history: History, tmp_path: Path, company: str) -> None:
    history.change(src__app__cache_py="def size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py=f"""import app.cache, pathlib
{company}
def test_turns():
    path = pathlib.Path({str(tmp_path / "left")!r})
    left = path.exists()
    path.unlink() if left else path.touch()
    assert not left
""",
    )

    test = history.replay().tests[-1]

    assert (test.fail_to_pass, test.flaky) == (True, True)


LEAVES = {
    "file": "p = Path(PLACE)\n    left = p.exists()\n    p.write_text('x')\n    assert not left",
    "directory": "p = Path(PLACE)\n    p.mkdir()",
    "table": (
        "db = sqlite3.connect(PLACE)\n    db.execute('CREATE TABLE IF NOT EXISTS t (x)')\n"
        "    n = db.execute('SELECT count(*) FROM t').fetchone()[0]\n"
        "    db.execute('INSERT INTO t VALUES (1)')\n    db.commit()\n    assert n == 0"
    ),
}


def test_a_red_that_only_the_first_run_left_behind_is_none(history: History, tmp_path: Path) -> None:
    leaving = "".join(
        f"def test_{name}():\n    {body.replace('PLACE', repr(str(tmp_path / name)))}\n"
        for name, body in LEAVES.items()
    )
    history.change(src__app__size_py="def size(): return 1\n")
    history.change(
        src__app__size_py="def size(): return 2\n",
        tests__test_size_py=f"""import sqlite3
from pathlib import Path
import app.size
def test_size(): assert app.size.size() == 2
{leaving}
""",
    )

    assert history.words() == {"test_size": "fail_to_pass behavioural"} | {
        f"test_{name}": "pass_to_pass none" for name in LEAVES
    }


def test_a_red_that_the_code_and_a_leftover_cause_in_turn_is_flaky(history: History, tmp_path: Path) -> None:
    place = str(tmp_path / "left")
    history.change(src__app__size_py="def size(): return 1\n")
    history.change(
        src__app__size_py="def size(): return 2\n",
        tests__test_size_py=f"""from pathlib import Path
import app.size
def test_left():
    assert app.size.size() == 2
    Path({place!r}).mkdir()
""",
    )

    (test,) = history.replay().tests
    assert test.fail_to_pass
    assert test.flaky


DOOR = """
OPEN, HELD = [], []
class Pool:
    whole = True
    def use(self): {use}
def shut(): {shut}
def ready(): {ready}
def enter():
    if HELD: raise RuntimeError("held already")
def seen(key, _memory={{}}): {seen}
"""
OLD = DOOR.format(
    use="self.whole = False; return 1", shut="raise RuntimeError('stuck')", ready="return 1",
    seen="return _memory.setdefault('last', key)",
)  # fmt: skip
NEW = DOOR.format(use="return 2", shut="OPEN.clear()", ready="return 2", seen="return key")
CLEAN = """
import pytest
from app import door
@pytest.fixture(autouse=True)
def clean(): assert not door.OPEN, "somebody left it open"
@pytest.fixture
def entered(): return door.enter()
@pytest.fixture(scope="session")
def pool(): return door.Pool()
@pytest.fixture
def ready():
    if door.ready() == 1: raise OSError("not ready")
"""
SHUTS = "def test_{}():\n    door.OPEN.append(1)\n    door.shut()\n"
OTHERS = "".join(f"def test_other_{number}(): pass\n" for number in range(4))
BREAKS = """
def test_a():
    door.Pool.whole = False
    assert door.ready() == 2
    door.Pool.whole = True
def test_b(): assert door.Pool.whole
"""
HOLDS = """
def test_a():
    door.HELD.append(1)
    assert door.ready() == 2
    door.HELD.clear()
def test_b(entered): pass
"""
REMEMBERS = """
def test_first(): assert door.seen(1) == 1
def test_a(): assert door.ready() == 2
def test_b(): assert door.seen(2) == 2
"""
USES = "def test_{}(pool): assert pool.use() == 2\n"
LEFT_BROKEN = {
    # what the change does not touch, what it adds, and the tests that really turn green
    "set-up of what nobody touched": (OTHERS, SHUTS.format("a"), "test_a"),
    "set-up between two reds": (OTHERS, SHUTS.format("a") + OTHERS + SHUTS.format("c"), "test_a test_c"),
    "a session's fixture": ("def test_other(pool): assert pool.whole\n", USES.format("a"), "test_a"),
    "a global, of another new test": ("", BREAKS, "test_a"),
    "set-up of another new test, in code that changes": ("", HOLDS, "test_a"),
}
RED_THEMSELVES = {
    "each for its own": ("", USES.format("a") + "def test_b(): assert door.ready() == 2\n", "test_a test_b"),
    "a set-up": (
        "def test_other(ready): pass\n",
        "def test_a(ready): pass\ndef test_b(ready): pass\n",
        "test_a test_b test_other",
    ),
    "for what a passing test did before with the old code": ("", REMEMBERS, "test_a test_b"),
}


def proved(history: History, others: str, fresh: str, policy: Policy) -> Replay:
    history.change(src__app__door_py=OLD, tests__conftest_py=CLEAN, tests__test_z_py="from app import door\n" + others)
    history.change(src__app__door_py=NEW, tests__test_door_py="import pytest\nfrom app import door\n" + fresh)
    return history.replay(suite=True, policy=policy)


def turned(replay: Replay) -> str:
    return " ".join(sorted(test.id.partition("::")[2] for test in replay.tests if test.fail_to_pass))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("case", LEFT_BROKEN)
def test_a_red_that_only_another_red_left_behind_is_none(history: History, case: str) -> None:
    others, fresh, expected = LEFT_BROKEN[case]

    replay = proved(history, others, fresh, Policy.STANDARD)

    assert turned(replay) == expected
    assert replay.behind
    assert not any(test.flaky for test in replay.tests)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("case", RED_THEMSELVES)
def test_reds_that_are_red_without_each_other_count(history: History, case: str) -> None:
    others, fresh, expected = RED_THEMSELVES[case]

    replay = proved(history, others, fresh, Policy.STRICT)

    assert turned(replay) == expected
    assert not replay.behind
    assert not any(test.flaky for test in replay.tests)


SANDWICH = BREAKS + BREAKS.replace("test_a", "test_c").replace("test_b", "test_d")


def test_under_strict_each_red_of_the_change_is_seen_without_the_others(history: History) -> None:
    """Backwards the second one is behind the third: only alone it shows that it was never red."""
    replay = proved(history, "", SANDWICH, Policy.STRICT)

    assert turned(replay) == "test_a test_c"
    assert {test.partition("::")[2] for test in replay.behind} == {"test_b", "test_d"}


NAMES_US = {
    "options, markers and a plugin of a version that is required": (
        " -p phasegate --phase 1 --phasegate-strict --strict-markers --strict-config"
        "\nrequired_plugins = pytest-phasegate pytest-phasegate>=0.1"
    ),
    "a module": " -p pytest_phasegate.plugin --phase=1",
}


@pytest.mark.parametrize("configured", NAMES_US)
def test_a_configuration_that_names_us_holds_without_us(history: History, configured: str) -> None:
    history.project.write("pytest.ini", LEAN.rstrip("\n") + NAMES_US[configured] + "\n")
    history.project.write("conftest.py", 'pytest_plugins = ["pytest_phasegate.plugin"]\n')
    history.change(src__app__size_py="def size(): return 1\n")
    history.change(
        src__app__size_py="def size(): return 2\n",
        tests__test_size_py="""
        import pytest
        import app.size

        @pytest.mark.phase("1")
        def test_size(request):
            assert not request.config.pluginmanager.has_plugin("phasegate")
            assert app.size.size() == 2
        """,
    )

    assert history.words() == {"test_size": "fail_to_pass behavioural"}


def test_another_plugin_that_is_required_is_still_missed(history: History) -> None:
    history.project.write("pytest.ini", LEAN.rstrip("\n") + "\nrequired_plugins = pytest-phasegate pytest-nowhere\n")
    history.change()
    history.change(src__app__a_py="x = 1\n", tests__test_a_py="from app.a import x\ndef test_x(): assert x\n")

    assert "pytest-nowhere" in str(history.replay().trouble)


def test_a_repository_of_sha_256_is_replayed(project: Project, tmp_path: Path, interpreter: Interpreter) -> None:
    project.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    (tmp_path / "scratch").mkdir()
    history = History(project, tmp_path / "scratch", interpreter)
    history.change()
    history.change(src__app__a_py="x = 1\n", tests__test_a_py="from app.a import x\ndef test_x(): assert x\n")

    assert history.words() == {"test_x": "fail_to_pass structural"}


def test_a_regression_is_told(history: History) -> None:
    history.change(
        src__app__cache_py="def size(): return 1\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 1\n",
    )
    history.change(src__app__cache_py="def size(): return 2\n")

    assert history.words() == {"test_size": "pass_to_fail none", "test_old": "pass_to_pass none"}


def test_a_strict_xfail_is_a_declared_red_and_green_only_without_the_mark(history: History) -> None:
    history.change(src__app__cache_py="def size(): return 1\n")
    marked = """
    import app.cache, pytest
    @pytest.mark.xfail(strict=True)
    def test_size(): assert app.cache.size() == 2
    """
    history.change(tests__test_cache_py=marked)
    assert history.words() == {"test_size": "pass_to_pass declared"}

    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )
    assert history.words() == {"test_size": "fail_to_pass behavioural"}


def test_a_strict_xfail_that_is_not_run_is_no_declared_red(history: History) -> None:
    history.change(src__app__cache_py="def size(): return 1\n")
    unseen = """
    import app.cache, pytest
    @pytest.mark.xfail(strict=True, run=False)
    def test_size(): assert app.cache.size() == 2
    """
    history.change(tests__test_cache_py=unseen)

    assert history.words() == {"test_size": "pass_to_pass none"}


def test_a_test_that_leaves_the_process_on_the_red_tree_is_not_red(history: History) -> None:
    history.change(src__app__cache_py="import os\ndef size(): os._exit(0)\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )

    assert history.words() == {"test_size": "broken"}


@pytest.mark.parametrize("way", ["path", "finder", "copy"])
def test_an_installation_does_not_hide_the_red(history: History, way: str) -> None:
    """The user's checkout is on the interpreter's path, as an editable install leaves it, or a copy of it is."""
    source = history.project.root / "src"
    if way == "copy":
        source = history.scratch.parent / "site"
        (source / "extra").mkdir(parents=True)
        (source / "extra/new.py").write_text("VALUE = 1\n")
    if way != "finder":
        code = f"import sys; sys.path.insert(0, {str(source)!r})"
    else:
        code = f"""
import sys
from importlib.machinery import PathFinder
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("app", "extra"):
            return PathFinder.find_spec(name, path or [{str(source)!r}], target)
sys.meta_path.insert(0, Finder)
"""
    wrapper = history.scratch.parent / "editable"
    wrapper.mkdir()
    (wrapper / "sitecustomize.py").write_text(code)
    program = wrapper / "python"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{wrapper}" exec {sys.executable} "$@"\n')
    program.chmod(0o755)
    found = inspect_interpreter((sys.executable,), "editable", history.scratch)
    history.interpreter = found._replace(argv=(str(program),))
    history.change(src__app__cache_py="def size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        src__extra__new_py="VALUE = 1\n",
        tests__test_cache_py="""
        import app.cache
        def test_size(): assert app.cache.size() == 2
        def test_module():
            import extra.new
            assert extra.new.VALUE
        """,
    )

    replay = history.replay()

    assert replay.trouble == ()
    assert [(test.fail_to_pass, test.grade.value) for test in replay.tests] == [
        (True, "structural"),
        (True, "behavioural"),
    ]


def test_a_module_that_the_tests_load_from_the_checkout_makes_the_run_say_nothing(history: History) -> None:
    """No order of paths helps against a file named outright: what was imported is looked at afterwards."""
    history.change(src__app__cache_py="def size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__conftest_py=f"""
        import sys
        from importlib.util import module_from_spec, spec_from_file_location
        spec = spec_from_file_location("app.cache", {str(history.project.root / "src/app/cache.py")!r})
        sys.modules["app.cache"] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
        """,
        tests__test_cache_py="import sys\ndef test_size(): assert sys.modules['app.cache'].size() == 2\n",
    )

    trouble = history.replay().trouble

    assert any("on the after side app.cache was imported from" in line for line in trouble)


def test_stale_bytecode_beside_the_sources_is_not_believed(history: History) -> None:
    """Same size, same second: only a new place for bytecode tells the two versions apart."""
    history.change(src__app__cache_py="def size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )

    assert history.words() == history.words() == {"test_size": "fail_to_pass behavioural"}


def test_bytecode_that_asks_to_be_believed_is_not(history: History) -> None:
    """Committed beside its source, and compiled so that Python does not compare the two."""
    history.change(src__app__cache_py="def size(): return 2\n")
    source = history.project.root / "src/app/cache.py"
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    history.project.write(".gitignore", "")
    history.change(src__app__cache_py="def size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )

    assert history.words() == {"test_size": "fail_to_pass behavioural"}


@pytest.mark.parametrize("changed", [False, True])
def test_an_object_that_a_clone_lacks_matters_only_where_the_change_touches_it(
    history: History, *, changed: bool
) -> None:
    history.project.write("docs/picture.gif", "old")
    history.change(src__app__cache_py="def size(): return 1\n")
    history.project.write("docs/picture.gif", "new" if changed else "old")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )
    oid = history.project.git("rev-parse", "HEAD:docs/picture.gif").stdout.strip()
    (history.project.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()

    if changed:
        with pytest.raises(RepositoryError, match="missing or damaged"):
            history.replay()
    else:
        assert [test.id for test in history.replay().tests if test.fail_to_pass] == ["tests/test_cache.py::test_size"]


def test_a_file_that_a_build_made_is_carried_over(history: History) -> None:
    history.project.write("src/app/_version.py", "version = '7'\n")
    history.change(src__app__cache_py="from app._version import version\ndef size(): return 1\n")
    history.change(
        src__app__cache_py="from app._version import version\ndef size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )

    assert history.words() == {"test_size": "fail_to_pass behavioural"}


def test_what_was_compiled_of_a_module_does_not_run_in_its_place(history: History) -> None:
    history.project.write(".gitignore", "*.so\n__pycache__\n")
    for suffix in EXTENSION_SUFFIXES:
        history.project.write(f"src/app/cache{suffix}", "compiled of what cache.py was once")
    history.change(src__app__cache_py="def size(): return 1\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )

    assert history.words() == {"test_size": "fail_to_pass behavioural"}


def test_where_nothing_but_a_source_changes_that_is_not_compiled_here_nothing_is_run(history: History) -> None:
    history.project.write(".gitignore", "*.so\n__pycache__\n")
    history.project.write(f"src/app/_fast{EXTENSION_SUFFIXES[0]}", "compiled of what _fast.c was once")
    for number in range(2):
        history.project.write("src/app/_fast.c", f"int size = {number};\n").commit("change")

    assert history.replay().carried == (f"src/app/_fast{EXTENSION_SUFFIXES[0]}",)
    assert history.runs == []


def test_what_others_put_into_a_namespace_is_theirs_and_what_the_tree_puts_there_comes_from_it(
    history: History, tmp_path: Path
) -> None:
    for name in ("other", "mine", "fresh"):
        module = tmp_path / "installed" / "ns" / name / "__init__.py"
        module.parent.mkdir(parents=True)
        module.write_text("def size(): return 2\n")
    history.project.write("conftest.py", f"import sys\nsys.path.append({str(tmp_path / 'installed')!r})\n")
    history.project.write("src/ns/mine/__init__.py", "def size(): return 1\n").commit("change")
    history.project.write("src/ns/mine/__init__.py", "def size(): return 2\n")
    history.project.write("src/ns/fresh/__init__.py", "def size(): return 2\n")
    history.change(
        tests__test_mine_py="from ns import mine, other\ndef test_mine(): assert mine.size() == other.size()\n",
        tests__test_fresh_py="def test_fresh():\n    from ns.fresh import size\n    assert size() == 2\n",
    )

    assert history.words() == {"test_mine": "fail_to_pass behavioural", "test_fresh": "fail_to_pass structural"}
    assert history.replay().trouble == ()


def test_a_version_file_that_no_build_left_is_made_up(history: History) -> None:
    """An old commit is built in no environment of today."""
    history.project.write("pyproject.toml", '[tool.setuptools_scm]\nversion_file = "src/app/_version.py"\n')
    history.change(src__app__cache_py="from app._version import version\ndef size(): return 1\n")
    history.project.write("pyproject.toml", "[tool.other]\n")
    history.change(
        src__app__cache_py="def size(): return 2\n",
        tests__test_cache_py="import app.cache\ndef test_size(): assert app.cache.size() == 2\n",
    )

    assert history.words() == {"test_size": "fail_to_pass behavioural"}


def test_an_untracked_file_that_is_not_ignored_proves_nothing(history: History) -> None:
    history.change(src__app__cache_py="def size(): return 1\n")
    history.project.write("tests/test_cache.py", "from app.late import size\ndef test_size(): assert size()\n")
    history.project.commit("change")
    history.project.write("src/app/late.py", "def size(): return 1\n")

    assert history.replay().tests == ()


def test_a_console_script_comes_from_the_tree(history: History) -> None:
    history.project.write(
        "pyproject.toml", '[project]\nname = "the-app"\nversion = "3"\n[project.scripts]\nthe-app = "app.cli:main"\n'
    )
    history.change(src__app__cli_py="def main(): print(1)\n")
    history.change(
        src__app__cli_py="def main(): print(2)\n",
        tests__test_cli_py="""
        import subprocess
        from importlib.metadata import version
        def test_says_two(): assert subprocess.check_output(["the-app"], text=True) == "2\\n"
        def test_version(): assert version("the-app") == "3"
        """,
    )

    assert history.words() == {
        "test_says_two": "fail_to_pass behavioural",
        "test_version": "pass_to_pass none",
    }


EXAMPLE = '''
def size():
    """Tell the size.

    >>> size()
    1
    """
    return {}
'''
LINES = """
import pytest

def pytest_collect_file(file_path, parent):
    return Guide.from_parent(parent, path=file_path) if file_path.suffix == ".guide" else None

class Guide(pytest.File):
    def collect(self):
        for number, text in enumerate(self.path.read_text().splitlines(), 1):
            if text.startswith("> "):
                yield Line.from_parent(self, name=f"line:{number}")

class Line(pytest.Item):
    def runtest(self): pass
"""
"""Each example of a guide is a test, named by its line."""


def test_an_example_that_leaves_the_code_is_no_lost_test(history: History) -> None:
    history.project.write("pytest.ini", f"{LEAN} --doctest-modules\n")
    history.change(src__app__cache_py=EXAMPLE.format(1), tests__conftest_py="")
    history.change(src__app__cache_py="def size(): return 2\n", tests__conftest_py="import app.cache\n")

    assert history.replay().lost == ()


@pytest.mark.parametrize(
    ("code", "lost"), [(EXAMPLE.format(2), ["src/app/cache.py::app.cache.size"]), ("def size(): return 2\n", [])]
)
def test_an_example_that_stands_and_that_nobody_runs_any_more_is_lost(
    history: History, code: str, lost: list[str]
) -> None:
    history.project.write("pytest.ini", f"{LEAN} --doctest-modules\n")
    history.change(src__app__cache_py=EXAMPLE.format(1))
    history.project.write("pytest.ini", LEAN)
    history.change(src__app__cache_py=code)

    assert [*history.replay().lost] == lost


def test_examples_of_a_guide_may_move_and_fewer_are_lost(history: History) -> None:
    for guide in ("moves", "shrinks", "goes"):
        history.project.write(f"tests/{guide}.guide", "> one\n> two\n")
    history.change(src__app__cache_py=EXAMPLE.format(1), tests__conftest_py=LINES)
    history.project.write("tests/moves.guide", "Read on:\n> one\n> two\n")
    history.project.write("tests/shrinks.guide", "Read on:\n> one\n").remove("tests/goes.guide")
    history.change(src__app__cache_py=EXAMPLE.format(2))

    assert sorted(history.replay().lost) == [
        "tests/goes.guide::line:1",
        "tests/goes.guide::line:2",
        "tests/shrinks.guide::line:1",
    ]


@pytest.mark.parametrize(("name", "whole"), [("test_a.txt", True), ("sub/test-a.yml", True), ("usage.txt", False)])
def test_tests_that_pytest_collects_from_a_text_may_reach_any_code(name: str, whole: bool, history: History) -> None:
    history.project.write(f"tests/{name}", ">>> import app.cache\n" if "yml" not in name else "- case: a\n")
    history.change(src__app__cache_py="A = 1\n", tests__test_cache_py="import app.cache\n")
    history.change(src__app__cache_py="A = 2\n")
    reader = ChangeReader(open_repository(str(history.project.root)), Settings())

    found = reader.reach(reader.between("HEAD~1", "HEAD"))(["src/app/cache.py"])

    assert bool(found.whole) is whole
    assert found.files == (() if whole else ("tests/test_cache.py",))


@pytest.mark.parametrize(
    ("text", "files"), [("[tool.pytest.ini_options]\n", ("one/tests/sub/test_a.py", "one/tests/test_b.py")), ("", ())]
)
def test_a_conftest_with_hooks_decides_where_pytest_is_started_with_it(
    text: str, files: tuple[str, ...], history: History
) -> None:
    hook = "def pytest_itemcollected(item):\n    item.user_properties = [{}]\n"
    history.project.write("one/pyproject.toml", f"[project]\nname = 'one'\n{text}")
    history.project.write("one/tests/sub/conftest.py", hook.format(1))
    history.project.write("one/tests/sub/test_a.py", TAUTOLOGY).write("one/tests/test_b.py", TAUTOLOGY)
    history.change(tests__test_cache_py=TAUTOLOGY)
    history.project.write("one/tests/sub/conftest.py", hook.format(2))
    history.change(src__app__cache_py="A = 2\n")
    reader = ChangeReader(open_repository(str(history.project.root)), Settings())
    change = reader.between("HEAD~1", "HEAD")

    found = reader.reach(change)([*change.changes.started_with])

    assert change.changes.deciding == ("one/tests/sub/conftest.py",)
    assert (found.files, bool(found.whole)) == (files, not files)
