"""Start a child git that inherits nothing that misleads it, collect what it says, and tell its failures in words."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pytest_phasegate.errors import RepositoryError

_HARMLESS = frozenset({
    # where the user's and the machine's configuration lies: safe.directory and filters stand there
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM",
    # how far up a repository is looked for
    "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    # where git itself lies, and how a partial clone fetches what it lacks
    "GIT_EXEC_PATH", "GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ALLOW_PROTOCOL",
})  # fmt: skip

_LEADING = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_",
)  # fmt: skip
"""How begins what decides where the repository is, and whether it is trusted (``safe.directory``)."""

_FIXED = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}
"""Objects as their ids say, no lock that is not needed, no question, messages that can be told apart."""


def without_git(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with every ``GIT_*`` variable gone that could change what a child git answers.

    The list is of what may stay, because new variables come with new versions of git; settings of git's
    extensions (``GIT_LFS_*``) stay too.
    """
    return {name: value for name, value in environ.items() if _may_stay(name)}


def for_child(environ: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of one child git that works on an explicitly named repository."""
    return {**without_git(environ), **_FIXED, **extra}


def for_discovery(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which the repository is found: the inherited one, so that we find what git found.

    Paths that git reads relative to its own directory are made absolute, because the child starts elsewhere.
    """
    kept = {name: value for name, value in environ.items() if _may_stay(name) or name.startswith(_LEADING)}
    absolute = {name: os.path.abspath(kept[name]) for name in ("GIT_DIR", "GIT_WORK_TREE") if kept.get(name)}
    return {**kept, **absolute, **_FIXED}


def _may_stay(name: str) -> bool:
    return not name.startswith("GIT_") or name in _HARMLESS or name.startswith("GIT_LFS_")


_FETCH = "check the name; in CI, fetch it: `git fetch --unshallow`, or `fetch-depth: 0` in actions/checkout"
_NO_REVISION = "check the name; in CI, fetch it (actions/checkout: `fetch-depth: 0`)"
_DAMAGED = (
    "PG905",
    "an object of this repository is missing or damaged",
    "run `git fsck`; a fresh clone, or `git fetch --refetch`, brings it back",
)
_DAMAGE = (
    b"corrupt", b"missing", b"unable to read", b"bad object", b"invalid object", b"hash mismatch", b"bad tree",
    b"inflate", b"malformed", b"could not get object info", b"loose object",
)  # fmt: skip
_MEANINGS: tuple[tuple[bytes, str, str, str], ...] = (
    (
        b"dubious ownership",
        "PG902",
        "git refuses this repository because another user owns it",
        "run `git config --global --add safe.directory DIRECTORY`, or correct the owner",
    ),
    (
        b"not a git repository",
        "PG901",
        "there is no git repository here",
        "run this inside a git work tree, or `git init` one",
    ),
    (
        b"must be run in a work tree",
        "PG903",
        "this repository has no work tree",
        "run this in a clone with a work tree, or give one with GIT_WORK_TREE",
    ),
    (
        b"unmerged",
        "PG906",
        "the index holds unmerged files, so there is no tree to judge",
        "resolve the conflicts and `git add` the files",
    ),
    (
        b"filter",
        "PG908",
        "a content filter that this repository requires did not run",
        "install and configure the filter that .gitattributes names (for LFS: `git lfs install`)",
    ),
    *(
        (words, "PG907", "git knows no such revision", _NO_REVISION)
        for words in (b"bad revision", b"unknown revision", b"Not a valid object name")
    ),
    (b"Ignoring path", "PG911", "a tree names a path that git does not write", "remove that path from the commit"),
    *((words, *_DAMAGED) for words in _DAMAGE),
)


def failure(command: str, exit_code: int, err: bytes) -> RepositoryError:
    """Return the error for a git command that left with this exit code and these words."""
    said = _words(err)
    for words, code, problem, hint in _MEANINGS:
        if words in err:
            named = re.search("'(.+)'", said)
            step = hint.replace("DIRECTORY", shlex.quote(named[1])) if named else hint
            return RepositoryError(f"{problem} ({said})", hint=step, code=code)
    return RepositoryError(
        f"`git {command}` failed with exit code {exit_code} ({said or 'no message'})",
        hint="run it by hand; if git answers there, report this",
        code="PG910",
    )


def damaged(detail: str) -> RepositoryError:
    """Return the error for an object that is not there or not what its id says."""
    code, problem, hint = _DAMAGED
    return RepositoryError(f"{problem} ({detail})", hint=hint, code=code)


def shallow(detail: str) -> RepositoryError:
    """Return the error for a question that a cut history cannot answer."""
    return RepositoryError(
        f"this clone is shallow: {detail}",
        hint="fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in actions/checkout",
        code="PG904",
    )


def unmerged(path: str) -> RepositoryError:
    """Return the error for an index in the middle of a merge."""
    told, hint = f"{path!r} is unmerged, so there is no tree to judge", "resolve the conflicts and `git add` the files"
    return RepositoryError(told, hint=hint, code="PG906")


def unknown_revision(revision: str) -> RepositoryError:
    """Return the error for a name that means no commit here."""
    return RepositoryError(f"git knows no revision {revision!r}", hint=_FETCH, code="PG907")


def _words(err: bytes) -> str:
    """Return git's complaint on one line, without its prefix."""
    lines = [line for line in os.fsdecode(err).splitlines() if line.startswith(("fatal:", "error:", "Ignoring path"))]
    return "; ".join(line.removeprefix("fatal:").removeprefix("error:").strip() for line in lines[:2])


_HARDENED = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    "advice.graftFileDeprecated=false",
)


class Answer(NamedTuple):
    """What one child left: its exit code (negative: the signal that ended it) and its output."""

    exit_code: int
    out: bytes
    err: bytes

    def checked(self, command: str, most: int = 0) -> bytes:
        """Return the output.

        Raises:
            RepositoryError: Git left with an error, which some commands do not mean by an exit code up to ``most``.
        """
        if not 0 <= self.exit_code <= most:
            raise failure(command, self.exit_code, self.err)
        return self.out


class Git(NamedTuple):
    """Git on one repository, named explicitly in every call.

    ``variables`` go to every child on top of the cleaned environment.
    """

    git_dir: str
    work_tree: str
    variables: tuple[tuple[str, str], ...] = ()

    def ask(
        self,
        *arguments: str,
        stdin: bytes = b"",
        variables: Mapping[str, str] | None = None,
        work_tree: str = "",
        literal: bool = True,
    ) -> Answer:
        """Run a plumbing command and return its answer, whatever its exit code.

        ``literal`` makes every path stand for itself; a command that knows no other way refuses the option.
        """
        tree = work_tree or self.work_tree
        settings = [word for setting in _HARDENED for word in ("-c", setting)]
        paths = ["--literal-pathspecs"] if literal else []
        argv = ["git", "-C", tree, f"--git-dir={self.git_dir}", f"--work-tree={tree}", *paths, *settings]
        extra = {**dict(self.variables), **(variables or {})}
        return run([*argv, *arguments], for_child(os.environ, extra), stdin)

    def read(self, *arguments: str, **how: Any) -> bytes:
        """Run a plumbing command as ``ask`` does and return its output.

        Raises:
            RepositoryError: Git left with an error.
        """
        return self.ask(*arguments, **how).checked(arguments[0])


def without_local(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables that tie a process to one repository; as it is without a git."""
    try:
        tying = os.fsdecode(run(["git", "rev-parse", "--local-env-vars"], environ).out).split()
    except RepositoryError:
        tying = []
    return {name: value for name, value in environ.items() if name not in tying}


def run(argv: Sequence[str], environ: Mapping[str, str], stdin: bytes = b"") -> Answer:
    """Run a child to its end; one that we leave by an exception is killed and waited for.

    Raises:
        RepositoryError: There is no such program.
    """
    try:
        done = subprocess.run(argv, env=environ, input=stdin, capture_output=True, check=False)
    except FileNotFoundError:
        problem, hint = f"the program {argv[0]!r} was not found", "install git and put it on PATH"
        raise RepositoryError(problem, hint=hint, code="PG909") from None
    return Answer(done.returncode, done.stdout, done.stderr)
