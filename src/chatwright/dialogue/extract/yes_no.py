"""Reads yes and no in both languages, with negations and politeness; hesitation and questions are neither.

In: a message folded by `language.in_place`, said right after a yes-no question. Out: True, False or None as a reading.
Clause by clause: "没问题，谢谢" is yes, "yes, no wait, no" is no (the last after a correction), "yes and no" is None.
"Maybe", 看情况, "let me think" anywhere make it None, unless it is corrected afterwards.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from dataclasses import replace

from chatwright.dialogue.extract.found import Found
from chatwright.dialogue.extract.wording import is_question

_CLAUSE = re.compile(r"[^,.;!?:~…、,。!;?\n()\"]+[?]?")
_MAX_CLAUSES = 12
_SURE_WITH_MORE = 0.6  # "yes, change the date to Friday": what else is said may matter more than the yes
_SOUND = "[啊呀哦噢喔啦了吧嘛呢哈哟哒滴的喽咯 ]*"
_PLEASE = r"(?: (?:please|pls|thanks|thank you|sure|sir|madam|that's (?:right|correct|fine)|(?:and |then |just )*(?:submit|book|send|file|register|place|confirm)(?: (?:it|that|this))?(?: in)?|(?<=ahead )and (?:do|make|change|update|return) (?:it|that|this)|it is|it's fine|i do|i would|i am|i can|of course|absolutely|go ahead|do it|do that|yes|yeah|ok|okay|no|nope|not|you can|you may))*"
_YES_EN = (
    r"(?:y|yes|yess+|yeah+|yea|yeh|yep|yup|ya|yas|aye|sure(?: thing)?|certainly|of course|definitely|absolutely|indeed|exactly|precisely"
    r"|ok(?:ay|ey|ie)?|k|kk|alright|all right|fine|right|correct|true|agreed|confirm(?:ed)?|i confirm|affirmative|perfect|great|good|cool|lovely"
    r"|please(?: do)?|go ahead|go for it|do (?:it|that|so)|proceed|sounds (?:good|great|fine|right)|(?:that|it|this) (?:works|looks (?:good|right|fine|correct)|is (?:right|correct|fine|good|ok|okay|true|it))"
    r"|(?:that's|it's) (?:right|correct|fine|good|ok|okay|true|perfect|great|it)|looks (?:good|right|fine|correct)(?: to me)?|all (?:good|correct|right|fine)"
    r"|i (?:do|would|am|have|can|will|did|agree|think so|guess so|suppose so|accept|want (?:it|that|to|one)|need (?:it|that|one))|i'd (?:like|love) (?:that|to|it|one)|we (?:do|are|have|will)"
    r"|it (?:is|was|does|did|has)|they (?:are|do)|why not|no (?:problem|worries|objections?|issues?)|not a problem|by all means|very much so|most (?:certainly|definitely)|why yes|you bet|for sure|yes yes+"
    r"|book it|send it|submit it|cancel it|place it|make it so|let's (?:do (?:it|that|this)|go)|with pleasure|gladly|happy to|i don't mind(?: at all)?|not at all a problem)"
)
_NO_EN = (
    r"(?:n|no+|nope|nah|naw|nay|no way|never|negative|wrong|incorrect|false|not (?:really|now|today|yet|at all|right|correct|necessary|needed|true|this time|interested|that|exactly|quite|any ?more)"
    r"|no (?:thanks|thank you|need|please don't|it isn't|i don't|never mind|way)|i (?:do not|don't|did not|didn't|haven't|have not|am not|can't|cannot|won't|will not|wouldn't|would not|would rather not|don't think so|think not|disagree|decline|refuse)(?: (?:want|need|have|like|agree|think|know about)(?: (?:to|it|that|one|any|this|so))?)?"
    r"|i'm not|i'd rather not|(?:it|that|this|they|we|he|she) (?:is not|isn't|aren't|are not|was not|wasn't|does not|doesn't|do not|don't|did not|didn't|won't|hasn't|has not)(?: (?:right|correct|true|it|ok|okay|fine|good|work|matter|what i (?:want|need|meant|said)|necessary))?"
    r"|(?:that|it|this) is (?:wrong|incorrect)|that's (?:wrong|not (?:it|right|correct|true|what i (?:want|meant|said)))|it's (?:wrong|not (?:right|correct))|don't(?: (?:do (?:it|that)|bother|proceed|send it|submit it|book it))?|do not(?: (?:do (?:it|that)|proceed))?|stop|hold off|forget it|never ?mind|neither|none|skip it|leave it|cancel(?: that)?|not for me|absolutely not|certainly not|definitely not|of course not|hell no|please (?:don't|do not|no))"
)
_YES_ZH = (
    "(?:是|是的是的|对|对对|对头|没错|没有错|不错|正确|确认|确定|确实|当然|当然可以|必须|肯定|好|好好|好嘞|好滴|行|成|中|可以|可|要|需要|有|会|能|愿意|同意|接受|答应|允许|没问题|没毛病|没意见|没有问题|木问题|不成问题|嗯|嗯嗯|嗯哪|恩|唔|昂|哦|噢|得|得嘞|欧了|妥|完全正确|就是|就这样|就这么办|就这么定|就这个|按这个|没关系可以|想|想要|我要|我想|我想要|我愿意|我同意|我确认|我确定|我需要|我有|我会|我可以"
    "|提交|办|办理|下单|预约|继续|来|来吧|来一个|发|发吧|给我办|帮我办|帮我办理|帮我提交|帮我下单|帮我预约|帮我取消|请帮我办理|请继续|请|麻烦|麻烦你|麻烦您|麻烦了|拜托|为什么不|何乐而不为|不介意|都对|都没错|都正确|信息正确|信息无误|无误|核对无误|以上正确|好啊可以|ok|okay|yes|yep|y|嗯呢|系|系啊|冇问题|要的|是这样|是这个|的确|可以可以|行行)"
)
_NO_ZH = "(?:不|不不|不是|不对|不行|不要|不用|不必|不需要|不想|不想要|不会|不能|不可以|不可|不成|不愿意|不同意|不接受|不好|不确认|不正确|不用了谢谢|没|没有|没有了|没啊|没得|无|否|非也|错|错了|有误|有错|信息有误|信息不对|不完全对|算了|免了|别|别了|甭|取消|拒绝|反对|绝不|绝对不|肯定不|当然不|才不|没必要|没兴趣|没那个必要|大可不必|先不|先不要|先不用|暂不|暂时不|暂时不要|暂时不用|暂时不需要|还不|还没|还没有|还不要|以后再说|再说|下次|下次吧|改天|我不|我不要|我不想|我不想要|我不需要|我不用|我没有|我没|我不是|我不会|我不同意|我不确认|我不愿意|不是的|不是这个|不是这样|不介入|唔使|唔要|唔系|冇|no|nope|n)"
_UNSURE = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably not sure|not (?:so |too |really |quite |very )?(?:sure|certain)|unsure|i'm not certain|don't know|do not know|dunno|no idea|depends?|let me (?:think|check|see|ask)|i'll (?:think|see|check)|i need to (?:think|check|ask)|hmm+|umm*|uh+|either(?: way)?|whatever|up to you|yes and no|hard to say|can't (?:say|decide|tell)|haven't decided|undecided|might|not decided|who knows|could be|kind of|sort of)\b"
    r"|可能|也许|或许|大概|说不定|不一定|不确定|不太确定|不清楚|不是(?:很|太|特别|十分)?(?:确定|清楚|肯定)|不(?:太|很|敢)肯定|不太清楚|不知道|不晓得|不好说|难说|看情况|再看|看看|想想|想一想|想一下|考虑|犹豫|随便|无所谓|都行|都可以|怎么都|好像|似乎|应该吧|差不多|再问|问一下|问问|没想好|没决定|还没定|纠结|两可|什么意思|啥意思"
)
_NOT_NO = re.compile(
    r"(?:不好意思|对不起|抱歉|不客气|没关系|没事|sorry|excuse me|hello|hi|你好|您好|谢谢|多谢|thanks|thank you)"
)
_YES_FULL = re.compile(
    rf"(?:well |oh |ah |um |so |then |哦|噢|嗯|啊|那|那就|就|都|也|我说|我觉得)?(?:{_YES_EN}{_PLEASE}|(?:是的|对的|好的|好|嗯+|对|行|是)?{_YES_ZH}{_SOUND}(?:谢谢.{{0,2}})?)"
)
_NO_FULL = re.compile(
    rf"(?:well |oh |ah |um |so |then |哦|噢|嗯|啊|那|那就|就|都|也|我|我说|我觉得)?(?:{_NO_EN}{_PLEASE}|{_NO_ZH}{_SOUND}(?:谢谢.{{0,2}})?)"
)
_YES_OPENS = re.compile(
    r"(?:yes|yeah|yep|yup|sure|ok(?:ay)?|of course|correct|right|i (?:do|would|am|have) )\s|(?:是的|对的|好的|可以的?|没错|需要|同意|确认|确定|愿意|要)(?![不没吗么是])"
)
_NO_OPENS = re.compile(
    r"(?:no|nope|nah|not|don't|do not|i (?:don't|do not|didn't|haven't|won't|can't|am not)|it (?:isn't|doesn't)|that's not)\s"
    r"|(?:我)?(?:不需要|不用|不要|不想|不必|不会|不能|不同意|不愿意|不行|不是|没有|没|别|取消|暂时不|先不)(?!错|问题|关系|事|意见|毛病|说|知道|介意)"
)
_CORRECTED = re.compile(
    r"(?:no,? ?wait|wait|actually|i mean(?:t)?|sorry|oops|scratch that|on second thought|等等|等一下|算了|说错|错了|哦不|噢不|还是|不对)"
)
# "嗯，约上吧": what was asked about, told to be done; it says yes only beside a yes.
_DO_ZH = re.compile(
    "(?:那|那就|就|还是|请|麻烦)*(?:帮我|给我|替我)?(?:提交|办理?|约|预约|订|预订|登记|下单|寄|发|退|申请|确认|处理)(?:上|了|掉|一下|这个|修改|预约|办理|退货|提交)?[吧了啊呀哦]*"
)
_HAN_SPACE = re.compile(r"(?<=[一-鿿])\s(?=[一-鿿])")
_YES_SIGNS = re.compile("[👍👌🆗✅✔☑🙆💯]")
_NO_SIGNS = re.compile("[👎🙅❌✖🚫]")


def read_yes_no(folded: str) -> Found | None:
    """The answer with its place; None for hesitation, a question, both at once, or none of it."""
    signs = _read_signs(folded)
    if signs is not None or not any(character.isalnum() for character in folded):
        return signs
    folded = _HAN_SPACE.sub(",", folded)  # Chinese writes a space where a comma would stand
    answers: list[Found] = []
    has_more = False
    for match, _ in zip(_CLAUSE.finditer(folded), range(_MAX_CLAUSES), strict=False):
        clause = match[0].strip()
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if _CORRECTED.match(clause):
            answers = []
        found = _read_clause(clause, start)
        if found == "neither":
            return None
        if isinstance(found, Found):
            answers.append(found)
        elif not (_NOT_NO.match(clause) or _CORRECTED.fullmatch(clause) or _DO_ZH.fullmatch(clause)):
            has_more = True
    if not answers or any(answer.value != answers[0].value for answer in answers):
        return None
    best = max(answers, key=lambda answer: answer.confidence)
    return replace(best, confidence=min(best.confidence, _SURE_WITH_MORE)) if has_more else best


# What a yes-or-no slot may be about → how it is wished for without a yes.
_WISHED = (
    (
        re.compile(r"\bcall|回电|电话"),
        re.compile(r"(?<![a-z])(?:call|ring|phone) (?:me|us)(?![a-z])|(?:打|回)[个通]?(?:电话|电)|来电|致电"),
    ),
    (re.compile(r"e-?mail|邮件"), re.compile(r"(?<![a-z])e-?mail (?:me|us|it)(?![a-z])|发[个封]?(?:邮件|电邮)")),
)
_UNWISHED = re.compile(r"\b(?:no|not|never|don't|do not|without)\b|[别不没勿]|无需")


def read_wished(about: str, folded: str) -> Found | None:
    """ "Just call me", 给我打电话吧, for a slot that is about being called. about: the slot's own words, folded."""
    for subject, wished in _WISHED:
        if subject.search(about) and (found := wished.search(folded)) and not is_question(folded):
            is_wanted = _UNWISHED.search(folded, max(0, found.start() - 16), found.start()) is None
            return Found(value=is_wanted, start=found.start(), end=found.end(), confidence=0.8)
    return None


def tells_to_do_it(folded: str) -> bool:
    """True for 约上吧, 还是退吧: beside a yes it says the same again."""
    return all(_DO_ZH.fullmatch(part) for part in _HAN_SPACE.split(folded.strip(" ,.!;，。！；、~")))


def _read_signs(folded: str) -> Found | None:
    yes, no = _YES_SIGNS.search(folded), _NO_SIGNS.search(folded)
    sign = yes or no
    if sign is None or (yes and no) or any(character.isalnum() for character in folded):
        return None
    return Found(value=yes is not None, start=sign.start(), end=sign.end(), confidence=0.9)


def _read_clause(clause: str, start: int) -> Found | str | None:
    """The answer that the clause is, or begins with; "neither" for one that hesitates or asks."""
    end = start + len(clause)
    if _UNSURE.fullmatch(clause):
        return "neither"
    if _NO_FULL.fullmatch(clause):
        return Found(value=False, start=start, end=end, confidence=0.95)
    if _YES_FULL.fullmatch(clause):
        return Found(value=True, start=start, end=end, confidence=0.95)
    if is_question(clause) or _UNSURE.search(clause):
        return "neither"
    if _NOT_NO.match(clause):
        return None
    if opening := _NO_OPENS.match(clause):
        return Found(value=False, start=start, end=start + opening.end(), confidence=0.75)
    if opening := _YES_OPENS.match(clause):
        return Found(value=True, start=start, end=start + opening.end(), confidence=0.75)
    return None
