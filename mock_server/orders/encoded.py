"""A message that is encoded and framed once for all clients."""

from __future__ import annotations

from functools import cached_property
from typing import Generic, TypeVar

from mock_server.encoding import frames, sse
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.codec import encode
from tracker_tui.wire.messages import Message

M_co = TypeVar("M_co", bound=Message, covariant=True)


class Encoded(Generic[M_co]):
    """A server message and its encodings, each computed on first use.

    Attributes:
        message: The message.
    """

    def __init__(self, message: M_co) -> None:
        self.message = message

    @cached_property
    def frame(self) -> bytes:
        """The message as a WebSocket text frame; the same object for every client."""
        # A lone surrogate, as in a note from a command line, has no UTF-8 encoding.
        return frames.text_frame(encode(self.message).encode("utf-8", "replace"))

    @cached_property
    def sse(self) -> bytes:
        """The message as a server-sent event in its HTTP chunk; the same object for every client."""
        message: Message = self.message
        resume = f"{message.order_id}@{message.version}" if isinstance(message, Event | Snapshot) else None
        return sse.event_chunk(message.type, self.text, resume)

    @property
    def text(self) -> bytes:
        """The message as JSON."""
        return frames.frame_payload(self.frame)
