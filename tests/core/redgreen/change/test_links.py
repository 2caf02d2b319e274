from __future__ import annotations

import pytest

from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.redgreen.change.merging import Links, side_of_link

FILES = [
    "lib/app/calc.py",
    "lib/app/sub/more.py",
    "README.md",
    "src/app",
    "src/one.py",
    "src/far.py",
    "a/b",
    "loop",
    "pool",
]
LINKS = Links(
    {
        "src/app": "../lib/app",
        "src/one.py": "app/calc.py",
        "src/far.py": "../../elsewhere.py",
        "a/b": "/etc",
        "loop": "pool",
        "pool": "loop",
    },
    FILES,
)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("README.md", "README.md"),
        ("src/app", "lib/app"),
        ("src/app/calc.py", "lib/app/calc.py"),
        ("src/one.py", "lib/app/calc.py"),
        ("src/app/none.py", None),
        ("src/far.py", None),
        ("a/b", None),
        ("loop", None),
    ],
)
def test_a_path_leads_through_links_to_a_file_of_the_tree_or_nowhere(path: str, target: str | None) -> None:
    assert LINKS.target(path) == target


def test_what_links_show_is_on_their_side() -> None:
    layout = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))
    links = Links({"src/app": "../lib/app", "tests": "checks", "docs/x": "../lib"}, [*FILES, "checks/test_a.py"])

    assert sorted(links.shown()) == [
        "docs/x/app/calc.py",
        "docs/x/app/sub/more.py",
        "src/app/calc.py",
        "src/app/sub/more.py",
        "tests/test_a.py",
    ]
    laid = links.laid_out(layout)
    assert (laid.source, laid.test_roots) == (("src", "lib/app"), ("tests", "checks"))
    assert [side_of_link(link, layout) for link in ("src/a.py", "src/a", "tests/x", "docs/x")] == [
        "production",
        "production",
        "test",
        "neither",
    ]
