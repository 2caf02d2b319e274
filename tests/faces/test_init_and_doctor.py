"""``phasegate init`` and ``phasegate doctor`` on real projects."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tomllib
import venv
from typing import TYPE_CHECKING

import pytest
import yaml  # type: ignore[import-untyped]

from pytest_phasegate import cli
from pytest_phasegate.cli.hook_entries import install
from pytest_phasegate.core.project.settings import DEFAULT_GUIDES
from support.guides import CACHE, CACHE_GUIDE, GUIDE_PATH, PYPROJECT
from support.project import LEAN

if TYPE_CHECKING:
    from pathlib import Path

    from support.project import Project

FOREIGN = '[project]\nname = "app"\nversion = "1"\n\n[tool.ruff]\nline-length = 99\n'


@pytest.fixture
def app(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("PHASEGATE_PYTHON", raising=False)
    project.write("pyproject.toml", FOREIGN).write("src/app/cache.py", CACHE).write("README.md", CACHE_GUIDE)
    return project.init_git()


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert cli.main(words) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.mark.skipif(shutil.which("ruff") is None, reason="ruff is not installed")
def test_init_finds_guides_roots_and_tools_and_appends_what_it_showed(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write(GUIDE_PATH, CACHE_GUIDE).write("plans/other.md", CACHE_GUIDE).write("plans/prose.md", "# Hello\n")

    shown = said(capsys, "init", "--yes")

    table = tomllib.loads(app.read("pyproject.toml"))["tool"]["phasegate"]
    assert app.read("pyproject.toml").startswith(FOREIGN)
    assert table["guides"] == [*DEFAULT_GUIDES, "plans/*.md"]
    assert table["source"] == ["src"]
    assert table["commands"] == {"lint": "ruff check", "format": "ruff format --check"}
    assert "phasegate hook red-green" in app.read(".pre-commit-config.yaml")
    assert '  source = ["src"]' in shown
    assert said(capsys, "init", "--yes").splitlines()[:2] == ["configuration: already there", "hooks: already there"]


@pytest.mark.skipif(shutil.which("ruff") is None, reason="ruff is not installed")
def test_init_asks_for_no_command_that_fails_on_what_is_there_already(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write("src/app/old.py", "import os\n")

    shown = said(capsys, "init", "--yes")

    assert tomllib.loads(app.read("pyproject.toml"))["tool"]["phasegate"]["commands"] == {
        "format": "ruff format --check"
    }
    assert '# lint = "ruff check"  # fails on what is here: exit 1\n' in shown


def test_init_leaves_out_no_guide_of_the_usual_names_however_short(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    short = "# Count\n\n## Phase 1: Count\n\nFiles to create:\n- `src/app/count.py`\n"
    app.write(GUIDE_PATH, CACHE_GUIDE).write("docs/plans/count_implementation_plan.md", short)

    said(capsys, "init", "--yes")

    assert "docs/plans/count_implementation_plan.md" in said(capsys, "doctor")


def test_hooks_look_for_phasegate_where_it_lives_in_the_project_and_then_on_the_path(
    app: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(app.root / ".venv"))
    app.write(".venv/bin/phasegate", "#!/bin/sh\necho here: $@\n").write(
        "on-path/phasegate", "#!/bin/sh\necho there: $@\n"
    )
    for place in (".venv/bin", "on-path"):
        (app.root / place / "phasegate").chmod(0o755)
    path = {"PATH": f"{app.root / 'on-path'}:{os.environ['PATH']}"}

    said(capsys, "init", "--yes")

    config = yaml.safe_load(app.read(".pre-commit-config.yaml"))
    entry = next(hook["entry"] for hook in config["repos"][0]["hooks"] if hook["id"] == "phasegate-commit-msg")
    assert app.run(*shlex.split(entry), "a message", env=path).stdout == "here: hook commit-msg a message\n"
    app.remove(".venv")
    assert app.run(*shlex.split(entry), "a message", env=path).stdout == "there: hook commit-msg a message\n"
    assert "hooks: already there" in said(capsys, "init", "--yes")


def test_after_init_a_project_without_a_guide_is_told_to_write_one(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = said(capsys, "next", code=2)
    told = said(capsys, "init", "--yes")
    after, fix = said(capsys, "next", code=2), signs(capsys)["guides"]["fix"]
    begin = "phasegate plan new docs/plans/TOPIC_implementation_guide.md"

    assert "phasegate init" in before
    assert "phasegate init" not in after
    assert "no guide was found at docs/plans/*_implementation_guide.md, or by another usual name\n" in after
    assert "guides" not in tomllib.loads(app.read("pyproject.toml"))["tool"]["phasegate"]
    assert all(begin in words for words in (told, after, fix, said(capsys, "plan", "new", code=2)))
    said(capsys, *begin.split()[1:])
    assert "pytest --phase 1 --phasegate-expect red" in said(capsys, "next")


@pytest.mark.parametrize(
    ("hooks", "place"), [(".husky", ".husky"), (".husky/_", ".husky"), ("tools/hooks", "tools/hooks")]
)
def test_where_git_looks_for_hooks_elsewhere_they_are_put_there(
    hooks: str, place: str, app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write(f"{place}/pre-commit", "#!/bin/sh\ntrue\n").git("config", "core.hooksPath", hooks)

    told = said(capsys, "init", "--yes")
    (command,) = [line.removeprefix("  $ ") for line in told.splitlines() if line.startswith("  $ for hook in")]
    app.run("sh", "-c", command)

    assert "pre-commit install" not in told
    assert not (app.root / ".pre-commit-config.yaml").exists()
    assert (app.root / place / "pre-commit").read_text() == '#!/bin/sh\ntrue\nphasegate hook pre-commit "$@"\n'
    assert "nothing to write: everything is there" in said(capsys, "init", "--yes")
    (app.root / place / "pre-push").unlink()
    assert f"git looks for hooks in {place}:\n  $ for hook in" in said(capsys, "init", "--yes")
    app.run("sh", "-c", command)
    if hooks == place:
        assert signs(capsys)["hook pre-push"]["health"] == "good"


def test_a_dry_run_and_a_missing_answer_write_nothing(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "init", "--dry-run")
    unanswered = said(capsys, "init", code=2)

    assert app.read("pyproject.toml") == FOREIGN
    assert not (app.root / ".pre-commit-config.yaml").exists()
    assert "stdin is not a terminal: add --yes" in unanswered


def test_without_a_pyproject_the_configuration_is_a_file_of_its_own(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.remove("pyproject.toml")

    said(capsys, "init", "--yes", "--no-hooks")

    assert tomllib.loads(app.read("phasegate.toml"))["source"] == ["src"]
    assert not (app.root / ".pre-commit-config.yaml").exists()


def test_init_shows_what_the_project_already_uses_and_asks_for_no_other_commits(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write("pytest.ini", "[pytest]\nstrict = true\nDJANGO_SETTINGS_MODULE = app.settings\n").write("manage.py", "")
    app.write(".github/workflows/ci.yml", "on: push\n").write(".coveragerc", "[run]\n").commit("Add cache")

    told = said(capsys, "init", "--yes")

    assert "commits: 0 of the last 1 subjects are conventional; no commit has to be" in told
    assert "pytest: has options of its own, strict" in told
    assert "django: DJANGO_SETTINGS_MODULE is app.settings" in told
    assert "CI: .github/workflows" in told
    assert tomllib.loads(app.read("pyproject.toml"))["tool"]["phasegate"]["commit"] == {"conventional": False}


@pytest.mark.parametrize(
    ("place", "told", "exported", "said_of_it", "settings"),
    [
        ("manage.py", "a.conf", "", "manage.py uses `a.conf`, pytest is not told", "a.conf"),
        (
            "tests/manage.py",
            "settings",
            "",
            "tests/manage.py uses `settings`, pytest is not told",
            'settings" and pythonpath = ["tests"]   # in [tool.pytest.ini_options]',
        ),
        ("manage.py", "a.conf", "app.ci", "DJANGO_SETTINGS_MODULE is app.ci (exported)", ""),
        ("manage.py", "", "", "pytest is not told the settings of manage.py", "NAME.settings"),
        ("conftest.py", "a.conf", "", "", ""),
    ],
)
def test_init_and_doctor_say_what_pytest_must_be_told_of_django(
    place: str,
    told: str,
    exported: str,
    said_of_it: str,
    settings: str,
    app: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = f'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{told}")\n' if told else ""
    app.write("src/manage.py" if place == "conftest.py" else place, "import os\n").write(place, f"import os\n{line}")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", exported)
    fix = f'DJANGO_SETTINGS_MODULE = "{settings}' if settings else ""

    shown = said(capsys, "init", "--dry-run")
    sign = signs(capsys).get("django", {"detail": "", "fix": ""})

    assert (f"django: {said_of_it}" in shown) is bool(said_of_it)
    assert sign["detail"] == said_of_it
    assert sign["fix"].startswith(fix)
    assert bool(sign["fix"]) is bool(fix)


def test_init_says_that_pytest_collects_no_tests_py_unless_it_is_told(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write("manage.py", 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "a.conf")\n').write("shop/tests.py", "")

    assert '"a.conf" and python_files = ["test_*.py", "tests.py"]' in said(capsys, "init", "--dry-run")


def test_init_asks_for_conventional_commits_where_they_are_in_use(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.commit("feat: add cache")

    assert "1 of the last 1 subjects are conventional; commits of phases must be, too" in said(capsys, "init", "--yes")
    assert "commit" not in tomllib.loads(app.read("pyproject.toml"))["tool"]["phasegate"]


def test_what_init_wrote_is_taken_out_again(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "init", "--yes")
    shim = app.root / ".git/hooks/pre-push"
    shim.write_text("#!/bin/sh\nexec phasegate hook pre-push\n")
    shim.chmod(0o755)
    said(capsys, "init", "--remove", "--dry-run")
    kept = shim.exists()

    told = said(capsys, "init", "--remove", "--yes")

    assert kept
    assert "pyproject.toml: take our part out" in told
    assert app.read("pyproject.toml") == FOREIGN
    assert not (app.root / ".pre-commit-config.yaml").exists()
    assert not shim.exists()
    assert "nothing to remove" in said(capsys, "init", "--remove", "--yes")


def test_a_hook_file_of_an_unknown_shape_is_left_alone_and_the_entries_are_shown(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write(".pre-commit-config.yaml", "repos: []\n")

    assert "add this to its `repos` yourself" in said(capsys, "init", "--yes")
    assert app.read(".pre-commit-config.yaml") == "repos: []\n"
    assert said(capsys, "init", "--yes").endswith("nothing to write but the entries above\n")


def test_init_ends_with_committing_what_it_wrote(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "init", "--yes")

    assert "  $ git add pyproject.toml .pre-commit-config.yaml\n  $ git commit -m 'chore: configure phasegate'" in told


def test_init_commits_a_new_plan_too_and_names_what_git_ignores(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write(GUIDE_PATH, CACHE_GUIDE).write(".gitignore", ".pre-commit-config.yaml\n")

    told = said(capsys, "init", "--yes")
    before = signs(capsys)["guides"]
    app.commit("docs: plan")

    assert f"  $ git add {GUIDE_PATH} pyproject.toml\n  $ git commit" in told
    assert "  git ignores .pre-commit-config.yaml: it holds in this clone alone\n" in told
    assert (before["health"], before["fix"]) == ("warning", f"git add {GUIDE_PATH}, and commit it")
    assert "not committed yet: CI does not see it" in before["detail"]
    assert signs(capsys)["guides"]["health"] == "good"


def test_outside_of_git_init_says_nothing_that_needs_a_repository(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(app.root / ".git")

    told = said(capsys, "init", "--yes") + said(capsys, "init", "--agent", "codex", "--yes")

    assert "there is no git repository here: hooks, and red before green, begin with one ($ git init)\n" in told
    assert "git add" not in told
    assert "pre-commit install" not in told


def test_without_its_hooks_init_does_not_say_to_install_them(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "init", "--yes", "--no-hooks")

    assert "  $ git add pyproject.toml\n  $ git commit -m 'chore: configure phasegate'\n  $ phasegate doctor\n" in told


def test_init_in_a_project_below_the_top_puts_the_hooks_where_they_are_read(
    app: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.write("parts/one/pyproject.toml", "[tool.phasegate]\n").write("parts/one/.venv/bin/phasegate", "")
    monkeypatch.chdir(app.root / "parts/one")
    monkeypatch.setattr(sys, "prefix", str(app.root / "parts/one/.venv"))

    told = said(capsys, "init", "--yes")

    assert """entry: sh -c 'PATH="parts/one/.venv/bin:$PATH" exec phasegate hook guide "$@"' --\n""" in app.read(
        ".pre-commit-config.yaml"
    )
    assert not (app.root / "parts/one/.pre-commit-config.yaml").exists()
    assert "  $ git add ../../.pre-commit-config.yaml\n" in told


@pytest.fixture
def packages(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A repository of two packages whose tests are theirs alone."""
    monkeypatch.chdir(project.root)
    for name in ("one", "two"):
        project.write(f"packages/{name}/pyproject.toml", f"[project]\nname = {name!r}\n")
        project.write(f"packages/{name}/{name}/__init__.py", "").write(f"packages/{name}/tests/test_a.py", "")
    return project.init_git()


def test_init_configures_each_package_of_a_repository_and_takes_it_out_again(
    packages: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, "init", "--yes")

    assert "packages: 2; each runs its own tests, so each gets a configuration beside them" in told
    for name in ("one", "two"):
        assert f'packages/{name}/pyproject.toml: add [tool.phasegate] source = ["{name}"]\n' in told
        assert f'[tool.phasegate]\nsource = ["{name}"]\n' in packages.read(f"packages/{name}/pyproject.toml")
    assert not (packages.root / "phasegate.toml").exists()
    assert said(capsys, "init", "--yes").count("already there") == 3

    said(capsys, "init", "--remove", "--yes")

    assert packages.read("packages/two/pyproject.toml") == "[project]\nname = 'two'\n"


def test_a_guide_above_the_packages_gets_a_configuration_beside_it(
    packages: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    packages.write("docs/plans/all_implementation_guide.md", "# All\n\n## Phase 1: One\n\n## Phase 2: Two\n")

    told = said(capsys, "init", "--yes", "--no-hooks")

    assert "packages: 2" not in told
    assert 'source = ["packages/one/one", "packages/two/two"]' in packages.read("phasegate.toml")


def test_init_in_a_package_configures_that_one(
    packages: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = "packages/one/docs/plans/one_implementation_guide.md"
    packages.write(guide, "# All\n\n## Phase 1: One\n\n## Phase 2: Two\n")
    packages.write("tests/test_all.py", "")
    monkeypatch.chdir(packages.root / "packages/one/tests")

    told = said(capsys, "init", "--yes")

    assert told.startswith(f"project: {packages.root}/packages/one\n")
    assert "one_implementation_guide.md: canonical, 2 phases" in told
    assert "\n  $ phasegate next" in told
    assert "tool.phasegate" in packages.read("packages/one/pyproject.toml")
    assert "tool.phasegate" not in packages.read("packages/two/pyproject.toml")


def test_a_repository_with_tests_at_its_top_gets_one_configuration(
    packages: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    packages.write("tests/test_all.py", "")

    said(capsys, "init", "--yes")

    assert (packages.root / "phasegate.toml").exists()
    assert "tool.phasegate" not in packages.read("packages/one/pyproject.toml")


def test_init_says_which_project_it_means_where_that_is_not_here(
    app: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(app.root / "src/app")

    told = said(capsys, "init", "--dry-run")

    assert told.startswith(f"project: {app.root}\n")
    assert "\n../../pyproject.toml: add\n" in told


def test_broken_toml_is_refused_before_anything_is_written(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    app.write("pyproject.toml", "[tool\n")

    assert "pyproject.toml: not valid TOML" in said(capsys, "init", "--yes", code=2)
    assert not (app.root / ".pre-commit-config.yaml").exists()


def test_doctor_says_what_is_not_enforced(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(said(capsys, "doctor", "--format", "json", "--python", sys.executable))

    health = {sign["name"]: sign["health"] for sign in record["signs"]}
    assert record["schema"] == "phasegate.doctor/1"
    assert health["configuration"] == "warning"
    assert health["git"] == "warning"
    assert health["hook pre-commit"] == "warning"
    assert health["plugin"] == "good"


def test_doctor_names_the_command_that_brings_the_plugin_to_an_environment_without_pip(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    venv.create(app.root / ".venv", with_pip=False)

    cli.main(["doctor"])
    told = capsys.readouterr().out

    assert f"fix: uv pip install --python {app.root}/.venv/bin/python pytest-phasegate, or runs of pytest" in told
    assert "fix: run pytest once, where pytest-phasegate is installed" in told


def test_doctor_sees_hooks_and_guides_that_are_there(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    app.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).commit("docs: plan")
    app.write(".git/hooks/pre-commit", "#!/bin/sh\nexec phasegate hook pre-commit\n")
    app.write(".git/hooks/commit-msg", "#!/bin/sh\n# generated by pre-commit\n")
    app.write(".pre-commit-config.yaml", "repos:\n- repo: x\n  hooks: [{id: phasegate-commit-msg}]\n")
    app.write(".git/hooks/pre-push", "#!/bin/sh\nexec phasegate hook pre-push\n")
    app.write(".git/hooks/pre-merge-commit", "#!/bin/sh\nexec prek hook-impl --script pre-commit\n")
    app.write(".pre-commit-config.yaml", app.read(".pre-commit-config.yaml") + "# phasegate-red-green\n")
    for name in ("pre-commit", "commit-msg", "pre-merge-commit"):
        (app.root / ".git/hooks" / name).chmod(0o755)

    told = said(capsys, "doctor", "--python", sys.executable)

    assert f"guides                 {GUIDE_PATH}: 2 phases" in told
    assert "hook pre-commit        " in told
    assert "pre-commit runs phasegate" in told
    assert "through pre-commit" in told
    assert "hook pre-merge-commit  through prek" in told
    assert "hook pre-push          not installed" in told


def test_what_cannot_work_is_bad_and_the_exit_code_says_so(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    app.write("pyproject.toml", PYPROJECT).write(".phasegate/baseline.jsonl", "{\n")
    app.write(GUIDE_PATH, CACHE_GUIDE.replace("src/app/cache.py", "../outside.py"))

    told = said(capsys, "doctor", "--python", "/nowhere/python", code=1)

    assert "bad      interpreter" in told
    assert "bad      baseline" in told
    assert "bad      guides" in told


def test_an_absolute_path_outside_the_repository_is_no_error_and_never_good(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write("pyproject.toml", PYPROJECT)
    app.write(GUIDE_PATH, CACHE_GUIDE.replace("src/app/cache.py", "/etc/passwd"))

    sign = signs(capsys)["guides"]

    assert sign["health"] == "warning"
    assert "the path '/etc/passwd' is absolute" in sign["detail"]


def signs(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    record = json.loads(said(capsys, "doctor", "--format", "json", "--python", sys.executable))
    return {sign["name"]: sign for sign in record["signs"]}


def test_doctor_sees_a_configuration_that_no_commit_would_hold(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.commit("chore: begin")
    app.write("pyproject.toml", PYPROJECT)

    before = signs(capsys)["configuration"]
    app.git("add", "pyproject.toml")
    after = signs(capsys)["configuration"]

    assert (before["health"], before["fix"]) == ("warning", "git add pyproject.toml, and commit it")
    assert "pre-commit and prek set that aside" in before["detail"]
    assert after["health"] == "good"


def test_doctor_names_source_roots_that_are_not_there(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    app.write("pyproject.toml", '[tool.phasegate]\nsource = ["src/**", "scr"]\n').commit("chore: begin")

    found = signs(capsys)["source"]

    assert (found["health"], found["detail"]) == ("warning", "scr is not there: no code is judged as production there")


@pytest.mark.parametrize(
    "guide", [CACHE_GUIDE, CACHE_GUIDE.partition("### Phase 2")[0]], ids=["two phases", "one phase"]
)
def test_a_guide_that_no_pattern_matches_is_named(guide: str, app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    app.write("phasegate.toml", 'source = ["src"]\nguides = ["docs/plans/*.md"]\n')
    app.write("docs/x-plan.md", guide).write("docs/notes.md", CACHE_GUIDE.partition("### Phase 2")[0])

    told, asked = said(capsys, "doctor"), said(capsys, "next", code=2)

    assert "docs/x-plan.md looks like a guide and is not matched by `guides`" in told
    assert "docs/notes.md" not in told
    assert "docs/x-plan.md looks like a guide: add it to `guides` under [tool.phasegate]" in asked
    assert "docs/x-plan.md looks like a guide: add it" in said(capsys, "lint")


def test_doctor_says_what_to_do_without_a_guide(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    app.write("pyproject.toml", PYPROJECT)

    begin = "phasegate plan new docs/plans/TOPIC_implementation_guide.md"
    assert signs(capsys)["guides"]["fix"] == f"begin one: {begin}; or name yours under `guides`"


@pytest.mark.parametrize(
    ("there", "command"),
    [
        (("pre-commit", "prek"), "pre-commit install -t pre-commit"),
        (("prek",), "prek install -t pre-commit"),
        ((), "pip install pre-commit && pre-commit install -t pre-commit"),
    ],
)
def test_hooks_are_installed_by_the_framework_that_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], command: str
) -> None:
    for name in there:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(tmp_path))

    assert install(tmp_path).startswith(command)


def test_doctor_says_once_how_hooks_are_installed(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    line = install(app.root)
    told = said(capsys, "doctor", "--python", sys.executable)
    app.write(".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks: [{id: phasegate-commit-msg}]\n")
    listed = said(capsys, "doctor", "--python", sys.executable)

    assert told.count(f"fix: phasegate init, then: {line}\n") == 1
    assert listed.count(f"fix: {line}\n") == 1


def test_doctor_finds_the_hooks_of_a_project_below_the_top(
    app: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.write("parts/one/pyproject.toml", "[tool.phasegate]\n")
    app.write(".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks: [{id: phasegate-red-green}]\n")
    app.write(".git/hooks/pre-commit", "#!/bin/sh\n# generated by pre-commit\n")
    (app.root / ".git/hooks/pre-commit").chmod(0o755)
    app.commit("chore: begin")
    monkeypatch.chdir(app.root / "parts/one")

    assert signs(capsys)["hook pre-commit"]["detail"] == "through pre-commit"


def test_doctor_says_which_interpreter_was_taken(
    app: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours, another = app.root / ".venv", tmp_path / "another"
    for environment in (ours, another):
        (environment / "bin").mkdir(parents=True)
        (environment / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setenv("VIRTUAL_ENV", str(another))

    cli.main(["doctor", "--format", "json"])
    record = json.loads(capsys.readouterr().out)
    told = next(sign["detail"] for sign in record["signs"] if sign["name"] == "interpreter")

    assert told.endswith(f"; {ours})")


PHASES = "# Plan\n\n## Phase 1: Count\n\n- [ ] Create `src/app/count.py`\n\n## Phase 2: Serve\n\n- [ ] Serve it\n"
TITLES = "# Plan\n\n## Milestone 1: Count\n\n- fast\n\n## Milestone 2: Serve\n\n- well\n"
IN_DOCS = "docs/{IMPLEMENTATION_GUIDE,IMPLEMENTATION_PLAN,implementation_guide,implementation_plan}.md"
GSD = "<tasks>\n<task type='auto'>\n<name>Task 1: A</name>\n<files>src/app/a.py</files>\n</task>\n</tasks>\n"
JSON = '{"tasks": [{"id": 1, "title": "A", "status": "done"}, {"id": 2, "title": "B", "status": "pending"}]}'


@pytest.mark.parametrize(
    ("path", "text", "guides"),
    [
        ("IMPLEMENTATION_PLAN.md", PHASES, list(DEFAULT_GUIDES)),
        ("ROADMAP.md", PHASES, ["ROADMAP.md"]),
        ("TODO.md", PHASES, ["TODO.md"]),
        ("REFACTOR_PLAN.md", PHASES, ["REFACTOR_PLAN.md"]),
        ("PLANO_IMPLEMENTACAO.md", TITLES, ["PLANO_IMPLEMENTACAO.md"]),
        ("docs/PLAN_DE_IMPLEMENTACION.md", TITLES, ["docs/PLAN_DE_IMPLEMENTACION.md"]),
        ("docs/开发计划.md", TITLES, ["docs/开发计划.md"]),
        ("docs/dev/plans/count.md", PHASES, ["docs/**/plans/*.md"]),
        ("docs/IMPLEMENTATION_PLAN.md", TITLES, [IN_DOCS]),
        ("docs/count-roadmap.md", TITLES, ["docs/count-roadmap.md"]),
        ("tickets/count/implementation-plan.md", TITLES, ["tickets/count/implementation-plan.md"]),
        (
            "implementation_steps.md",
            "# Steps\n## Phase 1: A\n- [ ] Create `src/a.py`\n## Phase 2: B\n- [ ] Create `src/b.py`\n",
            ["implementation_steps.md"],
        ),
        ("plans/count_plan.md", TITLES, ["plans/*.md"]),
        ("specs/001-count/tasks.md", PHASES, ["specs/*/tasks.md"]),
        (".agent-os/specs/2026-count/tasks.md", PHASES, ["{.agent-os,agent-os}/specs/*/{tasks,plan}.md"]),
        (".planning/phases/01-count/01-01-PLAN.md", GSD, [".planning/phases/*/*-PLAN.md"]),
        (".taskmaster/tasks/tasks.json", JSON, [".taskmaster/tasks/tasks.json"]),
        ("app/.taskmaster/tasks/tasks.json", JSON, ["*/.taskmaster/tasks/tasks.json"]),
        ("docs/count.md", PHASES.replace("Serve it", "Create `src/app/serve.py`"), ["docs/count.md"]),
    ],
)
def test_init_finds_the_plan_and_shows_what_it_reads(
    app: Project, capsys: pytest.CaptureFixture[str], path: str, text: str, guides: list[str]
) -> None:
    app.write(path, text)

    shown = said(capsys, "init", "--yes", "--no-hooks")

    assert tomllib.loads(app.read("pyproject.toml"))["tool"]["phasegate"]["guides"] == guides
    assert f"  {path}: " in shown


@pytest.mark.parametrize(
    "path",
    [
        "skills/count/SKILL.md",
        "docs/count-report.md",
        "docs/research/count.md",
        ".planning/phases/01-count/01-RESEARCH.md",
        "specs/001-count/spec.md",
        "docs/plans/count-design.md",
        ".github/prompts/count.md",
        "docs/templates/plan.md",
        "docs/count-spec.md",
        "HISTORY.md",
        "docs/plans/PROGRESS.md",
        "docs/runbooks/count.md",
        "docs/COUNT_DEEP_DIVE.md",
        "docs/audits/count.md",
        "docs/references/count.md",
        "docs/RESUMEN_COUNT.md",
        "docs/revision-count.md",
        "docs/COUNT_COMPLETADA.md",
        "docs/plan/CORRECOES_IMPLEMENTADAS.md",
        "docs/TESTING.md",
        "docs/status-review-2025-10-02.md",
    ],
)
def test_init_proposes_no_document_that_is_no_plan(app: Project, capsys: pytest.CaptureFixture[str], path: str) -> None:
    app.write(path, PHASES.replace("Serve it", "Create `src/app/serve.py`"))

    assert "guides: none found yet" in said(capsys, "init", "--dry-run")


def test_init_proposes_nothing_else_from_the_directory_of_a_tool(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    two = PHASES.replace("Serve it", "Create `src/app/serve.py`")
    app.write("specs/001-count/tasks.md", two).write("specs/001-count/done/how.md", two).write("specs/old.md", two)

    assert "guides: specs/*/tasks.md\n" in said(capsys, "init", "--dry-run")


def test_a_pattern_that_would_find_another_document_is_not_proposed(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write("docs/plans/count.md", PHASES).write("docs/plans/count-design.md", PHASES)

    shown = said(capsys, "init", "--dry-run")

    assert "guides: docs/plans/count.md\n  docs/plans/count.md: canonical, 2 phases, 0 tests, 1 file" in shown


def test_plans_of_one_kind_are_proposed_together(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    app.write("COUNT_PLAN.md", TITLES).write("SERVE_PLAN.md", TITLES).write("TODO.md", "# Later\n")

    assert "guides: COUNT_PLAN.md, SERVE_PLAN.md\n" in said(capsys, "init", "--dry-run")


def test_only_what_its_path_or_title_calls_a_plan_is_proposed_from_elsewhere(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    two = PHASES.replace("Serve it", "Create `src/app/serve.py`").removeprefix("# Plan")
    app.write("docs/EXTENDING.md", f"# Extending{two}").write("docs/SCENARIO_GUIDE.md", f"# Phase 1 of a story{two}")
    app.write("docs/count-plan.md", f"# Counting{two}").write("docs/serve.md", f"# Plan: serve{two}")
    app.write("docs/phase1.md", f"# Counting - Phase 1 Complete{two}")

    assert "guides: docs/count-plan.md, docs/serve.md\n" in said(capsys, "init", "--dry-run")


def test_init_says_that_it_stopped_looking(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(501):
        app.write(f"notes/{number}.md", "# Note\n")

    assert "the search stopped after 500 documents" in said(capsys, "init", "--dry-run")


def test_init_writes_the_hooks_of_an_agent_beside_what_is_there_and_takes_them_out_again(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = '{\n  "model": "x"\n}\n'
    app.write(".claude/settings.json", theirs)
    words = ("init", "--agent", "claude-code", "--agent", "copilot")

    shown = said(capsys, *words, "--dry-run")
    before = app.read(".claude/settings.json")
    said(capsys, *words, "--yes")
    again = said(capsys, *words, "--yes")
    written = app.read(".claude/settings.json")
    said(capsys, "init", "--remove", "--yes")

    assert '"PreToolUse"' in shown
    assert before == theirs
    assert json.loads(written)["hooks"]["Stop"][0]["hooks"][0]["command"].endswith("check --changed --for claude-code")
    assert again.splitlines()[:2] == ["claude-code: already there", "copilot: already there"]
    assert json.loads(app.read(".claude/settings.json")) == json.loads(theirs)
    assert not (app.root / ".github/hooks/phasegate.json").exists()


def test_a_file_of_an_agent_that_cannot_be_added_to_is_left_alone(
    app: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    app.write(".gemini/settings.json", "// mine\n{}\n")

    told = said(capsys, "init", "--agent", "gemini", "--yes", code=2).splitlines()
    assert '  "hooks": {' in told[told.index("  hint: add these entries by hand:") :]
    assert app.read(".gemini/settings.json") == "// mine\n{}\n"


def test_doctor_replays_a_commit_of_the_history(app: Project, capsys: pytest.CaptureFixture[str]) -> None:
    app.write("pytest.ini", LEAN).write("src/app/cache.py", "def size(): return 1\n").commit("chore: begin")
    words = ("doctor", "--verify", "--python", sys.executable, "--format", "json")

    def replayed(code: int) -> list[tuple[str, str, str]]:
        found = json.loads(said(capsys, *words, code=code).partition("\n}")[0] + "\n}")
        return [(one["health"], one["detail"], one["fix"]) for one in found["signs"] if one["name"] == "replay"]

    without_tests = replayed(1)
    app.write("tests/test_old.py", "def test_old(): pass\n").commit("test: old")
    without_pair = replayed(0)
    app.write("src/app/cache.py", "def size(): return 2\n")
    app.write("tests/test_cache.py", "import app.cache\ndef test_size(): assert app.cache.size() == 2\n")
    app.commit("feat: two")
    app.write("README.md", "later").commit("docs: later")
    honest = replayed(0)

    assert without_tests[0][1] == "no test file was found that pytest would collect"
    assert without_tests[0][2].startswith('testpaths = ["tests"]')
    assert (without_pair[0][0], honest[0][0]) == ("warning", "good")
    assert "feat: two: 1 test of it went from red to green" in honest[0][1]
