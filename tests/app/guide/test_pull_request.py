"""Where a forge shows the documents of a pull request."""

from __future__ import annotations

import pytest

from pytest_phasegate.app.guide.pull_request import web_address


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r/blob/abc/docs/a%20b.md"),
        ("https://user:t0ken@github.com/o/r", "https://github.com/o/r/blob/abc/docs/a%20b.md"),
        ("git@github.com:o/r.git", "https://github.com/o/r/blob/abc/docs/a%20b.md"),
        ("ssh://git@gitlab.example.org:2222/g/s/r.git", "https://gitlab.example.org/g/s/r/-/blob/abc/docs/a%20b.md"),
        ("https://codeberg.org/o/r/", "https://codeberg.org/o/r/src/commit/abc/docs/a%20b.md"),
        ("/srv/git/github.com/r.git", ""),
        ("../github.git", ""),
        ("https://example.org/o/r.git", ""),
        ("https://github.com/o/r)](javascript:x", ""),
        ("", ""),
    ],
)
def test_the_address_of_a_file_is_known_of_known_forges_and_holds_no_secret(origin: str, address: str) -> None:
    assert web_address(origin, "abc", "docs/a b.md") == address
