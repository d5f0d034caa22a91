"""The PyPI client against the conformance server: `python everything.py URL [MODE]`

MODE is the client's own option: `auto`, its default, asks `server/discover` and falls back to
`initialize`; `legacy` starts with `initialize`.
"""

import asyncio
import sys

import mcp_types as types
from mcp import Client, ClientSession
from mcp.client.streamable_http import streamable_http_client

from report import ARGUMENTS, Report, Watched, plain, problem, raw

TOOLS = ARGUMENTS["everything"]["tools"]
PROMPTS = ARGUMENTS["everything"]["prompts"]


async def visit(check, client, http):
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

    async def tools():
        return [tool.name for tool in (await client.list_tools()).tools]

    async def calls():
        return {name: plain(await client.call_tool(name, TOOLS.get(name))) for name in await tools()}

    async def bad_arguments():
        return plain(await client.call_tool("add", {"a": "many", "c": 1}))

    async def resources():
        return [str(resource.uri) for resource in (await client.list_resources()).resources]

    async def read(uri):
        return plain((await client.read_resource(uri)).contents)

    async def reads():
        return {uri: await read(uri) for uri in await resources()}

    async def templates():
        listed = await client.list_resource_templates()
        return [template.uri_template for template in listed.resource_templates]

    async def prompts():
        return [prompt.name for prompt in (await client.list_prompts()).prompts]

    async def get(name):
        return plain((await client.get_prompt(name, PROMPTS.get(name))).messages)

    async def gets():
        return {name: await get(name) for name in await prompts()}

    await check("connect", connect())
    await check("ping", ping())
    await check("tools", tools())
    await check("calls", calls())
    await check("bad_arguments", bad_arguments())
    await check("unknown_tool", problem(client.call_tool("nothing")))
    await check("resources", resources())
    await check("reads", reads())
    await check("templates", templates())
    await check("templated", read("test://template/42/data"))
    await check("unknown_resource", problem(client.read_resource("test://nothing")))
    await check("prompts", prompts())
    await check("gets", gets())
    await check("prompt_without_arguments", problem(client.get_prompt("test_prompt_with_arguments")))
    await check("unknown_prompt", problem(client.get_prompt("nothing")))


async def default(url):
    """Nothing but the address, as the client's own documentation begins."""
    async with Client(url) as client:
        return {"version": client.protocol_version, "tools": len((await client.list_tools()).tools)}


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
    answer = await raw(url, "ping", headers={"mcp-session-id": session})
    return {"status": answer["status"], "code": answer["body"]["error"]["code"]}


async def main(url, mode="auto"):
    report = Report()
    async with Watched() as http:
        client = Client(streamable_http_client(url, http_client=http), mode=mode)
        async with client:
            await visit(report.check, client, http)
        await report.check("close", closed(url, http.session))
    report.facts["wire"] = http.wire
    await report.check("default", default(url))
    for version in ["2025-06-18", "2025-03-26"]:
        await report.check(version, older(url, version))
    report.finish()


asyncio.run(main(*sys.argv[1:]))
