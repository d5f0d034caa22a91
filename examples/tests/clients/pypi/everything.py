"""The client of `mcp` against the conformance server: `python everything.py URL [MODE]`

MODE is the client's own option: `auto`, its default, asks `server/discover` and speaks 2026-07-28;
`legacy` starts with `initialize`, which makes a session.
"""

import asyncio
import sys

import mcp_types as types
from mcp import Client, ClientSession
from mcp.client.streamable_http import streamable_http_client

from report import ARGUMENTS, Report, Watched, outcome, plain, problem, raw

TOOLS = ARGUMENTS["everything"]["tools"]
PROMPTS = ARGUMENTS["everything"]["prompts"]


async def visit(check, client, http):
    """Everything that can be asked within one session."""

    async def connect():
        return {
            "version": client.protocol_version,
            "session": http.session is not None,
            "server": plain(client.server_info),
            "instructions": client.instructions,
            "capabilities": plain(client.server_capabilities),
        }

    async def ping():
        return plain(await client.session.send_ping())

    async def call(name, arguments=None):
        return plain(await client.call_tool(name, arguments))

    async def calls():
        tools = (await client.list_tools()).tools
        return {tool.name: await outcome(call(tool.name, TOOLS.get(tool.name))) for tool in tools}

    async def parallel():
        texts = [f"{number} " * number * 500 for number in range(20)]
        answers = await asyncio.gather(*(client.call_tool("echo", {"text": text}) for text in texts))
        return [answer.content[0].text for answer in answers] == texts

    async def read(uri):
        return plain((await client.read_resource(uri)).contents)

    async def reads():
        resources = (await client.list_resources()).resources
        return {resource.uri: await read(resource.uri) for resource in resources}

    async def templates():
        listed = await client.list_resource_templates()
        return [template.uri_template for template in listed.resource_templates]

    async def get(name, arguments=None):
        return plain((await client.get_prompt(name, arguments)).messages)

    async def gets():
        prompts = (await client.list_prompts()).prompts
        return {prompt.name: await outcome(get(prompt.name, PROMPTS.get(prompt.name))) for prompt in prompts}

    await check("connect", connect())
    if http.session:
        await check("ping", ping())
    await check("calls", calls())
    await check("parallel", parallel())
    await check("bad_arguments", call("add", {"a": "many", "c": 1}))
    await check("unknown_tool", problem(call("nothing")))
    await check("reads", reads())
    await check("templates", templates())
    await check("templated", read("test://template/42/data"))
    await check("unknown_resource", problem(read("test://nothing")))
    await check("gets", gets())
    await check("prompt_without_arguments", problem(get("test_prompt_with_arguments")))
    await check("unknown_prompt", problem(get("nothing")))


async def default(url):
    """Nothing but the address, as the client's own documentation begins."""
    async with Client(url) as client:
        echo = plain(await client.call_tool("echo", TOOLS["echo"]))
        return {"version": client.protocol_version, "echo": echo}


async def older(url, version):
    """The session's own parts, for a revision that the client would not ask for."""
    async with (
        Watched() as http,
        streamable_http_client(url, http_client=http) as streams,
        ClientSession(*streams) as session,
    ):
        params = types.InitializeRequestParams(
            protocol_version=version,
            capabilities=types.ClientCapabilities(),
            client_info=types.Implementation(name="older", version="1.0.0"),
        )
        session.adopt(await session.send_request(types.InitializeRequest(params=params), types.InitializeResult))
        await session.send_notification(types.InitializedNotification())
        tools = (await session.list_tools()).tools
        return {
            "version": session.protocol_version,
            "session": http.session is not None,
            "output_schemas": any(tool.output_schema for tool in tools),
            "call": plain(await session.call_tool("test_structured_output")),
        }


async def closed(url, session):
    return {"status": (await raw(url, "ping", headers={"mcp-session-id": session}))["status"]}


async def main(url, mode="auto"):
    report = Report()
    async with Watched() as http:
        client = Client(streamable_http_client(url, http_client=http), mode=mode)
        async with client:
            await visit(report.check, client, http)
        if http.session:
            await report.check("close", closed(url, http.session))
    report.facts["wire"] = http.wire
    await report.check("default", default(url))
    for version in ["2025-06-18", "2025-03-26"]:
        await report.check(version, older(url, version))
    report.finish()


asyncio.run(main(*sys.argv[1:]))
