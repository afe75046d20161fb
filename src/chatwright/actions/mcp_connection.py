"""A connection to one MCP server that is made again when it broke.

In: a tool's name and arguments. Out: what the server answered, of bounded size. Each connection lives in a task of
its own, because the `mcp` package must close it where it opened it. Raises ActionError; ConfigError from `tools`.
"""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TextIO

import httpx2
import structlog
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT, CallToolResult, Tool

from chatwright.actions.actions_settings import McpServerSettings
from chatwright.actions.bounded_transport import BoundedTransport
from chatwright.actions.environment_secrets import environment_value, resolve_headers
from chatwright.errors import ActionError, ConfigError
from chatwright.messages import ActionCall

log = structlog.get_logger(__name__)

MAX_TOOL_PAGES = 20
MAX_RESULT_BYTES = 2**20
CLOSE_TIMEOUT_S = 5.0


class McpConnection:
    """Connects with the first call. Concurrent calls share the connection."""

    def __init__(self, settings: McpServerSettings) -> None:
        self._settings = settings
        owner = f"MCP server {settings.name!r}"
        self._headers = resolve_headers(settings.headers, owner)
        self._environment = {name: environment_value(name, owner) for name in settings.env}
        self._lock = asyncio.Lock()
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._end = asyncio.Event()

    async def tools(self) -> list[Tool]:
        """What the server offers. Raises ConfigError when it cannot be reached."""
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                client = await self._connected()
                found: list[Tool] = []
                cursor = None
                for _ in range(MAX_TOOL_PAGES):
                    page = await client.list_tools(cursor=cursor)
                    found += page.tools
                    cursor = page.next_cursor
                    if not cursor:
                        break
                return found
        except (ActionError, MCPError, TimeoutError, OSError) as err:
            raise ConfigError(
                f"MCP server {self._settings.name!r} cannot be used: {_reason(err)}.",
                hint="Try its command or its URL by hand; see actions.mcp in bot.yaml.",
                code="mcp_unreachable",
            ) from err

    async def call(self, name: str, tool: str, call: ActionCall, *, is_repeatable: bool) -> CallToolResult:
        """The answer of `tool`. Repeated once when the connection was gone before, or where that does no harm."""
        for number in (0, 1):
            client = await self._connected()
            try:
                result = await client.call_tool(
                    tool, dict(call.arguments), read_timeout_seconds=self._settings.timeout_s
                )
            except MCPError as err:
                if err.error.code == REQUEST_TIMEOUT:
                    raise ActionError(f"Action {name!r} got no answer in time.", code="timeout") from err
                if err.error.code != CONNECTION_CLOSED:
                    raise ActionError(f"Action {name!r} was refused by its MCP server.", code="failed") from err
                await self._disconnect(client)
                if number == 1 or not is_repeatable:
                    raise self._gone(name) from err
            except (OSError, httpx2.HTTPError) as err:
                await self._disconnect(client)
                if number == 1 or not is_repeatable:
                    raise self._gone(name) from err
            else:
                return _bounded(name, result)
        raise AssertionError("the second try always returns or raises")

    def _gone(self, name: str) -> ActionError:
        return ActionError(
            f"The MCP server {self._settings.name!r} of action {name!r} went away.",
            hint="The next call starts it again.",
            code="unreachable",
        )

    async def close(self) -> None:
        async with self._lock:
            await self._stop()

    async def _connected(self) -> Client:
        async with self._lock:
            if self._client is None or self._task is None or self._task.done():
                await self._stop()
                await self._start()
            assert self._client is not None  # _start has set it or raised
            return self._client

    async def _disconnect(self, client: Client) -> None:
        async with self._lock:
            if self._client is client:
                await self._stop()

    async def _start(self) -> None:
        ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._end = asyncio.Event()
        self._task = asyncio.create_task(self._live(ready, self._end), name=f"mcp {self._settings.name}")
        try:
            self._client = await asyncio.wait_for(asyncio.shield(ready), self._settings.timeout_s)
        except TimeoutError as err:
            await self._stop()
            raise ActionError(f"MCP server {self._settings.name!r} did not answer in time.", code="timeout") from err
        except asyncio.CancelledError:
            await self._stop()
            raise

    async def _live(self, ready: "asyncio.Future[Client]", end: asyncio.Event) -> None:
        """Opens, waits to be ended, and closes, all in this task."""
        try:
            async with self._transport() as transport, Client(transport, cache=None) as client:
                ready.set_result(client)
                await end.wait()
        except (Exception, BaseExceptionGroup) as err:  # noqa: BLE001 - whatever a stranger's server makes of it
            log.warning("mcp_connection_ended", server=self._settings.name, error_type=type(err).__name__)
            if not ready.done():
                reason = _reason(err)
                ready.set_exception(
                    ActionError(f"MCP server {self._settings.name!r} cannot be reached: {reason}.", code="unreachable")
                )

    async def _stop(self) -> None:
        task, is_open, self._task, self._client = self._task, self._client is not None, None, None
        self._end.set()
        if task is not None:
            if not is_open:  # it still waits for the server's first word
                task.cancel()
            done, _ = await asyncio.wait({task}, timeout=CLOSE_TIMEOUT_S)
            if not done:
                task.cancel()
                await asyncio.wait({task}, timeout=CLOSE_TIMEOUT_S)

    @asynccontextmanager
    async def _transport(self) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            if self._settings.url:
                http = await stack.enter_async_context(
                    httpx2.AsyncClient(
                        headers=self._headers,
                        timeout=self._settings.timeout_s,
                        trust_env=False,
                        transport=BoundedTransport(MAX_RESULT_BYTES),
                    )
                )
                yield streamable_http_client(self._settings.url, http_client=http, max_sse_event_size=MAX_RESULT_BYTES)
            else:
                # Its own log is not ours: what it prints there may hold anything.
                quiet: TextIO = stack.enter_context(open(os.devnull, "w"))  # noqa: ASYNC230, SIM115
                command, *arguments = self._settings.command
                parameters = StdioServerParameters(command=command, args=arguments, env=self._environment or None)
                yield stdio_client(parameters, errlog=quiet)


def _bounded(name: str, result: CallToolResult) -> CallToolResult:
    size = sum(len(getattr(block, "text", "") or "") for block in result.content if block.type == "text")
    if size > MAX_RESULT_BYTES:
        raise ActionError(
            f"The result of action {name!r} is longer than {MAX_RESULT_BYTES} characters.", code="bad_reply"
        )
    return result


def _reason(err: BaseException) -> str:
    """One word or sentence that says what happened, without anything a server said."""
    while isinstance(err, BaseExceptionGroup):
        err = err.exceptions[0]
    if isinstance(err, ActionError):
        return err.message.rstrip(".")
    if isinstance(err, TimeoutError | subprocess.TimeoutExpired):
        return "it did not answer in time"
    return err.strerror or type(err).__name__ if isinstance(err, OSError) else type(err).__name__
