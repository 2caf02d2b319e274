"""PG2xx: red before green."""

from __future__ import annotations

from pytest_phasegate.core.verdict.messages.message import Message

_TRAILER = (
    "The trailer `Red-Green: waived (reason)`, or `[[tool.phasegate.red_green.waivers]]` with a reason and an expiry."
)
_NAMED = "`[[tool.phasegate.red_green.waivers]]` with the test or the path as its `match`, or the trailer."

MESSAGES: dict[str, Message] = {
    "PG201": Message(
        "production code changed and no test did",
        "Production code behaves differently, no test is new or changed, and no test of an earlier commit turned "
        "green. The commit's type is not one that keeps behaviour.",
        "Write the test and see it fail without the change. A refactoring says so in its type: `refactor: …` (also "
        "perf, style, build, chore, revert); its tests must stay green. Did an earlier commit bring the test? Run it "
        "once without the change (`git stash`), so that its red is recorded.",
        _TRAILER,
    ),
    "PG202": Message(
        "no test went from red to green",
        "Tests and production code change together, but every new or changed test already passes on the code before "
        "the change: so no test needs the new code.",
        "Make at least one test fail without the change; `git stash` the production files and run it to see.",
        _TRAILER,
    ),
    "PG203": Message(
        "a new or changed test is not green",
        "After the change a test that it brings or edits fails. A commit of tests alone may be red; one that changes "
        "production code as well may not.",
        "Make the test pass, or commit it on its own first.",
        _TRAILER,
    ),
    "PG204": Message(
        "a test that passed fails now",
        "The test passes on the code before the change and fails after it, or its file cannot be imported any more. It "
        "was run once more before this was said. Types, imports, removals and reverts can break a test, too; in a "
        "merge the test passes on every side that has it.",
        "Fix the code; if the behaviour is meant to change, change the test with it.",
        _TRAILER,
    ),
    "PG205": Message(
        "a test was deleted while production code changes",
        "A test was deleted. What it tested is still there, and no other test covers it. A test that fails on the new "
        "code may be deleted if a new test that was red checks the same thing.",
        "Keep it if it can pass; else add a new test that was red. Or delete it in a commit of its own.",
        _NAMED,
    ),
    "PG206": Message(
        "a test was weakened while production code changes",
        "The test checks less than before: an assertion is gone or weaker, an expected exception is broader, "
        "cases are dropped, a tolerance is wider, or a failure is caught. Or the test as it was before fails on the "
        "new code, and no test that was red checks the same value.",
        "Keep the old check, fix the code, or check the new behaviour in a test that was red; "
        "`docs/reference/red-green.md` lists what counts as weaker.",
        _NAMED,
    ),
    "PG207": Message(
        "a test was switched off while production code changes",
        "A test was marked skip or xfail, in its own text, by a conftest or by pytest's configuration, so it no longer "
        "checks anything. A skipif that does not apply here is only noted.",
        "Remove the mark and fix what the test shows.",
        _NAMED,
    ),
    "PG208": Message(
        "red for the wrong reason",
        "The test fails on the old code, but not for lack of the change: a syntax error in the test file, a missing "
        "third-party module, a conftest, the environment or a crash. Such a failure proves nothing.",
        "Fix the cause that the message names and run the test again.",
        _TRAILER,
    ),
    "PG209": Message(
        "flaky: two runs differ",
        "The test passed and failed on the same content, so neither result counts.",
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
        "A new or changed test was skipped, not collected, or expected to fail here, so it proves nothing.",
        "Run it where it is not skipped (`pytest -rs` tells why); `pytest --collect-only` shows whether it is found.",
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
        "Write a test that needs the line, or remove the line.",
        _NAMED,
    ),
    "PG214": Message(
        "undeclared characterization",
        "A commit of tests alone adds a test that passes at once. Under the strict policy it must be declared.",
        '`@pytest.mark.characterization("why")` on the test or its class.',
        _NAMED,
    ),
    "PG215": Message(
        "a waiver that does not count",
        "The commit has a waiver that does not count: it gives no reason, is misspelt, or has expired.",
        "Write `Red-Green: waived (reason)`, or renew the entry in the configuration.",
    ),
    "PG216": Message(
        "a file that cannot be parsed",
        "The Python that runs phasegate cannot parse the file, so its tests cannot be compared. Or it is a symbolic "
        "link that leads to nothing in the tree, so what it shows cannot be judged.",
        "Fix the syntax; for syntax of a newer Python, run phasegate with that Python.",
        _TRAILER,
    ),
    "PG217": Message(
        "the tests could not be run",
        "The tests could not be run on the code before or after the change. Nothing failed, and nothing was proved.",
        "Fix what the message names; `phasegate doctor` looks at the interpreter and its packages.",
        _TRAILER,
    ),
    "PG218": Message(
        "a test is no longer collected",
        "The test passed before and was not deleted, but pytest no longer runs it: it is not collected, or it is "
        "deselected or ignored.",
        "Check its name, its class, every conftest, and pytest's configuration.",
        _NAMED,
    ),
    "PG219": Message(
        "red only because a name is missing",
        'Under `red = "behavioural"` an import or a name that does not exist yet is not enough.',
        "Create the name first, empty, and let the test fail on its behaviour.",
        _TRAILER,
    ),
    "PG220": Message(
        "a test failed otherwise than the guide foresees",
        'The guide says how the test fails first (`Expected: FAIL with "NameError"`), and it failed with another '
        'exception. A red for another reason may show nothing. Under `policy = "strict"` this is an error.',
        "See that the test fails for the reason it was written for, or correct the guide.",
        "Take the expected failure out of the guide.",
    ),
    "PG221": Message(
        "the red test did not come first",
        'Under `protocol = "test-first"` a commit with the red tests and no production code comes before the commit '
        "that turns them green, unchanged, and they are green where the range ends. A range of one commit is judged by "
        "its content, and says that the order cannot be known.",
        "Split the commit (`git rebase -i`, `git reset HEAD~`): the tests first, alone, then the code.",
        _TRAILER,
    ),
    "PG222": Message(
        "a phase that declares nothing has no test that was red",
        "The guide names neither files nor tests of the phase, so that its commits say what it is: a test that was red "
        "without their code and is green with it. There is none, and nothing else shows that the phase is done.",
        "Write a test that fails without the phase's code. A phase that needs none declares its files in the guide.",
        "`derive = false` lets the guide's word stand alone.",
    ),
}
