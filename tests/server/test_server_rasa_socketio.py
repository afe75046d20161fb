"""Rasa's Socket.IO channel with a real client: events, sessions, tokens, order, and what other people never hear."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import jwt
import pytest
import socketio
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import InvalidStatus

from chatwright.messages import UserId
from chatwright.server.rasa_senders import conversation_of
from conftest import Running, rasa_bot, until

KEY = "a secret of the owner, long enough"
SAID = {"text": "Goods may be returned within 30 days."}
PROXIED = {"x-forwarded-for": "203.0.113.7"}  # as a visitor comes, not from this machine itself


class Client:
    """One connection: what it heard is in `heard`, in order, each as (event, value)."""

    def __init__(self, library: socketio.AsyncClient, namespace: str) -> None:
        self.library = library
        self.namespace = namespace
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def next(self) -> tuple[str, Any]:
        return await asyncio.wait_for(self.heard.get(), 20)

    async def emit(self, event: str, *values: Any) -> None:
        await self.library.emit(event, *values, namespace=self.namespace)

    async def say(self, text: str, **more: Any) -> None:
        await self.emit("user_uttered", {"message": text, **more})

    async def ask(self, text: str, **more: Any) -> Any:
        await self.say(text, **more)
        return await self.next()

    async def session(self, wanted: str | None = None) -> str:
        await self.emit("session_request", {"session_id": wanted})
        event, value = await self.next()
        assert event == "session_confirm", value
        return str(value)


@asynccontextmanager
async def connected(
    running: Running, *, transports: Any = ("websocket",), namespace: str = "/", path: str = "socket.io", **options: Any
) -> AsyncIterator[Client]:
    library = socketio.AsyncClient(reconnection=False)
    client = Client(library, namespace)

    def listen(event: str) -> None:
        library.on(event, lambda value=None: client.heard.put_nowait((event, value)), namespace=namespace)

    for event in ("bot_uttered", "spoke", "session_confirm", "chatwright_error", "disconnect"):
        listen(event)
    await library.connect(
        running.url, transports=list(transports), namespaces=[namespace], socketio_path=path, wait_timeout=20, **options
    )
    try:
        yield client
    finally:
        if library.connected:
            await library.disconnect()
            await library.wait()
        elif library.eio.http is not None:  # the server has ended it, which the library leaves open for half a minute
            await library.eio.http.close()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
@pytest.mark.parametrize("path", ["socket.io", "bots/support/socket.io"])
def test_a_message_is_answered(serve: Any, transports: list[str], path: str) -> None:
    async def talk(running: Running) -> None:
        async with connected(running, transports=transports, path=path) as client:
            assert await client.ask("hi") == ("bot_uttered", {"text": "one"})
            assert await client.next() == ("bot_uttered", {"text": "two"})

    with serve(replies=["one\n\ntwo"], make_bot=rasa_bot(socketio={})) as running:
        run(talk(running))
        [summary] = running.conversations()
    assert summary.user.startswith("rasa:socketio:connection:")


def test_names_are_the_owners(serve: Any) -> None:
    section = {
        "user_message_evt": "said", "bot_message_evt": "spoke", "namespace": "/chat", "socketio_path": "/my/socket",
        "metadata_key": "customData",
    }  # fmt: skip

    async def talk(running: Running) -> None:
        async with connected(running, namespace="/chat", path="my/socket") as client:
            await client.emit("said", {"message": "hi", "customData": {"page": "/cart"}})
            assert await client.next() == ("spoke", SAID)
            await client.emit("said", {"message": "hi", "customData": '{"page": "/help"}'})
            assert await client.next() == ("spoke", SAID)
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with connected(running, path="my/socket"):
                pass

    with serve(make_bot=rasa_bot(socketio=section)) as running:
        run(talk(running))
        [summary] = running.conversations()
        events = running.do(running.bot.store.events(summary.id))
    assert [event.data["metadata"] for event in events if event.kind == "user"] == [
        {"page": "/cart"},
        {"page": "/help"},
    ]


@pytest.mark.parametrize(
    ("auth", "is_let_in"),
    [
        pytest.param({"token": jwt.encode({"sub": "anna"}, KEY)}, True, id="good"),
        pytest.param({"token": "Bearer " + jwt.encode({}, KEY)}, True, id="good, of nobody in particular"),
        pytest.param({"token": jwt.encode({}, KEY * 2)}, False, id="another key"),
        pytest.param({"token": jwt.encode({"exp": 1}, KEY)}, False, id="expired"),
        pytest.param({"token": jwt.encode({}, None, algorithm="none")}, False, id="unsigned"),
        pytest.param({"token": 7}, False, id="no text"),
        pytest.param({"other": "x"}, False, id="no token"),
        pytest.param(None, False, id="no auth"),
        pytest.param("text", False, id="auth is no object"),
    ],
)
def test_a_token_lets_in(serve: Any, auth: Any, is_let_in: bool) -> None:
    async def talk(running: Running) -> None:
        if is_let_in:
            async with connected(running, auth=auth) as client:
                assert await client.ask("hi") == ("bot_uttered", SAID)
            return
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with connected(running, auth=auth):
                pass

    with serve(make_bot=rasa_bot(socketio={"jwt_key": KEY})) as running:
        run(talk(running))
        assert bool(running.conversations()) == is_let_in


def test_a_token_that_ends_ends_the_talk(serve: Any) -> None:
    async def talk(running: Running) -> None:
        token = jwt.encode({"sub": "anna", "exp": time.time() + 5}, KEY)
        async with connected(running, auth={"token": token}) as client:
            heard = [await client.ask("hi")]
            while heard[-1][0] == "bot_uttered":
                heard.append(await client.ask("hi"))
            assert heard[-1][1]["code"] == "token_expired"
            assert heard[0] == ("bot_uttered", SAID)

    with serve(make_bot=rasa_bot(socketio={"jwt_key": KEY}), visitor_requests_per_min=1e6) as running:
        run(talk(running))


@pytest.mark.parametrize("way", ["auth", "query", "header"])
def test_keys_count_as_everywhere(serve: Any, ring: Any, way: str) -> None:
    key = ring.create("own", ("chat",))
    [kept] = ring.list()

    def how(secret: str) -> dict[str, Any]:
        return {"headers": {**PROXIED, **({"x-api-key": secret} if way == "header" else {})}} | (
            {"auth": {"token": secret}} if way == "auth" else {}
        )

    async def talk(running: Running) -> None:
        url = running.url
        for secret, is_let_in in ((key, True), ("cw_wrong", False)):
            running.url = f"{url}?token={secret}" if way == "query" else url
            if not is_let_in:
                with pytest.raises(socketio.exceptions.ConnectionError):
                    async with connected(running, **how(secret)):
                        pass
                continue
            async with connected(running, **how(secret)) as client:
                await client.session("mine")
                assert await client.ask("hi", session_id="mine") == ("bot_uttered", SAID)
                ring.revoke(kept.id)
                assert (await client.ask("hi", session_id="mine"))[1]["code"] == "invalid_api_key"
        running.url = url

    with serve(make_bot=rasa_bot(socketio={"session_persistence": True}), keys=ring) as running:
        run(talk(running))
        assert [summary.user for summary in running.conversations()] == [f"rasa:socketio:key:{kept.id}:mine"]


def test_visitors_may_be_kept_out(serve: Any, ring: Any) -> None:
    async def talk(running: Running) -> None:
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with connected(running, headers=PROXIED):
                pass

    with serve(make_bot=rasa_bot(socketio={}), keys=ring, visitors_need_key=True) as running:
        run(talk(running))


def test_a_session_goes_on_after_another_connection_and_in_two_at_once(serve: Any) -> None:
    async def talk(running: Running) -> None:
        async with connected(running) as first:
            session = await first.session()
            assert len(session) == 32
            assert await first.ask("one", session_id=session) == ("bot_uttered", SAID)
        async with connected(running) as again, connected(running, transports=["polling"]) as beside:
            assert await again.session(session) == session
            assert await beside.session(session) == session
            assert await again.ask("two", session_id=session) == ("bot_uttered", SAID)
            assert await beside.next() == ("bot_uttered", SAID)

    with serve(make_bot=rasa_bot(socketio={"session_persistence": True})) as running:
        run(talk(running))
        [summary] = running.conversations()
    assert summary.num_turns == 2


@pytest.mark.parametrize("section", [{}, {"jwt_key": KEY}])
def test_a_visitor_gets_an_id_that_cannot_be_guessed_and_nobody_hears_them_by_a_guess(
    serve: Any, section: dict[str, Any]
) -> None:
    # One token for all visitors names nobody: it is no more than being let in.
    options: dict[str, Any] = {"headers": PROXIED}
    if section:
        options["auth"] = {"token": jwt.encode({}, KEY)}

    async def talk(running: Running) -> None:
        async with connected(running, **options) as anna, connected(running, **options) as eve:
            session = await anna.session("anna")
            assert session != "anna"
            assert await anna.session(session) == session
            assert await anna.ask("hi", session_id=session) == ("bot_uttered", SAID)
            # Eve guesses: a name, Anna's connection, a changed id, and the id of the conversation itself.
            [summary] = running.conversations()
            guesses = [
                "anna",
                anna.library.get_sid(),
                session[:-1],
                session.partition(".")[0],
                summary.id,
                summary.user,
            ]
            for guess in guesses:
                assert await eve.session(guess) != guess
                assert await eve.ask("hi", session_id=guess) == ("bot_uttered", SAID)
            assert anna.heard.empty()
            assert await anna.ask("hi", session_id=session) == ("bot_uttered", SAID)
            assert eve.heard.empty()
            # An id that was not given is good for this connection, and stays one conversation.
            await eve.ask("again", session_id="anna")
        async with connected(running, **options) as back:
            assert await back.session(session) == session
            assert await back.ask("hi", session_id=session) == ("bot_uttered", SAID)

    with serve(
        make_bot=rasa_bot(socketio={"session_persistence": True, **section}), visitor_requests_per_min=100
    ) as running:
        run(talk(running))
        turns = sorted(summary.num_turns for summary in running.conversations())
    assert turns == [1, 1, 1, 1, 1, 2, 3]


def test_subjects_of_tokens_do_not_meet(serve: Any) -> None:
    async def talk(running: Running) -> None:
        def auth(subject: str) -> dict[str, Any]:
            return {"auth": {"token": jwt.encode({"sub": subject}, KEY)}}

        async with connected(running, **auth("anna")) as anna, connected(running, **auth("anna:s")) as eve:
            assert await anna.session("s:1") == "s:1"
            assert await eve.session("1") == "1"
            assert await eve.session("s:1") == "s:1"
            assert await eve.ask("hi", session_id="s:1") == ("bot_uttered", SAID)
            assert await eve.ask("hi", session_id="1") == ("bot_uttered", SAID)
            assert anna.heard.empty()
            assert await anna.ask("hi", session_id="s:1") == ("bot_uttered", SAID)
            assert eve.heard.empty()

    with serve(make_bot=rasa_bot(socketio={"session_persistence": True, "jwt_key": KEY})) as running:
        run(talk(running))
        users = sorted(summary.user for summary in running.conversations())
    assert users == ["rasa:socketio:jwt:anna%3As:1", "rasa:socketio:jwt:anna%3As:s:1", "rasa:socketio:jwt:anna:s:1"]


@pytest.mark.parametrize("transports", [["polling"], ["websocket"]])
def test_messages_are_answered_in_the_order_in_which_they_come(serve: Any, transports: list[str]) -> None:
    async def talk(running: Running) -> list[str]:
        async with connected(running, transports=transports) as client:
            for i in range(15):
                await client.say(f"{i}")
            return [(await client.next())[1]["text"] for _ in range(15)]

    with serve(make_bot=rasa_bot(socketio={}), replies=lambda messages: messages[-1].content) as running:
        assert run(talk(running)) == [f"{i}" for i in range(15)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(None, "invalid_value", id="nothing"),
        pytest.param("hi", "invalid_value", id="text"),
        pytest.param(["hi"], "invalid_value", id="list"),
        pytest.param({"message": 5}, "invalid_value", id="a number"),
        pytest.param({"message": None}, "invalid_value", id="null"),
        pytest.param({"message": "a\x00"}, "invalid_character", id="NUL"),
        pytest.param({"message": "a" * 40_000}, "message_too_long", id="long"),
        pytest.param({"message": b"bytes"}, "invalid_value", id="bytes"),
        pytest.param({"message": "hi", "metadata": "{"}, "invalid_json", id="metadata is no JSON"),
        pytest.param({"message": "hi", "metadata": [1]}, "invalid_value", id="metadata is a list"),
        pytest.param({"message": "hi", "metadata": {"a": b"bytes"}}, "invalid_value", id="bytes in metadata"),
    ],
)
def test_what_cannot_be_read_costs_that_message_only(serve: Any, data: Any, code: str) -> None:
    async def talk(running: Running) -> None:
        async with connected(running) as client:
            await client.emit("user_uttered", data)
            event, error = await client.next()
            assert (event, error["code"]) == ("chatwright_error", code)
            await client.emit("no_such_event", data)
            assert await client.ask("hi") == ("bot_uttered", SAID)

    with serve(make_bot=rasa_bot(socketio={})) as running:
        run(talk(running))


def test_with_sessions_a_message_needs_its_session(serve: Any) -> None:
    async def talk(running: Running) -> None:
        async with connected(running) as client:
            assert (await client.ask("hi"))[1]["code"] == "session_missing"

    with serve(make_bot=rasa_bot(socketio={"session_persistence": True})) as running:
        run(talk(running))


def test_visitors_have_their_rate(serve: Any) -> None:
    async def talk(running: Running) -> list[str]:
        async with connected(running, headers=PROXIED) as client:
            return [(await client.ask("hi"))[0] for _ in range(4)]

    with serve(make_bot=rasa_bot(socketio={}), visitor_requests_per_min=3.5) as running:
        assert run(talk(running)) == ["bot_uttered"] * 3 + ["chatwright_error"]


@pytest.mark.parametrize(("is_kept", "kinds"), [(False, ["user", "interrupted"]), (True, ["user", "bot"])])
def test_who_goes_away(serve: Any, is_kept: bool, kinds: list[str]) -> None:
    """Whoever can come back finds the answer; for whoever cannot, the turn is given up."""

    async def talk(running: Running) -> None:
        async with connected(running) as client:
            await client.say("hi", session_id="mine")
            while not running.conversations() or not running.kinds(running.conversations()[0].id):  # noqa: ASYNC110 - of another thread
                await asyncio.sleep(0.01)

    with serve(make_bot=rasa_bot(socketio={"session_persistence": is_kept}), is_gated=True) as running:
        run(talk(running))
        if is_kept:
            running.call(running.bot.engine.gate.set)
        [summary] = running.conversations()
        until(lambda: running.kinds(summary.id) == kinds)


@pytest.mark.parametrize(
    ("origin", "is_accepted"),
    [("https://shop.example", True), ("SELF", True), (None, True), ("https://evil.example", False), ("null", False)],
)
def test_pages_of_other_sites_do_not_connect(serve: Any, origin: str | None, is_accepted: bool) -> None:
    async def shake_hands(running: Running) -> bool:
        url = running.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        headers = {} if origin is None else {"Origin": origin.replace("SELF", running.url)}
        try:
            async with open_websocket(url, additional_headers=headers, proxy=None) as socket:
                return str(await socket.recv()).startswith("0{")
        except InvalidStatus:
            return False

    with serve(make_bot=rasa_bot(socketio={})) as running:
        assert run(shake_hands(running)) == is_accepted
        headers = {} if origin is None else {"origin": origin.replace("SELF", running.url)}
        with running.client(headers=headers) as http:
            polled = http.get("/socket.io/?EIO=4&transport=polling")
    assert (polled.status_code == 200) == is_accepted


@pytest.fixture(scope="module")
def socket_server() -> Any:
    from conftest import serving

    with serving(make_bot=rasa_bot(socketio={})) as running:
        yield running


@pytest.mark.parametrize(
    "packets",
    [
        ["x"], ["4"], ["4x"], ["42"], ["42["], ["42[]"], ["42{}"], ["42[7]"], ["42[null]"], ['42["user_uttered"'],
        ['45999999999-["user_uttered",{"_placeholder":true,"num":0}]'],
        ['451-["user_uttered",{"_placeholder":true,"num":5}]', b"x"],
        [b"\x00\xff"], ["4" + "0" * 1000], ["42/other,[]"], ["42" + "[" * 100_000], ["41"], ["1"], ["6"], ["3probe"],
        ['42["session_request",{"session_id":{"a":1}}]'], ['42["session_request"]'], ['42["disconnect"]'],
        ['42["connect",{}]'], ['42["user_uttered",{"message":"hi"},"more",7]'],
    ],
    ids=repr,
)  # fmt: skip
def test_no_packet_ends_the_server(socket_server: Running, packets: list[Any]) -> None:
    async def send() -> None:
        url = socket_server.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        async with open_websocket(url, proxy=None) as socket:
            await socket.recv()
            await socket.send("40")
            await socket.recv()
            for packet in packets:
                await socket.send(packet)
        async with connected(socket_server) as client:
            assert await client.ask("hi") == ("bot_uttered", SAID)

    run(send())


@pytest.mark.parametrize("way", ["websocket", "polling"])
def test_ten_megabytes_are_refused(socket_server: Running, way: str) -> None:
    async def send() -> None:
        message = "42" + json.dumps(["user_uttered", {"message": "a" * 10 * 2**20}])
        if way == "websocket":
            url = socket_server.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
            async with open_websocket(url, proxy=None, max_size=None) as socket:
                await socket.send("40")
                await socket.send(message)
                await asyncio.wait_for(socket.wait_closed(), 20)
        else:
            async with httpx2.AsyncClient(base_url=socket_server.url, trust_env=False, timeout=20) as http:
                opened = await http.get("/socket.io/?EIO=4&transport=polling")
                sid = json.loads(opened.text[1:])["sid"]
                got = await http.post(f"/socket.io/?EIO=4&transport=polling&sid={sid}", content=message)
                assert got.status_code == 413
        async with connected(socket_server) as client:
            assert await client.ask("hi") == ("bot_uttered", SAID)

    before = len(socket_server.conversations())
    run(send())
    assert len(socket_server.conversations()) == before + 1


def test_jsonp_is_not_spoken(socket_server: Running) -> None:
    with socket_server.client() as http:
        assert http.get("/socket.io/?EIO=4&transport=polling&j=0").status_code == 503


def test_a_server_that_goes_down_answers_what_it_has_begun(serve: Any) -> None:
    async def talk(running: Running) -> list[Any]:
        async with connected(running) as client, connected(running, transports=["polling"]) as idle:
            await client.say("hi")
            while not running.conversations() or not running.kinds(running.conversations()[0].id):  # noqa: ASYNC110 - of another thread
                await asyncio.sleep(0.01)
            running.call(running.app.state.drain.begin)
            refused = await client.ask("too late")
            running.call(running.bot.engine.gate.set)
            heard = [refused, await client.next(), await client.next()]
            assert (await idle.next())[0] == "disconnect"
            return heard

    with serve(make_bot=rasa_bot(socketio={}), is_gated=True, drain_s=20) as running:
        heard = run(talk(running))
    assert heard[0][1]["code"] == "shutting_down"
    assert heard[1] == ("bot_uttered", SAID)
    assert heard[2][0] == "disconnect"


def test_conversations_are_found_by_who_speaks(serve: Any) -> None:
    async def talk(running: Running) -> None:
        async with connected(running) as client:
            await client.ask("hi", session_id="mine")

    with serve(make_bot=rasa_bot(socketio={"session_persistence": True})) as running:
        run(talk(running))
        assert running.do(conversation_of(running.bot, UserId("rasa:socketio:local:mine"))) is not None
        assert running.do(conversation_of(running.bot, UserId("rasa:rest:local:mine"))) is None
