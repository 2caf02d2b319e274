from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.work_files import WorkFiles
from pytest_phasegate.core.evidence.runs import blob_id

if TYPE_CHECKING:
    from support.project import Project


def test_git_names_what_is_tracked_or_would_be_added(project: Project) -> None:
    project.init_git().write(".gitignore", "*.log\n").write("a.py", "").write("gone.py", "").commit("feat: a")
    project.write("new é.py", "").write("x.log", "").remove("gone.py")
    project.write("whole/.gitignore", "*\n").write("whole/b.py", "")
    project.write(".git/info/exclude", "*.log\nwhole/\n__pycache__/\n")
    files = WorkFiles(project.root)

    project.write("__pycache__/b.pyc", "").write(".cache/.gitignore", "*\n").write(".cache/CACHEDIR.TAG", "")
    assert files.ignored() == ("whole/", "x.log")
    assert set(files.paths()) == {".gitignore", "a.py", "gone.py", "new é.py"}
    assert set(files.stamps(files.paths())) == {".gitignore", "a.py", "new é.py"}


def test_the_top_is_the_repository_also_from_below(project: Project) -> None:
    project.init_git().write("sub/a.py", "")

    assert WorkFiles(project.root / "sub").paths() == ("sub/a.py",)


def test_without_git_hidden_and_installed_files_are_left_out(project: Project) -> None:
    project.write("a.py", "").write("sub/b.py", "").write(".hidden/c.py", "").write("env/pyvenv.cfg", "")
    project.write("env/lib/d.py", "").write("sub/__pycache__/b.pyc", "")

    assert sorted(WorkFiles(project.root).paths()) == ["a.py", "sub/b.py"]


def test_a_stamp_changes_with_the_file(project: Project) -> None:
    files = WorkFiles(project.write("a.py", "1").root)
    before = files.stamps(["a.py"])
    os.utime(project.root / "a.py", ns=(1, 1))

    assert files.stamps(["a.py"]) != before


def test_content_has_the_id_that_git_gives_it(project: Project) -> None:
    project.init_git().write("a.py", "x = 1\n")
    (project.root / "link.py").symlink_to("a.py")
    project.commit("feat: a")
    files = WorkFiles(project.root)

    for path in ("a.py", "link.py"):
        assert blob_id(files.read(path)) == project.git("rev-parse", f"HEAD:{path}").stdout.strip()
