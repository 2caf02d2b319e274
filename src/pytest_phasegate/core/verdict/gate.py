"""The gate protocol: a named rule that judges one phase on the evidence it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Protocol, Self, runtime_checkable

from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Verdict

__all__ = ["BaseGate", "Evidence", "Fact", "Gate", "Need"]


class Evidence(NamedTuple):
    """Everything that was gathered for a judgement.

    ``facts`` holds one frozen value for each need that could be met, and ``absent`` the reason for each
    that could not. A gate that finds its need in ``absent`` answers *inconclusive*.
    """

    settings: Settings
    guide: Guide
    facts: Mapping[Need, Any] = MappingProxyType({})
    absent: Mapping[Need, str] = MappingProxyType({})


class Fact:
    """A value that meets a need; ``ChangedPaths.of(evidence)`` is the one that was gathered, if any was."""

    __slots__ = ()
    need: ClassVar[Need]

    @classmethod
    def of(cls, evidence: Evidence) -> Self | None:
        """Return what was gathered, or ``None`` where it is not to be had."""
        return evidence.facts.get(cls.need)


@runtime_checkable
class Gate(Protocol):
    """A named rule. ``check`` is pure: no git, no files, no printing."""

    name: str
    needs: frozenset[Need]

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge one phase."""


class BaseGate:
    """Shorthands for the answers a gate gives; a gate may do without them."""

    name: str
    needs: frozenset[Need] = frozenset()

    def passed(self, phase: Phase, reason: str, findings: Iterable[Finding] = ()) -> Verdict:
        """Answer that the rule is kept."""
        return self._answer(phase, Ruling.PASSED, reason, findings)

    def failed(self, phase: Phase, reason: str, findings: Iterable[Finding] = ()) -> Verdict:
        """Answer that the rule is broken."""
        return self._answer(phase, Ruling.FAILED, reason, findings)

    def not_evaluated(self, phase: Phase, reason: str, findings: Iterable[Finding] = ()) -> Verdict:
        """Answer that the guide does not ask for this, or that there is nothing to judge."""
        return self._answer(phase, Ruling.NOT_EVALUATED, reason, findings)

    def inconclusive(self, phase: Phase, reason: str, findings: Iterable[Finding] = ()) -> Verdict:
        """Answer that the evidence asked for is not there: this refuses."""
        return self._answer(phase, Ruling.INCONCLUSIVE, reason, findings)

    def waived(self, phase: Phase, reason: str, findings: Iterable[Finding] = ()) -> Verdict:
        """Answer that the rule is broken and somebody took that on, with a reason."""
        return self._answer(phase, Ruling.WAIVED, reason, findings)

    def _answer(self, phase: Phase, ruling: Ruling, reason: str, findings: Iterable[Finding]) -> Verdict:
        return Verdict(self.name, phase.id, ruling, reason, tuple(findings))


class Need(StrEnum):
    """A kind of evidence; the app gathers each once, and only if a gate asks for it."""

    RUN = "run"
    COVERAGE = "coverage"
    BASELINE = "baseline"
    RED_GREEN = "red-green"
    COMMANDS = "commands"
    CHANGE = "change"
    MESSAGE = "message"
    ACCEPTANCE = "acceptance"
    BEGUN = "begun"  # the phase as the guide said it where the phase began
    RULES = "rules"  # the keys of the configuration that the phase's own change alters
    ORDER = "order"
    SUITE = "suite"  # comes after the test run, of which it says more
    CRITERIA = "criteria"
    GENERATED = "generated"
    FEEDBACK = "feedback"
    VERDICTS = "verdicts"  # what the gates that do not ask for this said of the phase; nothing gathers it


class RanCommand(NamedTuple):
    """One command: ``exit_code`` is ``None`` where it did not come to an end, and ``problem`` says why.

    ``tail`` holds the last lines of stdout and stderr as they came.
    """

    name: str
    line: str
    exit_code: int | None
    tail: tuple[str, ...] = ()
    problem: str = ""


def ran_commands(evidence: Evidence) -> tuple[RanCommand, ...] | None:
    """Return the commands that were run, or ``None`` where none could be."""
    return evidence.facts.get(Need.COMMANDS)


class Regenerated(NamedTuple):
    """What a command makes anew: the paths that differ from those of the content, of how many, or what went wrong."""

    line: str
    differing: tuple[str, ...] = ()
    files: int = 0
    problem: str = ""
