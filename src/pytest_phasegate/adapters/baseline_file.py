"""The baseline's file: read whole, and written aside and renamed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_phasegate.core.baseline import PATH, BaselineTest, read_baseline, write_baseline
from pytest_phasegate.errors import BaselineError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def read(root: Path) -> tuple[BaselineTest, ...]:
    """Return the accepted tests; none where there is no file.

    Raises:
        BaselineError: The file is there and cannot be read.
    """
    try:
        return read_baseline((root / PATH).read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError as error:
        raise BaselineError(f"{PATH}: not UTF-8 at byte {error.start}", hint="restore it from git") from None
    except OSError as error:
        raise BaselineError(f"{PATH}: cannot be read: {error.strerror or error}") from None


def write(root: Path, tests: Iterable[BaselineTest]) -> None:
    """Replace the file in one step, so that a reader sees the old one or the new one.

    Raises:
        BaselineError: It cannot be written; the old one stands.
    """
    target = root / PATH
    aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(write_baseline(tests), encoding="utf-8", newline="\n")
        aside.replace(target)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise BaselineError(f"{PATH}: cannot be written: {error.strerror or error}") from None
