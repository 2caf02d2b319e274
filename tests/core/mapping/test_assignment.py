from __future__ import annotations

from collections import UserDict
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Guide, Phase, Source
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping import assignment
from pytest_phasegate.core.mapping.assignment import map_tests, resolve
from pytest_phasegate.core.mapping.mapping import Belonging, Collected, Declaration, Reason, TestMap

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator, Mapping, Sequence

PATH = "docs/plans/cache_implementation_guide.md"


def one(test: str, *marks: str) -> Collected:
    return Collected(TestId(test), test.partition("::")[0], marks)


def declared(name: str, cls: str | None = None, file: str | None = None, line: int = 7) -> DeclaredTest:
    return DeclaredTest(name, line, cls, file)


def file(path: str, action: Action = Action.CREATE, line: int = 3) -> DeclaredFile:
    return DeclaredFile(path, action, line)


def phase(name: str, *items: DeclaredTest | DeclaredFile) -> Phase:
    tests = tuple(item for item in items if isinstance(item, DeclaredTest))
    files = tuple(item for item in items if isinstance(item, DeclaredFile))
    return Phase(id=name, title="", line=1, end_line=9, tests=tests, files=files)


def guide(*phases: Phase, path: str = PATH, slug: str = "cache") -> Guide:
    return Guide(path, slug, "", "canonical", "", phases)


def ref(name: str, path: str = PATH) -> PhaseRef:
    return PhaseRef(path, name)


def mapped(
    plan: Guide,
    *collected: Collected,
    table: Mapping[str, str] | None = None,
    added: Mapping[PhaseRef, frozenset[TestId]] | None = None,
) -> TestMap:
    return map_tests([plan], collected, table or {}, added or {})


def told(result: TestMap) -> dict[str, tuple[str, Reason]]:
    return {item.test: (belonging.phase.phase, belonging.reason) for item, belonging in result.belongs.items()}


@pytest.mark.parametrize(("cls", "file"), [(None, "tests/test_new.py"), ("TestNew", None), (None, None)])
def test_a_test_that_is_only_imported_answers_to_no_declaration(cls: str | None, file: str | None) -> None:
    names = "::TestNew::test_repr" if cls else "::test_repr"
    there = Collected(TestId(f"tests/test_new.py{names}"), "tests/test_new.py", imported=True)

    (declaration,) = mapped(guide(phase("1", declared("test_repr", cls, file))), there).declarations

    assert declaration.found == ()


def test_one_that_is_imported_elsewhere_too_leaves_nothing_open() -> None:
    old = one("tests/test_old.py::test_repr")
    again = Collected(TestId("tests/test_new.py::test_repr"), "tests/test_new.py", imported=True)

    (declaration,) = mapped(guide(phase("1", declared("test_repr"))), again, old).declarations

    assert (declaration.found, declaration.ambiguous) == ((old.test,), False)


def test_each_rule_gives_a_test_its_phase_with_the_reason() -> None:
    plan = guide(
        phase("1", declared("test_node", "TestA", "tests/test_a.py"), declared("test_any", None, "test_a.py")),
        phase("2", declared("test_cls", "TestB"), declared("test_fun")),
        phase("3", file("tests/test_c.py")),
        phase("4"),
    )

    result = mapped(
        plan,
        one("tests/test_a.py::TestA::test_node"),
        one("tests/test_a.py::TestA::test_any"),
        one("tests/test_x.py::TestB::test_cls"),
        one("tests/test_y.py::TestZ::test_fun"),
        one("tests/test_c.py::test_unforeseen"),
        one("tests/e2e/test_all.py::test_run"),
        one("tests/test_x.py::test_marked", "3"),
        one("tests/test_x.py::test_none"),
        table={"tests/e2e/**": "4"},
    )

    assert told(result) == {
        "tests/test_a.py::TestA::test_node": ("1", Reason.NODE),
        "tests/test_a.py::TestA::test_any": ("1", Reason.FILE),
        "tests/test_x.py::TestB::test_cls": ("2", Reason.CLASS),
        "tests/test_y.py::TestZ::test_fun": ("2", Reason.FUNCTION),
        "tests/test_c.py::test_unforeseen": ("3", Reason.TEST_FILE),
        "tests/e2e/test_all.py::test_run": ("4", Reason.TABLE),
        "tests/test_x.py::test_marked": ("3", Reason.MARKER),
    }
    assert [item.test for item in result.unmapped] == ["tests/test_x.py::test_none"]
    assert result.ambiguities == ()


def test_the_closest_mark_beats_everything_else() -> None:
    plan = guide(phase("1", declared("test_a"), file("tests/test_a.py")), phase("2"), phase("3"))

    result = mapped(plan, one("tests/test_a.py::test_a", "2", "3"))

    assert told(result) == {"tests/test_a.py::test_a": ("2", Reason.MARKER)}
    assert result.declarations[0].found == ()


def test_a_mark_for_the_declaring_phase_finds_the_declaration() -> None:
    result = mapped(guide(phase("1", declared("test_a"))), one("t.py::test_a", "1"))

    assert result.declarations[0].found == ("t.py::test_a",)


def test_a_mark_that_no_guide_knows_is_told_and_is_no_mark() -> None:
    result = mapped(guide(phase("1", declared("test_a"))), one("t.py::test_a", "9"))

    assert told(result) == {"t.py::test_a": ("1", Reason.FUNCTION)}
    assert result.strays == ("t.py::test_a is marked for phase '9', which no guide defines",)


def test_a_table_entry_that_no_guide_knows_is_told() -> None:
    result = mapped(guide(phase("1")), one("tests/e2e/t.py::test_a"), table={"tests/e2e/**": "9"})

    assert result.belongs == {}
    assert result.strays == ("the map table names phase '9', which no guide defines",)


def test_a_table_entry_with_colons_means_ids() -> None:
    result = mapped(guide(phase("1")), one("t.py::TestA::test_a"), one("t.py::test_b"), table={"t.py::TestA::*": "1"})

    assert told(result) == {"t.py::TestA::test_a": ("1", Reason.TABLE)}


def test_a_declared_test_is_matched_by_its_strongest_place_only() -> None:
    plan = guide(phase("1", declared("test_init", "TestA", "tests/test_a.py")))

    result = mapped(plan, one("tests/test_a.py::TestA::test_init"), one("tests/test_b.py::TestB::test_init"))

    assert list(told(result)) == ["tests/test_a.py::TestA::test_init"]


def test_a_test_found_by_one_phase_does_not_stand_in_for_a_namesake_of_another() -> None:
    plan = guide(
        phase("1", declared("test_init", "TestA", "tests/test_a.py")),
        phase("2", declared("test_init", "TestB", "tests/test_b.py")),
    )

    result = mapped(plan, one("tests/test_a.py::TestA::test_init"))

    assert [declaration.found for declaration in result.declarations] == [("tests/test_a.py::TestA::test_init",), ()]


@pytest.mark.parametrize("second", [declared("test_init", None, "tests/test_b.py"), declared("test_init")])
def test_a_namesake_in_the_file_of_another_phase_does_not_stand_in_for_a_test_with_a_place(
    second: DeclaredTest,
) -> None:
    plan = guide(phase("1", file("tests/test_a.py")), phase("2", second, file("tests/test_b.py")))

    result = mapped(plan, one("tests/test_a.py::test_init"))

    assert told(result) == {"tests/test_a.py::test_init": ("1", Reason.TEST_FILE)}
    assert result.declarations[0].found == ()


@pytest.mark.parametrize("second", ["tests/unit/", "tests/unit", "tests/unit/**", "shop/tests.py"])
def test_a_namesake_does_not_stand_in_for_a_test_of_a_phase_with_test_files_however_they_are_named(second: str) -> None:
    plan = guide(phase("1", file("tests/test_a.py")), phase("2", declared("test_init"), file(second)))

    assert mapped(plan, one("tests/test_a.py::test_init")).declarations[0].found == ()


@pytest.mark.parametrize("files", [(), ["src/app/testing.py"], ["tests/data/golden.json"], ["test_data.json"]])
def test_a_bare_name_of_a_phase_without_test_files_is_found_anywhere(files: Sequence[str]) -> None:
    plan = guide(phase("1", file("tests/test_a.py")), phase("2", declared("test_new"), *map(file, files)))

    assert told(mapped(plan, one("tests/test_a.py::test_new"))) == {"tests/test_a.py::test_new": ("2", Reason.FUNCTION)}


NAMESAKES = [
    (declared("test_a", None, "tests/test_new.py"), "tests/test_old.py::test_a"),
    (declared("test_a", "TestNew", "tests/test_new.py"), "tests/test_old.py::TestOld::test_a"),
    (declared("test_a", "TestNew", "tests/test_new.py"), "tests/test_old.py::TestNew::test_a"),
    (declared("test_a", "TestNew", "tests/test_new.py"), "tests/test_new.py::TestOther::test_a"),
    (declared("test_a", "TestNew", "tests/test_new.py"), "tests/test_new.py::test_a"),
    (declared("test_a", None, "new.py"), "tests/renew.py::test_a"),
    (declared("test_a", "TestNew"), "tests/test_old.py::TestOld::test_a"),
    (declared("test_a", "TestNew"), "tests/test_old.py::test_a"),
]


@pytest.mark.parametrize(("wanted", "namesake"), NAMESAKES)
def test_a_namesake_outside_of_the_place_the_guide_names_is_no_match_and_belongs_to_nobody(
    wanted: DeclaredTest, namesake: str
) -> None:
    result = mapped(guide(phase("1", wanted)), one(namesake))

    assert result.declarations[0].found == ()
    assert result.belongs == {}


IN_PLACE = [
    (declared("test_a", None, "tests/test_new.py"), "tests/test_new.py::test_a"),
    (declared("test_a", None, "tests/test_new.py"), "tests/test_new.py::TestAny::test_a"),
    (declared("test_a", None, "tests/test_new.py"), "pkg/app/tests/test_new.py::test_a"),
    (declared("test_a", "TestNew", "test_new.py"), "tests/test_new.py::Outer::TestNew::test_a"),
    (declared("test_a", "TestNew"), "tests/anywhere.py::TestNew::test_a"),
    (declared("test_a"), "tests/anywhere.py::TestAny::test_a"),
]


@pytest.mark.parametrize(("wanted", "there"), IN_PLACE)
def test_the_only_test_in_the_place_the_guide_names_is_the_one(wanted: DeclaredTest, there: str) -> None:
    result = mapped(guide(phase("1", wanted)), one(there), one("tests/test_old.py::test_b"))

    assert result.declarations[0].found == (there,)
    assert not result.declarations[0].ambiguous


SEVERAL = [
    (declared("test_a"), "tests/a.py::test_a", "tests/b.py::test_a"),
    (declared("test_a"), "tests/a.py::TestA::test_a", "tests/a.py::TestB::test_a"),
    (declared("test_a", "TestA"), "tests/a.py::TestA::test_a", "tests/b.py::TestA::test_a"),
    (declared("test_a", None, "test_a.py"), "one/test_a.py::test_a", "two/test_a.py::test_a"),
]


@pytest.mark.parametrize(("wanted", "first", "second"), SEVERAL)
def test_several_tests_that_a_declaration_may_mean_leave_it_undecided(
    wanted: DeclaredTest, first: str, second: str
) -> None:
    result = mapped(guide(phase("1", wanted)), one(first), one(second))

    assert result.declarations[0].found == (first, second)
    assert result.declarations[0].ambiguous


@pytest.mark.parametrize(
    ("wanted", "first", "second"),
    [
        (declared("test_a", None, "t.py"), "t.py::TestA::test_a", "t.py::TestB::test_a"),
        (declared("test_a", None, "tests/t.py"), "tests/t.py::TestA::test_a", "pkg/tests/t.py::test_a"),
    ],
)
def test_several_tests_in_the_very_file_the_guide_names_are_all_meant(
    wanted: DeclaredTest, first: str, second: str
) -> None:
    result = mapped(guide(phase("1", wanted)), one(first), one(second))

    assert first in result.declarations[0].found
    assert not result.declarations[0].ambiguous


def test_a_bare_name_is_the_one_in_the_test_file_the_phase_declares() -> None:
    plan = guide(phase("1", declared("test_a"), declared("test_b"), file("tests/test_new.py")))

    result = mapped(plan, one("tests/test_old.py::test_a"), one("tests/test_new.py::test_a"), one("t.py::test_b"))

    assert [each.found for each in result.declarations] == [("tests/test_new.py::test_a",), ("t.py::test_b",)]
    assert [each.test for each in result.unmapped] == ["tests/test_old.py::test_a"]


def test_a_mark_says_which_of_several_namesakes_a_declaration_means() -> None:
    result = mapped(guide(phase("1", declared("test_a"))), one("a.py::test_a"), one("b.py::test_a", "1"))

    assert result.declarations[0].found == ("b.py::test_a",)
    assert not result.declarations[0].ambiguous


def test_a_declared_test_that_history_knows_under_a_former_name_is_the_one_it_became() -> None:
    wanted = declared("test_a", "TestOld", "tests/test_a.py")
    other = declared("test_gone", None, "tests/test_a.py")
    there = TestId("tests/test_b.py::TestNew::test_a")

    result = map_tests([guide(phase("1", wanted, other))], [one(there)], {}, {}, {(ref("1"), wanted): there})

    assert [each.found for each in result.declarations] == [(there,), ()]
    assert [each.renamed for each in result.declarations] == [True, False]
    assert told(result) == {there: ("1", Reason.RENAMED)}


def test_nested_classes_are_matched_by_their_innermost() -> None:
    plan = guide(phase("1", declared("test_a", "Inner", "t.py")))

    assert told(mapped(plan, one("t.py::Outer::Inner::test_a"))) == {"t.py::Outer::Inner::test_a": ("1", Reason.FILE)}


def test_a_name_in_two_places_is_ambiguous_with_both_places() -> None:
    result = mapped(guide(phase("1", declared("test_a"))), one("a.py::test_a"), one("b.py::test_a"))

    assert set(told(result)) == {"a.py::test_a", "b.py::test_a"}
    assert [str(each) for each in result.ambiguities] == ["test_a names several tests: a.py::test_a, b.py::test_a"]


def test_of_many_places_a_name_tells_the_first_three() -> None:
    result = mapped(
        guide(phase("1", declared("test_a", file="t.py"))), *(one(f"t.py::T{n}::test_a") for n in range(13))
    )

    assert str(result.ambiguities[0]).endswith(": t.py::T0::test_a, t.py::T1::test_a, t.py::T2::test_a and 10 more")


def test_a_test_of_two_phases_goes_to_the_earliest_and_both_places_are_told() -> None:
    plan = guide(phase("1", declared("test_a", line=4)), phase("2", declared("test_a", line=8)))

    result = mapped(plan, one("a.py::test_a"))

    (belonging,) = result.belongs.values()
    assert belonging.phase == ref("1")
    assert belonging.claimants == (ref("1"), ref("2"))
    assert result.ambiguities[0].places == (f"{PATH}:4 (phase 1)", f"{PATH}:8 (phase 2)")
    assert result.tests(ref("2")) == {"a.py::test_a"}


def test_a_file_that_two_phases_create_goes_to_the_earliest() -> None:
    plan = guide(phase("1", file("t.py", line=2)), phase("2", file("t.py", line=5)))

    result = mapped(plan, one("t.py::test_a"))

    assert told(result) == {"t.py::test_a": ("1", Reason.TEST_FILE)}
    assert result.ambiguities[0].places == (f"{PATH}:2 (phase 1)", f"{PATH}:5 (phase 2)")


def test_an_exact_path_is_stronger_than_a_directory() -> None:
    plan = guide(phase("1", file("tests/")), phase("2", file("tests/test_b.py")))

    result = mapped(plan, one("tests/test_a.py::test_a"), one("tests/test_b.py::test_b"))

    assert [belonging.phase.phase for belonging in result.belongs.values()] == ["1", "2"]
    assert result.ambiguities == ()


def test_a_modified_test_file_claims_what_was_added_since_the_base() -> None:
    plan = guide(
        phase("1", file("t.py")), phase("2", file("t.py", Action.MODIFY)), phase("3", file("t.py", Action.MODIFY))
    )
    added = {
        ref("2"): frozenset({TestId("t.py::test_b"), TestId("t.py::test_c")}),
        ref("3"): frozenset({TestId("t.py::test_c")}),
    }

    result = mapped(plan, one("t.py::test_a"), one("t.py::test_b"), one("t.py::test_c"), added=added)

    assert [belonging.phase.phase for belonging in result.belongs.values()] == ["1", "2", "3"]
    assert result.ambiguities == ()


@pytest.mark.parametrize(
    ("of_first", "of_second", "phases"),
    [
        (("a", "b"), ("a", "b"), ["1", "1"]),
        (("a", "b"), ("b",), ["1", "2"]),
        (("a", "b"), (), ["1", "1"]),
        ((), ("b",), ["1", "2"]),
    ],
)
def test_a_file_that_is_being_created_is_not_yet_that_of_the_phase_which_modifies_it_later(
    of_first: tuple[str, ...], of_second: tuple[str, ...], phases: list[str]
) -> None:
    plan = guide(
        phase("1", file("t.py"), declared("test_a")), phase("2", file("t.py", Action.MODIFY), declared("test_c"))
    )
    came = {"1": of_first, "2": of_second}
    added = {ref(name): frozenset(TestId(f"t.py::test_{one}") for one in tests) for name, tests in came.items()}

    result = mapped(plan, one("t.py::test_a"), one("t.py::test_b"), added=added)

    assert [belonging.phase.phase for belonging in result.belongs.values()] == phases
    assert [len(one.found) for one in result.declarations] == [1, 0]


def test_what_came_in_at_once_for_two_phases_is_ambiguous_and_goes_to_the_earliest() -> None:
    plan = guide(phase("1", file("t.py", Action.MODIFY, 3)), phase("2", file("t.py", Action.MODIFY, 6)))
    added = {ref(name): frozenset({TestId("t.py::test_a")}) for name in "12"}

    result = mapped(plan, one("t.py::test_a"), added=added)

    assert told(result) == {"t.py::test_a": ("1", Reason.TEST_FILE)}
    assert result.ambiguities[0].places == (f"{PATH}:3 (phase 1)", f"{PATH}:6 (phase 2)")


NAMING = declared("test_a", file="tests/test_cache.py")
NAMING_TOO = declared("test_b", file="tests/test_cache.py")
FORESEEN, FIRST, SECOND = (f"tests/test_cache.py::test_{name}" for name in ("a", "first", "second"))


@pytest.mark.parametrize(
    ("plan", "added", "belongs"),
    [
        (guide(phase("1", NAMING)), {"1": (FORESEEN, FIRST)}, {FORESEEN: "1", FIRST: "1"}),
        (
            guide(phase("1", NAMING), phase("2", NAMING_TOO)),
            {"1": (FORESEEN, FIRST), "2": (SECOND,)},
            {FIRST: "1", SECOND: "2"},
        ),
        (
            guide(phase("1", NAMING), phase("2", NAMING_TOO)),
            {"1": (FIRST, SECOND), "2": (FIRST, SECOND)},
            {FIRST: "1", SECOND: "1"},
        ),
        (
            guide(phase("1", file("tests/test_cache.py"), NAMING), phase("2", NAMING_TOO)),
            {"1": (FIRST,), "2": (SECOND,)},
            {FIRST: "1", SECOND: "2"},
        ),
        (
            guide(phase("1", file("tests/test_cache.py"), NAMING), phase("2", NAMING_TOO)),
            {"1": (FIRST, SECOND), "2": (FIRST, SECOND)},
            {FIRST: "1", SECOND: "1"},
        ),
        (guide(phase("1", file("tests/")), phase("2", NAMING)), {"2": (SECOND,)}, {FIRST: "1", SECOND: "2"}),
        (guide(phase("1", NAMING)), {}, {FORESEEN: "1"}),
        (guide(phase("1", NAMING)), {"1": (FIRST,)}, {FORESEEN: "1", FIRST: "1"}),
        (guide(phase("1", declared("test_a"))), {"1": (FIRST,)}, {FORESEEN: "1"}),
    ],
)
def test_what_came_in_during_a_phase_in_a_file_that_its_tests_name_is_the_phases(
    plan: Guide, added: dict[str, tuple[str, ...]], belongs: dict[str, str]
) -> None:
    came = {ref(name): frozenset(map(TestId, tests)) for name, tests in added.items()}

    found = mapped(plan, one(FORESEEN), one(FIRST), one(SECOND), added=came)

    assert {test: told(found)[test][0] for test in belongs} == belongs
    assert found.ambiguities == ()
    if len(plan.phases) == 1:
        assert set(told(found)) == set(belongs)


def test_a_modified_test_file_without_a_base_claims_nothing() -> None:
    assert mapped(guide(phase("1", file("t.py", Action.MODIFY))), one("t.py::test_a")).belongs == {}


def test_a_deleted_file_claims_nothing() -> None:
    assert mapped(guide(phase("1", file("t.py", Action.DELETE))), one("t.py::test_a")).belongs == {}


def test_a_mark_that_means_phases_of_two_guides_is_ambiguous() -> None:
    other = guide(phase("1"), path="b.md", slug="tables")

    result = map_tests([guide(phase("1")), other], [one("t.py::test_a", "1")], {}, {})

    assert next(iter(result.belongs.values())).phase == ref("1")
    assert result.ambiguities[0].places == (f"phase 1 of {PATH}", "phase 1 of b.md")


def test_a_slug_says_which_guide_is_meant() -> None:
    plans = [guide(phase("1")), guide(phase("1"), phase("x:y"), path="b.md", slug="tables")]

    assert resolve("tables:1", plans) == (ref("1", "b.md"),)
    assert resolve("x:y", plans) == (ref("x:y", "b.md"),)
    assert resolve("tables:7", plans) == ()


def test_a_missing_test_is_named_as_the_guide_names_it() -> None:
    result = mapped(guide(phase("1", declared("test_a", "TestA", "t.py"), declared("test_b"))))

    assert [declaration.wanted for declaration in result.declared(ref("1"))] == ["t.py::TestA::test_a", "test_b"]
    assert result.declared(ref("2")) == ()


def test_a_custom_item_without_classes_is_mapped_by_its_file() -> None:
    plan = guide(phase("1", file("tests/cases.yaml")))

    result = mapped(plan, one("tests/cases.yaml::login"), one("tests/cases.yaml"))

    assert [belonging.reason for belonging in result.belongs.values()] == [Reason.TEST_FILE] * 2


class Counted(frozenset[TestId]):
    """A set that counts how often somebody goes through all of it."""

    rounds = 0

    def __iter__(self) -> Iterator[TestId]:
        type(self).rounds += 1
        return super().__iter__()


def test_the_tests_that_came_in_are_gone_through_once_however_many_are_mapped() -> None:
    ids = [TestId(f"t.py::test_{number}") for number in range(20)]
    Counted.rounds = 0

    result = mapped(
        guide(phase("1", file("t.py", Action.MODIFY))), *(one(each) for each in ids), added={ref("1"): Counted(ids)}
    )

    assert len(result.tests(ref("1"))) == 20
    assert Counted.rounds == 1


class CountedBelongings(UserDict[Collected, Belonging]):
    """A mapping that counts how often somebody goes through all of it."""

    rounds = 0

    def items(self) -> ItemsView[Collected, Belonging]:
        self.rounds += 1
        return super().items()


def test_the_tests_of_many_phases_are_found_in_one_go() -> None:
    phases = [ref(str(number)) for number in range(30)]
    claims = {one(f"t.py::test_{each.phase}"): Belonging(each, Reason.TABLE, (ref("0"),)) for each in phases}
    belongs = CountedBelongings(claims)
    result = TestMap(belongs)

    assert [len(result.tests(each)) for each in phases] == [30, *[1] * 29]
    assert result.own_tests(ref("0")) == {"t.py::test_0"}
    assert result.own_tests(ref("none")) == result.tests(ref("none")) == frozenset()
    assert belongs.rounds <= 2


def test_a_declared_function_is_compared_with_its_namesakes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Reason] = []
    names = assignment._Mapper._names

    def noted(mapper: assignment._Mapper, declaration: Declaration, candidate: Collected, reason: Reason) -> bool:
        compared.append(reason)
        return names(mapper, declaration, candidate, reason)

    monkeypatch.setattr(assignment._Mapper, "_names", noted)

    result = mapped(guide(phase("1", declared("test_a"), declared("test_b"))), one("t.py::test_a"), one("t.py::test_b"))

    assert len(result.belongs) == 2
    assert compared == [Reason.FUNCTION, Reason.FUNCTION]


def brought(name: str, path: str) -> DeclaredTest:
    return DeclaredTest(name, 1, None, path, source=Source.DERIVED)


def test_what_commits_brought_is_theirs_unless_anything_that_is_written_says_otherwise() -> None:
    plan = guide(
        phase("1", brought("test_a", "tests/test_a.py"), brought("test_c", "tests/test_c.py")),
        phase("2", *(brought(f"test_{name}", f"tests/test_{name}.py") for name in "abmt")),
        phase("3", file("tests/test_b.py")),
        phase("4", declared("test_c")),
    )
    tests = [one(f"tests/test_{name}.py::test_{name}") for name in "abct"]

    result = mapped(plan, *tests, one("tests/test_m.py::test_m", "4"), table={"tests/test_t.py": "1"})

    assert told(result) == {
        "tests/test_a.py::test_a": ("1", Reason.DERIVED),
        "tests/test_b.py::test_b": ("3", Reason.TEST_FILE),
        "tests/test_c.py::test_c": ("4", Reason.FUNCTION),
        "tests/test_m.py::test_m": ("4", Reason.MARKER),
        "tests/test_t.py::test_t": ("1", Reason.TABLE),
    }
    assert not result.ambiguities
    assert [declaration.phase for declaration in result.declarations] == [ref("4")]


def test_a_test_that_one_phase_brought_and_a_later_one_changed_runs_with_both_and_is_the_firsts() -> None:
    test = brought("test_a", "tests/test_a.py")

    result = mapped(guide(phase("1", test), phase("2", test)), one("tests/test_a.py::test_a"))

    assert result.tests(ref("1")) == result.tests(ref("2")) == {"tests/test_a.py::test_a"}
    assert (len(result.own_tests(ref("1"))), len(result.own_tests(ref("2")))) == (1, 0)
    assert [one.phase.phase for one in (*result.derived(ref("1")), *result.derived(ref("2")))] == ["1", "2"]
