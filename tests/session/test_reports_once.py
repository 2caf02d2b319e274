from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.project import Project

CONFTEST = """
def pytest_terminal_summary(config, terminalreporter):
    known = [found.plugin_name for found in config.hook.pytest_runtest_logreport.get_hookimpls()]
    terminalreporter.write_line(f"looking: {[name for name in known if 'phasegate' in name]}")
"""


def test_a_report_is_looked_at_once(project: Project) -> None:
    project.init_git().write("phasegate.toml", 'source = ["src"]\n').write("conftest.py", CONFTEST)
    project.write("test_app.py", "def test_it(): pass\n")

    assert "looking: ['phasegate-watching']" in project.pytest("-q").stdout
