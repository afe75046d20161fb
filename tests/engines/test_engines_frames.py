"""Frames survive any chopping of the stream, and nonsense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.engines.frames import MAX_FRAME_BYTES, FrameError, FrameReader, pack

FRAMES = st.lists(
    st.builds(
        lambda text, number: {"op": "x", "text": text, "n": number},
        st.text(),
        st.integers(min_value=-(2**53), max_value=2**53),
    ),
    max_size=5,
)


@given(frames=FRAMES, size=st.integers(min_value=1, max_value=64))
def test_frames_come_back_however_the_stream_is_chopped(frames, size):
    stream = b"".join(pack(frame) for frame in frames)
    reader = FrameReader()
    seen = [frame for at in range(0, len(stream), size) for frame in reader.feed(stream[at : at + size])]
    assert seen == frames


@pytest.mark.parametrize(
    "received",
    [
        b"\xff\xff\xff\xff",
        (MAX_FRAME_BYTES + 1).to_bytes(4, "big"),
        b"\x00\x00\x00\x04nope",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x02{}",
        b'\x00\x00\x00\x08{"op":1}',
    ],
)
def test_nonsense_is_refused(received):
    with pytest.raises(FrameError):
        list(FrameReader().feed(received))


def test_a_frame_that_is_too_long_is_not_sent():
    with pytest.raises(FrameError, match="longer than"):
        pack({"op": "x", "text": "a" * MAX_FRAME_BYTES})


def test_what_came_before_nonsense_is_given_first():
    reader = FrameReader()
    frames = reader.feed(pack({"op": "accepted", "id": 1}) + b"\x00\x00\x00\x01{")
    assert next(frames) == {"op": "accepted", "id": 1}
    with pytest.raises(FrameError):
        next(frames)
