"""Which files of tests may put something in the place of what a change brings: what was seen of them is not enough."""

from __future__ import annotations

import pytest

from support.observations import CODE, TESTS, read

BRINGS = {CODE: ("x = 1", "x = 1\ndef free(price): return 0")}


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("monkeypatch.setattr(app, 'free', int)", True),
        ("mocker.patch('app.free')", True),
        ("@mock.patch.object(app, 'free')\ndef test_a(_): ...", True),
        ("app.free = int", True),
        ("app.free.__code__ = other", True),
        ("vars(app)['free'] = int", True),
        ("free = fake", True),
        ("def free(price):\n    return 0", True),
        ("class App:\n    def free(self):\n        return 0", True),
        ("def test_a():\n    free = lambda price: 0", True),
        ("from app import free\nfrom fake import free", True),
        ("@pytest.fixture(name='free')\ndef _free(): ...", True),
        ("free['a'] = int", True),
        ("app.free.clear()", True),
        ("from app import free\nimport fake", False),
        ("def test_a():\n    free = app.free(1)", False),
        ("def test_free():\n    assert app.free(1) == 0", False),
        ("assert app.free['a'] == 0", False),
        ("assert app.free(price=1) == 0", False),
        ("free = app.free(1)", False),
        ("assert app.free == 0", False),
        ("assert shown == {'free': 0}", False),
        ("monkeypatch.setattr(app, 'x', 2)", False),
    ],
)
def test_a_text_that_sets_or_patches_what_comes_may_replace_it(text: str, may: bool) -> None:
    assert read(BRINGS | {TESTS: (None, text)}).replacing == ((TESTS,) if may else ())
