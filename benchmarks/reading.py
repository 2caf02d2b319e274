"""What reading and linting a guide costs, and whether it is linear in the guide's size.

Run ``python benchmarks/reading.py``. Each shape is built to be hard: it repeats what a careless pattern reads again and
again. For each: CPU seconds at full size, and how many times they grow where the size doubles (2 is linear, 4 square).
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.core.guide.lint import linted
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.dialects import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = "# Guide\n### Phase 1: A\n"
_KEYCAP = "1\ufe0f\u20e3"
_LINE = 60_000
"""Characters of the one-line shapes: below the length at which a line is not read at all."""


def _in_field(label: str, item: str) -> Callable[[int], str]:
    return lambda size: f"{_HEAD}**{label}**:\n- {item * (size // len(item))}\n"


def _phases(body: str) -> Callable[[int], str]:
    return lambda size: (
        "# Guide\n"
        + "".join(
            f"### Phase {i}: T\n" + body.replace("{i}", str(i)).replace("{before}", str(i - 1))
            for i in range(1, size + 1)
        )
    )


def _run_plan(size: int) -> str:
    tests = "".join(f"def test_{i}(): ...\n" for i in range(size))
    runs = "".join(f'Run: `pytest tests/test_a.py::test_{i}`\nExpected: FAIL with "x"\n' for i in range(size))
    return f"# Plan\nFor Claude: go\n### Task 1: A\n```python\n{tests}```\n{runs}"


SHAPES: dict[str, tuple[int, Callable[[int], str]]] = {
    "digits before a percent sign": (20_000, lambda n: f"{_HEAD}**Criteria**:\n- [ ] Coverage: {'9' * n}%\n"),
    "comment openers on one line": (16_000, lambda n: f"{_HEAD}{'<!-- ' * n}\n"),
    "comment openers behind a word": (16_000, lambda n: f"{_HEAD}x {'<!-- ' * n}\n"),
    "runs of backticks and a comment": (
        _LINE,
        lambda n: f"{_HEAD}<!-- x --> {'`' * (n // 2)}{'a' * (n // 2)}\n",
    ),
    "ranges of dependencies": (450, _phases("**Depends on**: 1-{before}\n")),
    "ranges ahead": (
        450,
        lambda n: _phases("**Depends on**: {before}\n")(n).replace("Depends on**: 1\n", f"Depends on**: 3-{n}\n"),
    ),
    "phases that do not exist": (2_000, _phases("**Depends on**: 9{i}99\n")),
    "phases": (
        10_000,
        _phases("**Files**:\n- Create: `src/a{i}.py`\n**Tests to write**:\n- `test_a{i}`\n"),
    ),
    "phases of one id": (10_000, lambda n: "# Guide\n" + "### Phase 1: A\ntext\n" * n),
    "one line of letters": (4_500_000, lambda n: f"{_HEAD}{'x' * n}\n"),
    "one line of paths": (4_500_000, _in_field("Files", "`src/a.py`, ")),
    "paths of one line": (_LINE, _in_field("Files", "`src/a.py`, ")),
    "opening brackets of one line": (_LINE, _in_field("Files", "[")),
    "blanks behind a path": (_LINE, lambda n: f"{_HEAD}**Files**:\n- `a.py`{' ' * n}x\n"),
    "colons in a path": (_LINE, lambda n: f"{_HEAD}**Files**:\n- `{':a' * (n // 2)}!`\n"),
    "commas in a task": (_LINE, lambda n: f"# G\n## 1. A\n- [ ] 1.1 {'a,' * (n // 2)}\n"),
    "tags of a task": (_LINE, lambda n: f"# T\n## Phase 1: A\n- [ ] T001 a\n- [ ] T002 {'[P]' * (n // 3)} b\n"),
    "a word under tests": (_LINE, lambda n: f"{_HEAD}**Tests**:\n- {'a' * n} .py\n"),
    "calls of git": (_LINE, lambda n: f"{_HEAD}**Commit**: {'git commit ' * (n // 11)}\n"),
    "backticks of a commit": (_LINE, lambda n: f"{_HEAD}**Commit**: {'`' * n}\n"),
    "dashes in a label": (_LINE, lambda n: f"{_HEAD}**a{'-' * n}b**: c\n"),
    "parentheses in a title": (_LINE, lambda n: f"### Phase 1 {'(a)' * (n // 3)}: b\n"),
    "blanks in a title": (_LINE, lambda n: f"### Phase 1: [{' ' * n}x\n"),
    "blanks and arrows of dependencies": (_LINE, lambda n: f"{_HEAD}## Dependencies\nPhase 1{' ' * n}-{'-' * n}\n"),
    "coverage words": (_LINE, lambda n: f"{_HEAD}**Criteria**:\n- {'test ' * (n // 5)}overage 5%\n"),
    "blanks behind a figure": (_LINE, lambda n: f"{_HEAD}**Criteria**:\n- coverage 5%{' ' * n}x\n"),
    "list markers of one line": (_LINE, lambda n: f"{_HEAD}{'- ' * (n // 2)}x\n```\n```\n  # a\n"),
    "tests of one name": (
        5_000,
        lambda n: f"{_HEAD}**Tests**:\n" + "".join(f"- `tests/test_{i}.py::test_a`\n" for i in range(n)),
    ),
    "runs of a plan": (2_000, _run_plan),
    "fences of tests": (20_000, lambda n: f"{_HEAD}**Tests**:\n" + "```\nx\n```\nb\n" * n),
    "slashes behind a verb": (_LINE, lambda n: f"{_HEAD}- [ ] Create {'a/' * (n // 2)}\n"),
    "dashes of a node id": (_LINE, lambda n: f"{_HEAD}- [ ] Add test_ {'a-' * (n // 2)}::b\n"),
    "dots behind a verb": (_LINE, lambda n: f"{_HEAD}- [ ] Create {'.a' * (n // 2)}\n"),
    "words behind a verb": (_LINE, lambda n: f"{_HEAD}- [ ] Update {'in ' * (n // 3)}`a.py`\n"),
    "blanks in a listed task": (_LINE, lambda n: f"# S\n## Tasks / Subtasks\n- [ ] a{' ' * n}(AC\n- [ ] b\n"),
    "brackets of a listed task": (_LINE, lambda n: f"# S\n## Tasks / Subtasks\n- [ ] {'(AC: ' * (n // 5)}\n- [ ] b\n"),
    "claims before a unit": (_LINE, lambda n: f"# S\n### {'[done] ' * (n // 7)}Phase 1: a\n### Phase 2: b\n"),
    "numbers before a unit": (_LINE, lambda n: f"# S\n### {'1.1 ' * (n // 4)}Phase 1: a\n### Phase 2: b\n"),
    "keycaps before a unit": (_LINE, lambda n: f"# S\n### {_KEYCAP * (n // 3)} a\n### Phase 2: b\n"),
    "numbers of a range": (_LINE, lambda n: f"# S\n### Task 1{', 2' * (n // 3)}: a\n### Task 3: b\n"),
    "bold lines": (_LINE, lambda n: f"# S\n**{'Phase 1 ' * (n // 8)}: a**\n**Phase 2: b**\n"),
    "tags of one line": (
        _LINE,
        lambda n: f"<task>\n<name>{'<name>' * (n // 6)}\n<files>{'a.py,' * (n // 5)}\n</task>\n",
    ),
    "parentheses of dependencies": (_LINE, lambda n: f"{_HEAD}**Depends on**: {'(may ' * (n // 5)}\n"),
    "files of one name": (10_000, _phases("**Files to modify**:\n- `d{i}/a.py`\n- `a.py`\n")),
    "rows of a table of phases": (1_900, lambda n: "# S\n| Phase | Focus |\n|--|--|\n" + "| 1 | `a.py` |\n" * n),
    "plain lines of phases": (5_000, lambda n: "# S\n" + "".join(f"Phase {i}: Create `a.py`\n" for i in range(n))),
    "cells of a task": (_LINE, lambda n: f"{_HEAD}| Task |\n|--|\n| Create {'`a.py` ' * (n // 7)}|\n"),
    "commands of a task": (_LINE, lambda n: f"{_HEAD}- [ ] Create {'python3 a.py ' * (n // 13)}\n"),
    "words of a heading": (_LINE, lambda n: f"# S\n## {'tasks ' * (n // 6)}\n- [ ] a\n"),
    "blanks of a heading": (_LINE, lambda n: f"# S\n## tasks{' ' * n}and\n- [ ] a\n"),
    "paths of the author": (5_000, _phases("**Files**: `/home/me/p/src/a{i}.py`\n")),
    "tasks in tags": (5_000, lambda n: "<task>\n<name>Task: a</name>\n<files>a.py</files>\n</task>\n" * n),
    "quotes in code": (_LINE, lambda n: f"{_HEAD}**Tests**:\n```python\n{chr(34) * n}!\n'''\n```\n"),
}


def main() -> int:
    """Measure and print a line for each shape; 1 where one takes longer than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="measure the shapes whose name holds this")
    parser.add_argument("--limit", type=float, default=2.0, help="CPU seconds that a shape may take (default: 2)")
    options = parser.parse_args()
    slow = 0
    print(f"{'shape':36} {'size':>10} {'seconds':>8} {'growth a doubling':>18}")
    for name, (size, shape) in SHAPES.items():
        if not options.only or options.only in name:
            half, full = (_seconds(shape(each)) for each in (size // 2, size))
            slow += full > options.limit
            growth = full / half if half > 0.01 else 0
            print(
                f"{name:36} {size:10,} {full:8.3f} {growth or '':>18.3}"
                if growth
                else f"{name:36} {size:10,} {full:8.3f}",
                flush=True,
            )
    return int(slow > 0)


def _seconds(text: str) -> float:
    data, dialects = text.encode(), BUILT_IN
    started = time.process_time()
    linted(read_guide(data, "docs/plans/a_implementation_guide.md", dialects), Settings(), text.count("\n"))
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
