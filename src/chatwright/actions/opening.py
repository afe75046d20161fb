"""Opens all actions of a bot: its Python functions, its action server, its HTTP tools and its MCP servers.

In: a bot folder and the `actions:` section of its bot.yaml. Out: an ActionRegistry that lives as long as the context.
Raises ConfigError before anything is called when something is missing, twice there, or not as it must be.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from chatwright.actions.actions_settings import ActionSettings
from chatwright.actions.folder_code import load_python_actions
from chatwright.actions.registry import ActionRegistry
from chatwright.protocols import Action


@asynccontextmanager
async def open_actions(
    bot_dir: Path, settings: ActionSettings, domain_raw: Mapping[str, Any]
) -> AsyncIterator[ActionRegistry]:
    """The bot's actions. domain_raw: the domain in Rasa's shape, for the action server.

    Enter and leave it in the same task. An action that no other part has is asked of the action server, if there is
    one.
    """
    actions: list[Action] = []
    if settings.python:
        actions += load_python_actions(bot_dir)
    async with AsyncExitStack() as stack:
        fallback = None
        if settings.server is not None or settings.http:
            # A bot that calls nobody need not wait for the HTTP client to be loaded.
            from chatwright.actions.action_server import ActionServer
            from chatwright.actions.http_tool import HttpTool
            from chatwright.actions.sending import open_client

            client = await stack.enter_async_context(open_client())
            actions += [HttpTool(tool, client) for tool in settings.http]
            if settings.server is not None:
                fallback = ActionServer(settings.server, client, domain_raw).action
        for server in settings.mcp:
            from chatwright.actions.mcp_tool import open_mcp_server

            actions += await stack.enter_async_context(open_mcp_server(server))
        yield ActionRegistry(actions, fallback=fallback, timeout_s=settings.timeout_s)
