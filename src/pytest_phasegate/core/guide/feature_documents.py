"""The documents beside a guide: its specification and its context, and those of known kinds that are no plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from pytest_phasegate.core.guide.model import Guide


class Role(StrEnum):
    """What a document is to its feature."""

    SPECIFICATION = "specification"
    GUIDE = "guide"
    CONTEXT = "context"


_SPECIFICATION = re.compile(
    r"(?:(?:technical|tech|feature|functional|product)[-_. ]?)?(?:spec|specification|requirements|prd)"
)
_CONTEXT = re.compile(
    r"(?:implementation[-_. ]?)?(?:context|design|research|proposal|background)(?:[-_. ]?doc(?:ument)?)?"
)
_BESIDE_TASKS = re.compile(r"plan")  # beside a ``tasks.md`` the plan is the context


def places_of(guide: Guide) -> Iterator[tuple[str, int | None]]:
    """Yield the directories where documents of a guide's feature may lie, and how deep."""
    home = guide.path.rpartition("/")[0]
    yield home, 1
    if _is_of_its_directory(guide):
        yield f"{home}/specs", None
    else:
        yield from (("specs", None), ("docs/specs", None))


def role_of(path: str, guide: Guide) -> Role | None:
    """Return what a document is to a guide's feature; ``None`` for one of no part in it."""
    directory, _, name = path.rpartition("/")
    home, _, own = guide.path.rpartition("/")
    stem = name.lower().removesuffix(".md")
    if path == guide.path or not name.lower().endswith(".md"):
        return None
    if _is_of_its_directory(guide):
        below = directory.startswith(f"{home}/specs/".removeprefix("/"))
        if directory != home and not below:
            return None
        if not below and _BESIDE_TASKS.fullmatch(stem) and own.lower() == "tasks.md":
            return Role.CONTEXT
    else:
        slug = guide.slug.lower()
        if not stem.startswith(slug) or stem[len(slug) : len(slug) + 1] not in {"", "_", "-", "."}:
            return None
        stem = stem[len(slug) :].strip("_-. ") or ("spec" if directory != home else "")
    if _SPECIFICATION.fullmatch(stem):
        return Role.SPECIFICATION
    return Role.CONTEXT if _CONTEXT.fullmatch(stem) else None


def role_alone(path: str) -> Role | None:
    """Return what a document without a guide is by its name."""
    stem = path.rpartition("/")[2].lower().removesuffix(".md")
    ends = {stem, *(stem[at + 1 :] for at, char in enumerate(stem) if char in "_-.")}
    if any(_SPECIFICATION.fullmatch(end) for end in ends):
        return Role.SPECIFICATION
    return Role.CONTEXT if any(_CONTEXT.fullmatch(end) for end in ends) else None


def documents_of(guide: Guide, paths: Iterable[str]) -> dict[str, Role]:
    """Return the documents of a guide's feature among these paths, each once, with what it is."""
    found = ((path, role_of(path, guide)) for path in paths)
    return {path: role for path, role in found if role}


def _is_of_its_directory(guide: Guide) -> bool:
    """Whether the guide's directory is the feature's, as where each feature has a ``tasks.md``."""
    directory, _, name = guide.path.rpartition("/")
    return bool(directory) and directory.rpartition("/")[2] == guide.slug and not name.startswith(guide.slug)


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
