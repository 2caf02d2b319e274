"""Paths: production, test or neither by the layout of the project, and the globs that name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import accumulate
from posixpath import basename, dirname
from typing import Any, NamedTuple

PYTHON_FILES = ("test_*.py", "*_test.py")  # pytest's own default for ``python_files``
TOP_MODULES = frozenset({"test.py", "tests.py"})
"""Modules at the very top that readers take for tests, though pytest collects them only when they are named to it."""
TEST_NAMES = frozenset({"tests", "test"})
"""How directories of tests are called."""
CODE = (".py", ".pyi", ".pyx", ".toml", ".cfg", ".ini")  # and configuration: what counts before git knows it
COMPILED = (".so", ".pyd", ".dylib")
_ANY_MODULE = ("module.py", "core.py", "x.py")


class Side(StrEnum):
    """What a path is to red before green."""

    PRODUCTION = "production"
    TEST = "test"
    NEITHER = "neither"


class ChangeKind(StrEnum):
    """Which sides a change touches, by path alone."""

    TEST_AND_CODE = "test+code"
    CODE_ONLY = "code-only"
    TEST_ONLY = "test-only"
    NEITHER = "neither"
    MERGE = "merge"


class Layout(NamedTuple):
    """Where production code and tests live in one or more trees.

    All paths are relative to the repository's top, with ``/`` and no trailing one; the empty path is the top.
    ``source`` holds directories and single modules, ``test_roots`` directories whose every file is test side,
    ``testpaths`` where pytest looks when it is called without arguments (empty: everywhere), ``test_globs`` what
    the user adds to all this, ``import_roots`` the directories that stand on ``sys.path``, ``version_files`` the
    modules into which a build writes the version. The three ``python_*`` tuples are pytest's options of these names.
    ``run_roots`` are the directories in which pytest is started, each for the tests that lie below no deeper one.
    ``kept`` are paths that are production whatever the rest says: a change does not make tests of them.
    """

    source: tuple[str, ...] = ()
    import_roots: tuple[str, ...] = ("",)
    test_roots: tuple[str, ...] = ()
    testpaths: tuple[str, ...] = ()
    test_globs: tuple[str, ...] = ()
    python_files: tuple[str, ...] = PYTHON_FILES
    python_classes: tuple[str, ...] = ("Test",)
    python_functions: tuple[str, ...] = ("test",)
    xfail_strict: bool = False
    version_files: tuple[str, ...] = ()
    run_roots: tuple[str, ...] = ("",)
    kept: frozenset[str] = frozenset()

    def side(self, path: str) -> Side:
        """Return what a path is; what lies on the test side is never production."""
        if self.is_test(path):
            return Side.TEST
        return Side.PRODUCTION if self.is_source(path) else Side.NEITHER

    def is_test(self, path: str) -> bool:
        """Whether pytest would collect the path, or it is a conftest or lives under a test root."""
        return path not in self.kept and (
            basename(path) == "conftest.py"
            or _in_any(path, self.test_roots)
            or (bool(self.test_globs) and matches_any(path, self.test_globs))
            or self.is_collected(path)
        )

    def is_collected(self, path: str) -> bool:
        """Whether pytest would collect the path as a module of tests.

        A pattern that any module name matches (``*.py``) says nothing below a source root: there it would
        make a test of every production file.
        """
        if path in TOP_MODULES:
            return True
        if path in self.kept or not path.endswith(".py") or not self.is_looked_into(path):
            return False
        matching = [pattern for pattern in self.python_files if _matches_file(path, pattern)]
        if all(map(_matches_anything, matching)):
            return bool(matching) and (not self.is_source(path) or _in_any(path, self.test_roots))
        return True

    def is_looked_into(self, path: str) -> bool:
        """Whether pytest comes to the path where it is called without arguments."""
        return not self.testpaths or _in_any(path, self.testpaths)

    def is_test_by_name(self, path: str) -> bool:
        """Whether a module below a source root is a test only since pytest would collect a file of that name."""
        return self.is_source(path) and self.is_collected(path) and not _in_any(path, self.test_roots)

    def is_source(self, path: str) -> bool:
        """Whether the path is a Python module below a source root, its tests included."""
        return path.endswith(".py") and _in_any(path, self.source)

    def is_data(self, path: str) -> bool:
        """Whether the path lies below a source directory and is no module: code there may read it when it runs.

        So is what tells git how files are written when they are checked out.
        """
        if says_how_files_are_written(path):
            return self.side(path) is Side.NEITHER
        roots = tuple(root for root in self.source if root and not root.endswith(".py"))
        return not path.endswith(".py") and self.side(path) is Side.NEITHER and _in_any(path, roots)

    def beside(self, data: str, paths: Iterable[str]) -> tuple[str, ...]:
        """Return the modules of the package that a data file lies in, below whichever directory: they may read it."""
        root = max((root for root in self.source if inside(data, root)), key=len, default="")
        package = root if root not in self.import_roots else f"{root}/{data[len(root) :].strip('/').partition('/')[0]}"
        found = tuple(path for path in paths if self.side(path) is Side.PRODUCTION and inside(path, package))
        return found or tuple(path for path in paths if self.side(path) is Side.PRODUCTION and inside(path, root))

    def is_test_function(self, name: str) -> bool:
        """Whether pytest's ``python_functions`` names a function a test."""
        return _named_by(name, self.python_functions)

    def is_test_class(self, name: str) -> bool:
        """Whether pytest's ``python_classes`` names a class a collection of tests."""
        return _named_by(name, self.python_classes)

    def module_of(self, path: str) -> str | None:
        """Return the dotted name a production file is imported by, or ``None`` for any other file."""
        if not self.is_source(path):
            return None
        root = max((root for root in self.import_roots if inside(path, root)), key=len, default="")
        parts = path[len(root) :].strip("/").removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def packages_of(self, paths: Iterable[str]) -> frozenset[str]:
        """Return the first parts of the names that production files are imported by."""
        below, beside = {}, []
        for path in paths:
            directory = dirname(path)
            if directory in self.import_roots:
                beside.append(path)
            else:
                below[directory] = path
        names = map(self.module_of, (*below.values(), *beside))
        return frozenset(name.partition(".")[0] for name in names if name)

    def names_of(self, paths: Iterable[str]) -> frozenset[str]:
        """Return the names that are the production files' own: of a namespace, what lies in it."""
        modules = {path: name for path in paths if (name := self.module_of(path))}
        packages = {name for path, name in modules.items() if basename(path) == "__init__.py"}
        return frozenset(next((one for one in beginnings(name) if one in packages), name) for name in modules.values())

    def united(self, other: Layout) -> Layout:
        """Return the layout that knows what either of two trees knows."""
        pairs: Iterator[tuple[str, Any, Any]] = zip(self._fields, self, other, strict=True)
        lists: dict[str, Any] = {name: tuple(dict.fromkeys((*a, *b))) for name, a, b in pairs if isinstance(a, tuple)}
        if not (self.testpaths and other.testpaths):
            lists["testpaths"] = ()
        return Layout(**lists, xfail_strict=self.xfail_strict or other.xfail_strict)

    def run_root(self, path: str) -> str:
        """Return the directory in which pytest is started for a file of tests."""
        return max((root for root in self.run_roots if inside(path, root)), key=len, default="")


def beginnings(module: str) -> Iterator[str]:
    """Yield a dotted name's beginnings, the shortest first."""
    return accumulate(module.split("."), "{}.{}".format)


def upwards(directory: str) -> Iterator[str]:
    """Yield the directories a directory lies in, the top first and itself last."""
    yield ""
    yield from accumulate(directory.split("/") if directory else (), "{}/{}".format)


def says_how_files_are_written(path: str) -> bool:
    """Whether a file tells git how others are checked out: those of the work tree stand as they did before it."""
    return path.rpartition("/")[2] == ".gitattributes"


def module_path(path: str) -> str:
    """Return a path as far as the module's name: what a build makes of a source has further suffixes."""
    directory, slash, name = path.rpartition("/")
    return f"{directory}{slash}{name.partition('.')[0]}"


def has_test_name(path: str) -> bool:
    """Whether pytest collects a file of that name by itself."""
    return any(fnmatchcase(basename(path), pattern) for pattern in PYTHON_FILES)


def is_test_name(path: str) -> bool:
    """Whether a file is named as tests are, whatever the project says of itself; ``tests.py`` is, as Django has it."""
    return path in TOP_MODULES or basename(path) in {"conftest.py", "tests.py"} or has_test_name(path)


def is_of_tests(path: str) -> bool:
    """Whether a file is named as tests are, or lies among them: what is, is no production code, data as well."""
    return is_test_name(path) or not TEST_NAMES.isdisjoint(path.split("/"))


def is_test_module(path: str) -> bool:
    """Whether a file is of tests and a module, so that tests may stand in it."""
    return path.endswith(".py") and is_of_tests(path)


class Inside(NamedTuple):
    """Paths of the repository as a project in it knows them: ``prefix`` is its directory and a ``/``, or nothing."""

    prefix: str

    def relative(self, path: str) -> str | None:
        """Return a path from the project's root, or ``None`` for one outside of it."""
        return path[len(self.prefix) :] if path.startswith(self.prefix) else None


def inside(path: str, root: str) -> bool:
    """Whether a path is a directory's or one of the files below it; the empty root holds everything."""
    return not root or path == root or path.startswith(f"{root}/")


def is_ours(path: str) -> bool:
    """Whether phasegate itself keeps a file there, in the project at the top or in one below."""
    return "/.phasegate/" in f"/{path}"


def _in_any(path: str, roots: tuple[str, ...]) -> bool:
    """Whether a path is one of the roots or below one."""
    return any(inside(path, root) for root in roots)


def matches_any(path: str, globs: Iterable[str]) -> bool:
    """Whether a path matches one of the globs; one that names a directory means all that is below it."""
    return any(fnmatchcase(path, glob) or fnmatchcase(path, f"{glob.rstrip('/')}/*") for glob in globs)


def _matches_file(path: str, pattern: str) -> bool:
    return fnmatchcase(path if "/" in pattern else basename(path), pattern if "/" not in pattern else f"*{pattern}")


def _matches_anything(pattern: str) -> bool:
    return any(fnmatchcase(name, pattern.rpartition("/")[2]) for name in _ANY_MODULE)


def _named_by(name: str, patterns: Iterable[str]) -> bool:
    """Match as pytest does: a prefix, or a glob where the pattern has a wildcard."""
    return any(name.startswith(pattern) or (_is_glob(pattern) and fnmatchcase(name, pattern)) for pattern in patterns)


def _is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|\{[^{}]*\}|\[[^\]]+\]|[^*?{\[]+|.", re.DOTALL)


def matches(pattern: str, path: str) -> bool:
    """Return whether a declared path means this file.

    The pattern is a path, a directory (everything below it, with or without ``/`` at its end), or a glob:
    ``*`` and ``?`` stay within one directory, ``**`` does not, ``{a,b}`` and ``[ab]`` are choices.
    """
    return bool(_compiled(pattern).fullmatch(path))


def plain(pattern: str) -> bool:
    """Return whether a pattern names one path and holds no glob."""
    return not any(mark in pattern for mark in "*?{[") and not pattern.endswith("/")


def ends_with(path: str, tail: str) -> bool:
    """Return whether the last parts of a path are these."""
    return path == tail or path.endswith(f"/{tail}")


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = "".join(_piece(piece) for piece in _PIECE.findall(pattern.removeprefix("./").rstrip("/")))
    return re.compile(f"{body}(?:/.*)?", re.DOTALL)


def _piece(piece: str) -> str:
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in fixed:
        return fixed[piece]
    if piece[0] == "{" and piece[-1] == "}":
        return f"(?:{'|'.join(re.escape(choice.strip()) for choice in piece[1:-1].split(','))})"
    if piece[0] == "[" and piece[-1] == "]":
        negation, members = ("^", piece[2:-1]) if piece[1] == "!" else ("", piece[1:-1])
        return "[" + negation + re.escape(members).replace("\\-", "-") + "]"
    return re.escape(piece)
