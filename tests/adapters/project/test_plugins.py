from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.errors import ConfigurationError
from pytest_phasegate.wiring import projects, readers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.project import Project

OWN = """
from pytest_phasegate.core.verdict.gate import BaseGate
from pytest_phasegate.hookspecs import hookimpl

class Own(BaseGate):
    name = {name!r}
    def check(self, phase, evidence):
        return self.passed(phase, "fine")

@hookimpl
def phasegate_register_gates():
    return [{what}]
"""


@pytest.fixture(autouse=True)
def _forget_tools() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name == "owntools" or name.startswith("owntools.")]:
        del sys.modules[name]


def names(project: Project) -> list[str]:
    return [gate.name for gate in readers.gates(projects.Project(project.root, Settings(plugins=("owntools.gates",))))]


def test_a_projects_own_gate_judges_after_the_built_in_ones(project: Project) -> None:
    built_in = [gate.name for gate in readers.gates(projects.Project(project.root, Settings()))]
    project.write("owntools/gates.py", OWN.format(name="own", what="Own()"))
    path = list(sys.path)

    assert names(project) == [*built_in, "own"]
    assert sys.path == path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_module", "the plugin 'owntools.gates' cannot be loaded: ModuleNotFoundError"),
        ("def (", "the plugin 'owntools.gates' cannot be loaded: SyntaxError"),
        ("1 / 0", "the plugin 'owntools.gates' cannot be loaded: ZeroDivisionError: division by zero"),
        (OWN.format(name="commands", what="Own()"), "two gates are called 'commands'"),
        (OWN.format(name="own", what="3"), "3 was registered as a gate and is none"),
        (OWN.format(name="own", what="1 / 0"), "a hook phasegate_register_gates cannot be loaded: ZeroDivisionError"),
        (OWN.replace("register_gates", "register_gate").format(name="own", what="Own()"), "a plugin cannot be loaded"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_one_message(text: str, said: str, project: Project) -> None:
    project.write("owntools/gates.py", text)

    with pytest.raises(ConfigurationError) as caught:
        names(project)

    assert said in caught.value.problem
