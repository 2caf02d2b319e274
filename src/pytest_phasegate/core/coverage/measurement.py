"""What a measured run recorded: the lines (or arcs) that ran, by phase and file, before anybody judges them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_phasegate.core.project.plain_values import as_plain, reading
from pytest_phasegate.errors import EvidenceError

Trace = int | tuple[int, int]
"""A line that ran; or, where branches are measured, coverage.py's arc: the line left and the line gone to."""

Ran = Mapping[str, frozenset[Trace]]  # what ran, by path
_MOST_LINES = 2**31  # no file has more; a number beyond it is no line


def phase_key(guide: str, phase: str) -> str:
    """Return one name for a phase of a guide (by the guide's path), for use as a key only."""
    return f"{guide}#{phase}"


class Measurement(NamedTuple):
    """What ran in one process, or in several that were put together. Paths are relative to the project's root.

    ``imported`` holds the project's modules that were loaded, measured or not, so that a file that never ran can be
    told from one that was not measured; ``early`` those of them that were loaded before measuring began. ``elsewhere``
    gives by path of the tree the file that was loaded in its place, such as an installed copy. ``children`` says that
    tests ran other processes, which nothing measured. ``troubles`` says by phase key why what is recorded for it may be
    wrong.
    """

    branches: bool
    phases: Mapping[str, Ran] = MappingProxyType({})
    everything: Ran = MappingProxyType({})
    imported: frozenset[str] = frozenset()
    troubles: Mapping[str, str] = MappingProxyType({})
    early: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = MappingProxyType({})
    children: bool = False


def from_plain(plain: Any) -> Measurement:
    """Read what ``as_plain`` made of a measurement.

    Raises:
        EvidenceError: It is something else, or cut short.
    """
    try:
        found = reading(Measurement)(plain)
        _check(found, plain)
    except (TypeError, ValueError) as error:
        raise EvidenceError("a coverage record cannot be read", hint="run the tests again") from error
    return found


def _check(found: Measurement, plain: Mapping[str, Any]) -> None:
    if as_plain(Measurement(found.branches)).keys() - plain.keys():
        raise ValueError("cut short")
    for trace in chain(*(traces for ran in (found.everything, *found.phases.values()) for traces in ran.values())):
        lines = trace if isinstance(trace, tuple) else (trace,)
        if len(lines) != 1 + found.branches or max(map(abs, lines)) > _MOST_LINES:
            raise ValueError(trace)


def together(parts: Iterable[Measurement]) -> Measurement | None:
    """Return what several processes recorded as one; of none, ``None``.

    Raises:
        EvidenceError: Some measured branches and some did not, so that their lines cannot be told alike.
    """
    measured = tuple(parts)
    if not measured:
        return None
    if len({part.branches for part in measured}) > 1:
        raise EvidenceError(
            "some parts of the run measured branches and some did not", hint="use the same options for every part"
        )
    phases = {phase for part in measured for phase in part.phases}
    return Measurement(
        branches=measured[0].branches,
        phases={phase: joined(part.phases.get(phase, {}) for part in measured) for phase in phases},
        everything=joined(part.everything for part in measured),
        imported=frozenset().union(*(part.imported for part in measured)),
        troubles={phase: trouble for part in measured for phase, trouble in part.troubles.items()},
        early=frozenset().union(*(part.early for part in measured)),
        elsewhere={path: file for part in measured for path, file in part.elsewhere.items()},
        children=any(part.children for part in measured),
    )


def joined(parts: Iterable[Mapping[str, Iterable[Trace]]]) -> Ran:
    """Return the union of several accounts of what ran."""
    found: dict[str, set[Trace]] = {}
    for part in parts:
        for path, traces in part.items():
            found.setdefault(path, set()).update(traces)
    return {path: frozenset(traces) for path, traces in found.items() if traces}


def lines_of(traces: Iterable[Trace]) -> Iterator[int]:
    """Yield the lines that ran; an arc from or to the outside of a function has one end only."""
    for trace in traces:
        if isinstance(trace, int):
            yield trace
        else:
            yield from (line for line in trace if line > 0)
