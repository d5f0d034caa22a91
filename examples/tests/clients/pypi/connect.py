"""What scripts share that speak both revisions over both transports."""

from contextlib import asynccontextmanager

from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from report import Recorded


@asynccontextmanager
async def connected(target, mode, **options):
    """A client and, unless it is stdio, what it exchanges.

    The target is an address, or a program that serves over its standard input and output when it
    is given `--stdio`. The mode is the client's own option, as in `everything.py`.
    """
    if not target.startswith("http"):
        server = StdioServerParameters(command=target, args=["--stdio"])
        async with Client(server, mode=mode, **options) as client:
            yield client, None
        return
    async with Recorded(timeout=60) as http:
        async with Client(streamable_http_client(target, http_client=http), mode=mode, **options) as client:
            yield client, http
