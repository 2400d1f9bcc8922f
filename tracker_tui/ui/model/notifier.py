"""Delivery of alerts: a notice, and while the terminal has no focus, the bell and a desktop notification."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, LinkState, OrderChanged, OrderForgotten, Phase, Standing
from tracker_tui.ui.model.alerts import Alert, AlertLimiter, Alerts

CHECKS_PER_TICK = 50
"""Orders checked in one tick for lateness and stuckness; the next ticks check the others."""

MAX_NOTIFICATION = 200
"""Characters of the longest desktop notification."""


class AlertTarget(Protocol):
    """The app, as far as alerts need it."""

    @property
    def is_away(self) -> bool:
        """Whether the terminal reported that it lost the focus."""

    def is_marked(self, order_id: str) -> bool:
        """Return whether the user marked an order, or watches it alone."""

    def announce(self, text: str, *, is_warning: bool = False) -> None:
        """Show a line for a few seconds."""

    def bell(self) -> None:
        """Ring the terminal's bell."""

    def write_to_terminal(self, sequence: str) -> None:
        """Write an escape sequence to the terminal."""


class Notifier:
    """Checks each change of the feed, and announces the alerts.

    Args:
        target: Shows the alerts.
        quiet: Announce none.
    """

    def __init__(self, target: AlertTarget, *, quiet: bool = False) -> None:
        self._target = target
        self._quiet = quiet
        self._alerts = Alerts()
        self._limiter = AlertLimiter()
        self._link: LinkState | None = None
        self._orders: dict[str, tuple[OrderView, Standing]] = {}
        self._next = 0

    def on_change(self, change: Change, time: float, now: datetime) -> None:
        """Announce the alerts for a change, at `time` seconds and the wall time `now`."""
        if self._quiet:
            return
        match change:
            case OrderChanged(order_id=order_id, view=view, standing=standing):
                self._orders[order_id] = view, standing
                if self._alerts.needs_check(view) or not self._is_trusted(standing):
                    self._raise([self._check(view, standing, now)], time)
            case OrderForgotten(order_id=order_id):
                self._orders.pop(order_id, None)
                self._alerts.forget(order_id)
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
        """Check some orders again, since an order becomes late or stuck without a change."""
        if not self._quiet:
            self._raise([self._check(view, standing, now) for view, standing in self._next_orders()], time)

    def _check(self, view: OrderView, standing: Standing, now: datetime) -> Alert | None:
        return self._alerts.check(
            view, now, trusted=self._is_trusted(standing), is_marked=self._target.is_marked(view.order_id)
        )

    def _next_orders(self) -> Iterator[tuple[OrderView, Standing]]:
        ids = tuple(self._orders)
        first = self._next if self._next < len(ids) else 0
        self._next = first + CHECKS_PER_TICK
        yield from map(self._orders.__getitem__, ids[first : self._next])

    def _is_trusted(self, standing: Standing) -> bool:
        up = self._link is not None and self._link.phase in {Phase.LIVE, Phase.FINAL}
        return up and standing is Standing.IN_SYNC

    def _raise(self, alerts: list[Alert | None], time: float) -> None:
        admitted = self._limiter.admit([alert for alert in alerts if alert is not None], time)
        for alert in admitted:
            self._target.announce(alert.text, is_warning=alert.is_warning)
        if admitted and self._target.is_away:
            self._target.bell()
            for alert in admitted:
                self._target.write_to_terminal(desktop_notification(alert.text))


def desktop_notification(text: str) -> str:
    """Return the escape sequence for a desktop notification (OSC 9); its text contains no other sequence.

    The program's name comes first: some terminals read a digit and a semicolon as another command.
    """
    return f"\x1b]9;tracker-tui: {sanitize(text)[:MAX_NOTIFICATION]}\x07"
