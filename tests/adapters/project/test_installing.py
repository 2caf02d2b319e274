from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.redgreen.bench import install_command

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = '[project]\nname = "app"\n'


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"uv.lock": "", "pyproject.toml": PROJECT}, "uv sync"),
        ({"poetry.lock": ""}, "poetry install"),
        ({"pdm.lock": ""}, "pdm install"),
        ({"pyproject.toml": f"{PROJECT}optional-dependencies.testing = []\n"}, "py -m pip install -e '.[testing]'"),
        ({"pyproject.toml": f"{PROJECT}optional-dependencies.docs = []\n"}, "py -m pip install -e . pytest"),
        (
            {"pyproject.toml": f"{PROJECT}optional-dependencies = {{dev = [], tests = []}}\n"},
            "py -m pip install -e '.[tests]'",
        ),
        (
            {"pyproject.toml": f"{PROJECT}[dependency-groups]\ntests = []\n"},
            "py -m pip install -e . --group tests",
        ),
        ({"requirements.txt": "", "requirements-dev.txt": ""}, "py -m pip install -r requirements-dev.txt"),
        ({"setup.py": "", "requirements/test.txt": ""}, "py -m pip install -e . -r requirements/test.txt"),
        ({"pyproject.toml": "project = [", "setup.py": ""}, "py -m pip install -e . pytest"),
        ({"pyproject.toml": "[project]\noptional-dependencies = 3\n"}, "py -m pip install -e . pytest"),
        ({}, "py -m pip install pytest"),
    ],
)
def test_the_command_is_that_of_the_lock_file_or_names_what_tests_need(
    tmp_path: Path, files: dict[str, str], command: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    assert install_command(tmp_path, "py -m pip install", "pytest") == command
