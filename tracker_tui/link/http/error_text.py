"""Why a connection could not be made or broke, in a few words for people."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterable

MAX_NAMES_SHOWN = 5
"""Most names of a certificate that are told."""


def connection_error_text(error: BaseException, host: str = "", names: Iterable[str] = ()) -> str:
    """Say why a connection could not be made or broke.

    Args:
        error: What was raised; what it wraps is looked through.
        host: The host that was asked for.
        names: Those that its certificate is for, if they are known.
    """
    for cause in _causes(error):
        if (words := _words(cause, host, names)) is not None:
            return words
    return str(error) or type(error).__name__


def is_hostname_mismatch(error: BaseException) -> bool:
    """Whether the server's certificate is good, but for another host."""
    return any(
        isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code in _WRONG_HOST for cause in _causes(error)
    )


def _words(cause: BaseException, host: str, names: Iterable[str]) -> str | None:
    match cause:
        case socket.gaierror():
            known = cause.errno in _NO_SUCH_NAME
            host = f"the host's name {host}".rstrip()
            return f"{host} is unknown" if known else f"{host} can't be looked up now"
        case ssl.SSLCertVerificationError():
            return _distrust(cause, host, names)
        case EOFError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "the connection ended early"
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "HTTP_REQUEST"):
            return "it speaks no TLS: is it http?"
        case ssl.SSLError(reason=str(reason)):
            return f"TLS failed: {reason.replace('_', ' ').lower()}"
        case OSError() if (number := _number(cause)) in _WORDS:
            return _WORDS[number]
        case TimeoutError():
            return "no answer in time"
        case ConnectionResetError():  # asyncio's own bears no number
            return "connection reset"
    return None


def _number(error: OSError) -> int | None:
    """The system's number of an error; asyncio leaves it in the text alone where several addresses failed."""
    if error.errno is None and (numbers := re.findall(r"\[Errno ([0-9]{1,4})\]", str(error), re.ASCII)):
        return int(numbers[-1])
    return error.errno


def _distrust(error: ssl.SSLCertVerificationError, host: str, names: Iterable[str]) -> str:
    of = f"the certificate of {host}".removesuffix(" of ")
    if error.verify_code in _WRONG_HOST:
        told = list(names)
        more = ", …" if len(told) > MAX_NAMES_SHOWN else ""
        return f"{of} is for another host" + (f": {', '.join(told[:MAX_NAMES_SHOWN])}{more}" if told else "")
    return f"{of} {_DISTRUST.get(error.verify_code, f'is not trusted: {error.verify_message}')}"


_NO_SUCH_NAME = {socket.EAI_NONAME, socket.EAI_NODATA}

_WRONG_HOST = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, …_IP_ADDRESS_MISMATCH

_DISTRUST = {
    9: "is not valid yet: check this machine's clock",
    10: "has expired",
    18: "is self-signed (--ca-file)",
    19: "was signed by a CA that is unknown here (--ca-file)",
    20: "was signed by a CA that is unknown here (--ca-file)",
    21: "was signed by a CA that is unknown here (--ca-file)",
}
"""By OpenSSL's X509_V_ERR numbers."""

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
    """`error` and what it wraps: httpx and happy eyeballs bury the system's error."""
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
