"""OpenAI's HTTP API: chat completions, models, embeddings, with its envelope for errors.

`model` is a bot's name (the whole bot answers: knowledge, checks, citations) or an engine's (the bare model answers).
To a bot, the last user message is the turn. `metadata.conversation` names the conversation that it belongs to; without
it, a client that sends everything that was said goes on with the conversation in which exactly that was said to this
caller, so that processes of several turns work with any client; where there is none, what was sent is the history of a
new one. System messages and sampling parameters are for bare
models, the bot's own settings stand. Never touches a prompt.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from itertools import dropwhile
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chatwright.bot.turn import Bot
from chatwright.errors import RequestError, nearest
from chatwright.messages import ConversationId, Delta, Message, UserId
from chatwright.protocols import Engine
from chatwright.server.auth import Principal, require
from chatwright.server.envelope import openai_error, shown
from chatwright.server.history import fit_to_context
from chatwright.server.idempotency import read_claim
from chatwright.server.limits import read_json
from chatwright.server.openai_request import ChatRequest, generate_options, read_chat_request, read_messages
from chatwright.server.openai_wire import Completion
from chatwright.server.stream import EventStream, StreamLimits, event, until_gone

router = APIRouter(prefix="/v1")
Caller = Annotated[Principal, Depends(require("chat"))]


def json_response(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


@router.post("/chat/completions")
async def create_chat_completion(request: Request, caller: Caller) -> Response:
    """Answers a conversation, whole or as a stream."""
    state = request.app.state
    state.drain.refuse_new_work()
    body = await read_json(request)
    wanted = read_chat_request(body)
    deltas = state.metrics.watch(wanted.model, await _deltas(request, caller, body, wanted))
    completion = Completion(model=wanted.model, has_logprobs=bool(wanted.logprobs))
    if not wanted.stream:
        return json_response(await until_gone(request, completion.whole(deltas)))
    include_usage = bool(wanted.stream_options and wanted.stream_options.include_usage)
    return EventStream(
        completion.chunks(deltas, include_usage=include_usage),
        error_frame=lambda error: event(openai_error(shown(error))),
        limits=StreamLimits.of(state.settings),
        drain=state.drain,
    )


async def _deltas(
    request: Request, caller: Principal, body: Mapping[str, Any], wanted: ChatRequest
) -> AsyncIterator[Delta]:
    state = request.app.state
    messages = read_messages(wanted, state.settings)
    if (bot := state.bots.get(wanted.model)) is not None:
        return await _ask_bot(request, bot, caller, body, wanted, messages)
    if (engine := state.engines.get(wanted.model)) is not None:
        return await _ask_model(engine, wanted, messages)
    raise unknown_model(wanted.model, [*state.bots, *state.engines])


async def _ask_bot(
    request: Request,
    bot: Bot,
    caller: Principal,
    body: Mapping[str, Any],
    wanted: ChatRequest,
    messages: list[Message],
) -> AsyncIterator[Delta]:
    if wanted.logprobs:
        raise _only_for_models("logprobs")
    if wanted.response_format is not None and wanted.response_format.type != "text":
        raise _only_for_models("response_format")
    if messages[-1].role != "user":
        raise RequestError("The last message must be the user's.", param="messages", code="invalid_value")
    named = (wanted.metadata or {}).get("conversation")
    claim = read_claim(request, caller, body)
    settled = await bot.store.settled(claim) if claim is not None else None
    text = messages[-1].content
    if settled is not None:
        return bot.reply(settled.conversation, text, claim=claim)
    user = UserId(wanted.user or caller.name)
    if named:
        return bot.reply(await bot.open(user, ConversationId(named), is_used_at_once=True), text, claim=claim)
    said = _said_before(messages)
    if said and (own := await bot.find(user, said, caller.name)):
        return bot.reply(own, text, claim=claim, caller=caller.name, follows=said)
    opened = await bot.open(user, is_used_at_once=True)
    return bot.reply(opened, text, history=said, claim=claim, caller=caller.name)


def _said_before(messages: list[Message]) -> tuple[Message, ...]:
    """What was said before the last message, from the user's first: a greeting is the page's own."""
    said = [message for message in messages[:-1] if message.role in ("user", "assistant")]
    return tuple(dropwhile(lambda message: message.role != "user", said))


async def _ask_model(engine: Engine, wanted: ChatRequest, messages: list[Message]) -> AsyncIterator[Delta]:
    options = generate_options(wanted)
    is_length_given = bool(wanted.max_tokens or wanted.max_completion_tokens)
    fitting, max_new_tokens = await fit_to_context(
        engine, messages, max_new_tokens=options.max_new_tokens, may_shorten=not is_length_given
    )
    return engine.generate(fitting, replace(options, max_new_tokens=max_new_tokens))


def _only_for_models(param: str) -> RequestError:
    return RequestError(
        f"{param} is only for bare models.",
        hint="List them with GET /v1/models.",
        param=param,
        code="unsupported_parameter",
    )


def unknown_model(name: str, choices: list[str]) -> RequestError:
    listed = ", ".join(sorted(choices)) or "none"
    return RequestError(
        f"The model {name[:100]!r} does not exist. Models here: {listed}.",
        hint=nearest(name, choices) if choices else "",
        code="model_not_found",
        status=404,
        param="model",
    )


@router.get("/models")
async def list_models(request: Request, caller: Caller) -> Response:
    """Every name that `model` can be."""
    return json_response({"object": "list", "data": list(_models(request).values())})


@router.get("/models/{model:path}")
async def retrieve_model(request: Request, model: str, caller: Caller) -> Response:
    found = _models(request)
    if model not in found:
        raise unknown_model(model, list(found))
    return json_response(found[model])


def _models(request: Request) -> dict[str, dict[str, Any]]:
    state = request.app.state
    embedders = [state.embedder.name] if state.embedder is not None else []
    owners = [*((name, "bot") for name in state.bots), *((name, "engine") for name in [*state.engines, *embedders])]
    return {
        name: {"id": name, "object": "model", "created": state.started_at, "owned_by": f"chatwright-{owner}"}
        for name, owner in owners
    }
