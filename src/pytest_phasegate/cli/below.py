"""Commands called at the top of a repository which configures nothing, as in a monorepo: the projects lie below.

Each project answers in a process of its own that starts in its directory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.wiring import projects, readers

ANYWHERE = frozenset({"demo", "init", "explain", "verify", "combine", "ledger", "hook", "completion"})
"""These commands ask for no project, or for the whole repository."""
_OF_EACH = frozenset({"status", "next", "lint", "doctor", "map"})
"""These commands speak of every project in turn; the others are about one."""
_WRITTEN = frozenset({"--output-file", "--report"})
"""These options name a file that need not be there yet."""


def projects_meant(command: str, words: Sequence[str]) -> tuple[Path, ...]:
    """Return the directories of the projects below the top that a command is about; none where it can speak here.

    Those of the files that are named; else those whose guide is named, as in ``check slug:1``; else those with guides.

    Raises:
        PhasegateError: It is about one project, and nothing says which.
    """
    if any(word in {"-h", "--help"} or word.partition("=")[0] == "--config" for word in words):
        return ()
    top = projects.unconfigured_top()
    if top is None:
        return ()
    places = [Path(top.root, place) for place in projects.configured_below(top)]
    files = [Path(word).resolve() for word in words if Path(word).is_file()]
    named = [place for place in places if any(file.is_relative_to(place.resolve()) for file in files)]
    meant = named or _by_guides(places, words) or places[:1]
    written = any(word.partition("=")[0] in _WRITTEN for word in words)  # one file cannot hold the answers of several
    if len(meant) > 1 and (written or command not in _OF_EACH):
        listed = [place.relative_to(top.root).as_posix() for place in meant]
        raise PhasegateError(
            f"which project? There are guides in {', '.join(listed)}", hint=f"cd {listed[0]} && phasegate {command}"
        )
    return tuple(meant)


def _by_guides(places: Sequence[Path], words: Sequence[str]) -> list[Path]:
    slugs = {place: {guide.slug for guide in readers.guides(place, projects.settings(place))} for place in places}
    said = {word.partition(":")[0] for word in words if ":" in word}
    return [place for place in places if said & slugs[place]] or [place for place in places if slugs[place]]


def run_below(places: Sequence[Path], command: str, words: Sequence[str]) -> int:
    """Run a command with its words in each of these directories; return the first exit code that is not 0."""
    codes = []
    for place in places:
        told = escaped(os.path.relpath(place))
        print(f"phasegate: in {told}, where its commands are to be run", file=sys.stderr, flush=True)
        there = [_seen_from(place, word, before) for before, word in zip(["", *words], words, strict=False)]
        argv = [sys.executable, "-P", "-m", "pytest_phasegate", command, *there]
        codes.append(subprocess.run(argv, cwd=place, check=False).returncode)
    return next((code for code in codes if code), 0)


def _seen_from(place: Path, word: str, before: str) -> str:
    """Return a word as it reads in another directory: what is a file, or is to be one, stays the same file."""
    option, equals, value = word.partition("=") if word.startswith("--") else (before, "", word)
    head = f"{option}=" if equals else ""
    if option == "--report":
        form, colon, value = value.partition(":")
        head += form + colon
    return head + os.path.relpath(value, place) if value and (option in _WRITTEN or Path(value).is_file()) else word
