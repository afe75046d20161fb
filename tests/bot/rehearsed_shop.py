"""The example shop as tests rehearse it: real flows, actions, index and store; words hashed instead of a model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from tests.bot.test_bot_process import SHOP
from tests.bot.test_bot_turn import opened_bot as opened_plain_bot

from chatwright.actions.actions_settings import ActionSettings
from chatwright.actions.opening import open_actions
from chatwright.bot.process import Processes
from chatwright.bot.rehearse import BotRehearsal, Cast
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.messages import ActionCall, ActionResult

NOW = datetime(2026, 3, 2, 10, 0)  # a Monday


@asynccontextmanager
async def rehearsed_shop(
    folder: Path, *, run_writes: bool = False, calls: list[ActionCall] | None = None
) -> AsyncIterator[BotRehearsal]:
    """calls: what actions are called with is added here."""
    domain, flows, cast = load_domain(SHOP), load_flows(SHOP), Cast(run_writes=run_writes)
    async with opened_plain_bot(folder) as bot, open_actions(SHOP, ActionSettings(), domain.raw) as registry:
        actions = {name: registry.find(name) for name in registry.names}

        async def run(call: ActionCall) -> ActionResult:
            if calls is not None:
                calls.append(call)
            return await registry.run(call)

        run_action = cast.guarded(run, lambda call: registry.writes(call.name))
        playbook = Playbook(flows=flows, domain=domain, run_action=run_action, actions=actions)
        index = FlowIndex(list(flows.values()), HashEmbedder())
        understanding = Understanding(flows=flows, domain=domain, index=index)
        processes = Processes(playbook, understanding, now=partial(_given, NOW))
        yield BotRehearsal(bot=replace(bot, processes=processes), embedder=HashEmbedder(), cast=cast)


def _given(now: datetime) -> datetime:
    return now
