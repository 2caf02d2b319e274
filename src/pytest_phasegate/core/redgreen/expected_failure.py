"""The failure that a plan foresees (``Expected: FAIL with "NameError"``), held against the red that was seen."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.core.project.paths import ends_with
from pytest_phasegate.core.redgreen.verdict import RedDetail

_EXCEPTION = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception|Warning))(?!\w)")


def foreseen(text: str) -> tuple[str, ...]:
    """Return the exceptions that a foreseen failure names; one in words alone (``not defined``) names none."""
    return tuple(dict.fromkeys(_EXCEPTION.findall(text)))


def is_as_foreseen(text: str, seen: str) -> bool:
    """Return whether a test failed as foreseen, as far as the text says which exception that is.

    A subclass counts: ``ModuleNotFoundError`` where an ``ImportError`` was foreseen.
    """
    names = foreseen(text)
    return not names or not seen or seen in names or any(_is_kind_of(seen, name) for name in names)


def _is_kind_of(seen: str, name: str) -> bool:
    one, other = getattr(builtins, seen, None), getattr(builtins, name, None)
    return isinstance(one, type) and isinstance(other, type) and issubclass(one, other)


def otherwise(tests: Iterable[DeclaredTest], reds: Iterable[RedDetail]) -> Iterator[tuple[DeclaredTest, RedDetail]]:
    """Yield the declared tests that were red for another reason than the guide foresees, each once."""
    expecting = [test for test in tests if test.expected_failure]
    told: set[DeclaredTest] = set()
    for red in reds:
        for test in expecting:
            if (
                test not in told
                and means(test, red.test)
                and not is_as_foreseen(test.expected_failure or "", red.exception)
            ):
                told.add(test)
                yield test, red


def means(test: DeclaredTest, found: TestId) -> bool:
    """Return whether a test is the declared one, by as much as the guide says of it."""
    path, *names = found.split("::")
    if names[-1:] != [test.name] or (test.file and not ends_with(path, test.file)):
        return False
    return not test.class_name or f"::{'::'.join(names[:-1])}".endswith(f"::{test.class_name}")
