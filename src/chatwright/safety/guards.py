"""Looks at text on its way in and out. A guard that raises, or answers anything but a verdict, counts as refuse.

`SpecialTokens` makes what a reader cannot see and what only a model's chat template may write harmless; `Injection`
records orders hidden in a message. What they do NOT stop: false statements (grounding.py does), abuse, personal data,
and orders in plain words. Length is the bot's own limit and is looked at before.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chatwright.language.fold import strip_invisible
from chatwright.messages import Verdict
from chatwright.protocols import Guard
from chatwright.safety.injection import find_injection

Direction = Literal["input", "output"]

# The control words of the chat templates of common model families; in a user's text they would forge a turn.
_SPECIAL_TOKEN = re.compile(
    r"<\|[^|<>\n]{1,40}\|>"  # <|im_start|>, <|endoftext|>, <|eot_id|> (ChatML, Qwen, Llama 3, Phi)
    r"|<｜[^｜<>\n]{1,40}｜>"  # DeepSeek
    r"|\[/?INST\]|<</?SYS>>"  # Llama 2, Mistral
    r"|</?(?:s|bos|eos|pad|unk|think|tool_call|tool_response|start_of_turn|end_of_turn)>",  # SentencePiece, Gemma, Qwen
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialTokens:
    """Removes invisible characters and masks chat special tokens with a space."""

    name: str = "special_tokens"

    async def check(self, text: str, direction: Direction) -> Verdict:
        visible = strip_invisible(text)
        masked = mask_special_tokens(visible)
        if masked == text:
            return Verdict(action="allow", text=text)
        reason = "special tokens masked" if masked != visible else "invisible characters removed"
        return Verdict(action="mask", text=masked, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """Records orders in a visitor's message; refuses them only when `is_blocking`."""

    name: str = "injection"
    is_blocking: bool = False

    async def check(self, text: str, direction: Direction) -> Verdict:
        kinds = find_injection(text) if direction == "input" else ()
        if not kinds:
            return Verdict(action="allow", text=text)
        reason = f"looks like an order: {', '.join(kinds)}"
        return Verdict(action="refuse" if self.is_blocking else "allow", text=text, reason=reason)


def default_guards() -> tuple[Guard, ...]:
    """What every bot has on."""
    return (SpecialTokens(), Injection())


def mask_special_tokens(text: str) -> str:
    """`text` with a space for everything a chat template could read as its own; what is left around a space is none."""
    return _SPECIAL_TOKEN.sub(" ", text)


async def run_guards(guards: Sequence[Guard], text: str, direction: Direction) -> Verdict:
    """The verdict of all guards in order, each looking at what the one before let through; the first refusal ends it.

    Fails closed: a guard that raises is a refusal whose reason names the guard and the error's type.
    """
    reasons: list[str] = []
    current = text
    for guard in guards:
        try:
            verdict = await guard.check(current, direction)
            action, current, reason = verdict.action, verdict.text, verdict.reason
        except Exception as err:  # noqa: BLE001 - the guard runner: whatever a guard does wrong is a refusal
            return Verdict(action="refuse", text="", reason=f"{guard.name}: failed with {type(err).__name__}")
        if reason:
            reasons.append(f"{guard.name}: {reason}")
        if action not in ("allow", "mask"):
            return Verdict(action="refuse", text="", reason="; ".join(reasons) or f"{guard.name}: refused")
    return Verdict(action="allow" if current == text else "mask", text=current, reason="; ".join(reasons))
