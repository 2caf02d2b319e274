"""What a project asked for: the configuration as frozen values, with its defaults.

Reading and checking it is the work of the configuration adapter; here stand only meanings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from hashlib import sha256
from posixpath import normpath
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_phasegate.core.project.configuration import values
from pytest_phasegate.core.project.configuration.values import Kind
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


def _key(default: Any, kind: Kind, path: str = "") -> Any:
    """Return the field of a key that is checked so; switches and choices are known by their type."""
    return field(default=default, metadata={"kind": kind, "path": path})


def _table(kind: Kind, what: str, *, keys_are_paths: bool = False) -> Any:
    """Return the field of a table whose keys are free."""
    whole = values.table(kind, f"a table of {what}", keys_are_paths=keys_are_paths)
    return field(default_factory=lambda: MappingProxyType({}), metadata={"kind": whole})


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


@dataclass(frozen=True, slots=True)
class CoverageSettings:
    """``[tool.phasegate.coverage]``: minima in percent, used where the guide names none."""

    minimum: float | None = _key(None, values.percentage())
    branch: float | None = _key(None, values.percentage())
    function: float | None = _key(None, values.percentage())
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


@dataclass(frozen=True, slots=True)
class PathPolicy:
    """``[[tool.phasegate.red_green.paths]]``: the policy of a part of the repository."""

    glob: str
    policy: Policy


_BY_WEIGHT = (Policy.OFF, Policy.OBSERVE, Policy.STANDARD, Policy.STRICT)


def strictest(policies: Iterable[Policy], default: Policy = Policy.STANDARD) -> Policy:
    """Return the policy that asks the most."""
    return max(policies, key=_BY_WEIGHT.index, default=default)


@dataclass(frozen=True, slots=True)
class RedGreenSettings:
    """``[tool.phasegate.red_green]``: ``timeout`` in seconds for one replay step."""

    policy: Policy = Policy.STANDARD
    protocol: Protocol = Protocol.ANY
    # of several that name a path, the last one holds
    paths: tuple[PathPolicy, ...] = _key((), values.path_policies(PathPolicy, Policy))
    red: RedKind = RedKind.STRUCTURAL
    on_missing: OnMissing = OnMissing.REPLAY
    timeout: float = _key(120.0, values.seconds())
    # seconds that a commit waits for the tests that reach a change which looks inert
    hook_timeout: float = _key(10.0, values.seconds())
    leave_to_verify: bool = False  # whether it waits no longer for those that must only stay green beside other code
    # the variables that replayed tests see, beside the usual ones
    environment: tuple[str, ...] = _key((), values.words("a list of names of environment variables"))
    waivers: tuple[Waiver, ...] = _key((), values.waivers(Waiver))

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


@dataclass(frozen=True, slots=True)
class CommitSettings:
    """``[tool.phasegate.commit]``."""

    conventional: bool = True
    types: tuple[str, ...] = _key((), values.words("a list of commit types"))  # beside the usual ones
    issue: bool = False
    branch: str | None = _key(None, values.pattern())


@dataclass(frozen=True, slots=True)
class CriteriaSettings:
    """``[tool.phasegate.criteria]``: ``run`` lists the command lines of guides that may be run as they stand."""

    run: tuple[str, ...] = _key((), values.words("a list of command lines"))


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """``[tool.phasegate.scope]``: what any phase may touch, and how grave creep is (``warning``, ``error``)."""

    allow: tuple[str, ...] = _key((), values.paths())
    severity: CreepSeverity = CreepSeverity.WARNING


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration of one project. Paths are relative to the project's root, with ``/``."""

    configured: bool = False  # whether a ``[tool.phasegate]`` table or a ``phasegate.toml`` was found
    guides: tuple[str, ...] = _key(DEFAULT_GUIDES, values.words("a list of paths or globs"))
    # production roots; empty means: find them (src layout, else packages beside pyproject)
    source: tuple[str, ...] = _key((), values.paths())
    # extra test roots or globs, beside what pytest's own configuration says
    tests: tuple[str, ...] = _key((), values.paths())
    mode: Mode = Mode.ENFORCE
    # whether a test of no phase, or a mapping with two readings, refuses a run; pytest's `strict` is another thing
    strict: bool = False
    stage: str | None = _key(None, values.word("the name of one of the stages"))
    # the project's interpreter as an argument list; empty means: find it
    python: tuple[str, ...] = _key((), values.argv())
    plugins: tuple[str, ...] = _key((), values.words("a list of module names"))
    coverage: CoverageSettings = CoverageSettings()
    stages: Mapping[str, float] = _table(values.percentage(), "stage names and percentages")
    components: tuple[Component, ...] = _key((), values.components(Component))
    red_green: RedGreenSettings = RedGreenSettings()
    map: Mapping[str, str] = _table(values.phase_id(), "path globs and phase ids", keys_are_paths=True)
    commands: Mapping[str, str] = _table(values.word("a command line"), "names and command lines")
    command_timeout: float = _key(600.0, values.seconds())
    commit: CommitSettings = CommitSettings()
    criteria: CriteriaSettings = CriteriaSettings()
    scope: ScopeSettings = ScopeSettings()
    protected: Mapping[str, tuple[str, ...]] = _table(
        values.globs(), "generated paths and their sources", keys_are_paths=True
    )
    # the command that makes the files of a pattern
    generate: Mapping[str, str] = _table(
        values.word("a command line"), "generated paths and commands", keys_are_paths=True
    )
    approval_required: bool = _key(False, values.switch(), "approval.required")
    # an issue with this label is approved, and none with that one is
    approval_label: str = _key("", values.word("the name of a label"), "approval.label")
    approval_unless: str = _key("", values.word("the name of a label"), "approval.unless")
    derive: bool = True  # whether what a phase does not declare is derived from its commits
    suite: bool = True  # whether ``check`` and pre-push run the whole suite
    # labels (``Goal``, ``Success criteria``) every phase must have; lint reports what is missing
    required_sections: tuple[str, ...] = _key((), values.words("a list of section labels"), "lint.sections")
    # lines a guide may have before lint warns
    guide_budget: int | None = _key(None, values.count(), "lint.budget")
    # the sections a specification must have, for ``lint --documents``
    document_sections: tuple[str, ...] = _key(
        SPECIFICATION_SECTIONS, values.words("a list of section names"), "documents.sections"
    )
    # lines that each of a feature's documents may have
    document_budget: int = _key(400, values.count(), "documents.budget")

    @property
    def rules(self) -> str:
        """A digest of what verdicts go by."""
        return sha256(repr(self._judging).encode("utf-8", "backslashreplace")).hexdigest()[:16]

    @property
    def _judging(self) -> Settings:
        """What verdicts go by: not what a refusal does, how long runs may take, or which stage is meant."""
        untimed = replace(self.red_green, timeout=0.0)
        asked = replace(self, mode=Mode.ENFORCE, python=(), stage=None, components=())
        return replace(asked, command_timeout=0.0, red_green=untimed)

    def otherwise(self, before: Settings) -> tuple[str, ...]:
        """Return the keys by which verdicts went otherwise before, but for what surely asks more now."""
        return tuple(_otherwise(before._judging, self._judging))

    @property
    def guide_places(self) -> str:
        """Where guides are looked for, in words."""
        usual = self.guides == DEFAULT_GUIDES
        return f"{self.guides[0]}, or by another usual name" if usual else ", ".join(self.guides)

    @property
    def begin_guide(self) -> str:
        """The command that begins a guide where one is looked for."""
        plain = (pattern for pattern in self.guides if pattern.endswith("*_implementation_guide.md"))
        return f"phasegate plan new {next(plain, 'FILE').replace('**/', '').replace('*', 'TOPIC')}"

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
        parts = tuple(replace(part, glob=normpath(place + part.glob)) for part in self.red_green.paths)
        red_green = replace(self.red_green, paths=parts)
        tests = tuple(normpath(place + path) for path in self.tests)
        return replace(self, source=source, tests=tests, red_green=red_green)


def _otherwise(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """Yield the keys that differ; what only comes to a table is none."""
    for one in fields(before):
        old, new = getattr(before, one.name), getattr(now, one.name)
        key = one.metadata.get("path") or f"{place}{one.name}"
        if is_dataclass(old):
            yield from _otherwise(old, new, f"{key}.")
        elif isinstance(old, Mapping):
            yield from (f"{key}.{name}" for name, value in old.items() if new.get(name) != value)
        elif old != new and not _asks_more(old, new):
            yield key


def _asks_more(old: Any, new: Any) -> bool:
    """Whether a figure came or rose, or a switch is on now; of any other value nobody can tell."""
    return old is None or (isinstance(new, (int, float)) and new > old)
