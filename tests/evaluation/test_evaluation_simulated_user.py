"""What a scripted user says to what the bot waits for, turn by turn."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from chatwright.evaluation.scenario import SimulatedUser
from chatwright.evaluation.simulated_user import scripted_user
from chatwright.evaluation.turn_trace import TurnTrace
from chatwright.messages import Button, Outcome

FACTS = {"order_id": "A1", "reason": "broken", "opening hours": "9 to 5"}


def turn(
    asking: Any = "",
    asked: str = "",
    *,
    answer: str = "",
    outcome: Outcome = "flow",
    ended: str = "",
    buttons: Any = (),
) -> TurnTrace:
    events = ({"event": "flow_completed", "flow": ended},) if ended else ()
    return TurnTrace(
        said="x", asking=asking, asked=asked, answer=answer, outcome=outcome, events=events, buttons=tuple(buttons)
    )


def talk(user: SimulatedUser, bot_turns: Sequence[TurnTrace], language: Any = "en") -> list[str | None]:
    """What the user says first, and after each turn of the bot."""

    async def whole() -> list[str | None]:
        played = scripted_user(user, language, seed=0)
        heard: list[TurnTrace] = []
        said = [await played.speak(heard)]
        for each in bot_turns:
            heard.append(each)
            said.append(await played.speak(heard))
        return said

    return asyncio.run(whole())


ORDER, REASON, CONFIRM = turn("slot", "order_id"), turn("slot", "reason"), turn("confirmation", "confirmed_action")
DONE = turn(ended="back")
CHOICE = turn("choice", "chosen_flow", buttons=[Button(title="B", payload="/SetSlots(chosen_flow=back)")])
RETURN = SimulatedUser(goal=("send it back", "return it"), flow="back", facts=FACTS)


@pytest.mark.parametrize(
    ("user", "heard", "said"),
    [
        pytest.param(RETURN, [ORDER, REASON, CONFIRM, DONE], ["send it back", "A1", "broken", "YES", None], id="the plain way"),
        pytest.param(RETURN, [turn(outcome="abstained"), DONE], ["send it back", "return it", None], id="says it in other words"),
        pytest.param(RETURN, [turn(outcome="abstained"), turn(outcome="abstained")], ["send it back", "return it", None], id="goes when out of words"),
        pytest.param(RETURN, [CHOICE, DONE], ["send it back", "/SetSlots(chosen_flow=back)", None], id="presses the button that is meant"),
        pytest.param(RETURN, [turn("choice", "chosen_flow")], ["send it back", "return it"], id="what is meant is not offered"),
        pytest.param(RETURN, [turn("slot", "colour"), turn("slot", "colour"), turn()], ["send it back", "I don't know", "I want to talk to a person", None], id="does not know"),
        pytest.param(RETURN, [turn("slot", "hours", answer="What are your Opening Hours?")], ["send it back", "9 to 5"], id="a fact by the question's words"),
        pytest.param(RETURN, [ORDER, ORDER, ORDER, ORDER], ["send it back", "A1", "A1", "A1", "I want to talk to a person"], id="loses patience"),
        pytest.param(RETURN, [turn(outcome="handed_over")], ["send it back", None], id="a person has come"),
        pytest.param(RETURN, [DONE, turn()], ["send it back", None, None], id="stays silent"),
        pytest.param(SimulatedUser(goal=("hi",)), [turn("person", outcome="abstained"), turn(outcome="answered")], ["hi", "no, thank you", None], id="no person wanted"),
        pytest.param(SimulatedUser(goal=("hi",), temperament=("impatient",)), [turn("person", outcome="abstained")], ["hi", "I want to talk to a person"], id="a person wanted"),
        pytest.param(SimulatedUser(script=("a", "b")), [ORDER, CONFIRM, DONE], ["a", "b", None, None], id="lines in order"),
        pytest.param(
            SimulatedUser(goal=("go",), flow="back", facts=FACTS, at_first={"order_id": "B2"}, temperament=("changes_mind",)),
            [ORDER, REASON, REASON, CONFIRM, DONE],
            ["go", "B2", "CHANGED A1", "broken", "YES", None],
            id="changes their mind",
        ),
        pytest.param(
            SimulatedUser(goal=("go",), flow="back", facts=FACTS, at_first={"order_id": "B2"}, temperament=("changes_mind",)),
            [ORDER, ORDER, REASON, CONFIRM, DONE],
            ["go", "B2", "A1", "broken", "YES", None],
            id="what was not taken is not corrected twice",
        ),
        pytest.param(
            SimulatedUser(goal=("go",), flow="back", facts=FACTS, questions=("why?", "how?"), temperament=("digresses",)),
            [ORDER, ORDER, ORDER, DONE],
            ["go", "why?", "how?", "A1", None],
            id="digresses",
        ),
        pytest.param(
            SimulatedUser(goal=("go!",), flow="back", facts={"order_id": "A1", "reason": "broken"}, temperament=("all_at_once",)),
            [CONFIRM, DONE],
            ["go, A1, broken", "YES", None],
            id="all at once",
        ),
    ],
)  # fmt: skip
def test_talks(user: SimulatedUser, heard: list[TurnTrace], said: list[str | None]) -> None:
    assert [line if line is None else wording(line) for line in talk(user, heard)] == said


def wording(line: str) -> str:
    """The line, without the choice of words that is the seed's."""
    if line in ("yes", "yes, that is right", "yes please"):
        return "YES"
    return "CHANGED A1" if line.endswith("it should be A1") else line


def test_in_chinese() -> None:
    user = SimulatedUser(goal=("我要退货",), flow="back", facts={"order_id": "A1"})
    said = talk(user, [ORDER, CONFIRM, DONE], "zh")
    assert said[:2] == ["我要退货", "A1"]
    assert said[2] in ("是的", "对，没问题", "确认")
    assert said[3] is None
