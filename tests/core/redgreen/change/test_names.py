from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.redgreen.change.changeset import FileVersions
from pytest_phasegate.core.redgreen.change.read_change import read_change

if TYPE_CHECKING:
    from pytest_phasegate.core.redgreen.change.names import Names

GETS = "class A:\n    def get(self): ..."
EITHER = "if X:\n    def f({}): ...\nelse:\n    def f({}): ..."
LAYOUT = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))


def added(before: str | None, after: str) -> Names:
    return read_change(
        [FileVersions("src/app/a.py", before.encode() if before else None, after.encode())], LAYOUT
    ).added


def bears(names: Names, missing: str) -> bool:
    return missing in names.all | names.modules | names.callables


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        ("", "def f(): ...", "f"),
        ("", "class A: ...", "A"),
        ("class A: ...", "class A:\n    def get(self): ...", "get"),
        ("class A: ...", "class A:\n    LIMIT = 1", "LIMIT"),
        ("class A:\n    def f(self): ...", "class A:\n    def f(self): self.size = 1", "size"),
        ("", "from app.b import g", "g"),
        ("", "import app.b as b", "b"),
        ("", "if X:\n    y = 1\nelse:\n    z = 1", "z"),
        ("", "try:\n    y = 1\nexcept E:\n    w = 1", "w"),
        ("", "x: int = 1", "x"),
        ("def f(a): ...", "def f(a, b): ...", "b"),
        ("def f(a): ...", "def f(a, b): ...", "f"),
        ("class A:\n    def __init__(self): ...", "class A:\n    def __init__(self, b): ...", "A"),
        ("@attrs.frozen\nclass A:\n    x: int", "@attrs.frozen\nclass A:\n    x: int\n    y: int", "A"),
        ("class A(NamedTuple):\n    x: int", "class A(NamedTuple):\n    x: int\n    y: int", "__new__"),
        ("@attr.s\nclass A:\n    x = attr.ib()", "@attr.s\nclass A:\n    x = attr.ib()\n    y = attr.ib()", "__init__"),
        ("@dataclass\nclass A:\n    x: int\n    y: int", "@dataclass\nclass A:\n    x: int\n    y: int = 0", "A"),
        ("@dataclass\nclass A: ...", "@dataclass\nclass A:\n    x: int", "A"),
        ("A = namedtuple('A', 'x')", "A = namedtuple('A', 'x y')", "__new__"),
        (f"{GETS}\nclass B: ...", f"{GETS}\nclass B:\n    def get(self): ...", "get"),
        ("class A:\n    X = 1\nclass B: ...", "class A:\n    X = 1\nclass B:\n    X = 1", "X"),
        (
            "class A:\n    def f(self): self.size = 1\nclass B:\n    def f(self): ...",
            "class A:\n    def f(self): self.size = 1\nclass B:\n    def f(self): self.size = 1", "size",
        ),
        ("def f(ttl): ...\ndef g(): ...", "def f(ttl): ...\ndef g(ttl): ...", "ttl"),
        (GETS, f"{GETS}\ndef get(): ...", "get"),
        ("if X:\n    def f(): ...", "if X:\n    def f(): ...\nelse:\n    def f(): ...", "f"),
        ("if X:\n    y = 1", "if X:\n    y = 1\nelse:\n    y = 2", "y"),
        (EITHER.format("a", "a"), EITHER.format("a, b", "a"), "b"),
        (EITHER.format("a", "a, b"), EITHER.format("a, b", "a, b"), "f"),
        (
            "class A:\n    def f(self):\n        if self.b: self.size = 1",
            "class A:\n    def f(self):\n        if self.b: self.size = 1\n        else: self.size = 2", "size",
        ),
        ("", "with suppress(ImportError):\n    from x import y", "y"),
        ("", "for n in N:\n    size = n", "size"),
        ("", "match N:\n    case 1:\n        size = 2", "size"),
        ("", "while X:\n    if Y:\n        def size(): ...", "size"),
        (None, "x = 1", "app.a"),
    ],
)  # fmt: skip
def test_a_missing_name_that_the_change_adds_is_explained(before: str | None, after: str, missing: str) -> None:
    assert bears(added(before, after), missing)


@pytest.mark.parametrize("missing", ["", "f", "requests", "app.b", "a.b"])
def test_a_missing_name_that_was_there_or_stays_away_is_not_explained(missing: str) -> None:
    assert not bears(added("def f(): ...", "def f(): return 1"), missing)


@pytest.mark.parametrize("body", ["x: int", "x: str", "x: int\n    def get(self): ..."])
def test_a_class_whose_fields_stay_takes_what_it_took(body: str) -> None:
    assert not added("@dataclass\nclass A:\n    x: int", f"@dataclass\nclass A:\n    {body}").callables


def test_what_goes_is_known_too() -> None:
    change = read_change([FileVersions("src/app/a.py", b"def f(a): ...\nx = 1", None)], LAYOUT)

    assert change.removed.all == {"f", "x", "a"}
    assert change.removed.modules == {"app.a"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{GETS}\nclass B:\n    def get(self): ...", f"{GETS}\nclass B: ..."),
        ("if X:\n    def get(): ...\nelse:\n    def get(): ...", "if X:\n    def get(): ..."),
        ("with X:\n    get = 1", "with X:\n    get = 2"),
    ],
)  # fmt: skip
def test_a_name_that_something_else_still_bears_has_not_gone(before: str, after: str) -> None:
    change = read_change([FileVersions("src/app/a.py", before.encode(), after.encode())], LAYOUT)

    assert "get" not in change.removed.all


@pytest.mark.parametrize("body", ["", "def f():\n    size = 1", "class B:\n    def f(self): return self.size"])
def test_a_name_that_is_only_used_or_local_is_not_added(body: str) -> None:
    assert not bears(added("with X:\n    size = 1", f"with X:\n    size = 2\n{body}"), "size")


FAKE = "class Fake:\n    def get(self):\n        return 1\n"


@pytest.mark.parametrize(
    ("after", "gains"),
    [
        (FAKE.replace("(self)", "(self, limit=None)"), {"limit"}),
        (FAKE.replace("(self):", "(self, *, limit):\n        self.limit = limit"), {"limit"}),
        (FAKE.replace("(self):", "(self):\n        self.calls.append(1)"), set()),
        (FAKE.replace("return 1", "return 2"), None),
        (FAKE.replace("(self):", "(self, limit):\n        if limit: return 2"), None),
        (FAKE.replace("(self):", "(self, limit):\n        return 2"), None),
        (FAKE.replace("    def", "    @property\n    def"), None),
    ],
)
def test_a_stand_in_that_is_asked_for_more_answers_as_it_did_or_not(after: str, gains: set[str] | None) -> None:
    text = "\ndef test_get():\n    assert used(Fake())\n"
    versions = ((FAKE + text).encode(), (after + text).encode())

    (helper,) = read_change([FileVersions("tests/test_a.py", *versions)], Layout()).helpers

    assert helper.gains == gains


def test_a_stand_in_is_asked_for_a_new_member_by_its_class_and_its_name() -> None:
    after = FAKE + "\n    def close(self): ...\n\nLIMIT = 3\n"

    found = read_change([FileVersions("tests/test_a.py", FAKE.encode(), after.encode())], Layout()).helpers

    assert {helper.id: helper.gains for helper in found} == {
        "tests/test_a.py::Fake::close": {"Fake", "close"},
        "tests/test_a.py::LIMIT": frozenset(),
    }
