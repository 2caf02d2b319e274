from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_phasegate.session.state import guarded


class Feature:
    def __init__(self) -> None:
        self.state: Any = SimpleNamespace(troubles=[])

    @pytest.hookimpl(tryfirst=True)
    @guarded
    def pytest_runtest_logreport(self, report: object) -> object:
        if report == "bad":
            raise LookupError("no such test")
        return report


def test_a_fault_of_ours_becomes_a_trouble_of_the_run() -> None:
    feature = Feature()

    assert feature.pytest_runtest_logreport("bad") is None
    assert feature.state.troubles == ["pytest_runtest_logreport raised LookupError: no such test"]


def test_a_sound_hook_answers_as_ever_and_leaves_no_trouble() -> None:
    feature = Feature()

    assert feature.pytest_runtest_logreport("good") == "good"
    assert feature.state.troubles == []


def test_the_guard_keeps_the_signature_and_the_options_of_the_hook() -> None:
    manager = pytest.PytestPluginManager()
    manager.register(Feature(), "feature")

    (implementation,) = manager.hook.pytest_runtest_logreport.get_hookimpls()[-1:]
    assert (implementation.argnames, implementation.tryfirst) == (("report",), True)
