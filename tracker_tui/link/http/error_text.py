"""Texts for failed connections, in a few words for people."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterable

MAX_NAMES_SHOWN = 5
"""Names of a certificate that a message shows."""


def connection_error_text(error: BaseException, host: str = "", names: Iterable[str] = ()) -> str:
    """Return why a connection failed, in a few words.

    Args:
        error: The exception; the exceptions that it wraps are searched, too.
        host: The requested host.
        names: The names in its certificate, if known.
    """
    for cause in _causes(error):
        if (words := _words(cause, host, names)) is not None:
            return words
    return str(error) or type(error).__name__


def is_hostname_mismatch(error: BaseException) -> bool:
    """Return whether the server's certificate is valid, but for another host."""
    return any(
        isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code in _WRONG_HOST for cause in _causes(error)
    )


def _words(cause: BaseException, host: str, names: Iterable[str]) -> str | None:
    match cause:
        case socket.gaierror():
            missing = cause.errno in _NO_SUCH_NAME
            host = f"the host name {host}".rstrip()
            return f"{host} is unknown" if missing else f"{host} can't be looked up now"
        case ssl.SSLCertVerificationError():
            return _certificate_text(cause, host, names)
        case EOFError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "the connection ended early"
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "HTTP_REQUEST"):
            return "the server does not speak TLS: is it http?"
        case ssl.SSLError(reason=str(reason)):
            return f"TLS failed: {reason.replace('_', ' ').lower()}"
        case OSError() if (number := _number(cause)) in _WORDS:
            return _WORDS[number]
        case TimeoutError():
            return "no answer in time"
        case ConnectionResetError():  # asyncio's own has no number
            return "connection reset"
    return None


def _number(error: OSError) -> int | None:
    """Return the system's error number; if several addresses failed, asyncio has it only in the text."""
    if error.errno is None and (numbers := re.findall(r"\[Errno ([0-9]{1,4})\]", str(error), re.ASCII)):
        return int(numbers[-1])
    return error.errno


def _certificate_text(error: ssl.SSLCertVerificationError, host: str, names: Iterable[str]) -> str:
    of = f"the certificate of {host}".removesuffix(" of ")
    if error.verify_code in _WRONG_HOST:
        shown = list(names)
        more = ", …" if len(shown) > MAX_NAMES_SHOWN else ""
        return f"{of} is for another host" + (f": {', '.join(shown[:MAX_NAMES_SHOWN])}{more}" if shown else "")
    return f"{of} {_CERTIFICATE_ERRORS.get(error.verify_code, f'is not trusted: {error.verify_message}')}"


_NO_SUCH_NAME = {socket.EAI_NONAME, socket.EAI_NODATA}

_WRONG_HOST = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, …_IP_ADDRESS_MISMATCH

_CERTIFICATE_ERRORS = {
    9: "is not valid yet: check this machine's clock",
    10: "has expired",
    18: "is self-signed (--ca-file)",
    19: "was signed by a CA that is unknown here (--ca-file)",
    20: "was signed by a CA that is unknown here (--ca-file)",
    21: "was signed by a CA that is unknown here (--ca-file)",
}
"""Texts by OpenSSL's X509_V_ERR numbers."""

_WORDS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.ECONNABORTED: "connection reset",
    errno.EPIPE: "connection reset",
    errno.EHOSTUNREACH: "the host is unreachable",
    errno.ENETUNREACH: "the network is unreachable",
    errno.ENETDOWN: "the network is down",
    errno.ETIMEDOUT: "no answer in time",
}


def _causes(error: BaseException) -> list[BaseException]:
    """Return `error` and all exceptions that it wraps: the system's error is often the innermost."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        cause = waiting.pop()
        if cause in found:
            continue
        found.append(cause)
        if isinstance(cause, BaseExceptionGroup):
            waiting.extend(cause.exceptions)
        waiting.extend(other for other in (cause.__cause__, cause.__context__) if other is not None)
    return found
