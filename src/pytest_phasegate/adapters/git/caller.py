"""The ``git commit`` that a hook runs under, by its command line: what git tells a hook in no other way.

Whether a commit amends the one before decides what it is compared with, and a trailer on the command line may waive
what the pre-commit stage would refuse before the message is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pytest_phasegate.adapters.ledger.location import git_directory

_FARTHEST = 12  # how many ancestors are looked at: git, a shell, the hook framework and its children are fewer
_MESSAGE, _TRAILER = ("-m", "--message"), ("--trailer",)


def commit_words() -> tuple[str, ...]:
    """Return the words after ``git commit`` of the nearest ancestor that is one; nothing where none can be seen."""
    return next((tuple(words) for argv in _ancestors() if (words := _after_commit(argv)) is not None), ())


def amends(words: Sequence[str]) -> bool:
    """Whether a commit with these words replaces the one before it."""
    return any(word == "--amend" or (word.startswith("--am") and "--amend".startswith(word)) for word in words)


def message_of(words: Sequence[str]) -> str:
    """Return what the words say of the message: its ``-m`` paragraphs, then its trailers as the last one."""
    trailers = "\n".join(_values(words, _TRAILER))
    return "\n\n".join(filter(None, [*_values(words, _MESSAGE), trailers]))


def _values(words: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in options and equals:
            yield value
        elif place + 1 < len(words) and (word in options or ("-m" in options and _is_bundle_with_message(word))):
            yield words[place + 1]
        elif "-m" in options and word.startswith("-m") and len(word) > len("-m"):
            yield word[len("-m") :]


def _is_bundle_with_message(word: str) -> bool:
    """Whether a word is like ``-am``: short switches of which the last one takes the message."""
    return len(word) > len("-m") and word[0] == "-" and word[1] != "-" and word[-1] == "m" and word[1:].isalpha()


def _after_commit(argv: Sequence[str]) -> Sequence[str] | None:
    program = os.path.basename(argv[0]) if argv else ""
    if program not in {"git", "git.exe"} or "commit" not in argv[1:]:
        return None
    return argv[argv.index("commit", 1) + 1 :]


def _ancestors() -> Iterator[list[str]]:
    """Yield the command lines of the processes above this one, the nearest first, as far as the system shows them."""
    process = os.getppid()
    for _ in range(_FARTHEST):
        if process <= 1:
            return
        try:
            line, status = Path(f"/proc/{process}/cmdline").read_bytes(), Path(f"/proc/{process}/stat").read_bytes()
        except OSError:
            return
        yield os.fsdecode(line).rstrip("\0").split("\0")
        process = int(status.rpartition(b")")[2].split()[1])


_NOTE = "phasegate-passed"


def leave_note() -> None:
    """Leave the note; where the git directory cannot be written, the commit fails without our doing."""
    with suppress(OSError), open(_place(), "wb"):
        pass


def take_note() -> bool:
    """Remove the note and return whether it was there."""
    try:
        os.unlink(_place())
    except OSError:
        return False
    return True


def _place() -> str:
    """Return where it lies: git starts a hook at a work tree's top, and names its git directory if not ``.git``."""
    return os.path.join(os.environ.get("GIT_DIR") or git_directory(Path()), _NOTE)
