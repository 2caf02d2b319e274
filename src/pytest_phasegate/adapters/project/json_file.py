"""A JSON document from a file or from stdin, whatever encoding a shell wrote it in."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pytest_phasegate.core.project.foreign import Foreign
from pytest_phasegate.errors import PhasegateError

_MOST = 64 * 1024 * 1024
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
"""What a shell of Windows puts before a text that it redirects into a file."""


def read_json(path: Path, name: str, *, hint: str = "") -> Foreign:
    """Return the document in a file; the name ``-`` means stdin.

    Raises:
        PhasegateError: It cannot be read, or it is no JSON; the message names the file, the line and the column.
    """
    label = "stdin" if name == "-" else name
    try:
        if name == "-":
            content = sys.stdin.buffer.read(_MOST + 1)
        else:
            with path.open("rb") as file:
                content = file.read(_MOST + 1)
    except (OSError, ValueError) as error:  # a name that holds NUL is a ValueError
        why = getattr(error, "strerror", None) or error
        raise PhasegateError(f"{label} cannot be read: {why}", hint=hint) from None
    if len(content) > _MOST:
        raise PhasegateError(f"{label} is larger than {_MOST // 2**20} MiB", hint=hint)
    encoding = next((known for mark, known in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return Foreign(json.loads(content.decode(encoding)), f"{label}:")
    except json.JSONDecodeError as error:
        told = f"{label}:{error.lineno}:{error.colno}: no JSON: {error.msg}"
    except UnicodeDecodeError as error:
        told = f"{label}: byte {error.start} is no {encoding}"
    except RecursionError:
        told = f"{label}: no JSON that can be read: it is nested too deeply"
    except ValueError as error:  # a number of more digits than Python reads
        told = f"{label}: no JSON that can be read: {error}"
    raise PhasegateError(told, hint=hint)
