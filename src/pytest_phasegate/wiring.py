"""The one place that picks adapters and loads plugins; every import of an adapter is local, to start fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from coverage import Coverage

    from pytest_phasegate.adapters.bench import Benches
    from pytest_phasegate.adapters.collector import Collection
    from pytest_phasegate.adapters.guide_cache import GuideCache
    from pytest_phasegate.adapters.guide_files import GuideFile
    from pytest_phasegate.adapters.interpreter import Interpreter
    from pytest_phasegate.adapters.json_store import JsonStore
    from pytest_phasegate.adapters.judgements import JudgementLog
    from pytest_phasegate.adapters.measuring.recorder import Recorder
    from pytest_phasegate.adapters.passings import Passings
    from pytest_phasegate.app.accept import Known
    from pytest_phasegate.app.changes import ReadChange
    from pytest_phasegate.app.commit_check import CommitCheck
    from pytest_phasegate.app.coverage import Asked
    from pytest_phasegate.app.gather import Gathering
    from pytest_phasegate.app.ledger_port import Ledger
    from pytest_phasegate.app.ports import Commit, Repository, WorkTree
    from pytest_phasegate.app.span import Span
    from pytest_phasegate.app.staged import Inside
    from pytest_phasegate.app.status import Surroundings
    from pytest_phasegate.app.test_texts import TestTexts
    from pytest_phasegate.core.approvals import Approval
    from pytest_phasegate.core.baseline import BaselineTest
    from pytest_phasegate.core.coverage import CoverageFacts
    from pytest_phasegate.core.dialect import Dialect
    from pytest_phasegate.core.evidence import TestId
    from pytest_phasegate.core.gate import Gate
    from pytest_phasegate.core.guide import Guide, Phase
    from pytest_phasegate.core.imports import ModuleText
    from pytest_phasegate.core.measurement import Measurement
    from pytest_phasegate.core.paths import Layout
    from pytest_phasegate.core.ran import RanCommand
    from pytest_phasegate.core.recorded import TestVersion
    from pytest_phasegate.core.redgreen.intent import Intent
    from pytest_phasegate.core.redgreen.verdict import CommitVerdict
    from pytest_phasegate.core.regression import Compared
    from pytest_phasegate.core.report import RunReport
    from pytest_phasegate.core.settings import Settings

NO_INTERPRETER = "PG930"
"""The project has no interpreter of its own."""


def root(start: Path) -> Path:
    """Return the project's root for a directory inside it."""
    from pytest_phasegate.adapters.config import find_root

    return find_root(start)


def repository(start: Path | str) -> Repository:
    """Return the git repository a directory belongs to, honouring the variables git gives a hook.

    Raises:
        RepositoryError: There is none, it has no work tree, or git does not trust it.
    """
    from pytest_phasegate.adapters.git import open_repository

    return open_repository(str(start))


def settings(root: Path, config: Path | None = None, overrides: Mapping[str, object] | None = None) -> Settings:
    """Read the project's settings.

    Args:
        root: The project's root, as ``root()`` finds it.
        config: A file that replaces the project's own (``--config``).
        overrides: Values from the command line by key path (``{"coverage.minimum": 90}``); ``None`` is not given.

    Raises:
        ConfigurationError: With every problem at once.
    """
    from pytest_phasegate.adapters.config import load

    return load(root, config, overrides)


def settings_from_texts(texts: Mapping[str, str], overrides: Mapping[str, object] | None = None) -> Settings:
    """Read settings from the texts of ``pyproject.toml`` and ``phasegate.toml`` (those there are), by name.

    This is how the configuration of another revision is read; the environment holds as ever.

    Raises:
        ConfigurationError: With every problem at once.
    """
    import os

    from pytest_phasegate.core.configuration import Place, from_texts

    places = [Place(name, text, dedicated=not name.endswith("pyproject.toml")) for name, text in texts.items()]
    return from_texts(places, os.environ, overrides)


def work_files(root: Path) -> WorkTree:
    """Return the files of the repository around ``root`` as they lie on the disk."""
    from pytest_phasegate.adapters.work_files import WorkFiles

    return WorkFiles(root)


def ledger(root: Path) -> Ledger:
    """Return the ledger of the project at ``root``; nothing is opened or created before it is used."""
    from pytest_phasegate.adapters.ledger.location import locate
    from pytest_phasegate.adapters.ledger.store import SqliteLedger

    return SqliteLedger(locate(root))


def gates(root: Path, settings: Settings) -> tuple[Gate, ...]:
    """Return every gate, built in, installed and of the project's own, in the order they judge.

    This imports the project's plugins: only what may run code of the repository calls it.

    Raises:
        ConfigurationError: A plugin cannot be loaded, or registers what is no gate.
    """
    from pytest_phasegate.adapters.plugins import load_plugins, registered_gates
    from pytest_phasegate.gates import registration

    return registered_gates(load_plugins([registration], settings.plugins, root))


def judgements(root: Path) -> JudgementLog:
    """Return the log of verdicts reached; it lies beside the ledger, and nothing is created before it is used."""
    from pytest_phasegate.adapters.judgements import NAME, JudgementLog
    from pytest_phasegate.adapters.ledger.location import locate

    return JudgementLog(locate(root).with_name(NAME))


def passings(root: Path) -> Passings:
    """Return what each phase had when its gates last passed; nothing is created before it is used."""
    from pytest_phasegate.adapters.ledger.location import locate
    from pytest_phasegate.adapters.passings import NAME, Passings

    return Passings(locate(root).with_name(NAME))


def guides(root: Path, settings: Settings, overrides: Sequence[str] = ()) -> tuple[Guide, ...]:
    """Read the project's guides, those named first, then those a glob finds.

    Args:
        root: The project's root.
        settings: Its settings; ``settings.guides`` are relative to the root.
        overrides: Guides the user names for this run, relative to the current directory; they replace the
            configured ones and may lie anywhere.

    Raises:
        GuideError: A guide named without a glob is missing or has no phase, or a file cannot be read.
    """
    from pytest_phasegate.app.read_guide import guides_of

    named, globbed = _guide_sources(root, settings, overrides)
    cache = guide_cache(root)
    found = guides_of([one.read(dialects, cache) for one in named], [one.read(dialects, cache) for one in globbed])
    return _with_approvals(root, found)


def linted_guides(
    root: Path, settings: Settings, named: Sequence[str] = (), *, with_phases: bool = False
) -> tuple[Guide, ...]:
    """Read and lint the guides named by the user, else those configured.

    Args:
        root: The project's root.
        settings: Its settings.
        named: Files relative to the current directory.
        with_phases: Whether a named guide without phases is an error, as for ``guides()``, and not a diagnostic.

    Raises:
        GuideError: A file is missing or cannot be read, or, if asked, holds no phase.
    """
    from pytest_phasegate.app.read_guide import guides_of

    sources, globbed = _guide_sources(root, settings, named)
    cache = guide_cache(root)
    first = [source.lint(dialects, cache, settings) for source in sources]
    later = [source.lint(dialects, cache, settings) for source in globbed]
    return guides_of(first, later) if with_phases else (*first, *(guide for guide in later if guide.phases))


def guide_cache(root: Path) -> GuideCache:
    """Return what remembers the guides read before; outside of git, and with plugins of ours, it keeps nothing."""
    from pytest_phasegate.adapters.guide_cache import GuideCache
    from pytest_phasegate.adapters.installed import any_plugin
    from pytest_phasegate.adapters.ledger.location import common_directory

    common = None if any_plugin() else common_directory(root)
    return GuideCache(common / "phasegate/cache/guides" if common else None)


def guide_lines(root: Path, guide: Guide) -> tuple[str, ...]:
    """Return the lines of a guide as they stand in its file."""
    from pytest_phasegate.adapters.guide_files import GuideFile

    return GuideFile(root, guide.path, anywhere=True).lines()


def _guide_sources(root: Path, settings: Settings, named: Sequence[str]) -> tuple[list[GuideFile], list[GuideFile]]:
    from pytest_phasegate.adapters.guide_files import configured, given

    return (given(root, named), []) if named else configured(root, settings.guides)


def dialects() -> tuple[Dialect, ...]:
    """Return the dialects: the built-in ones, then those of installed plugins, in the order of registration.

    Only installed distributions add dialects, through entry points of the group ``phasegate``: a module that a
    project names under ``plugins`` is code of the repository, which reading a guide must not run. Without such
    an entry point pluggy is not even imported.
    """
    from pytest_phasegate.adapters.installed import any_plugin
    from pytest_phasegate.dialects import built_in

    if not any_plugin():
        return built_in()
    from pathlib import Path

    from pytest_phasegate.adapters.plugins import load_plugins, registered_dialects
    from pytest_phasegate.dialects import registration

    return registered_dialects(load_plugins([registration], (), Path()))


def recorder(root: Path, coverage: Coverage, *, ours: bool) -> Recorder:
    """Listen to a measurement that runs.

    Raises:
        EvidenceError: This coverage.py cannot be listened to.
    """
    from pytest_phasegate.adapters.measuring.recorder import Recorder

    return Recorder(root, coverage, ours=ours)


def own_recorder(start: Path, settings: Settings, *, branches: Callable[[], bool]) -> Recorder:
    """Start a measurement of our own and listen to it.

    Raises:
        ConfigurationError: The user's coverage settings cannot be used.
    """
    from pytest_phasegate.adapters.measuring.own import configured

    top = root(start)
    coverage = configured([str(top / directory) for directory in layout(top, settings).source], branches=branches)
    coverage.start()
    return recorder(top, coverage, ours=True)


def layout(root: Path, settings: Settings) -> Layout:
    """Find where production code and tests live, in the files as they stand."""
    from pytest_phasegate.adapters.worktree import project_files, texts
    from pytest_phasegate.core.layout import configuration_paths, find_layout

    paths = project_files(root)
    return find_layout(paths, texts(root, configuration_paths(paths)), source=settings.source, tests=settings.tests)


def loaded_modules(root: Path) -> dict[str, str]:
    """Return the project's modules that this process has loaded, by dotted name, with their files."""
    from pytest_phasegate.adapters.measuring.modules import loaded_modules

    return loaded_modules(root)


def module_texts(root: Path, modules: Mapping[str, str]) -> dict[str, ModuleText]:
    """Return what the files of modules say of imports."""
    from pytest_phasegate.adapters.measuring.modules import read_modules

    return read_modules(root, modules)


def coverage_facts(
    root: Path, settings: Settings, asked: Asked, measured: Measurement | None, coverage: Coverage | None = None
) -> CoverageFacts:
    """Gather what the coverage gate judges.

    Args:
        root: The project's root.
        settings: Its settings.
        asked: What is to be judged.
        measured: What ran, if anything was measured.
        coverage: The measurement whose exclusions hold; else those of the user's settings.

    Raises:
        ConfigurationError: The user's coverage settings cannot be used.
    """
    from functools import partial

    from pytest_phasegate.adapters.measuring.analysis import analyse
    from pytest_phasegate.adapters.measuring.own import configured
    from pytest_phasegate.app.coverage import Project, coverage_facts

    exclusions = coverage or configured(())
    account = partial(analyse, exclusions, root)
    where, prefix = _repository_of(root)
    files = _files(root, asked, where, prefix)
    project = Project(files, layout(root, settings), settings.coverage.scope, account, where, prefix)
    return coverage_facts(project, asked, measured)


def _repository_of(root: Path) -> tuple[Repository | None, str]:
    """Return the repository a project is in, if any, and the project's path in it."""
    import os

    from pytest_phasegate.errors import RepositoryError

    try:
        found = repository(root)
    except RepositoryError:
        return None, ""
    place = os.path.relpath(os.path.realpath(root), os.path.realpath(found.root)).replace(os.sep, "/")
    return found, "" if place == "." else f"{place}/"


def _files(root: Path, asked: Asked, where: Repository | None, prefix: str) -> tuple[str, ...]:
    """Return the project's files: those git knows or would take, else all; and what the guide names, if it is there."""
    from pytest_phasegate.adapters.worktree import existing, project_files
    from pytest_phasegate.core.targets import declared_patterns

    if where is None:
        return project_files(root)
    known = (path.removeprefix(prefix) for path in where.entries(where.content_tree()) if path.startswith(prefix))
    named = (pattern for phase in asked.guide.phases for pattern in declared_patterns(phase))
    return tuple(dict.fromkeys((*known, *existing(root, named))))


def baseline(root: Path) -> tuple[BaselineTest, ...]:
    """Return the project's baseline as it stands in the work tree; none written yet is an empty one.

    Raises:
        BaselineError: The file cannot be read.
    """
    from pytest_phasegate.adapters.baseline_file import read

    return read(root)


def accepted_tests(root: Path) -> tuple[BaselineTest, ...]:
    """Return the tests that must stay green: the baseline, which in CI is that of the base revision.

    CI is where the variable ``CI`` is set, as every known service does.

    Raises:
        BaselineError: The baseline cannot be read.
        RepositoryError: The base revision cannot be found, as in a shallow clone.
    """
    import os

    from pytest_phasegate.adapters.baseline_file import at_revision, base_revision
    from pytest_phasegate.errors import RepositoryError

    where, prefix = _repository_of(root)
    if where is None or os.environ.get("CI", "").lower() in {"", "0", "false"}:
        return baseline(root)
    try:
        base = base_revision(where, os.environ)
    except RepositoryError:
        if baseline(root):
            raise
        return ()  # a project that accepted nothing yet needs no history for that
    return at_revision(where, base, prefix) if base else ()


def accepted_at_end(
    root: Path, repository: Repository, rules: Settings, span: Span, places: Benches
) -> Compared | None:
    """Hold the accepted tests against the last commit of a range; ``None`` where nothing is accepted there.

    Raises:
        BaselineError: The baseline of that commit cannot be read.
        RepositoryError: Its tree cannot be written.
    """
    from pytest_phasegate.adapters.baseline_file import at_revision
    from pytest_phasegate.app.changes import ChangeReader
    from pytest_phasegate.app.pushed_regression import compared_at_end

    prefix = inside(root, repository).prefix
    accepted = at_revision(repository, span.commits[-1].sha, prefix) if span.commits else ()
    if not accepted:
        return None
    change = ChangeReader(repository, rules).between(span.base or repository.empty_tree(), span.commits[-1].tree)
    waivers = waived_tests(rules, (entry.test for entry in accepted))
    return compared_at_end(change, prefix, accepted, places.replayer(), waivers)


def test_texts(root: Path, settings: Settings, ids: str) -> TestTexts:
    """Return what reads the tests of a project by their text; ``ids`` is what node ids leave out of a path."""
    from functools import partial

    from pytest_phasegate.adapters.baseline_file import content
    from pytest_phasegate.app.test_texts import TestTexts

    where, prefix = _repository_of(root)
    recorded = partial(_recorded_digests, root)
    return TestTexts(layout(root, settings), partial(content, root), where, prefix, ids, recorded)


def _recorded_digests(root: Path, keys: Mapping[str, str]) -> Mapping[str, tuple[TestVersion, ...]]:
    """Return the tests of those test files that the ledger knows; one that cannot be read knows none."""
    from pytest_phasegate.errors import LedgerError

    try:
        return ledger(root).modules(keys)
    except LedgerError:
        return {}


def waived_tests(settings: Settings, tests: Iterable[TestId]) -> Mapping[TestId, str]:
    """Return the accepted tests whose loss somebody took on, with the reason, as of today."""
    from datetime import datetime

    from pytest_phasegate.core.regression import waived_tests

    today = datetime.now().astimezone().date().isoformat()
    return waived_tests(settings.red_green.waivers, tests, today)


def write_baseline(root: Path, tests: Iterable[BaselineTest]) -> None:
    """Replace the project's baseline.

    Raises:
        BaselineError: It cannot be written.
    """
    from pytest_phasegate.adapters.baseline_file import write

    write(root, tests)


def known(root: Path, guides: Sequence[Guide]) -> Known:
    """Return what accepting a phase goes by.

    Raises:
        BaselineError: The baseline cannot be read.
        RepositoryError: Git cannot answer.
    """
    from pytest_phasegate.app.accept import Known

    where = repository_if_any(root)
    tree = where.content_tree() if where else ""
    return Known(tuple(guides), baseline(root), judgements(root).read(), passings(root), tree)


def collected(root: Path, settings: Settings, given: str | None = None) -> Collection:
    """Return what pytest collects, with the project's interpreter; with ours where the project has none of its own.

    Raises:
        EvidenceError: The suite cannot be collected, or the interpreter that was named does not run.
    """
    import sys

    from pytest_phasegate.adapters.collector import collect
    from pytest_phasegate.errors import EvidenceError

    try:
        python = interpreter(root, settings, given).argv
    except EvidenceError as error:
        if error.code != NO_INTERPRETER:
            raise
        python = (sys.executable,)
    return collect(root, python)


def repository_if_any(root: Path) -> Repository | None:
    """Return the git repository around a directory, or ``None`` where no directory above it holds a ``.git``.

    Raises:
        RepositoryError: There is one, and git cannot use it.
    """
    import os

    inside = any((place / ".git").exists() for place in (root, *root.parents))
    return repository(root) if inside or os.environ.get("GIT_DIR") else None


def surroundings(root: Path, settings: Settings, guides: Sequence[Guide]) -> Surroundings:
    """Return everything that the states of the guides' phases are derived from; git is asked only when needed."""
    from pytest_phasegate.adapters.defined_tests import DefinedTests
    from pytest_phasegate.app.status import Surroundings

    return Surroundings(
        tuple(guides),
        repository_if_any(root),
        baseline(root),
        judgements(root).read(),
        DefinedTests(root, settings.tests),
        finished_phases(root),
    )


def finished_phases(root: Path) -> frozenset[tuple[str, str, str]]:
    """Return slug, id and section of the accepted phases that have no tests."""
    from pytest_phasegate.core.finished_phases import PATH, read_finished

    try:
        return read_finished((root / PATH).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return frozenset()


def finish_phase(root: Path, guide: Guide, phase: Phase) -> str:
    """Put a phase without tests into the record of the accepted ones, and return the record's path.

    Raises:
        BaselineError: It cannot be written.
    """
    from pytest_phasegate.core.finished_phases import PATH, finished_line
    from pytest_phasegate.errors import BaselineError

    if (guide.slug, phase.id, phase.digest) not in finished_phases(root):
        try:
            (root / PATH).parent.mkdir(parents=True, exist_ok=True)
            with (root / PATH).open("a", encoding="utf-8", newline="\n") as record:
                record.write(finished_line(guide, phase))
        except OSError as error:
            raise BaselineError(f"{PATH}: cannot be written: {error.strerror or error}") from None
    return PATH


def current_phase(root: Path, settings: Settings, guide: Guide, guides: Sequence[Guide]) -> Phase | None:
    """Return the first phase of a guide that is not accepted and whose dependencies are.

    Raises:
        RepositoryError: Git cannot answer.
    """
    from pytest_phasegate.app.status import current_phase as current

    return current(surroundings(root, settings, guides), guide)


def _with_approvals(root: Path, guides: tuple[Guide, ...]) -> tuple[Guide, ...]:
    from pytest_phasegate.core.approvals import PATH, read_approvals, with_approvals

    try:
        text = (root / PATH).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return guides
    return with_approvals(guides, read_approvals(text))


def has_approval(root: Path, guide: Guide) -> bool:
    """Return whether there is a record that exactly this text of a guide was approved."""
    from dataclasses import replace

    return _with_approvals(root, (replace(guide, approved=False),))[0].approved


def inside(root: Path, repository: Repository) -> Inside:
    """Return how paths of the repository are called in a project inside it."""
    import os

    from pytest_phasegate.app.staged import Inside

    place = os.path.relpath(os.path.realpath(root), os.path.realpath(repository.root)).replace(os.sep, "/")
    return Inside("" if place == "." else f"{place}/")


def add_approval(root: Path, approval: Approval) -> None:
    """Append a record of approval.

    Raises:
        PhasegateError: The file cannot be written.
    """
    from pytest_phasegate.core.approvals import PATH, as_line
    from pytest_phasegate.errors import PhasegateError

    try:
        (root / PATH).parent.mkdir(exist_ok=True)
        with (root / PATH).open("a", encoding="utf-8") as file:
            file.write(as_line(approval))
    except OSError as error:
        raise PhasegateError(f"{PATH} cannot be written: {error.strerror}") from None


def user_name(root: Path) -> str:
    """Return git's name for the user, or the login name where git knows none."""
    import getpass
    import subprocess

    asked = subprocess.run(
        ["git", "-C", str(root), "config", "user.name"], capture_output=True, encoding="utf-8", check=False
    )
    return asked.stdout.strip() or getpass.getuser()


def settings_at(
    repository: Repository,
    revision: str | None,
    config: Path | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """Read the settings as they stand in a revision, so that a range cannot loosen its own rules.

    Args:
        repository: The history.
        revision: The base revision; ``None`` where the range begins with the first commit: the defaults hold.
        config: A file that replaces the revision's own (``--config``).
        overrides: As for ``settings``.

    Raises:
        ConfigurationError: With every problem at once.
    """
    import os.path
    from pathlib import Path

    if config is not None:
        return settings(Path(repository.root), config, overrides)
    from pytest_phasegate.adapters.config import find_root

    entries = repository.entries(revision) if revision else {}
    place = os.path.relpath(find_root(Path.cwd()), repository.root)
    prefix = "" if place in {".", ".."} or place.startswith("../") else f"{place}/"
    wanted = {f"{prefix}{name}": name for name in ("phasegate.toml", "pyproject.toml") if f"{prefix}{name}" in entries}
    blobs = repository.blobs(entries[path].oid for path in wanted)
    texts = {path: blobs[entries[path].oid].decode("utf-8-sig", "replace") for path in wanted}
    return settings_from_texts(texts, overrides)


def benches(repository: Repository, settings: Settings, *, python: str | None = None, cached: bool = True) -> Benches:
    """Return the places where tests are replayed; nothing is made before the first test must run.

    Args:
        repository: Where the trees come from.
        settings: The interpreter and the time limit.
        python: The interpreter as the command line names it, over everything else.
        cached: Whether results are kept in the common git directory and found there.
    """
    import os
    from pathlib import Path

    from pytest_phasegate.adapters.bench import Benches
    from pytest_phasegate.adapters.interpreter import Search, project_name

    root = Path(repository.root)
    search = Search(
        root=root,
        main_root=Path(repository.common_dir).parent,
        environ=os.environ,
        given=python,
        configured=settings.python,
        distribution=project_name(root),
    )
    return Benches(repository, search, timeout=settings.red_green.timeout, cached=cached)


def kept_answers(repository: Repository) -> JsonStore:
    """Return where whole answers of ``verify`` are kept, beside the runs they rest on."""
    from pathlib import Path

    from pytest_phasegate.adapters.json_store import JsonStore

    return JsonStore(Path(repository.common_dir, "phasegate", "cache"))


def commit_check(repository: Repository, ledger: Ledger, settings: Settings) -> CommitCheck:
    """Return what judges the commit that is about to be made."""
    from datetime import date

    from pytest_phasegate.app.changes import ChangeReader
    from pytest_phasegate.app.commit_check import CommitCheck

    today = date.today().isoformat()  # noqa: DTZ011 - waivers expire on the user's calendar

    reader = ChangeReader(repository, settings)

    def replay(change: ReadChange, intent: Intent) -> CommitVerdict:
        from pytest_phasegate.app.proving import Prover

        with benches(repository, settings) as places:
            return Prover(reader, places.replayer, settings.red_green, today).prove(change, intent).verdict

    return CommitCheck(reader, ledger, settings.red_green, today, replay)


def sources(
    root: Path, settings: Settings, around: Surroundings, *, python: str | None = None, config: str | None = None
) -> Gathering:
    """Return where a check finds its evidence; nothing is run before it is asked for.

    Args:
        root: The project's root.
        settings: Its settings.
        around: What the states are derived from.
        python: The interpreter as the command line names it.
        config: The configuration file as the command line names it, for the test run.
    """
    from functools import partial

    from pytest_phasegate.app.gather import Gathering
    from pytest_phasegate.app.staged import Inside

    repository = around.repository
    runs = _Runs(root, settings, repository, python, config)
    return Gathering(
        around=around,
        inside=inside(root, repository) if repository else Inside(""),
        layout=layout(root, settings),
        run_tests=runs.tests,
        run_commands=runs.commands,
        replay=runs.replay,
        read=read_guide_text,
        branch=branch(root) if repository else None,
        approved=partial(has_approval, root),
    )


def read_guide_text(content: bytes, path: str) -> Guide:
    """Read a guide from its bytes, whatever is wrong with it."""
    from pytest_phasegate.app.read_guide import read_guide

    return read_guide(content, path, dialects())


class _Runs:
    """The child processes of a check."""

    def __init__(
        self, root: Path, settings: Settings, repository: Repository | None, python: str | None, config: str | None
    ) -> None:
        self.root, self.settings, self.repository = root, settings, repository
        self.python, self.config = python, config

    def tests(self, guide: Guide, phases: Sequence[Phase]) -> RunReport:
        """Run the project's own pytest on these phases."""
        import os
        from pathlib import Path

        from pytest_phasegate.adapters.test_run import run_for_report
        from pytest_phasegate.reports.from_json import read_report

        environment = project_environment(os.environ)
        if self.config:
            environment["PHASEGATE_CONFIG"] = str(Path(self.config).resolve())
        selectors = [f"{guide.slug}:{phase.id}" for phase in phases]
        python = interpreter_of_tests(self.root, self.settings, self.python)
        return read_report(run_for_report(python, self.root, selectors, environment))

    def commands(self) -> tuple[RanCommand, ...]:
        """Run the configured commands, the programs of the project's environment first on the path."""
        import os
        from pathlib import Path

        from pytest_phasegate.adapters.commands import run_commands

        environment = project_environment(os.environ)
        if self.settings.commands:
            programs = Path(interpreter_of_tests(self.root, self.settings, self.python)[0]).parent
            environment["PATH"] = os.pathsep.join([str(programs), environment.get("PATH", os.defpath)])
        limit = self.settings.command_timeout
        return run_commands(self.settings.commands, self.root, environment, timeout=limit)

    def replay(self, commits: Sequence[Commit]) -> tuple[CommitVerdict, ...]:
        """Prove red before green for commits, oldest first, with the interpreter that runs the tests."""
        import shlex
        from datetime import UTC, datetime

        from pytest_phasegate.app.span import Span
        from pytest_phasegate.app.verify import Verifier

        if self.repository is None:
            return ()
        python = shlex.join(interpreter_of_tests(self.root, self.settings, self.python))
        with benches(self.repository, self.settings, python=python) as places:
            verifier = Verifier(self.repository, self.settings, places, f"{datetime.now(UTC):%Y-%m-%d}")
            judged = verifier.verify(Span("the phase", None, tuple(commits)))
        return tuple(one.verdict for one in judged.commits)


def branch(root: Path) -> str | None:
    """Return the name of the branch HEAD is on, if it is on one.

    Raises:
        RepositoryError: There is no repository.
    """
    from pathlib import Path

    head = Path(repository(root).git_dir, "HEAD").read_text(encoding="utf-8", errors="surrogateescape").strip()
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else None


def project_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child that is the user's own run: all of it but what git tells a hook."""
    from pytest_phasegate.adapters.git.environment import LOCAL_VARIABLES

    return {name: value for name, value in inherited.items() if name not in LOCAL_VARIABLES}


def interpreter_of_tests(root: Path, settings: Settings, python: str | None) -> tuple[str, ...]:
    """Return the interpreter of the project's own test run.

    The project's, where it is said or has this plugin; else ours, which has it for certain.
    """
    import os
    import sys

    from pytest_phasegate.errors import EvidenceError

    said = bool(python or settings.python or os.environ.get("PHASEGATE_PYTHON"))
    try:
        found = interpreter(root, settings, python)
    except EvidenceError:
        if said:
            raise
        return (sys.executable,)
    return found.argv if said or found.has("pytest-phasegate") else (sys.executable,)


def interpreter(root: Path, settings: Settings, python: str | None = None) -> Interpreter:
    """Return the project's interpreter.

    Raises:
        EvidenceError: There is none, or the one that was said does not answer.
    """
    import os

    from pytest_phasegate.adapters.interpreter import Search, find_interpreter, project_name

    return find_interpreter(Search(root, root, os.environ, python, settings.python, project_name(root)))


def search_guides(root: Path) -> tuple[str, ...]:
    """Return the patterns or paths of what reads as a guide in a project that has not said where they are."""
    from pytest_phasegate.adapters.guide_search import find_guides

    return find_guides(root, read_guide_text)


def installed_hooks(root: Path) -> dict[str, str]:
    """Return, for each of git's hooks that leads to phasegate, how it does.

    Raises:
        RepositoryError: There is no repository.
    """
    import subprocess
    from pathlib import Path

    from pytest_phasegate.adapters.installed_hooks import hooks_that_lead_here

    top = repository(root).root
    asked = subprocess.run(
        ["git", "-C", top, "rev-parse", "--git-path", "hooks"], capture_output=True, encoding="utf-8", check=False
    )
    try:
        config = (root / ".pre-commit-config.yaml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        config = ""
    names = ("pre-commit", "pre-merge-commit", "commit-msg", "pre-push")
    return hooks_that_lead_here(Path(top) / asked.stdout.strip(), names, config)


def has_c_tracer() -> bool:
    """Return whether coverage.py has its C extension, without which measuring is slow."""
    from importlib.util import find_spec

    return find_spec("coverage.tracer") is not None


def content_id(root: Path) -> str:
    """Return a name for what the tracked files say as they stand; without git, for every text of the project."""
    import hashlib

    from pytest_phasegate.adapters.worktree import project_files

    where = repository_if_any(root)
    if where is not None:
        return where.worktree_tree()
    digest = hashlib.sha256()
    for path in project_files(root):
        if path.endswith((".py", ".toml", ".cfg", ".ini", ".md")):
            digest.update(f"{path}\0".encode("utf-8", "surrogateescape"))
            digest.update((root / path).read_bytes() + b"\0")
    return f"sha256:{digest.hexdigest()}"
