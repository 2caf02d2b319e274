from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from pytest_phasegate.core.coverage.measurement import Figure
from pytest_phasegate.core.coverage.phase_coverage import (
    Figures,
    Function,
    OwnedFile,
    PhaseCoverage,
    Reached,
    Source,
    file_coverage,
    owned_lines,
    total,
    united,
)

SOURCE = Source(
    "src/a.py",
    statements=frozenset({1, 2, 3, 5, 6, 8}),
    branches=frozenset({(2, 3), (2, 5), (6, 8), (6, -1)}),
    functions=(Function("f", 1, frozenset({2, 3})), Function("g", 5, frozenset({6, 8})), Function("h", 8, frozenset())),
)
EVERYTHING = OwnedFile("src/a.py", None)


def test_a_whole_file_counts_every_statement_branch_and_function() -> None:
    found = file_coverage(SOURCE, EVERYTHING, Reached(frozenset({1, 2, 3, 5}), frozenset({(2, 3)})))

    assert found.figures == Figures(Figure(4, 6), Figure(1, 4), Figure(1, 2))
    assert found.missing == (6, 8)
    assert found.missing_branches == ((2, 5), (6, -1), (6, 8))
    assert [function.name for function in found.missing_functions] == ["g"]


def test_a_line_of_another_phase_is_neither_counted_nor_missing() -> None:
    found = file_coverage(SOURCE, OwnedFile("src/a.py", frozenset({5, 6, 7})), Reached(frozenset({1, 5})))

    assert found.figures.line == Figure(1, 2)
    assert found.missing == (6,)


def test_a_branch_belongs_to_the_owner_of_the_line_it_leaves() -> None:
    found = file_coverage(SOURCE, OwnedFile("src/a.py", frozenset({6})), Reached())

    assert found.missing_branches == ((6, -1), (6, 8))


def test_a_function_belongs_to_the_owner_of_its_def_line() -> None:
    found = file_coverage(SOURCE, OwnedFile("src/a.py", frozenset({1})), Reached(frozenset({1})))

    assert found.figures.function == Figure(0, 1)


def test_the_def_line_alone_does_not_reach_a_function() -> None:
    found = file_coverage(SOURCE, EVERYTHING, Reached(frozenset({1, 5, 8})))

    assert [function.name for function in found.missing_functions] == ["f"]


def test_a_gap_spans_comments_and_ends_at_a_reached_or_foreign_statement() -> None:
    mine = OwnedFile("src/a.py", frozenset({1, 2, 3, 5, 8}))

    assert file_coverage(SOURCE, EVERYTHING, Reached(frozenset({1, 8}))).gaps == ((2, 6),)
    assert file_coverage(SOURCE, mine, Reached()).gaps == ((1, 5), (8, 8))
    assert file_coverage(SOURCE, EVERYTHING, Reached(SOURCE.statements)).gaps == ()


def test_credit_of_several_phases_is_what_any_of_them_reached() -> None:
    assert united([Reached(frozenset({1}), frozenset({(2, 3)})), Reached(frozenset({2}))]) == Reached(
        frozenset({1, 2}), frozenset({(2, 3)})
    )
    assert united([]) == Reached()


def test_files_are_summed_not_averaged() -> None:
    large = file_coverage(Source("b.py", frozenset(range(1, 99))), OwnedFile("b.py", None), Reached())
    small = file_coverage(Source("a.py", frozenset({1, 2})), OwnedFile("a.py", None), Reached(frozenset({1, 2})))

    assert PhaseCoverage((large, small)).figures.line == Figure(2, 100)
    assert total([]) == Figures()


lines = st.lists(st.sampled_from("abcdef"), max_size=12)


def _added(before: list[str], after: list[str]) -> frozenset[int]:
    """The lines of ``after`` that a diff calls added, as ``git diff -U0`` does."""
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return frozenset(line + 1 for tag, _, _, first, last in blocks if tag != "equal" for line in range(first, last))


@given(base=lines, accepted=lines, now=lines)
def test_nothing_is_owned_that_was_there_before_or_came_after(
    base: list[str], accepted: list[str], now: list[str]
) -> None:
    mine = owned_lines(_added(base, now), _added(accepted, now))

    assert mine <= frozenset(range(1, len(now) + 1))
    assert not mine & _added(accepted, now)
    assert mine <= _added(base, now)


@given(base=lines, mine=st.lists(st.sampled_from("xyz"), min_size=1, max_size=5), later=st.integers(0, 5))
def test_lines_inserted_above_later_on_move_ownership_down_with_the_text(
    base: list[str], mine: list[str], later: int
) -> None:
    accepted = base + mine
    now = [f"later {number}" for number in range(later)] + accepted

    owned = owned_lines(_added(base, now), _added(accepted, now))

    assert [now[line - 1] for line in sorted(owned)] == mine


def test_a_line_edited_after_the_acceptance_is_no_longer_the_phases() -> None:
    base, accepted, now = ["a"], ["a", "x", "y"], ["a", "x", "y changed"]

    assert owned_lines(_added(base, now), _added(accepted, now)) == {2}


def test_a_phase_not_yet_accepted_owns_all_that_came_since_its_base() -> None:
    assert owned_lines(frozenset({3, 4}), frozenset()) == {3, 4}
