"""Documents of known kinds that are no plan, though their headings may look like one."""

from __future__ import annotations

import re

_ABOUT = re.compile(
    r"(?:^|[-_. ])(?:report|summary|research|results?|retrospective|changelog|review|feedback|verification|findings"
    r"|notes|context|validation|discussion|design|template|tmpl|example|checklist|readme|skill|prompt|instructions?|proposal"
    r"|architecture|uat|audit|spec|specification|requirements|completed|analysis|postmortem|handoff|claude|agents|gemini|copilot-instructions)$",
    re.IGNORECASE,
)
_TOLD = frozenset(
    "templates template prompts commands skills agents checklists workflows rules chatmodes instructions reports"  # noqa: SIM905
    " research handoffs .github .bmad-core .bmad bmad .claude-plugin archive archived".split()
)
"""Directories of documents that tell how to work, or how it went."""


def is_written_about(path: str) -> bool:
    """Return whether a document by its name or place tells about work: a report, research, a template, a prompt."""
    *directories, name = path.lower().split("/")
    return bool(_TOLD.intersection(directories)) or _ABOUT.search(name.rpartition(".")[0]) is not None


_BESIDE_TASKS = {
    "/.kiro/specs/": ("Kiro", {"requirements.md", "design.md"}),
    "/openspec/": ("OpenSpec", {"proposal.md", "design.md", "spec.md"}),
    "/specs/": ("spec-kit", {"spec.md", "plan.md", "research.md", "data-model.md", "quickstart.md"}),
}
"""By a piece of the path: whose layout it is, and what stands beside the ``tasks.md`` that has the phases."""


def other_document(path: str, title: str) -> str:
    """Return what a document is, as its name and title say, and where its phases are; nothing where it may be a plan.

    Args:
        path: Its path from the repository's root.
        title: Its first heading.
    """
    directory, _, name = f"/{path}".rpartition("/")
    lowered = name.lower()
    if lowered == "skill.md":
        return "this is a skill: its steps tell an agent how to work, and end with no commit"
    if lowered.partition(".")[0] == "readme":
        return "this is a README: its steps tell a reader what to do, and end with no commit"
    if title.lower().startswith("feature specification"):
        return f"this is spec-kit's {name}: {_tasks(directory)} has the phases"
    for place, (whose, names) in _BESIDE_TASKS.items():
        if place in f"{directory}/" and lowered in names:
            return f"this is {whose}'s {name}: {_tasks(directory)} has the phases"
    return ""


def _tasks(directory: str) -> str:
    return f"{directory}/tasks.md".removeprefix("/")
