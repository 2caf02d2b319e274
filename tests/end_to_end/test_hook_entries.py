from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.project import Project

TOP = Path(__file__).parents[2]
MANIFEST = TOP / ".pre-commit-hooks.yaml"
OFFERED = re.findall(r"(?m)^- id: (\S+)$", MANIFEST.read_text(encoding="utf-8"))


@pytest.mark.parametrize("framework", ["pre-commit", "prek"])
def test_the_frameworks_accept_what_we_offer(project: Project, framework: str) -> None:
    done = project.run(framework, "validate-manifest", str(MANIFEST), env={"PREK_HOME": str(project.home)})

    assert done.exit_code == 0, done.text


def test_every_hook_of_the_interface_is_offered() -> None:
    names = ("guide", "red-green", "commit-msg", "scope", "protected", "pre-push", "verify")

    assert [f"phasegate-{name}" for name in names] == OFFERED


def test_every_hook_offered_is_explained() -> None:
    reference = (TOP / "docs/reference/hooks.md").read_text(encoding="utf-8")

    assert [hook for hook in OFFERED if f"| `{hook}` |" not in reference] == []
