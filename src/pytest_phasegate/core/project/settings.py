"""What a project asked for: the configuration as frozen values, with its defaults.

Reading and checking it is the work of the configuration adapter; here stand only meanings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from posixpath import normpath
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pytest_phasegate.core.project import kinds
from pytest_phasegate.core.project.paths import matches_any

DEFAULT_GUIDES = (
    "docs/plans/*_implementation_guide.md",
    "docs/plans/*implementation_plan*.md",
    "{IMPLEMENTATION_GUIDE,IMPLEMENTATION_PLAN,implementation_guide,implementation_plan,PLAN}.md",
)

SPECIFICATION_SECTIONS = (
    "Overview and purpose | Overview | Purpose | Summary | Introduction",
    "Functional requirements | Functional and non-functional requirements",
    "Non-functional requirements",
    "User experience design | User experience | UX",
    "Technical design | Architecture | Implementation design",
    "API contracts | API | Interfaces?",
    "Testing strategy | Test strategy | Test plan | Testing",
    "Acceptance criteria",
    "Dependencies",
    "Rollout plan | Rollout | Deployment plan | Deployment",
)


class Mode(StrEnum):
    """What a refusal does: fail the run, only report, or nothing at all."""

    ENFORCE = "enforce"
    REPORT = "report"
    OFF = "off"


class Scope(StrEnum):
    """Which lines of its files a phase answers for."""

    OWNED = "owned"
    FILES = "files"


class Credit(StrEnum):
    """Whose tests may cover them."""

    PHASE = "phase"
    ALL = "all"


class Policy(StrEnum):
    """How much of red before green is asked."""

    STANDARD = "standard"
    STRICT = "strict"
    OBSERVE = "observe"
    OFF = "off"


class Protocol(StrEnum):
    """In which order a range holds its tests and its code."""

    ANY = "any"
    TEST_FIRST = "test-first"


class OnMissing(StrEnum):
    """What the commit hook does where the ledger settles nothing."""

    REPLAY = "replay"
    BLOCK = "block"


class RedKind(StrEnum):
    """The weakest grade that counts as red."""

    STRUCTURAL = "structural"
    BEHAVIOURAL = "behavioural"


class CreepSeverity(StrEnum):
    """How grave it is that a change touches what its phase did not declare."""

    WARNING = "warning"
    ERROR = "error"


class CoverageSettings(NamedTuple):
    """``[tool.phasegate.coverage]``: minima in percent, used where the guide names none."""

    minimum: Annotated[float | None, kinds.PERCENTAGE] = None
    branch: Annotated[float | None, kinds.PERCENTAGE] = None
    function: Annotated[float | None, kinds.PERCENTAGE] = None
    scope: Scope = Scope.OWNED
    credit: Credit = Credit.PHASE


class Waiver(NamedTuple):
    """``[[tool.phasegate.red_green.waivers]]``: what is let through, why, and until when (ISO date).

    ``match`` is a commit sha (or its beginning, seven digits at least), or a glob of paths or test ids.
    """

    match: str
    reason: str
    expires: str


class Component(NamedTuple):
    """``[[tool.phasegate.components]]``: a path (empty: all of the project), and the stage it stands at."""

    path: str
    stage: str


class PathPolicy(NamedTuple):
    """``[[tool.phasegate.red_green.paths]]``: the policy of a part of the repository."""

    glob: str
    policy: Policy


_BY_WEIGHT = (Policy.OFF, Policy.OBSERVE, Policy.STANDARD, Policy.STRICT)


def strictest(policies: Iterable[Policy], default: Policy = Policy.STANDARD) -> Policy:
    """Return the policy that asks the most."""
    return max(policies, key=_BY_WEIGHT.index, default=default)


class RedGreenSettings(NamedTuple):
    """``[tool.phasegate.red_green]``: ``timeout`` in seconds for one replay step."""

    policy: Policy = Policy.STANDARD
    protocol: Protocol = Protocol.ANY
    # of several that name a path, the last one holds
    paths: Annotated[tuple[PathPolicy, ...], kinds.path_policies(PathPolicy, Policy)] = ()
    red: RedKind = RedKind.STRUCTURAL
    on_missing: OnMissing = OnMissing.REPLAY
    timeout: Annotated[float, kinds.SECONDS] = 120.0
    # seconds that a commit waits for the tests that reach a change which looks inert
    hook_timeout: Annotated[float, kinds.SECONDS] = 10.0
    leave_to_verify: bool = False  # whether it waits no longer for those that must only stay green beside other code
    # the variables that replayed tests see, beside the usual ones
    environment: Annotated[tuple[str, ...], kinds.words("a list of names of environment variables")] = ()
    waivers: Annotated[tuple[Waiver, ...], kinds.waivers(Waiver)] = ()

    @property
    def observes(self) -> bool:
        """Whether nothing is refused, whatever a change touches."""
        return self.policy in {Policy.OBSERVE, Policy.OFF} and not self.paths

    def part_of(self, path: str) -> PathPolicy | None:
        """Return the entry that gives a path its policy, if one does."""
        return next((part for part in reversed(self.paths) if matches_any(path, [part.glob])), None)

    def policy_of(self, path: str) -> Policy:
        """Return how a file is judged."""
        part = self.part_of(path)
        return part.policy if part else self.policy

    def policy_for(self, paths: Iterable[str]) -> Policy:
        """Return how a change of some files is judged: as the one of them is that asks the most."""
        return strictest(map(self.policy_of, paths), self.policy)


class CommitSettings(NamedTuple):
    """``[tool.phasegate.commit]``."""

    conventional: bool = True
    types: Annotated[tuple[str, ...], kinds.words("a list of commit types")] = ()  # beside the usual ones
    issue: bool = False
    branch: Annotated[str | None, kinds.PATTERN] = None


class CriteriaSettings(NamedTuple):
    """``[tool.phasegate.criteria]``: ``run`` lists the command lines of guides that may be run as they stand."""

    run: Annotated[tuple[str, ...], kinds.words("a list of command lines")] = ()


class ScopeSettings(NamedTuple):
    """``[tool.phasegate.scope]``: what any phase may touch, and how grave creep is (``warning``, ``error``)."""

    allow: Annotated[tuple[str, ...], kinds.PATHS] = ()
    severity: CreepSeverity = CreepSeverity.WARNING


class ApprovalSettings(NamedTuple):
    """``[tool.phasegate.approval]``: an issue with the one label is approved, and none with the other is."""

    required: bool = False
    label: Annotated[str, kinds.word("the name of a label")] = ""
    unless: Annotated[str, kinds.word("the name of a label")] = ""


class LintSettings(NamedTuple):
    """``[tool.phasegate.lint]``: labels (``Goal``) that every phase must have, and how many lines a guide may have."""

    sections: Annotated[tuple[str, ...], kinds.words("a list of section labels")] = ()
    budget: Annotated[int | None, kinds.COUNT] = None


class DocumentSettings(NamedTuple):
    """``[tool.phasegate.documents]``: what a specification must have, and how long each document may be."""

    sections: Annotated[tuple[str, ...], kinds.words("a list of section names")] = SPECIFICATION_SECTIONS
    budget: Annotated[int, kinds.COUNT] = 400


_NOTHING: Mapping[str, Any] = MappingProxyType({})
_LINE = kinds.word("a command line")


class Settings(NamedTuple):
    """The whole configuration of one project. Paths are relative to the project's root, with ``/``."""

    configured: bool = False  # whether a ``[tool.phasegate]`` table or a ``phasegate.toml`` was found
    guides: Annotated[tuple[str, ...], kinds.words("a list of paths or globs")] = DEFAULT_GUIDES
    # production roots; empty means: find them (src layout, else packages beside pyproject)
    source: Annotated[tuple[str, ...], kinds.PATHS] = ()
    # extra test roots or globs, beside what pytest's own configuration says
    tests: Annotated[tuple[str, ...], kinds.PATHS] = ()
    mode: Mode = Mode.ENFORCE
    # whether a test of no phase, or a mapping with two readings, refuses a run; pytest's `strict` is another thing
    strict: bool = False
    stage: Annotated[str | None, kinds.word("the name of one of the stages")] = None
    # the project's interpreter as an argument list; empty means: find it
    python: Annotated[tuple[str, ...], kinds.ARGV] = ()
    plugins: Annotated[tuple[str, ...], kinds.words("a list of module names")] = ()
    coverage: CoverageSettings = CoverageSettings()
    stages: Annotated[Mapping[str, float], kinds.table(kinds.PERCENTAGE, "stage names and percentages")] = _NOTHING
    components: Annotated[tuple[Component, ...], kinds.components(Component)] = ()
    red_green: RedGreenSettings = RedGreenSettings()
    map: Annotated[Mapping[str, str], kinds.by_path(kinds.PHASE_ID, "path globs and phase ids")] = _NOTHING
    commands: Annotated[Mapping[str, str], kinds.table(_LINE, "names and command lines")] = _NOTHING
    command_timeout: Annotated[float, kinds.SECONDS] = 600.0
    commit: CommitSettings = CommitSettings()
    criteria: CriteriaSettings = CriteriaSettings()
    scope: ScopeSettings = ScopeSettings()
    protected: Annotated[
        Mapping[str, tuple[str, ...]],
        kinds.by_path(kinds.GLOBS, "generated paths and their sources"),
    ] = _NOTHING
    # the command that makes the files of a pattern
    generate: Annotated[Mapping[str, str], kinds.by_path(_LINE, "generated paths and commands")] = _NOTHING
    approval: ApprovalSettings = ApprovalSettings()
    derive: bool = True  # whether what a phase does not declare is derived from its commits
    suite: bool = True  # whether ``check`` and pre-push run the whole suite
    lint: LintSettings = LintSettings()
    documents: DocumentSettings = DocumentSettings()

    @property
    def judges(self) -> bool:
        """Whether anything is judged here: by a configuration that is not off."""
        return self.configured and self.mode is not Mode.OFF

    @property
    def observes(self) -> bool:
        """Whether a refusal is only said."""
        return self.mode is not Mode.ENFORCE

    @property
    def observes_reds(self) -> bool:
        """Whether a refusal for the sake of red before green is only said."""
        return self.observes or self.red_green.observes

    @property
    def stage_minimum(self) -> float | None:
        """The coverage minimum of the chosen maturity stage, in percent."""
        return self.stages.get(self.stage) if self.stage else None

    def seen_from_top(self, place: str) -> Settings:
        """Return the same for who reads whole trees of the repository: where code and tests lie, from its top.

        Args:
            place: The project's directory in the repository and a ``/``; empty where they are one.
        """
        if not place:
            return self
        source = tuple(normpath(place + path) for path in self.source)
        parts = tuple(part._replace(glob=normpath(place + part.glob)) for part in self.red_green.paths)
        red_green = self.red_green._replace(paths=parts)
        tests = tuple(normpath(place + path) for path in self.tests)
        return self._replace(source=source, tests=tests, red_green=red_green)
