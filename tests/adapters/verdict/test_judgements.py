from __future__ import annotations

import json

import pytest

from pytest_phasegate.adapters.verdict.judgements import JudgementLog
from pytest_phasegate.core.coverage.measurement import Figure
from pytest_phasegate.core.criteria.reviews import Review
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.project.settings import (
    CoverageSettings,
    DocumentSettings,
    LintSettings,
    Mode,
    RedGreenSettings,
    Settings,
    Waiver,
)
from pytest_phasegate.core.regression.baseline import Passing
from pytest_phasegate.core.verdict.judgement import (
    Judgement,
    by_rules,
    judgements_of,
    last_of,
    lately_expired,
    passed_on,
    unanswered,
    word_on,
)
from pytest_phasegate.core.verdict.report import (
    CoverageShare,
    GuideName,
    Kind,
    PhaseReport,
    Regression,
    RunReport,
    TestCounts,
)
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.wiring import projects, records, status
from support.project import Project

PASSED = Judgement(1, "cache", "1", "t1", Ruling.PASSED, "check", 8, 100.0)
FAILED = Judgement(2, "cache", "1", "t1", Ruling.FAILED, "pytest")
OTHER = Judgement(3, "cache", "1", "t2", Ruling.PASSED, "check")


def test_judgements_come_back_in_the_order_they_were_made(project: Project) -> None:
    log = JudgementLog(project.root / "made/judgements.jsonl")

    assert log.read() == ()
    log.append([PASSED])
    log.append([FAILED, OTHER])

    assert log.read() == (PASSED, FAILED, OTHER)


def test_a_damaged_line_counts_as_never_written(project: Project) -> None:
    log = JudgementLog(project.root / "judgements.jsonl")
    log.append([PASSED])
    with log.path.open("ab") as file:
        file.write(b'{"at": 1}\n\xff\n[]\n{"ruling": "splendid"}\n')
    log.append([FAILED])

    assert log.read() == (PASSED, FAILED)


@pytest.mark.parametrize(
    "changed",
    [
        {"at": "1"},
        {"at": -1},
        {"at": 10**30},
        {"at": True},
        {"tree": None},
        {"phase": 1},
        {"gates": [1]},
        {"gates": [["tests", "splendid"]]},
        {"tests": "4"},
        {"failed": -1},
        {"coverage": "all"},
        {"coverage": float("nan")},
        {"rules": []},
        {"seconds": [["whole", "soon"]]},
        {"more": 1},
    ],
)
def test_a_line_that_nobody_of_us_wrote_counts_as_never_written(project: Project, changed: dict[str, object]) -> None:
    log = JudgementLog(project.root / "judgements.jsonl")
    log.append([PASSED])
    record = json.loads(log.path.read_text(encoding="utf-8"))
    log.path.write_text(json.dumps({**record, **changed}), encoding="utf-8")

    assert log.read() == ()


def test_all_judgements_are_read_where_everything_counts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_phasegate.adapters.verdict.judgements.READ_BYTES", 10)
    log = JudgementLog(project.root / "judgements.jsonl")
    log.append([PASSED, FAILED])

    assert log.read() == ()
    assert log.read(everything=True) == (PASSED, FAILED)


def test_a_log_that_cannot_be_kept_is_one_message(project: Project) -> None:
    log = JudgementLog(project.write("file", "").root / "file" / "x")

    with pytest.raises(EvidenceError, match="cannot be kept"):
        log.append([PASSED])
    with pytest.raises(EvidenceError, match="cannot be read"):
        log.read()


def test_the_last_word_on_exactly_this_content_counts() -> None:
    assert passed_on([PASSED, FAILED, OTHER], "cache", "1", "t1") is None
    assert passed_on([FAILED, PASSED, OTHER], "cache", "1", "t1") == PASSED
    assert passed_on([PASSED], "cache", "1", "t9") is None
    assert passed_on([PASSED], "cache", "2", "t1") is None
    assert last_of([PASSED, FAILED, OTHER], "cache", "1") == OTHER


ALONE = PASSED._replace(source="pytest")
RED = ALONE._replace(ruling=Ruling.NOT_EVALUATED, tests=2, failed=2)


@pytest.mark.parametrize(
    ("judgements", "passes"),
    [
        ([ALONE], False),
        ([PASSED, ALONE], True),
        ([ALONE, PASSED], True),
        ([PASSED, ALONE._replace(ruling=Ruling.FAILED)], False),
        ([PASSED, ALONE._replace(ruling=Ruling.FAILED), ALONE], False),
        ([PASSED, ALONE._replace(ruling=Ruling.FAILED), PASSED], True),
        ([PASSED, RED, ALONE], False),
        ([PASSED, ALONE._replace(ruling=Ruling.NOT_EVALUATED)], True),
        ([PASSED, ALONE._replace(ruling=Ruling.FAILED, tree="t2")], True),
        ([PASSED._replace(ruling=Ruling.WAIVED)], False),
    ],
)
def test_only_the_whole_gate_lets_a_phase_be_accepted(judgements: list[Judgement], passes: bool) -> None:
    assert (passed_on(judgements, "cache", "1", "t1") is not None) is passes


BY_RULES = PASSED._replace(rules="r", stage="staging", gates=(("tests", "passed"),), seconds=(("tests", 1.5),))


def test_what_it_went_by_and_how_long_it_took_comes_back_too(project: Project) -> None:
    log = JudgementLog(project.root / "judgements.jsonl")
    log.append([BY_RULES])

    assert log.read() == (BY_RULES,)


@pytest.mark.parametrize(
    ("judgements", "ruling", "why"),
    [
        ([BY_RULES], Ruling.PASSED, ""),
        ([BY_RULES._replace(ruling=Ruling.FAILED, gate="tests"), BY_RULES], Ruling.PASSED, ""),
        ([BY_RULES, BY_RULES._replace(source="pytest")], Ruling.PASSED, ""),
        ([], Ruling.INCONCLUSIVE, "nothing judged it on this content"),
        ([BY_RULES._replace(tree="t2")], Ruling.INCONCLUSIVE, "nothing judged it on this content"),
        ([BY_RULES._replace(guide="other")], Ruling.INCONCLUSIVE, "nothing judged it on this content"),
        ([BY_RULES._replace(phase="2")], Ruling.INCONCLUSIVE, "nothing judged it on this content"),
        ([BY_RULES._replace(rules="loose")], Ruling.INCONCLUSIVE, "passed by other rules than those that hold here"),
        ([PASSED], Ruling.INCONCLUSIVE, "passed by rules that nobody kept: by an older version"),
        ([BY_RULES._replace(source="pytest")], Ruling.INCONCLUSIVE, "only tests and coverage were judged"),
        ([BY_RULES, BY_RULES._replace(ruling=Ruling.FAILED, gate="tests")], Ruling.FAILED, "the gate tests refused"),
        (
            [BY_RULES, BY_RULES._replace(rules="strict", ruling=Ruling.FAILED, gate="commands")],
            Ruling.FAILED,
            "commands",
        ),
        ([BY_RULES._replace(ruling=Ruling.ERROR, gate="mine")], Ruling.FAILED, "the gate mine refused"),
        ([BY_RULES._replace(ruling=Ruling.FAILED, source="pytest")], Ruling.FAILED, "accepted tests were lost"),
        ([BY_RULES._replace(ruling=Ruling.NOT_EVALUATED, tests=2, failed=2)], Ruling.FAILED, "its tests are red"),
        (
            [BY_RULES._replace(ruling=Ruling.INCONCLUSIVE, gate="red-green")],
            Ruling.INCONCLUSIVE,
            "the gate red-green was inconclusive",
        ),
        ([BY_RULES._replace(ruling=Ruling.NOT_EVALUATED)], Ruling.INCONCLUSIVE, "check: not-evaluated"),
        ([BY_RULES._replace(ruling=Ruling.WAIVED)], Ruling.INCONCLUSIVE, "check: waived"),
    ],
)
def test_the_word_on_a_content_is_a_pass_of_the_whole_gate_by_these_rules_or_none(
    judgements: list[Judgement], ruling: Ruling, why: str
) -> None:
    word = word_on(judgements, "cache", "1", "t1", rules="r")

    assert word.ruling is ruling
    assert why in word.why


@pytest.mark.parametrize(
    ("judged", "counts"),
    [
        (BY_RULES, True),
        (PASSED, False),  # nobody knows by which
        (BY_RULES._replace(rules="loose"), False),
        (BY_RULES._replace(rules="loose", ruling=Ruling.FAILED), True),
        (BY_RULES._replace(rules="loose", ruling=Ruling.NOT_EVALUATED, tests=2, failed=2), True),
    ],
)
def test_a_pass_by_other_rules_than_those_that_hold_is_none(judged: Judgement, *, counts: bool) -> None:
    assert by_rules([judged], "r") == ((judged,) if counts else ())


OLD = BY_RULES._replace(rules="old")
REFUSED = OLD._replace(ruling=Ruling.FAILED, gate="commands", tests=2)


@pytest.mark.parametrize(
    ("judgements", "left"),
    [
        ([REFUSED, OLD], False),
        ([REFUSED._replace(source="pytest"), OLD], False),
        ([REFUSED._replace(source="pytest"), OLD._replace(source="pytest")], False),
        ([REFUSED._replace(tests=0), OLD._replace(phase="2")], False),  # the run of phase 2 had found it lost
        ([OLD._replace(ruling=Ruling.NOT_EVALUATED, tests=2, failed=2, rules="", source="pytest"), OLD], False),
        ([OLD, REFUSED], True),
        ([REFUSED, OLD._replace(source="pytest")], True),
        ([REFUSED, OLD._replace(phase="2")], True),
        ([REFUSED, OLD._replace(guide="other")], True),
        ([REFUSED, OLD._replace(rules="loose")], True),
        ([REFUSED._replace(rules="r"), OLD._replace(rules="loose")], True),
    ],
)
def test_what_a_pass_took_back_by_the_rules_of_then_does_not_come_back_when_rules_change(
    judgements: list[Judgement], *, left: bool
) -> None:
    assert by_rules(judgements, "r") == tuple(one for one in judgements if left and one.ruling is Ruling.FAILED)


def test_without_git_there_is_no_word_on_a_content() -> None:
    assert word_on([BY_RULES._replace(tree="")], "cache", "1", "", rules="r").ruling is Ruling.INCONCLUSIVE


def test_the_rules_are_what_verdicts_go_by_and_not_what_a_refusal_does() -> None:
    plain = Settings(configured=True)
    slow = plain._replace(command_timeout=1.0, red_green=RedGreenSettings(timeout=1.0))
    short = plain._replace(lint=LintSettings(budget=9), documents=DocumentSettings(budget=9))
    same = (
        plain._replace(mode=Mode.REPORT),
        plain._replace(stage="x"),
        plain._replace(python=("python3",)),
        slow,
        short,
    )
    other = (plain._replace(coverage=CoverageSettings(minimum=1)), plain._replace(guides=("x.md",)))

    assert {rules_of(one) for one in same} == {rules_of(plain)}
    assert rules_of(plain) not in {rules_of(one) for one in other}


@pytest.mark.parametrize(
    ("expires", "expired"),
    [("2026-03-09", False), ("2026-03-10", True), ("2026-03-14", True), ("2026-03-15", False), ("", False)],
)
def test_a_waiver_that_held_when_it_was_judged_and_does_not_now_is_named(expires: str, expired: bool) -> None:
    waiver = Waiver("src/*", "later", expires)

    found = lately_expired([waiver], judged="2026-03-10", today="2026-03-15")

    assert (found == (waiver,)) is expired


def test_a_judgement_without_git_holds_for_no_tree() -> None:
    assert passed_on([Judgement(1, "cache", "1", "", Ruling.PASSED, "check")], "cache", "1", "") is None


def test_all_worktrees_share_one_log_beside_the_ledger(project: Project) -> None:
    project.init_git().commit("feat: begin")
    project.git("worktree", "add", "-q", "../linked")

    linked = records.judgements(project.root.parent / "linked").path

    assert linked.resolve() == project.root / ".git/phasegate/judgements.jsonl"


def test_what_was_said_of_one_project_of_a_repository_says_nothing_of_another(project: Project) -> None:
    project.init_git().write("one/a.py", "1\n").write("two/a.py", "1\n").commit("feat: begin")
    project.git("worktree", "add", "-q", "../linked")
    one, two, linked = project.root / "one", project.root / "two", project.root.parent / "linked/one"
    records.judgements(one).append([PASSED])
    records.passings(one).keep(Passing("cache", "1", "t1", ()))
    yes = Review(1, "cache", "1", 1, "text", "t1", "", passed=True, by="Ada")
    status.review_log(one).append(yes)

    assert records.judgements(one).read() == records.judgements(linked).read() == (PASSED,)
    assert records.judgements(two).read() == records.judgements(project.root).read() == ()
    assert records.passings(linked).find("cache", "1", "t1")
    assert records.passings(two).find("cache", "1", "t1") is None
    assert (status.review_log(linked).read(), status.review_log(two).read()) == ((yes,), ())


def test_the_content_is_the_same_before_and_after_it_is_committed(project: Project) -> None:
    project.init_git().write(".gitignore", "ignored\n").write("a.py", "1\n").commit("feat: begin")
    before = projects.repository(project.root).content_tree()
    project.write("a.py", "2\n").write("new.py", "3\n").write("ignored", "x")
    changed = projects.repository(project.root).content_tree()
    status = project.git("status", "--porcelain").stdout
    project.write(".phasegate/baseline.jsonl", "{}\n").commit("feat: go on")

    assert before != changed
    assert status == " M a.py\n?? new.py\n"
    assert projects.repository(project.root).content_tree() == changed


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at_is_content_as_it_stands(project: Project, flag: str) -> None:
    project.init_git().write("a.py", "1\n").write("b.py", "1\n").commit("feat: begin")
    before = projects.repository(project.root).content_tree()
    project.git("update-index", flag, "a.py", "b.py")
    flagged = projects.repository(project.root).content_tree()
    project.write("a.py", "2\n")
    listed = project.git("ls-files", "-v").stdout

    assert flagged == before
    assert projects.repository(project.root).content_tree() != before
    assert project.git("ls-files", "-v").stdout == listed


@pytest.mark.parametrize("ignored", ["", "{name}/\n", "*\n!.gitignore\n!a.py\n"])
@pytest.mark.parametrize("name", [".venv", "*e[n]v"])
def test_a_virtual_environment_is_no_content_whether_git_ignores_it_or_not(
    project: Project, name: str, ignored: str
) -> None:
    project.init_git().write(".gitignore", ignored.format(name=f"\\{name}".replace("[", "\\["))).write("a.py", "1\n")
    before = projects.repository(project.root).content_tree()
    project.write(f"{name}/pyvenv.cfg", "").write(f"{name}/lib/six.py", "6\n")

    assert projects.repository(project.root).content_tree() == before


@pytest.mark.parametrize(
    ("ignored", "text", "same"), [("", ".tox/py", True), (".venv\n", ".tox/py\n", True), ("", "?", False)]
)
def test_a_file_that_names_the_virtual_environment_is_no_content(
    project: Project, ignored: str, text: str, same: bool
) -> None:
    project.init_git().write(".gitignore", f".tox/\n{ignored}").write("a.py", "1\n").write(".tox/py/pyvenv.cfg", "")
    before = projects.repository(project.root).content_tree()
    (project.root / ".venv").write_text(text)

    assert (projects.repository(project.root).content_tree() == before) is same


def test_what_is_called_like_a_virtual_environment_is_content(project: Project) -> None:
    project.init_git().write("*env/pyvenv.cfg", "").write("a.py", "1\n")
    before = projects.repository(project.root).content_tree()

    assert projects.repository(project.write("myenv/a.py", "2\n").root).content_tree() != before


def test_what_a_sparse_checkout_leaves_out_is_not_gone(project: Project) -> None:
    project.init_git().write("in/a.py", "1\n").write("out/b.py", "1\n").commit("feat: begin")
    before = projects.repository(project.root).content_tree()
    project.git("sparse-checkout", "set", "in")

    assert not (project.root / "out").exists()
    assert projects.repository(project.root).content_tree() == before


def test_what_stands_uncommitted_in_a_submodule_is_content(project: Project) -> None:
    library = Project(project.root.parent / "library", project.home).write("lib.py", "1\n").init_git()
    library.commit("feat: library")
    project.init_git().write("a.py", "1\n").commit("feat: begin")
    project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.root), "lib")
    project.git("config", "diff.ignoreSubmodules", "all")
    project.commit("feat: submodule")
    seen = [projects.repository(project.root).content_tree()]
    for path, text in (("lib/lib.py", "2\n"), ("lib/lib.py", "3\n"), ("lib/new.py", "1\n"), ("lib/lib.py", "1\n")):
        project.write(path, text)
        seen.append(projects.repository(project.root).content_tree())
    project.remove("lib/new.py")

    assert len(set(seen)) == len(seen)
    assert projects.repository(project.root).content_tree() == seen[0]


def test_what_is_accepted_in_a_project_below_the_top_is_no_content_either(project: Project) -> None:
    project.init_git().write("part/a.py", "1\n").commit("feat: begin")
    before = projects.repository(project.root).content_tree()

    project.write("part/.phasegate/baseline.jsonl", "{}\n").commit("feat: go on")

    assert projects.repository(project.root).content_tree() == before


def report(*phases: PhaseReport, regressions: tuple[Regression, ...] = (), narrowed: tuple[str, ...] = ()) -> RunReport:
    guide = GuideName("docs/cache.md", "cache", "Cache", "canonical", "")
    return RunReport((guide,), ("2",), phases, regressions, narrowed)


def test_a_report_speaks_of_its_phases_and_of_those_that_regressed() -> None:
    verdict = Verdict("tests", "2", Ruling.PASSED, "fine")
    covered = CoverageShare(90.0, Figure(9, 10))
    phase = PhaseReport("docs/cache.md", "2", "Two", (verdict,), TestCounts(2, 3, 3, 0, 0), covered)
    lost = (
        Regression(TestId("t.py::test_a"), "1", Kind.BROKE),
        Regression(TestId("t.py::test_b"), "3", Kind.RENAMED),
        Regression(TestId("t.py::test_c"), "2", Kind.FLAKY),
    )

    found = judgements_of(report(phase, regressions=lost), tree="t", at=7, source="pytest")

    assert found == (
        Judgement(7, "cache", "2", "t", Ruling.PASSED, "pytest", 3, 90.0, 0, gates=(("tests", "passed"),)),
        Judgement(7, "cache", "1", "t", Ruling.FAILED, "pytest"),
    )


def test_a_narrowed_run_judges_nothing() -> None:
    phase = PhaseReport("docs/cache.md", "2", "Two", (), TestCounts(1, 1, 0, 1, 0))

    assert judgements_of(report(phase, narrowed=("-k x",)), tree="t", at=7, source="pytest") == ()
    (found,) = judgements_of(report(phase), tree="t", at=7, source="pytest")
    assert found.red


def test_a_check_of_fewer_tests_than_all_refuses_its_content_and_passes_none() -> None:
    phases = [
        PhaseReport(
            "docs/cache.md", str(number), "", (Verdict("tests", str(number), ruling, ""),), TestCounts(1, 1, 1, 0, 0)
        )
        for number, ruling in enumerate((Ruling.PASSED, Ruling.FAILED, Ruling.INCONCLUSIVE))
    ]

    found = judgements_of(report(*phases), tree="t", at=7, source="check", whole=False)

    assert [one.tree for one in found] == ["", "t", "t"]


@pytest.mark.parametrize(
    ("later", "stands"),
    [
        ((), True),
        ((ALONE,), True),  # a run of pytest asks for no red
        ((PASSED,), False),
        ((PASSED._replace(phase="2"),), True),
    ],
)
def test_what_pytest_does_not_ask_is_answered_by_a_check_alone(later: tuple[Judgement, ...], stands: bool) -> None:
    refused = PASSED._replace(ruling=Ruling.FAILED, gate="red-green", fix="write a test")

    assert (unanswered((refused, *later), "cache", "1") is not None) is stands
