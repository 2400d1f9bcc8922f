"""Delivery of alerts: a notice, and while the terminal has no focus, the bell and a desktop notification."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Change, LinkChanged
from tracker_tui.link.edge_watch import EdgeWatch, OrderEdges
from tracker_tui.ui.model.alerts import Alert, AlertLimiter, SignOutAlert, alert_for

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
        self._watch = EdgeWatch()
        self._sign_out = SignOutAlert()
        self._limiter = AlertLimiter()

    def on_change(self, change: Change, time: float, now: datetime) -> None:
        """Announce the alerts for a change, at `time` seconds and the wall time `now`."""
        if self._quiet:
            return
        alerts = self._alerts(self._watch.on_change(change, now), now)
        if isinstance(change, LinkChanged):
            alerts.append(self._sign_out.check(change.link))
        self._raise(alerts, time)

    def tick(self, time: float, now: datetime) -> None:
        """Check some orders again, since an order becomes late or stuck without a change."""
        if not self._quiet:
            self._raise(self._alerts(self._watch.tick(now), now), time)

    def forget(self, order_id: str) -> None:
        """Announce nothing more about an order."""
        self._watch.forget(order_id)

    def _alerts(self, found: list[OrderEdges], now: datetime) -> list[Alert | None]:
        return [
            alert_for(each.view, each.report, now, is_marked=self._target.is_marked(each.view.order_id))
            for each in found
        ]

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
