"""The pytest plugin: options and configuration, inert until asked.

Only the standard library and pytest are imported here; every feature is a class of ``session``,
registered only when it is on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of the group *implementation-phase gates*."""
    group = parser.getgroup("phasegate", "implementation-phase gates")
    group.addoption(
        "--phase",
        action="append",
        default=[],
        metavar="SELECTION",
        help="run only the tests of these phases and judge them: 2, 1,3, 1-3, ..2, 2.., all, current, guide:2",
    )
