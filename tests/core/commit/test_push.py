from __future__ import annotations

import pytest

from pytest_phasegate.core.commit.revision_range import RefUpdate, framework_update, ref_updates
from pytest_phasegate.errors import PhasegateError

ONE, TWO, NONE = "1" * 40, "2" * 40, "0" * 40

LINES = {
    "an update": (f"refs/heads/a {ONE} refs/heads/b {TWO}", RefUpdate(ONE, "refs/heads/b", TWO)),
    "a new ref": (f"HEAD {ONE} refs/heads/b {NONE}", RefUpdate(ONE, "refs/heads/b", None)),
    "a deletion": (f"(delete) {NONE} refs/heads/b {TWO}", RefUpdate(None, "refs/heads/b", TWO)),
    "a revision with spaces": (
        f"HEAD@{{1 day ago}} {ONE} refs/heads/b {NONE}",
        RefUpdate(ONE, "refs/heads/b", None),
    ),
    "sha256": (f"a {ONE}{'0' * 24} b {'0' * 64}", RefUpdate(ONE + "0" * 24, "b", None)),
}


@pytest.mark.parametrize(("line", "update"), LINES.values(), ids=LINES)
def test_a_line_of_a_push_is_one_update(line: str, update: RefUpdate) -> None:
    assert ref_updates(f"{line}\n") == (update,)


def test_every_line_counts_and_no_line_is_no_update() -> None:
    assert len(ref_updates(f"a {ONE} b {TWO}\nc {ONE} d {NONE}\n")) == 2
    assert ref_updates("") == ()


def test_a_line_that_is_not_gits_is_an_error() -> None:
    with pytest.raises(PhasegateError, match="pre-push line 'nonsense'"):
        ref_updates("nonsense\n")


TOLD = {
    "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/a",
    "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/b",
    "PRE_COMMIT_FROM_REF": ONE,
    "PRE_COMMIT_TO_REF": TWO,
}


@pytest.mark.parametrize(
    ("silent", "update"),
    [
        ((), RefUpdate(TWO, "refs/heads/b", ONE)),
        (("FROM_REF", "TO_REF"), RefUpdate("refs/heads/a", "refs/heads/b", None)),
        (("LOCAL_BRANCH", "REMOTE_BRANCH"), RefUpdate(TWO, TWO, ONE)),
        (("FROM_REF", "TO_REF", "LOCAL_BRANCH", "REMOTE_BRANCH"), None),
    ],
    ids=["a push", "a first push", "by hand", "nothing"],
)
def test_the_framework_tells_of_one_ref(silent: tuple[str, ...], update: RefUpdate | None) -> None:
    told = {name: value for name, value in TOLD.items() if name.removeprefix("PRE_COMMIT_") not in silent}

    assert framework_update(told) == update
