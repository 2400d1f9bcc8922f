"""Several transports to one gateway inside the test, each of which can be blocked."""

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
    """A way to the gateway.

    Attributes:
        blocked: Raised instead of opening a stream.
        mute: Streams open and say nothing.
        openings: When a stream was opened or tried to be.
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
        refreshes: How often a token was presented on an open stream.
        requests: How often one was presented at all.
        fetches: How often one was asked for.
        exhausted: The last token is given again and again.
        issues_rejected_tokens: Tokens that are issued now are taken nowhere.
        rejected_on_requests: They are taken on streams, and on no request beside them.
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
        """Issue a token; the same again once `exhausted`."""
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
        """No token that was issued is taken on a request beside a stream any more."""
        self._only_streams.update(self._expiry)

    def admit_request(self, token: Token | None) -> None:
        """Let a request beside a stream pass; raises like `admit`."""
        self.admit(token)
        if token in self._only_streams:
            raise Refused(Problem("token_expired", "it has expired"))

    def expire_all(self) -> None:
        """No token is taken any more, but those that are issued from now on."""
        self._expiry = dict.fromkeys(self._expiry, 0.0)

    def changed(self) -> bool:
        """Whether there is a fresh one."""
        return not self.exhausted

    def admit(self, token: Token | None) -> float:
        """When the token that is presented expires.

        Raises:
            Refused: It has expired, or there is none.
        """
        self.requests += 1
        if token is None or token not in self._expiry:
            raise Refused(Problem("auth_rejected", "who are you?"))
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
        """End at that time, unless a fresh token comes first."""
        if self._expiry is not None:
            self._expiry.cancel()
        self.expires = at
        self._expiry = asyncio.get_running_loop().call_at(at, self._expired)

    async def send(self, message: ClientMessage) -> None:
        """Take a fresh token, or a subscription."""
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
    """GETs, which ask for a token where there are keys."""

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
        """Nothing to let go of."""


def fake_transports(gateway: FakeGateway, keys: FakeCredentials | None = None) -> Sequence[FakeTransport]:
    """All four, best first."""
    first = FakeTransport(gateway, "websocket", duplex=True, keys=keys)
    return [first, *(FakeTransport(gateway, name, keys=keys) for name in ("sse", "longpoll", "polling"))]
