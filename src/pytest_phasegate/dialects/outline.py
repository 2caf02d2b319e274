"""From the units of a document to its phases: ids made unique, order and dependencies checked, lost phases found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.model import (
    MAX_PHASES,
    Action,
    CoverageGoal,
    DeclaredFile,
    Diagnostic,
    Guide,
    Phase,
    slug_of,
)
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.dialects.between import dependency_lines, document_criteria, is_approved, outside
from pytest_phasegate.dialects.dependencies import (
    NONE,
    Edge,
    References,
    edges_in_line,
    edges_in_table,
    edges_in_tree,
    labelled,
)
from pytest_phasegate.dialects.gathered import Gathered
from pytest_phasegate.dialects.ids import Units, cycle_in, is_gap, order_of, prefix_of, resolved
from pytest_phasegate.dialects.paths import ends_of

_ONES_OWN = re.compile(r"\.py\Z|(?:\A|/)[a-z0-9]+[_-][^/]*\.md\Z")
"""A file whose name is likely to be that of one: a module's, or a document's of several words."""
_Ids = tuple[str, ...] | None


@dataclass(slots=True)
class _Same:
    """The phases of one id: where the first stands, how many there are, whether one promises work."""

    line: int
    number: int = 0
    promised: bool = False


class Outline:
    """The phases of one document as they come together; ``word`` is its unit word."""

    def __init__(self, document: Document, word: str) -> None:
        self.document = document
        self.word = word
        self.phases: list[Phase] = []
        self.gathered: list[Gathered] = []
        self._by_id: dict[str, _Same] = {}
        self.diagnostics: list[Diagnostic] = list(document.diagnostics)

    def report(
        self, code: str, level: Severity, message: str, line: int, fix: str = "", *, phases: _Ids = None
    ) -> None:
        """Remember a remark about a line, and the phases it is about where the line does not tell."""
        self.diagnostics.append(Diagnostic(code, level, message, self.document.path, line, fix=fix, phases=phases))

    def add(self, phase: Phase, gathered: Gathered, *, anew: bool = False) -> None:
        """Append a phase; one whose id was there gets a number behind it, and is an error when both promise work.

        ``anew`` says that the numbers began anew under another parent: then it is clear which is which.
        """
        same = self._by_id.setdefault(phase.id, _Same(phase.line))
        same.number += 1
        grave = same.promised and _promises(phase) and not anew
        same.promised = same.promised or _promises(phase)
        if same.number > 1:
            message = f"the id {phase.id} was used before, on line {same.line}; this one is {phase.id}#{same.number}"
            severity = Severity.ERROR if grave else Severity.WARNING
            self.report("PG109", severity, message, phase.line, "give each phase an id of its own")
            phase = phase._replace(id=f"{phase.id}#{same.number}")
        self.phases.append(phase)
        self.gathered.append(gathered)
        self.diagnostics += gathered.diagnostics

    def guide(self, dialect: str) -> Guide:
        """Check the whole and return the guide."""
        for previous, phase in pairwise(self.phases):
            self._compare(previous, phase)
        needs = self._dependencies()
        goals, criteria = document_criteria(self.document, self._sections(), [phase.id for phase in self.phases])
        whole = self._whole_paths()
        phases = tuple(
            phase._replace(
                files=_each_once(file._replace(path=whole.get(file.path, file.path)) for file in phase.files),
                tests=tuple(test._replace(file=whole.get(test.file or "", test.file)) for test in phase.tests),
                depends=needs[phase.id],
                coverage=phase.coverage if phase.coverage != _NO_GOAL else goals[phase.id],
                criteria=phase.criteria + criteria.get(phase.id, ()),
            )
            for phase in self.phases
        )
        diagnostics = tuple(_once(sorted(self.diagnostics, key=lambda each: (each.line, each.code))))
        return Guide(
            path=self.document.path,
            slug=slug_of(self.document.path),
            title=self.document.title.strip("*_ "),
            dialect=dialect,
            digest="",
            phases=phases,
            diagnostics=diagnostics,
            approved=is_approved(self.document, self._sections()),
        )

    def _whole_paths(self) -> dict[str, str]:
        """Return the files that a phase, or a test, names with fewer directories than one declaration does."""
        files = [file for phase in self.phases for file in phase.files if _ONES_OWN.search(file.path)]
        longer: dict[str, list[str]] = {}
        for path in dict.fromkeys(file.path for file in files):
            for end in ends_of(path):
                longer.setdefault(end, []).append(path)
        short = {file.path for file in files if file.action is not Action.CREATE}
        short |= {test.file for phase in self.phases for test in phase.tests if test.file} - {
            file.path for file in files
        }
        once = (path for path in short if len(longer.get(path, ())) == 1 and not self.document.exists(path))
        return {path: longer[path][0] for path in once if path.rpartition("/")[2] not in _EVERYWHERE}

    def _sections(self) -> list[tuple[int, int]]:
        if len(self.phases) > MAX_PHASES:
            return [(1, len(self.document.lines))]  # the guide is refused: nobody asks what stands outside of phases
        return [(phase.line, phase.end_line) for phase in self.phases]

    def _compare(self, previous: Phase, phase: Phase) -> None:
        before, after = order_of(previous.id), order_of(phase.id)
        if before is None or after is None or "#" in phase.id or before[0] != after[0]:
            return
        if after < before:
            message = f"{self.word} {phase.id} comes after {previous.id}"
            fix = "put the phases in the order they are carried out"
            self.report("PG110", Severity.WARNING, message, phase.line, fix)
        elif is_gap(before, after):
            message = f"nothing stands between {self.word} {previous.id} and {phase.id}: is one missing?"
            self.report("PG110", Severity.WARNING, message, phase.line)

    def _dependencies(self) -> dict[str, tuple[str, ...]]:
        places = {phase.id: place for place, phase in enumerate(self.phases)}
        both = zip(self.phases, self.gathered, strict=True)
        aliases = [(alias, phase.id) for phase, gathered in both for alias in gathered.aliases]
        references = References(self.word, places, [phase.title for phase in self.phases], aliases)
        declared: dict[str, dict[str, None]] = {}
        units = Units(places)
        for edge in self._edges(references):
            meant = Edge(units.meant(edge.phase), units.meant(edge.needs), edge.line)
            if meant == edge or meant.phase != meant.needs:
                self._take(meant, units, declared)
        self._check_cycle(declared)
        return resolved(places, declared)

    def _edges(self, references: References) -> Iterator[Edge]:
        for phase, gathered in zip(self.phases, self.gathered, strict=True):
            for value, line in gathered.depends:
                named = list(references.in_label(value, phase.id))
                others = [needs for needs in named if needs != phase.id]
                for needs in others or named:
                    yield Edge(phase.id, needs, line)
                if NONE.match(value):
                    yield Edge(phase.id, "", line)
        lines = list(labelled(list(dependency_lines(self.document, self._sections()))))
        for line, text in lines:
            yield from edges_in_line(references, text, line)
        yield from edges_in_tree(references, lines)
        for start, end in outside(self.document, self._sections()):
            yield from edges_in_table(references, self.document, range(start, end))

    def _take(self, edge: Edge, units: Units, declared: dict[str, dict[str, None]]) -> None:
        known = units.known
        if edge.phase not in known and edge.needs not in known:
            return
        some = declared.setdefault(edge.phase, {}) if edge.phase in known else {}
        for missing in {edge.phase, edge.needs}:
            if missing and missing not in known:
                message = f"{self.word} {missing} does not exist"
                listed = ", ".join([*known][:_ENOUGH_IDS]) + (", …" if len(known) > _ENOUGH_IDS else "")
                fix, about = f"the guide defines: {listed}", (edge.phase,) if edge.phase in known else ()
                of_plan = len(known) > 1 and prefix_of(missing) in units.prefixes  # else another file may hold it
                grave = Severity.ERROR if of_plan else Severity.WARNING
                self.report("PG111", grave, message, edge.line, fix, phases=about)
        if edge.needs in known:
            some[edge.needs] = None

    def _check_cycle(self, declared: Mapping[str, Iterable[str]]) -> None:
        left = dict(declared)
        while cycle := cycle_in(left):
            left = {phase: needs for phase, needs in left.items() if phase not in cycle}
            line = next(phase.line for phase in self.phases if phase.id == cycle[0])
            message = f"the phases {' -> '.join(cycle)} wait for one another"
            fix = "take one of these dependencies out"
            self.report("PG112", Severity.ERROR, message, line, fix, phases=tuple(cycle))


def _once(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield the remarks; what is said of one line and is no error is not said again of others."""
    told: set[str] = set()
    for each in diagnostics:
        if each.severity is Severity.ERROR or each.message not in told:
            yield each
        told.add(each.message)


def _promises(phase: Phase) -> bool:
    return bool(phase.tests or phase.files or phase.commit)


_ENOUGH_IDS = 30
_NO_GOAL = CoverageGoal()


def _each_once(files: Iterable[DeclaredFile]) -> tuple[DeclaredFile, ...]:
    found: dict[str, DeclaredFile] = {}
    for file in files:
        known = found.setdefault(file.path, file)
        found[file.path] = file if known.action is Action.UNSPECIFIED else known
    return tuple(found.values())


_EVERYWHERE = frozenset({"__init__.py", "__main__.py", "conftest.py", "setup.py"})
"""Modules that may be in each directory."""
