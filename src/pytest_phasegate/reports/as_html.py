"""A report, or a whole project, as one HTML file that loads nothing: its one style and its one script are its own."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.app.guide.overview import Overview
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.reports import as_json, page, project_page
from pytest_phasegate.reports.escaping import escaped, json_island
from pytest_phasegate.reports.page import PageView, Place
from pytest_phasegate.reports.status_text import as_record

if TYPE_CHECKING:
    import jinja2


_TEMPLATES = Path(__file__).with_name("templates")
_PARTS = ("css", "js")


def text(report: RunReport, place: Place | None = None) -> str:
    """Return the page of one run; the JSON of the report stands in it as data.

    Args:
        report: What the run came to.
        place: Where and when it ran, and where lines of source are to be had.
    """
    return _page(page.of_run(report, place or page.Place()), as_json.document(report))


def dashboard(overview: Overview, place: Place) -> str:
    """Return the page of a project; the JSON of its states stands in it as data."""
    return _page(project_page.of_project(overview, place), as_record(one.progress for one in overview.guides))


def _page(shown: PageView, record: Mapping[str, object]) -> str:
    island = json_island(json.dumps(record, ensure_ascii=True))
    return rendered("page.html.jinja", page=shown, island=island, anchor=page.Anchors())


def rendered(template: str, **shown: object) -> str:
    """Return a page of ours: what it shows is escaped, and nothing but our own style and script works in it."""
    parts = {name: (_TEMPLATES / f"page.{name}").read_text(encoding="utf-8") for name in _PARTS}
    hashes = {name: _hash(part) for name, part in parts.items()}
    return _environment().get_template(template).render(parts=parts, hashes=hashes, **shown) + "\n"


def _hash(part: str) -> str:
    """Return by what a page's policy knows an element: nothing else in the page has a style or runs."""
    return f"sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode('ascii')}"


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    words = (page.when, page.moment, page.said, page.spans, page.known_by, page.outcome_tone)
    environment.filters |= {"tone": page.TONES.__getitem__, **{word.__name__: word for word in words}}
    return environment


def _shown(value: object) -> object:
    """Write out what is no plain text in anything the template shows; markup of its own stays as it is."""
    return escaped(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
