"""A session that a test steps with events, one after the other."""

from __future__ import annotations

from tests.support import ladders
from tests.support.orders import EPOCH, START
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import Refused, StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.session.events import (
    Action,
    ConnectionEnded,
    Event,
    GatewayProbed,
    MessageReceived,
    OpenStream,
    RequestUnauthorized,
    Tick,
    TokenFetched,
)
from tracker_tui.link.session.ladder import Ladder
from tracker_tui.link.session.machine import start, step
from tracker_tui.link.session.parts import Candidate
from tracker_tui.link.session.states import Backoff
from tracker_tui.wire.messages import Hello, Mode, Problem, ServerMessage, Subscribed

HEAD = Cursor(EPOCH, 5)
HELLO = Hello(1, START, None, "n1")


class SessionScript:
    """A session and the actions of its last step."""

    def __init__(self, *orders: str, ladder: Ladder = ladders.ONE, keyed: bool = False) -> None:
        self.session, self.actions = start(orders or ("A1",), ladder, 0.0, has_credentials=keyed)

    @property
    def connection_id(self) -> int:
        return self.session.connection_id

    def phase(self) -> Phase:
        return self.session.phase

    @property
    def wait(self) -> Backoff:
        assert isinstance(self.session.state, Backoff)
        return self.session.state

    def step(self, given: Event) -> tuple[Action, ...]:
        self.session, self.actions = step(self.session, given)
        return self.actions

    def receive(self, at: float, message: ServerMessage, held: Cursor | None = None) -> tuple[Action, ...]:
        return self.step(MessageReceived(self.connection_id, at, message, held))

    def live(self, at: float, hello: Hello = HELLO) -> None:
        """Receive hello, and every order up to its head."""
        self.receive(at, hello)
        for order_id in self.session.orders:
            self.receive(at, Subscribed(order_id, Mode.REPLAY, HEAD, HEAD), HEAD)
        assert self.phase() is Phase.LIVE

    def close_stream(self, at: float, draw: float = 0.5, code: int = 1006) -> tuple[Action, ...]:
        return self.step(ConnectionEnded(self.connection_id, at, StreamClosed(code), draw))

    def fail(self, at: float, draw: float = 0.5) -> None:
        self.step(ConnectionEnded(self.connection_id, at, TransportDown("connection refused"), draw))

    def tick(self, at: float, heard: float = 0.0, draw: float = 0.5) -> tuple[Action, ...]:
        return self.step(Tick(at, heard, draw))

    def retry(self) -> None:
        """Let the wait end."""
        due = max(self.wait.until, self.wait.retry_floor)
        assert any(isinstance(action, OpenStream) for action in self.tick(due))

    def fail_often(self, times: int, at: float = 0.0) -> float:
        """Refuse so many attempts; return when the next one starts."""
        for _ in range(times):
            self.fail(at)
            at = max(self.wait.until, self.wait.retry_floor)
            self.retry()
        return at

    # --- next to the connection ---------------------------------------------------------------------------------------

    @property
    def transport(self) -> str:
        return self.session.ladder.rung.name

    @property
    def candidate(self) -> Candidate:
        assert self.session.candidate is not None
        return self.session.candidate

    def end_probe(self, at: float, *, answered: bool = True) -> tuple[Action, ...]:
        """End the GET that follows the last failure."""
        assert self.session.unconfirmed_failure is not None
        return self.step(GatewayProbed(self.session.unconfirmed_failure.connection_id, at, answered))

    def end_token_fetch(self, at: float, token: int, error: str | None = None) -> tuple[Action, ...]:
        """End the fetch of a token that is running."""
        return self.step(TokenFetched(self.session.tokens.fetches, at, token, error))

    def refuse_request(self, at: float, token: int, code: str = "token_expired") -> tuple[Action, ...]:
        """Refuse a request because of its token."""
        return self.step(RequestUnauthorized(token, at, Refused(Problem(code, ""))))

    def block(self, at: float) -> None:
        """Refuse the connection as something other than the gateway, while the gateway answers a GET."""
        self.step(ConnectionEnded(self.connection_id, at, TransportBlocked(403, "HTTP 403"), 0.5))
        self.end_probe(at)

    def receive_on_candidate(self, at: float, message: ServerMessage, held: Cursor | None = None) -> tuple[Action, ...]:
        """Receive a message on the candidate."""
        return self.step(MessageReceived(self.candidate.connection_id, at, message, held))

    def catch_up(self, at: float, hello: Hello = HELLO) -> tuple[Action, ...]:
        """Receive hello on the candidate, and every order up to its head."""
        self.receive_on_candidate(at, hello)
        actions: tuple[Action, ...] = ()
        for order_id in self.session.orders:
            actions = self.receive_on_candidate(at, Subscribed(order_id, Mode.REPLAY, HEAD, HEAD), HEAD)
        assert self.session.candidate is None
        return actions
