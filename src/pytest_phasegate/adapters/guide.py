"""The files of guides: found by glob, read safely (inside the root after resolving links, not beyond a size)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pytest_phasegate.adapters.project.worktree import ASIDE, files_below, seen_from
from pytest_phasegate.app.guide.reader import read_guide, with_overlooked
from pytest_phasegate.core.guide.feature_documents import (
    Role,
    documents_of,
    is_called_a_plan,
    is_written_about,
    looks_back,
    other_document,
    places_of,
)
from pytest_phasegate.core.guide.lint import linted
from pytest_phasegate.core.guide.markdown.document import MAX_BYTES, Dialect, Document, decode, read_document
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.project.paths import matches, plain
from pytest_phasegate.core.project.settings import DEFAULT_GUIDES, Settings
from pytest_phasegate.errors import GuideError

_ASIDE = ("_context", "_technical_spec", "_feedback", "_review", "_summary")
_PRUNED = frozenset(
    {".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache"}
)
_MAGIC = frozenset("*?[{")


def is_pattern(guide: str) -> bool:
    """Return whether a configured guide is a glob, and may match nothing or other documents."""
    return any(char in _MAGIC for char in guide)


class GuideFile(NamedTuple):
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
        if not self.anywhere and seen_from(self.root, target) is None:
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
        data = self.bytes()
        length = data.count(b"\n") + (not data.endswith(b"\n"))
        return linted(with_overlooked(_read(self, data, dialects), data), settings, length)

    def lines(self) -> tuple[str, ...]:
        """Return the lines as they are; none where the bytes are no text."""
        text = decode(self.bytes())
        return tuple(text.split("\n")) if isinstance(text, str) else ()


def _read(file: GuideFile, data: bytes, dialects: Iterable[Dialect]) -> Guide:
    return read_guide(data, file.path, dialects, lambda path: (file.root / path).is_file())


def documents_beside(root: Path, guide: Guide) -> dict[Role, tuple[Document, ...]]:
    """Return the documents of a guide's feature that lie inside the root, by what they are."""
    places = () if guide.path.startswith("/") else places_of(guide)
    paths = (path for place, depth in places for path in files_below(root, place, _PRUNED.__contains__, depth))
    found: dict[Role, tuple[Document, ...]] = {}
    for path, role in documents_of(guide, paths).items():
        found[role] = (*found.get(role, ()), read_document(GuideFile(root, path).bytes(), path))
    return found


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
    at = next((i for i, part in enumerate(parts) if is_pattern(part)), len(parts))
    fixed = list(parts[:at])
    depth = None if "**" in pattern else len(parts) - len(fixed)
    for path in files_below(root, "/".join(fixed), _PRUNED.__contains__, depth):
        if matches(pattern, path) and path.count("/") + 1 >= len(fixed) + 1:
            yield path


MAX_FILES, _TOO_LARGE = 500, 1_000_000
_NO_GUIDES = frozenset({"readme.md", "changelog.md", "contributing.md", "license.md", "security.md"})
ENOUGH = 2  # phases a document must have to be taken for a guide
PLACES = (
    ".planning/phases/*/*-PLAN.md",
    ".kiro/specs/*/tasks.md",
    "specs/*/tasks.md",
    "openspec/changes/*/tasks.md",
    "{.agent-os,agent-os}/specs/*/{tasks,plan}.md",
    "docs/superpowers/plans/*.md",
    "docs/**/plans/*.md",
    "docs/{IMPLEMENTATION_GUIDE,IMPLEMENTATION_PLAN,implementation_guide,implementation_plan}.md",
    "plans/*.md",
    ".taskmaster/tasks/tasks.json",
    "*/.taskmaster/tasks/tasks.json",
    "tasks/tasks.json",
    "conductor/tracks/*/plan.md",
    "docs/stories/*.md",
    "memory-bank/tasks/TASK*.md",
    "{.agent,.codex}/{plans,execplans}/*.md",
    "docs/{execplans,exec-plans}/*.md",
)
"""Where tools and people keep their plans."""
_CALLED, _ABROAD = "{PLAN,plan,Plan,ROADMAP,roadmap,Roadmap}.md", "{PLAN,PLANO}_*.md"
_SAID_SO = "*{计划,計画,계획}.md"
LAST = (
    *(f"docs/*{_CALLED}", "ROADMAP.md", "TODO.md", ".planning/ROADMAP.md", f"*[-_]{_CALLED}"),
    *(_ABROAD, f"docs/{_ABROAD}", _SAID_SO, f"docs/{_SAID_SO}", "**/implementation[-_]plan.md"),
)
"""What holds the plan where nothing else does: the first of these that finds any."""


class Found(NamedTuple):
    """What a search brought: what to write under `guides`, what this finds, and after how many others it stopped."""

    guides: tuple[str, ...] = ()
    read: tuple[Guide, ...] = ()
    stopped: int = 0


def guides_elsewhere(root: Path, read: Callable[[bytes, str], Guide], globs: Iterable[str]) -> tuple[str, ...]:
    """Return the documents that none of the configured patterns finds and that read as guides.

    One phase is enough where the name says that it is a plan.
    """
    patterns = tuple(globs)
    paths = (path for _, path in zip(range(MAX_FILES), _documents(root), strict=False))
    unmatched = (path for path in paths if not any(matches(glob, path) for glob in patterns))
    return tuple(path for path in unmatched if _guide(root, path, read, 1 if is_called_a_plan(path) else ENOUGH))


def find_guides(root: Path, read: Callable[[bytes, str], Guide]) -> Found:
    """Return the patterns or paths of what reads as a guide: the default patterns, all of them, where one finds any.

    A document counts when two of its phases say more than a heading: a file, a test or a commit. By a usual name or in
    a place that is made for plans, one is enough, or two phases whatever they say. A pattern that would also find a
    document of another kind is not proposed, but each of its guides. Another document counts only if its path says that
    it is a plan, or, where there are no such guides, its title.
    """
    usual = _at(root, read, DEFAULT_GUIDES)
    found = Found(DEFAULT_GUIDES if usual else (), usual)
    for place in PLACES:
        known = {guide.path for guide in found.read}
        here = tuple(guide for guide in _at(root, read, (place,)) if guide.path not in known)
        alone = plain(place) or any(is_written_about(path) for path in find(root, (place,)))
        named = tuple(guide.path for guide in here) if alone else (place,) * bool(here)
        found = Found((*found.guides, *named), (*found.read, *here))
    known = {guide.path for guide in found.read}
    walked = [path for _, path in zip(range(MAX_FILES + 1), _documents(root), strict=False)]
    others = [path for path in walked[:MAX_FILES] if path not in known and path not in LAST]
    taken = {_top(path) for path in known} - {"docs", ""}
    likely = (path for path in others if _top(path) not in taken and (not found.read or is_called_a_plan(path)))
    told = (guide for path in likely if (guide := _guide(root, path, read, ENOUGH)))
    more = tuple(guide for guide in told if is_called_a_plan(guide.path, guide.title))
    if not (found.read or more):
        more = next(filter(None, (_at(root, read, (pattern,)) for pattern in LAST)), ())
    named = (*found.guides, *(guide.path for guide in more))
    return Found(named, (*found.read, *more), stopped=MAX_FILES if len(walked) > MAX_FILES else 0)


def _top(path: str) -> str:
    """Return the directory at the root that holds a file: what lies beside a tool's plans is the tool's too."""
    return path.partition("/")[0] if "/" in path else ""


def _at(root: Path, read: Callable[[bytes, str], Guide], patterns: Iterable[str]) -> tuple[Guide, ...]:
    """Return the guides in a place that is made for them."""
    paths = (path for each in patterns for path in ((each,) if plain(each) else find(root, (each,))))
    return tuple(guide for path in paths if (guide := _guide(root, path, read, 1)))


def _documents(root: Path) -> Iterator[str]:
    for path in files_below(root, "", lambda name: name in ASIDE or name == ".git"):
        name = path.rpartition("/")[2].lower()
        if name.endswith(".md") and name not in _NO_GUIDES:
            yield path


def _guide(root: Path, path: str, read: Callable[[bytes, str], Guide], enough: int) -> Guide | None:
    """Return the guide that a document is: so many of its phases say more than a heading."""
    if path.removesuffix(".md").endswith(_ASIDE) or is_written_about(path):
        return None
    try:
        content = (root / path).read_bytes()
    except OSError:
        return None
    if len(content) > _TOO_LARGE:
        return None
    guide = read(content, path)
    telling = sum(bool(phase.files or phase.tests or phase.commit) for phase in guide.phases)
    usual = enough == 1 or any(matches(glob, path) for glob in DEFAULT_GUIDES)
    counts = (telling >= enough and (usual or not looks_back(guide.title))) or (
        usual and (telling or len(guide.phases) >= ENOUGH)
    )
    return guide if counts and not other_document(path, guide.title) else None
