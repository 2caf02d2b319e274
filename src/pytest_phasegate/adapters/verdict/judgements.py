"""Judgements as lines of JSON beside the ledger, only ever appended."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path

from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.errors import EvidenceError

NAME = "judgements.jsonl"
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
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(lines.encode("utf-8"))
        except OSError as error:
            raise EvidenceError(f"the judgement cannot be kept: {self.path}: {error.strerror}") from None

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


_DEFAULTS = {one.name: one.default for one in fields(Judgement)}


def _as_record(judgement: Judgement) -> dict[str, object]:
    """Return what is not as it is by default: of many phases, short lines leave room for more judgements."""
    return {name: value for name, value in asdict(judgement).items() if value != _DEFAULTS[name]}


_WORDS = ("guide", "phase", "tree", "source", "head", "gate", "fix", "rules", "stage")
_COUNTS = {"at": _LATEST, "tests": _MANY, "failed": _MANY}


def _read(line: bytes) -> Judgement | None:
    try:
        record = {**_DEFAULTS, **json.loads(line)}
        ruling, changed, covered = Ruling(record["ruling"]), record["changed"], record["coverage"]
        if (
            not all(isinstance(record[name], str) for name in _WORDS)
            or not all(type(record[name]) is int and 0 <= record[name] < most for name, most in _COUNTS.items())
            or not (covered is None or 0 <= covered <= 100)  # noqa: PLR2004 - percent
        ):
            return None
        as_kept = {
            "ruling": ruling,
            "changed": None if changed is None else tuple((str(path), str(what)) for path, what in changed),
            "open": tuple(int(number) for number in record["open"]),
            "gates": tuple((str(gate), str(Ruling(word))) for gate, word in record["gates"]),
            "seconds": tuple((str(part), min(max(0.0, float(took)), _LATEST)) for part, took in record["seconds"]),
        }
        return Judgement(**{**record, **as_kept})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
