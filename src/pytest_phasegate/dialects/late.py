"""Dialects whose module is imported only for documents that hold one of their marks: most guides need one reader."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from pytest_phasegate.core.guide.markdown.document import Dialect, Document
from pytest_phasegate.core.guide.model import Guide


@dataclass(slots=True)
class BuiltIn:
    """A dialect of ours: how surely a document is of it, and how it is read."""

    name: str
    strength: Callable[[Document], float]
    reader: Callable[[Document], Guide]

    def read(self, document: Document, path: str) -> Guide:  # noqa: ARG002 - the document knows its path
        """Read the guide."""
        return self.reader(document)


@dataclass(slots=True)
class LateDialect:
    """A dialect by its name in a module.

    ``mark`` is a pattern without which the document is not of this dialect, ``home`` a piece of its path that
    stands in for it.
    """

    name: str
    module: str
    variable: str
    mark: str
    home: str = ""

    def strength(self, document: Document) -> float:
        """Return how surely the document is of this dialect."""
        at_home = bool(self.home) and self.home in f"/{document.path}"
        return self._dialect().strength(document) if at_home or re.search(self.mark, _text(document)) else 0.0

    def read(self, document: Document, path: str) -> Guide:
        """Read the guide."""
        return self._dialect().read(document, path)

    def _dialect(self) -> Dialect:
        module = importlib.import_module(f"pytest_phasegate.dialects.{self.module}")
        dialect: Dialect = getattr(module, self.variable)
        return dialect


@lru_cache(maxsize=1)
def _text(document: Document) -> str:
    return "\n".join(document.lines)


_NUMBERED = r"\]\*?[ \t]*(?:\*\*)?\d"
_LIST = (
    r"(?im)^[ \t]*#{2,6}[ \t].*(?:task|milestone|phase|implementation|action|execution|step|approach|plan|order"
    r"|sequence|roadmap|to[ -]?do|任务列表|タスク|작업 목록)|^[ \t]*\|[^\n]{3}"
)
LATE = (
    LateDialect("gsd", "gsd", "GSD", r"(?m)^[ \t]*<task[ >]"),
    LateDialect("taskmaster", "taskmaster", "TASKMASTER", r'"tasks"[ \t\n\r]*:[ \t\n\r]*\['),
    LateDialect(
        "superpowers", "superpowers", "SUPERPOWERS", r"\*\*Step \d|superpowers:|For agentic workers|For Claude:"
    ),
    LateDialect("spec-kit", "canonical", "SPEC_KIT", r"\]\*?[ \t]*(?:\*\*)?T\d{3}"),
    LateDialect("kiro", "numbered", "KIRO", _NUMBERED),
    LateDialect("openspec", "numbered", "OPENSPEC", _NUMBERED, home="/openspec/"),
    LateDialect("bmad", "listed", "BMAD", r"(?m)^[ \t]*#{1,6}[ \t].*(?:/|&|\b[^\W\d_]{1,3}\b)"),
    LateDialect("memory-bank", "listed", "MEMORY_BANK", r"(?i)sub-?tasks|\[[A-Z]+-?\d"),
    LateDialect("execplan", "listed", "EXECPLAN", r"(?i)decision log|discoveries|retrospective"),
    LateDialect("proposed-changes", "numbered", "PROPOSED_CHANGES", r"(?m)^[ \t]*#{1,6}[ \t]+[*_]*\["),
    LateDialect("task-list", "listed", "TASK_LIST", _LIST),
    LateDialect("prp", "numbered", "PRP", r"[^\W\d_]{3}[ \t]+\d|\*\*[^\n]{0,24}\d"),
)
"""The built-in dialects beside the canonical one, in the order they are asked."""
