"""What phases and guides declare, as paths and globs; where they do not, what the commits of a phase brought."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import file_of
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Derivation, Guide, Phase, Source
from pytest_phasegate.core.project.paths import matches, plain


def declared_paths(phase: Phase) -> Iterator[str]:
    """Yield the paths and globs that a phase declares, the files of its tests included."""
    yield from (file.path for file in phase.files)
    yield from (test.file for test in phase.tests if test.file)


def declared_in(guide: Guide) -> frozenset[str]:
    """Return the files that any phase of a guide declares; what was derived says nothing of when the guide began."""
    return frozenset(file.path for phase in guide.phases for file in phase.declared_files)


def declared_by_all(guides: Iterable[Guide]) -> tuple[str, ...]:
    """Return what any phase of these guides declares, and the guides themselves."""
    return tuple(
        path
        for guide in guides
        for path in (guide.path, *(one for phase in guide.phases for one in declared_paths(phase)))
    )


def production_files(phase: Phase, tracked: Iterable[str], is_production: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the production files a phase declares, as they exist, sorted.

    Args:
        phase: The phase; files it deletes or declares as tests are left out.
        tracked: Every path of the tree under test.
        is_production: Whether a path is production code; a test file never is.
    """
    patterns = declared_patterns(phase)
    meant = (path for path in set(tracked) if any(path == pattern or matches(pattern, path) for pattern in patterns))
    return tuple(sorted(path for path in meant if is_production(path)))


def missing_files(phase: Phase, tracked: Iterable[str], is_production: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the declared production files, named without wildcards, that are not there."""
    there = set(tracked)
    named = (pattern for pattern in declared_patterns(phase) if pattern.endswith(".py") and plain(pattern))
    return tuple(path for path in named if path not in there and is_production(path))


def declared_patterns(phase: Phase) -> tuple[str, ...]:
    """Return the paths and globs that a phase writes and that may be production."""
    written = (file for file in phase.files if file.action not in {Action.DELETE, Action.TEST})
    return tuple(dict.fromkeys(file.path.removeprefix("./") for file in written))


class Seen(NamedTuple):
    """One commit since a guide came: the phases of the guide that it names, in document order.

    ``free`` says that it names no phase of any guide and was made on this very line of history: neither a merge nor
    what one brought.
    """

    sha: str
    phases: tuple[str, ...] = ()
    free: bool = True


class Brought(NamedTuple):
    """What commits, and work in no commit yet, changed: paths as they are now; ``new`` are those they created."""

    files: tuple[str, ...] = ()
    new: frozenset[str] = frozenset()
    tests: tuple[str, ...] = ()  # test ids (``path::Class::test``) that came in, or changed


def own_commits(
    seen: Sequence[Seen], phase: str, places: range, brings_tests_alone: Callable[[int], bool]
) -> tuple[int, ...]:
    """Return the places of a phase's commits among those between its base and its end.

    Commits that name it, and what no commit names between the first of them and its end; right before the first, those
    that touch tests and no code, which are its red ones. Where none names it, all that name nothing.

    Args:
        seen: The commits since the guide came, oldest first.
        phase: The phase's id.
        places: Where to look: from behind its base to its acceptance, or to HEAD.
        brings_tests_alone: Whether the commit at a place touches tests, and no production code.
    """
    named = [at for at in places if seen[at].phases[:1] == (phase,)]
    first = named[0] if named else places.start
    while named and first > places.start and seen[first - 1].free and brings_tests_alone(first - 1):
        first -= 1
    return tuple(at for at in range(first, places.stop) if seen[at].free or seen[at].phases[:1] == (phase,))


def shared(seen: Sequence[Seen], places: Iterable[int]) -> tuple[str, ...]:
    """Return a remark for each commit that names several phases: it counts to the first of them alone."""
    several = (seen[at] for at in places if len(seen[at].phases) > 1)
    return tuple(
        f"commit {one.sha[:10]} names the phases {', '.join(one.phases)}: it counts to phase {one.phases[0]}"
        for one in several
    )


def needs_deriving(phase: Phase) -> bool:
    """Return whether a guide names no file of a phase but those of tests, or no test."""
    return not (phase.names_code and phase.declared_tests)


def with_brought(phase: Phase, found: Derivation, brought: Brought, others: Collection[str]) -> Phase:
    """Return a phase with what its commits brought: derived where the guide declares none, else listed beside.

    Args:
        phase: As the guide declares it.
        found: Its commits.
        brought: What they brought.
        others: What other phases declare, as paths and globs: that is never this phase's.
    """
    files = [path for path in brought.files if not _any(path, others)]
    tests = [test for test in brought.tests if not _any(file_of(test), others)]
    no_files, no_tests = not phase.names_code, not phase.declared_tests
    known = {test.name for test in phase.declared_tests}
    own = [file.path for file in phase.declared_files]
    beside = [path for path in files if not no_files and not _any(path, own)]
    beside += [test for test in tests if not no_tests and test.rpartition("::")[2] not in known]
    derived_files = tuple(
        DeclaredFile(path, Action.CREATE if path in brought.new else Action.MODIFY, phase.line, source=Source.DERIVED)
        for path in files
    )
    return phase._replace(
        files=(*phase.declared_files, *derived_files) if no_files else phase.files,
        tests=tuple(_test(test, phase.line) for test in tests) if no_tests else phase.tests,
        derivation=found._replace(files=no_files, tests=no_tests, beside=tuple(beside)),
    )


def declared_by_others(guides: Sequence[Guide], guide: Guide, phase: Phase) -> tuple[str, ...]:
    """Return what any other phase declares, the guides themselves left out."""
    rest = (
        replace(one, phases=tuple(each for each in one.phases if one.path != guide.path or each.id != phase.id))
        for one in guides
    )
    documents = {one.path for one in guides}
    return tuple(path for path in declared_by_all(rest) if path not in documents)


def _any(path: str, patterns: Iterable[str]) -> bool:
    return any(path == pattern or matches(pattern, path) for pattern in patterns)


def _test(test: str, line: int) -> DeclaredTest:
    path, *classes, name = test.split("::")
    return DeclaredTest(name, line, "::".join(classes) or None, path, source=Source.DERIVED)
