"""The gate *feedback*: no phase passes while a blocking comment of a reviewer is open."""

from __future__ import annotations

from pytest_phasegate.core.criteria.feedback import FOLDER, PATH, Comment, Feedback, fixing
from pytest_phasegate.core.criteria.remarks import title_of
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict, counted


class FeedbackGate(BaseGate):
    """Ask for an answer to every comment of the highest priority."""

    name = "feedback"
    needs = frozenset({Need.FEEDBACK})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the imported comments; they speak of the whole change, whatever the phase."""
        feedback = Feedback.of(evidence)
        if feedback is None:
            return self.inconclusive(phase, evidence.absent.get(Need.FEEDBACK, "nobody knows what reviewers said"))
        if not (feedback.comments or feedback.critical):
            return self.not_evaluated(phase, "no review comments were imported")
        if feedback.blocking:
            told = f"BLOCKED: {counted(len(feedback.blocking), 'comment')} of reviewers to answer first"
            return self.failed(phase, told, map(unanswered, feedback.blocking))
        return self.passed(phase, feedback.told)


def unanswered(comment: Comment) -> Finding:
    """Return the finding that a blocking comment is open, or that a report of a reviewer calls something critical."""
    path, line = comment.path or (PATH if comment.number else FOLDER), comment.line if comment.path else None
    title = title_of(comment.text)
    if not comment.number:
        told = f"BLOCKED: {comment.author} calls this critical: {title}"
        return Finding("PG553", Severity.ERROR, told, path, line, fixing(comment))
    number, who = comment.number, f"{comment.author}: " if comment.author else ""
    fix = f"{fixing(comment)}, or say why not: phasegate feedback edit {number} --close --reason …"
    told = f"comment {number} ({comment.priority}) is open: {who}{title}"
    return Finding("PG551", Severity.ERROR, told, path, line, fix)
