# noqa: INP001 - a script, no package
"""Make the pictures of the README from what the program really prints: ``python docs/pictures/make.py``.

A small project is built in a temporary directory, with an implementation guide and the hooks of a commit. Code without
a test is committed, which is refused; then its test comes first, and the phase is checked.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
WIDTH = 100
GUIDE = """# Cache Implementation Guide

### Phase 1: A cache that remembers
**Files to create**:
- `src/app/cache.py` - the cache
**Tests to write** (in `tests/test_cache.py`):
```python
def test_a_value_is_remembered(): ...
def test_an_unknown_key_gives_nothing(): ...
```
**Success criteria**:
- [ ] Coverage: 100%
**Commit**: `feat(cache): add a cache that remembers`
"""
PROJECT = """[project]
name = "app"
[tool.pytest.ini_options]
pythonpath = ["src"]
[tool.phasegate]
source = ["src"]
"""
CODE = """class Cache:
    def __init__(self):
        self.values = {}

    def put(self, key, value):
        self.values[key] = value

    def get(self, key):
        return self.values.get(key)
"""
TESTS = """from app.cache import Cache


def test_a_value_is_remembered():
    cache = Cache()
    cache.put("a", 1)
    assert cache.get("a") == 1


def test_an_unknown_key_gives_nothing():
    assert Cache().get("a") is None
"""


class Scene:
    """A project, in which commands are run as in a terminal."""

    def __init__(self, root: Path) -> None:
        self.root = root
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PHASEGATE_"))}
        names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
        who = dict.fromkeys(names, "ada@example.org")
        self.environment = {**inherited, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        self.environment |= {"PHASEGATE_PYTHON": sys.executable, "COLUMNS": str(WIDTH), "NO_COLOR": "1"}

    def write(self, path: str, text: str) -> None:
        """Write one file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def run(self, *words: str, progress: bool = True) -> str:
        """Run a command and return what it prints; without what it says of its progress, which another day is else."""
        said = subprocess.STDOUT if progress else subprocess.DEVNULL
        done = subprocess.run(
            words, cwd=self.root, env=self.environment, stdout=subprocess.PIPE, stderr=said, check=False
        )
        return done.stdout.decode().rstrip().replace(str(self.root), "/home/ada/app")

    def phasegate(self, *words: str) -> str:
        """Run phasegate."""
        return self.run(sys.executable, "-m", "pytest_phasegate", *words, progress=False)


def pictures() -> dict[str, str]:
    """Return each picture's text, by the name of its file."""
    with tempfile.TemporaryDirectory() as place:
        scene = Scene(Path(place).resolve())
        scene.write("docs/plans/cache_implementation_guide.md", GUIDE)
        scene.write("pyproject.toml", PROJECT)
        scene.write(".gitignore", "__pycache__/\n.pytest_cache/\n.coverage\n")
        scene.run("git", "init", "-q", "-b", "main")
        scene.run("git", "add", "--all")
        scene.run("git", "commit", "-q", "-m", "docs: plan the cache")
        for hook in ("pre-commit", "commit-msg"):
            path = scene.root / ".git/hooks" / hook
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pytest_phasegate hook {hook} "$@"\n')
            path.chmod(0o755)
        scene.write("src/app/cache.py", CODE)
        scene.run("git", "add", "--all")
        subject = "feat(cache): add a cache that remembers"
        refused = scene.run("git", "commit", "-q", "-m", subject)
        scene.write("tests/test_cache.py", TESTS)
        passed = scene.phasegate("check", "1", "--quiet")
    return {
        "refused-commit.svg": f"$ git commit -m '{subject}'\n{refused}",
        "passed-check.svg": f"$ phasegate check 1\n{passed}",
    }


def as_svg(text: str, title: str) -> str:
    """Return a terminal that shows a text."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in text.splitlines():
        console.print(Text(line, style="bold" if line.startswith("$ ") else ""))
    return console.export_svg(title=title, unique_id=title.replace(" ", "-"))


def main() -> None:
    """Write the pictures beside this script."""
    for name, text in pictures().items():
        (HERE / name).write_text(as_svg(text, name.removesuffix(".svg").replace("-", " ")), encoding="utf-8")


if __name__ == "__main__":
    main()
