"""``--phasegate-expect``: which declared tests are as expected, for the terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pytest_phasegate.core.mapping.phase_run import Expectation, ExpectedTest
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.reports.escaping import escaped

SCHEMA = "phasegate.expect/1"


def lines(expectation: Expectation) -> Iterator[str]:
    """Yield one line a test, those that are not as expected last, and what it comes to."""
    for test in sorted(expectation.tests, key=lambda one: not one.met):
        yield escaped(_line(test))
    met = sum(test.met for test in expectation.tests)
    sources = dict.fromkeys("derived" if test.derived else "declared" for test in expectation.tests)
    known = " and ".join(sources) or "declared"
    yield f"expected {expectation.colour}: {met} of {len(expectation.tests)} {known} tests are {expectation.colour}"
    if not expectation.tests:
        yield "the selected phases declare no tests, so there is nothing to expect"


def _line(test: ExpectedTest) -> str:
    said = ", ".join(filter(None, [test.grade.value if test.grade.value != "none" else "", test.exception]))
    known = f" ({said})" if said else ""
    return f"{'ok ' if test.met else 'NOT'} {test.test or test.wanted}: {test.why or test.outcome}{known}"


def text(expectation: Expectation) -> str:
    """Return the JSON, schema ``phasegate.expect/1``."""
    record = {
        "schema": SCHEMA,
        "expected": expectation.colour.value,
        "verdict": "passed" if expectation.met else "failed",
        "tests": [_record(test) for test in expectation.tests],
    }
    return json.dumps(record, indent=2) + "\n"


def _record(test: ExpectedTest) -> dict[str, object]:
    return {
        "phase": test.phase,
        "declared": test.wanted,
        "source": "derived" if test.derived else "declared",
        "test": test.test or None,
        **picked(test, "met", "outcome", "grade", "exception", "why"),
    }
