from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.plan import planned
from support.project import without_foreign_plugins

if TYPE_CHECKING:
    from support.project import Project

SUITE = (
    "import sys\ndef test_one(): assert not [name for name in sys.modules if name.startswith('pytest_phasegate.')"
    " and name not in {'pytest_phasegate.plugin'}]\n"
)


@pytest.mark.parametrize(
    "option",
    [
        "--phase",
        "--phasegate-phase",
        "--phasegate",
        "--phasegate-guide",
        "--phasegate-expect",
        "--phasegate-cov",
        "--no-phasegate-cov",
        "--phasegate-fail-under",
        "--phasegate-report",
        "--phasegate-record",
        "--phasegate-shard",
        "--phasegate-strict",
    ],
)
def test_every_option_of_the_contract_stands_in_the_group(option: str, pytestconfig: pytest.Config) -> None:
    group = pytestconfig._parser.getgroup("phasegate")

    assert option in {name for declared in group.options for name in declared.names()}


def test_an_unknown_mode_is_a_usage_error(project: Project) -> None:
    assert project.write("test_a.py", SUITE).pytest("--phasegate", "loudly").exit_code == 4


def test_without_configuration_nothing_of_ours_is_imported_written_or_said(project: Project) -> None:
    project.write("test_a.py", SUITE)

    words = (sys.executable, "-m", "pytest", *without_foreign_plugins(), "-p", "no:cacheprovider")
    awake = project.run(*words)
    without = project.run(*words, "-p", "no:phasegate")

    assert awake.exit_code == without.exit_code == 0, awake.text
    assert (
        awake.stdout.partition(" in ")[0].replace("plugins: phasegate-0.1.0\n", "")
        == without.stdout.partition(" in ")[0]
    )
    assert sorted(path.name for path in project.root.iterdir()) == ["test_a.py"]


def test_our_modules_run_as_python_compiled_them(project: Project) -> None:
    """Pytest compiles every module of an installed plugin anew, in each run where no bytecode is kept."""
    project.write("conftest.py", "import pytest\npytest.register_assert_rewrite('pytest_phasegate.errors', 'others')\n")
    project.write("others.py", "")
    project.write(
        "test_a.py",
        "import others\nfrom pytest_phasegate import errors\nkind = lambda module: type(module.__loader__).__name__\n"
        "def test_one(): assert (kind(errors), kind(others)) == ('SourceFileLoader', 'AssertionRewritingHook')\n",
    )

    done = project.run(sys.executable, "-m", "pytest", *without_foreign_plugins(), "-p", "no:cacheprovider")

    assert done.exit_code == 0, done.text


def test_a_run_that_is_only_recorded_loads_neither_guides_nor_gates_nor_reports(project: Project) -> None:
    rooms = ("gates", "dialects", "reports.page", "reports.as_terminal", "wiring.records", "core.redgreen")
    ours = tuple(f"pytest_phasegate.{room}" for room in rooms)
    project.write("phasegate.toml", "").write(
        "test_a.py", f"import sys\ndef test_one(): assert [m for m in sys.modules if m.startswith({ours})] == []\n"
    )

    done = project.run(sys.executable, "-m", "pytest", *without_foreign_plugins(), "-p", "no:cacheprovider")

    assert done.exit_code == 0, done.text


OWN_OPTIONS = {
    "a dest": ('"--moon", dest="phase"', ("--moon", "full")),
    "an option": ('"--phase"', ("--phase", "full")),
    "an option, given in one word": ("'--phase', default='new'", ("--phase=full",)),
}


@pytest.mark.parametrize("place", ["conftest.py", "tests/conftest.py"])
@pytest.mark.parametrize("how", OWN_OPTIONS)
@pytest.mark.parametrize("configured", [True, False])
def test_an_option_of_the_project_with_our_name_is_the_projects_own(
    place: str, how: str, configured: bool, project: Project
) -> None:
    declared, given = OWN_OPTIONS[how]
    project.write(place, f"def pytest_addoption(parser): parser.addoption({declared})\n")
    project.write("tests/test_a.py", "def test_a(pytestconfig): assert pytestconfig.getoption('phase') == 'full'\n")
    if configured:
        project.write("phasegate.toml", "mode = 'report'\n")

    done = project.pytest(*given)

    assert done.exit_code == 0, done.text
    assert ("ours is --phasegate-phase" in done.stdout) is (configured and how != "a dest")


def test_beside_an_option_of_the_projects_own_phases_are_selected_by_the_long_name(project: Project) -> None:
    planned(project).write("conftest.py", "def pytest_addoption(parser): parser.addoption('--phase')\n")

    done = project.pytest("--phasegate-phase", "1", "--phase", "full", "--no-phasegate-cov")

    assert done.exit_code == 0, done.text
    assert "PASSED: phase 1" in done.stdout


def test_the_markers_are_known_to_strict_markers(project: Project) -> None:
    project.write(
        "test_a.py",
        """
        import pytest

        @pytest.mark.phase("2")
        @pytest.mark.characterization("as it was")
        def test_one(): pass
        """,
    )

    assert project.pytest("--strict-markers").exit_code == 0


def test_configuration_that_cannot_be_used_is_a_usage_error_before_any_test_runs(project: Project) -> None:
    project.write("test_a.py", "import pathlib\ndef test_one(): pathlib.Path('ran').touch()\n")
    project.write("phasegate.toml", "mode = 3\nmodes = 4\n")

    done = project.pytest()

    assert done.exit_code == 4
    assert "\n  phasegate.toml: mode: expected" in done.stderr
    assert "\n  phasegate.toml: modes: unknown key" in done.stderr
    assert not (project.root / "ran").exists()


def test_a_configured_run_says_in_the_header_that_no_phase_is_selected(project: Project) -> None:
    project.write("test_a.py", "def test_one(): pass\n").write("phasegate.toml", "mode = 'report'\n")

    assert "phasegate: no phase selected (report)" in project.pytest().stdout


def test_disabling_the_plugin_turns_all_of_it_off(project: Project) -> None:
    project.write("test_a.py", "def test_one(): pass\n").write("phasegate.toml", "mode = 3\n")

    done = project.pytest("-p", "no:phasegate")

    assert done.exit_code == 0
    assert "phasegate:" not in done.stdout


def test_a_project_that_only_depends_on_the_plugin_is_not_configured(project: Project) -> None:
    project.write("pyproject.toml", "[dependency-groups]\ndev = ['pytest-phasegate']\n")
    project.write("test_a.py", "def test_one(): pass\n")

    done = project.pytest("-p", "no:cacheprovider")

    assert done.exit_code == 0
    assert "phasegate:" not in done.stdout
    assert sorted(path.name for path in project.root.iterdir()) == ["pyproject.toml", "test_a.py"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--phasegate-report", "pdf"), "the types are: term, json, markdown, html"),
        (("--phasegate-fail-under", "lots"), "is no minimum"),
        (("--phasegate-shard", "1/2"), "--phasegate-shard is about phases"),
        (("--phasegate-fail-under", "9=80"), "unknown phase '9'"),
    ],
)
def test_an_option_that_cannot_be_used_is_a_usage_error(
    option: tuple[str, str], message: str, project: Project
) -> None:
    phase = () if option[0] == "--phasegate-shard" else ("--phase", "1")
    done = planned(project).pytest(*phase, *option)

    assert done.exit_code == 4
    assert message in done.stderr
    assert "Traceback" not in done.text
