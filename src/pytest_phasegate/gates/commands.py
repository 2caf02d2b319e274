"""The gate *commands*: every configured quality command ends with 0."""

from __future__ import annotations

from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need, RanCommand, ran_commands
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict

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
    return Finding(
        "PG522",
        Severity.ERROR,
        f"{command.name}: {command.problem}",
        fix=f"make it run, or change it under `[tool.phasegate.commands]`: {command.line}",
    )
