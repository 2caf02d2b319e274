"""What must be run to judge a change; and on which trees; a replay only carries it out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeVar

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.project.paths import ChangeKind, Layout, Side, inside
from pytest_phasegate.core.project.settings import Policy
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet, ProductionChange
from pytest_phasegate.core.redgreen.import_graph import Reach, Reaching, everything
from pytest_phasegate.core.verdict.verdict import counted


class Extent(StrEnum):
    """How much of the suite a replay runs."""

    NOTHING = "nothing"
    TESTS = "tests"
    SUITE = "suite"


class ReplayPlan(NamedTuple):
    """The runs that a judgement needs.

    ``tests`` are definitions (a mixin's, too), ``files`` the modules pytest is given for them. ``red`` and ``base`` say
    that the red tree and the before tree must be run beside the after tree: where production does not differ, the red
    tree is the after tree. ``departed`` are deleted tests to run on the departed tree: those that still pass there
    tested what stays. ``lines`` asks which changed lines the fail_to_pass tests run. ``reaching`` are the files that
    can reach what has to be run though it asks for no red test. ``proving`` are those of the modules that the red tree
    runs (``None``: all of them): what the others run must only stay green.
    """

    extent: Extent
    tests: tuple[TestId, ...] = ()
    files: tuple[str, ...] = ()
    red: bool = False
    base: bool = False
    departed: tuple[TestId, ...] = ()
    lines: bool = False
    reason: str = ""
    reaching: Reaching | None = None
    proving: tuple[str, ...] | None = None


def told(wanted: ReplayPlan) -> str:
    """Return what a plan runs, in the words of the one who waits for it."""
    if wanted.extent is Extent.SUITE:
        return f"running the whole suite ({wanted.reason})"
    files = counted(len(wanted.files), "test file")
    if wanted.reaching is not None:
        some = f"{len(wanted.files)} of {counted(wanted.reaching.known, 'test file')}"
        return f"running {some}, which can reach the change"
    which = wanted.reason if wanted.reason == _LEFT_RED else "that the change concerns"
    return f"running {files}, for {counted(len(wanted.tests), 'test')} {which}"


_LEFT_RED = "left red by an earlier commit"


def plan(
    change: ChangeSet,
    policy: Policy = Policy.STANDARD,
    *,
    open_reds: Iterable[TestId] = (),
    reach: Reach = everything,
    inert: bool = True,
) -> ReplayPlan:
    """Decide what to run.

    Args:
        change: The change, read.
        policy: The project's policy; ``strict`` asks for lines as well.
        open_reds: Tests that earlier commits of the range left red.
        reach: Tells which test files can reach production files.
        inert: Whether code that only looks as if it behaved as before is run here, too, or by somebody else later.
    """
    if policy is Policy.OFF:
        return ReplayPlan(Extent.NOTHING, reason="nothing is asked of what the change touches")
    tests = sorted({*change.concerned, *(open_reds if change.changes_behaviour else ())})
    wanted = _to_be_reached(change, inert=inert)
    reaching = reach(wanted) if wanted else None
    reason = _reason_for_suite(change, reaching)
    if not reason and not tests and not (reaching and reaching.files):
        return ReplayPlan(Extent.NOTHING, departed=_departed(change), reason="no test is concerned", reaching=reaching)
    differs = change.changes_behaviour or reaching is not None or any(map(_is_data, change.inert))
    proving = _files(change, tests)
    files = {*proving, *(reaching.files if reaching else ())}
    return ReplayPlan(
        extent=Extent.SUITE if reason else Extent.TESTS,
        tests=tuple(tests),
        files=() if reason else tuple(sorted(files)),
        red=differs,
        base=differs or bool(change.shared or change.deciding),
        departed=_departed(change),
        lines=policy is Policy.STRICT and change.changes_behaviour and not change.removes_only,
        reason=reason or "new, changed, moved and concerned tests",
        reaching=reaching,
        proving=proving if reaching is not None and _has_bystanders(change) else None,
    )


def widened(first: ReplayPlan, change: ChangeSet, *, proved: bool, reach: Reach = everything) -> ReplayPlan | None:
    """Return the plan to go on with where the tests concerned proved nothing: an unchanged test may have been red."""
    speaks = change.changes_behaviour and not change.removes_only and bool(first.tests)
    if proved or (first.extent is not Extent.TESTS and first.proving is None) or not speaks:
        return None
    reaching = reach([*(one.path for one in (*change.behaviour, *change.unproved)), *change.shared])
    files = () if reaching.whole else tuple(sorted({*first.files, *reaching.files}))
    if files == first.files and first.proving is None:
        return None
    return ReplayPlan(
        Extent.TESTS if files else Extent.SUITE, first.tests, files, red=True, base=True, departed=first.departed,
        lines=first.lines, reason="no changed test went from red to green, so an unchanged one may have",
        reaching=reaching,
    )  # fmt: skip


def by_open_reds(whole: ReplayPlan, change: ChangeSet) -> ReplayPlan | None:
    """Return the plan that runs, for code alone, only the files of the tests that were left red.

    ``None`` where more than a red test is asked of the change, where lines are, or where nothing is left out by it.
    """
    alone = change.kind is ChangeKind.CODE_ONLY and not (change.unproved or change.restored or change.examples)
    files = tuple(sorted({*map(file_of, whole.tests)}))
    if not alone or change.configuration or whole.lines or not files or files == whole.files:
        return None
    return whole._replace(extent=Extent.TESTS, files=files, reason=_LEFT_RED, reaching=None)


def _files(change: ChangeSet, tests: Iterable[TestId]) -> tuple[str, ...]:
    """Return the modules of some tests, and those where code beside the tests changed: it may take one away."""
    altered = change.modules if change.changes_behaviour or change.inert else ()
    return tuple(sorted({file_of(test) for test in tests}.union(altered)))


def _to_be_reached(change: ChangeSet, *, inert: bool) -> tuple[str, ...]:
    """Return the files of which only runs of the tests that reach them tell: no test of the change speaks for them.

    What tests use asks less of code beside it than it did, or it does not: so those that can use it are run.
    """
    by_helper = any(helper.tests for helper in change.helpers)
    spoken_for = by_helper or any(test.is_target for test in change.tests)
    alone = () if spoken_for else tuple(one.path for one in change.behaviour)
    mixed = change.changes_behaviour
    unproved = [one.path for one in change.unproved if inert and not (mixed and _is_data(one))]
    restored = change.restored if inert else ()
    beside = change.standing if mixed else () if spoken_for else change.confined
    return tuple(dict.fromkeys([*alone, *unproved, *restored, *change.met, *beside]))


def _has_bystanders(change: ChangeSet) -> bool:
    """Whether what runs beside the tests of a change must only stay green, and nothing but production decides that."""
    decided = change.decided_by or change.met or change.kind is ChangeKind.MERGE
    return not decided and any(test.is_target for test in change.tests)


def _is_data(one: ProductionChange) -> bool:
    return one.effect is Effect.DATA


def asks_only_for_a_run(change: ChangeSet) -> bool:
    """Whether a change asks for no red test and brings none, but must be as green after as before."""
    quiet = change.removes_only or not change.changes_behaviour
    beside = change.tests or change.helpers or change.shared or change.deciding
    return quiet and bool(change.unproved or change.restored) and not beside


def _reason_for_suite(change: ChangeSet, reaching: Reaching | None) -> str:
    targets = {file_of(test.id) for test in change.tests if test.is_target}
    deciding, shared = change.deciding_anywhere, [path for path in change.shared if path not in change.confined]
    if deciding and (change.changes_behaviour or change.inert or not targets):
        return f"{deciding[0]} decides which tests run"
    if shared and not targets.difference(change.shared):
        return f"{shared[0]} may concern any test"
    return reaching.whole if reaching else ""


def _departed(change: ChangeSet) -> tuple[TestId, ...]:
    """Return the deleted tests of which the text does not say where they went, where code only goes or looks inert."""
    quiet = change.removes_only or (bool(change.inert) and not change.changes_behaviour)
    return tuple(test.id for test in change.deleted if not test.removed_with) if quiet else ()


Entry = TypeVar("Entry")


def red_tree(before: Mapping[str, Entry], after: Mapping[str, Entry], layout: Layout) -> dict[str, Entry]:
    """Return before's production with everything else of after: its whole test side, configuration, documents.

    Production is here everything below a source root that is not test side, data files too: old code reads old data.
    A created production file is absent, a deleted one is back.
    """
    mixed = dict(after)
    for path in [path for path in {**before, **after} if before.get(path) != after.get(path)]:
        if _is_code(path, layout):
            mixed.pop(path, None)
            if path in before:
                mixed[path] = before[path]
    return mixed


def departed_tree(
    before: Mapping[str, Entry], after: Mapping[str, Entry], layout: Layout, deciding: Collection[str] = ()
) -> dict[str, Entry]:
    """Return after with before's test side: there a deleted test shows whether what it tested is still there.

    Of the files that decide how tests end (``deciding``) it has those of before.
    """
    return {
        **{path: entry for path, entry in after.items() if not layout.is_test(path) and path not in deciding},
        **{path: entry for path, entry in before.items() if layout.is_test(path) or path in deciding},
    }


def _is_code(path: str, layout: Layout) -> bool:
    side = layout.side(path)
    below = any(inside(path, root) for root in layout.source)
    return side is Side.PRODUCTION or (side is Side.NEITHER and below)
