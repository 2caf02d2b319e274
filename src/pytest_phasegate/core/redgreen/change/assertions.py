"""Assertions and expected exceptions, each with how much it demands."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from copy import deepcopy
from enum import StrEnum
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import (
    FUNCTIONS,
    Function,
    constants,
    dump,
    identifiers,
    last_name,
)
from pytest_phasegate.core.redgreen.change.strength import (
    EXPECTING,
    Strength,
    always_holds,
    bound,
    set_in,
    slack,
    weigh,
    weighed,
)


class Liveness(StrEnum):
    """Whether an assertion can refuse: it can, only under a condition, its failure is caught, or it never runs."""

    LIVE = "live"
    GUARDED = "guarded"
    SWALLOWED = "swallowed"
    DEAD = "dead"


class Claim(NamedTuple):
    """One assertion.

    ``subject`` is what it is about (the left side), ``text`` the whole, ``words`` every identifier and literal of
    it, ``exceptions`` the expected ones of ``raises`` and ``warns``, ``matches`` whether their message is checked,
    ``slack`` the explicit tolerances (larger is looser), ``exact`` a check of truth that only one value stands, and
    ``about`` the names of the value that is claimed of, followed through the local variables of the test.
    """

    subject: str
    text: str
    strength: Strength
    words: frozenset[str]
    line: int
    liveness: Liveness = Liveness.LIVE
    exceptions: tuple[str, ...] = ()
    matches: bool = False
    slack: tuple[tuple[str, float], ...] = ()
    wildcards: int = 0
    exact: bool = False
    about: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    """The names on both sides of a comparison: of their value it says nothing."""
    place: frozenset[str] = frozenset()
    """The words of the subject."""
    root: str = ""
    """The variable that the subject is a part of."""
    wholes: tuple[str, ...] = ()
    """The calls of whose results the subject is a part."""
    of_parameters: bool = False
    """Whether it speaks of what its function is given, and of nothing else."""
    value: str = ""
    """The expression behind the subject: what a variable was last set to, or all that is done under ``raises``."""
    raised_by: str = ""
    """The expression that is all that is done under the ``raises`` of which exception it speaks."""


def words_of(node: ast.AST) -> frozenset[str]:
    """Return every identifier and every literal of a tree."""
    return frozenset((*identifiers(node), *constants(node)))


def alternatives(node: ast.expr) -> Sequence[ast.expr]:
    """Return what one expression names: the exceptions of a tuple, or the one that it is."""
    return node.elts if isinstance(node, ast.Tuple) else [node]


def expected(call: ast.Call, block: str) -> Claim:
    """Read ``raises(Error, match=...)`` and its kin; what runs under it is its subject."""
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    given = call.args[:1] or [keywords[name] for name in ("expected_exception", "exception") if name in keywords]
    regex = last_name(call).endswith("Regex") or "match" in keywords
    return Claim(
        subject=f"expects {block or dump(call.args[1:])}",
        text=dump(call),
        strength=Strength.EQUALITY,
        words=words_of(call),
        line=call.lineno,
        exceptions=_expected_exceptions(call, given),
        matches=regex,
        about=frozenset(name for argument in call.args[1:] for name in identifiers(argument)),
    )


def _expected_exceptions(call: ast.Call, given: Sequence[ast.expr]) -> tuple[str, ...]:
    """Return the names of what is expected; ``deprecated_call`` names the warnings of a deprecation."""
    if last_name(call) == "deprecated_call":
        return ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
    return tuple(last_name(item) for item in alternatives(given[0])) if given else ()


METHODS = {
    "assertEqual": Strength.EQUALITY,
    "assertEquals": Strength.EQUALITY,
    "assertAlmostEqual": Strength.EQUALITY,
    "assertIs": Strength.EQUALITY,
    "assertIsNone": Strength.EQUALITY,
    "assertFalse": Strength.EQUALITY,
    "assertIsInstance": Strength.KIND,
    "assertNotEqual": Strength.KIND,
    "assertIsNot": Strength.KIND,
    "assertTrue": Strength.TRUTH,
    "assertIsNotNone": Strength.TRUTH,
    "assert_called": Strength.TRUTH,
    "assert_awaited": Strength.TRUTH,
    "assert_called_once": Strength.KIND,
    "assert_awaited_once": Strength.KIND,
    "assert_any_call": Strength.RELATION,
    "assert_has_calls": Strength.RELATION,
    "assert_not_called": Strength.EQUALITY,
}
_ASSERTING = ("assert", "_assert", "verify", "expect")


def claims_in(statement: ast.stmt) -> Iterator[Claim]:
    """Read the calls of a plain statement that assert: methods of a TestCase, of a mock, helpers of that name."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            name = last_name(node)
            if name in EXPECTING:
                yield expected(node, "")
            elif name.startswith(_ASSERTING) or (name.startswith("check") and _is_whole(statement, node)):
                yield from _of_method(node, name)


def _is_whole(statement: ast.stmt, call: ast.Call) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return (value.value if isinstance(value, ast.Await) else value) is call


def _of_method(call: ast.Call, name: str) -> Iterator[Claim]:
    if name in {"assertTrue", "assertFalse", "assert_"} and call.args:
        test = call.args[0]
        negated = ast.UnaryOp(op=ast.Not(), operand=test)
        yield from claims_of_condition(negated if name == "assertFalse" else test, call.lineno)
        return
    equal = equality(call)
    if equal is not None:
        yield from claims_of_condition(equal, call.lineno)
        return
    receiver = dump(call.func.value) if name.startswith("assert_") and isinstance(call.func, ast.Attribute) else ""
    about = receiver or (dump(_about(call.args)) if call.args else dump(call.func))
    strength = Strength.EQUALITY if name.endswith("_with") else METHODS.get(name, Strength.RELATION)
    yield _claim(call, about, weighed(_about(call.args), strength) if call.args else strength, call.lineno)


def equality(call: ast.Call) -> ast.Compare | None:
    """Return what ``assertEqual`` and its kin say of two displays, which is something of each of their values."""
    if last_name(call).endswith("Equal") and len(call.args) > 1 and _places(*call.args[:2]):
        return _equal(*call.args[:2])
    return None


def _about(arguments: Sequence[ast.expr]) -> ast.expr:
    """Return the argument that is no literal, as ``assertEqual`` is called both ways round."""
    return next((argument for argument in arguments if not isinstance(argument, ast.Constant)), arguments[0])


def claims_of_condition(test: ast.expr, line: int) -> Iterator[Claim]:
    """Read one asserted expression; each part is a claim, and what always holds is none."""
    for part in (part.condition for part in parts_of(test)):
        if not always_holds(part):
            subject, strength = weigh(part)
            wholes, root = part_of(subject)
            told = _claim(part, dump(subject), strength, line)
            yield told._replace(place=words_of(subject), root=root, wholes=wholes)


def part_of(value: ast.expr) -> tuple[tuple[str, ...], str]:
    """Return the calls of whose results a value is a part, by attribute, item or method, and where it begins."""
    calls: list[str] = []
    while True:
        calls += [dump(value)] if isinstance(value, ast.Call) else []
        match value:
            case ast.Call(func=ast.Attribute(value=inner)) | ast.Attribute(value=inner) | ast.Subscript(value=inner):
                value = inner
            case _:
                return tuple(calls), value.id if isinstance(value, ast.Name) else ""


class Part(NamedTuple):
    """One of several claims that stand in one assertion, and what asks for it alone where the whole is made."""

    condition: ast.expr
    alone: ast.expr


def parts_of(test: ast.expr) -> Iterator[Part]:
    """Yield what an asserted expression claims, one by one: of an ``and``, of ``all``, of two displays, by place."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            yield from (part for value in values for part in parts_of(value))
        case ast.Call(
            func=ast.Name("all"), args=[ast.List(elts=[_, *_] as values) | ast.Tuple(elts=[_, *_] as values)]
        ):
            yield from (part for value in values for part in parts_of(value))
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if places := _places(left, right):
            for place, one, other in places:
                alone = _equal(*(ast.Subscript(side, place, ast.Load()) for side in (left, right)))
                inner = list(parts_of(_equal(one, other)))
                yield from inner if len(inner) > 1 else [Part(inner[0].condition, alone)]
        case _:
            yield Part(test, test)


def _equal(one: ast.expr, other: ast.expr) -> ast.Compare:
    return ast.Compare(one, [ast.Eq()], [other])


def _places(left: ast.expr, right: ast.expr) -> list[tuple[ast.expr, ast.expr, ast.expr]]:
    """Return the values of two displays that are compared with each other, by index or key."""
    match left, right:
        case (ast.Tuple(elts=ones), ast.Tuple(elts=others)) | (ast.List(elts=ones), ast.List(elts=others)) if len(
            ones
        ) == len(others) and not any(isinstance(one, ast.Starred) for one in (*ones, *others)):
            return [(ast.Constant(at), *both) for at, both in enumerate(zip(ones, others, strict=True))]
        case ast.Dict(keys=ones), ast.Dict(keys=others) if None not in (*ones, *others):
            values = {dump(key): value for key, value in zip(others, right.values, strict=True) if key}
            alike = values.keys() == {dump(key) for key in ones if key} and len(values) == len(ones)
            pairs = zip(ones, left.values, strict=True)
            return [(key, value, values[dump(key)]) for key, value in pairs if key] if alike else []
        case _:
            return []


class _Displayed(ast.NodeTransformer):
    """Puts the displays that local variables stand for into what is asserted of them."""

    def __init__(self, function: Function) -> None:
        targets = list(set_in(function))
        names = [name for target, _ in targets for name in bound(target)]
        shown = ((target.id, value) for target, value in targets if isinstance(target, ast.Name))
        displays = ((name, value) for name, value in shown if isinstance(value, (ast.Tuple, ast.List, ast.Dict)))
        self.displays = {name: value for name, value in displays if names.count(name) == 1}

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        match node.test:
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()] as ops, comparators=[right]) if (
                name in self.displays and _places(self.displays[name], right)
            ):
                return ast.copy_location(ast.Assert(ast.Compare(self.displays[name], ops, [right]), node.msg), node)
            case _:
                return node


def displayed(function: Function) -> Function:
    """Return a function in which assertions show the displays that its local variables stand for."""
    showing = _Displayed(function)
    shown = showing.visit(deepcopy(function)) if showing.displays else function
    return shown if isinstance(shown, FUNCTIONS) else function


def _claim(node: ast.expr, subject: str, strength: Strength, line: int) -> Claim:
    sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [*getattr(node, "args", ())][:2]
    return Claim(
        subject=subject,
        text=dump(node),
        strength=strength,
        words=words_of(node),
        line=line,
        slack=tuple(sorted(slack(node))),
        wildcards=sum(name == "ANY" for name in identifiers(node)),
        exact=_is_true(node),
        about=frozenset(identifiers(node)),
        repeated=frozenset.intersection(*map(frozenset, map(identifiers, sides))) if len(sides) > 1 else frozenset(),
    )


def _is_true(node: ast.expr) -> bool:
    """Whether a condition is ``... is True``."""
    match node:
        case ast.Compare(ops=[ast.Is()], comparators=[ast.Constant(value=True)]):
            return True
        case _:
            return False
