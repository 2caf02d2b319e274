"""What the features of one pytest run share, under one stash key."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import pytest

from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, TestId, TestRun
from pytest_phasegate.core.project.plain_values import as_plain, reading
from pytest_phasegate.core.project.settings import Mode, Settings
from pytest_phasegate.core.verdict.verdict import shortened

if TYPE_CHECKING:  # half of the program, and of no use to a run that is only recorded
    from pytest_phasegate.app.regression.test_texts import TestTexts
    from pytest_phasegate.core.guide.model import DeclaredTest, Guide
    from pytest_phasegate.core.guide.selection import PhaseRef
    from pytest_phasegate.core.mapping.mapping import TestMap
    from pytest_phasegate.core.mapping.phase_run import PhaseRun
    from pytest_phasegate.core.mapping.shards import Shard
    from pytest_phasegate.core.verdict.gate import Gate, Need
    from pytest_phasegate.core.verdict.report import RunReport
    from pytest_phasegate.wiring.projects import Project

Kind = TypeVar("Kind")
SHOWN = 10  # loose ends of the mapping that are told one by one


@dataclass(slots=True)
class SessionState:
    """One run: what was asked, and what became known so far.

    Features are plugin classes built with this state. One that gathers evidence sets
    ``providers[need]``: a function from a guide to the frozen value a gate reads, called once a guide after
    the tests have run; what it raises as a ``PhasegateError`` makes that evidence absent, with the reason.
    """

    config: pytest.Config
    project: Project
    mode: Mode
    guides: tuple[Guide, ...] = ()
    selection: tuple[PhaseRef, ...] | None = None  # the selected phases in order, or ``None`` without ``--phase``
    gates: tuple[Gate, ...] = ()  # the gates that judge in this run, in order
    strict: bool = False
    shard: Shard | None = None  # which part of a run this is: it is recorded, and not judged
    # the accepted tests that run beside those of the selection, to see whether they are as they were
    guarded_tests: frozenset[TestId] = frozenset()
    whole_suite: bool = False  # whether every test runs beside those of the selected phases
    # the functions that came in since each phase's base, as far as history is to be had
    added: Mapping[PhaseRef, frozenset[TestId]] = field(default_factory=dict)
    # the tests that history shows to be declared ones under another name
    renamed: Mapping[tuple[PhaseRef, DeclaredTest], TestId] = field(default_factory=dict)
    collected: frozenset[TestId] = frozenset()  # every function found, before any selection
    # the selected functions that filters in the project's own ``addopts`` deselected, whole or in part
    filtered: frozenset[TestId] = frozenset()
    # the files of tests that the collection keeps to: no other can hold a test of the selected phases
    confined: frozenset[str] | None = None
    unreached: int = 0  # how many functions are in the files that were not collected, as their text has it
    # whether the files that were named on the command line are all that the selected phases need
    complete: bool = False
    left_out: int = 0  # how many of the selected cases other options and plugins then left out
    # which test belongs to which phase: known from collection on (under xdist: to a worker from its collection on, to
    # the controller when the workers are done)
    test_map: TestMap | None = None
    # the cases that pytest knows by another id: of tests that a library made of one function
    cases: dict[str, NodeId] = field(default_factory=dict)
    # the phase of each selected case, where it runs: the phase whose coverage context it belongs to
    phase_of: Mapping[NodeId, PhaseRef] = field(default_factory=dict)
    run: TestRun | None = None  # the completed run, on the controller, once all tests are done
    # the completed run seen phase by phase, once all tests are done and their phases known
    observed: PhaseRun | None = None
    providers: dict[Need, Callable[[Guide], Any]] = field(default_factory=dict)
    coverage_report: Callable[[str], str] | None = None
    """Writes what the selected phases reached in a format of coverage.py, where anything was measured."""
    report: RunReport | None = None
    # whether what was judged lets the run end with success; ``None`` as long as nothing was judged
    passes: bool | None = None
    # what went wrong inside a hook of ours: one warning line each, and no verdict may pass
    troubles: list[str] = field(default_factory=list)
    # what a report says before the verdicts, in one line each; it decides nothing
    notes: list[str] = field(default_factory=list)
    # what the user should know beside the verdicts, in one line each; it decides nothing
    remarks: list[str] = field(default_factory=list)
    given: TestTexts | None = None  # what reads tests by their path from the root, where there is one already
    _texts: TestTexts | None = None

    @property
    def root(self) -> Path:
        """The project's root: paths of guides, files and tests are relative to it."""
        return self.project.root

    @property
    def settings(self) -> Settings:
        """What the project asks for."""
        return self.project.settings

    @property
    def path_prefix(self) -> str:
        """What stands before a node id's path to make it relative to the project's root."""
        rootpath = self.config.rootpath.resolve()
        below = rootpath.relative_to(self.root).as_posix() if rootpath.is_relative_to(self.root) else "."
        return "" if below == "." else f"{below}/"

    @property
    def is_worker(self) -> bool:
        """Whether this process is an xdist worker: it runs tests and neither writes nor judges."""
        return hasattr(self.config, "workerinput")

    @property
    def records(self) -> bool:
        """Whether this run leaves its observations in the ledger: every run of a configured project does."""
        return self.settings.configured and self.mode is not Mode.OFF

    @property
    def judges(self) -> bool:
        """Whether this process answers for the selected phases at the end."""
        return self.selection is not None and self.mode is not Mode.OFF and not self.is_worker and not self.shard

    @property
    def writes_record(self) -> bool:
        """Whether this process writes what the run observed to a file, for ``phasegate combine``."""
        asked = self.shard is not None or bool(self.config.getoption("phasegate_record"))
        return asked and self.selection is not None and not self.is_worker

    def case(self, node_id: str) -> NodeId:
        """Return the case that pytest knows by an id."""
        return self.cases.get(node_id, NodeId(node_id))

    def texts(self) -> TestTexts:
        """Return what reads the tests by their text: the same one always, which reads nothing twice."""
        if self._texts is None and self.given is not None:
            self._texts = replace(self.given, ids=self.path_prefix)
        if self._texts is None:
            from pytest_phasegate.wiring import records  # heavy, and of no use to a run that is only recorded

            self._texts = records.texts_of_tests(self.project, self.path_prefix)
        return self._texts

    @property
    def ended(self) -> Mapping[PhaseRef, Mapping[TestId, Outcome]]:
        """How the tests of each selected phase ended; of a run that nobody saw, nothing."""
        seen, phases = self.observed, self.selection or ()
        return {ref: {test: seen.outcomes[test] for test in seen.tests(ref)} for ref in phases} if seen else {}

    def guide(self, ref: PhaseRef) -> Guide:
        """Return the guide a selected phase belongs to."""
        return next(guide for guide in self.guides if guide.path == ref.guide)

    def told_loose_ends(self) -> Iterator[str]:
        """Yield the first of them, and how many more there are: the tests of no phase may be a whole suite."""
        return shortened(tuple(self.loose_ends()), SHOWN, "and {} more: phasegate map lists them")

    def loose_ends(self) -> Iterator[str]:
        """Yield what is an error under strict: ambiguities, marks of unknown phases, tests of no phase."""
        yield from self.unclear()
        for one in self.test_map.unmapped if self.test_map else ():
            yield f"PG418 {one.test} belongs to no phase"

    def unclear(self) -> Iterator[str]:
        """Yield the ambiguities, and the marks of unknown phases."""
        for found in (*self.test_map.ambiguities, *self.test_map.strays) if self.test_map else ():
            yield f"PG417 {found}"


class ReadEarly(NamedTuple):
    """What was read before measuring began: the project, its tests by their text, and its guides."""

    project: Project
    texts: TestTexts
    guides: tuple[Guide, ...]


READ_EARLY: pytest.StashKey[ReadEarly] = pytest.StashKey()
TAKEN: pytest.StashKey[bool] = pytest.StashKey()  # whether ``--phase`` is an option of the project's own
STATE: pytest.StashKey[SessionState] = pytest.StashKey()


class Feature(Protocol):
    """A plugin class of ours: it shares the state of the run."""

    state: SessionState


def guarded(hook: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a hook method of a feature: what it raises becomes a trouble of the run, and ``None`` is returned.

    A trouble is shown in one warning line, and no gate passes in a run that has one. Not for hook wrappers.
    """

    @functools.wraps(hook)
    def call(feature: Feature, *arguments: Any) -> Any:
        try:
            return hook(feature, *arguments)
        except Exception as fault:  # noqa: BLE001 - the user's run must end as it would without us
            feature.state.troubles.append(f"{hook.__name__} raised {type(fault).__name__}: {fault}")
            return None

    return call


def hand_over(state: SessionState, record: object) -> None:
    """On a worker of xdist, leave a record for the controller."""
    if state.is_worker:
        state.config.workeroutput[type(record).__name__] = json.dumps(as_plain(record))  # type: ignore[attr-defined]


def handed_over(node: Any, kind: type[Kind]) -> Kind | None:
    """Return the record of a kind that a worker left, whole or not at all; nothing of one that did not come so far."""
    left = getattr(node, "workeroutput", {}).get(kind.__name__, "")
    try:
        return reading(kind)(json.loads(left))
    except (ValueError, TypeError):
        return None


def distributes(options: Any) -> bool:
    """Whether xdist will run the tests in other processes, and this is not one of them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return False
    return bool(getattr(options, "numprocesses", None)) or getattr(options, "dist", "no") != "no"
