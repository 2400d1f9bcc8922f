"""Frames as the websockets library parses them."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from mock_server.encoding import frames


def parse(frame: bytes) -> Frame:
    stream = StreamReader()
    stream.feed_data(frame)
    parser: Generator[None, None, Frame] = Frame.parse(stream.read_exact, mask=False)
    try:
        while True:
            next(parser)
    except StopIteration as done:
        found: Frame = done.value
        return found


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 300_000])
def test_a_frame_of_any_size_is_read_back(size: int) -> None:
    text = b"x" * size
    assert parse(frames.text_frame(text)) == Frame(Opcode.TEXT, text)
    assert parse(frames.binary_frame(text)) == Frame(Opcode.BINARY, text)
    assert frames.frame_payload(frames.text_frame(text)) == text


def test_control_frames_are_read_back() -> None:
    assert parse(frames.PING_FRAME) == Frame(Opcode.PING, b"")
    assert parse(frames.pong_frame(b"payload")) == Frame(Opcode.PONG, b"payload")
    assert parse(frames.close_frame(4012, "restarting")) == Frame(Opcode.CLOSE, b"\x0f\xacrestarting")


def test_a_long_reason_is_cut_at_a_whole_character() -> None:
    reason = parse(frames.close_frame(1011, "€" * 100)).data[2:]
    assert bytes(reason).decode() == "€" * 41
