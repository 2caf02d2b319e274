"""Whether a green test shows what the code of a change does: which statements ran, and what stood in their place.

A test may do without what it does not ask about: a fake in the place of a service. It shows something as long as code
of the change runs that stands where it was written. Where none does, the test is green by what stands there.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import Moment
from pytest_phasegate.core.evidence.probe_records import ProbedCase, Replaced
from pytest_phasegate.core.project.syntax import DEFINITIONS, FUNCTIONS, Unreadable, dump, first_line, parse
from pytest_phasegate.core.redgreen.change.definitions import nodes_by_name, shell
from pytest_phasegate.core.redgreen.observed import SeenTest

Lines = Mapping[str, frozenset[int]]


class Changed(NamedTuple):
    """The definitions of one file that a change brings or alters: functions with their lines, and all other names."""

    functions: Mapping[str, range]
    names: frozenset[str]


def changed(before: str, after: str) -> Changed:
    """Compare the definitions of two versions of a file; of one that cannot be parsed, there are none."""
    known, now = _definitions(before), _definitions(after)
    differing = {
        name: nodes for name, nodes in now.items() if list(map(_text, known.get(name, ()))) != list(map(_text, nodes))
    }
    functions = {name: nodes[-1] for name, nodes in differing.items() if isinstance(nodes[-1], FUNCTIONS)}
    return Changed(
        {name: range(node.body[0].lineno, (node.end_lineno or 0) + 1) for name, node in functions.items()},
        frozenset(differing.keys() - functions.keys()) | (known.keys() - now.keys()),
    )


def _definitions(text: str) -> Mapping[str, list[ast.AST]]:
    module = parse("", text.encode())
    named = {} if isinstance(module, Unreadable) else nodes_by_name(module)
    return {name.replace("::", "."): nodes for name, nodes in named.items()}


def _text(node: ast.AST) -> str:
    return dump(list(shell(node)))


def in_doubt(tests: Iterable[SeenTest]) -> tuple[SeenTest, ...]:
    """Return the tests that went to green while something stood in the place of code."""
    return tuple(test for test in tests if test.fail_to_pass and test.replaced and not test.flaky)


def cleared(
    tests: Iterable[SeenTest], doubted: Collection[SeenTest], files: Mapping[str, Changed], seen: Lines | None
) -> tuple[SeenTest, ...]:
    """Return tests, those without their doubt of which it is no reason: they show what code of the change does.

    Args:
        tests: All of them.
        doubted: Those that are in doubt.
        files: What the change alters, by path.
        seen: The lines of these files that ran under those in doubt; ``None`` where nobody could watch.
    """
    free = {test.id for test in doubted if _shows_code(test.replaced, files, seen)}
    idle = {test.id for test in doubted} - free
    return tuple(test if test.id in idle else test._replace(replaced=()) for test in tests)


def _shows_code(replaced: Collection[Replaced], files: Mapping[str, Changed], seen: Lines | None) -> bool:
    if any(not one.path for one in replaced):
        return False
    if not any(file.functions for file in files.values()):
        return not any(_stands_for(replaced, path, name) for path, file in files.items() for name in file.names)
    return any(
        not (seen or {}).get(path, frozenset()).isdisjoint(lines) and not _stands_for(replaced, path, name)
        for path, file in files.items()
        for name, lines in file.functions.items()
    )


def _stands_for(replaced: Collection[Replaced], path: str, name: str) -> bool:
    """Whether one of what was replaced is a definition, or has it in it."""
    mine = (one.name for one in replaced if one.path == path)
    return any(not one or f"{name}.".startswith(f"{one}.") for one in mine)


HOLLOW = Replaced("", "", "")
"""Nothing stood in the place of code: with nothing in what the change brings the test is as green."""


def told(replaced: Collection[Replaced]) -> str:
    """Return why a test shows nothing of a change, in words that go on behind it."""
    first = min(replaced, key=lambda one: (one.path, one.name))
    if first == HOLLOW:
        return ": it passes, too, with nothing behind the names that the change brings"
    if not (first.path or first.name):
        return f": without what {first.maker} does unasked, it fails on this code"
    if not first.path:
        return f" while {first.name} of {first.maker} decides how it ends"
    return f" while {first.name or first.path} is replaced ({first.maker})"


def swaps_a_value(replaced: Iterable[Replaced]) -> bool:
    """Whether what stood in the place of something is a value: no function, no class, no double of one, no path."""
    return any(one.path and "/" not in one.maker and not one.maker.endswith(_NO_VALUES) for one in replaced)


_NO_VALUES = (".py", "Mock", "Path", "function", "method", "function_or_method", "type", "module", "partial")


def falls(cases: Iterable[ProbedCase]) -> bool:
    """Whether a test fails by what it asserts, not for want of something, nor of a world that was kept from it."""
    return any(
        case.moment is Moment.CALL and case.raised is not None and case.raised.name in {"AssertionError", "Failed"}
        for case in cases
        if not case.outcome.green
    )


_EXCLUDED = "pragma: no cover"
_SILENT = (ast.Global, ast.Nonlocal)


class Statement(NamedTuple):
    """One statement that runs: its first line, the last one of its head, and the last one of its blocks (from 1)."""

    first: int
    head: int
    last: int


def statements(source: str) -> tuple[Statement, ...]:
    """Return the statements of a module that can run; of one that cannot be parsed, none.

    Docstrings, ``...``, bare annotations, ``global`` and what is marked ``# pragma: no cover`` or stands under
    ``TYPE_CHECKING`` do not count.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(_of_block(tree.body, _lines(source)))


def touched(source: str, lines: frozenset[int]) -> frozenset[int]:
    """Return the first lines of the statements whose head stands on some of these lines."""
    return frozenset(one.first for one in statements(source) if not lines.isdisjoint(range(one.first, one.head + 1)))


def executed(source: str, lines: frozenset[int]) -> frozenset[int]:
    """Return the first lines of the statements that ran, by the lines a tracer saw.

    A head whose block ran has run: some versions of Python report no line for ``try`` or ``while True``.
    """
    return frozenset(one.first for one in statements(source) if not lines.isdisjoint(range(one.first, one.last + 1)))


def added_lines(before: str, after: str) -> frozenset[int]:
    """Return the lines of the second text that the first has not, from 1."""
    matcher = difflib.SequenceMatcher(None, _lines(before), _lines(after))
    spans = (range(start + 1, end + 1) for tag, _, _, start, end in matcher.get_opcodes() if tag != "equal")
    return frozenset(line for span in spans for line in span)


def _lines(source: str) -> list[str]:
    """Return the lines as Python counts them: ``str.splitlines`` ends one at a form feed, too."""
    return re.split(r"\r\n|\r|\n", source)


def _of_block(block: Iterable[ast.stmt], lines: Sequence[str]) -> Iterator[Statement]:
    for node in block:
        if _says_nothing(node) or _EXCLUDED in lines[node.lineno - 1]:
            continue
        yield _statement(node)
        for inner in _blocks(node):
            yield from _of_block(inner, lines)


def _statement(node: ast.stmt) -> Statement:
    first = first_line(node)
    last = node.end_lineno or node.lineno
    inner = [block[0] for block in _blocks(node) if block]
    head = min((first_line(one) - 1 for one in inner), default=last)
    # the block of a function runs when it is called, not when it is defined
    reach = head if isinstance(node, DEFINITIONS) else last
    return Statement(first, max(head, node.lineno), max(reach, node.lineno))


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
    for holder in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield holder.body


def _says_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
            return True
        case ast.If(test=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name == "TYPE_CHECKING"
        case _:
            return isinstance(node, _SILENT)
