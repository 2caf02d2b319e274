"""Trees on disk for replays: written into a private scratch directory, with what an installation would have added."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_phasegate.adapters.project.interpreter import Interpreter
from pytest_phasegate.app.ports.evidence import ScratchTree
from pytest_phasegate.app.ports.repository import Repository, TreeEntry
from pytest_phasegate.core.project.paths import COMPILED, Layout, Side, inside, is_ours, module_path
from pytest_phasegate.core.project.pytest_options import Document, document
from pytest_phasegate.core.project.source_roots import Distribution, EntryPoints, normalized, read_distribution
from pytest_phasegate.errors import RepositoryError


class ScratchWorkspace:
    """One directory that each tree is written into in turn: only what differs from the one before is written.

    Args:
        repository: Where the files come from.
        scratch: An existing private directory of this workspace alone.
        interpreter: The project's interpreter; what is installed there needs no stand-in.
        built: Finds the files that a build makes.
        beside: Files and directories of the work tree, by their path in it, that lie where a tree has nothing.
    """

    def __init__(
        self,
        repository: Repository,
        scratch: Path,
        interpreter: Interpreter,
        built: BuiltFiles,
        beside: Sequence[str] = (),
    ) -> None:
        self._repository = repository
        self._tree = scratch / "tree"
        self._tree.mkdir(mode=0o700, exist_ok=True)
        self._stand_ins = StandIns(scratch / "more", interpreter)
        self._built = built
        self._beside = beside

    def tree(self, entries: Mapping[str, TreeEntry], layout: Layout, alike: Mapping[str, TreeEntry]) -> ScratchTree:
        """Return a tree that can be written; writing it takes the place of the one before.

        A file that is no Python, that is the same in all trees of a change, and of which this clone has no object, lies
        in none of them: a test that reads it fails before and after.

        Raises:
            RepositoryError: Git cannot tell which files a build made, or, on writing, a file cannot be written.
        """
        carried = self._built.needed(entries, layout)
        digests = {path: hashlib.sha256(content).hexdigest() for path, content in carried.items()}
        entries = {path: entry for path, entry in entries.items() if not _is_bytecode(path)}

        def write() -> None:
            try:
                self._repository.materialize(entries, str(self._tree))
            except RepositoryError:
                absent = self._repository.absent(entry.oid for entry in entries.values() if not entry.is_submodule)
                lacking = {path for path, entry in entries.items() if entry.oid in absent}
                if not lacking or any(path not in alike or path.endswith(".py") for path in lacking):
                    raise
                there = {path: entry for path, entry in entries.items() if path not in lacking}
                self._repository.materialize(there, str(self._tree))
            for path, content in carried.items():
                (self._tree / path).write_bytes(content)
            for path in self._beside:  # as it would lie there after a checkout; code comes from the tree alone
                module = path.endswith(".py") and layout.side(path) is Side.PRODUCTION
                link, code = self._tree / path, module or path.endswith(("__pycache__", *COMPILED))
                if not code and link.parent.is_dir() and not os.path.lexists(link):
                    link.symlink_to(Path(self._repository.root, path))
            self._stand_ins.make(self._tree)

        return ScratchTree(
            path=str(self._tree.resolve()),
            digest=_digest(entries, digests),
            write=write,
            extra_path=self._stand_ins.extra_path,
            programs=self._stand_ins.programs,
            carried=tuple(sorted(carried)),
        )


def _is_bytecode(path: str) -> bool:
    """Whether a file would be loaded in the place of a source, whatever that says."""
    return "__pycache__/" in path and path.endswith(".pyc")


def _digest(entries: Mapping[str, TreeEntry], carried: Mapping[str, str]) -> str:
    """Return what names a tree; no test hangs on our records, which grow between a check and its commit."""
    told = (path for path in sorted(entries) if not (is_ours(path) and path.endswith(".jsonl")))
    lines = [f"{path}\0{entries[path].mode} {entries[path].oid}" for path in told]
    lines += [f"{path}\0carried {digest}" for path, digest in sorted(carried.items())]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


_TARGET = re.compile(r"^([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[.*\])?$")
_PROGRAM_NAME = re.compile(r"^[\w.+-]+$")


class StandIns:
    """Writes stand-ins below one directory, anew for each tree.

    Args:
        directory: Where; it is removed and made again.
        interpreter: The one that runs the scripts; a distribution that it holds in this version needs no metadata.
    """

    def __init__(self, directory: Path, interpreter: Interpreter) -> None:
        self._directory = directory
        self._interpreter = interpreter
        self.extra_path = (str(directory / "metadata"),)
        self.programs = (str(directory / "bin"),)

    def make(self, tree: Path) -> None:
        """Write the stand-ins for the project in a tree, as its build configuration declares them."""
        shutil.rmtree(self._directory, ignore_errors=True)
        project = read_distribution(*_declarations(tree))
        if project is not None:
            directory = self._directory / "bin"
            directory.mkdir(parents=True)
            for name, target in project.entry_points.get("console_scripts", {}).items():
                found = _TARGET.match(target)
                if found and found.group(2) and _PROGRAM_NAME.match(name):
                    program = directory / name
                    program.write_text(_script(self._interpreter.executable, *found.groups()), encoding="utf-8")
                    program.chmod(0o755)
            self._metadata(project)

    def _metadata(self, project: Distribution) -> None:
        name, version = project.name, project.version
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        if self._interpreter.has(name):
            text = self._of_another_version(name, version)
        if text:
            directory = self._directory / "metadata" / f"{name.replace('-', '_')}-{version}.dist-info"
            directory.mkdir(parents=True)
            (directory / "METADATA").write_text(text, encoding="utf-8")
            (directory / "entry_points.txt").write_text("".join(_listed(project.entry_points)), encoding="utf-8")

    def _of_another_version(self, name: str, version: str) -> str:
        """Return the metadata that are installed, with this version; nothing where they have it, or nobody can tell."""
        installed = self._interpreter.distributions[normalized(name)]
        if [] in (told := [_numbers(version), _numbers(installed)]) or told[0] == told[1]:
            return ""
        files = [file for site in self._interpreter.sites for file in Path(site).glob("*.dist-info/METADATA")]
        mine = (file for file in files if normalized(file.parent.name.partition("-")[0]) == normalized(name))
        text = "".join(map(_text, [*mine][:1]))
        return re.sub(r"(?m)^Version: .*$", f"Version: {version}", text, count=1)


def _numbers(version: str) -> list[int]:
    """Return the numbers of a plain release, those at its end that are nothing aside; of any other version none."""
    plain = re.fullmatch(r"(\d+(?:\.\d+)*?)(?:\.0+)*", version)
    return [int(part) for part in plain[1].split(".")] if plain else []


def _declarations(tree: Path) -> tuple[Document, Document, str]:
    pyproject, setup_cfg, setup_py = (_text(tree / name) for name in ("pyproject.toml", "setup.cfg", "setup.py"))
    return document("pyproject.toml", pyproject), document("setup.cfg", setup_cfg), setup_py


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _script(executable: str, module: str, function: str) -> str:
    """Write a script as pip does; an interpreter's path with blanks goes through the shell."""
    first = (
        f"#!{executable}\n" if " " not in executable else f"#!/bin/sh\n'''exec' \"{executable}\" \"$0\" \"$@\"\n' '''\n"
    )
    head, _, rest = function.partition(".")
    call = f"{head}.{rest}" if rest else head
    return f"{first}import sys\nfrom {module} import {head}\nsys.exit({call}())\n"


def _listed(entry_points: EntryPoints) -> Iterator[str]:
    for group, table in entry_points.items():
        if table:
            yield f"[{group}]\n"
            yield from (f"{name} = {target}\n" for name, target in table.items())


_NOT_BUILT = frozenset({"__pycache__", "node_modules", ".git"})


class BuiltFiles:
    """Finds what a build left beside the sources, in the work tree or in the installed package.

    Only what git ignores counts: an untracked file that is not ignored is unfinished work, which proves nothing.

    Args:
        repository: Says what is ignored.
        root: The user's work tree.
        interpreter: Where the package may be installed.
    """

    def __init__(self, repository: Repository, root: str, interpreter: Interpreter) -> None:
        self._repository = repository
        self._root = Path(root)
        self._interpreter = interpreter
        self._found: dict[tuple[str, ...], dict[str, Path]] = {}

    def needed(self, entries: Mapping[str, TreeEntry], layout: Layout) -> dict[str, bytes]:
        """Return the contents of the built files that a tree has not, though it has the directory they go to.

        What was compiled of a module whose Python the tree has would run in its place, whatever that says.
        A version file that no build of today left, because the commit is old, is made up.
        """
        directories = {path.rpartition("/")[0] for path in entries}
        found = self._candidates(layout)

        def lacking(paths: Iterable[str]) -> Iterator[str]:
            there = (path for path in paths if path not in entries and path.rpartition("/")[0] in directories)
            return (path for path in there if f"{module_path(path)}.py" not in entries)

        made_up = (path for path in lacking(layout.version_files) if path not in found)
        versions = {path: self._version_file(path).encode() for path in made_up}
        return versions | {path: found[path].read_bytes() for path in lacking(found)}

    def _version_file(self, path: str) -> str:
        """Return what setuptools-scm and hatch-vcs would write, for the version that is installed here."""
        package = normalized(path.rpartition("/")[0].rpartition("/")[2])
        version = self._interpreter.distributions.get(package, "0")
        numbers = tuple(int(part) for part in version.split(".") if part.isdecimal())
        return f"__version__ = version = {version!r}\n__version_tuple__ = version_tuple = {numbers!r}\n"

    def _candidates(self, layout: Layout) -> Mapping[str, Path]:
        """Return the built files by their path in the repository; the work tree's go before the installed ones."""
        key = (*layout.source, "|", *layout.import_roots)
        if key not in self._found:
            installed = dict(self._installed(layout))
            beside = dict(self._beside(layout))
            ignored = self._repository.ignored([*installed, *beside])
            self._found[key] = {path: file for path, file in {**installed, **beside}.items() if path in ignored}
        return self._found[key]

    def _beside(self, layout: Layout) -> Iterator[tuple[str, Path]]:
        for root in layout.source:
            yield from _modules(self._root / root, root)

    def _installed(self, layout: Layout) -> Iterator[tuple[str, Path]]:
        around = str(self._root)
        sites = (site for site in self._interpreter.sites if not inside(site, around) or "site-packages" in site)
        for site in map(Path, sites):
            for root in layout.source:
                for package, path in _packages(self._root, root, layout.import_roots):
                    yield from _modules(site / package, path)


def _packages(root: Path, source: str, import_roots: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each package of a source root: its directory in an installation, and its path in the repository."""
    if source not in import_roots:
        above = max((one for one in import_roots if inside(source, one)), key=len, default="")
        yield source[len(above) :].strip("/"), source
        return
    directory = root / source
    for child in sorted(directory.iterdir()) if directory.is_dir() else ():
        if child.is_dir() and child.name not in _NOT_BUILT:
            yield child.name, f"{source}/{child.name}" if source else child.name


def _modules(directory: Path, path: str) -> Iterator[tuple[str, Path]]:
    """Yield the Python and compiled modules below a directory, by their path in the repository."""
    for where, directories, files in os.walk(directory):
        directories[:] = [name for name in directories if name not in _NOT_BUILT and not name.startswith(".")]
        relative = Path(where).relative_to(directory).as_posix()
        base = path if relative == "." else f"{path}/{relative}"
        for name in files:
            if name.endswith((".py", *COMPILED)):
                yield f"{base}/{name}".lstrip("/"), Path(where, name)
