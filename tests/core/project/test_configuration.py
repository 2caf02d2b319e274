from __future__ import annotations

from pathlib import Path

import pytest

from pytest_phasegate.core.project.configuration import KEYS, Place, from_texts, variable
from pytest_phasegate.core.project.settings import Component, CreepSeverity, Mode, Policy, Settings, Waiver
from pytest_phasegate.errors import ConfigurationError

EXAMPLE = """
guides = ["plans/*.md"]
source = ["src"]
mode = "report"
stage = "production"
python = ["uv", "run", "python"]
[coverage]
minimum = 95
branch = 90.5
scope = "files"
[stages]
staging = 70
production = 80
[red_green]
policy = "strict"
waivers = [{ match = "docs/*", reason = "generated", expires = 2031-01-31 }]
[map]
"tests/e2e/**" = 4
[commands]
lint = "ruff check"
[scope]
allow = ["uv.lock"]
severity = "error"
[protected]
"src/gen/**" = "specs/**"
[generate]
"src/gen/**" = "make generate"
[approval]
required = true
label = "approved"
unless = "needs-review"
[lint]
budget = 500
"""


def read(text: str, environment: dict[str, str] | None = None) -> Settings:
    return from_texts([Place("phasegate.toml", text, dedicated=True)], environment or {})


def complaint(text: str, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(text, environment)
    return caught.value.problem


def test_every_table_of_the_example_arrives() -> None:
    settings = read(EXAMPLE)

    assert settings.configured
    assert settings.guides == ("plans/*.md",)
    assert settings.mode is Mode.REPORT
    assert settings.python == ("uv", "run", "python")
    assert (settings.coverage.minimum, settings.coverage.branch) == (95.0, 90.5)
    assert settings.stage_minimum == 80.0
    assert settings.red_green.policy is Policy.STRICT
    assert settings.red_green.waivers == (Waiver("docs/*", "generated", "2031-01-31"),)
    assert settings.map == {"tests/e2e/**": "4"}
    assert settings.commands == {"lint": "ruff check"}
    assert settings.scope.severity is CreepSeverity.ERROR
    assert settings.protected == {"src/gen/**": ("specs/**",)}
    assert settings.generate == {"src/gen/**": "make generate"}
    assert settings.approval.required
    assert (settings.approval.label, settings.approval.unless) == ("approved", "needs-review")
    assert settings.lint.budget == 500


def test_nothing_configured_gives_the_defaults() -> None:
    plain = Place("pyproject.toml", '[project]\nname = "x"', dedicated=False)

    assert from_texts([plain], {}) == Settings()


def test_an_empty_table_of_ours_configures() -> None:
    assert from_texts([Place("pyproject.toml", "[tool.phasegate]", dedicated=False)], {}).configured


def test_the_environment_beats_the_file() -> None:
    variables = {"PHASEGATE_COVERAGE_MINIMUM": "80", "PHASEGATE_MODE": "off", "PHASEGATE_SOURCE": "lib, app"}

    settings = read('mode = "report"\n[coverage]\nminimum = 60', variables)

    assert settings.coverage.minimum == 80.0
    assert settings.mode is Mode.OFF
    assert settings.source == ("lib", "app")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mod = 1", "phasegate.toml: mod: unknown key; did you mean 'mode'?"),
        ("minimum = 1", "phasegate.toml: minimum: unknown key; did you mean 'coverage.minimum'?"),
        ("[coverage]\nminimun = 1", "phasegate.toml: coverage.minimun: unknown key; did you mean 'coverage.minimum'?"),
        (
            '[coverage]\nminimum = "high"',
            'phasegate.toml: coverage.minimum: expected a percentage from 0 to 100, got "high"',
        ),
        ("[coverage]\nminimum = true", "expected a percentage from 0 to 100, got true"),
        ("[coverage]\nminimum = 101", "expected a percentage from 0 to 100, got 101"),
        ("[coverage]\nminimum = nan", "expected a percentage from 0 to 100, got nan"),
        ("coverage = 80", "phasegate.toml: coverage: expected a table"),
        ('mode = "enforced"', 'mode: expected "enforce" or "report" or "off", got "enforced"'),
        ('guides = "x.md"', 'guides: expected a list of paths or globs, got "x.md"'),
        ("guides = [1]", "guides[0]: expected a string, got 1"),
        ('source = ["../up"]', 'source[0]: expected a path inside the repository, got "../up"'),
        ('source = ["/etc"]', "source[0]: expected a path inside the repository"),
        ("python = []", "python: expected a path, or a list of words, got a list"),
        ('[commit]\nbranch = "("', "commit.branch: expected a regular expression ("),
        ("[commit]\nbranch = 1", "commit.branch: expected a regular expression, got 1"),
        ('[commit]\nissue = "yes"', 'commit.issue: expected true or false, got "yes"'),
        ("[red_green]\ntimeout = 0", "red_green.timeout: expected a positive number of seconds, got 0"),
        ("[lint]\nbudget = 1.5", "lint.budget: expected a positive whole number, got 1.5"),
        ('[map]\n"../x" = "1"', 'map."../x": expected a path inside the repository'),
        ('[map]\n"tests/**" = []', 'map."tests/**": expected a phase id, got a list'),
        ("map = 1", "map: expected a table of path globs and phase ids, got 1"),
        ("[commands]\nlint = ''", 'commands.lint: expected a command line, got ""'),
        ("[protected]\na = 3", "protected.a: expected a list of paths relative to the repository, got 3"),
        ("[red_green]\nwaivers = 1", "red_green.waivers: expected a list of tables"),
        ('[[red_green.waivers]]\nmatch = "x"', "red_green.waivers[0]: expected a table with exactly match"),
        (
            '[[red_green.waivers]]\nmatch = "x"\nreason = " "\nexpires = "2031-01-31"',
            "red_green.waivers[0].reason: expected a string that is not empty",
        ),
        (
            '[[red_green.waivers]]\nmatch = "x"\nreason = "y"\nexpires = "soon"',
            'red_green.waivers[0].expires: expected a date such as 2030-12-31, got "soon"',
        ),
        ('stage = "prod"\n[stages]\nproduction = 80', "stage: expected the name of a stage (production), got 'prod'"),
        ('stage = "prod"', "none is defined; add [tool.phasegate.stages]"),
        ("components = 1", "components: expected a list of tables with path and stage"),
        ('[[components]]\npath = "src/a"', "components[0]: expected a table with exactly path and stage"),
        ('[[components]]\npath = "../a"\nstage = "x"', "components[0].path: expected a path inside the repository"),
        (
            '[[components]]\npath = "a"\nstage = " "',
            'components[0].stage: expected the name of one of the stages, got " "',
        ),
        ('[[components]]\npath = "a"\nstage = "x"', "components[0].stage: expected the name of a stage (none"),
        (
            '[stages]\nx = 1\n[[components]]\npath = "a/b"\nstage = "x"\n[[components]]\npath = "./a/b/"\nstage = "x"',
            "components[1].path: 'a/b' is a component already",
        ),
        ("a = [" + "1," * 99 + "]", "a: unknown key; known here: "),
        ('mode = "' + "x" * 99 + '"', "xxx..."),
    ],
)
def test_what_cannot_be_used_is_named_with_its_path_and_what_was_expected(text: str, message: str) -> None:
    assert message in complaint(text)


def test_a_component_has_a_path_and_a_stage() -> None:
    text = '[stages]\ndevelopment = 60\n[[components]]\npath = "./src/a/"\nstage = "development"\n'

    assert read(text).components == (Component("src/a", "development"),)


def test_all_problems_come_at_once() -> None:
    text = 'mode = "x"\nnonsense = 1\n[coverage]\nminimum = -1\n'

    problem = complaint(text, {"PHASEGATE_STAGE": " ", "PHASEGATE_RED_GREEN_TIMEOUT": "long"})

    assert problem.startswith("5 problems in the configuration:\n")
    assert "environment variable PHASEGATE_RED_GREEN_TIMEOUT: expected a positive number of seconds" in problem


def test_the_path_in_pyproject_is_the_whole_one() -> None:
    with pytest.raises(ConfigurationError, match=r"pyproject.toml: tool\.phasegate\.mod: unknown key"):
        from_texts([Place("pyproject.toml", "[tool.phasegate]\nmod = 1", dedicated=False)], {})


def test_our_table_must_be_a_table() -> None:
    with pytest.raises(ConfigurationError, match=r"tool\.phasegate: expected a table"):
        from_texts([Place("pyproject.toml", "[tool]\nphasegate = 1", dedicated=False)], {})


def test_broken_toml_names_line_and_column() -> None:
    assert "phasegate.toml: not valid TOML: " in (problem := complaint("mode = \n"))
    assert "line 1, column 8" in problem


def test_two_places_that_both_configure_are_refused() -> None:
    both = [
        Place("pyproject.toml", "[tool.phasegate]", dedicated=False),
        Place("phasegate.toml", "", dedicated=True),
    ]

    with pytest.raises(ConfigurationError, match=r"pyproject\.toml and phasegate\.toml both configure phasegate"):
        from_texts(both, {})


@pytest.mark.parametrize("name", ["PHASEGATE_MDOE", "PHASEGATE_POLICY", "PHASEGATE_LEDGR", "PHASEGATE_CONFG"])
def test_a_misspelt_variable_is_an_error(name: str) -> None:
    assert f"environment variable {name}: no such setting; did you mean PHASEGATE_" in complaint("", {name: "x"})


def test_a_foreign_variable_with_our_prefix_is_left_alone() -> None:
    assert read("", {"PHASEGATE_VERSION": "1", "PHASEGATE_LEDGER": "x"}) == read("")


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("0", False)])
def test_a_switch_in_the_environment_is_a_word(text: str, value: bool) -> None:
    assert read("", {"PHASEGATE_COMMIT_ISSUE": text}).commit.issue is value


def test_a_count_in_the_environment_is_a_number() -> None:
    assert read("", {"PHASEGATE_LINT_BUDGET": "7"}).lint.budget == 7
    assert 'got "many"' in complaint("", {"PHASEGATE_LINT_BUDGET": "many"})


def test_every_key_fills_a_field_of_the_settings() -> None:
    for path in KEYS:
        value: object = Settings()
        for name in path.split("."):
            value = getattr(value, name)


@pytest.mark.parametrize(("text", "message"), [("plugins = 1", "plugins: expected a list of module names, got 1")])
def test_a_list_is_a_list(text: str, message: str) -> None:
    assert message in complaint(text)


REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"


@pytest.mark.parametrize("path", KEYS)
def test_every_key_and_its_variable_stand_in_the_reference(path: str) -> None:
    page = REFERENCE.read_text(encoding="utf-8")

    assert f"### `{path}`" in page
    assert KEYS[path].from_text is None or f"`{variable(path)}`" in page
