"""An outage of ten minutes: nothing is judged by time that passed while the server could not be heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from tests.support.clocks import SetClock
from tests.support.feeds import ViewScript
from tests.support.orders import at, event, milestone, order, snapshot
from tests.ui.board_fixtures import eta_to_the_minute
from tracker_tui.domain.attention import Attention
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier, Location
from tracker_tui.link.changes import Change, LinkChanged, LinkState, Phase, Standing
from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.model.notifier import Notifier
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant

ORDERS = 1000
OUTAGE = 600
"""Seconds without a connection."""

BEGAN = 1000.0
"""Seconds after the start at which the connection is lost."""


class Announcements:
    """Collects the alerts of a notifier."""

    is_away = False

    def __init__(self) -> None:
        self.texts: list[str] = []

    def is_marked(self, order_id: str) -> bool:
        """Return whether an order is marked: none is."""
        return not order_id

    def announce(self, text: str, *, is_warning: bool = False) -> None:
        """Take an alert."""
        assert is_warning is not None
        self.texts.append(text)

    def bell(self) -> None:
        """Ring no bell."""

    def write_to_terminal(self, sequence: str) -> None:
        """Write nothing."""


class Screen:
    """A board with its state, its alerts and its clock."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.state = AppState.initial(())
        self.arrangement = Arrangement()
        self.alerts = Announcements()
        self.notifier = Notifier(self.alerts)

    @property
    def instant(self) -> Instant:
        """The present."""
        return Instant(self.clock.time(), self.clock.wall(), UTC)

    def apply(self, change: Change) -> None:
        """Apply a change of the feed."""
        self.state = self.state.apply(change, self.instant, {})
        self.notifier.on_change(change, self.clock.time(), self.clock.wall())

    def paint(self) -> None:
        """Do what a tick of the clock does."""
        self.notifier.tick(self.clock.time(), self.clock.wall())
        scene = self.state.board_scene(self.instant, None)
        self.arrangement.arrange(
            scene.orders,
            scene.instant.now,
            time=scene.instant.time,
            is_current=scene.connection.is_current,
            known_until=scene.known_until,
        )

    def classes(self) -> dict[str, Attention]:
        """Return the class of each order."""
        return {row.order_id: row.assessment.attention for row in self.arrangement.rows}


def orders_that_time_alone_makes_worse() -> Iterator[Snapshot]:
    """Yield orders that become late, at risk, stuck, or whose courier falls silent within ten minutes."""
    for number in range(ORDERS):
        order_id = f"N{number:04}"
        entered = BEGAN - 900 + number % 600
        yield snapshot(
            3,
            "preparing",
            order_id=order_id,
            facts=order(order_id, promised_at=at(BEGAN + 30 + number % 570) if number % 3 == 0 else None),
            eta=eta_to_the_minute(BEGAN + 60, BEGAN + 300) if number % 2 else None,
            history=(milestone(3, "preparing", occurred_at=at(entered)),),
            courier=Courier("Jonas"),
            location=Location(52.5, 13.4, at(BEGAN - 10 - number % 30)) if number % 5 == 0 else None,
            updated_at=at(BEGAN - 5),
        )


def test_an_outage_of_ten_minutes_changes_no_class_and_raises_no_alert() -> None:
    screen, script = Screen(), ViewScript()
    screen.clock.seconds = BEGAN
    screen.apply(LinkChanged(LinkState(Phase.LIVE, "websocket", connected_at=0.0)))
    for each in orders_that_time_alone_makes_worse():
        screen.apply(script.change_for(each))
    screen.paint()
    before, order_of_rows = screen.classes(), [row.order_id for row in screen.arrangement.rows]
    assert len(before) == ORDERS
    assert set(before.values()) <= {Attention.AT_RISK, Attention.STUCK, Attention.CALM}

    screen.apply(LinkChanged(LinkState(Phase.BACKOFF, "websocket", attempt=1, down_at=BEGAN)))
    for second in range(0, OUTAGE + 1, 10):
        screen.clock.seconds = BEGAN + second
        screen.paint()
        assert screen.classes() == before
        assert [row.order_id for row in screen.arrangement.rows] == order_of_rows
    assert screen.alerts.texts == []

    # Connected, but no order is complete yet: first while the stream is synchronized, then in repair.
    screen.apply(LinkChanged(LinkState(Phase.SYNCING, "websocket")))
    for order_id in before:
        screen.apply(script.change_for(event(3, "preparing", order_id=order_id), Standing.RECONCILING))
    for _ in range(2):
        screen.paint()
        assert screen.classes() == before
        assert screen.alerts.texts == []
        screen.apply(LinkChanged(LinkState(Phase.LIVE, "websocket", connected_at=screen.clock.time())))

    for order_id in before:
        screen.apply(script.change_for(event(3, "preparing", order_id=order_id)))
    screen.paint()
    after = screen.classes()
    assert {Attention.LATE, Attention.NEEDS_ACTION, Attention.STUCK} <= set(after.values())
    assert Attention.CALM not in after.values()
    attentions = [row.assessment.attention for row in screen.arrangement.rows]
    assert attentions == sorted(attentions)


def test_a_clock_that_drifts_during_an_outage_changes_no_row() -> None:
    screen, script = Screen(), ViewScript()
    screen.clock.seconds = BEGAN
    screen.apply(LinkChanged(LinkState(Phase.LIVE, "websocket", connected_at=0.0)))
    screen.apply(script.change_for(next(orders_that_time_alone_makes_worse())))
    screen.apply(LinkChanged(LinkState(Phase.BACKOFF, "websocket", attempt=1, down_at=BEGAN)))
    screen.paint()
    rows = list(screen.arrangement.rows)
    for second in range(1, 100):
        # The wall clock gains a millisecond a second on the feed's clock.
        instant = Instant(BEGAN + second, at(BEGAN + second * 1.001), UTC)
        scene = screen.state.board_scene(instant, None)
        screen.arrangement.arrange(
            scene.orders, instant.now, time=instant.time, is_current=False, known_until=scene.known_until
        )
        assert screen.arrangement.rows[0] is rows[0]
