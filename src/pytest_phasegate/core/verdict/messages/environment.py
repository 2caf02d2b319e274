"""PG9xx: the machine, the installation, the repository."""

from __future__ import annotations

from pytest_phasegate.core.verdict.messages.message import Message

MESSAGES: dict[str, Message] = {
    "PG901": Message(
        "no git repository",
        "The directory is not inside a git work tree, so there are no commits to judge.",
        "Run the command inside the repository, or `git init` one.",
    ),
    "PG902": Message(
        "repository owned by another user",
        "Git does not read a repository of another user unless it is told that it may. Containers and CI runners "
        "that mount a checkout meet this often.",
        "`git config --global --add safe.directory DIRECTORY`, or correct the owner of the files.",
    ),
    "PG903": Message(
        "no work tree",
        "The repository is bare, or the command runs inside the .git directory: there are no files to judge.",
        "Run it in a clone with a work tree; GIT_WORK_TREE can name one.",
    ),
    "PG904": Message(
        "shallow clone",
        "This clone does not hold the history that is needed, and a missing commit is not the same as no change.",
        "`git fetch --unshallow`, or `fetch-depth: 0` in actions/checkout and its like.",
    ),
    "PG905": Message(
        "missing or damaged object",
        "Git could not read an object that a commit or the index names.",
        "`git fsck` names the damage; fetch the object again or clone afresh.",
    ),
    "PG906": Message(
        "unmerged index",
        "A merge, cherry-pick, revert or rebase stopped at a conflict: the index holds no tree that could be "
        "committed, so none can be judged.",
        "Resolve the conflicts and `git add` the files.",
    ),
    "PG907": Message(
        "unknown revision",
        "No commit goes by this name here. In CI the base branch is often simply not fetched.",
        "Check the spelling; fetch the branch, or set `fetch-depth: 0`.",
    ),
    "PG908": Message(
        "content filter failed",
        "A filter that .gitattributes names and the configuration calls required (Git LFS, for one) is not installed "
        "or failed, so the files of a replay would not be those of a checkout.",
        "Install and configure the filter, for LFS with `git lfs install`.",
    ),
    "PG909": Message(
        "git not found",
        "The git program is not on PATH.",
        "Install git, or correct PATH.",
    ),
    "PG910": Message(
        "git failed",
        "A git command failed; the message quotes it.",
        "Run the command by hand and fix what git reports.",
    ),
    "PG911": Message(
        "files that cannot be written",
        "A tree composed for a replay names a path that git does not write, or one path as a file and as a "
        "directory; or the scratch directory is not one of ours.",
        "Commit the move of that path on its own.",
    ),
    "PG912": Message(
        "which commits to judge is not known",
        "`phasegate verify` without a range judges what a reviewer would look at. The CI service does not say what "
        "that is, the clone lacks what it names, or there is no commit in it. Nothing was judged, so nothing passed.",
        "Run the command of the hint, or name the commits: `phasegate verify --base origin/main`, or a range.",
    ),
    "PG920": Message(
        "the ledger cannot be used",
        "The file in which test runs keep what they observed cannot be opened, read or written: another process holds "
        "it, the disk is full, or a directory forbids it. Your tests run as ever; what they show is not kept.",
        "Fix what the message names, or set PHASEGATE_LEDGER to a file elsewhere.",
    ),
    "PG921": Message(
        "the ledger is damaged",
        "The file was changed or is no database any more, so nothing in it is used.",
        "`phasegate ledger verify` shows the damage; `--set-aside` renames the file, and the next test run starts a "
        "new one. Nothing is deleted.",
    ),
    "PG922": Message(
        "the ledger holds something that phasegate did not write",
        "The file holds a foreign trigger, view or table, which could run when the file is used. So it is not used.",
        "Find out who wrote it, then move the file away; the next test run begins a new one.",
    ),
    "PG923": Message(
        "the ledger is from a newer phasegate",
        "Another environment on this machine has a later version, which changed the file's schema.",
        "Upgrade pytest-phasegate in this environment, or let PHASEGATE_LEDGER name another file here.",
    ),
    "PG930": Message(
        "no Python of the project was found",
        "Tests run in the project's own environment, which is not that of a hook. The message lists every place tried.",
        "Name it: --python, PHASEGATE_PYTHON, or `python` under [tool.phasegate].",
    ),
    "PG931": Message(
        "the interpreter does not run",
        "The Python that was named or found could not be started, or printed something unexpected.",
        "Start it by hand with `-c pass`; recreate the environment, or name another with --python.",
    ),
    "PG932": Message(
        "pytest-phasegate is not installed in the project's environment",
        "`phasegate check` runs the project's own pytest with `--phase`, which needs pytest-phasegate beside the "
        "project's dependencies. phasegate itself runs from another environment (a hook's, or one of pipx), which "
        "cannot import the project.",
        "Install pytest-phasegate in the environment that the message names, or name another with --python.",
    ),
    "PG933": Message(
        "the project's interpreter has no pytest",
        "Replays run the tests of a commit with the project's interpreter, which the message names, with how it was "
        "found. It holds no pytest, so nothing can be run.",
        "Install what the project's tests need with the command of the hint, or name another interpreter: --python, "
        "PHASEGATE_PYTHON, or `python` under [tool.phasegate].",
    ),
    "PG934": Message(
        "the project's interpreter lacks what the tests import",
        "Not one of the tests that stood there before the commits can be imported, because a module that is not the "
        "project's is missing. Every commit would be inconclusive, so none is replayed any more.",
        "Install what the project's tests need with the command of the hint, or name another interpreter: --python, "
        "PHASEGATE_PYTHON, or `python` under [tool.phasegate].",
    ),
}
