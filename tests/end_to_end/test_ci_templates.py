"""The GitHub action and the GitLab component: their steps run in a shell, with the events that services send."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml  # type: ignore[import-untyped]

from support.project import LEAN, Project

if TYPE_CHECKING:
    from collections.abc import Mapping

TOP = Path(__file__).parents[2]
ACTION = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))
ONE, TWO = "def size(): return 1\n", "def size(): return 2\n"
TEST_TWO = "import app.cache\ndef test_size(): assert app.cache.size() == 2\n"
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$GH_LOG"
case "$*" in *--jq*) cat "$GH_LOG.known" 2>/dev/null || true ;; esac
"""


@dataclass
class Service:
    """A forge with a main branch and a pull request, and the directory in which its runner works."""

    forge: Project
    project: Project
    shas: dict[str, str]
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def temporary(self) -> Path:
        return self.project.root.parent / "runner"

    @property
    def calls(self) -> list[str]:
        log = self.temporary / "gh"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    def check_out(self, sha: str, ref: str, depth: int = 1) -> None:
        """Clone as the usual action does: one commit, detached."""
        self.project.init_git()
        self.project.git("remote", "add", "origin", f"file://{self.forge.root}")
        done = self.project.git("fetch", "-q", f"--depth={depth}", "origin", f"+{sha}:refs/remotes/{ref}")
        assert done.exit_code == 0, done.text
        self.project.git("checkout", "-q", "--detach", sha)

    def act(self, name: str, event: Mapping[str, Any], variables: Mapping[str, str], **inputs: str) -> int:
        """Run the shell steps of the action as a runner does, and return the exit code of the first that fails."""
        programs = self.temporary / "phasegate" / "bin"
        programs.mkdir(parents=True, exist_ok=True)
        if not (programs / "phasegate").exists():
            (programs / "phasegate").symlink_to(Path(sys.executable).parent / "phasegate")
            (programs / "gh").write_text(GH, encoding="utf-8")
            (programs / "gh").chmod(0o755)
        path = self.temporary / "event.json"
        path.write_text(json.dumps(event), encoding="utf-8")
        given = {key: one.get("default", "") for key, one in ACTION["inputs"].items()} | inputs
        context = {
            "inputs": given,
            "github": {"event": event, "token": "t", "action_repository": "shop/gate", "action_ref": "v1"},
            "steps": self.outputs,
        }
        environment = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REPOSITORY": "shop/shop",
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_STEP_SUMMARY": str(self.temporary / "summary"),
            "GH_LOG": str(self.temporary / "gh"),
            "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
            **variables,
        }
        for step in ACTION["runs"]["steps"]:
            if "run" not in step or step["name"] == "Install phasegate":
                continue
            code = self._step(step, context, environment)
            if code:
                return code
        return 0

    def _step(self, step: Mapping[str, Any], context: Mapping[str, Any], environment: Mapping[str, str]) -> int:
        output = self.temporary / f"output-{step.get('id', 'none')}"
        output.unlink(missing_ok=True)
        own = {key: _filled(value, context) for key, value in step.get("env", {}).items()}
        script = self.temporary / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        words = ("bash", "--noprofile", "--norc", "-eo", "pipefail", str(script))
        done = self.project.run(*words, env={**environment, "GITHUB_OUTPUT": str(output), **own})
        self.log = done.text
        lines = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
        self.outputs[step.get("id", "")] = {"outputs": dict(line.split("=", 1) for line in lines)}
        return done.exit_code

    def report(self, name: str) -> str:
        return (self.temporary / "red-before-green" / name).read_text(encoding="utf-8")


def _filled(value: str, context: Mapping[str, Any]) -> str:
    def found(match: re.Match[str]) -> str:
        place: Any = context
        for key in match[1].split("."):
            place = place.get(key) if isinstance(place, dict) else None
        return "" if place is None else str(place)

    return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", found, str(value))


@pytest.fixture
def service(tmp_path: Path) -> Service:
    for name in ("forge", "work", "home", "runner"):
        (tmp_path / name).mkdir()
    forge = Project(tmp_path / "forge", tmp_path / "home").init_git()
    forge.write("pytest.ini", LEAN).write("src/app/__init__.py", "").write("src/app/cache.py", ONE)
    forge.write("tests/test_old.py", "def test_old(): pass\n")
    shas = {"base": forge.commit("chore: begin")}
    forge.git("checkout", "-q", "-b", "topic")
    forge.write("src/app/cache.py", TWO).write("tests/test_cache.py", TEST_TWO)
    shas["honest"] = forge.commit("feat: two")
    forge.write("src/app/other.py", "def other(): return 1\n")
    shas["head"] = forge.commit("feat: ::error::no test")
    forge.git("checkout", "-q", "main")
    shas["main"] = forge.write("README.md", "hello").commit("docs: hello")
    forge.git("checkout", "-q", "--detach")
    forge.git("merge", "-q", "--no-ff", "-m", "Merge topic into main", "topic")
    shas["merge"] = forge.git("rev-parse", "HEAD").stdout.strip()
    forge.git("update-ref", "refs/pull/7/merge", "HEAD")
    forge.git("checkout", "-q", "main")
    return Service(forge, Project(tmp_path / "work", tmp_path / "home"), shas)


def pull(service: Service, repository: str = "shop/shop", **more: Any) -> dict[str, Any]:
    head = {"sha": service.shas["head"], "repo": {"full_name": repository}}
    return {"pull_request": {"number": 7, "base": {"ref": "main", "sha": service.shas["base"]}, "head": head, **more}}


PULL = {"GITHUB_BASE_REF": "main", "GITHUB_REF": "refs/pull/7/merge"}
PYTHON = {"python": sys.executable}
MARK = "<!-- phasegate: red before green -->"


def test_a_pull_request_is_judged_in_a_shallow_clone_and_one_comment_is_kept(service: Service) -> None:
    service.check_out(service.shas["merge"], "pull/7/merge")

    code = service.act("pull_request", pull(service), PULL, **PYTHON)
    (service.temporary / "gh.known").write_text("41\n", encoding="utf-8")
    again = service.act("pull_request", pull(service), PULL, **PYTHON)

    found = json.loads(service.report("verify.json"))
    assert (code, again) == (1, 1)
    assert [commit["verdict"] for commit in found["commits"]] == ["passed", "failed"]
    assert service.report("comment.md").startswith(f"{MARK}\n### Red before green: failed")
    assert "PG201" in (service.temporary / "summary").read_text(encoding="utf-8")
    assert "[PG201](https://github.com/shop/gate/blob/v1/docs/messages.md#pg201-" in service.report("comment.md")
    assert "<failure" in service.report("junit.xml")
    assert service.outputs["verify"]["outputs"] == {"code": "1", "verdict": "failed"}
    written = [call for call in service.calls if "--method" in call]
    assert "--method POST repos/shop/shop/issues/7/comments" in written[0]
    assert "--method PATCH repos/shop/shop/issues/comments/41" in written[1]


def test_a_fork_is_judged_and_its_comment_waits_in_the_artifact(service: Service) -> None:
    service.check_out(service.shas["merge"], "pull/7/merge")

    code = service.act("pull_request", pull(service, "somebody/shop"), PULL, **PYTHON, observe="true")

    assert (code, service.calls) == (0, [])
    assert service.report("number") == "7\n"
    assert MARK in service.report("comment.md")


def test_a_merge_queue_and_a_push_are_judged_by_what_they_bring(service: Service) -> None:
    service.check_out(service.shas["merge"], "origin/queue")
    group = {"base_sha": service.shas["main"], "head_sha": service.shas["merge"], "base_ref": "refs/heads/main"}
    push = {
        "before": service.shas["base"],
        "after": service.shas["honest"],
        "repository": {"default_branch": "main"},
    }

    queue = service.act("merge_group", {"merge_group": group}, {}, **PYTHON)
    brought = [commit["subject"] for commit in json.loads(service.report("verify.json"))["commits"]]
    pushed = service.act("push", push, {"GITHUB_REF": "refs/heads/main"}, **PYTHON)

    assert (queue, brought) == (1, ["feat: two", "feat: ::error::no test", "Merge topic into main"])
    assert (pushed, service.outputs["verify"]["outputs"]) == (0, {"code": "0", "verdict": "passed"})
    assert service.calls == []


def test_what_cannot_be_judged_fails_and_is_told_in_the_comment_too(service: Service) -> None:
    service.check_out(service.shas["merge"], "pull/7/merge")
    event = pull(service, labels=[{"name": "docs"}])

    broken = service.act("pull_request", pull(service), PULL, python="/nowhere/python")
    told = service.report("comment.md")
    unlabelled = service.act("pull_request", event, PULL, **PYTHON, label="tdd-gate")

    assert (broken, unlabelled) == (4, 0)
    assert told.startswith(f"{MARK}\n### Red before green: no verdict (exit code 4)")
    assert "/nowhere/python" in told
    assert "not-evaluated" in service.report("comment.md")


def test_the_component_of_gitlab_judges_a_merge_request(service: Service) -> None:
    document = list(yaml.safe_load_all((TOP / "templates/red-before-green.yml").read_text(encoding="utf-8")))
    inputs = {key: str(one.get("default", "")) for key, one in document[0]["spec"]["inputs"].items()} | PYTHON
    job = document[1]["red-before-green"]

    def filled(text: str) -> str:
        return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: inputs[match[1]], text)

    service.check_out(service.shas["head"], "pipelines/7", depth=50)
    variables = {
        "GITLAB_CI": "true",
        "CI": "true",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_COMMIT_SHA": service.shas["head"],
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        **{key: filled(value) for key, value in job["variables"].items()},
    }
    script = "\n".join(map(filled, job["script"]))

    run = service.project.run("bash", "-eo", "pipefail", "-c", script, env=variables)

    assert run.exit_code == 1, run.text
    assert "merge request 7 (GitLab)" in run.stderr
    assert "<failure" in service.project.read("red-before-green.xml")
