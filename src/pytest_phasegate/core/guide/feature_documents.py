"""The documents beside a guide: which is which, and what a specification tells a reviewer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.model import Guide


class Role(StrEnum):
    """What a document is to its feature."""

    SPECIFICATION = "specification"
    GUIDE = "guide"
    CONTEXT = "context"


_SPECIFICATION = r"(?:(?:technical|tech|feature|functional|product)[-_. ]?)?(?:spec|specification|requirements|prd)"
_CONTEXT = r"(?:implementation[-_. ]?)?(?:context|design|research|proposal|background)(?:[-_. ]?doc(?:ument)?)?"
_BESIDE_TASKS = r"plan"  # beside a ``tasks.md`` the plan is the context


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
        if not below and re.fullmatch(_BESIDE_TASKS, stem) and own.lower() == "tasks.md":
            return Role.CONTEXT
    else:
        slug = guide.slug.lower()
        if not stem.startswith(slug) or stem[len(slug) : len(slug) + 1] not in {"", "_", "-", "."}:
            return None
        stem = stem[len(slug) :].strip("_-. ") or ("spec" if directory != home else "")
    if re.fullmatch(_SPECIFICATION, stem):
        return Role.SPECIFICATION
    return Role.CONTEXT if re.fullmatch(_CONTEXT, stem) else None


def role_alone(path: str) -> Role | None:
    """Return what a document without a guide is by its name."""
    stem = path.rpartition("/")[2].lower().removesuffix(".md")
    ends = {stem, *(stem[at + 1 :] for at, char in enumerate(stem) if char in "_-.")}
    if any(re.fullmatch(_SPECIFICATION, end) for end in ends):
        return Role.SPECIFICATION
    return Role.CONTEXT if any(re.fullmatch(_CONTEXT, end) for end in ends) else None


def documents_of(guide: Guide, paths: Iterable[str]) -> dict[str, Role]:
    """Return the documents of a guide's feature among these paths, each once, with what it is."""
    found = ((path, role_of(path, guide)) for path in paths)
    return {path: role for path, role in found if role}


def _is_of_its_directory(guide: Guide) -> bool:
    """Whether the guide's directory is the feature's, as where each feature has a ``tasks.md``."""
    directory, _, name = guide.path.rpartition("/")
    return bool(directory) and directory.rpartition("/")[2] == guide.slug and not name.startswith(guide.slug)


_BACK = (
    r"summary|report|review|completed?|completion|implemented|(?:completad|implementad|conclu[ií]d|corr[ei]gid)[oa]s?"
    r"|rapport|résumé|terminée?s?|abgeschlossen|umgesetzt|отч[её]т|[^\s:：—–]*(?:报告|報告|总结|總結|보고서)"
)
"""Words at the end of what tells how it went."""
_OVER = re.compile(
    rf"(?:[^:：—–]*\W)?(?:{_BACK})\W*?(?:(?:[:：—–(]|(?<= )- ).*)?|.*(?:[:：—–]|(?<= )-)[ \t]*"
    rf"(?:(?:implementation[ \t])?(?:{_BACK})|(?:implementação|implementación|implémentation)[ \t]compl[eè]t[ae])\W*?",
    re.IGNORECASE,
)
_ABOUT = (
    r"(?i)^(?:resum(?:en|o)|informe|revisi[oó]n|dictamen|documentaci[oó]n|relat[oó]rio|bericht)(?:[-_. ]|$)"
    rf"|(?:^|[-_. ])(?:{_BACK}|research|results?|retrospective|changelog|feedback|verification|findings"
    r"|notes|context|validation|discussion|design|template|tmpl|example|checklist|readme|skill|prompt|instructions?|proposal"
    r"|architecture|deep[-_. ]?dive|uat|audit|spec|specification|requirements|status|troubleshooting"
    r"|testing|faq|cheatsheet|issues|analysis|postmortem|handoff|history|progress|claude|agents|gemini"
    r"|copilot-instructions)$"
)
_DATED = r"[-_ ]\d{4}(?:[-_]?\d\d){2}\Z"
_TOLD = (
    r"(?:^|/)(?:templates?|prompts|commands|skills|agents|checklists|workflows|rules|chatmodes|instructions|reports|runbooks"
    r"|research|references?|audits|handoffs|\.clinerules|\.github|\.?bmad(?:-core)?|\.claude-plugin|archived?)/"
)
"""Directories of documents that tell how to work, or how it went."""


_PLAN = r"(?i)plan|roadmap|impl\w+.(?:guide|steps)|task|todo|milestone|phase|sprint|story|stories|план|计划|計画|계획"


_TITLED = r"(?i)(?:plan|plano|roadmap|to-?do|tasks|milestones)(?!\w)|план|计划|計画|계획"


def is_called_a_plan(path: str, title: str = "") -> bool:
    """Return whether a document's path says that it is a plan, or its title in plainer words."""
    return re.search(_PLAN, path) is not None or re.search(_TITLED, title) is not None


def looks_back(said: str) -> bool:
    """Return whether a title or a name says that what it heads tells how it went: *summary*, *complete*."""
    return _OVER.fullmatch(said) is not None


def is_written_about(path: str) -> bool:
    """Return whether a document by its name or place tells about work: a report, research, a template, a prompt."""
    lowered = path.lower()
    return (
        re.search(_TOLD, lowered) is not None
        or re.search(_ABOUT, re.sub(_DATED, "", lowered.rpartition(".")[0].rpartition("/")[2])) is not None
    )


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
        return f"this is spec-kit's {name}: {f'{directory}/tasks.md'.removeprefix('/')} has the phases"
    for place, whose, names, plan in _BESIDE:
        if re.search(place, f"{directory.lower()}/"):
            told = re.fullmatch(names, lowered) is not None
            beside = plan if " " in plan else f"{directory}/{plan}".removeprefix("/")
            return f"this is {whose}'s {name}: {beside} has the phases" if told else ""
    rules = lowered == "plans.md" and "execplan" in title.lower().replace("execution plan", "execplan")
    return "this tells how ExecPlans are written: they are files of their own" if rules else ""


_COLUMN = r"(?i)\W*(?:backlog|icebox|to[- ]?do|doing|in progress|(?:in )?review|blocked|ready|done|completed)\b[\W\d]*"
_COLUMNS = 3


def board(headings: Iterable[str]) -> str:
    """Return that a document is a board, where three of its headings are columns of one; nothing otherwise."""
    columns = sum(map(is_column, headings))
    told = "this is a board: its columns say how far its cards are, and not which comes first"
    return told if columns >= _COLUMNS else ""


def is_column(heading: str) -> bool:
    """Return whether a heading says how far what stands below it is: *Backlog*, *Done*."""
    return re.fullmatch(_COLUMN, heading) is not None


_PROBLEMS = tuple(
    re.compile(rf"\W*(?:\d[\d.]*\W+)?(?:{words})\b.*", re.IGNORECASE)
    for words in ("problem", "motivation", "overview|purpose|summary", "background|context|introduction")
)
_DECISION = r"(?i)\W*decision\s*#?\d*\s*[:.–—-]\s*(\S.*)"
_DECISIONS = r"(?i)\W*(?:\d[\d.]*\W+)?(?:\w+ )?decisions?\b(?:\s+made)?\W*"
_REASON = r"(?i)\W*(?:rationale|reason|why|because)\W*[:–—-]\W*(\S.*)"
_LABEL = r"\s*\*\*[^*]{1,60}\*\*\s*:?|\s*\*\*[^*]{1,60}:\*\*"
_ITEM = r"\s{0,3}[-*+]\s+(\S.*)"
_LOOKED_AT = 1000  # of headings of a document
_MOST = 12  # of paragraphs and decisions: the rest stands in the document


class Decision(NamedTuple):
    """What was decided, and why, if that is said."""

    title: str
    reason: str = ""


def problem_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """Return the paragraphs of the section that says what the work is for; the plainest word for it counts first."""
    headings = [(document, heading) for document, heading in _headings(documents) if heading.level > 1]
    for words in _PROBLEMS:
        for document, heading in headings:
            found = tuple(_paragraphs(document, heading)) if words.fullmatch(heading.text) else ()
            if found:
                return found[:_MOST]
    return ()


def decisions_of(documents: Sequence[Document]) -> tuple[Decision, ...]:
    """Return the decisions: headings that are one, or else the items below a heading that announces them."""
    headings = _headings(documents)
    named = [(document, one, found[1]) for document, one in headings if (found := re.fullmatch(_DECISION, one.text))]
    if named:
        return tuple(Decision(title, _reason(document, one)) for document, one, title in named[:_MOST])
    below = [(document, one) for document, one in headings if re.fullmatch(_DECISIONS, one.text)]
    return tuple(found for document, one in below for found in _listed(document, one))[:_MOST]


def _headings(documents: Sequence[Document]) -> list[tuple[Document, Heading]]:
    return [(document, heading) for document in documents for heading in document.headings[:_LOOKED_AT]]


def _paragraphs(document: Document, heading: Heading) -> Iterator[str]:
    """Yield the prose below a heading, down to the next one."""
    end = next((one.line for one in document.headings if one.line > heading.line), len(document.lines) + 1)
    yield from _parts(document, heading.line + 1, end, lambda _: False)


def _reason(document: Document, heading: Heading) -> str:
    told = (found[1] for each in _labelled(document, heading) if (found := re.fullmatch(_REASON, each)))
    return next(told, "")


def _labelled(document: Document, heading: Heading) -> Iterator[str]:
    """Yield the texts of a section, each from its label to the next or to a blank line."""
    end = document.end_of(heading)
    yield from _parts(document, heading.line + 1, end, lambda text: bool(re.match(rf"{_LABEL}|{_ITEM}", text)))


def _parts(document: Document, start: int, end: int, begins: Callable[[str], bool]) -> Iterator[str]:
    """Yield what stands in these lines up to a blank one, or to one that begins another part."""
    lines: list[str] = []
    for line in range(start, end + 1):
        text = document.lines[line - 1].strip() if line < end and document.is_text(line) else ""
        if lines and (not text or begins(text)):
            yield " ".join(lines)
            lines = []
        lines += [text] if text else []


def _listed(document: Document, heading: Heading) -> Iterator[Decision]:
    end = document.end_of(heading)
    inner = [one for one in document.headings if heading.line < one.line < end and one.level == heading.level + 1]
    if inner:
        yield from (Decision(one.text, _reason(document, one)) for one in inner)
        return
    yield from (Decision(found[1]) for part in _labelled(document, heading) if (found := re.fullmatch(_ITEM, part)))
