"""``phasegate review [PHASE]`` and ``approve GUIDE``: what people answer for criteria, and of guides."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import time_ns
from typing import Any

from pytest_phasegate.adapters.git.hooks import user_name
from pytest_phasegate.app.criteria import Reviewed
from pytest_phasegate.app.guide.status import was_accepted
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.cli.output import answer_in
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.core.criteria.asks import By, asks_of
from pytest_phasegate.core.criteria.feedback import fixing, title_of
from pytest_phasegate.core.criteria.reviews import Review, digest_of_text
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.soundness import PATH, Approval, approval_digest
from pytest_phasegate.core.verdict.judgement import passed_on
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.errors import EvidenceError, GuideError, PhasegateError, RefusedError
from pytest_phasegate.reports.escaping import escaped, say
from pytest_phasegate.wiring import readers, status


def configure_review(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", default="current", metavar="PHASE", help="2, slug:2 or current")
    parser.add_argument(
        "--pass", dest="passed", type=int, action="append", default=[], metavar="K", help="criterion K holds"
    )
    parser.add_argument("--fail", dest="failed", type=int, metavar="K", help="criterion K does not hold")
    parser.add_argument("--expected", default="", metavar="TEXT", help="with --fail: what was to be seen")
    parser.add_argument("--actual", default="", metavar="TEXT", help="with --fail: what was seen")
    parser.add_argument("--fix", default="", metavar="TEXT", help="with --fail: what would mend it")
    parser.add_argument("--by", default="", metavar="NAME", help="who answers; default: git's user.name")


def run_review(options: argparse.Namespace) -> int:
    """Record the answers that are given, then list the criteria."""
    form, project = formatted(options, "text", "json"), opened(options)
    guide, phase = project.one_phase(options.phase)
    said = [*options.passed, *([options.failed] if options.failed is not None else [])]
    _check_words(options, phase, said)
    if said:
        _record(project, guide, phase, options, said)
    around = project.surroundings()
    rows, reports = tuple(_rows(project, guide, phase, around)), list(_reports(guide, phase, around))
    head = {"schema": "phasegate.review/1", "guide": guide.path, "phase": phase.id}
    record = {**head, "content": around.reviewed or None, "criteria": rows, "reports": reports}
    answer_in(form, record, (*_lines(phase, rows), *_report_lines(reports)))
    if form == "text" and any(row["verdict"] == "open" for row in rows):
        name = project.prefix(guide) + phase.id
        say(f"answer: phasegate review {name} --pass K, or --fail K --expected … --actual … --fix …")
    return 0


def answered(project: Project, guide: Guide, phase: Phase) -> tuple[Review, ...]:
    """Return the answers that let a phase be accepted: a yes for each criterion that needs a person.

    Raises:
        RefusedError: One was answered with no.
        EvidenceError: One waits for its answer.
    """
    found = refuse_blocked(project, guide, phase)
    name = f"{project.prefix(guide)}{phase.id}"
    if found.open:
        listed = "\n".join(f"{number}. {phase.criteria[number - 1].text}" for number in found.open)
        told = f"phase {name} has criteria that wait for a person:\n{listed}"
        raise EvidenceError(told, hint=f"look, then: phasegate review {name}")
    return tuple(one for number, one in sorted((found.answers or {}).items()) if number in found.needed)


def refuse_blocked(project: Project, guide: Guide, phase: Phase) -> Reviewed:
    """Return how the criteria stand.

    Raises:
        RefusedError: One was answered with no, or a blocking comment of a reviewer is open.
    """
    around = project.surroundings()
    if around.feedback.blocking:
        first = around.feedback.blocking[0]
        raise RefusedError(f"BLOCKED: {first.told}", hint=fixing(first), code=first.code)
    found = _reviewed(guide, phase, around)
    if found.blocked:
        one = found.blocked[0]
        raise RefusedError(
            f"BLOCKED: criterion {one.number} of phase {phase.id} is answered with no by {one.by}: "
            f"{phase.criteria[one.number - 1].text}\n"
            f"expected: {one.expected}\nactual: {one.actual}",
            hint=one.fix,
        )
    return found


def _check_words(options: argparse.Namespace, phase: Phase, numbers: Sequence[int]) -> None:
    for number in numbers:
        if not 1 <= number <= len(phase.criteria):
            known = f"they are numbered 1 to {len(phase.criteria)}" if phase.criteria else "it lists none"
            raise PhasegateError(f"phase {phase.id} has no criterion {number}", hint=known)
    if options.failed in options.passed:
        raise PhasegateError(f"criterion {options.failed} cannot pass and fail", hint="give one of --pass and --fail")
    said = (options.expected, options.actual, options.fix)
    if options.failed is not None and not all(word.strip() for word in said):
        hint = "say what was to be seen, what was seen, and what would mend it"
        raise PhasegateError("--fail needs --expected, --actual and --fix", hint=hint)
    if options.failed is None and any(said):
        raise PhasegateError("--expected, --actual and --fix go with --fail", hint="name the criterion: --fail K")


def _record(project: Project, guide: Guide, phase: Phase, options: argparse.Namespace, numbers: Sequence[int]) -> None:
    around = project.surroundings()
    if not around.content or around.people is None:
        raise EvidenceError("there is no git repository: nothing says what was looked at", hint="run: git init")
    found = _reviewed(guide, phase, around)
    refused = {one.number for one in found.blocked}
    for number in options.passed:
        if number not in found.needed.keys() | refused:
            hint = f"run: phasegate check {project.prefix(guide)}{phase.id}"
            raise PhasegateError(f"criterion {number} is judged by a run, not by a person", hint=hint)
    by = options.by.strip() or user_name(project.root)
    own = around.people.own(phase, around.repository, around.reviewed)
    log = status.review_log(project.root)
    for number in numbers:
        no = number == options.failed
        told = (options.expected, options.actual, options.fix) if no else ("", "", "")
        text = digest_of_text(phase.criteria[number - 1].text)
        log.append(Review(time_ns(), guide.slug, phase.id, number, text, around.reviewed, own, not no, by, *told))


def _reviewed(guide: Guide, phase: Phase, around: Surroundings) -> Reviewed:
    last = passed_on(around.judgements, guide.slug, phase.id, around.content)
    accepted = was_accepted(guide, phase, around)
    return around.answered(guide, phase, open_by_run=last.open if last else (), accepted=accepted)


def _rows(project: Project, guide: Guide, phase: Phase, around: Surroundings) -> Iterator[dict[str, Any]]:
    found = _reviewed(guide, phase, around)
    checked = passed_on(around.judgements, guide.slug, phase.id, around.content) is not None
    for number, one in enumerate(phase.criteria, 1):
        answer = (found.answers or {}).get(number)
        asks = asks_of(one.text, project.settings)
        if answer:
            verdict = "passed" if answer.passed else "failed"
        elif number in found.needed:
            verdict = "open"
        else:
            verdict = "passed" if checked else "not-judged"
        by_run = ", ".join(dict.fromkeys(str(ask.by) for ask in asks if ask.by is not By.PERSON))
        yield {
            "number": number,
            "text": one.text,
            "line": one.line,
            "verdict": verdict,
            "judged_by": "person" if number in found.needed else by_run,
            "why": found.needed.get(number, ""),
            "by": answer.by if answer else None,
            **{name: getattr(answer, name, "") for name in ("expected", "actual", "fix")},
        }


def _lines(phase: Phase, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not rows:
        yield f"phase {phase.id} lists no success criteria"
    for row in rows:
        verdict = {"failed": "BLOCKED", "not-judged": "not judged"}.get(row["verdict"], row["verdict"])
        by = row["by"] or row["judged_by"] + f": {row['why']}" * bool(row["why"])
        yield f"{row['number']:>3}. {verdict:<10} {row['text']}  ({by})"
        if row["verdict"] == "failed":
            yield from (f"     {name}: {row[name]}" for name in ("expected", "actual", "fix"))
        elif row["verdict"] == "not-judged":
            yield f"     run: phasegate check {phase.id}"


def _reports(guide: Guide, phase: Phase, around: Surroundings) -> Iterator[dict[str, Any]]:
    for one in around.reports:
        if one.is_about(guide, phase):
            said = (flaw.comment for flaw in one.flaws)
            flaws = [{"severity": each.why, "place": each.place, "message": each.text} for each in said]
            stale = not around.speaks_of_this(one)
            yield {"path": one.path, "reviewer": one.reviewer, "stale": stale, "findings": flaws}


def _report_lines(reports: Sequence[dict[str, Any]]) -> Iterator[str]:
    for one in reports:
        stale = ": made of other content, so that what it passed answers nothing; review again" if one["stale"] else ""
        yield f"{one['path']} ({one['reviewer']}){stale}"
        for flaw in one["findings"]:
            place = f"{flaw['place']}: " if flaw["place"] else ""
            yield f"     {flaw['severity']}: {place}{title_of(flaw['message'])}"


def configure_approve(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("guide", metavar="GUIDE", help="the guide's path or slug")
    parser.add_argument("--by", metavar="NAME", default="", help="who approves; default: git's user.name")


def run_approve(options: argparse.Namespace) -> int:
    """Append the record, unless this very text has one."""
    project = opened(options)
    guide = project.guide(options.guide)
    errors = [remark for remark in guide.diagnostics if remark.severity is Severity.ERROR]
    if errors:
        hint = f"mend it first: phasegate lint {guide.path}"
        raise GuideError(f"{guide.path} has {len(errors)} errors and cannot be approved", hint=hint)
    if readers.has_approval(project.root, guide):
        print(f"{escaped(guide.path)}: this text is already approved")
        return 0
    by = options.by or user_name(project.root)
    record = Approval(guide.path, approval_digest(guide), by, f"{datetime.now(UTC):%Y-%m-%d}")
    readers.add_approval(project.root, record)
    print(f"{escaped(guide.path)}: approved by {escaped(by)}; commit {PATH}")
    return 0
