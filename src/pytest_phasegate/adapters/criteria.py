"""Answers for criteria, in lines beside the ledger and with what was accepted, and the reports of reviewers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pytest_phasegate.adapters.project.worktree import read_json
from pytest_phasegate.core.criteria.feedback import FOLDER
from pytest_phasegate.core.criteria.reviews import Report, Review, as_line, is_report, read_report, read_reviews
from pytest_phasegate.errors import EvidenceError

NAME = "reviews.jsonl"
_LARGE, _PART = 8 * 1024 * 1024, 64 * 1024


class ReviewLog:
    """The answers of one repository.

    Args:
        beside: The file beside the ledger, which all worktrees share.
        committed: The file in the project that holds what accepted phases went by.
    """

    def __init__(self, beside: Path, committed: Path) -> None:
        self._beside = beside
        self._committed = committed

    def append(self, review: Review) -> None:
        """Add one answer.

        Raises:
            EvidenceError: The file cannot be written.
        """
        _append(self._beside, [review])

    def commit(self, reviews: Iterable[Review]) -> None:
        """Put answers into the project, those that stand there aside.

        Raises:
            EvidenceError: The file cannot be written.
        """
        there = set(_read(self._committed))
        _append(self._committed, [one for one in reviews if one not in there])

    def read(self) -> tuple[Review, ...]:
        """Return all answers, oldest first.

        Raises:
            EvidenceError: A file is there and cannot be read.
        """
        found = (*_read(self._committed), *_read(self._beside))
        return tuple(sorted(dict.fromkeys(found), key=lambda one: one.at))


def _append(path: Path, reviews: list[Review]) -> None:
    if not reviews:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write("".join(map(as_line, reviews)).encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise EvidenceError(f"the answer cannot be kept: {path}: {error.strerror}") from None


def _read(path: Path) -> tuple[Review, ...]:
    try:
        return read_reviews(path.read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from None


def read_reports(root: Path) -> tuple[Report, ...]:
    """Return the reports of reviewers in a project: the files directly in its folder that say they are one.

    Raises:
        PhasegateError: One cannot be read.
    """
    found = []
    for path in sorted((root / FOLDER).glob("*.json")):
        name = f"{FOLDER}/{path.name}"
        if not _may_be_report(path, name):
            continue
        document = read_json(path, name)
        if is_report(document):
            found.append(read_report(document, name))
    return tuple(found)


def _may_be_report(path: Path, name: str) -> bool:
    """Whether a file says that it is a report, or looks like one: other JSON in such a folder is none of our business.

    Of one that is too large to be written by a reviewer, the beginning and the end tell.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGE)
            if file.read(1):
                file.seek(-_PART, os.SEEK_END)
                text = text[:_PART] + file.read()
    except OSError as error:
        raise EvidenceError(f"{name} cannot be read: {error.strerror}") from None
    looks_like_one = b'"reviewer"' in text and (b'"findings"' in text or b'"violations"' in text)
    return looks_like_one or b"phasegate.reviewer/" in text
