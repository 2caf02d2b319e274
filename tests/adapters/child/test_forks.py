"""Runs as forks of one process that has imported pytest: told from runs in new processes by nothing but their cost."""

from __future__ import annotations

import gc
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
import venv
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate.adapters.child.pytest_child import PytestChild
from pytest_phasegate.adapters.child.step import MARK
from pytest_phasegate.adapters.git.repository import open_repository
from pytest_phasegate.adapters.project.interpreter import Interpreter, inspect_interpreter
from pytest_phasegate.adapters.project.interpreter_places import Search
from pytest_phasegate.adapters.redgreen.bench import Benches
from pytest_phasegate.app.ports.evidence import RunOrder
from support.patience import patiently
from support.project import without_foreign_plugins
from support.sending import ends, is_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_phasegate.core.evidence.probe_records import ProbedRun
    from support.project import Project

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs are forked on Linux alone")

PARENT = """
    import os, pathlib
    def test_x():
        pathlib.Path({said!r}).write_text(str(os.getppid()))
"""


class Tree:
    """A tree that is written when it is to be run, and the child that runs it."""

    def __init__(self, base: Path, interpreter: Interpreter, hidden: tuple[str, ...] = ()) -> None:
        self.root = base / "tree"
        self.said = base / "said"
        scratch = base / "scratch"
        for directory in (self.root, scratch):
            directory.mkdir()
        self._files: dict[str, str] = {}
        self.child = PytestChild(interpreter, str(scratch), hidden=hidden, memory=1 << 30)
        self.order = RunOrder(
            tree=str(self.root),
            options=without_foreign_plugins(),
            timeout=60.0,
            packages=frozenset({"app"}),
            prepare=self._prepare,
        )

    def write(self, path: str, text: str) -> Tree:
        self._files[path] = dedent(text)
        return self

    def says_its_parent(self) -> Tree:
        return self.write("test_parent.py", PARENT.format(said=str(self.said)))

    def run(self, *files: str, **more: Any) -> ProbedRun:
        return self.child.run(replace(self.order, files=files, **more))

    def outcomes(self, *files: str, **more: Any) -> dict[str, str]:
        return {case.node_id.partition("::")[2]: case.outcome.value for case in self.run(*files, **more).cases}

    def parent(self, **more: Any) -> int:
        """Return the process that a run of this tree had for its parent."""
        run = self.says_its_parent().run("test_parent.py", **more)
        assert [case.outcome.value for case in run.cases] == ["passed"], run
        return int(self.said.read_text())

    def is_forked(self, **more: Any) -> bool:
        return self.parent(**more) != os.getpid()

    def _prepare(self) -> None:
        shutil.rmtree(self.root)
        for path, text in self._files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Tree]]:
    made: list[Tree] = []

    def tree(interpreter: Interpreter, *hidden: str) -> Tree:
        base = tmp_path / str(len(made))
        base.mkdir()
        made.append(Tree(base, interpreter, hidden))
        return made[-1]

    yield tree
    for each in made:
        if hasattr(each, "child"):
            each.child.close()


@pytest.fixture
def tree(make: Callable[..., Tree], interpreter: Interpreter) -> Tree:
    return make(interpreter)


def test_runs_are_forks_of_one_process_until_the_child_is_closed(tree: Tree) -> None:
    first, second = tree.parent(), tree.parent()

    assert first == second != os.getpid()
    assert is_running(first)
    tree.child.close()
    assert ends(first)


def test_a_child_that_nobody_holds_any_more_leaves_no_process(tree: Tree) -> None:
    parent = tree.parent()

    del tree.child
    gc.collect()

    assert ends(parent)


def write_parent(tree: Path) -> None:
    (tree / "test_a.py").write_text(dedent(PARENT.format(said=str(tree / "said"))))


def test_each_worker_has_a_process_of_its_own_until_the_benches_are_left(project: Project, tmp_path: Path) -> None:
    project.init_git().write("a.py", "").commit("feat: a")
    repository = open_repository(str(project.root))
    search = Search(project.root, project.root, os.environ, given=sys.executable)
    parents = []
    with Benches(repository, search, timeout=60.0, cached=False) as benches:
        for number in range(2):
            tree = tmp_path / str(number)
            tree.mkdir()
            order = RunOrder(
                str(tree), ("test_a.py",), options=without_foreign_plugins(), prepare=partial(write_parent, tree)
            )
            benches.replayer().runner.run(order)
            parents.append(int((tree / "said").read_text()))

    assert len({*parents, os.getpid()}) == 3
    assert all(map(ends, parents))


FINGERPRINT = """
import sys
MODULES = sorted(sys.modules)
import gc, locale, os, resource, signal, tempfile, threading, time, warnings
def opened():
    for name in os.listdir("/proc/self/fd"):
        try:
            yield name, os.readlink("/proc/self/fd/" + name).rpartition("#")[0]
        except OSError:
            pass
def fingerprint():
    main = vars(sys.modules["__main__"])
    return {
        "modules": MODULES, "path": sys.path, "argv": sys.argv, "orig_argv": getattr(sys, "orig_argv", ""),
        "flags": str(sys.flags), "warnoptions": sys.warnoptions, "xoptions": sys._xoptions,
        "environment": dict(os.environ), "cwd": os.getcwd(), "umask": [os.umask(0o22), os.umask(0o22)],
        "descriptors": dict(opened()), "leads": [os.getpgrp() == os.getpid(), os.getsid(0) == os.getpid()],
        "handlers": {str(number): str(signal.getsignal(number)) for number in signal.valid_signals()},
        "mask": str(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "wakeup": signal.set_wakeup_fd(-1),
        "threads": [thread.name for thread in threading.enumerate()], "tasks": len(os.listdir("/proc/self/task")),
        "filters": str(warnings.filters), "timezone": time.tzname,
        "temporary": [tempfile.tempdir, tempfile.gettempdir()],
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if "RLIMIT_" in name},
        "locale": locale.setlocale(locale.LC_ALL), "executable": [sys.executable, sys.prefix, sys.base_prefix],
        "streams": [[stream.encoding, stream.errors, stream.line_buffering, stream.write_through, stream.isatty(),
                     type(stream.buffer).__name__] for stream in (sys.__stdout__, sys.__stderr__)],
        "stdin": [sys.__stdin__.encoding, type(sys.__stdin__.buffer).__name__, os.readlink("/proc/self/fd/0")],
        "main": {name: str(value)[:99] for name, value in main.items() if name != "__builtins__"},
        "finders": [str(type(finder)) for finder in sys.meta_path], "hooks": len(sys.path_hooks),
        "importers": sorted(sys.path_importer_cache), "gc": [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()],
        "hash": hash("x"), "recursion": sys.getrecursionlimit(), "switch": sys.getswitchinterval(),
        "bytecode": [sys.dont_write_bytecode, str(sys.pycache_prefix)], "trace": str(sys.gettrace()),
        "hooked": [str(sys.excepthook), str(sys.displayhook)], "children": os.times()[2:4],
    }
AT_FIRST = fingerprint()
"""
"""What a process can see of how it was started, as it is when the conftest is loaded."""


def test_a_fork_looks_like_a_new_process(make: Callable[..., Tree], interpreter: Interpreter) -> None:
    """With every plugin that is installed here: what they import and change, they do after the fork."""
    seen = []
    for forked in (True, False):
        tree = make(interpreter).write("conftest.py", FINGERPRINT)
        tree.write(
            "test_a.py",
            f"""
            import conftest, json, os, pathlib
            def test_x():
                said = [os.getppid(), conftest.AT_FIRST, conftest.fingerprint()]
                pathlib.Path({str(tree.said)!r}).write_text(json.dumps(said))
            """,
        )
        if not forked:
            (tree.root / "anything").write_text("")
        assert tree.outcomes("test_a.py", options=()) == {"test_x": "passed"}
        parent, *facts = json.loads(tree.said.read_text())
        assert (parent != os.getpid()) == forked
        seen.append([comparable(each, tree) for each in facts])

    assert seen[0] == seen[1]


def comparable(facts: dict[str, Any], tree: Tree) -> dict[str, Any]:
    """Take out what differs between any two processes: where they run, the step's name and mark, addresses."""
    text = json.dumps(facts).replace(str(tree.root.parent), "BASE")
    for pattern, name in (
        (r"scratch/(step|s[a-z0-9_]{8})(?=[/\"])", "scratch/STEP"),
        (r"0x[0-9a-f]+", "ADDRESS"),
        (r"(_PHASEGATE_STEP\": \")\w+", r"\1MARK"),
    ):
        text = re.sub(pattern, name, text)
    same: dict[str, Any] = json.loads(text)
    return {**same, "importers": sorted(same["importers"])}


def test_what_the_last_run_took_counts_as_taken_by_us(tree: Tree) -> None:
    """Whoever measures us measures the runs, too: no run is left to be reaped by somebody else."""
    tree.write("test_a.py", "import time\ndef test_x():\n    while time.process_time() < 1: pass\n")
    before = taken_by_children()

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}
    tree.child.close()

    assert taken_by_children() - before > 0.9


def taken_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_each_fork_has_its_own_chance_and_home(tree: Tree) -> None:
    tree.write(
        "test_a.py",
        f"""
        import os, pathlib, random, tempfile
        def test_x():
            left = pathlib.Path(os.environ["HOME"], "left"), pathlib.Path(tempfile.gettempdir(), "left")
            assert not any(each.exists() for each in left)
            for each in left:
                each.mkdir()
                (each / "file").touch()
                each.chmod(0o500)
            name = next(tempfile._get_candidate_names())
            with open({str(tree.said)!r}, "a") as said:
                print(random.random(), name, os.getppid(), sep="\\t", file=said)
        """,
    )

    assert [tree.outcomes("test_a.py") for _ in range(2)] == [{"test_x": "passed"}] * 2
    chance, names, parents = (
        set(each) for each in zip(*(line.split("\t") for line in tree.said.read_text().splitlines()), strict=True)
    )
    assert [len(each) for each in (chance, names, parents)] == [2, 2, 1]


STANDARD = "import os; exec(open(os.path.join(os.path.dirname(os.__file__), 'bdb.py')).read())\nOURS = True\n"


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("bdb.py", "bdb"),
        ("src/bdb/__init__.py", "bdb"),
        ("more/bdb.py", "bdb"),
        ("nt.py", "nt"),
        ("sitecustomize.py", "sitecustomize"),
    ],
)
def test_a_tree_that_provides_what_is_imported_already_has_a_process_of_its_own(
    tree: Tree, path: str, name: str
) -> None:
    """A module of Windows is looked for, too, and not found elsewhere; so is what customizes the start."""
    tree.write(path, STANDARD)
    tree.write("test_a.py", f"import {name}\ndef test_x(): assert {name}.OURS\n")
    roots = {"import_roots": ("src", ""), "extra_path": (str(tree.root / "more"),)}

    assert tree.outcomes("test_a.py", **roots) == {"test_x": "passed"}
    assert not tree.is_forked(**roots)


@pytest.mark.parametrize("name", ["xml", "itertools"])
def test_a_project_whose_name_is_imported_already_has_a_process_of_its_own(tree: Tree, name: str) -> None:
    """Its module lies where only the project's own configuration leads to."""
    assert not tree.is_forked(packages=frozenset({name}))


def test_an_order_with_another_environment_has_a_process_of_its_own(tree: Tree) -> None:
    tree.write("src/app.py", "")

    assert tree.is_forked(import_roots=("src",))
    assert not tree.is_forked(import_roots=("",))
    assert tree.is_forked(import_roots=("src",))


def test_a_source_root_that_was_not_there_at_the_start_is_searched(tree: Tree) -> None:
    tree.write("src/app/__init__.py", "").write("test_a.py", "import app\ndef test_x(): pass\n")

    assert tree.outcomes("test_a.py", import_roots=("src", "")) == {"test_x": "passed"}
    tree.write("src/app/late.py", "").write("test_a.py", "import app.late\ndef test_x(): pass\n")
    assert tree.outcomes("test_a.py", import_roots=("src", "")) == {"test_x": "passed"}


def test_a_tree_that_stands_already_is_never_imported_from_before_the_fork(tree: Tree) -> None:
    (tree.root / "bdb.py").write_text("raise SystemExit\n")

    assert not tree.is_forked()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that finds pytest where we do."""
    directory = tmp_path_factory.mktemp("venv")
    venv.create(directory, symlinks=True)
    (site,) = directory.glob("lib/python3*/site-packages")
    (site / "ours.pth").write_text("\n".join(entry for entry in sys.path if entry.endswith("site-packages")))
    return directory


def interpreter_with(environment: Path, line: str) -> Interpreter:
    """Return the environment's interpreter, with one line of code that runs at each start."""
    (site,) = environment.glob("lib/python3*/site-packages")
    (site / "zz.pth").write_text(line + "\n")
    return inspect_interpreter((str(environment / "bin" / "python"),), "this test", environment)


def test_what_runs_at_the_start_sees_the_environment_of_the_run(make: Callable[..., Tree], environment: Path) -> None:
    line = "import os, sys; sys.seen = dict(os.environ), os.getcwd()"
    tree = make(interpreter_with(environment, line))
    tree.write(
        "test_a.py",
        """
        import os, sys
        def test_x():
            then, where = sys.seen
            assert then.pop("PHASEGATE_PROBE")
            now = dict(os.environ)
            for name in ("PYTEST_CURRENT_TEST", "PYTEST_VERSION"):
                now.pop(name, None)
            assert then == now
            assert where == os.getcwd()
        """,
    )

    assert tree.is_forked()
    assert tree.outcomes("test_a.py") == {"test_x": "passed"}


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "line",
    [
        "import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
        "import os, sys; sys.kept = os.open(os.devnull, os.O_RDONLY)",
        "import os; del os.fork",
        "import os; os.register_at_fork(after_in_child=lambda: os._exit(3))",
        "import sys; sys.modules.update({'pytest': None} if 'phasegate_warm' in sys.orig_argv else {})",
        "import sys; exec('try: import app.startup\\nexcept ImportError: pass')",
    ],
    ids=["a thread", "an open file", "no fork", "a fork that dies", "no pytest", "the project, in vain"],
)
def test_a_start_that_leaves_more_behind_makes_each_run_a_process_of_its_own(
    make: Callable[..., Tree], environment: Path, line: str
) -> None:
    tree = make(interpreter_with(environment, line)).write("app/__init__.py", "")

    assert not tree.is_forked()
    assert not tree.is_forked()


def test_what_the_start_imports_from_the_checkout_is_not_kept_for_other_trees(
    make: Callable[..., Tree], environment: Path, tmp_path: Path
) -> None:
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "started.py").write_text("")
    python = interpreter_with(
        environment, f"import sys; sys.path.append({str(tmp_path / 'checkout')!r}); import started"
    )

    assert not make(python, str(tmp_path / "checkout")).is_forked()


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "answer",
    [
        "exit 1",
        "echo '{\"ready\": 99}' > /proc/self/fd/$4; cat <&$3",
        "echo nonsense > /proc/self/fd/$4",
        "exec sleep 0",
    ],
    ids=["none", "of another version", "unreadable", "at its end"],
)
def test_without_a_proper_answer_each_run_is_a_process_of_its_own(
    make: Callable[..., Tree], interpreter: Interpreter, tmp_path: Path, answer: str
) -> None:
    program = tmp_path / "python"
    program.write_text(
        f'#!/bin/sh\nif [ "$2" = phasegate_warm ]; then {answer}; exit; fi\nexec {sys.executable} "$@"\n'
    )
    program.chmod(0o755)

    assert not make(interpreter._replace(argv=(str(program),))).is_forked()


def test_a_run_whose_parent_dies_is_repeated_in_a_process_of_its_own(tree: Tree) -> None:
    """Here the test itself kills it; it may be the system, short of memory."""
    tree.write(
        "test_a.py",
        f"""
        import os, pathlib, signal, time
        def test_x():
            mark = pathlib.Path({str(tree.said)!r})
            if os.getppid() != {os.getpid()} and not mark.exists():
                mark.write_text(str(os.getpid()))
                os.kill(os.getppid(), signal.SIGKILL)
                time.sleep(600)
        """,
    )

    assert tree.outcomes("test_a.py") == {"test_x": "passed"}
    assert ends(int(tree.said.read_text()))
    assert not tree.is_forked()


def test_time_that_is_up_ends_the_run_and_its_descendants_and_not_their_parent(tree: Tree) -> None:
    warm = tree.parent()
    tree.write(
        "test_a.py",
        f"""
        import os, pathlib, subprocess, sys, time
        def test_x():
            code = "import time; time.sleep(600)"
            words = [sys.executable, "-c", code]
            started = [subprocess.Popen(words, start_new_session=new).pid for new in (False, True)]
            forked = os.fork()
            if forked == 0:
                os.setsid()
                time.sleep(600)
            pathlib.Path({str(tree.said)!r}).write_text(" ".join(map(str, [*started, forked, os.getpid()])))
            time.sleep(600)
        """,
    )

    def hung(stall: float) -> bool:
        cases = tree.run("test_a.py", stall=stall).cases
        return tree.said.read_text().count(" ") == 3 and [case.hung for case in cases] == [True]

    assert patiently(hung, wanted=True)
    assert all(ends(int(each)) for each in tree.said.read_text().split())
    assert tree.parent() == warm


HANGING = """
import os, pathlib, time
def test_x():
    pathlib.Path({said!r}).write_text("%d %d" % (os.getpid(), os.getppid()))
    time.sleep(600)
"""
OURS = """
import pathlib, sys
from pytest_phasegate.adapters.child.pytest_child import PytestChild
from pytest_phasegate.adapters.child.step import MARK
from pytest_phasegate.adapters.project.interpreter import inspect_interpreter
from pytest_phasegate.app.ports.evidence import RunOrder
base = pathlib.Path({base!r})
tree, scratch = base / "tree", base / "scratch"
tree.mkdir()
scratch.mkdir()
child = PytestChild(inspect_interpreter((sys.executable,), "x", base), str(scratch), [])
write = lambda: (tree / "test_a.py").write_text({test!r})
child.run(RunOrder(str(tree), ("test_a.py",), options={options!r}, prepare=write))
"""


def test_what_a_lost_run_left_is_ended_with_its_parent(tree: Tree) -> None:
    tree.parent()
    words = [sys.executable, "-c", "import time; time.sleep(600)"]
    left = subprocess.Popen(words, env={**os.environ, MARK: tree.child._forks._mark})

    tree.child.close()
    ended = ends(left.pid)

    left.kill()
    left.wait()
    assert ended


def test_a_run_that_cannot_be_told_of_does_not_go_on(tree: Tree) -> None:
    """We may be killed after the order and before the answer."""
    tree.parent()
    forks = tree.child._forks
    warm, step = forks._warm, forks._step
    assert warm is not None
    os.close(warm._replies)
    warm._replies = os.open(os.devnull, os.O_RDONLY)

    order = {"settings": str(step.settings), "console": str(step.console), "searched": []}
    os.write(warm._orders, json.dumps(order).encode() + b"\n")

    assert ends(warm.pid)
    assert not carriers(forks._mark)


def carriers(mark: str) -> list[Path]:
    return [each for each in Path("/proc").glob("[0-9]*/environ") if f"{MARK}={mark}" in environment_of(each)]


def environment_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def test_nothing_goes_on_when_we_are_killed(tmp_path: Path) -> None:
    said = tmp_path / "said"
    test = HANGING.format(said=str(said))
    script = OURS.format(base=str(tmp_path), test=test, options=without_foreign_plugins())
    with subprocess.Popen([sys.executable, "-c", script]) as ours:
        while not (said.exists() and len(said.read_text().split()) == 2):
            assert ours.poll() is None
            time.sleep(0.02)
        run, parent = map(int, said.read_text().split())
        assert parent != ours.pid
        ours.kill()

    assert ends(run)
    assert ends(parent)
