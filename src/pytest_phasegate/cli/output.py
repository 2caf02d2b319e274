"""Where the answer goes: stdout, or a file that appears only when the whole answer is there."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING, TextIO

from pytest_phasegate.errors import PhasegateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def forgive_odd_text() -> None:
    """Let text that the terminal's encoding does not know be escaped instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


@contextmanager
def answer_to(file: str) -> Iterator[None]:
    """Send stdout to a file, written aside and renamed; after an error the file is as it was.

    Raises:
        PhasegateError: When the file cannot be written.
    """
    from pathlib import Path

    target = Path(file)
    aside, stream = _open_aside(target)
    try:
        with stream, redirect_stdout(stream):
            yield
        os.replace(aside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise


def _open_aside(target: Path) -> tuple[str, TextIO]:
    if target.is_dir():
        raise PhasegateError(f"cannot write {str(target)!r}: it is a directory")
    import tempfile

    try:
        descriptor, aside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise PhasegateError(f"cannot write {str(target)!r}: {error.strerror}") from None
    mask = os.umask(0)
    os.umask(mask)
    os.fchmod(descriptor, 0o666 & ~mask)
    return aside, os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")
