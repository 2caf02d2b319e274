"""The hook *commit-msg*: what the message says of the commit, and red before green where its type decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.errors import PhasegateError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Judge the message in the file that git names, and with it what is staged.

    Raises:
        PhasegateError: There is no such file.
    """
    from pytest_phasegate.hooks.proof import judged
    from pytest_phasegate.hooks.subject import judged_message

    message = _message(argv)
    return judged_message(message) or judged(message)


def _message(argv: Sequence[str]) -> str:
    from pytest_phasegate.core.commit.message import chosen_sign, cleaned, may_hold_comments
    from pytest_phasegate.wiring import projects

    if not argv:
        raise PhasegateError("commit-msg wants the file of the message", hint="phasegate hook commit-msg FILE")
    try:
        text = Path(argv[0]).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PhasegateError(f"the message {argv[0]} cannot be read: {error.strerror}") from None
    if not may_hold_comments(text):
        return cleaned(text)
    sign = projects.comment_sign(Path.cwd())
    return cleaned(text, chosen_sign(text) if sign == "auto" else sign)
