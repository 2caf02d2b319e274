"""Which modules of tests can hold a test of some phases, by their text: the others need not be collected for these."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.model import Action
from pytest_phasegate.core.project.globs import ends_with, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_phasegate.core.guide.model import DeclaredTest, Phase
    from pytest_phasegate.core.regression.baseline import BaselineTest

_MARK = re.compile(rb"\bphase\b")


def phase_files(
    phases: Sequence[Phase],
    modules: Mapping[str, bytes],
    others: Iterable[bytes],
    table: Iterable[str],
    accepted: Iterable[BaselineTest],
) -> frozenset[str] | None:
    """Return the modules that must be collected, or ``None`` where text cannot tell and all must be.

    A module counts that a phase declares, that the table gives to a phase, or whose text holds a declared name or the
    word of the mark. Text cannot tell where a declared test without a place is not in a file of its phase (a class may
    inherit it anywhere), where other files of the test side hand out the mark, or where an accepted test is not where
    it was: it may go by another name in any module.

    Args:
        phases: The selected phases.
        modules: The modules of tests by path, with their text.
        others: The texts of the other Python files on the test side.
        table: The globs of the map table.
        accepted: The tests of the baseline.
    """
    if any(_MARK.search(text) for text in others) or not all(_is_there(one, modules) for one in accepted):
        return None
    if not all(_has_a_place(phase, test, modules) for phase in phases for test in phase.tests):
        return None
    names = sorted({test.name for phase in phases for test in phase.tests})
    word = re.compile(rb"\b(?:%s)\b" % b"|".join([b"phase", *(re.escape(name.encode()) for name in names)]))
    globs = [glob.partition("::")[0] for glob in table]
    return frozenset(
        path
        for path, text in modules.items()
        if any(_declares(phase, path) for phase in phases)
        or any(matches(glob, path) for glob in globs)
        or word.search(text)
    )


def _declares(phase: Phase, path: str) -> bool:
    files = (file.path for file in phase.files if file.action is not Action.DELETE)
    return any(matches(file, path) for file in files) or any(
        test.file and ends_with(path, test.file) for test in phase.tests
    )


def _has_a_place(phase: Phase, test: DeclaredTest, modules: Mapping[str, bytes]) -> bool:
    """Whether a declared test can stand nowhere but in files that are collected anyway."""
    defined = re.compile(rb"\bdef\s+%s\b" % re.escape(test.name.encode()))
    return test.file is not None or any(
        defined.search(text) for path, text in modules.items() if _declares(phase, path)
    )


def _is_there(accepted: BaselineTest, modules: Mapping[str, bytes]) -> bool:
    path, *_, name = accepted.test.split("::")
    return not path.endswith(".py") or name.encode() in modules.get(path, b"")
