from __future__ import annotations

import pytest

from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.selection import PhaseRef, select
from pytest_phasegate.errors import SelectionError, UnknownPhaseError


def guide(*ids: str, slug: str = "cache", path: str = "") -> Guide:
    phases = tuple(Phase(id=name, title="", line=at, end_line=at) for at, name in enumerate(ids, 1))
    return Guide(path or f"docs/plans/{slug}_implementation_guide.md", slug, slug, "canonical", "sha256:0", phases)


def chosen(selectors: str | list[str], *guides: Guide, current: str | None = "2") -> list[str]:
    wanted = [selectors] if isinstance(selectors, str) else selectors
    refs = select(wanted, guides, lambda owner: owner.phase(current) if current else None)
    return [ref.phase for ref in refs]


@pytest.mark.parametrize(
    ("selector", "ids"),
    [
        ("2", ["2"]),
        ("1,3", ["1", "3"]),
        ("3,1", ["1", "3"]),
        ("1-3", ["1", "2", "3"]),
        ("1..3", ["1", "2", "3"]),
        ("..2", ["1", "2"]),
        ("3..", ["3", "4"]),
        ("all", ["1", "2", "3", "4"]),
        ("current", ["2"]),
        ("cache:2", ["2"]),
        ("cache:1,3", ["1", "3"]),
        (" 1 , 2 ", ["1", "2"]),
        ("1-2,2-3", ["1", "2", "3"]),
    ],
)
def test_a_selector_means_these_phases(selector: str, ids: list[str]) -> None:
    assert chosen(selector, guide("1", "2", "3", "4")) == ids


def test_selectors_add_up_in_document_order() -> None:
    assert chosen(["3", "1"], guide("1", "2", "3")) == ["1", "3"]


@pytest.mark.parametrize(
    ("selector", "ids"),
    [
        ("9.10", ["9.10"]),
        ("9.1", ["9.1"]),
        ("4b", ["4b"]),
        ("E1.1", ["E1.1"]),
        ("1-2", ["1-2"]),
        ("9.1-9.10", ["9.1", "4b", "9.10"]),
        ("9.1..E1.1", ["9.1", "4b", "9.10", "E1.1"]),
        ("..9.1", ["9.1"]),
        ("1-2-b-c", ["1-2", "b-c"]),
        ("1-2..b-c", ["1-2", "b-c"]),
        ("5#2", ["5#2"]),
    ],
)
def test_ids_are_strings_and_ranges_follow_the_document(selector: str, ids: list[str]) -> None:
    assert chosen(selector, guide("9.1", "4b", "9.10", "E1.1", "1-2", "b-c", "5#2")) == ids


@pytest.mark.parametrize(
    ("selector", "named"), [("7", "7"), ("1-7", "7"), ("7..", "7"), ("0..2", "0"), ("-2", "-2"), ("All", "All")]
)
def test_a_phase_no_guide_defines_is_unknown_by_its_name(selector: str, named: str) -> None:
    with pytest.raises(UnknownPhaseError) as caught:
        chosen(selector, guide("1", "2"))

    assert caught.value.problem == f"unknown phase {named!r}"
    assert caught.value.hint == "the guide defines: 1, 2"


@pytest.mark.parametrize("selector", ["", ",", "1,", "cache:"])
def test_an_empty_part_is_refused(selector: str) -> None:
    with pytest.raises(SelectionError, match="an empty phase selection"):
        chosen(selector, guide("1", "2"))


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(SelectionError, match="runs backwards"):
        chosen("3-1", guide("1", "2", "3"))


def test_a_range_with_two_readings_is_refused_with_both() -> None:
    with pytest.raises(SelectionError) as caught:
        chosen("1-2-3", guide("1", "1-2", "2-3", "3"))

    assert caught.value.hint == "choose one of: 1 to 2-3, 1-2 to 3"


@pytest.mark.parametrize("selector", ["2", "1-2", "..2", "2..", "current"])
def test_a_phase_of_several_guides_is_a_question_with_the_choices(selector: str) -> None:
    with pytest.raises(SelectionError) as caught:
        chosen(selector, guide("1", "2"), guide("1", "2", slug="tables"))

    assert caught.value.hint == f"choose one of: cache:{selector}, tables:{selector}"


def test_an_id_that_one_of_several_guides_defines_needs_no_prefix() -> None:
    assert chosen("3", guide("1"), guide("3", slug="tables")) == ["3"]


def test_all_means_every_phase_of_every_guide() -> None:
    refs = select(["all"], [guide("1"), guide("1", slug="tables")], lambda _: None)

    assert [ref.guide.split("/")[-1].partition("_")[0] for ref in refs] == ["cache", "tables"]


def test_guides_of_one_slug_are_told_apart_by_their_paths() -> None:
    one, other = guide("1", path="a/cache.md"), guide("1", path="b/cache.md")

    with pytest.raises(SelectionError) as caught:
        select(["cache:1"], [one, other], lambda _: None)

    assert caught.value.hint == "choose one of: a/cache.md:1, b/cache.md:1"
    assert select(["b/cache.md:1"], [one, other], lambda _: None) == (PhaseRef("b/cache.md", "1"),)
    with pytest.raises(SelectionError, match="ambiguous") as bare:
        select(["1"], [one, other], lambda _: None)
    assert bare.value.hint == "choose one of: a/cache.md:1, b/cache.md:1"


def test_an_unknown_guide_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SelectionError) as caught:
        chosen("tables:1", guide("1"))

    assert (caught.value.problem, caught.value.hint) == ("no guide is called 'tables'", "the guides are: cache")


def test_an_id_with_a_colon_is_found_before_a_prefix_is_looked_for() -> None:
    assert chosen("a:1", guide("a:1")) == ["a:1"]


def test_no_guide_at_all_is_refused_with_the_way_to_name_one() -> None:
    with pytest.raises(SelectionError) as caught:
        chosen("1")

    assert "--phasegate-guide" in caught.value.hint


def test_current_of_a_finished_guide_is_refused() -> None:
    with pytest.raises(SelectionError, match="every phase is accepted"):
        chosen("current", guide("1"), current=None)


def test_a_guide_without_phases_knows_none() -> None:
    with pytest.raises(UnknownPhaseError) as caught:
        chosen("1..", guide())

    assert caught.value.hint == "the guide defines: no phases"
