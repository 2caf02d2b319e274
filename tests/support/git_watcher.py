"""What a git hook sees and does: run inside a real hook, by ``python git_watcher.py REPORT [COMMAND...]``.

Writes one line of JSON to REPORT: whatever was disturbed while COMMAND ran as the hook, or without one the tree that
our adapter saw and the files it wrote.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path


def snapshot() -> dict[str, str]:
    """Everything a user could miss: git directories byte by byte, the work tree with its times."""
    places = subprocess.run(
        ["git", "rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-toplevel"],
        capture_output=True,
        check=True,
    )
    own, common, top = (Path(os.fsdecode(line)).resolve() for line in places.stdout.splitlines())
    seen = {str(path): _state(path, timed=False) for git in {own, common} for path in git.rglob("*")}
    outside = (path for path in top.rglob("*") if str(path) not in seen and path.name != ".git")
    return {**seen, **{str(path): _state(path, timed=True) for path in outside}}


def _state(path: Path, *, timed: bool) -> str:
    found = path.lstat()
    content = ""
    if path.is_symlink():
        content = str(path.readlink())
    elif path.is_file():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{found.st_mode:o} {found.st_mtime_ns if timed and path.is_file() else ''} {content}"


def written(directory: Path) -> dict[str, str]:
    """Every file below a directory: link target, or executable bit and content."""
    found = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file() and path.name != ".git":
            found[name] = f"{os.access(path, os.X_OK)} {path.read_bytes()!r}"
    return found


def look() -> dict[str, object]:
    """Ask our adapter everything a hook asks."""
    import tempfile

    from pytest_phasegate.adapters.git.repository import open_repository
    from pytest_phasegate.app.ports.repository import INDEX

    repository = open_repository(str(Path.cwd()))
    before = repository.head() or repository.empty_tree()
    tree = repository.index_tree()
    entries = repository.entries(tree)
    repository.content_tree()
    repository.blobs(entry.oid for entry in entries.values() if entry.mode != "160000")
    repository.added_lines(before, tree, list(entries))
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch, "tree")
        target.mkdir()
        repository.materialize(entries, str(target))
        files = written(target)
    return {
        "tree": tree,
        "files": files,
        "root": repository.root,
        "agree": repository.changes(before, tree) == repository.changes(before, INDEX)
        and repository.entries(INDEX) == entries,
    }


OURS = ("phasegate", "phasegate-passed")
"""What phasegate keeps in the git directory: its ledger, and the note that a commit passed."""


def main() -> int:
    report, *command = sys.argv[1:]
    before = snapshot()
    done = subprocess.run(command, check=False).returncode if command else 0
    seen = {"exit_code": done} if command else look()
    after = snapshot()
    touched = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    disturbed = [path for path in touched if not set(OURS) & set(Path(path).parts)]
    with Path(report).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({**seen, "disturbed": disturbed}) + "\n")
    return done


if __name__ == "__main__":
    sys.exit(main())
