"""Turns a message into commands: buttons, rules, slot readers, the flows' own examples, and a small model when unsure.

In: a message and where the conversation stands. Out: commands, with what decided on them and how sure it is. In order,
the first that is sure decides; a model is asked only for what the others leave open. A flow is started only when the
message is clearly nearer to it than to the others and to everything else people say; between two it is asked which.
Never carries anything out, never reads the clock, never raises on what a visitor wrote.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatwright.dialogue.commands import CancelFlow, CannotHandle, Clarify, Command, SearchAndReply, SetSlot, StartFlow
from chatwright.dialogue.domain import Domain, Slot
from chatwright.dialogue.extract.free_text import tells_something
from chatwright.dialogue.extract.reading import read_slot
from chatwright.dialogue.extract.wording import asked_part
from chatwright.dialogue.extract.yes_no import read_yes_no
from chatwright.dialogue.flows.flow import Flow
from chatwright.dialogue.flows.flow_kind import only_answers
from chatwright.dialogue.smalltalk import classify_smalltalk
from chatwright.dialogue.understanding.bare_values import read_bare, with_names
from chatwright.dialogue.understanding.bool_answers import read_bool_answer
from chatwright.dialogue.understanding.buttons import read_button
from chatwright.dialogue.understanding.entities import EntityReader
from chatwright.dialogue.understanding.flow_choice import FlowIndex, FlowScores, flow_texts, relevant_flows, surer
from chatwright.dialogue.understanding.flow_decision import (
    MAX_CLARIFIED,
    FlowDecision,
    Thresholds,
    asked_of_own,
    decide_flow,
    flow_chances,
    with_code,
)
from chatwright.dialogue.understanding.message_rules import Waiting, read_pressed, read_rules
from chatwright.dialogue.understanding.named_wishes import NamedWish, NamedWishes, turns_aside
from chatwright.dialogue.understanding.own_words import OwnWords
from chatwright.dialogue.understanding.process_words import process_words
from chatwright.dialogue.understanding.refusals import read_refusals, words_of_flow
from chatwright.dialogue.understanding.reply_flows import refusing_flows, reply_flows, without_refusals
from chatwright.dialogue.understanding.slips import Slips
from chatwright.dialogue.understanding.slot_answers import Answers
from chatwright.dialogue.understanding.slot_reading import SlotReading
from chatwright.dialogue.understanding.told_text import told_text
from chatwright.dialogue.understanding.understood import (
    Context,
    DecidedBy,
    IntentRanker,
    ModelReader,
    ModelReading,
    Ranked,
    Understood,
    Unsure,
)
from chatwright.dialogue.understanding.wishes import (
    asks,
    asks_in_general,
    asks_whether,
    beside_wish,
    goes_on,
    hesitates,
    speaks_of_own,
)
from chatwright.language.fold import fold, strip_invisible
from chatwright.language.in_place import fold_in_place
from chatwright.messages import Message

MAX_CHARS = 2000  # of a message that is looked at; the rest is left out
Chances = tuple[tuple[str, float], ...]  # (flow, probability), best first
Details = dict[str, Any]
_CLEARLY_VAGUE = 0.85
_SURE_ANSWER = 0.6  # of an answer that a refusal in the same message does not undo
_LEAST_WISH = 4  # letters of what is wanted instead of a flow that is given up
_CODE_LIKE = re.compile(r"[A-Za-z]{0,4}-?\d+")
_ASIDE = 0.5  # that another flow is meant by "wait, has … shipped?", which says itself that it leaves the open one
_FEW_WORDS = 12  # characters beside a value that cannot be the wish for another flow


class Understanding:
    """Understands the messages of one bot. What is absent of the rest is done without: the others do what they can."""

    def __init__(
        self,
        *,
        flows: Mapping[str, Flow],
        domain: Domain,
        index: FlowIndex | None = None,
        ranker: IntentRanker | None = None,
        entities: EntityReader | None = None,
        model: ModelReader | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._flows = {name: flow for name, flow in flows.items() if not name.startswith("pattern_")}
        self._domain = domain
        self._index = index
        self._ranker = ranker
        self._model = model
        self._sure = thresholds or Thresholds()
        self._own_words = OwnWords(self._flows.values() if index else ())
        self._reading = SlotReading(self._flows, domain, entities)
        self._slots = self._reading.of_flow
        self._replies = reply_flows(self._flows.values())
        self._refusing = refusing_flows(self._flows.values())
        self._taken = {slot.name: slot for slots in self._slots.values() for slot in slots}
        self._coded = [slot for slot in self._taken.values() if slot.pattern]
        self._named = NamedWishes(self._flows.values() if index else ())
        self._slips = Slips(text for flow in self._flows.values() for text in flow_texts(flow))
        self._words = {name: words_of_flow(flow) for name, flow in self._flows.items()}
        self._offerable = [name for name, flow in self._flows.items() if not only_answers(flow, self._flows)]

    async def understand(self, text: str, context: Context) -> Understood:
        """The commands of a message, at least one."""
        text = strip_invisible(text).strip()[:MAX_CHARS]
        if pressed := read_button(text):
            return read_pressed(pressed, context, self._flows, self._settable(text, context), self._domain.slots)
        answers = self._reading.read(text, context, self._reading.answerable(context))
        if own := self._in_own_words(text, context, answers):
            return own
        if ruled := read_rules(text, context, answers, self._flows, self._waiting(context)):
            if context.confirmation and (begun := await self._beside_confirmation(text, context, ruled)):
                return begun
            return await self._instead(text, context, ruled, beside_wish(text))
        refused, rest = read_refusals(text, self._words)
        if refused and (given_up := await self._refused(text, context, answers, refused, rest)):
            return given_up
        if named := self._by_name(text, context, answers):
            return named
        if bare := await self._bare(text, context):
            return bare
        if chosen := self._by_reply(text, context, answers):
            return chosen
        is_aside = context.asked in {slot.name for slot in self._coded} and _leads_away(text)
        if answers.answers_asked and not answers.is_free_text and len(text) <= _FEW_WORDS and not is_aside:
            return _answered(text, answers)
        scores, ranked = await asyncio.to_thread(self._judge, text)
        return await self._weigh(text, context, answers, scores, ranked)

    def begin(self, flow: str, text: str, context: Context) -> tuple[Command, ...]:
        """The commands that begin a flow which the message did not ask for itself, with what it says of its slots."""
        return self._reading.with_slots((StartFlow(flow=flow),), text, context)

    def rank(self, text: str) -> Ranked:
        """The intents of the message; none without a classifier. Blocking."""
        return self._ranker.rank(text) if self._ranker else Ranked()

    async def _weigh(
        self, text: str, context: Context, answers: Answers, scores: FlowScores, ranked: Ranked | None
    ) -> Understood:
        """Begin a flow, take the answer, look it up, or ask the model, in this order."""
        if sets := self._reading.by_intent(text, context, ranked):
            confidence = ranked.intents[0][1] * ranked.in_scope if ranked else 0.0
            return Understood(
                commands=tuple(sets), decided_by="classifier", confidence=confidence, details=_ranking(ranked)
            )
        decision, chances = self._decide(text, context, answers, scores, ranked)
        details: Details = {"flows": [[name, round(chance, 3)] for name, chance in chances[:3]], **_ranking(ranked)}
        if decision.kind == "start" and asks_whether(text) and not self._only_replies(chances):
            # perhaps a wish, perhaps a question: not begun unasked
            flows = self._only_offered(decision.flows, context)
            command = Clarify(flows=flows) if flows and not context.open_flow else SearchAndReply()
            return _understood(command, by="rule", confidence=decision.confidence, details=details)
        if decision.kind == "start":
            return self._started(text, context, decision, details)
        if (
            answers.commands
            and (answers.answers_asked or not asks(text))
            and not self._is_no_text(text, context, answers)
        ):
            return replace(_answered(text, answers), details=details)
        if _looks_up(text, decision):
            return _understood(SearchAndReply(), by="rule", confidence=0.8, details=details)
        reading = await self._ask_model(text, context, decision, scores, chances)
        details |= {"model": reading.raw or reading.problem} if reading else {}
        if reading and reading.commands and not _says_nothing(reading):
            commands = self._reading.with_slots(reading.commands, text, context)
            return Understood(commands=commands, decided_by="model", confidence=reading.confidence, details=details)
        return self._undecided(text, context, decision, details)

    def _decide(
        self, text: str, context: Context, answers: Answers, scores: FlowScores, ranked: Ranked | None
    ) -> tuple[FlowDecision, Chances]:
        """Whether the message begins a flow, and how likely each is."""
        startable = context.startable if context.startable is not None else frozenset(self._flows)
        chances = flow_chances(scores, ranked, self._flows, startable)
        sure = self._sure if not answers.commands else replace(self._sure, interrupt=self._sure.answered)
        vague = scores.vague
        if (codes := self._other_codes(text, context)) and not answers.is_change:
            takers = {name for name, slots in self._slots.items() if any(slot.name in codes for slot in slots)}
            if self._leans_on_ended(text, context, codes, chances):
                return FlowDecision(kind="start", flows=(context.ended,), confidence=sure.start), chances
            if asks(text) or speaks_of_own(text) or (chances and chances[0][1] > vague):
                chances, vague = with_code(chances, scores, takers, sure.clarify), 0.0
            # What the open flow asks for may be a correction.
            if turns_aside(text) and asks(text):
                sure = replace(sure, interrupt=_ASIDE)
            elif _leads_away(text) or not {context.open_flow, *context.callers} & takers:
                sure = replace(sure, interrupt=sure.start)
        elif asks(text) and speaks_of_own(text):
            chances, vague = asked_of_own(chances, vague), 0.0
        is_general = asks_in_general(text) and not self._only_replies(chances)
        decision = decide_flow(chances, is_general=is_general, open_flow=context.open_flow, sure=sure, vague=vague)
        is_vague = bool(chances) and vague > chances[0][1]
        return without_refusals(decision, chances, self._refusing, is_vague=is_vague), chances

    def _only_replies(self, chances: Chances) -> bool:
        """True when the likeliest flow is one that only says something: a question may begin it as a wish would."""
        return bool(chances) and chances[0][0] in self._replies

    def _waiting(self, context: Context) -> Waiting | None:
        """What the summary is about that waits for a yes; None when none does."""
        flow = self._flows.get(context.open_flow)
        if flow is None or not context.confirmation:
            return None
        names = (context.open_flow, *context.callers)
        slots = {slot.name: slot for name in names for slot in self._slots.get(name, [])}
        return Waiting(slots=tuple(slots.values()), words=process_words(flow, slots.values()))

    def _in_own_words(self, text: str, context: Context, answers: Answers) -> Understood | None:
        """Begins the flow of which the message is an example; of small talk, only what does not answer the question."""
        is_answer = answers.answers_asked and not answers.is_free_text
        flow = self._own_words.flow_of_example(text) or ("" if is_answer else self._own_words.flow_of_smalltalk(text))
        is_startable = context.startable is None or flow in context.startable
        if not flow or not is_startable or context.confirmation or flow in (context.open_flow, *context.callers):
            return None
        commands = self._reading.with_slots((StartFlow(flow=flow),), text, context)
        return Understood(commands=commands, decided_by="classifier", confidence=1.0, details={"own_words": flow})

    def _by_name(self, text: str, context: Context, answers: Answers) -> Understood | None:
        """Begins a flow that the message names plainly; the open one is asked on, when nothing else is said."""
        is_answer = answers.answers_asked and not answers.is_free_text
        if context.confirmation or is_answer:
            return None
        flow = context.open_flow
        if flow and (self._named.is_talk(text, flow) or self._named.is_of(text, flow)):
            return _understood(StartFlow(flow=flow), by="rule", confidence=0.9, details={"talk": True})
        wish = self._named.find(text) or self._named.find(self._slips.mend(text))
        if wish is None or wish.flow in (flow, *context.callers) or (answers.is_free_text and not wish.is_whole):
            return None
        if context.startable is not None and wish.flow not in context.startable:
            return None
        commands = (*self._reading.with_slots((StartFlow(flow=wish.flow),), text, context), *self._told(wish, context))
        beside = (SearchAndReply(),) if asks_in_general(asked_part(fold_in_place(text))) else ()
        kept = {command.slot if isinstance(command, SetSlot) else command: command for command in commands}
        return Understood(
            commands=(*kept.values(), *beside), decided_by="classifier", confidence=0.95, details={"named": wish.flow}
        )

    def _told(self, wish: NamedWish, context: Context) -> tuple[SetSlot, ...]:
        """The text that a flow asks for first, where it was told with the wish: "a complaint: nobody answers"."""
        slots = self._slots.get(wish.flow, [])
        text = told_text(wish.told, slots, language=context.language, now=context.now) if wish.told and slots else ""
        return (SetSlot(slot=slots[0].name, value=text),) if text else ()

    async def _beside_confirmation(self, text: str, context: Context, ruled: Understood) -> Understood | None:
        """Begins another flow that is asked for where a yes or no was: "where is LM100003?"."""
        if not isinstance(ruled.commands[0], SearchAndReply | CannotHandle) or not _leads_away(text):
            return None
        scores, ranked = await asyncio.to_thread(self._judge, text)
        decision, _ = self._decide(text, context, Answers(), scores, ranked)
        if decision.kind != "start" or asks_whether(text):
            return None
        return self._started(text, context, decision, {"beside": context.confirmation})

    async def _bare(self, text: str, context: Context) -> Understood | None:
        """Asks at once what a code or a phone number is for that comes while nothing is open; it may complete what was
        said before it was asked what is wanted."""
        if context.open_flow or (values := read_bare(text, self._taken, context)) is None:
            return None
        if context.choices and (completed := await self._completed(text, context, values)):
            return completed
        takers = [name for name in self._offered(context) if any(slot.name in values for slot in self._slots[name])]
        if not takers:
            return _understood(SearchAndReply(), by="rule", confidence=0.6, details={"bare": sorted(values)})
        flows = tuple(sorted(takers, key=lambda name: name != context.ended)[:MAX_CLARIFIED])
        asked = {slot.name for name in flows for slot in self._slots[name]}
        sets = tuple(SetSlot(slot=name, value=value) for name, value in values.items() if value and name in asked)
        return Understood(
            commands=(Clarify(flows=flows), *sets), decided_by="slots", confidence=0.9, details={"bare": sorted(values)}
        )

    async def _completed(self, text: str, context: Context, values: Mapping[str, Any]) -> Understood | None:
        """Begins the flow that the earlier message wants, given that it is one that the value is for."""
        earlier = next((turn.content for turn in reversed(context.recent) if _is_said_before(turn, text)), "")
        takers = {name for name in self._offered(context) if any(slot.name in values for slot in self._slots[name])}
        if not earlier or not takers:
            return None
        whole = " ".join([earlier, *(value for value in values.values() if isinstance(value, str))])
        if self._index is None:
            return None
        scores = await asyncio.to_thread(self._index.match, with_names(whole, self._coded))
        chances = flow_chances(scores, None, self._flows, takers)
        total = sum(chance for _, chance in chances)
        if not chances or chances[0][1] < self._sure.alone:
            return None
        shares = tuple((name, chance / total) for name, chance in chances)
        decision = decide_flow(shares, is_general=False, open_flow="", sure=self._sure)
        if decision.kind != "start":
            return None
        started = self._started(earlier, context, decision, {"completed": earlier[:80]})
        asked = {slot.name for slot in self._slots[decision.flows[0]]}
        sets = tuple(SetSlot(slot=name, value=value) for name, value in values.items() if value and name in asked)
        others = tuple(each for each in started.commands if not isinstance(each, SetSlot) or each.slot not in values)
        return replace(started, commands=(*others, *sets))

    def _by_reply(self, text: str, context: Context, answers: Answers) -> Understood | None:
        """The answer to a yes-or-no question where nothing else in the message was read."""
        asked = self._domain.slots.get(context.asked)
        if asked is None or asked.type != "bool" or answers.commands:
            return None
        value = read_bool_answer(asked, text)
        if value is None:
            return None
        return Understood(commands=(SetSlot(slot=asked.name, value=value),), decided_by="slots", confidence=0.75)

    def _offered(self, context: Context) -> list[str]:
        """The flows of which a visitor may be asked whether they are meant: they may start, and do something."""
        return [name for name in self._offerable if context.startable is None or name in context.startable]

    async def _refused(
        self, text: str, context: Context, answers: Answers, refused: frozenset[str], rest: str
    ) -> Understood | None:
        """What is open is given up when the message says that it is not wanted; nothing begins that it refuses. None
        for a message that answers what was asked, whatever else it refuses."""
        is_answer = answers.answers_asked and answers.confidence >= _SURE_ANSWER
        if context.open_flow in refused:
            ruled = Understood(commands=(CancelFlow(),), decided_by="rule", confidence=0.9)
            instead = await self._instead(text, context, ruled, rest)
            return None if is_answer and instead is ruled else instead
        if is_answer:
            return None
        if len(_letters(rest)) >= _LEAST_WISH:
            scores, ranked = await asyncio.to_thread(self._judge, rest)
            return await self._weigh(rest, context, answers, scores, ranked)
        command = StartFlow(flow=context.open_flow) if context.open_flow else CancelFlow()  # the first asks again
        return _understood(command, by="rule", confidence=0.8, details={"refused": sorted(refused)})

    async def _instead(self, text: str, context: Context, ruled: Understood, rest: str) -> Understood:
        """What a rule decided; "no return then, I want to complain" also begins what is wanted instead, and what is
        said with a choice counts: "the return, it is broken"."""
        if context.choices and ruled.commands and isinstance(ruled.commands[0], StartFlow):
            return replace(ruled, commands=self._reading.with_slots(ruled.commands, text, context))
        if not context.open_flow or ruled.commands != (CancelFlow(),):
            return ruled
        if len(_letters(rest)) < _LEAST_WISH:
            return ruled
        scores, ranked = await asyncio.to_thread(self._judge, rest)
        startable = context.startable if context.startable is not None else frozenset(self._flows)
        chances = flow_chances(scores, ranked, self._flows, startable)
        decision = decide_flow(
            chances, is_general=asks_in_general(rest), open_flow="", sure=self._sure, vague=scores.vague
        )
        if decision.kind != "start" or decision.flows[0] == context.open_flow or asks_whether(rest):
            return ruled
        wanted = self._reading.with_slots((StartFlow(flow=decision.flows[0]),), rest, context)
        return replace(ruled, commands=(CancelFlow(), *wanted), confidence=decision.confidence)

    def _other_codes(self, text: str, context: Context) -> dict[str, Any]:
        """Order numbers and the like that are neither what was asked nor known already, beside some words."""
        if not any(map(str.isalpha, _CODE_LIKE.sub("", text))):
            return {}
        found = {
            slot.name: read_slot(slot, text, language=context.language, now=context.now, is_asked=False)
            for slot in self._coded
            if slot.name != context.asked or _leads_away(text)
        }
        return {
            name: reading.value
            for name, reading in found.items()
            if reading and reading.is_unmistakable and reading.value != context.slots.get(name)
        }

    def _leans_on_ended(self, text: str, context: Context, codes: Mapping[str, Any], chances: Chances) -> bool:
        """True for "and LM100004?" after the status of another: the flow that ended last is wanted again."""
        slots = {slot.name for slot in self._slots.get(context.ended, [])}
        is_new = any(name in slots and value not in context.ended_values for name, value in codes.items())
        if context.open_flow or not is_new or not chances or context.ended not in dict(chances):
            return False
        best, chance = chances[0]
        if best != context.ended and chance >= self._sure.start:
            return False
        return goes_on(text) or best == context.ended

    def _is_no_text(self, text: str, context: Context, answers: Answers) -> bool:
        """True when free text was asked for, and what came is a question, or says again what the flow is for."""
        if not answers.is_free_text:
            return False
        flow = self._flows.get(context.open_flow)
        said = _letters(text)
        is_again = flow is not None and any(_letters(example) == said for example in flow.examples)
        return is_again or (asks(text) and asks_in_general(text) and not tells_something(fold_in_place(text)))

    def _settable(self, text: str, context: Context) -> set[str]:
        """Anybody can type what a button sends: what no flow asks for is set only by a button that was just shown."""
        return {*self._domain.slots} if text in context.offered else {*self._taken}

    def _judge(self, text: str) -> tuple[FlowScores, Ranked | None]:
        """How near the message is to each flow. Blocking."""
        scores = self._index.match(text) if self._index else FlowScores(flows=())
        for reading in dict.fromkeys((with_names(text, self._coded), self._slips.mend(text))):
            if self._index and reading != text:
                scores = surer(scores, self._index.match(reading))
        return scores, self._ranker.rank(text) if self._ranker else None

    async def _ask_model(
        self, text: str, context: Context, decision: FlowDecision, scores: FlowScores, chances: Chances
    ) -> ModelReading | None:
        """With a flow open only the asked slot is read; with none only flows that may start. None when nothing is open
        to a model: there is none, the visitor hesitates, or names a subject and clearly no wish."""
        if self._model is None or hesitates(text) or scores.vague > _CLEARLY_VAGUE:
            return None
        if context.open_flow and _says_little(text):
            return None
        flows: list[Flow] = []
        slots: list[Slot] = []
        if context.open_flow:
            slots = [slot for slot in self._reading.answerable(context) if slot.name == context.asked]
        else:
            names = relevant_flows(scores, self._flows, startable=[name for name, _ in chances])
            flows = [self._flows[name] for name in names]
        if (context.open_flow and decision.kind == "clarify") or not (flows or slots):
            return None
        unsure = Unsure(
            text=text,
            context=context,
            flows=tuple(flows),
            slots=tuple(slots),
            chances=chances,
            vague=scores.vague,
        )
        return await self._model.read(unsure)

    def _started(self, text: str, context: Context, decision: FlowDecision, details: Details) -> Understood:
        commands = self._reading.with_slots((StartFlow(flow=decision.flows[0]),), text, context)
        return Understood(commands=commands, decided_by="classifier", confidence=decision.confidence, details=details)

    def _undecided(self, text: str, context: Context, decision: FlowDecision, details: Details) -> Understood:
        """Ask which flow, look it up when no flow is open, or say that it was not understood."""
        flows = self._only_offered(decision.flows, context)
        if decision.kind == "clarify" and len(decision.flows) > 1 and flows:
            # What an open flow holds stays as it is.
            sets = () if context.open_flow else self._reading.said_for(flows, text, context)
            commands: tuple[Command, ...] = (Clarify(flows=flows), *sets)
            return Understood(commands=commands, decided_by="nothing", confidence=decision.confidence, details=details)
        if context.open_flow:
            return _understood(CannotHandle(reason="not understood"), by="nothing", confidence=0.3, details=details)
        return _understood(SearchAndReply(), by="nothing", confidence=0.4, details=details)

    def _only_offered(self, flows: tuple[str, ...], context: Context) -> tuple[str, ...]:
        return tuple(name for name in flows if name in (*self._offerable, context.open_flow))


def _leads_away(text: str) -> bool:
    """True for a message that may be about something other than what was asked."""
    return asks(text) or turns_aside(text)


def _is_said_before(turn: Message, text: str) -> bool:
    """True for what the visitor said, other than the message itself and mere values."""
    return (
        turn.role == "user" and turn.content.strip() != text and any(map(str.isalpha, _CODE_LIKE.sub("", turn.content)))
    )


def _looks_up(text: str, decision: FlowDecision) -> bool:
    """A question that no flow answers."""
    return asks_in_general(text) or (asks(text) and decision.kind == "none")


def _ranking(ranked: Ranked | None) -> Details:
    """What the classifier thought, for the record of the turn."""
    if ranked is None:
        return {}
    intents = [[name, round(confidence, 3)] for name, confidence in ranked.intents[:3]]
    return {"intents": intents, "in_scope": round(ranked.in_scope, 3)}


def _says_little(text: str) -> bool:
    """ "I see", "okay, do it": no value is in it, whatever a model would rank first."""
    return classify_smalltalk(text) is not None or read_yes_no(fold_in_place(text)) is not None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


def _says_nothing(reading: ModelReading) -> bool:
    return all(isinstance(command, CannotHandle) for command in reading.commands)


def _answered(text: str, answers: Answers) -> Understood:
    """What was said of slots; a question about prices, times or rules beside it is answered too."""
    beside = (SearchAndReply(),) if asks_in_general(asked_part(fold_in_place(text))) else ()
    return Understood(commands=(*answers.commands, *beside), decided_by="slots", confidence=answers.confidence)


def _understood(command: Command, *, by: DecidedBy, confidence: float, details: Details) -> Understood:
    return Understood(commands=(command,), decided_by=by, confidence=confidence, details=details)
