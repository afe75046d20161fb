"""Tools of MCP servers as actions, by the official `mcp` package.

In: checked arguments. Out: the tool's result as untrusted text and slots. Only tools that the owner listed can be
called, and only from the flows listed with them; what a server says of its own tools decides nothing. A server that
ends is started or called again with the next call. Needs the extra: pip install chatwright[mcp]
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

from chatwright.actions.actions_settings import McpServerSettings, McpToolSettings
from chatwright.actions.json_pointer import slots_from
from chatwright.errors import ActionError, ConfigError, nearest
from chatwright.messages import ActionCall, ActionResult, Utterance

if TYPE_CHECKING:
    from mcp_types import CallToolResult, Tool

    from chatwright.actions.mcp_connection import McpConnection

MAX_DESCRIPTION_CHARS = 1_000


class McpTool:
    """One tool of a server, in the shape the server described when it was opened."""

    def __init__(
        self, server: McpServerSettings, settings: McpToolSettings, tool: "Tool", connection: "McpConnection"
    ) -> None:
        self.name = settings.action or f"{server.name}_{settings.tool}"
        self.description = (tool.description or "")[:MAX_DESCRIPTION_CHARS]
        self.parameters: Mapping[str, Any] = tool.input_schema
        self.is_write = settings.writes
        self.is_idempotent = settings.idempotent
        self.timeout_s = server.timeout_s
        self.origin = f"MCP server {server.name!r}"
        self._settings = settings
        self._connection = connection

    async def run(self, call: ActionCall) -> ActionResult:
        self._check_flow(call)
        is_repeatable = self.is_idempotent or not self.is_write
        result = await self._connection.call(self.name, self._settings.tool, call, is_repeatable=is_repeatable)
        text = result_text(result)
        if result.is_error:
            raise ActionError(f"Action {self.name!r}: the tool reported an error.", code="failed")
        slots = slots_from(structured(result, text), self._settings.slots) if self._settings.slots else {}
        if self._settings.text_slot:
            slots[self._settings.text_slot] = text
        said = (Utterance(text=text),) if self._settings.say and text else ()
        return ActionResult(slots=slots, utterances=said)

    def _check_flow(self, call: ActionCall) -> None:
        """Raises ActionError(code="rejected") outside the flows that the tool was given to."""
        flow = flow_of(call.stack)
        if self._settings.flows and flow not in self._settings.flows:
            raise ActionError(
                f"Action {self.name!r} was not run: flow {flow!r} may not use it.",
                hint=f"It belongs to: {', '.join(self._settings.flows)} (actions.mcp in bot.yaml).",
                code="rejected",
            )


@asynccontextmanager
async def open_mcp_server(settings: McpServerSettings) -> AsyncIterator[list[McpTool]]:
    """The listed tools of one server, connected. Raises ConfigError when it cannot be reached or lacks one of them."""
    try:
        from chatwright.actions.mcp_connection import McpConnection
    except ModuleNotFoundError as err:
        raise ConfigError(
            f"MCP server {settings.name!r} needs the package {err.name!r}, which is not installed.",
            hint="Install it with: pip install 'chatwright[mcp]'",
            code="extra_missing",
        ) from err
    connection = McpConnection(settings)
    try:
        offered = {tool.name: tool for tool in await connection.tools()}
        tools = []
        for wanted in settings.tools:
            if wanted.tool not in offered:
                raise ConfigError(
                    f"MCP server {settings.name!r} has no tool {wanted.tool!r}.",
                    hint=nearest(wanted.tool, list(offered)),
                    code="unknown_tool",
                )
            tools.append(McpTool(settings, wanted, offered[wanted.tool], connection))
        yield tools
    finally:
        await connection.close()


def flow_of(stack: Sequence[Mapping[str, Any]]) -> str:
    """The flow on top of the stack that is not a repair pattern."""
    for frame in reversed(stack):
        flow = frame.get("flow_id")
        if isinstance(flow, str) and not flow.startswith("pattern_"):
            return flow
    return ""


def result_text(result: "CallToolResult") -> str:
    """The text blocks of a result, one after the other; pictures and the like are left out."""
    texts = (getattr(block, "text", None) for block in result.content if block.type == "text")
    return "\n".join(text for text in texts if isinstance(text, str))


def structured(result: "CallToolResult", text: str) -> Any:
    """The structured result, or the text as JSON where a server gives only that; None when it is neither."""
    if result.structured_content is not None:
        return result.structured_content
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
