"""Text leaves in whole characters and without stop strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.engines.text_stream import StopFilter, TokenText


def decode_dropping(ids):
    """Tokens are bytes; an unfinished character is left out, as OpenVINO's detokenizer does."""
    return bytes(ids).decode("utf-8", "ignore")


def decode_replacing(ids):
    """Tokens are bytes; an unfinished character shows as U+FFFD, as other detokenizers do."""
    return bytes(ids).decode("utf-8", "replace")


@pytest.mark.parametrize("decode", [decode_dropping, decode_replacing])
@given(text=st.text())
def test_pieces_joined_are_the_whole_text_and_never_half_a_character(decode, text):
    stream = TokenText(decode)
    pieces = [stream.feed(byte) for byte in text.encode()]
    pieces.append(stream.flush())
    assert "".join(pieces) == text
    if "\ufffd" not in text:
        assert not any("\ufffd" in piece for piece in pieces)


def test_an_unfinished_character_at_the_end_is_flushed_as_the_decoder_shows_it():
    stream = TokenText(decode_replacing)
    assert [stream.feed(byte) for byte in "北".encode()[:2]] == ["", ""]
    assert stream.flush() == "\ufffd"


@pytest.mark.parametrize(
    ("stops", "pieces", "shown", "has_stopped"),
    [
        ((), ["a", "b"], "ab", False),
        (("。",), ["北京。", "上海"], "北京", True),
        (("END",), ["to the E", "N", "D and more"], "to the ", True),
        (("END",), ["to the E", "N", "X"], "to the ENX", False),
        (("END",), ["it ends in EN"], "it ends in EN", False),
        (("aab",), ["aa", "ab"], "a", True),
        (("xyz", "y"), ["ax", "y", "z"], "ax", True),
        (("", "b"), ["abc"], "a", True),
    ],
)
def test_stop_strings_are_never_shown(stops, pieces, shown, has_stopped):
    stop_filter = StopFilter(stops)
    text = "".join([stop_filter.feed(piece) for piece in pieces]) + stop_filter.flush()
    assert (text, stop_filter.has_stopped) == (shown, has_stopped)


@given(st.text("ab。", max_size=30), st.lists(st.text("ab。", min_size=1, max_size=3), max_size=3), st.integers(1, 5))
def test_a_stop_filter_cuts_where_a_search_of_the_whole_text_would(text, stops, size):
    stop_filter = StopFilter(stops)
    shown = "".join(stop_filter.feed(text[at : at + size]) for at in range(0, len(text), size)) + stop_filter.flush()
    # The earliest to be completed decides; with pieces of one sign nothing else can have been seen.
    if size == 1:
        ends = [text.find(stop) + len(stop) for stop in stops if stop in text]
        seen = text[: min(ends, default=len(text))]
        cut = min((seen.find(stop) for stop in stops if stop in seen), default=len(seen))
        assert shown == seen[:cut]
    assert text.startswith(shown)
    assert not any(stop in shown for stop in stops)
