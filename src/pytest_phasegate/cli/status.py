"""``phasegate status``: every phase, from git, baseline, judgements and files; ``next``: the one thing to do now."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence

from pytest_phasegate.app.guide.status import choose, progress_of_all
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.cli.output import answer_in
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.core.criteria.feedback import Feedback
from pytest_phasegate.core.guide.progress import GuideProgress, State
from pytest_phasegate.errors import Choice, QuestionError
from pytest_phasegate.reports import guide_report
from pytest_phasegate.reports.as_terminal import colourful
from pytest_phasegate.reports.escaping import json_text, say
from pytest_phasegate.wiring import readers

INCOMPLETE, INCONCLUSIVE = 1, 4
"""Exit codes of ``--require-complete``: something is not accepted or answered with no; nobody knows."""


def configure_status(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--require-complete",
        action="store_true",
        help="exit 1 or 4 unless every phase is accepted and judged as it stands",
    )


def run_status(options: argparse.Namespace) -> int:
    """Print where every phase stands."""
    form, project = formatted(options, "text", "json"), opened(options)
    around = project.surroundings()
    progress = progress_of_all(around)
    if form == "json":
        print(json_text(guide_report.whole_record(progress, around.content, around.feedback)))
    else:
        colour = colourful(options.color)
        texts = (guide_report.as_text(one, project.step_of(around, one), colour=colour) for one in progress)
        print("\n\n".join(texts))
        print("".join(f"\n{line}" for line in guide_report.feedback_lines(around.feedback)), end="")
    return _verdict(project, progress, around) if options.require_complete else 0


def _verdict(project: Project, progress: tuple[GuideProgress, ...], around: Surroundings) -> int:
    """Say what is not complete; in a shallow clone the commits may only be out of sight."""
    blocked = unanswered(around.feedback)
    wanting = [(guide, one) for guide in progress for one in guide.phases if one.state is not State.ACCEPTED]
    for guide, one in wanting:
        say(f"PG531 {guide.guide.path}: phase {one.phase.id} is {one.state}, not accepted")
    if not wanting:
        return unproved(progress, project) or blocked
    if around.repository and around.repository.is_shallow():
        say("this clone is shallow: fetch the whole history (fetch-depth: 0) and ask again")
        return INCONCLUSIVE
    return INCOMPLETE


def unanswered(feedback: Feedback) -> int:
    """Say which blocking comments of reviewers are open, and return the code."""
    for one in feedback.blocking:
        place = f"{one.place}: " if one.place else ""
        say(f"{one.code} {place}{one.told}")
    return INCOMPLETE if feedback.blocking else 0


def unproved(progress: Iterable[GuideProgress], project: Project) -> int:
    """Say what is accepted and not judged on the content as it stands, and what nobody said yes to; return the code."""
    several = tuple(progress)
    say(*(line for one in several for line in _doubts(one, project.prefix(one.guide))))
    if any(one.facts.blocked for guide in several for one in guide.waiting):
        return INCOMPLETE
    return INCONCLUSIVE if any(guide.unproved or guide.waiting for guide in several) else 0


def _doubts(progress: GuideProgress, name: str) -> Iterator[str]:
    """Yield a line for each accepted phase that is not proved as it stands, and the command that judges."""
    path = progress.guide.path
    for one in progress.unproved:
        last = guide_report.verdict_words(one)
        said = "nothing judged it here" if last == "-" else last
        yield f"PG532 {path}: phase {one.phase.id} is accepted, not judged on this content ({said})"
    if progress.unproved:
        yield f"  run: phasegate check {name}all"
    for one in progress.waiting:
        blocked = "BLOCKED: answered with no", one.facts.blocked
        for words, numbers in (("waits for a person", one.facts.open), blocked):
            yield from (f"PG533 {path}: phase {one.phase.id}: criterion {number}: {words}" for number in numbers)
        yield f"  run: phasegate review {name}{one.phase.id}"


def configure_next(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("guide", nargs="?", metavar="GUIDE", help="the slug of a guide, where several are open")


def run_next(options: argparse.Namespace) -> int:
    """Print the next step."""
    form, project = formatted(options, "text", "json"), opened(options)
    around = project.surroundings()
    one = _chosen(project, progress_of_all(around), options.guide)
    step = project.step_of(around, one)
    if not step.command and (elsewhere := readers.guides_elsewhere(project)):
        step = step._replace(why=f"{step.why}; {elsewhere[0]} looks like a guide and is not matched by `guides`")
    answer_in(form, guide_report.step_record(one, step), (*guide_report.step_lines(step), f"  because {step.why}"))
    return INCONCLUSIVE if one.accepted and not one.complete else 0


def _chosen(project: Project, progress: Sequence[GuideProgress], name: str | None) -> GuideProgress:
    """Return the guide that is meant; where several could be, the choices are listed instead of a guess."""
    if name is not None:
        path = project.guide(name).path
        return next(one for one in progress if one.guide.path == path)
    found = choose(progress) or tuple(progress[:1])
    if len(found) == 1:
        return found[0]
    choices = tuple(Choice(one.guide.slug, one.guide.title) for one in found)
    hint = f"say which one: phasegate next GUIDE, of {', '.join(one.guide.slug for one in found)}"
    raise QuestionError("several guides are open", choices=choices, hint=hint)
