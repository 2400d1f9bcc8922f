"""Several transports to one fake gateway, each of which can be blocked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from tests.support.fake_gateway import FakeGateway, Stream
from tests.support.orders import START
from tracker_tui.domain.command import Accepted, Command
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import NoToken, Refused, StreamClosed
from tracker_tui.link.transports.base import StreamRequest
from tracker_tui.wire.messages import Authenticate, Authenticated, ClientMessage, Hello, Problem


class FakeTransport:
    """A transport to a fake gateway.

    Attributes:
        blocked: Raised instead of opening a stream.
        mute: Streams open and send nothing.
        openings: Times of the tries to open a stream.
    """

    def __init__(
        self, gateway: FakeGateway, name: str, *, duplex: bool = False, keys: FakeCredentials | None = None
    ) -> None:
        self.name = name
        self.duplex = duplex
        self.resubscribes = duplex
        self.blocked: Exception | None = None
        self.mute = False
        self.openings: list[float] = []
        self._gateway = gateway
        self._keys = keys

    async def connect(self, ask: StreamRequest) -> Stream:
        """Open a stream."""
        self.openings.append(asyncio.get_running_loop().time())
        if self.blocked is not None:
            raise self.blocked
        if self._gateway.down is not None:
            raise self._gateway.down
        stream = TokenStream(self._gateway, self._keys)
        if self._keys is not None:
            stream.expire(self._keys.admit(ask.token))
        self._gateway.streams.append(stream)
        if self.mute:
            return stream
        expires = None if stream.expires is None else START + timedelta(seconds=stream.expires)
        stream.put(Hello(1, stream.now, expires, "test", self._gateway.heartbeat))
        if not self.duplex:
            for order_id, cursor in ask.resume(ask.orders).items():
                stream.answer(order_id, cursor)
        stream.beat()
        return stream


class FakeCredentials:
    """Tokens with numbers, each of which expires `life` seconds after it was issued.

    Attributes:
        refreshes: Number of tokens presented on an open stream.
        requests: Number of tokens presented at all.
        fetches: Number of fetched tokens.
        exhausted: Every fetch returns the last token.
        issues_rejected_tokens: Tokens that are issued now are refused everywhere.
        rejected_on_requests: Tokens are accepted on streams, but refused on other requests.
    """

    def __init__(self, life: float) -> None:
        self.life = life
        self.refreshes = 0
        self.requests = 0
        self.fetches = 0
        self.exhausted = False
        self.issues_rejected_tokens = False
        self.rejected_on_requests = False
        self._expiry: dict[Token, float] = {}
        self._only_streams: set[Token] = set()

    async def fetch(self) -> Token:
        """Issue a token; the last one again once `exhausted`."""
        self.fetches += 1
        if self.exhausted:
            if not self._expiry:
                raise NoToken("there is no token")
            return list(self._expiry)[-1]
        token = Token(f"t{len(self._expiry)}")
        self._expiry[token] = 0.0 if self.issues_rejected_tokens else asyncio.get_running_loop().time() + self.life
        if self.rejected_on_requests:
            self.reject_on_requests()
        return token

    def reject_on_requests(self) -> None:
        """Refuse all issued tokens on requests outside a stream."""
        self._only_streams.update(self._expiry)

    def admit_request(self, token: Token | None) -> None:
        """Accept a request outside a stream; raises like `admit`."""
        self.admit(token)
        if token in self._only_streams:
            raise Refused(Problem("token_expired", "it has expired"))

    def expire_all(self) -> None:
        """Let all issued tokens expire."""
        self._expiry = dict.fromkeys(self._expiry, 0.0)

    def changed(self) -> bool:
        """Return whether there is another token."""
        return not self.exhausted

    def admit(self, token: Token | None) -> float:
        """Return when the presented token expires.

        Raises:
            Refused: It has expired, or there is none.
        """
        self.requests += 1
        if token is None or token not in self._expiry:
            raise Refused(Problem("auth_rejected", "no token"))
        if self._expiry[token] <= asyncio.get_running_loop().time():
            raise Refused(Problem("token_expired", "it has expired"))
        return self._expiry[token]


class TokenStream(Stream):
    """A stream that ends when its token does."""

    def __init__(self, gateway: FakeGateway, keys: FakeCredentials | None) -> None:
        super().__init__(gateway)
        self.expires: float | None = None
        self._keys = keys
        self._expiry: asyncio.TimerHandle | None = None

    def expire(self, at: float) -> None:
        """End at a time, unless a fresh token is presented before."""
        if self._expiry is not None:
            self._expiry.cancel()
        self.expires = at
        self._expiry = asyncio.get_running_loop().call_at(at, self._expired)

    async def send(self, message: ClientMessage) -> None:
        """Receive a fresh token or a subscription."""
        if isinstance(message, Authenticate) and self._keys is not None:
            self._keys.refreshes += 1
            try:
                self.expire(self._keys.admit(Token(message.token)))
            except Refused as error:
                self.put(Authenticated(None, error.problem.code))
                return
            self.put(Authenticated(START + timedelta(seconds=self.expires or 0)))
            return
        await super().send(message)

    def _expired(self) -> None:
        self.put(Problem("token_expired", "it has expired"))
        self.end(StreamClosed(4001))


class FakeOrdersApi:
    """An orders API of a fake gateway; it requires a token if there are credentials."""

    def __init__(self, gateway: FakeGateway, keys: FakeCredentials | None = None) -> None:
        self._gateway = gateway
        self._keys = keys

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Answer a GET."""
        if self._keys is not None:
            self._keys.admit_request(token)
        return await self._gateway.snapshot(order_id)

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Answer a POST."""
        if self._keys is not None:
            self._keys.admit_request(token)
        return await self._gateway.command(order_id, command, token)

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Answer a GET of the list."""
        if self._keys is not None:
            self._keys.admit_request(token)
        return await self._gateway.open_orders(token)

    async def probe_list(self, token: Token | None = None) -> None:
        """Answer a GET of one order of the list."""
        await self.open_orders(token)

    async def aclose(self) -> None:
        """Close nothing."""


def fake_transports(gateway: FakeGateway, keys: FakeCredentials | None = None) -> Sequence[FakeTransport]:
    """Return all four transports, best first."""
    first = FakeTransport(gateway, "websocket", duplex=True, keys=keys)
    return [first, *(FakeTransport(gateway, name, keys=keys) for name in ("sse", "longpoll", "polling"))]
