"""What most commands begin with: the project's root, its settings, its guides, and which one is meant."""

from __future__ import annotations

import argparse
from functools import cached_property
from pathlib import Path

from pytest_phasegate.adapters.guide import configured
from pytest_phasegate.app.guide.reader import require_phases
from pytest_phasegate.app.guide.status import current_phase, done_phases
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.cli.hook import say_where
from pytest_phasegate.core.criteria.feedback import fixing, title_of
from pytest_phasegate.core.criteria.reviews import ACCEPTED_PATH
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.next_step import Step, next_step
from pytest_phasegate.core.guide.progress import PATH as FINISHED_PATH
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.core.guide.selection import open_before, out_of_order, select
from pytest_phasegate.core.project.paths import is_ours
from pytest_phasegate.core.project.settings import DEFAULT_GUIDES, Settings
from pytest_phasegate.core.regression.baseline import PATH
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.errors import Choice, GuideError, PhasegateError, QuestionError, RefusedError, SelectionError
from pytest_phasegate.wiring import projects, readers, records, status

WITHOUT_GIT = Step(
    "make this a git repository", "git init", "without one, nothing can be proved red before green, or accepted"
)


def guide_places(settings: Settings) -> str:
    """Return where guides are looked for, in words."""
    usual = settings.guides == DEFAULT_GUIDES
    return f"{settings.guides[0]}, or by another usual name" if usual else ", ".join(settings.guides)


def begin_guide(settings: Settings) -> str:
    """Return the command that begins a guide where one is looked for."""
    plain = (pattern for pattern in settings.guides if pattern.endswith("*_implementation_guide.md"))
    return f"phasegate plan new {next(plain, 'FILE').replace('**/', '').replace('*', 'TOPIC')}"


class Project(projects.Project):
    """One project as the command line means it."""

    @cached_property
    def guides(self) -> tuple[Guide, ...]:
        """The project's guides, with what their commits tell of phases; there is at least one.

        Raises:
            GuideError: No guide is found, or one cannot be read.
        """
        found = readers.guides(self)
        if found:
            return records.derived(self, found)
        looked = guide_places(self.settings)
        elsewhere = readers.guides_elsewhere(self)
        if elsewhere and self.settings.configured:
            raise GuideError(f"no guide was found at {looked}", hint=unmatched(elsewhere[0]))
        for document in configured(self.root, self.settings.guides)[1]:
            require_phases(document.read(readers.dialects()))
        begin = f"begin one: {begin_guide(self.settings)}"
        hint = f"{begin}; or name yours under `guides`" if self.settings.configured else f"phasegate init, or {begin}"
        raise GuideError(f"no guide was found at {looked}", hint=hint)

    def surroundings(self) -> Surroundings:
        """Return what the states of phases are derived from, as it stands now."""
        return status.surroundings(self, self.guides)

    def current(self, guide: Guide) -> Phase | None:
        """Return the phase of a guide that is to be worked at."""
        return current_phase(self.surroundings(), guide)

    def phases(self, selector: str) -> tuple[Guide, tuple[Phase, ...]]:
        """Return the phases that a selector means, and the one guide that they are of.

        Raises:
            SelectionError: It means none, or phases of several guides.
        """
        chosen = select([selector], self.guides, self.current)
        guides = [guide for guide in self.guides if any(ref.guide == guide.path for ref in chosen)]
        if len(guides) > 1:
            choices = tuple(Choice(f"{guide.slug}:{selector}", guide.title) for guide in guides)
            raise QuestionError(f"{selector!r} means phases of several guides", choices=choices, asked=selector)
        wanted = {ref.phase for ref in chosen}
        return guides[0], tuple(phase for phase in guides[0].phases if phase.id in wanted)

    def one_phase(self, selector: str) -> tuple[Guide, Phase]:
        """Return the single phase that a selector means.

        Raises:
            SelectionError: It means none, or several.
        """
        guide, phases = self.phases(selector)
        if len(phases) > 1:
            choices = tuple(Choice(f"{self.prefix(guide)}{phase.id}") for phase in phases)
            raise QuestionError(f"{selector!r} means several phases", choices=choices, asked=selector, hint="name one")
        return guide, phases[0]

    def guide(self, name: str) -> Guide:
        """Return the guide that is called so, by its slug or its path.

        Raises:
            SelectionError: There is none.
        """
        found = next((guide for guide in self.guides if name in {guide.slug, guide.path}), None)
        if found is None:
            known = ", ".join(guide.slug for guide in self.guides)
            raise SelectionError(f"no guide is called {name!r}", hint=f"the guides are: {known}")
        return found

    def refuse_early(self, guide: Guide, phase: Phase, *, committing: bool) -> None:
        """Refuse a phase whose turn it is not.

        Raises:
            RefusedError: A phase before it is not accepted; while committing, it has not even its commit.
        """
        done = done_phases(self.surroundings(), guide)
        waiting = open_before(phase, done.committed if committing else done.accepted)
        if waiting:
            missing = "committed" if committing else "accepted"
            early = out_of_order(guide, phase, waiting, Severity.ERROR, missing)
            raise RefusedError(early.message, hint=early.fix, code=early.code)

    def step_of(self, around: Surroundings, progress: GuideProgress) -> Step:
        """Return the one thing to do now for a guide: a blocking comment of a reviewer comes before everything else."""
        if around.feedback.blocking:
            first = around.feedback.blocking[0]
            place = f" of {first.place}" if first.place else ""
            why = f"{first.author or 'a reviewer'} said{place}: {title_of(first.text)}"
            return Step(fixing(first), f"phasegate feedback list {first.number}" if first.number else "", why)
        step = self.step_of_guide(around, progress)
        return step if around.repository or not step.command.startswith("phasegate check") else WITHOUT_GIT

    def step_of_guide(self, around: Surroundings, progress: GuideProgress) -> Step:
        """Return the same, whatever reviewers say."""
        return next_step(
            progress,
            approval_required=self.settings.approval.required,
            name=self.prefix(progress.guide),
            uncommitted=self._uncommitted(around),
            clean=around.repository is not None and all(map(is_ours, around.uncommitted_paths)),
        )

    def _uncommitted(self, around: Surroundings) -> list[str]:
        beside = [path for path in (FINISHED_PATH, ACCEPTED_PATH) if (self.root / path).is_file()]
        lacking = [path for path in beside if around.repository and not records.as_committed(self.root, path)]
        return [PATH, *lacking] if around.uncommitted else lacking

    def prefix(self, guide: Guide) -> str:
        """Return what commands put before a phase's id so that it means this guide: nothing where there is only one."""
        return f"{guide.slug}:" if len(self.guides) > 1 else ""


def unmatched(guide: str) -> str:
    """Return what is to be done about a guide that no pattern names."""
    return f"{guide} looks like a guide: add it to `guides` under [tool.phasegate]"


def opened(options: argparse.Namespace) -> Project:
    """Return the project around the working directory, with ``--config`` obeyed.

    Raises:
        ConfigurationError: The configuration cannot be used.
        SelectionError: Nothing configures us here, and projects below do.
    """
    project = Project.around(Path.cwd(), options.config)
    below = () if project.settings.configured else projects.below_here()
    if below:
        raise SelectionError(f"which project? They lie in {', '.join(below)}", hint=f"go to one: cd {below[0]}")
    if project.root != Path.cwd():
        say_where(project.root)
    return project


def formatted(options: argparse.Namespace, *known: str) -> str:
    """Return the format asked for.

    Raises:
        PhasegateError: The command knows no such format.
    """
    if options.format in known:
        return str(options.format)
    raise PhasegateError(f"no such format here: {options.format!r}", hint=f"the formats are: {', '.join(known)}")
