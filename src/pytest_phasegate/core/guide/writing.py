"""What is written for people: skeletons of declared tests, and the parts that a plan does not say yet."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pytest_phasegate.core.evidence.outcomes import file_of
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Phase, Source

_TICKED = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.py")
_NAME = re.compile(r"[A-Za-z_]\w*")
_TEST = re.compile(r"\btest_\w+")


def with_skeletons(text: str, tests: Iterable[DeclaredTest]) -> str:
    """Return the text of a test file with what it lacks of these tests, each of which fails; nothing there changes.

    Raises:
        SyntaxError: The file cannot be read as Python.
    """
    for test in tests:
        tree = ast.parse(text)
        holder = _class(tree, test.class_name) if test.class_name else tree
        if holder is not None and any(_is_function(node, test.name) for node in holder.body):
            continue
        text = _added(text, tree, holder, test)
    return text


def _added(text: str, tree: ast.Module, holder: ast.Module | ast.ClassDef | None, test: DeclaredTest) -> str:
    lines = text.splitlines()
    body, gap = f'pytest.fail("not written: {test.name}")', ["", ""] if lines else []
    if isinstance(holder, ast.ClassDef):
        indent = " " * holder.body[0].col_offset
        at = holder.end_lineno or len(lines)
        lines[at:at] = ["", f"{indent}def {test.name}(self):", f"{indent}    {body}"]
    elif test.class_name:
        lines += [*gap, f"class {test.class_name}:", f"    def {test.name}(self):", f"        {body}"]
    else:
        lines += [*gap, f"def {test.name}():", f"    {body}"]
    if not any(_imports_pytest(node) for node in tree.body):
        at = _behind_the_head(tree)
        first = [] if at else ["import pytest", "", ""] if not text.strip() else ["import pytest"]
        lines[at:at] = first or ["", "import pytest"]
    return "\n".join(lines) + "\n"


def _class(tree: ast.Module, name: str) -> ast.ClassDef | None:
    return next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name), None)


def _is_function(node: ast.stmt, name: str) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name


def _imports_pytest(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import) and any(each.name == "pytest" and not each.asname for each in node.names)


def _behind_the_head(tree: ast.Module) -> int:
    """Return the line behind the docstring and what is imported from the future."""
    at = 0
    for node in tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        at = node.end_lineno or at
    return at


class Proposal(NamedTuple):
    """What a phase could say and does not; nothing of what it says already."""

    phase: str
    files: tuple[DeclaredFile, ...] = ()
    tests: tuple[DeclaredTest, ...] = ()
    coverage: float | None = None
    commit: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """What is proposed, by the part of a phase that it is, in words."""
        files = ", ".join(f"{file.action} {file.path}" for file in self.files)
        tests = ", ".join(test.name for test in self.tests)
        coverage = "" if self.coverage is None else f"{self.coverage:g} %"
        told = {"files": files, "tests": tests, "coverage": coverage, "commit": self.commit}
        return {part: words for part, words in told.items() if words}

    def without(self, parts: Iterable[str]) -> Proposal:
        """Return the proposal without these parts."""
        nothing: dict[str, Any] = {"files": (), "tests": (), "coverage": None, "commit": ""}
        return self._replace(**{part: nothing[part] for part in parts})

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that say it, under the labels of the canonical form."""
        return tuple(_lines(self))


@dataclass(frozen=True, slots=True)
class Known:
    """What a project has: ``definitions`` gives the files that define a name, ``tests`` the ids of its tests."""

    is_file: Callable[[str], bool]
    is_test: Callable[[str], bool]
    definitions: Callable[[str], Sequence[str]]
    tests: Sequence[str] = ()
    minimum: float | None = None
    test_root: str = field(default="tests")


def proposal(phase: Phase, section: str, known: Known) -> Proposal:
    """Propose what a phase does not say, from its text, what the project defines, and what its commits did.

    Args:
        phase: The phase, with what is derived.
        section: Its text.
        known: The project.
    """
    words = [word.strip().removesuffix("()") for word in _TICKED.findall(section)]
    named = [word for word in words if _PATH.fullmatch(word)]
    names = [
        word.rpartition(".")[2]
        for word in words
        if not _PATH.fullmatch(word) and _NAME.fullmatch(word.rpartition(".")[2])
    ]
    files = tuple(_files(phase, named, names, known)) if not phase.declared_files else ()
    tests = tuple(_tests(phase, section, named, files, known)) if not phase.declared_tests else ()
    asks = phase.coverage.minimum is not None
    subject = phase.likely_subject if not phase.commit and phase.title else ""
    return Proposal(phase.id, files, tests, None if asks else known.minimum, subject)


def _files(phase: Phase, named: Iterable[str], names: Iterable[str], known: Known) -> Iterator[DeclaredFile]:
    derived = {file.path: file.action for file in phase.files if file.source is Source.DERIVED}
    defining = (path for name in dict.fromkeys(names) for path in known.definitions(name))
    for path in dict.fromkeys((*derived, *named, *defining)):
        if not known.is_test(path):
            there = Action.MODIFY if known.is_file(path) else Action.CREATE
            yield DeclaredFile(path, derived.get(path, there), phase.line)


def _tests(
    phase: Phase, section: str, named: Iterable[str], files: Sequence[DeclaredFile], known: Known
) -> Iterator[DeclaredTest]:
    derived = [test for test in phase.tests if test.source is Source.DERIVED]
    if derived:
        yield from derived
        return
    places = [path for path in named if known.is_test(path)]
    stem = files[0].path.rpartition("/")[2].removesuffix(".py") if files else _slug(phase.title)
    place = places[0] if places else f"{known.test_root}/test_{stem}.py"
    there = {test.rpartition("::")[2]: test for test in known.tests}
    said = [name for name in dict.fromkeys(_TEST.findall(section)) if f"{name}.py" not in section]
    for name in said or [f"test_{_slug(phase.title)}"]:
        path = file_of(there[name]) if name in there else place
        yield DeclaredTest(name, phase.line, None, path)


def _slug(title: str) -> str:
    return re.sub(r"\W+", "_", title.lower()).strip("_") or "it"


def _lines(found: Proposal) -> Iterator[str]:
    for label, action in (("Files to create", Action.CREATE), ("Files to modify", Action.MODIFY)):
        paths = [file.path for file in found.files if file.action is action]
        if paths:
            yield from ("", f"**{label}**:", "", *(f"- `{path}`" for path in paths))
    for place in dict.fromkeys((test.file, test.class_name) for test in found.tests):
        names = [test.name for test in found.tests if (test.file, test.class_name) == place]
        where = ":".join(filter(None, place))
        yield from ("", f"**Tests to write** (in `{where}`):", "", *(f"- `{name}`" for name in names))
    if found.coverage is not None:
        yield from ("", "**Success criteria**:", "", f"- [ ] Coverage: {found.coverage:g}%")
    if found.commit:
        yield from ("", f"**Commit**: `{found.commit}`")
