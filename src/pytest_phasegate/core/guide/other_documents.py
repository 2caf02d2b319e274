"""Documents of known kinds that are no plan, though their headings may look like one."""

from __future__ import annotations

import re

_ABOUT = re.compile(
    r"(?:^|[-_. ])(?:report|summary|research|results?|retrospective|changelog|review|feedback|verification|findings"
    r"|notes|context|validation|discussion|design|template|tmpl|example|checklist|readme|skill|prompt|instructions?|proposal"
    r"|architecture|uat|audit|spec|specification|requirements|completed?|status|troubleshooting|faq|cheatsheet|issues|analysis|postmortem|handoff|history|progress|claude|agents|gemini|copilot-instructions)$",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"(?:^|/)(?:templates?|prompts|commands|skills|agents|checklists|workflows|rules|chatmodes|instructions|reports|runbooks"
    r"|research|handoffs|\.clinerules|\.github|\.?bmad(?:-core)?|\.claude-plugin|archived?)/"
)
"""Directories of documents that tell how to work, or how it went."""


_PLAN = re.compile(r"plan|roadmap|guide|task|todo|milestone|phase|sprint|story|stories", re.IGNORECASE)


def is_called_a_plan(path: str) -> bool:
    """Return whether a document's path says that it is a plan."""
    return _PLAN.search(path) is not None


def is_written_about(path: str) -> bool:
    """Return whether a document by its name or place tells about work: a report, research, a template, a prompt."""
    lowered = path.lower()
    return _TOLD.search(lowered) is not None or _ABOUT.search(lowered.rpartition(".")[0].rpartition("/")[2]) is not None


_BESIDE = (
    (r"/\.kiro/specs/", "Kiro", r"(?:requirements|design)\.md", "tasks.md"),
    (r"/openspec/", "OpenSpec", r"(?:proposal|design|spec)\.md", "tasks.md"),
    (r"/\.?agent-os/", "Agent OS", r"(?:spec|spec-lite|requirements|mission)\.md", "the tasks.md of the spec"),
    (r"/\.planning/", "GSD", r".*(?:research|context|summary|verification|validation|uat)\.md", "a *-PLAN.md"),
    (r"/conductor/", "Conductor", r"(?:spec|product|tech-stack|workflow|tracks|index)\.md", "plan.md"),
    (r"/memory-bank/", "the memory bank", r"(?:\w+context|projectbrief|systempatterns|progress)\.md", "a task file"),
    (r"/\.taskmaster/", "Taskmaster", r".*\.md", "its tasks.json"),
    (r"/specs/", "spec-kit", r"(?:spec|plan|research|data-model|quickstart)\.md", "tasks.md"),
)  # fmt: skip
"""By a piece of the path: whose layout it is, what stands beside the plan there, and what the plan is called."""


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
    if re.match(r"review\b", title, re.IGNORECASE):
        return "this is a review: it tells what is wrong with a plan, and plans nothing"
    if title.lower().startswith("feature specification"):
        return f"this is spec-kit's {name}: {_tasks(directory)} has the phases"
    for place, whose, names, plan in _BESIDE:
        if re.search(place, f"{directory.lower()}/"):
            told = re.fullmatch(names, lowered) is not None
            beside = plan if " " in plan else f"{directory}/{plan}".removeprefix("/")
            return f"this is {whose}'s {name}: {beside} has the phases" if told else ""
    rules = lowered == "plans.md" and "execplan" in title.lower().replace("execution plan", "execplan")
    return "this tells how ExecPlans are written: they are files of their own" if rules else ""


def _tasks(directory: str) -> str:
    return f"{directory}/tasks.md".removeprefix("/")
