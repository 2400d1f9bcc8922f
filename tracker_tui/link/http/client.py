"""The HTTP client for one server: TLS, proxy and redirects, the same for every transport."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import LinkError, Oversized, TransportBlocked, TransportDown
from tracker_tui.link.http.error_text import connection_error_text, is_hostname_mismatch
from tracker_tui.link.http.proxies import Proxy, proxy_for
from tracker_tui.link.http.refusals import error_for_response, error_for_status
from tracker_tui.link.http.server import Server
from tracker_tui.link.http.tcp import connect_tcp
from tracker_tui.wire.codec import MAX_MESSAGE

MAX_REDIRECTS = 5
"""Redirects that one request follows."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""HTTP statuses that redirect a GET, if there is a Location."""

METHOD_PRESERVING_REDIRECTS = frozenset({307, 308})
"""Those of them that keep the method and the body (RFC 9110 §15.4)."""

MAX_REFUSAL_BYTES = 64 << 10
"""Bytes that are read of the body of a refusal."""

_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=24)
_CERTIFICATE_TIMEOUT = 1.0
"""Seconds to read the names of a certificate."""

_BAD_REDIRECT = "redirects to an invalid address"
_PORTS = {"http": 80, "https": 443}


class HttpClient:
    """The client that every transport to one server uses.

    Creating it reads nothing. An unusable proxy URL or CA file raises `TransportDown` on first use; the CA file is
    read again on the next use.

    Args:
        server: The server.
        ca_file: Certificates (PEM) to trust in addition to the system's.
        environ: The environment that names proxies; the process's by default.

    Attributes:
        server: The server.
    """

    def __init__(
        self, server: Server, *, ca_file: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self.server = server
        self._ca_file = ca_file
        self._proxy: Proxy | None = None
        self._bad_proxy: str | None = None
        self._context: ssl.SSLContext | None = None
        self._client: httpx.AsyncClient | None = None
        self._background: set[asyncio.Task[None]] = set()
        try:
            self._proxy = proxy_for(server.base, os.environ if environ is None else environ)
        except ValueError as error:
            self._bad_proxy = str(error)

    @property
    def proxy(self) -> Proxy | None:
        """The proxy; None for a direct connection. Raises `TransportDown` if its URL is invalid."""
        if self._bad_proxy is not None:
            raise TransportDown(self._bad_proxy)
        return self._proxy

    @property
    def tls(self) -> ssl.SSLContext | None:
        """TLS settings for the server; None without https. Raises `TransportDown` for an unusable CA file."""
        return self._shared_context() if self.server.base.startswith("https:") else None

    @property
    def proxy_tls(self) -> ssl.SSLContext | None:
        """TLS settings for the proxy; None without one or without https. Raises like `tls`."""
        return self._shared_context() if self.proxy is not None and self.proxy.is_tls else None

    @property
    def http(self) -> httpx.AsyncClient:
        """The shared HTTPX client, without timeouts; created on first use. Raises like `tls`."""
        if self._client is None:
            proxy = None if self.proxy is None else httpx.Proxy(self.proxy.url, ssl_context=self.proxy_tls)
            self._client = httpx.AsyncClient(
                headers={"User-Agent": self.server.user_agent},
                # Without https, a context that trusts no CA: an unverified TLS connection is impossible.
                verify=self.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                proxy=proxy,
                trust_env=False,
                timeout=None,  # noqa: S113 - callers have timeouts of their own
                limits=_LIMITS,
            )
        return self._client

    async def aclose(self) -> None:
        """Close every HTTP connection."""
        await asyncio.gather(*self._background, return_exceptions=True)
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    def spawn_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background; only `aclose` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def get(self, url: str, headers: Mapping[str, str], token: Token | None = None) -> httpx.Response:
        """Send a GET and follow redirects within the server's origin; the body is still to be read.

        Raises:
            TransportDown: No answer.
            TransportBlocked: A redirect to another origin.
            ServerBusy: A proxy can't reach the server.
        """
        return await self._send("GET", url, headers, token, redirects=REDIRECTS)

    async def post(self, url: str, headers: Mapping[str, str], body: str, token: Token | None = None) -> httpx.Response:
        """Send a POST; like `get`, but follow only redirects that keep the method and the body.

        Raises:
            LinkError: As by `get`.
        """
        return await self._send("POST", url, headers, token, redirects=METHOD_PRESERVING_REDIRECTS, body=body)

    async def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        token: Token | None,
        *,
        redirects: frozenset[int],
        body: str | None = None,
    ) -> httpx.Response:
        headers = {**headers, **(token.header if token is not None else {})}
        status = 0
        for _ in range(MAX_REDIRECTS + 1):
            client = self.http
            try:
                request = client.build_request(method, url, headers=headers, content=body)
                response = await client.send(request, stream=True)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise await self.error_from_exception(error) from error
            status = response.status_code
            location = response.headers.get("Location")
            if status not in redirects or location is None:
                return response
            await response.aclose()
            url = self.resolve_redirect(url, status, location)
        raise TransportBlocked(status, f"more than {MAX_REDIRECTS} redirects")

    async def chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """Yield a body as it arrives, then close it. Close the generator if it is not read to the end.

        Raises:
            LinkError: The body ended early.
        """
        try:
            async for chunk in response.aiter_bytes():
                yield chunk
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise await self.error_from_exception(error) from error
        finally:
            await response.aclose()

    async def read_body(self, response: httpx.Response, limit: int = MAX_MESSAGE) -> bytes:
        """Read a whole body.

        Raises:
            Oversized: It is over `limit` bytes.
            LinkError: It ended early.
        """
        body = bytearray()
        async with aclosing(self.chunks(response)) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > limit:
                    raise Oversized
        return bytes(body)

    async def error_from_response(self, response: httpx.Response, detail: str) -> LinkError:
        """Return the error for an unexpected answer; `detail` as in `error_for_response`."""
        try:
            body = await self.read_body(response, MAX_REFUSAL_BYTES)
        except LinkError:
            body = b""  # its status and headers are enough
        return error_for_response(response.status_code, response.headers, body, detail)

    def resolve_redirect(self, url: str, status: int, location: str) -> str:
        """Return the target of a redirect.

        Raises:
            TransportBlocked: It is another origin, which is never followed (PROTOCOL §8).
        """
        try:
            target = urljoin(url, location)
            own, other = _origin(urlsplit(url)), _origin(urlsplit(target))
        except ValueError:
            raise TransportBlocked(status, _BAD_REDIRECT) from None
        if own == other:
            return target
        if own[1] == other[1]:
            raise TransportBlocked(status, f"redirects to {other[0]}://{other[1]}:{other[2]}")
        raise TransportBlocked(status, f"redirects to {other[1]}: a sign-in page?")

    async def error_from_exception(self, error: Exception) -> LinkError:
        """Return the error of the link for an exception of HTTPX."""
        match error:
            case httpx.ProxyError():
                # A refused CONNECT: only the text starts with its status.
                status = re.match(r"[0-9]{3}\b", str(error), re.ASCII)
                return self.error_from_proxy_status(int(status[0]) if status else 0)
            case httpx.ConnectError() | httpx.ConnectTimeout():
                return await self.transport_down(error)
            case httpx.RemoteProtocolError(__context__=httpx.InvalidURL()):
                # HTTPX parses a Location before it returns the answer.
                return TransportBlocked(0, _BAD_REDIRECT)
            case httpx.InvalidURL() | httpx.UnsupportedProtocol():
                return TransportBlocked(0, str(error))
        return await self.transport_down(error, connected=True)

    def error_from_proxy_status(self, status: int, retry_after: float | None = None) -> LinkError:
        """Return the error for a CONNECT that the proxy answered with `status`."""
        address = "" if self._proxy is None else f" {self._proxy.address}"
        reason = f"HTTP {status}" if status != httpx.codes.PROXY_AUTHENTICATION_REQUIRED else "it requires a sign-in"
        return error_for_status(status, None, retry_after, f"the proxy{address} refuses to connect ({reason})")

    async def transport_down(self, error: BaseException, *, connected: bool = False) -> TransportDown:
        """Return the error for a failed connection, with a text for people."""
        parts = urlsplit(self.server.base)
        host = parts.hostname or ""
        if self._proxy is not None:
            through = urlsplit(self._proxy.address).hostname or ""
            return TransportDown(
                f"{connection_error_text(error, through)} (through the proxy {through})", connected=connected
            )
        names = (
            await self._certificate_names(host, parts.port or _PORTS[parts.scheme])
            if is_hostname_mismatch(error)
            else []
        )
        return TransportDown(connection_error_text(error, host, names), connected=connected)

    async def _certificate_names(self, host: str, port: int) -> list[str]:
        """Return the names in the server's certificate, because the error of a wrong one does not contain them.

        This opens a connection on which nothing is sent. The CA of the certificate is verified as usual; only its name
        is not.
        """
        context = self._create_context()
        context.check_hostname = False
        try:
            async with asyncio.timeout(_CERTIFICATE_TIMEOUT):
                sock = await connect_tcp(host, port)
                _, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname=host)
        except (OSError, EOFError, TimeoutError):
            return []
        certificate = writer.get_extra_info("peercert") or {}
        writer.transport.abort()
        return [name for _, name in certificate.get("subjectAltName", ())]

    def _shared_context(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = self._create_context()
        return self._context

    def _create_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._ca_file is not None:
            try:
                context.load_verify_locations(self._ca_file)
            except OSError as error:
                reason = "no certificates are in it" if isinstance(error, ssl.SSLError) else error.strerror
                raise TransportDown(f"the CA file {self._ca_file} can't be used: {reason}") from error
        return context


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(parts.scheme)
    return parts.scheme, parts.hostname.lower(), parts.port or _PORTS[parts.scheme]
