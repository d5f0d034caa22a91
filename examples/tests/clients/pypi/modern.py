"""What the client of `mcp` is asked and told in 2026-07-28, where nothing outlives the request that
it belongs to: `python modern.py TARGET`, as in `connect.py`
"""

import asyncio
import sys
import time

import mcp_types as types
from mcp.client.subscriptions import PromptsListChanged, ResourceUpdated, ToolsListChanged

from connect import connected
from report import Inbox, Report, events, plain

WATCHED = "test://watched-resource"
LOG_LEVEL = "io.modelcontextprotocol/logLevel"
# What the client makes of notifications.
KINDS = {
    ToolsListChanged: "notifications/tools/list_changed",
    PromptsListChanged: "notifications/prompts/list_changed",
    ResourceUpdated: "notifications/resources/updated",
}


async def progress(target):
    seen = []

    async def see(progress, total, message):
        seen.append({"progress": progress, "total": total})

    async with connected(target, "auto") as (client, _):
        await client.call_tool("test_tool_with_progress", progress_callback=see)
    return seen


async def log(target):
    """Who wants log messages says so with the request; who does not gets none."""
    logged = []

    async def keep(params):
        logged.append({"level": params.level, "data": params.data})

    async with connected(target, "auto", logging_callback=keep) as (client, _):

        async def heard(level=None):
            logged.clear()
            await client.call_tool("test_tool_with_logging", meta={LOG_LEVEL: level} if level else None)
            return logged[:]

        return {
            "unasked": await heard(),
            "from_error": await heard("error"),
            "from_debug": await heard("debug"),
            "unasked_again": await heard(),
        }


async def prompt(target):
    """A prompt that asks before it is there."""
    asked = []

    async def fill_in(_, params):
        asked.append(params.message)
        return types.ElicitResult(action="accept", content={"context": "a lighthouse"})

    async with connected(target, "auto", elicitation_callback=fill_in) as (client, _):
        result = await client.get_prompt("test_input_required_result_prompt")
        return {"asked": asked, "text": result.messages[0].content.text}


async def listen(target):
    """What a stream tells of all that changes: only what it was opened for."""
    async with connected(target, "auto") as (client, _):
        async with client.listen(tools_list_changed=True, prompts_list_changed=True) as subscription:
            await client.call_tool("test_trigger_resource_update")
            await client.call_tool("test_trigger_tool_change")
            await client.call_tool("test_trigger_prompt_change")
            told = []
            while KINDS[PromptsListChanged] not in told:
                event = await asyncio.wait_for(anext(subscription), 10)
                told.append(KINDS[type(event)])
            return {"honored": plain(subscription.honored), "told": list(dict.fromkeys(told))}


async def listen_to_resource(target):
    async with connected(target, "auto") as (client, _):
        async with client.listen(resource_subscriptions=[WATCHED]) as subscription:
            await client.call_tool("test_trigger_prompt_change")
            await client.call_tool("test_trigger_resource_update")
            event = await asyncio.wait_for(anext(subscription), 10)
            told = [{"method": KINDS[type(event)], "uri": event.uri}]
            return {"honored": plain(subscription.honored), "told": told}


async def cancellation(target):
    """A busy machine is late now and then, a slow server each time."""
    for _ in range(3):
        facts = await given_up(target)
        if facts["in_time"]:
            break
    return facts


async def given_up(target):
    """A call that is given up while it runs: over HTTP its stream is closed."""
    steps = Inbox()

    async def see(progress, total, message):
        steps.put(progress)

    async with connected(target, "auto") as (client, http):

        async def status():
            return (await client.call_tool("test_slow_status")).structured_content

        before = await status()
        slow = asyncio.create_task(client.call_tool("test_slow", {"seconds": 60}, progress_callback=see))
        await steps.find(lambda _: True)
        running = (await status())["running"] - before["running"]
        start = time.monotonic()
        slow.cancel()
        while (after := await status())["dropped"] == before["dropped"] and time.monotonic() - start < 1:
            pass
        milliseconds = (time.monotonic() - start) * 1000
        facts = {
            "running": running,
            "dropped": after["dropped"] - before["dropped"],
            "running_after": after["running"] - before["running"],
            "in_time": milliseconds < 100,
            "milliseconds": milliseconds,
        }
        if http:
            sent = [exchange.sent for exchange in http.exchanges]
            facts["cancelled_by_message"] = "notifications/cancelled" in [message["method"] for message in sent]
            calls = [exchange for exchange in http.exchanges if exchange.sent.get("params", {}).get("name") == "test_slow"]
            received = events(calls[0].received)
            facts["received"] = list(dict.fromkeys(event["data"] and event["data"].get("method") for event in received))
        return facts


async def main(target):
    report = Report()
    for visit in [progress, log, prompt, listen, listen_to_resource, cancellation]:
        await report.check(visit.__name__, visit(target))
    report.finish()


asyncio.run(main(*sys.argv[1:]))
