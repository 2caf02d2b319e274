from __future__ import annotations

import pytest

from pytest_phasegate.core.guide.declared_files import missing_files, production_files
from pytest_phasegate.core.guide.model import Action, DeclaredFile, Phase

TREE = (
    "src/app/__init__.py", "src/app/cache.py", "src/app/store/disk.py", "src/app/store/deep/x.py", "src/app/README.md",
    "tests/test_cache.py", "src/app/odd[1].py",
)  # fmt: skip


def is_production(path: str) -> bool:
    return path.startswith("src/") and path.endswith(".py")


def phase(*paths: str, action: Action = Action.CREATE) -> Phase:
    return Phase("1", "One", 1, 9, files=tuple(DeclaredFile(path, action, 2) for path in paths))


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("src/app/cache.py", ["src/app/cache.py"]),
        ("src/app/cach", []),
        ("src/app/store/", ["src/app/store/deep/x.py", "src/app/store/disk.py"]),
        ("src/app/store", ["src/app/store/deep/x.py", "src/app/store/disk.py"]),
        ("src/app/*.py", ["src/app/__init__.py", "src/app/cache.py", "src/app/odd[1].py"]),
        ("src/app/**/x.py", ["src/app/store/deep/x.py"]),
        ("src/**/cache.py", ["src/app/cache.py"]),
        ("src/app/store/**", ["src/app/store/deep/x.py", "src/app/store/disk.py"]),
        ("src/app/{cache,other}.py", ["src/app/cache.py"]),
        ("src/app/c?che.py", ["src/app/cache.py"]),
        ("tests/test_cache.py", []),
        ("src/app/README.md", []),
        ("src/app/odd[1].py", ["src/app/odd[1].py"]),
        ("./src/app/cache.py", ["src/app/cache.py"]),
    ],
)
def test_a_declared_path_means_the_production_files_it_matches(declared: str, found: list[str]) -> None:
    assert list(production_files(phase(declared), TREE, is_production)) == found


def test_a_file_declared_twice_is_one_target() -> None:
    assert production_files(phase("src/app/cache.py", "src/app/c*.py"), TREE, is_production) == ("src/app/cache.py",)


@pytest.mark.parametrize("action", [Action.DELETE, Action.TEST])
def test_what_a_phase_deletes_or_calls_a_test_is_no_target(action: Action) -> None:
    assert production_files(phase("src/app/cache.py", action=action), TREE, is_production) == ()


def test_a_declared_production_file_that_is_not_there_is_missing() -> None:
    declared = phase("src/app/new.py", "src/app/cache.py", "src/gone/*.py", "tests/test_new.py", "src/notes.md")

    assert missing_files(declared, TREE, is_production) == ("src/app/new.py",)
