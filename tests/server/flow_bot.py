"""A real bot with the example's flows for a real server: no model, and every write that is carried out is noted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatwright.actions.folder_code import load_python_actions
from chatwright.actions.registry import ActionRegistry
from chatwright.bot.answer import Answerer
from chatwright.bot.definition import BotDefinition
from chatwright.bot.process import Processes
from chatwright.bot.silence import Silence
from chatwright.bot.turn import Bot
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.engines.scripted import ScriptedEngine
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.messages import ActionCall, ActionResult
from chatwright.safety.guards import default_guards
from chatwright.store import SqlStore

FOLDER = Path(__file__).parents[2] / "examples" / "support"


@dataclass
class Done:
    """The actions that ran, with their arguments and for whom."""

    calls: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)

    @property
    def writes(self) -> list[tuple[str, dict[str, Any]]]:
        return [(name, arguments) for name, arguments, _ in self.calls if name != "look_up_order"]


def flow_bot(done: Done, shelf: Any, *, silence: Silence | None = None) -> Callable[[ScriptedEngine, SqlStore], Bot]:
    """Makes the bot for `serving(make_bot=…)`. shelf: its knowledge."""
    domain, flows = load_domain(FOLDER), load_flows(FOLDER)

    def make(engine: ScriptedEngine, store: SqlStore) -> Bot:
        registry = ActionRegistry(load_python_actions(FOLDER))

        async def run(call: ActionCall) -> ActionResult:
            done.calls.append((call.name, dict(call.arguments), call.user))
            return await registry.run(call)

        actions = {name: registry.find(name) for name in registry.names}
        playbook = Playbook(flows=flows, domain=domain, run_action=run, actions=actions)
        index = FlowIndex(list(flows.values()), HashEmbedder())
        definition = BotDefinition(name="support", languages=("en", "zh"), silence=silence or Silence())
        answerer = Answerer(definition=definition, engine=engine, retriever=shelf, selector=shelf)
        return Bot(
            definition=definition,
            answerer=answerer,
            store=store,
            guards=default_guards(),
            processes=Processes(playbook, Understanding(flows=flows, domain=domain, index=index)),
        )

    return make
