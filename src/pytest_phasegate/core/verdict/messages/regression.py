"""PG4xx: what a phase's tests must show, and what must stay green."""

from __future__ import annotations

from pytest_phasegate.core.verdict.messages.message import Message

_WAIVE = (
    "Add an entry to [[tool.phasegate.red_green.waivers]] whose match is the test's id or a glob of it, with a "
    "reason and an expiry date; in CI it counts from the base revision."
)

MESSAGES: dict[str, Message] = {
    "PG401": Message(
        "a test of the baseline broke",
        "The test was accepted with an earlier phase and now fails or ends in an error.",
        "Fix the code until the test passes again; `pytest PATH::TEST` runs it alone.",
        _WAIVE,
    ),
    "PG402": Message(
        "a test of the baseline is gone",
        "The test was accepted with a phase, and a complete run no longer collects it, under its name or, by the "
        "digest of its text, under another; or the project's own `addopts` deselect it.",
        "Bring the test back, or take out of `addopts` what deselects it; if it has to go, name it: "
        "`phasegate baseline update --remove ID`.",
        _WAIVE,
    ),
    "PG403": Message(
        "a test of the baseline is skipped",
        "The test was accepted as passed and is now skipped, or marked as an expected failure.",
        "Remove the skip or the xfail mark and make the test pass.",
        _WAIVE,
    ),
    "PG404": Message(
        "a test of the baseline was weakened",
        "The test still passes, but checks less than when it was accepted: fewer cases, or a changed text.",
        "Restore the old checks; if the change is right: `phasegate baseline update`.",
        _WAIVE,
    ),
    "PG405": Message(
        "a test of the baseline is flaky",
        "The test failed and passed when it was run again: it proves nothing either way.",
        "Find what it depends on (order, time, random values, shared state) and remove it.",
        _WAIVE,
    ),
    "PG406": Message(
        "a test of the baseline was renamed",
        "A test of the same text was found under another name. Nothing is lost; the baseline still has the old name.",
        "Nothing must be done: `phasegate accept` writes the new name next time, `phasegate baseline update` at once.",
    ),
    "PG411": Message(
        "a declared test is missing",
        "The guide names a test for this phase, and pytest did not collect it: it is not written yet, has "
        "another name, is marked for another phase, was deselected, or its file could not be imported.",
        "Write the test, correct its name in the guide (the message gives the nearest there is), or mend its file.",
    ),
    "PG412": Message(
        "a test of the phase failed",
        "A test that belongs to the phase failed, or ended in an error in its set-up or tear-down.",
        "Make it pass; pytest's own report above has the traceback.",
    ),
    "PG413": Message(
        "a test of the phase did not run",
        "The test was skipped or is marked as an expected failure. One that the guide declares has to run and pass; "
        "for any other this is a note.",
        "Remove the mark or the reason for it, and make the test pass.",
    ),
    "PG414": Message(
        "a test of the phase is flaky",
        "The test failed and passed in the same run: it was run again, or a plugin reported as passed what had raised.",
        "Find what it depends on (order, time, random values, shared state) and remove it.",
    ),
    "PG415": Message(
        "a declared test has a new name",
        "History shows that the test the guide names was renamed: its function, its class or its file. It counts under "
        "its new name.",
        "Nothing must be done. The guide may say the new name, in a finished phase too (PG504 lets it).",
    ),
    "PG416": Message(
        "an expected failure passes",
        "The test passes although it is marked with a non-strict xfail.",
        "Remove the mark; set xfail_strict = true so that pytest finds such marks by itself.",
    ),
    "PG417": Message(
        "a test matches several phases or places",
        "One declared name is borne by several tests and the guide does not say which one it means: the tests gate "
        "fails. Or several phases claim one test with equal strength: the earliest phase has it, and under "
        "--phasegate-strict this is an error.",
        "Name the file and the class in the guide, or mark the test with @pytest.mark.phase.",
    ),
    "PG418": Message(
        "a test belongs to no phase",
        "Neither a mark, the guide nor the map table gives the test a phase. Under --phasegate-strict this is an "
        "error.",
        "Mark it with @pytest.mark.phase, declare it or its file in the guide, or add a glob to [tool.phasegate.map].",
    ),
    "PG419": Message(
        "an id that changes from run to run",
        "The id of a case holds an address or a UUID. Phases and the baseline count functions, not cases, so "
        "no verdict hangs on it; but --lf, xdist and a replay cannot find the case again.",
        'Give the parametrization ids of its own: ids=[...] or pytest.param(..., id="...").',
    ),
    "PG420": Message(
        "a test file could not be imported",
        "The file may hold tests of the phase, and pytest could not import it. What its tests would do is not known: "
        "the tests gate fails, and coverage and criteria are inconclusive.",
        "Mend the import; the command that is named shows it as it happened. A file that fails only beside others "
        "often shares its module name with one of them.",
    ),
    "PG421": Message(
        "a test of the suite broke",
        "The test was green where the phase began and fails now. No phase and no baseline answers for it: the whole "
        "suite must stay as green as it was.",
        "Mend the code until the test is green again; `pytest PATH::TEST` runs it alone.",
        f"{_WAIVE} `suite = false` under `[tool.phasegate]` switches the gate off.",
    ),
    "PG422": Message(
        "a test of the suite fails, and the phase did not break it",
        "The test failed where the phase began already, or was not there. It is listed and refuses nothing.",
        "Mend it, in a commit of its own.",
    ),
}
