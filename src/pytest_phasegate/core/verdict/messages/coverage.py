"""PG3xx: the coverage of a phase."""

from __future__ import annotations

from pytest_phasegate.core.verdict.messages.message import Message

_LOWER = "Lower the phase's figure in the guide, or give --phasegate-fail-under ID=PCT for one run; both are seen."

MESSAGES: dict[str, Message] = {
    "PG301": Message(
        title="lines not reached",
        meaning="Lines that the phase answers for did not run under the tests that count for it.",
        mend="Write a test of the phase that runs them, or remove code that no criterion asks for.",
        waive=f"Exclude a line that cannot run with '# pragma: no cover', and take that on (PG308). {_LOWER}",
    ),
    "PG302": Message(
        title="branches not taken",
        meaning="A condition of the phase was always true or always false while its tests ran.",
        mend="Write a test in which the condition has the other value.",
        waive=f"Mark the line with '# pragma: no branch'. {_LOWER}",
    ),
    "PG303": Message(
        title="function never called",
        meaning="No line in the body of a function that the phase answers for ran.",
        mend="Write a test that calls it, or remove it.",
        waive=_LOWER,
    ),
    "PG304": Message(
        title="file not measured",
        meaning="Whether the lines of the file ran is not known: coverage's source, include or omit settings leave it "
        "out; it was imported before measuring began; the tests imported another file in its place, such as an "
        "installed copy; or only child processes can have run it.",
        mend="Widen [tool.coverage.run] source or --cov so that the file is in; install the project in editable mode, "
        "or set pythonpath; for a file that a plugin imports first, run 'coverage run -m pytest'.",
    ),
    "PG305": Message(
        title="coverage data unreliable",
        meaning="The figures of this run may be wrong: a test replaced or removed the trace function, a worker died, "
        "the data cannot be read, or coverage.py could not begin.",
        mend="Fix what the reason names and run again. A test that calls sys.settrace must restore what it found.",
    ),
    "PG306": Message(
        title="declared file not there",
        meaning="The phase declares a production file that does not exist (any more), so nothing of it can be covered.",
        mend="Create the file, or correct its path in the guide.",
    ),
    "PG307": Message(
        title="whole file counted",
        meaning="Which lines came in during the phase could not be found, so every line of the file counts for it.",
        mend="Nothing needs to be done. With git history, and phase commits that carry the declared subject or a "
        "'Phase: slug/N' trailer, only the phase's own lines count.",
    ),
    "PG308": Message(
        title="lines excluded by the phase",
        meaning="An exclusion that came in during the phase (a rule in coverage's settings, or '# pragma: no cover') "
        "takes lines that the phase answers for out of every figure.",
        mend="Test the lines, and take the exclusion out.",
        waive="[[tool.phasegate.red_green.waivers]] with match = the file, a reason and a date. An exclusion that was "
        "committed before the phase holds.",
    ),
}
