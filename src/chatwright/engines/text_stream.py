"""Turns tokens into text while they arrive. In: token ids. Out: text that is final, never half a character, and
never a stop string or the beginning of one. Knows no model: decoding is a function passed in.
"""

from collections.abc import Callable, Sequence


class TokenText:
    """Incremental detokenisation: the pieces joined are `decode` of all ids together."""

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._window_start = 0  # tokens before the last piece are needed no more: context is one piece long
        self._emitted_end = 0

    def feed(self, token_id: int) -> str:
        """The characters that this token completes; empty in the middle of a character."""
        self._ids.append(token_id)
        return self._advance(is_last=False)

    def flush(self) -> str:
        """What is left when no token follows."""
        return self._advance(is_last=True)

    def _advance(self, *, is_last: bool) -> str:
        known = self._decode(self._ids[self._window_start : self._emitted_end])
        text = self._decode(self._ids[self._window_start :])
        if len(text) <= len(known) or (text.endswith("\ufffd") and not is_last):
            return ""
        self._window_start, self._emitted_end = self._emitted_end, len(self._ids)
        return text[len(known) :]


class StopFilter:
    """Holds back what may become a stop string, and cuts the text before the first one."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.has_stopped = False

    def feed(self, text: str) -> str:
        """The text that is safe to show; sets `has_stopped` when a stop string was completed."""
        if self.has_stopped:
            return ""
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.has_stopped = True
            return self._release(min(found), drop_rest=True)
        return self._release(len(self._held) - self._num_suspect())

    def flush(self) -> str:
        """What was held back, when nothing follows."""
        return "" if self.has_stopped else self._release(len(self._held))

    def _release(self, end: int, *, drop_rest: bool = False) -> str:
        text, rest = self._held[:end], self._held[end:]
        self._held = "" if drop_rest else rest
        return text

    def _num_suspect(self) -> int:
        """Length of the longest end of the held text that begins a stop string."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stops):
                return length
        return 0
