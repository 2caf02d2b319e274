from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import (
    Additions,
    Grade,
    Moment,
    Raised,
    counts_as_red,
    grade,
    needs_confirming,
)
from pytest_phasegate.core.project.settings import RedKind

CHANGE = Additions(packages=frozenset({"app"}), names=frozenset({"LRU", "ttl"}), paths=frozenset({"app/cache.py"}))


def raised(*types: str, missing: str = "", module: str = "", function: str = "", path: str = "") -> Raised:
    return Raised(types, missing=missing, module=module, function=function, path=path)


NO_MODULE = ("ModuleNotFoundError", "ImportError", "Exception")

RED = {
    "an assertion": (raised("AssertionError"), Moment.CALL, Grade.BEHAVIOURAL),
    "a subclass of AssertionError": (raised("MyError", "AssertionError"), Moment.CALL, Grade.BEHAVIOURAL),
    "did not raise": (raised("Failed", path="tests/test_a.py"), Moment.CALL, Grade.BEHAVIOURAL),
    "not implemented": (raised("NotImplementedError", "RuntimeError"), Moment.CALL, Grade.BEHAVIOURAL),
    "any other exception": (raised("KeyError", "LookupError"), Moment.CALL, Grade.BEHAVIOURAL),
    "out of memory": (raised("MemoryError"), Moment.CALL, Grade.BEHAVIOURAL),
    "a missing attribute": (raised("AttributeError", missing="LRU"), Moment.CALL, Grade.STRUCTURAL),
    "a missing parameter": (raised("TypeError", missing="ttl", function="Cache"), Moment.CALL, Grade.STRUCTURAL),
    "a changed signature": (raised("TypeError", function="app.LRU"), Moment.CALL, Grade.STRUCTURAL),
    "another type error": (raised("TypeError"), Moment.CALL, Grade.BEHAVIOURAL),
    "an attribute nobody adds": (raised("AttributeError", missing="other"), Moment.CALL, Grade.BEHAVIOURAL),
    "an own module": (raised(*NO_MODULE, missing="app.cache"), Moment.COLLECT, Grade.STRUCTURAL),
    "an own module in the call": (raised(*NO_MODULE, missing="app.cache"), Moment.CALL, Grade.STRUCTURAL),
    "an own name": (raised("ImportError", missing="x", module="app"), Moment.COLLECT, Grade.STRUCTURAL),
    "a name added to an import": (raised("AttributeError", missing="LRU"), Moment.COLLECT, Grade.STRUCTURAL),
    "a fixture the change adds": (raised("FixtureLookupError", missing="ttl"), Moment.SETUP, Grade.STRUCTURAL),
    "changed code in a fixture": (raised("ValueError", path="app/cache.py"), Moment.SETUP, Grade.STRUCTURAL),
}


@pytest.mark.parametrize(("facts", "moment", "expected"), RED.values(), ids=RED)
def test_what_the_change_answers_for_is_red(facts: Raised, moment: Moment, expected: Grade) -> None:
    assert grade(facts, moment, CHANGE) is expected


BROKEN = {
    "a third-party module at collection": (raised(*NO_MODULE, missing="redis"), Moment.COLLECT),
    "a third-party module in the call": (raised(*NO_MODULE, missing="redis", path="app/cache.py"), Moment.CALL),
    "a package whose name begins alike": (raised(*NO_MODULE, missing="application"), Moment.COLLECT),
    "a syntax error": (raised("SyntaxError", path="tests/test_a.py"), Moment.COLLECT),
    "another error at collection": (raised("ValueError", path="tests/test_a.py"), Moment.COLLECT),
    "another error in a fixture": (raised("OSError", path="tests/conftest.py"), Moment.SETUP),
    "pytest itself, of a coroutine that no plugin runs": (raised("Failed"), Moment.CALL),
    "an unknown fixture": (raised("FixtureLookupError", missing="typo"), Moment.SETUP),
    "a name of a third-party module": (raised("ImportError", missing="x", module="redis"), Moment.COLLECT),
}


@pytest.mark.parametrize(("facts", "moment"), BROKEN.values(), ids=BROKEN)
def test_what_the_environment_answers_for_is_broken_and_never_red(facts: Raised, moment: Moment) -> None:
    given = grade(facts, moment, CHANGE)

    assert given is Grade.BROKEN
    assert not counts_as_red(given, RedKind.STRUCTURAL)


def test_before_the_code_is_written_any_missing_name_may_be_the_one_to_come() -> None:
    unwritten = Additions(packages=frozenset({"app"}))

    assert grade(raised("AttributeError", missing="anything"), Moment.CALL, unwritten) is Grade.STRUCTURAL
    assert grade(raised(*NO_MODULE, missing="redis"), Moment.COLLECT, unwritten) is Grade.BROKEN


@pytest.mark.parametrize("given", [Grade.BEHAVIOURAL, Grade.HANG, Grade.DECLARED])
def test_a_behavioural_red_counts_whatever_is_asked(given: Grade) -> None:
    assert counts_as_red(given, RedKind.BEHAVIOURAL)


def test_a_missing_name_counts_only_where_structure_is_enough() -> None:
    assert counts_as_red(Grade.STRUCTURAL, RedKind.STRUCTURAL)
    assert not counts_as_red(Grade.STRUCTURAL, RedKind.BEHAVIOURAL)


def test_only_a_red_by_chance_must_be_seen_twice() -> None:
    assert needs_confirming(raised("OSError"), Grade.BEHAVIOURAL)
    assert needs_confirming(None, Grade.HANG)
    assert not needs_confirming(raised("AssertionError"), Grade.BEHAVIOURAL)
    assert not needs_confirming(raised("AttributeError", missing="LRU"), Grade.STRUCTURAL)


def test_a_probe_record_becomes_facts_and_odd_values_become_empty() -> None:
    facts = Raised.of({"types": ["KeyError"], "missing": None, "line": 3, "path": "a.py", "more": 1})

    assert facts == Raised(("KeyError",), path="a.py", line=3)
    assert Raised.of({}).name == ""


def test_what_is_another_in_every_run_is_no_part_of_what_an_exception_says() -> None:
    said = ("<Item object at 0x7f38b9a9e210>", "<Item object at 0x7f38b9983d80>", "<Item object at 0x12>")

    one, again, other = (Raised.of({"types": ["KeyError"], "message": message}) for message in said)

    assert one == again != other
