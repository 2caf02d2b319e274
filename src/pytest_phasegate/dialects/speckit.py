"""spec-kit task lists: ``## Phase N: Title`` with ``- [ ] T012 [P] [US1] text with path``."""

from __future__ import annotations

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.model import Criterion
from pytest_phasegate.dialects.canonical import by_fields, read_series
from pytest_phasegate.dialects.fields import fields_of
from pytest_phasegate.dialects.gathering import Gathered
from pytest_phasegate.dialects.late import BuiltIn
from pytest_phasegate.dialects.tasklines import all_boxes, boxes, claim_of_boxes, has_task_id, read_task, task_text
from pytest_phasegate.dialects.units import series_of

_ENOUGH = 2


def _strength(document: Document) -> float:
    """Return a strong answer where boxes carry ids such as T012 under units."""
    tasks = sum(has_task_id(box) for box in all_boxes(document))
    return 0.95 if tasks >= _ENOUGH and series_of(document) else 0.0


def gather_tasks(document: Document, start: int, end: int) -> Gathered:
    """Read a phase: its labels, and the files and tests of its tasks."""
    gathered = by_fields(document, start, end)
    found = [box for box in boxes(document, start + 1, end) if has_task_id(box)]
    for box in found:
        read_task(gathered, task_text(box), box.line)
    for each in fields_of(document, start + 1, end):
        if each.text.lower() in {"checkpoint", "independent test"} and each.value:
            gathered.criteria.append(Criterion(each.value, checked=False, kind="other", line=each.line))
    gathered.claim = gathered.claim or claim_of_boxes(found)
    return gathered


SPEC_KIT = BuiltIn("spec-kit", _strength, lambda document: read_series(document, "spec-kit", gather_tasks))
"""Phases of tasks; tests are optional by its rule, and only those that a task names are declared."""
