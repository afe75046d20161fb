"""The chat page: its HTML and the static files beside it in `widget/`. Knows nothing of conversations.

`widget/page.html` may contain {{bot}}, {{title}}, {{language}} and {{languages}}; values are escaped, and the policy
sent with a page lets no script run that is not a file of ours.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from chatwright.bot.turn import Bot
from chatwright.errors import RequestError, nearest
from chatwright.messages import Language

WIDGET_DIR = Path(__file__).parent / "widget"
# The machine's own table of types may say something else, and with `nosniff` a wrong type stops a script.
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}
router = APIRouter(include_in_schema=False)


class WidgetFiles(StaticFiles):
    """Static files with types that do not depend on the machine."""

    def file_response(self, full_path: Any, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(full_path, *args, **kwargs)
        known = _TYPES.get(Path(full_path).suffix.lower())
        if known is not None and "content-type" in response.headers:
            response.headers["content-type"] = f"{known}; charset=utf-8" if known.startswith("text/") else known
        return response


def page_policy(frame_ancestors: Sequence[str]) -> str:
    """The Content-Security-Policy of pages: only our own files, no inline script, framed only where allowed."""
    ancestors = " ".join(("'self'", *frame_ancestors))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )


@router.get("/")
async def front_page(request: Request) -> Response:
    """The chat page of the only bot, or the list of bots."""
    bots: list[Bot] = list(request.app.state.bots.values())
    if len(bots) == 1:
        return RedirectResponse(f"/chat/{bots[0].name}", status_code=307)
    items = "".join(f'<li><a href="/chat/{escape(bot.name)}">{escape(_title(bot, request))}</a></li>' for bot in bots)
    return HTMLResponse(
        f'<!doctype html><html lang="{_language(request, ("en", "zh"))}"><meta charset="utf-8">'
        "<title>chatwright</title>"
        f'<meta name="viewport" content="width=device-width"><h1>chatwright</h1><ul>{items}</ul></html>'
    )


@router.get("/chat/{bot}")
async def chat_page(request: Request, bot: str) -> Response:
    bots = request.app.state.bots
    if bot not in bots:
        raise RequestError(
            f"Unknown bot {bot[:100]!r}.", hint=nearest(bot, list(bots)), code="bot_not_found", status=404
        )
    page = WIDGET_DIR / "page.html"
    if not page.is_file():
        raise RequestError("This installation has no chat page.", hint="Use the API at /api.", status=404)
    found: Bot = bots[bot]
    values = {
        "bot": found.name,
        "title": _title(found, request),
        "language": _language(request, found.languages),
        "languages": " ".join(found.languages),
    }
    html = page.read_text(encoding="utf-8")
    for name, value in values.items():
        html = html.replace("{{" + name + "}}", escape(value))
    return HTMLResponse(html)


def _title(bot: Bot, request: Request) -> str:
    return bot.title(_language(request, bot.languages))


def _language(request: Request, spoken: Sequence[Language]) -> Language:
    """The first language of the browser that is spoken here."""
    for item in request.headers.get("accept-language", "").lower().split(","):
        for language in spoken:
            if item.strip().startswith(language):
                return language
    return spoken[0]
