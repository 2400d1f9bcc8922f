"""The network between us and one server: TLS, proxy, redirects and the HTTP client, decided once for all transports."""

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
"""HTTP statuses that, with a Location, send a GET elsewhere."""

METHOD_PRESERVING_REDIRECTS = frozenset({307, 308})
"""Those of them that send the same request elsewhere, whatever it is (RFC 9110 §15.4)."""

MAX_REFUSAL_BYTES = 64 << 10
"""Bytes that are read of an answer that is a refusal."""

_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=24)
_NAMES_PATIENCE = 1.0
_NOWHERE = "redirects to what is no address"
_PORTS = {"http": 80, "https": 443}


class HttpClient:
    """What every transport to one server goes through.

    It is made without a look at anything: what can't be used (a proxy's URL, a CA file) is told by whatever needs it
    first, as a `TransportDown`, and looked at anew by whatever needs it next.

    Attributes:
        server: The server.
    """

    def __init__(
        self, server: Server, *, ca_file: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        """Decide how to reach `server`.

        Args:
            server: The server.
            ca_file: Certificates (PEM) to trust beside the system's.
            environ: Where proxies are named; the process's unless given.
        """
        self.server = server
        self._ca_file = ca_file
        self._proxy: Proxy | None = None
        self._bad_proxy: str | None = None
        self._context: ssl.SSLContext | None = None
        self._client: httpx.AsyncClient | None = None
        self._errands: set[asyncio.Task[None]] = set()
        try:
            self._proxy = proxy_for(server.base, os.environ if environ is None else environ)
        except ValueError as error:
            self._bad_proxy = str(error)

    @property
    def proxy(self) -> Proxy | None:
        """The proxy; None for a direct connection. Raises `TransportDown` if the one that is named is none."""
        if self._bad_proxy is not None:
            raise TransportDown(self._bad_proxy)
        return self._proxy

    @property
    def tls(self) -> ssl.SSLContext | None:
        """How to verify the server; None where it isn't https. Raises `TransportDown` for an unusable CA file."""
        return self._trust() if self.server.base.startswith("https:") else None

    @property
    def proxy_tls(self) -> ssl.SSLContext | None:
        """How to verify the proxy; None where there is none or it isn't https. Raises like `tls`."""
        return self._trust() if self.proxy is not None and self.proxy.is_tls else None

    @property
    def http(self) -> httpx.AsyncClient:
        """The HTTP client that all share, without time limits; made when it is first needed. Raises like `tls`."""
        if self._client is None:
            proxy = None if self.proxy is None else httpx.Proxy(self.proxy.url, ssl_context=self.proxy_tls)
            self._client = httpx.AsyncClient(
                headers={"User-Agent": self.server.user_agent},
                # A context that trusts nobody, where none is needed: an unverified connection can't come about.
                verify=self.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                proxy=proxy,
                trust_env=False,
                timeout=None,  # noqa: S113 - whoever waits judges the silence
                limits=_LIMITS,
            )
        return self._client

    async def aclose(self) -> None:
        """Close every HTTP connection."""
        await asyncio.gather(*self._errands, return_exceptions=True)
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    def spawn_background(self, errand: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody waits for but `aclose`."""
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def get(self, url: str, headers: Mapping[str, str], token: Token | None = None) -> httpx.Response:
        """Ask for `url`, following redirects within the server's origin; the body is still to be read.

        Raises:
            TransportDown: Nothing answers.
            TransportBlocked: The answer leads elsewhere.
            ServerBusy: A proxy can't reach the server.
        """
        return await self._send("GET", url, headers, token, redirects=REDIRECTS)

    async def post(self, url: str, headers: Mapping[str, str], body: str, token: Token | None = None) -> httpx.Response:
        """Send `read_body` to `url`; otherwise like `get`, but where a redirect would make a GET of it, it leads elsewhere.

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
        """Yield a body as it arrives, and close it; to be closed itself if it isn't read to its end.

        Raises:
            LinkError: It broke off.
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
            LinkError: It broke off.
        """
        body = bytearray()
        async with aclosing(self.chunks(response)) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > limit:
                    raise Oversized
        return bytes(body)

    async def error_from_response(self, response: httpx.Response, detail: str) -> LinkError:
        """Name an answer that is not the one asked for; `detail` says what it is, should it not be the gateway's."""
        try:
            body = await self.read_body(response, MAX_REFUSAL_BYTES)
        except LinkError:
            body = b""  # what its status and headers say stands
        return error_for_response(response.status_code, response.headers, body, detail)

    def resolve_redirect(self, url: str, status: int, location: str) -> str:
        """Where a redirect leads.

        Raises:
            TransportBlocked: To another origin, which is never followed (PROTOCOL §8).
        """
        try:
            target = urljoin(url, location)
            ours, theirs = _origin(urlsplit(url)), _origin(urlsplit(target))
        except ValueError:
            raise TransportBlocked(status, _NOWHERE) from None
        if ours == theirs:
            return target
        if ours[1] == theirs[1]:
            raise TransportBlocked(status, f"redirects to {theirs[0]}://{theirs[1]}:{theirs[2]}")
        raise TransportBlocked(status, f"redirects to {theirs[1]}: a sign-in page?")

    async def error_from_exception(self, error: Exception) -> LinkError:
        """Name an error of the HTTP client."""
        match error:
            case httpx.ProxyError():
                # A refused CONNECT: its status is nowhere but at the start of the text.
                status = re.match(r"[0-9]{3}\b", str(error), re.ASCII)
                return self.error_from_proxy_status(int(status[0]) if status else 0)
            case httpx.ConnectError() | httpx.ConnectTimeout():
                return await self.transport_down(error)
            case httpx.RemoteProtocolError(__context__=httpx.InvalidURL()):
                # The client reads a Location before it gives the answer.
                return TransportBlocked(0, _NOWHERE)
            case httpx.InvalidURL() | httpx.UnsupportedProtocol():
                return TransportBlocked(0, str(error))
        return await self.transport_down(error, connected=True)

    def error_from_proxy_status(self, status: int, retry_after: float | None = None) -> LinkError:
        """Name a CONNECT that the proxy answered with `status`."""
        address = "" if self._proxy is None else f" {self._proxy.address}"
        what = f"HTTP {status}" if status != httpx.codes.PROXY_AUTHENTICATION_REQUIRED else "asking for a sign-in"
        return error_for_status(status, None, retry_after, f"the proxy{address} refuses to connect ({what})")

    async def transport_down(self, error: BaseException, *, connected: bool = False) -> TransportDown:
        """Name an error of the network, in words for people."""
        parts = urlsplit(self.server.base)
        host = parts.hostname or ""
        if self._proxy is not None:
            through = urlsplit(self._proxy.address).hostname or ""
            return TransportDown(
                f"{connection_error_text(error, through)} (through the proxy {through})", connected=connected
            )
        names = await self._names(host, parts.port or _PORTS[parts.scheme]) if is_hostname_mismatch(error) else []
        return TransportDown(connection_error_text(error, host, names), connected=connected)

    async def _names(self, host: str, port: int) -> list[str]:
        """The names that the server's certificate is for; the error that complains of it doesn't say.

        A connection of its own, over which nothing is sent: whether the certificate is trusted is verified as ever,
        only its name isn't.
        """
        context = self._made()
        context.check_hostname = False
        try:
            async with asyncio.timeout(_NAMES_PATIENCE):
                sock = await connect_tcp(host, port)
                _, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname=host)
        except (OSError, EOFError, TimeoutError):
            return []
        certificate = writer.get_extra_info("peercert") or {}
        writer.transport.abort()
        return [name for _, name in certificate.get("subjectAltName", ())]

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = self._made()
        return self._context

    def _made(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._ca_file is not None:
            try:
                context.load_verify_locations(self._ca_file)
            except OSError as error:
                why = "no certificates are in it" if isinstance(error, ssl.SSLError) else error.strerror
                raise TransportDown(f"the CA file {self._ca_file} can't be used: {why}") from error
        return context


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(parts.scheme)
    return parts.scheme, parts.hostname.lower(), parts.port or _PORTS[parts.scheme]
