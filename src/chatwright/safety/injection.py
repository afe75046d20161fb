"""Marks untrusted text as data, and notices text that tries to give orders.

`label_data` is spotlighting: the text stands between marks that carry a random word and cannot be closed from inside.
`find_injection` names the kinds of order it recognises; its verdict is recorded, it blocks nothing by default.

What this does NOT stop: orders in other words, other languages, in code or in pictures; a model that obeys data all the
same; anything spread over several messages. No reliable prevention is known (OWASP LLM01:2026), so the safety of the
house does not rest here: whatever the model says is checked against the evidence, and the model can call nothing.
"""

import hashlib
import re
from collections.abc import Sequence

from chatwright.language.fold import fold

_MARK = re.compile(r"</?\s*(?:data|evidence|资料)[^>]{0,80}>", re.IGNORECASE)

_SIGNS: tuple[tuple[str, str], ...] = (
    (
        "override",
        r"\b(?:ignore|disregard|forget|override|bypass) (?:\w+ ){0,4}(?:instructions?|prompts?|rules?|guidelines"
        r"|context|above)\b"
        r"|(?:忽略|无视|忘记|忘掉|不要理会|不用管|跳过|绕过)[^。！？\n]{0,12}(?:指令|指示|提示词?|规则|要求|设定|限制"
        r"|内容)",
    ),
    (
        "role",
        r"\b(?:you are now|from now on,? you|act as|pretend (?:to be|you are)|roleplay as|enter (?:developer|debug|god"
        r"|dan) mode|jailbreak)\b"
        r"|(?:你现在是|从现在(?:起|开始),?你|假装你?是|扮演|进入(?:开发者|调试|上帝)模式|越狱)",
    ),
    (
        "prompt_leak",
        r"\b(?:repeat|show|reveal|print|output|tell me|what (?:is|are)) (?:\w+ ){0,4}(?:system prompt|initial prompt"
        r"|hidden prompt|your (?:instructions|rules|prompt))\b"
        r"|(?:系统提示词?|初始提示词?|你的(?:指令|提示词|设定))(?:是什么|发给我|说出来|告诉我)?"
        r"|(?:重复|显示|输出|打印|泄露|告诉我)[^。！？\n]{0,8}(?:系统提示|提示词|上面的指令)",
    ),
    (
        "fake_turn",
        r"(?:^|\n)\s*(?:system|assistant|developer|系统|助手)\s*[:：]|<\|?(?:im_start|im_end|system|endoftext)\|?>"
        r"|\[/?inst\]|<<sys>>",
    ),
    (
        "exfiltration",
        r"!\[[^\]\n]{0,80}\]\(\s*https?://|\b(?:send|post|forward|upload) (?:\w+ ){0,5}to https?://",
    ),
    (
        "encoded",
        r"\b(?:decode|execute|follow) (?:\w+ ){0,4}(?:base64|rot13|hex)\b|[a-z0-9+/]{120,}={0,2}",
    ),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _SIGNS)


def find_injection(text: str) -> tuple[str, ...]:
    """The kinds of order found in `text`: override, role, prompt_leak, fake_turn, exfiltration, encoded. Linear
    time."""
    folded = fold(text)
    return tuple(name for name, pattern in _COMPILED if pattern.search(folded))


def label_data(text: str, label: str, mark: str) -> str:
    """`text` between marks that say it is data. mark: a word the text cannot know (`data_mark` makes one)."""
    inner = _MARK.sub(" ", text)
    return f'<data id="{label}" mark="{mark}">\n{inner}\n</data mark="{mark}">'


def data_mark(texts: Sequence[str]) -> str:
    """A word that none of `texts` can contain on purpose: it depends on all of them. Same texts, same word."""
    return hashlib.blake2b("\x00".join(texts).encode(), digest_size=4).hexdigest()
