"""Which commits a CI service or a push names, by variables, the event's file or standard input; nothing asks git."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pytest_phasegate.errors import PhasegateError

_QUEUE = "gh-readonly-queue/"
_INDIRECT = frozenset({"workflow_run", "check_run", "check_suite"})
"""Events about other runs: what is under review is checked out by hand, and the default branch is no answer."""


class Review(NamedTuple):
    """A change under review.

    ``bases`` are revisions that it is to be merged into, the best first: the first that is here, and that does not hold
    the change already, counts. ``branch`` is the name of the branch behind them, to be fetched. ``exact`` says that the
    change is what comes after the base in one line, as in a push, and not what comes after their merge base.
    ``unknown`` says why nothing can be said of what is reviewed. ``labels`` are ``None`` where nothing tells of any.
    """

    service: str = ""
    what: str = ""
    bases: tuple[str, ...] = ()
    head: str = "HEAD"
    branch: str = ""
    exact: bool = False
    unknown: str = ""
    labels: frozenset[str] | None = None


def review_of(environment: Mapping[str, str], event: Mapping[str, Any] | None) -> Review | None:
    """Return what the CI service around this process has under review; ``None`` where there is none, or it is silent.

    Args:
        environment: The variables of the process.
        event: What the file holds that ``GITHUB_EVENT_PATH`` names; ``None`` where there is none.
    """
    named = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    if named[0] and named[1]:
        return Review("pre-commit", "from --from-ref to --to-ref", (named[0],), named[1])
    for set_by, read in _SERVICES.items():
        if environment.get(set_by):
            return read(environment, event or {})
    return None


def in_ci(environment: Mapping[str, str]) -> bool:
    """Whether a CI service runs this process."""
    said = environment.get("CI", "").lower()
    return said not in {"", "0", "false"} or any(environment.get(name) for name in _SERVICES)


def default_branches(environment: Mapping[str, str], event: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the default branch as the service names it; a clone that it made seldom knows."""
    found = (_at(event or {}, "repository", "default_branch"), environment.get("CI_DEFAULT_BRANCH", ""))
    return tuple(name for name in found if name)


def _github(environment: Mapping[str, str], event: Mapping[str, Any]) -> Review | None:
    name = environment.get("GITHUB_EVENT_NAME", "")
    if "pull_request" in event:
        return _github_pull_request(event)
    if "merge_group" in event:
        base, head = _at(event, "merge_group", "base_sha"), _at(event, "merge_group", "head_sha")
        branch = _short(_at(event, "merge_group", "base_ref"))
        return Review("GitHub", "the merge queue's group", _some(base), head or "HEAD", branch, exact=True)
    if name == "push":
        default = _at(event, "repository", "default_branch")
        return _push("GitHub", environment.get("GITHUB_REF", ""), _at(event, "before"), _at(event, "after"), default)
    return _github_untold(name, event)


def _github_untold(name: str, event: Mapping[str, Any]) -> Review | None:
    """Return what is known of an event that does not say which commits it is about; of one about none, nothing."""
    if _at(event, "issue", "pull_request", "url"):
        branch = f"gh pr checkout {_at(event, 'issue', 'number')}"
        return Review("GitHub", unknown=f"an event of {name} does not say which commits the pull request has: {branch}")
    if name in {"pull_request", "pull_request_target", "merge_group"}:
        return Review("GitHub", unknown=f"the file of the event of {name} (GITHUB_EVENT_PATH) is not here")
    if name in _INDIRECT:
        default = _at(event, "repository", "default_branch") or "main"
        return Review("GitHub", f"what an event of {name} checked out", (f"origin/{default}",), branch=default)
    return None


def _github_pull_request(event: Mapping[str, Any]) -> Review:
    pull = event["pull_request"]
    branch, number = _at(pull, "base", "ref"), _at(pull, "number") or _at(event, "number")
    labels = pull.get("labels") if isinstance(pull, dict) else None
    return Review(
        "GitHub",
        f"pull request {number}".rstrip(),
        _some(f"origin/{branch}" if branch else "", _at(pull, "base", "sha")),
        _at(pull, "head", "sha"),
        branch,
        unknown="" if _at(pull, "head", "sha") else "the event does not name the head of the pull request",
        labels=frozenset(_at(one, "name") for one in labels) if isinstance(labels, list) else None,
    )


def _gitlab(environment: Mapping[str, str], _: Mapping[str, Any]) -> Review | None:
    number = environment.get("CI_MERGE_REQUEST_IID")
    if not number:
        branch, default = environment.get("CI_COMMIT_BRANCH", ""), environment.get("CI_DEFAULT_BRANCH", "")
        before, after = environment.get("CI_COMMIT_BEFORE_SHA", ""), environment.get("CI_COMMIT_SHA", "")
        pushed = environment.get("CI_PIPELINE_SOURCE") == "push" and branch
        return _push("GitLab", f"refs/heads/{branch}", before, after, default) if pushed else None
    branch = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    labels = environment.get("CI_MERGE_REQUEST_LABELS", "")
    return Review(
        "GitLab",
        f"merge request {number}",
        _some(
            environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
            f"origin/{branch}" if branch else "",
            environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", ""),
        ),
        environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA") or "HEAD",
        branch,
        labels=frozenset(filter(None, map(str.strip, labels.split(",")))),
    )


def _azure(environment: Mapping[str, str], _: Mapping[str, Any]) -> Review | None:
    if environment.get("BUILD_REASON") != "PullRequest":
        return None
    branch = _short(environment.get("SYSTEM_PULLREQUEST_TARGETBRANCH", ""))
    place = "SYSTEM_PULLREQUEST_PULLREQUEST"
    number = environment.get(f"{place}NUMBER") or environment.get(f"{place}ID")
    head = environment.get("SYSTEM_PULLREQUEST_SOURCECOMMITID") or "HEAD"
    return Review("Azure", f"pull request {number or ''}".rstrip(), _some(f"origin/{branch}"), head, branch)


def _bitbucket(environment: Mapping[str, str], _: Mapping[str, Any]) -> Review | None:
    number = environment.get("BITBUCKET_PR_ID")
    if not number:
        return None
    branch = environment.get("BITBUCKET_PR_DESTINATION_BRANCH", "")
    bases = _some(environment.get("BITBUCKET_PR_DESTINATION_COMMIT", ""), f"origin/{branch}" if branch else "")
    return Review("Bitbucket", f"pull request {number}", bases, environment.get("BITBUCKET_COMMIT") or "HEAD", branch)


def _jenkins(environment: Mapping[str, str], _: Mapping[str, Any]) -> Review | None:
    number, branch = environment.get("CHANGE_ID"), environment.get("CHANGE_TARGET", "")
    return Review("Jenkins", f"change {number}", _some(f"origin/{branch}"), branch=branch) if number else None


_SERVICES = {
    "GITHUB_ACTIONS": _github,
    "GITLAB_CI": _gitlab,
    "TF_BUILD": _azure,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
    "JENKINS_URL": _jenkins,
}
"""By the variable that each of them sets."""


def _push(service: str, ref: str, before: str, after: str, default: str) -> Review | None:
    """Return what a push brought: of a queue's branch and of the default branch; any other is reviewed as a whole."""
    branch = _short(ref)
    if branch.startswith(_QUEUE):
        base, _, last = branch.removeprefix(_QUEUE).rpartition("/")
        what, since = "the merge queue's branch", _some(last.rpartition("-")[2])
        return Review(service, what, since, after or "HEAD", base, exact=True)
    if not ref.startswith("refs/heads/") or not default or branch != default:
        return None
    if not before.strip("0"):
        return Review(service, unknown=f"the push made {branch}: what came before it is not known")
    return Review(service, f"the push to {branch}", (before,), after or "HEAD", branch, exact=True)


def _some(*revisions: str) -> tuple[str, ...]:
    return tuple(revision for revision in revisions if revision)


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/")


def _at(value: Any, *keys: str) -> str:
    """Return a word deep in an event; what is not there, or is no word or number, is empty."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


_FIELDS = 4


class RefUpdate(NamedTuple):
    """One ref of a push: the object that goes out, and what the remote has there; ``None`` where there is none."""

    local_oid: str | None
    remote_ref: str
    remote_oid: str | None


def ref_updates(text: str) -> tuple[RefUpdate, ...]:
    """Read the lines git writes to a pre-push hook, ``<local ref> <local id> <remote ref> <remote id>`` each.

    The local ref may be any revision the user typed (``HEAD@{1 day ago}``), so fields are counted from the end.

    Raises:
        PhasegateError: A line is not of this form.
    """
    return tuple(_ref_update(line) for line in text.splitlines() if line.strip())


def framework_update(environment: Mapping[str, str]) -> RefUpdate | None:
    """Return the one ref that pre-commit (or prek) tells a hook of: the first of the push with anything new.

    Its variables are ``PRE_COMMIT_FROM_REF`` and ``PRE_COMMIT_TO_REF``; a first push of a whole history sets neither,
    and only the branch is named.
    """
    tip = environment.get("PRE_COMMIT_TO_REF") or environment.get("PRE_COMMIT_LOCAL_BRANCH")
    if not tip:
        return None
    branch, old = environment.get("PRE_COMMIT_REMOTE_BRANCH", tip), environment.get("PRE_COMMIT_FROM_REF")
    return RefUpdate(local_oid=tip, remote_ref=branch, remote_oid=old)


def _ref_update(line: str) -> RefUpdate:
    fields = line.rsplit(" ", _FIELDS - 1)
    if len(fields) != _FIELDS:
        hint = "the hook reads what `git push` writes to its stdin"
        raise PhasegateError(f"git's pre-push line {line!r} cannot be read", hint=hint)
    _, local_oid, remote_ref, remote_oid = fields
    return RefUpdate(_existing(local_oid), remote_ref, _existing(remote_oid))


def _existing(oid: str) -> str | None:
    return oid if oid.strip("0") else None
