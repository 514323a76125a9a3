"""A real MCP client on whichever `mcp` SDK its interpreter has: 1.9 to 2.3.

    client.py --http URL            with INTERLOCK_TOKEN as bearer token, when set
    client.py --stdio COMMAND...    the environment is passed on

With INTERLOCK_LOG_LEVEL it asks for log messages in each request of the modern era. With INTERLOCK_ANSWER, a JSON object, it says that it can be asked for forms (and to open pages, where its SDK knows these) and accepts each form with
that content, each page without opening it; with INTERLOCK_ACTION `decline` or `cancel` it says that instead, and
with INTERLOCK_FORMS_ONLY it says that it cannot open pages. With INTERLOCK_SAMPLE its model answers that text. `heard`
tells what was asked.

It connects, prints one line `{"connected": {...}}`, then reads one operation per line from stdin and
prints one JSON line for each: `{"op": "list"}`, `{"op": "call", "name": ..., "arguments": {...}}`, the
latter with `"context"` when the gateway shall know what led to the call, with `"progress": true` for progress.
`{"op": "level", "level": ...}` sets the level of log messages, `{"op": "listen", "tools_list_changed": true}` opens a
subscription, `{"op": "heard", "count": n}` gives what was heard beside the answers, see `notes.py`.
Answers: `{"tools": [...]}`, `{"result": {...}, "ms": ...}`, `{"error": {"code", "message"}, "ms": ...}`;
a failure to connect is one line `{"failure": ...}`.
"""

import asyncio
import json
import logging
import os
import sys
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version
from inspect import signature

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client

from notes import Notes

MODERN = int(version("mcp").split(".")[0]) >= 2
LIMIT_SECONDS = 120


@asynccontextmanager
async def transport(way: str, words: list[str]):
    if way == "--stdio":
        # All of the environment: 1.x passes on only a handful of names by itself.
        parameters = StdioServerParameters(command=words[0], args=words[1:], env=dict(os.environ))
        async with stdio_client(parameters) as streams:
            yield streams[0], streams[1]
        return
    token = os.environ.get("INTERLOCK_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if MODERN:
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        async with httpx2.AsyncClient(headers=headers, timeout=LIMIT_SECONDS) as http:
            async with streamable_http_client(words[0], http_client=http) as streams:
                yield streams[0], streams[1]
    else:
        from mcp.client.streamable_http import streamablehttp_client

        limit = timedelta(seconds=LIMIT_SECONDS)
        async with streamablehttp_client(words[0], headers=headers, timeout=limit) as streams:
            yield streams[0], streams[1]


NOTES = Notes()


def asked() -> dict:
    """What lets a server ask for forms and samples; `{}` if no person answers."""
    content = os.environ.get("INTERLOCK_ANSWER")

    async def answer(_, parameters):
        NOTES.heard.append(["asked", plain(parameters)])
        if (action := os.environ.get("INTERLOCK_ACTION", "accept")) != "accept":
            return types.ElicitResult(action=action)
        is_page = getattr(parameters, "url", None) is not None
        return types.ElicitResult(action="accept", content=None if is_page else json.loads(content))

    if os.environ.get("INTERLOCK_FORMS_ONLY"):
        from mcp.client.session import types as declared

        declared.UrlElicitationCapability = lambda: None  # the SDK declares both for whoever answers
    sample = os.environ.get("INTERLOCK_SAMPLE")

    async def complete(_, parameters):
        NOTES.heard.append(["sampled", plain(parameters)])
        text = types.TextContent(type="text", text=sample)
        return types.CreateMessageResult(role="assistant", content=text, model="a model")

    return {**({"elicitation_callback": answer} if content else {}), **({"sampling_callback": complete} if sample else {})}


@asynccontextmanager
async def session(way: str, words: list[str]):
    """Yields a session and the protocol version agreed on."""
    if MODERN:
        from mcp import Client

        # `auto` asks in the modern era first and falls back, as this SDK's users do by default.
        async with Client(transport(way, words), mode=os.environ.get("MCP_MODE", "auto"), **asked(), **NOTES.callbacks,
                          log_level=os.environ.get("INTERLOCK_LOG_LEVEL")) as client:
            yield client, client.protocol_version
    else:
        async with transport(way, words) as (reading, writing):
            # 1.0 hears nothing beside its answers.
            known = signature(ClientSession).parameters
            heard = {name: callback for name, callback in NOTES.callbacks.items() if name in known}
            async with ClientSession(reading, writing, **asked(), **heard) as connected:
                yield connected, (await connected.initialize()).protocolVersion


def plain(value) -> dict:
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


async def call(connected, name: str, arguments: dict, context=None, progress=False, op: str = "call"):
    if context is None:
        wanted = {"progress_callback": NOTES.progress} if progress else {}
        return await connected.call_tool(name, arguments, **wanted)
    meta = {"interlock/context": context}
    if "meta" in signature(connected.call_tool).parameters:
        return await connected.call_tool(name, arguments, meta=meta)
    # Before 1.19 the method has no word for it, and the message has.
    parameters = types.CallToolRequestParams(name=name, arguments=arguments, _meta=meta)
    request = types.CallToolRequest(method="tools/call", params=parameters)
    return await connected.send_request(types.ClientRequest(request), types.CallToolResult)


async def perform(connected, operation: dict) -> dict:
    started = time.perf_counter()
    try:
        match operation["op"]:
            case "list":
                tools, cursor = [], None
                while True:
                    page = await (connected.list_tools(cursor=cursor) if cursor else connected.list_tools())
                    tools += page.tools
                    cursor = getattr(page, "next_cursor", None) or getattr(page, "nextCursor", None)
                    if not cursor:
                        break
                answer = {"tools": [plain(tool) for tool in tools]}
            case "call":
                answer = {"result": plain(await call(connected, **operation))}
            case "level":
                answer = {"result": plain(await connected.set_logging_level(operation["level"]))}
            case "listen":
                await NOTES.listen(connected, **{name: value for name, value in operation.items() if name != "op"})
                answer = {"result": {}}
            case "heard":
                answer = {"heard": await NOTES.take(operation.get("count", 0), operation.get("seconds", 5))}
            case other:
                raise ValueError(f"no operation {other}")
    except Exception as error:
        inner = getattr(error, "error", None)
        answer = {"error": {"code": getattr(inner, "code", None),
                            "message": getattr(inner, "message", None) or f"{type(error).__name__}: {error}"}}
    return {**answer, "ms": round((time.perf_counter() - started) * 1000, 2)}


def say(value: dict) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def leaves(error: BaseException) -> list[str]:
    """Exception groups hide what happened; this names every leaf."""
    if isinstance(error, BaseExceptionGroup):
        return [text for inner in error.exceptions for text in leaves(inner)]
    return [f"{type(error).__name__}: {error}"]


async def main() -> int:
    way, *words = sys.argv[1:]
    try:
        async with session(way, words) as (connected, protocol):
            say({"connected": {"protocol": protocol, "sdk": version("mcp")}})
            while line := await asyncio.to_thread(sys.stdin.readline):
                say(await perform(connected, json.loads(line)))
            NOTES.close()
    except BaseException as error:
        say({"failure": leaves(error)})
        return 1
    return 0


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(asyncio.run(main()))
