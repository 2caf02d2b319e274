"""Where every phase stands: gather the facts of git, baseline, judgements and files, and derive the states."""

from __future__ import annotations

from functools import cached_property

from pytest_phasegate.app.finished import finishing_commits, marks
from pytest_phasegate.core.baseline import kept_for
from pytest_phasegate.core.facts import dataclass
from pytest_phasegate.core.guide import Action
from pytest_phasegate.core.judgement import last_of, passed_on, standing
from pytest_phasegate.core.progress import PhaseFacts, progress_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_phasegate.app.ports import Definitions, Repository
    from pytest_phasegate.app.trees import Commit
    from pytest_phasegate.core.baseline import BaselineTest
    from pytest_phasegate.core.guide import Guide, Phase
    from pytest_phasegate.core.judgement import Judgement
    from pytest_phasegate.core.progress import GuideProgress


@dataclass(frozen=True)
class Surroundings:
    """Everything the states are derived from; ``repository`` is ``None`` outside of git."""

    guides: tuple[Guide, ...]
    repository: Repository | None
    baseline: tuple[BaselineTest, ...]
    judgements: tuple[Judgement, ...]
    files: Definitions
    finished: frozenset[tuple[str, str, str]] = frozenset()
    """Slug, id and section of the accepted phases that have no tests."""
    baseline_of_head: Callable[[], Sequence[BaselineTest]] = tuple
    """Asked only where a phase that the baseline keeps has no commit of its own."""

    @cached_property
    def commits(self) -> Mapping[tuple[str, str], Commit]:
        """The commit that finished each phase, by slug and id."""
        if self.repository is None:
            return {}
        mentioning = self.repository.commits_mentioning(tuple(dict.fromkeys(marks(self.guides))))
        return finishing_commits(mentioning, self.guides)

    @cached_property
    def committed(self) -> frozenset[BaselineTest]:
        """The accepted tests that HEAD holds."""
        return frozenset(self.baseline_of_head())

    @cached_property
    def content(self) -> str:
        """The content as it stands, or nothing outside of git."""
        return self.repository.content_tree() if self.repository else ""


def progress_of_all(surroundings: Surroundings) -> tuple[GuideProgress, ...]:
    """Return where every phase of every guide stands.

    Raises:
        RepositoryError: Git cannot answer.
    """
    return tuple(_of_guide(guide, surroundings) for guide in surroundings.guides)


def current_phase(surroundings: Surroundings, guide: Guide) -> Phase | None:
    """Return the first phase of a guide that is not accepted and whose dependencies are."""
    current = _of_guide(guide, surroundings).current
    return current.phase if current else None


def _of_guide(guide: Guide, surroundings: Surroundings) -> GuideProgress:
    return progress_of(guide, {phase.id: _facts(guide, phase, surroundings) for phase in guide.phases})


def _facts(guide: Guide, phase: Phase, surroundings: Surroundings) -> PhaseFacts:
    files, last = surroundings.files, _last_judgement(guide, phase, surroundings)
    commit = surroundings.commits.get((guide.slug, phase.id))
    kept = kept_for(surroundings.baseline, guide, phase.id, surroundings.guides)
    there, missing = _declared_tests(phase, files)
    return PhaseFacts(
        commit=commit.sha if commit else "",
        committed=commit is None and bool(kept) and surroundings.committed.issuperset(kept),
        accepted_tests=len(kept),
        recorded=(guide.slug, phase.id, phase.digest) in surroundings.finished,
        lost=tuple(test.test for test in kept if not files.test(test.test)),
        files=tuple(file.path for file in phase.files if file.action is Action.CREATE and files.exists(file.path)),
        tests=there,
        missing=missing,
        last=last,
        fresh=last is not None and bool(last.tree) and last.tree == surroundings.content,
    )


def _last_judgement(guide: Guide, phase: Phase, surroundings: Surroundings) -> Judgement | None:
    """Return the judgement that lets the phase be accepted, else the newest of this content, else of any."""
    judgements = standing(surroundings.judgements, guide.slug)
    passed = judgements and passed_on(judgements, guide.slug, phase.id, surroundings.content)
    if passed:
        return passed
    newest = last_of(judgements, guide.slug, phase.id)
    if newest is None or newest.tree == surroundings.content:
        return newest
    of_this = (one for one in judgements if one.tree == surroundings.content)
    return last_of(of_this, guide.slug, phase.id) or newest


def _declared_tests(phase: Phase, files: Definitions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    beside = tuple(file.path for file in phase.files)
    there: list[str] = []
    missing: list[str] = []
    for test in phase.tests:
        (there if files.declared(test, beside) else missing).append(test.name)
    return tuple(there), tuple(missing)


def choose(progress: Sequence[GuideProgress]) -> tuple[GuideProgress, ...]:
    """Return the guides that something is to be done about: the open ones, or of these the ones already begun."""
    open_ones = tuple(one for one in progress if not one.complete)
    return tuple(one for one in open_ones if one.begun) or open_ones
