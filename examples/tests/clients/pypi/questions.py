"""One conversation of the client of `mcp` with a tool that asks twice, counts, and asks once more:
`python questions.py TARGET MODE`, both as in `connect.py`
"""

import asyncio
import sys

import mcp_types as types

from connect import connected
from report import Inbox, Report


async def conversation(target, mode):
    asked = Inbox()

    async def fill_in(_, params):
        asked.put(params.message)
        # None of the two is answered before both are here.
        await asked.find(lambda _: len(asked) >= 2)
        return types.ElicitResult(action="accept", content={"answer": f"to {params.message}"})

    async with connected(target, mode, elicitation_callback=fill_in) as (client, http):
        result = await client.call_tool("test_two_questions")
        exchanges = http.exchanges if http else []
        return {
            "version": client.protocol_version,
            "session": http is not None and http.session is not None,
            "said": result.content[0].text,
            "asked": sorted(asked[:2]) + asked[2:],
            "calls": sum((exchange.sent or {}).get("method") == "tools/call" for exchange in exchanges),
        }


async def main(target, mode):
    report = Report()
    await report.check("conversation", conversation(target, mode))
    report.finish()


asyncio.run(main(*sys.argv[1:]))
