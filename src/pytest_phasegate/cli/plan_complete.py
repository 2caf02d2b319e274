"""``phasegate plan complete``: what a guide does not say yet, proposed part by part."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import Any

from pytest_phasegate.adapters.project.worktree import project_files, text_if_any
from pytest_phasegate.cli.output import agreed, question_record, write, writing
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.writing import Known, Proposal, proposal
from pytest_phasegate.errors import Choice, GuideError, PhasegateError, QuestionError
from pytest_phasegate.reports.escaping import escaped_lines, json_text, say
from pytest_phasegate.wiring import readers, records

PARTS = ("files", "tests", "coverage", "commit")
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


def complete(options: argparse.Namespace) -> int:
    """Propose what the phases of a guide do not say, and write it if that is agreed."""
    form, project = formatted(options, "text", "json"), opened(options)
    path = Path(options.target)
    guides = readers.guides(project, [str(path)])
    guide = records.derived(project, guides)[0]
    before = text_of(path)
    proposals = _proposals(project, guide, before, options)
    after, kept, left_out = _completed(project, guide, before, proposals)
    difference = diff_of(guide.path, before, after)
    if form == "json":
        written = options.yes and not options.dry_run and after != before
        phases = list(map(_record, kept))
        record: dict[str, object] = {"schema": "phasegate.plan/1", "path": guide.path, "phases": phases}
        record |= {"left_out": left_out, "diff": difference, "written": bool(written)}
        asks = bool(difference) and not (options.yes or options.dry_run)
        question = question_record(writing(), ["plan", "complete", options.target, "--format", "json"]) if asks else {}
        record |= {name: question[name] for name in ("question", "choices", "default") if name in question}
        print(json_text(record))
        if asks:
            return 2
    else:
        print(escaped_lines(difference) if difference else "nothing to propose: every phase says what can be asked")
        if left_out:
            say(f"not proposed, since this form of a guide would not be read so: phase {', '.join(left_out)}")
        written = bool(difference) and not options.dry_run and (options.yes or _agreed())
    if written:
        write(path, after)
        say(f"written; see what is read: phasegate show --guide {path}")
    return 0


def _proposals(project: Project, guide: Guide, text: str, options: argparse.Namespace) -> dict[str, Proposal]:
    """Return what is proposed of each phase, without what is to be left out.

    Raises:
        QuestionError: ``--walk`` has yet to ask of a part.
        PhasegateError: ``--take`` or ``--leave`` names a phase or a part that there is not.
    """
    known, lines = _known(project), text.splitlines()
    ids = {phase.id for phase in guide.phases}
    for said in (*options.take, *options.leave):
        phase, _, part = said.partition(":")
        if phase not in {"", *ids} or part not in {"", *PARTS} or not said.strip(":"):
            hint = f"the phases are: {', '.join(ids)}; the parts are: {', '.join(PARTS)}"
            raise PhasegateError(f"{said!r} names no part of a phase", hint=hint)
    found: dict[str, Proposal] = {}
    for phase in guide.phases:
        whole = proposal(phase, "\n".join(lines[phase.line - 1 : phase.end_line]), known)
        left = [part for part in whole.parts if _meant(options.leave, phase.id, part)]
        found[phase.id] = whole.without(left)
        for part, words in found[phase.id].parts.items() if options.walk else ():
            if not _meant(options.take, phase.id, part):
                raise _question(phase, part, words)
    return found


def _meant(said: Sequence[str], phase: str, part: str) -> bool:
    return not {f"{phase}:{part}", phase, f"{phase}:", f":{part}"}.isdisjoint(said)


def _question(phase: Phase, part: str, words: str) -> QuestionError:
    name = f"{phase.id}:{part}"
    choices = (Choice(f"--take={name}", "propose it"), Choice(f"--leave={name}", "leave it out"))
    hint = "stdin is not a terminal: answer with --take and --leave"
    return QuestionError(f"phase {phase.id} ({phase.title}), {part}: {words}", choices=choices, hint=hint)


def _completed(
    project: Project, guide: Guide, text: str, proposals: Mapping[str, Proposal]
) -> tuple[str, list[Proposal], list[str]]:
    """Return the text with all proposals that are read back as they are meant, these, and the other phases."""
    lines = text.splitlines()
    kept: list[Proposal] = []
    left_out: list[str] = []
    read = readers.text_reader(project.root)
    for phase in reversed(guide.phases):
        found = proposals[phase.id]
        if not found.lines:
            continue
        end = phase.end_line
        while end > phase.line and not lines[end - 1].strip():
            end -= 1
        trial = [*lines[:end], *found.lines, *lines[end:]]
        again = read("\n".join(trial).encode(), guide.path).phase(phase.id)
        if again is not None and _says(again, found):
            lines = trial
            kept.insert(0, found)
        else:
            left_out.insert(0, phase.id)
    return "\n".join(lines) + "\n" if kept else text, kept, left_out


def _says(phase: Phase, found: Proposal) -> bool:
    """Whether a phase that was read back says what was proposed."""
    files = {file.path for file in found.files} <= {file.path for file in phase.files}
    tests = {test.name for test in found.tests} <= {test.name for test in phase.tests}
    minimum = found.coverage is None or phase.coverage.minimum == found.coverage
    return files and tests and minimum and phase.commit == (found.commit or phase.commit)


def _known(project: Project) -> Known:
    layout = project.layout
    files = project_files(project.root)
    definitions: dict[str, list[str]] = {}
    tests: list[str] = []
    for path in files:
        if layout.is_source(path) or layout.is_test(path):
            for name in dict.fromkeys(_DEFINED.findall(text_of(project.root / path))):
                if not layout.is_test(path):
                    definitions.setdefault(name, []).append(path)
                elif name.startswith("test"):
                    tests.append(f"{path}::{name}")
    minimum = project.settings.stage_minimum
    if minimum is None and project.settings.coverage.minimum is None:
        minimum = 80.0
    root = next(iter((*layout.testpaths, *layout.test_roots)), "tests")
    there = frozenset(files)
    find = partial(_defining, definitions)
    return Known(there.__contains__, layout.is_test, find, tests, minimum, root)


def _defining(definitions: Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
    """Return the file that defines a name, where it is one alone: a name of many says nothing."""
    found = definitions.get(name, ())
    return found if len(found) == 1 else ()


def _record(found: Proposal) -> dict[str, Any]:
    return {
        "id": found.phase,
        "files": [{"path": file.path, "action": str(file.action)} for file in found.files],
        "tests": [{"file": test.file, "class": test.class_name, "name": test.name} for test in found.tests],
        "coverage": found.coverage,
        "commit": found.commit or None,
    }


def _agreed() -> bool:
    if not sys.stdin.isatty():
        say("nothing is written: add --yes")
        return False
    return agreed()


def diff_of(path: str, before: str, after: str) -> str:
    """Return what differs between two texts of a file, for a terminal; nothing where they are the same."""
    lines = unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    return escaped_lines("\n".join(lines) + "\n") if before != after else ""


def text_of(path: Path) -> str:
    """Return the text of a file, or nothing where there is none.

    Raises:
        GuideError: It is there and cannot be read.
    """
    return text_if_any(path, path, GuideError) or ""
