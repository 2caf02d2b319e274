"""The baseline's file: read whole, and written aside and renamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pytest_phasegate.adapters.project.worktree import replace_file
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.project.plain_values import name_of
from pytest_phasegate.core.regression.baseline import PATH, BaselineTest, Passing, read_baseline, write_baseline
from pytest_phasegate.errors import BaselineError, EvidenceError, RepositoryError, unusable_file

TARGETS = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BITBUCKET_PR_DESTINATION_BRANCH")
"""Where CI services name the branch that a change is meant for."""


def read(root: Path) -> tuple[BaselineTest, ...]:
    """Return the accepted tests; none where there is no file.

    Raises:
        BaselineError: The file is there and cannot be read.
    """
    try:
        return read_baseline((root / PATH).read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError as error:
        raise BaselineError(f"{PATH}: not UTF-8 at byte {error.start}", hint="restore it from git") from None
    except OSError as error:
        raise BaselineError(f"{PATH}: cannot be read: {error.strerror or error}") from None


def write(root: Path, tests: Iterable[BaselineTest]) -> None:
    """Replace the file in one step, so that a reader sees the old one or the new one.

    Raises:
        BaselineError: It cannot be written; the old one stands.
    """
    with unusable_file(f"{PATH}: cannot be written", BaselineError):
        replace_file(root / PATH, write_baseline(tests))


def base_revision(repository: Repository, environment: Mapping[str, str]) -> str | None:
    """Return the commit that a change in CI starts from, or ``None`` before the first one.

    Where HEAD left the branch it is meant for (as the service names it, else the default branch); on that branch
    itself the commit before HEAD.

    Raises:
        RepositoryError: History is cut, so that nobody can tell.
    """
    head = repository.head()
    if head is None:
        return None
    named = (f"origin/{environment[name]}" for name in TARGETS if environment.get(name))
    target = next(filter(repository.resolve, named), None) or repository.default_branch()
    fork = repository.merge_base(target, head) if target else None
    if fork is not None and fork != head:
        return fork
    if repository.is_shallow():
        raise RepositoryError("the clone is shallow: the base revision is not in it", hint="fetch-depth: 0")
    parents = repository.commit(head).parents
    return parents[0] if parents else head


def at_revision(repository: Repository, revision: str, prefix: str) -> tuple[BaselineTest, ...]:
    """Return the accepted tests of a revision; ``prefix`` is the project's path in the repository.

    Raises:
        BaselineError: The baseline of that revision cannot be read.
    """
    try:
        text = (repository.content_at(revision, prefix + PATH) or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise BaselineError(f"{PATH} of {revision[:12]}: not UTF-8 at byte {error.start}") from None
    return read_baseline(text, f"{PATH} of {revision[:12]}")


def content(root: Path, path: str) -> bytes | None:
    """Return the content of a file of the project, or ``None`` where it cannot be had."""
    try:
        return (root / path).read_bytes()
    except (OSError, ValueError):
        return None


NAME = "passed"
_KEPT = 100  # how many contents of a phase are remembered: those that passed last, in all worktrees together


class Passings:
    """What each phase of a repository had on each content that its tests passed on, shared by all worktrees."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def keep(self, passing: Passing) -> None:
        """Keep what a phase had on one content, beside what it had on others.

        Raises:
            EvidenceError: It cannot be written.
        """
        record = {"guide": passing.guide, "phase": passing.phase, "tree": passing.tree}
        target = self._file(passing.guide, passing.phase, passing.tree)
        with unusable_file(f"the passing cannot be kept: {target}", EvidenceError):
            replace_file(target, json.dumps({**record, "tests": write_baseline(passing.tests)}))
            written = sorted(target.parent.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
            for path in written[:-_KEPT]:
                path.unlink(missing_ok=True)  # another process may be quicker

    def find(self, guide: str, phase: str, tree: str) -> Passing | None:
        """Return what a phase had on one content; what cannot be read counts as never written."""
        try:
            record = json.loads(self._file(guide, phase, tree).read_text(encoding="utf-8"))
            found = Passing(record["guide"], record["phase"], record["tree"], read_baseline(record["tests"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, BaselineError):
            return None
        return found if (found.guide, found.phase, found.tree) == (guide, phase, tree) else None

    def _file(self, guide: str, phase: str, tree: str) -> Path:
        return self.directory / name_of(guide, phase)[:32] / f"{name_of(tree)[:32]}.json"
