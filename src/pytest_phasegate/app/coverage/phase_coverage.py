"""Gather what the coverage gate judges: who owns which lines, what there is to reach, and what was reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pytest_phasegate.app.coverage.ownership import owned_files
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.coverage.measurement import Measurement, Override, Ran, phase_key
from pytest_phasegate.core.coverage.phase_coverage import CoverageFacts, OwnedFile, Reached, Source
from pytest_phasegate.core.guide.declared_files import missing_files, production_files
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.project.paths import Layout, Side
from pytest_phasegate.core.project.settings import Scope

_CHILDREN = "coverage is set to follow child processes, tests ran some, and what ran there is not known by phase"


class Analysis(NamedTuple):
    """What coverage.py says of some files, by path relative to the root; one it cannot read is in neither."""

    sources: Mapping[str, Source]
    reached: Mapping[str, Reached]


@dataclass(frozen=True, slots=True)
class ProjectCode:
    """What the gathering needs to know of the project.

    ``prefix`` is its path in the repository, empty or ending in ``/``; ``paths`` are its files, relative to it;
    ``tree`` is the repository's content as it stands, if it is known. ``analyse`` holds what ran against the text of
    files as they stand; ``count`` counts statements and branches by the settings of another commit, where the comments
    on some lines exclude nothing.
    """

    paths: Sequence[str]
    layout: Layout
    scope: Scope
    analyse: Callable[..., Analysis]
    repository: Repository | None = None
    prefix: str = ""
    tree: str = ""
    follows_children: bool = False  # whether coverage's settings ask that other processes be measured too
    count: Callable[..., Mapping[str, Source]] | None = None
    settings: Sequence[str] = ()  # the names of the files that coverage's settings may stand in
    shown: Callable[[str], str] = str  # the path of the file that a link shows: as that, its code is measured

    def is_production(self, path: str) -> bool:
        """Whether a path is production code."""
        return self.layout.side(path) is Side.PRODUCTION


class Asked(NamedTuple):
    """What is to be judged: phases of one guide by id, the minima of this run, and a doubt about the whole run."""

    guide: Guide
    selected: Sequence[str]
    overrides: tuple[Override, ...] = ()
    doubt: str = ""


def coverage_facts(project: ProjectCode, asked: Asked, measured: Measurement | None) -> CoverageFacts:
    """Return the facts of one guide's phases.

    Args:
        project: The project.
        asked: What is to be judged.
        measured: What ran; ``None`` where nothing was measured, for the reason in ``asked.doubt``.
    """
    phases = [phase for phase in asked.guide.phases if phase.id in asked.selected]
    declared = {phase.id: production_files(phase, project.paths, project.is_production) for phase in asked.guide.phases}
    every = {phase: tuple(dict.fromkeys(map(project.shown, paths))) for phase, paths in declared.items()}
    place = {"prefix": project.prefix, "tree": project.tree}
    owned = owned_files(project.repository, asked.guide, every, project.scope, **place)
    mine = {phase.id: owned[phase.id] for phase in phases}
    ran = measured or Measurement(branches=False)
    wanted = sorted({file.path for files in mine.values() for file in files}) if measured else []
    whole = project.analyse(wanted, ran.everything, branches=ran.branches)
    traces = {phase: ran.phases.get(phase_key(asked.guide.path, phase), {}) for phase in mine}
    return CoverageFacts(
        selected=tuple(asked.selected),
        owned=mine,
        sources=whole.sources,
        reached={phase: _reached(project, ran, traces[phase], mine[phase], whole) for phase in mine},
        everything=whole.reached,
        branches=ran.branches,
        absent={phase.id: missing_files(phase, project.paths, project.is_production) for phase in phases},
        unreliable=_unreliable(asked, ran),
        unmeasured=_unmeasured(wanted, whole, ran),
        unknown=_unknown(wanted, whole, ran),
        excluded={phase: _excluded(project, mine[phase], whole, branches=ran.branches) for phase in mine},
        overrides=asked.overrides,
        beside=_CHILDREN if ran.children and project.follows_children else "",
    )


def _reached(
    project: ProjectCode, ran: Measurement, traces: Ran, owned: Iterable[OwnedFile], whole: Analysis
) -> Mapping[str, Reached]:
    """Return what one phase's tests reached in its files; where they ran all that ran, that is known already."""
    paths = [file.path for file in owned if file.path in whole.sources]
    others = [path for path in paths if traces.get(path) != ran.everything.get(path)]
    told = project.analyse(others, traces, branches=ran.branches).reached
    return {path: told[path] if path in told else whole.reached[path] for path in paths}


def _excluded(
    project: ProjectCode, owned: Iterable[OwnedFile], whole: Analysis, *, branches: bool
) -> dict[str, frozenset[int]]:
    """Return the owned lines that would count, or would branch, but for an exclusion of the phase itself."""
    known = [file for file in owned if file.base and file.path in whole.sources]
    shut = {one.path: one for one in known if branches or any(map(one.owns, whole.sources[one.path].excluded))}
    if not shut or project.count is None or project.repository is None:
        return {}
    base = next(iter(shut.values())).base
    entries = project.repository.entries(base)
    there = {name: entries[project.prefix + name].oid for name in project.settings if project.prefix + name in entries}
    contents = project.repository.blobs(there.values())
    settings = {name: contents[oid] for name, oid in there.items()}
    came = {path: file.new if file.lines is None else file.lines for path, file in shut.items()}
    counted = project.count(settings, came, branches=branches)
    out = {path: _taken_out(once, whole.sources[path]) for path, once in counted.items()}
    found = {path: frozenset(filter(shut[path].owns, lines)) for path, lines in out.items()}
    return {path: lines for path, lines in found.items() if lines}


def _taken_out(once: Source, now: Source) -> frozenset[int]:
    """Return the lines that counted by other settings and do not now, as statements or as the start of a branch.

    No test of a module runs what makes a script of it: that may be left out.
    """
    taken = (once.statements & now.excluded) | {line for line, _ in once.branches - now.branches}
    return taken - (now.script & now.excluded)


def _unreliable(asked: Asked, ran: Measurement) -> dict[str, str]:
    if asked.doubt:
        return dict.fromkeys(asked.selected, asked.doubt)
    keys = {phase: phase_key(asked.guide.path, phase) for phase in asked.selected}
    return {phase: ran.troubles[key] for phase, key in keys.items() if key in ran.troubles}


def _unmeasured(wanted: Iterable[str], whole: Analysis, ran: Measurement) -> dict[str, str]:
    """Return the files whose figures would be made up, with the reason."""
    found: dict[str, str] = {}
    for path in wanted:
        source, reached = whole.sources.get(path), whole.reached.get(path)
        if source is None or reached is None:
            found[path] = "coverage.py cannot read the file"
        elif path in ran.imported and path not in ran.early and _import_unseen(source, reached):
            found[path] = "its import was not measured: coverage's source, include or omit leave the file out"
        elif path not in ran.imported and not reached.lines and (reason := _ran_otherwise(path, ran)):
            found[path] = reason
    return found


def _import_unseen(source: Source, reached: Reached) -> bool:
    """Whether a module was imported and nothing of that was recorded: its first statement runs whenever it is."""
    return bool(source.statements) and min(source.statements) not in reached.lines


def _ran_otherwise(path: str, ran: Measurement) -> str:
    """Return how the code of a file that was never loaded may have run all the same, if it may."""
    if path in ran.elsewhere:
        return f"the tests imported {ran.elsewhere[path]} in its place"
    return "no test imported it, and what the tests ran in child processes was not measured" if ran.children else ""


def _unknown(wanted: Iterable[str], whole: Analysis, ran: Measurement) -> dict[str, frozenset[int]]:
    """Return the lines that ran, if they did, before measuring began: all but the bodies of functions."""
    return {
        path: whole.sources[path].statements.difference(*(one.body for one in whole.sources[path].functions))
        for path in wanted
        if path in ran.early and path in whole.sources and _import_unseen(whole.sources[path], whole.reached[path])
    }
