"""Readers of Markdown guides: one dialect a file, all giving the same Guide."""

from __future__ import annotations

from pytest_phasegate.core.guide.markdown.document import Dialect
from pytest_phasegate.dialects.canonical import BY_WORD, CANONICAL, SPEC_KIT
from pytest_phasegate.dialects.gsd import GSD
from pytest_phasegate.dialects.listed import BMAD, EXECPLAN, MEMORY_BANK, TASK_LIST
from pytest_phasegate.dialects.numbered import KIRO, OPENSPEC, PROPOSED_CHANGES, PRP
from pytest_phasegate.dialects.superpowers import SUPERPOWERS
from pytest_phasegate.dialects.taskmaster import TASKMASTER

BUILT_IN: tuple[Dialect, ...] = (
    CANONICAL, *BY_WORD, GSD, TASKMASTER, SUPERPOWERS, SPEC_KIT, KIRO, OPENSPEC, BMAD, MEMORY_BANK, EXECPLAN,
    PROPOSED_CHANGES, TASK_LIST, PRP,
)  # fmt: skip
"""Ours; of dialects equally sure of a document, the first one reads it."""
