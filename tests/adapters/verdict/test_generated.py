"""Generated files are made anew in a copy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.verdict.commands import regenerate
from support.git_repo import opened, repo

if TYPE_CHECKING:
    from support.project import Project

__all__ = ["repo"]

MAKE = "mkdir -p app/gen && tr a-z A-Z < app/spec.txt > app/gen/a.txt && echo x > app/gen/a.log"


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({}, ()),
        ({"app/gen/a.txt": "ADA!\n"}, ("gen/a.txt",)),
        ({"app/gen/by_hand.txt": "x\n"}, ("gen/by_hand.txt",)),
        ({"app/spec.txt": "bob\n"}, ("gen/a.txt",)),
        ({"app/spec.txt": "bob\n", "app/gen/a.txt": "BOB\n"}, ()),
    ],
)
def test_what_a_command_makes_otherwise_is_named_and_the_work_tree_stays(
    change: dict[str, str], differing: tuple[str, ...], repo: Project
) -> None:
    for path, text in ({"app/spec.txt": "ada\n", "app/gen/a.txt": "ADA\n", ".gitignore": "*.log\n"} | change).items():
        repo.write(path, text)
    repository = opened(repo)
    before = repo.git("status", "--porcelain").stdout
    commands = {"gen/**": f"cd .. && {MAKE}", "none/**": "false"}

    made, failed = regenerate(
        repository, repository.content_tree(), "app/", commands, os.environ, source=(), timeout=30
    )

    assert made.differing == differing
    assert (failed.problem, failed.differing) == ("it ended with 1: it said nothing", ())
    assert repo.git("status", "--porcelain").stdout == before
    assert not (repo.root / "app/gen/a.log").exists()
