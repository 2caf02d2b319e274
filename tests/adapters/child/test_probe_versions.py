"""The probe on the oldest and the newest interpreter it is promised for; uv makes their environments."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_phasegate.adapters.child.pytest_child import PytestChild
from pytest_phasegate.adapters.project.interpreter import Interpreter, inspect_interpreter
from pytest_phasegate.app.ports.evidence import RunOrder
from pytest_phasegate.probe import imports

VERSIONS = [("3.8", "pytest==7.0.1"), ("3.10", "pytest==8.0.0"), ("3.13", "pytest>=9")]


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda version: f"{version[0]}, {version[1]}")
def interpreter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    version, wanted = request.param
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed: the probe is not tried on other interpreters")
    directory = tmp_path_factory.mktemp("venv")
    python = directory / "bin" / "python"
    for words in (
        ["venv", "--quiet", "--no-python-downloads", "--python", _installed(version), str(directory)],
        ["pip", "install", "--quiet", "--python", str(python), wanted],
    ):
        done = subprocess.run([uv, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no environment with Python {version} and {wanted}: {done.stderr.strip().splitlines()[-1]}")
    return inspect_interpreter((str(python),), "uv", directory)


def _installed(version: str) -> str:
    """pyenv's interpreters are not on PATH under their own names; uv knows the rest."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(root.glob(f"versions/{version}.*/bin/python"))
    return str(found[-1]) if found else version


FILES = {
    "app/__init__.py": "class Cache:\n    def __init__(self, size): self.size = size\n",
    "tests/mixin.py": "class Mixin:\n    def test_shared(self): assert 1\n",
    "tests/test_a.py": """
        import app, pytest, unittest
        from mixin import Mixin
        @pytest.fixture
        def bad():
            yield
            raise OSError("in teardown")
        class TestMixed(Mixin): pass
        class TestSub(unittest.TestCase):
            def test_sub(self):
                with self.subTest("one"):
                    self.assertEqual(1, 2)
            def test_ok(self): pass
        @pytest.mark.xfail(strict=True)
        def test_declared(): assert 0
        def test_teardown(bad): pass
        def test_skipped(): pytest.skip("no")
        def test_attribute(): app.LRU
        def test_parameter(): app.Cache(1, ttl=2)
        def test_name(): from app import other
        def test_fixture(nobody): pass
        @pytest.mark.parametrize("n", [1, 2])
        def test_case(n): assert n == 1
        """,
    "tests/test_b.py": "from app.late import LRU\ndef test_x(): pass\n",
    "pytest.ini": "[pytest]\naddopts = --cov=app --cov-fail-under=100 -x\n",
}


@pytest.mark.parametrize("early", [True, False], ids=["new process", "fork"])
def test_the_records_are_the_same_on_every_interpreter(
    tmp_path: Path, interpreter: Interpreter, *, early: bool
) -> None:
    tree, scratch = tmp_path / "tree", tmp_path / "scratch"
    for directory in (tree, scratch):
        directory.mkdir()

    def write() -> None:
        for name, text in FILES.items():
            target = tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dedent(text))

    if early:
        write()
    child = PytestChild(interpreter, str(scratch), [], memory=2 << 30)

    run = child.run(RunOrder(tree=str(tree), packages=frozenset({"app"}), timeout=120, prepare=write))
    is_warm = child._forks._warm is not None
    child.close()

    assert is_warm == (not early and sys.platform == "linux")
    assert run.trouble == ""
    told = {
        case.node_id.partition("::")[2]: (case.outcome.value, case.raised.missing if case.raised else "")
        for case in run.cases
    }
    assert told == {
        "TestMixed::test_shared": ("passed", ""),
        "TestSub::test_sub": ("failed", ""),
        "TestSub::test_ok": ("passed", ""),
        "test_declared": ("xfailed", ""),
        "test_teardown": ("error", ""),
        "test_skipped": ("skipped", ""),
        "test_attribute": ("failed", "LRU"),
        "test_parameter": ("failed", "ttl"),
        "test_name": ("failed", "other"),
        "test_fixture": ("error", "nobody"),
        "test_case[1]": ("passed", ""),
        "test_case[2]": ("failed", ""),
    }
    (shared,) = [case.definition for case in run.cases if "test_shared" in case.node_id]
    assert shared is not None
    assert (shared.path, shared.qualname) == ("tests/mixin.py", "Mixin.test_shared")
    assert [(item.path, item.raised and item.raised.missing) for item in run.uncollected] == [
        ("tests/test_b.py", "app.late")
    ]
    assert run.modules["app"] == str(tree / "app" / "__init__.py")


def test_a_failing_conftest_is_told_on_every_interpreter(tmp_path: Path, interpreter: Interpreter) -> None:
    tree, scratch = tmp_path / "tree", tmp_path / "scratch"
    tree.mkdir()
    scratch.mkdir()
    (tree / "conftest.py").write_text("import app.fixtures\n")
    (tree / "test_a.py").write_text("def test_x(): pass\n")

    run = PytestChild(interpreter, str(scratch), []).run(RunOrder(tree=str(tree), packages=frozenset({"app"})))

    assert run.aborted is not None
    assert (run.aborted.name, run.aborted.missing, run.aborted.path) == ("ModuleNotFoundError", "app", "conftest.py")


def test_the_files_of_modules_are_resolved_as_the_system_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").touch()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "b.py").symlink_to("../link/a.py")
    monkeypatch.chdir(tmp_path)
    resolved = imports._resolver()  # type: ignore[no-untyped-call]

    for path in (
        "real/a.py",
        "link/a.py",
        "link/b.py",
        "link/../link/b.py",
        "link",
        "link/",
        "link/..",
        "none/x.py",
        "",
    ):
        assert resolved(path) == os.path.realpath(path)
        assert resolved(str(tmp_path / path)) == os.path.realpath(tmp_path / path)
