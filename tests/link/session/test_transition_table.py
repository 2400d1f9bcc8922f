"""Every state of the session × every event: the next state, and the actions."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from tests.support import ladders
from tests.support.orders import EPOCH, START, event
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.session import events
from tracker_tui.link.session.events import BytesReceived, ConnectionEnded, Event, MessageReceived, Tick
from tracker_tui.link.session.list_state import ListState
from tracker_tui.link.session.machine import step
from tracker_tui.link.session.parts import Downtime, Retries, TokenState
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
    State,
)
from tracker_tui.wire.messages import Goodbye, Heartbeat, Hello, Mode, Problem, ServerMessage, Subscribed

NOW = 100.0
CONN = 7
HEAD = Cursor(EPOCH, 5)

STATES: dict[str, State] = {
    "authorizing": FetchingToken(),
    "connecting": Connecting(98),
    "asked": Open(90, 5, {"A1": None}),
    "behind": Open(90, 5, {"A1": HEAD}),
    "live": Open(80, 5, {}, was_synced=True),
    "quiet": Open(80, 5, {}, was_synced=True, is_quiet=True),
    "woken": Open(80, 5, {}, was_synced=True, ping_deadline=100.5),
    "leaving": Open(80, 5, {}, was_synced=True, close_deadline=101, retry_floor=60),
    "waiting": Backoff(105, 0),
    "floored": Backoff(105, 160),
    "idle": Idle(is_current=True),
    "unlisted": Idle(),
    "out": SignedOut(),
    "failed": Failed(),
    "finished": Finished(),
    "closed": Closed(),
}

HEARD = dict.fromkeys(STATES, 99.0) | {"quiet": 90.0}


def said(message: ServerMessage, held: Cursor | None = None) -> MessageReceived:
    return MessageReceived(CONN, NOW, message, held)


def ended(error: LinkError) -> ConnectionEnded:
    return ConnectionEnded(CONN, NOW, error, 0.5)


INPUTS: dict[str, Event | None] = {
    "hello": said(Hello(1, START, None, "n1")),
    "foreign hello": said(Hello(2, START, None, "n1")),
    "answer, reached": said(Subscribed("A1", Mode.REPLAY, HEAD, HEAD), held=HEAD),
    "answer, ahead": said(Subscribed("A1", Mode.REPLAY, HEAD, Cursor(EPOCH, 9)), held=HEAD),
    "heartbeat": said(Heartbeat(START, {"A1": HEAD})),
    "event": said(event(5)),
    "order problem": said(Problem("forbidden", "", "A1")),
    "stream problem": said(Problem("restarting", "")),
    "goodbye": said(Goodbye("restarting")),
    "advanced": events.OrderAdvanced("A1", NOW, HEAD),
    "wanted": events.OrdersAdded(("C3",), NOW),
    "dropped": events.OrderRemoved("A1", NOW),
    "servable": events.OrdersServable(NOW),
    "heard": BytesReceived(CONN, NOW),
    "lost": ended(StreamClosed(1006)),
    "unreachable": ended(TransportDown("connection refused")),
    "busy": ended(ServerBusy(503, 20)),
    "blocked": ended(TransportBlocked(407, "a proxy")),
    "expired": ended(StreamClosed(4001)),
    "rejected": ended(Refused(Problem("auth_rejected", ""))),
    "forbidden": ended(StreamClosed(4503)),
    "bad frame": ended(StreamClosed(1002)),
    "too big": ended(StreamClosed(1009, by_us=True)),
    "tick, early": Tick(NOW, NOW, 0.5),
    "tick, due": None,
    "verified": events.GatewayProbed(CONN, NOW, True),
    "listed": events.ListRead(NOW),
    "unlisted": events.ListFailed(NOW, ServerBusy(503)),
    "list, forbidden": events.ListFailed(NOW, Refused(Problem("forbidden", ""))),
    "fetched": events.TokenFetched(4, NOW, 1),
    "declined": events.RequestUnauthorized(1, NOW, Refused(Problem("token_expired", ""))),
    "rejected beside": events.RequestUnauthorized(1, NOW, Refused(Problem("auth_rejected", ""))),
    "needed": events.TokenNeeded(NOW),
    "renewable": events.CredentialsChanged(NOW),
    "woke": events.WokeUp(NOW),
    "pressed": events.ReconnectRequested(NOW),
    "all ended": events.AllOrdersEnded(NOW),
    "all refused": events.AllOrdersRefused("forbidden", NOW),
    "quit": events.CloseRequested(),
}

# A cell is the phase that follows and the actions, or "·" where nothing changes and "=" where only what is remembered
# does. Actions: o open, s subscribe all, w subscribe some, c close, a abort, p ping, g get all, l read the list,
# t look for a token.
TABLE = """
                | authorizing | connecting | asked    | behind   | live     | quiet    | woken    | leaving  | waiting  | floored  | idle         | unlisted     | out   | ended        | closed
hello           | ·           | syncing s  | ·        | ·        | ·        | live     | live     | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
foreign hello   | ·           | failed a   | ·        | ·        | ·        | live     | live     | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
answer, reached | ·           | ·          | live     | live     | ·        | live     | live     | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
answer, ahead   | ·           | ·          | =        | =        | ·        | live     | live     | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
heartbeat       | ·           | ·          | =        | =        | =        | live     | live     | =        | ·        | ·        | ·            | ·            | ·     | ·            | ·
event           | ·           | ·          | ·        | ·        | ·        | live     | live     | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
order problem   | ·           | ·          | live     | live     | ·        | live     | live     | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
stream problem  | ·           | =          | =        | =        | =        | live     | live     | =        | ·        | ·        | ·            | ·            | ·     | ·            | ·
goodbye         | ·           | ·          | =        | =        | =        | live     | live     | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
advanced        | ·           | ·          | ·        | live     | ·        | ·        | ·        | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
wanted          | =            | =          | = w      | = w      | = w      | = w      | = w      | = w      | =        | =        | connecting o | connecting o | =     | connecting o | ·
dropped         | =           | =          | live     | live     | =        | =        | =        | =        | =        | =        | ·            | ·            | =     | =            | ·
servable        | ·           | ·          | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
heard           | ·           | ·          | ·        | ·        | ·        | live     | live     | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
lost            | ·           | backoff    | backoff  | backoff  | backoff  | backoff  | backoff  | backoff  | ·        | ·        | ·            | ·            | ·     | ·            | ·
unreachable     | ·           | backoff    | backoff  | backoff  | backoff  | backoff  | backoff  | backoff  | ·        | ·        | ·            | ·            | ·     | ·            | ·
busy            | ·           | backoff    | backoff  | backoff  | backoff  | backoff  | backoff  | backoff  | ·        | ·        | ·            | ·            | ·     | ·            | ·
blocked         | ·           | backoff    | backoff  | backoff  | backoff  | backoff  | backoff  | backoff  | ·        | ·        | ·            | ·            | ·     | ·            | ·
expired         | ·           | signed_out | signed_out | signed_out | signed_out | signed_out | signed_out | signed_out | · | ·     | ·            | ·            | ·     | ·            | ·
rejected        | ·           | signed_out | signed_out | signed_out | signed_out | signed_out | signed_out | signed_out | · | ·     | ·            | ·            | ·     | ·            | ·
forbidden       | ·           | failed     | failed   | failed   | failed   | failed   | failed   | failed   | ·        | ·        | ·            | ·            | ·     | ·            | ·
bad frame       | ·           | backoff    | backoff  | backoff  | backoff  | backoff  | backoff  | backoff  | ·        | ·        | ·            | ·            | ·     | ·            | ·
too big         | ·           | backoff g  | backoff g | backoff g | backoff g | backoff g | backoff g | backoff g | ·    | ·        | ·            | ·            | ·     | ·            | ·
tick, early     | ·           | ·          | ·        | ·        | ·        | live     | ·        | ·        | ·        | ·        | ·            | ·            | ·     | ·            | ·
tick, due       | ·           | backoff a  | backoff a | backoff a | quiet   | backoff a | connecting a o | backoff a | connecting o | connecting o | connecting   | ·            | · | ·            | ·
verified        | ·           | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·            | ·            | ·        | ·            | ·
listed          | =           | =        | =        | =        | =        | =        | =        | =        | =        | =        | =            | live         | =        | ·            | ·
unlisted        | =           | =        | =        | =        | =        | =        | =        | =        | =        | =        | =            | =            | =        | ·            | ·
list, forbidden | =           | =        | =        | =        | =        | =        | =        | =        | =        | =        | failed       | failed       | =        | ·            | ·
fetched         | connecting o| ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·            | ·            | ·        | ·            | ·
declined        | ·           | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | = t          | = t          | ·        | ·            | ·
rejected beside | ·           | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | signed_out   | signed_out   | ·        | ·            | ·
needed          | =           | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·            | ·            | ·        | ·            | ·
renewable       | ·           | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·        | ·            | ·            | ·        | ·            | ·
woke            | ·           | connecting a o | = p  | = p      | syncing p | syncing p | = p     | syncing p | connecting o | =    | connecting l | · l          | ·     | ·            | ·
pressed         | =           | =          | connecting a o | connecting a o | connecting a o | connecting a o | connecting a o | = | connecting o | = | = l          | = l          | connecting o | ·            | ·
all ended       | final       | final a    | final c  | final c  | final c  | final c  | final c  | final c  | final    | final    | final        | final        | ·     | ·            | ·
all refused     | failed      | failed a   | failed c | failed c | failed c | failed c | failed c | failed c | failed   | failed   | failed       | failed       | ·     | ·            | ·
quit            | closed      | closed a   | closed c | closed c | closed c | closed c | closed c | closed c | closed   | closed   | closed       | closed       | closed | ·            | ·
"""  # noqa: E501

_ACTIONS: dict[str, type] = {
    "o": events.OpenStream,
    "s": events.SubscribeAll,
    "w": events.SubscribeSome,
    "c": events.CloseStream,
    "a": events.AbortStream,
    "p": events.Ping,
    "g": events.FetchAll,
    "l": events.ReadList,
    "t": events.FetchToken,
}


def cells() -> list[tuple[str, str, str]]:
    head, *rows = (line.split("|") for line in TABLE.strip("\n").splitlines())
    columns = [name.strip() for name in head[1:]]
    found = []
    for name, *row in rows:
        for column, cell in zip(columns, row, strict=True):
            for state in ("failed", "finished") if column == "ended" else (column,):
                found.append((state, name.strip(), cell.strip()))
    return found


def session_in(state: str) -> Session:
    # "down" wherever there is no live link, as it would be.
    down = None if state in {"live", "quiet", "woken", "leaving", "idle"} else 70.0
    idle = isinstance(STATES[state], Idle)
    return Session(
        STATES[state],
        () if idle else ("A1", "B2"),
        ladders.SSE if idle else ladders.ONE,
        connection_id=CONN,
        last_connection_id=CONN,
        was_live=True,
        retries=Retries(failures=3),
        downtime=Downtime(since=down, attempt=2 if down else 0),
        tokens=TokenState(
            enabled=state == "authorizing" or idle,
            current=1 if idle else 0,
            fetches=4,
            is_fetching=state == "authorizing",
        ),
        list_state=ListState(95.0),
    )


def input_for(state: str, name: str) -> Event:
    given = INPUTS[name]
    heard = HEARD[state]
    if name == "tick, early" and state != "quiet":
        return Tick(NOW, heard, 0.5)
    return Tick(session_in(state).deadline(heard) or 1e9, heard, 0.5) if given is None else given


def test_the_table_has_a_cell_for_every_state_and_every_input() -> None:
    assert {type(state) for state in STATES.values()} == set(get_args(State))
    assert {type(given) for given in INPUTS.values() if given is not None} == set(get_args(Event))
    named = [(state, name) for state, name, _ in cells()]
    assert sorted(named) == sorted((state, name) for state in STATES for name in INPUTS)


@pytest.mark.parametrize(("state", "name", "cell"), cells())
def test_each_input_changes_each_state_as_the_table_specifies(state: str, name: str, cell: str) -> None:
    before = session_in(state)
    after, actions = step(before, input_for(state, name))
    what, *letters = cell.split()
    assert [type(action) for action in actions] == [_ACTIONS[letter] for letter in letters]
    if what == "·":
        assert after == before
    else:
        assert after != before
        assert after.phase == (before.phase if what == "=" else Phase(what))


@pytest.mark.parametrize(
    "name",
    [name for name, given in INPUTS.items() if isinstance(given, MessageReceived | BytesReceived | ConnectionEnded)],
)
@pytest.mark.parametrize("state", STATES)
def test_late_messages_of_an_old_connection_are_ignored(state: str, name: str) -> None:
    given = INPUTS[name]
    assert isinstance(given, MessageReceived | BytesReceived | ConnectionEnded)
    before = session_in(state)
    after, actions = step(before, replace(given, connection_id=CONN - 1))
    assert after is before
    assert actions == ()


@pytest.mark.parametrize("state", STATES)
def test_actions_name_the_connection_that_they_are_about(state: str) -> None:
    for name in INPUTS:
        after, actions = step(session_in(state), input_for(state, name))
        for action in actions:
            match action:
                case events.OpenStream(connection_id=connection_id):
                    assert connection_id == after.connection_id == CONN + 1
                case events.FetchAll() | events.FetchToken() | events.ReadList():
                    pass
                case _:
                    assert action.connection_id == CONN
