"""A guide as plain values and back, so that it can be kept and found again."""

from __future__ import annotations

from pytest_phasegate.core.guide import (
    Action,
    CoverageGoal,
    Criterion,
    DeclaredFile,
    DeclaredTest,
    Diagnostic,
    Guide,
    Phase,
)
from pytest_phasegate.core.verdict import Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def guide_record(guide: Guide) -> dict[str, Any]:
    """Return a guide as values that JSON knows: each fact a list of its fields, in their order."""
    return {"guide": _plain(guide)}


def guide_of_record(record: Mapping[str, Any]) -> Guide:
    """Return the guide that ``guide_record`` wrote down.

    Raises:
        KeyError, TypeError, ValueError: The record is of another shape.
    """
    path, slug, title, dialect, digest, phases, diagnostics, approved = record["guide"]
    remarks = tuple(Diagnostic(code, Severity(severity), *rest) for code, severity, *rest in diagnostics)
    return Guide(path, slug, title, dialect, digest, tuple(map(_phase, phases)), remarks, approved)


def _phase(record: list[Any]) -> Phase:
    fields = dict(zip(Phase.__match_args__, record, strict=True))
    return Phase(
        **{
            **fields,
            "depends": tuple(fields["depends"]),
            "files": tuple(DeclaredFile(path, Action(action), *rest) for path, action, *rest in fields["files"]),
            "tests": tuple(DeclaredTest(*each) for each in fields["tests"]),
            "criteria": tuple(Criterion(*each) for each in fields["criteria"]),
            "coverage": _goal(*fields["coverage"]),
            "labels": tuple(fields["labels"]),
        }
    )


def _goal(line: Any, branch: Any, function: Any, stages: Any) -> CoverageGoal:
    return CoverageGoal(line, branch, function, tuple((name, percent) for name, percent in stages))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    names = getattr(type(value), "__match_args__", None)
    return value if names is None else [_plain(getattr(value, name)) for name in names]
