"""Changes that red before green lets through, and such as it refuses."""

from __future__ import annotations

from support.git_states import BASE, Change

DOUBLE = """


        def double(one):
            return add(one, one)
        """

HONEST = Change(
    {
        "src/calc.py": BASE["src/calc.py"] + DOUBLE,
        "tests/test_calc.py": BASE["tests/test_calc.py"]
        + """


        def test_double():
            from calc import double

            assert double(4) == 8
        """,
    }
)
"""A function, and a test that cannot pass without it."""

DISHONEST = Change(
    {
        "src/calc.py": BASE["src/calc.py"] + DOUBLE,
        "tests/test_calc.py": BASE["tests/test_calc.py"]
        + """


        def test_double():
            assert add(4, 4) == 8
        """,
    }
)
"""The same function, with a test that was green before it."""

UNTESTED = Change(
    {
        "src/calc.py": BASE["src/calc.py"] + DOUBLE,
        "tests/test_calc.py": """
        def test_nothing():
            assert 1 + 1 == 2
        """,
    }
)
"""The same function, and a test that knows nothing of it."""
