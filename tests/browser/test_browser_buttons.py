"""The buttons of processes in a real browser: shown, pressed by mouse and keyboard, kept on reload, gone when stale."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.chromium import Visit, chromium, visiting
from browser.shop_server import Shop, open_shop
from chatwright.actions.folder_code import load_python_actions
from chatwright.actions.registry import ActionRegistry
from chatwright.bot.process import Processes
from chatwright.bot.silence import Silence
from chatwright.bot.turn import Bot
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.messages import ActionCall, ActionResult

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parents[2] / "examples" / "support"
RETURN = ("register_return", {"order_id": "LM100001", "return_reason": "faulty"})


@dataclass
class Words:
    """What is said in one language on the way to the confirmation."""

    locale: str
    begin: str
    reasons: list[str]
    yes: str
    no: str
    done: str
    changing: str
    stale: str
    nudge: str


EN = Words(
    "en-GB", "I want to return my order", ["It is faulty", "I changed my mind", "Wrong item"], "Yes, go ahead",
    "No, change something", "registered", "nothing has been submitted", "no longer open", "Are you still there?",
)  # fmt: skip
ZH = Words(
    "zh-CN", "我要退货", ["有质量问题", "不想要了", "发错了"], "确认提交",
    "不，要修改", "已登记退货", "还没有提交", "已经失效", "您还在吗",
)  # fmt: skip
BOTH = pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])


@dataclass
class Office:
    """The shop with the example's processes, and the writes that were carried out."""

    writes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    silence: Silence = field(default_factory=Silence)

    def with_flows(self, bot: Bot) -> Bot:
        domain, flows = load_domain(FOLDER), load_flows(FOLDER)
        registry = ActionRegistry(load_python_actions(FOLDER))

        async def run(call: ActionCall) -> ActionResult:
            if registry.find(call.name).is_write:
                self.writes.append((call.name, dict(call.arguments)))
            return await registry.run(call)

        actions = {name: registry.find(name) for name in registry.names}
        playbook = Playbook(flows=flows, domain=domain, run_action=run, actions=actions)
        index = FlowIndex(list(flows.values()), HashEmbedder())
        processes = Processes(playbook, Understanding(flows=flows, domain=domain, index=index))
        definition = bot.definition.model_copy(update={"silence": self.silence})
        return replace(bot, definition=definition, processes=processes)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def shop(office: Office) -> Iterator[Shop]:
    with open_shop(with_flows=office.with_flows) as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, shop: Shop, words: Words) -> Iterator[Visit]:
    with visiting(browser, shop.url, locale=words.locale) as opened:
        opened.page.locator(".message").first.wait_for()
        yield opened


def buttons(visit: Visit) -> Locator:
    return visit.page.locator("button.suggestion")


def to_the_reasons(visit: Visit, words: Words) -> None:
    visit.ask(words.begin)
    visit.ask("LM100001")
    expect(buttons(visit)).to_have_text(words.reasons)


def to_the_confirmation(visit: Visit, words: Words) -> None:
    to_the_reasons(visit, words)
    press(visit, words.reasons[0])
    expect(buttons(visit)).to_have_text([words.yes, words.no])


def press(visit: Visit, name: str) -> None:
    before = visit.answers.count()
    visit.page.get_by_role("button", name=name, exact=True).click()
    visit.answers.nth(before).wait_for()


@BOTH
def test_by_mouse_to_the_end(visit: Visit, office: Office, words: Words) -> None:
    to_the_confirmation(visit, words)
    assert office.writes == []
    press(visit, words.yes)
    expect(visit.answers.last).to_contain_text(words.done)
    assert office.writes == [RETURN]
    expect(buttons(visit)).to_have_count(0)
    said = visit.page.locator(".message.user .text")
    expect(said.last).to_have_text(words.yes)  # what the button says, not what it sends


@BOTH
def test_by_keyboard_alone(visit: Visit, office: Office, words: Words) -> None:
    to_the_reasons(visit, words)
    for name in (words.reasons[0], words.yes):
        button = visit.page.get_by_role("button", name=name, exact=True)
        for _ in range(30):
            visit.page.keyboard.press("Shift+Tab")
            if button.evaluate("(one) => one.getRootNode().activeElement === one"):
                break
        before = visit.answers.count()
        visit.page.keyboard.press("Enter" if name == words.yes else "Space")
        visit.answers.nth(before).wait_for()
    expect(visit.answers.last).to_contain_text(words.done)
    assert office.writes == [RETURN]
    assert visit.box.evaluate("(one) => one.getRootNode().activeElement === one")  # and one can type on


@BOTH
def test_a_reload_keeps_them_and_they_still_work(visit: Visit, office: Office, words: Words) -> None:
    to_the_confirmation(visit, words)
    visit.page.reload()
    expect(buttons(visit)).to_have_text([words.yes, words.no])
    expect(visit.page.locator(".message.user .text").last).to_have_text(words.reasons[0])
    press(visit, words.yes)
    expect(visit.answers.last).to_contain_text(words.done)
    assert office.writes == [RETURN]


@BOTH
def test_no_changes_nothing_and_old_buttons_are_gone(visit: Visit, office: Office, words: Words) -> None:
    to_the_confirmation(visit, words)
    press(visit, words.no)
    expect(visit.answers.last).to_contain_text(words.changing)
    assert office.writes == []
    expect(visit.page.get_by_role("button", name=words.yes, exact=True)).to_have_count(0)
    for reason in words.reasons:
        expect(visit.page.get_by_role("button", name=reason, exact=True)).to_have_count(0)


@BOTH
def test_a_button_that_was_answered_elsewhere_writes_nothing(
    visit: Visit, shop: Shop, office: Office, words: Words
) -> None:
    to_the_confirmation(visit, words)

    async def elsewhere() -> None:
        async for _ in shop.bot.reply(shop_conversation, "cancel" if words is EN else "取消"):
            pass

    shop_conversation = shop.latest()
    shop.do(elsewhere())
    press(visit, words.yes)  # this tab has not heard of it
    expect(visit.answers.last).to_contain_text(words.stale)
    assert office.writes == []


@BOTH
def test_while_an_answer_comes_no_button_can_be_pressed(visit: Visit, office: Office, words: Words) -> None:
    to_the_confirmation(visit, words)
    visit.page.route("**/messages", lambda route: None)  # the answer never comes
    visit.page.get_by_role("button", name=words.yes, exact=True).click()
    expect(buttons(visit)).to_have_count(0)
    assert office.writes == []


@BOTH
def test_a_silence_is_broken_once_with_the_question_and_its_buttons(browser: Browser, words: Words) -> None:
    at_once = Silence.model_construct(after_s=0.3, then="leave", cancel_after_s=None)
    office = Office(silence=at_once)
    with (
        open_shop(with_flows=office.with_flows) as shop,
        visiting(browser, shop.url, locale=words.locale) as visit,
    ):
        visit.page.locator(".message").first.wait_for()
        visit.ask(words.begin)
        expect(visit.answers.last).to_contain_text(words.nudge)
        expect(visit.answers).to_have_count(2)
        visit.page.reload()
        expect(visit.answers).to_have_count(2)
        visit.ask("LM100001")
        expect(buttons(visit)).to_have_text(words.reasons)
