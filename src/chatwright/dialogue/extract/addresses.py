"""Reads postal addresses: Chinese ones from region to room, English street lines with unit, town and postcode.

European ones with the kind of street first are read too.

In: a message as written, and folded by `language.in_place`. Out: readings, the address exactly as written.
An address is taken from its first to its last part; greetings, lead-ins (送到…, "please send it to …") and what follows
it are left out. Does not check that the place exists.
"""

# ruff: noqa: E501 - patterns read best on one line

import re

from chatwright.dialogue.extract.found import Found

_RUN_ZH = re.compile(r"[一-鿿0-9a-z][一-鿿0-9a-z#()\-.·,、 ]{3,150}")
_REGION = re.compile("[一-鿿]{1,8}?(?:省|自治[区州县]|特别行政区|市|区|县|旗|镇|乡|街道)")
_CITY = re.compile("北京|上海|天津|重庆|香港|澳门|台北|广州|深圳|杭州|南京|武汉|成都|西安|苏州|高雄|台中|九龙|新界")
_FINE = re.compile(
    "[一-鿿0-9a-z]{1,12}?(?:路|街(?!道)|大道|大街|巷|弄|胡同|里(?=\\d)|村|小区|花园|花苑|家园|公寓|新村|苑|大厦|广场|中心|科技园|工业园|园区|城(?=\\d)|府|庄园)"
    "|(?:\\d{1,5}|[一二三四五六七八九十百]{1,4}|[a-z])\\s?(?:之\\d)?(?:号院|号楼|号|弄|栋|幢|座|单元|室|层|楼|房|组|队|f(?![a-z]))"
)
_NUMBERED = re.compile(
    r"(?:\d|[一二三四五六七八九十百]|[a-z])\s?(?:号|弄|栋|幢|座|单元|室|层|楼|房|组)|(?:单元|楼|座|栋)\s?\d{1,5}|\d{3,5}$"
)
_LEAD_ZH = re.compile(
    r"^.{0,24}?(?:地址(?:应该)?(?:是|为|在|改成|改为|换成|改到)?|寄到|送到|发到|寄往|邮寄到|配送到|快递到|送货到|改送到?|改寄到?|改成|改为|改到|换成|换到|住在|住|搬到|位于|就在|在|到|是|[:])[:, 了]*(?=[一-鿿0-9a-z])"
)
_PART_ZH = re.compile(f"{_REGION.pattern}|{_CITY.pattern}|{_NUMBERED.pattern}|[路街巷弄]")
_TAIL_ZH = re.compile(
    r"[,、. ]*(?:谢谢|多谢|麻烦|就行|就可以|就好|就是|可以吗|行吗|好吗|吧|哦|啊|呢|了|吗|这里|那里|附近|这个地址|收件人|收货人|联系人|电话|手机|姓名|我叫|请|,).{0,60}$"
)
_STREET = (
    r"(?:street|str|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|square|sq|terrace|crescent|cres|close|parkway|pkwy"
    r"|highway|hwy|row|walk|gardens?|mews|hill|park|grove|quay|alley|circle|trail|plaza|broadway|wharf|embankment|rise|view)"
)
_UNIT = r"(?:(?:flat|apt|apartment|unit|suite|room|rm|floor|level|block|#)\.? ?#?[0-9a-z]{1,6}(?:/[a-z]|-\d{1,4})?|\d{1,3}/f|[0-9]{1,3}(?:st|nd|rd|th) floor)"
# "14 Rue de la Paix", "Calle Mayor 5", "Viale Roma 10", "Hauptstraße 12": the kind of street stands first, or in its name.
_NAMED = r"(?:[^\W\d_][\w'’.-]{0,24} ){0,4}[^\W\d_][\w'’.-]{0,24}"
_TYPE_FIRST = (
    rf"(?:\d{{1,5}}(?: ?bis| ?ter|[a-z])?,? (?:rue|avenue|boulevard|bd|place|quai|chemin|allée|allee|impasse|cours|route) {_NAMED}"
    rf"|(?:calle|avenida|avda|plaza|paseo|rua|praça|viale|piazza|corso|largo) {_NAMED},? ?\d{{1,5}}[a-z]?"
    r"|[^\W\d_][\w-]{2,24}(?:str(?:a(?:ß|ss)e|\.)?|weg|platz|allee|gasse|ufer|straat|laan|gracht|gatan|vej) \d{1,4} ?[a-z]?(?![\w]))"
)
_STREET_LINE = re.compile(
    rf"(?<![\w])(?:{_UNIT}[, ]{{1,2}}){{0,2}}(?:\d{{1,6}}[a-z]?(?:[-/]\d{{1,5}}[a-z]?)?,? (?:[a-z'.]{{1,20}} |\d{{1,3}}(?:st|nd|rd|th) ){{0,4}}?(?:{_STREET}(?![a-z])\.?|broadway)(?: (?:north|south|east|west|n|s|e|w|nw|ne|sw|se)(?![a-z]))?|{_TYPE_FIRST}|(?:p\.? ?o\.? ?box|gpo box) \d{{1,8}})"
)
_POSTCODE = re.compile(
    r"(?<![a-z0-9])(?:[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d|(?:[a-z]{2},? )?\d{5}(?:-\d{4})?|\d{6})(?![a-z0-9])"
)
_TYPE_FIRST_ONLY = re.compile(_TYPE_FIRST)
_TOWN = re.compile(r"(?: [^\W\d_a-z][\w'’-]{1,30}){1,3}")
_REST_EN = re.compile(r"(?:,? (?:[0-9a-z#][\w'.#/-]{0,30}|&)){0,12}")
_END_EN = re.compile(
    r"[;!?\n]|\.(?=\s|$)|,? (?:and|but|please|pls|thanks|thank you|my|phone|tel|is that|is it|instead|is|if|when|by|before|on (?:mon|tue|wed|thu|fri|sat|sun)|tomorrow|today|i|it|you|because|or(?! \d{5}(?!\d))|not|for|where)\b"
)
_LEAD_EN = re.compile(
    r"^.{0,40}?(?:address (?:is|to|should be|:)|address:|(?:send|ship|deliver|deliver it|send it|ship it|change it) to|live (?:at|in|on)|it's|it is|located at|\bat)\s*:?\s*"
)
_HOUSE = re.compile(
    r"(?<![\w.])\d{1,5}[a-z]?,? [a-z]{2}|\b(?:house|flat|villa|building|block|village|estate|tower|unit|room|farm|cottage)\b"
)
_QUESTION = re.compile(r"[?？]|吗\W*$|什么|怎么|哪里|\b(?:what|how|why|where|which)\b")


def read_addresses(text: str, folded: str, *, is_asked: bool = False) -> list[Found]:
    """Every address; asked for, also one of unusual form that has a number or a postcode and several words."""
    found = [*_read_chinese(text, folded, is_asked=is_asked), *_read_english(text, folded)]
    if found or not is_asked:
        return sorted(found, key=lambda reading: reading.start)
    return _read_unusual(text, folded)


def _reading(text: str, start: int, end: int, confidence: float) -> Found | None:
    cut = text[start:end]
    begin = start + len(cut) - len(cut.lstrip(" ,，、.。:："))
    value = cut.strip(" ,，、.。:：")
    return Found(value=value, start=begin, end=begin + len(value), confidence=confidence) if value else None


def _read_chinese(text: str, folded: str, *, is_asked: bool) -> list[Found]:
    found: list[Found] = []
    for run in _RUN_ZH.finditer(folded):
        start, end = run.span()
        start += _lead_in(folded[start:end])
        if tail := _TAIL_ZH.search(folded[start:end]):
            end = start + tail.start()
        written = folded[start:end]
        coarse = len(_REGION.findall(written)) + (1 if _CITY.match(written) else 0)
        fine, is_numbered = len(_FINE.findall(written)), _NUMBERED.search(written) is not None
        is_whole = fine >= 1 and is_numbered and coarse + fine >= 2
        if is_whole or (is_asked and ((coarse and fine) or coarse >= 2 or fine >= 2)):
            confidence = 0.93 if is_whole and coarse else 0.8 if is_whole else 0.65
            if reading := _reading(text, start, end, confidence):
                found.append(reading)
    return found


def _lead_in(run: str) -> int:
    """How long what leads to an address is: "改地址,改到" leads twice; after the first, nothing that is address is cut."""
    lead = _LEAD_ZH.match(run)
    length = lead.end() if lead else 0
    while (lead := _LEAD_ZH.match(run[length:])) and not _PART_ZH.search(run[length : length + lead.end()]):
        length += lead.end()
    return length


def _read_english(text: str, folded: str) -> list[Found]:
    found: list[Found] = []
    floor = 0
    for match in _STREET_LINE.finditer(folded):
        if match.start() < floor:
            continue
        rest = _REST_EN.match(folded, match.end())
        end = rest.end() if rest else match.end()
        is_type_first = _TYPE_FIRST_ONLY.match(folded, match.start()) is not None
        if stop := _END_EN.search(folded, match.start() if is_type_first else match.end(), end):
            end = stop.start()
        if code := _POSTCODE.search(folded, match.end(), end):
            town = _TOWN.match(text, code.end(), end) if is_type_first else None  # there it follows the postcode
            end = town.end() if town else code.end()
        if reading := _reading(text, match.start(), end, 0.93 if code else 0.85):
            found.append(reading)
            floor = end
    return found


def _read_unusual(text: str, folded: str) -> list[Found]:
    lead = _LEAD_EN.match(folded)
    start = lead.end() if lead else 0
    rest = folded[start:]
    has_code = _POSTCODE.search(rest) is not None
    num_words = len(rest.split())
    is_likely = num_words >= 3 and (has_code or ("," in rest and _HOUSE.search(rest) is not None))
    if not is_likely or _QUESTION.search(folded):
        return []
    reading = _reading(text, start, len(text), 0.7 if has_code else 0.5)
    return [reading] if reading else []
