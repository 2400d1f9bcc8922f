"""WebSocket frames as a server sends them: unfragmented, unmasked, uncompressed (RFC 6455 §5.2)."""

from __future__ import annotations

from websockets.frames import Close, Frame, Opcode

_SHORT_HEADER, _MEDIUM_HEADER, _LONG_HEADER = 2, 4, 10
"""Bytes of a frame's header by the form of its payload length."""


def text_frame(payload: bytes) -> bytes:
    """Frame UTF-8 text."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)


def binary_frame(payload: bytes) -> bytes:
    """Frame arbitrary bytes."""
    return Frame(Opcode.BINARY, payload).serialize(mask=False)


def pong_frame(payload: bytes) -> bytes:
    """Frame the answer to a ping; `payload` is the ping's, at most 125 bytes."""
    return Frame(Opcode.PONG, payload).serialize(mask=False)


def close_frame(code: int, reason: str = "") -> bytes:
    """Frame a close; cut `reason` to the 123 bytes that fit."""
    return Frame(Opcode.CLOSE, Close(code, close_reason(reason).decode()).serialize()).serialize(mask=False)


def close_reason(reason: str) -> bytes:
    """Encode a reason so that it fits a close frame and ends with a whole character."""
    return reason.encode("utf-8", "replace")[:123].decode("utf-8", "ignore").encode()


def frame_payload(frame: bytes) -> bytes:
    """Return the payload of a frame made by a function of this module."""
    return frame[{126: _MEDIUM_HEADER, 127: _LONG_HEADER}.get(frame[1], _SHORT_HEADER) :]


PING_FRAME = Frame(Opcode.PING, b"").serialize(mask=False)
"""A ping without payload."""
