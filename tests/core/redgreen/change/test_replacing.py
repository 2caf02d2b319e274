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
        ("assert app.free(price=1) == 0", False),
        ("free = app.free(1)", False),
        ("assert app.free == 0", False),
        ("assert shown == {'free': 0}", False),
        ("monkeypatch.setattr(app, 'x', 2)", False),
    ],
)
def test_a_text_that_sets_or_patches_what_comes_may_replace_it(text: str, may: bool) -> None:
    assert read(BRINGS | {TESTS: (None, text)}).replacing == ((TESTS,) if may else ())
