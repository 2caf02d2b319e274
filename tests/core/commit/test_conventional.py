from __future__ import annotations

import pytest

from pytest_phasegate.core.commit.conventional import (
    SCISSORS,
    Subject,
    cleaned,
    differences,
    fault,
    made_by_git,
    names_issue,
    read_subject,
    resembles,
    to_be_squashed,
    trailers,
)

DECLARED = "feat(cache): add core cache data structures"


def test_a_subject_is_taken_apart() -> None:
    assert read_subject("feat(api)!: drop v1") == Subject("feat", "api", True, "drop v1")
    assert read_subject("fix: x: y") == Subject("fix", "", False, "x: y")


@pytest.mark.parametrize("line", ["feat: x", "fix(a b)!: y", "revert: feat: x", "chore(deps): bump a from 1 to 2"])
def test_a_conventional_subject_has_no_fault(line: str) -> None:
    assert fault(line) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "does not begin with a type, a colon and one space"),
        ("add a cache", "does not begin with a type"),
        ("feat:", "does not begin with a type"),
        ("feat:  add", "does not begin with a type"),
        ("feat (cache): add", "does not begin with a type"),
        ("Feat: add", "'Feat' is no type; did you mean 'feat'?"),
        ("feature: add", "did you mean 'feat'?"),
        ("tset: add", "did you mean 'test'?"),
        ("zzz: add", "'zzz' is no type; use build, chore"),
    ],
)
def test_what_is_wrong_with_a_subject_is_said(line: str, said: str) -> None:
    assert said in fault(line)


def test_a_type_of_the_projects_own_is_a_type() -> None:
    assert fault("release: 1.0", ("release",)) == ""


@pytest.mark.parametrize("line", ["Merge branch 'x'", 'Revert "feat: x"', "fixup! feat: x"])
def test_subjects_that_git_writes_are_known(line: str) -> None:
    assert made_by_git(line)
    assert to_be_squashed(line) is line.startswith("fixup!")


@pytest.mark.parametrize(
    ("line", "near"),
    [
        (DECLARED, True),
        ("Feat(cache): add core cache data structures.", True),
        ("fix(cache): add core cache data structures", True),
        ("feat(cache): add core cache data structure", True),
        ("feat(cache): add an eviction policy", False),
        ("docs: how to use the cache", False),
    ],
)
def test_a_near_miss_is_told_from_another_subject(line: str, near: bool) -> None:
    assert resembles(line, DECLARED) is near


def test_each_part_that_differs_is_named() -> None:
    assert differences("fix!: add core cache", DECLARED) == (
        "the type is 'fix', declared is 'feat'",
        "the scope is 'none', declared is 'cache'",
        "the breaking mark is '!', declared is 'none'",
        "the description is 'add core cache', declared is 'add core cache data structures'",
    )
    assert differences("add cache", DECLARED) == (f"the subject is 'add cache', declared is {DECLARED!r}",)


@pytest.mark.parametrize(
    ("subject", "trailers", "named"),
    [
        ("fix: x (#12)", (), True),
        ("fix: x GH-3", (), True),
        ("fix: PROJ-44 x", (), True),
        ("fix: utf#8", (), False),
        ("fix: x", (("Closes", "#4"),), True),
        ("fix: x", (("Issue", " "),), False),
        ("fix: x", (("Phase", "a/1"),), False),
    ],
)
def test_an_issue_is_named_in_the_subject_or_a_trailer(
    subject: str, trailers: tuple[tuple[str, str], ...], named: bool
) -> None:
    assert names_issue(subject, trailers) is named


CASES = {
    "no paragraph of their own": ("feat: a\nPhase: 1", ()),
    "a subject is never a trailer": ("Phase: 1", ()),
    "the last paragraph": ("feat: a\n\nBody.\n\nPhase: cache/1\nIssue: #4\n", (("Phase", "cache/1"), ("Issue", "#4"))),
    "order and spelling are kept": ("s\n\nb: 2\nA: 1\nb: 3", (("b", "2"), ("A", "1"), ("b", "3"))),
    "a continued value": ("s\n\nRed-Green: waived (a\n  long reason)", (("Red-Green", "waived (a long reason)"),)),
    "prose with a colon is prose": ("s\n\nWe note: this\nis prose", ()),
    "prose beside what git writes": (
        "s\n\nnote\nPhase: 1\nSigned-off-by: A <a@b>",
        (("Phase", "1"), ("Signed-off-by", "A <a@b>")),
    ),
    "too much prose beside it": ("s\n\na\nb\nc\nd\nSigned-off-by: A <a@b>", ()),
    "carriage returns": ("s\r\n\r\nPhase: 1\r\n", (("Phase", "1"),)),
    "a blank line of spaces parts paragraphs": ("s\n \nPhase: 1", (("Phase", "1"),)),
    "an empty message": ("", ()),
}


@pytest.mark.parametrize(("message", "expected"), CASES.values(), ids=CASES)
def test_trailers_are_read_as_git_reads_them(message: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert trailers(message) == expected


def test_comments_go_and_the_message_stays() -> None:
    assert cleaned("feat: a  \n\nbody # not a comment\n# On branch main\n\nPhase: a/1\n\n") == (
        "feat: a\n\nbody # not a comment\n\nPhase: a/1"
    )


def test_what_is_below_the_scissors_goes() -> None:
    assert cleaned(f"feat: a\n# {SCISSORS}\n# diff follows\ndiff --git a/x b/x\n") == "feat: a"


def test_another_comment_sign_is_honoured() -> None:
    assert cleaned("#12 is fixed\n; a comment\n", ";") == "#12 is fixed"
