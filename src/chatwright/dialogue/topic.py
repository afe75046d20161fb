"""Puts what is new in a follow-up into the question before it: a place for a place, a number for a number, a name for a
name. In: the earlier question, which stands alone, and the new part. Out: a question to search for.

The result is for searching, not for showing: it may be bad grammar, it must hold the right words and not the old ones.
"""

import re

from chatwright.language.detect import has_han
from chatwright.language.quantities import Quantity, find_quantities
from chatwright.language.sentences import split_sentences
from chatwright.language.words import tagged_words

_PLACES_EN = (
    "afghanistan|africa|america|argentina|asia|australia|austria|bangkok|barcelona|beijing|belgium|berlin|brazil"
    "|britain"
    "|california|canada|chengdu|chicago|chile|china|colombia|croatia|czech republic|denmark|dubai|dublin|egypt|england"
    "|estonia"
    "|europe(?:an union)?|eu|finland|florida|france|germany|greece|guangzhou|hangzhou|hawaii|hong kong|hungary|iceland"
    "|india"
    "|indonesia|ireland|israel|italy|japan|jakarta|kenya|korea|kuala lumpur|latvia|lithuania|london|los angeles"
    "|luxembourg|macau"
    "|macao|madrid|mainland(?: china)?|malaysia|manchester|manila|melbourne|mexico|moscow|nanjing|netherlands|new york"
    "|new zealand|nigeria|northern ireland|norway|oslo|osaka|paris|peru|philippines|poland|portugal|romania|rome|russia"
    "|san francisco|saudi arabia|scotland|seoul|shanghai|shenzhen|singapore|slovakia|slovenia|south africa|south korea"
    "|spain"
    "|suzhou|sweden|switzerland|sydney|taipei|taiwan|thailand|tibet|tokyo|toronto|turkey|uae|uk|ukraine"
    "|united arab emirates"
    "|united kingdom|united states|usa?|u\\.k\\.|u\\.s\\.|vancouver|vienna|vietnam|wales|wuhan|xinjiang"
)
_PLACE_EN = re.compile(rf"\b(?:the )?(?:{_PLACES_EN})\b|\b(?:abroad|overseas|online)\b", re.IGNORECASE)
_PLACE_PHRASE_EN = re.compile(
    rf"\b(?:to|in|from|at|within) (?:the )?(?:{_PLACES_EN})\b|\b(?:abroad|overseas)\b", re.IGNORECASE
)
_PLACE_ZH = "国外|海外|境外|国内|境内|大陆|内地|港澳台?|外地|本地|同城|偏远地区|外国|线下|线上|门店"
_TIME_ZH = (
    "周末|节假日|假期|春节|过年|国庆节?|元旦|中秋节?|五一|十一|劳动节|清明节?|端午节?|晚上|早上|上午|下午|工作日|平时"
)
_TIME_EN = re.compile(
    r"\b(?:on |at |during )?(?:weekends?|(?:public )?holidays?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|christmas"
    r"|new year"
    r"|chinese new year|weekdays?|evenings?|tomorrow|tonight)\b",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w-]*\d[\w-]*|[A-Z][\w-]+|[A-Z]{2,}|\d*[A-Z]\d[\w-]*"
_NAMES = re.compile(rf"\b(?:(?:the|my|your|an?) )?(?:{_NAME})(?: (?:[A-Z0-9][\w-]*))*", re.ASCII)
_LATIN_NAME = re.compile(r"[A-Za-z][\w-]*(?:\s?\d+[\w-]*)?(?:\s?(?:Pro|Max|Plus|Mini|Lite|Ultra|SE)\b)?", re.ASCII)
_VARIANT_AFTER = re.compile(r"\s?(?:Pro|Max|Plus|Mini|Lite|Ultra|SE)\b", re.ASCII | re.IGNORECASE)
_ATTRIBUTE_ZH = re.compile(
    r"运费|邮费|价格|价钱|费用|时间|时效|手续费|电话|地址|保修期?|营业时间|押金|重量|尺寸|颜色|电池|续航"
)
_CONDITION_EN = re.compile(r"(?:after|before|when|if|once|until|unless|without)\b", re.IGNORECASE)
_NAME_TAGS = frozenset(["n", "nr", "nz", "ns", "nt", "a", "x", "ng", "b"])
_NOT_NAMES = frozenset(
    """i what how when where which who why can do does is are will would could should if the a an my your in on for
    to and okay ok hi hello please until at it did has have there any""".split()  # noqa: SIM905
)
_VARIANT = re.compile(
    r"(?:the )?(?P<variant>pro|max|plus|mini|lite|ultra|se|5g|wi-?fi)(?: (?:model|version|one|ones|edition))?",
    re.IGNORECASE,
)
_VARIANT_ZH = re.compile(r"(?P<variant>pro|max|plus|mini|lite|ultra|se)(?:版|款|型号|的)?", re.IGNORECASE)
_VARIANT_END = re.compile(r"\s(?:Pro|Max|Plus|Mini|Lite|Ultra|SE)$", re.IGNORECASE)
_LEADING_PREPOSITION = re.compile(r"(?P<preposition>to|in|from|for|with|without|on|at|by|of)\s+", re.IGNORECASE)
_THE_ONE = re.compile(
    r"(?:the|that|those|these|this) (?:ones?|stores?|shops?)\s+(?=in|to|from|for|at|on|with)|(?:those|that)\s+(?=in|to"
    r"|for|at)",
    re.IGNORECASE,
)
_FINAL_VERB = "take|cost|work|last|open|close|start|end|arrive|ship|mean|include|cover|need"
_PART_AFTER_NAME = re.compile(rf" (?P<noun>[a-z]+)(?= (?:{_FINAL_VERB})\b|[?.!\s]*$)")
_NOUN_BEFORE_VERB = re.compile(
    rf"\b(?P<noun>(?:(?:a|an|the|my|your) )?[a-z-]+)(?= (?:{_FINAL_VERB})\b[^a-z]*$)", re.IGNORECASE
)
_LAST_NOUN = re.compile(
    r"(?P<noun>(?:(?:a|an|the|my|your|opened|used|broken|new) )*[a-z-]+)(?=[?.!]*\s*$)", re.IGNORECASE
)

_FRAME_EN = re.compile(
    r"^(?:(?:hi|hello|please|ok|so|and)[, ]+)*(?:(?:until|from|by) )?(?:how (?:much|long|many|often|far|do i|can i"
    r"|do you)|what(?:'s|s)?|when|where"
    r"|which|who|why|can|could|do|does|did|is|are|will|may|should|would)\b"
    r"(?: (?:is|are|does|do|did|will|would|can|it|the cost of|the price of|there|i|you|we|be|cost|take|if|your|has"
    r"|have|get|to)\b)*\s*",
    re.IGNORECASE,
)
_TAIL_EN = re.compile(rf"\s*\b(?:{_FINAL_VERB}|be|free|it)?[?!.\s]*$", re.IGNORECASE)
_ASKING_ZH = re.compile(
    r"请问一?下?|我?想(?:知道|问)?一?下?|多少钱?|多久|几[天点折个年月]|什么时候|怎么(?:办|样)?|为什么|在?哪里|在哪儿?"
    r"|哪[个些]?|是不是|能不能|可不可以|可以|有没有"
    r"|是否|能否|需要|大概|一般|[吗呢吧啊呀么？?。！!]|运费|邮费|价格|价钱|费用|时间|时效|手续费|关门|开门|到货|能到"
    r"|送达|到账|^[要能是有]"
)


def question_of(text: str) -> str:
    """The sentence of `text` that asks, without what is told around it; `text` itself when it is only one."""
    sentences = [text[start:end] for start, end in split_sentences(text)]
    asking = [sentence for sentence in sentences if re.search(r"[?？吗呢]\W*$|多少|多久|几|怎么|什么|哪", sentence)]
    return asking[-1] if asking else text


def subject_of(question: str) -> str:
    """What `question` is about, without what it asks of it: "寄到台湾运费多少？" is about "寄到台湾"."""
    if has_han(question):
        return re.sub(r"\s+", " ", _ASKING_ZH.sub(" ", question)).strip(" ，,")
    return _TAIL_EN.sub("", _FRAME_EN.sub("", question)).strip(" ,?")


def name_in(question: str) -> str | None:
    """The last product or thing that `question` names, without an article; None when it names none."""
    if has_han(question):
        found = _names_zh(question) or _leading_nouns(question)
        return found[-1] if found else None
    names = _names_en(question)
    return re.sub(r"^(?:an?|my|your) ", "the ", names[-1][2]) if names else None


def place_phrase(question: str) -> str | None:
    """ "to the UK" of "How much is delivery to the UK?"."""
    match = _PLACE_PHRASE_EN.search(question)
    return match[0] if match else None


def replace_in(question: str, new: str) -> str:
    """`question` with `new` in the place of what it stands for; both one after the other when nothing is alike."""
    question = question_of(question)
    if has_han(question) != has_han(new) and not (has_han(question) and new.isascii()):
        return f"{new} {question}"
    if has_han(question):
        return _replace_zh(question, new)
    return _replace_en(question, new)


def _replace_zh(question: str, new: str) -> str:
    new = re.sub(r"的$", "", new)
    if (variant := _VARIANT_ZH.fullmatch(new)) and (name := name_in(question)):
        return question.replace(name, f"{_VARIANT_END.sub('', name)} {variant['variant']}")
    if replaced := _replace_quantity(question, new):
        return replaced
    for tag, listed in (("ns", _PLACE_ZH), ("t", _TIME_ZH)):
        if _first_tagged(new, tag, listed):
            old = _first_tagged(question, tag, listed)
            return question.replace(old, new, 1) if old else f"{new}{question}"
    if _ATTRIBUTE_ZH.fullmatch(new):
        return f"{subject_of(question)} {new}"
    if _is_clause(new):
        return f"{new} {question}"
    nouns = _names_zh(question) or _leading_nouns(question)
    return question.replace(nouns[0], new, 1) if nouns else f"{new} {question}"


def _names_zh(question: str) -> list[str]:
    """Product names in a Chinese question: Latin ones, and Han ones that end in a number ("小啾2 Pro")."""
    names: list[str] = []
    before, previous, position = "", "", 0
    for word, tag in tagged_words(question):
        end = position + len(word)
        if (
            before
            and re.fullmatch(r"\d{1,2}", word)
            and not re.match(r"\s?[元块天年月日号点台件个折%]", question[end:])
        ):
            variant = _VARIANT_AFTER.match(question, end)
            names.append(before.lstrip() + word + (variant[0] if variant else ""))
        is_part = (tag in _NAME_TAGS and has_han(word) and word != "满") or (before and word == " ")
        is_part = is_part and previous not in ("怎么", "如何", "怎样")  # what follows these is a verb
        before = before + word if is_part and len(before) < 5 else ""
        previous, position = word, end
    latin = [
        match[0].strip() for match in _LATIN_NAME.finditer(question) if not any(match[0] in name for name in names)
    ]
    return names + latin


def _first_tagged(text: str, tag: str, listed: str) -> str | None:
    match = re.search(listed, text)
    if match:
        return match[0]
    if tag == "t" and (
        days := [item.text for item in find_quantities(text) if item.kind in ("weekday", "date", "time")]
    ):
        return days[0]
    return next((word for word, found in tagged_words(text) if found == tag), None)


def _leading_nouns(question: str) -> list[str]:
    """The first noun phrase of a Chinese question: what stands before its first verb, or after it when nothing does."""
    runs: list[str] = []
    run = ""
    before = ""
    for word, tag in tagged_words(question):
        if _ASKING_ZH.search(word) and before.strip() and not runs and not run:
            return []  # "退款多久到账": what stands after the asking is not what is asked about
        before += word
        if tag[0] == "n" and not _ASKING_ZH.search(word) and word.strip(" ，,。？?！!“”"):
            run += word
        elif run:
            runs.append(run)
            run = ""
    runs += [run] if run else []
    return [re.sub("(?<![智功性])[能可会]$", "", run) for run in runs[:1]]


def _is_clause(new: str) -> bool:
    """True for "屏幕碎了", which says something of the subject instead of naming another."""
    tags = [tag for _, tag in tagged_words(new)]
    return bool(re.search(r"[了没过]|不", new)) or (len(new) > 2 and tags[0] in ("v", "p", "c", "d") and len(tags) > 1)


def _replace_en(question: str, new: str) -> str:
    new = _THE_ONE.sub("", new)
    if (variant := _VARIANT.fullmatch(new)) and (names := _names_en(question)):
        start, end, name = names[-1]
        written = variant["variant"].title() if variant["variant"].islower() else variant["variant"]
        return f"{question[:start]}{_VARIANT_END.sub('', name)} {written}{question[end:]}"
    for replaced in (_replace_quantity(question, new), _replace_place(question, new), _replace_time(question, new)):
        if replaced:
            return replaced
    if _CONDITION_EN.match(new):
        return f"{question} {new}"
    preposition = _LEADING_PREPOSITION.match(new)
    bare = new[preposition.end() :] if preposition else new
    if names := _names_en(question):
        start, end, _ = names[-1]
        part = _PART_AFTER_NAME.match(question, end)
        if part and bare.islower():
            return question[: part.start("noun")] + bare.removeprefix("the ") + question[part.end("noun") :]
        return question[:start] + bare + question[end:]
    if preposition:
        return _append(question, new)
    for pattern in (_NOUN_BEFORE_VERB, _LAST_NOUN):
        if match := pattern.search(question):
            return question[: match.start("noun")] + bare + question[match.end("noun") :]
    return f"{new}: {question}"


def _names_en(question: str) -> list[tuple[int, int, str]]:
    """Names with their offsets, places left out; the first word counts only when it has a digit."""
    names: list[tuple[int, int, str]] = []
    for match in _NAMES.finditer(question):
        name, start = match[0], match.start()
        first = name.split(" ")[0]
        while first.lower() in _NOT_NAMES and first[0].isupper() and " " in name:
            start, name = start + len(first) + 1, name[len(first) + 1 :]
            first = name.split(" ")[0]
        if first.lower() in _NOT_NAMES - {"the", "my", "your", "a", "an"} or _PLACE_EN.fullmatch(name):
            continue
        names.append((start, match.end(), name))
    return names


def _replace_quantity(question: str, new: str) -> str | None:
    added = [item for item in find_quantities(new) if item.kind not in ("code", "weekday", "date", "time")]
    if not added or (
        added[0].kind == "number"
        and not re.fullmatch(r"\W*(?:只?[买要订]|buy|for|only)?\W*", new.replace(added[0].text, "")[:4])
    ):
        return None
    old = next((item for item in find_quantities(question) if _is_alike(item, added[0])), None)
    return question[: old.start] + added[0].text + question[old.end :] if old else None


def _is_alike(old: Quantity, new: Quantity) -> bool:
    return (old.kind, old.unit) == (new.kind, new.unit) and (
        old.kind != "number" or old.text[-1] == new.text[-1] or old.text.isdigit()
    )


def _replace_place(question: str, new: str) -> str | None:
    added = _PLACE_EN.search(new)
    if not added:
        return None
    old_phrase, old = _PLACE_PHRASE_EN.search(question), _PLACE_EN.search(question)
    is_adverb = added[0].lower() in ("abroad", "overseas", "online")
    if is_adverb and old_phrase:
        return question[: old_phrase.start()] + new + question[old_phrase.end() :]
    if old and not is_adverb:
        if old[0].lower() in ("abroad", "overseas", "online"):
            return question[: old.start()] + (new if " " in new else f"in {added[0]}") + question[old.end() :]
        return question[: old.start()] + added[0] + question[old.end() :]
    return _append(question, new if is_adverb or _LEADING_PREPOSITION.match(new) else f"in {new}")


def _replace_time(question: str, new: str) -> str | None:
    added = _TIME_EN.search(new)
    if not added:
        return None
    if old := _TIME_EN.search(question):
        return question[: old.start()] + new + question[old.end() :]
    return _append(question, new if _LEADING_PREPOSITION.match(new) else f"on {new}")


def _append(question: str, new: str) -> str:
    """`new` before the mark that ends the question."""
    end = len(question.rstrip(" ?!."))
    return f"{question[:end]} {new}{question[end:]}"
