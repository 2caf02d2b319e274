from __future__ import annotations

import pytest

from pytest_phasegate.app.guide.reader import read_guide
from pytest_phasegate.core.guide.lint import linted
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.dialects import BUILT_IN
from pytest_phasegate.wiring.readers import TEMPLATES, template

PLACES = {
    "seed": ("docs/plans/greeter_implementation_guide.md", "canonical"),
    "superpowers": ("docs/superpowers/plans/greeter.md", "superpowers"),
    "spec-kit": ("specs/001-greeter/tasks.md", "spec-kit"),
    "kiro": (".kiro/specs/greeter/tasks.md", "kiro"),
    "stages": ("IMPLEMENTATION_PLAN.md", "stages"),
}


@pytest.mark.parametrize("form", TEMPLATES)
def test_a_template_is_read_back_as_it_is_meant_and_lint_has_no_word_to_say(form: str) -> None:
    path, dialect = PLACES[form]

    guide = linted(read_guide(template(form).encode(), path, BUILT_IN), Settings(), 0)

    assert (guide.dialect, guide.diagnostics) == (dialect, ())
    assert [(phase.id, phase.title) for phase in guide.phases] == [("1", "Greet somebody"), ("2", "Greet many")]
    files = [{(file.path, str(file.action)) for file in phase.files} for phase in guide.phases]
    assert all(
        ("src/app/greeter.py", action) in found for found, action in zip(files, ("create", "modify"), strict=True)
    )
    tests = [(test.file, test.name) for phase in guide.phases for test in phase.tests]
    assert tests[0] == ("tests/test_greeter.py", "test_greets_by_name")
    assert tests[-1] == ("tests/test_greet_all.py", "test_greets_each_name_once")
