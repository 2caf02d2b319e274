"""Which phases a run is about: from what the user typed to phases of guides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.verdict.gate import Fact, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity
from pytest_phasegate.errors import Choice, QuestionError, SelectionError, UnknownPhaseError


class PhaseRef(NamedTuple):
    """One phase of one guide: the guide's path (unique, unlike a slug) and the phase's id."""

    guide: str
    phase: str


def select(
    selectors: Sequence[str], guides: Sequence[Guide], current: Callable[[Guide], Phase | None]
) -> tuple[PhaseRef, ...]:
    """Return the selected phases, by guide and then in document order, each once.

    Args:
        selectors: What ``--phase`` was given: ``2``, ``1,3``, ``1-3``, ``..2``, ``2..``, ``all``, ``current``,
            each optionally after ``slug:`` (which then holds up to the next comma-separated prefix).
        guides: The guides in effect.
        current: Answers which phase of a guide is current.

    Raises:
        UnknownPhaseError: A phase is named that no guide defines.
        SelectionError: A selector cannot be read, or means phases of several guides.
    """
    if not guides:
        raise SelectionError(
            "no guide was found",
            hint="phasegate next names what looks like one, or how to begin one; or give --phasegate-guide PATH",
        )
    reader = _Reader(tuple(guides), current)
    chosen = {ref for selector in selectors for ref in reader.read(selector)}
    return tuple(ref for ref in _references(guides) if ref in chosen)


def _references(guides: Iterable[Guide]) -> Iterator[PhaseRef]:
    return (PhaseRef(guide.path, phase.id) for guide in guides for phase in guide.phases)


class _Reader(NamedTuple):
    guides: tuple[Guide, ...]
    current: Callable[[Guide], Phase | None]

    def read(self, selector: str) -> Iterator[PhaseRef]:
        guides = self.guides
        for part in selector.split(","):
            guides, rest = self._prefix(part.strip(), guides)
            yield from self._part(rest, guides)

    def _prefix(self, part: str, inherited: tuple[Guide, ...]) -> tuple[tuple[Guide, ...], str]:
        before, colon, rest = part.rpartition(":")
        if not colon or any(guide.phase(part) for guide in inherited):
            return inherited, part
        named = tuple(guide for guide in self.guides if before in {guide.slug, guide.path})
        if not named:
            known = ", ".join(sorted(guide.slug for guide in self.guides))
            raise SelectionError(f"no guide is called {before!r}", hint=f"the guides are: {known}")
        if len(named) > 1:
            raise _ambiguous(f"guide {before!r}", {f"{guide.path}:{rest}": guide.title for guide in named}, part)
        return named, rest

    def _part(self, part: str, guides: tuple[Guide, ...]) -> Iterator[PhaseRef]:
        if not part:
            raise SelectionError(
                "an empty phase selection", hint="give an id such as 2, or 1-3, ..2, 2.., all, current"
            )
        if any(guide.phase(part) for guide in guides):
            guide = self._only(part, [guide for guide in guides if guide.phase(part)])
            return iter([PhaseRef(guide.path, part)])
        if part == "all":
            return _references(guides)
        if part == "current":
            return self._current(guides)
        return self._range(part, guides)

    def _current(self, guides: tuple[Guide, ...]) -> Iterator[PhaseRef]:
        open_phases = [(guide, phase) for guide in guides if (phase := self.current(guide))]
        if not open_phases:
            raise SelectionError("no phase is current: every phase is accepted", hint="select one by its id, or all")
        guide = self._only("current", [guide for guide, _ in open_phases])
        return (PhaseRef(guide.path, phase.id) for owner, phase in open_phases if owner is guide)

    def _range(self, part: str, guides: tuple[Guide, ...]) -> Iterator[PhaseRef]:
        readings = [(guide, ends) for guide in guides for ends in _ends(part, guide)]
        if not readings:
            raise UnknownPhaseError(
                _stranger(part, guides), list(dict.fromkeys(ref.phase for ref in _references(guides)))
            )
        guide = self._only(part, [guide for guide, _ in readings])
        if len(readings) > 1:
            raise _ambiguous(f"{part!r}", {f"{first} to {last}": "" for _, (first, last) in readings})
        return _between(guide, *readings[0][1], part)

    def _only(self, part: str, guides: Sequence[Guide]) -> Guide:
        distinct = list(dict.fromkeys(guide.path for guide in guides))
        if len(distinct) > 1:
            named = {f"{self._name(guide)}:{part}": _titled(guide, part) for guide in guides}
            raise _ambiguous(f"phase {part!r}", named, part)
        return guides[0]

    def _name(self, guide: Guide) -> str:
        namesakes = [other for other in self.guides if other.slug == guide.slug]
        return guide.slug if len(namesakes) == 1 else guide.path


def _titled(guide: Guide, part: str) -> str:
    """Return what a phase and its guide are called; the guide alone where several phases are meant."""
    phase = guide.phase(part)
    return ", ".join(filter(None, (phase.title if phase else "", guide.title)))


def _ambiguous(what: str, choices: Mapping[str, str], asked: str = "") -> QuestionError:
    hint = f"choose one of: {', '.join(choices)}"
    known = tuple(Choice(value, detail) for value, detail in choices.items())
    return QuestionError(f"{what} is ambiguous", choices=known, asked=asked, hint=hint)


def _splits(part: str) -> Iterator[tuple[str, str]]:
    """Yield every way to read a range; ids may hold ``-`` and ``.`` themselves."""
    for separator in ("..", "-"):
        at = part.find(separator)
        while at >= 0:
            yield part[:at].strip(), part[at + len(separator) :].strip()
            at = part.find(separator, at + 1)


def _ends(part: str, guide: Guide) -> list[tuple[str, str]]:
    found = []
    known = {phase.id for phase in guide.phases}
    for first, last in _splits(part):
        if not guide.phases or not (first or last):
            continue
        ends = (first or guide.phases[0].id, last or guide.phases[-1].id)
        half_open_by_dash = not (first and last) and ".." not in part
        if known.issuperset(ends) and not half_open_by_dash:
            found.append(ends)
    return list(dict.fromkeys(found))


def _stranger(part: str, guides: tuple[Guide, ...]) -> str:
    """Return the end of a range that no guide knows, or the whole where it reads as no range."""
    ids = {phase.id for guide in guides for phase in guide.phases}
    for first, last in _splits(part):
        known = [end for end in (first, last) if end in ids]
        unknown = [end for end in (first, last) if end and end not in ids]
        if len(unknown) == 1 and (known or ".." in part):
            return unknown[0]
    return part


def _between(guide: Guide, first: str, last: str, part: str) -> Iterator[PhaseRef]:
    ids = [phase.id for phase in guide.phases]
    start, stop = ids.index(first), ids.index(last)
    if start > stop:
        raise SelectionError(f"the range {part!r} runs backwards", hint=f"phase {last!r} comes before {first!r}")
    return (PhaseRef(guide.path, phase_id) for phase_id in ids[start : stop + 1])


@dataclass(frozen=True, slots=True)
class Done(Fact):
    """The ids of the phases that are accepted, and of those that have their commit."""

    need = Need.ORDER
    accepted: frozenset[str] = frozenset()
    committed: frozenset[str] = frozenset()


def open_before(phase: Phase, done: Collection[str]) -> tuple[str, ...]:
    """Return the phases that should have been done before one, and are not; a phase that is done asks for none."""
    return () if phase.id in done else tuple(one for one in phase.depends if one not in done)


def out_of_order(guide: Guide, phase: Phase, waiting: Collection[str], severity: Severity, missing: str) -> Finding:
    """Return the finding that a phase is not yet due.

    Args:
        guide: The guide.
        phase: The phase that came too early.
        waiting: The phases before it, of which there is at least one.
        severity: How grave that is.
        missing: What these are not: ``accepted``, ``committed``.
    """
    first = next(iter(waiting))
    several = len(waiting) > 1
    told = (
        f"phase{'s' if several else ''} {', '.join(waiting)} {'come' if several else 'comes'} before phase {phase.id}"
    )
    fix = f"finish phase {first} first: phasegate check {first}; or state in the guide what phase {phase.id} depends on"
    negated = f"{'are' if several else 'is'} not {missing}"
    return Finding("PG507", severity, f"{told} and {negated}", guide.path, phase.line, fix)
