"""``phasegate demo [DIR]``: build a small real project and walk it through the gate, with everything real.

``demo_project`` holds its guide, and in ``tests_N.txt`` and ``code_N.txt`` the files of phase N as they stand when it
is finished, each file after a line ``=== path``.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from pytest_phasegate.adapters.verdict.commands import run_and_listen
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.as_terminal import colourful
from pytest_phasegate.reports.escaping import escaped, say

SHOWN = 24
_GUIDE = "docs/plans/metric_caching_implementation_guide.md"
_HOOK = '#!/bin/sh\nexec "{python}" -m pytest_phasegate hook {name} "$@"\n'


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="a new directory; default: a temporary one, kept")


def run(options: argparse.Namespace) -> int:
    """Build the project and walk it; 1 if anything went otherwise than it should."""
    root = _new_directory(options.directory)
    walk = _Walk(root, colour=colourful(options.color))
    for step in (_plan, _red, _green, _accept, _regression, _untested, _end):
        if not step(walk):
            say(f"the demo did not go as it should: the step above; the project is in {root}")
            return 1
    return 0


def _new_directory(wanted: str | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="phasegate-demo-"))
    root = Path(wanted).resolve()
    try:
        root.mkdir(parents=True)
    except FileExistsError:
        if not root.is_dir() or any(root.iterdir()):
            raise PhasegateError(f"{wanted} is already there", hint="name a new directory") from None
    except OSError as error:
        raise PhasegateError(f"{wanted} cannot be made: {error.strerror}") from None
    return root


_NARROWEST, _WIDEST = 60, 110  # columns of what is run here, which is shown two further right


class _Walk:
    """The demo's project, and how its commands are run and shown."""

    def __init__(self, root: Path, *, colour: bool) -> None:
        self.root = root
        self.console = Console(force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=True)
        self.environment = {**_environment(), "COLUMNS": str(max(_NARROWEST, min(_WIDEST, self.console.width - 2)))}

    def say(self, headline: str, *lines: str) -> None:
        """Begin a chapter."""
        self.console.print(Rule(Text(headline, style="bold cyan"), align="left"))
        for line in lines:
            self.console.print(Text(line))

    def write(self, files: Mapping[str, str]) -> None:
        """Write files of the project, and name them."""
        for path, content in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        self.console.print(Text(f"  wrote {', '.join(files)}", style="dim"))

    def run(self, *words: str, code: int = 0, says: str = "", quiet: bool = False) -> bool:
        """Run a command of the project and show it.

        Args:
            words: The command.
            code: The exit code it should have; a crash is no refusal.
            says: What it should say.
            quiet: Show it only if it did not go as it should.

        Returns:
            Whether it went as it should.
        """
        done = run_and_listen(_argv(words), self.root, self.environment)
        right = done.returncode == code and says in done.stdout
        if not quiet or not right:
            self._show(words, done.stdout, done.returncode, right=right)
        return right

    def _show(self, words: tuple[str, ...], said: str, code: int, *, right: bool) -> None:
        self.console.print(Text(f"$ {shlex.join(words)}", style="bold"))
        lines = [line.rstrip() for line in said.splitlines() if line.strip()]
        for line in lines[-SHOWN:] if right else lines:
            self.console.print(Text(f"  {escaped(line)}"))
        self.console.print(Text(f"  exit {code}", style="dim" if right else "bold red"))


def _text(name: str) -> str:
    return Path(__file__).with_name("demo_project").joinpath(name).read_text(encoding="utf-8")


def _project_files(name: str) -> dict[str, str]:
    """Return the files that a text of the project holds, by path."""
    named = (part.partition("\n") for part in _text(name).split("=== ")[1:])
    return {path.strip(): f"{body.strip()}\n" for path, _, body in named}


def _environment() -> dict[str, str]:
    """Return the environment of the demo: nothing of a surrounding repository, run, or configuration of git.

    No bytecode is kept: the demo breaks a file and mends it within a second, and in that second Python takes the
    bytecode of the one for the other.
    """
    prefixes = ("GIT_", "PYTEST_", "COVERAGE_", "PHASEGATE_", "COV_CORE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    for role in ("AUTHOR", "COMMITTER"):
        kept |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.org"}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PHASEGATE_PYTHON": sys.executable}
    return {**kept, **alone, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", "TERM": "dumb"}


def _argv(words: tuple[str, ...]) -> list[str]:
    """Return how a command of the demo is really run: our commands and pytest with the interpreter that runs us."""
    modules = {"phasegate": "pytest_phasegate", "pytest": "pytest"}
    program, *rest = words
    return [sys.executable, "-m", modules[program], *rest] if program in modules else list(words)


def _plan(walk: _Walk) -> bool:
    walk.say("1. A guide", f"A project in {walk.root}, with an implementation guide of four phases, under git.")
    walk.write({**_project_files("start.txt"), _GUIDE: _text("guide.md")})
    return (
        walk.run("git", "init", "--quiet", "--initial-branch=main", quiet=True)
        and walk.run("git", "add", "--all", quiet=True)
        and walk.run("git", "commit", "--quiet", "-m", "docs: plan metric caching", quiet=True)
        and _install_hooks(walk)
        and walk.run("phasegate", "next", says="write the tests of phase 1")
    )


def _install_hooks(walk: _Walk) -> bool:
    names = ("pre-commit", "commit-msg")
    walk.write({f".git/hooks/{name}": _HOOK.format(python=sys.executable, name=name) for name in names})
    for name in names:
        (walk.root / ".git" / "hooks" / name).chmod(0o755)
    return True


def _red(walk: _Walk) -> bool:
    walk.say("2. Red", "The tests come first, and must fail for the right reason: what they test is not there yet.")
    walk.write(_project_files("tests_1.txt"))
    return walk.run(
        "pytest", "--phase", "1", "--phasegate-expect", "red", "-q", "--tb=no", says="4 of 4 declared tests are red"
    )


def _green(walk: _Walk) -> bool:
    walk.say(
        "3. Green", "Now the code. `check` judges the phase by all its gates; red before green is proved by replay."
    )
    walk.write(_project_files("code_1.txt"))
    return walk.run("phasegate", "check", "1", "--quiet", says="PASSED: phase 1")


def _accept(walk: _Walk) -> bool:
    walk.say("4. Commit and accept", "The declared subject is used; the phase's tests become the baseline.")
    return (
        walk.run("phasegate", "commit", "1")
        and walk.run("phasegate", "accept", "1", says="4 new in .phasegate/baseline.jsonl")
        and walk.run("git", "add", "--all", quiet=True)
        and walk.run("git", "commit", "--quiet", "-m", "chore: accept phase 1", quiet=True)
        and walk.run("phasegate", "status", says="1 of 4 phases accepted")
    )


def _regression(walk: _Walk) -> bool:
    walk.say(
        "5. A regression is refused", "Somebody makes the cache forget at once. Phase 1 was accepted: that is refused."
    )
    path = "src/metrics/cache.py"
    good = (walk.root / path).read_text(encoding="utf-8")
    walk.write({path: good.replace("self.now() < until", "self.now() > until")})
    refused = walk.run("pytest", "--phase", "1", "-q", "--no-header", "--tb=no", code=1, says="accepted tests: 3 broke")
    walk.write({path: good})
    return refused and walk.run("pytest", "--phase", "1", "-q", "--no-header", quiet=True)


def _untested(walk: _Walk) -> bool:
    walk.say("6. Code without a test is refused", "The commit hooks ask for a test that was red before the code.")
    walk.write(_project_files("code_2.txt"))
    message = "feat(cache): add cache backend protocol"
    refused = walk.run("git", "add", "--all", quiet=True) and walk.run(
        "git", "commit", "-m", message, code=1, says="PG201"
    )
    if not (refused and walk.run("git", "log", "-1", "--format=%s", says="chore: accept phase 1", quiet=True)):
        return False
    walk.console.print("With its tests it is welcome:")
    walk.write(_project_files("tests_2.txt"))
    return walk.run("git", "add", "--all", quiet=True) and walk.run("git", "commit", "-m", message, says=message)


def _end(walk: _Walk) -> bool:
    walk.say("That is all", f"The project is yours to play with: {walk.root}")
    return walk.run("phasegate", "next", says="finish phase 2")
