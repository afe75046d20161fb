"""Reads what Rasa's channels receive, and words what a bot says as they send it.

In: a message's JSON, and the utterances of a turn. Out: a Said; one JSON object for each message, in Rasa's keys and
order: text with its buttons, then `custom`, then the image, then the attachment. Blank lines part a text into several
messages; the REST and callback channels leave a text with buttons whole, Socket.IO puts them below its last part.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from chatwright.errors import RequestError
from chatwright.messages import Button, Delta, Utterance
from chatwright.server.server_settings import ServerSettings

DEFAULT_SENDER = "default"
MAX_METADATA_BYTES = 16 * 1024
MAX_SENDER_CHARS = 1000
MAX_CHANNEL_CHARS = 100
_BLANK_LINE = "\n\n"
_MARK = re.compile(r" ?(\[\d+\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says. text: None when the message has none, or something else in its place. channel: where."""

    text: str | None
    sender: str
    channel: str = "rest"
    metadata: Mapping[str, Any] = field(default_factory=dict)


def read_said(body: Mapping[str, Any], settings: ServerSettings, channel: str = "rest") -> Said:
    """The message in the body of REST and callback channel. channel: where the body names no other (`input_channel`).
    Raises RequestError 400."""
    sender = read_sender(body.get("sender"), param="sender")
    return Said(
        text=read_text(body.get("message"), settings),
        sender=DEFAULT_SENDER if sender is None else sender,
        channel=read_channel(body.get("input_channel")) or channel,
        metadata=read_metadata(body.get("metadata")),
    )


def read_text(written: Any, settings: ServerSettings) -> str | None:
    """Without the space around it. Raises RequestError 400 for one that is too long or has NUL characters."""
    if not isinstance(written, str):
        return None
    if len(written) > settings.max_message_chars:
        raise RequestError(
            f"The message has {len(written):,} characters; the limit is {settings.max_message_chars:,}.",
            hint="Send a shorter message.",
            code="message_too_long",
            param="message",
        )
    return _without_nul(written, "message").strip()


def read_sender(written: Any, *, param: str) -> str | None:
    """Who speaks: text, or a number, as text; None where nobody is named. Raises RequestError 400."""
    if written is None:
        return None
    if isinstance(written, bool) or not isinstance(written, str | int):
        raise RequestError(f"{param} must be a string.", code="invalid_value", param=param)
    if len(name := _without_nul(str(written), param)) > MAX_SENDER_CHARS:
        raise RequestError(
            f"{param} has {len(name):,} characters; the limit is {MAX_SENDER_CHARS:,}.",
            code="invalid_value",
            param=param,
        )
    return name


def read_channel(written: Any) -> str:
    """The name that a client gives the channel it speaks for, "" for none. Raises RequestError 400."""
    if written is None:
        return ""
    if not isinstance(written, str) or len(written) > MAX_CHANNEL_CHARS:
        raise RequestError(
            f"input_channel must be a string of at most {MAX_CHANNEL_CHARS} characters.",
            code="invalid_value",
            param="input_channel",
        )
    return _without_nul(written, "input_channel")


def read_metadata(written: Any) -> Mapping[str, Any]:
    """Raises RequestError 400 for what is not an object, or one of more than MAX_METADATA_BYTES."""
    if written is None:
        return {}
    if not isinstance(written, dict):
        raise RequestError("metadata must be an object.", code="invalid_value", param="metadata")
    try:
        size_bytes = len(orjson.dumps(written))
    except TypeError as err:  # orjson.JSONEncodeError is one: text that is not valid Unicode, bytes
        raise RequestError("metadata must be JSON.", code="invalid_value", param="metadata") from err
    if size_bytes > MAX_METADATA_BYTES:
        raise RequestError(
            f"metadata has {size_bytes:,} bytes; the limit is {MAX_METADATA_BYTES:,}.",
            code="invalid_value",
            param="metadata",
        )
    return written


def _without_nul(text: str, param: str) -> str:
    if "\x00" in text:
        raise RequestError(f"{param} contains a NUL character.", code="invalid_character", param=param)
    return text


def utterances_of(delta: Delta, *, keeps_citations: bool) -> tuple[Utterance, ...]:
    """What the bot says in this step of its turn: nothing before the last, which has all of it.

    keeps_citations: False where nobody sees the sources; the marks that point to them are then left out too.
    """
    reply = delta.reply
    if reply is None:
        return ()
    whole = Utterance(text=reply.answer, buttons=reply.buttons, citations=reply.citations)
    said = delta.utterances or (whole,)
    return said if keeps_citations else tuple(_without_marks(utterance) for utterance in said)


def _without_marks(said: Utterance) -> Utterance:
    if not said.citations:
        return said
    marks = {f"[{number}]" for number in range(1, len(said.citations) + 1)}
    text = _MARK.sub(lambda found: "" if found[1] in marks else found[0], said.text)
    return replace(said, text=text, citations=())


def rest_messages(recipient: str, said: Utterance) -> Iterator[dict[str, Any]]:
    """What the REST channel answers with and the callback channel posts; keys without a value are left out."""
    to = {"recipient_id": recipient}
    parts = _parts(said.text)
    if said.buttons:
        text = {"text": said.text} if said.text else {}
        yield {**to, **text, "buttons": [_button(button) for button in said.buttons], **_sources(said)}
    elif parts:
        yield from ({**to, "text": part} for part in parts[:-1])
        yield {**to, "text": parts[-1], **_sources(said)}
    if said.custom:
        yield {**to, "custom": dict(said.custom)}
    if said.image:
        yield {**to, "image": said.image}
    if said.attachment:
        yield {**to, "attachment": said.attachment}


def socket_messages(said: Utterance) -> Iterator[Any]:
    """What Socket.IO's bot event carries.

    A `custom` with `data` sends that, as in Rasa; its other keys, which there choose who gets it, are not followed.
    """
    parts = _parts(said.text)
    if said.buttons:
        yield from ({"text": part, "quick_replies": []} for part in parts[:-1])
        replies = [{"content_type": "text", **_button(button)} for button in said.buttons]
        yield {"text": parts[-1] if parts else "", "quick_replies": replies, **_sources(said)}
    elif parts:
        yield from ({"text": part} for part in parts[:-1])
        yield {"text": parts[-1], **_sources(said)}
    if said.custom:
        yield said.custom.get("data", dict(said.custom))
    if said.image:
        yield {"attachment": {"type": "image", "payload": {"src": said.image}}}
    if said.attachment:
        yield {"attachment": said.attachment}


def _sources(said: Utterance) -> dict[str, Any]:
    """Below the last part of a text."""
    return {"citations": [asdict(citation) for citation in said.citations]} if said.citations else {}


def _parts(text: str) -> list[str]:
    return [part for part in text.strip().split(_BLANK_LINE) if part]


def _button(button: Button) -> dict[str, str]:
    return {"title": button.title, "payload": button.payload}
