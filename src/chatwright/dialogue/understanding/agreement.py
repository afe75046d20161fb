"""Decides whether a message agrees to a summary that waits for it: plainly, weakly, or not at all.

In: the message, what the summary shows, what was said since it was first shown. Out: Reply. Exact rules first
(`extract/yes_no.py`), then `reply_reader.py`; both are held to the same laws. Every word of a yes must be one that a yes
is made of, of the process, or of the summary. A question, a hesitation or an unshown number is no yes. A courtesy never
is. Where a question was answered in between, "ok" may be about the answer; where something was not understood, "right"
may be about what the visitor believes was changed: then only a plainer yes counts. Asking again costs a turn, a wrong
yes costs a customer. Never sets anything.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatwright.dialogue.commands import Doubt
from chatwright.dialogue.extract.yes_no import read_yes_no
from chatwright.dialogue.understanding.process_words import ProcessWords
from chatwright.dialogue.understanding.reply_reader import MAX_CHARS, Reading, ReplyKind, masked, read_reply, tokens
from chatwright.dialogue.understanding.wishes import asks, hesitates, without_urging
from chatwright.language.in_place import fold_in_place

SURE_YES = 0.8  # of the reader's probability; below it is asked again
SURE_NO = 0.6
SURE_OTHER = 0.5
OBJECTS = 0.25  # of a no or a correction: from there a mere "right" afterwards is not taken for agreement

_NEGATES = re.compile(
    r"(?<![a-z])(?:no|not|never|none|nothing|without|dont|doesnt|didnt|isnt|arent|wasnt|werent|wont|wouldnt|shouldnt|couldnt|cant|havent|hasnt|aint|cannot|stop|cancel|nope|nah)(?![a-z])|[不没别勿甭未免]|无(?!误)"
)
# Negations that agree.
_AGREEING = re.compile(
    r"(?<![a-z])(?:no (?:problems?|worries|objections?|issues?|mistakes?|changes?(?: needed)?|need to (?:change|check|correct)(?: (?:it|anything|that))?)"
    r"|nothing (?:else )?(?:to (?:change|add|correct)|wrong(?: with it)?)|why not|not a problem|dont mind)(?![a-z])"
    r"|没问题|没有问题|没错|没有错|没毛病|没意见|没异议|不错|不用再?(?:[改@]|核对|说)了?(?=\W*(?:就|都|直接|提交|确认|没))|(?:没|没有|没什么)(?:要|需要)?[改@]的了?|没别的了?|不变|不[改@]了?(?=\W*(?:就这样|提交|确认))|别(?:问|啰嗦|废话|磨叽)了?|无误"
)
_LIMITS = re.compile(
    r"(?<![a-z])(?:but|except|however|instead|rather|if|unless|until|almost|nearly|wrong|mistake|first|later|before|yet|who|which|when|where|how|what(?! (?:happened|i)(?![a-z])))(?![a-z])|(?<![a-z])why(?! not)|但|不过|除了|如果|要是|除非|改成|改为|换成|改到|而是|(?<!没)(?<!没有)错|有误|再说|先(?!这样)|等|晚点|回头"
)
_THANKS = re.compile(
    r"(?<![a-z])(?:thanks?(?: (?:you|a lot|so much|very much|a million))*(?: (?:so|very) much)?|thank u|thx|ty|tks|cheers|ta|appreciated)(?![a-z])|多?谢+(?:谢|啦|了|您|你|哈|啊)*|感谢|辛苦(?:您|你)?了?"
)
_WEAK_WORD = r"ok(?:ay|ey|ie)?|k+|alright|all right|fine|good|great|cool|lovely|nice|perfect|right|well|very|so|then|oh|ah|i see|got it|sure thing|noted|understood|wonderful|excellent|awesome|brilliant|super|好|的|嘞|滴|哒|啦|呀|啊|哦|噢|喔|嗯|恩|吧|得|棒|赞|不错|行吧|那行|哈|呢|了|真|太"
_WEAK = re.compile(rf"(?:(?:{_WEAK_WORD})[^\w@#]*)+")
_LISTENS = re.compile(
    r"(?:(?:嗯|恩|哦|噢|喔|啊|呃|额|mhm|mm+|uh huh|oh|ah|i see|got it|noted|understood|hm+)[^\w@#]*)+"
)
_PLAIN_YES = re.compile(
    r"(?:(?:yes+|yep|yup|yeah|please|是|是的|是啊|要|我?同意|可以|ok|嗯|好的?|agreed|i agree|sure|of course|当然)[^\w@#]*)+"
)
_DOES = re.compile(
    r"@|(?<![a-z])(?:submit|send it|confirm(?:ed)?|go ahead|go for it|do it|do that|proceed|process it|register it|file it|book it|place it|as shown)(?![a-z])|提交|确认|确定|办|登记|申请|下单|按(?:上面|这个)"
)
_BELIEVES = re.compile(
    r"(?<![a-z])(?:now|this time|finally|better|at last|again|that'?s it|there you go)(?![a-z])|这[回下次]|现在|终于|才对|总算|改[对好]了"
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """kind: what the message is, "" when that is not sure. objects: it reads like a no or a correction.
    gives_up: a no to the process itself ("don't file it", 不退了), not to what the summary shows."""

    kind: ReplyKind | str
    confidence: float
    objects: bool = False
    gives_up: bool = False


def read_agreement(text: str, words: ProcessWords, shown: Mapping[str, Any], doubt: Doubt = "") -> Reply:
    """What the message says to the summary. "yes" only where it counts after `doubt`."""
    if len(text) > MAX_CHARS:
        return Reply(kind="", confidence=0.5, objects=True)
    text = without_urging(text)
    plain = masked(text, words)
    bare = _THANKS.sub(" ", plain)
    has_thanks = bare != plain
    reading = read_reply(_THANKS.sub(" ", fold_in_place(text)) if has_thanks else text, words, _known(shown, words))
    chances = reading.chances
    objects = chances["no"] + chances["change"] >= OBJECTS
    if has_thanks and not any(map(str.isalnum, bare.replace("@", "a"))):
        return Reply(kind="courtesy", confidence=1.0)
    if _agrees(text, bare, shown, reading):
        if _LISTENS.fullmatch(bare.strip()) or (has_thanks and _WEAK.fullmatch(bare.strip())):
            return Reply(kind="courtesy", confidence=0.9)
        if _counts(bare.strip(), doubt):
            return Reply(kind="yes", confidence=max(chances["yes"], SURE_YES))
        return Reply(kind="courtesy", confidence=0.6)
    return _other(text, bare, reading, objects=objects)


def _agrees(text: str, bare: str, shown: Mapping[str, Any], reading: Reading) -> bool:
    """True for a yes in any strength."""
    left = _AGREEING.sub(" ", bare)
    if _NEGATES.search(left) or _LIMITS.search(left) or "?" in bare or asks(text) or hesitates(text):
        return False
    numbers = "".join(_DIGITS.findall(" ".join(map(str, shown.values()))))
    if any(number not in numbers for number in _DIGITS.findall(fold_in_place(text))):
        return False
    if not any(map(str.isalnum, bare.replace("@", "a").replace("#", ""))):
        said = read_yes_no(fold_in_place(text))
        return said is not None and bool(said.value)
    if _WEAK.fullmatch(bare.strip()):
        return True
    if not reading.is_known:
        return False
    said = read_yes_no(bare.replace("@", "").strip())
    is_rule = said is not None and bool(said.value) and said.confidence >= 0.9
    return is_rule or reading.chances["yes"] >= SURE_YES


def _counts(bare: str, doubt: Doubt) -> bool:
    """True when this yes is plain enough after what was said since the summary was first shown."""
    if not doubt:
        return True
    if doubt == "aside":
        return not _WEAK.fullmatch(bare)
    if _BELIEVES.search(bare):
        return False
    return bool(_DOES.search(bare)) or (
        doubt == "unread" and bool(_PLAIN_YES.fullmatch(bare)) and not _WEAK.fullmatch(bare)
    )


def _other(text: str, bare: str, reading: Reading, *, objects: bool) -> Reply:
    """What a message is that does not agree."""
    chances, kind = reading.chances, reading.kind
    said = read_yes_no(fold_in_place(text))
    if said is not None and not said.value and said.confidence >= 0.9 and kind in ("no", "change", "yes"):
        # 不同意 is a plain no, whatever of it is masked as a word of the process.
        is_plain = not any(map(str.isalnum, text[: said.start] + text[said.end :]))
        is_given_up = not is_plain and _gives_up(bare, chances)
        return Reply(kind="no", confidence=said.confidence, objects=True, gives_up=is_given_up)
    sure = {"no": SURE_NO, "yes": 2.0}.get(kind, SURE_OTHER)
    if kind == "no" and (chances["no"] < sure or (not _NEGATES.search(bare) and chances["no"] < SURE_YES)):
        return Reply(kind="", confidence=chances[kind], objects=True)
    if kind == "courtesy" and (objects or not reading.is_heard):
        return Reply(kind="", confidence=chances[kind], objects=True)
    if chances[kind] < sure:
        return Reply(kind="", confidence=chances[kind], objects=objects)
    return Reply(
        kind=kind, confidence=chances[kind], objects=objects, gives_up=kind == "no" and _gives_up(bare, chances)
    )


_NOT_DOING = re.compile(
    r"(?:不|别|甭|免)(?:\w{0,3})@|取消@|@\w{0,2}(?:算了|免了)|(?<![a-z])(?:dont|not|no|never|wont|cancel|stop|forget|drop|scrap|withdraw)(?: \w+){0,4} ?@"
)


def _gives_up(bare: str, chances: Mapping[str, float]) -> bool:
    return chances["no"] >= SURE_NO and _NOT_DOING.search(bare) is not None


def _known(shown: Mapping[str, Any], words: ProcessWords) -> frozenset[str]:
    """The words that the summary itself shows."""
    return frozenset(token for value in shown.values() for token in tokens(masked(str(value), words)))
