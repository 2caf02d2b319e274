"""A test module as its tests and its helpers, each with a digest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.syntax import FUNCTIONS, Unreadable, digest, dump, last_name, parse
from pytest_phasegate.core.redgreen.change.assertions import Claim
from pytest_phasegate.core.redgreen.change.definitions import Entry, Reach, by_name, entries_of, shell
from pytest_phasegate.core.redgreen.change.digests import (
    Text,
    annotations_of,
    common_text,
    core_of,
    digest_of,
    functions_of,
    given,
    is_test,
    stand_ins,
)
from pytest_phasegate.core.redgreen.change.marks import Marks, marks_of
from pytest_phasegate.core.redgreen.change.strength import Strength, modules_in
from pytest_phasegate.core.redgreen.change.test_claims import Claims, claims_of


@dataclass(frozen=True, slots=True)
class TestFunction:
    """A test as its text defines it, whatever class collects it.

    ``digest`` covers parameters, body and decorators, not the name, so that a renamed test keeps it; ``core`` leaves
    the decorators out. Docstrings and positions count in neither, nor do the annotations of the signature, which stand
    apart: they make a changed test, and what was seen of it before they came stays true. ``line`` counts from 1,
    ``collected`` says whether pytest would find it where it stands (a mixin's tests it finds elsewhere).
    """

    __test__ = False

    id: TestId
    name: str
    line: int
    digest: str
    core: str
    annotations: str
    collected: bool
    marks: Marks
    claims: Claims
    stand_ins: tuple[str, frozenset[str]] = ("", frozenset())
    """What it does but for what the functions in it take, and the names of that."""
    given: tuple[str, frozenset[tuple[str, str]]] = ("", frozenset())
    """What it does but for the attributes that it gives, and the name and the text of each of these."""


def as_test(test: TestId, text: str) -> TestFunction:
    """Return a test that is no function, such as the examples of a document: it may ask about each of its words."""
    words = frozenset(re.findall(r"[^\W\d]\w+", text))
    claim = Claim("", text, Strength.EQUALITY, words, line=1, about=words)
    claims = Claims((claim,), words=words)
    return TestFunction(test, test.rpartition("::")[2], 1, digest(text), digest(text), "", True, Marks(), claims)


class Helper(NamedTuple):
    """Anything else that a test module defines: a fixture, a function, a class without its body, a constant."""

    name: str
    digest: str
    claims: Claims | None = None

    def new_claims(self, before: Helper | None) -> tuple[Claim, ...]:
        """Return what this version claims and the one before did not."""
        known = {claim.text for claim in before.claims.claims} if before and before.claims else set()
        return tuple(claim for claim in (self.claims.claims if self.claims else ()) if claim.text not in known)


@dataclass(frozen=True, slots=True)
class TestModule:
    """A file of the test side, read: all of it, or what another version of it does not hold by the same text.

    ``support`` names the helpers each test can reach within the file; ``standing`` are all its tests, read or not.
    """

    __test__ = False

    path: str
    tests: Mapping[TestId, TestFunction]
    helpers: Mapping[str, Helper]
    entries: tuple[Entry, ...] = field(default=(), repr=False, compare=False)
    standing: frozenset[TestId] = field(default=frozenset(), repr=False, compare=False)

    def support(self) -> Mapping[TestId, frozenset[str]]:
        """Return the helpers that each test can reach by name; this takes longer than the digests."""
        helpers = [entry for entry in self.entries if TestId(f"{self.path}::{entry.name}") not in self.standing]
        reach = Reach(helpers)
        return {
            test: reach.support_of(entry)
            for entry in self.entries
            if (test := TestId(f"{self.path}::{entry.name}")) in self.standing
        }

    def claims_reached(
        self, name: str, before: TestModule, others: Iterable[tuple[TestModule, TestModule]] = ()
    ) -> tuple[Claim, ...]:
        """Return what the helpers that a definition reaches claim now, and did not in the version before.

        Args:
            name: The definition's name within the file.
            before: The file as it was.
            others: Other files that differ, before and after: helpers may be imported from them.
        """
        own = [(helper.name, helper.new_claims(before.helpers.get(helper.name))) for helper in self.helpers.values()]
        brought = [
            (called, helper.new_claims(old.helpers.get(helper.name)))
            for old, new in others
            for called, helper in self._imported(new)
        ]
        fresh = [(called, claims) for called, claims in (*own, *brought) if claims]
        reach = _certain_reach(self.entries) if fresh else Reach(())
        entry = next((entry for entry in reversed(reach.entries) if entry.name == name), None)
        reached = reach.support_of(entry) if entry else frozenset()
        return tuple(claim for called, claims in fresh if called in reached and called != name for claim in claims)

    def _imported(self, other: TestModule) -> Iterator[tuple[str, Helper]]:
        """Yield the helpers of another file that this one imports, each under its name here."""
        stem = other.path.rpartition("/")[2].removesuffix(".py")
        for entry in self.entries:
            match entry.node:
                case ast.ImportFrom(module=str(module), names=[alias]) if module.rpartition(".")[2] == stem:
                    if helper := other.helpers.get(alias.name):
                        yield entry.name, helper


@lru_cache(maxsize=2)
def _certain_reach(entries: tuple[Entry, ...]) -> Reach:
    """Return what reaches what for sure; kept, because every test of a file asks for it."""
    return Reach(tuple(map(certain, entries)))


def read_tests(path: str, source: bytes, layout: Layout) -> TestModule | Unreadable:
    """Read a Python file of the test side; a file that cannot be parsed is a fact, not an error."""
    tree = parse(path, source)
    if isinstance(tree, Unreadable):
        return tree
    try:
        return _read(path, tree, layout)
    except RecursionError:
        return Unreadable(path, "nested too deeply to be read")


def read_versions(
    path: str, before: bytes, after: bytes, layout: Layout
) -> tuple[TestModule | Unreadable, TestModule | Unreadable]:
    """Read both versions of a file, without what stands in both by the same text: it is the same test or helper.

    Most of a file that changes stays as it is, and reading it would take most of the time.
    """
    trees = parse(path, before), parse(path, after)
    if isinstance(trees[0], Unreadable) or isinstance(trees[1], Unreadable):
        return read_tests(path, before, layout), read_tests(path, after, layout)
    try:
        same = common_text(Text(trees[0], before), Text(trees[1], after))
        return _read(path, trees[0], layout, same), _read(path, trees[1], layout, same)
    except RecursionError:
        fault = Unreadable(path, "nested too deeply to be read")
        return fault, fault


def _read(path: str, tree: ast.Module, layout: Layout, same: frozenset[str] = frozenset()) -> TestModule:
    entries = entries_of(tree)
    groups = by_name(entries)
    standing = {name: TestId(f"{path}::{name}") for name, group in groups.items() if is_test(group[-1], layout)}
    read = {name: group for name, group in groups.items() if name not in same}
    modules = frozenset(name for item in tree.body for name in modules_in(item) if isinstance(item, ast.Import))
    names = modules, frozenset(groups)
    tests = {test: _test(test, read[name], entries, names, layout) for name, test in standing.items() if name in read}
    helpers = {name: _helper(name, group, names[1]) for name, group in read.items() if name not in standing}
    return TestModule(path, tests, helpers, entries, frozenset(standing.values()))


def _test(
    test_id: TestId, group: list[Entry], entries: tuple[Entry, ...], names: tuple[frozenset[str], ...], layout: Layout
) -> TestFunction:
    functions = functions_of(group)
    last, is_module = group[-1], layout.is_collected(file_of(test_id))
    return TestFunction(
        id=test_id,
        name=last.last,
        line=functions[-1].lineno,
        digest=digest_of(group),
        core=digest(*map(core_of, functions)),
        annotations="".join(map(annotations_of, functions)),
        collected=is_module and all(_is_collected(outer, layout) for outer in last.classes),
        marks=marks_of(functions[-1], last, entries, layout),
        claims=claims_of(functions[-1], *names),
        stand_ins=stand_ins(functions[-1]),
        given=given(functions[-1]),
    )


def _is_collected(outer: ast.ClassDef, layout: Layout) -> bool:
    """Whether pytest collects a class: by its name, or because one of its bases looks like a TestCase."""
    off = any(isinstance(item, ast.Assign) and dump(item) == _NOT_A_TEST for item in outer.body)
    return not off and (
        layout.is_test_class(outer.name) or any(last_name(base).endswith("TestCase") for base in outer.bases)
    )


_NOT_A_TEST = dump(ast.parse("__test__ = False").body)


def _helper(name: str, group: list[Entry], defined: frozenset[str]) -> Helper:
    nodes = [entry.node for entry in group]
    conditions = [text for entry in group for text in entry.conditions]
    function = next((node for node in reversed(nodes) if isinstance(node, FUNCTIONS)), None)
    return Helper(
        name=name,
        digest=digest(*(dump(shell(node)) for node in nodes), *conditions),
        claims=claims_of(function, defined=defined) if function else None,
    )


def certain(entry: Entry) -> Entry:
    """Return a definition with no more than what runs for sure."""
    return entry._replace(node=_Pruning().visit(deepcopy(entry.node)))


_STATEMENTS = (ast.If, ast.Try, ast.TryStar, ast.Match)
_EXPRESSIONS = (ast.IfExp, ast.BoolOp)
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class _Pruning(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, _STATEMENTS) or _suppresses(node):
            return ast.Pass()
        if isinstance(node, _EXPRESSIONS):
            return ast.Constant(None)
        pruned: ast.AST = self.generic_visit(node)
        if isinstance(getattr(pruned, "body", None), list):
            pruned.body = list(_up_to_the_end(pruned.body))  # type: ignore[attr-defined]
        return pruned


def _suppresses(node: ast.AST) -> bool:
    return isinstance(node, (ast.With, ast.AsyncWith)) and any(
        last_name(item.context_expr) in {"suppress", "raises"} for item in node.items
    )


def _up_to_the_end(statements: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
    for statement in statements:
        yield statement
        if isinstance(statement, _ENDS):
            return
