"""What holds of a session whatever happens to it, in whatever order: numbered, and tried on arbitrary histories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import add
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import ladders
from tests.support.orders import EPOCH, START, event
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link import inputs
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.inputs import Action, Ended, Heard, Input, Said, Tick
from tracker_tui.link.phases import Closed, Connecting, Failed, Finished, Open, Session, SignedOut, Waiting
from tracker_tui.link.session import start, step
from tracker_tui.link.state import Phase
from tracker_tui.wire import Goodbye, Heartbeat, Hello, Mode, Problem, Subscribed, Unknown

ORDERS = ("A1", "B2")
LONGEST_FLOOR = 300.0
ENDS = Failed | Finished | Closed
DRAWS = st.floats(0, 1, exclude_max=True)
SPANS = st.sampled_from([0.0, 0.1, 0.5, 1.0, 1.9, 3.0, 7.0, 10.0, 12.0, 40.0]) | st.floats(0, 60)
ASKED = st.none() | st.sampled_from([0.0, 1.0, 20.0, 299.0, 1e6])
ORDER = st.sampled_from([*ORDERS, "C3"])
CURSOR = st.builds(Cursor, st.sampled_from([EPOCH, EPOCH + 1]), st.integers(0, 3))
CODES = st.sampled_from(["restarting", "rate_limited", "slow_consumer", "forbidden", "token_expired", "invalid", "?"])

MESSAGES = st.one_of(
    st.just(Hello(1, START, None, "n1")),
    st.just(Hello(1, START, None, "n1", heartbeat_seconds=0.7)),
    st.just(Hello(2, START, None, "n1")),
    st.builds(Subscribed, ORDER, st.sampled_from(Mode), st.none() | CURSOR, CURSOR),
    st.builds(Heartbeat, st.just(START), st.dictionaries(ORDER, CURSOR)),
    st.just(event(5)),
    st.builds(Problem, CODES, st.just(""), st.none() | ORDER, ASKED),
    st.builds(Goodbye, st.just("restarting"), ASKED),
    st.just(Unknown()),
)

ERRORS: st.SearchStrategy[LinkError] = st.one_of(
    st.sampled_from([1000, 1002, 1006, 1009, 1012, 4000, 4012, 4499]).map(StreamClosed),
    st.sampled_from([1008, 4001, 4501, 4503, 4999]).map(StreamClosed),
    st.just(StreamClosed(1009, by_us=True)),
    st.builds(ServerBusy, st.just(503), ASKED),
    st.builds(lambda code, asked: Refused(Problem(code, "", None, asked)), CODES, ASKED),
    st.just(TransportBlocked(407, "a proxy")),
    st.just(TransportDown("connection refused")),
)


@dataclass(frozen=True)
class Move:
    """Something that happens `after` seconds; `old` = on a connection that was given up."""

    kind: str
    after: float = 0.0
    old: bool = False
    what: Any = None
    draw: float = 0.5
    held: Cursor | None = None


GREETED = [Move("said", 0.1, what=Hello(1, START, None, "n1"))]
LIVE = [
    *GREETED,
    *(
        Move("said", what=Subscribed(order_id, Mode.SNAPSHOT, None, Cursor(EPOCH, 0)), held=Cursor(EPOCH, 0))
        for order_id in ORDERS
    ),
]

_ANYTHING = st.lists(
    st.one_of(
        st.builds(Move, st.just("said"), SPANS, st.booleans(), MESSAGES, held=st.none() | CURSOR),
        st.builds(Move, st.just("ended"), SPANS, st.booleans(), ERRORS, DRAWS),
        st.builds(Move, st.just("heard"), SPANS, st.booleans()),
        st.builds(Move, st.just("due"), draw=DRAWS),
        st.builds(Move, st.just("tick"), SPANS, draw=DRAWS),
        st.builds(Move, st.sampled_from(["woke", "pressed"]), SPANS),
        st.builds(Move, st.just("advanced"), SPANS, what=ORDER, held=st.none() | CURSOR),
        st.builds(Move, st.just("dropped"), SPANS, what=ORDER),
        st.sampled_from([Move("ended all"), Move("refused all"), Move("quit")]),
    ),
    max_size=30,
)
MOVES = st.builds(add, st.sampled_from([[], GREETED, LIVE]), _ANYTHING)


@dataclass(frozen=True)
class Moment:
    """One step: what was, what happened, what came of it; `heard` is when the last byte had arrived."""

    at: float
    heard: float
    before: Session
    given: Input
    after: Session
    actions: tuple[Action, ...]


def history(moves: list[Move]) -> Iterator[Moment]:
    """Let `moves` happen to a session; a connection that ended says nothing more under its own number."""
    session, _ = start(ORDERS, ladders.ONE, 0.0)
    at = heard = 0.0
    for move in moves:
        if move.kind == "due":
            at = max(at, session.deadline(heard) or at)
        at += move.after
        number = session.conn - 1 if move.old else session.conn
        given = _input(move, number, at, heard)
        if (
            isinstance(given, Said | Heard | Ended)
            and not move.old
            and not isinstance(session.state, Connecting | Open)
        ):
            continue
        if isinstance(given, Said | Heard) and not move.old:
            heard = at
        after, actions = step(session, given)
        if any(isinstance(action, inputs.OpenStream) for action in actions):
            heard = at
        yield Moment(at, heard, session, given, after, actions)
        session = after


def _input(move: Move, conn: int, at: float, heard: float) -> Input:
    match move.kind:
        case "said":
            return Said(conn, at, move.what, move.held)
        case "heard":
            return Heard(conn, at)
        case "ended":
            return Ended(conn, at, move.what, move.draw)
        case "due" | "tick":
            return Tick(at, heard, move.draw)
        case "woke":
            return inputs.Woke(at)
        case "pressed":
            return inputs.Pressed(at)
        case "advanced":
            return inputs.Advanced(move.what, at, move.held)
        case "dropped":
            return inputs.Dropped(move.what, at)
        case "ended all":
            return inputs.AllEnded()
        case "refused all":
            return inputs.AllRefused("forbidden")
        case _:
            return inputs.Quit()


@given(MOVES)
def test_1_at_most_one_connection_is_open_and_their_numbers_only_grow(moves: list[Move]) -> None:
    open_now, highest = {1}, 1
    for moment in history(moves):
        if isinstance(moment.given, Ended):
            open_now.discard(moment.given.conn)
        for action in moment.actions:
            match action:
                case inputs.OpenStream(conn=conn):
                    assert not open_now
                    assert conn > highest
                    assert conn == moment.after.conn
                    open_now, highest = {conn}, conn
                case inputs.CloseStream(conn=conn) | inputs.AbortStream(conn=conn):
                    open_now.remove(conn)
                case inputs.SubscribeAll(conn=conn) | inputs.Ping(conn=conn):
                    assert open_now == {conn}
                case inputs.FetchAll():
                    pass
        assert moment.after.conn >= moment.before.conn
        assert bool(open_now) == isinstance(moment.after.state, Connecting | Open)


@given(MOVES)
def test_2_what_an_old_connection_says_changes_nothing(moves: list[Move]) -> None:
    for moment in history(moves):
        if isinstance(moment.given, Said | Heard | Ended) and moment.given.conn != moment.before.conn:
            assert moment.after is moment.before
            assert moment.actions == ()


@given(MOVES)
def test_3_an_end_is_an_end(moves: list[Move]) -> None:
    for moment in history(moves):
        if isinstance(moment.before.state, ENDS):
            assert moment.after is moment.before
            assert moment.actions == ()


@given(MOVES)
def test_4_a_connection_is_opened_by_a_timer_a_key_or_waking_alone(moves: list[Move]) -> None:
    for moment in history(moves):
        if any(isinstance(action, inputs.OpenStream) for action in moment.actions):
            state, given_ = moment.before.state, moment.given
            assert isinstance(given_, Tick | inputs.Pressed | inputs.Woke)
            if isinstance(given_, Tick) and isinstance(state, Waiting):
                assert moment.at >= max(state.until, state.floor)
            elif isinstance(given_, Tick):
                assert isinstance(state, Open)
                assert state.answer_by is not None
                assert moment.at >= state.answer_by


@given(MOVES)
@example([Move("said", what=Problem("restarting", "", None, 20.0)), Move("woke", 0.1)])
@example([Move("said", what=Hello(1, START, None, "n1")), Move("said", what=Goodbye("", 20.0)), Move("pressed", 0.1)])
def test_5_no_connection_is_opened_before_the_servers_floor(moves: list[Move]) -> None:
    asked: float | None = None  # by a stream that is still open
    forbidden_until = 0.0
    for moment in history(moves):
        match moment.given, moment.before.state:
            case Said(conn=conn, message=Goodbye() | Problem(order_id=None) as message), Open() if (
                conn == moment.before.conn
            ):
                asked = max((asked or 0.0, message.retry_after_seconds or 0.0)) or None
            case Said(conn=conn, message=Problem(order_id=None) as message), Connecting(problem=None) if (
                conn == moment.before.conn
            ):
                asked = message.retry_after_seconds
        if isinstance(moment.after.state, Waiting) and not isinstance(moment.before.state, Waiting):
            if asked is not None:
                assert moment.after.state.floor >= moment.at + min(asked, LONGEST_FLOOR)
            forbidden_until, asked = moment.after.state.floor, None
        if any(isinstance(action, inputs.OpenStream) for action in moment.actions):
            assert asked is None
            assert moment.at >= forbidden_until
            forbidden_until = 0.0


@given(MOVES)
def test_6_only_a_session_that_rests_waits_for_nothing(moves: list[Move]) -> None:
    for moment in history(moves):
        resting = isinstance(moment.after.state, ENDS | SignedOut)
        assert (moment.after.deadline(moment.heard) is None) == resting


@given(MOVES)
def test_7_a_tick_that_is_due_changes_something_so_no_timer_spins(moves: list[Move]) -> None:
    for moment in history(moves):
        due = moment.before.deadline(moment.heard)
        if isinstance(moment.given, Tick) and due is not None and moment.at >= due and not moment.actions:
            assert moment.after != moment.before
            later = moment.after.deadline(moment.heard)
            assert later is None or later > moment.at or isinstance(moment.after.state, Waiting)


@given(MOVES)
def test_8_live_means_that_nothing_is_awaited_and_nothing_is_wrong(moves: list[Move]) -> None:
    for moment in history(moves):
        session = moment.after
        if session.phase in {Phase.LIVE, Phase.QUIET}:
            assert isinstance(session.state, Open)
            assert not session.state.awaiting
            assert session.state.synced
            assert session.state.answer_by is None
        if session.phase is Phase.LIVE:
            assert (session.attempt, session.down_at, session.reason) == (0, None, None)
        if session.phase in {Phase.CONNECTING, Phase.BACKOFF}:
            assert session.down_at is not None
        assert (session.link.retry_at is None) == (session.phase is not Phase.BACKOFF)


@given(MOVES)
def test_9_no_wait_of_ours_is_longer_than_thirty_seconds_nor_a_servers_than_330(moves: list[Move]) -> None:
    losses = 0
    for moment in history(moves):
        entered = isinstance(moment.after.state, Waiting) and not isinstance(moment.before.state, Waiting)
        losses += entered
        assert 0 <= moment.after.failures <= losses
        if entered:
            assert isinstance(moment.after.state, Waiting)
            assert moment.at <= moment.after.state.until <= moment.at + 30
            assert moment.after.state.floor <= moment.at + 1.1 * LONGEST_FLOOR


@given(MOVES)
def test_10_only_wanted_orders_are_awaited(moves: list[Move]) -> None:
    for moment in history(moves):
        assert set(moment.after.orders) <= set(moment.before.orders)
        if isinstance(moment.after.state, Open):
            assert set(moment.after.state.awaiting) <= set(moment.after.orders)


@given(MOVES)
def test_11_a_key_opens_at_most_one_connection_a_second(moves: list[Move]) -> None:
    pressed: list[float] = []
    for moment in history(moves):
        if isinstance(moment.given, inputs.Pressed) and moment.actions:
            pressed.append(moment.at)
    assert all(later - earlier >= 1 for earlier, later in pairwise(pressed))
