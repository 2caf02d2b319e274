"""What ``verify`` found, as ``phasegate.verify/1``; the schema stands in ``docs/reference/schemas``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_phasegate.app.verify import JudgedCommit, Verification
    from pytest_phasegate.core.replay import Replay
    from pytest_phasegate.core.verdict import Finding

SCHEMA = "phasegate.verify/1"
LISTS = (
    "fail_to_pass",
    "fail_to_pass_unchanged",
    "pass_to_pass",
    "fail_to_fail",
    "pass_to_fail",
    "never_red",
    "flaky",
)


def verification_json(found: Verification, *, cases: bool = False) -> dict[str, Any]:
    """Return the whole answer as JSON values; ``cases`` lists the cases of each test too."""
    return {
        "schema": SCHEMA,
        "verdict": str(found.verdict.verdict),
        "reason": found.verdict.reason,
        "range": found.asked,
        "shard": found.part or None,
        "commits": [_commit(one, cases=cases) for one in found.commits],
        "open_red": [str(red.test) for red in found.verdict.open_red],
        "findings": [_finding(finding) for finding in found.verdict.findings],
    }


def _commit(one: JudgedCommit, *, cases: bool) -> dict[str, Any]:
    verdict = one.verdict
    lists = {name: list(getattr(verdict, name)) for name in LISTS}
    return {
        "sha": verdict.sha,
        "subject": verdict.subject,
        "kind": str(verdict.kind),
        "verdict": str(verdict.verdict),
        "reason": verdict.reason,
        **lists,
        "open_red": list(verdict.open_red),
        "red": [{"test": red.test, "grade": str(red.grade), "exception": red.exception} for red in verdict.red],
        "counts": {name: len(_cases(one.replayed.replay, tests)) for name, tests in lists.items()},
        **({"cases": {name: _cases(one.replayed.replay, tests) for name, tests in lists.items()}} if cases else {}),
        "waiver": verdict.waiver or None,
        "carried": list(one.replayed.carried),
        "neutralised": list(one.replayed.neutralised),
        "findings": [_finding(finding) for finding in verdict.findings],
        "seconds": round(verdict.seconds, 2),
    }


def _cases(replay: Replay, tests: Collection[str]) -> list[str]:
    wanted = frozenset(tests)
    return sorted(case.node_id for test in replay.tests if test.id in wanted for case in test.cases)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "fix": finding.fix,
    }
