"""Which headings say of what stands below them that it is the plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Container

from pytest_phasegate.core.guide.feature_documents import looks_back
from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.dialects.headings import WORD_OF

_SECTIONS = (
    "milestones|checkpoints",
    "tasks|task list|task breakdown|implementation tasks|implementation blueprint|任务列表|タスク|작업 목록",
    (
        "implementation plan|implementation steps|implementation order|action plan|execution plan|"
        "实施步骤|实现步骤|実装手順|実装ステップ|구현 단계|implementierungsschritte|umsetzungsschritte|"
        "étapes d implémentation|pasos de implementación|orden de implementación|этапы реализации|"
        "phases|proposed changes|delivery sequence|sequence|step-by-step plan"
    ),
    (
        "implementation|steps|plan|todo|to do|to-do|proposed implementation|推荐实现|实施计划|"
        "开发计划|实现方案|实施方案|改造方案|改动|改動|变更内容|變更內容|変更内容|路线图|ロードマップ|로드맵|"
        "実装計画|구현 계획|umsetzung|umsetzungsplan|implementierung|implementierungsplan|arbeitspakete|"
        "implementación|plan de implementación|implémentation|plan d implémentation|étapes|pasos|"
        "plano de implementação|этапы|план реализации|реализация"
    ),
    "deliverables|livrables|entregables|entregáveis|liefergegenstände|work packages",
    "approach",
    "progress",
    "plan of work|concrete steps",
)
"""What a section that lists the plan is called; of several, the name that stands first here."""
PLANS = {name: rank for rank, names in enumerate(_SECTIONS) for name in names.split("|")}
ORDERED = (
    r"(?:.* )?(?:(?:recommended|suggested) (?:order|sequence)"
    r"|(?:implementation|execution|development|migration|delivery|refactoring|build)"
    " (?:(plan|roadmap)|order|steps|sequence|phases|checkpoints))"
)
"""A heading that says so of what it lists, where it is the only one."""
_LISTED = frozenset({"phase", "stage", "milestone", "iteration", "sprint", "epic", "story", "wave", "deliverable"})
"""Words that a heading says of all units below it; *next steps* and *tasks* are no plan yet."""
_UNSPACED = tuple(name for name in WORD_OF if name[0] > "\u2fff")
_SAID_LAST = tuple(name for name in PLANS if name[0] > "\u2fff")
_NO_PLAN, IN_ORDER = PLANS["approach"], PLANS["implementation order"]
_CHECKS = re.compile(
    r"how to (?:verify|test|check)\b.*|(?:[\w&/-]+ )*(?:verification|validation|verify|test(?:s|ing)?)"
    r"(?: (?:plan|steps?|strategy|procedures?|instructions?|checklist|scenarios?|cases?))?"
    r"|(?:[\w&/-]+ )*(?:verifikation|prüfung|vérification|verificación|verificação|pruebas|testes|проверка)"
    r"|[^a-z]*(?:验证|測試|测试|検証|テスト|검증|테스트)[^a-z]{0,4}"
)
_CALLED_PLAN = re.compile(
    r".*(?:计划|計画|계획)|(?:.*[^\w-])?(?:plan|roadmap|to ?do|tasks|task(?=\.)|implementation guide)(?![\w-])",
    re.IGNORECASE,
)
_LONGEST = 200  # of a title, what is read for what the document is
_NUMBER = re.compile(r"[\d.]+[ \t]+")
_EDGES, _PARENS = re.compile(r"[^\w&/ -]+"), re.compile("[(（]")


def called(text: str) -> str:
    """Return what a heading says, without number, marks and a note in parentheses."""
    bare = _EDGES.sub(" ", _PARENS.split(text, maxsplit=1)[0].lower()).strip(" -")
    number = _NUMBER.match(bare)
    return " ".join((bare[number.end() :] if number else bare).split())


def lists_units(text: str, *, coded: bool = False) -> bool:
    """Return whether a heading says of what stands below it that this is the plan: *Milestones*, *Implementation*.

    Where the units are ``coded`` (``T01``), any unit word at its end says so: *Open tasks*.
    """
    name = called(text)
    said = name.partition(" de ")[0].rpartition(" ")[2]
    last = WORD_OF.get(said.removesuffix("s"), WORD_OF.get(f"{said.removesuffix('ies')}y", ""))
    if coded and (last or name.endswith(_UNSPACED)):
        return True
    return (
        last in _LISTED
        or name.endswith(_SAID_LAST)
        or PLANS.get(name, PLANS.get(name.removesuffix("s"), _NO_PLAN)) < _NO_PLAN
        or ((ordered := re.fullmatch(ORDERED, name)) is not None and not ordered[1])
    )


def checked_lines(document: Document) -> set[int]:
    """Return the lines of chapters that say how to check the work: *Verification*, *Test plan*."""
    return _lines_below(document, lambda name: _CHECKS.fullmatch(name) is not None)


def planned_lines(document: Document) -> Container[int]:
    """Return the lines that may be a plan by their place: the chapters that list it, else all of what is called one."""
    listed = _lines_below(document, lists_units)
    return listed or (range(len(document.lines) + 1) if is_called_plan(document) else ())


def _lines_below(document: Document, said: Callable[[str], bool]) -> set[int]:
    heads = [each for each in document.headings if each.level > 1 and said(called(each.text))]
    return {line for each in heads for line in range(each.line + 1, document.end_of(each))}


def is_called_plan(document: Document) -> bool:
    """Return whether the title or the name of a document says that it is a plan, and not one of how to check."""
    called_plan = _CALLED_PLAN.match(f"{_name(document)} {document.title[:_LONGEST]}")
    return called_plan is not None and not is_over(document) and not _CHECKS.fullmatch(called(document.title))


def is_over(document: Document) -> bool:
    """Return whether the title or the name of a document says that it looks back: *summary*, *complete*."""
    return any(map(looks_back, (_name(document).rpartition(".")[0], document.title[:_LONGEST])))


def _name(document: Document) -> str:
    return document.path.rpartition("/")[2].replace("-", " ").replace("_", " ")
