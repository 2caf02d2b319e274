from __future__ import annotations

import time

import pytest

from pytest_phasegate.core.guide.document_lint import Surface, remarks
from pytest_phasegate.core.guide.feature_documents import Role, documents_of, role_alone
from pytest_phasegate.core.guide.markdown.document import read_document
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.project.settings import SPECIFICATION_SECTIONS, DocumentSettings, Settings

FILES = {"docs/x_plan.md", "docs/a b.md", "docs/other.md", "src/app.py", "docs"}
OTHER = read_document(b"# Other One\n## What is `it`?\n## Twice\n## Twice\n<a id='own'></a>\n", "docs/other.md")


def told(text: str, role: Role = Role.CONTEXT, settings: Settings | None = None) -> list[tuple[str, int]]:
    document = read_document(text.encode(), "docs/x_context.md")
    surface = Surface(lambda path: OTHER if path == "docs/other.md" else None, FILES.__contains__)
    found = remarks({role: (document,)}, "x", settings or Settings(), surface)
    return [(each.code, each.line) for each in found]


@pytest.mark.parametrize(
    "text",
    [
        "[plan](x_plan.md) and [code](../src/app.py#L3)",
        '[space](a%20b.md), [angles](<other.md>), [titled](other.md "Other")',
        "[top](/src/app.py), [dir](../docs), [here](#a-heading)\n## A heading",
        "[there](other.md#what-is-it), [second](other.md#twice-1), [own](other.md#own)",
        "[web](https://example.org/x.md), [mail](mailto:a@b), [bare](//host/x)",
        "[ref]: other.md\n[^1]: nowhere.md said so",
        "`[code](nowhere.md)` and\n```\n[fence](nowhere.md)\n```",
    ],
)
def test_links_that_lead_somewhere_are_left_alone(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "[gone](nowhere.md)",
        "![picture](nowhere.png)",
        "[![badge](https://x/y.svg)](nowhere.md)",
        "[ref]: nowhere.md",
        "[heading](other.md#not-there)",
        "[here](#not-there)",
        "[out](../../secret.md)",
        "[thrice](other.md#twice-2)",
    ],
)
def test_links_that_lead_nowhere_are_named(text: str) -> None:
    assert told(text) == [("PG131", 1)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Storage: TBD", True),
        ("Limit: [NEEDS CLARIFICATION: how many?]", True),
        ("Limit: **[NEEDS CLARIFICATION]**", True),
        ("Owner (tbc by the team) and TBC", True),
        ("- [x] No [NEEDS CLARIFICATION] markers remain", False),
        ("`TBD` stands for what is open", False),
        ("```\nTBD\n```", False),
        ("TBDs, aTBD and to be done", False),
    ],
)
def test_what_is_left_open_is_named(text: str, left: bool) -> None:
    assert bool(told(text)) == left


TEN = [each.split("|")[0].strip(" ?") for each in SPECIFICATION_SECTIONS]


def specification(*sections: str) -> str:
    return "# X\n" + "".join(f"## {number}. {name}\nwords\n" for number, name in enumerate(sections, 1))


def test_a_specification_with_the_ten_sections_is_whole() -> None:
    assert told(specification(*TEN), Role.SPECIFICATION) == []


@pytest.mark.parametrize(
    ("sections", "missing"),
    [
        (("Problem Statement", "Architecture Decisions", "API Design", "Integration Points"), 0),
        (("Problem Statement", "Success Criteria", "Technical Approach", "Acceptance Criteria"), 0),
        (("Problem Statement", "Architecture Decisions", "API Design"), 1),
        (("Functional requirements",), 9),
        ((), 10),
    ],
)
def test_a_specification_of_another_form_is_held_to_that_form(sections: tuple[str, ...], missing: int) -> None:
    assert told(specification(*sections), Role.SPECIFICATION) == [("PG132", 1)] * missing


@pytest.mark.parametrize("missing", TEN)
def test_each_missing_section_is_named_once(missing: str) -> None:
    kept = [name for name in TEN if name != missing]

    assert told(specification(*kept), Role.SPECIFICATION) == [("PG132", 1)]


@pytest.mark.parametrize(
    ("text", "settings", "codes"),
    [
        ("## Goals\nx\n## Risks\nx\n", ("Goals", "Risks"), []),
        ("## Main Goals & risks\nx\n", ("Goals", "Risks"), []),
        ("## Goals\n\n## Risks\nx\n", ("Goals", "Risks"), ["PG132"]),
        ("## Goals\n### Sub\nx\n", ("Goals",), []),
        ("## Aims\nx\n", ("Goals | Aims",), []),
        ("Goals\n", ("Goals",), ["PG132"]),
        ("```\n## Goals\n```\n", ("Goals",), ["PG132"]),
        ("## Non-functional requirements\nx\n", ("Functional requirements",), ["PG132"]),
    ],
)
def test_the_sections_are_those_of_the_configuration(text: str, settings: tuple[str, ...], codes: list[str]) -> None:
    found = told(text, Role.SPECIFICATION, Settings(documents=DocumentSettings(settings)))

    assert [code for code, _ in found] == codes


@pytest.mark.parametrize(
    ("path", "text", "codes"),
    [
        ("specs/001-x/spec.md", "# X\n## User Scenarios & Testing\nx\n## Requirements\nx\n", []),
        (".kiro/specs/x/requirements.md", "# Requirements Document\n## Requirements\n### Requirement 1\nx\n", []),
        ("openspec/changes/x/specs/a/spec.md", "## ADDED Requirements\n### Requirement: A\nx\n", []),
        ("specs/001-x/spec.md", "# X\n## Background\nx\n", ["PG132"]),
        ("docs/plans/x_spec.md", "# X\n## Requirements\nx\n", ["PG132"] * 10),
    ],
)
def test_a_specification_of_another_workflow_has_its_own_sections(path: str, text: str, codes: list[str]) -> None:
    documents = {Role.SPECIFICATION: (read_document(text.encode(), path),)}
    found = remarks(documents, "x", Settings(), Surface(lambda _: None, FILES.__contains__))

    assert [each.code for each in found] == codes


def test_a_link_that_is_right_from_the_root_is_told_with_the_way_from_here() -> None:
    document = read_document(b"[a](src/app.py)\n[b](src/gone.py)\n", "docs/plans/x.md")
    found = remarks({Role.CONTEXT: (document,)}, "x", Settings(), Surface(lambda _: None, FILES.__contains__))

    assert [each.fix for each in found] == ["from here it is ../../src/app.py", "correct it"]


def test_a_document_beyond_its_budget_is_named_at_the_first_line_too_many() -> None:
    assert told("x\n" * 400) == []
    assert told("x\n" * 401) == [("PG134", 401)]


def test_a_guide_without_its_companions_is_told_of_both() -> None:
    assert told("# X\n", Role.GUIDE) == [("PG130", 1), ("PG130", 1)]


@pytest.mark.parametrize(
    ("guide", "paths", "found"),
    [
        (
            "docs/plans/x_implementation_guide.md",
            ["docs/plans/x_technical_spec.md", "docs/plans/x_context.md", "docs/plans/y_context.md", "docs/specs/x.md"],
            {
                "docs/plans/x_technical_spec.md": "specification",
                "docs/plans/x_context.md": "context",
                "docs/specs/x.md": "specification",
            },
        ),
        (
            ".kiro/specs/x/tasks.md",
            [".kiro/specs/x/requirements.md", ".kiro/specs/x/design.md", ".kiro/specs/y/design.md"],
            {".kiro/specs/x/requirements.md": "specification", ".kiro/specs/x/design.md": "context"},
        ),
        (
            "specs/x/tasks.md",
            ["specs/x/spec.md", "specs/x/plan.md"],
            {"specs/x/spec.md": "specification", "specs/x/plan.md": "context"},
        ),
        (
            "openspec/changes/x/tasks.md",
            ["openspec/changes/x/specs/login/spec.md", "openspec/changes/x/proposal.md", "openspec/specs/a/spec.md"],
            {"openspec/changes/x/specs/login/spec.md": "specification", "openspec/changes/x/proposal.md": "context"},
        ),
        ("docs/cache_plan.md", ["docs/cache_plan.md", "docs/cached_spec.md", "docs/cache_review.md"], {}),
    ],
)  # fmt: skip
def test_the_documents_of_a_feature_go_by_the_guide(guide: str, paths: list[str], found: dict[str, str]) -> None:
    from pytest_phasegate.core.guide.model import slug_of

    assert documents_of(Guide(guide, slug_of(guide), "", "", "", ()), paths) == found


def test_a_specification_is_known_by_its_name() -> None:
    assert role_alone("specs/features/cache.spec.md") is Role.SPECIFICATION
    assert role_alone("docs/cache_context.md") is Role.CONTEXT
    assert role_alone("docs/inspect.md") is None


def test_reading_takes_linear_time() -> None:
    began = time.process_time()
    told("[" * 9_000 + "\n" + "](" * 9_000 + "\n" + "TBD [NEEDS CLARIFICATION " * 900 + "\n" + "`x" * 9_000)

    assert time.process_time() - began < 2
