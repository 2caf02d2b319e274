"""``phasegate attest``: statements of a real repository, signed by ssh-keygen, and what becomes of a tampered one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_phasegate import cli
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.wiring import projects, records
from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project

SCHEMAS = Path(__file__).parents[2] / "docs/reference/schemas"
_HEX = {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"}
_DESCRIPTOR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "uri": {"type": "string"},
        "digest": {
            "type": "object",
            "minProperties": 1,
            "properties": {"gitCommit": _HEX, "gitTree": _HEX, "gitBlob": _HEX},
        },
        "annotations": {"type": "object"},
    },
    "anyOf": [{"required": ["uri"]}, {"required": ["digest"]}, {"required": ["content"]}],
}
IN_TOTO: dict[str, Any] = {
    "type": "object",
    "required": ["_type", "subject", "predicateType"],
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "subject": {
            "type": "array",
            "minItems": 1,
            "items": {"allOf": [_DESCRIPTOR, {"required": ["digest"]}]},
        },
        "predicateType": {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:[^A-Z]"},
        "predicate": {"type": "object"},
    },
}
"""The shape of a Statement v1, as in-toto's specification has it: statement, resource descriptor, digest set."""
_NAMES = {"type": "array", "items": {"type": "string"}}
TEST_RESULT: dict[str, Any] = {
    "allOf": [IN_TOTO],
    "properties": {
        "predicateType": {"const": "https://in-toto.io/attestation/test-result/v0.1"},
        "predicate": {
            "required": ["result", "configuration"],
            "properties": {
                "result": {"enum": ["PASSED", "WARNED", "FAILED"]},
                "configuration": {"type": "array", "items": _DESCRIPTOR},
                "passedTests": _NAMES,
                "warnedTests": _NAMES,
                "failedTests": _NAMES,
            },
        },
    },
}
"""The same of the predicate of a test result, version 0.1."""


@pytest.fixture
def done(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of one phase, committed, that passed; two keys, and a file that allows one of them."""
    one = CACHE_GUIDE.partition("### Phase 2")[0]
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, one).write(".gitignore", "/out/\n")
    project.init_git().commit("docs: plan the cache")
    project.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    project.commit("feat(cache): add core cache")
    project.write("out/allowed", "")
    for name in ("ada", "eve"):
        project.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", f"out/{name}")
    project.write("out/allowed", f"ada@example.org {project.read('out/ada.pub')}")
    monkeypatch.chdir(project.root)
    return project


def judged(project: Project, ruling: Ruling = Ruling.PASSED, gates: tuple[tuple[str, str], ...] = ()) -> None:
    tree, rules = projects.repository(project.root).content_tree(), rules_of(projects.settings(project.root))
    gate = "" if ruling is Ruling.PASSED else "tests"
    words = gates or (("tests", str(ruling)), ("approval", "not-evaluated"))
    one = Judgement(int(time()), "cache", "1", tree, ruling, "check", 2, 100.0, gate=gate, rules=rules, gates=words)
    records.judgements(project.root).append([one])


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = cli.main(words)
    captured = capsys.readouterr()
    return code, captured.out + captured.err


SIGNED = ("attest", "--sign", "out/ada", "--output-file", "out/a.json")
ASKED = ("attest", "--verify", "out/a.json", "--allowed-signers", "out/allowed")


def test_what_passed_is_attested_in_the_shape_of_in_toto_and_nothing_else_is(
    done: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    unjudged = said(capsys, "attest", "--output-file", "out/a.json")
    judged(done, Ruling.FAILED)
    failed = said(capsys, "attest", "--output-file", "out/a.json")
    judged(done)
    code, text = said(capsys, "attest")
    judged(done, gates=(("tests", "passed"), ("coverage", "waived")))
    warned = json.loads(said(capsys, "attest")[1])
    done.write("src/app/cache.py", CACHE + "# changed\n")
    judged(done, Ruling.FAILED)
    dirty = said(capsys, "attest")

    assert (unjudged[0], failed[0], code, dirty[0]) == (4, 1, 0, 1)
    assert "not judged as it stands" in unjudged[1]
    assert "nothing is attested" in dirty[1]
    assert not (done.root / "out/a.json").exists()
    made = json.loads(text)
    for document in (made, warned):
        jsonschema.validate(document, TEST_RESULT)
    head = done.git("rev-parse", "HEAD", "HEAD^{tree}").stdout.split()
    assert list(made["subject"][0]["digest"].values()) == head
    assert [one["predicate"]["result"] for one in (made, warned)] == ["PASSED", "WARNED"]
    assert made["predicate"]["passedTests"] == ["cache:1/tests"]
    assert warned["predicate"]["warnedTests"] == ["cache:1/coverage"]


def test_a_signature_is_one_that_ssh_keygen_itself_accepts(done: Project, capsys: pytest.CaptureFixture[str]) -> None:
    judged(done)

    assert said(capsys, *SIGNED)[0] == 0
    with (done.root / "out/a.json").open("rb") as file:
        words = ("-f", "out/allowed", "-I", "ada@example.org", "-n", "phasegate-attestation", "-s", "out/a.json.sig")
        own = subprocess.run(["ssh-keygen", "-Y", "verify", *words], stdin=file, capture_output=True, check=False)
    assert own.returncode == 0
    code, text = said(capsys, *ASKED)
    assert (code, "VERIFIED: out/a.json" in text, "by ada@example.org (ED25519" in text) == (0, True, True)
    answer = json.loads(said(capsys, *ASKED, "--format", "json")[1])
    jsonschema.validate(answer, json.loads((SCHEMAS / "phasegate.attest.1.json").read_text(encoding="utf-8")))
    assert (answer["verdict"], answer["signature"]["by"], answer["faults"]) == ("passed", "ada@example.org", [])
    assert "signed  by ED25519 key" in said(capsys, *ASKED[:3])[1]


def test_only_the_statement_as_it_was_signed_about_this_commit_holds(
    done: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(done)
    said(capsys, *SIGNED)
    whole, signature = done.read("out/a.json"), done.read("out/a.json.sig")
    commit, tree = done.git("rev-parse", "HEAD", "HEAD^{tree}").stdout.split()

    def now(text: str, *words: str) -> tuple[int, str]:
        done.write("out/a.json", text)
        return said(capsys, *ASKED[:3], *words)

    allowed = ASKED[3:]
    tampered = {
        "of another commit": now(whole.replace(commit, "1" * 40)),
        "of another tree": now(whole.replace(tree, "2" * 40)),
        "of another revision": now(whole, "HEAD~1"),
        "with another word in it": now(whole.replace("cache:1/tests", "cache:2/tests"), *allowed),
        "without any shape": now("{}"),
    }
    done.remove("out/a.json.sig")
    unsigned, plain = now(whole, *allowed), now(whole)
    failed = now(whole.replace("PASSED", "FAILED"))
    by_eve = done.run("ssh-keygen", "-Y", "sign", "-f", "out/eve", "-n", "phasegate-attestation", "out/a.json")
    eve = now(whole, *allowed)
    done.write("out/a.json.sig", "\x1b[31mno signature\n")
    broken = now(whole)
    done.write("out/a.json.sig", signature)

    assert {name: code for name, (code, _) in tampered.items() if code != 1} == {}
    assert (unsigned[0], plain[0], failed[0], by_eve.exit_code, eve[0], broken[0]) == (1, 0, 1, 0, 1, 1)
    assert "it is about commit 111111111111" in tampered["of another commit"][1]
    assert "it is not signed: there is no out/a.json.sig" in unsigned[1]
    assert "CONSISTENT: out/a.json: it fits this commit, and nobody vouches for it" in plain[1]
    assert "what it attests is FAILED" in failed[1]
    assert "nobody in out/allowed signed it" in eve[1]
    assert "\x1b" not in broken[1]
    assert now(whole, *allowed)[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--verify", "out/none"), 2, "out/none cannot be read: No such file"),
        (("--verify", "out"), 2, "out cannot be read: Is a directory"),
        (("--verify", "pyproject.toml"), 2, "pyproject.toml:1:2: no JSON"),
        (("--verify", "out/a.json", "--sign", "out/ada"), 2, "do one at a time"),
        (("--allowed-signers", "out/allowed"), 2, "give --verify FILE"),
        (("--sign", "out/ada"), 2, "--sign wants a file to sign"),
        (("--sign", "out/none", "--output-file", "out/a.json"), 2, "there is no key 'out/none'"),
        (("--sign", "out/allowed", "--output-file", "out/a.json"), 2, "out/allowed signs nothing"),
        (("HEAD..HEAD",), 4, "HEAD..HEAD is not-evaluated: no commits in this range"),
        (("nosuch..HEAD",), 4, "git knows no revision 'nosuch'"),
    ],
)
def test_what_cannot_be_done_is_one_message(
    done: Project, words: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(done)
    found = said(capsys, "attest", *words)

    assert found[0] == code
    assert told in found[1]
    assert not (done.root / "out/a.json").exists()


@pytest.mark.slow
def test_red_before_green_of_a_range_is_attested_and_of_this_range_alone(project: Project) -> None:
    project.write("pyproject.toml", PYPROJECT).write(".gitignore", "/out/\n").write("out/x", "")
    project.init_git().commit("chore: begin")
    project.write("src/app/untested.py", "def f():\n    return 1\n").commit("feat: code without a test")
    project.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE).commit("feat: add a cache")
    refused = project.phasegate("attest", "HEAD~2..HEAD", "--output-file", "out/r.json")
    passed = project.phasegate("attest", "HEAD~1..HEAD", "--output-file", "out/r.json")
    document = json.loads(project.read("out/r.json"))
    holds = project.phasegate("attest", "--verify", "out/r.json")
    other = project.phasegate("attest", "--verify", "out/r.json", "HEAD~1")
    shas = project.git("rev-parse", "HEAD~1", "HEAD~2").stdout.split()
    project.write("out/r.json", json.dumps(document).replace(shas[0], shas[1]))
    longer = project.phasegate("attest", "--verify", "out/r.json")

    assert [one.exit_code for one in (refused, passed, holds, other, longer)] == [1, 0, 0, 1, 1]
    assert "nothing is attested" in refused.stderr
    jsonschema.validate(document, IN_TOTO)
    schema = json.loads((SCHEMAS / "phasegate.red-green.1.json").read_text(encoding="utf-8"))
    jsonschema.validate(document["predicate"], schema)
    assert document["predicateType"] == f"urn:uuid:febbe9d7-cba4-4256-8eda-d38372827027#{schema['$id']}"
    assert document["predicate"]["result"] == "PASSED"
    assert document["predicate"]["base"] == shas[0]
    assert "its commits are not those after" in longer.stdout
