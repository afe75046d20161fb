"""Finds and words the answer of one turn: curated text first, then evidence, then an honest "I do not know".

In: a question that stands alone, its language, the history. Out: an Answer, streamed piece by piece. Facts come from
the knowledge folder only; the model words what was selected and nothing it adds survives `ground_answer`.
Does not store anything and does not know of conversations.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatwright.bot.definition import BotDefinition
from chatwright.dialogue.prompt import build_prompt
from chatwright.dialogue.texts import text as fixed_text
from chatwright.errors import EngineError, RequestError
from chatwright.language.detect import detect_language
from chatwright.messages import (
    Button,
    Citation,
    Evidence,
    FaqMatch,
    FinishReason,
    GenerateOptions,
    Language,
    Message,
    Outcome,
    Usage,
    Utterance,
)
from chatwright.protocols import Engine, EvidenceSelector, Retriever
from chatwright.safety.grounding import ground_answer, keeps_quantities

WORDING_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found and how it is worded. `decided_by` says which step decided: the record of the turn keeps it.

    utterances: the parts, where a flow said several things. dialogue: state and trace that the flows left, JSON.
    """

    text: str
    outcome: Outcome
    citations: tuple[Citation, ...] = ()
    decided_by: str = ""
    usage: Usage = Usage()
    finish_reason: FinishReason = "stop"
    offers_person: bool = False
    facts: dict[str, object] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    dialogue: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Answers questions from one knowledge folder."""

    definition: BotDefinition
    engine: Engine
    retriever: Retriever
    selector: EvidenceSelector

    async def answer(
        self, question: str, language: Language, history: Sequence[Message], on_retrieved: Callable[[], None]
    ) -> Answer:
        """The answer to `question`. Raises EngineError only when retrieval itself cannot be had."""
        retrieval = self.definition.retrieval
        match = await self.retriever.match_faq(question)
        if match and match.probability >= retrieval.faq_threshold:
            on_retrieved()
            return self._curated(match, language)
        passages = await self.retriever.search(question, retrieval.num_passages)
        evidence = await self.selector.select(question, passages)
        on_retrieved()
        facts: dict[str, object] = {"probability": evidence.probability, "signals": dict(evidence.signals)}
        facts["passages"] = [{"source": p.source, "start": p.start, "end": p.end, "score": p.score} for p in passages]
        if not evidence.spans or evidence.probability < retrieval.answer_threshold:
            return replace(self.abstain(language), facts=facts)
        return replace(await self._worded(question, evidence, language, history), facts=facts)

    def abstain(self, language: Language) -> Answer:
        """Says that the folder does not have it, and offers a person."""
        said = self.say("abstain", language)
        return Answer(text=said, outcome="abstained", decided_by="threshold", offers_person=True)

    def say(self, name: str, language: Language, **values: str) -> str:
        """One of the bot's fixed sentences, as the owner overrode it."""
        contact = self.definition.contact.get(language, "")
        return fixed_text(name, language, self.definition.texts, contact=contact, **values)

    def _curated(self, match: FaqMatch, language: Language) -> Answer:
        passage = match.passage
        citation = Citation(
            source=passage.source,
            title=passage.question or passage.title,
            start=passage.start,
            end=passage.end,
            quote=passage.text,
            score=match.probability,
        )
        lead = self._lead_in(language, [citation])
        return Answer(
            text=lead + passage.text,
            outcome="answered",
            citations=(citation,),
            decided_by="faq",
            facts={"probability": match.probability, "question": passage.question},
        )

    async def _worded(
        self, question: str, evidence: Evidence, language: Language, history: Sequence[Message]
    ) -> Answer:
        quoted = self._quoted(evidence, language)
        is_same_language = all(detect_language(span.quote, language) == language for span in evidence.spans)
        if self.definition.model.wording == "quote" or not is_same_language:
            return quoted
        prompt = build_prompt(
            question,
            evidence.spans,
            language=language,
            tone=self.definition.persona.tone.get(language, ""),
        )
        options = GenerateOptions(
            max_new_tokens=self.definition.model.max_new_tokens, stop=("\n\n",), timeout_s=WORDING_TIMEOUT_S
        )
        said, usage = "", Usage()
        try:
            async for delta in self.engine.generate(prompt, options):
                said += delta.text
                usage = delta.usage or usage
        except (EngineError, RequestError):
            return replace(quoted, decided_by="quote: the model was not available")
        grounded = ground_answer(said, evidence.spans, question)
        if grounded.dropped or not grounded.text or not keeps_quantities(grounded.text, evidence.spans[0].quote):
            return replace(quoted, usage=usage, decided_by="quote: the wording failed its check")
        cited = tuple(evidence.spans[index] for index in grounded.cited)
        return Answer(text=grounded.text, outcome="answered", citations=cited, decided_by="wording", usage=usage)

    def _quoted(self, evidence: Evidence, language: Language) -> Answer:
        """The evidence itself as the answer, each span with the number of its citation."""
        spans = evidence.spans
        lines = [f"{span.quote} [{number}]" for number, span in enumerate(spans, start=1)]
        return Answer(
            text=self._lead_in(language, spans) + "\n".join(lines),
            outcome="answered",
            citations=spans,
            decided_by="quote",
        )

    def _lead_in(self, language: Language, citations: Sequence[Citation]) -> str:
        """A sentence before a quotation that is in the other language, nothing otherwise."""
        if all(detect_language(citation.quote, language) == language for citation in citations):
            return ""
        return self.say("quoted_other_language", language) + "\n"


def join_answers(one: Answer, other: Answer) -> Answer:
    """Two answers of one turn as one: the second says how it ended."""
    events = [*one.dialogue.get("events", ()), *other.dialogue.get("events", ())]
    dialogue = {**one.dialogue, **other.dialogue, "events": events} if one.dialogue or other.dialogue else {}
    said = one.utterances or ((Utterance(text=one.text),) if one.text else ())
    then = other.utterances or (Utterance(text=other.text, citations=other.citations),)
    return replace(
        other,
        text="\n\n".join(filter(None, (one.text, other.text))),
        citations=one.citations + other.citations,
        decided_by=one.decided_by or other.decided_by,
        usage=one.usage if one.usage != Usage() else other.usage,
        facts={**other.facts, **one.facts},
        utterances=said + then,
        dialogue=dialogue,
    )


async def pieces(text: str) -> AsyncIterator[str]:
    """`text` in sentences or lines, for streaming what was already checked as a whole."""
    start = 0
    for position, character in enumerate(text):
        if character in "。！？\n" or (character in ".!?" and text[position + 1 : position + 2] == " "):
            yield text[start : position + 1]
            start = position + 1
    if start < len(text):
        yield text[start:]
