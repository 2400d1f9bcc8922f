"""The texts of failed connections."""

from __future__ import annotations

import errno
import socket

import pytest

from tracker_tui.link.http.error_text import connection_error_text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), "connection refused"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "connection reset"),
        (BrokenPipeError(errno.EPIPE, "x"), "connection reset"),
        (OSError(errno.EHOSTUNREACH, "x"), "the host is unreachable"),
        (OSError(errno.ENETUNREACH, "x"), "the network is unreachable"),
        (OSError(errno.ETIMEDOUT, "x"), "no answer in time"),
        (TimeoutError(), "no answer in time"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "the host name is unknown"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "the host name can't be looked up now"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1), [Errno 111] Connect call failed"),
            "connection refused",
        ),
        (
            ExceptionGroup("all failed", [OSError(errno.ECONNREFUSED, "x"), OSError(errno.ECONNREFUSED, "y")]),
            "connection refused",
        ),
        (RuntimeError("out of luck"), "out of luck"),
        (EOFError(), "the connection ended early"),
    ],
)
def test_a_failure_to_connect_has_a_short_text(error: BaseException, words: str) -> None:
    assert connection_error_text(error) == words
    wrapped = RuntimeError("it went wrong")
    wrapped.__cause__ = error
    if str(error):
        assert connection_error_text(wrapped) in {words, "it went wrong"}


def test_the_systems_error_is_found_in_wrapping_exceptions_even_in_a_cycle() -> None:
    outer, inner = RuntimeError("request failed"), OSError(errno.ECONNREFUSED, "x")
    outer.__cause__, inner.__context__ = inner, outer
    assert connection_error_text(outer) == "connection refused"
