"""``phasegate plan new|tests|complete``: write a guide, the skeletons of its tests, and what it does not say yet."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import Any

from pytest_phasegate.adapters.project.worktree import project_files, read_json, text_if_any
from pytest_phasegate.cli.output import write
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.cli.question import agreed, as_record, writing
from pytest_phasegate.core.guide.issue import Issue, as_guide, read_issue
from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase
from pytest_phasegate.core.guide.writing import Known, Proposal, proposal, with_skeletons
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.errors import Choice, GuideError, PhasegateError, QuestionError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.wiring import projects, readers, records

SCHEMA = "phasegate.plan/1"
USAGE = 2
PARTS = ("files", "tests", "coverage", "commit")
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "action",
        choices=("new", "tests", "complete"),
        help="write a guide to begin with; skeletons of the tests that a phase declares; what a guide does not say yet",
    )
    parser.add_argument(
        "target",
        nargs="?",
        metavar="FILE|PHASE",
        help="the guide's file; for tests: 2, slug:2 or current; for an issue: named after it by default",
    )
    parser.add_argument(
        "--from-issue",
        metavar="FILE",
        help="new: begin with the JSON of gh issue view --json number,title,body,labels,state,url; - for stdin",
    )
    parser.add_argument(
        "--from",
        dest="form",
        choices=readers.TEMPLATES,
        default="seed",
        help="new: the form of the guide; default: seed",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
    parser.add_argument("--yes", action="store_true", help="complete: write without asking")
    parser.add_argument("--walk", action="store_true", help="complete: ask of each part of each phase")
    for flag, said in (("--take", "propose it, where --walk would ask"), ("--leave", "do not propose it")):
        told = f"complete: {said}; as in 2:tests, 2, :commit"
        parser.add_argument(flag, metavar="[PHASE][:PART]", action="append", default=[], help=told)


def run(options: argparse.Namespace) -> int:
    """Write what is asked for; nothing that is there is overwritten."""
    if options.target is None and not options.from_issue:
        begin = projects.settings(projects.root(Path.cwd())).begin_guide
        wanted, hint = {
            "new": ("file", begin),
            "tests": ("phase", "phasegate plan tests current"),
            "complete": ("file", "phasegate plan complete FILE"),
        }[options.action]
        raise PhasegateError(f"plan {options.action} wants a {wanted}", hint=hint)
    return {"new": _new, "tests": _tests, "complete": _complete}[options.action](options)


def _new(options: argparse.Namespace) -> int:
    formatted(options, "text")
    if options.from_issue:
        path, text, closing = _of_issue(options)
    else:
        path, text, closing = Path(options.target), readers.template(options.form), ""
    if path.exists():
        raise PhasegateError(f"{path} is there already", hint=f"name another file, or: phasegate plan complete {path}")
    if options.dry_run:
        print(text, end="")
        return 0
    write(path, text)
    example = "" if options.from_issue else ", an example: write your phases in its place"
    print(f"written: {escaped(str(path))}{example}, then: phasegate lint {escaped(str(path))}")
    print(closing, end="", file=sys.stderr)
    return 0


def _of_issue(options: argparse.Namespace) -> tuple[Path, str, str]:
    """Return the file and the text of a guide that begins with an issue, and what to say of it.

    Raises:
        PhasegateError: The issue cannot be read, or a guide of it would not be read back as it is meant.
    """
    hint = "make it: gh issue view NUMBER --json number,title,body,labels,state,url > issue.json"
    issue = read_issue(read_json(Path(options.from_issue), options.from_issue, hint=hint))
    project = opened(options)
    root, settings = project.root, project.settings
    path = Path(options.target) if options.target else root / _named_after(issue, settings)
    path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    approved, waits = _approval(issue, settings)
    text = as_guide(issue, approved=approved)
    read = readers.text_reader(root)(text.encode(), str(path))
    if len(read.phases) != 1 or len(read.phases[0].criteria) != len(issue.criteria):
        told = f"the guide of issue {issue.number} would not be read as it is meant"
        raise PhasegateError(told, hint="write its title and criteria as plain sentences")
    closing = (
        f"{len(issue.criteria)} criteria of issue {issue.number}; {waits or 'approved: ' + approved}\n"
        f"next: git switch -c {issue.branch}; then say which files and tests: phasegate plan complete {path}\n"
    )
    return path, text, "\n".join(map(escaped, closing.split("\n")))


def _named_after(issue: Issue, settings: Settings) -> str:
    """Return where a guide of an issue is found: by the first pattern of guides that leaves only its name open.

    Raises:
        PhasegateError: No pattern does.
    """
    found = next((one for one in settings.guides if one.count("*") == 1 and not set(one) & set("?[{")), None)
    if found is None:
        raise PhasegateError("`guides` does not say what to call the guide", hint="name its file: plan new FILE …")
    return found.replace("*", issue.slug)


def _approval(issue: Issue, settings: Settings) -> tuple[str, str]:
    """Return by which label an issue is approved, or what it waits for."""
    label, unless = settings.approval_label, settings.approval_unless
    if not issue.open:
        return "", f"issue {issue.number} is closed, so that its labels approve nothing"
    if label and label not in issue.labels:
        return "", f"not approved: it lacks the label {label!r}"
    if unless and unless in issue.labels:
        return "", f"not approved: it has the label {unless!r}"
    if not (label or unless):
        return "", "labels approve nothing here; see `[tool.phasegate.approval] label`"
    said = f"label `{label}`" if label else f"without the label `{unless}`"
    return f"issue #{issue.number}, {said}", ""


def _tests(options: argparse.Namespace) -> int:
    formatted(options, "text")
    project = opened(options)
    guide, phase = project.one_phase(options.target)
    if not phase.declared_tests:
        raise PhasegateError(
            f"phase {phase.id} declares no tests", hint=f"say which: phasegate plan complete {guide.path}"
        )
    new = {path: text for path, text in _with_tests(project, phase).items() if text != _text(project.root / path)}
    for path, text in new.items():
        print(_diff(path, _text(project.root / path), text), end="")
        if not options.dry_run:
            write(project.root / path, text)
    if not new:
        print(f"every test that phase {escaped(phase.id)} declares is there")
    elif not options.dry_run:
        print(f"next: pytest --phase {escaped(phase.id)} --phasegate-expect red", file=sys.stderr)
    return 0


def _with_tests(project: Project, phase: Phase) -> Mapping[str, str]:
    """Return the files of a phase's declared tests with the skeletons of those that they lack.

    Raises:
        PhasegateError: A file cannot be read as Python, or the guide does not say in which file a test is to be.
    """
    layout = projects.layout(project.root, project.settings)
    own = [file.path for file in phase.declared_files if layout.is_test(file.path)]
    wanted: dict[str, list[DeclaredTest]] = {}
    for test in phase.declared_tests:
        place = test.file or (own[0] if len(own) == 1 else "")
        if not place:
            hint = f"write (in `tests/test_...py`) behind its label, line {test.line}"
            raise PhasegateError(f"the guide does not say in which file {test.name} is to be", hint=hint)
        wanted.setdefault(place, []).append(test)
    found: dict[str, str] = {}
    for path, tests in wanted.items():
        try:
            found[path] = with_skeletons(_text(project.root / path), tests)
        except SyntaxError as error:
            raise PhasegateError(f"{path}:{error.lineno} cannot be read as Python: {error.msg}") from None
    return found


def _complete(options: argparse.Namespace) -> int:
    form, project = formatted(options, "text", "json"), opened(options)
    path = Path(options.target)
    guides = readers.guides(project.root, project.settings, [str(path)])
    guide = records.derived(project.root, project.settings, guides)[0]
    before = _text(path)
    proposals = _proposals(project, guide, before, options)
    after, kept, left_out = _completed(project, guide, before, proposals)
    difference = _diff(guide.path, before, after)
    if form == "json":
        written = options.yes and not options.dry_run and after != before
        record = {"schema": SCHEMA, "path": guide.path, "phases": [_record(one) for one in kept]}
        whole = {**record, "left_out": left_out, "diff": difference, "written": bool(written)}
        asks = bool(difference) and not (options.yes or options.dry_run)
        question = as_record(writing(), ["plan", "complete", options.target, "--format", "json"]) if asks else {}
        choices = {name: question[name] for name in ("question", "choices", "default") if name in question}
        print(json.dumps({**whole, **choices}, indent=2))
        if asks:
            return USAGE
    else:
        print(escaped_lines(difference) if difference else "nothing to propose: every phase says what can be asked")
        if left_out:
            told = ", ".join(left_out)
            print(
                f"not proposed, since this form of a guide would not be read so: phase {escaped(told)}", file=sys.stderr
            )
        written = bool(difference) and not options.dry_run and (options.yes or _agreed())
    if written:
        write(path, after)
        print(f"written; see what is read: phasegate show --guide {escaped(str(path))}", file=sys.stderr)
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
    layout = projects.layout(project.root, project.settings)
    files = project_files(project.root)
    definitions: dict[str, list[str]] = {}
    tests: list[str] = []
    for path in files:
        if layout.is_source(path) or layout.is_test(path):
            for name in dict.fromkeys(_DEFINED.findall(_text(project.root / path))):
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
        print("nothing is written: add --yes", file=sys.stderr)
        return False
    return agreed()


def _diff(path: str, before: str, after: str) -> str:
    lines = unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    return escaped_lines("\n".join(lines) + "\n") if before != after else ""


def escaped_lines(text: str) -> str:
    """Return text for a terminal, line by line."""
    return "\n".join(map(escaped, text.split("\n")))


def _text(path: Path) -> str:
    return text_if_any(path, path, GuideError) or ""
