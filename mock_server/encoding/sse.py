"""Server-sent events as a server sends them: one event in one HTTP chunk (RFC 9112 §7.1)."""

from __future__ import annotations

LAST_CHUNK = b"0\r\n\r\n"
"""The chunk that ends a response body."""


def event_chunk(kind: str, data: bytes, last_id: str | None = None) -> bytes:
    """Encode an event; `data` is one line, `last_id` the `id` from which a client resumes."""
    resume = b"" if last_id is None else b"id: %b\n" % last_id.encode()
    return _chunk(b"event: %b\ndata: %b\n%b\n" % (kind.encode(), data, resume))


def retry_chunk(milliseconds: int) -> bytes:
    """Encode the time that a browser waits before it reconnects."""
    return _chunk(b"retry: %d\n\n" % milliseconds)


def chunk_body(chunk: bytes) -> bytes:
    """Return the content of a chunk made by a function of this module, for HTTP/1.0 clients."""
    return chunk[chunk.index(b"\r\n") + 2 : -2]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
