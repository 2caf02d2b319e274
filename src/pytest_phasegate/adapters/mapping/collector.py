"""What pytest collects in a project, asked of a child that runs no test."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_phasegate.core.evidence.outcomes import NodeId, function_of
from pytest_phasegate.core.mapping.mapping import Collected
from pytest_phasegate.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLUGIN = "phasegate_collected"
_SOURCE = """
import json, os
from pathlib import Path

FAILED = []

def pytest_collectreport(report):
    if report.failed:
        FAILED.append(report.nodeid)

def pytest_collection_finish(session):
    items = [[i.nodeid, [str(a) for m in i.iter_markers("phase") for a in m.args]] for i in session.items]
    root = str(getattr(session.config, "rootpath", None) or session.config.rootdir)
    with Path(os.environ["PHASEGATE_COLLECTED"]).open("w", encoding="utf-8") as out:
        json.dump({"root": root, "items": items, "failed": FAILED}, out)
"""
"""Runs in the project's interpreter: Python 3.8 and pytest 7 have to read it."""
_SECONDS = 600


class Collection(NamedTuple):
    """The collected functions, and the files that could not be collected."""

    tests: tuple[Collected, ...]
    failed: tuple[str, ...]


def collect(root: Path, python: Sequence[str]) -> Collection:
    """Collect the whole suite with the project's interpreter.

    Raises:
        EvidenceError: pytest did not come to the end of collecting.
    """
    with tempfile.TemporaryDirectory(prefix="phasegate-") as scratch:
        answer = Path(scratch) / "collected.json"
        (Path(scratch) / f"{_PLUGIN}.py").write_text(_SOURCE, encoding="utf-8")
        words = _run(root, [*python, "-m", "pytest", *_OPTIONS], scratch, answer)
        try:
            found = json.loads(answer.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise EvidenceError(
                f"pytest could not collect the suite: {words}", hint=f"try: {' '.join(python)} -m pytest --collect-only"
            ) from None
    return _read(root, found)


_OPTIONS = (
    "--collect-only", "-q", "-p", _PLUGIN, "-p", "no:cacheprovider", "-p", "no:phasegate",
    "--continue-on-collection-errors",
)  # fmt: skip


def _run(root: Path, command: Sequence[str], scratch: str, answer: Path) -> str:
    paths = [scratch, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PHASEGATE_COLLECTED": str(answer)}
    environment.pop("PYTEST_ADDOPTS", None)
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, check=False, timeout=_SECONDS, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return " / ".join((done.stderr or done.stdout).strip().splitlines()[-3:])


def _read(root: Path, found: dict[str, list[tuple[str, list[str]]]]) -> Collection:
    below = os.path.relpath(os.path.realpath(str(found["root"])), os.path.realpath(root)).replace(os.sep, "/")
    prefix = "" if below == "." else f"{below}/"
    tests: dict[Collected, None] = {}
    for node_id, marks in found["items"]:
        test = function_of(NodeId(node_id))
        tests[Collected(test, prefix + test.partition("::")[0], tuple(marks))] = None
    return Collection(tuple(tests), tuple(str(one) for one in found["failed"]))
