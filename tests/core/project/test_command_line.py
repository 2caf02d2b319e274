from __future__ import annotations

import pytest

from pytest_phasegate.adapters.verdict.commands import words_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ruff check", ["ruff", "check"]),
        ("grep -E 'a|b' x", ["grep", "-E", "a|b", "x"]),
        ('echo "it; is > quoted"', ["echo", "it; is > quoted"]),
        (r"echo a\ b", ["echo", "a b"]),
        ("pytest --cov=src", ["pytest", "--cov=src"]),
    ],
)
def test_plain_and_quoted_words_need_no_shell(line: str, words: list[str]) -> None:
    assert words_of(line) == words


@pytest.mark.parametrize(
    "line",
    ["a | b", "a && b", "a > f", "echo $HOME", 'echo "$HOME"', "echo `date`", "ls *.py", "X=1 a", "it's", "a # b", " "],
)
def test_what_only_a_shell_understands_is_left_to_it(line: str) -> None:
    assert words_of(line) is None
