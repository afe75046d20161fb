"""Debian's Chromium with everything it must not do on record: errors, policy violations, dialogs, foreign requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

PATH = "/usr/bin/chromium"
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Runs before any script of the page; a payload that runs calls `ran`.
_WATCH = """
window.chatwrightRan = [];
window.ran = (what) => window.chatwrightRan.push(String(what));
document.addEventListener("securitypolicyviolation", (event) => console.error("CSP", event.violatedDirective, event.blockedURI));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=_FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One visitor's tab, and what went wrong in it."""

    page: Page
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # Idempotency-Key of every message sent

    @property
    def box(self) -> Locator:
        return self.page.locator("textarea.field")

    @property
    def answers(self) -> Locator:
        """Finished answers to questions; the greeting is none."""
        return self.page.locator(".message.assistant[data-outcome]:not([data-outcome=''])")

    def ask(self, text: str) -> Locator:
        """Asks and waits for the finished answer."""
        before = self.answers.count()
        self.say(text)
        answer = self.answers.nth(before)
        answer.wait_for()
        return answer

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def ran(self) -> list[str]:
        """What injected script did; must stay empty."""
        said: list[str] = self.page.evaluate("window.chatwrightRan")
        return said


@contextmanager
def visiting(
    browser: Browser, url: str, *, origins: tuple[str, ...] = (), expects_failures: bool = False, **options: Any
) -> Iterator[Visit]:
    """A fresh visitor on the page. Fails afterwards on console errors, dialogs, and requests beyond `origins`.

    expects_failures: the test makes the network or the server fail, which the browser's console reports.
    """
    allowed = (url.split("/chat/")[0].rstrip("/"), *origins)
    context = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1200, "height": 800}, **options})
    context.set_default_timeout(15_000)
    context.add_init_script(_WATCH)
    page = context.new_page()
    visit = Visit(page, context)

    def seen(request: Any) -> None:
        if not request.url.startswith(allowed):
            visit.faults.append(f"request to {request.url}")
        if request.method == "POST" and request.url.endswith("/messages"):
            visit.keys.append(request.headers["idempotency-key"])

    def printed(message: Any) -> None:
        is_expected = expects_failures and "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not is_expected:
            visit.faults.append(f"console: {message.text}")

    def asked(dialog: Any) -> None:
        visit.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context.on("request", seen)
    page.on("console", printed)
    page.on("pageerror", lambda error: visit.faults.append(f"error: {error}"))
    page.on("dialog", asked)
    page.goto(url)
    try:
        yield visit
        assert visit.faults == []
    finally:
        context.close()
