"""The marks that apply to a test: skips, xfail, characterization, and its parametrized cases."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.syntax import Function, dotted, dump, last_name
from pytest_phasegate.core.redgreen.change.assertions import words_of
from pytest_phasegate.core.redgreen.change.definitions import Entry


class Case(NamedTuple):
    """One parametrization: its values as text, the literals in it, and whether a mark lets it off."""

    text: str
    words: frozenset[str]
    let_off: bool = False


class Marks(NamedTuple):
    """What decorators, class decorators and ``pytestmark`` say about one test.

    ``skips`` are conditional ones, ``skipped`` says that one without condition applies. ``xfail`` is ``strict``,
    ``loose`` or empty; ``xfail_here`` says that it has a condition. ``cases`` are those of literal parametrizations;
    where they cannot be read it is ``None``.
    """

    skips: tuple[str, ...] = ()
    skipped: bool = False
    xfail: str = ""
    xfail_here: bool = False
    characterization: str | None = None
    cases: tuple[Case, ...] | None = ()


def marks_of(function: Function, entry: Entry, entries: Iterable[Entry], layout: Layout) -> Marks:
    """Read the marks of a test and of everything around it."""
    values = _assigned(entries)
    around = [decorator for outer in entry.classes for decorator in outer.decorator_list]
    always = [*function.decorator_list, *around, *_pytestmarks(entry, entries)]
    sometimes = [_resolved(mark, values) for mark in _pytestmarks(entry, entries, conditional=True)]
    marks = [_resolved(mark, values) for mark in always]
    conditional = [dump(mark) for mark in marks if _is_conditional_skip(mark)]
    conditional += [dump(mark) for mark in sometimes if last_name(mark) == "skip" or _is_conditional_skip(mark)]
    skipped = any(last_name(mark) == "skip" for mark in marks)
    marks += sometimes
    return Marks(
        skips=tuple(sorted([*conditional, *entry.conditions])),
        skipped=skipped,
        xfail=_xfail(marks, strict=layout.xfail_strict),
        xfail_here=any(map(_is_conditional_xfail, marks)),
        characterization=_characterization(marks),
        cases=_cases(marks, values),
    )


def _assigned(entries: Iterable[Entry]) -> dict[str, ast.expr]:
    """Return the values of simple assignments by qualified name, so that an alias of a mark can be followed."""
    return {
        entry.name: entry.node.value
        for entry in entries
        if isinstance(entry.node, (ast.Assign, ast.AnnAssign)) and entry.node.value is not None
    }


def _resolved(mark: ast.expr, values: dict[str, ast.expr]) -> ast.expr:
    value = values.get(mark.id) if isinstance(mark, ast.Name) else None
    return mark if value is None else value


def _pytestmarks(entry: Entry, entries: Iterable[Entry], *, conditional: bool = False) -> Iterator[ast.expr]:
    """Yield what ``pytestmark`` of the module and of the enclosing classes holds, in any case or below a condition."""
    prefixes = {"::".join(outer.name for outer in entry.classes[:depth]) for depth in range(len(entry.classes) + 1)}
    for other in entries:
        prefix, _, name = other.name.rpartition("::")
        if name != "pytestmark" or prefix not in prefixes or bool(other.conditions) is not conditional:
            continue
        if isinstance(other.node, (ast.Assign, ast.AnnAssign)):
            value = other.node.value
            if isinstance(value, (ast.List, ast.Tuple)):
                yield from value.elts
            elif value is not None:
                yield value


def _is_conditional_skip(mark: ast.expr) -> bool:
    """Whether a mark may skip: ``skipif`` and kin, or a decorator from elsewhere whose name says so."""
    name = last_name(mark)
    return name in {"skipif", "skipIf", "skipUnless"} or (
        name != "skip" and "skip" in name.lower() and bool(dotted(mark))
    )


def _xfail(marks: Iterable[ast.expr], *, strict: bool) -> str:
    for mark in marks:
        if last_name(mark) == "expectedFailure":
            return "strict"
        if last_name(mark) == "xfail":
            words = mark.keywords if isinstance(mark, ast.Call) else []
            said = next((getattr(word.value, "value", None) is True for word in words if word.arg == "strict"), strict)
            return "strict" if said else "loose"
    return ""


def _is_conditional_xfail(mark: ast.expr) -> bool:
    said = isinstance(mark, ast.Call) and (mark.args or any(word.arg == "condition" for word in mark.keywords))
    return bool(said) and last_name(mark) == "xfail"


def _characterization(marks: Iterable[ast.expr]) -> str | None:
    for mark in marks:
        if last_name(mark) == "characterization" and isinstance(mark, ast.Call):
            given = [*mark.args, *(word.value for word in mark.keywords)]
            why = next((item.value for item in given if isinstance(item, ast.Constant)), "")
            return str(why)
    return None


def _cases(marks: Iterable[ast.expr], values: dict[str, ast.expr]) -> tuple[Case, ...] | None:
    found: list[Case] = []
    for mark in marks:
        if last_name(mark) == "parametrize" and isinstance(mark, ast.Call):
            listed = _listed(mark, values)
            if listed is None:
                return None
            found.extend(_case(item, values) for item in listed)
    return tuple(found)


def _listed(mark: ast.Call, values: dict[str, ast.expr]) -> list[ast.expr] | None:
    """Return the literal cases of a parametrization; ``None`` where they are computed."""
    named = (word.value for word in mark.keywords if word.arg == "argvalues")
    given = mark.args[1] if len(mark.args) > 1 else next(named, None)
    value = _resolved(given, values) if given is not None else None
    if not isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return None
    return None if any(isinstance(item, ast.Starred) for item in value.elts) else value.elts


def _case(item: ast.expr, values: dict[str, ast.expr]) -> Case:
    """Read one case; the id of a ``pytest.param`` is only a name."""
    if isinstance(item, ast.Call) and last_name(item) == "param":
        marks = [word.value for word in item.keywords if word.arg == "marks"]
        nodes = (node for mark in marks for node in ast.walk(_resolved(mark, values)))
        let_off = any(last_name(node) in _LETTING_OFF for node in nodes)
        return Case(dump(item.args), words_of(ast.Tuple(elts=item.args)), let_off)
    return Case(dump(item.elts if isinstance(item, ast.Tuple) else item), words_of(item))


_LETTING_OFF = frozenset({"skip", "skipif", "xfail"})
