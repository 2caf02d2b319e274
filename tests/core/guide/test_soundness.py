"""Which errors of a guide are about a phase: its own, those of what it depends on, and those of the document."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.core.guide.soundness import errors_about, errors_elsewhere, errors_in
from pytest_phasegate.dialects import BUILT_IN

THREE = """
### Phase 1: A
**Files to create**:
- `{one}`
### Phase 2: B
{second}
**Files to create**:
- `{two}`
### Phase 3: C
{third}
**Files to create**:
- `{three}`
{end}
"""


def refused(text: str) -> dict[str, list[str]]:
    """Return by phase the codes of the errors that refuse it."""
    guide = read_guide(dedent(text).lstrip("\n").encode(), "g.md", BUILT_IN)
    for phase in guide.phases:
        told = (*errors_about(guide, [phase.id]), *errors_elsewhere(guide, [phase.id]))
        assert sorted(map(str, told)) == sorted(map(str, errors_in(guide)))
    return {phase.id: [each.code for each in errors_about(guide, [phase.id])] for phase in guide.phases}


def written(*, one: str = "a.py", two: str = "b.py", three: str = "c.py", second: str = "", **rest: str) -> str:
    said = {"third": "", "end": "", **rest}
    return THREE.format(one=one, two=two, three=three, second=second, **said)


BAD = ["PG113"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (written(), {"1": [], "2": [], "3": []}),
        (written(three="../c.py"), {"1": [], "2": [], "3": BAD}),
        (written(two="../b.py"), {"1": [], "2": BAD, "3": BAD}),
        (written(two="../b.py", third="**Depends on**: Phase 1"), {"1": [], "2": BAD, "3": []}),
        (written(one="../a.py", third="**Depends on**: Phase 2"), {"1": BAD, "2": BAD, "3": BAD}),
        (written(one="../a.py", second="**Depends on**: none"), {"1": BAD, "2": [], "3": []}),
        (written(third="**Depends on**: Phase 7"), {"1": [], "2": [], "3": ["PG111"]}),
        (written(end="## Dependencies\nPhase 3 depends on Phase 9"), {"1": [], "2": [], "3": ["PG111"]}),
        (written(end="## Dependencies\nPhase 9 depends on Phase 3"), {"1": [], "2": [], "3": []}),
    ],
)
def test_an_error_refuses_the_phases_that_stand_on_what_it_is_about(text: str, expected: dict[str, list[str]]) -> None:
    assert refused(text) == expected


def test_a_cycle_refuses_the_phases_in_it_and_those_behind_it_each_cycle_its_own() -> None:
    text = """
    ### Phase 1: A
    ### Phase 2: B
    **Depends on**: Phase 3
    ### Phase 3: C
    **Depends on**: Phase 2
    ### Phase 4: D
    **Depends on**: Phase 5
    ### Phase 5: E
    **Depends on**: Phase 4
    ### Phase 6: F
    **Depends on**: Phase 5
    ### Phase 7: G
    **Depends on**: Phase 1
    """

    cycle = ["PG112"]
    assert refused(text) == {"1": [], "2": cycle, "3": cycle, "4": cycle, "5": cycle, "6": cycle, "7": []}


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("### Phase 3: D\n**Files to create**:\n- `d.py`", "PG109"),
        ("```\n### Phase 4: D\n## Success criteria\n- [ ] Coverage: 95%", "PG105"),
        ("<!-- and from here on nothing is read", "PG106"),
    ],
)
def test_what_leaves_open_which_phases_there_are_refuses_them_all(end: str, code: str) -> None:
    assert {code} == {each for found in refused(written(end=end)).values() for each in found}
    assert all(refused(written(end=end)).values())
