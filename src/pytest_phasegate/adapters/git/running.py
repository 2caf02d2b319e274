"""Start a child git and collect what it says.

``subprocess`` is not used: importing it costs a hook as much as everything else it does.
"""

from __future__ import annotations

import os
import select
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.git import environment
from pytest_phasegate.adapters.git.failures import failure, missing_git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHUNK = 1 << 16
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
    pipes = _Pipes()
    try:
        child = _spawn(argv, environ, pipes)
        try:
            out, err = _talk(pipes, stdin)
        except BaseException:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
    finally:
        pipes.close()
    return Answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), out, err)


class _Pipes:
    """The three pipes to a child: our ends and its ends, closed whatever happens."""

    def __init__(self) -> None:
        self.its_in, self.our_in = os.pipe()
        self.our_out, self.its_out = os.pipe()
        self.our_err, self.its_err = os.pipe()
        self._open = {self.its_in, self.our_in, self.our_out, self.its_out, self.our_err, self.its_err}

    def close(self, *descriptors: int) -> None:
        """Close these ends, or all that are still open."""
        for descriptor in descriptors or tuple(self._open):
            self._open.remove(descriptor)
            os.close(descriptor)


def _spawn(argv: Sequence[str], environ: Mapping[str, str], pipes: _Pipes) -> int:
    wiring = [
        (os.POSIX_SPAWN_DUP2, pipes.its_in, 0),
        (os.POSIX_SPAWN_DUP2, pipes.its_out, 1),
        (os.POSIX_SPAWN_DUP2, pipes.its_err, 2),
    ]
    try:
        child = os.posix_spawnp(argv[0], list(argv), environ, file_actions=wiring, setsigdef=[signal.SIGPIPE])
    except FileNotFoundError:
        raise missing_git(argv[0]) from None
    pipes.close(pipes.its_in, pipes.its_out, pipes.its_err)
    return child


def _talk(pipes: _Pipes, stdin: bytes) -> tuple[bytes, bytes]:
    """Feed and drain all three pipes at once, so that neither side ever waits for the other."""
    heard: dict[int, list[bytes]] = {pipes.our_out: [], pipes.our_err: []}
    waiting = select.poll()
    for descriptor in heard:
        waiting.register(descriptor, select.POLLIN)
    os.set_blocking(pipes.our_in, False)
    waiting.register(pipes.our_in, select.POLLOUT)
    unsent, open_ends = memoryview(stdin), 3
    while open_ends:
        for descriptor, _ in waiting.poll():
            if descriptor == pipes.our_in:
                unsent = _feed(descriptor, unsent)
                done = not unsent
            else:
                chunk = os.read(descriptor, _CHUNK)
                heard[descriptor].append(chunk)
                done = not chunk
            if done:
                waiting.unregister(descriptor)
                pipes.close(descriptor)
                open_ends -= 1
    return b"".join(heard[pipes.our_out]), b"".join(heard[pipes.our_err])


def _feed(descriptor: int, unsent: memoryview) -> memoryview:
    """Write what the pipe takes; a child that no longer reads gets nothing more."""
    try:
        return unsent[os.write(descriptor, unsent[:_CHUNK]) :]
    except BlockingIOError:
        return unsent
    except BrokenPipeError:
        return unsent[:0]
