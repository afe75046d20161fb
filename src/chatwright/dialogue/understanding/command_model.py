"""Asks a language model for the commands of a message, and lets nothing through that it may have made up.

In: the message, the flows and slots in question. Out: valid commands with the model's own certainty, or nothing when
the model fails: a message is then understood without it. Unknown flows and slots are dropped, at most five commands
stay, and a value must be one of the slot's, or stand in the message and be read by the slot's own extractor.
"""

import math
from collections.abc import Sequence
from typing import Any

from chatwright.dialogue.commands import Clarify, Command, SetSlot, StartFlow, parse_commands
from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract import read_slot, validate_slot
from chatwright.dialogue.understanding.command_grammar import command_regex
from chatwright.dialogue.understanding.command_prompt import MAX_MESSAGE_CHARS, build_command_prompt
from chatwright.dialogue.understanding.understood import Context, ModelReading, Unsure
from chatwright.errors import EngineError, RequestError
from chatwright.language.fold import fold
from chatwright.messages import GenerateOptions
from chatwright.protocols import Engine

MAX_COMMANDS = 5
_MAX_NEW_TOKENS = 64


class CommandModel:
    """A model that writes commands: for engines that are better at it than those `likelihood.py` is made for.

    timeout_s: after that the message is understood without it.
    """

    def __init__(self, engine: Engine, *, timeout_s: float = 8.0) -> None:
        self._engine = engine
        self._timeout_s = timeout_s

    async def read(self, unsure: Unsure) -> ModelReading:
        """The valid ones of the commands that the model wrote; confidence is its likelihood of the first line."""
        context, flows, slots = unsure.context, unsure.flows, unsure.slots
        message = " ".join(unsure.text.split())[:MAX_MESSAGE_CHARS]
        asked = next((slot for slot in slots if slot.name == context.asked), None)
        ordered = [*([asked] if asked else []), *(slot for slot in slots if slot is not asked)]
        prompt = build_command_prompt(
            message, language=context.language, flows=flows, asked=asked, slots=ordered, recent=context.recent
        )
        names = [flow.id for flow in flows]
        regex = command_regex(names, ordered, message, is_flow_open=bool(context.open_flow))
        options = GenerateOptions(max_new_tokens=_MAX_NEW_TOKENS, regex=regex, logprobs=0, timeout_s=self._timeout_s)
        try:
            raw, logprobs = await self._generate(prompt, options)
        except (EngineError, RequestError) as err:
            return ModelReading(problem=err.code)
        commands = valid_commands(parse_commands(raw), message, context, names, ordered)
        return ModelReading(commands=tuple(commands), confidence=_certainty(logprobs), raw=raw)

    async def _generate(self, prompt: Sequence[Any], options: GenerateOptions) -> tuple[str, list[tuple[str, float]]]:
        text = ""
        logprobs: list[tuple[str, float]] = []
        async for delta in self._engine.generate(prompt, options):
            text += delta.text
            logprobs += [(each.token, each.logprob) for each in delta.logprobs]
        return text, logprobs


def _certainty(logprobs: Sequence[tuple[str, float]]) -> float:
    """The likelihood of the first line."""
    total = 0.0
    for token, logprob in logprobs:
        if "\n" in token:
            break
        total += logprob
    return math.exp(min(0.0, total)) if logprobs else 0.0


def valid_commands(
    commands: Sequence[Command], text: str, context: Context, flows: Sequence[str], slots: Sequence[Slot]
) -> list[Command]:
    """Those that name what exists and say what the message says; no two of them alike."""
    by_name = {slot.name: slot for slot in slots}
    valid: list[Command] = []
    for command in commands:
        kept = _valid(command, text, context, flows, by_name)
        if kept is not None and kept not in valid:
            valid.append(kept)
    return valid[:MAX_COMMANDS]


def _valid(
    command: Command, text: str, context: Context, flows: Sequence[str], slots: dict[str, Slot]
) -> Command | None:
    if isinstance(command, StartFlow):
        return command if command.flow in flows else None
    if isinstance(command, Clarify):
        known = tuple(dict.fromkeys(flow for flow in command.flows if flow in flows))
        return Clarify(flows=known) if len(known) > 1 else None
    if isinstance(command, SetSlot):
        slot = slots.get(command.slot)
        return _valid_slot(slot, command.value, text, context) if slot else None
    return command


def _valid_slot(slot: Slot, value: Any, text: str, context: Context) -> SetSlot | None:
    if slot.type in ("bool", "categorical"):
        checked = validate_slot(slot, value)
        is_usable = checked.is_valid and checked.value is not None
        return SetSlot(slot=slot.name, value=checked.value, extractor="model") if is_usable else None
    written = str(value).strip()
    if not written or fold(written) not in fold(text):
        return None
    found = read_slot(slot, written, language=context.language, now=context.now, is_asked=True)
    if found is None or found.is_ambiguous or not validate_slot(slot, found.value).is_valid:
        return None
    return SetSlot(slot=slot.name, value=found.value, extractor="model")
