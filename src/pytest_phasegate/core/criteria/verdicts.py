"""A verdict for each success criterion: by the gates, by commands, by paths that exist, or by a person's answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.coverage.measurement import minima
from pytest_phasegate.core.criteria.asks import Ask, By, asks_of, plain_line
from pytest_phasegate.core.criteria.reviews import Review
from pytest_phasegate.core.guide.model import Criterion, Phase
from pytest_phasegate.core.project.paths import is_ours, matches_any
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.verdict.gate import Evidence, Need, RanCommand, ran_commands
from pytest_phasegate.core.verdict.report import CriterionVerdict
from pytest_phasegate.core.verdict.verdict import NOT_IMPORTED, Ruling, Verdict

_OF_TESTS = ("tests", "regression", "suite")  # the gates that know of red tests


class CriteriaFacts(NamedTuple):
    """What was gathered for the criteria of one phase.

    ``ran`` holds the command lines of the guide that may be run, each by its own line, ``there`` the paths that
    exist, ``loose`` those of them that no commit holds, and ``answers`` what people said of this content, by the
    criterion's number. ``counts`` are how many test functions of the phase ran, and of the whole suite.
    """

    ran: Mapping[str, RanCommand] = MappingProxyType({})
    there: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    answers: Mapping[int, Review] = MappingProxyType({})
    counts: tuple[int, ...] = ()


_answer = partial(CriterionVerdict, 0, "", 0)  # to one part of a criterion, which gets its number in the end


def lines_to_run(phase: Phase, settings: Settings) -> tuple[str, ...]:
    """Return the command lines that the criteria of a phase name and no configured command runs already."""
    configured = {plain_line(line) for line in settings.commands.values()}
    asks = (ask for one in phase.criteria for ask in asks_of(one.text, settings) if ask.by is By.RUN)
    return tuple(dict.fromkeys(ask.what for ask in asks if plain_line(ask.what) not in configured))


def paths_asked(phase: Phase, settings: Settings) -> tuple[str, ...]:
    """Return the paths that must exist by the criteria of a phase."""
    asks = (ask for one in phase.criteria for ask in asks_of(one.text, settings) if ask.by is By.PATH)
    return tuple(dict.fromkeys(ask.what for ask in asks))


def held(paths: Iterable[str], files: Iterable[str | None]) -> frozenset[str]:
    """Return those of some paths that a content of these files holds: no ignored file, and no empty directory."""
    known = [path for path in files if path is not None]
    return frozenset(one for one in paths if is_ours(one) or any(matches_any(path, (one,)) for path in known))


def may_run(line: str, settings: Settings, *, approved: bool) -> bool:
    """Return whether a command line of a guide may be run: it is listed, or this very text was approved."""
    return approved or " ".join(line.split()) in {" ".join(listed.split()) for listed in settings.criteria.run}


def for_people(phase: Phase, settings: Settings, *, approved: bool) -> dict[int, str]:
    """Return why the criteria that need a person, whatever runs say, need one: by their numbers."""
    configured = {plain_line(line) for line in settings.commands.values()}

    def why(ask: Ask) -> str:
        if ask.by is By.RUN and plain_line(ask.what) not in configured:
            listed = may_run(ask.what, settings, approved=approved)
            return "" if listed else f"[tool.phasegate.criteria] run does not list `{ask.what}`"
        return ask.what if ask.by is By.PERSON else ""

    whys = {
        number: [*filter(None, map(why, asks_of(one.text, settings)))] for number, one in enumerate(phase.criteria, 1)
    }
    return {number: "; ".join(given) for number, given in whys.items() if given}


def criteria_verdicts(phase: Phase, evidence: Evidence) -> tuple[CriterionVerdict, ...]:
    """Return the verdict of each criterion of a phase, in the guide's order."""
    facts: CriteriaFacts = evidence.facts.get(Need.CRITERIA) or CriteriaFacts()
    return tuple(_of_one(number, one, phase, evidence, facts) for number, one in enumerate(phase.criteria, 1))


def _of_one(
    number: int, criterion: Criterion, phase: Phase, evidence: Evidence, facts: CriteriaFacts
) -> CriterionVerdict:
    answer = facts.answers.get(number)
    parts = [_part(ask, phase, evidence, facts) for ask in asks_of(criterion.text, evidence.settings)]
    if answer and not answer.passed:
        parts = [
            _answer(Ruling.FAILED, f"{answer.by} says no", answer.by, False, answer.expected, answer.actual, answer.fix)
        ]
    elif answer:
        parts = [_answer(Ruling.PASSED, f"{answer.by} says yes", answer.by) if part.open else part for part in parts]
    gravest = _gravest(parts)
    by = ", ".join(dict.fromkeys(part.by for part in parts if part.by))
    return gravest._replace(number=number, text=criterion.text, line=criterion.line, by=by)


def _gravest(parts: list[CriterionVerdict]) -> CriterionVerdict:
    order = (Ruling.FAILED, Ruling.ERROR, Ruling.INCONCLUSIVE)
    grave = next((part for ruling in order for part in parts if part.ruling is ruling), None)
    waiting = next((part for part in parts if part.open), None)
    good = next((part for part in parts if part.ruling is Ruling.PASSED), parts[0])
    return grave or waiting or good


def _part(ask: Ask, phase: Phase, evidence: Evidence, facts: CriteriaFacts) -> CriterionVerdict:
    if ask.by is By.TESTS:
        return _of_so_many(int(ask.what or 0), phase, evidence, facts.counts)
    if ask.by is By.COVERAGE:
        return _of_coverage(ask.what, phase, evidence)
    if ask.by is By.COMMAND:
        return _of_commands(ask, evidence)
    if ask.by is By.RUN:
        return _of_run(ask.what, evidence, facts)
    if ask.by is By.PATH:
        return _of_path(ask.what, phase, facts)
    return _waiting(ask.what, phase)


def _of_path(path: str, phase: Phase, facts: CriteriaFacts) -> CriterionVerdict:
    if path in facts.loose:
        return _waiting(f"{path} is there, and no commit holds it", phase, "or take it into git")
    if path in facts.there:
        return _answer(Ruling.PASSED, f"{path} is there", "path")
    fix = f"create {path}, or correct the criterion"
    return _answer(Ruling.FAILED, f"{path} is not there", "path", False, "it exists", "it does not", fix)


def _of_so_many(number: int, phase: Phase, evidence: Evidence, counts: tuple[int, ...]) -> CriterionVerdict:
    """Judge that tests pass; that there are so many is seen where the phase has them, or the whole suite just these."""
    found, there = _of_tests(_verdicts(evidence)), max((len(phase.tests), *counts[:1]))
    if found.ruling is Ruling.PASSED and number > there and number not in counts:
        return _waiting(f"{number} tests are asked for, and the phase has {there}", phase)
    return found


def _waiting(why: str, phase: Phase, also: str = "") -> CriterionVerdict:
    fix = f"phasegate review {phase.id}" + (f"; {also}" if also else "")
    return _answer(Ruling.NOT_EVALUATED, why, open=True, fix=fix)


def _verdicts(evidence: Evidence) -> Mapping[str, Verdict]:
    given: Iterable[Verdict] = evidence.facts.get(Need.VERDICTS, ())
    return {verdict.gate: verdict for verdict in given}


def _of_tests(verdicts: Mapping[str, Verdict]) -> CriterionVerdict:
    known = [verdicts[name] for name in _OF_TESTS if name in verdicts]
    refusing = next((one for one in known if one.ruling.refuses), None)
    if refusing:
        return _refused(refusing, "every test passes")
    red = next((one for one in known if one.ruling is Ruling.WAIVED or (one.gate == "suite" and one.findings)), None)
    if red:
        why = f"not every test passes: {red.reason}"
        return _answer(Ruling.NOT_EVALUATED, why, open=True, fix="let a person answer, or make them pass")
    passed = [one.gate for one in known if one.ruling is Ruling.PASSED]
    if "suite" in passed or "tests" in passed:
        alone = next(one.reason for one in known if one.ruling is Ruling.PASSED)
        why = f"the gates {' and '.join(passed)} passed" if len(passed) > 1 else alone
        return _answer(Ruling.PASSED, why, ", ".join(passed))
    return _answer(Ruling.NOT_EVALUATED, "no run says it: the phase has no tests", open=True, fix="let a person answer")


def _of_coverage(figures: str, phase: Phase, evidence: Evidence) -> CriterionVerdict:
    verdict = _verdicts(evidence).get("coverage")
    asked = minima(phase, evidence.settings)
    if not asked.asked:
        return _waiting("no coverage minimum is set", phase, "or set `[tool.phasegate.coverage] minimum`")
    if verdict is None:
        return _answer(Ruling.INCONCLUSIVE, "coverage was not judged", "coverage")
    held = [one.percent for one in (asked.line, asked.branch, asked.function) if one]
    if not _holds_all(held, [float(number) for number in figures.split()], phase) and not verdict.ruling.refuses:
        return _waiting(f"the gate coverage holds {max(held):g} %, which is not what is asked here", phase)
    if verdict.ruling.refuses:
        return _refused(verdict, "the minimum is reached")
    return _answer(verdict.ruling, verdict.reason, "coverage")


def _holds_all(held: list[float], figures: list[float], phase: Phase) -> bool:
    """Return whether the figures of a criterion are what the gate holds; of several for stages, one of them is."""
    if not figures or max(held) >= max(figures):
        return True
    return bool(phase.coverage.stages) and any(percent in figures for percent in held)


def _refused(verdict: Verdict, expected: str) -> CriterionVerdict:
    """Answer by a gate that refuses; what tests would do that were not collected, nobody knows."""
    lost = [str(finding.path) for finding in verdict.findings if finding.code == NOT_IMPORTED]
    fix = verdict.fix or f"mend what the gate {verdict.gate} says"
    if lost:
        why = f"tests were not collected: {', '.join(lost)}"
        return _answer(Ruling.INCONCLUSIVE, why, verdict.gate, False, expected, why, fix)
    ruling = Ruling.FAILED if verdict.ruling is Ruling.FAILED else Ruling.INCONCLUSIVE
    return _answer(ruling, f"{verdict.gate}: {verdict.reason}", verdict.gate, False, expected, verdict.reason, fix)


def _of_commands(ask: Ask, evidence: Evidence) -> CriterionVerdict:
    if not ask.names:
        fix = f"add under `[tool.phasegate.commands]`: {ask.add}"
        return _answer(Ruling.INCONCLUSIVE, f"no configured command answers for: {ask.what}", fix=fix)
    ran = {one.name: one for one in ran_commands(evidence) or ()}
    return _gravest([_of_command(name, ran.get(name), evidence) for name in ask.names])


def _of_command(name: str, ran: RanCommand | None, evidence: Evidence) -> CriterionVerdict:
    if ran is None or ran.exit_code is None:
        why = (ran.problem if ran else "") or evidence.absent.get(Need.COMMANDS, "it was not run")
        return _answer(Ruling.INCONCLUSIVE, f"{name}: {why}", name, fix=f"make it run: {ran.line if ran else name}")
    if ran.exit_code:
        last = ran.tail[-1] if ran.tail else "it said nothing"
        actual = f"it ended with {ran.exit_code}: {last}"
        ends, again = f"{ran.line} ends with 0", f"run it yourself: {ran.line}"
        return _answer(Ruling.FAILED, f"{name} failed", name, False, ends, actual, again)
    return _answer(Ruling.PASSED, f"{name} ended with 0", name)


def _of_run(line: str, evidence: Evidence, facts: CriteriaFacts) -> CriterionVerdict:
    configured = {plain_line(given): name for name, given in evidence.settings.commands.items()}
    name = configured.get(plain_line(line))
    if name:
        ran = {one.name: one for one in ran_commands(evidence) or ()}
        return _of_command(name, ran.get(name), evidence)
    if line in facts.ran:
        return _of_command(line, facts.ran[line], evidence)
    also = f"answer it, or let it run: `[tool.phasegate.criteria]` run = [{line!r}]"
    return _answer(Ruling.NOT_EVALUATED, f"a guide runs nothing by itself; {also}", open=True, fix=also)
