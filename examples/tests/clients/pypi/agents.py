"""The client of `mcp` against the bundled server: `python agents.py URL MODE ATLAS_KEY BEACON_KEY`

MODE is the client's own option, as in `everything.py`.
"""

import asyncio
import sys
from contextlib import asynccontextmanager

from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from report import ARGUMENTS, Report, Watched, plain, problem, raw, stateless

TOOLS = ARGUMENTS["agents"]["tools"]
MISTAKES = ARGUMENTS["agents"]["mistakes"]
PROMPTS = ARGUMENTS["agents"]["prompts"]


@asynccontextmanager
async def connected(url, mode, wire, **headers):
    """A session of somebody's, ended when the context is left."""
    async with Watched(headers=headers) as http:
        try:
            async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
                yield client, http
        finally:
            wire.extend(http.wire)


async def anonymous(check, url, client, http):
    """What can be done without a key, and what cannot."""

    async def connect():
        return {
            "version": client.protocol_version,
            "session": http.session is not None,
            "server": plain(client.server_info),
            "capabilities": plain(client.server_capabilities),
        }

    async def ping():
        return plain(await client.session.send_ping())

    async def tools():
        return [tool.name for tool in (await client.list_tools()).tools]

    async def resources():
        return plain((await client.list_resources()).resources)

    async def templates():
        listed = await client.list_resource_templates()
        return [template.uri_template for template in listed.resource_templates]

    async def prompts():
        return [prompt.name for prompt in (await client.list_prompts()).prompts]

    async def read(uri):
        return plain((await client.read_resource(uri)).contents)

    async def propose(arguments=None):
        return plain(await client.get_prompt("collaboration_proposal", arguments))

    async def unauthorized():
        params = {"name": "dm_send", "arguments": TOOLS["dm_send"]}
        # Whoever has no session is of the other revision, which says who it is with each request.
        if http.session:
            answer = await raw(url, "tools/call", params, {"mcp-session-id": http.session})
        else:
            answer = await stateless(url, "tools/call", params)
        return {"status": answer["status"], "challenge": answer["headers"].get("www-authenticate")}

    await check("connect", connect())
    if http.session:
        await check("ping", ping())
    await check("tools", tools())
    await check("resources", resources())
    await check("templates", templates())
    await check("prompts", prompts())
    await check("search", call(client, "agent_search", TOOLS["agent_search"]))
    await check("mistakes", call(client, "agent_search", MISTAKES))
    await check("stats", call(client, "platform_stats"))
    await check("profile", read("agent://profiles/atlas"))
    await check("unknown_profile", problem(read("agent://profiles/nobody")))
    await check("proposal", propose(PROMPTS["collaboration_proposal"]))
    await check("proposal_without_topic", problem(propose()))
    await check("anonymous_send", problem(call(client, "dm_send", TOOLS["dm_send"])))
    await check("anonymous_inbox", problem(call(client, "dm_inbox")))
    await check("unauthorized", unauthorized())


async def call(client, name, arguments=None):
    return plain(await client.call_tool(name, arguments))


async def connecting(url, mode, **headers):
    async with connected(url, mode, [], **headers) as (client, _):
        return client.protocol_version


async def main(url, mode, atlas, beacon):
    report = Report()
    check = report.check
    wires = {"anonymous_wire": [], "atlas_wire": [], "beacon_wire": []}
    async with connected(url, mode, wires["anonymous_wire"]) as (client, http):
        await anonymous(check, url, client, http)
    await check("bad_key", problem(connecting(url, mode, **{"X-API-Key": "nobody-has-this-key"})))
    async with connected(url, mode, wires["atlas_wire"], **{"X-API-Key": atlas}) as (client, _):
        await check("send", call(client, "dm_send", TOOLS["dm_send"]))
        await check("send_to_nobody", call(client, "dm_send", {"to": "nobody", "content": "Hello?"}))
    async with connected(url, mode, wires["beacon_wire"], Authorization=f"Bearer {beacon}") as (client, _):
        await check("inbox", call(client, "dm_inbox"))
    report.facts.update(wires)
    report.finish()


asyncio.run(main(*sys.argv[1:]))
