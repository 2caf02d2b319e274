"""PG2xx: red before green."""

from __future__ import annotations

from pytest_phasegate.core.messages.message import Message

_TRAILER = (
    "The trailer `Red-Green: waived (reason)`, or `[[tool.phasegate.red_green.waivers]]` with a reason and an expiry."
)
_NAMED = "`[[tool.phasegate.red_green.waivers]]` with the test or the path as its `match`, or the trailer."

MESSAGES: dict[str, Message] = {
    "PG201": Message(
        "production code changed and no test did",
        "The behaviour of production code changes, no test is new or changed, and no test of an earlier commit turns "
        "from red to green by it. The commit's type does not say that behaviour is meant to stay.",
        "Write the test first and see it fail. If it is a refactoring, say so: `refactor: …` (also perf, style, build, "
        "chore, revert); it is allowed as long as the tests stay green.",
        _TRAILER,
    ),
    "PG202": Message(
        "no test went from red to green",
        "Tests and production code change together, but every new or changed test already passes on the code before "
        "the change: nothing shows that the new code is needed.",
        "Let at least one test fail without the change: `git stash` the production part and run it.",
        _TRAILER,
    ),
    "PG203": Message(
        "a new or changed test is not green",
        "After the change a test that it brings or edits fails. A commit of tests alone may be red; one that changes "
        "production code as well may not.",
        "Turn the test green, or commit it on its own first.",
        _TRAILER,
    ),
    "PG204": Message(
        "a test that passed fails now",
        "The test passes on the code before the change and fails after it. It was run once more before this was said.",
        "Mend the code; or, if the behaviour was meant to change, change the test with it.",
        _TRAILER,
    ),
    "PG205": Message(
        "a test was deleted while production code changes",
        "A test went, and neither did what it tested go with it nor did another test take over what it said.",
        "Keep it; or delete it in a commit of its own, where its loss is seen.",
        _NAMED,
    ),
    "PG206": Message(
        "a test was weakened while production code changes",
        "By its text the test demands less than before: an assertion is gone or weaker, an expected exception broader, "
        "cases dropped, a tolerance wider, or a failure is caught.",
        "Keep the old demand; `docs/reference/red-green.md` lists what counts as weaker.",
        _NAMED,
    ),
    "PG207": Message(
        "a test was switched off while production code changes",
        "A skip or an expected failure was added to a test, so that it no longer decides anything. A conditional skip "
        "that does not apply here is only noted.",
        "Let the test run and mend what it shows.",
        _NAMED,
    ),
    "PG208": Message(
        "red for the wrong reason",
        "The test fails, but not because of what the change adds: a syntax error in the test file, a third-party "
        "module that is missing, a conftest, the environment, a crash. Such a red proves nothing.",
        "Mend the cause the message names and run it again.",
        _TRAILER,
    ),
    "PG209": Message(
        "two runs differ",
        "The test passed in one run and failed in another of the same content, so neither is evidence.",
        "Make the test deterministic: fix seeds, times and order.",
        _TRAILER,
    ),
    "PG210": Message(
        "never red",
        "A new test passes on the code before the change as well. Beside a test that was red this is a guard and only "
        "listed; under the strict policy it must be declared.",
        'Declare it with `@pytest.mark.characterization("why")`, or let it fail first.',
        _TRAILER,
    ),
    "PG211": Message(
        "not proved",
        "A new or changed test was skipped or not collected, so it is no evidence for anything.",
        "Run it where it is not skipped; see `pytest --collect-only` for why it is not found.",
    ),
    "PG212": Message(
        "left red",
        "A commit of the range brought a failing test, and no later commit of it turns it green. A strict xfail counts "
        "as such a red until its mark goes.",
        "Write the code, or take the test out of this range.",
        "`[[tool.phasegate.red_green.waivers]]` with the test as its `match`.",
    ),
    "PG213": Message(
        "changed lines that no red test runs",
        "The strict policy wants every changed executable production line to run under a test that went from red "
        "to green.",
        "Write the test that needs the line, or take the line out.",
        _NAMED,
    ),
    "PG214": Message(
        "undeclared characterization",
        "A commit of tests alone brings a test that is green at once. The strict policy wants that said.",
        '`@pytest.mark.characterization("why")` on the test or its class.',
        _NAMED,
    ),
    "PG215": Message(
        "a waiver without force",
        "A waiver was meant for this commit, but gives no reason, is not written as one, or has expired.",
        "Write `Red-Green: waived (reason)`, or renew the entry in the configuration.",
    ),
    "PG216": Message(
        "a file that cannot be parsed",
        "The interpreter that runs phasegate cannot read the file, so its tests cannot be compared.",
        "Mend the syntax; if it is that of a newer Python, run phasegate with that one.",
        _TRAILER,
    ),
    "PG217": Message(
        "the runs cannot speak",
        "The tests could not be run on a side of the change, or not on the code that was meant. Nothing was found "
        "wrong, and nothing was proved.",
        "Mend what the message names; `phasegate doctor` looks at the interpreter and its packages.",
        _TRAILER,
    ),
    "PG218": Message(
        "a test is no longer collected",
        "The test passed before, its text still stands, and pytest does not find it any more.",
        "Look at its name, its class and pytest's configuration.",
        _NAMED,
    ),
    "PG219": Message(
        "red by a missing name alone",
        'Under `red = "behavioural"` an import or a name that does not exist yet is not enough.',
        "Create the name first, empty, and let the test fail on what it does.",
        _TRAILER,
    ),
}
