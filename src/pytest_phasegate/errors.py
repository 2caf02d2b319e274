"""Every exception raised on purpose: a problem, and what the user can do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple


class PhasegateError(Exception):
    """Something the user can mend: one message, one hint, no traceback.

    Args:
        problem: What is wrong and where, in one sentence without a full stop.
        hint: The next step, in one sentence without a full stop; may be empty.
        code: The code that ``phasegate explain`` knows, if there is one.
    """

    exit_code = 2

    def __init__(self, problem: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.code = code


@contextmanager
def unusable_file(problem: str, kind: type[PhasegateError] = PhasegateError, hint: str = "") -> Iterator[None]:
    """Raise what the file system or a decoder raises inside as an error of ours: the problem, and what the system says.

    Raises:
        PhasegateError: Of that kind.
    """
    try:
        yield
    except (OSError, ValueError) as error:  # a name that holds NUL is a ValueError
        why = getattr(error, "strerror", None) or error
        raise kind(f"{problem}: {why}", hint=hint) from None


class ConfigurationError(PhasegateError):
    """The configuration cannot be used; all its problems are in one message."""


class GuideError(PhasegateError):
    """A guide cannot be read, or holds no phase."""


class UnknownPhaseError(PhasegateError):
    """A phase was named that no guide defines."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"unknown phase {name!r}", hint=f"the guide defines: {', '.join(known) or 'no phases'}")


class SelectionError(PhasegateError):
    """A phase selection cannot be read, or means phases of several guides."""


class Choice(NamedTuple):
    """One answer to a question: the word that gives it on the command line, and what it means."""

    value: str
    detail: str = ""


class QuestionError(SelectionError):
    """Something has several readings, and only the user can say which is meant.

    Args:
        problem: The question, or what has several readings.
        choices: The answers, at least one.
        default: The number, from 1, of the one that nobody has to spell out.
        asked: The word of the command line that a choice takes the place of; else it comes behind the others.
        option: The option that a choice is the value of.
        hint: The next step.
    """

    def __init__(
        self,
        problem: str,
        *,
        choices: Sequence[Choice],
        default: int = 1,
        asked: str = "",
        option: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(problem, hint=hint)
        self.choices = tuple(choices)
        self.default = default
        self.asked = asked
        self.option = option


class RefusedError(PhasegateError):
    """A phase was to be committed or accepted before its turn, before it passed, or against a no of a reviewer."""

    exit_code = 1


class EvidenceError(PhasegateError):
    """Evidence cannot be had: the verdict is inconclusive, which refuses."""

    exit_code = 4


class RepositoryError(EvidenceError):
    """Git cannot answer: no repository, a shallow clone, dubious ownership, a damaged object."""


class LedgerError(EvidenceError):
    """The ledger cannot be read or written."""


class BaselineError(PhasegateError):
    """The baseline cannot be read, or a change to it was not named."""
