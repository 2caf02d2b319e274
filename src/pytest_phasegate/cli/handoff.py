"""``phasegate handoff save|restore [FILE]``: hand the state of the work over, and take it up again."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pytest_phasegate.adapters.project.worktree import read_json
from pytest_phasegate.app.guide.pull_request import facts_of
from pytest_phasegate.app.guide.status import choose, progress_of_all
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.cli import main
from pytest_phasegate.cli.output import write
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.cli.status import unproved
from pytest_phasegate.core.guide.handoff import FOLDER, Handoff, as_record, as_text, drift, message, read_handoff
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped, json_text, say
from pytest_phasegate.reports.guide_report import as_record as status_record
from pytest_phasegate.reports.guide_report import step_record
from pytest_phasegate.wiring import pages

DRIFTED = 1
_NUMBERED = re.compile(r"(\d{3,6})(?:-.*)?\.json")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("save", "restore"))
    parser.add_argument(
        "file", nargs="?", metavar="FILE|N", help=f"save: default: the next number in {FOLDER}; restore: the last one"
    )
    parser.add_argument("--from", dest="sender", default="", metavar="NAME", help="save: who hands over")
    parser.add_argument("--to", dest="receiver", default="", metavar="NAME", help="save: who takes over")
    parser.add_argument("--decision", action="append", default=[], metavar="TEXT", help="save: what was decided")
    parser.add_argument("--constraint", action="append", default=[], metavar="TEXT", help="save: what must be kept to")
    parser.add_argument("--pending", action="append", default=[], metavar="TEXT", help="save: what is to be done")
    parser.add_argument("-m", "--note", default="", metavar="TEXT", help="save: what the next one should know")
    parser.add_argument("--verify", action="store_true", help="restore: run the gates that were saved")


def run(options: argparse.Namespace) -> int:
    """Save the state, or tell what was saved and whether it still is so."""
    form, project = formatted(options, "text", "json"), opened(options)
    return _save(project, options, form) if options.action == "save" else _restore(project, options, form)


def _save(project: Project, options: argparse.Namespace, form: str) -> int:
    now, around, one, _ = _now(project)
    known = _numbers(project.root)
    number = max(known, default=0) + 1
    day = f"{datetime.now(UTC):%Y%m%d}"
    found = replace(
        now,
        number=number,
        workflow_id=_last_workflow(project.root, known) or f"{one.guide.slug}-{day}",
        sender=options.sender,
        receiver=options.receiver,
        decisions=tuple(options.decision),
        constraints=tuple(options.constraint),
        pending_actions=tuple(options.pending),
        note=options.note,
    )
    target = Path(options.file) if options.file else project.root / FOLDER / _name(found)
    if not options.file:
        write(target.with_name(".gitignore"), "*\n", target)  # git looks at nothing there
    write(target, as_text(found))
    if form == "json":
        print(as_text(found), end="")
    else:
        shown = target.relative_to(project.root) if not options.file else target
        print(escaped(f"saved {shown}"))
        print("\n".join(map(escaped, message(found, content=around.content))))
    return 0


def _now(project: Project) -> tuple[Handoff, Surroundings, GuideProgress, tuple[GuideProgress, ...]]:
    """Return the state of the work as we know it ourselves, and the progress it tells of."""
    around = project.surroundings()
    progress = progress_of_all(around)
    one = (choose(progress) or progress)[0]
    repository = around.repository
    step = project.step_of(around, one)
    overview = pages.kept(project, around).overview([one], lambda _: step)[0]
    handoff = Handoff(
        head=(repository.head() if repository else None) or "",
        branch=(repository.branch() if repository else None) or "",
        content=around.content,
        status=status_record(progress),
        step=step_record(one, step),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        phase=one.current.phase.id if one.current else None,
        **facts_of(overview, around),
    )
    return handoff, around, one, progress


def _restore(project: Project, options: argparse.Namespace, form: str) -> int:
    """Tell what was handed over, so that nobody goes by an old word.

    Returns:
        4 where something is accepted and not judged as it stands, 1 where the work has moved since; with ``--verify``
        what the check says, and 4 where a person has to look all the same.
    """
    saved = _read(project.root, options.file)
    now, around, one, progress = _now(project)
    differences = drift(saved, head=now.head, branch=now.branch, content=now.content)
    repository = around.repository
    entries = repository.entries(around.content) if repository and around.content else {}
    there = {path: entry.oid for path, entry in entries.items()}
    stale = {
        "files": sorted(saved.moved(there)),
        "tests": saved.test_results.total is not None and saved.test_results.content != now.content,
        "gates": sorted({gate.phase for gate in saved.gates if gate.content != now.content}),
    }
    if form == "json":
        print(json_text({**as_record(saved), "since": list(differences), "stale": stale, "next": now.step}))
    else:
        where = f"on {saved.branch or 'no branch'} at {saved.head[:12] or 'no commit'}"
        name = f"hand-over {saved.number} of {saved.workflow_id}, " if saved.number else ""
        print(escaped(f"{name}saved {saved.at} {where}"))
        print("".join(f"{escaped(line)}\n" for line in message(saved, content=now.content, now=there)), end="")
        for difference in differences:
            print(f"since then: {escaped(difference)}")
        if json.dumps(now.status, sort_keys=True) != json.dumps(dict(saved.status), sort_keys=True):
            print("the states of phases have changed: phasegate status")
    if options.verify:
        return _verified(project, saved, one)
    if form == "text":
        print(f"next: {escaped(str(now.step.get('do')))}")
        if now.step.get("command"):
            print(f"  $ {escaped(str(now.step['command']))}")
    return unproved(progress, project) or (DRIFTED if differences else 0)


def _verified(project: Project, saved: Handoff, one: GuideProgress) -> int:
    """Run the gates of the phases that were saved as judged, else of the current one; say the next step after it."""
    known = [phase.id for phase in one.guide.phases if phase.id in {gate.phase for gate in saved.gates}]
    wanted = known or ([one.current.phase.id] if one.current else [])
    name = project.prefix(one.guide)
    if not wanted:
        say("nothing to verify: no phase was judged")
        return DRIFTED
    selector = ",".join(name + each for each in wanted)
    say(f"verifying: phasegate check {selector}")
    code = main(["check", selector])
    return code or unproved(_now(project)[3], project)


def _read(root: Path, file: str | None) -> Handoff:
    """Return the hand-over that is meant: a number, a file, or the last one.

    Raises:
        PhasegateError: There is none, or it cannot be read.
    """
    known = _numbers(root)
    if file is None and not known:
        raise PhasegateError("nothing was handed over here", hint="phasegate handoff save")
    number = max(known) if file is None else int(file) if re.fullmatch(r"\d{1,6}", file) else -1
    path = known.get(number, Path(file or ""))
    name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    return read_handoff(read_json(path, name, hint="phasegate handoff save"), name)


def _numbers(root: Path) -> dict[int, Path]:
    """Return the numbered hand-overs."""
    found = ((_NUMBERED.fullmatch(path.name), path) for path in sorted((root / FOLDER).glob("*.json")))
    return {int(number[1]): path for number, path in found if number}


def _last_workflow(root: Path, known: dict[int, Path]) -> str:
    """Return what the last hand-over belongs to; one that cannot be read belongs to nothing."""
    try:
        return _read(root, None).workflow_id if known else ""
    except PhasegateError:
        return ""


def _name(handoff: Handoff) -> str:
    words = "-to-".join(filter(None, (handoff.sender, handoff.receiver)))
    shown = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60]
    return f"{handoff.number:03}{f'-{shown}' if shown else ''}.json"
