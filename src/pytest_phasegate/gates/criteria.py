"""The gates *criteria*, *feedback* and *commands*: what is to be answered, and the quality commands that end with 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_phasegate.core.criteria.feedback import FOLDER, PATH, Comment, Feedback, fixing, title_of
from pytest_phasegate.core.criteria.verdicts import criteria_verdicts
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need, RanCommand, ran_commands
from pytest_phasegate.core.verdict.report import CriterionVerdict
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, Verdict, counted


class CriteriaGate(BaseGate):
    """Refuse where a criterion is not met; one that waits for a person is listed, and nothing passes by it."""

    name = "criteria"
    needs = frozenset({Need.VERDICTS, Need.COMMANDS, Need.CRITERIA})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the criteria of a phase by what the other gates, the commands and people said."""
        if not phase.criteria:
            return self.not_evaluated(phase, "the phase lists no success criteria")
        if Need.CRITERIA in evidence.absent:
            return self.inconclusive(phase, evidence.absent[Need.CRITERIA])
        found = criteria_verdicts(phase, evidence)
        findings = tuple(_findings(found, evidence.guide.path))
        reason = _reason(found, phase.id)
        if any(one.ruling is Ruling.FAILED for one in found):
            return self.failed(phase, reason, findings)
        if any(one.ruling.refuses for one in found):
            return self.inconclusive(phase, reason, findings)
        if any(one.open for one in found) or not any(one.ruling is Ruling.PASSED for one in found):
            return self.not_evaluated(phase, reason, findings)
        return self.passed(phase, reason)


def _reason(found: Iterable[CriterionVerdict], phase: str) -> str:
    several = tuple(found)
    counts = (
        ("met", [one for one in several if one.ruling is Ruling.PASSED]),
        ("not met", [one for one in several if one.ruling is Ruling.FAILED]),
        ("without evidence", [one for one in several if one.ruling.refuses and one.ruling is not Ruling.FAILED]),
        ("open", [one for one in several if one.open]),
    )
    told = ", ".join(f"{len(ones)} {word}" for word, ones in counts if ones)
    waits = f"; answer: phasegate review {phase}" if any(one.open for one in several) else ""
    number = "1 criterion" if len(several) == 1 else f"{len(several)} criteria"
    return f"of {number}: {told or 'none asks for anything here'}{waits}"


def _findings(found: Iterable[CriterionVerdict], guide: str) -> Iterator[Finding]:
    for one in found:
        name = f"criterion {one.number}, {one.text!r}"
        if one.ruling.refuses and one.reason.startswith(f"{one.by}: "):  # that gate says what is wrong, and what helps
            code, is_not = ("PG541", "not met") if one.ruling is Ruling.FAILED else ("PG542", "not known to be met")
            yield Finding(code, Severity.ERROR, f"{name} is {is_not}: see {one.by}", guide, one.line)
        elif one.ruling is Ruling.FAILED:
            told = f"BLOCKED: {name} is not met ({one.reason})\nexpected: {one.expected}\nactual: {one.actual}"
            yield Finding("PG541", Severity.ERROR, told, guide, one.line, one.fix)
        elif one.ruling.refuses:
            yield Finding("PG542", Severity.ERROR, f"{name}: {one.reason}", guide, one.line, one.fix)
        elif one.open:
            yield Finding("PG543", Severity.WARNING, f"open: {name}: {one.reason}", guide, one.line, one.fix)


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
        return Finding(comment.code, Severity.ERROR, told, path, line, fixing(comment))
    number, who = comment.number, f"{comment.author}: " if comment.author else ""
    fix = f"{fixing(comment)}, or say why not: phasegate feedback edit {number} --close --reason …"
    told = f"comment {number} ({comment.priority}) is open: {who}{title}"
    return Finding(comment.code, Severity.ERROR, told, path, line, fix)


SHOWN = 12  # lines of a failed command's output that a finding shows


class CommandsGate(BaseGate):
    """Compare exit codes with 0; a command that never ended proves nothing."""

    name = "commands"
    needs = frozenset({Need.COMMANDS})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the commands of the configuration, whatever the phase."""
        if not evidence.settings.commands:
            return self.not_evaluated(phase, "no commands are configured")
        ran = ran_commands(evidence)
        if ran is None:
            return self.inconclusive(phase, evidence.absent.get(Need.COMMANDS, "the commands were not run"))
        return self._judged(phase, ran, set(evidence.settings.commands) - {command.name for command in ran})

    def _judged(self, phase: Phase, ran: tuple[RanCommand, ...], not_run: set[str]) -> Verdict:
        failed = [command for command in ran if command.exit_code]
        unfinished = [command for command in ran if command.exit_code is None]
        findings = [*map(_failure, failed), *map(_interruption, unfinished)]
        if failed:
            return self.failed(phase, f"{_names(failed)} failed", findings)
        if unfinished or not_run:
            missing = ", ".join([*(command.name for command in unfinished), *sorted(not_run)])
            return self.inconclusive(phase, f"{missing} did not run to the end", findings)
        return self.passed(phase, f"{_names(list(ran))} passed")


def _names(commands: list[RanCommand]) -> str:
    return ", ".join(command.name for command in commands)


def _failure(command: RanCommand) -> Finding:
    tail = "\n".join(command.tail[-SHOWN:])
    text = f"{command.name} ended with {command.exit_code}" + (f":\n{tail}" if tail else " and said nothing")
    return Finding("PG521", Severity.ERROR, text, fix=f"run it yourself: {command.line}")


def _interruption(command: RanCommand) -> Finding:
    fix = f"make it run, or change it under `[tool.phasegate.commands]`: {command.line}"
    return Finding("PG522", Severity.ERROR, f"{command.name}: {command.problem}", fix=fix)
