"""Strategies for every message type and its parts, within the limits of their annotations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from tracker_tui.domain.cursor import MAX_NUMBER, Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import (
    Courier,
    Eta,
    Flow,
    Links,
    Location,
    Milestone,
    MilestoneKind,
    Order,
    OrderState,
    Outcome,
    Place,
    Precision,
    Stage,
)
from tracker_tui.wire.messages import (
    Authenticate,
    Authenticated,
    ClientMessage,
    Goodbye,
    Heartbeat,
    Hello,
    Message,
    Mode,
    Problem,
    Subscribe,
    Subscribed,
    Unsubscribe,
)

Times = st.SearchStrategy[datetime]

_ALNUM = "ABCxyz0189"
_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-3, minutes=-30))])
_LAT = st.floats(-90, 90)
_LON = st.floats(-180, 180)
_AMOUNT = st.floats(0, allow_infinity=False)

ORDER_IDS = st.builds(str.__add__, st.sampled_from(_ALNUM), st.text(_ALNUM + "._-", max_size=63))
STATUSES = st.sampled_from(["placed", "ready", "delivered", "attempt_failed"]) | st.text(
    st.characters(codec="utf-8"), min_size=1, max_size=64
)
CURSORS = st.builds(Cursor, st.integers(0, MAX_NUMBER), st.integers(0, MAX_NUMBER))

EXACT_TIMES: Times = st.datetimes(datetime(1970, 1, 2), datetime(8999, 1, 1), timezones=_ZONES)
"""Times to the microsecond and in any zone, which is more precise than the protocol's."""

WIRE_TIMES: Times = EXACT_TIMES.map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000))
"""Times to the millisecond, as in the protocol."""


def milestones(times: Times, seqs: st.SearchStrategy[int]) -> st.SearchStrategy[Milestone]:
    """Generate lines of history at any of `seqs`."""
    return st.builds(
        Milestone,
        seqs,
        st.sampled_from(MilestoneKind),
        STATUSES,
        times,
        note=st.none() | _TEXT,
        source=st.none() | _TEXT,
        supersedes=st.lists(st.integers(1, MAX_NUMBER), max_size=3).map(tuple),
        command_id=st.none() | _TEXT,
    )


def states(times: Times) -> st.SearchStrategy[OrderState]:
    """Generate states of an order."""
    location = st.builds(Location, _LAT, _LON, times, st.none() | _AMOUNT, st.none() | _TEXT)
    return st.builds(
        OrderState,
        STATUSES,
        st.none() | st.sampled_from(Outcome),
        st.none() | st.builds(Eta, times, times, st.sampled_from(Precision)),
        st.none() | location,
        st.lists(_TEXT, max_size=3).map(tuple),
        st.none() | st.builds(Courier, st.none() | _TEXT, st.none() | _TEXT),
        st.integers(1, 9),
        times,
    )


def orders(times: Times, order_id: str) -> st.SearchStrategy[Order]:
    """Generate the facts of an order."""
    place = st.builds(Place, _LAT, _LON, _TEXT, st.none() | _TEXT)
    stages = st.lists(st.builds(Stage, STATUSES, _TEXT, st.none() | _AMOUNT), max_size=4).map(tuple)
    return st.builds(
        Order,
        st.just(order_id),
        _TEXT,
        st.builds(Flow, _TEXT, stages),
        times,
        st.none() | _TEXT,
        st.none() | times,
        st.none() | place,
        st.none() | place,
        st.lists(st.tuples(_LAT, _LON), max_size=4).map(tuple),
        st.none() | st.builds(Links, st.none() | _TEXT),
    )


@st.composite
def events(draw: st.DrawFn, times: Times = WIRE_TIMES) -> Event:
    """Generate events of any order at any version."""
    seq = draw(st.integers(1, MAX_NUMBER))
    line = draw(st.none() | milestones(times, st.just(seq)))
    return Event(draw(ORDER_IDS), draw(st.integers(0, MAX_NUMBER)), seq, draw(states(times)), line)


@st.composite
def snapshots(draw: st.DrawFn, times: Times = WIRE_TIMES) -> Snapshot:
    """Generate snapshots of any order at any version."""
    order_id, seq = draw(ORDER_IDS), draw(st.integers(0, MAX_NUMBER))
    history = draw(st.lists(milestones(times, st.integers(1, seq)), max_size=3)) if seq else []
    return Snapshot(
        order_id,
        draw(st.integers(0, MAX_NUMBER)),
        seq,
        draw(orders(times, order_id)),
        draw(states(times)),
        tuple(history),
        draw(st.integers(0, MAX_NUMBER)),
    )


def server_messages() -> st.SearchStrategy[Message]:
    """Generate every message of a server."""
    return st.one_of(
        st.builds(Hello, st.integers(), WIRE_TIMES, st.none() | WIRE_TIMES, _TEXT, st.floats(1, 30)),
        st.builds(Subscribed, ORDER_IDS, st.sampled_from(Mode), st.none() | CURSORS, CURSORS),
        snapshots(),
        events(),
        st.builds(Heartbeat, WIRE_TIMES, st.dictionaries(ORDER_IDS, CURSORS, max_size=3)),
        st.builds(Problem, _TEXT, _TEXT, st.none() | ORDER_IDS, st.none() | _AMOUNT),
        st.builds(Authenticated, st.none() | WIRE_TIMES, st.none() | _TEXT),
        st.builds(Goodbye, _TEXT, st.none() | _AMOUNT),
    )


def client_messages() -> st.SearchStrategy[ClientMessage]:
    """Generate every message of a client."""
    return st.one_of(
        st.builds(Subscribe, st.dictionaries(ORDER_IDS, st.none() | CURSORS, max_size=3)),
        st.builds(Unsubscribe, st.lists(ORDER_IDS, max_size=3).map(tuple)),
        st.builds(Authenticate, _TEXT),
    )
