"""The server with the real bot: its turn, its store, its checks; only knowledge and model are scripted."""

import json
from collections.abc import Sequence
from typing import Any

import openai
import pytest

from chatwright.bot.answer import Answerer
from chatwright.bot.definition import BotDefinition, ModelChoice
from chatwright.bot.turn import Bot
from chatwright.engines.scripted import ScriptedEngine
from chatwright.messages import Citation, DocumentText, Evidence, FaqMatch, Passage
from chatwright.safety.guards import default_guards
from chatwright.store import SqlStore
from conftest import serving, until

DOCUMENTS = {
    "returns.md": DocumentText(source="returns.md", title="Returns", text="Goods may be returned within 30 days."),
    "退货.md": DocumentText(source="退货.md", title="退货", text="商品可在30天内退货。"),
}
BASE = "/api/bots/support/conversations"


class Shelf:
    """Finds the document whose language the question has, unless it asks for the moon."""

    async def match_faq(self, query: str) -> FaqMatch | None:
        return None

    async def search(self, query: str, num_passages: int = 5) -> list[Passage]:
        found = DOCUMENTS["returns.md" if query.isascii() else "退货.md"]
        text = found.text
        return [
            Passage(
                id=1, source=found.source, title=found.title, heading="", text=text, start=0, end=len(text), score=1.0
            )
        ]

    async def document(self, source: str) -> DocumentText | None:
        return DOCUMENTS.get(source)

    async def select(self, question: str, passages: Sequence[Passage]) -> Evidence:
        spans = tuple(
            Citation(source=p.source, title=p.title, start=p.start, end=p.end, quote=p.text, score=1.0)
            for p in passages
        )
        return Evidence(spans=spans, probability=0.0 if "moon" in question or "月亮" in question else 0.99)


def real_bot(engine: ScriptedEngine, store: SqlStore) -> Bot:
    definition = BotDefinition(
        name="support",
        title={"en": "Shop", "zh": "商店"},
        languages=("en", "zh"),
        model=ModelChoice(wording="checked"),  # these tests watch the model being asked
    )
    answerer = Answerer(definition=definition, engine=engine, retriever=Shelf(), selector=Shelf())
    return Bot(definition=definition, answerer=answerer, store=store, guards=default_guards())


def start(http: Any) -> tuple[str, dict[str, str]]:
    answer = http.post(BASE)
    assert answer.status_code == 201, answer.text
    return f"{BASE}/{answer.json()['id']}", {"X-Conversation-Token": answer.headers["X-Conversation-Token"]}


def last_event(text: str) -> tuple[str, dict[str, Any]]:
    name, data = text.removesuffix("\n\n").split("\n\n")[-1].split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.fixture(scope="module")
def shop() -> Any:
    with serving(replies=["nonsense that no document says"], make_bot=real_bot) as running:
        yield running


@pytest.mark.parametrize(
    ("question", "source", "language"),
    [("May I return the goods I bought?", "returns.md", "en"), ("我买的商品可以退货吗？", "退货.md", "zh")],
)
def test_an_answer_quotes_its_source_in_both_apis(shop: Any, question: str, source: str, language: str) -> None:
    with shop.client() as http:
        path, token = start(http)
        name, reply = last_event(http.post(f"{path}/messages", json={"text": question}, headers=token).text)
        where = {"source": source, "conversation": reply["conversation"]}
        document = http.get("/api/bots/support/documents", params=where, headers=token).json()
    assert (name, reply["outcome"], reply["language"]) == ("reply", "answered", language)
    (citation,) = reply["citations"]
    assert document["text"][citation["start"] : citation["end"]] == citation["quote"]
    with openai.OpenAI(base_url=f"{shop.url}/v1", api_key="none", max_retries=0) as client:
        asked = [{"role": "user", "content": question}]
        with client.chat.completions.create(model="support", messages=asked, stream=True) as stream:  # type: ignore[call-overload]
            chunks = list(stream)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert said == reply["answer"]
    assert chunks[-1].model_extra["chatwright"]["citations"][0]["source"] == source


@pytest.mark.parametrize(
    ("question", "yes", "language"),
    [("What does the moon weigh?", "yes please", "en"), ("月亮有多重呢？", "好的", "zh")],
)
def test_not_knowing_offers_a_person_and_yes_puts_it_on_the_list(
    shop: Any, question: str, yes: str, language: str
) -> None:
    with shop.client() as http:
        path, token = start(http)
        _, reply = last_event(http.post(f"{path}/messages", json={"text": question}, headers=token).text)
        assert (reply["outcome"], reply["offers_person"], reply["language"]) == ("abstained", True, language)
        _, reply = last_event(http.post(f"{path}/messages", json={"text": yes}, headers=token).text)
        assert reply["outcome"] == "handed_over"
        waiting = http.get(BASE, params={"waiting": "true"}).json()["conversations"]
        assert reply["conversation"] in [item["id"] for item in waiting]
        history = http.get(path, headers=token).json()
    assert history["is_waiting"] is True
    assert [message["role"] for message in history["messages"]] == ["user", "assistant"] * 2


def test_feedback_and_replay(shop: Any) -> None:
    with shop.client() as http:
        path, token = start(http)
        once = token | {"Idempotency-Key": "k1"}
        texts = [http.post(f"{path}/messages", json={"text": "Return?"}, headers=once).text for _ in range(2)]
        assert last_event(texts[0]) == last_event(texts[1])
        assert http.post(f"{path}/messages", json={"text": "Other"}, headers=once).status_code == 422
        assert http.post(f"{path}/feedback", json={"turn": 1, "rating": "down"}, headers=token).status_code == 200
        assert http.post(f"{path}/feedback", json={"turn": 2, "rating": "down"}, headers=token).status_code == 404
        assert http.get(path, headers=token).json()["messages"][-1]["rating"] == "down"
    assert shop.kinds(path.rsplit("/", 1)[-1]).count("user") == 1


def test_two_messages_at_once_are_answered_in_order(shop: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with shop.client() as http:
        path, token = start(http)

        def send(number: int) -> dict[str, Any]:
            return last_event(http.post(f"{path}/messages", json={"text": f"Return {number}?"}, headers=token).text)[1]

        with ThreadPoolExecutor(5) as pool:
            replies = list(pool.map(send, range(5)))
    assert sorted(reply["turn"] for reply in replies) == [1, 2, 3, 4, 5]
    kinds = [kind for kind in shop.kinds(path.rsplit("/", 1)[-1]) if kind in ("user", "bot")]
    assert kinds == ["user", "bot"] * 5


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_a_visitor_who_leaves_cancels_the_model_and_frees_the_conversation(serve: Any, accept: str) -> None:
    with serve(is_gated=True, make_bot=real_bot) as running, running.client() as http:
        path, token = start(http)
        engine = running.bot.engine
        with running.client(headers=token | {"Accept": accept}) as leaving:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(1) as pool:
                sent = pool.submit(leaving.post, f"{path}/messages", json={"text": "Return?"}, timeout=2.0)
                until(lambda: engine.calls)
                with pytest.raises(Exception, match=r"timed out|ReadTimeout"):
                    sent.result()
        own = path.rsplit("/", 1)[-1]
        until(lambda: running.kinds(own) == ["user", "interrupted"])
        assert engine.calls[0].was_cancelled
        running.call(engine.gate.set)
        again = http.post(f"{path}/messages", json={"text": "Return?"}, headers=token)
        assert last_event(again.text)[1]["turn"] == 2
