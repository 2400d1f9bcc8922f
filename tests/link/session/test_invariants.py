"""Invariants of a session, numbered, and tried on arbitrary histories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from operator import add
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import ladders
from tests.support.orders import EPOCH, START, event
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.session import events
from tracker_tui.link.session.events import Action, BytesReceived, ConnectionEnded, Event, MessageReceived, Tick
from tracker_tui.link.session.list_state import MAX_AGE
from tracker_tui.link.session.machine import start, step
from tracker_tui.link.session.parts import Purpose
from tracker_tui.link.session.session import Session
from tracker_tui.link.session.states import (
    Backoff,
    Closed,
    Connecting,
    Failed,
    FetchingToken,
    Finished,
    Idle,
    Open,
    SignedOut,
)
from tracker_tui.wire.messages import Goodbye, Heartbeat, Hello, Mode, Problem, Subscribed, Unknown

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


DECLINED = st.builds(
    lambda code, asked: Refused(Problem(code, "", None, asked)),
    st.sampled_from(["token_expired", "auth_rejected"]),
    ASKED,
)


@dataclass(frozen=True)
class Move:
    """An event after `after` seconds: on an abandoned connection if `old`, on the candidate if `beside`."""

    kind: str
    after: float = 0.0
    old: bool = False
    what: Any = None
    draw: float = 0.5
    held: Cursor | None = None
    beside: bool = False


GREETED = [Move("said", 0.1, what=Hello(1, START, None, "n1"))]
ANSWERED = [
    *(
        Move("said", what=Subscribed(order_id, Mode.SNAPSHOT, None, Cursor(EPOCH, 0)), held=Cursor(EPOCH, 0))
        for order_id in ORDERS
    ),
]
LIVE = [*GREETED, *ANSWERED]
SIGNED_IN = [Move("said", 0.1, what=Hello(1, START, START + timedelta(seconds=60), "n1")), *ANSWERED]
BLOCKED = [Move("ended", what=TransportBlocked(403, "a proxy")), Move("verified", what=True)]
LATE = [Move("beat", 5, what=8.0)] * 4
DECLINE = Move("declined", 0.1, what=Refused(Problem("token_expired", "")))
STARTS = [
    [],
    GREETED,
    LIVE,
    [Move("start", what=(ladders.ALL, False)), *BLOCKED, *LIVE],
    [Move("start", what=(ladders.ALL, False)), *BLOCKED, *LIVE, Move("due"), Move("due")],
    [*LIVE, *LATE],
    [*LIVE, *LATE, Move("due")],
    [Move("start", what=(ladders.ALL, False)), *BLOCKED, *LIVE, *LATE, Move("due")],
    [Move("start", what=(ladders.ONE, True)), Move("fetched", what=1), *SIGNED_IN],
    [Move("start", what=(ladders.ALL, True)), Move("fetched", what=1), *BLOCKED, *SIGNED_IN],
    [Move("start listed", what=(ladders.SSE, False))],
    [Move("start listed", what=(ladders.SSE, False)), Move("wanted", 0.1), Move("listed"), *GREETED],
    [Move("start listed", what=(ladders.SSE, True)), Move("fetched", what=1), Move("listed", 0.1)],
    [Move("start listed", what=(ladders.ALL, False)), *BLOCKED],
    [Move("start listed", what=(ladders.ALL, False)), BLOCKED[0], Move("due"), BLOCKED[1]],
    [
        Move("start listed", what=(ladders.ALL, True)),
        Move("fetched", what=1),
        *BLOCKED,
        Move("wanted", 0.1),
        *SIGNED_IN,
    ],
    [Move("start", what=(ladders.ONE, True)), Move("fetched", what=1), *SIGNED_IN, DECLINE, Move("fetched", what=0)],
    [Move("start", what=(ladders.ONE, True)), Move("fetched", what=1), DECLINE, Move("fetched", what=1), DECLINE],
    [Move("start", what=(ladders.ONE, True)), Move("fetched", what=0), *[Move("needed"), Move("fetched", what=0)] * 3],
    [*LIVE, Move("ended all"), Move("wanted", 0.1)],
    [*LIVE, Move("said", what=Goodbye("restarting", 299.0)), Move("ended all"), Move("wanted", 0.1)],
    [Move("start", what=(ladders.ONE, True)), Move("fetched", what=1), *SIGNED_IN, Move("due"), Move("ended all")],
    [Move("start", what=(ladders.SSE, True)), Move("fetched", what=1), Move("refused all"), Move("wanted", 60)],
]

_ANYTHING = st.lists(
    st.one_of(
        st.builds(
            Move,
            st.just("said"),
            SPANS,
            st.booleans(),
            MESSAGES,
            held=st.none() | CURSOR,
            beside=st.booleans(),
        ),
        st.builds(Move, st.just("beat"), SPANS, st.booleans(), st.sampled_from([0.0, 8.0]) | st.floats(0, 30)),
        st.builds(Move, st.just("ended"), SPANS, st.booleans(), ERRORS, DRAWS, beside=st.booleans()),
        st.builds(Move, st.just("heard"), SPANS, st.booleans(), beside=st.booleans()),
        st.builds(Move, st.just("due"), draw=DRAWS),
        st.builds(Move, st.just("tick"), SPANS, draw=DRAWS),
        st.builds(Move, st.just("verified"), SPANS, what=st.booleans()),
        st.builds(Move, st.just("fetched"), SPANS, what=st.sampled_from([0, 1]), draw=DRAWS),
        st.builds(Move, st.just("declined"), SPANS, what=DECLINED),
        st.builds(Move, st.sampled_from(["woke", "pressed", "renewable", "needed"]), SPANS),
        st.builds(Move, st.just("advanced"), SPANS, what=ORDER, held=st.none() | CURSOR),
        st.builds(Move, st.just("dropped"), SPANS, what=ORDER),
        st.builds(Move, st.sampled_from(["wanted", "servable"]), SPANS),
        st.builds(Move, st.just("last dropped"), SPANS),
        st.builds(Move, st.just("listed"), SPANS),
        st.builds(Move, st.just("list failed"), SPANS, what=ERRORS),
        st.sampled_from([Move("ended all"), Move("refused all"), Move("quit")]),
    ),
    max_size=30,
)
MOVES = st.builds(add, st.sampled_from(STARTS), _ANYTHING)


@dataclass(frozen=True)
class Moment:
    """One step: what was, what happened, what came of it; `heard` is when each live stream was last heard then."""

    at: float
    heard: tuple[float, float]
    before: Session
    given: Event
    after: Session
    actions: tuple[Action, ...]


def begun(moves: list[Move]) -> Session:
    """The session that `moves` happen to."""
    if not moves or not moves[0].kind.startswith("start"):
        return start(ORDERS, ladders.ONE, 0.0)[0]
    (ladder, keyed), listed = moves[0].what, moves[0].kind == "start listed"
    return start(() if listed else ORDERS, ladder, 0.0, has_credentials=keyed, reads_list=listed)[0]


def history(moves: list[Move]) -> Iterator[Moment]:
    """Let `moves` happen to a session; a connection that ended says nothing more under its own number."""
    session = begun(moves)
    at, heard = 0.0, {1: 0.0}
    for move in moves:
        if move.kind.startswith("start") or (move.kind == "last dropped" and not session.orders):
            continue
        if move.kind == "due":
            at = max(at, session.deadline(*pulse(session, heard)) or at)
        at += move.after
        number = session.connection_id
        if move.beside:
            if session.candidate is None:
                continue
            number = session.candidate.connection_id
        elif move.old:
            number -= 1
        given = _input(move, number, at, session, heard)
        if (
            isinstance(given, MessageReceived | BytesReceived | ConnectionEnded)
            and not (move.old or move.beside)
            and not isinstance(session.state, Connecting | Open)
        ):
            continue
        if isinstance(given, MessageReceived | BytesReceived):
            heard[number] = at
        after, actions = step(session, given)
        for action in actions:
            if isinstance(action, events.OpenStream):
                heard[action.connection_id] = at
        yield Moment(at, pulse(after, heard), session, given, after, actions)
        session = after


def pulse(session: Session, heard: dict[int, float]) -> tuple[float, float]:
    candidate = session.candidate
    return heard.get(session.connection_id, 0.0), 0.0 if candidate is None else heard[candidate.connection_id]


def _input(move: Move, connection_id: int, at: float, session: Session, heard: dict[int, float]) -> Event:
    match move.kind:
        case "said":
            return MessageReceived(connection_id, at, move.what, move.held)
        case "beat":
            return MessageReceived(connection_id, at, Heartbeat(START + timedelta(seconds=at - move.what), {}))
        case "heard":
            return BytesReceived(connection_id, at)
        case "ended":
            return ConnectionEnded(connection_id, at, move.what, move.draw)
        case "due" | "tick":
            first, second = pulse(session, heard)
            return Tick(at, first, move.draw, second)
        case "verified":
            return events.GatewayProbed(
                session.unconfirmed_failure.connection_id if session.unconfirmed_failure else 1, at, move.what
            )
        case "fetched":
            error = None if move.what else "no"
            return events.TokenFetched(session.tokens.fetches, at, session.tokens.current + move.what, error, move.draw)
        case "declined":
            return events.RequestUnauthorized(session.request_token or session.tokens.current, at, move.what)
        case "needed":
            return events.TokenNeeded(at)
        case "renewable":
            return events.CredentialsChanged(at)
        case "woke":
            return events.WokeUp(at)
        case "pressed":
            return events.ReconnectRequested(at)
        case "advanced":
            return events.OrderAdvanced(move.what, at, move.held)
        case "wanted":
            return events.OrdersAdded((f"N{len(session.orders)}x{session.subscriptions.orders_version}",), at)
        case "servable":
            return events.OrdersServable(at)
        case "dropped":
            return events.OrderRemoved(move.what, at)
        case "last dropped":
            return events.OrderRemoved(session.orders[-1], at)
        case "listed":
            return events.ListRead(at)
        case "list failed":
            return events.ListFailed(at, move.what)
        case "ended all":
            return events.AllOrdersEnded(at)
        case "refused all":
            return events.AllOrdersRefused("forbidden", at)
        case _:
            return events.CloseRequested()


def open_in(session: Session) -> set[int]:
    """The numbers of the connections that a session has."""
    candidate = set() if session.candidate is None else {session.candidate.connection_id}
    return candidate | ({session.connection_id} if isinstance(session.state, Connecting | Open) else set())


@given(MOVES)
def test_1_at_most_a_connection_and_a_candidate_are_open_and_their_numbers_only_grow(
    moves: list[Move],
) -> None:
    open_now, highest = open_in(begun(moves)), 1
    for moment in history(moves):
        if isinstance(moment.given, ConnectionEnded):
            open_now.discard(moment.given.connection_id)
        for action in moment.actions:
            match action:
                case events.OpenStream(connection_id=connection_id):
                    assert connection_id > highest
                    open_now.add(connection_id)
                    highest = connection_id
                case events.CloseStream(connection_id=connection_id) | events.AbortStream(connection_id=connection_id):
                    open_now.remove(connection_id)
                case (
                    events.SubscribeAll(connection_id=connection_id)
                    | events.SubscribeSome(connection_id=connection_id)
                    | events.Ping(connection_id=connection_id)
                    | events.PresentToken(connection_id=connection_id)
                ):
                    assert connection_id in open_now
                case events.FetchAll() | events.ProbeGateway() | events.FetchToken() | events.ReadList():
                    pass
        assert moment.after.connection_id >= moment.before.connection_id
        assert open_now == open_in(moment.after)
        if moment.after.candidate is not None:
            assert isinstance(moment.after.state, Open)


@given(MOVES)
def test_2_messages_of_an_old_connection_are_ignored(moves: list[Move]) -> None:
    for moment in history(moves):
        if isinstance(
            moment.given, MessageReceived | BytesReceived | ConnectionEnded
        ) and moment.given.connection_id not in {
            moment.before.connection_id,
            moment.before.candidate and moment.before.candidate.connection_id,
        }:
            assert moment.after is moment.before
            assert moment.actions == ()


@given(MOVES)
def test_3_only_added_orders_start_a_session_again_and_nothing_one_that_was_closed(moves: list[Move]) -> None:
    for moment in history(moves):
        match moment.before.state, moment.given:
            case Closed(), _:
                assert moment.after is moment.before
                assert moment.actions == ()
            case Failed() | Finished(), events.OrdersAdded():
                assert isinstance(moment.after.state, Connecting | Backoff | FetchingToken)
                assert not moment.after.was_live
                assert moment.after.downtime.reason is None
            case Failed() | Finished(), events.OrderRemoved() | events.TokenFetched() | events.AllOrdersEnded():
                assert isinstance(moment.after.state, Failed | Finished)
                assert moment.actions == ()
            case Failed() | Finished(), _:
                assert moment.after is moment.before
                assert moment.actions == ()


@given(MOVES)
def test_4_a_connection_is_opened_only_by_a_specified_transition(moves: list[Move]) -> None:
    for moment in history(moves):
        if not any(isinstance(action, events.OpenStream) for action in moment.actions):
            continue
        before, given_ = moment.before, moment.given
        match given_, before.state:
            case Tick(), Backoff() as state:
                assert moment.at >= max(state.until, state.retry_floor)
            case Tick(), Open() as state:
                dues = (state.ping_deadline, before.probe_at, before.resubscribe_due_at, before.clock_at)
                assert moment.at >= min(due for due in dues if due is not None)
            case events.GatewayProbed(), Backoff() | Connecting():
                assert moment.after.ladder.index == before.ladder.index + 1
            case events.TokenFetched(), _:
                assert moment.after.tokens.current > before.tokens.refused
            case ConnectionEnded(), Connecting() | Open():
                assert before.tokens.current > moment.after.tokens.refused
            case events.OrdersAdded(), Idle() | Finished() | Failed():
                pass
            case ((events.ReconnectRequested() | events.WokeUp()), _):
                pass
            case _:
                raise AssertionError(f"{given_} opened a connection in {before.state}")


@given(MOVES)
@example([Move("said", what=Problem("restarting", "", None, 20.0)), Move("woke", 0.1)])
@example([Move("said", what=Hello(1, START, None, "n1")), Move("said", what=Goodbye("", 20.0)), Move("pressed", 0.1)])
def test_5_no_connection_is_opened_before_the_servers_floor(moves: list[Move]) -> None:
    asked: float | None = None  # by a stream that is still open
    forbidden_until = 0.0
    for moment in history(moves):
        before, after = moment.before, moment.after
        match moment.given, before.state:
            case MessageReceived(
                connection_id=connection_id, message=Goodbye() | Problem(order_id=None) as message
            ), Open() if connection_id == before.connection_id:
                asked = max((asked or 0.0, message.retry_after_seconds or 0.0)) or None
            case MessageReceived(connection_id=connection_id, message=Problem(order_id=None) as message), Connecting(
                problem=None
            ) if connection_id == before.connection_id:
                asked = message.retry_after_seconds
        if before.connection_id in open_in(before) and before.connection_id not in open_in(after):
            if asked is not None and not open_in(after):
                forbidden_until = max(forbidden_until, moment.at + min(asked, LONGEST_FLOOR))
            asked = None
        if isinstance(after.state, Backoff):
            forbidden_until = max(forbidden_until, after.state.retry_floor)
        if any(isinstance(action, events.OpenStream) for action in moment.actions):
            assert asked is None
            assert moment.at >= forbidden_until
            forbidden_until = 0.0


@given(MOVES)
def test_6_only_a_session_that_rests_waits_for_nothing(moves: list[Move]) -> None:
    for moment in history(moves):
        session = moment.after
        match session.state:
            case SignedOut():
                resting = session.tokens.is_fetching or not session.tokens.is_needed
            case FetchingToken():
                resting = session.tokens.is_fetching
            case Idle(is_current=current):
                resting = not current
            case state:
                resting = isinstance(state, ENDS)
        assert (session.deadline(*moment.heard) is None) == resting


@given(MOVES)
def test_7_ticks_that_are_due_come_to_an_end_so_no_timer_spins(moves: list[Move]) -> None:
    for moment in history(moves):
        if not isinstance(moment.given, Tick):
            continue
        session, (heard, second) = moment.after, moment.heard
        for _ in range(6):
            due = session.deadline(heard, second)
            if due is None or due > moment.at:
                break
            opened = [action for action in moment.actions if isinstance(action, events.OpenStream)]
            heard, second = (moment.at, moment.at) if opened else (heard, second)
            session, _ = step(session, Tick(moment.at, heard, 0.5, second))
            heard = max(heard, moment.at) if isinstance(session.state, Connecting) else heard
        else:
            raise AssertionError(f"the timer spins in {session}")


@given(MOVES)
def test_8_live_means_nothing_pending_and_no_fault(moves: list[Move]) -> None:
    for moment in history(moves):
        session = moment.after
        if session.state == Idle(is_current=True):
            assert (
                session.downtime.since,
                session.downtime.reason,
                session.downtime.code,
                session.downtime.attempt,
            ) == (None, None, None, 0)
        elif session.phase in {Phase.LIVE, Phase.QUIET}:
            assert isinstance(session.state, Open)
            assert not session.state.awaited_heads
            assert session.state.was_synced
            assert session.state.ping_deadline is None
        if session.phase is Phase.LIVE:
            assert (session.downtime.attempt, session.downtime.since, session.downtime.reason) == (0, None, None)
        if session.phase in {Phase.CONNECTING, Phase.BACKOFF}:
            assert session.downtime.since is not None
        assert (session.link.retry_at is None) == (session.phase is not Phase.BACKOFF)


@given(MOVES)
def test_9_no_wait_of_ours_is_longer_than_thirty_seconds_nor_a_servers_than_330(moves: list[Move]) -> None:
    losses = 0
    for moment in history(moves):
        entered = isinstance(moment.after.state, Backoff) and not isinstance(moment.before.state, Backoff)
        losses += entered
        assert 0 <= moment.after.retries.failures <= losses
        if entered:
            assert isinstance(moment.after.state, Backoff)
            assert moment.at <= moment.after.state.until <= moment.at + 30
            assert moment.after.state.retry_floor <= moment.at + 1.1 * LONGEST_FLOOR


@given(MOVES)
def test_10_only_wanted_orders_are_awaited(moves: list[Move]) -> None:
    for moment in history(moves):
        if not isinstance(moment.given, events.OrdersAdded):
            assert set(moment.after.orders) <= set(moment.before.orders)
        if isinstance(moment.after.state, Open):
            assert set(moment.after.state.awaited_heads) <= set(moment.after.orders)


@given(MOVES)
def test_11_a_key_opens_at_most_one_connection_a_second(moves: list[Move]) -> None:
    pressed: list[float] = []
    for moment in history(moves):
        if isinstance(moment.given, events.ReconnectRequested) and moment.actions:
            pressed.append(moment.at)
    assert all(later - earlier >= 1 for earlier, later in pairwise(pressed))


@given(MOVES)
def test_12_a_token_is_looked_for_once_at_a_time(moves: list[Move]) -> None:
    for moment in history(moves):
        looks = [action for action in moment.actions if isinstance(action, events.FetchToken)]
        assert len(looks) <= 1
        if looks:
            assert moment.before.tokens.enabled
            assert not moment.before.tokens.is_fetching
            assert moment.after.tokens.is_fetching
            assert looks[0].fetch == moment.after.tokens.fetches == moment.before.tokens.fetches + 1


@given(MOVES)
def test_13_a_candidate_changes_neither_phase_nor_backoff_until_it_takes_over(moves: list[Move]) -> None:
    for moment in history(moves):
        candidate = moment.before.candidate
        if candidate is not None and getattr(moment.given, "conn", None) == candidate.connection_id:
            before, after = moment.before, moment.after
            assert (after.retries.failures, after.downtime.since) in {
                (before.retries.failures, before.downtime.since),
                (before.retries.failures, None),
            }
            if candidate.purpose is Purpose.CLOCK:
                assert after.connection_id == before.connection_id
            else:
                assert after.state == before.state or after.connection_id == candidate.connection_id


@given(MOVES)
def test_14_a_session_is_idle_when_it_could_name_no_order_and_the_ladder_learns_nothing_then(moves: list[Move]) -> None:
    for moment in history(moves):
        before, after = moment.before, moment.after
        if after.needs_no_stream:
            assert not isinstance(after.state, Connecting | Open)
        if isinstance(after.state, Idle):
            assert after.needs_no_stream
        if isinstance(before.state, Idle):
            assert after.ladder == before.ladder
        if isinstance(moment.given, Tick) and after.state == Idle(is_current=True):
            assert after.list_state is not None
            assert after.list_state.read_at is not None
            assert moment.at < after.list_state.read_at + MAX_AGE


@given(MOVES)
def test_15_the_server_time_is_requested_at_most_once_a_minute(moves: list[Move]) -> None:
    asked: list[float] = []
    for moment in history(moves):
        candidate = moment.after.candidate
        if candidate is not None and candidate.purpose is Purpose.CLOCK and candidate != moment.before.candidate:
            assert moment.before.candidate is None
            assert moment.before.phase in {Phase.QUIET, Phase.SYNCING}
            asked.append(moment.at)
    assert all(later - earlier >= 60 for earlier, later in pairwise(asked))


@given(MOVES)
def test_16_requests_present_no_token_that_they_were_refused_with_on_the_same_connection(moves: list[Move]) -> None:
    refused: dict[int, set[int]] = {}
    for moment in history(moves):
        if isinstance(moment.given, events.RequestUnauthorized):
            assert not any(isinstance(action, events.OpenStream) for action in moment.actions)
            if moment.given.token == moment.before.request_token:
                refused.setdefault(moment.before.connection_id, set()).add(moment.given.token)
        if moment.after.tokens.enabled:
            assert moment.after.request_token not in refused.get(moment.after.connection_id, ())
            assert moment.after.request_token != 0


@given(MOVES)
def test_17_tokens_that_are_of_no_use_are_looked_for_at_the_pace_of_the_backoff(moves: list[Move]) -> None:
    for moment in history(moves):
        pace = moment.before.tokens.pace
        by_key = isinstance(moment.given, events.ReconnectRequested)
        planned = moment.before.tokens.lease is not None and moment.before.request_token is not None
        if any(isinstance(action, events.FetchToken) for action in moment.actions) and not by_key and not planned:
            earliest = pace.renew_at if isinstance(moment.given, events.CredentialsChanged) else pace.fetch_at
            assert moment.at >= earliest
            assert earliest <= pace.fetched_at + 30
