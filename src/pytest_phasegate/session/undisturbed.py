"""Make many objects that all stay without the garbage collector looking for some that do not."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let the garbage collector rest meanwhile, if it was on.

    A suite of 20,000 tests holds half a million objects. Mapping the tests makes new ones, all to be kept, so that
    Python takes a full look at everything more than once: that was half of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
