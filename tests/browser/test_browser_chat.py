"""The chat page in a real browser against the real server: what a visitor sees, reads, says and can do by keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from browser.chromium import Visit, chromium, visiting
from browser.shop_server import QUOTES, Shop, open_shop

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, shop: Shop) -> Iterator[Visit]:
    shop.close_gate()
    with visiting(browser, shop.url) as opened:
        opened.page.locator(".message").first.wait_for()
        yield opened


@pytest.fixture
def phone(browser: Browser, shop: Shop) -> Iterator[Visit]:
    size = {"width": 360, "height": 640}
    with visiting(browser, shop.url, viewport=size, has_touch=True, is_mobile=True) as opened:
        opened.page.locator(".message").first.wait_for()
        yield opened


def test_the_first_words_say_that_an_ai_speaks(visit: Visit) -> None:
    expect(visit.page.get_by_role("banner")).to_contain_text("AI assistant")
    expect(visit.page.get_by_role("log")).to_contain_text("Hello, I am an AI, not a person.")
    assert visit.page.title() == "Shop help"


def test_an_answer_streams_and_is_announced_once_it_is_whole(visit: Visit, shop: Shop) -> None:
    visit.say("returns, slowly")
    bubble = visit.page.locator(".message.assistant .text").last
    expect(bubble).to_contain_text("within 30 days.")
    expect(bubble).not_to_contain_text("Please keep the box.")
    announcer = visit.page.locator(".log-frame [aria-live=polite]")
    expect(announcer).to_be_empty()
    expect(visit.page.get_by_role("button", name="Stop answering")).to_be_visible()
    shop.open_gate()
    expect(bubble).to_contain_text("Please keep the box.")
    expect(announcer).to_contain_text("Please keep the box.")
    expect(visit.page.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.parametrize(("question", "name"), [("returns?", "returns"), ("运费多少？", "运费")])
def test_a_citation_opens_its_document_with_exactly_the_quotation_marked(
    visit: Visit, question: str, name: str
) -> None:
    visit.ask(question).locator(".chip").click()
    mark = visit.page.locator(".panel mark")
    expect(mark).to_have_text(QUOTES[name])
    expect(mark).to_be_in_viewport()
    expect(visit.page.get_by_role("dialog")).to_contain_text("The quoted passage is highlighted")


def test_a_number_in_the_text_opens_the_same_document(visit: Visit) -> None:
    visit.ask("returns?").locator("button.marker").click()
    expect(visit.page.get_by_role("dialog", name="Returns & refunds")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_be_hidden()
    assert focused(visit) == "marker"


def test_the_language_is_switched_and_remembered(visit: Visit) -> None:
    visit.ask("returns?")
    visit.page.get_by_role("button", name="切换到中文").click()
    expect(visit.page.get_by_role("textbox", name="消息")).to_be_visible()
    expect(visit.page.get_by_role("heading", name="小店客服")).to_be_visible()
    expect(visit.answers.first).to_contain_text("来源")
    assert visit.page.evaluate("document.documentElement.lang") == "zh-CN"
    visit.page.reload()
    expect(visit.page.get_by_role("button", name="转人工")).to_be_visible()
    expect(visit.answers).to_have_count(1)


def test_a_conversation_that_has_not_begun_is_greeted_in_the_new_language(visit: Visit) -> None:
    visit.page.get_by_role("button", name="切换到中文").click()
    expect(visit.page.get_by_role("log")).to_contain_text("您好，我是 AI 助手")


def test_a_rating_and_its_comment_are_stored(visit: Visit, shop: Shop) -> None:
    answer = visit.ask("returns?")
    answer.get_by_role("button", name="Not helpful").click()
    field = answer.get_by_role("textbox", name="What could be better?")
    field.fill("太短了")
    answer.get_by_role("button", name="Submit").click()
    expect(field).to_be_hidden()
    assert shop.events("feedback") == [{"rating": "down", "comment": ""}, {"rating": "down", "comment": "太短了"}]
    visit.page.reload()
    expect(visit.page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")


def test_accepting_a_person_lists_the_conversation_as_waiting(visit: Visit, shop: Shop) -> None:
    answer = visit.ask("Do you sell aeroplanes?")
    expect(answer).to_contain_text("Not found in our documents")
    visit.page.get_by_role("button", name="Yes, please").click()
    expect(visit.page.get_by_text("A colleague has been asked")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Yes, please")).to_have_count(0)
    waiting = [summary.id for summary in shop.do(shop.bot.store.conversations("shop", waiting_only=True))]
    assert shop.latest() in waiting
    visit.page.reload()
    expect(visit.page.get_by_text("A colleague has been asked")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Talk to a person")).to_be_disabled()


def test_declining_a_person_lasts(visit: Visit, shop: Shop) -> None:
    visit.ask("Do you sell aeroplanes?")
    visit.page.get_by_role("button", name="No, thanks").click()
    expect(visit.page.get_by_role("button", name="Yes, please")).to_have_count(0)
    assert focused(visit) == "field"
    visit.page.reload()
    expect(visit.answers).to_have_count(1)
    expect(visit.page.get_by_role("button", name="Yes, please")).to_have_count(0)
    assert shop.events("handover_requested") == []


def test_a_person_may_be_asked_for_at_any_time(visit: Visit, shop: Shop) -> None:
    visit.ask("returns?")
    visit.page.get_by_role("button", name="Talk to a person").click()
    assert shop.events("handover_requested") == []  # asked once more first
    visit.page.get_by_role("button", name="Yes, please").click()
    expect(visit.page.get_by_text("A colleague has been asked")).to_be_visible()
    assert len(shop.events("handover_requested")) == 1


def test_a_reload_keeps_the_conversation_and_a_new_one_leaves_it(visit: Visit, shop: Shop) -> None:
    visit.ask("returns?")
    first = shop.latest()
    visit.page.reload()
    expect(visit.page.locator(".message.user")).to_have_text(["Youreturns?"])
    expect(visit.answers).to_have_count(1)
    expect(visit.page.locator(".chip")).to_be_visible()
    visit.page.get_by_role("button", name="New conversation").click()
    expect(visit.page.locator(".message.user")).to_have_count(0)
    visit.ask("运费多少？")
    assert shop.latest() != first


@pytest.mark.parametrize("sign", ["isComposing: true", "keyCode: 229"])
def test_enter_that_ends_a_composed_word_does_not_send(visit: Visit, sign: str) -> None:
    visit.box.fill("yunfei")
    event = f"{{key: 'Enter', bubbles: true, composed: true, cancelable: true, {sign}}}"
    visit.box.evaluate(f"(box) => box.dispatchEvent(new KeyboardEvent('keydown', {event}))")
    expect(visit.box).to_have_value("yunfei")
    visit.box.press("Enter")
    expect(visit.page.locator(".message.user")).to_have_count(1)


def test_enter_within_an_input_method_does_not_send(visit: Visit) -> None:
    visit.box.focus()
    protocol = visit.context.new_cdp_session(visit.page)
    protocol.send("Input.imeSetComposition", {"text": "yun", "selectionStart": 3, "selectionEnd": 3})
    key = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    protocol.send("Input.dispatchKeyEvent", key)
    protocol.send("Input.insertText", {"text": "运费"})
    expect(visit.box).to_have_value("运费")
    expect(visit.page.locator(".message.user")).to_have_count(0)
    visit.box.press("Enter")
    expect(visit.page.locator(".message.user")).to_have_count(1)


def test_a_question_asked_before_the_conversation_is_there_is_not_lost(browser: Browser, shop: Shop) -> None:
    held: list[Route] = []
    with visiting(browser, "about:blank", origins=(shop.url,)) as visit:
        visit.context.route("**/conversations", lambda route: held.append(route))
        with visit.page.expect_request("**/conversations"):
            visit.page.goto(shop.url)
        visit.say("returns?")
        expect(visit.box).to_have_value("")
        held[0].continue_()
        expect(visit.answers).to_have_count(1)


def test_shift_enter_is_a_new_line_and_the_box_grows(visit: Visit) -> None:
    def height() -> float:
        return (visit.box.bounding_box() or {})["height"]

    before = height()
    visit.box.press_sequentially("one")
    visit.box.press("Shift+Enter")
    visit.box.press_sequentially("two")
    expect(visit.box).to_have_value("one\ntwo")
    assert height() > before
    expect(visit.page.locator(".message.user")).to_have_count(0)


def test_stop_ends_the_answer_and_keeps_what_has_come(visit: Visit, shop: Shop) -> None:
    visit.say("returns, slowly")
    bubble = visit.page.locator(".message.assistant").last
    expect(bubble).to_contain_text("within 30 days.")
    visit.page.get_by_role("button", name="Stop answering").click()
    expect(bubble).to_contain_text("Stopped")
    expect(bubble).to_contain_text("within 30 days.")
    shop.open_gate()
    visit.ask("运费多少？")
    expect(visit.page.locator(".message")).to_have_count(5)


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    keyboard = visit.page.keyboard
    reached = []
    for _ in range(6):
        keyboard.press("Tab")
        reached.append(focused(visit))
    assert [name for name in reached if name in ("log", "field")] == ["log", "field"]
    assert any("person-button" in name for name in reached)
    keyboard.type("returns?")
    keyboard.press("Enter")
    visit.answers.first.wait_for()
    assert focused(visit) == "field"
    press_until(visit, "Shift+Tab", "chip")
    keyboard.press("Enter")
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    assert "icon-button" in focused(visit)
    keyboard.press("Escape")
    assert focused(visit) == "chip"


def test_everything_has_a_name_and_landmarks_are_there(visit: Visit) -> None:
    visit.ask("returns?")
    nameless = visit.page.locator("button, textarea").evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility() && "
        "!(one.ariaLabel || one.textContent.trim() || one.labels?.length)).map((one) => one.className)"
    )
    assert nameless == []
    for role in ("banner", "main", "log", "heading"):
        expect(visit.page.get_by_role(role).first).to_be_visible()  # type: ignore[arg-type]
    expect(visit.page.get_by_role("textbox", name="Message")).to_be_visible()


def test_a_phone_has_no_sideways_scroll_and_fingers_fit(phone: Visit) -> None:
    phone.ask("returns " + "x" * 400 + " https://example.com/" + "y" * 300)
    phone.ask("Do you sell aeroplanes?")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert phone.page.locator(".log").evaluate("(log) => log.scrollWidth - log.clientWidth") <= 0
    beyond = phone.page.locator(".message *:not(.unseen)").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).filter((box) => box.left < 0 || box.right > 360).length"
    )
    assert beyond == 0
    small = phone.page.locator("button:not(.marker)").evaluate_all(
        "(all) => all.map((one) => [one.className, one.getBoundingClientRect()])"
        ".filter(([, box]) => box.width && (box.width < 40 || box.height < 40)).map(([name]) => name)"
    )
    assert small == []


def test_on_a_phone_the_document_is_a_sheet_over_the_chat(phone: Visit) -> None:
    phone.ask("returns?").locator(".chip").click()
    sheet = phone.page.get_by_role("dialog")
    expect(sheet.locator("mark")).to_be_in_viewport()
    expect(sheet).to_have_attribute("aria-modal", "true")
    assert phone.page.locator("main").evaluate("(main) => main.inert")
    phone.page.locator(".backdrop").click(position={"x": 100, "y": 20})
    expect(sheet).to_be_hidden()
    assert not phone.page.locator("main").evaluate("(main) => main.inert")


def test_colours_follow_the_system_until_one_is_chosen(browser: Browser, shop: Shop) -> None:
    def ground(visit: Visit) -> Any:
        return visit.page.locator(".app").evaluate("(app) => getComputedStyle(app).backgroundColor")

    with visiting(browser, shop.url, color_scheme="dark") as visit:
        visit.page.locator(".message").first.wait_for()
        dark = ground(visit)
        visit.page.get_by_role("button", name="Light mode").click()
        light = ground(visit)
        assert dark != light
        visit.page.reload()
        visit.page.locator(".message").first.wait_for()
        assert ground(visit) == light


def focused(visit: Visit) -> str:
    """The class of the element that has the focus, inside the component too."""
    return str(
        visit.page.evaluate(
            "(() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) "
            "at = at.shadowRoot.activeElement; return at?.className ?? ''; })()"
        )
    )


def press_until(visit: Visit, key: str, name: str) -> None:
    for _ in range(20):
        visit.page.keyboard.press(key)
        if focused(visit) == name:
            return
    raise AssertionError(f"{name} was not reached")
