# ruff: noqa: E501 - each file of the small project stays on one line
"""Code that looks inert asks for no red test, and never passes without the tests that reach it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.project import LEAN

if TYPE_CHECKING:
    from support.project import Project

REGISTRY = {
    "src/app/__init__.py": "",
    "src/app/reg.py": "HANDLERS = {}\n\n\ndef handler(function):\n    HANDLERS[function.__name__] = function\n    return function\n",
    "src/app/handlers.py": "from app.reg import handler\n\n\n@handler\ndef size(text: str) -> int:\n    return len(text)\n",
    "src/app/main.py": "import os\nimport app.handlers\nfrom app.reg import HANDLERS\n\n\ndef run(key, value):\n    return HANDLERS[key](value)\n",
    "src/app/convert.py": "from typing import get_type_hints\n\n\nclass Form:\n    size: int = 0\n\n\ndef read(text):\n    return get_type_hints(Form)['size'](text)\n",
    "src/app/about.py": "__version__ = '1.0'\n\n\ndef major():\n    return int(__version__.partition('.')[0])\n",
    "src/app/old.py": "def area(a, b, unit=None):\n    if unit is not None:\n        raise ValueError(unit)\n    return a * b\n",
    "tests/test_main.py": "import pytest\nfrom app.main import run\n\n\ndef test_run():\n    assert run('size', 'abc') == 3\n",
    "tests/test_cases.py": "import pytest\n\nfrom app import main\nfrom app.reg import HANDLERS\n\n\n@pytest.mark.parametrize('key', [*HANDLERS, 'any'])\ndef test_key(key):\n    assert key\n",
    "tests/test_convert.py": "from app.convert import read\n\n\ndef test_read():\n    assert read('3') == 3\n",
    "tests/test_about.py": "from app.about import major\n\n\ndef test_major():\n    assert major() == 1\n",
    "tests/test_old.py": "import pytest\n\nfrom app.old import area\n\n\ndef test_area():\n    assert area(2, 3) == 6\n\n\ndef test_unit():\n    with pytest.raises(ValueError, match='m'):\n        area(2, 3, unit='m')\n",
}  # fmt: skip
DISHONEST = {
    "feat: tidy": {"src/app/main.py": ("import app.handlers\n", "")},
    "fix: the size is a text": {"src/app/convert.py": ("size: int", "size: str")},
    "Release 2": {"src/app/about.py": ("'1.0'", "'2.0'")},
    "fix: areas have no sign": {"src/app/old.py": ("    if unit is not None:\n        raise ValueError(unit)\n", "")},
    "Release 3": {
        "src/app/about.py": ("'1.0'", "'3.0'"),
        "tests/test_about.py": ("major() == 1", "major()"),
    },
    "fix: tidy sizes": {
        "src/app/main.py": ("import app.handlers\n", ""),
        "tests/test_main.py": ("assert run('size', 'abc') == 3", "assert run"),
        "tests/test_cases.py": ("*HANDLERS, 'any'", "'size', 'any'"),
    },
    "fix: tidy names": {
        "src/app/main.py": ("import app.handlers\n", ""),
        "tests/test_main.py": (
            "    assert run('size', 'abc') == 3",
            "    with pytest.raises(KeyError):\n        run('no', 1)",
        ),
        "tests/test_cases.py": ("*HANDLERS, 'any'", "'size', 'any'"),
    },
}
HONEST = {
    "feat: sorted imports": {"src/app/main.py": ("import os\nimport app.handlers", "import app.handlers\nimport os")},
    "fix: an import is not used": {"src/app/main.py": ("import os\n", "")},
    "fix: types": {"src/app/main.py": ("def run(key, value):", "def run(key: str, value: str) -> int:")},
    "fix: typed reading": {"src/app/convert.py": ("def read(text):", "def read(text: str):")},
    "Release 1.1": {"src/app/about.py": ("'1.0'", "'1.1'")},
    "Release 2": {"src/app/about.py": ("'1.1'", "'2.0'"), "tests/test_about.py": ("major() == 1", "major() == 2")},
    "fix: it is known": {
        "src/app/about.py": ("'2.0'", "'2.1'"),
        "tests/test_about.py": ("assert major() == 2", "assert major()"),
    },
    "feat: no unit": {
        "src/app/old.py": (
            "(a, b, unit=None):\n    if unit is not None:\n        raise ValueError(unit)\n",
            "(a, b):\n",
        ),
        "tests/test_old.py": (
            "\n\n\ndef test_unit():\n    with pytest.raises(ValueError, match='m'):\n        area(2, 3, unit='m')",
            "",
        ),
    },
}


@pytest.mark.parametrize("rows", [HONEST, DISHONEST], ids=["honest", "dishonest"])
def test_what_looks_inert_passes_by_a_run_alone(project: Project, rows: dict[str, dict[str, tuple[str, str]]]) -> None:
    project.init_git().write("pytest.ini", LEAN)
    for path, text in REGISTRY.items():
        project.write(path, text)
    project.commit("chore: begin")
    files = dict(REGISTRY)
    for subject, edits in rows.items():
        for path, (old, new) in edits.items():
            changed = files[path].replace(old, new, 1)
            assert changed != files[path]
            project.write(path, changed)
            files[path] = changed if rows is HONEST else files[path]
        project.commit(subject)
        if rows is DISHONEST:
            for path in edits:
                project.write(path, files[path])
            project.commit(f"chore: back before {subject}")

    asked = f"HEAD~{len(rows) * (1 if rows is HONEST else 2)}..HEAD"
    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", asked).json

    said = {one["subject"]: one for one in found["commits"]}
    for subject in rows:
        codes = {one["code"] for one in said[subject]["findings"] if one["severity"] == "error"}
        assert said[subject]["verdict"] == ("passed" if rows is HONEST else "failed"), said[subject]
        assert codes - {"PG218"} == (set() if rows is HONEST else {"PG206" if len(rows[subject]) > 1 else "PG204"})


BASE = {
    "src/app/__init__.py": "",
    "src/app/calc.py": "def add(a, b):\n    return a + b\n\n\ndef price(n):\n    return n\n",
    "tests/test_price.py": "from app.calc import price\n\n\ndef test_price():\n    assert price(7) == 7\n",
    "tests/test_red.py": "from app.calc import add\n\n\ndef test_red():\n    assert add(1, 2) == 4\n",
}
FEATURE = {
    "src/app/calc.py": BASE["src/app/calc.py"] + "\n\ndef sub(a, b):\n    return a - b\n",
    "tests/test_sub.py": "from app.calc import sub\n\n\ndef test_sub():\n    assert sub(3, 1) == 2\n",
}
BREAKING = {**FEATURE, "src/app/calc.py": FEATURE["src/app/calc.py"].replace("return n\n", "return n * (n != 7)\n")}
MEANT = {"tests/test_price.py": BASE["tests/test_price.py"].replace("== 7", "== 0")}
MORE = {
    "src/app/more.py": "def more(a):\n    return a + 1\n",
    "tests/test_more.py": "from app.more import more\n\n\ndef test_more():\n    assert more(1) == 2\n",
}
SUB, PRICE = "feat: sub", "tests/test_price.py::test_price"
RANGE, CHANGE = "range and fails where the range ends", "change and fails after it"


@pytest.mark.parametrize(
    ("verdict", "commits"),
    [
        ("passed", [("test: seven is free", MEANT), (SUB, BREAKING), ("docs: it", {"README.md": "more\n"})]),
        ("waived", [(f"{SUB}\n\nRed-Green: waived (seven is free)", BREAKING)]),
        ("failed", [(SUB, BREAKING)]),
        ("failed", [(SUB, BREAKING), ("feat: more", MORE)]),
    ],
    ids=["red first", "waived", "one commit", "one of several"],
)
@pytest.mark.sampled(2)
def test_a_test_that_nobody_touched_is_asked_where_the_range_ends(
    project: Project, verdict: str, commits: list[tuple[str, dict[str, str]]]
) -> None:
    """Each commit is proved by its own tests; what it breaks elsewhere shows in one run at the end."""
    project.init_git().write("pytest.ini", LEAN)
    for message, files in (("chore: begin", BASE), *commits):
        for path, text in files.items():
            project.write(path, text)
        project.commit(message)

    asked = f"HEAD~{len(commits)}..HEAD"
    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", asked).json

    first, several = found["commits"][0], len(commits) > 1
    told = [one["message"] for one in (found["findings"] if several else first["findings"])]
    assert found["verdict"] == verdict
    assert told == ([] if verdict == "passed" else [f"{PRICE} passed before the {RANGE if several else CHANGE}"])
    assert first["pass_to_fail"] == ([] if several else [PRICE])


ALONE = {"tests/test_alone.py": "def test_alone():\n    assert 1 + 1 == 2\n"}
BESIDE = {
    **MORE,
    "tests/test_price.py": f"{BASE['tests/test_price.py']}\n\ndef test_free():\n    assert price(0) == 0\n",
}
RIGHT = {"src/app/calc.py": BASE["src/app/calc.py"].replace("a + b", "a + b + (a == 1)")}
GUARD = {
    "tests/sub/conftest.py": "from app.calc import price\n\nassert price(7) == 7\n",
    "tests/sub/test_x.py": "from app.calc import add\n\n\ndef test_x():\n    assert add(2, 2) == 4\n",
}
ABSENT = {**GUARD, "tests/sub/conftest.py": f"import nowhere\n{GUARD['tests/sub/conftest.py']}"}
LATE = {
    "tests/test_late.py": "import app.calc\nfrom pathlib import Path\n\n\ndef test_late():\n    late = Path('LATE')\n"
    "    if hasattr(app.calc, 'sub'):\n        late.write_text(late.read_text() + '.' if late.exists() else '.')\n"
    "        assert len(late.read_text()) > 2\n"
}
STILL_RED = {"tests/test_red.py": BASE["tests/test_red.py"].replace("(1, 2)", "(2, 1)")}
SHUT = {"tests/test_shut.py": "x = 1 / 0\n\n\ndef test_shut():\n    assert 1 + 1 == 3\n"}
OPENED = {"tests/test_shut.py": "\n\ndef test_shut():\n    assert 1 + 1 == 4\n"}
WAIVED = f"{SUB}\n\nRed-Green: waived (seven is free)"


@pytest.mark.parametrize(
    ("lost", "base", "commits", "words"),
    [
        (PRICE, ALONE, [(SUB, BREAKING), ("feat: more", BESIDE)], ()),
        ("tests/test_red.py::test_red", {}, [("fix: add", RIGHT), (SUB, FEATURE)], ()),
        ("tests/sub/test_x.py::test_x", {**GUARD, "tests/test_price.py": ""}, [(SUB, BREAKING), ("feat: more", MORE)], ()),
        (PRICE, {}, [("feat: more\n\nRed-Green: waived (it breaks nothing)", MORE), (SUB, BREAKING)], ("--shard", "2/2")),
        ("", {**ALONE, **LATE}, [(SUB, FEATURE), ("test: more red", STILL_RED), ("feat: more", BESIDE)], ()),
        ("", {}, [("fix: add", RIGHT), ("feat: more", MORE)], ()),
        ("", {**ALONE, **ABSENT}, [(SUB, FEATURE), ("feat: more", MORE)], ()),
        (PRICE, ABSENT, [(SUB, BREAKING), ("feat: more", MORE)], ()),
        ("", {}, [(WAIVED, BREAKING), ("docs: it", {"README.md": "more\n"})], ("--shard", "2/2")),
        ("", SHUT, [("test: it can be imported", OPENED), ("feat: more", MORE)], ()),
    ],
    ids=[
        "in a file that the last commit runs", "red before, green, and red again", "by its conftest",
        "in another shard, and a waiver of its own commit", "nothing in that file, one is late twice, and one that was red is edited", "green, and green still",
        "a conftest wants what is not here", "beside such a conftest", "waived in another shard",
        "an edited test of a file that could not be imported",
    ],
)  # fmt: skip
@pytest.mark.sampled(3)
def test_a_range_loses_where_it_ends_what_its_last_commit_does_not_answer_for(
    project: Project, lost: str, base: dict[str, str], commits: list[tuple[str, dict[str, str]]], words: tuple[str, ...]
) -> None:
    project.init_git().write("pytest.ini", LEAN)
    for message, files in (("chore: begin", {**BASE, **base}), *commits):
        for path, text in files.items():
            project.write(path, text.replace("LATE", str(project.root.parent / "late")))
        project.commit(message)

    told = ("verify", "--python", sys.executable, "--format", "json", f"HEAD~{len(commits)}..HEAD", *words)
    run = project.phasegate(*told)

    wrong = [one["message"] for one in run.json["findings"] if one["severity"] == "error"]
    assert wrong == ([f"{lost} passed before the {RANGE}"] if lost else []), run.text
    assert {one["verdict"] for one in run.json["commits"]} <= {"passed", "exempt"}
    assert run.exit_code == bool(lost)


ANY_PRICE = BASE["tests/test_price.py"].replace("== 7", ">= 0")
HELPED = "from app.calc import price\n\n\ndef same(one, other):\n    assert one == other\n\n\ndef test_price():\n    same(price(7), 7)\n"


ANYTHING = {
    "tests/test_run.py": "import subprocess\nimport sys\n\n\ndef test_run():\n    assert subprocess.call([sys.executable, '-c', '']) == 0\n"
}
AWAY = "def pytest_collection_modifyitems(items):\n    items[:] = [one for one in items if one.name != 'test_price']\n"
TIDY = AWAY.replace("test_price", "test_none")


@pytest.mark.parametrize(
    ("code", "later"),
    [
        ("PG218", {"tests/conftest.py": AWAY}),
        ("PG218", {"pytest.ini": f"{LEAN} --deselect tests/test_price.py\n"}),
        ("PG218", {"tests/test_price.py": None, "tests/prices.py": BASE["tests/test_price.py"]}),
        ("PG204", {"tests/test_price.py": None, "tests/prices.py": BASE["tests/test_price.py"], **ANYTHING}),
        ("", {"tests/conftest.py": TIDY, "tests/test_price.py": MEANT["tests/test_price.py"]}),
    ],
    ids=[
        "a conftest",
        "options",
        "another name",
        "another name, beside a test that may reach it",
        "a conftest that leaves nothing out",
    ],
)
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.sampled(2)
def test_what_a_commit_broke_one_of_tests_alone_may_not_leave_out(
    project: Project, code: str, later: dict[str, str | None], *, before: bool
) -> None:
    project.init_git().write("pytest.ini", LEAN)
    steps = [(SUB, BREAKING), ("test: tidy", later)]
    for subject, files in (("chore: begin", BASE), *(reversed(steps) if before else steps)):
        for path, text in files.items():
            project.remove(path) if text is None else project.write(path, text)
        project.commit(subject)

    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD~2..HEAD").json

    assert found["verdict"] == ("failed" if code else "passed"), found
    assert code in {"", *(one["code"] for one in found["findings"])}


def test_what_a_commit_broke_is_not_left_out_in_a_directory_with_a_blank(project: Project) -> None:
    blank = {path.replace("tests/", "tests/of all/"): text for path, text in BASE.items()}
    project.init_git().write("pytest.ini", LEAN)
    for subject, files in (("chore: begin", blank), (SUB, BREAKING), ("test: tidy", {"tests/conftest.py": AWAY})):
        for path, text in files.items():
            project.write(path, text)
        project.commit(subject)

    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD~2..HEAD").json

    assert [one["code"] for one in found["findings"]] == ["PG218"]


@pytest.mark.parametrize(
    ("verdict", "price", "message", "later"),
    [
        ("failed", BASE["tests/test_price.py"], "test: any price", ANY_PRICE),
        ("failed", BASE["tests/test_price.py"], "test: less", ""),
        ("failed", HELPED, "test: any price", HELPED.replace("one == other", "one is not None")),
        ("passed", BASE["tests/test_price.py"], "test: any price\n\nRed-Green: waived (prices are free)", ANY_PRICE),
        ("passed", BASE["tests/test_price.py"], "test: seven is free", MEANT["tests/test_price.py"]),
    ],
    ids=["asked less", "deleted", "asked less by a helper", "waived", "asked otherwise"],
)
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.sampled(2)
def test_a_range_may_not_break_what_a_commit_of_tests_alone_lets_go_before_or_after(
    project: Project, verdict: str, price: str, message: str, later: str, *, before: bool
) -> None:
    project.init_git().write("pytest.ini", LEAN)
    begin = {**BASE, "tests/test_price.py": price}
    steps = [(SUB, BREAKING), (message, {"tests/test_price.py": later})]
    for subject, files in (("chore: begin", begin), *(reversed(steps) if before else steps)):
        for path, text in files.items():
            project.write(path, text)
        project.commit(subject)

    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD~2..HEAD").json

    assert found["verdict"] == verdict, found
    said = {one["message"].partition(" ")[0].rstrip(":") for one in found["findings"]}
    assert said == ({PRICE} if verdict == "failed" else set())


CODE, TEST = ({path: text} for path, text in FEATURE.items())
PINNED = "import pytest\n" + TEST["tests/test_sub.py"].replace("def ", '@pytest.mark.characterization("a copy")\ndef ')
ADDS_ONE = {"src/app/calc.py": BASE["src/app/calc.py"].replace("return n\n", "return n + (n == 0)\n")}
FREE = {"tests/test_price.py": BESIDE["tests/test_price.py"].replace("== 0", "== 1")}
ONE_MORE = {"tests/test_one_more.py": MORE["tests/test_more.py"].replace("1) == 2", "2) == 3")}
PINS = {"tests/test_price.py": BASE["tests/test_price.py"] + "\n\ndef test_two():\n    assert price(2) == 2\n"}


@pytest.mark.parametrize(
    ("late", "commits"),
    [
        (
            "tests/test_sub.py::test_sub",
            [("chore: sub", CODE), ("docs: it", {"README.md": "more\n"}), ("test: sub", TEST)],
        ),
        ("tests/test_price.py::test_free", [("build: one", ADDS_ONE), ("test: free", FREE)]),
        ("tests/test_sub.py::test_sub", [("chore: sub", CODE), ("feat: more", MORE), ("test: sub", TEST)]),
        ("", [("chore: sub", CODE), ("feat: more", MORE), ("test: one more", ONE_MORE)]),
        ("", [("chore: sub", CODE), ("test: pin the copy", {"tests/test_sub.py": PINNED})]),
        ("", [("chore: one", ADDS_ONE), ("test: two", PINS)]),
        ("", [("refactor: sub", CODE), ("test: sub", TEST)]),
    ],
    ids=[
        "a chore",
        "a build",
        "other code between",
        "a test of the other code",
        "a test that is declared",
        "a test of something else",
        "a refactoring",
    ],
)
@pytest.mark.sampled(2)
def test_code_does_not_come_before_its_test_as_something_that_is_no_code(
    project: Project, late: str, commits: list[tuple[str, dict[str, str]]]
) -> None:
    project.init_git().write("pytest.ini", LEAN)
    for subject, files in (("chore: begin", BASE), *commits):
        for path, text in files.items():
            project.write(path, text)
        project.commit(subject)

    asked = f"HEAD~{len(commits)}..HEAD"
    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", asked).json

    told = [(one["code"], one["message"].partition(" ")[0]) for one in found["findings"]]
    assert told == ([("PG222", late)] if late else []), found
    assert found["verdict"] == ("failed" if late else "passed")


BY_CHANCE = """\
from pathlib import Path

from app.calc import price


def test_price():
    once = Path({!r})
    begun = once.exists()
    if price(7) == 7:
        once.touch()
    shown = price(7) if begun else 0
    assert shown == 7
"""
"""Fails the first time that it is run with code that it holds for."""


def test_what_fails_alike_on_both_sides_of_a_range_is_asked_twice_where_it_begins(project: Project) -> None:
    by_chance = BY_CHANCE.format(str(project.home / "once"))
    commits = [("chore: begin", {**BASE, "tests/test_price.py": by_chance}), (SUB, BREAKING), ("feat: more", MORE)]
    project.init_git().write("pytest.ini", LEAN)
    for message, files in commits:
        for path, text in files.items():
            project.write(path, text)
        project.commit(message)

    run = project.phasegate("verify", "--python", sys.executable, "HEAD~2..HEAD")

    assert run.exit_code == 1, run.text
    assert f"{PRICE} passed before the {RANGE}" in run.text


def test_what_its_last_commit_ran_green_is_not_run_again_where_a_range_ends(project: Project) -> None:
    """A file that is red here in any case is looked at once more, twice where it begins, and not the suite for it."""
    ran = {path: project.home / path.rpartition("/")[2] for path in ("tests/test_price.py", "tests/test_red.py")}
    noting = {path: f"open({str(log)!r}, 'a').write('once ')\n{BASE[path]}" for path, log in ran.items()}
    project.init_git().write("pytest.ini", LEAN)
    for path, text in {**BASE, **noting}.items():
        project.write(path, text)
    project.commit("chore: begin")
    project.write("src/app/calc.py", BASE["src/app/calc.py"].replace("a + b", "b + a")).commit("refactor: add")

    run = project.phasegate("verify", "--python", sys.executable, "HEAD~..HEAD")

    assert run.exit_code == 0, run.text
    assert [log.read_text().split().count("once") for log in ran.values()] == [2, 5]


MADE = """\
from pathlib import Path
from app.calc import add


def make(line):
    def test_made():
        left, right, wanted = map(int, line.split())
        assert add(left, right) == wanted

    return test_made


test_made = make(Path(__file__).with_name("sums.txt").read_text())
"""


@pytest.mark.parametrize(("claim", "verdict"), [("sub(3, 1) == 2", "failed"), ("add(3, 1) == 2", "passed")])
def test_a_test_that_something_makes_is_asked_with_the_data_that_stood_before(
    project: Project, claim: str, verdict: str
) -> None:
    """Its data changed beside the code that contradicts it: a red about something else does not pay for that."""
    project.init_git().write("pytest.ini", LEAN).write("tests/test_made.py", MADE).write("tests/sums.txt", "1 2 3")
    for path, text in {**BASE, "tests/test_red.py": ""}.items():
        project.write(path, text)
    project.commit("chore: begin")
    project.write("src/app/calc.py", FEATURE["src/app/calc.py"].replace("a + b", "a - b"))
    project.write("tests/test_sub.py", f"from app.calc import {claim[:3]}\n\n\ndef test_sub():\n    assert {claim}\n")
    project.write("tests/sums.txt", "1 0 1").commit("feat: sub")

    found: Any = project.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD~..HEAD").json

    assert found["verdict"] == verdict
    assert [one["code"] for one in found["commits"][0]["findings"]] == ["PG206"]
