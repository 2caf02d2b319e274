"""What every command that judges hands over to programs that somebody else wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import jsonschema
import pytest
from markdown_it import MarkdownIt

from pytest_phasegate.app.commit.phase_commits import JudgedMessage
from pytest_phasegate.app.redgreen.verification import Verification, VerifiedCommit
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.guide.model import Diagnostic, Guide
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.redgreen.ranges import RangeVerdict
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, Verdict
from pytest_phasegate.reports.as_terminal import messages, text, verified
from pytest_phasegate.reports.findings import of_guides, of_messages, of_report, of_verification
from pytest_phasegate.reports.formats import FORMATS, of_phases, summarise

if TYPE_CHECKING:
    from pytest_phasegate.core.verdict.report import RunReport
    from pytest_phasegate.reports.findings import Judged

SCHEMAS = {path.stem: json.loads(path.read_text()) for path in Path(__file__).with_name("schemas").glob("*.json")}
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HOSTILE = "::error::\x1b[2J</script><img src=x onerror=1>\u202e|`@ada`\n##[group]\udcff]]>&amp;%0A"
COMMANDS = ("check", "verify", "lint", "messages")


def judged(command: str, words: str, report: RunReport) -> Judged:
    """What a command judged and refused, in which every text that is not ours is these words."""
    finding = Finding("PG201", Severity.ERROR, words, words, 7, words)
    if command == "check":
        return of_report(report)
    if command == "lint":
        remark = Diagnostic("PG101", Severity.ERROR, words, words, 3, words, 2)
        return of_guides([Guide(words, words, words, "canonical", "sha256:0", (), (remark,))], [remark])
    if command == "messages":
        commit = Commit(words, sha="0" * 40, tree="1" * 40, message=words)
        return of_messages(words, [JudgedMessage(commit, (finding,))])
    one = CommitVerdict(ChangeKind.CODE_ONLY, CommitRuling.FAILED, words, "0" * 40, words, findings=(finding,))
    unknown = one._replace(verdict=CommitRuling.INCONCLUSIVE, findings=())
    verdict = RangeVerdict(Ruling.FAILED, words, (one, unknown), (), (finding,))
    return of_verification(Verification(words, verdict, (VerifiedCommit(one), VerifiedCommit(unknown))))


@pytest.fixture(params=COMMANDS)
def attack(request: pytest.FixtureRequest, hostile: RunReport) -> Judged:
    """What each command says of a project whose every text is an attack."""
    return judged(request.param, HOSTILE, hostile)


@pytest.fixture(params=COMMANDS)
def refusal(request: pytest.FixtureRequest, report: RunReport) -> Judged:
    return judged(request.param, "src/a b.py", report)


@pytest.mark.parametrize("form", FORMATS)
def test_no_control_bidi_or_lone_character_comes_through(form: str, attack: Judged) -> None:
    assert not UNSEEN.search(FORMATS[form](attack))


@pytest.mark.parametrize("form", FORMATS)
def test_no_line_is_a_workflow_command_that_is_not_ours(form: str, attack: Judged) -> None:
    lines = [line.lstrip() for line in FORMATS[form](attack).splitlines()]
    ours = ("::error file=", "::error title=red-green") if form == "github" else ()

    assert not [line for line in lines if line.startswith(("::", "##[")) and not line.startswith(ours)]


@pytest.mark.parametrize("form", ["sarif", "gitlab", "badge"])
def test_a_format_of_json_keeps_to_its_schema(form: str, attack: Judged, refusal: Judged) -> None:
    for one in (attack, refusal):
        jsonschema.validate(json.loads(FORMATS[form](one)), SCHEMAS[form], format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("form", ["markdown", "comment"])
def test_markdown_renders_to_no_element_of_somebody_else_and_mentions_nobody(form: str, attack: Judged) -> None:
    source = FORMATS[form](attack)
    page = MarkdownIt("commonmark").enable("table").render(source)

    assert not re.findall(r"<(?:img|script|a)[ />]", page)
    assert "@ada" not in re.sub(r"(?<!\\\\)`[^`]*`", "", source)


def test_junit_counts_what_it_holds_and_names_what_refuses(attack: Judged, refusal: Judged) -> None:
    for one in (attack, refusal):
        suite = fromstring(FORMATS["junit"](one))
        counted = {
            name: len(suite.findall(f"testcase/{tag}")) for name, tag in (("failures", "failure"), ("errors", "error"))
        }

        assert {name: int(suite.get(name, "")) for name in counted} == counted
        assert int(suite.get("tests", "")) == len(suite) == len(one.cases)
        assert all(case.get("name") and case.get("classname") and float(case.get("time", "x")) >= 0 for case in suite)
        assert sum(counted.values()) == sum(case.ruling.refuses for case in one.cases) > 0


def test_a_badge_is_an_image_with_its_words(attack: Judged, refusal: Judged) -> None:
    for one in (attack, refusal):
        image = fromstring(FORMATS["svg"](one))

        assert image.tag == "{http://www.w3.org/2000/svg}svg"
        assert image.get("aria-label", "").endswith("failed")
        assert not [each for each in image.iter() if each.tag.endswith(("script", "image", "a", "foreignObject"))]


def test_the_badge_of_one_phase_shows_its_coverage(report: RunReport) -> None:
    alone = of_report(report._replace(phases=report.phases[:1]))

    assert json.loads(FORMATS["badge"](alone)) == {
        "schemaVersion": 1,
        "label": "phase 1",
        "message": "passed, 97.56 %",
        "color": "brightgreen",
        "isError": False,
    }


@pytest.mark.parametrize("form", ["sarif", "gitlab", "github"])
@pytest.mark.parametrize("ruling", list(Ruling))
def test_a_gate_without_findings_is_told_exactly_where_it_refuses(form: str, ruling: Ruling, report: RunReport) -> None:
    phase = report.phases[0]._replace(gates=(Verdict("coverage", "1", ruling, "nothing was measured"),))

    told = FORMATS[form](of_report(report._replace(phases=(phase,))))

    assert (f"coverage {ruling}: nothing was measured" in told) is ruling.refuses


def test_what_two_phases_find_is_told_once(report: RunReport) -> None:
    twice = of_report(report._replace(phases=(report.phases[1], report.phases[1]._replace(id="3"))))

    assert len(json.loads(FORMATS["gitlab"](twice))) == 1


def test_a_waived_gate_is_a_suppressed_result_and_no_finding_of_a_merge_request(report: RunReport) -> None:
    finding = Finding("PG308", Severity.ERROR, "excluded", "src/a.py", 2)
    gate = Verdict("coverage", "1", Ruling.WAIVED, "generated", (finding,))
    waived = of_report(report._replace(phases=(report.phases[0]._replace(gates=(gate,)),)))

    (result,) = json.loads(FORMATS["sarif"](waived))["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "generated"
    assert json.loads(FORMATS["gitlab"](waived)) == []
    assert FORMATS["github"](waived) == "::notice title=waived::generated"


def test_the_step_summary_grows_by_the_markdown(
    refusal: Judged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))

    assert summarise(refusal) == ""
    assert file.read_text() == f"before\n{FORMATS['markdown'](refusal)}\n\n"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "none" / "summary.md"))
    assert summarise(refusal) == "the summary of the step cannot be written: No such file or directory"


LONG = "reason " * 30


def test_a_terminal_of_eighty_columns_shows_every_word(report: RunReport) -> None:
    gate = Verdict("tests", "1", Ruling.FAILED, LONG, (Finding("PG411", Severity.ERROR, LONG, "tests/test_a.py", 3),))
    phases = text(report._replace(phases=(report.phases[0]._replace(gates=(gate,)),)), width=80)
    commits = verified(judged("verify", LONG, report), width=80)

    for shown in (phases, commits, messages(judged("messages", LONG, report), width=80)):
        assert max(map(len, shown.splitlines())) <= 80
        assert shown.split().count("reason") >= 30


def test_without_a_terminal_no_line_is_broken(report: RunReport) -> None:
    assert f"              {LONG.strip()}" in verified(judged("verify", LONG, report), width=None).splitlines()


@pytest.mark.parametrize("colour", [True, False])
def test_colour_adds_nothing_but_colour(colour: bool, report: RunReport) -> None:
    plain = re.sub(r"\x1b\[[\d;]*m", "", text(report, colour=colour))

    assert plain == of_phases(report, "term")
    assert ("\x1b[" in text(report, colour=colour)) is colour
