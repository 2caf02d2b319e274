"""Why a run may not speak for the code: what kept it from running, and what is the environment's."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from pytest_phasegate.core.evidence.outcomes import Additions, Grade, Moment, Raised, grade
from pytest_phasegate.core.evidence.probe_records import ProbedRun


def trouble_of_after(run: ProbedRun) -> tuple[str, ...]:
    """Return why nothing can be said of the after side; a file that cannot be collected speaks for itself."""
    return _cannot_speak("the after side", run)


def trouble_of_base(run: ProbedRun, after: ProbedRun, additions: Additions) -> tuple[str, ...]:
    """Return why before's code cannot be judged in this environment: it wants a module that is not installed.

    A red of such code would be the environment's. A file that lacks its module on both sides tells nothing.
    """
    both = after.lost_files
    return (*_cannot_speak("the code before", run), *_environment("the code before", run, both, additions))


def trouble_of_red(run: ProbedRun, additions: Additions) -> tuple[str, ...]:
    """Return why the red tree's run says nothing; a failure that the change explains is its red."""
    if run.aborted is not None and grade(run.aborted, Moment.COLLECT, additions) is not Grade.BROKEN:
        return ()
    return _cannot_speak("the red tree", run)


def lacking(run: ProbedRun, additions: Additions) -> str:
    """Return which module keeps every file of a run from being collected, if it is one that is not the project's."""
    raised = [run.aborted] if run.aborted is not None else [item.raised for item in run.uncollected]
    if run.cases or not raised or not all(one is not None and _is_missing_module(one, additions) for one in raised):
        return ""
    return next(one.message or one.name for one in raised if one is not None)


_WARNINGS = frozenset({
    "DeprecationWarning", "PendingDeprecationWarning", "FutureWarning", "UserWarning", "ResourceWarning",
    "RuntimeWarning", "ImportWarning", "SyntaxWarning", "BytesWarning", "UnicodeWarning",
})  # fmt: skip


def hindrances(run: ProbedRun, place: str) -> frozenset[str]:
    """Return what kept files of a run from being collected and need not, as options of pytest that set it aside.

    That are warnings which are errors, and directories whose conftest has a hook that nobody calls, as they are named
    from the place in the tree where pytest was started. The conftest of that place itself is no such thing.
    """
    raised = [one for one in (run.aborted, *(item.raised for item in run.uncollected)) if one is not None]
    start = f"{run.root}/{place}".rstrip("/") + "/"
    hooked = (re.search(_UNKNOWN_HOOK, one.message.replace(start, "")) for one in raised)
    return frozenset(filter(None, map(_ignored, raised))) | {f"--ignore={found[1]}" for found in hooked if found}


_UNKNOWN_HOOK = r"^unknown hook .*'([^/'][^']*)/conftest\.py'>$"


def warned_in(run: ProbedRun) -> Mapping[str, tuple[Raised, ...]]:
    """Return the warnings that made tests fail, being errors, as options that ignore them, each where it was given."""
    found: dict[str, tuple[Raised, ...]] = {}
    for one in (case.raised for case in run.cases if case.raised is not None and not case.outcome.green):
        if spec := _ignored(one):
            found[spec] = (*found.get(spec, ()), one)
    return found


DEPRECATIONS = ("-Wignore::DeprecationWarning", "-Wignore::PendingDeprecationWarning", "-Wignore::FutureWarning")
"""The warnings of something deprecated, as options that ignore them."""


def _ignored(raised: Raised) -> str:
    kind = next((name for name in raised.types if name in _WARNINGS), "")
    message = raised.message.partition("\n")[0].partition(":")[0][:_PREFIX].strip()
    return f"-Wignore:{message}:{kind}" if kind and message else ""


_PREFIX = 60  # signs of a warning's message that tell it from others; a message is compared from its beginning


def _cannot_speak(side: str, run: ProbedRun) -> tuple[str, ...]:
    if run.aborted is not None:
        place = f" at {run.aborted.path}:{run.aborted.line}" if run.aborted.path else ""
        return (f"on {side} pytest gave up{place}: {_said(run.aborted)}",)
    if run.trouble:
        return (f"on {side} {run.trouble}",)
    return tuple(
        f"on {side} {name} was imported from {file}, not from the tree under test"
        for name, file in sorted(run.foreign.items())
    )


def _environment(side: str, run: ProbedRun, aside: Collection[str], additions: Additions) -> tuple[str, ...]:
    """Return the test files that cannot be imported because a module that is not the project's is missing."""
    return tuple(
        f"on {side} {item.path} cannot be imported in this environment: {_said(item.raised)}"
        for item in run.uncollected
        if item.path not in aside and item.raised is not None and _is_missing_module(item.raised, additions)
    )


def _is_missing_module(raised: Raised, additions: Additions) -> bool:
    return "ModuleNotFoundError" in raised.types and grade(raised, Moment.COLLECT, additions) is Grade.BROKEN


def _said(raised: Raised) -> str:
    return f"{raised.name}: {raised.message}" if raised.message else raised.name
