"""The server for coding agents, asked through the official client."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate import cli
from support.guides import CACHE_GUIDE, GUIDE_PATH, PYPROJECT
from support.project import Project, clean_environment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def test_without_the_package_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mcp", "mcp.server.mcpserver", "mcp.server.fastmcp"):
        monkeypatch.setitem(sys.modules, name, None)

    assert cli.main(["mcp"]) == 2
    assert "pytest-phasegate[mcp]" in capsys.readouterr().err


def asked(project: Project, ask: Callable[[Any], Awaitable[Any]]) -> Any:
    """Talk to the server as a client does: another process, over its stdin and stdout."""
    pytest.importorskip("mcp")
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    environment = clean_environment(project.home)
    words = ["-m", "pytest_phasegate", "mcp", "--python", sys.executable]
    parameters = StdioServerParameters(command=sys.executable, args=words, env=environment, cwd=str(project.root))

    async def talk() -> Any:
        async with stdio_client(parameters) as (reading, writing), ClientSession(reading, writing) as session:
            await session.initialize()
            return await ask(session)

    return asyncio.run(asyncio.wait_for(talk(), 120))


@pytest.fixture
def cache(project: Project) -> Project:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE)
    project.init_git().commit("docs: plan the cache")
    return project


def text_of(result: Any) -> str:
    return "".join(part.text for part in result.content)


def test_a_client_finds_what_reads_and_judges_and_nothing_else(cache: Project) -> None:
    async def ask(session: Any) -> Any:
        tools = [tool.name for tool in (await session.list_tools()).tools]
        resources = [str(one.uri) for one in (await session.list_resources()).resources]
        nothing = text_of(await session.call_tool("check", {"changed": True}))
        step = text_of(await session.call_tool("next", {}))
        phase = text_of(await session.call_tool("show_phase", {"phase": "1"}))
        code = text_of(await session.call_tool("explain", {"code": "PG202"}))
        sly = text_of(await session.call_tool("verify", {"revisions": "--observe"}))
        status = (await session.read_resource("phasegate://status")).contents[0].text
        return tools, resources, nothing, step, phase, code, sly, status

    tools, resources, nothing, step, phase, code, sly, status = asked(cache, ask)

    assert tools == ["next", "show_phase", "check", "verify", "explain"]
    assert resources == ["phasegate://guide", "phasegate://status"]
    assert "nothing has changed" in nothing
    assert "exit code 0" in nothing
    assert "write the tests of phase 1" in step
    assert "Core cache" in phase
    assert "no test went from red to green" in code
    assert "observing only" not in sly
    assert "git knows no revision" in sly
    assert "exit code 4" in sly
    assert '"schema": "phasegate.status/1"' in status
