"""How the configured quality commands ended."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_phasegate.core.verdict.gate import Evidence, Need


@dataclass(frozen=True, slots=True)
class RanCommand:
    """One command: ``exit_code`` is ``None`` where it did not come to an end, and ``problem`` says why.

    ``tail`` holds the last lines of stdout and stderr as they came, ``seconds`` the time it took.
    """

    name: str
    line: str
    exit_code: int | None
    tail: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0


def ran_commands(evidence: Evidence) -> tuple[RanCommand, ...] | None:
    """Return the commands that were run, or ``None`` where none could be."""
    return evidence.facts.get(Need.COMMANDS)


@dataclass(frozen=True, slots=True)
class Regenerated:
    """What a command makes anew: the paths that differ from those of the content, of how many, or what went wrong."""

    line: str
    differing: tuple[str, ...] = ()
    files: int = 0
    problem: str = ""
