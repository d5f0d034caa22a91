"""What the scripts share: named checks, a look at the wire, and requests made by hand."""

import asyncio
import json
import re
import sys
import traceback
from pathlib import Path

import httpx2
from mcp import MCPError

# What tools and prompts that need arguments are called with, by server.
ARGUMENTS = json.loads(Path(__file__).parent.with_name("arguments.json").read_text())


class Report:
    """Facts by name. A check that raises is listed under `failed`, and the script's status is 1."""

    def __init__(self):
        self.facts = {}
        self.failed = {}

    async def check(self, name, facts):
        try:
            self.facts[name] = await facts
        except Exception:
            self.failed[name] = traceback.format_exc()

    def finish(self):
        print(json.dumps({**self.facts, "failed": self.failed}))
        sys.exit(1 if self.failed else 0)


async def problem(result):
    """How a client says that something went wrong."""
    try:
        result = await result
    except Exception as error:
        # Task groups wrap what they raise.
        while getattr(error, "exceptions", None):
            error = error.exceptions[0]
        return {
            "type": type(error).__name__,
            "code": getattr(error, "code", None),
            "message": str(error),
            "data": getattr(error, "data", None),
        }
    raise AssertionError(f"an error was expected, and this came: {result!r}")


async def outcome(result):
    """A result, or how the client says that the server gave none."""
    try:
        return await result
    except MCPError as error:
        return {"refused": {"code": error.code, "message": str(error), "data": error.data}}


def plain(model):
    """A result as it was on the wire, or a list of its parts."""
    if isinstance(model, list):
        return [plain(item) for item in model]
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Watched(httpx2.AsyncClient):
    """An HTTP client that keeps a line of each exchange, such as `POST 200`, and the session."""

    def __init__(self, **options):
        self.wire = []
        self.session = None
        super().__init__(event_hooks={"response": [self._note]}, **options)

    async def _note(self, response):
        self.wire.append(f"{response.request.method} {response.status_code}")
        self.session = response.headers.get("mcp-session-id", self.session)


class Inbox(list):
    """What has arrived, for whoever waits for some of it."""

    def __init__(self):
        self._waiting = set()

    def put(self, item):
        self.append(item)
        for wakes in self._waiting:
            wakes.set()

    async def find(self, fits, seconds=10):
        """The first that fits, be it there already or yet to come."""

        async def find():
            wakes = asyncio.Event()
            self._waiting.add(wakes)
            try:
                while True:
                    for item in self:
                        if fits(item):
                            return item
                    wakes.clear()
                    await wakes.wait()
            finally:
                self._waiting.remove(wakes)

        return await asyncio.wait_for(find(), seconds)


class Exchange:
    """A request and what it was answered; what it received grows until it has ended."""

    def __init__(self, response):
        request = response.request
        self.line = f"{request.method} {response.status_code}"
        self.sent = json.loads(request.content or "null")
        self.last_event_id = request.headers.get("last-event-id")
        self.received = b""
        self.ended = asyncio.Event()


class Recorded(Watched):
    """An HTTP client that keeps all that it receives, too."""

    def __init__(self, **options):
        self.exchanges = Inbox()
        super().__init__(**options)

    async def _note(self, response):
        await super()._note(response)
        exchange = Exchange(response)
        response.stream = _Recorded(response.stream, exchange)
        self.exchanges.put(exchange)


class _Recorded(httpx2.AsyncByteStream):
    def __init__(self, stream, exchange):
        self._stream = stream
        self._exchange = exchange

    async def __aiter__(self):
        async for part in self._stream:
            self._exchange.received += part
            yield part
        self._exchange.ended.set()

    async def aclose(self):
        await self._stream.aclose()


def events(received):
    """The events of a stream: `id`, `retry` and what `data` says, as far as they are there."""

    def event(block):
        fields = dict(re.findall(r"^(\w+): ?(.*)$", block, re.MULTILINE))
        if fields.get("data"):
            fields["data"] = json.loads(fields["data"])
        return fields

    return [found for found in map(event, received.decode().split("\n\n")) if found]


async def raw(url, method, params=None, headers={}):
    """One request without any MCP client."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method}
    if params is not None:
        message["params"] = params
    accept = {"accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient() as http:
        response = await http.post(url, json=message, headers={**accept, **headers})
    return {"status": response.status_code, "headers": response.headers, "body": response.json()}


async def stateless(url, method, params):
    """The same in the revision without sessions, which says with each request who asks."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "nobody", "version": "1.0.0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    headers = {"mcp-protocol-version": "2026-07-28", "mcp-method": method, "mcp-name": params["name"]}
    return await raw(url, method, {**params, "_meta": meta}, headers)
