"""What was judged, as the predicate of an in-toto statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.app.redgreen.verification import Verification
from pytest_phasegate.app.verdict.deployment import PhaseStanding
from pytest_phasegate.core.redgreen.verdict import CommitRuling
from pytest_phasegate.core.verdict.statement import Result
from pytest_phasegate.core.verdict.verdict import Ruling

_LISTS = {
    "passedTests": {Ruling.PASSED},
    "warnedTests": {Ruling.WAIVED},
    "failedTests": {Ruling.FAILED, Ruling.ERROR, Ruling.INCONCLUSIVE},
}


def gates_result(phases: Iterable[PhaseStanding], files: Mapping[str, str], rules: str) -> dict[str, Any]:
    """Return the predicate of a test result: each gate of each phase is a test, by the name ``slug:phase/gate``.

    Args:
        phases: The phases as they stand.
        files: The blob of each file that says what was asked: guides and configuration.
        rules: The digest of the settings that were gone by.
    """
    judged = [(one, one.judgement) for one in phases if one.judgement]
    gates = [(f"{one.guide}:{one.id}/{gate}", Ruling(word)) for one, known in judged for gate, word in known.gates]
    lists = {key: sorted(name for name, word in gates if word in words) for key, words in _LISTS.items()}
    latest = datetime.fromtimestamp(max(known.at for _, known in judged), UTC)
    annotations = {"phasegate": __version__, "rules": rules, "judged": f"{latest:%Y-%m-%dT%H:%M:%SZ}"}
    return {
        "result": str(_result(lists)),
        "configuration": [
            {"name": path, "digest": {"gitBlob": blob}, "annotations": annotations} for path, blob in files.items()
        ],
        **lists,
    }


def _result(lists: Mapping[str, Sequence[str]]) -> Result:
    if lists["failedTests"]:
        return Result.FAILED
    return Result.WARNED if lists["warnedTests"] else Result.PASSED


def red_green(found: Verification, base: str | None, rules: str) -> dict[str, Any]:
    """Return our predicate: what red before green came to for each commit after ``base``."""
    verdicts = [one.verdict for one in found.commits]
    waived = any(verdict.verdict is CommitRuling.WAIVED for verdict in verdicts)
    passed = Result.WARNED if waived else Result.PASSED
    return {
        "result": str(passed if found.verdict.verdict is Ruling.PASSED else Result.FAILED),
        "base": base,
        "verifier": {"name": "phasegate", "version": __version__},
        "rules": rules,
        "commits": [
            {
                "sha": verdict.sha,
                "kind": str(verdict.kind),
                "verdict": str(verdict.verdict),
                "reason": verdict.reason,
                "fail_to_pass": list(verdict.fail_to_pass),
                "red": [{"test": red.test, "grade": str(red.grade)} for red in verdict.red],
                "waiver": verdict.waiver or None,
            }
            for verdict in verdicts
        ],
        "open_red": [str(red.test) for red in found.verdict.open_red],
    }
