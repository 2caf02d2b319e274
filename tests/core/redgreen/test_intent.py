from __future__ import annotations

import pytest

from pytest_phasegate.core.commit.conventional import trailers
from pytest_phasegate.core.redgreen.verdict import UNWRITTEN, intent_of


@pytest.mark.parametrize(
    ("message", "kind", "keeps"),
    [
        ("refactor: x", "refactor", True),
        ("refactor(core)!: x", "refactor", True),
        ("feat: x", "feat", False),
        ("fixup! refactor: x", "", False),
        ("Make it so", "", False),
        ('Revert "feat: x"', "revert", True),
        ('Reapply "feat: x"', "revert", True),
        ("undo\n\nThis reverts commit 0123456789abcdef.", "revert", True),
        ('Floor (#3)\n\n* Floor\n\n* Revert "x"\n\nThis reverts commit 0123456789abcdef.', "", False),
        ("Refactor: name the rate", "refactor", True),
        ("MAINT: use eigh", "chore", True),
        ("MNT: use eigh (#8859)", "chore", True),
        ("STY: wrap", "style", True),
        ("ENH: simplify", "enh", False),
        ("BUG: mend", "bug", False),
        ("Maint it", "", False),
        ("[pre-commit.ci] auto fixes from pre-commit.com hooks", "style", True),
        ("[pre-commit.ci] pre-commit autoupdate", "", False),
        ("", "", False),
    ],
)
def test_the_type_of_a_commit_says_whether_behaviour_is_meant_to_stay(message: str, kind: str, keeps: bool) -> None:
    intent = intent_of(message)

    assert (intent.type, intent.keeps_behaviour, intent.known) == (kind, keeps, True)


def test_a_merge_keeps_behaviour_whatever_its_subject() -> None:
    assert intent_of("feat: x", merge=True).keeps_behaviour
    assert not UNWRITTEN.keeps_behaviour


def test_a_revert_names_what_it_reverts() -> None:
    assert intent_of('Revert "feat: x"\n\nThis reverts commit 0123456789abcdef.').reverts == "0123456789abcdef"


@pytest.mark.parametrize(
    ("value", "reason", "fault"),
    [
        ("waived (spike)", "spike", False),
        ("Waived(see #12 (later))", "see #12 (later)", False),
        ("waived", "", True),
        ("waived ( )", "", True),
        ("waived (reason)", "", True),
        ("waived (why)", "", True),
        ("waived (...)", "", True),
        ("off", "", True),
    ],
)
def test_a_waiver_is_a_trailer_with_a_reason(value: str, reason: str, fault: bool) -> None:
    message = f"feat: x\n\nRed-green: {value}"
    intent = intent_of(message, trailers(message))

    assert (intent.waiver, bool(intent.waiver_fault)) == (reason, fault)


def test_other_trailers_waive_nothing() -> None:
    message = "feat: x\n\nIssue: #1"

    assert intent_of(message, trailers(message)).waiver == ""
