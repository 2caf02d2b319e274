"""What the short commands cost on guides of growing size, against ``python -c pass``.

Run ``python benchmarks/commands.py`` in an environment that holds the package. ``first`` is a run that finds no guide
kept from before; the others find it, as every run after the first does while the guide does not change.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from alternate import Command, alternate, print_table

SIZES = (5_000, 50_000, 500_000)
TARGETS = {"status": 6.0, "next": 6.0, "lint": 10.0, "show 1": 10.0}
_PHASE = """
### Phase {n}: Part {n}

**Goal**: Implement part {n} with support for `things_{n}` and more

**Files to create**:
- `src/app/part_{n}.py` - Part {n}

**Tests to write** (in `tests/test_part_{n}.py:TestPart`):
```python
class TestPart:
    def test_part_{n}_creation(self):
{body}

    def test_part_{n}_deletion(self): ...
```

Some prose about part {n} that mentions `code`, a [link](https://example.org/x) and **bold** text.

**Implementation notes**:
{notes}

**Success criteria**:
- [ ] All tests passing
- [ ] Coverage: 100%

**Commit**: `feat(app): add part {n}`
"""


def main() -> None:
    """Build a project for each size, compare, and print one table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as scratch:
        for size in SIZES:
            root = _project(Path(scratch, str(size)), size)
            figures = alternate(list(_commands(root)), options.rounds)
            targets = {**TARGETS, **{f"{name}, first": times for name, times in TARGETS.items()}}
            print_table(f"a guide of {size:,} bytes", figures, "python -c pass", targets)


def _commands(root: Path) -> list[Command]:
    phasegate = (sys.executable, "-m", "pytest_phasegate")
    commands = [Command("python -c pass", (sys.executable, "-c", "pass"), root)]
    for name in TARGETS:
        commands.append(Command(name, (*phasegate, *name.split()), root))
        unread = ("sh", "-c", 'rm -rf .git/phasegate/cache; exec "$0" "$@"', *phasegate, *name.split())
        commands.append(Command(f"{name}, first", unread, root))
    return commands


def _project(root: Path, size: int) -> Path:
    (root / "docs/plans").mkdir(parents=True)
    (root / "phasegate.toml").write_text('source = ["src"]\n')
    text, number = "# Big Implementation Guide\n\n## Phase Breakdown\n", 0
    parts = [text]
    while sum(map(len, parts)) < size:
        number += 1
        body = "\n".join(f"        assert cache_{number}.get({j}) == {j}  # comment {j}" for j in range(40))
        notes = "\n".join(f"- note {k}: do it with `function_{k}()` and see *that* it works" for k in range(10))
        parts.append(_PHASE.format(n=number, body=body, notes=notes))
    (root / "docs/plans/big_implementation_guide.md").write_text("".join(parts))
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for words in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "--no-verify", "-m", "docs: plan")):
        subprocess.run(("git", *words), cwd=root, check=True)
    return root


if __name__ == "__main__":
    main()
