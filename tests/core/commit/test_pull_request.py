"""What each CI service says is under review."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_phasegate.core.commit.revision_range import Review, default_branches, in_ci, review_of

BASE, HEAD = "b" * 40, "d" * 40
GITHUB = {"GITHUB_ACTIONS": "true", "CI": "true"}


def github(name: str, **more: str) -> dict[str, str]:
    return {**GITHUB, "GITHUB_EVENT_NAME": name, **more}


def pull(**more: Any) -> dict[str, Any]:
    return {"pull_request": {"number": 7, "base": {"ref": "main", "sha": BASE}, "head": {"sha": HEAD}, **more}}


PUSH = {"before": BASE, "after": HEAD, "repository": {"default_branch": "main"}}
QUEUE = {"merge_group": {"base_sha": BASE, "head_sha": HEAD, "base_ref": "refs/heads/main"}}
GITLAB = {"GITLAB_CI": "true", "CI_COMMIT_SHA": HEAD, "CI_DEFAULT_BRANCH": "main"}
MERGE_REQUEST = {**GITLAB, "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
AZURE = {"TF_BUILD": "True", "BUILD_REASON": "PullRequest", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}
BITBUCKET = {"BITBUCKET_BUILD_NUMBER": "3", "BITBUCKET_COMMIT": HEAD}


@pytest.mark.parametrize(
    ("environment", "event", "expected"),
    [
        pytest.param(
            github("pull_request"),
            pull(),
            Review("GitHub", "pull request 7", ("origin/main", BASE), HEAD, "main"),
            id="github-pull-request",
        ),
        pytest.param(
            github("pull_request_target"),
            pull(labels=[{"name": "tdd-gate"}]),
            Review("GitHub", "pull request 7", ("origin/main", BASE), HEAD, "main", labels=frozenset({"tdd-gate"})),
            id="github-labels",
        ),
        pytest.param(
            github("merge_group"),
            QUEUE,
            Review("GitHub", "the merge queue's group", (BASE,), HEAD, "main", exact=True),
            id="github-merge-queue",
        ),
        pytest.param(
            github("push", GITHUB_REF=f"refs/heads/gh-readonly-queue/release/2/pr-7-{BASE}"),
            PUSH,
            Review("GitHub", "the merge queue's branch", (BASE,), HEAD, "release/2", exact=True),
            id="the-branch-of-a-queue",
        ),
        pytest.param(
            github("push", GITHUB_REF="refs/heads/main"),
            PUSH,
            Review("GitHub", "the push to main", (BASE,), HEAD, "main", exact=True),
            id="push-to-the-default-branch",
        ),
        pytest.param(github("push", GITHUB_REF="refs/heads/topic"), PUSH, None, id="push-to-another-branch"),
        pytest.param(github("push", GITHUB_REF="refs/tags/v1"), PUSH, None, id="tag"),
        pytest.param(github("schedule"), {}, None, id="schedule"),
        pytest.param(
            github("workflow_run"),
            {"repository": {"default_branch": "trunk"}},
            Review("GitHub", "what an event of workflow_run checked out", ("origin/trunk",), branch="trunk"),
            id="about-another-run",
        ),
        pytest.param(
            {**MERGE_REQUEST, "CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE, "CI_MERGE_REQUEST_LABELS": "one, tdd-gate"},
            None,
            Review(
                "GitLab",
                "merge request 7",
                ("origin/main", BASE),
                HEAD,
                "main",
                labels=frozenset({"one", "tdd-gate"}),
            ),
            id="gitlab-detached",
        ),
        pytest.param(
            {
                **MERGE_REQUEST,
                "CI_COMMIT_SHA": "c" * 40,
                "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": BASE,
                "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD,
            },
            None,
            Review("GitLab", "merge request 7", (BASE, "origin/main"), HEAD, "main", labels=frozenset()),
            id="gitlab-merged-result-and-train",
        ),
        pytest.param(
            {**GITLAB, "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": BASE},
            None,
            Review("GitLab", "the push to main", (BASE,), HEAD, "main", exact=True),
            id="gitlab-push",
        ),
        pytest.param({**GITLAB, "CI_PIPELINE_SOURCE": "schedule"}, None, None, id="gitlab-schedule"),
        pytest.param(
            {**AZURE, "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "7", "SYSTEM_PULLREQUEST_SOURCECOMMITID": HEAD},
            None,
            Review("Azure", "pull request 7", ("origin/main",), HEAD, "main"),
            id="azure",
        ),
        pytest.param({**AZURE, "BUILD_REASON": "IndividualCI"}, None, None, id="azure-push"),
        pytest.param(
            {**BITBUCKET, "BITBUCKET_PR_ID": "7", "BITBUCKET_PR_DESTINATION_BRANCH": "main"},
            None,
            Review("Bitbucket", "pull request 7", ("origin/main",), HEAD, "main"),
            id="bitbucket",
        ),
        pytest.param(BITBUCKET, None, None, id="bitbucket-push"),
        pytest.param(
            {"JENKINS_URL": "http://ci", "CHANGE_ID": "7", "CHANGE_TARGET": "main"},
            None,
            Review("Jenkins", "change 7", ("origin/main",), "HEAD", "main"),
            id="jenkins",
        ),
        pytest.param(
            {**github("push", GITHUB_REF="refs/heads/main"), "PRE_COMMIT_FROM_REF": BASE, "PRE_COMMIT_TO_REF": HEAD},
            PUSH,
            Review("pre-commit", "from --from-ref to --to-ref", (BASE,), HEAD),
            id="pre-commit-names-it",
        ),
        pytest.param({"CI": "true"}, None, None, id="a-service-nobody-knows"),
        pytest.param({}, None, None, id="no-service"),
    ],
)
def test_each_service_says_what_is_under_review(
    environment: dict[str, str], event: dict[str, Any] | None, expected: Review | None
) -> None:
    assert review_of(environment, event) == expected


@pytest.mark.parametrize(
    ("environment", "event"),
    [
        pytest.param(github("pull_request"), None, id="the-event's-file-is-missing"),
        pytest.param(github("pull_request"), {"pull_request": {"base": {"ref": "main"}}}, id="no-head"),
        pytest.param(github("pull_request"), {"pull_request": "odd"}, id="no-object"),
        pytest.param(
            github("issue_comment"), {"issue": {"number": 7, "pull_request": {"url": "u"}}}, id="a-comment-on-it"
        ),
        pytest.param(
            github("push", GITHUB_REF="refs/heads/main"), {**PUSH, "before": "0" * 40}, id="the-branch-is-new"
        ),
    ],
)
def test_what_an_event_does_not_tell_is_unknown_and_not_guessed(
    environment: dict[str, str], event: dict[str, Any] | None
) -> None:
    review = review_of(environment, event)

    assert review is not None
    assert review.unknown


def test_ci_is_told_by_the_common_variable_or_that_of_a_service() -> None:
    assert [in_ci({"CI": said}) for said in ("true", "1", "", "false", "0")] == [True, True, False, False, False]
    assert in_ci({"TF_BUILD": "True"})
    assert in_ci({"JENKINS_URL": "http://ci"})
    assert not in_ci({})


def test_the_default_branch_is_known_from_the_event_or_a_variable() -> None:
    assert default_branches({"CI_DEFAULT_BRANCH": "trunk"}, {"repository": {"default_branch": "main"}}) == (
        "main",
        "trunk",
    )
    assert default_branches({}, None) == ()
