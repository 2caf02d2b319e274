"""A fluent harness for end-to-end claims: write, run, commit, assert. Everything in it is real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from textwrap import dedent
from typing import IO, TYPE_CHECKING, Any

from support import warm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


ASKED_FOR_BY = {
    "xdist": ("-n", "--dist"),
    "xdist.looponfail": ("-n", "--dist"),
    "pytest_cov": ("--cov",),
    "pytest-split": ("--splits",),
}
"""The words that need a foreign plugin; no other words need one."""


@cache
def foreign_plugins() -> tuple[str, ...]:
    """The pytest plugins this environment happens to hold beside ours."""
    return tuple(sorted({entry.name for entry in entry_points(group="pytest11")} - {"phasegate"}))


def without_foreign_plugins(*arguments: str) -> tuple[str, ...]:
    """Words that switch off what a run with these arguments has no use for: to load it takes longer than the run."""
    spare = [
        name for name in foreign_plugins() if not any(word.startswith(ASKED_FOR_BY.get(name, ())) for word in arguments)
    ]
    return tuple(word for name in spare if name not in arguments for word in ("-p", f"no:{name}"))


LEAN_OPTIONS = f"addopts = {json.dumps(without_foreign_plugins())}"
"""The same as a line of TOML, for the configuration of a project whose tests are replayed with its options."""

LEAN = f"[pytest]\naddopts = {' '.join(without_foreign_plugins())}\n"
"""The same as a whole ``pytest.ini``."""


@dataclass(frozen=True)
class Run:
    """What one child process did."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout + self.stderr

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")


PLAIN_GIT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
    },
}
"""Git as it is without anybody's configuration, and somebody who commits."""


def clean_environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment that owes nothing to the machine: no ``GIT_*``, no ``PYTEST_*``, a home of its own.

    ``PYTHONPATH`` stays: where these tests are replayed on the tree of another commit, it is what leads a child there
    and past the editable installation.
    """
    names = ("PATH", "TMPDIR", "SYSTEMROOT", "PYTHONPATH")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    fixed = {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), kept.get("PATH", "")]),  # noqa: PTH120
    }
    return {**kept, **PLAIN_GIT, **fixed, **(extra or {})}


class Project:
    """A project in a directory of its own, driven as its user would."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self.home = home
        self.environment: dict[str, str] = {}

    def forking(self) -> Project:
        """Have forked also what is found on PATH: what a hook, a check or a shell starts."""
        places = (warm.programs(), os.path.dirname(sys.executable), os.environ["PATH"])  # noqa: PTH120
        self.environment["PATH"] = os.pathsep.join(places)
        return self

    def write(self, path: str, text: str) -> Project:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return self

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def remove(self, path: str) -> Project:
        target = self.root / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()
        return self

    def run(self, *argv: str, stdin: str = "", env: Mapping[str, str] | None = None, cwd: str = ".") -> Run:
        done = subprocess.run(
            argv,
            cwd=self.root / cwd,
            env=clean_environment(self.home, {**self.environment, **(env or {})}),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=300,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def pytest(self, *arguments: str, env: Mapping[str, str] | None = None, cwd: str = ".") -> Run:
        return self._python("pytest", *without_foreign_plugins(*arguments), *arguments, env=env, cwd=cwd)

    def phasegate(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None, cwd: str = ".") -> Run:
        return self._python("pytest_phasegate", *arguments, stdin=stdin, env=env, cwd=cwd)

    def python(self, *words: str, env: Mapping[str, str] | None = None) -> Run:
        """Run Python with these words, which mostly are ``-m`` and a module with its own."""
        if words[0] == "-m":
            return self._python(*words[1:], env=env, cwd=".")
        return self.run(sys.executable, *words, env=env)

    def _python(self, *words: str, stdin: str = "", env: Mapping[str, str] | None, cwd: str) -> Run:
        """Do what ``python -m`` does with these words; where the start of Python is no matter, it is not waited for."""
        environment = clean_environment(self.home, {**self.environment, **(env or {})})
        if warm.needs_a_start(environment):
            return self.run(sys.executable, "-m", *words, stdin=stdin, env=env, cwd=cwd)
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin.encode("utf-8", "surrogateescape"))
            given.seek(0)
            streams = (given.fileno(), out.fileno(), err.fileno())
            code = warm.ask(warm.place(), streams, str(self.root / cwd), words, environment)
            return Run(code, _text(out), _text(err))

    def git(self, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        return self.run("git", *arguments, env=env)

    def init_git(self, branch: str = "main") -> Project:
        done = self.git("init", "--quiet", f"--initial-branch={branch}")
        assert done.exit_code == 0, done.text
        return self

    def commit(self, message: str, *options: str) -> str:
        """Stage everything, commit past all hooks, and return the new commit's id."""
        self.git("add", "--all")
        done = self.git("commit", "--quiet", "--no-verify", "--allow-empty", "-m", message, *options)
        assert done.exit_code == 0, done.text
        return self.git("rev-parse", "HEAD").stdout.strip()
