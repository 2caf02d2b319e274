"""What a test claims: each assertion of its blocks with whether it can refuse, and what leaves it without a verdict."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import (
    Function,
    dotted,
    dump,
    identifiers,
    is_silent,
    last_name,
)
from pytest_phasegate.core.redgreen.change.assertions import (
    METHODS,
    Claim,
    Liveness,
    alternatives,
    claims_in,
    claims_of_condition,
    displayed,
    expected,
    part_of,
    words_of,
)
from pytest_phasegate.core.redgreen.change.strength import EXPECTING, Sources, Strength, set_in


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


def claims_of(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    modules: frozenset[str] = frozenset(),
    defined: frozenset[str] = frozenset(),
) -> Claims:
    """Read one function; ``modules`` are the names of modules that its file imports, ``defined`` all that it has."""
    function = displayed(function)
    sources, caught = Sources.of(function, modules, defined), frozenset(name for _, name, _ in _caught(function))
    given = frozenset(argument.arg for argument in (*function.args.posonlyargs, *function.args.args))
    told = (_told(claim, sources, caught, given) for claim in _of_block(function.body, Liveness.LIVE))
    return Claims(
        claims=tuple(_valued(told, function)),
        skips=sum(_is_skip(node) for statement in function.body for node in ast.walk(statement)),
        empty=not dump(function.body),
        words=words_of(function) - {function.name},
        idle=_is_idle(function, Sources.of(function, defined=_PYTHONS if "*" in defined else defined)),
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


_PYTHONS = frozenset(dir(builtins))
"""What a file that imports all of a module may have of its own, too."""


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
    reaches = any(isinstance(node, (ast.Import, ast.ImportFrom)) or _is_of_self(node) for node in ast.walk(inner))
    if not makers and _only_returns(function.body):
        return True
    given = own.parameters - _OWN - {name for item in function.decorator_list for name in _listed(item)}
    return not (reaches or given or own.foreign(identifiers(inner)) - METHODS.keys())


def _listed(decorator: ast.expr) -> Sequence[str]:
    """Return the parameters that a mark fills with values which stand in it."""
    match decorator:
        case ast.Call(args=[ast.Constant(value=str() as names), values], keywords=[]) if dotted(
            decorator
        ) == "pytest.mark.parametrize" and not set(identifiers(values)):
            return [name.strip() for name in names.split(",")]
        case _:
            return ()


def _is_of_self(node: ast.AST) -> bool:
    """Whether a node is a value of the test's class, which may come from anywhere."""
    return isinstance(node, ast.Attribute) and dotted(node.value) in _OWN and node.attr not in METHODS


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


def _valued(claims: Iterable[Claim], function: Function) -> Iterator[Claim]:
    """Yield claims with the expression behind the subject of each."""
    variables = [(target, value) for target, value in set_in(function) if isinstance(target, ast.Name)]
    known = sorted((target.lineno, dump(target), dump(value)) for target, value in variables)
    caught = sorted(_caught(function))
    for claim in claims:
        behind = [value for line, name, value in known if name == claim.subject and line < claim.line]
        raised = [done for line, name, done in caught if name in claim.place and line < claim.line]
        value, raised_by = claim.value or (behind or [claim.subject])[-1], (raised or [""])[-1]
        yield claim._replace(value=value, raised_by=raised_by, wholes=_wholes(claim, variables))


def _wholes(claim: Claim, variables: Sequence[tuple[ast.Name, ast.AST]]) -> tuple[str, ...]:
    """Return the calls of whose results a claim speaks of a part, through the variables that were last set to them."""
    found, root, line = claim.wholes, claim.root, claim.line
    while values := [(one.lineno, value) for one, value in variables if one.id == root and one.lineno < line]:
        line, value = max(values, key=itemgetter(0))
        calls, root = part_of(value) if isinstance(value, ast.expr) else ((), "")
        found += calls
    return found


def _caught(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, str, str]]:
    """Yield the variables that ``with raises(...) as e`` and its kin set, with its line and what is done under it."""
    for node in ast.walk(function):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if isinstance(item.optional_vars, ast.Name) and last_name(item.context_expr) in EXPECTING:
                    yield node.lineno, item.optional_vars.id, _alone(node.body)


def _of_block(statements: Iterable[ast.stmt], liveness: Liveness) -> Iterator[Claim]:
    for statement in statements:
        yield from _of_statement(statement, liveness)
        if isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break)) or _always_skips(statement):
            liveness = Liveness.DEAD


def _of_statement(statement: ast.stmt, liveness: Liveness) -> Iterator[Claim]:
    match statement:
        case ast.Assert(test=test):
            yield from (_with_liveness(claim, liveness) for claim in claims_of_condition(test, statement.lineno))
        case ast.If():
            yield from _of_if(statement, liveness)
        case ast.Try() | ast.TryStar():
            yield from _of_try(statement, liveness)
        case ast.With() | ast.AsyncWith():
            yield from _of_with(statement, liveness)
        case ast.For() | ast.AsyncFor() | ast.While():
            yield from _of_block(statement.body, liveness)
            yield from _of_block(statement.orelse, liveness)
        case ast.Match():
            yield from (claim for case in statement.cases for claim in _of_block(case.body, liveness))
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from _of_block(statement.body, liveness)
        case _:
            yield from (_with_liveness(claim, liveness) for claim in claims_in(statement))


def _with_liveness(claim: Claim, liveness: Liveness) -> Claim:
    return claim if liveness is Liveness.LIVE else claim._replace(liveness=liveness)


def _of_if(statement: ast.If, liveness: Liveness) -> Iterator[Claim]:
    """Claims in both branches are as good as unconditional; in one of them they hang on its condition."""
    constant = bool(statement.test.value) if isinstance(statement.test, ast.Constant) else None
    if constant is not None:
        yield from _of_block(statement.body, liveness if constant else Liveness.DEAD)
        yield from _of_block(statement.orelse, Liveness.DEAD if constant else liveness)
        return
    body, orelse = list(_of_block(statement.body, liveness)), list(_of_block(statement.orelse, liveness))
    guarded = liveness is Liveness.LIVE and not (body and orelse)
    for claim in (*body, *orelse):
        yield _with_liveness(claim, Liveness.GUARDED) if guarded and claim.liveness is liveness else claim


def _of_try(statement: ast.Try | ast.TryStar, liveness: Liveness) -> Iterator[Claim]:
    if any(isinstance(node, ast.Raise) or _is_failure(node) for item in statement.orelse for node in ast.walk(item)):
        yield _with_liveness(_of_caught(statement), liveness)
    swallowed = liveness in {Liveness.LIVE, Liveness.GUARDED} and any(map(_swallows, statement.handlers))
    yield from _of_block(statement.body, Liveness.SWALLOWED if swallowed else liveness)
    for handler in statement.handlers:
        yield from _of_block(handler.body, liveness)
    yield from _of_block([*statement.orelse, *statement.finalbody], liveness)


def _of_caught(statement: ast.Try | ast.TryStar) -> Claim:
    """Read ``try: ... except Error: ... else: raise``, which expects the error as ``raises`` does."""
    caught = [item for handler in statement.handlers if handler.type for item in alternatives(handler.type)]
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
    names = {""} if caught is None else {last_name(item) for item in alternatives(caught)}
    speaks = any(isinstance(node, ast.Raise) or _is_failure(node) for item in handler.body for node in ast.walk(item))
    return bool(names & {"", *_CATCH_ALL}) and not speaks and not list(_of_block(handler.body, Liveness.LIVE))


def _is_failure(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node) == "fail"


def _of_with(statement: ast.With | ast.AsyncWith, liveness: Liveness) -> Iterator[Claim]:
    for item in statement.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and last_name(call) in EXPECTING:
            block = ast.Module(statement.body, [])
            claim = expected(call, dump(statement.body))
            claim = claim._replace(about=frozenset(identifiers(block)), value=_alone(statement.body))
            yield _with_liveness(claim, liveness)
            if not _CATCH_ALL.isdisjoint(claim.exceptions) and liveness is not Liveness.DEAD:
                liveness = Liveness.SWALLOWED
        if (
            isinstance(call, ast.Call)
            and last_name(call) == "suppress"
            and any(last_name(item) in _CATCH_ALL for item in call.args)
        ):
            liveness = Liveness.SWALLOWED if liveness is not Liveness.DEAD else liveness
    yield from _of_block(statement.body, liveness)


def _alone(block: Sequence[ast.stmt]) -> str:
    """Return the expression that is all of a block; of any other block nothing."""
    match block:
        case [ast.Expr(value=value) | ast.Assign(value=value)]:
            return dump(value)
        case _:
            return ""


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
