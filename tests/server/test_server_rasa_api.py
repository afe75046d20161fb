"""Rasa's REST channel over a real socket: request in, exact JSON out; streams, order, foreign senders, bad input."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_server_bot import real_bot
from test_server_fuzz import JSON

from chatwright.bot.definition import Channels
from chatwright.bot.process import Processes
from chatwright.bot.rasa_channels import RasaChannels
from chatwright.bot.turn import Bot
from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.running.turn_input import Playbook
from chatwright.dialogue.understanding.flow_choice import FlowIndex
from chatwright.dialogue.understanding.understand import Understanding
from chatwright.engines.scripted import ScriptedEngine
from chatwright.errors import EngineError
from chatwright.knowledge.embedders import HashEmbedder
from chatwright.messages import ActionCall, ActionResult, ConversationId, UserId
from chatwright.server.rasa_senders import MAX_WAITING, conversation_of
from chatwright.store import SqlStore
from conftest import Running, rasa_bot, until

WEBHOOK = "/webhooks/rest/webhook"
DOMAIN = """
slots:
  colour: {type: text, mappings: [{type: from_llm}]}
responses:
  utter_show:
  - text: "Look here.\\n\\n请看这里。"
  utter_which:
  - text: Which one?
    buttons:
    - {title: Red, payload: '/choose{"colour": "red"}'}
    - {title: 蓝色, payload: "/SetSlots(colour=blue)"}
  utter_more:
  - {image: "https://shop.example/red.png", attachment: {type: file, payload: {src: "https://shop.example/a.pdf"}}}
  utter_card:
  - {custom: {type: card, rows: [1, 2]}}
"""
FLOWS = """
flows:
  showcase:
    description: shows everything that a bot can say
    nlu_trigger: [{intent: showcase}]
    run_pattern_completed: false
    steps:
    - set_slots: [{colour: red}]
    - action: utter_show
    - action: utter_which
    - action: utter_more
    - action: utter_card
"""


def show_bot(folder: Path) -> Callable[[ScriptedEngine, SqlStore], Bot]:
    """A real bot with a flow that says one of each."""
    (folder / "flows").mkdir()
    (folder / "domain.yaml").write_text(DOMAIN, encoding="utf-8")
    (folder / "flows" / "showcase.yaml").write_text(FLOWS, encoding="utf-8")
    domain, flows = load_domain(folder), load_flows(folder)

    async def run_action(call: ActionCall) -> ActionResult:
        raise AssertionError(call.name)

    playbook = Playbook(flows=flows, domain=domain, run_action=run_action)
    understanding = Understanding(flows=flows, domain=domain, index=FlowIndex(list(flows.values()), HashEmbedder()))
    return lambda engine, store: replace(real_bot(engine, store), processes=Processes(playbook, understanding))


@pytest.fixture(scope="module")
def http(server: Running) -> Any:
    with server.client() as made:
        yield made


def texts(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [message["text"] for message in answer.json()]


SAID = "Goods may be returned within 30 days."


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"sender": "anna", "message": "hi"}, [{"recipient_id": "anna", "text": SAID}]),
        ({"message": " 你好 "}, [{"recipient_id": "default", "text": SAID}]),
        ({"sender": None, "message": "hi"}, [{"recipient_id": "default", "text": SAID}]),
        ({"sender": "张三 ☺", "message": "hi"}, [{"recipient_id": "张三 ☺", "text": SAID}]),
        ({"sender": 12, "message": "hi"}, [{"recipient_id": "12", "text": SAID}]),
        ({"sender": "x" * 900, "message": "hi"}, [{"recipient_id": "x" * 900, "text": SAID}]),
        ({"sender": "anna", "message": "hi", "input_channel": "app", "metadata": {"page": 1}, "more": 1},
         [{"recipient_id": "anna", "text": SAID}]),
        ({"sender": "anna"}, []),
        ({"sender": "anna", "message": None}, []),
        ({"sender": "anna", "message": 7}, []),
    ],
)  # fmt: skip
def test_a_message(http: httpx2.Client, body: dict[str, Any], answer: list[Any]) -> None:
    for path in (WEBHOOK, f"/bots/support{WEBHOOK}"):
        got = http.post(path, json=body)
        assert (got.status_code, got.json()) == (200, answer)
        assert got.headers["content-type"] == "application/json"


@pytest.mark.parametrize("channel", ["rest", "callback", "socketio"])
def test_each_channel_says_whether_it_is_there(serve: Any, channel: str) -> None:
    with (
        serve(make_bot=rasa_bot(callback={"url": "http://127.0.0.1:9/"}, socketio={})) as running,
        running.client() as http,
    ):
        assert http.get(f"/webhooks/{channel}/").json() == {"status": "ok"}
        assert http.get(f"/bots/support/webhooks/{channel}/").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/bots/other/webhooks/rest/webhook", "bot_not_found"),
        ("POST", "/webhooks/callback/webhook", "channel_off"),
        ("GET", "/webhooks/socketio/", "channel_off"),
        ("POST", "/webhooks/telegram/webhook", "not_found"),
        ("GET", "/socket.io/?EIO=4&transport=polling", "not_found"),
    ],
)
def test_what_is_not_there(http: httpx2.Client, method: str, path: str, code: str) -> None:
    got = http.request(method, path, json={"message": "hi"} if method == "POST" else None)
    assert (got.status_code, got.json()["error"]["code"]) == (404, code)


def test_what_a_flow_says_and_how_it_is_split(serve: Any, tmp_path: Path) -> None:
    with serve(make_bot=show_bot(tmp_path)) as running, running.client() as http:
        body = {"sender": "anna", "message": "/showcase"}
        whole = http.post(WEBHOOK, json=body).json()
        lines = http.post(f"{WEBHOOK}?stream=true", json={**body, "sender": "ben"}).text
    assert whole == [
        {"recipient_id": "anna", "text": "Look here."},
        {"recipient_id": "anna", "text": "请看这里。"},
        {
            "recipient_id": "anna",
            "text": "Which one?",
            "buttons": [
                {"title": "Red", "payload": '/choose{"colour": "red"}'},
                {"title": "蓝色", "payload": "/SetSlots(colour=blue)"},
            ],
        },
        {"recipient_id": "anna", "image": "https://shop.example/red.png"},
        {"recipient_id": "anna", "attachment": {"type": "file", "payload": {"src": "https://shop.example/a.pdf"}}},
        {"recipient_id": "anna", "custom": {"type": "card", "rows": [1, 2]}},
    ]
    assert [json.loads(line) for line in lines.splitlines()] == [{**each, "recipient_id": "ben"} for each in whole]


@pytest.mark.parametrize("asked", ["true", "True", "TRUE"])
def test_a_stream_is_one_json_object_a_line(serve: Any, asked: str) -> None:
    with serve(replies=["one\n\ntwo"]) as running, running.client() as http:
        got = http.post(WEBHOOK, params={"stream": asked}, json={"message": "hi"})
    assert got.headers["content-type"] == "text/event-stream"
    assert got.text == '{"recipient_id":"default","text":"one"}\n{"recipient_id":"default","text":"two"}\n'


@pytest.mark.parametrize("asked", ["false", "1", ""])
def test_no_stream_unless_it_says_true(http: httpx2.Client, asked: str) -> None:
    assert texts(http.post(WEBHOOK, params={"stream": asked}, json={"message": "hi"})) == [SAID]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        pytest.param(b"{", {}, 400, "invalid_json", id="cut off"),
        pytest.param(b"", {}, 400, "invalid_json", id="nothing"),
        pytest.param(b'["message"]', {}, 400, "invalid_json", id="a list"),
        pytest.param(b'{"message": "\xff"}', {}, 400, "invalid_utf8", id="no UTF-8"),
        pytest.param(b'{"message": "\\ud800"}', {}, 400, "invalid_json", id="half a character"),
        pytest.param(b'{"message": ' + b"[" * 500 + b"]" * 500 + b"}", {}, 400, "json_too_deep", id="deep"),
        pytest.param(b'{"message": "a\\u0000"}', {}, 400, "invalid_character", id="NUL"),
        pytest.param(b'{"message": "hi", "metadata": 1}', {}, 400, "invalid_value", id="metadata"),
        pytest.param(b'{"message": "hi", "sender": {}}', {}, 400, "invalid_value", id="sender"),
        pytest.param(
            b'{"message": "hi"}',
            {"origin": "http://evil.example", "content-type": "text/plain"},
            401,
            "missing_api_key",
            id="a page elsewhere",
        ),
        pytest.param(b'{"message": "' + b"a" * 10 * 2**20 + b'"}', {}, 413, "request_too_large", id="10 MB"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("query", ["", "?stream=true"])
def test_what_cannot_be_read(
    http: httpx2.Client, query: str, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    got = http.post(WEBHOOK + query, content=content, headers={"content-type": "application/json", **headers})
    assert (got.status_code, got.json()["error"]["code"]) == (status, code)


def test_a_program_need_not_say_that_it_sends_json(http: httpx2.Client, server: Running) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}  # what curl -d says
    assert texts(http.post(WEBHOOK, content=b'{"message": "hi"}', headers=form)) == [SAID]
    own_page = {**form, "origin": server.url}
    assert http.post(WEBHOOK, content=b'{"message": "hi"}', headers=own_page).status_code == 415


@pytest.mark.parametrize(
    ("strict", "status", "body"),
    [(False, 200, []), (True, 503, None)],
)
def test_an_error_while_it_is_handled(serve: Any, strict: bool, status: int, body: Any) -> None:
    with serve(make_bot=rasa_bot(strict=strict)) as running, running.client() as http:
        running.bot.engine.fail_with = EngineError("The model is busy.", code="engine_busy", retry_after_s=3)
        whole = http.post(WEBHOOK, json={"message": "hi"})
        lines = http.post(f"{WEBHOOK}?stream=true", json={"message": "hi"})
    assert whole.status_code == lines.status_code == status
    if strict:
        assert whole.json()["error"]["code"] == lines.json()["error"]["code"] == "engine_busy"
        assert whole.headers["retry-after"] == "3"
    else:
        assert whole.json() == body
        assert lines.text == ""


def conversation(running: Running, user: str) -> ConversationId:
    found = running.do(conversation_of(running.bot, UserId(user)))
    assert found is not None, user
    return found


def test_metadata_is_kept_with_the_message(serve: Any) -> None:
    with serve(make_bot=rasa_bot()) as running, running.client() as http:
        http.post(WEBHOOK, json={"sender": "anna", "message": "hi", "metadata": {"page": "/cart"}})
        events = running.do(running.bot.store.events(conversation(running, "rasa:rest:local:anna")))
    assert events[0].data["metadata"] == {"page": "/cart"}


def test_a_sender_goes_on_where_they_were_and_nobody_else_does(serve: Any, ring: Any) -> None:
    shop, bank = ring.create("shop", ("chat",)), ring.create("bank", ("chat",))
    ids = {key.name: key.id for key in ring.list()}
    with serve(keys=ring) as running, running.client() as http:
        for key in (shop, shop, bank):
            http.post(WEBHOOK, json={"sender": "anna", "message": "hi"}, headers={"authorization": f"Bearer {key}"})
        http.post(WEBHOOK, json={"sender": "ben", "message": "hi"}, headers={"x-api-key": shop})
        http.post(WEBHOOK, params={"token": bank}, json={"sender": "ben", "message": "hi"})
        turns = {summary.user: summary.num_turns for summary in running.conversations()}
    assert turns == {
        f"rasa:rest:key:{ids['shop']}:anna": 2,
        f"rasa:rest:key:{ids['bank']}:anna": 1,
        f"rasa:rest:key:{ids['shop']}:ben": 1,
        f"rasa:rest:key:{ids['bank']}:ben": 1,
    }


@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param({}, 401, id="none"),
        pytest.param({"params": {"token": "cw_wrong"}}, 401, id="wrong"),
        pytest.param({"params": {"token": "OWN"}, "headers": {"x-api-key": "cw_other"}}, 401, id="two that differ"),
        pytest.param({"params": {"token": "OPERATE"}}, 403, id="another scope"),
        pytest.param({"params": {"token": "OWN"}}, 200, id="?token="),
        pytest.param({"headers": {"api-key": "OWN"}}, 200, id="header"),
    ],
)
def test_who_is_not_here_needs_a_key(serve: Any, ring: Any, how: dict[str, Any], status: int) -> None:
    own, operate = ring.create("own", ("chat",)), ring.create("operate", ("operate",))
    keys = {"OWN": own, "OPERATE": operate}
    filled = {place: {name: keys.get(value, value) for name, value in items.items()} for place, items in how.items()}
    # A proxy in front: the request does not come from this machine itself.
    filled["headers"] = {"x-forwarded-for": "203.0.113.7", **filled.get("headers", {})}
    with serve(keys=ring) as running, running.client() as http:
        got = http.post(WEBHOOK, json={"message": "hi"}, **filled)
        assert got.status_code == status, got.text
        # Nowhere else does a key count that stands in an address.
        assert (
            http.get("/v1/models", params={"token": own}, headers={"x-forwarded-for": "203.0.113.7"}).status_code == 401
        )


def test_messages_of_a_sender_are_answered_in_the_order_in_which_they_come(serve: Any) -> None:
    async def send_all(url: str, num: int) -> list[Any]:
        async with httpx2.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
            tasks = []
            for i in range(num):
                tasks.append(asyncio.ensure_future(http.post(WEBHOOK, json={"sender": "anna", "message": f"{i}"})))
                while running.call(lambda: waiting(running)) < i + 1:  # noqa: ASYNC110 - each has come before the next goes
                    await asyncio.sleep(0.005)
            running.call(running.bot.engine.gate.set)
            return [answer.json() for answer in await asyncio.gather(*tasks)]

    def waiting(running: Running) -> int:
        return sum(line.num for line in running.app.state.senders._lines.values())

    with serve(make_bot=rasa_bot(), is_gated=True, replies=lambda messages: messages[-1].content) as running:
        answers = asyncio.run(send_all(running.url, 10))
        said = running.do(running.bot.store.events(conversation(running, "rasa:rest:local:anna")))
    assert answers == [[{"recipient_id": "anna", "text": f"{i}"}] for i in range(10)]
    assert [event.data["text"] for event in said if event.kind == "user"] == [f"{i}" for i in range(10)]
    assert [event.turn for event in said if event.kind == "user"] == list(range(1, 11))


def test_senders_do_not_wait_for_each_other_and_are_not_confused(serve: Any) -> None:
    with serve(replies=lambda messages: messages[-1].content) as running, running.client() as http:

        def ask(number: int) -> Any:
            sender = f"s{number % 8}"
            return sender, number, http.post(WEBHOOK, json={"sender": sender, "message": f"m{number}"}).json()

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(48)))
        turns = sorted((summary.user, summary.num_turns) for summary in running.conversations())
    assert all(said == [{"recipient_id": sender, "text": f"m{number}"}] for sender, number, said in answers)
    assert turns == [(f"rasa:rest:local:s{i}", 6) for i in range(8)]


def test_a_sender_who_does_not_wait_is_stopped(serve: Any) -> None:
    num = MAX_WAITING + 1
    bot = rasa_bot(strict=True)
    with serve(make_bot=bot, is_gated=True) as running, running.client() as http, ThreadPoolExecutor(num) as pool:
        asked = [pool.submit(http.post, WEBHOOK, json={"message": "hi"}) for _ in range(num)]
        until(lambda: any(each.done() for each in asked))
        running.call(running.bot.engine.gate.set)
        statuses = sorted(each.result().status_code for each in asked)
    assert statuses == [200] * MAX_WAITING + [429]


@pytest.mark.parametrize("query", ["", "?stream=true"])
def test_who_goes_away_is_not_answered_further(serve: Any, query: str) -> None:
    with serve(make_bot=rasa_bot(), is_gated=True, first_wait_s=0.05) as running:
        with running.client() as http, pytest.raises(httpx2.TimeoutException):
            http.post(WEBHOOK + query, json={"sender": "anna", "message": "hi"}, timeout=0.5)
        until(lambda: running.kinds(conversation(running, "rasa:rest:local:anna")) == ["user", "interrupted"])
        running.call(running.bot.engine.gate.set)
        with running.client() as http:
            assert texts(http.post(WEBHOOK, json={"sender": "anna", "message": "again"})) == [SAID]


def test_one_key_is_one_message(serve: Any) -> None:
    with serve(make_bot=rasa_bot()) as running, running.client() as http:
        sent = [
            http.post(WEBHOOK, json={"sender": "anna", "message": "hi"}, headers={"idempotency-key": "k"})
            for _ in range(2)
        ]
        kinds = running.kinds(conversation(running, "rasa:rest:local:anna"))
    assert sent[0].json() == sent[1].json() == [{"recipient_id": "anna", "text": SAID}]
    assert kinds == ["user", "bot"]


def test_keys_have_their_rate(serve: Any, ring: Any) -> None:
    key = ring.create("own", ("chat",))
    with serve(keys=ring, key_requests_per_min=3) as running, running.client(headers={"x-api-key": key}) as http:
        statuses = [http.post(WEBHOOK, json={"message": "hi"}).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


RASA_BODY = st.dictionaries(
    st.sampled_from(["message", "sender", "metadata", "input_channel", "stream"]), JSON | st.just("hi"), max_size=5
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=RASA_BODY, query=st.sampled_from(["", "?stream=true", "?token=x", "?stream=%00"]))
def test_any_field_may_be_anything(http: httpx2.Client, body: dict[str, Any], query: str) -> None:
    got = http.post(WEBHOOK + query, json=body)
    if got.status_code == 200:
        said = [json.loads(line) for line in got.text.splitlines()] if query == "?stream=true" else got.json()
        assert all(set(message) == {"recipient_id", "text"} for message in said)
    else:
        assert 400 <= got.status_code < 500
        assert set(got.json()["error"]) == {"message", "hint", "code"}


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=20))
def test_a_bot_may_have_any_name_in_the_path(http: httpx2.Client, name: str) -> None:
    encoded = quote(name.encode("utf-8", "surrogatepass"), safe="")
    got = http.post(f"/bots/{encoded}/webhooks/rest/webhook", json={"message": "hi"})
    assert got.status_code in (307, 404) or name == "support"


def test_rest_can_be_off(serve: Any) -> None:
    with serve(make_bot=rasa_bot(rest=False)) as running, running.client() as http:
        assert http.post(WEBHOOK, json={"message": "hi"}).status_code == 404


@pytest.mark.parametrize("keeps", [False, True])
def test_the_real_bot_answers_in_both_languages(serve: Any, keeps: bool) -> None:
    def make(engine: ScriptedEngine, store: SqlStore) -> Bot:
        bot = real_bot(engine, store)
        channels = Channels(rasa=RasaChannels(citations=keeps))
        return replace(bot, definition=bot.definition.model_copy(update={"channels": channels}))

    with serve(make_bot=make) as running, running.client() as http:
        english = http.post(WEBHOOK, json={"sender": "a", "message": "May I return goods?"}).json()
        chinese = http.post(WEBHOOK, json={"sender": "a", "message": "商品可以退货吗？"}).json()
    assert [message["text"] for message in english] == [
        SAID + (" [1]" if keeps and "[1]" in english[0]["text"] else "")
    ]
    assert [message["text"] for message in chinese] == ["商品可在30天内退货。" + (" [1]" if keeps else "")]
    sources = [[cited["source"] for cited in message.get("citations", [])] for message in (*english, *chinese)]
    assert sources == ([["returns.md"], ["退货.md"]] if keeps else [[], []])
