"""Code that not every Python runs: what stands below a condition on ``sys.version_info``."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_phasegate.core.project.syntax import dump, is_silent

_COMPARED: MappingProxyType[type, Callable[[Any, Any], bool]] = MappingProxyType(
    {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}
)


class Branch(NamedTuple):
    """One way at a condition on the version of Python, with what stands there."""

    compare: Callable[[Any, Any], bool]
    version: tuple[int, ...]
    otherwise: bool
    text: str

    def runs_on(self, python: str) -> bool:
        """Whether a Python goes this way, told by its version as text."""
        here = tuple(map(int, re.findall(r"\d+", python)[:3]))
        return self.compare(here, self.version) is not self.otherwise


def new_branches(before: ast.Module, after: ast.Module) -> tuple[Branch, ...]:
    """Return what only some Pythons run of a module, and what stood nowhere in it before."""
    stood = dump(before)
    return tuple(branch for branch in _branches(after) if branch.text not in stood)


def _branches(tree: ast.Module) -> Iterator[Branch]:
    for node in ast.walk(tree):
        match node:
            case ast.If(test=ast.Compare(left=left, ops=[op], comparators=[ast.Tuple(elts=numbers)])) if type(
                op
            ) in _COMPARED and "version_info" in (getattr(one, "attr", "") for one in ast.walk(left)):
                version = tuple(
                    one.value for one in numbers if isinstance(one, ast.Constant) and type(one.value) is int
                )
                for block in (node.body, node.orelse):
                    if not all(map(is_silent, block)):
                        yield Branch(_COMPARED[type(op)], version, block is node.orelse, dump(block))
            case _:
                pass
