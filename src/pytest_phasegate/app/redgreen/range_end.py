"""The tests that a range does not touch and that its code can reach, run once where the range ends."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from pytest_phasegate.app.redgreen.change import ChangeReader
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.redgreen.tree_runs import file_of
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.project.settings import Policy, RedGreenSettings
from pytest_phasegate.core.redgreen.observed import Replay
from pytest_phasegate.core.redgreen.replay import failing_files, failing_tests


class Fallen(NamedTuple):
    """The tests that fail where a range ends and passed before; ``trouble`` says why nobody knows of some."""

    tests: tuple[TestId, ...] = ()
    trouble: str = ""


def fallen(
    reader: ChangeReader,
    replayer: Callable[[], Replayer],
    trees: tuple[str, str],
    rules: RedGreenSettings,
    *,
    last: Replay,
    green: Collection[TestId],
) -> Fallen:
    """Run the tests that can reach what differs between two trees on the latter, and what fails there on the former.

    Args:
        reader: Reads the trees.
        replayer: Gives what runs tests, where some must run.
        trees: Where the range begins, and where it ends.
        rules: The rules of its base.
        last: What was run for its last commit: what that ran is known.
        green: The tests that its commits have shown green.

    Raises:
        RepositoryError: A tree cannot be written.
    """
    start, end = trees
    change = reader.between(start, end)
    changes = change.changes
    if not changes.changes_behaviour or changes.policy_under(rules) is Policy.OFF:
        return Fallen()
    reaching = reader.reach(change)([one.path for one in (*changes.behaviour, *changes.unproved)])
    there = filter(change.layout.is_collected, change.after.entries)
    ran = {file_of(case.node_id) for test in last.tests for case in test.cases}
    left = tuple(path for path in (there if reaching.whole else reaching.files) if path not in ran)
    if not left:
        return Fallen()
    runs = replayer()
    ended = runs.suite(change) if reaching.whole else runs.standing(change, left)
    files = failing_files(ended)
    before = runs.standing(reader.between(start, start), files) if files else ProbedRun()
    passed = {case.test for case in before.cases if case.outcome.green}.union(green) - failing_tests(before)
    failing, broken = failing_tests(ended), {item.path for item in ended.uncollected}
    lost = (test for test in passed if test in failing or file_of(test) in broken)
    return Fallen(tuple(sorted(lost)), ended.trouble or ("pytest gave up" if ended.aborted is not None else ""))
