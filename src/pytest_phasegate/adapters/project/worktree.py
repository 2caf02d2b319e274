"""The files of a project that is in no git repository, the texts that configure it, and JSON from a file or stdin."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pytest_phasegate.core.project.plain_values import Foreign, json_document
from pytest_phasegate.errors import PhasegateError, unusable_file

ASIDE = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "build", "dist"})


def project_files(root: Path) -> tuple[str, ...]:
    """Return the files below a directory, relative and with ``/``; environments, builds and dot directories aside."""
    return tuple(sorted(files_below(root, "", is_aside)))


def is_aside(name: str) -> bool:
    """Whether a directory of this name holds nothing that the project's authors wrote."""
    return name.startswith(".") or name in ASIDE


def files_below(
    root: Path | str, start: str, skipped: Callable[[str], bool], depth: int | None = None
) -> Iterator[str]:
    """Yield the files below a directory of a root by name, relative to the root; no link to a directory is followed.

    Args:
        root: Where paths begin.
        start: The directory, relative to the root; empty for the root itself.
        skipped: Whether directories of this name are left out.
        depth: How many directories deep; without an end if ``None``.
    """
    try:
        with os.scandir(Path(root, start)) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    if start and any(entry.name == "pyvenv.cfg" for entry in listed):
        return  # a virtual environment, whatever it is called
    for entry in listed:
        path = f"{start}/{entry.name}" if start else entry.name
        if entry.is_file():
            yield path
        elif entry.is_dir(follow_symlinks=False) and not skipped(entry.name) and (depth is None or depth > 1):
            yield from files_below(root, path, skipped, None if depth is None else depth - 1)


def seen_from(root: Path | str, path: os.PathLike[str] | str) -> str | None:
    """Return how a path reads from a root, links followed; ``None`` where it lies elsewhere."""
    top, real = os.path.realpath(root), os.path.realpath(path)
    return os.path.relpath(real, top) if real == top or real.startswith(top.rstrip("/") + "/") else None


def prefix_of(place: Path | str, top: Path | str) -> str:
    """Return what stands before the paths of a directory to count them from another: ``packages/a/``, or nothing."""
    found = os.path.relpath(os.path.realpath(place), os.path.realpath(top))
    return "" if found == "." else f"{found}/"


def append(path: Path, lines: str) -> None:
    """Add lines to the end of a file in one write, and make the file where it is not there.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(lines.encode("utf-8", "surrogatepass"))


def text_if_any(path: Path, called: object, kind: type[PhasegateError] = PhasegateError) -> str | None:
    """Return the text of a file, or ``None`` where there is none.

    Raises:
        PhasegateError: It is there and cannot be read.
    """
    if not path.exists():
        return None
    with unusable_file(f"{called} cannot be read", kind):
        return path.read_text(encoding="utf-8")


def text_there(path: Path) -> str:
    """Return the text of a file as far as it is one; nothing of what is not there, or cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):  # a name that holds NUL is a ValueError
        return ""


def environment_at(place: Path) -> Path | None:
    """Return the virtual environment that a place is, or names: a file ``.venv`` may hold the path of one (PEP 832)."""
    named = place.parent / text_there(place).strip() if place.name == ".venv" and place.is_file() else place
    return named if os.path.exists(named / "pyvenv.cfg") else None  # noqa: PTH110 - where others may not look, none is


def replace_file(target: Path, text: str) -> None:
    """Write a file aside and rename it, so that a reader sees the old one or the new one.

    A device or a pipe is written to as it is: a file in the place of ``/dev/null`` would be one for the whole machine.

    Raises:
        OSError: It cannot be written; the old one stands.
    """
    aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8", newline="\n")
            return
        aside.write_text(text, encoding="utf-8", newline="\n")
        aside.replace(target)
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise


def existing(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of the relative paths that are files inside the root, links followed."""
    top = root.resolve()
    return tuple(path for path in paths if (file := root / path).is_file() and file.resolve().is_relative_to(top))


def texts(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the texts of files by path; one that is not there, or no text, is left out."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            found[path] = (root / path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return found


_MOST = 64 * 1024 * 1024


def content_of(path: Path, name: str, *, hint: str = "") -> bytes:
    """Return what a file holds that somebody gives us; the name ``-`` means stdin.

    Raises:
        PhasegateError: It cannot be read, or is too large to be what it should be.
    """
    label = "stdin" if name == "-" else name
    with unusable_file(f"{label} cannot be read", hint=hint):
        if name == "-":
            content = sys.stdin.buffer.read(_MOST + 1)
        else:
            with path.open("rb") as file:
                content = file.read(_MOST + 1)
    if len(content) > _MOST:
        raise PhasegateError(f"{label} is larger than {_MOST // 2**20} MiB", hint=hint)
    return content


def read_json(path: Path, name: str, *, hint: str = "") -> Foreign:
    """Return the document in a file; the name ``-`` means stdin.

    Raises:
        PhasegateError: It cannot be read, or it is no JSON; the message names the file, the line and the column.
    """
    return json_document(content_of(path, name, hint=hint), "stdin" if name == "-" else name, hint=hint)
