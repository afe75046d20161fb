"""A user who is played by a language model: briefed with goal, temperament and facts, a line at a time.

In: the turns so far. Out: what the model says next, one line; None when it is done, says nothing, or repeats itself.
What a model plays depends on the model and is not repeatable beyond its seed: use it to find, not to prove.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chatwright.evaluation.scenario import TEMPERAMENTS, SimulatedUser
from chatwright.evaluation.turn_trace import TurnTrace
from chatwright.messages import GenerateOptions, Language, Message
from chatwright.protocols import Engine

MAX_CHARS = 300
MAX_SAME = 2  # times the same line is said
_DONE = "DONE"
_BRIEFS: dict[Language, str] = {
    "en": "You play a customer who writes to a shop's assistant. Write only the customer's next message: one short "
    "sentence, in English, as people type. Never write for the assistant, never explain. When you have what you want, "
    "or cannot get it, write only {done}.",
    "zh": "你扮演一位顾客，正在给商家的客服助手发消息。只写顾客的下一条消息：一句简短的中文，口语。不要替客服说话，"
    "不要解释。事情办完了，或者办不成，就只写 {done}。",
}
_LABELS: dict[Language, tuple[str, str, str]] = {
    "en": ("What you want", "How you are", "What you know"),
    "zh": ("你想要", "你的性格", "你知道的信息"),
}
_BEGIN: dict[Language, str] = {"en": "How can I help?", "zh": "请问有什么可以帮您？"}


@dataclass(slots=True)
class ModelUser:
    """One conversation's user."""

    user: SimulatedUser
    language: Language
    engine: Engine
    seed: int

    async def speak(self, turns: Sequence[TurnTrace]) -> str | None:
        """The next message. Raises EngineError when the model fails."""
        spoken = [turn for turn in turns if turn.said]
        options = GenerateOptions(
            max_new_tokens=60, temperature=0.6, top_p=0.9, seed=self.seed + len(spoken), stop=("\n",), timeout_s=30.0
        )
        said = ""
        async for delta in self.engine.generate(self.prompt(spoken), options):
            said += delta.text
        line = _cleaned(said)
        is_done = not line or _DONE in line
        return None if is_done or [turn.said for turn in spoken].count(line) >= MAX_SAME else line

    def prompt(self, spoken: Sequence[TurnTrace]) -> list[Message]:
        """The model is the assistant of its own chat, so the bot's words are given to it as the user's."""
        messages = [Message(role="system", content=self._brief())]
        messages.append(Message(role="user", content=_BEGIN[self.language]))
        for turn in spoken:
            messages.append(Message(role="assistant", content=turn.said))
            messages.append(Message(role="user", content=turn.answer))
        return messages

    def _brief(self) -> str:
        wants, manner, knows = _LABELS[self.language]
        lines = [_BRIEFS[self.language].format(done=_DONE)]
        lines += [self.user.context] if self.user.context else []
        lines += [f"{wants}: {' / '.join(self.user.goal)}"] if self.user.goal else []
        lines += [f"{manner}: {', '.join(TEMPERAMENTS[each] for each in self.user.temperament)}"]
        lines += [f"{knows}: " + "; ".join(f"{name}: {fact}" for name, fact in self.user.facts.items())]
        return "\n".join(lines if self.user.facts else lines[:-1])


def _cleaned(said: str) -> str:
    """The first line, without a speaker's name or quotation marks around it."""
    line = next(iter(said.strip().splitlines()), "").strip()
    for name in ("Customer:", "customer:", "User:", "顾客：", "顾客:", "用户："):
        line = line.removeprefix(name).strip()
    return line.strip('"“”「」 ')[:MAX_CHARS]
