from __future__ import annotations

from typing import Any

import pytest

from pytest_phasegate.core.evidence.outcomes import Grade, TestId
from pytest_phasegate.core.guide.model import DeclaredTest, Derivation, Guide, Phase
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.project.settings import Policy, RedGreenSettings, Settings
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict, RedDetail
from pytest_phasegate.core.verdict.gate import Evidence, Need
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, Verdict
from pytest_phasegate.gates.red_green import RedGreenGate

PHASE = Phase("1", "One", 1, 2)
GUIDE = Guide("g.md", "g", "G", "canonical", "", (PHASE,))
BAD = CommitVerdict(
    ChangeKind.CODE_ONLY,
    CommitRuling.FAILED,
    "no test was red",
    findings=(Finding("PG201", Severity.ERROR, "no test was red", "src/a.py"),),
)
GOOD = CommitVerdict(
    ChangeKind.TEST_AND_CODE, CommitRuling.PASSED, "fine", fail_to_pass=(TestId("t.py::test_a"), TestId("t.py::test_b"))
)
DOCS = CommitVerdict(ChangeKind.NEITHER, CommitRuling.EXEMPT, "no code")
WAIVED = CommitVerdict(ChangeKind.CODE_ONLY, CommitRuling.WAIVED, "waived (vendored)")


def judged(facts: dict[Need, Any], policy: Policy = Policy.STANDARD) -> Verdict:
    settings = Settings(red_green=RedGreenSettings(policy=policy))
    return RedGreenGate().check(PHASE, Evidence(settings, GUIDE, facts, {} if facts else {Need.RED_GREEN: "no git"}))


@pytest.mark.parametrize(
    ("commits", "ruling", "reason"),
    [
        ((GOOD,), Ruling.PASSED, "2 tests went from red to green"),
        ((DOCS,), Ruling.NOT_EVALUATED, "no code"),
        ((GOOD, BAD), Ruling.FAILED, "no test was red"),
        ((WAIVED,), Ruling.WAIVED, "waived (vendored)"),
        ((), Ruling.NOT_EVALUATED, "no change of the phase came after the project was configured"),
    ],
)
def test_the_gravest_commit_decides(commits: tuple[CommitVerdict, ...], ruling: Ruling, reason: str) -> None:
    verdict = judged({Need.RED_GREEN: commits})

    assert (verdict.ruling, verdict.reason) == (ruling, reason)


def test_nothing_replayed_is_inconclusive() -> None:
    verdict = judged({})

    assert (verdict.ruling, verdict.reason) == (Ruling.INCONCLUSIVE, "no git")


def test_under_observation_nothing_is_refused_and_all_is_told() -> None:
    verdict = judged({Need.RED_GREEN: (BAD,)}, Policy.OBSERVE)

    assert (verdict.ruling, verdict.reason) == (Ruling.NOT_EVALUATED, "observed only; no test was red")
    assert [finding.severity for finding in verdict.findings] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        (({"t.py::test_c": True},), True),
        (({"t.py::test_other": True},), False),
        (({"u.py::test_c": True},), False),
        (({"t.py::test_c": True}, {"t.py::test_c": False}), False),
    ],
)
def test_a_declared_test_that_asks_nothing_is_none(written: tuple[dict[str, bool], ...], refused: bool) -> None:
    phase = PHASE._replace(tests=(DeclaredTest("test_c", 7, None, "t.py"),))
    commits = tuple(GOOD._replace(written={TestId(test): idle for test, idle in one.items()}) for one in written)

    verdict = RedGreenGate().check(phase, Evidence(Settings(), GUIDE, {Need.RED_GREEN: commits}))

    assert (verdict.ruling is Ruling.FAILED) is refused
    assert [(one.code, one.path, one.line) for one in verdict.findings] == [("PG223", "g.md", 7)] * refused


CHORE = CommitVerdict(ChangeKind.CODE_ONLY, CommitRuling.PASSED, "behaviour stays", subject="chore: prepare")
LATE = CommitVerdict(ChangeKind.TEST_ONLY, CommitRuling.PASSED, "green at once", never_red=(TestId("t.py::test_c"),))


@pytest.mark.parametrize(
    ("declared", "commits", "ruling"),
    [
        ("feat: c", (CHORE, LATE), Ruling.FAILED),
        ("fix(c)!: c", (CHORE, LATE), Ruling.FAILED),
        ("feat: c", (CHORE, GOOD, LATE), Ruling.PASSED),
        ("feat: c", (CHORE._replace(subject="feat: c"), LATE), Ruling.PASSED),
        ("feat: c", (CHORE, LATE._replace(never_red=(TestId("t.py::test_b"),))), Ruling.PASSED),
        ("feat: c", (CHORE._replace(verdict=CommitRuling.WAIVED), LATE), Ruling.PASSED),
        ("feat: c", (CHORE._replace(kind=ChangeKind.NEITHER), LATE), Ruling.PASSED),
        ("refactor: c", (CHORE, LATE), Ruling.PASSED),
        (None, (CHORE, LATE), Ruling.PASSED),
    ],
)
def test_code_of_a_feature_that_came_under_another_type_is_not_proved_by_tests_that_came_after_it(
    declared: str | None, commits: tuple[CommitVerdict, ...], ruling: Ruling
) -> None:
    phase = PHASE._replace(tests=(DeclaredTest("test_c", 7, None, "t.py"),), commit=declared)

    verdict = RedGreenGate().check(phase, Evidence(Settings(), GUIDE, {Need.RED_GREEN: commits}))

    assert verdict.ruling is ruling
    assert ("PG222" in {finding.code for finding in verdict.findings}) is (ruling is Ruling.FAILED)


RED = RedDetail(TestId("tests/test_a.py::TestA::test_a"), Grade.STRUCTURAL, "NameError")


@pytest.mark.parametrize(
    ("test", "seen", "told"),
    [
        (DeclaredTest("test_a", 7, expected_failure="NameError: name 'x' is not defined"), "NameError", False),
        (DeclaredTest("test_a", 7, expected_failure="function not defined"), "ImportError", False),
        (DeclaredTest("test_a", 7, expected_failure="ImportError"), "ModuleNotFoundError", False),
        (DeclaredTest("test_a", 7, expected_failure="NameError or ImportError"), "ImportError", False),
        (DeclaredTest("test_a", 7), "ImportError", False),
        (DeclaredTest("test_a", 7, expected_failure="NameError"), "", False),
        (DeclaredTest("test_b", 7, expected_failure="NameError"), "AssertionError", False),
        (DeclaredTest("test_a", 7, "TestB", expected_failure="NameError"), "AssertionError", False),
        (DeclaredTest("test_a", 7, file="tests/test_b.py", expected_failure="NameError"), "AssertionError", False),
        (DeclaredTest("test_a", 7, expected_failure="NameError"), "AssertionError", True),
        (DeclaredTest("test_a", 7, "TestA", "tests/test_a.py", "pkg.CacheError"), "AssertionError", True),
        (DeclaredTest("test_a", 7, expected_failure="ModuleNotFoundError"), "ImportError", True),
    ],
)
def test_a_red_that_the_guide_does_not_foresee_is_told_and_refused_under_strict(
    test: DeclaredTest, seen: str, told: bool
) -> None:
    phase = PHASE._replace(tests=(test,))
    commit = GOOD._replace(red=(RED._replace(exception=seen),))

    def found(policy: Policy) -> Verdict:
        settings = Settings(red_green=RedGreenSettings(policy=policy))
        return RedGreenGate().check(phase, Evidence(settings, GUIDE, {Need.RED_GREEN: (commit,)}))

    standard, strict = found(Policy.STANDARD), found(Policy.STRICT)

    assert standard.ruling is Ruling.PASSED
    assert [(one.code, one.severity, one.line) for one in standard.findings] == (
        [("PG220", Severity.WARNING, 7)] if told else []
    )
    assert strict.ruling is (Ruling.FAILED if told else Ruling.PASSED)


BEGUN = Derivation(("c" * 40,), files=True, tests=True)
TURNED = CommitVerdict(
    ChangeKind.CODE_ONLY, CommitRuling.PASSED, "fine", fail_to_pass_unchanged=(TestId("t.py::test_a"),)
)
RED_ALONE = CommitVerdict(ChangeKind.TEST_ONLY, CommitRuling.PASSED, "red")
UNKNOWN = CommitVerdict(ChangeKind.TEST_AND_CODE, CommitRuling.INCONCLUSIVE, "no interpreter")


@pytest.mark.parametrize("policy", [Policy.STANDARD, Policy.OBSERVE])
@pytest.mark.parametrize(
    ("derivation", "commits", "ruling"),
    [
        (BEGUN, (GOOD,), Ruling.PASSED),
        (BEGUN, (RED_ALONE, TURNED), Ruling.PASSED),
        (BEGUN, (DOCS, GOOD), Ruling.PASSED),
        (BEGUN, (DOCS,), Ruling.FAILED),
        (BEGUN, (RED_ALONE,), Ruling.FAILED),
        (BEGUN, (WAIVED,), Ruling.FAILED),
        (BEGUN, (BAD,), Ruling.FAILED),
        (BEGUN, (), Ruling.FAILED),
        (BEGUN, (UNKNOWN,), Ruling.INCONCLUSIVE),
        (BEGUN._replace(commits=()), (), Ruling.INCONCLUSIVE),
        (BEGUN._replace(tests=False), (DOCS,), Ruling.NOT_EVALUATED),
        (BEGUN._replace(files=False), (WAIVED,), Ruling.WAIVED),
    ],
)
def test_a_phase_that_declares_nothing_needs_a_test_that_was_red(
    derivation: Derivation, commits: tuple[CommitVerdict, ...], ruling: Ruling, policy: Policy
) -> None:
    settings = Settings(red_green=RedGreenSettings(policy=policy))
    phase = PHASE._replace(derivation=derivation)

    verdict = RedGreenGate().check(phase, Evidence(settings, GUIDE, {Need.RED_GREEN: commits}))

    assert verdict.ruling is ruling
    assert ("PG222" in {finding.code for finding in verdict.findings}) is (verdict.ruling.refuses and derivation.begun)
