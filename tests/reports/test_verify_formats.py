from __future__ import annotations

import json
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest

from pytest_phasegate.app.redgreen.verification import Verification, VerifiedCommit
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.redgreen.ranges import RangeVerdict
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity
from pytest_phasegate.reports.as_terminal import verified
from pytest_phasegate.reports.findings import of_verification
from pytest_phasegate.reports.formats import FORMATS, github
from pytest_phasegate.reports.messages import address, catalogue, linked

REASON = "waived (a generated table): production behaviour changed"
COMMIT = CommitVerdict(
    ChangeKind.CODE_ONLY,
    CommitRuling.WAIVED,
    REASON,
    sha="0123456789abcdef",
    subject="feat: ::two\x1b",
    findings=(Finding("PG201", Severity.ERROR, "production behaviour changed", "src/a.py"),),
    waiver="a generated table",
)
RANGE = RangeVerdict(Ruling.WAIVED, "1 waived", (COMMIT,))
FOUND = Verification("A..B", RANGE, (VerifiedCommit(COMMIT),))


def told(form: str, found: Verification) -> str:
    judged = of_verification(found)
    return verified(judged) if form == "text" else FORMATS[form](judged)


@pytest.mark.parametrize("form", ["text", "github", "markdown", "comment", "junit", "sarif"])
def test_every_format_tells_a_waiver_once_with_its_reason(form: str) -> None:
    assert told(form, FOUND).count("a generated table") == 1


def test_a_waiver_is_a_notice_to_github_and_an_escaped_one() -> None:
    (line,) = told("github", FOUND).splitlines()

    assert line.startswith("::notice title=waived::0123456789ab feat: ::two\\x1b: waived (a generated table)")


def test_what_was_waived_is_a_suppressed_result_to_a_scanner() -> None:
    (result,) = json.loads(told("sarif", FOUND))["runs"][0]["results"]

    assert result["suppressions"] == [{"kind": "external", "justification": "a generated table"}]
    assert (result["ruleId"], result["ruleIndex"]) == ("PG201", 0)


def test_a_refused_commit_says_one_remedy_once() -> None:
    broken = tuple(Finding("PG204", Severity.ERROR, f"{test} breaks", fix="mend the code") for test in ("a", "b"))
    refused = COMMIT._replace(verdict=CommitRuling.FAILED, reason="2 tests break", findings=broken)
    found = Verification("A..B", RangeVerdict(Ruling.FAILED, "1 failed", (refused,)), (VerifiedCommit(refused),))

    lines = told("text", found).splitlines()

    assert lines[-4:-1] == ["    PG204 a breaks", "    PG204 b breaks", "      fix: mend the code"]


def test_what_cannot_run_here_tells_its_remedy_with_the_first_commit_that_wants_it() -> None:
    unset = "export DJANGO_SETTINGS_MODULE=app.settings"
    findings = [(Finding("PG217", Severity.ERROR, f"{test} cannot run here", fix=unset),) for test in ("a", "b")]
    open_ = [
        COMMIT._replace(verdict=CommitRuling.INCONCLUSIVE, sha=f"{n}" * 40, findings=one)
        for n, one in enumerate(findings)
    ]
    found = Verification("A..B", RangeVerdict(Ruling.INCONCLUSIVE, "2", (*open_,)), (*map(VerifiedCommit, open_),))

    shown = verified(of_verification(found))

    assert (shown.count(unset), shown.count("cannot run here")) == (1, 2)


def test_a_long_range_names_its_refused_commits_once_more_at_the_end() -> None:
    finding = Finding("PG201", Severity.ERROR, "production behaviour changed", "src/a.py", fix="write the test")
    refused = COMMIT._replace(verdict=CommitRuling.FAILED, reason="no test", findings=(finding,), subject="feat: two")
    passed = refused._replace(verdict=CommitRuling.PASSED, findings=())
    not_judged = passed._replace(verdict=CommitRuling.INCONCLUSIVE, reason="not judged: ended by --max-seconds")
    commits = (refused, *[passed] * 19, not_judged)
    verdict = RangeVerdict(Ruling.FAILED, "1 of 21 failed", commits)

    assert told("text", Verification("A..B", verdict, tuple(map(VerifiedCommit, commits)))).splitlines()[-4:] == [
        "",
        "failed        0123456789ab  feat: two  PG201",
        "one of them again: phasegate verify 0123456789ab; what a code means: phasegate explain CODE",
        "failed: 1 of 21 failed",
    ]


def test_commits_that_were_not_judged_for_the_same_reason_are_told_once() -> None:
    commits = [COMMIT._replace(verdict=CommitRuling.INCONCLUSIVE, reason="not judged: Ctrl-C", findings=())] * 21
    verdict = RangeVerdict(Ruling.INCONCLUSIVE, "ended by Ctrl-C", tuple(commits))

    assert told("text", Verification("A..B", verdict, tuple(map(VerifiedCommit, commits)))).splitlines() == [
        "inconclusive  0123456789ab  feat: ::two\\x1b",
        "              not judged: Ctrl-C; the 20 commits after it likewise",
        "inconclusive: ended by Ctrl-C",
    ]


@pytest.mark.parametrize(
    ("path", "message", "told_so"),
    [
        ("src/a.py", "production behaviour changed", "src/a.py: production behaviour changed"),
        ("t/test_a.py", "t/test_a.py::test_b was deleted", "t/test_a.py::test_b was deleted"),
    ],
)
def test_the_text_of_a_refusal_says_once_what_where_and_how_to_mend_it(path: str, message: str, told_so: str) -> None:
    finding = Finding("PG201", Severity.ERROR, message, path, fix="write the test")
    refused = CommitVerdict(
        ChangeKind.CODE_ONLY,
        CommitRuling.FAILED,
        f"{message}; and 1 more",
        sha="0123456789abcdef",
        subject="feat: two",
        findings=(finding,),
    )
    verdict = RangeVerdict(Ruling.FAILED, "1 of 1 failed", (refused,))

    assert told("text", Verification("A..B", verdict, (VerifiedCommit(refused),))).splitlines() == [
        "failed        0123456789ab  feat: two",
        f"    PG201 {told_so}",
        "      fix: write the test",
        "failed: 1 of 1 failed",
    ]


def found_with(ruling: Ruling, commit: CommitRuling, severity: Severity) -> Verification:
    finding = Finding("PG201", severity, "production behaviour changed", "src/a.py")
    verdict = COMMIT._replace(verdict=commit, findings=(finding,), waiver="")
    return Verification("A..B", RangeVerdict(ruling, "so many of so many", (verdict,)), (VerifiedCommit(verdict),))


def test_who_only_observes_is_warned_by_github_and_sees_no_error() -> None:
    refused = found_with(Ruling.FAILED, CommitRuling.FAILED, Severity.ERROR)

    assert told("github", refused).startswith("::error file=src/a.py,title=PG201::")
    assert github(of_verification(refused), observing=True).startswith("::warning file=src/a.py,title=PG201::")


def test_a_range_that_passed_says_so_in_one_notice() -> None:
    passed = found_with(Ruling.PASSED, CommitRuling.PASSED, Severity.NOTE)
    unknown = found_with(Ruling.INCONCLUSIVE, CommitRuling.INCONCLUSIVE, Severity.ERROR)

    assert told("github", passed) == "::notice title=red before green::A..B passed: so many of so many"
    assert "::notice" not in told("github", unknown)


REFUSED = COMMIT._replace(
    verdict=CommitRuling.FAILED,
    reason="production behaviour changed",
    subject="feat: <b> | `two` @all \x1b",
    findings=(Finding("PG201", Severity.ERROR, "production behaviour changed", "src/a.py", 3),),
    waiver="",
)
UNKNOWN = REFUSED._replace(verdict=CommitRuling.INCONCLUSIVE, reason="no run", findings=())
EXEMPT = REFUSED._replace(verdict=CommitRuling.EXEMPT, reason="documents", findings=())
PASSED = REFUSED._replace(verdict=CommitRuling.PASSED, reason="1 test went from red to green", findings=())


def whole(ruling: Ruling, *verdicts: CommitVerdict, findings: tuple[Finding, ...] = ()) -> Verification:
    told = RangeVerdict(ruling, "so many of so many", verdicts, (), findings)
    return Verification("A..B", told, tuple(map(VerifiedCommit, verdicts)))


def test_junit_has_a_case_for_each_commit_and_one_for_the_range() -> None:
    left_red = Finding("PG212", Severity.ERROR, "left red", "tests/a.py")
    suite = fromstring(told("junit", whole(Ruling.FAILED, PASSED, REFUSED, UNKNOWN, EXEMPT, findings=(left_red,))))

    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"], ["skipped"], ["failure"]]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "5",
        "2",
        "1",
        "1",
    )
    assert suite[1].get("name") == "0123456789ab feat: <b> | `two` @all \\x1b"
    assert suite[1][0].get("type") == "PG201"
    assert "left red" in (suite[4][0].text or "")


@pytest.mark.parametrize("ruling", list(Ruling))
def test_junit_fails_exactly_where_the_range_is_refused(ruling: Ruling) -> None:
    suite = fromstring(told("junit", whole(ruling)))

    assert bool(suite[-1].findall("failure") + suite[-1].findall("error")) is ruling.refuses


def test_a_comment_begins_with_its_marker_links_its_codes_and_lets_no_text_escape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PHASEGATE_DOCUMENTATION", "https://docs.example/")
    text = told("comment", whole(Ruling.FAILED, PASSED, REFUSED))

    assert text.startswith("<!-- phasegate: red before green -->\n### Red before green: failed\n")
    assert (
        "[PG201](https://docs.example/messages.md#pg201-production-code-changed-and-no-test-did) `src/a.py:3`" in text
    )
    assert "phasegate verify A..B" in text
    assert not {"<b>", "@all", "\x1b"} & set(text.split())
    assert "<b>" not in text


@pytest.mark.parametrize(
    ("fix", "shown"),
    [
        ("mend it; or `git rebase -i 1a2b~`", "mend it; or `git rebase -i 1a2b~`"),
        ("run `<b>` and `@all`", "run `<b>` and `@all`"),
        ("a ` alone and <b>", "a \\` alone and &lt;b&gt;"),
        ("", ""),
    ],
)
def test_a_comment_says_each_thing_once_and_shows_how_to_mend_it_in_a_line_of_its_own(fix: str, shown: str) -> None:
    message = "tests/test_a.py::test_b was deleted"
    finding = Finding("PG205", Severity.ERROR, message, "tests/test_a.py", fix=fix)
    lost = REFUSED._replace(reason=f"{message}; and 1 more", findings=(finding,))

    lines = told("comment", whole(Ruling.FAILED, lost)).splitlines()

    assert lines[5].endswith("** failed")
    assert lines[6] == "  - `PG205` tests/test\\_a.py::test\\_b was deleted" + (f"<br>Fix: {shown}" if shown else "")


def test_a_comment_that_would_be_too_long_leads_to_the_log() -> None:
    long = REFUSED._replace(findings=tuple(replace(REFUSED.findings[0], message="x" * 5000) for _ in range(40)))

    text = told("comment", whole(Ruling.FAILED, long))

    assert len(text) < 65536
    assert text.endswith("The log of the job tells the rest.")


def test_every_code_leads_to_a_heading_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHASEGATE_DOCUMENTATION", "https://docs.example")
    addresses = [address(code) for code in catalogue()]

    assert len(set(addresses)) == len(addresses)
    assert (address("XX1"), linked("XX1")) == ("", "`XX1`")
