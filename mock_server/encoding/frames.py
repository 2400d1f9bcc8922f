"""WebSocket frames as a server sends them: whole, unmasked, uncompressed (RFC 6455 §5.2)."""

from __future__ import annotations

PING_FRAME = b"\x89\x00"
"""A ping without payload."""

_TEXT = 0x81
_BINARY = 0x82
_CLOSE = 0x88
_PONG = 0x8A
_SHORT, _MEDIUM = 126, 127


def text_frame(payload: bytes) -> bytes:
    """Frame UTF-8 text."""
    return _frame(_TEXT, payload)


def binary_frame(payload: bytes) -> bytes:
    """Frame arbitrary bytes."""
    return _frame(_BINARY, payload)


def pong_frame(payload: bytes) -> bytes:
    """Frame the answer to a ping; `payload` is the ping's, at most 125 bytes."""
    return _frame(_PONG, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    """Frame a close; a reason is cut to what a control frame holds (123 bytes)."""
    return _frame(_CLOSE, code.to_bytes(2, "big") + close_reason(reason))


def close_reason(reason: str) -> bytes:
    """Encode a reason so that it fits a close frame and ends on a whole character."""
    return reason.encode("utf-8", "replace")[:123].decode("utf-8", "ignore").encode()


def frame_payload(frame: bytes) -> bytes:
    """Give back what one of the functions above has framed."""
    return frame[{_SHORT: 4, _MEDIUM: 10}.get(frame[1], 2) :]


def _frame(head: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < _SHORT:
        return bytes((head, size)) + payload
    if size < 1 << 16:
        return bytes((head, _SHORT)) + size.to_bytes(2, "big") + payload
    return bytes((head, _MEDIUM)) + size.to_bytes(8, "big") + payload
