"""A coverage threshold for the whole suite, in a run of some phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate.session.guard import guarded

if TYPE_CHECKING:
    from pytest_phasegate.session.state import SessionState

OPTION = "--cov-fail-under"


class SuiteThreshold:
    """Set aside what the project's own settings ask of the suite's total: a phase alone need not reach it.

    One that is typed for this very run stays.
    """

    def __init__(self, state: SessionState) -> None:
        self.state = state

    @pytest.hookimpl
    @guarded
    def pytest_collection_finish(self) -> None:
        """Tell pytest-cov, which by now has read its threshold from ``addopts`` or coverage's settings, to ask none."""
        config = self.state.config
        plugin: Any = config.pluginmanager.getplugin("_cov")
        asked = getattr(getattr(plugin, "options", None), "cov_fail_under", None)
        typed = any(str(word).startswith(OPTION) for word in config.invocation_params.args)
        if not asked or typed or self.state.whole_suite:
            return
        plugin.options.cov_fail_under = None
        self.state.remarks.append(
            f"the suite's threshold ({OPTION} {asked:g}) was set aside: this run is a part of the suite; "
            "run pytest without --phase to ask for it"
        )
