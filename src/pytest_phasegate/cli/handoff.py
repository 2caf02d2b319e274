"""``phasegate handoff save|restore [FILE]``: hand the state of the work over, and take it up again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.cli.project import opened, prefix
from pytest_phasegate.cli.status import unproved
from pytest_phasegate.core.guide.handoff import Handoff, as_text, drift, read_handoff
from pytest_phasegate.core.guide.next_step import next_step
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.reports.status_text import as_record, step_record
from pytest_phasegate.wiring import records

if TYPE_CHECKING:
    import argparse

    from pytest_phasegate.cli.project import Project
    from pytest_phasegate.core.guide.progress import GuideProgress

DRIFTED = 1
FILE = ".phasegate/handoff.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("save", "restore"))
    parser.add_argument("file", nargs="?", default=FILE, metavar="FILE", help=f"default: {FILE}")
    parser.add_argument("-m", "--note", default="", metavar="TEXT", help="save: what the next one should know")


def run(options: argparse.Namespace) -> int:
    """Save the state, or tell what was saved and whether it still is so."""
    project = opened(options)
    target = Path(options.file) if options.file != FILE else project.root / FILE
    return _save(project, target, options.note) if options.action == "save" else _restore(project, target)


def _now(project: Project, note: str = "") -> tuple[Handoff, tuple[GuideProgress, ...]]:
    """Return the state of the work, and the progress it tells of."""
    from pytest_phasegate.app.guide.status import choose, progress_of_all

    around = records.surroundings(project.root, project.settings, project.guides)
    progress = progress_of_all(around)
    one = (choose(progress) or progress)[0]
    required, name = project.settings.approval_required, prefix(one.guide, around.guides)
    repository = around.repository
    handoff = Handoff(
        head=(repository.head() if repository else None) or "",
        branch=(repository.branch() if repository else None) or "",
        content=around.content,
        status=as_record(progress),
        step=step_record(one, next_step(one, approval_required=required, name=name)),
        note=note,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return handoff, progress


def _save(project: Project, target: Path, note: str) -> int:
    text = as_text(_now(project, note)[0])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PhasegateError(f"{target} cannot be written: {error.strerror}") from None
    print(f"saved {escaped(str(target))}")
    return 0


def _restore(project: Project, target: Path) -> int:
    """Tell what was handed over, so that nobody goes by an old word.

    Returns:
        4 where something is accepted and not judged as it stands, 1 where the work has moved since.
    """
    try:
        saved = read_handoff(target.read_text(encoding="utf-8"), str(target))
    except OSError as error:
        raise PhasegateError(f"{target} cannot be read: {error.strerror}", hint="phasegate handoff save") from None
    now, progress = _now(project)
    differences = drift(saved, head=now.head, branch=now.branch, content=now.content)
    where = f"on {saved.branch or 'no branch'} at {saved.head[:12] or 'no commit'}"
    print(escaped(f"saved {saved.at} {where}"))
    if saved.note:
        print(f"note: {escaped(saved.note)}")
    for difference in differences:
        print(f"since then: {escaped(difference)}")
    step = now.step if differences else saved.step
    print(f"next: {escaped(str(step.get('do')))}")
    if step.get("command"):
        print(f"  $ {escaped(str(step['command']))}")
    if json.dumps(now.status, sort_keys=True) != json.dumps(dict(saved.status), sort_keys=True):
        print("the states of phases have changed: phasegate status")
    return unproved(progress, project.guides) or (DRIFTED if differences else 0)
