"""``phasegate commit PHASE``: the phase's commit, with the declared subject and the trailers prepared."""

from __future__ import annotations

import argparse
import os
import subprocess

from pytest_phasegate.adapters.git.discovery import without_environments
from pytest_phasegate.app.ports.repository import FileChange
from pytest_phasegate.cli.project import Project, opened
from pytest_phasegate.cli.review import refuse_blocked
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import PHASE_TRAILER, findings_of
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.paths import is_ours
from pytest_phasegate.core.verdict.judgement import passed_on
from pytest_phasegate.core.verdict.verdict import shortened
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.reports.messages import refusal
from pytest_phasegate.wiring import records

REFUSED = 1
_SHOWN = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", default="current", metavar="PHASE", help="2, slug:2 or current")
    parser.add_argument("-m", "--message", metavar="SUBJECT", help="the subject, where the guide declares none")
    parser.add_argument("--issue", metavar="ISSUE", help="name an issue in a trailer: #12")
    parser.add_argument("--dry-run", action="store_true", help="print the message and commit nothing")
    parser.add_argument("--unchecked", action="store_true", help="commit though the phase has not passed as it stands")


def run(options: argparse.Namespace) -> int:
    """Commit what is staged, or everything where nothing is; git and its hooks have the last word."""
    project = opened(options)
    guide, phase = project.one_phase(options.phase)
    message = _message(guide, phase, options)
    branch = project.repository.branch()
    findings = list(findings_of(message, branch, project.guides, project.settings.commit))
    if findings:
        say(*refusal("this message would be refused", findings))
        return REFUSED
    text = _text(message)
    if options.dry_run:
        print(text, end="")
        return 0
    if not options.unchecked:
        repository = project.repository
        if not repository.changes(repository.head() or repository.empty_tree(), repository.content_tree()):
            say("phasegate: nothing to commit: the work tree is as HEAD is", "  hint: phasegate next")
            return REFUSED
        project.refuse_early(guide, phase, committing=True)
        if not (_has_passed(project, guide, phase) and _is_staged_as_judged(project)):
            return REFUSED
    return _commit(project, text)


def _message(guide: Guide, phase: Phase, options: argparse.Namespace) -> Commit:
    subject = phase.commit or options.message
    if not subject:
        raise PhasegateError(f"phase {phase.id} declares no commit", hint="give a subject: -m 'feat: ...'")
    if phase.commit and options.message and options.message != phase.commit:
        raise PhasegateError(f"phase {phase.id} declares its subject: {phase.commit}", hint="leave -m out")
    named = options.issue or guide.issue
    issue = (("Issue", f"#{named}" if named.isdecimal() else named),) if named else ()
    return Commit(subject, ((PHASE_TRAILER, f"{guide.slug}/{phase.id}"), *issue))


def _text(message: Commit) -> str:
    trailers = "".join(f"{key}: {value}\n" for key, value in message.trailers)
    return f"{message.subject}\n\n{trailers}"


def _has_passed(project: Project, guide: Guide, phase: Phase) -> bool:
    """Return whether the phase passed on exactly this content, and say so where it did not."""
    tree, judged = project.repository.content_tree(), records.judged(project)
    if passed_on(judged, guide.slug, phase.id, tree) is not None:
        refuse_blocked(project, guide, phase)
        return True
    name = f"{project.prefix(guide)}{phase.id}"
    earlier = any(passed_on(judged, guide.slug, phase.id, one.tree) for one in judged)
    why = ": files changed since its last pass" if earlier else ""
    say(f"phasegate: phase {phase.id} has not passed as it stands{why}")
    say(f"  hint: phasegate check {name}, or phasegate commit {name} --unchecked")
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

    top = project.repository.root
    tracked = subprocess.run(["git", "-C", top, "ls-files", "-z"], capture_output=True, check=False).stdout
    aside = without_environments(top, os.fsdecode(tracked).split("\0"))
    if git("diff", "--cached", "--quiet") == 0 and git("add", "--all", "--", ":/", *aside):
        raise PhasegateError("git could not stage the work tree", hint="git status tells more")
    return REFUSED if git("commit", "--file=-", stdin=text) else 0
