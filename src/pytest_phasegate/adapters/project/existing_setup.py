"""What a project already uses, and which of its git hooks lead to phasegate, read from its files and its history."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pytest_phasegate.adapters.project.config import pyproject
from pytest_phasegate.adapters.project.worktree import texts
from pytest_phasegate.core.commit.conventional import read_subject
from pytest_phasegate.core.project.pytest_options import (
    CONFIGURATION_FILES,
    SETTINGS,
    Document,
    document,
    in_pytests_options,
    pytest_table,
    settings_in,
    table_in,
)

_SUBJECTS = 50
_WORKFLOWS = (".github/workflows", ".gitlab-ci.yml", ".circleci", "azure-pipelines.yml", "noxfile.py", "tox.ini")


def subjects(root: Path) -> tuple[str, ...]:
    """Return the subjects of the last commits, merges aside; none where there is no history."""
    asked = ("git", "-C", str(root), "log", f"-{_SUBJECTS}", "--no-merges", "--format=%s")
    try:
        done = subprocess.run(asked, capture_output=True, encoding="utf-8", errors="replace", check=False)
    except OSError:
        return ()
    return tuple(done.stdout.splitlines()) if done.returncode == 0 else ()


def is_conventional(found: tuple[str, ...]) -> bool:
    """Whether most of these subjects are conventional commits; a history that is still to come may be."""
    return 2 * sum(read_subject(one) is not None for one in found) >= len(found)


def signs(root: Path, found: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what was found, each with its name: commits, pytest, Django, coverage, CI, hooks."""
    if found:
        number = sum(read_subject(one) is not None for one in found)
        so = "commits of phases must be, too" if is_conventional(found) else "no commit has to be"
        yield "commits", f"{number} of the last {len(found)} subjects are conventional; {so}"
    pytest = _pytest(root)
    strict = [name for name in ("strict", "xfail_strict", "required_plugins") if pytest.get(name)]
    strict += [word for word in str(pytest.get("addopts", "")).replace("'", "").split() if word.startswith("--strict")]
    if pytest:
        yield "pytest", f"has options of its own{', ' + ', '.join(strict) if strict else ''}"
    settings, fix = django(root)
    if settings:
        yield "django", f"{settings}: {fix}" if fix else settings
    yield from _coverage(root, pyproject(root))
    there = [name for name in _WORKFLOWS if (root / name).exists()]
    if there:
        yield "CI", ", ".join(there)
    hooks = [name for name in (".pre-commit-config.yaml", ".husky", "lefthook.yml") if (root / name).exists()]
    if hooks:
        yield "hooks", ", ".join(hooks)


def django(root: Path) -> tuple[str, str]:
    """Return which settings Django's tests run with, and what tells pytest, which does not read ``manage.py``.

    Nothing where this is no project of Django's, or where a conftest gives the settings.
    """
    pytest = _pytest(root)
    told = pytest.get(SETTINGS) or pytest.get(SETTINGS.lower())
    told = told or (f"{os.environ[SETTINGS]} (exported)" if os.environ.get(SETTINGS) else "")
    manage, text = next(_texts(root, "manage.py"), ("", ""))
    if (
        told
        or not manage
        or any(SETTINGS in one or "settings.configure" in one for _, one in _texts(root, "conftest.py"))
    ):
        return f"{SETTINGS} is {told}" if told else "", ""
    named = settings_in(text)
    used = f"{manage} uses `{named}`, pytest is not told" if named else f"pytest is not told the settings of {manage}"
    below = f' and pythonpath = ["{manage.partition("/")[0]}"]' if "/" in manage else ""
    if not pytest.get("python_files") and any(_texts(root, "tests.py")):
        below += ' and python_files = ["test_*.py", "tests.py"]'
    return used, in_pytests_options(named or "NAME.settings", below)


def _texts(root: Path, name: str) -> Iterator[tuple[str, str]]:
    """Yield the files of this name at the top and one level below, with what they say."""
    for path in (root / name, *sorted(root.glob(f"*/{name}"))):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def _coverage(root: Path, said: Document) -> Iterator[tuple[str, str]]:
    table = table_in(said, "tool", "coverage")
    if not table and not (root / ".coveragerc").exists():
        return
    run, report = table_in(table, "run"), table_in(table, "report")
    told = [f"branch = {run['branch']}".lower()] if "branch" in run else []
    told += [f"fail_under = {report['fail_under']}"] if "fail_under" in report else []
    yield "coverage", ", ".join(["configured", *told])


def _pytest(root: Path) -> Document:
    """Return what configures pytest at the top of a project."""
    found = texts(root, CONFIGURATION_FILES)
    return pytest_table("", {name: document(name, text) for name, text in found.items()}) or {}
