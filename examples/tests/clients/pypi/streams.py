"""What the client of `mcp` is asked and told by the conformance server, while calls run and besides
them, in a session: `python streams.py URL`; `modern.py` has what is otherwise without one
"""

import asyncio
import json
import re
import sys
import time
import warnings
from contextlib import asynccontextmanager

import mcp_types as types
from mcp import Client, MCPDeprecationWarning
from mcp.client.streamable_http import streamable_http_client

from report import ARGUMENTS, Inbox, Recorded, Report, events, plain, problem

# Whatever a later revision has no more.
warnings.simplefilter("ignore", MCPDeprecationWarning)

TOOLS = ARGUMENTS["everything"]["tools"]
WATCHED = "test://watched-resource"


class Visitor:
    """One client in a session of its own, and all that it receives."""

    def __init__(self, url):
        self.http = Recorded(timeout=60)
        self.messages = Inbox()
        self.logged = []
        self.fill_in = self.sample = self.roots = None
        self.client = Client(
            streamable_http_client(url, http_client=self.http),
            elicitation_callback=lambda _, params: self.fill_in(params),
            sampling_callback=lambda _, params: self.sample(params),
            list_roots_callback=lambda _: self.roots(),
            logging_callback=self._log,
            message_handler=self._hear,
            mode="legacy",
        )

    async def _hear(self, message):
        self.messages.put(message)

    async def _log(self, params):
        self.logged.append(plain(params))

    async def call(self, name, progress=None):
        return await self.client.call_tool(name, TOOLS.get(name), progress_callback=progress)

    async def said(self, name):
        return (await self.call(name)).content[0].text

    async def answered(self, name):
        """What the suite's tools say that the user did."""
        action, content = re.search(r"action=(\w+), content=(.*)$", await self.said(name)).groups()
        return {"action": action, "content": json.loads(content)}

    async def calling(self, name):
        """The exchange that a tool was called in."""
        return await self.http.exchanges.find(lambda exchange: named(exchange) == name)

    def told(self, kind):
        """The notifications of a kind that have come."""
        return [message for message in self.messages if isinstance(message, kind)]

    async def hears(self, kind):
        """Waits for one."""
        return await self.messages.find(lambda message: isinstance(message, kind))


def named(exchange):
    return ((exchange.sent or {}).get("params") or {}).get("name")


@asynccontextmanager
async def visiting(url):
    """A session of somebody's, ended when the context is left."""
    visitor = Visitor(url)
    async with visitor.http, visitor.client:
        # It listens beside everything else.
        await visitor.http.exchanges.find(lambda exchange: exchange.line == "GET 200")
        yield visitor


def accept(**content):
    return types.ElicitResult(action="accept", content=content)


def defaults(fields):
    return {name: field["default"] for name, field in fields.items()}


def choose(fields):
    """The last choice of each field, of several all but the first."""

    def values(field):
        return field.get("enum") or [choice["const"] for choice in field.get("oneOf") or field["anyOf"]]

    return {
        name: values(field["items"])[1:] if "items" in field else values(field)[-1]
        for name, field in fields.items()
    }


async def questions(check, visitor):
    """Questions that a user answers, a model, and the client."""

    async def elicitation(tool, answer):
        forms = []

        async def fill_in(params):
            forms.append(plain(params))
            return answer(params.requested_schema["properties"])

        visitor.fill_in = fill_in
        return {**await visitor.answered(tool), "forms": forms}

    async def sampling():
        requests = []

        async def sample(params):
            requests.append(plain(params))
            content = types.TextContent(type="text", text="As you say.")
            return types.CreateMessageResult(role="assistant", model="none", content=content)

        visitor.sample = sample
        return {"said": await visitor.said("test_sampling"), "requests": requests}

    async def roots():
        async def roots():
            one = types.Root(uri="file:///one", name="One")
            return types.ListRootsResult(roots=[one, types.Root(uri="file:///two")])

        visitor.roots = roots
        return plain(await visitor.call("test_list_roots"))

    def refuse(action):
        return lambda _: types.ElicitResult(action=action)

    def fill_in(values):
        return lambda fields: accept(**values(fields))

    await check("defaults", elicitation("test_elicitation_sep1034_defaults", fill_in(defaults)))
    await check("enums", elicitation("test_elicitation_sep1330_enums", fill_in(choose)))
    await check("declined", elicitation("test_elicitation", refuse("decline")))
    await check("cancelled", elicitation("test_elicitation", refuse("cancel")))
    await check("sampling", sampling())
    await check("roots", roots())


async def on_the_way(check, visitor):
    """What a call tells on its way."""

    async def progress():
        seen = []

        async def see(progress, total, message):
            seen.append({"progress": progress, "total": total, "message": message})

        await visitor.call("test_tool_with_progress", see)
        sent = (await visitor.calling("test_tool_with_progress")).sent
        tokens = {message.params.progress_token for message in visitor.told(types.ProgressNotification)}
        return {"seen": seen, "tokens": tokens == {sent["params"]["_meta"]["progressToken"]}}

    async def silent_without_token():
        before = len(visitor.told(types.ProgressNotification))
        await visitor.call("test_tool_with_progress")
        return len(visitor.told(types.ProgressNotification)) - before

    async def log():
        async def heard():
            visitor.logged.clear()
            await visitor.call("test_tool_with_logging")
            return visitor.logged[:]

        by_default = await heard()
        await visitor.client.set_logging_level("error")
        from_error = await heard()
        await visitor.client.set_logging_level("debug")
        return {"by_default": by_default, "from_error": from_error, "from_debug": await heard()}

    await check("progress", progress())
    await check("silent_without_token", silent_without_token())
    await check("log", log())


async def completion(check, client):
    async def complete(name):
        ref = types.PromptReference(type="ref/prompt", name=name)
        return plain((await client.complete(ref, {"name": "arg1", "value": "par"})).completion)

    await check("completion", complete("test_prompt_with_arguments"))
    await check("completion_of_nothing", problem(complete("nothing")))


async def together(url):
    """Two questions that are on their way together, and one after them."""
    asked = Inbox()

    async def fill_in(params):
        asked.put(params.message)
        # None of the two is answered before both are here.
        await asked.find(lambda _: len(asked) >= 2)
        return accept(answer=f"to {params.message}")

    async with visiting(url) as visitor:
        visitor.fill_in = fill_in
        return {"said": await visitor.said("test_two_questions"), "asked": len(asked)}


async def at_once(url):
    """Two clients whose calls have the same ids; whoever is asked first answers last."""
    done = Inbox()

    async def ask(name, after):
        async def fill_in(_):
            done.put(f"{name} was asked")
            await done.find(lambda what: what == after)
            done.put(f"{name} has answered")
            return accept(username=name, email=f"{name}@example.com")

        async with visiting(url) as visitor:
            visitor.fill_in = fill_in
            answered = await visitor.answered("test_elicitation")
            return answered["content"]["username"], (await visitor.calling("test_elicitation")).sent["id"]

    (one, one_id), (other, other_id) = await asyncio.gather(
        ask("one", "other has answered"), ask("other", "one was asked")
    )
    return {"names": [one, other], "same_id": one_id == other_id}


async def lists(url):
    """Lists that change."""
    async with visiting(url) as visitor:
        await visitor.call("test_trigger_tool_change")
        await visitor.messages.find(lambda _: len(visitor.told(types.ToolListChangedNotification)) >= 2)
        await visitor.call("test_trigger_prompt_change")
        await visitor.hears(types.PromptListChangedNotification)
        return [message.method for message in visitor.messages]


async def subscription(url):
    async with visiting(url) as visitor:
        await visitor.client.subscribe_resource(WATCHED)
        await visitor.call("test_trigger_resource_update")
        await visitor.hears(types.ResourceUpdatedNotification)
        await visitor.client.unsubscribe_resource(WATCHED)
        await visitor.call("test_trigger_resource_update")
        # Had it been told of this, then before it is told of that.
        await visitor.call("test_trigger_prompt_change")
        await visitor.hears(types.PromptListChangedNotification)
        return [plain(message.params) for message in visitor.told(types.ResourceUpdatedNotification)]


async def cancellation(url):
    """A busy machine is late now and then, a slow server each time."""
    for _ in range(3):
        facts = await given_up(url)
        if facts["in_time"]:
            break
    return facts


async def given_up(url):
    """A call that is given up while it runs."""
    async with visiting(url) as visitor:

        async def status():
            return (await visitor.call("test_slow_status")).structured_content

        async def see(progress, total, message):
            pass

        before = await status()
        call = visitor.client.call_tool("test_slow", {"seconds": 60}, progress_callback=see)
        slow = asyncio.create_task(call)
        await visitor.hears(types.ProgressNotification)
        running = (await status())["running"] - before["running"]
        start = time.monotonic()
        slow.cancel()
        while (after := await status())["dropped"] == before["dropped"] and time.monotonic() - start < 1:
            pass
        milliseconds = (time.monotonic() - start) * 1000
        exchange = await visitor.calling("test_slow")
        await asyncio.wait_for(exchange.ended.wait(), 10)
        return {
            "running": running,
            "dropped": after["dropped"] - before["dropped"],
            "running_after": after["running"] - before["running"],
            "in_time": milliseconds < 100,
            "milliseconds": milliseconds,
            "client_sees": {"cancelled": slow.cancelled()},
            "received": kinds(exchange.received),
        }


def kinds(received):
    """Which kinds of events there were."""
    return list(dict.fromkeys(event["data"] and event["data"].get("method") for event in events(received)))


async def reconnection(url):
    """A call whose connection is closed by the server; the client comes back for the rest."""
    async with visiting(url) as visitor:
        said = await visitor.said("test_reconnection")
        left = await visitor.calling("test_reconnection")
        back = await visitor.http.exchanges.find(lambda exchange: exchange.last_event_id)
        return {
            "said": said,
            # The id to come back with, and how soon.
            "left": [list(event) for event in events(left.received)],
            "back": {"line": back.line, "after": back.last_event_id == events(left.received)[0]["id"]},
            "with": [event["data"]["id"] == left.sent["id"] for event in events(back.received)],
        }


async def main(url):
    report = Report()
    check = report.check
    async with visiting(url) as visitor:
        await questions(check, visitor)
        await on_the_way(check, visitor)
        await completion(check, visitor.client)
    for visit in [together, at_once, lists, subscription, cancellation, reconnection]:
        await check(visit.__name__, visit(url))
    report.finish()


asyncio.run(main(*sys.argv[1:]))
