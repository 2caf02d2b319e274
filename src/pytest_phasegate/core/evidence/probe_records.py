"""What the probe wrote about one run, as frozen values; the records stand in ``docs/reference/probe.md``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_phasegate.core.evidence.outcomes import (
    BAD,
    Moment,
    NodeId,
    Outcome,
    Raised,
    TestId,
    ended,
    file_of,
    function_of,
    worst,
)

Record = dict[str, Any]


class Definition(NamedTuple):
    """Where a test's function is really defined: a mixin's file and class, say."""

    path: str
    qualname: str


class Replaced(NamedTuple):
    """A definition of the project in whose place something else stood while a test ran.

    ``name`` is empty where it is the whole module, ``path`` where it is a hook that decides how the test ends.
    ``maker`` is the file in which that was written, or what kind it is.
    """

    path: str
    name: str
    maker: str


class ProbedCase(NamedTuple):
    """One case, by all its reports: every phase, subtest and attempt.

    ``node_id`` is relative to the tree, whatever pytest's root directory was. ``raised`` and ``moment`` belong to the
    gravest report; ``stopped`` is the line of its function on which that was raised, or 0. ``strict`` says that an
    ``xfail`` mark is strict; ``flaky`` that attempts of this run differed; ``generated`` that a library made the case,
    and pytest knows it as a test of its own.
    """

    node_id: NodeId
    path: str
    outcome: Outcome
    definition: Definition | None = None
    raised: Raised | None = None
    moment: Moment = Moment.CALL
    strict: bool = False
    generated: bool = False
    flaky: bool = False
    hung: bool = False
    crashed: bool = False
    seconds: float = 0.0
    stopped: int = 0
    replaced: tuple[Replaced, ...] = ()

    @property
    def test(self) -> TestId:
        """The test function's id."""
        return function_of(self.node_id)

    @property
    def defined_as(self) -> TestId:
        """The id of the function that it runs, where that is defined: a mixin's may lie elsewhere."""
        place = self.definition
        if place is None or not place.path or "<locals>" in place.qualname:
            return self.test
        return TestId(f"{place.path}::{place.qualname.replace('.', '::')}")

    @property
    def functions(self) -> frozenset[TestId]:
        """Both ids of its function."""
        return frozenset({self.test, self.defined_as})


class Uncollected(NamedTuple):
    """A file pytest could not collect; ``hung`` where importing it did not end."""

    path: str
    raised: Raised | None = None
    hung: bool = False


class ProbedRun(NamedTuple):
    """One run (or several of one selection, united).

    ``aborted`` is what kept pytest from running at all (a conftest's failure), ``trouble`` why the run may not speak
    for what it was asked to run, in words; ``running`` the case that had begun when the process ended.
    ``modules`` are the project's imported modules with their files; ``neutralised`` was taken out of ``addopts``.
    ``root`` is the tree's real path, ``seconds`` how long the last process took.
    ``lines`` are those that ran of the files that were watched; ``None`` where none were, or a test stopped the watch.
    """

    cases: tuple[ProbedCase, ...] = ()
    uncollected: tuple[Uncollected, ...] = ()
    deselected: tuple[NodeId, ...] = ()
    aborted: Raised | None = None
    trouble: str = ""
    collected: bool = False
    finished: bool = False
    running: NodeId | None = None
    modules: Mapping[str, str] = MappingProxyType({})
    neutralised: tuple[str, ...] = ()
    pytest_version: str = ""
    python: str = ""
    root: str = ""
    seconds: float = 0.0
    lines: Mapping[str, frozenset[int]] | None = None

    @property
    def foreign(self) -> Mapping[str, str]:
        """The project's modules that were imported from outside the tree under test."""
        return {name: file for name, file in self.modules.items() if not file.startswith(f"{self.root}/")}

    @property
    def unreported(self) -> tuple[ProbedCase, ...]:
        """The cases that were collected and never ended."""
        return tuple(case for case in self.cases if case.outcome is Outcome.MISSING)

    @property
    def failing(self) -> tuple[ProbedCase, ...]:
        """The cases that failed."""
        return tuple(case for case in self.cases if case.outcome in BAD)

    @property
    def failing_tests(self) -> frozenset[TestId]:
        """The functions of which a case failed."""
        return frozenset(test for case in self.failing for test in case.functions)

    @property
    def green_tests(self) -> frozenset[TestId]:
        """The tests of which every case is green."""
        return frozenset(case.test for case in self.cases if case.outcome.green) - self.failing_tests

    @property
    def lost_files(self) -> frozenset[str]:
        """The files that could not be collected."""
        return frozenset(item.path for item in self.uncollected)

    @property
    def failing_files(self) -> tuple[str, ...]:
        """The files of which a test failed, or that could not be collected, sorted."""
        return tuple(sorted(self.lost_files.union(case.path for case in self.failing)))


def read_records(text: str) -> ProbedRun:
    """Read the lines of one run; a last line cut short is no record.

    A run without a *finish* record, or with cases that were collected and never reported, has ``trouble``.
    """
    records = [record for line in text.splitlines() if (record := _record(line)) is not None]
    ids = {item["id"]: _own_id(item) for item in _of(records, "item")}
    reports: dict[str, list[Record]] = {node: [] for node in ids}
    places = {record["id"]: record["places"] for record in _of(records, "replaced")}
    replaced = {test: tuple(Replaced(*place) for place in all_of_it) for test, all_of_it in places.items()}
    for report in _of(records, "report"):
        reports.setdefault(report["id"], []).append(report)
    items = ((item, item["id"]) for item in _of(records, "item"))
    run = ProbedRun(
        cases=tuple(
            _case(item, ids[one], reports[one])._replace(replaced=replaced.get(one, ())) for item, one in items
        ),
        uncollected=tuple(_uncollected(record) for record in _failed_files(records)),
        deselected=tuple(NodeId(node) for record in _of(records, "deselected") for node in record["ids"]),
        aborted=next((Raised.of(record["raised"]) for record in _of(records, "abort")), None),
        collected=bool(_of(records, "collected")),
        finished=bool(_of(records, "finish")),
        running=_running(records, ids),
        modules=MappingProxyType({k: v for record in _of(records, "modules") for k, v in record["modules"].items()}),
        neutralised=tuple(option for record in _of(records, "neutralised") for option in record["options"]),
        pytest_version=next((record["pytest"] for record in _of(records, "start")), ""),
        python=next((record["python"] for record in _of(records, "start")), ""),
        root=next((record["root"] for record in _of(records, "start")), ""),
        lines=_lines(records),
    )
    return run._replace(trouble=_trouble(records, run))


def united(runs: Iterable[ProbedRun]) -> ProbedRun:
    """Unite partial runs of one selection: of each case what a later run reported, else what an earlier one said."""
    parts = tuple(runs)
    cases: dict[NodeId, ProbedCase] = {}
    for case in (case for run in parts for case in run.cases):
        if case.outcome is not Outcome.MISSING or case.node_id not in cases:
            cases[case.node_id] = case
    last = parts[-1]
    return last._replace(
        cases=tuple(cases.values()),
        uncollected=tuple(dict.fromkeys(item for run in parts for item in run.uncollected)),
        modules=MappingProxyType({name: file for run in parts for name, file in run.modules.items()}),
        deselected=tuple(dict.fromkeys(node for run in parts for node in run.deselected)),
    )


def _record(line: str) -> Record | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _of(records: Iterable[Record], kind: str) -> list[Record]:
    return [record for record in records if record.get("record") == kind]


def _failed_files(records: Iterable[Record]) -> Iterable[Record]:
    return (record for record in _of(records, "collect") if record["outcome"] == "failed")


def _uncollected(record: Record) -> Uncollected:
    facts = record["raised"]
    return Uncollected(record["path"] or file_of(record["id"]), Raised.of(facts) if facts else None)


def _own_id(item: Record) -> NodeId:
    """Return the node id relative to the tree, which may lie above pytest's root directory."""
    _, colons, rest = item["id"].partition("::")
    return NodeId(f"{item['path']}{colons}{rest}" if item["path"] else item["id"])


def _case(item: Record, node_id: NodeId, reports: list[Record]) -> ProbedCase:
    place = item["definition"]
    bare = ProbedCase(
        node_id=node_id,
        path=item["path"],
        outcome=Outcome.MISSING,
        definition=Definition(place["path"], place["qualname"]) if place else None,
        strict=item["strict"],
        generated=item["generated"],
    )
    if not _ended(reports):
        return bare
    final = [report for report in reports if report["outcome"] != "rerun"]
    gravest = worst(frozenset(map(_outcome, final)))
    report = next(report for report in final if _outcome(report) is gravest)
    return bare._replace(
        outcome=gravest,
        raised=Raised.of(report["raised"]) if report["raised"] else None,
        moment=Moment(report["when"]),
        stopped=report["line"],
        flaky=len(final) < len(reports) or _attempts(final) > 1,
        seconds=sum(report["seconds"] for report in reports),
    )


def _ended(reports: list[Record]) -> bool:
    """Whether the case came to its end: without a report of its teardown the process died in it."""
    return any(report["when"] == "teardown" for report in reports)


def _attempts(reports: list[Record]) -> int:
    return sum(report["when"] == "setup" and not report["subtest"] for report in reports)


def _outcome(report: Record) -> Outcome:
    return ended(report["outcome"], report["when"], xfail=report["xfail"])


def _lines(records: list[Record]) -> Mapping[str, frozenset[int]] | None:
    seen = next((record for record in _of(records, "lines")), None)
    if seen is None or not seen["complete"]:
        return None
    return MappingProxyType({path: frozenset(lines) for path, lines in seen["lines"].items()})


def _running(records: list[Record], ids: Mapping[str, NodeId]) -> NodeId | None:
    """Return the case that was running when the records stop."""
    begun = [record["id"] for record in _of(records, "running")]
    ended = {record["id"] for record in _of(records, "report") if record["when"] == "teardown"}
    return ids.get(begun[-1]) if begun and begun[-1] not in ended else None


def _trouble(records: list[Record], run: ProbedRun) -> str:
    if not _of(records, "start"):
        return "pytest did not start"
    if run.aborted is not None:
        return f"pytest gave up: {run.aborted.name}: {run.aborted.message}"
    if not run.finished:
        return "the run ended before pytest did"
    count = sum(record["count"] for record in _of(records, "collected"))
    if run.unreported or count != len(run.cases):
        return f"{len(run.unreported) or 1} of {count} collected tests never ended"
    return ""
