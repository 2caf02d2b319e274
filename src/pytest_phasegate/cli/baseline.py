"""``commit PHASE``, ``accept PHASE`` and ``baseline diff|update``: what passed goes into git, and stays green."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator, Sequence

from pytest_phasegate.adapters import baseline_file
from pytest_phasegate.adapters.git.discovery import without_environments
from pytest_phasegate.app.guide.status import done_phases
from pytest_phasegate.app.ports.repository import INDEX, FileChange
from pytest_phasegate.app.regression.accept import Update, accept, unnamed, update
from pytest_phasegate.cli.output import answer_in
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.cli.review import answered, refuse_blocked
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import PHASE_TRAILER, findings_of
from pytest_phasegate.core.criteria.reviews import ACCEPTED_PATH
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.next_step import commit_step, committing
from pytest_phasegate.core.guide.progress import PATH as FINISHED_PATH
from pytest_phasegate.core.project.paths import is_ours
from pytest_phasegate.core.regression.baseline import PATH, BaselineTest
from pytest_phasegate.core.verdict.judgement import passed_on
from pytest_phasegate.core.verdict.verdict import counted, shortened
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped, say
from pytest_phasegate.reports.messages import refusal
from pytest_phasegate.wiring import records, status


def configure_accept(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", default="current", metavar="PHASE", help="2, slug:2 or current")


def run_accept(options: argparse.Namespace) -> int:
    """Accept the phase, if its gates passed on exactly this content."""
    formatted(options, "text")
    project = opened(options)
    guide, phase = project.one_phase(options.phase)
    project.refuse_early(guide, phase, committing=False)
    around = project.surroundings()
    found = accept(around, records.passings(project.root).find, guide, phase)
    answers = answered(project, guide, phase)
    if found.kept:
        paths = [PATH]
        baseline_file.write(project.root, found.tests)
        moved = f" and {len(found.renamed)} renamed" if found.renamed else ""
        told = f"{len(found.added)} new{moved} in {PATH}, {len(found.tests)} in all"
    else:
        paths = [records.finish_phase(project.root, guide, phase)]
        told = f"it has no tests to keep, and stands in {paths[0]}"
    if answers:
        status.review_log(project.root).commit(answers)
        paths.append(ACCEPTED_PATH)
    print(escaped(f"accepted phase {phase.id} of {guide.path}: {told}"), flush=True)
    clean = all(map(is_ours, around.uncommitted_paths))
    if clean or phase.id in done_phases(around, guide).committed:
        _say_to_commit(project, paths, f"chore: accept phase {phase.id}")
    else:
        command = commit_step(phase, project.prefix(guide), "").command
        say(f"next: commit phase {phase.id}, with what was accepted", f"  $ {command}")
    return 0


REFUSED = 1


def configure_baseline(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("diff", "update"), help="say what would change, or change it")
    parser.add_argument(
        "--remove", metavar="ID", action="append", default=[], help="a test that may go (repeatable); no other one does"
    )


def run_baseline(options: argparse.Namespace) -> int:
    """Show the difference; ``update`` writes it if every removal was named."""
    form, project = formatted(options, "text", "json"), opened(options)
    found = update(project.surroundings(), records.passings(project.root).find, options.remove)
    answer_in(form, _record(found), _lines(found))
    if options.action == "diff":
        return 0
    missing = unnamed(found, options.remove)
    if missing:
        named = " ".join(f"--remove {escaped(test)!r}" for test in missing)
        say(f"phasegate: refused: {counted(len(missing), 'test')} would go without being named: {named}")
        return REFUSED
    baseline_file.write(project.root, found.tests)
    say(f"{PATH} is up to date: {counted(len(found.tests), 'test')}")
    _say_to_commit(project, [PATH], "chore: update the baseline")
    return 0


def _say_to_commit(project: Project, paths: Sequence[str], subject: str) -> None:
    left = [path for path in paths if not records.as_committed(project.root, path)]
    if left:
        told = f"next: commit {' and '.join(left)}, which later phases are held to"
        say(told, f"  $ {committing(left, subject)}")


def _lines(found: Update) -> Iterator[str]:
    yield from (f"+ {entry.test} (phase {entry.phase})" for entry in found.added)
    for old, new in found.changed:
        yield f"~ {new.test} ({', '.join(_differences(old, new))})"
    yield from (f"> {old.test} is called {new.test} now (phase {old.phase})" for old, new in found.renamed)
    yield from (f"- {entry.test} (phase {entry.phase})" for entry in found.removed)


def _differences(old: BaselineTest, new: BaselineTest) -> Iterator[str]:
    if old.phase != new.phase:
        yield f"phase {old.phase} to {new.phase}"
    if old.cases != new.cases:
        yield f"{old.cases} to {new.cases} cases"
    if old.digest != new.digest:
        yield "its text changed"


def _record(found: Update) -> dict[str, object]:
    return {
        "schema": "phasegate.baseline/1",
        "added": [one._asdict() for one in found.added],
        "changed": [{"before": old._asdict(), "after": new._asdict()} for old, new in found.changed],
        "renamed": [{"before": old._asdict(), "after": new._asdict()} for old, new in found.renamed],
        "removed": [one._asdict() for one in found.removed],
    }


_SHOWN = 12


def configure_commit(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", default="current", metavar="PHASE", help="2, slug:2 or current")
    parser.add_argument("-m", "--message", metavar="SUBJECT", help="the subject, where the guide declares none")
    parser.add_argument("--issue", metavar="ISSUE", help="name an issue in a trailer: #12")
    parser.add_argument("--dry-run", action="store_true", help="print the message and commit nothing")


def run_commit(options: argparse.Namespace) -> int:
    """Commit what is staged, or everything where nothing is; git and its hooks have the last word."""
    project = opened(options)
    guide, phase = project.one_phase(options.phase)
    message = _message(guide, phase, options)
    branch = project.repository.branch()
    findings = list(findings_of(message, branch, project.guides, project.settings.commit))
    if findings:
        say(*refusal("this message would be refused", findings))
        return REFUSED
    text = "\n".join([message.subject, "", *(f"{key}: {value}" for key, value in message.trailers), ""])
    if options.dry_run:
        print(text, end="")
        return 0
    repository = project.repository
    if not repository.changes(repository.head() or repository.empty_tree(), repository.content_tree()):
        say("phasegate: nothing to commit: the work tree is as HEAD is", "  hint: phasegate next")
        return REFUSED
    project.refuse_early(guide, phase, committing=True)
    return _commit(project, text) if _has_passed(project, guide, phase) and _is_staged_as_judged(project) else REFUSED


def _message(guide: Guide, phase: Phase, options: argparse.Namespace) -> Commit:
    subject = phase.commit or options.message
    if not subject:
        raise PhasegateError(f"phase {phase.id} declares no commit", hint="give a subject: -m 'feat: ...'")
    if phase.commit and options.message and options.message != phase.commit:
        raise PhasegateError(f"phase {phase.id} declares its subject: {phase.commit}", hint="leave -m out")
    named = options.issue or guide.issue
    issue = (("Issue", f"#{named}" if named.isdecimal() else named),) if named else ()
    return Commit(subject, ((PHASE_TRAILER, f"{guide.slug}/{phase.id}"), *issue))


def _has_passed(project: Project, guide: Guide, phase: Phase) -> bool:
    """Return whether the phase passed on exactly this content, and say so where it did not."""
    tree, judged = project.repository.content_tree(), records.judged(project)
    if passed_on(judged, guide.slug, phase.id, tree) is not None:
        refuse_blocked(project, guide, phase)
        return True
    name = f"{project.prefix(guide)}{phase.id}"
    earlier = any(passed_on(judged, guide.slug, phase.id, one.tree) for one in judged)
    why = ": files changed since its last pass" if earlier else ""
    say(f"phasegate: phase {phase.id} has not passed as it stands{why}", f"  hint: phasegate check {name}")
    return False


def _is_staged_as_judged(project: Project) -> bool:
    """Return whether the commit would hold what was judged, and show what it would not.

    Where nothing is staged, everything will be. What phasegate itself keeps is no part of what was judged.
    """
    repository = project.repository
    index, content = repository.index_tree(), repository.content_tree()
    if not repository.changes(repository.head() or repository.empty_tree(), index):
        return True
    apart = [change for change in repository.changes(index, content) if not is_ours(change.path)]
    if not apart:
        return True
    say("phasegate: what is staged is not what was judged")
    say(*shortened([f"  {change.path}: {_how_staged(change)}" for change in apart], _SHOWN))
    say(
        "  hint: git add --all stages what was judged; or set the rest aside"
        " (git stash --keep-index --include-untracked) and check again"
    )
    return False


def _how_staged(change: FileChange) -> str:
    if change.before is None:
        return "not staged"
    return "staged, and gone" if change.after is None else "staged otherwise"


def _commit(project: Project, text: str) -> int:
    def git(*words: str, stdin: str = "") -> int:
        return subprocess.run(["git", *words], cwd=project.root, input=stdin, encoding="utf-8", check=False).returncode

    aside = without_environments(project.repository.root, project.repository.entries(INDEX))
    accepted = (path for path in (PATH, FINISHED_PATH, ACCEPTED_PATH) if (project.root / path).is_file())
    kept = [path for path in accepted if not records.as_committed(project.root, path)]
    whole = git("diff", "--cached", "--quiet") == 0
    if (whole and git("add", "--all", "--", ":/", *aside)) or (kept and git("add", "--force", "--", *kept)):
        raise PhasegateError("git could not stage the work tree", hint="git status tells more")
    return REFUSED if git("commit", "--file=-", stdin=text) else 0
