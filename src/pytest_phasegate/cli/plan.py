"""``phasegate plan new|tests|complete``: write a guide, the skeletons of its tests, and what it does not say yet."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from pytest_phasegate.adapters.project.worktree import read_json
from pytest_phasegate.cli.output import write
from pytest_phasegate.cli.plan_complete import complete, diff_of, text_of
from pytest_phasegate.cli.project import Project, begin_guide, formatted, opened
from pytest_phasegate.core.guide.issue import Issue, as_guide, read_issue
from pytest_phasegate.core.guide.model import DeclaredTest, Phase
from pytest_phasegate.core.guide.writing import with_skeletons
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped, say
from pytest_phasegate.wiring import projects, readers


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
        begin = begin_guide(projects.settings(projects.root(Path.cwd())))
        wanted, hint = {
            "new": ("file", begin),
            "tests": ("phase", "phasegate plan tests current"),
            "complete": ("file", "phasegate plan complete FILE"),
        }[options.action]
        raise PhasegateError(f"plan {options.action} wants a {wanted}", hint=hint)
    return {"new": _new, "tests": _tests, "complete": complete}[options.action](options)


def _new(options: argparse.Namespace) -> int:
    formatted(options, "text")
    if options.from_issue:
        path, text, closing = _of_issue(options)
    else:
        path, text, closing = Path(options.target), readers.template(options.form), ()
    if path.exists():
        raise PhasegateError(f"{path} is there already", hint=f"name another file, or: phasegate plan complete {path}")
    if options.dry_run:
        print(text, end="")
        return 0
    write(path, text)
    example = "" if options.from_issue else ", an example: write your phases in its place"
    print(f"written: {escaped(str(path))}{example}, then: phasegate lint {escaped(str(path))}")
    say(*closing)
    return 0


def _of_issue(options: argparse.Namespace) -> tuple[Path, str, tuple[str, ...]]:
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
        f"{len(issue.criteria)} criteria of issue {issue.number}; {waits or 'approved: ' + approved}",
        f"next: git switch -c {issue.branch}; then say which files and tests: phasegate plan complete {path}",
    )
    return path, text, closing


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
    label, unless = settings.approval.label, settings.approval.unless
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
        hint = f"say which: phasegate plan complete {guide.path}"
        raise PhasegateError(f"phase {phase.id} declares no tests", hint=hint)
    new = {path: text for path, text in _with_tests(project, phase).items() if text != text_of(project.root / path)}
    for path, text in new.items():
        print(diff_of(path, text_of(project.root / path), text), end="")
        if not options.dry_run:
            write(project.root / path, text)
    if not new:
        print(f"every test that phase {escaped(phase.id)} declares is there")
    elif not options.dry_run:
        say(f"next: pytest --phase {phase.id} --phasegate-expect red")
    return 0


def _with_tests(project: Project, phase: Phase) -> Mapping[str, str]:
    """Return the files of a phase's declared tests with the skeletons of those that they lack.

    Raises:
        PhasegateError: A file cannot be read as Python, or the guide does not say in which file a test is to be.
    """
    layout = project.layout
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
            found[path] = with_skeletons(text_of(project.root / path), tests)
        except SyntaxError as error:
            raise PhasegateError(f"{path}:{error.lineno} cannot be read as Python: {error.msg}") from None
    return found
