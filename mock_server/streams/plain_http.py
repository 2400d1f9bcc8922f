"""Streams over plain HTTP: responses whose body is written by a sink, without close codes."""

from __future__ import annotations

from aiohttp import web

from mock_server.encoding.problems import CLOSE_CODES
from mock_server.streams.stream import OpenStream
from tracker_tui.wire.messages import Problem

HEADERS = {"Cache-Control": "no-store", "Vary": "Accept", "X-Accel-Buffering": "no"}
"""Headers of every response (PROTOCOL §5)."""

_PROBLEMS = {close_code: code for code, close_code in reversed(CLOSE_CODES.items())}


class RawResponse(web.StreamResponse):
    """A response of which aiohttp writes the head only."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Write nothing: the sink ends the body."""


class HttpStream(OpenStream):
    """A stream without close codes: it sends the corresponding problem instead."""

    async def close(self, code: int, reason: str = "") -> None:
        """Close with the problem of a close code, if there is one (PROTOCOL §8)."""
        problem = _PROBLEMS.get(code)
        await self.finish(code, reason, last=None if problem is None else Problem(problem, reason or problem))
