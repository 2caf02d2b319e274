"""What a success criterion asks, part by part: of a run that can be judged, or of a person.

A criterion is judged by us only where every word of it is understood; anything else needs somebody who reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from pytest_phasegate.core.project.settings import Settings


class By(StrEnum):
    """Who or what can say whether a part of a criterion holds."""

    TESTS = "tests"
    COVERAGE = "coverage"
    COMMAND = "command"  # one or several of the configured commands, by name
    RUN = "run"  # a command line of the guide
    PATH = "path"
    PERSON = "person"


class Ask(NamedTuple):
    """One part of a criterion.

    ``what`` is the command line, the path, the figures of coverage, how many tests, what a command is to say, or why a
    person has to look; ``names`` are the configured commands that answer, and ``add`` the line to configure where there
    is none.
    """

    by: By
    what: str = ""
    names: tuple[str, ...] = ()
    add: str = ""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CODE = re.compile(r"`([^`\n]{1,400})`")
_PARENS = re.compile(r"\(([^()]{0,200})\)")
_SPLIT = re.compile(r"[,;]|\s(?:and|&|\+|with|at)\s|\s[–—]\s", re.IGNORECASE)
_PERCENT = re.compile(r"[≥>=~≈<]{0,2}\s?\d{1,4}(?:\.\d{1,4})?\s?[%％]?\+?(?:\s?/\s?\d{1,4}(?:\.\d{1,4})?\s?[%％]?)*")
_WORDS = re.compile(r"[a-z][a-z0-9_.-]*|\d+")
_HOLD = _words(
    "pass passes passed passing green clean cleanly succeed succeeds successful successfully ok error-free fine "
    "done run runs exits without free"
)
"""Words that say of something that it holds."""
_FAULTS = _words(
    "error errors issue issues warning warnings violation violations failure failures problem problems findings "
    "complaints"
)
_SMALL = _words(
    "a all an any are be by check checker checking checks code every full is must no of on still the there to "
    "whole zero entire locally now should found reported remain via using in"
)
_TESTS = _words("test tests suite pytest testsuite")
_OF_TESTS = _words(
    "unit new existing phase declared previous fail fails failing failures "
    "both two three four five six seven eight nine ten"
)
_COVERAGE = _words(
    "coverage line lines branch branches function functions statement statements test tests unit minimum min "
    "least at above over threshold target meets meet total overall reaches stays high higher or more than "
    "maintained new required met"
)
_WHOLE = _words("changed owned added production source this codebase project its each")
"""What coverage may be asked of without being asked of a part."""
_WHERE = re.compile(r"\s(?:for|of|on|in|across|over)\s", re.IGNORECASE)
_TOPICS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("pre-commit", re.compile(r"pre-?commit|(?:git-)?hooks?"), "pre-commit run --all-files"),
    ("format", re.compile(r"format\w*|black|isort"), "ruff format --check"),
    ("lint", re.compile(r"lint\w*|ruff|flake8|pylint"), "ruff check"),
    ("types", re.compile(r"types?|typing|type-?check\w*|mypy|pyright|basedpyright"), "mypy ."),
    (
        "security",
        re.compile(r"secur\w*|secrets?|detect-secrets|bandit|scan"),
        "detect-secrets-hook --baseline .secrets.baseline",
    ),
)
"""What a quality word is about, and a line to begin with where nothing is configured for it."""
_PROGRAMS = _words("ruff black isort flake8 pylint mypy pyright basedpyright bandit detect-secrets")
_EXISTS = _words("exist exists present created there committed added file")
_PATH = re.compile(r"(?!/|~|[A-Za-z]:)(?:[\w.@+-]+/)*[\w.@+-]+(?:/|\.\w{1,12})?")
_WRAPPERS = re.compile(r"\A(?:\$\s+)?(?:(?:uv|poetry|pdm|hatch|rye|pipenv)\s+run\s+|uvx\s+|python3?\s+-m\s+)?")
_PYTEST_HINT = re.compile(r"pytest(?:\s+(?:-[vqx]+|--cov[\w=./-]*|--tb=\w+|[\w./-]+\.py|tests?/[\w./-]*|tests?))*")
"""A run of pytest that shows no more than the suite and its coverage do."""
_PYTEST = re.compile(r"pytest(?:\s+(?:-[vqx]+|-rA|--tb=\w+|--verbose|--quiet))*")


_SURE = re.compile(r"\A(?:ensure|verify|confirm|check|make sure)(?: that)? ", re.IGNORECASE)
_CHECKPOINT = re.compile(r"\A(?:final )?checkpoint\b[\s:–—-]*", re.IGNORECASE)
_ASIDE = re.compile(r",? (?:and )?ask the user\b.*\Z", re.IGNORECASE)


def asks_for_passing_tests(lines: Sequence[str]) -> str:
    """Return what a unit of these lines asks if that is no more than that the tests pass; else nothing."""
    said = [_ASIDE.sub("", _CHECKPOINT.sub("", line.strip("*_ "))) for line in lines]
    asked = list(dict.fromkeys(filter(None, said)))
    alone = asked and all(ask == Ask(By.TESTS) for line in asked for ask in asks_of(line, Settings()))
    return asked[0] if alone else ""


def asks_of(text: str, settings: Settings) -> tuple[Ask, ...]:
    """Return what a criterion asks; one that is understood only in part asks a person besides."""
    bare = _SURE.sub("", text.strip().strip("*_ ").rstrip(".!✓✅ "))
    parts = list(_parts(bare, settings))
    figures = " ".join(dict.fromkeys(ask.what for ask in parts if ask.by is By.COVERAGE and ask.what))
    found = list(dict.fromkeys(Ask(By.COVERAGE, figures) if ask.by is By.COVERAGE else ask for ask in parts))
    known = [ask for ask in found if ask.by is not By.PERSON]
    strangers = [ask for ask in found if ask.by is By.PERSON]
    return tuple(known + [_why(ask, known) for ask in strangers[:1]]) or (_why(Ask(By.PERSON), known),)


def _why(ask: Ask, known: list[Ask]) -> Ask:
    """Return what asks a person, with the reason: of a criterion that is understood in part, the words that are not."""
    words = " and ".join(map(repr, ask.names)) if known and ask.names else "these words"
    return Ask(By.PERSON, ask.what or f"no gate understands {words}")


def plain_line(line: str) -> str:
    """Return a command line as it is compared: white space made one, what only starts a program left out."""
    return _WRAPPERS.sub("", " ".join(line.split()))


def _parts(text: str, settings: Settings) -> Iterator[Ask]:
    whole = text.lower()
    about = _About("coverage" in whole, bool(_TESTS & set(_WORDS.findall(whole))))
    asked = [ask for clause in _split(_PARENS.sub(" ", text)) for ask in _of_clause(clause, settings, about)]
    for inner in _PARENS.findall(text):
        hint = inner.strip().strip("`")
        if asked and asked[-1].by in {By.TESTS, By.COVERAGE} and _PYTEST_HINT.fullmatch(plain_line(hint)):
            continue
        for ask in (ask for clause in _split(inner) for ask in _of_clause(clause, settings, about)):
            if ask.by is By.COMMAND and asked and asked[-1].by is By.COMMAND:
                asked[-1] = _both(asked[-1], ask)
            else:
                asked.append(ask)
    yield from asked


class _About(NamedTuple):
    """What the whole criterion speaks of."""

    coverage: bool
    tests: bool


def _both(said: Ask, hint: Ask) -> Ask:
    """Return one ask of what a clause says and the program that the parenthesis behind it names."""
    both = tuple(name for name in said.names if name in hint.names)
    names = both or (hint.names if not said.names else ())
    return Ask(By.COMMAND, f"{said.what} ({hint.what})", names, hint.add or said.add)


def _split(piece: str) -> list[str]:
    """Return the clauses of a text; what stands in backticks is never taken apart."""
    codes: list[str] = []

    def kept(found: re.Match[str]) -> str:
        codes.append(found[0])
        return f"\0{len(codes) - 1}\0"

    shielded = _CODE.sub(kept, piece)
    parts = (re.sub("\0(\\d+)\0", lambda found: codes[int(found[1])], part) for part in _SPLIT.split(shielded))
    return [part.strip(" \t:.-*_✓✅") for part in parts if part.strip(" \t:.-*_✓✅")]


def _of_clause(clause: str, settings: Settings, about: _About) -> Iterator[Ask]:
    clause = _marked(clause, settings)
    codes = _CODE.findall(clause)
    rest = _CODE.sub(" ", clause).lower().replace("pre commit", "pre-commit")
    figures = _PERCENT.findall(rest)
    if codes and not ("coverage" in rest and _is_coverage(rest, bool(figures))):
        yield from _of_code(codes, rest, settings)
        return
    words = [word.strip(".-") for word in _WORDS.findall(_PERCENT.sub(" ", rest))]
    if about.coverage and _is_coverage(rest, bool(figures)):
        yield Ask(By.COVERAGE, _numbers(figures))
        if _is_of_a_part(clause):
            yield Ask(By.PERSON, "the coverage gate has one figure for the whole phase")
    elif not words and about.coverage:
        yield Ask(By.COVERAGE, _numbers(figures))
    elif not words:
        yield from () if about.tests and _numbers(figures) == "100" else (Ask(By.PERSON, "", (clause,)),)
    elif _is_tests(words):
        counts = (figure.strip("≥>=~≈<+ ") for figure in figures)
        yield Ask(By.TESTS, max((count for count in counts if count.isdecimal()), key=int, default=""))
    else:
        ask = _of_quality(words, settings)
        yield ask._replace(names=(clause,)) if ask.by is By.PERSON else ask


def _is_coverage(clause: str, figure: bool) -> bool:
    where = _WHERE.search(f" {clause}", clause.find("coverage") + 1) if "coverage" in clause else None
    spoken = f" {clause}"[: where.start()] if where else clause
    words = {word.strip(".-") for word in _WORDS.findall(_PERCENT.sub(" ", spoken))}
    kinds = {"line", "lines", "branch", "branches", "function", "functions", "statement", "statements"}
    if not words <= _COVERAGE | _SMALL | _HOLD:
        return False
    return "coverage" in words or (figure and (not words or bool(words & kinds)))


def _numbers(figures: list[str]) -> str:
    return " ".join(re.findall(r"\d+(?:\.\d+)?", " ".join(figures)))


def _is_of_a_part(clause: str) -> bool:
    """Return whether coverage is asked of something by name: the gate holds the phase's lines, all together."""
    where = _WHERE.search(f" {clause}", clause.lower().find("coverage") + 1)
    told = _WORDS.findall(_PERCENT.sub(" ", f" {clause}"[where.end() :].lower())) if where else []
    return bool(where and "`" in clause) or not set(told) <= _COVERAGE | _SMALL | _HOLD | _WHOLE


def _is_tests(words: list[str]) -> bool:
    said = set(words)
    if said <= {"no", "zero", "regression", "regressions"} | _SMALL and said & {"regression", "regressions"}:
        return True
    numbers = {word for word in said if word.isdecimal()}
    return bool(said & _TESTS) and said - numbers <= _TESTS | _OF_TESTS | _SMALL | _HOLD and _holds(said)


def _holds(said: set[str]) -> bool:
    return bool(said & _HOLD) or bool(said & {"no", "zero", "0"} and said & (_FAULTS | {"fail", "fails", "failing"}))


def _of_quality(words: list[str], settings: Settings) -> Ask:
    """Return what a clause about a quality command asks; a clause that is about something else asks a person."""
    subject = [word for word in words if word not in _SMALL | _HOLD | _FAULTS and not word.isdecimal()]
    told = len(subject) == len([word for word in words if word not in _SMALL]) or _holds(set(words))
    if not subject or not told:
        return Ask(By.PERSON)
    named = _named(subject, settings)
    if named:
        return Ask(By.COMMAND, " ".join(subject), named)
    topics = {topic: line for word in subject for topic, line in _topics(word)}
    if not topics or not all(word == "style" or any(_topics(word)) for word in subject):
        return Ask(By.PERSON)
    programs = [word for word in subject if word in _PROGRAMS]
    names = () if programs else _of_topics(set(topics), settings)
    topic, line = next(iter(topics.items()))
    program = programs[0] if programs else ""
    line = line if not program or line.startswith(program) else program
    return Ask(By.COMMAND, " ".join(subject), names, f'{topic} = "{line}"')


def _topics(word: str) -> Iterator[tuple[str, str]]:
    """Yield what a quality word is about, each with a line to begin with."""
    return ((topic, line) for topic, about, line in _TOPICS if about.fullmatch(word))


def _named(subject: list[str], settings: Settings) -> tuple[str, ...]:
    """Return the configured commands whose name or line says every word of the subject."""
    lines = {name: f"{name} {line}".lower() for name, line in settings.commands.items()}
    said = {name: set(_WORDS.findall(line)) | set(re.findall(r"\w+", line)) for name, line in lines.items()}
    whole = tuple(name for name, words in said.items() if set(subject) <= words)
    if whole or not all(any(word in words for words in said.values()) for word in subject):
        return whole
    return tuple(name for name, words in said.items() if words & set(subject))


def _of_topics(topics: set[str], settings: Settings) -> tuple[str, ...]:
    """Return the configured commands that are about every topic asked for, else none."""
    found: dict[str, set[str]] = {topic: set() for topic in topics}
    for name, line in settings.commands.items():
        words = {name.lower(), *_WORDS.findall(line.lower())}
        about = {topic for word in words for topic, _ in _topics(word)}
        if "ruff" in words:
            about = (about - {"format"}) if "check" in words and "format" not in words else (about - {"lint"})
        for topic in about & topics:
            found[topic].add(name)
    return tuple(sorted(set().union(*found.values()))) if all(found.values()) else ()


def _of_code(codes: list[str], rest: str, settings: Settings) -> Iterator[Ask]:
    words = set(_WORDS.findall(_PERCENT.sub(" ", rest)))
    for code in codes:
        line = plain_line(code)
        first = line.partition(" ")[0]
        if words <= _SMALL | _HOLD | _FAULTS | _TESTS | {"0"} and _PYTEST.fullmatch(line):
            yield Ask(By.TESTS)
        elif _is_path(code) and words & _EXISTS and words <= _EXISTS | _SMALL:
            yield Ask(By.PATH, code)
        elif _names_a_run(words) and (" " in line or _is_program(first, settings)):
            yield from [Ask(By.TESTS)] if words & _TESTS else ()
            yield Ask(By.RUN, " ".join(code.removeprefix("$ ").split()))
        else:
            yield Ask(By.PERSON, "of a file, a gate knows only whether it exists" if _is_path(code) else "")


def _names_a_run(words: set[str]) -> bool:
    """Whether words beside a command say no more than what it shows: that it holds, of tests or of a quality."""
    return {word for word in words if not any(_topics(word))} <= _SMALL | _HOLD | _FAULTS | _TESTS | {"0"}


def _marked(clause: str, settings: Settings) -> str:
    """Return a clause with a command that may be run behind its colon in backticks, as ``Tests pass: make test``."""
    label, colon, line = clause.partition(": ")
    known = {plain_line(one) for one in (*settings.commands.values(), *settings.criteria.run)}
    return f"{label}: `{line}`" if colon and "`" not in clause and plain_line(line) in known else clause


def _is_program(word: str, settings: Settings) -> bool:
    lines = (*settings.commands.values(), *settings.criteria.run)
    return word in _PROGRAMS or any(plain_line(line).partition(" ")[0] == word for line in lines)


def _is_path(code: str) -> bool:
    parts = code.split("/")
    return bool(_PATH.fullmatch(code)) and ".." not in parts and ("/" in code or "." in code.strip("."))
