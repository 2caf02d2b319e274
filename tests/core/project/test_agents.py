"""The hook files of coding agents, what they ask, and what they are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_phasegate.core.project.agents import (
    AGENTS,
    Reply,
    edited,
    goes_on_already,
    reply_before,
    reply_done,
    with_hooks,
    without_hooks,
)

BEFORE, DONE = "phasegate hook agent --for {}", "phasegate check --changed --for {}"


def grouped(name: str, tools: str, unit: int = 1) -> list[dict[str, Any]]:
    return [
        {"matcher": tools, "hooks": [{"type": "command", "command": BEFORE.format(name), "timeout": 30 * unit}]},
        {"hooks": [{"type": "command", "command": DONE.format(name), "timeout": 600 * unit}]},
    ]


CLAUDE, CODEX = grouped("claude-code", "Edit|MultiEdit|Write|NotebookEdit"), grouped("codex", "apply_patch|Edit|Write")
GEMINI = grouped("gemini", "write_file|replace", 1000)
WHOLE = {
    "claude-code": {"hooks": {"PreToolUse": CLAUDE[:1], "Stop": CLAUDE[1:]}},
    "codex": {"hooks": {"PreToolUse": CODEX[:1], "Stop": CODEX[1:]}},
    "gemini": {"hooks": {"BeforeTool": GEMINI[:1], "AfterAgent": GEMINI[1:]}},
    "cursor": {
        "hooks": {
            "preToolUse": [{"command": BEFORE.format("cursor"), "matcher": "Write", "timeout": 30}],
            "stop": [{"command": DONE.format("cursor"), "timeout": 600, "loop_limit": 3}],
        },
        "version": 1,
    },
    "copilot": {
        "hooks": {
            "preToolUse": [{"type": "command", "bash": BEFORE.format("copilot"), "timeoutSec": 30}],
            "agentStop": [{"type": "command", "bash": DONE.format("copilot"), "timeoutSec": 600}],
        },
        "version": 1,
    },
}


@pytest.mark.parametrize("name", AGENTS)
def test_each_agent_gets_a_file_of_its_own_format_once_and_loses_it_again(name: str) -> None:
    agent = AGENTS[name]

    text = with_hooks(agent, None)

    assert json.loads(text) == WHOLE[name]
    assert with_hooks(agent, text) == text
    assert without_hooks(agent, text) == ""


@pytest.mark.parametrize("name", AGENTS)
def test_what_others_wrote_in_the_file_stays(name: str) -> None:
    agent = AGENTS[name]
    other = {"hooks": [{"type": "command", "command": "ruff format"}]}
    theirs = json.dumps({"model": "x", "version": 1, "hooks": {agent.before: [other], "other": [other]}}, indent="\t")

    text = with_hooks(agent, theirs)

    assert json.loads(text)["hooks"][agent.before][0] == other
    assert len(json.loads(text)["hooks"][agent.before]) == 2
    assert "\n\t" in text
    assert json.loads(without_hooks(agent, text)) == json.loads(theirs)
    assert without_hooks(agent, theirs) == theirs


@pytest.mark.parametrize("text", ["[]", "nonsense", '{"hooks": []}', '{"hooks": {"PreToolUse": {}}}', "// note\n{}"])
def test_a_file_of_another_shape_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        with_hooks(AGENTS["claude-code"], text)
    assert without_hooks(AGENTS["claude-code"], text) == text


PATCH = (
    "*** Begin Patch\n*** Update File: src/a.py\n@@\n-x\n+y\n*** Move to: src/b.py\n*** Add File: c.py\n*** End Patch"
)


@pytest.mark.parametrize(
    ("request_", "paths"),
    [
        pytest.param({"tool_input": {"file_path": "a.py"}}, ("a.py",), id="claude-cursor-gemini"),
        pytest.param({"tool_input": {"notebook_path": "a.ipynb"}}, ("a.ipynb",), id="notebook"),
        pytest.param({"path": "a.py"}, ("a.py",), id="plain"),
        pytest.param({"tool_input": {"command": PATCH}}, ("src/a.py", "src/b.py", "c.py"), id="codex"),
        pytest.param({"toolName": "edit", "toolArgs": {"path": "a.py"}}, ("a.py",), id="copilot"),
        pytest.param({"toolName": "create", "toolArgs": '{"path": "a.py"}'}, ("a.py",), id="copilot-text"),
        pytest.param({"toolName": "view", "toolArgs": {"path": "a.py"}}, (), id="copilot-reads"),
        pytest.param(
            {"toolName": "str_replace_editor", "toolArgs": {"command": "view", "path": "a.py"}}, (), id="it-views"
        ),
        pytest.param({"tool_input": {"command": "ls"}}, (), id="shell"),
        pytest.param({"toolName": "edit", "toolArgs": "nonsense"}, (), id="nonsense"),
    ],
)
def test_the_files_that_are_about_to_be_edited(request_: dict[str, Any], paths: tuple[str, ...]) -> None:
    assert edited(request_) == paths


WHY = "write its tests first"
DENIED = {"permission": "deny", "user_message": WHY, "agent_message": WHY}


@pytest.mark.parametrize(
    ("name", "allowed", "blocked"),
    [
        ("claude-code", Reply(), Reply(err=WHY, code=2)),
        ("codex", Reply(), Reply(err=WHY, code=2)),
        ("gemini", Reply("{}"), Reply(err=WHY, code=2)),
        ("cursor", Reply("{}"), Reply(json.dumps(DENIED))),
        ("copilot", Reply(), Reply(json.dumps({"permissionDecision": "deny", "permissionDecisionReason": WHY}))),
    ],
)
def test_an_edit_is_blocked_with_the_reason_and_nothing_is_ever_approved(
    name: str, allowed: Reply, blocked: Reply
) -> None:
    assert reply_before(AGENTS[name], "") == allowed
    assert reply_before(AGENTS[name], WHY) == blocked


@pytest.mark.parametrize(
    ("name", "blocked"),
    [
        ("claude-code", Reply(err=WHY, code=2)),
        ("codex", Reply(err=WHY, code=2)),
        ("gemini", Reply(err=WHY, code=2)),
        ("cursor", Reply(json.dumps({"followup_message": WHY}))),
        ("copilot", Reply(json.dumps({"decision": "block", "reason": WHY}))),
    ],
)
def test_one_that_would_end_goes_on_with_what_is_missing_and_not_for_ever(name: str, blocked: Reply) -> None:
    agent = AGENTS[name]

    assert reply_done(agent, WHY, again=False) == blocked
    assert reply_done(agent, WHY, again=True).code == 1
    assert WHY in reply_done(agent, WHY, again=True).err
    assert reply_done(agent, "", again=False).code == 0


def test_who_goes_on_for_our_sake_or_was_ended_by_the_user_says_so() -> None:
    assert goes_on_already({"stop_hook_active": True})
    assert goes_on_already({"status": "aborted"})
    assert not goes_on_already({"stop_hook_active": False, "status": "completed"})
