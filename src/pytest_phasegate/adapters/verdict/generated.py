"""Make generated files anew, on a copy of the project, and compare."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_phasegate.adapters.verdict.commands import run_commands
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.verdict.gate import RanCommand, Regenerated


def regenerate(
    repository: Repository,
    tree: str,
    place: str,
    commands: Mapping[str, str],
    environment: Mapping[str, str],
    *,
    source: Iterable[str],
    timeout: float,
) -> tuple[Regenerated, ...]:
    """Take the generated files out of a copy of a tree, run each command there, and compare what it makes.

    Args:
        repository: Where the tree is.
        tree: The content that is judged.
        place: The project's directory in the repository and a ``/``, or nothing.
        commands: Command lines by the pattern of the files that each makes.
        environment: The variables they see.
        source: Production roots of the project: what is imported comes from the copy.
        timeout: Seconds each may take.
    """
    patterns: dict[str, list[str]] = {}
    for pattern, line in commands.items():
        patterns.setdefault(line, []).append(pattern)
    with TemporaryDirectory(prefix="phasegate-generate-") as scratch:
        top = Path(scratch, "tree")
        top.mkdir()
        repository.materialize(repository.entries(tree), str(top))
        root = top / place
        paths = [str(root / one) for one in source] + [environment.get("PYTHONPATH", "")]
        seen = {**environment, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONDONTWRITEBYTECODE": "1"}

        def ignored(paths: Iterable[str]) -> set[str]:
            return {path.removeprefix(place) for path in repository.ignored(place + path for path in paths)}

        def made(line: str, globs: Sequence[str]) -> Regenerated:
            return _made(
                root, globs, lambda: run_commands({line: line}, root, seen, timeout=timeout, jobs=1)[0], ignored
            )

        return tuple(made(line, globs) for line, globs in patterns.items())


def _made(
    root: Path, globs: Sequence[str], run: Callable[[], RanCommand], ignored: Callable[[Iterable[str]], set[str]]
) -> Regenerated:
    before = _contents(root, globs)
    for path in before:
        (root / path).unlink()
    ran = run()
    if ran.exit_code != 0:
        last = ran.tail[-1] if ran.tail else "it said nothing"
        return Regenerated(ran.line, problem=ran.problem or f"it ended with {ran.exit_code}: {last}")
    after = _contents(root, globs)
    differing = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    left = ignored(after.keys() - before.keys())
    return Regenerated(ran.line, tuple(sorted(differing - left)), len(before))


def _contents(root: Path, globs: Sequence[str]) -> dict[str, bytes]:
    """Return the files of some patterns; a link is what it leads to by name, not by content."""
    found = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = Path(directory, name)
            relative = path.relative_to(root).as_posix()
            if matches_any(relative, globs):
                found[relative] = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    return found
