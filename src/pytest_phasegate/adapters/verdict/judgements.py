"""Judgements and answers as lines of JSON beside the ledger, only ever appended, and the reports of reviewers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from pytest_phasegate.adapters.project.worktree import append, read_json
from pytest_phasegate.core.criteria.feedback import FOLDER
from pytest_phasegate.core.criteria.reviews import Report, Review, is_report, read_report
from pytest_phasegate.core.project.plain_values import as_line, lines_of, reading
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.errors import EvidenceError, unusable_file

JUDGEMENTS = "judgements.jsonl"
_LATEST = 2**33  # seconds since the epoch, in some two centuries: what claims a later day was never written by us
_MANY = 2**31  # tests of one phase
READ_BYTES = 1024 * 1024  # how much of the file's end is read: older judgements are of content long gone


class JudgementLog:
    """The judgements of one repository, shared by all its worktrees."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, judgements: Iterable[Judgement]) -> None:
        """Add judgements in one write.

        Raises:
            EvidenceError: The file cannot be written.
        """
        lines = "".join(f"{json.dumps(_as_record(one), sort_keys=True)}\n" for one in judgements)
        with unusable_file(f"the judgement cannot be kept: {self.path}", EvidenceError):
            append(self.path, lines)

    def read(self, *, everything: bool = False) -> tuple[Judgement, ...]:
        """Return the judgements, oldest first; a line that cannot be read counts as never written.

        Args:
            everything: Whether those count, too, that are of content long gone.

        Raises:
            EvidenceError: The file is there and cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(0 if everything else max(0, size - READ_BYTES))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise EvidenceError(f"{self.path} cannot be read: {error.strerror}") from None
        return tuple(judgement for line in lines if (judgement := _read(line)))


def _as_record(judgement: Judgement) -> dict[str, object]:
    """Return what is not as it is by default: of many phases, short lines leave room for more judgements."""
    default = Judgement._field_defaults.items()
    return {name: value for name, value in judgement._asdict().items() if (name, value) not in default}


_COUNTS = {"at": _LATEST, "tests": _MANY, "failed": _MANY}


def _read(line: bytes) -> Judgement | None:
    try:
        record = json.loads(line)
        one = reading(Judgement)(record)
        for _, word in one.gates:
            Ruling(word)
    except (ValueError, TypeError, RecursionError):
        return None
    counts = all(0 <= getattr(one, name) < most for name, most in _COUNTS.items())
    if not (record.keys() <= set(Judgement._fields) and counts and 0 <= (one.coverage or 0) <= 100):  # noqa: PLR2004 - percent
        return None
    return one._replace(seconds=tuple((part, min(max(0.0, took), _LATEST)) for part, took in one.seconds))


REVIEWS = "reviews.jsonl"


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
        _append_reviews(self._beside, [review])

    def commit(self, reviews: Iterable[Review]) -> None:
        """Put answers into the project, those that stand there aside.

        Raises:
            EvidenceError: The file cannot be written.
        """
        there = set(_reviews_in(self._committed))
        _append_reviews(self._committed, [one for one in reviews if one not in there])

    def read(self) -> tuple[Review, ...]:
        """Return all answers, oldest first.

        Raises:
            EvidenceError: A file is there and cannot be read.
        """
        found = (*_reviews_in(self._committed), *_reviews_in(self._beside))
        return tuple(sorted(dict.fromkeys(found), key=lambda one: one.at))


def _append_reviews(path: Path, reviews: list[Review]) -> None:
    if not reviews:
        return
    with unusable_file(f"the answer cannot be kept: {path}", EvidenceError):
        append(path, "".join(map(as_line, reviews)))


def _reviews_in(path: Path) -> tuple[Review, ...]:
    try:
        return lines_of(Review, path.read_text(encoding="utf-8", errors="replace"))
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
    """Whether a file says that it is a report, or looks like one: other JSON in such a folder is not ours."""
    with unusable_file(f"{name} cannot be read", EvidenceError):
        text = path.read_bytes()
    looks_like_one = b'"reviewer"' in text and (b'"findings"' in text or b'"violations"' in text)
    return looks_like_one or b"phasegate.reviewer/" in text
