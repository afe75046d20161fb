"""Reads people's names: "my name is …", 我叫…, 姓名：…, 免贵姓王; asked for, a bare name.

In: a message as written, and folded by `language.in_place`. Out: readings, the name exactly as written.
A bare answer is a name when it looks like one: one to four Latin words, or two to four Chinese characters, surer when
the first is a surname. Does not know whether a person of that name exists.
"""

# ruff: noqa: E501 - patterns read best on one line

import re

from chatwright.dialogue.extract.found import Found
from chatwright.dialogue.smalltalk import classify_smalltalk

_SURNAMES = (
    "欧阳|司马|上官|诸葛|东方|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|长孙|宇文|端木|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹"
    "孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚"
    "符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁房蒲滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏"
    "席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝]"
)
_HAN_NAME = rf"(?:{_SURNAMES})[·一-鿿]{{1,3}}"
_WORD = r"[^\W\d_]{1,20}(?:['.-][^\W\d_]{1,20}){0,3}\.?"
_LATIN_NAME = rf"{_WORD}(?: {_WORD}){{0,3}}"
_INTRODUCED_EN = re.compile(
    rf"(?<![a-z])(?:my (?:full |first |last )?name(?:'s| is| would be)|(?:full |first |last )?name ?(?:is|:|=)|call me|i am called|i'm called|name's|they call me|under the name(?: of)?"
    rf"|(?:put|book|reserve) it under|under) +(?P<name>{_LATIN_NAME})"
)
_SELF_EN = re.compile(rf"(?<![a-z])(?:i'm|i am|this is|it's|it is|here is|speaking is) +(?P<name>{_LATIN_NAME})")
_INTRODUCED_ZH = re.compile(
    r"(?:我的?(?:全名|姓名|名字|大名)(?:是|叫|为|就是)?|(?:我|本人)(?:就)?叫(?:做)?|姓名(?:是|为)?|名字(?:是|叫|为)|联系人(?:是|叫)?|收件人(?:是|叫)?|称呼我(?:为)?|叫我|预订人(?:是)?)"
    r"[:： ]*(?P<name>[A-Za-z][A-Za-z .'-]{0,40}|[一-鿿·]{2,8})"
)
_SURNAME_ONLY = re.compile(rf"(?:免贵|我)姓(?P<name>(?:{_SURNAMES}))(?![一-鿿])")
_SELF_ZH = re.compile(rf"(?:我|这里|这边)是(?P<name>{_HAN_NAME})(?=$|[^一-鿿]|的?(?:先生|女士|小姐))")
_BARE_ZH = re.compile(r"\W*(?P<name>[一-鿿·]{2,12}?)(?P<title>先生|女士|小姐)?(?:[吧呀啊哦]|就行|谢谢)*\W*")
_BARE_EN = re.compile(rf"\W*(?P<title>(?:mr|mrs|ms|miss|dr|prof)\.? )?(?P<name>{_LATIN_NAME})\W*")
_STOP_ZH = re.compile(
    "[,，。;；!！?？、 ]|(?:电话|手机|住|今年|来自|想|要|是|地址|邮箱|先生|女士|小姐|谢谢|就行|就好|吧$|的$)"
)
_STOP_EN = re.compile(
    r"\s(?:and|but|my|i|i'm|i'd|from|with|phone|email|number|please|thanks|thank|for|at|on|calling|here|speaking|by|the|in|to|you|can|want|would|need|tel|who|is)\b"
)
_NO_NAME_EN = frozenset(
    """a an the not no yes maybe what when where which who why how my your it this that here there i you we they please ok okay
    sure fine good late early ready looking calling trying going having interested sorry afraid happy just still very so
    want need would like can could do does don't is are was hello hi thanks today tomorrow about after before in on at for
    from to with by be of delivery friday monday tuesday wednesday thursday saturday sunday order return cancel help
    change back number none nobody skip it's i'm glad sure unable new interested waiting
    never nothing later rather""".split()  # noqa: SIM905 - a word list reads best as words
)
_NO_NAME_ZH = re.compile("[不没什怎哪吗呢的了是我你您这那几多少能可会要想在有请退换查订取改帮]")
_NEVER_ZH = re.compile(
    "为什|什么|啥|随便|明天|今天|后天|下周|周[一二三四五六日]|星期|上午|下午|晚上|地址|订单|电话|客服|人工|取消"
)


def read_names(text: str, folded: str, *, is_asked: bool = False) -> list[Found]:
    """The names that are introduced; asked for, the one that the message consists of."""
    found = [
        reading
        for pattern, confidence in (
            (_INTRODUCED_EN, 0.93),
            (_INTRODUCED_ZH, 0.93),
            (_SURNAME_ONLY, 0.85),
            (_SELF_ZH, 0.85),
        )
        for match in pattern.finditer(folded)
        if (reading := _cut(text, folded, match, confidence))
    ]
    if found:
        return sorted(found, key=lambda reading: reading.start)
    for match in _SELF_EN.finditer(folded):
        reading = _cut(text, folded, match, 0.8)
        if (
            reading
            and (is_asked or reading.value.istitle())
            and not _has_stop_word(folded[reading.start : reading.end])
        ):
            return [reading]
    return _bare(text, folded) if is_asked else []


def _cut(text: str, folded: str, match: re.Match[str], confidence: float) -> Found | None:
    """The name up to where the sentence goes on: "Ann Lee and my phone …"."""
    start, end = match.span("name")
    stop = (_STOP_EN if folded[start].isascii() else _STOP_ZH).search(folded, start + 1, end)
    end = stop.start() if stop else end
    name = text[start:end].rstrip(" .'-·")
    if not name or folded[start:end].split()[0] in _NO_NAME_EN or _NEVER_ZH.search(name):
        return None
    return Found(value=name, start=start, end=start + len(name), confidence=confidence)


def _has_stop_word(folded: str) -> bool:
    return any(word in _NO_NAME_EN for word in folded.split())


def _bare(text: str, folded: str) -> list[Found]:
    if classify_smalltalk(folded) is not None or "?" in folded:
        return []
    if match := _BARE_ZH.fullmatch(folded):
        name = match["name"]
        is_known = re.match(_SURNAMES, name) is not None
        confidence = 0.9 if is_known and len(name) <= 4 else 0.6 if len(name) <= 4 or "·" in name else 0.0
        if match["title"] and len(name) <= 4:
            confidence = 0.85
        if (
            not confidence
            or _NEVER_ZH.search(name)
            or (_NO_NAME_ZH.search(name) and not (is_known and len(name) <= 3 and name[0] not in "是"))
        ):
            return []
        return [
            Found(
                value=text[slice(*match.span("name"))],
                start=match.start("name"),
                end=match.end("name"),
                confidence=confidence,
            )
        ]
    match_en = _BARE_EN.fullmatch(folded)
    if not match_en or _has_stop_word(match_en["name"]):
        return []
    start, end = match_en.span("name")
    confidence = 0.9 if text[start:end].istitle() else 0.75
    name = text[start:end].rstrip(".")
    return [Found(value=name, start=start, end=start + len(name), confidence=confidence)]
