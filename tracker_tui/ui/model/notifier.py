"""How an alert reaches people: a toast, and where nobody looks at the terminal, its bell and a desktop notification."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, LinkState, OrderChanged, Phase, Standing
from tracker_tui.ui.model.alerts import Alert, AlertLimiter, Alerts

CHECKS_PER_TICK = 50
"""Orders that are looked at in one tick for what time alone changes; the others have their turn in the next ones."""

MAX_NOTIFICATION = 200
"""Characters of the longest desktop notification."""


class AlertTarget(Protocol):
    """Where people are: an app."""

    @property
    def is_away(self) -> bool:
        """Whether the terminal is known not to have the focus."""

    def announce(self, text: str, *, bad: bool = False) -> None:
        """Show a line for a while."""

    def bell(self) -> None:
        """Ring the terminal's bell."""

    def write_to_terminal(self, sequence: str) -> None:
        """Write to the terminal past the screen."""


class Notifier:
    """Watches what the feed tells, and raises alerts in a room.

    Args:
        room: Where.
        quiet: Raise none.
    """

    def __init__(self, room: AlertTarget, *, quiet: bool = False) -> None:
        self._room = room
        self._quiet = quiet
        self._alerts = Alerts()
        self._quota = AlertLimiter()
        self._link: LinkState | None = None
        self._orders: dict[str, tuple[OrderView, Standing]] = {}
        self._next = 0

    def on_change(self, change: Change, time: float, now: datetime) -> None:
        """Take in what the feed tells, at `time` seconds, which is the wall time `now`."""
        if self._quiet:
            return
        match change:
            case OrderChanged(order_id=order_id, view=view, standing=standing):
                self._orders[order_id] = view, standing
                if self._alerts.needs_check(view) or not self._is_trusted(standing):
                    self._raise([self._alerts.check(view, now, trusted=self._is_trusted(standing))], time)
            case LinkChanged(link=link):
                was_trusted = self._is_trusted(Standing.IN_SYNC)
                self._link = link
                if was_trusted and not self._is_trusted(Standing.IN_SYNC):
                    for view, _ in self._orders.values():
                        self._alerts.check(view, now, trusted=False)
                self._raise([self._alerts.check_link(link)], time)
            case _:
                pass

    def tick(self, time: float, now: datetime) -> None:
        """Look at some orders again: late and stuck come with time."""
        if not self._quiet:
            looks = (self._alerts.check(view, now, trusted=self._is_trusted(how)) for view, how in self._some())
            self._raise(list(looks), time)

    def _some(self) -> Iterator[tuple[OrderView, Standing]]:
        ids = tuple(self._orders)
        first = self._next if self._next < len(ids) else 0
        self._next = first + CHECKS_PER_TICK
        yield from map(self._orders.__getitem__, ids[first : self._next])

    def _is_trusted(self, standing: Standing) -> bool:
        up = self._link is not None and self._link.phase in {Phase.LIVE, Phase.FINAL}
        return up and standing is Standing.IN_SYNC

    def _raise(self, alerts: list[Alert | None], time: float) -> None:
        admitted = self._quota.admit([alert for alert in alerts if alert is not None], time)
        for alert in admitted:
            self._room.announce(alert.text, bad=alert.bad)
        if admitted and self._room.is_away:
            self._room.bell()
            for alert in admitted:
                self._room.write_to_terminal(desktop_notification(alert.text))


def desktop_notification(text: str) -> str:
    """The sequence by which a terminal is asked for a desktop notification (OSC 9), with nothing else in it.

    The name comes first: what begins with a digit and a semicolon means other things to some terminals.
    """
    return f"\x1b]9;tracker-tui: {sanitize(text)[:MAX_NOTIFICATION]}\x07"
