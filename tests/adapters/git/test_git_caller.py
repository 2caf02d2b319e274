from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.git.hooks import amends, message_of

if TYPE_CHECKING:
    from support.project import Project

ASK = (
    "import sys; from pytest_phasegate.adapters.git.hooks import commit_words; "
    "print('WORDS', *commit_words(), file=sys.stderr)"
)


@pytest.mark.parametrize("words", [["--amend"], ["-m", "x", "--amend"], ["--amen"]])
def test_an_amending_commit_is_known_by_its_words(words: list[str]) -> None:
    assert amends(words)


@pytest.mark.parametrize("words", [[], ["-am", "x"], ["--all", "-m", "amend"]])
def test_any_other_commit_amends_nothing(words: list[str]) -> None:
    assert not amends(words)


MESSAGES = {
    "one": (["-m", "feat: a"], "feat: a"),
    "glued": (["-mfeat: a"], "feat: a"),
    "bundled": (["-qam", "feat: a"], "feat: a"),
    "long": (["--message=feat: a", "--message", "body"], "feat: a\n\nbody"),
    "trailers last": (["--trailer", "A: 1", "-m", "feat: a", "--trailer=B: 2"], "feat: a\n\nA: 1\nB: 2"),
    "none": (["--all", "--quiet", "file"], ""),
}


@pytest.mark.parametrize(("words", "message"), MESSAGES.values(), ids=MESSAGES)
def test_what_the_words_say_of_the_message(words: list[str], message: str) -> None:
    assert message_of(words) == message


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not show the words of a process")
def test_a_hook_sees_the_words_of_the_commit_it_runs_under(project: Project) -> None:
    hook = project.init_git().root / ".git/hooks/pre-commit"
    hook.write_text(f'#!/bin/sh\n"{sys.executable}" -c "{ASK}"\n')
    hook.chmod(0o755)

    done = project.git("commit", "--allow-empty", "-m", "feat: a", "--trailer", "A: 1")

    assert "WORDS --allow-empty -m feat: a --trailer A: 1" in done.stderr
