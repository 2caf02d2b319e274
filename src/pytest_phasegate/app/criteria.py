"""Which criteria of a phase wait for a person, and which were answered, for the content as it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pytest_phasegate.app.commit.staged import Inside
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.criteria.reviews import Review, answers
from pytest_phasegate.core.criteria.verdicts import for_people
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.project.settings import Settings


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How the criteria of a phase stand that no run judges: their numbers, and the answers by number."""

    needed: frozenset[int] = frozenset()
    answers: Mapping[int, Review] | None = None

    @property
    def open(self) -> tuple[int, ...]:
        """The criteria that nobody answered."""
        return tuple(sorted(self.needed - (self.answers or {}).keys()))

    @property
    def blocked(self) -> tuple[Review, ...]:
        """The answers that say no."""
        return tuple(one for _, one in sorted((self.answers or {}).items()) if not one.passed)


@dataclass(frozen=True, slots=True)
class People:
    """What people answered so far; ``approved`` says whether a guide's very text has a record of approval."""

    settings: Settings
    reviews: tuple[Review, ...]
    approved: Callable[[Guide], bool]
    inside: Inside

    def reviewed(
        self,
        guide: Guide,
        phase: Phase,
        repository: Repository | None,
        content: str,
        *,
        open_by_run: Iterable[int] = (),
        accepted: bool = False,
        further: Iterable[Review] = (),
    ) -> Reviewed:
        """Return how the criteria of a phase stand.

        Args:
            guide: The guide.
            phase: Its phase.
            repository: Where the content is.
            content: The content as it stands.
            open_by_run: Criteria that a check of this content could not judge.
            accepted: Whether the phase was accepted: then its answers hold while none of its files changes.
            further: Answers that others gave for this content, the weightier later; those of people come after them.
        """
        if not phase.criteria:
            return Reviewed()
        needed = for_people(phase, self.settings, approved=self.approved(guide)) | frozenset(open_by_run)
        own = self.own(phase, repository, content) if accepted and needed and self.reviews else ""
        return Reviewed(needed, answers((*further, *self.reviews), guide.slug, phase, content, own))

    def own(self, phase: Phase, repository: Repository | None, content: str) -> str:
        """Return the digest of the phase's declared files in a content; nothing where it has none there."""
        patterns = tuple({*(file.path for file in phase.files), *(test.file for test in phase.tests if test.file)})
        if repository is None or not content or not patterns:
            return ""
        found = (
            f"{inner}\0{entry.mode} {entry.oid}"
            for path, entry in sorted(repository.entries(content).items())
            if (inner := self.inside.relative(path)) is not None and matches_any(inner, patterns)
        )
        text = "\n".join(found)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32] if text else ""
