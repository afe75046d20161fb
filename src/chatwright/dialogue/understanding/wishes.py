"""Recognises what a visitor wants of the conversation itself: give up, say it again, leave a question out, begin anew.

In: a message. Out: the wish, or None. Also tells a question about how things are in general ("how long do refunds
take?") from one about the visitor's own business ("where is my order?"), which a flow answers.
A clause must be the wish as a whole: "cancel my order" is business, "cancel this" is not. Linear time.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from typing import Literal

from chatwright.dialogue.extract.wording import is_question
from chatwright.language.fold import fold

Wish = Literal["cancel", "repeat", "skip", "restart"]

_MAX_CHARS = 200
_MAX_SHORT = 48  # characters of a message that may lean on the one before
_CLAUSE_END = re.compile(
    r"[,.!?;:~…、，。！？；：～\n()（）\"“”]+|(?<=[了吧啊不])\s+|\b(?:and|but)\b|但是?|不过|所以|而且"
)
_BEFORE = re.compile(
    r"(?:(?:please|pls|ok|okay|well|sorry|actually|hmm|um|oh|no|wait|just|then|so|let's|let us|can you|could you|can we|could we|can i|could i"
    r"|would you|i want to|i'd like to|i would like to|i think|i guess|we)\b\s*)+|(?:那就|那|算了吧?|就|嗯|哦|啊|呃|好吧|请|麻烦|你|您|能不能|可以|可不可以|我想|我要|我|还是|帮我|给我|这个|抱歉|对不起|不好意思|要不)+"
)
_AFTER = re.compile(
    r"(?:\s*\b(?:please|pls|thanks|thank you|now|for now|then|today|sorry|after all|if possible))+$|(?:吧|了吧|啦|谢谢|好吗|可以吗|行吗|一下吧|哈|呀|啊|好了)+$"
)
_IT = r"(?:it|this|that|everything|all(?: of (?:it|this))?|(?:the |this |that )?(?:process|conversation|request|form|procedure|flow|booking process|whole thing))"

_PATTERNS: dict[Wish, str] = {
    "restart": r"(?:re)?start (?:over|again|afresh|anew|from (?:scratch|the (?:start|beginning|top)))(?: again)?|restart(?: (?:it|this|everything))?"
    r"|begin again|(?:go )?back to the (?:start|beginning)|reset(?: (?:it|this|everything))?|/restart"
    r"|(?:从头|重新)(?:再|来|开始|过)+(?:一遍|一次)?|重来(?:一遍|一次)?|重启|推倒重来",
    "repeat": r"(?:say|tell me|repeat|ask)(?: (?:that|it|the (?:question|last (?:part|message|one)))(?: to me)?)?(?: (?:again|once more|one more time))|repeat(?: (?:it|that|this|please|yourself|the (?:question|last message)))*"
    r"|come again|pardon(?: me)?|once (?:more|again)|what did you (?:just )?(?:say|ask)|what was (?:that|the question|your question)(?: again)?"
    r"|(?:i )?(?:didn't|did not|don't|do not|couldn't) (?:quite )?(?:get|catch|hear|understand|follow)(?: (?:that|it|you|the question|what you (?:said|mean|meant|asked)))?"
    r"|再(?:说|讲|问|发|重复)(?:一)?[遍次下](?:刚才的|问题|刚才的问题)?|重复(?:一下|一遍|一次)?(?:刚才的|问题|刚才的问题)?|没(?:有)?(?:太)?(?:看|听)?(?:懂|清楚?|明白)(?:你的意思|问题)?"
    r"|(?:刚刚?|刚才)?(?:说|问)(?:的)?(?:是)?(?:什么|啥)(?:来着)?|(?:刚刚?|刚才)(?:说|问)的?(?:什么|啥)",
    "skip": r"skip(?: (?:it|this|that|(?:this|that|the) (?:question|step|one|part)))?|pass|next(?: (?:question|one|step))?|no comment|none of your business"
    r"|(?:i'd |i would |i'd really )?(?:rather not|prefer not to|prefer to not)(?: (?:say|tell|answer|give|share|disclose|provide)(?: [\w' ]{1,40})?)?"
    r"|(?:i )?(?:don't|do not|won't|will not) (?:want to |wish to |feel like )?(?:say|saying|tell|telling|answer|answering|give|giving|share|sharing|provide|disclose)(?: (?:you|it|that|this|my|the|any)(?: [\w' ]{1,40})?)?"
    r"|(?:i )?(?:don't|do not) have (?:one|that|any)|leave (?:it|that) (?:out|blank|empty)"
    r"|(?:跳过|略过|先跳过)(?:这个|这一?题|这一?步|这个问题|它)?|下一(?:个|题|步|个问题)|(?:不想|不方便|不愿意?|不太想|不便)(?:说|讲|回答|透露|告诉|给|提供|填|留)(?:你|您|你们)?(?:这个|我的)?[\w]{0,8}"
    r"|不(?:填|留|说|回答)(?:这个|了)?|没有这个|保密|留空",
    "cancel": rf"(?:cancel|stop|quit|abort|end|drop|forget|leave|exit|undo)(?: (?:about )?{_IT})?|never ?mind(?: (?:it|that|this))?|nvm|i (?:give up|quit|changed my mind|have changed my mind|'ve changed my mind)|i've changed my mind|changed my mind"
    rf"|(?:(?:don't|do not) (?:bother|continue)|no need)(?: (?:with )?{_IT})?|(?:i )?(?:don't|do not|no longer) (?:want|need|wish)(?: to)?(?: [\w' ]{{1,30}})? (?:any ?more|any longer)|(?:i )?no longer (?:want|need|wish)(?: to)? [\w' ]{{1,30}}"
    rf"|(?:i )?(?:don't|do not) want to (?:continue|go on|proceed|do (?:{_IT}))(?: [\w' ]{{1,20}})?|(?:i'll|i will|i'd rather) keep (?:it|them|this|that)|not interested(?: any ?more)?|(?:don't|do not) want to (?:go on|continue)"
    r"|算了?|算了(?:算了)?(?:不用)?了?|(?:先|暂时|都|又)?不(?:想)?(?:办|弄|搞|退|约|预约|预订|预定|改|查|投诉|要|买|订|定|用|想|换|申请|需要|办理|继续|做|弄了|参观|去)了|先不(?:用|要)?(?:办|弄|搞|退|约|预约|预订|预定|改|查|投诉|买|订|定|换|申请|办理|继续|做|参观|去)?了?"
    r"|取消(?:吧|这个|这次|操作|流程|办理|申请|这个流程|本次操作)?|不(?:想)?(?:继续|办|弄|搞)(?:了|下去了?)?|别(?:办|弄|搞)了|停|停下来?|停止|退出|终止|放弃|作罢|(?:我)?(?:反悔|后悔|改主意|改变主意)了?",
}  # fmt: skip
_COMPILED: tuple[tuple[Wish, re.Pattern[str]], ...] = tuple(
    (wish, re.compile(text)) for wish, text in _PATTERNS.items()
)

_GENERAL = re.compile(
    r"\b(?:policy|policies|terms|conditions|rules?|warranty|guarantee|opening hours|office hours|usually|normally|generally|in general|typically)\b"
    r"|^(?:(?:and|so|but|ok|okay|hi|hello|wait|sorry|excuse me|please tell me|can you tell me|could you tell me|do you know)[, ]+)*"
    r"(?:how (?:much|many|long|often|far|late|early|soon|does|do (?:you|i (?:find|know|get to|have)))|which|who (?:pays?|is|are)|do (?:you|i|we) (?!have (?:a|any) (?:slot|appointment))|does|is there|are there|are you|is it|what(?:'s| is| are| does| do| kind| happens| if| sort)|why|tell me about|what about)\b"
    r"|\b(?:for free|free of charge|how (?:much|long|many))\b"
    r"|多少(?!东西)|多久|多长时间|几(?:天|点|折|个工作日)|期限|收费|要钱|免费|费用|运费|邮费|价格|政策|规定|规则|条件|哪些|哪种|哪款|支持.{0,12}[吗么]|一般|通常|正常情况|谁(?:来|给)?(?:承担|出|付|负责|处理|管|受理)|优惠|为什么|是什么|什么意思|区别|在哪[里儿]?(?:可以|能)?(?:看|找|查看|下载|领)|有没有(?!到|发|寄)|(?:会|需要|要)(?:不会)?.{0,8}(?:费|钱).{0,3}[吗么]"
)
_WHETHER = re.compile(r"(?:吗|么|能不能|可不可以|[可能会行]\S{0,12}不)[?。!~\s]*$")
_OWN = re.compile(
    r"\b(?:my|mine|i(?:'ve)? (?:ordered|bought|paid|got|received|want|need|would like)|i'd like|i want)\b|我的|我们的|我(?:想|要|需要|买|订|下单|收到)|帮我|给我"
)


def read_wish(text: str) -> Wish | None:
    """The strongest wish of any clause: to begin anew before to give up, that before to hear again or leave out."""
    folded = fold(text).replace("’", "'").strip()
    if not folded or len(folded) > _MAX_CHARS:
        return None
    clauses = [clause.strip() for clause in [folded, *_CLAUSE_END.split(folded)] if clause.strip()]
    forms = {form for clause in clauses for form in (clause, *_bare(clause))}
    found = {wish for wish, pattern in _COMPILED if any(pattern.fullmatch(form) for form in forms)}
    order: tuple[Wish, ...] = ("restart", "cancel", "repeat", "skip")
    return next((wish for wish in order if wish in found), None)


def beside_wish(text: str) -> str:
    """What the message says in clauses that are no wish about the conversation: 不退了，我要投诉 leaves 我要投诉."""
    clauses = [clause.strip() for clause in _CLAUSE_END.split(text[:_MAX_CHARS]) if clause.strip()]
    return ", ".join(clause for clause in clauses if read_wish(clause) is None)


_GOES_ON = re.compile(
    r"呢\W*$|^\W*(?:那|还有|另外|以及)|[再也]|[打写说弄搞]错|\b(?:and|also|what about|how about|oops|typo|sorry|meant|mistake|again|instead|too)\b"
)


def goes_on(text: str) -> bool:
    """True for a short message that says the same of something else: "and LM100004?", 那这个呢, "oops, typo, …"."""
    folded = fold(text)
    return len(folded) <= _MAX_SHORT and _GOES_ON.search(folded) is not None


def _bare(clause: str) -> list[str]:
    """The clause without what politeness puts before and after it."""
    opening = _BEFORE.match(clause)
    begun = clause[opening.end() :].strip() if opening else clause
    closing = _AFTER.search(begun)
    ended = begun[: closing.start()].strip() if closing else begun
    closing = _AFTER.search(clause)
    return [form for form in (begun, ended, clause[: closing.start()].strip() if closing else "") if form]


_HESITATION = re.compile(
    r"^\W*(?:h+m+|u+m+|u+h+|er+m*)\W*$|\b(?:not (?:so |too |really |quite )?sure|unsure|(?:don't|do not) (?:really )?know|dunno|no idea|you (?:tell me|choose|decide)|let me (?:think|see|check)|whatever|up to you|hard to say|depends)\b"
    r"|不清楚|不知道|不晓得|不确定|不好说|说不准|想想|想一想|考虑|看情况|随便|无所谓|你(?:说|定|决定)|^\W*[嗯呃额哈嘿呵]+\W*$"
)
_CODE = re.compile(r"[a-z]{1,4}-?\d{4,20}|\d{5,20}")  # whoever names a code speaks of something of their own
_ASKS_TOO = re.compile(
    r"在哪|到哪|去哪|怎样|咋|啥|多[大远高重]|(?<=[^\W有还都也])没\W*$|(?<![还都也])(?:[发到收寄送退]|发货|签收)[货了件到]?没有\W*$|谁(?:来|给)?(?:承担|出|付|负责|处理|管|受理)"
)


_CLAUSES = re.compile(r"[,.;，。；、]\s*(?!\d)")
_URGES = re.compile(
    r"(?:(?:please|pls|and|but|just|i'm in a|a bit|as|be) ?)*(?:hurry(?: up)?|quick(?:ly)?|fast(?:er)?|asap|soon as (?:possible|you can)|right away|at once|now)(?: please)?"
    r"|(?:请|麻烦|那|就|给我|帮我|一定|要|[你您])*(?:尽快|尽早|赶紧|赶快|快一?点儿?|快些|抓紧|马上|立刻|速度|加急|急用?|很急|着急)(?:时间|处理|办理?|安排|发货?|弄|搞|一点|的|了|啊|哦|吧|哈|呀)*"
)


def urges(text: str) -> bool:
    """True for what only presses: "as soon as possible please", 尽快处理."""
    return _URGES.fullmatch(fold(text).replace("’", "'").strip(" ,.!;，。！；、~")) is not None


def without_urging(text: str) -> str:
    """The message without the clauses that only press; all of it when nothing else is said."""
    clauses = _CLAUSES.split(text)
    kept = [clause for clause in clauses if not urges(clause)]
    return ", ".join(kept) if len(kept) < len(clauses) and any(map(str.strip, kept)) else text


def asks_in_general(text: str) -> bool:
    """True for a question about prices, times, conditions and the like, which is not about the visitor's own business."""
    folded = fold(text).replace("’", "'").strip()[:_MAX_CHARS]
    return bool(_GENERAL.search(folded)) and not _OWN.search(folded) and not _CODE.search(folded)


def hesitates(text: str) -> bool:
    """True for a message that says that the visitor does not know, or leaves it to the bot."""
    return _HESITATION.search(fold(text).replace("’", "'")[:_MAX_CHARS]) is not None


def asks_whether(text: str) -> bool:
    """True for 拆封的耳机能退吗: a yes or no about things as such; "can you do it for me" is a wish in the form of one."""
    folded = fold(text).strip()[:_MAX_CHARS]
    return bool(_WHETHER.search(folded)) and not _OWN.search(folded) and not _CODE.search(folded)


def speaks_of_own(text: str) -> bool:
    """True for the visitor's own business: "my parcel", "I would like to", 帮我."""
    return _OWN.search(fold(text).replace("’", "'")[:_MAX_CHARS]) is not None


def asks(text: str) -> bool:
    """True for any question."""
    folded = fold(text)[:_MAX_CHARS]
    return is_question(folded) or _ASKS_TOO.search(folded) is not None
