"""What git is told here: its hooks, which of them lead to phasegate, its user, the command that a hook runs under."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pytest_phasegate.adapters.project.config import git_directory

OUR_HOOKS = ("pre-commit", "pre-merge-commit", "commit-msg", "pre-push")
"""Git's hooks that ask something of a commit or a push."""


def user_name(root: Path) -> str:
    """Return git's name for the user, or the login name where git knows none."""
    from getpass import getuser  # a hook asks for nobody

    return _asked(root, "config", "user.name") or getuser()


def _asked(root: Path, *words: str) -> str:
    import subprocess  # a hook that asks git nothing starts without

    asked = subprocess.run(["git", "-C", str(root), *words], capture_output=True, encoding="utf-8", check=False)
    return asked.stdout.strip()


def hook_directory(top: Path) -> Path:
    """Return where git looks for hooks; ``top`` is that of the repository."""
    return top / _asked(top, "rev-parse", "--git-path", "hooks")


def hooks_path(root: Path) -> str:
    """Return the directory of ``core.hooksPath`` where people put their hooks; empty where git has its own.

    pre-commit installs nothing then. Husky's ``_`` starts the hooks above it.
    """
    return _asked(root, "config", "core.hooksPath").removesuffix("/").removesuffix("/_")


def listed_hooks(top: Path) -> str:
    """Return the text of what hook frameworks read: ``.pre-commit-config.yaml`` and ``lefthook.yml``, if there."""
    files = [top / name for name in (".pre-commit-config.yaml", "lefthook.yml")]
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file())


_FRAMEWORKS = ("prek", "lefthook", "pre-commit")  # a hook of prek may be called pre-commit, never the other way round


def installed_hooks(top: Path) -> dict[str, str]:
    """Return, for each of git's hooks that leads to phasegate, how: directly, or through a framework that names us."""
    directory, listed = hook_directory(top), listed_hooks(top)
    found = ((name, _how(directory / name, name, listed)) for name in OUR_HOOKS)
    return {name: how for name, how in found if how}


def _how(hook: Path, name: str, framework_config: str) -> str:
    try:
        text = hook.read_text(encoding="utf-8", errors="replace")
        runs = hook.stat().st_mode & 0o111
    except OSError:
        return ""
    if not runs:
        return ""
    if hook.parent.name == "_" and (hook.parents[1] / name).exists():  # husky starts the script above its own
        text += (hook.parents[1] / name).read_text(encoding="utf-8", errors="replace")
    if "phasegate" in text:
        return f"{hook} runs phasegate"
    framework = next((one for one in _FRAMEWORKS if one in text), "")
    if framework and _names_us(framework_config, name):
        return f"through {framework}"
    return ""


def _names_us(config: str, name: str) -> bool:
    ours = {"pre-commit": "red-green", "pre-merge-commit": "red-green"}.get(name, name)
    return f"phasegate-{ours}" in config or f"phasegate hook {ours}" in config


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
