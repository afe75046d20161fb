"""The values that cross rooms: frozen, standard library only, no behaviour beyond what they mean.

Offsets are counted in characters (Unicode code points) of a source's *extracted text*, never of its file bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NewType

ConversationId = NewType("ConversationId", str)
UserId = NewType("UserId", str)

Role = Literal["system", "user", "assistant", "tool"]
Language = Literal["zh", "en"]
Outcome = Literal["answered", "abstained", "refused", "handed_over", "flow"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a message's content. `text` for text parts; `url` or `data` for the others."""

    type: Literal["text", "image", "audio", "file"]
    text: str = ""
    url: str | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call the model asks for. `arguments` is the JSON text exactly as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation as a model sees it."""

    role: Role
    content: str = ""
    parts: tuple[Part, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts of one generation; `cached_tokens` of the prompt came from the prefix cache."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLogprob:
    """One generated token with its natural-log probability and the `top` alternatives at its position."""

    token: str
    logprob: float
    token_bytes: bytes = b""
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateOptions:
    """How to generate. Defaults are greedy decoding without constraint.

    temperature: ≥ 0, 0 is greedy. top_p in (0, 1]. seed: any 64-bit integer, None is unseeded.
    logprobs: None, or 0 to 20 alternatives a token. At most one of json_schema and regex.
    """

    max_new_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    logprobs: int | None = None
    json_schema: str | None = None
    regex: str | None = None
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a statement comes from. `quote` is exactly `extracted_text[start:end]` of `source`.

    source: path relative to the bot's knowledge folder, with `/`. score in [0, 1], higher is surer.
    """

    source: str
    title: str
    start: int
    end: int
    quote: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a source that retrieval returns. `text` is exactly `extracted_text[start:end]`.

    heading: the headings above it, outermost first, joined by " > ". score: higher is better, only comparable
    within one search. For kind "faq", `question` is the curated question and `text` the curated answer.
    """

    id: int
    source: str
    title: str
    heading: str
    text: str
    start: int
    end: int
    score: float
    kind: Literal["text", "table", "faq"] = "text"
    question: str = ""
    language: Language = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqMatch:
    """A curated question that resembles what was asked. probability in [0, 1]: that it is the same question."""

    passage: Passage
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the knowledge folder says to a question: spans in reading order of importance, best first.

    probability in [0, 1]: calibrated chance that the spans answer the question. Empty spans: nothing was found.
    `signals` are the numbers the probability was computed from, for the record of the turn.
    """

    spans: tuple[Citation, ...]
    probability: float
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds since the message arrived; None where that step was not reached."""

    retrieve: float | None = None
    first_token: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A choice offered with an utterance. `payload` is what choosing it sends: text, `/intent{"entity": "value"}` or
    `/SetSlots(slot=value)`."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One thing the bot says. `response` names a response of the domain that the receiver renders with its slots and
    with `values`; the other fields are said as they are. `citations` only where the knowledge folder was quoted."""

    text: str = ""
    response: str = ""
    buttons: tuple[Button, ...] = ()
    image: str = ""
    attachment: Any = None
    custom: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One finished turn, as `chatwright ask --json` prints it. `buttons`: choices offered with it."""

    answer: str
    outcome: Outcome
    citations: tuple[Citation, ...]
    language: Language
    model: str
    usage: Usage
    timings_ms: Timings
    conversation: ConversationId
    turn: int
    finish_reason: FinishReason = "stop"
    offers_person: bool = False
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One step of a reply or a generation: new text, and on the last one how it ended.

    From an Engine the last delta has `finish_reason` and `usage`; from `Bot.reply` the last one also has `reply`, and
    `utterances` where a flow said several things.
    """

    text: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    reply: Reply | None = None
    utterances: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a guard decided. For "mask", `text` is what may go on; `reason` is for the record, not for the user."""

    action: Literal["allow", "mask", "refuse"]
    text: str
    reason: str = ""


EventKind = Literal[
    "user", "bot", "interrupted", "commands", "passages", "guard", "handover_offered", "handover_requested",
    "handover_closed", "feedback", "dialogue",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact of a conversation. Events are only ever appended; state is their fold.

    seq: 1, 2, 3 … within the conversation, given by the store (0 before). turn: the user turn it belongs to, from 1.
    `data` is JSON: numbers, strings, booleans, lists, objects. at: UTC.
    """

    conversation: ConversationId
    kind: EventKind
    turn: int
    data: Mapping[str, Any]
    seq: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyClaim:
    """A caller's promise that this is one request. scope: credential and route; fingerprint: of the body."""

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """A line of the list of conversations. is_waiting: a person was asked for and has not come yet."""

    id: ConversationId
    bot: str
    user: UserId
    started_at: datetime
    updated_at: datetime
    num_turns: int
    is_waiting: bool
    last_user_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """A source's extracted text as it was indexed: what citations' offsets count in."""

    source: str
    title: str
    text: str
    headings: Sequence[tuple[int, int, str]] = ()  # (start, level from 1, text), in order of start
    rows: Sequence[tuple[int, int]] = ()  # (start, end) of each table row: one line "Column: value; Column: value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a message came in: the channel by the name that Rasa has for it (`rest`, `callback`, `socketio`), and how
    that channel names who speaks, "" where nobody is named."""

    channel: str = "chatwright"
    sender: str = ""


NATIVE = Origin()  # our own API, the chat page, the terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCall:
    """One call of an action. `arguments` are exactly what a confirmation showed; `call_id` is the same for every try of
    this call, so that the other side can tell a repetition. `events` are the conversation's, in Rasa's flat form
    (`{"event": "user", "timestamp": …, "text": …}`); `stack` the open flows, lowest first. `sender`: the
    channel's name for who speaks, "" for the conversation's id."""

    name: str
    conversation: ConversationId
    user: UserId
    call_id: str
    language: Language = "en"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    slots: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    events: Sequence[Mapping[str, Any]] = ()
    stack: Sequence[Mapping[str, Any]] = ()
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """What an action did. All of it is untrusted text. `slots` are set in order; `events` are Rasa's other events
    (`followup`, `restart`, `reset_slots` …) in their flat form."""

    slots: Mapping[str, Any] = field(default_factory=dict)
    utterances: tuple[Utterance, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
