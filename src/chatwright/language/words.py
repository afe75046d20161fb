"""Splits text into words for searching and comparing: rjieba for Chinese runs, letters and numbers otherwise.

In: text. Out: folded words. Numbers keep their decimal point and separators are dropped: "1,299.50" is "1299.50".
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import rjieba

from chatwright.language.fold import MAX_REMEMBERED_CHARS, fold

_RUN = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][a-z]+)?", re.UNICODE)
_HAN_RUN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
_PLURAL = re.compile(r"(?<=[a-z]{3})(?:ies|(?<!s)s)$")


def words(text: str) -> list[str]:
    """The folded words of `text` in order, without punctuation."""
    return list(_remembered_words(text) if len(text) <= MAX_REMEMBERED_CHARS else _words(fold(text)))


@lru_cache(maxsize=2048)  # a turn reads the same sentences of a folder as the turn before it
def _remembered_words(text: str) -> tuple[str, ...]:
    return tuple(_words(fold(text)))


def _words(folded: str) -> Iterator[str]:
    for run in _RUN.findall(folded):
        if _HAN_RUN.match(run):
            yield from _segmenter().cut(run)
        elif run[0].isdigit():
            yield run.replace(",", "")
        else:
            yield run.removesuffix("'s").removesuffix("’s")


def content_words(text: str) -> list[str]:
    """`words` without those that carry no meaning of their own ("the", "is", "的", "请问")."""
    return [word for word in words(text) if word not in STOP_WORDS]


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """An English word without its commonest endings, so that "returns" finds "returned"; Chinese words unchanged."""
    if not word.isascii() or len(word) < 4 or word[0].isdigit():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s", "e", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            base = word[: -len(ending)]
            return base[:-1] if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls" else base
    return word


def search_terms(text: str) -> list[str]:
    """The terms the word index holds: stems, and for a Chinese word of three or more characters its parts as well."""
    terms: list[str] = []
    for word in words(text):
        terms.append(stem(word))
        if len(word) > 2 and _HAN_RUN.match(word):
            terms.extend(part for part in _segmenter().cut_for_search(word) if part != word)
    return terms


def tagged_words(text: str) -> list[tuple[str, str]]:
    """The words of `text` as written, spaces and marks included, each with its part of speech: "n", "ns" (a place),
    "v", "t" (a time), "m" (a number), "eng" … as jieba names them."""
    tagged: list[tuple[str, str]] = _segmenter().tag(text)
    return tagged


@cache
def _segmenter() -> rjieba.Jieba:
    return rjieba.Jieba()


STOP_WORDS = frozenset(
    """a an the this that these those there here it its is are was were be been being am do does did doing done have
    has had having i you he she we they me him her us them my your his our their mine yours and or but if then than so
    as at by for from in into of off on onto out over to up with about what which who whom whose when where why how can
    could will would shall should may might must please tell me know want like get any some just also too very
    的 了 吗 呢 吧 啊 呀 嘛 是 在 有 和 与 及 或 我 你 您 他 她 它 我们 你们 他们 您们 这 那 这个 那个 这些 那些
    请 请问 问 一下 想 想要 要 能 能不能 可以 可不可以 会 会不会 怎么 怎样 怎么样 如何 什么 哪 哪里 哪儿 哪个
    哪些 谁 几 多少 为什么 么 就 都 也 还 把 被 给 对 从 到 向 于 之 其 而 且 并 以 所 者 等 请教 知道 告诉
    一个 有没有 是不是 需要 应该 我的 你的 您的""".split()  # noqa: SIM905 - a word list reads best as words
)
