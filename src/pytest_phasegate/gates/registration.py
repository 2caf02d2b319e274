"""The built-in gates, registered through the same hook as anybody else's."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_phasegate.core.verdict.gate import Gate
from pytest_phasegate.gates.coverage import CoverageGate
from pytest_phasegate.gates.criteria import CommandsGate, CriteriaGate, FeedbackGate
from pytest_phasegate.gates.guide import ApprovalGate, GuideGate, OrderGate
from pytest_phasegate.gates.red_green import RedGreenGate
from pytest_phasegate.gates.regression import RegressionGate, SuiteGate
from pytest_phasegate.gates.scope import CommitGate, ProtectedGate, ScopeGate
from pytest_phasegate.gates.tests import TestsGate
from pytest_phasegate.hookspecs import hookimpl


@hookimpl
def phasegate_register_gates() -> Iterable[Gate]:
    """Return the built-in gates, in the order their verdicts are shown."""
    gates: tuple[type[Gate], ...] = (
        GuideGate, ApprovalGate, OrderGate, TestsGate, CoverageGate, RegressionGate, SuiteGate, RedGreenGate,
        CommandsGate, CriteriaGate, FeedbackGate, ScopeGate, ProtectedGate, CommitGate,
    )  # fmt: skip
    return [gate() for gate in gates]
