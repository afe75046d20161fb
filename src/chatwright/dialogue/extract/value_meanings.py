"""Reads a choice that is told, not named: what visitors say of a thing that is broken, unwanted, wrong, late, missing.

In: a categorical slot, and a message folded by `language.in_place`. Out: readings with the slot's own values. A value
has one of these meanings when one of its own names says so ("defective", 坏了); a folder whose values mean something
else is read by their names alone. Of two meanings none is taken, but for a wish to be rid of a thing beside its reason:
"it flickers, I do not want it" tells of a fault. Linear time.
"""

# ruff: noqa: E501 - patterns read best on one line

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chatwright.dialogue.domain import Slot
from chatwright.dialogue.extract.found import Found
from chatwright.language.fold import fold

_CONFIDENCE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """named: a value's name that has this meaning. told: how visitors put it. mere: those of them that only say what
    they want of the thing, not what it is like."""

    named: re.Pattern[str]
    told: re.Pattern[str]
    mere: re.Pattern[str] | None = None


_NEVER = r"(?:won't|will not|wouldn't|does not|doesn't|do not|don't|did not|didn't|can't|cannot|could not|couldn't|stopped|stops|keeps? not|is not|isn't|are not|aren't|never|barely|hardly|no longer)"
_WANT = r"(?:do not|don't|dont|does not|doesn't|did not|didn't|no longer|never really)(?: (?:really|actually|simply|just|even))* "
_ITS_PROCESS = r"(?! to\b)(?!.{0,8}\b(?:return|refund|exchange|repair|visit|appointment|booking|complaint)\b)"

_MEANINGS: Mapping[str, Meaning] = {
    "broken": Meaning(
        named=re.compile(r"\b(?:broken|faulty|defect\w*|damag\w*|(?:does not|doesn't|not) work\w*|malfunction\w*)\b|质量问题|坏了|故障|不能用|损坏|瑕疵|破损"),
        told=re.compile(
            r"\b(?:flicker\w*|crackl\w*|buzz(?:es|ing)|hiss(?:es|ing)|rattl\w+|squeak\w*|beep(?:s|ing)|crash(?:es|ed|ing)|freez(?:es|ing)|froze|frozen|glitch\w*|lag(?:s|ging|gy)|overheat\w*|leak(?:s|ed|ing)"
            r"|crack(?:s|ed)|scratch(?:es|ed)|dent(?:s|ed)|dead|defect\w*|broke|broken|breaks|malfunction\w*|shatter\w*|torn|ripped|stain(?:s|ed)|smashed|bent|burn(?:s|t)|smok(?:es|ing)|faulty|damaged|disconnect\w*"
            r"|static|(?:cut|cuts|cutting|drop|drops|dropping) out|(?:fell|falls|falling|came|comes|coming) (?:apart|off|loose)|(?:switch|turn|shut)(?:es|s|ing)? (?:itself )?(?:off|down)|(?:no|lost|loses) (?:sound|signal|power|picture|charge|connection)"
            rf"|{_NEVER} (?:\w+ )?(?:work\w*|charg\w*|turn(?:ing)? (?:it )?on|start\w*|connect\w*|pair\w*|boot\w*|open\w*|clos\w*|lock\w*|respond\w*|react\w*|power\w*|function\w*|switch(?:ing)? on|hold(?:ing)?|light\w*|play\w*|record\w*)|not working)\b"
            r"|(?:电流|杂|噪|爆|破)[声音]|异响|嗡嗡|沙沙|滋滋|屏幕.{0,3}闪|[一老总]?[直是]闪|闪屏|闪烁|花屏|黑屏|白屏|绿屏|蓝屏|漏液|漏光|漏水|坏点|亮点|卡死|死机|卡顿|很卡|自动(?:关机|重启)|老?是?重启|断[连线开网]|断断续续|掉线|失灵|没反应|无反应|没声|没有声|无声|不响|不亮|不灵"
            r"|不工作|充不[了进上满]|不充电|开不了?机|关不[了上]|连不[上了]|配对不|打不开|用不了|没法用|发烫|烫手|鼓包|裂|碎了|破了|破损|划痕|划伤|掉漆|脱胶|开胶|变形|磕|(?<![没不])坏(?!人)|(?<!没有)(?<!没)故障|瑕疵|(?<!没)毛病|质量(?:有|不|差|太|问题|很差)|损坏|不通电|掉电|耗电"
        ),
    ),
    "unwanted": Meaning(
        named=re.compile(r"changed? (?:my|their) mind|(?:do not|don't|not|no longer) (?:want|need|like)\w*|\bunwanted\b|不想要|不喜欢|不合适|不需要|后悔|改主意"),
        told=re.compile(
            rf"\b(?:{_WANT}(?:want|need){_ITS_PROCESS}|{_WANT}(?:like|fit|suit|match|love|enjoy)|not (?:what (?:i|we) (?:expected|hoped|imagined|had in mind)|comfortable|(?:my|our|her|his) (?:size|style|taste|colou?r|thing)|for (?:me|us|him|her)|happy with (?:it|them))"
            r"|uncomfortable|unwanted|hurts?|too (?:big|small|heavy|light|large|loud|quiet|tight|loose|bulky|thin|thick|long|short|expensive|complicated|bright|dark|slow)|changed (?:my|our|his|her|their) mind|(?:ordered|bought) (?:it |them |one |this )?by (?:mistake|accident)"
            r"|(?:ordered|bought) (?:it |them |one |this |the same )?(?:twice|too many)|regret\w*|(?:found|got|saw) (?:a |one |it |them )?(?:cheaper|better)|(?:already|now) (?:have|has|got|own) (?:one|another)|no use for|disappoint\w*)\b"
            r"|不想[要留用]|不要了|不喜欢|不合适|不适合|不舒服|不需要|用不[着上]|后悔|买[多重]了|太[大小重沉轻贵紧松吵长短厚薄丑]|戴不|不习惯|不好[看用]|嫌|改主意|不满意|不值|冲动|有更便宜|已经有"
        ),
        mere=re.compile(rf"\b{_WANT}(?:want|need)|不想[要留用]|不要了|不需要"),
    ),
    "wrong": Meaning(
        named=re.compile(r"\bwrong (?:item|one|product|thing|article)\b|not what i ordered|发错|送错|收到的不对|错货"),
        told=re.compile(
            r"\b(?:wrong (?:[a-z]+ )?(?:items?|ones?|model|colou?r|size|products?|things?|versions?|parcel|article|pair|box|phone|tablet)|(?:sent|gave|got|received|shipped|delivered|handed)(?: me| us)? (?:a |an |the |some )?(?:wrong|different|another|someone else's)"
            r"|(?:isn't|is not|aren't|not|different (?:from|to)) (?:what|the (?:one|ones|model|colou?r|size)|the \w+) (?:that )?(?:i|we) (?:ordered|bought|paid for|asked for|chose|wanted)"
            r"|(?:ordered|bought|asked for|paid for|chose) [^.!?]{2,50}?(?:,| and| but|;)[^.!?]{0,25}\b(?:sent|got|received|came|arrived|gave|delivered|was in the (?:box|parcel)))\b"
            r"|[发寄送拿]错|[发寄送]成|不是我(?:买|订|要|下单|拍|选)的|(?:买|订|下单|拍|要|选)的(?:明明)?(?:是)?[^。！？!?]{1,14}?(?:收到|[来发寄送给](?:了|来|成|的|我)|到手)"
            r"|(?:颜色|型号|款式?|尺码|版本|东西|货|商品)(?:都|也)?(?:不对|错|不一样|不符|搞错)"
        ),
    ),
    "late": Meaning(
        named=re.compile(r"\b(?:late|too slow|delay\w*)\b|迟|太慢|超时|延误"),
        told=re.compile(r"\b(?:too late|arrived late|too slow|delay\w*|never (?:came|arrived)|took (?:too long|for ?ever|ages)|overdue|weeks? late|days? late)\b|太慢|太晚|迟到|延误|等太久|等了(?:好|太)|拖了|一直没到|还没到"),
    ),
    "missing": Meaning(
        named=re.compile(r"\b(?:missing|incomplete)\b|缺件|少发|漏发|缺少|不全"),
        told=re.compile(r"\b(?:missing|incomplete|(?:not|nothing) in the box|only (?:one|half) (?:was|of)|empty box)\b|少了|缺了|缺少|少发|漏发|不全|空盒|没有?(?:配件|充电[器线]|说明书)"),
    ),
}  # fmt: skip


def read_meanings(slot: Slot, folded: str) -> list[Found]:
    """The reading of the value whose meaning the message tells; none when it tells two, or two values share it."""
    by_meaning: dict[str, list[Any]] = {}
    for value in slot.values:
        for name in _meanings_of(_names(slot, value)):
            by_meaning.setdefault(name, []).append(value)
    told = {
        name: match
        for name, values in by_meaning.items()
        if len(values) == 1 and (match := _MEANINGS[name].told.search(folded.replace("’", "'")))
    }
    reasons = {name: match for name, match in told.items() if not _is_mere(_MEANINGS[name], folded)}
    kept = reasons or told
    if len({str(by_meaning[name][0]) for name in kept}) != 1:
        return []
    name, match = next(iter(kept.items()))
    return [Found(value=by_meaning[name][0], start=match.start(), end=match.end(), confidence=_CONFIDENCE)]


def _names(slot: Slot, value: Any) -> Iterable[str]:
    labels = slot.labels.get(value, {}) or slot.labels.get(str(value), {})
    return [str(value).replace("_", " "), *(label for group in labels.values() for label in group)]


def _meanings_of(names: Iterable[str]) -> list[str]:
    folded = [fold(name) for name in names]
    return [key for key, meaning in _MEANINGS.items() if any(meaning.named.search(name) for name in folded)]


def _is_mere(meaning: Meaning, folded: str) -> bool:
    """True when all that the message tells of this meaning is that the thing is not wanted."""
    if meaning.mere is None:
        return False
    rest = meaning.mere.sub(" ", folded.replace("’", "'"))
    return meaning.told.search(rest) is None
