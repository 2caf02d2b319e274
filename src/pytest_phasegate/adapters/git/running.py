"""Start a child git and collect what it says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_phasegate.adapters.git import environment
from pytest_phasegate.adapters.git.failures import failure, missing_git

_HARDENED = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    "advice.graftFileDeprecated=false",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one child left: its exit code (negative: the signal that ended it) and its output."""

    exit_code: int
    out: bytes
    err: bytes


@dataclass(frozen=True, slots=True)
class Git:
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
        return run([*argv, *arguments], environment.for_child(os.environ, extra), stdin)

    def read(
        self,
        *arguments: str,
        stdin: bytes = b"",
        variables: Mapping[str, str] | None = None,
        work_tree: str = "",
        literal: bool = True,
    ) -> bytes:
        """Run a plumbing command and return its output.

        Raises:
            RepositoryError: Git left with an error.
        """
        answer = self.ask(*arguments, stdin=stdin, variables=variables, work_tree=work_tree, literal=literal)
        if answer.exit_code:
            raise failure(arguments[0], answer.exit_code, answer.err)
        return answer.out


def run(argv: Sequence[str], environ: Mapping[str, str], stdin: bytes = b"") -> Answer:
    """Run a child to its end; one that we leave by an exception is killed and waited for.

    Raises:
        RepositoryError: There is no such program.
    """
    try:
        done = subprocess.run(argv, env=environ, input=stdin, capture_output=True, check=False)
    except FileNotFoundError:
        raise missing_git(argv[0]) from None
    return Answer(done.returncode, done.stdout, done.stderr)
