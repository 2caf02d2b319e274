"""What people answered for criteria that no run can judge: each answer holds for one content and one text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from pytest_phasegate.core.guide.model import Phase

ACCEPTED_PATH = ".phasegate/reviews.jsonl"
"""Where ``accept`` puts the answers it went by: committed, as the baseline is."""


@dataclass(frozen=True, slots=True)
class Review:
    """One answer.

    ``number`` is the criterion's place in its phase, from 1, ``text`` the digest of its words, ``tree`` the content
    it was given for (``Repository.content_tree``), and ``own`` a digest of the phase's declared files in it, empty
    where the phase declares none. ``at`` is in nanoseconds since the epoch.
    """

    at: int
    guide: str
    phase: str
    number: int
    text: str
    tree: str
    own: str
    passed: bool
    by: str
    expected: str = ""
    actual: str = ""
    fix: str = ""


def digest_of_text(text: str) -> str:
    """Return what tells one criterion from an edited one: its words, white space aside."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def answers(reviews: Iterable[Review], guide: str, phase: Phase, tree: str, own: str = "") -> Mapping[int, Review]:
    """Return the newest answer to each criterion of a phase, as far as it was given for what stands now.

    Args:
        reviews: All answers, oldest first.
        guide: The guide's slug.
        phase: The phase as the guide says it now.
        tree: The content as it stands.
        own: The digest of the phase's files as they stand, for a phase that was accepted: its answers hold while
            nothing of it changes.
    """
    texts = {number: digest_of_text(one.text) for number, one in enumerate(phase.criteria, 1)}
    return {
        one.number: one
        for one in reviews
        if (one.guide, one.phase) == (guide, phase.id)
        and texts.get(one.number) == one.text
        and ((tree and one.tree == tree) or (own and one.own == own))
    }


def as_line(review: Review) -> str:
    """Return one answer as its line."""
    return f"{json.dumps(asdict(review), ensure_ascii=False, sort_keys=True)}\n"


def read_reviews(text: str) -> tuple[Review, ...]:
    """Read answers, oldest first; a line that cannot be read answers nothing."""
    found = [review for line in text.splitlines() if (review := _read(line))]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.at))


def _read(line: str) -> Review | None:
    try:
        review = Review(**json.loads(line))
    except (ValueError, TypeError):
        return None
    words = (review.guide, review.phase, review.text, review.tree, review.own, review.by)
    sound = type(review.at) is int and type(review.number) is int and type(review.passed) is bool
    return review if sound and all(isinstance(word, str) for word in words) else None
