from __future__ import annotations

import pytest

from pytest_phasegate.core.commit.conventional import (
    Subject,
    differences,
    fault,
    made_by_git,
    names_issue,
    read_subject,
    resembles,
    to_be_squashed,
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
        ("", "it is empty"),
        ("add a cache", "does not begin with a type and a colon"),
        ("feat:", "nothing stands after the colon"),
        ("feat:add", "a space is missing after the colon"),
        ("feat:  add", "more than one space after the colon"),
        ("feat (cache): add", "a space before the type, the scope or the colon"),
        ("feat(): add", "did you mean 'feat'?"),
        ("(cache): add", "'(cache)' is not 'type' or 'type(scope)'"),
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
