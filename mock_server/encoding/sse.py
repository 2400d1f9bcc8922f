"""Server-sent events as a server sends them: each one whole, in an HTTP chunk of its own (RFC 9112 §7.1)."""

from __future__ import annotations

LAST_CHUNK = b"0\r\n\r\n"
"""The chunk that ends a body."""


def event_chunk(kind: str, data: bytes, last_id: str | None = None) -> bytes:
    """Write an event, with the `id` from which a client resumes, if it has one; `data` is one line."""
    resume = b"" if last_id is None else b"id: %b\n" % last_id.encode()
    return _chunk(b"event: %b\ndata: %b\n%b\n" % (kind.encode(), data, resume))


def retry_chunk(milliseconds: int) -> bytes:
    """Tell a browser how long to wait before it reconnects."""
    return _chunk(b"retry: %d\n\n" % milliseconds)


def chunk_body(chunk: bytes) -> bytes:
    """Give back what one of the functions above has put in a chunk: HTTP/1.0 knows none."""
    return chunk[chunk.index(b"\r\n") + 2 : -2]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
