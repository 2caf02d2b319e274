"""The gates that judge the work around a phase: guide, scope, protected, approval, commit, commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import ChangedPaths, Committed
from pytest_phasegate.core.guide.model import (
    Action,
    CoverageGoal,
    Criterion,
    DeclaredFile,
    DeclaredTest,
    Diagnostic,
    Guide,
    Phase,
)
from pytest_phasegate.core.guide.progress import Acceptance
from pytest_phasegate.core.guide.selection import Done
from pytest_phasegate.core.project.configuration import otherwise
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.settings import (
    ApprovalSettings,
    CommitSettings,
    CoverageSettings,
    Credit,
    CreepSeverity,
    DocumentSettings,
    LintSettings,
    Policy,
    RedGreenSettings,
    ScopeSettings,
    Settings,
)
from pytest_phasegate.core.verdict.gate import Evidence, Need, RanCommand, Regenerated
from pytest_phasegate.core.verdict.verdict import Ruling, Severity
from pytest_phasegate.gates.criteria import CommandsGate
from pytest_phasegate.gates.guide import ApprovalGate, GuideGate, OrderGate
from pytest_phasegate.gates.scope import CommitGate, ProtectedGate, ScopeGate

if TYPE_CHECKING:
    from pytest_phasegate.core.verdict.gate import Gate
    from pytest_phasegate.core.verdict.verdict import Verdict

PHASE = Phase(
    "1",
    "One",
    3,
    9,
    files=(DeclaredFile("src/app/cache.py", Action.CREATE, 4), DeclaredFile("docs/", Action.MODIFY, 5)),
    tests=(DeclaredTest("test_a", 6, file="checks/cache_checks.py"),),
    commit="feat(cache): add it",
    digest="d1",
)
GUIDE = Guide("docs/plans/cache.md", "cache", "Cache", "canonical", "sha256:0", (PHASE,))
LAYOUT = Layout(source=("src",), test_roots=("tests",))


def judged(
    gate: Gate, facts: dict[Need, Any] | None = None, *, guide: Guide = GUIDE, phase: Phase = PHASE, **settings: Any
) -> Verdict:
    absent = {} if facts is not None else dict.fromkeys(Need, "git is not there")
    return gate.check(phase, Evidence(Settings(**settings), guide, facts or {}, absent))


def change(*paths: str) -> dict[Need, Any]:
    return {Need.CHANGE: ChangedPaths("the staged change", paths, LAYOUT)}


@pytest.mark.parametrize(
    ("gate", "settings"),
    [
        (GuideGate(), {}),
        (ScopeGate(), {}),
        (ProtectedGate(), {"protected": {"gen/**": ("specs/**",)}}),
        (ApprovalGate(), {"approval": ApprovalSettings(required=True)}),
        (CommitGate(), {}),
        (CommandsGate(), {"commands": {"lint": "ruff check"}}),
    ],
)
def test_evidence_that_is_not_there_is_inconclusive_with_the_reason(gate: Gate, settings: dict[str, Any]) -> None:
    verdict = judged(gate, **settings)

    assert (verdict.ruling, verdict.reason) == (Ruling.INCONCLUSIVE, "git is not there")


@pytest.mark.parametrize("gate", [ProtectedGate(), ApprovalGate(), CommandsGate()])
def test_what_the_project_does_not_ask_for_is_not_evaluated(gate: Gate) -> None:
    assert judged(gate).ruling is Ruling.NOT_EVALUATED


def test_the_scope_holds_the_declared_files_the_tests_and_what_is_allowed() -> None:
    touched = change(
        "src/app/cache.py", "docs/a/b.md", "tests/test_new.py", "checks/cache_checks.py", "uv.lock",
        ".phasegate/baseline.jsonl", "docs/plans/cache.md",
    )  # fmt: skip

    assert judged(ScopeGate(), touched, scope=ScopeSettings(("uv.lock",))).ruling is Ruling.PASSED


@pytest.mark.parametrize(("severity", "ruling"), [("warning", Ruling.PASSED), ("error", Ruling.FAILED)])
def test_creep_is_listed_and_refuses_only_as_an_error(severity: str, ruling: Ruling) -> None:
    touched = change(*(file.path for file in PHASE.files), "src/app/other.py")

    verdict = judged(ScopeGate(), touched, scope=ScopeSettings((), CreepSeverity(severity)))

    assert verdict.ruling is ruling
    assert [(f.code, f.severity, f.path) for f in verdict.findings] == [("PG501", severity, "src/app/other.py")]
    assert verdict.reason == "the staged change touches 1 of 3 files outside the phase's declaration"


def test_a_phase_without_files_and_a_change_of_nothing_have_no_scope() -> None:
    assert judged(ScopeGate(), change("x.py"), phase=PHASE._replace(files=())).ruling is Ruling.NOT_EVALUATED
    assert judged(ScopeGate(), change()).ruling is Ruling.NOT_EVALUATED


def test_the_files_that_a_phase_is_to_create_are_there() -> None:
    created = tuple(file.path for file in PHASE.files if file.action is Action.CREATE)
    there = {Need.CHANGE: replace(change()[Need.CHANGE], absent=())}
    none = {Need.CHANGE: replace(change("x.py")[Need.CHANGE], absent=created)}

    assert created
    assert judged(ScopeGate(), there).ruling is Ruling.PASSED
    assert judged(ScopeGate(), none).ruling is Ruling.FAILED
    assert [finding.code for finding in judged(ScopeGate(), none).findings] == ["PG506"] * len(created)


def test_declared_code_that_git_ignores_is_refused() -> None:
    hidden = PHASE.files[0].path
    touched = {Need.CHANGE: replace(change(*(file.path for file in PHASE.files))[Need.CHANGE], hidden=(hidden,))}

    verdict = judged(ScopeGate(), touched)

    assert verdict.ruling is Ruling.FAILED
    assert [(f.code, f.severity, f.message) for f in verdict.findings] == [
        ("PG506", "error", f"git ignores {hidden}: no commit holds it")
    ]


@pytest.mark.parametrize("above", ["packages/web/", ""])
def test_a_file_that_came_in_below_another_directory_is_named_where_the_declared_one_is_missed(above: str) -> None:
    (created,) = [file.path for file in PHASE.files if file.action is Action.CREATE]
    touched = change(f"{above}{created}" if above else f"un{created}")

    (finding,) = judged(ScopeGate(), {Need.CHANGE: replace(touched[Need.CHANGE], absent=(created,))}).findings

    assert (f"call it {above}{created}:" in finding.fix) is bool(above)


def test_a_file_that_another_phase_deletes_is_not_missed() -> None:
    created = tuple(file for file in PHASE.files if file.action is Action.CREATE)
    later = PHASE._replace(id="9", files=tuple(file._replace(action=Action.DELETE) for file in created))
    modified = (file.path for file in PHASE.files if file.action is Action.MODIFY)
    none = {Need.CHANGE: replace(change(*modified)[Need.CHANGE], absent=tuple(file.path for file in created))}

    found = judged(ScopeGate(), none, guide=replace(GUIDE, phases=(PHASE, later)))

    assert "PG506" not in {finding.code for finding in found.findings}


def test_what_a_phase_is_to_modify_or_delete_and_leaves_as_it_was_is_told() -> None:
    files = tuple(
        PHASE.files[0]._replace(path=path, action=action, line=line)
        for path, action, line in (("a.py", Action.MODIFY, 3), ("b.py", Action.MODIFY, 4), ("c.py", Action.DELETE, 5))
    )
    touched = {Need.CHANGE: replace(change("a.py")[Need.CHANGE], left=("c.py",))}

    verdict = judged(ScopeGate(), touched, phase=PHASE._replace(files=files))

    assert verdict.ruling is Ruling.PASSED
    assert [(one.code, one.severity, one.line, one.message) for one in verdict.findings] == [
        ("PG506", "warning", 4, "phase 1 is to modify b.py, and nothing of it touches that"),
        ("PG506", "warning", 5, "phase 1 is to delete c.py, and it is there still"),
    ]


def test_a_generated_file_changes_only_with_its_source() -> None:
    protected = {"src/gen/**": ("specs/**",)}

    alone = judged(ProtectedGate(), change("src/gen/api.py", "src/app/cache.py"), protected=protected)
    together = judged(ProtectedGate(), change("src/gen/api.py", "specs/api.yml"), protected=protected)

    assert [(f.code, f.path) for f in alone.findings] == [("PG502", "src/gen/api.py")]
    assert alone.ruling is Ruling.FAILED
    assert together.ruling is Ruling.PASSED


@pytest.mark.parametrize(
    ("anew", "codes"),
    [
        (Regenerated("make gen", (), 2), []),
        (Regenerated("make gen", ("src/gen/api.py",), 2), ["PG502", "PG509"]),
        (Regenerated("make gen", problem="it ended with 2"), ["PG502"]),
        (Regenerated("make other", (), 2), ["PG502"]),
    ],
)
def test_a_generated_file_that_its_command_makes_so_needs_no_change_of_its_source(
    anew: Regenerated, codes: list[str]
) -> None:
    facts = {**change("src/gen/api.py", "tools/gen.py"), Need.GENERATED: (anew,)}
    generate = {"src/gen/**": "make gen", "x/**": "make other"}

    found = judged(ProtectedGate(), facts, protected={"src/gen/**": ("specs/**",)}, generate=generate)

    assert [one.code for one in found.findings] == codes


def test_production_code_of_an_unapproved_guide_is_refused_and_nothing_else() -> None:
    def ruling(*paths: str, approved: bool = False) -> Ruling:
        guide = replace(GUIDE, approved=approved)
        return judged(ApprovalGate(), change(*paths), guide=guide, approval=ApprovalSettings(required=True)).ruling

    assert ruling("src/app/cache.py") is Ruling.FAILED
    assert ruling("tests/test_cache.py", "docs/x.md") is Ruling.NOT_EVALUATED
    assert ruling("src/app/cache.py", approved=True) is Ruling.PASSED


@pytest.mark.parametrize(
    ("messages", "ruling"),
    [
        ((), Ruling.NOT_EVALUATED),
        ((Commit("feat(cache): add it", sha="a" * 40),), Ruling.PASSED),
        ((Commit("feat(cache): Add it", sha="a" * 40),), Ruling.FAILED),
    ],
)
def test_the_commit_is_the_declared_one(messages: tuple[Commit, ...], ruling: Ruling) -> None:
    assert judged(CommitGate(), {Need.MESSAGE: Committed(messages, "main")}).ruling is ruling


def test_a_branch_of_another_name_fails_before_anything_is_committed() -> None:
    verdict = judged(CommitGate(), {Need.MESSAGE: Committed((), "main")}, commit=CommitSettings(branch="^feat/"))

    assert [finding.code for finding in verdict.findings] == ["PG514"]


def ran(*commands: RanCommand) -> Verdict:
    return judged(CommandsGate(), {Need.COMMANDS: commands}, commands={"lint": "ruff check", "types": "mypy"})


def test_commands_pass_when_all_that_are_configured_end_with_0() -> None:
    verdict = ran(RanCommand("lint", "ruff check", 0), RanCommand("types", "mypy", 0))

    assert (verdict.ruling, verdict.reason) == (Ruling.PASSED, "lint, types passed")


def test_a_failed_command_shows_the_end_of_its_output_and_how_to_run_it() -> None:
    said = tuple(f"line {number}" for number in range(20))

    verdict = ran(RanCommand("lint", "ruff check", 1, said), RanCommand("types", "mypy", None, (), "took too long"))

    first, second = verdict.findings
    assert (verdict.ruling, verdict.reason) == (Ruling.FAILED, "lint failed")
    assert first.message.startswith("lint ended with 1:\nline 8\n")
    assert first.fix == "run it yourself: ruff check"
    assert (second.code, second.message) == ("PG522", "types: took too long")


def test_a_silent_failure_says_so() -> None:
    assert ran(RanCommand("lint", "x", 2), RanCommand("types", "y", 0)).findings[0].message == (
        "lint ended with 2 and said nothing"
    )


@pytest.mark.parametrize(
    "commands",
    [(RanCommand("lint", "x", 0), RanCommand("types", "mypy", None, (), "not found")), (RanCommand("lint", "x", 0),)],
)
def test_a_command_that_did_not_run_to_its_end_is_no_pass(commands: tuple[RanCommand, ...]) -> None:
    verdict = ran(*commands)

    assert (verdict.ruling, verdict.reason) == (Ruling.INCONCLUSIVE, "types did not run to the end")


def test_a_guide_with_errors_is_refused_with_all_of_them() -> None:
    remark = Diagnostic("PG101", Severity.ERROR, "no such phase", "docs/plans/cache.md", 7)
    harmless = replace(remark, severity=Severity.WARNING)

    verdict = judged(GuideGate(), {}, guide=replace(GUIDE, diagnostics=(remark, harmless)))

    assert verdict.ruling is Ruling.FAILED
    assert [(finding.code, finding.line) for finding in verdict.findings] == [("PG101", 7)]
    assert judged(GuideGate(), {}, guide=replace(GUIDE, diagnostics=(harmless,))).ruling is Ruling.PASSED


def test_a_finished_phase_that_was_edited_or_removed_is_tampering() -> None:
    def verdict(**digests: str) -> Verdict:
        phases = {name.removeprefix("p"): digest for name, digest in digests.items()}
        return judged(GuideGate(), {Need.ACCEPTANCE: Acceptance(phases, dict.fromkeys(phases, "c" * 40))})

    assert verdict(p1="d1").ruling is Ruling.PASSED
    assert [f.line for f in verdict(p1="other").findings] == [3]
    assert "cccccccccc and is gone from the guide" in verdict(p0="d0").findings[0].message


@pytest.mark.parametrize(
    ("then", "told"),
    [
        (PHASE, ""),
        (PHASE._replace(coverage=CoverageGoal(minimum=10)), ""),
        (PHASE._replace(coverage=CoverageGoal(minimum=100)), "line coverage 100 %, now 50 %"),
        (PHASE._replace(coverage=CoverageGoal(minimum=50, branch=80)), "branch coverage 80 %, now no figure"),
        (PHASE._replace(tests=(*PHASE.tests, DeclaredTest("test_b", 7))), "test_b is not named any more"),
        (
            PHASE._replace(criteria=(Criterion("It is fast", False, "other", 8),)),
            '"It is fast" is no criterion any more',
        ),
    ],
)
def test_a_plan_that_asks_less_than_where_its_phase_began_is_told(then: Phase, told: str) -> None:
    now = PHASE._replace(coverage=CoverageGoal(minimum=50))
    facts = {Need.ACCEPTANCE: Acceptance({}, {}), Need.BEGUN: then}

    standard = judged(GuideGate(), facts, phase=now)
    strict = judged(GuideGate(), facts, phase=now, red_green=RedGreenSettings(policy=Policy.STRICT))

    assert standard.ruling is Ruling.PASSED
    assert [finding.code for finding in standard.findings] == (["PG508"] if told else [])
    assert told in "".join(finding.message for finding in standard.findings)
    assert strict.ruling is (Ruling.FAILED if told else Ruling.PASSED)


LINTED = Settings(source=("src",), commands={"lint": "ruff"}, coverage=CoverageSettings(minimum=80))
LENIENT = RedGreenSettings(policy=Policy.OBSERVE)


@pytest.mark.parametrize(
    ("now", "keys", "ruling"),
    [
        (LINTED, (), Ruling.PASSED),
        (LINTED._replace(commands={"lint": "ruff", "types": "mypy"}, stage="x"), (), Ruling.PASSED),
        (LINTED._replace(coverage=CoverageSettings(minimum=90, branch=50), strict=True), (), Ruling.PASSED),
        (LINTED._replace(documents=DocumentSettings((), 90), lint=LintSettings((), 90)), (), Ruling.PASSED),
        (LINTED._replace(suite=False, commands={}), ("commands.lint", "suite"), Ruling.FAILED),
        (LINTED._replace(commands={"lint": "true"}), ("commands.lint",), Ruling.FAILED),
        (LINTED._replace(coverage=CoverageSettings(80, credit=Credit.ALL)), ("coverage.credit",), Ruling.FAILED),
        (LINTED._replace(coverage=CoverageSettings(70)), ("coverage.minimum",), Ruling.FAILED),
        (LINTED._replace(coverage=CoverageSettings()), ("coverage.minimum",), Ruling.FAILED),
        (LINTED._replace(source=("lib",), approval=ApprovalSettings(required=True)), ("source",), Ruling.FAILED),
        (LINTED._replace(red_green=LENIENT), ("red_green.policy",), Ruling.FAILED),
    ],
)
def test_a_phase_may_not_alter_the_configuration_that_judges_it_but_to_ask_more(
    now: Settings, keys: tuple[str, ...], ruling: Ruling
) -> None:
    facts = {Need.ACCEPTANCE: Acceptance({}, {}), Need.RULES: otherwise(LINTED, now)}
    found = judged(GuideGate(), facts)

    assert sorted(otherwise(LINTED, now)) == sorted(keys)
    assert (found.ruling, [one.code for one in found.findings]) == (ruling, ["PG508"] * len(keys))


FREE = ONE, TWO, THREE = tuple(Phase(number, "Title", 3, 9) for number in "123")
ORDERED = (ONE, TWO._replace(depends=("1",)), THREE._replace(depends=("2",)))
STATED = (ONE, TWO, THREE._replace(depends=("1",)))


@pytest.mark.parametrize(
    ("phases", "phase", "accepted", "waiting"),
    [
        (ORDERED, "1", "", ""),
        (ORDERED, "2", "1", ""),
        (ORDERED, "3", "12", ""),
        (STATED, "3", "1", ""),
        (STATED, "2", "", ""),
        (FREE, "2", "", ""),
        (ORDERED, "2", "2", ""),
        (ORDERED, "2", "", "1"),
        (ORDERED, "3", "1", "2"),
        (STATED, "3", "2", "1"),
    ],
)
def test_a_phase_that_comes_early_is_told_of(
    phases: tuple[Phase, ...], phase: str, accepted: str, waiting: str
) -> None:
    guide = replace(GUIDE, phases=phases)
    mine = next(one for one in phases if one.id == phase)

    found = judged(OrderGate(), {Need.ORDER: Done(frozenset(accepted))}, guide=guide, phase=mine)

    assert not found.ruling.refuses
    assert [one.code for one in found.findings] == (["PG507"] if waiting else [])
    assert waiting in found.reason
    assert (found.ruling is Ruling.PASSED) is (not waiting and mine.depends != ())


@pytest.mark.parametrize(
    ("further", "severity", "ruling", "told"),
    [
        ((), CreepSeverity.ERROR, Ruling.PASSED, []),
        (("src/app/cache.py", "tests/test_x.py", "docs/plans/cache.md"), CreepSeverity.ERROR, Ruling.PASSED, []),
        (("src/app/other_phase.py",), CreepSeverity.ERROR, Ruling.PASSED, []),
        (("CHANGELOG.md",), CreepSeverity.ERROR, Ruling.PASSED, []),
        (("src/app/creep.py",), CreepSeverity.WARNING, Ruling.PASSED, ["src/app/creep.py"]),
        (("src/app/creep.py",), CreepSeverity.ERROR, Ruling.FAILED, ["src/app/creep.py"]),
    ],
)
def test_what_another_commit_of_the_phase_touches_and_no_phase_declares_is_told(
    further: tuple[str, ...], severity: CreepSeverity, ruling: Ruling, told: list[str]
) -> None:
    changed = ChangedPaths(
        "commit abc", ("src/app/cache.py",), LAYOUT, further=further, declared=("src/app/other_phase.py",)
    )

    found = judged(ScopeGate(), {Need.CHANGE: changed}, scope=ScopeSettings(allow=("CHANGELOG.md",), severity=severity))

    assert (found.ruling, [one.path for one in found.findings if one.code == "PG501"]) == (ruling, told)
    assert not told or found.reason == "other commits of the phase touch 1 file that no phase declares"


@pytest.mark.parametrize(
    ("anew", "ruling"),
    [
        (Regenerated("make gen", (), 2), "passed"),
        (Regenerated("make gen", ("src/gen/a.py",), 2), "failed"),
        (Regenerated("make gen", problem="it ended with 2: no rule"), "inconclusive"),
        (None, "inconclusive"),
    ],
)
def test_a_generated_file_is_what_its_command_makes(anew: Regenerated | None, ruling: str) -> None:
    facts = {Need.GENERATED: (anew,)} if anew else {}
    verdict = judged(ProtectedGate(), facts, generate={"src/gen/**": "make gen"})

    assert verdict.ruling == ruling
    assert [one.path for one in verdict.findings] == (["src/gen/a.py"] if ruling == "failed" else [])
