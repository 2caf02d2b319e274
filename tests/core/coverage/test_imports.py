from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_phasegate.core.coverage.credit import import_sites


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("import a", {"a"}),
        ("import a.b.c as d", {"a", "a.b", "a.b.c"}),
        ("from a.b import c, d", {"a", "a.b", "a.b.c", "a.b.d"}),
        ("from . import near", {"pkg.sub", "pkg", "pkg.sub.near"}),
        ("from .near import thing", {"pkg.sub.near", "pkg.sub", "pkg", "pkg.sub.near.thing"}),
        ("from ..far import thing", {"pkg.far", "pkg", "pkg.far.thing"}),
        ("from .......nowhere import x", {"nowhere", "nowhere.x"}),
        ("m = importlib.import_module('a.b')", {"a", "a.b"}),
        ("m = pytest.importorskip('a')", {"a"}),
        ("m = __import__('a')", {"a"}),
        ("try:\n    import a\nexcept ImportError:\n    a = None", {"a"}),
    ],
)
def test_an_import_names_what_it_may_load(statement: str, names: set[str]) -> None:
    (site,) = import_sites(statement, "pkg.sub.module")

    assert site.names == names
    assert not site.function


@pytest.mark.parametrize(
    "statement", ["import_module(name)", "f()", "import_module()", "__import__(3)", "(lambda: 1)()"]
)
def test_what_names_nothing_imports_nothing(statement: str) -> None:
    assert import_sites(statement, "m") == ()


def test_in_a_package_a_relative_import_starts_from_the_package_itself() -> None:
    (site,) = import_sites("from .near import x", "pkg", package=True)

    assert "pkg.near" in site.names


def test_an_import_for_type_checkers_loads_nothing_but_its_else_does() -> None:
    text = dedent("""\
        if TYPE_CHECKING:
            import a
        else:
            import b
        if typing.TYPE_CHECKING:
            import c
        """)

    assert [site.names for site in import_sites(text, "m")] == [{"b"}]


def test_an_import_in_a_function_knows_the_outermost_function() -> None:
    text = dedent("""\
        class TestBox:
            import a
            def test_open(self):
                import b
                def inner():
                    import c
                class Local:
                    import d
        """)

    found = {min(site.names): site.function for site in import_sites(text, "m")}

    assert found == {"a": "", "b": "TestBox.test_open", "c": "TestBox.test_open", "d": "TestBox.test_open"}


def test_a_text_that_cannot_be_parsed_tells_nothing() -> None:
    assert import_sites("def (", "m") == ()
