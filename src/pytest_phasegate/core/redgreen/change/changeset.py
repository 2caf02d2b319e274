"""A whole change, read: the value that the rules of red before green judge."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.project.settings import Policy, RedGreenSettings
from pytest_phasegate.core.project.syntax import Unreadable
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.names import NOTHING, Names
from pytest_phasegate.core.redgreen.change.pythons import Branch
from pytest_phasegate.core.redgreen.change.test_module import TestFunction
from pytest_phasegate.core.redgreen.change.weakening import Weakening


class TestStatus(StrEnum):
    """What became of one test function.

    ``DECORATORS`` is one of decorators or annotations alone; ``RENAMED`` and ``MOVED`` kept their text,
    ``MOVED`` being in another file. One that got another name and another text is ``NEW``, with the test it came from
    as its ``before``. ``SAME`` stands only where marks around an unchanged function weaken it.
    """

    __test__ = False

    NEW = "new"
    CHANGED = "changed"
    DECORATORS = "decorators_only"
    RENAMED = "renamed"
    MOVED = "moved"
    DELETED = "deleted"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class TestChange:
    """One test function that differs: as it stood (``before``), as it stands (``after``), and what was lost.

    ``removed_with`` names what went from production and was all about it, or the test that took over what it said:
    then its going is no loss.
    """

    __test__ = False

    id: TestId
    status: TestStatus
    before: TestFunction | None = None
    after: TestFunction | None = None
    weakenings: tuple[Weakening, ...] = ()
    removed_with: str = ""

    @property
    def is_target(self) -> bool:
        """Whether the test is new or changed, so that it must be shown red and green."""
        return self.status in {TestStatus.NEW, TestStatus.CHANGED, TestStatus.DECORATORS}

    @property
    def is_gone(self) -> bool:
        """Whether the test went."""
        return self.status is TestStatus.DELETED

    @property
    def line(self) -> int | None:
        """Where it stands in *after*, from 1; a deleted one stands nowhere."""
        return self.after.line if self.after else None


class HelperChange(NamedTuple):
    """A changed fixture, helper, class or constant of a test-side file, with the tests of that file it concerns.

    ``gains`` are the names by which others ask it for more now: a new member and its class, new parameters. They are
    ``None`` where it may also answer otherwise than it did.
    """

    id: str
    tests: tuple[TestId, ...] = ()
    weakenings: tuple[Weakening, ...] = ()
    gains: frozenset[str] | None = None


class FileAction(StrEnum):
    """What happened to a file."""

    CREATED = "created"
    DELETED = "deleted"
    MODIFIED = "modified"


class FileVersions(NamedTuple):
    """A file that differs: its bytes before and after, ``None`` where it does not exist."""

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def action(self) -> FileAction:
        """What happened to the file."""
        if self.before is None:
            return FileAction.CREATED
        return FileAction.DELETED if self.after is None else FileAction.MODIFIED


class ProductionChange(NamedTuple):
    """A production file that differs, and what is new in it that not every Python runs."""

    path: str
    action: FileAction
    effect: Effect
    branches: tuple[Branch, ...] = ()


class ChangeSet(NamedTuple):
    """What a change does to tests and to production.

    ``shared`` are changed files of the test side whose tests cannot be told from their text: data, snapshots, conftest
    and helper modules; with any of them the whole suite speaks. ``others`` are neither side's. ``added`` and
    ``removed`` are names of production code.
    """

    kind: ChangeKind
    tests: tuple[TestChange, ...] = ()
    helpers: tuple[HelperChange, ...] = ()
    shared: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    """Those of ``shared`` that tests used before: they may ask less by them now."""
    production: tuple[ProductionChange, ...] = ()
    others: tuple[str, ...] = ()
    configuration: tuple[str, ...] = ()
    """Those of ``others`` that configure pytest or the build."""
    deciding: tuple[str, ...] = ()
    """Files that decide which tests run, whatever their texts say: pytest's configuration, conftest, plugins."""
    below: tuple[str, ...] = ()
    """Those of ``deciding`` that do so for the tests below their own directory alone."""
    started_with: tuple[str, ...] = ()
    """Those of ``deciding`` that do so for the tests alone that pytest is started for together with them."""
    modules: tuple[str, ...] = ()
    """Test modules that stood before and stand after, and say something else: a line beside a test may hide it."""
    run_otherwise: tuple[str, ...] = ()
    """Files that held tests before, and that pytest does not collect: another program runs them, if any does."""
    added: Names = NOTHING
    removed: Names = NOTHING
    unreadable: tuple[Unreadable, ...] = ()
    restored: tuple[str, ...] = ()
    """Paths that a revert brings back to earlier content; of their tests nothing above speaks."""
    met: tuple[str, ...] = ()
    """Paths of the sides that meet in a merge which is to be run once for what they do together."""
    replacing: tuple[str, ...] = ()
    """Files of tests that may put something in the place of what the change brings: a run has to say so."""
    examples: tuple[str, ...] = ()
    """Modules of code whose docstrings held other examples, which pytest runs, where any code may do otherwise."""
    unexampled: tuple[str, ...] = ()
    """Files that stand and hold no example, so that none of theirs is left to be run."""

    @property
    def unreadable_tests(self) -> bool:
        """Whether what no run can show is unread: a file that is no production code."""
        return not {fact.path for fact in self.unreadable} <= {one.path for one in self.production}

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks of pytest on the test side that differ."""
        named = (helper.id for helper in self.helpers)
        return tuple(sorted(one for one in named if one.rpartition("::")[2].startswith("pytest_")))

    @property
    def confined(self) -> tuple[str, ...]:
        """Those of ``deciding`` of which their place tells for which tests they do."""
        return (*self.below, *self.started_with)

    @property
    def deciding_anywhere(self) -> tuple[str, ...]:
        """Those of ``deciding`` of which nothing tells for which tests they do."""
        return tuple(path for path in self.deciding if path not in self.confined)

    @property
    def decided_by(self) -> tuple[str, ...]:
        """Files that may decide how tests of other files end: not a conftest that only brings what none asked for."""
        beside = (path for path in self.shared if path.rpartition("/")[2] != "conftest.py")
        return (*self.deciding, *beside)

    @property
    def decided_before(self) -> tuple[str, ...]:
        """Those of ``decided_by`` that tests used before: data that comes in decides how none of them ended."""
        return tuple(path for path in self.decided_by if path in {*self.deciding, *self.standing})

    @property
    def helpers_of_standing(self) -> tuple[HelperChange, ...]:
        """The helpers that may decide about a test which stood before: not only new tests reach them."""
        new = {test.id for test in self.tests if test.before is None}
        return tuple(helper for helper in self.helpers if not helper.tests or not new.issuperset(helper.tests))

    @property
    def became(self) -> dict[TestId, TestId]:
        """By its id of before the id of each test that differs; one that is gone keeps its own."""
        return {test.before.id: test.id for test in self.tests if test.before is not None}

    @property
    def targets(self) -> tuple[TestChange, ...]:
        """The tests that are new or changed."""
        return tuple(test for test in self.tests if test.is_target)

    @property
    def concerned(self) -> frozenset[TestId]:
        """The tests that differ and stand, with those that reach a changed helper of their file."""
        standing = (test.id for test in self.tests if not test.is_gone)
        return frozenset({*standing, *(test for helper in self.helpers for test in helper.tests)})

    @property
    def deleted(self) -> tuple[TestChange, ...]:
        """The tests that went."""
        return tuple(test for test in self.tests if test.is_gone)

    @property
    def behaviour(self) -> tuple[ProductionChange, ...]:
        """The production files whose behaviour differs, those among them that only lose code."""
        return tuple(change for change in self.production if change.effect in {Effect.BEHAVIOUR, Effect.REMOVAL})

    @property
    def inert(self) -> tuple[ProductionChange, ...]:
        """The production files that look as if they behaved as before: a run has to say so."""
        return tuple(change for change in self.production if change.effect.is_inert)

    @property
    def unproved(self) -> tuple[ProductionChange, ...]:
        """The production files of which no red test is asked, but a run: inert ones, and code that only goes."""
        return tuple(change for change in self.production if change.effect.is_inert or change.effect is Effect.REMOVAL)

    def policy_under(self, settings: RedGreenSettings) -> Policy:
        """Return how the change is judged: as its production files are, and of tests alone as the tests are.

        Nothing is asked only where nothing is asked of any file that it touches on either side.
        """
        code = [one.path for one in (*self.behaviour, *self.inert)] + [*self.restored, *self.met]
        named = (*(test.id for test in self.tests), *(helper.id for helper in self.helpers))
        tests = [file_of(one) for one in named]
        policy = settings.policy_for(code or tests)
        if policy is not Policy.OFF:
            return policy
        return settings.policy_for([*code, *tests, *self.shared, *self.deciding, *self.modules, *self.configuration])

    @property
    def changes_behaviour(self) -> bool:
        """Whether production code behaves otherwise, or may, since a file of it cannot be read."""
        return bool(self.behaviour)

    @property
    def alters_code(self) -> bool:
        """Whether production code does something else than right before: it behaves otherwise, or is taken back."""
        return self.changes_behaviour or any(one.effect is Effect.RESTORED for one in self.production)

    @property
    def removes_only(self) -> bool:
        """Whether production code only goes."""
        return self.changes_behaviour and all(change.effect is Effect.REMOVAL for change in self.behaviour)
