from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.child.pytest_child import PytestChild
from pytest_phasegate.adapters.child.step import child_environment, seen_by_the_suite
from pytest_phasegate.adapters.project.interpreter import Interpreter
from pytest_phasegate.app.ports.evidence import RunOrder
from pytest_phasegate.core.evidence.outcomes import Moment, NodeId, Outcome
from support.patience import patiently
from support.project import without_foreign_plugins
from support.sending import ends

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_phasegate.core.evidence.probe_records import ProbedRun


AROUND = {"PATH": "/bin", "HOME": "/home/ada", "TZ": "Asia/Tokyo", "TOKEN": "t", "PYTHONUTF8": "1", "COV_CORE": "x"}
pytestmark = pytest.mark.sampled(2)  # of two ways to start the same run, one in turn


class Tree:
    """A tree and a child to run it: it is materialized at once, or when its runs have begun and may be forks."""

    def __init__(self, root: Path, scratch: Path, interpreter: Interpreter, *, early: bool) -> None:
        self.root = root
        self._early = early
        self._late: dict[Path, str] = {}
        self.child = PytestChild(interpreter, str(scratch), hidden=[], memory=1 << 30)
        self.order = RunOrder(
            tree=str(root), options=without_foreign_plugins(), timeout=60.0, packages=frozenset({"app"})
        )

    def write(self, path: str, text: str) -> Tree:
        self._late[self.root / path] = dedent(text)
        if self._early:
            self._materialize()
        return self

    def run(self, *files: str, **more: object) -> ProbedRun:
        return self.child.run(replace(self.order, files=files, prepare=self._materialize, **more))  # type: ignore[arg-type]

    def outcomes(self, *files: str, **more: object) -> dict[str, str]:
        return {case.node_id.partition("::")[2]: case.outcome.value for case in self.run(*files, **more).cases}

    def _materialize(self) -> None:
        for target, text in self._late.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)


def trees(base: Path, interpreter: Interpreter, *, early: bool) -> Iterator[Tree]:
    for name in ("tree", "scratch"):
        (base / name).mkdir()
    tree = Tree(base / "tree", base / "scratch", interpreter, early=early)
    yield tree
    tree.child.close()


@pytest.fixture(params=[True, False], ids=["new process", "fork"])
def tree(request: pytest.FixtureRequest, tmp_path: Path, interpreter: Interpreter) -> Iterator[Tree]:
    yield from trees(tmp_path, interpreter, early=request.param)


@pytest.fixture
def forked(tmp_path: Path, interpreter: Interpreter) -> Iterator[Tree]:
    """A tree whose runs are forks: for what the parent alone decides, and waits for."""
    yield from trees(tmp_path, interpreter, early=False)


def test_every_case_is_reported_with_the_place_of_its_function(tree: Tree) -> None:
    tree.write("tests/mixin.py", "class Mixin:\n    def test_shared(self): assert 1\n")
    tree.write("tests/test_a.py", "from mixin import Mixin\nclass TestA(Mixin): pass\ndef test_b(): assert 0\n")

    run = tree.run("tests/test_a.py")

    assert run.trouble == ""
    shared, own = run.cases
    assert shared.node_id == "tests/test_a.py::TestA::test_shared"
    assert shared.definition is not None
    assert (shared.definition.path, shared.definition.qualname) == ("tests/mixin.py", "Mixin.test_shared")
    assert (own.outcome, own.moment) == (Outcome.FAILED, Moment.CALL)
    assert own.raised is not None
    assert (own.raised.name, own.raised.path, own.raised.line) == ("AssertionError", "tests/test_a.py", 3)


def test_a_run_tells_what_stands_in_the_place_of_code(tree: Tree) -> None:
    tree.write("app/__init__.py", "from app.price import free\n")
    tree.write(
        "app/price.py",
        """
        FREE, KEPT = 0, None
        def free(): return FREE
        def kept():
            global KEPT
            KEPT = KEPT or [free]
            return KEPT
        class Shop:
            limit = 3
            def close(self): self.limit = 0
        """,
    )
    tree.write(
        "test_a.py",
        """
        from unittest import mock
        import app.price, math
        def test_nothing(): assert app.price.kept() and app.price.Shop().close() is None
        def test_undone(monkeypatch):
            with monkeypatch.context() as patch: patch.setattr(app.price, "FREE", 1)
        @mock.patch("app.price.Shop.close")
        def test_mocked(close): pass
        def test_copy(monkeypatch): monkeypatch.setattr(app, "free", math.floor)
        def test_code(): app.price.kept.__code__ = (lambda: 1).__code__
        """,
    )

    names = ("nothing", "undone", "mocked", "copy", "code")
    asked = tuple(f"test_a.py::test_{name}" for name in names)
    found = {case.node_id[11:]: case.replaced for case in tree.run("test_a.py", replaced=asked).cases}

    assert {name: [(one.path, one.name, one.maker) for one in places] for name, places in found.items()} == {
        "test_nothing": [],
        "test_undone": [("app/price.py", "FREE", "builtins.int")],
        "test_mocked": [("app/price.py", "Shop.close", "unittest.mock.MagicMock")],
        "test_copy": [
            ("app/__init__.py", "free", "builtins.builtin_function_or_method"),
            ("app/price.py", "free", "builtins.builtin_function_or_method"),
        ],
        "test_code": [("app/price.py", "kept", "test_a.py")],
    }


def test_a_module_under_another_name_stands_in_the_place_of_code_only_where_there_is_some(tree: Tree) -> None:
    tree.write("app/__init__.py", "import sys, app.price\nsys.modules['app.old_price'] = app.price\n")
    tree.write("app/price.py", "").write("app/cost.py", "")
    tree.write(
        "test_a.py",
        """
        import sys, app.old_price
        def test_alias(): assert app.old_price is app.price
        def test_cost(): sys.modules["app.cost"] = app.price
        """,
    )

    asked = ("test_a.py::test_alias", "test_a.py::test_cost")
    found = {case.node_id[11:]: case.replaced for case in tree.run("test_a.py", replaced=asked).cases}

    assert {name: [(one.path, one.maker) for one in places] for name, places in found.items()} == {
        "test_alias": [],
        "test_cost": [("cost", "app/price.py")],
    }


def test_a_decorator_may_exchange_the_code_that_it_wrote_itself(tree: Tree) -> None:
    tree.write("app/__init__.py", "")
    tree.write(
        "app/lazy.py",
        """
        def lazy(function):
            def later(price):
                made = {}
                exec(compile("def now(price): return real(price)", "<lazy>", "exec"), made)
                later.__globals__["real"] = function
                own.__code__, own.__defaults__ = made["now"].__code__, (1,)
                return own(price)
            def own(price, later=later): return later(price)
            return own
        """,
    )
    tree.write(
        "app/price.py",
        """
        from app.lazy import lazy
        @lazy
        def twice(price): return price * 2
        @lazy
        def half(price): return price // 2
        @lazy
        def third(price): return price // 3
        def plain(price): return price
        """,
    )
    tree.write(
        "test_a.py",
        """
        import app.price
        def test_lazy(): assert [app.price.twice(one) for one in (1, 2)] == [2, 4]
        def test_own(): app.price.half.__code__ = (lambda price: 1).__code__
        def test_plain(): app.price.plain.__code__ = compile("1", "<lazy>", "exec")
        def test_third(): app.price.third.__code__ = compile("1", "<lazy>", "exec")
        """,
    )

    asked = tuple(f"test_a.py::test_{name}" for name in ("lazy", "own", "plain", "third"))
    cases = tree.run("test_a.py", replaced=asked).cases
    found = {case.node_id[11:]: sorted((one.name, one.maker) for one in case.replaced) for case in cases}

    half, plain, third = ("lazy.<locals>.own", "test_a.py"), ("plain", "<lazy>"), ("lazy.<locals>.own", "<lazy>")
    assert found == {
        "test_lazy": [],
        "test_own": [half],
        "test_plain": [half, plain],
        "test_third": [third, half, plain],
    }


def test_a_run_may_do_without_the_hooks_that_decide_how_a_test_ends(tree: Tree) -> None:
    tree.write(
        "conftest.py",
        """
        import pytest
        @pytest.hookimpl(tryfirst=True)
        def pytest_pyfunc_call(pyfuncitem): return True
        def pytest_generate_tests(metafunc): metafunc.parametrize("one", [one()])
        def one(): return 1
        """,
    )
    tree.write("test_a.py", "def test_a(one): assert one == 2\n")

    assert tree.outcomes("test_a.py") == {"test_a[1]": "passed"}
    assert tree.outcomes("test_a.py", unhooked=("conftest.py",)) == {"test_a[1]": "failed"}


COMPILING = """
import os, sys, warnings
told = []
sys.addaudithook(lambda event, args: event == "compile" and told.append(os.path.basename(str(args[1]))))
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
class Doubled(SourceFileLoader):
    def get_data(self, path): return super().get_data(path).replace(b"one", b"two")
"""
COMPILED = """
import sys
from conftest import Doubled, module_from_spec, spec_from_file_location, told, warnings
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    import app.loud
import app.still
def doubled():
    loader = Doubled("doubled", app.still.__file__)
    module = module_from_spec(spec_from_file_location("doubled", loader.path, loader=loader))
    loader.exec_module(module)
    return module.SAID
"""


def test_a_run_that_only_collects_has_no_trouble_with_tests_that_never_ended(tree: Tree) -> None:
    tree.write("test_a.py", "def test_a(): assert 0\n").write("test_b.py", "import nowhere\n")

    collected = tree.run(options=(*tree.order.options, "--collect-only"))

    assert ([case.node_id for case in collected.cases], collected.trouble) == (["test_a.py::test_a"], "")
    assert [item.path for item in collected.uncollected] == ["test_b.py"]


def test_what_a_run_compiled_is_not_compiled_again_in_the_next(tree: Tree) -> None:
    """Nor is what pytest rewrites; what is warned of, another loader reads or has changed since is compiled anew."""
    tree.write("conftest.py", COMPILING).write("app/__init__.py", "")
    tree.write("app/loud.py", "SAID = '\\d'\n").write("app/still.py", "SAID = 'one'\n")
    tree.write(
        "test_a.py",
        COMPILED
        + "def test_fresh(): assert {'still.py', 'test_a.py'} <= {*told}\n"
        + "def test_kept(): assert not {'still.py', 'test_a.py'} & {*told}\n"
        + "def test_warned(): assert warned and 'loud.py' in told\n"
        + "def test_alone(): assert (app.still.SAID, doubled()) == ('one', 'two')\n",
    )
    alike = {"test_warned": "passed", "test_alone": "passed"}

    assert tree.outcomes("test_a.py") == {"test_fresh": "passed", "test_kept": "failed", **alike}
    assert tree.outcomes("test_a.py") == {"test_fresh": "failed", "test_kept": "passed", **alike}
    tree.write("app/still.py", "SAID = 'eno'\n")
    assert tree.outcomes("test_a.py")["test_alone"] == "failed"


def test_a_program_that_a_test_starts_keeps_bytecode_where_it_says(tree: Tree) -> None:
    tree.write(
        "test_a.py",
        """
        import os, subprocess, sys
        def test_x(tmp_path):
            (tmp_path / "own.py").write_text("")
            environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
            subprocess.run([sys.executable, "-c", "import own"], cwd=tmp_path, env=environment, check=True)
            assert list(tmp_path.rglob("own.*.pyc"))
        """,
    )

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}


def test_the_outcome_is_the_worst_of_all_phases(tree: Tree) -> None:
    tree.write(
        "test_a.py",
        """
        import pytest, unittest
        @pytest.fixture
        def bad():
            yield
            raise OSError("in teardown")
        def test_teardown(bad): pass
        @pytest.mark.xfail(strict=True)
        def test_declared(): assert 0
        @pytest.mark.xfail(strict=True)
        def test_mark_is_stale(): pass
        def test_skipped(): pytest.skip("no")
        class TestSub(unittest.TestCase):
            def test_sub(self):
                with self.subTest("one"):
                    self.assertEqual(1, 2)
        """,
    )

    run = tree.run("test_a.py")

    assert {case.node_id.partition("::")[2]: case.outcome for case in run.cases} == {
        "test_teardown": Outcome.ERROR,
        "test_declared": Outcome.XFAILED,
        "test_mark_is_stale": Outcome.FAILED,
        "test_skipped": Outcome.SKIPPED,
        "TestSub::test_sub": Outcome.FAILED,
    }
    assert [case.strict for case in run.cases] == [False, True, True, False, False]


def test_what_is_missing_is_named(tree: Tree) -> None:
    tree.write("app/__init__.py", "class Cache:\n    def __init__(self, size): pass\n")
    tree.write(
        "test_a.py",
        """
        import app
        def test_attribute(): app.LRU
        def test_parameter(): app.Cache(1, ttl=2)
        def test_argument(): app.Cache()
        def test_count(): app.Cache(1, 2)
        def test_name(): from app import other
        def test_module(): import app.sub
        def test_fixture(nobody): pass
        def test_undefined(): undefined
        """,
    )

    raised = [case.raised for case in tree.run("test_a.py").cases]

    assert [(facts.missing, facts.module, facts.function.rpartition(".")[2]) for facts in raised if facts] == [
        ("LRU", "app", ""),
        ("ttl", "", "__init__"),
        ("size", "", "__init__"),
        ("", "", "__init__"),
        ("other", "app", ""),
        ("app.sub", "", ""),
        ("nobody", "", ""),
        ("undefined", "", ""),
    ]


def test_a_file_that_cannot_be_imported_is_told_with_its_cause(tree: Tree) -> None:
    tree.write("test_a.py", "from app.cache import LRU\ndef test_x(): pass\n")
    tree.write("test_b.py", "def test_y(): pass\n").write("test_c.py", "def test_z(:\n")

    run = tree.run("test_a.py", "test_b.py", "test_c.py")

    first, second = run.uncollected
    assert first.raised is not None
    assert (first.path, first.raised.name, first.raised.missing) == ("test_a.py", "ModuleNotFoundError", "app")
    assert second.raised is not None
    assert (second.path, second.raised.name, second.raised.path) == ("test_c.py", "SyntaxError", "test_c.py")


def test_a_failing_conftest_is_told_with_its_cause(tree: Tree) -> None:
    tree.write("conftest.py", "import app.fixtures\n").write("test_a.py", "def test_x(): pass\n")

    run = tree.run("test_a.py")

    assert run.aborted is not None
    assert (run.aborted.name, run.aborted.missing, run.aborted.path) == ("ModuleNotFoundError", "app", "conftest.py")
    assert run.trouble


def test_what_lies_beside_and_above_the_tree_is_neither_loaded_nor_looked_through(tree: Tree) -> None:
    (tree.root.parent / "conftest.py").write_text("raise SystemExit\n")
    tree.write(
        "test_a.py",
        """
        def test_x(request):
            assert [str(node.path) for node in request.node.listchain()[:2]] == [str(request.config.rootpath)] * 2
        """,
    )

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}


def test_a_test_that_leaves_the_process_is_crashed_and_the_rest_still_runs(tree: Tree) -> None:
    tree.write(
        "test_a.py",
        "import os, signal\n"
        "def test_one(): pass\n"
        "def test_exit(): os._exit(0)\n"
        "def test_two(): pass\n"
        "def test_kill(): os.kill(os.getpid(), signal.SIGKILL)\n"
        "def test_three(): assert 0\n",
    )

    run = tree.run("test_a.py")

    assert [(case.outcome.value, case.crashed) for case in run.cases] == [
        ("passed", False),
        ("error", True),
        ("passed", False),
        ("error", True),
        ("failed", False),
    ]


@pytest.mark.parametrize("leaving", ["pytest.exit('enough', returncode=0)", "raise KeyboardInterrupt"])
def test_a_run_that_stops_early_is_not_whole(tree: Tree, leaving: str) -> None:
    tree.write("test_a.py", f"import pytest\ndef test_one():\n    {leaving}\ndef test_two(): pass\n")

    run = tree.run("test_a.py")

    assert "never ended" in run.trouble
    assert run.cases[1].outcome is Outcome.MISSING


def told(run: ProbedRun) -> tuple[dict[str, bool], list[tuple[str, bool]]]:
    """Return of each test and of each file that was not collected whether it hung."""
    cases = {str(case.node_id): case.hung for case in run.cases}
    return cases, [(item.path, item.hung) for item in run.uncollected]


def test_what_hangs_is_told_apart_and_the_rest_still_runs(forked: Tree) -> None:
    forked.write("test_import.py", "import time\ntime.sleep(99)\n")
    forked.write("test_a.py", "import time\ndef test_hang(): time.sleep(99)\ndef test_two(): pass\n")
    wanted = {"test_a.py::test_hang": True, "test_a.py::test_two": False}, [("test_import.py", True)]

    assert patiently(lambda stall: told(forked.run("test_import.py", "test_a.py", stall=stall)), wanted) == wanted


def test_memory_without_end_is_an_error_and_not_the_machines_trouble(tree: Tree) -> None:
    tree.write("test_a.py", "def test_grow():\n    held = []\n    while True: held.append(bytearray(1 << 26))\n")

    (case,) = tree.run("test_a.py").cases

    assert case.raised is not None
    assert case.raised.name == "MemoryError"


def test_a_daemon_that_left_the_group_is_ended(tree: Tree) -> None:
    tree.write(
        "test_a.py",
        "import subprocess, sys\n"
        "def test_x():\n"
        "    code = 'import time; time.sleep(600)'\n"
        "    child = subprocess.Popen([sys.executable, '-c', code], start_new_session=True)\n"
        "    open('pid', 'w').write(str(child.pid))\n",
    )

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}
    assert ends(int((tree.root / "pid").read_text()))


def test_the_users_environment_stays_outside(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTEST_ADDOPTS", "GITHUB_TOKEN", "GIT_DIR", "COVERAGE_PROCESS_START", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "--co")
    tree.write(
        "test_a.py",
        "import os\n"
        "def test_x():\n"
        "    names = {'GITHUB_TOKEN', 'GIT_DIR', 'COVERAGE_PROCESS_START', 'VIRTUAL_ENV', 'PYTEST_ADDOPTS'}\n"
        "    assert not names & set(os.environ)\n"
        f"    assert os.environ['HOME'] != {os.environ.get('HOME')!r}\n",
    )

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ((), {"HOME": "/step/home", "TZ": "UTC"}),
        (("*",), {"HOME": "/step/home", "TZ": "UTC", "TOKEN": "t"}),
        (("HOME", "T*"), {"HOME": "/home/ada", "TZ": "UTC", "TOKEN": "t"}),
        (seen_by_the_suite(AROUND), {"HOME": "/home/ada", "TZ": "Asia/Tokyo", "TOKEN": "t", "PYTHONUTF8": "1"}),
    ],
)
def test_what_is_named_outright_is_seen_as_it_is_outside(variables: Sequence[str], expected: dict[str, str]) -> None:
    seen = child_environment(AROUND, step="/step", mark="m", variables=variables)

    assert {name: seen[name] for name in AROUND.keys() & seen.keys() - {"PATH"}} == expected
    assert seen["PATH"] == "/bin"


def test_nothing_of_ours_is_left_in_the_environment_to_be_read_as_a_setting(tree: Tree) -> None:
    tree.write(
        "test_a.py", "import os\ndef test_x(): assert not [name for name in os.environ if name[:9] == 'PHASEGATE']\n"
    )

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}


def test_a_test_can_commit_though_the_users_identity_stays_outside(tree: Tree) -> None:
    tree.write(
        "test_a.py",
        """
        import subprocess
        def test_x(tmp_path):
            for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "one"]):
                subprocess.run(["git", *words], cwd=tmp_path, check=True)
        """,
    )

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}


def test_options_that_narrow_or_judge_are_taken_out_and_filters_stay(tree: Tree) -> None:
    tree.write(
        "pytest.ini",
        "[pytest]\naddopts = -x --cov app --cov-fail-under=100 -n 2 --maxfail 1 --unknown-one value --strict-config"
        " -k 'not left_out'\n",
    )
    tree.write("test_a.py", "def test_a(): assert 0\ndef test_b(): pass\ndef test_left_out(): pass\n")

    run = tree.run("test_a.py")

    assert run.trouble == ""
    assert [case.outcome.value for case in run.cases] == ["failed", "passed"]
    assert set(run.neutralised) == {
        "-x",
        "--cov app",
        "--cov-fail-under=100",
        "-n 2",
        "--maxfail 1",
        "--unknown-one value",
        "--strict-config",
    }


def test_an_option_of_the_projects_own_conftest_is_kept(tree: Tree) -> None:
    tree.write("pytest.ini", "[pytest]\naddopts = --slow\n")
    tree.write("conftest.py", "def pytest_addoption(parser): parser.addoption('--slow', action='store_true')\n")
    tree.write("test_a.py", "def test_a(pytestconfig): assert pytestconfig.getoption('--slow')\n")

    assert tree.outcomes("test_a.py") == {"test_a": "passed"}


def test_our_own_marks_are_known_where_marks_must_be(tree: Tree) -> None:
    tree.write("pytest.ini", "[pytest]\naddopts = --strict-markers\n")
    marks = "@pytest.mark.phase('2')\n@pytest.mark.characterization('why')\n"
    tree.write("test_a.py", f"import pytest\n{marks}def test_x(): pass\n")

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}


def test_a_program_that_a_test_starts_in_an_environment_of_its_own_finds_the_tree(tree: Tree) -> None:
    """Without our path it would find what is installed: of an editable installation, the checkout."""
    tree.write("app.py", "")
    tree.write(
        "test_a.py",
        """
        import os, subprocess, sys
        import pytest
        WHERE = [sys.executable, "-c", "import app; print(app.__file__)"]
        HERE = os.path.dirname(__file__)
        @pytest.mark.parametrize("env", [{}, {"PYTHONPATH": "/else/where"}, None], ids=["empty", "other", "changed"])
        def test_x(tmp_path, monkeypatch, env):
            monkeypatch.delenv("PYTHONPATH")
            said = subprocess.run(WHERE, cwd=tmp_path, env=env, stdout=subprocess.PIPE, check=True, text=True).stdout
            assert said.startswith(HERE)
        def test_others_are_left_alone(monkeypatch):
            assert "app.py" in subprocess.check_output(["ls", HERE], text=True)
            monkeypatch.setenv("PYTHONPATH", os.environ["PYTHONPATH"] + os.pathsep + "/else/where")
            words = "import os; print(os.environ['PYTHONPATH'])"
            said = subprocess.check_output([sys.executable, "-c", words], text=True)
            assert said.strip() == os.environ["PYTHONPATH"]
        """,
    )

    assert set(tree.outcomes("test_a.py").values()) == {"passed"}


def test_what_fails_is_not_told_at_length(tree: Tree) -> None:
    tree.write("pytest.ini", "[pytest]\naddopts = --tb=long\n").write(
        "test_a.py", "def test_a(pytestconfig): assert pytestconfig.option.tbstyle == 'native'\n"
    )

    assert tree.outcomes("test_a.py") == {"test_a": "passed"}


def test_only_the_cases_asked_for_run(tree: Tree) -> None:
    tree.write("test_a.py", "def test_a(): pass\ndef test_b(): pass\n")

    assert tree.outcomes("test_a.py", only=(NodeId("test_a.py::test_b"),)) == {"test_b": "passed"}


def test_an_interpreter_without_pytest_is_trouble_with_its_last_words(tree: Tree) -> None:
    tree.write("pytest.py", "raise SystemExit('no pytest here')\n").write("test_a.py", "def test_a(): pass\n")

    assert "no pytest here" in tree.run("test_a.py").trouble


def test_a_test_that_works_against_the_recorder_does_not_win(tree: Tree) -> None:
    tree.write(
        "test_a.py",
        """
        import json, os, sys
        def test_fork():
            if os.fork() == 0:
                return
            os.wait()
        def test_patched():
            json.dumps = json.JSONEncoder.encode = os.write = None
        def test_trace():
            sys.settrace(None)
            assert 0
        """,
    )

    assert tree.outcomes("test_a.py") == {"test_fork": "passed", "test_patched": "passed", "test_trace": "failed"}


def test_a_suite_that_is_only_long_hangs_nowhere(forked: Tree) -> None:
    cases = "@pytest.mark.parametrize('n', range(99))\n"
    forked.write("test_a.py", f"import pytest, time\n{cases}def test_n(n): time.sleep(0.5)\n")

    def said(timeout: float) -> tuple[bool, str]:
        run = forked.run("test_a.py", timeout=timeout)
        return any(case.hung for case in run.cases), run.trouble.replace(f"{timeout:g}", "N")

    trouble = (
        "the run ended before pytest did (N seconds were not enough: raise red_green.timeout, or run the tests"
        " yourself on this content before you commit it)"
    )
    assert patiently(said, (False, trouble)) == (False, trouble)
