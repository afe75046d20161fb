"""A user who is played by a language model: briefed with goal, temperament and facts, a line at a time; a goal opens.

In: the turns so far. Out: what the model says next, one line; None when it is done, says nothing, or only repeats.
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
TIMEOUT_S = 90.0  # the first line waits for the model to be loaded
_DONE = "DONE"
_BRIEFS: dict[Language, str] = {
    "en": "A customer chats with a shop's assistant. Write what the CUSTOMER says next: one short message in English, "
    "in the customer's own words. The customer wants something and answers the assistant's questions with what they "
    "know; they never offer help and never repeat the assistant.",
    "zh": "一位顾客正在和商家的客服助手聊天。请写出【顾客】接下来说的一句话：简短、口语、用中文。顾客有事要办，"
    "用自己知道的信息回答客服的问题；顾客不会提供帮助，也不会重复客服的话。",
}
_ENDS: dict[Language, str] = {
    "en": f"If the customer has got what they want, write {_DONE}.",
    "zh": f"如果顾客的事情已经办完，只写 {_DONE}。",
}
_LABELS: dict[Language, tuple[str, str, str, str, str]] = {
    "en": ("The customer wants", "The customer's manner", "The customer knows", "Assistant", "Customer"),
    "zh": ("顾客想要", "顾客的性格", "顾客知道的信息", "客服", "顾客"),
}
_BEGIN: dict[Language, str] = {"en": "Hello, how can I help?", "zh": "您好，请问有什么可以帮您？"}


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
        if spoken and spoken[-1].outcome == "handed_over":
            return None
        if not spoken and self.user.goal:
            return self.user.goal[0]
        said = ""
        async for delta in self.engine.generate([self.prompt(spoken)], self._options(len(spoken))):
            said += delta.text
        line = self._cleaned(said)
        is_echo = bool(spoken) and line in spoken[-1].answer
        if not line or _DONE in line or is_echo:
            return None
        return None if [turn.said for turn in spoken].count(line) >= MAX_SAME else line

    def _options(self, num_said: int) -> GenerateOptions:
        """A seed of its own for every turn."""
        seed = self.seed + num_said
        return GenerateOptions(max_new_tokens=60, temperature=0.6, seed=seed, stop=("\n",), timeout_s=TIMEOUT_S)

    def prompt(self, spoken: Sequence[TurnTrace]) -> Message:
        """The briefing and the conversation so far, as one text that ends where the customer speaks."""
        bot, customer = _LABELS[self.language][3:]
        # A small model takes the first way out that it is told of: not told of one while the bot waits for an answer.
        is_asked = bool(spoken) and spoken[-1].asking in ("slot", "confirmation", "choice")
        lines = [*self._brief(), "" if is_asked else _ENDS[self.language], f"{bot}: {_BEGIN[self.language]}"]
        for turn in spoken:
            lines += [f"{customer}: {turn.said}", f"{bot}: {' '.join(turn.answer.split())[:MAX_CHARS]}"]
        return Message(role="user", content="\n".join([*lines, f"{customer}:"]))

    def _brief(self) -> list[str]:
        wants, manner, knows = _LABELS[self.language][:3]
        temperament = ", ".join(TEMPERAMENTS[each] for each in self.user.temperament)
        facts = "; ".join(f"{name}: {fact}" for name, fact in self.user.facts.items())
        lines = [_BRIEFS[self.language], self.user.context]
        lines += [f"{wants}: {' / '.join(self.user.goal)}"] if self.user.goal else []
        lines += [f"{manner}: {temperament}", f"{knows}: {facts}" if facts else ""]
        return [line for line in lines if line]

    def _cleaned(self, said: str) -> str:
        """The first line, without a speaker's name or quotation marks around it."""
        line = next(iter(said.strip().splitlines()), "").strip()
        for name in (f"{_LABELS[self.language][4]}:", f"{_LABELS[self.language][4]}："):
            line = line.removeprefix(name).strip()
        return line.strip('"“”「」 ')[:MAX_CHARS]
