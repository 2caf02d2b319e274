"""The one thing to do now, and the command for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import quote
from typing import NamedTuple

from pytest_phasegate.core.guide.model import Action, Phase, Source
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseProgress, State
from pytest_phasegate.core.guide.soundness import errors_about, errors_in
from pytest_phasegate.core.verdict.judgement import CHECK, Judgement
from pytest_phasegate.core.verdict.verdict import Ruling, counted, listed


class Step(NamedTuple):
    """What to do, the command that does it or shows that it is done (may be empty), and why."""

    do: str
    command: str
    why: str
    phase: str = ""


def next_step(
    progress: GuideProgress,
    *,
    approval_required: bool,
    name: str = "",
    uncommitted: Sequence[str] = (),
    clean: bool = False,
) -> Step:
    """Return the next step for one guide.

    Args:
        progress: Where its phases stand.
        approval_required: Whether the project wants guides approved before production code.
        name: The guide's slug and a colon, where commands must say which guide is meant.
        uncommitted: The files of what was accepted, where HEAD does not hold all of it.
        clean: Whether HEAD holds the content as it stands, whatever its subject.
    """
    of_guide = _of_guide(progress, approval_required=approval_required)
    if of_guide:
        return of_guide
    regressed = next((one for one in progress.phases if one.state is State.REGRESSED), None)
    if regressed:
        return _mend(regressed, name)
    current = progress.current
    passed = current is not None and current.state is State.PASSED
    if uncommitted and (clean or not passed):
        loose = None if clean else next(filter(_is_loose, progress.phases), None)
        return _keep(uncommitted) if loose is None else commit_step(loose.phase, name, _LOOSE)
    if current is None:
        return _nothing_left(progress, name)
    if passed or current.facts.blocked:
        return _after_a_pass(current, name, clean=clean)
    return _STEPS.get(current.state, _finish)(current, name)


def _of_guide(progress: GuideProgress, *, approval_required: bool) -> Step | None:
    guide, current = progress.guide, progress.current
    errors = len(errors_about(guide, [current.phase.id]) if current else errors_in(guide))
    if errors:
        told = f"fix the guide: it has {counted(errors, 'error')}"
        return Step(told, f"phasegate lint {guide.path}", "a phase that the guide has errors about is not judged")
    if approval_required and not guide.approved:
        why = "`approval` is required by the configuration"
        return Step("have the guide approved", f"phasegate approve {guide.path}", why)
    return None


def _mend(one: PhaseProgress, name: str) -> Step:
    lost, last = one.facts.lost, one.facts.last
    why = "it was accepted"
    if lost:
        why += f", and {', '.join(lost[:3])} is gone"
    elif last and one.facts.fresh:
        why += f", and {_said(last)}"
    elif last:
        why += f", the last {last.source} of earlier content said: {last.ruling}, and nothing has passed it since"
    of_others = last is not None and last.gate == "regression"  # the tests of the phase itself may be green
    command = "phasegate check" if of_others else "pytest --phase"
    return Step(f"make phase {one.phase.id} pass again", f"{command} {name}{one.phase.id}", why, one.phase.id)


def committing(paths: Sequence[str], subject: str) -> str:
    """Return the command that commits these files alone, also where a pattern of the project ignores them."""
    files = " ".join(paths)
    return f'git add -f {files} && git commit -m "{subject}" -- {files}'


def _review(one: PhaseProgress, name: str) -> Step:
    """Return the step that has a person answer what no run can, or mend what was answered with no."""
    phase, facts = one.phase, one.facts
    if facts.blocked:
        numbers = ", ".join(map(str, facts.blocked))
        why = f"somebody looked and said no: phasegate review {name}{phase.id} shows what was expected"
        return Step(f"mend criterion {numbers} of phase {phase.id}", f"phasegate check {name}{phase.id}", why, phase.id)
    numbers = ", ".join(map(str, facts.open))
    why = f"criterion {numbers} waits for a person" if len(facts.open) == 1 else f"criteria {numbers} wait for a person"
    return Step(f"review phase {phase.id}", f"phasegate review {name}{phase.id}", why, phase.id)


def _nothing_left(progress: GuideProgress, name: str) -> Step:
    if progress.unproved:
        one = progress.unproved[0]
        last, since = one.facts.last, one.facts.since
        why = "every phase is accepted, and nothing has judged the content as it stands"
        if last and since:
            why += f"; phase {one.phase.id}: {last.ruling} {since.told}"
        return Step("judge what stands now", f"phasegate check {name}all", why)
    if progress.accepted and progress.waiting:
        return _review(progress.waiting[0], name)
    if progress.complete:
        return Step("nothing: every phase is accepted", "", "the guide is done")
    return Step(
        "fix the guide: no phase can begin",
        f"phasegate lint {progress.guide.path}",
        "the open phases depend on each other",
    )


def _after_a_pass(one: PhaseProgress, name: str, *, clean: bool) -> Step:
    """Return what follows a pass of the whole gate."""
    phase = one.phase
    if one.facts.open or one.facts.blocked:
        return _review(one, name)
    why = f"phase {phase.id} passed on exactly this content"
    in_commits = phase.derived is not None and not phase.derived.uncommitted
    if clean or in_commits or one.facts.commit or (one.facts.accepted_tests and not phase.commit):
        return Step(f"accept phase {phase.id}", f"phasegate accept {name}{phase.id}", why, phase.id)
    return commit_step(phase, name, why)


_LOOSE = "it is accepted, and neither its work nor the baseline is committed"


def _keep(uncommitted: Sequence[str]) -> Step:
    why = "CI and the other phases are held to the one that HEAD holds"
    return Step("commit the baseline", committing(uncommitted, "chore: accept"), why)


def _is_loose(one: PhaseProgress) -> bool:
    """Whether a phase was accepted as everything stands, and no commit holds it yet."""
    return one.state is State.ACCEPTED and one.facts.fresh and not one.facts.commit


def commit_step(phase: Phase, name: str, why: str) -> Step:
    """Return the step that commits a phase, and what was accepted of it."""
    subject = "" if phase.commit else f" -m {quote(phase.likely_subject)}"
    return Step(f"commit phase {phase.id}", f"phasegate commit {name}{phase.id}{subject}", why, phase.id)


def _write_tests(one: PhaseProgress, name: str) -> Step:
    phase, missing = one.phase, one.facts.missing
    code = any(file.path.endswith(".py") for file in phase.files)
    if phase.derived and phase.needs_no_red and not phase.tests:
        return _finish(one, name) if phase.is_checkpoint else _name(phase, name)
    if phase.derived or (code and not phase.tests and phase.tests_source is Source.DERIVED):
        return _begin(one, name)
    if not phase.tests:
        return _finish(one, name)
    told = f"write the tests of phase {phase.id} and see them fail: {listed(missing, 6)}"
    why = f"{len(missing)} of {len(phase.tests)} declared tests {'is' if len(missing) == 1 else 'are'} not there"
    return Step(told, _red(one, name), why, phase.id)


def _name(phase: Phase, name: str) -> Step:
    """Return how a phase is done that declares nothing and needs no test: by a commit that names it."""
    trailer = phase_trailer(phase, name)
    why = f"the guide declares neither files nor tests of it, and its type is {phase.kind}"
    told = f"do the work of phase {phase.id}, and commit it with the trailer `{trailer}`"
    return Step(told, f"git commit --trailer {quote(trailer)}", why, phase.id)


def _begin(one: PhaseProgress, name: str) -> Step:
    """Return how a phase begins that declares no test: by a red one, in a commit that names the phase."""
    places = _test_files(one.phase)
    told = f"write the first failing test of phase {one.phase.id}{f' in {listed(places, 3)}' if places else ''}"
    if not one.phase.commit:  # where the guide declares the subject, the trailer belongs to that commit
        told += f", and commit it with the trailer `{phase_trailer(one.phase, name)}`"
    nothing = "no test" if one.phase.files else "neither files nor tests"
    why = f"the guide declares {nothing} of it: its commits say what it is"
    if not one.phase.files:
        why += "; one that needs no test says `**Type**: chore` below its heading"
    return Step(told, _red(one, name), why, one.phase.id)


def _test_files(phase: Phase) -> tuple[str, ...]:
    return tuple(file.path for file in phase.files if file.action is Action.TEST)


def phase_trailer(phase: Phase, name: str) -> str:
    """Return the trailer by which a commit names a phase; ``name`` is the guide's slug and a colon, where needed."""
    return f"Phase: {name.removesuffix(':')}/{phase.id}" if name else f"Phase: {phase.id}"


def _red(one: PhaseProgress, name: str) -> str:
    return f"pytest --phase {name}{one.phase.id} --phasegate-expect red"


def _awaits_code(one: PhaseProgress) -> bool:
    """Whether the phase's tests are written, nobody has judged them as they stand, and its code is not begun."""
    facts, last = one.facts, one.facts.last
    if facts.code_untouched:
        return not (facts.commit or (last and (facts.fresh or last.tests)))
    creates = any(file.action is Action.CREATE for file in one.phase.files)
    return bool(facts.tests) and creates and not (facts.files or facts.commit or (facts.last and facts.fresh))


def _pass(one: PhaseProgress, name: str, why: str) -> Step:
    phase = one.phase.id
    return Step(f"make the tests of phase {phase} pass", f"pytest --phase {name}{phase}", why, phase)


def _implement(one: PhaseProgress, name: str) -> Step:
    last = one.facts.last
    return _pass(one, name, f"they fail: {last.fix}" if last and last.fix else "they fail, as they should")


def _finish(one: PhaseProgress, name: str) -> Step:
    phase, last = one.phase, one.facts.last
    if one.facts.missing:
        return _write_tests(one, name)
    if _awaits_code(one):
        why = "the tests exist and the phase's code does not yet"
        return Step(f"see the tests of phase {phase.id} fail", _red(one, name), why, phase.id)
    if phase.derived and not (one.facts.fresh or phase.needs_no_red):
        return _go_on(one, name)
    if last and _has_nothing_to_import(one, last):
        return _pass(one, name, f"none of them could be collected; {last.fix}")
    if last and last.ruling.refuses and last.gate:
        return _fix(one, last, name)
    return _check(one, name, _said(last) if last and one.facts.fresh else _UNCHECKED)


_UNCHECKED = "not checked since the last change"


def _check(one: PhaseProgress, name: str, why: str) -> Step:
    phase = one.phase.id
    return Step(f"finish phase {phase}", f"phasegate check {name}{phase}", why, phase)


def _go_on(one: PhaseProgress, name: str) -> Step:
    """Return what follows in a phase of which the guide declares nothing, by what there is of it; no verdict is new."""
    phase = one.phase
    if not phase.tests:
        return _begin(one, name)
    if not phase.files:
        return _pass(one, name, "it has tests, and no code of its own yet")
    return _check(one, name, _UNCHECKED)


def _has_nothing_to_import(one: PhaseProgress, last: Judgement) -> bool:
    """Whether the tests stand there and pytest collected none: what they import is yet to be written, or mended."""
    return one.facts.fresh and last.source != CHECK and last.gate == "tests" and not last.tests


def _fix(one: PhaseProgress, last: Judgement, name: str) -> Step:
    """Return what the gate that refused says to do, and the command that shows whether it is done."""
    ended = "failed" if last.ruling is Ruling.FAILED else f"was {last.ruling}"
    why = f"the {last.gate} gate {ended} in the last {last.source}"
    do = f"{last.gate}: {last.fix}"
    if not one.facts.fresh:  # what it said to do may be done
        do, why = f"judge phase {one.phase.id} as it stands now", f"{why}, before the last change: {last.fix}"
    judge = "phasegate check " if last.source == CHECK else "pytest --phase "
    return Step(do, f"{judge}{name}{one.phase.id}", why, one.phase.id)


def _said(last: Judgement) -> str:
    if last.source != CHECK and last.ruling is Ruling.PASSED:
        return f"{last.source} judged its tests and coverage alone, and passed them on exactly this content"
    return f"on exactly this content the last {last.source} said: {last.ruling}"


_STEPS: dict[State, Callable[[PhaseProgress, str], Step]] = {State.PENDING: _write_tests, State.RED: _implement}
