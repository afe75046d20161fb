"""The chat page when things go wrong: no network, a busy server, an answer that breaks off, a reload in the middle.

What is asked for again carries the same Idempotency-Key, so nothing is answered or shown twice.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from browser.chromium import Visit, chromium, visiting
from browser.shop_server import Shop, open_shop
from chatwright.errors import EngineError

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
    with visiting(browser, shop.url, expects_failures=True) as opened:
        opened.page.locator(".message").first.wait_for()
        yield opened


def assert_answered_once(visit: Visit, shop: Shop) -> None:
    """One question on the page and after a reload, one answer kept, and every attempt had the same key."""
    assert len(visit.keys) >= 2
    assert len(set(visit.keys)) == 1
    assert len(shop.events("bot")) == 1
    for _ in range(2):
        expect(visit.answers).to_have_count(1)
        expect(visit.page.locator(".message.user")).to_have_count(1)
        expect(visit.page.get_by_role("alert")).to_have_count(0)
        visit.page.reload()


def test_without_a_network_the_message_waits_and_goes_out_by_itself(visit: Visit, shop: Shop) -> None:
    visit.context.set_offline(True)
    visit.say("returns?")
    expect(visit.page.get_by_role("alert")).to_contain_text("You are offline")
    visit.context.set_offline(False)
    visit.answers.first.wait_for()
    assert_answered_once(visit, shop)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EngineError("Busy.", code="queue_full", status=429, retry_after_s=2), "We are busy right now"),
        (EngineError("Busy.", code="rate_limit_exceeded", status=429, retry_after_s=2), "That was a bit fast"),
        (EngineError("Full.", code="disk_full", status=503), "We are busy right now"),
    ],
)
def test_a_busy_server_is_asked_again_after_the_wait_it_named(
    visit: Visit, shop: Shop, error: EngineError, words: str
) -> None:
    shop.shelf.fail_once = error
    visit.say("returns?")
    expect(visit.page.get_by_role("alert")).to_contain_text(words)
    if error.retry_after_s:
        expect(visit.page.get_by_role("button", name="Try again in")).to_be_disabled()
    visit.page.get_by_role("button", name="Try again", exact=True).click()
    visit.answers.first.wait_for()
    assert_answered_once(visit, shop)


def test_an_answer_that_breaks_off_is_finished_by_a_retry(visit: Visit, shop: Shop) -> None:
    visit.say("returns, and break")
    expect(visit.page.get_by_role("alert")).to_contain_text("The answer was interrupted")
    visit.page.get_by_role("button", name="Try again").click()
    expect(visit.answers.first).to_contain_text("Please keep the box.")
    assert_answered_once(visit, shop)


def test_a_reload_in_the_middle_goes_on_with_the_same_question(visit: Visit, shop: Shop) -> None:
    visit.say("returns, wait")
    expect(visit.page.get_by_text("Looking through our documents")).to_be_visible()
    visit.page.reload()
    expect(visit.page.get_by_text("Looking through our documents")).to_be_visible()
    shop.open_gate()
    visit.answers.first.wait_for()
    assert_answered_once(visit, shop)


def test_a_question_that_is_asked_anew_after_a_stop_is_a_new_one(visit: Visit, shop: Shop) -> None:
    visit.say("returns, wait")
    visit.page.get_by_role("button", name="Stop answering").click()
    expect(visit.page.locator(".message.assistant").last).to_contain_text("Stopped")
    shop.open_gate()
    visit.ask("returns?")
    assert len(set(visit.keys)) == 2


def test_a_rejected_message_comes_back_into_the_box(browser: Browser, shop: Shop) -> None:
    with visiting(browser, shop.url, expects_failures=True) as visit:
        visit.page.locator(".message").first.wait_for()
        shop.app.state.settings = shop.app.state.settings.model_copy(update={"max_message_chars": 5})
        try:
            visit.say("much too long")
            expect(visit.page.get_by_role("alert")).to_contain_text("This message cannot be sent")
            expect(visit.box).to_have_value("much too long")
        finally:
            shop.app.state.settings = shop.app.state.settings.model_copy(update={"max_message_chars": 32_000})


def test_a_conversation_that_the_server_no_longer_has_is_begun_anew(visit: Visit, shop: Shop) -> None:
    visit.ask("returns?")
    visit.page.evaluate(
        "for (const name of Object.keys(sessionStorage)) sessionStorage[name] = "
        'sessionStorage[name].replace(/"token":"[^"]+"/, \'"token":"wrong"\')'
    )
    visit.page.reload()
    expect(visit.page.get_by_role("log")).to_contain_text("Hello, I am an AI")
    expect(visit.page.locator(".message.user")).to_have_count(0)
    visit.ask("returns?")


def test_in_a_frame_without_storage_everything_works(browser: Browser, shop: Shop) -> None:
    with visiting(browser, shop.url) as visit:
        visit.page.locator(".message").first.wait_for()
        visit.context.add_init_script(
            "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, "
            "{get() { throw new DOMException('refused', 'SecurityError'); }});"
        )
        visit.page.reload()
        visit.ask("returns?")
        visit.page.get_by_role("button", name="切换到中文").click()
        expect(visit.page.get_by_role("textbox", name="消息")).to_be_visible()
        visit.ask("运费多少？")


@contextmanager
def someones_site(html: str) -> Iterator[tuple[str, list[str]]]:
    """A site of another origin with a strict policy of its own; `html` may be filled in later through the list."""
    pages = [html]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages[0].encode() if self.path == "/" else b""
            self.send_response(200 if body else 204)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_one_script_tag_puts_the_chat_on_any_site(browser: Browser) -> None:
    with someones_site("") as (site, pages), open_shop(allowed_origins=(site,)) as shop:
        pages[0] = (
            "<!doctype html><html lang=en><meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
            f'script-src {shop.url}; connect-src {shop.url}"><title>A shop</title><body><h1>A shop</h1>'
            f'<script type=module src="{shop.url}/static/widget/chatwright-chat.js?bot=shop"></script></body></html>'
        )
        with visiting(browser, site + "/", origins=(shop.url,)) as visit:
            visit.page.get_by_role("button", name="Open chat").click()
            visit.ask("returns?").locator(".chip").click()
            expect(visit.page.locator(".panel mark")).to_be_in_viewport()
            visit.page.keyboard.press("Escape")
            visit.page.keyboard.press("Escape")
            expect(visit.page.get_by_role("button", name="Open chat")).to_be_focused()
            assert shop.events("bot")
