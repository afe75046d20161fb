"""Judges a conversation by criteria in plain language, with a language model that is named for it.

In: a criterion and a transcript. Out: holds or not. A model's judgement is not proof: a small one is near chance here,
so a criterion is judged only where the run names a model, and is listed as not judged otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chatwright.messages import GenerateOptions, Language, Message
from chatwright.protocols import Engine

MAX_TRANSCRIPT_CHARS = 8000
TIMEOUT_S = 90.0  # the first judgement waits for the model to be loaded
_ASK: dict[Language, str] = {
    "en": "Read this conversation between a customer and an assistant, then say whether the statement about it is true."
    " Answer yes or no.\n\nConversation:\n{transcript}\n\nStatement: {criterion}",
    "zh": "阅读下面顾客与客服助手的对话，判断关于它的陈述是否属实。只回答 yes 或 no。"
    "\n\n对话：\n{transcript}\n\n陈述：{criterion}",
}


class CriteriaJudge(Protocol):
    """Whoever judges."""

    @property
    def name(self) -> str: ...

    async def holds(self, criterion: str, transcript: Sequence[str], language: Language) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelJudge:
    """A language model, asked yes or no. Raises EngineError when it fails."""

    engine: Engine

    @property
    def name(self) -> str:
        return self.engine.model

    async def holds(self, criterion: str, transcript: Sequence[str], language: Language) -> bool:
        text = "\n".join(transcript)[-MAX_TRANSCRIPT_CHARS:]
        prompt = [Message(role="user", content=_ASK[language].format(transcript=text, criterion=criterion))]
        said = ""
        async for delta in self.engine.generate(
            prompt, GenerateOptions(max_new_tokens=4, regex="(yes|no)", timeout_s=TIMEOUT_S)
        ):
            said += delta.text
        return said.strip().lower().startswith("yes")
