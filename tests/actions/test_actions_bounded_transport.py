from typing import Any

import httpx2
import pytest
from tests.actions.conftest import ScriptedHttp, run

from chatwright.actions.bounded_transport import BoundedTransport


def fetch(url: str) -> int:
    async def act() -> int:
        async with httpx2.AsyncClient(transport=BoundedTransport(1000), trust_env=False) as client:
            return len((await client.get(url)).content)

    return run(act())


@pytest.mark.parametrize(
    ("headers", "size"), [({"Content-Type": "application/json"}, 1000), ({"Content-Type": "text/event-stream"}, 5000)]
)
def test_small_replies_and_event_streams_pass(http: ScriptedHttp, headers: dict[str, str], size: int) -> None:
    http.say((200, headers, b"x" * size))
    assert fetch(http.url) == size
    assert http.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "answer", [(200, {}, b"x" * 1001), (200, {"Content-Encoding": "gzip"}, b"x")], ids=["large", "compressed"]
)
def test_large_and_compressed_replies_are_errors(http: ScriptedHttp, answer: Any) -> None:
    http.say(answer)
    with pytest.raises(httpx2.RemoteProtocolError):
        fetch(http.url)
