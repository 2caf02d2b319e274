from __future__ import annotations

from pytest_phasegate.core.commit.conventional import SCISSORS, cleaned


def test_comments_go_and_the_message_stays() -> None:
    assert cleaned("feat: a  \n\nbody # not a comment\n# On branch main\n\nPhase: a/1\n\n") == (
        "feat: a\n\nbody # not a comment\n\nPhase: a/1"
    )


def test_what_is_below_the_scissors_goes() -> None:
    assert cleaned(f"feat: a\n# {SCISSORS}\n# diff follows\ndiff --git a/x b/x\n") == "feat: a"


def test_another_comment_sign_is_honoured() -> None:
    assert cleaned("#12 is fixed\n; a comment\n", ";") == "#12 is fixed"
