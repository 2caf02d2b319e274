"""What was judged of a range: for every format, as ``phasegate.verify/1``, to be kept, and as signed predicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.app.commit.phase_commits import JudgedMessage
from pytest_phasegate.app.redgreen.verification import Verification, VerifiedCommit
from pytest_phasegate.app.verdict.deployment import PhaseStanding
from pytest_phasegate.core.redgreen.verdict import LISTS, CommitRuling, CommitVerdict
from pytest_phasegate.core.verdict.statement import Result
from pytest_phasegate.core.verdict.verdict import Ruling, counted
from pytest_phasegate.reports.as_json import finding_record, picked
from pytest_phasegate.reports.findings import RED_GREEN, Case, Judged, commit, judged_each

SCHEMA, MESSAGES = "phasegate.verify/1", "phasegate.messages/1"


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
        "findings": [finding_record(finding) for finding in found.verdict.findings],
    }


def _commit(one: VerifiedCommit, *, cases: bool) -> dict[str, Any]:
    verdict = one.verdict
    return {
        **picked(verdict, "sha", "subject", "kind", "verdict", "reason", *LISTS, "open_red"),
        "red": [picked(red, "test", "grade", "exception") for red in verdict.red],
        "counts": {name: len(one.cases.get(name, ())) for name in LISTS},
        **({"cases": {name: list(one.cases.get(name, ())) for name in LISTS}} if cases else {}),
        "waiver": verdict.waiver or None,
        **picked(one, "carried", "neutralised"),
        "findings": [finding_record(finding) for finding in verdict.findings],
        "seconds": round(verdict.seconds, 2),
    }


def messages_json(asked: str, judged: Iterable[JudgedMessage]) -> dict[str, Any]:
    """Return what was found in the messages of a range, as ``phasegate.messages/1``."""
    commits = [
        {
            **picked(one.commit, "sha", "subject"),
            "verdict": "failed" if one.findings else "passed",
            "findings": [picked(found, "code", "severity", "message", "fix") for found in one.findings],
        }
        for one in judged
    ]
    verdict = "failed" if any(one["findings"] for one in commits) else "passed"
    return {"schema": MESSAGES, "verdict": verdict, "range": asked, "commits": commits}


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
    """Return our predicate of a range that passed: what red before green came to for each commit after ``base``."""
    verdicts = [one.verdict for one in found.commits]
    waived = any(verdict.verdict is CommitRuling.WAIVED for verdict in verdicts)
    return {
        "result": str(Result.WARNED if waived else Result.PASSED),
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


def of_verification(found: Verification) -> Judged:
    """Return what was judged of a range: each commit, and the range, which may be refused as a whole."""
    verdicts, whole = [one.verdict for one in found.commits], found.verdict
    code = "" if any(verdict.verdict.refuses for verdict in verdicts) else RED_GREEN
    last = Case(found.asked, "the range as a whole", "", whole.verdict, whole.reason, whole.findings, code=code)
    part = f" (shard {found.part})" if found.part else ""
    return Judged(
        "verify",
        "Red before green",
        whole.verdict,
        f"{whole.reason}{part}",
        cases=(*(commit(found.asked, verdict) for verdict in verdicts), last),
        head=("commit", "verdict", "red to green", "reason"),
        rows=tuple(map(_commit_row, verdicts)),
        again=found.asked,
        badge="red before green",
    )


def _commit_row(verdict: CommitVerdict) -> tuple[str, ...]:
    turned = len(verdict.fail_to_pass) + len(verdict.fail_to_pass_unchanged)
    return f"{verdict.sha[:12]} {verdict.subject}", verdict.verdict, str(turned), verdict.reason


def of_messages(asked: str, judged: Iterable[JudgedMessage]) -> Judged:
    """Return what was found in the messages of a range."""
    cases = tuple(_message(asked, one) for one in judged)
    again = f"{asked} --messages"
    return judged_each("verify", "Commit messages", cases, counted(len(cases), "message"), again)


def _message(asked: str, one: JudgedMessage) -> Case:
    ruling = Ruling.FAILED if one.findings else Ruling.PASSED
    reason = " ".join(dict.fromkeys(finding.code for finding in one.findings)) or "as it should be"
    return Case(asked, one.commit.sha[:12], one.commit.subject, ruling, reason, one.findings)
