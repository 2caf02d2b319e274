"""``phasegate doctor``: what is enforced here and what is not."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import coverage

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.adapters.git.hooks import OUR_HOOKS, hooks_path, installed_hooks, listed_hooks
from pytest_phasegate.adapters.project import existing_setup
from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.redgreen.change import ChangeReader
from pytest_phasegate.app.redgreen.tree_views import TreeView
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.cli.hook_entries import install
from pytest_phasegate.cli.project import begin_guide, formatted, guide_places
from pytest_phasegate.core.guide.soundness import errors_in
from pytest_phasegate.core.project.paths import Side
from pytest_phasegate.core.project.pytest_options import clean_path
from pytest_phasegate.core.redgreen.verdict import CommitRuling
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.as_terminal import colourful, grid, shown
from pytest_phasegate.reports.escaping import json_text
from pytest_phasegate.wiring import projects, readers, records, redgreen
from pytest_phasegate.wiring.projects import Project


class Health(StrEnum):
    """How one thing stands."""

    GOOD = "good"
    WARNING = "warning"  # it works, and something is not enforced
    BAD = "bad"  # it cannot work


class Sign(NamedTuple):
    """One thing that was looked at: its name, how it stands, what was seen, and what would mend it."""

    name: str
    health: Health
    detail: str
    fix: str = ""


def examined(looks: Iterable[tuple[str, Callable[[], Iterable[Sign]]]]) -> Iterator[Sign]:
    """Yield what each look says; one that cannot even look is bad, with its error."""
    for name, look in looks:
        try:
            yield from look()
        except PhasegateError as error:
            yield Sign(name, Health.BAD, error.problem.partition("\n")[0], error.hint)


_COLOURS = {Health.GOOD: "green", Health.WARNING: "yellow", Health.BAD: "red"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--python", metavar="PATH", help="the project's interpreter")
    parser.add_argument("--verify", action="store_true", help="replay a commit of the history, to see that it works")


def run(options: argparse.Namespace) -> int:
    """Look at everything and tell; 1 when something cannot work."""
    form = formatted(options, "text", "json")
    root = projects.root(Path.cwd())
    looks = (
        ("configuration", partial(_configuration, root, options.config)),
        ("guides", partial(_guides, root, options.config)),
        ("git", partial(_git, root)),
        ("hooks", partial(_hooks, root)),
        ("django", partial(_django, root)),
        ("interpreter", partial(_interpreter, root, options.config, options.python)),
        ("ledger", partial(_ledger, root)),
        ("baseline", partial(_baseline, root)),
        ("coverage", _coverage),
    )
    more = (("replay", partial(_replay, root, options.config, options.python)),) if options.verify else ()
    signs = tuple(examined((*looks, *more)))
    _print(signs, form, colour=colourful(options.color))
    return 1 if any(sign.health is Health.BAD for sign in signs) else 0


def _configuration(root: Path, config: Path | None) -> Iterator[Sign]:
    settings = projects.settings(root, config)
    if not settings.configured:
        yield Sign("configuration", Health.WARNING, f"none in {root}: hooks and plugin are inert", "phasegate init")
    elif settings.observes:
        detail = f"mode is {settings.mode!s}: nothing is refused"
        yield Sign("configuration", Health.WARNING, detail, 'mode = "enforce"')
    else:
        yield _committed(root, config)
    missing = [place for place in settings.source if not (root / clean_path(place)).exists()]
    if missing:
        detail = f"{', '.join(missing)} is not there: no code is judged as production there"
        yield Sign("source", Health.WARNING, detail, "name the directories of your code under `source`")


def _committed(root: Path, config: Path | None) -> Sign:
    """Say whether hooks find the configuration: a framework sets aside what is not staged before it runs them."""
    if config is not None or not projects.repository_if_any(root) or projects.is_configured_in_index(root):
        return Sign("configuration", Health.GOOD, f"found in {root}")
    name = next(name for name in ("phasegate.toml", "pyproject.toml") if (root / name).exists())
    detail = f"{name} is not staged as it stands: pre-commit and prek set that aside, and hooks judge nothing"
    return Sign("configuration", Health.WARNING, detail, f"git add {name}, and commit it")


def _guides(root: Path, config: Path | None) -> Iterator[Sign]:
    project = Project(root, projects.settings(root, config))
    guides = readers.guides(project)
    if not guides:
        fix = f"begin one: {begin_guide(project.settings)}; or name yours under `guides`"
        yield Sign("guides", Health.WARNING, f"none at {guide_places(project.settings)}", fix)
    for path in readers.guides_elsewhere(project):
        detail = f"{path} looks like a guide and is not matched by `guides`"
        yield Sign("guides", Health.WARNING, detail, "add it to `guides` in the configuration, if it is one")
    for guide in guides:
        errors, outside = len(errors_in(guide)), [each for each in guide.diagnostics if each.code == "PG113"]
        if errors:
            told = f"{guide.path} has {counted(errors, 'error')}"
            yield Sign("guides", Health.BAD, told, f"phasegate lint {guide.path}")
        elif outside:
            told = f"{guide.path}:{outside[0].line}: {outside[0].message}"
            yield Sign("guides", Health.WARNING, told, f"phasegate lint {guide.path}")
        elif project.repository_if_any and not readers.is_committed(project, guide.path):
            told = f"{guide.path}: {counted(len(guide.phases), 'phase')}, not committed yet: CI does not see it"
            yield Sign("guides", Health.WARNING, told, f"git add {guide.path}, and commit it")
        else:
            yield Sign("guides", Health.GOOD, f"{guide.path}: {counted(len(guide.phases), 'phase')}")


def _git(root: Path) -> Iterator[Sign]:
    repository = projects.repository(root)
    if repository.head() is None:
        yield Sign("git", Health.WARNING, "there is no commit yet")
    elif repository.is_shallow():
        fix = "fetch the whole history (git fetch --unshallow; in CI: fetch-depth: 0)"
        yield Sign("git", Health.WARNING, "this clone is shallow: ranges and bases may be inconclusive", fix)
    else:
        yield Sign("git", Health.GOOD, f"repository at {repository.root}")


def _hooks(root: Path) -> Iterator[Sign]:
    top = Path(projects.repository(root).root)
    installed, place = installed_hooks(top), hooks_path(root)
    for name in OUR_HOOKS:
        how = installed.get(name, "")
        if how:
            yield Sign(f"hook {name}", Health.GOOD, how)
        else:
            listed = place or "phasegate" in listed_hooks(top)
            fix = f"{'' if listed else 'phasegate init, then: '}{install(root)}"
            yield Sign(f"hook {name}", Health.WARNING, "not installed", fix)


def _django(root: Path) -> Iterator[Sign]:
    settings, fix = existing_setup.django(root)
    if settings:
        yield Sign("django", Health.WARNING if fix else Health.GOOD, settings, fix)


def _interpreter(root: Path, config: Path | None, python: str | None) -> Iterator[Sign]:
    found = redgreen.interpreter(Project(root, projects.settings(root, config)), python)
    yield Sign("interpreter", Health.GOOD, f"{found.executable} (Python {found.version}; {found.source})")
    if not found.has("pytest"):
        yield Sign("pytest", Health.BAD, "the project's environment has no pytest", "install pytest there")
    version = found.distributions.get("pytest-phasegate")
    if version is None:
        fix = f"{found.installs} pytest-phasegate, or runs of pytest record nothing"
        yield Sign("plugin", Health.WARNING, "not installed in the project's environment", fix)
    elif version != __version__:
        yield Sign("plugin", Health.WARNING, f"{version} there, {__version__} here", "install the same version")
    else:
        yield Sign("plugin", Health.GOOD, f"active in the project's environment ({version})")


_LOOKED_AT, _TRIED = 100, 2
"""Commits that are looked at for one that changes code and tests, and of these that are replayed."""


def _replay(root: Path, config: Path | None, python: str | None) -> Iterator[Sign]:
    """Replay the newest commits that bring code with tests until one is proved, and say what keeps the others."""
    repository = projects.repository(root)
    settings = projects.settings_at(repository, "HEAD", config)
    reader = ChangeReader(repository, settings)
    lacking = tuple(_lacking_side(reader.view("HEAD")))
    if lacking:
        yield from lacking
        return
    start = f"HEAD~{_LOOKED_AT}..HEAD" if repository.resolve(f"HEAD~{_LOOKED_AT}") else "HEAD"
    commits = reversed(repository.commits(start, first_parent=True))
    able = [one for one in commits if len(one.parents) == 1]
    changes = ((one, reader.between(one.parents[0], one.tree).changes) for one in able)
    chosen = (one for one, change in changes if change.changes_behaviour and any(t.is_target for t in change.tests))
    today, last = projects.today(), None
    with redgreen.benches(repository, settings, python=python) as benches:
        for commit in islice(chosen, _TRIED):
            span = Span(commit.sha, commit.parents[0], (commit,))
            last = Verifier(repository, settings, benches, today=today).verify(span).commits[0].verdict
            if last.fail_to_pass:
                told = f"{counted(len(last.fail_to_pass), 'test')} of it went from red to green ({last.seconds:.0f} s)"
                yield Sign("replay", Health.GOOD, f"{last.sha[:12]} {last.subject}: {told}")
                return
    if last is None:
        detail = f"no commit of the last {len(able)} brings code with tests, so nothing was tried"
        yield Sign("replay", Health.WARNING, detail)
        return
    fix = next((one.fix for one in last.findings if one.fix), "") or f"phasegate verify {last.sha[:12]}"
    health = Health.BAD if last.verdict is CommitRuling.INCONCLUSIVE else Health.WARNING
    yield Sign("replay", health, f"{last.sha[:12]} {last.subject}: {last.verdict}: {last.reason}", fix)


def _lacking_side(view: TreeView) -> Iterator[Sign]:
    """Yield which side of a tree was not found, with the line that names it."""
    code = [path for path in view.entries if path.endswith(".py")]
    others = Counter(path.partition("/")[0] for path in code if "/" in path and not view.layout.is_test(path))
    likely = others.most_common(1)[0][0] if others else "src"
    if not any(view.layout.side(path) is Side.PRODUCTION for path in code):
        fix = f'source = ["{likely}"]   # under [tool.phasegate]'
        yield Sign("replay", Health.BAD, "no production code was found", fix)
    if not any(map(view.layout.is_collected, code)):
        fix = 'testpaths = ["tests"]   # under [tool.pytest.ini_options]; or python_files, for other names'
        yield Sign("replay", Health.BAD, "no test file was found that pytest would collect", fix)


def _ledger(root: Path) -> Iterator[Sign]:
    health = projects.ledger(root).health()
    if health.problems:
        yield Sign("ledger", Health.BAD, f"{health.path}: {health.problems[0]}", "phasegate ledger verify tells more")
    elif not os.access(next(place for place in Path(health.path).absolute().parents if place.exists()), os.W_OK):
        fix = "PHASEGATE_LEDGER=FILE names another place"
        yield Sign("ledger", Health.WARNING, f"{health.path} cannot be written: no run is recorded", fix)
    elif not health.exists:
        fix = "run pytest once, where pytest-phasegate is installed"
        yield Sign("ledger", Health.WARNING, "no test run is recorded yet: hooks replay", fix)
    else:
        yield Sign("ledger", Health.GOOD, f"{health.path} is sound")


def _baseline(root: Path) -> Iterator[Sign]:
    tests = records.baseline(root)
    detail = f"{counted(len(tests), 'test')} must stay green" if tests else "no accepted test is kept yet"
    yield Sign("baseline", Health.GOOD, detail)


def _coverage() -> Iterator[Sign]:
    core = "C" if find_spec("coverage.tracer") else "Python"
    fix = "" if core == "C" else "install a wheel of coverage with its C extension: the Python one is slow"
    health = Health.WARNING if fix else Health.GOOD
    yield Sign("coverage", health, f"coverage {coverage.__version__}, {core} tracer", fix)


def _print(signs: tuple[Sign, ...], form: str, *, colour: bool) -> None:
    if form == "json":
        print(json_text({"schema": "phasegate.doctor/1", "signs": [sign._asdict() for sign in signs]}))
        return
    rows = [row for sign, below in zip(signs, (*signs[1:], None), strict=True) for row in _rows(sign, below)]
    styles = [_COLOURS.get(Health(health), "") if health else "" for health, _, _ in rows]
    print(shown([grid(rows, styles=styles, styled=0)], colour=colour))


def _rows(sign: Sign, below: Sign | None) -> Iterator[tuple[str, str, str]]:
    yield sign.health, sign.name, sign.detail
    if sign.fix and sign.health is not Health.GOOD and (below is None or below.fix != sign.fix):
        yield "", "", f"fix: {sign.fix}"
