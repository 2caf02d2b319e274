"""Coding agents: the file in which each keeps its hooks, what it says to one, and how it wants to be answered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

EDIT, DONE = "hook agent --for", "check --changed --for"
"""What of ours an agent calls before an edit, and before it says that it is done."""
_QUICK, _LONG = 30, 600  # seconds that each of them may take


class Agent(NamedTuple):
    """One agent.

    ``file`` is relative to the repository's top. ``before`` and ``done`` are its events, ``tools`` what it calls the
    tools that edit, ``unit`` how many of its time units are a second. ``flat`` says that an event lists its commands
    without groups of them, ``command`` by which key.
    """

    name: str
    file: str
    before: str
    done: str
    tools: str = ""
    unit: int = 1
    flat: bool = False
    command: str = "command"
    timeout: str = "timeout"


AGENTS = {
    agent.name: agent
    for agent in (
        Agent("claude-code", ".claude/settings.json", "PreToolUse", "Stop", "Edit|MultiEdit|Write|NotebookEdit"),
        Agent("codex", ".codex/hooks.json", "PreToolUse", "Stop", "apply_patch|Edit|Write"),
        Agent("cursor", ".cursor/hooks.json", "preToolUse", "stop", "Write", flat=True),
        Agent("gemini", ".gemini/settings.json", "BeforeTool", "AfterAgent", "write_file|replace", unit=1000),
        Agent(
            "copilot",
            ".github/hooks/phasegate.json",
            "preToolUse",
            "agentStop",
            flat=True,
            command="bash",
            timeout="timeoutSec",
        ),
    )
}


def with_hooks(agent: Agent, text: str | None, program: str = "phasegate") -> str:
    """Return the agent's file with our hooks in it; one that has them is as it was.

    Raises:
        ValueError: It is no JSON object of the shape that the agent reads.
    """
    document = _document(text)
    events = document.setdefault("hooks", {})
    if agent.flat:
        document.setdefault("version", 1)
    wanted = ((agent.before, EDIT, agent.tools, _QUICK), (agent.done, DONE, "", _LONG))
    missing = [one for one in wanted if not any(_is_ours(entry, one[1]) for entry in _listed(events, one[0]))]
    for event, words, tools, seconds in missing:
        _listed(events, event).append(_entry(agent, f"{program} {words} {agent.name}", tools, seconds))
    return text if text is not None and not missing else _written(document, text)


def without_hooks(agent: Agent, text: str) -> str:
    """Return the agent's file without our hooks; empty where nothing else is left, unchanged where none is there."""
    try:
        document = _document(text)
        events = document.get("hooks", {})
        kept = {event: [one for one in _listed(events, event) if not _is_ours(one)] for event in list(events)}
    except ValueError:
        return text
    if kept == events:
        return text
    left = {event: entries for event, entries in kept.items() if entries}
    rest = {key: value for key, value in document.items() if key != "hooks" and not (agent.flat and key == "version")}
    if not left and not rest:
        return ""
    return _written({**document, "hooks": left} if left else rest, text)


def _document(text: str | None) -> dict[str, Any]:
    document = json.loads(text) if text and text.strip() else {}
    if not isinstance(document, dict) or not isinstance(document.get("hooks", {}), dict):
        raise ValueError("no JSON object with an object `hooks`")  # noqa: TRY004 - like every other fault of the text
    return document


def _listed(events: dict[str, Any], event: str) -> list[Any]:
    found = events.setdefault(event, [])
    if not isinstance(found, list):
        raise ValueError(f"`hooks.{event}` is no list")  # noqa: TRY004 - like every other fault of the text
    return found


def _entry(agent: Agent, command: str, tools: str, seconds: int) -> dict[str, Any]:
    matcher = {"matcher": tools} if tools else {}
    limit = {agent.timeout: seconds * agent.unit}
    if agent.flat:
        kind = {"type": "command"} if agent.command == "bash" else {}
        loops = {"loop_limit": 3} if agent.done == "stop" and not tools else {}
        return {**kind, agent.command: command, **matcher, **limit, **loops}
    return {**matcher, "hooks": [{"type": "command", "command": command, **limit}]}


def _is_ours(entry: object, words: str = "") -> bool:
    """Whether an entry runs one of our two commands, or only those, or the one that is named."""
    wanted = (words,) if words else (EDIT, DONE)
    if not isinstance(entry, dict):
        return False
    commands = [entry.get("command"), entry.get("bash")]
    inner = entry.get("hooks")
    if isinstance(inner, list) and inner:
        return all(_is_ours(one, words) for one in inner)
    return any(isinstance(one, str) and "phasegate" in one and any(word in one for word in wanted) for one in commands)


def _written(document: Mapping[str, Any], text: str | None) -> str:
    indent = re.search(r"^([ \t]+)\S", text or "", re.MULTILINE)
    return json.dumps(document, indent=indent[1] if indent else 2, ensure_ascii=False) + "\n"


_PATH_KEYS = ("file_path", "path", "notebook_path", "filePath")
_PATCHED = re.compile(r"^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+?)\s*$", re.MULTILINE)
_EDITS = ("edit", "create", "write", "replace", "insert", "patch")


def edited(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the files that a tool is about to edit, as the agent names them; of a tool that only reads, none."""
    tool = request.get("toolName")
    inner = [_object(request.get(key)) for key in ("tool_input", "toolArgs", "toolInput")]
    if isinstance(tool, str) and not any(word in tool.lower() for word in _EDITS):
        return ()
    if isinstance(tool, str) and any(one.get("command") == "view" for one in inner):
        return ()
    patches = [one.get(key) for one in inner for key in ("command", "input", "patch")]
    patched = [path for patch in patches if isinstance(patch, str) for path in _PATCHED.findall(patch)]
    named = [place.get(key) for place in (*inner, request) for key in _PATH_KEYS]
    return tuple(dict.fromkeys([*(one for one in named if isinstance(one, str) and one), *patched]))


def directories(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where the agent says that it works, the best first."""
    roots = request.get("workspace_roots")
    named = (request.get("cwd"), *(roots if isinstance(roots, list) else ()))
    return tuple(one for one in named if isinstance(one, str) and one)


def _object(value: object) -> Mapping[str, Any]:
    """Return an object, also where an agent sends it as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


class Reply(NamedTuple):
    """What an agent is told: on stdout and stderr, and by the exit code."""

    out: str = ""
    err: str = ""
    code: int = 0


_BLOCK = 2


def reply_before(agent: Agent, reason: str) -> Reply:
    """Return the answer to an edit: silence lets the agent go on as it would without us; a reason blocks."""
    if agent.name == "copilot":
        denied = {"permissionDecision": "deny", "permissionDecisionReason": reason}
        return Reply(json.dumps(denied)) if reason else Reply()
    if agent.name == "cursor":
        denied = {"permission": "deny", "user_message": reason, "agent_message": reason}
        return Reply(json.dumps(denied)) if reason else Reply("{}")
    return Reply(err=reason, code=_BLOCK) if reason else _silence(agent)


def reply_done(agent: Agent, missing: str, *, again: bool) -> Reply:
    """Return the answer to one that would end.

    Args:
        agent: The agent.
        missing: What is missing, for the model to read; empty where nothing is.
        again: Whether it goes on for our sake already, or nothing has changed since: then it may end, and the user is
            told what is missing.
    """
    if not missing:
        return _silence(agent)
    if again:
        return Reply("{}" if agent.name == "cursor" else "", f"not done, and let go: {missing}", 1)
    if agent.name == "copilot":
        return Reply(json.dumps({"decision": "block", "reason": missing}))
    if agent.name == "cursor":
        return Reply(json.dumps({"followup_message": missing}))
    return Reply(err=missing, code=_BLOCK)


def goes_on_already(request: Mapping[str, Any]) -> bool:
    """Whether the agent says that a hook keeps it from ending, or that its user ended it."""
    ended = request.get("status") in {"aborted", "error"}
    return ended or request.get("stop_hook_active") is True


def _silence(agent: Agent) -> Reply:
    return Reply("{}" if agent.name in {"cursor", "gemini"} else "")
