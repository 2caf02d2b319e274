"""Write what this run observed to a file, for ``phasegate combine``; a shard is recorded and not judged."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from pytest_phasegate.adapters.project.worktree import replace_file
from pytest_phasegate.core.coverage.measurement import together
from pytest_phasegate.core.evidence.outcomes import NodeId, TestRun
from pytest_phasegate.core.mapping.shards import Record, Shard
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.collection import Collecting
from pytest_phasegate.session.coverage import Measuring
from pytest_phasegate.session.outcomes import Watching
from pytest_phasegate.session.state import SessionState, guarded
from pytest_phasegate.wiring import projects


class Sharding:
    """Write the record when all tests are done, on the controller.

    Which tests a shard takes is for others to choose (pytest-split, path arguments): that does not make it partial.
    """

    def __init__(self, state: SessionState, watching: Watching) -> None:
        self.state = state
        self.watching = watching
        self.tree = projects.content_id(state.root)

    @guarded
    def pytest_sessionfinish(self) -> None:
        """Write the record; if that fails, there is none, and the remark says so."""
        path = os.fspath(self.state.config.getoption("phasegate_record") or "phasegate-record.json")
        target = self.state.config.invocation_params.dir / path
        try:
            text = json.dumps(self._record().plain(), separators=(",", ":"))
            replace_file(target, f"{text}\n")
            self.state.remarks.append(f"recorded in {path}{'' if self.state.judges else ', and not judged'}")
        except (OSError, PhasegateError) as error:
            self.state.remarks.append(f"no record was written: {error}")

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the record is, or why there is none, in a run that shows no verdicts."""
        if not self.state.judges:
            for remark in (*self.state.remarks, *self.state.troubles):
                terminalreporter.write_line(escaped(f"phasegate: {remark}"), yellow=True)

    def _record(self) -> Record:
        state = self.state
        plugins = state.config.pluginmanager.get_plugins()
        collecting = next(plugin for plugin in plugins if isinstance(plugin, Collecting))
        measuring = next(plugin for plugin in plugins if isinstance(plugin, Measuring))
        if projects.content_id(state.root) != self.tree:
            raise PhasegateError("files changed while the tests ran")
        return Record(
            tree=self.tree,
            guides={guide.path: guide.digest for guide in state.guides},
            selection=state.selection or (),
            shard=state.shard or Shard(1, 1),
            run=self._run(),
            collected=collecting.collected,
            selected=tuple(NodeId(node_id) for node_id in collecting.selected),
            measured=together(measuring.measured),
            doubt=measuring.doubt,
            prefix=state.path_prefix,
        )

    def _run(self) -> TestRun:
        run = self.state.run or self.watching.completed()
        config = self.state.config
        chosen = {"--splits", "--group", f"{self.state.left_out} of the selected tests were left out"}
        chosen |= {str(argument) for argument in config.args}
        return replace(run, partial=tuple(word for word in run.partial if word not in chosen or not self.state.shard))
