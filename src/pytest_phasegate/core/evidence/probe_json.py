"""A probed run as plain JSON values and back, for keeping."""

from __future__ import annotations

from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from pytest_phasegate.core.evidence.grading import Moment, Raised
from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome
from pytest_phasegate.core.evidence.probe_records import Definition, ProbedCase, ProbedRun, Uncollected


def run_to_json(run: ProbedRun) -> dict[str, Any]:
    """Return the run as JSON values."""
    return {
        "cases": [asdict(case) for case in run.cases],
        "uncollected": [asdict(item) for item in run.uncollected],
        "skipped_files": list(run.skipped_files),
        "deselected": list(run.deselected),
        "aborted": asdict(run.aborted) if run.aborted else None,
        "modules": dict(run.modules),
        "neutralised": list(run.neutralised),
        "pytest_version": run.pytest_version,
        "root": run.root,
        "seconds": run.seconds,
        "lines": None if run.lines is None else {path: sorted(lines) for path, lines in run.lines.items()},
        "collected": run.collected,
        "finished": run.finished,
    }


def run_from_json(value: dict[str, Any]) -> ProbedRun:
    """Return the run that was kept.

    Raises:
        KeyError, TypeError, ValueError: It is not what ``run_to_json`` wrote.
    """
    return ProbedRun(
        cases=tuple(map(_case, value["cases"])),
        uncollected=tuple(Uncollected(x["path"], _raised(x["raised"]), x["hung"]) for x in value["uncollected"]),
        skipped_files=tuple(value["skipped_files"]),
        deselected=tuple(NodeId(node) for node in value["deselected"]),
        aborted=_raised(value["aborted"]),
        modules=MappingProxyType(dict(value["modules"])),
        neutralised=tuple(value["neutralised"]),
        pytest_version=value["pytest_version"],
        root=value["root"],
        seconds=value["seconds"],
        lines=None if value["lines"] is None else {path: frozenset(seen) for path, seen in value["lines"].items()},
        collected=value["collected"],
        finished=value["finished"],
    )


def _case(value: dict[str, Any]) -> ProbedCase:
    place = value["definition"]
    known = {
        **value,
        "node_id": NodeId(value["node_id"]),
        "outcome": Outcome(value["outcome"]),
        "definition": Definition(**place) if place else None,
        "raised": _raised(value["raised"]),
        "moment": Moment(value["moment"]),
    }
    return ProbedCase(**known)


def _raised(value: dict[str, Any] | None) -> Raised | None:
    return None if value is None else Raised(**{**value, "types": tuple(value["types"])})
