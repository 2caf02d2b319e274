"""A report, and where every phase stands, each as one HTML file that loads nothing and runs nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_phasegate.reports import as_json
from pytest_phasegate.reports.escaping import escaped, json_island
from pytest_phasegate.reports.status_text import doubts, verdict_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2

    from pytest_phasegate.core.guide.progress import GuideProgress
    from pytest_phasegate.core.verdict.report import RunReport


TEMPLATE = "report.html.jinja"


def text(report: RunReport) -> str:
    """Return the page; the JSON of the report stands in it as data."""
    island = json_island(json.dumps(as_json.document(report), ensure_ascii=True))
    return environment().get_template(TEMPLATE).render(report=report, island=island)


def dashboard(progress: Sequence[GuideProgress]) -> str:
    """Return the page; everything that comes from the project is escaped by the template."""
    return environment().get_template("dashboard.html.jinja").render(guides=progress) + "\n"


def environment() -> jinja2.Environment:
    """Return where the templates of all pages are found; what a page shows of the project is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pytest_phasegate", "reports/templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": escaped, "verdict_words": verdict_words, "doubts": doubts}
    return environment
