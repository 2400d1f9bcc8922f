"""The HTTP protocol of one connection: aiohttp's, with stricter rules for malformed and incomplete heads."""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestPayloadError

from mock_server.auth.tokens import MAX_TOKEN_LENGTH
from mock_server.encoding.problems import refusal

HEAD_SECONDS = 10.0
"""Seconds from the first byte of a request head until it must be complete."""

IDLE_SECONDS = 75.0
"""Seconds after which a connection without a request is closed, before the first request or between two."""

_logger = logging.getLogger(__name__)

_MALFORMED = (HttpProcessingError, RequestPayloadError)


class RequestProtocol(web.RequestHandler):
    """Parse and answer the requests of one connection.

    A malformed request is answered with a problem of code `invalid` (PROTOCOL §8). Neither the answer nor the log
    repeats any part of it, because a malformed header can hold a token.

    Args:
        server: Handles the requests.
        loop: The running event loop.
    """

    __slots__ = ("_head_timer",)

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop,
            logger=_logger,
            access_log=None,  # type: ignore[arg-type]  # None switches it off
            keepalive_timeout=IDLE_SECONDS,
            # The longest accepted token must fit into a header.
            max_field_size=2 * MAX_TOKEN_LENGTH,
        )
        self._head_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Receive bytes, and start or stop the timer of an incomplete head."""
        super().data_received(data)
        if not self._awaits_head():
            self._stop_timer()
        elif self._head_timer is None:
            self.keep_alive(False)  # stops the timer of an idle connection; the next response starts it again
            self._head_timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self._close_incomplete)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop the timer with the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that is malformed, or whose handler failed."""
        if not isinstance(exc, _MALFORMED):
            return super().handle_error(request, status, exc, message)
        _logger.debug("refused a malformed request: %s", type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionResetError("the response has begun and cannot become a refusal")
        too_long = isinstance(exc, LineTooLong)
        detail = "the request line or a header is too long" if too_long else "this is not a well-formed HTTP request"
        response = refusal(400, "invalid", detail)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log where a handler failed, without the exception's message, which can contain what a client sent."""
        error = kw.get("exc_info")
        if isinstance(error, _MALFORMED):
            return  # logged by `handle_error`
        if isinstance(error, BaseException):
            frames = "".join(traceback.format_tb(error.__traceback__))
            _logger.error("a request handler failed with %s at\n%s", type(error).__name__, frames)
        else:
            _logger.error("a request handler returned no response")

    def _awaits_head(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_incomplete(self) -> None:
        self._head_timer = None
        if self._awaits_head():
            _logger.debug("closed a connection whose request head was incomplete after %g s", HEAD_SECONDS)
            self.force_close()
