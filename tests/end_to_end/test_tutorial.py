"""Whoever follows the tutorial line by line sees what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from support.project import Project

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-phase.md"
BLOCK = re.compile(r"(?ms)^(`{3,4})(\w*)\n(.*?)^\1$")
ODD = '        if key == "b":\n            return 3\n'
"""What the reader is told to write, and then to take out."""


def test_the_tutorial_can_be_followed_and_shows_what_is_printed(project: Project) -> None:
    project.init_git()
    text, ran, last = PAGE.read_text(encoding="utf-8"), [], 0

    for block in BLOCK.finditer(text):
        before, last = text[last : block.start()], block.end()
        if "Take the two odd lines out" in before:
            project.write("src/dqx/cache.py", project.read("src/dqx/cache.py").replace(ODD, ""))
        if "Commit the three" in before:
            project.commit("docs: plan the cache")
        if block[2] != "console":
            named = re.findall(r"`([\w./-]+)`", before)
            project.write(named[-1], block[3])
            continue
        for command, shown in commands(block[3]):
            if "venv" in command or "pip install" in command:
                continue
            printed = project.run("sh", "-c", command).text
            ran.append(command)
            for part in parts(shown):
                assert part in printed, f"$ {command}\n{printed}"

    assert len(ran) == 8


def commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that are shown below it."""
    lines = block.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start][2:], lines[start + 1 : end]


def parts(shown: list[str]) -> list[str]:
    """What is shown without a gap: lines between two that say ``...``."""
    return ["\n".join(lines) for gap, lines in groupby(shown, "...".__eq__) if not gap]
