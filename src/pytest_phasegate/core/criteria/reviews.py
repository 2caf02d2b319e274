"""What reviewers, people or programs, said: answers for one content and one text, and reports of what they found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pytest_phasegate.core.criteria.feedback import Comment, Priority
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.plain_values import Foreign
from pytest_phasegate.errors import PhasegateError

ACCEPTED_PATH = ".phasegate/reviews.jsonl"
"""Where ``accept`` puts the answers it went by: committed, as the baseline is."""


class Review(NamedTuple):
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


SCHEMA = "phasegate.reviewer/1"
_GRAVITY = {"critical": Priority.P0, "major": Priority.P1, "minor": Priority.P2, "info": Priority.P2}


class Flaw(NamedTuple):
    """One finding; ``criterion`` is the number of the one that does not hold for it, if it is about one."""

    comment: Comment
    criterion: int | None = None
    expected: str = ""
    actual: str = ""
    fix: str = ""


class Report(NamedTuple):
    """One file: who looked, at what, and what was seen.

    ``content`` is the tree or the commit that was looked at; ``passed`` holds numbers of criteria or their words.
    """

    path: str
    reviewer: str
    guide: str = ""
    phase: str = ""
    content: str = ""
    commit: str = ""
    passed: tuple[int | str, ...] = ()
    flaws: tuple[Flaw, ...] = ()

    @property
    def critical(self) -> tuple[Comment, ...]:
        """What blocks, whatever the content: only another report of the same reviewer says that it is mended."""
        return tuple(one.comment for one in self.flaws if one.comment.priority is Priority.P0)

    def is_about(self, guide: Guide, phase: Phase) -> bool:
        """Whether it may speak of a phase."""
        return self.guide in {"", guide.slug, guide.path} and self.phase in {"", phase.id}

    def answers(self, guide: Guide, phase: Phase, tree: str, own: str) -> Iterator[Review]:
        """Yield what it says of the criteria of a phase, given that it speaks of this content; a no comes last."""
        if not self.is_about(guide, phase):
            return
        words = {" ".join(one.text.split()).casefold(): number for number, one in enumerate(phase.criteria, 1)}
        for said in self.passed:
            number = said if isinstance(said, int) else words.get(" ".join(said.split()).casefold())
            if number and number <= len(phase.criteria) and (self.phase or isinstance(said, str)):
                text = digest_of_text(phase.criteria[number - 1].text)
                yield Review(0, guide.slug, phase.id, number, text, tree, own, True, self.reviewer)
        for one in self.flaws:
            if one.criterion and self.phase and one.criterion <= len(phase.criteria):
                text = digest_of_text(phase.criteria[one.criterion - 1].text)
                told = (one.expected, one.actual or one.comment.text, one.fix)
                yield Review(1, guide.slug, phase.id, one.criterion, text, tree, own, False, self.reviewer, *told)


def is_report(document: Foreign) -> bool:
    """Whether a document is a report; one that looks like it and does not say so must not be passed over.

    Raises:
        PhasegateError: It has a reviewer and findings, and no schema.
    """
    value = document.value
    if not isinstance(value, dict):
        return False
    if str(value.get("schema", "")).startswith("phasegate.reviewer/"):
        return True
    if "reviewer" in value and {"findings", "violations"} & value.keys():
        raise PhasegateError(f"{document.place} a review without its schema", hint=f'add "schema": "{SCHEMA}"')
    return False


def read_report(document: Foreign, path: str) -> Report:
    """Read a report.

    Raises:
        PhasegateError: A value is missing, or of another kind; the message names the file and the place.
    """
    schema, reviewer = document.text("schema"), document.text("reviewer")
    if schema != SCHEMA:
        raise document.at("schema").unfit(SCHEMA)
    if not reviewer.strip():
        raise document.at("reviewer").unfit("the reviewer's name")
    flaws = [*document.at("findings").items(), *document.at("violations").items()]
    words = {name: document.text(name) for name in ("guide", "phase", "content", "commit")}
    passed = tuple(_passed(one) for one in document.at("passed").items())
    return Report(path, reviewer, passed=passed, flaws=tuple(_flaw(one, reviewer) for one in flaws), **words)


def critical_of(reports: Iterable[Report]) -> tuple[Comment, ...]:
    """Return everything that blocks."""
    return tuple(one for report in reports for one in report.critical)


def _passed(item: Foreign) -> int | str:
    found = item.value
    if isinstance(found, dict):
        found = item.number("criterion") or item.text("text")
    if (isinstance(found, str) and found.strip()) or (type(found) is int and found > 0):
        return found
    raise item.unfit("the number of a criterion, or its words")


def _flaw(item: Foreign, reviewer: str) -> Flaw:
    message, severity = item.text("message"), item.text("severity")
    if not message.strip():
        raise item.at("message").unfit("a text")
    if severity.lower() not in _GRAVITY:
        raise item.at("severity").unfit(" or ".join(_GRAVITY))
    path, line = item.text("path", "file"), item.number("line")
    said = Comment(0, "", message, _GRAVITY[severity.lower()], severity, reviewer, path, line)
    told = {name: item.text(name) for name in ("expected", "actual", "fix")}
    return Flaw(said, item.number("criterion"), **told)
