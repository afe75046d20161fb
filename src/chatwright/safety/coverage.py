"""Says which content words of a sentence a piece of evidence does not hold.

In: text. Out: words. Endings, a few everyday synonyms and Chinese segmentation may differ; names, and words that turn a
statement round ("before", "free", "always"), may not.
"""

import re
from functools import cache
from itertools import pairwise

from chatwright.language.detect import has_han
from chatwright.language.fold import fold
from chatwright.language.quantities import find_quantities
from chatwright.language.words import STOP_WORDS, stem, words

_SYNONYMS = (
    "cost charge fee price postage expense 费用 运费 收费 价格 价钱 邮费 多少钱 手续费",
    "delivery deliver shipping ship dispatch send sent post postage parcel arrive 配送 送达 寄送 发货 送货 寄 送 到货 "
    "寄到 发往",
    "take takes time need require 需要 需 时间 时效",
    "return returned send-back 退货 退回 退",
    "refund reimburse refunded 退款",
    "buy purchase bought order ordered 购买 买 订购 下单",
    "repair fix mend 维修 修理 修",
    "support supports supported work works compatible available offer offers provide provides have has come comes 支持 "
    "提供 可用 适用",
    "warranty guarantee guaranteed 保修 质保 保修期",
    "store shop shops stores 门店 商店 店 店铺",
    "customer customers buyer member members user users 客户 顾客 用户 买家",
    "open opened unsealed 拆封 打开 拆开",
    "phone mobile smartphone handset 手机",
    "contact reach call phone write 联系 拨打",
    "cancel cancelled cancellation 取消",
    "person people staff colleague human agent 人工 客服 真人",
    "limit maximum most up-to 最多 上限 限",
    "period window term 期限 期",
    "credit credited issue issued pay paid 到账 退还 发放",
    "receive received receipt get 收到 签收",
    "enter input type fill 输入 填写",
    "choose select pick 选择 选",
    "within inside 内 以内 之内",
    "close closes closing 关门 打烊 结束营业 闭店",
    "begin start starts begins 开始 起",
)
# Words that frame an answer and claim nothing of their own.
_FREE = frozenset(
    """according policy per yes sure hello hi dear follow following provide information document documents
    based state states mention mentioned say says said note please thank thanks would also sir madam
    follows regarding concerning each such other others there per once one total both product item items service
    您好 你好 好 好的 根据 资料 显示 以下 我们 咱们 您 亲 关于 如下 来说 对于 内容 情况 是的 尊敬 可 需
    会 将 已 时 后面 里 并 且 由 此 该 则 即 为 以 进行 相关 信息 目前 这款 该款 商品 产品 的话 一共 共 总共 总计 约
    大约 按照 规定 政策 提到 表示 说明 属于 分别 其中 另外 此外 当然 感谢 谢谢 或者 以及 如果 若 上 下 中
    前提 没 不 无 未 至 到""".split()  # noqa: SIM905
)
# A sentence may not bring in any of these by itself: they change what is claimed.
_DECISIVE = frozenset(
    """before after free only always never every all any must guarantee guaranteed first last new used same different
    more less
    include included exclude excluded except immediately instantly forever lifetime unlimited month week year day daily
    monthly weekly yearly unconditional unconditionally automatically full fully completely entire entirely best
    前 后 之前 之后 以前 以后 免费 收费 仅 只 只有 只能 全部 所有 任何 每 每天 每月 每年 每周 必须 一定 保证 立即 立刻
    马上 终身 永久 无限 随时 全额 完全 自动 首次 最后 均 都 全 唯一 无条件 统一 一律""".split()  # noqa: SIM905
)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
# Polarity is compared by itself (polarity.py); these say nothing of what is denied.
_DENIALS = frozenset(
    "not no cannot none nor neither 不 不能 不可 不可以 不会 不是 不得 不要 没 没有 无 未 勿".split()  # noqa: SIM905
)
_ANCHOR = re.compile(
    r"\b(?:after|before|from|since|until) (?:the |your |an? )?([a-z]+)|([一-鿿]{2,6})(?:之|以)?[后前起]"
)
_PERSONS = {
    "we": re.compile(r"\b(?:we|us|our)\b|我们|咱们|本店|我司"),
    "you": re.compile(r"\b(?:you|your)\b(?! should know| need to know)|[您你]"),
}
_VARIANTS = frozenset(["pro", "max", "plus", "mini", "lite", "ultra", "se", "air"])


@cache
def _synonyms() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in _SYNONYMS:
        row_stems = {stem(word) for word in row.split()}
        for word in row_stems:
            found.setdefault(word, set()).update(row_stems)
    return {word: frozenset(others) for word, others in found.items()}


@cache
def _free_stems() -> frozenset[str]:
    return frozenset(stem(word) for word in _FREE) - frozenset(stem(word) for word in _DECISIVE)


@cache
def _decisive_stems() -> frozenset[str]:
    return frozenset(stem(word) for word in _DECISIVE)


def content_stems(text: str) -> list[str]:
    """Stems of the words of `text` that carry meaning; codes are words, other quantities and denials are not."""
    codes = [quantity.value for quantity in find_quantities(text) if quantity.kind in ("code", "email", "url")]
    return codes + [
        stem(word)
        for word in words(_without_quantities(text))
        if not word[0].isdigit()
        and (word not in STOP_WORDS or word in _DECISIVE)
        and word not in _DENIALS
        and not _is_letter(word)
    ]


def _without_quantities(text: str) -> str:
    kept, start = [], 0
    for quantity in find_quantities(text):
        kept.append(text[start : quantity.start])
        start = quantity.end
    return " ".join([*kept, text[start:]])


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isascii()


def uncovered_words(sentence: str, evidence: str) -> tuple[list[str], int]:
    """The content words of `sentence` that the evidence does not hold, and how many it has."""
    flat = fold(evidence)
    known = set(content_stems(flat)) | {stem(word) for word in words(flat)}
    wanted = [word for word in content_stems(sentence) if word not in _free_stems()]
    return [word for word in wanted if not _is_covered(word, known, flat)], len(wanted)


def _is_covered(word: str, known: set[str], flat: str) -> bool:
    if word in known or not known.isdisjoint(_synonyms().get(word, ())):
        return True
    if not has_han(word):
        return len(word) > 5 and any(_share_stem(word, other) for other in known)
    if word in _DECISIVE:
        return word in flat
    if word in flat or any(other in flat for other in _synonyms().get(word, ()) if has_han(other)):
        return True
    # "退货" in "退换货": the same characters in order, next to each other but for two.
    gapped = ".{0,2}".join(re.escape(character) for character in word)
    return len(word) > 1 and re.search(gapped, flat) is not None


def _share_stem(word: str, other: str) -> bool:
    """ "refundable" and "refund": the shorter of five letters or more begins the longer."""
    short, long = sorted((word, other), key=len)
    return len(short) >= 5 and long.startswith(short) and not long.endswith(("less", "free"))


def same_meaning(word: str, others: frozenset[str]) -> bool:
    """True when `others` has `word` or one of its everyday synonyms."""
    return word in others or not others.isdisjoint(_synonyms().get(word, ()))


def decisive_words(found: list[str], sentence: str) -> list[str]:
    """Those of `found` that turn a statement round: "always", and what a time is counted from ("after payment")."""
    anchors = {stem(match[1] or match[2]) for match in _ANCHOR.finditer(fold(sentence))}
    return [
        word
        for word in found
        if word in _decisive_stems() or word in _DECISIVE or any(anchor.endswith(word) for anchor in anchors)
    ]


def unknown_names(sentence: str, evidence: str) -> list[str]:
    """Names of `sentence` that are not in the evidence: words with a capital that do not begin it, Latin words in
    Chinese."""
    known = {word.lower() for word in _WORD.findall(fold(evidence))} | {stem(word) for word in words(evidence)}
    is_chinese = has_han(sentence)
    unknown: list[str] = []
    for match in _WORD.finditer(sentence):
        word = match[0].removesuffix("'s").removesuffix("’s")
        is_name = is_chinese or (word[0].isupper() and match.start() > 0 and len(word) > 1)
        if is_name and word.lower() not in known and stem(word.lower()) not in known and not _is_framing(word):
            unknown.append(word)
    return unknown


def _is_framing(word: str) -> bool:
    return word.lower() in STOP_WORDS or stem(word.lower()) in _free_stems()


def dropped_variants(sentence: str, evidence: str) -> list[str]:
    """ "N5" where the evidence only has "N5 Pro": what is said of the one is not said of the other."""
    said, known = words(sentence), words(evidence)
    pairs = list(pairwise([*known, ""]))
    alone = {name for name, following in pairs if following not in _VARIANTS}
    return [
        f"{name} {variant}"
        for name, variant in pairs
        if variant in _VARIANTS and name in said and variant not in said and name not in alone
    ]


def exchanged_persons(sentence: str, evidence: str) -> list[str]:
    """ "You" where the evidence speaks of "we", and the other way round; empty when either names nobody."""
    said, known = _persons(sentence), _persons(evidence)
    return sorted(said - known) if said and known and said.isdisjoint(known) else []


def _persons(text: str) -> set[str]:
    return {person for person, pattern in _PERSONS.items() if pattern.search(text.lower())}
