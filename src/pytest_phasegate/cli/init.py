"""``phasegate init``: find guides, source roots and the interpreter, and write what is needed, shown first."""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_phasegate.adapters.git.hooks import OUR_HOOKS, hook_directory, hooks_path, installed_hooks
from pytest_phasegate.adapters.project import existing_setup
from pytest_phasegate.cli.hook_entries import HOOK_FILE, Change, agent_hooks, git_hooks, install, text_of
from pytest_phasegate.cli.output import agreed, write, writing
from pytest_phasegate.cli.project import begin_guide
from pytest_phasegate.core.project import init_files
from pytest_phasegate.core.project.agents import AGENTS, without_hooks
from pytest_phasegate.core.project.settings import DEFAULT_GUIDES, Settings
from pytest_phasegate.core.verdict.verdict import shortened
from pytest_phasegate.errors import ConfigurationError, EvidenceError, PhasegateError
from pytest_phasegate.reports.escaping import escaped, say
from pytest_phasegate.reports.guide_report import guide_line
from pytest_phasegate.wiring import evidence, projects, readers, redgreen
from pytest_phasegate.wiring.projects import Project

_SHOWN = 8
_TRIAL = 60.0  # seconds that a command may take which is only tried


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--remove", action="store_true", help="take out again what init wrote")
    parser.add_argument("--no-hooks", action="store_true", help="leave .pre-commit-config.yaml alone")
    parser.add_argument(
        "--agent", choices=tuple(AGENTS), action="append", default=[], help="write the hooks of a coding agent, only"
    )


def run(options: argparse.Namespace) -> int:
    """Look, show, ask, append; what is there stays as it is."""
    if options.format == "json" and not (options.yes or options.dry_run):
        raise writing()
    root = projects.root(Path.cwd())
    packages = () if options.remove else _packages(root)
    meant = packages[0] if len(packages) == 1 else root
    if meant != Path.cwd():
        print(f"project: {escaped(str(meant))}")
    if options.remove:
        return _remove(root, dry=options.dry_run, sure=options.yes)
    changes, by_hand = _wanted(root, options, packages)
    for change in changes:
        _show(change, short=len(packages) > 1 and change.path.suffix == ".toml")
    if not changes:
        place = "" if options.no_hooks else hooks_path(root)
        texts = [text_of(projects.top(root) / place / name) or "" for name in OUR_HOOKS] if place else []
        if not all("phasegate hook" in text for text in texts):
            print(f"nothing to write; git looks for hooks in {escaped(place)}:\n  $ {escaped(install(root))}")
        else:
            print("nothing to write but the entries above" if by_hand else "nothing to write: everything is there")
        return 0
    if options.dry_run or not (options.yes or agreed()):
        return 0
    for change in changes:
        write(change.path, change.text, change.path.name)
    written = [change.path for change in changes]
    if options.agent:
        _say_next_of_agents(written, configured=projects.settings(root).configured)
    else:
        begun = Project(meant, projects.settings(meant))
        _say_next(begun, written, "" if options.no_hooks else install(root), by_hand=by_hand)
    return 0


def _show(change: Change, *, short: bool) -> None:
    lines = [escaped(line) for line in change.new.splitlines()]
    if short:
        print(f"{_from_here(change.path)}: add {' '.join(filter(None, lines))}")
        return
    print(f"\n{_from_here(change.path)}: add\n")
    print("\n".join(f"  {line}".rstrip() for line in lines))


def _packages(root: Path) -> tuple[Path, ...]:
    """Return the packages of a repository that configures nothing: the one here, or all where it has no other tests.

    A guide above them is about all of them together, so the configuration goes beside it.
    """
    if projects.settings(root).configured:
        return ()
    packages, here = projects.packages_with_tests(root), Path.cwd()
    around = tuple(one for one in packages if one != root and here.is_relative_to(one))
    if around or root in packages or not packages:
        return around
    guides = [root / guide.path for guide in readers.search_guides(root).read]
    above = any(not any(guide.is_relative_to(package) for package in packages) for guide in guides)
    return () if above else packages


def _configurations(root: Path, packages: Sequence[Path]) -> Iterator[Change]:
    """Yield the configuration of the project, or of each of its packages, that has none."""
    if projects.settings(root).configured:
        print("configuration: already there")
        return
    several = len(packages) > 1
    guides = () if several else _guides(packages[0] if packages else root)
    subjects = existing_setup.subjects(root)
    for name, told in existing_setup.signs(root, subjects):
        print(escaped(f"{name}: {told}"))
    if several:
        print(f"packages: {len(packages)}; each runs its own tests, so each gets a configuration beside them")
    conventional = existing_setup.is_conventional(subjects)
    for place in packages or (root,):
        if projects.settings(place).configured:
            print(f"{_from_here(place)}: already there")
        else:
            own = readers.search_guides(place).guides if several else guides
            yield _proposed(place, own, conventional=conventional)


def _wanted(root: Path, options: argparse.Namespace, packages: Sequence[Path]) -> tuple[list[Change], bool]:
    """Return what is to be written, and whether the user has to add something by hand."""
    if options.agent:
        return [change for name in options.agent for change in agent_hooks(projects.top(root), AGENTS[name])], False
    changes, by_hand = list(_configurations(root, packages)), False
    if not options.no_hooks and not hooks_path(root):
        hooks, by_hand = git_hooks(projects.top(root))
        changes += hooks
    try:
        found = redgreen.interpreter(Project(root, projects.settings(root)))
    except EvidenceError as error:
        print(f"interpreter: {escaped(error.problem)}")
    else:
        print(f"interpreter: {escaped(found.executable)} (Python {found.version}; {escaped(found.source)})")
    return changes, by_hand


def _say_next_of_agents(written: Sequence[Path], *, configured: bool) -> None:
    git = projects.repository_if_any(Path.cwd()) is not None
    print("\nwritten. Next:" + (f"\n  $ git add {' '.join(map(_from_here, written))}" if git else ""))
    if not configured:
        print("  $ phasegate init    # before that an agent is only asked what is missing when it would end")
    print("  $ phasegate check --changed")


def _remove(root: Path, *, dry: bool, sure: bool) -> int:
    """Take out the configuration and the hooks, shown first; what was accepted and recorded stays, and is named."""
    changes = list(_leftovers(root))
    for path, text in changes:
        print(f"{_from_here(path)}: {'take our part out' if text else 'delete'}")
    if not changes:
        print("nothing to remove: no configuration and no hook of phasegate is here")
        return 0
    if dry or not (sure or agreed()):
        return 0
    for path, text in changes:
        if text:
            write(path, text, path.name)
        else:
            path.unlink()
    print("removed")
    if (root / ".phasegate").is_dir():
        print("left: .phasegate, which holds what was accepted (git rm -r .phasegate)")
    return 0


def _leftovers(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that hold a part of ours, and their text without it; empty where nothing else is left."""
    top = projects.top(root)
    where = projects.repository_if_any(root)
    below = () if where is None or projects.settings(root).configured else projects.configured_below(where)
    places = dict.fromkeys([root, *projects.packages_with_tests(root), *(top / place for place in below)])
    for own in (place / "phasegate.toml" for place in places):
        if own.exists():
            yield own, ""
    for path, without in (
        *((place / "pyproject.toml", init_files.without_tables) for place in places),
        (top / HOOK_FILE, init_files.without_hooks),
    ):
        text = text_of(path)
        if text is None or without(text) == text:
            continue
        if path.suffix == ".toml" and not _only_ours_went(text, without(text)):
            raise PhasegateError(f"{path.name}: [tool.phasegate] cannot be taken out safely", hint="delete it by hand")
        yield path, without(text)
    for agent in AGENTS.values():
        path = top / agent.file
        text = text_of(path)
        if text is not None and without_hooks(agent, text) != text:
            yield path, without_hooks(agent, text)
    for name in installed_hooks(top) if where else ():
        hook = hook_directory(top) / name
        if "exec phasegate hook " in (text_of(hook) or "") and not hook.is_relative_to(top / "hooks"):
            yield hook, ""


def _only_ours_went(before: str, after: str) -> bool:
    """Whether two texts of a ``pyproject.toml`` differ by ``tool.phasegate`` alone."""
    try:
        one, other = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    one.get("tool", {}).pop("phasegate", None)
    return {**one, "tool": one.get("tool") or {}} == {**other, "tool": other.get("tool") or {}}


def _say_next(begun: Project, written: Sequence[Path], hooks: str, *, by_hand: bool) -> None:
    """Say what is left to do. What is written is committed first: a hook framework sets aside what is not staged."""
    guides, repository = readers.guides(begun), begun.repository_if_any
    print("\nwritten. Next:")
    if by_hand:
        print(f"  add the entries above to {HOOK_FILE}")
    if repository is None:
        print("  there is no git repository here: hooks, and red before green, begin with one ($ git init)")
    else:
        plans = [begun.root / guide.path for guide in guides if not readers.is_committed(begun, guide.path)]
        ours = [*plans, *written, *([projects.top(begun.root) / HOOK_FILE] if by_hand else [])]
        ignored = repository.ignored(map(str, ours))
        for path in ignored:
            print(f"  git ignores {_from_here(Path(path))}: it holds in this clone alone")
        files = " ".join(_from_here(path) for path in ours if str(path) not in ignored)
        print(f"  $ git add {files}\n  $ git commit -m 'chore: configure phasegate'")
        if hooks:
            print(f"  $ {hooks}")
    print(f"  $ phasegate doctor\n  $ {'phasegate next' if guides else begin_guide(begun.settings)}")


def _from_here(path: Path) -> str:
    """Return a path as it is typed in the working directory."""
    return escaped(os.path.relpath(path))


def _proposed(root: Path, guides: tuple[str, ...], *, conventional: bool) -> Change:
    """Return the configuration of one project as it is to be written."""
    pyproject = root / "pyproject.toml"
    text = text_of(pyproject)
    commands = _commands(text)
    source = Project(root, Settings()).layout.source
    found = init_files.Found(guides, source, commands, _unfit(root, commands), conventional)
    if text is None:
        new = init_files.configuration(found, table="")
        return Change(root / "phasegate.toml", new, new)
    new = init_files.configuration(found, table="tool.phasegate")
    return Change(pyproject, new, f"{text.rstrip()}\n\n{new}" if text.strip() else new)


def _guides(root: Path) -> tuple[str, ...]:
    found = readers.search_guides(root)
    guides = ", ".join(found.guides)
    print(f"guides: {escaped(guides)}" if guides else f"guides: none found yet; their place: {DEFAULT_GUIDES[0]}")
    for line in shortened([f"  {escaped(guide_line(guide))}" for guide in found.read], _SHOWN):
        print(line)
    if found.stopped:
        print(f"  the search stopped after {found.stopped} documents: name others under `guides`")
    return found.guides


def _commands(text: str | None) -> dict[str, str]:
    try:
        return init_files.commands_of(tomllib.loads(text)) if text else {}
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"pyproject.toml: not valid TOML: {error}") from None


def _unfit(root: Path, commands: Mapping[str, str]) -> dict[str, str]:
    """Return why commands would refuse every phase: only a run tells whether one passes on what is here already."""
    if commands:
        say(f"trying: {', '.join(commands.values())}")
    ran = evidence.run_commands(Project(root, Settings(command_timeout=_TRIAL)), commands)
    return {
        one.name: one.problem or f"fails on what is here: exit {one.exit_code}" for one in ran if one.exit_code != 0
    }
