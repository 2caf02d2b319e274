"""What was judged, when, and of which content: the record that ``accept`` and ``status`` go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.core.verdict import Ruling

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Judgement:
    """The ruling on one phase at one content.

    ``at`` is in seconds since the epoch, ``guide`` the guide's slug, ``tree`` what ``Repository.content_tree``
    answered (empty without git: such a judgement holds for no tree), ``source`` the command that judged
    (``check``, ``pytest``). ``tests`` counts the phase's collected test functions and ``coverage`` is its line
    coverage in percent, both for the eye only.
    """

    at: int
    guide: str
    phase: str
    tree: str
    ruling: Ruling
    source: str
    tests: int = 0
    coverage: float | None = None


def last_of(judgements: Iterable[Judgement], guide: str, phase: str) -> Judgement | None:
    """Return the newest judgement of a phase, whatever the content; later ones stand later."""
    found = [one for one in judgements if (one.guide, one.phase) == (guide, phase)]
    return found[-1] if found else None


def passed_on(judgements: Iterable[Judgement], guide: str, phase: str, tree: str) -> Judgement | None:
    """Return the judgement that lets a phase be accepted: the newest one of exactly this content, if it passed."""
    last = last_of((one for one in judgements if one.tree and one.tree == tree), guide, phase)
    return last if last and last.ruling is Ruling.PASSED else None
