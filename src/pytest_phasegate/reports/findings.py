"""What a command judged, as one list that every format tells: gates of phases, commits, messages and guides alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pytest_phasegate.core.guide.model import Diagnostic, Guide
from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.verdict.report import PhaseReport, RunReport
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, Verdict, counted

if TYPE_CHECKING:
    from pytest_phasegate.app.commit.phase_commits import JudgedMessage
    from pytest_phasegate.app.redgreen.verification import Verification

MARKS = {
    Ruling.PASSED: "✅",
    Ruling.FAILED: "❌",
    Ruling.ERROR: "💥",
    Ruling.INCONCLUSIVE: "❓",
    Ruling.WAIVED: "🟡",
    Ruling.NOT_EVALUATED: "⚪",
}
RED_GREEN = "red-green"


class Case(NamedTuple):
    """One thing that was judged, with the findings that are told of it.

    Args:
        group: What it is part of: a phase, a range, nothing.
        name: A gate, the beginning of a commit's hash, a guide's path.
        title: What it is called beside that: a commit's subject.
        ruling: What it came to.
        reason: Why, in one sentence.
        findings: What stands behind that.
        word: The ruling in the command's own word, where that is another.
        waiver: Why somebody took its findings on.
        place: The file it is about, for a finding that names none.
        code: Of the finding that a refusal without findings is told as; without one, other cases tell of it.
    """

    group: str
    name: str
    title: str
    ruling: Ruling
    reason: str
    findings: tuple[Finding, ...] = ()
    word: str = ""
    waiver: str = ""
    seconds: float = 0.0
    place: str = "."
    code: str = ""

    @property
    def called(self) -> str:
        """What to call it where nothing else says what it is part of."""
        return " ".join(filter(None, (self.name, self.title)))

    @property
    def state(self) -> str:
        """The ruling in the word that its command has for it."""
        return self.word or str(self.ruling)


class Judged(NamedTuple):
    """All that a command judged.

    ``head`` and ``rows`` are its overview in a table; ``notes`` decide nothing; ``again`` are the words of the command
    that judges the same.
    """

    command: str
    title: str
    ruling: Ruling
    reason: str
    cases: tuple[Case, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    again: str = ""
    waiting: str = ""
    badge: str = ""

    def told(self) -> Iterator[tuple[Case, Finding]]:
        """Yield every finding once, though several phases may tell of it; no refusal goes without one."""
        seen: set[tuple[object, ...]] = set()
        for case in self.cases:
            wrong = any(one.severity is Severity.ERROR for one in case.findings)
            name = "" if case.title else f"{case.name} "
            own = Finding(case.code, Severity.ERROR, f"{name}{case.state}: {case.reason}")
            for finding in (*([own] if case.code and case.ruling.refuses and not wrong else []), *case.findings):
                key = (case.title, finding.code, finding.path, finding.line, finding.message)
                if key not in seen:
                    seen.add(key)
                    yield case, finding


def of_report(report: RunReport) -> Judged:
    """Return what was judged of phases."""
    lost = (f"{one.kind}: {one.test} (phase {one.phase}): {one.detail}" for one in report.regressions)
    names = [report.name(phase) for phase in report.phases]
    return Judged(
        "check",
        "Phase gates",
        report.ruling,
        ending(report),
        cases=tuple(_gate(report, phase, verdict) for phase in report.phases for verdict in phase.gates),
        head=("phase", "verdict", "tests", "coverage", "gates"),
        rows=tuple(map(_phase_row, names, report.phases)),
        notes=(*(f"guide: {guide.path}" for guide in report.guides), *lost, *report.notes),
        again=",".join(names),
        waiting=f"; {report.waiting}" if report.waiting else "",
        badge=f"phase {names[0]}" if len(names) == 1 else "phase gates",
    )


def ending(report: RunReport) -> str:
    """Return what a report comes to, in one line."""
    if report.narrowed:
        again = ",".join(map(report.name, report.phases))
        whole = f"; without that, from the project's top: pytest --phase {again}" if again else ""
        return f"not evaluated: the run was narrowed by {', '.join(report.narrowed)}{whole}"
    if report.refused:
        worst = ", ".join(f"{report.name(phase)} ({refusing_gates(phase)})" for phase in report.refused)
        return f"FAIL phase{'s' if len(report.refused) > 1 else ''} {worst}"
    told: list[str] = []
    for ruling in dict.fromkeys((report.ruling, *(phase.ruling for phase in report.phases))):
        names = [report.name(phase) for phase in report.phases if phase.ruling is ruling]
        word = ruling if told else ruling.upper()
        told += [f"{word}: phase{'s' if len(names) > 1 else ''} {', '.join(names)}"] if names else []
    waiting = f"; {report.waiting}" if report.waiting else ""
    return ("; ".join(told) or report.ruling.upper()) + waiting


def refusing_gates(phase: PhaseReport) -> str:
    """Return the gates that refuse a phase, with how."""
    return ", ".join(f"{verdict.gate} {verdict.ruling}" for verdict in phase.refusing)


def _gate(report: RunReport, phase: PhaseReport, one: Verdict) -> Case:
    group = f"phase {report.name(phase)}: {phase.title or '(untitled)'}"
    waiver = one.reason if one.ruling is Ruling.WAIVED else ""
    place = phase.guide
    return Case(group, one.gate, "", one.ruling, one.reason, one.findings, waiver=waiver, place=place, code=one.gate)


def _phase_row(name: str, phase: PhaseReport) -> tuple[str, ...]:
    tests, line = phase.tests, phase.coverage.line if phase.coverage else None
    return (
        f"{name}: {phase.title}" if phase.title else name,
        f"{MARKS[phase.ruling]} {phase.ruling}",
        f"{tests.passed} passed, {tests.failed} failed, {tests.skipped} skipped, {len(tests.missing)} missing",
        f"{line.shown:.2f} %" if line else "-",
        ", ".join(f"{verdict.gate} {MARKS[verdict.ruling]}" for verdict in phase.gates),
    )


def commit(asked: str, one: CommitVerdict) -> Case:
    """Return what was judged of one commit: notes stand behind no refusal, and only errors can be waived."""
    ruling = one.verdict.ruling
    graver = {Severity.ERROR, Severity.WARNING} if ruling.refuses else set()
    told = {Severity.ERROR} if ruling is Ruling.WAIVED else graver
    findings = tuple(finding for finding in one.findings if finding.severity in told)
    waiver = one.waiver if ruling is Ruling.WAIVED else ""
    about = (one.verdict, waiver, one.seconds)
    return Case(asked, one.sha[:12], one.subject, ruling, one.reason, findings, *about, code=RED_GREEN)


def of_guides(guides: Iterable[Guide], found: Sequence[Diagnostic]) -> Judged:
    """Return what was found in guides and the documents beside them; a file with an error is refused."""
    paths = dict.fromkeys((*(guide.path for guide in guides), *(each.path for each in found)))
    cases = tuple(_file(path, [each for each in found if each.path == path]) for path in paths)
    return judged_each("lint", "Guides", cases, counted(len(cases), "file"), " ".join(paths))


def judged_each(command: str, title: str, cases: tuple[Case, ...], counts: str, again: str) -> Judged:
    """Return things that are judged each for itself."""
    refused = sum(case.ruling.refuses for case in cases)
    ruling = Ruling.FAILED if refused else Ruling.PASSED
    reason = f"{refused} of {counts} refused" if refused else f"{counts} judged"
    rows = tuple((case.called, case.state, case.reason) for case in cases)
    head = (counts.partition(" ")[2].rstrip("s"), "verdict", "findings")
    return Judged(command, title, ruling, reason, cases, head, rows, again=again, badge=title.lower())


def _file(path: str, found: Iterable[Diagnostic]) -> Case:
    findings = tuple(found)
    errors, warnings = (sum(one.severity is each for one in findings) for each in (Severity.ERROR, Severity.WARNING))
    reason = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    ruling = Ruling.FAILED if errors else Ruling.PASSED
    return Case("guides", path, "", ruling, reason, findings, place=path)


def of_verification(found: Verification) -> Judged:
    """Return what was judged of a range: each commit, and the range, which may be refused as a whole."""
    verdicts, whole = [one.verdict for one in found.commits], found.verdict
    code = "" if any(verdict.verdict.refuses for verdict in verdicts) else RED_GREEN
    last = Case(found.asked, "the range as a whole", "", whole.verdict, whole.reason, whole.findings, code=code)
    part = f" (shard {found.part})" if found.part else ""
    return Judged(
        "verify",
        "Red before green",
        whole.verdict,
        f"{whole.reason}{part}",
        cases=(*(commit(found.asked, verdict) for verdict in verdicts), last),
        head=("commit", "verdict", "red to green", "reason"),
        rows=tuple(map(_commit_row, verdicts)),
        again=found.asked,
        badge="red before green",
    )


def _commit_row(verdict: CommitVerdict) -> tuple[str, ...]:
    return f"{verdict.sha[:12]} {verdict.subject}", verdict.verdict, str(len(verdict.turned)), verdict.reason


def of_messages(asked: str, judged: Iterable[JudgedMessage]) -> Judged:
    """Return what was found in the messages of a range."""
    cases = tuple(_message(asked, one) for one in judged)
    again = f"{asked} --messages"
    return judged_each("verify", "Commit messages", cases, counted(len(cases), "message"), again)


def _message(asked: str, one: JudgedMessage) -> Case:
    ruling = Ruling.FAILED if one.findings else Ruling.PASSED
    reason = " ".join(dict.fromkeys(finding.code for finding in one.findings)) or "as it should be"
    return Case(asked, one.commit.sha[:12], one.commit.subject, ruling, reason, one.findings)
