"""Recognises what needs no search: greetings, thanks, goodbyes, the wish for a person, the answer to an offer of one.

In: a message, and whether a person was just offered. Out: a kind, or None for everything else. Conservative: every
clause of a message must be small talk, so "hi, how long does a refund take?" is a question. Only the wish for a person
wins over anything else that is said with it.
"""

import re
from typing import Literal

from chatwright.language.detect import has_han
from chatwright.language.fold import fold

Smalltalk = Literal["person", "accept", "decline", "is_bot", "bye", "thanks", "ok", "greeting", "no_words", "empty"]

_CLAUSE_END = re.compile(r"[,.!?;:~…、，。！？；：～\n()（）\"“”]+")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_SPACES = re.compile(r"\s+")
_YES_SIGNS = re.compile("[👍👌🆗✅]")
_NO_SIGNS = re.compile("[👎🙅❌]")
_MAX_CHARS = 200  # a longer message is never small talk, and no pattern is tried on it
_MAX_JOINED_CHARS = 24  # of a clause that may be two without a mark between them: "ok thanks bye", "好的谢谢"

_REAL = r"(?:(?:a|an|the|some|your|any) )?(?:(?:real|live|actual|human|proper) )*"
_PERSON = rf"{_REAL}(?:person|human(?: being)?|someone(?: real)?|somebody|agent|operator|representative|rep|advis[oe]r)"
_DESK = rf"{_REAL}customer (?:service|support|care)(?: (?:agent|representative|rep|person|staff|team))?"
_CREW = rf"{_REAL}(?:people|colleague|staff(?: member)?|(?:service|support|help desk)(?: (?:agent|person|staff|team))?)"
_TALK = (
    r"(?:(?:talk|speak|chat)(?:ing)? (?:to|with)|(?:connect|transfer|pass|switch|hand)(?: me)?(?: on| over)? (?:to|with)"
    r"|put me through to)"
)
_WISH = (
    r"(?:(?:just|please) |(?:can|could|may) (?:i|you) |i (?:want|need|wish|would like|prefer) (?:to )?"
    r"|i'd (?:like|prefer|rather) (?:to )?|let me |is it possible to )*"
)
_NOW = r"(?: (?:please|now|here|instead|right now|directly))*(?: (?:about|regarding|who|on the phone) ?.{0,80})?"
_AI = r"(?:an? )?(?:(?:real|live|actual) )?(?:bot|robot|chatbot|ai|machine|computer|program|human(?: being)?|person)"

_ASK = "(?:请|麻烦|能不能|能否|可以|可不可以|我想|我要|我需要|想|要|帮我|帮忙|给我|让我|直接|快点?|赶紧|立刻|马上|还是|你|您)*"
_STAFF = "(?:人工|真人|活人|人)?(?:客服|坐席|服务)?(?:人员)?"
_SOUND = "[啊呀哦噢喔啦了吧嘛呢哈哟哒滴的么吗 ]*"
_MATTER = "(?:(?:来|帮我)?(?:咨询|问|处理|解决|反映|投诉|服务).{0,30})?"

_PATTERNS: tuple[tuple[Smalltalk, tuple[str, ...]], ...] = (
    (
        "person",
        (
            rf"{_WISH}{_TALK} (?:{_PERSON}|{_DESK}|{_CREW}){_NOW}",
            rf"{_WISH}(?:get|reach|have|want|need)(?: me)? (?:{_PERSON}|{_DESK}){_NOW}",
            rf"(?:i (?:want|need) )?(?:{_PERSON}|{_DESK})(?: please| now)*",
            rf"is there {_PERSON}(?: i can (?:talk|speak) to| there| here)+",
            r"(?:can|could) (?:a |some )?(?:real |live )?(?:person|human|agent) (?:please )?(?:help|call|contact)(?: me)?",
            rf"{_ASK}(?:转接?到?|切换到?|接入?|接通|找|叫|呼叫|联系|连接|需要|要)(?:一下|一个|个)?"
            rf"(?=人|真人|活人|客服|坐席){_STAFF}{_MATTER}{_SOUND}(?:谢谢)?",
            rf"{_ASK}转接?(?:一下)?",
            rf"{_ASK}(?:和|跟|与|同)(?=人|真人|活人|客服){_STAFF}"
            rf"(?:说话?|聊聊?天?|谈谈?|沟通|讲|对话|交流)(?:一下)?{_SOUND}",
            rf"(?:有没有|有)?(?:人工|真人)(?:客服|服务|坐席)?(?:在)?{_SOUND}",
            rf"我?不(?:想|要)(?:和|跟)(?:机器人?|ai)(?:说话?|聊天?|谈)?{_SOUND}",
        ),
    ),
    (
        "is_bot",
        (
            rf"(?:are|r) (?:you|u) (?:(?:really|actually|just) )?(?:{_AI}|real|human)(?: or {_AI})?",
            rf"(?:is this|am i (?:talking|speaking|chatting) (?:to|with)) {_AI}(?: or {_AI})?",
            r"(?:who|what) are you|who am i (?:talking|speaking) (?:to|with)",
            "(?:请问)?[你您](?:到底|究竟)?(?:是|是不是)一?个?(?:机器人?|ai|人工智能|真人|人工?|人工客服|程序)"
            f"(?:还是(?:真?人|人工|机器人?|ai))?{_SOUND}",
            f"(?:请问)?[你您]是(?:谁|什么){_SOUND}|我?[是在]*[和跟](?:机器人|ai|真?人)(?:说话|聊天?){_SOUND}",
        ),
    ),
    (
        "bye",
        (
            r"(?:ok(?:ay)? )?(?:thanks? |thank you )?(?:good ?bye|bye(?: ?bye)?|see (?:you|ya|u)(?: (?:later|soon|around|then))?|good ?night|take care)(?: then| now)?",
            r"have a (?:nice|good|great|lovely) (?:day|evening|one|weekend|night)",
            r"that(?:'s| is|s) all(?: for (?:now|today))?|(?:i'm|i am|im) (?:done|all set)",
            "(?:再见|拜拜?|88|886|回见|回头见|下次见|先这样|就这样|没事了?|晚安)" + _SOUND,
            "没有?(?:其他|别的)?(?:问题|事|事情)了?" + _SOUND,
        ),
    ),
    (
        "thanks",
        (
            r"(?:great |perfect |cool |many )?(?:thanks?|thank (?:you|u)|thx|tks|ty|cheers|much appreciated)"
            r"(?: (?:very much|so much|a lot|a million|again|for (?:your|the) (?:help|time|info|information|answer)|for that"
            r"|for this|anyway|lots))*|i (?:really )?appreciate (?:it|that|your help)",
            r"(?:(?:that(?:'s| is| was)|you(?:'ve| have) been) )?(?:very |really |so |super )?helpful",
            f"(?:太|非常|十分|万分|多)?(?:感谢|多谢|谢谢?|3q|辛苦)[您你]?们?的?(?:帮助|帮忙|解答|回答|回复|耐心)?{_SOUND}",
        ),
    ),
    (
        "greeting",
        (
            r"(?:hi+|hello+|hey+|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|morning)"
            r"(?: (?:there|all|everyone|team|bot|sir|madam|again|support|guys|friend))*",
            r"(?:is )?any(?:one|body) (?:there|here|home)|(?:are )?you there|how are you(?: (?:doing|today))*|nice to meet you",
            f"(?:[你您]们?|大家|客服|亲|机器人)好{_SOUND}(?:客服|亲|在吗|(?:智能)?(?:机器人|助手|助理|客服|小助手))?{_SOUND}|(?:客服|亲|有人)?在(?:不在|不)?{_SOUND}|有人{_SOUND}",
            f"哈[喽啰罗]|嗨+|嘿+|(?:早上|上午|中午|下午|晚上)好{_SOUND}|[早午]安|早|喂+|客服|亲",
        ),
    ),
    (
        "decline",
        (
            r"no+(?: no)*(?: (?:thanks?|thank you|need|problem|it(?:'s| is) (?:ok(?:ay)?|fine)))*|nope|nah|no need",
            r"not (?:now|necessary|needed|yet|really)|(?:i )?(?:don't|do not|dont) (?:need|want)(?: (?:it|that|to|one))?",
            r"never ?mind|(?:i'm|i am|that's|that is|it's|it is) (?:ok(?:ay)?|fine|good)|(?:maybe )?later",
            f"(?:暂时|先|还是|现在)?(?:不用|不必|不要|不需要|没必要|不|算了?|免了|别)(?:转|转接|转人工|麻烦|客气)?{_SOUND}",
            f"没有?{_SOUND}|不[好行是]{_SOUND}|(?:以后)?再说{_SOUND}",
        ),
    ),
    (
        "accept",
        (
            r"(?:yes|yeah|yea|yep|yup|ya|sure|certainly|of course|definitely|absolutely|ok(?:ay|ey)?|okie|k|alright|all right"
            r"|fine|right|correct)(?: (?:please|sure|yes|do|go ahead|of course|connect me|i do|i would))*",
            r"please(?: do)?|go ahead|do (?:it|that|so)|sounds good|that works|i do|i would|(?:i'd|i would) like that"
            r"|that would be (?:great|good|nice|helpful)|great|perfect|cool|got it|i see|understood|connect me",
            "(?:好|行|可以|嗯+|恩+|哦+|噢+|是|对|要|需要|转|没问题|当然|当然可以|麻烦[你您]?|同意|可)"
            "(?:的|了|吧|啊|呀|哦|呢|请|麻烦[你您]?)*",
            "(?:帮我|请|请你|请您|那)?(?:转|转接)(?:吧|一下)?|(?:我)?(?:知道|明白|了解|清楚|收到|懂)(?:了|啦)?|好好+",
        ),
    ),
)
_COMPILED = tuple((kind, re.compile("|".join(patterns))) for kind, patterns in _PATTERNS)
_STRONGEST_FIRST: tuple[Smalltalk, ...] = ("is_bot", "bye", "thanks", "greeting", "decline", "accept")
# "fine, bye" and 嗯嗯，没事了 take leave: nobody waits for a person then.
_ANSWERS_FIRST: tuple[Smalltalk, ...] = ("decline", "bye", "accept", *_STRONGEST_FIRST)


def classify_smalltalk(text: str, *, is_offer_open: bool = False) -> Smalltalk | None:
    """The kind of small talk `text` is, None when it must be answered.

    is_offer_open: the bot has just offered a person, so "yes" is accept; without an offer it is "ok".
    """
    folded = fold(text).strip()
    if not any(character.isalnum() for character in folded):
        return _classify_signs(text, is_offer_open=is_offer_open)
    if len(folded) > _MAX_CHARS:
        return None
    kinds = [kind for clause in _clauses(folded) for kind in _classify(clause, is_offer_open=is_offer_open)]
    if "person" in kinds:
        return "person"
    if None in kinds:
        return None
    order = _ANSWERS_FIRST if is_offer_open else _STRONGEST_FIRST
    strongest = next(kind for kind in order if kind in kinds)
    return "ok" if strongest == "accept" and not is_offer_open else strongest


def _classify_signs(text: str, *, is_offer_open: bool) -> Smalltalk:
    """What a message without a letter or digit means: an answer to the offer, or nothing that could be searched."""
    if is_offer_open and _YES_SIGNS.search(text):
        return "accept"
    if is_offer_open and _NO_SIGNS.search(text):
        return "decline"
    return "no_words" if fold(text).strip() else "empty"


def _clauses(folded: str) -> list[str]:
    clauses = (_SPACES.sub(" ", _EDGES.sub("", clause)) for clause in _CLAUSE_END.split(folded.replace("’", "'")))
    return [clause for clause in clauses if clause]


def _classify(clause: str, *, is_offer_open: bool) -> list[Smalltalk | None]:
    """The kind of a clause, or of the two that it consists of without a mark between them; [None] when it is neither."""
    if kind := _kind(clause, is_offer_open=is_offer_open):
        return [kind]
    if len(clause) <= _MAX_JOINED_CHARS or clause.startswith(("hi ", "hello ", "hey ", "ok ", "yes ", "no ")):
        for middle in range(1, len(clause)):
            if clause[middle] == " " or has_han(clause[middle]):
                parts = [
                    _kind(part.strip(), is_offer_open=is_offer_open) for part in (clause[:middle], clause[middle:])
                ]
                if None not in parts:
                    return parts
    return [None]


def _kind(clause: str, *, is_offer_open: bool) -> Smalltalk | None:
    kinds = [kind for kind, pattern in _COMPILED if pattern.fullmatch(clause)]
    if is_offer_open and "accept" in kinds:  # "转吧" asks for a person, and after an offer it is the answer to it
        return "accept"
    return kinds[0] if kinds else None
