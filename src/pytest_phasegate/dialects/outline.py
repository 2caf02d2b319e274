"""From the units of a document to its phases: ids made unique, order and dependencies checked, lost phases found."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.markdown.labels import heading_label, read_label
from pytest_phasegate.core.guide.model import (
    MAX_PHASES,
    Action,
    CoverageGoal,
    Criterion,
    DeclaredFile,
    Diagnostic,
    Guide,
    Phase,
    slug_of,
)
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.dialects.criteria import goal_of, read_criterion
from pytest_phasegate.dialects.dependencies import (
    NONE,
    Edge,
    References,
    Units,
    cycle_in,
    edges_in_line,
    edges_in_table,
    edges_in_tree,
    is_gap,
    labelled,
    order_of,
    prefix_of,
    resolved,
)
from pytest_phasegate.dialects.fields import cells_of, fields_of, is_table_head
from pytest_phasegate.dialects.gathering import Gathered
from pytest_phasegate.dialects.headings import NUMBERED, WORD_OF, read_heading
from pytest_phasegate.dialects.paths import ends_of

_OF = r"(?:(?:after|for|(?:at the )?end of)[ \t]+)?"
_PHASE_CRITERIA = re.compile(
    rf"{_OF}(?:phase|stage|step|task|milestone|iteration|sprint)[ \t]+(\w[\w.-]{{0,15}})\b[^\w]{{0,4}}"
    r".{0,40}\bcriteria\b",
    re.IGNORECASE,
)
"""A heading or label that says whose criteria follow."""
_PHASE_ALONE = re.compile(
    rf"{_OF}(?:phase|stage|step|task|milestone|iteration|sprint)[ \t]+(\w(?:[\w.-]{{0,14}}\w)?)(?:\W.*)?",
    re.IGNORECASE,
)
"""A heading that is a phase: below criteria, it says whose they are."""
_ONES_OWN = re.compile(r"\.py\Z|(?:\A|/)[a-z0-9]+[_-][^/]*\.md\Z")
"""A file whose name is likely to be that of one: a module's, or a document's of several words."""
_ON_DEPENDENCIES = re.compile(
    "dependenc|sequenc|(?:execution|implementation|delivery) order|parallel|reihenfolge"
    "|dépendance|dependência|依赖|依賴|依存|의존|abhängigkeit|зависимост",
    re.IGNORECASE,
)
_LEAVES_LIST = re.compile(r"(?![-*+][ \t]|\d{1,9}[.)][ \t])\S")


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
            self.report(
                "PG110", Severity.WARNING, message, phase.line, "put the phases in the order they are carried out"
            )
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
                grave = Severity.ERROR if prefix_of(missing) in units.prefixes else Severity.WARNING
                self.report("PG111", grave, message, edge.line, fix, phases=about)
        if edge.needs in known:
            some[edge.needs] = None

    def _check_cycle(self, declared: Mapping[str, Iterable[str]]) -> None:
        left = dict(declared)
        while cycle := cycle_in(left):
            left = {phase: needs for phase, needs in left.items() if phase not in cycle}
            line = next(phase.line for phase in self.phases if phase.id == cycle[0])
            message = f"the phases {' -> '.join(cycle)} wait for one another"
            self.report(
                "PG112", Severity.ERROR, message, line, "take one of these dependencies out", phases=tuple(cycle)
            )


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


def outside(document: Document, sections: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the runs of lines, end not included, that belong to no phase."""
    at = 1
    for start, end in sorted(sections):
        if at < start:
            yield at, start
        at = max(at, end + 1)
    if at <= len(document.lines):
        yield at, len(document.lines) + 1


def dependency_lines(document: Document, sections: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield the lines of the document's own section on dependencies, code included (arrows are drawn there)."""
    for start, end in outside(document, sections):
        for each in fields_of(document, start, end):
            if each.level and _ON_DEPENDENCIES.search(each.text) and "python" not in each.text.lower():
                last = min(document.section_end(each.line, each.level), end)
                yield from ((line, document.lines[line - 1]) for line in range(each.line + 1, last))


def document_criteria(
    document: Document, sections: Sequence[tuple[int, int]], phases: Iterable[str]
) -> tuple[dict[str, CoverageGoal], dict[str, tuple[Criterion, ...]]]:
    """Return by phase the coverage and the criteria that the document's own criteria sections ask of it.

    What stands under a heading or label that names a phase (``Phase 2 completion criteria``), or in an item or
    a table's row that does, is asked of that one.
    """
    asked: dict[str, list[tuple[int, str]]] = {}
    column = -1
    for start, end in outside(document, [*sections, *_other_units(document, sections)]):
        for line, text, names in _criteria_lines(document, start, end):
            ahead, colon, _ = text.partition(":")
            cells = [cell.strip("*_ `-+[]xX") for cell in cells_of(text) or [ahead] * len(colon)]
            if is_table_head(document, line):
                column = next((at for at, cell in enumerate(cells) if cell.lower() in WORD_OF), -1)
            said = [f"phase {cell}" if at == column and cell[:1].isdigit() else cell for at, cell in enumerate(cells)]
            named = (found[1] for cell in said if (found := _PHASE_ALONE.fullmatch(cell)))
            if document.is_text(line):
                asked.setdefault(names or next(named, ""), []).append((line, text))
    of_all = asked.pop("", [])
    goals = {phase: goal_of(text for _, text in (*asked.get(phase, ()), *of_all)) for phase in phases}
    read = {name: (read_criterion(text, line) for line, text in lines) for name, lines in asked.items()}
    return goals, {name: tuple(filter(None, found)) for name, found in read.items()}


def _other_units(document: Document, phases: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the sections of units that are and hold no phase, unless below criteria: what they ask is their own."""
    starts = sorted(start for start, _ in phases)
    opened: list[Heading] = []
    for heading in document.headings:
        while opened and opened[-1].level >= heading.level:
            opened.pop()
        hit, last = read_heading(heading), document.section_end(heading.line, heading.level) - 1
        apart = bisect_left(starts, heading.line) == bisect_left(starts, last + 1)
        asked = any(heading_label(each.text).kind == "criteria" for each in opened)
        if hit and hit.word != NUMBERED and apart and not asked:
            yield heading.line, last
        opened.append(heading)


def _criteria_lines(document: Document, start: int, end: int) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of criteria between phases: number, text, and the phase that their heading names, if any."""
    marks = [
        (
            each,
            found[1] if found else "",
            (found is not None and found.re is _PHASE_CRITERIA) or each.kind == "criteria",
        )
        for each in fields_of(document, start, end)
        if (found := _PHASE_CRITERIA.match(text := each.text.strip("*_ \t")) or _PHASE_ALONE.fullmatch(text))
        or each.level
        or each.kind == "criteria"
    ]
    last = level = named_at = 0
    names = ""
    for place, (each, named, ours) in enumerate(marks):
        below = bool(level) and each.line < last and (not each.level or each.level > level)
        if (named and (ours or below)) or (each.level and (each.level <= named_at or not named_at)):
            names, named_at = named if ours or below else "", each.level
        if not (ours or below):
            continue
        if not below:
            level, last = each.level, min(document.section_end(each.line, each.level), end) if each.level else end
        following = marks[place + 1][0].line if place + 1 < len(marks) else end
        if each.kind == "criteria" and not each.level and each.value:
            yield each.line, each.value, names
        stop = min(following, last) if each.level or below else _list_end(document, each.line + 1, following)
        yield from ((line, document.lines[line - 1], names) for line in range(each.line + 1, stop))


def _list_end(document: Document, start: int, end: int) -> int:
    """Return where the list below a label has ended: the first line that is neither blank, an item, nor indented."""
    return next((line for line in range(start, end) if _LEAVES_LIST.match(document.lines[line - 1])), end)


def is_approved(document: Document, sections: Iterable[tuple[int, int]]) -> bool:
    """Return whether the front matter or a status at document level says *approved*."""
    if "status" in document.front:
        return says_approved(document.front["status"])
    for start, end in outside(document, sections):
        for line in range(start, end):
            text = document.lines[line - 1]
            label = read_label(text) if "tatus" in text and document.is_text(line) else None
            if label and label.kind == "status":
                return says_approved(label.value)
    return False


def says_approved(value: str) -> bool:
    """Return whether a status value is the word *approved*, however it is set."""
    return re.fullmatch(r"[^\w]*approved\b(?![^\w]*(?:pending|by nobody)).*", value, re.IGNORECASE) is not None
