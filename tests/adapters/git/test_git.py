from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.git.command import Answer, run, without_local
from pytest_phasegate.adapters.git.repository import open_repository
from pytest_phasegate.app.ports.repository import INDEX, FileChange, TreeEntry
from pytest_phasegate.errors import RepositoryError
from support.git_repo import contents, opened, out, repo
from support.project import Project

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["repo"]

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def files(directory: Path) -> dict[str, str]:
    found = sorted(path for path in directory.rglob("*") if path.is_file() or path.is_symlink())
    return {str(path.relative_to(directory)): path.read_text() for path in found}


def test_a_child_of_the_users_own_is_tied_to_no_repository_and_has_all_else() -> None:
    own = {"PATH": os.environ["PATH"], "GIT_AUTHOR_NAME": "me", "HOME": "/home/me"}

    assert without_local({**own, "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "index", "GIT_PREFIX": "a/"}) == own
    assert without_local({"GIT_DIR": "/nowhere", "PATH": ""}) == {"GIT_DIR": "/nowhere", "PATH": ""}


def test_a_repository_knows_its_places(repo: Project) -> None:
    (repo.root / "sub").mkdir()

    found = open_repository(str(repo.root / "sub"))

    assert (found.root, found.git_dir) == (str(repo.root), str(repo.root / ".git"))
    assert found.common_dir == found.git_dir


def test_before_the_first_commit_there_is_no_head(repo: Project) -> None:
    repo.write("a.py", "x = 1\n").git("add", "a.py")
    found = opened(repo)

    assert found.head() is None
    assert found.opened_at is None
    assert found.commits_mentioning(["feat"]) == ()
    assert found.empty_tree() == EMPTY
    assert [change.path for change in found.changes(found.empty_tree(), INDEX)] == ["a.py"]
    assert found.changes("HEAD", INDEX) == found.changes(found.empty_tree(), INDEX)
    assert set(found.entries(INDEX)) == {"a.py"}


def test_a_repository_knows_where_head_stood_when_it_was_opened(repo: Project) -> None:
    first = repo.write("a", "1\n").commit("one")
    found = opened(repo)
    second = repo.write("a", "2\n").commit("two")

    assert (found.opened_at, found.head()) == (first, second)


def test_a_repository_below_a_name_with_a_line_break_is_found(repo: Project, tmp_path: Path) -> None:
    odd = Project(tmp_path / f"odd\n{'a' * 40}", repo.home)
    odd.root.mkdir()
    out(odd, "init", "-q")
    before = opened(odd)
    first = odd.write("a", "1\n").commit("one")
    after = opened(odd)

    assert (before.root, after.root, after.opened_at) == (str(odd.root), str(odd.root), first)


def test_a_repository_of_sha256_objects_is_read_alike(project: Project, repo: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "sha256", repo.home)
    other.root.mkdir()
    out(other, "init", "-q", "--object-format=sha256")
    other.write("a", "1\n").git("add", "a")
    found = open_repository(str(other.root))

    assert [change.path for change in found.changes(found.empty_tree(), found.index_tree())] == ["a"]
    assert set(found.entries(INDEX)) == {"a"}
    assert out(other, "hash-object", "-t", "tree", "/dev/null") == found.empty_tree()


def test_names_resolve_to_commits_or_to_none(repo: Project) -> None:
    first = repo.write("a", "1\n").commit("one")
    repo.git("tag", "-a", "v1", "-m", "tag")
    found = opened(repo)

    assert found.head() == found.resolve("v1") == found.resolve("main") == first
    assert found.resolve("nowhere") is None
    assert found.resolve("--all") is None


def test_a_commit_is_read_as_it_is_stored(repo: Project) -> None:
    first = repo.write("a", "1\n").commit("one")
    second = repo.write("a", "2\n").commit("feat: zwölf\n\nBody\n\nPhase: g/2\nIssue: 7")

    read = opened(repo).commit("HEAD")

    assert (read.sha, read.parents, read.subject) == (second, (first,), "feat: zwölf")
    assert read.trailers == (("Phase", "g/2"), ("Issue", "7"))
    assert read.tree == out(repo, "rev-parse", "HEAD^{tree}")
    assert not read.is_merge


def test_a_message_in_another_encoding_is_decoded(repo: Project) -> None:
    repo.write("a", "1\n").git("add", "a")
    (repo.root / "m").write_bytes("Grüße".encode("latin-1"))
    repo.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "-F", "m")

    assert opened(repo).commit("HEAD").subject == "Grüße"


@pytest.mark.parametrize("encoding", ["no-such-encoding", "ascii"])
def test_a_message_that_lies_about_its_encoding_is_still_read(repo: Project, encoding: str) -> None:
    repo.write("a", "1\n").git("add", "a")
    (repo.root / "m").write_bytes("Grüße".encode("latin-1"))
    repo.git("-c", f"i18n.commitEncoding={encoding}", "commit", "-q", "-F", "m")

    assert opened(repo).commit("HEAD").subject == "Gr\udcfc\udcdfe"


def test_a_range_is_listed_oldest_first_with_merges(repo: Project) -> None:
    base = repo.write("a", "1\n").commit("base")
    repo.git("checkout", "-q", "-b", "side")
    side = repo.write("b", "1\n").commit("side")
    repo.git("checkout", "-q", "main")
    main = repo.write("c", "1\n").commit("main")
    repo.git("merge", "-q", "--no-ff", "-m", "join", "side")
    found = opened(repo)

    listed = found.commits(f"{base}..HEAD")

    assert {commit.sha for commit in listed[:2]} == {main, side}
    assert listed[2].is_merge
    assert [commit.subject for commit in found.commits("HEAD", first_parent=True)] == ["base", "main", "join"]
    assert found.merge_base("side", "main^1") == base


def test_an_unknown_end_of_a_range_is_an_error_with_a_hint(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")

    with pytest.raises(RepositoryError, match="no revision 'origin/main'") as caught:
        opened(repo).commits("origin/main..HEAD")

    assert (caught.value.code, "fetch-depth: 0" in caught.value.hint) == ("PG907", True)


def test_what_git_makes_of_two_sides_is_told_and_a_conflict_is_as_it_was_settled(repo: Project) -> None:
    repo.write("a", "1\n").commit("first")
    repo.git("checkout", "-q", "-b", "side")
    repo.write("side", "1\n").write("a", "2\n").commit("side")
    repo.git("checkout", "-q", "main")
    repo.write("main", "1\n").write("a", "3\n").commit("main")
    repo.git("merge", "-q", "side")
    repo.write("a", "5\n").write("own", "1\n").commit("Merge branch 'side'")
    found = opened(repo)

    tree = found.merged(("main^1", "side"), found.entries("main"))

    assert tree is not None
    assert [change.path for change in found.changes(tree, "main")] == ["own"]
    assert found.merged(("main^1", "side", "main"), {}) is None


def test_unrelated_histories_have_no_merge_base(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("two")

    assert opened(repo).merge_base("main", "other") is None


def test_the_default_branch_is_the_remotes_word_then_a_usual_name(repo: Project) -> None:
    assert opened(repo).default_branch() is None
    sha = repo.write("a", "1\n").commit("one")
    assert opened(repo).default_branch() == "refs/heads/main"
    repo.git("update-ref", "refs/remotes/origin/trunk", sha)
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert opened(repo).default_branch() == "refs/remotes/origin/trunk"


def test_changes_tell_both_sides_and_know_no_renames(repo: Project) -> None:
    repo.write("a.py", "x = 1\n").write("b.py", "y\n").commit("one")
    repo.git("mv", "a.py", "c.py")
    repo.write("b.py", "z\n").commit("two")

    a, b, c = opened(repo).changes("HEAD~", "HEAD")

    assert (a.path, a.after) == ("a.py", None)
    assert (c.path, c.before, c.after) == ("c.py", None, a.before)
    assert b.before != b.after


def test_the_index_is_read_with_or_without_writing_a_tree(repo: Project) -> None:
    repo.write("a", "1\n").write("b", "1\n").write("d/e", "1\n").commit("one")
    repo.write("a", "2\n").write("new", "n\n").git("add", "a", "new")
    repo.git("rm", "-q", "d/e")
    repo.write("b", "not staged\n")
    found = opened(repo)

    tree = found.index_tree()

    assert found.changes("HEAD", tree) == found.changes("HEAD", INDEX)
    assert found.entries(tree) == found.entries(INDEX)
    assert [change.path for change in found.changes("HEAD", tree)] == ["a", "d/e", "new"]
    assert tree == out(repo, "write-tree")


def test_the_index_is_read_anew_each_time(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    found = opened(repo)
    first = found.index_tree()
    repo.write("a", "2\n").git("add", "a")

    assert found.index_tree() != first
    assert [change.path for change in found.changes(first, found.index_tree())] == ["a"]


def test_reading_the_index_writes_nothing_into_the_repository(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    repo.write("a", "2\n").git("add", "a")
    before = contents(repo.root / ".git")
    found = opened(repo)

    found.index_tree()
    found.content_tree()
    found.changes("HEAD", INDEX)

    assert contents(repo.root / ".git") == before


def test_an_intent_to_add_entry_is_not_in_the_tree(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    repo.write("later", "x\n").git("add", "--intent-to-add", "later")
    found = opened(repo)

    assert found.changes("HEAD", INDEX) == ()
    assert "later" not in found.entries(INDEX)
    assert found.index_tree() == found.commit("HEAD").tree


def test_an_unmerged_index_is_an_error(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    repo.git("checkout", "-q", "-b", "side")
    repo.write("a", "2\n").commit("side")
    repo.git("checkout", "-q", "main")
    repo.write("a", "3\n").commit("main")
    assert repo.git("merge", "side").exit_code == 1
    found = opened(repo)

    for ask in (found.index_tree, lambda: found.changes("HEAD", INDEX), lambda: found.entries(INDEX)):
        with pytest.raises(RepositoryError) as caught:
            ask()
        assert caught.value.code == "PG906"


@pytest.mark.parametrize("setting", ["core.splitIndex", "feature.manyFiles", "core.untrackedCache"])
def test_other_kinds_of_index_give_the_same_tree(repo: Project, setting: str) -> None:
    repo.write("a", "1\n").write("b", "1\n").commit("one")
    repo.git("config", setting, "true")
    repo.write("a", "2\n").git("add", "a")
    repo.git("update-index", "--refresh")
    before = sorted(os.listdir(repo.root / ".git"))

    assert opened(repo).index_tree() == out(repo, "write-tree")
    assert sorted(os.listdir(repo.root / ".git")) == before


def test_a_sparse_index_gives_the_whole_tree(repo: Project) -> None:
    repo.write("in/a", "1\n").write("out/b", "1\n").write("top", "1\n").commit("one")
    repo.git("sparse-checkout", "init", "--cone", "--sparse-index")
    repo.git("sparse-checkout", "set", "in")
    repo.write("in/a", "2\n").git("add", "in/a")
    found = opened(repo)

    assert not (repo.root / "out").exists()
    assert set(found.entries(INDEX)) == set(found.entries(found.index_tree())) == {"in/a", "out/b", "top"}
    assert set(found.entries(found.content_tree())) == {"in/a", "out/b", "top"}


def test_the_work_tree_is_read_without_touching_the_index(repo: Project) -> None:
    repo.write("a", "1\n").write("gone", "1\n").commit("one")
    repo.write("a", "2\n").write("untracked", "u\n").remove("gone")
    index = (repo.root / ".git/index").read_bytes()
    found = opened(repo)

    tree = found.content_tree()

    assert set(found.entries(tree)) == {"a", "untracked"}
    assert found.blobs([found.entries(tree)["a"].oid]) == {found.entries(tree)["a"].oid: b"2\n"}
    assert (repo.root / ".git/index").read_bytes() == index


def test_a_change_of_the_same_size_in_the_same_moment_is_seen_in_the_work_tree(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    stamp = os.stat(repo.root / ".git/index")
    repo.write("a", "2\n")
    os.utime(repo.root / "a", ns=(stamp.st_mtime_ns, stamp.st_mtime_ns))
    found = opened(repo)

    assert [change.path for change in found.changes("HEAD", found.content_tree())] == ["a"]


def test_blobs_come_in_one_batch_whatever_their_bytes(repo: Project) -> None:
    big = b"\x00\n" * 200_000
    (repo.root / "big").write_bytes(big)
    (repo.root / "empty").write_bytes(b"")
    repo.commit("one")
    found = opened(repo)
    entries = found.entries("HEAD")

    contents = found.blobs(entry.oid for entry in entries.values())

    assert contents == {entries["big"].oid: big, entries["empty"].oid: b""}
    assert found.blobs([]) == {}


def test_more_ids_than_a_pipe_holds_are_asked_for_at_once(repo: Project) -> None:
    for number in range(2000):
        (repo.root / f"{number}").write_text(f"{number}\n" * 50)
    repo.commit("one")
    found = opened(repo)
    entries = found.entries("HEAD")

    contents = found.blobs(entry.oid for entry in entries.values())

    assert {path: contents[entry.oid] for path, entry in entries.items()} == {
        f"{number}": f"{number}\n".encode() * 50 for number in range(2000)
    }


def test_a_child_that_does_not_read_is_not_waited_for() -> None:
    assert run(["sh", "-c", "echo done; exit 3"], os.environ, b"x" * 1_000_000) == Answer(3, b"done\n", b"")


def test_a_missing_blob_is_an_error(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")

    with pytest.raises(RepositoryError) as caught:
        opened(repo).blobs(["1" * 40])

    assert caught.value.code == "PG905"


def test_a_damaged_object_is_an_error(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    found = opened(repo)
    oid = found.entries("HEAD")["a"].oid
    stored = repo.root / ".git/objects" / oid[:2] / oid[2:]
    stored.chmod(0o600)
    stored.write_bytes(b"damaged")

    with pytest.raises(RepositoryError) as caught:
        found.blobs([oid])

    assert caught.value.code == "PG905"


def test_added_lines_are_those_of_a_diff_without_context(repo: Project) -> None:
    repo.write("a", "1\n2\n3\n").write('odd\n"name\t+', "x\n").write("z", "1\n").commit("one")
    repo.write("a", "0\n1\n2\nthree\n4\n").write('odd\n"name\t+', "x\n+++ y\n@@ -1 +9 @@\n").write("z", "").commit(
        "two"
    )

    added = opened(repo).added_lines("HEAD~", "HEAD", ["a", 'odd\n"name\t+', "z", "nowhere"])

    assert added == {"a": {1, 4, 5}, 'odd\n"name\t+': {2, 3}, "z": frozenset(), "nowhere": frozenset()}


def test_added_lines_follow_the_names_when_a_mode_or_a_binary_changes_too(repo: Project) -> None:
    (repo.root / "b.bin").write_bytes(b"\x00\x01")
    repo.write("a.sh", "1\n").write("c", "1\n").commit("one")
    (repo.root / "b.bin").write_bytes(b"\x00\x02")
    (repo.root / "a.sh").chmod(0o755)
    repo.write("c", "1\n2\n").commit("two")

    assert opened(repo).added_lines("HEAD~", "HEAD", ["c", "a.sh"]) == {"c": {2}, "a.sh": frozenset()}


DIFF_SETTINGS = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.renames": "copies",
    "diff.algorithm": "patience",
    "diff.indentHeuristic": "false",
    "diff.context": "9",
    "diff.interHunkContext": "9",
    "diff.relative": "true",
    "diff.submodule": "log",
    "diff.ignoreSubmodules": "all",
    "diff.external": "false",
    "diff.orderFile": "/nonexistent",
    "diff.odd.command": "false",
    "diff.odd.textconv": "false",
    "diff.odd.binary": "true",
    "color.ui": "always",
    "color.diff": "always",
    "core.quotePath": "false",
    "core.pager": "false",
    "core.abbrev": "4",
    "core.fsmonitor": "touch fsmonitor-ran; false",
}


def test_no_diff_configuration_of_the_user_changes_an_answer(repo: Project) -> None:
    repo.write("a", "1\n\n2\n\n3\n").write("b", "x\n" * 9).write(".gitattributes", "* diff=odd\n").commit("one")
    repo.git("mv", "b", "c")
    repo.write("a", "1\n\n1\n\n2\n\n4\n").commit("two")
    repo.write("a", "5\n").git("add", "a")
    asked = ("HEAD~", "HEAD", ["a", "b", "c"])
    plain = opened(repo)
    expected = (plain.changes(*asked[:2]), plain.added_lines(*asked), plain.changes("HEAD", INDEX))
    for name, value in DIFF_SETTINGS.items():
        assert repo.git("config", name, value).exit_code == 0

    found = opened(repo)

    assert (found.changes(*asked[:2]), found.added_lines(*asked), found.changes("HEAD", INDEX)) == expected
    assert found.content_tree() == found.index_tree()
    assert not (repo.root / "fsmonitor-ran").exists()


def test_replaced_objects_are_read_as_their_ids_say(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    tree = out(repo, "rev-parse", "HEAD^{tree}")
    second = repo.write("a", "2\n").commit("two")
    repo.git("replace", second, "HEAD~")

    assert opened(repo).commit("main").tree != tree


POISON = {
    "GIT_OBJECT_DIRECTORY": "/nonexistent",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nonexistent",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_DIFF_OPTS": "--unified=9",
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_NAMESPACE": "elsewhere",
    "GIT_TRACE": "1",
    "GIT_REPLACE_REF_BASE": "refs/other/",
    "GIT_ATTR_SOURCE": "HEAD",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.bare",
    "GIT_CONFIG_VALUE_0": "false",
}


def test_a_poisoned_environment_changes_no_answer(repo: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a", "1\n").commit("one")
    repo.write("a", "1\n2\n").git("add", "a")
    plain = opened(repo)
    expected = (plain.index_tree(), plain.entries("HEAD"), plain.changes("HEAD", INDEX))
    for name, value in POISON.items():
        monkeypatch.setenv(name, value)

    found = opened(repo)

    assert (found.index_tree(), found.entries("HEAD"), found.changes("HEAD", INDEX)) == expected


def test_the_index_git_gave_us_is_the_one_that_is_read(repo: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a", "1\n").write("b", "1\n").commit("one")
    repo.write("a", "2\n").write("b", "2\n").git("add", "a")
    repo.git("add", "b", env={"GIT_INDEX_FILE": ".git/other"})
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other")

    found = opened(repo)

    assert set(found.entries(INDEX)) == set(found.entries(found.index_tree())) == {"b"}


def test_variables_of_an_outer_repository_do_not_reach_an_inner_one(
    repo: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("outer", "1\n").commit("outer")
    inner = Project(tmp_path / "inner", repo.home)
    inner.root.mkdir()
    inner.init_git().write("in", "1\n").commit("inner")
    monkeypatch.setenv("GIT_DIR", str(repo.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo.root / ".git/index"))

    found = open_repository(str(inner.root))

    assert (found.root, set(found.entries(INDEX))) == (str(inner.root), {"in"})


def test_a_git_directory_elsewhere_is_honoured(repo: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a", "1\n").commit("one")
    (repo.root / ".git").rename(tmp_path / "elsewhere.git")
    monkeypatch.setenv("GIT_DIR", "../elsewhere.git")

    found = opened(repo)

    assert (found.git_dir, found.root) == (str(tmp_path / "elsewhere.git"), str(repo.root))
    assert set(found.entries(found.index_tree())) == {"a"}


def test_outside_a_repository_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))

    with pytest.raises(RepositoryError) as caught:
        open_repository(str(tmp_path))

    assert caught.value.code == "PG901"


def test_a_bare_repository_has_no_work_tree_to_judge(repo: Project, tmp_path: Path) -> None:
    repo.git("init", "-q", "--bare", str(tmp_path / "bare.git"))

    with pytest.raises(RepositoryError) as caught:
        open_repository(str(tmp_path / "bare.git"))

    assert caught.value.code == "PG903"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_not_trusted(repo: Project) -> None:
    for path in (repo.root, repo.root / ".git"):
        os.chown(path, 12345, 12345)

    with pytest.raises(RepositoryError) as caught:
        opened(repo)

    assert (caught.value.code, f"--add safe.directory {repo.root}`" in caught.value.hint) == ("PG902", True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_trust_given_through_the_environment_counts(repo: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a", "1\n").commit("one")
    for path in (repo.root, repo.root / ".git"):
        os.chown(path, 12345, 12345)
    for name, value in {"COUNT": "1", "KEY_0": "safe.directory", "VALUE_0": str(repo.root)}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)

    assert set(opened(repo).entries("HEAD")) == {"a"}


def test_a_machine_without_git_is_told_so(repo: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo.root))

    with pytest.raises(RepositoryError) as caught:
        opened(repo)

    assert caught.value.code == "PG909"


def shallow_clone(repo: Project, tmp_path: Path) -> Project:
    for number in range(3):
        repo.write("a", f"{number}\n").commit(f"number {number}")
    clone = Project(tmp_path / "clone", repo.home)
    out(repo, "clone", "-q", "--depth=2", f"file://{repo.root}", str(clone.root))
    return clone


def test_a_range_that_a_shallow_clone_cuts_is_an_error(repo: Project, tmp_path: Path) -> None:
    found = opened(shallow_clone(repo, tmp_path))

    assert found.is_shallow()
    assert [commit.subject for commit in found.commits("HEAD~1..HEAD")] == ["number 2"]
    with pytest.raises(RepositoryError) as caught:
        found.commits("HEAD")
    assert (caught.value.code, "fetch-depth: 0" in caught.value.hint) == ("PG904", True)


def test_what_changed_since_beyond_a_shallow_clone_is_an_error(repo: Project, tmp_path: Path) -> None:
    clone = opened(shallow_clone(repo, tmp_path))
    (parent,) = clone.commit("HEAD~1").parents

    for ask in (lambda: clone.changes(parent, "HEAD"), lambda: clone.entries(parent)):
        with pytest.raises(RepositoryError, match=f"this clone is shallow: {parent[:12]} lies beyond the end of it"):
            ask()


def test_a_merge_base_beyond_a_shallow_clone_is_an_error(repo: Project, tmp_path: Path) -> None:
    clone = shallow_clone(repo, tmp_path)
    clone.git("checkout", "-q", "--orphan", "other")
    clone.commit("unrelated")

    with pytest.raises(RepositoryError) as caught:
        opened(clone).merge_base("other", "origin/main")

    assert caught.value.code == "PG904"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    directory = tmp_path / "scratch" / "tree"
    directory.mkdir(parents=True)
    return directory


def test_a_tree_is_written_with_links_and_modes(repo: Project, scratch: Path) -> None:
    repo.write("a/b.py", "x\n").write("run", "#!/bin/sh\n")
    (repo.root / "run").chmod(0o755)
    (repo.root / "link").symlink_to("a/b.py")
    repo.commit("one")
    found = opened(repo)

    found.materialize(found.entries("HEAD"), str(scratch))

    assert files(scratch) == {"a/b.py": "x\n", "run": "#!/bin/sh\n", "link": "x\n"}
    assert os.readlink(scratch / "link") == "a/b.py"
    assert os.access(scratch / "run", os.X_OK)
    assert not os.access(scratch / "a/b.py", os.X_OK)


def test_a_composed_tree_takes_files_of_two_trees(repo: Project, scratch: Path) -> None:
    repo.write("src.py", "old\n").write("test.py", "old\n").commit("one")
    repo.write("src.py", "new\n").write("test.py", "new\n").commit("two")
    found = opened(repo)
    red = {**found.entries("HEAD"), "src.py": found.entries("HEAD~")["src.py"]}

    found.materialize(red, str(scratch))

    assert files(scratch) == {"src.py": "old\n", "test.py": "new\n"}


def test_a_second_time_only_what_differs_is_written(repo: Project, scratch: Path) -> None:
    repo.write("keep", "k\n").write("change", "1\n").write("d/gone", "g\n").commit("one")
    repo.write("change", "2\n").remove("d").write("new", "n\n").commit("two")
    found = opened(repo)
    found.materialize(found.entries("HEAD~"), str(scratch))
    inode = (scratch / "keep").stat().st_ino
    (scratch / "keep").touch()

    found.materialize(found.entries("HEAD"), str(scratch))

    assert files(scratch) == {"keep": "k\n", "change": "2\n", "new": "n\n"}
    assert (scratch / "keep").stat().st_ino == inode
    assert not (scratch / "d").exists()


def test_what_a_test_run_left_behind_or_changed_is_put_right(repo: Project, scratch: Path) -> None:
    repo.write("a", "1\n").write("b/c", "1\n").write("e", "1\n").commit("one")
    found = opened(repo)
    found.materialize(found.entries("HEAD"), str(scratch))
    stamp = (scratch / "a").stat().st_mtime_ns
    (scratch / "a").write_text("9\n")
    os.utime(scratch / "a", ns=(stamp, stamp))
    (scratch / "b/c").unlink()
    (scratch / "b/__pycache__").mkdir()
    (scratch / "b/__pycache__/c.pyc").write_text("stale")
    (scratch / "e").unlink()
    (scratch / "e").mkdir()
    (scratch / "e/f").write_text("in the way")

    found.materialize(found.entries("HEAD"), str(scratch))

    assert files(scratch) == {"a": "1\n", "b/c": "1\n", "e": "1\n"}


def test_a_directory_that_is_not_a_scratch_directory_is_refused(repo: Project, scratch: Path) -> None:
    repo.write("a", "1\n").commit("one")
    (scratch / "precious").write_text("p")
    found = opened(repo)

    for directory in (scratch, repo.root):
        with pytest.raises(RepositoryError) as caught:
            found.materialize(found.entries("HEAD"), str(directory))
        assert caught.value.code == "PG911"
    assert (scratch / "precious").exists()
    assert (repo.root / "a").exists()


@pytest.mark.parametrize("path", ["a/b", ".git/hooks/pre-commit", "../out"])
def test_a_tree_that_no_checkout_would_write_is_refused(repo: Project, scratch: Path, path: str) -> None:
    repo.write("a", "1\n").commit("one")
    found = opened(repo)
    entries = found.entries("HEAD")

    with pytest.raises(RepositoryError) as caught:
        found.materialize({**entries, path: entries["a"]}, str(scratch))

    assert caught.value.code == "PG911"


def test_a_missing_object_stops_the_writing(repo: Project, scratch: Path) -> None:
    repo.write("a", "1\n").commit("one")

    with pytest.raises(RepositoryError) as caught:
        opened(repo).materialize({"a": TreeEntry("100644", "1" * 40)}, str(scratch))

    assert caught.value.code == "PG905"


def test_filters_and_line_ends_are_applied_as_by_a_checkout(repo: Project, scratch: Path) -> None:
    repo.write(".gitattributes", "*.up filter=up\n*.txt text\nhidden export-ignore\n")
    repo.write("a.up", "abc\n").write("b.txt", "x\ny\n").write("hidden", "h\n").commit("one")
    repo.git("config", "filter.up.smudge", "tr a-z A-Z")
    repo.git("config", "core.autocrlf", "true")
    repo.write(".gitattributes", "*.up -filter\n")
    found = opened(repo)

    found.materialize(found.entries("HEAD"), str(scratch))

    assert (scratch / "a.up").read_bytes() == b"ABC\n".replace(b"\n", b"\r\n")
    assert (scratch / "b.txt").read_bytes() == b"x\r\ny\r\n"
    assert (scratch / "hidden").exists()


def test_a_file_is_written_anew_where_another_way_of_writing_it_comes_or_goes(repo: Project, scratch: Path) -> None:
    repo.write("sub/a.txt", "1\n").write("b", "1\n").commit("one")
    repo.write("sub/.gitattributes", "*.txt text eol=crlf\n").commit("two")
    found = opened(repo)

    seen = []
    for revision in ("HEAD~", "HEAD", "HEAD~"):
        found.materialize(found.entries(revision), str(scratch))
        seen.append((scratch / "sub/a.txt").read_bytes())

    assert seen == [b"1\n", b"1\r\n", b"1\n"]
    assert (scratch / "b").read_bytes() == b"1\n"


def test_a_required_filter_that_is_missing_is_an_error(repo: Project, scratch: Path) -> None:
    repo.write(".gitattributes", "*.big filter=lfs\n").write("a.big", "pointer\n").commit("one")
    repo.git("config", "filter.lfs.required", "true")
    repo.git("config", "filter.lfs.smudge", "no-such-program-at-all")
    found = opened(repo)

    with pytest.raises(RepositoryError) as caught:
        found.materialize(found.entries("HEAD"), str(scratch))

    assert caught.value.code == "PG908"


def test_no_hook_of_the_user_runs_when_files_are_written(repo: Project, scratch: Path) -> None:
    repo.write("a", "1\n").commit("one")
    hook = repo.root / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(repo.home))}/ran\n")
    hook.chmod(0o755)
    found = opened(repo)

    found.materialize(found.entries("HEAD"), str(scratch))

    assert not (repo.home / "ran").exists()


def test_a_submodule_is_an_empty_directory(repo: Project, scratch: Path) -> None:
    repo.write("a", "1\n").commit("one")
    found = opened(repo)
    entries = {**found.entries("HEAD"), "sub": TreeEntry("160000", "1" * 40)}

    found.materialize(entries, str(scratch))
    (scratch / "sub/dropping").write_text("d")
    found.materialize(entries, str(scratch))

    assert os.listdir(scratch / "sub") == []


def test_names_of_any_bytes_survive(repo: Project, scratch: Path) -> None:
    names = [
        b"sp ace",
        b"-dash",
        b'qu"ote',
        b"new\nline",
        b"\xff\xfe",
        "ünï".encode(),
        b"HEAD",
        b"\x1besc",
        b"a:b",
        b"*",
    ]
    for name in names:
        with open(os.path.join(os.fsencode(repo.root), name), "wb") as file:
            file.write(name)
    repo.commit("one")
    found = opened(repo)

    found.materialize(found.entries("HEAD"), str(scratch))

    assert {os.fsencode(path) for path in found.entries("HEAD")} == set(names)
    assert sorted(os.listdir(os.fsencode(scratch))) == sorted(names)
    assert found.changes(EMPTY, "HEAD") == found.changes(EMPTY, found.index_tree())
    assert set(found.added_lines(EMPTY, "HEAD", ["\udcff\udcfe"]).values()) == {frozenset({1})}


def test_a_root_with_an_odd_name_works(repo: Project, tmp_path: Path) -> None:
    odd = Project(tmp_path / "line\nbreak: 'ü\"", repo.home)
    odd.root.mkdir()
    odd.init_git().write("a", "1\n").commit("one")
    odd.write("a", "2\n").git("add", "a")
    found = open_repository(str(odd.root))

    assert found.root == str(odd.root)
    assert [change.path for change in found.changes("HEAD", found.index_tree())] == ["a"]


def test_sides_of_a_change_carry_mode_and_id(repo: Project) -> None:
    repo.write("a", "1\n").commit("one")
    oid = out(repo, "rev-parse", "HEAD:a")

    assert opened(repo).changes(EMPTY, "HEAD") == (FileChange("a", None, TreeEntry("100644", oid)),)
