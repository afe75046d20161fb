"""Reads the conditions of flows (`slots.amount > 500 and not slots.is_member`) and says whether they hold.

In: the text of a condition, later the slots and the context. Out: a Condition, whose `holds` is true or false and never
raises: what is missing is null, and values of different types are never equal or ordered. The language is pypred's, as
Rasa's flows use it, with `in` added. Never evaluates Python; patterns of `matches` take linear time.

    or ← and ← not ← compare        compare: VALUE [= == != < <= > >= is, is not, contains, matches, in, not in VALUE]
    VALUE: "text" 'text' 12.5 true false null undefined empty  slots.name  context.a.b  name  {"a" "b"}  ["a", "b"]
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from chatwright.dialogue.flows.condition_tree import (
    EMPTY,
    Compare,
    Either,
    Name,
    Node,
    Not,
    Operand,
    Pattern,
    Together,
    Truth,
    Value,
)
from chatwright.errors import ConfigError

MAX_CONDITION_CHARS = 2000
MAX_DEPTH = 40

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))"""
    r"""|(?P<name>[^\W\d]\w*(?:[.-]\w+)*)|(?P<mark><=|>=|==|!=|<>|&&|\|\||[=<>!(){}\[\],]))"""
)
_CONSTANTS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
_WORDS = {"&&": "and", "||": "or", "!": "not", "==": "=", "<>": "!=", "is": "="}
_RESERVED = frozenset({"and", "or", "not", "is", "contains", "matches", "in", "empty"} | set(_CONSTANTS))
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read. `slots`: the names of those it looks at, in order; `context` likewise."""

    text: str
    tree: Node
    slots: tuple[str, ...]
    context: tuple[str, ...]

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> bool:
        """Never raises: a missing value is null, a comparison that makes no sense is false."""
        return self.tree.holds(slots, context or {})


@lru_cache(maxsize=2048)
def parse_condition(text: str) -> Condition:
    """The condition that `text` says. Raises ConfigError with the column (from 1) where it stops making sense."""
    if len(text) > MAX_CONDITION_CHARS:
        raise _wrong(text[:60] + "…", MAX_CONDITION_CHARS, f"is longer than {MAX_CONDITION_CHARS} characters")
    return _Parser(text).condition()


def _wrong(text: str, column: int, why: str) -> ConfigError:
    return ConfigError(
        f"The condition {text!r} {why} at column {column}.",
        hint='Write it like: slots.amount > 500 and slots.city = "Paris".',
        code="condition_invalid",
    )


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "string", "number", "name", "mark" or "end"
    text: str
    column: int

    @property
    def word(self) -> str:
        """The token as a keyword or an operator, folded; "" for a quoted text."""
        folded = self.text.lower()
        return "" if self.kind == "string" else _WORDS.get(folded, folded)


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._position = 0
        self._depth = 0
        self._slots: dict[str, None] = {}
        self._context: dict[str, None] = {}

    def condition(self) -> Condition:
        tree = self._either()
        if self._next.kind != "end":
            raise self._unexpected("an operator such as and, or, =")
        return Condition(text=self._text, tree=tree, slots=tuple(self._slots), context=tuple(self._context))

    @property
    def _next(self) -> _Token:
        return self._tokens[self._position]

    def _take(self) -> _Token:
        token = self._next
        self._position += token.kind != "end"
        return token

    def _accept(self, word: str) -> bool:
        if self._next.word == word:
            self._take()
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise self._unexpected(repr(mark))

    def _unexpected(self, wanted: str) -> ConfigError:
        found = "it ends" if self._next.kind == "end" else f"{self._next.text!r} stands"
        return _wrong(self._text, self._next.column, f"does not parse: {wanted} is expected where {found}")

    def _either(self) -> Node:
        items = [self._every()]
        while self._accept("or"):
            items.append(self._every())
        return items[0] if len(items) == 1 else Either(False, tuple(items))

    def _every(self) -> Node:
        items = [self._negated()]
        while self._accept("and"):
            items.append(self._negated())
        return items[0] if len(items) == 1 else Either(True, tuple(items))

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _wrong(self._text, self._next.column, f"is nested more than {MAX_DEPTH} deep")

    def _negated(self) -> Node:
        self._deeper()
        node = Not(self._negated()) if self._accept("not") else self._grouped()
        self._depth -= 1
        return node

    def _grouped(self) -> Node:
        if self._accept("("):
            inner = self._either()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._operand()
        operator = self._next.word
        if operator in _COMPARISONS:
            self._take()
            is_negated = operator == "=" and self._accept("not")
            return Compare("!=" if is_negated else operator, left, self._operand())
        if operator == "matches":
            self._take()
            return Compare(operator, left, self._pattern())
        is_negated = self._accept("not")
        operator = self._next.word
        if operator in ("contains", "in"):
            self._take()
            compared = Compare(operator, left, self._operand())
            return Not(compared) if is_negated else compared
        if is_negated:
            raise self._unexpected("'in' or 'contains'")
        return Truth(left)

    def _operand(self) -> Operand:
        token = self._next
        if token.word in ("{", "["):
            return self._set("}" if token.word == "{" else "]")
        if token.kind == "string":
            self._take()
            return Value(re.sub(r"\\(.)", r"\1", token.text[1:-1]))
        if token.kind == "number":
            self._take()
            return Value(float(token.text) if "." in token.text else int(token.text))
        if token.kind != "name":
            raise self._unexpected("a value")
        return self._named()

    def _named(self) -> Operand:
        word = self._next.text.lower()
        if word == "empty":
            self._take()
            return Value(EMPTY)
        if word in _CONSTANTS:
            self._take()
            return Value(_CONSTANTS[word])
        if word in _RESERVED:
            raise self._unexpected("a value")
        path = tuple(self._take().text.split("."))
        if path[0] == "context" and len(path) > 1:
            self._context.setdefault(path[1])
            return Name(True, path[1:])
        path = path[1:] if path[0] == "slots" and len(path) > 1 else path
        self._slots.setdefault(path[0])
        return Name(False, path)

    def _set(self, closing: str) -> Together:
        self._deeper()
        self._take()
        items: list[Operand] = []
        while not self._accept(closing):
            items.append(self._operand())
            self._accept(",")
        self._depth -= 1
        return Together(tuple(items))

    def _pattern(self) -> Pattern:
        token = self._next
        if token.kind != "string":
            raise self._unexpected("a quoted pattern")
        self._take()
        # Only the quotes are unescaped: every other backslash belongs to the pattern.
        source = re.sub(r"\\([\"'])", r"\1", token.text[1:-1])
        return Pattern(_compile(source, self._text, token.column))


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise _wrong(text, start + 1, f"has {text[start]!r}, which has no meaning,")
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match[kind], match.start(kind) + 1))
        position = match.end()
    return [*tokens, _Token("end", "", end + 1)]


def _compile(source: str, text: str, column: int) -> Any:
    """A matcher in linear time: look-around and back-references, which have none, are refused."""
    try:
        return jsonschema_rs.validator_for(
            {"type": "string", "pattern": source}, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, TypeError) as err:
        raise _wrong(
            text, column, f"has the pattern {source!r}, which is not one (look-around is not supported),"
        ) from err
