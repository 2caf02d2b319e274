"""What a replay costs: one commit, a second one in a large tree, forty commits, and the same forty again.

Run ``python benchmarks/replay.py`` in an environment that holds the package. Commands run in turn; a figure is the
median of the rounds, as wall time and as CPU time of the process and its children. ``by hand`` is what people do
without us: a worktree, the tests on the code before, the tests on the code after.
"""

from __future__ import annotations

import argparse
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from alternate import Command, environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MODULES = 20
TESTS_A_MODULE = 20
PHASEGATE = (sys.executable, "-m", "pytest_phasegate")
PYTEST = f"{shlex.quote(sys.executable)} -m pytest -q -p no:cacheprovider"
SPARE = ("xdist", "xdist.looponfail", "pytest_cov", "pytest-split", "randomly", "hypothesispytest")
CONFIGURATION = f"""\
[project]
name = "pkg"
[tool.phasegate]
source = ["src"]
python = {sys.executable!r}
[tool.pytest.ini_options]
pythonpath = ["src"]
addopts = {[word for name in SPARE for word in ("-p", f"no:{name}")]}
"""


class Cost(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float


def main() -> None:
    """Build the projects, compare, and print one table a question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--commits", type=int, default=40)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--only", choices=("commit", "tree", "range"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phasegate-bench-") as place:
        scratch = Path(place)
        if options.only in {None, "commit"}:
            one_commit(project(scratch / "one", 2), scratch, options.rounds)
        if options.only in {None, "tree"}:
            second_replay(scratch, options.files, options.rounds)
        if options.only in {None, "range"}:
            whole_range(project(scratch / "range", options.commits), options.commits, options.rounds)


def one_commit(root: Path, scratch: Path, rounds: int) -> None:
    """Compare the replay of one commit with doing it by hand, and with the least that it could be."""
    changed = "tests/test_1.py"
    tree = shlex.quote(str(scratch / "tree"))
    run = f"env PYTHONPATH={tree}/src {PYTEST} --rootdir {tree} {tree}/{changed}"
    by_hand = f"""
        git worktree add -q --detach {tree} HEAD && git -C {tree} checkout -q HEAD~ -- src
        {run} && exit 9
        git -C {tree} checkout -q HEAD -- src && {run}
        git worktree remove --force {tree}
    """
    least = f"""
        for revision in HEAD~ HEAD; do
            git worktree add -q --detach {tree} $revision && git worktree remove --force {tree}
        done
        {PYTEST} {changed}
    """
    commands = [
        Command("python -c pass", (sys.executable, "-c", "pass"), root),
        Command("by hand", ("sh", "-c", by_hand), root),
        Command("the tests once, and the two trees", ("sh", "-c", least), root),
        Command("verify one commit", verify("HEAD~..HEAD", "--no-cache"), root),
    ]
    found = alternate(commands, rounds)
    table("replay of one commit", found, "by hand", {"verify one commit": 0.8})
    table("the same", found, "the tests once, and the two trees", {})


def second_replay(scratch: Path, files: int, rounds: int) -> None:
    """Say by how much a large tree makes the second replay of a range slower than a small one does."""
    commands = [
        Command(f"{commits} commits, {size} files more", verify(f"HEAD~{commits}..HEAD", "--no-cache"), root)
        for size in (0, files)
        for root in [project(scratch / f"tree-{size}", 3, size)]
        for commits in (1, 2)
    ]
    found = alternate(commands, rounds)
    table(f"a second replay in a tree of {files} files", found, commands[0].name, {})
    small, large = ([found[f"{commits} commits, {size} files more"] for commits in (1, 2)] for size in (0, files))
    for kind in ("wall", "cpu"):
        added = [getattr(two, kind) - getattr(one, kind) for one, two in (small, large)]
        print(f"a second replay takes {added[0]:.2f} s, {added[1]:.2f} s in the large tree: "
              f"{added[1] - added[0]:+.2f} s {kind} (target: 0.3)")  # fmt: skip


def whole_range(root: Path, commits: int, rounds: int) -> None:
    """Compare a range with the sum of its commits one by one, and a second look at it with a bare interpreter."""
    ranges = [f"HEAD~{number}..HEAD~{number - 1}" for number in range(commits, 0, -1)]
    one_by_one = " && ".join(shlex.join(verify(one, "--no-cache")) for one in ranges)
    span = f"HEAD~{commits}..HEAD"
    commands = [
        Command("one by one", ("sh", "-c", one_by_one), root),
        Command("one job", verify(span, "--no-cache"), root),
        Command("two jobs", verify(span, "--no-cache", "--jobs", "2"), root),
    ]
    found = alternate(commands, max(1, rounds // 5), warm_up=0)
    table(f"verify of {commits} commits", found, "one by one", {"two jobs": 0.6})
    again = [
        Command("python -c pass", (sys.executable, "-c", "pass"), root),
        Command("a second time", verify(span, "--jobs", "2"), root),
    ]
    table("the same range from the cache", alternate(again, rounds), "python -c pass", {"a second time": 20.0})


def verify(span: str, *options: str) -> tuple[str, ...]:
    return (*PHASEGATE, "verify", *options, span)


def alternate(commands: Sequence[Command], rounds: int, *, warm_up: int = 1) -> dict[str, Cost]:
    """Run the commands in turn and return the median cost of each."""
    costs: dict[str, list[Cost]] = {command.name: [] for command in commands}
    for turn in range(warm_up + rounds):
        for command in commands:
            cost = cost_of(command)
            if turn >= warm_up:
                costs[command.name].append(cost)
    return {
        name: Cost(*(statistics.median(getattr(cost, kind) for cost in taken) for kind in Cost._fields))
        for name, taken in costs.items()
    }


def cost_of(command: Command) -> Cost:
    """Run a command once.

    Raises:
        SystemExit: It left with a code that it should not: a failing command measures nothing.
    """
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command.argv, cwd=command.cwd, env=environment(command), capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in command.expected:
        sys.exit(f"{command.name} left with {done.returncode}:\n{(done.stdout + done.stderr).decode()[-2000:]}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - begun, spent)


def table(title: str, found: Mapping[str, Cost], unit: str, targets: Mapping[str, float]) -> None:
    """Print one row a command: seconds and ratios to the unit, by wall and by CPU."""
    print(f"\n{title} (unit: {unit})\n{'':36} {'wall':>8} {'ratio':>7} {'CPU':>8} {'ratio':>7}  target")
    for name, cost in found.items():
        wall, cpu = cost.wall / found[unit].wall, cost.cpu / found[unit].cpu
        target = targets.get(name)
        mark = "" if target is None else f"{target:g} {'met' if wall <= target else 'MISSED'} (wall)"
        print(f"{name:36} {cost.wall:8.3f} {wall:7.2f} {cost.cpu:8.3f} {cpu:7.2f}  {mark}", flush=True)


def project(root: Path, commits: int, more: int = 0) -> Path:
    """Write a project and its history: each commit adds a function to one module and a test of it to that module's."""
    write(root / "pyproject.toml", CONFIGURATION)
    write(root / ".gitignore", "__pycache__/\n")
    write(root / "src/pkg/__init__.py", "")
    for module in range(MODULES):
        numbers = range(TESTS_A_MODULE)
        write(root / f"src/pkg/m{module}.py", "\n\n".join(f"def f{n}(x):\n    return x + {n}\n" for n in numbers))
        tests = [f"def test_f{n}():\n    assert m{module}.f{n}(1) == {n + 1}\n" for n in numbers]
        write(root / f"tests/test_{module}.py", "\n\n".join([f"from pkg import m{module}\n", *tests]))
    for number in range(more):
        write(root / f"data/{number % 200}/{number}.txt", f"{number}\n")
    git(root, "init", "-q")
    git(root, "add", "--all")
    commit(root, "chore: begin")
    for number in range(commits):
        module = (commits - number) % MODULES
        append(root / f"src/pkg/m{module}.py", f"\n\ndef g{number}(x):\n    return x * {number}\n")
        append(
            root / f"tests/test_{module}.py",
            f"\n\ndef test_g{number}():\n    assert m{module}.g{number}(2) == {2 * number}\n",
        )
        commit(root, f"feat: g{number}")
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def commit(root: Path, message: str) -> None:
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    git(root, *identity, "commit", "-q", "--no-verify", "-am", message)


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True)


if __name__ == "__main__":
    main()
