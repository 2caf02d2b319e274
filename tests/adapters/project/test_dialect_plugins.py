from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.project import Project

PLUGIN = """
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.hookspecs import hookimpl


class Shouting:
    name = "shouting"

    def strength(self, document):
        return 1.0 if any(line.startswith("PART ") for line in document.lines) else 0.0

    def read(self, document, path):
        parts = [(n, line) for n, line in enumerate(document.lines, 1) if line.startswith("PART ")]
        phases = tuple(Phase(id=line.split()[1], title=line, line=n, end_line=n) for n, line in parts)
        return Guide(path, "shouting", document.title, self.name, "", phases)


@hookimpl
def phasegate_register_dialects():
    return [Shouting()]
"""


def install(project: Project, body: str = PLUGIN) -> None:
    project.write("site/shouting.py", body)
    project.write("site/shouting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    project.write("site/shouting-1.0.dist-info/entry_points.txt", "[phasegate]\nshouting = shouting\n")
    project.environment["PYTHONPATH"] = str(project.root / "site")


def test_an_installed_plugin_adds_a_dialect(project: Project) -> None:
    install(project)
    project.write("g.md", "# G\nPART 1\nPART 2\n")

    shown = project.phasegate("show", "--guide", "g.md", "--format", "json").json

    assert (shown["guide"]["dialect"], [phase["id"] for phase in shown["phases"]]) == ("shouting", ["1", "2"])
    assert shown["guide"]["digest"].startswith("sha256:")


def test_what_is_no_dialect_is_refused_in_one_message(project: Project) -> None:
    install(project, PLUGIN.replace("return [Shouting()]", "return [42]"))
    project.write("g.md", "# G\n")

    done = project.phasegate("show", "--guide", "g.md")

    assert done.exit_code == 2
    assert "42 was registered as a dialect and is none" in done.stderr
    assert "Traceback" not in done.stderr


def test_reading_a_guide_runs_no_module_of_the_project(project: Project) -> None:
    project.write("pyproject.toml", '[tool.phasegate]\nplugins = ["evil"]\n')
    project.write("evil.py", "raise SystemExit('ran')")
    project.write("conftest.py", "raise SystemExit('ran')").write("g.md", "## Phase 1: A\n")

    for command in (("show", "--guide", "g.md"), ("lint", "g.md")):
        done = project.phasegate(*command)
        assert (done.exit_code, "ran" in done.text) == (0, False)
