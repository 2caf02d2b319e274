"""What a test claims: its assertions, expected exceptions and skips, with how much each of them demands."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import (
    FUNCTIONS,
    Function,
    constants,
    dotted,
    dump,
    identifiers,
    is_silent,
    last_name,
)
from pytest_phasegate.core.redgreen.change.strength import (
    Sources,
    Strength,
    always_holds,
    bound,
    set_in,
    slack,
    weigh,
    weighed,
)


class Reach(StrEnum):
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
    reach: Reach = Reach.LIVE
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
    of_parameters: bool = False
    """Whether it speaks of what its function is given, and of nothing else."""


class Claims(NamedTuple):
    """Everything one function claims; ``skips`` counts the calls that leave it without a verdict.

    ``idle`` says that it names nothing but its own and Python's, or only returns what it compared: it ends as it does
    whatever any other code does.
    """

    claims: tuple[Claim, ...] = ()
    skips: int = 0
    empty: bool = False
    words: frozenset[str] = frozenset()
    idle: bool = False
    named: tuple[tuple[int, frozenset[str]], ...] = ()
    """By the line on which a statement begins, the names of the values that it speaks of."""
    done: tuple[str, ...] = ()
    """What its statements do in their order, whatever numbers and texts they are given."""

    def about(self, line: int) -> frozenset[str]:
        """Return the names of the values that the statement on a line speaks of."""
        return max((item for item in self.named if item[0] <= line), default=(0, frozenset[str]()), key=itemgetter(0))[
            1
        ]


def claims_of(function: ast.FunctionDef | ast.AsyncFunctionDef, modules: frozenset[str] = frozenset()) -> Claims:
    """Read one function; ``modules`` are the names of modules that its file imports."""
    function = displayed(function)
    sources, caught = Sources.of(function, modules), frozenset(_caught(function))
    given = frozenset(argument.arg for argument in (*function.args.posonlyargs, *function.args.args))
    return Claims(
        claims=tuple(_told(claim, sources, caught, given) for claim in _of_block(function.body, Reach.LIVE)),
        skips=sum(_is_skip(node) for statement in function.body for node in ast.walk(statement)),
        empty=not dump(function.body),
        words=words_of(function) - {function.name},
        idle=_is_idle(function, Sources.of(function)),
        named=tuple((node.lineno, sources.behind(_spoken_of(node))) for node in _statements(function)),
        done=tuple(_done(statement) for statement in function.body if not is_silent(statement)),
    )


def _done(statement: ast.stmt) -> str:
    """Write a statement without its numbers and texts, and without the name that it gives to a value."""
    bare: ast.AST = statement
    match statement:
        case ast.Expr(value=value) | ast.Assign(targets=[ast.Name()], value=value):
            bare = value
    return dump(bare, lambda node: ast.Constant(value="") if _is_given(node) else node)


def _is_given(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in {int, float, str, bytes}


def _statements(function: Function) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function)


def _spoken_of(statement: ast.stmt) -> Iterator[str]:
    """Yield the names of a statement, without those of its blocks; of what fails at its end, as ``raises``, all."""
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return identifiers(statement)
    inner = (node for node in ast.iter_child_nodes(statement) if not isinstance(node, (ast.stmt, ast.ExceptHandler)))
    return (name for node in inner for name in identifiers(node))


def _is_idle(function: ast.FunctionDef | ast.AsyncFunctionDef, own: Sources) -> bool:
    makers = [item for item in function.decorator_list if _may_make(item)]
    inner = ast.Module([*function.body, *map(ast.Expr, makers)], [])
    imports = any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.walk(inner))
    if not makers and _only_returns(function.body):
        return True
    return not (imports or own.parameters - _OWN or own.foreign(identifiers(inner)) - _METHODS.keys())


def _only_returns(body: Sequence[ast.stmt]) -> bool:
    """Whether what is compared is returned, which pytest does not look at, and nothing else is done with it."""
    *before, last = body
    returned = last.value if isinstance(last, ast.Return) else None
    return isinstance(returned, (ast.Compare, ast.BoolOp)) and all(
        isinstance(one, (ast.Assign, ast.AnnAssign)) for one in before
    )


_OWN = frozenset({"self", "cls"})


def _may_make(decorator: ast.expr) -> bool:
    """Whether a decorator may do something by itself: any but a mark of pytest that brings no fixture."""
    return not dotted(decorator).startswith("pytest.mark.") or last_name(decorator) == "usefixtures"


def _told(claim: Claim, sources: Sources, caught: frozenset[str], given: frozenset[str]) -> Claim:
    """Return a claim with what stands behind it; how it reaches into an expected exception says nothing."""
    words = claim.words if caught.isdisjoint(claim.place) else claim.words - claim.place
    repeated = sources.behind(claim.repeated)
    return claim._replace(
        about=sources.behind(claim.about), repeated=repeated, words=words, of_parameters=words <= given
    )


def _caught(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield the variables that ``with raises(...) as e`` and its kin set."""
    for node in ast.walk(function):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if isinstance(item.optional_vars, ast.Name) and last_name(item.context_expr) in EXPECTING:
                    yield item.optional_vars.id


def words_of(node: ast.AST) -> frozenset[str]:
    """Return every identifier and every literal of a tree."""
    return frozenset((*identifiers(node), *constants(node)))


def _of_block(statements: Iterable[ast.stmt], reach: Reach) -> Iterator[Claim]:
    for statement in statements:
        yield from _of_statement(statement, reach)
        if isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break)) or _always_skips(statement):
            reach = Reach.DEAD


def _of_statement(statement: ast.stmt, reach: Reach) -> Iterator[Claim]:
    match statement:
        case ast.Assert(test=test):
            yield from (_reaching(claim, reach) for claim in _of_condition(test, statement.lineno))
        case ast.If():
            yield from _of_if(statement, reach)
        case ast.Try() | ast.TryStar():
            yield from _of_try(statement, reach)
        case ast.With() | ast.AsyncWith():
            yield from _of_with(statement, reach)
        case ast.For() | ast.AsyncFor() | ast.While():
            yield from _of_block(statement.body, reach)
            yield from _of_block(statement.orelse, reach)
        case ast.Match():
            yield from (claim for case in statement.cases for claim in _of_block(case.body, reach))
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from _of_block(statement.body, reach)
        case _:
            yield from (_reaching(claim, reach) for claim in claims_in(statement))


def _reaching(claim: Claim, reach: Reach) -> Claim:
    return claim if reach is Reach.LIVE else claim._replace(reach=reach)


def _of_if(statement: ast.If, reach: Reach) -> Iterator[Claim]:
    """Claims in both branches are as good as unconditional; in one of them they hang on its condition."""
    constant = bool(statement.test.value) if isinstance(statement.test, ast.Constant) else None
    if constant is not None:
        yield from _of_block(statement.body, reach if constant else Reach.DEAD)
        yield from _of_block(statement.orelse, Reach.DEAD if constant else reach)
        return
    body, orelse = list(_of_block(statement.body, reach)), list(_of_block(statement.orelse, reach))
    guarded = reach is Reach.LIVE and not (body and orelse)
    yield from ((_reaching(claim, Reach.GUARDED) if guarded and claim.reach is reach else claim) for claim in body)
    yield from ((_reaching(claim, Reach.GUARDED) if guarded and claim.reach is reach else claim) for claim in orelse)


def _of_try(statement: ast.Try | ast.TryStar, reach: Reach) -> Iterator[Claim]:
    if any(isinstance(node, ast.Raise) or _is_failure(node) for item in statement.orelse for node in ast.walk(item)):
        yield _reaching(_of_caught(statement), reach)
    swallowed = reach in {Reach.LIVE, Reach.GUARDED} and any(map(_swallows, statement.handlers))
    yield from _of_block(statement.body, Reach.SWALLOWED if swallowed else reach)
    for handler in statement.handlers:
        yield from _of_block(handler.body, reach)
    yield from _of_block([*statement.orelse, *statement.finalbody], reach)


def _of_caught(statement: ast.Try | ast.TryStar) -> Claim:
    """Read ``try: ... except Error: ... else: raise``, which expects the error as ``raises`` does."""
    caught = [item for handler in statement.handlers if handler.type for item in _alternatives(handler.type)]
    return Claim(
        subject=f"expects {dump(statement.body)}",
        text=dump(statement),
        strength=Strength.EQUALITY,
        words=words_of(ast.Module(statement.body, [])) | {last_name(item) for item in caught},
        line=statement.lineno,
        exceptions=tuple(map(last_name, caught)),
        about=frozenset(identifiers(ast.Module(statement.body, []))),
    )


_CATCH_ALL = frozenset({"AssertionError", "Exception", "BaseException"})


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches a failed assertion and says nothing."""
    caught = handler.type
    names = {""} if caught is None else {last_name(item) for item in _alternatives(caught)}
    speaks = any(isinstance(node, ast.Raise) or _is_failure(node) for item in handler.body for node in ast.walk(item))
    return bool(names & {"", *_CATCH_ALL}) and not speaks and not list(_of_block(handler.body, Reach.LIVE))


def _is_failure(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node) == "fail"


def _alternatives(node: ast.expr) -> Sequence[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _of_with(statement: ast.With | ast.AsyncWith, reach: Reach) -> Iterator[Claim]:
    for item in statement.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and last_name(call) in EXPECTING:
            block = ast.Module(statement.body, [])
            expected = _of_expected(call, dump(statement.body))._replace(about=frozenset(identifiers(block)))
            yield _reaching(expected, reach)
            if not _CATCH_ALL.isdisjoint(expected.exceptions) and reach is not Reach.DEAD:
                reach = Reach.SWALLOWED
        if isinstance(call, ast.Call) and last_name(call) == "suppress" and _catches_all(call.args):
            reach = Reach.SWALLOWED if reach is not Reach.DEAD else reach
    yield from _of_block(statement.body, reach)


def _catches_all(exceptions: Sequence[ast.expr]) -> bool:
    return any(last_name(item) in _CATCH_ALL for item in exceptions)


EXPECTING = frozenset({
    "raises", "warns", "deprecated_call", "RaisesGroup", "RaisesExc", "assertRaises", "assertRaisesRegex",
    "assertWarns", "assertWarnsRegex", "assertLogs", "assertNoLogs",
})  # fmt: skip


def _of_expected(call: ast.Call, block: str) -> Claim:
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
    return tuple(last_name(item) for item in _alternatives(given[0])) if given else ()


_METHODS = {
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
                yield _of_expected(node, "")
            elif name.startswith(_ASSERTING) or (name.startswith("check") and _is_whole(statement, node)):
                yield from _of_method(node, name)


def _is_whole(statement: ast.stmt, call: ast.Call) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return (value.value if isinstance(value, ast.Await) else value) is call


def _of_method(call: ast.Call, name: str) -> Iterator[Claim]:
    if name in {"assertTrue", "assertFalse", "assert_"} and call.args:
        test = call.args[0]
        negated = ast.UnaryOp(op=ast.Not(), operand=test)
        yield from _of_condition(negated if name == "assertFalse" else test, call.lineno)
        return
    equal = _equality(call)
    if equal is not None:
        yield from _of_condition(equal, call.lineno)
        return
    receiver = dump(call.func.value) if name.startswith("assert_") and isinstance(call.func, ast.Attribute) else ""
    about = receiver or (dump(_about(call.args)) if call.args else dump(call.func))
    strength = Strength.EQUALITY if name.endswith("_with") else _METHODS.get(name, Strength.RELATION)
    yield _claim(call, about, weighed(_about(call.args), strength) if call.args else strength, call.lineno)


def _equality(call: ast.Call) -> ast.Compare | None:
    """Return what ``assertEqual`` and its kin say of two displays, which is something of each of their values."""
    if last_name(call).endswith("Equal") and len(call.args) > 1 and _places(*call.args[:2]):
        return _equal(*call.args[:2])
    return None


def condition_of(statement: ast.stmt) -> ast.expr | None:
    """Return what a statement asserts of several values, one by one."""
    match statement:
        case ast.Assert(test=test):
            return test
        case ast.Expr(value=ast.Call() as call):
            return _equality(call)
        case _:
            return None


def _about(arguments: Sequence[ast.expr]) -> ast.expr:
    """Return the argument that is no literal, as ``assertEqual`` is called both ways round."""
    return next((argument for argument in arguments if not isinstance(argument, ast.Constant)), arguments[0])


def _of_condition(test: ast.expr, line: int) -> Iterator[Claim]:
    """Read one asserted expression; each part is a claim, and what always holds is none."""
    for part in (part.condition for part in parts_of(test)):
        if not always_holds(part):
            subject, strength = weigh(part)
            yield _claim(part, dump(subject), strength, line)._replace(place=words_of(subject))


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


_SKIPPING = frozenset({"skip", "skipTest", "xfail", "importorskip"})


def _is_skip(node: ast.AST) -> bool:
    """Whether a node leaves the test without a verdict (a mark of the same name is a decorator, read elsewhere)."""
    if isinstance(node, ast.Raise):
        return last_name(node.exc) == "SkipTest" or dotted(node.exc).endswith("skip.Exception")
    if not isinstance(node, ast.Call) or last_name(node) not in _SKIPPING:
        return False
    return "mark" not in dotted(node).split(".")


def _always_skips(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr) and _is_skip(statement.value) and last_name(statement.value) != "importorskip"
    )
