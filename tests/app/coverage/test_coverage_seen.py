from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.app.coverage.phase_coverage import Analysis, Asked, ProjectCode, coverage_facts
from pytest_phasegate.core.coverage.measurement import Measurement
from pytest_phasegate.core.coverage.phase_coverage import Function, Reached, Source
from pytest_phasegate.core.guide.model import Action, DeclaredFile, Guide, Phase
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.settings import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_phasegate.core.coverage.measurement import Ran

PATH = "src/app/add.py"
SOURCE = Source(PATH, frozenset({1, 2, 4}), functions=(Function("add", 1, frozenset({2})),))
PHASE = Phase("1", "", 1, 9, files=(DeclaredFile(PATH, Action.CREATE, 2),))


class Analyse:
    """Says of one file what ran of it."""

    def __init__(self, *lines: int) -> None:
        self.reached = {PATH: Reached(frozenset(lines))}

    def __call__(self, paths: Iterable[str], ran: Ran, *, branches: bool) -> Analysis:
        return Analysis({PATH: SOURCE}, self.reached)


def unmeasured(ran: Measurement, *lines: int) -> str:
    guide = Guide("g.md", "g", "", "canonical", "", (PHASE,))
    project = ProjectCode((PATH,), Layout(source=("src",)), Scope.OWNED, Analyse(*lines))
    facts = coverage_facts(project, Asked(guide, ("1",)), ran)
    known = f"not known: {sorted(facts.unknown[PATH])}" if facts.unknown else ""
    return facts.unmeasured.get(PATH, known)


@pytest.mark.parametrize(
    ("ran", "lines", "told"),
    [
        (Measurement(branches=False), (), ""),
        (Measurement(branches=False, imported=frozenset({PATH})), (1, 2, 4), ""),
        (Measurement(branches=False, children=True, imported=frozenset({PATH})), (1, 4), ""),
        (Measurement(branches=False, imported=frozenset({PATH}), early=frozenset({PATH})), (1, 4), ""),
        (Measurement(branches=False, imported=frozenset({PATH}), early=frozenset({PATH})), (2,), "not known: [1, 4]"),
        (
            Measurement(branches=False, imported=frozenset({PATH})),
            (2,),
            "its import was not measured: coverage's source, include or omit leave the file out",
        ),
        (
            Measurement(branches=False, elsewhere={PATH: ".tox/py/app/add.py"}),
            (),
            "the tests imported .tox/py/app/add.py in its place",
        ),
        (
            Measurement(branches=False, children=True),
            (),
            "no test imported it, and what the tests ran in child processes was not measured",
        ),
    ],
)
def test_no_data_of_a_file_is_no_figure_where_its_code_may_have_run(
    ran: Measurement, lines: tuple[int, ...], told: str
) -> None:
    assert unmeasured(ran, *lines) == told


def test_a_phase_answers_for_the_code_that_its_link_shows() -> None:
    link = DeclaredFile("src/app/link.py", Action.CREATE, 2)
    guide = Guide("g.md", "g", "", "canonical", "", (PHASE._replace(files=(link,)),))
    layout, shown = Layout(source=("src",)), {link.path: PATH}
    project = ProjectCode((PATH, link.path), layout, Scope.OWNED, Analyse(1), shown=lambda path: shown.get(path, path))

    facts = coverage_facts(project, Asked(guide, ("1",)), Measurement(branches=False))

    assert [file.path for file in facts.owned["1"]] == [PATH]
