"""The files of guides: found by glob, read safely (inside the root after resolving links, not beyond a size)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.markdown.decoding import MAX_BYTES, decode
from pytest_phasegate.core.project.globs import matches
from pytest_phasegate.core.project.settings import DEFAULT_GUIDES
from pytest_phasegate.errors import GuideError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_phasegate.core.guide.model import Dialect, Guide
    from pytest_phasegate.core.project.settings import Settings

_ASIDE = ("_context", "_technical_spec", "_feedback", "_review", "_summary")
_PRUNED = frozenset(
    {".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache"}
)
_MAGIC = frozenset("*?[{")


def is_pattern(guide: str) -> bool:
    """Return whether a configured guide is a glob, and may match nothing or other documents."""
    return any(char in _MAGIC for char in guide)


@dataclass(frozen=True, slots=True)
class GuideFile:
    """A guide's file: its path relative to the root (or absolute, if the user named one elsewhere).

    ``anywhere`` says that the user named it for this run; a configured guide must lie inside the root.
    """

    root: Path
    path: str
    anywhere: bool = False

    def bytes(self) -> bytes:
        """Return the content, and one byte more than a guide may have where it is larger.

        Raises:
            GuideError: There is no such file, it cannot be read, or it lies outside of the root; the message
                does not tell whether an outside file exists.
        """
        target = os.path.join(self.root, self.path)  # noqa: PTH118 - pathlib normalizes too much
        if not self.anywhere and not _is_inside(str(self.root), target):
            raise GuideError(f"{self.path}: the guide lies outside of the project", hint="keep it in the repository")
        try:
            with open(target, "rb") as stream:  # noqa: PTH123 - one call, on a hot path
                return stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            hint = "check the path, or `guides` in the configuration"
            raise GuideError(f"{self.path}: there is no such guide", hint=hint) from None
        except (OSError, ValueError) as error:
            raise GuideError(f"{self.path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None

    def read(self, dialects: Iterable[Dialect]) -> Guide:
        """Read the guide, whatever is wrong with it."""
        return _read(self, self.bytes(), dialects)

    def lint(self, dialects: Iterable[Dialect], settings: Settings) -> Guide:
        """Read the guide and add what lint has to say."""
        from pytest_phasegate.app.guide.reader import with_overlooked
        from pytest_phasegate.core.guide.lint import linted

        data = self.bytes()
        length = data.count(b"\n") + (not data.endswith(b"\n"))
        return linted(with_overlooked(_read(self, data, dialects), data), settings, length)

    def lines(self) -> tuple[str, ...]:
        """Return the lines as they are; none where the bytes are no text."""
        text = decode(self.bytes())
        return tuple(text.split("\n")) if isinstance(text, str) else ()


def _read(file: GuideFile, data: bytes, dialects: Iterable[Dialect]) -> Guide:
    from pytest_phasegate.app.guide.reader import read_guide

    return read_guide(data, file.path, dialects, lambda path: (file.root / path).is_file())


def _is_inside(root: str, target: str) -> bool:
    top = os.path.realpath(root)
    return os.path.commonpath([top, os.path.realpath(target)]) == top


def given(root: Path, named: Sequence[str]) -> list[GuideFile]:
    """Return the guides a user named, relative to where they are, each once."""
    return [GuideFile(root, path, anywhere=True) for path in dict.fromkeys(relative(root, name) for name in named)]


def configured(root: Path, guides: Sequence[str]) -> tuple[list[GuideFile], list[GuideFile]]:
    """Return the configured guides: those named, and those that globs find."""
    named = [GuideFile(root, guide) for guide in guides if not is_pattern(guide)]
    return named, [GuideFile(root, path) for path in find(root, [guide for guide in guides if is_pattern(guide)])]


def relative(root: Path, name: str) -> str:
    """Return a path relative to the current directory as one relative to the root, or absolute where it is outside."""
    absolute = os.path.abspath(name)  # noqa: PTH100 - must not resolve links: the user's name stays
    for top in (str(root), os.path.realpath(root)):
        if absolute.startswith(top.rstrip(os.sep) + os.sep):
            return os.path.relpath(absolute, top).replace(os.sep, "/")
    return absolute


def find(root: Path, patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the files that glob patterns find, each once, pattern by pattern and sorted; dot directories count.

    Files that stand beside a guide without being one (``_context``, ``_review`` and the like) are left out.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        for path in sorted(_glob(root, pattern)):
            if not Path(path).stem.endswith(_ASIDE):
                found[path] = None
    return tuple(found)


def _glob(root: Path, pattern: str) -> Iterator[str]:
    """Walk only below the part of the pattern that is no glob."""
    parts = pattern.removeprefix("./").split("/")
    fixed = _fixed(parts)
    depth = None if "**" in pattern else len(parts) - len(fixed)
    for path in _files_below(root, "/".join(fixed), depth):
        if matches(pattern, path) and path.count("/") + 1 >= len(fixed) + 1:
            yield path


def _fixed(parts: Sequence[str]) -> list[str]:
    at = next((i for i, part in enumerate(parts) if is_pattern(part)), len(parts))
    return list(parts[:at])


def _files_below(root: Path, directory: str, depth: int | None) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(root / directory), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{directory}/{entry.name}" if directory else entry.name
        if entry.is_file():
            yield path
        elif entry.is_dir(follow_symlinks=False) and entry.name not in _PRUNED and (depth is None or depth > 1):
            yield from _files_below(root, path, None if depth is None else depth - 1)


MAX_FILES, _TOO_LARGE = 500, 1_000_000
_NOT_LOOKED_INTO = frozenset({"node_modules", "venv", "site-packages", "build", "dist", "__pycache__"})
_BESIDE = ("_context", "_technical_spec", "_feedback", "_review", "_summary")
_NO_GUIDES = frozenset({"readme.md", "changelog.md", "contributing.md", "license.md", "security.md"})
ENOUGH = 2
"""Phases a document must have to be taken for a guide."""


def guides_elsewhere(root: Path, read: Callable[[bytes, str], Guide], globs: Iterable[str]) -> tuple[str, ...]:
    """Return the documents that read as guides and that none of the configured patterns finds."""
    patterns = tuple(globs)
    paths = (path for _, path in zip(range(MAX_FILES), _documents(root, ""), strict=False))
    unmatched = (path for path in paths if not any(matches(glob, path) for glob in patterns))
    return tuple(path for path in unmatched if _is_guide(root, path, read))


def find_guides(root: Path, read: Callable[[bytes, str], Guide]) -> tuple[str, ...]:
    """Return the patterns or paths of what reads as a guide: the default patterns, all of them, where one finds any.

    A document counts when two of its phases say more than a heading: a file, a test or a commit. By a usual name, one
    is enough.
    """
    paths = [path for _, path in zip(range(MAX_FILES), _documents(root, ""), strict=False)]
    found = [path for path in paths if _is_guide(root, path, read)]
    elsewhere = [path for path in found if not _has_a_usual_name(path)]
    return (*(DEFAULT_GUIDES if len(elsewhere) < len(found) else ()), *elsewhere)


def _has_a_usual_name(path: str) -> bool:
    return any(matches(glob, path) for glob in DEFAULT_GUIDES)


def _documents(root: Path, directory: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(root / directory), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{directory}/{entry.name}" if directory else entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _NOT_LOOKED_INTO and entry.name != ".git":
                yield from _documents(root, path)
        elif entry.name.lower().endswith(".md") and entry.name.lower() not in _NO_GUIDES:
            yield path


def _is_guide(root: Path, path: str, read: Callable[[bytes, str], Guide]) -> bool:
    if path.removesuffix(".md").endswith(_BESIDE):
        return False
    try:
        content = (root / path).read_bytes()
    except OSError:
        return False
    if len(content) > _TOO_LARGE:
        return False
    telling = [phase for phase in read(content, path).phases if phase.files or phase.tests or phase.commit]
    return len(telling) >= (1 if _has_a_usual_name(path) else ENOUGH)
