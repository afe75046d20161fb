"""Makes a follow-up question stand alone before anything is searched: "那国外呢？" after a question on delivery fees.

In: a message and the history, oldest first. Out: the question to search for. Deterministic. A message that stands alone
is
returned exactly as it is, so that a change of topic is one; in doubt it stands alone. What it does not understand:
follow-ups on what the bot said, and pronouns for something named two questions ago.
"""

import re
from collections.abc import Sequence

from chatwright.dialogue.smalltalk import classify_smalltalk
from chatwright.dialogue.topic import name_in, place_phrase, replace_in, subject_of
from chatwright.language.detect import has_han
from chatwright.language.fold import fold_script
from chatwright.language.words import content_words, tagged_words
from chatwright.messages import Language, Message

_MAX_FRAGMENT_WORDS = 7
_MAX_FRAGMENT_CHARS = 14
_MAX_PRONOUN_CHARS = 24
_MAX_PRONOUN_WORDS = 14

_LANGUAGE_ZH = re.compile(
    r"^\W*(?:(?:请|麻烦)?[用说讲]?(?:一?下)?(?:简体)?(?:中文|汉语|普通话)(?:回答|说|讲"
    r"|回复)?(?:一下|吧|可以吗|好吗)?|(?:please )?(?:(?:answer|say it|reply|speak|tell me|same) )?(?:in )?(?:chinese"
    r"|mandarin)(?:,? please)?)\W*$",
    re.IGNORECASE,
)
_LANGUAGE_EN = re.compile(
    r"^\W*(?:(?:请|麻烦)?[用说讲]?(?:一?下)?(?:英文|英语)(?:回答|说|讲|回复)?(?:一下|吧|可以吗"
    r"|好吗)?|(?:please )?(?:(?:answer|say it|reply|speak|tell me"
    r"|same) )?(?:in )?english(?:,? please)?)\W*$",
    re.IGNORECASE,
)

_LEAD_EN = re.compile(
    r"^(?:(?:ok(?:ay)?|so|also|then|but|hmm|thanks|thank you"
    r"|great)[,.!]?\s+)*(?P<lead>(?:and )?(?:what|how) about|(?:and )?what if|and if|and for|and|or|same for"
    r"|but)\s+(?P<new>.+?)[?!.\s]*$",
    re.IGNORECASE,
)
_OPENS_QUESTION_EN = re.compile(
    r"^(?:how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|should|may|has|have|i|we|my|you"
    r"|tell|from what|until when)\b", re.IGNORECASE
)  # fmt: skip
_FRAGMENT_EN = re.compile(
    r"^(?P<new>(?:to|in|from|for|on|at|with|without)\s[\w -]+|abroad|overseas|online|(?:the )?(?:pro|max|plus|mini"
    r"|lite|ultra)(?: (?:model|version|one))?"
    r"|(?:\d+|one|two|three|four|five|six|ten)\s\w+)\s?\?*$", re.IGNORECASE,
)  # fmt: skip
_PRONOUN_EN = re.compile(r"\b(?:its|it|that one|this one|that|this|they|them|those|these|there)\b", re.IGNORECASE)
_EXPLETIVE_EN = re.compile(
    r"\b(?:is|was|does|will|would|can) (?:it|that|this) (?:\w+ ){0,2}(?:to|for|if|that|possible|true|ok|okay)\b"
    r"|\b(?:is|are|was) there\b|\bthere (?:is|are)\b"
    r"|\bit (?:takes?|costs?) \w+|\b(?:that|this|those|these) (?!one\b|take|cost|work|mean|include|cover|last|fit|have"
    r"|come|need|apply)[a-z]{3,}", re.IGNORECASE,
)  # fmt: skip
_BARE_EN = re.compile(
    r"^(?:(?:and|so|but|ok)[, ]+)?(?:how (?:much|long|many|so|come|far|often)|when|where|why|which one|why not"
    r"|until when|since when|how)(?: exactly| in total)?\s?[?!.]*$", re.IGNORECASE
)  # fmt: skip
_BREAK_EN = re.compile(r"[.!?;]\s|,\s(?:and|but|so)\s|\b(?:and|but|because|since)\s", re.IGNORECASE)
_NOUN_PHRASE_EN = re.compile(r"\b(?:an?|the|my|your|our)\s+[a-z]{3,}|\b[A-Z]\w*\d\w*\b")

_LEAD_ZH = r"(?:那么?|还有|另外|然后|再问一?下|对了|噢|哦|嗯|好的?)?[，,\s]*(?:如果是?|要是|假如|换成|若是?)?[，,\s]*"
_TAILED_ZH = re.compile(rf"^{_LEAD_ZH}(?P<new>[^，,。？?！!]{{1,{_MAX_FRAGMENT_CHARS}}}?)(?:的话)?呢[？?！!。\s]*$")
_LED_ZH = re.compile(
    rf"^(?:那么?(?![里边儿样个款种些])|换成|要是"
    rf"|如果是?)[，,\s]*(?P<new>[^，,。？?！!]{{1,{_MAX_FRAGMENT_CHARS}}})[？?！!。\s]*$"
)
_ASKS_ZH = re.compile(
    r"多少|多久|几|什么|怎么|为什么|哪|吗|么[？?]|是否|能否|[一-鿿]不(?:能|可以|是|要|行)|有没有|可不可以|多[大重高长]"
)
_PRONOUN_ZH = re.compile(
    r"它们?|(?:这|那)(?:个|款|种|台|部|副)(?![月周星礼])|(?:这|那)些|该(?:产品|商品|款)|(?:这|那)(?:样|边|里"
    r"|儿)(?!的话)|上面|刚才(?:说的|那个)?"
)
_GENERIC_ZH = re.compile(
    r"那|还|也|再|又|都|就|大概|一般|最[快晚多少长]|具体|一共|总共|全部|多久|多少|几[天点个年月折]?|什么|时候"
    r"|怎么[样办]?|为什么|哪[里儿个]?|在|可以|能|要|得|需要|用|行|吗|呢|啊|呀"
    r"|么|的|了|钱|元|到|送[到达]?|修[好完]?|退|换|买|申请|办理|收费|付|花|弄|办|开门|关门|营业|到账|查|开|是|有|没|不"
    r"|会|才|收|给|我|你们?|您|贵|免费|包邮|有货|现货|防水|好用|支持|大|重|长|等|发货|长时间|天|左右|[，,。？?！!\s]"
)


def resolve_followup(message: str, history: Sequence[Message]) -> str:
    """`message`, or the question that it continues with what is new put into it."""
    topic = ""
    for earlier in history:
        if earlier.role == "user" and content_words(earlier.content) and classify_smalltalk(earlier.content) is None:
            topic = _resolve(earlier.content, topic)
    return _resolve(message, topic)


def requested_language(message: str) -> Language | None:
    """The language that `message` asks to be answered in, when it asks for nothing else."""
    if _LANGUAGE_ZH.match(message):
        return "zh"
    return "en" if _LANGUAGE_EN.match(message) else None


def _resolve(message: str, topic: str) -> str:
    """`message` as a question of its own after the question `topic`, which stands alone; "" when there was none."""
    if not topic:
        return message
    if requested_language(message):
        return topic
    resolved = _resolve_zh(message, topic) if has_han(message) else _resolve_en(message, topic)
    return resolved or message


def _resolve_zh(message: str, topic: str) -> str | None:
    folded, subject = fold_script(message).strip(), fold_script(topic)
    if not _GENERIC_ZH.sub("", folded) and _ASKS_ZH.search(folded):  # "几天能到": asks, and names nothing
        return f"{subject_of(subject)} {_without_lead(folded)}"
    for pattern in (_TAILED_ZH, _LED_ZH):
        if match := pattern.match(folded):
            new = match["new"]
            if not _ASKS_ZH.search(new):
                return None if _is_statement(new) and pattern is _LED_ZH else replace_in(subject, new)
            if _is_short_of_subject(new):
                return f"{subject_of(subject)} {new}"
    pronoun = _PRONOUN_ZH.search(folded)
    if pronoun and len(folded) <= _MAX_PRONOUN_CHARS and not _is_named_zh(folded, pronoun):
        name = name_in(subject)
        return folded.replace(pronoun[0], f" {name} ", 1).strip() if name else f"{subject_of(subject)} {folded}"
    return None


def _without_lead(folded: str) -> str:
    return re.sub(r"^(?:那么?|还有|另外)[，,\s]*", "", folded)


def _is_statement(new: str) -> bool:
    """True for "那我明天去店里", which tells and does not ask."""
    return any(tag == "r" for _, tag in tagged_words(new)) or len(new) > 8


def _is_short_of_subject(new: str) -> bool:
    """True for "运费多少" and "可以退吗", false for "门店几点开门", which name what they ask of."""
    nouns = [word for word, tag in tagged_words(new) if tag[0] == "n" and not _GENERIC_ZH.fullmatch(word)]
    return (
        len(new) <= 8 and len(nouns) <= 1 and not any(character.isascii() and character.isalnum() for character in new)
    )


def _is_named_zh(folded: str, pronoun: re.Match[str]) -> bool:
    """True when the thing is named in the message itself: "这款N5", "N5 Pro …它…"."""
    before, after = folded[: pronoun.start()], folded[pronoun.end() :]
    return bool(re.match(r"\s?[A-Za-z0-9]", after) or re.search(r"[A-Za-z]\d|[，,。；]", before))


def _resolve_en(message: str, topic: str) -> str | None:
    stripped = message.strip()
    if _BARE_EN.match(stripped):
        return f"{stripped.rstrip('?!. ')} {subject_of(topic)}?"
    led = _LEAD_EN.match(stripped)
    if led:
        new = led["new"]
        is_fragment = len(new.split()) <= _MAX_FRAGMENT_WORDS
        if "if" in led["lead"].lower():
            return f"{topic} {_with_antecedent(new, topic) or new}" if is_fragment else None
        if _OPENS_QUESTION_EN.match(new):
            return _with_antecedent(new, topic)
        return replace_in(topic, new) if is_fragment else None
    if not _OPENS_QUESTION_EN.match(stripped) and (match := _FRAGMENT_EN.match(stripped)):
        return replace_in(topic, match["new"].strip()) if len(stripped.split()) <= _MAX_FRAGMENT_WORDS else None
    return _with_antecedent(stripped, topic)


def _with_antecedent(message: str, topic: str) -> str | None:
    """`message` with what its pronouns stand for; None when it has none, or names the thing itself."""
    if len(message.split()) > _MAX_PRONOUN_WORDS:
        return None
    plain = _EXPLETIVE_EN.sub(lambda match: "_" * len(match[0]), message)
    pronoun = _PRONOUN_EN.search(plain)
    if not pronoun or _is_named_en(message[: pronoun.start()]):
        return None
    place = place_phrase(topic)
    name = name_in(topic) or re.sub(r"\s+", " ", subject_of(topic).replace(place or "\0", "")).strip()
    is_there = pronoun[0].lower() == "there"
    if name and not is_there:
        possessive = "'s" if pronoun[0].lower() == "its" else ""
        message = message[: pronoun.start()] + name + possessive + message[pronoun.end() :]
    if place:
        message = re.sub(r"\bthere\b(?! (?:is|are)\b)", place, message, flags=re.IGNORECASE)
    return f"{subject_of(topic)}: {message}" if (is_there and not place) or not name else message


def _is_named_en(before: str) -> bool:
    """True when an earlier clause of the same message names what the pronoun stands for."""
    clauses = _BREAK_EN.split(before)
    return any(_NOUN_PHRASE_EN.search(clause) for clause in clauses[:-1]) or bool(re.search(r"\b[A-Z]\w*\d", before))
