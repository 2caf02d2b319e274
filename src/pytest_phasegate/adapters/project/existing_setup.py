"""What a project already uses, read from its files and its history: ``init`` shows it, and configures accordingly."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_phasegate.adapters.project.config import pyproject
from pytest_phasegate.core.commit.conventional import read_subject
from pytest_phasegate.core.project.pytest_options import table_in

_SUBJECTS = 50
_WORKFLOWS = (".github/workflows", ".gitlab-ci.yml", ".circleci", "azure-pipelines.yml", "noxfile.py", "tox.ini")
_SECTIONS = {"pytest.ini": "pytest", ".pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}


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
        asked = "asked for" if is_conventional(found) else "not asked for"
        yield "commits", f"{number} of the last {len(found)} subjects are conventional: {asked}"
    document = pyproject(root)
    pytest = {**_ini(root), **_pytest_table(document)}
    strict = [name for name in ("strict", "xfail_strict", "required_plugins") if pytest.get(name)]
    strict += [word for word in str(pytest.get("addopts", "")).replace("'", "").split() if word.startswith("--strict")]
    if pytest:
        yield "pytest", f"configured{', ' + ', '.join(strict) if strict else ''}"
    if (root / "manage.py").exists() or _SETTINGS in pytest:
        yield "django", _django(root, str(pytest.get(_SETTINGS, "")))
    yield from _coverage(root, document)
    there = [name for name in _WORKFLOWS if (root / name).exists()]
    if there:
        yield "CI", ", ".join(there)
    hooks = [name for name in (".pre-commit-config.yaml", ".husky", "lefthook.yml") if (root / name).exists()]
    if hooks:
        yield "hooks", ", ".join(hooks)


_SETTINGS = "DJANGO_SETTINGS_MODULE"


def _django(root: Path, configured: str) -> str:
    """Say which settings tests run with; pytest does not read ``manage.py``, so it may have to be told."""
    exported = os.environ.get(_SETTINGS, "")
    if configured or exported:
        return f"settings {configured or f'{exported} (exported)'}"
    text = (root / "manage.py").read_text(encoding="utf-8", errors="replace")
    named = re.search(rf"""{_SETTINGS}["'][],]\s*=?\s*["']([\w.]+)["']""", text)
    used = f"manage.py uses {named[1]}, pytest is not told" if named else "pytest is not told the settings"
    return f"{used}: export {_SETTINGS}={named[1] if named else 'NAME.settings'}"


def _coverage(root: Path, document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    table = table_in(document, "tool", "coverage")
    if not table and not (root / ".coveragerc").exists():
        return
    run, report = table_in(table, "run"), table_in(table, "report")
    told = [f"branch = {run['branch']}".lower()] if "branch" in run else []
    told += [f"fail_under = {report['fail_under']}"] if "fail_under" in report else []
    yield "coverage", ", ".join(["configured", *told])


def _pytest_table(document: Mapping[str, object]) -> Mapping[str, object]:
    table = table_in(document, "tool", "pytest")
    return {name: value for name, value in {**table, **table_in(table, "ini_options")}.items() if name != "ini_options"}


def _ini(root: Path) -> Mapping[str, object]:
    for name, section in _SECTIONS.items():
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]  # Django's setting is in capitals
        try:
            parser.read(root / name, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        if parser.has_section(section):
            return dict(parser.items(section))
    return {}
