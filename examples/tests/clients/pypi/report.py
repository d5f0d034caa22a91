"""What the scripts share: named checks, a look at the wire, and requests made by hand."""

import json
import sys
import traceback
from pathlib import Path

import httpx2

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


async def raw(url, method, params=None, headers={}):
    """One request without any MCP client."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method}
    if params is not None:
        message["params"] = params
    accept = {"accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient() as http:
        response = await http.post(url, json=message, headers={**accept, **headers})
    return {"status": response.status_code, "headers": response.headers, "body": response.json()}
