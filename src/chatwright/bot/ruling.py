"""Lets the rules of bot.yaml have their say in a turn: before the message is understood, and once it is answered.

In: the turn, and how it is answered otherwise. Out: the Answer, with the rules that fired in its facts. Rules that hand
over, refuse or answer by themselves come before understanding; those that begin or stop flows go along with it; those
that wait for the outcome, or for slots that the turn fills, come after it. Never decides whether a rule holds.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatwright.bot.answer import Answer, join_answers
from chatwright.bot.process import Lead, Processes, ProcessTurn
from chatwright.dialogue.commands import CancelFlow, Command, HumanHandoff, SearchAndReply, StartFlow
from chatwright.dialogue.rules.rulebook import Choice, Moment, RuleBook
from chatwright.dialogue.running.state import DialogueState, state_to_json
from chatwright.dialogue.understanding.buttons import read_button
from chatwright.messages import Event, Language, Utterance

Say = Callable[[str, Language], str]
FromFolder = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """The rules of one bot, with what carries them out. say: the bot's fixed sentences."""

    book: RuleBook
    say: Say
    processes: Processes | None = None

    async def answer(self, turn: ProcessTurn, from_folder: FromFolder) -> Answer:
        """The answer of the turn."""
        if not self.book:
            return await self._without(turn, Lead(), from_folder)
        begun = self.processes.state(turn.earlier) if self.processes else DialogueState()
        moment = await self._moment(turn, begun)
        choice = await self.book.choose(moment)
        answer = await self._led(turn, choice, begun, from_folder)
        reached = self.processes.restored(answer, begun) if self.processes else begun
        fired = tuple(each.rule.id for each in choice.fired)
        later = await self.book.choose(
            replace(_at(moment, reached), outcome=answer.outcome, in_turn=fired, fired=moment.fired)
        )
        answer = await self._followed(turn, later, reached, answer)
        both = Choice(fired=choice.fired + later.fired, left_out=choice.left_out + later.left_out)
        return replace(answer, facts={**answer.facts, **both.record()})

    async def _without(self, turn: ProcessTurn, lead: Lead, from_folder: FromFolder) -> Answer:
        """A business process, else small talk, else the knowledge folder."""
        return await self.processes.answer(turn, lead) if self.processes else await from_folder()

    async def _moment(self, turn: ProcessTurn, state: DialogueState) -> Moment:
        is_pressed = read_button(turn.text) is not None
        reads_intents = self.processes is not None and self.book.reads_intents and not is_pressed
        moment = Moment(
            text="" if is_pressed else turn.text,
            language=turn.language,
            intents=await self.processes.ranked(turn.text) if reads_intents and self.processes else (),
            num_stuck=turns_without_progress(turn.earlier),
            fired=fired_before(turn.earlier),
        )
        return _at(moment, state)

    async def _led(self, turn: ProcessTurn, choice: Choice, begun: DialogueState, from_folder: FromFolder) -> Answer:
        """The answer under the rules that fired before there was one."""
        state = self._given(choice, begun)
        deciding = next((each.rule for each in choice.fired if each.rule.then.decides), None)
        if deciding is None:
            start = tuple(each.rule.then.start_flow for each in choice.fired if each.rule.then.start_flow)
            stop = any(each.rule.then.stop_flow for each in choice.fired)
            answer = await self._without(turn, Lead(start=start, stop=stop, state=state), from_folder)
        elif deciding.then.refuse:
            answer = Answer(text=self.say("refused", turn.language), outcome="refused")
            if spoken := _spoken(choice, turn.language):
                answer = replace(answer, text="\n\n".join(spoken))
        elif deciding.then.hand_over:
            answer = await self._only(turn, (HumanHandoff(),), state) or self._handed_over(turn)
        else:
            answer = await self._curated(turn, deciding.then.answer_with, state)
        if deciding is not None:
            answer = replace(answer, decided_by=f"rule: {deciding.id}")
        if state != begun and self.processes and not answer.dialogue:
            answer = replace(answer, dialogue={"state": state_to_json(state), "events": []})
        is_said = deciding is not None and deciding.then.refuse
        return answer if is_said else _with_said(answer, _spoken(choice, turn.language), is_before=True)

    async def _followed(self, turn: ProcessTurn, choice: Choice, reached: DialogueState, answer: Answer) -> Answer:
        """The answer after the rules that waited for it."""
        if not choice.fired:
            return answer
        state = self._given(choice, reached)
        if state != reached:
            kept = {"state": state_to_json(state), "events": list(answer.dialogue.get("events", []))}
            answer = replace(answer, dialogue=kept)
        is_before = not any(each.rule.when.outcome for each in choice.fired)
        answer = _with_said(answer, _spoken(choice, turn.language), is_before=is_before)
        deciding = next((each.rule for each in choice.fired if each.rule.then.decides), None)
        commands: list[Command] = []
        for each in choice.fired:
            commands += [CancelFlow()] if each.rule.then.stop_flow and state.stack else []
            commands += [StartFlow(flow=each.rule.then.start_flow)] if each.rule.then.start_flow else []
        if deciding is not None and not deciding.then.hand_over:
            text = deciding.then.answer_with.get(turn.language, "") or self.say("refused", turn.language)
            outcome = answer.outcome if deciding.then.answer_with else "refused"
            answer = replace(answer, text=text, utterances=(), citations=(), buttons=(), outcome=outcome)
        elif deciding is not None or commands:
            only = (HumanHandoff(),) if deciding is not None else tuple(commands)
            more = await self._only(turn, only, state)
            answer = join_answers(self._before_more(answer, turn), more or self._handed_over(turn))
        ids = ", ".join(each.rule.id for each in choice.fired)
        return replace(answer, decided_by=f"{answer.decided_by}; rule: {ids}")

    def _before_more(self, answer: Answer, turn: ProcessTurn) -> Answer:
        """What was answered, without the offer of a person where something else is done now."""
        if answer.outcome != "abstained" or self.processes is None:
            return replace(answer, text="") if answer.outcome == "abstained" else answer
        return replace(answer, text=self.processes.text("no_answer", turn.language), utterances=())

    async def _only(self, turn: ProcessTurn, commands: tuple[Command, ...], state: DialogueState) -> Answer | None:
        return await self.processes.answer(turn, Lead(only=commands, state=state)) if self.processes else None

    async def _curated(self, turn: ProcessTurn, texts: Mapping[Language, str], state: DialogueState) -> Answer:
        """The rule's own text as the answer; an open flow goes on after it."""
        given = Answer(text=texts.get(turn.language) or next(iter(texts.values())), outcome="answered")

        async def question() -> Answer:
            return given

        return await self._only(replace(turn, question=question), (SearchAndReply(),), state) or given

    def _handed_over(self, turn: ProcessTurn) -> Answer:
        return Answer(text=self.say("person", turn.language), outcome="handed_over")

    def _given(self, choice: Choice, state: DialogueState) -> DialogueState:
        values: dict[str, Any] = {}
        for each in reversed(choice.fired):  # the first rule's value counts
            values |= each.rule.then.set_slots
        return self.processes.given(state, values) if values and self.processes else state


def _at(moment: Moment, state: DialogueState) -> Moment:
    flows = tuple(frame.flow for frame in state.stack if frame.kind == "flow")
    return replace(moment, slots=state.slots, flows=flows)


def _spoken(choice: Choice, language: Language) -> list[str]:
    said = (each.rule.then.say for each in choice.fired)
    return [texts.get(language) or next(iter(texts.values())) for texts in said if texts]


def _with_said(answer: Answer, spoken: Sequence[str], *, is_before: bool) -> Answer:
    """The answer with the rules' own sentences beside it."""
    for said in reversed(spoken) if is_before else spoken:
        texts = [said, answer.text] if is_before else [answer.text, said]
        parts = answer.utterances or (Utterance(text=answer.text, citations=answer.citations),)
        own = Utterance(text=said)
        answer = replace(
            answer,
            text="\n\n".join(filter(None, texts)),
            utterances=(own, *parts) if is_before else (*parts, own),
        )
    return answer


def turns_without_progress(earlier: Sequence[Event]) -> int:
    """How many turns in a row, up to now, ended without an answer or were not understood."""
    stuck = {event.turn for event in earlier if event.kind == "bot" and event.data.get("outcome") == "abstained"}
    for event in earlier:
        if event.kind == "dialogue":
            kinds = {item.get("event") for item in event.data.get("events", ())}
            stuck |= {event.turn} if "cannot_handle" in kinds else set()
    count = 0
    for turn in sorted({event.turn for event in earlier if event.kind == "bot"}, reverse=True):
        if turn not in stuck:
            break
        count += 1
    return count


def fired_before(earlier: Sequence[Event]) -> frozenset[str]:
    """The rules that have fired in this conversation."""
    records = (event.data.get("rules", ()) for event in earlier if event.kind == "commands")
    return frozenset(str(rule["id"]) for rules in records for rule in rules)
