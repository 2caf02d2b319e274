from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import (
    branch_findings,
    guide_issue_findings,
    issue_findings,
    message_findings,
    phase_named,
    phases_of,
)
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.settings import CommitSettings

ONE = Phase("1", "One", 3, 9, commit="feat(cache): add core cache data structures")
TWO = Phase("2", "Two", 10, 19, commit="feat(cache): add cache backend protocol")
SILENT = Phase("3", "Three", 20, 29)
CACHE = Guide("docs/plans/cache.md", "cache", "Cache", "canonical", "sha256:0", (ONE, TWO, SILENT))
OTHER = Guide("docs/plans/other.md", "other", "Other", "canonical", "sha256:1", (Phase("1", "O", 1, 2),))


def codes(
    subject: str, *trailers: tuple[str, str], sha: str = "", merge: bool = False, issue: bool = False
) -> list[str]:
    message = Commit(subject, trailers, sha, parents=("a", "b") if merge else ())
    settings = CommitSettings(issue=issue)
    return [finding.code for finding in message_findings(message, [CACHE, OTHER], settings, in_range=bool(sha))]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("feat(cache): add core cache data structures", []),
        ("test(cache): expect an eviction order", []),
        ("feat(cache): add core cache data structures (#12)", []),
        ("feat(cache): add core cache data structures (ABC-7)", []),
        ("feat(cache): add core cache datastructures (#12)", ["PG512"]),
        ("feat(cache): add core cache datastructures", ["PG512"]),
        ("fix(cache): add cache backend protocol", ["PG512"]),
        ("Add core cache data structures", ["PG511", "PG512"]),
        ("Merge branch 'x'", []),
        ("fixup! feat: x", []),
        ('Revert "feat: x"', []),
    ],
)
def test_a_message_about_to_be_used_is_judged(subject: str, expected: list[str]) -> None:
    assert codes(subject) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [("fixup! feat: x", ["PG516"]), ('Revert "feat: x"', ["PG511"]), ("Merge branch 'x'", ["PG511"]), ("fix: x", [])],
)
def test_in_a_range_the_subjects_that_git_writes_are_not_exempt(subject: str, expected: list[str]) -> None:
    assert codes(subject, sha="a" * 40) == expected


def test_a_commit_that_really_joins_parents_is_not_judged() -> None:
    assert codes("Merge branch 'x'", sha="a" * 40, merge=True) == []


def test_the_trailer_of_a_phase_asks_for_its_declared_subject() -> None:
    assert codes("feat: something else", ("Phase", "cache/2")) == ["PG512"]
    assert codes(TWO.commit or "", ("Phase", "cache/2")) == []
    assert codes("feat: anything", ("Phase", "cache/3")) == []


def test_a_trailer_that_names_no_phase_lists_the_phases() -> None:
    (finding,) = message_findings(Commit("feat: x", (("Phase", "cache/9"),)), [CACHE], CommitSettings())

    assert (finding.code, finding.fix) == ("PG517", "the phases are: cache/1, cache/2, cache/3")


def test_one_commit_finishes_one_phase() -> None:
    assert codes("feat: x", ("Phase", "cache/1"), ("Phase", "cache/2")) == ["PG515"]


def test_an_issue_is_asked_for_only_where_the_project_wants_one() -> None:
    assert codes("fix: x", issue=True) == ["PG513"]
    assert codes("fix: x (#3)", issue=True) == []


def test_a_project_may_do_without_conventional_subjects() -> None:
    free = CommitSettings(conventional=False)

    assert list(message_findings(Commit("Whatever"), [CACHE], free)) == []


def test_the_finding_about_a_near_miss_says_what_differs_and_where_it_is_declared() -> None:
    (finding,) = message_findings(Commit("fix(cache): add cache backend protocol"), [CACHE], CommitSettings())

    assert (finding.path, finding.line) == ("docs/plans/cache.md", 10)
    assert "the type is 'fix', declared is 'feat'" in finding.message
    assert finding.fix == "use the declared subject: feat(cache): add cache backend protocol"


def test_a_phase_is_named_with_its_guide_or_alone_where_it_is_the_only_one() -> None:
    assert phase_named("cache/1", [CACHE, OTHER]) == (CACHE, ONE)
    assert phase_named("2", [CACHE, OTHER]) == (CACHE, TWO)
    assert phase_named("1", [CACHE, OTHER]) is None


def test_the_phases_of_a_message_come_from_trailers_before_the_subject() -> None:
    by_trailer = Commit(ONE.commit or "", (("phase", "cache/3"),))

    assert phases_of(by_trailer, [CACHE]) == ((CACHE, SILENT),)
    assert phases_of(Commit(TWO.commit or ""), [CACHE]) == ((CACHE, TWO),)
    assert phases_of(Commit("docs: x"), [CACHE]) == ()


@pytest.mark.parametrize(("branch", "expected"), [("feat/x", []), ("main", ["PG514"]), (None, [])])
def test_the_branch_matches_the_pattern(branch: str | None, expected: list[str]) -> None:
    settings = CommitSettings(branch="^(feat|fix)/")

    assert [finding.code for finding in branch_findings(branch, settings)] == expected


def test_what_asks_for_an_issue_advises_nothing_that_is_refused() -> None:
    told = message_findings(Commit(ONE.commit or ""), [CACHE], CommitSettings(issue=True))
    (finding,) = told

    assert finding.fix == "add a trailer `Issue: #12`, or `(#12)` at the subject's end"
    assert codes(f"{ONE.commit} (#12)", issue=True) == []
    assert [phase.id for _, phase in phases_of(Commit(f"{ONE.commit} (#12)"), [CACHE])] == ["1"]


def test_a_near_miss_is_told_of_only_where_the_commit_may_be_the_phases() -> None:
    message = Commit("feat(cache): add core cache datastructures")

    told = list(message_findings(message, [CACHE], CommitSettings(), may_be=lambda _guide, phase: phase.id != "1"))

    assert told == []


@pytest.mark.parametrize(
    ("branch", "subject", "trailer", "refused"),
    [
        ("feat/issue-12-cache", "feat: x (#12)", "", False),
        ("feat/issue-12-cache", "feat: x", "#12", False),
        ("feat/issue-12-cache", "feat: x", "12", False),
        ("12-cache", "feat: x (GH-12)", "", False),
        ("feat/ABC-12-cache", "feat: x", "ABC-12", False),
        ("feat/cache", "feat: x (#12)", "", False),
        ("feat/python3-cache", "feat: x (#12)", "", False),
        ("release-1.2", "feat: x (#12)", "", False),
        (None, "feat: x (#12)", "", False),
        ("feat/issue-12-cache", "feat: x (#13)", "#12", False),
        ("feat/issue-12-cache", "feat: x (#13)", "", True),
        ("feat/issue-12-cache", "feat: x", "#13", True),
        ("12-cache", "feat: x", "#112", True),
        ("feat/ABC-12-cache", "feat: x", "ABC-13", True),
    ],
)
def test_the_branch_and_the_message_are_about_one_issue(
    branch: str | None, subject: str, trailer: str, refused: bool
) -> None:
    message = Commit(subject, (("Issue", trailer),) if trailer else ())

    def told(*, issue: bool) -> list[str]:
        return [one.code for one in issue_findings(message, branch, CommitSettings(issue=issue))]

    assert told(issue=True) == (["PG518"] if refused else [])
    assert told(issue=False) == []


@pytest.mark.parametrize(
    ("issue", "branch", "trailers", "refused"),
    [
        ("2", "feat/issue-2-cache", (("Issue", "#2"),), False),
        ("2", "main", (("Closes", "#2"), ("Refs", "#9")), False),
        ("2", None, (), False),
        ("", "feat/issue-3-cache", (("Issue", "#4"),), False),
        ("ABC-2", "ABC-2-cache", (("Issue", "ABC-2"),), False),
        ("2", "feat/issue-3-cache", (), True),
        ("2", "main", (("Issue", "#3"),), True),
        ("ABC-2", "main", (("Fixes", "ABC-3"),), True),
    ],
)
def test_the_guide_the_branch_and_the_trailers_are_about_one_issue(
    issue: str, branch: str | None, trailers: tuple[tuple[str, str], ...], refused: bool
) -> None:
    guides = [replace(CACHE, issue=issue)]
    message = Commit(ONE.commit or "", trailers)

    def told(message: Commit) -> list[str]:
        found = (
            *message_findings(message, guides, CommitSettings()),
            *guide_issue_findings(message, branch, guides),
        )
        return [one.code for one in found]

    assert told(message) == (["PG518"] if refused else [])
    assert told(Commit("feat: other", trailers)) == []
