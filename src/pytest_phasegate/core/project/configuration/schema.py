"""Every key of the configuration, by its path below ``[tool.phasegate]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.core.project import settings as s
from pytest_phasegate.core.project.configuration import values

if TYPE_CHECKING:
    from pytest_phasegate.core.project.configuration.values import Kind


@dataclass(frozen=True, slots=True)
class Key:
    """One key: the kind of its value, and the field of ``Settings`` it fills where that has another path."""

    kind: Kind
    field: str = ""


KEYS: dict[str, Key] = {
    "guides": Key(values.words("a list of paths or globs")),
    "source": Key(values.paths()),
    "tests": Key(values.paths()),
    "mode": Key(values.choice(s.Mode)),
    "strict": Key(values.switch()),
    "stage": Key(values.word("the name of one of the stages")),
    "python": Key(values.argv()),
    "plugins": Key(values.words("a list of module names")),
    "coverage.minimum": Key(values.percentage()),
    "coverage.branch": Key(values.percentage()),
    "coverage.function": Key(values.percentage()),
    "coverage.scope": Key(values.choice(s.Scope)),
    "coverage.credit": Key(values.choice(s.Credit)),
    "stages": Key(values.table(values.percentage(), "a table of stage names and percentages")),
    "red_green.policy": Key(values.choice(s.Policy)),
    "red_green.protocol": Key(values.choice(s.Protocol)),
    "red_green.paths": Key(values.path_policies()),
    "red_green.red": Key(values.choice(s.RedKind)),
    "red_green.on_missing": Key(values.choice(s.OnMissing)),
    "red_green.timeout": Key(values.seconds()),
    "red_green.waivers": Key(values.waivers()),
    "map": Key(values.table(values.phase_id(), "a table of path globs and phase ids", keys_are_paths=True)),
    "commands": Key(values.table(values.word("a command line"), "a table of names and command lines")),
    "command_timeout": Key(values.seconds()),
    "commit.conventional": Key(values.switch()),
    "commit.types": Key(values.words("a list of commit types")),
    "commit.issue": Key(values.switch()),
    "commit.branch": Key(values.pattern()),
    "suite": Key(values.switch()),
    "criteria.run": Key(values.words("a list of command lines")),
    "scope.allow": Key(values.paths()),
    "scope.severity": Key(values.choice(s.CreepSeverity)),
    "protected": Key(values.table(values.globs(), "a table of generated paths and their sources", keys_are_paths=True)),
    "approval.required": Key(values.switch(), "approval_required"),
    "lint.sections": Key(values.words("a list of section labels"), "required_sections"),
    "lint.budget": Key(values.count(), "guide_budget"),
}
"""In the order of the reference page."""

TABLES = tuple(dict.fromkeys(path.partition(".")[0] for path in KEYS if "." in path))
"""Tables whose keys are fixed."""


def variable(path: str) -> str:
    """Return the environment variable of a key: ``coverage.minimum`` is ``PHASEGATE_COVERAGE_MINIMUM``."""
    return "PHASEGATE_" + path.replace(".", "_").upper()
