"""Where every phase stands, as one HTML page without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.reports.status_text import doubts, verdict_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_phasegate.core.guide.progress import GuideProgress


def as_page(progress: Sequence[GuideProgress]) -> str:
    """Return the page; everything that comes from the project is escaped by the template."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pytest_phasegate", "reports/templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = escaped
    environment.filters["verdict_words"] = verdict_words
    environment.filters["doubts"] = doubts
    return environment.get_template("dashboard.html.jinja").render(guides=progress) + "\n"
