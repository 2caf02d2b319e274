"""Our quick ``dataclass`` gives what the standard library's gives; each claim is put to both."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from pytest_phasegate.core import facts
from pytest_phasegate.core.baseline import BaselineTest
from pytest_phasegate.core.evidence import TestId
from pytest_phasegate.core.guide import CoverageGoal, DeclaredTest

if TYPE_CHECKING:
    from collections.abc import Callable

Maker = Any


@pytest.fixture(params=[dataclasses, facts], ids=["dataclasses", "facts"])
def maker(request: pytest.FixtureRequest) -> Maker:
    return request.param


def point(maker: Maker, **options: bool) -> Any:
    class Point:
        """A place."""

        x: int
        y: int = 2
        tags: list[str] = maker.field(default_factory=list)

        @property
        def total(self) -> int:
            return self.x + self.y

    return maker.dataclass(**{"frozen": True, "slots": True, **options})(Point)


def test_values_are_compared_shown_and_read_by_their_fields(maker: Maker) -> None:
    kind = point(maker)
    one = kind(1, tags=["a"])

    assert (one.x, one.y, one.tags, one.total) == (1, 2, ["a"], 3)
    assert one == kind(x=1, y=2, tags=["a"])
    assert one != kind(1, 3, ["a"])
    assert one != (1, 2, ["a"])
    assert repr(one).endswith("Point(x=1, y=2, tags=['a'])")
    assert (kind.__doc__, kind.__name__, kind.__match_args__) == ("A place.", "Point", ("x", "y", "tags"))


def test_a_default_factory_makes_a_new_value_for_each(maker: Maker) -> None:
    kind = point(maker)

    assert kind(1).tags == []
    assert kind(1).tags is not kind(1).tags


def test_a_field_may_be_left_out_of_comparing_and_showing(maker: Maker) -> None:
    class Kept:
        name: str
        seen: list[str] = maker.field(default_factory=list, compare=False)
        note: str = maker.field(default="", repr=False, compare=False)

    kind = maker.dataclass(frozen=True, slots=True)(Kept)

    assert kind("a", ["b"], "c") == kind("a")
    assert hash(kind("a", ["b"], "c")) == hash(kind("a"))
    assert repr(kind("a", note="n")).endswith("Kept(name='a', seen=[])")


def test_what_the_class_says_itself_goes_before(maker: Maker) -> None:
    class Word:
        text: str
        size: int = 0

        def __post_init__(self) -> None:
            self.size = len(self.text)

        def __eq__(self, other: object) -> bool:
            return self.text.lower() == str(other).lower()

        def __hash__(self) -> int:
            return hash(self.text.lower())

        def __repr__(self) -> str:
            return self.text

    kind: Any = maker.dataclass(Word)

    assert (kind("One").size, repr(kind("One"))) == (3, "One")
    assert len({kind("One"), kind("ONE")}) == 1


def test_what_a_fact_does_not_know_is_refused() -> None:
    class Counted:
        many: ClassVar[int] = 0

    class Kind(CoverageGoal):
        more: int

    with pytest.raises(TypeError, match=r"Counted\.many: a fact knows neither ClassVar nor InitVar"):
        facts.dataclass(Counted)
    with pytest.raises(TypeError, match="Kind has a base: a fact inherits nothing"):
        facts.dataclass(Kind)


def test_equal_values_have_equal_hashes(maker: Maker) -> None:
    class Two:
        first: str
        last: str = ""

    class One:
        only: str

    class Nothing:
        pass

    two, one, nothing = (maker.dataclass(frozen=True, slots=True)(kind) for kind in (Two, One, Nothing))

    assert len({two("a"), two("a", ""), two("b")}) == 2
    assert len({one("a"), one("a"), one("b")}) == 2
    assert (len({nothing(), nothing()}), repr(nothing())[-9:]) == (1, "Nothing()")


def test_what_is_frozen_cannot_be_changed(maker: Maker) -> None:
    one = point(maker)(1)

    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        one.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del one.x
    assert one.x == 1


def test_what_is_not_frozen_can_be_changed_and_has_no_hash(maker: Maker) -> None:
    one = point(maker, frozen=False)(1)
    one.x = 5

    assert one == point_like(one)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def point_like(one: Any) -> Any:
    return type(one)(one.x, one.y, one.tags)


def test_slots_leave_no_room_for_other_names(maker: Maker) -> None:
    class Plain:
        x: int

    assert vars(maker.dataclass(Plain)(1)) == {"x": 1}
    assert not hasattr(point(maker)(1), "__dict__")
    with pytest.raises(AttributeError):
        point(maker, frozen=False)(1).z = 1
    assert vars(point(maker, slots=False)(1))["x"] == 1


def test_identity_counts_where_equality_is_turned_off(maker: Maker) -> None:
    kind = point(maker, eq=False)
    one = kind(1)

    assert one != kind(1)
    assert len({one, kind(1)}) == 2


def test_ordered_values_sort_by_their_fields(maker: Maker) -> None:
    class Version:
        major: int
        minor: int = 0

    kind: Any = maker.dataclass(frozen=True, slots=True, order=True)(Version)

    assert sorted([kind(2), kind(1, 5), kind(1)]) == [kind(1), kind(1, 5), kind(2)]
    assert kind(1) <= kind(1) < kind(2) >= kind(1, 9) > kind(1)
    with pytest.raises(TypeError):
        assert kind(1) < 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda kind: kind(), "missing 1 required positional argument: 'x'"),
        (lambda kind: kind(1, 2, [], 4), r"takes from 2 to 4 positional arguments but 5 were given"),
        (lambda kind: kind(1, z=1), "got an unexpected keyword argument 'z'"),
    ],
)
def test_wrong_arguments_are_refused_also_by_the_first_call(
    maker: Maker, call: Callable[[Any], Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        call(point(maker))


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_value_can_be_copied_and_sent(way: Callable[[Any], Any]) -> None:
    one = DeclaredTest("test_a", 3, file="tests/test_a.py")

    assert way(one) == one


@pytest.mark.parametrize("replace", [dataclasses.replace, facts.replace])
def test_both_replaces_know_both_kinds(maker: Maker, replace: Callable[..., Any]) -> None:
    one = point(maker)(1, 2, ["a"])

    assert replace(one, y=7) == type(one)(1, 7, ["a"])
    with pytest.raises(TypeError):
        replace(one, z=7)


def test_the_functions_of_dataclasses_take_a_fact_for_one_of_theirs() -> None:
    goal = CoverageGoal(90.0)
    fields = dataclasses.fields(BaselineTest)

    assert dataclasses.is_dataclass(goal)
    assert dataclasses.asdict(goal) == {"minimum": 90.0, "branch": None, "function": None}
    assert fields[0].name == "test"
    assert [one.default for one in dataclasses.fields(goal)] == [None, None, None]
    assert [one.default for one in fields[:2]] == [dataclasses.MISSING] * 2
    assert goal.__dataclass_params__.frozen  # type: ignore[attr-defined] # what the standard library leaves there
    assert BaselineTest(TestId("t"), "1", 1, "d") == dataclasses.replace(
        BaselineTest(TestId("t"), "2", 1, "d"), phase="1"
    )


def test_a_fact_can_be_taken_apart_by_a_pattern() -> None:
    match CoverageGoal(90.0, 80.0):
        case CoverageGoal(line, branch):
            assert (line, branch) == (90.0, 80.0)


def test_what_hooks_and_short_commands_load_does_without_the_machinery_of_dataclasses() -> None:
    import subprocess

    code = (
        "import sys, pytest_phasegate.hooks.proving, pytest_phasegate.app.commit_check, pytest_phasegate.app.status;"
        "import pytest_phasegate.adapters.ledger.reading, pytest_phasegate.adapters.config, pytest_phasegate.cli.lint;"
        "import pytest_phasegate.core.linting, pytest_phasegate.cli.next;"
        "print({'inspect', 'dataclasses'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env=_path())

    assert done.stdout.strip() == "set()"


def _path() -> dict[str, str]:
    from pathlib import Path

    return {"PYTHONPATH": str(Path(facts.__file__).parents[2])}
